//! The staff interface.

use super::*;
use crate::MIGRATIONS;

#[tokio::test]
async fn an_offer_is_refused_where_no_credential_could_follow() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let nobody = PersonId::from_i64(9);
        let mut form = diploma_form();
        let with = |form: &Value| json!({ "person": ANA, "type": "diploma", "claims": form });
        assert_eq!(app.staff_post("/staff/v1/offers", &with(&form)).await.status, 201);
        form["awarded_on"] = "30 June".into();
        for (body, status, code) in [
            (json!({ "person": nobody, "type": "pid" }), 404, "no_such_person"),
            (json!({ "person": ANA, "type": "visa" }), 400, "no_such_type"),
            (json!({ "person": BO, "type": "pid" }), 409, "register_incomplete"),
            (json!({ "person": ANA, "type": "pid", "claims": { "sex": 1 } }), 400, "claim_not_asked"),
            (json!({ "person": ANA, "type": "diploma" }), 400, "claim_missing"),
            (with(&form), 400, "claim_malformed"),
            (json!({ "person": "Ana", "type": "pid" }), 400, "invalid_json"),
            (json!({ "person": ANA, "type": "pid", "color": "red" }), 400, "invalid_json"),
        ] {
            assert_eq!(
                app.staff_post("/staff/v1/offers", &body).await.refusal(),
                (status, code.into()),
                "{body}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_status_goes_only_where_it_may_and_keeps_why() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        app.fetched(&access, &key(1)).await;
        let all = app.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
        let path = format!("/staff/v1/credentials/{}", all["credentials"][0]["id"].as_str().unwrap());
        let change = async |what: &str| {
            app.clock.advance_secs(1);
            app.staff_post(&format!("{path}/{what}"), &json!({ "reason": format!("letter about {what}") })).await
        };
        let refused = |code: &str| (409, code.to_owned());
        assert_eq!(change("reinstate").await.refusal(), refused("not_suspended"));
        assert_eq!(change("suspend").await.json()["status"], "suspended");
        assert_eq!(change("suspend").await.refusal(), refused("already_suspended"));
        assert_eq!(change("reinstate").await.json()["status"], "valid");
        assert_eq!(change("reinstate").await.refusal(), refused("not_suspended"));
        assert_eq!(change("suspend").await.json()["status"], "suspended");
        assert_eq!(change("revoke").await.json()["status"], "revoked");
        for what in ["suspend", "reinstate", "revoke"] {
            assert_eq!(change(what).await.refusal(), refused("already_revoked"));
        }
        assert_eq!(change("delete").await.refusal(), (404, "not_found".into()));
        for reason in ["", "  ", &"x".repeat(501)] {
            let answer = app.staff_post(&format!("{path}/revoke"), &json!({ "reason": reason })).await;
            assert_eq!(answer.refusal(), (400, "reason".into()));
        }
        let history = app.staff_get(&path).await.json()["history"].clone();
        let statuses: Vec<_> = history.as_array().unwrap().iter().map(|h| h["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["valid", "suspended", "valid", "suspended", "revoked"]);
        assert_eq!(history[0]["reason"], Value::Null);
        assert_eq!(
            history[4],
            json!({ "status": "revoked", "reason": "letter about revoke", "actor": "amina", "at": "2026-11-21T10:30:22.000Z" })
        );
        for other in ["/staff/v1/credentials/cred_0000000000000001", "/staff/v1/credentials/x", "/staff/v1/offers/off_0000000000000001"] {
            assert_eq!(app.staff_get(other).await.refusal(), (404, "not_found".into()), "{other}");
        }
    })
    .await;
}

#[tokio::test]
async fn lists_go_on_after_their_last_row() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        app.fetched(&app.access_token().await, &key(1)).await;
        app.fetched(&app.access_token().await, &key(2)).await;
        let all = app.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
        let ids: Vec<_> =
            all["credentials"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
        let rest =
            app.staff_get(&format!("/staff/v1/credentials?person={ANA}&after={}", ids[0])).await.json();
        assert_eq!(rest["credentials"][0]["id"], ids[1]);
        assert_eq!(rest["credentials"].as_array().unwrap().len(), 1);
        for bad in ["", "?person=Ana", "?name=Ana", &format!("?person={ANA}&after=x")] {
            assert_eq!(
                app.staff_get(&format!("/staff/v1/credentials{bad}")).await.refusal(),
                (400, "query".into())
            );
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_in_without_a_staff_token() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let json = ("content-type", "application/json");
        for (method, path) in [
            ("GET", "/staff/v1/types"),
            ("POST", "/staff/v1/offers"),
            ("GET", "/staff/v1/offers/off_0000000000000001"),
            ("GET", "/staff/v1/credentials?person=per_0000000000000a11"),
            ("GET", "/staff/v1/credentials/cred_0000000000000001"),
            ("POST", "/staff/v1/credentials/cred_0000000000000001/suspend"),
            ("POST", "/staff/v1/credentials/cred_0000000000000001/reinstate"),
            ("POST", "/staff/v1/credentials/cred_0000000000000001/revoke"),
        ] {
            for headers in [&[json][..], &[json, ("authorization", "Bearer wrong")]] {
                let answer = app.send(method, path, headers, "{}").await;
                assert_eq!(answer.refusal(), (401, "unauthorized".into()), "{path}");
                assert!(!answer.headers.contains_key("access-control-allow-origin"));
            }
        }
        let types = app.staff_get("/staff/v1/types").await.json();
        let diploma = types["types"].as_array().unwrap().iter().find(|t| t["id"] == "diploma").unwrap();
        assert_eq!(diploma["vct"], format!("{IDENTIFIER}/types/diploma/1"));
        assert_eq!(diploma["form"][0]["name"], "degree");
        assert_eq!(diploma["form"][0]["label"]["ru"], "Степень");
        let licence =
            types["types"].as_array().unwrap().iter().find(|t| t["id"] == "driving-licence").unwrap();
        let categories = &licence["form"][1];
        assert_eq!(
            (&categories["kind"], &categories["parts"][0]["mandatory"]),
            (&json!("objects"), &json!(true))
        );
        assert_eq!(categories["parts"][3]["parts"][0]["label"]["es"], "Código");
    })
    .await;
}

#[tokio::test]
async fn each_change_of_status_is_a_leaf_of_the_log() {
    let migrations = [MIGRATIONS, log::MIGRATIONS].concat();
    ::store::fixture::each_engine(&migrations, async |store: Store| {
        let app = app(store.clone());
        let signer = Arc::new(crypto::Ed25519SecretKey::from_seed(&[3; 32]).unwrap());
        let settings = log::LogConfig { origin: "state.example/log".to_owned(), signer, head: None };
        let random = Arc::new(SeededRandom::new(8));
        let log = log::Log::open(settings, store, app.clock.clone(), random).await.unwrap();
        let _ = app.issuer.clone().with_log(log.clone());
        assert_eq!(log.step().await.unwrap(), log::Stepped::Dated, "the tree without leaves");
        let access = app.access_token().await;
        app.fetched(&access, &key(1)).await;
        assert_eq!(log.step().await.unwrap(), log::Stepped::Idle, "a card alone is no leaf");
        let all = app.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await.json();
        let path = format!("/staff/v1/credentials/{}", all["credentials"][0]["id"].as_str().unwrap());
        let change = async |what: &str| {
            app.staff_post(&format!("{path}/{what}"), &json!({ "reason": "a letter" })).await.status
        };
        assert_eq!(change("suspend").await, 200);
        assert_eq!(log.step().await.unwrap(), log::Stepped::Placed(1));
        assert_eq!(change("suspend").await, 409);
        assert_eq!(log.step().await.unwrap(), log::Stepped::Idle);
        assert_eq!(change("revoke").await, 200);
        assert_eq!(log.step().await.unwrap(), log::Stepped::Placed(1));
    })
    .await;
}
