//! The staff interface, JSON under `/staff/v1/`, or `/staff/v1/issuers/{handle}/` where an installation has several issuers: types and their forms, offers, credentials and their status.

use axum::{
    Json, Router,
    extract::{FromRef, Query, State},
    http::StatusCode,
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base::Instant;
use formats::vci::{CredentialOffer, offer::link_by_reference};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use web::{Actor, JsonBody, Problem, StaffTokens};

use crate::{
    Issuer, NewOffer, OfferError, Offered,
    issuer::Addresses,
    manage::ChangeError,
    model::{Change, CredentialId, DoesNotFit, Managed, OfferId, OfferState, PersonId},
    types::Refused,
    wallet_api::{Names, database, uncached},
};

impl FromRef<Issuer> for StaffTokens {
    fn from_ref(issuer: &Issuer) -> Self {
        issuer.0.config.staff.clone()
    }
}

pub(crate) fn router(issuer: &Issuer) -> Router {
    let handle = &issuer.0.config.handle;
    let under = |what: &str| match handle.as_str() {
        "" => format!("/staff/v1{what}"),
        handle => format!("/staff/v1/issuers/{handle}{what}"),
    };
    Router::new()
        .route(&under("/types"), get(types))
        .route(&under("/offers"), post(make_offer))
        .route(&under("/offers/{id}"), get(show_offer))
        .route(&under("/credentials"), get(list))
        .route(&under("/credentials/{id}"), get(show))
        .route(&under("/credentials/{id}/{change}"), post(change))
        .layer(map_response(async |response: Response| uncached(response)))
        .with_state(issuer.clone())
}

async fn types(_: Actor, State(issuer): State<Issuer>) -> Json<Value> {
    let forms: Vec<_> = issuer.0.config.types.iter().map(|t| json!(t.form())).collect();
    Json(json!({ "types": forms }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferBody {
    person: PersonId,
    #[serde(rename = "type")]
    type_id: String,
    #[serde(default)]
    claims: Map<String, Value>,
    #[serde(default = "yes")]
    tx_code: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Serialize)]
struct OfferedView {
    id: OfferId,
    credential_offer_uri: String,
    credential_offer: CredentialOffer,
    link: String,
    link_by_value: String,
    qr: String,
    tx_code: Option<String>,
    expires_at: String,
}

impl OfferedView {
    fn of(offered: Offered, addresses: &Addresses) -> Result<Self, Problem> {
        let uri = addresses.offer(&offered.token);
        Ok(Self {
            id: offered.id,
            link: link_by_reference(&uri),
            link_by_value: offered.offer.link_by_value().map_err(|e| Problem::internal(&e))?,
            qr: format!("{uri}/qr.svg"),
            credential_offer_uri: uri,
            credential_offer: offered.offer,
            tx_code: offered.tx_code,
            expires_at: offered.expires_at.rfc3339(),
        })
    }
}

async fn make_offer(
    actor: Actor,
    State(issuer): State<Issuer>,
    JsonBody(body): JsonBody<OfferBody>,
) -> Result<Response, Problem> {
    let OfferBody { person, type_id, claims, tx_code } = body;
    let offered = issuer.offer(actor.name(), NewOffer { person, type_id, claims, tx_code }).await;
    let view = OfferedView::of(offered.map_err(|e| offer_problem(&e))?, &issuer.0.addresses)?;
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

fn offer_problem(error: &OfferError) -> Problem {
    match error {
        OfferError::NoSuchPerson => {
            Problem::new(StatusCode::NOT_FOUND, "no_such_person", "There is no such person.")
        }
        OfferError::NoSuchType => Problem::bad_request("no_such_type", "There is no such credential type."),
        OfferError::Claims(refused) => {
            let detail = format!("{refused}.");
            match refused {
                Refused::NotAsked(_) => Problem::bad_request("claim_not_asked", detail),
                Refused::FormMissing(_) => Problem::bad_request("claim_missing", detail),
                Refused::FormMalformed(_) => Problem::bad_request("claim_malformed", detail),
                Refused::Ended(_) => Problem::bad_request("claim_ended", detail),
                Refused::RegisterMissing(_) => Problem::conflict("register_incomplete", detail),
                Refused::RegisterMalformed(_) => Problem::conflict("register_malformed", detail),
            }
        }
        OfferError::Store(error) => database(error),
    }
}

async fn show_offer(
    _: Actor,
    State(issuer): State<Issuer>,
    Names(id): Names<String>,
) -> Result<Json<Value>, Problem> {
    let id: OfferId = id.parse().map_err(|_| Problem::not_found("offer"))?;
    let offer =
        issuer.offer_by_id(id).await.map_err(|e| database(&e))?.ok_or_else(|| Problem::not_found("offer"))?;
    let credential = match offer.state {
        OfferState::Accepted { credential, .. } => credential,
        OfferState::Open { .. } => None,
    };
    Ok(Json(json!({
        "id": offer.id,
        "credential": credential,
        "person": offer.person,
        "type": offer.type_id,
        "state": offer.phase(issuer.0.now()),
        "offered_by": offer.created_by,
        "offered_at": offer.created_at.rfc3339(),
        "ends_at": offer.ends_at.rfc3339(),
    })))
}

#[derive(Serialize)]
struct CredentialView {
    id: CredentialId,
    person: PersonId,
    #[serde(rename = "type")]
    type_id: String,
    status: &'static str,
    expired: bool,
    issued_at: String,
    expires_at: String,
    issued_by: String,
    copies: usize,
    status_lists: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<ChangeView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notifications: Option<Vec<Value>>,
}

/// The first entry is the issuance.
#[derive(Serialize)]
struct ChangeView {
    status: &'static str,
    reason: Option<String>,
    actor: String,
    at: String,
}

impl CredentialView {
    fn of(managed: Managed, addresses: &Addresses, now: Instant) -> Self {
        let Managed { credential: c, copies, changes, notifications } = managed;
        let notifications = changes.is_some().then(|| {
            let said = notifications.into_iter().map(|said| {
                json!({ "event": said.event.name(), "description": said.description, "at": said.at.rfc3339() })
            });
            said.collect()
        });
        let history = changes.map(|changes| {
            let issued = ChangeView {
                status: "valid",
                reason: None,
                actor: c.issued_by.clone(),
                at: c.issued_at.rfc3339(),
            };
            let changes = changes.into_iter().map(|change| ChangeView {
                status: change.status.name(),
                reason: Some(change.reason),
                actor: change.actor,
                at: change.at.rfc3339(),
            });
            std::iter::once(issued).chain(changes).collect()
        });
        Self {
            id: c.id,
            person: c.person,
            type_id: c.type_id,
            status: c.status.name(),
            expired: now >= c.expires_at,
            issued_at: c.issued_at.rfc3339(),
            expires_at: c.expires_at.rfc3339(),
            issued_by: c.issued_by,
            copies: copies.len(),
            status_lists: copies
                .iter()
                .map(|at| json!({ "uri": addresses.status_list(at.list), "idx": at.idx }))
                .collect(),
            history,
            notifications,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    person: Option<String>,
    after: Option<String>,
}

async fn list(
    _: Actor,
    State(issuer): State<Issuer>,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let bad = || Problem::bad_request("query", "Say `person=per_…`, and to go on `after=cred_…`.");
    let Query(query) = query.map_err(|_| bad())?;
    let person: PersonId = query.person.and_then(|p| p.parse().ok()).ok_or_else(bad)?;
    let after = query.after.map(|a| a.parse::<CredentialId>().map_err(|_| bad())).transpose()?;
    let found = issuer.credentials_of(person, after).await.map_err(|e| database(&e))?;
    let (addresses, now) = (&issuer.0.addresses, issuer.0.now());
    let views: Vec<_> = found.into_iter().map(|c| CredentialView::of(c, addresses, now)).collect();
    Ok(Json(json!({ "credentials": views })))
}

async fn show(
    _: Actor,
    State(issuer): State<Issuer>,
    Names(id): Names<String>,
) -> Result<Json<CredentialView>, Problem> {
    let found = issuer.credential(credential_id(&id)?).await.map_err(|e| database(&e))?;
    let managed = found.ok_or_else(|| Problem::not_found("credential"))?;
    Ok(Json(CredentialView::of(managed, &issuer.0.addresses, issuer.0.now())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeBody {
    reason: String,
}

async fn change(
    actor: Actor,
    State(issuer): State<Issuer>,
    Names((id, change)): Names<(String, String)>,
    JsonBody(body): JsonBody<ChangeBody>,
) -> Result<Json<CredentialView>, Problem> {
    let change = match change.as_str() {
        "suspend" => Change::Suspend,
        "reinstate" => Change::Reinstate,
        "revoke" => Change::Revoke,
        _ => return Err(Problem::not_found("address")),
    };
    let managed = issuer
        .change_status(actor.name(), credential_id(&id)?, change, &body.reason)
        .await
        .map_err(|e| change_problem(&e))?;
    Ok(Json(CredentialView::of(managed, &issuer.0.addresses, issuer.0.now())))
}

fn change_problem(error: &ChangeError) -> Problem {
    let detail = error.to_string();
    match error {
        ChangeError::NoSuchCredential => Problem::not_found("credential"),
        ChangeError::Reason => Problem::bad_request("reason", detail),
        ChangeError::DoesNotFit(DoesNotFit::AlreadyRevoked) => Problem::conflict("already_revoked", detail),
        ChangeError::DoesNotFit(DoesNotFit::AlreadySuspended) => {
            Problem::conflict("already_suspended", detail)
        }
        ChangeError::DoesNotFit(DoesNotFit::NotSuspended) => Problem::conflict("not_suspended", detail),
        ChangeError::Store(error) => database(error),
    }
}

fn credential_id(text: &str) -> Result<CredentialId, Problem> {
    text.parse().map_err(|_| Problem::not_found("credential"))
}
