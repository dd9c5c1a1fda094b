//! Errors of our own interfaces: `application/problem+json` (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// A problem, as a caller sees it: `{"type":"about:blank","title":…,"status":…,"code":…,"detail":…}`.
///
/// `code` is stable and is what programs look at; `detail` is one plain sentence that says what to do,
/// and never repeats personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: String,
    #[serde(skip)]
    retry_after_s: Option<i64>,
}

impl Problem {
    /// A problem with an HTTP status, a stable code and a sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            retry_after_s: None,
        }
    }

    /// 400: the request cannot be read or breaks a rule.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 404 with the code `not_found`.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("There is no such {what}."))
    }

    /// 409: the thing is in another state than the request needs.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 503 with the code `unavailable`: nothing was done, and the same request may be sent again.
    pub fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The service cannot do this right now. Nothing was changed; try again.",
        )
    }

    /// 429 with the code `too_many_attempts`: nothing was looked at, and it is worth trying again after so many seconds.
    pub fn too_many_attempts(retry_after_s: i64) -> Self {
        let detail =
            "There were too many attempts, from this address or by this account. Wait, then try again.";
        let retry_after_s = Some(retry_after_s);
        Self { retry_after_s, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail) }
    }

    /// 503 with the code `outcome_unknown`: the answer of the database, or the end of the work, did not come.
    pub fn outcome_unknown() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "outcome_unknown",
            "The service cannot say whether this was done. Look before you try again.",
        )
    }

    /// 500 with the code `internal`, after a panic that was caught. What it said may hold values and goes nowhere.
    pub fn panicked() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something failed on our side. Look before you try again.",
        )
    }

    /// 500 with the code `internal`. The inside of it goes to the trace, not to the caller.
    pub fn internal(inside: &dyn std::fmt::Display) -> Self {
        tracing::error!(error = %inside, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something failed on our side. Nothing was changed.",
        )
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// One plain sentence, in English.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        self.status
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        // For `web::Site`, which makes a page of it where somebody reads.
        response.extensions_mut().insert(self);
        response
    }
}

/// Answers a request for an address that does not exist.
#[expect(clippy::unused_async, reason = "a handler is an asynchronous function")]
pub async fn no_such_address() -> Problem {
    Problem::not_found("address")
}

/// Answers a request with a method that its address does not take; the router says in `Allow` which it does.
#[expect(clippy::unused_async, reason = "a handler is an asynchronous function")]
pub async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not take this method; `Allow` says which it takes.",
    )
}
