//! The transparency log: what was done can be proven later, and nothing that was logged can be changed unseen.
//!
//! Read in this order: [`Log`] (the handle: an act appends a leaf in its own transaction), [`extra`] (what a leaf
//! commits to), [`merkle`] (the tree), [`tile`] (how it is kept and published), `sequence` (who signs it, and when),
//! `prove` (files for those whom a leaf concerns); then the formats: [`note`], [`checkpoint`], [`receipt`], [`proof`]; [`verify`] (what anybody can check);
//! `api` and `page` (HTTP), `examine` (what its operator is told), `store` (the rows) and [`fault`] (what can be wrong).
//!
//! Formats are those of C2SP: tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-proof. A leaf is
//! SHA-256(salt ‖ record), so the record can be erased and the log stays valid. What reads them does no IO.

mod api;
pub mod checkpoint;
mod examine;
pub mod extra;
pub mod fault;
mod log;
pub mod merkle;
pub mod note;
mod page;
pub mod proof;
mod prove;
pub mod receipt;
mod sequence;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
mod texts;
pub mod tile;
pub mod verify;

pub use checkpoint::Checkpoint;
pub use examine::{Examined, Unlike, WrongKey, examine};
pub use extra::Extra;
pub use fault::Fault;
pub use log::{Act, Log, LogConfig, OpenError, commitment_of, erase, record};
pub use note::VerifierKey;
pub use proof::ProofFile;
pub use receipt::{Receipt, ReceiptFile};
pub use sequence::{Head, StepError, Stepped, after_restore};
pub use store::{Listed, MIGRATIONS, STATEMENTS};

base::ids! {
    /// A leaf of the log.
    LeafKind = "lef";
}

/// The id of a leaf. It says nothing of its place in the tree.
pub type LeafId = base::Id<LeafKind>;
