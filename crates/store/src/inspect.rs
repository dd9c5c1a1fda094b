//! What `sahihi doctor` asks a database: nothing here changes it.

use base::Instant;
use rusqlite::OpenFlags;
use tokio::task::LocalSet;

use crate::{
    Config, Error, ErrorKind, Migration,
    copy::{self, CopyError},
    jobs, migrate, postgres, sqlite,
};

/// What a database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// `SQLite 3.50.4` or `PostgreSQL 15.4`.
    pub version: String,
    /// Whether this program works with that version.
    pub version_will_do: bool,
    /// What of its settings loses confirmed writes when the power fails, or refuses writes; in its own words.
    pub not_durable: Vec<String>,
    /// What its own check of its structure found; nothing on `PostgreSQL`, which has no such check.
    pub unsound: Option<Vec<String>>,
}

/// The oldest `PostgreSQL`, as `server_version_num` has it.
const POSTGRES_MIN: i64 = 130_000;

/// Asks it. An error is that of opening it.
pub async fn inspect(config: &Config) -> Result<Inspection, Error> {
    let config = config.clone();
    sqlite::on_a_thread(move || match &config {
        Config::Sqlite { path } => {
            if !path.exists() {
                return Err(Error::new(ErrorKind::NotMigrated, "there is no such file"));
            }
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let db = rusqlite::Connection::open_with_flags(path, flags).map_err(sqlite::error)?;
            of_sqlite(&db).map_err(sqlite::error)
        }
        Config::Postgres { url } => {
            let config = postgres::config(url)?;
            LocalSet::new().block_on(&postgres::runtime()?, async {
                let connection = postgres::Connection::open(&config).await?;
                of_postgres(&connection.client).await.map_err(|e| postgres::error(&e))
            })
        }
    })
    .await
}

fn of_sqlite(db: &rusqlite::Connection) -> rusqlite::Result<Inspection> {
    let mode: String = db.query_row("PRAGMA journal_mode", [], |r| r.get(0))?;
    let mut check = db.prepare("PRAGMA quick_check(10)")?;
    // A file that is broken enough cannot even be checked.
    let found: rusqlite::Result<Vec<String>> = check.query_map([], |r| r.get(0)).and_then(Iterator::collect);
    let found = found.unwrap_or_else(|e| vec![sqlite::error(e).to_string()]);
    Ok(Inspection {
        version: format!("SQLite {}", rusqlite::version()),
        version_will_do: true,
        not_durable: if mode == "wal" {
            Vec::new()
        } else {
            vec![format!("journal_mode is {mode}, not wal")]
        },
        unsound: Some(found.into_iter().filter(|line| line != "ok").collect()),
    })
}

async fn of_postgres(client: &tokio_postgres::Client) -> Result<Inspection, tokio_postgres::Error> {
    let mut not_durable = Vec::new();
    for (name, wanted) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("transaction_read_only", "off"),
        ("server_encoding", "UTF8"),
    ] {
        let row = client.query_one("SELECT current_setting($1)", &[&name]).await?;
        let found: String = row.try_get(0)?;
        // Stricter than on: it waits for a copy as well.
        let stricter = name == "synchronous_commit" && found == "remote_apply";
        if found != wanted && !stricter {
            not_durable.push(format!("{name} is {found}, not {wanted}"));
        }
    }
    let row = client
        .query_one(
            "SELECT current_setting('server_version'), CAST(current_setting('server_version_num') AS BIGINT)",
            &[],
        )
        .await?;
    Ok(Inspection {
        version: format!("PostgreSQL {}", row.try_get::<_, String>(0)?),
        version_will_do: row.try_get::<_, i64>(1)? >= POSTGRES_MIN,
        not_durable,
        unsound: None,
    })
}

/// Whether exactly these migrations were applied: what [`crate::Store::open`] would say.
pub async fn migrated(config: &Config, migrations: &[Migration]) -> Result<(), CopyError> {
    let rows = match copy::looked_up(config, &migrate::APPLIED).await {
        // The register itself is not there.
        Err(CopyError::Store(e)) if e.kind() == ErrorKind::Statement => Vec::new(),
        rows => rows?,
    };
    match migrate::missing(&migrate::all(migrations)?, &migrate::applied(&rows)?)?.first() {
        None => Ok(()),
        Some(script) => Err(Error::new(ErrorKind::NotMigrated, format!("{} is missing", script.name)).into()),
    }
}

/// How many jobs wait or run, and how many were given up: [`crate::Store::count_jobs`] of a database that nobody opens.
pub async fn jobs(config: &Config) -> Result<(i64, i64), CopyError> {
    let rows = copy::looked_up(config, &jobs::COUNT).await?;
    let row = rows.first().ok_or_else(|| Error::new(ErrorKind::NoRow, ""))?;
    let given_up = row.int(1)?;
    Ok((row.int(0)? - given_up, given_up))
}

/// The newest instant at which anything happened, by every column named `…at` that does not say when something ends;
/// `None` where nothing has. It reads whole tables: seconds for millions of rows.
pub async fn newest_instant(config: &Config) -> Result<Option<Instant>, CopyError> {
    copy::newest(config, happened).await
}

/// Whether a column says when something happened.
fn happened(column: &str) -> bool {
    (column == "at" || column.ends_with("_at"))
        && !["expires_at", "ends_at"].iter().any(|end| column.ends_with(end))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Tx, fixture, params};

    const MIGRATIONS: &[Migration] = &[Migration {
        name: "inspected_001",
        sql: "CREATE TABLE inspected_thing (id BIGINT PRIMARY KEY, made_at BIGINT, at BIGINT, expires_at BIGINT,
                session_ends_at BIGINT, chat BIGINT);",
    }];

    crate::statements! { @ pub(super),
        INSERT = "INSERT INTO inspected_thing (id, made_at, at, expires_at, session_ends_at, chat)
            VALUES ($1, $2, $3, $4, $4, $4)";
    }

    #[tokio::test]
    async fn the_newest_instant_is_one_at_which_something_happened() {
        fixture::each_database(async |database| {
            let store = database.open(MIGRATIONS).await;
            store.prepare_check(STATEMENTS).await.unwrap();
            let newest = async || newest_instant(database.config()).await.unwrap();
            assert_eq!(newest().await, None);
            let insert = async |id: i64, made: Option<i64>, at: Option<i64>| {
                let insert = async move |tx: &mut Tx<'_>| {
                    tx.execute(&INSERT, params![id, made, at, i64::MAX]).await.map(drop)
                };
                store.write::<_, Error, _>(insert).await.unwrap();
            };
            insert(1, Some(1_000), None).await;
            assert_eq!(newest().await, Some(Instant::from_ms(1_000)));
            insert(2, Some(500), Some(2_000)).await;
            assert_eq!(newest().await, Some(Instant::from_ms(2_000)));
        })
        .await;
    }

    #[tokio::test]
    async fn an_inspection_changes_nothing() {
        fixture::each_database(async |database| {
            let refused = migrated(database.config(), MIGRATIONS).await.unwrap_err();
            let CopyError::Store(refused) = refused else { unreachable!("{refused}") };
            assert_eq!(refused.kind(), ErrorKind::NotMigrated);
            drop(database.open(MIGRATIONS).await);
            let before = copy::summary(database.config()).await.unwrap();
            let found = inspect(database.config()).await.unwrap();
            assert!(found.version_will_do, "{found:?}");
            assert!(found.unsound.is_none_or(|lines| lines.is_empty()));
            migrated(database.config(), MIGRATIONS).await.unwrap();
            assert_eq!(copy::summary(database.config()).await.unwrap(), before);
        })
        .await;
    }
}
