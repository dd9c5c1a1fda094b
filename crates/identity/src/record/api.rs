//! The staff interface to one kind of subject, as JSON under `/staff/v1/people` and `/staff/v1/organisations`.
//!
//! Searching is a POST: names and numbers are in no address.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use base::Id;
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use web::{
    Actor, Caller, JsonBody, Names, Operation, Problem, Routes,
    limit::Costly,
    openapi::{
        Code,
        leaf::{IdOf, Time},
    },
};

use super::{
    model::Subject,
    ops::{AmendError, REASON_CHARS_MAX, Record, RegisterError, Search, Version},
    shapes::{Changes, Found, Said, Wanted, article},
};
use crate::Register;

pub(crate) fn routes<S: Subject>() -> Routes<Register> {
    let many = format!("/staff/v1/{}", S::MANY);
    let one = format!("{many}/{{id}}");
    let name = S::schema_name();
    let (a, noun) = (article(S::NOUN), S::NOUN);
    let id = "Whose record it is.";
    Routes::new()
        .add(
            Operation::post(&many, format!("register{name}"))
                .says("Register", format!("Register {a} {noun}"), "With a `request`, the same request may be sent again.")
                .answers::<RecordView<S>>(StatusCode::CREATED, "The record.")
                .refuses(REGISTER_PROBLEMS)
                .example(serde_json::json!({ "attributes": S::example(), "request": "registration 4711" })),
            create::<S>,
        )
        .add(
            Operation::post(format!("{many}/search"), format!("search{name}"))
                .says("Register", format!("Look for {}", S::MANY), "By one thing at a time. A POST, so that no name stands in an address.")
                .answers::<Found<S, RecordView<S>>>(StatusCode::OK, "Who was found, by id, a page at a time.")
                .refuses(&[Code(StatusCode::BAD_REQUEST, "search")])
                .example(serde_json::json!({ "name": "ami" })),
            search::<S>,
        )
        .add(
            Operation::get(&one, format!("show{name}"))
                .says("Register", format!("The record of {a} {noun}"), "")
                .id_in_path::<S>("id", id)
                .answers::<RecordView<S>>(StatusCode::OK, "The record as it is."),
            show::<S>,
        )
        .add(
            Operation::post(format!("{one}/amendments"), format!("amend{name}"))
                .says("Register", format!("Change what is known of {a} {noun}"), "Makes a new version; the old ones stay, each with its reason.")
                .id_in_path::<S>("id", id)
                .answers::<RecordView<S>>(StatusCode::OK, "The record as it is now.")
                .refuses(AMEND_PROBLEMS)
                .example(serde_json::json!({ "attributes": { "email": "new@example.org" }, "reason": "told us so" })),
            amend::<S>,
        )
        .add(
            Operation::get(format!("{one}/history"), format!("showHistoryOf{name}"))
                .says("Register", format!("Every version of what was known of {a} {noun}"), "")
                .id_in_path::<S>("id", id)
                .answers::<History<S>>(StatusCode::OK, "All versions, the oldest first."),
            history::<S>,
        )
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound = "")]
#[schemars(rename = "{S}Registration", bound = "S: Subject")]
struct New<S> {
    attributes: Said<S>,
    /// The caller's own name for this request: sent twice, it registers once.
    #[schemars(length(min = 1, max = REASON_CHARS_MAX), regex(pattern = TEXT_PATTERN))]
    request: Option<String>,
}

/// No database has a place for NUL.
const TEXT_PATTERN: &str = r"^[^\u0000]*$";
/// A reason is more than blanks.
pub(crate) const REASON_PATTERN: &str = r"^[^\u0000]*[^\s\u0000][^\u0000]*$";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound = "")]
#[schemars(rename = "{S}Amendment", bound = "S: Subject")]
struct Amendment<S> {
    attributes: Changes<S>,
    /// Why, for the history.
    #[schemars(length(min = 1, max = REASON_CHARS_MAX), regex(pattern = REASON_PATTERN))]
    reason: String,
    /// The version that this was decided on: another one is refused (`version_conflict`).
    #[serde(default, deserialize_with = "web::body::whole_or_none")]
    version: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(bound = "")]
#[schemars(rename = "{S}Record", bound = "S: Subject")]
struct RecordView<S> {
    #[schemars(with = "IdOf<S>")]
    id: String,
    /// From 1, one more with each amendment.
    #[schemars(range(min = 1))]
    version: i64,
    attributes: Said<S>,
    #[schemars(with = "Time")]
    registered_at: String,
    #[schemars(with = "Time")]
    changed_at: String,
}

impl<S: Subject> From<Record<S>> for RecordView<S> {
    fn from(record: Record<S>) -> Self {
        Self {
            id: record.id.to_string(),
            version: record.version,
            attributes: record.attributes.into_map().into(),
            registered_at: record.registered_at.rfc3339(),
            changed_at: record.changed_at.rfc3339(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(bound = "")]
#[schemars(rename = "{S}Version", bound = "S: Subject")]
struct VersionView<S> {
    #[schemars(range(min = 1))]
    version: i64,
    attributes: Said<S>,
    /// The name of the staff's token that it was done with.
    actor: String,
    reason: String,
    #[schemars(with = "Time")]
    at: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(bound = "")]
#[schemars(rename = "{S}History", bound = "S: Subject")]
struct History<S> {
    versions: Vec<VersionView<S>>,
}

impl<S> From<Version> for VersionView<S> {
    fn from(v: Version) -> Self {
        Self {
            version: v.version,
            attributes: v.attributes.into_map().into(),
            actor: v.actor,
            reason: v.reason,
            at: v.at.rfc3339(),
        }
    }
}

web::problems! {
    fn not_registered(error: RegisterError) -> REGISTER_PROBLEMS {
        RegisterError::Invalid(why) => BAD_REQUEST "invalid_attributes" (why.to_string()),
        RegisterError::NumberTaken(_) => CONFLICT "number_taken" (error.to_string()),
        RegisterError::RequestReused => CONFLICT "request_reused" (error.to_string()),
    } else {
        RegisterError::Store(error) => database(error),
    }
}

web::problems! {
    fn not_amended(error: AmendError) -> AMEND_PROBLEMS {
        AmendError::NotFound => NOT_FOUND "not_found" ("There is no such subject."),
        AmendError::Invalid(why) => BAD_REQUEST "invalid_attributes" (why.to_string()),
        AmendError::Reason => BAD_REQUEST "reason" (error.to_string()),
        AmendError::VersionConflict => CONFLICT "version_conflict" (error.to_string()),
        AmendError::NumberTaken(_) => CONFLICT "number_taken" (error.to_string()),
    } else {
        AmendError::Store(error) => database(error),
    }
}

async fn create<S: Subject>(
    actor: Actor,
    State(register): State<Register>,
    JsonBody(new): JsonBody<New<S>>,
) -> Result<Response, Problem> {
    let record = register.register::<S>(&actor, new.attributes.0, new.request).await;
    let record = record.map_err(|e| not_registered(&e))?;
    Ok((StatusCode::CREATED, Json(RecordView::from(record))).into_response())
}

async fn show<S: Subject>(
    _: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
) -> Result<Json<RecordView<S>>, Problem> {
    let record = register.get(id_of::<S>(&id)?).await.map_err(|e| database(&e))?;
    record.map(|r| Json(r.into())).ok_or_else(|| Problem::not_found(S::NOUN))
}

async fn amend<S: Subject>(
    actor: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
    JsonBody(new): JsonBody<Amendment<S>>,
) -> Result<Json<RecordView<S>>, Problem> {
    let id = id_of::<S>(&id)?;
    let amended = register.amend(&actor, id, new.attributes.0, &new.reason, new.version).await;
    Ok(Json(amended.map_err(|e| not_amended(&e))?.into()))
}

async fn history<S: Subject>(
    _: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
) -> Result<Json<History<S>>, Problem> {
    let versions = register.history(id_of::<S>(&id)?).await.map_err(|e| database(&e))?;
    if versions.is_empty() {
        return Err(Problem::not_found(S::NOUN));
    }
    Ok(Json(History { versions: versions.into_iter().map(Into::into).collect() }))
}

async fn search<S: Subject>(
    actor: Actor,
    caller: Caller,
    State(register): State<Register>,
    JsonBody(wanted): JsonBody<Wanted<S>>,
) -> Result<Json<Value>, Problem> {
    let (search, after) = wanted_of::<S>(wanted.0).ok_or_else(|| {
        let detail = format!("Search by one of `name`, `{}` and `{}`.", S::NUMBER, S::ALSO_BY);
        Problem::bad_request("search", detail)
    })?;
    caller.spend(Costly::Search, &actor).await?;
    let found = register.search::<S>(search, after).await.map_err(|e| database(&e))?;
    let found: Vec<RecordView<S>> = found.into_iter().map(Into::into).collect();
    Ok(Json(serde_json::json!({ S::MANY: found })))
}

/// What a search looks for: exactly one thing, and after whom.
fn wanted_of<S: Subject>(mut wanted: Map<String, Value>) -> Option<(Search, Option<Id<S>>)> {
    // What is not there to be looked by is refused, whatever is said of it.
    if wanted.keys().any(|name| !["name", "after", S::NUMBER, S::ALSO_BY].contains(&name.as_str())) {
        return None;
    }
    wanted.retain(|_, value| !value.is_null());
    let after = wanted.remove("after").map(|id| id.as_str().and_then(|id| id.parse().ok()).ok_or(()));
    let mut wanted = wanted.into_iter();
    let (Some((name, Value::String(value))), None) = (wanted.next(), wanted.next()) else { return None };
    if value.contains('\0') {
        // No database has a place for it.
        return None;
    }
    let search = match name.as_str() {
        "name" => Search::Name(value),
        name if name == S::NUMBER => Search::Number(value),
        name if name == S::ALSO_BY => Search::AlsoBy(value),
        _ => return None,
    };
    Some((search, after.transpose().ok()?))
}

pub(crate) fn id_of<S: Subject>(text: &str) -> Result<Id<S>, Problem> {
    text.parse().map_err(|_| Problem::not_found(S::NOUN))
}

pub(crate) fn database(error: &store::Error) -> Problem {
    if error.kind() == store::ErrorKind::OutcomeUnknown {
        return Problem::outcome_unknown();
    }
    if error.is_unavailable() || error.is_busy() { Problem::unavailable() } else { Problem::internal(error) }
}
