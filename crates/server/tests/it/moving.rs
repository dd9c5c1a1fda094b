//! `sahihi move`, from each engine to the other.

use std::{fs, process::Command};

use serde_json::json;
use store::{Config, copy, fixture::Database};

use crate::{
    backup::log_of,
    operating::{check_life, good, live, offered, present, run},
    party::{ASKS, Call, PROGRAM, Setup, State},
};

fn move_to(state: &State, to: &str) -> Command {
    let mut command = state.command(&["move"]);
    command.current_dir(state.folder()).args(["--to", to]);
    command
}

/// Follows its log.
fn audit(state: &State) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["log", "audit", &state.address, "--state"]).arg(state.folder().join("seen"));
    command
}

/// Names another database in the configuration.
fn reconfigure(state: &State, database: &str) {
    let file = state.folder().join("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    let line = text.lines().find(|line| line.starts_with("database = ")).unwrap();
    fs::write(&file, text.replace(line, &format!("database = \"{database}\""))).unwrap();
}

async fn moved(from: Option<String>, to: &str, others: &str) {
    let more = format!("status_ttl_s = 0\n{ASKS}");
    let mut state = State::with(Setup { database: from, more, ..Setup::default() });
    state.start().await;
    let caller = state.caller();
    let (kept, revoked) = (live(&caller, false).await, live(&caller, true).await);
    // Values of every kind, as people have them.
    let odd = json!({ "given_name": "Жанна 李 😀 \"'\\", "family_name": "ż".repeat(60), "birthdate": "1980-01-01" });
    let register = Call::staff_post("/staff/v1/people", &json!({ "attributes": odd }));
    let odd = good(&caller, &register, 201).await;
    let open = offered(&caller, &kept.person).await;
    assert_eq!(present(&caller, &state, &kept.held).await, (200, "valid".to_owned()));

    log_of(&caller, &state).await;
    assert_eq!(run(audit(&state)).unwrap()["continues"], false, "for the first time");
    // Not while it runs, and not by the way it came.
    assert_eq!(run(move_to(&state, to)).unwrap_err(), "in_use");
    state.kill();
    let before = copy::summary(&state.database()).await.unwrap();
    let said = run(move_to(&state, to)).unwrap();
    let rows = |name: &str| {
        let tables = said["tables"].as_array().unwrap();
        tables.iter().find(|t| t["table"] == name).unwrap()["rows"].as_u64().unwrap()
    };
    assert_eq!((rows("identity_person"), rows("issue_copy"), rows("ask_answer")), (3, 4, 1));
    assert!(!said.to_string().contains("password"), "{said}");
    // The source is as it was, and closed: to servers and to another move.
    let source = state.database();
    assert_eq!(copy::summary(&source).await.unwrap(), before);
    let refused = state.command(&["serve"]).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("(moved)"));
    assert_eq!(run(state.command(&["migrate"])).unwrap_err(), "moved");
    assert_eq!(run(move_to(&state, to)).unwrap_err(), "moved");
    assert_eq!(run(move_to(&state, others)).unwrap_err(), "moved");

    reconfigure(&state, to);
    assert_eq!(copy::summary(&state.database()).await.unwrap(), before);
    state.start().await;
    let caller = state.caller();
    for life in [&kept, &revoked] {
        check_life(&caller, &state, life).await;
    }
    assert_eq!(present(&caller, &state, &kept.held).await, (200, "valid".to_owned()));
    assert_eq!(present(&caller, &state, &revoked.held).await, (400, "status_revoked".to_owned()));
    let person = format!("/staff/v1/people/{}", odd["id"].as_str().unwrap());
    assert_eq!(good(&caller, &Call::staff_get(&person), 200).await["attributes"], odd["attributes"]);
    // Whoever follows the log sees it go on.
    live(&caller, false).await;
    assert_eq!(run(audit(&state)).unwrap()["continues"], true);
    // What was open goes on.
    good(&caller, &Call::token(&open), 200).await;
    check_life(&caller, &state, &live(&caller, false).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_moves_from_sqlite_to_postgresql() {
    let database = Database::postgres().await;
    let Config::Postgres { url } = database.config().clone() else { panic!("not PostgreSQL") };
    moved(None, &url, "sqlite:other.sqlite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_moves_from_postgresql_to_sqlite() {
    let database = Database::postgres().await;
    let Config::Postgres { url } = database.config().clone() else { panic!("not PostgreSQL") };
    moved(Some(url), "sqlite:moved.sqlite", "sqlite:other.sqlite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_never_mixes_two_installations() {
    let mut other = State::new();
    other.start().await;
    live(&other.caller(), false).await;
    let state = State::new();
    let there = format!("sqlite:{}", other.folder().join("state.sqlite").display());
    assert_eq!(run(move_to(&state, &there)).unwrap_err(), "not_empty");
    other.kill();
    assert_eq!(run(move_to(&state, &there)).unwrap_err(), "not_empty");
    assert_eq!(run(move_to(&state, "sqlite:state.sqlite")).unwrap_err(), "same_database");
    assert_eq!(run(move_to(&state, "mysql://localhost/x")).unwrap_err(), "config");
    // Refused, nothing has changed.
    other.start().await;
    run(move_to(&state, "sqlite:new.sqlite")).unwrap();
}
