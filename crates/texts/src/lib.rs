//! The compiler of texts: what people read, in six languages, becomes Rust when a crate is built.
//!
//! A crate keeps its texts in `texts/{ar,zh,en,fr,ru,es}/*.ftl`, in the syntax of Fluent (version 1.0), and its `build.rs` calls
//! [`compile`], which writes `texts.rs` into the build's output: a type `T(pub base::Lang)` with one method a message. So
//! a text that is asked for and does not exist does not compile, and one that nobody asks for is dead code, which the
//! lints deny. What else can go wrong with a text is a [`Fault`], and ends the build.
//!
//! Read in this order: [`model`] (messages as we use them, a part of what Fluent can say), [`read`] (from Fluent's tree),
//! [`check`] (what holds between six languages), [`write`] (Rust).
//!
//! This crate runs at build time only: it reads files, and nothing of it is in the product. The methods call
//! `web::format` for plurals and numbers.

pub mod check;
pub mod model;
pub mod read;
pub mod write;

use std::{
    collections::BTreeSet,
    env, fmt, fs, io,
    path::{Path, PathBuf},
    process,
};

pub use model::{Lang, Message};

/// Something about a text that ends the build.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, or the language where a file is missing.
    pub file: String,
    /// The message; empty where it is the whole file.
    pub key: String,
    /// What is wrong, one of a few words.
    pub what: What,
}

/// What can be wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum What {
    /// The file is not Fluent.
    #[error("is not Fluent: {0}")]
    Syntax(String),
    /// It is Fluent, but a part of it that we do not compile.
    #[error("uses {0}, which is not compiled here")]
    Unsupported(&'static str),
    /// Two messages have one key.
    #[error("is there twice")]
    Twice,
    /// The language has no such message.
    #[error("is missing")]
    Missing,
    /// English has no such message.
    #[error("is not in English")]
    Unknown,
    /// It does not use the arguments that the English text uses.
    #[error("does not use the same arguments as English: {0}")]
    Arguments(String),
    /// An argument is a number in one place and a text in another.
    #[error("`${0}` is a number here and a text there")]
    Kind(String),
    /// A choice by number lacks a form that the language has.
    #[error("lacks the plural form `{0}`")]
    Plural(&'static str),
    /// It is the same as in English, and the list of those that may be does not name it.
    #[error("is the same as in English; translate it, or list it in `same.txt` as `{0}`")]
    Same(String),
    /// The list of texts that are the same as in English names one that is not.
    #[error("is listed in `same.txt`, and is not the same as in English")]
    NotSame,
    /// It is not written in the language's script.
    #[error("has no letter of its language's script")]
    Script,
    /// It has letters of another language's script.
    #[error("has a letter of a script that its language does not use: `{0}`")]
    Foreign(char),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.file, self.what),
            key => write!(f, "{}: `{key}` {}", self.file, self.what),
        }
    }
}

/// A file of texts.
#[derive(Debug, Clone)]
pub struct File {
    /// Its language.
    pub lang: Lang,
    /// Where it is, for faults.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// Rust of `files`, where `same` lists what may be the same as in English: a line each, a language and a key.
///
/// # Errors
/// Everything that is wrong, in order.
pub fn generate(files: &[File], same: &str) -> Result<String, Vec<Fault>> {
    let (messages, mut faults) = read::all(files);
    let same: BTreeSet<(&str, &str)> = same
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.trim().split_once(' '))
        .collect();
    faults.extend(check::all(&messages, &same));
    faults.sort();
    faults.dedup();
    if faults.is_empty() { Ok(write::rust(&messages)) } else { Err(faults) }
}

/// Compiles the texts in `folder` of the crate that is being built to `texts.rs` in its output; called by its `build.rs`.
/// Ends the build where something is wrong with them.
pub fn compile(folder: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let made = folder_of(folder).map_err(|error| error.to_string()).and_then(|(files, same)| {
        generate(&files, &same)
            .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let written = made.and_then(|rust| {
        let out = env::var("OUT_DIR").map(PathBuf::from).map_err(|error| error.to_string())?;
        fs::write(out.join("texts.rs"), rust).map_err(|error| error.to_string())
    });
    if let Err(faults) = written {
        for fault in faults.lines() {
            println!("cargo::error={fault}");
        }
        process::exit(1);
    }
}

/// The files in a folder, and the list of texts that are the same as in English.
fn folder_of(folder: &str) -> io::Result<(Vec<File>, String)> {
    let mut files = Vec::new();
    for lang in Lang::ALL {
        let inside = Path::new(folder).join(lang.tag());
        let mut paths =
            fs::read_dir(inside)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        for path in paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == "ftl")) {
            let text = fs::read_to_string(&path)?;
            files.push(File { lang, path: path.display().to_string(), text });
        }
    }
    let same = fs::read_to_string(Path::new(folder).join("same.txt")).unwrap_or_default();
    Ok((files, same))
}

#[cfg(test)]
mod tests;
