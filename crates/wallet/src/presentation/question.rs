//! What the person is shown before anything is sent.

use std::collections::BTreeMap;

use base::{Instant, Texts};
use formats::{
    b64,
    dcql::{ClaimPath, Format, Held},
    json::Object,
    sd_jwt::SdJwt,
    vp::VerifiedRequest,
};
use serde_json::Value;

use super::{Error, transaction::Transaction};
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
    /// The names of what the card says and this answer does not; what is inside a claim is named `claim.member`.
    pub kept: Vec<String>,
    /// Whether every copy was shown before, so that one is shown again: whoever compares the two answers can tell by
    /// the key that they are of one person.
    pub reused: bool,
    /// How many copies are left after this that nobody has seen.
    pub copies_left: usize,
    pub(super) copy: usize,
    /// The credential with only what is asked for.
    pub(super) reduced: String,
    /// What is asked for.
    pub(super) disclose: Vec<ClaimPath>,
}

impl Choice {
    /// What the history says was shown: claims, or the parts of claims that were asked for.
    pub(super) fn shown_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for fact in &self.shown {
            let inside: Vec<&ClaimPath> =
                self.disclose.iter().filter(|path| path.first_key() == Some(&fact.claim)).collect();
            if inside.is_empty() || inside.iter().any(|path| path.parts().len() == 1) {
                names.push(fact.claim.clone());
            } else {
                names.extend(inside.iter().map(ToString::to_string));
            }
        }
        names
    }
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
    let usable = wallet.cards.iter().rev().filter(|card| !card.is_expired(now));
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
    let mut reserved = Reserved::new();
    selections
        .iter()
        .map(|selection| {
            let claims = selection.query.claims.iter().map(|claim| claim.path.to_string()).collect();
            let options = selection.candidates.iter().map(|candidate| {
                let (card, all) = cards.get(candidate.held).ok_or(Error::Card)?;
                choice(card, all, &candidate.disclose, &mut reserved)
            });
            Ok(Asked {
                query: selection.query.id.clone(),
                claims,
                options: options.collect::<Result<_, _>>()?,
            })
        })
        .collect()
}

/// How often each copy is meant to be shown by the answer that is being made.
type Reserved = BTreeMap<(CardId, usize), u32>;

fn choice(
    card: &Card,
    all: &Object,
    disclose: &[ClaimPath],
    reserved: &mut Reserved,
) -> Result<Choice, Error> {
    // The copy shown least often: two askers, and two presentations to one, get different keys as long as there are
    // keys.
    let uses = |index: usize, shown: u32, reserved: &Reserved| {
        shown.saturating_add(reserved.get(&(card.id, index)).copied().unwrap_or_default())
    };
    let (index, copy) = card
        .copies
        .iter()
        .enumerate()
        .min_by_key(|(index, copy)| uses(*index, copy.shown, reserved))
        .ok_or(Error::Card)?;
    let reused = uses(index, copy.shown, reserved) > 0;
    let count = reserved.entry((card.id, index)).or_default();
    *count = count.saturating_add(1);
    let unseen = card.copies.iter().enumerate().filter(|(n, copy)| uses(*n, copy.shown, reserved) == 0);
    let copies_left = unseen.count();
    let credential = SdJwt::parse(&copy.credential).map_err(|_| Error::Card)?;
    let reduced = credential.select_paths(disclose).map_err(|_| Error::Card)?;
    let is_asked = |claim: &str| disclose.iter().any(|path| path.first_key() == Some(claim));
    let mut shown: Vec<Fact> = facts(&reduced)
        .ok_or(Error::Card)?
        .into_iter()
        .map(|(claim, value)| Fact { asked: is_asked(&claim), claim, value })
        .collect();
    shown.sort_by_key(|fact| card.look.place(&fact.claim));
    let mut names: Vec<&String> = all.keys().collect();
    names.sort_by_key(|claim| card.look.place(claim));
    let mut kept = Vec::new();
    for name in names {
        match shown.iter().find(|fact| fact.claim == *name) {
            None => kept.push(name.clone()),
            Some(fact) => withheld(name, all.get(name), &fact.value, &mut kept),
        }
    }
    Ok(Choice {
        card: card.id,
        vct: card.vct.clone(),
        issuer: card.issuer.clone(),
        look: card.look.clone(),
        shown,
        kept,
        reused,
        copies_left,
        copy: index,
        reduced,
        disclose: disclose.to_vec(),
    })
}

/// The names of members that the claim `name` has in the card and not in the answer. Elements of arrays have no names:
/// where some are left out, the array is named.
fn withheld(name: &str, whole: Option<&Value>, shown: &Value, kept: &mut Vec<String>) {
    match (whole, shown) {
        (Some(Value::Object(whole)), Value::Object(shown)) => {
            for (member, value) in whole {
                let name = format!("{name}.{member}");
                match shown.get(member) {
                    None => kept.push(name),
                    Some(shown) => withheld(&name, Some(value), shown, kept),
                }
            }
        }
        (Some(Value::Array(whole)), Value::Array(shown)) if whole != shown => kept.push(name.to_owned()),
        _ => {}
    }
}
