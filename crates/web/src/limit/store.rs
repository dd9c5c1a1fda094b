//! What was counted, in one table: of whom (a keyed digest), how much, until when, and whether it is too much.

use ::store::{Error, Migration, Tx, params};
use base::Instant;

use super::{Count, Key};

/// The table of limits.
pub(crate) const MIGRATIONS: [Migration; 1] = [Migration {
    name: "web_001_limits",
    sql: "
CREATE TABLE web_limit (
    key BYTEA PRIMARY KEY,
    counted BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    is_over BIGINT NOT NULL
);
CREATE INDEX web_limit_ends_at ON web_limit (ends_at);
CREATE INDEX web_limit_over ON web_limit (ends_at) WHERE is_over = 1;
",
}];

::store::statements! {
    FIND = "SELECT counted, ends_at FROM web_limit WHERE key = $1";
    PUT = "INSERT INTO web_limit (key, counted, ends_at, is_over) VALUES ($1, $2, $3, $4)
        ON CONFLICT (key) DO UPDATE SET counted = excluded.counted, ends_at = excluded.ends_at,
            is_over = excluded.is_over";
    OVER = "SELECT key, ends_at FROM web_limit WHERE is_over = 1 AND ends_at > $1 ORDER BY ends_at DESC LIMIT $2";
    DELETE_ENDED = "DELETE FROM web_limit WHERE key IN (
        SELECT key FROM web_limit WHERE ends_at <= $1 OR ends_at > $2 ORDER BY ends_at LIMIT $3)";
}

pub(super) async fn find(tx: &mut Tx<'_>, key: &Key) -> Result<Option<Count>, Error> {
    let Some(row) = tx.optional(&FIND, params![key.as_slice()]).await? else { return Ok(None) };
    Ok(Some(Count { counted: row.int(0)?, ends_at: Instant::from_ms(row.int(1)?) }))
}

pub(super) async fn put(tx: &mut Tx<'_>, key: &Key, count: &Count, is_over: bool) -> Result<(), Error> {
    let key = key.as_slice();
    tx.execute(&PUT, params![key, count.counted, count.ends_at, is_over]).await.map(drop)
}

/// Who is refused after `now`, at most `rows`.
pub(super) async fn over(tx: &mut Tx<'_>, now: Instant, rows: usize) -> Result<Vec<(Key, Instant)>, Error> {
    let rows = tx.all(&OVER, params![now, i64::try_from(rows).unwrap_or(i64::MAX)]).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        // Our own column, written by us.
        let Ok(key) = Key::try_from(row.bytes(0)?) else { continue };
        all.push((key, Instant::from_ms(row.int(1)?)));
    }
    Ok(all)
}

/// Deletes what ended by `now`, and what ends later than anything can; answers how many there were.
pub(super) async fn delete_ended(
    tx: &mut Tx<'_>,
    now: Instant,
    latest: Instant,
    rows: i64,
) -> Result<u64, Error> {
    tx.execute(&DELETE_ENDED, params![now, latest, rows]).await
}
