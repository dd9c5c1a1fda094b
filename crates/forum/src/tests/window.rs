//! What is in time (invariant I1), how a deadline moves (I2), and what a form's version means (I3).

use std::collections::BTreeMap;

use base::Lang;

use super::{World, each};
use crate::{
    Answer, CallRefusal, CallState, Deadline, Fault, Filter, Policy, QuestionId, QuestionKind,
    ReceiveRefusal, Wording,
    fixture::{CLOSES, GRACE_MS, OPENS, new_call, question, secretary, submission},
};

fn deadline(ms_after: i64) -> Deadline {
    Deadline {
        instant: CLOSES.plus_ms(ms_after),
        zone: "Europe/Zurich".to_owned(),
        wording: Wording::ByEndOfDay,
    }
}

#[tokio::test]
async fn a_submission_is_accepted_to_the_millisecond() {
    each(async |w: World| {
        w.announce(new_call("OTT", Policy::AtOnce)).await;
        let ends = CLOSES.plus_ms(GRACE_MS);
        for (n, at, expected) in [
            (1, OPENS.plus_ms(-1), Err(ReceiveRefusal::NotOpen)),
            (2, OPENS, Ok(false)),
            (3, CLOSES.plus_ms(-1), Ok(false)),
            (4, CLOSES, Ok(true)),
            (5, ends.plus_ms(-1), Ok(true)),
            (6, ends, Err(ReceiveRefusal::Closed)),
        ] {
            let got = w.receive_at(at, submission("OTT", "Kibo", n)).await;
            if let Ok(received) = &got {
                // The time that decided is the one that is signed.
                assert_eq!(received.received_at, at);
                assert!(received.receipt.contains(&format!("\nreceived {at}\n")));
            }
            assert_eq!(got.map(|r| r.in_grace), expected, "{at}");
        }
        assert_eq!(w.forum.counts("OTT").await.unwrap().received, 4);
    })
    .await;
}

#[tokio::test]
async fn sent_twice_it_is_received_once_and_the_receipt_is_the_same() {
    each(async |w: World| {
        w.open("OTT", Policy::AtClose).await;
        let first = w.receive(submission("OTT", "Kibo", 1)).await;
        // Also when the call has closed meanwhile.
        let again = w.receive_at(CLOSES.plus_secs(86_400), submission("OTT", "Kibo", 1)).await.unwrap();
        assert_eq!((again.id, &again.receipt, again.is_repeated), (first.id, &first.receipt, true));
        let mut other = submission("OTT", "Kibo", 1);
        other.summary = Some("Something else".to_owned());
        assert_eq!(w.forum.receive(other).await, Err(ReceiveRefusal::RequestReused));
        assert_eq!(w.forum.counts("OTT").await.unwrap().received, 1);
    })
    .await;
}

#[tokio::test]
async fn a_deadline_moves_later_only_and_the_first_is_still_shown() {
    each(async |w: World| {
        let amina = secretary();
        w.open("OTT", Policy::AtOnce).await;
        let extend = async |ms: i64, reason: &str| {
            w.forum.extend_call(&amina, "OTT", (deadline(ms), None), reason).await
        };
        for (ms, reason, refused) in [
            (-1, "why not", CallRefusal::NotLater),
            (0, "why not", CallRefusal::NotLater),
            (1, " ", CallRefusal::Reason),
        ] {
            assert_eq!(extend(ms, reason).await.unwrap_err(), refused);
        }
        let call = extend(1, "holidays").await.unwrap();
        assert_eq!((call.said.closes.instant, call.extensions.len()), (CLOSES.plus_ms(1), 1));
        let call = extend(5_000, "more holidays").await.unwrap();
        assert_eq!(call.first_deadline().map(|d| d.instant), Some(CLOSES));
        assert_eq!(
            call.extensions.iter().map(|e| e.from.instant).collect::<Vec<_>>(),
            [CLOSES, CLOSES.plus_ms(1)]
        );
        // In the grace it can still be moved; after it nothing opens a call again.
        w.clock.set(CLOSES.plus_ms(5_000 + GRACE_MS - 1));
        assert_eq!(extend(6_000, "later").await.unwrap().state(w.forum.clock.now()), CallState::Grace);
        w.clock.set(CLOSES.plus_ms(6_000 + GRACE_MS));
        assert_eq!(extend(7_000, "too late").await.unwrap_err(), CallRefusal::State);
        let history = w.forum.history(&amina, crate::About::Call, call.id.as_i64()).await.unwrap();
        let acts: Vec<_> = history.iter().map(|a| (a.act.as_str(), a.reason.as_deref())).collect();
        assert_eq!(
            acts,
            [
                ("call_drafted", None),
                ("call_announced", None),
                ("call_extended", Some("holidays")),
                ("call_extended", Some("more holidays")),
                ("call_extended", Some("later")),
            ]
        );
        assert!(history.iter().all(|a| a.actor == "amina" && a.leaf.is_some()));
    })
    .await;
}

#[tokio::test]
async fn what_was_submitted_is_replaced_until_it_is_too_late() {
    each(async |w: World| {
        let mut call = new_call("OTT", Policy::AtOnce);
        call.modify_until = Some(CLOSES.plus_secs(-60));
        w.announce(call).await;
        w.clock.set(OPENS);
        let first = w.receive(submission("OTT", "Kibo", 1)).await;
        let replace = |n: u64, name: &str, id| {
            let mut new = submission("OTT", name, n);
            new.supersedes = Some(id);
            new
        };
        let until = CLOSES.plus_secs(-60);
        let late = w.receive_at(until, replace(2, "Kibo", first.id)).await;
        assert_eq!(late.unwrap_err(), ReceiveRefusal::ModifyUntil);
        let stranger = w.receive_at(until.plus_ms(-1), replace(3, "Mawenzi", first.id)).await;
        assert_eq!(stranger.unwrap_err(), ReceiveRefusal::Supersedes);
        let second = w.receive_at(until.plus_ms(-1), replace(4, "Kibo", first.id)).await.unwrap();
        let again = w.receive_at(until.plus_ms(-1), replace(5, "Kibo", first.id)).await;
        assert_eq!(again.unwrap_err(), ReceiveRefusal::NotEffective);
        let third = w.receive_at(until.plus_ms(-1), replace(6, "Kibo", second.id)).await.unwrap();
        let counts = w.forum.counts("OTT").await.unwrap();
        assert_eq!((counts.received, counts.superseded, counts.published), (3, 2, 1));
        let listed = w.forum.list("OTT", Filter::default(), None, 10).await.unwrap();
        assert_eq!(listed.entries.iter().map(|e| e.id).collect::<Vec<_>>(), [third.id]);
        // A new one is still received: it is only changes that have ended.
        assert!(w.receive_at(CLOSES.plus_ms(-1), submission("OTT", "Kibo", 7)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn a_form_is_frozen_once_its_call_is_open() {
    each(async |w: World| {
        let amina = secretary();
        w.announce(new_call("OTT", Policy::AtOnce)).await;
        let mut changed = new_call("OTT", Policy::AtOnce);
        changed.form.questions.push(question("q3", QuestionKind::Country, false));
        // Announced: the form can change, and is a new version; the deadline cannot.
        let mut moved = changed.clone();
        moved.closes = deadline(-1);
        assert_eq!(w.forum.change_call(&amina, moved).await.unwrap_err(), CallRefusal::Announced);
        let call = w.forum.change_call(&amina, changed.clone()).await.unwrap();
        assert_eq!(call.said.form.version, 2);
        // The same again is the same version.
        assert_eq!(w.forum.change_call(&amina, changed.clone()).await.unwrap().said.form.version, 2);
        w.clock.set(OPENS);
        assert_eq!(w.forum.receive(submission("OTT", "Kibo", 1)).await, Err(ReceiveRefusal::FormVersion));
        let mut new = submission("OTT", "Kibo", 1);
        new.form_version = 2;
        w.receive(new).await;
        changed.form.questions.pop();
        assert_eq!(w.forum.change_call(&amina, changed.clone()).await.unwrap_err(), CallRefusal::Opened);
        // A clock that was set back does not thaw it.
        w.clock.set(OPENS.plus_secs(-1));
        assert_eq!(w.forum.change_call(&amina, changed).await.unwrap_err(), CallRefusal::Opened);
    })
    .await;
}

#[tokio::test]
async fn answers_are_what_the_form_asks_for() {
    each(async |w: World| {
        let mut call = new_call("OTT", Policy::AtOnce);
        call.form.questions.push(question("q3", QuestionKind::Amount, false));
        w.announce(call).await;
        w.clock.set(OPENS);
        let id = |text: &str| QuestionId::new(text).unwrap();
        let amount = |currency: &str| Answer::Amount { minor: 100, currency: currency.to_owned() };
        let text = |text: &str| Answer::Text(text.to_owned());
        for (n, answers, fault) in [
            (1, vec![], Some(("q1", Fault::Missing))),
            (2, vec![("q1", text("yes")), ("q9", text("no"))], Some(("q9", Fault::NoSuchQuestion))),
            (3, vec![("q1", amount("CHF"))], Some(("q1", Fault::Kind))),
            (4, vec![("q1", text("yes")), ("q3", amount("chf"))], Some(("q3", Fault::Amount))),
            (5, vec![("q1", text(""))], Some(("q1", Fault::Text(crate::hygiene::BadText::Empty)))),
            (
                6,
                vec![("q1", text("a\u{202e}b"))],
                Some(("q1", Fault::Text(crate::hygiene::BadText::Deceives))),
            ),
            // Not in NFC: what is signed would not be what is kept.
            (7, vec![("q1", text("e\u{301}"))], Some(("q1", Fault::Text(crate::hygiene::BadText::Deceives)))),
            (8, vec![("q1", text("é\n\n好")), ("q3", amount("CHF"))], None),
        ] {
            let mut new = submission("OTT", "Kibo", n);
            new.answers = answers.into_iter().map(|(q, a)| (id(q), a)).collect::<BTreeMap<_, _>>();
            let got = w.forum.receive(new).await.map(drop);
            let expected = fault.map_or(Ok(()), |(q, f)| Err(ReceiveRefusal::Answers(vec![(id(q), f)])));
            assert_eq!(got, expected, "{n}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_too_long_is_refused_before_the_database_sees_it() {
    each(async |w: World| {
        w.open("OTT", Policy::AtOnce).await;
        let writes = w.forum.store.counts().writes;
        let long = "x".repeat(10 * 1024 * 1024);
        let mut new = submission("OTT", "Kibo", 1);
        new.answers.insert(QuestionId::new("q1").unwrap(), Answer::Text(long.clone()));
        assert_eq!(w.forum.receive(new).await, Err(ReceiveRefusal::TooLong));
        let name = submission("OTT", &long, 1);
        assert_eq!(w.forum.receive(name).await, Err(ReceiveRefusal::Text(crate::hygiene::BadText::TooLong)));
        assert_eq!(w.forum.store.counts().writes, writes);
        // As long as an answer may be, and no longer.
        let most = "好".repeat(base::limits::ANSWER_CHARS_MAX);
        for (n, text, is_good) in [(2, format!("{most}好"), false), (3, most, true)] {
            let mut new = submission("OTT", "Kibo", n);
            new.answers.insert(QuestionId::new("q1").unwrap(), Answer::Text(text));
            assert_eq!(w.forum.receive(new).await.is_ok(), is_good);
        }
    })
    .await;
}

#[tokio::test]
async fn who_may_submit_and_how_often() {
    each(async |w: World| {
        let mut call = new_call("OTT", Policy::AtOnce);
        call.audience = vec![crate::PartyClass::MemberState];
        call.party_limit = Some(2);
        w.announce(call).await;
        w.clock.set(OPENS);
        assert_eq!(w.forum.receive(submission("OTT", "Kibo", 1)).await, Err(ReceiveRefusal::Audience));
        let state = |name: &str, n: u64| {
            let mut new = submission("OTT", name, n);
            new.party.class = crate::PartyClass::MemberState;
            new
        };
        let first = w.receive(state("Kenya", 2)).await;
        w.receive(state("Kenya", 3)).await;
        assert_eq!(w.forum.receive(state("Kenya", 4)).await, Err(ReceiveRefusal::Limit));
        w.receive(state("Ghana", 5)).await;
        // Replacing does not add to them; what was taken back does not count.
        let mut replacing = state("Kenya", 6);
        replacing.supersedes = Some(first.id);
        let second = w.receive(replacing).await;
        let kenya = state("Kenya", 7).standing;
        w.forum.withdraw_submission(crate::Withdrawing::Party(&kenya), second.id, None).await.unwrap();
        w.receive(state("Kenya", 8)).await;
        assert_eq!(w.forum.receive(state("Kenya", 9)).await, Err(ReceiveRefusal::Limit));
    })
    .await;
}

#[tokio::test]
async fn what_was_signed_is_what_is_received() {
    each(async |w: World| {
        w.open("OTT", Policy::AtOnce).await;
        let signed = crate::fixture::signed(&w.forum, submission("OTT", "Kibo", 1), b"evidence");
        let mut other = signed.clone();
        other.summary = Some("Not what was signed".to_owned());
        assert_eq!(w.forum.receive(other).await, Err(ReceiveRefusal::Signature));
        let received = w.receive(signed).await;
        let crate::Public::Whole(whole) = w.forum.submission(received.id).await.unwrap() else {
            panic!("not published")
        };
        assert_eq!(whole.evidence.as_deref(), Some(b"evidence".as_slice()));
        assert_eq!(crypto::sha256(&whole.canonical), received.digest);
    })
    .await;
}

#[tokio::test]
async fn a_translation_stays_a_translation() {
    each(async |w: World| {
        let amina = secretary();
        w.open("OTT", Policy::AtOnce).await;
        let first = w.receive(submission("OTT", "Kibo", 1)).await;
        let french = BTreeMap::from([(QuestionId::new("q1").unwrap(), "Réponse".to_owned())]);
        let no_answer = BTreeMap::from([(QuestionId::new("q2").unwrap(), "Réponse".to_owned())]);
        let translate =
            async |lang, texts| w.forum.translate_submission(&amina, first.id, lang, (texts, None)).await;
        assert!(matches!(translate(Lang::Fr, no_answer).await, Err(crate::DecideRefusal::Text(_))));
        assert_eq!(translate(Lang::En, french.clone()).await, Err(crate::DecideRefusal::State));
        let translation = translate(Lang::Fr, french).await.unwrap();
        assert_eq!((translation.of, translation.is_stale), (first.digest, false));
        let own = submission("OTT", "Kibo", 1).standing;
        let whole = w.forum.own_submission(&own, first.id).await.unwrap();
        assert_eq!(crypto::sha256(&whole.canonical), first.digest);
        assert_eq!(whole.translations, [translation]);
        // Replaced: the translation says that the original has changed since.
        let mut second = submission("OTT", "Kibo", 2);
        second.supersedes = Some(first.id);
        w.receive(second).await;
        assert!(
            w.forum.own_submission(&own, first.id).await.unwrap().translations.iter().all(|t| t.is_stale)
        );
        // The same of a call's texts.
        let call =
            w.forum.translate_call(&amina, "OTT", Lang::Fr, ("Appel".into(), "Dites.".into())).await.unwrap();
        let shown = call.said.title.get(Lang::Fr);
        assert_eq!((shown.text, shown.is_original, shown.is_stale), ("Appel", false, false));
        let mut title = call.said.title.clone();
        title.change_original("Another call");
        assert!(title.get(Lang::Fr).is_stale && title.get(Lang::Ru).is_original);
        assert_eq!(title.get(Lang::Es).text, "Another call");
        // A translation does not take the original's place.
        assert!(!title.translate(Lang::En, "Mine"));
        assert_eq!(title.original_text(), "Another call");
    })
    .await;
}
