//! What source files must not say, and how long they may be.

use super::text::{code_only, line, occurrences, product_code, tests_in};
use super::{Finding, Source, Tree};

/// Above this a file is mentioned.
pub(super) const LINES_WANTED: usize = 500;
/// Above this it fails.
const LINES_MAX: usize = 1000;

/// The crate that reads the environment, files and the clock; the program that measures it from outside; and what runs
/// when others are built.
const OUTSIDE: &[&str] = &["server", "bench", "texts"];

/// Names of the world outside, which come in as arguments everywhere else (invariants 2 and 3).
const WORLD: &[&str] = &[
    "std::env",
    "std::fs",
    "std::process",
    "tokio::fs",
    "SystemTime",
    "Instant::now",
    "env::var",
    "fs::read",
    "fs::write",
    "fs::File",
];

/// Names that crates without IO do not need either.
const WITHOUT_IO: &[&str] = &["base", "crypto", "formats", "wallet"];
const WORLD_OF_IO: &[&str] =
    &["std::net::Tcp", "std::net::Udp", "std::thread", "println!", "eprintln!", "tokio"];

/// Readers that accept what `formats::json` refuses: repeated members, any depth, any length.
const LENIENT: &[&str] = &["serde_json::from_slice", "serde_json::from_str", "serde_json::from_reader"];

/// What axum makes routes of. Ours are registered with what is said of them, so that the document of the interfaces has
/// them all.
const ROUTES: &[&str] = &["routing", "route_service", "nest_service"];
/// Where that is done.
const REGISTERED: &str = "crates/web/src/openapi/routes.rs";

/// A crate that holds tests only, though others run them too: the fuzz targets.
const TESTS_ONLY: &str = "crates/hostile/";

/// A function of this name reads what we stored ourselves.
const FROM_STORED: &str = "fn from_stored";

/// Where else they may be used: the end of a path, why.
const OUR_OWN_JSON: &[(&str, &str)] = &[
    ("/store.rs", "rows that we wrote"),
    ("crates/bench/src/http.rs", "what our own server answers"),
    ("crates/bench/src/row.rs", "what this program wrote"),
    ("crates/bench/src/micro/npm.rs", "what our own script answers"),
    ("crates/ask/src/page.rs", "a purpose that we wrote"),
    ("crates/wallet/src/contents.rs", "sealed by ourselves"),
    ("crates/server/src/demo/once.rs", "what our own program printed"),
    ("crates/formats/src/json.rs", "the strict reader itself"),
];

/// Where a name of the world may stand all the same: the start of a path, the name, why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("crates/crypto/src/random.rs", "std::process", "without randomness there is nothing to go on with"),
    ("crates/store/src/fixture", "std::env", "the tests' fixture finds its cluster through a variable"),
    ("crates/store/src/fixture", "env::var", "the tests' fixture finds its cluster through a variable"),
    ("crates/store/src/sqlite.rs", "std::fs", "the database is a file, made readable for its owner alone"),
    ("crates/store/src/sqlite/place.rs", "std::fs", "whether that file is still where it was"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let tests = test_files(tree);
    let mut findings = Vec::new();
    for source in &tree.sources {
        let lines = source.text.lines().count();
        if lines > LINES_MAX {
            findings.push(Finding::new(&source.path, format!("has {lines} lines; {LINES_MAX} are the most")));
        }
        let is_test = tests.iter().any(|test| source.path.starts_with(test.as_str()));
        let Some(owner) = source.owner().filter(|_| source.is_rust() && !is_test) else { continue };
        let code = product_code(&source.text);
        let mut say = |name: &str, why: &str, excused: fn(&str, usize) -> bool| {
            for index in occurrences(&code, name).filter(|&index| !excused(&code, index)) {
                let place = format!("{}:{}", source.path, line(&code, index));
                findings.push(Finding::new(place, format!("`{name}`: {why}")));
            }
        };
        for name in LENIENT.iter().filter(|_| !OUR_OWN_JSON.iter().any(|(end, _)| source.path.ends_with(end)))
        {
            say(name, "JSON is read with `formats::json`", in_from_stored);
        }
        for name in ROUTES.iter().filter(|_| source.path != REGISTERED) {
            say(name, "routes are registered with `web::Routes`", |_, _| false);
        }
        if OUTSIDE.contains(&owner) {
            continue;
        }
        let io: &[&str] = if WITHOUT_IO.contains(&owner) { WORLD_OF_IO } else { &[] };
        for &name in WORLD.iter().chain(io) {
            if !EXCEPTIONS.iter().any(|(path, what, _)| source.path.starts_with(path) && *what == name) {
                say(name, "only `server` reads the world outside", |_, _| false);
            }
        }
    }
    findings
}

/// Whether the function that this place belongs to is [`FROM_STORED`].
fn in_from_stored(code: &str, index: usize) -> bool {
    let before = code.get(..index).unwrap_or_default();
    let function = before.rfind("fn ").and_then(|start| before.get(start..));
    function.is_some_and(|function| function.starts_with(FROM_STORED))
}

/// Files longer than wanted, but not too long.
pub(super) fn long(tree: &Tree) -> Vec<(&str, usize)> {
    let lines = |source: &Source| source.text.lines().count();
    let long = |source: &&Source| (LINES_WANTED + 1..=LINES_MAX).contains(&lines(source));
    tree.sources.iter().filter(long).map(|source| (source.path.as_str(), lines(source))).collect()
}

/// How the paths of files begin that hold tests only: modules declared under `#[cfg(test)]`, and the
/// folders `tests/` and `benches/` of a crate.
pub(super) fn test_files(tree: &Tree) -> Vec<String> {
    let mut files = vec![TESTS_ONLY.to_owned()];
    for source in tree.sources.iter().filter(|source| source.is_rust()) {
        if let Some(owner) = source.owner() {
            files.extend(["tests", "benches"].map(|folder| format!("crates/{owner}/{folder}/")));
        }
        let (_, modules) = tests_in(&code_only(&source.text));
        let Some((folder, file)) = source.path.rsplit_once('/') else {
            continue;
        };
        let stem = file.trim_end_matches(".rs");
        let below = if matches!(stem, "lib" | "main" | "mod") {
            folder.to_owned()
        } else {
            format!("{folder}/{stem}")
        };
        for module in modules {
            files.push(format!("{below}/{module}.rs"));
            files.push(format!("{below}/{module}/"));
        }
    }
    files.sort();
    files.dedup();
    files
}
