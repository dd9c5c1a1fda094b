//! What a part of a file says: people who can be registered, and faults. Pure.

use std::collections::BTreeSet;

use base::limits::{IMPORT_COLUMNS_MAX, IMPORT_FAULTS_MAX, IMPORT_ROWS_MAX};
use serde_json::Map;

use super::csv::{Next, Reader, Row};
use crate::{
    PersonKind,
    record::model::{Attributes, Column, Invalid, Known, Subject, line},
};

/// The name of the column that names each row's request.
pub(super) const REQUEST: &str = "request";

/// What is wrong in a file. It names the place, never what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line on which the row begins, from 1.
    pub(crate) line: i64,
    /// The column, from 1; 0 for the row as a whole.
    pub(crate) column: i64,
    /// A stable code.
    pub(crate) code: &'static str,
    /// The name of the column or attribute, if it is one that there is.
    pub(crate) name: Option<String>,
}

impl Fault {
    fn of_row(line: i64, code: &'static str) -> Self {
        Self { line, column: 0, code, name: None }
    }
}

/// What one column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Attribute(Column),
    Request,
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        if name == REQUEST {
            return Some(Self::Request);
        }
        Column::all::<PersonKind>().find(|c| c.name() == name).map(Self::Attribute)
    }

    fn name(self) -> String {
        match self {
            Self::Attribute(column) => column.name(),
            Self::Request => REQUEST.to_owned(),
        }
    }
}

/// What is known of the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Header {
    /// Nothing yet.
    Awaited,
    /// What each holds.
    Read(Vec<Field>),
    /// Nothing more can be read from this file.
    Unreadable,
}

impl Header {
    pub(crate) fn to_stored(&self) -> Option<String> {
        match self {
            Self::Awaited => None,
            Self::Read(fields) => Some(fields.iter().map(|f| f.name()).collect::<Vec<_>>().join(",")),
            Self::Unreadable => Some(String::new()),
        }
    }

    pub(crate) fn from_stored(text: Option<&str>) -> Self {
        match text {
            None => Self::Awaited,
            Some(names) => {
                names.split(',').map(Field::named).collect::<Option<_>>().map_or(Self::Unreadable, Self::Read)
            }
        }
    }

    /// Which column, from 1, has this name; 0 if none has.
    pub(crate) fn column(&self, name: &str) -> i64 {
        let Self::Read(fields) = self else { return 0 };
        position(fields, |field| field.name() == name)
    }
}

/// How far a file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) header: Header,
    /// What is not a whole row yet.
    pub(crate) carry: Vec<u8>,
    /// The line on which that begins.
    pub(crate) next_line: i64,
    /// How many rows there were, the header not counted.
    pub(crate) rows: i64,
    /// How many faults there were.
    pub(crate) faults: i64,
}

/// Somebody who can be registered.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) line: i64,
    pub(crate) attributes: Attributes,
    pub(crate) request: Option<String>,
}

/// What came of a part.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) people: Vec<Staged>,
    pub(crate) faults: Vec<Fault>,
}

impl Progress {
    /// Reads the next part.
    pub(crate) fn read(self, part: &[u8]) -> (Self, Found) {
        let Self { mut header, mut carry, next_line, mut rows, faults } = self;
        let mut found = Found::default();
        if header == Header::Unreadable {
            return (Self { header, carry: Vec::new(), next_line, rows, faults }, found);
        }
        carry.extend_from_slice(part);
        let mut reader = Reader { rest: &carry, line: next_line };
        if header == Header::Awaited && reader.line == 1 {
            // The mark that some programs put before UTF-8.
            reader.rest = reader.rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(reader.rest);
        }
        loop {
            let row = match reader.next() {
                Next::Row(row) => row,
                Next::More => break,
                Next::TooLong => {
                    found.faults.push(Fault::of_row(reader.line, "row_too_long"));
                    header = Header::Unreadable;
                    break;
                }
            };
            match &header {
                Header::Read(fields) => {
                    rows += 1;
                    match person(fields, &row) {
                        Ok(staged) => found.people.push(staged),
                        Err(faults) => found.faults.extend(faults),
                    }
                }
                _ => match columns(&row) {
                    Ok(fields) => header = Header::Read(fields),
                    Err(faults) => {
                        found.faults.extend(faults);
                        header = Header::Unreadable;
                    }
                },
            }
            let many = i64::try_from(found.faults.len()).unwrap_or(i64::MAX);
            if rows > IMPORT_ROWS_MAX {
                found.faults.push(Fault::of_row(row.line, "too_many_rows"));
                header = Header::Unreadable;
            } else if faults.saturating_add(many) >= IMPORT_FAULTS_MAX {
                found.faults.push(Fault::of_row(row.line, "too_many_faults"));
                header = Header::Unreadable;
            }
            if header == Header::Unreadable {
                break;
            }
        }
        let next_line = reader.line;
        let from_start = header == Header::Awaited && next_line == 1;
        let carry = match &header {
            Header::Unreadable => Vec::new(),
            // With its mark, as it is not known yet whether all of it has come.
            _ if from_start => carry,
            _ => reader.rest.to_vec(),
        };
        let faults = faults.saturating_add(i64::try_from(found.faults.len()).unwrap_or(i64::MAX));
        (Self { header, carry, next_line, rows, faults }, found)
    }

    /// Reads what is left when nothing more comes: a last line needs no end.
    pub(crate) fn finish(self) -> (Self, Found) {
        let (mut progress, mut found) = self.read(b"\n");
        let mut fault = None;
        if progress.header != Header::Unreadable {
            // All but an open quote has ended now.
            let blank = progress.carry.iter().all(|b| b"\r\n\xef\xbb\xbf".contains(b));
            if !blank {
                fault = Some(Fault::of_row(progress.next_line, "quote"));
            } else if progress.rows == 0 {
                fault = Some(Fault::of_row(1, "no_rows"));
            }
        }
        if let Some(fault) = fault {
            found.faults.push(fault);
            progress.faults = progress.faults.saturating_add(1);
        }
        progress.carry.clear();
        (progress, found)
    }
}

/// What the columns hold, as the first row says.
fn columns(row: &Row) -> Result<Vec<Field>, Vec<Fault>> {
    if row.misquoted {
        return Err(vec![Fault::of_row(row.line, "quote")]);
    }
    if row.cells.len() > IMPORT_COLUMNS_MAX {
        return Err(vec![Fault::of_row(row.line, "cells")]);
    }
    let mut fields: Vec<Field> = Vec::new();
    let mut faults = Vec::new();
    for (column, cell) in (1..).zip(&row.cells) {
        // Should the header be missing, this is somebody's name: it is not repeated.
        let field = std::str::from_utf8(cell).ok().and_then(Field::named);
        let fault = |code, name| Fault { line: row.line, column, code, name };
        match field {
            None => faults.push(fault("unknown_column", None)),
            Some(field) if fields.contains(&field) => faults.push(fault("column_twice", Some(field.name()))),
            Some(field) => fields.push(field),
        }
    }
    for Known(name, _, mandatory) in PersonKind::KNOWN {
        let there = |f: &Field| matches!(f, Field::Attribute(c) if c.attribute == *name);
        if *mandatory && !fields.iter().any(there) {
            let name = Some((*name).to_owned());
            faults.push(Fault { name, ..Fault::of_row(row.line, "column_missing") });
        }
    }
    if faults.is_empty() { Ok(fields) } else { Err(faults) }
}

/// The person that a row says, or everything that is wrong with it.
fn person(fields: &[Field], row: &Row) -> Result<Staged, Vec<Fault>> {
    if row.misquoted {
        return Err(vec![Fault::of_row(row.line, "quote")]);
    }
    if row.cells.len() != fields.len() {
        return Err(vec![Fault::of_row(row.line, "cells")]);
    }
    let mut faults = Vec::new();
    let mut cells = Vec::new();
    for ((column, cell), field) in (1..).zip(&row.cells).zip(fields) {
        match std::str::from_utf8(cell) {
            Ok(cell) => cells.push((column, *field, cell)),
            Err(_) => faults.push(Fault { line: row.line, column, code: "utf8", name: Some(field.name()) }),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut map = Map::new();
    let mut request = None;
    for &(column, field, cell) in &cells {
        match field {
            Field::Attribute(c) => c.put::<PersonKind>(&mut map, cell),
            Field::Request if cell.is_empty() => {}
            Field::Request => {
                let mut name = cell.to_owned();
                if line(&mut name) {
                    request = Some(name);
                } else {
                    let name = Some(REQUEST.to_owned());
                    faults.push(Fault { line: row.line, column, code: "malformed", name });
                }
            }
        }
    }
    match Attributes::checked::<PersonKind>(map) {
        Ok(attributes) if faults.is_empty() => Ok(Staged { line: row.line, attributes, request }),
        Ok(_) => Err(faults),
        Err(wrong) => {
            for invalid in wrong {
                match invalid {
                    Invalid::Missing(name) => {
                        let column = position(fields, |f| f.name() == name);
                        let name = Some(name.to_owned());
                        faults.push(Fault { line: row.line, column, code: "missing", name });
                    }
                    Invalid::Malformed(attribute) => {
                        faults.extend(cells.iter().filter_map(|(column, f, cell)| {
                            let Field::Attribute(c) = f else { return None };
                            let it = c.attribute == attribute && c.is_malformed::<PersonKind>(cell);
                            let name = Some(c.name());
                            it.then_some(Fault { line: row.line, column: *column, code: "malformed", name })
                        }));
                    }
                    // Columns are known before their cells are read.
                    Invalid::Unknown(_) => faults.push(Fault::of_row(row.line, "cells")),
                }
            }
            let mut seen = BTreeSet::new();
            faults.retain(|f| seen.insert((f.column, f.code)));
            Err(faults)
        }
    }
}

/// Which field, from 1, is such; 0 if none is.
fn position(fields: &[Field], is: impl Fn(Field) -> bool) -> i64 {
    (1..).zip(fields).find(|(_, field)| is(**field)).map_or(0, |(column, _)| column)
}
