//! The table of what waits to be confirmed. Whose mail address it came with stands in `forum_contact` alone.

use base::{Instant, Lang};
use store::{Error, Tx, params};

use crate::{CallId, ContactId, SubmissionId};

store::statements! {
    INSERT = "INSERT INTO forum_pending (id, browser, call, symbol, content, sent_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    INSERT_CONTACT = "INSERT INTO forum_contact (id, about, subject, mail, lang) VALUES ($1, 'pending', $2, $3, $4)";
    FIND = "SELECT p.browser, p.call, p.symbol, p.content, p.submission, p.expires_at, c.id, c.mail, c.lang
        FROM forum_pending p LEFT JOIN forum_contact c ON c.about = 'pending' AND c.subject = p.id WHERE p.id = $1";
    SENT = "SELECT max(expires_at) FROM forum_pending
        WHERE browser = $1 AND call = $2 AND submission IS NULL AND expires_at > $3";
    CONFIRMED = "UPDATE forum_pending SET submission = $2, content = '' WHERE id = $1";
    MOVE_CONTACT = "UPDATE forum_contact SET about = 'submission', subject = $2 WHERE about = 'pending' AND subject = $1";
    ERASE_CONTACTS = "DELETE FROM forum_contact WHERE about = 'pending'
        AND subject IN (SELECT id FROM forum_pending WHERE expires_at <= $1)";
    ERASE = "DELETE FROM forum_pending WHERE expires_at <= $1";
}

/// What waits to be confirmed.
pub(crate) struct Pending {
    pub(crate) browser: [u8; 32],
    pub(crate) call: CallId,
    pub(crate) symbol: String,
    /// What is said, as JSON; empty once it was confirmed.
    pub(crate) content: String,
    pub(crate) submission: Option<SubmissionId>,
    pub(crate) expires_at: Instant,
    pub(crate) contact: Option<(ContactId, String, Lang)>,
}

pub(crate) async fn insert(tx: &mut Tx<'_>, id: i64, pending: &Pending, now: Instant) -> Result<(), Error> {
    let p = pending;
    let params = params![id, p.browser, p.call, p.symbol, p.content, now, p.expires_at];
    tx.execute(&INSERT, params).await?;
    if let Some((contact, mail, lang)) = &p.contact {
        tx.execute(&INSERT_CONTACT, params![*contact, id, mail, lang.tag()]).await?;
    }
    Ok(())
}

pub(crate) async fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Pending>, Error> {
    let Some(row) = tx.optional(&FIND, params![id]).await? else { return Ok(None) };
    let contact = match (row.opt_int(6)?, row.opt_text(7)?, row.opt_text(8)?) {
        (Some(contact), Some(mail), Some(lang)) => {
            Some((ContactId::from_i64(contact), mail.to_owned(), lang.parse().unwrap_or(Lang::En)))
        }
        _ => None,
    };
    Ok(Some(Pending {
        browser: <[u8; 32]>::try_from(row.bytes(0)?).unwrap_or_default(),
        call: CallId::from_i64(row.int(1)?),
        symbol: row.text(2)?.to_owned(),
        content: row.text(3)?.to_owned(),
        submission: row.opt_int(4)?.map(SubmissionId::from_i64),
        expires_at: Instant::from_ms(row.int(5)?),
        contact,
    }))
}

/// Until when the newest link that waits can be used, if this browser asked for one for this call.
pub(crate) async fn sent(
    tx: &mut Tx<'_>,
    browser: [u8; 32],
    call: CallId,
    now: Instant,
) -> Result<Option<Instant>, Error> {
    let row = tx.one(&SENT, params![browser, call, now]).await?;
    Ok(row.opt_int(0)?.map(Instant::from_ms))
}

/// It was confirmed and received; how to reach who sent it now belongs to that.
pub(crate) async fn confirmed(tx: &mut Tx<'_>, id: i64, submission: SubmissionId) -> Result<(), Error> {
    tx.execute(&CONFIRMED, params![id, submission]).await?;
    tx.execute(&MOVE_CONTACT, params![id, submission]).await.map(|_| ())
}

/// Erases what is over, with the mail addresses of what was never confirmed; how many rows.
pub(crate) async fn erase(tx: &mut Tx<'_>, now: Instant) -> Result<u64, Error> {
    let contacts = tx.execute(&ERASE_CONTACTS, params![now]).await?;
    Ok(contacts.saturating_add(tx.execute(&ERASE, params![now]).await?))
}
