//! The crates without IO, built for WebAssembly.
//!
//! With rustup's target where it is installed; otherwise with Debian's compiler for the web, which ships
//! the sources of the standard library but no compiled one, so that this is compiled first.

use std::path::Path;
use std::process::Command;

use crate::cargo::cargo;
use crate::command::{Outcome, fail, is_root, program, run_logged, succeeds, which};
use crate::setup::{WASM_PACKAGES, apt_install};

const TARGET: &str = "wasm32-unknown-unknown";

/// The crates that must build there. Building `wallet` builds the others, but with the features it asks for.
const CRATES: [&str; 4] = ["base", "crypto", "formats", "wallet"];

/// Where Debian's packages put what they install: the names are fixed, unlike the search path, on which
/// rustup's proxies come first.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld";
const DEBIAN_STD: &str = "/usr/lib/rustlib/src/rust/library/std";

/// Which compiler builds for WebAssembly here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Toolchain {
    /// The one in use, whose target is installed.
    Installed,
    Debian,
}

/// `cargo xtask wasm`.
pub(crate) fn run() -> Outcome<()> {
    build()?;
    println!("{} build for {TARGET}", CRATES.join(", "));
    Ok(())
}

/// Sets up what is missing and builds.
pub(crate) fn build() -> Outcome<()> {
    let toolchain = toolchain()?;
    let mut command = match toolchain {
        Toolchain::Installed => cargo(),
        Toolchain::Debian => debian_cargo(),
    };
    command.args(["build", "--locked", "--target", TARGET, "--target-dir", "target/wasm"]);
    for name in CRATES {
        command.args(["--package", name]);
    }
    command.args(["--no-default-features", "--features"]);
    command.arg("crypto/rustcrypto,formats/rustcrypto,wallet/rustcrypto");
    // Nothing of it is run, so nothing is optimised. The release profile is the one without exceptions for
    // single packages; the variables turn the rest of it off.
    command
        .arg("--release")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off");
    command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "64").env("CARGO_PROFILE_RELEASE_STRIP", "none");
    run_logged("wasm", &mut command)
}

fn debian_cargo() -> Command {
    let mut command = program(DEBIAN_CARGO);
    for key in ["RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "RUSTC_WRAPPER", "CARGO"] {
        command.env_remove(key);
    }
    command.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
    command.arg("-Zbuild-std=std,panic_abort");
    command
}

fn toolchain() -> Outcome<Toolchain> {
    if target_installed() {
        return Ok(Toolchain::Installed);
    }
    if debian_installed() {
        return Ok(Toolchain::Debian);
    }
    if is_root() && which("apt-get").is_some() {
        apt_install("the compiler for WebAssembly", &WASM_PACKAGES)?;
        if debian_installed() {
            return Ok(Toolchain::Debian);
        }
    }
    if which("rustup").is_some() && succeeds(program("rustup").args(["target", "add", TARGET])) {
        return Ok(Toolchain::Installed);
    }
    fail(format!(
        "no compiler for WebAssembly; `rustup target add {TARGET}`, or on Debian, as root: apt-get install {}",
        WASM_PACKAGES.join(" ")
    ))
}

fn debian_installed() -> bool {
    [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_LINKER, DEBIAN_STD].iter().all(|path| Path::new(path).exists())
}

/// Whether the compiler in use has the target's standard library.
fn target_installed() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let out = program(rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    out.is_ok_and(|out| {
        out.status.success() && Path::new(String::from_utf8_lossy(&out.stdout).trim()).is_dir()
    })
}
