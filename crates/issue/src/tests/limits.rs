//! Who tries too much that is wrong is refused, right or wrong, by address; nobody else is, and not for ever.

use std::net::Ipv4Addr;

use axum::Extension;
use base::limits::LIMIT_WINDOW_S;
use formats::vci::GRANT_REFRESH_TOKEN;
use web::{ClientAddress, Limits, limit::Allowed};

use super::*;
use crate::MIGRATIONS;

async fn limits(app: &App) -> Limits {
    let allowed = Allowed { wrong_secrets: 3, ..Allowed::default() };
    Limits::open(app.store.clone(), app.clock.clone(), &[7; 32], allowed).await.unwrap()
}

/// The same issuer, called from an address.
fn called_from(app: &App, limits: &Limits, last: u8) -> App {
    let address = ClientAddress(Ipv4Addr::new(192, 0, 2, last).into());
    App {
        router: app.router.clone().layer(Extension(limits.clone())).layer(Extension(address)),
        issuer: app.issuer.clone(),
        clock: app.clock.clone(),
        people: app.people.clone(),
        anchors: app.anchors.clone(),
        store: app.store.clone(),
    }
}

async fn engines(test: impl AsyncFn(Store)) {
    ::store::fixture::each_engine(&[MIGRATIONS, web::MIGRATIONS].concat(), test).await;
}

/// Three are allowed to be wrong: after two of them what is right is taken, after the third it is not.
async fn check(
    wrong: impl AsyncFn(&App) -> Answer,
    refusal: (u16, &str),
    right: impl AsyncFn(&App) -> Answer,
    limited: &str,
) {
    engines(async |store: Store| {
        let app = app(store);
        let limits = limits(&app).await;
        let (guesser, other) = (called_from(&app, &limits, 1), called_from(&app, &limits, 2));
        let refusal = (refusal.0, refusal.1.to_owned());
        for _ in 0..2 {
            assert_eq!(wrong(&guesser).await.refusal(), refusal);
        }
        let taken = right(&guesser).await;
        assert_eq!(taken.status, 200, "{}", taken.text);
        assert_eq!(wrong(&guesser).await.refusal(), refusal);
        app.clock.advance_secs(1);
        for answer in [right(&guesser).await, wrong(&guesser).await] {
            assert_eq!(answer.refusal(), (429, limited.to_owned()));
            assert_eq!(answer.header("retry-after"), (LIMIT_WINDOW_S - 1).to_string());
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        assert_eq!(right(&other).await.status, 200);
        let restarted = called_from(&app, &self::limits(&app).await, 1);
        assert_eq!(right(&restarted).await.status, 429);
        app.clock.advance_secs(LIMIT_WINDOW_S - 1);
        assert_eq!(right(&restarted).await.status, 200);
    })
    .await;
}

const OAUTH: &str = "temporarily_unavailable";
const OURS: &str = "too_many_attempts";

async fn redeems(app: &App) -> Answer {
    let offer = app.offer(true).await;
    app.redeem(&offer).await
}

#[tokio::test]
async fn codes_are_guessed_so_often_and_no_more() {
    let unknown = [("grant_type", GRANT_PRE_AUTHORIZED_CODE), ("pre-authorized_code", "unknown")];
    check(async |app| app.token(&unknown).await, (400, "invalid_grant"), redeems, OAUTH).await;
}

#[tokio::test]
async fn transaction_codes_are_guessed_so_often_whatever_the_offer() {
    let wrong = async |app: &App| {
        let mut offer = app.offer(true).await;
        offer["tx_code"] = json!("wrong");
        app.redeem(&offer).await
    };
    check(wrong, (400, "invalid_grant"), redeems, OAUTH).await;
}

#[tokio::test]
async fn refresh_tokens_are_guessed_so_often_and_no_more() {
    let unknown = [("grant_type", GRANT_REFRESH_TOKEN), ("refresh_token", "unknown")];
    check(async |app| app.token(&unknown).await, (400, "invalid_grant"), redeems, OAUTH).await;
}

#[tokio::test]
async fn access_tokens_are_guessed_so_often_and_no_more() {
    let fetch = async |app: &App, access: &str| {
        let proof = app.proof(&SecretKey::generate(&*app.issuer.0.random)).await;
        app.credential(access, &request("pid", &[&proof])).await
    };
    let right = async |app: &App| {
        let access = app.access_token().await;
        fetch(app, &access).await
    };
    check(async |app| fetch(app, "unknown").await, (401, "invalid_token"), right, OAUTH).await;
    let notify = async |app: &App| {
        let headers = [("authorization", "Bearer unknown"), ("content-type", "application/json")];
        let body = json!({ "notification_id": "unknown", "event": "credential_accepted" });
        app.send("POST", "/notification", &headers, &body.to_string()).await
    };
    check(notify, (401, "invalid_token"), right, OAUTH).await;
}

#[tokio::test]
async fn offers_are_guessed_so_often_and_no_more() {
    let right = async |app: &App| {
        let offer = app.offer(true).await;
        app.get(offer["credential_offer_uri"].as_str().unwrap().strip_prefix(IDENTIFIER).unwrap()).await
    };
    check(async |app| app.get("/offers/unknown").await, (404, "not_found"), right, OURS).await;
    check(async |app| app.get("/offers/unknown/qr.svg").await, (404, "not_found"), right, OURS).await;
}

#[tokio::test]
async fn staff_tokens_are_guessed_so_often_and_no_more() {
    let types = async |app: &App, token: &str| {
        app.send("GET", "/staff/v1/types", &[("authorization", &format!("Bearer {token}"))], "").await
    };
    let wrong = async |app: &App| types(app, "wrong").await;
    check(wrong, (401, "unauthorized"), async |app| types(app, "staff").await, OURS).await;
}

#[tokio::test]
async fn what_is_wrong_with_one_access_token_is_counted_with_it_wherever_it_comes_from() {
    engines(async |store: Store| {
        let app = app(store);
        let limits = limits(&app).await;
        let (one, two) = (called_from(&app, &limits, 1), called_from(&app, &limits, 2));
        let access = one.access_token().await;
        for (n, app) in [&one, &two, &one].into_iter().enumerate() {
            let taken = one.proof(&key(1)).await;
            let stale = proof::build(&key(1), IDENTIFIER, Some("unknown"), app.clock.now()).unwrap();
            let refused = app.credential(&access, &request("pid", &[&stale])).await.refusal();
            assert_eq!(refused, (400, "invalid_nonce".into()));
            let answer = app.credential(&access, &request("pid", &[&taken])).await;
            let expected = if n < 2 { (200, None) } else { (429, Some(OAUTH)) };
            assert_eq!((answer.status, answer.json()["error"].as_str()), expected);
        }
        // Another token is good, also from where the wrong ones came.
        let other = one.access_token().await;
        one.fetched(&other, &key(2)).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_guess_is_not_counted() {
    engines(async |store: Store| {
        let app = app(store);
        let app = called_from(&app, &limits(&app).await, 1);
        for _ in 0..5 {
            assert_eq!(app.get("/staff/v1/types").await.refusal(), (401, "unauthorized".into()));
            let none = app.token(&[("grant_type", GRANT_PRE_AUTHORIZED_CODE)]).await;
            assert_eq!(none.refusal(), (400, "invalid_request".into()));
            assert_eq!(app.send("POST", "/credential", &[], "").await.status, 401);
        }
        let access = app.access_token().await;
        app.fetched(&access, &key(1)).await;
    })
    .await;
}
