use crypto::{Ed25519SecretKey, SecretKey, SeededRandom, sha256};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn key() -> SecretKey {
    SecretKey::generate(&SeededRandom::new(7515))
}

/// A JWS with exactly these bytes as header, rightly signed.
fn signed(header: &str, payload: &[u8]) -> String {
    let input = format!("{}.{}", b64::encode(header.as_bytes()), b64::encode(payload));
    let signature = key().sign(input.as_bytes()).unwrap();
    format!("{input}.{}", b64::encode(&signature))
}

fn check(header: &str, expected: Result<(), &str>) {
    let text = signed(header, b"{}");
    let read = Jws::parse(&text).and_then(|jws| jws.verify(&key().public_key(), Algorithm::Es256));
    assert_eq!(read.map_err(Error::code), expected, "{header}");
}

#[test]
fn es256_of_the_standard() {
    // RFC 7515, appendix A.3.
    let text = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let key = Jwk::from_value(&json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }))
    .unwrap();
    let jws = Jws::parse(text).unwrap();
    assert_eq!(jws.verify(key.public_key(), Algorithm::Es256), Ok(()));
    assert_eq!(jws.claims().unwrap()["iss"], "joe");
    assert_eq!(jws.as_str(), text);
}

#[test]
fn eddsa_of_the_standard() {
    // RFC 8037, appendix A.4, under the key of A.1 and A.2.
    let text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let seed = b64::decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let key = Ed25519SecretKey::from_seed(&seed.try_into().unwrap()).unwrap();
    assert_eq!(Jws::parse(text).unwrap().verify(&key.public_key(), Algorithm::Ed25519), Ok(()));
    assert_eq!(sign(&json!({}), b"Example of Ed25519 signing", &key).unwrap(), text);
}

#[test]
fn a_key_and_its_algorithm_go_together() {
    // Made by the npm package `jose` 6.
    let es384 = (
        json!({
            "kty": "EC", "crv": "P-384",
            "x": "n6y6u5tvfIBXkE9iIAyXyduPYjvIYMpR7MkZKb_SVfrZ0iN-_sHVNX2syI-0ejks",
            "y": "bKgdYaTjTmX_iR5C3mzRYBzKo-0LO6YfPXxjXyzfCdy-llvhHIdwUuojeB1yiX5Q",
        }),
        "eyJhbGciOiJFUzM4NCJ9.eyJpc3MiOiJqdWRnZSJ9.VgUHlTnk1BlMESxvmNIMgKf9Zu7deG7jL8GWEWlOae4K09niIFDHTFFZ2lBb93KZpiPFxku5PCKlOVmvJnhQDy9oG2n2Mi4HjdMJtnpkLNzeF2uGmJUnwaOzcwzcDMIE",
    );
    let eddsa = (
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "9drcT5CRQHrBdWCDvVOZjhDEsCf4_Cy-xcMCx42rf1E" }),
        "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJqdWRnZSJ9.1Tm3ov6_nvWXzb_C9k641mjufGLs2nh_NWtdfBn6bdJ3-ipa8fAK3ik3FIlmG1pOkj7pIH3CK6ca6s45pIldCw",
    );
    let ed25519 = (
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "1_4x-YBZ_dfCiwOCQm8lC0u1v09GxC82QD41m4CU26U" }),
        "eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJqdWRnZSJ9.IHOSwwXvNer0gH2FeA8amqnRWK_v7UMtkSuFTDgIpA7ZpJr4rOxyVE7TtS1RoDJEpHotoJvY-xdmHc8KvViPCg",
    );
    let es256 = (
        Jwk::from(key().public_key()).to_value(),
        &*sign(&json!({}), br#"{"iss":"judge"}"#, &key()).unwrap(),
    );
    let all = [es384, eddsa, ed25519, es256];
    for (of, (_, text)) in all.iter().enumerate() {
        let jws = Jws::parse(text).unwrap();
        let named = Algorithm::from_name(&jws.header.alg).unwrap();
        for (with, (jwk, _)) in all.iter().enumerate() {
            let key = *Jwk::from_value(jwk).unwrap().public_key();
            for alg in Algorithm::ALL {
                let expected = if named != alg || key.algorithm() != alg {
                    Err(Error::AlgMismatch)
                } else if of == with {
                    Ok(())
                } else {
                    Err(Error::Signature)
                };
                assert_eq!(jws.verify(&key, alg), expected, "{text} {jwk}");
            }
        }
    }
}

#[test]
fn headers() {
    check(r#"{"alg":"ES256"}"#, Ok(()));
    check(r#"{"alg":"ES256","typ":"x","kid":"y","foreign":{"a":[1]}}"#, Ok(()));
    for none in ["none", "None", "NONE", "nOnE"] {
        check(&format!(r#"{{"alg":"{none}"}}"#), Err("alg_none"));
    }
    for unknown in ["HS256", "RS256", "ES512", "Ed448", "EDDSA", "es256", "ES256 ", ""] {
        check(&format!(r#"{{"alg":"{unknown}"}}"#), Err("alg_unsupported"));
    }
    for other in ["ES384", "EdDSA", "Ed25519"] {
        check(&format!(r#"{{"alg":"{other}"}}"#), Err("alg_mismatch"));
    }
    check("{}", Err("jws_header_member"));
    check(r#"{"alg":["ES256"]}"#, Err("jws_header_member"));
    check(r#"{"alg":"ES256","typ":1}"#, Err("jws_header_member"));
    check(r#"{"alg":"ES256","kid":{}}"#, Err("jws_header_member"));
    check(r#"{"alg":"ES256","alg":"ES256"}"#, Err("jws_header"));
    check(r#"{"alg":"ES256","alg":"none"}"#, Err("jws_header"));
    check(r#"["ES256"]"#, Err("jws_header"));
    check("", Err("jws_header"));
    check(r#"{"alg":"ES256"} {}"#, Err("jws_header"));
    check(r#"{"alg":"ES256","crit":["exp"],"exp":1}"#, Err("crit"));
    check(r#"{"alg":"ES256","crit":[]}"#, Err("crit"));
    check(r#"{"alg":"ES256","crit":["b64"],"b64":true}"#, Err("crit"));
    check(r#"{"alg":"ES256","b64":true}"#, Ok(()));
    check(r#"{"alg":"ES256","b64":false}"#, Err("b64_false"));
    check(r#"{"alg":"ES256","b64":"false"}"#, Err("b64_false"));
    check(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#, Err("b64_false"));
}

#[test]
fn keys_and_chains_in_the_header() {
    let with = |member: &str, value: &Value| json!({ "alg": "ES256", member: value }).to_string();
    let mut jwk = Jwk::from(key().public_key()).to_value();
    check(&with("jwk", &jwk), Ok(()));
    jwk["d"] = b64::encode(&[1; 32]).into();
    check(&with("jwk", &jwk), Err("jwk_private"));
    check(&with("jwk", &json!({"kty": "oct", "k": "AA"})), Err("jwk_private"));
    check(&with("jwk", &json!("key")), Err("jwk_malformed"));
    let certificate = b64::encode_std(b"not looked at yet");
    check(&with("x5c", &json!([certificate])), Ok(()));
    check(&with("x5c", &json!(vec![&certificate; X5C_MAX])), Ok(()));
    check(&with("x5c", &json!(vec![&certificate; X5C_MAX + 1])), Err("x5c_malformed"));
    check(&with("x5c", &json!([])), Err("x5c_malformed"));
    check(&with("x5c", &json!([""])), Err("x5c_malformed"));
    check(&with("x5c", &json!([1])), Err("x5c_malformed"));
    check(&with("x5c", &json!(certificate)), Err("x5c_malformed"));
    check(&with("x5c", &json!([b64::encode(&[0xff; 4])])), Err("x5c_malformed"));
    check(&with("x5c", &json!([b64::encode_std(&[0; CERTIFICATE_BYTES_MAX + 1])])), Err("x5c_malformed"));
}

#[test]
fn the_form_is_compact_and_nothing_else() {
    let text = signed(r#"{"alg":"ES256"}"#, b"{}");
    assert!(Jws::parse(&text).is_ok());
    let (input, signature) = text.rsplit_once('.').unwrap();
    for bad in [
        String::new(),
        "..".to_owned(),
        input.to_owned(),
        format!("{text}."),
        format!(".{text}"),
        format!("{text}="),
        format!(" {text}"),
        format!("{text}\n"),
        format!("{input}.{signature}.{signature}"),
        text.replace('.', ".."),
        "{\"payload\":\"\"}".to_owned(),
    ] {
        let code = Jws::parse(&bad).map(|_| ()).map_err(Error::code);
        assert!(matches!(code, Err("jws_malformed" | "jws_header")), "{bad}: {code:?}");
    }
    let long = signed(r#"{"alg":"ES256"}"#, &vec![b'a'; JWT_BYTES_MAX]);
    assert_eq!(Jws::parse(&long), Err(Error::TooLong));
    assert!(Jws::parse_within(&long, long.len()).is_ok());
}

#[test]
fn signatures() {
    let alg_of = |jws: &Jws, key: &SecretKey| jws.verify(&key.public_key(), Algorithm::Es256);
    let other = SecretKey::generate(&SeededRandom::new(1));
    let good = Jws::parse(&signed(r#"{"alg":"ES256"}"#, b"{}")).unwrap();
    assert_eq!(alg_of(&good, &key()), Ok(()));
    assert_eq!(alg_of(&good, &other), Err(Error::Signature));
    let (input, _) = good.as_str().rsplit_once('.').unwrap();
    let public = key().public_key().to_sec1();
    // Algorithm confusion: a MAC under the public key.
    let hs = format!("{}.{}", b64::encode(br#"{"alg":"HS256"}"#), b64::encode(b"{}"));
    let mac = crypto::hmac_sha256(&public, hs.as_bytes());
    let confused = Jws::parse(&format!("{hs}.{}", b64::encode(&mac))).unwrap();
    assert_eq!(alg_of(&confused, &key()), Err(Error::AlgUnsupported));
    for signature in [vec![], vec![0; 64], vec![0xff; 64], vec![1; 63], vec![1; 65], sha256(b"").to_vec()] {
        let forged = Jws::parse(&format!("{input}.{}", b64::encode(&signature))).unwrap();
        assert_eq!(alg_of(&forged, &key()), Err(Error::Signature));
    }
}

#[test]
fn claims_are_an_object() {
    let claims = |payload: &[u8]| {
        Jws::parse(&signed(r#"{"alg":"ES256"}"#, payload)).and_then(|jws| jws.claims()).map_err(Error::code)
    };
    assert_eq!(claims(br#"{"a":1}"#).map(Value::Object), Ok(json!({"a": 1})));
    for bad in [&b"[]"[..], b"", b"a", br#"{"a":1,"a":1}"#, b"\xff"] {
        assert_eq!(claims(bad), Err("jws_payload"));
    }
}

#[test]
fn the_signer_says_which_algorithm() {
    let text = sign(&json!({"typ": "a", "alg": "none"}), b"{}", &key()).unwrap();
    let jws = Jws::parse(&text).unwrap();
    assert_eq!((jws.header.alg.as_str(), jws.header.typ.as_deref()), ("ES256", Some("a")));
    assert_eq!(jws.verify(&key().public_key(), Algorithm::Es256), Ok(()));
    assert_eq!(sign(&json!([]), b"{}", &key()), Err(Error::HeaderMember));
}

proptest! {
    #![proptest_config(crate::testing::seeded(128))]

    #[test]
    fn one_changed_character_is_noticed(payload in prop::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), by in "[A-Za-z0-9_.-]") {
        let text = sign(&json!({"typ": "a"}), &payload, &key()).unwrap();
        let jws = Jws::parse(&text).unwrap();
        prop_assert_eq!(&jws.payload, &payload);
        prop_assert_eq!(jws.verify(&key().public_key(), Algorithm::Es256), Ok(()));
        let at = at.index(text.len());
        let changed = format!("{}{by}{}", &text[..at], &text[at + 1..]);
        if changed != text {
            let read = Jws::parse(&changed).and_then(|jws| jws.verify(&key().public_key(), Algorithm::Es256));
            prop_assert!(read.is_err(), "{}", changed);
        }
    }
}
