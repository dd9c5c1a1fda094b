//! The clock: not at a time that is certainly over, not before what was written already. Whether others agree is told by
//! [`super::addresses`], which hears what time it is there; a certificate that has not begun or has ended may tell, too.

use base::{Instant, limits::CLOCK_SKEW_S};
use store::{ErrorKind, copy::CopyError, inspect};

use super::{Finding, State};
use crate::config::Config;

/// A day on which this program was still being written. It finds the machine whose clock has lost its battery and stands at
/// its maker's first day or in 1970, before the first keys are made by it; it need not be the day of a release.
const WRITTEN: &str = "2026-11-22T00:00:00Z";

pub(super) async fn check(config: &Config, now: Instant) -> Vec<Finding> {
    vec![plausible(now), database(config, now).await]
}

fn plausible(now: Instant) -> Finding {
    const CODE: &str = "clock_plausible";
    match Instant::parse_rfc3339(WRITTEN) {
        Some(written) if now < written => {
            let found = format!("it is {} here, before this program was written", now.rfc3339());
            Finding::failure(CODE, found, "set the clock of this machine: `timedatectl set-ntp true`")
        }
        _ => Finding::ok(CODE, format!("it is {} here", now.rfc3339())),
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
