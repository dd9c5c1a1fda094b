//! What people and organisations have in common: attributes with rules, versions with a reason, words of names.
//!
//! Read in this order: `model.rs` (rules of attributes), `ops.rs` (register, amend, find), `api.rs` (the staff
//! interface), `shapes.rs` (what is said of attributes there), `store.rs` (rows). What is particular to people is in `people/`, to organisations in `organisations/`.

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod shapes;
pub(crate) mod store;
