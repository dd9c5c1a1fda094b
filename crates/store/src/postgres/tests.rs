//! What is peculiar to `PostgreSQL`: conflicts, and connections that are lost.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicU32, Ordering},
};

use crate::{
    Config, Error, ErrorKind, Sql, Store, Tx,
    fixture::Database,
    params, postgres,
    tests::{MIGRATIONS, add_one, count},
};

static OTHERS: Sql = Sql::__registered("t", "SELECT count(*) FROM test_part WHERE state <> $1");
static INSERT: Sql = Sql::__registered("t", "INSERT INTO test_part (thing, state) VALUES ($1, $2)");
static INSERT_ORPHAN: Sql = Sql::__registered("t", "INSERT INTO test_deferred (thing) VALUES ($1)");
static END_ALL: Sql = Sql::__registered(
    "t",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()",
);

fn url(database: &Database) -> String {
    match database.config() {
        Config::Sqlite { .. } => String::new(),
        Config::Postgres { url } => url.clone(),
    }
}

#[tokio::test]
async fn of_two_transactions_that_overlook_each_other_one_runs_again() {
    let database = Database::postgres().await;
    let store = database.open(MIGRATIONS).await;
    add_one(&store, 1, "a").await.unwrap();
    let both_have_read = Arc::new(Barrier::new(2));
    // Each writes only if nobody else has: at most one may find nobody.
    let only_one = |mine: &'static str| {
        let both_have_read = Arc::clone(&both_have_read);
        let runs = AtomicU32::new(0);
        store.write(async move |tx: &mut Tx<'_>| {
            let others = tx.one(&OTHERS, params![mine]).await?.int(0)?;
            let run = runs.fetch_add(1, Ordering::Relaxed);
            if run == 0 {
                // They run on two threads, so one can wait for the other.
                both_have_read.wait();
            }
            if others == 0 {
                tx.execute(&INSERT, params![1, mine]).await?;
            }
            Ok::<_, Error>((run + 1, others))
        })
    };
    let (a, b) = tokio::join!(only_one("a"), only_one("b"));
    let mut found = [a.unwrap(), b.unwrap()];
    found.sort_unstable();
    assert_eq!(found, [(1, 0), (2, 1)]);
}

#[tokio::test]
async fn a_closure_that_always_conflicts_is_given_up() {
    let database = Database::postgres().await;
    let store = database.open(MIGRATIONS).await;
    let url = url(&database);
    add_one(&store, 1, "a").await.unwrap();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let done = store.write(async move |tx: &mut Tx<'_>| {
        runs.fetch_add(1, Ordering::Relaxed);
        tx.one(&crate::tests::COUNT, &[]).await?;
        // Somebody else is always quicker.
        postgres::administer_blocking(&url, "UPDATE test_thing SET note = 'theirs'".to_owned());
        tx.execute(&crate::tests::RENAME_ALL, params!["ours"]).await
    });
    let e = done.await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Conflict);
    assert!(e.is_busy());
    assert_eq!(counted.load(Ordering::Relaxed), base::limits::STORE_RERUNS_MAX + 1);
}

#[tokio::test]
async fn a_commit_that_fails_is_told() {
    let database = Database::postgres().await;
    let store = database.open(MIGRATIONS).await;
    let table =
        "CREATE TABLE test_deferred (thing BIGINT REFERENCES test_thing (id) DEFERRABLE INITIALLY DEFERRED)";
    postgres::administer(&url(&database), table.to_owned()).await.unwrap();
    let orphan = store.write(async |tx: &mut Tx<'_>| tx.execute(&INSERT_ORPHAN, params![99]).await);
    assert_eq!(orphan.await.unwrap_err().kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(store.commits(), 0);
}

#[tokio::test]
async fn lost_connections_are_replaced() {
    let database = Database::postgres().await;
    let store = database.open(MIGRATIONS).await;
    for id in 0..4 {
        add_one(&store, id, format!("thing {id}").leak()).await.unwrap();
    }
    let ended = store.write(async |tx: &mut Tx<'_>| tx.all(&END_ALL, &[]).await).await;
    assert!(ended.unwrap_err().is_unavailable());
    for id in 4..8 {
        add_one(&store, id, format!("thing {id}").leak()).await.unwrap();
    }
    assert_eq!(count(&store).await, 8);
}

#[tokio::test]
async fn an_address_without_a_cluster_is_unavailable() {
    let config = Config::Postgres { url: "postgres://nobody@127.0.0.1:1/nothing".to_owned() };
    assert!(Store::open(&config, &[]).await.unwrap_err().is_unavailable());
    let config = Config::Postgres { url: "secret".to_owned() };
    let e = Store::open(&config, &[]).await.unwrap_err();
    assert!(e.is_unavailable() && !e.to_string().contains("secret"));
}
