//! Who is told of an answer, in the write in which it comes to count.
//!
//! An answer counts when it arrives, or, on the same device, when its code comes back in the session that asked. What a
//! feature makes of it then (a submission received, its receipt, its leaf) commits with the answer or not at all, so
//! that a wallet that was thanked has not been thanked for nothing.

use std::{future::Future, pin::Pin};

use store::Tx;

use crate::{Ask, Outcome, RequestId, store as tables};

/// What a feature does with an answer.
pub type Counted<'a> = Pin<Box<dyn Future<Output = Result<(), store::Error>> + 'a>>;

/// A feature that is told of answers. See [`Ask::with_approvals`].
pub trait Approvals: Send + Sync + 'static {
    /// The answer to `request` counts, within `tx`, which may run again: only statements are awaited, and nothing else is
    /// changed. What the feature refuses it keeps with its own row; an error undoes the answer too.
    fn counted<'a>(&'a self, tx: &'a mut Tx<'_>, request: RequestId, outcome: &'a Outcome) -> Counted<'a>;
}

impl Ask {
    /// Tells whoever is concerned that the answer to `request` counts.
    pub(crate) async fn tell(
        &self,
        tx: &mut Tx<'_>,
        request: RequestId,
        outcome: Option<&Outcome>,
    ) -> Result<(), store::Error> {
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
            told.counted(tx, request, outcome).await?;
        }
        Ok(())
    }
}
