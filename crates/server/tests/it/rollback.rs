//! A database of a moment before in the place of the newest: whoever has seen the log would see it fork, so it is not signed
//! any more, `sahihi doctor` says so, and `sahihi log begin` begins another.

use std::{fs, process::Command, time::Duration};

use crate::{
    backup::{backup, log_of, place, restore},
    doctor::examined,
    operating::{copy_folder, empty_again, live, run},
    party::{PROGRAM, State},
};

const FILES: [&str; 2] = ["state.sqlite", "state.sqlite-wal"];

/// How `sahihi doctor` finds what has this code.
fn finding(state: &State, code: &str) -> String {
    let (_, findings) = examined(state);
    findings.into_iter().find(|(found, _)| found == code).unwrap().1
}

/// Whether the log continues what was signed.
fn continues(state: &State) -> String {
    finding(state, "log_continues")
}

/// Has a person registered, and waits until that is in the tree that everybody is shown.
async fn one_more(state: &State) {
    let caller = state.caller();
    let size = async || {
        let (key, checkpoint) = log_of(&caller, state).await;
        log::Checkpoint::open(&checkpoint, &key).unwrap().0.size
    };
    let before = size().await;
    live(&caller, false).await;
    for _ in 0..600 {
        if size().await > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the log does not grow");
}

/// Nothing is signed, everything else goes on; then another log is begun, with every leaf that is known.
async fn is_noticed_and_mended(state: &mut State) {
    state.start().await;
    let caller = state.caller();
    let (key, before) = log_of(&caller, state).await;
    live(&caller, false).await;
    assert_eq!(continues(state), "failure");
    assert_eq!(log_of(&caller, state).await.1, before, "nothing was signed");
    state.kill();
    assert_eq!(continues(state), "failure");
    let begun = run(state.command(&["log", "begin"])).unwrap();
    let name = begun["begun"].as_str().unwrap().to_owned();
    assert!(name.starts_with(&format!("{}/", key.name())), "{name}");
    state.start().await;
    let (key, checkpoint) = log_of(&state.caller(), state).await;
    assert_eq!(key.name(), name);
    let mut verify = Command::new(PROGRAM);
    verify.args(["log", "verify", &state.address, "--key", &key.to_string()]);
    let (signed, _) = log::Checkpoint::open(&checkpoint, &key).unwrap();
    assert!(run(verify).unwrap()["leaves"].as_u64().unwrap() >= signed.size);
    assert_eq!(continues(state), "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_a_moment_before_is_not_signed() {
    let mut state = State::new();
    state.start().await;
    one_more(&state).await;
    state.kill();
    let kept = tempfile::tempdir().unwrap();
    for file in FILES {
        fs::copy(state.folder().join(file), kept.path().join(file)).unwrap();
    }
    state.start().await;
    one_more(&state).await;
    state.kill();
    assert_eq!(continues(&state), "ok");
    for file in FILES {
        fs::copy(kept.path().join(file), state.folder().join(file)).unwrap();
    }
    // It belongs to the other one, where nobody has removed it.
    let _ = fs::remove_file(state.folder().join("state.sqlite-shm"));
    is_noticed_and_mended(&mut state).await;

    // A key that was lost is followed so, too.
    let (old, _) = log_of(&state.caller(), &state).await;
    state.kill();
    fs::remove_file(state.folder().join("keys/log.key")).unwrap();
    run(state.command(&["keys", "init"])).unwrap();
    assert_eq!(finding(&state, "log_key"), "failure", "another key than the one that signed");
    run(state.command(&["log", "begin"])).unwrap();
    state.start().await;
    let (new, checkpoint) = log_of(&state.caller(), &state).await;
    assert_ne!(new.name(), old.name());
    assert_eq!(log::Checkpoint::open(&checkpoint, &old), Err(log::Fault::KeyUnknown));
    assert_eq!(finding(&state, "log_key"), "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_that_wrongly_says_that_nothing_was_done_since_is_noticed() {
    let mut state = State::new();
    state.start().await;
    one_more(&state).await;
    let (_folder, to, passphrase) = place();
    // What a server that runs is just replacing is no part of it.
    let keys = state.folder().join("keys");
    fs::write(keys.join("log.head.0123456789abcdef.new"), "half").unwrap();
    let sealed = ["--with-keys", "--passphrase-file", &passphrase];
    run(backup(&state, &to, &sealed)).unwrap();
    fs::remove_file(keys.join("log.head.0123456789abcdef.new")).unwrap();

    // It is true of this one: the server was doing nothing.
    let mut same = empty_again(&state, None, "");
    run(restore(&same, &to, &[&sealed[..], &["--nothing-since"]].concat())).unwrap();
    assert!(!same.folder().join("keys/log.head.0123456789abcdef.new").exists());
    one_more(&state).await;
    let (old, _) = log_of(&state.caller(), &state).await;
    state.kill();
    same.start().await;
    one_more(&same).await;
    assert_eq!(log_of(&same.caller(), &same).await.0.name(), old.name());
    assert_eq!(continues(&same), "ok");
    same.kill();

    // And not of this one, whose keys are those that signed later: which is no reason to refuse them.
    let mut later = empty_again(&state, None, "");
    copy_folder(&keys, &later.folder().join("keys"));
    run(restore(&later, &to, &[&sealed[..], &["--nothing-since"]].concat())).unwrap();
    is_noticed_and_mended(&mut later).await;
}
