//! Jobs on both engines, with time passed in.

use super::*;
use crate::fixture;

const T0: Instant = Instant::from_secs(1_000_000);
const LEASE_MS: i64 = 60_000;

fn job(unique_key: &str) -> NewJob<'_> {
    NewJob { kind: "k", payload: b"p", not_before: T0, unique_key }
}

async fn enqueue(store: &Store, key: &'static str, not_before: Instant, payload: &'static [u8]) {
    let write = async move |tx: &mut Tx<'_>| tx.enqueue(&NewJob { payload, not_before, ..job(key) }).await;
    store.write(write).await.unwrap();
}

async fn claim(store: &Store, now: Instant) -> Vec<Job> {
    store.claim_jobs("k", now, LEASE_MS).await.unwrap()
}

fn keys(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|j| j.unique_key.as_str()).collect()
}

#[tokio::test]
async fn a_job_is_kept_with_its_act_or_not_at_all() {
    fixture::each_engine(&[], async |store: Store| {
        let refused = store.write(async |tx: &mut Tx<'_>| {
            tx.enqueue(&job("a")).await?;
            Err::<(), _>(Error::new(ErrorKind::NoRow, ""))
        });
        assert_eq!(refused.await.unwrap_err().kind(), ErrorKind::NoRow);
        assert!(claim(&store, T0).await.is_empty());
        enqueue(&store, "a", T0, b"p").await;
        assert_eq!(store.count_jobs().await, Ok((1, 0)));
        assert_eq!(store.count_jobs_of("none of these").await, Ok((0, 0)));
        let jobs = claim(&store, T0).await;
        assert_eq!(keys(&jobs), ["a"]);
        assert_eq!(jobs.first().map(|j| (&*j.payload, j.tries)), Some((&b"p"[..], 1)));
    })
    .await;
}

#[tokio::test]
async fn due_jobs_are_claimed_once_oldest_first() {
    fixture::each_engine(&[], async |store: Store| {
        enqueue(&store, "later", T0.plus_secs(10), b"").await;
        enqueue(&store, "second", T0, b"").await;
        enqueue(&store, "first", T0.plus_secs(-1), b"").await;
        assert!(store.claim_jobs("other", T0, LEASE_MS).await.unwrap().is_empty());
        assert_eq!(keys(&claim(&store, T0).await), ["first", "second"]);
        assert!(claim(&store, T0.plus_secs(9)).await.is_empty());
        assert_eq!(keys(&claim(&store, T0.plus_secs(10)).await), ["later"]);
    })
    .await;
}

#[tokio::test]
async fn several_instances_never_hold_the_same_job() {
    fixture::each_engine(&[], async |store: Store| {
        for i in 0..40 {
            enqueue(&store, format!("job {i:02}").leak(), T0, b"").await;
        }
        let mut held = Vec::new();
        while held.len() < 40 {
            let (a, b) =
                tokio::join!(store.claim_jobs("k", T0, LEASE_MS), store.claim_jobs("k", T0, LEASE_MS));
            held.extend(a.unwrap());
            held.extend(b.unwrap());
        }
        let mut keys: Vec<String> = held.iter().map(|j| j.unique_key.clone()).collect();
        keys.sort();
        keys.dedup();
        assert_eq!((keys.len(), held.len()), (40, 40));
    })
    .await;
}

#[tokio::test]
async fn a_done_job_is_gone() {
    fixture::each_engine(&[], async |store: Store| {
        enqueue(&store, "a", T0, b"").await;
        for job in claim(&store, T0).await {
            store.complete_job(&job).await.unwrap();
            assert_eq!(store.complete_job(&job).await.unwrap_err().kind(), ErrorKind::LeaseLost);
        }
        assert_eq!(store.count_jobs().await, Ok((0, 0)));
    })
    .await;
}

#[tokio::test]
async fn a_lease_that_ran_out_belongs_to_the_next() {
    fixture::each_engine(&[], async |store: Store| {
        enqueue(&store, "a", T0, b"").await;
        let first = claim(&store, T0).await.pop().unwrap();
        assert!(claim(&store, first.lease_until.plus_ms(-1)).await.is_empty());
        let second = claim(&store, first.lease_until).await.pop().unwrap();
        assert_eq!(second.tries, 2);
        assert_eq!(store.complete_job(&first).await.unwrap_err().kind(), ErrorKind::LeaseLost);
        assert_eq!(store.fail_job(&first, T0, "x").await.unwrap_err().kind(), ErrorKind::LeaseLost);
        store.complete_job(&second).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_failed_job_rests_longer_each_time_and_is_given_up() {
    fixture::each_engine(&[], async |store: Store| {
        enqueue(&store, "a", T0, b"").await;
        let mut now = T0;
        for tries in 1..limits::JOB_TRIES_MAX {
            let job = claim(&store, now).await.pop().unwrap();
            assert_eq!(job.tries, tries);
            let again = now.plus_secs((5 << (tries - 1)).min(3_600));
            assert_eq!(store.fail_job(&job, now, "unreachable").await, Ok(Failed::Again(again)));
            assert!(claim(&store, again.plus_ms(-1)).await.is_empty());
            now = again;
        }
        let job = claim(&store, now).await.pop().unwrap();
        assert_eq!(store.fail_job(&job, now, "unreachable").await, Ok(Failed::GivenUp));
        assert_eq!(store.count_jobs().await, Ok((0, 1)));
        assert!(claim(&store, now.plus_secs(1_000_000)).await.is_empty());
        // Enqueued anew it starts afresh.
        enqueue(&store, "a", now, b"new").await;
        let job = claim(&store, now).await.pop().unwrap();
        assert_eq!((job.tries, &*job.payload), (1, &b"new"[..]));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_ends_its_instance_is_given_up_too() {
    fixture::each_engine(&[], async |store: Store| {
        enqueue(&store, "a", T0, b"").await;
        let mut now = T0;
        for _ in 0..limits::JOB_TRIES_MAX {
            now = claim(&store, now).await.pop().unwrap().lease_until;
        }
        assert!(claim(&store, now).await.is_empty());
        assert_eq!(store.count_jobs().await, Ok((0, 1)));
    })
    .await;
}

#[tokio::test]
async fn a_job_enqueued_anew_while_it_runs_runs_once_more() {
    fixture::each_engine(&[], async |store: Store| {
        enqueue(&store, "a", T0, b"old").await;
        let running = claim(&store, T0).await.pop().unwrap();
        enqueue(&store, "a", T0, b"new").await;
        assert!(claim(&store, T0).await.is_empty());
        store.complete_job(&running).await.unwrap();
        let again = claim(&store, T0).await.pop().unwrap();
        assert_eq!((again.tries, &*again.payload), (1, &b"new"[..]));
        store.complete_job(&again).await.unwrap();
        assert_eq!(store.count_jobs().await, Ok((0, 0)));
    })
    .await;
}

#[tokio::test]
async fn a_payload_has_its_limit() {
    fixture::each_engine(&[], async |store: Store| {
        let long = |len: usize| {
            store.write(async move |tx: &mut Tx<'_>| {
                tx.enqueue(&NewJob { payload: &vec![0; len], ..job("a") }).await
            })
        };
        assert_eq!(long(limits::JOB_PAYLOAD_BYTES_MAX).await, Ok(()));
        assert_eq!(long(limits::JOB_PAYLOAD_BYTES_MAX + 1).await.unwrap_err().kind(), ErrorKind::Type);
    })
    .await;
}
