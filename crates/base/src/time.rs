//! Instants and clocks: time comes in as an argument, only the server reads the system's clock.

use std::{
    fmt,
    sync::atomic::{AtomicI64, Ordering},
};

use serde::{Deserialize, Serialize};

/// Milliseconds of one second.
const MS: i64 = 1_000;

/// A point in time, in whole milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Serialised as that number; shown as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

impl Instant {
    /// From milliseconds since the epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// From seconds since the epoch (`NumericDate` of RFC 7519, section 2).
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(MS))
    }

    /// Milliseconds since the epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(MS)
    }

    /// This instant moved by `secs` seconds, which may be negative.
    #[must_use]
    pub const fn plus_secs(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(MS)))
    }

    /// This instant moved by `ms` milliseconds, which may be negative.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// The start of the UTC day in which this instant lies: what a credential's `iat` and `exp` show,
    /// so that they do not betray the moment of issuance.
    #[must_use]
    pub const fn start_of_day(self) -> Self {
        const DAY: i64 = 86_400 * MS;
        Self(self.0.div_euclid(DAY) * DAY)
    }

    /// RFC 3339 in UTC, with milliseconds: `2026-11-21T09:30:00.000Z`.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .map_or_else(|_| format!("{} ms", self.0), |t| format!("{t:.3}"))
    }

    /// The civil date in UTC, `2026-11-21`.
    pub fn date(self) -> String {
        self.rfc3339().chars().take_while(|c| *c != 'T').collect()
    }

    /// Reads RFC 3339.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// Whether `text` is a civil date of the proleptic Gregorian calendar, `YYYY-MM-DD` (ISO 8601).
pub fn is_civil_date(text: &str) -> bool {
    civil_date(text).is_some()
}

fn civil_date(text: &str) -> Option<jiff::civil::Date> {
    text.parse().ok().filter(|_| text.len() == 10)
}

/// The first instant, in UTC, of the day after a civil date. Each has one: 9999-12-31, by which some say "for ever", too.
pub fn end_of_civil_date(text: &str) -> Option<Instant> {
    let days = civil_date(text)?.since(jiff::civil::date(1970, 1, 1)).ok()?.get_days();
    Some(Instant::from_secs(i64::from(days).saturating_add(1).saturating_mul(86_400)))
}

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The instant that it is.
    fn now(&self) -> Instant;
}

/// A clock set by hand: for tests and replays.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `at`.
    pub const fn new(at: Instant) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Sets the clock, backwards too.
    pub fn set(&self, at: Instant) {
        self.0.store(at.0, Ordering::SeqCst);
    }

    /// Moves the clock by `secs`, which may be negative.
    pub fn advance_secs(&self, secs: i64) {
        self.0.fetch_add(secs.saturating_mul(MS), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_and_reads_rfc3339() {
        let at = Instant::from_ms(1_795_300_200_123);
        assert_eq!(at.rfc3339(), "2026-11-21T22:30:00.123Z");
        assert_eq!(Instant::parse_rfc3339(&at.rfc3339()), Some(at));
        assert_eq!(at.start_of_day().rfc3339(), "2026-11-21T00:00:00.000Z");
        assert_eq!(at.date(), "2026-11-21");
        assert_eq!(Instant::from_secs(-1).start_of_day().rfc3339(), "1969-12-31T00:00:00.000Z");
    }

    #[test]
    fn civil_dates() {
        assert!(is_civil_date("2024-02-29"));
        for bad in ["2023-02-29", "2024-2-9", "20240229", "2024-02-29T00:00", ""] {
            assert!(!is_civil_date(bad), "{bad}");
        }
        for (date, end) in [
            ("1969-12-31", 0),
            ("2024-02-29", 1_709_251_200),
            ("9999-12-31", 253_402_300_800),
            ("0000-01-01", -62_167_132_800),
        ] {
            assert_eq!(end_of_civil_date(date), Some(Instant::from_secs(end)), "{date}");
        }
        assert_eq!(end_of_civil_date("2023-02-29"), None);
    }
}
