//! When something ends: one value for every page, mail and file; and dates that are not that exact.

use base::Instant;
use serde::{Deserialize, Serialize};

use crate::spelled::spelled;

spelled! {
    /// How a deadline is said to people.
    pub enum Wording {
        /// "By the end of 28 November".
        ByEndOfDay = "by_end_of_day",
        /// "Before 26 August".
        Before = "before",
        /// "At the latest on 31 October".
        AtLatestBy = "at_latest_by",
        /// "Deadline: 19 August".
        Deadline = "deadline",
        /// With its hour: "until 14:30 on 6 December".
        Until = "until",
    }
}

/// The end of something: what comes at this instant is too late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// The first instant that is too late.
    pub instant: Instant,
    /// The zone in which it was meant, by its name in the IANA database: `Europe/Zurich`.
    pub zone: String,
    /// How it is said.
    pub wording: Wording,
}

impl Deadline {
    /// Whether the zone could be the name of one.
    pub(crate) fn is_well_formed(&self) -> bool {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'+' | b'-');
        !self.zone.is_empty() && self.zone.len() <= 64 && self.zone.bytes().all(plain)
    }
}

/// A date that is not an instant and cannot be compared with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FuzzyDate {
    /// A civil date.
    Day(String),
    /// A month of a year.
    Month(i16, i8),
    /// A quarter of a year, from 1.
    Quarter(i16, i8),
    /// The first or the second half of a year.
    Half(i16, i8),
    /// A year.
    Year(i16),
}
