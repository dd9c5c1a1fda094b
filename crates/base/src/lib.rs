//! Words everybody uses.
//!
//! Nothing here does IO, and nothing here knows a protocol.
//! Read in this order: [`time`] (instants and clocks), [`id`] (typed ids), [`lang`] (six languages),
//! [`limits`] (every limit of the system, in one table), [`unseen`] (characters that deceive).

pub mod id;
pub mod lang;
pub mod limits;
pub mod time;
pub mod unseen;

pub use id::Id;
pub use lang::{Lang, Texts};
pub use time::{Clock, Instant};
