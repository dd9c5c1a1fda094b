//! A crate's tables carry its name as prefix, and no other crate touches them (invariant 4).

use super::sources::test_files;
use super::text::{code_only, line, tests_in, without, without_comments};
use super::{Finding, Tree};

/// The words of SQL that a table's name follows.
const BEFORE_A_TABLE: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS ",
    "CREATE TABLE ",
    "INSERT INTO ",
    "DELETE FROM ",
    "FROM ",
    "JOIN ",
    "UPDATE ",
    "ALTER TABLE ",
    "DROP TABLE ",
    "REFERENCES ",
];

/// What may stand there and is no table of anybody's.
const NOT_A_TABLE: &[&str] = &["SET", "NOT", "SELECT", "LATERAL"];

/// The crate whose own tables (migrations, jobs) need no prefix, since it makes those of all others.
const STORE: &str = "store";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let tests = test_files(tree);
    let mut findings = Vec::new();
    for source in &tree.sources {
        let Some(owner) = source.owner().filter(|owner| *owner != STORE) else {
            continue;
        };
        let is_test = tests.iter().any(|test| source.path.starts_with(test.as_str()));
        let speaks_sql = source.text.contains("statements!") || source.text.contains("Migration");
        if !source.is_rust() || is_test || !speaks_sql {
            continue;
        }
        let text = without(&without_comments(&source.text), &tests_in(&code_only(&source.text)).0);
        let common: Vec<&str> = common_tables(&text);
        for (index, table) in tables(&text) {
            if !table.starts_with(&format!("{owner}_")) && !common.contains(&table) {
                let place = format!("{}:{}", source.path, line(&text, index));
                findings.push(Finding::new(place, format!("`{table}` is not a table of `{owner}`")));
            }
        }
    }
    findings
}

/// Every name that follows one of the words, and where.
fn tables(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for words in BEFORE_A_TABLE {
        for (index, _) in text.match_indices(words) {
            let rest = text.get(index + words.len()..).unwrap_or_default().trim_start();
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let name = rest.get(..end).unwrap_or_default();
            let before = text.get(..index).unwrap_or_default().trim_end();
            // `DO UPDATE SET`, `FOR UPDATE`, `IS DISTINCT FROM`.
            let other_use = ["DO", "FOR", "DISTINCT"].iter().any(|word| before.ends_with(word));
            let lower = name.starts_with(|c: char| c.is_ascii_lowercase());
            if lower && !other_use && !NOT_A_TABLE.contains(&name) {
                found.push((index, name));
            }
        }
    }
    found.sort_unstable();
    found
}

/// The names that `WITH name AS (…)` and `WITH name (columns) AS (…)` give.
fn common_tables(text: &str) -> Vec<&str> {
    let name = |(index, _): (usize, &str)| {
        let before = text.get(..index)?.trim_end();
        let before = if before.ends_with(')') { before.rsplit_once('(')?.0.trim_end() } else { before };
        let bare = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        before.get(bare.len()..)
    };
    text.match_indices(" AS (").filter_map(name).collect()
}
