//! What a party serves, described as it is served: OpenAPI 3.1 (version 3.1.1), made from the code.
//!
//! Read in this order: [`routes`] (the one way to register a route: with its operation), [`operation`] (what is said
//! of it), [`described`] (what the handler's own arguments say of it), [`code`] (the problems it can end in),
//! [`leaf`] (schemas that many views share), [`document`] (all of it as one document).
//!
//! A route without an operation cannot exist, since nothing but [`Routes`] calls axum's `route`: `cargo xtask tidy`
//! looks. Whether the caller must show a staff token, which body it sends and which parameters stand in a query follows
//! from the arguments of the handler; shapes come from the types that are read and written. What is said by hand (which
//! status has which shape) is checked where each operation is answered: `crates/server/tests/it/openapi.rs`.

pub mod code;
pub mod described;
pub mod document;
pub mod leaf;
pub mod operation;
pub mod routes;

pub use code::Code;
pub use described::{Arguments, Described};
pub use document::{About, document};
pub use operation::{Operation, Shape, id_of};
pub use routes::Routes;
