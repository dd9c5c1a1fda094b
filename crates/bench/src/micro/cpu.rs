//! CPU time of one thread on one core, and how two things compare that take turns on it.

use std::time::Duration;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::{raw::thread_cpu, row::Failure};

/// How many times two things take turns. The middle one of so many ratios is the result.
const ROUNDS: usize = 15;
/// How much CPU one turn takes, about.
const SLICE: Duration = Duration::from_millis(100);

/// Has this thread stay on one core, always the same, while it does `work`, as do the programs that it starts there.
pub(crate) fn on_one_core<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let allowed = sched_getaffinity(None)?;
    let core = (0..CpuSet::MAX_CPU).rev().find(|core| allowed.is_set(*core));
    let mut one = CpuSet::new();
    one.set(core.unwrap_or(0));
    sched_setaffinity(None, &one)?;
    let done = work();
    sched_setaffinity(None, &allowed)?;
    done
}

/// Runs `work` in a thread of its own that stays on one core.
pub(crate) fn pinned<T: Send>(work: impl FnOnce() -> Result<T, Failure> + Send) -> Result<T, Failure> {
    let done = std::thread::scope(|scope| scope.spawn(|| on_one_core(work)).join());
    done.unwrap_or_else(|_| Err(Failure::new("the measuring thread panicked")))
}

/// Something that is done over and over.
pub(crate) trait Turn {
    /// Does it `n` times; answers how much CPU that took.
    fn run(&mut self, n: u32) -> Result<Duration, Failure>;
}

/// Something done in this thread; it is given how often it was done before.
pub(crate) struct Here<F>(pub(crate) F);

impl<F: FnMut(usize) -> Result<(), Failure>> Turn for Here<F> {
    fn run(&mut self, n: u32) -> Result<Duration, Failure> {
        let from = thread_cpu();
        for i in 0..n {
            (self.0)(usize::try_from(i).unwrap_or(0))?;
        }
        Ok(thread_cpu().saturating_sub(from))
    }
}

/// How many times as often `ours` is done as `theirs` in the same CPU time: the middle of [`ROUNDS`] rounds.
pub(crate) fn ratio(what: &str, ours: &mut dyn Turn, theirs: &mut dyn Turn) -> Result<f64, Failure> {
    let (count_ours, count_theirs) = (warm(ours)?, warm(theirs)?);
    let (mut ratios, mut all_ours, mut all_theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let one = per_operation(ours.run(count_ours)?, count_ours);
        let other = per_operation(theirs.run(count_theirs)?, count_theirs);
        ratios.push(other / one);
        all_ours.push(one);
        all_theirs.push(other);
    }
    let (one, other) = (middle(all_ours), middle(all_theirs));
    println!("    {what}: {one:.1} µs against {other:.1} µs of CPU");
    Ok(middle(ratios))
}

/// Runs it until caches and branches are used to it; answers how often it fits into a [`SLICE`].
fn warm(turn: &mut dyn Turn) -> Result<u32, Failure> {
    let mut count = 8;
    loop {
        let took = turn.run(count)?;
        if took > SLICE / 4 {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and small")]
            let fit = (SLICE.as_secs_f64() / took.as_secs_f64() * f64::from(count)) as u32;
            return Ok(fit.max(1));
        }
        count = count.saturating_mul(2);
    }
}

/// Microseconds.
fn per_operation(took: Duration, count: u32) -> f64 {
    took.as_secs_f64() * 1e6 / f64::from(count)
}

/// The median.
pub(crate) fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
