//! What wallets call: request objects, answers, types of transactions. Open to pages of any origin, without cookies.

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use formats::vp::{ClientId, Prefix, REQUEST_MEDIA_TYPE, RequestObject, by_value::is_link};
use serde_json::json;
use web::{Problem, body::FormPairs};

use crate::{
    Ask, ResponseRefusal,
    api::database,
    store::{Find, KeptRequest},
};

/// How long the nonce of a wallet may be, characters.
const WALLET_NONCE_CHARS_MAX: usize = 512;

pub(crate) fn router(ask: Ask) -> Router {
    let mut routes = Router::new()
        .route("/ask/request/{token}", get(request_object).post(request_object_for))
        .route("/ask/response/{token}", post(response));
    for compiled in &ask.inner.types {
        let document = compiled.document().clone();
        routes = routes.route(compiled.path(), get(async move || Json(document)));
    }
    web::open_cors(routes).with_state(ask)
}

/// The same bytes each time (section 5.10: a `request_uri` may be fetched again), until the request expires.
async fn request_object(State(ask): State<Ask>, Path(token): Path<String>) -> Result<Response, Problem> {
    Ok(served(open_request(&ask, &token).await?.request_object))
}

/// The request object with the nonce of the wallet that asks for it (section 5.10): signed anew, never kept. What a
/// wallet says about itself (`wallet_metadata`) is not needed for anything that we ask, and passed over.
async fn request_object_for(
    State(ask): State<Ask>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let form = FormPairs::from_body(request)
        .await
        .map_err(|_| Problem::bad_request("invalid_request", "Send a form, no parameter twice."))?;
    let kept = open_request(&ask, &token).await?;
    let Some(nonce) = form.get("wallet_nonce") else { return Ok(served(kept.request_object)) };
    if nonce.len() > WALLET_NONCE_CHARS_MAX || !nonce.bytes().all(|b| b.is_ascii_graphic()) {
        let detail = "A wallet_nonce has at most 512 characters, of ASCII, without spaces.";
        return Err(Problem::bad_request("wallet_nonce", detail));
    }
    let mut object =
        RequestObject::read_unverified(&kept.request_object).map_err(|e| Problem::internal(&e))?;
    let signer = &ask.inner.config.signer;
    if object.client_id.prefix() == Prefix::X509Hash
        && object.client_id != ClientId::hash(&signer.leaf_sha256())
    {
        return Err(Problem::new(
            StatusCode::GONE,
            "request_expired",
            "The certificate under which this request was made is no longer in use. Ask for a new one.",
        ));
    }
    object.wallet_nonce = Some(nonce.to_owned());
    object.sign(signer).map(served).map_err(|e| Problem::internal(&e))
}

async fn open_request(ask: &Ask, token: &str) -> Result<KeptRequest, Problem> {
    let kept =
        ask.find(Find::RequestToken(crypto::sha256(token.as_bytes()))).await.map_err(|e| database(&e))?;
    // A request that is in its link is not fetched.
    let kept =
        kept.filter(|kept| !is_link(&kept.request_object)).ok_or_else(|| Problem::not_found("request"))?;
    if ask.inner.clock.now() >= kept.expires_at {
        return Err(Problem::new(
            StatusCode::GONE,
            "request_expired",
            "This request has expired. Ask for a new one.",
        ));
    }
    Ok(kept)
}

fn served(request_object: String) -> Response {
    let mut response = request_object.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(REQUEST_MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn response(State(ask): State<Ask>, Path(token): Path<String>, request: Request) -> Response {
    if !web::body::has_media_type(&request, "application/x-www-form-urlencoded") {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "content_type");
    }
    let Ok(body) = axum::body::to_bytes(request.into_body(), base::limits::BODY_BYTES_MAX).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "body_too_large");
    };
    match ask.respond(&token, &body).await {
        Ok(acknowledgement) => no_store(Json(acknowledgement.to_value()).into_response()),
        Err(refusal) => {
            let (status, error) = match &refusal {
                ResponseRefusal::Unknown => (StatusCode::NOT_FOUND, "invalid_request"),
                ResponseRefusal::Expired
                | ResponseRefusal::AlreadyAnswered
                | ResponseRefusal::State
                | ResponseRefusal::Form(_)
                | ResponseRefusal::Answer(_)
                | ResponseRefusal::IssuerNotForType
                | ResponseRefusal::Status(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
                ResponseRefusal::Store(inside) => {
                    tracing::error!(error = %inside, "an answer could not be kept");
                    (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
                }
                ResponseRefusal::Kept => {
                    tracing::error!("a request that was kept cannot be read");
                    (StatusCode::INTERNAL_SERVER_ERROR, "server_error")
                }
            };
            refused(status, error, refusal.code())
        }
    }
}

/// An error as OAuth has it (RFC 6749, section 5.2); the description is a stable code.
fn refused(status: StatusCode, error: &str, code: &str) -> Response {
    let body = json!({ "error": error, "error_description": code, "code": code });
    no_store((status, Json(body)).into_response())
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
