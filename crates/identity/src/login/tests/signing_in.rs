//! Signing in on the same device and on another; what is refused; how sessions end.

use base::limits::{
    LOGIN_LIFETIME_S, RESPONSE_CODE_LIFETIME_S, SESSION_IDLE_S, SESSION_LIFETIME_S, SESSION_SEEN_S,
    SESSIONS_PER_SUBJECT_MAX,
};
use formats::status_list::Status;
use http::{Method, StatusCode};
use store::Tx;

use web::fixture::{encoded, ours};

use super::world::{Browser, Card, HERE, World, mandate, participant, pid, worlds};

const COOKIE: &str = "sahihi_secretariat_session";

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/en/sessions").await.status == StatusCode::OK
}

#[tokio::test]
async fn on_the_same_device_the_way_back_signs_in() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let back = world.answered(&mut browser, "/login", "same", &mandate("Nerida", "Head of unit")).await;
        assert!(back.starts_with(&format!("{HERE}/en/login/back?response_code=")), "{back}");
        assert!(!is_signed_in(&mut browser).await, "an answer alone signs nobody in");
        let done = browser.get(&back).await;
        assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/en/sessions"));
        let page = browser.get("/en/sessions").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Nerida Évora, Head of unit (Ministry of Posts)"), "{}", page.text);
        // The way back works once.
        let again = browser.get(&back).await;
        assert_eq!((again.status, again.code()), (StatusCode::FORBIDDEN, "response_code"));
    })
    .await;
}

#[tokio::test]
async fn on_another_device_the_waiting_page_leads_back() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let wait = world.begun(&mut browser, "/login", "cross").await;
        let early = browser.get("/en/login/back").await;
        assert_eq!((early.status, early.location()), (StatusCode::SEE_OTHER, wait.as_str()), "it waits on");
        let page = browser.get(&wait).await;
        assert!(page.text.contains("class=\"qr\"") && page.text.contains("sahihi wallet"));
        let shown = world.show(&participant("7hk2-9qmd"), &page).await;
        assert_eq!(shown.status, StatusCode::OK);
        assert_eq!(shown.json().get("redirect_uri"), None, "the wallet has nowhere to go back to");
        // Somebody else who knows the page is led on too, and is not signed in.
        let mut stranger = world.browser();
        assert_eq!(stranger.get(&wait).await.location(), "/en/login/back");
        let refused = stranger.get("/en/login/back").await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "login_not_begun"));
        assert_eq!(browser.get(&wait).await.location(), "/en/login/back");
        let done = browser.get("/en/login/back").await;
        assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/en/sessions"));
        assert!(browser.get("/en/sessions").await.text.contains("a participant"));
        let again = browser.get("/en/login/back").await;
        assert_eq!((again.status, again.code()), (StatusCode::FORBIDDEN, "login_not_begun"));
    })
    .await;
}

#[tokio::test]
async fn in_another_browser_the_way_back_signs_nobody_in_and_the_answer_is_lost() {
    worlds(async |world: World| {
        let card = pid("XZ-000001-11");
        let mut browser = world.browser();
        let back = world.answered(&mut browser, "/login", "same", &card).await;
        let mut thief = world.browser();
        world.begun(&mut thief, "/login", "same").await;
        let stolen = thief.get(&back).await;
        assert_eq!((stolen.status, stolen.code()), (StatusCode::FORBIDDEN, "wrong_session"));
        assert!(stolen.set_cookie(COOKIE).is_none());
        let late = browser.get(&back).await;
        assert_eq!((late.status, late.code()), (StatusCode::FORBIDDEN, "response_code"));
        // The same without a thief.
        let back = world.answered(&mut browser, "/login", "same", &card).await;
        assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
        // And without any cookie.
        let back = world.answered(&mut browser, "/login", "same", &card).await;
        let nobody = world.browser().get(&back).await;
        assert_eq!((nobody.status, nobody.code()), (StatusCode::FORBIDDEN, "wrong_session"));
    })
    .await;
}

#[tokio::test]
async fn a_code_is_needed_on_the_same_device_and_no_other_will_do() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let back = world.answered(&mut browser, "/login", "same", &participant("a")).await;
        // Answered, not come back: the page waits on.
        let waits = browser.get("/en/login/back").await;
        assert!(waits.location().starts_with("/en/ask/wait/"));
        let unknown = browser.get("/en/login/back?response_code=unknown").await;
        assert_eq!((unknown.status, unknown.code()), (StatusCode::FORBIDDEN, "response_code"));
        world.clock.advance_secs(RESPONSE_CODE_LIFETIME_S);
        let late = browser.get(&back).await;
        assert_eq!((late.status, late.code()), (StatusCode::FORBIDDEN, "response_code"));
        let back = world.answered(&mut browser, "/login", "same", &participant("a")).await;
        world.clock.advance_secs(RESPONSE_CODE_LIFETIME_S - 1);
        assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn who_takes_too_long_begins_again() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let wait = world.begun(&mut browser, "/login", "cross").await;
        let page = browser.get(&wait).await;
        world.show(&participant("a"), &page).await;
        world.clock.advance_secs(LOGIN_LIFETIME_S);
        let late = browser.get("/login/back").await;
        assert_eq!((late.status, late.code()), (StatusCode::FORBIDDEN, "login_not_begun"));
        let wait = world.begun(&mut browser, "/login", "cross").await;
        let page = browser.get(&wait).await;
        world.show(&participant("a"), &page).await;
        world.clock.advance_secs(LOGIN_LIFETIME_S - 1);
        assert_eq!(browser.get("/login/back").await.status, StatusCode::SEE_OTHER);
        world.begun(&mut browser, "/login", "cross").await;
        world.clock.advance_secs(base::limits::REQUEST_LIFETIME_S);
        let nothing = browser.get("/login/back").await;
        assert_eq!((nothing.status, nothing.code()), (StatusCode::FORBIDDEN, "login_expired"));
    })
    .await;
}

#[tokio::test]
async fn a_revoked_mandate_does_not_sign_in_nor_one_of_unknown_status() {
    worlds(async |world: World| {
        let card = mandate("Nerida", "Head of unit");
        let mut browser = world.browser();
        world.publish(Some(Status::Invalid));
        let wait = world.begun(&mut browser, "/login", "cross").await;
        let page = browser.get(&wait).await;
        assert_eq!(world.show(&card, &page).await.status, StatusCode::BAD_REQUEST);
        // It is refused, and the request stays open: the page says so.
        assert!(browser.get(&wait).await.text.contains("<code dir=\"ltr\">status_revoked</code>"));
        assert_eq!(browser.get("/en/login/back").await.location(), wait);
        world.publish(None);
        world.show(&card, &page).await;
        let unknown = browser.get("/en/login/back").await;
        assert_eq!((unknown.status, unknown.code()), (StatusCode::FORBIDDEN, "login_undetermined"));
        world.publish(Some(Status::Valid));
        assert!(is_signed_in(&mut world.signed_in(&card).await).await);
    })
    .await;
}

/// Whoever is to hold an office next month does not hold it yet, nor does it end with its last day's beginning.
#[tokio::test]
async fn a_mandate_signs_in_on_its_own_days() {
    worlds(async |world: World| {
        let today = super::world::NOW.date();
        let tomorrow = super::world::NOW.plus_secs(86_400).date();
        let yesterday = super::world::NOW.plus_secs(-86_400).date();
        for (from, until, expected) in [
            (&today, &today, StatusCode::SEE_OTHER),
            (&tomorrow, &tomorrow, StatusCode::FORBIDDEN),
            (&yesterday, &yesterday, StatusCode::FORBIDDEN),
        ] {
            let mut card = mandate("Nerida", "Head of unit");
            card.claims.insert("valid_from".into(), from.clone().into());
            card.claims.insert("valid_until".into(), until.clone().into());
            let mut browser = world.browser();
            let back = world.answered(&mut browser, "/login", "same", &card).await;
            let done = browser.get(&back).await;
            assert_eq!(done.status, expected, "{from} to {until}");
            let code = if expected == StatusCode::FORBIDDEN { "login_invalid" } else { "" };
            assert_eq!(done.code(), code);
        }
    })
    .await;
}

#[tokio::test]
async fn the_cookie_is_for_this_party_alone_and_new_each_time() {
    worlds(async |world: World| {
        let card = participant("a");
        let mut browser = world.browser();
        let back = world.answered(&mut browser, "/login", "same", &card).await;
        // A session that somebody planted beforehand is not the one that begins.
        browser.cookies.insert(COOKIE.into(), "planted".into());
        let planted = browser.get("/login").await;
        assert!(
            planted.set_cookie(COOKIE).unwrap().contains("Max-Age=0"),
            "a cookie of no session is removed"
        );
        browser.cookies.insert(COOKIE.into(), "planted".into());
        let done = browser.get(&back).await;
        let cookie = done.set_cookie(COOKIE).unwrap().to_owned();
        let (pair, attributes) = cookie.split_once(';').unwrap();
        assert_eq!(attributes, " Path=/; HttpOnly; SameSite=Lax", "Secure is for https");
        let first = pair.split_once('=').unwrap().1.to_owned();
        assert!(first.len() == 43 && first != "planted");
        assert!(done.set_cookie("sahihi_secretariat_login").unwrap().contains("Max-Age=0"));
        let back = world.answered(&mut browser, "/login", "same", &card).await;
        browser.get(&back).await;
        assert_ne!(browser.cookies[COOKIE], first);
        // The cookie of another party on this machine is none of ours.
        let mut other = world.browser();
        other.cookies.insert("sahihi_state_session".into(), browser.cookies[COOKIE].clone());
        assert!(!is_signed_in(&mut other).await);
        // Two cookies of one name: it cannot be told which is ours.
        let twice = format!("{COOKIE}={}; {COOKIE}=x", browser.cookies[COOKIE]);
        let twice = world.browser().send(Method::GET, "/sessions", "", &[("cookie", &twice)]).await;
        assert_eq!(twice.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_idle_and_absolutely() {
    worlds(async |world: World| {
        let mut browser = world.signed_in(&participant("a")).await;
        world.clock.advance_secs(SESSION_IDLE_S - 1);
        assert!(is_signed_in(&mut browser).await, "a second before");
        world.clock.advance_secs(SESSION_IDLE_S);
        assert!(!is_signed_in(&mut browser).await, "an hour after it was last used");
        let mut browser = world.signed_in(&participant("a")).await;
        let mut left = SESSION_LIFETIME_S - 1;
        while left > 0 {
            let step = left.min(SESSION_IDLE_S / 2);
            world.clock.advance_secs(step);
            left -= step;
            assert!(is_signed_in(&mut browser).await, "in use, {left} s before it is over");
        }
        world.clock.advance_secs(1);
        assert!(!is_signed_in(&mut browser).await, "over, in use or not");
        assert!(!browser.cookies.contains_key(COOKIE), "and the browser forgets it");
    })
    .await;
}

#[tokio::test]
async fn a_session_does_not_outlast_the_mandate() {
    worlds(async |world: World| {
        let mut card = mandate("Nerida", "Head of unit");
        let today: String = super::world::NOW.date();
        card.claims.insert("valid_until".into(), today.into());
        let mut browser = world.signed_in(&card).await;
        let midnight = base::time::end_of_civil_date(&super::world::NOW.date()).unwrap();
        world.clock.set(midnight.plus_ms(-1));
        assert_eq!(is_signed_in(&mut browser).await, midnight < super::world::NOW.plus_secs(SESSION_IDLE_S));
        world.clock.set(midnight);
        assert!(!is_signed_in(&mut browser).await);
    })
    .await;
}

#[tokio::test]
async fn what_is_over_is_erased_and_what_is_used_is_kept_to_the_minute() {
    worlds(async |world: World| {
        let mut browser = world.signed_in(&participant("a")).await;
        let count = async || world.sessions.erase_expired().await.unwrap();
        world.clock.advance_secs(SESSION_SEEN_S);
        assert!(is_signed_in(&mut browser).await);
        world.clock.advance_secs(SESSION_IDLE_S - SESSION_SEEN_S);
        assert_eq!(count().await, 0, "seen again after it began");
        world.clock.advance_secs(SESSION_SEEN_S);
        assert_eq!(count().await, 1);
        world.signed_in(&participant("a")).await;
        world.begun(&mut browser, "/login", "cross").await;
        assert_eq!(world.login.erase_expired().await.unwrap(), 0);
        world.clock.advance_secs(LOGIN_LIFETIME_S);
        assert_eq!(world.login.erase_expired().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_holder_alone() {
    worlds(async |world: World| {
        let card = pid("XZ-000001-11");
        let (mut here, mut there) = (world.signed_in(&card).await, world.signed_in(&card).await);
        let page = here.get("/en/sessions").await.text;
        assert_eq!((page.matches("This browser").count(), page.matches("Another browser").count()), (1, 1));
        let other = page.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut stranger = world.signed_in(&pid("XZ-000002-48")).await;
        let refused = stranger.post("/sessions", "/sessions/end", &[("session", other)]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        assert!(is_signed_in(&mut there).await);
        let ended = here.post("/en/sessions", "/en/sessions/end", &[("session", other)]).await;
        assert_eq!((ended.status, ended.location()), (StatusCode::SEE_OTHER, "/en/sessions"));
        assert!(!is_signed_in(&mut there).await && is_signed_in(&mut here).await);
        let cookie = here.cookies[COOKIE].clone();
        let out = here.post("/sessions", "/logout", &[]).await;
        assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/en/"));
        assert!(!here.cookies.contains_key(COOKIE));
        here.cookies.insert(COOKIE.into(), cookie);
        assert!(!is_signed_in(&mut here).await, "not even with the cookie that was");
    })
    .await;
}

#[tokio::test]
async fn there_are_not_endless_sessions_and_a_restore_ends_all() {
    worlds(async |world: World| {
        let card = participant("a");
        let mut first = world.signed_in(&card).await;
        for _ in 1..SESSIONS_PER_SUBJECT_MAX {
            world.clock.advance_secs(1);
            world.signed_in(&card).await;
        }
        assert!(is_signed_in(&mut first).await);
        world.clock.advance_secs(1);
        let mut last = world.signed_in(&card).await;
        assert!(!is_signed_in(&mut first).await && is_signed_in(&mut last).await);
        let restore = async |tx: &mut Tx<'_>| {
            crate::after_restore(tx).await?;
            web::session::after_restore(tx).await
        };
        world.store.write(restore).await.unwrap();
        assert!(!is_signed_in(&mut last).await);
    })
    .await;
}

#[tokio::test]
async fn the_same_person_is_recognised_and_nobody_else() {
    worlds(async |world: World| {
        let subject = async |card: &Card| {
            let browser = world.signed_in(card).await;
            world.sessions.find(&browser.cookies[COOKIE]).await.unwrap().unwrap().subject
        };
        let nerida = mandate("Nerida", "Head of unit");
        let known = subject(&nerida).await;
        assert_eq!(subject(&nerida).await, known);
        let elsewhere = Card { is_of_other_state: true, ..nerida.clone() };
        for other in [mandate("Nerida", "Adviser"), mandate("Amina", "Head of unit"), elsewhere] {
            assert_ne!(subject(&other).await, known);
        }
        assert_ne!(subject(&participant("a")).await, subject(&participant("b")).await);
        assert_ne!(subject(&pid("a")).await, subject(&participant("a")).await);
        assert_eq!(subject(&pid("a")).await, subject(&pid("a")).await);
    })
    .await;
}

#[tokio::test]
async fn a_form_needs_a_token_of_this_browser_and_page_of_ours() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        let page = browser.get("/login").await;
        let token = page.csrf().to_owned();
        assert!(
            page.set_cookie("sahihi_secretariat_csrf").unwrap().ends_with("; Path=/; HttpOnly; SameSite=Lax")
        );
        let fields = [("device", "cross"), ("return", "/")];
        let send = async |browser: &mut Browser, token: &str, headers: &[(&str, &str)]| {
            browser.send_form("/login", encoded(token, &fields), headers).await.status
        };
        let here = &ours(HERE);
        assert_eq!(send(&mut browser, &token, here).await, StatusCode::SEE_OTHER);
        assert_eq!(
            send(&mut browser, &token, &[]).await,
            StatusCode::SEE_OTHER,
            "an old browser says nothing"
        );
        let null = [("origin", "null"), ("sec-fetch-site", "same-origin")];
        assert_eq!(send(&mut browser, &token, &null).await, StatusCode::SEE_OTHER);
        for foreign in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "null")],
            &[("origin", HERE), ("sec-fetch-site", "cross-site")],
            &[("origin", HERE), ("sec-fetch-site", "same-site")],
            &[("origin", "http://localhost:8000")],
        ] {
            assert_eq!(send(&mut browser, &token, foreign).await, StatusCode::FORBIDDEN, "{foreign:?}");
        }
        let changed = token.replacen(|c: char| c.is_ascii_lowercase(), "_", 1);
        for bad in ["", "x", &changed] {
            assert_eq!(send(&mut browser, bad, here).await, StatusCode::FORBIDDEN, "{bad}");
        }
        let mut other = world.browser();
        other.get("/login").await;
        assert_eq!(send(&mut other, &token, here).await, StatusCode::FORBIDDEN, "another browser's token");
        assert_eq!(send(&mut world.browser(), &token, here).await, StatusCode::FORBIDDEN, "no cookie");
        // A token from before signing in is none afterwards.
        let mut signed = world.signed_in(&participant("a")).await;
        signed
            .cookies
            .insert("sahihi_secretariat_csrf".into(), browser.cookies["sahihi_secretariat_csrf"].clone());
        assert_eq!(send(&mut signed, &token, here).await, StatusCode::FORBIDDEN);
        // The code, as a program sees it.
        let json = [("accept", "application/json")];
        let program = browser.send_form("/login", encoded("", &fields), &json).await;
        assert!(program.text.contains("csrf"), "{}", program.text);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_after_signing_in() {
    worlds(async |world: World| {
        let mut browser = world.browser();
        for elsewhere in
            ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "evil", "%2Fa%0D%0Ab"]
        {
            let page = browser.get(&format!("/login?return={elsewhere}")).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{elsewhere}");
        }
        assert_eq!(browser.get("/login?return=%2Fcalls%3Fpage%3D2").await.status, StatusCode::OK);
        let fields = |to| [("device", "cross"), ("return", to)];
        let refused = browser.post("/login", "/login", &fields("//evil.example")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        let fine = browser.post("/login", "/login", &fields("/calls?page=2")).await;
        assert_eq!(fine.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn the_page_speaks_six_languages() {
    worlds(async |world: World| {
        for lang in base::Lang::ALL {
            let mut browser = world.browser();
            let page = browser.get(&format!("/{lang}/login")).await;
            assert_eq!(page.status, StatusCode::OK);
            let t = crate::texts::T(lang);
            for text in [t.login_title(), t.login_kind_mandate(), t.login_same(), t.login_cross()] {
                assert!(page.text.contains(text), "{lang}: {text}");
            }
            let path = format!("/{lang}/login");
            let wait = browser.post(&path, &path, &[("device", "cross")]).await;
            let wait = wait.location().to_owned();
            assert!(wait.starts_with(&format!("/{lang}/ask/wait/")), "{wait}");
            assert!(browser.get(&wait).await.text.contains(t.login_purpose()));
        }
    })
    .await;
}
