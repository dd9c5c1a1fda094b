//! For tests of other crates: how a file of people reads, wherever it is cut.

use crate::{
    import::stage::{Fault, Found, Header, Progress},
    record::model::{Attributes, Subject},
};

/// What came of a file.
#[derive(Debug, PartialEq)]
pub struct Reading {
    /// Whether the first row names columns that there are.
    pub header_is_read: bool,
    /// Who can be registered: the line, what is known, the name of the request.
    pub people: Vec<(i64, Attributes, Option<String>)>,
    /// What is wrong: the line, the column, the code, the name of the column.
    pub faults: Vec<(i64, i64, &'static str, Option<String>)>,
    /// How many rows there were.
    pub rows: i64,
}

/// Reads a file that comes in these parts.
pub fn read_in_parts(parts: &[&[u8]]) -> Reading {
    let mut progress =
        Progress { header: Header::Awaited, carry: Vec::new(), next_line: 1, rows: 0, faults: 0 };
    let mut reading = Reading { header_is_read: false, people: Vec::new(), faults: Vec::new(), rows: 0 };
    let keep = |reading: &mut Reading, found: Found| {
        reading.people.extend(found.people.into_iter().map(|p| (p.line, p.attributes, p.request)));
        let fault = |Fault { line, column, code, name }| (line, column, code, name);
        reading.faults.extend(found.faults.into_iter().map(fault));
    };
    for part in parts {
        let (next, found) = progress.read(part);
        // As it is kept between two parts.
        let stored = next.header.to_stored();
        progress = Progress { header: Header::from_stored(stored.as_deref()), ..next };
        reading.header_is_read |= matches!(progress.header, Header::Read(_));
        keep(&mut reading, found);
    }
    let (progress, found) = progress.finish();
    reading.header_is_read |= matches!(progress.header, Header::Read(_));
    keep(&mut reading, found);
    reading.rows = progress.rows;
    reading
}

/// The names of what may be said of a subject.
pub fn attributes<S: Subject>() -> Vec<&'static str> {
    S::KNOWN.iter().map(|known| known.0).collect()
}
