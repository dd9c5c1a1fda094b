//! Answers that are encrypted to the asker (`OpenID4VP` 1.0, section 8.3).

use crypto::{EphemeralKey, KeyAgreement};
use formats::{jwe::Jwe, jwk::EncryptionJwk};
use serde_json::json;

use super::{asker::Asker, *};
use crate::fixture::{State as IssuerState, form, with_card};

/// Asks for an encrypted answer to the asker's key.
fn ask(asker: &mut Asker) {
    let key = EncryptionJwk::new(asker.key.public_key(), Some("key-1".to_owned())).unwrap();
    asker.claims["response_mode"] = json!("direct_post.jwt");
    asker.claims["client_metadata"] = json!({ "jwks": { "keys": [key.to_value()] } });
}

fn encrypted(spoil: impl FnOnce(&mut Asker), expected: Result<(), &str>) {
    let told = expected.is_err().then_some("invalid_request");
    check(
        |asker| {
            ask(asker);
            spoil(asker);
        },
        expected,
        told,
    );
}

#[test]
fn an_answer_is_encrypted_to_the_first_key_that_can_be_used() {
    encrypted(|_| {}, Ok(()));
    let other = |curve: &str| json!({ "kty": "EC", "crv": curve, "x": "AA", "y": "AA", "kid": "x", "alg": "ECDH-ES" });
    for unusable in [other("P-999"), other("P-256"), json!({ "kty": "RSA" }), json!(7)] {
        encrypted(
            |a| {
                let keys = a.claims["client_metadata"]["jwks"]["keys"].as_array_mut().unwrap();
                keys.insert(0, unusable.clone());
            },
            Ok(()),
        );
        let alone = json!([unusable]);
        encrypted(|a| a.claims["client_metadata"]["jwks"]["keys"] = alone, Err("response_encryption"));
    }
    encrypted(|a| a.claims["client_metadata"]["jwks"]["keys"] = json!([]), Err("response_encryption"));
    encrypted(|a| a.claims["client_metadata"] = json!({}), Err("response_encryption"));
    encrypted(|a| a.claims["client_metadata"]["jwks"] = json!("x"), Err("request_parameter"));
    let signing = |a: &mut Asker| a.claims["client_metadata"]["jwks"]["keys"][0]["use"] = json!("sig");
    encrypted(signing, Err("response_encryption"));
}

#[test]
fn the_content_encryption_is_one_that_the_asker_takes() {
    let with = |names: Value| {
        move |a: &mut Asker| a.claims["client_metadata"]["encrypted_response_enc_values_supported"] = names
    };
    encrypted(with(json!(["A128GCM"])), Ok(()));
    encrypted(with(json!(["A192GCM", "A256GCM"])), Ok(()));
    encrypted(with(json!(["A192GCM"])), Err("response_encryption"));
    encrypted(with(json!([])), Err("request_parameter"));
    let used = |names: Option<Value>| {
        let mut asker = Asker::new();
        ask(&mut asker);
        if let Some(names) = names {
            with(names)(&mut asker);
        }
        let mut wallet = with_card(&IssuerState::new());
        let random = SeededRandom::new(5);
        let mut enc = None;
        let (mut flow, mut step) = Presentation::start(&asker.link(), &context(&wallet, &random));
        while !matches!(step, Step::Done(_) | Step::Failed(_)) {
            let event = match step {
                Step::Request(request) => {
                    let posted = form(&request.body).remove("response");
                    enc = enc.or(posted.map(|text| Jwe::parse(&text).unwrap().header));
                    Event::Response(asker.serve(&request))
                }
                Step::Store(change) => {
                    wallet.apply(*change);
                    Event::Stored
                }
                _ => Event::Answer(Answer::Approve { cards: BTreeMap::new() }),
            };
            step = flow.handle(event, &context(&wallet, &random));
        }
        let header = enc.unwrap();
        assert_eq!(header.kid.as_deref(), Some("key-1"));
        header.enc.name()
    };
    // Section 8.3: A128GCM is what an asker takes that says nothing.
    assert_eq!(used(None), "A128GCM");
    assert_eq!(used(Some(json!(["A128GCM"]))), "A128GCM");
    assert_eq!(used(Some(json!(["A128GCM", "A256GCM"]))), "A256GCM");
}

#[test]
fn a_refusal_is_encrypted_as_an_answer_would_be() {
    let mut asker = Asker::new();
    ask(&mut asker);
    asker.answers = false;
    let (refused, _) = asker.run(&mut with_card(&IssuerState::new()));
    assert_eq!(refused.unwrap_err().code(), "refused");
    assert_eq!(asker.posts[0]["error"], "access_denied");
    // Opened with another key there is nothing to read.
    asker.key = EphemeralKey::generate(&SeededRandom::new(92));
    let text = {
        let mut asker = Asker::new();
        ask(&mut asker);
        asker.claims["client_metadata"]["jwks"]["keys"][0]["x"] = json!("x");
        asker.run(&mut with_card(&IssuerState::new())).0.unwrap_err()
    };
    assert_eq!(text.code(), "response_encryption");
}
