//! The words for what the model spells, in the reader's language: one set for every page, mail and file.

use base::Lang;

use crate::{
    call::{
        form::QuestionKind,
        model::{CallKind, CallState, Policy},
    },
    party::{PartyClass, Region},
    submission::model::{Entry, StandingKind, StateWord},
    texts::T,
};

/// What a party is.
pub(crate) fn class(t: T, class: PartyClass) -> &'static str {
    match class {
        PartyClass::MemberState => t.word_class_member_state(),
        PartyClass::SectorMember => t.word_class_sector_member(),
        PartyClass::Associate => t.word_class_associate(),
        PartyClass::Academia => t.word_class_academia(),
        PartyClass::Igo => t.word_class_igo(),
        PartyClass::RegionalOrganisation => t.word_class_regional_organisation(),
        PartyClass::UnAgency => t.word_class_un_agency(),
        PartyClass::Private => t.word_class_private(),
        PartyClass::CivilSociety => t.word_class_civil_society(),
        PartyClass::Individual => t.word_class_individual(),
        PartyClass::ObserverState => t.word_class_observer_state(),
    }
}

/// A region.
pub(crate) fn region(t: T, region: Region) -> &'static str {
    match region {
        Region::Africa => t.word_region_africa(),
        Region::Americas => t.word_region_americas(),
        Region::ArabStates => t.word_region_arab_states(),
        Region::AsiaPacific => t.word_region_asia_pacific(),
        Region::Cis => t.word_region_cis(),
        Region::Europe => t.word_region_europe(),
    }
}

/// What a call asks for.
pub(crate) fn kind(t: T, kind: CallKind) -> &'static str {
    match kind {
        CallKind::Nomination => t.word_kind_nomination(),
        CallKind::Candidature => t.word_kind_candidature(),
        CallKind::Comment => t.word_kind_comment(),
        CallKind::Contribution => t.word_kind_contribution(),
        CallKind::Consultation => t.word_kind_consultation(),
        CallKind::Interest => t.word_kind_interest(),
        CallKind::Pledge => t.word_kind_pledge(),
        CallKind::Registration => t.word_kind_registration(),
        CallKind::Entry => t.word_kind_entry(),
        CallKind::Needs => t.word_kind_needs(),
    }
}

/// Where a call stands.
pub(crate) fn call_state(t: T, state: CallState) -> &'static str {
    match state {
        CallState::Draft => t.word_call_draft(),
        CallState::Scheduled => t.word_call_scheduled(),
        CallState::Open => t.word_call_open(),
        CallState::Grace => t.word_call_grace(),
        CallState::Closed => t.word_call_closed(),
        CallState::Published => t.word_call_published(),
        CallState::Considered => t.word_call_considered(),
        CallState::Withdrawn => t.word_call_withdrawn(),
        CallState::Annulled => t.word_call_annulled(),
    }
}

/// What became of a submission.
pub(crate) fn submission_state(t: T, state: StateWord) -> &'static str {
    match state {
        StateWord::Received => t.word_submission_received(),
        StateWord::Admissible => t.word_submission_admissible(),
        StateWord::Inadmissible => t.word_submission_inadmissible(),
        StateWord::Published => t.word_submission_published(),
        StateWord::Counted => t.word_submission_counted(),
        StateWord::Withheld => t.word_submission_withheld(),
        StateWord::Superseded => t.word_submission_superseded(),
        StateWord::Withdrawn => t.word_submission_withdrawn(),
    }
}

/// What vouches for a submission, as pages tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vouched {
    /// A wallet, with a mandate of the party.
    Mandate,
    /// A wallet, with a participant's card or another that names no party.
    Participant,
    /// A link sent by mail.
    Unsigned,
    /// A paper.
    Paper,
}

impl Vouched {
    /// Of this submission.
    pub(crate) fn of(entry: &Entry) -> Self {
        match entry.standing {
            StandingKind::Signed if entry.credential.as_deref() == Some("mandate") => Self::Mandate,
            StandingKind::Signed => Self::Participant,
            StandingKind::Unsigned => Self::Unsigned,
            StandingKind::Paper => Self::Paper,
        }
    }

    /// Its word.
    pub(crate) fn word(self, t: T) -> &'static str {
        match self {
            Self::Mandate => t.word_standing_mandate(),
            Self::Participant => t.word_standing_participant(),
            Self::Unsigned => t.word_standing_unsigned(),
            Self::Paper => t.word_standing_paper(),
        }
    }

    /// What it means, in a sentence or two.
    pub(crate) fn sentence(self, t: T) -> &'static str {
        match self {
            Self::Mandate => t.pub_vouched_mandate(),
            Self::Participant => t.pub_vouched_participant(),
            Self::Unsigned => t.pub_vouched_unsigned(),
            Self::Paper => t.pub_vouched_paper(),
        }
    }

    /// The word of files and feeds.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Mandate => "signed_mandate",
            Self::Participant => "signed_participant",
            Self::Unsigned => "unsigned",
            Self::Paper => "paper",
        }
    }
}

/// What is published, and when.
pub(crate) fn policy(t: T, policy: Policy) -> &'static str {
    match policy {
        Policy::AtOnce => t.word_policy_at_once(),
        Policy::AtClose => t.word_policy_at_close(),
        Policy::SealedUntilClose => t.word_policy_sealed(),
        Policy::NeverWithCounts => t.word_policy_never(),
    }
}

/// One of the six languages.
pub(crate) fn lang(t: T, lang: Lang) -> &'static str {
    match lang {
        Lang::Ar => t.word_lang_ar(),
        Lang::Zh => t.word_lang_zh(),
        Lang::En => t.word_lang_en(),
        Lang::Fr => t.word_lang_fr(),
        Lang::Ru => t.word_lang_ru(),
        Lang::Es => t.word_lang_es(),
    }
}

/// The language with this tag: one that is none of the six keeps its tag.
pub(crate) fn lang_of_tag(t: T, tag: &str) -> String {
    tag.parse().map_or_else(|_| tag.to_owned(), |known| lang(t, known).to_owned())
}

/// What kind of answer a question takes.
pub(crate) fn question_kind(t: T, kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::Text => t.desk_kind_text(),
        QuestionKind::LongText => t.desk_kind_long_text(),
        QuestionKind::Choice => t.desk_kind_choice(),
        QuestionKind::Choices => t.desk_kind_choices(),
        QuestionKind::File => t.desk_kind_file(),
        QuestionKind::Amount => t.desk_kind_amount(),
        QuestionKind::Country => t.desk_kind_country(),
        QuestionKind::Person => t.desk_kind_person(),
    }
}
