//! `SQLite`: one writer thread that carries many writes in one commit, and a few readers.
//!
//! The database is in WAL mode with `synchronous=FULL`: what was answered survives a loss of power. That costs one
//! flush a commit, and a commit is shared by all writes that waited for it.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use base::limits;
use rusqlite::{
    OpenFlags, ToSql,
    config::DbConfig,
    ffi,
    types::{ToSqlOutput, ValueRef},
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    Error, ErrorKind, Mode, Row, Sql, Tx, Value,
    migrate::{self, Dialect, Script},
    row::Cell,
    sql,
    tx::{Session, poisoned},
    work::{Work, foreign_await, panicked},
};

mod place;

use place::Place;

/// How many connections read.
const READERS: usize = 4;
/// How many prepared statements a connection keeps.
const PREPARED: usize = 512;

/// The threads.
pub(crate) struct Engine {
    writes: mpsc::Sender<Box<dyn Work>>,
    reads: mpsc::Sender<Box<dyn Work>>,
    commits: Arc<AtomicU64>,
}

impl Engine {
    pub(crate) async fn open(path: &Path) -> Result<Self, Error> {
        let path = path.to_owned();
        on_a_thread(move || Self::start(&path)).await
    }

    fn start(path: &Path) -> Result<Self, Error> {
        if !path.exists() {
            return Err(Error::new(ErrorKind::NotMigrated, "there is no such file"));
        }
        let commits = Arc::new(AtomicU64::new(0));
        let (writes, mut queue) = mpsc::channel(limits::STORE_WAITING_MAX);
        let connection = Connection::open(path, Mode::Write)?;
        let (place, counter) = (Place::of(path), Arc::clone(&commits));
        spawn("store-writer", move || write_loop(&connection, &place, &mut queue, &counter))?;

        let (reads, queue) = mpsc::channel::<Box<dyn Work>>(limits::STORE_WAITING_MAX);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..READERS {
            let reader = Connection::open(path, Mode::Read)?;
            let queue = Arc::clone(&queue);
            spawn("store-reader", move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
                    let Some(work) = next else { break };
                    guarded(&reader, || read(&reader, work));
                }
            })?;
        }
        Ok(Self { writes, reads, commits })
    }

    pub(crate) fn submit(&self, mode: Mode, work: Box<dyn Work>) -> Result<(), Error> {
        let queue = match mode {
            Mode::Write => &self.writes,
            Mode::Read => &self.reads,
        };
        queue.try_send(work).map_err(|e| refused(&e))
    }

    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

/// Why a closure could not be queued.
pub(crate) fn refused<T>(e: &mpsc::error::TrySendError<T>) -> Error {
    match e {
        mpsc::error::TrySendError::Full(_) => Error::new(ErrorKind::Busy, "too many are waiting"),
        mpsc::error::TrySendError::Closed(_) => {
            Error::new(ErrorKind::Unavailable, "the database's thread has ended")
        }
    }
}

/// Starts a thread with a name.
pub(crate) fn spawn(name: &str, f: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(f);
    started.map(drop).map_err(|e| Error::new(ErrorKind::Unavailable, format!("no thread: {}", e.kind())))
}

/// Runs what blocks on a thread of its own, whatever the caller's runtime is.
pub(crate) async fn on_a_thread<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (sender, receiver) = oneshot::channel();
    spawn("store-open", move || drop(sender.send(f())))?;
    receiver.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Unavailable, "the opening thread has ended")))
}

/// A panic that comes not from a closure but from dropping what it answered must not end the thread.
fn guarded(connection: &Connection, f: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(f)).is_err() {
        let _ = connection.run("ROLLBACK");
    }
}

fn write_loop(
    connection: &Connection,
    place: &Place,
    queue: &mut mpsc::Receiver<Box<dyn Work>>,
    commits: &AtomicU64,
) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < batch_max()
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        guarded(connection, || write(connection, place, batch, commits));
    }
}

/// How many writes share a commit.
fn batch_max() -> usize {
    #[cfg(feature = "bench")]
    return crate::bench::batch_max();
    #[cfg(not(feature = "bench"))]
    limits::STORE_BATCH_MAX
}

/// Runs a batch in one transaction and answers everybody after the commit.
fn write(connection: &Connection, place: &Place, mut batch: Vec<Box<dyn Work>>, commits: &AtomicU64) {
    batch.retain(|w| !w.is_abandoned());
    if batch.is_empty() {
        return;
    }
    match place.check().and_then(|()| run_batch(connection, &mut batch)) {
        Ok((outcomes, committed)) => {
            commits.fetch_add(u64::from(committed), Ordering::Relaxed);
            for (work, outcome) in batch.into_iter().zip(outcomes) {
                work.finish(outcome);
            }
        }
        Err(e) => {
            let _ = connection.run("ROLLBACK");
            tracing::warn!(error = %e, writes = batch.len(), "a commit failed");
            // Also those that failed by themselves: what they failed at may never have been there.
            for work in batch {
                work.finish(Err(e.clone()));
            }
        }
    }
}

type Outcomes = Vec<Result<(), Error>>;

fn run_batch(connection: &Connection, batch: &mut [Box<dyn Work>]) -> Result<(Outcomes, bool), Error> {
    connection.run("BEGIN IMMEDIATE")?;
    let mut outcomes = Vec::with_capacity(batch.len());
    let mut any = false;
    for work in batch {
        connection.run("SAVEPOINT one")?;
        let done = poll_once(connection, &mut **work);
        if connection.db.is_autocommit() {
            // SQLite has rolled back everything by itself: disk full, out of memory.
            return Err(done
                .err()
                .unwrap_or_else(|| Error::new(ErrorKind::Unavailable, "the transaction was lost")));
        }
        let keep = matches!(done, Ok(true));
        if !keep {
            connection.run("ROLLBACK TO one")?;
        }
        connection.run("RELEASE one")?;
        any |= keep;
        outcomes.push(done.map(drop));
    }
    #[cfg(feature = "bench")]
    crate::bench::before_commit();
    connection.run(if any { "COMMIT" } else { "ROLLBACK" })?;
    Ok((outcomes, any))
}

fn read(connection: &Connection, mut work: Box<dyn Work>) {
    if work.is_abandoned() {
        return;
    }
    let done = connection.run("BEGIN").and_then(|()| poll_once(connection, &mut *work));
    let ended = if connection.db.is_autocommit() { Ok(()) } else { connection.run("ROLLBACK") };
    work.finish(done.and(ended));
}

/// Runs a closure: as its statements are answered at once, it is done after one poll, or has awaited something else.
fn poll_once(connection: &Connection, work: &mut dyn Work) -> Result<bool, Error> {
    let mut tx = Tx::new(Session::Sqlite(connection));
    let polled = catch_unwind(AssertUnwindSafe(|| {
        let mut closure: Pin<Box<dyn Future<Output = bool>>> = work.run(&mut tx);
        closure.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }));
    match polled {
        Err(payload) => Err(panicked(payload)),
        Ok(Poll::Pending) => Err(foreign_await()),
        Ok(Poll::Ready(ok)) => match tx.failed() {
            Some(first) if ok => Err(poisoned(first)),
            _ => Ok(ok),
        },
    }
}

/// A connection, of the writer or of a reader.
pub(crate) struct Connection {
    pub(crate) db: rusqlite::Connection,
}

impl From<rusqlite::Connection> for Connection {
    fn from(db: rusqlite::Connection) -> Self {
        Self { db }
    }
}

impl Connection {
    pub(crate) fn open(path: &Path, mode: Mode) -> Result<Self, Error> {
        let access = match mode {
            Mode::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Mode::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        let db = rusqlite::Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(error)?;
        let connection = Self { db };
        connection.set_up(mode).map_err(error)?;
        Ok(connection)
    }

    pub(crate) fn set_up(&self, mode: Mode) -> rusqlite::Result<()> {
        self.db.busy_timeout(Duration::from_millis(limits::STORE_BUSY_MS))?;
        self.db.set_prepared_statement_cache_capacity(PREPARED);
        // Double quotes mean names, never texts.
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // Plans do not depend on the values of parameters. If they did, a statement that is kept would be compiled again
        // each time that it is given others.
        self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        self.db.execute_batch(
            "PRAGMA foreign_keys=ON; PRAGMA case_sensitive_like=ON; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=FAST;",
        )?;
        if mode == Mode::Write {
            let is: String = self.db.query_row("PRAGMA journal_mode=WAL", [], |r| r.get(0))?;
            if is != "wal" {
                tracing::warn!(journal_mode = is, "the file system does not allow a write-ahead log");
            }
            self.db.execute_batch("PRAGMA synchronous=FULL;")?;
            #[cfg(feature = "bench")]
            self.db.execute_batch(crate::bench::pragmas())?;
        } else {
            self.db.execute_batch("PRAGMA query_only=ON;")?;
            // SQLite opens the write-ahead log at the first read, by its name: now, while it is here. A reader whose first
            // work came after the file was moved could not read at all.
            self.db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
        }
        Ok(())
    }

    /// Runs a statement that opens or closes a transaction.
    fn run(&self, text: &'static str) -> Result<(), Error> {
        self.db.prepare_cached(text).and_then(|mut s| s.execute([])).map(drop).map_err(error)
    }

    fn bound(&self, sql: &Sql, params: &[Value<'_>]) -> Result<rusqlite::CachedStatement<'_>, Error> {
        let mut statement = self.db.prepare_cached(sql.sqlite()).map_err(error)?;
        if statement.parameter_count() != params.len() {
            let (needs, has) = (statement.parameter_count(), params.len());
            return Err(Error::new(ErrorKind::Statement, format!("{has} parameters for {needs}")));
        }
        for (i, value) in params.iter().enumerate() {
            statement.raw_bind_parameter(i + 1, value).map_err(error)?;
        }
        Ok(statement)
    }

    pub(crate) fn execute(&self, sql: &Sql, params: &[Value<'_>]) -> Result<u64, Error> {
        let mut statement = self.bound(sql, params)?;
        if statement.column_count() == 0 {
            return statement.raw_execute().map(|n| n as u64).map_err(error);
        }
        let mut rows = statement.raw_query();
        let mut count = 0;
        while rows.next().map_err(error)?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    pub(crate) fn rows(&self, sql: &Sql, params: &[Value<'_>], max: usize) -> Result<Vec<Row>, Error> {
        let mut statement = self.bound(sql, params)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(error)? {
            if found.len() == max {
                return Err(Error::new(ErrorKind::TooManyRows, format!("more than {max}")));
            }
            let cells = (0..columns).map(|i| cell(row, i)).collect::<Result<_, _>>()?;
            found.push(Row::new(sql.name(), cells));
        }
        Ok(found)
    }

    pub(crate) fn check(&self, sql: &Sql) -> Result<(), Error> {
        if sql::has_bare_like(sql.text()) {
            return Err(Error::new(ErrorKind::Statement, "LIKE needs ESCAPE"));
        }
        self.db.prepare(sql.sqlite()).map(drop).map_err(error)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(v) => ValueRef::Integer(*v),
            Self::Text(v) => ValueRef::Text(v.as_bytes()),
            Self::Bytes(v) => ValueRef::Blob(v),
        }))
    }
}

pub(crate) fn cell(row: &rusqlite::Row<'_>, column: usize) -> Result<Cell, Error> {
    let wrong = |what: &str| Error::new(ErrorKind::Type, format!("column {column} is {what}"));
    Ok(match row.get_ref(column).map_err(error)? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(v) => Cell::Int(v),
        ValueRef::Real(_) => return Err(wrong("a floating-point number")),
        ValueRef::Text(v) => Cell::Text(std::str::from_utf8(v).map_err(|_| wrong("not UTF-8"))?.to_owned()),
        ValueRef::Blob(v) => Cell::Bytes(v.to_vec()),
    })
}

/// The messages of `SQLite` name tables and columns, and hold no values.
pub(crate) fn error(e: rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(failure, message) = e else {
        return match e {
            rusqlite::Error::SqlInputError { msg, .. } => Error::new(ErrorKind::Statement, msg),
            _ => Error::new(ErrorKind::Statement, "the binding refused it"),
        };
    };
    let kind = match failure.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            ErrorKind::UniqueViolation
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ErrorKind::ForeignKeyViolation,
        ffi::SQLITE_CONSTRAINT_CHECK => ErrorKind::CheckViolation,
        ffi::SQLITE_CONSTRAINT_NOTNULL => ErrorKind::NotNullViolation,
        ffi::SQLITE_CONSTRAINT_DATATYPE => ErrorKind::Type,
        _ => match failure.extended_code & 0xff {
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => ErrorKind::Busy,
            ffi::SQLITE_READONLY => ErrorKind::ReadOnly,
            ffi::SQLITE_MISMATCH | ffi::SQLITE_TOOBIG => ErrorKind::Type,
            ffi::SQLITE_ERROR | ffi::SQLITE_RANGE | ffi::SQLITE_MISUSE | ffi::SQLITE_CONSTRAINT => {
                ErrorKind::Statement
            }
            _ => ErrorKind::Unavailable,
        },
    };
    Error::new(kind, message.unwrap_or_else(|| failure.to_string()))
}

/// Applies what is missing. `BEGIN IMMEDIATE` keeps other processes away while one of them looks and applies.
pub(crate) async fn migrate(
    path: PathBuf,
    scripts: Vec<Script>,
    despite: Option<&'static str>,
) -> Result<Vec<String>, Error> {
    on_a_thread(move || {
        create(&path)?;
        let connection = Connection::open(&path, Mode::Write)?;
        let mut applied = Vec::new();
        loop {
            connection.run("BEGIN IMMEDIATE")?;
            match apply_next(&connection, &scripts, despite) {
                Ok(Some(name)) => {
                    connection.run("COMMIT")?;
                    applied.push(name.to_owned());
                }
                Ok(None) => {
                    connection.run("COMMIT")?;
                    return Ok(applied);
                }
                Err(e) => {
                    let _ = connection.run("ROLLBACK");
                    return Err(e);
                }
            }
        }
    })
    .await
}

/// Makes the file, readable by its owner alone, if it is not there.
fn create(path: &Path) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|e| Error::new(ErrorKind::Unavailable, format!("the file: {}", e.kind())))
}

fn apply_next(
    connection: &Connection,
    scripts: &[Script],
    despite: Option<&str>,
) -> Result<Option<&'static str>, Error> {
    let db = &connection.db;
    db.execute_batch(&migrate::register(Dialect::Sqlite)?).map_err(error)?;
    let applied = connection.rows(&migrate::APPLIED, &[], limits::STORE_ROWS_MAX)?;
    let Some(script) = migrate::next(scripts, &applied, despite)? else { return Ok(None) };
    let failed = |e| migrate::refused(script.name, &error(e).to_string());
    for statement in script.statements(Dialect::Sqlite)? {
        db.execute_batch(&statement).map_err(failed)?;
    }
    let odd = "SELECT m.name || '.' || c.name || ' is ' || c.type FROM sqlite_master m, pragma_table_xinfo(m.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND c.type NOT IN ('INT', 'TEXT', 'BLOB')";
    let mut odd = db.prepare(odd).map_err(failed)?;
    if let Some(column) = odd
        .query([])
        .and_then(|mut rows| rows.next()?.map(|r| r.get::<_, String>(0)).transpose())
        .map_err(failed)?
    {
        return Err(migrate::refused(script.name, &column));
    }
    let now: i64 =
        db.query_row("SELECT CAST(strftime('%s') AS INTEGER) * 1000", [], |r| r.get(0)).map_err(failed)?;
    let params = [Value::Text(script.name), Value::Bytes(&script.digest), Value::Int(now)];
    connection.execute(&migrate::APPLY, &params)?;
    Ok(Some(script.name))
}

/// How large the file is after the write-ahead log was moved into it.
#[cfg(feature = "bench")]
pub(crate) async fn bytes(path: PathBuf) -> Result<u64, Error> {
    on_a_thread(move || {
        let db = rusqlite::Connection::open(&path).map_err(error)?;
        // Whoever filled it may still be at moving gigabytes there.
        db.busy_timeout(Duration::from_mins(10)).map_err(error)?;
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(error)?;
        let pages = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        let bytes: i64 = db.query_row(pages, [], |row| row.get(0)).map_err(error)?;
        Ok(u64::try_from(bytes).unwrap_or_default())
    })
    .await
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
