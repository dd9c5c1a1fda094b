//! Which tables a database has, and the order in which they can be filled.

use crate::{Error, ErrorKind};

/// A portable column type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// `BIGINT`.
    Int,
    /// `TEXT`.
    Text,
    /// `BYTEA`.
    Bytes,
}

impl ColumnKind {
    /// `bigint`, `text` or `bytea`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Int => "bigint",
            Self::Text => "text",
            Self::Bytes => "bytea",
        }
    }

    /// Of a name in either engine's catalogue, or of our own.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "INT" | "bigint" => Some(Self::Int),
            "TEXT" | "text" => Some(Self::Text),
            "BLOB" | "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ColumnKind,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// In the order of their names.
    pub columns: Vec<Column>,
    /// The columns of the primary key, in its order.
    pub key: Vec<String>,
    /// The tables that it refers to.
    pub(crate) refers_to: Vec<String>,
}

impl PartialEq for Table {
    /// What a copy says of a table: its references are the migrations' affair.
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.columns, &self.key) == (&other.name, &other.columns, &other.key)
    }
}

impl Eq for Table {}

impl Table {
    /// A table, as a copy describes it.
    pub fn new(name: String, mut columns: Vec<Column>, key: Vec<String>) -> Self {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        Self { name, columns, key, refers_to: Vec::new() }
    }

    /// Its columns, as a statement lists them.
    pub(crate) fn list(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|c| quoted(&c.name)).collect();
        names.join(", ")
    }

    /// Its rows in the order of the primary key.
    pub(crate) fn select(&self) -> String {
        let key: Vec<String> = self.key.iter().map(|c| quoted(c)).collect();
        format!("SELECT {} FROM {} ORDER BY {}", self.list(), quoted(&self.name), key.join(", "))
    }
}

/// A name in a statement.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Tables that are referred to come before those that refer to them; otherwise by name.
pub(crate) fn in_order(mut tables: Vec<Table>) -> Result<Vec<Table>, Error> {
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(without) = tables.iter().find(|t| t.key.is_empty()) {
        let what = format!("{} has no primary key and cannot be copied", without.name);
        return Err(Error::new(ErrorKind::Migration, what));
    }
    let mut done: Vec<Table> = Vec::new();
    while !tables.is_empty() {
        let is_done = |name: &String, own: &str| name == own || done.iter().any(|table| table.name == *name);
        let free = tables.iter().position(|t| t.refers_to.iter().all(|to| is_done(to, &t.name)));
        let Some(free) = free else {
            return Err(Error::new(ErrorKind::Migration, "tables refer to one another in a circle"));
        };
        done.push(tables.remove(free));
    }
    Ok(done)
}
