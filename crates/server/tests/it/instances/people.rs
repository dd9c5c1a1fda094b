//! Who is signed in, and who guesses, at two processes on one `PostgreSQL`, of which one is killed.

use std::time::Duration;

use serde_json::Map;
use store::{Config, fixture::Database};

use crate::{
    browser::{Browser, between},
    login::{begin, state},
    party::{State, TOKEN},
    types::Counter,
};

/// Who follows nothing by itself.
fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The page of whoever is signed in, by a browser's cookies, at one of the processes; nothing where that is nobody.
async fn sessions(browser: &Browser, at: &State) -> Option<String> {
    let answer = to(browser, client().get(format!("{}/en/sessions", at.address))).send().await.unwrap();
    match answer.status().as_u16() {
        200 => Some(answer.text().await.unwrap()),
        303 => None,
        status => panic!("{status}"),
    }
}

fn to(browser: &Browser, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    request.header("accept", "text/html").header("cookie", cookies.join("; "))
}

async fn types(at: &State, token: &str) -> u16 {
    let request = reqwest::Client::new().get(format!("{}/staff/v1/types", at.address)).bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_or_guesses_at_one_is_so_at_the_other() {
    let database = Database::postgres().await;
    let Config::Postgres { url } = database.config().clone() else { panic!("not PostgreSQL") };
    let mut counter = Counter::open(state(Some(url), "[limits]\nwrong_secrets = 3\n")).await;
    let mut twin = counter.state.twin();
    twin.start().await;
    counter.accepted("participant", &Map::new()).unwrap();

    let mut browsers = Vec::new();
    for _ in 0..2 {
        let mut browser = Browser::new(&counter.state);
        assert!(sessions(&browser, &twin).await.is_none(), "nobody is signed in");
        let (wait, link) = begin(&mut browser, "/login", "cross").await;
        counter.wallet(&["answer", &link, "--yes"]).unwrap();
        let on = browser.get(&wait).await;
        assert_eq!(browser.get(&on.location).await.status, 303);
        // It gets the cookie here by which its forms are known.
        assert_eq!(browser.get("/en/sessions").await.status, 200);
        browsers.push(browser);
    }
    // Signed in here, known there; and still when this one is killed.
    counter.state.kill();
    for browser in &browsers {
        assert!(sessions(browser, &twin).await.unwrap().contains("a participant"));
    }
    // Signed out there, and the same here.
    let page = sessions(&browsers[0], &twin).await.unwrap();
    let csrf = between(&page, "name=\"csrf\" value=\"", "\"");
    let out = to(&browsers[0], client().post(format!("{}/en/logout", twin.address)));
    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair("csrf", csrf).finish();
    let out =
        out.header("origin", &twin.identifier).header("content-type", "application/x-www-form-urlencoded");
    let out = out.body(form).send().await.unwrap();
    assert_eq!(out.status().as_u16(), 303);
    counter.state.start().await;
    for at in [&twin, &counter.state] {
        assert!(sessions(&browsers[0], at).await.is_none(), "signed out");
        assert!(sessions(&browsers[1], at).await.is_some(), "the other is not");
    }

    // Two guesses here and one there are three, for both.
    for (at, token, status) in [
        (&counter.state, "wrong", 401),
        (&counter.state, "wrong", 401),
        (&twin, TOKEN, 200),
        (&twin, "wrong", 401),
    ] {
        assert_eq!(types(at, token).await, status);
    }
    assert_eq!(types(&twin, TOKEN).await, 429);
    // The other one looks once a second.
    for _ in 0..600 {
        if types(&counter.state, TOKEN).await == 429 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    twin.kill();
    assert_eq!(types(&counter.state, TOKEN).await, 429);
}
