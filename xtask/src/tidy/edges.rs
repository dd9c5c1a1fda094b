//! Which crate may depend on which (invariants 1, 2 and 3 of ARCHITECTURE.md).

use super::{Finding, Tree};

/// What a feature may build on. Features never depend on features. `ask` comes in with the first feature that
/// needs a person's approval.
const UNDER_FEATURES: &[&str] = &["base", "crypto", "formats", "store", "log", "texts", "web"];

/// Every crate and the crates it may depend on. A new crate needs a line here.
const ALLOWED: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("texts", &[]),
    ("crypto", &["base"]),
    ("formats", &["base", "crypto"]),
    ("wallet", &["base", "crypto", "formats"]),
    ("store", &["base"]),
    ("log", &["base", "crypto", "formats", "store", "texts", "web"]),
    ("web", &["base", "crypto", "formats", "store", "texts"]),
    ("ask", UNDER_FEATURES),
    // Whoever signs in is asked for a credential.
    ("identity", &["base", "crypto", "formats", "store", "log", "web", "ask", "texts"]),
    ("issue", UNDER_FEATURES),
    ("payments", UNDER_FEATURES),
    ("exchange", UNDER_FEATURES),
    ("catalogue", UNDER_FEATURES),
    // The forum asks: submissions are signed.
    ("forum", &["base", "crypto", "formats", "store", "log", "web", "ask", "texts"]),
    ("app", &["base", "crypto", "formats", "wallet", "store", "web"]),
    (
        "hostile",
        &["base", "crypto", "formats", "wallet", "store", "log", "web", "ask", "identity", "issue", "forum"],
    ),
    ("bench", &["base", "crypto", "formats", "wallet", "store", "log", "web", "identity", "issue", "forum"]),
    ("xtask", &[]),
];

/// The crate that wires the others: it may depend on all of them.
const WIRING: &str = "server";

/// Only this crate names a database driver.
const STORE: &str = "store";
const DRIVERS: &[&str] =
    &["rusqlite", "tokio-postgres", "postgres", "sqlx", "diesel", "sea-orm", "redb", "sled"];

/// Only the wiring crate makes outgoing requests.
const CLIENTS: &[&str] = &["reqwest", "hyper-util", "ureq", "curl"];

/// Crates that do no IO: no runtime, network, files, clock or generator of their own.
const WITHOUT_IO: &[&str] = &["base", "crypto", "formats", "wallet"];
const IO: &[&str] = &[
    "async-std",
    "axum",
    "fs-err",
    "getrandom",
    "hyper",
    "mio",
    "rand",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "tracing-subscriber",
    "ureq",
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let own: Vec<&str> =
        tree.packages.iter().filter(|package| package.own).map(|p| p.name.as_str()).collect();
    let mut findings = Vec::new();
    for package in tree.packages.iter().filter(|package| package.own) {
        let name = package.name.as_str();
        let allowed = ALLOWED.iter().find(|(known, _)| *known == name).map(|(_, allowed)| *allowed);
        if allowed.is_none() && name != WIRING {
            findings.push(Finding::new(
                name,
                "is not in the table of dependency edges (xtask/src/tidy/edges.rs)",
            ));
            continue;
        }
        for dependency in &package.dependencies {
            let needed = dependency.name.as_str();
            let forbidden = allowed.is_some_and(|allowed| !allowed.contains(&needed));
            // A crate's tests may turn on its own features by naming itself.
            if own.contains(&needed) && forbidden && !(dependency.dev && needed == name) {
                findings.push(Finding::new(name, format!("must not depend on `{needed}`")));
            }
            if DRIVERS.contains(&needed) && name != STORE {
                findings.push(Finding::new(
                    name,
                    format!("names the database driver `{needed}`; only `{STORE}` may"),
                ));
            }
            if CLIENTS.contains(&needed) && name != WIRING && !dependency.dev {
                findings
                    .push(Finding::new(name, format!("`{needed}`: only `{WIRING}` makes outgoing requests")));
            }
            if WITHOUT_IO.contains(&name) && !dependency.dev && IO.contains(&needed) {
                findings.push(Finding::new(name, format!("does no IO, and `{needed}` does")));
            }
        }
    }
    findings
}
