//! The staff interface to mandates: recorded and listed under the organisation, listed under the person.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::{
    Actor, JsonBody, Names, Operation, Problem, Routes,
    openapi::leaf::{Day, IdOf, Time},
};

use super::ops::{End, Mandate, MandateError, NewMandate};
use crate::{
    MandateId, MandateKind, OrganisationId, OrganisationKind, PersonId, PersonKind, Register,
    record::{
        api::{REASON_PATTERN, database, id_of},
        model::TEXT_CHARS_MAX,
        ops::REASON_CHARS_MAX,
        shapes::line,
    },
};

const TAG: &str = "Mandates";

pub(crate) fn routes() -> Routes<Register> {
    let of_organisations = "/staff/v1/organisations/{id}/mandates";
    let more =
        "Those that have ended too, by id, a page at a time: go on with `after`, the last id of this page.";
    Routes::new()
        .add(
            Operation::post(of_organisations, "addMandate")
                .says(TAG, "Record that a person may act for an organisation", "")
                .id_in_path::<OrganisationKind>("id", "For whom the person may act.")
                .answers::<MandateView>(StatusCode::CREATED, "The mandate.")
                .refuses(PROBLEMS)
                .example(serde_json::json!({
                    "person": "per_7f3c09a1b2c3d4e5",
                    "capacity": "director",
                    "valid_until": "2030-12-31",
                    "reason": "elected on 1 March",
                })),
            add,
        )
        .add(
            Operation::get(of_organisations, "listMandatesOfOrganisation")
                .says(TAG, "Who may act for an organisation", more)
                .id_in_path::<OrganisationKind>("id", "For whom.")
                .answers::<Mandates>(StatusCode::OK, "Its mandates."),
            of_organisation,
        )
        .add(
            Operation::get("/staff/v1/people/{id}/mandates", "listMandatesOfPerson")
                .says(TAG, "For whom a person may act", more)
                .id_in_path::<PersonKind>("id", "Who.")
                .answers::<Mandates>(StatusCode::OK, "Their mandates."),
            of_person,
        )
        .add(
            Operation::post("/staff/v1/mandates/{id}/end", "endMandate")
                .says(TAG, "End a mandate", "")
                .id_in_path::<MandateKind>("id", "Which.")
                .answers::<MandateView>(StatusCode::OK, "The mandate, which is over.")
                .refuses(PROBLEMS)
                .example(serde_json::json!({ "reason": "left on 30 June" })),
            end,
        )
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewMandate")]
struct New {
    #[schemars(with = "IdOf<PersonKind>")]
    person: PersonId,
    /// In which capacity, in a word or a few.
    #[schemars(length(min = 1, max = TEXT_CHARS_MAX), regex(pattern = format!("^{}$", line("=@"))))]
    capacity: String,
    /// The first day; today, if it is left out.
    #[schemars(with = "Option<Day>")]
    valid_from: Option<String>,
    /// The last day; open, if it is left out.
    #[schemars(with = "Option<Day>")]
    valid_until: Option<String>,
    /// Why, for the history.
    #[schemars(length(min = 1, max = REASON_CHARS_MAX), regex(pattern = REASON_PATTERN))]
    reason: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EndOfMandate")]
struct Reason {
    /// Why, for the history.
    #[schemars(length(min = 1, max = REASON_CHARS_MAX), regex(pattern = REASON_PATTERN))]
    reason: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MandatesAfter")]
struct Page {
    /// The last id of the page before.
    #[schemars(with = "Option<IdOf<MandateKind>>")]
    after: Option<MandateId>,
}

/// Who did it, why and when.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MandateAct")]
struct EndView {
    by: String,
    reason: String,
    #[schemars(with = "Time")]
    at: String,
}

impl From<End> for EndView {
    fn from(end: End) -> Self {
        Self { by: end.by, reason: end.why, at: end.at.rfc3339() }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Mandate")]
struct MandateView {
    #[schemars(with = "IdOf<MandateKind>")]
    id: MandateId,
    #[schemars(with = "IdOf<PersonKind>")]
    person: PersonId,
    #[schemars(with = "IdOf<OrganisationKind>")]
    organisation: OrganisationId,
    capacity: String,
    /// The first day.
    #[schemars(with = "Day")]
    valid_from: String,
    /// The last day.
    #[schemars(with = "Option<Day>")]
    valid_until: Option<String>,
    recorded: EndView,
    ended: Option<EndView>,
}

#[derive(Serialize, JsonSchema)]
struct Mandates {
    mandates: Vec<MandateView>,
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
    Names(id): Names<String>,
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
    let mandate = register.add_mandate(&actor, new).await.map_err(|e| problem(&e))?;
    Ok((StatusCode::CREATED, Json(MandateView::from(mandate))).into_response())
}

async fn end(
    actor: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
    JsonBody(why): JsonBody<Reason>,
) -> Result<Json<MandateView>, Problem> {
    let id = id.parse().map_err(|_| problem(&MandateError::NoSuchMandate))?;
    Ok(Json(register.end_mandate(&actor, id, &why.reason).await.map_err(|e| problem(&e))?.into()))
}

async fn of_organisation(
    _: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Mandates>, Problem> {
    let id = id_of::<OrganisationKind>(&id)?;
    Ok(list(register.mandates_of_organisation(id, after(page)?).await.map_err(|e| problem(&e))?))
}

async fn of_person(
    _: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Mandates>, Problem> {
    let id = id_of::<PersonKind>(&id)?;
    Ok(list(register.mandates_of_person(id, after(page)?).await.map_err(|e| problem(&e))?))
}

fn after(page: Result<Query<Page>, QueryRejection>) -> Result<Option<MandateId>, Problem> {
    let bad = |_| Problem::bad_request("query", "Send `after`, the id of a mandate, or nothing.");
    page.map(|Query(page)| page.after).map_err(bad)
}

fn list(mandates: Vec<Mandate>) -> Json<Mandates> {
    Json(Mandates { mandates: mandates.into_iter().map(Into::into).collect() })
}

web::problems! {
    fn problem(error: MandateError) -> PROBLEMS {
        MandateError::NoSuchPerson => NOT_FOUND "not_found" ("There is no such person."),
        MandateError::NoSuchOrganisation => NOT_FOUND "not_found" ("There is no such organisation."),
        MandateError::NoSuchMandate => NOT_FOUND "not_found" ("There is no such mandate."),
        MandateError::Capacity => BAD_REQUEST "capacity" (error.to_string()),
        MandateError::Days => BAD_REQUEST "days" (error.to_string()),
        MandateError::Reason => BAD_REQUEST "reason" (error.to_string()),
        MandateError::Exists => CONFLICT "mandate_exists" (error.to_string()),
        MandateError::Ended => CONFLICT "mandate_ended" (error.to_string()),
    } else {
        MandateError::Store(error) => database(error),
    }
}
