//! The holder, without IO: keep credentials, match a query, show what is asked, build the answer.
//!
//! An event goes in; an HTTP request, a question to the person or a change to be stored comes out. The command line
//! and the browser are its two drivers: they carry out each [`Step`] and hand back the [`Event`] it leads to.
//!
//! Read in this order: [`contents`] (what a wallet holds), [`vault`] (how that is sealed under a passphrase), [`http`]
//! (requests as plain values and which addresses may be reached), [`step`] (how a driver and a flow talk),
//! [`issuance`] (from an offer to a stored card), [`presentation`] (from a request to an answer).

pub mod contents;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod fixture;
pub mod http;
pub mod issuance;
pub mod presentation;
pub mod step;
pub mod vault;

pub use contents::{Card, CardId, Change, Entry, Wallet};
pub use issuance::Issuance;
pub use presentation::Presentation;
pub use step::{Context, Event, Step};
pub use vault::Vault;
