//! Rows out of CSV that comes in parts (RFC 4180, section 2, with LF also accepted as the end of a line).
//!
//! Parts may be cut anywhere, also within a cell: what is not a whole row yet is handed back and comes again before
//! the next part. Reading is strict where others guess (a quote within a bare cell, something after the closing
//! quote), as a guess would change somebody's name unnoticed.

use base::limits::IMPORT_ROW_BYTES_MAX;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A row; blank lines are none.
    Row(Row),
    /// Not a whole row: more bytes are needed.
    More,
    /// A row longer than [`IMPORT_ROW_BYTES_MAX`]: nothing behind it can be read.
    TooLong,
}

/// A row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The line on which it begins, from 1: one more than the line feeds before it, those within cells included.
    pub(crate) line: i64,
    /// Its cells, without their quotes.
    pub(crate) cells: Vec<Vec<u8>>,
    /// Whether its quotes are not as section 2 has them; the cells then mean nothing.
    pub(crate) misquoted: bool,
}

/// Reads rows from the front of `rest`.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    /// What was not read yet.
    pub(crate) rest: &'a [u8],
    /// The line on which it begins.
    pub(crate) line: i64,
}

/// Where in a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Start,
    Bare,
    Quotes,
    AfterQuotes,
}

impl Reader<'_> {
    pub(crate) fn next(&mut self) -> Next {
        while let [b'\n', rest @ ..] | [b'\r', b'\n', rest @ ..] = self.rest {
            self.rest = rest;
            self.line = self.line.saturating_add(1);
        }
        let mut row = Row { line: self.line, cells: Vec::new(), misquoted: false };
        let (mut cell, mut within, mut at, mut feeds) = (Vec::new(), Within::Start, 0, 1);
        while let Some(&byte) = self.rest.get(at) {
            if at >= IMPORT_ROW_BYTES_MAX {
                return Next::TooLong;
            }
            let next = self.rest.get(at + 1);
            at += 1;
            match (within, byte, next) {
                // It may be the first of two, or the carriage return the first of CRLF.
                (Within::Quotes, b'"', None)
                | (Within::Start | Within::Bare | Within::AfterQuotes, b'\r', None) => return Next::More,
                (Within::Quotes, b'"', Some(b'"')) => {
                    cell.push(byte);
                    at += 1;
                }
                (Within::Quotes, b'"', _) => within = Within::AfterQuotes,
                (Within::Quotes, ..) => {
                    cell.push(byte);
                    feeds += i64::from(byte == b'\n');
                }
                (Within::Start, b'"', _) => within = Within::Quotes,
                (_, b',', _) => {
                    row.cells.push(std::mem::take(&mut cell));
                    within = Within::Start;
                }
                (_, b'\n', _) | (_, b'\r', Some(b'\n')) => {
                    row.cells.push(cell);
                    at += usize::from(byte == b'\r');
                    self.rest = self.rest.get(at..).unwrap_or_default();
                    self.line = self.line.saturating_add(feeds);
                    return Next::Row(row);
                }
                (within_now, ..) => {
                    row.misquoted |= within_now == Within::AfterQuotes || byte == b'"';
                    cell.push(byte);
                    within = Within::Bare;
                }
            }
        }
        Next::More
    }
}
