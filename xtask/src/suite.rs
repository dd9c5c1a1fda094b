//! `cargo xtask test`: sets up what the tests need and runs all of them, stage by stage.
//!
//! The first stage that fails ends the run. What can wait for the network or needs no result soon (packages,
//! the build for WebAssembly) runs beside the build.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cargo::{BOTH_BACKENDS, TestProgram, build_all, cargo};
use crate::command::{Failure, Outcome, fail, lock, program, read, root, run as run_here};
use crate::postgres::{Cluster, VARIABLE, programs};
use crate::{demo, fuzz, setup, standards, tidy, wasm};

/// How often the long tests do what they do in `cargo xtask soak`, unless the variable says otherwise.
const SOAK_KILLS: (&str, &str) = ("SAHIHI_SOAK_KILLS", "500");

/// How many issuances, presentations and revocations each campaign of kills has confirmed at the least.
const SOAK_ACTS: (&str, &str) = ("SAHIHI_SOAK_ACTS", "10000");

/// How many random queries are put to the oracle in `cargo xtask soak`, unless the variable says otherwise.
const SOAK_DCQL: (&str, &str) = ("SAHIHI_SOAK_DCQL", "10000");

/// How many idle connections the server has beside others that are answered.
const SOAK_IDLE: (&str, &str) = ("SAHIHI_SOAK_IDLE", "10000");

/// How many examples schemathesis makes for each operation in `cargo xtask soak`, unless the variable says otherwise.
const SOAK_OPENAPI: (&str, &str) = ("SAHIHI_SOAK_OPENAPI", "400");

/// What ran, how long it took, and what came of it.
#[derive(Debug, Default)]
struct Run {
    stages: Mutex<Vec<(String, Duration, String)>>,
    passed: Mutex<BTreeSet<String>>,
    failed: Mutex<usize>,
    /// Steps of the demonstration that did what they should.
    steps: Mutex<Vec<String>>,
}

/// `cargo xtask test`.
pub(crate) fn test() -> Outcome<()> {
    let begun = Instant::now();
    let run = Run::default();
    let result = stages(&run);
    let failed_cases = *lock(&run.failed);
    let failed = if result.is_err() { failed_cases.max(1) } else { failed_cases };
    if let Err(failure) = &result {
        eprintln!("\n{failure}");
    }
    println!();
    for (name, time, note) in lock(&run.stages).iter() {
        println!("{:5.1} min  {name}{}{note}", minutes(*time), if note.is_empty() { "" } else { ": " });
    }
    println!("{:5.1} min  in all", minutes(begun.elapsed()));
    println!("{} passed, {failed} failed", lock(&run.passed).len());
    // Said already, and the tally is to be the last line.
    result.map_err(|_| Failure(String::new()))
}

fn stages(run: &Run) -> Outcome<()> {
    let root = root();
    setup::room()?;
    run.stage("format", || quietly(run_here(cargo().args(["fmt", "--all", "--check"]))))?;
    run.stage("tidy", || quietly(tidy::run(&root)))?;
    thread::scope(|scope| {
        let packages = scope.spawn(|| {
            run.stage("PostgreSQL (beside the build)", || quietly(programs()))?;
            run.stage("Node packages (beside the build)", || quietly(setup::node_packages()))?;
            run.stage("Chromium (beside the build)", || quietly(setup::browser()))?;
            run.stage("Go (beside the build)", || quietly(setup::go_module()))?;
            run.stage("Python packages (beside the build)", || quietly(setup::python_packages()))
        });
        let wasm = scope.spawn(|| run.stage("WebAssembly (beside the build)", || quietly(wasm::build())));

        let built = run.stage("build", || {
            let built = build_all()?;
            Ok((format!("{} crates", built.packages), built))
        })?;
        run.stage("clippy", || {
            let mut clippy = cargo();
            clippy.args(["clippy", "--workspace", "--all-targets", "--locked", "--quiet"]);
            clippy.args(BOTH_BACKENDS);
            quietly(run_here(clippy.args(["--", "-D", "warnings"])))
        })?;
        joined(packages.join())?;
        run.stage("tests", || {
            let cluster = Cluster::start()?;
            let count = run.tests(&built.tests, &[(VARIABLE, cluster.url())])?;
            Ok((format!("{count} passed"), ()))
        })?;
        // With the features that it ships with: the tests' build adds those of the tests.
        run.stage("binary", || {
            quietly(run_here(cargo().args(["build", "--locked", "--package", "server"])))
        })?;
        run.stage("demonstration", || {
            let steps = demo::once()?;
            let note = format!("{} steps", steps.len());
            lock(&run.steps).extend(steps.into_iter().map(|step| format!("demo::{step}")));
            Ok((note, ()))
        })?;
        run.stage("judges", || Ok((format!("{} passed", run.judges(&[], &[])?), ())))?;
        run.stage("judge of the log", || Ok((run.log_judge()?, ())))?;
        run.stage("judge of the interfaces", || Ok((run.openapi_judge(&[])?, ())))?;
        joined(wasm.join())
    })?;
    run.stage("standards", || {
        let mut ran = lock(&run.passed).clone();
        ran.extend(lock(&run.steps).drain(..));
        let check = |document| standards::check_ran(document, &read(&root.join(document))?, &ran);
        let (standards, threats) = (check("docs/standards.md")?, check("docs/threat-model.md")?);
        Ok((format!("{standards}; of threats {threats}"), ()))
    })
}

/// `cargo xtask soak`: the tests that can be made longer, longer.
pub(crate) fn soak() -> Outcome<()> {
    programs()?;
    setup::node_packages()?;
    setup::browser()?;
    let built = build_all()?;
    let cluster = Cluster::start()?;
    let run = Run::default();
    let kills = std::env::var(SOAK_KILLS.0).unwrap_or_else(|_| SOAK_KILLS.1.to_owned());
    let acts = std::env::var(SOAK_ACTS.0).unwrap_or_else(|_| SOAK_ACTS.1.to_owned());
    let queries = std::env::var(SOAK_DCQL.0).unwrap_or_else(|_| SOAK_DCQL.1.to_owned());
    let idle = std::env::var(SOAK_IDLE.0).unwrap_or_else(|_| SOAK_IDLE.1.to_owned());
    let long = ["formats", "server"];
    let programs: Vec<TestProgram> = built
        .tests
        .into_iter()
        .filter(|program| long.iter().any(|prefix| program.prefix.starts_with(prefix)))
        .collect();
    let environment = [
        (VARIABLE, cluster.url()),
        (SOAK_KILLS.0, &kills),
        (SOAK_ACTS.0, &acts),
        (SOAK_DCQL.0, &queries),
        (SOAK_IDLE.0, &idle),
    ];
    let count = run.tests(&programs, &environment)?;
    setup::python_packages()?;
    run_here(cargo().args(["build", "--locked", "--package", "server"]))?;
    let examples = std::env::var(SOAK_OPENAPI.0).unwrap_or_else(|_| SOAK_OPENAPI.1.to_owned());
    println!("{}", run.openapi_judge(&[(SOAK_OPENAPI.0, &examples)])?);
    // Every page in every language, width and light.
    println!("{} passed of the pages", run.judges(&["--only", "pages"], &[("JUDGE_SOAK", "1")])?);
    fuzz::run(&[])?;
    println!("{count} passed, 0 failed");
    Ok(())
}

/// The pictures that docs/screenshots holds, of those that the judge of the pages makes.
const PICTURES: [&str; 12] = [
    "front-en",
    "call_open-ar",
    "answer-fr-phone",
    "answers-en",
    "answers-ar",
    "submission-zh-dark",
    "receipt-en",
    "log-zh-dark",
    "desk_call-en",
    "state_front-en",
    "state_design-en",
    "state_design-ar",
];

/// `cargo xtask screenshots`: has the judge of the pages look at all of them, and keeps the pictures that it makes.
pub(crate) fn screenshots() -> Outcome<()> {
    setup::node_packages()?;
    setup::browser()?;
    run_here(cargo().args(["build", "--locked", "--package", "server"]))?;
    let passed = Run::default().judges(&["--only", "pages"], &[])?;
    let (made, kept) = (root().join("judges/.out/screenshots"), root().join("docs/screenshots"));
    fs::create_dir_all(&kept)?;
    for name in PICTURES {
        let file = format!("{name}.png");
        fs::copy(made.join(&file), kept.join(&file))?;
    }
    println!("{passed} passed; {} pictures are in docs/screenshots", PICTURES.len());
    Ok(())
}

impl Run {
    /// Runs a stage, which returns a note for the table and a value.
    fn stage<T>(&self, name: &str, work: impl FnOnce() -> Outcome<(String, T)>) -> Outcome<T> {
        eprintln!("== {name}");
        let begun = Instant::now();
        let result = work();
        let (note, value) = match result {
            Ok((note, value)) => (note, Ok(value)),
            Err(failure) => ("FAILED".to_owned(), Err(Failure(format!("stage `{name}`: {failure}")))),
        };
        lock(&self.stages).push((name.to_owned(), begun.elapsed(), note));
        value
    }

    /// Runs the test programs and returns how many tests passed.
    fn tests(&self, programs: &[TestProgram], environment: &[(&str, &str)]) -> Outcome<usize> {
        let mut count = 0;
        let mut broken = Vec::new();
        for test in programs {
            let begun = Instant::now();
            let log =
                root().join("target/xtask").join(format!("tests-{}.log", test.prefix.replace(':', "-")));
            let file = fs::File::create(&log)?;
            let mut command = program(&test.executable);
            command.current_dir(&test.folder).env("CARGO_MANIFEST_DIR", &test.folder);
            // A snapshot that differs is a failure, not a file to look at later.
            command.env("INSTA_UPDATE", "no").env("RUST_BACKTRACE", "1").envs(environment.iter().copied());
            command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
            let status = command.status()?;
            let text = read(&log)?;
            let results = test_results(&text);
            let passed = results.iter().filter(|(_, ok)| *ok).count();
            eprintln!("{:7} passed in {:5.1} s  {}", passed, begun.elapsed().as_secs_f64(), test.prefix);
            for numbers in text.lines().filter_map(|line| line.strip_prefix("numbers: ")) {
                eprintln!("{:18}{numbers}", "");
            }
            *lock(&self.failed) += results.len() - passed;
            let names = results.into_iter().filter(|(_, ok)| *ok);
            lock(&self.passed).extend(names.map(|(name, _)| format!("{}::{name}", test.prefix)));
            count += passed;
            if !status.success() {
                broken.push(format!("{text}\ntests of {}: {status}", test.prefix));
            }
        }
        if broken.is_empty() { Ok(count) } else { fail(broken.join("\n")) }
    }

    /// Has schemathesis judge our interfaces by their own document; what it says of how much it tried.
    fn openapi_judge(&self, environment: &[(&str, &str)]) -> Outcome<String> {
        let mut command = program(root().join(setup::OPENAPI_ENVIRONMENT).join("bin/python"));
        command.arg("judges/python/openapi/judge.py").envs(environment.iter().copied());
        let (count, text) = self.judge("interfaces", command.env("PYTHONDONTWRITEBYTECODE", "1"))?;
        let said = text.lines().find_map(|line| line.strip_prefix("schemathesis: "));
        Ok(format!("{count} passed, {}", said.unwrap_or_default()))
    }

    /// Has Go's checksum database judge our log; what it says of how much it tried.
    fn log_judge(&self) -> Outcome<String> {
        let minimums: Value = serde_json::from_str(&read(&root().join("judges/minimums.json"))?)
            .map_err(|e| Failure(format!("judges/minimums.json: {e}")))?;
        let Some(minimum) = minimums.get("log").and_then(Value::as_u64) else {
            return fail("judges/minimums.json says nothing of `log`".to_owned());
        };
        let mut command = program(root().join(setup::GO_PROGRAM));
        let (_, text) = self.judge("log", command.arg("--minimum").arg(minimum.to_string()))?;
        Ok(text.lines().last().unwrap_or_default().to_owned())
    }

    /// Runs a judge of the binary that writes its results to one file; how many cases passed (all), and what it said.
    fn judge(&self, of: &str, command: &mut Command) -> Outcome<(usize, String)> {
        let folder = root().join("target/xtask");
        let (out, log) = (folder.join(format!("judge-{of}.json")), folder.join(format!("judge-{of}.log")));
        let file = fs::File::create(&log)?;
        fs::write(&out, "")?;
        command.args(["--sahihi", "target/debug/sahihi", "--out"]).arg(&out);
        let status = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).status()?;
        let text = read(&log)?;
        if !status.success() {
            return fail(format!("{text}\nthe judge of the {of}: {status}"));
        }
        let results = judge_results(&read(&out)?)?;
        if results.is_empty() || results.iter().any(|(_, ok)| !ok) {
            return fail(format!("{text}\nthe judge of the {of} passed, and says that it did not"));
        }
        let count = results.len();
        lock(&self.passed).extend(results.into_iter().map(|(name, _)| name));
        Ok((count, text))
    }

    /// Runs the judges that others wrote and returns how many of their cases passed.
    fn judges(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Outcome<usize> {
        let folder = root().join("judges/.out");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let log = root().join("target/xtask/judges.log");
        let file = fs::File::create(&log)?;
        let mut command = program("node");
        command.args(["judges/run.mjs", "--sahihi", "target/debug/sahihi"]).args(arguments);
        command.envs(environment.iter().copied());
        let status = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).status()?;
        let mut passed = 0;
        let mut failed = 0;
        for file in json_files(&folder)? {
            for (name, ok) in judge_results(&read(&file)?)? {
                if ok {
                    passed += 1;
                    lock(&self.passed).insert(name);
                } else {
                    failed += 1;
                }
            }
        }
        *lock(&self.failed) += failed;
        if !status.success() || failed > 0 || passed == 0 {
            let text = read(&log)?;
            let said: Vec<&str> = text.lines().filter(|line| !line.starts_with("ok ")).collect();
            return fail(format!(
                "{}\nnode judges/run.mjs: {status}, {failed} cases failed",
                said.join("\n")
            ));
        }
        Ok(passed)
    }
}

/// The files with results that the judges left.
fn json_files(folder: &Path) -> Outcome<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A judge's results: a list of `{"name": "judge::WHO::CASE", "ok": …}`.
fn judge_results(text: &str) -> Outcome<Vec<(String, bool)>> {
    let odd = || Failure(format!("a judge's results are not understood: {text}"));
    let cases: Vec<Value> = serde_json::from_str(text).map_err(|_| odd())?;
    let result = |case: &Value| {
        let name = case.get("name")?.as_str().filter(|name| name.starts_with("judge::"))?;
        Some((name.to_owned(), case.get("ok")?.as_bool()?))
    };
    cases.iter().map(|case| result(case).ok_or_else(odd)).collect()
}

/// The tests that a test program reports: name, and whether it passed. Ignored ones did neither.
fn test_results(text: &str) -> Vec<(String, bool)> {
    let result = |line: &str| {
        let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
        let name = name.strip_suffix(" - should panic").unwrap_or(name).to_owned();
        match outcome {
            "ok" => Some((name, true)),
            "FAILED" => Some((name, false)),
            _ => None,
        }
    };
    text.lines().filter_map(result).collect()
}

/// A stage with nothing to note and nothing to hand on.
fn quietly<T>(result: Outcome<T>) -> Outcome<(String, ())> {
    result.map(|_| (String::new(), ()))
}

fn minutes(time: Duration) -> f64 {
    time.as_secs_f64() / 60.0
}

fn joined<T>(result: thread::Result<Outcome<T>>) -> Outcome<T> {
    result.unwrap_or_else(|_| fail("a stage panicked"))
}

#[cfg(test)]
mod tests {
    use super::{judge_results, test_results};

    #[test]
    fn results_of_tests() {
        let text = "running 4 tests\n\
                    test a::b ... ok\n\
                    test c - should panic ... ok\n\
                    test d ... FAILED\n\
                    test e ... ignored, slow\n\
                    test result: FAILED. 2 passed; 1 failed; 1 ignored\n";
        let expected = [("a::b", true), ("c", true), ("d", false)].map(|(name, ok)| (name.to_owned(), ok));
        assert_eq!(test_results(text), expected);
    }

    #[test]
    fn results_of_judges() {
        let good =
            r#"[{"name":"judge::wallet::accept","ok":true},{"name":"judge::wallet::refuse","ok":false}]"#;
        let expected =
            vec![("judge::wallet::accept".to_owned(), true), ("judge::wallet::refuse".to_owned(), false)];
        assert_eq!(judge_results(good).ok(), Some(expected));
        for bad in ["", "{}", r#"[{"name":"accept","ok":true}]"#, r#"[{"name":"judge::wallet::accept"}]"#] {
            assert!(judge_results(bad).is_err(), "{bad}");
        }
    }
}
