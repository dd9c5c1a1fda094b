//! The table of sessions: a digest of the secret, who, what they may do, until when.

use ::store::{Error, Migration, Row, Tx, params};
use base::{
    Instant,
    limits::{CLOCK_STEP_S, SESSION_IDLE_S, SESSION_SEEN_S, SESSIONS_PER_SUBJECT_MAX},
};

use super::{Holder, PartyClaim, Role, Session, SessionId, Subject};

/// The table of sessions.
pub(crate) const MIGRATIONS: [Migration; 1] = [Migration {
    name: "web_002_sessions",
    sql: "
CREATE TABLE web_session (
    id BIGINT PRIMARY KEY,
    token_sha256 BYTEA NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    shown_name TEXT,
    roles TEXT NOT NULL,
    organisation_id TEXT,
    organisation_name TEXT,
    capacity TEXT,
    country TEXT,
    signed_in_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX web_session_subject ON web_session (subject, signed_in_at);
CREATE INDEX web_session_organisation ON web_session (organisation_id, capacity);
CREATE INDEX web_session_seen_at ON web_session (seen_at);
CREATE INDEX web_session_expires_at ON web_session (expires_at);
",
}];

::store::statements! {
    INSERT = "INSERT INTO web_session (id, token_sha256, subject, shown_name, roles, organisation_id,
        organisation_name, capacity, country, signed_in_at, seen_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    FIND = "SELECT id, subject, shown_name, roles, organisation_id, organisation_name, capacity, country,
        signed_in_at, seen_at, expires_at FROM web_session WHERE token_sha256 = $1";
    OF_SUBJECT = "SELECT id, subject, shown_name, roles, organisation_id, organisation_name, capacity, country,
        signed_in_at, seen_at, expires_at FROM web_session WHERE subject = $1
        ORDER BY signed_in_at DESC, id LIMIT $2";
    SEEN = "UPDATE web_session SET seen_at = $2 WHERE id = $1";
    END = "DELETE FROM web_session WHERE id = $1 AND subject = $2";
    END_ONE = "DELETE FROM web_session WHERE id = $1";
    END_OLDEST = "DELETE FROM web_session WHERE subject = $1 AND id NOT IN (
        SELECT id FROM web_session WHERE subject = $1 ORDER BY signed_in_at DESC, id LIMIT $2)";
    END_SUBJECT = "DELETE FROM web_session WHERE subject = $1";
    END_MANDATE = "DELETE FROM web_session WHERE organisation_id = $1 AND capacity = $2";
    END_EVERYONE = "DELETE FROM web_session";
    ERASE = "DELETE FROM web_session WHERE id IN (
        SELECT id FROM web_session WHERE expires_at <= $1 OR seen_at <= $2 OR signed_in_at > $3 LIMIT $4)";
}

/// Whether it is long enough ago that it was last written down.
pub(super) fn is_worth_noting(seen_at: Instant, now: Instant) -> bool {
    now >= seen_at.plus_secs(SESSION_SEEN_S) || now < seen_at.plus_secs(-SESSION_SEEN_S)
}

pub(super) async fn insert(tx: &mut Tx<'_>, session: &Session, token_sha256: &[u8; 32]) -> Result<(), Error> {
    let roles = session.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ");
    let party = session.party.as_ref();
    tx.execute(
        &INSERT,
        params![
            session.id,
            token_sha256.as_slice(),
            session.subject.as_str(),
            session.shown_name.as_deref(),
            roles,
            party.map(|p| p.organisation_id.as_str()),
            party.map(|p| p.organisation_name.as_str()),
            party.map(|p| p.capacity.as_str()),
            party.and_then(|p| p.country.as_deref()),
            session.signed_in_at,
            session.seen_at,
            session.expires_at
        ],
    )
    .await?;
    tx.execute(&END_OLDEST, params![session.subject.as_str(), SESSIONS_PER_SUBJECT_MAX]).await.map(drop)
}

pub(super) async fn find(tx: &mut Tx<'_>, token_sha256: &[u8; 32]) -> Result<Option<Session>, Error> {
    tx.optional(&FIND, params![token_sha256.as_slice()]).await?.as_ref().map(session).transpose()
}

pub(super) async fn of_subject(tx: &mut Tx<'_>, subject: &Subject) -> Result<Vec<Session>, Error> {
    let rows = tx.all(&OF_SUBJECT, params![subject.as_str(), SESSIONS_PER_SUBJECT_MAX]).await?;
    rows.iter().map(session).collect()
}

pub(super) async fn seen(tx: &mut Tx<'_>, id: SessionId, now: Instant) -> Result<(), Error> {
    tx.execute(&SEEN, params![id, now]).await.map(drop)
}

pub(super) async fn end(tx: &mut Tx<'_>, subject: &Subject, id: SessionId) -> Result<bool, Error> {
    tx.execute(&END, params![id, subject.as_str()]).await.map(|rows| rows == 1)
}

pub(super) async fn end_one(tx: &mut Tx<'_>, id: SessionId) -> Result<bool, Error> {
    tx.execute(&END_ONE, params![id]).await.map(|rows| rows == 1)
}

pub(super) async fn end_all(tx: &mut Tx<'_>, holder: &Holder) -> Result<u64, Error> {
    match holder {
        Holder::Subject(subject) => tx.execute(&END_SUBJECT, params![subject.as_str()]).await,
        Holder::Mandate { organisation_id, capacity } => {
            tx.execute(&END_MANDATE, params![organisation_id.as_str(), capacity.as_str()]).await
        }
    }
}

pub(super) async fn end_everyone(tx: &mut Tx<'_>) -> Result<(), Error> {
    tx.execute(&END_EVERYONE, params![]).await.map(drop)
}

pub(super) async fn erase(tx: &mut Tx<'_>, now: Instant, rows: i64) -> Result<u64, Error> {
    let (idle, ahead) = (now.plus_secs(-SESSION_IDLE_S), now.plus_secs(CLOCK_STEP_S));
    tx.execute(&ERASE, params![now, idle, ahead, rows]).await
}

fn session(row: &Row) -> Result<Session, Error> {
    let text = |column| row.opt_text(column).map(|t| t.map(str::to_owned));
    let party = match (text(4)?, text(5)?, text(6)?) {
        (Some(organisation_id), Some(organisation_name), Some(capacity)) => {
            Some(PartyClaim { organisation_id, organisation_name, capacity, country: text(7)? })
        }
        _ => None,
    };
    Ok(Session {
        id: row.id(0)?,
        subject: Subject::from_kept(row.text(1)?.to_owned()),
        shown_name: text(2)?,
        roles: row.text(3)?.split_whitespace().filter_map(Role::from_name).collect(),
        party,
        signed_in_at: row.instant(8)?,
        seen_at: row.instant(9)?,
        expires_at: row.instant(10)?,
    })
}
