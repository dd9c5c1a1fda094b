//! What several pages show: a call in a list, a state, dates and sizes in the reader's words.

use base::{Instant, Lang};
use web::{
    components::{Kind, State},
    format,
};

use crate::{
    call::model::{Call, CallState},
    deadline::{Deadline, Wording},
    multilingual::Shown,
    submission::model::{FileRef, StateWord},
    texts::T,
    words,
};

/// A call in a list.
pub(crate) struct Card<'a> {
    pub(crate) path: String,
    pub(crate) symbol: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) title: Shown<'a>,
    pub(crate) state: State<'static>,
    pub(crate) dates: String,
}

impl<'a> Card<'a> {
    pub(crate) fn of(call: &'a Call, t: T, at: Instant) -> Self {
        let state = call.state(at);
        Self {
            path: format!("/calls/{}", call.said.symbol),
            symbol: &call.said.symbol,
            kind: words::kind(t, call.said.kind),
            title: call.said.title.get(t.0),
            state: call_state(t, state),
            dates: if state == CallState::Scheduled {
                t.pub_labelled(t.pub_opens(), format::date(t.0, call.said.opens, &call.said.closes.zone))
            } else {
                t.pub_labelled(t.pub_closes(), deadline(t.0, &call.said.closes))
            },
        }
    }
}

/// A deadline as it was set, in the host's zone.
pub(crate) fn deadline(lang: Lang, deadline: &Deadline) -> String {
    format::deadline(lang, deadline.instant, &deadline.zone, wording(deadline.wording))
}

/// How pages say it.
pub(crate) const fn wording(wording: Wording) -> format::Wording {
    match wording {
        Wording::ByEndOfDay => format::Wording::ByEndOfDay,
        Wording::Before => format::Wording::Before,
        Wording::AtLatestBy => format::Wording::AtLatestBy,
        Wording::Deadline => format::Wording::Deadline,
        Wording::Until => format::Wording::Until,
    }
}

/// Where a call stands.
pub(crate) fn call_state(t: T, at: CallState) -> State<'static> {
    let kind = match at {
        CallState::Open | CallState::Published => Kind::Valid,
        CallState::Draft | CallState::Scheduled | CallState::Grace => Kind::Waiting,
        CallState::Withdrawn | CallState::Annulled => Kind::Refused,
        CallState::Closed | CallState::Considered => Kind::Plain,
    };
    State::new(kind, words::call_state(t, at))
}

/// What vouches for a submission.
pub(crate) fn vouched(t: T, how: words::Vouched) -> State<'static> {
    let kind = match how {
        words::Vouched::Mandate | words::Vouched::Participant => Kind::Valid,
        words::Vouched::Unsigned | words::Vouched::Paper => Kind::Plain,
    };
    State::new(kind, how.word(t))
}

/// A file to take away.
pub(crate) struct FileLink<'a> {
    pub(crate) name: &'a str,
    pub(crate) href: String,
    pub(crate) size: String,
}

impl<'a> FileLink<'a> {
    pub(crate) fn of(file: &'a FileRef, lang: Lang) -> Self {
        Self::at("/files", file, lang)
    }

    /// At another address than everybody's: at the desk, before everybody may take it away.
    pub(crate) fn at(place: &str, file: &'a FileRef, lang: Lang) -> Self {
        Self {
            name: &file.name,
            href: format!("{place}/{}", file.digest_hex()),
            size: format::file_size(lang, file.size),
        }
    }
}

/// What became of a submission.
pub(crate) fn submission_state(t: T, at: StateWord) -> State<'static> {
    let kind = match at {
        StateWord::Published | StateWord::Admissible => Kind::Valid,
        StateWord::Received => Kind::Waiting,
        StateWord::Inadmissible | StateWord::Withheld => Kind::Refused,
        StateWord::Counted | StateWord::Superseded | StateWord::Withdrawn => Kind::Plain,
    };
    State::new(kind, words::submission_state(t, at))
}
