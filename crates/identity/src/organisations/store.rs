//! The rows of organisations.

use crate::record::store::Statements;

store::statements! {
    INSERT_ORGANISATION = "INSERT INTO identity_organisation
        (id, version, number, country, attributes, request, registered_at, changed_at)
        VALUES ($1, 1, $2, $3, $4, $5, $6, $6)";
    UPDATE_ORGANISATION = "UPDATE identity_organisation
        SET version = $2, number = $3, country = $4, attributes = $5, changed_at = $6
        WHERE id = $1 AND version = $7";
    INSERT_VERSION = "INSERT INTO identity_organisation_version (organisation, version, attributes, actor, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    DELETE_WORDS = "DELETE FROM identity_organisation_word WHERE organisation = $1";
    INSERT_WORD = "INSERT INTO identity_organisation_word (word, organisation) VALUES ($1, $2)";
    ORGANISATION = "SELECT id, version, attributes, registered_at, changed_at FROM identity_organisation WHERE id = $1";
    ORGANISATION_BY_REQUEST = "SELECT id, version, attributes, registered_at, changed_at
        FROM identity_organisation WHERE request = $1";
    ORGANISATION_BY_NUMBER = "SELECT id, version, attributes, registered_at, changed_at
        FROM identity_organisation WHERE number = $1";
    VERSIONS = "SELECT version, attributes, actor, reason, at FROM identity_organisation_version
        WHERE organisation = $1 ORDER BY version";
    ORGANISATIONS_BY_COUNTRY = "SELECT id, version, attributes, registered_at, changed_at
        FROM identity_organisation WHERE country = $1 AND id > $2 ORDER BY id LIMIT $3";
    ORGANISATIONS_BY_WORDS = "SELECT s.id, s.version, s.attributes, s.registered_at, s.changed_at
        FROM identity_organisation s
        WHERE s.id IN (SELECT a.organisation FROM identity_organisation_word a
                WHERE a.word >= $1 AND a.word < $2 AND a.organisation > $7
                  AND EXISTS (SELECT 1 FROM identity_organisation_word b
                    WHERE b.organisation = a.organisation AND b.word >= $3 AND b.word < $4)
                  AND EXISTS (SELECT 1 FROM identity_organisation_word c
                    WHERE c.organisation = a.organisation AND c.word >= $5 AND c.word < $6))
        ORDER BY s.id LIMIT $8";
}

/// The statements, as `record` calls them.
pub(crate) static SQL: Statements = Statements {
    insert: &INSERT_ORGANISATION,
    update: &UPDATE_ORGANISATION,
    insert_version: &INSERT_VERSION,
    delete_words: &DELETE_WORDS,
    insert_word: &INSERT_WORD,
    get: &ORGANISATION,
    by_request: &ORGANISATION_BY_REQUEST,
    by_number: &ORGANISATION_BY_NUMBER,
    also_by: &ORGANISATIONS_BY_COUNTRY,
    by_words: &ORGANISATIONS_BY_WORDS,
    versions: &VERSIONS,
};
