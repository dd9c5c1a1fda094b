//! Circulars: what every process begins with. Read `model.rs`, `ops.rs`, `store.rs`.

pub(crate) mod api;
pub mod model;
pub mod ops;
pub(crate) mod store;
