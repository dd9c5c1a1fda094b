//! What the log costs an act: leaves that are appended and have their places, against one-row writes that share commits
//! just the same; and how long it takes under that load until a checkpoint holds a leaf, of every leaf that is appended.

use std::{
    collections::HashMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use base::Clock;
use crypto::{Ed25519SecretKey, SystemRandom};
use log::{Act, Checkpoint, LeafId, Log, LogConfig, note::Note};
use store::{Config, Store, Tx};
use tokio::task::JoinSet;

use crate::{
    issuing::now,
    load::{CLIENTS, p99},
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
/// How many writes each of the 64 callers makes in a slice: so many that waiting for the last checkpoint, up to a tenth of a
/// second, is little of it.
const WRITES: usize = 2_048;
/// How often it is looked whether there is another checkpoint.
const LOOK: Duration = Duration::from_millis(2);

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
        slice(&store, 0, WRITES).await?;
        appended(&store, &log).await?;
        let (mut rows, mut leaves) = (Duration::ZERO, Duration::ZERO);
        let mut delays = Vec::new();
        for round in 1..=SLICES {
            rows += slice(&store, round, WRITES).await?;
            let (took, each) = appended(&store, &log).await?;
            leaves += took;
            delays.extend(each);
        }
        let all = f64::from(SLICES) * f64::from(u32::try_from(WRITES * CLIENTS)?);
        let each = |sum: Duration| sum.as_secs_f64() * 1e6 / all;
        eprintln!("a row: {:.1} µs, a leaf: {:.1} µs; {} acts", each(rows), each(leaves), delays.len());
        let p99 = p99(delays);
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

/// Has 64 callers append so many leaves each, and waits until a checkpoint holds all of them. How long that took, and how
/// long it took from the beginning of each act until a checkpoint held its leaf.
async fn appended(store: &Store, log: &Log) -> Result<(Duration, Vec<Duration>), Failure> {
    let first = size(log).await?;
    let all = u64::try_from(CLIENTS * WRITES)?;
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CLIENTS {
        let (store, log) = (store.clone(), log.clone());
        callers.spawn(async move {
            let mut acts = Vec::with_capacity(WRITES);
            for n in 0..WRITES {
                let begun = Instant::now();
                acts.push((append(&store, &log, caller * WRITES + n).await?, begun));
            }
            Ok::<_, store::Error>(acts)
        });
    }
    let mut begun: HashMap<LeafId, Instant> = HashMap::new();
    // Checkpoints: how many leaves each holds, and when it was there.
    let mut signed: Vec<(u64, Instant)> = vec![(first, started)];
    let mut held = first;
    while held < first + all {
        tokio::time::sleep(LOOK).await;
        let now = size(log).await?;
        if now > held {
            signed.push((now, Instant::now()));
            held = now;
        }
        while let Some(ended) = callers.try_join_next() {
            begun.extend(ended??);
        }
    }
    let took = started.elapsed();
    while let Some(ended) = callers.join_next().await {
        begun.extend(ended??);
    }
    let mut delays = Vec::with_capacity(begun.len());
    let mut next = first;
    while next < held {
        let listed = log.leaves(next).await?;
        if listed.is_empty() {
            break;
        }
        for leaf in listed {
            let index = u64::try_from(leaf.index)?;
            let checkpoint = signed.get(signed.partition_point(|(size, _)| *size <= index));
            if let (Some((_, at)), Some(begun)) = (checkpoint, begun.get(&leaf.leaf)) {
                delays.push(at.saturating_duration_since(*begun));
            }
            next = index + 1;
        }
    }
    if delays.len() == begun.len() { Ok((took, delays)) } else { Err(Failure::new("an act has no leaf")) }
}

/// How many leaves the newest checkpoint holds.
async fn size(log: &Log) -> Result<u64, Failure> {
    let Some(note) = log.checkpoint().await? else { return Ok(0) };
    Ok(Checkpoint::from_text(Note::parse(&note)?.text)?.size)
}

async fn append(store: &Store, log: &Log, n: usize) -> Result<LeafId, store::Error> {
    let (log, record) = (log.clone(), record(n));
    let write = async move |tx: &mut Tx<'_>| log.append(tx, &Act { kind: "bench", record: &record }).await;
    Ok(store.write(write).await?.leaf)
}
