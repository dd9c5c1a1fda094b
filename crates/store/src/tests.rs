//! What both engines promise, through the public interface.

use std::{
    future::{Future, pending},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::{
    Config, Error,
    ErrorKind::{self, *},
    Migration, Sql, Store, Tx, fixture, params,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "test_001_things",
    sql: "
        -- Things; and what refers to them.
        CREATE TABLE test_thing (
            id BIGINT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            note TEXT,
            body BYTEA
        );
        CREATE TABLE test_part (thing BIGINT NOT NULL REFERENCES test_thing (id), state TEXT NOT NULL);
        CREATE UNIQUE INDEX test_part_open ON test_part (thing) WHERE state = 'open';
    ",
}];

crate::statements! { @ pub(crate),
    INSERT = "INSERT INTO test_thing (id, name, note, body) VALUES ($1, $2, $3, $4)";
    INSERT_BACKWARDS = "INSERT INTO test_thing (name, id) VALUES ($2, $1)";
    INSERT_OR_LEAVE = "INSERT INTO test_thing (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    INSERT_OR_RENAME = "INSERT INTO test_thing (id, name) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING name";
    INSERT_PART = "INSERT INTO test_part (thing, state) VALUES ($1, $2)";
    INSERT_OPEN = "INSERT INTO test_part (thing, state) VALUES ($1, 'open')
        ON CONFLICT (thing) WHERE state = 'open' DO NOTHING";
    DELETE = "DELETE FROM test_thing WHERE id = $1";
    RENAME_ALL = "UPDATE test_thing SET note = $1";
    BY_ID = "SELECT id, name, note, body FROM test_thing WHERE id = $1";
    NAMES = "SELECT name FROM test_thing ORDER BY name";
    COUNT = "SELECT count(*), EXISTS (SELECT 1 FROM test_thing), 1 FROM test_thing";
    LIKE = "SELECT name FROM test_thing WHERE name LIKE $1 ESCAPE '!' ORDER BY name";
    LOWER = "SELECT lower(name) FROM test_thing";
    LENGTH = "SELECT id FROM test_thing WHERE body = CAST($1 AS BYTEA) AND id = CAST($2 AS BIGINT)";
}

async fn add(tx: &mut Tx<'_>, id: i64, name: &str) -> Result<u64, Error> {
    tx.execute(&INSERT, params![id, name, None::<&str>, None::<&[u8]>]).await
}

pub(crate) async fn add_one(store: &Store, id: i64, name: &'static str) -> Result<u64, Error> {
    store.write(async move |tx: &mut Tx<'_>| add(tx, id, name).await).await
}

pub(crate) async fn count(store: &Store) -> i64 {
    store.read(async |tx: &mut Tx<'_>| tx.one(&COUNT, &[]).await?.int(0)).await.unwrap()
}

fn kind<T: std::fmt::Debug>(done: Result<T, Error>) -> ErrorKind {
    done.unwrap_err().kind()
}

#[tokio::test]
async fn every_statement_is_understood() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        store.prepare_check(STATEMENTS).await.unwrap();
        for own in crate::STATEMENTS {
            store.prepare_check(own).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_is_not_portable_is_found() {
    static NO_TABLE: Sql = Sql::__registered("t", "SELECT a FROM nowhere");
    static BARE_LIKE: Sql = Sql::__registered("t", "SELECT id FROM test_thing WHERE name LIKE $1");
    static SUM: Sql = Sql::__registered("t", "SELECT sum(id) FROM test_thing");
    static PARAM: Sql = Sql::__registered("t", "SELECT id FROM test_thing WHERE substr(name, $1) = ''");
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        assert_eq!(kind(store.prepare_check(&[&NO_TABLE]).await), Statement);
        assert_eq!(kind(store.prepare_check(&[&BARE_LIKE]).await), Statement);
        // SQLite cannot tell; that is why both are asked.
        let told = store.engine_name() == "postgres";
        for sql in [&SUM, &PARAM] {
            let done = store.prepare_check(&[sql]).await;
            assert_eq!(done.map_err(|e| e.kind()), if told { Err(Type) } else { Ok(()) });
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_written_is_read() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        let written = store.write(async |tx: &mut Tx<'_>| {
            tx.execute(&INSERT, params![i64::MAX, "Ünïcode 'quoted'", "", &[] as &[u8]]).await?;
            tx.execute(&INSERT, params![i64::MIN, "b", None::<String>, vec![0_u8, 255]]).await?;
            tx.execute(&INSERT_BACKWARDS, params![7, "seven"]).await
        });
        assert_eq!(written.await, Ok(1));
        store
            .read(async |tx: &mut Tx<'_>| {
                let row = tx.one(&BY_ID, params![i64::MAX]).await?;
                assert_eq!((row.int(0)?, row.text(1)?), (i64::MAX, "Ünïcode 'quoted'"));
                assert_eq!((row.opt_text(2)?, row.opt_bytes(3)?), (Some(""), Some(&[][..])));
                let row = tx.one(&BY_ID, params![i64::MIN]).await?;
                assert_eq!(
                    (row.opt_text(2)?, row.bytes(3)?, row.array::<2>(3)?),
                    (None, &[0, 255][..], [0, 255])
                );
                assert_eq!(kind(row.text(2)), Type);
                assert_eq!(kind(row.int(1)), Type);
                assert_eq!(kind(row.bytes(1)), Type);
                assert_eq!(kind(row.array::<3>(3)), Type);
                assert_eq!(kind(row.opt_int(4)), Type);
                assert_eq!(tx.one(&BY_ID, params![7]).await?.text(1)?, "seven");
                assert_eq!(tx.optional(&BY_ID, params![8]).await?, None);
                assert_eq!(kind(tx.one(&BY_ID, params![8]).await), NoRow);
                let row = tx.one(&COUNT, &[]).await?;
                assert_eq!((row.int(0)?, row.flag(1)?, row.int(2)?), (3, true, 1));
                assert_eq!(tx.all(&LENGTH, params![&[0_u8, 255], i64::MIN]).await?.len(), 1);
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
        assert_eq!(kind(store.read(async |tx: &mut Tx<'_>| tx.one(&NAMES, &[]).await).await), TooManyRows);
    })
    .await;
}

#[tokio::test]
async fn text_is_ordered_and_compared_alike() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        for (id, name) in (0..).zip(["b", "B", "a", "Ä", "a%", "_"]) {
            add_one(&store, id, name).await.unwrap();
        }
        let all = async |sql: &'static Sql, like: Option<&'static str>| {
            let rows = store.read(async move |tx: &mut Tx<'_>| match like {
                Some(p) => tx.all(sql, params![p]).await,
                None => tx.all(sql, &[]).await,
            });
            let mut names: Vec<_> =
                rows.await.unwrap().iter().map(|r| r.text(0).unwrap().to_owned()).collect();
            if like.is_none() && std::ptr::eq(sql, &raw const LOWER) {
                names.sort();
            }
            names
        };
        assert_eq!(all(&NAMES, None).await, ["B", "_", "a", "a%", "b", "Ä"]);
        assert_eq!(all(&LIKE, Some("B%")).await, ["B"]);
        assert_eq!(all(&LIKE, Some("a!%")).await, ["a%"]);
        assert_eq!(all(&LOWER, None).await, ["_", "a", "a%", "b", "b", "Ä"]);
    })
    .await;
}

#[tokio::test]
async fn violations_are_typed_and_say_no_values() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        add_one(&store, 1, "secret").await.unwrap();
        let check =
            async |sql: &'static Sql, id: Option<i64>, name: Option<&'static str>, expected: ErrorKind| {
                let params = async move |tx: &mut Tx<'_>| tx.execute(sql, params![id, name]).await;
                let e = store.write(params).await.unwrap_err();
                assert_eq!(e.kind(), expected, "{e}");
                assert!(!e.to_string().contains("secret") && e.to_string().contains(sql.name()), "{e}");
                e
            };
        assert!(
            check(&INSERT_BACKWARDS, Some(1), Some("other"), UniqueViolation).await.is_unique_violation()
        );
        check(&INSERT_BACKWARDS, Some(2), Some("secret"), UniqueViolation).await;
        assert!(
            check(&INSERT_PART, Some(9), Some("secret"), ForeignKeyViolation)
                .await
                .is_foreign_key_violation()
        );
        assert!(check(&INSERT_BACKWARDS, Some(2), Some(""), CheckViolation).await.is_check_violation());
        check(&INSERT_BACKWARDS, Some(2), None, NotNullViolation).await;
        check(&INSERT_BACKWARDS, None, Some("other"), NotNullViolation).await;
        check(&INSERT_BACKWARDS, Some(2), Some("a\0secret"), Type).await;
    })
    .await;
}

#[tokio::test]
async fn a_row_that_is_referred_to_stays() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        add_one(&store, 1, "a").await.unwrap();
        let part = async |tx: &mut Tx<'_>| tx.execute(&INSERT_PART, params![1, "open"]).await;
        store.write(part).await.unwrap();
        let delete = async |tx: &mut Tx<'_>| tx.execute(&DELETE, params![1]).await;
        assert_eq!(kind(store.write(delete).await), ForeignKeyViolation);
    })
    .await;
}

#[tokio::test]
async fn the_wrong_type_or_number_of_parameters_is_refused() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        let text = async |tx: &mut Tx<'_>| tx.execute(&INSERT_OR_LEAVE, params!["one", "name"]).await;
        assert_eq!(kind(store.write(text).await), Type);
        let bytes = async |tx: &mut Tx<'_>| tx.execute(&INSERT_OR_LEAVE, params![1, b"name"]).await;
        assert_eq!(kind(store.write(bytes).await), Type);
        let few = async |tx: &mut Tx<'_>| tx.execute(&INSERT_OR_LEAVE, params![1]).await;
        assert_eq!(kind(store.write(few).await), Statement);
        let many = async |tx: &mut Tx<'_>| tx.all(&NAMES, params![1]).await;
        assert_eq!(kind(store.read(many).await), Statement);
        assert_eq!(count(&store).await, 0);
    })
    .await;
}

#[tokio::test]
async fn conflicts_can_be_left_or_overwritten() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        let done = store.write(async |tx: &mut Tx<'_>| {
            assert_eq!(tx.execute(&INSERT_OR_LEAVE, params![1, "a"]).await?, 1);
            assert_eq!(tx.execute(&INSERT_OR_LEAVE, params![1, "b"]).await?, 0);
            assert_eq!(tx.one(&INSERT_OR_RENAME, params![1, "c"]).await?.text(0)?, "c");
            assert_eq!(tx.execute(&INSERT_OR_RENAME, params![1, "d"]).await?, 1);
            assert_eq!(tx.execute(&INSERT_PART, params![1, "closed"]).await?, 1);
            assert_eq!(tx.execute(&INSERT_PART, params![1, "closed"]).await?, 1);
            assert_eq!(tx.execute(&INSERT_OPEN, params![1]).await?, 1);
            assert_eq!(tx.execute(&INSERT_OPEN, params![1]).await?, 0);
            tx.execute(&INSERT_OR_LEAVE, params![2, "z"]).await?;
            assert_eq!(tx.execute(&RENAME_ALL, params!["n"]).await?, 2);
            assert_eq!(tx.execute(&NAMES, &[]).await?, 2);
            Ok::<_, Error>(())
        });
        assert_eq!(done.await, Ok(()));
    })
    .await;
}

/// An error of a feature.
#[derive(Debug, PartialEq)]
enum Refusal {
    TooLate,
    Store(ErrorKind),
}
impl From<Error> for Refusal {
    fn from(e: Error) -> Self {
        Self::Store(e.kind())
    }
}

/// Nothing of a closure that ends thus is kept, and the next write goes through.
async fn check_nothing_kept<F>(closure: F, expected: Refusal)
where
    F: AsyncFn(&mut Tx<'_>) -> Result<(), Refusal> + Send + Clone + 'static,
{
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        let closure = closure.clone();
        let done = store.write(async move |tx: &mut Tx<'_>| {
            add(tx, 1, "kept?").await?;
            closure(tx).await
        });
        assert_eq!(done.await.as_ref(), Err(&expected), "{store:?}");
        assert_eq!(count(&store).await, 0, "{store:?}");
        add_one(&store, 2, "next").await.unwrap();
        assert_eq!(count(&store).await, 1, "{store:?}");
    })
    .await;
}

#[tokio::test]
async fn a_refusal_rolls_back() {
    check_nothing_kept(async |_: &mut Tx<'_>| Err(Refusal::TooLate), Refusal::TooLate).await;
}

#[tokio::test]
#[expect(clippy::panic, reason = "that is what is tested")]
async fn a_panic_rolls_back() {
    check_nothing_kept(async |_: &mut Tx<'_>| panic!("on purpose"), Refusal::Store(Panicked)).await;
}

#[tokio::test]
async fn a_foreign_await_rolls_back() {
    check_nothing_kept(async |_: &mut Tx<'_>| pending().await, Refusal::Store(ForeignAwait)).await;
    let later = async |tx: &mut Tx<'_>| {
        add(tx, 3, "another").await?;
        tokio::task::yield_now().await;
        Ok(())
    };
    check_nothing_kept(later, Refusal::Store(ForeignAwait)).await;
}

#[tokio::test]
async fn a_write_within_a_write_is_refused() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        let inner = store.clone();
        let nested = store.write(async move |_: &mut Tx<'_>| add_one(&inner, 1, "a").await);
        assert_eq!(kind(nested.await), ForeignAwait);
    })
    .await;
}

#[tokio::test]
async fn after_a_failed_statement_nothing_is_kept() {
    let swallowed = async |tx: &mut Tx<'_>| {
        assert_eq!(kind(add(tx, 1, "again").await), UniqueViolation);
        Ok(())
    };
    check_nothing_kept(swallowed, Refusal::Store(Poisoned)).await;
    let went_on = async |tx: &mut Tx<'_>| {
        assert_eq!(kind(add(tx, 1, "again").await), UniqueViolation);
        assert_eq!(kind(add(tx, 3, "fresh").await), Poisoned);
        assert_eq!(kind(tx.all(&NAMES, &[]).await), Poisoned);
        Err(Refusal::TooLate)
    };
    check_nothing_kept(went_on, Refusal::TooLate).await;
}

#[tokio::test]
async fn a_read_cannot_write() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        let done = store.read(async |tx: &mut Tx<'_>| add(tx, 1, "a").await).await;
        assert_eq!(kind(done), ReadOnly);
        // Nor does it leave a connection behind that cannot be used.
        for _ in 0..20 {
            assert_eq!(count(&store).await, 0);
        }
        assert_eq!(store.commits(), 0);
    })
    .await;
}

#[tokio::test]
#[expect(clippy::panic, reason = "that is what is tested")]
async fn a_read_that_panics_or_waits_leaves_nothing_behind() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        for _ in 0..10 {
            let panics =
                store.read(async |_: &mut Tx<'_>| -> Result<(), Error> { panic!("on purpose") }).await;
            assert_eq!(kind(panics), Panicked);
            let waits = store.read(async |_: &mut Tx<'_>| -> Result<(), Error> { pending().await }).await;
            assert_eq!(kind(waits), ForeignAwait);
        }
        assert_eq!(count(&store).await, 0);
    })
    .await;
}

/// HTTP handlers need this to compile.
fn is_send<T: Future + Send>(future: T) -> T {
    future
}

#[tokio::test]
async fn writes_from_many_tasks_are_all_there() {
    fixture::each_engine(MIGRATIONS, async |store: Store| {
        let runs = Arc::new(AtomicU32::new(0));
        let tasks: Vec<_> = (0..100)
            .map(|id: i64| {
                let (store, runs) = (store.clone(), Arc::clone(&runs));
                let name = format!("thing {id}");
                tokio::spawn(is_send(async move {
                    let write = store.write(async move |tx: &mut Tx<'_>| {
                        runs.fetch_add(1, Ordering::Relaxed);
                        // Everybody reads what everybody writes.
                        let before = tx.one(&COUNT, &[]).await?.int(0)?;
                        add(tx, before, &name).await
                    });
                    is_send(write).await
                }))
            })
            .collect();
        let mut written = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => written += 1,
                // Under so much contention PostgreSQL may give one up, and says so.
                Err(e) => assert!(e.is_busy(), "{e}"),
            }
        }
        assert_eq!(count(&store).await, written);
        if store.engine_name() == "sqlite" {
            assert_eq!((written, runs.load(Ordering::Relaxed)), (100, 100));
        }
    })
    .await;
}

#[test]
fn errors_and_addresses_say_nothing_that_is_secret() {
    let config = Config::Postgres { url: "postgres://me:secret@host/base".to_owned() };
    assert!(!format!("{config:?}").contains("secret"));
    let value = params!["secret", b"secret"];
    assert!(!format!("{value:?}").contains("secret"));
}
