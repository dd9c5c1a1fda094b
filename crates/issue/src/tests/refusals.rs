//! Every refusal by its exact code, beside the same request without the fault.

use base::{Clock, limits::TX_CODE_TRIES_MAX};
use formats::{jwk::Jwk, jws};

use super::*;
use crate::MIGRATIONS;

const GRANT: (&str, &str) = ("grant_type", GRANT_PRE_AUTHORIZED_CODE);

#[tokio::test]
async fn the_token_endpoint_refuses() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let offer = app.offer(true).await;
        let code = ("pre-authorized_code", code_of(&offer));
        let tx_code = ("tx_code", offer["tx_code"].as_str().unwrap());
        for (pairs, error) in [
            (vec![code, tx_code], "invalid_request"),
            (vec![("grant_type", "authorization_code"), code, tx_code], "unsupported_grant_type"),
            (vec![GRANT, tx_code], "invalid_request"),
            (vec![GRANT, ("pre-authorized_code", ""), tx_code], "invalid_request"),
            (vec![GRANT, ("pre-authorized_code", "guess"), tx_code], "invalid_grant"),
            (vec![GRANT, code], "invalid_request"),
            (vec![GRANT, code, code, tx_code], "invalid_request"),
        ] {
            let answer = app.token(&pairs).await;
            assert_eq!(answer.refusal(), (400, error.into()));
            assert_eq!(
                (answer.header("cache-control"), answer.header("content-type")),
                ("no-store", "application/json")
            );
        }
        let json = app.send("POST", "/token", &[("content-type", "application/json")], "{}").await;
        assert_eq!(json.refusal(), (400, "invalid_request".into()));
        assert_eq!(app.get("/token").await.status, 405);
        assert_eq!(app.token(&[GRANT, code, tx_code, ("unknown", "x")]).await.status, 200);
        assert_eq!(app.token(&[GRANT, code, tx_code]).await.refusal(), (400, "invalid_grant".into()), "used");

        let offer = app.offer(false).await;
        let code = ("pre-authorized_code", code_of(&offer));
        assert_eq!(
            app.token(&[GRANT, code, ("tx_code", "123456")]).await.refusal(),
            (400, "invalid_request".into())
        );
        assert_eq!(app.redeem(&offer).await.status, 200);

        let (in_time, late) = (app.offer(true).await, app.offer(true).await);
        app.clock.advance_secs(899);
        assert_eq!(app.redeem(&in_time).await.status, 200);
        app.clock.advance_secs(1);
        assert_eq!(app.redeem(&late).await.refusal(), (400, "invalid_grant".into()));
        let shown = app.staff_get(&format!("/staff/v1/offers/{}", late["id"].as_str().unwrap())).await.json();
        assert_eq!(shown["state"], "expired");
    })
    .await;
}

#[tokio::test]
async fn wrong_transaction_codes_are_counted_though_they_fail() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let guess = async |offer: &Value, times: i64| {
            let right = offer["tx_code"].as_str().unwrap();
            let wrong = if right == "000000" { "000001" } else { "000000" };
            for _ in 0..times {
                let pairs = [GRANT, ("pre-authorized_code", code_of(offer)), ("tx_code", wrong)];
                assert_eq!(app.token(&pairs).await.refusal(), (400, "invalid_grant".into()));
            }
        };
        let state = async |offer: &Value| {
            let shown = app.staff_get(&format!("/staff/v1/offers/{}", offer["id"].as_str().unwrap())).await;
            shown.json()["state"].as_str().unwrap().to_owned()
        };
        let offer = app.offer(true).await;
        guess(&offer, TX_CODE_TRIES_MAX - 1).await;
        assert_eq!(state(&offer).await, "open");
        assert_eq!(app.redeem(&offer).await.status, 200);

        let offer = app.offer(true).await;
        guess(&offer, TX_CODE_TRIES_MAX).await;
        assert_eq!(state(&offer).await, "locked");
        assert_eq!(
            app.redeem(&offer).await.refusal(),
            (400, "invalid_grant".into()),
            "the right code comes too late"
        );
        let uri = offer["credential_offer_uri"].as_str().unwrap();
        assert_eq!(app.get(uri.strip_prefix(IDENTIFIER).unwrap()).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn access_tokens_are_refused_as_rfc_6750_says() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let proof = app.proof(&key(1)).await;
        let body = request("pid", &[&proof]);
        let json = ("content-type", "application/json");
        let none = app.send("POST", "/credential", &[json], &body.to_string()).await;
        assert_eq!((none.status, none.header("www-authenticate")), (401, "Bearer"));
        let in_query = format!("/credential?access_token={access}");
        assert_eq!(app.send("POST", &in_query, &[json], &body.to_string()).await.status, 401);
        let scheme = format!("DPoP {access}");
        assert_eq!(
            app.send("POST", "/credential", &[json, ("authorization", &scheme)], &body.to_string())
                .await
                .status,
            401
        );
        let wrong = app.credential("guess", &body).await;
        assert_eq!(wrong.refusal(), (401, "invalid_token".into()));
        assert!(wrong.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""));
        let other = app.credential(&access, &request("diploma", &[&proof])).await;
        assert_eq!(other.refusal(), (403, "insufficient_scope".into()));
        assert_eq!(app.kept().await, 0);

        app.clock.advance_secs(299);
        assert_eq!(app.credential(&access, &body).await.status, 200);
        let proof = app.proof(&key(2)).await;
        app.clock.advance_secs(1);
        assert_eq!(
            app.credential(&access, &request("pid", &[&proof])).await.refusal(),
            (401, "invalid_token".into())
        );
    })
    .await;
}

#[tokio::test]
async fn the_credential_endpoint_refuses() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let proof = app.proof(&key(1)).await;
        let jwt = json!({ "jwt": [&proof] });
        let id = "credential_configuration_id";
        for (body, error) in [
            (json!({ id: "unknown", "proofs": &jwt }), "unknown_credential_configuration"),
            (json!({ "credential_identifier": "pid", "proofs": &jwt }), "unknown_credential_identifier"),
            (
                json!({ id: "pid", "credential_identifier": "pid.1", "proofs": &jwt }),
                "invalid_credential_request",
            ),
            (json!({ "proofs": &jwt }), "invalid_credential_request"),
            (json!({ id: 7, "proofs": &jwt }), "invalid_credential_request"),
            (json!([]), "invalid_credential_request"),
            (json!({ id: "pid" }), "invalid_proof"),
            (json!({ id: "pid", "proof": { "proof_type": "jwt", "jwt": &proof } }), "invalid_proof"),
            (json!({ id: "pid", "proofs": {} }), "invalid_proof"),
            (json!({ id: "pid", "proofs": { "jwt": [] } }), "invalid_proof"),
            (json!({ id: "pid", "proofs": { "jwt": &proof } }), "invalid_proof"),
            (json!({ id: "pid", "proofs": { "jwt": [7] } }), "invalid_proof"),
            (json!({ id: "pid", "proofs": { "jwt": [&proof], "attestation": [&proof] } }), "invalid_proof"),
            (json!({ id: "pid", "proofs": { "attestation": [&proof] } }), "invalid_proof"),
            (
                json!({ id: "pid", "proofs": &jwt, "credential_response_encryption": { "enc": "A256GCM" } }),
                "invalid_encryption_parameters",
            ),
        ] {
            let answer = app.credential(&access, &body).await;
            assert_eq!(answer.refusal(), (400, error.into()), "{body}");
            assert_eq!(
                (answer.header("content-type"), answer.header("cache-control")),
                ("application/json", "no-store")
            );
        }
        let authorization = format!("Bearer {access}");
        let authorization = ("authorization", authorization.as_str());
        let good = json!({ id: "pid", "proofs": &jwt, "unknown": 1 }).to_string();
        let twice = good.replacen('{', "{\"unknown\":2,", 1);
        for (media_type, body, error) in [
            ("text/plain", &good, "invalid_credential_request"),
            ("application/jwt", &good, "invalid_encryption_parameters"),
            ("application/json", &twice, "invalid_credential_request"),
            ("application/json", &"[".repeat(40), "invalid_credential_request"),
            ("application/json", &" ".repeat(300_000), "invalid_credential_request"),
        ] {
            let answer =
                app.send("POST", "/credential", &[authorization, ("content-type", media_type)], body).await;
            assert_eq!(answer.refusal(), (400, error.into()), "{media_type}");
        }
        assert_eq!(app.kept().await, 0);
        let headers =
            [authorization, ("content-type", "application/json; charset=utf-8"), ("accept", "text/html")];
        assert_eq!(app.send("POST", "/credential", &headers, &good).await.status, 200);
    })
    .await;
}

/// A proof with another header and other claims than ours; `""` takes a member away.
fn forged(header: &Value, claims: &Value, key: &SecretKey, nonce: &str, now: Instant) -> String {
    let mut all = json!({ "typ": proof::TYP, "jwk": Jwk::from(&key.public_key()).to_value() });
    let mut body = json!({ "aud": IDENTIFIER, "iat": now.secs(), "nonce": nonce });
    for (base, changes) in [(&mut all, header), (&mut body, claims)] {
        for (name, value) in changes.as_object().unwrap() {
            if value == "" {
                base.as_object_mut().unwrap().remove(name);
            } else {
                base[name] = value.clone();
            }
        }
    }
    jws::sign(&all, body.to_string().as_bytes(), key).unwrap()
}

#[tokio::test]
async fn key_proofs_are_refused() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let key = key(1);
        let nonce = app.nonce().await;
        let now = app.clock.now();
        let check = async |text: String, error: &str| {
            let answer = app.credential(&access, &request("pid", &[&text])).await;
            assert_eq!(answer.refusal(), (400, error.into()), "{text}");
        };
        let mut private = Jwk::from(&key.public_key()).to_value();
        private["d"] = formats::b64::encode(&*key.to_scalar()).into();
        let chain = app.issuer.0.config.signer.x5c();
        for (header, claims, error) in [
            (json!({ "typ": "JWT" }), json!({}), "invalid_proof"),
            (json!({ "typ": "" }), json!({}), "invalid_proof"),
            (json!({ "jwk": "" }), json!({}), "invalid_proof"),
            (json!({ "jwk": "", "kid": "did:example:1#0" }), json!({}), "invalid_proof"),
            (json!({ "kid": "did:example:1#0" }), json!({}), "invalid_proof"),
            (json!({ "jwk": "", "x5c": &chain }), json!({}), "invalid_proof"),
            (json!({ "x5c": &chain }), json!({}), "invalid_proof"),
            (json!({ "jwk": private }), json!({}), "invalid_proof"),
            (json!({ "crit": ["exp"] }), json!({}), "invalid_proof"),
            (json!({}), json!({ "aud": "https://other.example" }), "invalid_proof"),
            (json!({}), json!({ "aud": [IDENTIFIER] }), "invalid_proof"),
            (json!({}), json!({ "aud": "" }), "invalid_proof"),
            (json!({}), json!({ "iat": "" }), "invalid_proof"),
            (json!({}), json!({ "iat": now.secs() - 301 }), "invalid_proof"),
            (json!({}), json!({ "iat": now.secs() + 61 }), "invalid_proof"),
            (json!({}), json!({ "nonce": "" }), "invalid_proof"),
            (json!({}), json!({ "nonce": 7 }), "invalid_proof"),
            (json!({}), json!({ "nonce": "guess" }), "invalid_nonce"),
            (json!({}), json!({ "nonce": format!("A{}", &nonce[1..]) }), "invalid_nonce"),
        ] {
            check(forged(&header, &claims, &key, &nonce, now), error).await;
        }
        let good = forged(&json!({}), &json!({ "iat": now.secs() - 300 }), &key, &nonce, now);
        let parts: Vec<&str> = good.split('.').collect();
        let unsigned =
            formats::b64::encode(json!({ "alg": "none", "typ": proof::TYP }).to_string().as_bytes());
        check(format!("{unsigned}.{}.", parts[1]), "invalid_proof").await;
        let hmac =
            json!({ "alg": "HS256", "typ": proof::TYP, "jwk": Jwk::from(&key.public_key()).to_value() });
        let hmac = formats::b64::encode(hmac.to_string().as_bytes());
        check(format!("{hmac}.{}.{}", parts[1], parts[2]), "invalid_proof").await;
        let other = forged(
            &json!({ "jwk": Jwk::from(&key.public_key()).to_value() }),
            &json!({}),
            &super::key(2),
            &nonce,
            now,
        );
        check(other, "invalid_proof").await;
        check("x".into(), "invalid_proof").await;
        assert_eq!(app.kept().await, 0);

        // Nothing of all this used up the nonce; once used it is used up, also for another key and another token.
        assert_eq!(app.credential(&access, &request("pid", &[&good])).await.status, 200);
        check(good.clone(), "invalid_nonce").await;
        let second = app.access_token().await;
        let body = request("pid", &[&forged(&json!({}), &json!({}), &super::key(3), &nonce, now)]);
        assert_eq!(app.credential(&second, &body).await.refusal(), (400, "invalid_nonce".into()));
        assert_eq!(app.kept().await, 1);
    })
    .await;
}

#[tokio::test]
async fn nonces_expire_and_are_nobody_elses() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let nonce = app.nonce().await;
        assert_ne!(nonce, app.nonce().await);
        app.clock.advance_secs(299);
        let fresh = app.access_token().await;
        assert!(app.issuer.0.nonce_expiry(&nonce).is_some());
        app.clock.advance_secs(1);
        let proof = proof::build(&key(1), IDENTIFIER, Some(&nonce), app.clock.now()).unwrap();
        assert_eq!(
            app.credential(&fresh, &request("pid", &[&proof])).await.refusal(),
            (400, "invalid_nonce".into())
        );

        // Another instance with the same secret takes it, one with another secret does not.
        let nonce = app.nonce().await;
        let (mut config, _) = config(IDENTIFIER, app.clock.now());
        let instance = |config| {
            let random = Arc::new(SeededRandom::new(9));
            Issuer::new(config, app.store.clone(), app.clock.clone(), random, app.people.clone()).unwrap()
        };
        assert!(instance(config.clone()).0.nonce_expiry(&nonce).is_some());
        config.server_secret = [8; 32];
        assert!(instance(config).0.nonce_expiry(&nonce).is_none());
    })
    .await;
}

#[tokio::test]
async fn a_person_who_left_the_register_gets_nothing() {
    ::store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let access = app.access_token().await;
        let removed = app.people.0.lock().unwrap().remove(&ANA).unwrap();
        let body = request("pid", &[&app.proof(&key(1)).await]);
        assert_eq!(app.credential(&access, &body).await.refusal(), (400, "credential_request_denied".into()));
        app.people.0.lock().unwrap().insert(ANA, removed);
        assert_eq!(app.credential(&access, &body).await.status, 200);
    })
    .await;
}
