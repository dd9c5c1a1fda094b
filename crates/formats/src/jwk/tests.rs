use crypto::{SecretKey, SeededRandom, Signer as _};

use serde_json::json;

use super::*;

/// RFC 7515, appendix A.3.1, without its private part.
fn a_key() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

/// Reads the key with `changes` made: null takes a member away.
fn check(changes: &Value, expected: Result<(), &str>) {
    let key = changed(a_key(), changes);
    let read = Jwk::from_value(&key);
    assert_eq!(read.clone().map(|_| ()).map_err(Error::code), expected, "{changes}");
    assert_eq!(serde_json::from_value::<Jwk>(key).is_ok(), expected.is_ok());
    if let Ok(jwk) = read {
        assert_eq!(jwk.to_value(), a_key(), "only the four members are written");
    }
}

#[test]
fn what_is_taken_and_what_is_not() {
    check(&json!({}), Ok(()));
    check(
        &json!({"kid": "1", "alg": "ES256", "use": "sig", "key_ops": ["verify"], "x5t": "?", "foreign": {}}),
        Ok(()),
    );
    for private in PRIVATE {
        check(&json!({ private: "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI" }), Err("jwk_private"));
        check(&json!({ private: 1 }), Err("jwk_private"));
    }
    check(&json!({"kty": "OKP"}), Err("jwk_crv"));
    check(&json!({"kty": "RSA"}), Err("jwk_kty"));
    check(&json!({"kty": "oct"}), Err("jwk_kty"));
    check(&json!({"kty": "ec"}), Err("jwk_kty"));
    check(&json!({"kty": null}), Err("jwk_kty"));
    check(&json!({"kty": ["EC"]}), Err("jwk_malformed"));
    check(&json!({"crv": "Ed25519"}), Err("jwk_crv"));
    check(&json!({"crv": "P-384"}), Err("jwk_coordinate"));
    check(&json!({"crv": "secp256k1"}), Err("jwk_crv"));
    check(&json!({"crv": null}), Err("jwk_crv"));
    check(&json!({"alg": "HS256"}), Err("jwk_alg"));
    check(&json!({"alg": "none"}), Err("jwk_alg"));
    check(&json!({"alg": "ES384"}), Err("jwk_alg"));
    check(&json!({"alg": 1}), Err("jwk_malformed"));
    check(&json!({"use": "enc"}), Err("jwk_use"));
    check(&json!({"key_ops": ["deriveKey"]}), Err("jwk_use"));
    check(&json!({"key_ops": "verify"}), Err("jwk_malformed"));
    check(&json!({"kid": 1}), Err("jwk_malformed"));
}

#[test]
fn coordinates() {
    let short = b64::encode(&[1; 31]);
    let long = b64::encode(&[1; 33]);
    for bad in [
        Value::Null,
        json!(""),
        json!(short),
        json!(long),
        json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU="),
    ] {
        check(&json!({ "x": bad }), Err("jwk_coordinate"));
        check(&json!({ "y": bad }), Err("jwk_coordinate"));
    }
    let x = a_key()["x"].clone();
    check(&json!({ "y": x }), Err("jwk_off_curve"));
    let zero = b64::encode(&[0; 32]);
    check(&json!({ "x": zero, "y": zero }), Err("jwk_off_curve"));
    check(&json!({ "x": b64::encode(&[0xff; 32]) }), Err("jwk_off_curve"));
    for not_an_object in [json!([]), json!("EC"), Value::Null] {
        assert_eq!(Jwk::from_value(&not_an_object), Err(Error::Malformed));
    }
}

/// A P-384 key, made by the npm package `jose`.
fn a_p384_key() -> Value {
    json!({
        "kty": "EC", "crv": "P-384",
        "x": "n6y6u5tvfIBXkE9iIAyXyduPYjvIYMpR7MkZKb_SVfrZ0iN-_sHVNX2syI-0ejks",
        "y": "bKgdYaTjTmX_iR5C3mzRYBzKo-0LO6YfPXxjXyzfCdy-llvhHIdwUuojeB1yiX5Q",
    })
}

/// RFC 8037, appendix A.2.
fn an_ed25519_key() -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
}

/// `key` with `changes` made: null takes a member away.
fn changed(mut key: Value, changes: &Value) -> Value {
    let members = key.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members.remove(name);
        if !value.is_null() {
            members.insert(name.clone(), value.clone());
        }
    }
    key
}

#[test]
fn keys_of_each_curve() {
    let read = |key: Value, changes: Value| {
        Jwk::from_value(&changed(key, &changes)).map(|jwk| jwk.to_value()).map_err(Error::code)
    };
    for (key, alg, other) in
        [(a_key(), "ES256", "ES384"), (a_p384_key(), "ES384", "ES256"), (an_ed25519_key(), "EdDSA", "ES256")]
    {
        assert_eq!(read(key.clone(), json!({})), Ok(key.clone()));
        assert_eq!(read(key.clone(), json!({"alg": alg, "use": "sig", "kid": "1"})), Ok(key.clone()));
        assert_eq!(read(key.clone(), json!({ "alg": other })), Err("jwk_alg"));
        assert_eq!(read(key.clone(), json!({"alg": "ECDH-ES"})), Err("jwk_alg"));
        assert_eq!(read(key.clone(), json!({"use": "enc"})), Err("jwk_use"));
        assert_eq!(read(key.clone(), json!({"d": "AA"})), Err("jwk_private"));
        assert_eq!(read(key.clone(), json!({"key_ops": []})), Err("jwk_use"));
        let is_okp = key["kty"] == "OKP";
        let confused = if is_okp { "EC" } else { "OKP" };
        assert_eq!(read(key.clone(), json!({ "kty": confused })), Err("jwk_crv"));
        assert_eq!(read(key, json!({"x": b64::encode(&[0; 31])})), Err("jwk_coordinate"));
    }
    assert_eq!(read(an_ed25519_key(), json!({"alg": "Ed25519"})), Ok(an_ed25519_key()));
    for crv in ["X25519", "Ed448", "P-256", "ed25519"] {
        assert_eq!(read(an_ed25519_key(), json!({ "crv": crv })), Err("jwk_crv"));
    }
    assert_eq!(read(a_p384_key(), json!({"crv": "P-256"})), Err("jwk_coordinate"));
    assert_eq!(read(a_p384_key(), json!({"y": a_p384_key()["x"]})), Err("jwk_off_curve"));
    // Points of small order, and one that is written in a way of its own.
    for bytes in [[0; 32], std::array::from_fn(|i| u8::from(i == 0)), [0xff; 32]] {
        assert_eq!(read(an_ed25519_key(), json!({"x": b64::encode(&bytes)})), Err("jwk_off_curve"));
    }
}

#[test]
fn credentials_are_bound_to_p256() {
    let read = |key: Value| Jwk::holder_from_value(&key).map(|_| ()).map_err(Error::code);
    assert_eq!(read(a_key()), Ok(()));
    assert_eq!(read(a_p384_key()), Err("jwk_crv"));
    assert_eq!(read(an_ed25519_key()), Err("jwk_kty"));
}

#[test]
fn keys_to_encrypt_to() {
    let good = changed(a_key(), &json!({"use": "enc", "alg": "ECDH-ES", "kid": "1"}));
    let read = |changes: Value| {
        let key = changed(good.clone(), &changes);
        let read = EncryptionJwk::from_value(&key);
        assert_eq!(serde_json::from_value::<EncryptionJwk>(key).is_ok(), read.is_ok());
        read.map(|jwk| jwk.to_value()).map_err(Error::code)
    };
    assert_eq!(read(json!({})), Ok(good.clone()));
    assert_eq!(read(json!({"use": null, "foreign": 1})), Ok(good.clone()));
    for ops in [json!([]), json!(["deriveKey"]), json!(["deriveBits", "x"])] {
        assert_eq!(read(json!({ "key_ops": ops })), Ok(good.clone()));
    }
    assert_eq!(read(json!({"kid": null})), Ok(changed(good.clone(), &json!({"kid": null}))));
    for alg in [Value::Null, json!("ECDH-ES+A128KW"), json!("ES256"), json!("ecdh-es")] {
        assert_eq!(read(json!({ "alg": alg })), Err("jwk_alg"));
    }
    assert_eq!(read(json!({"use": "sig"})), Err("jwk_use"));
    assert_eq!(read(json!({"key_ops": ["verify"]})), Err("jwk_use"));
    assert_eq!(read(json!({"d": "AA"})), Err("jwk_private"));
    assert_eq!(read(json!({"kid": 1})), Err("jwk_malformed"));
    assert_eq!(read(json!({"y": good["x"]})), Err("jwk_off_curve"));
    assert_eq!(read(json!({"crv": "P-384"})), Err("jwk_crv"));
    assert_eq!(read(json!({"kty": "OKP", "crv": "X25519"})), Err("jwk_kty"));
    let p384 = *Jwk::from_value(&a_p384_key()).unwrap().public_key();
    assert_eq!(EncryptionJwk::new(p384, None), Err(Error::Crv));
    let jwk = EncryptionJwk::from_value(&good).unwrap();
    assert_eq!(jwk.thumbprint(), Jwk::from_value(&a_key()).unwrap().thumbprint());
    // A key that encrypts is not taken for one that verifies.
    assert_eq!(Jwk::from_value(&good), Err(Error::Alg));
}

#[test]
fn thumbprints_of_the_standards() {
    // RFC 8037, appendix A.3.
    let ed = Jwk::from_value(&an_ed25519_key()).unwrap();
    assert_eq!(b64::encode(&ed.thumbprint()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    // RFC 9449, figure 9: the thumbprint of the key in figure 2.
    let key = Jwk::from_value(&json!({
        "kty": "EC", "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    }));
    assert_eq!(b64::encode(&key.unwrap().thumbprint()), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    // RFC 7638, section 3.1: an RSA key, so only the form and the hash are ours.
    let rsa = json!({
        "kty": "RSA", "e": "AQAB",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    });
    let hash = crypto::sha256(&strict::canonical(&rsa));
    assert_eq!(b64::encode(&hash), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn a_key_made_here_is_read_back() {
    let random = SeededRandom::new(7638);
    for _ in 0..16 {
        let key = SecretKey::generate(&random).public_key();
        let jwk = Jwk::from(&key);
        assert_eq!(Jwk::from_value(&jwk.to_value()).map(|j| *j.public_key()), Ok(key));
    }
}
