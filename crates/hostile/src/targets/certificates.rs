//! Certificates, chains of them, and PEM.

use crypto::{SecretKey, SeededRandom, Signer, key::signature_for_x509};
use formats::x509::{
    Certificate, Purpose, TrustAnchors, certificate_to_pem, certificates_from_pem,
    make::{MakeLeaf, make_leaf},
    validate,
};

use super::words::changed_text;
use crate::{
    Dice, Reached, Target,
    der::Der,
    text,
    world::{NOW, WORLD},
};

/// One certificate, DER.
pub static CERTIFICATE: Target = Target::new(
    ("certificate", "X.509 certificates, DER"),
    2_000,
    certificate_seeds,
    changed_certificate,
    |input| {
        let Ok(certificate) = Certificate::parse(input) else { return Reached::Refused };
        assert_eq!(certificate.der, input, "kept as received");
        assert!(certificate.subject_name().chars().all(|c| !c.is_control()), "fit to be shown");
        let pem = certificate_to_pem(input).unwrap();
        assert_eq!(
            certificates_from_pem(&pem).as_deref(),
            Ok(&[input.to_vec()][..]),
            "written and read again"
        );
        let _ = TrustAnchors::from_der(input);
        let trusted = validate(&[input.to_vec()], &WORLD.issuer.anchors, NOW, Purpose::CredentialSigning);
        Reached::read(trusted.is_ok())
    },
);

fn certificate_seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![WORLD.issuer.root.clone()];
    seeds.extend(WORLD.issuer.signer.chain.iter().cloned());
    seeds.extend(WORLD.asker.signer.chain.iter().cloned());
    let random = SeededRandom::new(21);
    let key = SecretKey::generate(&random);
    for (purpose, dns) in [
        (Purpose::Tls, vec!["a.example".to_owned(), "b.example".into()]),
        (Purpose::CredentialSigning, Vec::new()),
    ] {
        let leaf = MakeLeaf {
            purpose,
            common_name: "\u{1f600} & Co".into(),
            organisation: None,
            country: Some("UT".into()),
            dns_names: dns,
            days: 1,
        };
        let party = &WORLD.issuer;
        seeds.push(make_leaf(&leaf, &key.public_key(), &party.root, &party.root_key, &random, NOW).unwrap());
    }
    seeds
}

/// Changed in one place, and mostly signed again by the root.
pub(super) fn changed_certificate(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let Some(mut certificate) = Der::parse(input).filter(|_| !dice.percent(5)) else {
        return text::changed_bytes(input, dice);
    };
    if dice.percent(90)
        && let [tbs, _, Der::Plain(_, signature)] = certificate.parts()
    {
        tbs.change(dice);
        let signed = WORLD.issuer.root_key.sign(&tbs.to_bytes()).unwrap();
        let der = signature_for_x509(WORLD.issuer.root_key.algorithm(), &signed).unwrap();
        *signature = std::iter::once(0).chain(der).collect();
    } else {
        certificate.change(dice);
    }
    certificate.to_bytes()
}

/// A chain as it comes in `x5c`.
pub static CHAIN: Target = Target::new(
    ("chain", "certificate chains, DER, leaf first"),
    1_000,
    || {
        let leaf = WORLD.issuer.signer.chain.concat();
        vec![
            leaf.clone(),
            [leaf.clone(), WORLD.issuer.root.clone()].concat(),
            [leaf, WORLD.asker.root.clone()].concat(),
        ]
    },
    |input, dice| {
        let mut all = ders(input);
        let at = dice.below(all.len());
        match dice.below(10) {
            0 => all.reverse(),
            1 => all.extend(all.get(at).cloned()),
            2 => all.extend(WORLD.asker.signer.chain.iter().cloned()),
            _ => {
                if let Some(der) = all.get_mut(at) {
                    *der = changed_certificate(der, dice);
                }
            }
        }
        all.concat()
    },
    |input| {
        let all = ders(input);
        if all.is_empty() || all.iter().any(|der| Certificate::parse(der).is_err()) {
            let _ = validate(&all, &WORLD.issuer.anchors, NOW, Purpose::CredentialSigning);
            return Reached::Refused;
        }
        let leaf = validate(&all, &WORLD.issuer.anchors, NOW, Purpose::CredentialSigning);
        if let Ok(leaf) = &leaf {
            assert!(leaf.not_before.secs() <= NOW.secs() && NOW.secs() <= leaf.not_after.secs());
            // A certificate whose signature is another is not believed.
            let mut forged = all.clone();
            let last = forged.first_mut().and_then(|der| der.last_mut()).unwrap();
            *last ^= 1;
            assert!(
                validate(&forged, &WORLD.issuer.anchors, NOW, Purpose::CredentialSigning).is_err(),
                "forged"
            );
            assert!(
                validate(&all, &WORLD.asker.anchors, NOW, Purpose::CredentialSigning).is_err(),
                "a stranger's"
            );
        }
        let _ = validate(&all, &WORLD.issuer.anchors, NOW, Purpose::Tls);
        Reached::read(leaf.is_ok())
    },
);

/// The values that stand one behind the other.
fn ders(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while bytes.len() > 3 && all.len() < 8 {
        let length = match bytes {
            [_, 0x82, b, a, ..] => 4 + usize::from(*b) * 256 + usize::from(*a),
            [_, 0x81, a, ..] => 3 + usize::from(*a),
            [_, a, ..] => 2 + usize::from(*a),
            _ => 0,
        };
        let (one, rest) = bytes.split_at(length.clamp(1, bytes.len()));
        all.push(one.to_vec());
        bytes = rest;
    }
    all
}

/// Anchors, PEM.
pub static PEM: Target = Target::new(
    ("pem", "certificates of authorities, PEM"),
    1_000,
    || {
        let of = |der: &[u8]| certificate_to_pem(der).unwrap();
        let both = format!("# Whom we trust\n{}\n{}", of(&WORLD.issuer.root), of(&WORLD.asker.root));
        vec![of(&WORLD.issuer.root).into_bytes(), both.into_bytes()]
    },
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        match certificates_from_pem(&text) {
            Ok(mut ders) if dice.percent(70) => {
                let at = dice.below(ders.len());
                if let Some(der) = ders.get_mut(at) {
                    *der = changed_certificate(der, dice);
                }
                let text: Vec<String> = ders.iter().filter_map(|der| certificate_to_pem(der).ok()).collect();
                text.join(dice.one(&["", "\n", "between\n", "\r\n\r\n"])).into_bytes()
            }
            _ => changed_text(input, dice),
        }
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let Ok(ders) = certificates_from_pem(text) else { return Reached::Refused };
        let anchors = TrustAnchors::from_pem(text);
        if let Ok(anchors) = &anchors {
            assert_eq!(anchors.iter().count(), ders.len());
            let again = TrustAnchors::from_pem(&anchors.to_pem().unwrap()).unwrap();
            let same =
                again.iter().zip(anchors).all(|(a, b)| a.certificate().sha256 == b.certificate().sha256);
            assert!(same, "written and read again");
        }
        Reached::read(anchors.is_ok())
    },
);

/// Private keys, PEM: the operator's files.
pub static KEY_PEM: Target = Target::new(
    ("key_pem", "private keys, PEM"),
    2_000,
    || vec![WORLD.holder.to_pem().unwrap().as_bytes().to_vec()],
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        let mut lines = text.lines();
        let (first, last) = (lines.next().unwrap_or_default(), lines.next_back().unwrap_or_default());
        let body: String = lines.collect();
        let Some(mut der) = formats::b64::decode_std(&body).ok().and_then(|der| Der::parse(&der)) else {
            return changed_text(input, dice);
        };
        if dice.percent(20) {
            return changed_text(input, dice);
        }
        der.change(dice);
        let body = formats::b64::encode_std(&der.to_bytes());
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("{first}\n{}\n{last}\n", lines.join("\n")).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let key = SecretKey::from_pem(text);
        if let Ok(key) = &key {
            let again = SecretKey::from_pem(&key.to_pem().unwrap()).unwrap();
            assert_eq!(again.public_key(), key.public_key(), "written and read again");
        }
        // The outer parser is PEM's.
        if !text.contains("-----BEGIN PRIVATE KEY-----") || !text.contains("-----END PRIVATE KEY-----") {
            return Reached::Refused;
        }
        Reached::read(key.is_ok())
    },
);
