//! `cargo xtask`: the developer's one tool.
//!
//! Read in this order: [`command`] runs programs, [`cargo`] asks cargo, [`setup`] brings what is missing,
//! [`postgres`] and [`wasm`] are two of the things set up, [`suite`] is `cargo xtask test` stage by stage,
//! [`fuzz`] runs the fuzz targets, [`bench`] has the measurements made, [`demo`] judges the demonstration's own report,
//! [`standards`] holds docs/standards.md to its word, and [`tidy`] checks what prose cannot keep.

mod bench;
mod cargo;
mod command;
mod demo;
mod fuzz;
mod postgres;
mod setup;
mod standards;
mod suite;
mod tidy;
mod wasm;

use std::process::ExitCode;

use command::{Outcome, fail, root};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  build           the complete release binary, target/release/sahihi
  demo [ARGS]     builds, then runs `sahihi demo ARGS`
  test            sets up what the tests need and runs all of them
  soak            the long tests, longer (SAHIHI_SOAK_KILLS=N, SAHIHI_SOAK_DCQL=N, SAHIHI_SOAK_FUZZ_S=N say how long)
  fuzz [NAME…]    the fuzz targets, SAHIHI_SOAK_FUZZ_S seconds each
  tidy            the invariants, file lengths, names and licences
  postgres        a PostgreSQL cluster for development, until interrupted
  wasm            builds the wallet for wasm32-unknown-unknown
  gen             writes docs/openapi.json, which is made from the code
  screenshots     has the judge of the pages look at all of them, and keeps its pictures in docs/screenshots
  bench [NAME…] [--json FILE]
                  builds the release binary and measures it: docs/performance.md
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match dispatch(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.0.is_empty() {
                eprintln!("xtask: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Outcome<()> {
    let takes_arguments = matches!(command, "demo" | "bench" | "fuzz");
    if !takes_arguments && !rest.is_empty() {
        return fail(format!("`{command}` takes no arguments\n\n{USAGE}"));
    }
    match command {
        "build" => cargo::build_release(),
        "demo" => demo::run_demo(rest),
        "test" => suite::test(),
        "soak" => suite::soak(),
        "tidy" => tidy::run(&root()),
        "postgres" => postgres::develop(),
        "wasm" => wasm::run(),
        "gen" => cargo::generate(),
        "bench" => bench::bench(rest),
        "screenshots" => suite::screenshots(),
        "fuzz" => fuzz::run(rest),
        "" | "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => fail(format!("there is no `{other}`\n\n{USAGE}")),
    }
}
