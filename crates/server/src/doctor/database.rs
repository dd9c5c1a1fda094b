//! The database: it opens, has the form that this program needs, keeps what it confirmed, and is whole.

use store::{ErrorKind, copy::CopyError, inspect};

use super::{Finding, State};
use crate::{config::Config, serve};

pub(super) async fn check(config: &Config, at: &str) -> Vec<Finding> {
    let Ok(database) = config.database() else { return Vec::new() };
    let name = database.name();
    let found = match inspect::inspect(&database).await {
        Ok(found) => found,
        Err(e) => {
            let mend = match (e.kind(), &database) {
                (ErrorKind::NotMigrated, _) => format!("`sahihi migrate --config {at}` makes it"),
                (ErrorKind::Busy, _) => "wait for the `sahihi move` or `sahihi restore` that holds it".to_owned(),
                (_, store::Config::Sqlite { .. }) => {
                    "see that the file can be read and written by this user; if it is damaged, `sahihi restore`".to_owned()
                }
                (_, store::Config::Postgres { .. }) => {
                    "start PostgreSQL, and see that `psql` with the address of `database` gets in".to_owned()
                }
            };
            return vec![Finding::failure("database_open", format!("{name}: {e}"), mend)];
        }
    };
    let mut all = vec![Finding::ok("database_open", format!("{name} is {}", found.version))];
    all.push(version(&found));
    all.push(migrated(&database, at).await);
    all.push(if found.not_durable.is_empty() {
        Finding::ok("database_durable", "what was confirmed survives a loss of power")
    } else {
        let mend = match &database {
            store::Config::Sqlite { .. } => {
                "stop every command and start the server: it sets this; if it stays, move the file to a local file system"
            }
            store::Config::Postgres { .. } => "set them so in postgresql.conf, and restart PostgreSQL",
        };
        Finding::failure("database_durable", found.not_durable.join("; "), mend)
    });
    all.extend(found.unsound.map(|lines| {
        if lines.is_empty() {
            Finding::ok("database_sound", "its own check finds nothing wrong")
        } else {
            let mend = format!(
                "stop the server, keep a copy of the file, and `sahihi restore --config {at}` the last backup"
            );
            Finding::failure("database_sound", lines.join("; "), mend)
        }
    }));
    all.extend(jobs(&database).await);
    all
}

pub(super) fn version(found: &inspect::Inspection) -> Finding {
    const CODE: &str = "database_version";
    if found.version_will_do {
        Finding::ok(CODE, &found.version)
    } else {
        Finding::failure(CODE, &found.version, "use PostgreSQL 13 or later")
    }
}

async fn migrated(database: &store::Config, at: &str) -> Finding {
    const CODE: &str = "database_migrated";
    match inspect::migrated(database, &serve::migrations()).await {
        Ok(()) => Finding::ok(CODE, "it has the form that this program needs"),
        Err(CopyError::Store(e)) => {
            let mend = match e.kind() {
                ErrorKind::NotMigrated => format!("`sahihi migrate --config {at}`"),
                ErrorKind::Moved => format!("set `database` in {at} to where it was moved"),
                ErrorKind::Unfinished => {
                    "run the `sahihi restore` or `sahihi move` again that was interrupted".to_owned()
                }
                ErrorKind::Migration => "use the release of this program that was used last".to_owned(),
                _ => "see `database_open`".to_owned(),
            };
            Finding::failure(CODE, e.to_string(), mend)
        }
        Err(e) => Finding::bad(CODE, State::Unknown, e.to_string(), "see `database_open`"),
    }
}

/// Jobs that were given up; nothing if the database is not as far.
async fn jobs(database: &store::Config) -> Option<Finding> {
    const CODE: &str = "database_jobs";
    Some(match inspect::jobs(database).await {
        Ok((waiting, 0)) => Finding::ok(CODE, format!("{waiting} jobs wait, none was given up")),
        Ok((_, given_up)) => Finding::bad(
            CODE,
            State::Warning,
            format!("{given_up} jobs were given up"),
            "see in the table `store_job` why, in `last_error`",
        ),
        // Said by another finding.
        Err(CopyError::Store(e)) if e.kind() == ErrorKind::Statement => return None,
        Err(e) => Finding::bad(CODE, State::Unknown, e.to_string(), "see `database_open`"),
    })
}
