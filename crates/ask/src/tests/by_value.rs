//! Requests in the link itself, which nobody signed.

use axum::http::StatusCode;
use formats::{
    evidence::{Trust, Verdict, check},
    vp::{Prefix, RequestObject},
};
use serde_json::{Value, json};

use super::world::{NOW, World, agreement, worlds};

fn by_value(body: &mut Value) {
    body["client_id_prefix"] = json!("redirect_uri");
}

#[tokio::test]
async fn a_request_in_its_link_is_answered() {
    worlds(async |world: World| {
        for mode in ["direct_post", "direct_post.jwt"] {
            let asked = world
                .ask_for(|b| {
                    by_value(b);
                    b["response_mode"] = json!(mode);
                })
                .await;
            assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text);
            let asked = asked.json();
            let link = asked["link"].as_str().unwrap();
            let request = RequestObject::from_link(link, true).unwrap();
            assert_eq!(request.client_id.prefix(), Prefix::RedirectUri);
            assert_eq!(request.client_id.name(), request.response_uri);
            assert_eq!(request.response_mode().as_str(), mode);
            assert!(!link.contains("verifier_info") && !link.contains("request_uri"), "{link}");
            let page = asked["waiting_page"].as_str().unwrap();
            assert_eq!(world.get(&format!("{page}/qr.svg")).await.status, StatusCode::OK);
            let escaped = link.replace('&', "&#38;");
            assert!(world.get(page).await.text.contains(&escaped), "the page has the link");
            let named = world.present(&request, |s| s.aud = "x509_san_dns:localhost".into());
            assert_eq!(world.answer(&request, &[("pid", &[named])]).await.code(), "aud");
            let shown = world.present(&request, |_| ());
            let good = world.answer(&request, &[("pid", &[shown])]).await;
            assert_eq!(good.status, StatusCode::OK, "{}", good.text);
            let state = world.state(&asked).await;
            assert_eq!(state["result"]["outcome"], "valid");
            let evidence = world.get(state["evidence"].as_str().unwrap()).await;
            let anchors = world.parties.state.anchors();
            let trust = Trust { anchors: &anchors, now: NOW.plus_secs(1_000), chosen: false };
            let report = check(evidence.text.as_bytes(), &trust).unwrap();
            let open: Vec<_> = report.parts.iter().filter(|p| p.verdict != Verdict::Right).collect();
            assert_eq!(open.len(), 1, "{open:?}");
            assert_eq!(open[0].verdict, Verdict::Undetermined("request_unsigned".into()));
        }
    })
    .await;
}

#[tokio::test]
async fn what_must_not_stand_in_a_link_is_not_asked_there() {
    worlds(async |world: World| {
        let check = async |change: fn(&mut Value), code: &str| {
            let refused = world
                .ask_for(|b| {
                    by_value(b);
                    change(b);
                })
                .await;
            assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, code));
        };
        let values = |b: &mut Value| {
            b["dcql_query"]["credentials"][0]["claims"][0]["values"] = json!(["Évora"]);
        };
        check(values, "request_by_value").await;
        assert_eq!(world.ask_for(values).await.status, StatusCode::CREATED, "in a request object they may");
        check(|b| b["transaction_data"] = agreement(), "request_by_value").await;
        let many = |b: &mut Value| {
            let claims = (0..60).map(|n| json!({ "path": [format!("a claim with a long name {n}")] }));
            b["dcql_query"]["credentials"][0]["claims"] = claims.collect();
        };
        check(many, "request_too_long").await;
        assert_eq!(world.ask_for(many).await.status, StatusCode::CREATED);
    })
    .await;
}
