//! Who sends a request, as far as limits are concerned: what a handler takes to ask them.

use std::{convert::Infallible, net::IpAddr};

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{Costly, Guess, Limits, SpendError, TooMany, Who};
use crate::{Actor, ClientAddress, Problem};

/// Where a request comes from, with the limits of the installation. The server puts both into the request's extensions;
/// without limits, as in a feature's own tests, everything is allowed.
#[derive(Debug, Clone)]
pub struct Caller {
    limits: Option<Limits>,
    address: Option<IpAddr>,
}

impl Caller {
    /// Whose request this is.
    pub fn of(parts: &Parts) -> Self {
        Self {
            limits: parts.extensions.get().cloned(),
            address: parts.extensions.get().map(|ClientAddress(address)| *address),
        }
    }

    /// Whether what comes from this address may be looked at: asked before anything else is done with it.
    pub async fn check(&self, guess: Guess) -> Result<(), TooMany> {
        self.check_who(guess, Who::Address(self.address)).await
    }

    /// What came from this address was wrong.
    pub async fn failed(&self, guess: Guess) {
        self.failed_who(guess, Who::Address(self.address)).await;
    }

    /// Whether what is shown together with this secret, which is right, may be looked at.
    pub async fn check_with(&self, guess: Guess, secret: &str) -> Result<(), TooMany> {
        self.check_who(guess, Who::Account(secret)).await
    }

    /// What was shown together with this secret was wrong.
    pub async fn failed_with(&self, guess: Guess, secret: &str) {
        self.failed_who(guess, Who::Account(secret)).await;
    }

    async fn check_who(&self, guess: Guess, who: Who<'_>) -> Result<(), TooMany> {
        match &self.limits {
            Some(limits) => limits.check(guess, who).await,
            None => Ok(()),
        }
    }

    /// That it could not be counted in the database is traced; here it was counted.
    async fn failed_who(&self, guess: Guess, who: Who<'_>) {
        let Some(limits) = &self.limits else { return };
        if let Err(error) = limits.failed(guess, who).await {
            tracing::warn!(%error, ?guess, "what was wrong was counted by this instance alone");
        }
    }

    /// Whether the actor may do this once more.
    pub async fn spend(&self, costly: Costly, actor: &Actor) -> Result<(), Problem> {
        self.spend_who(costly, Who::Account(actor.name())).await
    }

    /// Whether whoever is at this address may do this once more: what needs no account.
    pub async fn spend_here(&self, costly: Costly) -> Result<(), Problem> {
        self.spend_who(costly, Who::Address(self.address)).await
    }

    /// Whether one mail more may be sent to this address, which nobody has confirmed. Who asks does not matter: many can
    /// ask for mails to one.
    pub async fn letter_to(&self, mail: &str) -> Result<(), Problem> {
        self.spend_who(Costly::LetterTo, Who::Account(mail)).await
    }

    /// Whether whoever is at this address may have so many bytes more kept without an account.
    pub async fn keep_here(&self, bytes: usize) -> Result<(), Problem> {
        let kib = u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX);
        self.spend_so_much(Costly::Keep, Who::Address(self.address), kib).await
    }

    async fn spend_who(&self, costly: Costly, who: Who<'_>) -> Result<(), Problem> {
        self.spend_so_much(costly, who, 1).await
    }

    async fn spend_so_much(&self, costly: Costly, who: Who<'_>, much: u32) -> Result<(), Problem> {
        let Some(limits) = &self.limits else { return Ok(()) };
        match limits.spend_so_much(costly, who, much).await {
            Ok(()) => Ok(()),
            Err(SpendError::TooMany(too_many)) => Err(too_many.into()),
            Err(SpendError::Store(error)) if error.is_busy() || error.is_unavailable() => {
                Err(Problem::unavailable())
            }
            Err(SpendError::Store(error)) => Err(Problem::internal(&error)),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl From<TooMany> for Problem {
    fn from(TooMany { retry_after_s }: TooMany) -> Self {
        Self::too_many_attempts(retry_after_s)
    }
}
