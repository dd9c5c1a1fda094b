//! The table of what wallets were asked to sign.

use ask::RequestId;
use base::Instant;
use store::{Error, Row, Tx, params};

use crate::{CallId, SubmissionId};

store::statements! {
    INSERT = "INSERT INTO forum_signing
            (request, browser, call, symbol, content, digest, drafted, withdraws, asked_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    FIND = "SELECT request, browser, call, symbol, content, digest, drafted, withdraws, submission, refused
        FROM forum_signing WHERE request = $1";
    LAST_OF_BROWSER = "SELECT request, browser, call, symbol, '', digest, drafted, withdraws, submission, refused
        FROM forum_signing WHERE browser = $1 ORDER BY asked_at DESC, request DESC LIMIT 1";
    SETTLE = "UPDATE forum_signing SET submission = $2, refused = $3, content = '' WHERE request = $1";
    ERASE = "DELETE FROM forum_signing WHERE expires_at <= $1";
}

/// What is asked to be signed.
pub(crate) struct Signing {
    pub(crate) request: RequestId,
    pub(crate) browser: [u8; 32],
    pub(crate) call: CallId,
    pub(crate) symbol: String,
    /// What is said, as JSON; empty once it was settled.
    pub(crate) content: String,
    pub(crate) digest: [u8; 32],
    /// Whether it stands in a draft, which must not have been changed meanwhile.
    pub(crate) drafted: bool,
    /// The submission that is taken back by it.
    pub(crate) withdraws: Option<SubmissionId>,
    pub(crate) submission: Option<SubmissionId>,
    pub(crate) refused: Option<String>,
}

pub(crate) async fn insert(tx: &mut Tx<'_>, s: &Signing, at: Instant, until: Instant) -> Result<(), Error> {
    let drafted = i64::from(s.drafted);
    let params =
        params![s.request, s.browser, s.call, s.symbol, s.content, s.digest, drafted, s.withdraws, at, until];
    tx.execute(&INSERT, params).await.map(|_| ())
}

pub(crate) async fn find(tx: &mut Tx<'_>, request: RequestId) -> Result<Option<Signing>, Error> {
    tx.optional(&FIND, params![request]).await?.as_ref().map(signing).transpose()
}

/// What this browser, or program, asked for last.
pub(crate) async fn last_of(tx: &mut Tx<'_>, browser: &[u8; 32]) -> Result<Option<Signing>, Error> {
    tx.optional(&LAST_OF_BROWSER, params![browser]).await?.as_ref().map(signing).transpose()
}

/// Says what came of it, and forgets what was said.
pub(crate) async fn settle(
    tx: &mut Tx<'_>,
    request: RequestId,
    came: Result<SubmissionId, &str>,
) -> Result<(), Error> {
    tx.execute(&SETTLE, params![request, came.ok(), came.err()]).await.map(|_| ())
}

/// Erases what is over; how many.
pub(crate) async fn erase(tx: &mut Tx<'_>, now: Instant) -> Result<u64, Error> {
    tx.execute(&ERASE, params![now]).await
}

fn signing(row: &Row) -> Result<Signing, Error> {
    let digest = |column| Ok::<_, Error>(<[u8; 32]>::try_from(row.bytes(column)?).unwrap_or_default());
    let submission = |column| Ok::<_, Error>(row.opt_int(column)?.map(SubmissionId::from_i64));
    Ok(Signing {
        request: RequestId::from_i64(row.int(0)?),
        browser: digest(1)?,
        call: CallId::from_i64(row.int(2)?),
        symbol: row.text(3)?.to_owned(),
        content: row.text(4)?.to_owned(),
        digest: digest(5)?,
        drafted: row.int(6)? != 0,
        withdraws: submission(7)?,
        submission: submission(8)?,
        refused: row.opt_text(9)?.map(str::to_owned),
    })
}
