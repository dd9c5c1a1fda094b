//! The reading of SQL text.

use proptest::prelude::*;

use super::*;

#[test]
fn what_the_engines_read_differently_is_refused() {
    let check = |text: &str, expected: bool| assert_eq!(is_portable(text, false), expected, "{text}");
    check("SELECT a, 'it''s ? [x] $1 é', \"b?\" FROM t WHERE a = $1 AND b = $12 -- why? é;\n", true);
    check("SELECT a - -1, b || 'x' -- at the end", true);
    for bad in [
        "SELECT ?",
        "SELECT :a",
        "SELECT a::TEXT",
        "SELECT @a",
        "SELECT [a]",
        "SELECT `a`",
        "SELECT a # b",
        "SELECT $0",
        "SELECT $a",
        "SELECT a$1",
        "SELECT $$a$$",
        "SELECT E'a'",
        "SELECT x'00'",
        "SELECT /* a */ 1",
        "SELECT 'a",
        "SELECT \"a",
        "SELECT 'a''",
        "SELECT 1; SELECT 2",
        "SELECT é",
        "SELECT a\\b",
        "SELECT $",
        "SELECT 'a\0'",
    ] {
        check(bad, false);
    }
    assert!(is_portable("CREATE TABLE t (a TEXT); -- x", true));
    assert!(!is_portable("INSERT INTO t VALUES ($1)", true));
}

#[test]
fn a_transaction_cannot_be_ended_by_a_statement() {
    for good in
        ["SELECT 1", "\n  INSERT INTO t", "UPDATE\nt", "DELETE FROM t", "WITH a AS (SELECT 1) SELECT 2"]
    {
        assert!(is_statement(good), "{good}");
    }
    for bad in
        ["COMMIT", "ROLLBACK", "BEGIN", "PRAGMA foreign_keys=OFF", "SELECTED", "DROP TABLE t", "", "SELECT"]
    {
        assert!(!is_statement(bad), "{bad}");
    }
}

#[test]
fn parameters_are_rewritten() {
    let check = |text: &str, expected: &str| assert_eq!(for_sqlite(text), expected);
    check("SELECT $2, $1, $10 WHERE a=$1", "SELECT ?2, ?1, ?10 WHERE a=?1");
    check("SELECT '$1', \"$1\" -- $1\n, $1", "SELECT '$1', \"$1\" -- $1\n, ?1");
    check("SELECT 'it''s $1' || $1", "SELECT 'it''s $1' || ?1");
    check("SELECT CAST($1 AS BYTEA), bytea_x", "SELECT CAST(?1 AS BLOB), bytea_x");
    check("SELECT a-$1 -- the end $2", "SELECT a-?1 -- the end $2");
}

#[test]
fn a_bare_like_is_seen() {
    for (text, bare) in
        [("a LIKE $1", true), ("a like $1 escape '!'", false), ("'LIKE'", false), ("likes", false)]
    {
        assert_eq!(has_bare_like(text), bare, "{text}");
    }
}

/// A piece of a statement, and what becomes of it.
fn piece() -> impl Strategy<Value = (String, String)> {
    let same = |s: String| (s.clone(), s);
    prop_oneof![
        (1_u16..200).prop_map(|n| (format!("${n}"), format!("?{n}"))),
        "'([a-z$0-9?;é\"-]|'')*'".prop_map(same),
        "\"([a-z$0-9?;é'-]|\"\")*\"".prop_map(same),
        "--[a-z$0-9?;é'\"-]*\n".prop_map(same),
        "[a-z_][a-z0-9_]{0,6}".prop_filter("a type", |w| w != "bytea").prop_map(same),
        "[(),=<>*+|.% \n]".prop_map(same),
    ]
}

proptest! {
    #[test]
    fn only_parameters_change(parts in prop::collection::vec(piece(), 0..30)) {
        let (mut text, mut expected) = (String::new(), String::new());
        for (from, to) in parts {
            // Apart from each other, so that no two make a third.
            text = text + " " + &from;
            expected = expected + " " + &to;
        }
        prop_assert!(is_portable(&text, false), "{}", text);
        prop_assert_eq!(for_sqlite(&text), expected);
    }

    #[test]
    fn pieces_are_the_whole_text(text in "\\PC{0,60}") {
        let whole: String = pieces(&text)
            .iter()
            .map(|p| match *p {
                Piece::Word(t) | Piece::Param(t) | Piece::Opaque(t) | Piece::Other(t) => t,
            })
            .collect();
        prop_assert_eq!(whole, text);
    }
}
