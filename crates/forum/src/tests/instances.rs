//! Two instances on one database: at the closing instant, at an extension, at a publication, when a clock jumps.

use std::sync::Arc;

use base::time::ManualClock;
use crypto::SeededRandom;
use store::fixture::{Database, each_database};

use crate::{
    CallRefusal, Deadline, Filter, Forum, Policy, ReceiveRefusal, Wording,
    fixture::{self, CLOSES, GRACE_MS, OPENS, migrations, new_call, secretary, submission},
};

const EACH: u64 = 24;

/// Two instances, whose clocks differ by what `ahead` says, milliseconds; a call without grace, open.
async fn two(database: &Database, policy: Policy, ahead: i64) -> [(Forum, Arc<ManualClock>); 2] {
    let mut both = Vec::new();
    for (seed, ahead) in [(1, 0), (2, ahead)] {
        let store = database.open(&migrations()).await;
        let clock = fixture::clock();
        let random = Arc::new(SeededRandom::new(seed));
        let forum = fixture::forum(&store, clock.clone(), random).await;
        both.push((forum, clock, ahead));
    }
    let mut call = new_call("OTT", policy);
    call.grace_ms = 0;
    both[0].0.draft_call(&secretary(), call).await.unwrap();
    both[0].0.announce_call(&secretary(), "OTT").await.unwrap();
    let [a, b] = both.try_into().unwrap();
    [a, b].map(|(forum, clock, ahead)| {
        clock.set(OPENS.plus_ms(ahead));
        (forum, clock)
    })
}

/// Sends what each party submits, `EACH` through each instance at once, while `meanwhile` happens.
async fn race<T>(
    both: &[(Forum, Arc<ManualClock>); 2],
    meanwhile: impl Future<Output = T>,
) -> (Vec<Result<crate::Received, ReceiveRefusal>>, T) {
    let mut sending = tokio::task::JoinSet::new();
    for n in 0..EACH {
        for (which, (forum, _)) in both.iter().enumerate() {
            let forum = forum.clone();
            let name = format!("Party {which} {n}");
            sending.spawn(async move { forum.receive(submission("OTT", &name, n * 2 + which as u64)).await });
        }
    }
    let done = meanwhile.await;
    let mut got = Vec::new();
    while let Some(one) = sending.join_next().await {
        got.push(one.unwrap());
    }
    (got, done)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_the_closing_instant_what_was_in_time_is_in_and_nothing_else() {
    each_database(async |database: &Database| {
        let both = two(database, Policy::AtClose, 1).await;
        // One clock is a millisecond before the end, the other at it; then the first follows.
        both[0].1.set(CLOSES.plus_ms(-1));
        both[1].1.set(CLOSES);
        let (got, ()) = race(&both, async {
            tokio::task::yield_now().await;
            both[0].1.set(CLOSES);
        })
        .await;
        let mut accepted = 0;
        for one in got {
            match one {
                Ok(received) => {
                    assert_eq!(received.received_at, CLOSES.plus_ms(-1));
                    accepted += 1;
                }
                Err(refusal) => assert_eq!(refusal, ReceiveRefusal::Closed),
            }
        }
        assert!(accepted <= EACH);
        let publication = both[1].0.publish_call(&secretary(), "OTT").await.unwrap();
        assert_eq!(publication.counts.published, i64::try_from(accepted).unwrap());
        assert_eq!(publication.counts.received, i64::try_from(accepted).unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_publication_and_what_comes_at_the_same_time_agree() {
    each_database(async |database: &Database| {
        let both = two(database, Policy::SealedUntilClose, 1).await;
        // The first instance's clock stays behind: to it the call is still open while the other publishes.
        both[0].1.set(CLOSES.plus_ms(-1));
        both[1].1.set(CLOSES);
        let (got, publication) = race(&both, both[1].0.publish_call(&secretary(), "OTT")).await;
        let publication = publication.unwrap();
        let accepted = got.iter().filter(|one| one.is_ok()).count();
        assert!(got.iter().all(|one| matches!(one, Ok(_) | Err(ReceiveRefusal::Closed))));
        // Whatever was answered a receipt is published: nothing came behind the publication's back.
        let counts = both[0].0.counts("OTT").await.unwrap();
        assert_eq!(counts, publication.counts);
        assert_eq!((counts.published, counts.waiting), (i64::try_from(accepted).unwrap(), 0));
        let listed = both[0].0.list("OTT", Filter::default(), None, 200).await.unwrap();
        assert_eq!(listed.entries.len(), accepted);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_extension_lets_in_what_comes_after_it() {
    each_database(async |database: &Database| {
        let both = two(database, Policy::AtOnce, 1).await;
        both[0].1.set(CLOSES.plus_ms(-1));
        both[1].1.set(CLOSES);
        let later = Deadline {
            instant: CLOSES.plus_secs(60),
            zone: "Europe/Zurich".to_owned(),
            wording: Wording::Until,
        };
        let amina = secretary();
        let extending = both[0].0.extend_call(&amina, "OTT", (later.clone(), None), "a holiday");
        let (got, extended) = race(&both, extending).await;
        let call = extended.unwrap();
        assert_eq!(call.extensions.len(), 1);
        for one in &got {
            match one {
                Ok(received) => assert!(received.received_at < call.said.closes.instant),
                // It came before the extension was there.
                Err(refusal) => assert_eq!(*refusal, ReceiveRefusal::Closed),
            }
        }
        // Once the extension was answered, every instance knows of it.
        assert!(both[1].0.receive(submission("OTT", "Kibo", 1_000)).await.is_ok());
        let accepted = got.iter().filter(|one| one.is_ok()).count() + 1;
        let counts = both[0].0.counts("OTT").await.unwrap();
        assert_eq!(counts.published, i64::try_from(accepted).unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_sending_through_two_instances_is_received_once() {
    each_database(async |database: &Database| {
        let both = two(database, Policy::AtOnce, 0).await;
        let mut sending = tokio::task::JoinSet::new();
        for n in 0..16_usize {
            let forum = both[n % 2].0.clone();
            sending.spawn(async move { forum.receive(submission("OTT", "Kibo", 7)).await.unwrap() });
        }
        let mut receipts = std::collections::BTreeSet::new();
        let mut first = 0;
        while let Some(received) = sending.join_next().await {
            let received = received.unwrap();
            first += usize::from(!received.is_repeated);
            receipts.insert((received.id, received.receipt));
        }
        assert_eq!((receipts.len(), first), (1, 1));
        // A party that may send one does not send two.
        assert_eq!(both[0].0.counts("OTT").await.unwrap().received, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_instances_close_to_the_millisecond() {
    each_database(async |database: &Database| {
        let both = two(database, Policy::AtClose, 0).await;
        let mut call = new_call("GRACE", Policy::AtClose);
        call.opens = OPENS.plus_secs(60);
        both[0].0.draft_call(&secretary(), call).await.unwrap();
        both[0].0.announce_call(&secretary(), "GRACE").await.unwrap();
        let ends = CLOSES.plus_ms(GRACE_MS);
        let times = [
            (CLOSES.plus_ms(-1), Ok(false)),
            (CLOSES, Ok(true)),
            (ends.plus_ms(-1), Ok(true)),
            (ends, Err(ReceiveRefusal::Closed)),
            (ends.plus_ms(1), Err(ReceiveRefusal::Closed)),
        ];
        // Each instance at each time, whatever time the other thinks it is.
        let mut n = 0;
        for (at, expected) in &times {
            for (other, _) in &times {
                for which in [0, 1] {
                    both[which].1.set(*at);
                    both[1 - which].1.set(*other);
                    n += 1;
                    let got = both[which].0.receive(submission("GRACE", &format!("Party {n}"), n)).await;
                    if let Ok(received) = &got {
                        assert_eq!(received.received_at, *at);
                    }
                    assert_eq!(got.map(|r| r.in_grace), *expected, "{at} while {other}");
                }
            }
        }
        assert_eq!(both[1].0.counts("GRACE").await.unwrap().received, 30);
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_jumps_opens_nothing_that_was_published() {
    each_database(async |database: &Database| {
        let [(forum, clock), (other, right)] = two(database, Policy::SealedUntilClose, 0).await;
        right.set(OPENS.plus_secs(60));
        assert!(other.receive(submission("OTT", "Kibo", 1)).await.is_ok());
        // An hour ahead of the end: for this instance it has closed, for the other not.
        clock.set(CLOSES.plus_secs(3_600));
        assert_eq!(forum.receive(submission("OTT", "Zola", 2)).await, Err(ReceiveRefusal::Closed));
        let received = other.receive(submission("OTT", "Zola", 2)).await.unwrap();
        assert_eq!(received.received_at, OPENS.plus_secs(60));
        // And back: it is open again, and the receipt says when.
        clock.set(CLOSES.plus_secs(-3_600));
        let received = forum.receive(submission("OTT", "Nerida", 3)).await.unwrap();
        assert_eq!((received.received_at, received.in_grace), (CLOSES.plus_secs(-3_600), false));
        assert_eq!(other.publish_call(&secretary(), "OTT").await, Err(CallRefusal::State));
        right.set(CLOSES);
        assert_eq!(other.publish_call(&secretary(), "OTT").await.unwrap().counts.published, 3);
        // Once it is published no clock opens it any more.
        for at in [CLOSES.plus_secs(-3_600), OPENS, CLOSES.plus_ms(-1), CLOSES.plus_secs(3_600)] {
            clock.set(at);
            assert_eq!(
                forum.receive(submission("OTT", "Late", 4)).await,
                Err(ReceiveRefusal::Closed),
                "{at}"
            );
            assert_eq!(forum.publish_call(&secretary(), "OTT").await, Err(CallRefusal::State), "{at}");
        }
        assert_eq!(forum.counts("OTT").await.unwrap().received, 3);
    })
    .await;
}
