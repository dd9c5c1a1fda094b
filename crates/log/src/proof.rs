//! Proofs (C2SP tlog-proof v1): a file that shows, without a network, that a leaf is in the log.

use base::{Instant, limits::LOG_PROOF_HASHES_MAX};
use formats::b64;

use crate::{
    Extra, Fault,
    checkpoint::{Checkpoint, decimal},
    merkle::{Hash, leaf_hash, root_of_inclusion},
    note::VerifierKey,
};

/// The first line.
pub(crate) const FIRST: &str = "c2sp.org/tlog-proof@v1";

/// A proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofFile<'a> {
    /// The leaf's contents, as far as they go with it.
    pub extra: Extra,
    /// The place of the leaf, from 0.
    pub index: u64,
    /// From its sibling up to the root's child.
    pub path: Vec<Hash>,
    /// The checkpoint, as it was signed.
    pub checkpoint: &'a str,
}

/// What a proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The log and its tree.
    pub checkpoint: Checkpoint,
    /// When the log last dated this tree.
    pub dated: Option<Instant>,
    /// The leaf.
    pub commitment: [u8; 32],
}

impl<'a> ProofFile<'a> {
    /// Reads a proof. Verifies nothing yet.
    pub fn parse(text: &'a str) -> Result<Self, Fault> {
        Self::read(text).ok_or(Fault::ProofMalformed)
    }

    fn read(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix(FIRST)?.strip_prefix('\n')?;
        let (extra, rest) = Extra::take(rest)?;
        let (index, mut rest) = rest.strip_prefix("index ")?.split_once('\n')?;
        let index = decimal(index)?;
        let mut path = Vec::new();
        loop {
            let (line, after) = rest.split_once('\n')?;
            rest = after;
            if line.is_empty() {
                return Some(Self { extra, index, path, checkpoint: rest });
            }
            if path.len() == LOG_PROOF_HASHES_MAX {
                return None;
            }
            path.push(b64::decode_std(line).ok()?.try_into().ok()?);
        }
    }

    /// The file.
    pub fn to_file(&self) -> String {
        let path: String = self.path.iter().map(|hash| b64::encode_std(hash) + "\n").collect();
        format!("{FIRST}\n{}index {}\n{path}\n{}", self.extra.line(), self.index, self.checkpoint)
    }

    /// Whether the leaf is in the tree that `key` signed. With `leaf`, that must be the one that the file is about;
    /// without it the file must say.
    pub fn verify(&self, key: &VerifierKey, leaf: Option<&[u8; 32]>) -> Result<Proven, Fault> {
        let (checkpoint, dated) = Checkpoint::open(self.checkpoint, key)?;
        if let Some(leaf) = leaf {
            self.extra.opens(leaf)?;
        }
        let commitment = leaf.copied().or_else(|| self.extra.commitment()).ok_or(Fault::LeafMissing)?;
        let hash = leaf_hash(&commitment);
        match root_of_inclusion(self.index, checkpoint.size, &hash, &self.path) {
            Some(root) if root == checkpoint.root => Ok(Proven { checkpoint, dated, commitment }),
            _ => Err(Fault::ProofWrong),
        }
    }
}
