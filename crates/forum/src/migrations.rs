//! The tables of the forum, in the order in which they are made. Each part adds its own at the end.

use store::Migration;

/// The tables of this feature.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "forum_001_circulars_and_calls",
        sql: "
CREATE TABLE forum_circular (
    id BIGINT PRIMARY KEY,
    symbol TEXT NOT NULL UNIQUE,
    dated TEXT NOT NULL,
    signatory TEXT NOT NULL,
    addressees TEXT NOT NULL,
    copies TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    annexes TEXT NOT NULL,
    contact TEXT NOT NULL,
    amends BIGINT REFERENCES forum_circular (id),
    drafted_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX forum_circular_amends ON forum_circular (amends);
CREATE INDEX forum_circular_sent ON forum_circular (sent_at, id);
CREATE TABLE forum_call (
    id BIGINT PRIMARY KEY,
    symbol TEXT NOT NULL UNIQUE,
    circular BIGINT REFERENCES forum_circular (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    introduction TEXT NOT NULL,
    audience TEXT NOT NULL,
    languages TEXT NOT NULL,
    form BIGINT NOT NULL,
    opens BIGINT NOT NULL,
    closes BIGINT NOT NULL,
    zone TEXT NOT NULL,
    wording TEXT NOT NULL,
    grace_ms BIGINT NOT NULL,
    modify_until BIGINT,
    party_limit BIGINT,
    policy TEXT NOT NULL,
    contact TEXT NOT NULL,
    documents TEXT NOT NULL,
    stage TEXT NOT NULL,
    stage_at BIGINT NOT NULL,
    stage_reason TEXT,
    published_at BIGINT,
    considered_item TEXT
);
CREATE INDEX forum_call_circular ON forum_call (circular);
CREATE INDEX forum_call_closes ON forum_call (closes, id);
CREATE TABLE forum_form (
    call BIGINT NOT NULL REFERENCES forum_call (id),
    version BIGINT NOT NULL,
    form TEXT NOT NULL,
    PRIMARY KEY (call, version)
);
CREATE TABLE forum_extension (
    call BIGINT NOT NULL REFERENCES forum_call (id),
    number BIGINT NOT NULL,
    from_instant BIGINT NOT NULL,
    from_zone TEXT NOT NULL,
    from_wording TEXT NOT NULL,
    to_instant BIGINT NOT NULL,
    to_zone TEXT NOT NULL,
    to_wording TEXT NOT NULL,
    reason TEXT NOT NULL,
    extended_at BIGINT NOT NULL,
    PRIMARY KEY (call, number)
);
CREATE TABLE forum_act (
    id BIGINT PRIMARY KEY,
    about TEXT NOT NULL,
    subject BIGINT NOT NULL,
    act TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    leaf BIGINT,
    done_at BIGINT NOT NULL
);
CREATE INDEX forum_act_subject ON forum_act (about, subject, done_at, id);
",
    },
    Migration {
        // Nothing here refers to a submission by a foreign key: `PostgreSQL` looks for what is referred to, and two writes
        // at once that look where the other inserts are in each other's way.
        name: "forum_002_submissions",
        sql: "
CREATE TABLE forum_submission (
    id BIGINT PRIMARY KEY,
    call BIGINT NOT NULL REFERENCES forum_call (id),
    request TEXT NOT NULL,
    digest BYTEA NOT NULL,
    form_version BIGINT NOT NULL,
    lang TEXT NOT NULL,
    class TEXT NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    country TEXT NOT NULL,
    region TEXT NOT NULL,
    person TEXT,
    capacity TEXT,
    standing TEXT NOT NULL,
    credential TEXT,
    party BYTEA NOT NULL,
    leaf BIGINT NOT NULL,
    supersedes BIGINT,
    received_at BIGINT NOT NULL,
    in_grace BIGINT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT,
    superseded_by BIGINT,
    UNIQUE (call, request)
);
CREATE INDEX forum_submission_party ON forum_submission (call, party);
CREATE INDEX forum_submission_state ON forum_submission (call, state, received_at, id);
CREATE INDEX forum_submission_supersedes ON forum_submission (supersedes);
CREATE TABLE forum_document (
    submission BIGINT PRIMARY KEY,
    canonical BYTEA NOT NULL,
    files TEXT NOT NULL,
    evidence BYTEA,
    scan BYTEA,
    recorded_by TEXT
);
CREATE TABLE forum_answered (
    submission BIGINT NOT NULL,
    question TEXT NOT NULL,
    PRIMARY KEY (submission, question)
);
CREATE TABLE forum_translation (
    submission BIGINT NOT NULL,
    lang TEXT NOT NULL,
    answers TEXT NOT NULL,
    summary TEXT,
    original BYTEA NOT NULL,
    translated_at BIGINT NOT NULL,
    PRIMARY KEY (submission, lang)
);
CREATE TABLE forum_contact (
    id BIGINT PRIMARY KEY,
    about TEXT NOT NULL,
    subject BIGINT NOT NULL,
    mail TEXT NOT NULL,
    lang TEXT NOT NULL
);
CREATE INDEX forum_contact_subject ON forum_contact (about, subject);
CREATE TABLE forum_place (
    call BIGINT NOT NULL REFERENCES forum_call (id),
    party BYTEA NOT NULL,
    taken BIGINT NOT NULL,
    PRIMARY KEY (call, party)
);
CREATE TABLE forum_count (
    call BIGINT NOT NULL REFERENCES forum_call (id),
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    shard BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (call, facet, value, shard)
);
",
    },
    Migration {
        // What everybody may read: a submission has rows here while it is published. The index of each filter has what the
        // other filters look at, so that it is walked alone.
        name: "forum_003_listed",
        sql: "
CREATE TABLE forum_listed (
    call BIGINT NOT NULL REFERENCES forum_call (id),
    received_at BIGINT NOT NULL,
    submission BIGINT NOT NULL,
    class TEXT NOT NULL,
    region TEXT NOT NULL,
    country TEXT NOT NULL,
    lang TEXT NOT NULL,
    folded TEXT NOT NULL,
    PRIMARY KEY (call, received_at, submission)
);
CREATE INDEX forum_listed_submission ON forum_listed (submission);
CREATE INDEX forum_listed_class ON forum_listed (call, class, received_at, submission, region, country, lang, folded);
CREATE INDEX forum_listed_region ON forum_listed (call, region, received_at, submission, class, country, lang, folded);
CREATE INDEX forum_listed_country ON forum_listed (call, country, received_at, submission, class, region, lang, folded);
CREATE INDEX forum_listed_lang ON forum_listed (call, lang, received_at, submission, class, region, country, folded);
CREATE TABLE forum_listed_answer (
    call BIGINT NOT NULL REFERENCES forum_call (id),
    question TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    submission BIGINT NOT NULL,
    PRIMARY KEY (call, question, received_at, submission)
);
CREATE INDEX forum_listed_answer_submission ON forum_listed_answer (submission);
",
    },
    Migration {
        // What is being written, and files: each once, by its digest, in parts.
        name: "forum_020_taking_part",
        sql: "
CREATE TABLE forum_draft (
    browser BYTEA NOT NULL,
    call BIGINT NOT NULL REFERENCES forum_call (id),
    content TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (browser, call)
);
CREATE INDEX forum_draft_expires_at ON forum_draft (expires_at);
CREATE TABLE forum_signing (
    request BIGINT PRIMARY KEY,
    browser BYTEA NOT NULL,
    call BIGINT NOT NULL REFERENCES forum_call (id),
    symbol TEXT NOT NULL,
    content TEXT NOT NULL,
    digest BYTEA NOT NULL,
    drafted BIGINT NOT NULL,
    withdraws BIGINT,
    submission BIGINT,
    refused TEXT,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX forum_signing_browser ON forum_signing (browser, asked_at);
CREATE INDEX forum_signing_expires_at ON forum_signing (expires_at);
CREATE TABLE forum_pending (
    id BIGINT PRIMARY KEY,
    browser BYTEA NOT NULL,
    call BIGINT NOT NULL REFERENCES forum_call (id),
    symbol TEXT NOT NULL,
    content TEXT NOT NULL,
    submission BIGINT,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX forum_pending_expires_at ON forum_pending (expires_at);
CREATE TABLE forum_sent (
    browser BYTEA NOT NULL,
    submission BIGINT NOT NULL,
    call BIGINT NOT NULL REFERENCES forum_call (id),
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (browser, submission)
);
CREATE INDEX forum_sent_expires_at ON forum_sent (expires_at);
CREATE TABLE forum_file (
    digest BYTEA PRIMARY KEY,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    public_name TEXT,
    expires_at BIGINT
);
CREATE TABLE forum_file_use (
    digest BYTEA NOT NULL,
    submission BIGINT NOT NULL REFERENCES forum_submission (id),
    name TEXT NOT NULL,
    PRIMARY KEY (digest, submission)
);
CREATE TABLE forum_file_part (
    digest BYTEA NOT NULL REFERENCES forum_file (digest),
    part BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (digest, part)
);
CREATE INDEX forum_file_expires_at ON forum_file (expires_at);
",
    },
    Migration { name: "forum_301_notices", sql: crate::notice::store::TABLES },
    Migration {
        // The link of a meeting, apart from everything that is shown.
        name: "forum_004_join_links",
        sql: "
CREATE TABLE forum_join (
    call BIGINT PRIMARY KEY REFERENCES forum_call (id),
    link TEXT NOT NULL
);
",
    },
    Migration {
        // That a call has opened or closed follows from the clock; here is that it was noted in the log.
        name: "forum_005_passages",
        sql: "
CREATE TABLE forum_passage (
    call BIGINT NOT NULL REFERENCES forum_call (id),
    what TEXT NOT NULL,
    PRIMARY KEY (call, what)
);
",
    },
    Migration { name: "forum_006_addressees", sql: crate::addressee::store::NAMES },
    Migration { name: "forum_302_published", sql: crate::export::store::TABLES },
];
