//! Submissions as JSON: what everybody may read under `/forum/v1`, what the secretariat reads and decides under
//! `/staff/v1/forum`. How something is submitted by program is in `sign/api.rs`.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use base::{
    Lang,
    limits::{PAGE_ROWS_MAX, PROSE_CHARS_MAX, REASON_CHARS_MAX},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use web::{Actor, JsonBody, Names, Operation, Problem, Routes, openapi::leaf::IdOf};

use super::{
    listed::ReadRefusal,
    model::{After, Filter, StateWord, SubmissionLang},
    ops::{
        decide::{DecideRefusal, Withdrawing},
        read::Public,
    },
    view::{CountsView, EntryView, PublicView, SubmissionView, Submissions, TranslationView},
};
use crate::{
    About, Forum, PartyClass, QuestionId, Region, SubmissionId, SubmissionKind,
    act::api::HistoryView,
    call::api::{WHICH, symbol},
    public::database,
    wire::LangView,
};

const TAG: &str = "Forum";
const DESK: &str = "Secretariat";

pub(crate) fn routes() -> Routes<Forum> {
    let call = "/forum/v1/calls/{symbol}";
    let desk = "/staff/v1/forum/calls/{symbol}";
    let one = "/staff/v1/forum/submissions/{id}";
    let order = "In the order of receipt, a page at a time: go on with `after`, the `next` of this page.";
    let which = "Which submission.";
    Routes::new()
        .add(
            Operation::get(format!("{call}/submissions"), "listSubmissions")
                .says(TAG, "What is published of a call", order)
                .in_path("symbol", WHICH, symbol())
                .answers::<Submissions>(StatusCode::OK, "Submissions.")
                .refuses(READ_PROBLEMS),
            list,
        )
        .add(
            Operation::get(format!("{call}/counts"), "countSubmissions")
                .says(
                    TAG,
                    "How many submissions a call has in which state",
                    "Before what was submitted is published, all that is said is how many came.",
                )
                .in_path("symbol", WHICH, symbol())
                .answers::<CountsView>(StatusCode::OK, "Counts.")
                .refuses(READ_PROBLEMS),
            counts,
        )
        .add(
            Operation::get("/forum/v1/submissions/{id}", "showSubmission")
                .says(TAG, "A submission, or what became of it", "")
                .id_in_path::<SubmissionKind>("id", which)
                .answers::<PublicView>(StatusCode::OK, "The submission.")
                .refuses(READ_PROBLEMS),
            show,
        )
        .add(
            Operation::get(format!("{desk}/submissions"), "listSubmissionsOfDesk")
                .says(DESK, "The submissions of a call in one state", order)
                .in_path("symbol", WHICH, symbol())
                .answers::<Submissions>(StatusCode::OK, "Submissions.")
                .refuses(READ_PROBLEMS),
            list_of_desk,
        )
        .add(
            Operation::get(format!("{desk}/counts"), "countSubmissionsOfDesk")
                .says(
                    DESK,
                    "How many submissions a call has in which state",
                    "Of a sealed call: how many came.",
                )
                .in_path("symbol", WHICH, symbol())
                .answers::<CountsView>(StatusCode::OK, "Counts.")
                .refuses(READ_PROBLEMS),
            counts_of_desk,
        )
        .add(
            Operation::get(one, "showSubmissionOfDesk")
                .says(DESK, "A submission, whatever its state", "Unless its call is sealed.")
                .id_in_path::<SubmissionKind>("id", which)
                .answers::<SubmissionView>(StatusCode::OK, "The submission.")
                .refuses(READ_PROBLEMS),
            show_of_desk,
        )
        .add(
            Operation::post(format!("{one}/acts"), "decideOnSubmission")
                .says(DESK, "Admit, refuse, withhold or withdraw a submission", "")
                .id_in_path::<SubmissionKind>("id", which)
                .answers::<EntryView>(StatusCode::OK, "The submission, as it is now.")
                .refuses(DECIDE_PROBLEMS)
                .example(serde_json::json!({ "act": "refuse", "reason": "It answers another call." })),
            decide,
        )
        .add(
            Operation::post(format!("{one}/translations"), "translateSubmission")
                .says(DESK, "Translate a submission", "Beside the original, which stays as it was signed.")
                .id_in_path::<SubmissionKind>("id", which)
                .answers::<TranslationView>(StatusCode::CREATED, "The translation.")
                .refuses(DECIDE_PROBLEMS)
                .example(serde_json::json!({ "lang": "fr", "answers": { "q1": "Creuser." } })),
            translate,
        )
        .add(
            Operation::get(format!("{one}/history"), "showHistoryOfSubmission")
                .says(DESK, "Who decided what on a submission, when and why", "")
                .id_in_path::<SubmissionKind>("id", which)
                .answers::<HistoryView>(StatusCode::OK, "Its history.")
                .refuses(READ_PROBLEMS),
            history,
        )
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SubmissionFilter")]
struct Wanted {
    class: Option<PartyClass>,
    region: Option<Region>,
    /// Two letters of ISO 3166-1.
    country: Option<String>,
    /// The language of the original, a BCP 47 tag.
    lang: Option<String>,
    /// Those that answer this question.
    question: Option<String>,
    /// The `next` of the page before.
    #[schemars(with = "Option<IdOf<SubmissionKind>>")]
    after: Option<String>,
}

impl Wanted {
    fn filter(&self) -> Option<Filter> {
        Some(Filter {
            class: self.class,
            region: self.region,
            country: self.country.as_deref().map(str::parse).transpose().ok()?,
            lang: match &self.lang {
                Some(tag) => Some(SubmissionLang::new(tag)?),
                None => None,
            },
            question: match &self.question {
                Some(id) => Some(QuestionId::new(id)?),
                None => None,
            },
            text: None,
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SubmissionsInState")]
struct InState {
    /// `received`, if nothing is said.
    state: Option<StateWord>,
    /// The `next` of the page before.
    #[schemars(with = "Option<IdOf<SubmissionKind>>")]
    after: Option<String>,
}

/// What the secretariat decides.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(rename = "ActOnSubmission")]
enum Act {
    /// It is admitted.
    Admit {},
    /// It is inadmissible, for a reason that everybody may read.
    Refuse {
        #[schemars(length(min = 1, max = REASON_CHARS_MAX))]
        reason: String,
    },
    /// It is kept from the public, for a reason that everybody may read.
    Withhold {
        #[schemars(length(min = 1, max = REASON_CHARS_MAX))]
        reason: String,
    },
    /// It is taken back, because who sent it asked for that.
    Withdraw {
        #[schemars(length(min = 1, max = REASON_CHARS_MAX))]
        reason: String,
    },
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewTranslation")]
struct NewTranslation {
    #[schemars(with = "LangView")]
    lang: Lang,
    /// By question; only what was answered.
    #[schemars(with = "BTreeMap<String, String>")]
    answers: BTreeMap<QuestionId, String>,
    #[serde(default)]
    #[schemars(length(max = PROSE_CHARS_MAX))]
    summary: Option<String>,
}

fn bad_query() -> Problem {
    Problem::bad_request(
        "query",
        "A filter is not one of its values, or `after` is no submission of this call.",
    )
}

/// Where a page of what is published begins. Of what cannot be read not even that it exists is told (invariant I5).
async fn after_public(forum: &Forum, symbol: &str, id: Option<&str>) -> Result<Option<After>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let id = id.parse().map_err(|_| bad_query())?;
    let (of, received_at) = match forum.submission(id).await {
        Ok(Public::Whole(whole)) => (whole.entry.symbol, whole.entry.received_at),
        Ok(Public::Gone(gone)) => (gone.symbol, gone.received_at),
        Err(ReadRefusal::NotFound) => return Err(bad_query()),
        Err(refusal) => return Err(read_problem(&refusal)),
    };
    if of == symbol { Ok(Some(After { received_at, id })) } else { Err(bad_query()) }
}

async fn after(forum: &Forum, id: Option<&str>) -> Result<Option<After>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let id = id.parse().map_err(|_| bad_query())?;
    let found = forum.submission_place(id).await.map_err(|e| database(&e))?;
    Ok(Some(found.ok_or_else(bad_query)?))
}

fn id_of(id: &str) -> Result<SubmissionId, Problem> {
    id.parse().map_err(|_| Problem::not_found("submission"))
}

async fn list(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Submissions>, Problem> {
    let Query(wanted) = wanted.map_err(|_| bad_query())?;
    let filter = wanted.filter().ok_or_else(bad_query)?;
    let after = after_public(&forum, &symbol, wanted.after.as_deref()).await?;
    let found = forum.list(&symbol, filter, after, PAGE_ROWS_MAX).await.map_err(|e| read_problem(&e))?;
    Ok(Json(found.into()))
}

async fn counts(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Json<CountsView>, Problem> {
    let counts = forum.counts(&symbol).await.map_err(|e| read_problem(&e))?;
    let facets = forum.facets(&symbol).await.map_err(|e| read_problem(&e))?;
    Ok(Json(CountsView::of(counts, facets)))
}

async fn show(State(forum): State<Forum>, Names(id): Names<String>) -> Result<Json<PublicView>, Problem> {
    let found = forum.submission(id_of(&id)?).await.map_err(|e| read_problem(&e))?;
    Ok(Json(match found {
        Public::Whole(whole) => PublicView::Published(Box::new((*whole).into())),
        Public::Gone(gone) => PublicView::Gone(gone.into()),
    }))
}

async fn list_of_desk(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    wanted: Result<Query<InState>, QueryRejection>,
) -> Result<Json<Submissions>, Problem> {
    let Query(wanted) = wanted.map_err(|_| bad_query())?;
    let after = after(&forum, wanted.after.as_deref()).await?;
    let state = wanted.state.unwrap_or(StateWord::Received);
    let found = forum.submissions_of_desk(&actor, &symbol, state, after).await;
    Ok(Json(found.map_err(|e| read_problem(&e))?.into()))
}

async fn counts_of_desk(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Json<CountsView>, Problem> {
    let counts = forum.counts_of_desk(&actor, &symbol).await.map_err(|e| read_problem(&e))?;
    let facets = match forum.facets(&symbol).await {
        // Of a draft.
        Err(ReadRefusal::NotFound) => crate::Facets::default(),
        facets => facets.map_err(|e| read_problem(&e))?,
    };
    Ok(Json(CountsView::of(counts, facets)))
}

async fn show_of_desk(
    actor: Actor,
    State(forum): State<Forum>,
    Names(id): Names<String>,
) -> Result<Json<SubmissionView>, Problem> {
    let found = forum.submission_of_desk(&actor, id_of(&id)?).await;
    Ok(Json(found.map_err(|e| read_problem(&e))?.into()))
}

async fn decide(
    actor: Actor,
    State(forum): State<Forum>,
    Names(id): Names<String>,
    JsonBody(act): JsonBody<Act>,
) -> Result<Json<EntryView>, Problem> {
    let id = id_of(&id)?;
    let done = match act {
        Act::Admit {} => forum.admit(&actor, id).await,
        Act::Refuse { reason } => forum.refuse(&actor, id, &reason).await,
        Act::Withhold { reason } => forum.withhold(&actor, id, &reason).await,
        Act::Withdraw { reason } => {
            forum.withdraw_submission(Withdrawing::Staff(&actor), id, Some(&reason)).await
        }
    };
    Ok(Json(done.map_err(|e| decide_problem(&e))?.into()))
}

async fn translate(
    actor: Actor,
    State(forum): State<Forum>,
    Names(id): Names<String>,
    JsonBody(new): JsonBody<NewTranslation>,
) -> Result<Response, Problem> {
    let texts = (new.answers, new.summary);
    let done = forum.translate_submission(&actor, id_of(&id)?, new.lang, texts).await;
    let view = TranslationView::from(done.map_err(|e| decide_problem(&e))?);
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

async fn history(
    actor: Actor,
    State(forum): State<Forum>,
    Names(id): Names<String>,
) -> Result<Json<HistoryView>, Problem> {
    let id = id_of(&id)?;
    let found = forum.submission_place(id).await.map_err(|e| database(&e))?;
    found.ok_or_else(|| Problem::not_found("submission"))?;
    let acts = forum.history(&actor, About::Submission, id.as_i64()).await;
    Ok(Json(acts.map_err(|e| crate::call::api::problem(&e))?.into()))
}

web::problems! {
    pub(crate) fn read_problem(error: ReadRefusal) -> READ_PROBLEMS {
        ReadRefusal::Forbidden => FORBIDDEN "forbidden" (error.to_string()),
        ReadRefusal::NotFound => NOT_FOUND "not_found" ("There is none, or it is not public."),
        ReadRefusal::Sealed => CONFLICT "call_sealed" (error.to_string()),
    } else {
        ReadRefusal::Store(error) => database(error),
    }
}

web::problems! {
    pub(crate) fn decide_problem(error: DecideRefusal) -> DECIDE_PROBLEMS {
        DecideRefusal::Forbidden => FORBIDDEN "forbidden" (error.to_string()),
        DecideRefusal::NoSuchSubmission => NOT_FOUND "not_found" ("There is no such submission."),
        DecideRefusal::Sealed => CONFLICT "call_sealed" (error.to_string()),
        DecideRefusal::State => CONFLICT "submission_state" (error.to_string()),
        DecideRefusal::ModifyUntil => CONFLICT "modify_until" (error.to_string()),
        DecideRefusal::Reason => BAD_REQUEST "reason" (error.to_string()),
        DecideRefusal::Text(_) => BAD_REQUEST "text" (error.to_string()),
    } else {
        DecideRefusal::Store(error) => database(error),
    }
}

impl ReadRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        read_problem(self).code()
    }
}

impl DecideRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        decide_problem(self).code()
    }
}
