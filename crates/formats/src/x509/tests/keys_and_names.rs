//! Anchors, signers with a chain, names, and what can be made.

use std::sync::Arc;

use super::*;
use crate::x509::{CertifiedSigner, certificate_to_pem, certificates_from_pem};

#[test]
fn anchors_are_read_from_pem() {
    let (one, other) = (Authority::root(1, 0), Authority::root(2, 0));
    let text = format!("# Utopia\n{}\n\n# another\n{}", pem(&one.der), pem(&other.der).replace('\n', "\r\n"));
    let anchors = TrustAnchors::from_pem(&text).unwrap();
    let shown: Vec<_> =
        anchors.iter().map(|a| (a.certificate().common_name.as_deref(), a.certificate().sha256)).collect();
    assert_eq!(
        shown,
        [(Some("Root 1"), crypto::sha256(&one.der)), (Some("Root 2"), crypto::sha256(&other.der))]
    );
    assert!(anchors.iter().all(|a| a.is_valid_at(NOW) && !a.is_valid_at(NOW.plus_secs(-61))));
    assert_eq!(TrustAnchors::from_pem(&anchors.to_pem().unwrap()).unwrap().iter().count(), 2);
    assert_eq!(anchors.merged(&one.anchors()).iter().count(), 2);

    let leaf = pem(&one.own_leaf(Purpose::CredentialSigning));
    let refused = |text: &str| TrustAnchors::from_pem(text).map(|_| ()).unwrap_err().code();
    assert_eq!(refused(""), "certificate_pem");
    assert_eq!(refused(&key(1).to_pem().unwrap()), "certificate_pem");
    assert_eq!(refused(&text[..text.len() - 10]), "certificate_pem");
    assert_eq!(refused(&text.replacen("MII", "M!I", 1)), "certificate_pem");
    assert_eq!(refused(&format!("{text}{leaf}")), "anchor_not_ca");
    let broken = certificate_to_pem(b"\x30\x03\x02\x01\x01").unwrap();
    assert_eq!(refused(&broken), "certificate_malformed");
}

fn pem(der: &[u8]) -> String {
    let text = certificate_to_pem(der).unwrap();
    assert_eq!(certificates_from_pem(&text).unwrap(), [der]);
    text
}

#[test]
fn a_signer_goes_with_its_own_chain() {
    let root = Authority::root(1, 1);
    let middle = root.below(2, |_| ());
    let leaf = middle.own_leaf_for(&key(1000));
    let new = |seed, chain: &[&Vec<u8>]| {
        let chain = chain.iter().copied().cloned().collect();
        CertifiedSigner::new(Arc::new(key(seed)), chain).map_err(Error::code)
    };
    let signer = new(1000, &[&leaf, &middle.der]).unwrap();
    assert_eq!(signer.leaf_sha256(), crypto::sha256(&leaf));
    assert_eq!(signer.leaf().subject_name(), "Utopia");
    let x5c = signer.x5c();
    assert_eq!(x5c.len(), 2);
    assert_eq!(pem(&leaf).lines().filter(|l| !l.starts_with('-')).collect::<String>(), x5c[0]);
    assert!(!format!("{signer:?}").contains("SecretKey"));
    assert!(signer.public_key().verify_der(b"m", b"").is_err());
    assert!(signer.public_key().verify(signer.algorithm(), b"m", &signer.sign(b"m").unwrap()).is_ok());

    let code = |seed, chain: &[&Vec<u8>]| new(seed, chain).map(|_| ()).unwrap_err();
    assert_eq!(code(1000, &[]), "x5c_empty");
    assert_eq!(code(1001, &[&leaf, &middle.der]), "wrong_key");
    assert_eq!(code(1, &[&root.der]), "self_signed");
    assert_eq!(code(1000, &[&leaf, &middle.der, &root.der]), "anchor_in_x5c");
    assert_eq!(code(1000, &[&leaf, &b"no DER".to_vec()]), "certificate_malformed");
}

impl Authority {
    fn own_leaf_for(&self, key: &SecretKey) -> Vec<u8> {
        let leaf =
            MakeLeaf { organisation: Some("Utopia".into()), days: 1, ..own(Purpose::CredentialSigning) };
        make::make_leaf(&leaf, &key.public_key(), &self.der, &self.key, &SeededRandom::new(1), NOW).unwrap()
    }
}

#[test]
fn names_cannot_disguise_themselves() {
    let root = Authority::root(1, 0);
    for (name, shown) in [
        ("Bank", "Bank"),
        ("Ba\u{202e}nk\u{200b}\n", "Bank"),
        ("B\u{ad}a\u{61c}nk\u{3164}\u{e0041}", "Bank"),
        ("Банк للجميع 银行", "Банк للجميع 银行"),
    ] {
        let leaf = root.leaf(|p| p.distinguished_name.push(DnType::OrganizationName, name));
        assert_eq!(Certificate::parse(&leaf).unwrap().subject_name(), shown);
    }
    let long = root.leaf(|p| p.distinguished_name.push(DnType::OrganizationName, "x".repeat(300)));
    assert_eq!(Certificate::parse(&long).unwrap().subject_name().len(), 200);
    // Without an organisation the common name, without either the DNS name.
    assert_eq!(Certificate::parse(&root.leaf(|_| ())).unwrap().subject_name(), "Leaf");
    let nameless = root.leaf(|p| {
        p.distinguished_name = rcgen::DistinguishedName::new();
        p.subject_alt_names = vec![rcgen::SanType::DnsName("a.example".try_into().unwrap())];
    });
    assert_eq!(Certificate::parse(&nameless).unwrap().subject_name(), "a.example");
}

#[test]
fn what_cannot_be_made() {
    let root = Authority::root(1, 0);
    let other = Authority::root(2, 0);
    let leaf = |leaf: MakeLeaf, root: &[u8], signer: &SecretKey| {
        make::make_leaf(&leaf, &key(5).public_key(), root, signer, &SeededRandom::new(1), NOW)
    };
    let good = || own(Purpose::RequestSigning);
    assert!(leaf(good(), &root.der, &root.key).is_ok());
    for (bad, why) in [
        (MakeLeaf { days: 398, ..good() }, make::Error::Days),
        (MakeLeaf { days: 0, ..good() }, make::Error::Days),
        (MakeLeaf { country: Some("Utopia".into()), ..good() }, make::Error::Name),
        (MakeLeaf { dns_names: vec![], ..good() }, make::Error::Name),
        (MakeLeaf { dns_names: vec!["ütopia.example".into()], ..good() }, make::Error::Name),
        (MakeLeaf { dns_names: vec!["*.example".into()], ..good() }, make::Error::Name),
    ] {
        assert_eq!(leaf(bad.clone(), &root.der, &root.key), Err(why), "{bad:?}");
    }
    assert_eq!(leaf(good(), &root.der, &other.key), Err(make::Error::Root));
    assert_eq!(leaf(good(), &root.own_leaf(Purpose::Tls), &key(1000)), Err(make::Error::Root));
    assert_eq!(leaf(good(), b"no DER", &root.key), Err(make::Error::Root));
}

#[test]
fn a_leaf_does_not_outlive_its_root() {
    let root = Authority::root(1, 0);
    let end = Certificate::parse(&root.der).unwrap().not_after;
    let at = |now| {
        make::make_leaf(
            &own(Purpose::Tls),
            &key(5).public_key(),
            &root.der,
            &root.key,
            &SeededRandom::new(1),
            now,
        )
    };
    let late = Certificate::parse(&at(end.plus_secs(-DAY)).unwrap()).unwrap();
    assert_eq!(late.not_after, end);
    assert_eq!(at(end.plus_secs(DAY)), Err(make::Error::Root));
}

#[test]
fn serial_numbers_are_random_and_roots_say_what_they_are() {
    let root = |seed| {
        let root = Authority::root(1, 0);
        make::make_leaf(
            &own(Purpose::Tls),
            &key(5).public_key(),
            &root.der,
            &root.key,
            &SeededRandom::new(seed),
            NOW,
        )
    };
    // The serial number stands at a fixed place: after two headers and the version.
    let serial = |seed| root(seed).unwrap()[13..31].to_vec();
    assert_eq!(serial(1)[..2], [2, 16]);
    assert_eq!(serial(1), serial(1));
    assert_ne!(serial(1), serial(2));
    let parsed = Certificate::parse(&Authority::root(1, 3).der).unwrap();
    assert!(parsed.is_ca && parsed.path_len == Some(3));
    let usage = parsed.key_usage.unwrap();
    assert!(usage.key_cert_sign() && usage.crl_sign() && !usage.digital_signature());
}
