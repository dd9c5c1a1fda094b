//! What wallets say became of their credentials.

use base::{
    Clock,
    limits::{ACCESS_TOKEN_LIFETIME_S, EVENT_DESCRIPTION_CHARS_MAX},
};

use super::*;
use crate::MIGRATIONS;

async fn notify(app: &App, access: &str, body: &str) -> Answer {
    let authorization = format!("Bearer {access}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    app.send("POST", "/notification", &headers, body).await
}

/// Fetches a credential; the `notification_id` that came with it.
async fn fetched(app: &App, access: &str, seed: u64) -> String {
    let proof = app.proof(&key(seed)).await;
    let answer = app.credential(access, &request("pid", &[&proof])).await.json();
    answer["notification_id"].as_str().unwrap().to_owned()
}

fn said(id: &str, event: &str) -> String {
    json!({ "notification_id": id, "event": event }).to_string()
}

#[tokio::test]
async fn what_wallets_say_is_kept_once_and_shown_to_staff() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let endpoint = app.get("/.well-known/openid-credential-issuer").await.json();
        assert_eq!(endpoint["notification_endpoint"], format!("{IDENTIFIER}/notification"));
        let access = app.access_token().await;
        let first = fetched(&app, &access, 1).await;
        let second = fetched(&app, &access, 2).await;
        assert_ne!(first, second, "one an answer");

        let failure = json!({ "notification_id": first, "event": "credential_failure", "event_description": "Disk full!", "more": 1 });
        for _ in 0..2 {
            let answer = notify(&app, &access, &failure.to_string()).await;
            assert_eq!((answer.status, answer.text.as_str()), (204, ""));
            assert_eq!(answer.header("cache-control"), "no-store");
            app.clock.advance_secs(1);
        }
        let at = app.clock.now().rfc3339();
        assert_eq!(notify(&app, &access, &said(&second, "credential_accepted")).await.status, 204);
        app.clock.advance_secs(1);
        assert_eq!(notify(&app, &access, &said(&second, "credential_deleted")).await.status, 204);

        let all = app.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
        let path = format!("/staff/v1/credentials/{}", all["credentials"][0]["id"].as_str().unwrap());
        let shown = app.staff_get(&path).await.json();
        let events: Vec<_> =
            shown["notifications"].as_array().unwrap().iter().map(|n| n["event"].clone()).collect();
        assert_eq!(events, ["credential_failure", "credential_accepted", "credential_deleted"]);
        assert_eq!(shown["notifications"][0]["description"], "Disk full!");
        assert_eq!(
            shown["notifications"][1],
            json!({ "event": "credential_accepted", "description": null, "at": at })
        );
        assert_eq!(shown["status"], "valid", "what to do about it is for staff to say");
    })
    .await;
}

#[tokio::test]
async fn notifications_are_refused() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let id = fetched(&app, &access, 1).await;
        let (other_access, unused) = (app.access_token().await, app.access_token().await);
        let other = fetched(&app, &other_access, 2).await;
        let good = said(&id, "credential_accepted");
        let with = |member: &str, value: Value| {
            let mut body: Value = serde_json::from_str(&good).unwrap();
            body[member] = value;
            body.to_string()
        };
        let (bad_id, bad_request) = ("invalid_notification_id", "invalid_notification_request");
        for (access, body, code) in [
            (&access, said(&other, "credential_accepted"), bad_id),
            (&other_access, good.clone(), bad_id),
            (&unused, good.clone(), bad_id),
            (&access, said("", "credential_accepted"), bad_id),
            (&access, said("a", "credential_accepted"), bad_id),
            (&access, said(&format!("{id}AA"), "credential_accepted"), bad_id),
            (&access, said(&id, "credential_lost"), bad_request),
            (&access, said(&id, "Credential_accepted"), bad_request),
            (&access, with("notification_id", json!(1)), bad_request),
            (&access, with("event", json!(null)), bad_request),
            (&access, with("event_description", json!(1)), bad_request),
            (&access, with("event_description", json!("café")), bad_request),
            (&access, with("event_description", json!("a\"b")), bad_request),
            (&access, with("event_description", json!("a\\b")), bad_request),
            (&access, with("event_description", json!("a\nb")), bad_request),
            (
                &access,
                with("event_description", json!("a".repeat(EVENT_DESCRIPTION_CHARS_MAX + 1))),
                bad_request,
            ),
            (&access, format!(r#"{{"notification_id":"{id}"}}"#), bad_request),
            (&access, r#"{"event":"credential_accepted"}"#.to_owned(), bad_request),
            (&access, good.replacen('{', r#"{"event":"credential_deleted","#, 1), bad_request),
            (&access, format!("[{good}]"), bad_request),
            (&access, String::new(), bad_request),
        ] {
            let answer = notify(&app, access, &body).await;
            assert_eq!(answer.refusal(), (400, code.into()), "{body}");
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let authorization = format!("Bearer {access}");
        let plain = [("authorization", authorization.as_str()), ("content-type", "text/plain")];
        let answer = app.send("POST", "/notification", &plain, &good).await;
        assert_eq!(answer.refusal(), (400, bad_request.into()));

        let none = app.send("POST", "/notification", &[("content-type", "application/json")], &good).await;
        assert_eq!((none.status, none.header("www-authenticate")), (401, "Bearer"));
        let unknown = notify(&app, "guess", &good).await;
        assert_eq!(unknown.refusal(), (401, "invalid_token".into()));
        assert!(unknown.header("www-authenticate").contains("invalid_token"));
        assert_eq!(notify(&app, "guess", "").await.refusal(), (401, "invalid_token".into()));
        assert_eq!(app.get("/notification").await.status, 405);

        let longest = with("event_description", json!("a".repeat(EVENT_DESCRIPTION_CHARS_MAX)));
        assert_eq!(notify(&app, &access, &longest).await.status, 204);
        app.clock.advance_secs(ACCESS_TOKEN_LIFETIME_S);
        assert_eq!(notify(&app, &access, &good).await.refusal(), (401, "invalid_token".into()));
    })
    .await;
}
