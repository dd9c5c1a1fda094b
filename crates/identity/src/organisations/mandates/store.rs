//! The rows of mandates.

use base::Instant;
use store::{Error, Row, Tx, params};

use super::ops::{End, Mandate};
use crate::{MandateId, OrganisationId, PersonId};

store::statements! {
    INSERT_MANDATE = "INSERT INTO identity_mandate
        (id, person, organisation, capacity, valid_from, valid_until, recorded_by, recorded_why, recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    END_MANDATE = "UPDATE identity_mandate SET ended_by = $2, ended_why = $3, ended_at = $4
        WHERE id = $1 AND ended_at IS NULL";
    MANDATE = "SELECT id, person, organisation, capacity, valid_from, valid_until,
            recorded_by, recorded_why, recorded_at, ended_by, ended_why, ended_at
        FROM identity_mandate WHERE id = $1";
    MANDATES_OF_PERSON = "SELECT id, person, organisation, capacity, valid_from, valid_until,
            recorded_by, recorded_why, recorded_at, ended_by, ended_why, ended_at
        FROM identity_mandate WHERE person = $1 AND id > $2 ORDER BY id LIMIT $3";
    MANDATES_OF_ORGANISATION = "SELECT id, person, organisation, capacity, valid_from, valid_until,
            recorded_by, recorded_why, recorded_at, ended_by, ended_why, ended_at
        FROM identity_mandate WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3";
    MANDATES_IN_FORCE = "SELECT id, person, organisation, capacity, valid_from, valid_until,
            recorded_by, recorded_why, recorded_at, ended_by, ended_why, ended_at
        FROM identity_mandate
        WHERE person = $1 AND ended_at IS NULL AND valid_from <= $2 AND (valid_until IS NULL OR valid_until >= $2)
        ORDER BY id LIMIT $3";
    SAME_MANDATE = "SELECT 1 FROM identity_mandate
        WHERE person = $1 AND organisation = $2 AND capacity = $3 AND ended_at IS NULL
          AND (CAST($5 AS TEXT) IS NULL OR valid_from <= $5) AND (valid_until IS NULL OR valid_until >= $4)
        LIMIT 1";
}

fn mandate(row: &Row) -> Result<Mandate, Error> {
    let text = |column| row.opt_text(column).map(|t| t.map(str::to_owned));
    Ok(Mandate {
        id: row.id(0)?,
        person: row.id(1)?,
        organisation: row.id(2)?,
        capacity: row.text(3)?.to_owned(),
        valid_from: row.text(4)?.to_owned(),
        valid_until: text(5)?,
        recorded: End { by: row.text(6)?.to_owned(), why: row.text(7)?.to_owned(), at: row.instant(8)? },
        ended: match (text(9)?, text(10)?, row.opt_instant(11)?) {
            (Some(by), Some(why), Some(at)) => Some(End { by, why, at }),
            _ => None,
        },
    })
}

pub(crate) async fn insert(tx: &mut Tx<'_>, m: &Mandate) -> Result<(), Error> {
    let (by, why, at) = (&m.recorded.by, &m.recorded.why, m.recorded.at);
    let params =
        params![m.id, m.person, m.organisation, m.capacity, m.valid_from, m.valid_until, by, why, at];
    tx.execute(&INSERT_MANDATE, params).await.map(drop)
}

/// `false` if there is none, or it was ended before.
pub(crate) async fn end(tx: &mut Tx<'_>, id: MandateId, end: &End) -> Result<bool, Error> {
    Ok(tx.execute(&END_MANDATE, params![id, end.by, end.why, end.at]).await? == 1)
}

pub(crate) async fn get(tx: &mut Tx<'_>, id: MandateId) -> Result<Option<Mandate>, Error> {
    tx.optional(&MANDATE, params![id]).await?.as_ref().map(mandate).transpose()
}

pub(crate) async fn of_person(
    tx: &mut Tx<'_>,
    person: PersonId,
    after: i64,
    limit: i64,
) -> Result<Vec<Mandate>, Error> {
    tx.all(&MANDATES_OF_PERSON, params![person, after, limit]).await?.iter().map(mandate).collect()
}

pub(crate) async fn of_organisation(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    after: i64,
    limit: i64,
) -> Result<Vec<Mandate>, Error> {
    let rows = tx.all(&MANDATES_OF_ORGANISATION, params![organisation, after, limit]).await?;
    rows.iter().map(mandate).collect()
}

/// Those of a person that hold on the day of `at`.
pub(crate) async fn in_force(
    tx: &mut Tx<'_>,
    person: PersonId,
    at: Instant,
    limit: i64,
) -> Result<Vec<Mandate>, Error> {
    tx.all(&MANDATES_IN_FORCE, params![person, at.date(), limit]).await?.iter().map(mandate).collect()
}

/// Whether the person has this capacity already, on a day on which the new one would hold.
pub(crate) async fn has_same(tx: &mut Tx<'_>, m: &Mandate) -> Result<bool, Error> {
    let params = params![m.person, m.organisation, m.capacity, m.valid_from, m.valid_until];
    Ok(tx.optional(&SAME_MANDATE, params).await?.is_some())
}
