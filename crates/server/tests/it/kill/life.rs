//! What a client does again and again: a person is registered, gets a credential, shows it, and loses it again. What is
//! not answered is sent again, the same bytes, to whichever process is up; then the answer is either good, or says that
//! the first try had been done, never both.

use std::sync::{Arc, atomic::Ordering::SeqCst};

use crypto::{SystemRandom, random_array};
use formats::status_list::{Status, verify_token};
use serde_json::json;

use super::shared::{Person, Presentation, Shared};
use crate::{
    holder::{self, Fetch, Held, attributes, code, question, request_of, text},
    party::Call,
};

/// How many copies are fetched at once.
pub(super) const COPIES: usize = 2;

pub(super) async fn client(shared: Arc<Shared>, number: usize) {
    let (mut turn, mut lives) = (number, number);
    while !shared.over.load(SeqCst) {
        lives += 1;
        life(&shared, &mut turn, lives).await;
    }
}

fn name() -> String {
    base16ct::lower::encode_string(&random_array::<16>(&SystemRandom))
}

async fn life(shared: &Shared, turn: &mut usize, number: usize) {
    // Under a name of the client's own a person is registered once, however often it is sent.
    let register =
        Call::staff_post("/staff/v1/people", &json!({ "attributes": attributes(), "request": name() }));
    let registered = shared.write(turn, &register).await.good(201);
    let mut person = Person { id: text(&registered, "/id"), copies: 0, statuses: Vec::new(), revoked: false };
    shared.count(|c| c.people += 1);
    if let Some(held) = issue(shared, turn, &mut person).await {
        let session = number.is_multiple_of(2).then(name);
        present(shared, turn, &held, session.as_deref()).await;
        if number.is_multiple_of(3) {
            revoke(shared, turn, &mut person).await;
        }
    }
    shared.note(|j| j.people.push(person));
}

/// Offer, token, nonce, credential.
async fn issue(shared: &Shared, turn: &mut usize, person: &mut Person) -> Option<Held> {
    let offer = json!({ "person": person.id, "type": "pid", "tx_code": false });
    let offer = shared.write(turn, &Call::staff_post("/staff/v1/offers", &offer)).await.good(201);
    let code = code(&offer);
    let redeem = Call::token(&code);
    let token = shared.write(turn, &redeem).await;
    let redeemed = token.now(shared, 200, (400, "invalid_grant"));
    let again = shared.read(turn, &redeem).await.reply.refusal();
    assert_eq!(again, (400, "invalid_grant".into()), "a code was used twice");
    shared.note(|j| j.codes.push(code));
    if !redeemed {
        // The token was in an answer that did not arrive: the person needs another offer.
        return None;
    }
    let access_token = text(&token.reply.json(), "/access_token");
    loop {
        let nonce = text(&shared.read(turn, &Call::nonce()).await.good(200), "/c_nonce");
        let fetch = Fetch::new(&shared.identifier, &access_token, &nonce, COPIES);
        let issued = shared.write(turn, &fetch.call).await;
        let arrived = issued.now(shared, 200, (400, "invalid_nonce"));
        person.copies += COPIES;
        let again = shared.read(turn, &fetch.call).await.reply.refusal();
        assert_eq!(again, (400, "invalid_nonce".into()), "a nonce was used twice");
        if arrived {
            shared.count(|c| c.issuances += 1);
            let held = fetch.held(&issued.reply.json());
            person.statuses.extend(held.statuses());
            return Some(held);
        }
        // What did not arrive is lost, but the token is good for more copies.
    }
}

/// Request, answer, on the same device the way back, result.
async fn present(shared: &Shared, turn: &mut usize, held: &Held, session: Option<&str>) {
    let ask = Call::staff_post("/ask/v1/requests", &question(session));
    let asked = shared.write(turn, &ask).await.good(201);
    let (id, link) = (text(&asked, "/id"), text(&asked, "/link"));
    let fetched = shared.read(turn, &request_of(&link)).await;
    fetched.good(200);
    let request = holder::verified(&link, &fetched.reply, &shared.anchors);
    let answer = holder::answer(&request, &held.copies[0]);
    let taken = shared.write(turn, &answer).await;
    let arrived = taken.now(shared, 200, (400, "already_answered"));
    let again = shared.read(turn, &answer).await.reply.refusal();
    assert_eq!(again, (400, "already_answered".into()), "a request was answered twice");
    let mut complete = true;
    if let Some(session) = session {
        complete = arrived;
        if arrived {
            let back = url::Url::parse(&text(&taken.reply.json(), "/redirect_uri")).unwrap();
            let code = back.query_pairs().find(|(name, _)| name == "response_code").unwrap().1.into_owned();
            let body = json!({ "response_code": code, "session": session });
            let redeem = Call::staff_post("/ask/v1/response-codes", &body);
            let redeemed = shared.write(turn, &redeem).await;
            redeemed.now(shared, 200, (409, "response_code_used"));
            let again = shared.read(turn, &redeem).await.reply.refusal();
            assert_eq!(again, (409, "response_code_used".into()), "a response code was used twice");
            shared.count(|c| c.redeemed += 1);
        }
    }
    let show = Call::staff_get(&format!("/ask/v1/requests/{id}"));
    let state = shared.read(turn, &show).await.good(200);
    assert_eq!(state["state"], if complete { "answered" } else { "returning" }, "{state}");
    shared.count(|c| c.presentations += 1);
    shared.note(|j| j.presentations.push(Presentation { id, complete }));
}

async fn revoke(shared: &Shared, turn: &mut usize, person: &mut Person) {
    let list = Call::staff_get(&format!("/staff/v1/credentials?person={}", person.id));
    let list = shared.read(turn, &list).await.good(200);
    let path = format!("/staff/v1/credentials/{}/revoke", text(&list, "/credentials/0/id"));
    let revoked = shared.write(turn, &Call::staff_post(&path, &json!({ "reason": "test" }))).await;
    revoked.now(shared, 200, (409, "already_revoked"));
    person.revoked = true;
    shared.count(|c| c.revocations += 1);
    // Whichever process is asked next: it shows there at once.
    let (uri, idx) = person.statuses.first().unwrap();
    let token = shared.read(turn, &Call::get(uri)).await;
    let list = verify_token(&token.reply.text, uri, &shared.anchors, holder::now()).unwrap().list;
    assert_eq!(list.get(*idx).unwrap(), Status::Invalid, "a confirmed revocation does not show");
}
