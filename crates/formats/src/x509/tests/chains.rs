//! What a chain may look like, and when.

use crypto::{Curve, Ed25519SecretKey};
use rcgen::{
    CustomExtension, ExtendedKeyUsagePurpose as Eku, GeneralSubtree, NameConstraints, PublicKeyData, SanType,
    SignatureAlgorithm,
};

use super::*;

#[test]
fn our_own_leaves_are_believed_and_say_whose_they_are() {
    let root = Authority::root(1, 0);
    for purpose in [Purpose::CredentialSigning, Purpose::RequestSigning, Purpose::Tls] {
        let der = root.own_leaf(purpose);
        let leaf = validate(std::slice::from_ref(&der), &root.anchors(), NOW, purpose).unwrap();
        assert_eq!(leaf.public_key, key(1000).public_key());
        assert_eq!(leaf.subject_name, "Utopia");
        assert_eq!(leaf.organisation.as_deref(), Some("Utopia"));
        assert_eq!(leaf.country.as_deref(), Some("UT"));
        assert_eq!(leaf.dns_names, ["ask.example"]);
        assert!(leaf.has_dns_name("ASK.example") && !leaf.has_dns_name("example"));
        assert_eq!(leaf.sha256, crypto::sha256(&der));
        assert_eq!(leaf.anchor_sha256, crypto::sha256(&root.der));
        assert_eq!(leaf.authority_key_id, Certificate::parse(&root.der).unwrap().subject_key_id);
        assert_eq!(leaf.not_before, NOW.plus_secs(-60));
        assert_eq!(leaf.not_after, NOW.plus_secs(-60 + 397 * DAY - 1));
    }
}

#[test]
fn certificates_of_others_need_no_extensions() {
    let root = Authority::root(1, 0);
    check(&[&root.leaf(|_| ())], &root.anchors(), "ok");
}

#[test]
fn length_of_the_chain() {
    let root = Authority::root(1, 9);
    let mut authorities = vec![root.below(10, |_| ())];
    for seed in 11..15 {
        let next = authorities.last().unwrap().below(seed, |_| ());
        authorities.push(next);
    }
    let chain = |authorities: &[Authority]| -> Vec<Vec<u8>> {
        let leaf = authorities.last().unwrap().leaf(|_| ());
        std::iter::once(leaf).chain(authorities.iter().rev().map(|a| a.der.clone())).collect()
    };
    let result = |chain: &[Vec<u8>]| validate(chain, &root.anchors(), NOW, Purpose::CredentialSigning);
    assert_eq!(outcome(&result(&chain(&authorities[..4]))), "ok");
    assert_eq!(outcome(&result(&chain(&authorities))), "chain_too_long");
    assert_eq!(outcome(&result(&[])), "x5c_empty");
}

#[test]
fn size_and_form_of_a_certificate() {
    let root = Authority::root(1, 0);
    let with_names = |count: usize| {
        root.leaf(|p| {
            let name = |i| SanType::DnsName(format!("a-rather-long-label-{i}.example").try_into().unwrap());
            p.subject_alt_names = (0..count).map(name).collect();
        })
    };
    check(&[&with_names(100)], &root.anchors(), "ok");
    check(&[&with_names(300)], &root.anchors(), "certificate_too_large");
    let good = root.leaf(|_| ());
    check(&[&good], &root.anchors(), "ok");
    check(&[&good[..good.len() - 1]], &root.anchors(), "certificate_malformed");
    check(&[&[good.as_slice(), &[0]].concat()], &root.anchors(), "certificate_malformed");
    check(&[b"no DER"], &root.anchors(), "certificate_malformed");
    let extension = || CustomExtension::from_oid_content(&[2, 5, 29, 14], vec![0x04, 0x01, 0x07]);
    let twice = root.leaf(|p| p.custom_extensions = vec![extension()]);
    check(&[&twice], &root.anchors(), "certificate_malformed");
}

#[test]
fn a_leaf_must_not_be_self_signed() {
    let root = Authority::root(1, 0);
    let own_key = Key::new(root.key.public_key(), Some(&root.key));
    let leaf = params("Leaf").self_signed(&own_key).unwrap().der().to_vec();
    check(&[&leaf], &root.anchors(), "self_signed");
    // Bearing the authority's name is not being self-signed.
    let namesake = root.leaf(|p| {
        p.distinguished_name = rcgen::DistinguishedName::new();
        p.distinguished_name
            .push(DnType::CountryName, rcgen::DnValue::PrintableString("UT".try_into().unwrap()));
        p.distinguished_name.push(DnType::OrganizationName, "Utopia");
        p.distinguished_name.push(DnType::CommonName, "Root 1");
    });
    check(&[&namesake], &root.anchors(), "ok");
}

#[test]
fn the_anchor_must_not_be_in_the_chain() {
    let root = Authority::root(1, 1);
    let middle = root.below(2, |_| ());
    let leaf = middle.leaf(|_| ());
    check(&[&leaf, &middle.der], &root.anchors(), "ok");
    check(&[&leaf, &middle.der, &root.der], &root.anchors(), "anchor_in_x5c");
    // An anchor that is no root; a root that is no anchor of ours.
    check(&[&leaf, &middle.der], &middle.anchors(), "anchor_in_x5c");
    check(&[&leaf], &middle.anchors(), "ok");
    check(&[&leaf, &middle.der, &root.der], &Authority::root(3, 0).anchors(), "anchor_in_x5c");
}

#[test]
fn a_leaf_is_no_authority_and_signs() {
    let root = Authority::root(1, 1);
    check(&[&root.below(2, |_| ()).der], &root.anchors(), "leaf_is_ca");
    for (usages, expected) in [
        (vec![], "ok"),
        (vec![KeyUsagePurpose::DigitalSignature], "ok"),
        (vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment], "ok"),
        (vec![KeyUsagePurpose::KeyAgreement], "key_usage"),
        (vec![KeyUsagePurpose::ContentCommitment], "key_usage"),
        (vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign], "leaf_is_ca"),
    ] {
        check(&[&root.leaf(|p| p.key_usages = usages)], &root.anchors(), expected);
    }
}

#[test]
fn purposes_are_kept_apart() {
    let root = Authority::root(1, 1);
    let all = [Purpose::CredentialSigning, Purpose::RequestSigning, Purpose::Tls];
    for made in all {
        for wanted in all {
            let expected = if made == wanted { "ok" } else { "purpose" };
            check_at(&[&root.own_leaf(made)], &root.anchors(), NOW, wanted, expected);
        }
    }
    let unknown = || Eku::Other(vec![1, 3, 6, 1, 4, 1, 99_999, 1]);
    for (stated, expected) in [
        (vec![], ["ok", "ok", "ok"]),
        (vec![Eku::ServerAuth], ["purpose", "purpose", "ok"]),
        (vec![Eku::ClientAuth, Eku::ServerAuth], ["purpose", "purpose", "ok"]),
        (vec![Eku::CodeSigning], ["purpose", "purpose", "purpose"]),
        (vec![Eku::OcspSigning, Eku::TimeStamping, Eku::EmailProtection], ["purpose", "purpose", "purpose"]),
        (vec![Eku::Any], ["ok", "ok", "ok"]),
        (vec![unknown()], ["ok", "ok", "purpose"]),
        (vec![Eku::ServerAuth, unknown()], ["ok", "ok", "ok"]),
    ] {
        // On the leaf, and on an authority above a leaf that states nothing.
        let leaf = root.leaf(|p| p.extended_key_usages.clone_from(&stated));
        let middle = root.below(2, |p| p.extended_key_usages = stated);
        for (purpose, expected) in all.into_iter().zip(expected) {
            check_at(&[&leaf], &root.anchors(), NOW, purpose, expected);
            check_at(&[&middle.leaf(|_| ()), &middle.der], &root.anchors(), NOW, purpose, expected);
        }
    }
}

#[test]
fn both_ends_of_the_validity_are_exact() {
    let root = Authority::root(1, 1);
    let (from, to) = (NOW.plus_secs(100), NOW.plus_secs(200));
    let leaf = root.leaf(|p| valid(p, from, to));
    let middle = root.below(2, |p| valid(p, from, to));
    let under = middle.leaf(|_| ());
    for chain in [&[leaf.as_slice()][..], &[&under, &middle.der]] {
        for (now, expected) in [
            (from.plus_ms(-1), "certificate_not_yet_valid"),
            (from, "ok"),
            (to, "ok"),
            (to.plus_ms(999), "ok"),
            (to.plus_ms(1_000), "certificate_expired"),
        ] {
            check_at(chain, &root.anchors(), now, Purpose::CredentialSigning, expected);
        }
    }
    check_at(&[&leaf], &root.anchors(), Instant::from_secs(-1), Purpose::Tls, "certificate_not_yet_valid");
}

#[test]
fn the_anchor_has_a_validity_too() {
    let root = Authority::root(1, 0);
    let end = Certificate::parse(&root.der).unwrap().not_after;
    let leaf = root.leaf(|p| valid(p, NOW, end.plus_secs(DAY)));
    check_at(&[&leaf], &root.anchors(), end, Purpose::CredentialSigning, "ok");
    check_at(&[&leaf], &root.anchors(), end.plus_secs(1), Purpose::CredentialSigning, "anchor_validity");
    // A stranger stays a stranger.
    let other = Authority::root(2, 0).anchors();
    check_at(&[&leaf], &other, end.plus_secs(1), Purpose::CredentialSigning, "untrusted");
}

#[test]
fn the_anchor_has_its_own_limits() {
    let root = Authority::root(1, 1);
    for (stated, expected) in [
        (vec![], "ok"),
        (vec![Eku::Any], "ok"),
        (vec![Eku::Other(vec![1, 0, 18_013, 5, 1, 2])], "ok"),
        (vec![Eku::ServerAuth], "purpose"),
        (vec![Eku::Other(vec![1, 0, 18_013, 5, 1, 6])], "purpose"),
    ] {
        let anchor = root.below(2, |p| p.extended_key_usages = stated);
        check(&[&anchor.leaf(|_| ())], &anchor.anchors(), expected);
    }
    let anchor = root.below(3, |p| {
        let permitted_subtrees = vec![GeneralSubtree::DnsName("utopia.example".into())];
        p.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: vec![] });
    });
    for (name, expected) in [("ask.utopia.example", "ok"), ("ask.example", "name_constraints")] {
        let leaf = anchor.leaf(|p| p.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())]);
        check(&[&leaf], &anchor.anchors(), expected);
    }
}

#[test]
fn only_configured_anchors_are_believed() {
    let (root, other) = (Authority::root(1, 0), Authority::root(2, 0));
    let leaf = root.leaf(|_| ());
    check(&[&leaf], &root.anchors(), "ok");
    check(&[&leaf], &other.anchors(), "untrusted");
    check(&[&leaf], &TrustAnchors::default(), "untrusted");
    check(&[&leaf], &other.anchors().merged(&root.anchors()), "ok");
    // An impostor bears the name of the root, not its key.
    let impostor = Authority { key: key(66), der: impostor_of_root_1() };
    check(&[&impostor.leaf(|_| ())], &impostor.anchors(), "ok");
    check(&[&impostor.leaf(|_| ())], &root.anchors(), "certificate_signature");
}

fn impostor_of_root_1() -> Vec<u8> {
    let root = MakeRoot {
        country: "UT".into(),
        organisation: "Utopia".into(),
        common_name: "Root 1".into(),
        path_len: 0,
        days: 100,
    };
    make::make_root(&root, &key(66), &SeededRandom::new(7), NOW).unwrap()
}

#[test]
fn the_chain_is_in_order_and_has_nothing_else() {
    let root = Authority::root(1, 2);
    let upper = root.below(2, |_| ());
    let lower = upper.below(3, |_| ());
    let leaf = lower.leaf(|_| ());
    let stranger = root.below(4, |_| ());
    check(&[&leaf, &lower.der, &upper.der], &root.anchors(), "ok");
    check(&[&leaf, &upper.der, &lower.der], &root.anchors(), "chain_order");
    check(&[&leaf, &upper.der], &root.anchors(), "chain_order");
    check(&[&leaf, &lower.der, &upper.der, &stranger.der], &root.anchors(), "chain_order");
    check(&[&leaf, &lower.der], &root.anchors(), "untrusted");
}

#[test]
fn every_signature_is_verified() {
    let root = Authority::root(1, 1);
    let middle = root.below(2, |_| ());
    let leaf = middle.leaf(|_| ());
    let broken = |der: &[u8]| {
        let mut der = der.to_vec();
        *der.last_mut().unwrap() ^= 1;
        der
    };
    check(&[&leaf, &middle.der], &root.anchors(), "ok");
    check(&[&broken(&leaf), &middle.der], &root.anchors(), "certificate_signature");
    check(&[&leaf, &broken(&middle.der)], &root.anchors(), "certificate_signature");
}

#[test]
fn no_changed_byte_goes_unnoticed() {
    let root = Authority::root(1, 0);
    let leaf = root.own_leaf(Purpose::CredentialSigning);
    check(&[&leaf], &root.anchors(), "ok");
    for at in 0..leaf.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = leaf.clone();
            changed[at] ^= bit;
            let result = validate(&[changed], &root.anchors(), NOW, Purpose::CredentialSigning);
            assert!(result.is_err(), "byte {at}, bit {bit:#x}");
        }
    }
}

/// A key whose point is not on its curve.
struct P384;

impl PublicKeyData for P384 {
    fn der_bytes(&self) -> &[u8] {
        &[4; 97]
    }
    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P384_SHA384
    }
}

#[test]
fn keys_are_points_of_a_curve_that_we_know() {
    let root = Authority::root(1, 1);
    let parsed = Certificate::parse(&root.der).unwrap();
    let leaf = make::sign_under(params("Leaf"), &P384, &parsed, &root.key).unwrap();
    check(&[&leaf], &root.anchors(), "certificate_algorithm");
    check(&[&root.leaf(|_| ())], &root.anchors(), "ok");
}

#[test]
fn only_authorities_sign_certificates() {
    let root = Authority::root(1, 1);
    for (change, expected) in [
        ((|_| ()) as fn(&mut CertificateParams), "ok"),
        (|p| p.key_usages = vec![], "ok"),
        (|p| p.key_usages = vec![KeyUsagePurpose::DigitalSignature], "issuer_not_ca"),
    ] {
        let middle = root.below(2, change);
        check(&[&middle.leaf(|_| ()), &middle.der], &root.anchors(), expected);
    }
    // A leaf that goes on to sign.
    let middle = root.below(2, |_| ());
    let leaf = root.leaf(|p| {
        p.distinguished_name = rcgen::DistinguishedName::new();
        p.distinguished_name.push(DnType::CommonName, "Authority 2");
    });
    check(&[&middle.leaf(|_| ()), &leaf], &root.anchors(), "issuer_not_ca");
}

#[test]
fn path_lengths_hold() {
    for (of_root, of_middle, expected) in [
        (2, IsCa::Ca(BasicConstraints::Unconstrained), "ok"),
        (2, IsCa::Ca(BasicConstraints::Constrained(1)), "ok"),
        (1, IsCa::Ca(BasicConstraints::Unconstrained), "path_length"),
        (2, IsCa::Ca(BasicConstraints::Constrained(0)), "path_length"),
    ] {
        let root = Authority::root(1, of_root);
        let upper = root.below(2, |p| p.is_ca = of_middle);
        let lower = upper.below(3, |_| ());
        check(&[&lower.leaf(|_| ()), &lower.der, &upper.der], &root.anchors(), expected);
    }
}

#[test]
fn names_stay_within_constraints() {
    let root = Authority::root(1, 1);
    let middle = root.below(2, |p| {
        let permitted_subtrees = vec![GeneralSubtree::DnsName("utopia.example".into())];
        p.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: vec![] });
    });
    for (name, expected) in [("ask.utopia.example", "ok"), ("ask.example", "name_constraints")] {
        let leaf = middle.leaf(|p| p.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())]);
        check(&[&leaf, &middle.der], &root.anchors(), expected);
    }
}

#[test]
fn unknown_critical_extensions_are_refused() {
    let root = Authority::root(1, 0);
    for (critical, expected) in [(false, "ok"), (true, "critical_extension")] {
        let leaf = root.leaf(|p| {
            let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 2], vec![5, 0]);
            extension.set_criticality(critical);
            p.custom_extensions = vec![extension];
        });
        check(&[&leaf], &root.anchors(), expected);
    }
}

#[test]
fn authorities_sign_by_the_algorithm_of_their_curve() {
    // Made by OpenSSL, valid for a hundred years.
    let p384 = include_str!("others/openssl_p384_root.pem");
    let ed25519 = include_str!("others/openssl_ed25519_root.pem");
    for (root, leaf, expected) in [
        (p384, include_str!("others/openssl_p384_leaf.pem"), Ok(Curve::P256)),
        (p384, include_str!("others/openssl_p384_leaf_p384.pem"), Ok(Curve::P384)),
        // P-384 with SHA-256.
        (p384, include_str!("others/openssl_p384_leaf_sha256.pem"), Err("certificate_algorithm")),
        (ed25519, include_str!("others/openssl_ed25519_leaf.pem"), Ok(Curve::P256)),
        (ed25519, include_str!("others/openssl_p384_leaf.pem"), Err("untrusted")),
    ] {
        let mut chain = super::super::certificates_from_pem(leaf).unwrap();
        let anchors = TrustAnchors::from_pem(root).unwrap();
        let at = NOW.plus_secs(DAY);
        let result = validate(&chain, &anchors, at, Purpose::CredentialSigning);
        assert_eq!(result.map(|leaf| leaf.public_key.curve()).map_err(Error::code), expected);
        *chain[0].last_mut().unwrap() ^= 1;
        let code = expected.err().unwrap_or("certificate_signature");
        assert_eq!(outcome(&validate(&chain, &anchors, at, Purpose::CredentialSigning)), code);
    }
}

#[test]
fn a_chain_goes_from_one_curve_to_another() {
    let random = SeededRandom::new(8410);
    let (above, own) = (Ed25519SecretKey::generate(&random), Ed25519SecretKey::generate(&random));
    let root = MakeRoot {
        country: "UT".into(),
        organisation: "Utopia".into(),
        common_name: "Root".into(),
        path_len: 0,
        days: 3650,
    };
    let root = make::make_root(&root, &above, &random, NOW).unwrap();
    let anchors = TrustAnchors::from_der(&root).unwrap();
    for public in [own.public_key(), key(1000).public_key()] {
        let purpose = Purpose::CredentialSigning;
        let leaf = make::make_leaf(&super::own(purpose), &public, &root, &above, &random, NOW).unwrap();
        check(&[&leaf], &anchors, "ok");
        assert_eq!(validate(&[leaf], &anchors, NOW, purpose).unwrap().public_key, public);
    }
    // Self-signed is noticed on every curve.
    check(&[&root], &TrustAnchors::default(), "self_signed");
}

#[test]
fn certificates_of_other_makers_are_read() {
    // Made by OpenSSL and by the npm package `@peculiar/x509`, valid for a hundred years.
    for (root, leaf, dns_names, expected) in [
        (
            include_str!("others/openssl_root.pem"),
            include_str!("others/openssl_leaf.pem"),
            ["issuer.example"],
            "ok",
        ),
        (
            include_str!("others/peculiar_root.pem"),
            include_str!("others/peculiar_leaf.pem"),
            ["judge.example"],
            "ok",
        ),
        (
            include_str!("others/openssl_root.pem"),
            include_str!("others/peculiar_leaf.pem"),
            ["judge.example"],
            "untrusted",
        ),
    ] {
        let chain = super::super::certificates_from_pem(leaf).unwrap();
        let anchors = TrustAnchors::from_pem(root).unwrap();
        for purpose in [Purpose::CredentialSigning, Purpose::RequestSigning] {
            let result = validate(&chain, &anchors, NOW.plus_secs(DAY), purpose);
            assert_eq!(outcome(&result), expected);
            assert!(result.is_err() || result.unwrap().dns_names == dns_names);
        }
    }
    // Version 1 cannot say that it is no authority.
    let old = super::super::certificates_from_pem(include_str!("others/openssl_leaf_version_1.pem")).unwrap();
    let anchors = TrustAnchors::from_pem(include_str!("others/openssl_root.pem")).unwrap();
    let result = validate(&old, &anchors, NOW.plus_secs(DAY), Purpose::CredentialSigning);
    assert_eq!(outcome(&result), "certificate_malformed");
}
