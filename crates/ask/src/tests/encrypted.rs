//! Answers that come encrypted, and those that do not come as they were asked for.

use axum::http::StatusCode;
use base::limits::REQUEST_LIFETIME_S;
use crypto::{EphemeralKey, KeyAgreement as _, SeededRandom};
use formats::{
    evidence::{Trust, check},
    jwe::{self, Enc},
    jwk::EncryptionJwk,
    vp::{RequestObject, ResponseEncryption, VpToken, WalletResponse, response::encrypt_response},
};
use serde_json::{Map, Value, json};
use store::Tx;

use super::world::{Answer, NOW, World, agreement, worlds};

fn encrypted(body: &mut Value) {
    body["response_mode"] = json!("direct_post.jwt");
    body["transaction_data"] = agreement();
}

fn random() -> SeededRandom {
    SeededRandom::new(21)
}

/// The parameters of a good answer.
fn parameters(world: &World, request: &RequestObject) -> Map<String, Value> {
    let shown = world.present(request, |_| ());
    let parameters = json!({ "vp_token": { "pid": [shown] }, "state": request.state });
    parameters.as_object().unwrap().clone()
}

fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, code), "{}", answer.text);
}

#[tokio::test]
async fn an_encrypted_answer_is_taken_and_its_evidence_can_be_checked() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(encrypted).await;
        let (_, other) = world.asked(encrypted).await;
        let key = |request: &RequestObject| request.encryption.as_ref().unwrap().key.clone();
        assert_ne!(key(&request).public_key(), key(&other).public_key(), "fresh for each request");
        assert_ne!(key(&request).kid(), key(&other).kid());
        assert_eq!(request.encryption.as_ref().unwrap().encs, Enc::ALL);
        let shown = world.present(&request, |_| ());
        assert_eq!(
            world.answer(&request, &[("pid", std::slice::from_ref(&shown))]).await.status,
            StatusCode::OK
        );
        let state = world.state(&asked).await;
        assert_eq!(state["result"]["outcome"], "valid");
        let evidence = world.get(state["evidence"].as_str().unwrap()).await;
        assert!(evidence.text.contains(&shown), "the presentation as it was signed");
        let anchors = world.parties.state.anchors().merged(&world.parties.asker.anchors());
        let trust = Trust { anchors: &anchors, now: NOW.plus_secs(86_400 * 3_000), chosen: false };
        let report = check(evidence.text.as_bytes(), &trust).unwrap();
        assert!(report.is_right(), "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn either_content_encryption_will_do() {
    worlds(async |world: World| {
        for enc in Enc::ALL {
            let (_, request) = world.asked(encrypted).await;
            let to = request.encryption.as_ref().unwrap();
            let form = encrypt_response(&parameters(&world, &request), to, enc, &random()).unwrap();
            let answer = world.post_form(&request.response_uri, form).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_comes_as_it_was_asked_for() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(encrypted).await;
        let (_, plain) = world.asked(|b| b["transaction_data"] = agreement()).await;
        let said = |request: &RequestObject| WalletResponse::Presentation {
            vp_token: VpToken::new([("pid".to_owned(), vec![world.present(request, |_| ())])].into()),
            state: request.state.clone(),
        };
        let post =
            async |request: &RequestObject, form: String| world.post_form(&request.response_uri, form).await;
        assert_refused(&post(&request, said(&request).to_form()).await, "response_not_encrypted");
        let asks = RequestObject { encryption: request.encryption.clone(), ..plain.clone() };
        let form = said(&plain).to_form_for(&asks, &random()).unwrap();
        assert_refused(&post(&plain, form).await, "response_encrypted");
        assert_eq!(post(&plain, said(&plain).to_form()).await.status, StatusCode::OK);
        // A wallet that cannot encrypt may say so in the open, and any wallet may say no encrypted.
        let no = WalletResponse::Error {
            error: "access_denied".into(),
            description: None,
            state: request.state.clone(),
        };
        assert_eq!(post(&request, no.to_form()).await.status, StatusCode::OK);
        assert_eq!(post(&request, no.to_form_for(&request, &random()).unwrap()).await.status, StatusCode::OK);
        assert_eq!(world.state(&asked).await["declined"]["error"], "access_denied");
        let form = said(&request).to_form_for(&request, &random()).unwrap();
        assert_eq!(post(&request, form).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_decrypted_or_read_is_refused() {
    worlds(async |world: World| {
        let (_, request) = world.asked(encrypted).await;
        let good = parameters(&world, &request);
        let to = request.encryption.clone().unwrap();
        let form = |to: &ResponseEncryption, parameters: &Map<String, Value>| {
            encrypt_response(parameters, to, Enc::A256Gcm, &random()).unwrap()
        };
        let check = async |form: String, code: &str| {
            assert_refused(&world.post_form(&request.response_uri, form).await, code);
        };
        let (_, other) = world.asked(encrypted).await;
        check(form(&other.encryption.clone().unwrap(), &good), "response_kid").await;
        let another = EphemeralKey::generate(&SeededRandom::new(99)).public_key();
        let named = |kid: Option<&str>, key| {
            ResponseEncryption::to(EncryptionJwk::new(key, kid.map(str::to_owned)).unwrap())
        };
        check(form(&named(None, *to.key.public_key()), &good), "response_kid").await;
        check(form(&named(to.key.kid(), another), &good), "jwe_decryption").await;
        let mut cut = form(&to, &good);
        cut.truncate(cut.len() - 2);
        check(cut, "jwe_tag").await;
        check("response=a.b.c.d.e".into(), "jwe_malformed").await;
        check("response=".into(), "response_incomplete").await;
        check(format!("{}&vp_token=x", form(&to, &good)), "response_incomplete").await;
        let without = |name: &str| {
            let mut less = good.clone();
            less.remove(name);
            less
        };
        check(form(&to, &without("state")), "state").await;
        check(form(&to, &without("vp_token")), "response_incomplete").await;
        let with = |name: &str, value: Value| {
            let mut more = good.clone();
            more.insert(name.into(), value);
            more
        };
        check(form(&to, &with("state", json!(1))), "response_payload").await;
        check(form(&to, &with("vp_token", json!("{}"))), "vp_token_malformed").await;
        check(form(&to, &with("error", json!("access_denied"))), "response_incomplete").await;
        let list = jwe::encrypt(b"[]", &to.key, Enc::A128Gcm, &Map::new(), &random()).unwrap();
        check(format!("response={list}"), "response_payload").await;
        let answer = world.post_form(&request.response_uri, form(&to, &with("unknown", json!(1)))).await;
        assert_eq!(answer.status, StatusCode::OK, "what is unknown is ignored: {}", answer.text);
    })
    .await;
}

/// Who does not say how the answer is to come gets it encrypted.
#[tokio::test]
async fn answers_are_encrypted_unless_asked_for_otherwise() {
    worlds(async |world: World| {
        let unsaid = |b: &mut Value| {
            b.as_object_mut().unwrap().remove("response_mode");
        };
        assert!(world.asked(unsaid).await.1.encryption.is_some());
        assert!(world.asked(|b| b["response_mode"] = json!("direct_post")).await.1.encryption.is_none());
    })
    .await;
}

/// The key is sealed while it is needed, and then it is gone.
#[tokio::test]
async fn the_key_is_kept_only_with_the_open_request() {
    worlds(async |world: World| {
        let key = async |asked: &Value| {
            let id: crate::RequestId = asked["id"].as_str().unwrap().parse().unwrap();
            let found = world.ask.find(crate::store::Find::Id(id)).await.unwrap();
            (id, found.unwrap().response_key)
        };
        let (asked, request) = world.asked(encrypted).await;
        let (id, sealed) = key(&asked).await;
        let sealed = sealed.unwrap();
        let open = |secret: &[u8; 32], id| crate::response_key::ResponseKey::open(&sealed, secret, id);
        let public = open(&[7; 32], id).unwrap().public_key();
        assert_eq!(&public, request.encryption.as_ref().unwrap().key.public_key());
        assert!(open(&[8; 32], id).is_err(), "another secret");
        let (other, request_2) = world.asked(encrypted).await;
        let (id_2, _) = key(&other).await;
        assert!(open(&[7; 32], id_2).is_err(), "another request");
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        assert_eq!(key(&asked).await.1, None, "answered");
        world.clock.advance_secs(REQUEST_LIFETIME_S);
        let shown = world.present(&request_2, |_| ());
        assert_refused(&world.answer(&request_2, &[("pid", &[shown])]).await, "request_expired");
        world.ask.erase_expired().await.unwrap();
        assert_eq!(key(&other).await.1, None, "over");
        let (plain, _) = world.asked(|_| ()).await;
        assert_eq!(key(&plain).await.1, None, "none was made");
        // Rows written by this program are read by it; what somebody put there is not taken for a key.
        let (asked, request) = world.asked(encrypted).await;
        let (id, _) = key(&asked).await;
        world
            .ask
            .inner
            .store
            .write(async move |tx: &mut Tx<'_>| {
                tx.execute(&crate::store::FORGET_RESPONSE_KEY, store::params![id]).await
            })
            .await
            .unwrap();
        let shown = world.present(&request, |_| ());
        assert_refused(&world.answer(&request, &[("pid", &[shown])]).await, "request_expired");
    })
    .await;
}
