//! Rows in, records out: the same for every kind of subject, whose statements take the same parameters.
//!
//! Words of names are kept as bytes (UTF-8), so that both engines compare them in the same order.

use base::Id;
use store::{Error, Row, Sql, Tx, params};

use super::{
    model::{Attributes, Subject},
    ops::{Act, Record, Version},
};

/// The statements of one kind of subject. Those that find answer id, version, attributes, registered at, changed at.
#[derive(Debug)]
pub struct Statements {
    /// id, number, the other attribute by which they are found, attributes, request, instant.
    pub(crate) insert: &'static Sql,
    /// id, version, number, the other attribute, attributes, instant, version before.
    pub(crate) update: &'static Sql,
    /// id, version, attributes, actor, reason, instant.
    pub(crate) insert_version: &'static Sql,
    /// id.
    pub(crate) delete_words: &'static Sql,
    /// word, id.
    pub(crate) insert_word: &'static Sql,
    /// id.
    pub(crate) get: &'static Sql,
    /// request.
    pub(crate) by_request: &'static Sql,
    /// number.
    pub(crate) by_number: &'static Sql,
    /// The other attribute, after which id, how many.
    pub(crate) also_by: &'static Sql,
    /// Three beginnings of words, each with the end of what begins so; after which id, how many.
    pub(crate) by_words: &'static Sql,
    /// id; answers version, attributes, actor, reason, instant.
    pub(crate) versions: &'static Sql,
}

fn record<S: Subject>(row: &Row) -> Result<Record<S>, Error> {
    Ok(Record {
        id: row.id(0)?,
        version: row.int(1)?,
        attributes: Attributes::from_stored(row.text(2)?),
        registered_at: row.instant(3)?,
        changed_at: row.instant(4)?,
    })
}

pub(crate) async fn insert<S: Subject>(
    tx: &mut Tx<'_>,
    id: Id<S>,
    attributes: &Attributes,
    request: Option<&str>,
    act: &Act<'_>,
) -> Result<(), Error> {
    let text = attributes.to_stored();
    let (number, also) = (attributes.text(S::NUMBER), attributes.text(S::ALSO_BY));
    tx.execute(S::sql().insert, params![id, number, also, text, request, act.at]).await?;
    insert_version(tx, id, 1, &text, act).await?;
    insert_words(tx, id, attributes).await
}

/// Lays version `version` over its predecessor; `false` if that is no longer the current one.
pub(crate) async fn update<S: Subject>(
    tx: &mut Tx<'_>,
    id: Id<S>,
    version: i64,
    attributes: &Attributes,
    act: &Act<'_>,
) -> Result<bool, Error> {
    let text = attributes.to_stored();
    let (number, also) = (attributes.text(S::NUMBER), attributes.text(S::ALSO_BY));
    let changed = tx
        .execute(S::sql().update, params![id, version, number, also, text, act.at, version.saturating_sub(1)])
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    insert_version(tx, id, version, &text, act).await?;
    tx.execute(S::sql().delete_words, params![id]).await?;
    insert_words(tx, id, attributes).await?;
    Ok(true)
}

async fn insert_version<S: Subject>(
    tx: &mut Tx<'_>,
    id: Id<S>,
    version: i64,
    text: &str,
    act: &Act<'_>,
) -> Result<(), Error> {
    let params = params![id, version, text, act.actor, act.reason, act.at];
    tx.execute(S::sql().insert_version, params).await.map(drop)
}

async fn insert_words<S: Subject>(tx: &mut Tx<'_>, id: Id<S>, attributes: &Attributes) -> Result<(), Error> {
    for word in attributes.words::<S>() {
        tx.execute(S::sql().insert_word, params![word.as_bytes(), id]).await?;
    }
    Ok(())
}

pub(crate) async fn get<S: Subject>(tx: &mut Tx<'_>, id: Id<S>) -> Result<Option<Record<S>>, Error> {
    tx.optional(S::sql().get, params![id]).await?.as_ref().map(record).transpose()
}

pub(crate) async fn by_request<S: Subject>(
    tx: &mut Tx<'_>,
    request: &str,
) -> Result<Option<Record<S>>, Error> {
    tx.optional(S::sql().by_request, params![request]).await?.as_ref().map(record).transpose()
}

pub(crate) async fn by_number<S: Subject>(tx: &mut Tx<'_>, number: &str) -> Result<Option<Record<S>>, Error> {
    tx.optional(S::sql().by_number, params![number]).await?.as_ref().map(record).transpose()
}

pub(crate) async fn also_by<S: Subject>(
    tx: &mut Tx<'_>,
    value: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Record<S>>, Error> {
    tx.all(S::sql().also_by, params![value, after, limit]).await?.iter().map(record).collect()
}

/// How many beginnings of words a search compares; [`by_words`] has that many conditions.
pub(crate) const WORDS_MAX: usize = 3;

/// Those who have, for each of `beginnings`, a word that begins so. Empty beginnings hold for everybody.
pub(crate) async fn by_words<S: Subject>(
    tx: &mut Tx<'_>,
    beginnings: &[String; WORDS_MAX],
    after: i64,
    limit: i64,
) -> Result<Vec<Record<S>>, Error> {
    // UTF-8 has no byte 0xff, so this bound lies above every word that begins so and below all others.
    let ends = beginnings.each_ref().map(|b| [b.as_bytes(), &[0xff]].concat());
    let [a, b, c] = beginnings.each_ref().map(String::as_bytes);
    let [a_end, b_end, c_end] = ends.each_ref().map(Vec::as_slice);
    tx.all(S::sql().by_words, params![a, a_end, b, b_end, c, c_end, after, limit])
        .await?
        .iter()
        .map(record)
        .collect()
}

pub(crate) async fn versions<S: Subject>(tx: &mut Tx<'_>, id: Id<S>) -> Result<Vec<Version>, Error> {
    let rows = tx.all(S::sql().versions, params![id]).await?;
    rows.iter()
        .map(|row| {
            Ok(Version {
                version: row.int(0)?,
                attributes: Attributes::from_stored(row.text(1)?),
                actor: row.text(2)?.to_owned(),
                reason: row.text(3)?.to_owned(),
                at: row.instant(4)?,
            })
        })
        .collect()
}
