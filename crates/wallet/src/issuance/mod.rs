//! From an offer to a stored card (`OpenID4VCI` 1.0, pre-authorized code flow).
//!
//! The offer is fetched if it came by reference; then the issuer's metadata, its authorization server's metadata, the
//! person's consent, a token, and for each document offered a nonce and the credentials, each bound to a fresh key of
//! its own, and the metadata of its type. Everything received is verified before anything is stored.
//! A card that has a refresh token is fetched again in the same way, without a question: see [`refresh`].
//! Read [`terms`] for what is checked before the person is asked, [`published`] for what the type's publisher says,
//! [`error`] for what can go wrong.

mod error;
mod published;
mod refresh;
mod terms;

use std::collections::VecDeque;

use base::{Id, limits};
use crypto::{SecretKey, Signer, random_array};
use formats::{
    jwk::Jwk,
    sd_jwt::SdJwt,
    sd_jwt_vc,
    sd_jwt_vc::VerifiedCredential,
    vci::{
        AuthorizationServerMetadata, CredentialOffer, CredentialRequest, CredentialResponse, IssuerMetadata,
        NonceResponse, OfferLink, TokenRequest, TokenResponse,
    },
};
use zeroize::Zeroizing;

pub use self::{
    error::Error,
    terms::{Offered, Question},
};
use self::{
    error::{INVALID_GRANT, INVALID_NONCE, credential_refusal, token_refusal},
    published::{Next, Published},
    terms::{Terms, issuer_address, server_address},
};
use crate::{
    contents::{Card, CardCopy, CardId, Change, Entry, Issuer, Key, What},
    http::{self, JSON, Request, Response},
    step::{self, Context},
};

/// What the driver is to do next.
pub type Step = step::Step<Question, Vec<CardId>, Error>;
/// What happened.
pub type Event = step::Event<Answer>;

/// What the person says to a [`Question`].
#[derive(Debug)]
pub enum Answer {
    /// Accept, with the transaction code if one is needed.
    Accept {
        /// What the issuer gave the person on another way.
        tx_code: Option<Zeroizing<String>>,
    },
    /// Do not accept.
    Refuse,
}

/// An offer on its way to a card, or a card that is fetched again. Ends in [`step::Step::Done`] with the ids of the
/// new cards.
pub struct Issuance {
    state: State,
    /// Whose offer it was, once the person has seen it: from then on a bad end is noted in the history.
    seen: Option<String>,
    /// The card that is fetched again, unless an offer is accepted.
    refreshes: Option<CardId>,
}

impl std::fmt::Debug for Issuance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Issuance")
    }
}

enum State {
    Offer,
    Metadata(CredentialOffer),
    ServerMetadata { offer: CredentialOffer, metadata: Box<IssuerMetadata>, server: String },
    Asked(Box<Terms>),
    Token(Box<Terms>),
    StoringToken(Box<Fetch>),
    Nonce(Box<Fetch>),
    Credential { fetch: Box<Fetch>, keys: Vec<SecretKey> },
    Type { fetch: Box<Fetch>, published: Box<Published> },
    Storing(Vec<CardId>),
    Noting(Error),
    Ended,
}

/// Fetching what was accepted.
struct Fetch {
    terms: Terms,
    token: TokenResponse,
    /// What is still to be fetched; the first is being fetched.
    queue: VecDeque<Offered>,
    cards: Vec<Card>,
    /// Whether the one retry on `invalid_nonce` has been used for the first of the queue.
    retried: bool,
}

impl Drop for Fetch {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.token.access_token);
        zeroize::Zeroize::zeroize(&mut self.token.refresh_token);
    }
}

impl Issuance {
    /// Begins with a link, `openid-credential-offer://?…`.
    pub fn start(link: &str, cx: &Context<'_>) -> (Self, Step) {
        let mut flow = Self { state: State::Ended, seen: None, refreshes: None };
        let step = flow.open(link, cx).unwrap_or_else(Step::Failed);
        (flow, step)
    }

    /// Goes on after an event.
    pub fn handle(&mut self, event: Event, cx: &Context<'_>) -> Step {
        let state = std::mem::replace(&mut self.state, State::Ended);
        self.advance(state, event, cx).unwrap_or_else(|error| self.fail(error, cx))
    }

    fn open(&mut self, link: &str, cx: &Context<'_>) -> Result<Step, Error> {
        if link.len() > limits::LINK_BYTES_MAX {
            return Err(Error::Link);
        }
        match OfferLink::parse(link).map_err(|_| Error::Link)? {
            OfferLink::Value(offer) => self.fetch_metadata(*offer, cx),
            OfferLink::Reference(uri) => {
                let url = http::address(&uri, cx.insecure_loopback)?;
                self.state = State::Offer;
                Ok(Step::Request(Request::get(url, JSON)))
            }
        }
    }

    fn advance(&mut self, state: State, event: Event, cx: &Context<'_>) -> Result<Step, Error> {
        match (state, event) {
            (State::Storing(ids), Event::Stored) => Ok(Step::Done(ids)),
            (State::StoringToken(fetch), Event::Stored) => self.next(fetch, cx),
            (State::Noting(error), Event::Stored) => Ok(Step::Failed(error)),
            (State::Asked(terms), Event::Answer(answer)) => self.answered(terms, answer),
            (State::Nonce(_), Event::Unreachable) => Err(Error::NonceUnavailable),
            (
                State::Offer
                | State::Metadata(_)
                | State::ServerMetadata { .. }
                | State::Token(_)
                | State::Credential { .. },
                Event::Unreachable,
            ) => Err(Error::Unreachable),
            (State::Offer, Event::Response(response)) => {
                let body = json(&response).ok_or(Error::OfferUnavailable)?;
                self.fetch_metadata(CredentialOffer::parse(body).map_err(|_| Error::OfferInvalid)?, cx)
            }
            (State::Metadata(offer), Event::Response(response)) => {
                self.fetch_server_metadata(offer, &response, cx)
            }
            (State::ServerMetadata { offer, metadata, server }, Event::Response(response)) => {
                let body = json(&response).ok_or(Error::MetadataUnavailable)?;
                let server =
                    AuthorizationServerMetadata::parse(body, &server).map_err(|error| match error {
                        formats::vci::Error::OtherIssuer => Error::AuthorizationServerMismatch,
                        _ => Error::MetadataInvalid,
                    })?;
                let terms = Terms::new(&offer, *metadata, &server, cx.insecure_loopback)?;
                if let Some(card) = self.refreshes {
                    return self.ask_refreshed_token(card, terms, cx);
                }
                let question = Box::new(terms.question());
                self.seen = Some(terms.credential_issuer.clone());
                self.state = State::Asked(Box::new(terms));
                Ok(Step::Ask(question))
            }
            (State::Token(terms), Event::Response(response)) => {
                if !response.succeeded() {
                    return Err(token_refusal(&response.body));
                }
                let body = json(&response).ok_or(Error::TokenInvalid)?;
                let token = TokenResponse::parse(body).map_err(|_| Error::TokenInvalid)?;
                let queue = terms.offered.iter().cloned().collect();
                let fetch =
                    Box::new(Fetch { terms: *terms, token, queue, cards: Vec::new(), retried: false });
                match self.refreshes {
                    Some(card) => self.keep_token(card, fetch, cx),
                    None => self.next(fetch, cx),
                }
            }
            (State::Nonce(fetch), Event::Response(response)) => {
                let body = json(&response).ok_or(Error::NonceUnavailable)?;
                let nonce = NonceResponse::parse(body).map_err(|_| Error::NonceUnavailable)?.c_nonce;
                if nonce.is_empty() {
                    return Err(Error::NonceUnavailable);
                }
                self.ask_credential(fetch, Some(&nonce), cx)
            }
            (State::Credential { fetch, keys }, Event::Response(response)) => {
                self.delivered(fetch, &keys, &response, cx)
            }
            (State::Type { fetch, published }, Event::Unreachable) => {
                self.keep(fetch, published.unavailable(), cx)
            }
            (State::Type { fetch, published }, Event::Response(response)) => match json(&response) {
                Some(document) => {
                    let next = published.add(document, cx.insecure_loopback)?;
                    self.described(fetch, next, cx)
                }
                None => self.keep(fetch, published.unavailable(), cx),
            },
            (state, _) => {
                self.state = state;
                Ok(Step::Failed(Error::OutOfTurn))
            }
        }
    }

    fn fail(&mut self, error: Error, cx: &Context<'_>) -> Step {
        let Some(credential_issuer) = self.seen.take() else { return Step::Failed(error) };
        let reason = error.code().to_owned();
        let mut tokens = Vec::new();
        let what = match self.refreshes {
            Some(card) => {
                if error == Error::TokenRefused(INVALID_GRANT) {
                    tokens.push((card, None));
                }
                What::RefreshRefused { card, reason }
            }
            None => What::OfferRefused { credential_issuer, reason },
        };
        self.state = State::Noting(error);
        Step::Store(Box::new(Change { tokens, ..Change::note(Entry { at: cx.now, what }) }))
    }

    fn fetch_metadata(&mut self, offer: CredentialOffer, cx: &Context<'_>) -> Result<Step, Error> {
        if offer.credential_configuration_ids.len() > limits::WALLET_OFFERED_MAX {
            return Err(Error::OfferTooLarge);
        }
        if offer.pre_authorized_code().is_none() {
            return Err(Error::GrantUnsupported);
        }
        let url = issuer_address(&offer.credential_issuer, cx.insecure_loopback)?;
        self.state = State::Metadata(offer);
        Ok(Step::Request(Request::get(url, JSON)))
    }

    fn fetch_server_metadata(
        &mut self,
        offer: CredentialOffer,
        response: &Response,
        cx: &Context<'_>,
    ) -> Result<Step, Error> {
        let body = json(response).ok_or(Error::MetadataUnavailable)?;
        let metadata =
            IssuerMetadata::parse(body, &offer.credential_issuer).map_err(|error| match error {
                formats::vci::Error::OtherIssuer => Error::IssuerMismatch,
                _ => Error::MetadataInvalid,
            })?;
        terms::refuse_required_encryption(body)?;
        let mut hint = offer.pre_authorized_code().and_then(|grant| grant.authorization_server.as_deref());
        if self.refreshes.is_some() && metadata.authorization_servers.is_empty() {
            // It was kept by name even where the issuer is its own.
            hint = hint.filter(|server| *server != metadata.credential_issuer);
        }
        let server =
            metadata.authorization_server(hint).map_err(|_| Error::AuthorizationServerMismatch)?.to_owned();
        let url = server_address(&server, cx.insecure_loopback)?;
        self.state = State::ServerMetadata { offer, metadata: Box::new(metadata), server };
        Ok(Step::Request(Request::get(url, JSON)))
    }

    fn answered(&mut self, terms: Box<Terms>, answer: Answer) -> Result<Step, Error> {
        let Answer::Accept { tx_code } = answer else { return Err(Error::Refused) };
        let tx_code = terms.tx_code(tx_code)?;
        let request = TokenRequest {
            pre_authorized_code: terms.code.to_string(),
            tx_code: tx_code.as_deref().cloned(),
            authorization_details: None,
        };
        let form = request.to_form().map_err(|_| Error::OfferInvalid)?;
        let url = terms.token_endpoint.clone();
        self.state = State::Token(terms);
        Ok(Step::Request(Request::post(url, Some(http::FORM), form.into_bytes())))
    }

    /// Fetches the next document, or stores all of them.
    fn next(&mut self, mut fetch: Box<Fetch>, cx: &Context<'_>) -> Result<Step, Error> {
        if fetch.queue.is_empty() {
            let cards = std::mem::take(&mut fetch.cards);
            if let Some(card) = self.refreshes {
                return self.renew(card, cards, cx);
            }
            self.state = State::Storing(cards.iter().map(|c| c.id).collect());
            let entries = cards.iter().map(|card| accepted(card, cx)).collect();
            return Ok(Step::Store(Box::new(Change { cards, entries, ..Change::default() })));
        }
        match fetch.terms.nonce_endpoint.clone() {
            Some(url) => {
                self.state = State::Nonce(fetch);
                Ok(Step::Request(Request::post(url, None, Vec::new())))
            }
            None => self.ask_credential(fetch, None, cx),
        }
    }

    fn ask_credential(
        &mut self,
        fetch: Box<Fetch>,
        nonce: Option<&str>,
        cx: &Context<'_>,
    ) -> Result<Step, Error> {
        let wanted = fetch.queue.front().ok_or(Error::OutOfTurn)?;
        let mut keys = Vec::with_capacity(wanted.copies);
        let mut proofs = Vec::with_capacity(wanted.copies);
        for _ in 0..wanted.copies {
            let key = SecretKey::generate(cx.random);
            let issuer = &fetch.terms.credential_issuer;
            proofs.push(formats::vci::proof::build(&key, issuer, nonce, cx.now).map_err(|_| Error::Crypto)?);
            keys.push(key);
        }
        let body =
            CredentialRequest { selector: fetch.token.selector(&wanted.configuration), proofs }.to_json();
        let mut request =
            Request::post(fetch.terms.credential_endpoint.clone(), Some(JSON), body.into_bytes());
        request.bearer = Some(Zeroizing::new(fetch.token.access_token.clone()));
        request.response_bytes_max = delivery_bytes_max(keys.len());
        self.state = State::Credential { fetch, keys };
        Ok(Step::Request(request))
    }

    fn delivered(
        &mut self,
        mut fetch: Box<Fetch>,
        keys: &[SecretKey],
        response: &Response,
        cx: &Context<'_>,
    ) -> Result<Step, Error> {
        if !response.succeeded() {
            let refusal = credential_refusal(&response.body);
            let another_nonce = refusal == Error::CredentialRefused(INVALID_NONCE);
            if another_nonce && !fetch.retried && fetch.terms.nonce_endpoint.is_some() {
                fetch.retried = true;
                return self.next(fetch, cx);
            }
            return Err(refusal);
        }
        let body = json(response).ok_or(Error::ResponseInvalid)?;
        let delivery = CredentialResponse::parse_within(body, delivery_bytes_max(keys.len()))
            .map_err(|_| Error::ResponseInvalid)?;
        if delivery.transaction_id.is_some() {
            return Err(Error::DeferredUnsupported);
        }
        let wanted = fetch.queue.pop_front().ok_or(Error::OutOfTurn)?;
        let texts = delivery.credentials.into_iter().map(|c| c.credential).collect();
        let (card, integrity) = take(texts, wanted, keys, &fetch.terms.credential_issuer, cx)?;
        self.described(fetch, Published::start(card, integrity, cx.insecure_loopback), cx)
    }

    /// Fetches the next document of a card's type, or keeps the card.
    fn described(&mut self, fetch: Box<Fetch>, next: Next, cx: &Context<'_>) -> Result<Step, Error> {
        match next {
            Next::Ready(card) => self.keep(fetch, *card, cx),
            Next::Fetch(published, url) => {
                self.state = State::Type { fetch, published };
                Ok(Step::Request(Request::get(url, JSON)))
            }
        }
    }

    fn keep(&mut self, mut fetch: Box<Fetch>, mut card: Card, cx: &Context<'_>) -> Result<Step, Error> {
        // One token for several cards would be spent by the first that is fetched again.
        if fetch.terms.offered.len() == 1 {
            card.refresh = fetch.refresh_token();
        }
        fetch.cards.push(card);
        fetch.retried = false;
        self.next(fetch, cx)
    }
}

/// How long an answer with that many copies may be, bytes.
fn delivery_bytes_max(copies: usize) -> usize {
    limits::SD_JWT_BYTES_MAX.saturating_mul(copies).saturating_add(4_096)
}

/// Makes a card of what was delivered, if every credential holds: signed by an issuer that the anchors certify, of
/// the type that was offered, valid now, saying the same as the other copies (section 3.3.2), and bound to a key of
/// ours that no other copy is bound to. With it comes `vct#integrity`.
fn take(
    texts: Vec<String>,
    wanted: Offered,
    keys: &[SecretKey],
    credential_issuer: &str,
    cx: &Context<'_>,
) -> Result<(Card, Option<String>), Error> {
    if texts.is_empty() || texts.len() > keys.len() {
        return Err(Error::ResponseInvalid);
    }
    let anchors = cx.wallet.trust.issuer_anchors().map_err(|_| Error::Trust)?;
    let mut unused: Vec<&SecretKey> = keys.iter().collect();
    let mut copies = Vec::with_capacity(texts.len());
    let mut first: Option<VerifiedCredential> = None;
    let mut expires_at = None;
    for credential in texts {
        let bound_to = named_key(&credential);
        // A key that is not ours, or used already, is found by the verification: it is not the one of this place.
        let place = unused
            .iter()
            .position(|key| bound_to.as_ref() == Some(&Jwk::from(key.public_key())))
            .unwrap_or(0);
        let key = unused.get(place).ok_or(Error::ResponseInvalid)?;
        let own = Jwk::from(key.public_key());
        let mut verified = sd_jwt_vc::verify_received(&credential, &anchors, cx.now, Some(&own))
            .map_err(Error::Credential)?;
        if verified.vct != wanted.vct {
            return Err(Error::TypeMismatch);
        }
        copies.push(CardCopy { credential, key: Key::new(unused.swap_remove(place)), shown: 0 });
        // The soonest: a copy that is still valid must not keep one in use that is not.
        expires_at = expires_at.into_iter().chain(verified.exp).min();
        // The one claim that a token has for itself (RFC 7519, section 4.1.7).
        verified.claims.remove("jti");
        let first = first.get_or_insert_with(|| verified.clone());
        if first.claims != verified.claims
            || first.issuer.sha256 != verified.issuer.sha256
            || first.vct_integrity != verified.vct_integrity
        {
            return Err(Error::ResponseInvalid);
        }
    }
    let VerifiedCredential { issuer: leaf, vct_integrity, .. } = first.ok_or(Error::ResponseInvalid)?;
    let card = Card {
        id: Id::from_random(random_array(cx.random)),
        credential_issuer: credential_issuer.to_owned(),
        issuer: Issuer {
            name: leaf.subject_name,
            country: leaf.country,
            certificate: formats::b64::encode(&leaf.sha256),
        },
        configuration: wanted.configuration,
        vct: wanted.vct,
        accepted_at: cx.now,
        expires_at,
        look: wanted.look,
        copies,
        refresh: None,
    };
    Ok((card, vct_integrity))
}

/// The key that a credential says it is bound to; nothing is verified here.
fn named_key(credential: &str) -> Option<Jwk> {
    let sd_jwt = SdJwt::parse(credential).ok()?;
    Jwk::from_value(sd_jwt.payload().get("cnf")?.get("jwk")?).ok()
}

fn accepted(card: &Card, cx: &Context<'_>) -> Entry {
    let what = What::Accepted {
        card: card.id,
        vct: card.vct.clone(),
        issuer: card.issuer.name.clone(),
        credential_issuer: card.credential_issuer.clone(),
    };
    Entry { at: cx.now, what }
}

/// The body of a good answer in JSON.
fn json(response: &Response) -> Option<&[u8]> {
    (response.succeeded() && response.is(JSON)).then_some(response.body.as_slice())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
