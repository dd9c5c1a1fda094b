//! Half a list at once, for tests.

use super::{Error, Tx, params};

::store::statements! {
    OLD_LIST = "INSERT INTO issue_list (id, version) VALUES ($1, 1)";
    ONE = "INSERT INTO issue_credential (id, person, type, status, issued_at, expires_at, issued_by)
        VALUES (1, 1, 'pid', 0, 0, 0, 'test') ON CONFLICT (id) DO NOTHING";
    FILL = "INSERT INTO issue_copy (place, credential)
        WITH RECURSIVE n (idx) AS (
            SELECT CAST($1 AS BIGINT) UNION ALL SELECT idx + $3 FROM n WHERE idx + $3 < CAST($2 AS BIGINT))
        SELECT 16777216 + idx, 1 FROM n WHERE idx >= 0 ON CONFLICT (place) DO NOTHING";
}

/// Gives every `step`-th index of list 1, from `from` up to and without `to`, to a credential of nobody.
pub(crate) async fn list(tx: &mut Tx<'_>, root: &[u8], from: i64, to: i64, step: i64) -> Result<(), Error> {
    super::insert_list(tx, "", 1, root).await?;
    tx.execute(&ONE, params![]).await?;
    tx.execute(&FILL, params![from, to, step]).await.map(drop)
}

/// A list as it was made before lists remembered their root.
pub(crate) async fn old_list(tx: &mut Tx<'_>, list: i64) -> Result<(), Error> {
    tx.execute(&OLD_LIST, params![list]).await.map(drop)
}
