//! The tables of drafts, and of which browser sent what.

use base::Instant;
use store::{Error, Tx, params};

use crate::{CallId, SubmissionId};

store::statements! {
    SAVE = "INSERT INTO forum_draft (browser, call, content, changed_at, expires_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (browser, call) DO UPDATE SET content = $3, changed_at = $4, expires_at = $5";
    FIND = "SELECT content FROM forum_draft WHERE browser = $1 AND call = $2 AND expires_at > $3";
    DISCARD = "DELETE FROM forum_draft WHERE browser = $1 AND call = $2";
    ERASE = "DELETE FROM forum_draft WHERE expires_at <= $1";
    SENT = "INSERT INTO forum_sent (browser, submission, call, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (browser, submission) DO NOTHING";
    HAS_SENT = "SELECT 1 FROM forum_sent WHERE browser = $1 AND submission = $2 AND expires_at > $3";
    SENT_TO = "SELECT submission FROM forum_sent WHERE browser = $1 AND call = $2 AND expires_at > $3
        ORDER BY expires_at DESC, submission LIMIT 1";
    ERASE_SENT = "DELETE FROM forum_sent WHERE expires_at <= $1";
}

/// Keeps what was entered so far in the place of what was there.
pub(crate) async fn save(
    tx: &mut Tx<'_>,
    browser: &[u8; 32],
    call: CallId,
    content: &str,
    now: Instant,
    expires_at: Instant,
) -> Result<(), Error> {
    tx.execute(&SAVE, params![browser, call, content, now, expires_at]).await.map(|_| ())
}

/// What was entered so far.
pub(crate) async fn find(
    tx: &mut Tx<'_>,
    browser: &[u8; 32],
    call: CallId,
    now: Instant,
) -> Result<Option<String>, Error> {
    let row = tx.optional(&FIND, params![browser, call, now]).await?;
    row.map(|row| row.text(0).map(str::to_owned)).transpose()
}

/// Erases a draft.
pub(crate) async fn discard(tx: &mut Tx<'_>, browser: &[u8; 32], call: CallId) -> Result<(), Error> {
    tx.execute(&DISCARD, params![browser, call]).await.map(|_| ())
}

/// Notes that this browser sent that.
pub(crate) async fn sent(
    tx: &mut Tx<'_>,
    browser: &[u8; 32],
    submission: SubmissionId,
    call: CallId,
    expires_at: Instant,
) -> Result<(), Error> {
    tx.execute(&SENT, params![browser, submission, call, expires_at]).await.map(|_| ())
}

/// Whether this browser sent that.
pub(crate) async fn has_sent(
    tx: &mut Tx<'_>,
    browser: &[u8; 32],
    submission: SubmissionId,
    now: Instant,
) -> Result<bool, Error> {
    Ok(tx.optional(&HAS_SENT, params![browser, submission, now]).await?.is_some())
}

/// What this browser sent last to that call.
pub(crate) async fn last_sent(
    tx: &mut Tx<'_>,
    browser: &[u8; 32],
    call: CallId,
    now: Instant,
) -> Result<Option<SubmissionId>, Error> {
    let row = tx.optional(&SENT_TO, params![browser, call, now]).await?;
    row.map(|row| row.int(0).map(SubmissionId::from_i64)).transpose()
}

/// Erases what is over; how many rows.
pub(crate) async fn erase(tx: &mut Tx<'_>, now: Instant) -> Result<u64, Error> {
    let drafts = tx.execute(&ERASE, params![now]).await?;
    Ok(drafts.saturating_add(tx.execute(&ERASE_SENT, params![now]).await?))
}
