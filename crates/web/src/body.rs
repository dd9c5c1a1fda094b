//! Bodies from outside: limited in size, strict in form.

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
};
use base::limits::BODY_BYTES_MAX;
use formats::json;
use http::{StatusCode, header};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::Number;

use crate::Problem;

/// The bytes of a request's body, at most [`BODY_BYTES_MAX`].
#[derive(Debug)]
pub struct RawBody(pub Bytes);

impl<S: Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        to_bytes(request.into_body(), BODY_BYTES_MAX).await.map(Self).map_err(|_| {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The body is too large or broke off.",
            )
        })
    }
}

/// A JSON body of our own interfaces: `application/json`, no member twice, not too deep, nothing behind it.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !has_media_type(&request, "application/json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type",
                "Send application/json.",
            ));
        }
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        // serde's text can quote the caller's values, so it goes no further than its kind.
        json::parse_as(&bytes)
            .map(Self)
            .map_err(|error| Problem::bad_request("invalid_json", error.to_string()))
    }
}

/// A whole number, however it is written: to JSON Schema `1.0` is an integer too (2020-12 validation, section 6.1.1). For
/// `#[serde(deserialize_with)]`.
pub fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let number = Number::deserialize(from)?;
    whole_number(&number).ok_or_else(|| Error::custom("not a whole number"))
}

/// The same, of what may be left out or `null`.
pub fn whole_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(from)? else { return Ok(None) };
    whole_number(&number).map(Some).ok_or_else(|| Error::custom("not a whole number"))
}

/// A JSON number as the whole number that it is, if it is one that every reader keeps exactly (RFC 7493, section 2.2).
pub fn whole_number(number: &Number) -> Option<i64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_991.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and within what both keep exactly")]
    let whole = |float: f64| (float.fract() == 0.0 && float.abs() <= EXACT_MAX).then_some(float as i64);
    number.as_i64().or_else(|| number.as_f64().and_then(whole))
}

/// The pairs of an `application/x-www-form-urlencoded` body, with no name twice
/// (RFC 6749, section 3.2: parameters must not be included more than once).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPairs(Vec<(String, String)>);

/// The body is not such a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormError {
    /// Another media type.
    ContentType,
    /// Longer than [`BODY_BYTES_MAX`], or broken off.
    TooLarge,
    /// Not form-encoded UTF-8.
    Malformed,
    /// A parameter comes twice.
    Repeated,
}

impl FormPairs {
    /// The value of the parameter `name`; an empty value counts as omitted (RFC 6749, section 3.2).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// Reads `bytes`.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(bytes).map_err(|_| FormError::Malformed)?;
        // What was not UTF-8 comes as the replacement character, which nobody sends on purpose.
        if pairs.iter().any(|(n, v)| n.contains('\u{FFFD}') || v.contains('\u{FFFD}')) {
            return Err(FormError::Malformed);
        }
        let mut names: Vec<&str> = pairs.iter().map(|(n, _)| n.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() == pairs.len() { Ok(Self(pairs)) } else { Err(FormError::Repeated) }
    }

    /// Reads a request's body; the caller answers an error in its protocol's own terms.
    pub async fn from_body(request: Request) -> Result<Self, FormError> {
        if !has_media_type(&request, "application/x-www-form-urlencoded") {
            return Err(FormError::ContentType);
        }
        let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|_| FormError::TooLarge)?;
        Self::parse(&bytes)
    }
}

/// Whether the request says that its body is of this media type, whatever its parameters.
pub fn has_media_type(request: &Request, media_type: &str) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(';').next())
        .is_some_and(|v| v.trim().eq_ignore_ascii_case(media_type))
}
