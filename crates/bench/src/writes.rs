//! What it gains that writes share a commit: 64 callers, each with one-row writes, against the same with one commit a
//! write.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use base::limits;
use store::{Config, NewJob, Store, Tx};
use tokio::task::JoinSet;

use crate::{
    issuing::now,
    load::CLIENTS,
    row::{Bar, Context, Failure, Row},
    served::wait,
};

/// The rows.
pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "group_commit_1ms",
        unit: "ratio",
        bar: Bar::AtLeast(20.0),
        function: |context| gain(context, Duration::from_millis(1), 8),
    },
    Row {
        name: "group_commit",
        unit: "ratio",
        bar: Bar::AtLeast(2.0),
        function: |context| gain(context, Duration::ZERO, 64),
    },
];

/// How many slices of each kind there are.
const SLICES: u32 = 4;

fn gain(context: &mut Context, delay: Duration, writes: usize) -> Result<f64, Failure> {
    let binary = context.binary()?;
    // Beside the binary: on a disk, not in memory.
    let folder = tempfile::tempdir_in(binary.parent().unwrap_or(Path::new(".")))?;
    let config = Config::Sqlite { path: folder.path().join("writes.sqlite") };
    let gain = wait(async {
        Store::migrate(&config, &[]).await?;
        let store = Store::open(&config, &[]).await?;
        store::bench::delay_commits(delay);
        // Warms up.
        slice(&store, 0, writes).await?;
        let (mut shared, mut alone) = (Duration::ZERO, Duration::ZERO);
        for round in 1..=SLICES {
            shared += slice(&store, 2 * round, writes).await?;
            store::bench::one_write_a_commit(true);
            alone += slice(&store, 2 * round + 1, writes).await?;
            store::bench::one_write_a_commit(false);
        }
        let all = f64::from(SLICES) * f64::from(u32::try_from(writes * CLIENTS)?);
        let each = |sum: Duration| sum.as_secs_f64() * 1e6 / all;
        eprintln!("a write: {:.0} µs with others, {:.0} µs alone", each(shared), each(alone));
        Ok(alone.as_secs_f64() / shared.as_secs_f64())
    });
    store::bench::delay_commits(Duration::ZERO);
    gain
}

/// Has 64 callers insert `writes` rows each, one after the other and each in a write of its own; how long that took. A
/// round has rows of its own: what is there already would only be changed.
pub(crate) async fn slice(store: &Store, round: u32, writes: usize) -> Result<Duration, Failure> {
    const { assert!(CLIENTS <= limits::STORE_BATCH_MAX, "all callers fit in one commit") };
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CLIENTS {
        let store = store.clone();
        callers.spawn(async move {
            for n in 0..writes {
                let key = format!("{round} {caller} {n}");
                let write = async move |tx: &mut Tx<'_>| {
                    let job =
                        NewJob { kind: "bench", payload: &[0; 64], not_before: now(), unique_key: &key };
                    tx.enqueue(&job).await
                };
                store.write(write).await?;
            }
            Ok::<_, store::Error>(())
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    Ok(begun.elapsed())
}
