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
        assert!(page.text.contains("Open my wallet") && !page.text.contains("class=\"qr\""));
    })
    .await;
}

/// What comes from outside is text on the page, whatever it is made of.
#[tokio::test]
async fn nothing_from_outside_becomes_markup() {
    worlds(async |world: World| {
        let evil = "\"'><script>alert(1)</script><img src=x onerror=y>";
        let (asked, _) = world
            .asked(|b| {
                b["purpose"]["en"] = json!(evil);
                b["dcql_query"]["credentials"][0]["meta"]["vct_values"] = json!(["urn:eudi:pid:1", evil]);
                b["dcql_query"]["credentials"][0]["claims"][0]["path"] = json!([evil]);
                b["transaction_data"] = super::world::agreement();
                b["transaction_data"][0]["payload"] = json!({ "text": evil, "reference": evil });
            })
            .await;
        let address = asked["waiting_page"].as_str().unwrap();
        for query in
            ["", "?lang=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "?lang=en&lang=fr", "?x=%3Cscript%3E"]
        {
            let page = world.get(&format!("{address}{query}")).await;
            let text = page.text.to_ascii_lowercase();
            assert!(!text.contains("<script") && !text.contains("<img"), "{query}: {text}");
            if page.status == StatusCode::OK {
                assert_eq!(text.matches("&lt;script&gt;").count(), 5, "{query}");
                let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
                assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
                assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
                assert_eq!(page.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
                assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_is_said_in_the_words_of_people() {
    worlds(async |world: World| {
        let (asked, _) = world.asked(|b| b["transaction_data"] = super::world::agreement()).await;
        let page = world.get(&format!("{}?lang=fr", asked["waiting_page"].as_str().unwrap())).await.text;
        let parts = [
            "class=\"band\"",
            "Clinic",
            "localhost",
            "Pour ouvrir votre dossier",
            "Approuver un texte",
            "I agree to be treated.",
            "Identité nationale",
            "Nom de famille",
            "Date de naissance",
            "class=\"qr\"",
            "openid4vp://",
            "class=\"state",
        ];
        let places: Vec<_> = parts.iter().map(|part| page.find(part).ok_or(part)).collect();
        assert!(places.iter().all(Result::is_ok), "{places:?}");
        assert!(places.is_sorted(), "from who asks down to how far it is: {places:?}");
    })
    .await;
}
