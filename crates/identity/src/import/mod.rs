//! People from a file: received in numbered parts, checked line by line, switched in at once or not at all.
//!
//! Read in this order: `csv.rs` (rows out of bytes that come in parts), `stage.rs` (a row becomes a person or
//! faults), `ops.rs` (the steps of an import), `store.rs` (its rows), `api.rs`.
//!
//! Every step is one short write that can be sent twice, so that an import goes on after either side was killed
//! between any two of them. Rows wait in a table of their own, in the form that they will have, and are moved by two
//! statements; until then nobody finds them, and afterwards, or when the import is abandoned, they are erased there.

pub(crate) mod api;
mod csv;
pub(crate) mod ops;
pub(crate) mod stage;
pub(crate) mod store;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
