//! Chains that were validated already.
//!
//! An issuer signs a million credentials under one chain, and to prove that chain takes longer than to verify a
//! credential. What was proven is kept with the anchors that proved it, under the chain's very bytes and the purpose, and
//! with the span of time in which proving it again would find the same: in which no certificate of the chain begins or
//! ends to be valid, and no anchor either. Outside of it, it is proven again, so an expiry is never missed. Only what is
//! valid is kept: a stranger cannot fill this.

use std::{
    collections::VecDeque,
    ops::RangeInclusive,
    sync::{Arc, PoisonError, RwLock},
};

use base::{Instant, limits::CHAINS_KEPT_MAX};

use super::{Leaf, Purpose};

/// What was proven under one set of anchors.
#[derive(Default)]
pub(super) struct Proven(RwLock<VecDeque<Chain>>);

struct Chain {
    ders: Vec<Vec<u8>>,
    purpose: Purpose,
    /// Both ends included, in seconds, as certificates have them.
    span: RangeInclusive<i64>,
    leaf: Arc<Leaf>,
}

impl Chain {
    fn is(&self, ders: &[Vec<u8>], purpose: Purpose) -> bool {
        self.purpose == purpose && self.ders == ders
    }
}

impl Proven {
    /// The leaf, if proving this chain at `now` is known to find it.
    pub(super) fn find(&self, ders: &[Vec<u8>], purpose: Purpose, now: Instant) -> Option<Arc<Leaf>> {
        // Only whole entries are put in, so what is there is right, whoever panicked.
        let chains = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = chains.iter().find(|chain| chain.is(ders, purpose))?;
        known.span.contains(&now.secs()).then(|| known.leaf.clone())
    }

    /// Keeps what was proven; the one that is kept longest makes room.
    pub(super) fn keep(&self, ders: &[Vec<u8>], purpose: Purpose, span: RangeInclusive<i64>, leaf: &Leaf) {
        let mut chains = self.0.write().unwrap_or_else(PoisonError::into_inner);
        chains.retain(|chain| !chain.is(ders, purpose));
        if chains.len() >= CHAINS_KEPT_MAX {
            chains.pop_front();
        }
        chains.push_back(Chain { ders: ders.to_vec(), purpose, span, leaf: Arc::new(leaf.clone()) });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}
