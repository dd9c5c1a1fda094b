//! The tables of the register.

use store::Migration;

/// The tables of this feature.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
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
    },
    Migration {
        name: "identity_002_organisations",
        sql: "
CREATE TABLE identity_organisation (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL,
    attributes TEXT NOT NULL,
    request TEXT UNIQUE,
    registered_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX identity_organisation_country ON identity_organisation (country, id);
CREATE TABLE identity_organisation_version (
    organisation BIGINT NOT NULL REFERENCES identity_organisation (id),
    version BIGINT NOT NULL,
    attributes TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organisation, version)
);
CREATE TABLE identity_organisation_word (
    word BYTEA NOT NULL,
    organisation BIGINT NOT NULL REFERENCES identity_organisation (id),
    PRIMARY KEY (organisation, word)
);
CREATE INDEX identity_organisation_word_word ON identity_organisation_word (word, organisation);
CREATE TABLE identity_mandate (
    id BIGINT PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES identity_person (id),
    organisation BIGINT NOT NULL REFERENCES identity_organisation (id),
    capacity TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT,
    recorded_by TEXT NOT NULL,
    recorded_why TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_why TEXT,
    ended_at BIGINT
);
CREATE INDEX identity_mandate_person ON identity_mandate (person, id);
CREATE INDEX identity_mandate_organisation ON identity_mandate (organisation, id);
",
    },
    Migration {
        // The words of people who wait in an import are there before the people are.
        name: "identity_003_words_before_people",
        sql: "
CREATE TABLE identity_person_word (
    word BYTEA NOT NULL,
    person BIGINT NOT NULL,
    PRIMARY KEY (person, word)
);
INSERT INTO identity_person_word (word, person) SELECT word, person FROM identity_word;
DROP TABLE identity_word;
CREATE INDEX identity_person_word_word ON identity_person_word (word, person);
",
    },
    Migration {
        name: "identity_004_imports",
        sql: "
CREATE TABLE identity_import (
    id BIGINT PRIMARY KEY,
    state TEXT NOT NULL,
    actor TEXT NOT NULL,
    request TEXT UNIQUE,
    columns TEXT,
    carry BYTEA NOT NULL,
    next_line BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    rows_received BIGINT NOT NULL,
    line_checked BIGINT NOT NULL,
    rows_checked BIGINT NOT NULL,
    faults BIGINT NOT NULL,
    staged BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE TABLE identity_import_part (
    import BIGINT NOT NULL REFERENCES identity_import (id),
    part BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    PRIMARY KEY (import, part)
);
CREATE TABLE identity_import_row (
    import BIGINT NOT NULL REFERENCES identity_import (id),
    line BIGINT NOT NULL,
    person BIGINT NOT NULL,
    number TEXT,
    birthdate TEXT NOT NULL,
    attributes TEXT NOT NULL,
    request TEXT,
    PRIMARY KEY (import, line)
);
CREATE INDEX identity_import_row_number ON identity_import_row (import, number, line);
CREATE INDEX identity_import_row_request ON identity_import_row (import, request, line);
CREATE TABLE identity_import_fault (
    import BIGINT NOT NULL REFERENCES identity_import (id),
    line BIGINT NOT NULL,
    col BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (import, line, col, code, name)
);
",
    },
    crate::login::store::MIGRATIONS[0],
    crate::login::store::MIGRATIONS[1],
];
