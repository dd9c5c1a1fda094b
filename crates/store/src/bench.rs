//! For measurements alone (feature `bench`): commits that take longer, writes that share none, a database filled fast.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use base::limits;

use crate::{Config, Error, Store, fixture::with_database, postgres, sqlite};

static DELAY_US: AtomicU64 = AtomicU64::new(0);
static ALONE: AtomicBool = AtomicBool::new(false);
static CARELESS: AtomicBool = AtomicBool::new(false);

/// Has every commit on `SQLite` wait this long before it begins.
pub fn delay_commits(by: Duration) {
    DELAY_US.store(u64::try_from(by.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// Whether each write on `SQLite` has a commit of its own.
pub fn one_write_a_commit(alone: bool) {
    ALONE.store(alone, Ordering::Relaxed);
}

/// Whether `SQLite` databases that are opened from now on flush nothing and keep gigabytes in memory: to fill them fast.
pub fn careless(careless: bool) {
    CARELESS.store(careless, Ordering::Relaxed);
}

#[expect(clippy::disallowed_methods, reason = "it stands for a slower disk: nothing is waited for")]
pub(crate) fn before_commit() {
    let delay = DELAY_US.load(Ordering::Relaxed);
    if delay > 0 {
        thread::sleep(Duration::from_micros(delay));
    }
}

pub(crate) fn batch_max() -> usize {
    if ALONE.load(Ordering::Relaxed) { 1 } else { limits::STORE_BATCH_MAX }
}

/// What a writing connection is told besides.
pub(crate) fn pragmas() -> &'static str {
    if CARELESS.load(Ordering::Relaxed) {
        "PRAGMA synchronous=OFF; PRAGMA cache_size=-6000000; PRAGMA wal_autocheckpoint=1000000;"
    } else {
        ""
    }
}

/// How many bytes a database has: the file after everything was moved there, or what the cluster says.
pub async fn bytes(config: &Config) -> Result<u64, Error> {
    match config {
        Config::Sqlite { path } => sqlite::bytes(path.clone()).await,
        Config::Postgres { url } => postgres::bytes(url.clone()).await,
    }
}

/// Makes a database in the cluster of the superuser's database `url`, instead of one with the same name; its address.
pub async fn database(url: &str, name: &str) -> Result<String, Error> {
    postgres::administer(url, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    postgres::administer(url, format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await?;
    Ok(with_database(url, name))
}

/// Opens a database whatever migrations were applied to it: the one of a program that is measured.
pub async fn open_as_it_is(config: &Config) -> Result<Store, Error> {
    Store::connect(config).await
}
