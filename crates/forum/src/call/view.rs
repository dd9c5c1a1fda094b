//! A call as JSON shows it.

use base::{Instant, Lang};
use schemars::JsonSchema;
use serde::Serialize;
use web::openapi::leaf::Time;

use super::model::{Call, CallKind, Extension, Policy};
use crate::{
    PartyClass,
    wire::{DeadlineView, FileView, LangView, QuestionView, TextView},
};

/// A call.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Call")]
pub(crate) struct CallView {
    symbol: String,
    /// `draft`, `scheduled`, `open`, `grace`, `closed`, `published`, `considered`, `withdrawn` or `annulled`: as of now.
    state: &'static str,
    /// Why it was withdrawn or annulled.
    reason: Option<String>,
    circular: Option<String>,
    kind: CallKind,
    title: TextView,
    introduction: TextView,
    /// Who may submit; empty: everybody.
    audience: Vec<PartyClass>,
    #[schemars(with = "Vec<LangView>")]
    languages: Vec<Lang>,
    /// What answers cite.
    #[schemars(range(min = 1))]
    form_version: i64,
    questions: Vec<QuestionView>,
    #[schemars(with = "Time")]
    opens: String,
    closes: DeadlineView,
    grace_ms: i64,
    #[schemars(with = "Option<Time>")]
    modify_until: Option<String>,
    /// How its deadline was moved, the oldest first.
    extensions: Vec<ExtensionView>,
    party_limit: Option<i64>,
    policy: Policy,
    contact: String,
    documents: Vec<FileView>,
    #[schemars(with = "Option<Time>")]
    published_at: Option<String>,
    /// The item of an agenda that considered it.
    considered_at_item: Option<String>,
}

/// A deadline that was moved.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Extension")]
struct ExtensionView {
    from: DeadlineView,
    to: DeadlineView,
    reason: String,
    #[schemars(with = "Time")]
    extended_at: String,
}

impl From<&Extension> for ExtensionView {
    fn from(e: &Extension) -> Self {
        Self {
            from: (&e.from).into(),
            to: (&e.to).into(),
            reason: e.reason.clone(),
            extended_at: e.extended_at.rfc3339(),
        }
    }
}

/// Some calls.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Calls {
    pub(crate) calls: Vec<CallView>,
}

impl CallView {
    /// The call as it is at `at`.
    pub(crate) fn of(call: Call, at: Instant) -> Self {
        let state = call.state(at).as_str();
        let said = call.said;
        Self {
            symbol: said.symbol,
            state,
            reason: call.done.reason,
            circular: said.circular,
            kind: said.kind,
            title: (&said.title).into(),
            introduction: (&said.introduction).into(),
            audience: said.audience,
            languages: said.languages,
            form_version: said.form.version,
            questions: said.form.questions.iter().map(Into::into).collect(),
            opens: said.opens.rfc3339(),
            closes: (&said.closes).into(),
            grace_ms: said.grace_ms,
            modify_until: said.modify_until.map(Instant::rfc3339),
            extensions: call.extensions.iter().map(Into::into).collect(),
            party_limit: said.party_limit,
            policy: said.policy,
            contact: said.contact,
            documents: said.documents.iter().map(Into::into).collect(),
            published_at: call.published_at.map(Instant::rfc3339),
            considered_at_item: call.considered_at_item,
        }
    }
}
