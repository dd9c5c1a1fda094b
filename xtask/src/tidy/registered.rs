//! Every list of statements and of migrations is seen by the test that prepares them on both engines.
//!
//! A module that declares statements or migrations must be named, with its list, in the crate's own list at
//! the top (`pub const STATEMENTS`) or in the server's test; and each crate's own list in the server's test.

use super::sources::test_files;
use super::text::code_only;
use super::{Finding, Source, Tree};

/// The test that prepares every statement of the program on both engines.
const CHECK: &str = "crates/server/src/check";

/// Crates whose lists are their own business.
const EXCEPT: &[&str] = &["store", "server"];

/// How a list is made, and what it is called.
const LISTS: &[(&str, &str)] = &[("statements!", "STATEMENTS"), ("Migration {", "MIGRATIONS")];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let tests = test_files(tree);
    let is_test = |source: &Source| tests.iter().any(|test| source.path.starts_with(test.as_str()));
    let checked: String = tree
        .sources
        .iter()
        .filter(|source| source.path.starts_with(CHECK))
        .map(|source| code_only(&source.text))
        .collect();
    let mut findings = Vec::new();
    for (made_by, list) in LISTS {
        let mut owners: Vec<&str> = Vec::new();
        for source in tree.sources.iter().filter(|source| source.is_rust() && !is_test(source)) {
            let Some(owner) = source.owner().filter(|owner| !EXCEPT.contains(owner)) else {
                continue;
            };
            if !code_only(&source.text).contains(made_by) {
                continue;
            }
            let module = module(&source.path);
            let of_its_own = format!("{module}::{list}");
            let inside = of_its_own.strip_prefix(&format!("{owner}::")).unwrap_or(&of_its_own).to_owned();
            let named = checked.contains(&of_its_own) || module == owner || gathered(tree, owner, &inside);
            if !named {
                findings.push(Finding::new(
                    &source.path,
                    format!("its {list} are in no list that the server's check sees: name `{inside}` in the crate's own"),
                ));
            }
            owners.push(owner);
        }
        owners.dedup();
        for owner in owners {
            let whole = format!("{owner}::{list}");
            let by_module = format!("{owner}::");
            let seen = checked.contains(&whole)
                || checked.match_indices(&by_module).any(|(index, _)| {
                    let path = checked.get(index..).unwrap_or_default();
                    let end = path
                        .find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
                        .unwrap_or(path.len());
                    path.get(..end).is_some_and(|path| path.ends_with(list))
                });
            if !seen {
                findings.push(Finding::new(CHECK, format!("does not name `{whole}`")));
            }
        }
    }
    findings
}

/// Whether some file of the crate names the list by its path, whole or from its last module on.
fn gathered(tree: &Tree, owner: &str, inside: &str) -> bool {
    let last_two: Vec<&str> = inside.rsplitn(3, "::").take(2).collect();
    let short = last_two.iter().rev().copied().collect::<Vec<_>>().join("::");
    tree.sources.iter().filter(|source| source.owner() == Some(owner)).any(|source| {
        let code = code_only(&source.text);
        code.contains(inside) || code.contains(&short)
    })
}

/// `crates/issue/src/offer/store.rs` is `issue::offer::store`.
fn module(path: &str) -> String {
    let inside = path.trim_start_matches("crates/").replacen("/src/", "::", 1).replace('/', "::");
    let name = inside.trim_end_matches(".rs");
    ["::lib", "::mod", "::main"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()
}
