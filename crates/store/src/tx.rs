//! A transaction, seen from within: [`Tx`].

use base::limits;

use crate::{Error, ErrorKind, Row, Sql, Value, postgres, sqlite};

/// A transaction that is under way.
///
/// Once a statement has failed nothing of the transaction can be kept: every further statement is refused with
/// [`ErrorKind::Poisoned`], and so is the whole, should its closure answer `Ok` nevertheless. To go on after a row
/// that exists, say `ON CONFLICT … DO NOTHING`. A row that [`Tx::one`] does not find is not a failure in this sense.
pub struct Tx<'t> {
    pub(crate) session: Session<'t>,
    failed: Option<Error>,
}

/// The connection on which it runs.
#[derive(Clone, Copy)]
pub(crate) enum Session<'t> {
    Sqlite(&'t sqlite::Connection),
    Postgres(&'t postgres::Connection),
}

impl<'t> Tx<'t> {
    pub(crate) const fn new(session: Session<'t>) -> Self {
        Self { session, failed: None }
    }

    /// The first failure of a statement, if there was one.
    pub(crate) const fn failed(&self) -> Option<&Error> {
        self.failed.as_ref()
    }

    /// Runs a statement and answers how many rows it inserted, changed or deleted.
    pub async fn execute(&mut self, sql: &Sql, params: &[Value<'_>]) -> Result<u64, Error> {
        self.before(sql, params)?;
        let done = match self.session {
            Session::Sqlite(c) => c.execute(sql, params),
            Session::Postgres(c) => c.execute(sql, params).await,
        };
        self.after(sql, done)
    }

    /// Runs a statement that answers exactly one row; otherwise [`ErrorKind::NoRow`] or [`ErrorKind::TooManyRows`].
    pub async fn one(&mut self, sql: &Sql, params: &[Value<'_>]) -> Result<Row, Error> {
        self.optional(sql, params).await?.ok_or_else(|| Error::new(ErrorKind::NoRow, "").of(sql.name()))
    }

    /// Runs a statement that answers one row or none; otherwise [`ErrorKind::TooManyRows`].
    pub async fn optional(&mut self, sql: &Sql, params: &[Value<'_>]) -> Result<Option<Row>, Error> {
        let mut rows = self.rows(sql, params, 1).await?;
        Ok(rows.pop())
    }

    /// Runs a statement and answers all its rows, at most `STORE_ROWS_MAX`.
    pub async fn all(&mut self, sql: &Sql, params: &[Value<'_>]) -> Result<Vec<Row>, Error> {
        self.rows(sql, params, limits::STORE_ROWS_MAX).await
    }

    async fn rows(&mut self, sql: &Sql, params: &[Value<'_>], max: usize) -> Result<Vec<Row>, Error> {
        self.before(sql, params)?;
        let rows = match self.session {
            Session::Sqlite(c) => c.rows(sql, params, max),
            Session::Postgres(c) => c.rows(sql, params, max).await,
        };
        self.after(sql, rows)
    }

    /// Has the engine read a statement without running it.
    pub(crate) async fn prepare(&mut self, sql: &Sql) -> Result<(), Error> {
        self.before(sql, &[])?;
        let done = match self.session {
            Session::Sqlite(c) => c.check(sql),
            Session::Postgres(c) => c.check(sql).await,
        };
        self.after(sql, done)
    }

    fn before(&self, sql: &Sql, params: &[Value<'_>]) -> Result<(), Error> {
        if let Some(first) = &self.failed {
            return Err(poisoned(first).of(sql.name()));
        }
        if params.iter().any(|p| matches!(p, Value::Text(t) if t.contains('\0'))) {
            // Refused here, for both engines alike, and before one of them has seen it: nothing has failed yet.
            return Err(Error::new(ErrorKind::Type, "a TEXT with the character U+0000").of(sql.name()));
        }
        Ok(())
    }

    fn after<T>(&mut self, sql: &Sql, done: Result<T, Error>) -> Result<T, Error> {
        done.map_err(|e| {
            let e = e.of(sql.name());
            self.failed = Some(e.clone());
            e
        })
    }
}

/// What somebody is told who goes on after a failure.
pub(crate) fn poisoned(first: &Error) -> Error {
    Error::new(ErrorKind::Poisoned, first.to_string())
}
