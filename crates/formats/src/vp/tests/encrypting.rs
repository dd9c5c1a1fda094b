//! To what a wallet encrypts, and what it does not encrypt to.

use crypto::{EphemeralKey, KeyAgreement as _};

use super::*;
use crate::{
    jwe::Enc,
    jwk::EncryptionJwk,
    vp::{Posted, ResponseEncryption, ResponseMode},
};

fn key() -> EphemeralKey {
    EphemeralKey::generate(&SeededRandom::new(40))
}

fn encrypted() -> RequestObject {
    let jwk = EncryptionJwk::new(key().public_key(), Some("k".into())).unwrap();
    RequestObject { encryption: Some(ResponseEncryption::to(jwk)), ..Scene::request() }
}

/// Changes `client_metadata` of a good request; the code, or the key's id and the content encryptions.
fn check(change: impl FnOnce(&mut Value), expected: Result<&[Enc], &str>) {
    let scene = Scene::new();
    let anchors = scene.clinic.anchors();
    let mut claims = encrypted().to_value();
    change(&mut claims["client_metadata"]);
    let header = json!({ "typ": REQUEST_TYP, "x5c": scene.asker.x5c() });
    let text = jws::sign(&header, claims.to_string().as_bytes(), &scene.asker).unwrap();
    let got = verify_request(&text, &context(&anchors, "x509_san_dns:clinic.example"));
    let got = got.map(|verified| verified.request.encryption.unwrap());
    if let Ok(encryption) = &got {
        assert_eq!(encryption.key.kid(), Some("k"));
        assert_eq!(encryption.key.public_key(), &key().public_key());
    }
    if let Err(refusal) = &got {
        assert_eq!(refusal.oauth_error(), Some("invalid_request"));
    }
    assert_eq!(got.as_ref().map(|e| e.encs.as_slice()).map_err(RequestRefusal::code), expected);
}

#[test]
fn what_is_offered_is_read_and_what_cannot_be_used_is_passed_over() {
    let encs = "encrypted_response_enc_values_supported";
    let unusable = Err("response_encryption");
    check(|_| (), Ok(&Enc::ALL));
    check(
        |m| {
            m.as_object_mut().unwrap().remove(encs);
        },
        Ok(&[Enc::A128Gcm]),
    );
    check(|m| m[encs] = json!(["A128CBC-HS256", "A256GCM"]), Ok(&[Enc::A256Gcm]));
    check(|m| m[encs] = json!(["A128CBC-HS256"]), unusable);
    check(|m| m[encs] = json!([]), Err("request_parameter"));
    check(|m| m[encs] = json!("A128GCM"), Err("request_parameter"));
    check(
        |m| {
            m.as_object_mut().unwrap().remove("jwks");
        },
        unusable,
    );
    check(|m| m["jwks"] = json!({}), Err("request_parameter"));
    check(|m| m["jwks"]["keys"] = json!([]), unusable);
    check(|m| m["jwks"]["keys"][0]["alg"] = json!("ECDH-ES+A128KW"), unusable);
    check(|m| m["jwks"]["keys"][0]["use"] = json!("sig"), unusable);
    check(|m| m["jwks"]["keys"][0]["d"] = json!("AQ"), unusable);
    check(|m| m["jwks"]["keys"][0]["y"] = m["jwks"]["keys"][0]["x"].clone(), unusable);
    check(
        |m| {
            m["jwks"]["keys"][0].as_object_mut().unwrap().remove("kid");
        },
        unusable,
    );
    let first = |other: Value| {
        move |m: &mut Value| {
            let good = m["jwks"]["keys"][0].clone();
            m["jwks"]["keys"] = json!([other, good]);
        }
    };
    check(
        first(json!({ "kty": "OKP", "crv": "X25519", "x": "AA", "kid": "x", "alg": "ECDH-ES" })),
        Ok(&Enc::ALL),
    );
    check(first(json!(1)), Ok(&Enc::ALL));
}

#[test]
fn the_mode_follows_from_what_is_offered() {
    assert_eq!(encrypted().response_mode(), ResponseMode::DirectPostJwt);
    assert_eq!(encrypted().to_value()["response_mode"], "direct_post.jwt");
    assert_eq!(Scene::request().to_value()["response_mode"], "direct_post");
    assert_eq!(Scene::request().to_value()["client_metadata"].get("jwks"), None);
}

#[test]
fn what_is_encrypted_is_read_again() {
    let request = encrypted();
    let token = VpToken::new([("pid".to_owned(), vec!["a.b.c~".to_owned()])].into());
    let error = WalletResponse::Error { error: "e".into(), description: Some("é".into()), state: None };
    for response in [WalletResponse::Presentation { vp_token: token, state: Some("s".into()) }, error] {
        let form = response.to_form_for(&request, &SeededRandom::new(41)).unwrap();
        assert!(form.starts_with("response="));
        let posted = Posted::from_form(form.as_bytes()).unwrap();
        assert_eq!(posted.clone().open(request.encryption.as_ref(), Some(&key())), Ok(response.clone()));
        assert_eq!(posted.open(None, Some(&key())), Err(response::ResponseRefusal::Encrypted));
        assert_eq!(
            response.to_form_for(&Scene::request(), &SeededRandom::new(41)).unwrap(),
            response.to_form()
        );
    }
}
