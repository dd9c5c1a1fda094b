//! Through the router, on both databases; a hand-set clock, seeded randomness, real signatures.
//!
//! `world.rs` is the parties; then one file a subject.

mod answers;
mod asking;
mod by_value;
mod clock;
mod encrypted;
mod erasing;
mod instances;
mod limits;
mod posting;
mod same_device;
mod several;
mod status;
mod trusting;
mod waiting;
mod world;
