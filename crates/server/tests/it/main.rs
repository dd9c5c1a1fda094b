//! The real binary, as processes, over HTTP: what must hold when a process dies between two lines, and when
//! several parties talk.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests; they are outside of the system and have a clock of their own"
)]

mod backup;
mod browser;
mod cluster;
mod demo;
mod doctor;
mod edge;
mod faults;
mod holder;
mod import;
mod instances;
mod kill;
mod limits;
mod login;
mod moving;
mod openapi;
mod operating;
mod party;
mod refresh;
mod rollback;
mod telemetry;
mod types;
