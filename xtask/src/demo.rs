//! The demonstration: starting it, and judging the report of `sahihi demo --once --json`.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use serde_json::Value;

use crate::cargo::cargo;
use crate::command::{Outcome, fail, program, root, run};

/// How many steps the report of a whole life must at least hold.
const STEPS_MIN: usize = 38;

/// How many ports in a row a demonstration takes.
const PORTS: u16 = 4;

/// `cargo xtask demo ARGS`: builds and becomes `sahihi demo ARGS`, so that a signal reaches the program itself.
pub(crate) fn run_demo(arguments: &[String]) -> Outcome<()> {
    // The development build: a release build takes minutes longer and shows nothing more.
    run(cargo().args(["build", "--locked", "--package", "server"]))?;
    let mut command = program(root().join("target/debug/sahihi"));
    if let Ok(here) = std::env::current_dir() {
        command.current_dir(here);
    }
    let error = command.arg("demo").args(arguments).exec();
    fail(format!("target/debug/sahihi could not be started: {error}"))
}

/// Runs the whole life once and returns the names of its steps.
pub(crate) fn once() -> Outcome<Vec<String>> {
    let folder = root().join("target/xtask/demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let port = free_ports()?.to_string();
    let mut command = program(root().join("target/debug/sahihi"));
    command.args(["demo", "--once", "--json", "--port", &port, "--data"]).arg(&folder);
    let log = root().join("target/xtask/demo.log");
    let out = command.stdin(Stdio::null()).stderr(File::create(&log)?).output()?;
    let steps = judge(&String::from_utf8_lossy(&out.stdout))?;
    if !out.status.success() {
        return fail(format!("every step was ok, and yet: {}; see {}", out.status, log.display()));
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(steps)
}

/// The first of four free ports in a row.
fn free_ports() -> Outcome<u16> {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    // Below the range from which systems lend ports to outgoing connections.
    for base in (20_000..32_000).step_by(usize::from(PORTS)) {
        if (base..base + PORTS).all(free) {
            return Ok(base);
        }
    }
    fail("no four free ports in a row between 20000 and 32000")
}

/// Every line a step that was ok, the last one the verdict, and no step missing.
fn judge(report: &str) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    for line in report.lines() {
        match serde_json::from_str::<Value>(line) {
            Ok(value) => lines.push(value),
            Err(_) => return fail(format!("the report has a line that is not JSON: {line}")),
        }
    }
    let Some((verdict, steps)) = lines.split_last() else {
        return fail("the report is empty");
    };
    let mut names = Vec::new();
    for step in steps {
        let name = step.get("step").and_then(Value::as_str).unwrap_or_default();
        let timed = step.get("ms").is_some_and(Value::is_number);
        if name.is_empty() || !timed || step.get("ok") != Some(&Value::Bool(true)) {
            return fail(format!("a step did not do what it should: {step}"));
        }
        names.push(name.to_owned());
    }
    let counted = verdict.get("steps").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    if verdict.get("ok") != Some(&Value::Bool(true)) || counted != Some(names.len()) {
        return fail(format!("the verdict does not fit {} steps: {verdict}", names.len()));
    }
    if names.len() < STEPS_MIN {
        return fail(format!("{} steps, and {STEPS_MIN} are the least", names.len()));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{STEPS_MIN, judge};

    fn report(steps: usize, ok: bool) -> String {
        let step = "{\"step\":\"register\",\"ok\":true,\"ms\":3}\n";
        format!("{}{{\"ok\":{ok},\"steps\":{STEPS_MIN}}}\n", step.repeat(steps))
    }

    fn refused(report: &str, words: &str) {
        let failure = judge(report).err().map(|failure| failure.0).unwrap_or_default();
        assert!(failure.contains(words), "`{words}` is not in `{failure}`");
    }

    #[test]
    fn complete_report_passes() {
        let names = judge(&report(STEPS_MIN, true)).unwrap_or_default();
        assert_eq!(names, vec!["register"; STEPS_MIN]);
    }

    #[test]
    fn incomplete_reports_fail() {
        let complete = report(STEPS_MIN, true);
        refused("", "empty");
        refused(&complete.replacen("true", "false", 1), "did not do");
        refused(&complete.replacen(",\"ms\":3", "", 1), "did not do");
        refused(&report(STEPS_MIN, false), "verdict");
        refused(&report(STEPS_MIN - 1, true), "verdict");
        refused(&format!("{complete}done\n"), "not JSON");
        let few =
            report(STEPS_MIN - 1, true).replace(&format!(":{STEPS_MIN}}}"), &format!(":{}}}", STEPS_MIN - 1));
        refused(&few, "the least");
    }
}
