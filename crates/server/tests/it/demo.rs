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
const STEPS: [&str; 38] = [
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
    "log-before",
    "call-draft",
    "call-not-public",
    "circular-send",
    "participant-card",
    "submit-without-mandate",
    "submit-signed",
    "submit-unsigned",
    "confirm-forged",
    "publish-too-early",
    "submit-and-wait",
    "call-close",
    "submit-late",
    "confirm-late",
    "publish",
    "export",
    "verify-offline",
    "verify-altered",
    "audit-log",
    "audit-shortened-log",
];

/// A port such that it, the second and the third after it are free.
fn free_port() -> u16 {
    let ports = || {
        let first = TcpListener::bind("127.0.0.1:0").ok()?;
        let port = first.local_addr().ok()?.port();
        let _second = TcpListener::bind(("127.0.0.1", port.checked_add(2)?)).ok()?;
        let _third = TcpListener::bind(("127.0.0.1", port.checked_add(3)?)).ok()?;
        (port <= 65_000).then_some(port)
    };
    (0..100).find_map(|_| ports()).unwrap()
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
        assert!(begun.elapsed() < Duration::from_mins(10), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn running(data: &Path, port: u16) -> Child {
    let child = demo(port, &["--data", data.to_str().unwrap()]).spawn().unwrap();
    wait_until("the parties answer", || [port, port + 2, port + 3].into_iter().all(answers));
    child
}

/// The counts of the consultation of 2017, and the log's verifier key.
fn past(port: u16) -> (Value, String) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let get = |path: &str| {
        let address = format!("http://localhost:{}{path}", port + 3);
        runtime.block_on(async { reqwest::get(address).await.unwrap().text().await.unwrap() })
    };
    let counts = serde_json::from_str(&get("/forum/v1/calls/OTT-2017/counts")).unwrap();
    (counts, get("/log/key"))
}

#[test]
fn sigterm_stops_everything() {
    let (data, port) = (tempfile::tempdir().unwrap(), free_port());
    let mut child = running(data.path(), port);
    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(child.wait().unwrap().success());
    assert!(![port, port + 2, port + 3].into_iter().any(answers));
}

#[test]
fn a_killed_demonstration_leaves_nobody_behind_and_starts_again() {
    let (data, port) = (tempfile::tempdir().unwrap(), free_port());
    let kill = |mut child: Child| {
        child.kill().unwrap();
        child.wait().unwrap();
        wait_until("the parties end", || ![port, port + 2, port + 3].into_iter().any(answers));
    };
    let child = running(data.path(), port);
    let (counts, key) = past(port);
    assert_eq!(counts["received"], 2_000);
    let parts = ["published", "withheld", "inadmissible", "superseded", "withdrawn"];
    let parts: Vec<_> = parts.iter().map(|part| counts[part].as_u64().unwrap()).collect();
    assert!(parts.iter().all(|n| *n > 0), "{counts}");
    assert_eq!(parts.iter().sum::<u64>(), 2_000, "{counts}");
    kill(child);
    // What was entered stays, and is not entered again.
    let child = running(data.path(), port);
    assert_eq!(past(port), (counts.clone(), key.clone()));
    kill(child);
    // A past that was not entered to its end is begun anew, with another key for its log.
    std::fs::remove_file(data.path().join("secretariat/past")).unwrap();
    let child = running(data.path(), port);
    let (again, other) = past(port);
    assert_eq!(again, counts);
    assert_ne!(other, key);
    kill(child);
}
