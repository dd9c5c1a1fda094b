//! What the person is shown before anything is sent.

use std::collections::{BTreeMap, BTreeSet};

use base::{Instant, Texts};
use formats::{
    b64,
    dcql::{ClaimPath, Format, Held, authority_key_ids},
    json::Object,
    sd_jwt::SdJwt,
    vp::{RequestObject, VerifiedRequest},
};
use serde_json::Value;

use super::{Error, transaction::Transaction};
use crate::contents::{Card, CardId, Issuer, Look, Wallet, facts};

/// What the person is asked: who asks, why, what is shown and what is not, what is approved.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Who asks.
    pub asker: Asker,
    /// Why, in their own words, unverified; none if they say nothing.
    pub purpose: Option<Texts>,
    /// What the person approves beside showing claims.
    pub transactions: Vec<Transaction>,
    /// The documents that the request names, in its order.
    pub asked: Vec<Asked>,
    /// Which of them are asked for together; none if the wallet cannot give what is required.
    pub(super) sets: Option<Vec<Set>>,
    /// For each transaction, the ids of the credential queries any one of which approves it.
    pub(super) approved_with: Vec<Vec<String>>,
}

/// Documents that serve one purpose of the asker: one of the options is answered as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Whether there is no answer without it.
    pub required: bool,
    /// Ids of credential queries; the preferred option first. Those only that the wallet can answer.
    pub options: Vec<Vec<String>>,
}

/// A card that is shown for a query, and the copy of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picked<'q> {
    /// What it answers.
    pub asked: &'q Asked,
    /// The card.
    pub choice: &'q Choice,
    /// Whether every copy was shown before, so that one is shown again: whoever compares the two answers can tell by
    /// the key that they are of one person.
    pub reused: bool,
    /// How many copies are left after this answer that nobody has seen.
    pub copies_left: usize,
    pub(super) copy: &'q CopyView,
}

impl Question {
    /// Whether the wallet holds what is asked. If not, the only answer is a refusal.
    pub fn can_be_met(&self) -> bool {
        self.sets.is_some()
    }

    /// What can be chosen among; empty if the request cannot be met.
    pub fn sets(&self) -> &[Set] {
        self.sets.as_deref().unwrap_or_default()
    }

    /// What is shown if the person names these cards: of each set that is required the option that has most of the
    /// queries named, of the others nothing unless a query of theirs is named, or nothing else is there to be shown; for
    /// each query the cards named, or the first. This is what the person is to see and what is sent, nothing else.
    pub fn picked(&self, cards: &BTreeMap<String, Vec<CardId>>) -> Result<Vec<Picked<'_>>, Error> {
        let ids = self.chosen_queries(cards)?;
        let mut uses: BTreeMap<(CardId, usize), u32> = BTreeMap::new();
        let mut picked = Vec::new();
        for asked in self.asked.iter().filter(|asked| ids.contains(&asked.query)) {
            let named = cards.get(&asked.query).map(Vec::as_slice).unwrap_or_default();
            let distinct: BTreeSet<&CardId> = named.iter().collect();
            if distinct.len() != named.len() || (named.len() > 1 && !asked.multiple) {
                return Err(Error::Choice);
            }
            let first = asked.options.first().map(|option| option.card);
            for card in named.iter().copied().chain(first.filter(|_| named.is_empty())) {
                let choice = asked.options.iter().find(|option| option.card == card).ok_or(Error::Choice)?;
                // The copy shown least often: two askers, and two presentations to one, get different keys as long as
                // there are keys.
                let total = |copy: &CopyView| {
                    copy.shown.saturating_add(uses.get(&(card, copy.index)).copied().unwrap_or_default())
                };
                let copy = choice.copies.iter().min_by_key(|copy| total(copy)).ok_or(Error::Card)?;
                let reused = total(copy) > 0;
                let count = uses.entry((card, copy.index)).or_default();
                *count = count.saturating_add(1);
                picked.push(Picked { asked, choice, reused, copies_left: 0, copy });
            }
        }
        for pick in &mut picked {
            let card = pick.choice.card;
            let unseen = |copy: &&CopyView| copy.shown == 0 && !uses.contains_key(&(card, copy.index));
            pick.copies_left = pick.choice.copies.iter().filter(unseen).count();
        }
        Ok(picked)
    }

    fn chosen_queries(&self, cards: &BTreeMap<String, Vec<CardId>>) -> Result<BTreeSet<String>, Error> {
        let sets = self.sets.as_ref().ok_or(Error::NoMatch)?;
        let there = |id: &String| sets.iter().any(|set| set.options.iter().any(|o| o.contains(id)));
        let mut wanted: BTreeSet<&String> = cards.keys().collect();
        for ids in &self.approved_with {
            // A transaction is approved with a document that is shown: if none of them is named, with the first there is.
            if !ids.iter().any(|id| wanted.contains(id)) {
                wanted.extend(ids.iter().find(|id| there(id)));
            }
        }
        let mut chosen: BTreeSet<String> = BTreeSet::new();
        // If nothing is required and nothing named, what is asked for first is answered: an empty answer is none.
        let first = sets.first().filter(|_| wanted.is_empty() && sets.iter().all(|set| !set.required));
        for set in sets {
            let score = |option: &Vec<String>| option.iter().filter(|id| wanted.contains(id)).count();
            // The last of the best from behind is the first of the best.
            let Some(best) = set.options.iter().rev().max_by_key(|option| score(option)) else { continue };
            if set.required || score(best) > 0 || first == Some(set) {
                chosen.extend(best.iter().cloned());
            }
        }
        if cards.keys().all(|id| chosen.contains(id)) { Ok(chosen) } else { Err(Error::Choice) }
    }
}

/// Who asks: from the certificate, or, of somebody without one, no more than where the answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// Whether a certificate says so. If not, it is not known who asks, and people are to be told.
    pub verified: bool,
    /// The certified name; the host where there is no certificate.
    pub name: String,
    /// The certified country, if any.
    pub country: Option<String>,
    /// The full client identifier, with prefix.
    pub client_id: String,
    /// The host that the answer goes to.
    pub host: String,
    /// SHA-256 of the certificate, base64url.
    pub certificate: Option<String>,
}

/// A request that may be put to the person, and who asks.
pub(super) struct Known {
    pub(super) request: RequestObject,
    pub(super) asker: Asker,
}

/// One document that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The id of the credential query.
    pub query: String,
    /// The names of the claims asked for.
    pub claims: Vec<String>,
    /// Whether several cards may answer.
    pub multiple: bool,
    /// Whether the answer proves that the card is the person's own.
    pub holder_binding: bool,
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
    /// Copies that say what is shown, and nothing else. At least one.
    pub(super) copies: Vec<CopyView>,
    /// What is asked for.
    pub(super) disclose: Vec<ClaimPath>,
}

/// A copy of a card with only what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CopyView {
    pub(super) index: usize,
    shown: u32,
    pub(super) reduced: String,
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

impl Known {
    /// A request whose asker has a certificate.
    pub(super) fn verified(verified: VerifiedRequest) -> Self {
        let asker = Asker {
            verified: true,
            name: verified.asker.subject_name.clone(),
            country: verified.asker.country.clone(),
            client_id: verified.request.client_id.to_string(),
            host: host(&verified.request),
            certificate: Some(b64::encode(&verified.asker.sha256)),
        };
        Self { request: verified.request, asker }
    }

    /// A request of somebody who is known by nothing but where the answer goes (section 5.9.3, `redirect_uri`).
    pub(super) fn unverified(request: RequestObject) -> Self {
        let host = host(&request);
        let asker = Asker {
            verified: false,
            name: host.clone(),
            country: None,
            client_id: request.client_id.to_string(),
            host,
            certificate: None,
        };
        Self { request, asker }
    }
}

fn host(request: &RequestObject) -> String {
    let url = url::Url::parse(&request.response_uri).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// A card that can be shown, as a query looks at it.
struct Usable<'w> {
    card: &'w Card,
    claims: Object,
    authorities: Vec<Vec<u8>>,
}

impl<'w> Usable<'w> {
    fn new(card: &'w Card) -> Option<Self> {
        let credential = SdJwt::parse(&card.copies.first()?.credential).ok()?;
        let x5c = credential.issuer_jwt().header.x5c.as_deref().unwrap_or_default();
        Some(Self { card, claims: card.facts()?, authorities: authority_key_ids(x5c) })
    }

    fn held(&self) -> Held<'_> {
        Held {
            format: Format::SdJwtVc,
            vct: &self.card.vct,
            claims: &self.claims,
            holder_bound: true,
            authority_key_ids: &self.authorities,
        }
    }
}

/// The cards that answer each credential query, and which queries are answered together.
pub(super) fn matches(
    verified: &Known,
    wallet: &Wallet,
    now: Instant,
) -> Result<(Vec<Asked>, Option<Vec<Set>>), Error> {
    let cards: Vec<Usable<'_>> =
        wallet.cards.iter().rev().filter(|card| !card.is_expired(now)).filter_map(Usable::new).collect();
    let held: Vec<Held<'_>> = cards.iter().map(Usable::held).collect();
    let query = &verified.request.query;
    let selections = query.select(&held);
    let answerable = query.answerable(&selections).filter(|answerable| !answerable.sets.is_empty());
    let sets = answerable.map(|answerable| {
        let owned = |option: Vec<&str>| option.into_iter().map(str::to_owned).collect();
        let sets = answerable.sets.into_iter();
        sets.map(|set| Set { required: set.required, options: set.options.into_iter().map(owned).collect() })
            .collect()
    });
    let asked = selections.iter().map(|selection| {
        let options = selection.candidates.iter().map(|candidate| {
            let usable = cards.get(candidate.held).ok_or(Error::Card)?;
            choice(usable.card, &usable.claims, &candidate.disclose)
        });
        Ok(Asked {
            query: selection.query.id.clone(),
            claims: selection.query.claims.iter().map(|claim| claim.path.to_string()).collect(),
            multiple: selection.query.multiple,
            holder_binding: selection.query.holder_binding,
            options: options.collect::<Result<_, _>>()?,
        })
    });
    Ok((asked.collect::<Result<_, Error>>()?, sets))
}

fn choice(card: &Card, all: &Object, disclose: &[ClaimPath]) -> Result<Choice, Error> {
    let mut said: Option<Object> = None;
    let mut copies = Vec::with_capacity(card.copies.len());
    for (index, copy) in card.copies.iter().enumerate() {
        let credential = SdJwt::parse(&copy.credential).map_err(|_| Error::Card)?;
        let reduced = credential.select_paths(disclose).map_err(|_| Error::Card)?;
        let says = facts(&reduced).ok_or(Error::Card)?;
        // All copies say the same, but not all need have the same parts disclosable: what the person sees is what
        // each of these copies shows.
        if *said.get_or_insert_with(|| says.clone()) == says {
            copies.push(CopyView { index, shown: copy.shown, reduced });
        }
    }
    let is_asked = |claim: &str| disclose.iter().any(|path| path.first_key() == Some(claim));
    let mut shown: Vec<Fact> = said
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
        copies,
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
