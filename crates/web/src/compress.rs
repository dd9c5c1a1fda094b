//! Answers compressed with gzip (RFC 9110, section 8.4.1.3), where whoever asks takes it and it is worth it.
//!
//! Pages hold a secret (the token of a form) beside what a query says, and how long a compressed page is could tell of it
//! (BREACH). So the token is another one on each page: see `csrf`.

use std::io::Write as _;

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, header};

use crate::site::Wants;

/// Below this, bytes, it is not worth it.
const MIN: u64 = 1_024;
/// Above this, bytes, an answer goes out as it is made.
const MAX: u64 = 8 * 1_024 * 1_024;

/// Whether a request takes gzip (RFC 9110, section 12.5.3).
pub(crate) fn is_accepted(headers: &HeaderMap) -> bool {
    let all = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case("gzip"));
        is_gzip && !parts.any(|p| matches!(p.strip_prefix("q="), Some("0" | "0.0" | "0.00" | "0.000")))
    })
}

/// Whether something of this media type is worth compressing: what people and programs read as text.
fn is_worth(media_type: &str) -> bool {
    let kind = media_type.split(';').next().unwrap_or_default().trim();
    matches!(
        kind,
        "text/html"
            | "text/css"
            | "text/csv"
            | "text/calendar"
            | "text/plain"
            | "application/json"
            | "application/atom+xml"
            | "image/svg+xml"
    )
}

/// The answer as `wants` takes it.
pub(crate) async fn compressed(response: Response, wants: &Wants) -> Response {
    let headers = response.headers();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let size = response.body().size_hint().exact();
    let fits = size.is_some_and(|size| (MIN..=MAX).contains(&size));
    if !is_worth(kind) || !fits || headers.contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    parts.headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if !wants.gzip {
        return Response::from_parts(parts, body);
    }
    // Of a known size, so it is there already.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(6));
    match encoder.write_all(&bytes).and_then(|()| encoder.finish()) {
        Ok(short) => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(short))
        }
        Err(_) => Response::from_parts(parts, Body::from(bytes)),
    }
}
