//! Running programs: where they are, with which environment, and what to show when they fail.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a task stopped, in words for the developer; none if they were said already.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

/// What every task returns.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Stops with these words.
pub(crate) fn fail<T>(why: impl Into<String>) -> Outcome<T> {
    Err(Failure(why.into()))
}

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Reads a text file and names it when that fails.
pub(crate) fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

/// A program to be run from the top of the repository.
///
/// What `cargo run` told this process about the crate `xtask` is taken out: a build script that watches one
/// of these variables would otherwise run again each time a build is started from here.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    for (key, _) in std::env::vars_os() {
        let Some(text) = key.to_str() else { continue };
        let about_this_crate = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if about_this_crate || matches!(text, "CARGO_PRIMARY_PACKAGE" | "OUT_DIR" | "LD_LIBRARY_PATH") {
            command.env_remove(&key);
        }
    }
    command
}

/// The words of a command, as one would type them.
pub(crate) fn words(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn started<T>(command: &Command, result: io::Result<T>) -> Outcome<T> {
    result.map_err(|error| Failure(format!("`{}` could not be started: {error}", words(command))))
}

/// Runs with this terminal; anything but success is a failure.
pub(crate) fn run(command: &mut Command) -> Outcome<()> {
    let status = command.status();
    let status = started(command, status)?;
    if status.success() { Ok(()) } else { fail(format!("`{}` failed: {status}", words(command))) }
}

/// Runs and returns what it wrote to its standard output; its standard error goes to this terminal.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let out = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let out = started(command, out)?;
    if !out.status.success() {
        return fail(format!("`{}` failed: {}", words(command), out.status));
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Whether it runs and succeeds; what it writes is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// How much of a log is shown when its program fails.
const LOG_LINES_SHOWN: usize = 60;

/// Runs with both outputs in `target/xtask/NAME.log`, and shows the log's end if it fails.
pub(crate) fn run_logged(name: &str, command: &mut Command) -> Outcome<()> {
    let folder = root().join("target/xtask");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.log"));
    let log = fs::File::create(&path)?;
    let status = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).status();
    let status = started(command, status)?;
    if status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    let skipped = text.lines().count().saturating_sub(LOG_LINES_SHOWN);
    let tail: Vec<&str> = text.lines().skip(skipped).collect();
    fail(format!("`{}` failed: {status}\n{}", words(command), tail.join("\n")))
}

/// What a thread that panicked left behind is as good as before.
pub(crate) fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The program's path, if it is on the search path.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// Whether this process may install system packages and become another user.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).trim() == "0")
}
