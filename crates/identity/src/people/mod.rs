//! People: see the crate's documentation for the order to read in.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
