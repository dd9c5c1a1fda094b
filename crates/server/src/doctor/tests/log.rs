//! Each finding about the log, with the fault and without. What exactly is said of a tree is tested in `log`.

use ::log::{Act, Log};
use base::limits::{LOG_IDLE_S, LOG_MERGE_S};

use super::*;

store::statements! {
    UNPLACED = "UPDATE log_leaf SET idx = NULL WHERE idx = 0";
    NO_TILE = "DELETE FROM log_tile WHERE level = 0";
    NO_NOTE = "UPDATE log_state SET checkpoint = 'nothing'";
}

const CODES: [&str; 4] = ["log_key", "log_continues", "log_leaves", "log_waiting"];

/// A party whose log has two leaves.
async fn logging() -> (Party, Log) {
    let party = Party::new().await;
    let now = SystemClock.now();
    // Nothing was begun.
    assert_eq!(party.state_at("log_key", now).await, Some(State::Ok));
    assert_eq!(party.state_at("log_continues", now).await, None);
    let log = serve::log(&party.config(), serve::open(&party.config()).await.unwrap()).await.unwrap();
    append(&party, &log, 2).await;
    log.step().await.unwrap();
    for code in CODES {
        assert_eq!(party.state_at(code, now).await, Some(State::Ok), "{code}");
    }
    (party, log)
}

async fn append(party: &Party, log: &Log, count: usize) {
    let (log, store) = (log.clone(), serve::open(&party.config()).await.unwrap());
    let write = async move |tx: &mut Tx<'_>| {
        for _ in 0..count {
            log.append(tx, &Act { kind: "test", record: b"{}" }).await?;
        }
        Ok::<_, store::Error>(())
    };
    store.write(write).await.unwrap();
}

/// The finding of this code, as it is now.
async fn finding(party: &Party, code: &str) -> Finding {
    let found = party.findings_at(SystemClock.now()).await;
    found.into_iter().find(|f| f.code == code).unwrap()
}

async fn spoil(party: &Party, sql: &'static store::Sql) {
    let store = serve::open(&party.config()).await.unwrap();
    store.write::<_, store::Error, _>(async move |tx: &mut Tx<'_>| tx.execute(sql, &[]).await).await.unwrap();
}

#[tokio::test]
async fn a_key_that_is_missing_or_not_the_one_that_signed() {
    let (party, _) = logging().await;
    let file = party.path("keys/log.key");
    let own = fs::read(&file).unwrap();
    party.check("log_key", || fs::remove_file(&file).unwrap(), State::Failure).await;
    fs::write(&file, &own).unwrap();
    party.check("log_key", || fs::write(&file, b"short").unwrap(), State::Failure).await;
    fs::write(&file, &own).unwrap();
    party.check("log_key", || fs::write(&file, [7; 32]).unwrap(), State::Failure).await;
    assert!(finding(&party, "log_key").await.mend.unwrap().starts_with("put back the log.key"));
    fs::write(&file, &own).unwrap();
    let renamed = || party.rewrite("//localhost:9", "//localhost:8");
    party.check("log_key", renamed, State::Failure).await;
    assert!(finding(&party, "log_key").await.mend.unwrap().starts_with("set `identifier`"));
    party.rewrite("//localhost:8", "//localhost:9");
    assert_eq!(finding(&party, "log_key").await.state, State::Ok);
    spoil(&party, &NO_NOTE).await;
    assert!(finding(&party, "log_key").await.mend.unwrap().contains("sahihi restore"));
    // While the database is not well it is not opened for this.
    party.rewrite("state.sqlite", "none.sqlite");
    assert_eq!(finding(&party, "log_key").await.state, State::Unknown);
}

#[tokio::test]
async fn a_log_that_does_not_continue_what_was_signed() {
    let (party, log) = logging().await;
    let head = party.path("keys/log.head");
    let earlier = fs::read(&head).unwrap();
    party.check("log_continues", || fs::remove_file(&head).unwrap(), State::Warning).await;
    fs::write(&head, &earlier).unwrap();
    party.check("log_continues", || fs::write(&head, "nothing\n").unwrap(), State::Unknown).await;
    fs::write(&head, &earlier).unwrap();

    append(&party, &log, 1).await;
    log.step().await.unwrap();
    assert_eq!(finding(&party, "log_continues").await.state, State::Ok);
    // What another database of this name signed: as if this one were of before that.
    let (other, their) = logging().await;
    append(&other, &their, 9).await;
    their.step().await.unwrap();
    let own = fs::read(&head).unwrap();
    let theirs = fs::read(other.path("keys/log.head")).unwrap();
    party.check("log_continues", || fs::write(&head, theirs).unwrap(), State::Failure).await;
    assert!(finding(&party, "log_continues").await.mend.unwrap().contains("sahihi log begin"));
    fs::write(&head, own).unwrap();
    spoil(&party, &NO_TILE).await;
    let damaged = finding(&party, "log_continues").await;
    assert_eq!(damaged.state, State::Failure);
    assert!(damaged.mend.unwrap().contains("sahihi restore"));
}

#[tokio::test]
async fn leaves_that_the_tree_has_not() {
    let (party, _) = logging().await;
    spoil(&party, &UNPLACED).await;
    assert_eq!(finding(&party, "log_leaves").await.state, State::Failure);
}

#[tokio::test]
async fn acts_that_wait_for_long() {
    let (party, log) = logging().await;
    append(&party, &log, 1).await;
    let since = log.waiting_since().await.unwrap().unwrap();
    for (after_s, expected) in [
        (LOG_IDLE_S - 1, State::Ok),
        (LOG_IDLE_S, State::Warning),
        (LOG_MERGE_S - 1, State::Warning),
        (LOG_MERGE_S, State::Failure),
    ] {
        let found = party.state_at("log_waiting", since.plus_secs(after_s)).await;
        assert_eq!(found, Some(expected), "{after_s}");
    }
    log.step().await.unwrap();
    assert_eq!(party.state_at("log_waiting", since.plus_secs(LOG_MERGE_S)).await, Some(State::Ok));
}
