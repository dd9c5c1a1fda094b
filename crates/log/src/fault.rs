//! What can be wrong with a log, or with what is said to come from one.

use std::fmt;

/// A fault, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not a signed note (C2SP signed-note).
    NoteMalformed,
    /// Not a verifier key, or of a kind that we do not read.
    KeyMalformed,
    /// No signature of the key that was asked for.
    KeyUnknown,
    /// The key's signature does not verify.
    Signature,
    /// A note, but no checkpoint (C2SP tlog-checkpoint).
    CheckpointMalformed,
    /// Signed for another log.
    Origin,
    /// Not a proof (C2SP tlog-proof).
    ProofMalformed,
    /// The proof does not lead from the leaf to the checkpoint.
    ProofWrong,
    /// Not a receipt of ours.
    ReceiptMalformed,
    /// Salt and record are not what the leaf commits to.
    RecordWrong,
    /// It carries no leaf, so that nothing can be compared.
    LeafMissing,
    /// A tile or a bundle of entries is not there.
    Missing {
        /// Its path.
        path: String,
    },
    /// It has another length than a tree of this size wants.
    Length {
        /// Its path.
        path: String,
    },
    /// An entry does not hash to what the tree has there.
    Leaf {
        /// The bundle in which it is.
        path: String,
        /// Which leaf.
        index: u64,
    },
    /// A hash of a tile is not that of what is under it.
    Hash {
        /// The tile.
        path: String,
        /// Which of its hashes, from 0.
        at: u64,
    },
    /// The tree is not the one that the checkpoint signs.
    Root,
    /// The checkpoint is of a smaller tree than one that was seen before: the log was cut short.
    Shrunk {
        /// How large it was.
        seen: u64,
        /// How large it says it is.
        now: u64,
    },
    /// Two trees of the same size.
    Forked {
        /// Their size.
        size: u64,
    },
    /// A leaf that was seen before is another one now.
    Rewritten {
        /// Which leaf; the first one.
        index: u64,
    },
    /// The new tree does not begin with the one that was seen before, though every leaf still reads as it did.
    Inconsistent,
}

impl Fault {
    /// A stable name.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoteMalformed => "note_malformed",
            Self::KeyMalformed => "key_malformed",
            Self::KeyUnknown => "key_unknown",
            Self::Signature => "log_signature",
            Self::CheckpointMalformed => "checkpoint_malformed",
            Self::Origin => "log_origin",
            Self::ProofMalformed => "proof_malformed",
            Self::ProofWrong => "proof_wrong",
            Self::ReceiptMalformed => "receipt_malformed",
            Self::RecordWrong => "record_wrong",
            Self::LeafMissing => "leaf_missing",
            Self::Missing { .. } => "tile_missing",
            Self::Length { .. } => "tile_length",
            Self::Leaf { .. } => "leaf_hash",
            Self::Hash { .. } => "tile_hash",
            Self::Root => "log_root",
            Self::Shrunk { .. } => "log_shrunk",
            Self::Forked { .. } => "log_forked",
            Self::Rewritten { .. } => "log_rewritten",
            Self::Inconsistent => "log_inconsistent",
        }
    }

    /// Which leaf it is about, if it is about one.
    pub const fn leaf(&self) -> Option<u64> {
        match self {
            Self::Leaf { index, .. } | Self::Rewritten { index } => Some(*index),
            _ => None,
        }
    }

    /// Which file of the log it is about, if it is about one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Missing { path }
            | Self::Length { path }
            | Self::Leaf { path, .. }
            | Self::Hash { path, .. } => Some(path),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoteMalformed => f.write_str("not a signed note"),
            Self::KeyMalformed => f.write_str("not the verifier key of a log"),
            Self::KeyUnknown => f.write_str("not signed by this key"),
            Self::Signature => f.write_str("the signature of the log is wrong"),
            Self::CheckpointMalformed => f.write_str("not a checkpoint"),
            Self::Origin => f.write_str("signed for another log"),
            Self::ProofMalformed => f.write_str("not a proof"),
            Self::ProofWrong => f.write_str("the proof does not lead from the leaf to the checkpoint"),
            Self::ReceiptMalformed => f.write_str("not a receipt"),
            Self::RecordWrong => f.write_str("the record is not the one that the leaf commits to"),
            Self::LeafMissing => f.write_str("it does not say which leaf it is about"),
            Self::Missing { path } => write!(f, "{path} is missing"),
            Self::Length { path } => write!(f, "{path} has a wrong length"),
            Self::Leaf { path, index } => write!(f, "leaf {index} in {path} is not the one in the tree"),
            Self::Hash { path, at } => write!(f, "hash {at} of {path} is not that of what is under it"),
            Self::Root => f.write_str("the tree is not the one that the checkpoint signs"),
            Self::Shrunk { seen, now } => {
                write!(f, "the log was cut short: {now} leaves, after {seen} were seen")
            }
            Self::Forked { size } => write!(f, "two different trees of {size} leaves were signed"),
            Self::Rewritten { index } => write!(f, "leaf {index} was rewritten"),
            Self::Inconsistent => f.write_str("the new tree does not continue the one that was seen before"),
        }
    }
}

impl std::error::Error for Fault {}
