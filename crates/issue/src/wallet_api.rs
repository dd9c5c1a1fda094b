//! The protocol's edge: what wallets and verifiers call, from any origin (OpenID4VCI 1.0; Token Status List, draft 14).

use ::store::{Error as StoreError, ErrorKind};
use axum::{
    Json, Router,
    extract::{FromRequest, FromRequestParts, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base::limits::PROOFS_MAX;
use formats::vci::{
    CredentialErrorCode, CredentialRefusal, CredentialRequest, GrantRequest, NonceResponse, TokenErrorCode,
    TokenRefusal, offer::link_by_reference,
};
use serde::de::DeserializeOwned;
use serde_json::json;
use web::{
    FormPairs, Problem,
    body::{RawBody, has_media_type},
    open_cors, qr,
    staff::bearer,
};

use crate::{
    Issuer,
    fetch::FetchError,
    notify::{NotificationRequest, NotifyError},
    redeem::RedeemError,
    status::ListError,
};

pub(crate) fn router(issuer: &Issuer) -> Router {
    let addresses = &issuer.0.addresses;
    let under = |what: &str| format!("{}{what}", addresses.path);
    let router = Router::new()
        .route(&addresses.well_known_issuer, get(issuer_metadata))
        .route(&addresses.well_known_authorization_server, get(authorization_server_metadata))
        .route(&under("/offers/{token}"), get(offer))
        .route(&under("/offers/{token}/qr.svg"), get(offer_qr))
        .route(&under("/token"), post(token))
        .route(&under("/nonce"), post(nonce))
        .route(&under("/credential"), post(credential))
        .route(&under("/notification"), post(notification))
        .route(&under("/status"), get(status_lists))
        .route(&under("/status/{list}"), get(status_list));
    let router = issuer.0.published.types.route(router, &addresses.path);
    open_cors(router).with_state(issuer.clone())
}

/// The names in an address. One that is not even text is an address that does not exist.
pub(crate) struct Names<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Names<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(names) =
            Path::from_request_parts(parts, state).await.map_err(|_| Problem::not_found("address"))?;
        Ok(Self(names))
    }
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

async fn offer(State(issuer): State<Issuer>, Names(token): Names<String>) -> Response {
    uncached(match issuer.offer_by_token(&token).await {
        Ok(Some(offer)) => Json(offer).into_response(),
        Ok(None) => Problem::not_found("offer").into_response(),
        Err(error) => database(&error).into_response(),
    })
}

async fn offer_qr(State(issuer): State<Issuer>, Names(token): Names<String>) -> Response {
    uncached(match issuer.offer_by_token(&token).await {
        Ok(Some(_)) => match qr::svg(&link_by_reference(&issuer.0.addresses.offer(&token))) {
            Some(svg) => {
                ([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response()
            }
            None => Problem::not_found("QR code").into_response(),
        },
        Ok(None) => Problem::not_found("offer").into_response(),
        Err(error) => database(&error).into_response(),
    })
}

async fn token(State(issuer): State<Issuer>, request: Request) -> Response {
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
        Err(RedeemError::Refused(refusal)) => (StatusCode::BAD_REQUEST, Json(refusal.body())).into_response(),
        Err(RedeemError::Store(error)) => protocol_failure(&error),
    })
}

async fn nonce(State(issuer): State<Issuer>) -> Response {
    uncached(Json(NonceResponse { c_nonce: issuer.0.new_nonce() }).into_response())
}

async fn credential(State(issuer): State<Issuer>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let access_token = bearer(&parts).map(str::to_owned);
    let Some(access_token) = access_token else {
        return no_token();
    };
    let body = read_request(&issuer, Request::from_parts(parts, body)).await;
    match issuer.fetch(&access_token, body).await {
        Ok(response) => uncached(Json(response).into_response()),
        Err(FetchError::Refused(refusal)) => {
            uncached((StatusCode::BAD_REQUEST, Json(refusal.body())).into_response())
        }
        Err(FetchError::InvalidToken) => unknown_token(),
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
    let batch_max = usize::try_from(issuer.0.config.types.batch_size_max()).unwrap_or(1).min(PROOFS_MAX);
    CredentialRequest::parse(&body, batch_max)
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

async fn notification(State(issuer): State<Issuer>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(access_token) = bearer(&parts).map(str::to_owned) else { return no_token() };
    let body = read_notification(Request::from_parts(parts, body)).await;
    match issuer.notify(&access_token, body).await {
        Ok(()) => uncached(StatusCode::NO_CONTENT.into_response()),
        Err(NotifyError::InvalidToken) => unknown_token(),
        Err(NotifyError::Store(error)) => uncached(protocol_failure(&error)),
        Err(error @ (NotifyError::InvalidNotificationId | NotifyError::InvalidNotificationRequest(_))) => {
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

fn unknown_token() -> Response {
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
