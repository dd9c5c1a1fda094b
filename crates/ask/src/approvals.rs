//! Who is told of an answer, in the write in which it comes to count.
//!
//! An answer counts when it arrives, or, on the same device, when its code comes back in the session that asked. What a
//! feature makes of it then (a submission received, its receipt, its leaf) commits with the answer or not at all, so
//! that a wallet that was thanked has not been thanked for nothing. What the feature refuses leaves nothing of that: the
//! answer is kept in a second write, in which the feature notes why it made nothing of it.

use std::{future::Future, pin::Pin};

use store::Tx;

use crate::{Ask, Outcome, RequestId, store as tables};

/// What a feature does within a write.
pub type Counted<'a, E> = Pin<Box<dyn Future<Output = Result<(), E>> + 'a>>;

/// Why a feature makes nothing of an answer.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It refuses, with a stable code.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A feature that is told of answers. See [`Ask::with_approvals`].
pub trait Approvals: Send + Sync + 'static {
    /// The answer to `request` counts, within `tx`, which may run again: only statements are awaited, and nothing else is
    /// changed. A refusal takes back what was written, and [`Approvals::refused`] is called in another write.
    fn counted<'a>(
        &'a self,
        tx: &'a mut Tx<'_>,
        request: RequestId,
        outcome: &'a Outcome,
    ) -> Counted<'a, NotTaken>;

    /// The answer counts, and the feature has refused to make anything of it, for this reason.
    fn refused<'a>(
        &'a self,
        tx: &'a mut Tx<'_>,
        request: RequestId,
        code: &'static str,
    ) -> Counted<'a, store::Error>;
}

impl Ask {
    /// Tells whoever is concerned that the answer to `request` counts; or, the second time, that they have refused it.
    pub(crate) async fn tell(
        &self,
        tx: &mut Tx<'_>,
        request: RequestId,
        outcome: Option<&Outcome>,
        refused: Option<&'static str>,
    ) -> Result<(), NotTaken> {
        if self.inner.approvals.is_empty() {
            return Ok(());
        }
        let kept = match outcome {
            Some(_) => None,
            None => tables::outcome(tx, request).await?,
        };
        let Some(outcome @ (Outcome::Valid(proof) | Outcome::Undetermined(_, proof))) =
            outcome.or(kept.as_ref())
        else {
            return Ok(());
        };
        let Some(first) = proof.approved.first() else { return Ok(()) };
        for (_, told) in self.inner.approvals.iter().filter(|(kind, _)| *kind == first.kind) {
            match refused {
                None => told.counted(tx, request, outcome).await?,
                Some(code) => told.refused(tx, request, code).await?,
            }
        }
        Ok(())
    }
}
