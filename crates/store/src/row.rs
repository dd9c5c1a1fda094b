//! Answers: a row's columns, read by number, with their types checked.

use base::{Id, Instant, id::Kind};

use crate::{Error, ErrorKind};

/// A column of a row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row that a statement answered. Columns are numbered from 0.
///
/// Getters answer an error of kind [`ErrorKind::Type`] when the column is of another type, NULL where it may
/// not be, or not there.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    statement: &'static str,
    cells: Vec<Cell>,
}

impl std::fmt::Debug for Row {
    /// Shows no contents.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row of {} ({} columns)", self.statement, self.cells.len())
    }
}

impl Row {
    pub(crate) const fn new(statement: &'static str, cells: Vec<Cell>) -> Self {
        Self { statement, cells }
    }

    fn wrong(&self, column: usize, wanted: &'static str) -> Error {
        let found = match self.cells.get(column) {
            None => "there is none",
            Some(Cell::Null) => "it is NULL",
            Some(Cell::Int(_)) => "it is BIGINT",
            Some(Cell::Text(_)) => "it is TEXT",
            Some(Cell::Bytes(_)) => "it is BYTEA",
        };
        Error::new(ErrorKind::Type, format!("column {column} should be {wanted}, but {found}"))
            .of(self.statement)
    }

    /// A `BIGINT`.
    pub fn int(&self, column: usize) -> Result<i64, Error> {
        self.opt_int(column)?.ok_or_else(|| self.wrong(column, "BIGINT"))
    }

    /// A `BIGINT` or NULL.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.cells.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Int(v)) => Ok(Some(*v)),
            _ => Err(self.wrong(column, "BIGINT")),
        }
    }

    /// A `TEXT`.
    pub fn text(&self, column: usize) -> Result<&str, Error> {
        self.opt_text(column)?.ok_or_else(|| self.wrong(column, "TEXT"))
    }

    /// A `TEXT` or NULL.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, Error> {
        match self.cells.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Text(v)) => Ok(Some(v)),
            _ => Err(self.wrong(column, "TEXT")),
        }
    }

    /// What a `TEXT` says, as `read` understands it.
    pub fn read<T>(&self, column: usize, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
        read(self.text(column)?).ok_or_else(|| self.wrong(column, "another text"))
    }

    /// A `BYTEA`.
    pub fn bytes(&self, column: usize) -> Result<&[u8], Error> {
        self.opt_bytes(column)?.ok_or_else(|| self.wrong(column, "BYTEA"))
    }

    /// A `BYTEA` or NULL.
    pub fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, Error> {
        match self.cells.get(column) {
            Some(Cell::Null) => Ok(None),
            Some(Cell::Bytes(v)) => Ok(Some(v)),
            _ => Err(self.wrong(column, "BYTEA")),
        }
    }

    /// A `BYTEA` of exactly `N` bytes: a digest, a key.
    pub fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], Error> {
        self.bytes(column)?.try_into().map_err(|_| self.wrong(column, "of another length"))
    }

    /// An instant, stored as milliseconds in a `BIGINT`.
    pub fn instant(&self, column: usize) -> Result<Instant, Error> {
        self.int(column).map(Instant::from_ms)
    }

    /// An instant or NULL.
    pub fn opt_instant(&self, column: usize) -> Result<Option<Instant>, Error> {
        Ok(self.opt_int(column)?.map(Instant::from_ms))
    }

    /// An id, stored as `BIGINT`.
    pub fn id<K: Kind>(&self, column: usize) -> Result<Id<K>, Error> {
        self.int(column).map(Id::from_i64)
    }

    /// An id or NULL.
    pub fn opt_id<K: Kind>(&self, column: usize) -> Result<Option<Id<K>>, Error> {
        Ok(self.opt_int(column)?.map(Id::from_i64))
    }

    /// Yes or no, stored as 1 or 0 in a `BIGINT`.
    pub fn flag(&self, column: usize) -> Result<bool, Error> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.wrong(column, "0 or 1")),
        }
    }
}
