//! What anybody can find out from an export alone, without a network and without us.
//!
//! [`check`] does it all: [`open`] reads what everything else is measured by (the list of files, the log's key and
//! checkpoint, the publication and the list that it commits to); then each file and each submission is looked at, by
//! several threads. Nothing here does IO: whoever calls brings the files ([`Files`]).
//!
//! What is published is tied together so: the log's key signs the checkpoint; under it is the leaf of the publication,
//! whose record has the digest of each file about the call itself, and of the list of submissions. That list has each
//! submission with what became of it, the entry of the log by which it was received, and of what is published the digest;
//! the record of that entry repeats it with how and when it came and the digest of the evidence, whose signature approves
//! that text. What was refused or withheld after the publication was on the list as published, as the record of that
//! act says. So every byte is known, but for acts on the call after its publication, which may be left out.

mod list;
mod publication;
mod submission;

use std::collections::{BTreeMap, BTreeSet};

use base::{Instant, limits};
use formats::{json, x509::TrustAnchors};
use log::{Checkpoint, Extra, ProofFile, VerifierKey, merkle};
use serde_json::{Map, Value};

pub use self::list::Listed;
use super::layout::{self, Sums, from_hex};

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
    /// The digests of the files that the publication commits to, by path.
    published: BTreeMap<String, [u8; 32]>,
    /// What the leaves of the acts before the publication commit to.
    acts: Vec<[u8; 32]>,
    /// The symbol of the circular, if there is one.
    circular: Option<String>,
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
    commitment: [u8; 32],
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
    let acts = export.get("acts").and_then(Value::as_array).into_iter().flatten();
    let acts = acts.filter_map(|entry| from_hex(entry.as_str()?)).collect();

    let key_text = text(layout::LOG_KEY)?;
    let stated =
        VerifierKey::parse(key_text.trim_end()).map_err(|e| vec![fault(e.code(), layout::LOG_KEY)])?;
    let key = given.key.cloned().unwrap_or(stated);
    if key_text != format!("{key}\n") {
        faults.push(fault("log_key_other", layout::LOG_KEY));
    }
    let checkpoint_text = text(layout::CHECKPOINT)?;
    let (checkpoint, dated) =
        Checkpoint::open(&checkpoint_text, &key).map_err(|e| vec![fault(e.code(), layout::CHECKPOINT)])?;
    if dated.is_none() {
        faults.push(fault("checkpoint_undated", layout::CHECKPOINT));
    }

    let anchors = if given.anchors.is_empty() {
        // A forum that nobody can sign for has none.
        match text(layout::ANCHORS)?.as_str() {
            "" => TrustAnchors::default(),
            pem => TrustAnchors::from_pem(pem).map_err(|_| malformed(layout::ANCHORS))?,
        }
    } else {
        given.anchors.clone()
    };
    let list = object(layout::SUBMISSIONS)?;
    let submissions = list::read(&list).ok_or_else(|| malformed(layout::SUBMISSIONS))?;
    let counts = list::counts(&object(layout::COUNTS)?).ok_or_else(|| malformed(layout::COUNTS))?;
    let circular = files.read(layout::CIRCULAR).and_then(|bytes| canonical(&bytes));
    let circular = circular.and_then(|circular| Some(circular.get("symbol")?.as_str()?.to_owned()));
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
        published: BTreeMap::new(),
        acts,
        circular,
    };
    opened.publication(files, &list);
    opened.add_up();
    Ok(opened)
}

/// JSON in the one form that it can have.
fn canonical(bytes: &[u8]) -> Option<Value> {
    let value = json::parse_within(bytes, limits::EXPORT_FILE_BYTES_MAX).ok()?;
    (json::canonical(&value) == bytes).then_some(value)
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
                Ok(Proven { extra: file.extra, commitment, index: file.index })
            }
            _ => Err("proof_wrong".to_owned()),
        }
    }

    /// Whether a file is the one that the list of files names, and the one that was published.
    fn file(&self, path: &str, bytes: &[u8]) -> Vec<Fault> {
        let own = crypto::sha256(bytes);
        let named = path.strip_prefix("files/").map(from_hex);
        let listed = self.sums.0.get(path) == Some(&own) && named.is_none_or(|named| named == Some(own));
        // What became of submissions since is looked at apart.
        let published = self.published.get(path).filter(|_| path != layout::SUBMISSIONS);
        let mut faults = Vec::new();
        if !listed {
            faults.push(fault("file_changed", path));
        }
        if published.is_some_and(|published| *published != own) {
            faults.push(fault("file_other", path));
        }
        faults
    }

    /// The paths of all files that are listed.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.sums.0.keys().map(String::as_str)
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
    let own = |path: &&str| match files.read(path) {
        Some(bytes) => (opened.file(path, &bytes), opened.act(path, &bytes)),
        None => (vec![fault("file_missing", path)], None),
    };
    let mut proven = BTreeSet::new();
    for (found, act) in spread(&paths, threads, own) {
        faults.extend(found);
        match act {
            Some(Ok(commitment)) => drop(proven.insert(commitment)),
            Some(Err(fault)) => drop(faults.insert(fault)),
            None => {}
        }
    }
    faults
        .extend(opened.acts.iter().filter(|act| !proven.contains(*act)).map(|_| fault("act_missing", "log")));

    let checked = spread(&opened.submissions, threads, |one| opened.submission(files, one));
    let mut came = BTreeMap::new();
    let mut named = BTreeSet::new();
    let mut known: BTreeSet<String> = opened.published.keys().cloned().collect();
    known.extend(
        [layout::COUNTS, layout::LOG_KEY, layout::CHECKPOINT, layout::PUBLICATION].map(str::to_owned),
    );
    let mut leaves = BTreeSet::new();
    for (one, listed) in checked.into_iter().zip(&opened.submissions) {
        // One leaf is one submission: what is not published shows nothing else by which it could be told from another.
        if one.leaf.is_some_and(|leaf| !leaves.insert(leaf)) {
            faults.insert(fault("leaf_twice", &layout::of_submission(&listed.id, layout::RECEIVED)));
        }
        *came.entry(one.came).or_default() += 1;
        faults.extend(one.faults);
        named.extend(one.attached);
        known.extend(one.files);
    }
    for path in [layout::CALL, layout::CIRCULAR] {
        let document = files.read(path).and_then(|bytes| canonical(&bytes));
        named.extend(document.iter().flat_map(attached));
    }
    for digest in named {
        let path = layout::attachment(&digest);
        if !opened.sums.0.contains_key(&path) {
            faults.insert(fault("attachment_missing", &digest));
        }
        known.insert(path);
    }
    // Without a publication nothing is known.
    if !opened.published.is_empty() {
        let others = paths.iter().filter(|path| !known.contains(**path) && !publication::is_act(path));
        faults.extend(others.map(|path| fault("file_unexpected", path)));
    }
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
