//! What is kept, in which form, and until when.

use axum::http::StatusCode;
use base::limits::{ANSWERS_KEPT_S, REQUEST_KEPT_S, REQUEST_LIFETIME_S, RESPONSE_CODE_LIFETIME_S};
use serde_json::{Value, json};
use store::Tx;

use super::world::{CLINIC, World, worlds};
use crate::{
    Outcome,
    model::RequestId,
    store::{self as tables, Find},
};

fn id(asked: &Value) -> RequestId {
    asked["id"].as_str().unwrap().parse().unwrap()
}

async fn is_gone(world: &World, asked: &Value) -> bool {
    let page = world.get(asked["waiting_page"].as_str().unwrap()).await;
    let state = world.get(&format!("/ask/v1/requests/{}", asked["id"].as_str().unwrap())).await;
    let evidence = world.get(&format!("/ask/v1/requests/{}/evidence", asked["id"].as_str().unwrap())).await;
    assert_eq!(page.status == StatusCode::NOT_FOUND, state.status == StatusCode::NOT_FOUND);
    assert!(evidence.status == StatusCode::NOT_FOUND || state.status == StatusCode::OK);
    state.status == StatusCode::NOT_FOUND
}

#[tokio::test]
async fn a_request_that_nobody_answered_is_kept_for_a_day() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(|_| ()).await;
        let bad = world.present(&request, |s| s.nonce = "x".into());
        world.answer(&request, &[("pid", &[bad])]).await;
        world.clock.advance_secs(REQUEST_LIFETIME_S + REQUEST_KEPT_S - 1);
        assert_eq!(world.ask.erase_expired().await.unwrap(), 0);
        assert_eq!(world.state(&asked).await["state"], "expired");
        world.clock.advance_secs(1);
        assert_eq!(world.ask.erase_expired().await.unwrap(), 1);
        assert!(is_gone(&world, &asked).await);
        assert_eq!(world.ask.erase_expired().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_answer_and_its_evidence_are_kept_for_thirty_days() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(|_| ()).await;
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        world.clock.advance_secs(ANSWERS_KEPT_S - 1);
        assert_eq!(world.ask.erase_expired().await.unwrap(), 0);
        assert_eq!(world.state(&asked).await["result"]["outcome"], "valid");
        assert!(!is_gone(&world, &asked).await);
        world.clock.advance_secs(1);
        assert_eq!(world.ask.erase_expired().await.unwrap(), 2, "the answer and its request");
        assert!(is_gone(&world, &asked).await);
    })
    .await;
}

fn same(body: &mut Value) {
    body["device"] = json!("same");
    body["return_to"] = json!(format!("{CLINIC}/back"));
    body["session"] = json!("session-of-the-person-who-asked");
}

#[tokio::test]
async fn an_answer_that_never_counted_is_kept_for_a_day() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(same).await;
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        world.clock.advance_secs(RESPONSE_CODE_LIFETIME_S + REQUEST_KEPT_S - 1);
        assert_eq!(world.ask.erase_expired().await.unwrap(), 0);
        world.clock.advance_secs(REQUEST_LIFETIME_S);
        assert_eq!(world.ask.erase_expired().await.unwrap(), 2);
        assert!(is_gone(&world, &asked).await);
    })
    .await;
}

#[tokio::test]
async fn of_an_answer_in_another_session_nothing_is_kept() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(same).await;
        let shown = world.present(&request, |_| ());
        let answer = world.answer(&request, &[("pid", &[shown])]).await.json();
        let code = answer["redirect_uri"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned();
        let kept = async || {
            let id = id(&asked);
            let read = world.ask.inner.store.read(async move |tx: &mut Tx<'_>| tables::outcome(tx, id).await);
            read.await.unwrap().unwrap()
        };
        assert!(matches!(kept().await, Outcome::Valid(_)));
        let stolen = json!({ "response_code": code, "session": "session-of-somebody-else" });
        assert_eq!(world.post_json("/ask/v1/response-codes", &stolen).await.code(), "wrong_session");
        assert_eq!(
            kept().await,
            Outcome::Invalid("kept_unreadable".into()),
            "what cannot be read is not valid"
        );
        assert_eq!(world.state(&asked).await["result"]["reason"], "wrong_session");
    })
    .await;
}

#[tokio::test]
async fn asking_and_answering_erase_what_is_over() {
    worlds(async |world: World| {
        let (old, _) = world.asked(|_| ()).await;
        world.clock.advance_secs(REQUEST_LIFETIME_S + REQUEST_KEPT_S);
        assert!(!is_gone(&world, &old).await);
        let (older, request) = world.asked(|_| ()).await;
        assert!(is_gone(&world, &old).await);
        world.clock.advance_secs(REQUEST_LIFETIME_S + REQUEST_KEPT_S);
        world.answer(&request, &[("pid", &["x".to_owned()])]).await;
        assert!(is_gone(&world, &older).await);
    })
    .await;
}

#[tokio::test]
async fn addresses_are_kept_as_digests() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(|_| ()).await;
        let token = |address: &str| address.rsplit_once('/').unwrap().1.to_owned();
        let link = formats::vp::Link::parse(asked["link"].as_str().unwrap()).unwrap();
        let (fetch, wait) = (token(&link.request_uri), token(asked["waiting_page"].as_str().unwrap()));
        assert!(fetch.len() == 43 && wait.len() == 43 && fetch != wait, "256 bits each");
        let kept = world.ask.find(Find::Id(id(&asked))).await.unwrap().unwrap();
        let columns = format!("{kept:?}");
        assert!(!columns.contains(&fetch) && !columns.contains(&wait), "{columns}");
        assert!(!columns.contains(&token(&request.response_uri)), "it stands in the request object alone");
        // The page knows the way all the same.
        let page = world.get(asked["waiting_page"].as_str().unwrap()).await;
        assert!(page.text.contains(&fetch));
    })
    .await;
}
