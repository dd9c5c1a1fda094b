//! A sealed call reveals a count and nothing else before it closes (invariant I5), through every way of reading.

use super::{World, each};
use crate::{
    Counts, DecideRefusal, Facets, Filter, Policy, ReadRefusal, StateWord, Withdrawing,
    fixture::{CLOSES, GRACE_MS, secretary, submission},
};

#[tokio::test]
async fn before_it_closes_a_sealed_call_says_how_many_came() {
    each(async |w: World| {
        let amina = secretary();
        w.open("OTT", Policy::SealedUntilClose).await;
        let kibo = w.receive(submission("OTT", "Kibo", 1)).await.id;
        let mawenzi = w.receive(submission("OTT", "Mawenzi", 2)).await.id;
        let own = submission("OTT", "Mawenzi", 2).standing;
        w.forum.withdraw_submission(Withdrawing::Party(&own), mawenzi, None).await.unwrap();
        let only = Counts { received: 2, waiting: 2, ..Counts::default() };
        for at in [w.forum.clock.now(), CLOSES, CLOSES.plus_ms(GRACE_MS - 1)] {
            w.clock.set(at);
            // Neither that one was taken back, nor who sent the other.
            assert_eq!(w.forum.counts("OTT").await.unwrap(), only);
            assert_eq!(w.forum.counts_of_desk(&amina, "OTT").await.unwrap(), only);
            assert!(w.forum.list("OTT", Filter::default(), None, 10).await.unwrap().entries.is_empty());
            assert_eq!(w.forum.facets("OTT").await.unwrap(), Facets::default());
            for id in [kibo, mawenzi] {
                assert_eq!(w.forum.submission(id).await.unwrap_err(), ReadRefusal::NotFound);
                assert_eq!(w.forum.submission_of_desk(&amina, id).await.unwrap_err(), ReadRefusal::Sealed);
                let history = w.forum.history(&amina, crate::About::Submission, id.as_i64()).await;
                assert_eq!(history.unwrap_err(), crate::CallRefusal::State);
                assert_eq!(w.forum.admit(&amina, id).await.unwrap_err(), DecideRefusal::Sealed);
                assert_eq!(w.forum.refuse(&amina, id, "why").await.unwrap_err(), DecideRefusal::Sealed);
                assert_eq!(w.forum.withhold(&amina, id, "why").await.unwrap_err(), DecideRefusal::Sealed);
            }
            for state in StateWord::ALL {
                assert!(w.forum.gone("OTT", *state, None).await.unwrap().is_empty());
                let listed = w.forum.submissions_of_desk(&amina, "OTT", *state, None).await;
                assert_eq!(listed.unwrap_err(), ReadRefusal::Sealed);
            }
            // Who sent it reads their own.
            let own = submission("OTT", "Kibo", 1).standing;
            assert_eq!(w.forum.own_submission(&own, kibo).await.unwrap().entry.id, kibo);
        }
        w.clock.set(CLOSES.plus_ms(GRACE_MS));
        assert_eq!(w.forum.counts("OTT").await.unwrap(), only);
        assert_eq!(w.forum.submission(kibo).await.unwrap_err(), ReadRefusal::NotFound);
        assert!(w.forum.submission_of_desk(&amina, kibo).await.is_ok());
        w.forum.publish_call(&amina, "OTT").await.unwrap();
        assert_eq!(w.forum.counts("OTT").await.unwrap().withdrawn, 1);
        assert!(w.forum.submission(kibo).await.is_ok());
        // Set back, the clock neither seals nor opens it again.
        w.clock.set(CLOSES.plus_ms(-1));
        assert!(w.forum.submission(kibo).await.is_ok());
        let late = w.forum.receive(submission("OTT", "Kibo", 3)).await;
        assert_eq!(late.unwrap_err(), crate::ReceiveRefusal::Closed);
    })
    .await;
}

#[tokio::test]
async fn what_was_annulled_before_it_closed_stays_sealed() {
    each(async |w: World| {
        let amina = secretary();
        w.open("OTT", Policy::SealedUntilClose).await;
        let kibo = w.receive(submission("OTT", "Kibo", 1)).await.id;
        w.forum.annul_call(&amina, "OTT", "a mistake in the form").await.unwrap();
        w.clock.set(CLOSES.plus_secs(86_400));
        assert_eq!(w.forum.submission_of_desk(&amina, kibo).await.unwrap_err(), ReadRefusal::Sealed);
        assert_eq!(w.forum.submission(kibo).await.unwrap_err(), ReadRefusal::NotFound);
        assert_eq!(w.forum.counts("OTT").await.unwrap().received, 1);
    })
    .await;
}
