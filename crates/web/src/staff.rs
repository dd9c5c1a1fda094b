//! Who calls a staff interface: a bearer token from the configuration (RFC 6750, section 2.1).
//!
//! Tokens are kept as SHA-256 digests; a configuration file that leaks opens nothing.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::{StatusCode, header, request::Parts};
use serde::Deserialize;

use crate::{Caller, Problem, limit::Guess};

/// One person of the staff, or one program, and the token it shows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffToken {
    /// The name that is kept with every act.
    pub name: String,
    /// SHA-256 of the token, 64 hexadecimal digits.
    pub sha256: String,
}

/// All tokens that open the staff interfaces of one party.
#[derive(Debug, Clone, Default)]
pub struct StaffTokens(Arc<Vec<(String, Vec<u8>)>>);

/// A configured token's digest is not 64 hexadecimal digits, or its name is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadStaffToken(pub String);

impl std::fmt::Display for BadStaffToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the staff token `{}` needs a name and the SHA-256 of the token as 64 hexadecimal digits",
            self.0
        )
    }
}
impl std::error::Error for BadStaffToken {}

impl StaffTokens {
    /// From the configuration.
    pub fn new(tokens: &[StaffToken]) -> Result<Self, BadStaffToken> {
        tokens
            .iter()
            .map(|t| {
                let digest = base16ct::mixed::decode_vec(&t.sha256)
                    .ok()
                    .filter(|d| d.len() == 32 && !t.name.is_empty());
                digest.map(|d| (t.name.clone(), d)).ok_or_else(|| BadStaffToken(t.name.clone()))
            })
            .collect::<Result<_, _>>()
            .map(|tokens| Self(Arc::new(tokens)))
    }

    /// Who shows `token`, if anybody may. Every configured digest is compared, in constant time.
    pub fn actor(&self, token: &str) -> Option<Actor> {
        let digest = crypto::sha256(token.as_bytes());
        let mut found = None;
        for (name, expected) in self.0.iter() {
            if crypto::constant_time_eq(expected, &digest) {
                found = Some(Actor(name.clone()));
            }
        }
        found
    }
}

/// A member of the staff who was recognised. As an extractor it refuses everybody else with 401
/// (`unauthorized`), or with 429 (`too_many_attempts`) where
/// too many tokens were wrong, so a handler that takes it cannot be reached without a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(String);

impl Actor {
    /// The name that is kept with the act.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// An act of the system itself, of the demonstration, or of a test: not of a person with a token.
    pub fn system(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl<S: Sync> FromRequestParts<S> for Actor
where
    StaffTokens: FromRef<S>,
{
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::of(parts);
        let unauthorized = || {
            Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Send a staff token as a bearer token.")
        };
        let token = bearer(parts).ok_or_else(unauthorized)?;
        caller.check(Guess::StaffToken).await?;
        if let Some(actor) = StaffTokens::from_ref(state).actor(token) {
            return Ok(actor);
        }
        caller.failed(Guess::StaffToken).await;
        Err(unauthorized())
    }
}

/// The bearer token of a request's one `Authorization` header (RFC 6750, section 2.1).
pub fn bearer(parts: &Parts) -> Option<&str> {
    let mut all = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = one.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
