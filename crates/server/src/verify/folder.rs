//! `sahihi verify DIR`: a published call as a directory. What is checked, and why it proves what it does, is
//! `forum::export::check`; here files are read and what was found is told.

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use base::{Instant, limits::EXPORT_FILE_BYTES_MAX};
use formats::{
    evidence::{Part, Verdict},
    x509::TrustAnchors,
};
use forum::export::{
    check::{self, Came, Fault, Files, Given, Report},
    layout::{COUNTS, LOG_KEY, SUBMISSIONS, SUMS, is_path},
};
use log::VerifierKey;

use super::{Told, Unreadable, unreadable};

/// What it is.
pub(super) const KIND: &str = "call_export";
/// Nobody said whose key the log's is.
pub(super) const KEY_MISSING: &str = "key_missing";
/// How many faults are told one by one.
const TOLD_MAX: usize = 50;

/// The files below a directory.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        // A link leads to what is no part of it.
        if !is_path(path) || !fs::symlink_metadata(self.0.join(path)).ok()?.is_file() {
            return None;
        }
        let file = fs::File::open(self.0.join(path)).ok()?;
        let most = u64::try_from(EXPORT_FILE_BYTES_MAX).ok()?;
        let mut bytes = Vec::new();
        file.take(most.saturating_add(1)).read_to_end(&mut bytes).ok()?;
        (bytes.len() <= EXPORT_FILE_BYTES_MAX).then_some(bytes)
    }
}

/// Every file below `folder`, by its path from there. What is neither file nor directory (a link to somewhere else) is named
/// too, and cannot be read.
fn paths(folder: &Path) -> std::io::Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    let mut todo = vec![(folder.to_owned(), String::new())];
    while let Some((place, prefix)) = todo.pop() {
        for entry in fs::read_dir(&place)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            if entry.file_type()?.is_dir() {
                todo.push((entry.path(), path));
            } else {
                all.insert(path);
            }
        }
    }
    all.remove(SUMS);
    Ok(all)
}

/// What is found out about the export in `folder`.
pub(super) fn report(
    folder: &Path,
    keys: &[VerifierKey],
    anchors: &TrustAnchors,
    now: Instant,
) -> Result<Told, Unreadable> {
    let present =
        paths(folder).map_err(|e| unreadable("file", format!("{} cannot be read: {e}", folder.display())))?;
    let files = Folder(folder.to_owned());
    let stated = files
        .read(LOG_KEY)
        .and_then(|bytes| VerifierKey::parse(str::from_utf8(&bytes).ok()?.trim_end()).ok());
    let key = keys.iter().find(|key| stated.as_ref() == Some(*key)).or_else(|| keys.first());
    let given = Given { key, anchors, now };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(match check::check(&files, &present, &given, threads) {
        Ok(report) => told(&report, anchors.is_empty(), now),
        Err(faults) => {
            let proves = "That this is an export of a call, with all that it needs to be checked.";
            let part = part("export", verdict(&faults.iter().collect::<Vec<_>>()), proves, "Anything else.");
            Told { kind: KIND, at: now, parts: vec![part], more: lines(&faults) }
        }
    })
}

fn part(name: &str, verdict: Verdict, proves: impl Into<String>, limits: &str) -> Part {
    Part { name: name.to_owned(), verdict, proves: proves.into(), does_not_prove: limits.to_owned() }
}

/// Wrong if anything is, by the first code.
fn verdict(faults: &[&Fault]) -> Verdict {
    let wrong = faults.iter().find(|fault| !fault.undetermined);
    match (wrong, faults.first()) {
        (Some(fault), _) => Verdict::Wrong(fault.code.clone()),
        (None, Some(fault)) => Verdict::Undetermined(fault.code.clone()),
        (None, None) => Verdict::Right,
    }
}

fn lines(faults: &[Fault]) -> Vec<String> {
    let mut lines: Vec<String> =
        faults.iter().take(TOLD_MAX).map(|fault| format!("{} – {}", fault.at, fault.code)).collect();
    if faults.len() > TOLD_MAX {
        lines.push(format!("and {} more", faults.len() - TOLD_MAX));
    }
    lines
}

fn told(report: &Report, own_anchors: bool, now: Instant) -> Told {
    let Report { opened, came, faults } = report;
    let of =
        |which: &dyn Fn(&Fault) -> bool| verdict(&faults.iter().filter(|f| which(f)).collect::<Vec<_>>());
    let is_file = |f: &Fault| f.code.starts_with("file_") || f.code.starts_with("attachment_");
    let is_list = |f: &Fault| f.at.starts_with("log") || [SUBMISSIONS, COUNTS].contains(&f.at.as_str());
    let is_evidence = |f: &Fault| f.at.ends_with("/evidence.json") && !is_file(f);
    let count = |kind: Came| came.get(&kind).copied().unwrap_or_default();
    let whose = if opened.key_given { "which was given" } else { "which the export itself names" };
    let trusted = if own_anchors { "that the export itself names" } else { "that were given" };
    let dated = opened.dated.map(|at| format!(", dated {at}")).unwrap_or_default();
    let counts: Vec<String> =
        opened.counts.iter().filter(|(_, n)| **n > 0).map(|(state, n)| format!("{n} {state}")).collect();
    let parts = vec![
        part(
            "files",
            of(&|f| is_file(f)),
            format!("All {} files are there and as listed, and no others.", opened.paths().count()),
            "Who wrote the list of files: it is not signed. What follows does not rest on it.",
        ),
        part(
            "log",
            if opened.key_given { Verdict::Right } else { Verdict::Undetermined(KEY_MISSING.to_owned()) },
            format!(
                "{} signed a state of its log with {} leaves{dated}, by the key {}, {whose}.",
                opened.checkpoint.origin, opened.checkpoint.size, opened.key
            ),
            if opened.key_given {
                "That everybody is shown the same log: follow it with `sahihi log audit`."
            } else {
                "Whose key that is, and with it anything of what follows: whoever makes such a directory may make a key for \
                 it. Compare it with what the forum shows at /log/key, or with what others have noted, and give it: --key."
            },
        ),
        part(
            "publication",
            of(&|f| is_list(f) && !is_file(f) && !is_evidence(f)),
            format!(
                "{} was published so, with these counts, and nothing was left out: {}.",
                opened.call,
                counts.join(", ")
            ),
            "That all who sent something got a receipt: whoever has one can look whether its leaf is here. What was done \
             with the call itself after its publication: that may have been left out.",
        ),
        part(
            "submissions",
            of(&|f| !is_file(f) && !is_list(f) && !is_evidence(f)),
            format!(
                "Each of the {} submissions was received when and as it stands here: {} signed, {} confirmed by mail, {} on \
                 paper, and {} of which no text is published.",
                opened.submissions.len(),
                count(Came::Signed),
                count(Came::Unsigned),
                count(Came::Paper),
                count(Came::Closed)
            ),
            "Who wrote what is not signed: the names in those are what somebody entered. That the clock of who received \
             them was right.",
        ),
        part(
            "signatures",
            of(&|f| is_evidence(f)),
            format!(
                "Whoever holds the key of the credential that was shown approved exactly the text of each of the {} \
                 signed submissions, and the issuers are vouched for by the authorities {trusted}.",
                count(Came::Signed)
            ),
            "Who held the wallet in their hand, that what an issuer states is true, and what the status of its \
             credentials is now.",
        ),
    ];
    Told { kind: KIND, at: now, parts, more: lines(faults) }
}
