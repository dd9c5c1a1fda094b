//! Bringing what the tests need: Debian packages, Node packages, Python packages, a browser.
//!
//! What can be installed is installed; otherwise the command that would do it is named.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::command::{Outcome, fail, is_root, output, program, root, run_logged, which};

/// Debian packages that build for WebAssembly where rustup has no such target.
pub(crate) const WASM_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];

/// Held while installing: stages run beside each other, and `apt-get` refuses to.
static APT: Mutex<()> = Mutex::new(());

/// What a whole run writes below `target` from nothing: 5 GB, and twice that where what the next build needs is kept.
const ROOM_BYTES: u64 = 12 * 1_000_000_000;
/// What a run writes where an earlier one did.
const ROOM_AGAIN_BYTES: u64 = 3 * 1_000_000_000;

/// Whether the disk has room for a whole run, so that it does not end in the middle of one.
pub(crate) fn room() -> Outcome<()> {
    let mut df = program("df");
    let said = output(df.args(["--output=avail", "--block-size=1"]).arg(root()))?;
    let Some(free) = said.lines().find_map(|line| line.trim().parse::<u64>().ok()) else {
        return fail(format!("df does not say how much room there is: {said}"));
    };
    let needed = if root().join("target/debug/build").is_dir() { ROOM_AGAIN_BYTES } else { ROOM_BYTES };
    if free < needed {
        let gigabytes = |bytes: u64| bytes / 1_000_000_000;
        return fail(format!(
            "the tests need {} GB of disk, and {} GB are free below {}: make room first",
            gigabytes(needed),
            gigabytes(free),
            root().display()
        ));
    }
    Ok(())
}

/// Installs Debian packages, or says how.
pub(crate) fn apt_install(what_for: &str, packages: &[&str]) -> Outcome<()> {
    let line = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if which("apt-get").is_none() || !is_root() {
        return fail(format!("{what_for} is missing; on Debian, as root: {line}"));
    }
    let _alone = APT.lock().unwrap_or_else(PoisonError::into_inner);
    let install = || {
        let mut command = program("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command.args(["install", "-y", "--no-install-recommends"]).args(packages);
        run_logged(&format!("apt-{}", packages.first().unwrap_or(&"none")), &mut command)
    };
    // A fresh machine has no package lists yet, or old ones: only then is the second try needed.
    if install().is_ok() {
        return Ok(());
    }
    run_logged("apt-update", program("apt-get").arg("update"))?;
    install()
}

/// `npm ci` in judges/, unless what is installed is what the lock file says.
pub(crate) fn node_packages() -> Outcome<()> {
    let judges = root().join("judges");
    if which("node").is_none() || which("npm").is_none() {
        return fail(
            "Node is missing; install Node 20 or later with npm (Debian: apt-get install nodejs npm)",
        );
    }
    if installed_after(&judges.join("node_modules/.package-lock.json"), &judges.join("package-lock.json")) {
        return Ok(());
    }
    let mut command = program("npm");
    command.current_dir(&judges).args(["ci", "--no-audit", "--no-fund"]);
    run_logged("npm-ci", &mut command)
}

/// The environments of the Python judges: two, since one is asked by a test of ours that knows all that is in it.
pub(crate) fn python_packages() -> Outcome<()> {
    python_environment("judges/python/requirements.txt", "target/judges-venv")?;
    python_environment("judges/python/openapi/requirements.txt", OPENAPI_ENVIRONMENT)
}

/// Chromium, and faces for Arabic and Chinese: a text in boxes is as wide as a text, but nobody can look at it.
pub(crate) fn browser() -> Outcome<()> {
    if which("chromium").is_none() {
        apt_install("Chromium", &["chromium"])?;
    }
    let has_face = |language: &str| {
        let listed = program("fc-list").arg(format!(":lang={language}")).output();
        listed.is_ok_and(|out| out.status.success() && !out.stdout.is_empty())
    };
    if ["ar", "zh"].into_iter().all(has_face) {
        return Ok(());
    }
    apt_install("faces for Arabic and Chinese", &["fontconfig", "fonts-noto-core", "fonts-noto-cjk"])
}

/// Go, and the module that judges the log, in the version that `go.sum` has the digest of.
pub(crate) fn go_module() -> Outcome<()> {
    if which("go").is_none() {
        apt_install("Go", &["golang-go"])?;
    }
    let mut command = program("go");
    command.current_dir(root().join(GO_JUDGE)).env("GOTOOLCHAIN", "local");
    run_logged("go-build", command.args(["build", "-mod=readonly", "-o"]).arg(root().join(GO_PROGRAM)))
}

/// Where the judge of the log is.
const GO_JUDGE: &str = "judges/go";
/// The judge of the log, built.
pub(crate) const GO_PROGRAM: &str = "target/xtask/judge-of-the-log";

/// Where schemathesis is installed.
pub(crate) const OPENAPI_ENVIRONMENT: &str = "target/judges-openapi-venv";

/// Makes an environment, unless what is installed is what the requirements say.
fn python_environment(requirements: &str, environment: &str) -> Outcome<()> {
    let (requirements, environment) = (root().join(requirements), root().join(environment));
    let stamp = environment.join("requirements.txt");
    let wanted = fs::read(&requirements)?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let make =
        || run_logged("python-venv", program("python3").args(["-m", "venv", "--clear"]).arg(&environment));
    if which("python3").is_none() || make().is_err() {
        apt_install("Python with its module venv", &["python3", "python3-venv"])?;
        make()?;
    }
    let mut install = program(environment.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]);
    run_logged("python-packages", install.arg("--requirement").arg(&requirements))?;
    // Written last: the judges take an environment without it for a broken one.
    Ok(fs::write(stamp, wanted)?)
}

fn installed_after(installed: &Path, lock: &Path) -> bool {
    let time = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    match (time(installed), time(lock)) {
        (Ok(installed), Ok(lock)) => installed >= lock,
        _ => false,
    }
}
