//! The clock is set back an hour, or was ahead of the time; two instances do not agree what time it is. Nothing is taken
//! twice, and nothing lasts for ever.

use axum::http::StatusCode;
use base::{
    Clock,
    limits::{CLOCK_STEP_S, RESPONSE_CODE_LIFETIME_S},
};
use formats::status_list::Status;
use serde_json::{Value, json};
use store::fixture::{Database, each_database};

use super::world::{Answer, CLINIC, World, worlds};
use crate::MIGRATIONS;

const SESSION: &str = "session-of-the-person-who-asked";

/// At a time from which the clock can be set back without certificates being of the future.
fn later(world: World) -> World {
    world.clock.advance_secs(3 * CLOCK_STEP_S);
    world.publish(Status::Valid);
    world
}

fn same_device(body: &mut Value) {
    body["device"] = json!("same");
    body["return_to"] = json!(format!("{CLINIC}/back"));
    body["session"] = json!(SESSION);
}

/// Asks on the same device and answers: the answer that was taken, and the call that takes the person back.
async fn answered(world: &World) -> (String, String, Value) {
    let (_, request) = world.asked(same_device).await;
    let shown = [world.present(&request, |_| ())];
    let taken = world.answer(&request, &[("pid", &shown)]).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    let code = taken.json()["redirect_uri"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned();
    let form = formats::vp::WalletResponse::Presentation {
        vp_token: formats::vp::VpToken::new([("pid".to_owned(), shown.to_vec())].into()),
        state: request.state.clone(),
    };
    (request.response_uri.clone(), form.to_form(), json!({ "response_code": code, "session": SESSION }))
}

async fn redeem(world: &World, code: &Value) -> Answer {
    world.post_json("/ask/v1/response-codes", code).await
}

fn refused(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
}

#[tokio::test]
async fn after_any_step_of_an_hour_nothing_is_taken_twice() {
    worlds(async |world: World| {
        let world = later(world);
        for steps in [[-CLOCK_STEP_S, 0], [CLOCK_STEP_S, -CLOCK_STEP_S], [CLOCK_STEP_S, -2 * CLOCK_STEP_S]] {
            let (uri, form, code) = answered(&world).await;
            assert_eq!(redeem(&world, &code).await.status, StatusCode::OK);
            for step in steps {
                world.clock.advance_secs(step);
                world.ask.erase_expired().await.unwrap();
                let again = world.post_form(&uri, form.clone()).await;
                refused(&again, StatusCode::BAD_REQUEST, "already_answered");
                refused(&redeem(&world, &code).await, StatusCode::CONFLICT, "response_code_used");
            }
            world.clock.advance_secs(-steps.iter().sum::<i64>());
        }
    })
    .await;
}

#[tokio::test]
async fn a_response_code_that_was_over_is_good_once_when_it_is_that_time_again() {
    worlds(async |world: World| {
        let world = later(world);
        let (_, _, code) = answered(&world).await;
        world.clock.advance_secs(RESPONSE_CODE_LIFETIME_S);
        refused(&redeem(&world, &code).await, StatusCode::CONFLICT, "response_code_expired");
        world.clock.advance_secs(-CLOCK_STEP_S);
        assert_eq!(redeem(&world, &code).await.status, StatusCode::OK);
        refused(&redeem(&world, &code).await, StatusCode::CONFLICT, "response_code_used");
    })
    .await;
}

#[tokio::test]
async fn what_a_clock_far_ahead_asked_is_over() {
    worlds(async |world: World| {
        let world = later(world);
        for (ahead, is_open) in [(CLOCK_STEP_S, true), (CLOCK_STEP_S + 1, false), (200 * 86_400, false)] {
            world.clock.advance_secs(ahead);
            let (asked, request) = world.asked(|_| ()).await;
            world.clock.advance_secs(-ahead);
            let shown = world.present(&request, |_| ());
            let answer = world.answer(&request, &[("pid", &[shown])]).await;
            let state = world.state(&asked).await["state"].clone();
            if is_open {
                assert_eq!((answer.status, state), (StatusCode::OK, json!("answered")), "{}", answer.text);
            } else {
                refused(&answer, StatusCode::BAD_REQUEST, "request_expired");
                assert_eq!(state, "expired");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_that_seemed_over_is_refused_by_its_code_and_asked_anew() {
    worlds(async |world: World| {
        let world = later(world);
        let encrypted = |body: &mut Value| body["response_mode"] = json!("direct_post.jwt");
        let (_, request) = world.asked(encrypted).await;
        world.clock.advance_secs(CLOCK_STEP_S);
        // The key to which it was to be answered is gone.
        world.ask.erase_expired().await.unwrap();
        world.clock.advance_secs(-CLOCK_STEP_S);
        let shown = world.present(&request, |_| ());
        let answer = world.answer(&request, &[("pid", &[shown])]).await;
        refused(&answer, StatusCode::BAD_REQUEST, "request_expired");
        let (_, request) = world.asked(encrypted).await;
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_list_of_another_hour_is_not_used_again() {
    worlds(async |world: World| {
        let world = later(world);
        let show = async |world: &World| {
            let (_, request) = world.asked(|_| ()).await;
            let shown = world.present(&request, |_| ());
            world.answer(&request, &[("pid", &[shown])]).await
        };
        assert_eq!(show(&world).await.status, StatusCode::OK);
        world.clock.advance_secs(-CLOCK_STEP_S);
        world.publish(Status::Invalid);
        refused(&show(&world).await, StatusCode::BAD_REQUEST, "status_revoked");
    })
    .await;
}

#[tokio::test]
async fn instances_an_hour_apart_take_nothing_twice() {
    each_database(async |database: &Database| {
        let (slow, fast) = (database.open(MIGRATIONS).await, database.open(MIGRATIONS).await);
        let (slow, fast) = (later(World::new(&slow, None)), later(World::new(&fast, None)));
        fast.clock.set(slow.clock.now().plus_secs(CLOCK_STEP_S));
        let (uri, form, code) = answered(&slow).await;
        fast.ask.erase_expired().await.unwrap();
        for world in [&fast, &slow] {
            let again = world.post_form(&uri, form.clone()).await;
            refused(&again, StatusCode::BAD_REQUEST, "already_answered");
        }
        refused(&redeem(&fast, &code).await, StatusCode::CONFLICT, "response_code_expired");
        assert_eq!(redeem(&slow, &code).await.status, StatusCode::OK);
        for world in [&fast, &slow] {
            refused(&redeem(world, &code).await, StatusCode::CONFLICT, "response_code_used");
        }
    })
    .await;
}
