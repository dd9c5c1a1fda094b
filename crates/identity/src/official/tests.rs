use std::sync::Arc;

use base::{Instant, time::ManualClock};
use crypto::{Ed25519SecretKey, SeededRandom};
use log::{Log, LogConfig, Stepped};
use serde_json::json;
use store::Store;

use crate::{MIGRATIONS, testing::app};

/// A register whose changes are logged, and that log.
async fn logged(store: &Store) -> (crate::Register, Log) {
    let signer = Arc::new(Ed25519SecretKey::from_seed(&[3; 32]).unwrap());
    let config = LogConfig { origin: "state.example/log".to_owned(), signer, head: None };
    let clock = Arc::new(ManualClock::new(Instant::from_secs(1_790_000_000)));
    let log = Log::open(config, store.clone(), clock, Arc::new(SeededRandom::new(8))).await.unwrap();
    // The tree without leaves.
    assert_eq!(log.step().await.unwrap(), Stepped::Dated);
    (app(store.clone()).register.with_log(log.clone()), log)
}

#[tokio::test]
async fn each_change_is_a_leaf_and_what_is_refused_is_none() {
    let migrations = [MIGRATIONS, log::MIGRATIONS].concat();
    store::fixture::each_engine(&migrations, async |store: Store| {
        let (register, log) = logged(&store).await;
        let app = crate::testing::App {
            router: register.clone().router(),
            clock: Arc::new(ManualClock::new(Instant::from_secs(1_790_000_000))),
            register,
        };
        let attributes = json!({
            "family_name": "Tidjara", "given_name": "Ulmira", "birthdate": "1980-01-01", "nationalities": ["XZ"],
            "place_of_birth": { "country": "XZ" },
        });
        let (status, person) = app.post("/staff/v1/people", json!({ "attributes": attributes })).await;
        assert_eq!(status, 201, "{person}");
        assert_eq!(log.step().await.unwrap(), Stepped::Placed(1));
        let address = format!("/staff/v1/people/{}", person["id"].as_str().unwrap());
        let amend = |version| json!({ "attributes": { "email": "u@x.example" }, "reason": "told us", "version": version });
        let address = format!("{address}/amendments");
        assert_eq!(app.post(&address, amend(7)).await.0, 409);
        assert_eq!(log.step().await.unwrap(), Stepped::Idle);
        assert_eq!(app.post(&address, amend(1)).await.0, 200);
        assert_eq!(log.step().await.unwrap(), Stepped::Placed(1));
        let harbour = json!({ "legal_name": "Harbour Tools", "registration_number": "XZ-1", "country": "XZ" });
        let (status, organisation) = app.post("/staff/v1/organisations", json!({ "attributes": harbour })).await;
        assert_eq!(status, 201, "{organisation}");
        let mandate = json!({ "person": person["id"], "capacity": "director", "reason": "elected" });
        let address = format!("/staff/v1/organisations/{}/mandates", organisation["id"].as_str().unwrap());
        let (status, mandate) = app.post(&address, mandate).await;
        assert_eq!(status, 201, "{mandate}");
        let address = format!("/staff/v1/mandates/{}/end", mandate["id"].as_str().unwrap());
        assert_eq!(app.post(&address, json!({ "reason": "left" })).await.0, 200);
        assert_eq!(app.post(&address, json!({ "reason": "left" })).await.0, 409);
        assert_eq!(log.step().await.unwrap(), Stepped::Placed(3), "organisation, mandate, its end");
    })
    .await;
}
