//! Asking cargo: the workspace's packages, a build and what it made.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::command::{Failure, Outcome, fail, output, program, run, words};

/// The cargo that started this process, or the one on the search path.
///
/// On a machine that builds once and throws it away (`CI` is set, as every such service does), without what
/// serves the next build only: that is most of what a build writes.
pub(crate) fn cargo() -> Command {
    let mut cargo = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if std::env::var_os("CI").is_some() && std::env::var_os("CARGO_INCREMENTAL").is_none() {
        cargo.env("CARGO_INCREMENTAL", "0");
    }
    cargo
}

/// `cargo xtask build`.
pub(crate) fn build_release() -> Outcome<()> {
    run(cargo().args(["build", "--release", "--locked", "--package", "server"]))?;
    println!("target/release/sahihi");
    Ok(())
}

/// `cargo xtask gen`: the test that holds the document to the code writes it.
pub(crate) fn generate() -> Outcome<()> {
    let mut test = cargo();
    test.args(["test", "--locked", "--quiet", "--package", "server", "--test", "it"]);
    test.args(["--", "openapi::what_is_committed_is_what_the_code_says"]).env("SAHIHI_GEN", "1");
    run(&mut test)?;
    println!("docs/openapi.json");
    Ok(())
}

/// One package of the dependency graph, as `cargo metadata` tells it.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// SPDX expression, if the package has one.
    pub(crate) licence: Option<String>,
    /// Whether it is a member of this workspace.
    pub(crate) own: bool,
    pub(crate) dependencies: Vec<Dependency>,
}

/// What a package says it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Needed by the tests only.
    pub(crate) dev: bool,
}

/// The workspace and everything it depends on, for all targets and features.
pub(crate) fn packages() -> Outcome<Vec<Package>> {
    let text = output(cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value =
        serde_json::from_str(&text).map_err(|error| Failure(format!("cargo metadata: {error}")))?;
    let list =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let word = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let members: BTreeSet<String> =
        list(&metadata, "workspace_members").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let mut packages = Vec::new();
    for package in list(&metadata, "packages") {
        let dependencies = list(&package, "dependencies")
            .iter()
            .filter_map(|dependency| {
                let dev = dependency.get("kind").and_then(Value::as_str) == Some("dev");
                Some(Dependency { name: word(dependency, "name")?, dev })
            })
            .collect();
        packages.push(Package {
            name: word(&package, "name").unwrap_or_default(),
            version: word(&package, "version").unwrap_or_default(),
            licence: word(&package, "license"),
            own: word(&package, "id").is_some_and(|id| members.contains(&id)),
            dependencies,
        });
    }
    if packages.is_empty() {
        return fail("cargo metadata lists no packages");
    }
    Ok(packages)
}

/// A test program that a build made.
#[derive(Debug, Clone)]
pub(crate) struct TestProgram {
    /// How its tests' names begin: the package, and for a file in `tests/` that file too.
    pub(crate) prefix: String,
    pub(crate) executable: PathBuf,
    /// The folder tests are run in: the package's own.
    pub(crate) folder: PathBuf,
}

/// What a build made.
#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) tests: Vec<TestProgram>,
    /// Distinct packages compiled or reused.
    pub(crate) packages: usize,
}

/// Has the tests judge the backend for WebAssembly beside the one for servers.
pub(crate) const BOTH_BACKENDS: [&str; 2] = ["--features", "crypto/rustcrypto"];

/// Builds every target of the workspace in one graph, so that the binary and the tests share their crates.
pub(crate) fn build_all() -> Outcome<Built> {
    let mut command = cargo();
    command.args(["build", "--workspace", "--all-targets", "--locked"]).args(BOTH_BACKENDS);
    command.arg("--message-format=json-render-diagnostics").stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut built = Built::default();
    let mut packages = BTreeSet::new();
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            let Ok(message) = serde_json::from_str::<Value>(&line?) else {
                continue;
            };
            if message.get("reason").and_then(Value::as_str) != Some("compiler-artifact") {
                continue;
            }
            packages.extend(message.get("package_id").and_then(Value::as_str).map(str::to_owned));
            built.tests.extend(test_program(&message));
        }
    }
    let status = child.wait()?;
    if !status.success() {
        return fail(format!("`{}` failed: {status}", words(&command)));
    }
    built.tests.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    built.packages = packages.len();
    Ok(built)
}

fn test_program(artifact: &Value) -> Option<TestProgram> {
    if artifact.pointer("/profile/test") != Some(&Value::Bool(true)) {
        return None;
    }
    let executable = PathBuf::from(artifact.get("executable")?.as_str()?);
    let folder = PathBuf::from(artifact.get("manifest_path")?.as_str()?).parent()?.to_path_buf();
    let package = folder.file_name()?.to_str()?;
    let target = artifact.pointer("/target/name")?.as_str()?;
    let of_its_own = artifact.pointer("/target/kind/0").and_then(Value::as_str) == Some("test");
    let prefix = if of_its_own { format!("{package}::{target}") } else { package.to_owned() };
    Some(TestProgram { prefix, executable, folder })
}
