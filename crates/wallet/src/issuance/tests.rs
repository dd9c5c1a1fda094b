use serde_json::json;

use super::*;
use crate::{
    contents::What,
    fixture::{State, delivery, now, party, wallet},
};

/// Runs an issuance after `spoil`; the twin that is not spoilt is [`an_offer_becomes_a_card`].
fn check(spoil: impl FnOnce(&mut State), expected: Result<usize, &str>) {
    let mut state = State::new();
    spoil(&mut state);
    let mut wallet = wallet();
    let got = state.run(&mut wallet, &state.link(), Some("123456"));
    let got = got.map(|ids| ids.len()).map_err(|error| error.code().to_owned());
    assert_eq!(got, expected.map_err(str::to_owned));
    if let Err(code) = expected {
        assert!(wallet.cards.is_empty(), "{code}");
        let asked_person = state.asked.borrow().iter().any(|a| a.ends_with("/token"));
        let noted = wallet
            .history
            .iter()
            .any(|e| matches!(&e.what, What::OfferRefused { reason, .. } if reason == code));
        assert_eq!(noted, asked_person, "{code}");
    }
}

#[test]
fn an_offer_becomes_a_card() {
    let state = State::new();
    let mut wallet = wallet();
    let ids = state.run(&mut wallet, &state.link(), Some("123456")).unwrap();
    let card = wallet.card(ids[0]).unwrap();
    assert_eq!(
        (card.vct.as_str(), card.issuer.name.as_str(), card.copies.len()),
        ("urn:eudi:pid:1", "Party 1", 1)
    );
    assert_eq!(card.look.names.get(base::Lang::Fr), Some("Carte d'identité"));
    assert_eq!(card.look.label("birthdate", base::Lang::Fr), "Date of birth");
    assert_eq!(card.facts().unwrap()["family_name"], "Évora");
    assert!(matches!(&wallet.history[..], [Entry { what: What::Accepted { .. }, .. }]));
    // The well-known name is inserted between host and path; the nonce comes before the proof.
    assert_eq!(
        *state.asked.borrow(),
        [
            "GET https://issuer.example/.well-known/openid-credential-issuer/state",
            "GET https://issuer.example/.well-known/oauth-authorization-server/state",
            "POST https://issuer.example/token",
            "POST https://issuer.example/nonce",
            "POST https://issuer.example/credential",
        ]
    );
    assert!(state.token_forms.borrow()[0].ends_with("&pre-authorized_code=code-1&tx_code=123456"));
}

#[test]
fn an_offer_by_reference_is_fetched() {
    let state = State::new();
    let link = formats::vci::offer::link_by_reference("https://issuer.example/offers/1");
    assert!(state.run(&mut wallet(), &link, Some("123456")).is_ok());
    assert_eq!(state.asked.borrow()[0], "GET https://issuer.example/offers/1");
    let insecure = formats::vci::offer::link_by_reference("http://issuer.example/offers/1");
    assert_eq!(state.run(&mut wallet(), &insecure, None).unwrap_err().code(), "address_insecure");
    let gone = formats::vci::offer::link_by_reference("https://issuer.example/offers/2");
    assert_eq!(state.run(&mut wallet(), &gone, None).unwrap_err().code(), "offer_unavailable");
    assert_eq!(state.run(&mut wallet(), "https://issuer.example", None).unwrap_err().code(), "offer_link");
}

#[test]
fn a_batch_has_a_key_for_each_copy() {
    let mut state = State::new();
    state.metadata["batch_credential_issuance"] = json!({ "batch_size": 3 });
    let mut wallet = wallet();
    let ids = state.run(&mut wallet, &state.link(), Some("123456")).unwrap();
    let card = wallet.card(ids[0]).unwrap();
    let mut keys: Vec<_> =
        card.copies.iter().map(|c| c.key.signer().unwrap().public_key().to_sec1()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 3);
    // Each copy is kept with the key it is bound to.
    for copy in &card.copies {
        assert_eq!(named_key(&copy.credential), Some(Jwk::from(copy.key.signer().unwrap().public_key())));
    }
}

#[test]
fn the_offer_and_the_metadata_are_judged() {
    check(|_| {}, Ok(1));
    check(|s| s.offer["grants"] = json!({ "authorization_code": {} }), Err("grant_unsupported"));
    check(|s| s.offer["credential_configuration_ids"] = json!(["diploma"]), Err("unknown_configuration"));
    check(
        |s| s.metadata["credential_issuer"] = json!("https://issuer.example/state/"),
        Err("issuer_mismatch"),
    );
    check(|s| s.metadata["authorization_servers"] = json!([]), Ok(1));
    check(|s| s.server["issuer"] = json!("https://issuer.example"), Err("authorization_server_mismatch"));
    check(|s| s.server["token_endpoint"] = json!("http://issuer.example/token"), Err("address_insecure"));
    check(
        |s| s.metadata["credential_endpoint"] = json!("http://localhost/credential"),
        Err("address_insecure"),
    );
    check(|s| s.metadata["more"] = json!({ "unknown": true }), Ok(1));
    check(|s| s.media_type = "text/html", Err("metadata_unavailable"));
    check(|s| s.media_type = "application/json; charset=utf-8", Ok(1));
    for member in ["credential_request_encryption", "credential_response_encryption"] {
        check(|s| s.metadata[member] = json!({ "encryption_required": true }), Err("encryption_unsupported"));
        check(|s| s.metadata[member] = json!({ "encryption_required": false }), Ok(1));
    }
}

#[test]
fn the_kind_of_document_is_judged() {
    let pid = |s: &mut State, member: &str, value: serde_json::Value| {
        s.metadata["credential_configurations_supported"]["pid"][member] = value;
    };
    check(|s| pid(s, "format", json!("mso_mdoc")), Err("format_unsupported"));
    check(
        |s| pid(s, "cryptographic_binding_methods_supported", json!(["did:key"])),
        Err("binding_unsupported"),
    );
    let proof = |alg: &str| json!({ "jwt": { "proof_signing_alg_values_supported": [alg] } });
    check(|s| pid(s, "proof_types_supported", proof("ES384")), Err("binding_unsupported"));
    check(|s| pid(s, "proof_types_supported", proof("ES256")), Ok(1));
    let attested = json!({ "jwt": { "proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": {} } });
    check(|s| pid(s, "proof_types_supported", attested), Err("binding_unsupported"));
}

#[test]
fn the_person_decides_and_a_code_that_cannot_be_right_is_not_tried() {
    for (typed, code) in [
        (Some("refuse"), "refused"),
        (None, "tx_code_missing"),
        (Some(""), "tx_code_missing"),
        (Some("12345"), "tx_code_malformed"),
        (Some("12345a"), "tx_code_malformed"),
    ] {
        let state = State::new();
        let mut wallet = wallet();
        assert_eq!(state.run(&mut wallet, &state.link(), typed).unwrap_err().code(), code);
        assert!(state.token_forms.borrow().is_empty(), "{code}");
        assert!(matches!(&wallet.history[..], [Entry { what: What::OfferRefused { .. }, .. }]));
    }
    // None is sent where none is asked for: the server would refuse it.
    let mut state = State::new();
    state.offer["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"] =
        json!({ "pre-authorized_code": "c" });
    assert!(state.run(&mut wallet(), &state.link(), Some("123456")).is_ok());
    assert!(!state.token_forms.borrow()[0].contains("tx_code"));
}

#[test]
fn the_token_is_judged() {
    check(|s| s.token = (400, json!({ "error": "invalid_grant" }).to_string()), Err("invalid_grant"));
    check(|s| s.token = (400, json!({ "error": "made up by somebody" }).to_string()), Err("token_refused"));
    let dpop = json!({ "access_token": "t", "token_type": "DPoP" }).to_string();
    check(|s| s.token = (200, dpop), Err("token_response_invalid"));
    let twice = r#"{"access_token":"a","access_token":"token-1","token_type":"Bearer"}"#;
    check(|s| s.token = (200, twice.to_owned()), Err("token_response_invalid"));
}

#[test]
fn nonces_come_from_the_nonce_endpoint_alone() {
    check(|s| s.nonce = (500, json!({ "c_nonce": "nonce-1" })), Err("nonce_unavailable"));
    check(|s| s.nonce = (200, json!({ "c_nonce": "" })), Err("nonce_unavailable"));
    check(|s| s.nonce = (200, json!({})), Err("nonce_unavailable"));
    // A nonce in the token response is one of earlier drafts, and not looked at: the issuer would refuse it.
    let draft = json!({ "access_token": "token-1", "token_type": "Bearer", "c_nonce": "old" }).to_string();
    check(|s| s.token.1 = draft, Ok(1));
    // One retry, with a fresh nonce.
    let retried = |times: usize, code: &'static str| {
        let mut state = State::new();
        state.refusals = (times, code);
        let got = state.run(&mut wallet(), &state.link(), Some("123456")).map(|_| ()).map_err(|e| e.code());
        let nonces = state.asked.borrow().iter().filter(|a| a.ends_with("/nonce")).count();
        (got, nonces)
    };
    assert_eq!(retried(1, "invalid_nonce"), (Ok(()), 2));
    assert_eq!(retried(2, "invalid_nonce"), (Err("invalid_nonce"), 2));
    assert_eq!(retried(1, "invalid_proof"), (Err("invalid_proof"), 1));
    assert_eq!(retried(1, "something else"), (Err("credential_refused"), 1));
}

#[test]
fn a_document_is_verified_before_it_is_stored() {
    check(|s| s.vct = "urn:other", Err("vct_mismatch"));
    check(|s| s.foreign_key = true, Err("holder_key_foreign"));
    check(|s| s.exp = now().plus_secs(-120), Err("expired"));
    let purpose = formats::x509::Purpose::CredentialSigning;
    check(|s| s.signer = party(3).leaf(purpose, &[], now(), 300), Err("issuer_untrusted"));
    check(
        |s| s.signer = party(1).leaf(purpose, &[], now().plus_secs(-86_400 * 40), 30),
        Err("issuer_untrusted"),
    );
    let wrong_purpose = formats::x509::Purpose::RequestSigning;
    check(|s| s.signer = party(1).leaf(wrong_purpose, &["a.example"], now(), 300), Err("issuer_untrusted"));
    check(
        |s| {
            s.spoil = |texts, signer| {
                // The signature of another credential.
                let other = texts[0].split('~').next().unwrap().rsplit('.').next().unwrap().to_owned();
                let forged = texts[0].replacen(&other, &format!("A{}", &other[1..]), 1);
                delivery(
                    vec![if forged == texts[0] {
                        texts[0].replacen(&other, &format!("B{}", &other[1..]), 1)
                    } else {
                        forged
                    }],
                    signer,
                )
            }
        },
        Err("issuer_signature"),
    );
    check(
        |s| s.spoil = |texts, signer| delivery(vec![format!("{}e30.e30.AA", texts[0])], signer),
        Err("key_binding_malformed"),
    );
    check(
        |s| {
            s.spoil = |texts, signer| {
                let disclosure = texts[0].split('~').nth(1).unwrap().to_owned();
                delivery(vec![format!("{}{disclosure}~", texts[0])], signer)
            }
        },
        Err("disclosure_repeated"),
    );
}

#[test]
fn the_delivery_is_what_was_asked_for() {
    check(
        |s| s.spoil = |texts, signer| delivery([texts.clone(), texts].concat(), signer),
        Err("credential_response_invalid"),
    );
    check(|s| s.spoil = |_, _| json!({ "credentials": [] }), Err("credential_response_invalid"));
    check(|s| s.spoil = |_, _| json!({ "transaction_id": "t", "interval": 5 }), Err("deferred_unsupported"));
    // Two copies bound to one key would be one copy.
    check(
        |s| {
            s.metadata["batch_credential_issuance"] = json!({ "batch_size": 2 });
            s.spoil = |texts, signer| delivery(vec![texts[0].clone(), texts[0].clone()], signer);
        },
        Err("holder_key_foreign"),
    );
    // All copies say the same (`OpenID4VCI` 1.0, section 3.3.2): the person is shown one, and shows any.
    check(
        |s| {
            s.metadata["batch_credential_issuance"] = json!({ "batch_size": 2 });
            s.differing = "given_name";
        },
        Err("credential_response_invalid"),
    );
    check(
        |s| {
            s.metadata["batch_credential_issuance"] = json!({ "batch_size": 2 });
            s.differing = "jti";
        },
        Ok(1),
    );
    // Fewer than asked for is the issuer's right.
    check(
        |s| {
            s.metadata["batch_credential_issuance"] = json!({ "batch_size": 2 });
            s.spoil = |texts, signer| delivery(vec![texts[1].clone()], signer);
        },
        Ok(1),
    );
}

#[test]
fn a_batch_may_be_as_long_as_its_credentials() {
    let mut state = State::new();
    state.metadata["batch_credential_issuance"] = json!({ "batch_size": 8 });
    state.claims["portrait"] = format!("data:image/jpeg;base64,{}", "A".repeat(48 * 1024)).into();
    let mut wallet = wallet();
    let ids = state.run(&mut wallet, &state.link(), Some("123456")).unwrap();
    assert_eq!(wallet.card(ids[0]).unwrap().copies.len(), 8);
}

#[test]
fn an_event_nobody_waits_for_changes_nothing() {
    let state = State::new();
    let wallet = wallet();
    let random = crypto::SeededRandom::new(9);
    let cx = crate::fixture::context(&wallet, &random);
    let (mut flow, step) = Issuance::start(&state.link(), &cx);
    assert!(matches!(step, Step::Request(_)));
    assert!(matches!(flow.handle(Event::Stored, &cx), Step::Failed(Error::OutOfTurn)));
    assert!(matches!(flow.handle(Event::Unreachable, &cx), Step::Failed(Error::Unreachable)));
}
