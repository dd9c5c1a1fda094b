//! Base64, keys, signatures, encryption.

use crypto::{Ed25519SecretKey, SecretKey, SeededRandom, Signer};
use formats::{
    b64, json,
    jwe::{self, Enc, Jwe},
    jwk::{EncryptionJwk, Jwk},
    jws::{self, Jws},
};
use serde_json::{Map, Value, json};

use super::words::changed_text;
use crate::{
    Dice, Reached, Target, json as trees,
    signed::{changed_jws, sealed},
    text,
    world::WORLD,
};

/// Base64 of both kinds.
pub static B64: Target = Target::new(
    ("b64", "base64url without padding, and base64 with it"),
    4_000,
    || (0..5).map(|length| b64::encode(&vec![0xfb; length]).into_bytes()).collect(),
    |input, dice| match b64::decode(&String::from_utf8_lossy(input)) {
        Ok(bytes) if dice.percent(70) => b64::encode(&text::changed_bytes(&bytes, dice)).into_bytes(),
        Ok(bytes) if dice.percent(40) => b64::encode_std(&bytes).into_bytes(),
        _ => changed_text(input, dice),
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let (url, standard) = (b64::decode(text), b64::decode_std(text));
        if let Ok(bytes) = &url {
            assert_eq!(b64::encode(bytes), text, "one text for one value");
        }
        if let Ok(bytes) = &standard {
            assert_eq!(b64::encode_std(bytes), text, "one text for one value");
        }
        if url.is_ok() || standard.is_ok() { Reached::Accepted } else { Reached::Refused }
    },
);

/// Public keys as JSON.
pub static JWK: Target =
    Target::new(("jwk", "JSON Web Keys"), 4_000, jwk_seeds, trees::spoilt_text, |input| {
        let Ok(value) = json::parse(input) else { return Reached::Refused };
        let _ = Jwk::holder_from_value(&value);
        let encryption = EncryptionJwk::from_value(&value);
        if let Ok(key) = &encryption {
            assert_eq!(
                EncryptionJwk::from_value(&key.to_value()).as_ref(),
                Ok(key),
                "written and read again"
            );
        }
        let key = Jwk::from_value(&value);
        if let Ok(key) = &key {
            let again = Jwk::from_value(&key.to_value()).unwrap();
            assert!(
                again.is_same_key(key) && again.thumbprint() == key.thumbprint(),
                "written and read again"
            );
            for private in ["d", "p", "q", "k"] {
                assert!(value.get(private).is_none(), "a private key was taken for a public one");
            }
        }
        Reached::read(key.is_ok() || encryption.is_ok())
    });

fn jwk_seeds() -> Vec<Vec<u8>> {
    let random = SeededRandom::new(11);
    let p256 = SecretKey::generate(&random).public_key();
    let mut named = Jwk::from(p256).to_value();
    for (name, value) in
        [("kid", json!("a")), ("use", json!("sig")), ("alg", json!("ES256")), ("key_ops", json!(["verify"]))]
    {
        named.as_object_mut().unwrap().insert(name.to_owned(), value);
    }
    let ed25519 = Jwk::from(ed25519(&random).public_key()).to_value();
    let encryption = EncryptionJwk::new(p256, Some("b".into())).unwrap().to_value();
    [named, ed25519, encryption].iter().map(|value| value.to_string().into_bytes()).collect()
}

fn ed25519(random: &SeededRandom) -> Ed25519SecretKey {
    Ed25519SecretKey::generate(random)
}

/// Compact signatures.
pub static JWS: Target = Target::new(
    ("jws", "compact JSON Web Signatures"),
    2_000,
    || {
        let holder = WORLD.holder.as_ref();
        let with_key = json!({ "typ": "JWT", "kid": "a", "jwk": Jwk::from(holder.public_key()).to_value() });
        let with_chain = json!({ "typ": "JWT", "x5c": WORLD.issuer.signer.x5c() });
        let payload = json!({ "iss": "a", "iat": 1, "aud": ["b"] }).to_string();
        let signers: [(Value, &dyn Signer); 2] =
            [(with_key, holder), (with_chain, WORLD.issuer.signer.signer.as_ref())];
        signers
            .iter()
            .map(|(header, signer)| jws::sign(header, payload.as_bytes(), *signer).unwrap().into_bytes())
            .collect()
    },
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        if dice.percent(5) {
            return changed_text(input, dice);
        }
        changed_jws(&text, WORLD.holder.as_ref(), dice).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let Ok(jws) = Jws::parse(text) else { return Reached::Refused };
        assert_eq!(jws.as_str(), text, "kept as received");
        let _ = jws.claims();
        let key = jws.header.jwk.as_ref().map_or_else(|| WORLD.holder.public_key(), |jwk| *jwk.public_key());
        let verified = jws.verify(&key, key.algorithm());
        if verified.is_ok() {
            assert!(!jws.header.alg.eq_ignore_ascii_case("none"));
            let other = text::one_sign_changed(text, &mut Dice::of(input));
            // The key may stand in the header: what is changed there is another key, and must not verify either.
            let other = Jws::parse(&other).and_then(|jws| jws.verify(&key, key.algorithm()));
            assert!(other.is_err(), "a changed signed text verifies");
        }
        Reached::read(verified.is_ok())
    },
);

/// Compact encryption.
pub static JWE: Target = Target::new(
    ("jwe", "compact JSON Web Encryption"),
    2_000,
    || {
        let key = EncryptionJwk::new(crypto::KeyAgreement::public_key(&WORLD.opener), Some("key-1".into()))
            .unwrap();
        let extra = json!({ "apu": "YQ", "apv": "Yg", "typ": "JWT", "cty": "json" });
        let plain = json!({ "vp_token": { "pid": ["a~"] }, "state": "s" }).to_string();
        let random = SeededRandom::new(12);
        let made = |enc: Enc, extra: &Map<String, Value>| {
            jwe::encrypt(plain.as_bytes(), &key, enc, extra, &random).unwrap().into_bytes()
        };
        vec![made(Enc::A256Gcm, extra.as_object().unwrap()), made(Enc::A128Gcm, &Map::new())]
    },
    changed_jwe,
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let Ok(jwe) = Jwe::parse(text) else { return Reached::Refused };
        let plain = jwe.decrypt(&WORLD.opener, &Enc::ALL);
        if let Ok(plain) = &plain {
            assert!(plain.len() <= text.len(), "nothing grows");
            let other = text::one_sign_changed(text, &mut Dice::of(input));
            assert!(jwe::decrypt(&other, &WORLD.opener, &Enc::ALL).is_err(), "a changed text was opened");
        }
        Reached::read(plain.is_ok())
    },
);

/// Encrypted anew with other members in the header or with another content; or the header changed as it is.
pub(super) fn changed_jwe(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let text = String::from_utf8_lossy(input).into_owned();
    let Ok(jwe) = Jwe::parse(&text) else { return changed_text(input, dice) };
    let plain = jwe.decrypt(&WORLD.opener, &Enc::ALL).unwrap_or_default();
    let members = jwe.header_value();
    match dice.below(10) {
        0 => text::one_sign_changed(&text, dice).into_bytes(),
        1 => changed_text(input, dice),
        2 => {
            let header = trees::spoilt(&Value::Object(members.clone()), dice);
            let rest = text.split_once('.').map_or("", |(_, rest)| rest);
            format!("{}.{rest}", b64::encode(&header)).into_bytes()
        }
        _ => {
            let mut extra = members.clone();
            extra.retain(|name, _| !["alg", "enc", "epk", "kid", "zip", "crit"].contains(&name.as_str()));
            if dice.percent(40) {
                let value =
                    if dice.percent(50) { json!(b64::encode(&[7; 40])) } else { json!(text::fragment(dice)) };
                extra.insert(dice.one(&["apu", "apv", "typ", "cty", "x"]).to_owned(), value);
            }
            let plain = if dice.percent(70) { trees::spoilt_text(&plain, dice) } else { plain };
            let kid = members.get("kid").and_then(Value::as_str).map(str::to_owned);
            let key = EncryptionJwk::new(crypto::KeyAgreement::public_key(&WORLD.opener), kid).unwrap();
            let enc = dice.one(&[Some(Enc::A128Gcm), Some(Enc::A256Gcm)]).unwrap_or(Enc::A256Gcm);
            let random = SeededRandom::new(dice.number());
            jwe::encrypt(&plain, &key, enc, &extra, &random).unwrap_or(text).into_bytes()
        }
    }
}

/// For other groups: a JWS over changed JSON.
pub(super) fn signed_anew(header: &Value, payload: &[u8], signer: &dyn Signer) -> String {
    sealed(header.to_string().as_bytes(), payload, signer)
}
