//! For other programs: ask, look, fetch evidence, take a person back. JSON under `/ask/v1`, with a staff token.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base::Texts;
use formats::{
    dcql::Query,
    vp::{Prefix, ResponseMode},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use web::{Actor, JsonBody, Problem};

use crate::{
    Ask, AskRefusal, RedeemRefusal,
    model::{AskRequest, Device, Outcome, Progress, Proof, RequestId, RequestState, Transaction},
};

pub(crate) fn router(ask: Ask) -> Router {
    Router::new()
        .route("/ask/v1/requests", post(create))
        .route("/ask/v1/requests/{id}", get(show))
        .route("/ask/v1/requests/{id}/evidence", get(evidence))
        .route("/ask/v1/response-codes", post(redeem))
        .with_state(ask)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRequest {
    purpose: Texts,
    dcql_query: Value,
    #[serde(default)]
    transaction_data: Vec<NewTransaction>,
    device: DeviceKind,
    return_to: Option<String>,
    /// The caller's handle of the person's session; one is made if it is left out.
    session: Option<String>,
    client_id_prefix: Option<String>,
    /// `direct_post.jwt`, encrypted, if it is left out.
    response_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTransaction {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    credential_ids: Vec<String>,
    payload: Map<String, Value>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum DeviceKind {
    Same,
    Cross,
}

#[derive(Serialize)]
struct AskedView {
    id: RequestId,
    link: String,
    qr: String,
    waiting_page: String,
    expires_at: String,
    /// On the same device: what must be sent with the response code.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseCode {
    response_code: String,
    session: String,
}

#[derive(Serialize)]
struct StateView {
    id: RequestId,
    state: &'static str,
    result: Option<ResultView>,
    /// A wallet said no; the request is open all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    declined: Option<DeclinedView>,
    expires_at: String,
    evidence: Option<String>,
}

#[derive(Serialize)]
struct DeclinedView {
    error: String,
    at: String,
}

#[derive(Serialize)]
struct ResultView {
    outcome: &'static str,
    reason: Option<String>,
    credentials: BTreeMap<String, Vec<CredentialView>>,
    approved: Vec<ApprovedView>,
    at: String,
}

#[derive(Serialize)]
struct CredentialView {
    vct: String,
    issuer: IssuerView,
    claims: Map<String, Value>,
}

#[derive(Serialize)]
struct IssuerView {
    name: String,
    country: Option<String>,
    anchor_sha256: String,
}

#[derive(Serialize)]
struct ApprovedView {
    #[serde(rename = "type")]
    kind: String,
    credential_id: String,
    payload: Map<String, Value>,
}

async fn create(
    actor: Actor,
    State(ask): State<Ask>,
    JsonBody(new): JsonBody<NewRequest>,
) -> Result<Response, Problem> {
    let query = Query::from_value(&new.dcql_query).map_err(|e| refused(&AskRefusal::Query(e)))?;
    let prefix = match new.client_id_prefix.as_deref() {
        None => Prefix::X509Hash,
        Some(name) => name.parse().map_err(|_| {
            Problem::bad_request(
                "client_id_prefix",
                "The prefix is one of x509_hash, x509_san_dns and redirect_uri.",
            )
        })?,
    };
    let response_mode = match new.response_mode.as_deref() {
        None => ResponseMode::DirectPostJwt,
        Some(name) => ResponseMode::from_name(name).ok_or_else(|| {
            Problem::bad_request(
                "response_mode",
                "The response mode is one of direct_post and direct_post.jwt.",
            )
        })?,
    };
    let (device, session) = match (new.device, new.return_to) {
        (DeviceKind::Cross, None) if new.session.is_none() => (Device::Cross, None),
        (DeviceKind::Same, Some(return_to)) => {
            let session = new.session.unwrap_or_else(|| ask.token());
            (Device::Same { return_to, session: session.clone() }, Some(session))
        }
        _ => {
            let detail = "return_to is needed on the same device; return_to and session have no meaning across devices.";
            return Err(Problem::bad_request("return_to", detail));
        }
    };
    let transactions = new
        .transaction_data
        .into_iter()
        .map(|t| Transaction { kind: t.kind, credential_ids: t.credential_ids, payload: t.payload })
        .collect();
    let request = AskRequest {
        purpose: new.purpose,
        query,
        transactions,
        device,
        prefix,
        response_mode,
        asked_by: actor.name().to_owned(),
    };
    let asked = ask.request(&request).await.map_err(|e| refused(&e))?;
    let view = AskedView {
        id: asked.id,
        link: asked.link,
        qr: asked.qr,
        waiting_page: asked.waiting_page,
        expires_at: asked.expires_at.rfc3339(),
        session,
    };
    Ok(no_store((StatusCode::CREATED, Json(view)).into_response()))
}

async fn show(_: Actor, State(ask): State<Ask>, Path(id): Path<String>) -> Result<Response, Problem> {
    let state = state(&ask, &id).await?;
    Ok(no_store(Json(view(&ask, state)).into_response()))
}

async fn state(ask: &Ask, id: &str) -> Result<RequestState, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("request"))?;
    ask.state(id).await.map_err(|e| database(&e))?.ok_or_else(|| Problem::not_found("request"))
}

async fn evidence(_: Actor, State(ask): State<Ask>, Path(id): Path<String>) -> Result<Response, Problem> {
    match state(&ask, &id).await?.progress {
        Progress::Answered(Outcome::Valid(proof) | Outcome::Undetermined(_, proof)) => {
            let mut response = proof.evidence.into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(no_store(response))
        }
        _ => Err(Problem::conflict("no_evidence", "There is evidence only once the request was answered.")),
    }
}

async fn redeem(
    _: Actor,
    State(ask): State<Ask>,
    JsonBody(code): JsonBody<ResponseCode>,
) -> Result<Response, Problem> {
    match ask.redeem(&code.response_code, &code.session).await {
        Ok((id, _)) => Ok(no_store(Json(view(&ask, state(&ask, &id.to_string()).await?)).into_response())),
        Err(RedeemRefusal::Store(e)) => Err(database(&e)),
        Err(e @ RedeemRefusal::Unknown) => Err(Problem::new(StatusCode::NOT_FOUND, e.code(), e.to_string())),
        Err(e @ RedeemRefusal::WrongSession) => {
            Err(Problem::new(StatusCode::FORBIDDEN, e.code(), e.to_string()))
        }
        Err(e @ (RedeemRefusal::Used | RedeemRefusal::Expired)) => {
            Err(Problem::conflict(e.code(), e.to_string()))
        }
    }
}

fn view(ask: &Ask, state: RequestState) -> StateView {
    let id = state.id;
    let (name, result, declined) = match state.progress {
        Progress::Returning => ("returning", None, None),
        Progress::Waiting(noted) => ("waiting", noted.refused.map(invalid), noted.declined),
        Progress::Expired(noted) => ("expired", noted.refused.map(invalid), noted.declined),
        Progress::Answered(Outcome::Invalid(code)) => {
            ("answered", Some(invalid((code, state.expires_at))), None)
        }
        Progress::Answered(Outcome::Valid(proof)) => ("answered", Some(proven("valid", None, proof)), None),
        Progress::Answered(Outcome::Undetermined(reason, proof)) => {
            ("answered", Some(proven("undetermined", Some(reason), proof)), None)
        }
    };
    let kept = result.as_ref().is_some_and(|r| r.outcome != "invalid");
    StateView {
        id,
        state: name,
        result,
        declined: declined.map(|d| DeclinedView { error: d.error, at: d.at.rfc3339() }),
        expires_at: state.expires_at.rfc3339(),
        evidence: kept.then(|| ask.url(&format!("/ask/v1/requests/{id}/evidence"))),
    }
}

fn invalid((code, at): (String, base::Instant)) -> ResultView {
    ResultView {
        outcome: "invalid",
        reason: Some(code),
        credentials: BTreeMap::new(),
        approved: Vec::new(),
        at: at.rfc3339(),
    }
}

fn proven(outcome: &'static str, reason: Option<String>, proof: Proof) -> ResultView {
    let credential = |c: crate::ProvenCredential| CredentialView {
        vct: c.vct,
        issuer: IssuerView {
            name: c.issuer.name,
            country: c.issuer.country,
            anchor_sha256: formats::b64::encode(&c.issuer.anchor_sha256),
        },
        claims: c.claims,
    };
    let approved = |a: crate::Approved| ApprovedView {
        kind: a.kind,
        credential_id: a.credential_id,
        payload: a.payload,
    };
    ResultView {
        outcome,
        reason,
        credentials: proof
            .credentials
            .into_iter()
            .map(|(id, list)| (id, list.into_iter().map(credential).collect()))
            .collect(),
        approved: proof.approved.into_iter().map(approved).collect(),
        at: proof.answered_at.rfc3339(),
    }
}

fn refused(refusal: &AskRefusal) -> Problem {
    match refusal {
        AskRefusal::Store(e) => database(e),
        AskRefusal::Signing => Problem::internal(refusal),
        AskRefusal::Query(_)
        | AskRefusal::Purpose
        | AskRefusal::TransactionType
        | AskRefusal::Transaction
        | AskRefusal::TooLong
        | AskRefusal::ByValue
        | AskRefusal::CredentialIds
        | AskRefusal::ReturnTo
        | AskRefusal::Session => Problem::bad_request(refusal.code(), refusal.to_string()),
    }
}

pub(crate) fn database(error: &store::Error) -> Problem {
    if error.is_busy() || error.is_unavailable() { Problem::unavailable() } else { Problem::internal(error) }
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
