//! What must not happen twice after the rows were brought back from a backup: see [`crate::after_restore`].

use ::store::{Error, Tx, params};
use base::Instant;

use super::place::{index, place};

/// When rows came from a backup, and until when nonces expire that were given before that. Of a list, when its rows came
/// from a backup: indices that were given since are not known.
pub(super) const TABLES: &str = "
CREATE TABLE issue_restored (
    at BIGINT PRIMARY KEY,
    nonces_until BIGINT NOT NULL
);
ALTER TABLE issue_list ADD COLUMN restored_at BIGINT;
";

::store::statements! {
    END_OFFERS = "UPDATE issue_offer SET ends_at = $1 WHERE ends_at > $1";
    END_REFRESH = "DELETE FROM issue_refresh";
    RESTORED = "INSERT INTO issue_restored (at, nonces_until) VALUES ($1, $2)
        ON CONFLICT (at) DO UPDATE SET nonces_until = excluded.nonces_until";
    CLOSE_LISTS = "UPDATE issue_list SET restored_at = $1, version = version + 1 WHERE restored_at IS NULL";
    FRESH_LISTS = "INSERT INTO issue_list (id, version, root, issuer)
        SELECT CAST($1 AS BIGINT) + row_number() OVER (ORDER BY issuer, root), 1, root, issuer
        FROM (SELECT DISTINCT root, issuer FROM issue_list WHERE root IS NOT NULL) known";
    NUMBERS_FROM = "INSERT INTO issue_list (id, version, restored_at) VALUES ($1, 1, $2)";
    IS_CLOSED = "SELECT restored_at FROM issue_list WHERE id = $1";
    KNOWN = "SELECT place FROM issue_copy WHERE place > $1 AND place < $2 ORDER BY place LIMIT $3";
}

/// Ends every offer, with its access token, and every refresh token.
pub(crate) async fn end_tokens(tx: &mut Tx<'_>, now: Instant) -> Result<(), Error> {
    tx.execute(&END_OFFERS, params![now]).await?;
    tx.execute(&END_REFRESH, params![]).await.map(drop)
}

/// Takes every nonce that expires by `until` for used.
pub(crate) async fn use_every_nonce(tx: &mut Tx<'_>, now: Instant, until: Instant) -> Result<(), Error> {
    tx.execute(&RESTORED, params![now, until]).await.map(drop)
}

/// Closes every list, and begins one for each issuer and root. Their numbers are above every number that may have been
/// given: a list is begun less often than once a second, so none was as high as the seconds that have passed.
pub(crate) async fn fresh_lists(tx: &mut Tx<'_>, now: Instant) -> Result<(), Error> {
    let above = super::last_list(tx).await?.max(now.secs());
    tx.execute(&CLOSE_LISTS, params![now]).await?;
    if tx.execute(&FRESH_LISTS, params![above]).await? == 0 {
        // There was none, but one may have been begun since: the next is numbered after this one, which stays empty.
        tx.execute(&NUMBERS_FROM, params![above, now]).await?;
    }
    Ok(())
}

/// The indices of a closed list that are known; `None` if the list is not closed.
pub(crate) async fn known_of_closed(tx: &mut Tx<'_>, list: i64) -> Result<Option<Vec<i64>>, Error> {
    let closed = tx.optional(&IS_CLOSED, params![list]).await?.map(|row| row.opt_int(0)).transpose()?;
    if closed.flatten().is_none() {
        return Ok(None);
    }
    let mut all: Vec<i64> = Vec::new();
    loop {
        let after = all.last().copied().unwrap_or(-1);
        let rows =
            tx.all(&KNOWN, params![place(list, after), place(list + 1, 0), super::STATUSES_AT_ONCE]).await?;
        for row in &rows {
            all.push(index(row.int(0)?).idx);
        }
        if i64::try_from(rows.len()).is_ok_and(|n| n < super::STATUSES_AT_ONCE) {
            return Ok(Some(all));
        }
    }
}
