//! The staff interface, JSON under `/staff/v1/`, or `/staff/v1/issuers/{handle}/` where an installation has several issuers: types and their forms, offers, credentials and their status.

use axum::{
    Json,
    extract::{FromRef, Query, State},
    http::StatusCode,
    middleware::map_response,
    response::{IntoResponse, Response},
};
use base::{
    Instant,
    limits::{PAGE_ROWS_MAX, REASON_CHARS_MAX},
};
use formats::vci::{CredentialOffer, offer::link_by_reference};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use web::{
    Actor, JsonBody, Names, Operation, Problem, Routes, StaffTokens,
    openapi::{
        Shape,
        leaf::{IdOf, Time},
    },
};

use crate::{
    Issuer, NewOffer, OfferError, Offered,
    issuer::Addresses,
    manage::ChangeError,
    model::{
        Change, CredentialId, DoesNotFit, Managed, OfferId, OfferState, PersonId,
        kinds::{Credential, Offer, Person},
    },
    shapes,
    types::Refused,
    wallet_api::{database, uncached},
};

impl FromRef<Issuer> for StaffTokens {
    fn from_ref(issuer: &Issuer) -> Self {
        issuer.0.config.staff.clone().needing(web::Role::Clerk)
    }
}

const TAG: &str = "Credentials";

pub(crate) fn routes(issuer: &Issuer) -> Routes {
    let handle = &issuer.0.config.handle;
    let under = |what: &str| match handle.as_str() {
        "" => format!("/staff/v1{what}"),
        handle => format!("/staff/v1/issuers/{handle}{what}"),
    };
    let id = |what: &str| issuer.operation_id(what);
    let changes = json!({ "type": "string", "enum": ["suspend", "reinstate", "revoke"] });
    Routes::new()
        .add(
            Operation::get(under("/types"), id("listTypes"))
                .says(TAG, "The types of credentials that are issued, and what a clerk enters for each", "")
                .answers::<TypesView>(StatusCode::OK, "The types."),
            types,
        )
        .add(
            Operation::post(under("/offers"), id("makeOffer"))
                .says(
                    TAG,
                    "Offer a person a credential",
                    "Answers the link and the code for the person's wallet and, unless it is not wanted, the transaction \
                     code that the person types. Neither can be had again.",
                )
                .answers::<OfferedView>(StatusCode::CREATED, "The offer.")
                .refuses(OFFER_PROBLEMS)
                .example(json!({ "person": "per_7f3c09a1b2c3d4e5", "type": "pid", "tx_code": true })),
            make_offer,
        )
        .add(
            Operation::get(under("/offers/{id}"), id("showOffer"))
                .says(TAG, "What became of an offer", "")
                .id_in_path::<Offer>("id", "Which offer.")
                .answers::<OfferView>(StatusCode::OK, "The offer."),
            show_offer,
        )
        .add(
            Operation::get(under("/credentials"), id("listCredentials"))
                .says(TAG, "What a person was issued", "")
                .answers::<CredentialsView>(StatusCode::OK, "Credentials, by id, a page at a time."),
            list,
        )
        .add(
            Operation::get(under("/credentials/{id}"), id("showCredential"))
                .says(TAG, "A credential with its history", "")
                .id_in_path::<Credential>("id", "Which credential.")
                .answers::<CredentialView>(StatusCode::OK, "The credential."),
            show,
        )
        .add(
            Operation::post(under("/credentials/{id}/{change}"), id("changeStatus"))
                .says(TAG, "Suspend, reinstate or revoke a credential", "Verifiers see it with the next status list.")
                .id_in_path::<Credential>("id", "Which credential.")
                .in_path("change", "What to do with it.", Shape::Given(changes))
                .answers::<CredentialView>(StatusCode::OK, "The credential with its history.")
                .refuses(CHANGE_PROBLEMS)
                .example(json!({ "reason": "reported lost" })),
            change,
        )
        .map(|router| router.layer(map_response(async |response: Response| uncached(response))))
        .with_state(issuer.clone())
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Types")]
struct TypesView {
    #[schemars(schema_with = "forms")]
    types: Vec<Value>,
}

fn forms(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "type": "array", "items": shapes::form(generator) })
}

async fn types(_: Actor, State(issuer): State<Issuer>) -> Json<TypesView> {
    Json(TypesView { types: issuer.0.config.types.iter().map(|t| json!(t.form())).collect() })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewOffer")]
struct OfferBody {
    #[schemars(with = "IdOf<Person>")]
    person: PersonId,
    /// The id of the type.
    #[serde(rename = "type")]
    type_id: String,
    /// What the type's form asks for.
    #[serde(default)]
    claims: Map<String, Value>,
    /// Whether the person must type a transaction code, which is told them on another way.
    #[serde(default = "yes")]
    tx_code: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Offered")]
struct OfferedView {
    #[schemars(with = "IdOf<Offer>")]
    id: OfferId,
    /// Where the offer is.
    #[schemars(extend("format" = "uri"))]
    credential_offer_uri: String,
    #[schemars(schema_with = "shapes::credential_offer")]
    credential_offer: CredentialOffer,
    /// Opens a wallet, which fetches the offer.
    link: String,
    /// The same with the offer in it.
    link_by_value: String,
    /// Where the link is as a code to scan, SVG.
    #[schemars(extend("format" = "uri"))]
    qr: String,
    /// What the person types.
    tx_code: Option<String>,
    #[schemars(with = "Time")]
    expires_at: String,
}

/// What became of an offer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Offer")]
struct OfferView {
    #[schemars(with = "IdOf<Offer>")]
    id: OfferId,
    /// Of what was accepted.
    #[schemars(with = "Option<IdOf<Credential>>")]
    credential: Option<CredentialId>,
    #[schemars(with = "IdOf<Person>")]
    person: PersonId,
    #[serde(rename = "type")]
    type_id: String,
    #[schemars(extend("enum" = ["open", "accepted", "issued", "expired", "locked"]))]
    state: &'static str,
    /// The name of the staff's token that it was made with.
    offered_by: String,
    #[schemars(with = "Time")]
    offered_at: String,
    #[schemars(with = "Time")]
    ends_at: String,
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

web::problems! {
    fn offer_problem(error: OfferError) -> OFFER_PROBLEMS {
        OfferError::NoSuchPerson => NOT_FOUND "no_such_person" ("There is no such person."),
        OfferError::NoSuchType => BAD_REQUEST "no_such_type" ("There is no such credential type."),
        OfferError::Claims(why @ Refused::NotAsked(_)) => BAD_REQUEST "claim_not_asked" (format!("{why}.")),
        OfferError::Claims(why @ Refused::FormMissing(_)) => BAD_REQUEST "claim_missing" (format!("{why}.")),
        OfferError::Claims(why @ Refused::FormMalformed(_)) => BAD_REQUEST "claim_malformed" (format!("{why}.")),
        OfferError::Claims(why @ Refused::Ended(_)) => BAD_REQUEST "claim_ended" (format!("{why}.")),
        OfferError::Claims(why @ Refused::RegisterMissing(_)) =>
            CONFLICT "register_incomplete" (format!("{why}.")),
        OfferError::Claims(why @ Refused::RegisterMalformed(_)) =>
            CONFLICT "register_malformed" (format!("{why}.")),
    } else {
        OfferError::Store(error) => database(error),
    }
}

async fn show_offer(
    _: Actor,
    State(issuer): State<Issuer>,
    Names(id): Names<String>,
) -> Result<Json<OfferView>, Problem> {
    let id: OfferId = id.parse().map_err(|_| Problem::not_found("offer"))?;
    let offer =
        issuer.offer_by_id(id).await.map_err(|e| database(&e))?.ok_or_else(|| Problem::not_found("offer"))?;
    let credential = match offer.state {
        OfferState::Accepted { credential, .. } => credential,
        OfferState::Open { .. } => None,
    };
    let state = offer.phase(issuer.0.now());
    Ok(Json(OfferView {
        id: offer.id,
        credential,
        person: offer.person,
        type_id: offer.type_id,
        state,
        offered_by: offer.created_by,
        offered_at: offer.created_at.rfc3339(),
        ends_at: offer.ends_at.rfc3339(),
    }))
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Credential")]
struct CredentialView {
    #[schemars(with = "IdOf<Credential>")]
    id: CredentialId,
    #[schemars(with = "IdOf<Person>")]
    person: PersonId,
    #[serde(rename = "type")]
    type_id: String,
    #[schemars(extend("enum" = ["valid", "suspended", "revoked"]))]
    status: &'static str,
    expired: bool,
    #[schemars(with = "Time")]
    issued_at: String,
    #[schemars(with = "Time")]
    expires_at: String,
    /// The name of the staff's token that it was offered with.
    issued_by: String,
    /// How many copies a wallet has, each with a key of its own.
    copies: usize,
    /// Where the status of each copy is published.
    status_lists: Vec<StatusAt>,
    /// Where one credential is shown: every change of its status, the issuance first.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<ChangeView>>,
    /// Where one credential is shown: what wallets said became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    notifications: Option<Vec<SaidView>>,
}

/// A place in a status list.
#[derive(Serialize, JsonSchema)]
struct StatusAt {
    #[schemars(extend("format" = "uri"))]
    uri: String,
    idx: i64,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "StatusChange")]
struct ChangeView {
    #[schemars(extend("enum" = ["valid", "suspended", "revoked"]))]
    status: &'static str,
    reason: Option<String>,
    /// The name of the staff's token that it was done with.
    actor: String,
    #[schemars(with = "Time")]
    at: String,
}

/// What a wallet said became of a credential (OpenID4VCI 1.0, section 11.1).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Notification")]
struct SaidView {
    event: &'static str,
    description: Option<String>,
    #[schemars(with = "Time")]
    at: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Credentials")]
struct CredentialsView {
    #[schemars(length(max = PAGE_ROWS_MAX))]
    credentials: Vec<CredentialView>,
}

impl CredentialView {
    fn of(managed: Managed, addresses: &Addresses, now: Instant) -> Self {
        let Managed { credential: c, copies, changes, notifications } = managed;
        let notifications = changes.is_some().then(|| {
            let said = notifications.into_iter().map(|said| SaidView {
                event: said.event.name(),
                description: said.description,
                at: said.at.rfc3339(),
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
                .map(|at| StatusAt { uri: addresses.status_list(at.list), idx: at.idx })
                .collect(),
            history,
            notifications,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CredentialsOf")]
struct ListQuery {
    /// Whose.
    #[schemars(with = "IdOf<Person>")]
    person: Option<String>,
    /// The last id of the page before.
    #[schemars(with = "Option<IdOf<Credential>>")]
    after: Option<String>,
}

async fn list(
    _: Actor,
    State(issuer): State<Issuer>,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<CredentialsView>, Problem> {
    let bad = || Problem::bad_request("query", "Say `person=per_…`, and to go on `after=cred_…`.");
    let Query(query) = query.map_err(|_| bad())?;
    let person: PersonId = query.person.and_then(|p| p.parse().ok()).ok_or_else(bad)?;
    let after = query.after.map(|a| a.parse::<CredentialId>().map_err(|_| bad())).transpose()?;
    let found = issuer.credentials_of(person, after).await.map_err(|e| database(&e))?;
    let (addresses, now) = (&issuer.0.addresses, issuer.0.now());
    let views = found.into_iter().map(|c| CredentialView::of(c, addresses, now)).collect();
    Ok(Json(CredentialsView { credentials: views }))
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

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReasonOfChange")]
struct ChangeBody {
    /// Why, for the history.
    #[schemars(length(min = 1, max = REASON_CHARS_MAX), regex(pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"))]
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

web::problems! {
    fn change_problem(error: ChangeError) -> CHANGE_PROBLEMS {
        ChangeError::NoSuchCredential => NOT_FOUND "not_found" ("There is no such credential."),
        ChangeError::Reason => BAD_REQUEST "reason" (error.to_string()),
        ChangeError::DoesNotFit(DoesNotFit::AlreadyRevoked) => CONFLICT "already_revoked" (error.to_string()),
        ChangeError::DoesNotFit(DoesNotFit::AlreadySuspended) =>
            CONFLICT "already_suspended" (error.to_string()),
        ChangeError::DoesNotFit(DoesNotFit::NotSuspended) => CONFLICT "not_suspended" (error.to_string()),
    } else {
        ChangeError::Store(error) => database(error),
    }
}

fn credential_id(text: &str) -> Result<CredentialId, Problem> {
    text.parse().map_err(|_| Problem::not_found("credential"))
}
