//! The tables of the register: SQL in, people out. The only file of this crate with SQL.
//!
//! Words of names are kept as bytes (UTF-8), so that both engines compare them in the same order.

use base::Instant;
use serde_json::{Map, Value};
use store::{Error, Migration, Tx, params};

use super::{
    model::Attributes,
    ops::{Person, Version},
};
use crate::PersonId;

/// The tables of this feature.
pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "identity_001_people",
    sql: "
CREATE TABLE identity_person (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    number TEXT UNIQUE,
    birthdate TEXT NOT NULL,
    attributes TEXT NOT NULL,
    request TEXT UNIQUE,
    registered_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX identity_person_birthdate ON identity_person (birthdate, id);
CREATE TABLE identity_version (
    person BIGINT NOT NULL REFERENCES identity_person (id),
    version BIGINT NOT NULL,
    attributes TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (person, version)
);
CREATE TABLE identity_word (
    word BYTEA NOT NULL,
    person BIGINT NOT NULL REFERENCES identity_person (id),
    PRIMARY KEY (person, word)
);
CREATE INDEX identity_word_word ON identity_word (word, person);
",
}];

store::statements! {
    INSERT_PERSON = "INSERT INTO identity_person
        (id, version, number, birthdate, attributes, request, registered_at, changed_at)
        VALUES ($1, 1, $2, $3, $4, $5, $6, $6)";
    UPDATE_PERSON = "UPDATE identity_person
        SET version = $2, number = $3, birthdate = $4, attributes = $5, changed_at = $6
        WHERE id = $1 AND version = $7";
    INSERT_VERSION = "INSERT INTO identity_version (person, version, attributes, actor, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    DELETE_WORDS = "DELETE FROM identity_word WHERE person = $1";
    INSERT_WORD = "INSERT INTO identity_word (word, person) VALUES ($1, $2)";
    PERSON = "SELECT id, version, attributes, registered_at, changed_at FROM identity_person WHERE id = $1";
    PERSON_BY_REQUEST = "SELECT id, version, attributes, registered_at, changed_at
        FROM identity_person WHERE request = $1";
    PERSON_BY_NUMBER = "SELECT id, version, attributes, registered_at, changed_at
        FROM identity_person WHERE number = $1";
    VERSIONS = "SELECT version, attributes, actor, reason, at FROM identity_version
        WHERE person = $1 ORDER BY version";
    PEOPLE_BY_BIRTHDATE = "SELECT id, version, attributes, registered_at, changed_at
        FROM identity_person WHERE birthdate = $1 AND id > $2 ORDER BY id LIMIT $3";
    PEOPLE_BY_WORDS = "SELECT p.id, p.version, p.attributes, p.registered_at, p.changed_at
        FROM identity_person p
        WHERE p.id IN (SELECT a.person FROM identity_word a
                WHERE a.word >= $1 AND a.word < $2 AND a.person > $7
                  AND EXISTS (SELECT 1 FROM identity_word b
                    WHERE b.person = a.person AND b.word >= $3 AND b.word < $4)
                  AND EXISTS (SELECT 1 FROM identity_word c
                    WHERE c.person = a.person AND c.word >= $5 AND c.word < $6))
        ORDER BY p.id LIMIT $8";
    COUNT_PEOPLE = "SELECT count(*) FROM identity_person";
}

fn person(row: &store::Row) -> Result<Person, Error> {
    Ok(Person {
        id: PersonId::from_i64(row.int(0)?),
        version: row.int(1)?,
        attributes: attributes(row.text(2)?),
        registered_at: Instant::from_ms(row.int(3)?),
        changed_at: Instant::from_ms(row.int(4)?),
    })
}

/// Our own column, written by us; what cannot be read is shown as a person of whom nothing is known.
fn attributes(text: &str) -> Attributes {
    Attributes::from_stored(serde_json::from_str(text).unwrap_or_default())
}

fn to_text(map: &Map<String, Value>) -> String {
    // Maps of JSON values have text keys only, so this cannot fail.
    serde_json::to_string(map).unwrap_or_default()
}

/// Who did it, why and when: kept with every version.
pub(crate) struct Act<'a> {
    pub(crate) actor: &'a str,
    pub(crate) reason: &'a str,
    pub(crate) at: Instant,
}

pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    id: PersonId,
    attributes: &Attributes,
    request: Option<&str>,
    act: &Act<'_>,
) -> Result<(), Error> {
    let text = to_text(attributes.as_map());
    let number = attributes.text("personal_administrative_number");
    let birthdate = attributes.text("birthdate").unwrap_or_default();
    tx.execute(&INSERT_PERSON, params![id.as_i64(), number, birthdate, text.as_str(), request, act.at.ms()])
        .await?;
    insert_version(tx, id, 1, &text, act).await?;
    insert_words(tx, id, attributes).await
}

/// Lays version `version` over its predecessor; `false` if that is no longer the current one.
pub(crate) async fn update(
    tx: &mut Tx<'_>,
    id: PersonId,
    version: i64,
    attributes: &Attributes,
    act: &Act<'_>,
) -> Result<bool, Error> {
    let text = to_text(attributes.as_map());
    let number = attributes.text("personal_administrative_number");
    let birthdate = attributes.text("birthdate").unwrap_or_default();
    let before = version - 1;
    let changed = tx
        .execute(
            &UPDATE_PERSON,
            params![id.as_i64(), version, number, birthdate, text.as_str(), act.at.ms(), before],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    insert_version(tx, id, version, &text, act).await?;
    tx.execute(&DELETE_WORDS, params![id.as_i64()]).await?;
    insert_words(tx, id, attributes).await?;
    Ok(true)
}

async fn insert_version(
    tx: &mut Tx<'_>,
    id: PersonId,
    version: i64,
    text: &str,
    act: &Act<'_>,
) -> Result<(), Error> {
    tx.execute(&INSERT_VERSION, params![id.as_i64(), version, text, act.actor, act.reason, act.at.ms()])
        .await
        .map(drop)
}

async fn insert_words(tx: &mut Tx<'_>, id: PersonId, attributes: &Attributes) -> Result<(), Error> {
    for word in attributes.words() {
        tx.execute(&INSERT_WORD, params![word.as_bytes(), id.as_i64()]).await?;
    }
    Ok(())
}

pub(crate) async fn get(tx: &mut Tx<'_>, id: PersonId) -> Result<Option<Person>, Error> {
    tx.optional(&PERSON, params![id.as_i64()]).await?.as_ref().map(person).transpose()
}

pub(crate) async fn by_request(tx: &mut Tx<'_>, request: &str) -> Result<Option<Person>, Error> {
    tx.optional(&PERSON_BY_REQUEST, params![request]).await?.as_ref().map(person).transpose()
}

pub(crate) async fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<Person>, Error> {
    tx.optional(&PERSON_BY_NUMBER, params![number]).await?.as_ref().map(person).transpose()
}

pub(crate) async fn by_birthdate(
    tx: &mut Tx<'_>,
    birthdate: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Person>, Error> {
    tx.all(&PEOPLE_BY_BIRTHDATE, params![birthdate, after, limit]).await?.iter().map(person).collect()
}

/// How many beginnings of words a search compares; [`by_words`] has that many conditions.
pub(crate) const WORDS_MAX: usize = 3;

/// People who have, for each of `beginnings`, a word that begins so. Empty beginnings hold for everybody.
pub(crate) async fn by_words(
    tx: &mut Tx<'_>,
    beginnings: &[String; WORDS_MAX],
    after: i64,
    limit: i64,
) -> Result<Vec<Person>, Error> {
    // UTF-8 has no byte 0xff, so this bound lies above every word that begins so and below all others.
    let ends = beginnings.each_ref().map(|b| [b.as_bytes(), &[0xff]].concat());
    let [a, b, c] = beginnings.each_ref().map(String::as_bytes);
    let [a_end, b_end, c_end] = ends.each_ref().map(Vec::as_slice);
    tx.all(&PEOPLE_BY_WORDS, params![a, a_end, b, b_end, c, c_end, after, limit])
        .await?
        .iter()
        .map(person)
        .collect()
}

pub(crate) async fn versions(tx: &mut Tx<'_>, id: PersonId) -> Result<Vec<Version>, Error> {
    let rows = tx.all(&VERSIONS, params![id.as_i64()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Version {
                version: row.int(0)?,
                attributes: attributes(row.text(1)?),
                actor: row.text(2)?.to_owned(),
                reason: row.text(3)?.to_owned(),
                at: Instant::from_ms(row.int(4)?),
            })
        })
        .collect()
}

pub(crate) async fn count(tx: &mut Tx<'_>) -> Result<i64, Error> {
    tx.one(&COUNT_PEOPLE, params![]).await?.int(0)
}
