//! The rows of imports. People wait here in the form that they will have. Only their words are where they will be:
//! a word finds nobody while the register does not have the person, and there are several words for each person,
//! which would make the one write that switches several times as long.

use base::{
    Instant,
    limits::{IMPORT_FAULTS_MAX, IMPORT_LIFETIME_S, IMPORT_STEP_ROWS},
};
use store::{Error, Row, ToValue, Tx, Value, params};

use super::{
    ops::{Import, Reported, State},
    stage::{Fault, Header, Progress, REQUEST, Staged},
};
use crate::{
    ImportId, PersonId, PersonKind,
    record::{model::Subject, ops::Act},
};

store::statements! {
    INSERT_IMPORT = "INSERT INTO identity_import
        (id, state, actor, request, columns, carry, next_line, parts, rows_received, line_checked, rows_checked,
         faults, staged, created_at)
        VALUES ($1, 'receiving', $2, $3, NULL, $4, 1, 0, 0, 0, 0, 0, 1, $5)";
    IMPORT = "SELECT id, state, actor, columns, carry, next_line, parts, rows_received, line_checked, rows_checked,
            faults, created_at, ended_at
        FROM identity_import WHERE id = $1";
    IMPORT_BY_REQUEST = "SELECT id, state, actor, columns, carry, next_line, parts, rows_received, line_checked,
            rows_checked, faults, created_at, ended_at
        FROM identity_import WHERE request = $1";
    COUNT_OPEN = "SELECT count(*) FROM identity_import
        WHERE state IN ('receiving', 'checking', 'checked') AND created_at > $1";
    UPDATE_IMPORT = "UPDATE identity_import
        SET state = $2, columns = $3, carry = $4, next_line = $5, parts = $6, rows_received = $7,
            line_checked = $8, rows_checked = $9, faults = $10, ended_at = $11
        WHERE id = $1";
    PART = "SELECT sha256 FROM identity_import_part WHERE import = $1 AND part = $2";
    PARTS = "SELECT sha256 FROM identity_import_part WHERE import = $1 ORDER BY part";
    INSERT_PART = "INSERT INTO identity_import_part (import, part, sha256) VALUES ($1, $2, $3)";
    INSERT_ROW = "INSERT INTO identity_import_row
        (import, line, person, number, birthdate, attributes, request) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Up to eight words at once, as most of the statements of an import are about words.
    INSERT_WORDS = "INSERT INTO identity_person_word (word, person)
        SELECT w.word, CAST($1 AS BIGINT) FROM (
            SELECT CAST($2 AS BYTEA) AS word UNION ALL SELECT CAST($3 AS BYTEA)
            UNION ALL SELECT CAST($4 AS BYTEA) UNION ALL SELECT CAST($5 AS BYTEA)
            UNION ALL SELECT CAST($6 AS BYTEA) UNION ALL SELECT CAST($7 AS BYTEA)
            UNION ALL SELECT CAST($8 AS BYTEA) UNION ALL SELECT CAST($9 AS BYTEA)) w
        WHERE w.word IS NOT NULL";
    INSERT_FAULT = "INSERT INTO identity_import_fault (import, line, col, code, name)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (import, line, col, code, name) DO NOTHING";
    FAULTS = "SELECT line, col, code, name FROM identity_import_fault
        WHERE import = $1 ORDER BY line, col, code, name LIMIT $2 OFFSET $3";
    /// How many rows the next step of a check has, and the line of the last of them.
    STEP = "SELECT count(*), max(s.line) FROM
        (SELECT line FROM identity_import_row WHERE import = $1 AND line > $2 ORDER BY line LIMIT $3) s";
    NUMBER_TWICE = "INSERT INTO identity_import_fault (import, line, col, code, name)
        SELECT r.import, r.line, CAST($4 AS BIGINT), 'number_twice', CAST($5 AS TEXT)
        FROM identity_import_row r
        WHERE r.import = $1 AND r.line > $2 AND r.line <= $3 AND r.number IS NOT NULL
          AND EXISTS (SELECT 1 FROM identity_import_row o
            WHERE o.import = r.import AND o.number = r.number AND o.line < r.line)
        ON CONFLICT (import, line, col, code, name) DO NOTHING";
    REQUEST_TWICE = "INSERT INTO identity_import_fault (import, line, col, code, name)
        SELECT r.import, r.line, CAST($4 AS BIGINT), 'request_twice', CAST($5 AS TEXT)
        FROM identity_import_row r
        WHERE r.import = $1 AND r.line > $2 AND r.line <= $3 AND r.request IS NOT NULL
          AND EXISTS (SELECT 1 FROM identity_import_row o
            WHERE o.import = r.import AND o.request = r.request AND o.line < r.line)
        ON CONFLICT (import, line, col, code, name) DO NOTHING";
    NUMBER_TAKEN = "INSERT INTO identity_import_fault (import, line, col, code, name)
        SELECT r.import, r.line, CAST($4 AS BIGINT), 'number_taken', CAST($5 AS TEXT)
        FROM identity_import_row r
        WHERE r.import = $1 AND r.line > $2 AND r.line <= $3 AND r.number IS NOT NULL
          AND EXISTS (SELECT 1 FROM identity_person p WHERE p.number = r.number)
        ON CONFLICT (import, line, col, code, name) DO NOTHING";
    REQUEST_TAKEN = "INSERT INTO identity_import_fault (import, line, col, code, name)
        SELECT r.import, r.line, CAST($4 AS BIGINT), 'request_taken', CAST($5 AS TEXT)
        FROM identity_import_row r
        WHERE r.import = $1 AND r.line > $2 AND r.line <= $3 AND r.request IS NOT NULL
          AND EXISTS (SELECT 1 FROM identity_person p WHERE p.request = r.request)
        ON CONFLICT (import, line, col, code, name) DO NOTHING";
    /// In the order of the table that they go to, which makes it several times faster.
    SWITCH_PEOPLE = "INSERT INTO identity_person
            (id, version, number, birthdate, attributes, request, registered_at, changed_at)
        SELECT person, 1, number, birthdate, attributes, request, CAST($2 AS BIGINT), CAST($2 AS BIGINT)
        FROM identity_import_row WHERE import = $1 ORDER BY person";
    SWITCH_VERSIONS = "INSERT INTO identity_version (person, version, attributes, actor, reason, at)
        SELECT person, 1, attributes, CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT)
        FROM identity_import_row WHERE import = $1 ORDER BY person";
    FORGET_REQUEST = "UPDATE identity_import SET request = NULL WHERE id = $1";
    /// What is over and not erased yet.
    LEFT = "SELECT id, state, actor, columns, carry, next_line, parts, rows_received, line_checked, rows_checked,
            faults, created_at, ended_at
        FROM identity_import
        WHERE staged = 1 AND (state IN ('switched', 'abandoned') OR created_at <= $1) ORDER BY id LIMIT 1";
    ERASE_WORDS = "DELETE FROM identity_person_word
        WHERE person IN (SELECT person FROM identity_import_row WHERE import = $1 AND line <= $2)";
    ERASE_ROWS = "DELETE FROM identity_import_row WHERE import = $1 AND line <= $2";
    ERASE_FAULTS = "DELETE FROM identity_import_fault WHERE import = $1";
    ERASE_PARTS = "DELETE FROM identity_import_part WHERE import = $1";
    ERASED = "UPDATE identity_import SET staged = 0 WHERE id = $1";
}

fn import(row: &Row) -> Result<Import, Error> {
    Ok(Import {
        id: row.id(0)?,
        state: State::from_stored(row.text(1)?),
        actor: row.text(2)?.to_owned(),
        progress: Progress {
            header: Header::from_stored(row.opt_text(3)?),
            carry: row.bytes(4)?.to_vec(),
            next_line: row.int(5)?,
            rows: row.int(7)?,
            faults: row.int(10)?,
        },
        parts: row.int(6)?,
        line_checked: row.int(8)?,
        checked: row.int(9)?,
        created_at: row.instant(11)?,
        ended_at: row.opt_instant(12)?,
    })
}

/// Imports that began before this instant and were not switched are over.
fn oldest(now: Instant) -> Instant {
    now.plus_secs(-IMPORT_LIFETIME_S)
}

fn expire(mut import: Import, now: Instant) -> Import {
    if import.is_open() && import.created_at <= oldest(now) {
        import.state = State::Abandoned;
    }
    import
}

pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    id: ImportId,
    actor: &str,
    request: Option<&str>,
    at: Instant,
) -> Result<(), Error> {
    let nothing: &[u8] = &[];
    tx.execute(&INSERT_IMPORT, params![id, actor, request, nothing, at]).await.map(drop)
}

pub(crate) async fn get(tx: &mut Tx<'_>, id: ImportId, now: Instant) -> Result<Option<Import>, Error> {
    let found = tx.optional(&IMPORT, params![id]).await?.as_ref().map(import).transpose()?;
    Ok(found.map(|i| expire(i, now)))
}

pub(crate) async fn by_request(
    tx: &mut Tx<'_>,
    request: &str,
    now: Instant,
) -> Result<Option<Import>, Error> {
    let found = tx.optional(&IMPORT_BY_REQUEST, params![request]).await?.as_ref().map(import).transpose()?;
    Ok(found.map(|i| expire(i, now)))
}

pub(crate) async fn count_open(tx: &mut Tx<'_>, now: Instant) -> Result<i64, Error> {
    tx.one(&COUNT_OPEN, params![oldest(now)]).await?.int(0)
}

pub(crate) async fn update(tx: &mut Tx<'_>, i: &Import) -> Result<(), Error> {
    let p = &i.progress;
    let (state, columns) = (i.state.code(), p.header.to_stored());
    let params = params![
        i.id,
        state,
        columns,
        p.carry,
        p.next_line,
        i.parts,
        p.rows,
        i.line_checked,
        i.checked,
        p.faults,
        i.ended_at
    ];
    tx.execute(&UPDATE_IMPORT, params).await.map(drop)
}

pub(crate) async fn part(tx: &mut Tx<'_>, id: ImportId, part: i64) -> Result<Option<Vec<u8>>, Error> {
    tx.optional(&PART, params![id, part]).await?.map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
}

/// The digests of all parts, in their order.
pub(super) async fn part_digests(tx: &mut Tx<'_>, id: ImportId) -> Result<Vec<[u8; 32]>, Error> {
    tx.all(&PARTS, params![id]).await?.iter().map(|row| row.array(0)).collect()
}

pub(crate) async fn insert_part(
    tx: &mut Tx<'_>,
    id: ImportId,
    part: i64,
    sha256: &[u8; 32],
) -> Result<(), Error> {
    tx.execute(&INSERT_PART, params![id, part, sha256]).await.map(drop)
}

pub(crate) async fn insert_person(
    tx: &mut Tx<'_>,
    import: ImportId,
    person: PersonId,
    staged: &Staged,
) -> Result<(), Error> {
    let (line, a) = (staged.line, &staged.attributes);
    let (number, birthdate) = (a.text(PersonKind::NUMBER), a.text(PersonKind::ALSO_BY).unwrap_or_default());
    let text = a.to_stored();
    let params = params![import, line, person, number, birthdate, text, staged.request];
    tx.execute(&INSERT_ROW, params).await?;
    let words: Vec<String> = a.words::<PersonKind>().into_iter().collect();
    for eight in words.chunks(8) {
        let mut params = [Value::Null; 9];
        let all = std::iter::once(person.to_value()).chain(eight.iter().map(|w| Value::Bytes(w.as_bytes())));
        params.iter_mut().zip(all).for_each(|(param, value)| *param = value);
        tx.execute(&INSERT_WORDS, &params).await?;
    }
    Ok(())
}

pub(crate) async fn insert_fault(tx: &mut Tx<'_>, import: ImportId, f: &Fault) -> Result<(), Error> {
    let name = f.name.as_deref().unwrap_or_default();
    tx.execute(&INSERT_FAULT, params![import, f.line, f.column, f.code, name]).await.map(drop)
}

pub(crate) async fn faults(
    tx: &mut Tx<'_>,
    import: ImportId,
    skip: i64,
    limit: i64,
) -> Result<Vec<Reported>, Error> {
    let rows = tx.all(&FAULTS, params![import, limit, skip]).await?;
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    rows.iter()
        .map(|r| {
            let column = Some(r.int(1)?).filter(|c| *c > 0);
            Ok(Reported { line: r.int(0)?, column, code: r.text(2)?.to_owned(), name: named(r.text(3)?) })
        })
        .collect()
}

/// Compares the next rows with the file and the register; notes whom there is already. Nothing is left to check when
/// the state is [`State::Checked`].
pub(crate) async fn check_step(tx: &mut Tx<'_>, i: &mut Import) -> Result<(), Error> {
    let step = tx.one(&STEP, params![i.id, i.line_checked, IMPORT_STEP_ROWS]).await?;
    let (rows, to) = (step.int(0)?, step.opt_int(1)?.unwrap_or(i.line_checked));
    let from = i.line_checked;
    note(tx, &NUMBER_TWICE, i, PersonKind::NUMBER, from, to).await?;
    note(tx, &REQUEST_TWICE, i, REQUEST, from, to).await?;
    note_taken(tx, i, from, to).await?;
    i.line_checked = to;
    i.checked = i.checked.saturating_add(rows);
    if rows < IMPORT_STEP_ROWS || i.progress.faults >= IMPORT_FAULTS_MAX {
        i.state = State::Checked;
        // Rows that could not be staged were checked when they came.
        i.checked = i.progress.rows;
    }
    Ok(())
}

/// Notes, among the rows of lines above `from` up to `to`, who is in the register already; answers how many faults.
pub(crate) async fn note_taken(tx: &mut Tx<'_>, i: &mut Import, from: i64, to: i64) -> Result<u64, Error> {
    Ok(note(tx, &NUMBER_TAKEN, i, PersonKind::NUMBER, from, to).await?
        + note(tx, &REQUEST_TAKEN, i, REQUEST, from, to).await?)
}

async fn note(
    tx: &mut Tx<'_>,
    sql: &store::Sql,
    i: &mut Import,
    name: &str,
    from: i64,
    to: i64,
) -> Result<u64, Error> {
    let column = i.progress.header.column(name);
    let noted = tx.execute(sql, params![i.id, from, to, column, name]).await?;
    i.progress.faults = i.progress.faults.saturating_add(i64::try_from(noted).unwrap_or(i64::MAX));
    Ok(noted)
}

/// Moves everybody into the register; answers how many.
pub(crate) async fn switch(tx: &mut Tx<'_>, id: ImportId, act: &Act<'_>) -> Result<u64, Error> {
    let people = tx.execute(&SWITCH_PEOPLE, params![id, act.at]).await?;
    tx.execute(&SWITCH_VERSIONS, params![id, act.actor, act.reason, act.at]).await?;
    Ok(people)
}

/// Lets the same file be imported again.
pub(crate) async fn forget_request(tx: &mut Tx<'_>, id: ImportId) -> Result<(), Error> {
    tx.execute(&FORGET_REQUEST, params![id]).await.map(drop)
}

/// Erases some of what an import that is over has left; `false` when there is nothing.
pub(crate) async fn erase_step(tx: &mut Tx<'_>, now: Instant) -> Result<bool, Error> {
    let Some(row) = tx.optional(&LEFT, params![oldest(now)]).await? else { return Ok(false) };
    let mut left = import(&row)?;
    if left.is_open() {
        left.state = State::Abandoned;
        left.ended_at = Some(now);
        forget_request(tx, left.id).await?;
    }
    left.progress.carry.clear();
    update(tx, &left).await?;
    let step = tx.one(&STEP, params![left.id, 0, IMPORT_STEP_ROWS]).await?;
    if let Some(to) = step.opt_int(1)? {
        if left.state == State::Abandoned {
            tx.execute(&ERASE_WORDS, params![left.id, to]).await?;
        }
        tx.execute(&ERASE_ROWS, params![left.id, to]).await?;
    } else {
        tx.execute(&ERASE_FAULTS, params![left.id]).await?;
        tx.execute(&ERASE_PARTS, params![left.id]).await?;
        tx.execute(&ERASED, params![left.id]).await?;
    }
    Ok(true)
}
