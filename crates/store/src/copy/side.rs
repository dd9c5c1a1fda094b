//! A connection to one engine or the other, for whole tables.
//!
//! Everything here blocks, and runs on a thread of its own. Statements are made from the engine's own catalogue, whose
//! names come from migrations.

use std::{fmt, time::Duration};

use base::limits;
use rusqlite::OpenFlags;
use tokio::task::LocalSet;
use tokio_postgres::types::Type;

use super::{Column, ColumnKind, CopyError, Table, catalogue::quoted};
use crate::{
    Config, Error, ErrorKind, Mode, Row, Sql, Value,
    migrate::{self, APPLIED, MARKS},
    postgres,
    row::Cell,
    sqlite,
};

/// How many rows a cursor answers at once.
const ROWS_AT_ONCE: usize = 500;
/// Tables that are not copied: what a database itself has been through.
const NOT_COPIED: [&str; 2] = ["store_migration", "store_ready"];

/// Which end of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where rows come from.
    Source,
    /// Where they go.
    Destination,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Destination => "destination",
        })
    }
}

/// A connection.
pub(crate) enum Side {
    Sqlite(sqlite::Connection),
    Postgres(Box<Postgres>),
}

/// A connection, and what drives it.
pub(crate) struct Postgres {
    connection: postgres::Connection,
    local: LocalSet,
    runtime: tokio::runtime::Runtime,
    /// Whether a transaction is open.
    within: bool,
}

impl Postgres {
    fn open(url: &str, alone: bool) -> Result<Self, Error> {
        let (config, runtime, local) = (postgres::config(url)?, postgres::runtime()?, LocalSet::new());
        let connection = local.block_on(&runtime, async {
            let connection = if alone {
                postgres::Connection::open_alone(&config).await?
            } else {
                postgres::Connection::open(&config).await?
            };
            let unhurried =
                "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = 0";
            connection.run(unhurried).await?;
            Ok::<_, Error>(connection)
        })?;
        Ok(Self { connection, local, runtime, within: false })
    }

    fn wait<T>(&self, f: impl Future<Output = T>) -> T {
        self.local.block_on(&self.runtime, f)
    }

    fn run(&self, text: &str) -> Result<(), Error> {
        self.wait(self.connection.run(text))
    }

    fn rows(&self, text: &str) -> Result<Vec<tokio_postgres::Row>, Error> {
        self.wait(self.connection.client.query(text, &[])).map_err(|e| postgres::error(&e))
    }
}

impl Side {
    /// For reading.
    pub(super) fn open(config: &Config) -> Result<Self, Error> {
        match config {
            Config::Sqlite { path } if !path.exists() => {
                Err(Error::new(ErrorKind::NotMigrated, "there is no such file"))
            }
            Config::Sqlite { path } => Ok(Self::Sqlite(sqlite::Connection::open(path, Mode::Read)?)),
            Config::Postgres { url } => Ok(Self::Postgres(Box::new(Postgres::open(url, false)?))),
        }
    }

    /// The same, if there is anything there at all.
    pub(super) fn open_existing(config: &Config) -> Result<Option<Self>, CopyError> {
        match config {
            Config::Sqlite { path } if !path.exists() => Ok(None),
            Config::Sqlite { path } if path.metadata()?.len() == 0 => Ok(None),
            _ => Ok(Some(Self::open(config)?)),
        }
    }

    /// For writing, with nobody else there and nobody coming: [`CopyError::InUse`] otherwise.
    pub(super) fn open_alone(config: &Config, place: Place) -> Result<Self, CopyError> {
        let in_use = |e: Error| match e.kind() {
            ErrorKind::Busy => CopyError::InUse(place),
            _ => CopyError::Store(e),
        };
        match config {
            Config::Sqlite { path } if !path.exists() => {
                Err(Error::new(ErrorKind::NotMigrated, "there is no such file").into())
            }
            Config::Sqlite { path } => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let db = rusqlite::Connection::open_with_flags(path, flags).map_err(sqlite::error)?;
                db.busy_timeout(Duration::from_millis(limits::STORE_IN_USE_MS)).map_err(sqlite::error)?;
                // Asked before the first look into a file with a write-ahead log, this wants the whole file, which
                // each connection keeps from others for as long as it is open, also while it does nothing
                // (sqlite.org/wal.html, section 8).
                let whole = "PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; COMMIT;";
                db.execute_batch(whole).map_err(sqlite::error).map_err(in_use)?;
                let mode: String = db
                    .query_row("PRAGMA journal_mode", [], |r| r.get(0))
                    .map_err(sqlite::error)
                    .map_err(in_use)?;
                if mode != "wal" {
                    let what = "the file has no write-ahead log: it cannot be told whether it is in use";
                    return Err(Error::new(ErrorKind::Unavailable, what).into());
                }
                let connection = sqlite::Connection::from(db);
                connection.set_up(Mode::Write).map_err(sqlite::error)?;
                Ok(Self::Sqlite(connection))
            }
            Config::Postgres { url } => {
                Ok(Self::Postgres(Box::new(Postgres::open(url, true).map_err(in_use)?)))
            }
        }
    }

    fn run(&self, sqlite: &str, postgres: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(c) => c.db.execute_batch(sqlite).map_err(sqlite::error),
            Self::Postgres(p) => p.run(postgres),
        }
    }

    fn within(&mut self, within: bool) {
        if let Self::Postgres(p) = self {
            p.within = within;
        }
    }

    /// From here on nothing that others write is seen.
    pub(super) fn begin_snapshot(&mut self) -> Result<(), Error> {
        // SQLite's view begins with the first read.
        self.run(
            "BEGIN; SELECT count(*) FROM sqlite_master;",
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )?;
        self.within(true);
        Ok(())
    }

    pub(super) fn begin_write(&mut self) -> Result<(), Error> {
        self.run("BEGIN IMMEDIATE", "BEGIN")?;
        self.within(true);
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<(), Error> {
        self.run("COMMIT", "COMMIT")?;
        self.within(false);
        Ok(())
    }

    /// What a statement without parameters answers.
    pub(super) fn rows(&mut self, sql: &Sql) -> Result<Vec<Row>, Error> {
        match self {
            Self::Sqlite(c) => c.rows(sql, &[], limits::STORE_ROWS_MAX),
            Self::Postgres(p) => p.wait(p.connection.rows(sql, &[], limits::STORE_ROWS_MAX)),
        }
    }

    /// Names and digests of the migrations that were applied, marks left out.
    pub(super) fn migrations(&mut self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let rows = self.rows(&APPLIED)?;
        let mut applied = migrate::applied(&rows)?;
        applied.retain(|(name, _)| !MARKS.contains(&name.as_str()));
        Ok(applied)
    }

    /// The mark that it bears, and what stands beside it.
    pub(super) fn mark(&mut self) -> Result<Option<(String, String)>, Error> {
        match self.rows(&APPLIED) {
            Ok(rows) => Ok(migrate::mark_among(&migrate::applied(&rows)?)),
            // Nothing was ever applied to it.
            Err(e) if e.kind() == ErrorKind::Statement => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Marks it, in a transaction of its own.
    pub(super) fn put_mark(&mut self, mark: &str, beside: &str) -> Result<(), Error> {
        let values = [Value::Text(mark), Value::Bytes(beside.as_bytes())];
        match self {
            Self::Sqlite(c) => c.execute(&migrate::PUT_MARK, &values).map(drop),
            Self::Postgres(p) => p.wait(p.connection.execute(&migrate::PUT_MARK, &values)).map(drop),
        }
    }

    /// Every table that is copied.
    pub(super) fn tables(&mut self) -> Result<Vec<Table>, Error> {
        match self {
            Self::Sqlite(c) => sqlite_tables(&c.db).map_err(sqlite::error)?.into_iter().collect(),
            Self::Postgres(p) => postgres_tables(p),
        }
    }

    pub(super) fn has_rows(&mut self, table: &Table) -> Result<bool, Error> {
        let text = format!("SELECT 1 FROM {} LIMIT 1", quoted(&table.name));
        match self {
            Self::Sqlite(c) => c.db.prepare(&text).and_then(|mut s| s.exists([])).map_err(sqlite::error),
            Self::Postgres(p) => Ok(!p.rows(&text)?.is_empty()),
        }
    }

    pub(super) fn highest(&mut self, table: &Table, column: &str) -> Result<Option<i64>, Error> {
        let text = format!("SELECT MAX({}) FROM {}", quoted(column), quoted(&table.name));
        match self {
            Self::Sqlite(c) => c.db.query_row(&text, [], |r| r.get(0)).map_err(sqlite::error),
            Self::Postgres(p) => match p.rows(&text)?.first() {
                Some(row) => row.try_get(0).map_err(|e| postgres::error(&e)),
                None => Ok(None),
            },
        }
    }

    /// Deletes every row, of those that refer to others first.
    pub(super) fn empty(&mut self, tables: &[Table]) -> Result<(), Error> {
        let names: Vec<String> = tables.iter().rev().map(|t| quoted(&t.name)).collect();
        if names.is_empty() {
            return Ok(());
        }
        let each: Vec<String> = names.iter().map(|name| format!("DELETE FROM {name};")).collect();
        self.run(&each.concat(), &format!("TRUNCATE {}", names.join(", ")))
    }

    /// Passes every row on, in the order of the primary key.
    pub(super) fn read(
        &mut self,
        table: &Table,
        each: &mut dyn FnMut(Vec<Cell>) -> Result<(), CopyError>,
    ) -> Result<(), CopyError> {
        match self {
            Self::Sqlite(c) => {
                let mut statement = c.db.prepare(&table.select()).map_err(sqlite::error)?;
                let columns = table.columns.len();
                let mut rows = statement.raw_query();
                while let Some(row) = rows.next().map_err(sqlite::error)? {
                    each((0..columns).map(|i| sqlite::cell(row, i)).collect::<Result<_, _>>()?)?;
                }
                Ok(())
            }
            Self::Postgres(p) => {
                // A cursor lives in a transaction.
                let began = !p.within;
                if began {
                    p.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
                }
                p.run(&format!("DECLARE every NO SCROLL CURSOR FOR {}", table.select()))?;
                let fetch = format!("FETCH {ROWS_AT_ONCE} FROM every");
                loop {
                    let rows = p.rows(&fetch)?;
                    for row in &rows {
                        each((0..row.len()).map(|i| postgres::cell(row, i)).collect::<Result<_, _>>()?)?;
                    }
                    if rows.len() < ROWS_AT_ONCE {
                        break;
                    }
                }
                Ok(p.run(if began { "COMMIT" } else { "CLOSE every" })?)
            }
        }
    }

    /// Writes rows within the transaction that was begun.
    pub(super) fn insert(&mut self, table: &Table, rows: &[Vec<Cell>]) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Self::Sqlite(c) => {
                let places: Vec<String> = (1..=table.columns.len()).map(|n| format!("?{n}")).collect();
                let text = format!(
                    "INSERT INTO {} ({}) VALUES ({})",
                    quoted(&table.name),
                    table.list(),
                    places.join(", ")
                );
                let mut statement = c.db.prepare_cached(&text).map_err(sqlite::error)?;
                for row in rows {
                    for (i, cell) in row.iter().enumerate() {
                        statement.raw_bind_parameter(i + 1, value(cell)).map_err(sqlite::error)?;
                    }
                    statement.raw_execute().map_err(sqlite::error)?;
                }
                Ok(())
            }
            Self::Postgres(p) => p.insert(table, rows),
        }
    }
}

fn value(cell: &Cell) -> Value<'_> {
    match cell {
        Cell::Null => Value::Null,
        Cell::Int(v) => Value::Int(*v),
        Cell::Text(v) => Value::Text(v),
        Cell::Bytes(v) => Value::Bytes(v),
    }
}

impl Postgres {
    /// Each column is sent as one array.
    fn insert(&self, table: &Table, rows: &[Vec<Cell>]) -> Result<(), Error> {
        let mut arrays: Vec<Array<'_>> = Vec::new();
        for (i, column) in table.columns.iter().enumerate() {
            arrays.push(Array::of(column.kind, rows.iter().map(|row| row.get(i))));
        }
        let types: Vec<Type> = arrays.iter().map(Array::kind).collect();
        let places: Vec<String> = (1..=arrays.len()).map(|n| format!("${n}")).collect();
        let text = format!(
            "INSERT INTO {} ({}) SELECT * FROM unnest({})",
            quoted(&table.name),
            table.list(),
            places.join(", ")
        );
        let params: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
            arrays.iter().map(Array::param).collect();
        let client = &self.connection.client;
        self.wait(async {
            let statement = client.prepare_typed(&text, &types).await?;
            client.execute(&statement, &params).await
        })
        .map(drop)
        .map_err(|e| postgres::error(&e))
    }
}

/// A column of several rows.
enum Array<'a> {
    Int(Vec<Option<i64>>),
    Text(Vec<Option<&'a str>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

impl<'a> Array<'a> {
    fn of(kind: ColumnKind, cells: impl Iterator<Item = Option<&'a Cell>>) -> Self {
        match kind {
            ColumnKind::Int => {
                Self::Int(cells.map(|c| if let Some(Cell::Int(v)) = c { Some(*v) } else { None }).collect())
            }
            ColumnKind::Text => Self::Text(
                cells.map(|c| if let Some(Cell::Text(v)) = c { Some(v.as_str()) } else { None }).collect(),
            ),
            ColumnKind::Bytes => Self::Bytes(
                cells.map(|c| if let Some(Cell::Bytes(v)) = c { Some(v.as_slice()) } else { None }).collect(),
            ),
        }
    }

    const fn kind(&self) -> Type {
        match self {
            Self::Int(_) => Type::INT8_ARRAY,
            Self::Text(_) => Type::TEXT_ARRAY,
            Self::Bytes(_) => Type::BYTEA_ARRAY,
        }
    }

    fn param(&self) -> &(dyn tokio_postgres::types::ToSql + Sync) {
        match self {
            Self::Int(v) => v,
            Self::Text(v) => v,
            Self::Bytes(v) => v,
        }
    }
}

fn other_type(table: &str, column: &str) -> Error {
    Error::new(ErrorKind::Type, format!("{table}.{column} is of another type"))
}

fn sqlite_tables(db: &rusqlite::Connection) -> rusqlite::Result<Vec<Result<Table, Error>>> {
    let listed =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
        AND name NOT IN (?1, ?2) ORDER BY name";
    let names: Vec<String> =
        db.prepare(listed)?.query_map(NOT_COPIED, |r| r.get(0))?.collect::<Result<_, _>>()?;
    let mut tables = Vec::new();
    for name in names {
        let mut described = db.prepare("SELECT name, type, pk FROM pragma_table_info(?1)")?;
        let columns: Described = described
            .query_map([&name], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let mut referred = db.prepare("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?1)")?;
        let refers_to: Vec<String> = referred.query_map([&name], |r| r.get(0))?.collect::<Result<_, _>>()?;
        tables.push(table(name, columns, refers_to));
    }
    Ok(tables)
}

/// Columns: their names, their types and their places in the primary key, 0 for none.
type Described = Vec<(String, String, i64)>;

fn table(name: String, columns: Described, refers_to: Vec<String>) -> Result<Table, Error> {
    let mut key: Vec<(i64, String)> = columns
        .iter()
        .filter(|(.., place)| *place > 0)
        .map(|(name, _, place)| (*place, name.clone()))
        .collect();
    key.sort();
    let columns = columns
        .into_iter()
        .map(|(column, kind, _)| {
            let kind = ColumnKind::from_name(&kind).ok_or_else(|| other_type(&name, &column))?;
            Ok(Column { name: column, kind })
        })
        .collect::<Result<_, Error>>()?;
    let mut table = Table::new(name, columns, key.into_iter().map(|(_, name)| name).collect());
    table.refers_to = refers_to;
    Ok(table)
}

fn postgres_tables(p: &Postgres) -> Result<Vec<Table>, Error> {
    let read = |e: tokio_postgres::Error| postgres::error(&e);
    let [migration, ready] = NOT_COPIED;
    let columns = p.rows(&format!(
        "SELECT t.relname::text, a.attname::text, format_type(a.atttypid, NULL),
            COALESCE(array_position(string_to_array(i.indkey::text, ' ')::int2[], a.attnum), 0)::bigint
        FROM pg_class t
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
        WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND t.relname NOT IN ('{migration}', '{ready}')
        ORDER BY t.relname, a.attnum"
    ))?;
    let references = p.rows(
        "SELECT DISTINCT t.relname::text, o.relname::text FROM pg_constraint c
        JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = c.confrelid
        WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace",
    )?;
    let mut tables: Vec<(String, Described)> = Vec::new();
    for row in &columns {
        let name: String = row.try_get(0).map_err(read)?;
        let place: i64 = row.try_get(3).map_err(read)?;
        let column = (row.try_get(1).map_err(read)?, row.try_get(2).map_err(read)?, place);
        match tables.last_mut() {
            Some((last, columns)) if *last == name => columns.push(column),
            _ => tables.push((name, vec![column])),
        }
    }
    tables
        .into_iter()
        .map(|(name, columns)| {
            let mut refers_to = Vec::new();
            for row in &references {
                if row.try_get::<_, &str>(0).map_err(read)? == name {
                    refers_to.push(row.try_get(1).map_err(read)?);
                }
            }
            table(name, columns, refers_to)
        })
        .collect()
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The connection's own task still has to say goodbye, so that its locks are free when this returns.
        let _ = self.run("ROLLBACK; SELECT pg_advisory_unlock_all()");
    }
}
