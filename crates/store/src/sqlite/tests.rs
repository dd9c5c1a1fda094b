//! What is peculiar to `SQLite`: the group commit, and the settings that make it durable.

use std::{
    future::Future,
    pin::Pin,
    sync::mpsc::{Receiver, Sender, channel},
};

use base::limits;
use rusqlite::Connection as Raw;

use super::*;
use crate::{
    Config, Store,
    fixture::Database,
    params,
    tests::{MIGRATIONS, add_one, count},
};

static INSERT_ORPHAN: Sql = Sql::__registered("t", "INSERT INTO test_deferred (thing) VALUES ($1)");

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// Has a write queued, without waiting for it.
fn queue<T>(write: impl Future<Output = Result<T, Error>> + 'static) -> Pending<T> {
    let mut write: Pending<T> = Box::pin(write);
    assert!(write.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    write
}

/// Keeps the writer busy until the sender is used or dropped.
fn hold(store: &Store) -> (Sender<()>, Pending<()>) {
    let (go, wait): (Sender<()>, Receiver<()>) = channel();
    let (here, arrived) = channel();
    let store = store.clone();
    let held = queue(async move {
        store
            .write(async move |_: &mut Tx<'_>| {
                here.send(()).unwrap();
                let _ = wait.recv();
                Ok(())
            })
            .await
    });
    arrived.recv().unwrap();
    (go, held)
}

fn add(store: &Store, id: i64, name: &'static str) -> Pending<u64> {
    let store = store.clone();
    queue(async move { add_one(&store, id, name).await })
}

fn path(database: &Database) -> PathBuf {
    match database.config() {
        Config::Sqlite { path } => path.clone(),
        Config::Postgres { .. } => PathBuf::new(),
    }
}

#[tokio::test]
async fn many_writes_share_one_commit_and_a_failing_one_goes_alone() {
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    let (go, held) = hold(&store);
    let names: Vec<&'static str> = (0..50).map(|i| &*format!("thing {i}").leak()).collect();
    let mut writes = Vec::new();
    for (id, name) in (0..).zip(names) {
        writes.push(add(&store, id, name));
        // The same again violates the key.
        writes.push(add(&store, id, "twice"));
    }
    go.send(()).unwrap();
    held.await.unwrap();
    for (i, write) in writes.into_iter().enumerate() {
        match write.await {
            Ok(rows) => assert_eq!((rows, i % 2), (1, 0)),
            Err(e) => assert_eq!((e.kind(), i % 2), (ErrorKind::UniqueViolation, 1)),
        }
    }
    assert_eq!(count(&store).await, 50);
    assert_eq!(store.commits(), 2);
}

#[tokio::test]
async fn a_batch_has_its_limit() {
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    let (go, held) = hold(&store);
    let limit = i64::try_from(limits::STORE_BATCH_MAX).unwrap();
    let writes: Vec<_> = (0..=limit).map(|id| add(&store, id, format!("thing {id}").leak())).collect();
    go.send(()).unwrap();
    held.await.unwrap();
    for write in writes {
        write.await.unwrap();
    }
    assert_eq!(store.commits(), 3);
}

#[tokio::test]
async fn when_a_commit_fails_everything_in_it_fails() {
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    // No migration may say DEFERRABLE, just because of this.
    let raw = Raw::open(path(&database)).unwrap();
    raw.execute_batch(
        "CREATE TABLE test_deferred (thing BIGINT REFERENCES test_thing (id) DEFERRABLE INITIALLY DEFERRED)",
    )
    .unwrap();
    let (go, held) = hold(&store);
    let first = add(&store, 1, "a");
    let orphan = store.clone();
    let orphan = queue(async move {
        orphan.write(async |tx: &mut Tx<'_>| tx.execute(&INSERT_ORPHAN, params![99]).await).await
    });
    // What this one fails at was never kept.
    let twice = add(&store, 1, "b");
    let last = add(&store, 2, "c");
    go.send(()).unwrap();
    held.await.unwrap();
    for write in [first, orphan, twice, last] {
        assert_eq!(write.await.unwrap_err().kind(), ErrorKind::ForeignKeyViolation);
    }
    assert_eq!(count(&store).await, 0);
    assert_eq!(store.commits(), 1);
    assert_eq!(add_one(&store, 1, "a").await, Ok(1));
}

#[tokio::test]
async fn a_write_whose_caller_has_gone_is_not_made() {
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    let (go, held) = hold(&store);
    let gone = add(&store, 1, "gone");
    let stays = add(&store, 2, "stays");
    drop(gone);
    go.send(()).unwrap();
    held.await.unwrap();
    stays.await.unwrap();
    assert_eq!(count(&store).await, 1);
}

#[tokio::test]
async fn too_many_waiting_writes_are_refused() {
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    let (go, held) = hold(&store);
    let waiting: Vec<_> = (0..limits::STORE_WAITING_MAX)
        .map(|_| {
            let store = store.clone();
            queue(async move { store.write(async |_: &mut Tx<'_>| Ok(())).await })
        })
        .collect();
    assert!(add_one(&store, 1, "a").await.unwrap_err().is_busy());
    go.send(()).unwrap();
    held.await.unwrap();
    for write in waiting {
        write.await.unwrap();
    }
    assert_eq!(add_one(&store, 1, "a").await, Ok(1));
}

#[tokio::test]
async fn reads_do_not_wait_for_a_write() {
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    add_one(&store, 1, "a").await.unwrap();
    let (go, held) = hold(&store);
    assert_eq!(count(&store).await, 1);
    go.send(()).unwrap();
    held.await.unwrap();
}

#[tokio::test]
async fn a_statement_that_is_kept_is_compiled_once() {
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    for mode in [Mode::Read, Mode::Write] {
        let connection = Connection::open(&path(&database), mode).unwrap();
        for n in 0..3 {
            let text = "SELECT state FROM test_part WHERE thing = ?1 LIMIT ?2";
            let mut statement = connection.db.prepare_cached(text).unwrap();
            assert!(!statement.exists([n, 1]).unwrap());
            assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0, "use {n}");
        }
    }
    drop(store);
}

#[tokio::test]
async fn the_settings_make_commits_durable() {
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    let pragma = |c: &Connection, name: &str| -> String {
        let value =
            c.db.query_row(&format!("PRAGMA {name}"), [], |r| r.get::<_, rusqlite::types::Value>(0)).unwrap();
        match value {
            rusqlite::types::Value::Integer(v) => v.to_string(),
            rusqlite::types::Value::Text(v) => v,
            other => format!("{other:?}"),
        }
    };
    let writer = Connection::open(&path(&database), Mode::Write).unwrap();
    for (name, expected) in
        [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("trusted_schema", "0")]
    {
        assert_eq!(pragma(&writer, name), expected, "{name}");
    }
    let reader = Connection::open(&path(&database), Mode::Read).unwrap();
    for (name, expected) in [("journal_mode", "wal"), ("query_only", "1"), ("foreign_keys", "1")] {
        assert_eq!(pragma(&reader, name), expected, "{name}");
    }
    drop(store);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    add_one(&store, 1, "a").await.unwrap();
    for file in std::fs::read_dir(path(&database).parent().unwrap()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn text_cannot_get_into_a_number_even_from_elsewhere() {
    let database = Database::sqlite();
    let _store = database.open(MIGRATIONS).await;
    let raw = Raw::open(path(&database)).unwrap();
    let e = raw.execute("INSERT INTO test_thing (id, name) VALUES ('x', 'y')", []).unwrap_err();
    assert_eq!(error(e).kind(), ErrorKind::Type);
}

/// Does things to the writer's own connection.
struct Alone {
    database: Database,
    connection: Connection,
}

impl Alone {
    async fn new() -> Self {
        let database = Database::sqlite();
        drop(database.open(MIGRATIONS).await);
        let connection = Connection::open(&path(&database), Mode::Write).unwrap();
        Self { database, connection }
    }

    /// Writes these in one commit; what each is answered.
    fn write(&self, rows: &[(i64, String)]) -> Vec<Result<u64, ErrorKind>> {
        let (batch, answers): (Vec<Box<dyn Work>>, Vec<_>) = rows
            .iter()
            .cloned()
            .map(|(id, name)| {
                let (call, answer) = crate::work::Call::new(async move |tx: &mut Tx<'_>| {
                    tx.execute(&crate::tests::INSERT, params![id, &name, None::<&str>, None::<&[u8]>]).await
                });
                (Box::new(call) as Box<dyn Work>, answer)
            })
            .unzip();
        write(&self.connection, &Place::of(&path(&self.database)), batch, &AtomicU64::new(0));
        let told = |mut answer: oneshot::Receiver<Result<u64, Error>>| answer.try_recv().unwrap();
        answers.into_iter().map(|answer| told(answer).map_err(|e| e.kind())).collect()
    }

    async fn count(&self) -> i64 {
        count(&Store::open(self.database.config(), MIGRATIONS).await.unwrap()).await
    }
}

#[tokio::test]
async fn when_the_disk_is_full_nothing_of_the_commit_is_kept_and_then_it_goes_on() {
    let alone = Alone::new().await;
    let pages = |pragma: &str| -> i64 { alone.connection.db.query_row(pragma, [], |r| r.get(0)).unwrap() };
    pages("PRAGMA max_page_count=1");
    let rows = [(1, "a".to_owned()), (2, "b".repeat(100_000)), (3, "c".to_owned())];
    assert_eq!(alone.write(&rows), [Err(ErrorKind::Unavailable); 3]);
    assert_eq!(alone.count().await, 0);
    pages("PRAGMA max_page_count=1000000");
    assert_eq!(alone.write(&rows), [Ok(1); 3]);
    assert_eq!(alone.count().await, 3);
}

#[tokio::test]
async fn writes_are_refused_while_the_file_is_elsewhere() {
    let database = Database::sqlite();
    let store = database.open(MIGRATIONS).await;
    assert_eq!(add_one(&store, 1, "a").await, Ok(1));
    let (here, there) = (path(&database), path(&database).with_extension("moved"));
    for replaced in [false, true] {
        std::fs::rename(&here, &there).unwrap();
        if replaced {
            std::fs::copy(&there, &here).unwrap();
        }
        assert_eq!(add_one(&store, 2, "b").await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(count(&store).await, 1, "reading goes on");
        std::fs::rename(&there, &here).unwrap();
    }
    assert_eq!(add_one(&store, 2, "b").await, Ok(1));
    assert_eq!(count(&store).await, 2);
}
