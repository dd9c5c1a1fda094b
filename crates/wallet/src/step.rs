//! How a driver and a flow talk: steps out, events in.

use base::Instant;
use crypto::Random;

use crate::{contents::Change, contents::Wallet, http};

/// What a flow may look at while it decides on the next step.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The wallet as it is now: trust anchors, cards and keys.
    pub wallet: &'a Wallet,
    /// The instant that it is.
    pub now: Instant,
    /// Randomness: card keys, salts, ids.
    pub random: &'a dyn Random,
    /// Whether plain http is accepted for loopback hosts (demonstrations and tests only).
    pub insecure_loopback: bool,
}

/// What the driver is to do next. `Q` is a question, `D` a good end, `E` a bad one.
#[derive(Debug)]
pub enum Step<Q, D, E> {
    /// Send this request, then hand back [`Event::Response`] or [`Event::Unreachable`].
    Request(http::Request),
    /// Ask the person, then hand back [`Event::Answer`].
    Ask(Box<Q>),
    /// Apply this to the wallet and store it durably, then hand back [`Event::Stored`].
    Store(Box<Change>),
    /// The flow ended well.
    Done(D),
    /// The flow ended without what it was for.
    Failed(E),
}

/// What happened. `A` is the person's answer.
#[derive(Debug)]
pub enum Event<A> {
    /// The other party answered.
    Response(http::Response),
    /// The other party could not be reached in time, or its answer was longer than the request allows.
    Unreachable,
    /// The person answered.
    Answer(A),
    /// The change is stored.
    Stored,
}
