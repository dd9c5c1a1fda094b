use axum::{Router, extract::OriginalUri};
use base::Lang;
use http::{Request, StatusCode};

use super::*;
use crate::{Html, Operation, Problem, Query, Routes, fixture::sent};

#[derive(askama::Template)]
#[template(ext = "html", source = "<p>{{ reader.path }}?{{ reader.query.as_deref().unwrap_or(\"\") }}</p>")]
struct Seen {
    reader: Reader,
}

async fn seen(reader: Reader) -> Response {
    reader.clone().page("<Seen>", &Seen { reader })
}

async fn address(uri: Uri, OriginalUri(_): OriginalUri) -> String {
    uri.to_string()
}

#[derive(serde::Deserialize)]
struct Asked {
    page: Option<u8>,
}

async fn asked(reader: Reader, Query(asked): Query<Asked>) -> Response {
    reader.page(&format!("{:?}", asked.page), &Seen { reader: reader.clone() })
}

fn routes() -> Router {
    Routes::new()
        .page(http::Method::GET, "/seen", seen)
        .page(http::Method::GET, "/", seen)
        .page(http::Method::GET, "/asked", asked)
        .page(http::Method::GET, "/address/{*rest}", address)
        .into_router()
        .fallback(async || Problem::not_found("address"))
}

async fn get(path: &str, headers: &[(header::HeaderName, &str)]) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    let answer = sent(&Site::default().wrap(routes()), request).await;
    (answer.status, answer.headers, answer.text)
}

const HTML: (header::HeaderName, &str) = (header::ACCEPT, "text/html");

/// The address, then the cookie, then what the browser says, then English.
#[tokio::test]
async fn the_language_is_chosen() {
    let french = (header::COOKIE, "a=b; sahihi_party_lang=fr");
    let russian = (header::ACCEPT_LANGUAGE, "ru, en;q=0.5");
    let unknown = (header::COOKIE, "sahihi_party_lang=tlh");
    let others = (header::COOKIE, "sahihi_other_lang=fr");
    for (path, headers, expected) in [
        ("/zh/seen", vec![french.clone(), russian.clone()], Lang::Zh),
        ("/seen", vec![french, russian.clone()], Lang::Fr),
        ("/seen", vec![unknown, russian.clone()], Lang::Ru),
        ("/seen", vec![others, russian], Lang::Ru),
        ("/seen", vec![], Lang::En),
    ] {
        let (status, answered, page) = get(path, &headers).await;
        assert_eq!(
            (status, &answered[header::CONTENT_LANGUAGE]),
            (StatusCode::OK, &expected.tag().parse().unwrap())
        );
        assert!(page.contains("<p>/seen?</p>"), "{page}");
        let varies = answered.get_all(header::VARY).iter().any(|value| value == "Accept-Language, Cookie");
        assert_eq!(varies, path == "/seen");
    }
}

/// Only a whole first segment is a language, and it is taken off once.
#[tokio::test]
async fn the_language_is_taken_off_the_address() {
    for (path, expected) in [
        ("/address/x", "/address/x"),
        ("/fr/address/x?y=%20&z", "/address/x?y=%20&z"),
        ("/ar/address/fr/x", "/address/fr/x"),
        ("/fr/address/%2e%2e/x//y", "/address/%2e%2e/x//y"),
    ] {
        assert_eq!(get(path, &[]).await.2, expected);
    }
    for (path, shown) in [("/fr", "<p>/?</p>"), ("/fr/", "<p>/?</p>"), ("/zh?q", "<p>/?q</p>")] {
        assert!(get(path, &[]).await.2.contains(shown), "{path}");
    }
    for path in ["/fra/seen", "/FR/seen", "/fr/fr/seen", "/de/seen", "//fr/seen"] {
        assert_eq!(get(path, &[]).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

/// A browser that is sent back from elsewhere finds its language again; programs are given no cookies.
#[tokio::test]
async fn the_language_of_an_address_is_remembered() {
    let set = |headers: &HeaderMap| headers.get(header::SET_COOKIE).map(|v| v.to_str().unwrap().to_owned());
    let (_, headers, _) = get("/es/seen", &[HTML]).await;
    let expected = "sahihi_party_lang=es; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure";
    assert_eq!(set(&headers).as_deref(), Some(expected));
    assert_eq!(set(&get("/es/seen", &[HTML, (header::COOKIE, "sahihi_party_lang=es")]).await.1), None);
    assert_eq!(set(&get("/seen", &[HTML]).await.1), None);
    assert_eq!(set(&get("/es/seen", &[]).await.1), None);
}

#[tokio::test]
async fn a_page_says_what_it_may_do() {
    let (_, headers, page) = get("/seen", &[HTML]).await;
    let said = |name| headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
    assert_eq!(
        said(header::CONTENT_SECURITY_POLICY),
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'"
    );
    assert_eq!(said(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(said(header::REFERRER_POLICY), "same-origin");
    assert_eq!(said(header::CACHE_CONTROL), "no-store");
    assert!(page.contains("<title>&#60;Seen&#62; – Sahihi</title>"), "{page}");
}

#[tokio::test]
async fn an_address_that_is_not_there_is_a_page_for_people() {
    let (status, headers, page) = get("/ar/nowhere", &[HTML]).await;
    assert_eq!(
        (status, &headers[header::CONTENT_TYPE]),
        (StatusCode::NOT_FOUND, &"text/html; charset=utf-8".parse().unwrap())
    );
    assert!(page.contains("dir=\"rtl\""));
    let (status, _, json) = get("/ar/nowhere", &[]).await;
    assert!(status == StatusCode::NOT_FOUND && json.contains("\"code\":\"not_found\""), "{json}");
}

/// What stands behind the question mark is read or refused, for people as for programs.
#[tokio::test]
async fn a_query_that_cannot_be_read_is_refused_as_everything_else_is() {
    assert_eq!(get("/asked?page=2&other=1", &[HTML]).await.0, StatusCode::OK);
    for query in ["page=2&page=3", "page=two", "page=256"] {
        let (status, _, json) = get(&format!("/asked?{query}"), &[]).await;
        assert!(status == StatusCode::BAD_REQUEST && json.contains("\"code\":\"query\""), "{query}: {json}");
        let (status, headers, page) = get(&format!("/ru/asked?{query}"), &[HTML]).await;
        assert_eq!(
            (status, &headers[header::CONTENT_LANGUAGE]),
            (StatusCode::BAD_REQUEST, &"ru".parse().unwrap())
        );
        assert!(page.contains("400 query</bdi>"), "{page}");
    }
}

/// What is short, of another kind, or compressed already goes out as it is; what varies says so.
#[tokio::test]
async fn answers_are_compressed_where_it_is_worth_it() {
    let long = "a".repeat(2_000);
    let answer = |kind: &'static str, text: String| {
        let operation = Operation::get("/x", "x");
        let answer = move || async move { ([(header::CONTENT_TYPE, kind)], text) };
        Routes::new().add(operation, answer).into_router()
    };
    for (kind, text, accepts, compressed) in [
        ("application/json", long.clone(), "gzip", true),
        ("text/csv; charset=utf-8", long.clone(), "br;q=1.0, GZIP;q=0.5", true),
        ("application/json", long.clone(), "gzip;q=0, br", false),
        ("application/json", long.clone(), "br", false),
        ("application/json", "{}".to_owned(), "gzip", false),
        ("application/statuslist+jwt", long.clone(), "gzip", false),
        ("application/pdf", long, "gzip", false),
    ] {
        let request =
            Request::get("/x").header(header::ACCEPT_ENCODING, accepts).body(Body::empty()).unwrap();
        let response = Site::default().wrap(answer(kind, text.clone())).oneshot(request).await.unwrap();
        assert_eq!(response.headers().contains_key(header::CONTENT_ENCODING), compressed, "{kind} {accepts}");
        let varies = response.headers().contains_key(header::VARY);
        assert_eq!(
            varies,
            text.len() > 100 && !matches!(kind, "application/pdf" | "application/statuslist+jwt")
        );
        let length = response.headers().get(header::CONTENT_LENGTH).cloned();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(length.is_none_or(|said| said.to_str().unwrap() == bytes.len().to_string()));
        let mut unpacked = Vec::new();
        if compressed {
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut unpacked).unwrap();
        } else {
            unpacked = bytes.to_vec();
        }
        assert_eq!(unpacked, text.as_bytes());
    }
}

/// A problem in front of the routes is a page too.
#[test]
fn a_problem_carries_itself() {
    let response = Problem::unavailable().into_response();
    assert_eq!(response.extensions().get::<Problem>(), Some(&Problem::unavailable()));
}

#[test]
fn html_is_escaped_once() {
    assert_eq!(Html::text("<b>&").to_string(), "&lt;b&gt;&amp;");
    assert_eq!(Html::link("/x?a=1&b=\"", "<b>").to_string(), "<a href=\"/x?a=1&amp;b=&quot;\">&lt;b&gt;</a>");
    assert_eq!(
        Html::of(&crate::components::Button::submit("<b>")).to_string(),
        "<button class=\"button \">&#60;b&#62;</button>"
    );
}
