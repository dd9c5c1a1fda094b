//! Calls as JSON: for everybody under `/forum/v1/calls`, for the secretariat under `/staff/v1/forum/calls`.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use base::{
    Instant, Lang,
    limits::{GRACE_MAX_MS, LINE_CHARS_MAX, PARTY_LIMIT_MAX, PROSE_CHARS_MAX, REASON_CHARS_MAX},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use web::{
    Actor, JsonBody, Names, Operation, Problem, Routes,
    openapi::{Shape, leaf::Time},
};

use super::{
    model::{Call, CallKind, NewCall, Policy},
    ops::CallRefusal,
    view::{CallView, Calls},
};
use crate::{
    About, Forum, PartyClass,
    act::api::HistoryView,
    public::database,
    wire::{DeadlineView, FileView, LangView, QuestionView, SYMBOL_PATTERN, TextView, files, form, instant},
};

const TAG: &str = "Forum";
const DESK: &str = "Secretariat";
/// What an address with a symbol says of it.
pub(crate) const WHICH: &str = "The symbol of the call.";

pub(crate) fn symbol() -> Shape {
    Shape::Given(json!({ "type": "string", "pattern": SYMBOL_PATTERN }))
}

pub(crate) fn routes() -> Routes<Forum> {
    let all = "/staff/v1/forum/calls";
    let one = format!("{all}/{{symbol}}");
    let order =
        "The latest deadline first, a page at a time: go on with `after`, the last symbol of this page.";
    Routes::new()
        .add(
            Operation::get("/forum/v1/calls", "listCalls")
                .says(TAG, "Calls that were announced", order)
                .answers::<Calls>(StatusCode::OK, "Calls."),
            list,
        )
        .add(
            Operation::get("/forum/v1/calls/{symbol}", "showCall")
                .says(TAG, "A call", "Its state follows from the clock.")
                .in_path("symbol", WHICH, symbol())
                .answers::<CallView>(StatusCode::OK, "The call."),
            show,
        )
        .add(
            Operation::get(all, "listCallsOfDesk")
                .says(DESK, "All calls, drafts too", order)
                .answers::<Calls>(StatusCode::OK, "Calls."),
            list_of_desk,
        )
        .add(
            Operation::post(all, "draftCall")
                .says(DESK, "Draft a call", "Only the secretariat sees it until it is announced.")
                .answers::<CallView>(StatusCode::CREATED, "The draft.")
                .refuses(PROBLEMS)
                .example(example()),
            draft,
        )
        .add(
            Operation::get(&one, "showCallOfDesk")
                .says(DESK, "A call, also a draft", "")
                .in_path("symbol", WHICH, symbol())
                .answers::<CallView>(StatusCode::OK, "The call."),
            show_of_desk,
        )
        .add(
            Operation::post(format!("{one}/changes"), "changeCall")
                .says(
                    DESK,
                    "Change a call that has not opened",
                    "All of it is said anew; its symbol stays, and once it was announced its dates, policy and \
                     audience do. A changed form is a new version.",
                )
                .in_path("symbol", WHICH, symbol())
                .answers::<CallView>(StatusCode::OK, "The call.")
                .refuses(PROBLEMS)
                .example(example()),
            change,
        )
        .add(
            Operation::post(format!("{one}/acts"), "actOnCall")
                .says(DESK, "Announce, extend, withdraw, annul, publish or note the consideration of a call", "")
                .in_path("symbol", WHICH, symbol())
                .answers::<CallView>(StatusCode::OK, "The call.")
                .refuses(PROBLEMS)
                .example(json!({ "act": "publish" })),
            act,
        )
        .add(
            Operation::post(format!("{one}/translations"), "translateCall")
                .says(DESK, "Translate a call's title and introduction", "The originals stay.")
                .in_path("symbol", WHICH, symbol())
                .answers::<CallView>(StatusCode::OK, "The call.")
                .refuses(PROBLEMS),
            translate,
        )
        .add(
            Operation::get(format!("{one}/history"), "showHistoryOfCall")
                .says(DESK, "Who did what with a call, when and why", "")
                .in_path("symbol", WHICH, symbol())
                .answers::<HistoryView>(StatusCode::OK, "Its history."),
            history,
        )
}

/// A call as it is sent.
fn example() -> serde_json::Value {
    json!({
        "symbol": "WELLS-2026", "kind": "consultation",
        "title": { "original": "en", "texts": { "en": "Wells" } },
        "introduction": { "original": "en", "texts": { "en": "Which wells are dry?" } },
        "questions": [
            { "id": "q1", "kind": "long_text", "required": true,
              "label": { "original": "en", "texts": { "en": "What should be done?" } } },
        ],
        "opens": "2026-03-01T00:00:00Z",
        "closes": { "instant": "2199-12-31T23:00:00Z", "zone": "Europe/Zurich", "wording": "by_end_of_day" },
        "policy": "at_close", "contact": "forum@secretariat.example",
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CallsAfter")]
struct Page {
    /// The last symbol of the page before.
    #[schemars(regex(pattern = SYMBOL_PATTERN))]
    after: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewCall")]
struct New {
    #[schemars(regex(pattern = SYMBOL_PATTERN))]
    symbol: String,
    /// The circular that opens it.
    #[serde(default)]
    circular: Option<String>,
    kind: CallKind,
    title: TextView,
    introduction: TextView,
    /// Who may submit; empty: everybody.
    #[serde(default)]
    audience: Vec<PartyClass>,
    /// The languages of its documents.
    #[serde(default)]
    #[schemars(with = "Vec<LangView>")]
    languages: Vec<Lang>,
    #[schemars(length(min = 1))]
    questions: Vec<QuestionView>,
    #[schemars(with = "Time")]
    opens: String,
    closes: DeadlineView,
    /// For how long after the deadline submissions are still received, and marked; milliseconds.
    #[serde(default, deserialize_with = "web::body::whole")]
    #[schemars(range(min = 0, max = GRACE_MAX_MS))]
    grace_ms: i64,
    /// Until when a submission can be replaced or withdrawn.
    #[serde(default)]
    #[schemars(with = "Option<Time>")]
    modify_until: Option<String>,
    /// How many submissions of one party count at once.
    #[serde(default, deserialize_with = "web::body::whole_or_none")]
    #[schemars(range(min = 1, max = PARTY_LIMIT_MAX))]
    party_limit: Option<i64>,
    policy: Policy,
    /// Where to ask: an office's address.
    #[schemars(length(min = 1, max = LINE_CHARS_MAX))]
    contact: String,
    /// Files that were sent before; everybody may read them once the call is announced.
    #[serde(default)]
    documents: Vec<FileView>,
}

impl New {
    fn said(self) -> Result<NewCall, Problem> {
        let text = |e| problem(&CallRefusal::Text(e));
        Ok(NewCall {
            symbol: self.symbol,
            circular: self.circular,
            kind: self.kind,
            title: self.title.try_into().map_err(text)?,
            introduction: self.introduction.try_into().map_err(text)?,
            audience: self.audience,
            languages: self.languages,
            form: form(self.questions)?,
            opens: instant(&self.opens)?,
            closes: self.closes.try_into()?,
            grace_ms: self.grace_ms,
            modify_until: self.modify_until.as_deref().map(instant).transpose()?,
            party_limit: self.party_limit,
            policy: self.policy,
            contact: self.contact,
            documents: files(self.documents)?,
        })
    }
}

/// What is done with a call.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(rename = "ActOnCall")]
enum Act {
    /// Everybody knows of it from now on, and the clock opens and closes it.
    Announce {},
    /// Its deadline moves later.
    Extend {
        closes: DeadlineView,
        #[serde(default)]
        #[schemars(with = "Option<Time>")]
        modify_until: Option<String>,
        #[schemars(length(min = 1, max = REASON_CHARS_MAX))]
        reason: String,
    },
    /// It is taken back before it opens.
    Withdraw {
        #[schemars(length(min = 1, max = REASON_CHARS_MAX))]
        reason: String,
    },
    /// It is ended after it has opened.
    Annul {
        #[schemars(length(min = 1, max = REASON_CHARS_MAX))]
        reason: String,
    },
    /// What was submitted is published, as its policy says.
    Publish {},
    /// An item of an agenda considered it.
    Consider {
        #[schemars(length(min = 1, max = LINE_CHARS_MAX))]
        item: String,
    },
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TranslationOfCall")]
struct Translation {
    #[schemars(with = "LangView")]
    lang: Lang,
    #[schemars(length(min = 1, max = LINE_CHARS_MAX))]
    title: String,
    #[schemars(length(min = 1, max = PROSE_CHARS_MAX))]
    introduction: String,
}

/// Behind which call a page begins.
async fn after(
    forum: &Forum,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Option<(Instant, crate::CallId)>, Problem> {
    let bad = || Problem::bad_request("query", "Send `after`, the symbol of a call, or nothing.");
    let Query(page) = page.map_err(|_| bad())?;
    let Some(symbol) = page.after else { return Ok(None) };
    let found = forum.call_place(&symbol).await.map_err(|e| database(&e))?;
    Ok(Some(found.ok_or_else(bad)?))
}

fn views(forum: &Forum, all: Vec<Call>) -> Json<Calls> {
    let at = forum.clock.now();
    Json(Calls { calls: all.into_iter().map(|call| CallView::of(call, at)).collect() })
}

fn view(forum: &Forum, call: Call) -> Json<CallView> {
    Json(CallView::of(call, forum.clock.now()))
}

async fn list(
    State(forum): State<Forum>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Calls>, Problem> {
    let after = after(&forum, page).await?;
    let found = forum.calls(after).await.map_err(|e| database(&e))?;
    Ok(views(&forum, found))
}

async fn show(State(forum): State<Forum>, Names(symbol): Names<String>) -> Result<Json<CallView>, Problem> {
    let found = forum.call(&symbol).await.map_err(|e| database(&e))?;
    Ok(view(&forum, found.ok_or_else(|| Problem::not_found("call"))?))
}

async fn list_of_desk(
    actor: Actor,
    State(forum): State<Forum>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Calls>, Problem> {
    let after = after(&forum, page).await?;
    let found = forum.calls_of_desk(&actor, after).await.map_err(|e| problem(&e))?;
    Ok(views(&forum, found))
}

async fn draft(
    actor: Actor,
    State(forum): State<Forum>,
    JsonBody(new): JsonBody<New>,
) -> Result<Response, Problem> {
    let drafted = forum.draft_call(&actor, new.said()?).await.map_err(|e| problem(&e))?;
    Ok((StatusCode::CREATED, view(&forum, drafted)).into_response())
}

async fn show_of_desk(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Json<CallView>, Problem> {
    let found = forum.call_of_desk(&actor, &symbol).await.map_err(|e| problem(&e))?;
    Ok(view(&forum, found))
}

async fn change(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    JsonBody(new): JsonBody<New>,
) -> Result<Json<CallView>, Problem> {
    let said = new.said()?;
    // It names the call.
    if said.symbol != symbol {
        return Err(problem(&CallRefusal::Symbol));
    }
    let changed = forum.change_call(&actor, said).await.map_err(|e| problem(&e))?;
    Ok(view(&forum, changed))
}

async fn act(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    JsonBody(act): JsonBody<Act>,
) -> Result<Json<CallView>, Problem> {
    let done = match act {
        Act::Announce {} => forum.announce_call(&actor, &symbol).await,
        Act::Extend { closes, modify_until, reason } => {
            let until = modify_until.as_deref().map(instant).transpose()?;
            forum.extend_call(&actor, &symbol, (closes.try_into()?, until), &reason).await
        }
        Act::Withdraw { reason } => forum.withdraw_call(&actor, &symbol, &reason).await,
        Act::Annul { reason } => forum.annul_call(&actor, &symbol, &reason).await,
        Act::Publish {} => forum.publish_call(&actor, &symbol).await.map(|published| published.call),
        Act::Consider { item } => forum.consider_call(&actor, &symbol, &item).await,
    };
    Ok(view(&forum, done.map_err(|e| problem(&e))?))
}

async fn translate(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    JsonBody(t): JsonBody<Translation>,
) -> Result<Json<CallView>, Problem> {
    let texts = (t.title, t.introduction);
    let done = forum.translate_call(&actor, &symbol, t.lang, texts).await;
    Ok(view(&forum, done.map_err(|e| problem(&e))?))
}

async fn history(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Json<HistoryView>, Problem> {
    let call = forum.call_of_desk(&actor, &symbol).await.map_err(|e| problem(&e))?;
    let acts = forum.history(&actor, About::Call, call.id.as_i64()).await;
    Ok(Json(acts.map_err(|e| problem(&e))?.into()))
}

web::problems! {
    pub(crate) fn problem(error: CallRefusal) -> PROBLEMS {
        CallRefusal::Forbidden => FORBIDDEN "forbidden" (error.to_string()),
        CallRefusal::NoSuchCall => NOT_FOUND "not_found" ("There is no such call."),
        CallRefusal::Circular => CONFLICT "circular" (error.to_string()),
        CallRefusal::Symbol => BAD_REQUEST "symbol" (error.to_string()),
        CallRefusal::SymbolTaken => CONFLICT "symbol_taken" (error.to_string()),
        CallRefusal::Text(_) => BAD_REQUEST "text" (error.to_string()),
        CallRefusal::Form(_) => BAD_REQUEST "form" (error.to_string()),
        CallRefusal::Window => BAD_REQUEST "dates" (error.to_string()),
        CallRefusal::Number => BAD_REQUEST "number" (error.to_string()),
        CallRefusal::File => BAD_REQUEST "files" (error.to_string()),
        CallRefusal::Announced => CONFLICT "call_announced" (error.to_string()),
        CallRefusal::Opened => CONFLICT "call_opened" (error.to_string()),
        CallRefusal::State => CONFLICT "call_state" (error.to_string()),
        CallRefusal::NotLater => CONFLICT "not_later" (error.to_string()),
        CallRefusal::Reason => BAD_REQUEST "reason" (error.to_string()),
    } else {
        CallRefusal::Store(error) => database(error),
    }
}

impl CallRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        problem(self).code()
    }
}
