//! Proofs for leaves that have their places, all for the newest checkpoint.

use ::store::Tx;
use base::limits::LOG_LISTED_MAX;

use crate::{
    Extra, LeafId, Log, ProofFile, merkle,
    store::{self as sql, Listed},
    tile::{Kind, Tiles, hashes, needed},
};

/// A leaf with its proof.
struct Place {
    index: u64,
    extra: Extra,
}

/// Whether salt and record go with a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum With {
    Record,
    Commitment,
}

impl Log {
    /// The proof (C2SP tlog-proof) that a leaf is in the newest tree, with salt and record while they are there: for
    /// whom they concern. `None` while it waits, or if there is no such leaf.
    ///
    /// # Errors
    /// The database.
    pub async fn proof(&self, leaf: LeafId) -> Result<Option<String>, ::store::Error> {
        Ok(self.proofs(&[leaf]).await?.pop().flatten())
    }

    /// The same for everybody: without salt and record.
    ///
    /// # Errors
    /// The database.
    pub async fn public_proof(&self, leaf: LeafId) -> Result<Option<String>, ::store::Error> {
        Ok(self.prove(&[leaf], With::Commitment).await?.pop().flatten())
    }

    /// [`Self::proof`] for many leaves of one instant, in their order.
    ///
    /// # Errors
    /// The database.
    pub async fn proofs(&self, leaves: &[LeafId]) -> Result<Vec<Option<String>>, ::store::Error> {
        self.prove(leaves, With::Record).await
    }

    async fn prove(&self, leaves: &[LeafId], with: With) -> Result<Vec<Option<String>>, ::store::Error> {
        let count = leaves.len();
        let leaves = leaves.to_vec();
        let read = async move |tx: &mut Tx<'_>| {
            let Some(state) = sql::state(tx).await? else { return Ok(None) };
            let (Ok(size), Some(checkpoint)) = (u64::try_from(state.size), &state.checkpoint) else {
                return Ok(None);
            };
            let mut places = Vec::with_capacity(leaves.len());
            for leaf in &leaves {
                places.push(sql::leaf(tx, *leaf).await?.and_then(|kept| place(kept, with)));
            }
            let mut tiles = Tiles::default();
            for place in places.iter().flatten() {
                for (level, n) in
                    needed(|get| merkle::inclusion(place.index, size, &mut |level, n| get(level, n)))
                {
                    if !tiles.has(level, n)
                        && let Some(content) = sql::tile(tx, Kind::Hashes(level), n).await?
                        && let Some(hashes) = hashes(&content)
                    {
                        tiles.insert(level, n, hashes);
                    }
                }
            }
            let prove = |place: Option<Place>| {
                let Place { index, extra } = place?;
                let path = merkle::inclusion(index, size, &mut |level, n| tiles.get(level, n))?;
                Some(ProofFile { extra, index, path, checkpoint }.to_file())
            };
            let proofs: Vec<_> = places.into_iter().map(prove).collect();
            Ok::<_, ::store::Error>(Some((state, proofs)))
        };
        let made = self.0.store.read(read).await?;
        Ok(match made {
            Some((state, proofs)) if self.is_noted(&state).await => proofs,
            _ => vec![None; count],
        })
    }

    /// The newest checkpoint that may be shown; `None` until the first one may.
    ///
    /// # Errors
    /// The database.
    pub async fn checkpoint(&self) -> Result<Option<String>, ::store::Error> {
        let state = self.0.store.read(async |tx: &mut Tx<'_>| sql::state(tx).await).await?;
        let Some(state) = state else { return Ok(None) };
        Ok(if self.is_noted(&state).await { state.checkpoint } else { None })
    }

    /// Leaves from a place on, in order, at most `LOG_LISTED_MAX`: which leaf is of which kind of act.
    ///
    /// # Errors
    /// The database.
    pub async fn leaves(&self, from: u64) -> Result<Vec<Listed>, ::store::Error> {
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        self.0.store.read(async move |tx: &mut Tx<'_>| sql::listed(tx, from, LOG_LISTED_MAX).await).await
    }

    /// How many leaves are in the tree, how many wait, and since when the one that waits longest: for who watches it.
    ///
    /// # Errors
    /// The database.
    pub async fn standing(&self) -> Result<(u64, u64, Option<base::Instant>), ::store::Error> {
        let read = async |tx: &mut Tx<'_>| {
            let size = sql::state(tx).await?.map_or(0, |state| state.size);
            let (waiting, oldest) = (sql::waiting_count(tx).await?, sql::oldest_waiting(tx).await?);
            let count = |n: i64| u64::try_from(n).unwrap_or_default();
            Ok((count(size), count(waiting), oldest.map(|(since, _)| since)))
        };
        self.0.store.read(read).await
    }

    /// Since when the leaf waits that waits longest; `None` if none does.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_since(&self) -> Result<Option<base::Instant>, ::store::Error> {
        let oldest = self.0.store.read(async |tx: &mut Tx<'_>| sql::oldest_waiting(tx).await).await?;
        Ok(oldest.map(|(since, _)| since))
    }
}

fn place(kept: sql::Leaf, with: With) -> Option<Place> {
    let index = u64::try_from(kept.index?).ok()?;
    let extra = match (with, kept.opened) {
        (With::Record, Some((salt, record))) => Extra::Opened { salt, record },
        _ => Extra::Commitment(kept.commitment),
    };
    Some(Place { index, extra })
}
