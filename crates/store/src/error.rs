//! What can go wrong in the database, without the values that were in it.

use std::{borrow::Cow, fmt};

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A row with this key exists.
    UniqueViolation,
    /// The row that a column refers to does not exist, or a row that is referred to was to be deleted.
    ForeignKeyViolation,
    /// A CHECK constraint does not hold.
    CheckViolation,
    /// A column that must have a value has none.
    NotNullViolation,
    /// A value or a column is not of the type that was asked for.
    Type,
    /// One row was asked for, and there is none.
    NoRow,
    /// At most one row was asked for, and there are several; or there are more than `STORE_ROWS_MAX`.
    TooManyRows,
    /// Other transactions got in the way more often than a transaction is run again.
    Conflict,
    /// Too much is waiting already, or another process holds the database.
    Busy,
    /// The database cannot be reached, or its disk is full or broken.
    Unavailable,
    /// The connection was lost while a commit was under way: whether it happened is not known.
    OutcomeUnknown,
    /// A read tried to write.
    ReadOnly,
    /// The closure awaited something that is not a statement of its own transaction.
    ForeignAwait,
    /// The closure panicked.
    Panicked,
    /// An earlier statement of this transaction failed, so that nothing of it can be kept.
    Poisoned,
    /// The database lacks migrations that this program needs: run `sahihi migrate`.
    NotMigrated,
    /// A migration cannot be applied: not portable, changed since it was applied, or unknown to this program.
    Migration,
    /// The statement is wrong: syntax, names, number of parameters.
    Statement,
    /// The installation was moved to another database: this one is not used any more.
    Moved,
    /// A copy into this database was begun and not finished: it holds only a part of an installation.
    Unfinished,
    /// A job was claimed by somebody else meanwhile.
    LeaseLost,
}

/// A failure of the database: its kind, the name of the statement, and words that carry no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    statement: &'static str,
    detail: Cow<'static, str>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, statement: "", detail: detail.into() }
    }

    /// The same, said to have happened in this statement, unless it has one already.
    #[must_use]
    pub(crate) fn of(mut self, statement: &'static str) -> Self {
        if self.statement.is_empty() {
            self.statement = statement;
        }
        self
    }

    /// Its kind.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The name of the statement that failed (as declared in `statements!`), or nothing.
    pub const fn statement(&self) -> &'static str {
        self.statement
    }

    /// Whether a row with the same key exists.
    pub const fn is_unique_violation(&self) -> bool {
        matches!(self.kind, ErrorKind::UniqueViolation)
    }

    /// Whether a row that is referred to is missing, or one that is referred to was to go.
    pub const fn is_foreign_key_violation(&self) -> bool {
        matches!(self.kind, ErrorKind::ForeignKeyViolation)
    }

    /// Whether a CHECK constraint does not hold.
    pub const fn is_check_violation(&self) -> bool {
        matches!(self.kind, ErrorKind::CheckViolation)
    }

    /// Whether the same may succeed when tried again in a moment: 503 with `Retry-After` on HTTP.
    pub const fn is_busy(&self) -> bool {
        matches!(self.kind, ErrorKind::Busy | ErrorKind::Conflict)
    }

    /// Whether the database cannot be reached or cannot store.
    pub const fn is_unavailable(&self) -> bool {
        matches!(self.kind, ErrorKind::Unavailable | ErrorKind::OutcomeUnknown)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::UniqueViolation => "a row with this key exists",
            ErrorKind::ForeignKeyViolation => "a row that is referred to is missing",
            ErrorKind::CheckViolation => "a check constraint does not hold",
            ErrorKind::NotNullViolation => "a value is missing",
            ErrorKind::Type => "wrong type",
            ErrorKind::NoRow => "no such row",
            ErrorKind::TooManyRows => "too many rows",
            ErrorKind::Conflict => "other transactions kept getting in the way",
            ErrorKind::Busy => "the database is busy",
            ErrorKind::Unavailable => "the database is unavailable",
            ErrorKind::OutcomeUnknown => "the connection was lost during a commit",
            ErrorKind::ReadOnly => "a read cannot write",
            ErrorKind::ForeignAwait => "something else than a statement was awaited in a transaction",
            ErrorKind::Panicked => "the transaction's code panicked",
            ErrorKind::Poisoned => "an earlier statement of the transaction failed",
            ErrorKind::NotMigrated => "the database is not up to date, run `sahihi migrate`",
            ErrorKind::Migration => "the migration cannot be applied",
            ErrorKind::Statement => "the statement is wrong",
            ErrorKind::Moved => "the installation was moved, and this database is not used any more",
            ErrorKind::Unfinished => {
                "a `sahihi restore` or `sahihi move` into this database was not finished: run it again"
            }
            ErrorKind::LeaseLost => "the job was claimed by another instance",
        };
        f.write_str(what)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        if !self.statement.is_empty() {
            write!(f, " (in {})", self.statement)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
