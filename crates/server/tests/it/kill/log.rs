//! What the log must be, whatever was killed: every act is a leaf, every leaf has one place, and whoever follows the log
//! from the first kill to the end sees one history.

use std::{sync::Mutex, time::Duration};

use log::{
    VerifierKey,
    verify::{Audit, Seen, Whole},
};
use store::{Error, Store, Tx};

use crate::party::State;

store::statements! {
    /// Acts and leaves that are not as many as each other.
    CHANGES_UNLIKE_LEAVES = "SELECT (SELECT count(*) FROM identity_version)
        + (SELECT count(*) FROM identity_organisation_version)
        - (SELECT count(*) FROM log_record WHERE kind = 'register_change')";
    STATUSES_UNLIKE_LEAVES = "SELECT (SELECT count(*) FROM issue_status_change)
        - (SELECT count(*) FROM log_record WHERE kind = 'status_change')";
    LEAVES_WITHOUT_RECORD = "SELECT count(*) FROM log_leaf l
        WHERE NOT EXISTS (SELECT 1 FROM log_record r WHERE r.leaf = l.id)";
    LEAVES_UNLIKE_PLACES = "SELECT (SELECT count(*) FROM log_leaf) - (SELECT size FROM log_state WHERE id = 1)
        + (SELECT count(*) FROM log_leaf) - (SELECT count(DISTINCT idx) FROM log_leaf)";
    LEAVES = "SELECT count(*) FROM log_leaf";
    WAITING = "SELECT count(*) FROM log_leaf WHERE idx IS NULL";
}

/// Who follows the log.
#[derive(Default)]
pub(super) struct Follower(Mutex<Option<Seen>>);

async fn get(state: &State, path: &str) -> Option<Vec<u8>> {
    let response = state.client.get(format!("{}/log/{path}", state.address)).send().await.unwrap();
    let there = response.status() == 200;
    assert!(there || response.status() == 404, "{path}: {}", response.status());
    let body = response.bytes().await.unwrap();
    there.then(|| body.to_vec())
}

async fn key(state: &State) -> VerifierKey {
    let text = String::from_utf8(get(state, "key").await.unwrap()).unwrap();
    VerifierKey::parse(text.trim()).unwrap()
}

impl Follower {
    /// Reads what is new at this state, which must continue what was seen at any of them.
    pub(super) async fn follow(&self, state: &State) {
        let checkpoint = String::from_utf8(get(state, "checkpoint").await.unwrap()).unwrap();
        let seen = self.0.lock().unwrap().clone();
        let mut audit = Audit::new(&key(state).await, seen, &checkpoint).unwrap();
        while let Some(tile) = audit.wanted() {
            audit.take(get(state, &tile.path()).await.as_deref()).unwrap();
        }
        let now = audit.finish().unwrap();
        *self.0.lock().unwrap() = Some(now);
    }
}

async fn count(store: &Store, sql: &'static store::Sql) -> i64 {
    store.read(async move |tx: &mut Tx<'_>| Ok::<_, Error>(tx.one(sql, &[]).await?.int(0)?)).await.unwrap()
}

/// At the end, when nothing is done any more.
pub(super) async fn is_whole(states: &[State], store: &Store, follower: &Follower) {
    for _ in 0..600 {
        if count(store, &WAITING).await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for unlike in
        [&CHANGES_UNLIKE_LEAVES, &STATUSES_UNLIKE_LEAVES, &LEAVES_WITHOUT_RECORD, &LEAVES_UNLIKE_PLACES]
    {
        assert_eq!(count(store, unlike).await, 0, "{}", unlike.name());
    }
    let leaves = count(store, &LEAVES).await;
    assert!(leaves > 20, "too little was done to prove anything: {leaves}");
    for state in states {
        follower.follow(state).await;
        let checkpoint = String::from_utf8(get(state, "checkpoint").await.unwrap()).unwrap();
        let mut whole = Whole::new(&checkpoint, &key(state).await).unwrap();
        while let Some(tile) = whole.wanted() {
            whole.take(get(state, &tile.path()).await.as_deref()).unwrap();
        }
        assert_eq!(i64::try_from(whole.finish().unwrap().checkpoint.size).unwrap(), leaves);
    }
}
