//! The issuer: OpenID4VCI 1.0 (final), pre-authorized code flow, and what staff do with what was issued.
//!
//! Read in this order: [`types`] (credential types are files), [`issuer`] (what an issuer is made of), `type_documents.rs` (what it
//! publishes of its types), `model.rs` (an
//! offer, a credential, and which changes of status there are); then one file a use case, in the order of a
//! credential's life: `offer.rs` (staff offer), `redeem.rs` (code to token), `nonce.rs`, `fetch.rs` (token and key
//! proofs to credentials), `notify.rs` (what became of them), `status.rs` (status lists; `signers.rs`: whose
//! key signs them), `manage.rs` (suspend, reinstate, revoke), `erase.rs`. The two edges are
//! `wallet_api.rs` (the protocol, open to every origin) and `staff_api.rs`. All SQL is in `store.rs`.
//!
//! An issued credential is not stored: only who has it, of which type, its status index and what staff did with it.
//! Every token, code and nonce is stored as a digest.
//! What the issuer needs of the register of people is [`Subjects`], which the server wires.

mod erase;
mod fetch;
#[cfg(feature = "fill")]
mod fill;
pub mod issuer;
mod manage;
mod metadata;
mod model;
mod nonce;
mod notify;
mod offer;
mod redeem;
mod refresh;
mod restore;
#[cfg(any(test, feature = "fill"))]
pub mod seed;
mod shapes;
mod signers;
mod staff_api;
mod status;
mod store;
mod type_documents;
pub mod types;
mod wallet_api;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests;

pub use issuer::{AttributesFuture, ConfigError, Issuer, IssuerConfig, Subjects};
pub use model::{CredentialId, OfferId, PersonId};
pub use offer::{NewOffer, OfferError, Offered};
pub use restore::after_restore;
pub use store::MIGRATIONS;
pub use types::{BadType, CredentialType, Types};

/// Every statement of this feature.
pub static STATEMENTS: &[&[&::store::Sql]] =
    &[store::STATEMENTS, store::refresh::STATEMENTS, store::restore::STATEMENTS];
