//! Submissions: received, decided on, published, counted.
//!
//! Read in this order: `model.rs`, `canonical.rs` (the bytes that are signed), `ops/receive.rs` (what is accepted, and until
//! when), `ops/decide.rs` (admit, refuse, withhold, withdraw, translate), `publish.rs`, `listed/` (what everybody may list,
//! and counts), `ops/read.rs` (who may read what), `store.rs`, `api.rs`.

pub(crate) mod api;
pub mod canonical;
pub mod listed;
pub mod model;
pub mod ops;
pub mod publish;
pub(crate) mod store;
pub(crate) mod view;
