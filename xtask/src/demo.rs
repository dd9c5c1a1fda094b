//! The demonstration: starting it, and judging the report of `sahihi demo --once --json`.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;

use serde_json::Value;

use crate::cargo::cargo;
use crate::command::{Outcome, fail, output, program, root, run};

/// The steps of the life of a credential that the report must at least hold: register, offer, accept, show,
/// ask, answer, verify, suspend, verify, reinstate, verify, revoke, verify.
const STEPS_MIN: usize = 13;

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

/// Runs the whole life once and returns the number of steps.
pub(crate) fn once() -> Outcome<usize> {
    let folder = root().join("target/xtask/demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let port = free_ports()?.to_string();
    let mut command = program(root().join("target/debug/sahihi"));
    command.args(["demo", "--once", "--json", "--port", &port, "--data"]).arg(&folder);
    let report = output(&mut command)?;
    let steps = judge(&report)?;
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
fn judge(report: &str) -> Outcome<usize> {
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
    for step in steps {
        let named = step.get("step").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
        let timed = step.get("ms").is_some_and(Value::is_number);
        if !named || !timed || step.get("ok") != Some(&Value::Bool(true)) {
            return fail(format!("a step did not do what it should: {step}"));
        }
    }
    let counted = verdict.get("steps").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    if verdict.get("ok") != Some(&Value::Bool(true)) || counted != Some(steps.len()) {
        return fail(format!("the verdict does not fit {} steps: {verdict}", steps.len()));
    }
    if steps.len() < STEPS_MIN {
        return fail(format!("{} steps, and {STEPS_MIN} are the least", steps.len()));
    }
    Ok(steps.len())
}

#[cfg(test)]
mod tests {
    use super::{STEPS_MIN, judge};

    fn report(steps: usize, last: &str) -> String {
        let step = "{\"step\":\"register\",\"ok\":true,\"ms\":3}\n";
        format!("{}{last}\n", step.repeat(steps))
    }

    fn check(report: &str, expected: Result<usize, &str>) {
        match (judge(report), expected) {
            (Ok(steps), Ok(wanted)) => assert_eq!(steps, wanted),
            (Err(failure), Err(words)) => assert!(failure.0.contains(words), "{failure}"),
            (got, wanted) => assert!(got.is_ok() == wanted.is_ok(), "{got:?} for {report}"),
        }
    }

    #[test]
    fn complete_report_passes() {
        check(&report(STEPS_MIN, r#"{"ok":true,"steps":13}"#), Ok(STEPS_MIN));
    }

    #[test]
    fn incomplete_reports_fail() {
        check("", Err("empty"));
        check(&report(STEPS_MIN - 1, r#"{"ok":true,"steps":12}"#), Err("the least"));
        check(&report(STEPS_MIN, r#"{"ok":true,"steps":14}"#), Err("verdict"));
        check(&report(STEPS_MIN, r#"{"ok":false,"steps":13}"#), Err("verdict"));
        check(&report(STEPS_MIN, "done"), Err("not JSON"));
        let failed = "{\"step\":\"show\",\"ok\":false,\"ms\":1}\n";
        check(&format!("{failed}{}", report(STEPS_MIN, r#"{"ok":true,"steps":14}"#)), Err("did not do"));
    }
}
