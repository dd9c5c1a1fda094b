//! What lies where in an export, and the list of all of it.
//!
//! ```text
//! README.txt                              what this is and how it is checked, in six languages
//! SHA256SUMS                              every other file with its digest, as `sha256sum -c` reads it
//! export.json                             of which call it is, and which acts were logged on it before it was published
//! call.json  circular.json  forms/1.json  as everybody could read them when the call was published
//! anchors.pem                             the authorities that the secretariat trusted then
//! submissions.json  counts.json           every submission with its state, and how many became what
//! submissions/sub_…/submission.json       the canonical bytes, as they were signed
//! submissions/sub_…/evidence.json         what proves the signature, where there is one
//! submissions/sub_…/received.proof        that its receipt is in the log
//! submissions/sub_…/decided.proof         of one that is not published: the act by which it is not
//! files/9f86d0…                           what was attached, by digest
//! log/key  log/checkpoint                 who keeps the log, and the state of it that the proofs are about
//! log/publication.proof                   the publication: its record has the digest of each file above the counts
//! log/17-call_extended.proof              the other acts on the circular and the call itself, by their place in the log
//! ```

use std::{collections::BTreeMap, fmt::Write as _};

/// `type` in export.json: names the version of this layout.
pub const TYPE: &str = "urn:sahihi:call-export:1";
/// What the export is of.
pub const EXPORT: &str = "export.json";
/// In plain words.
pub const README: &str = "README.txt";
/// The list of files.
pub const SUMS: &str = "SHA256SUMS";
/// The call.
pub const CALL: &str = "call.json";
/// The letter that opened it.
pub const CIRCULAR: &str = "circular.json";
/// How many submissions became what.
pub const COUNTS: &str = "counts.json";
/// Every submission with its state.
pub const SUBMISSIONS: &str = "submissions.json";
/// The proof of the publication.
pub const PUBLICATION: &str = "log/publication.proof";
/// The log's verifier key.
pub const LOG_KEY: &str = "log/key";
/// The log's state.
pub const CHECKPOINT: &str = "log/checkpoint";
/// The trust anchors.
pub const ANCHORS: &str = "anchors.pem";

/// Of a submission: the canonical bytes.
pub const SUBMISSION: &str = "submission.json";
/// Of a signed one: what proves the signature.
pub const EVIDENCE: &str = "evidence.json";
/// The proof that its receipt is in the log.
pub const RECEIVED: &str = "received.proof";
/// Of one that is not published: the proof of the act by which it is not.
pub const DECIDED: &str = "decided.proof";

/// The longest path that an export has.
const PATH_BYTES_MAX: usize = 100;
/// How many files an export has at most.
const FILES_MAX: usize = 2_000_000;

/// The path of a form's version.
pub fn form(version: i64) -> String {
    format!("forms/{version}.json")
}

/// The path of the proof of an act on the call itself, by its leaf's place in the log and its kind.
pub fn act(index: u64, kind: &str) -> String {
    format!("log/{index}-{}.proof", kind.trim_start_matches("forum_"))
}

/// The path of one of a submission's files.
pub fn of_submission(id: &str, file: &str) -> String {
    format!("submissions/{id}/{file}")
}

/// The path of an attachment.
pub fn attachment(digest: &str) -> String {
    format!("files/{digest}")
}

/// Whether a path can be in an export: lower-case parts that stay below the directory, whatever system it is on.
pub fn is_path(path: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    path.len() <= PATH_BYTES_MAX && path.split('/').all(part)
}

/// Every file with its SHA-256: what `SHA256SUMS` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums(pub BTreeMap<String, [u8; 32]>);

/// The text is not such a list as an export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a list of files with their digests")]
pub struct NotSums;

impl Sums {
    /// The text: a line a file, `{hex}  {path}`, by path.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.len().saturating_mul(120));
        for (path, digest) in &self.0 {
            let _ = writeln!(text, "{}  {path}", hex(digest));
        }
        text
    }

    /// Reads exactly what [`Self::to_text`] writes.
    ///
    /// # Errors
    /// Whatever is written otherwise: another order, capitals, a path that an export cannot have.
    pub fn parse(text: &str) -> Result<Self, NotSums> {
        let mut sums = BTreeMap::new();
        let mut before: Option<&str> = None;
        for line in text.strip_suffix('\n').ok_or(NotSums)?.split('\n') {
            let (digest, path) = line.split_once("  ").ok_or(NotSums)?;
            if !is_path(path) || before.is_some_and(|before| before >= path) || sums.len() >= FILES_MAX {
                return Err(NotSums);
            }
            sums.insert(path.to_owned(), from_hex(digest).ok_or(NotSums)?);
            before = Some(path);
        }
        Ok(Self(sums))
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// A SHA-256 in lower-case hexadecimal.
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let mut digest = [0; 32];
    let pairs = text.as_bytes().chunks(2);
    if text.len() != 64 {
        return None;
    }
    for (to, pair) in digest.iter_mut().zip(pairs) {
        let &[high, low] = pair else { return None };
        *to = digit(high)? << 4 | digit(low)?;
    }
    Some(digest)
}
