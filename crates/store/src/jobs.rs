//! Jobs: what is to be done later, outside a transaction, because of something that was written inside one.
//!
//! [`Tx::enqueue`] writes a job in the transaction of the act that makes it necessary: both are kept or neither.
//! Any instance of the program takes due jobs with [`Store::claim_jobs`], for the length of a lease; a job whose
//! instance ended is due again when its lease has run out. So a job may run more than once, and what it does outside
//! has to bear that. When it is done: [`Tx::complete_job`], in the transaction that writes what came of it; when not:
//! [`Store::fail_job`], after which it rests longer each time, until it is given up after `JOB_TRIES_MAX` tries.

use base::{Instant, limits};

use crate::{Error, ErrorKind, Migration, Store, Tx, params};

/// A job to be enqueued.
///
/// Of one `kind` and `unique_key` there is never more than one: enqueued again while it waits, it takes the new
/// payload and time; enqueued again while it runs, it runs once more afterwards.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a> {
    /// Which code runs it: `issue_status_list`.
    pub kind: &'a str,
    /// What it works on, in a form of the kind's own; at most `JOB_PAYLOAD_BYTES_MAX`. Best an id, not personal data.
    pub payload: &'a [u8],
    /// It is not run earlier.
    pub not_before: Instant,
    /// What makes it one and the same job: an id, or nothing if there is only one of the kind.
    pub unique_key: &'a str,
}

/// A job that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Which code runs it.
    pub kind: String,
    /// What makes it one and the same job.
    pub unique_key: String,
    /// What it works on.
    pub payload: Vec<u8>,
    /// Which try this is, from 1.
    pub tries: i64,
    /// Until when nobody else claims it.
    pub lease_until: Instant,
    claim: i64,
    version: i64,
}

/// What became of a job that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It is due again at this instant.
    Again(Instant),
    /// It is kept, marked, and not run again unless it is enqueued anew.
    GivenUp,
}

pub(crate) const MIGRATION: Migration = Migration {
    name: "store_001_jobs",
    sql: "
        CREATE TABLE store_job (
            kind TEXT NOT NULL,
            unique_key TEXT NOT NULL,
            payload BYTEA NOT NULL,
            not_before BIGINT NOT NULL,
            -- How often it was enqueued, and how often claimed, so that an instance notices what happened meanwhile.
            version BIGINT NOT NULL,
            claim BIGINT NOT NULL,
            tries BIGINT NOT NULL,
            -- 0 when nobody works on it.
            lease_until BIGINT NOT NULL,
            last_error TEXT,
            given_up_at BIGINT,
            PRIMARY KEY (kind, unique_key)
        );
        CREATE INDEX store_job_due ON store_job (kind, not_before) WHERE given_up_at IS NULL;
    ",
};

crate::statements! {
    /// A job, or the same job anew.
    ENQUEUE = "INSERT INTO store_job (kind, unique_key, payload, not_before, version, claim, tries, lease_until)
        VALUES ($1, $2, $3, $4, 1, 0, 0, 0)
        ON CONFLICT (kind, unique_key) DO UPDATE SET payload = excluded.payload, not_before = excluded.not_before,
            version = store_job.version + 1,
            tries = CASE WHEN store_job.lease_until = 0 THEN 0 ELSE store_job.tries END,
            last_error = NULL, given_up_at = NULL";
    /// Jobs whose last try ended without a word.
    GIVE_UP_LOST = "UPDATE store_job SET given_up_at = $2, lease_until = 0, last_error = 'its lease ran out'
        WHERE kind = $1 AND given_up_at IS NULL AND tries >= $3 AND lease_until > 0 AND lease_until <= $2";
    /// Takes jobs that are due.
    CLAIM = "UPDATE store_job SET lease_until = $3, claim = claim + 1, tries = tries + 1
        WHERE kind = $1 AND unique_key IN (
            SELECT unique_key FROM store_job
            WHERE kind = $1 AND given_up_at IS NULL AND not_before <= $2 AND lease_until <= $2
            ORDER BY not_before, unique_key LIMIT $4)
        RETURNING unique_key, payload, tries, claim, version, not_before";
    /// Removes a job that is done, if nobody enqueued it anew.
    REMOVE = "DELETE FROM store_job WHERE kind = $1 AND unique_key = $2 AND claim = $3 AND version = $4
        AND lease_until > 0";
    /// Lets a job that was enqueued anew while it ran run once more.
    RELEASE = "UPDATE store_job SET lease_until = 0, tries = 0
        WHERE kind = $1 AND unique_key = $2 AND claim = $3 AND lease_until > 0";
    /// Lets a job rest.
    REST = "UPDATE store_job SET lease_until = 0, last_error = $4,
            not_before = CASE WHEN version = $6 AND not_before < $5 THEN $5 ELSE not_before END
        WHERE kind = $1 AND unique_key = $2 AND claim = $3 AND lease_until > 0";
    /// Gives a job up, if nobody enqueued it anew.
    GIVE_UP = "UPDATE store_job SET lease_until = 0, last_error = $4, given_up_at = $5
        WHERE kind = $1 AND unique_key = $2 AND claim = $3 AND version = $6 AND lease_until > 0";
    /// How many wait or run, and how many were given up.
    COUNT = "SELECT count(*), count(given_up_at) FROM store_job";
    /// The same of one kind.
    COUNT_OF = "SELECT count(*), count(given_up_at) FROM store_job WHERE kind = $1";
}

impl Tx<'_> {
    /// Enqueues a job, or the same job anew.
    pub async fn enqueue(&mut self, job: &NewJob<'_>) -> Result<(), Error> {
        if job.payload.len() > limits::JOB_PAYLOAD_BYTES_MAX {
            return Err(Error::new(ErrorKind::Type, "the payload of a job is too long").of(ENQUEUE.name()));
        }
        self.execute(&ENQUEUE, params![job.kind, job.unique_key, job.payload, job.not_before]).await.map(drop)
    }

    /// Says, together with whatever came of it, that a job is done. Refused with [`ErrorKind::LeaseLost`] when it was
    /// claimed by another instance meanwhile: the transaction should then fail too, as the other does the same.
    pub async fn complete_job(&mut self, job: &Job) -> Result<(), Error> {
        let removed =
            self.execute(&REMOVE, params![job.kind, job.unique_key, job.claim, job.version]).await?;
        if removed == 0 && self.execute(&RELEASE, params![job.kind, job.unique_key, job.claim]).await? == 0 {
            return Err(lease_lost());
        }
        Ok(())
    }
}

impl Store {
    /// Takes up to `JOB_CLAIM_MAX` jobs of a kind that are due, longest due first, for `lease_ms` milliseconds. An
    /// instance that needs longer for one of them loses it to another.
    pub async fn claim_jobs(&self, kind: &str, now: Instant, lease_ms: i64) -> Result<Vec<Job>, Error> {
        let kind = kind.to_owned();
        let until = now.plus_ms(lease_ms.max(1));
        self.write(async move |tx: &mut Tx<'_>| {
            tx.execute(&GIVE_UP_LOST, params![kind, now, limits::JOB_TRIES_MAX]).await?;
            let mut rows = tx.all(&CLAIM, params![kind, now, until, limits::JOB_CLAIM_MAX]).await?;
            // RETURNING answers in no particular order.
            rows.sort_by_cached_key(|r| {
                (r.int(5).unwrap_or_default(), r.text(0).unwrap_or_default().to_owned())
            });
            let job = |r: &crate::Row| {
                Ok(Job {
                    kind: kind.clone(),
                    unique_key: r.text(0)?.to_owned(),
                    payload: r.bytes(1)?.to_vec(),
                    tries: r.int(2)?,
                    lease_until: until,
                    claim: r.int(3)?,
                    version: r.int(4)?,
                })
            };
            rows.iter().map(job).collect()
        })
        .await
    }

    /// [`Tx::complete_job`] in a transaction of its own.
    pub async fn complete_job(&self, job: &Job) -> Result<(), Error> {
        let job = job.clone();
        self.write(async move |tx: &mut Tx<'_>| tx.complete_job(&job).await).await
    }

    /// Says that a job failed, and why (`why` is kept for the operator: a stable code, no personal data).
    pub async fn fail_job(&self, job: &Job, now: Instant, why: &'static str) -> Result<Failed, Error> {
        let job = job.clone();
        self.write(async move |tx: &mut Tx<'_>| {
            if job.tries >= limits::JOB_TRIES_MAX {
                let given_up = params![job.kind, job.unique_key, job.claim, why, now, job.version];
                if tx.execute(&GIVE_UP, given_up).await? == 1 {
                    return Ok(Failed::GivenUp);
                }
                // Enqueued anew while it ran: that one starts afresh.
                return match tx.execute(&RELEASE, params![job.kind, job.unique_key, job.claim]).await? {
                    0 => Err(lease_lost()),
                    _ => Ok(Failed::Again(now)),
                };
            }
            let again = now.plus_secs(backoff_s(job.tries));
            match tx
                .execute(&REST, params![job.kind, job.unique_key, job.claim, why, again, job.version])
                .await?
            {
                0 => Err(lease_lost()),
                _ => Ok(Failed::Again(again)),
            }
        })
        .await
    }

    /// How many jobs wait or run, and how many were given up: the second should be 0, and `sahihi doctor` says so.
    pub async fn count_jobs(&self) -> Result<(i64, i64), Error> {
        self.read(async |tx: &mut Tx<'_>| {
            let row = tx.one(&COUNT, &[]).await?;
            let given_up = row.int(1)?;
            Ok((row.int(0)? - given_up, given_up))
        })
        .await
    }

    /// The same of one kind.
    pub async fn count_jobs_of(&self, kind: &'static str) -> Result<(i64, i64), Error> {
        self.read(async move |tx: &mut Tx<'_>| {
            let row = tx.one(&COUNT_OF, params![kind]).await?;
            let given_up = row.int(1)?;
            Ok((row.int(0)? - given_up, given_up))
        })
        .await
    }
}

/// How long a job rests after its `tries`th failure, seconds.
fn backoff_s(tries: i64) -> i64 {
    let doublings = u32::try_from(tries.clamp(1, 32) - 1).unwrap_or_default();
    limits::JOB_BACKOFF_S.saturating_mul(1 << doublings).min(limits::JOB_BACKOFF_MAX_S)
}

fn lease_lost() -> Error {
    Error::new(ErrorKind::LeaseLost, "")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
