//! Submitting without a wallet, confirmed by a link sent by mail.
//!
//! What waits to be confirmed is nobody's act yet: anybody can enter anybody's address. It is received when the link's page
//! is confirmed, and the time of the receipt is that of the confirmation (`docs/adr/017-when-a-submission-is-received.md`).
//! Opening the link changes nothing, since programs that look at mail open links. Read in this order: this file, `store`.

mod pages;
pub(crate) mod store;

use ::store::{Error, Tx};
use ask::NotTaken;
use base::{
    Instant, Lang,
    limits::{CONFIRMATION_LIFETIME_S, MAIL_BYTES_MAX, SUBMISSION_BYTES_MAX},
    unseen::deceives,
};
use crypto::{hmac_sha256, random_array};
use web::Routes;

use self::store::Pending;
use crate::{
    Call, ContactId, Forum, Standing, SubmissionId,
    draft::{Browser, content::Said},
    notice, stored,
};

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    pages::routes()
}

/// Why no link is sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnsignedRefusal {
    /// Nothing is received now.
    #[error("the call receives nothing now")]
    NotOpen,
    /// It is no mail address.
    #[error("it is no mail address")]
    Mail,
    /// The whole is too long.
    #[error("the whole is too long")]
    TooLong,
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Why a link confirms nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfirmRefusal {
    /// There is no such link, or what it was for was erased.
    #[error("there is nothing to confirm")]
    Unknown,
    /// It is too late for the link.
    #[error("the link has expired")]
    Expired,
    /// What it confirms is not received, for a reason with this code.
    #[error("it is not received: {0}")]
    Refused(&'static str),
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<NotTaken> for ConfirmRefusal {
    fn from(not: NotTaken) -> Self {
        match not {
            NotTaken::Refused(code) => Self::Refused(code),
            NotTaken::Store(error) => Self::Store(error),
        }
    }
}

/// What waits to be confirmed, as its page shows it.
pub(crate) struct Waiting {
    pub(crate) symbol: String,
    pub(crate) said: Option<Said>,
    pub(crate) submission: Option<SubmissionId>,
}

/// A mail address in the one form in which it is compared: without blanks around it, in lower case.
///
/// Not all that RFC 5321 allows is taken: quoted local parts and address literals are not.
pub(crate) fn mail(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let special =
        |c: char| c.is_control() || c.is_whitespace() || deceives(c) || "\"(),:;<>@[\\]".contains(c);
    let dotted = |part: &str| !part.is_empty() && !part.split('.').any(str::is_empty);
    let host = |label: &str| {
        let plain = |c: char| c.is_alphanumeric() || c == '-';
        label.len() <= 63 && label.chars().all(plain) && !label.starts_with('-') && !label.ends_with('-')
    };
    let fits = text.len() <= MAIL_BYTES_MAX
        && local.len() <= 64
        && dotted(local)
        && dotted(domain)
        && domain.contains('.')
        && domain.split('.').all(host)
        && !local.chars().any(special);
    fits.then(|| text.to_lowercase())
}

impl Forum {
    /// Sends a link to `mail` that confirms what is said.
    pub(crate) async fn ask_to_confirm(
        &self,
        browser: &Browser,
        call: &Call,
        said: &Said,
        (to, lang): (&str, Lang),
    ) -> Result<(), UnsignedRefusal> {
        let now = self.clock.now();
        if !call.state(now).is_receiving() {
            return Err(UnsignedRefusal::NotOpen);
        }
        let to = mail(to).ok_or(UnsignedRefusal::Mail)?;
        let content = stored::json(said);
        if content.len() > SUBMISSION_BYTES_MAX {
            return Err(UnsignedRefusal::TooLong);
        }
        let expires_at = now.plus_secs(CONFIRMATION_LIFETIME_S);
        // What the link says. Should the deadline move, the link works on.
        let until = expires_at.min(call.window().ends());
        let contact = ContactId::from_random(random_array(&*self.random));
        let id = ContactId::from_random(random_array(&*self.random)).as_i64();
        let pending = Pending {
            browser: browser.key,
            call: call.id,
            symbol: call.said.symbol.clone(),
            content,
            submission: None,
            expires_at,
            contact: Some((contact, to, lang)),
        };
        let told = notice::New {
            kind: notice::Kind::Confirm,
            contact: contact.as_i64(),
            lang,
            about: call.said.symbol.clone(),
            not_before: now,
            link: Some(notice::Link { name: name_of(id), until }),
        };
        let files: Vec<[u8; 32]> = said.files().iter().map(|f| f.digest).collect();
        let forum = self.clone();
        let write = async move |tx: &mut Tx<'_>| {
            for digest in &files {
                crate::file::store::postpone(tx, digest, expires_at).await?;
            }
            store::insert(tx, id, &pending, now).await?;
            notice::enqueue(tx, &*forum.random, now, &told).await
        };
        self.store.write(write).await.map_err(UnsignedRefusal::Store)
    }

    /// Until when the newest link can be used that this browser asked for and has not used yet.
    pub(crate) async fn link_sent(&self, browser: &Browser, call: &Call) -> Result<Option<Instant>, Error> {
        let (browser, id, now) = (browser.key, call.id, self.clock.now());
        let read = async move |tx: &mut Tx<'_>| store::sent(tx, browser, id, now).await;
        let sent: Option<Instant> = self.store.read(read).await?;
        Ok(sent.map(|expires_at| expires_at.min(call.window().ends())))
    }

    /// What this link is to confirm, or has confirmed.
    pub(crate) async fn to_confirm(&self, name: &str, token: &str) -> Result<Waiting, ConfirmRefusal> {
        let (id, now) = (self.pending_id(name, token)?, self.clock.now());
        let read = async move |tx: &mut Tx<'_>| store::find(tx, id).await;
        let pending: Option<Pending> = self.store.read(read).await?;
        let pending = pending.ok_or(ConfirmRefusal::Unknown)?;
        if pending.submission.is_none() && now >= pending.expires_at {
            return Err(ConfirmRefusal::Expired);
        }
        let said = stored::parse(&pending.content);
        Ok(Waiting { symbol: pending.symbol, said, submission: pending.submission })
    }

    /// Confirms it: it is received now. Confirmed again, it is the same.
    pub(crate) async fn confirm(
        &self,
        browser: &Browser,
        name: &str,
        token: &str,
    ) -> Result<SubmissionId, ConfirmRefusal> {
        let id = self.pending_id(name, token)?;
        let (forum, browser) = (self.clone(), browser.key);
        let write = async move |tx: &mut Tx<'_>| {
            let now = forum.clock.now();
            let pending = store::find(tx, id).await?.ok_or(ConfirmRefusal::Unknown)?;
            if let Some(submission) = pending.submission {
                return Ok(submission);
            }
            let Some((contact, mail, lang)) = &pending.contact else { return Err(ConfirmRefusal::Unknown) };
            if now >= pending.expires_at {
                return Err(ConfirmRefusal::Expired);
            }
            let said: Said = stored::parse(&pending.content).ok_or(ConfirmRefusal::Unknown)?;
            let key =
                hmac_sha256(&forum.config.server_secret, format!("sahihi forum mail of\n{mail}").as_bytes());
            let new = said
                .submission(&pending.symbol, Standing::unsigned(key), format!("unsigned-{id:016x}"), None)
                .ok_or(ConfirmRefusal::Unknown)?;
            let submission = forum.receive_said(tx, new).await?;
            store::confirmed(tx, id, submission).await?;
            forum.sent_from(tx, &pending.browser, pending.call, submission).await?;
            if browser != pending.browser {
                forum.sent_from(tx, &browser, pending.call, submission).await?;
            }
            let told = notice::New {
                kind: notice::Kind::Receipt,
                contact: contact.as_i64(),
                lang: *lang,
                about: submission.to_string(),
                not_before: now,
                link: None,
            };
            notice::enqueue(tx, &*forum.random, now, &told).await?;
            Ok(submission)
        };
        self.store.write(write).await
    }

    fn pending_id(&self, name: &str, token: &str) -> Result<i64, ConfirmRefusal> {
        let id = i64::from_str_radix(name, 16).map_err(|_| ConfirmRefusal::Unknown)?;
        let is_good =
            name == name_of(id) && notice::token_is(&self.config.server_secret, "confirm", name, token);
        if is_good { Ok(id) } else { Err(ConfirmRefusal::Unknown) }
    }
}

fn name_of(id: i64) -> String {
    format!("{id:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_mail_address() {
        for (text, expected) in [
            (" Nerida@Example.org ", Some("nerida@example.org")),
            ("a.b+c@mail.example.org", Some("a.b+c@mail.example.org")),
            ("имя@пример.рф", Some("имя@пример.рф")),
            ("a@localhost", None),
            ("a@b@example.org", None),
            ("a..b@example.org", None),
            ("a@example..org", None),
            ("a@-example.org", None),
            ("a b@example.org", None),
            ("a\r\nBcc: b@example.org", None),
            ("\"a\"@example.org", None),
            ("a\u{202e}b@example.org", None),
            ("<a@example.org>", None),
            ("@example.org", None),
            ("", None),
        ] {
            assert_eq!(mail(text).as_deref(), expected, "{text:?}");
        }
    }
}
