//! The list of submissions, and the counts.

use std::collections::{BTreeMap, BTreeSet};

use base::Instant;
use serde_json::Value;

use super::{Files, Opened, fault};
use crate::export::{
    COUNTED, RECEIVED,
    layout::{self, from_hex},
};

/// A submission as `submissions.json` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Its state's word.
    pub state: String,
    /// Why it is not published, where it is not; as everybody can read it.
    pub reason: Option<String>,
    /// The one that replaced it.
    pub superseded_by: Option<String>,
    /// When it was received.
    pub received_at: Instant,
    /// Whether that was in the grace after the deadline.
    pub in_grace: bool,
    /// The entry of the log by which it was received.
    pub commitment: [u8; 32],
    /// SHA-256 of its canonical text; only of what is published.
    pub digest: Option<[u8; 32]>,
    /// How it came; only of what is published.
    pub standing: Option<String>,
}

/// Reads the list of submissions: in the order of receipt, each once.
pub(super) fn read(list: &Value) -> Option<Vec<Listed>> {
    let mut all: Vec<Listed> = Vec::new();
    let mut ids = BTreeSet::new();
    for line in list.as_array()? {
        let next = one(line)?;
        let place = |one: &Listed| (one.received_at, one.id.clone());
        // Two instants would make two places of one submission.
        if all.last().is_some_and(|last| place(last) >= place(&next)) || !ids.insert(next.id.clone()) {
            return None;
        }
        all.push(next);
    }
    Some(all)
}

fn one(line: &Value) -> Option<Listed> {
    let word = |name: &str| Some(line.get(name)?.as_str()?.to_owned());
    // Also what is nothing is said.
    let or_null = |name: &str| match line.get(name)? {
        Value::Null => Some(None),
        value => Some(Some(value.as_str()?.to_owned())),
    };
    let digest = match or_null("digest")? {
        None => None,
        Some(digest) => Some(from_hex(&digest)?),
    };
    let one = Listed {
        id: word("id")?,
        state: word("state")?,
        reason: or_null("reason")?,
        superseded_by: or_null("superseded_by")?,
        received_at: Instant::parse_rfc3339(&word("received_at")?)?,
        in_grace: line.get("in_grace")?.as_bool()?,
        commitment: from_hex(&word("commitment")?)?,
        digest,
        standing: or_null("standing")?,
    };
    // What is published says what and how it came, and nothing else does.
    let shown = one.state == "published";
    (one.digest.is_some() == shown && one.standing.is_some() == shown).then_some(one)
}

/// Reads how many there are in each state.
pub(super) fn counts(value: &Value) -> Option<BTreeMap<String, i64>> {
    value.as_object()?.iter().map(|(name, n)| Some((name.clone(), n.as_i64()?))).collect()
}

/// How many of a list are in each state, and in all.
pub(super) fn count<'a>(states: impl Iterator<Item = &'a str>) -> BTreeMap<String, i64> {
    let names = COUNTED.into_iter().chain([RECEIVED]);
    let mut counts: BTreeMap<String, i64> = names.map(|name| (name.to_owned(), 0)).collect();
    for state in states {
        for name in [state, RECEIVED] {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    counts
}

/// The state that a line names.
pub(super) fn state(line: &Value) -> &str {
    line.get("state").and_then(Value::as_str).unwrap_or_default()
}

impl Opened {
    /// The counts are those of the list.
    pub(super) fn add_up(&mut self) {
        if self.counts != count(self.submissions.iter().map(|one| one.state.as_str())) {
            self.faults.push(fault("count_wrong", layout::COUNTS));
        }
    }

    /// A line of the list as it was when the call was published, if something was decided since.
    pub(super) fn line_then(&self, files: &dyn Files, line: &Value, one: &Listed) -> Option<Value> {
        let decided = files.read(&layout::of_submission(&one.id, layout::DECIDED))?;
        let record = self.proof(&decided).ok()?.record()?;
        let mut line = line.clone();
        let members = line.as_object_mut()?;
        for name in ["reason", "superseded_by"] {
            members.insert(name.to_owned(), Value::Null);
        }
        members.extend(record.get("published")?.as_object()?.clone());
        Some(line)
    }
}
