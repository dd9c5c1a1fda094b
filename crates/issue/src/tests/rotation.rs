//! Keys that follow other keys: what was issued stays good.

use base::Clock;
use formats::{
    jwk::Jwk,
    sd_jwt_vc,
    status_list::{self, Status},
};

use super::*;
use crate::{MIGRATIONS, store as sql};

/// A credential as its holder has it, and the address of its status list, if these anchors suffice to verify it.
fn read(text: &str, app: &App, anchors: &TrustAnchors, seed: u64) -> Option<(String, u64)> {
    let key = Jwk::from(&key(seed).public_key());
    let verified = sd_jwt_vc::verify_received(text, anchors, app.clock.now(), Some(&key)).ok()?;
    let status = verified.status.unwrap();
    Some((status.uri, status.idx))
}

/// What the list says there, asked of this instance; or the code of the refusal.
async fn status(app: &App, anchors: &TrustAnchors, at: &(String, u64)) -> Result<Status, &'static str> {
    let answer = app.get(at.0.strip_prefix(IDENTIFIER).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let token = status_list::verify_token(&answer.text, &at.0, anchors, app.clock.now());
    token.map(|token| token.list.get(at.1).unwrap()).map_err(status_list::Refusal::code)
}

/// Revokes the credential whose copy is at this place.
async fn revoke(app: &App, place: &(String, u64)) {
    let all = app.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
    let is_there = |c: &&Value| c["status_lists"][0] == json!({ "uri": place.0, "idx": place.1 });
    let id = all["credentials"].as_array().unwrap().iter().find(is_there).unwrap()["id"].clone();
    let path = format!("/staff/v1/credentials/{}/revoke", id.as_str().unwrap());
    assert_eq!(app.staff_post(&path, &json!({ "reason": "lost" })).await.status, 200);
}

#[tokio::test]
async fn a_new_leaf_signs_the_lists_of_the_one_before() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let before = app(store.clone());
        let old = before.fetched(&before.access_token().await, &key(11)).await;
        let unredeemed = before.offer(true).await;
        let rotated = app_with(store, IDENTIFIER, 6, |config| {
            let (next, _) = signer(Instant::parse_rfc3339("2026-11-21T10:30:15Z").unwrap(), 2, 4, 397);
            config.retired_signers = vec![std::mem::replace(&mut config.signer, next)];
        });
        let anchors = &before.anchors;
        let at = read(&old, &rotated, anchors, 11).unwrap();
        assert_eq!(status(&rotated, anchors, &at).await, Ok(Status::Valid));
        revoke(&rotated, &at).await;
        assert_eq!(status(&rotated, anchors, &at).await, Ok(Status::Invalid));
        assert_eq!(status(&before, anchors, &at).await, Ok(Status::Invalid), "an instance not yet restarted");
        // An offer goes on, and its credential is on the same list.
        let access = rotated.redeem(&unredeemed).await.json()["access_token"].as_str().unwrap().to_owned();
        let new = rotated.fetched(&access, &key(12)).await;
        let new_at = read(&new, &rotated, anchors, 12).unwrap();
        assert_eq!(new_at.0, at.0);
        assert_eq!(status(&before, anchors, &new_at).await, Ok(Status::Valid));
    })
    .await;
}

#[tokio::test]
async fn a_new_root_leaves_old_lists_to_the_old_one() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let now = Instant::parse_rfc3339("2026-11-21T10:30:15Z").unwrap();
        let (old_leaf, old_root) = signer(now, 2, 3, 100);
        let (new_leaf, new_root) = signer(now, 20, 4, 397);
        let before = app_with(store.clone(), IDENTIFIER, 5, |config| config.signer = old_leaf.clone());
        let old = before.fetched(&before.access_token().await, &key(11)).await;
        let rotated = app_with(store, IDENTIFIER, 6, |config| {
            config.signer = new_leaf;
            config.retired_signers = vec![old_leaf];
        });
        let new = rotated.fetched(&rotated.access_token().await, &key(12)).await;

        let old_at = read(&old, &rotated, &old_root, 11).unwrap();
        let new_at = read(&new, &rotated, &new_root, 12).unwrap();
        assert_eq!(read(&old, &rotated, &new_root, 11), None);
        assert_eq!(read(&new, &rotated, &old_root, 12), None);
        assert_ne!(old_at.0, new_at.0, "what is new is on a new list");
        assert_eq!(status(&rotated, &new_root, &old_at).await, Err("status_untrusted"));
        assert_eq!(status(&rotated, &old_root, &new_at).await, Err("status_untrusted"));
        for (at, anchors) in [(&old_at, &old_root), (&new_at, &new_root)] {
            assert_eq!(status(&rotated, anchors, at).await, Ok(Status::Valid));
            revoke(&rotated, at).await;
            assert_eq!(status(&rotated, anchors, at).await, Ok(Status::Invalid));
        }

        // An instance that was not restarted goes on where it was, and leaves the new list to the others.
        let late = before.fetched(&before.access_token().await, &key(13)).await;
        assert_eq!(read(&late, &before, &old_root, 13).unwrap().0, old_at.0);
        assert_eq!(before.get("/status/2").await.refusal(), (503, "unavailable".into()));
        assert_eq!(before.get("/status/3").await.refusal(), (404, "not_found".into()));

        let lists = async || rotated.get("/status").await.json()["status_lists"].clone();
        assert_eq!(lists().await, json!([new_at.0, old_at.0]));
        assert_eq!(before.get("/status").await.json()["status_lists"], json!([new_at.0, old_at.0]));
        rotated.clock.advance_secs(101 * 86_400);
        assert_eq!(lists().await, json!([new_at.0]));
        assert_eq!(
            rotated.get("/status/1").await.refusal(),
            (404, "not_found".into()),
            "all of it has ended"
        );
        assert_eq!(rotated.get("/status/2").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn of_several_leaves_of_an_earlier_root_the_last_signs() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let now = Instant::parse_rfc3339("2026-11-21T10:30:15Z").unwrap();
        let (first, old_root) = signer(now, 2, 3, 50);
        let (second, _) = signer(now, 2, 4, 100);
        let (current, _) = signer(now, 20, 5, 397);
        let app = app_with(store, IDENTIFIER, 5, |config| {
            config.signer = current;
            config.retired_signers = vec![first, second];
        });
        // From before lists remembered their root.
        app.store.write(async move |tx: &mut Tx<'_>| sql::fill::old_list(tx, 1).await).await.unwrap();
        app.clock.advance_secs(51 * 86_400);
        let at = (format!("{IDENTIFIER}/status/1"), 0);
        assert_eq!(status(&app, &old_root, &at).await, Ok(Status::Valid));
        app.clock.advance_secs(50 * 86_400);
        assert_eq!(app.get("/status/1").await.status, 404);
    })
    .await;
}
