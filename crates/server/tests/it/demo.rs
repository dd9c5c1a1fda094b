//! The demonstration: the whole life, several side by side, and that nothing is left running.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::party::PROGRAM;

/// What a life consists of.
const STEPS: [&str; 18] = [
    "register",
    "offer",
    "wallet",
    "accept-wrong-code",
    "accept",
    "show",
    "ask",
    "answer",
    "verify",
    "verify-evidence",
    "list",
    "suspend",
    "verify-suspended",
    "reinstate",
    "verify-reinstated",
    "revoke",
    "verify-revoked",
    "history",
];

/// A port such that it and the second after it are free.
fn free_port() -> u16 {
    let pair = || {
        let first = TcpListener::bind("127.0.0.1:0").ok()?;
        let port = first.local_addr().ok()?.port();
        TcpListener::bind(("127.0.0.1", port.checked_add(2)?)).ok()?;
        (port <= 65_000).then_some(port)
    };
    (0..100).find_map(|_| pair()).unwrap()
}

fn demo(port: u16, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["demo", "--port", &port.to_string()]).args(arguments);
    command.env("SAHIHI_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

#[test]
fn two_lives_side_by_side() {
    // Both ports are chosen before either is taken.
    let [one, two] =
        [free_port(), free_port()].map(|port| demo(port, &["--once", "--json"]).spawn().unwrap());
    for life in [one, two] {
        let Output { status, stdout, .. } = life.wait_with_output().unwrap();
        let said = String::from_utf8(stdout).unwrap();
        let lines: Vec<Value> = said.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert!(status.success(), "{said}");
        let (last, steps) = lines.split_last().unwrap();
        assert_eq!(*last, json!({ "ok": true, "steps": STEPS.len() }));
        let names: Vec<_> = steps.iter().map(|s| s["step"].as_str().unwrap()).collect();
        assert_eq!(names, STEPS);
        assert!(steps.iter().all(|s| s["ok"] == true && s["ms"].is_u64()), "{said}");
    }
}

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn running(data: &Path, port: u16) -> Child {
    let child = demo(port, &["--data", data.to_str().unwrap()]).spawn().unwrap();
    wait_until("the parties answer", || answers(port) && answers(port + 2));
    child
}

#[test]
fn sigterm_stops_everything() {
    let (data, port) = (tempfile::tempdir().unwrap(), free_port());
    let mut child = running(data.path(), port);
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(child.wait().unwrap().success());
    assert!(!answers(port) && !answers(port + 2));
}

#[test]
fn a_killed_demonstration_leaves_nobody_behind_and_starts_again() {
    let (data, port) = (tempfile::tempdir().unwrap(), free_port());
    let mut child = running(data.path(), port);
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("the parties end", || !answers(port) && !answers(port + 2));
    let mut child = running(data.path(), port);
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("the parties end", || !answers(port) && !answers(port + 2));
}
