//! What an issuer does on rows that came from a backup: nothing that may have happened since happens again.

use std::collections::BTreeSet;

use formats::status_list::{Status, verify_token};

use super::*;
use crate::{MIGRATIONS, after_restore};

async fn restored(app: &App) {
    let now = app.clock.now();
    app.store.write(async move |tx: &mut Tx<'_>| after_restore(tx, now).await).await.unwrap();
    app.clock.advance_secs(1);
}

/// Address and index of what was issued.
fn place(credential: &str) -> (String, u64) {
    let claims = formats::jws::Jws::parse(credential.split('~').next().unwrap()).unwrap().claims().unwrap();
    let list = &claims["status"]["status_list"];
    (list["uri"].as_str().unwrap().to_owned(), list["idx"].as_u64().unwrap())
}

/// Fetches with a nonce that was had before.
async fn fetch(app: &App, access_token: &str, nonce: &str) -> Answer {
    let proof = proof::build(&key(1), IDENTIFIER, Some(nonce), app.clock.now()).unwrap();
    app.credential(access_token, &request("pid", &[&proof])).await
}

async fn statuses(app: &App, uri: &str) -> formats::status_list::StatusList {
    let token = app.get(uri.strip_prefix(IDENTIFIER).unwrap()).await;
    verify_token(&token.text, uri, &app.anchors, app.clock.now()).unwrap().list
}

#[tokio::test]
async fn no_index_is_given_twice_and_unknown_ones_are_not_valid() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let before = app(store.clone());
        let known = place(&before.fetched(&before.access_token().await, &key(1)).await);
        // Another process: what the first one remembers is of before.
        restored(&before).await;
        let after = app_at(store, IDENTIFIER, 6);
        after.clock.set(before.clock.now());
        let issued = place(&after.fetched(&after.access_token().await, &key(1)).await);
        assert_ne!(issued.0, known.0, "a restored list goes on");
        let number = |uri: &str| uri.rsplit('/').next().unwrap().parse::<i64>().unwrap();
        assert_eq!(number(&issued.0), after.clock.now().secs(), "{}", issued.0);
        // Of the closed list only what is known is valid; of the new one everything.
        let closed = statuses(&after, &known.0).await;
        assert_eq!(closed.get(known.1).unwrap(), Status::Valid);
        let others: BTreeSet<_> = (0..1_000)
            .filter(|idx| *idx != known.1)
            .map(|idx| format!("{:?}", closed.get(idx).unwrap()))
            .collect();
        assert_eq!(others, BTreeSet::from(["Invalid".to_owned()]));
        let fresh = statuses(&after, &issued.0).await;
        assert!((0..1_000).all(|idx| fresh.get(idx).unwrap() == Status::Valid));
        // And once more, a second later: again others.
        restored(&after).await;
        let third = app_at(after.store.clone(), IDENTIFIER, 7);
        third.clock.set(after.clock.now());
        let again = place(&third.fetched(&third.access_token().await, &key(1)).await);
        assert!(number(&again.0) > number(&issued.0));
    })
    .await;
}

#[tokio::test]
async fn an_empty_register_begins_above_every_number() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        restored(&app).await;
        let issued = place(&app.fetched(&app.access_token().await, &key(1)).await);
        let number: i64 = issued.0.rsplit('/').next().unwrap().parse().unwrap();
        assert_eq!(number, app.clock.now().secs());
    })
    .await;
}

#[tokio::test]
async fn codes_tokens_and_nonces_of_before_are_over() {
    for ended in [false, true] {
        ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
            let app = app(store);
            let offer = app.offer(false).await;
            let token = app.access_token().await;
            let refresh = app.redeem(&app.offer(false).await).await.json();
            app.fetched(refresh["access_token"].as_str().unwrap(), &key(2)).await;
            let refresh = refresh["refresh_token"].as_str().unwrap().to_owned();
            let nonce = app.nonce().await;
            if ended {
                restored(&app).await;
            }
            let refreshed = async || {
                let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
                app.token(&pairs).await
            };
            let code = app.redeem(&offer).await;
            let fetched = fetch(&app, &token, &nonce).await;
            if !ended {
                assert_eq!((code.status, fetched.status, refreshed().await.status), (200, 200, 200));
                return;
            }
            assert_eq!(code.refusal(), (400, "invalid_grant".to_owned()));
            assert_eq!(refreshed().await.refusal(), (400, "invalid_grant".to_owned()));
            assert_eq!(fetched.refusal(), (401, "invalid_token".to_owned()));
            // A new token with the old nonce, and with one of now.
            let token = app.access_token().await;
            assert_eq!(fetch(&app, &token, &nonce).await.refusal(), (400, "invalid_nonce".to_owned()));
            let nonce = app.nonce().await;
            assert_eq!(fetch(&app, &token, &nonce).await.status, 200);
        })
        .await;
    }
}
