//! From a request to an answer (`OpenID4VP` 1.0, `direct_post` and `direct_post.jwt`): a signed request by reference, or
//! an unsigned one in the link, of which the person is told that it is not known who asks.
//!
//! The request object is fetched and verified: until it is certain who asks, nothing is shown and nobody is answered,
//! not even with an error. Then the cards that would do are found, the person is asked, what is shown is noted, and
//! the answer posted. A refusal of any kind is posted too, by the protocol's code, and noted.
//! Read [`question`] (what the person is shown and what leaves the wallet), [`transaction`] (what is approved),
//! [`error`] (what can go wrong).

mod error;
mod question;
mod transaction;

use std::collections::BTreeMap;

use base::limits;
use crypto::{HashAlg, random_array};
use formats::{
    b64, json,
    jws::Jws,
    sd_jwt_vc::{KeyBindingClaims, TransactionDataHashes, present},
    vp::{
        Acknowledgement, ByValueRefusal, Link, NotALink, REQUEST_MEDIA_TYPE, RequestContext, RequestObject,
        RequestRefusal, TransactionData, VpToken, WalletResponse, verify_request,
    },
};
use serde_json::Value;
use url::Url;

pub use self::{
    error::Error,
    question::{Asked, Asker, Choice, Fact, Picked, Question, Set},
    transaction::{Transaction, TransactionLine},
};
use self::{
    question::{Known, matches},
    transaction::{Type, type_address},
};
use crate::{
    contents::{AskerName, CardId, Change, Entry, ShownCard, What},
    http::{self, FORM, JSON, Request, Response},
    step::{self, Context},
};

/// What the driver is to do next.
pub type Step = step::Step<Question, Answered, Error>;
/// What happened.
pub type Event = step::Event<Answer>;

/// What the person says to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Show it.
    Approve {
        /// Which cards for which credential query: see [`Question::picked`].
        cards: BTreeMap<String, Vec<CardId>>,
    },
    /// Show nothing.
    Refuse,
}

/// The asker took the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Who.
    pub asker: Asker,
    /// Where the person's browser is to go on, if anywhere. Already checked.
    pub redirect_uri: Option<String>,
}

/// A request on its way to an answer. Ends in [`step::Step::Done`] when the asker has taken it.
pub struct Presentation {
    state: State,
    reply: Option<Reply>,
}

impl std::fmt::Debug for Presentation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Presentation")
    }
}

/// Where a verified asker is told that there is no answer.
struct Reply {
    response_uri: Url,
    state: Option<String>,
    asker: AskerName,
    /// What was asked, once all of it is understood: a refusal is encrypted as an answer would be.
    request: Option<Box<RequestObject>>,
}

enum State {
    Fetching {
        link: Link,
        wallet_nonce: Option<String>,
    },
    Types {
        verified: Box<Known>,
        known: Vec<Type>,
        pending: Vec<(String, Url)>,
    },
    Asked {
        verified: Box<Known>,
        question: Box<Question>,
    },
    /// What is shown is noted before it is sent.
    Recording {
        asker: Asker,
        request: Request,
    },
    Sending {
        asker: Asker,
    },
    Refusing {
        error: Error,
        asker: AskerName,
    },
    Noting(Error),
    Ended,
}

impl Presentation {
    /// Begins with a link, `openid4vp://?…`.
    pub fn start(link: &str, cx: &Context<'_>) -> (Self, Step) {
        let mut flow = Self { state: State::Ended, reply: None };
        let step = flow.open(link, cx).unwrap_or_else(Step::Failed);
        (flow, step)
    }

    /// Goes on after an event.
    pub fn handle(&mut self, event: Event, cx: &Context<'_>) -> Step {
        let state = std::mem::replace(&mut self.state, State::Ended);
        self.advance(state, event, cx).unwrap_or_else(|error| self.refuse(error, cx))
    }

    fn open(&mut self, link: &str, cx: &Context<'_>) -> Result<Step, Error> {
        let link = match Link::parse(link) {
            Err(NotALink::ByValue) => return self.unsigned(link, cx),
            link => link?,
        };
        let url = http::address(&link.request_uri, cx.insecure_loopback)?;
        // A nonce of ours in the request shows that it was made for us, now (section 5.10).
        let wallet_nonce = (link.request_uri_method.as_deref() == Some("post"))
            .then(|| b64::encode(&random_array::<16>(cx.random)));
        let mut request = match &wallet_nonce {
            Some(nonce) => Request::post(url, Some(FORM), format!("wallet_nonce={nonce}").into_bytes()),
            None => Request::get(url, REQUEST_MEDIA_TYPE),
        };
        request.accept = REQUEST_MEDIA_TYPE;
        request.response_bytes_max = limits::JWT_BYTES_MAX;
        self.state = State::Fetching { link, wallet_nonce };
        Ok(Step::Request(request))
    }

    /// A request in the link itself, which nobody signed. It may ask for documents; approving something for somebody
    /// who is not known is against our policy. Until the person was asked nobody is told anything.
    fn unsigned(&mut self, link: &str, cx: &Context<'_>) -> Result<Step, Error> {
        let request =
            RequestObject::from_link(link, cx.insecure_loopback).map_err(|refusal| match refusal {
                ByValueRefusal::Link(refusal) => Error::Link(refusal),
                ByValueRefusal::Request(RequestRefusal::ClientIdPrefix) | ByValueRefusal::Signed => {
                    Error::Link(NotALink::ByValue)
                }
                ByValueRefusal::Request(refusal) => Error::Request(refusal),
                _ => Error::Request(RequestRefusal::Malformed("link")),
            })?;
        if !request.transaction_data.is_empty() {
            return Err(Error::Unverified);
        }
        let known = Known::unverified(request);
        let reply = reply(&known, cx.insecure_loopback)?;
        let step = self.ask(Box::new(known), Vec::new(), Vec::new(), cx)?;
        self.reply = Some(reply);
        Ok(step)
    }

    fn advance(&mut self, state: State, event: Event, cx: &Context<'_>) -> Result<Step, Error> {
        match (state, event) {
            (State::Noting(error), Event::Stored) => Ok(Step::Failed(error)),
            (State::Recording { asker, request }, Event::Stored) => {
                self.state = State::Sending { asker };
                Ok(Step::Request(request))
            }
            (State::Asked { verified, question }, Event::Answer(answer)) => {
                self.answered(&verified, *question, answer, cx)
            }
            (State::Fetching { .. }, Event::Unreachable) => Err(Error::Unreachable),
            (State::Types { .. }, Event::Unreachable) => Err(Error::TransactionUnknown),
            (State::Sending { .. }, Event::Unreachable) => Ok(Step::Failed(Error::AnswerLost)),
            // Whatever the asker says to a refusal, it stays one.
            (State::Refusing { error, asker }, Event::Unreachable | Event::Response(_)) => {
                let what = What::RequestRefused { asker, reason: error.code().to_owned() };
                self.state = State::Noting(error);
                Ok(Step::Store(Box::new(Change::note(Entry { at: cx.now, what }))))
            }
            (State::Fetching { link, wallet_nonce }, Event::Response(response)) => {
                self.fetched(&link, wallet_nonce.as_deref(), &response, cx)
            }
            (State::Types { verified, mut known, mut pending }, Event::Response(response)) => {
                let (kind, _) = pending.pop().ok_or(Error::OutOfTurn)?;
                if !response.succeeded() || !response.is(JSON) {
                    return Err(Error::TransactionUnknown);
                }
                known.push(Type::parse(&response.body, &kind)?);
                self.ask(verified, known, pending, cx)
            }
            (State::Sending { asker }, Event::Response(response)) => {
                if !response.succeeded() {
                    let code = refusal_code(&response.body);
                    return Ok(Step::Failed(Error::AskerRefused { status: response.status, code }));
                }
                let redirect_uri = redirect(&response, cx.insecure_loopback);
                Ok(Step::Done(Answered { asker, redirect_uri }))
            }
            (state, _) => {
                self.state = state;
                Ok(Step::Failed(Error::OutOfTurn))
            }
        }
    }

    /// Tells the asker, if it is known who that is and where it may be told, and notes it; otherwise just ends.
    fn refuse(&mut self, error: Error, cx: &Context<'_>) -> Step {
        let (Some(code), Some(reply)) = (error.oauth_error(), self.reply.take()) else {
            return Step::Failed(error);
        };
        let refusal = WalletResponse::Error { error: code.to_owned(), description: None, state: reply.state };
        // A refusal says nothing of the person, so that one that cannot be encrypted may go as it is (section 8.3.1).
        let encrypted = reply.request.and_then(|request| refusal.to_form_for(&request, cx.random).ok());
        let form = encrypted.unwrap_or_else(|| refusal.to_form());
        self.state = State::Refusing { error, asker: reply.asker };
        Step::Request(Request::post(reply.response_uri, Some(FORM), form.into_bytes()))
    }

    fn fetched(
        &mut self,
        link: &Link,
        wallet_nonce: Option<&str>,
        response: &Response,
        cx: &Context<'_>,
    ) -> Result<Step, Error> {
        if !response.succeeded() {
            return Err(Error::RequestUnavailable);
        }
        if !response.is(REQUEST_MEDIA_TYPE) {
            return Err(Error::MediaType);
        }
        let text = std::str::from_utf8(&response.body).map_err(|_| Error::MediaType)?.trim_end();
        let anchors = cx.wallet.trust.asker_anchors().map_err(|_| Error::Trust)?;
        let context = RequestContext {
            client_id: &link.client_id,
            anchors: &anchors,
            now: cx.now,
            wallet_nonce,
            insecure_loopback: cx.insecure_loopback,
        };
        let verified = verify_request(text, &context).map_err(|refusal| {
            let error = Error::Request(refusal);
            if error.oauth_error().is_some() {
                // The signature, the certificate and the address were verified before this could be said.
                self.reply = reply_of_refused(text, &link.client_id, cx.insecure_loopback);
            }
            error
        })?;
        let verified = Known::verified(verified);
        self.reply = Some(reply(&verified, cx.insecure_loopback)?);
        let mut pending: Vec<(String, Url)> = Vec::new();
        for transaction in &verified.request.transaction_data {
            if pending.iter().all(|(kind, _)| kind != transaction.kind()) {
                let url =
                    type_address(transaction.kind(), &verified.request.response_uri, cx.insecure_loopback)?;
                pending.push((transaction.kind().to_owned(), url));
            }
        }
        self.ask(Box::new(verified), Vec::new(), pending, cx)
    }

    /// Asks the person, once every type of transaction is known.
    fn ask(
        &mut self,
        verified: Box<Known>,
        known: Vec<Type>,
        pending: Vec<(String, Url)>,
        cx: &Context<'_>,
    ) -> Result<Step, Error> {
        if let Some((_, url)) = pending.last() {
            let request = Request::get(url.clone(), JSON);
            self.state = State::Types { verified, known, pending };
            return Ok(Step::Request(request));
        }
        let transactions = verified.request.transaction_data.iter().map(|asked| {
            known
                .iter()
                .map(|kind| kind.show(asked))
                .find(Result::is_ok)
                .unwrap_or(Err(Error::TransactionUnknown))
        });
        let (asked, sets) = matches(&verified, cx.wallet, cx.now)?;
        let named = verified.request.transaction_data.iter().map(|t| t.credential_ids().to_vec());
        let approved_with = named.collect();
        let question = Box::new(Question {
            asker: verified.asker.clone(),
            purpose: verified.request.purpose.clone(),
            transactions: transactions.collect::<Result<_, _>>()?,
            asked,
            sets,
            approved_with,
        });
        self.state = State::Asked { verified, question: question.clone() };
        Ok(Step::Ask(question))
    }

    fn answered(
        &mut self,
        verified: &Known,
        question: Question,
        answer: Answer,
        cx: &Context<'_>,
    ) -> Result<Step, Error> {
        if !question.can_be_met() {
            return Err(Error::NoMatch);
        }
        let Answer::Approve { cards } = answer else { return Err(Error::Refused) };
        let picked = question.picked(&cards)?;
        let mut approved = approvals(verified, &picked)?;
        let mut presentations: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut change = Change::default();
        let mut shown = Vec::new();
        for pick in &picked {
            // Of several presentations for one query the first approves.
            let approved = approved.remove(pick.asked.query.as_str()).unwrap_or_default();
            let presentation = signed(verified, pick, &approved, cx)?;
            presentations.entry(pick.asked.query.clone()).or_default().push(presentation);
            change.used.push((pick.choice.card, pick.copy.index));
            shown.push(ShownCard {
                card: pick.choice.card,
                vct: pick.choice.vct.clone(),
                claims: pick.choice.shown_names(),
            });
        }
        let state = verified.request.state.clone();
        let form = WalletResponse::Presentation { vp_token: VpToken::new(presentations), state }
            .to_form_for(&verified.request, cx.random)
            .map_err(|_| Error::Encryption)?;
        let reply = self.reply.take().ok_or(Error::OutOfTurn)?;
        change.entries.push(Entry {
            at: cx.now,
            what: What::Shown {
                asker: reply.asker,
                purpose: question.purpose,
                cards: shown,
                approved: question.transactions.into_iter().map(|t| t.text).collect(),
            },
        });
        let request = Request::post(reply.response_uri, Some(FORM), form.into_bytes());
        self.state = State::Recording { asker: question.asker, request };
        Ok(Step::Store(Box::new(change)))
    }
}

/// Which transactions are approved with which credential query: each with the first that is shown of those that it
/// names (section 5.1).
fn approvals<'r>(
    verified: &'r Known,
    picked: &[Picked<'_>],
) -> Result<BTreeMap<&'r str, Vec<&'r TransactionData>>, Error> {
    let mut approvals: BTreeMap<&str, Vec<&TransactionData>> = BTreeMap::new();
    for transaction in &verified.request.transaction_data {
        let shown = |id: &&String| picked.iter().any(|pick| pick.asked.query == **id);
        let id = transaction.credential_ids().iter().find(shown).ok_or(Error::Choice)?;
        approvals.entry(id).or_default().push(transaction);
    }
    Ok(approvals)
}

/// The presentation of a card for one credential query: only what was asked for, bound to this request, unless the
/// asker wants no proof of that.
fn signed(
    verified: &Known,
    pick: &Picked<'_>,
    approved: &[&TransactionData],
    cx: &Context<'_>,
) -> Result<String, Error> {
    let card = cx.wallet.card(pick.choice.card).ok_or(Error::Card)?;
    if !pick.asked.holder_binding {
        // Appendix B.3.3.1: nothing can be approved without a signature of the holder's.
        return if approved.is_empty() {
            Ok(pick.copy.reduced.clone())
        } else {
            Err(Error::TransactionUnbound)
        };
    }
    let copy = card.copies.get(pick.copy.index).ok_or(Error::Card)?;
    let key = copy.key.signer().map_err(|_| Error::Card)?;
    let client_id = verified.request.client_id.to_string();
    let claims = KeyBindingClaims {
        nonce: &verified.request.nonce,
        aud: &client_id,
        iat: cx.now,
        transaction_data_hashes: hashes(approved)?,
    };
    // What is in `reduced` is what the person saw; nothing is selected again.
    present(&pick.copy.reduced, |_| true, &claims, &key).map_err(|_| Error::Card)
}

/// One key-binding JWT has one hash algorithm: SHA-256 if every transaction allows it, otherwise the first that all do.
fn hashes(approved: &[&TransactionData]) -> Result<Option<TransactionDataHashes>, Error> {
    let Some(first) = approved.first() else { return Ok(None) };
    let allowed = |transaction: &TransactionData, alg: HashAlg| match transaction.hash_algs() {
        [] => alg == HashAlg::Sha256,
        algs => algs.contains(&alg),
    };
    let mut candidates = [HashAlg::Sha256].iter().chain(first.hash_algs());
    let common = candidates.find(|alg| approved.iter().all(|transaction| allowed(transaction, **alg)));
    let alg = *common.ok_or(Error::TransactionHash)?;
    let named = approved.iter().any(|transaction| !transaction.hash_algs().is_empty());
    let hashes = approved.iter().map(|transaction| transaction.hash(alg)).collect();
    Ok(Some(TransactionDataHashes { hashes, alg: named.then_some(alg) }))
}

/// Where the asker is told that there is no answer.
fn reply(known: &Known, insecure_loopback: bool) -> Result<Reply, Error> {
    Ok(Reply {
        response_uri: http::address(&known.request.response_uri, insecure_loopback)?,
        state: known.request.state.clone(),
        asker: AskerName { name: known.asker.name.clone(), client_id: known.asker.client_id.clone() },
        request: Some(Box::new(known.request.clone())),
    })
}

/// Where the asker of a verified but refused request is told so.
fn reply_of_refused(text: &str, client_id: &str, insecure_loopback: bool) -> Option<Reply> {
    let jws = Jws::parse(text).ok()?;
    let claims = jws.claims().ok()?;
    let state = claims.get("state").and_then(Value::as_str).map(str::to_owned);
    let response_uri = http::address(claims.get("response_uri")?.as_str()?, insecure_loopback).ok()?;
    let name = response_uri.host_str().unwrap_or_default().to_owned();
    let asker = AskerName { name, client_id: client_id.to_owned() };
    Some(Reply { response_uri, state, asker, request: None })
}

/// The code in an asker's refusal: `code` of a problem (RFC 9457) or OAuth's `error`. Only what cannot be mistaken for
/// anything else is taken over.
fn refusal_code(body: &[u8]) -> Option<String> {
    let body = json::parse_object(body).ok()?;
    let code = body.get("code").or_else(|| body.get("error"))?.as_str()?;
    let plain =
        (1..=64).contains(&code.len()) && code.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    plain.then(|| code.to_owned())
}

/// Where the person's browser goes on: https or loopback, never a script or another program. As a browser would write
/// it: what was received may hold characters that a screen obeys.
fn redirect(response: &Response, insecure_loopback: bool) -> Option<String> {
    let url = Url::parse(&Acknowledgement::parse(&response.body).ok()?.redirect_uri?).ok()?;
    let mut asked = url.clone();
    // The fragment may carry the response code; it is never sent to a server.
    asked.set_fragment(None);
    http::address(asked.as_str(), insecure_loopback).ok()?;
    Some(url.into())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
