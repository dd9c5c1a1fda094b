//! Two instances on one database: what counts once counts once among them all.

use axum::http::StatusCode;
use serde_json::{Value, json};
use store::fixture::{Database, each_database};

use super::world::{Answer, CLINIC, World};
use crate::MIGRATIONS;

/// Two instances of one asker, as they run behind one address.
async fn instances(test: impl AsyncFn(World, World)) {
    each_database(async |database: &Database| {
        let (one, two) = (database.open(MIGRATIONS).await, database.open(MIGRATIONS).await);
        test(World::new(&one, None), World::new(&two, None)).await;
    })
    .await;
}

/// How many were taken; all others were refused with this code.
fn taken(answers: &[Answer], refused: &str) -> usize {
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == StatusCode::OK);
    assert!(bad.iter().all(|a| a.code() == refused), "{bad:?}");
    good.len()
}

#[tokio::test]
async fn of_answers_to_two_instances_one_wins() {
    instances(async |one: World, two: World| {
        for _ in 0..5 {
            let (asked, request) = one.asked(|_| ()).await;
            let shown = [one.present(&request, |_| ())];
            let shown = [("pid", shown.as_slice())];
            let send = |first: bool| {
                let world = if first { &one } else { &two };
                world.answer(&request, &shown)
            };
            let answers: [Answer; 4] = tokio::join!(send(true), send(false), send(true), send(false)).into();
            assert_eq!(taken(&answers, "already_answered"), 1);
            assert_eq!(one.state(&asked).await, two.state(&asked).await);
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_opens_one_of_two_instances_once() {
    instances(async |one: World, two: World| {
        let session = "session-of-the-person-who-asked";
        for thief in [session, "session-of-somebody-else"] {
            let (asked, request) = one
                .asked(|b| {
                    b["device"] = json!("same");
                    b["return_to"] = json!(format!("{CLINIC}/back"));
                    b["session"] = json!(session);
                })
                .await;
            let shown = one.present(&request, |_| ());
            let answer = one.answer(&request, &[("pid", &[shown])]).await.json();
            let code = answer["redirect_uri"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned();
            let body = |session: &str| json!({ "response_code": code, "session": session });
            let (own, theirs) = (body(session), body(thief));
            let path = "/ask/v1/response-codes";
            let answers: [Answer; 2] =
                tokio::join!(one.post_json(path, &own), two.post_json(path, &theirs)).into();
            let good = answers.iter().filter(|a| a.status == StatusCode::OK).count();
            let state = two.state(&asked).await;
            if thief == session {
                assert_eq!((good, &state["result"]["outcome"]), (1, &json!("valid")));
            } else {
                // Whichever came first decides, and both instances say the same.
                let expected: Value = if good == 1 { json!("valid") } else { json!("invalid") };
                assert_eq!(state["result"]["outcome"], expected);
            }
            assert_eq!(one.state(&asked).await, state);
        }
    })
    .await;
}
