//! `sahihi-bench`: how fast and how small Sahihi is, as numbers that anybody can repeat.
//!
//! `cargo xtask bench` builds it and gives it the release binary. Read in this order: [`row`] (what a row of the table is,
//! and what a measurement is given), [`micro`] (formats and status lists, in this process).

mod fill;
mod forum;
mod grown;
mod http;
mod issuing;
mod load;
mod logging;
mod micro;
mod party;
mod presenting;
mod raw;
mod row;
mod served;
mod size;
mod submitting;
mod weight;
mod writes;

use std::{path::PathBuf, process::ExitCode};

use row::{Context, Failure, Measured, Row};

/// The server's, so that what is measured in this process costs what it costs there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "\
usage: sahihi-bench --binary FILE [--postgres URL] [--json FILE] [NAME…]
       sahihi-bench --markdown FILE    the table of docs/performance.md, of a file that --json wrote
       sahihi-bench --list

Without names, every row is measured. A row that misses its bar makes the exit code 1.
";

/// Every row, in the order in which they are measured.
fn rows() -> impl Iterator<Item = &'static Row> {
    micro::ROWS
        .iter()
        .chain(writes::ROWS)
        .chain(logging::ROWS)
        .chain(served::ROWS)
        .chain(submitting::ROWS)
        .chain(size::ROWS)
        .chain(forum::ROWS)
        .chain(grown::ROWS)
}

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("sahihi-bench: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Whether every row that was measured holds its bar.
fn run(mut arguments: impl Iterator<Item = String>) -> Result<bool, Failure> {
    let mut context = Context::default();
    let (mut names, mut json) = (Vec::new(), None);
    while let Some(argument) = arguments.next() {
        let mut file =
            || arguments.next().ok_or_else(|| Failure::new(format!("{argument} what?\n\n{USAGE}")));
        match argument.as_str() {
            "--binary" => context.binary = Some(PathBuf::from(file()?)),
            "--postgres" => context.postgres = Some(file()?),
            "--json" => json = Some(PathBuf::from(file()?)),
            "--markdown" => {
                print!("{}", row::markdown(&PathBuf::from(file()?))?);
                return Ok(true);
            }
            "--list" => {
                rows().for_each(|row| println!("{}", row.name));
                return Ok(true);
            }
            name if rows().any(|row| row.name == name) => names.push(argument),
            other => return Err(Failure::new(format!("there is no row `{other}`\n\n{USAGE}"))),
        }
    }
    let mut results = Vec::new();
    for row in rows().filter(|row| names.is_empty() || names.iter().any(|name| name == row.name)) {
        // What cannot be measured has missed its bar; the others are measured all the same.
        let result = row.measure(&mut context).unwrap_or_else(|failure| {
            eprintln!("sahihi-bench: {failure}");
            Measured { row, value: f64::NAN }
        });
        println!("{result}");
        results.push(result);
    }
    if let Some(file) = json {
        row::write_json(&file, &results)?;
    }
    let missed: Vec<&str> = results.iter().filter(|r| !r.ok()).map(|r| r.row.name).collect();
    if !missed.is_empty() {
        println!("missed: {}", missed.join(", "));
    }
    Ok(missed.is_empty())
}
