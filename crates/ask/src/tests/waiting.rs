//! The waiting page.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use base::{Lang, limits::REQUEST_LIFETIME_S};
use serde_json::json;

use super::world::{CLINIC, World, worlds};

#[tokio::test]
async fn a_person_sees_who_asks_why_and_how_far_it_is() {
    worlds(async |world: World| {
        let (asked, request) = world.asked(|b| b["purpose"]["en"] = json!("To <b>open</b> & close")).await;
        let address = asked["waiting_page"].as_str().unwrap();
        let page = world.get(address).await;
        assert_eq!(page.status, StatusCode::OK);
        for part in [
            "Clinic",
            "To &lt;b&gt;open&lt;/b&gt; &amp; close",
            "<svg",
            "openid4vp://",
            "http-equiv=\"refresh\"",
            "Waiting for your answer",
        ] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        assert!(!page.text.contains("<script"));
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");

        let bad = world.present(&request, |s| s.nonce = "x".into());
        world.answer(&request, &[("pid", &[bad])]).await;
        assert!(world.get(address).await.text.contains("<code dir=\"ltr\">nonce</code>"));
        let shown = world.present(&request, |_| ());
        world.answer(&request, &[("pid", &[shown])]).await;
        let page = world.get(address).await;
        assert!(page.text.contains("Answered and verified"));
        assert!(!page.text.contains("refresh") && !page.text.contains("openid4vp"));
        assert!(!page.text.contains("Évora"), "nothing of the answer is shown");

        let (asked, _) = world.asked(|_| ()).await;
        world.clock.advance_secs(REQUEST_LIFETIME_S);
        let page = world.get(asked["waiting_page"].as_str().unwrap()).await;
        assert!(page.text.contains("The time to answer is over"));
        assert_eq!(world.get("/ask/wait/unknown").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn in_each_of_six_languages() {
    worlds(async |world: World| {
        let (asked, _) = world.asked(|_| ()).await;
        let path = asked["waiting_page"].as_str().unwrap().strip_prefix(CLINIC).unwrap().to_owned();
        for lang in Lang::ALL {
            let request = Request::get(&path).header(header::ACCEPT_LANGUAGE, format!("{lang}, en;q=0.1"));
            let page = world.send(request.body(Body::empty()).unwrap()).await;
            let html = format!("<html lang=\"{lang}\" dir=\"{}\">", lang.dir());
            assert!(page.text.contains(&html), "{html}");
            assert!(page.text.contains(crate::words::words(lang).waiting));
            let chosen = world.get(&format!("{path}?lang={lang}")).await;
            assert!(chosen.text.contains(&html) && chosen.text.contains(&format!("url=?lang={lang}")));
        }
    })
    .await;
}

#[tokio::test]
async fn the_code_is_an_image_too() {
    worlds(async |world: World| {
        let (asked, _) = world.asked(|_| ()).await;
        let code = world.get(asked["qr"].as_str().unwrap()).await;
        assert_eq!(code.headers[header::CONTENT_TYPE], "image/svg+xml");
        assert!(code.text.contains("<svg"));
        let same = |b: &mut serde_json::Value| {
            b["device"] = json!("same");
            b["return_to"] = json!(format!("{CLINIC}/back"));
        };
        let (asked, _) = world.asked(same).await;
        let page = world.get(asked["waiting_page"].as_str().unwrap()).await;
        assert!(page.text.contains("Open my wallet") && !page.text.contains("<svg"));
    })
    .await;
}
