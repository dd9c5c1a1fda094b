//! What it costs to revoke a credential, by how many there are.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use base::{Lang, Texts, time::ManualClock};
use crypto::SystemRandom;
use issue::{AttributesFuture, Issuer, IssuerConfig, PersonId, Subjects, Types};
use rustix::time::{ClockId, clock_gettime};
use store::{Config, Store, Tx};
use tempfile::TempDir;

use super::{
    cpu::middle,
    parties::{NOW, Parties},
};
use crate::row::{Context, Failure};

/// How many entries of status lists are taken, and how many by each credential.
const FEW: i64 = 10_000;
const MANY: i64 = 10_000_000;
const COPIES: i64 = 4;
/// How many credentials are revoked in each round, of few and of many in turn.
const AT_ONCE: i64 = 50;
const ROUNDS: i64 = 21;

/// The cost of a revocation with ten million entries to that with ten thousand.
pub(crate) fn grow(_: &mut Context) -> Result<f64, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (few, many) = (Filled::new(FEW).await?, Filled::new(MANY).await?);
        // Both read their statements and their pages once before it counts.
        few.revoke(ROUNDS).await?;
        many.revoke(ROUNDS).await?;
        let (mut ratios, mut of_few, mut of_many) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let one = few.revoke(round).await?.as_secs_f64();
            let other = many.revoke(round).await?.as_secs_f64();
            ratios.push(other / one);
            of_few.push(one);
            of_many.push(other);
        }
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let each = |seconds: f64| seconds * 1e6 / AT_ONCE as f64;
        let (few, many) = (each(middle(of_few)), each(middle(of_many)));
        println!("    a revocation: {few:.0} µs of CPU of {FEW} entries, {many:.0} µs of {MANY}");
        Ok(middle(ratios))
    })
}

/// An issuer with a durable database of its own.
struct Filled {
    issuer: Issuer,
    credentials: i64,
    /// Where the database is; it goes with this.
    _folder: TempDir,
}

impl Filled {
    async fn new(entries: i64) -> Result<Self, Failure> {
        let folder = TempDir::new()?;
        let config = Config::Sqlite { path: folder.path().join("issuer.sqlite") };
        Store::migrate(&config, issue::MIGRATIONS).await?;
        let store = Store::open(&config, issue::MIGRATIONS).await?;
        let name: BTreeMap<_, _> = Lang::ALL.into_iter().map(|lang| (lang, "Utopia".to_owned())).collect();
        #[expect(clippy::default_trait_access, reason = "of a crate that nothing else here needs")]
        let config = IssuerConfig {
            identifier: "https://state.example".into(),
            handle: String::new(),
            name: Texts::try_from(name).map_err(|_| Failure::new("no names"))?,
            authority: "Civil register of Utopia".into(),
            country: "UT".into(),
            signer: Parties::new()?.issuer,
            retired_signers: Vec::new(),
            server_secret: [7; 32],
            types: Types::embedded()?,
            status_ttl_s: 0,
            staff: Default::default(),
        };
        let (clock, random) = (Arc::new(ManualClock::new(NOW)), Arc::new(SystemRandom));
        let issuer = Issuer::new(config, store, clock, random, Arc::new(Nobody))?;
        let credentials = entries / COPIES;
        issuer.fill(credentials, COPIES).await?;
        Ok(Self { issuer, credentials, _folder: folder })
    }

    /// Revokes credentials all over the lists, one after the other; answers the CPU of the whole process.
    async fn revoke(&self, round: i64) -> Result<Duration, Failure> {
        let from = process_cpu();
        for n in 0..AT_ONCE {
            // A multiple of a prime that divides neither number of credentials: no two the same, and none near another.
            let nth = (round * AT_ONCE + n) * 1_009 % self.credentials + 1;
            if !self.issuer.revoke_filled(nth).await {
                return Err(Failure::new(format!("credential {nth} could not be revoked")));
            }
        }
        Ok(process_cpu().saturating_sub(from))
    }
}

/// What all threads of this process have used of CPUs.
fn process_cpu() -> Duration {
    let at = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(at.tv_sec).unwrap_or(0), u32::try_from(at.tv_nsec).unwrap_or(0))
}

/// A register of nobody: nothing is issued here.
struct Nobody;

impl Subjects for Nobody {
    fn attributes<'a>(&'a self, _: &'a mut Tx<'_>, _: PersonId) -> AttributesFuture<'a> {
        Box::pin(async { Ok(None) })
    }
}
