//! Names in backticks in the documents that describe the code exist.
//!
//! Three kinds are looked up: paths (with a `/`), names of a crate's things (`store::Tx`), and crates in the
//! first column of ARCHITECTURE.md's table. Other words in backticks are the reader's.

use super::text::code_only;
use super::{Finding, Tree};

const ARCHITECTURE: &str = "ARCHITECTURE.md";

/// How a thing is declared.
const KEYWORDS: &[&str] =
    &["mod", "fn", "struct", "enum", "trait", "const", "type", "static", "macro_rules!", "union"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, text) in &tree.documents {
        for (line, text) in prose(text) {
            for name in text.split('`').skip(1).step_by(2).filter(|name| !exists(tree, name)) {
                findings.push(Finding::new(format!("{file}:{line}"), format!("`{name}` does not exist")));
            }
        }
    }
    let Some((_, architecture)) = tree.documents.iter().find(|(file, _)| file == ARCHITECTURE) else {
        return findings;
    };
    for (line, text) in prose(architecture) {
        let row =
            text.trim_start().strip_prefix("| `").and_then(|rest| rest.split_once('`')).map(|(name, _)| name);
        if let Some(name) = row.filter(|name| !is_crate(tree, name)) {
            findings.push(Finding::new(format!("{ARCHITECTURE}:{line}"), format!("`{name}` is not a crate")));
        }
    }
    for package in tree.packages.iter().filter(|package| package.own) {
        if !architecture.contains(&format!("| `{}` |", package.name)) {
            findings
                .push(Finding::new(ARCHITECTURE, format!("its table of crates has no `{}`", package.name)));
        }
    }
    findings
}

/// The lines outside fenced blocks, counted from one.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((index + 1, line));
        }
    }
    lines
}

/// Whether a row of the table of crates names one.
fn is_crate(tree: &Tree, name: &str) -> bool {
    let folder = format!("crates/{name}");
    name == "xtask" || tree.paths.contains(&folder)
}

fn exists(tree: &Tree, name: &str) -> bool {
    let path_like = |c: char| c.is_ascii_alphanumeric() || "_-./*".contains(c);
    if name.starts_with("crates/")
        || name.starts_with("docs/")
        || name.starts_with("xtask/")
        || name.starts_with("judges/")
    {
        return !name.chars().all(path_like) || path_exists(tree, name.trim_end_matches('/'));
    }
    let item = name.split(['(', '<', '!', ' ']).next().unwrap_or(name);
    let Some((first, rest)) = item.split_once("::") else {
        return true;
    };
    let prefix = format!("crates/{first}/");
    if !tree.paths.iter().any(|path| path.starts_with(&prefix)) {
        // Somebody else's crate.
        return true;
    }
    rest.split("::").filter(|part| !part.is_empty()).all(|part| declared(tree, first, part))
}

/// Whether a path exists; a `*` stands for one name.
fn path_exists(tree: &Tree, wanted: &str) -> bool {
    let wanted: Vec<&str> = wanted.split('/').collect();
    tree.paths.iter().any(|path| {
        let parts: Vec<&str> = path.split('/').collect();
        parts.len() == wanted.len() && parts.iter().zip(&wanted).all(|(part, wanted)| fits(part, wanted))
    })
}

fn fits(part: &str, wanted: &str) -> bool {
    match wanted.split_once('*') {
        Some((start, end)) => {
            part.len() >= start.len() + end.len() && part.starts_with(start) && part.ends_with(end)
        }
        None => part == wanted,
    }
}

/// Whether the crate declares something of that name, or makes it with a macro (`ids!`, `statements!`).
fn declared(tree: &Tree, owner: &str, name: &str) -> bool {
    tree.sources.iter().filter(|source| source.owner() == Some(owner)).any(|source| {
        let code = code_only(&source.text);
        KEYWORDS.iter().any(|keyword| {
            let declaration = format!("{keyword} {name}");
            code.match_indices(&declaration).any(|(index, _)| {
                let after = code.get(index + declaration.len()..).and_then(|after| after.chars().next());
                !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
            })
        })
    })
}
