//! The clock: not before this program was made, not before what it has written already. Whether others agree is told by
//! [`super::addresses`], which hears what time it is there.

use base::{Instant, limits::CLOCK_SKEW_S};
use store::{ErrorKind, copy::CopyError, inspect};

use super::{Finding, State};
use crate::config::Config;

/// A day on which this program was still being written.
const WRITTEN: &str = "2026-11-22T00:00:00Z";

pub(super) async fn check(config: &Config, now: Instant) -> Vec<Finding> {
    vec![release(now), database(config, now).await]
}

fn release(now: Instant) -> Finding {
    match Instant::parse_rfc3339(WRITTEN) {
        Some(written) if now < written => {
            let found = format!("it is {} here, before this program was written", now.rfc3339());
            Finding::failure(
                "clock_release",
                found,
                "set the clock of this machine: `timedatectl set-ntp true`",
            )
        }
        _ => Finding::ok("clock_release", format!("it is {} here", now.rfc3339())),
    }
}

/// Time does not go backwards: nothing was written later than now.
async fn database(config: &Config, now: Instant) -> Finding {
    const CODE: &str = "clock_database";
    let found = match config.database() {
        Ok(database) => inspect::newest_instant(&database).await,
        Err(_) => return Finding::bad(CODE, State::Unknown, "there is no database", "see `config`"),
    };
    match found {
        Ok(Some(newest)) if newest > now.plus_secs(CLOCK_SKEW_S) => Finding::failure(
            CODE,
            format!("it is {} here, and something was written at {}", now.rfc3339(), newest.rfc3339()),
            "find out which of the two was wrong; if it is this clock, `timedatectl set-ntp true`",
        ),
        Ok(Some(newest)) => {
            Finding::ok(CODE, format!("the newest that was written is of {}", newest.rfc3339()))
        }
        Ok(None) => Finding::ok(CODE, "nothing was written yet"),
        Err(CopyError::Store(e)) if e.kind() == ErrorKind::NotMigrated => {
            Finding::ok(CODE, "nothing was written yet")
        }
        Err(e) => Finding::bad(CODE, State::Unknown, e.to_string(), "see `database_open`"),
    }
}
