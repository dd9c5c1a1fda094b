//! Whether an answer satisfies the query: the verifier's own check, which relies on nothing that the wallet says about
//! itself (section 14.7).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    ClaimPath, ClaimsQuery, CredentialQuery, Format, PathPart, Query, TrustedAuthority, path::Indices,
};

/// A verified presentation, as far as a query looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// Its format.
    pub format: Format,
    /// Its type.
    pub vct: &'a str,
    /// The claims that it shows.
    pub claims: &'a Map<String, Value>,
    /// Where in `claims` the parts are that were shown by a disclosure, not in the open.
    pub disclosed: &'a [ClaimPath],
    /// Whether the holder proved that it is theirs.
    pub holder_bound: bool,
    /// The authority key identifiers of the certificates in it; see [`super::authority_key_ids`].
    pub authority_key_ids: &'a [Vec<u8>],
}

/// Why an answer does not satisfy the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsatisfied {
    /// It answers a query that was not asked.
    #[error("the answer has an entry for no query")]
    UnknownId,
    /// It lacks a credential without which there is no answer.
    #[error("the answer lacks a credential that was asked for")]
    CredentialMissing,
    /// It has a credential that belongs to no option that it answers.
    #[error("the answer has a credential that is part of nothing that was asked for")]
    CredentialNotAsked,
    /// It has several presentations where one was asked for, or none.
    #[error("the answer has not as many presentations for a query as it may")]
    Count,
    /// The credential is of a type that was not asked for.
    #[error("a credential is of another type than asked for")]
    Vct,
    /// The credential's issuer was certified by another authority than asked for.
    #[error("a credential is from none of the authorities asked for")]
    Authority,
    /// The holder did not prove that the credential is theirs.
    #[error("a credential is not bound to its holder")]
    HolderBinding,
    /// A claim that was asked for is not shown.
    #[error("a claim that was asked for is missing")]
    ClaimMissing,
    /// A claim that was asked for has none of the values asked for.
    #[error("a claim has another value than asked for")]
    Value,
    /// A claim was disclosed that was not asked for (section 6.4: wallets must not).
    #[error("a claim was disclosed that was not asked for")]
    ClaimNotAsked,
}

impl Unsatisfied {
    /// The stable code of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnknownId => "answer_unknown_id",
            Self::CredentialMissing => "credential_missing",
            Self::CredentialNotAsked => "credential_not_asked",
            Self::Count => "answer_count",
            Self::Vct => "vct_not_asked",
            Self::Authority => "authority_not_asked",
            Self::HolderBinding => "holder_binding_missing",
            Self::ClaimMissing => "claim_missing",
            Self::Value => "value_not_asked",
            Self::ClaimNotAsked => "claim_not_asked",
        }
    }
}

impl Query {
    /// Whether the shape of an answer fits: what is required is there, nothing else is, and no query is answered more
    /// often than it may (section 8.1).
    ///
    /// Cheap, and to be called before any presentation is verified.
    pub fn check_shape<T>(&self, answer: &BTreeMap<String, Vec<T>>) -> Result<(), Unsatisfied> {
        if answer.keys().any(|id| self.credential(id).is_none()) {
            return Err(Unsatisfied::UnknownId);
        }
        if self.credential_sets.is_empty() {
            if self.credentials.iter().any(|query| !answer.contains_key(&query.id)) {
                return Err(Unsatisfied::CredentialMissing);
            }
        } else {
            self.check_sets(answer)?;
        }
        for query in &self.credentials {
            match answer.get(&query.id).map(Vec::len) {
                None | Some(1) => {}
                Some(2..) if query.multiple => {}
                Some(_) => return Err(Unsatisfied::Count),
            }
        }
        Ok(())
    }

    /// Section 6.4.2: of each required set one option is there as a whole, and all that is there is part of an option.
    fn check_sets<T>(&self, answer: &BTreeMap<String, Vec<T>>) -> Result<(), Unsatisfied> {
        let whole = |option: &&Vec<String>| option.iter().all(|id| answer.contains_key(id));
        let mut required = self.credential_sets.iter().filter(|set| set.required);
        if required.any(|set| !set.options.iter().any(|option| whole(&option))) {
            return Err(Unsatisfied::CredentialMissing);
        }
        let options = || self.credential_sets.iter().flat_map(|set| &set.options).filter(whole);
        if answer.keys().any(|id| !options().any(|option| option.contains(id))) {
            return Err(Unsatisfied::CredentialNotAsked);
        }
        Ok(())
    }

    /// Whether verified presentations satisfy the query.
    ///
    /// A claim disclosed beyond what was asked for refuses the answer, unless another query of the same request, that
    /// is answered too, asks for it and would take the same credential (section 6.4).
    pub fn check_answer(&self, answer: &BTreeMap<String, Vec<Presented<'_>>>) -> Result<(), Unsatisfied> {
        self.check_shape(answer)?;
        for query in &self.credentials {
            for presented in answer.get(&query.id).into_iter().flatten() {
                let others = self.credentials.iter().filter(|other| {
                    other.id != query.id
                        && answer.contains_key(&other.id)
                        && other.accepts(presented.format, presented.vct)
                });
                let elsewhere: Vec<&ClaimPath> =
                    others.flat_map(|other| &other.claims).map(|c| &c.path).collect();
                query.check_presented(presented, &elsewhere)?;
            }
        }
        Ok(())
    }
}

impl CredentialQuery {
    fn check_presented(
        &self,
        presented: &Presented<'_>,
        elsewhere: &[&ClaimPath],
    ) -> Result<(), Unsatisfied> {
        if !self.accepts(presented.format, presented.vct) {
            return Err(Unsatisfied::Vct);
        }
        if self.holder_binding && !presented.holder_bound {
            return Err(Unsatisfied::HolderBinding);
        }
        // What is known about an authority of another type, whoever trusts issuers has to judge (section 6.1.1).
        let judged =
            self.trusted_authorities.iter().all(|authority| matches!(authority, TrustedAuthority::KeyIds(_)));
        if judged && !self.trusts(presented.authority_key_ids) {
            return Err(Unsatisfied::Authority);
        }
        // The wallet may have reasons of its own not to take the first combination (section 6.4.1); what is wrong with
        // the one that comes closest is told.
        let mut worst = None;
        for (_, claims) in self.combinations() {
            let fault = claims_fault(presented, &claims, elsewhere);
            let Some(fault) = fault else { return Ok(()) };
            worst = Some(
                worst.map_or(fault, |w: Unsatisfied| if closeness(fault) > closeness(w) { fault } else { w }),
            );
        }
        Err(worst.unwrap_or(Unsatisfied::ClaimMissing))
    }
}

fn claims_fault(
    presented: &Presented<'_>,
    claims: &[&ClaimsQuery],
    elsewhere: &[&ClaimPath],
) -> Option<Unsatisfied> {
    for claim in claims {
        if claim.path.resolve(presented.claims, Indices::Any).is_empty() {
            return Some(Unsatisfied::ClaimMissing);
        }
        if claim.find(presented.claims, Indices::Any).is_empty() {
            return Some(Unsatisfied::Value);
        }
    }
    let asked: Vec<&ClaimPath> = claims.iter().map(|c| &c.path).chain(elsewhere.iter().copied()).collect();
    let is_asked = |there: &ClaimPath| asked.iter().any(|path| path.concerns(there));
    (!presented.disclosed.iter().all(is_asked) || too_many_elements(presented.disclosed, &asked))
        .then_some(Unsatisfied::ClaimNotAsked)
}

/// Whether more elements of an array are disclosed than are asked for one by one. Which ones they are cannot be told:
/// the elements that are not disclosed are missing, so that the others have moved up.
fn too_many_elements(disclosed: &[ClaimPath], asked: &[&ClaimPath]) -> bool {
    let mut arrays: BTreeMap<&[PathPart], usize> = BTreeMap::new();
    for path in disclosed {
        if let [array @ .., PathPart::Index(_)] = path.parts() {
            let count = arrays.entry(array).or_default();
            *count = count.saturating_add(1);
        }
    }
    arrays.into_iter().any(|(array, count)| {
        let mut indices = BTreeSet::new();
        let array = ClaimPath::from_parts(array.to_vec());
        for path in asked.iter().filter(|path| path.concerns(&array)) {
            match path.parts().get(array.parts().len()) {
                Some(PathPart::Index(index)) => _ = indices.insert(index),
                // The array as a whole, or all of its elements.
                _ => return false,
            }
        }
        count > indices.len()
    })
}

/// How much was right before a combination failed.
const fn closeness(fault: Unsatisfied) -> u8 {
    match fault {
        Unsatisfied::ClaimNotAsked => 2,
        Unsatisfied::Value => 1,
        _ => 0,
    }
}
