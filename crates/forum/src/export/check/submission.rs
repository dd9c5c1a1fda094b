//! One submission of an export.

use base::Instant;
use formats::{
    evidence::{self, Evidence, Trust, Verdict},
    vp::TransactionData,
};
use serde_json::Value;

use super::{Came, Fault, Files, Listed, Opened, attached, canonical, fault};
use crate::{
    export::{
        SUBMITTED,
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
    /// The version of the form that it answers.
    pub(super) form: Option<i64>,
    /// Which leaf of the log its receipt is.
    pub(super) leaf: Option<u64>,
    /// What is wrong.
    pub(super) faults: Vec<Fault>,
}

impl Opened {
    /// Checks one submission: that it is what was received and, where it is signed, what was signed. The digests of what
    /// is attached to it come with it.
    pub(super) fn submission(&self, files: &dyn Files, listed: &Listed) -> Checked {
        let mut checked =
            Checked { came: Came::Closed, attached: Vec::new(), form: None, leaf: None, faults: Vec::new() };
        let path = |file: &str| layout::of_submission(&listed.id, file);
        let text = files.read(&path(layout::SUBMISSION));
        let said = text.as_ref().and_then(|text| canonical(text));
        if let Some(said) = &said {
            checked.form = said.get("form_version").and_then(Value::as_i64);
            checked.attached = attached(said);
        }
        let receipt = path(layout::RECEIVED);
        let proven = files.read(&receipt).map(|bytes| self.proof(&bytes));
        let proven = match proven {
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
        let Some(digest) = listed.digest else {
            checked.leaf = Some(proven.index);
            // Nothing of it is published, so nothing of it may lie here.
            let more = [layout::SUBMISSION, layout::EVIDENCE].map(path);
            let more = more.iter().filter(|file| self.sums.0.contains_key(*file));
            checked.faults.extend(more.map(|file| fault("submission_closed", file)));
            checked.faults.extend(self.decision(files, listed));
            return checked;
        };
        let Some(record) = proven.record() else {
            checked.faults.push(fault("record_missing", &receipt));
            return checked;
        };
        let word = |name: &str| record.get(name).and_then(Value::as_str);
        let ours = word("act") == Some(SUBMITTED)
            && word("forum") == Some(&self.forum)
            && word("submission") == Some(&listed.id)
            && word("call") == Some(&self.call);
        if !ours {
            checked.faults.push(fault("proof_of_another", &receipt));
            return checked;
        }
        checked.leaf = Some(proven.index);
        if word("digest") != Some(&hex(&digest)) {
            checked.faults.push(fault("digest_other", &receipt));
        }
        let Some(text) = text else {
            checked.faults.push(fault("file_missing", &path(layout::SUBMISSION)));
            return checked;
        };
        if crypto::sha256(&text) != digest {
            checked.faults.push(fault("submission_changed", &path(layout::SUBMISSION)));
            return checked;
        }
        if said.as_ref().and_then(|said| said.get("call")).and_then(Value::as_str) != Some(&self.call) {
            checked.faults.push(fault("submission_of_another", &path(layout::SUBMISSION)));
        }
        // The log says how it came, so that a signature cannot be left out of what was signed.
        if word("standing") != listed.standing.as_deref() {
            checked.faults.push(fault("standing_other", &receipt));
        }
        checked.came = match listed.standing.as_deref() {
            Some("signed") => Came::Signed,
            Some("paper") => Came::Paper,
            _ => Came::Unsigned,
        };
        let evidence = path(layout::EVIDENCE);
        match (checked.came, files.read(&evidence)) {
            (Came::Signed, Some(bytes)) => {
                checked.faults.extend(self.signature(&bytes, &digest, listed.received_at, &evidence));
            }
            (Came::Signed, None) => checked.faults.push(fault("signature_missing", &evidence)),
            (_, Some(_)) => checked.faults.push(fault("signature_unexpected", &evidence)),
            (_, None) => {}
        }
        checked
    }

    /// The act by which a submission is not published: that of a refusal and so on, on this very submission. One that was
    /// replaced, or counted without being published, has none.
    fn decision(&self, files: &dyn Files, listed: &Listed) -> Option<Fault> {
        let act = match listed.state.as_str() {
            "inadmissible" => "forum_submission_refused",
            "withheld" => "forum_submission_withheld",
            "withdrawn" => "forum_submission_withdrawn",
            _ => return None,
        };
        let path = layout::of_submission(&listed.id, layout::DECIDED);
        let Some(bytes) = files.read(&path) else { return Some(fault("decision_missing", &path)) };
        match self.proof(&bytes).map(|proven| proven.record()) {
            Ok(Some(record)) => {
                let word = |name: &str| record.get(name).and_then(Value::as_str);
                let ours = word("act") == Some(act) && word("submission") == Some(&listed.id);
                if !ours || word("forum") != Some(&self.forum) {
                    Some(fault("proof_of_another", &path))
                } else {
                    (word("reason") != listed.reason.as_deref()).then(|| fault("reason_other", &path))
                }
            }
            Ok(None) => Some(fault("record_missing", &path)),
            Err(code) => Some(fault(&code, &path)),
        }
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
