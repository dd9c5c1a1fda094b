//! Circulars: what every process begins with. Read `model.rs`, `ops.rs`, `store.rs`.

pub mod model;
pub mod ops;
pub(crate) mod store;
