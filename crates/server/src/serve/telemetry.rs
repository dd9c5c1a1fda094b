//! The trace: lines on standard error, written by a thread of their own, from our own crates only.
//!
//! Requests write into memory. The thread writes what is there some times a second, and at once what warns, so that a
//! request costs no system call, and a reader that has stopped costs lines, which are counted, not requests.
//!
//! Nothing personal is in it by construction: other crates' lines, which may quote what they were given (addresses,
//! parameters of statements, frames), are never let through, at no level; our own fields are kinds, counts, patterns of
//! routes and typed errors; and a panic is traced by its place alone. A test greps a whole run at `trace`.

use std::{
    io::{self, Write},
    panic::{self, PanicHookInfo},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use base::limits;
use tracing::{Level, Metadata};
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use super::metrics::Metrics;
use crate::Failure;

/// The crates whose lines are let through: the roots of their targets.
const OURS: [&str; 12] = [
    "ask", "base", "crypto", "formats", "forum", "identity", "issue", "log", "sahihi", "store", "wallet",
    "web",
];
/// The target of what others say by the registry's crate `log`, where that is led into the trace. It has the name of one
/// of ours, which traces from its modules alone: `log::sequence`.
const OTHERS: &str = "log";
/// How long lines wait at most.
const WRITE_EVERY: Duration = Duration::from_millis(100);

/// Whether a line, or a span, is of one of our own crates.
pub(crate) fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target != OTHERS && OURS.contains(&target.split("::").next().unwrap_or_default())
}

/// What waits to be written.
#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    urgent: bool,
    ended: bool,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where lines go.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    shared: Arc<Shared>,
    metrics: Arc<Metrics>,
}

/// One line's way there.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    lines: &'a Lines,
    urgent: bool,
}

impl Write for Line<'_> {
    /// A line comes in one piece, and stays or goes in one.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut waiting = self.lines.shared.waiting();
        if waiting.bytes.len() + bytes.len() > limits::TRACE_WAITING_BYTES_MAX || waiting.ended {
            self.lines.metrics.lines_dropped.add(1);
        } else {
            waiting.bytes.extend_from_slice(bytes);
            if self.urgent && !waiting.urgent {
                waiting.urgent = true;
                self.lines.shared.wake.notify_one();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> fmt::MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: self, urgent: false }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line<'a> {
        Line { lines: self, urgent: *metadata.level() <= Level::WARN }
    }
}

/// Writes until dropped; then what is left, and ends.
#[derive(Debug)]
pub(crate) struct Writing {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Writing {
    /// Starts the thread.
    pub(crate) fn start(
        mut to: impl Write + Send + 'static,
        metrics: Arc<Metrics>,
    ) -> io::Result<(Lines, Self)> {
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new().name("trace".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                let mut taken = Vec::new();
                loop {
                    let mut waiting = shared
                        .wake
                        .wait_timeout_while(shared.waiting(), WRITE_EVERY, |w| !w.urgent && !w.ended)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0;
                    std::mem::swap(&mut taken, &mut waiting.bytes);
                    waiting.urgent = false;
                    let ended = waiting.ended;
                    drop(waiting);
                    // Nobody reads any more: nothing can be said about it.
                    let _ = to.write_all(&taken).and_then(|()| to.flush());
                    taken.clear();
                    if ended {
                        return;
                    }
                }
            }
        })?;
        Ok((Lines { shared: Arc::clone(&shared), metrics }, Self { shared, thread: Some(thread) }))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.shared.waiting().ended = true;
        self.shared.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Starts tracing as `SAHIHI_LOG` wants it (`info` without it), and says where panics are instead of what they say.
pub(crate) fn start(metrics: &Arc<Metrics>) -> Result<Writing, Failure> {
    let (lines, writing) = Writing::start(io::stderr(), Arc::clone(metrics))?;
    let wanted = EnvFilter::try_from_env("SAHIHI_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::registry()
        .with(fmt::layer().with_writer(lines).with_ansi(false))
        .with(wanted)
        .with(filter_fn(is_ours))
        .init();
    panic::set_hook(Box::new(on_panic(Arc::clone(metrics))));
    Ok(writing)
}

/// Counts a panic and says where it was. What it says may hold values.
fn on_panic(metrics: Arc<Metrics>) -> impl Fn(&PanicHookInfo<'_>) {
    move |panicked| {
        metrics.panics.add(1);
        let place = panicked.location().map(|l| format!("{}:{}", l.file(), l.line()));
        tracing::error!(place = place.as_deref().unwrap_or("unknown"), "a panic was caught");
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
