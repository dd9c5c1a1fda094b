//! The rows of the history.

use store::{Error, Tx, params};

use super::{About, ActDone};

store::statements! {
    INSERT_ACT = "INSERT INTO forum_act (id, about, subject, act, actor, reason, leaf, done_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ACTS = "SELECT id, act, actor, reason, leaf, done_at FROM forum_act
        WHERE about = $1 AND subject = $2 ORDER BY done_at DESC, id DESC LIMIT $3";
}

pub(crate) async fn insert(tx: &mut Tx<'_>, about: About, subject: i64, a: &ActDone) -> Result<(), Error> {
    let params = params![a.id, about, subject, a.act, a.actor, a.reason, a.leaf, a.done_at];
    tx.execute(&INSERT_ACT, params).await.map(drop)
}

/// The history of one thing, the oldest first; of a long one the last `limit`.
pub(crate) async fn of(
    tx: &mut Tx<'_>,
    about: About,
    subject: i64,
    limit: i64,
) -> Result<Vec<ActDone>, Error> {
    let rows = tx.all(&ACTS, params![about, subject, limit]).await?;
    rows.iter()
        .rev()
        .map(|row| {
            Ok(ActDone {
                id: row.id(0)?,
                act: row.text(1)?.to_owned(),
                actor: row.text(2)?.to_owned(),
                reason: row.opt_text(3)?.map(str::to_owned),
                leaf: row.opt_id(4)?,
                done_at: row.instant(5)?,
            })
        })
        .collect()
}
