//! What programs subscribe to and take away: tables, feeds, calendar files. Pure: values in, text out.
//!
//! Read in this order: [`csv`] (RFC 4180, and no cell that a spreadsheet would run), [`atom`] (RFC 4287), [`ical`]
//! (RFC 5545). Each is some lines that write one small shape; crates for them bring parsers, builders and a second
//! library of dates. The tests read what they write with others' parsers where the workspace has one.

pub mod atom;
pub mod csv;
pub mod ical;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
