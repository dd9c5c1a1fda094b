//! Where random bytes come from: always an argument.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::backend;

/// A source of random bytes.
pub trait Random: Send + Sync {
    /// Overwrites all of `out`. A source that has failed does not return.
    fn fill(&self, out: &mut [u8]);
}

/// `N` bytes of `random`.
pub fn random_array<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}

/// The generator of the server's backend, seeded by the operating system.
#[cfg(feature = "aws-lc")]
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

#[cfg(feature = "aws-lc")]
impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) {
        if aws_lc_rs::rand::fill(out).is_err() {
            // A key or a nonce that is not random must never leave: there is nothing to go on with.
            std::process::abort();
        }
    }
}

/// Reproducible bytes for tests and demonstration data, **not secret**: SHA-256(seed ‖ counter), counter from 0.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    counter: AtomicU64,
}

impl SeededRandom {
    /// A source whose bytes depend on `seed` and on what was taken before.
    pub const fn new(seed: u64) -> Self {
        Self { seed, counter: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let counter = self.counter.fetch_add(1, Ordering::Relaxed);
            let block = backend::sha256(&[self.seed.to_be_bytes(), counter.to_be_bytes()].concat());
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
        }
    }
}
