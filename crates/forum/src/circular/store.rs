//! The rows of circulars.

use base::Instant;
use store::{Error, Row, Tx, params};

use super::model::{Circular, NewCircular};
use crate::{CircularId, stored};

store::statements! {
    INSERT_CIRCULAR = "INSERT INTO forum_circular (id, symbol, dated, signatory, addressees, copies, subject, body,
            annexes, contact, amends, drafted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (symbol) DO NOTHING";
    UPDATE_CIRCULAR = "UPDATE forum_circular SET dated = $2, signatory = $3, addressees = $4, copies = $5, subject = $6,
            body = $7, annexes = $8, contact = $9, amends = $10
        WHERE id = $1";
    SEND_CIRCULAR = "UPDATE forum_circular SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL";
    CIRCULAR = "SELECT c.id, c.symbol, c.dated, c.signatory, c.addressees, c.copies, c.subject, c.body, c.annexes,
            c.contact, a.symbol, c.sent_at
        FROM forum_circular c LEFT JOIN forum_circular a ON a.id = c.amends WHERE c.symbol = $1";
    CIRCULARS_SENT = "SELECT c.id, c.symbol, c.dated, c.signatory, c.addressees, c.copies, c.subject, c.body, c.annexes,
            c.contact, a.symbol, c.sent_at
        FROM forum_circular c LEFT JOIN forum_circular a ON a.id = c.amends
        WHERE c.sent_at < $1 ORDER BY c.sent_at DESC, c.id DESC LIMIT $2";
    CIRCULARS = "SELECT c.id, c.symbol, c.dated, c.signatory, c.addressees, c.copies, c.subject, c.body, c.annexes,
            c.contact, a.symbol, c.sent_at
        FROM forum_circular c LEFT JOIN forum_circular a ON a.id = c.amends ORDER BY c.drafted_at DESC, c.id LIMIT $1";
    CIRCULAR_ID = "SELECT id, sent_at FROM forum_circular WHERE symbol = $1";
    CALLS_OF_CIRCULAR = "SELECT symbol FROM forum_call WHERE circular = $1 AND stage <> 'draft' ORDER BY opens, id";
    AMENDED_BY = "SELECT symbol FROM forum_circular WHERE amends = $1 AND sent_at IS NOT NULL ORDER BY sent_at, id";
}

fn circular(row: &Row) -> Result<Circular, Error> {
    Ok(Circular {
        id: row.id(0)?,
        said: NewCircular {
            symbol: row.text(1)?.to_owned(),
            dated: row.text(2)?.to_owned(),
            signatory: row.text(3)?.to_owned(),
            addressees: row.read(4, stored::parse)?,
            copies: row.read(5, stored::parse)?,
            subject: row.read(6, stored::parse)?,
            text: row.read(7, stored::parse)?,
            annexes: row.read(8, stored::parse_files)?,
            contact: row.text(9)?.to_owned(),
            amends: row.opt_text(10)?.map(str::to_owned),
        },
        sent_at: row.opt_instant(11)?,
        opens: Vec::new(),
        amended_by: Vec::new(),
    })
}

/// `false` if the symbol is taken.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    id: CircularId,
    c: &NewCircular,
    amends: Option<CircularId>,
    at: Instant,
) -> Result<bool, Error> {
    Ok(tx
        .execute(
            &INSERT_CIRCULAR,
            params![
                id,
                c.symbol,
                c.dated,
                c.signatory,
                stored::json(&c.addressees),
                stored::json(&c.copies),
                stored::json(&c.subject),
                stored::json(&c.text),
                stored::files_json(&c.annexes),
                c.contact,
                amends,
                at
            ],
        )
        .await?
        == 1)
}

pub(crate) async fn update(
    tx: &mut Tx<'_>,
    id: CircularId,
    c: &NewCircular,
    amends: Option<CircularId>,
) -> Result<(), Error> {
    tx.execute(
        &UPDATE_CIRCULAR,
        params![
            id,
            c.dated,
            c.signatory,
            stored::json(&c.addressees),
            stored::json(&c.copies),
            stored::json(&c.subject),
            stored::json(&c.text),
            stored::files_json(&c.annexes),
            c.contact,
            amends
        ],
    )
    .await
    .map(drop)
}

/// `false` if it was sent before.
pub(crate) async fn send(tx: &mut Tx<'_>, id: CircularId, at: Instant) -> Result<bool, Error> {
    Ok(tx.execute(&SEND_CIRCULAR, params![id, at]).await? == 1)
}

/// With the calls that it opens and what amends it.
pub(crate) async fn get(tx: &mut Tx<'_>, symbol: &str) -> Result<Option<Circular>, Error> {
    let Some(row) = tx.optional(&CIRCULAR, params![symbol]).await? else { return Ok(None) };
    let mut found = circular(&row)?;
    let symbols = |rows: Vec<Row>| -> Result<Vec<String>, Error> {
        rows.iter().map(|row| row.text(0).map(str::to_owned)).collect()
    };
    found.opens = symbols(tx.all(&CALLS_OF_CIRCULAR, params![found.id]).await?)?;
    found.amended_by = symbols(tx.all(&AMENDED_BY, params![found.id]).await?)?;
    Ok(Some(found))
}

/// Its id, and whether it was sent.
pub(crate) async fn id_of(tx: &mut Tx<'_>, symbol: &str) -> Result<Option<(CircularId, bool)>, Error> {
    let row = tx.optional(&CIRCULAR_ID, params![symbol]).await?;
    row.map(|row| Ok((row.id(0)?, row.opt_int(1)?.is_some()))).transpose()
}

/// Those that were sent before `before`, the newest first, without what they open.
pub(crate) async fn sent(tx: &mut Tx<'_>, before: Instant, limit: i64) -> Result<Vec<Circular>, Error> {
    tx.all(&CIRCULARS_SENT, params![before, limit]).await?.iter().map(circular).collect()
}

/// All, drafts too, the newest first.
pub(crate) async fn all(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Circular>, Error> {
    tx.all(&CIRCULARS, params![limit]).await?.iter().map(circular).collect()
}
