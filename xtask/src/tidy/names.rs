//! Names in backticks in ARCHITECTURE.md exist.
//!
//! Three kinds are looked up: paths (with a `/`), names of a crate's things (`store::Tx`), and crates in the
//! first column of a table. Other words in backticks are the reader's.

use super::text::code_only;
use super::{Finding, Tree};

const FILE: &str = "ARCHITECTURE.md";

/// How a thing is declared.
const KEYWORDS: &[&str] =
    &["mod", "fn", "struct", "enum", "trait", "const", "type", "static", "macro_rules!", "union"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fenced = false;
    for (number, text) in tree.architecture.lines().enumerate() {
        if text.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let row =
            text.trim_start().strip_prefix("| `").and_then(|rest| rest.split_once('`')).map(|(name, _)| name);
        if let Some(name) = row.filter(|name| !is_crate(tree, name)) {
            findings.push(Finding::new(format!("{FILE}:{}", number + 1), format!("`{name}` is not a crate")));
        }
        for name in text.split('`').skip(1).step_by(2) {
            if !exists(tree, name) {
                findings
                    .push(Finding::new(format!("{FILE}:{}", number + 1), format!("`{name}` does not exist")));
            }
        }
    }
    for package in tree.packages.iter().filter(|package| package.own) {
        if !tree.architecture.contains(&format!("| `{}` |", package.name)) {
            findings.push(Finding::new(FILE, format!("its table of crates has no `{}`", package.name)));
        }
    }
    findings
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
