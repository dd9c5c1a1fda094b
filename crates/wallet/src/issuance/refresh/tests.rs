use serde_json::json;

use crate::{
    Wallet,
    contents::{CardId, What},
    fixture::{State, context, delivery, now, party, wallet},
    issuance::{Event, Issuance, Step},
};

fn tokens(refresh: &str) -> (u16, String) {
    let token = json!({ "access_token": "token-1", "token_type": "Bearer", "refresh_token": refresh });
    (200, token.to_string())
}

/// A wallet with a card of two copies, one of them shown, that can be fetched again.
fn with_card() -> (State, Wallet, CardId) {
    let mut state = State::new();
    state.metadata["batch_credential_issuance"] = json!({ "batch_size": 2 });
    state.token = tokens("refresh-1");
    let mut wallet = wallet();
    let ids = state.run(&mut wallet, &state.link(), Some("123456")).unwrap();
    wallet.cards[0].copies[0].shown = 1;
    state.asked.borrow_mut().clear();
    (state, wallet, ids[0])
}

fn token_of(wallet: &Wallet) -> &str {
    wallet.cards[0].refresh.as_ref().map_or("none", |refresh| &refresh.token)
}

/// Fetches a card again after `spoil`; the twin that is not spoilt is the first test.
fn check(spoil: impl FnOnce(&mut State), code: &str, token: &str) {
    let (mut state, mut wallet, card) = with_card();
    let before: Vec<String> = wallet.cards[0].copies.iter().map(|c| c.credential.clone()).collect();
    state.token = tokens("refresh-2");
    spoil(&mut state);
    assert_eq!(state.refresh(&mut wallet, card).unwrap_err().code(), code);
    let after: Vec<String> = wallet.cards[0].copies.iter().map(|c| c.credential.clone()).collect();
    assert_eq!((after, token_of(&wallet)), (before, token), "{code}");
    let noted = wallet.history.last().map(|e| e.what.clone());
    assert_eq!(noted, Some(What::RefreshRefused { card, reason: code.to_owned() }));
}

#[test]
fn a_card_is_fetched_again() {
    let (mut state, mut wallet, card) = with_card();
    assert_eq!((token_of(&wallet), wallet.cards[0].copies_left()), ("refresh-1", 1));
    state.token = tokens("refresh-2");
    state.claims["family_name"] = "Évora Lima".into();
    state.exp = now().plus_secs(30 * 86_400);
    assert_eq!(state.refresh(&mut wallet, card).unwrap(), [card]);
    let [renewed] = &wallet.cards[..] else { unreachable!() };
    assert_eq!((renewed.copies.len(), renewed.copies_left(), token_of(&wallet)), (2, 2, "refresh-2"));
    assert_eq!(renewed.expires_at, Some(state.exp));
    assert_eq!(renewed.facts().unwrap()["family_name"], "Évora Lima");
    assert!(matches!(&wallet.history.last().unwrap().what, What::Refreshed { card: of, .. } if *of == card));
    assert_eq!(state.token_forms.borrow()[1], "grant_type=refresh_token&refresh_token=refresh-1");
    let asked = state.asked.borrow().clone();
    let asked: Vec<&str> = asked.iter().map(|a| a.rsplit('/').next().unwrap()).collect();
    assert_eq!(asked, ["state", "state", "token", "nonce", "credential"]);
    // A server that does not rotate: what the wallet has stays good.
    state.token = (200, json!({ "access_token": "token-1", "token_type": "Bearer" }).to_string());
    state.refresh(&mut wallet, card).unwrap();
    assert_eq!(token_of(&wallet), "refresh-2");
}

#[test]
fn the_next_token_is_stored_before_the_credential_is_asked_for() {
    let (mut state, mut wallet, card) = with_card();
    state.token = tokens("refresh-2");
    let random = crypto::SeededRandom::new(9);
    let (mut flow, mut step) = Issuance::refresh(card, &context(&wallet, &random));
    while let Step::Request(request) = step {
        step = flow.handle(Event::Response(state.answer(&request)), &context(&wallet, &random));
    }
    let Step::Store(change) = step else { unreachable!() };
    assert!(state.asked.borrow().last().unwrap().ends_with("/token"));
    wallet.apply(*change);
    assert_eq!(token_of(&wallet), "refresh-2");
}

#[test]
fn what_does_not_hold_leaves_the_card_as_it_was() {
    check(
        |s| s.token = (400, json!({ "error": "invalid_request" }).to_string()),
        "invalid_request",
        "refresh-1",
    );
    check(|s| s.token = (503, "{}".to_owned()), "token_refused", "refresh-1");
    // Refused for good: it is not tried again.
    check(|s| s.token = (400, json!({ "error": "invalid_grant" }).to_string()), "invalid_grant", "none");
    // The server named now is not the one that gave the token: it is not shown the token.
    let elsewhere = json!(["https://other.example"]);
    check(|s| s.metadata["authorization_servers"] = elsewhere, "authorization_server_mismatch", "refresh-1");
    let configuration = "credential_configurations_supported";
    check(|s| s.metadata[configuration]["pid"]["vct"] = json!("urn:other"), "vct_mismatch", "refresh-1");
    // From here on the token was spent, and the next one kept.
    check(|s| s.nonce = (500, json!({})), "nonce_unavailable", "refresh-2");
    let purpose = formats::x509::Purpose::CredentialSigning;
    let stranger = party(3).leaf(purpose, &[], now(), 300);
    check(|s| s.signer = stranger, "issuer_untrusted", "refresh-2");
    check(|s| s.vct = "urn:other", "vct_mismatch", "refresh-2");
    check(|s| s.foreign_key = true, "holder_key_foreign", "refresh-2");
    check(|s| s.spoil = |_, signer| delivery(vec![], signer), "credential_response_invalid", "refresh-2");
}

#[test]
fn somebody_else_who_is_trusted_does_not_stand_in() {
    let (mut state, mut wallet, card) = with_card();
    wallet.trust.issuers.push(party(3).pem());
    let purpose = formats::x509::Purpose::CredentialSigning;
    state.signer = party(3).leaf(purpose, &[], now(), 300);
    assert_eq!(state.refresh(&mut wallet, card).unwrap_err().code(), "issuer_changed");
}

#[test]
fn without_a_token_nobody_is_asked() {
    let state = State::new();
    let mut wallet = crate::fixture::with_card(&state);
    let card = wallet.cards[0].id;
    state.asked.borrow_mut().clear();
    assert_eq!(state.refresh(&mut wallet, card).unwrap_err().code(), "refresh_unavailable");
    wallet.cards.clear();
    assert_eq!(state.refresh(&mut wallet, card).unwrap_err().code(), "card_absent");
    assert!(state.asked.borrow().is_empty() && wallet.history.len() == 1);
}
