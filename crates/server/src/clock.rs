//! The system's clock: read here and nowhere else.

use std::{
    fs,
    path::PathBuf,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use base::{Clock, Instant};

use crate::config::Config;

/// The clock of a party: the machine's, unless it is told to be ahead of that.
pub(crate) fn of(config: &Config) -> Arc<dyn Clock> {
    match &config.clock_offset_file {
        None => Arc::new(SystemClock),
        Some(file) => Arc::new(Ahead(file.clone())),
    }
}

/// The machine's clock and as many seconds as a file says, looked at each time; where it cannot be read, the machine's.
#[derive(Debug)]
struct Ahead(PathBuf);

impl Clock for Ahead {
    fn now(&self) -> Instant {
        let ahead = fs::read_to_string(&self.0).ok().and_then(|text| text.trim().parse().ok());
        SystemClock.now().plus_secs(ahead.unwrap_or_default())
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the system is asked")]
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
