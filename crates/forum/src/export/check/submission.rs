//! One submission of an export.

use base::Instant;
use formats::{
    evidence::{self, Evidence, Trust, Verdict},
    vp::TransactionData,
};
use serde_json::{Map, Value};

use super::{Came, Fault, Files, Opened, attached, canonical, fault, list::Listed};
use crate::{
    export::{
        DECIDED_BY, SUBMITTED,
        layout::{self, hex},
    },
    sign::types::SUBMISSION,
};

/// How far the asker's time in evidence may be from the receipt's, milliseconds.
const EVIDENCE_TIME_MS: u64 = 10 * 60 * 1_000;

/// What came out of one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checked {
    /// How it came.
    pub(super) came: Came,
    /// SHA-256 of each file that it names, in hexadecimal.
    pub(super) attached: Vec<String>,
    /// Where its files lie.
    pub(super) files: Vec<String>,
    /// Which leaf of the log its receipt is.
    pub(super) leaf: Option<u64>,
    /// What is wrong.
    pub(super) faults: Vec<Fault>,
}

/// The act by which a submission came to be what it is, if there is one.
fn decided_by(listed: &Listed) -> Option<&'static str> {
    DECIDED_BY.iter().find(|(state, _)| *state == listed.state).map(|(_, act)| *act)
}

/// The codes of what is not the same.
fn same<const N: usize>(path: &str, parts: [(&str, bool); N]) -> Vec<Fault> {
    parts.into_iter().filter(|(_, same)| !same).map(|(code, _)| fault(code, path)).collect()
}

impl Opened {
    /// Checks one submission: that it is what was received and, where it is signed, what was signed. The digests of what
    /// is attached to it come with it.
    pub(super) fn submission(&self, files: &dyn Files, listed: &Listed) -> Checked {
        let path = |file: &str| layout::of_submission(&listed.id, file);
        let came = match listed.standing.as_deref() {
            None => Came::Closed,
            Some("signed") => Came::Signed,
            Some("paper") => Came::Paper,
            Some(_) => Came::Unsigned,
        };
        let own: &[&str] = match came {
            Came::Closed if decided_by(listed).is_some() => &[layout::RECEIVED, layout::DECIDED],
            Came::Closed => &[layout::RECEIVED],
            Came::Signed => &[layout::RECEIVED, layout::SUBMISSION, layout::EVIDENCE],
            Came::Unsigned | Came::Paper => &[layout::RECEIVED, layout::SUBMISSION],
        };
        let own = own.iter().map(|file| path(file)).collect();
        let text = listed.digest.and_then(|_| files.read(&path(layout::SUBMISSION)));
        let said = text.as_ref().and_then(|text| canonical(text)).unwrap_or_default();
        let attached = attached(&said);
        let mut checked = Checked { came, attached, files: own, leaf: None, faults: Vec::new() };
        let receipt = path(layout::RECEIVED);
        let proven = match files.read(&receipt).map(|bytes| self.proof(&bytes)) {
            // Whoever took the file away may have taken it from the list of files, too.
            None => {
                checked.faults.push(fault("file_missing", &receipt));
                return checked;
            }
            Some(Err(code)) => {
                checked.faults.push(fault(&code, &receipt));
                return checked;
            }
            Some(Ok(proven)) => proven,
        };
        if proven.commitment != listed.commitment {
            checked.faults.push(fault("proof_of_another", &receipt));
            return checked;
        }
        checked.leaf = Some(proven.index);
        let Some(digest) = listed.digest else {
            if proven.extra.record().is_some() {
                checked.faults.push(fault("record_unexpected", &receipt));
            }
            checked.faults.extend(self.decision(files, listed));
            return checked;
        };
        let Some(record) = proven.record() else {
            checked.faults.push(fault("record_missing", &receipt));
            return checked;
        };
        let word = |name: &str| record.get(name).and_then(Value::as_str);
        if word("act") != Some(SUBMITTED) || !self.is_about(&record, listed) {
            checked.faults.push(fault("proof_of_another", &receipt));
            return checked;
        }
        checked.faults.extend(same(
            &receipt,
            [
                ("digest_other", word("digest") == Some(&hex(&digest))),
                ("received_at_other", word("at") == Some(&listed.received_at.rfc3339())),
                ("in_grace_other", record.get("in_grace") == Some(&listed.in_grace.into())),
                // So that a signature cannot be left out of what was signed.
                ("standing_other", word("standing") == listed.standing.as_deref()),
            ],
        ));
        let Some(text) = text else {
            checked.faults.push(fault("file_missing", &path(layout::SUBMISSION)));
            return checked;
        };
        if crypto::sha256(&text) != digest {
            checked.faults.push(fault("submission_changed", &path(layout::SUBMISSION)));
            return checked;
        }
        if said.get("call").and_then(Value::as_str) != Some(&self.call) {
            checked.faults.push(fault("submission_of_another", &path(layout::SUBMISSION)));
        }
        let form = said.get("form_version").and_then(Value::as_i64).map(layout::form);
        if !self.published.is_empty() && form.is_none_or(|form| !self.published.contains_key(&form)) {
            checked.faults.push(fault("form_missing", &path(layout::SUBMISSION)));
        }
        let evidence = path(layout::EVIDENCE);
        if came == Came::Signed {
            let Some(bytes) = files.read(&evidence) else {
                checked.faults.push(fault("signature_missing", &evidence));
                return checked;
            };
            let is_it = word("evidence") == Some(&hex(&crypto::sha256(&bytes)));
            checked.faults.extend(same(&evidence, [("evidence_other", is_it)]));
            checked.faults.extend(self.signature(&bytes, &digest, listed.received_at, &evidence));
        }
        checked
    }

    /// The act by which a submission is not published, on this very submission, and that it is said as it was decided.
    fn decision(&self, files: &dyn Files, listed: &Listed) -> Vec<Fault> {
        let Some(act) = decided_by(listed) else { return Vec::new() };
        let path = layout::of_submission(&listed.id, layout::DECIDED);
        let Some(bytes) = files.read(&path) else { return vec![fault("decision_missing", &path)] };
        let record = match self.proof(&bytes).map(|proven| proven.record()) {
            Ok(Some(record)) => record,
            Ok(None) => return vec![fault("record_missing", &path)],
            Err(code) => return vec![fault(&code, &path)],
        };
        let word = |name: &str| record.get(name).and_then(Value::as_str);
        if word("act") != Some(act) || !self.is_about(&record, listed) {
            return vec![fault("proof_of_another", &path)];
        }
        same(
            &path,
            [
                ("reason_other", word("reason") == listed.reason.as_deref()),
                ("received_at_other", word("received_at") == Some(&listed.received_at.rfc3339())),
                ("in_grace_other", record.get("in_grace") == Some(&listed.in_grace.into())),
                ("superseded_by_other", word("superseded_by") == listed.superseded_by.as_deref()),
            ],
        )
    }

    fn is_about(&self, record: &Map<String, Value>, listed: &Listed) -> bool {
        let word = |name: &str| record.get(name).and_then(Value::as_str);
        word("forum") == Some(&self.forum)
            && word("call") == Some(&self.call)
            && word("submission") == Some(&listed.id)
    }

    /// The signature: everything in the evidence again, and that what was approved is these very bytes.
    fn signature(&self, bytes: &[u8], digest: &[u8; 32], received_at: Instant, path: &str) -> Vec<Fault> {
        let trust = Trust { anchors: &self.anchors, now: self.now, chosen: false };
        let report = evidence::check_evidence(bytes, &trust);
        let mut faults: Vec<Fault> = report
            .parts
            .iter()
            .filter_map(|part| match &part.verdict {
                Verdict::Right => None,
                Verdict::Wrong(code) => Some(fault(code, path)),
                Verdict::Undetermined(code) => Some(Fault { undetermined: true, ..fault(code, path) }),
            })
            .collect();
        let Ok(evidence) = Evidence::parse(bytes) else { return faults };
        if evidence.asker != self.forum {
            faults.push(fault("signature_for_another", path));
        }
        if evidence.time.ms().abs_diff(received_at.ms()) > EVIDENCE_TIME_MS {
            faults.push(fault("signature_time", path));
        }
        let kind = format!("{}{SUBMISSION}", self.forum);
        let approves = evidence.result.approved.iter().any(|(sent, _)| {
            TransactionData::from_encoded(sent).is_ok_and(|data| {
                let word = |name: &str| data.payload().and_then(|p| p.get(name)).and_then(Value::as_str);
                data.kind() == kind
                    && word("call") == Some(&self.call)
                    && word("digest") == Some(&hex(digest))
            })
        });
        if !approves {
            faults.push(fault("signature_of_another", path));
        }
        faults
    }
}
