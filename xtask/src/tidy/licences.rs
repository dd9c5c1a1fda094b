//! Every dependency may be used under a licence that we accept.

use super::{Finding, Tree};

/// Licences that allow use in a program under Apache-2.0 or MIT without more than naming the authors.
/// The same list stands in deny.toml.
pub(super) const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &tree.packages {
        let place = format!("{} {}", package.name, package.version);
        match &package.licence {
            None => findings.push(Finding::new(place, "names no licence")),
            Some(licence) if !accepted(licence) => {
                findings.push(Finding::new(place, format!("its licence is `{licence}`")));
            }
            Some(_) => {}
        }
    }
    findings
}

/// Whether an SPDX expression can be met with accepted licences alone. The old `MIT/Apache-2.0` is a choice.
pub(super) fn accepted(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any_of(&mut rest) && rest.is_empty()
}

fn any_of(rest: &mut &[&str]) -> bool {
    let mut met = all_of(rest);
    while let Some((&"OR", after)) = rest.split_first() {
        *rest = after;
        // Both sides are read, also where the first is enough.
        met |= all_of(rest);
    }
    met
}

fn all_of(rest: &mut &[&str]) -> bool {
    let mut met = one(rest);
    while let Some((&"AND", after)) = rest.split_first() {
        *rest = after;
        met &= one(rest);
    }
    met
}

fn one(rest: &mut &[&str]) -> bool {
    let Some((&first, after)) = rest.split_first() else {
        return false;
    };
    *rest = after;
    if first == "(" {
        let met = any_of(rest);
        let Some((&")", after)) = rest.split_first() else {
            return false;
        };
        *rest = after;
        return met;
    }
    if let [with @ "WITH", exception, after @ ..] = *rest {
        *rest = after;
        return ACCEPTED.contains(&format!("{first} {with} {exception}").as_str());
    }
    ACCEPTED.contains(&first)
}
