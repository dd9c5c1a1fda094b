//! What can be measured in this process: formats, keys, status lists.
//!
//! A row is a [`Row`] in [`ROWS`]; its function returns the value, and keeps values of other rows that it found on the
//! way by `Context::found`.

use crate::row::Row;

/// The rows.
pub(crate) const ROWS: &[Row] = &[];
