//! Who is told of an act that concerns many: one job in the act's own write, which becomes a notice a reader in writes of
//! their own, so that a call with thousands of readers is published as fast as one with none.
//!
//! A notice's id follows from what it is about and whom it goes to. So a job that runs again, or two instances that do, make
//! no second one.

use ::store::{Error, NewJob, Tx};
use base::{Instant, Lang};

use super::{
    model::{Kind, NoticeId},
    ops::JOB,
    store::{self as sql, Reader},
};
use crate::Forum;

/// The kind of the jobs.
pub(crate) const ANNOUNCE: &str = "forum_announce";
/// How many readers are told in one write.
const READERS_AT_ONCE: i64 = 500;
/// How long an instance has for one job, milliseconds.
const LEASE_MS: i64 = 300_000;
/// How long before the deadline people are reminded, seconds.
const REMIND_BEFORE_S: i64 = 3 * 86_400;

/// What is told of an act of this kind; nothing of most.
fn kind_of(act: &str) -> Option<Kind> {
    match act {
        "forum_circular_sent" => Some(Kind::Circular),
        "forum_call_announced" => Some(Kind::Reminder),
        "forum_call_extended" => Some(Kind::Extension),
        "forum_call_published" => Some(Kind::Publication),
        _ => None,
    }
}

/// Has those told whom an act concerns, in the act's own write. `about` is the symbol of its call or circular.
pub(crate) async fn of_act(tx: &mut Tx<'_>, act: &str, about: &str, now: Instant) -> Result<(), Error> {
    let Some(kind) = kind_of(act) else { return Ok(()) };
    enqueue(tx, kind, about, now).await?;
    // A later deadline is reminded of too.
    if kind == Kind::Extension { enqueue(tx, Kind::Reminder, about, now).await } else { Ok(()) }
}

async fn enqueue(tx: &mut Tx<'_>, kind: Kind, about: &str, at: Instant) -> Result<(), Error> {
    let key = format!("{} {about}", kind.word());
    tx.enqueue(&NewJob { kind: ANNOUNCE, payload: key.as_bytes(), not_before: at, unique_key: &key }).await
}

impl Forum {
    /// Makes the notices of what was announced. Called before notices are taken.
    pub(super) async fn announce_due(&self) -> Result<(), Error> {
        let now = self.clock.now();
        for job in self.store.claim_jobs(ANNOUNCE, now, LEASE_MS).await? {
            let (word, about) = job.unique_key.split_once(' ').unwrap_or_default();
            let Some(kind) = Kind::from_word(word) else { continue };
            if kind == Kind::Reminder {
                let symbol = about.to_owned();
                let closes =
                    self.store.read(async move |tx: &mut Tx<'_>| sql::closes(tx, &symbol).await).await?;
                let at = closes.map(|closes: Instant| closes.plus_secs(-REMIND_BEFORE_S));
                if let Some(at) = at.filter(|at| now < *at) {
                    // Not yet: the deadline may have moved since this was enqueued.
                    let (job, symbol) = (job.clone(), about.to_owned());
                    let later = async move |tx: &mut Tx<'_>| {
                        tx.complete_job(&job).await?;
                        enqueue(tx, Kind::Reminder, &symbol, at).await
                    };
                    self.store.write(later).await?;
                    continue;
                }
            }
            self.tell_all(kind, about, now).await?;
            self.store.complete_job(&job).await?;
        }
        Ok(())
    }

    async fn tell_all(&self, kind: Kind, about: &str, now: Instant) -> Result<(), Error> {
        let mut after = 0;
        loop {
            let (forum, symbol) = (self.clone(), about.to_owned());
            let write = async move |tx: &mut Tx<'_>| {
                let readers = sql::readers(tx, kind, &symbol, after, READERS_AT_ONCE).await?;
                for reader in &readers {
                    forum.tell(tx, kind, &symbol, reader, now).await?;
                }
                Ok::<_, Error>(readers.last().map(|last| last.contact))
            };
            match self.store.write(write).await? {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }

    async fn tell(
        &self,
        tx: &mut Tx<'_>,
        kind: Kind,
        about: &str,
        reader: &Reader,
        now: Instant,
    ) -> Result<(), Error> {
        // Of a call that is extended again people are told again.
        let deadline = if kind == Kind::Publication || kind == Kind::Circular {
            None
        } else {
            sql::closes(tx, about).await?
        };
        let named =
            format!("sahihi forum notice\n{}\n{about}\n{deadline:?}\n{}", kind.word(), reader.contact);
        let digest = crypto::hmac_sha256(&self.config.server_secret, named.as_bytes());
        let id = NoticeId::from_random(*digest.first_chunk().unwrap_or(&[0; 8]));
        let lang = reader.lang.parse().unwrap_or(Lang::En);
        let new = super::New {
            kind,
            contact: reader.contact,
            lang,
            about: about.to_owned(),
            not_before: now,
            link: None,
        };
        if !sql::insert_once(tx, id, &new, now).await? {
            return Ok(());
        }
        let key = id.to_string();
        tx.enqueue(&NewJob { kind: JOB, payload: key.as_bytes(), not_before: now, unique_key: &key }).await
    }
}
