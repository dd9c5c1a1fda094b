use std::sync::mpsc;

use fmt::MakeWriter as _;

use super::*;

/// Takes what is written when it is told to.
struct Gate {
    open: mpsc::Receiver<()>,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.open.recv();
        self.taken.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_is_lost_at_the_end_and_what_does_not_fit_is_counted() {
    let metrics = Arc::new(Metrics::new());
    let (open, gate) = mpsc::channel();
    let taken = Arc::new(Mutex::new(Vec::new()));
    let to = Gate { open: gate, taken: Arc::clone(&taken) };
    let (lines, writing) = Writing::start(to, Arc::clone(&metrics)).unwrap();
    // Twice what may wait; the thread stands at the gate with at most the first of it.
    let line = vec![b'x'; limits::TRACE_WAITING_BYTES_MAX / 4];
    for _ in 0..12 {
        lines.make_writer().write_all(&line).unwrap();
    }
    let dropped = metrics.lines_dropped.get();
    assert!((4..=8).contains(&dropped), "{dropped} lines were dropped");
    drop(open);
    drop(writing);
    let kept = taken.lock().unwrap().len() / line.len();
    assert_eq!(kept as u64 + dropped, 12);
    // After the end nothing waits for ever.
    lines.make_writer().write_all(b"late\n").unwrap();
    assert_eq!(metrics.lines_dropped.get(), dropped + 1);
}

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is traced, as loudly as can be, while something is done.
fn traced(act: impl FnOnce()) -> String {
    let kept = Kept::default();
    let to = kept.clone();
    let subscriber = tracing_subscriber::registry()
        .with(fmt::layer().with_ansi(false).with_writer(move || to.clone()))
        .with(EnvFilter::new("trace"))
        .with(filter_fn(is_ours));
    tracing::subscriber::with_default(subscriber, act);
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn only_our_own_crates_are_heard() {
    let text = traced(|| {
        tracing::trace!("ours");
        tracing::error!(target: "hyper::proto", "theirs");
        tracing::error!(target: "tokio_postgres", "theirs");
        tracing::error!(target: "storefront", "theirs");
        // As the registry's crate `log` would come here.
        tracing::error!(target: "log", "theirs");
        tracing::error!(target: "log::sequence", "the log is not signed");
        tracing::error!(target: "store::sqlite", "ours too");
    });
    assert!(text.contains("ours") && text.contains("ours too") && !text.contains("theirs"), "{text}");
    assert!(text.contains("the log is not signed"), "{text}");
}

/// A crate that traces and is not heard would say in vain what whoever operates this must know.
#[test]
fn every_crate_of_ours_that_traces_is_heard() {
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut traces = 0;
    for entry in std::fs::read_dir(crates).unwrap() {
        let folder = entry.unwrap().path();
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        if !manifest.lines().any(|line| line == "tracing.workspace = true") {
            continue;
        }
        traces += 1;
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let root = if name == "server" { "sahihi" } else { &name };
        assert!(OURS.contains(&root), "{name} traces and is not heard");
    }
    assert!(traces > 5, "{traces}");
}

#[test]
#[expect(clippy::panic, reason = "what is tested")]
fn of_a_panic_only_its_place_is_said() {
    let metrics = Arc::new(Metrics::new());
    let before = panic::take_hook();
    panic::set_hook(Box::new(on_panic(Arc::clone(&metrics))));
    let text = traced(|| {
        let _ = panic::catch_unwind(|| panic!("Ulmira"));
    });
    panic::set_hook(before);
    assert!(text.contains("telemetry/tests.rs:") && !text.contains("Ulmira"), "{text}");
    assert!(metrics.panics.get() >= 1);
}
