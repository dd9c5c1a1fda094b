//! Submissions as JSON shows them.

use std::collections::BTreeMap;

use base::Lang;
use formats::b64;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use web::openapi::leaf::{IdOf, Time};

use super::{
    model::{
        Counts, Entry, FacetCount, Facets, Listed, StandingKind, State, StateWord, Submission, Translation,
    },
    ops::read::Gone,
};
use crate::{
    Answers, PartyClass, QuestionId, Region, SubmissionId, SubmissionKind,
    wire::{DIGEST_PATTERN, FileView, LangView},
};

/// Who submitted, as everybody may read it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PartyOfSubmission")]
struct PartyView {
    class: PartyClass,
    name: String,
    /// Two letters of ISO 3166-1.
    country: Option<&'static str>,
    region: Option<Region>,
    /// Who acted for it.
    person: Option<String>,
    capacity: Option<String>,
}

/// A submission without its texts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SubmissionEntry")]
pub(crate) struct EntryView {
    #[schemars(with = "IdOf<SubmissionKind>")]
    id: SubmissionId,
    /// The symbol of its call.
    call: String,
    #[schemars(range(min = 1))]
    form_version: i64,
    /// The language of the original, a BCP 47 tag.
    lang: String,
    /// SHA-256 of the canonical text.
    #[schemars(regex(pattern = DIGEST_PATTERN))]
    digest: String,
    party: PartyView,
    standing: StandingKind,
    /// With which type of credential it was signed.
    credential: Option<String>,
    #[schemars(with = "Time")]
    received_at: String,
    /// Whether that was in the grace after the deadline.
    in_grace: bool,
    #[schemars(with = "Option<IdOf<SubmissionKind>>")]
    supersedes: Option<SubmissionId>,
    state: StateView,
}

/// A state, with its reason.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SubmissionState")]
pub(crate) struct StateView {
    state: StateWord,
    reason: Option<String>,
    #[schemars(with = "Option<IdOf<SubmissionKind>>")]
    superseded_by: Option<SubmissionId>,
}

impl From<State> for StateView {
    fn from(state: State) -> Self {
        let word = state.word();
        let (reason, superseded_by) = match state {
            State::Inadmissible { reason } | State::Withheld { reason } => (Some(reason), None),
            State::Withdrawn { reason } => (reason, None),
            State::Superseded { by } => (None, Some(by)),
            State::Received | State::Admissible | State::Published | State::Counted => (None, None),
        };
        Self { state: word, reason, superseded_by }
    }
}

impl From<Entry> for EntryView {
    fn from(e: Entry) -> Self {
        let region = e.party.region();
        Self {
            id: e.id,
            call: e.symbol,
            form_version: e.form_version,
            lang: e.lang.as_str().to_owned(),
            digest: base16ct::lower::encode_string(&e.digest),
            party: PartyView {
                class: e.party.class,
                name: e.party.name,
                country: e.party.country.map(crate::Country::code),
                region,
                person: e.party.person,
                capacity: e.party.capacity,
            },
            standing: e.standing,
            credential: e.credential,
            received_at: e.received_at.rfc3339(),
            in_grace: e.in_grace,
            supersedes: e.supersedes,
            state: e.state.into(),
        }
    }
}

/// A page of submissions.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Submissions {
    /// In the order of receipt.
    submissions: Vec<EntryView>,
    /// With what the next page is asked for, if there is one.
    #[schemars(with = "Option<IdOf<SubmissionKind>>")]
    next: Option<SubmissionId>,
}

impl From<Listed> for Submissions {
    fn from(listed: Listed) -> Self {
        let next = listed.next.map(|after| after.id);
        Self { submissions: listed.entries.into_iter().map(Into::into).collect(), next }
    }
}

/// A submission with its texts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Submission")]
pub(crate) struct SubmissionView {
    #[serde(flatten)]
    entry: EntryView,
    /// By question: `{"q1": {"text": "…"}}`.
    #[schemars(with = "Map<String, Value>")]
    answers: Answers,
    summary: Option<String>,
    files: Vec<FileView>,
    /// The canonical text (RFC 8785) whose digest was signed, as it was received.
    canonical: String,
    /// Of a signed one: the evidence document, base64url.
    evidence: Option<String>,
    /// Of one that came on paper: SHA-256 of the scan.
    scan: Option<String>,
    /// Its leaf in the log: receipt and proof are under `/log/receipts/`.
    #[schemars(with = "String")]
    leaf: log::LeafId,
    translations: Vec<TranslationView>,
}

impl From<Submission> for SubmissionView {
    fn from(s: Submission) -> Self {
        Self {
            entry: s.entry.into(),
            answers: s.answers,
            summary: s.summary,
            files: s.files.iter().map(Into::into).collect(),
            canonical: String::from_utf8_lossy(&s.canonical).into_owned(),
            evidence: s.evidence.as_deref().map(b64::encode),
            scan: s.scan.as_ref().map(|scan| base16ct::lower::encode_string(scan)),
            leaf: s.leaf,
            translations: s.translations.into_iter().map(Into::into).collect(),
        }
    }
}

/// A translation, which never takes the original's place.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TranslationOfSubmission")]
pub(crate) struct TranslationView {
    #[schemars(with = "LangView")]
    lang: Lang,
    /// By question.
    #[schemars(with = "BTreeMap<String, String>")]
    answers: BTreeMap<QuestionId, String>,
    summary: Option<String>,
    /// The digest of the original that was translated.
    #[schemars(regex(pattern = DIGEST_PATTERN))]
    of: String,
    #[schemars(with = "Time")]
    translated_at: String,
    /// Whether the original has changed since.
    is_stale: bool,
}

impl From<Translation> for TranslationView {
    fn from(t: Translation) -> Self {
        Self {
            lang: t.lang,
            answers: t.answers,
            summary: t.summary,
            of: base16ct::lower::encode_string(&t.of),
            translated_at: t.translated_at.rfc3339(),
            is_stale: t.is_stale,
        }
    }
}

/// What is said of a submission that nobody can read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GoneSubmission")]
pub(crate) struct GoneView {
    #[schemars(with = "IdOf<SubmissionKind>")]
    id: SubmissionId,
    call: String,
    #[schemars(with = "Time")]
    received_at: String,
    state: StateView,
}

impl From<Gone> for GoneView {
    fn from(g: Gone) -> Self {
        Self { id: g.id, call: g.symbol, received_at: g.received_at.rfc3339(), state: g.state.into() }
    }
}

/// A submission that everybody may read, or what became of it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PublicSubmission")]
pub(crate) enum PublicView {
    /// It is published.
    Published(Box<SubmissionView>),
    /// It is not, and this is why.
    Gone(GoneView),
}

/// How many submissions a call has in which state: `received` is the sum of all others.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SubmissionCounts")]
pub(crate) struct CountsView {
    received: i64,
    /// Not published yet.
    waiting: i64,
    published: i64,
    /// Taken into account and not published, by the call's policy.
    counted: i64,
    withheld: i64,
    inadmissible: i64,
    superseded: i64,
    withdrawn: i64,
    /// Of those that are published.
    by: FacetsView,
}

/// By what the published submissions can be filtered.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SubmissionFacets")]
struct FacetsView {
    class: BTreeMap<String, i64>,
    region: BTreeMap<String, i64>,
    country: BTreeMap<String, i64>,
    lang: BTreeMap<String, i64>,
    question: BTreeMap<String, i64>,
}

impl CountsView {
    pub(crate) fn of(c: Counts, facets: Facets) -> Self {
        fn map<T>(all: Vec<FacetCount<T>>, name: impl Fn(&T) -> &str) -> BTreeMap<String, i64> {
            all.into_iter().map(|f| (name(&f.value).to_owned(), f.count)).collect()
        }
        Self {
            received: c.received,
            waiting: c.waiting,
            published: c.published,
            counted: c.counted,
            withheld: c.withheld,
            inadmissible: c.inadmissible,
            superseded: c.superseded,
            withdrawn: c.withdrawn,
            by: FacetsView {
                class: map(facets.classes, |v| v.as_str()),
                region: map(facets.regions, |v| v.as_str()),
                country: map(facets.countries, |v| v.code()),
                lang: map(facets.langs, |v| v.as_str()),
                question: map(facets.questions, |v| v.as_str()),
            },
        }
    }
}
