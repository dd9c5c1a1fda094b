//! The HTTP edge that all features share.
//!
//! Read in this order: [`problem`] (what an error looks like on our own interfaces), [`body`] (how bytes
//! from outside become values), [`client_address`] (where they come from), [`session`] (who is signed in), [`staff`] (who of
//! the staff acts), [`csrf`] and [`form`] (what browsers send), [`limit`] (how often one may guess, or do what costs much),
//! [`cors`] (which addresses a wallet in a browser may call), [`names`] (what an address says), [`openapi`] (routes, and
//! what is said of them). Then pages: [`site`] (what happens to their addresses and answers), [`reader`] (who reads, and in
//! which language), `shell` (what is around every page), [`components`] (their parts; [`design`] shows all), [`format`] (dates,
//! numbers, deadlines), [`band`] and [`qr`] (what is drawn), `problem_page` (errors), [`preferences`], [`assets`]; for
//! tests, of other crates too, `fixture`.
//!
//! There is no business logic here, no SQL but that of the limits and the sessions, and no protocol's own error body: those belong to the features.

// What the crate `texts` makes calls `web::format`, here too.
extern crate self as web;

pub mod assets;
pub mod band;
pub mod body;
pub mod client_address;
pub mod components;
mod compress;
pub mod cors;
pub mod csrf;
pub mod design;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
pub mod form;
pub mod format;
pub mod limit;
pub mod names;
pub mod openapi;
pub mod page;
pub mod preferences;
pub mod problem;
mod problem_page;
pub mod qr;
pub mod reader;
pub mod session;
mod shell;
pub mod site;
pub mod staff;
mod texts;

pub use body::{FormPairs, JsonBody};
pub use client_address::ClientAddress;
pub use components::Html;
pub use cors::open_cors;
pub use form::Form;
pub use limit::{Caller, Limits};
pub use names::{Names, Query};
pub use openapi::{Operation, Routes};
pub use problem::Problem;
pub use reader::Reader;
pub use session::{Role, Session, Sessions, Subject, Visitor};
pub use site::{Site, SiteConfig};
pub use staff::{Actor, StaffReader, StaffTokens};

/// The tables of this crate.
pub const MIGRATIONS: &[store::Migration] = &[limit::store::MIGRATIONS[0], session::store::MIGRATIONS[0]];

/// Every statement of this crate.
pub static STATEMENTS: &[&[&store::Sql]] = &[limit::store::STATEMENTS, session::store::STATEMENTS];

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
