//! Submissions: received, decided on, published, counted.
//!
//! Read in this order: `model.rs`, `canonical.rs` (the bytes that are signed), `ops.rs`, `store.rs`, `api.rs`.

pub mod canonical;
pub mod model;
