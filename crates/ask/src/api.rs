//! For other programs: ask, look, fetch evidence, take a person back. JSON under `/ask/v1`, with a staff token.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{
    Texts,
    limits::{ADDRESS_BYTES_MAX, TRANSACTION_DATA_MAX},
};
use formats::{
    dcql::{self, Query},
    vp::{Prefix, ResponseMode},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use web::{
    Actor, Caller, JsonBody, Names, Operation, Problem, Routes,
    limit::Costly,
    openapi::{
        Code, Shape,
        leaf::{IdOf, InSixLanguages, Secret, Time},
    },
};

use crate::{
    Ask, AskRefusal, RedeemRefusal,
    model::{
        AskRequest, Device, Outcome, Progress, Proof, RequestId, RequestKind, RequestState, Transaction,
    },
    ops::SESSION_CHARS_MIN,
    shapes,
};

pub(crate) const TAG: &str = "Asking";

pub(crate) fn routes(ask: Ask) -> Routes {
    Routes::new()
        .add(
            Operation::post("/ask/v1/requests", "createRequest")
                .says(
                    TAG,
                    "Ask a person for what a wallet can show, and to approve something",
                    "Answers what a person is given: a link for a button, a code to scan, a page to wait on.",
                )
                .answers::<AskedView>(StatusCode::CREATED, "The request.")
                .refuses(ASK_PROBLEMS)
                .refuses(&dcql::Error::CODES.map(|code| Code(StatusCode::BAD_REQUEST, code)))
                .refuses(&[
                    Code(StatusCode::BAD_REQUEST, "client_id_prefix"),
                    Code(StatusCode::BAD_REQUEST, "response_mode"),
                ])
                .example(example(ask.inner.types.first().map(super::transaction_type::Compiled::kind))),
            create,
        )
        .add(
            Operation::get("/ask/v1/requests/{id}", "showRequest")
                .says(TAG, "How far a request is, and what was answered", "")
                .id_in_path::<RequestKind>("id", "Which request.")
                .answers::<StateView>(StatusCode::OK, "The request as it is now."),
            show,
        )
        .add(
            Operation::get("/ask/v1/requests/{id}/evidence", "showEvidence")
                .says(
                    TAG,
                    "What proves an answer to somebody who was not there",
                    "A document that `sahihi verify` reads without a server. It holds personal data.",
                )
                .id_in_path::<RequestKind>("id", "Which request.")
                .code(StatusCode::CONFLICT, "no_evidence")
                .answers_as(
                    StatusCode::OK,
                    "The evidence, byte for byte as it was kept.",
                    "application/json",
                    Shape::Given(json!({ "type": "object" })),
                ),
            evidence,
        )
        .add(
            Operation::post("/ask/v1/response-codes", "redeemResponseCode")
                .says(
                    TAG,
                    "Take a person back who answered on the same device",
                    "The code that came back in the address, and the session in which it came: in another session than \
                     the one that asked, the answer is rejected for good (OpenID4VP 1.0, section 14.2).",
                )
                .answers::<StateView>(StatusCode::OK, "The request, which is answered.")
                .refuses(REDEEM_PROBLEMS),
            redeem,
        )
        .with_state(ask)
}

fn example(kind: Option<&str>) -> Value {
    let purpose = base::Lang::ALL.map(|lang| (lang.tag(), "Rent a boat"));
    json!({
        "purpose": BTreeMap::from(purpose),
        "dcql_query": {
            "credentials": [{
                "id": "pid",
                "format": "dc+sd-jwt",
                "meta": { "vct_values": ["urn:eudi:pid:1"] },
                "claims": [{ "path": ["family_name"] }, { "path": ["given_name"] }],
            }],
        },
        "transaction_data": kind.map(|kind| json!({
            "type": kind,
            "credential_ids": ["pid"],
            "payload": { "text": "I rent the boat until Sunday.", "reference": "4711" },
        })).into_iter().collect::<Vec<_>>(),
        "device": "cross",
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewRequest", extend(
    "if" = { "properties": { "device": { "const": "same" } } },
    "then" = { "required": ["return_to"], "properties": { "return_to": { "type": "string" } } },
    "else" = { "properties": { "return_to": { "type": "null" }, "session": { "type": "null" } } },
))]
struct NewRequest {
    /// Why, for the person, who reads it word for word.
    #[schemars(with = "InSixLanguages")]
    purpose: Texts,
    #[schemars(schema_with = "shapes::dcql_query")]
    dcql_query: Value,
    /// What is to be approved.
    #[serde(default)]
    #[schemars(length(max = TRANSACTION_DATA_MAX))]
    transaction_data: Vec<NewTransaction>,
    device: DeviceKind,
    /// On the same device, and only there: where the person comes back to. https, or http on the loopback where this
    /// party is there, without `response_code`.
    #[schemars(length(max = ADDRESS_BYTES_MAX), extend("format" = "uri"))]
    return_to: Option<String>,
    /// On the same device: the caller's handle of the person's session; one is made if it is left out.
    #[schemars(length(min = SESSION_CHARS_MIN))]
    session: Option<String>,
    /// How the asker names itself: `x509_hash` if it is left out.
    #[schemars(extend("enum" = ["x509_hash", "x509_san_dns", "redirect_uri", null]))]
    client_id_prefix: Option<String>,
    /// `direct_post.jwt`, encrypted, if it is left out.
    #[schemars(extend("enum" = ["direct_post", "direct_post.jwt", null]))]
    response_mode: Option<String>,
}

/// Something to approve.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewTransaction")]
struct NewTransaction {
    /// The address of its type, which describes the payload.
    #[serde(rename = "type")]
    kind: String,
    /// With which of the credentials that are asked for; with any, if it is left out.
    #[serde(default)]
    credential_ids: Vec<String>,
    payload: Map<String, Value>,
}

/// Whether the wallet is on the device on which the person is asked.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq)]
#[schemars(rename = "Device")]
#[serde(rename_all = "lowercase")]
enum DeviceKind {
    Same,
    Cross,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Asked")]
struct AskedView {
    #[schemars(with = "IdOf<RequestKind>")]
    id: RequestId,
    /// For a button on the same device: `openid4vp://…`.
    link: String,
    /// The link as a code to scan: an SVG document.
    qr: String,
    /// The page on which a person waits, which shows both.
    #[schemars(extend("format" = "uri"))]
    waiting_page: String,
    /// From when on it can no longer be answered.
    #[schemars(with = "Time")]
    expires_at: String,
    /// On the same device: what must be sent with the response code.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ResponseCode {
    /// What came back in the address.
    response_code: String,
    /// In which session it came back.
    session: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Request")]
struct StateView {
    #[schemars(with = "IdOf<RequestKind>")]
    id: RequestId,
    #[schemars(extend("enum" = ["waiting", "returning", "answered", "expired"]))]
    state: &'static str,
    /// What was answered. While it is `waiting`: the last answer that was refused.
    result: Option<ResultView>,
    /// A wallet said no; the request is open all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    declined: Option<DeclinedView>,
    #[schemars(with = "Time")]
    expires_at: String,
    /// Where the evidence is, if there is some.
    #[schemars(extend("format" = "uri"))]
    evidence: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Declined")]
struct DeclinedView {
    /// The wallet's own error code (OpenID4VP 1.0, section 8.5).
    error: String,
    #[schemars(with = "Time")]
    at: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Result")]
struct ResultView {
    #[schemars(extend("enum" = ["valid", "invalid", "undetermined"]))]
    outcome: &'static str,
    /// Why it is not valid: a stable code.
    reason: Option<String>,
    /// What was shown, by the ids of the query.
    credentials: BTreeMap<String, Vec<CredentialView>>,
    /// What was approved.
    approved: Vec<ApprovedView>,
    #[schemars(with = "Time")]
    at: String,
}

/// A credential that was shown and checked.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProvenCredential")]
struct CredentialView {
    vct: String,
    issuer: IssuerView,
    /// The claims that were disclosed.
    claims: Map<String, Value>,
}

/// Who issued it, as its certificate says.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProvenIssuer")]
struct IssuerView {
    name: String,
    /// An ISO 3166-1 alpha-2 code.
    country: Option<String>,
    /// SHA-256 of the trust anchor, in base64url.
    #[schemars(with = "Secret")]
    anchor_sha256: String,
}

/// Something that was approved, word for word.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Approved")]
struct ApprovedView {
    #[serde(rename = "type")]
    kind: String,
    /// With which of the credentials that were asked for.
    credential_id: String,
    payload: Map<String, Value>,
}

async fn create(
    actor: Actor,
    caller: Caller,
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
        asked_by: asker(&actor),
    };
    caller.spend(Costly::Ask, &actor).await?;
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

async fn show(actor: Actor, State(ask): State<Ask>, Names(id): Names<String>) -> Result<Response, Problem> {
    let state = state(&ask, &actor, &id).await?;
    Ok(no_store(Json(view(&ask, state)).into_response()))
}

/// A request of this asker. One of another's, or of a feature (who signs in, who takes part), is none.
async fn state(ask: &Ask, actor: &Actor, id: &str) -> Result<RequestState, Problem> {
    let unknown = || Problem::not_found("request");
    let id = id.parse().map_err(|_| unknown())?;
    let found = ask.state(id).await.map_err(|e| database(&e))?;
    found.filter(|state| state.asked_by == asker(actor)).ok_or_else(unknown)
}

/// Whose the requests of this actor are. The names of features have no colon.
fn asker(actor: &Actor) -> String {
    format!("staff:{}", actor.name())
}

async fn evidence(
    actor: Actor,
    State(ask): State<Ask>,
    Names(id): Names<String>,
) -> Result<Response, Problem> {
    match state(&ask, &actor, &id).await?.progress {
        Progress::Answered(Outcome::Valid(proof) | Outcome::Undetermined(_, proof)) => {
            let mut response = proof.evidence.into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(no_store(response))
        }
        _ => Err(Problem::conflict("no_evidence", "There is evidence only once the request was answered.")),
    }
}

async fn redeem(
    actor: Actor,
    State(ask): State<Ask>,
    JsonBody(code): JsonBody<ResponseCode>,
) -> Result<Response, Problem> {
    match ask.redeem(&asker(&actor), &code.response_code, &code.session).await {
        Ok(state) => Ok(no_store(Json(view(&ask, state)).into_response())),
        Err(refusal) => Err(not_redeemed(&refusal)),
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

web::problems! {
    fn refused(refusal: AskRefusal) -> ASK_PROBLEMS {
        AskRefusal::Purpose => BAD_REQUEST "purpose" (refusal.to_string()),
        AskRefusal::TransactionType => BAD_REQUEST "transaction_type_unknown" (refusal.to_string()),
        AskRefusal::Transaction => BAD_REQUEST "transaction_invalid" (refusal.to_string()),
        AskRefusal::TooLong => BAD_REQUEST "request_too_long" (refusal.to_string()),
        AskRefusal::ByValue => BAD_REQUEST "request_by_value" (refusal.to_string()),
        AskRefusal::CredentialIds => BAD_REQUEST "transaction_credential_ids" (refusal.to_string()),
        AskRefusal::ReturnTo => BAD_REQUEST "return_to" (refusal.to_string()),
        AskRefusal::Session => BAD_REQUEST "session" (refusal.to_string()),
    } else {
        AskRefusal::Query(why) => Problem::bad_request(why.code(), refusal.to_string()),
        AskRefusal::Signing => Problem::internal(refusal),
        AskRefusal::Store(error) => database(error),
    }
}

web::problems! {
    fn not_redeemed(refusal: RedeemRefusal) -> REDEEM_PROBLEMS {
        RedeemRefusal::Unknown => NOT_FOUND "response_code_unknown" (refusal.to_string()),
        RedeemRefusal::WrongSession => FORBIDDEN "wrong_session" (refusal.to_string()),
        RedeemRefusal::Used => CONFLICT "response_code_used" (refusal.to_string()),
        RedeemRefusal::Expired => CONFLICT "response_code_expired" (refusal.to_string()),
    } else {
        RedeemRefusal::Store(error) => database(error),
    }
}

pub(crate) fn database(error: &store::Error) -> Problem {
    if error.kind() == store::ErrorKind::OutcomeUnknown {
        return Problem::outcome_unknown();
    }
    if error.is_busy() || error.is_unavailable() { Problem::unavailable() } else { Problem::internal(error) }
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
