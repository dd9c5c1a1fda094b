//! Forms of pages: what a browser sends, once it is certain that it was sent from a page of ours.

use std::convert::Infallible;

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
};
use base::limits::BODY_BYTES_MAX;
use futures_util::stream;
use http::{StatusCode, header};
use multer::Multipart;
use serde::de::DeserializeOwned;

use crate::{Problem, body::has_media_type, csrf};

/// How many parts a form may have.
const PARTS_MAX: usize = 64;

/// A form that was sent from a page of ours (see [`csrf`]), without its field `csrf`. `T` is a structure of its fields, or
/// `Vec<(String, String)>` where a field may come several times. Of a file, where the form has one, comes the text that is in
/// it (multipart/form-data, RFC 7578).
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let boundary = if has_media_type(&request, "application/x-www-form-urlencoded") {
            None
        } else {
            let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
            let boundary = multer::parse_boundary(kind.unwrap_or_default()).map_err(|_| {
                Problem::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "content_type",
                    "Send application/x-www-form-urlencoded or multipart/form-data.",
                )
            })?;
            Some(boundary)
        };
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
        let mut pairs: Vec<(String, String)> = match boundary {
            None => serde_urlencoded::from_bytes(&bytes).map_err(|_| malformed())?,
            Some(boundary) => in_parts(bytes, boundary).await.ok_or_else(malformed)?,
        };
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

/// The fields of a form in parts, each a text.
async fn in_parts(bytes: Bytes, boundary: String) -> Option<Vec<(String, String)>> {
    let mut parts = Multipart::new(stream::iter([Ok::<_, Infallible>(bytes)]), boundary);
    let mut pairs = Vec::new();
    while let Some(field) = parts.next_field().await.ok()? {
        if pairs.len() == PARTS_MAX {
            return None;
        }
        let name = field.name()?.to_owned();
        pairs.push((name, String::from_utf8(field.bytes().await.ok()?.into()).ok()?));
    }
    Some(pairs)
}
