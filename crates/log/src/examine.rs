//! What its operator is told of a log: whose key signed it, whether it goes on from what was signed, what waits, and
//! whether leaves and tree are of each other. Nothing here changes it.
//!
//! The counts and the right edge are looked at, which costs little; [`crate::verify::Whole`] looks at everything.

use std::sync::Arc;

use ::store::{Store, Tx};
use base::{Clock, Instant};
use crypto::Random;

use crate::{
    Checkpoint, Fault, Log, LogConfig, OpenError, StepError,
    log::origin,
    merkle::leaf_hash,
    note::Note,
    sequence::edge,
    store::{self as sql, State},
    tile::{self, Kind, WIDTH, entries, hashes},
};

/// What was found.
#[derive(Debug)]
pub struct Examined {
    /// What it is called.
    pub name: String,
    /// How many leaves are in the tree.
    pub size: u64,
    /// Whether the key that is there signed the newest checkpoint.
    pub key: Result<(), WrongKey>,
    /// Whether the tree is the one that was signed, and continues the checkpoint that was noted.
    pub tree: Result<(), StepError>,
    /// Whether a checkpoint was noted outside of the database, or none was signed yet.
    pub is_noted: bool,
    /// Whether the table of leaves and the tree are of each other.
    pub leaves: Result<(), Unlike>,
    /// How many leaves wait for their places.
    pub waiting: u64,
    /// Since when the one waits that waits longest, and until when it may.
    pub oldest: Option<(Instant, Instant)>,
}

/// Why the key is not the one of this log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongKey {
    /// It signs under another name.
    #[error("the log is called {signed}, and the configuration makes it {configured}")]
    Name {
        /// By what name it was signed.
        signed: String,
        /// By what name it would be.
        configured: String,
    },
    /// Another key signed it.
    #[error("another key signed the newest checkpoint")]
    Key,
    /// What is kept as the newest checkpoint cannot be read, or its signature is wrong.
    #[error("the newest checkpoint: {0}")]
    Checkpoint(Fault),
}

/// How leaves and tree differ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unlike {
    /// There are more of the ones than of the others.
    #[error("{placed} leaves have their places, and the tree has {size}")]
    Count {
        /// Leaves of the table with a place.
        placed: i64,
        /// Leaves of the tree.
        size: i64,
    },
    /// Among the last ones is a leaf that is not the one of its place in the tree.
    #[error("leaf {0} of the table is not the one of the tree")]
    Leaf(i64),
}

/// Looks at the log in `store`; `None` where none was begun.
///
/// # Errors
/// [`OpenError`].
pub async fn examine(
    config: LogConfig,
    store: &Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Option<Examined>, OpenError> {
    let read = async |tx: &mut Tx<'_>| {
        let Some(state) = sql::state(tx).await? else { return Ok(None) };
        let edge = edge(tx, &state).await?;
        let (all, placed) = sql::counts(tx).await?;
        let leaves = if placed == state.size {
            last_leaves(tx, &state).await?
        } else {
            Err(Unlike::Count { placed, size: state.size })
        };
        let oldest = sql::oldest_waiting(tx).await?;
        Ok::<_, ::store::Error>(Some((state, edge, leaves, all - placed, oldest)))
    };
    let Some((state, edge, leaves, waiting, oldest)) = store.read(read).await? else { return Ok(None) };
    let name = origin(&config.origin, state.begun);
    let noted = config.head.as_ref().map(|head| head.load());
    let is_noted = state.checkpoint.is_none() || noted != Some(Ok(None));
    let log = Log::begun(config.clone(), state.begun, store.clone(), clock.clone(), random.clone())?;
    let key = state.checkpoint.as_deref().map_or(Ok(()), |note| fits(&log, note, &name));
    let tree = match key {
        Ok(()) => log.continues(&state, &edge).await,
        // What is said of the key is enough.
        Err(_) => Ok(()),
    };
    if matches!(tree, Err(StepError::Behind)) && log.has_moved(&state).await? {
        // A server signed and noted another tree between two looks.
        return Box::pin(examine(config, store, clock, random)).await;
    }
    let count = |n: i64| u64::try_from(n).unwrap_or_default();
    let (size, waiting) = (count(state.size), count(waiting));
    Ok(Some(Examined { name, size, key, tree, is_noted, leaves, waiting, oldest }))
}

/// Whether the log's key signed this.
fn fits(log: &Log, note: &str, configured: &str) -> Result<(), WrongKey> {
    let signed = match Checkpoint::open(note, log.key()) {
        Ok(_) => return Ok(()),
        Err(Fault::KeyUnknown) => Note::parse(note).and_then(|note| Checkpoint::from_text(note.text)),
        Err(fault) => Err(fault),
    };
    match signed {
        Err(fault) => Err(WrongKey::Checkpoint(fault)),
        Ok(signed) if signed.origin == configured => Err(WrongKey::Key),
        Ok(Checkpoint { origin: signed, .. }) => {
            Err(WrongKey::Name { signed, configured: configured.to_owned() })
        }
    }
}

/// Whether the leaves of the last bundle are those of the table, and of the tile above it.
async fn last_leaves(tx: &mut Tx<'_>, state: &State) -> Result<Result<(), Unlike>, ::store::Error> {
    let size = u64::try_from(state.size).unwrap_or_default();
    let last = size.checked_sub(1).and_then(|last| tile::nth(Kind::Entries, last / WIDTH, size));
    let Some(last) = last else { return Ok(Ok(())) };
    let first = i64::try_from(last.first_leaf()).unwrap_or(i64::MAX);
    let bundle = sql::tile(tx, Kind::Entries, last.n).await?.and_then(|bundle| entries(&bundle));
    let tile = sql::tile(tx, Kind::Hashes(0), last.n).await?.and_then(|tile| hashes(&tile));
    let (bundle, tile) = (bundle.unwrap_or_default(), tile.unwrap_or_default());
    let leaves = sql::from_place(tx, first, i64::try_from(WIDTH).unwrap_or(i64::MAX)).await?;
    let mut leaves = leaves.into_iter();
    for (n, index) in (first..state.size).enumerate() {
        let is_that = leaves.next().is_some_and(|(place, leaf)| {
            place == index && bundle.get(n) == Some(&leaf) && tile.get(n) == Some(&leaf_hash(&leaf))
        });
        if !is_that {
            return Ok(Err(Unlike::Leaf(index)));
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
