//! What the fuzz targets share: each runs one target of the crate `hostile`, with its mutator.
//!
//! See "Hostile bytes" in CONTRIBUTING.md for how they are run, and `cargo xtask soak` for who runs them all.

use std::sync::atomic::{AtomicU64, Ordering};

pub use hostile;
use hostile::{Reached, Target};
pub use libfuzzer_sys;

/// Defines the fuzz target that runs this target of `hostile`.
#[macro_export]
macro_rules! target {
    ($target:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(|input: &[u8]| {
            $crate::tried(&$crate::hostile::targets::$target, input);
        });

        $crate::libfuzzer_sys::fuzz_mutator!(|input: &mut [u8], size: usize, size_max: usize, seed: u32| {
            $crate::mutated(&$crate::hostile::targets::$target, input, size, size_max, seed)
        });
    };
}

static TRIED: AtomicU64 = AtomicU64::new(0);
static READ: AtomicU64 = AtomicU64::new(0);
static ACCEPTED: AtomicU64 = AtomicU64::new(0);

/// Runs the target, and says from time to time how many inputs got how far: `cargo xtask soak` reads the last of these
/// lines.
pub fn tried(target: &Target, input: &[u8]) {
    let reached = target.run(input);
    let tried = TRIED.fetch_add(1, Ordering::Relaxed) + 1;
    READ.fetch_add(u64::from(reached > Reached::Refused), Ordering::Relaxed);
    ACCEPTED.fetch_add(u64::from(reached == Reached::Accepted), Ordering::Relaxed);
    if tried.is_power_of_two() || tried.is_multiple_of(5_000) {
        let (read, accepted) = (READ.load(Ordering::Relaxed), ACCEPTED.load(Ordering::Relaxed));
        eprintln!("reached: {} tried={tried} read={read} accepted={accepted}", target.name);
    }
}

/// Another input in the place of this one: by the target's own mutator, one in sixteen by libFuzzer's, which knows what
/// the code has compared its input with.
pub fn mutated(target: &Target, input: &mut [u8], size: usize, size_max: usize, seed: u32) -> usize {
    if seed % 16 == 0 {
        return libfuzzer_sys::fuzzer_mutate(input, size, size_max);
    }
    let new = target.mutate(&input[..size], u64::from(seed));
    let length = new.len().min(size_max).min(input.len());
    input[..length].copy_from_slice(&new[..length]);
    length
}
