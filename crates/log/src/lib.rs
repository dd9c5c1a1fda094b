//! The transparency log: what was done can be proven later, and nothing that was logged can be changed unseen.
//!
//! Read in this order: [`log`](Log) (the handle: an act appends a leaf in its own transaction), `extra` (what a leaf
//! commits to), [`receipt`], [`note`] (signed notes and keys), [`fault`], `store` (the rows).
//!
//! Formats are those of C2SP: tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-proof. A leaf is
//! SHA-256(salt ‖ record), so the record can be erased and the log stays valid.

pub mod extra;
pub mod fault;
mod log;
pub mod note;
pub mod receipt;
mod store;

pub use extra::Extra;
pub use fault::Fault;
pub use log::{Act, Log, LogConfig, erase};
pub use note::VerifierKey;
pub use receipt::{Receipt, ReceiptFile};
pub use store::{MIGRATIONS, STATEMENTS};

base::ids! {
    /// A leaf of the log.
    LeafKind = "lef";
}

/// The id of a leaf. It says nothing of its place in the tree.
pub type LeafId = base::Id<LeafKind>;
