//! Circulars and calls: what the secretariat may do when, each refusal beside the same without its fault.

use super::{World, each};
use crate::{
    BadForm, CallRefusal, CallState, CircularRefusal, Multilingual, NewCall, Policy, Stage,
    fixture::{CLOSES, GRACE_MS, OPENS, clock, en, new_call, new_circular, secretary},
    hygiene::BadText,
};

#[tokio::test]
async fn a_circular_that_is_sent_announces_its_calls() {
    each(async |w: World| {
        let amina = secretary();
        let mut call = new_call("OTT", Policy::AtClose);
        call.circular = Some("CL-1".to_owned());
        assert_eq!(w.forum.draft_call(&amina, call.clone()).await.unwrap_err(), CallRefusal::Circular);
        w.forum.draft_circular(&amina, new_circular("CL-1")).await.unwrap();
        w.forum.draft_call(&amina, call).await.unwrap();
        // Nobody outside knows of either.
        assert_eq!(w.forum.circular("CL-1").await.unwrap(), None);
        assert_eq!(w.forum.call("OTT").await.unwrap(), None);
        assert_eq!(w.forum.announce_call(&amina, "OTT").await.unwrap_err(), CallRefusal::Circular);
        let sent = w.forum.send_circular(&amina, "CL-1").await.unwrap();
        assert_eq!(sent.opens, ["OTT"]);
        assert_eq!(w.forum.circular("CL-1").await.unwrap(), Some(sent));
        let call = w.forum.call("OTT").await.unwrap().unwrap();
        assert_eq!((call.stage, call.said.circular.as_deref()), (Stage::Announced, Some("CL-1")));
        // What was sent is not changed, and not sent again.
        assert_eq!(w.forum.send_circular(&amina, "CL-1").await.unwrap_err(), CircularRefusal::Sent);
        let again = w.forum.change_circular(&amina, new_circular("CL-1")).await;
        assert_eq!(again.unwrap_err(), CircularRefusal::Sent);
        let mut amending = new_circular("CL-2");
        amending.amends = Some("CL-9".to_owned());
        assert_eq!(
            w.forum.draft_circular(&amina, amending.clone()).await.unwrap_err(),
            CircularRefusal::Amends
        );
        amending.amends = Some("CL-1".to_owned());
        w.forum.draft_circular(&amina, amending).await.unwrap();
        w.forum.send_circular(&amina, "CL-2").await.unwrap();
        assert_eq!(w.forum.circular("CL-1").await.unwrap().unwrap().amended_by, ["CL-2"]);
        assert_eq!(w.forum.circulars(None).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn drafts_are_refused_for_what_is_wrong_with_them() {
    each(async |w: World| {
        let refusal = async |change: &dyn Fn(&mut NewCall)| {
            let mut call = new_call("X-1", Policy::AtOnce);
            change(&mut call);
            w.forum.draft_call(&secretary(), call).await.map(|_| ())
        };
        let window = |ms| OPENS.plus_ms(ms);
        for (refused, change) in [
            (CallRefusal::Symbol, &(|c: &mut NewCall| c.symbol = "a/b".to_owned()) as &dyn Fn(&mut NewCall)),
            (CallRefusal::Symbol, &|c| c.symbol = String::new()),
            (CallRefusal::Window, &|c| c.closes.instant = OPENS),
            (CallRefusal::Window, &|c| c.closes.zone = "Europe/Zürich".to_owned()),
            (CallRefusal::Window, &|c| c.modify_until = Some(CLOSES.plus_ms(GRACE_MS + 1))),
            (CallRefusal::Window, &|c| c.modify_until = Some(window(0))),
            (CallRefusal::Number, &|c| c.grace_ms = -1),
            (CallRefusal::Number, &|c| c.party_limit = Some(0)),
            (CallRefusal::Form(BadForm::Count), &|c| c.form.questions.clear()),
            (CallRefusal::Text(BadText::Deceives), &|c| c.title = en("a\u{202e}b")),
            // Each as long as it may be, and together longer than can be read again.
            (CallRefusal::Text(BadText::TooLong), &|c| {
                let text = "\u{1f310}".repeat(base::limits::PROSE_CHARS_MAX);
                let texts = base::Lang::ALL.map(|lang| (lang, text.clone()));
                c.introduction = Multilingual::from_texts(base::Lang::En, texts.into()).unwrap();
            }),
        ] {
            assert_eq!(refusal(change).await, Err(refused));
        }
        assert_eq!(refusal(&|_| {}).await, Ok(()));
        assert_eq!(refusal(&|_| {}).await, Err(CallRefusal::SymbolTaken));
        let modest = |c: &mut NewCall| {
            c.symbol = "X-2".to_owned();
            c.modify_until = Some(CLOSES.plus_ms(GRACE_MS));
        };
        assert_eq!(refusal(&modest).await, Ok(()));
    })
    .await;
}

/// What can be done with a call in each of its states.
#[tokio::test]
async fn a_call_goes_from_state_to_state_and_no_other_way() {
    each(async |w: World| {
        let amina = secretary();
        let (open, ends) = (OPENS, CLOSES.plus_ms(GRACE_MS));
        let before = clock();
        let early = base::Clock::now(&*before);
        // For each act the states from which it works.
        let acts: [(&str, &[CallState]); 5] = [
            ("announce", &[CallState::Draft]),
            ("withdraw", &[CallState::Scheduled]),
            ("annul", &[CallState::Open, CallState::Grace, CallState::Closed]),
            ("publish", &[CallState::Closed]),
            ("consider", &[CallState::Published]),
        ];
        let states = [
            (CallState::Draft, early),
            (CallState::Scheduled, early),
            (CallState::Open, open),
            (CallState::Grace, CLOSES),
            (CallState::Closed, ends),
            (CallState::Published, ends),
            (CallState::Considered, ends),
            (CallState::Withdrawn, open),
            (CallState::Annulled, open),
        ];
        for (a, (act, from)) in acts.iter().enumerate() {
            for (s, (state, at)) in states.iter().enumerate() {
                let symbol = format!("S-{a}-{s}");
                w.clock.set(early);
                w.forum.draft_call(&amina, new_call(&symbol, Policy::AtClose)).await.unwrap();
                if *state != CallState::Draft {
                    w.forum.announce_call(&amina, &symbol).await.unwrap();
                }
                if *state == CallState::Withdrawn {
                    w.forum.withdraw_call(&amina, &symbol, "not needed").await.unwrap();
                }
                w.clock.set(*at);
                if *state == CallState::Annulled {
                    w.forum.annul_call(&amina, &symbol, "a mistake").await.unwrap();
                }
                if matches!(state, CallState::Published | CallState::Considered) {
                    w.forum.publish_call(&amina, &symbol).await.unwrap();
                }
                if *state == CallState::Considered {
                    w.forum.consider_call(&amina, &symbol, "item 4").await.unwrap();
                }
                let found = w.forum.call_of_desk(&amina, &symbol).await.unwrap();
                assert_eq!(found.state(*at), *state);
                let done = match *act {
                    "announce" => w.forum.announce_call(&amina, &symbol).await.map(drop),
                    "withdraw" => w.forum.withdraw_call(&amina, &symbol, "a reason").await.map(drop),
                    "annul" => w.forum.annul_call(&amina, &symbol, "a reason").await.map(drop),
                    "publish" => w.forum.publish_call(&amina, &symbol).await.map(drop),
                    _ => w.forum.consider_call(&amina, &symbol, "item 5").await.map(drop),
                };
                let expected = if from.contains(state) { Ok(()) } else { Err(CallRefusal::State) };
                assert_eq!(done, expected, "{act} {}", state.as_str());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn only_a_secretary_acts() {
    each(async |w: World| {
        // A token that may only ask.
        let asker = web::StaffTokens::new(&[web::staff::StaffToken {
            name: "kofi".to_owned(),
            sha256: base16ct::lower::encode_string(&crypto::sha256(b"token")),
            roles: vec![web::session::Role::Asker],
        }])
        .unwrap()
        .actor("token")
        .unwrap();
        let call = new_call("OTT", Policy::AtOnce);
        assert_eq!(w.forum.draft_call(&asker, call.clone()).await.unwrap_err(), CallRefusal::Forbidden);
        assert!(w.forum.draft_call(&secretary(), call).await.is_ok());
        assert_eq!(w.forum.announce_call(&asker, "OTT").await.unwrap_err(), CallRefusal::Forbidden);
        assert_eq!(w.forum.call_of_desk(&asker, "OTT").await.unwrap_err(), CallRefusal::Forbidden);
        let circular = w.forum.draft_circular(&asker, new_circular("CL-1")).await;
        assert_eq!(circular.unwrap_err(), CircularRefusal::Forbidden);
        assert!(w.forum.announce_call(&secretary(), "OTT").await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn that_a_call_opened_and_closed_is_noted_once() {
    each(async |w: World| {
        let amina = secretary();
        w.announce(new_call("OTT", Policy::AtOnce)).await;
        w.forum.draft_call(&amina, new_call("DRAFT", Policy::AtOnce)).await.unwrap();
        let noted = async |at: base::Instant| {
            w.clock.set(at);
            let other = w.forum.clone();
            // Two instances look at once.
            let (one, two) = tokio::join!(w.forum.note_passages(), other.note_passages());
            assert!(one.is_ok() && two.is_ok());
            let call = w.forum.call("OTT").await.unwrap().unwrap();
            let history = w.forum.history(&amina, crate::About::Call, call.id.as_i64()).await.unwrap();
            history.iter().filter(|a| a.actor == "clock").map(|a| a.act.clone()).collect::<Vec<_>>()
        };
        assert!(noted(OPENS.plus_ms(-1)).await.is_empty());
        assert_eq!(noted(OPENS).await, ["call_opened"]);
        assert_eq!(noted(CLOSES).await, ["call_opened"]);
        // Nothing waits for it: the call is closed whether it was noted or not.
        w.clock.set(CLOSES.plus_ms(GRACE_MS));
        let late = w.forum.receive(crate::fixture::submission("OTT", "Kibo", 1)).await;
        assert_eq!(late.unwrap_err(), crate::ReceiveRefusal::Closed);
        assert_eq!(noted(CLOSES.plus_ms(GRACE_MS)).await, ["call_opened", "call_closed"]);
        assert_eq!(noted(CLOSES.plus_ms(GRACE_MS + 1)).await, ["call_opened", "call_closed"]);
    })
    .await;
}
