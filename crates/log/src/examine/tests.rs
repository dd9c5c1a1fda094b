//! Each finding with the fault and, before it, without; on both engines.

use ::store::fixture::each_engine;
use base::{limits::LOG_MERGE_S, time::ManualClock};
use crypto::SeededRandom;

use super::*;
use crate::{
    Act, Head, MIGRATIONS, after_restore,
    testing::{AT, Noted, ORIGIN, key, signer},
};

::store::statements! {
    UNPLACED = "UPDATE log_leaf SET idx = NULL WHERE idx = 7";
    ANOTHER = "UPDATE log_leaf SET commitment = (SELECT commitment FROM log_leaf WHERE idx = 3) WHERE idx = 299";
    NO_TILE = "DELETE FROM log_tile WHERE level = 0 AND n = 1";
    NO_CHECKPOINT = "UPDATE log_state SET checkpoint = 'nothing' WHERE id = 1";
}

/// A log of 300 leaves.
struct World {
    store: Store,
    head: Arc<Noted>,
    clock: Arc<ManualClock>,
}

impl World {
    async fn of(store: &Store) -> Self {
        let world =
            Self { store: store.clone(), head: Arc::default(), clock: Arc::new(ManualClock::new(AT)) };
        assert!(world.look(1, ORIGIN).await.is_none(), "no log was begun");
        let log = world.open().await;
        append(store, &log, 300).await;
        log.step().await.unwrap();
        world
    }

    fn config(&self, seed: u8, origin: &str) -> LogConfig {
        LogConfig { origin: origin.to_owned(), signer: signer(seed), head: Some(self.head.clone()) }
    }

    async fn open(&self) -> Log {
        let (clock, random) = (self.clock.clone(), Arc::new(SeededRandom::new(1)));
        Log::open(self.config(1, ORIGIN), self.store.clone(), clock, random).await.unwrap()
    }

    async fn look(&self, seed: u8, origin: &str) -> Option<Examined> {
        let (clock, random) = (self.clock.clone(), Arc::new(SeededRandom::new(2)));
        examine(self.config(seed, origin), &self.store, clock, random).await.unwrap()
    }

    /// What is said of it, in a line each.
    async fn said(&self, seed: u8, origin: &str) -> Vec<String> {
        let found = self.look(seed, origin).await.unwrap();
        let key = found.key.err().map(|e| e.to_string());
        let tree = found.tree.err().map(|e| e.to_string());
        let leaves = found.leaves.err().map(|e| e.to_string());
        let head = (!found.is_noted).then(|| "not noted".to_owned());
        [key, tree, leaves, head].into_iter().flatten().collect()
    }

    async fn spoil(&self, sql: &'static ::store::Sql) {
        self.store.write(async move |tx: &mut Tx<'_>| tx.execute(sql, &[]).await).await.unwrap();
    }
}

async fn append(store: &Store, log: &Log, count: usize) {
    let log = log.clone();
    let write = async move |tx: &mut Tx<'_>| {
        for _ in 0..count {
            log.append(tx, &Act { kind: "test", record: b"{}" }).await?;
        }
        Ok::<_, ::store::Error>(())
    };
    store.write(write).await.unwrap();
}

#[tokio::test]
async fn a_log_that_is_well_and_what_waits() {
    each_engine(MIGRATIONS, async |store: Store| {
        let world = World::of(&store).await;
        assert_eq!(world.said(1, ORIGIN).await, [""; 0]);
        let found = world.look(1, ORIGIN).await.unwrap();
        assert_eq!((found.name.as_str(), found.size, found.waiting, found.oldest), (ORIGIN, 300, 0, None));
        let log = world.open().await;
        world.clock.advance_secs(5);
        append(&store, &log, 2).await;
        let found = world.look(1, ORIGIN).await.unwrap();
        let since = AT.plus_secs(5);
        let oldest = Some((since, since.plus_secs(LOG_MERGE_S)));
        assert_eq!((found.size, found.waiting, found.oldest), (300, 2, oldest));
        assert!(found.leaves.is_ok(), "those that wait are not counted");
    })
    .await;
}

#[tokio::test]
async fn another_key_and_another_name() {
    each_engine(MIGRATIONS, async |store: Store| {
        let world = World::of(&store).await;
        assert_eq!(world.said(2, ORIGIN).await, ["another key signed the newest checkpoint"]);
        let other = "other.example/log";
        let names = format!("the log is called {ORIGIN}, and the configuration makes it {other}");
        assert_eq!(world.said(1, other).await, [names]);
        world.spoil(&NO_CHECKPOINT).await;
        assert_eq!(world.said(1, ORIGIN).await, ["the newest checkpoint: not a signed note"]);
    })
    .await;
}

#[tokio::test]
async fn leaves_that_are_not_those_of_the_tree() {
    for (spoil, expected) in [
        (&UNPLACED, &["299 leaves have their places, and the tree has 300"][..]),
        (&ANOTHER, &["leaf 299 of the table is not the one of the tree"]),
        (
            &NO_TILE,
            &[
                "the log in the database is damaged: the tiles are not of the tree that was signed",
                "leaf 256 of the table is not the one of the tree",
            ],
        ),
    ] {
        each_engine(MIGRATIONS, async |store: Store| {
            let world = World::of(&store).await;
            world.spoil(spoil).await;
            assert_eq!(world.said(1, ORIGIN).await, expected);
        })
        .await;
    }
}

#[tokio::test]
async fn a_tree_that_does_not_continue_what_was_noted() {
    each_engine(MIGRATIONS, async |store: Store| {
        let world = World::of(&store).await;
        let later = Checkpoint { origin: ORIGIN.to_owned(), size: 301, root: [7; 32] };
        world.head.keep(&later.sign(&key(1), &*signer(1), AT).unwrap()).unwrap();
        assert_eq!(world.said(1, ORIGIN).await, [StepError::Behind.to_string()]);
        world.head.forget();
        assert_eq!(world.said(1, ORIGIN).await, ["not noted"]);
        world.open().await.step().await.unwrap();
        assert_eq!(world.said(1, ORIGIN).await, [""; 0]);
        // Another log, which was begun after that one was lost.
        let now = AT.plus_secs(9);
        store.write(async move |tx: &mut Tx<'_>| after_restore(tx, now).await).await.unwrap();
        assert_eq!(world.said(1, ORIGIN).await, [""; 0]);
    })
    .await;
}
