//! What the server costs while it is used, as a multiple of what its cryptography costs alone.
//!
//! Slices of load alternate with slices of raw cryptography, both on the same core, so that whatever else the machine does
//! meets both. The server's time is what its own process says of itself, user and system, all threads, and what it does after
//! it answered counts; of the clients nothing is counted.

use std::{future::Future, time::Duration};

use crate::{
    issuing::{Wallet, offers, register, wallets},
    load::{Client, p99, slice},
    party::{Database, Party},
    presenting::{Meeting, meetings},
    raw::Raw,
    row::{Bar, Context, Failure, Row},
};

/// The rows.
pub(crate) const ROWS: &[Row] = &[
    Row { name: "http_issue_cpu", unit: "ratio", bar: Bar::AtMost(6.0), function: http_issue },
    Row {
        name: "http_issue_p99_ms",
        unit: "ms",
        bar: Bar::None,
        function: |context| {
            http_issue(context)?;
            context.value("http_issue_p99_ms")
        },
    },
    Row { name: "http_present_cpu", unit: "ratio", bar: Bar::AtMost(6.0), function: http_present },
    Row {
        name: "http_present_p99_ms",
        unit: "ms",
        bar: Bar::None,
        function: |context| {
            http_present(context)?;
            context.value("http_present_p99_ms")
        },
    },
    Row {
        name: "pg_issue_cpu",
        unit: "ratio",
        bar: Bar::AtMost(9.0),
        function: |context| {
            wait(async {
                let database = context.postgres("bench_issue").await?;
                Ok(issuances(context, database).await?.0)
            })
        },
    },
];

/// How many people there are where nothing else is said.
pub(crate) const PEOPLE: usize = 1_000;
/// How many slices of load are measured, after one that warms up.
const SLICES: usize = 8;
/// How many issuances or presentations a slice has.
const IN_A_SLICE: usize = 1_500;
/// How long after a slice the server's time is read, so that what it does later counts too: leaves get their places in the
/// log, expired rows go.
const LATER: Duration = Duration::from_millis(300);

/// Waits for a future in a runtime of one thread, so that the clients take no more than one core.
pub(crate) fn wait<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future)
}

/// A party under load, and what it was measured at.
pub(crate) struct Measured {
    pub(crate) party: Party,
    pub(crate) people: Vec<String>,
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) meetings: Vec<Meeting>,
    cpu: Duration,
    done: u32,
    took: Vec<Duration>,
}

impl Measured {
    /// A party that runs and has people.
    pub(crate) async fn new(party: Party, people: Vec<String>) -> Result<Self, Failure> {
        let wallets = wallets(&party).await?;
        let (meetings, took) = (Vec::new(), Vec::new());
        Ok(Self { party, people, wallets, meetings, cpu: Duration::ZERO, done: 0, took })
    }

    /// A slice of issuances. Their offers are made before it is measured.
    pub(crate) async fn issue(&mut self, count: usize) -> Result<(), Failure> {
        let codes = offers(&self.party, &self.people, count).await?;
        let before = self.party.cpu().await?;
        let took = slice(&mut self.wallets, codes).await?;
        self.count(before, took).await
    }

    /// A slice of presentations, by those who hold what was issued before.
    pub(crate) async fn present(&mut self, count: usize) -> Result<(), Failure> {
        if self.meetings.is_empty() {
            self.meetings = meetings(&self.party, std::mem::take(&mut self.wallets)).await?;
        }
        let before = self.party.cpu().await?;
        let took = slice(&mut self.meetings, vec![(); count]).await?;
        self.count(before, took).await
    }

    /// A slice of whatever other clients do.
    pub(crate) async fn have<C: Client<Task = ()>>(
        &mut self,
        clients: &mut Vec<C>,
        count: usize,
    ) -> Result<(), Failure> {
        let before = self.party.cpu().await?;
        let took = slice(clients, vec![(); count]).await?;
        self.count(before, took).await
    }

    async fn count(&mut self, before: Duration, took: Vec<Duration>) -> Result<(), Failure> {
        tokio::time::sleep(LATER).await;
        self.cpu += self.party.cpu().await?.saturating_sub(before);
        self.done += u32::try_from(took.len())?;
        self.took.extend(took);
        Ok(())
    }

    /// Forgets what was measured so far.
    pub(crate) fn forget(&mut self) {
        (self.cpu, self.done) = (Duration::ZERO, 0);
        self.took.clear();
    }

    /// What one costs the server.
    pub(crate) fn each(&self) -> Duration {
        self.cpu / self.done.max(1)
    }

    pub(crate) fn p99_ms(&mut self) -> f64 {
        p99(std::mem::take(&mut self.took)).as_secs_f64() * 1e3
    }
}

/// A party with people, which runs, on one core.
pub(crate) async fn with_people(context: &Context, database: Database) -> Result<Measured, Failure> {
    let mut party = Party::set_up(context, database)?;
    party.keep_to_one_core();
    party.start().await?;
    let people = register(&party, PEOPLE).await?;
    Measured::new(party, people).await
}

/// What something costs as a multiple of its raw cryptography, told to whoever watches.
pub(crate) fn ratio(what: &str, cost: Duration, raw: Duration, words: &str) -> f64 {
    let ratio = cost.as_secs_f64() / raw.as_secs_f64();
    eprintln!("{what}: {:.0} µs, raw {:.0} µs ({words})", cost.as_secs_f64() * 1e6, raw.as_secs_f64() * 1e6);
    ratio
}

/// Whole issuances: their ratio and the time within which 99 of 100 are done.
async fn issuances(context: &Context, database: Database) -> Result<(f64, f64), Failure> {
    let mut measured = with_people(context, database).await?;
    let mut raw = Raw::new()?;
    measured.issue(IN_A_SLICE).await?;
    measured.forget();
    for _ in 0..SLICES {
        raw.slice()?;
        measured.issue(IN_A_SLICE).await?;
    }
    raw.slice()?;
    let ratio = ratio("an issuance", measured.each(), raw.issuance(), &raw.words());
    Ok((ratio, measured.p99_ms()))
}

fn http_issue(context: &mut Context) -> Result<f64, Failure> {
    let (ratio, p99) = wait(issuances(context, Database::Sqlite))?;
    context.found("http_issue_p99_ms", p99);
    context.found("http_issue_cpu", ratio);
    Ok(ratio)
}

fn http_present(context: &mut Context) -> Result<f64, Failure> {
    let measure = async {
        let mut measured = with_people(context, Database::Sqlite).await?;
        let mut raw = Raw::new()?;
        // So that everybody holds something.
        measured.issue(IN_A_SLICE).await?;
        measured.present(IN_A_SLICE).await?;
        measured.forget();
        for _ in 0..SLICES {
            raw.slice()?;
            measured.present(IN_A_SLICE).await?;
        }
        raw.slice()?;
        let ratio = ratio("a presentation", measured.each(), raw.presentation(), &raw.words());
        Ok((ratio, measured.p99_ms()))
    };
    let (ratio, p99) = wait(measure)?;
    context.found("http_present_p99_ms", p99);
    context.found("http_present_cpu", ratio);
    Ok(ratio)
}
