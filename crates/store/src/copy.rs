//! A whole database at once: out of it, into another, or both, row for row.
//!
//! Read in this order: here, what can be done; [`catalogue`] (which tables there are, and in which order they are
//! filled), [`encode`] (a row as bytes, the same on both engines), `side` (a connection to either engine).
//!
//! The digest of a table is the SHA-256 of its rows, encoded, in the order of its primary key. Both engines order
//! numbers, texts and bytes alike, so a table that was copied has the digest of the one that it came from.
//!
//! # What may not happen
//!
//! - A database that is half filled is never taken for a whole one: before the first row comes in, it is marked, and
//!   every [`Store::open`] refuses it until [`finish`] takes the mark away. Whoever died in between begins again.
//! - Nobody uses a database while it is filled or moved: [`load`] and [`transfer`] have it alone. On `SQLite` that is
//!   the file's exclusive lock; on `PostgreSQL` an advisory lock, which every connection of a program holds shared.
//! - After a move nobody goes on at the old place: it is marked too, before the mark of the new one is taken away.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};

pub mod catalogue;
pub mod encode;
mod side;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests;

pub use self::{
    catalogue::{Column, ColumnKind, Table},
    side::Place,
};
use self::{encode::Rows, side::Side};
use crate::{
    Config, Error, ErrorKind, Migration, Row, Sql, Store, Tx,
    migrate::{self, Script},
    postgres,
    row::Cell,
    sqlite::on_a_thread,
};

/// How many rows are written at once.
const ROWS_AT_ONCE: usize = 500;
/// How many rows a commit carries while a database is filled: its log stays short.
const ROWS_A_COMMIT: u64 = 20_000;

/// What a table holds, as it can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Which.
    pub table: Table,
    /// How many rows.
    pub rows: u64,
    /// How long they are, encoded, bytes.
    pub bytes: u64,
    /// SHA-256 of the encoded rows in the order of the primary key.
    pub sha256: [u8; 32],
}

/// A migration that was applied: its name and the SHA-256 of its text.
pub type Applied = (String, [u8; 32]);

/// A whole database, without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// In the order of their names.
    pub migrations: Vec<Applied>,
    /// In an order in which they can be filled.
    pub tables: Vec<Contents>,
}

/// Why a database was not copied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The database itself.
    #[error(transparent)]
    Store(#[from] Error),
    /// Somebody has it open.
    #[error("the {0} database is in use: stop every server and command that has it open")]
    InUse(Place),
    /// It has rows that a copy would mix with.
    #[error("the destination is not empty: it has rows in {0}")]
    NotEmpty(String),
    /// It was moved already.
    #[error("this installation was moved to {0}")]
    Moved(String),
    /// A migration that this program does not have, or has with another text.
    #[error(
        "the migration {0} is not known to this program as it was applied: use the release that applied it"
    )]
    Migration(String),
    /// The copy has other tables or columns than its migrations make.
    #[error("{0} is not as the migrations make it")]
    TablesDiffer(String),
    /// The rows are not those that were counted and digested.
    #[error("the rows of {0} are not those that were written")]
    Damaged(String),
    /// What was written does not read back as what was to be written.
    #[error("the rows of {0} did not arrive as they were sent")]
    Unverified(String),
    /// Where rows are written to or read from.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Reads every table in one consistent view, while others go on writing, and writes its encoded rows to what `open`
/// answers. The database must be one that [`Store::open`] would open.
pub async fn export<W, F>(config: &Config, migrations: &[Migration], open: F) -> Result<Summary, CopyError>
where
    W: Write,
    F: FnMut(&Table) -> io::Result<W> + Send + 'static,
{
    let (config, scripts, mut open) = (config.clone(), migrate::all(migrations)?, open);
    alone(move || {
        let mut source = Side::open(&config)?;
        source.begin_snapshot()?;
        if source.mark()?.is_some_and(|(mark, _)| mark == migrate::UNFINISHED) {
            return Err(migrate::unfinished().into());
        }
        let applied = source.migrations()?;
        if let Some(first) = migrate::missing(&scripts, &applied)?.first() {
            return Err(Error::new(ErrorKind::NotMigrated, format!("{} is missing", first.name)).into());
        }
        let mut contents = Vec::new();
        for table in catalogue::in_order(source.tables()?)? {
            let mut writer = open(&table)?;
            contents.push(digest(&mut source, table, &mut |bytes| writer.write_all(bytes))?);
            writer.flush()?;
        }
        Ok(Summary { migrations: digests(applied)?, tables: contents })
    })
    .await
}

/// Fills an empty database with the rows that `open` reads, and compares what came with `expected` before and after it was
/// written. It is applied the migrations that the rows were written under; [`finish`] brings the rest.
///
/// A database that an earlier call left unfinished is emptied first.
pub async fn load<R, F>(
    config: &Config,
    migrations: &[Migration],
    expected: Summary,
    open: F,
) -> Result<Vec<Contents>, CopyError>
where
    R: Read,
    F: FnMut(&Table) -> io::Result<R> + Send + 'static,
{
    let scripts = those(migrations, &expected.migrations)?;
    let (config, mut open) = (config.clone(), open);
    alone(move || {
        let mut destination = prepared(&config, scripts)?;
        let tables = catalogue::in_order(destination.tables()?)?;
        same_tables(&tables, &expected.tables)?;
        let mut done = Vec::new();
        for table in tables {
            let wanted = find(&expected.tables, &table.name)?;
            let mut rows = Rows::new(open(&table)?, &table);
            let mut filling = Filling::of(&mut destination, &table)?;
            while let Some(row) = rows.next_row()? {
                filling.row(row).map_err(|e| no_row(e, &table))?;
            }
            let came = filling.end().map_err(|e| no_row(e, &table))?;
            if came != *wanted {
                return Err(CopyError::Damaged(table.name));
            }
            verify(&mut destination, &came)?;
            done.push(came);
        }
        Ok(done)
    })
    .await
}

/// Copies every row to an empty database, verifies each table there, and marks the source as moved: no program opens
/// it any more. The destination stays marked until [`finish`].
///
/// The same call again goes on from wherever an earlier one ended; after the end it answers
/// [`CopyError::Moved`].
pub async fn transfer(
    from: &Config,
    to: &Config,
    migrations: &[Migration],
) -> Result<Vec<Contents>, CopyError> {
    let (from, to, migrations) = (from.clone(), to.clone(), migrations.to_vec());
    alone(move || {
        let mut source = Side::open_alone(&from, Place::Source)?;
        let went = match source.mark()? {
            Some((mark, place)) if mark == migrate::MOVED && place == to.name() => true,
            Some((mark, place)) if mark == migrate::MOVED => return Err(CopyError::Moved(place)),
            Some(_) => return Err(migrate::unfinished().into()),
            None => false,
        };
        let applied = source.migrations()?;
        if let Some(first) = migrate::missing(&migrate::all(&migrations)?, &applied)?.first() {
            return Err(Error::new(ErrorKind::NotMigrated, format!("{} is missing", first.name)).into());
        }
        // Moved already, and then interrupted before the end, or not.
        if went && Side::open_alone(&to, Place::Destination)?.mark()?.is_none() {
            return Err(CopyError::Moved(to.name()));
        }
        let mut destination = prepared(&to, those(&migrations, &digests(applied)?)?)?;
        let there = catalogue::in_order(destination.tables()?)?;
        let mut done = Vec::new();
        for table in catalogue::in_order(source.tables()?)? {
            if !there.contains(&table) {
                return Err(CopyError::TablesDiffer(table.name));
            }
            let mut filling = Filling::of(&mut destination, &table)?;
            source.read(&table, &mut |row| filling.row(row))?;
            let went = filling.end()?;
            verify(&mut destination, &went)?;
            done.push(went);
        }
        source.put_mark(migrate::MOVED, &to.name())?;
        Ok(done)
    })
    .await
}

/// Applies what is missing of the migrations to a database that was filled, lets `last` write what has to be true
/// before anybody uses it, and takes the mark away in the same transaction.
pub async fn finish<E, F>(config: &Config, migrations: &[Migration], last: F) -> Result<(), E>
where
    F: AsyncFn(&mut Tx<'_>) -> Result<(), E> + Send + 'static,
    E: From<Error> + Send + 'static,
{
    migrate::run(config, migrate::all(migrations)?, Some(migrate::UNFINISHED)).await?;
    Store::connect(config)
        .await?
        .write(async move |tx: &mut Tx<'_>| {
            last(tx).await?;
            tx.execute(&migrate::UNMARK, crate::params![migrate::UNFINISHED]).await?;
            Ok(())
        })
        .await
}

/// What every table of a database holds now: to compare two by.
pub async fn summary(config: &Config) -> Result<Summary, CopyError> {
    let config = config.clone();
    alone(move || {
        let mut side = Side::open(&config)?;
        side.begin_snapshot()?;
        let migrations = digests(side.migrations()?)?;
        let tables = catalogue::in_order(side.tables()?)?;
        let tables = tables
            .into_iter()
            .map(|table| digest(&mut side, table, &mut |_| Ok(())))
            .collect::<Result<_, _>>()?;
        Ok(Summary { migrations, tables })
    })
    .await
}

/// What the table's own constraints refuse was never read from such a table.
fn no_row(e: CopyError, table: &Table) -> CopyError {
    use ErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation, Type, UniqueViolation};
    let refused = [CheckViolation, ForeignKeyViolation, NotNullViolation, Type, UniqueViolation];
    match e {
        CopyError::Store(e) if refused.contains(&e.kind()) => CopyError::Damaged(table.name.clone()),
        e => e,
    }
}

/// What a statement without parameters answers, on a connection that can only read.
pub(crate) async fn looked_up(config: &Config, sql: &'static Sql) -> Result<Vec<Row>, CopyError> {
    let config = config.clone();
    alone(move || Ok(Side::open(&config)?.rows(sql)?)).await
}

/// The highest number in any of the columns that are named so, as an instant.
pub(crate) async fn newest(
    config: &Config,
    named: fn(&str) -> bool,
) -> Result<Option<base::Instant>, CopyError> {
    let config = config.clone();
    alone(move || {
        let mut side = Side::open(&config)?;
        let mut newest = None;
        for table in side.tables()? {
            for column in table.columns.iter().filter(|c| c.kind == ColumnKind::Int && named(&c.name)) {
                newest = newest.max(side.highest(&table, &column.name)?);
            }
        }
        Ok(newest.map(base::Instant::from_ms))
    })
    .await
}

/// The length and the SHA-256 of what is read to its end.
pub fn digest_of(mut from: impl Read) -> io::Result<(u64, [u8; 32])> {
    let (mut sha256, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let n = from.read(&mut buffer)?;
        if n == 0 {
            return Ok((bytes, sha256.finalize().into()));
        }
        bytes += n as u64;
        sha256.update(buffer.get(..n).unwrap_or_default());
    }
}

/// Runs what blocks on a thread of its own.
async fn alone<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, CopyError> + Send + 'static,
) -> Result<T, CopyError> {
    on_a_thread(move || Ok(f())).await?
}

/// A database with these migrations and no rows, marked, which nobody else uses.
fn prepared(config: &Config, scripts: Vec<Script>) -> Result<Side, CopyError> {
    // Looked at before anything is changed.
    if let Some(mut existing) = Side::open_existing(config)? {
        refuse_rows(&mut existing)?;
    }
    let known: Vec<Applied> = scripts.iter().map(|s| (s.name.to_owned(), s.digest)).collect();
    postgres::runtime()?.block_on(migrate::run(config, scripts, Some(migrate::UNFINISHED)))?;
    let mut side = Side::open_alone(config, Place::Destination)?;
    refuse_rows(&mut side)?;
    if let Some((name, _)) = digests(side.migrations()?)?.into_iter().find(|a| !known.contains(a)) {
        // Made by a newer program, and empty: the rows would not fit.
        return Err(CopyError::Migration(name));
    }
    side.put_mark(migrate::UNFINISHED, "")?;
    let tables = catalogue::in_order(side.tables()?)?;
    side.empty(&tables)?;
    Ok(side)
}

/// Refuses a database that has rows, unless they are an unfinished copy's.
fn refuse_rows(side: &mut Side) -> Result<(), CopyError> {
    match side.mark()? {
        Some((mark, _)) if mark == migrate::UNFINISHED => return Ok(()),
        Some((_, to)) => return Err(CopyError::Moved(to)),
        None => {}
    }
    for table in side.tables()? {
        if side.has_rows(&table)? {
            return Err(CopyError::NotEmpty(table.name));
        }
    }
    Ok(())
}

/// The program's migrations that were applied, in its order.
fn those(migrations: &[Migration], applied: &[Applied]) -> Result<Vec<Script>, CopyError> {
    let scripts = migrate::all(migrations)?;
    let known = |(name, digest): &&Applied| scripts.iter().any(|s| s.name == name && s.digest == *digest);
    if let Some((name, _)) = applied.iter().find(|a| !known(a)) {
        return Err(CopyError::Migration(name.clone()));
    }
    Ok(scripts.into_iter().filter(|s| applied.iter().any(|(name, _)| s.name == name)).collect())
}

fn digests(applied: Vec<(String, Vec<u8>)>) -> Result<Vec<Applied>, Error> {
    let mut all = applied
        .into_iter()
        .map(|(name, digest)| {
            let digest = digest.try_into();
            digest.map(|d| (name, d)).map_err(|_| Error::new(ErrorKind::Migration, "a digest has 32 bytes"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    all.sort();
    Ok(all)
}

fn same_tables(here: &[Table], expected: &[Contents]) -> Result<(), CopyError> {
    for table in here {
        if find(expected, &table.name)?.table != *table {
            return Err(CopyError::TablesDiffer(table.name.clone()));
        }
    }
    match expected.iter().find(|c| !here.contains(&c.table)) {
        None => Ok(()),
        Some(unknown) => Err(CopyError::TablesDiffer(unknown.table.name.clone())),
    }
}

fn find<'a>(all: &'a [Contents], name: &str) -> Result<&'a Contents, CopyError> {
    all.iter().find(|c| c.table.name == name).ok_or_else(|| CopyError::TablesDiffer(name.to_owned()))
}

/// Reads a table again and compares.
fn verify(side: &mut Side, written: &Contents) -> Result<(), CopyError> {
    if digest(side, written.table.clone(), &mut |_| Ok(()))? == *written {
        Ok(())
    } else {
        Err(CopyError::Unverified(written.table.name.clone()))
    }
}

/// Reads a table and passes its encoded rows on.
fn digest(
    side: &mut Side,
    table: Table,
    pass: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> Result<Contents, CopyError> {
    let mut count = Count::default();
    side.read(&table, &mut |row| Ok(pass(count.row(&row))?))?;
    Ok(count.of(table))
}

/// Counts and digests rows.
#[derive(Default)]
struct Count {
    rows: u64,
    bytes: u64,
    sha256: Sha256,
    buffer: Vec<u8>,
}

impl Count {
    /// The row, encoded.
    fn row(&mut self, row: &[Cell]) -> &[u8] {
        self.buffer.clear();
        encode::row(row, &mut self.buffer);
        self.rows += 1;
        self.bytes += self.buffer.len() as u64;
        self.sha256.update(&self.buffer);
        &self.buffer
    }

    fn of(self, table: Table) -> Contents {
        Contents { table, rows: self.rows, bytes: self.bytes, sha256: self.sha256.finalize().into() }
    }
}

/// A table that rows are written to.
struct Filling<'a> {
    side: &'a mut Side,
    table: &'a Table,
    waiting: Vec<Vec<Cell>>,
    uncommitted: u64,
    count: Count,
}

impl<'a> Filling<'a> {
    fn of(side: &'a mut Side, table: &'a Table) -> Result<Self, CopyError> {
        side.begin_write()?;
        Ok(Self { side, table, waiting: Vec::new(), uncommitted: 0, count: Count::default() })
    }

    fn row(&mut self, row: Vec<Cell>) -> Result<(), CopyError> {
        self.count.row(&row);
        self.waiting.push(row);
        if self.waiting.len() >= ROWS_AT_ONCE {
            self.flush()?;
        }
        if self.uncommitted >= ROWS_A_COMMIT {
            self.side.commit()?;
            self.side.begin_write()?;
            self.uncommitted = 0;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), CopyError> {
        self.side.insert(self.table, &self.waiting)?;
        self.uncommitted += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }

    fn end(mut self) -> Result<Contents, CopyError> {
        self.flush()?;
        self.side.commit()?;
        Ok(self.count.of(self.table.clone()))
    }
}
