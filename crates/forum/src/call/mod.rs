//! Calls: what is asked of whom, until when, and what becomes of the answers.
//!
//! Read in this order: `model.rs` (states, computed from the clock), `form.rs` (questions and answers), `ops.rs` (the use
//! cases), `passage.rs` (what the log is told of the clock), `store.rs`, `api.rs`.

pub(crate) mod api;
pub mod form;
pub mod model;
pub mod ops;
mod passage;
pub(crate) mod store;
pub(crate) mod view;
