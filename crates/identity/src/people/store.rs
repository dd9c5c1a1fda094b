//! The rows of people.

use store::{Error, Tx, params};

use crate::record::store::Statements;

store::statements! {
    INSERT_PERSON = "INSERT INTO identity_person
        (id, version, number, birthdate, attributes, request, registered_at, changed_at)
        VALUES ($1, 1, $2, $3, $4, $5, $6, $6)";
    UPDATE_PERSON = "UPDATE identity_person
        SET version = $2, number = $3, birthdate = $4, attributes = $5, changed_at = $6
        WHERE id = $1 AND version = $7";
    INSERT_VERSION = "INSERT INTO identity_version (person, version, attributes, actor, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    DELETE_WORDS = "DELETE FROM identity_person_word WHERE person = $1";
    INSERT_WORD = "INSERT INTO identity_person_word (word, person) VALUES ($1, $2)";
    PERSON = "SELECT id, version, attributes, registered_at, changed_at FROM identity_person WHERE id = $1";
    PERSON_BY_REQUEST = "SELECT id, version, attributes, registered_at, changed_at
        FROM identity_person WHERE request = $1";
    PERSON_BY_NUMBER = "SELECT id, version, attributes, registered_at, changed_at
        FROM identity_person WHERE number = $1";
    VERSIONS = "SELECT version, attributes, actor, reason, at FROM identity_version
        WHERE person = $1 ORDER BY version";
    PEOPLE_BY_BIRTHDATE = "SELECT id, version, attributes, registered_at, changed_at
        FROM identity_person WHERE birthdate = $1 AND id > $2 ORDER BY id LIMIT $3";
    PEOPLE_BY_WORDS = "SELECT s.id, s.version, s.attributes, s.registered_at, s.changed_at
        FROM identity_person s
        WHERE s.id IN (SELECT a.person FROM identity_person_word a
                WHERE a.word >= $1 AND a.word < $2 AND a.person > $7
                  AND EXISTS (SELECT 1 FROM identity_person_word b
                    WHERE b.person = a.person AND b.word >= $3 AND b.word < $4)
                  AND EXISTS (SELECT 1 FROM identity_person_word c
                    WHERE c.person = a.person AND c.word >= $5 AND c.word < $6))
        ORDER BY s.id LIMIT $8";
    COUNT_PEOPLE = "SELECT count(*) FROM identity_person";
}

/// The statements, as `record` calls them.
pub(crate) static SQL: Statements = Statements {
    insert: &INSERT_PERSON,
    update: &UPDATE_PERSON,
    insert_version: &INSERT_VERSION,
    delete_words: &DELETE_WORDS,
    insert_word: &INSERT_WORD,
    get: &PERSON,
    by_request: &PERSON_BY_REQUEST,
    by_number: &PERSON_BY_NUMBER,
    also_by: &PEOPLE_BY_BIRTHDATE,
    by_words: &PEOPLE_BY_WORDS,
    versions: &VERSIONS,
};

pub(crate) async fn count(tx: &mut Tx<'_>) -> Result<i64, Error> {
    tx.one(&COUNT_PEOPLE, params![]).await?.int(0)
}
