//! Forms of pages: what a browser sends, once it is certain that it was sent from a page of ours.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
};
use base::limits::BODY_BYTES_MAX;
use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::{Problem, body::has_media_type, csrf};

/// A form that was sent from a page of ours (see [`csrf`]), without its field `csrf`. `T` is a structure of its fields, or
/// `Vec<(String, String)>` where a field may come several times.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !has_media_type(&request, "application/x-www-form-urlencoded") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type",
                "Send application/x-www-form-urlencoded.",
            ));
        }
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The form is too large or broke off.",
            )
        })?;
        let malformed =
            || Problem::bad_request("form", "The form lacks a field, or has one that it should not have.");
        let mut pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(&bytes).map_err(|_| malformed())?;
        // What was not UTF-8 comes as the replacement character.
        if pairs.iter().any(|(name, value)| name.contains('\u{FFFD}') || value.contains('\u{FFFD}')) {
            return Err(malformed());
        }
        let token = pairs.iter().find(|(name, _)| name == csrf::FIELD).map(|(_, value)| value.as_str());
        csrf::check(&parts, token)?;
        pairs.retain(|(name, _)| name != csrf::FIELD);
        let text = serde_urlencoded::to_string(&pairs).map_err(|_| malformed())?;
        serde_urlencoded::from_str(&text).map(Self).map_err(|_| malformed())
    }
}
