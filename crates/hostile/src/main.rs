//! What a person does with the targets by hand.
//!
//! `hostile list` names them; `hostile corpus FOLDER` writes the valid inputs of each, as our own encoders make them;
//! `hostile run TARGET FILE…` reads inputs as the fuzz target does, in whatever profile this was built;
//! `hostile try TARGET FROM TO` makes the inputs with these numbers, as the tests do with the first ones, and writes each
//! to `hostile-input` before it is read.

use std::{fs, io, path::Path, process::ExitCode};

use hostile::{Reached, Target, targets};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["list"] => {
            for target in targets::ALL {
                println!("{}: {}", target.name, target.reads);
            }
            Ok(())
        }
        ["corpus", folder] => targets::ALL.iter().try_for_each(|target| corpus(target, Path::new(folder))),
        ["run", name, files @ ..] => {
            named(name).and_then(|target| files.iter().try_for_each(|file| run(target, file)))
        }
        ["try", name, from, to] => named(name).and_then(|target| attempt(target, from, to)),
        _ => Err(io::Error::other(
            "usage: hostile list | corpus FOLDER | run TARGET FILE… | try TARGET FROM TO",
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hostile: {error}");
            ExitCode::FAILURE
        }
    }
}

fn named(name: &str) -> io::Result<&'static Target> {
    let found = targets::ALL.iter().find(|target| target.name == name);
    found.copied().ok_or_else(|| io::Error::other(format!("there is no target `{name}`")))
}

fn attempt(target: &Target, from: &str, to: &str) -> io::Result<()> {
    let number = |text: &str| text.parse::<u64>().map_err(io::Error::other);
    let (mut tried, mut read, mut accepted) = (0, 0, 0);
    for number in number(from)?..number(to)? {
        let input = target.input(number);
        fs::write("hostile-input", &input)?;
        let reached = target.run(&input);
        tried += 1;
        read += u64::from(reached > Reached::Refused);
        accepted += u64::from(reached == Reached::Accepted);
    }
    println!("{}: {tried} inputs, {read} read, {accepted} accepted", target.name);
    fs::remove_file("hostile-input")
}

fn corpus(target: &Target, folder: &Path) -> io::Result<()> {
    let folder = folder.join(target.name);
    fs::create_dir_all(&folder)?;
    for (number, seed) in target.seeds().iter().enumerate() {
        fs::write(folder.join(format!("valid-{number}")), seed)?;
    }
    Ok(())
}

fn run(target: &Target, file: &str) -> io::Result<()> {
    println!("{file}: {:?}", target.run(&fs::read(file)?));
    Ok(())
}
