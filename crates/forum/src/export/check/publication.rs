//! The acts on the call itself: its publication, whose record everything else is compared with, and the others.

use std::collections::BTreeMap;

use formats::json;
use serde_json::{Map, Value};

use super::{Fault, Files, Opened, fault, list};
use crate::export::{
    PUBLISHED,
    layout::{self, from_hex},
};

/// Whether that is where the proof of another act than the publication lies.
pub(super) fn is_act(path: &str) -> bool {
    let proof = path.strip_prefix("log/").and_then(|name| name.strip_suffix(".proof"));
    proof.is_some() && path != layout::PUBLICATION
}

impl Opened {
    /// The publication: its leaf is in the log, and the list of submissions is the one of then, but for what was decided
    /// since.
    pub(super) fn publication(&mut self, files: &dyn Files, list: &Value) {
        let path = layout::PUBLICATION;
        let record = match self.about_call(files.read(path).as_deref(), path) {
            Ok((record, _)) => record,
            Err(fault) => return self.faults.push(fault),
        };
        if record.get("act").and_then(Value::as_str) != Some(PUBLISHED) {
            return self.faults.push(fault("proof_of_another", path));
        }
        let digests = |files: &Map<String, Value>| {
            let one = |(path, digest): (&String, &Value)| Some((path.clone(), from_hex(digest.as_str()?)?));
            files.iter().map(one).collect::<Option<BTreeMap<_, _>>>()
        };
        let published = record.get("files").and_then(Value::as_object).and_then(digests);
        let counts = record.get("counts").and_then(list::counts);
        let (Some(published), Some(counts)) = (published, counts) else {
            return self.faults.push(fault("record_missing", path));
        };
        for path in published.keys().filter(|path| files.read(path).is_none()) {
            self.faults.push(fault("file_missing", path));
        }
        let digest = published.get(layout::SUBMISSIONS).copied();
        let is_it = |list: &Value| Some(crypto::sha256(&json::canonical(list))) == digest;
        self.published = published;
        let then = if is_it(list) { list.clone() } else { self.list_then(files, list) };
        if !is_it(&then) {
            self.faults.push(fault("list_other", layout::SUBMISSIONS));
        }
        if counts != list::count(then.as_array().into_iter().flatten().map(list::state)) {
            self.faults.push(fault("count_wrong", path));
        }
    }

    fn list_then(&self, files: &dyn Files, list: &Value) -> Value {
        let lines = list.as_array().into_iter().flatten().zip(&self.submissions);
        lines.map(|(line, one)| self.line_then(files, line, one).unwrap_or_else(|| line.clone())).collect()
    }

    /// What another act on the call itself commits to, if that is where one lies.
    pub(super) fn act(&self, path: &str, bytes: &[u8]) -> Option<Result<[u8; 32], Fault>> {
        is_act(path).then(|| {
            let (record, proven) = self.about_call(Some(bytes), path)?;
            let act = record.get("act").and_then(Value::as_str).unwrap_or_default();
            // One place for each.
            let is_here = layout::act(proven.index, act) == path;
            if is_here { Ok(proven.commitment) } else { Err(fault("proof_of_another", path)) }
        })
    }

    /// The record of an act on this call, or on its circular.
    fn about_call(
        &self,
        bytes: Option<&[u8]>,
        path: &str,
    ) -> Result<(Map<String, Value>, super::Proven), Fault> {
        let proven = self.proof(bytes.ok_or_else(|| fault("file_missing", path))?);
        let proven = proven.map_err(|code| fault(&code, path))?;
        let record = proven.record().ok_or_else(|| fault("record_missing", path))?;
        let word = |name: &str| record.get(name).and_then(Value::as_str);
        let ours = match (word("call"), word("circular")) {
            (Some(call), _) => self.call == format!("{}/calls/{call}", self.forum),
            (None, circular) => circular.is_some() && circular == self.circular.as_deref(),
        };
        if ours && word("forum") == Some(&self.forum) {
            Ok((record, proven))
        } else {
            Err(fault("proof_of_another", path))
        }
    }
}
