//! What wallets call: request objects, answers, types of transactions. Open to pages of any origin, without cookies.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use formats::vp::{ClientId, Prefix, REQUEST_MEDIA_TYPE, RequestObject, by_value::is_link};
use serde_json::json;
use web::{
    Caller, Names, Operation, Problem, Routes,
    body::FormPairs,
    limit::{Guess, TooMany},
    openapi::{Shape, id_of, leaf::Secret},
};

use crate::{
    Ask, ResponseRefusal,
    api::database,
    shapes,
    store::{Find, KeptRequest},
};

/// How long the nonce of a wallet may be, characters.
const WALLET_NONCE_CHARS_MAX: usize = 512;

const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn routes(ask: Ask) -> Routes {
    let tag = "OpenID4VP";
    let fetched = |operation: Operation| {
        operation
            .in_path("token", "The secret of the request.", Shape::of::<Secret>())
            .code(StatusCode::GONE, "request_expired")
            .answers_as(
                StatusCode::OK,
                "The request object, signed (OpenID4VP 1.0, section 5; RFC 9101).",
                REQUEST_MEDIA_TYPE,
                Shape::text("A compact JWS."),
            )
    };
    let mut routes = Routes::new()
        .add(
            fetched(Operation::get("/ask/request/{token}", "fetchRequestObject")).says(
                tag,
                "Fetch what is asked (section 5.10)",
                "",
            ),
            request_object,
        )
        .add(
            fetched(Operation::post("/ask/request/{token}", "fetchRequestObjectWithNonce"))
                .says(tag, "Fetch what is asked, with a nonce of the wallet in it (section 5.10)", "")
                .takes(FORM, "What the wallet says about itself.", Shape::Given(shapes::fetch_form()))
                .code(StatusCode::BAD_REQUEST, "invalid_request")
                .code(StatusCode::BAD_REQUEST, "wallet_nonce"),
            request_object_for,
        )
        .add(answer_operation().says(tag, "Answer a request (section 8.2)", ""), response);
    for compiled in &ask.inner.types {
        let document = compiled.document().clone();
        let operation = Operation::get(compiled.path(), id_of("show", compiled.path()))
            .says(tag, "A type of what can be approved", "")
            .answers_as(
                StatusCode::OK,
                "What it means.",
                "application/json",
                Shape::Given(shapes::transaction_type()),
            );
        routes = routes.add(operation, async move || Json(document));
    }
    routes.map(web::open_cors).with_state(ask)
}

fn answer_operation() -> Operation {
    let error = |errors: &[&str]| Shape::Given(shapes::error(errors));
    let json = "application/json";
    Operation::post("/ask/response/{token}", "answerRequest")
        .in_path("token", "The secret of the answer.", Shape::of::<Secret>())
        .takes(FORM, "The answer.", Shape::Given(shapes::answer_form()))
        .answers_as(
            StatusCode::OK,
            "It was taken, or the refusal of the wallet was.",
            json,
            Shape::Given(shapes::acknowledgement()),
        )
        .answers_as(StatusCode::BAD_REQUEST, "It does not count.", json, error(&["invalid_request"]))
        .answers_as(StatusCode::NOT_FOUND, "There is no such request.", json, error(&["invalid_request"]))
        .answers_as(StatusCode::PAYLOAD_TOO_LARGE, "It is too long.", json, error(&["invalid_request"]))
        .answers_as(
            StatusCode::TOO_MANY_REQUESTS,
            "There were too many wrong answers.",
            json,
            error(&["temporarily_unavailable"]),
        )
        .answers_as(
            StatusCode::SERVICE_UNAVAILABLE,
            "Not now; the same may be sent again.",
            json,
            error(&["temporarily_unavailable"]),
        )
}

/// The same bytes each time (section 5.10: a `request_uri` may be fetched again), until the request expires.
async fn request_object(
    State(ask): State<Ask>,
    caller: Caller,
    Names(token): Names<String>,
) -> Result<Response, Problem> {
    caller.check(Guess::Request).await?;
    Ok(served(open_request(&ask, &caller, &token).await?.request_object))
}

/// The request object with the nonce of the wallet that asks for it (section 5.10): signed anew, never kept. What a
/// wallet says about itself (`wallet_metadata`) is not needed for anything that we ask, and passed over.
async fn request_object_for(
    State(ask): State<Ask>,
    caller: Caller,
    Names(token): Names<String>,
    request: Request,
) -> Result<Response, Problem> {
    caller.check(Guess::Request).await?;
    let form = FormPairs::from_body(request)
        .await
        .map_err(|_| Problem::bad_request("invalid_request", "Send a form, no parameter twice."))?;
    let kept = open_request(&ask, &caller, &token).await?;
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

async fn open_request(ask: &Ask, caller: &Caller, token: &str) -> Result<KeptRequest, Problem> {
    let kept =
        ask.find(Find::RequestToken(crypto::sha256(token.as_bytes()))).await.map_err(|e| database(&e))?;
    // A request that is in its link is not fetched.
    let Some(kept) = kept.filter(|kept| !is_link(&kept.request_object)) else {
        caller.failed(Guess::Request).await;
        return Err(Problem::not_found("request"));
    };
    if kept.is_over(ask.inner.clock.now()) {
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

async fn response(
    State(ask): State<Ask>,
    caller: Caller,
    Names(token): Names<String>,
    request: Request,
) -> Response {
    for guess in [Guess::Request, Guess::Answer] {
        if let Err(too_many) = caller.check(guess).await {
            return try_later(too_many);
        }
    }
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
                ResponseRefusal::Unknown => {
                    caller.failed(Guess::Request).await;
                    (StatusCode::NOT_FOUND, "invalid_request")
                }
                ResponseRefusal::Expired | ResponseRefusal::AlreadyAnswered | ResponseRefusal::Status(_) => {
                    (StatusCode::BAD_REQUEST, "invalid_request")
                }
                ResponseRefusal::State
                | ResponseRefusal::Form(_)
                | ResponseRefusal::Answer(_)
                | ResponseRefusal::IssuerNotForType => {
                    caller.failed(Guess::Answer).await;
                    (StatusCode::BAD_REQUEST, "invalid_request")
                }
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

/// RFC 6585, section 4, in the shape of the protocol's errors.
fn try_later(TooMany { retry_after_s }: TooMany) -> Response {
    let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", "too_many_attempts");
    response.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
    response
}

/// An error as OAuth has it (RFC 6749, section 5.2); the description is a stable code.
fn refused(status: StatusCode, error: &str, code: &str) -> Response {
    let body = json!({ "error": error, "error_description": code, "code": code });
    let mut response = no_store((status, Json(body)).into_response());
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
