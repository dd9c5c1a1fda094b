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
            "Asker",
            "To &#60;b&#62;open&#60;/b&#62; &#38; close",
            "<svg",
            "openid4vp://",
            "sahihi wallet --insecure-loopback --home DIR answer",
            "Waiting for your answer",
        ] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        assert!(!page.text.contains("<script"));
        // It looks again by itself, unless the reader says no.
        assert_eq!(page.headers[header::REFRESH], "30");
        let still = world.get(&format!("{address}?still")).await;
        assert_eq!((still.status, still.headers.get(header::REFRESH)), (StatusCode::OK, None));
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(page.headers[header::REFERRER_POLICY], "same-origin");

        let bad = world.present(&request, |s| s.nonce = "x".into());
        world.answer(&request, &[("pid", &[bad])]).await;
        assert!(world.get(address).await.text.contains("<code dir=\"ltr\">nonce</code>"));
        let shown = world.present(&request, |_| ());
        world.answer(&request, &[("pid", &[shown])]).await;
        let page = world.get(address).await;
        assert!(page.text.contains("Answered and verified"));
        assert!(page.headers.get(header::REFRESH).is_none() && !page.text.contains("openid4vp"));
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
async fn who_waits_for_more_than_the_answer_is_led_on_to_it() {
    worlds(async |world: World| {
        let asking = |continue_to: &str| crate::AskRequest {
            purpose: serde_json::from_value(super::world::question()["purpose"].clone()).unwrap(),
            query: formats::dcql::Query::from_value(&super::world::question()["dcql_query"]).unwrap(),
            transactions: vec![],
            device: crate::Device::CrossThen { continue_to: continue_to.into() },
            prefix: formats::vp::Prefix::X509Hash,
            response_mode: formats::vp::ResponseMode::DirectPost,
            asked_by: "a feature".into(),
        };
        for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example", "login"] {
            let refused = world.ask.request(&asking(elsewhere)).await.unwrap_err();
            assert_eq!(refused.code(), "return_to", "{elsewhere}");
        }
        let asked = world.ask.request(&asking("/login/back")).await.unwrap();
        let path = asked.waiting_page.strip_prefix(CLINIC).unwrap().to_owned();
        let waiting = world.get(&format!("/fr{path}")).await;
        assert_eq!(waiting.status, StatusCode::OK);
        assert!(!waiting.text.contains("/login/back") && waiting.text.contains("class=\"qr\""));
        let link = formats::vp::Link::parse(&asked.link).unwrap();
        let request = world.get(&link.request_uri).await.text;
        let request = formats::vp::RequestObject::read_unverified(&request).unwrap();
        let shown = world.present(&request, |_| ());
        assert_eq!(world.answer(&request, &[("pid", &[shown])]).await.status, StatusCode::OK);
        let on = world.get(&format!("/fr{path}")).await;
        assert_eq!(
            (on.status, &on.headers[header::LOCATION]),
            (StatusCode::SEE_OTHER, &"/fr/login/back".parse().unwrap())
        );

        let late = world.ask.request(&asking("/login/back")).await.unwrap();
        world.clock.advance_secs(REQUEST_LIFETIME_S);
        let over = world.get(&late.waiting_page).await.text;
        assert!(over.contains("The time to answer is over") && over.contains("href=\"/en/login/back\""));
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
            let waiting = crate::texts::T(lang).wait_waiting();
            let html = format!("<html lang=\"{lang}\" dir=\"{}\">", lang.dir());
            assert!(page.text.contains(&html), "{html}");
            assert!(page.text.contains(waiting));
            let addressed = world.get(&format!("/{lang}{path}")).await;
            assert!(addressed.text.contains(&html) && addressed.text.contains(waiting));
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
        for query in ["", "?still=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "?x=%3Cscript%3E"] {
            let page = world.get(&format!("{address}{query}")).await;
            let text = page.text.to_ascii_lowercase();
            assert!(!text.contains("<script") && !text.contains("<img"), "{query}: {text}");
            if page.status == StatusCode::OK {
                assert_eq!(text.matches("&#60;script&#62;").count(), 5, "{query}");
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
        let path = asked["waiting_page"].as_str().unwrap().strip_prefix(CLINIC).unwrap().to_owned();
        let page = world.get(&format!("/fr{path}")).await.text;
        let parts = [
            "class=\"band\"",
            "Asker",
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
