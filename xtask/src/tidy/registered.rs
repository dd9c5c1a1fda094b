//! Every list of statements and of migrations is seen by the server, whose test prepares them on both engines.
//!
//! The server names each crate's list (`issue::STATEMENTS`). A crate with one module that declares statements
//! re-exports its list; a crate with several gathers them by name (`offer::store::STATEMENTS`).

use super::sources::test_files;
use super::text::{code_only, occurrences, product_code};
use super::{Finding, Source, Tree};

/// Where the lists of all crates come together.
const SERVER: &str = "server";

/// Crates whose lists are their own business.
const EXCEPT: &[&str] = &["store", "server"];

/// How a list is made, and what it is called.
const LISTS: &[(&str, &str)] = &[("statements!", "STATEMENTS"), ("Migration {", "MIGRATIONS")];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let tests = test_files(tree);
    let is_test = |source: &Source| tests.iter().any(|test| source.path.starts_with(test.as_str()));
    let code: Vec<(&Source, String)> = tree
        .sources
        .iter()
        .filter(|source| source.is_rust() && source.owner().is_some() && !is_test(source))
        .map(|source| {
            // The server's lists are for its own test.
            let whole = source.owner() == Some(SERVER);
            (source, if whole { code_only(&source.text) } else { product_code(&source.text) })
        })
        .collect();
    let named = |owner: &str, list: &str, except: &str| {
        code.iter().any(|(source, code)| {
            source.owner() == Some(owner) && source.path != except && occurrences(code, list).next().is_some()
        })
    };
    let mut findings = Vec::new();
    for (made_by, list) in LISTS {
        let declaring: Vec<&Source> =
            code.iter().filter(|(_, code)| code.contains(made_by)).map(|(source, _)| *source).collect();
        let mut owners: Vec<&str> = declaring.iter().filter_map(|source| source.owner()).collect();
        owners.dedup();
        for owner in owners.into_iter().filter(|owner| !EXCEPT.contains(owner)) {
            let of_crate: Vec<&&Source> =
                declaring.iter().filter(|source| source.owner() == Some(owner)).collect();
            for source in &of_crate {
                let module = module(&source.path);
                let inside = module.strip_prefix(&format!("{owner}::")).unwrap_or_default();
                let wanted =
                    if of_crate.len() == 1 { (*list).to_owned() } else { format!("{inside}::{list}") };
                if !inside.is_empty() && !named(owner, &wanted, &source.path) {
                    let what = format!("its {list} are in no list: name `{wanted}` at the top of `{owner}`");
                    findings.push(Finding::new(&source.path, what));
                }
            }
            let whole = format!("{owner}::{list}");
            if !named(SERVER, &whole, "") {
                findings.push(Finding::new("crates/server", format!("does not name `{whole}`")));
            }
        }
    }
    findings
}

/// `crates/issue/src/offer/store.rs` is `issue::offer::store`.
fn module(path: &str) -> String {
    let inside = path.trim_start_matches("crates/").replacen("/src/", "::", 1).replace('/', "::");
    let name = inside.trim_end_matches(".rs");
    ["::lib", "::mod", "::main"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()
}
