//! Several credentials in one answer: several queries, sets of them, several answers to one query, and credentials that
//! nobody has to prove to hold.

use axum::http::StatusCode;
use formats::{
    evidence::{Trust, check},
    vp::{RequestObject, TransactionData},
};
use serde_json::{Value, json};

use super::world::{Answer, NOW, World, agreement, worlds};

const DIPLOMA: &str = "urn:example:diploma:1";

fn two(body: &mut Value) {
    let diploma = json!({
        "id": "diploma", "format": "dc+sd-jwt", "meta": { "vct_values": [DIPLOMA] },
        "claims": [{ "path": ["given_name"] }],
    });
    body["dcql_query"]["credentials"].as_array_mut().unwrap().push(diploma);
}

fn pid(world: &World, request: &RequestObject) -> String {
    world.present(request, |_| ())
}

fn diploma(world: &World, request: &RequestObject) -> String {
    world.present(request, |s| {
        s.credential.vct = DIPLOMA;
        s.names = vec!["given_name"];
        let asked = request.transactions_for("diploma");
        s.transactions = asked.map(|t| t.as_str().to_owned()).collect();
    })
}

fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, code), "{}", answer.text);
}

async fn assert_valid(world: &World, asked: &Value) -> Value {
    let state = world.state(asked).await;
    assert_eq!(state["result"]["outcome"], "valid");
    let evidence = world.get(state["evidence"].as_str().unwrap()).await;
    let anchors = world.parties.state.anchors().merged(&world.parties.asker.anchors());
    let trust = Trust { anchors: &anchors, now: NOW.plus_secs(1_000), chosen: false };
    let report = check(evidence.text.as_bytes(), &trust).unwrap();
    assert!(report.is_right(), "{report:?}");
    state["result"].clone()
}

#[tokio::test]
async fn two_queries_are_answered_together() {
    worlds(async |world: World| {
        let (asked, request) = world
            .asked(|b| {
                two(b);
                b["response_mode"] = json!("direct_post.jwt");
            })
            .await;
        let (pid, diploma) = (pid(&world, &request), diploma(&world, &request));
        let check = async |list: &[(&str, &[String])], code: &str| {
            assert_refused(&world.answer(&request, list).await, code);
        };
        check(&[("pid", std::slice::from_ref(&pid))], "credential_missing").await;
        check(
            &[("pid", std::slice::from_ref(&diploma)), ("diploma", std::slice::from_ref(&pid))],
            "vct_not_asked",
        )
        .await;
        check(
            &[("pid", &[pid.clone(), pid.clone()]), ("diploma", std::slice::from_ref(&diploma))],
            "answer_count",
        )
        .await;
        let good = world.answer(&request, &[("pid", &[pid]), ("diploma", &[diploma])]).await;
        assert_eq!(good.status, StatusCode::OK, "{}", good.text);
        let result = assert_valid(&world, &asked).await;
        assert_eq!(result["credentials"]["pid"][0]["claims"]["family_name"], "Évora");
        assert_eq!(result["credentials"]["diploma"][0]["claims"], json!({ "given_name": "Nerida" }));
        let calls = world.network.calls.lock().unwrap().len();
        assert_eq!(calls, 1, "both are in one list, which is fetched once");
    })
    .await;
}

#[tokio::test]
async fn one_option_of_a_set_is_enough() {
    worlds(async |world: World| {
        let either = |b: &mut Value| {
            two(b);
            b["dcql_query"]["credential_sets"] = json!([{ "options": [["diploma"], ["pid"]] }]);
        };
        for id in ["pid", "diploma"] {
            let (asked, request) = world.asked(either).await;
            let shown = if id == "pid" { pid(&world, &request) } else { diploma(&world, &request) };
            let good = world.answer(&request, &[(id, &[shown])]).await;
            assert_eq!(good.status, StatusCode::OK, "{}", good.text);
            let result = assert_valid(&world, &asked).await;
            assert_eq!(result["credentials"].as_object().unwrap().len(), 1);
        }
        let optional = |b: &mut Value| {
            two(b);
            b["dcql_query"]["credential_sets"] =
                json!([{ "options": [["pid"]] }, { "options": [["diploma"]], "required": false }]);
        };
        let (_, request) = world.asked(optional).await;
        let without = world.answer(&request, &[("diploma", &[diploma(&world, &request)])]).await;
        assert_refused(&without, "credential_missing");
        let good = world.answer(&request, &[("pid", &[pid(&world, &request)])]).await;
        assert_eq!(good.status, StatusCode::OK, "{}", good.text);
    })
    .await;
}

#[tokio::test]
async fn several_may_answer_one_query() {
    worlds(async |world: World| {
        let several = |b: &mut Value| b["dcql_query"]["credentials"][0]["multiple"] = json!(true);
        let (asked, request) = world.asked(several).await;
        let one = pid(&world, &request);
        let other = world.present(&request, |s| s.credential.status = None);
        let bad = world.present(&request, |s| s.nonce = "another".into());
        assert_refused(&world.answer(&request, &[("pid", &[one.clone(), bad])]).await, "nonce");
        let good = world.answer(&request, &[("pid", &[one, other])]).await;
        assert_eq!(good.status, StatusCode::OK, "{}", good.text);
        let result = assert_valid(&world, &asked).await;
        assert_eq!(result["credentials"]["pid"].as_array().unwrap().len(), 2);
    })
    .await;
}

/// What a bearer shows is bound to nothing but `state`, and is told apart from what a holder proves.
#[tokio::test]
async fn no_proof_of_holding_where_none_is_asked_for() {
    worlds(async |world: World| {
        let bearer = |b: &mut Value| {
            b["dcql_query"]["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
        };
        let bare = |request: &RequestObject| {
            let shown = pid(&world, request);
            format!("{}~", shown.rsplit_once('~').unwrap().0)
        };
        let (_, bound) = world.asked(|_| ()).await;
        assert_refused(&world.answer(&bound, &[("pid", &[bare(&bound)])]).await, "key_binding_missing");
        let (asked, request) = world.asked(bearer).await;
        assert!(request.state.is_some(), "section 5.3: there must be one");
        let stateless = RequestObject { state: None, ..request.clone() };
        assert_refused(&world.answer(&stateless, &[("pid", &[bare(&request)])]).await, "state");
        // A proof that comes along must be right all the same.
        let wrong = world.present(&request, |s| s.nonce = "another".into());
        assert_refused(&world.answer(&request, &[("pid", &[wrong])]).await, "nonce");
        let good = world.answer(&request, &[("pid", &[bare(&request)])]).await;
        assert_eq!(good.status, StatusCode::OK, "{}", good.text);
        let _ = assert_valid(&world, &asked).await;
        // Nobody approves anything without a proof.
        let (_, request) = world
            .asked(|b| {
                bearer(b);
                b["transaction_data"] = agreement();
            })
            .await;
        let refused = world.answer(&request, &[("pid", &[bare(&request)])]).await;
        assert_refused(&refused, "transaction_data_not_approved");
        let good = world.answer(&request, &[("pid", &[pid(&world, &request)])]).await;
        assert_eq!(good.status, StatusCode::OK, "{}", good.text);
    })
    .await;
}

/// Each of several transactions is approved by the credential that it names, over the text as it travelled.
#[tokio::test]
async fn transactions_are_approved_by_the_credentials_that_they_name() {
    worlds(async |world: World| {
        let (asked, request) = world
            .asked(|b| {
                two(b);
                let mut other = agreement()[0].clone();
                other["payload"]["text"] = json!("And my school may be told.");
                other["credential_ids"] = json!(["diploma"]);
                b["transaction_data"] = json!([agreement()[0], other]);
            })
            .await;
        let algs: Vec<Value> = request
            .transaction_data
            .iter()
            .map(|t: &TransactionData| t.object()["transaction_data_hashes_alg"].clone())
            .collect();
        assert_eq!(algs, [json!(["sha-256"]), json!(["sha-256"])], "a list in the request");
        let (pid, diploma) = (pid(&world, &request), diploma(&world, &request));
        let bound = diploma.rsplit_once('~').unwrap().1;
        let claims = formats::jws::Jws::parse(bound).unwrap().claims().unwrap();
        assert_eq!(claims["transaction_data_hashes_alg"], "sha-256", "a text in the answer");
        let hash = crypto::sha256(request.transaction_data[1].as_str().as_bytes());
        assert_eq!(claims["transaction_data_hashes"], json!([formats::b64::encode(&hash)]));
        let both = |s: &mut super::world::Shown| {
            s.transactions = request.transaction_data.iter().map(|t| t.as_str().to_owned()).collect();
        };
        let grabs = world.present(&request, both);
        let refused =
            world.answer(&request, &[("pid", &[grabs]), ("diploma", std::slice::from_ref(&diploma))]).await;
        assert_refused(&refused, "transaction_data_hashes");
        let good = world.answer(&request, &[("pid", &[pid]), ("diploma", &[diploma])]).await;
        assert_eq!(good.status, StatusCode::OK, "{}", good.text);
        let result = assert_valid(&world, &asked).await;
        let by: Vec<&Value> =
            result["approved"].as_array().unwrap().iter().map(|a| &a["credential_id"]).collect();
        assert_eq!(by, ["pid", "diploma"]);
    })
    .await;
}
