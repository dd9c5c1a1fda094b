//! docs/standards.md held to its word: every line of the standards has a row, and every test that a row
//! names ran and passed. So is docs/threat-model.md: every threat has a row, with tests or with why there are none.
//!
//! A row is `| ID | what | shown by |`. The last cell names tests in backticks
//! (`issue::tests::reused_nonce`, `judge::wallet_vs_issuer::reused_nonce`), or says `later:` with the part of
//! the system it comes with, or `not by software:` with what is offered instead; or several of these.

use std::collections::BTreeSet;

use crate::command::{Outcome, fail};

/// How many numbered lines each section has.
const NUMBERED: &[(&str, usize)] =
    &[("Issuer", 20), ("Verifier", 6), ("Wallet", 5), ("Transaction", 6), ("Bad input", 16)];

/// Subjects of the table of versions.
const SUBJECTS: &[&str] = &[
    "issuance",
    "presentation",
    "profile",
    "SD-JWT",
    "mdoc",
    "status",
    "OAuth",
    "JOSE, COSE",
    "trust",
    "payments from a wallet",
    "log",
    "consultation",
    "errors",
    "pages",
    "plain http",
];

/// GovStack's required lines, by the ids under which docs/standards.md lists them.
const GOVSTACK: &[&str] = &[
    "W-5.1.3a",
    "W-5.1.3b",
    "W-5.1.4",
    "W-5.2",
    "W-6.1.2",
    "W-6.2.2",
    "W-6.2.3",
    "W-6.2.4",
    "W-6.2.5",
    "W-6.2.6",
    "W-6.2.7",
    "W-6.5.1",
    "W-6.5.2",
    "W-6.5.3",
    "W-6.5.7",
    "W-6.5.8",
    "W-4.3",
    "W-4.6",
    "W-7",
    "I-5.1.1",
    "I-5.1.2",
    "I-5.1.3",
    "I-6.1.1-2",
    "I-6.1.3",
    "I-6.1.4",
    "I-6.1.5",
    "I-6.1.6",
    "I-6.2.1-3",
    "I-6.2.4",
    "I-6.2.5",
    "I-6.2.6-7",
    "I-6.2.8-9",
    "I-6.2.10-12",
    "I-6.2.13-14",
    "I-6.2.15",
    "I-6.3.1-4",
    "I-6.3.6-15",
    "I-6.4.1-3",
    "I-6.5.1-3",
    "I-6.5.4-5",
    "I-6.5.6",
    "I-6.5.7-8",
];

/// What begins the rows of docs/threat-model.md: who attacks, and a number. Each of them has to be there.
const ATTACKERS: &[&str] = &[
    "Thief",
    "Wallet",
    "Asker",
    "Issuer",
    "Stranger",
    "Operator",
    "Clerk",
    "Party",
    "Secretary",
    "Log",
    "Session",
    "Database",
    "Backup",
    "Supply",
    "Denial",
    "Export",
    "Mail",
    "Linking",
];

/// A row of the tables.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: String,
    shown_by: String,
}

impl Row {
    /// The tests that it names.
    fn tests(&self) -> impl Iterator<Item = &str> {
        self.shown_by.split('`').skip(1).step_by(2).filter(|name| name.contains("::"))
    }
}

fn rows(text: &str) -> Vec<Row> {
    let row = |line: &str| {
        let cells: Vec<&str> =
            line.trim().strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
        let (id, shown_by) = (*cells.first()?, *cells.last()?);
        let heading = id == "id" || id.chars().all(|c| c == '-' || c == ':');
        (!heading).then(|| Row { id: id.to_owned(), shown_by: shown_by.to_owned() })
    };
    text.lines().filter_map(row).collect()
}

fn wanted() -> Vec<String> {
    let numbered = NUMBERED.iter().flat_map(|(name, count)| (1..=*count).map(move |n| format!("{name} {n}")));
    numbered.chain(SUBJECTS.iter().chain(GOVSTACK).map(|&id| id.to_owned())).collect()
}

/// What is wrong with the rows themselves.
pub(crate) fn check_rows(text: &str) -> Vec<String> {
    let rows = rows(text);
    let wanted = wanted();
    let mut wrong = Vec::new();
    for id in &wanted {
        match rows.iter().filter(|row| row.id == *id).count() {
            1 => {}
            0 => wrong.push(format!("`{id}` has no row")),
            _ => wrong.push(format!("`{id}` has more than one row")),
        }
    }
    for row in &rows {
        if !wanted.contains(&row.id) {
            wrong.push(format!("`{}` is not a line that we know", row.id));
        }
        let says = |word: &str| row.shown_by.contains(word);
        if row.tests().next().is_none() && !says("later:") && !says("not by software:") {
            wrong
                .push(format!("`{}` names no test, and does not say `later:` or `not by software:`", row.id));
        }
    }
    wrong
}

/// What is wrong with the rows of docs/threat-model.md: `| Thief 1 | what is tried | what stops it | shown by |`. The last
/// cell names tests, or says `not stopped:` or `not by software:` and why; or both.
pub(crate) fn check_threats(text: &str) -> Vec<String> {
    let rows = rows(text);
    let mut wrong = Vec::new();
    for attacker in ATTACKERS {
        let of_them: Vec<&Row> = rows
            .iter()
            .filter(|row| row.id.strip_prefix(attacker).is_some_and(|n| n.starts_with(' ')))
            .collect();
        if of_them.is_empty() {
            wrong.push(format!("`{attacker}` has no row"));
        }
        for (n, row) in (1..).zip(of_them) {
            if row.id != format!("{attacker} {n}") {
                wrong.push(format!("`{}` should be `{attacker} {n}`", row.id));
            }
        }
    }
    for row in &rows {
        if !row.id.split_once(' ').is_some_and(|(attacker, _)| ATTACKERS.contains(&attacker)) {
            wrong.push(format!("`{}` is nobody whom we know", row.id));
        }
        let says = |word: &str| row.shown_by.contains(word);
        if row.tests().next().is_none() && !says("not stopped:") && !says("not by software:") {
            let why = "names no test, and does not say `not stopped:` or `not by software:`";
            wrong.push(format!("`{}` {why}", row.id));
        }
    }
    wrong
}

/// Tests of our own crates that rows name, and that no source has.
pub(crate) fn check_known<'a>(
    text: &str,
    sources: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in rows(text) {
        for test in row.tests() {
            let Some((owner, path)) = test.split_once("::") else { continue };
            let name = path.rsplit("::").next().unwrap_or(path);
            let mut of_owner = sources.clone().filter(|(crate_name, _)| *crate_name == owner).peekable();
            // The judges and the demonstration are no crates.
            if of_owner.peek().is_some() && !of_owner.any(|(_, code)| code.contains(&format!("fn {name}("))) {
                wrong.push(format!("`{}` names `{test}`, which is nowhere", row.id));
            }
        }
    }
    wrong
}

/// Every test that the `document` names ran and passed.
pub(crate) fn check_ran(document: &str, text: &str, passed: &BTreeSet<String>) -> Outcome<String> {
    let rows = rows(text);
    let mut named = BTreeSet::new();
    let mut missing = Vec::new();
    for row in &rows {
        for test in row.tests() {
            named.insert(test.to_owned());
            if !passed.contains(test) {
                missing.push(format!("{document}: {} names `{test}`, which did not run and pass", row.id));
            }
        }
    }
    let shown = rows.iter().filter(|row| row.tests().next().is_some()).count();
    if missing.is_empty() {
        Ok(format!("{} named tests ran, {shown} of {} rows shown", named.len(), rows.len()))
    } else {
        fail(missing.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ATTACKERS, check_known, check_ran, check_rows, check_threats, wanted};

    fn complete() -> String {
        let row = |id| format!("| {id} | something | `issue::tests::one`, later: the rest |\n");
        format!(
            "| id | what | shown by |\n|---|---|---|\n{}",
            wanted().into_iter().map(row).collect::<String>()
        )
    }

    #[test]
    fn complete_table_passes() {
        assert_eq!(check_rows(&complete()), Vec::<String>::new());
    }

    #[test]
    fn gaps_are_found() {
        let check = |text: String, words: &str| {
            let wrong = check_rows(&text);
            assert!(wrong.iter().any(|line| line.contains(words)), "{words}: {wrong:?}");
        };
        check(complete().replacen("Issuer 7 ", "Issuer 8 ", 1), "`Issuer 7` has no row");
        check(complete().replacen("Issuer 7 ", "Issuer 8 ", 1), "`Issuer 8` has more than one row");
        check(complete() + "| Issuer 21 | more | later: never |\n", "not a line that we know");
        check(complete().replacen("`issue::tests::one`, later: the rest", "surely", 1), "names no test");
    }

    #[test]
    fn named_tests_must_have_passed() {
        let passed: BTreeSet<String> = ["issue::tests::one".to_owned()].into();
        assert!(check_ran("standards", &complete(), &passed).is_ok());
        assert!(check_ran("standards", &complete(), &BTreeSet::new()).is_err());
    }

    #[test]
    fn every_attacker_is_met_by_a_test_or_a_reason() {
        let row = |id: &&str| {
            format!("| {id} 1 | steals | a lock | `issue::tests::one`, not stopped: the rest |\n")
        };
        let complete: String = ATTACKERS.iter().map(row).collect();
        assert_eq!(check_threats(&complete), Vec::<String>::new());
        let check = |text: String, words: &str| {
            let wrong = check_threats(&text);
            assert!(wrong.iter().any(|line| line.contains(words)), "{words}: {wrong:?}");
        };
        check(complete.replacen("Clerk 1", "Baker 1", 1), "`Clerk` has no row");
        check(complete.replacen("Clerk 1", "Baker 1", 1), "`Baker 1` is nobody whom we know");
        check(complete.replacen("Clerk 1", "Clerk 2", 1), "`Clerk 2` should be `Clerk 1`");
        check(complete.replacen("`issue::tests::one`, not stopped: the rest", "a guard", 1), "names no test");
    }

    #[test]
    fn a_test_that_is_named_is_somewhere() {
        let row = "| Clerk 1 | steals | a lock | `issue::tests::one`, `judge::a::b`, `demo::c` |\n";
        let check = |code: &'static str| check_known(row, &[("issue", code)].into_iter()).len();
        assert_eq!((check("async fn one() {}"), check("async fn another_one_() {}")), (0, 1));
    }
}
