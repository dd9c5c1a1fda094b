//! Kill -9 while people are registered, credentials issued, shown and revoked: of the state on `SQLite`; of either of
//! two states on one `PostgreSQL`, of one of its processes, of all of them, and of everything. The clients' own journals
//! decide what must be there.
//!
//! `SAHIHI_SOAK_KILLS` sets how often something is killed in all (50 unless told), and `SAHIHI_SOAK_ACTS` how many
//! issuances, presentations and revocations must be confirmed in each of the two campaigns at the least.
//!
//! Read `shared` (what an unanswered request is), `life` (what a client does, and what it demands of each answer),
//! then `check` and `log` (what must be true at the end); `forum` is the same for a consultation: submissions and
//! publications.

mod check;
mod forum;
mod life;
mod log;
mod shared;

use std::{
    io::Write as _,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use crypto::{Random, SystemRandom, random_array};
use tokio::task::JoinSet;

use self::shared::{Confirmed, Shared};
use crate::{
    cluster::Cluster,
    party::{ASKS, Setup, State},
};

const CLIENTS: usize = 6;

/// How many more answers the others must give while one is dead.
const GO_ON: u64 = 20;

/// What is killed.
#[derive(Debug, Clone, Copy)]
enum Target {
    State(usize),
    /// Whichever state has most writes to answer.
    Busiest,
    /// One process of the database that serves a connection.
    Backend,
    /// Every process of the database.
    Cluster,
    /// Every process of the database and every state.
    Everything,
}

struct Campaign {
    states: Vec<State>,
    cluster: Option<Cluster>,
    shared: Arc<Shared>,
    clients: JoinSet<()>,
    follower: log::Follower,
}

impl Campaign {
    async fn begin(states: Vec<State>, cluster: Option<Cluster>) -> Self {
        let mut campaign = Self::without_clients(states, cluster).await;
        for number in 0..CLIENTS {
            campaign.clients.spawn(life::client(campaign.shared.clone(), number));
        }
        campaign
    }

    async fn without_clients(mut states: Vec<State>, cluster: Option<Cluster>) -> Self {
        for state in &mut states {
            state.start().await;
        }
        let shared = Arc::new(Shared::new(&states));
        Self { states, cluster, shared, clients: JoinSet::new(), follower: log::Follower::default() }
    }

    /// Returns when this holds; the clients fail when they find something wrong.
    async fn until(&mut self, what: &str, holds: impl Future<Output = ()>) {
        tokio::select! {
            () = holds => {}
            ended = self.clients.join_next() => panic!("a client found something wrong: {ended:?}"),
            () = tokio::time::sleep(Duration::from_mins(2)) => panic!("{what} did not come"),
        }
    }

    /// Kills once, in the middle of things, and has it work again; whether it hit a write that was not answered yet.
    async fn kill(&mut self, target: Target) -> bool {
        let [writes] = random_array::<1>(&SystemRandom as &dyn Random);
        let now = self.shared.kill_after(3 + u64::from(writes % 30));
        self.kill_when(target, now).await
    }

    /// The same, just after `now`.
    async fn kill_when(&mut self, target: Target, now: impl Future<Output = ()>) -> bool {
        let shared = self.shared.clone();
        let [delay] = random_array::<1>(&SystemRandom as &dyn Random);
        self.until("a write to be hit", now).await;
        // Where in its work it is hit is drawn by chance; nothing waits for it.
        tokio::time::sleep(Duration::from_micros(u64::from(delay) * 10)).await;
        let target = match target {
            Target::Busiest => Target::State(shared.busiest().await),
            target => target,
        };
        let cluster = self.cluster.as_mut();
        let hit = match (target, cluster) {
            (Target::Backend, Some(cluster)) => {
                let hit = shared.unanswered() > 0;
                cluster.kill_one_backend();
                cluster.answers().await;
                hit
            }
            (Target::Cluster, Some(cluster)) => {
                let hit = shared.unanswered() > 0;
                cluster.kill().await;
                cluster.restart().await;
                hit
            }
            (Target::Everything, Some(cluster)) => {
                let hit = shared.unanswered() > 0;
                cluster.kill().await;
                for (number, state) in self.states.iter_mut().enumerate() {
                    shared.set_up(number, false);
                    state.kill();
                }
                cluster.restart().await;
                for (number, state) in self.states.iter_mut().enumerate() {
                    state.start().await;
                    shared.set_up(number, true);
                }
                hit
            }
            (Target::State(number), _) => {
                let state = &mut self.states[number];
                shared.set_up(number, false);
                let hit = shared.doors[number].unanswered.load(SeqCst) > 0;
                state.kill();
                if self.states.len() > 1 {
                    let more = shared.answered_at_least(shared.answered() + GO_ON);
                    self.until("an answer of the other state", more).await;
                }
                self.states[number].start().await;
                shared.set_up(number, true);
                hit
            }
            (Target::Busiest, _) | (_, None) => panic!("there is nothing to kill"),
        };
        // Whatever was killed: it works again without anybody's help.
        let works = shared.answered_at_least(shared.answered() + GO_ON);
        self.until("an answer after the kill", works).await;
        for state in &self.states {
            self.follower.follow(state).await;
        }
        hit
    }

    /// Kills these in turn, at least so often, and until enough was confirmed; then lets the clients finish, and checks.
    async fn run(mut self, name: &str, targets: &[Target], kills_min: usize) {
        let acts_min: usize = variable("SAHIHI_SOAK_ACTS", 0);
        let (mut kills, mut hits) = (0, 0);
        let mut targets = targets.iter().cycle();
        while kills < kills_min || self.shared.confirmed().acts() < acts_min {
            hits += usize::from(self.kill(*targets.next().unwrap()).await);
            kills += 1;
        }
        self.shared.over.store(true, SeqCst);
        while let Some(ended) = self.clients.join_next().await {
            ended.unwrap();
        }
        let confirmed = self.shared.confirmed();
        let Confirmed { people, issuances, presentations, redeemed, revocations, again, whole, refused } =
            confirmed;
        // Past the tests' own capture, so that a run that went well shows what it proves.
        let numbers = format!(
            "numbers: {name}: {kills} kills, {hits} of them over an unanswered write; confirmed: {people} people, {issuances} \
             issuances, {presentations} presentations, {redeemed} response codes, {revocations} revocations; {again} \
             requests were sent again, {whole} of which had been done; {refused} answers were 503\n"
        );
        std::io::stderr().write_all(numbers.as_bytes()).unwrap();
        assert!(hits * 2 >= kills, "only {hits} of {kills} kills hit an unanswered write");
        for (what, count) in
            [("issuances", issuances), ("presentations", presentations), ("revocations", revocations)]
        {
            assert!(count * 2 >= kills, "too little was done to prove anything: {count} {what}");
        }
        assert!(again > 0, "no request had to be sent again");
        check::everything(&self.states, &self.shared).await;
        let store = store::fixture::open_as_it_is(&self.states[0].database()).await;
        log::is_whole(&self.states, &store, &self.follower).await;
    }
}

fn variable(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// How many of all kills are for one of the campaigns, in fifths.
fn kills(fifths: usize) -> usize {
    variable("SAHIHI_SOAK_KILLS", 50) * fifths / 5
}

/// A state that asks, and takes as many used codes as the clients show it again. What an account may do is taken from the
/// database in advance, and lost when a state is killed: it may ask often.
fn setup(database: Option<String>) -> State {
    let more = format!("{ASKS}[limits]\nwrong_secrets = 1_000_000_000\nasks = 1_000_000_000\n");
    State::with(Setup { database, more, ..Setup::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_state_on_sqlite_loses_nothing_confirmed_and_does_nothing_twice() {
    let campaign = Campaign::begin(vec![setup(None)], None).await;
    campaign.run("SQLite", &[Target::State(0)], kills(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_states_and_a_killed_postgresql_lose_nothing_confirmed_and_do_nothing_twice() {
    let cluster = Cluster::start().await;
    let state = setup(Some(cluster.url()));
    let twin = state.twin();
    let campaign = Campaign::begin(vec![state, twin], Some(cluster)).await;
    let targets = [
        Target::State(0),
        Target::Cluster,
        Target::State(1),
        Target::Backend,
        Target::State(0),
        Target::Cluster,
        Target::State(1),
        Target::Everything,
    ];
    campaign.run("PostgreSQL", &targets, kills(3)).await;
}
