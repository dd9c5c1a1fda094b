//! What a holder could answer, and whether an answer satisfies the query (section 6.4).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{ClaimPath, CredentialQuery, Format, Query};

/// A credential that a holder has, as far as a query looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// Its format.
    pub format: Format,
    /// Its type.
    pub vct: &'a str,
    /// All its claims, disclosable ones included.
    pub claims: &'a Map<String, Value>,
    /// Whether it is bound to a key of the holder (`cnf`).
    pub holder_bound: bool,
}

/// What a holder could answer to one credential query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<'q> {
    /// The query.
    pub query: &'q CredentialQuery,
    /// The credentials that would do, in the order in which they were given; empty if none does.
    pub candidates: Vec<Candidate>,
}

/// One credential that would satisfy one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its place in the list that was given.
    pub held: usize,
    /// The claims to disclose, all of them and no other.
    pub disclose: Vec<ClaimPath>,
}

impl Query {
    /// What a holder of `held` could answer, for each credential query in turn.
    ///
    /// The query can be met if no selection is without candidates; otherwise nothing may be sent at all.
    pub fn select(&self, held: &[Held<'_>]) -> Vec<Selection<'_>> {
        self.credentials
            .iter()
            .map(|query| Selection {
                query,
                candidates: held
                    .iter()
                    .enumerate()
                    .filter(|(_, credential)| {
                        credential.holder_bound && query.accepts(credential.format, credential.vct)
                    })
                    .filter(|(_, credential)| {
                        query.claims.iter().all(|c| present(credential.claims, &c.path))
                    })
                    .map(|(place, _)| Candidate {
                        held: place,
                        disclose: query.claims.iter().map(|c| c.path.clone()).collect(),
                    })
                    .collect(),
            })
            .collect()
    }
}

impl CredentialQuery {
    /// Whether a credential of this format and type is one that is asked for.
    pub fn accepts(&self, format: Format, vct: &str) -> bool {
        self.format == format && self.vct_values.iter().any(|v| v == vct)
    }
}

/// A verified presentation, as far as a query looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// Its format.
    pub format: Format,
    /// Its type.
    pub vct: &'a str,
    /// The claims that it shows.
    pub claims: &'a Map<String, Value>,
    /// Names of the top-level claims that were shown by a disclosure, not in the open.
    pub disclosed: &'a BTreeSet<String>,
}

/// Why an answer does not satisfy the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsatisfied {
    /// It answers a query that was not asked.
    #[error("the answer has an entry for no query")]
    UnknownId,
    /// It has no entry for one of the queries.
    #[error("the answer lacks a credential that was asked for")]
    CredentialMissing,
    /// It has several presentations, or none, where one was asked for.
    #[error("the answer has not exactly one presentation for a query")]
    Count,
    /// The credential is of a type that was not asked for.
    #[error("a credential is of another type than asked for")]
    Vct,
    /// A claim that was asked for is not shown.
    #[error("a claim that was asked for is missing")]
    ClaimMissing,
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
            Self::Count => "answer_count",
            Self::Vct => "vct_not_asked",
            Self::ClaimMissing => "claim_missing",
            Self::ClaimNotAsked => "claim_not_asked",
        }
    }
}

impl Query {
    /// Whether the shape of an answer fits: an entry for each query and no other, one presentation each.
    ///
    /// Cheap, and to be called before any presentation is verified.
    pub fn check_shape<T>(&self, answer: &BTreeMap<String, Vec<T>>) -> Result<(), Unsatisfied> {
        if answer.keys().any(|id| self.credential(id).is_none()) {
            return Err(Unsatisfied::UnknownId);
        }
        if self.credentials.iter().any(|query| !answer.contains_key(&query.id)) {
            return Err(Unsatisfied::CredentialMissing);
        }
        if answer.values().any(|presentations| presentations.len() != 1) {
            return Err(Unsatisfied::Count);
        }
        Ok(())
    }

    /// Whether verified presentations satisfy the query (section 8.6): the verifier's own check, which relies on
    /// nothing that the wallet says about itself.
    ///
    /// A claim disclosed beyond what was asked for refuses the answer, unless another query of the same request
    /// asks for it and would take the same credential (section 6.4).
    pub fn check_answer(&self, answer: &BTreeMap<String, Vec<Presented<'_>>>) -> Result<(), Unsatisfied> {
        self.check_shape(answer)?;
        for query in &self.credentials {
            for presented in answer.get(&query.id).into_iter().flatten() {
                if !query.accepts(presented.format, presented.vct) {
                    return Err(Unsatisfied::Vct);
                }
                if !query.claims.iter().all(|c| present(presented.claims, &c.path)) {
                    return Err(Unsatisfied::ClaimMissing);
                }
                let asked: BTreeSet<&str> = self
                    .credentials
                    .iter()
                    .filter(|q| q.accepts(presented.format, presented.vct))
                    .flat_map(|q| &q.claims)
                    .filter_map(|c| c.path.first_key())
                    .collect();
                if presented.disclosed.iter().any(|name| !asked.contains(name.as_str())) {
                    return Err(Unsatisfied::ClaimNotAsked);
                }
            }
        }
        Ok(())
    }
}

/// Whether the claim at a flat path is there.
fn present(claims: &Map<String, Value>, path: &ClaimPath) -> bool {
    path.first_key().is_some_and(|name| claims.contains_key(name))
}
