//! A whole call, once it is published, as a directory that anybody can check without a network.
//!
//! Read in this order: [`layout`] (what lies where), `freeze` (what a publication commits to), [`write`] (from the rows to the
//! files), `documents` (circular, call and form), `readme` (in plain words), [`check`] (what anybody can find out from the
//! files), `api` (the download).
//!
//! What is in it, and what of the people who took part, is decided in docs/adr/020-exports.md: nothing that was not
//! published, and never how to reach somebody.

mod api;
pub mod check;
pub(crate) mod documents;
pub(crate) mod freeze;
pub mod layout;
mod readme;
pub(crate) mod store;
pub mod write;

pub(crate) use api::routes;

/// The act by which a submission is received, in the record of its leaf.
pub(crate) const SUBMITTED: &str = "forum_submission_received";
/// The act by which a call is published.
pub(crate) const PUBLISHED: &str = "forum_call_published";
/// How many submissions there are in all, among the counts.
pub(crate) const RECEIVED: &str = "received";
/// The states that are counted once a call is published.
pub(crate) const COUNTED: [&str; 6] =
    ["published", "counted", "withheld", "inadmissible", "superseded", "withdrawn"];
/// What became of those that are not published, and the act by which it did; of what is only counted there is none.
pub(crate) const DECIDED_BY: [(&str, &str); 4] = [
    ("inadmissible", "forum_submission_refused"),
    ("withheld", "forum_submission_withheld"),
    ("withdrawn", "forum_submission_withdrawn"),
    ("superseded", "forum_submission_superseded"),
];

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
