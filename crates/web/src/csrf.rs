//! That a form was sent from a page of ours, to the browser that sends it.
//!
//! A form carries a token that is bound to a cookie, and to the session where there is one; who can set neither cannot
//! make it. What browsers say of where a request comes from (`Sec-Fetch-Site`, `Origin`) is looked at besides. The token
//! is another one each time: a random part, and a keyed digest over it, the cookie and the session.

use crypto::{constant_time_eq, hmac_sha256, random_array};
use formats::b64;
use http::{HeaderMap, StatusCode, header, request::Parts};

use crate::{
    Problem,
    session::{Session, Sessions, Visitor},
};

/// The name of the field of forms.
pub const FIELD: &str = "csrf";

const NONCE: usize = 16;

/// Whether this can be a cookie of ours.
pub(crate) fn is_cookie(value: &str) -> bool {
    value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn digest(sessions: &Sessions, nonce: &[u8], cookie: &str, session: Option<&Session>) -> [u8; 32] {
    let id = session.map_or(0, |session| session.id.as_i64()).to_be_bytes();
    hmac_sha256(sessions.csrf_key(), &[nonce, &id, cookie.as_bytes()].concat())
}

pub(crate) fn token(sessions: &Sessions, cookie: &str, session: Option<&Session>) -> String {
    let nonce = random_array::<NONCE>(sessions.random());
    b64::encode(&[nonce.as_slice(), &digest(sessions, &nonce, cookie, session)].concat())
}

pub(crate) fn fits(sessions: &Sessions, cookie: &str, session: Option<&Session>, token: &str) -> bool {
    let Ok(bytes) = b64::decode(token) else { return false };
    let Some((nonce, given)) = bytes.split_at_checked(NONCE) else { return false };
    constant_time_eq(given, &digest(sessions, nonce, cookie, session))
}

/// Whether a request that changes something, with this token in its form, was sent from a page of ours: 403 `csrf`
/// otherwise. What is not form-encoded (files) calls it by itself.
///
/// # Errors
/// The problem to answer with.
pub fn check(parts: &Parts, token: Option<&str>) -> Result<(), Problem> {
    let visitor = Visitor::of(parts).ok_or_else(refused)?;
    let fits = is_from_here(&parts.headers, visitor.sessions().identifier())
        && token.is_some_and(|token| visitor.csrf_fits(token));
    if fits { Ok(()) } else { Err(refused()) }
}

/// What the browser says of where the request comes from (Fetch, section 3.1; Fetch Metadata, section 2.3). One that says
/// nothing has the token to show.
fn is_from_here(headers: &HeaderMap, identifier: &str) -> bool {
    let one = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let site = one("sec-fetch-site");
    let origin = one(header::ORIGIN.as_str());
    let site_fits = site.is_none_or(|site| site == "same-origin" || site == "none");
    let origin_fits = match origin {
        None => true,
        // What a page with the policy `no-referrer` sends: nothing is said, so the other header has to.
        Some("null") => site == Some("same-origin"),
        Some(origin) => origin == identifier,
    };
    site_fits && origin_fits
}

fn refused() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "csrf",
        "This form was not sent from a page of ours, or the page was open for too long. Nothing was changed: go back, \
         load the page again, and send it once more.",
    )
}
