//! The staff interface to one kind of subject, as JSON under `/staff/v1/people` and `/staff/v1/organisations`.
//!
//! Searching is a POST: names and numbers are in no address.

use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base::Id;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use web::{Actor, JsonBody, Problem};

use super::{
    model::Subject,
    ops::{AmendError, Record, RegisterError, Search, Version},
};
use crate::Register;

pub(crate) fn routes<S: Subject>() -> Router<Register> {
    let many = format!("/staff/v1/{}", S::MANY);
    Router::new()
        .route(&many, post(create::<S>))
        .route(&format!("{many}/search"), post(search::<S>))
        .route(&format!("{many}/{{id}}"), get(show::<S>))
        .route(&format!("{many}/{{id}}/amendments"), post(amend::<S>))
        .route(&format!("{many}/{{id}}/history"), get(history::<S>))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    attributes: Map<String, Value>,
    /// The caller's own name for this request: sent twice, it registers once.
    request: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amendment {
    attributes: Map<String, Value>,
    reason: String,
    version: Option<i64>,
}

#[derive(Serialize)]
struct RecordView {
    id: String,
    version: i64,
    attributes: Map<String, Value>,
    registered_at: String,
    changed_at: String,
}

impl<S: Subject> From<Record<S>> for RecordView {
    fn from(record: Record<S>) -> Self {
        Self {
            id: record.id.to_string(),
            version: record.version,
            attributes: record.attributes.into_map(),
            registered_at: record.registered_at.rfc3339(),
            changed_at: record.changed_at.rfc3339(),
        }
    }
}

#[derive(Serialize)]
struct VersionView {
    version: i64,
    attributes: Map<String, Value>,
    actor: String,
    reason: String,
    at: String,
}

impl From<Version> for VersionView {
    fn from(v: Version) -> Self {
        Self {
            version: v.version,
            attributes: v.attributes.into_map(),
            actor: v.actor,
            reason: v.reason,
            at: v.at.rfc3339(),
        }
    }
}

async fn create<S: Subject>(
    actor: Actor,
    State(register): State<Register>,
    JsonBody(new): JsonBody<New>,
) -> Result<Response, Problem> {
    let record = register.register::<S>(&actor, new.attributes, new.request).await.map_err(|e| match e {
        RegisterError::Invalid(e) => Problem::bad_request("invalid_attributes", e.to_string()),
        RegisterError::NumberTaken(_) => Problem::conflict("number_taken", e.to_string()),
        RegisterError::RequestReused => Problem::conflict("request_reused", e.to_string()),
        RegisterError::Store(e) => database(&e),
    })?;
    Ok((StatusCode::CREATED, Json(RecordView::from(record))).into_response())
}

async fn show<S: Subject>(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
) -> Result<Json<RecordView>, Problem> {
    let record = register.get(id_of::<S>(&id)?).await.map_err(|e| database(&e))?;
    record.map(|r| Json(r.into())).ok_or_else(|| Problem::not_found(S::NOUN))
}

async fn amend<S: Subject>(
    actor: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
    JsonBody(new): JsonBody<Amendment>,
) -> Result<Json<RecordView>, Problem> {
    let id = id_of::<S>(&id)?;
    match register.amend(&actor, id, new.attributes, &new.reason, new.version).await {
        Ok(record) => Ok(Json(record.into())),
        Err(AmendError::NotFound) => Err(Problem::not_found(S::NOUN)),
        Err(AmendError::Invalid(e)) => Err(Problem::bad_request("invalid_attributes", e.to_string())),
        Err(e @ AmendError::Reason) => Err(Problem::bad_request("reason", e.to_string())),
        Err(e @ AmendError::VersionConflict) => Err(Problem::conflict("version_conflict", e.to_string())),
        Err(e @ AmendError::NumberTaken(_)) => Err(Problem::conflict("number_taken", e.to_string())),
        Err(AmendError::Store(e)) => Err(database(&e)),
    }
}

async fn history<S: Subject>(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let versions = register.history(id_of::<S>(&id)?).await.map_err(|e| database(&e))?;
    if versions.is_empty() {
        return Err(Problem::not_found(S::NOUN));
    }
    let versions: Vec<VersionView> = versions.into_iter().map(Into::into).collect();
    Ok(Json(serde_json::json!({ "versions": versions })))
}

async fn search<S: Subject>(
    _: Actor,
    State(register): State<Register>,
    JsonBody(wanted): JsonBody<Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    let (search, after) = wanted_of::<S>(wanted).ok_or_else(|| {
        let detail = format!("Search by one of `name`, `{}` and `{}`.", S::NUMBER, S::ALSO_BY);
        Problem::bad_request("search", detail)
    })?;
    let found = register.search::<S>(search, after).await.map_err(|e| database(&e))?;
    let found: Vec<RecordView> = found.into_iter().map(Into::into).collect();
    Ok(Json(serde_json::json!({ S::MANY: found })))
}

/// What a search looks for: exactly one thing, and after whom.
fn wanted_of<S: Subject>(mut wanted: Map<String, Value>) -> Option<(Search, Option<Id<S>>)> {
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
    if error.is_unavailable() || error.is_busy() { Problem::unavailable() } else { Problem::internal(error) }
}
