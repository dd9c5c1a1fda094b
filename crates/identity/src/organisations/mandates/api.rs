//! The staff interface to mandates: recorded and listed under the organisation, listed under the person.

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use web::{Actor, JsonBody, Problem};

use super::ops::{End, Mandate, MandateError, NewMandate};
use crate::{
    MandateId, OrganisationId, OrganisationKind, PersonId, PersonKind, Register,
    record::api::{database, id_of},
};

pub(crate) fn routes() -> Router<Register> {
    Router::new()
        .route("/staff/v1/organisations/{id}/mandates", post(add).get(of_organisation))
        .route("/staff/v1/people/{id}/mandates", get(of_person))
        .route("/staff/v1/mandates/{id}/end", post(end))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    person: PersonId,
    capacity: String,
    valid_from: Option<String>,
    valid_until: Option<String>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    after: Option<MandateId>,
}

#[derive(Serialize)]
struct EndView {
    by: String,
    reason: String,
    at: String,
}

impl From<End> for EndView {
    fn from(end: End) -> Self {
        Self { by: end.by, reason: end.why, at: end.at.rfc3339() }
    }
}

#[derive(Serialize)]
struct MandateView {
    id: MandateId,
    person: PersonId,
    organisation: OrganisationId,
    capacity: String,
    valid_from: String,
    valid_until: Option<String>,
    recorded: EndView,
    ended: Option<EndView>,
}

impl From<Mandate> for MandateView {
    fn from(m: Mandate) -> Self {
        Self {
            id: m.id,
            person: m.person,
            organisation: m.organisation,
            capacity: m.capacity,
            valid_from: m.valid_from,
            valid_until: m.valid_until,
            recorded: m.recorded.into(),
            ended: m.ended.map(Into::into),
        }
    }
}

async fn add(
    actor: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
    JsonBody(new): JsonBody<New>,
) -> Result<Response, Problem> {
    let new = NewMandate {
        person: new.person,
        organisation: id_of::<OrganisationKind>(&id)?,
        capacity: new.capacity,
        valid_from: new.valid_from,
        valid_until: new.valid_until,
        reason: new.reason,
    };
    let mandate = register.add_mandate(&actor, new).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(MandateView::from(mandate))).into_response())
}

async fn end(
    actor: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
    JsonBody(why): JsonBody<Reason>,
) -> Result<Json<MandateView>, Problem> {
    let id = id.parse().map_err(|_| problem(MandateError::NoSuchMandate))?;
    Ok(Json(register.end_mandate(&actor, id, &why.reason).await.map_err(problem)?.into()))
}

async fn of_organisation(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let id = id_of::<OrganisationKind>(&id)?;
    Ok(list(register.mandates_of_organisation(id, after(page)?).await.map_err(problem)?))
}

async fn of_person(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let id = id_of::<PersonKind>(&id)?;
    Ok(list(register.mandates_of_person(id, after(page)?).await.map_err(problem)?))
}

fn after(page: Result<Query<Page>, QueryRejection>) -> Result<Option<MandateId>, Problem> {
    let bad = |_| Problem::bad_request("query", "Send `after`, the id of a mandate, or nothing.");
    page.map(|Query(page)| page.after).map_err(bad)
}

fn list(mandates: Vec<Mandate>) -> Json<Value> {
    let mandates: Vec<MandateView> = mandates.into_iter().map(Into::into).collect();
    Json(json!({ "mandates": mandates }))
}

fn problem(error: MandateError) -> Problem {
    let said = error.to_string();
    match error {
        MandateError::NoSuchPerson => Problem::not_found("person"),
        MandateError::NoSuchOrganisation => Problem::not_found("organisation"),
        MandateError::NoSuchMandate => Problem::not_found("mandate"),
        MandateError::Capacity => Problem::bad_request("capacity", said),
        MandateError::Days => Problem::bad_request("days", said),
        MandateError::Reason => Problem::bad_request("reason", said),
        MandateError::Exists => Problem::conflict("mandate_exists", said),
        MandateError::Ended => Problem::conflict("mandate_ended", said),
        MandateError::Store(e) => database(&e),
    }
}
