//! `PostgreSQL`: a few threads, each with several connections; serializable transactions that are run again when
//! others got in the way.

use std::{
    cell::{Cell as Flag, RefCell},
    collections::HashMap,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use base::limits;
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    task::{LocalSet, spawn_local},
};
use tokio_postgres::{Client, NoTls, Statement};

mod wire;

use wire::{bound, is_column, is_param, wrong_column};
pub(crate) use wire::{cell, error};

use crate::{
    Error, ErrorKind, Mode, Row, Sql, Tx, Value,
    migrate::{self, Dialect, Script},
    sql,
    sqlite::{on_a_thread, refused, spawn},
    tx::{Session, poisoned},
    work::{Work, foreign_await, panicked},
};

/// How many threads there are.
const THREADS: usize = 2;
/// How many connections each has.
const CONNECTIONS: usize = 8;
/// How long a statement waits for another's lock, milliseconds.
const LOCK_TIMEOUT_MS: u64 = 10_000;
/// Held while a migration is looked for and applied; the number is this program's own choice.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7013448211853422)";

type Queued = (Mode, Box<dyn Work>);

/// The threads.
pub(crate) struct Engine {
    queues: Vec<mpsc::Sender<Queued>>,
    next: AtomicUsize,
    commits: Arc<AtomicU64>,
}

impl Engine {
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        let config = config(url)?;
        let commits = Arc::new(AtomicU64::new(0));
        let mut queues = Vec::new();
        for _ in 0..THREADS {
            let (sender, queue) = mpsc::channel(limits::STORE_WAITING_MAX / THREADS);
            let (ready, is_ready) = oneshot::channel();
            let pool =
                Pool { config: config.clone(), idle: RefCell::default(), commits: Arc::clone(&commits) };
            spawn("store-postgres", move || serve(pool, queue, ready))?;
            is_ready
                .await
                .map_err(|_| Error::new(ErrorKind::Unavailable, "the database's thread has ended"))??;
            queues.push(sender);
        }
        Ok(Self { queues, next: AtomicUsize::new(0), commits })
    }

    pub(crate) fn submit(&self, mode: Mode, work: Box<dyn Work>) -> Result<(), Error> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % THREADS;
        let none = || Error::new(ErrorKind::Unavailable, "no threads");
        self.queues.get(turn).ok_or_else(none)?.try_send((mode, work)).map_err(|e| refused(&e))
    }

    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

pub(crate) fn config(url: &str) -> Result<tokio_postgres::Config, Error> {
    // The parser's own message may quote the address, and with it the password.
    let mut config = tokio_postgres::Config::from_str(url)
        .map_err(|_| Error::new(ErrorKind::Unavailable, "the address of the database cannot be read"))?;
    config.application_name("sahihi").connect_timeout(Duration::from_secs(5));
    Ok(config)
}

/// The address without user, password and parameters.
pub(crate) fn name(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let plain = rest.split(['?', '#']).next().unwrap_or_default();
    let place = plain.rsplit_once('@').map_or(plain, |(_, place)| place);
    format!("postgres://{place}")
}

/// A thread's connections that are not in use.
struct Pool {
    config: tokio_postgres::Config,
    idle: RefCell<Vec<Connection>>,
    commits: Arc<AtomicU64>,
}

impl Pool {
    async fn take(&self) -> Result<Connection, Error> {
        while let Some(idle) = self.idle.borrow_mut().pop() {
            if !idle.client.is_closed() {
                return Ok(idle);
            }
        }
        Connection::open(&self.config).await?.refuse_moved().await
    }

    fn give(&self, connection: Connection) {
        if !connection.client.is_closed() {
            self.idle.borrow_mut().push(connection);
        }
    }
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|e| Error::new(ErrorKind::Unavailable, format!("no runtime: {}", e.kind())))
}

/// One thread: takes closures from its queue and runs each on a connection of its own.
fn serve(pool: Pool, mut queue: mpsc::Receiver<Queued>, ready: oneshot::Sender<Result<(), Error>>) {
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(e) => return drop(ready.send(Err(e))),
    };
    LocalSet::new().block_on(&runtime, async {
        let first = pool.take().await.map(|c| pool.give(c));
        if ready.send(first).is_err() {
            return;
        }
        let pool = Rc::new(pool);
        let free = Arc::new(Semaphore::new(CONNECTIONS));
        while let Some((mode, work)) = queue.recv().await {
            let Ok(permit) = Arc::clone(&free).acquire_owned().await else { return };
            let pool = Rc::clone(&pool);
            spawn_local(async move {
                run(&pool, mode, work).await;
                drop(permit);
            });
        }
        // Until the last of them is done.
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        let _ = free.acquire_many(all).await;
    });
}

/// What became of one attempt.
enum Attempt {
    Done,
    Again(Error),
    Failed(Error),
}

async fn run(pool: &Pool, mode: Mode, mut work: Box<dyn Work>) {
    let mut rerun = 0;
    let mut was_there = false;
    let outcome = loop {
        if work.is_abandoned() {
            return;
        }
        let connection = match pool.take().await {
            Ok(connection) => connection,
            Err(e) => break Err(e),
        };
        let done = attempt(&connection, mode, &mut *work, was_there, &pool.commits).await;
        // A connection whose closure left a statement unanswered is not used again.
        if !connection.awaiting.get() {
            pool.give(connection);
        }
        match done {
            Attempt::Done => break Ok(()),
            Attempt::Failed(e) => break Err(e),
            Attempt::Again(e) if rerun >= limits::STORE_RERUNS_MAX => break Err(e),
            Attempt::Again(e) => {
                was_there = e.is_unique_violation();
                rerun += 1;
                // A little longer each time, so that the others get through: 1 ms to 64 ms.
                tokio::time::sleep(Duration::from_millis(1 << rerun.min(6))).await;
            }
        }
    };
    work.finish(outcome);
}

async fn attempt(
    connection: &Connection,
    mode: Mode,
    work: &mut dyn Work,
    was_there: bool,
    commits: &AtomicU64,
) -> Attempt {
    let begin = match mode {
        Mode::Write => "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
        Mode::Read => "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
    };
    if let Err(e) = connection.run(begin).await {
        // An idle connection that the other side has closed is found out only now; nothing has happened yet.
        return if e.is_unavailable() { Attempt::Again(e) } else { Attempt::Failed(e) };
    }
    let mut tx = Tx::new(Session::Postgres(connection));
    let done = drive(connection, work, &mut tx).await;
    let failed = tx.failed().cloned();
    if let (Ok(true), None) = (&done, &failed) {
        return match connection.run("COMMIT").await {
            Ok(()) => {
                commits.fetch_add(u64::from(mode == Mode::Write), Ordering::Relaxed);
                Attempt::Done
            }
            Err(e) if e.kind() == ErrorKind::Conflict => Attempt::Again(e),
            Err(e) if e.kind() == ErrorKind::Unavailable => {
                Attempt::Failed(Error::new(ErrorKind::OutcomeUnknown, ""))
            }
            Err(e) => Attempt::Failed(e),
        };
    }
    if !connection.awaiting.get() {
        // Should this fail, the connection is closed, and the transaction with it.
        let _ = connection.run("ROLLBACK").await;
    }
    match (done, failed) {
        (_, Some(e)) if e.kind() == ErrorKind::Conflict => Attempt::Again(e),
        // A row that is written at the same time may be noticed only as a violated key, also by those who looked first
        // (PostgreSQL manual, section 13.2.3). A second look tells which it is.
        (_, Some(e)) if e.is_unique_violation() && !was_there => Attempt::Again(e),
        (Err(e), _) => Attempt::Failed(e),
        (Ok(true), Some(first)) => Attempt::Failed(poisoned(&first)),
        (Ok(_), _) => Attempt::Done,
    }
}

/// Runs a closure: while it waits for anything but a statement of its own, it has awaited something foreign.
async fn drive(connection: &Connection, work: &mut dyn Work, tx: &mut Tx<'_>) -> Result<bool, Error> {
    let mut closure = work.run(tx);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| closure.as_mut().poll(context))) {
        Err(payload) => Poll::Ready(Err(panicked(payload))),
        Ok(Poll::Ready(ok)) => Poll::Ready(Ok(ok)),
        Ok(Poll::Pending) if connection.awaiting.get() => Poll::Pending,
        Ok(Poll::Pending) => Poll::Ready(Err(foreign_await())),
    })
    .await
}

/// A connection with its prepared statements.
pub(crate) struct Connection {
    pub(crate) client: Client,
    prepared: RefCell<HashMap<&'static str, Statement>>,
    /// Whether a statement is under way.
    awaiting: Flag<bool>,
}

impl Connection {
    /// Opens one, as every program does that uses the database: nobody moves it meanwhile.
    pub(crate) async fn open(config: &tokio_postgres::Config) -> Result<Self, Error> {
        let connection = Self::connect(config).await?;
        connection.lock("SELECT pg_advisory_lock_shared(7013448211853423)").await?;
        Ok(connection)
    }

    /// Opens one for whoever wants the database alone: [`ErrorKind::Busy`] if somebody uses it.
    pub(crate) async fn open_alone(config: &tokio_postgres::Config) -> Result<Self, Error> {
        let connection = Self::connect(config).await?;
        connection.lock("SELECT pg_advisory_lock(7013448211853423)").await?;
        Ok(connection)
    }

    /// Takes a lock that it has for as long as it is open. Another's connection that was closed a moment ago still has
    /// its own: it is waited for, as long as a file is.
    async fn lock(&self, lock: &str) -> Result<(), Error> {
        let timeout = async |ms: u64| self.run(&format!("SET lock_timeout = {ms}")).await;
        timeout(limits::STORE_IN_USE_MS).await?;
        let locked = self.client.query_one(lock, &[]).await.map_err(|e| error(&e));
        locked.map_err(|e| match e.kind() {
            ErrorKind::Busy => {
                Error::new(ErrorKind::Busy, "it is being moved or restored, or used by those who are")
            }
            _ => e,
        })?;
        timeout(LOCK_TIMEOUT_MS).await
    }

    /// Refuses a database that was moved while no connection to it was open.
    async fn refuse_moved(self) -> Result<Self, Error> {
        let applied = match self.rows(&migrate::APPLIED, &[], limits::STORE_ROWS_MAX).await {
            // Nothing was ever applied to it; whoever needs more says so.
            Err(e) if e.kind() == ErrorKind::Statement => return Ok(self),
            answer => migrate::applied(&answer?)?,
        };
        match migrate::mark_among(&applied) {
            Some((mark, to)) if mark == migrate::MOVED => {
                Err(Error::new(ErrorKind::Moved, format!("to {to}")))
            }
            _ => Ok(self),
        }
    }

    async fn connect(config: &tokio_postgres::Config) -> Result<Self, Error> {
        let (client, driver) = config.connect(NoTls).await.map_err(|e| error(&e))?;
        spawn_local(async move {
            if let Err(e) = driver.await {
                tracing::warn!(error = %error(&e), "a connection to the database ended");
            }
        });
        let setup =
            "SET standard_conforming_strings = on; SET client_encoding = 'UTF8'; SET TimeZone = 'UTC';
            SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'";
        client.batch_execute(setup).await.map_err(|e| error(&e))?;
        Ok(Self { client, prepared: RefCell::default(), awaiting: Flag::new(false) })
    }

    pub(crate) async fn run(&self, text: &str) -> Result<(), Error> {
        self.client.batch_execute(text).await.map_err(|e| error(&e))
    }

    /// Awaits an answer of the database, and says so meanwhile.
    async fn answer<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Error> {
        if self.awaiting.replace(true) {
            return Err(Error::new(ErrorKind::Statement, "an earlier statement was not awaited to its end"));
        }
        let answer = answer.await;
        self.awaiting.set(false);
        answer.map_err(|e| error(&e))
    }

    async fn prepared(&self, sql: &Sql) -> Result<Statement, Error> {
        let known = self.prepared.borrow().get(sql.text()).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.answer(self.client.prepare(sql.text())).await?;
        self.prepared.borrow_mut().insert(sql.text(), statement.clone());
        Ok(statement)
    }

    pub(crate) async fn execute(&self, sql: &Sql, params: &[Value<'_>]) -> Result<u64, Error> {
        let statement = self.prepared(sql).await?;
        let params = bound(&statement, params)?;
        self.answer(self.client.execute(&statement, &params)).await
    }

    pub(crate) async fn rows(&self, sql: &Sql, params: &[Value<'_>], max: usize) -> Result<Vec<Row>, Error> {
        let statement = self.prepared(sql).await?;
        let params = bound(&statement, params)?;
        let rows = self.answer(self.client.query(&statement, &params)).await?;
        if rows.len() > max {
            return Err(Error::new(ErrorKind::TooManyRows, format!("more than {max}")));
        }
        let read = |row: &tokio_postgres::Row| {
            let cells = (0..row.len()).map(|i| cell(row, i)).collect::<Result<_, _>>()?;
            Ok(Row::new(sql.name(), cells))
        };
        rows.iter().map(read).collect()
    }

    pub(crate) async fn check(&self, sql: &Sql) -> Result<(), Error> {
        if sql::has_bare_like(sql.text()) {
            return Err(Error::new(ErrorKind::Statement, "LIKE needs ESCAPE"));
        }
        let statement = self.prepared(sql).await?;
        for column in statement.columns() {
            if !is_column(column.type_()) {
                return Err(wrong_column(column.name(), column.type_()));
            }
        }
        for (i, wanted) in statement.params().iter().enumerate() {
            if !is_param(wanted) {
                return Err(Error::new(ErrorKind::Type, format!("${} is {wanted}", i + 1)));
            }
        }
        Ok(())
    }
}

/// Applies what is missing. An advisory lock keeps other processes away while one of them looks and applies.
pub(crate) async fn migrate(
    url: String,
    scripts: Vec<Script>,
    despite: Option<&'static str>,
) -> Result<Vec<String>, Error> {
    on_a_thread(move || {
        let config = config(&url)?;
        LocalSet::new().block_on(&runtime()?, async {
            let connection = Connection::open(&config).await?;
            let encoding =
                connection.client.query_one("SHOW server_encoding", &[]).await.map_err(|e| error(&e))?;
            if encoding.try_get::<_, &str>(0).ok() != Some("UTF8") {
                return Err(migrate::refused("store_migration", "the database is not encoded in UTF-8"));
            }
            // Another process may be at a long migration: wait for it.
            connection.run("SET lock_timeout = 0; SET statement_timeout = 0").await?;
            let mut applied = Vec::new();
            loop {
                connection.run("BEGIN").await?;
                match apply_next(&connection, &scripts, despite).await {
                    Ok(Some(name)) => {
                        connection.run("COMMIT").await?;
                        applied.push(name.to_owned());
                    }
                    Ok(None) => {
                        connection.run("COMMIT").await?;
                        return Ok(applied);
                    }
                    Err(e) => {
                        let _ = connection.run("ROLLBACK").await;
                        return Err(e);
                    }
                }
            }
        })
    })
    .await
}

async fn apply_next(
    connection: &Connection,
    scripts: &[Script],
    despite: Option<&str>,
) -> Result<Option<&'static str>, Error> {
    connection.run(MIGRATION_LOCK).await?;
    connection.run(&migrate::register(Dialect::Postgres)?).await?;
    let applied = connection.rows(&migrate::APPLIED, &[], limits::STORE_ROWS_MAX).await?;
    let Some(script) = migrate::next(scripts, &applied, despite)? else { return Ok(None) };
    let failed = |e: Error| migrate::refused(script.name, &e.to_string());
    for statement in script.statements(Dialect::Postgres)? {
        connection.run(&statement).await.map_err(failed)?;
    }
    let odd = "SELECT table_name || '.' || column_name || ' is ' || data_type FROM information_schema.columns
        WHERE table_schema = current_schema() AND data_type NOT IN ('text', 'bigint', 'bytea') LIMIT 1";
    if let Some(column) = connection.client.query_opt(odd, &[]).await.map_err(|e| failed(error(&e)))? {
        return Err(migrate::refused(script.name, column.try_get(0).unwrap_or_default()));
    }
    let now = "SELECT CAST(extract(epoch FROM now()) AS BIGINT) * 1000";
    let now = connection
        .client
        .query_one(now, &[])
        .await
        .and_then(|row| row.try_get(0))
        .map_err(|e| failed(error(&e)))?;
    let params = [Value::Text(script.name), Value::Bytes(&script.digest), Value::Int(now)];
    connection.execute(&migrate::APPLY, &params).await?;
    Ok(Some(script.name))
}

/// How large a database is.
#[cfg(feature = "bench")]
pub(crate) async fn bytes(url: String) -> Result<u64, Error> {
    on_a_thread(move || {
        let config = config(&url)?;
        LocalSet::new().block_on(&runtime()?, async {
            let connection = Connection::open(&config).await?;
            let size = "SELECT pg_database_size(current_database())";
            let row = connection.client.query_one(size, &[]).await.map_err(|e| error(&e))?;
            Ok(u64::try_from(row.try_get::<_, i64>(0).unwrap_or_default()).unwrap_or_default())
        })
    })
    .await
}

/// Runs a statement outside any transaction: for fixtures that make and drop databases.
#[cfg(any(test, feature = "fixture"))]
pub(crate) async fn administer(url: &str, statement: String) -> Result<(), Error> {
    let config = config(url)?;
    on_a_thread(move || {
        LocalSet::new()
            .block_on(&runtime()?, async { Connection::open(&config).await?.run(&statement).await })
    })
    .await
}

/// The same for those that cannot wait otherwise, and could do nothing about a failure.
#[cfg(any(test, feature = "fixture"))]
pub(crate) fn administer_blocking(url: &str, statement: String) {
    let url = url.to_owned();
    let _ = std::thread::spawn(move || {
        let _ = runtime().and_then(|r| r.block_on(administer(&url, statement)));
    })
    .join();
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
