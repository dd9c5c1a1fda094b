//! The clock is set back an hour, or was ahead of the time; two instances do not agree what time it is. Nothing is taken
//! twice, and nothing lasts for ever.

use base::limits::{ACCESS_TOKEN_LIFETIME_S, CLOCK_STEP_S, NONCE_LIFETIME_S, OFFER_LIFETIME_S};
use formats::status_list::verify_token;

use super::*;
use crate::MIGRATIONS;

/// Longer than anything that is taken once.
const OVER_S: i64 = OFFER_LIFETIME_S + ACCESS_TOKEN_LIFETIME_S + NONCE_LIFETIME_S;
const YEAR_S: i64 = 365 * 86_400;

/// A code that was redeemed, and a request for a credential that was answered.
struct Spent {
    offer: Value,
    proof: String,
}

impl Spent {
    async fn on(app: &App) -> Self {
        let offer = app.offer(false).await;
        let access = app.redeem(&offer).await.json()["access_token"].as_str().unwrap().to_owned();
        let proof = app.proof(&key(50)).await;
        assert_eq!(app.credential(&access, &request("pid", &[&proof])).await.status, 200);
        Self { offer, proof }
    }

    /// Neither code nor proof is taken again, here and now, whatever token comes with it.
    async fn check(&self, app: &App, refusal: &str) {
        assert_eq!(app.redeem(&self.offer).await.refusal(), (400, "invalid_grant".into()));
        let access = app.access_token().await;
        let again = app.credential(&access, &request("pid", &[&self.proof])).await;
        assert_eq!(again.refusal(), (400, refusal.into()));
    }
}

#[tokio::test]
async fn set_back_an_hour_nothing_is_taken_twice() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        for (seed, passed) in (20..).zip([0, 1, NONCE_LIFETIME_S - 1, OVER_S]) {
            let app = app_at(store.clone(), IDENTIFIER, seed);
            let spent = Spent::on(&app).await;
            // The clock runs on, what is over is erased at each step, and then it is an hour ago.
            for _ in 0..2 {
                app.clock.advance_secs(passed);
                app.issuer.erase_expired().await.unwrap();
            }
            app.clock.advance_secs(-CLOCK_STEP_S);
            // What was proven an hour from now is not proven now; as soon as it might be, the nonce is known to be used.
            spent.check(&app, "invalid_proof").await;
            app.clock.advance_secs(CLOCK_STEP_S - 2 * passed);
            spent.check(&app, "invalid_nonce").await;
            app.issuer.erase_expired().await.unwrap();
            spent.check(&app, "invalid_nonce").await;
        }
    })
    .await;
}

#[tokio::test]
async fn ahead_an_hour_and_back_nothing_is_taken_twice_and_life_goes_on() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let spent = Spent::on(&app).await;
        let (open, redeemed) = (app.offer(false).await, app.access_token().await);
        app.clock.advance_secs(CLOCK_STEP_S);
        app.issuer.erase_expired().await.unwrap();
        spent.check(&app, "invalid_proof").await;
        app.clock.advance_secs(-CLOCK_STEP_S);
        spent.check(&app, "invalid_nonce").await;
        // What seemed to be over lost what the clerk had entered: it is refused, by its code, and offered anew.
        assert_eq!(app.redeem(&open).await.status, 200);
        let proof = app.proof(&key(51)).await;
        let refused = app.credential(&redeemed, &request("pid", &[&proof])).await;
        assert_eq!(refused.refusal(), (400, "credential_request_denied".into()));
        Spent::on(&app).await;
    })
    .await;
}

#[tokio::test]
async fn what_a_clock_far_ahead_made_does_not_last_until_then() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        // Made within an hour of the time it lasts as long as that; made in the wrong year it is over.
        for (ahead, lasts) in [(CLOCK_STEP_S, true), (CLOCK_STEP_S + 1, false), (YEAR_S, false)] {
            app.clock.advance_secs(ahead);
            let (open, access, nonce) = (app.offer(false).await, app.access_token().await, app.nonce().await);
            app.clock.advance_secs(-ahead);
            let redeemed = app.redeem(&open).await;
            let proof = proof::build(&key(52), IDENTIFIER, Some(&nonce), app.clock.now()).unwrap();
            let issued = app.credential(&access, &request("pid", &[&proof])).await;
            if lasts {
                assert_eq!((redeemed.status, issued.status), (200, 200), "{}", issued.text);
                continue;
            }
            assert_eq!(redeemed.refusal(), (400, "invalid_grant".into()));
            assert_eq!(issued.refusal(), (401, "invalid_token".into()));
            let now = app.access_token().await;
            let issued = app.credential(&now, &request("pid", &[&proof])).await;
            assert_eq!(issued.refusal(), (400, "invalid_nonce".into()));
        }
    })
    .await;
}

#[tokio::test]
async fn a_status_list_is_of_now_whatever_the_clock_was() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        // The certificates are of two hours ago.
        app.clock.advance_secs(2 * CLOCK_STEP_S);
        Spent::on(&app).await;
        let uri = format!("{IDENTIFIER}/status/1");
        for step in [0, CLOCK_STEP_S, -CLOCK_STEP_S, -CLOCK_STEP_S, YEAR_S / 12, -YEAR_S / 12] {
            app.clock.advance_secs(step);
            let token = app.get("/status/1").await;
            assert_eq!(token.status, 200, "{}", token.text);
            let verified = verify_token(&token.text, &uri, &app.anchors, app.clock.now());
            assert!(verified.is_ok(), "after a step of {step} s: {:?}", verified.err());
        }
    })
    .await;
}

#[tokio::test]
async fn instances_an_hour_apart_take_nothing_twice() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let (slow, fast) = (app(store.clone()), app_at(store, IDENTIFIER, 6));
        fast.clock.set(slow.clock.now().plus_secs(CLOCK_STEP_S));
        let spent = Spent::on(&slow).await;
        fast.issuer.erase_expired().await.unwrap();
        spent.check(&slow, "invalid_nonce").await;
        spent.check(&fast, "invalid_proof").await;
        // What the fast one made the slow one takes, once.
        let offer = fast.offer(false).await;
        assert_eq!(slow.redeem(&offer).await.status, 200);
        assert_eq!(fast.redeem(&offer).await.refusal(), (400, "invalid_grant".into()));
        let nonce = fast.nonce().await;
        for (seed, status) in [(53, 200), (54, 400)] {
            let proof = proof::build(&key(seed), IDENTIFIER, Some(&nonce), slow.clock.now()).unwrap();
            let access = slow.access_token().await;
            let answer = slow.credential(&access, &request("pid", &[&proof])).await;
            assert_eq!(answer.status, status, "{}", answer.text);
        }
    })
    .await;
}
