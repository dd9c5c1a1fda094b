//! A card is fetched again with its refresh token (RFC 6749, section 6; `OpenID4VCI` 1.0, section 13.5).
//!
//! The token is good once and brings the next one, which is stored before anything else is sent. What comes is verified
//! as when the card was accepted, and must be of the same type and signed in the same name; then it stands in for the
//! copies that the card had, which say what was true then. A token that is refused for good (`invalid_grant`) is dropped.

use formats::vci::{
    CredentialOffer, RefreshRequest,
    offer::{Grants, PreAuthorizedCodeGrant},
};

use super::{Error, Fetch, Issuance, State, Step, terms::Terms};
use crate::{
    contents::{Card, CardId, Change, Entry, Refresh, What},
    http::{self, Request},
    step::Context,
};

impl Issuance {
    /// Begins to fetch a card again.
    pub fn refresh(card: CardId, cx: &Context<'_>) -> (Self, Step) {
        let mut flow = Self { state: State::Ended, seen: None, refreshes: Some(card) };
        let step = flow.reopen(card, cx).unwrap_or_else(Step::Failed);
        (flow, step)
    }

    fn reopen(&mut self, card: CardId, cx: &Context<'_>) -> Result<Step, Error> {
        let card = cx.wallet.card(card).ok_or(Error::CardAbsent)?;
        let refresh = card.refresh.as_ref().ok_or(Error::RefreshUnavailable)?;
        self.seen = Some(card.credential_issuer.clone());
        // What the card was offered with, but for the code.
        let grant = PreAuthorizedCodeGrant {
            pre_authorized_code: refresh.token.clone(),
            tx_code: None,
            authorization_server: Some(refresh.authorization_server.clone()),
        };
        let offer = CredentialOffer {
            credential_issuer: card.credential_issuer.clone(),
            credential_configuration_ids: vec![card.configuration.clone()],
            grants: Some(Grants { pre_authorized_code: Some(grant), ..Grants::default() }),
        };
        self.fetch_metadata(offer, cx)
    }

    pub(super) fn ask_refreshed_token(
        &mut self,
        card: CardId,
        terms: Terms,
        cx: &Context<'_>,
    ) -> Result<Step, Error> {
        let card = cx.wallet.card(card).ok_or(Error::CardAbsent)?;
        if terms.offered.iter().any(|offered| offered.vct != card.vct) {
            return Err(Error::TypeMismatch);
        }
        let form = RefreshRequest { refresh_token: terms.code.to_string() }.to_form();
        let url = terms.token_endpoint.clone();
        self.state = State::Token(Box::new(terms));
        Ok(Step::Request(Request::post(url, Some(http::FORM), form.into_bytes())))
    }

    /// Stores the next refresh token, if the server gave one: the old one may be spent.
    pub(super) fn keep_token(
        &mut self,
        card: CardId,
        fetch: Box<Fetch>,
        cx: &Context<'_>,
    ) -> Result<Step, Error> {
        let Some(token) = fetch.refresh_token() else { return self.next(fetch, cx) };
        self.state = State::StoringToken(fetch);
        Ok(Step::Store(Box::new(Change { tokens: vec![(card, Some(token))], ..Change::default() })))
    }

    /// Stores what was fetched in place of what the card was.
    pub(super) fn renew(
        &mut self,
        card: CardId,
        fetched: Vec<Card>,
        cx: &Context<'_>,
    ) -> Result<Step, Error> {
        let old = cx.wallet.card(card).ok_or(Error::CardAbsent)?;
        let new = fetched.into_iter().next().ok_or(Error::OutOfTurn)?;
        if (&new.issuer.name, &new.issuer.country) != (&old.issuer.name, &old.issuer.country) {
            return Err(Error::IssuerChanged);
        }
        let what = What::Refreshed { card, issuer: new.issuer.name.clone() };
        let renewed = Card { id: card, accepted_at: old.accepted_at, refresh: old.refresh.clone(), ..new };
        self.state = State::Storing(vec![card]);
        let entries = vec![Entry { at: cx.now, what }];
        Ok(Step::Store(Box::new(Change { renewed: vec![renewed], entries, ..Change::default() })))
    }
}

impl Fetch {
    /// The refresh token that came with the access token.
    pub(super) fn refresh_token(&self) -> Option<Refresh> {
        let token = self.token.refresh_token.clone().filter(|token| !token.is_empty())?;
        Some(Refresh { token, authorization_server: self.terms.authorization_server.clone() })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
