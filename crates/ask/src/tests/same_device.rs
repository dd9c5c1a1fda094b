//! On the same device an answer counts once its code comes back, in the session that asked, and once.

use axum::http::StatusCode;
use base::limits::RESPONSE_CODE_LIFETIME_S;
use serde_json::{Value, json};

use super::world::{Answer, CLINIC, World, worlds};

const SESSION: &str = "session-of-the-person-who-asked";

/// Asks and answers on the same device: what was asked, and the code that came with the address to return to.
async fn answered(world: &World) -> (Value, String) {
    let (asked, request) = world
        .asked(|b| {
            b["device"] = json!("same");
            b["return_to"] = json!(format!("{CLINIC}/back?a=b"));
            b["session"] = json!(SESSION);
        })
        .await;
    let shown = world.present(&request, |_| ());
    let answer = world.answer(&request, &[("pid", &[shown])]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let back = answer.json()["redirect_uri"].as_str().unwrap().to_owned();
    let code = back.strip_prefix(&format!("{CLINIC}/back?a=b&response_code=")).unwrap().to_owned();
    (asked, code)
}

async fn redeem(world: &World, code: &str, session: &str) -> Answer {
    world.post_json("/ask/v1/response-codes", &json!({ "response_code": code, "session": session })).await
}

fn assert_refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code));
}

#[tokio::test]
async fn the_code_opens_the_result_once() {
    worlds(async |world: World| {
        let (asked, code) = answered(&world).await;
        let state = world.state(&asked).await;
        assert_eq!(
            (&state["state"], &state["result"]),
            (&json!("returning"), &Value::Null),
            "nothing is shown before"
        );
        let evidence =
            world.get(&format!("/ask/v1/requests/{}/evidence", asked["id"].as_str().unwrap())).await;
        assert_refused(&evidence, StatusCode::CONFLICT, "no_evidence");
        assert_refused(
            &redeem(&world, "unknown", SESSION).await,
            StatusCode::NOT_FOUND,
            "response_code_unknown",
        );
        let good = redeem(&world, &code, SESSION).await;
        assert_eq!((good.status, &good.json()["result"]["outcome"]), (StatusCode::OK, &json!("valid")));
        assert_eq!(world.state(&asked).await["state"], "answered");
        assert_refused(&redeem(&world, &code, SESSION).await, StatusCode::CONFLICT, "response_code_used");
    })
    .await;
}

#[tokio::test]
async fn to_another_asker_the_code_is_unknown_and_stays_good() {
    worlds(async |mut world: World| {
        let (_, code) = answered(&world).await;
        for session in [SESSION, "session-of-somebody-else"] {
            world.with_staff("boris");
            let stolen = redeem(&world, &code, session).await;
            assert_refused(&stolen, StatusCode::NOT_FOUND, "response_code_unknown");
        }
        world.with_staff("amina");
        assert_eq!(redeem(&world, &code, SESSION).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn in_another_session_the_answer_is_rejected_for_good() {
    worlds(async |world: World| {
        let (asked, code) = answered(&world).await;
        let stolen = redeem(&world, &code, "session-of-somebody-else").await;
        assert_refused(&stolen, StatusCode::FORBIDDEN, "wrong_session");
        assert_refused(&redeem(&world, &code, SESSION).await, StatusCode::CONFLICT, "response_code_used");
        let state = world.state(&asked).await;
        assert_eq!(
            (&state["result"]["outcome"], &state["result"]["reason"]),
            (&json!("invalid"), &json!("wrong_session"))
        );
        assert_eq!((&state["result"]["credentials"], &state["evidence"]), (&json!({}), &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn a_person_who_never_returns_has_not_answered() {
    worlds(async |world: World| {
        let (asked, code) = answered(&world).await;
        world.clock.advance_secs(RESPONSE_CODE_LIFETIME_S);
        assert_refused(&redeem(&world, &code, SESSION).await, StatusCode::CONFLICT, "response_code_expired");
        let state = world.state(&asked).await;
        assert_eq!((&state["state"], &state["result"]), (&json!("expired"), &Value::Null));
        let (_, code) = answered(&world).await;
        world.clock.advance_secs(RESPONSE_CODE_LIFETIME_S - 1);
        assert_eq!(redeem(&world, &code, SESSION).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_session_is_made_for_who_brings_none() {
    worlds(async |world: World| {
        let same = |b: &mut Value| {
            b["device"] = json!("same");
            b["return_to"] = json!(format!("{CLINIC}/back"));
        };
        let (asked, _) = world.asked(same).await;
        assert!(asked["session"].as_str().unwrap().len() > 40);
        let check = async |change: fn(&mut Value), code: &str| {
            let refused = world
                .ask_for(|b| {
                    same(b);
                    change(b);
                })
                .await;
            assert_refused(&refused, StatusCode::BAD_REQUEST, code);
        };
        check(|b| b["session"] = json!("short"), "session").await;
        check(|b| b["return_to"] = json!("http://clinic.example/back"), "return_to").await;
        check(|b| b["return_to"] = json!("javascript:alert(1)"), "return_to").await;
        check(|b| b["return_to"] = json!(format!("{CLINIC}/back?response_code=mine")), "return_to").await;
        check(|b| b["return_to"] = json!(format!("{CLINIC}/{}", "a".repeat(2_048))), "return_to").await;
        check(
            |b| {
                b.as_object_mut().unwrap().remove("return_to");
            },
            "return_to",
        )
        .await;
        check(|b| b["device"] = json!("cross"), "return_to").await;
    })
    .await;
}
