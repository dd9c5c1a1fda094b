//! What anybody can find out from an export alone, without a network and without us.
//!
//! [`check`] does it all: [`open`] reads what everything else is measured by (the list of files, the log's key and
//! checkpoint, the publication and the list that it commits to); then each file and each submission is looked at, by
//! several threads. Nothing here does IO: whoever calls brings the files ([`Files`]).
//!
//! What is published is tied together so: the log's key signs the checkpoint; under it is the leaf of the publication,
//! whose record holds the counts and a digest of the digests of all that was published; `submissions.json` lists every
//! submission with its state, and of what is published the digest; the leaf of its receipt repeats that, and the
//! signature in the evidence approves it. What was refused or withheld after the publication counts as published there,
//! by the leaf of that act, which names the digest and comes later in the log.

mod submission;

use std::collections::{BTreeMap, BTreeSet};

use base::{Instant, limits};
use formats::{json, x509::TrustAnchors};
use log::{Checkpoint, Extra, ProofFile, VerifierKey, merkle};
use serde_json::{Map, Value};

use super::layout::{self, Sums, from_hex, hex};
use crate::SubmissionId;

/// The files of an export.
pub trait Files: Sync {
    /// The bytes of the file with this path; `None` if there is none, or if it is longer than any of an export may be.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
}

/// Something that is wrong with an export, or that cannot be said of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// A stable code: `file_changed`.
    pub code: String,
    /// Which file or submission.
    pub at: String,
    /// Whether it is not wrong, but cannot be settled from what is here.
    pub undetermined: bool,
}

fn fault(code: &str, at: &str) -> Fault {
    Fault { code: code.to_owned(), at: at.to_owned(), undetermined: false }
}

/// How a submission came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Came {
    /// Signed with a wallet: who holds the key of a credential approved exactly these bytes.
    Signed,
    /// Confirmed by a link sent by mail.
    Unsigned,
    /// On paper.
    Paper,
    /// Its texts are not published: only that it came, and what became of it.
    Closed,
}

/// A submission as `submissions.json` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Its state's word.
    pub state: String,
    /// Why it is not published, where it is not; as everybody can read it.
    pub reason: Option<String>,
    /// When it was received.
    pub received_at: Instant,
    /// SHA-256 of its canonical text; only of what is published.
    pub digest: Option<[u8; 32]>,
    /// How it came; only of what is published.
    pub standing: Option<String>,
}

/// What a whole export is measured by.
#[derive(Debug)]
pub struct Opened {
    /// The address of the call, as submissions name it.
    pub call: String,
    /// Its forum, an origin.
    pub forum: String,
    /// The log and its tree.
    pub checkpoint: Checkpoint,
    /// When the log last dated that tree.
    pub dated: Option<Instant>,
    /// Who keeps the log.
    pub key: VerifierKey,
    /// Whether that key was given by who checks, not only by the export itself.
    pub key_given: bool,
    /// Whom signatures are judged by.
    pub anchors: TrustAnchors,
    /// Every submission.
    pub submissions: Vec<Listed>,
    /// The counts, by state.
    pub counts: BTreeMap<String, i64>,
    /// What was wrong so far.
    pub faults: Vec<Fault>,
    checkpoint_text: String,
    sums: Sums,
    now: Instant,
}

/// What whoever checks says.
#[derive(Debug)]
pub struct Given<'a> {
    /// The log's key, if it is known from elsewhere.
    pub key: Option<&'a VerifierKey>,
    /// Whom to trust; empty: whom the export names.
    pub anchors: &'a TrustAnchors,
    /// What time it is.
    pub now: Instant,
}

/// The record of a leaf, from a proof that holds under the export's checkpoint.
struct Proven {
    extra: Extra,
    index: u64,
}

impl Proven {
    fn record(&self) -> Option<Map<String, Value>> {
        match json::parse_within(self.extra.record()?, limits::LOG_RECORD_BYTES_MAX).ok()? {
            Value::Object(record) => Some(record),
            _ => None,
        }
    }
}

/// Reads what everything is measured by. `present` are the paths of all files that are there but the list itself.
///
/// # Errors
/// When nothing can be checked: without a list, a key, a checkpoint of it, or a list of submissions.
pub fn open(files: &dyn Files, present: &BTreeSet<String>, given: &Given<'_>) -> Result<Opened, Vec<Fault>> {
    let text = |path: &str| {
        let bytes = files.read(path).ok_or_else(|| vec![fault("file_missing", path)])?;
        String::from_utf8(bytes).map_err(|_| vec![fault("file_malformed", path)])
    };
    let sums = Sums::parse(&text(layout::SUMS)?).map_err(|_| vec![fault("list_malformed", layout::SUMS)])?;
    let mut faults = Vec::new();
    faults.extend(present.iter().filter(|p| !sums.0.contains_key(*p)).map(|p| fault("file_extra", p)));
    faults.extend(sums.0.keys().filter(|p| !present.contains(*p)).map(|p| fault("file_missing", p)));

    let malformed = |path: &str| vec![fault("file_malformed", path)];
    let object = |path: &str| {
        let bytes = files.read(path).ok_or_else(|| vec![fault("file_missing", path)])?;
        canonical(&bytes).ok_or_else(|| malformed(path))
    };
    let export = object(layout::EXPORT)?;
    let word = |name: &str| export.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(kind), Some(call), Some(forum)) = (word("type"), word("call"), word("forum")) else {
        return Err(malformed(layout::EXPORT));
    };
    if kind != layout::TYPE {
        return Err(vec![fault("export_type", layout::EXPORT)]);
    }

    let stated = VerifierKey::parse(text(layout::LOG_KEY)?.trim_end())
        .map_err(|e| vec![fault(e.code(), layout::LOG_KEY)])?;
    if given.key.is_some_and(|key| *key != stated) {
        faults.push(fault("log_key_other", layout::LOG_KEY));
    }
    let key = given.key.cloned().unwrap_or(stated);
    let checkpoint_text = text(layout::CHECKPOINT)?;
    let (checkpoint, dated) =
        Checkpoint::open(&checkpoint_text, &key).map_err(|e| vec![fault(e.code(), layout::CHECKPOINT)])?;

    let anchors = if given.anchors.is_empty() {
        // A forum that nobody can sign for has none.
        match text(layout::ANCHORS)?.as_str() {
            "" => TrustAnchors::default(),
            pem => TrustAnchors::from_pem(pem).map_err(|_| malformed(layout::ANCHORS))?,
        }
    } else {
        given.anchors.clone()
    };
    let list =
        files.read(layout::SUBMISSIONS).ok_or_else(|| vec![fault("file_missing", layout::SUBMISSIONS)])?;
    let submissions = listed(&list).ok_or_else(|| malformed(layout::SUBMISSIONS))?;
    let counts = counts(&object(layout::COUNTS)?).ok_or_else(|| malformed(layout::COUNTS))?;
    let mut opened = Opened {
        call,
        forum,
        checkpoint,
        dated,
        key,
        key_given: given.key.is_some(),
        anchors,
        submissions,
        counts,
        faults,
        checkpoint_text,
        sums,
        now: given.now,
    };
    opened.publication(files);
    opened.add_up();
    opened.submissions_there(present);
    Ok(opened)
}

/// JSON in the one form that it can have.
fn canonical(bytes: &[u8]) -> Option<Value> {
    let value = json::parse_within(bytes, limits::EXPORT_FILE_BYTES_MAX).ok()?;
    (json::canonical(&value) == bytes).then_some(value)
}

/// Reads the list of submissions: in the order of receipt, each once.
fn listed(bytes: &[u8]) -> Option<Vec<Listed>> {
    let mut all: Vec<Listed> = Vec::new();
    let mut ids = BTreeSet::new();
    for one in canonical(bytes)?.as_array()? {
        let word = |name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
        let digest = match one.get("digest")? {
            Value::Null => None,
            digest => Some(from_hex(digest.as_str()?)?),
        };
        let received_at = Instant::parse_rfc3339(&word("received_at")?)?;
        let next = Listed {
            id: word("id")?,
            state: word("state")?,
            reason: word("reason"),
            received_at,
            digest,
            standing: word("standing"),
        };
        let place = |one: &Listed| (one.received_at, one.id.clone());
        // Two instants would make two places of one submission.
        if all.last().is_some_and(|last| place(last) >= place(&next)) || !ids.insert(next.id.clone()) {
            return None;
        }
        all.push(next);
    }
    Some(all)
}

fn counts(value: &Value) -> Option<BTreeMap<String, i64>> {
    value.as_object()?.iter().map(|(name, n)| Some((name.clone(), n.as_i64()?))).collect()
}

impl Opened {
    /// A proof under the export's own checkpoint. Its signature was checked once, for all of them.
    fn proof(&self, bytes: &[u8]) -> Result<Proven, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "proof_malformed".to_owned())?;
        let file = ProofFile::parse(text).map_err(|e| e.code().to_owned())?;
        if file.checkpoint != self.checkpoint_text {
            return Err("checkpoint_other".to_owned());
        }
        let commitment = file.extra.commitment().ok_or("leaf_missing")?;
        let leaf = merkle::leaf_hash(&commitment);
        match merkle::root_of_inclusion(file.index, self.checkpoint.size, &leaf, &file.path) {
            // One way to write it: nothing was slipped in beside what is proven.
            Some(root) if root == self.checkpoint.root && file.to_file() == text => {
                Ok(Proven { extra: file.extra, index: file.index })
            }
            _ => Err("proof_wrong".to_owned()),
        }
    }

    /// The publication: its leaf is in the log, and its record has what was published then.
    fn publication(&mut self, files: &dyn Files) {
        let path = layout::PUBLICATION;
        let Some(bytes) = files.read(path) else { return self.faults.push(fault("file_missing", path)) };
        let proven = match self.proof(&bytes) {
            Ok(proven) => proven,
            Err(code) => return self.faults.push(fault(&code, path)),
        };
        let Some(record) = proven.record() else { return self.faults.push(fault("record_missing", path)) };
        let word = |name: &str| record.get(name).and_then(Value::as_str);
        let about = format!("{}/calls/{}", self.forum, word("call").unwrap_or_default());
        if word("act") != Some(super::PUBLISHED) || word("forum") != Some(&self.forum) || about != self.call {
            return self.faults.push(fault("proof_of_another", path));
        }
        let then = record.get("counts").and_then(counts).unwrap_or_default();
        let since = self.decided_since(files, &then);
        // As it was then: what was refused or withheld since was published.
        let mut counts = self.counts.clone();
        let mut digests = Vec::with_capacity(self.submissions.len() * 40);
        for one in &self.submissions {
            let Some(digest) = one.digest.or_else(|| since.get(one.id.as_str()).copied()) else { continue };
            if one.digest.is_none() {
                *counts.entry(one.state.clone()).or_default() -= 1;
                *counts.entry("published".to_owned()).or_default() += 1;
            }
            let id = one.id.parse().map(SubmissionId::as_i64).unwrap_or_default();
            digests.extend_from_slice(&id.to_be_bytes());
            digests.extend_from_slice(&digest);
        }
        // Where nothing is published by the call's policy, the record is about texts that nobody has.
        let closed = then.get("counted").copied().unwrap_or_default() > 0 && digests.is_empty();
        if !closed && word("submissions") != Some(&hex(&crypto::sha256(&digests))) {
            self.faults.push(fault("list_other", layout::SUBMISSIONS));
        }
        if counts != then {
            self.faults.push(fault("count_wrong", layout::COUNTS));
        }
        let form = |path: &&str| {
            path.starts_with("forms/")
                && files.read(path).is_some_and(|form| word("form") == Some(&hex(&crypto::sha256(&form))))
        };
        if self.paths().filter(form).count() == 0 {
            self.faults.push(fault("form_other", path));
        }
    }

    /// What was published and is not any more: of each state as many as it has more than the publication counted, the last
    /// in the log, with the digests that those acts name. (The log's order alone does not tell: acts of one instant have
    /// none.)
    fn decided_since(&self, files: &dyn Files, then: &BTreeMap<String, i64>) -> BTreeMap<String, [u8; 32]> {
        let mut since = BTreeMap::new();
        for state in super::DECIDED_STATES {
            let count = |counts: &BTreeMap<String, i64>| counts.get(state).copied().unwrap_or_default();
            let more = usize::try_from(count(&self.counts).saturating_sub(count(then))).unwrap_or_default();
            if more == 0 {
                continue;
            }
            let mut decided: Vec<(u64, &str, [u8; 32])> = self
                .submissions
                .iter()
                .filter(|one| one.state == state)
                .filter_map(|one| {
                    let proven =
                        self.proof(&files.read(&layout::of_submission(&one.id, layout::DECIDED))?).ok()?;
                    let digest = from_hex(proven.record()?.get("digest")?.as_str()?)?;
                    Some((proven.index, one.id.as_str(), digest))
                })
                .collect();
            decided.sort_unstable_by(|a, b| b.cmp(a));
            since.extend(decided.into_iter().take(more).map(|(_, id, digest)| (id.to_owned(), digest)));
        }
        since
    }

    /// The counts are those of the list, and nothing was dropped.
    fn add_up(&mut self) {
        let mut own: BTreeMap<&str, i64> = BTreeMap::new();
        for one in &self.submissions {
            *own.entry(one.state.as_str()).or_default() += 1;
        }
        let total = i64::try_from(self.submissions.len()).unwrap_or(i64::MAX);
        let said = |name: &str| self.counts.get(name).copied().unwrap_or_default();
        let states = self.counts.keys().map(String::as_str).filter(|name| *name != super::RECEIVED);
        let right = said(super::RECEIVED) == total
            && states.clone().all(|state| own.get(state).copied().unwrap_or_default() == said(state))
            && own.keys().all(|state| states.clone().any(|known| known == *state));
        if !right {
            self.faults.push(fault("count_wrong", layout::SUBMISSIONS));
        }
    }

    /// Each submission of the list has its folder, and each folder is in the list.
    fn submissions_there(&mut self, present: &BTreeSet<String>) {
        let folder = |path: &str| {
            let rest = path.strip_prefix("submissions/")?;
            rest.split_once('/').map(|(id, _)| id.to_owned())
        };
        let there: BTreeSet<String> = present.iter().filter_map(|path| folder(path)).collect();
        let known: BTreeSet<&str> = self.submissions.iter().map(|one| one.id.as_str()).collect();
        let extra: Vec<Fault> = there
            .iter()
            .filter(|id| !known.contains(id.as_str()))
            .map(|id| fault("submission_extra", id))
            .collect();
        let missing: Vec<Fault> = known
            .iter()
            .filter(|id| !there.contains(**id))
            .map(|id| fault("submission_missing", id))
            .collect();
        self.faults.extend(extra);
        self.faults.extend(missing);
    }

    /// Whether a file is the one that the list of files names; files that are missing were told of before.
    pub fn file(&self, path: &str, bytes: &[u8]) -> Option<Fault> {
        let digest = self.sums.0.get(path)?;
        let named = path.strip_prefix("files/").map(from_hex);
        let own = crypto::sha256(bytes);
        let right = own == *digest && named.is_none_or(|named| named == Some(own));
        (!right).then(|| fault("file_changed", path))
    }

    /// The paths of all files that are listed.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.sums.0.keys().map(String::as_str)
    }

    /// Whether a proof of an act on the call itself holds.
    pub fn act(&self, path: &str, bytes: &[u8]) -> Option<Fault> {
        match self.proof(bytes) {
            Ok(proven) => match proven.record() {
                Some(record) if record.get("forum").and_then(Value::as_str) == Some(&self.forum) => None,
                Some(_) => Some(fault("proof_of_another", path)),
                None => Some(fault("record_missing", path)),
            },
            Err(code) => Some(fault(&code, path)),
        }
    }

    /// The attachments: each that somebody names is there, and no other.
    pub fn attachments(&self, named: &BTreeSet<String>) -> Vec<Fault> {
        let there: BTreeSet<&str> = self.paths().filter_map(|path| path.strip_prefix("files/")).collect();
        let missing =
            named.iter().filter(|d| !there.contains(d.as_str())).map(|d| fault("attachment_missing", d));
        let extra = there.iter().filter(|d| !named.contains(**d)).map(|d| fault("attachment_extra", d));
        missing.chain(extra).collect()
    }
}

/// All that was found out.
#[derive(Debug)]
pub struct Report {
    /// What it was measured by.
    pub opened: Opened,
    /// How many submissions came in which way.
    pub came: BTreeMap<Came, usize>,
    /// Everything that is wrong or cannot be settled, in order, each once.
    pub faults: Vec<Fault>,
}

/// Checks an export, with as many threads as are said.
///
/// # Errors
/// As [`open`].
pub fn check(
    files: &dyn Files,
    present: &BTreeSet<String>,
    given: &Given<'_>,
    threads: usize,
) -> Result<Report, Vec<Fault>> {
    let mut opened = open(files, present, given)?;
    let mut faults: BTreeSet<Fault> = std::mem::take(&mut opened.faults).into_iter().collect();
    let paths: Vec<&str> = opened.paths().filter(|path| present.contains(*path)).collect();
    let own = |path: &&str| {
        let Some(bytes) = files.read(path) else { return vec![fault("file_missing", path)] };
        let named = path.strip_prefix("log/").and_then(|name| name.strip_suffix(".proof"));
        let is_act = named.is_some() && *path != layout::PUBLICATION;
        let act = if is_act { opened.act(path, &bytes) } else { None };
        opened.file(path, &bytes).into_iter().chain(act).collect()
    };
    faults.extend(spread(&paths, threads, own).into_iter().flatten());
    let checked = spread(&opened.submissions, threads, |one| opened.submission(files, one));
    let mut came = BTreeMap::new();
    let mut named = BTreeSet::new();
    let mut leaves = BTreeSet::new();
    for (one, listed) in checked.into_iter().zip(&opened.submissions) {
        // One leaf is one submission: what is not published shows nothing else by which it could be told from another.
        if one.leaf.is_some_and(|leaf| !leaves.insert(leaf)) {
            faults.insert(fault("leaf_twice", &layout::of_submission(&listed.id, layout::RECEIVED)));
        }
        *came.entry(one.came).or_default() += 1;
        faults.extend(one.faults);
        named.extend(one.attached);
        if let Some(form) = one.form.map(layout::form).filter(|path| !present.contains(path)) {
            faults.insert(fault("form_missing", &form));
        }
    }
    for path in [layout::CALL, layout::CIRCULAR] {
        let Some(bytes) = files.read(path) else { continue };
        match canonical(&bytes) {
            Some(document) => named.extend(attached(&document)),
            None => drop(faults.insert(fault("file_malformed", path))),
        }
    }
    faults.extend(opened.attachments(&named));
    Ok(Report { opened, came, faults: faults.into_iter().collect() })
}

/// Does the same with each, on several threads; the results in the order of what they are of.
fn spread<T: Sync, R: Send>(all: &[T], threads: usize, one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let part = all.len().div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let one = &one;
        let parts: Vec<_> = all
            .chunks(part)
            .map(|some| scope.spawn(move || some.iter().map(one).collect::<Vec<R>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
    })
}

/// The digests of the files that a document names, wherever they stand in it.
pub fn attached(document: &Value) -> Vec<String> {
    match document {
        Value::Object(members) => {
            let own = members.get("sha256").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(members.values().flat_map(attached)).collect()
        }
        Value::Array(items) => items.iter().flat_map(attached).collect(),
        _ => Vec::new(),
    }
}
