//! `cargo xtask fuzz [TARGET…]`, and a stage of `cargo xtask soak`: the fuzz targets of `fuzz/`, by cargo-fuzz.
//!
//! Everything is made here: cargo-fuzz itself, the corpus (valid inputs, by our own encoders), the programs (with
//! coverage and the address sanitizer, in a folder of their own). A crash leaves its input behind, and says how to run it
//! again.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use crate::cargo::cargo;
use crate::command::{Failure, Outcome, fail, lock, output, program, read, root, run_logged};

/// How long each target runs, seconds, unless the variable says otherwise.
const SECONDS: (&str, &str) = ("SAHIHI_SOAK_FUZZ_S", "600");
/// The version that was tried.
const CARGO_FUZZ: &str = "0.13.1";
/// Coverage and sanitizers are flags that only an unstable compiler takes, or one that is told to take them.
const UNSTABLE: (&str, &str) = ("RUSTC_BOOTSTRAP", "1");
/// How long an input may be, bytes: longer than any limit that is checked before something is done per byte.
const INPUT_BYTES_MAX: usize = 512 * 1024;
/// How much memory a target may use, MiB: an input that makes one use more is a crash.
const MEMORY_MIB_MAX: usize = 2_048;
/// How long one input may take, seconds: one that takes longer is a crash.
const INPUT_S_MAX: usize = 20;

/// Runs these targets, or all; fails when one crashes, or when fewer than half of its inputs get past its outer parser.
pub(crate) fn run(names: &[String]) -> Outcome<()> {
    let all = targets()?;
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        return fail(format!("there is no fuzz target `{unknown}`; there are: {}", all.join(", ")));
    }
    let wanted = if names.is_empty() { all } else { names.to_vec() };
    let seconds = std::env::var(SECONDS.0).unwrap_or_else(|_| SECONDS.1.to_owned());
    let folder = root().join("target/fuzz");
    fs::create_dir_all(folder.join("crashes"))?;
    corpus(&folder)?;
    build(&folder, &wanted)?;
    let programs = folder.join("build").join(host()?).join("release");
    let queue: Mutex<VecDeque<&String>> = Mutex::new(wanted.iter().collect());
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from).min(wanted.len()) {
            scope.spawn(|| {
                while let Some(name) = { lock(&queue).pop_front() } {
                    match fuzz(name, &programs, &folder, &seconds) {
                        Ok(said) => eprintln!("{name}: {said}"),
                        Err(failure) => {
                            eprintln!("{name}: FAILED");
                            lock(&failed).push(failure.0);
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    println!("{} fuzz targets, {seconds} s each, {} failed", wanted.len(), failed.len());
    if failed.is_empty() { Ok(()) } else { fail(failed.join("\n")) }
}

/// The names of all targets, as fuzz/Cargo.toml lists them; a test of `hostile` holds that list against its own.
fn targets() -> Outcome<Vec<String>> {
    let manifest = read(&root().join("fuzz/Cargo.toml"))?;
    let name = |line: &str| Some(line.strip_prefix("path = \"targets/")?.strip_suffix(".rs\"")?.to_owned());
    Ok(manifest.lines().filter_map(name).collect())
}

fn corpus(folder: &Path) -> Outcome<()> {
    let mut write = cargo();
    write.args(["run", "--quiet", "--locked", "--package", "hostile", "--", "corpus"]);
    run_logged("fuzz-corpus", write.arg(folder.join("corpus")))
}

fn build(folder: &Path, wanted: &[String]) -> Outcome<()> {
    let tools = folder.join("tools");
    let cargo_fuzz = tools.join("bin/cargo-fuzz");
    if !cargo_fuzz.is_file() {
        let mut install = cargo();
        install.args(["install", "--locked", "--version", CARGO_FUZZ, "cargo-fuzz", "--root"]);
        run_logged("fuzz-install", install.arg(&tools))?;
    }
    // One by one is slower than all at once; one at a time is what cargo-fuzz takes.
    let all = if let [one] = wanted { Some(one) } else { None };
    let mut build = program(&cargo_fuzz);
    build.env(UNSTABLE.0, UNSTABLE.1).args(["build", "--fuzz-dir", "fuzz", "--target-dir"]);
    build.arg(folder.join("build")).args(all);
    run_logged("fuzz-build", &mut build)
}

/// The platform for which cargo-fuzz builds: this one.
fn host() -> Outcome<String> {
    let said = output(Command::new("rustc").arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure("rustc does not say for which platform it is".to_owned()))
}

/// Runs one target; what it says in the end.
fn fuzz(name: &str, programs: &Path, folder: &Path, seconds: &str) -> Outcome<String> {
    let log = folder.join(format!("{name}.log"));
    let file = fs::File::create(&log)?;
    let crashes = folder.join("crashes").join(format!("{name}-"));
    let mut command = program(programs.join(name));
    command.env("ASAN_OPTIONS", "detect_odr_violation=0").args([
        format!("-max_total_time={seconds}"),
        format!("-max_len={INPUT_BYTES_MAX}"),
        format!("-rss_limit_mb={MEMORY_MIB_MAX}"),
        format!("-timeout={INPUT_S_MAX}"),
        format!("-artifact_prefix={}", crashes.display()),
        "-len_control=0".to_owned(),
        "-print_final_stats=1".to_owned(),
    ]);
    command.arg(folder.join("corpus").join(name));
    let status = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).status()?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if !status.success() {
        return fail(crashed(name, &log, &text));
    }
    let (tried, read) = reached(&text)
        .ok_or_else(|| Failure(format!("{name}: says not how far it got: {}", log.display())))?;
    let said = format!("{tried} inputs, {} % got past the outer parser", read * 100 / tried.max(1));
    if read * 2 < tried { fail(format!("{name}: {said}, which is less than half")) } else { Ok(said) }
}

/// How many inputs were tried, and how many of them the outer parser took: the last of the lines that say it.
fn reached(log: &str) -> Option<(u64, u64)> {
    let line = log.lines().rev().find(|line| line.starts_with("reached: "))?;
    let number = |name: &str| {
        line.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
    };
    Some((number("tried")?, number("read")?))
}

fn crashed(name: &str, log: &Path, text: &str) -> String {
    let file =
        text.lines().rev().find_map(|line| line.split_once("Test unit written to ")).map(|(_, file)| file);
    let why = text.lines().find(|line| line.contains("panicked at") || line.contains("ERROR: "));
    let again = file.map_or(String::new(), |file| {
        let file = Path::new(file.trim())
            .strip_prefix(root())
            .map_or_else(|_| PathBuf::from(file), Path::to_path_buf);
        format!("\n  again: cargo run -p hostile -- run {name} {}", file.display())
    });
    format!("{name}: {}\n  all of it: {}{again}", why.unwrap_or("it stopped"), log.display())
}

#[cfg(test)]
mod tests {
    use super::{reached, targets};

    #[test]
    fn the_last_line_counts() {
        let log = "reached: json tried=1 read=1 accepted=0\n#2 NEW\n\
                   reached: json tried=1000 read=611 accepted=90\nDone 1204 runs\n";
        assert_eq!(reached(log), Some((1_000, 611)));
        assert_eq!(reached("Done 0 runs\n"), None);
    }

    #[test]
    fn targets_are_found_in_the_manifest() {
        let found = targets().map_err(|failure| failure.0);
        assert!(found.is_ok_and(|all| all.len() > 40 && all.iter().any(|name| name == "json")));
    }
}
