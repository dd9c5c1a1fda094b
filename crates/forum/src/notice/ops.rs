//! Enqueue, take, write, settle.

use ::store::{Error, NewJob, Tx};
use base::{Instant, limits};
use crypto::{Random, random_array};
use formats::b64;

use super::{
    compose::{Facts, compose},
    model::{Due, Kind, Mail, New, NoticeId, Undeliverable},
    store::{self as sql, About, Waiting},
};
use crate::{Deadline, Forum, Wording};

/// The kind of its jobs.
pub(crate) const JOB: &str = "forum_notice";
/// How many notices one write erases.
const ERASED_AT_ONCE: i64 = 500;

/// Enqueues a notice, in the write of the act that it tells of.
///
/// # Errors
/// The database.
pub async fn enqueue(tx: &mut Tx<'_>, random: &dyn Random, now: Instant, new: &New) -> Result<(), Error> {
    let id = NoticeId::from_random(random_array(random));
    sql::insert(tx, id, new, now).await?;
    let key = id.to_string();
    tx.enqueue(&NewJob { kind: JOB, payload: key.as_bytes(), not_before: new.not_before, unique_key: &key })
        .await
}

/// What opens a link in a mail: an HMAC-SHA256 of what it is for (`confirm`) and of what (`name`), so that nothing has to be
/// kept of it.
pub fn token(secret: &[u8], purpose: &str, name: &str) -> String {
    b64::encode(&crypto::hmac_sha256(secret, format!("sahihi forum mail\n{purpose}\n{name}").as_bytes()))
}

/// Whether that is the token, found out in a time that does not tell how much of it is.
pub fn token_is(secret: &[u8], purpose: &str, name: &str, given: &str) -> bool {
    crypto::constant_time_eq(token(secret, purpose, name).as_bytes(), given.as_bytes())
}

/// How it is kept that an address gets no more mails: whoever reads the database learns no address from it.
fn stopped(secret: &[u8], mail: &str) -> [u8; 32] {
    crypto::hmac_sha256(secret, format!("sahihi forum mail stopped\n{}", mail.to_lowercase()).as_bytes())
}

const fn words(wording: Wording) -> web::format::Wording {
    use web::format::Wording as W;
    match wording {
        Wording::ByEndOfDay => W::ByEndOfDay,
        Wording::Before => W::Before,
        Wording::AtLatestBy => W::AtLatestBy,
        Wording::Deadline => W::Deadline,
        Wording::Until => W::Until,
    }
}

impl Forum {
    /// Takes notices that are due, for `lease_ms` milliseconds: nobody else takes them before.
    ///
    /// # Errors
    /// The database.
    pub async fn mails_due(&self, lease_ms: i64) -> Result<Vec<Due>, Error> {
        self.announce_due().await?;
        let jobs = self.store.claim_jobs(JOB, self.clock.now(), lease_ms).await?;
        Ok(jobs
            .into_iter()
            .filter_map(|job| {
                let notice = job.unique_key.parse().ok()?;
                Some(Due { job, notice })
            })
            .collect())
    }

    /// The mail, as things are now. `None` if there is nothing to tell any more (the contact was erased, wants no such
    /// mails, or the call that it was to be reminded of has closed): the notice is settled then.
    ///
    /// # Errors
    /// The database.
    pub async fn write_mail(&self, due: &Due) -> Result<Option<Mail>, Error> {
        let written = self.written(due.notice).await?;
        if written.is_none() {
            self.settled(due, "moot").await?;
        }
        Ok(written)
    }

    async fn written(&self, id: NoticeId) -> Result<Option<Mail>, Error> {
        let (now, secret) = (self.clock.now(), self.config.server_secret);
        let read = async move |tx: &mut Tx<'_>| {
            let Some(waiting) = sql::waiting(tx, id).await? else { return Ok::<_, Error>(None) };
            let Some(mail) = sql::address(tx, waiting.contact).await? else { return Ok(None) };
            if waiting.kind.is_bulk() && sql::is_stopped(tx, &stopped(&secret, &mail)).await? {
                return Ok(None);
            }
            Ok(sql::about(tx, &waiting, now).await?.map(|about| (waiting, mail, about)))
        };
        let Some((waiting, mail, about)) = self.store.read(read).await? else { return Ok(None) };
        let lang = waiting.lang;
        let identifier = &self.config.identifier;
        let stop = waiting.kind.is_bulk().then(|| {
            let name = format!("{:x}", waiting.contact);
            let token = token(&secret, "stop", &name);
            format!("mail/stop/{name}/{token}")
        });
        let facts = self.facts(&waiting, &about);
        let read = stop.as_ref().map(|stop| format!("{identifier}/{lang}/{stop}"));
        let (subject, text) = compose(lang, &facts, read.as_deref());
        let host = identifier.split("://").nth(1).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        Ok(Some(Mail {
            message_id: format!("<{id}@{host}>"),
            to: mail,
            lang,
            subject,
            text,
            unsubscribe: stop.map(|stop| format!("{identifier}/{stop}")),
        }))
    }

    /// What is told, in the reader's language.
    fn facts(&self, waiting: &Waiting, about: &About) -> Facts {
        let lang = waiting.lang;
        let zone = &self.config.host_zone;
        let page = |path: &str| format!("{}/{lang}{path}", self.config.identifier);
        let until = |d: &Deadline| web::format::deadline(lang, d.instant, &d.zone, words(d.wording));
        let symbol = about.symbol.clone();
        let title = about.title.get(lang).text.to_owned();
        let call = page(&format!("/calls/{symbol}"));
        match waiting.kind {
            Kind::Circular => {
                let address = page(&format!("/circulars/{symbol}"));
                Facts::Circular { symbol, subject: title, party: self.config.name.clone(), address }
            }
            Kind::Confirm => {
                let link = waiting.link.as_ref();
                let name = link.map(|link| link.name.clone()).unwrap_or_default();
                let until =
                    link.map(|link| web::format::date_time(lang, link.until, zone)).unwrap_or_default();
                let token = token(&self.config.server_secret, "confirm", &name);
                let link = page(&format!("/submissions/confirm/{name}/{token}"));
                Facts::Confirm { symbol, title, link, until }
            }
            Kind::Receipt => {
                let address = page(&format!("/submissions/{}/receipt", waiting.about));
                let time = web::format::date_time(lang, about.at, zone);
                Facts::Receipt { symbol, title, time, address }
            }
            Kind::Extension => {
                let before = about.before.as_ref().map(until);
                let deadline = about.closes.as_ref().map(until).unwrap_or_default();
                Facts::Extension { symbol, title, deadline, before, address: call }
            }
            Kind::Reminder => {
                let deadline = about.closes.as_ref().map(until).unwrap_or_default();
                Facts::Reminder { symbol, title, deadline, address: call }
            }
            Kind::Publication => {
                let address = page(&format!("/calls/{symbol}/submissions"));
                Facts::Publication { symbol, title, received: about.received, address }
            }
        }
    }

    /// No more mails of those that many get to the address of this contact.
    pub(super) async fn stop_mail(&self, contact: i64) -> Result<(), Error> {
        let secret = self.config.server_secret;
        let now = self.clock.now();
        let write = async move |tx: &mut Tx<'_>| match sql::address(tx, contact).await? {
            Some(mail) => sql::stop(tx, &stopped(&secret, &mail), now).await,
            None => Ok(()),
        };
        self.store.write(write).await
    }

    /// Says that the mail server took it.
    ///
    /// # Errors
    /// The database; [`LeaseLost`](::store::ErrorKind::LeaseLost) if this instance took too long, and another may have
    /// sent it too.
    pub async fn mail_sent(&self, due: &Due) -> Result<(), Error> {
        self.settled(due, "sent").await
    }

    /// Says that it will never be taken.
    ///
    /// # Errors
    /// As [`Self::mail_sent`].
    pub async fn mail_undeliverable(&self, due: &Due, why: Undeliverable) -> Result<(), Error> {
        self.settled(due, why.word()).await
    }

    async fn settled(&self, due: &Due, outcome: &'static str) -> Result<(), Error> {
        let (job, id, now) = (due.job.clone(), due.notice, self.clock.now());
        let write = async move |tx: &mut Tx<'_>| {
            sql::settle(tx, id, outcome, now).await?;
            tx.complete_job(&job).await
        };
        self.store.write(write).await
    }

    /// Says that it was not taken this time, and why (a stable code). It is tried again later each time, and given up after
    /// `JOB_TRIES_MAX` tries.
    ///
    /// # Errors
    /// As [`Self::mail_sent`].
    pub async fn mail_later(&self, due: &Due, why: &'static str) -> Result<(), Error> {
        self.store.fail_job(&due.job, self.clock.now(), why).await.map(drop)
    }

    /// How many mails wait or are being sent, and how many were given up.
    ///
    /// # Errors
    /// The database.
    pub async fn mails_waiting(&self) -> Result<(i64, i64), Error> {
        self.store.count_jobs_of(JOB).await
    }

    /// Erases notices that were settled long ago. Nothing else does.
    ///
    /// # Errors
    /// The database.
    pub async fn erase_notices(&self) -> Result<u64, Error> {
        let before = self.clock.now().plus_secs(-limits::NOTICE_KEPT_S);
        let mut all = 0;
        loop {
            let erase = async move |tx: &mut Tx<'_>| sql::erase(tx, before, ERASED_AT_ONCE).await;
            let erased: u64 = self.store.write(erase).await?;
            all += erased;
            if erased < ERASED_AT_ONCE.unsigned_abs() {
                return Ok(all);
            }
        }
    }
}
