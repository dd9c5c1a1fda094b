//! The database: write, read, migrations, jobs, on `SQLite` and `PostgreSQL`.
//!
//! Read in this order: [`Store`] here, [`tx`] (what a transaction offers), [`sql`] (the only way to make a
//! statement), [`value`] and [`row`] (parameters and answers), [`migrate`], [`jobs`], [`copy`] (whole databases), [`inspect`]; then the two engines,
//! `sqlite` (one writer, many writes a commit) and `postgres`; for tests `fixture`.
//!
//! # What is promised
//!
//! - A [`Store::write`] answers `Ok` only after its rows are durable; when it answers an error, none of them is kept
//!   (but see [`ErrorKind::OutcomeUnknown`]).
//! - A write is serializable with every other write. Its closure may run several times, and may await nothing but
//!   statements of its own transaction.
//! - A write whose caller has gone before it began is not made.
//!
//! # What is the same on both engines
//!
//! Statements and migrations have one text. `BIGINT`, `TEXT` and `BYTEA` are the only column types: `SQLite`'s tables
//! are made `STRICT` (so that TEXT in a BIGINT column is refused) and `PostgreSQL`'s text columns `COLLATE "C"` (so
//! that order and `lower` go by code point). `LIKE` minds case and needs `ESCAPE`. `sum` of a BIGINT is a `numeric` on
//! `PostgreSQL`: say `CAST(sum(x) AS BIGINT)`. Foreign keys are checked after each statement, never deferred.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

#[cfg(feature = "bench")]
pub mod bench;
pub mod copy;
mod error;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod inspect;
pub mod jobs;
pub mod migrate;
mod postgres;
pub mod ready;
pub mod row;
pub mod sql;
mod sqlite;
pub mod tx;
pub mod value;
mod work;

pub use error::{Error, ErrorKind};
pub use jobs::{Job, NewJob};
pub use migrate::Migration;
pub use row::Row;
pub use sql::Sql;
pub use tx::Tx;
pub use value::{ToValue, Value};

/// Every statement of this crate.
pub static STATEMENTS: &[&[&Sql]] = &[jobs::STATEMENTS, migrate::STATEMENTS, ready::STATEMENTS];

/// Which database.
#[derive(Clone)]
pub enum Config {
    /// One file; beside it `SQLite` keeps a `-wal` and a `-shm` file while it is open.
    Sqlite {
        /// Where the file is.
        path: PathBuf,
    },
    /// A database of a cluster, version 13 or later, encoded in UTF-8. Connections are not encrypted: reach it
    /// over the loopback interface, a Unix socket or a private tunnel.
    Postgres {
        /// `postgres://user:password@host:port/database`.
        url: String,
    },
}

impl std::fmt::Debug for Config {
    /// Shows no address of a cluster, as it may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite { path } => write!(f, "Sqlite({})", path.display()),
            Self::Postgres { .. } => f.write_str("Postgres"),
        }
    }
}

/// An open database. Clones share it; it closes when the last one is dropped.
#[derive(Clone)]
pub struct Store {
    engine: Arc<Engine>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    writes: AtomicU64,
    reads: AtomicU64,
    refused: AtomicU64,
}

/// What was asked of a [`Store`] since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Writes that were queued.
    pub writes: u64,
    /// Reads that were queued.
    pub reads: u64,
    /// Both, that were refused with [`ErrorKind::Busy`] or [`ErrorKind::Unavailable`] instead of being queued.
    pub refused: u64,
}

enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(postgres::Engine),
}

/// Whether a transaction may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Read,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.engine_name())
    }
}

impl Config {
    /// What it is called where others may read it: an address of a cluster without user and password.
    pub fn name(&self) -> String {
        match self {
            Self::Sqlite { path } => format!("sqlite:{}", path.display()),
            Self::Postgres { url } => postgres::name(url),
        }
    }
}

impl Store {
    /// Opens a database to which exactly these `migrations` were applied (this crate's own come before them);
    /// otherwise [`ErrorKind::NotMigrated`] or [`ErrorKind::Migration`].
    pub async fn open(config: &Config, migrations: &[Migration]) -> Result<Self, Error> {
        let store = Self::connect(config).await?;
        migrate::refuse_unmigrated(&store, migrations).await?;
        Ok(store)
    }

    /// Opens it whatever was applied.
    async fn connect(config: &Config) -> Result<Self, Error> {
        let engine = match config {
            Config::Sqlite { path } => Engine::Sqlite(sqlite::Engine::open(path).await?),
            Config::Postgres { url } => Engine::Postgres(postgres::Engine::open(url).await?),
        };
        Ok(Self { engine: Arc::new(engine), counters: Arc::default() })
    }

    /// Applies what is missing of `migrations` (and of this crate's own before them), in order, each in a transaction
    /// of its own; answers the names of those applied. Several processes may do so at once.
    pub async fn migrate(config: &Config, migrations: &[Migration]) -> Result<Vec<String>, Error> {
        migrate::run(config, migrate::all(migrations)?, None).await
    }

    /// Runs a closure in a transaction and answers what it answers, after the commit. Nothing is kept when it answers
    /// an error, panics, awaits something foreign, or has seen a statement fail.
    ///
    /// ```ignore
    /// store.write(async move |tx: &mut Tx<'_>| -> Result<u64, Error> {
    ///     tx.execute(&INSERT_PERSON, params![id, &name]).await
    /// }).await?;
    /// ```
    ///
    /// The closure may run several times: it borrows or clones what it captured, and has no effects besides its
    /// statements.
    pub async fn write<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.run(Mode::Write, closure).await
    }

    /// The same for reading: one consistent view of the database; a statement that writes is refused with
    /// [`ErrorKind::ReadOnly`].
    pub async fn read<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.run(Mode::Read, closure).await
    }

    async fn run<T, E, F>(&self, mode: Mode, closure: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (call, answer) = work::Call::new(closure);
        let queued = match &*self.engine {
            Engine::Sqlite(e) => e.submit(mode, Box::new(call)),
            Engine::Postgres(e) => e.submit(mode, Box::new(call)),
        };
        let counter = match (&queued, mode) {
            (Err(_), _) => &self.counters.refused,
            (Ok(()), Mode::Write) => &self.counters.writes,
            (Ok(()), Mode::Read) => &self.counters.reads,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        queued?;
        let ended = || Err(Error::new(ErrorKind::Unavailable, "the database's thread has ended").into());
        answer.await.unwrap_or_else(|_| ended())
    }

    /// Has the engine read every statement without running it, and refuses the first that it does not understand or
    /// whose columns are not portable. Tests call it on both engines with the `STATEMENTS` of every module.
    pub async fn prepare_check(&self, statements: &[&'static Sql]) -> Result<(), Error> {
        for &sql in statements {
            self.read(async move |tx: &mut Tx<'_>| tx.prepare(sql).await).await?;
        }
        Ok(())
    }

    /// `sqlite` or `postgres`: for messages and measurements, never to choose a statement by.
    pub fn engine_name(&self) -> &'static str {
        match &*self.engine {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// What was asked of it since it was opened.
    pub fn counts(&self) -> Counts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            writes: of(&self.counters.writes),
            reads: of(&self.counters.reads),
            refused: of(&self.counters.refused),
        }
    }

    /// How many writing transactions were committed since it was opened. On `SQLite` one commit carries many writes.
    pub fn commits(&self) -> u64 {
        match &*self.engine {
            Engine::Sqlite(e) => e.commits(),
            Engine::Postgres(e) => e.commits(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
