//! The forum: circulars that open calls, calls that ask something of somebody until a deadline, and what is submitted to
//! them: signed with a wallet, by a plain form, or on paper.
//!
//! Read in this order: [`multilingual`] and [`deadline`] (two values that everything here is made of), [`party`] (who takes
//! part), [`circular`], [`call`] (states from the clock; the form), [`submission`] (received, decided on, published,
//! counted), `act.rs` (what the desk's history and the log are told), `migrations.rs` (the tables); then what stands
//! round it:
//!
//! - taking part: `answer` (the form as a page), `draft`, `file`, `sign` (with a wallet), `participant` (the card issued on
//!   the spot), `unsigned` (by a link sent by mail), `paper`;
//! - reading, and the secretariat's desk: `public`, `desk`, `feed`;
//! - leaving the house: `addressee` (who is told of circulars), `notice` (mail), `export` (a call as a directory).
//!
//! What can be read by everybody is in its own tables (`forum_listed` …), into which a submission comes when it is
//! published: no public statement reads another. How to reach people is in `forum_contact` alone.

pub mod act;
mod addressee;
mod answer;
pub mod call;
pub mod circular;
pub mod deadline;
mod desk;
mod draft;
pub mod export;
pub mod feed;
mod file;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
mod forum;
pub mod hygiene;
mod migrations;
pub mod multilingual;
pub mod notice;
mod paper;
mod participant;
pub mod party;
mod public;
pub mod replay;
mod share;
mod sign;
mod spelled;
mod stored;
pub mod submission;
mod texts;
mod unsigned;
mod wire;
mod words;

pub use act::{About, ActDone};
pub use addressee::{Addressee, AddresseeRefusal, Addressees, NewAddressee};
pub use call::{
    form::{Answer, Answers, BadForm, Choice, Fault, Form, Question, QuestionId, QuestionKind},
    model::{Call, CallKind, CallState, Extension, NewCall, Policy, Stage, Window},
    ops::CallRefusal,
};
pub use circular::{
    model::{Circular, NewCircular},
    ops::CircularRefusal,
};
pub use deadline::{Deadline, FuzzyDate, Wording};
pub use file::{Kind as FileKind, Refused as FileRefused, check as check_file};
pub use forum::{Forum, ForumConfig};
pub use migrations::MIGRATIONS;
pub use multilingual::Multilingual;
pub use paper::{PaperRefusal, Scan};
pub use participant::{CardOffer, Participants};
pub use party::{Country, PartyClass, PartyOfSubmission, Region};
pub use sign::{Credentials, Mandates, ops::SignRefusal};
pub use spelled::UnknownWord;
pub use submission::{
    listed::ReadRefusal,
    model::{
        After, Contact, Counts, Entry, FacetCount, Facets, FileRef, Filter, Listed, NewSubmission, Received,
        Standing, StandingKind, State, StateWord, Submission, SubmissionLang, Translation,
    },
    ops::{
        decide::{DecideRefusal, Withdrawing},
        join::JoinLink,
        read::{Gone, Public},
        receive::ReceiveRefusal,
    },
    publish::Publication,
};

/// Every statement of this crate.
pub static STATEMENTS: &[&[&store::Sql]] = &[
    act::store::STATEMENTS,
    circular::store::STATEMENTS,
    call::store::STATEMENTS,
    submission::store::STATEMENTS,
    submission::listed::store::STATEMENTS,
    addressee::store::STATEMENTS,
    notice::store::STATEMENTS,
    draft::store::STATEMENTS,
    file::store::STATEMENTS,
    sign::store::STATEMENTS,
    unsigned::store::STATEMENTS,
    export::store::STATEMENTS,
];

base::ids! {
    /// A circular.
    CircularKind = "cir";
    /// A call.
    CallIdKind = "cal";
    /// A submission.
    SubmissionKind = "sub";
    /// An act of somebody, in the history.
    ActKind = "act";
    /// How to reach somebody.
    ContactKind = "con";
}

/// The id of a circular.
pub type CircularId = base::Id<CircularKind>;
/// The id of a call.
pub type CallId = base::Id<CallIdKind>;
/// The id of a submission.
pub type SubmissionId = base::Id<SubmissionKind>;
/// The id of an act.
pub type ActId = base::Id<ActKind>;
/// The id of a contact.
pub type ContactId = base::Id<ContactKind>;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests;
