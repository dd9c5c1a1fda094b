//! Each check beside its good and its bad twin.

use super::text::{code_only, product_code, tests_in};
use super::{Finding, Source, Tree, edges, licences, names, pages, registered, sources, tables};
use crate::cargo::{Dependency, Package};

fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: text.to_owned() }
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let sources: Vec<Source> = files.iter().map(|(path, text)| source(path, text)).collect();
    let mut paths: Vec<String> = Vec::new();
    for (path, _) in files {
        let parts: Vec<&str> = path.split('/').collect();
        for length in 1..=parts.len() {
            paths.push(parts.iter().take(length).copied().collect::<Vec<_>>().join("/"));
        }
    }
    Tree { sources, paths, ..Tree::default() }
}

fn package(name: &str, dependencies: &[(&str, bool)]) -> Package {
    let dependency = |&(name, dev): &(&str, bool)| Dependency { name: name.to_owned(), dev };
    Package {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        licence: Some("MIT".to_owned()),
        own: true,
        dependencies: dependencies.iter().map(dependency).collect(),
    }
}

/// The findings' words contain what is expected, one each; none when nothing is expected.
fn expect(findings: &[Finding], expected: &[&str]) {
    assert_eq!(findings.len(), expected.len(), "{findings:#?}");
    for (finding, words) in findings.iter().zip(expected) {
        let all = format!("{}: {}", finding.place, finding.what);
        assert!(all.contains(words), "`{words}` is not in `{all}`");
    }
}

#[test]
fn dependency_edges() {
    let check = |name: &str, dependencies: &[(&str, bool)], expected: &[&str]| {
        let others = ["base", "store", "wallet", "identity"].map(|other| package(other, &[]));
        let mut packages: Vec<Package> = others.into_iter().filter(|other| other.name != name).collect();
        packages.push(package(name, dependencies));
        expect(&edges::check(&Tree { packages, ..Tree::default() }), expected);
    };
    check("issue", &[("base", false), ("store", false), ("serde", false)], &[]);
    check("issue", &[("identity", false)], &["must not depend on `identity`"]);
    check("issue", &[("identity", true)], &["must not depend on `identity`"]);
    check("ask", &[("wallet", false)], &["must not depend on `wallet`"]);
    check("server", &[("identity", false), ("wallet", false), ("tokio", false)], &[]);
    check("server", &[("rusqlite", false)], &["names the database driver"]);
    check("store", &[("rusqlite", false), ("store", true)], &[]);
    check("wallet", &[("base", false)], &[]);
    check("wallet", &[("tokio", false)], &["does no IO"]);
    check("wallet", &[("tokio", true)], &[]);
    check("novelty", &[("base", false)], &["not in the table"]);
    check("server", &[("reqwest", false)], &[]);
    check("ask", &[("reqwest", false)], &["outgoing requests"]);
    check("ask", &[("reqwest", true)], &[]);
}

#[test]
fn routes_have_operations() {
    let check =
        |path: &str, text: &str, expected: &[&str]| expect(&sources::check(&tree(&[(path, text)])), expected);
    let bare = "use axum::{Router, routing::get};\n";
    check("crates/issue/src/api.rs", bare, &["api.rs:1: `routing`"]);
    check("crates/server/src/serve.rs", bare, &["serve.rs:1: `routing`"]);
    check("crates/web/src/openapi/routes.rs", bare, &[]);
    check("crates/issue/src/api.rs", "#[cfg(test)]\nmod tests { use axum::routing::get; }\n", &[]);
    check("crates/issue/src/api.rs", "fn f() { routes.add(operation, handler); }", &[]);
}

#[test]
fn the_world_outside() {
    let check =
        |path: &str, text: &str, expected: &[&str]| expect(&sources::check(&tree(&[(path, text)])), expected);
    check(
        "crates/issue/src/lib.rs",
        "fn now() { std::time::SystemTime::now(); }",
        &["lib.rs:1: `SystemTime`"],
    );
    check("crates/server/src/main.rs", "fn now() { std::time::SystemTime::now(); }", &[]);
    check("crates/issue/src/lib.rs", "// std::fs\nconst A: &str = \"std::env\"; /* SystemTime */", &[]);
    check("crates/issue/src/lib.rs", "#[cfg(test)]\nmod tests { use std::fs; }\n", &[]);
    check("crates/issue/src/lib.rs", "#[cfg(test)]\nmod tests { }\nuse std::fs;", &["lib.rs:3: `std::fs`"]);
    check("crates/wallet/src/lib.rs", "fn f() { println!(\"hello\"); }", &["`println!`"]);
    check("crates/web/src/lib.rs", "fn f() { tokio::spawn(work()); }", &[]);
    check("crates/base/src/time.rs", "struct MySystemTimeless;", &[]);
    check("crates/issue/src/lib.rs", "fn f() { formats::json::parse(b); }", &[]);
    check("crates/formats/src/json.rs", "fn f() { serde_json::from_slice(b); }", &[]);
    check(
        "crates/server/src/main.rs",
        "fn f() { serde_json::from_slice(b); }",
        &["`serde_json::from_slice`"],
    );
}

#[test]
fn tests_in_files_of_their_own() {
    let lib = (
        "crates/issue/src/offer/mod.rs",
        "#[cfg(test)]\n#[expect(clippy::panic, reason = \"tests\")]\nmod tests;",
    );
    let uses = "use std::fs;";
    expect(&sources::check(&tree(&[lib, ("crates/issue/src/offer/tests.rs", uses)])), &[]);
    expect(&sources::check(&tree(&[lib, ("crates/issue/src/offer/model.rs", uses)])), &["model.rs:1"]);
    expect(&sources::check(&tree(&[lib, ("crates/issue/tests/life.rs", uses)])), &[]);
}

#[test]
fn lengths() {
    let check = |lines: usize, long: usize, expected: &[&str]| {
        let text = "x\n".repeat(lines);
        let tree = tree(&[("judges/run.mjs", &text)]);
        expect(&sources::check(&tree), expected);
        assert_eq!(sources::long(&tree).len(), long);
    };
    check(500, 0, &[]);
    check(501, 1, &[]);
    check(1000, 1, &[]);
    check(1001, 0, &["1001 lines"]);
}

#[test]
fn tables_of_others() {
    let check = |owner: &str, sql: &str, expected: &[&str]| {
        let text = format!("store::statements! {{ ONE = \"{sql}\"; }}");
        expect(&tables::check(&tree(&[(&format!("crates/{owner}/src/store.rs"), &text)])), expected);
    };
    check("issue", "SELECT id FROM issue_offer JOIN issue_code ON 1 = 1", &[]);
    check("issue", "SELECT id FROM identity_person", &["`identity_person` is not a table of `issue`"]);
    check("issue", "INSERT INTO issue_offer (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = $1", &[]);
    check("issue", "UPDATE identity_person SET name = $1", &["identity_person"]);
    check("issue", "WITH newest AS (SELECT id FROM issue_offer) SELECT id FROM newest", &[]);
    check("issue", "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", &[]);
    check("store", "SELECT id FROM jobs", &[]);
    let test = "#[cfg(test)]\nmod tests { store::statements! { ONE = \"SELECT id FROM identity_person\"; } }";
    expect(&tables::check(&tree(&[("crates/issue/src/store.rs", test)])), &[]);
}

#[test]
fn lists_that_the_check_sees() {
    let check =
        |files: &[(&str, &str)], expected: &[&str]| expect(&registered::check(&tree(files)), expected);
    let statements = "store::statements! { ONE = \"SELECT 1\"; }";
    let feature = ("crates/issue/src/offer/store.rs", statements);
    let own = ("crates/issue/src/lib.rs", "pub const STATEMENTS: &[&[&Sql]] = &[offer::store::STATEMENTS];");
    let seen = ("crates/server/src/serve.rs", "const ALL: &[&[&[&Sql]]] = &[issue::STATEMENTS];");
    check(&[feature, own, seen], &[]);
    check(&[feature, ("crates/issue/src/lib.rs", "pub use offer::store::{STATEMENTS};"), seen], &[]);
    check(&[feature, own], &["does not name `issue::STATEMENTS`"]);
    check(&[feature, seen], &["offer/store.rs: its STATEMENTS are in no list"]);
    let second = ("crates/issue/src/status/store.rs", statements);
    check(&[feature, second, own, seen], &["status/store.rs: its STATEMENTS are in no list"]);
    let migrations =
        ("crates/issue/src/lib.rs", "pub const MIGRATIONS: &[Migration] = &[Migration { name: \"a\" }];");
    check(&[migrations, ("crates/server/src/serve.rs", "issue::MIGRATIONS")], &[]);
    check(&[migrations], &["does not name `issue::MIGRATIONS`"]);
}

#[test]
fn names_in_the_architecture() {
    let check = |text: &str, expected: &[&str]| {
        let files =
            [("crates/store/src/lib.rs", "pub struct Tx;\nmod jobs;\n"), ("docs/adr/001-store.md", "")];
        let tree = Tree { documents: vec![("ARCHITECTURE.md".to_owned(), text.to_owned())], ..tree(&files) };
        expect(&names::check(&tree), expected);
    };
    check("`crates/store` and `crates/store/src/lib.rs`, `docs/adr/*.md`, `crates/*`", &[]);
    check("`crates/stores`", &["ARCHITECTURE.md:1: `crates/stores`"]);
    check("\n`docs/adr/002-*.md`", &["ARCHITECTURE.md:2"]);
    check("`store::Tx`, `store::jobs`, `std::fs`, `x5c`, `store::Tx<'_>`", &[]);
    check("`store::T`", &["`store::T`"]);
    check("| `store` | the database |", &[]);
    check("| `log` | the log |", &["`log` is not a crate"]);
    check("```\n`store::Nothing`\n```\n`store::Tx`", &[]);
}

#[test]
fn licence_expressions() {
    let check = |expression: &str, expected: bool| {
        assert_eq!(licences::accepted(expression), expected, "{expression}");
    };
    check("MIT", true);
    check("MIT OR GPL-3.0-only", true);
    check("MIT/Apache-2.0", true);
    check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
    check("Apache-2.0 WITH LLVM-exception OR MIT", true);
    check("ISC AND (Apache-2.0 OR ISC) AND OpenSSL", true);
    check("GPL-3.0-only", false);
    check("MIT AND GPL-3.0-only", false);
    check("Apache-2.0 WITH Classpath-exception-2.0", false);
    check("(MIT", false);
    check("", false);
    let unlicensed = Package { licence: None, ..package("mystery", &[]) };
    let tree = Tree { packages: vec![package("known", &[]), unlicensed], ..Tree::default() };
    expect(&licences::check(&tree), &["mystery 1.0.0: names no licence"]);
}

#[test]
fn text_that_is_not_code() {
    let check = |text: &str, expected: &str| assert_eq!(code_only(text), expected);
    check("a // b", "a     ");
    check("a /* b /* c */ d */ e", "a                   e");
    check(r#""a\"b" c"#, r#""    " c"#);
    check(r##"r#"a"b"# c"##, r##"r#"   "# c"##);
    check("'a' 'b' &'c x", "' ' ' ' &'c x");
    check("'\\'' x", "'  ' x");
    check("ж // é", "ж      ");
    let text = "#[cfg(test)]\nmod tests;\nfn f() {}\n#[cfg(test)]\nfn g() { h() }\nfn i() {}";
    assert_eq!(product_code(text).split_whitespace().collect::<Vec<_>>().join(" "), "fn f() {} fn i() {}");
    assert_eq!(tests_in(&code_only(text)).1, ["tests"]);
}

#[test]
fn style_sheets_have_no_left_and_right() {
    let check = |css: &str, expected: &[&str]| {
        expect(&pages::check(&tree(&[("crates/web/src/style.css", css)])), expected);
    };
    check("a{margin-inline-start:1rem;inset-inline-end:0;text-align:end}", &[]);
    check("a{\nmargin-left:1rem}", &["style.css:2: `margin-left` is physical"]);
    check("a{color:red;padding-right:0;}", &["`padding-right` is physical"]);
    check("a{left:0}", &["`left` is physical"]);
    check("a{border-top-color:red}", &["`border-top-color` is physical"]);
    check("a{border-block-start-color:red}", &[]);
    check("a{text-align:left}", &["`text-align:left` is physical: say start or end"]);
    check("a{max-width:42rem}", &["`max-width` is physical"]);
    // A condition, a comment, a text and a selector are no declarations.
    check("@media (max-width:44rem){a{color:red}}/* left:0 */a:top{content:\"left:0\"}", &[]);
}

#[test]
fn templates_have_no_words_styles_or_scripts() {
    let check = |html: &str, expected: &[&str]| {
        expect(&pages::check(&tree(&[("crates/forum/templates/call.html", html)])), expected);
    };
    check("<p class=\"quiet\">{{ t.call_title() }} – 1 / a &nbsp;</p>{# a note #}<!-- and one -->", &[]);
    check("{% if x %}\n<p>Hello {{ name }}</p>{% endif %}", &["call.html:2: `Hello` is in one language"]);
    check("<pre>sahihi log proof</pre> <code dir=\"ltr\">a_key</code> JSON <bdi lang=\"zh\">示例</bdi>", &[]);
    check("<p>你好</p>", &["`你好` is in one language"]);
    check("<p style=\"left:0\">", &["`style=`: a style belongs"]);
    check("<script src=\"x\"></script>", &["`<script`: pages work without script"]);
    let elsewhere = [("crates/forum/src/page.html", "<p>Hello</p>")];
    expect(&pages::check(&tree(&elsewhere)), &[]);
}
