//! A call: what is kept of it, and what state it is in at an instant.

use base::{Instant, Lang};

use super::form::Form;
use crate::{
    CallId, CircularId, deadline::Deadline, multilingual::Multilingual, party::PartyClass, spelled::spelled,
    submission::model::FileRef,
};

spelled! {
    /// What a call asks for.
    pub enum CallKind {
        /// People for seats.
        Nomination = "nomination",
        /// Candidates for the chair and its vice-chairs.
        Candidature = "candidature",
        /// Comments on a text.
        Comment = "comment",
        /// Contributions.
        Contribution = "contribution",
        /// Answers to questions.
        Consultation = "consultation",
        /// Who wants to take part.
        Interest = "interest",
        /// What somebody promises to do.
        Pledge = "pledge",
        /// Who comes to a meeting.
        Registration = "registration",
        /// Entries of a competition.
        Entry = "entry",
        /// What somebody needs.
        Needs = "needs",
    }
}

spelled! {
    /// When what was submitted can be read by everybody.
    pub enum Policy {
        /// As soon as it was received.
        AtOnce = "at_once",
        /// When the call is published, after closing; the secretariat reads it before.
        AtClose = "at_close",
        /// The same, and before closing nobody reads it: all that is said is how many came.
        SealedUntilClose = "sealed_until_close",
        /// Never. The counts of a call are said as those of any other.
        NeverWithCounts = "never_with_counts",
    }
}

spelled! {
    /// What somebody has done with a call: kept. Whether it is open follows from the clock ([`Call::state`]).
    pub enum Stage {
        /// It is being written; only the secretariat sees it.
        Draft = "draft",
        /// It was announced: scheduled, open or closed, as the clock says.
        Announced = "announced",
        /// It was taken back before it opened.
        Withdrawn = "withdrawn",
        /// It was ended after it had opened.
        Annulled = "annulled",
        /// What was submitted was published.
        Published = "published",
        /// A meeting considered it.
        Considered = "considered",
    }
}

/// The state of a call at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallState {
    /// Being written.
    Draft,
    /// Announced; it opens later.
    Scheduled,
    /// Submissions are received.
    Open,
    /// The deadline is over, but what comes now is still received, and marked.
    Grace,
    /// Nothing is received any more.
    Closed,
    /// What was submitted was published.
    Published,
    /// A meeting considered it.
    Considered,
    /// Taken back before it opened.
    Withdrawn,
    /// Ended after it had opened.
    Annulled,
}

impl CallState {
    /// Its word: `open`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Open => "open",
            Self::Grace => "grace",
            Self::Closed => "closed",
            Self::Published => "published",
            Self::Considered => "considered",
            Self::Withdrawn => "withdrawn",
            Self::Annulled => "annulled",
        }
    }

    /// Whether submissions are received.
    pub const fn is_receiving(self) -> bool {
        matches!(self, Self::Open | Self::Grace)
    }

    /// Whether everybody may know of the call.
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Draft)
    }
}

/// Who did something to a call or a submission last, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// When.
    pub at: Instant,
    /// Why; not everything needs a reason.
    pub reason: Option<String>,
}

/// A deadline that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// From 1.
    pub number: i64,
    /// What it was before.
    pub from: Deadline,
    /// What it is since.
    pub to: Deadline,
    /// Why.
    pub reason: String,
    /// When it was moved.
    pub extended_at: Instant,
}

/// What the secretariat says of a call while it writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    /// What it is called in addresses: `OTT-2017`.
    pub symbol: String,
    /// The circular that opens it, by its symbol.
    pub circular: Option<String>,
    /// What it asks for.
    pub kind: CallKind,
    /// One line.
    pub title: Multilingual,
    /// Several paragraphs.
    pub introduction: Multilingual,
    /// Who may submit; empty: everybody.
    pub audience: Vec<PartyClass>,
    /// The languages of its documents. Answers may be in any.
    pub languages: Vec<Lang>,
    /// What is asked. Its version is given by the call.
    pub form: Form,
    /// From when on.
    pub opens: Instant,
    /// Until when.
    pub closes: Deadline,
    /// For how long after the deadline submissions are still received, milliseconds.
    pub grace_ms: i64,
    /// Until when a submission can be replaced or withdrawn; without it, as long as submissions are received, and
    /// never longer.
    pub modify_until: Option<Instant>,
    /// How many submissions of one party count at once.
    pub party_limit: Option<i64>,
    /// When submissions can be read.
    pub policy: Policy,
    /// Where to ask: an office's address, said to everybody.
    pub contact: String,
    /// What is attached.
    pub documents: Vec<FileRef>,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// What is said of it. The deadline is the one that holds now; the form is the newest.
    pub said: NewCall,
    /// The circular that opens it.
    pub circular_id: Option<CircularId>,
    /// What was done with it.
    pub stage: Stage,
    /// When, and why.
    pub done: Done,
    /// When what was submitted was published.
    pub published_at: Option<Instant>,
    /// Which item of an agenda considered it.
    pub considered_at_item: Option<String>,
    /// How its deadline was moved, the oldest first: the one that was announced is the first's `from`.
    pub extensions: Vec<Extension>,
}

impl Call {
    /// Its state at `at`: what was done with it, and for the rest the clock.
    pub fn state(&self, at: Instant) -> CallState {
        match self.stage {
            Stage::Draft => CallState::Draft,
            Stage::Withdrawn => CallState::Withdrawn,
            Stage::Annulled => CallState::Annulled,
            Stage::Published => CallState::Published,
            Stage::Considered => CallState::Considered,
            Stage::Announced => self.window().state(at),
        }
    }

    /// When it opens and ends.
    pub fn window(&self) -> Window {
        Window {
            opens: self.said.opens,
            closes: self.said.closes.instant,
            grace_ms: self.said.grace_ms,
            modify_until: self.said.modify_until,
        }
    }

    /// The deadline that was announced first, if it is not the one that holds.
    pub fn first_deadline(&self) -> Option<&Deadline> {
        self.extensions.first().map(|extension| &extension.from)
    }

    /// Whether a party of this class may submit.
    pub fn is_for(&self, class: PartyClass) -> bool {
        self.said.audience.is_empty() || self.said.audience.contains(&class)
    }
}

/// When a call opens and ends (invariant I1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first instant at which a submission is received.
    pub opens: Instant,
    /// The first instant after the deadline.
    pub closes: Instant,
    /// How long submissions are received after it, milliseconds.
    pub grace_ms: i64,
    /// From when on nothing is replaced or withdrawn, if that is earlier than the end.
    pub modify_until: Option<Instant>,
}

impl Window {
    /// The first instant at which nothing is received any more: the deadline and the grace after it.
    pub fn ends(&self) -> Instant {
        self.closes.plus_ms(self.grace_ms)
    }

    /// The state of an announced call.
    pub fn state(&self, at: Instant) -> CallState {
        if at < self.opens {
            CallState::Scheduled
        } else if at < self.closes {
            CallState::Open
        } else if at < self.ends() {
            CallState::Grace
        } else {
            CallState::Closed
        }
    }

    /// The first instant from which on nothing is replaced or withdrawn.
    pub fn modifiable_until(&self) -> Instant {
        self.modify_until.map_or_else(|| self.ends(), |until| until.min(self.ends()))
    }
}
