//! Signing with a wallet.
//!
//! What is signed is the digest of the canonical text, as typed transaction data that the wallet shows with the call, the
//! party and the title. Who acts for a party shows a *mandate*, who speaks for themselves a *participant* card. The
//! signature arrives in a write of `ask`; there, at once, the submission is received, logged and receipted, or it is said
//! why not: nobody is thanked for what was not kept.
//!
//! Read in this order: [`types`] (what a wallet shows), [`credentials`] (which ones count, and whom they make), [`ops`]
//! (asking, receiving), `store`, [`api`] (programs), `pages`.

pub(crate) mod api;
pub(crate) mod credentials;
pub(crate) mod ops;
pub(crate) mod pages;
pub(crate) mod store;
pub(crate) mod types;

use std::sync::Arc;

use ::store::Tx;
use ask::{Approvals, Ask, Counted, NotTaken, Outcome, RequestId, TypeRefusal};
use web::Routes;

pub use self::credentials::{Credentials, Mandates};
use crate::Forum;

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    api::routes().merge(pages::routes())
}

/// What `ask` tells of signatures.
struct Signed(Forum);

impl Approvals for Signed {
    fn counted<'a>(
        &'a self,
        tx: &'a mut Tx<'_>,
        request: RequestId,
        outcome: &'a Outcome,
    ) -> Counted<'a, NotTaken> {
        Box::pin(self.0.signed(tx, request, outcome))
    }

    fn refused<'a>(
        &'a self,
        tx: &'a mut Tx<'_>,
        request: RequestId,
        code: &'static str,
    ) -> Counted<'a, ::store::Error> {
        Box::pin(store::settle(tx, request, Err(code)))
    }
}

impl Forum {
    /// The same forum, in which people sign with wallets whose credentials count; and the asker with the types that are
    /// signed, which is the one to serve.
    ///
    /// # Errors
    /// [`TypeRefusal`] when the asker has the types already.
    pub fn asking(mut self, ask: Ask, credentials: Credentials) -> Result<(Self, Ask), TypeRefusal> {
        self.credentials = Arc::new(credentials);
        let missing = || TypeRefusal::Schema("a label is missing".to_owned());
        let told: Arc<dyn Approvals> = Arc::new(Signed(self.clone()));
        let ask = ask
            .with_approvals(types::submission().ok_or_else(missing)?, told.clone())?
            .with_approvals(types::withdrawal().ok_or_else(missing)?, told)?;
        self.ask = Some(ask.clone());
        Ok((self, ask))
    }
}
