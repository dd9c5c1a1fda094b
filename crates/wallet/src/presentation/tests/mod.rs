mod asker;
mod copies;
mod encrypted;
mod queries;
mod unsigned;

use std::{collections::BTreeSet, sync::Arc};

use base::{Lang, Texts};
use crypto::SeededRandom;
use formats::{
    dcql::{Format, Presented, Query},
    vp::ClientId,
    x509::Purpose,
};
use proptest::prelude::*;
use serde_json::json;

use self::asker::{AGREEMENT, Asker, HOST};
use super::*;
use crate::{
    contents::{Card, CardCopy, Key, Wallet},
    fixture::{PID, State as IssuerState, context, now, party, with_card},
};

/// Spoils a request; `told` is the error that the asker gets, if it may get one.
fn check(spoil: impl FnOnce(&mut Asker), expected: Result<(), &str>, told: Option<&str>) {
    let mut asker = Asker::new();
    spoil(&mut asker);
    let mut wallet = with_card(&IssuerState::new());
    let (got, question) = asker.run(&mut wallet);
    assert_eq!(got.map(|_| ()).map_err(|e| e.code().to_owned()), expected.map_err(str::to_owned));
    let Err(code) = expected else { return };
    assert!(asker.posts.iter().all(|post| !post.contains_key("vp_token")), "{code}");
    assert_eq!(asker.posts.first().map(|post| post["error"].as_str()), told, "{code}");
    assert!(asker.posts.iter().all(|post| post["state"] == "state-2"), "{code}");
    let noted = wallet
        .history
        .iter()
        .any(|e| matches!(&e.what, What::RequestRefused { reason, .. } if reason == code));
    assert_eq!(noted, told.is_some(), "{code}");
    if told.is_none() {
        assert!(question.is_none(), "nothing is shown of somebody unknown: {code}");
    }
}

#[test]
fn a_request_is_answered_with_what_was_asked_and_nothing_else() {
    let mut asker = Asker::new();
    let mut wallet = with_card(&IssuerState::new());
    let (answered, question) = asker.run(&mut wallet);
    assert_eq!(answered.unwrap().redirect_uri, None);
    assert_eq!(asker.asked, ["GET https://clinic.example/request/1", "POST https://clinic.example/answer"]);
    assert_eq!(asker.posts[0]["state"], "state-2");

    let question = question.unwrap();
    assert_eq!((question.asker.name.as_str(), question.asker.host.as_str()), ("Party 2", HOST));
    let choice = &question.asked[0].options[0];
    let shown: Vec<(&str, bool)> = choice.shown.iter().map(|f| (f.claim.as_str(), f.asked)).collect();
    // `sex` was made by its issuer to show always: the person sees that.
    assert_eq!(shown, [("family_name", true), ("birthdate", true), ("sex", false)]);
    assert_eq!(choice.kept, ["given_name"]);

    let (verified, disclosed) = asker.verified();
    let facts: Vec<(String, Value)> = verified.claims.into_iter().collect();
    let mut seen: Vec<(String, Value)> =
        choice.shown.iter().map(|f| (f.claim.clone(), f.value.clone())).collect();
    seen.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(facts, seen, "the person saw exactly what the asker got");
    assert_eq!(disclosed, ["birthdate", "family_name"].map(str::to_owned).into());

    let What::Shown { asker: whom, cards, .. } = &wallet.history[1].what else {
        unreachable!("the answer was noted")
    };
    assert_eq!((whom.name.as_str(), whom.client_id.as_str()), ("Party 2", "x509_san_dns:clinic.example"));
    assert_eq!(cards[0].claims, ["family_name", "birthdate", "sex"]);
    assert_eq!(wallet.cards[0].copies[0].shown, 1);
}

#[test]
fn the_answer_satisfies_the_query() {
    let mut asker = Asker::new();
    asker.run(&mut with_card(&IssuerState::new())).0.unwrap();
    let (verified, _) = asker.verified();
    let query = Query::from_value(&asker.claims["dcql_query"]).unwrap();
    let presented = Presented {
        format: Format::SdJwtVc,
        vct: &verified.vct,
        claims: &verified.claims,
        disclosed: &verified.disclosed,
        holder_bound: true,
        authority_key_ids: &[],
    };
    assert_eq!(query.check_answer(&[("pid".to_owned(), vec![presented])].into()), Ok(()));
}

#[test]
fn until_it_is_certain_who_asks_nobody_is_answered() {
    check(|_| {}, Ok(()), None);
    check(|a| a.header["typ"] = json!("JWT"), Err("request_typ"), None);
    check(|a| a.header = json!({ "typ": "oauth-authz-req+jwt" }), Err("asker_certificate_missing"), None);
    let leaf = |seed, purpose, dns: &str, at: base::Instant, days| {
        let signer = party(seed).leaf(purpose, &[dns], at, days);
        move |a: &mut Asker| {
            a.header["x5c"] = signer.x5c().into();
            a.signer = signer;
        }
    };
    let asking = Purpose::RequestSigning;
    check(leaf(2, asking, HOST, now(), 300), Ok(()), None);
    check(leaf(3, asking, HOST, now(), 300), Err("asker_untrusted"), None);
    check(leaf(1, asking, HOST, now(), 300), Err("asker_untrusted"), None);
    check(leaf(2, asking, HOST, now().plus_secs(-86_400 * 40), 30), Err("asker_untrusted"), None);
    check(leaf(2, Purpose::CredentialSigning, HOST, now(), 300), Err("asker_untrusted"), None);
    check(leaf(2, asking, "other.example", now(), 300), Err("client_id_certificate"), None);
    check(|a| a.signer = party(5).leaf(asking, &[HOST], now(), 300), Err("request_signature"), None);
    check(|a| a.link_client_id = Some("x509_san_dns:other.example".into()), Err("client_id_mismatch"), None);
    check(
        |a| a.claims["client_id"] = json!("redirect_uri:https://clinic.example/answer"),
        Err("client_id_prefix"),
        None,
    );
    check(|a| a.claims["client_id"] = json!("clinic.example"), Err("client_id_prefix"), None);
    check(|a| a.claims["response_uri"] = json!("https://other.example/answer"), Err("response_uri"), None);
    check(|a| a.claims["response_uri"] = json!("http://clinic.example/answer"), Err("response_uri"), None);
    check(|a| a.claims["client_id"] = json!(7), Err("request_parameter"), None);
    check(|a| a.claims["response_uri"] = json!(7), Err("request_parameter"), None);
    check(|a| a.media_type = JSON, Err("request_media_type"), None);
    check(|a| a.status = 404, Err("request_unavailable"), None);
}

#[test]
fn issuers_and_askers_may_sign_by_eddsa() {
    let key = |seed| Arc::new(crypto::Ed25519SecretKey::generate(&SeededRandom::new(seed)));
    let mut state = IssuerState::new();
    state.signer = party(1).leaf_with(key(61), Purpose::CredentialSigning, &[], now(), 300);
    let mut asker = Asker::new();
    asker.signer = party(2).leaf_with(key(62), Purpose::RequestSigning, &[HOST], now(), 300);
    asker.header["x5c"] = asker.signer.x5c().into();
    asker.run(&mut with_card(&state)).0.unwrap();
    assert_eq!(asker.verified().0.issuer.public_key.algorithm(), crypto::Algorithm::Ed25519);
    // The certificate's key and the signature go together.
    let mut other = Asker::new();
    other.header["x5c"] = asker.signer.x5c().into();
    assert_eq!(other.run(&mut with_card(&state)).0.unwrap_err().code(), "request_signature");
}

#[test]
fn the_certificate_may_stand_for_itself() {
    check(
        |a| {
            a.claims["client_id"] = json!(ClientId::hash(&a.signer.leaf_sha256()).to_string());
            a.claims["response_uri"] = json!("https://answers.example/answer");
        },
        Ok(()),
        None,
    );
    check(
        |a| a.claims["client_id"] = json!(ClientId::hash(&[7; 32]).to_string()),
        Err("client_id_certificate"),
        None,
    );
}

#[test]
fn a_request_that_cannot_be_answered_is_refused_to_its_face() {
    let invalid = Some("invalid_request");
    check(|a| a.claims["aud"] = json!("https://other.example"), Err("request_aud"), invalid);
    check(|a| a.claims["nonce"] = json!(""), Err("request_nonce"), invalid);
    check(|a| a.claims["response_type"] = json!("code"), Err("response_type"), invalid);
    check(|a| a.claims["response_mode"] = json!("fragment"), Err("response_mode"), invalid);
    check(|a| a.claims["redirect_uri"] = json!("https://clinic.example/"), Err("redirect_uri"), invalid);
    check(|a| a.claims["exp"] = json!(now().plus_secs(-120).secs()), Err("request_expired"), invalid);
    check(|a| a.claims["scope"] = json!("pid"), Err("request_parameter"), invalid);
    check(|a| a.claims["dcql_query"] = json!({ "credentials": [] }), Err("dcql_malformed"), invalid);
    check(|a| a.claims["unknown"] = json!({ "ignored": true }), Ok(()), None);
    let formats = |name: &str| json!({ "vp_formats_supported": { name: {} } });
    check(
        |a| a.claims["client_metadata"] = formats("mso_mdoc"),
        Err("vp_formats_not_supported"),
        Some("vp_formats_not_supported"),
    );
    check(|a| a.claims["client_metadata"] = formats("dc+sd-jwt"), Ok(()), None);
}

#[test]
fn an_asker_cannot_tell_a_refusal_from_an_empty_wallet() {
    check(|a| a.answers = false, Err("refused"), Some("access_denied"));
    check(|a| a.ask_for(&["email"]), Err("no_matching_document"), Some("access_denied"));
    check(
        |a| {
            a.ask_for(&["email"]);
            a.answers = false;
        },
        Err("no_matching_document"),
        Some("access_denied"),
    );
    check(
        |a| a.claims["dcql_query"]["credentials"][0]["meta"]["vct_values"] = json!(["urn:other"]),
        Err("no_matching_document"),
        Some("access_denied"),
    );
}

fn agreement(kind: &str, payload: &Value) -> Value {
    json!([TransactionData::new(kind, &["pid".to_owned()], payload.as_object().unwrap()).as_str()])
}

#[test]
fn only_what_can_be_shown_can_be_approved() {
    let told = Some("invalid_transaction_data");
    let unknown = Err("transaction_data_type_unknown");
    let ask = |kind: &'static str, payload: Value| {
        move |a: &mut Asker| a.claims["transaction_data"] = agreement(kind, &payload)
    };
    check(ask(AGREEMENT, json!({ "text": "I agree." })), Ok(()), None);
    check(ask(AGREEMENT, json!({ "text": "I agree.", "hidden": 1 })), unknown, told);
    check(ask(AGREEMENT, json!({ "text": 7 })), unknown, told);
    check(ask(AGREEMENT, json!({})), unknown, told);
    check(ask("https://clinic.example/types/other/1", json!({ "text": "I agree." })), unknown, told);
    check(ask("https://other.example/types/agreement/1", json!({ "text": "I agree." })), unknown, told);
    check(ask("urn:example:unknown", json!({ "text": "I agree." })), unknown, told);
    check(|a| a.claims["transaction_data"] = json!(["***"]), Err("transaction_data_malformed"), told);
    check(|a| a.claims["transaction_data"] = json!([]), Err("transaction_data_malformed"), told);
}

#[test]
fn what_is_approved_is_shown_signed_and_noted() {
    let mut asker = Asker::new();
    asker.claims["transaction_data"] = agreement(AGREEMENT, &json!({ "text": "I agree." }));
    let mut wallet = with_card(&IssuerState::new());
    let (answered, question) = asker.run(&mut wallet);
    answered.unwrap();
    let transaction = &question.unwrap().transactions[0];
    assert_eq!(transaction.titles.get(Lang::Fr), Some("Agree to a text"));
    assert_eq!(
        (transaction.lines[0].labels.get(Lang::En), &transaction.lines[0].value),
        (Some("Text"), &json!("I agree."))
    );
    let text = asker.claims["transaction_data"][0].as_str().unwrap();
    let (verified, _) = asker.verified();
    let bound = verified.key_binding.unwrap();
    assert_eq!(bound.transaction_data_hashes, [b64::encode(&crypto::sha256(text.as_bytes()))]);
    let What::Shown { approved, .. } = &wallet.history[1].what else { unreachable!("the answer was noted") };
    assert!(approved[0].contains("I agree."));
}

#[test]
fn the_purpose_is_theirs_and_the_nonce_of_a_post_is_ours() {
    let texts: BTreeMap<Lang, String> =
        Lang::ALL.into_iter().map(|l| (l, format!("To treat you ({l})"))).collect();
    let mut asker = Asker::new();
    asker.method = Some("post");
    asker.claims["verifier_info"] = json!([{ "format": "urn:sahihi:purpose:1", "data": texts }]);
    let (answered, question) = asker.run(&mut with_card(&IssuerState::new()));
    answered.unwrap();
    assert_eq!(question.unwrap().purpose, Texts::try_from(texts).ok());
    assert!(asker.asked[0].starts_with("POST "));
    // One that does not say our nonce was made for somebody else, or before.
    let mut asker = Asker::new();
    asker.claims["wallet_nonce"] = json!("another");
    asker.method = Some("post");
    let wallet = with_card(&IssuerState::new());
    let random = SeededRandom::new(1);
    let cx = context(&wallet, &random);
    let (mut flow, _) = Presentation::start(&asker.link(), &cx);
    asker.method = None;
    let stale =
        formats::jws::sign(&asker.header, asker.claims.to_string().as_bytes(), asker.signer.signer.as_ref())
            .unwrap();
    let response =
        Response { status: 200, content_type: REQUEST_MEDIA_TYPE.into(), body: stale.into_bytes() };
    assert!(
        matches!(flow.handle(Event::Response(response), &cx), Step::Failed(error) if error.code() == "wallet_nonce")
    );
}

#[test]
fn what_the_asker_says_to_the_answer() {
    let after = |status: u16, body: Value| {
        let mut asker = Asker::new();
        asker.answer = (status, body);
        let mut wallet = with_card(&IssuerState::new());
        let (answered, _) = asker.run(&mut wallet);
        assert!(matches!(&wallet.history[1].what, What::Shown { .. }), "what may have left is noted");
        answered.map(|a| a.redirect_uri).map_err(|e| e.code().to_owned())
    };
    let on = "https://clinic.example/done#response_code=1";
    assert_eq!(after(200, json!({ "redirect_uri": on })), Ok(Some(on.to_owned())));
    // What a browser would make of it, and nothing that a terminal obeys.
    let hostile = "https://clinic.example/do\tne\u{1b}[2J#\u{202e}\u{7}x";
    let tame = "https://clinic.example/done%1B[2J#%E2%80%AE%07x";
    assert_eq!(after(200, json!({ "redirect_uri": hostile })), Ok(Some(tame.to_owned())));
    assert_eq!(after(200, json!({ "redirect_uri": "javascript:alert(1)" })), Ok(None));
    assert_eq!(after(200, json!({ "redirect_uri": "http://clinic.example/" })), Ok(None));
    assert_eq!(after(400, json!({ "code": "status_revoked" })), Err("status_revoked".to_owned()));
    assert_eq!(after(400, json!({ "error": "Not a code." })), Err("asker_refused".to_owned()));
}

#[test]
fn the_copy_shown_least_is_shown_next_and_an_expired_card_never() {
    let mut state = IssuerState::new();
    state.metadata["batch_credential_issuance"] = json!({ "batch_size": 2 });
    let mut wallet = with_card(&state);
    let mut texts = BTreeSet::new();
    for _ in 0..2 {
        let mut asker = Asker::new();
        asker.run(&mut wallet).0.unwrap();
        texts.insert(asker.verified().0.holder_key.unwrap().thumbprint());
    }
    assert_eq!((texts.len(), wallet.cards[0].copies[0].shown, wallet.cards[0].copies[1].shown), (2, 1, 1));
    wallet.cards[0].expires_at = Some(now());
    assert_eq!(Asker::new().run(&mut wallet).0.unwrap_err().code(), "no_matching_document");
}

#[test]
fn the_person_chooses_among_cards() {
    let state = IssuerState::new();
    let mut wallet = with_card(&state);
    state.asked.borrow_mut().clear();
    state.run(&mut wallet, &state.link(), Some("123456")).unwrap();
    let (older, newer) = (wallet.cards[0].id, wallet.cards[1].id);
    let random = SeededRandom::new(1);
    let choose = |id: CardId| {
        let mut asker = Asker::new();
        let cx = context(&wallet, &random);
        let (mut flow, step) = Presentation::start(&asker.link(), &cx);
        let Step::Request(request) = step else { unreachable!("the request is fetched first") };
        let Step::Ask(question) = flow.handle(Event::Response(asker.serve(&request)), &cx) else {
            unreachable!("asked")
        };
        assert_eq!(question.asked[0].options.iter().map(|o| o.card).collect::<Vec<_>>(), [newer, older]);
        let answer = Answer::Approve { cards: [("pid".to_owned(), vec![id])].into() };
        match flow.handle(Event::Answer(answer), &cx) {
            Step::Store(change) => Some(change.used[0].0),
            _ => None,
        }
    };
    assert_eq!(choose(older), Some(older));
    assert_eq!(choose("crd_00000000000000ff".parse().unwrap()), None);
}

/// A card with claims within claims, some of the same names: nested disclosures that others' issuers make.
fn nested(wallet: &mut Wallet) {
    let template: Card = wallet.cards[0].clone();
    let key = template.copies[0].key.signer().unwrap();
    let mut digests = Vec::new();
    let mut disclosures = Vec::new();
    let mut disclose = |name: &str, value: Value| {
        let text =
            b64::encode(json!([format!("salt-{}", disclosures.len()), name, value]).to_string().as_bytes());
        let digest = b64::encode(&crypto::sha256(text.as_bytes()));
        disclosures.push(text);
        digest
    };
    let locality = disclose("locality", json!("Lagunar"));
    let name = disclose("name", json!("Nested name"));
    digests.push(disclose("address", json!({ "country": "UT", "_sd": [locality, name] })));
    digests.push(disclose("name", json!("Top name")));
    digests.push(disclose("locality", json!("Born here")));
    let payload = json!({
        "vct": PID, "cnf": { "jwk": formats::jwk::Jwk::from(crypto::Signer::public_key(&key)).to_value() }, "_sd": digests,
    });
    let signer = party(1).leaf(Purpose::CredentialSigning, &[], now(), 300);
    let header = json!({ "typ": "dc+sd-jwt", "x5c": signer.x5c() });
    let jwt = formats::jws::sign(&header, payload.to_string().as_bytes(), signer.signer.as_ref()).unwrap();
    let credential = format!("{jwt}~{}~", disclosures.join("~"));
    wallet.cards =
        vec![Card { copies: vec![CardCopy { credential, key: Key::new(&key), shown: 0 }], ..template }];
}

#[test]
fn a_name_deep_inside_another_claim_is_not_that_claim() {
    for (asked, shown) in [
        (&["name"][..], json!({ "name": "Top name" })),
        (&["locality"][..], json!({ "locality": "Born here" })),
        (
            &["address"][..],
            json!({ "address": { "country": "UT", "locality": "Lagunar", "name": "Nested name" } }),
        ),
    ] {
        let mut wallet = with_card(&IssuerState::new());
        nested(&mut wallet);
        let mut asker = Asker::new();
        asker.ask_for(asked);
        asker.run(&mut wallet).0.unwrap();
        assert_eq!(Value::Object(asker.verified().0.claims), shown);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is asked for, the answer discloses nothing that was not asked for and approved.
    #[test]
    fn nothing_is_disclosed_that_was_not_asked_and_approved(
        asked in prop::sample::subsequence(vec!["family_name", "given_name", "birthdate", "sex", "email"], 0..=5),
        approves: bool,
    ) {
        let mut asker = Asker::new();
        asker.ask_for(&asked);
        asker.answers = approves;
        let held = !asked.contains(&"email");
        let (answered, question) = asker.run(&mut with_card(&IssuerState::new()));
        prop_assert_eq!(answered.is_ok(), approves && held);
        if answered.is_err() {
            prop_assert!(asker.posts.iter().all(|post| !post.contains_key("vp_token")));
            return Ok(());
        }
        let (verified, disclosed) = asker.verified();
        prop_assert!(disclosed.iter().all(|name| asked.contains(&name.as_str())));
        let question = question.unwrap();
        let seen: BTreeSet<&str> = question.asked[0].options[0].shown.iter().map(|f| f.claim.as_str()).collect();
        let got: BTreeSet<&str> = verified.claims.keys().map(String::as_str).collect();
        prop_assert_eq!(seen, got);
    }
}
