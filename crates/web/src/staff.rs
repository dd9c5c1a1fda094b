//! Who of the staff acts: [`Actor`], by a bearer token from the configuration (RFC 6750, section 2.1), or by a session on
//! the staff's pages ([`StaffReader`]); and what they may do.
//!
//! Tokens are kept as SHA-256 digests; a configuration file that leaks opens nothing.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use serde::Deserialize;

use crate::{
    Caller, Problem, Reader,
    limit::Guess,
    session::{Role, Session, Subject, all_roles},
};

/// One person of the staff, or one program, and the token it shows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffToken {
    /// The name that is kept with every act.
    pub name: String,
    /// SHA-256 of the token, 64 hexadecimal digits.
    pub sha256: String,
    /// What it may do; without it, everything.
    #[serde(default = "all_roles")]
    pub roles: Vec<Role>,
}

/// All tokens that open the staff interfaces of one party, and the role that those of a feature need.
#[derive(Debug, Clone, Default)]
pub struct StaffTokens {
    known: Arc<Vec<(Actor, Vec<u8>)>>,
    needed: Option<Role>,
}

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
                let actor = Actor { name: t.name.clone(), roles: t.roles.clone(), subject: None };
                digest.map(|d| (actor, d)).ok_or_else(|| BadStaffToken(t.name.clone()))
            })
            .collect::<Result<_, _>>()
            .map(|tokens| Self { known: Arc::new(tokens), needed: None })
    }

    /// The same, for interfaces that are for this role alone: an [`Actor`] without it is refused with 403 (`forbidden`).
    #[must_use]
    pub fn needing(self, role: Role) -> Self {
        Self { needed: Some(role), ..self }
    }

    /// Who shows `token`, if anybody may. Every configured digest is compared, in constant time.
    pub fn actor(&self, token: &str) -> Option<Actor> {
        let digest = crypto::sha256(token.as_bytes());
        let mut found = None;
        for (actor, expected) in self.known.iter() {
            if crypto::constant_time_eq(expected, &digest) {
                found = Some(actor.clone());
            }
        }
        found
    }
}

/// A member of the staff who was recognised. As an extractor it refuses everybody else with 401
/// (`unauthorized`), who has not the role that the interface needs with 403 (`forbidden`), or with 429 (`too_many_attempts`) where
/// too many tokens were wrong, so a handler that takes it cannot be reached without a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    roles: Vec<Role>,
    subject: Option<Subject>,
}

/// They belong to the staff, and this is not theirs to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forbidden(pub Role);

impl std::fmt::Display for Forbidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "this needs the role `{}`", self.0.name())
    }
}
impl std::error::Error for Forbidden {}

impl From<Forbidden> for Problem {
    fn from(forbidden: Forbidden) -> Self {
        let needed = forbidden.0.name();
        let detail = format!("This needs the role `{needed}`, which an administrator of this party gives.");
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }
}

impl Actor {
    /// The name that is kept with the act.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An act of the system itself, of the demonstration, or of a test: not of a person with a token. It may do everything.
    pub fn system(name: &str) -> Self {
        Self { name: name.to_owned(), roles: all_roles(), subject: None }
    }

    /// Of whoever is signed in, with the roles that they signed in with.
    pub fn of_session(session: &Session) -> Self {
        let shown = session.shown_name.as_deref().unwrap_or_else(|| session.subject.short());
        let name = match &session.party {
            Some(party) => format!("{shown}, {} ({})", party.capacity, party.organisation_name),
            None => shown.to_owned(),
        };
        Self { name, roles: session.roles.clone(), subject: Some(session.subject.clone()) }
    }

    /// Who they are, where they are signed in.
    pub const fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// Whether they may do what this role does.
    pub fn may(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// That they may do what this role does.
    ///
    /// # Errors
    /// [`Forbidden`], which is 403 `forbidden`.
    pub fn require(&self, role: Role) -> Result<(), Forbidden> {
        if self.may(role) { Ok(()) } else { Err(Forbidden(role)) }
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
        let tokens = StaffTokens::from_ref(state);
        if let Some(actor) = tokens.actor(token) {
            if let Some(role) = tokens.needed {
                actor.require(role)?;
            }
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

/// Somebody of the staff who is signed in, on a page: as an extractor it sends everybody who is not signed in to `/login`,
/// from where they come back, and refuses who has no role with 403 `forbidden`.
#[derive(Debug, Clone)]
pub struct StaffReader {
    /// Who acts.
    pub actor: Actor,
    /// Who reads, and how they are answered: see [`Reader::page`].
    pub reader: Reader,
    /// Their session.
    pub session: Session,
}

impl<S: Sync> FromRequestParts<S> for StaffReader {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Ok(reader) = Reader::from_request_parts(parts, state).await;
        let Some(session) = reader.session().cloned() else { return Err(to_login(parts, &reader)) };
        if !session.is_staff() {
            let detail =
                "These pages are for the staff of this party, and you are signed in as somebody else.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail).into_response());
        }
        Ok(Self { actor: Actor::of_session(&session), reader, session })
    }
}

/// Where one signs in, and comes back from: to this page, where it is one, not to what a form was sent to.
fn to_login(parts: &Parts, reader: &Reader) -> Response {
    let path = if parts.method == Method::GET { reader.path.as_str() } else { "/" };
    let query = serde_urlencoded::to_string([("return", path)]).unwrap_or_default();
    let location = HeaderValue::try_from(reader.href(&format!("/login?{query}")));
    let location = location.unwrap_or(HeaderValue::from_static("/login"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
