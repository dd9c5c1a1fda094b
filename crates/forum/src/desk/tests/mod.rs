//! The desk as a secretary uses it: pages, forms, and what is refused to whom.

mod acts;
mod addressees;
mod files;
mod paper;
mod roles;
mod translations;

use std::sync::Arc;

use axum::{Router, body::Body};
use base::Lang;
use crypto::SeededRandom;
use http::{Request, StatusCode, header};
use store::{Store, Tx};
use tower::ServiceExt as _;
use web::{
    Role, Sessions, Site, SiteConfig, Subject,
    session::{NewSession, SessionsConfig},
};

use crate::{
    CallState, Policy,
    fixture::{self, CLOSES, GRACE_MS, OPENS, new_call, new_circular, secretary, submission},
    public::tests::{Got, read},
    tests::{World, world},
};

/// A browser at the forum's pages: the cookies that it was given.
struct Browser {
    pages: Router,
    cookies: Vec<(String, String)>,
}

/// A world with the pages of its party, on each engine.
async fn each(test: impl AsyncFn(World, &dyn Fn(Vec<Role>) -> Begin)) {
    let migrations = [fixture::migrations(), web::MIGRATIONS.to_vec()].concat();
    store::fixture::each_engine(&migrations, async |store: Store| {
        let world = world(&store, 1).await;
        let config = SessionsConfig {
            party: "secretariat".to_owned(),
            identifier: "https://forum.example".to_owned(),
            server_secret: [9; 32],
        };
        let random = Arc::new(SeededRandom::new(5));
        let sessions = Sessions::new(store.clone(), world.clock.clone(), random, &config);
        let site = Site::new(SiteConfig {
            name: None,
            identifier: "https://forum.example".to_owned(),
            handle: "secretariat".to_owned(),
            thumbprint: [0; 32],
            sessions: Some(sessions.clone()),
            has_log: false,
            has_login: true,
            navigation: Vec::new(),
        })
        .leading_staff(vec![(Role::Secretary, ("/desk", |_| "To the desk"))]);
        let pages = site.wrap(world.forum.clone().router());
        let begin =
            |roles| Begin { pages: pages.clone(), sessions: sessions.clone(), store: store.clone(), roles };
        test(world, &begin).await;
    })
    .await;
}

/// Somebody who is about to sign in with these roles.
struct Begin {
    pages: Router,
    sessions: Sessions,
    store: Store,
    roles: Vec<Role>,
}

impl Begin {
    async fn browser(self) -> Browser {
        let begun = self.sessions.begin(NewSession {
            subject: Subject::from_kept("ab".repeat(32)),
            shown_name: Some("Amina".to_owned()),
            roles: self.roles,
            party: None,
            until: None,
        });
        let kept = begun.clone();
        self.store.write(async move |tx: &mut Tx<'_>| Sessions::keep(tx, &kept).await).await.unwrap();
        let mut browser = Browser { pages: self.pages, cookies: Vec::new() };
        for cookie in self.sessions.signed_in(&begun) {
            browser.keep(cookie.to_str().unwrap());
        }
        browser
    }
}

impl Browser {
    fn keep(&mut self, cookie: &str) {
        let (name, rest) = cookie.split_once('=').unwrap();
        let value = rest.split(';').next().unwrap();
        self.cookies.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    async fn send(&mut self, request: http::request::Builder, body: impl Into<Body>) -> Got {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).header(header::ACCEPT, "text/html");
        let response = self.pages.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        read(response).await
    }

    async fn get(&mut self, path: &str) -> Got {
        self.send(Request::get(path), String::new()).await
    }

    /// Sends a form of the page at `at` to `to`, with the page's own token.
    async fn post(&mut self, at: &str, to: &str, fields: &[(&str, &str)]) -> Got {
        let page = self.get(at).await;
        assert_eq!(page.status, StatusCode::OK, "{at}: {}", page.body);
        let (_, token) = page.body.split_once("name=\"csrf\" value=\"").unwrap();
        let token = token.split('"').next().unwrap().to_owned();
        self.post_with(&token, to, fields).await
    }

    async fn send_multipart(&mut self, to: &str, body: impl Into<Body>) -> Got {
        let request = Request::post(to)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
            .header(header::ORIGIN, "https://forum.example");
        self.send(request, body).await
    }

    async fn post_with(&mut self, token: &str, to: &str, fields: &[(&str, &str)]) -> Got {
        let pairs: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", token)]).collect();
        let body = serde_urlencoded::to_string(pairs).unwrap();
        let request = Request::post(to)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "https://forum.example");
        self.send(request, body).await
    }
}

fn location(got: &Got) -> &str {
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.body);
    got.headers.get(header::LOCATION).unwrap().to_str().unwrap()
}

/// A form with a file, as a browser sends it (RFC 7578).
fn multipart(fields: &[(&str, &str)], file: Option<(&str, &str, &str, &str)>) -> String {
    let plain = fields
        .iter()
        .map(|(name, value)| format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}"));
    let file = file.map(|(field, name, kind, bytes)| {
        format!(
            "Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n{bytes}"
        )
    });
    let parts: Vec<String> = plain.chain(file).collect();
    format!("--cut\r\n{}\r\n--cut--\r\n", parts.join("\r\n--cut\r\n"))
}

/// A value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let (_, value) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    value.split('"').next().unwrap().to_owned()
}

/// What is wrong with a field, as the page says it at the field.
fn error<'a>(page: &'a Got, field: &str) -> &'a str {
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.body);
    let at = format!("id=\"e-{field}\">");
    assert!(page.body.contains(&at), "no error at {field}: {}", page.body);
    let (_, said) = page.body.split_once(&at).unwrap();
    said.split('<').next().unwrap()
}

const CALL: &[(&str, &str)] = &[
    ("symbol", "OTT-2"),
    ("original", "en"),
    ("title-en", "Over the top"),
    ("title-ar", "خدمات"),
    ("about-en", "What do you think?"),
    ("kind", "consultation"),
    ("circular", ""),
    ("opens", "2026-09-30"),
    ("opens-time", "09:00"),
    ("closes", "2026-10-31"),
    ("zone", "Europe/Zurich"),
    ("grace", "10"),
    ("limit", "1"),
    ("policy", "sealed_until_close"),
    ("audience", "member_state"),
    ("audience", "private"),
    ("contact", "forum@secretariat.example"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<_> = fields.iter().copied().filter(|(known, _)| *known != name).collect();
    fields.push((name, value));
    fields
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    each(async |world, begin| {
        world.forum.draft_call(&secretary(), new_call("C", Policy::AtOnce)).await.unwrap();
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let got = browser.post_with("forged", "/desk/calls/C/announce", &[]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        assert!(got.body.contains("csrf"));
        let got = browser.post("/desk/calls/C", "/desk/calls/C/announce", &[]).await;
        assert!(location(&got).ends_with("/desk/calls/C?done=1"));
    })
    .await;
}

#[tokio::test]
async fn a_call_goes_from_the_template_to_its_publication() {
    each(async |world, begin| {
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let forum = &world.forum;
        let new = "/desk/calls/new";
        assert!(location(&browser.post(new, new, CALL).await).ends_with("/en/desk/calls/OTT-2"));
        let call = forum.call_of_desk(&secretary(), "OTT-2").await.unwrap();
        assert_eq!(call.said.title.get(Lang::Ar).text, "خدمات");
        assert_eq!(call.said.opens.rfc3339(), "2026-09-30T07:00:00.000Z");
        assert_eq!(call.said.closes.instant.rfc3339(), "2026-10-31T23:00:00.000Z");
        assert_eq!((call.said.grace_ms, call.said.party_limit), (600_000, Some(1)));
        assert_eq!((call.said.policy, call.said.audience.len()), (Policy::SealedUntilClose, 2));
        let questions = &call.said.form.questions;
        assert_eq!(questions.len(), 3);
        assert!(questions.iter().all(|q| q.label.texts().len() == 6), "the template speaks all six");

        // A question is changed, one is added and moved, one is removed.
        let own = "/desk/calls/OTT-2";
        let q1 = "/desk/calls/OTT-2/questions/q1";
        let fields =
            [("label-en", "Which opportunities?"), ("label-fr", "Lesquelles ?"), ("kind", "long_text")];
        location(&browser.post(q1, q1, &fields).await);
        let added = "/desk/calls/OTT-2/questions/new";
        let fields = [
            ("label-en", "Which of these?"),
            ("kind", "choice"),
            ("options-en", "Cables\r\nSatellites\r\n"),
            ("options-ar", "كابلات\r\nسواتل"),
            ("required", "yes"),
        ];
        location(&browser.post(added, added, &fields).await);
        let q4 = "/desk/calls/OTT-2/questions/q4";
        location(&browser.post(q4, q4, &[("do", "up")]).await);
        let q2 = "/desk/calls/OTT-2/questions/q2";
        location(&browser.post(q2, q2, &[("do", "remove")]).await);
        let asked = forum.call_of_desk(&secretary(), "OTT-2").await.unwrap().said.form;
        let ids: Vec<&str> = asked.questions.iter().map(|q| q.id.as_str()).collect();
        assert_eq!(ids, ["q1", "q4", "q3"]);
        assert_eq!(asked.questions[0].label.get(Lang::Fr).text, "Lesquelles ?");
        assert!(!asked.questions[0].required && asked.questions[1].required);
        assert_eq!(asked.questions[1].options[1].label.get(Lang::Ar).text, "سواتل");

        // Announced, extended with a reason, closed by the clock, published.
        assert!(browser.get("/desk/calls/OTT-2/preview").await.body.contains("Which opportunities?"));
        location(&browser.post(own, "/desk/calls/OTT-2/announce", &[]).await);
        let extend = [("extend-to", "2026-11-07"), ("extend-reason", "Three parties asked.")];
        location(&browser.post(own, "/desk/calls/OTT-2/extend", &extend).await);
        let call = forum.call("OTT-2").await.unwrap().unwrap();
        assert_eq!(call.said.closes.instant.rfc3339(), "2026-11-07T23:00:00.000Z");
        world.clock.set(call.window().ends());
        // Signed in again: a session does not live that long.
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        location(&browser.post(own, "/desk/calls/OTT-2/publish", &[]).await);
        location(&browser.post(own, "/desk/calls/OTT-2/consider", &[("consider-item", "4.2")]).await);
        let page = browser.get("/en/desk/calls/OTT-2").await.body;
        for said in
            ["Three parties asked.", "Amina", "Deadline moved later", "Answers published", "Considered"]
        {
            assert!(page.contains(said), "{said}: {page}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_nothing_is_lost() {
    each(async |world, begin| {
        world.forum.draft_call(&secretary(), new_call("Taken", Policy::AtOnce)).await.unwrap();
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let new = "/en/desk/calls/new";
        for (name, value, field, said) in [
            ("symbol", "no spaces", "symbol", "Use letters, digits and hyphens, at most 40."),
            ("symbol", "Taken", "symbol", "This symbol is in use."),
            ("title-en", "", "title-en", "Write something here."),
            ("title-fr", "a\u{202e}b", "title-fr", "This has characters that cannot be seen"),
            ("closes", "31.10.2026", "closes", "Write a date, as 2026-11-28."),
            ("closes", "2026-09-29", "closes", "The deadline must be after the opening."),
            ("opens-time", "soon", "opens", "Write a date, as 2026-11-28."),
            ("zone", "Mars/Olympus", "zone", "Write a time zone, as Europe/Zurich."),
            ("grace", "-1", "grace", "Write a whole number."),
            ("limit", "many", "limit", "Write a whole number."),
            ("circular", "CL-0", "circular", "There is no such circular."),
            ("contact", "", "contact", "Write something here."),
        ] {
            let page = browser.post(new, new, &with(CALL, name, value)).await;
            assert!(error(&page, field).starts_with(said), "{name}={value}: {}", error(&page, field));
            assert!(page.body.contains("value=\"خدمات\""), "what was written stays");
        }
        assert!(world.forum.call_of_desk(&secretary(), "OTT-2").await.is_err());
        location(&browser.post(new, new, CALL).await);

        // At the overview: a reason is needed, and a deadline only moves later.
        let own = "/en/desk/calls/Taken";
        location(&browser.post(own, "/desk/calls/Taken/announce", &[]).await);
        for (fields, field, said) in [
            ([("extend-to", "2026-12-31"), ("extend-reason", " ")], "extend-reason", "Write something here."),
            (
                [("extend-to", "2026-09-30"), ("extend-reason", "x")],
                "extend-to",
                "A deadline only moves later.",
            ),
            ([("extend-to", "later"), ("extend-reason", "x")], "extend-to", "Write a date, as 2026-11-28."),
        ] {
            let page = browser.post(own, "/en/desk/calls/Taken/extend", &fields).await;
            assert_eq!(error(&page, field), said);
        }
        let page = browser.post(own, "/en/desk/calls/Taken/withdraw", &[("withdraw-reason", "")]).await;
        assert_eq!(error(&page, "withdraw-reason"), "Write something here.");
        let withdraw = [("withdraw-reason", "It comes next year.")];
        location(&browser.post(own, "/en/desk/calls/Taken/withdraw", &withdraw).await);
        // Twice: it is in another state.
        let got = browser.post("/en/desk/calls/new", "/en/desk/calls/Taken/withdraw", &withdraw).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        assert!(got.body.contains("state"));
        let got = browser.post("/en/desk/calls/new", "/en/desk/calls/Taken/abolish", &[]).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_circular_is_drafted_changed_and_sent() {
    each(async |world, begin| {
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let new = "/en/desk/circulars/new";
        let said = [
            ("symbol", "CL-26.1"),
            ("original", "fr"),
            ("subject-fr", "Consultation"),
            ("text-fr", "Nous vous demandons votre avis."),
            ("text-en", "We ask for your view."),
            ("dated", "2026-09-20"),
            ("signatory", "A. Diallo, Secretary-General"),
            ("addressees", "member_state"),
            ("copies", "Regional offices\r\n\r\nObservers"),
            ("contact", "forum@secretariat.example"),
            ("amends", ""),
        ];
        for (name, value, field, expected) in [
            ("subject-fr", "", "subject-fr", "Write something here."),
            ("dated", "yesterday", "dated", "Write a date, as 2026-11-28."),
            ("amends", "CL-0", "amends", "There is no such circular."),
            ("symbol", "<b>", "symbol", "Use letters, digits and hyphens, at most 40."),
        ] {
            let page = browser.post(new, new, &with(&said, name, value)).await;
            assert_eq!(error(&page, field), expected, "{name}={value}");
        }
        location(&browser.post(new, new, &said).await);
        let own = "/en/desk/circulars/CL-26.1";
        let edit = "/en/desk/circulars/CL-26.1/edit";
        location(&browser.post(edit, edit, &with(&said, "text-fr", "Donnez votre avis.")).await);
        let drafted = world.forum.circular_of_desk(&secretary(), "CL-26.1").await.unwrap();
        assert_eq!(drafted.said.text.original_text(), "Donnez votre avis.");
        assert!(drafted.said.text.get(Lang::En).is_stale, "the translation was not touched");
        assert_eq!(drafted.said.copies, ["Regional offices", "Observers"]);
        assert!(world.forum.circular("CL-26.1").await.unwrap().is_none(), "nobody else sees a draft");
        location(&browser.post(own, "/en/desk/circulars/CL-26.1/send", &[]).await);
        assert!(world.forum.circular("CL-26.1").await.unwrap().is_some());
        let page = browser.get(own).await.body;
        assert!(
            page.contains(">Sent</bdi>") && page.contains("Amina") && !page.contains("<form method=\"post\"")
        );
        // What was sent is not changed.
        let got = browser.post(new, edit, &said).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        assert!(got.body.contains("sent"));
    })
    .await;
}

#[tokio::test]
async fn what_came_in_is_decided_on_with_reasons() {
    each(async |world, begin| {
        world.open("C", Policy::SealedUntilClose).await;
        let mut ids = Vec::new();
        for n in 0..3 {
            ids.push(world.receive(submission("C", &format!("Party {n}"), n)).await.id);
        }
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        // Sealed: nobody reads, nobody decides.
        for path in ["/desk/calls/C/answers".to_owned(), format!("/desk/submissions/{}", ids[0])] {
            let got = browser.get(&path).await;
            assert_eq!(got.status, StatusCode::CONFLICT, "{path}");
            assert!(got.body.contains("sealed") && !got.body.contains("Party 0"));
        }
        assert!(!browser.get("/desk/calls/C").await.body.contains("Party"));
        world.clock.set(CLOSES.plus_ms(GRACE_MS));
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let list = browser.get("/en/desk/calls/C/answers").await.body;
        assert!(ids.iter().all(|id| list.contains(&id.to_string())) && list.contains("Party 2"));
        let at = |n: usize| format!("/en/desk/submissions/{}", ids[n]);
        location(&browser.post(&at(0), &at(0), &[("do", "admit"), ("reason", "")]).await);
        let page = browser.post(&at(1), &at(1), &[("do", "refuse"), ("reason", "")]).await;
        assert_eq!(error(&page, "reason"), "Write something here.");
        location(&browser.post(&at(1), &at(1), &[("do", "refuse"), ("reason", "Off the point.")]).await);
        location(&browser.post(&at(2), &at(2), &[("do", "withhold"), ("reason", "It names people.")]).await);
        let counts = world.forum.counts_of_desk(&secretary(), "C").await.unwrap();
        assert_eq!((counts.received, counts.waiting, counts.inadmissible, counts.withheld), (3, 1, 1, 1));
        // Twice: it is in another state.
        let got = browser.post(&at(0), &at(0), &[("do", "admit"), ("reason", "")]).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        let page = browser.get(&at(2)).await.body;
        assert!(page.contains("It names people.") && page.contains("Amina"));
    })
    .await;
}

#[tokio::test]
async fn a_sent_circular_announces_its_calls() {
    each(async |world, begin| {
        world.forum.draft_circular(&secretary(), new_circular("CL-1")).await.unwrap();
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let new = "/en/desk/calls/new";
        location(&browser.post(new, new, &with(CALL, "circular", "CL-1")).await);
        // Not before it was sent.
        let got = browser.post("/en/desk/calls/OTT-2", "/en/desk/calls/OTT-2/announce", &[]).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        let own = "/en/desk/circulars/CL-1";
        location(&browser.post(own, "/en/desk/circulars/CL-1/send", &[]).await);
        assert!(world.forum.call("OTT-2").await.unwrap().is_some());
        let home = browser.get("/en/desk").await.body;
        assert!(home.contains("Over the top") && home.contains("CL-1"));
    })
    .await;
}

#[tokio::test]
async fn an_announced_call_can_be_translated_and_keeps_its_dates() {
    each(async |world, begin| {
        world.announce(new_call("C", Policy::AtOnce)).await;
        let mut browser = begin(vec![Role::Secretary]).browser().await;
        let edit = "/en/desk/calls/C/edit";
        let fields = [
            ("title-en", "A call"),
            ("title-fr", "Un appel"),
            ("about-en", "Tell us."),
            ("kind", "consultation"),
            ("opens", "2026-09-21"),
            ("opens-time", "16:13"),
            ("closes", "2026-10-01"),
            ("zone", "Europe/Zurich"),
            ("grace", "1"),
            ("limit", ""),
            ("policy", "at_once"),
            ("contact", "forum@secretariat.example"),
        ];
        location(&browser.post(edit, edit, &fields).await);
        let call = world.forum.call("C").await.unwrap().unwrap();
        assert_eq!(call.said.title.get(Lang::Fr).text, "Un appel");
        assert_eq!((call.said.opens, call.said.closes.instant), (OPENS, CLOSES));
        let page = browser.post(edit, edit, &with(&fields, "closes", "2026-10-02")).await;
        assert!(error(&page, "closes").starts_with("The call was announced"));
    })
    .await;
}
