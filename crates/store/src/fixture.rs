//! For tests: a database of its own for each test, on both engines.
//!
//! `SAHIHI_TEST_POSTGRES` is the address of the superuser's database of a cluster (`cargo xtask postgres` starts one).
//! Without it a test fails: a test that is left out proves nothing.

use std::{
    env, process,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{Config, Migration, Store, postgres};

/// The variable that says where the cluster is.
pub const POSTGRES: &str = "SAHIHI_TEST_POSTGRES";

/// An empty database, removed when this is dropped.
#[derive(Debug)]
pub struct Database {
    config: Config,
    remove: Remove,
}

#[derive(Debug)]
enum Remove {
    Folder { _folder: tempfile::TempDir },
    Database { name: String },
}

impl Database {
    /// A file in a folder of its own.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[expect(clippy::panic, reason = "a test without its database has failed")]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder for the test's database: {e}"));
        let config = Config::Sqlite { path: folder.path().join("test.sqlite") };
        Self { config, remove: Remove::Folder { _folder: folder } }
    }

    /// A database of the cluster.
    ///
    /// # Panics
    /// When [`POSTGRES`] is not set, or the cluster refuses.
    #[expect(clippy::panic, reason = "a test without its database has failed")]
    pub async fn postgres() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sahihi_test_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let cluster = cluster();
        let made = async {
            // One of an earlier process with the same number may be left.
            postgres::administer(&cluster, drop_database(&name)).await?;
            postgres::administer(
                &cluster,
                format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"),
            )
            .await
        };
        made.await.unwrap_or_else(|e| panic!("no database for the test: {e}"));
        let config = Config::Postgres { url: with_database(&cluster, &name) };
        Self { config, remove: Remove::Database { name } }
    }

    /// Where it is.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Applies the migrations and opens it.
    ///
    /// # Panics
    /// When a migration is refused.
    #[expect(clippy::panic, reason = "a test without its database has failed")]
    pub async fn open(&self, migrations: &[Migration]) -> Store {
        let opened = async {
            Store::migrate(&self.config, migrations).await?;
            Store::open(&self.config, migrations).await
        };
        opened.await.unwrap_or_else(|e| panic!("the test's database cannot be opened: {e}"))
    }
}

/// Opens a database whose migrations somebody else knows: to look at what a program that was killed left.
///
/// # Panics
/// When it cannot be opened.
#[expect(clippy::panic, reason = "a test without its database has failed")]
pub async fn open_as_it_is(config: &Config) -> Store {
    Store::connect(config).await.unwrap_or_else(|e| panic!("the database cannot be opened: {e}"))
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Remove::Database { name } = &self.remove {
            // As well as it can be done; a database that is left is removed by the next process of the same number.
            postgres::administer_blocking(&cluster(), drop_database(name));
        }
    }
}

fn drop_database(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

#[expect(clippy::panic, reason = "a test without its database has failed")]
fn cluster() -> String {
    env::var(POSTGRES).unwrap_or_else(|_| {
        panic!(
            "{POSTGRES} is not set: run `cargo xtask postgres`, which starts a cluster and says what to set"
        )
    })
}

/// The same address with another database.
pub(crate) fn with_database(url: &str, name: &str) -> String {
    let (before, query) = url.split_once('?').map_or((url, None), |(b, q)| (b, Some(q)));
    let authority = before.find("://").map_or(0, |at| at + 3);
    let end =
        before.get(authority..).and_then(|rest| rest.find('/')).map_or(before.len(), |at| authority + at);
    let server = before.get(..end).unwrap_or(before);
    query.map_or_else(|| format!("{server}/{name}"), |q| format!("{server}/{name}?{q}"))
}

/// Runs a test on `SQLite` and then on `PostgreSQL`, each with a migrated database of its own.
///
/// ```ignore
/// #[tokio::test]
/// async fn a_person_is_found() {
///     store::fixture::each_engine(MIGRATIONS, async |store: Store| { … }).await;
/// }
/// ```
pub async fn each_engine(migrations: &[Migration], test: impl AsyncFn(Store)) {
    each_database(async |database: &Database| test(database.open(migrations).await).await).await;
}

/// The same with databases that are still empty.
pub async fn each_database(test: impl AsyncFn(&Database)) {
    // Said before anything else runs.
    drop(cluster());
    for database in [Database::sqlite(), Database::postgres().await] {
        test(&database).await;
    }
}

/// [`each_engine`] for a test that is not asynchronous.
///
/// # Panics
/// When there is no runtime, and as [`each_engine`] does.
#[expect(clippy::panic, reason = "a test without its runtime has failed")]
pub fn each_engine_blocking(migrations: &[Migration], test: impl AsyncFn(Store)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap_or_else(|e| panic!("no runtime: {e}")).block_on(each_engine(migrations, test));
}
