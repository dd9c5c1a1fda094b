use axum::{Router, body::Body};
use base::{Instant, time::ManualClock};
use crypto::SeededRandom;
use http::{HeaderMap, Request};
use store::Store;

use super::*;
use crate::fixture::{self, between};

const HERE: &str = "https://party.example";

fn party(store: &Store) -> Router {
    let clock = Arc::new(ManualClock::new(Instant::from_secs(1_795_906_800)));
    let sessions = fixture::sessions(store, clock.clone(), Arc::new(SeededRandom::new(7)), HERE);
    fixture::site(HERE, &sessions).wrap(routes(clock).into_router())
}

async fn send(pages: &Router, request: Request<String>) -> (StatusCode, HeaderMap, String) {
    let answer = fixture::sent(pages, request.map(Body::from)).await;
    (answer.status, answer.headers, answer.text)
}

/// A browser's way: it loads the page, sends the form with what the page gave it, and comes back to where it was.
#[tokio::test]
async fn a_zone_is_kept_in_the_browser() {
    store::fixture::each_engine(crate::MIGRATIONS, async |store: Store| {
        let party = party(&store);
        let get = |path: &str, cookies: &str| {
            let request =
                Request::get(path).header(header::ACCEPT, "text/html").header(header::COOKIE, cookies);
            request.body(String::new()).unwrap()
        };
        let (status, headers, page) = send(&party, get("/zh/preferences?return=/calls/x", "")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("UTC+8\u{2069} — 上海"), "{page}");
        let token = between(&page, "name=\"csrf\" value=\"", "\"").to_owned();
        let set: Vec<&str> =
            headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect();
        let brought: Vec<&str> = set.iter().filter_map(|cookie| cookie.split(';').next()).collect();
        let brought = brought.join("; ");
        let post = |zone: &str, to: &str, token: &str, cookies: &str, origin: &str| {
            let form = [("zone", zone), ("return", to), ("csrf", token)];
            Request::post("/zh/preferences")
                .header(header::ACCEPT, "text/html")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::COOKIE, cookies)
                .header(header::ORIGIN, origin)
                .body(serde_urlencoded::to_string(form).unwrap())
                .unwrap()
        };
        let here = HERE;
        let (status, headers, _) =
            send(&party, post("Asia/Shanghai", "/calls/x", &token, &brought, here)).await;
        assert_eq!(
            (status, &headers[header::LOCATION]),
            (StatusCode::SEE_OTHER, &"/zh/calls/x".parse().unwrap())
        );
        assert_eq!(
            headers[header::SET_COOKIE],
            "__Host-sahihi_secretariat_zone=Asia/Shanghai; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"
        );
        let (_, _, page) =
            send(&party, get("/zh/preferences", "__Host-sahihi_secretariat_zone=Asia/Shanghai")).await;
        assert!(page.contains("<option value=\"Asia/Shanghai\" selected>"), "{page}");
        // The same in parts, as a form with a file is sent.
        let in_parts = |fields: &[(&str, &str)], boundary: &str| {
            let field = |(name, value): &(&str, &str)| {
                format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let body: Vec<String> = fields.iter().map(field).collect();
            Request::post("/zh/preferences")
                .header(header::ACCEPT, "text/html")
                .header(header::CONTENT_TYPE, format!("multipart/form-data{boundary}"))
                .header(header::COOKIE, &brought)
                .body(body.concat() + "--b--\r\n")
                .unwrap()
        };
        let fields = [("zone", "UTC"), ("return", "/"), ("csrf", &token)];
        for (fields, boundary, status) in [
            (&fields[..], "; boundary=b", StatusCode::SEE_OTHER),
            (&fields[..2], "; boundary=b", StatusCode::FORBIDDEN),
            (&fields[1..], "; boundary=b", StatusCode::BAD_REQUEST),
            (&fields[..], "; boundary=c", StatusCode::BAD_REQUEST),
            (&fields[..], "", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            (&vec![("zone", "UTC"); 65][..], "; boundary=b", StatusCode::BAD_REQUEST),
        ] {
            let (got, _, page) = send(&party, in_parts(fields, boundary)).await;
            assert_eq!(got, status, "{fields:?} {boundary}: {page}");
        }
        // Nobody is sent elsewhere, and nobody else's page sends our form.
        let (_, headers, _) = send(&party, post("", "//evil.example/", &token, &brought, here)).await;
        assert_eq!(headers[header::LOCATION], "/zh/");
        for (zone, token, cookies, origin, status, code) in [
            ("Mars/Olympus", &*token, &*brought, here, StatusCode::BAD_REQUEST, "zone"),
            ("UTC", "", &brought, here, StatusCode::FORBIDDEN, "csrf"),
            ("UTC", &token, "", here, StatusCode::FORBIDDEN, "csrf"),
            ("UTC", &token, &brought, "https://evil.example", StatusCode::FORBIDDEN, "csrf"),
        ] {
            let (got, headers, page) = send(&party, post(zone, "/", token, cookies, origin)).await;
            assert_eq!(got, status, "{zone} {code}");
            assert!(page.contains(&format!("{} {code}</bdi>", status.as_u16())), "{page}");
            let set = headers
                .get_all(header::SET_COOKIE)
                .iter()
                .any(|v| v.as_bytes().starts_with(b"__Host-sahihi_secretariat_zone"));
            assert!(!set, "{zone} {code}");
        }
    })
    .await;
}

/// Each zone that can be chosen is one, with a name in every language.
#[test]
fn every_zone_has_a_name() {
    for zone in ZONES {
        assert!(format::is_zone(zone), "{zone}");
        for lang in base::Lang::ALL {
            let name = format::city(lang, zone);
            assert!(!name.is_empty() && !name.contains('/'), "{zone} {lang}: {name}");
        }
    }
}
