//! Request objects fetched by POST, with a nonce of the wallet's.

use axum::http::StatusCode;
use base::limits::REQUEST_LIFETIME_S;
use formats::vp::{Link, RequestContext, RequestRefusal, verify_request};

use super::world::{NOW, World, agreement, worlds};

#[tokio::test]
async fn the_nonce_of_a_wallet_comes_back_signed() {
    worlds(async |world: World| {
        let asked = world.ask_for(|b| b["transaction_data"] = agreement()).await.json();
        let link = Link::parse(asked["link"].as_str().unwrap()).unwrap();
        assert_eq!(link.request_uri_method.as_deref(), Some("post"));
        let anchors = world.parties.asker.anchors();
        let verify = |text: &str, wallet_nonce| {
            let context = RequestContext {
                client_id: &link.client_id,
                anchors: &anchors,
                now: NOW,
                wallet_nonce,
                insecure_loopback: true,
            };
            verify_request(text, &context).map(|verified| verified.request)
        };
        let post = async |form: &str| world.post_form(&link.request_uri, form.into()).await;
        let got = post("wallet_nonce=qPmxiNFCR3QTm19POc8u").await;
        assert_eq!(got.headers["content-type"], "application/oauth-authz-req+jwt");
        assert_eq!(got.headers["cache-control"], "no-store");
        let mine = verify(&got.text, Some("qPmxiNFCR3QTm19POc8u")).unwrap();
        assert_eq!(verify(&got.text, Some("other")), Err(RequestRefusal::WalletNonce));
        let again = post("wallet_nonce=another&wallet_metadata=%7B%7D").await;
        let again = verify(&again.text, Some("another")).unwrap();
        // By GET, or without a nonce, it is the one that was signed when it was made.
        let plain = world.get(&link.request_uri).await;
        assert_eq!(post("").await.text, plain.text);
        let plain = verify(&plain.text, None).unwrap();
        assert_eq!(plain.wallet_nonce, None);
        for request in [&mine, &again] {
            let mut request = request.clone();
            request.wallet_nonce = None;
            assert_eq!(request, plain, "all that an answer is bound to is the same");
        }
        let shown = world.present(&mine, |_| ());
        assert_eq!(world.answer(&mine, &[("pid", &[shown])]).await.status, StatusCode::OK);
        assert_eq!(world.state(&asked).await["result"]["outcome"], "valid");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_such_form_is_refused() {
    worlds(async |world: World| {
        let asked = world.ask_for(|_| ()).await.json();
        let link = Link::parse(asked["link"].as_str().unwrap()).unwrap();
        let check = async |form: String, code: &str| {
            let refused = world.post_form(&link.request_uri, form).await;
            assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, code));
        };
        check("wallet_nonce=a&wallet_nonce=b".into(), "invalid_request").await;
        check(format!("wallet_nonce={}", "a".repeat(513)), "wallet_nonce").await;
        check("wallet_nonce=a+b".into(), "wallet_nonce").await;
        check("wallet_nonce=%C3%A9".into(), "wallet_nonce").await;
        let form = format!("wallet_nonce={}", "a".repeat(512));
        assert_eq!(world.post_form(&link.request_uri, form).await.status, StatusCode::OK);
        let path = link.request_uri.strip_prefix(super::world::CLINIC).unwrap();
        let json = world.post_json(path, &serde_json::json!({ "wallet_nonce": "a" })).await;
        assert_eq!((json.status, json.code()), (StatusCode::BAD_REQUEST, "invalid_request"));
        let unknown = world.post_form("/ask/request/unknown", "wallet_nonce=a".into()).await;
        assert_eq!(unknown.code(), "not_found");
        world.clock.advance_secs(REQUEST_LIFETIME_S);
        let late = world.post_form(&link.request_uri, "wallet_nonce=a".into()).await;
        assert_eq!((late.status, late.code()), (StatusCode::GONE, "request_expired"));
    })
    .await;
}
