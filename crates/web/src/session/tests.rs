//! Sessions begin, are found, and end; forms come from our own pages.

use std::sync::Arc;

use ::store::Store;
use base::{Instant, time::ManualClock};
use crypto::SeededRandom;

use super::{Sessions, SessionsConfig, own_path};

#[tokio::test]
async fn a_cookie_is_kept_from_scripts_other_sites_and_plain_connections() {
    ::store::fixture::each_engine(crate::MIGRATIONS, async |store: Store| {
        let sessions = |identifier: &str| {
            let settings =
                SessionsConfig { party: "p".into(), identifier: identifier.into(), server_secret: [7; 32] };
            let (clock, random) = (ManualClock::new(Instant::default()), SeededRandom::new(1));
            Sessions::new(store.clone(), Arc::new(clock), Arc::new(random), &settings)
        };
        let https = sessions("https://party.example").cookie("session", "a", None);
        assert_eq!(https, "sahihi_p_session=a; Path=/; HttpOnly; SameSite=Lax; Secure");
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
