//! Migrations, and the refusal of databases that are not as this program knows them.

use super::*;
use crate::{
    ErrorKind::{Migration as Refused, NotMigrated},
    fixture::{self, Database},
};

const ONE: Migration =
    Migration { name: "a_001", sql: "CREATE TABLE a_one (id BIGINT PRIMARY KEY, body BYTEA);" };
const TWO: Migration =
    Migration { name: "a_002", sql: "ALTER TABLE a_one ADD COLUMN note TEXT NOT NULL DEFAULT 'x'" };
const OTHER: Migration =
    Migration { name: "b_001", sql: "CREATE TABLE b_one (id BIGINT REFERENCES a_one (id))" };

async fn open(database: &Database, migrations: &[Migration]) -> Result<Store, Error> {
    Store::open(database.config(), migrations).await
}

async fn migrate(database: &Database, migrations: &[Migration]) -> Result<Vec<String>, Error> {
    Store::migrate(database.config(), migrations).await
}

#[tokio::test]
async fn what_is_missing_is_applied_once_in_order() {
    fixture::each_database(async |database: &Database| {
        let e = open(database, &[ONE]).await.unwrap_err();
        assert_eq!(e.kind(), NotMigrated);
        assert!(e.to_string().contains("sahihi migrate"), "{e}");
        assert_eq!(
            migrate(database, &[ONE, OTHER]).await.unwrap(),
            ["store_001_jobs", "store_002_ready", "a_001", "b_001"]
        );
        assert_eq!(migrate(database, &[ONE, OTHER]).await.unwrap(), [""; 0]);
        open(database, &[ONE, OTHER]).await.unwrap();
        // A feature's next migration stands before another feature's first.
        assert_eq!(open(database, &[ONE, TWO, OTHER]).await.unwrap_err().kind(), NotMigrated);
        assert_eq!(migrate(database, &[ONE, TWO, OTHER]).await.unwrap(), ["a_002"]);
        open(database, &[ONE, TWO, OTHER]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_changed_or_unknown_migration_is_refused() {
    fixture::each_database(async |database: &Database| {
        migrate(database, &[ONE, OTHER]).await.unwrap();
        let changed = Migration { sql: "CREATE TABLE a_one (id BIGINT PRIMARY KEY)", ..ONE };
        for unfit in [&[changed, OTHER][..], &[ONE]] {
            assert_eq!(migrate(database, unfit).await.unwrap_err().kind(), Refused);
            assert_eq!(open(database, unfit).await.unwrap_err().kind(), Refused);
        }
    })
    .await;
}

#[tokio::test]
async fn of_a_migration_that_fails_nothing_is_kept() {
    fixture::each_database(async |database: &Database| {
        let fails = Migration { name: "a_002", sql: "CREATE TABLE a_two (id BIGINT); DROP TABLE nothing;" };
        assert_eq!(migrate(database, &[ONE, fails]).await.unwrap_err().kind(), Refused);
        // The one before it is.
        let mended = Migration { sql: "CREATE TABLE a_two (id BIGINT)", ..fails };
        assert_eq!(migrate(database, &[ONE, mended]).await.unwrap(), ["a_002"]);
    })
    .await;
}

#[tokio::test]
async fn a_column_of_another_type_is_refused() {
    fixture::each_database(async |database: &Database| {
        for column in
            ["at DATE", "at TIMESTAMP", "ok BOOL", "n SMALLINT", "n DOUBLE PRECISION", "at", "t CHAR (3)"]
        {
            let odd =
                Migration { name: "a_001", sql: format!("CREATE TABLE a_odd (id BIGINT, {column})").leak() };
            assert_eq!(migrate(database, &[odd]).await.unwrap_err().kind(), Refused, "{column}");
        }
        // As a name such a word is nobody's concern.
        let named =
            Migration { name: "a_001", sql: "CREATE TABLE a_odd (date TEXT, time BIGINT, bool BYTEA)" };
        migrate(database, &[named]).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_may_migrate_at_once() {
    fixture::each_database(async |database: &Database| {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let config = database.config().clone();
                tokio::spawn(async move { Store::migrate(&config, &[ONE, TWO, OTHER]).await })
            })
            .collect();
        let mut applied = Vec::new();
        for task in tasks {
            applied.extend(task.await.unwrap().unwrap());
        }
        assert_eq!(applied.len(), 5, "{applied:?}");
        open(database, &[ONE, TWO, OTHER]).await.unwrap();
    })
    .await;
}

#[test]
fn names_are_plain_and_unique() {
    for names in [["a", "a"], ["A", "b"], ["", "b"], ["a b", "c"], ["store_001_jobs", "b"]] {
        let migrations = names.map(|name| Migration { name, sql: "" });
        assert_eq!(all(&migrations).err().map(|e| e.kind()), Some(Refused), "{names:?}");
    }
}

#[test]
fn scripts_are_put_into_each_engines_words() {
    let check = |script: &str, sqlite: &[&str], postgres: &[&str]| {
        assert_eq!(translate(script, Dialect::Sqlite).unwrap(), sqlite);
        assert_eq!(translate(script, Dialect::Postgres).unwrap(), postgres);
    };
    check(
        "CREATE TABLE t (a BIGINT, b BYTEA, c text CHECK (c <> 'TEXT; BYTEA')); -- done;\n",
        &["CREATE TABLE t (a INT, b BLOB, c text CHECK (c <> 'TEXT; BYTEA')) STRICT"],
        &["CREATE TABLE t (a BIGINT, b BYTEA, c TEXT COLLATE \"C\" CHECK (c <> 'TEXT; BYTEA'))"],
    );
    check(
        "ALTER TABLE t ADD COLUMN d TEXT;UPDATE t SET d = CAST(a AS TEXT);;",
        &["ALTER TABLE t ADD COLUMN d TEXT", "UPDATE t SET d = CAST(a AS TEXT)"],
        &["ALTER TABLE t ADD COLUMN d TEXT COLLATE \"C\"", "UPDATE t SET d = CAST(a AS TEXT)"],
    );
    check("-- nothing", &[], &[]);
}

#[test]
fn scripts_that_mean_different_things_are_refused() {
    for bad in [
        "COMMIT",
        "PRAGMA foreign_keys = OFF",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t (a INTEGER)",
        "VACUUM",
        "CREATE TABLE t (a BIGINT REFERENCES u (a) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE t (a TEXT) WITHOUT x",
        "CREATE TABLE t (a TEXT COLLATE nocase)",
        "CREATE TABLE t (a TEXT CHECK (a LIKE 'x'))",
        "CREATE TABLE t (a BIGSERIAL)",
        "INSERT INTO t VALUES ($1)",
        "CREATE TABLE t (a TEXT); /* c */",
        "GRANT a TO b",
    ] {
        assert!(translate(bad, Dialect::Sqlite).is_err(), "{bad}");
    }
}
