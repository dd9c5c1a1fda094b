//! Everything that the secretariat does, done on its pages: each act is in a history, with who did it and why, and has a leaf.

use base::Lang;
use http::StatusCode;
use web::Role;

use super::{Begin, Browser, CALL, each, error, location, with};
use crate::{
    About, ActDone, Policy, SubmissionId,
    fixture::{CLOSES, GRACE_MS, OPENS, new_call, new_circular, secretary, submission},
    tests::World,
};

async fn acts(world: &World, about: About, subject: i64) -> Vec<ActDone> {
    world.forum.history(&secretary(), about, subject).await.unwrap()
}

/// What was done, by whom and why; each has its leaf.
fn said(acts: &[ActDone]) -> Vec<(&str, &str, Option<&str>)> {
    assert!(acts.iter().all(|act| act.leaf.is_some()), "{acts:?}");
    acts.iter().map(|act| (act.act.as_str(), act.actor.as_str(), act.reason.as_deref())).collect()
}

/// A second later, so that what is done next comes next in the history.
fn later(world: &World) {
    world.clock.set(world.forum.clock.now().plus_secs(1));
}

async fn secretary_of(begin: &dyn Fn(Vec<Role>) -> Begin) -> Browser {
    begin(vec![Role::Secretary]).browser().await
}

#[tokio::test]
async fn a_consultation_from_its_circular_to_its_consideration() {
    each(async |world, begin| {
        drafted_and_sent(&world, &mut secretary_of(begin).await).await;
        // It opens by the clock, which is noted.
        let call = world.forum.call("OTT-2").await.unwrap().unwrap();
        world.clock.set(call.said.opens);
        world.forum.note_passages().await.unwrap();
        let mut ids = Vec::new();
        for n in 0..4 {
            ids.push(world.receive(submission("OTT-2", &format!("Party {n}"), n)).await.id);
        }
        extended(&world, &mut secretary_of(begin).await).await;
        // And it closes so.
        let call = world.forum.call("OTT-2").await.unwrap().unwrap();
        world.clock.set(call.window().ends());
        world.forum.note_passages().await.unwrap();
        let mut browser = secretary_of(begin).await;
        decided(&world, &mut browser, &ids).await;
        later(&world);
        location(&browser.post(CALL_PAGE, "/en/desk/calls/OTT-2/publish", &[]).await);
        later(&world);
        let consider = [("consider-item", "4.2")];
        location(&browser.post(CALL_PAGE, "/en/desk/calls/OTT-2/consider", &consider).await);
        let done = acts(&world, About::Call, call.id.as_i64()).await;
        assert_eq!(
            said(&done),
            [
                ("call_drafted", "Amina", None),
                ("call_announced", "Amina", None),
                ("call_opened", "clock", None),
                ("call_extended", "Amina", Some("Three parties asked.")),
                ("call_closed", "clock", None),
                ("call_published", "Amina", None),
                ("call_considered", "Amina", None),
            ]
        );
        let page = browser.get(CALL_PAGE).await.body;
        for word in [
            "Drafted",
            "Announced",
            "Opened",
            "Deadline moved later",
            "Closed",
            "Answers published",
            "Considered",
        ] {
            assert!(page.contains(&format!("<bdi>{word}")), "{word}: {page}");
        }
        assert!(!page.contains("call_"), "every act has a word: {page}");
    })
    .await;
}

const CALL_PAGE: &str = "/en/desk/calls/OTT-2";

/// A circular and a call, each from its template, changed and sent.
async fn drafted_and_sent(world: &World, browser: &mut Browser) {
    let new = "/en/desk/circulars/new";
    let page = browser.get(new).await.body;
    assert!(page.contains("We invite all those") && page.contains("我们邀请"), "in six languages");
    let circular = [
        ("symbol", "CL-1"),
        ("original", "en"),
        ("subject-en", "Consultation"),
        ("text-en", "Please answer."),
        ("text-fr", crate::texts::T(Lang::Fr).desk_template_circular()),
        ("text-es", "Respondan."),
        ("dated", "2026-09-20"),
        ("signatory", "A. Diallo, Secretary-General"),
        ("contact", "forum@secretariat.example"),
    ];
    location(&browser.post(new, new, &circular).await);
    let drafted = world.forum.circular_of_desk(&secretary(), "CL-1").await.unwrap();
    // What of the template was left as it was does not translate what was written instead.
    assert!(drafted.said.text.get(Lang::Fr).is_stale && !drafted.said.text.get(Lang::Es).is_stale);
    let (own, edit) = ("/en/desk/circulars/CL-1", "/en/desk/circulars/CL-1/edit");
    later(world);
    location(&browser.post(edit, edit, &circular).await);
    let new = "/en/desk/calls/new";
    let call = with(&with(CALL, "circular", "CL-1"), "policy", "at_close");
    location(&browser.post(new, new, &with(&call, "modify", "2026-10-20")).await);
    later(world);
    location(&browser.post(own, "/en/desk/circulars/CL-1/send", &[]).await);
    let circular = acts(world, About::Circular, drafted.id.as_i64()).await;
    let expected = ["circular_drafted", "circular_changed", "circular_sent"].map(|act| (act, "Amina", None));
    assert_eq!(said(&circular), expected);
    assert_eq!(modify_until(world).await, "2026-10-20T22:00:00.000Z");
}

/// The deadline moves later, and with it the day until which answers can be replaced, which never moves earlier.
async fn extended(world: &World, browser: &mut Browser) {
    let at = "/en/desk/calls/OTT-2/extend";
    let extend = [
        ("extend-to", "2026-11-07"),
        ("extend-modify", "2026-10-19"),
        ("extend-reason", "Three parties asked."),
    ];
    let page = browser.post(CALL_PAGE, at, &extend).await;
    assert!(error(&page, "extend-modify").starts_with("This day must be"));
    later(world);
    location(&browser.post(CALL_PAGE, at, &with(&extend, "extend-modify", "2026-10-27")).await);
    assert_eq!(modify_until(world).await, "2026-10-27T23:00:00.000Z");
}

async fn modify_until(world: &World) -> String {
    world.forum.call("OTT-2").await.unwrap().unwrap().said.modify_until.unwrap().rfc3339()
}

/// Each of four submissions is decided on otherwise.
async fn decided(world: &World, browser: &mut Browser, ids: &[SubmissionId]) {
    let decisions = [
        ("admit", None, "submission_admitted", "Admitted"),
        ("refuse", Some("Off the point."), "submission_refused", "Not admitted"),
        ("withhold", Some("It names people."), "submission_withheld", "Withheld"),
        ("withdraw", Some("They asked."), "submission_withdrawn", "Withdrawn"),
    ];
    for (id, (what, reason, act, word)) in ids.iter().zip(decisions) {
        let at = format!("/en/desk/submissions/{id}");
        if reason.is_some() {
            let page = browser.post(&at, &at, &[("do", what), ("reason", "")]).await;
            assert_eq!(error(&page, "reason"), "Write something here.", "{what}");
        }
        location(&browser.post(&at, &at, &[("do", what), ("reason", reason.unwrap_or_default())]).await);
        assert_eq!(said(&acts(world, About::Submission, id.as_i64()).await), [(act, "Amina", reason)]);
        let page = browser.get(&at).await.body;
        assert!(page.contains(word) && page.contains(reason.unwrap_or_default()), "{page}");
    }
}

#[tokio::test]
async fn a_call_is_withdrawn_before_it_opens_and_annulled_after() {
    each(async |world, begin| {
        world.announce(new_call("EARLY", Policy::AtOnce)).await;
        world.announce(new_call("LATE", Policy::AtOnce)).await;
        let mut browser = secretary_of(begin).await;
        let withdraw = [("withdraw-reason", "It comes next year.")];
        let (own, act) = ("/en/desk/calls/EARLY", "/en/desk/calls/EARLY/withdraw");
        location(&browser.post(own, act, &withdraw).await);
        world.clock.set(OPENS);
        let mut browser = secretary_of(begin).await;
        let (own, act) = ("/en/desk/calls/LATE", "/en/desk/calls/LATE/annul");
        assert!(!browser.get(own).await.body.contains("/withdraw\""), "it has opened");
        let page = browser.post(own, act, &[("annul-reason", " ")]).await;
        assert_eq!(error(&page, "annul-reason"), "Write something here.");
        location(&browser.post(own, act, &[("annul-reason", "The question was wrong.")]).await);
        for (symbol, act, reason) in [
            ("EARLY", "call_withdrawn", "It comes next year."),
            ("LATE", "call_annulled", "The question was wrong."),
        ] {
            let call = world.forum.call(symbol).await.unwrap().unwrap();
            let done = acts(&world, About::Call, call.id.as_i64()).await;
            assert_eq!(said(&done).last(), Some(&(act, "Amina", Some(reason))));
            let page = browser.get(&format!("/en/calls/{symbol}")).await.body;
            assert!(page.contains(reason), "everybody reads why: {page}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_submission_is_taken_back_by_the_desk_only_as_long_as_it_can_be() {
    each(async |world, begin| {
        world.open("C", Policy::AtOnce).await;
        let mut ids = Vec::new();
        for n in 0..2 {
            ids.push(world.receive(submission("C", &format!("Party {n}"), n)).await.id);
        }
        let mut browser = secretary_of(begin).await;
        let at = |n: usize| format!("/en/desk/submissions/{}", ids[n]);
        let fields = [("do", "withdraw"), ("reason", "They asked.")];
        assert!(browser.get(&at(0)).await.body.contains("value=\"withdraw\""));
        location(&browser.post(&at(0), &at(0), &fields).await);
        // Published, and over.
        world.clock.set(CLOSES.plus_ms(GRACE_MS));
        let mut browser = secretary_of(begin).await;
        assert!(!browser.get(&at(1)).await.body.contains("value=\"withdraw\""));
        let got = browser.post(&at(1), &at(1), &fields).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        assert!(got.body.contains("submission_state"));
    })
    .await;
}

#[tokio::test]
async fn most_choices_and_files_are_said_of_a_question() {
    each(async |world, begin| {
        world.forum.draft_circular(&secretary(), new_circular("CL-1")).await.unwrap();
        world.forum.draft_call(&secretary(), new_call("C", Policy::AtOnce)).await.unwrap();
        let mut browser = secretary_of(begin).await;
        let new = "/en/desk/calls/C/questions/new";
        let fields = [("label-en", "Which?"), ("kind", "choices"), ("options-en", "A\nB\nC"), ("count", "2")];
        let page = browser.post(new, new, &with(&fields, "count", "two")).await;
        assert_eq!(error(&page, "count"), "Write a whole number.");
        location(&browser.post(new, new, &fields).await);
        let one = "/en/desk/calls/C/questions/q3";
        let page = browser.get(one).await.body;
        let (_, field) = page.split_once("name=\"count\"").unwrap();
        assert!(field.split('>').next().unwrap().contains("value=\"2\""), "{field}");
        let form = world.forum.call_of_desk(&secretary(), "C").await.unwrap().said.form;
        assert_eq!(form.questions[2].max_count, Some(2));
        // It means nothing to other kinds.
        let fields = [("label-en", "Which?"), ("kind", "text"), ("count", "2")];
        location(&browser.post(one, one, &fields).await);
        let form = world.forum.call_of_desk(&secretary(), "C").await.unwrap().said.form;
        assert_eq!(form.questions[2].max_count, None);
    })
    .await;
}
