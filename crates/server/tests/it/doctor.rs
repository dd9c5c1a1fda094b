//! `sahihi doctor` of a state that runs, and of one that does not. What it finds is tested beside its checks.

use serde_json::Value;

use crate::{
    operating::live,
    party::{ASKS, Setup, State},
};

/// The exit code, and the findings by their codes.
pub(crate) fn examined(state: &State) -> (bool, Vec<(String, String)>) {
    let mut command = state.command(&["doctor", "--json"]);
    let output = command.output().unwrap();
    let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |f: &Value| {
        let [code, state] = ["code", "state"].map(|name| f[name].as_str().unwrap().to_owned());
        assert_eq!(f.get("mend").is_none(), state == "ok", "{f}");
        (code, state)
    };
    (output.status.success(), findings.as_array().unwrap().iter().map(of).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_is_well_while_it_runs_and_unknown_while_it_does_not() {
    let mut state = State::with(Setup { more: ASKS.to_owned(), ..Setup::default() });
    let (well, findings) = examined(&state);
    assert!(!well);
    let unknown: Vec<_> = findings.iter().filter(|(_, s)| s == "unknown").map(|(code, _)| code).collect();
    assert_eq!(unknown, ["address_answers"]);

    state.start().await;
    live(&state.caller(), true).await;
    let (well, findings) = examined(&state);
    assert!(well, "{findings:?}");
    let codes: Vec<_> = findings.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "config",
            "keys_present",
            "keys_private",
            "keys_match",
            "keys_chain",
            "certificate_credential",
            "certificate_request",
            "certificate_root",
            "clock_plausible",
            "clock_database",
            "database_open",
            "database_version",
            "database_migrated",
            "database_durable",
            "database_sound",
            "database_jobs",
            "log_key",
            "log_continues",
            "log_leaves",
            "log_waiting",
            "disk_keys",
            "disk_database",
            "database_private",
            "address_https",
            "address_resolves",
            "address_answers",
            "clock_address",
            "address_metadata",
        ]
    );
    // A state of a test is http, and room on its disk is as it happens to be.
    let may_warn = ["address_https", "disk_keys", "disk_database"];
    for (code, state) in &findings {
        assert!(
            state == "ok" || (state == "warning" && may_warn.contains(&code.as_str())),
            "{code}: {state}"
        );
    }
    let output = state.command(&["doctor"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text.lines().filter(|line| !line.trim_start().starts_with("->")).count(),
        codes.len(),
        "{text}"
    );
}
