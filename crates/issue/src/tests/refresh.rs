//! A credential is fetched again, later, as it then is.

use formats::{jwk::Jwk, sd_jwt_vc, vci::GRANT_REFRESH_TOKEN};

use super::*;
use crate::MIGRATIONS;

impl App {
    async fn refresh(&self, token: &Value) -> Answer {
        let token = token["refresh_token"].as_str().unwrap();
        self.token(&[("grant_type", GRANT_REFRESH_TOKEN), ("refresh_token", token)]).await
    }

    /// Redeems an offer of a PID, and fetches one copy.
    async fn issued(&self) -> Value {
        let offer = self.offer(false).await;
        let token = self.redeem(&offer).await.json();
        self.fetched(access(&token), &key(1)).await;
        token
    }

    async fn only(&self) -> Value {
        let all = self.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
        let [one] = all["credentials"].as_array().unwrap().as_slice() else { panic!("{all}") };
        one.clone()
    }

    async fn change(&self, what: &str) {
        let id = self.only().await["id"].as_str().unwrap().to_owned();
        let path = format!("/staff/v1/credentials/{id}/{what}");
        assert_eq!(self.staff_post(&path, &json!({ "reason": "test" })).await.status, 200);
    }
}

fn access(token: &Value) -> &str {
    token["access_token"].as_str().unwrap()
}

fn no_grant() -> (u16, String) {
    (400, "invalid_grant".into())
}

#[tokio::test]
async fn a_refreshed_token_brings_the_same_credential_as_it_now_is() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let token = app.issued().await;
        let first = app.only().await;
        app.clock.advance_secs(5 * 86_400);
        app.people.0.lock().unwrap().get_mut(&ANA).unwrap().insert("family_name".into(), "Lima Ek".into());
        // What is over is erased, the offer with it; the token is not.
        app.issuer.erase_expired().await.unwrap();
        let answer = app.refresh(&token).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
        let next = answer.json();
        assert_eq!((&next["token_type"], &next["expires_in"]), (&json!("Bearer"), &json!(300)));
        assert_ne!(next["refresh_token"], token["refresh_token"]);
        let text = app.fetched(access(&next), &key(2)).await;
        let now = app.clock.now();
        let own = Jwk::from(&key(2).public_key());
        let verified = sd_jwt_vc::verify_received(&text, &app.anchors, now, Some(&own)).unwrap();
        assert_eq!(verified.claims["family_name"], "Lima Ek");
        assert_eq!(verified.iat, Some(now.start_of_day()));

        // Staff see one credential, which ends later and has one copy more.
        let after = app.only().await;
        assert_eq!((&after["id"], &after["copies"]), (&first["id"], &json!(2)));
        assert_eq!(after["issued_at"], first["issued_at"]);
        assert_eq!(after["expires_at"], verified.exp.unwrap().rfc3339());
        assert!(after["expires_at"].as_str().unwrap() > first["expires_at"].as_str().unwrap());
        // And again; each access token is good for so many answers and no more.
        let again = app.refresh(&next).await.json();
        for seed in 3..6 {
            app.fetched(access(&again), &key(seed)).await;
        }
        let body = request("pid", &[&app.proof(&key(6)).await]);
        let refused = app.credential(access(&again), &body).await.refusal();
        assert_eq!(refused, (400, "credential_request_denied".into()));
        // What happens to the credential happens to the new copies.
        app.change("revoke").await;
        assert_eq!(app.only().await["copies"], 5);
        assert_eq!(app.refresh(&again).await.refusal(), no_grant());
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_ends_its_family() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let other = app.issued().await;
        let offer = app.offer(false).await;
        let first = app.redeem(&offer).await.json();
        app.fetched(access(&first), &key(2)).await;
        let second = app.refresh(&first).await.json();
        let third = app.refresh(&second).await.json();
        assert_eq!(app.refresh(&first).await.refusal(), no_grant());
        assert_eq!(app.refresh(&third).await.refusal(), no_grant());
        let body = request("pid", &[&app.proof(&key(3)).await]);
        for token in [&first, &second, &third] {
            assert_eq!(app.credential(access(token), &body).await.refusal(), (401, "invalid_token".into()));
        }
        // Another family goes on.
        assert_eq!(app.refresh(&other).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn refresh_tokens_are_refused() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let unknown = json!({ "refresh_token": "unknown" });
        assert_eq!(app.refresh(&unknown).await.refusal(), no_grant());
        let none = app.token(&[("grant_type", GRANT_REFRESH_TOKEN)]).await;
        assert_eq!(none.refusal(), (400, "invalid_request".into()));
        // Nothing was issued yet; then it was. None of the refusals uses the token up.
        let offer = app.offer(false).await;
        let token = app.redeem(&offer).await.json();
        assert_eq!(app.refresh(&token).await.refusal(), no_grant());
        app.fetched(access(&token), &key(1)).await;
        // What is suspended is denied, but the token is not lost: a wallet drops one that is refused.
        app.change("suspend").await;
        let token = app.refresh(&token).await.json();
        let body = request("pid", &[&app.proof(&key(2)).await]);
        let denied = (400, "credential_request_denied".into());
        assert_eq!(app.credential(access(&token), &body).await.refusal(), denied);
        app.change("reinstate").await;
        app.fetched(access(&token), &key(2)).await;
        let ana = app.people.0.lock().unwrap().remove(&ANA).unwrap();
        assert_eq!(app.refresh(&token).await.refusal(), no_grant());
        app.people.0.lock().unwrap().insert(ANA, ana);
        let token = app.refresh(&token).await.json();
        let expires_at = Instant::parse_rfc3339(app.only().await["expires_at"].as_str().unwrap()).unwrap();
        app.clock.advance_secs(expires_at.secs() - app.clock.now().secs() - 1);
        let token = app.refresh(&token).await.json();
        app.clock.advance_secs(1);
        assert_eq!(app.refresh(&token).await.refusal(), no_grant());
    })
    .await;
}

#[tokio::test]
async fn what_a_clerk_entered_is_not_kept_for_a_refresh() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let body = json!({ "person": ANA, "type": "diploma", "claims": diploma_form(), "tx_code": false });
        let offer = app.staff_post("/staff/v1/offers", &body).await.json();
        let token = app.redeem(&offer).await;
        assert_eq!((token.status, token.json().get("refresh_token")), (200, None));
    })
    .await;
}

#[tokio::test]
async fn of_two_who_refresh_at_once_one_succeeds() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let (one, two) = (app(store.clone()), app_at(store, IDENTIFIER, 6));
        for _ in 0..4 {
            let offer = one.offer(false).await;
            let token = one.redeem(&offer).await.json();
            one.fetched(access(&token), &SecretKey::generate(&SeededRandom::new(70))).await;
            let (a, b) = tokio::join!(one.refresh(&token), two.refresh(&token));
            let mut statuses = [a.status, b.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 400], "{} {}", a.text, b.text);
        }
    })
    .await;
}

#[tokio::test]
async fn identifiers_stay_with_the_token() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let offer = app.offer(false).await;
        let details = r#"[{"type":"openid_credential","credential_configuration_id":"pid"}]"#;
        let token = app
            .token(&[
                ("grant_type", GRANT_PRE_AUTHORIZED_CODE),
                ("pre-authorized_code", code_of(&offer)),
                ("authorization_details", details),
            ])
            .await
            .json();
        let fetch = async |token: &Value, seed: u64| {
            let proof = app.proof(&key(seed)).await;
            let body = json!({ "credential_identifier": "pid.1", "proofs": { "jwt": [proof] } });
            app.credential(access(token), &body).await.status
        };
        assert_eq!(fetch(&token, 1).await, 200);
        let next = app.refresh(&token).await.json();
        assert_eq!(next["authorization_details"], token["authorization_details"]);
        assert_eq!(fetch(&next, 2).await, 200);
    })
    .await;
}
