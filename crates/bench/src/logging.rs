//! What the log costs an act: leaves that are appended and have their places, against one-row writes that share commits
//! just the same; and how long it takes under that load until a checkpoint holds a leaf.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use base::Clock;
use crypto::{Ed25519SecretKey, SystemRandom};
use log::{Act, LeafId, Log, LogConfig};
use store::{Config, Store, Tx};
use tokio::task::JoinSet;

use crate::{
    issuing::now,
    load::CLIENTS,
    row::{Bar, Context, Failure, Row},
    served::wait,
    writes::slice,
};

/// The rows.
pub(crate) const ROWS: &[Row] = &[
    Row { name: RATIO, unit: "ratio", bar: Bar::AtLeast(0.5), function: |context| measure(context, RATIO) },
    Row { name: DELAY, unit: "ms", bar: Bar::AtMost(1_000.0), function: |context| measure(context, DELAY) },
];

const RATIO: &str = "log_append_ratio";
const DELAY: &str = "log_delay_ms";

/// How many slices of each kind there are.
const SLICES: u32 = 4;
/// How many writes each of the 64 callers makes in a slice.
const WRITES: usize = 512;
/// How often it is looked whether a leaf has its proof.
const LOOK: Duration = Duration::from_millis(5);

struct Now;

impl Clock for Now {
    fn now(&self) -> base::Instant {
        now()
    }
}

fn measure(context: &mut Context, row: &'static str) -> Result<f64, Failure> {
    let binary = context.binary()?;
    // Beside the binary: on a disk, not in memory.
    let folder = tempfile::tempdir_in(binary.parent().unwrap_or(Path::new(".")))?;
    let config = Config::Sqlite { path: folder.path().join("log.sqlite") };
    let (ratio, delay) = wait(async {
        Store::migrate(&config, log::MIGRATIONS).await?;
        let store = Store::open(&config, log::MIGRATIONS).await?;
        let signer = Arc::new(Ed25519SecretKey::generate(&SystemRandom));
        let settings = LogConfig { origin: "bench.example/log".to_owned(), signer, head: None };
        let log = Log::open(settings, store.clone(), Arc::new(Now), Arc::new(SystemRandom)).await?;
        let mut signing = JoinSet::new();
        let sequencer = log.clone();
        signing.spawn(async move { sequencer.run().await });
        // Warms up.
        slice(&store, WRITES).await?;
        appended(&store, &log).await?;
        let (mut rows, mut leaves) = (Duration::ZERO, Duration::ZERO);
        let over = Arc::new(AtomicBool::new(false));
        let watching = tokio::spawn(watch(store.clone(), log.clone(), Arc::clone(&over)));
        for _ in 0..SLICES {
            rows += slice(&store, WRITES).await?;
            leaves += appended(&store, &log).await?;
        }
        over.store(true, Ordering::Relaxed);
        let mut delays = watching.await??;
        delays.sort_unstable();
        let p99 = delays.get(delays.len().saturating_mul(99) / 100).copied().unwrap_or(Duration::MAX);
        let all = f64::from(SLICES) * f64::from(u32::try_from(WRITES * CLIENTS)?);
        let each = |sum: Duration| sum.as_secs_f64() * 1e6 / all;
        eprintln!(
            "a row: {:.1} µs, a leaf: {:.1} µs; {} leaves were watched until they were in a checkpoint",
            each(rows),
            each(leaves),
            delays.len()
        );
        Ok((rows.as_secs_f64() / leaves.as_secs_f64(), p99.as_secs_f64() * 1e3))
    })?;
    context.found(RATIO, ratio);
    context.found(DELAY, delay);
    context.value(row)
}

/// An act as it is recorded: about as long as one of the forum's.
fn record(n: usize) -> Vec<u8> {
    format!(
        r#"{{"act":"bench","at":"2026-11-21T09:30:00.000Z","by":"amina","content_sha256":"{n:064x}","subject":"sub_{n:016x}","type":"urn:sahihi:act:bench:1"}}"#
    )
    .into_bytes()
}

/// Has 64 callers append so many leaves each, and waits until all of them have their places; how long that took.
async fn appended(store: &Store, log: &Log) -> Result<Duration, Failure> {
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CLIENTS {
        let (store, log) = (store.clone(), log.clone());
        callers.spawn(async move {
            for n in 0..WRITES {
                append(&store, &log, caller * WRITES + n).await?;
            }
            Ok::<_, store::Error>(())
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    while log.waiting_since().await?.is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(begun.elapsed())
}

async fn append(store: &Store, log: &Log, n: usize) -> Result<LeafId, store::Error> {
    let (log, record) = (log.clone(), record(n));
    let write = async move |tx: &mut Tx<'_>| log.append(tx, &Act { kind: "bench", record: &record }).await;
    Ok(store.write(write).await?.leaf)
}

/// Appends leaf after leaf beside the others, and looks how long it takes until each has its proof.
async fn watch(store: Store, log: Log, over: Arc<AtomicBool>) -> Result<Vec<Duration>, store::Error> {
    let mut delays = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let leaf = append(&store, &log, 0).await?;
        while log.public_proof(leaf).await?.is_none() {
            tokio::time::sleep(LOOK).await;
        }
        delays.push(begun.elapsed());
    }
    Ok(delays)
}
