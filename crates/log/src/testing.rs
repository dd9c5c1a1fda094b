//! Logs for tests, without a database: their files, by path.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use base::Instant;
use crypto::{Ed25519SecretKey, Signer};

use crate::{
    Checkpoint, Fault, Head, VerifierKey,
    tile::Edge,
    verify::{Audit, Seen, Sound, Whole},
};

/// When they were signed.
pub(crate) const AT: Instant = Instant::from_secs(1_800_000_000);
/// What they are called.
pub(crate) const ORIGIN: &str = "state.example/log";

/// A signer, always the same of this seed.
pub(crate) fn signer(seed: u8) -> Arc<dyn Signer> {
    #[expect(clippy::unwrap_used, reason = "tests")]
    let key = Ed25519SecretKey::from_seed(&[seed; 32]).unwrap();
    Arc::new(key)
}

/// Its key, under the name of the log.
pub(crate) fn key(seed: u8) -> VerifierKey {
    #[expect(clippy::unwrap_used, reason = "tests")]
    let key = VerifierKey::new(ORIGIN, signer(seed).public_key()).unwrap();
    key
}

/// What stands in for a file beside the key.
#[derive(Default)]
pub(crate) struct Noted {
    checkpoint: Mutex<Option<String>>,
    full: Mutex<bool>,
}

impl Noted {
    /// Loses the file.
    pub(crate) fn forget(&self) {
        *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Says from now on whether the disk is full.
    pub(crate) fn set_full(&self, full: bool) {
        *self.full.lock().unwrap_or_else(PoisonError::into_inner) = full;
    }
}

impl Head for Noted {
    fn load(&self) -> Result<Option<String>, String> {
        Ok(self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
    fn keep(&self, checkpoint: &str) -> Result<(), String> {
        if *self.full.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err("the disk is full".to_owned());
        }
        *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner) = Some(checkpoint.to_owned());
        Ok(())
    }
}

/// A log as files.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) checkpoint: String,
}

impl Files {
    /// A log of these entries, signed with the key of seed 1.
    pub(crate) fn of(entries: &[[u8; 32]]) -> Self {
        let grown = Edge::default().grow(entries);
        #[expect(clippy::unwrap_used, reason = "tests")]
        let root = grown.edge.root().unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: grown.edge.size, root };
        #[expect(clippy::unwrap_used, reason = "tests")]
        let checkpoint = checkpoint.sign(&key(1), &*signer(1), AT).unwrap();
        let files = grown.changed.into_iter().map(|(tile, content)| (tile.path(), content)).collect();
        Self { files, checkpoint }
    }

    /// [`Whole`].
    pub(crate) fn verify(&self) -> Result<Sound, Fault> {
        let mut whole = Whole::new(&self.checkpoint, &key(1))?;
        while let Some(tile) = whole.wanted() {
            whole.take(self.files.get(&tile.path()).map(Vec::as_slice))?;
        }
        whole.finish()
    }

    /// [`Audit`].
    pub(crate) fn audit(&self, seen: Option<&Seen>) -> Result<Seen, Fault> {
        let mut audit = Audit::new(&key(1), seen.cloned(), &self.checkpoint)?;
        while let Some(tile) = audit.wanted() {
            audit.take(self.files.get(&tile.path()).map(Vec::as_slice))?;
        }
        audit.finish()
    }
}

/// Entry `n` of every such log.
pub(crate) fn entry(n: usize) -> [u8; 32] {
    crypto::sha256(&n.to_be_bytes())
}

/// So many of them.
pub(crate) fn entries(size: usize) -> Vec<[u8; 32]> {
    (0..size).map(entry).collect()
}
