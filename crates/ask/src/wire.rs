//! What wallets call: request objects, answers, types of transactions. Open to pages of any origin, without cookies.

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use formats::vp::REQUEST_MEDIA_TYPE;
use serde_json::json;
use web::Problem;

use crate::{Ask, ResponseRefusal, api::database, store::Find};

pub(crate) fn router(ask: Ask) -> Router {
    let mut routes = Router::new()
        .route("/ask/request/{token}", get(request_object))
        .route("/ask/response/{token}", post(response));
    for compiled in &ask.inner.types {
        let document = compiled.document().clone();
        routes = routes.route(compiled.path(), get(async move || Json(document)));
    }
    web::open_cors(routes).with_state(ask)
}

/// The same bytes each time (section 5.10: a `request_uri` may be fetched again), until the request expires.
async fn request_object(State(ask): State<Ask>, Path(token): Path<String>) -> Result<Response, Problem> {
    let kept =
        ask.find(Find::RequestToken(crypto::sha256(token.as_bytes()))).await.map_err(|e| database(&e))?;
    let kept = kept.ok_or_else(|| Problem::not_found("request"))?;
    if ask.inner.clock.now() >= kept.expires_at {
        return Err(Problem::new(
            StatusCode::GONE,
            "request_expired",
            "This request has expired. Ask for a new one.",
        ));
    }
    let mut response = kept.request_object.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(REQUEST_MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
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
