//! What the tests of this crate share: seeded cases, and mutations that keep a text's outer form.

use crypto::{Random, random_array};
use proptest::{
    prelude::ProptestConfig,
    test_runner::{RngAlgorithm, RngSeed},
};
use serde_json::{Value, json};

/// `cases` cases, the same at every run.
pub(crate) fn seeded(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(0x5a41_4849_4849),
        ..ProptestConfig::default()
    }
}

/// A number below `below`.
pub(crate) fn pick(random: &dyn Random, below: usize) -> usize {
    let number = u64::from_be_bytes(random_array::<8>(random));
    usize::try_from(number % u64::try_from(below.max(1)).unwrap_or(1)).unwrap_or(0)
}

/// Values that a careless reader trips over.
fn hostile(random: &dyn Random, near: &Value) -> Value {
    let all = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(0.5),
        json!(9_007_199_254_740_991_i64),
        json!(""),
        json!("none"),
        json!([]),
        json!({}),
        json!([near]),
        json!({ "_sd": near }),
        json!({ "...": near }),
        json!([{ "...": near }]),
        json!({ "_sd_alg": "sha-512" }),
        json!("\u{0}\u{202e}😀"),
    ];
    all.into_iter().nth(pick(random, 15)).unwrap_or_default()
}

/// Changes one place of `value`, however deep: replaces, removes, doubles or renames what is there.
pub(crate) fn mutate(value: &mut Value, random: &dyn Random) {
    let descend = pick(random, 4) != 0;
    match value {
        Value::Object(members) if descend && !members.is_empty() => {
            let name = members.keys().nth(pick(random, members.len())).cloned().unwrap_or_default();
            match pick(random, 6) {
                0 => {
                    members.remove(&name);
                }
                1 => {
                    let moved = members.remove(&name).unwrap_or_default();
                    let names = ["_sd", "...", "_sd_alg", "exp", "cnf", "", "vct"];
                    let to = names.into_iter().nth(pick(random, names.len())).unwrap_or_default();
                    members.insert(to.to_owned(), moved);
                }
                _ => members.get_mut(&name).into_iter().for_each(|inner| mutate(inner, random)),
            }
        }
        Value::Array(items) if descend && !items.is_empty() => {
            let at = pick(random, items.len());
            match pick(random, 6) {
                0 => {
                    items.remove(at);
                }
                1 => {
                    let again = items.get(at).cloned().unwrap_or_default();
                    items.push(again);
                }
                _ => items.get_mut(at).into_iter().for_each(|inner| mutate(inner, random)),
            }
        }
        other => *other = hostile(random, &other.clone()),
    }
}

/// The examples of a document, counted as they are checked.
#[derive(Debug)]
pub(crate) struct Examples {
    document: &'static str,
    sections: Vec<String>,
}

impl Examples {
    /// None yet, of `document`.
    pub(crate) fn new(document: &'static str) -> Self {
        Self { document, sections: Vec::new() }
    }

    /// One more, of `section`; to be said before it is checked, so that it is shown when the check fails.
    pub(crate) fn seen(&mut self, section: &str) {
        println!("{}, section {section}", self.document);
        self.sections.push(section.to_owned());
    }

    /// Fails unless there were `minimum`, so that none is lost unnoticed.
    pub(crate) fn at_least(&self, minimum: usize) {
        let count = self.sections.len();
        println!("{count} examples of {} (at least {minimum})", self.document);
        assert!(count >= minimum, "{count} of {minimum} examples of {}", self.document);
    }
}
