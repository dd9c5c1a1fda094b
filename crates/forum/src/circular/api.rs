//! Circulars as JSON: for everybody under `/forum/v1/circulars`, for the secretariat under `/staff/v1/forum/circulars`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use base::{
    Instant, Lang,
    limits::{LINE_CHARS_MAX, PROSE_CHARS_MAX},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::{
    Actor, JsonBody, Names, Operation, Problem, Routes,
    openapi::{
        Shape,
        leaf::{Day, Time},
    },
};

use super::{
    model::{Circular, NewCircular},
    ops::CircularRefusal,
};
use crate::{
    About, Forum, PartyClass,
    act::api::HistoryView,
    public::database,
    wire::{FileView, LangView, SYMBOL_PATTERN, TextView, files},
};

const TAG: &str = "Forum";
const DESK: &str = "Secretariat";
/// What an address with a symbol says of it.
const WHICH: &str = "Its symbol.";

fn symbol() -> Shape {
    Shape::Given(json!({ "type": "string", "pattern": SYMBOL_PATTERN }))
}

pub(crate) fn routes() -> Routes<Forum> {
    let all = "/staff/v1/forum/circulars";
    let one = format!("{all}/{{symbol}}");
    Routes::new()
        .add(
            Operation::get("/forum/v1/circulars", "listCirculars")
                .says(TAG, "The circulars that were sent", "The newest first, as many as a page has.")
                .answers::<Circulars>(StatusCode::OK, "Circulars."),
            list,
        )
        .add(
            Operation::get("/forum/v1/circulars/{symbol}", "showCircular")
                .says(TAG, "A circular", "")
                .in_path("symbol", WHICH, symbol())
                .answers::<CircularView>(StatusCode::OK, "The circular."),
            show,
        )
        .add(
            Operation::get(all, "listCircularsOfDesk")
                .says(DESK, "All circulars", "Drafts too, the newest first.")
                .answers::<Circulars>(StatusCode::OK, "Circulars."),
            list_of_desk,
        )
        .add(
            Operation::post(all, "draftCircular")
                .says(DESK, "Draft a circular", "Only the secretariat sees it until it is sent.")
                .answers::<CircularView>(StatusCode::CREATED, "The draft.")
                .refuses(PROBLEMS)
                .example(example()),
            draft,
        )
        .add(
            Operation::get(&one, "showCircularOfDesk")
                .says(DESK, "A circular, also one that was not sent", "")
                .in_path("symbol", WHICH, symbol())
                .answers::<CircularView>(StatusCode::OK, "The circular."),
            show_of_desk,
        )
        .add(
            Operation::post(format!("{one}/changes"), "changeCircular")
                .says(DESK, "Change a draft", "All of it is said anew; its symbol stays.")
                .in_path("symbol", WHICH, symbol())
                .answers::<CircularView>(StatusCode::OK, "The draft.")
                .refuses(PROBLEMS)
                .example(example()),
            change,
        )
        .add(
            Operation::post(format!("{one}/send"), "sendCircular")
                .says(
                    DESK,
                    "Send a circular",
                    "Everybody may read it, and the calls that were drafted under it are announced.",
                )
                .in_path("symbol", WHICH, symbol())
                .answers::<CircularView>(StatusCode::OK, "The circular.")
                .refuses(PROBLEMS),
            send,
        )
        .add(
            Operation::post(format!("{one}/translations"), "translateCircular")
                .says(DESK, "Translate a circular", "Adds or replaces a translation; the original stays.")
                .in_path("symbol", WHICH, symbol())
                .answers::<CircularView>(StatusCode::OK, "The circular.")
                .refuses(PROBLEMS),
            translate,
        )
        .add(
            Operation::get(format!("{one}/history"), "showHistoryOfCircular")
                .says(DESK, "Who did what with a circular, when and why", "")
                .in_path("symbol", WHICH, symbol())
                .answers::<HistoryView>(StatusCode::OK, "Its history."),
            history,
        )
}

/// A circular as it is sent.
fn example() -> serde_json::Value {
    json!({
        "symbol": "CL-26.17", "dated": "2026-03-01", "signatory": "Amina Diallo, Secretary-General",
        "subject": { "original": "en", "texts": { "en": "A consultation opens" } },
        "text": { "original": "en", "texts": { "en": "Everybody is invited to answer." } },
        "contact": "forum@secretariat.example",
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewCircular")]
struct New {
    #[schemars(regex(pattern = SYMBOL_PATTERN))]
    symbol: String,
    /// Its date, as it stands on it.
    #[schemars(with = "Day")]
    dated: String,
    /// A name and an office.
    #[schemars(length(min = 1, max = LINE_CHARS_MAX))]
    signatory: String,
    /// Whom it addresses; empty: everybody.
    #[serde(default)]
    addressees: Vec<PartyClass>,
    /// Who gets a copy, a line each.
    #[serde(default)]
    copies: Vec<String>,
    subject: TextView,
    text: TextView,
    /// Files that were sent before; everybody may read them once the circular is sent.
    #[serde(default)]
    annexes: Vec<FileView>,
    /// Where to ask: an office's address.
    #[schemars(length(min = 1, max = LINE_CHARS_MAX))]
    contact: String,
    /// The earlier circular that it amends.
    #[serde(default)]
    amends: Option<String>,
}

impl New {
    fn said(self) -> Result<NewCircular, Problem> {
        let text = |e| problem(&CircularRefusal::Text(e));
        Ok(NewCircular {
            symbol: self.symbol,
            dated: self.dated,
            signatory: self.signatory,
            addressees: self.addressees,
            copies: self.copies,
            subject: self.subject.try_into().map_err(text)?,
            text: self.text.try_into().map_err(text)?,
            annexes: files(self.annexes)?,
            contact: self.contact,
            amends: self.amends,
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TranslationOfCircular")]
struct Translation {
    #[schemars(with = "LangView")]
    lang: Lang,
    #[schemars(length(min = 1, max = LINE_CHARS_MAX))]
    subject: String,
    #[schemars(length(min = 1, max = PROSE_CHARS_MAX))]
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Circular")]
struct CircularView {
    symbol: String,
    #[schemars(with = "Day")]
    dated: String,
    signatory: String,
    addressees: Vec<PartyClass>,
    copies: Vec<String>,
    subject: TextView,
    text: TextView,
    annexes: Vec<FileView>,
    contact: String,
    amends: Option<String>,
    /// Nothing: a draft.
    #[schemars(with = "Option<Time>")]
    sent_at: Option<String>,
    /// The calls that it opens; not in lists.
    opens: Vec<String>,
    /// Later circulars that amend it; not in lists.
    amended_by: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Circulars {
    circulars: Vec<CircularView>,
}

impl From<Circular> for CircularView {
    fn from(c: Circular) -> Self {
        Self {
            symbol: c.said.symbol,
            dated: c.said.dated,
            signatory: c.said.signatory,
            addressees: c.said.addressees,
            copies: c.said.copies,
            subject: (&c.said.subject).into(),
            text: (&c.said.text).into(),
            annexes: c.said.annexes.iter().map(Into::into).collect(),
            contact: c.said.contact,
            amends: c.said.amends,
            sent_at: c.sent_at.map(Instant::rfc3339),
            opens: c.opens,
            amended_by: c.amended_by,
        }
    }
}

fn views(all: Vec<Circular>) -> Json<Circulars> {
    Json(Circulars { circulars: all.into_iter().map(Into::into).collect() })
}

async fn list(State(forum): State<Forum>) -> Result<Json<Circulars>, Problem> {
    Ok(views(forum.circulars(None).await.map_err(|e| database(&e))?))
}

async fn show(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Json<CircularView>, Problem> {
    let found = forum.circular(&symbol).await.map_err(|e| database(&e))?;
    Ok(Json(found.ok_or_else(|| Problem::not_found("circular"))?.into()))
}

async fn list_of_desk(actor: Actor, State(forum): State<Forum>) -> Result<Json<Circulars>, Problem> {
    Ok(views(forum.circulars_of_desk(&actor).await.map_err(|e| problem(&e))?))
}

async fn draft(
    actor: Actor,
    State(forum): State<Forum>,
    JsonBody(new): JsonBody<New>,
) -> Result<Response, Problem> {
    let drafted = forum.draft_circular(&actor, new.said()?).await.map_err(|e| problem(&e))?;
    Ok((StatusCode::CREATED, Json(CircularView::from(drafted))).into_response())
}

async fn show_of_desk(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Json<CircularView>, Problem> {
    Ok(Json(forum.circular_of_desk(&actor, &symbol).await.map_err(|e| problem(&e))?.into()))
}

async fn change(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    JsonBody(new): JsonBody<New>,
) -> Result<Json<CircularView>, Problem> {
    let said = new.said()?;
    // It names the draft.
    if said.symbol != symbol {
        return Err(problem(&CircularRefusal::Symbol));
    }
    Ok(Json(forum.change_circular(&actor, said).await.map_err(|e| problem(&e))?.into()))
}

async fn send(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Json<CircularView>, Problem> {
    Ok(Json(forum.send_circular(&actor, &symbol).await.map_err(|e| problem(&e))?.into()))
}

async fn translate(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    JsonBody(t): JsonBody<Translation>,
) -> Result<Json<CircularView>, Problem> {
    let texts = (t.subject, t.text);
    let done = forum.translate_circular(&actor, &symbol, t.lang, texts).await;
    Ok(Json(done.map_err(|e| problem(&e))?.into()))
}

async fn history(
    actor: Actor,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Json<HistoryView>, Problem> {
    let found = forum.circular_of_desk(&actor, &symbol).await.map_err(|e| problem(&e))?;
    let acts = forum.history(&actor, About::Circular, found.id.as_i64()).await;
    Ok(Json(acts.map_err(|e| crate::call::api::problem(&e))?.into()))
}

web::problems! {
    pub(crate) fn problem(error: CircularRefusal) -> PROBLEMS {
        CircularRefusal::Forbidden => FORBIDDEN "forbidden" (error.to_string()),
        CircularRefusal::NoSuchCircular => NOT_FOUND "not_found" ("There is no such circular."),
        CircularRefusal::Amends => BAD_REQUEST "amends" (error.to_string()),
        CircularRefusal::Symbol => BAD_REQUEST "symbol" (error.to_string()),
        CircularRefusal::SymbolTaken => CONFLICT "symbol_taken" (error.to_string()),
        CircularRefusal::Text(_) => BAD_REQUEST "text" (error.to_string()),
        CircularRefusal::Date => BAD_REQUEST "dates" (error.to_string()),
        CircularRefusal::TooMany => BAD_REQUEST "number" (error.to_string()),
        CircularRefusal::File => BAD_REQUEST "files" (error.to_string()),
        CircularRefusal::Sent => CONFLICT "circular_sent" (error.to_string()),
    } else {
        CircularRefusal::Store(error) => database(error),
    }
}

impl CircularRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        problem(self).code()
    }
}
