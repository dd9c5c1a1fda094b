//! How much it takes: memory, time to start, the binary, the database.

use std::fs;

use issue::PersonId;

use crate::{
    fill,
    issuing::{offers, register},
    load::slice,
    party::{Database, Party},
    row::{Bar, Context, Failure, Row},
    served::{Measured, PEOPLE, wait},
};

/// The rows.
pub(crate) const ROWS: &[Row] = &[
    Row { name: "rss_mib", unit: "MiB", bar: Bar::AtMost(64.0), function: resident },
    Row { name: "start_ms", unit: "ms", bar: Bar::AtMost(200.0), function: start },
    Row { name: "binary_mb", unit: "MB", bar: Bar::AtMost(40.0), function: binary },
    Row { name: "bytes_per_credential", unit: "bytes", bar: Bar::AtMost(250.0), function: credential },
];

/// How many issuances memory is looked at after.
const ISSUANCES: usize = 100_000;
/// How many offers are made at once.
const AT_ONCE: usize = 5_000;
/// How often it is started; the middle one counts.
const STARTS: usize = 9;
/// How many credentials the database is filled with to see how large one is.
const CREDENTIALS: usize = 50_000;
const CREDENTIALS_A_WRITE: usize = 5_000;

fn resident(context: &mut Context) -> Result<f64, Failure> {
    wait(async {
        // On all cores: threads have memory of their own.
        let mut party = Party::set_up(context, Database::Sqlite)?;
        party.start().await?;
        let people = register(&party, PEOPLE).await?;
        let mut measured = Measured::new(party, people).await?;
        for _ in 0..ISSUANCES / AT_ONCE {
            let codes = offers(&measured.party, &measured.people, AT_ONCE).await?;
            slice(&mut measured.wallets, codes).await?;
        }
        Ok(measured.party.resident().await? / 1_048_576.0)
    })
}

fn start(context: &mut Context) -> Result<f64, Failure> {
    wait(async {
        let mut party = Party::set_up(context, Database::Sqlite)?;
        let mut took = Vec::new();
        for _ in 0..STARTS {
            took.push(party.start().await?);
            party.stop()?;
        }
        took.sort_unstable();
        Ok(took.get(STARTS / 2).copied().unwrap_or_default().as_secs_f64() * 1e3)
    })
}

#[expect(clippy::cast_precision_loss, reason = "a size that is far below 2^53")]
fn binary(context: &mut Context) -> Result<f64, Failure> {
    Ok(fs::metadata(context.binary()?)?.len() as f64 / 1e6)
}

/// What the database grows by with each credential, its copy and their indexes, on the engine that needs more.
fn credential(context: &mut Context) -> Result<f64, Failure> {
    wait(async {
        let mut worst: f64 = 0.0;
        for engine in ["SQLite", "PostgreSQL"] {
            let mut sizes = Vec::new();
            for refreshable in [false, true] {
                let database = match engine {
                    "SQLite" => Database::Sqlite,
                    _ => context.postgres("bench_bytes").await?,
                };
                let party = Party::set_up(context, database)?;
                sizes.push(bytes_each(&party, refreshable).await?);
            }
            if let [alone, with_token] = sizes[..] {
                eprintln!("{engine}: {alone:.0} bytes, and {:.0} for its refresh token", with_token - alone);
                worst = worst.max(alone);
            }
        }
        Ok(worst)
    })
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts that are far below 2^53")]
async fn bytes_each(party: &Party, refreshable: bool) -> Result<f64, Failure> {
    let store = store::bench::open_as_it_is(party.database()).await?;
    let before = store::bench::bytes(party.database()).await?;
    let ids = (0..CREDENTIALS).map(|_| PersonId::from_random(crypto::random_array(&crypto::SystemRandom)));
    let people: Vec<PersonId> = ids.collect();
    for some in people.chunks(CREDENTIALS_A_WRITE) {
        fill::issue(&store, some, 1, refreshable).await?;
    }
    let after = store::bench::bytes(party.database()).await?;
    Ok(after.saturating_sub(before) as f64 / CREDENTIALS as f64)
}
