//! What the secretariat decides on submissions, and what is then counted and shown (invariant I4).

use super::{World, each};
use crate::{
    CallRefusal, Counts, DecideRefusal, Facets, Filter, Policy, Public, ReadRefusal, State, StateWord,
    Withdrawing,
    fixture::{CLOSES, GRACE_MS, OPENS, secretary, submission},
};

#[tokio::test]
async fn after_publishing_everything_that_came_is_accounted_for() {
    each(async |w: World| {
        let amina = secretary();
        w.open("OTT", Policy::AtClose).await;
        let mut ids = Vec::new();
        for n in 1..=6 {
            ids.push(w.receive(submission("OTT", &format!("Party {n}"), n)).await.id);
        }
        let &[plain, admitted, refused, withheld, replaced, withdrawn] = ids.as_slice() else {
            panic!("six")
        };
        w.forum.admit(&amina, admitted).await.unwrap();
        w.forum.refuse(&amina, refused, "It answers another question.").await.unwrap();
        w.forum.withhold(&amina, withheld, "It insults somebody.").await.unwrap();
        let mut newer = submission("OTT", "Party 5", 7);
        newer.supersedes = Some(replaced);
        let newer = w.receive(newer).await.id;
        let own = submission("OTT", "Party 6", 6).standing;
        w.forum.withdraw_submission(Withdrawing::Party(&own), withdrawn, None).await.unwrap();

        let early = w.forum.publish_call(&amina, "OTT").await;
        assert_eq!(early.unwrap_err(), CallRefusal::State);
        w.clock.set(CLOSES.plus_ms(GRACE_MS));
        let publication = w.forum.publish_call(&amina, "OTT").await.unwrap();
        let expected = Counts {
            received: 7,
            waiting: 0,
            published: 3,
            counted: 0,
            withheld: 1,
            inadmissible: 1,
            superseded: 1,
            withdrawn: 1,
        };
        assert_eq!(publication.counts, expected);
        assert_eq!(w.forum.counts("OTT").await.unwrap(), expected);
        let listed = w.forum.list("OTT", Filter::default(), None, 10).await.unwrap().entries;
        let mut shown: Vec<_> = listed.iter().map(|e| e.id).collect();
        shown.sort_unstable();
        let mut published = vec![plain, admitted, newer];
        published.sort_unstable();
        assert_eq!(shown, published);
        // The others say what became of them and why, and not what they were.
        for (id, state) in [
            (refused, State::Inadmissible { reason: "It answers another question.".to_owned() }),
            (withheld, State::Withheld { reason: "It insults somebody.".to_owned() }),
            (replaced, State::Superseded { by: newer }),
            (withdrawn, State::Withdrawn { reason: None }),
        ] {
            let word = state.word();
            let Public::Gone(gone) = w.forum.submission(id).await.unwrap() else { panic!("{id} is shown") };
            assert_eq!((gone.id, &gone.state), (id, &state));
            assert_eq!(w.forum.gone("OTT", word, None).await.unwrap(), [gone]);
        }
        // Published and withheld afterwards: gone from the list, and counted as such.
        w.forum.withhold(&amina, plain, "A court says so.").await.unwrap();
        let counts = w.forum.counts("OTT").await.unwrap();
        assert_eq!((counts.published, counts.withheld, counts.received), (2, 2, 7));
        assert_eq!(w.forum.list("OTT", Filter::default(), None, 10).await.unwrap().entries.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn with_counts_alone_nothing_is_ever_shown() {
    each(async |w: World| {
        let amina = secretary();
        w.open("OTT", Policy::NeverWithCounts).await;
        let first = w.receive(submission("OTT", "Kibo", 1)).await.id;
        let second = w.receive(submission("OTT", "Mawenzi", 2)).await.id;
        w.forum.refuse(&amina, second, "Twice the same.").await.unwrap();
        w.clock.set(CLOSES.plus_ms(GRACE_MS));
        w.forum.publish_call(&amina, "OTT").await.unwrap();
        let counts = w.forum.counts("OTT").await.unwrap();
        assert_eq!((counts.received, counts.counted, counts.inadmissible, counts.published), (2, 1, 1, 0));
        assert!(w.forum.list("OTT", Filter::default(), None, 10).await.unwrap().entries.is_empty());
        assert_eq!(w.forum.facets("OTT").await.unwrap(), Facets::default());
        let Public::Gone(gone) = w.forum.submission(first).await.unwrap() else { panic!("shown") };
        assert_eq!(gone.state, State::Counted);
    })
    .await;
}

#[tokio::test]
async fn each_decision_is_refused_from_the_wrong_state() {
    each(async |w: World| {
        let amina = secretary();
        w.open("OTT", Policy::AtClose).await;
        let id = w.receive(submission("OTT", "Kibo", 1)).await.id;
        assert_eq!(w.forum.refuse(&amina, id, " ").await.unwrap_err(), DecideRefusal::Reason);
        w.forum.admit(&amina, id).await.unwrap();
        assert_eq!(w.forum.admit(&amina, id).await.unwrap_err(), DecideRefusal::State);
        let staff = Withdrawing::Staff(&amina);
        let silent = w.forum.withdraw_submission(staff, id, None).await;
        assert_eq!(silent.unwrap_err(), DecideRefusal::Reason);
        let stranger = submission("OTT", "Mawenzi", 1).standing;
        let other = w.forum.withdraw_submission(Withdrawing::Party(&stranger), id, None).await;
        assert_eq!(other.unwrap_err(), DecideRefusal::NoSuchSubmission);
        assert_eq!(w.forum.own_submission(&stranger, id).await.unwrap_err(), ReadRefusal::NotFound);
        w.clock.set(CLOSES.plus_ms(GRACE_MS));
        let own = submission("OTT", "Kibo", 1).standing;
        let late = w.forum.withdraw_submission(Withdrawing::Party(&own), id, None).await;
        assert_eq!(late.unwrap_err(), DecideRefusal::ModifyUntil);
        // The secretariat takes it back for them until it is published.
        w.forum.withdraw_submission(staff, id, Some("They wrote to us.")).await.unwrap();
        assert_eq!(w.forum.withhold(&amina, id, "why").await.unwrap_err(), DecideRefusal::State);
        let none = crate::SubmissionId::from_i64(1);
        assert_eq!(w.forum.admit(&amina, none).await.unwrap_err(), DecideRefusal::NoSuchSubmission);
        let history = w.forum.history(&amina, crate::About::Submission, id.as_i64()).await.unwrap();
        let acts: Vec<_> = history.iter().map(|a| a.act.as_str()).collect();
        assert_eq!(acts, ["submission_admitted", "submission_withdrawn"]);
        assert_eq!(
            w.forum
                .submissions_of_desk(&amina, "OTT", StateWord::Withdrawn, None)
                .await
                .unwrap()
                .entries
                .len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn published_at_once_it_is_there_at_once_and_gone_when_refused() {
    each(async |w: World| {
        let amina = secretary();
        w.announce(crate::fixture::new_call("OTT", Policy::AtOnce)).await;
        w.clock.set(OPENS);
        let id = w.receive(submission("OTT", "Kibo", 1)).await.id;
        assert!(matches!(w.forum.submission(id).await.unwrap(), Public::Whole(_)));
        assert_eq!(w.forum.facets("OTT").await.unwrap().countries.len(), 1);
        w.forum.refuse(&amina, id, "Not an answer.").await.unwrap();
        assert!(matches!(w.forum.submission(id).await.unwrap(), Public::Gone(_)));
        assert_eq!(w.forum.facets("OTT").await.unwrap(), Facets::default());
        w.clock.set(CLOSES.plus_ms(GRACE_MS));
        let counts = w.forum.publish_call(&amina, "OTT").await.unwrap().counts;
        assert_eq!((counts.received, counts.inadmissible, counts.waiting), (1, 1, 0));
    })
    .await;
}
