//! A row as bytes, the same for both engines.
//!
//! The columns follow one another in the order of their names. Each is a byte that says what it is, then its value:
//!
//! | byte | value |
//! |---|---|
//! | 0 | nothing: NULL |
//! | 1 | 8 bytes, big-endian, two's complement |
//! | 2 | how long it is, 4 bytes big-endian, then UTF-8 |
//! | 3 | how long it is, 4 bytes big-endian, then the bytes |

use std::io::{self, Read};

use super::{ColumnKind, CopyError, Table};
use crate::row::Cell;

const NULL: u8 = 0;
const INT: u8 = 1;
const TEXT: u8 = 2;
const BYTES: u8 = 3;

/// Appends a row.
pub(crate) fn row(cells: &[Cell], out: &mut Vec<u8>) {
    for cell in cells {
        match cell {
            Cell::Null => out.push(NULL),
            Cell::Int(v) => {
                out.push(INT);
                out.extend_from_slice(&v.to_be_bytes());
            }
            Cell::Text(v) => long(TEXT, v.as_bytes(), out),
            Cell::Bytes(v) => long(BYTES, v, out),
        }
    }
}

fn long(kind: u8, value: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    // Neither engine holds a value of 4 GiB.
    out.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(value);
}

/// Reads encoded rows.
pub(crate) struct Rows<R> {
    from: R,
    table: String,
    kinds: Vec<ColumnKind>,
}

impl<R: Read> Rows<R> {
    pub(crate) fn new(from: R, table: &Table) -> Self {
        Self { from, table: table.name.clone(), kinds: table.columns.iter().map(|c| c.kind).collect() }
    }

    /// The next row; `None` at the end. Anything that is no row of this table is [`CopyError::Damaged`].
    pub(crate) fn next_row(&mut self) -> Result<Option<Vec<Cell>>, CopyError> {
        let mut cells = Vec::with_capacity(self.kinds.len());
        for (n, kind) in self.kinds.iter().enumerate() {
            let mut tag = [0];
            if n == 0 && self.from.read(&mut tag)? == 0 {
                return Ok(None);
            }
            if n > 0 {
                self.from.read_exact(&mut tag).map_err(|e| broken(e, &self.table))?;
            }
            let cell = cell(&mut self.from, tag, *kind).map_err(|e| broken(e, &self.table))?;
            cells.push(cell);
        }
        Ok(Some(cells))
    }
}

fn cell(from: &mut impl Read, [tag]: [u8; 1], kind: ColumnKind) -> io::Result<Cell> {
    let no_row = || io::Error::from(io::ErrorKind::InvalidData);
    Ok(match (tag, kind) {
        (NULL, _) => Cell::Null,
        (INT, ColumnKind::Int) => {
            let mut value = [0; 8];
            from.read_exact(&mut value)?;
            Cell::Int(i64::from_be_bytes(value))
        }
        (TEXT, ColumnKind::Text) => Cell::Text(String::from_utf8(value(from)?).map_err(|_| no_row())?),
        (BYTES, ColumnKind::Bytes) => Cell::Bytes(value(from)?),
        _ => return Err(no_row()),
    })
}

/// A value of the length that stands before it. What is not there is not made room for.
fn value(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u64::from(u32::from_be_bytes(length));
    let mut value = Vec::new();
    from.take(length).read_to_end(&mut value)?;
    if value.len() as u64 == length { Ok(value) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// What ends too early or is no value is damage; anything else is the disk's.
fn broken(e: io::Error, table: &str) -> CopyError {
    match e.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => CopyError::Damaged(table.to_owned()),
        _ => e.into(),
    }
}
