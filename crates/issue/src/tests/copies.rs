//! One offer, one credential, many copies.

use std::collections::BTreeSet;

use base::{Clock, limits::STATUS_LIST_ENTRIES};
use formats::{
    jwk::Jwk,
    sd_jwt_vc,
    status_list::{self, Status},
};

use super::*;
use crate::{MIGRATIONS, store as sql};

/// Fetches a copy for each of these keys with one request; where their statuses are.
async fn fetch(app: &App, access: &str, seeds: std::ops::Range<u64>) -> BTreeSet<(String, u64)> {
    let nonce = app.nonce().await;
    let now = app.clock.now();
    let keys: Vec<_> = seeds.map(key).collect();
    let proofs: Vec<_> =
        keys.iter().map(|key| proof::build(key, IDENTIFIER, Some(&nonce), now).unwrap()).collect();
    let proofs: Vec<_> = proofs.iter().map(String::as_str).collect();
    let answer = app.credential(access, &request("pid", &proofs)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let texts = answer.json()["credentials"].as_array().unwrap().clone();
    assert_eq!(texts.len(), proofs.len());
    let place = |(text, key): (&Value, &SecretKey)| {
        let (text, key) = (text["credential"].as_str().unwrap(), Jwk::from(&key.public_key()));
        let verified = sd_jwt_vc::verify_received(text, &app.anchors, now, Some(&key)).unwrap();
        let status = verified.status.unwrap();
        (status.uri, status.idx)
    };
    texts.iter().zip(&keys).map(place).collect()
}

/// Ana's only credential as staff see it.
async fn only(app: &App) -> Value {
    let all = app.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
    let [one] = all["credentials"].as_array().unwrap().as_slice() else { panic!("{all}") };
    one.clone()
}

fn places(credential: &Value) -> BTreeSet<(String, u64)> {
    let all = credential["status_lists"].as_array().unwrap();
    assert_eq!(credential["copies"], all.len());
    all.iter().map(|at| (at["uri"].as_str().unwrap().to_owned(), at["idx"].as_u64().unwrap())).collect()
}

async fn change(app: &App, what: &str) -> Answer {
    let id = only(app).await["id"].as_str().unwrap().to_owned();
    app.staff_post(&format!("/staff/v1/credentials/{id}/{what}"), &json!({ "reason": "lost" })).await
}

/// What the lists say of these places, asked of this instance.
async fn statuses(app: &App, places: &BTreeSet<(String, u64)>) -> Vec<Status> {
    let mut found = Vec::new();
    for (uri, idx) in places {
        let answer = app.get(uri.strip_prefix(IDENTIFIER).unwrap()).await;
        let token = status_list::verify_token(&answer.text, uri, &app.anchors, app.clock.now()).unwrap();
        found.push(token.list.get(*idx).unwrap());
    }
    found
}

#[tokio::test]
async fn what_happens_to_a_credential_happens_to_every_copy() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let ours = fetch(&app, &app.access_token().await, 1..5).await;
        assert_eq!(ours.len(), 4);
        assert_eq!(places(&only(&app).await), ours);
        // Before and after, the list is asked for, so that a token that is kept too long would be noticed.
        assert_eq!(statuses(&app, &ours).await, [Status::Valid; 4]);
        for (what, status) in
            [("suspend", Status::Suspended), ("reinstate", Status::Valid), ("revoke", Status::Invalid)]
        {
            let answer = change(&app, what).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(places(&answer.json()), ours);
            assert_eq!(statuses(&app, &ours).await, [status; 4], "{what}");
        }
        let path = format!("/staff/v1/credentials/{}", only(&app).await["id"].as_str().unwrap());
        let shown = app.staff_get(&path).await.json();
        assert_eq!(shown["history"].as_array().unwrap().len(), 4, "told once, not once a copy");
        assert_eq!(places(&shown), ours);
    })
    .await;
}

#[tokio::test]
async fn after_a_lost_answer_more_copies_of_the_same_credential_are_given() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let lost = fetch(&app, &access, 1..5).await;
        let first = only(&app).await;
        app.clock.advance_secs(60);
        let again = fetch(&app, &access, 5..9).await;
        assert!(lost.is_disjoint(&again));
        let all: BTreeSet<_> = lost.union(&again).cloned().collect();
        let card = only(&app).await;
        assert_eq!(places(&card), all, "the lost ones are managed too");
        for member in ["id", "issued_at", "expires_at"] {
            assert_eq!(card[member], first[member]);
        }
        assert_eq!(change(&app, "revoke").await.status, 200);
        assert_eq!(statuses(&app, &all).await, [Status::Invalid; 8]);

        // Another offer is another credential.
        app.fetched(&app.access_token().await, &key(9)).await;
        assert_eq!(app.kept().await, 2);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_given_between_suspension_and_reinstatement() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let first = fetch(&app, &access, 1..2).await;
        assert_eq!(change(&app, "suspend").await.status, 200);
        let refused = async |seed: u64| {
            let body = request("pid", &[&app.proof(&key(seed)).await]);
            let answer = app.credential(&access, &body).await;
            assert_eq!(answer.refusal(), (400, "credential_request_denied".into()));
            body
        };
        let body = refused(2).await;
        assert_eq!(places(&only(&app).await), first);
        assert_eq!(change(&app, "reinstate").await.status, 200);
        // Neither a nonce nor an answer was used up.
        assert_eq!(app.credential(&access, &body).await.status, 200);
        assert_eq!(change(&app, "revoke").await.status, 200);
        refused(3).await;
        let card = only(&app).await;
        assert_eq!(card["copies"], 2);
        assert_eq!(statuses(&app, &places(&card)).await, [Status::Invalid; 2]);
    })
    .await;
}

#[tokio::test]
async fn copies_on_two_lists_change_together() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let (one, two) = (app(store.clone()), app_at(store, IDENTIFIER, 6));
        let access = one.access_token().await;
        let first = fetch(&one, &access, 1..3).await;
        let root = one.issuer.0.signers.root().to_vec();
        let fill = async move |tx: &mut Tx<'_>| sql::fill::list(tx, &root, 0, STATUS_LIST_ENTRIES, 2).await;
        one.store.write(fill).await.unwrap();
        let second = fetch(&two, &access, 3..5).await;
        let list = |n: u32| format!("{IDENTIFIER}/status/{n}");
        assert!(first.iter().all(|(uri, _)| *uri == list(1)));
        assert!(second.iter().all(|(uri, _)| *uri == list(2)), "the first list is half full");
        let all: BTreeSet<_> = first.union(&second).cloned().collect();
        assert_eq!(places(&only(&one).await), all);
        for (what, status) in
            [("suspend", Status::Suspended), ("reinstate", Status::Valid), ("revoke", Status::Invalid)]
        {
            assert_eq!(change(&one, what).await.status, 200);
            for instance in [&one, &two] {
                assert_eq!(statuses(instance, &all).await, [status; 4], "{what}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn two_first_requests_at_once_make_one_credential() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let (one, two) = (app(store.clone()), app_at(store, IDENTIFIER, 6));
        let access = one.access_token().await;
        let (a, b) = tokio::join!(fetch(&one, &access, 1..3), fetch(&two, &access, 3..5));
        assert_eq!(places(&only(&one).await), a.union(&b).cloned().collect());
    })
    .await;
}

#[tokio::test]
async fn copies_that_are_fetched_while_staff_suspend_are_suspended_or_not_given() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let (one, two) = (app(store.clone()), app_at(store, IDENTIFIER, 6));
        for round in 0..8 {
            let access = one.access_token().await;
            one.fetched(&access, &key(100 * round)).await;
            let all = one.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
            let valid =
                all["credentials"].as_array().unwrap().iter().find(|c| c["status"] == "valid").unwrap();
            let path = format!("/staff/v1/credentials/{}", valid["id"].as_str().unwrap());
            let body = request("pid", &[&two.proof(&key(100 * round + 1)).await]);
            let revoke = format!("{path}/revoke");
            let reason = json!({ "reason": "test" });
            let (fetched, revoked) =
                tokio::join!(two.credential(&access, &body), one.staff_post(&revoke, &reason));
            assert_eq!(revoked.status, 200, "{}", revoked.text);
            let copies = if fetched.status == 200 {
                2
            } else {
                assert_eq!(fetched.refusal(), (400, "credential_request_denied".into()));
                1
            };
            let card = one.staff_get(&path).await.json();
            assert_eq!(card["copies"], copies);
            for status in statuses(&two, &places(&card)).await {
                assert_eq!(status, Status::Invalid);
            }
        }
    })
    .await;
}
