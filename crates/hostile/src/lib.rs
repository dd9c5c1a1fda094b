//! Hostile bytes for every parser of what comes from outside, and what must hold whatever comes.
//!
//! A [`Target`] is one parser: valid messages that our own encoders made, a mutator that knows their structure and
//! signs again what it changed, so that inner checks are reached, and a function that reads an input, asserts what
//! must hold, and says how far the input got. The fuzz targets in `fuzz/` and the tests of this crate run the same
//! function, so a crash that one finds is a case for the other.
//!
//! Read in this order: this file, `dice.rs` (chance), `json.rs`, `text.rs`, `der.rs` and `signed.rs` (how things are
//! changed), `world.rs` (who signs), then `targets/`, a file a group of parsers.
//!
//! Nothing here is part of the product; what it asserts about, is.
#![expect(
    clippy::unwrap_used,
    reason = "a world that cannot be made, or a property that does not hold, is a test that failed"
)]

mod der;
mod dice;
mod json;
mod signed;
pub mod targets;
#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "tests")]
mod tests;
mod text;
mod world;

use std::sync::LazyLock;

pub use dice::Dice;

/// How far an input got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// The outer parser refused it.
    Refused,
    /// The outer parser took it, and something further in refused it.
    Read,
    /// Everything took it.
    Accepted,
}

impl Reached {
    /// Read, and accepted if `accepted`.
    pub(crate) const fn read(accepted: bool) -> Self {
        if accepted { Self::Accepted } else { Self::Read }
    }
}

/// One parser of bytes from outside.
pub struct Target {
    /// What the fuzz target is called.
    pub name: &'static str,
    /// What it reads.
    pub reads: &'static str,
    /// How many inputs `cargo xtask test` tries.
    pub cases: u64,
    seeds: LazyLock<Vec<Vec<u8>>>,
    change: fn(&[u8], &mut Dice) -> Vec<u8>,
    run: fn(&[u8]) -> Reached,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Target {
    const fn new(
        (name, reads): (&'static str, &'static str),
        cases: u64,
        seeds: fn() -> Vec<Vec<u8>>,
        change: fn(&[u8], &mut Dice) -> Vec<u8>,
        run: fn(&[u8]) -> Reached,
    ) -> Self {
        Self { name, reads, cases, seeds: LazyLock::new(seeds), change, run }
    }

    /// Reads `input` and asserts what must hold.
    pub fn run(&self, input: &[u8]) -> Reached {
        (self.run)(input)
    }

    /// Valid inputs, as our own encoders make them.
    pub fn seeds(&self) -> &[Vec<u8>] {
        &self.seeds
    }

    /// An input made of `input`, or in three of five cases of a valid one: whoever changes one thing after another
    /// soon has nothing that is read at all.
    pub fn mutate(&self, input: &[u8], seed: u64) -> Vec<u8> {
        let mut dice = Dice::new(seed);
        let valid = self.seeds.get(dice.below(self.seeds.len()));
        let from = if dice.percent(60) { valid.map_or(input, Vec::as_slice) } else { input };
        (self.change)(from, &mut dice)
    }

    /// The input with this number: a valid one, changed once or, in one of four cases, twice.
    pub fn input(&self, number: u64) -> Vec<u8> {
        let mut dice = Dice::new(number);
        let valid = self.seeds.get(dice.below(self.seeds.len())).cloned().unwrap_or_default();
        let once = (self.change)(&valid, &mut dice);
        if dice.percent(25) { (self.change)(&once, &mut dice) } else { once }
    }
}
