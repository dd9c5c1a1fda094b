//! Sessions begin, are found, and end; forms come from our own pages.

use std::sync::Arc;

use ::store::Store;
use base::{Instant, time::ManualClock};
use crypto::SeededRandom;
use http::{HeaderValue, header};

use super::{Sessions, SessionsConfig, own_path};

const PLANTED: &str = "sahihi_p_session=planted; __Host-sahihi_p_session=a";

#[tokio::test]
async fn a_cookie_is_kept_from_scripts_other_sites_and_plain_connections() {
    ::store::fixture::each_engine(crate::MIGRATIONS, async |store: Store| {
        let sessions = |identifier: &str| {
            let settings =
                SessionsConfig { party: "p".into(), identifier: identifier.into(), server_secret: [7; 32] };
            let (clock, random) = (ManualClock::new(Instant::default()), SeededRandom::new(1));
            Sessions::new(store.clone(), Arc::new(clock), Arc::new(random), &settings)
        };
        let party = sessions("https://party.example");
        let https = party.cookie("session", "a", None);
        assert_eq!(https, "__Host-sahihi_p_session=a; Path=/; HttpOnly; SameSite=Lax; Secure");
        // One without the prefix can be of a neighbour under `example`, or of whoever answers without encryption.
        for (brought, expected) in
            [("__Host-sahihi_p_session=a", Some("a")), ("sahihi_p_session=a", None), (PLANTED, Some("a"))]
        {
            let headers = [(header::COOKIE, HeaderValue::from_static(brought))].into_iter().collect();
            assert_eq!(party.cookie_value(&headers, "session"), expected, "{brought}");
        }
        let http = sessions("http://localhost:8000").cookie("session", "", Some(0));
        assert_eq!(http, "sahihi_p_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    })
    .await;
}

#[test]
fn only_paths_of_our_own_are_returned_to() {
    for good in ["/", "/calls/ott-2017/answer", "/desk/people?page=2", "/fr/"] {
        assert_eq!(own_path(good), Some(good));
    }
    let long = format!("/{}", "a".repeat(base::limits::RETURN_BYTES_MAX));
    for bad in [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/a\nb",
        "/a b",
        "\t//evil.example",
        &long,
    ] {
        assert_eq!(own_path(bad), None, "{bad}");
    }
}
