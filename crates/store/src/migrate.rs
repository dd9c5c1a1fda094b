//! Migrations: one text for both engines, applied once, never changed afterwards.
//!
//! A migration is a script of `CREATE TABLE`, `CREATE INDEX`, `ALTER TABLE`, `DROP` and statements on rows. Its column
//! types are `TEXT`, `BIGINT` and `BYTEA`. Each engine gets the text with these changes:
//!
//! | written | `SQLite` | `PostgreSQL` |
//! |---|---|---|
//! | `CREATE TABLE … (…)` | `CREATE TABLE … (…) STRICT` | – |
//! | `BIGINT` | `INT` (not `INTEGER`, whose primary keys fill themselves) | – |
//! | `BYTEA` | `BLOB` (an unknown type's name would mean a number) | – |
//! | `TEXT` | – | `TEXT COLLATE "C"` (order by code point) |
//!
//! After each migration the schema that came out is checked for other column types, before it is committed.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::{
    Config, Error, ErrorKind, Row, Store, Tx, jobs, postgres, ready,
    sql::{Piece, has_bare_like, is_portable, pieces},
    sqlite,
};

/// A change of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// `feature_nnn_what`, unique: lower case, digits, underscores.
    pub name: &'static str,
    /// The script; never changed once a release carried it.
    pub sql: &'static str,
}

/// This crate's own, which come before all others.
const OWN: &[Migration] = &[jobs::MIGRATION, ready::MIGRATION];

/// Where it is written which were applied.
const REGISTER: &str = "CREATE TABLE IF NOT EXISTS store_migration
    (name TEXT PRIMARY KEY, digest BYTEA NOT NULL, applied_at BIGINT NOT NULL)";

/// Stands in the register of a database whose installation was moved: the digest says where to.
pub(crate) const MOVED: &str = "moved";
/// Stands in the register while a copy is written into the database.
pub(crate) const UNFINISHED: &str = "unfinished";
/// Names that no migration has. A program that does not know them refuses them as unknown migrations.
pub(crate) const MARKS: [&str; 2] = [MOVED, UNFINISHED];

crate::statements! {
    /// Which migrations were applied, with the digests of their texts.
    APPLIED = "SELECT name, digest FROM store_migration";
    /// One was applied. The time is the database's own, as nothing is ever decided by it.
    APPLY = "INSERT INTO store_migration (name, digest, applied_at) VALUES ($1, $2, $3)";
    /// Marks the database.
    PUT_MARK = "INSERT INTO store_migration (name, digest, applied_at) VALUES ($1, $2, 0)
        ON CONFLICT (name) DO UPDATE SET digest = excluded.digest";
    /// Takes a mark away.
    UNMARK = "DELETE FROM store_migration WHERE name = $1";
}

/// A migration in the words of both engines.
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) digest: [u8; 32],
    sql: &'static str,
}

/// The dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Script {
    /// Its statements for one engine.
    pub(crate) fn statements(&self, dialect: Dialect) -> Result<Vec<String>, Error> {
        translate(self.sql, dialect).map_err(|why| refused(self.name, &why))
    }
}

/// This crate's migrations and then these, checked.
pub(crate) fn all(migrations: &[Migration]) -> Result<Vec<Script>, Error> {
    let mut scripts: Vec<Script> = Vec::new();
    for m in OWN.iter().chain(migrations) {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if m.name.is_empty() || !m.name.bytes().all(plain) {
            return Err(refused(m.name, "a name has lower case letters, digits and underscores"));
        }
        if scripts.iter().any(|s| s.name == m.name) || MARKS.contains(&m.name) {
            return Err(refused(m.name, "there are two of this name"));
        }
        let script = Script { name: m.name, digest: Sha256::digest(m.sql).into(), sql: m.sql };
        script.statements(Dialect::Sqlite)?;
        script.statements(Dialect::Postgres)?;
        scripts.push(script);
    }
    Ok(scripts)
}

pub(crate) fn refused(name: &str, why: &str) -> Error {
    Error::new(ErrorKind::Migration, format!("{name}: {why}"))
}

/// The statement that makes the register, for one engine.
pub(crate) fn register(dialect: Dialect) -> Result<String, Error> {
    translate(REGISTER, dialect).map(|s| s.concat()).map_err(|why| refused("store_migration", &why))
}

/// Names and digests of those that were applied.
pub(crate) fn applied(rows: &[Row]) -> Result<Vec<(String, Vec<u8>)>, Error> {
    rows.iter().map(|r| Ok((r.text(0)?.to_owned(), r.bytes(1)?.to_vec()))).collect()
}

/// What is still to be applied, in order; refused when what was applied differs from what this program knows.
pub(crate) fn missing<'a>(
    scripts: &'a [Script],
    applied: &[(String, Vec<u8>)],
) -> Result<Vec<&'a Script>, Error> {
    match mark_among(applied) {
        Some((mark, to)) if mark == MOVED => return Err(Error::new(ErrorKind::Moved, format!("to {to}"))),
        Some(_) => return Err(unfinished()),
        None => {}
    }
    let known: HashMap<&str, &Script> = scripts.iter().map(|s| (s.name, s)).collect();
    for (name, digest) in applied {
        match known.get(name.as_str()) {
            None => return Err(refused(name, "applied by a newer program, unknown to this one")),
            Some(script) if script.digest.as_slice() != digest.as_slice() => {
                return Err(refused(name, "its text was changed after it was applied"));
            }
            Some(_) => {}
        }
    }
    Ok(scripts.iter().filter(|s| !applied.iter().any(|(name, _)| name == s.name)).collect())
}

/// Applies what is missing, also to a database that bears the mark `despite`.
pub(crate) async fn run(
    config: &Config,
    scripts: Vec<Script>,
    despite: Option<&'static str>,
) -> Result<Vec<String>, Error> {
    match config {
        Config::Sqlite { path } => sqlite::migrate(path.clone(), scripts, despite).await,
        Config::Postgres { url } => postgres::migrate(url.clone(), scripts, despite).await,
    }
}

/// The mark among the applied, and what stands beside it.
pub(crate) fn mark_among(applied: &[(String, Vec<u8>)]) -> Option<(String, String)> {
    let (name, beside) = applied.iter().find(|(name, _)| MARKS.contains(&name.as_str()))?;
    Some((name.clone(), String::from_utf8_lossy(beside).into_owned()))
}

pub(crate) fn unfinished() -> Error {
    Error::new(ErrorKind::Unfinished, "")
}

/// The first of the scripts that is still to be applied.
pub(crate) fn next<'a>(
    scripts: &'a [Script],
    rows: &[Row],
    despite: Option<&str>,
) -> Result<Option<&'a Script>, Error> {
    let mut applied = applied(rows)?;
    applied.retain(|(name, _)| Some(name.as_str()) != despite);
    Ok(missing(scripts, &applied)?.first().copied())
}

/// Refuses a database to which not exactly these migrations were applied.
pub(crate) async fn refuse_unmigrated(store: &Store, migrations: &[Migration]) -> Result<(), Error> {
    let scripts = all(migrations)?;
    let done = store
        .read(async |tx: &mut Tx<'_>| tx.all(&APPLIED, &[]).await.and_then(|rows| applied(&rows)))
        .await
        .map_err(|e| match e.kind() {
            // The register itself is not there.
            ErrorKind::Statement => Error::new(ErrorKind::NotMigrated, "it is empty"),
            _ => e,
        })?;
    match missing(&scripts, &done)?.first() {
        None => Ok(()),
        Some(script) => Err(Error::new(ErrorKind::NotMigrated, format!("{} is missing", script.name))),
    }
}

/// Words that mean different things, or nothing, on one of the engines; `DEFERRABLE` because a constraint that fails
/// at the commit would take the other writes of the same commit with it.
const REFUSED: &[&str] = &[
    "AUTOINCREMENT",
    "BLOB",
    "BOOLEAN",
    "COLLATE",
    "CONCURRENTLY",
    "DEFERRABLE",
    "INT",
    "INTEGER",
    "NUMERIC",
    "REAL",
    "ROWID",
    "SERIAL",
    "BIGSERIAL",
    "STRICT",
    "TRIGGER",
    "VARCHAR",
    "VIEW",
];

/// The statements of a script in the words of one engine.
fn translate(script: &str, dialect: Dialect) -> Result<Vec<String>, String> {
    if !is_portable(script, true) {
        return Err(
            "the two engines read this text differently (comments are `--`, no parameters)".to_owned()
        );
    }
    if has_bare_like(script) {
        return Err("LIKE needs ESCAPE".to_owned());
    }
    let all = pieces(script);
    all.split(|p| *p == Piece::Other(";")).filter_map(|s| one(s, dialect).transpose()).collect()
}

/// One statement, or `None` if there is only white space and comments.
fn one(pieces: &[Piece<'_>], dialect: Dialect) -> Result<Option<String>, String> {
    let words: Vec<String> = pieces
        .iter()
        .filter_map(|p| if let Piece::Word(w) = p { Some(w.to_ascii_uppercase()) } else { None })
        .collect();
    let starts = |with: &[&str]| words.len() >= with.len() && with.iter().zip(&words).all(|(a, b)| a == b);
    let is_blank = |p: &Piece<'_>| match p {
        Piece::Other(c) => c.trim().is_empty(),
        Piece::Opaque(t) => t.starts_with("--"),
        _ => false,
    };
    if pieces.iter().all(is_blank) {
        return Ok(None);
    }
    if let Some(word) = words.iter().find(|w| REFUSED.contains(&w.as_str())) {
        return Err(format!("{word} is not portable"));
    }
    let create_table = starts(&["CREATE", "TABLE"]);
    let columns = create_table || starts(&["ALTER", "TABLE"]);
    let others: &[&[&str]] = &[
        &["CREATE", "INDEX"],
        &["CREATE", "UNIQUE", "INDEX"],
        &["DROP", "TABLE"],
        &["DROP", "INDEX"],
        &["INSERT", "INTO"],
        &["UPDATE"],
        &["DELETE", "FROM"],
    ];
    if !columns && !others.iter().any(|with| starts(with)) {
        let start = words.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(" ");
        return Err(format!("a migration cannot say {start}"));
    }
    let end = pieces.iter().rposition(|p| !is_blank(p)).map_or(0, |last| last + 1);
    if create_table && pieces.get(end.saturating_sub(1)) != Some(&Piece::Other(")")) {
        return Err("CREATE TABLE ends with the closing bracket of its columns".to_owned());
    }
    let mut out = String::new();
    let mut before = "";
    for piece in pieces.iter().take(end) {
        let (Piece::Word(text) | Piece::Param(text) | Piece::Opaque(text) | Piece::Other(text)) = *piece;
        let Piece::Word(word) = *piece else {
            out.push_str(text);
            continue;
        };
        out.push_str(match (dialect, word.to_ascii_uppercase().as_str()) {
            (Dialect::Sqlite, "BIGINT") => "INT",
            (Dialect::Sqlite, "BYTEA") => "BLOB",
            (Dialect::Postgres, "TEXT") if columns && !before.eq_ignore_ascii_case("AS") => {
                "TEXT COLLATE \"C\""
            }
            _ => word,
        });
        before = word;
    }
    if create_table && dialect == Dialect::Sqlite {
        out.push_str(" STRICT");
    }
    Ok(Some(out.trim().to_owned()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
