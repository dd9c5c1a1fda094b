use axum::Router;
use base::Lang;
use http::{Request, StatusCode};

use super::*;
use crate::{Operation, Routes, Site, fixture::sent};

async fn get(routes: Router, path: &str, accept: &str) -> (StatusCode, http::HeaderMap, String) {
    let request = Request::get(path).header(header::ACCEPT, accept).body(Body::empty()).unwrap();
    let answer = sent(&Site::default().wrap(routes), request).await;
    (answer.status, answer.headers, answer.text)
}

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Every status that our problems have, told in every language; programs are answered as before.
#[tokio::test]
async fn a_problem_is_a_page_for_people_and_json_for_programs() {
    let all: [(u16, &'static str, Told); 17] = [
        (400, "invalid_json", Told::Unreadable),
        (401, "unauthorized", Told::SignIn),
        (403, "forbidden", Told::Forbidden),
        (403, "csrf", Told::Csrf),
        (404, "not_found", Told::NotFound),
        (405, "method_not_allowed", Told::Method),
        (409, "state", Told::Changed),
        (410, "gone", Told::Gone),
        (412, "version", Told::Changed),
        (413, "body_too_large", Told::TooLarge),
        (414, "address_too_long", Told::TooLarge),
        (415, "content_type", Told::Kind),
        (422, "invalid", Told::Unreadable),
        (429, "too_many_attempts", Told::TooMany),
        (500, "internal", Told::Internal),
        (503, "unavailable", Told::Unavailable),
        (503, "outcome_unknown", Told::Unknown),
    ];
    for (status, code, told) in all {
        let status = StatusCode::from_u16(status).unwrap();
        let routes = || {
            let answer = move || async move { Problem::new(status, code, "An English <sentence>.") };
            Routes::new().add(Operation::get("/x", "x"), answer).into_router()
        };
        for lang in Lang::ALL {
            let (got, headers, page) = get(routes(), &format!("/{lang}/x"), BROWSER).await;
            assert_eq!(
                (got, &headers[header::CONTENT_TYPE]),
                (status, &"text/html; charset=utf-8".parse().unwrap())
            );
            assert_eq!(headers[header::CONTENT_LANGUAGE], lang.tag());
            for shown in
                [told.title(T(lang)), told.happened(T(lang)), told.kept(T(lang)), told.now(T(lang)), code]
            {
                assert!(page.contains(&crate::page::escape(shown)), "{lang} {code}: {shown}");
            }
            assert!(page.contains("An English &#60;sentence&#62;."), "{page}");
        }
        let (got, headers, json) = get(routes(), "/x", "application/json").await;
        assert_eq!(
            (got, &headers[header::CONTENT_TYPE]),
            (status, &"application/problem+json".parse().unwrap())
        );
        assert!(json.contains(&format!("\"code\":\"{code}\"")), "{json}");
    }
}

#[tokio::test]
async fn what_a_problem_says_in_headers_stays() {
    let answer = || async { Problem::too_many_attempts(7) };
    let routes = || Routes::new().add(Operation::get("/x", "x"), answer).into_router();
    let (_, headers, _) = get(routes(), "/x", BROWSER).await;
    assert_eq!(headers[header::RETRY_AFTER], "7");
    assert_eq!(headers[header::VARY], "Accept-Language, Cookie");
    assert_eq!(headers.get_all(header::CACHE_CONTROL).iter().count(), 1);
}
