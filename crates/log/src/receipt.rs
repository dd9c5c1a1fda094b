//! A receipt: the log's signed word that it has a leaf and will have it in its tree by an instant.
//!
//! ```text
//! sahihi-log-receipt@v1
//! extra BASE64            salt and record, for whom they concern; not signed, but committed to
//!
//! state.example/log       from here on a signed note, which can never be read as a checkpoint
//! receipt
//! commitment BASE64
//! received 2026-11-21T09:30:00.000Z
//! merge-by 2026-11-22T09:30:00.000Z
//! leaf lef_0123456789abcdef
//!
//! — state.example/log …
//! ```

use std::sync::Arc;

use base::Instant;
use crypto::Signer;
use formats::b64;

use crate::{
    Fault, LeafId,
    extra::Extra,
    note,
    note::{Note, VerifierKey},
};

/// The first line.
pub(crate) const FIRST: &str = "sahihi-log-receipt@v1";

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The log that promises.
    pub origin: String,
    /// SHA-256(salt ‖ record): the entry that will be in the log.
    pub commitment: [u8; 32],
    /// When it was appended.
    pub received_at: Instant,
    /// From when on its absence from the log is a broken promise.
    pub merge_by: Instant,
    /// Under which name the log knows it.
    pub leaf: LeafId,
}

impl Promise {
    fn text(&self) -> String {
        format!(
            "{}\nreceipt\ncommitment {}\nreceived {}\nmerge-by {}\nleaf {}\n",
            self.origin,
            b64::encode_std(&self.commitment),
            self.received_at.rfc3339(),
            self.merge_by.rfc3339(),
            self.leaf
        )
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next()?.to_owned();
        if lines.next()? != "receipt" {
            return None;
        }
        let commitment = b64::decode_std(lines.next()?.strip_prefix("commitment ")?).ok()?.try_into().ok()?;
        let received_at = Instant::parse_rfc3339(lines.next()?.strip_prefix("received ")?)?;
        let merge_by = Instant::parse_rfc3339(lines.next()?.strip_prefix("merge-by ")?)?;
        let leaf = lines.next()?.strip_prefix("leaf ")?.parse().ok()?;
        let promise = Self { origin, commitment, received_at, merge_by, leaf };
        // One way to write it.
        (promise.text() == text).then_some(promise)
    }
}

/// A receipt of our own log. It is signed when it is written out, not within the act's transaction.
#[derive(Clone)]
pub struct Receipt {
    /// Under which name the log knows the leaf.
    pub leaf: LeafId,
    /// SHA-256(salt ‖ record).
    pub commitment: [u8; 32],
    /// When it was appended.
    pub received_at: Instant,
    /// From when on its absence from the log is a broken promise.
    pub merge_by: Instant,
    /// Salt and record, until they are erased.
    pub(crate) extra: Extra,
    pub(crate) key: VerifierKey,
    pub(crate) signer: Arc<dyn Signer>,
}

impl std::fmt::Debug for Receipt {
    /// Shows nothing of the record.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Receipt({})", self.leaf)
    }
}

impl Receipt {
    /// The file for whom it concerns: with salt and record. Empty if the log's key cannot sign.
    pub fn to_file(&self) -> String {
        self.file(&self.extra)
    }

    /// The file for everybody: without salt and record.
    pub fn to_public_file(&self) -> String {
        self.file(&Extra::Nothing)
    }

    fn file(&self, extra: &Extra) -> String {
        let promise = Promise {
            origin: self.key.name().to_owned(),
            commitment: self.commitment,
            received_at: self.received_at,
            merge_by: self.merge_by,
            leaf: self.leaf,
        };
        let note = note::sign(&promise.text(), &self.key, &*self.signer, None);
        note.map_or_else(|_| String::new(), |note| format!("{FIRST}\n{}\n{note}", extra.line()))
    }
}

/// A receipt as somebody brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFile<'a> {
    /// What is promised.
    pub promise: Promise,
    /// Salt and record, if it carries them.
    pub extra: Extra,
    note: Note<'a>,
}

impl<'a> ReceiptFile<'a> {
    /// Reads a receipt. Verifies nothing yet.
    pub fn parse(text: &'a str) -> Result<Self, Fault> {
        let wrong = || Fault::ReceiptMalformed;
        let rest = text.strip_prefix(FIRST).and_then(|r| r.strip_prefix('\n')).ok_or_else(wrong)?;
        let (extra, rest) = Extra::take(rest).ok_or_else(wrong)?;
        let note = Note::parse(rest.strip_prefix('\n').ok_or_else(wrong)?)?;
        let promise = Promise::parse(note.text).ok_or_else(wrong)?;
        Ok(Self { promise, extra, note })
    }

    /// Whether `key` signed it, and whether it commits to the record that it carries.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), Fault> {
        self.note.verify(key)?;
        if self.promise.origin != key.name() {
            return Err(Fault::Origin);
        }
        self.extra.opens(&self.promise.commitment)
    }
}
