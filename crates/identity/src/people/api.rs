//! The staff interface to people, as JSON under `/staff/v1/people`.
//!
//! Searching is a POST: names and numbers are in no address.

use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use web::{Actor, JsonBody, Problem};

use super::ops::{AmendError, Person, Register, RegisterError, Search, Version};
use crate::PersonId;

pub(crate) fn router(register: Register) -> Router {
    Router::new()
        .route("/staff/v1/people", post(create))
        .route("/staff/v1/people/search", post(search))
        .route("/staff/v1/people/{id}", get(show))
        .route("/staff/v1/people/{id}/amendments", post(amend))
        .route("/staff/v1/people/{id}/history", get(history))
        .with_state(register)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPerson {
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchFor {
    name: Option<String>,
    personal_administrative_number: Option<String>,
    birthdate: Option<String>,
    after: Option<PersonId>,
}

#[derive(Serialize)]
struct PersonView {
    id: PersonId,
    version: i64,
    attributes: Map<String, Value>,
    registered_at: String,
    changed_at: String,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            version: person.version,
            attributes: person.attributes.into_map(),
            registered_at: person.registered_at.rfc3339(),
            changed_at: person.changed_at.rfc3339(),
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

async fn create(
    actor: Actor,
    State(register): State<Register>,
    JsonBody(new): JsonBody<NewPerson>,
) -> Result<Response, Problem> {
    let person = register.register(&actor, new.attributes, new.request).await.map_err(|e| match e {
        RegisterError::Invalid(e) => Problem::bad_request("invalid_attributes", e.to_string()),
        RegisterError::NumberTaken => Problem::conflict("number_taken", e.to_string()),
        RegisterError::RequestReused => Problem::conflict("request_reused", e.to_string()),
        RegisterError::Store(e) => database(&e),
    })?;
    Ok((StatusCode::CREATED, Json(PersonView::from(person))).into_response())
}

async fn show(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
) -> Result<Json<PersonView>, Problem> {
    let person = register.person(person_id(&id)?).await.map_err(|e| database(&e))?;
    person.map(|p| Json(p.into())).ok_or_else(|| Problem::not_found("person"))
}

async fn amend(
    actor: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
    JsonBody(new): JsonBody<Amendment>,
) -> Result<Json<PersonView>, Problem> {
    let id = person_id(&id)?;
    match register.amend(&actor, id, new.attributes, &new.reason, new.version).await {
        Ok(person) => Ok(Json(person.into())),
        Err(AmendError::NoSuchPerson) => Err(Problem::not_found("person")),
        Err(AmendError::Invalid(e)) => Err(Problem::bad_request("invalid_attributes", e.to_string())),
        Err(e @ AmendError::Reason) => Err(Problem::bad_request("reason", e.to_string())),
        Err(e @ AmendError::VersionConflict) => Err(Problem::conflict("version_conflict", e.to_string())),
        Err(e @ AmendError::NumberTaken) => Err(Problem::conflict("number_taken", e.to_string())),
        Err(AmendError::Store(e)) => Err(database(&e)),
    }
}

async fn history(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let versions = register.history(person_id(&id)?).await.map_err(|e| database(&e))?;
    if versions.is_empty() {
        return Err(Problem::not_found("person"));
    }
    let versions: Vec<VersionView> = versions.into_iter().map(Into::into).collect();
    Ok(Json(serde_json::json!({ "versions": versions })))
}

async fn search(
    _: Actor,
    State(register): State<Register>,
    JsonBody(wanted): JsonBody<SearchFor>,
) -> Result<Json<Value>, Problem> {
    let search = match (wanted.name, wanted.personal_administrative_number, wanted.birthdate) {
        (Some(name), None, None) => Search::Name(name),
        (None, Some(number), None) => Search::Number(number),
        (None, None, Some(date)) => Search::Birthdate(date),
        _ => {
            return Err(Problem::bad_request(
                "search",
                "Search by one of `name`, `personal_administrative_number` and `birthdate`.",
            ));
        }
    };
    let people = register.search(search, wanted.after).await.map_err(|e| database(&e))?;
    let people: Vec<PersonView> = people.into_iter().map(Into::into).collect();
    Ok(Json(serde_json::json!({ "people": people })))
}

fn person_id(text: &str) -> Result<PersonId, Problem> {
    text.parse().map_err(|_| Problem::not_found("person"))
}

fn database(error: &store::Error) -> Problem {
    if error.is_unavailable() || error.is_busy() { Problem::unavailable() } else { Problem::internal(error) }
}
