//! What the person is shown before anything is sent.

use std::collections::BTreeSet;

use base::{Instant, Texts};
use formats::{
    b64,
    dcql::{Format, Held},
    json::Object,
    sd_jwt::SdJwt,
    vp::VerifiedRequest,
};
use serde_json::Value;

use super::{Error, disclose::reduce, transaction::Transaction};
use crate::contents::{Card, CardId, Issuer, Look, Wallet, facts};

/// What the person is asked: who asks, why, what is shown and what is not, what is approved.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Who asks: verified.
    pub asker: Asker,
    /// Why, in their own words, unverified; none if they say nothing.
    pub purpose: Option<Texts>,
    /// What the person approves beside showing claims.
    pub transactions: Vec<Transaction>,
    /// What is asked for, in the order of the request.
    pub asked: Vec<Asked>,
}

impl Question {
    /// Whether the wallet holds what is asked. If not, the only answer is a refusal.
    pub fn can_be_met(&self) -> bool {
        self.asked.iter().all(|asked| !asked.options.is_empty())
    }
}

/// Who asks, from the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The certified name.
    pub name: String,
    /// The certified country, if any.
    pub country: Option<String>,
    /// The full client identifier, with prefix.
    pub client_id: String,
    /// The host that the answer goes to.
    pub host: String,
    /// SHA-256 of the certificate, base64url.
    pub certificate: String,
}

/// One document that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The id of the credential query.
    pub query: String,
    /// The names of the claims asked for.
    pub claims: Vec<String>,
    /// Cards that would do, newest first; empty if there is none. The first is the one shown if nothing else is chosen.
    pub options: Vec<Choice>,
}

/// A card that would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The card.
    pub card: CardId,
    /// Its type.
    pub vct: String,
    /// Who signed it.
    pub issuer: Issuer,
    /// Names and labels.
    pub look: Look,
    /// What is shown: exactly what the answer will say about the person.
    pub shown: Vec<Fact>,
    /// The names of what the card says and this answer does not.
    pub kept: Vec<String>,
    pub(super) copy: usize,
    /// The credential with only what is asked for.
    pub(super) reduced: String,
}

/// A claim and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// The top-level claim.
    pub claim: String,
    /// Its value as it will be shown.
    pub value: Value,
    /// Whether it was asked for; otherwise it shows whenever the card does, as its issuer decided.
    pub asked: bool,
}

pub(super) fn asker(verified: &VerifiedRequest) -> Asker {
    let host =
        url::Url::parse(&verified.request.response_uri).ok().and_then(|u| u.host_str().map(str::to_owned));
    Asker {
        name: verified.asker.subject_name.clone(),
        country: verified.asker.country.clone(),
        client_id: verified.request.client_id.to_string(),
        host: host.unwrap_or_default(),
        certificate: b64::encode(&verified.asker.sha256),
    }
}

/// The cards that answer each credential query.
pub(super) fn matches(
    verified: &VerifiedRequest,
    wallet: &Wallet,
    now: Instant,
) -> Result<Vec<Asked>, Error> {
    let usable = wallet.cards.iter().rev().filter(|card| card.expires_at.is_none_or(|at| at > now));
    let cards: Vec<(&Card, Object)> = usable
        .filter_map(|card| {
            let claims = card.facts()?;
            Some((card, claims))
        })
        .collect();
    let held: Vec<Held<'_>> = cards
        .iter()
        .map(|(card, claims)| Held { format: Format::SdJwtVc, vct: &card.vct, claims, holder_bound: true })
        .collect();
    let selections = verified.request.query.select(&held);
    selections
        .iter()
        .map(|selection| {
            let claims =
                selection.query.claims.iter().filter_map(|c| c.path.first_key()).map(str::to_owned).collect();
            let options = selection.candidates.iter().map(|candidate| {
                let (card, all) = cards.get(candidate.held).ok_or(Error::Card)?;
                let asked = candidate.disclose.iter().filter_map(|path| path.first_key()).collect();
                choice(card, all, &asked)
            });
            Ok(Asked {
                query: selection.query.id.clone(),
                claims,
                options: options.collect::<Result<_, _>>()?,
            })
        })
        .collect()
}

fn choice(card: &Card, all: &Object, asked: &BTreeSet<&str>) -> Result<Choice, Error> {
    // The copy shown least often: two askers get different keys as long as there are keys.
    let (index, copy) =
        card.copies.iter().enumerate().min_by_key(|(_, copy)| copy.shown).ok_or(Error::Card)?;
    let credential = SdJwt::parse(&copy.credential).map_err(|_| Error::Card)?;
    let reduced = reduce(&credential, asked);
    let mut shown: Vec<Fact> = facts(&reduced)
        .ok_or(Error::Card)?
        .into_iter()
        .map(|(claim, value)| Fact { asked: asked.contains(claim.as_str()), claim, value })
        .collect();
    shown.sort_by_key(|fact| card.look.place(&fact.claim));
    let mut kept: Vec<String> =
        all.keys().filter(|name| shown.iter().all(|f| f.claim != **name)).cloned().collect();
    kept.sort_by_key(|claim| card.look.place(claim));
    Ok(Choice {
        card: card.id,
        vct: card.vct.clone(),
        issuer: card.issuer.clone(),
        look: card.look.clone(),
        shown,
        kept,
        copy: index,
        reduced,
    })
}
