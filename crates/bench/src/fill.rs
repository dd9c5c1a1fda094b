//! A party's database, filled as millions of registrations and issuances would have filled it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use base::{Clock, time::ManualClock};
use crypto::{Random, SystemRandom};
use identity::Register;
use issue::{
    PersonId,
    seed::{self, Seed},
};
use serde_json::{Map, Value, json};
use store::Store;
use web::{Actor, StaffTokens};

use crate::{issuing::now, party::Party, row::Failure};

/// How many people one write registers.
const PEOPLE_A_WRITE: usize = 50_000;
/// How many people one write gives their credentials to.
const HOLDERS_A_WRITE: usize = 250_000;
/// How many people are served afterwards.
const SERVED: usize = 1_000;

/// Ids that ascend, so that a million rows are soon written: eight bytes at a time, further and further.
struct Ascending {
    next: AtomicU64,
    step: u64,
}

impl Random for Ascending {
    fn fill(&self, out: &mut [u8]) {
        let value = self.next.fetch_add(self.step, Ordering::Relaxed).to_be_bytes();
        out.iter_mut().zip(value.iter().cycle()).for_each(|(to, from)| *to = *from);
    }
}

/// The person number `n` of a made-up country.
pub(crate) fn person(n: usize) -> Value {
    let (year, month, day) = (1950 + n % 50, 1 + n % 12, 1 + n % 28);
    json!({
        "given_name": format!("Ulmira{}", n % 997), "family_name": format!("Tidjara{}", n % 1009),
        "birthdate": format!("{year}-{month:02}-{day:02}"), "nationalities": ["XZ"],
        "place_of_birth": { "country": "XZ", "region": "Sahar", "locality": "Port-Sahar" },
        "personal_administrative_number": format!("XZ{n:09}"),
    })
}

/// Registers `people` more, with numbers that nobody has; their ids.
async fn register(store: &Store, people: usize) -> Result<Vec<PersonId>, Failure> {
    let step = (1 << 62) / u64::try_from(people)?;
    let random = Arc::new(Ascending { next: AtomicU64::new(step), step });
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(now()));
    let register = Register::new(store.clone(), clock, random, StaffTokens::default());
    let actor = Actor::system("measurement");
    let mut done = 0;
    while done < people {
        let more = PEOPLE_A_WRITE.min(people - done);
        let map = |n: usize| match person(n) {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let all = (1_000_000 + done..1_000_000 + done + more).map(map).collect();
        register.register_all(&actor, all).await?;
        done += more;
    }
    let id = |n: u64| PersonId::from_random((n * step).to_be_bytes());
    Ok((1..=u64::try_from(people)?).map(id).collect())
}

/// What was issued to `people`, `each` to everybody.
pub(crate) async fn issue(
    store: &Store,
    people: &[PersonId],
    each: usize,
    refreshable: bool,
) -> Result<(), Failure> {
    let seed = Seed {
        type_id: "pid".to_owned(),
        issued_at: now(),
        expires_at: now().start_of_day().plus_secs(365 * 86_400),
        issued_by: "clerk".to_owned(),
        refreshable,
    };
    for some in people.chunks(HOLDERS_A_WRITE) {
        seed::credentials(store, Arc::new(SystemRandom), seed.clone(), some.to_vec(), each).await?;
    }
    Ok(())
}

/// Fills the database of a party that does not run and has issued something before; ids of people to go on with.
pub(crate) async fn fill(party: &Party, people: usize, each: usize) -> Result<Vec<String>, Failure> {
    store::bench::careless(true);
    let filled = async {
        let store = store::bench::open_as_it_is(party.database()).await?;
        let all = register(&store, people).await?;
        issue(&store, &all, each, true).await?;
        let step = (all.len() / SERVED).max(1);
        Ok(all.iter().step_by(step).map(ToString::to_string).collect())
    };
    let filled = filled.await;
    store::bench::careless(false);
    filled
}
