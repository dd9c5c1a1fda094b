//! `cargo xtask tidy`: what prose cannot keep.
//!
//! Each check is a pure function from a [`Tree`] to findings, and has its good and bad twins in [`tests`].
//! They read source text, not syntax: [`text`] says how comments, strings and tests are told apart.

mod edges;
mod licences;
mod names;
mod pages;
mod registered;
mod sources;
mod tables;
#[cfg(test)]
mod tests;
mod text;

use std::fs;
use std::path::Path;

use crate::cargo::{Package, packages};
use crate::command::{Outcome, fail, read};
use crate::standards;

/// One thing that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// A path from the top of the repository, with a line after a colon where there is one; or a package.
    pub(crate) place: String,
    pub(crate) what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

/// A source file.
#[derive(Debug, Clone)]
struct Source {
    /// From the top of the repository, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The crate it belongs to: `crates/NAME/…`.
    fn owner(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    fn is_rust(&self) -> bool {
        self.ends_with("rs")
    }

    /// Whether its name ends with a dot and this.
    fn ends_with(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }
}

/// Everything the checks look at.
#[derive(Debug, Default)]
struct Tree {
    sources: Vec<Source>,
    packages: Vec<Package>,
    /// Path and text of the documents that describe the code: their names are checked.
    documents: Vec<(String, String)>,
    /// Text of docs/standards.md.
    standards: String,
    /// Text of docs/threat-model.md.
    threats: String,
    /// Every path from the top of the repository, folders too.
    paths: Vec<String>,
}

/// Documents that describe the code, beside the decisions.
const DOCUMENTS: [&str; 4] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "docs/adding-a-feature.md"];

/// Checks the tree at `root`, says everything it finds, and fails if there is anything.
pub(crate) fn run(root: &Path) -> Outcome<()> {
    let tree = load(root)?;
    for (path, lines) in sources::long(&tree) {
        eprintln!("tidy: {path} has {lines} lines: better below {}", sources::LINES_WANTED);
    }
    let findings = check(&tree);
    for finding in &findings {
        eprintln!("tidy: {}: {}", finding.place, finding.what);
    }
    if findings.is_empty() { Ok(()) } else { fail(format!("{} untidy", findings.len())) }
}

fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = edges::check(tree);
    findings.extend(sources::check(tree));
    findings.extend(tables::check(tree));
    findings.extend(registered::check(tree));
    findings.extend(names::check(tree));
    findings.extend(licences::check(tree));
    findings.extend(pages::check(tree));
    let rows = standards::check_rows(&tree.standards);
    findings.extend(rows.into_iter().map(|what| Finding::new("docs/standards.md", what)));
    let rows = standards::check_threats(&tree.threats);
    findings.extend(rows.into_iter().map(|what| Finding::new("docs/threat-model.md", what)));
    let sources = tree.sources.iter().filter_map(|source| Some((source.owner()?, source.text.as_str())));
    for (document, text) in [("docs/standards.md", &tree.standards), ("docs/threat-model.md", &tree.threats)]
    {
        let unknown = standards::check_known(text, &sources);
        findings.extend(unknown.into_iter().map(|what| Finding::new(document, what)));
    }
    findings
}

fn load(root: &Path) -> Outcome<Tree> {
    let mut tree = Tree {
        packages: packages()?,
        standards: read(&root.join("docs/standards.md"))?,
        threats: read(&root.join("docs/threat-model.md"))?,
        ..Tree::default()
    };
    walk(root, "", &mut tree)?;
    let described = |path: &&String| DOCUMENTS.contains(&path.as_str()) || path.starts_with("docs/adr/");
    for path in tree.paths.iter().filter(described) {
        tree.documents.push((path.clone(), read(&root.join(path))?));
    }
    tree.sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(tree)
}

/// What is made, fetched or not ours to check.
fn is_skipped(name: &str) -> bool {
    matches!(name, "target" | "node_modules" | ".git" | ".out" | "demo-data")
}

fn walk(folder: &Path, prefix: &str, tree: &mut Tree) -> Outcome<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_skipped(&name) {
            continue;
        }
        let path = format!("{prefix}{name}");
        tree.paths.push(path.clone());
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &format!("{path}/"), tree)?;
        } else if matches!(
            entry.path().extension().and_then(|e| e.to_str()),
            Some("rs" | "mjs" | "css" | "html")
        ) {
            tree.sources.push(Source { text: read(&entry.path())?, path });
        }
    }
    Ok(())
}
