//! Through the router, on both databases; a hand-set clock, seeded randomness, real signatures.
//!
//! `world.rs` is the parties; then one file a subject.

mod answers;
mod asking;
mod erasing;
mod instances;
mod same_device;
mod status;
mod waiting;
mod world;
