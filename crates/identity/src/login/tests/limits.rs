//! Who guesses at the way back or at invitations, or begins too often, is refused for a while, by address.

use std::net::Ipv4Addr;

use axum::Extension;
use http::StatusCode;
use web::{ClientAddress, Limits, Role, limit::Allowed};

use super::{
    super::Binds,
    world::{World, participant, worlds},
};

/// The world as it is reached from an address.
async fn limited_worlds(test: impl AsyncFn(World, &dyn Fn(&mut World, u8))) {
    worlds(async |mut world: World| {
        let allowed = Allowed { wrong_secrets: 3, drafts: 3, ..Allowed::default() };
        let limits = Limits::open(world.store.clone(), world.clock.clone(), &[7; 32], allowed).await.unwrap();
        let router = world.router.clone();
        let call_from = |world: &mut World, last: u8| {
            let address = ClientAddress(Ipv4Addr::new(192, 0, 2, last).into());
            world.router = router.clone().layer(Extension(limits.clone())).layer(Extension(address));
        };
        call_from(&mut world, 1);
        test(world, &call_from).await;
    })
    .await;
}

#[tokio::test]
async fn the_way_back_is_guessed_so_often_and_no_more() {
    limited_worlds(async |world: World, _| {
        let mut browser = world.browser();
        let back = world.answered(&mut browser, "/login", "same", &participant("a")).await;
        for _ in 0..3 {
            let wrong = browser.get("/login/back?response_code=unknown").await;
            assert_eq!(wrong.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(browser.get(&back).await.status, StatusCode::TOO_MANY_REQUESTS);
        world.clock.advance_secs(base::limits::LIMIT_WINDOW_S);
        let back = world.answered(&mut browser, "/login", "same", &participant("a")).await;
        assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn invitations_are_guessed_so_often_and_no_more() {
    limited_worlds(async |world: World, _| {
        let path = world.invite(&[Role::Clerk], Binds::Person).await;
        let mut browser = world.browser();
        for _ in 0..3 {
            assert_eq!(browser.get("/invitations/unknown").await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(browser.get(&path).await.status, StatusCode::TOO_MANY_REQUESTS);
        world.clock.advance_secs(base::limits::LIMIT_WINDOW_S);
        assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn nobody_begins_endlessly() {
    limited_worlds(async |mut world: World, call_from| {
        let mut browser = world.browser();
        for _ in 0..3 {
            world.begun(&mut browser, "/login", "cross").await;
        }
        let fields = [("device", "cross"), ("return", "/")];
        let refused = browser.post("/login", "/login", &fields).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        call_from(&mut world, 2);
        browser.pages = world.router.clone();
        world.begun(&mut browser, "/login", "cross").await;
    })
    .await;
}
