//! What may be asked, over HTTP and from a feature; what wallets fetch.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use base::limits::REQUEST_LIFETIME_S;
use formats::{
    dcql,
    vp::{Prefix, ResponseMode},
};
use serde_json::{Value, json};
use store::{Store, Tx};

use super::world::{CLINIC, World, agreement, question, worlds};
use crate::{
    AskRequest, Device, MIGRATIONS, Outcome, Progress, STATEMENTS, Transaction, TransactionType, TypeRefusal,
};

#[tokio::test]
async fn both_engines_understand_every_statement() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        store.prepare_check(&STATEMENTS.concat()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_request_is_the_same_each_time_it_is_fetched() {
    worlds(async |world: World| {
        let asked = world.ask_for(|_| ()).await.json();
        let link = formats::vp::Link::parse(asked["link"].as_str().unwrap()).unwrap();
        let (first, again) = (world.get(&link.request_uri).await, world.get(&link.request_uri).await);
        assert_eq!(first.text, again.text);
        assert_eq!(first.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert_eq!(first.headers[header::CACHE_CONTROL], "no-store");
        assert!(!first.text.contains('='), "compact");
        assert_eq!(world.get("/ask/request/unknown").await.code(), "not_found");
        world.clock.advance_secs(REQUEST_LIFETIME_S);
        let late = world.get(&link.request_uri).await;
        assert_eq!((late.status, late.code()), (StatusCode::GONE, "request_expired"));
    })
    .await;
}

#[tokio::test]
async fn both_prefixes_are_spoken_and_nonces_are_fresh() {
    worlds(async |world: World| {
        let (_, hash) = world.asked(|_| ()).await;
        assert!(hash.client_id.to_string().starts_with("x509_hash:"));
        let (_, dns) = world.asked(|b| b["client_id_prefix"] = json!("x509_san_dns")).await;
        assert_eq!(dns.client_id.to_string(), "x509_san_dns:localhost");
        assert_ne!(hash.nonce, dns.nonce);
        assert_ne!(hash.state, dns.state);
        assert_ne!(hash.response_uri, dns.response_uri);
        assert_eq!(dns.purpose.as_ref().unwrap().get(base::Lang::Fr), "Pour ouvrir votre dossier");
        for request in &[hash, dns] {
            let shown = world.present(request, |_| ());
            assert_eq!(world.answer(request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    worlds(async |world: World| {
        let check = async |change: fn(&mut Value), code: &str| {
            let refused = world.ask_for(change).await;
            assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, code), "{}", refused.text);
        };
        check(|b| b["purpose"] = json!({ "en": "only" }), "invalid_json").await;
        check(|b| b["purpose"]["en"] = json!("x".repeat(501)), "purpose").await;
        check(|b| b["purpose"]["en"] = json!("a\u{7}"), "purpose").await;
        check(|b| b["purpose"]["en"] = json!("a\u{202e}b"), "purpose").await;
        check(|b| b["unknown"] = json!(1), "invalid_json").await;
        check(|b| b["client_id_prefix"] = json!("decentralized_identifier"), "client_id_prefix").await;
        check(|b| b["response_mode"] = json!("fragment"), "response_mode").await;
        check(|b| b["dcql_query"] = json!({}), "dcql_malformed").await;
        let mdoc = |b: &mut Value| {
            b["dcql_query"]["credentials"][0]["format"] = json!("mso_mdoc");
            b["dcql_query"]["credentials"][0]["meta"] = json!({ "doctype_value": "org.iso.18013.5.1.mDL" });
            b["dcql_query"]["credentials"][0]["claims"] =
                json!([{ "path": ["org.iso.18013.5.1", "family_name"] }]);
        };
        check(mdoc, "dcql_unsupported").await;
        check(|b| b["dcql_query"]["credentials"][0]["claim_sets"] = json!([["a"]]), "dcql_malformed").await;
        check(
            |b| b["dcql_query"]["credentials"][0]["claims"][0]["path"] = json!(["vct"]),
            "dcql_never_disclosable",
        )
        .await;
        check(
            |b| b["dcql_query"]["credentials"][0]["claims"][0]["path"] = json!(["iat"]),
            "dcql_never_disclosable",
        )
        .await;
        check(
            |b| b["transaction_data"] = json!([{ "type": "urn:x", "payload": {} }]),
            "transaction_type_unknown",
        )
        .await;
        let change = |b: &mut Value| {
            b["transaction_data"] = agreement();
            b["transaction_data"][0]["payload"]["more"] = json!(1);
        };
        check(change, "transaction_invalid").await;
        let change = |b: &mut Value| {
            b["transaction_data"] = agreement();
            b["transaction_data"][0]["payload"] = json!({});
        };
        check(change, "transaction_invalid").await;
        let change = |b: &mut Value| {
            b["transaction_data"] = agreement();
            b["transaction_data"][0]["credential_ids"] = json!(["other"]);
        };
        check(change, "transaction_credential_ids").await;
        check(|b| b["transaction_data"] = vec![agreement()[0].clone(); 9].into(), "transaction_invalid")
            .await;
        assert_eq!(world.ask_for(|b| b["transaction_data"] = agreement()).await.status, StatusCode::CREATED);
    })
    .await;
}

#[tokio::test]
async fn only_staff_may_ask_and_look() {
    worlds(async |world: World| {
        let asked = world.ask_for(|_| ()).await.json();
        let id = asked["id"].as_str().unwrap();
        let requests = [
            Request::post("/ask/v1/requests")
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(question().to_string())),
            Request::get(format!("/ask/v1/requests/{id}")).body(Body::empty()),
            Request::get(format!("/ask/v1/requests/{id}/evidence")).body(Body::empty()),
            Request::post("/ask/v1/response-codes").body(Body::from("{}")),
        ];
        for request in requests {
            let answer = world.send(request.unwrap()).await;
            assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "unauthorized"));
            assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
        }
        for unknown in ["ask_0000000000000001", "per_0000000000000001", "x"] {
            assert_eq!(world.get(&format!("/ask/v1/requests/{unknown}")).await.code(), "not_found");
        }
    })
    .await;
}

/// Of the staff with the same role, of a feature (who signs in here, who takes part), or guessed: it is all the same.
#[tokio::test]
async fn a_request_is_read_by_whoever_asked_and_nobody_else() {
    worlds(async |mut world: World| {
        let (asked, request) = world.asked(|_| ()).await;
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        let mine = format!("/ask/v1/requests/{}", asked["id"].as_str().unwrap());
        let of_login = AskRequest {
            purpose: serde_json::from_value(question()["purpose"].clone()).unwrap(),
            query: dcql::Query::from_value(&question()["dcql_query"]).unwrap(),
            transactions: Vec::new(),
            device: Device::Cross,
            prefix: Prefix::X509Hash,
            response_mode: ResponseMode::DirectPost,
            asked_by: "login".into(),
        };
        let of_login = format!("/ask/v1/requests/{}", world.ask.request(&of_login).await.unwrap().id);
        for (name, address, status) in [
            ("amina", &mine, StatusCode::OK),
            ("boris", &mine, StatusCode::NOT_FOUND),
            ("amina", &of_login, StatusCode::NOT_FOUND),
            ("login", &of_login, StatusCode::NOT_FOUND),
        ] {
            world.with_staff(name);
            assert_eq!(world.get(address).await.status, status, "{name} {address}");
            let evidence = world.get(&format!("{address}/evidence")).await;
            assert_eq!(evidence.status, status, "{name} {address}");
        }
    })
    .await;
}

#[tokio::test]
async fn types_can_be_read_by_everybody() {
    worlds(async |world: World| {
        let answer = world.get("/types/agreement/1").await;
        assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        let document = answer.json();
        assert_eq!(document["type"], format!("{CLINIC}/types/agreement/1"));
        assert_eq!(document["claims"][0]["path"], json!(["payload", "text"]));
        assert_eq!(document["claims"][0]["display"].as_array().unwrap().len(), 6);
        assert_eq!(document["schema"]["additionalProperties"], json!(false));
    })
    .await;
}

fn vote(path: &str, schema: Value) -> TransactionType {
    let texts = serde_json::from_value::<base::Texts>(question()["purpose"].clone()).unwrap();
    TransactionType { path: path.into(), schema, title: texts.clone(), action: texts, labels: Vec::new() }
}

#[tokio::test]
async fn a_feature_asks_in_its_own_write_and_gets_one_result() {
    worlds(async |world: World| {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["for"],
            "properties": { "for": { "enum": ["yes", "no"] } },
        });
        let ask = world.ask.clone().with_type(vote("/types/vote/1", schema.clone())).unwrap();
        assert_eq!(
            ask.clone().with_type(vote("/types/vote/1", schema.clone())).unwrap_err(),
            TypeRefusal::Taken
        );
        assert_eq!(ask.clone().with_type(vote("/vote", schema)).unwrap_err(), TypeRefusal::Path);
        let open = ask.clone().with_type(vote("/types/open/1", json!({ "type": "object" })));
        assert!(matches!(open, Err(TypeRefusal::Schema(_))));
        let transaction = |choice: &str| Transaction {
            kind: format!("{CLINIC}/types/vote/1"),
            credential_ids: Vec::new(),
            payload: json!({ "for": choice }).as_object().unwrap().clone(),
        };
        let body = question();
        let mut request = AskRequest {
            purpose: serde_json::from_value(body["purpose"].clone()).unwrap(),
            query: dcql::Query::from_value(&body["dcql_query"]).unwrap(),
            transactions: vec![transaction("perhaps")],
            device: Device::Cross,
            prefix: Prefix::X509Hash,
            response_mode: ResponseMode::DirectPost,
            asked_by: "forum".into(),
        };
        assert_eq!(ask.prepare(&request).unwrap_err().code(), "transaction_invalid");
        request.transactions = vec![transaction("yes")];
        let prepared = ask.prepare(&request).unwrap();
        let asked = prepared.asked().clone();
        let failed: Result<(), store::Error> = world
            .ask
            .inner
            .store
            .write({
                let prepared = prepared.clone();
                async move |tx: &mut Tx<'_>| {
                    prepared.keep(tx).await?;
                    prepared.keep(tx).await
                }
            })
            .await;
        assert!(failed.unwrap_err().is_unique_violation());
        assert_eq!(
            ask.state(asked.id).await.unwrap(),
            None,
            "it commits with the feature's write, or not at all"
        );
        let kept = world.ask.inner.store.write(async move |tx: &mut Tx<'_>| prepared.keep(tx).await).await;
        kept.unwrap();
        let link = formats::vp::Link::parse(&asked.link).unwrap();
        let object =
            formats::vp::RequestObject::read_unverified(&world.get(&link.request_uri).await.text).unwrap();
        let shown = world.present(&object, |_| ());
        assert_eq!(world.answer(&object, &[("pid", &[shown])]).await.status, StatusCode::OK);
        let progress = ask.state(asked.id).await.unwrap().unwrap().progress;
        let Progress::Answered(Outcome::Valid(proof)) = progress else { panic!("{progress:?}") };
        assert_eq!(proof.approved[0].payload["for"], "yes");
        assert_eq!(proof.credentials["pid"][0].claims["family_name"], "Évora");
        assert_eq!(proof.answered_at, super::world::NOW);
        let leaf = formats::evidence::leaf_hash(&proof.salt, &proof.evidence);
        assert_ne!(leaf, crypto::sha256(&proof.evidence));
    })
    .await;
}

/// A request that wallets refuse to read, and that could not be answered, is not made.
#[tokio::test]
async fn a_request_is_no_longer_than_what_is_read() {
    worlds(async |world: World| {
        let agreements = |n: usize| {
            let mut one = agreement()[0].clone();
            one["payload"]["text"] = json!("协".repeat(10_000));
            Value::from(vec![one; n])
        };
        let refused = world.ask_for(|b| b["transaction_data"] = agreements(3)).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "request_too_long"));
        let (_, request) = world.asked(|b| b["transaction_data"] = agreements(2)).await;
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
    })
    .await;
}

/// No page of another origin can call what takes a staff token, preflight or not.
#[tokio::test]
async fn staff_routes_are_closed_to_other_origins() {
    worlds(async |world: World| {
        let asked = world.ask_for(|_| ()).await.json();
        let id = asked["id"].as_str().unwrap();
        let paths = [
            "/ask/v1/requests".to_owned(),
            format!("/ask/v1/requests/{id}"),
            format!("/ask/v1/requests/{id}/evidence"),
            "/ask/v1/response-codes".to_owned(),
            asked["waiting_page"].as_str().unwrap().replace(CLINIC, ""),
        ];
        for path in &paths {
            for method in ["OPTIONS", "GET", "POST"] {
                let request = Request::builder()
                    .method(method)
                    .uri(path)
                    .header(header::ORIGIN, "https://evil.example")
                    .header("access-control-request-method", "POST")
                    .header("access-control-request-headers", "authorization");
                let answer = world.send(request.body(Body::empty()).unwrap()).await;
                let opened = answer.headers.keys().any(|name| name.as_str().starts_with("access-control-"));
                assert!(!opened, "{method} {path}");
            }
        }
        let preflight = Request::builder().method("OPTIONS").uri("/ask/response/x").body(Body::empty());
        let answer = world.send(preflight.unwrap()).await;
        assert_eq!(answer.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    })
    .await;
}
