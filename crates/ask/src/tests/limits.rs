//! Who tries too much that is wrong is refused, right or wrong, by address; who asks too much, by account.

use std::net::Ipv4Addr;

use axum::{Extension, http::StatusCode};
use base::limits::LIMIT_WINDOW_S;
use serde_json::json;
use store::Store;
use web::{ClientAddress, Limits, limit::Allowed};

use super::world::{World, agreement};
use crate::MIGRATIONS;

/// Calls the asker from an address from now on.
fn call_from(world: &mut World, limits: &Limits, last: u8) {
    let address = ClientAddress(Ipv4Addr::new(192, 0, 2, last).into());
    world.router = world.ask.router().layer(Extension(limits.clone())).layer(Extension(address));
}

async fn limited_worlds(test: impl AsyncFn(World, Limits)) {
    store::fixture::each_engine(&[MIGRATIONS, web::MIGRATIONS].concat(), async |store: Store| {
        let mut world = World::new(&store, None);
        let allowed = Allowed { wrong_secrets: 3, asks: 3, ..Allowed::default() };
        let limits = Limits::open(store, world.clock.clone(), &[7; 32], allowed).await.unwrap();
        call_from(&mut world, &limits, 1);
        test(world, limits).await;
    })
    .await;
}

#[tokio::test]
async fn addresses_of_requests_are_guessed_so_often_and_no_more() {
    limited_worlds(async |mut world: World, limits: Limits| {
        let (asked, request) = world.asked(|b| b["transaction_data"] = agreement()).await;
        let page = asked["waiting_page"].as_str().unwrap().to_owned();
        let good = world.present(&request, |_| ());
        assert_eq!(world.get("/ask/request/unknown").await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.get("/ask/wait/unknown").await.status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&page).await.status, StatusCode::OK);
        let unknown = world.post_form("/ask/response/unknown", "response=x".into()).await;
        assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "request_unknown"));
        for refused in [
            world.get(&page).await,
            world.get(&format!("{page}/qr.svg")).await,
            world.get("/ask/request/unknown").await,
            world.post_form("/ask/request/unknown", String::new()).await,
            world.answer(&request, &[("pid", std::slice::from_ref(&good))]).await,
        ] {
            assert_eq!(
                (refused.status, refused.code()),
                (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts")
            );
            assert_eq!(refused.headers["retry-after"], LIMIT_WINDOW_S.to_string());
        }
        call_from(&mut world, &limits, 2);
        assert_eq!(world.get(&page).await.status, StatusCode::OK);
        assert_eq!(world.answer(&request, &[("pid", &[good])]).await.status, StatusCode::OK);
        call_from(&mut world, &limits, 1);
        world.clock.advance_secs(LIMIT_WINDOW_S - 1);
        assert_eq!(world.get(&page).await.status, StatusCode::TOO_MANY_REQUESTS);
        world.clock.advance_secs(1);
        assert_eq!(world.get(&page).await.status, StatusCode::OK);
    })
    .await;
}

/// Whoever has seen the code can answer badly: that ends neither the request nor the patience with the person's wallet.
#[tokio::test]
async fn wrong_answers_are_counted_by_address_and_not_by_request() {
    limited_worlds(async |mut world: World, limits: Limits| {
        let (asked, request) = world.asked(|b| b["transaction_data"] = agreement()).await;
        let good = world.present(&request, |_| ());
        let bad = world.present(&request, |shown| shown.nonce = "another".into());
        for _ in 0..3 {
            let refused = world.answer(&request, &[("pid", std::slice::from_ref(&bad))]).await;
            assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "nonce"));
        }
        let refused = world.answer(&request, &[("pid", std::slice::from_ref(&good))]).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.json()["error"], "temporarily_unavailable");
        // What is no answer is not held up by it.
        assert_eq!(world.state(&asked).await["state"], "waiting");
        call_from(&mut world, &limits, 2);
        assert_eq!(world.answer(&request, &[("pid", &[good])]).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_account_asks_so_often_and_no_more() {
    limited_worlds(async |mut world: World, limits: Limits| {
        for _ in 0..3 {
            // What is refused is not counted.
            assert_eq!(world.ask_for(|b| b["device"] = json!("same")).await.status, StatusCode::BAD_REQUEST);
            assert_eq!(world.ask_for(|_| ()).await.status, StatusCode::CREATED);
        }
        call_from(&mut world, &limits, 2);
        let refused = world.ask_for(|_| ()).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"));
        assert_eq!(refused.headers["retry-after"], LIMIT_WINDOW_S.to_string());
        world.clock.advance_secs(LIMIT_WINDOW_S);
        assert_eq!(world.ask_for(|_| ()).await.status, StatusCode::CREATED);
    })
    .await;
}
