//! Status lists.

use base::{
    Clock,
    limits::{STATUS_CACHE_MAX, STATUS_LIST_ENTRIES},
};
use formats::status_list::{self, Aggregation, Status};

use super::*;
use crate::{CredentialId, MIGRATIONS, model::StatusIndex, store as sql};

async fn status_of(app: &App, credential: &Value) -> Status {
    let [at] = credential["status_lists"].as_array().unwrap().as_slice() else { panic!() };
    let uri = at["uri"].as_str().unwrap();
    let answer = app.get(uri.strip_prefix(IDENTIFIER).unwrap()).await;
    let token = status_list::verify_token(&answer.text, uri, &app.anchors, app.clock.now()).unwrap();
    assert!(token.ttl_s.unwrap() > 0, "draft 14, section 5.1");
    token.list.get(at["idx"].as_u64().unwrap()).unwrap()
}

#[tokio::test]
async fn a_change_shows_at_once_in_every_instance() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let one = app(store.clone());
        let two = app_at(store, IDENTIFIER, 6);
        one.fetched(&one.access_token().await, &key(1)).await;
        one.fetched(&one.access_token().await, &key(2)).await;
        let all = one.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
        let (ours, other) = (&all["credentials"][0], &all["credentials"][1]);
        let path = format!("/staff/v1/credentials/{}", ours["id"].as_str().unwrap());
        for (change, expected) in
            [("suspend", Status::Suspended), ("reinstate", Status::Valid), ("revoke", Status::Invalid)]
        {
            one.staff_post(&format!("{path}/{change}"), &json!({ "reason": "test" })).await;
            for instance in [&one, &two, &one] {
                assert_eq!(status_of(instance, ours).await, expected);
                assert_eq!(status_of(instance, other).await, Status::Valid);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_is_signed_again_only_when_it_must_be() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        app.fetched(&access, &key(1)).await;
        let first = app.get("/status/1").await;
        assert_eq!(first.header("cache-control"), "no-store");
        app.clock.advance_secs(12 * 3_600 - 1);
        assert_eq!(app.get("/status/1").await.text, first.text);
        app.clock.advance_secs(1);
        let second = app.get("/status/1").await.text;
        assert_ne!(second, first.text);
        for bad in ["0", "2", "-1", "01", "x", "9223372036854775808"] {
            assert_eq!(
                app.get(&format!("/status/{bad}")).await.refusal(),
                (404, "not_found".into()),
                "{bad}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn all_who_ask_for_a_list_at_once_get_one_token() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        app.fetched(&app.access_token().await, &key(1)).await;
        let ask = async || app.get("/status/1").await.text;
        // Signatures are random: equal tokens were signed once.
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        assert_eq!((&a, &a), (&b, &c));
        for n in 2..=i64::try_from(STATUS_CACHE_MAX + 2).unwrap() {
            let root = app.issuer.0.signers.root().to_vec();
            let insert = async move |tx: &mut Tx<'_>| sql::insert_list(tx, "", n, &root).await;
            app.store.write(insert).await.unwrap();
            app.clock.advance_secs(1);
            let path = format!("/status/{n}");
            assert_eq!(app.get(&path).await.text, app.get(&path).await.text);
        }
        assert_ne!(ask().await, a, "no more lists are kept in memory than that");
    })
    .await;
}

/// Draft 14, section 9: found in the server's metadata and in every token.
#[tokio::test]
async fn all_lists_are_named_in_one_place() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let aggregation = async || {
            let answer = app.get("/status").await;
            assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
            assert_eq!(answer.header("cache-control"), "no-store");
            Aggregation::parse(answer.text.as_bytes()).unwrap().status_lists
        };
        assert!(aggregation().await.is_empty());
        app.fetched(&app.access_token().await, &key(1)).await;
        let uri = format!("{IDENTIFIER}/status/1");
        assert_eq!(aggregation().await, std::slice::from_ref(&uri));
        let token = app.get("/status/1").await.text;
        let token = status_list::verify_token(&token, &uri, &app.anchors, app.clock.now()).unwrap();
        let named = app.get("/.well-known/oauth-authorization-server").await.json();
        assert_eq!(named["status_list_aggregation_endpoint"], format!("{IDENTIFIER}/status"));
        assert_eq!(token.aggregation_uri.as_deref(), named["status_list_aggregation_endpoint"].as_str());
    })
    .await;
}

#[tokio::test]
async fn a_list_that_is_half_full_is_followed_by_another() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let fill = async |from: i64| {
            let root = app.issuer.0.signers.root().to_vec();
            let fill =
                async move |tx: &mut Tx<'_>| sql::fill::list(tx, &root, from, STATUS_LIST_ENTRIES, 4).await;
            app.store.write(fill).await.unwrap();
        };
        fill(0).await;
        let indices = app.issuer.0.free_indices(4).await.unwrap();
        assert_eq!(indices.len(), 4);
        assert!(indices.iter().all(|at| at.list == 1 && at.idx % 4 != 0), "the first list, where it is free");
        // An instance that finds the list half full begins the next one, and the others follow.
        fill(2).await;
        for seed in [6, 7] {
            let other = app_at(app.store.clone(), IDENTIFIER, seed);
            let indices = other.issuer.0.free_indices(1).await.unwrap();
            assert_eq!(indices.first().unwrap().list, 2);
        }
        // A taken index is not given twice, whatever the chance that two instances had drawn it.
        let taken = app.store.write(async move |tx: &mut Tx<'_>| {
            sql::insert_copy(tx, CredentialId::from_i64(1), StatusIndex { list: 1, idx: 8 }).await
        });
        assert!(!taken.await.unwrap());
    })
    .await;
}
