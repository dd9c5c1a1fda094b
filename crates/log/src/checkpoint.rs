//! Checkpoints (C2SP tlog-checkpoint): what the log signs of its tree.

use base::Instant;
use crypto::Signer;
use formats::b64;

use crate::{
    Fault,
    merkle::Hash,
    note::{self, Note, VerifierKey},
};

/// A tree, as a checkpoint names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many leaves there are.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text of a note.
    pub fn from_text(text: &str) -> Result<Self, Fault> {
        let wrong = || Fault::CheckpointMalformed;
        let mut lines = text.strip_suffix('\n').ok_or_else(wrong)?.split('\n');
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let origin = origin.filter(|o| !o.is_empty()).ok_or_else(wrong)?.to_owned();
        let size = decimal(size.ok_or_else(wrong)?).ok_or_else(wrong)?;
        let root = root.and_then(|r| b64::decode_std(r).ok()).and_then(|r| r.try_into().ok());
        // Lines of extensions may follow; none may be empty.
        if lines.any(str::is_empty) {
            return Err(wrong());
        }
        Ok(Self { origin, size, root: root.ok_or_else(wrong)? })
    }

    /// Reads a checkpoint that `key` signed for the log of its name; with it, when it was last dated.
    pub fn open(note: &str, key: &VerifierKey) -> Result<(Self, Option<Instant>), Fault> {
        let note = Note::parse(note)?;
        note.verify(key)?;
        let checkpoint = Self::from_text(note.text)?;
        if checkpoint.origin != key.name() {
            return Err(Fault::Origin);
        }
        Ok((checkpoint, note.cosigned_at(key)?))
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, b64::encode_std(&self.root))
    }

    /// Signs it, and says when (C2SP tlog-cosignature).
    pub(crate) fn sign(
        &self,
        key: &VerifierKey,
        signer: &dyn Signer,
        at: Instant,
    ) -> Result<String, crypto::Error> {
        note::sign(&self.text(), key, signer, Some(at))
    }
}

/// A number as tlog-checkpoint and tlog-proof write it.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
