//! The protocol's edge: what wallets and verifiers call, from any origin (OpenID4VCI 1.0; Token Status List, draft 14).

use ::store::{Error as StoreError, ErrorKind};
use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::limits::PROOFS_MAX;
use formats::vci::{
    CredentialErrorCode, CredentialOffer, CredentialRefusal, CredentialRequest, GrantRequest, NonceResponse,
    TokenErrorCode, TokenRefusal, offer::link_by_reference,
};
use serde_json::json;
use web::{
    Caller, FormPairs, Names, Operation, Problem, Routes,
    body::{RawBody, has_media_type},
    limit::{Guess, TooMany},
    open_cors,
    openapi::Shape,
    qr,
    staff::bearer,
};

use crate::{
    Issuer,
    fetch::FetchError,
    notify::{NotificationRequest, NotifyError},
    redeem::RedeemError,
    shapes,
    status::ListError,
};

const TAG: &str = "OpenID4VCI";
const JSON_TYPE: &str = "application/json";

pub(crate) fn routes(issuer: &Issuer) -> Routes {
    let addresses = &issuer.0.addresses;
    let under = |what: &str| format!("{}{what}", addresses.path);
    let id = |what: &str| issuer.operation_id(what);
    let given = |shape: serde_json::Value| Shape::Given(shape);
    let secret = "The secret of the offer.";
    let routes = Routes::new()
        .add(
            Operation::get(&addresses.well_known_issuer, id("showIssuerMetadata"))
                .says(
                    TAG,
                    "What this issuer issues, and where",
                    "Signed for who asks for `application/jwt` (section 12.2.3).",
                )
                .header("accept", "JSON, or JSON that is signed.", Shape::text(""))
                .answers_as(StatusCode::OK, "The metadata.", JSON_TYPE, given(shapes::issuer_metadata()))
                .answers_as(StatusCode::OK, "", "application/jwt", Shape::text("A compact JWS.")),
            issuer_metadata,
        )
        .add(
            Operation::get(&addresses.well_known_authorization_server, id("showAuthorizationServerMetadata"))
                .says(TAG, "Where tokens are had", "")
                .answers_as(
                    StatusCode::OK,
                    "The metadata.",
                    JSON_TYPE,
                    given(shapes::authorization_server_metadata()),
                ),
            authorization_server_metadata,
        )
        .add(
            Operation::get(under("/offers/{token}"), id("fetchOffer"))
                .says(TAG, "Fetch an offer (section 4.1.3)", "")
                .in_path("token", secret, given(shapes::offer_token()))
                .answers_as(StatusCode::OK, "The offer.", JSON_TYPE, given(shapes::fetched_offer())),
            offer,
        )
        .add(
            Operation::get(under("/offers/{token}/qr.svg"), id("fetchCodeOfOffer"))
                .says(TAG, "An offer as a code to scan", "")
                .in_path("token", secret, given(shapes::offer_token()))
                .answers_as(StatusCode::OK, "The code.", "image/svg+xml", Shape::text("SVG.")),
            offer_qr,
        )
        .add(token_operation(Operation::post(under("/token"), id("token"))), token)
        .add(
            Operation::post(under("/nonce"), id("nonce"))
                .says(TAG, "A fresh nonce for key proofs (section 7)", "")
                .answers_as(StatusCode::OK, "The nonce.", JSON_TYPE, given(shapes::nonce_response())),
            nonce,
        )
        .add(
            credential_operation(Operation::post(under("/credential"), id("credential")), proofs_max(issuer)),
            credential,
        )
        .add(
            notification_operation(Operation::post(under("/notification"), id("notification"))),
            notification,
        )
        .add(
            Operation::get(under("/status"), id("showStatusLists"))
                .says(
                    STATUS,
                    "The addresses of all status lists",
                    "Token Status List, draft 14, section 9.3.",
                )
                .answers_as(StatusCode::OK, "The addresses.", JSON_TYPE, given(shapes::status_lists())),
            status_lists,
        )
        .add(
            Operation::get(under("/status/{list}"), id("showStatusList"))
                .says(STATUS, "A status list", "Token Status List, draft 14, section 8.")
                .in_path("list", "Which list, from 1.", given(json!({ "type": "integer", "minimum": 1 })))
                .answers_as(
                    StatusCode::OK,
                    "The list.",
                    "application/statuslist+jwt",
                    Shape::text("A compact JWS."),
                ),
            status_list,
        );
    let routes = issuer.0.published.types.routes(issuer, routes);
    routes.map(open_cors).with_state(issuer.clone())
}

/// The heading of status lists.
const STATUS: &str = "Status lists";

/// Not now, in the protocol's shape.
fn not_now(operation: Operation) -> Operation {
    let busy = &["temporarily_unavailable"];
    operation
        .fails(StatusCode::TOO_MANY_REQUESTS, "There were too many wrong ones (RFC 6585, section 4).", busy)
        .fails(StatusCode::SERVICE_UNAVAILABLE, "Nothing was done; the same may be sent again.", busy)
}

/// RFC 6750, section 3.
fn without_token(operation: Operation) -> Operation {
    operation.with_access_token().answers_nothing(
        StatusCode::UNAUTHORIZED,
        "No body if there was no token; otherwise JSON with the `error` `invalid_token` (RFC 6750, section 3).",
    )
}

fn token_operation(operation: Operation) -> Operation {
    let errors = TokenErrorCode::ALL.map(TokenErrorCode::code);
    not_now(operation)
        .says(TAG, "A code, or what is refreshed with, for a token (section 6)", "")
        .takes("application/x-www-form-urlencoded", "The grant.", Shape::Given(shapes::token_request()))
        .answers_as(StatusCode::OK, "The token.", JSON_TYPE, Shape::Given(shapes::token_response()))
        .fails(StatusCode::BAD_REQUEST, "No token (RFC 6749, section 5.2).", &errors)
}

/// How many key proofs one request may carry.
fn proofs_max(issuer: &Issuer) -> usize {
    usize::try_from(issuer.0.config.types.batch_size_max()).unwrap_or(1).min(PROOFS_MAX)
}

fn credential_operation(operation: Operation, proofs_max: usize) -> Operation {
    let errors = CredentialErrorCode::ALL.map(CredentialErrorCode::code);
    without_token(not_now(operation))
        .says(TAG, "Key proofs for credentials (section 8)", "")
        .takes(JSON_TYPE, "What is asked for.", Shape::Given(shapes::credential_request(proofs_max)))
        .answers_as(
            StatusCode::OK,
            "The credentials.",
            JSON_TYPE,
            Shape::Given(shapes::credential_response()),
        )
        .fails(StatusCode::BAD_REQUEST, "No credential (section 8.3.1.2).", &errors)
        .fails(
            StatusCode::FORBIDDEN,
            "The token is for another one (RFC 6750, section 3.1).",
            &["insufficient_scope"],
        )
}

fn notification_operation(operation: Operation) -> Operation {
    let errors = &["invalid_notification_id", "invalid_notification_request"];
    without_token(not_now(operation))
        .says(TAG, "What became of a credential (section 11)", "")
        .takes(JSON_TYPE, "What became of it.", Shape::Given(shapes::notification()))
        .answers_nothing(StatusCode::NO_CONTENT, "It was kept.")
        .fails(StatusCode::BAD_REQUEST, "It was not understood (section 11.3).", errors)
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

pub(crate) fn uncached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

async fn issuer_metadata(State(issuer): State<Issuer>, headers: HeaderMap) -> Response {
    let (media_type, body) = if prefers_jwt(&headers) {
        match issuer.0.signed_metadata(issuer.0.now()) {
            Ok(jwt) => (HeaderValue::from_static("application/jwt"), jwt),
            Err(error) => return Problem::internal(&error).into_response(),
        }
    } else {
        (JSON, issuer.0.published.issuer_json.clone())
    };
    let vary = HeaderValue::from_static("accept");
    ([(header::CONTENT_TYPE, media_type), (header::VARY, vary)], body).into_response()
}

/// Whether signed metadata are asked for by name, and not less than unsigned ones.
fn prefers_jwt(headers: &HeaderMap) -> bool {
    let accept: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok()).collect();
    let accept = accept.join(",");
    let (mut jwt, mut json) = (None, None);
    for (place, item) in accept.split(',').take(20).enumerate() {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let quality = parts.find_map(|p| p.strip_prefix(['q', 'Q'])?.strip_prefix('='));
        let quality = quality.map_or(Some(1.0), |q| q.parse::<f32>().ok());
        // Equal wishes: the one that is named first.
        let wish = quality.filter(|q| *q > 0.0).map(|q| (q, std::cmp::Reverse(place)));
        if name.eq_ignore_ascii_case("application/jwt") {
            jwt = wish;
        } else if name.eq_ignore_ascii_case("application/json") {
            json = wish;
        }
    }
    jwt.is_some() && jwt >= json
}

async fn authorization_server_metadata(State(issuer): State<Issuer>) -> Response {
    ([(header::CONTENT_TYPE, JSON)], issuer.0.published.authorization_server_json.clone()).into_response()
}

async fn offer(State(issuer): State<Issuer>, caller: Caller, Names(token): Names<String>) -> Response {
    uncached(match offered(&issuer, &caller, &token).await {
        Ok(offer) => Json(offer).into_response(),
        Err(problem) => problem.into_response(),
    })
}

async fn offer_qr(State(issuer): State<Issuer>, caller: Caller, Names(token): Names<String>) -> Response {
    uncached(match offered(&issuer, &caller, &token).await {
        Ok(_) => match qr::svg(&link_by_reference(&issuer.0.addresses.offer(&token))) {
            Some(svg) => {
                ([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response()
            }
            None => Problem::not_found("QR code").into_response(),
        },
        Err(problem) => problem.into_response(),
    })
}

async fn offered(issuer: &Issuer, caller: &Caller, token: &str) -> Result<CredentialOffer, Problem> {
    caller.check(Guess::Offer).await?;
    let offer = issuer.offer_by_token(token).await.map_err(|e| database(&e))?;
    if offer.is_none() {
        caller.failed(Guess::Offer).await;
    }
    offer.ok_or_else(|| Problem::not_found("offer"))
}

async fn token(State(issuer): State<Issuer>, caller: Caller, request: Request) -> Response {
    if let Err(too_many) = caller.check(Guess::Grant).await {
        return try_later(too_many);
    }
    let refused = |why| RedeemError::Refused(TokenRefusal::new(TokenErrorCode::InvalidRequest, why));
    let redeemed = async {
        let form = FormPairs::from_body(request).await.map_err(|_| {
            refused("the body is not application/x-www-form-urlencoded, is too large or repeats a parameter")
        })?;
        let known =
            GrantRequest::PARAMETERS.iter().filter_map(|name| form.get(name).map(|value| (*name, value)));
        match GrantRequest::from_pairs(known).map_err(RedeemError::Refused)? {
            GrantRequest::PreAuthorizedCode(request) => issuer.redeem(request).await,
            GrantRequest::Refresh(request) => issuer.refresh(&request).await,
        }
    };
    uncached(match redeemed.await {
        Ok(response) => Json(response).into_response(),
        Err(RedeemError::Refused(refusal)) => {
            if refusal.code == TokenErrorCode::InvalidGrant {
                caller.failed(Guess::Grant).await;
            }
            (StatusCode::BAD_REQUEST, Json(refusal.body())).into_response()
        }
        Err(RedeemError::Store(error)) => protocol_failure(&error),
    })
}

async fn nonce(State(issuer): State<Issuer>) -> Response {
    uncached(Json(NonceResponse { c_nonce: issuer.0.new_nonce() }).into_response())
}

async fn credential(State(issuer): State<Issuer>, caller: Caller, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let access_token = bearer(&parts).map(str::to_owned);
    let Some(access_token) = access_token else {
        return no_token();
    };
    if let Err(too_many) = may_use(&caller, &access_token).await {
        return try_later(too_many);
    }
    let body = read_request(&issuer, Request::from_parts(parts, body)).await;
    match issuer.fetch(&access_token, body).await {
        Ok(response) => uncached(Json(response).into_response()),
        Err(FetchError::Refused(refusal)) => {
            use CredentialErrorCode::{InvalidNonce, InvalidProof};
            if matches!(refusal.code, InvalidNonce | InvalidProof) {
                caller.failed_with(Guess::WithToken, &access_token).await;
            }
            uncached((StatusCode::BAD_REQUEST, Json(refusal.body())).into_response())
        }
        Err(FetchError::InvalidToken) => unknown_token(&caller).await,
        Err(FetchError::InsufficientScope) => unauthorized(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "the access token is for another credential",
        ),
        Err(FetchError::Store(error)) => uncached(protocol_failure(&error)),
        Err(FetchError::Collision) => uncached(try_again()),
        Err(error @ FetchError::Signing(_)) => {
            tracing::error!(%error, "a credential was not issued");
            uncached(failure(StatusCode::INTERNAL_SERVER_ERROR, "server_error"))
        }
    }
}

async fn read_request(issuer: &Issuer, request: Request) -> Result<CredentialRequest, CredentialRefusal> {
    use CredentialErrorCode::{InvalidCredentialRequest, InvalidEncryptionParameters};
    if has_media_type(&request, "application/jwt") {
        return Err(CredentialRefusal::new(
            InvalidEncryptionParameters,
            "encrypted requests are not offered",
        ));
    }
    if !has_media_type(&request, "application/json") {
        return Err(CredentialRefusal::new(InvalidCredentialRequest, "the body is not application/json"));
    }
    let body = RawBody::from_request(request, &()).await;
    let RawBody(body) =
        body.map_err(|_| CredentialRefusal::new(InvalidCredentialRequest, "the body is too large"))?;
    CredentialRequest::parse(&body, proofs_max(issuer))
}

async fn status_lists(State(issuer): State<Issuer>) -> Response {
    match issuer.status_lists().await {
        Ok(lists) => {
            let cache = cache_control(&issuer);
            (
                [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, &cache)],
                lists.to_document(),
            )
                .into_response()
        }
        Err(error) => uncached(database(&error).into_response()),
    }
}

fn cache_control(issuer: &Issuer) -> String {
    match issuer.0.config.status_ttl_s {
        0 => "no-store".to_owned(),
        ttl => format!("max-age={ttl}"),
    }
}

async fn status_list(State(issuer): State<Issuer>, Names(list): Names<String>) -> Response {
    let not_found = || uncached(Problem::not_found("status list").into_response());
    // Only the canonical number: a list has one address.
    let Some(number) = list.parse::<i64>().ok().filter(|n| *n > 0 && n.to_string() == list) else {
        return not_found();
    };
    let cache = cache_control(&issuer);
    match issuer.status_list(number).await {
        Ok(token) => {
            let headers =
                [(header::CONTENT_TYPE, "application/statuslist+jwt"), (header::CACHE_CONTROL, &cache)];
            (headers, token.to_string()).into_response()
        }
        Err(ListError::NoSuchList) => not_found(),
        Err(ListError::NotOurs) => uncached(Problem::unavailable().into_response()),
        Err(ListError::Store(error)) => uncached(database(&error).into_response()),
        Err(error @ ListError::Signing(_)) => uncached(Problem::internal(&error).into_response()),
    }
}

async fn notification(State(issuer): State<Issuer>, caller: Caller, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(access_token) = bearer(&parts).map(str::to_owned) else { return no_token() };
    if let Err(too_many) = may_use(&caller, &access_token).await {
        return try_later(too_many);
    }
    let body = read_notification(Request::from_parts(parts, body)).await;
    match issuer.notify(&access_token, body).await {
        Ok(()) => uncached(StatusCode::NO_CONTENT.into_response()),
        Err(NotifyError::InvalidToken) => unknown_token(&caller).await,
        Err(NotifyError::Store(error)) => uncached(protocol_failure(&error)),
        Err(error @ (NotifyError::InvalidNotificationId | NotifyError::InvalidNotificationRequest(_))) => {
            if matches!(error, NotifyError::InvalidNotificationId) {
                caller.failed_with(Guess::WithToken, &access_token).await;
            }
            uncached((StatusCode::BAD_REQUEST, Json(error.body())).into_response())
        }
    }
}

async fn read_notification(request: Request) -> Result<NotificationRequest, NotifyError> {
    let bad = NotifyError::InvalidNotificationRequest;
    if !has_media_type(&request, "application/json") {
        return Err(bad("the body is not application/json"));
    }
    let body = RawBody::from_request(request, &()).await;
    let RawBody(body) = body.map_err(|_| bad("the body is too large"))?;
    NotificationRequest::parse(&body)
}

/// RFC 6750, section 3.1: who shows no token is told no error.
fn no_token() -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
    uncached((StatusCode::UNAUTHORIZED, challenge).into_response())
}

/// Whether an access token may be looked at, and what is shown with it.
async fn may_use(caller: &Caller, access_token: &str) -> Result<(), TooMany> {
    caller.check(Guess::AccessToken).await?;
    caller.check_with(Guess::WithToken, access_token).await
}

async fn unknown_token(caller: &Caller) -> Response {
    caller.failed(Guess::AccessToken).await;
    unauthorized(StatusCode::UNAUTHORIZED, "invalid_token", "the access token is unknown or expired")
}

/// RFC 6750, section 3.
fn unauthorized(status: StatusCode, code: &'static str, why: &'static str) -> Response {
    let challenge = format!("Bearer error=\"{code}\", error_description=\"{why}\"");
    let mut response = (status, Json(json!({ "error": code, "error_description": why }))).into_response();
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    uncached(response)
}

/// Our failure, in the shape of the protocol's errors. The same request may be sent again.
fn protocol_failure(error: &StoreError) -> Response {
    if error.is_busy() || error.is_unavailable() {
        try_again()
    } else {
        tracing::error!(%error, "internal error");
        failure(StatusCode::INTERNAL_SERVER_ERROR, "server_error")
    }
}

/// RFC 6585, section 4. The protocol has no code of its own for it: of those that are registered, the one that says
/// "not now". (`slow_down` of RFC 8628 answers who asks again and again whether something is ready.)
fn try_later(TooMany { retry_after_s }: TooMany) -> Response {
    let body = json!({ "error": "temporarily_unavailable", "error_description": "too_many_attempts" });
    let retry_after = [(header::RETRY_AFTER, retry_after_s.to_string())];
    uncached((StatusCode::TOO_MANY_REQUESTS, retry_after, Json(body)).into_response())
}

fn try_again() -> Response {
    let mut response = failure(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn failure(status: StatusCode, code: &'static str) -> Response {
    (status, Json(json!({ "error": code }))).into_response()
}

/// The same on our own addresses.
pub(crate) fn database(error: &StoreError) -> Problem {
    if error.kind() == ErrorKind::OutcomeUnknown {
        let detail =
            "The database was lost while it kept this. Look whether it was done before you try again.";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", detail);
    }
    if error.is_busy() || error.is_unavailable() { Problem::unavailable() } else { Problem::internal(error) }
}
