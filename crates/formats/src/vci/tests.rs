mod examples;

use base::Instant;
use crypto::{SecretKey, SeededRandom, Signer};
use proptest::prelude::*;
use serde_json::json;

use super::{
    credential::Selector,
    metadata::{PathElement, SigningAlg, WELL_KNOWN_AUTHORIZATION_SERVER, WELL_KNOWN_ISSUER},
    offer::{InputMode, TxCode, link_by_reference},
    proof::{self, ProofError},
    *,
};
use crate::jwk::Jwk;

const ISSUER: &str = "https://issuer.example";

#[test]
fn well_known_names_are_inserted_before_the_path() {
    let check = |identifier: &str, expected: &str| {
        assert_eq!(well_known_url(identifier, WELL_KNOWN_ISSUER).as_deref(), Ok(expected), "{identifier}");
    };
    check("https://a.example", "https://a.example/.well-known/openid-credential-issuer");
    check("https://a.example/", "https://a.example/.well-known/openid-credential-issuer");
    check("https://a.example/t", "https://a.example/.well-known/openid-credential-issuer/t");
    check("http://localhost:8000/t/u/", "http://localhost:8000/.well-known/openid-credential-issuer/t/u");
    assert_eq!(
        well_known_url("https://a.example/t", WELL_KNOWN_AUTHORIZATION_SERVER).unwrap(),
        "https://a.example/.well-known/oauth-authorization-server/t"
    );
    for bad in [
        "",
        "a.example",
        "ftp://a.example",
        "https://a.example?b",
        "https://a.example#b",
        "https://b@a.example",
    ] {
        assert!(well_known_url(bad, WELL_KNOWN_ISSUER).is_err(), "{bad}");
    }
}

#[test]
fn plain_http_is_for_the_loopback_and_only_when_allowed() {
    let check = |url: &str, strict: bool, loopback: bool| {
        assert_eq!(
            (is_acceptable_url(url, false), is_acceptable_url(url, true)),
            (strict, loopback),
            "{url}"
        );
    };
    check("https://a.example/x?y", true, true);
    check("http://localhost:8000/x", false, true);
    check("http://127.0.0.1/", false, true);
    check("http://[::1]:1/", false, true);
    check("http://a.example/", false, false);
    check("http://localhost.example/", false, false);
    check("https://a.example/#x", false, false);
    check("https://user@a.example/", false, false);
    check("javascript:alert(1)", false, false);
    check("ht\ttps://a.example/", false, false);
    check("https:\\\\a.example/", false, false);
    check("https://\u{456}.example/", false, false);
    check("", false, false);
}

#[test]
fn metadata_are_read_strictly_and_others_formats_tolerated() {
    let good = json!({
        "credential_issuer": ISSUER,
        "credential_endpoint": "https://issuer.example/credential",
        "nonce_endpoint": "https://issuer.example/nonce",
        "notification_endpoint": "https://issuer.example/notification",
        "batch_credential_issuance": { "batch_size": 2 },
        "display": [{ "name": "Issuer", "locale": "en" }, { "name": "Emisor", "locale": "es" }],
        "credential_configurations_supported": {
            "a": {
                "format": "dc+sd-jwt", "vct": "urn:a", "scope": "a",
                "cryptographic_binding_methods_supported": ["jwk"],
                "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
                "credential_signing_alg_values_supported": ["ES256"],
                "credential_metadata": { "claims": [{ "path": ["b", null, 0], "display": [{ "name": "B", "locale": "en" }] }] },
            },
            "m": {
                "format": "mso_mdoc", "doctype": "org.iso.18013.5.1.mDL",
                "credential_signing_alg_values_supported": [-7],
            },
        },
    });
    let read = |value: &serde_json::Value| IssuerMetadata::parse(value.to_string().as_bytes(), ISSUER);
    let metadata = read(&good).unwrap();
    assert_eq!(metadata.authorization_server(None), Ok(ISSUER));
    assert!(metadata.authorization_server(Some(ISSUER)).is_err());
    assert_eq!(
        IssuerMetadata::parse(good.to_string().as_bytes(), "https://issuer.example/"),
        Err(Error::OtherIssuer)
    );
    let twice = good.to_string().replacen('{', "{\"credential_issuer\":\"https://x.example\",", 1);
    assert!(matches!(IssuerMetadata::parse(twice.as_bytes(), ISSUER), Err(Error::Json(_))));
    let check = |pointer: &str, value: serde_json::Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(read(&bad).is_err(), "{pointer}");
    };
    let a = "/credential_configurations_supported/a";
    check("/batch_credential_issuance/batch_size", json!(1));
    check("/display/1/locale", json!("EN"));
    check(&format!("{a}/cryptographic_binding_methods_supported"), json!([]));
    check(&format!("{a}/proof_types_supported"), json!({}));
    check(&format!("{a}/vct"), json!(null));
    check(&format!("{a}/credential_metadata/claims/0/path"), json!([]));
    check(
        &format!("{a}/credential_metadata/claims/0/display"),
        json!([{ "locale": "en" }, { "locale": "en" }]),
    );
    let server = json!({ "issuer": ISSUER, "token_endpoint": "https://issuer.example/token" }).to_string();
    let server_metadata = AuthorizationServerMetadata::parse(server.as_bytes(), ISSUER).unwrap();
    assert!(!server_metadata.pre_authorized_grant_anonymous_access_supported, "the default is no");
    assert_eq!(
        AuthorizationServerMetadata::parse(server.as_bytes(), "https://x.example"),
        Err(Error::OtherIssuer)
    );
}

#[test]
fn offers_travel_in_links() {
    let tx_code = TxCode {
        input_mode: Some(InputMode::Numeric),
        length: Some(6),
        description: Some("Ask + wait, 50%".into()),
    };
    let offer = CredentialOffer::pre_authorized(ISSUER, "pid", "code", Some(tx_code));
    let link = offer.link_by_value().unwrap();
    assert!(
        link.starts_with("openid-credential-offer://?credential_offer=%7B") && !link.contains('+'),
        "{link}"
    );
    assert_eq!(OfferLink::parse(&link), Ok(OfferLink::Value(Box::new(offer.clone()))));
    let haip = link.replacen("openid-credential-offer", "haip-vci", 1);
    assert_eq!(OfferLink::parse(&haip), Ok(OfferLink::Value(Box::new(offer))));
    let uri = "https://issuer.example/offers/a b+c?d=e&f";
    assert_eq!(OfferLink::parse(&link_by_reference(uri)), Ok(OfferLink::Reference(uri.into())));
    for bad in [
        "",
        "https://issuer.example/?credential_offer_uri=x",
        "openid-credential-offer://",
        "openid-credential-offer://?credential_offer_uri=a&credential_offer_uri=b",
        "openid-credential-offer://?credential_offer_uri=a&credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer=%7B%7D",
        "openid-credential-offer://?credential_offer=x",
    ] {
        assert!(OfferLink::parse(bad).is_err(), "{bad}");
    }
    let read = |ids: serde_json::Value, description: &str| {
        let grant =
            json!({ "pre-authorized_code": "c", "tx_code": { "description": description }, "interval": 5 });
        let body = json!({ "credential_issuer": ISSUER, "credential_configuration_ids": ids,
            "grants": { GRANT_PRE_AUTHORIZED_CODE: grant, "urn:other": {} } });
        CredentialOffer::parse(body.to_string().as_bytes())
    };
    assert!(read(json!(["a", "b"]), &"é".repeat(300)).is_ok());
    assert!(read(json!([]), "").is_err());
    assert!(read(json!(["a", "a"]), "").is_err());
    assert!(read(json!(["a"]), &"é".repeat(301)).is_err());
    // An empty object still asks for a code.
    let empty = json!({ "credential_issuer": ISSUER, "credential_configuration_ids": ["a"],
        "grants": { GRANT_PRE_AUTHORIZED_CODE: { "pre-authorized_code": "c", "tx_code": {} } } });
    let empty = CredentialOffer::parse(empty.to_string().as_bytes()).unwrap();
    assert_eq!(empty.pre_authorized_code().unwrap().tx_code, Some(TxCode::default()));
}

#[test]
fn secrets_are_not_shown_by_debug() {
    let offer = CredentialOffer::pre_authorized(ISSUER, "pid", "sesame", None);
    let request = TokenRequest {
        pre_authorized_code: "sesame".into(),
        tx_code: Some("sesame".into()),
        authorization_details: None,
    };
    let token = json!({ "access_token": "sesame", "token_type": "Bearer" }).to_string();
    let token = TokenResponse::parse(token.as_bytes()).unwrap();
    assert!(!format!("{offer:?}{request:?}{token:?}").contains("sesame"));
}

#[test]
fn token_requests_are_read_as_they_are_written() {
    let check = |request: &TokenRequest| {
        let form = request.to_form().unwrap();
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let read = TokenRequest::from_pairs(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        assert_eq!(read.as_ref(), Ok(request));
    };
    let mut request =
        TokenRequest { pre_authorized_code: "a b&c".into(), tx_code: None, authorization_details: None };
    check(&request);
    request.tx_code = Some("012345".into());
    check(&request);
    request.authorization_details = Some(vec!["pid".into(), "diploma".into()]);
    check(&request);
}

#[test]
fn token_responses_say_what_to_ask_for() {
    let plain = json!({ "access_token": "t", "token_type": "bearer", "expires_in": 5, "refresh_token": "r" })
        .to_string();
    let plain = TokenResponse::parse(plain.as_bytes()).unwrap();
    assert_eq!(plain.selector("pid"), Selector::Configuration("pid".into()));
    let detailed = json!({ "access_token": "t", "token_type": "Bearer", "authorization_details": [
        { "type": "openid_credential", "credential_configuration_id": "pid", "credential_identifiers": ["pid.1"] } ] });
    let detailed = TokenResponse::parse(detailed.to_string().as_bytes()).unwrap();
    assert_eq!(detailed.selector("pid"), Selector::Identifier("pid.1".into()));
    assert_eq!(detailed.selector("diploma"), Selector::Configuration("diploma".into()));
    let mac = json!({ "access_token": "t", "token_type": "DPoP" }).to_string();
    assert!(TokenResponse::parse(mac.as_bytes()).is_err());
}

#[test]
fn credential_responses_have_credentials_or_a_transaction() {
    let check = |value: serde_json::Value, good: bool| {
        assert_eq!(CredentialResponse::parse(value.to_string().as_bytes()).is_ok(), good, "{value}");
    };
    check(json!({ "credentials": [{ "credential": "x" }] }), true);
    check(json!({ "credentials": [{ "credential": "x" }], "notification_id": "n" }), true);
    check(json!({ "transaction_id": "t", "interval": 5 }), true);
    check(json!({ "transaction_id": "t" }), false);
    check(json!({ "transaction_id": "t", "interval": 0 }), false);
    check(json!({ "credentials": [{ "credential": "x" }], "transaction_id": "t", "interval": 5 }), false);
    check(json!({ "credentials": [] }), false);
    check(json!({ "credentials": ["x"] }), false);
    check(json!({}), false);
}

#[test]
fn a_proof_holds_for_its_issuer_and_its_time() {
    let key = SecretKey::generate(&SeededRandom::new(1));
    let now = Instant::from_secs(1_790_000_000);
    let text = proof::build(&key, ISSUER, Some("n"), now).unwrap();
    let verified = proof::verify(&text, ISSUER, now).unwrap();
    assert_eq!((verified.key, verified.nonce.as_str()), (Jwk::from(&key.public_key()), "n"));
    assert_eq!(proof::verify(&text, "https://issuer.example/", now), Err(ProofError::Aud));
    for (later_s, expected) in
        [(-60, Ok(())), (-61, Err(ProofError::Iat)), (300, Ok(())), (301, Err(ProofError::Iat))]
    {
        assert_eq!(proof::verify(&text, ISSUER, now.plus_secs(later_s)).map(drop), expected, "{later_s}");
    }
    let without = proof::build(&key, ISSUER, None, now).unwrap();
    assert_eq!(proof::verify(&without, ISSUER, now), Err(ProofError::NonceMissing));
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let other = proof::build(&key, ISSUER, Some("m"), now).unwrap();
    let (other, _) = other.rsplit_once('.').unwrap();
    assert_eq!(proof::verify(&format!("{other}.{signature}"), ISSUER, now), Err(ProofError::Signature));
    assert_eq!(proof::verify(signed, ISSUER, now), Err(ProofError::Malformed));
}

#[test]
fn descriptions_of_errors_are_in_the_alphabet_of_rfc_6749() {
    let all = [
        ProofError::Malformed,
        ProofError::Typ,
        ProofError::Alg,
        ProofError::Key,
        ProofError::Signature,
        ProofError::Aud,
        ProofError::NonceMissing,
        ProofError::Iat,
    ];
    for error in all {
        assert!(error.description().bytes().all(|b| matches!(b, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)));
    }
}

proptest! {
    #[test]
    fn hostile_input_is_refused_or_read_but_never_panics(text in ".{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = OfferLink::parse(&text);
        let _ = OfferLink::parse(&format!("openid-credential-offer://?credential_offer={text}"));
        let _ = well_known_url(&text, WELL_KNOWN_ISSUER);
        let _ = is_acceptable_url(&text, true);
        let _ = CredentialRequest::parse(&bytes, 4);
        let _ = proof::verify(&text, ISSUER, Instant::from_secs(0));
    }

    #[test]
    fn a_reference_comes_out_of_its_link_as_it_went_in(uri in "\\PC{0,100}") {
        prop_assert_eq!(OfferLink::parse(&link_by_reference(&uri)), Ok(OfferLink::Reference(uri)));
    }
}
