//! What a person does with the targets by hand.
//!
//! `hostile list` names them; `hostile corpus FOLDER` writes the valid inputs of each, as our own encoders make them;
//! `hostile run TARGET FILE…` reads inputs as the fuzz target does, in whatever profile this was built.

use std::{fs, io, path::Path, process::ExitCode};

use hostile::{Target, targets};

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
        ["run", name, files @ ..] => match targets::ALL.iter().find(|target| target.name == *name) {
            Some(target) => files.iter().try_for_each(|file| run(target, file)),
            None => Err(io::Error::other(format!("there is no target `{name}`"))),
        },
        _ => Err(io::Error::other("usage: hostile list | corpus FOLDER | run TARGET FILE…")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hostile: {error}");
            ExitCode::FAILURE
        }
    }
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
