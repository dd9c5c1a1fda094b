//! What a holder could answer (section 6.4).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{ClaimPath, ClaimsQuery, CredentialQuery, Format, Query, TrustedAuthority, path::Indices};
use crate::x509::Certificate;

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
    /// The authority key identifiers of the certificates in it; see [`authority_key_ids`].
    pub authority_key_ids: &'a [Vec<u8>],
}

/// What a holder could answer to one credential query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<'q> {
    /// The query.
    pub query: &'q CredentialQuery,
    /// The credentials that would do, in the order in which they were given; empty if none does. One of them is sent,
    /// or, if the query says `multiple`, one or more.
    pub candidates: Vec<Candidate>,
}

/// One credential that would satisfy one query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its place in the list that was given.
    pub held: usize,
    /// Which of the query's `claim_sets` it satisfies, the first that it can; none if the query has none.
    pub claim_set: Option<usize>,
    /// The parts to disclose, all of them and no other: names and indices, no wildcards, each once.
    pub disclose: Vec<ClaimPath>,
}

/// What a holder can answer to a query as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answerable<'q> {
    /// One for each credential set that is required, or that could be answered though it need not be, in the order of
    /// the query; if the query has no credential sets, one with all credentials.
    pub sets: Vec<AnswerableSet<'q>>,
}

/// What a holder can answer to one credential set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerableSet<'q> {
    /// Whether there is no answer without it.
    pub required: bool,
    /// Ids of credential queries: the options that the holder has, in the order of the query. Never empty.
    pub options: Vec<Vec<&'q str>>,
}

impl<'q> Answerable<'q> {
    /// The credential queries to answer if the person chooses nothing: the first option of each required set, and of
    /// sets that are not required, nothing; in alphabetical order.
    pub fn required(&self) -> BTreeSet<&'q str> {
        let sets = self.sets.iter().filter(|set| set.required);
        sets.filter_map(|set| set.options.first()).flatten().copied().collect()
    }
}

impl Query {
    /// What a holder of `held` could answer, for each credential query in turn.
    pub fn select(&self, held: &[Held<'_>]) -> Vec<Selection<'_>> {
        let candidates = |query: &CredentialQuery| {
            let each = held.iter().enumerate();
            each.filter_map(|(place, credential)| query.candidate(place, credential)).collect()
        };
        self.credentials.iter().map(|query| Selection { query, candidates: candidates(query) }).collect()
    }

    /// Whether the query can be met, given what [`Query::select`] found, and in which ways (section 6.4.2). If it
    /// cannot, nothing may be sent at all.
    pub fn answerable<'q>(&'q self, selections: &[Selection<'_>]) -> Option<Answerable<'q>> {
        let there: BTreeSet<&str> =
            selections.iter().filter(|s| !s.candidates.is_empty()).map(|s| s.query.id.as_str()).collect();
        if self.credential_sets.is_empty() {
            let all: Vec<&str> = self.credentials.iter().map(|c| c.id.as_str()).collect();
            let met = all.iter().all(|id| there.contains(id));
            return met
                .then(|| Answerable { sets: vec![AnswerableSet { required: true, options: vec![all] }] });
        }
        let mut sets = Vec::new();
        for set in &self.credential_sets {
            let options: Vec<Vec<&str>> = set
                .options
                .iter()
                .filter(|option| option.iter().all(|id| there.contains(id.as_str())))
                .map(|option| option.iter().map(String::as_str).collect())
                .collect();
            match (options.is_empty(), set.required) {
                (true, true) => return None,
                (true, false) => {}
                (false, required) => sets.push(AnswerableSet { required, options }),
            }
        }
        Some(Answerable { sets })
    }
}

impl CredentialQuery {
    /// Whether a credential of this format and type is one that is asked for.
    pub fn accepts(&self, format: Format, vct: &str) -> bool {
        format == Format::SdJwtVc && self.format == format && self.vct_values.iter().any(|v| v == vct)
    }

    /// Whether a credential with these authority key identifiers is from somebody whom a trusted authority certified.
    pub(super) fn trusts(&self, authority_key_ids: &[Vec<u8>]) -> bool {
        self.trusted_authorities.is_empty()
            || self.trusted_authorities.iter().any(|authority| match authority {
                TrustedAuthority::KeyIds(ids) => ids.iter().any(|id| authority_key_ids.contains(id)),
                TrustedAuthority::Other { .. } => false,
            })
    }

    /// The combinations of claims that would do, the preferred first, each with its place in `claim_sets`.
    pub(super) fn combinations(&self) -> Vec<(Option<usize>, Vec<&ClaimsQuery>)> {
        if self.claim_sets.is_empty() {
            // Section 6.1: of several queries for the same claim, all but the first are ignored.
            let mut seen = BTreeSet::new();
            return vec![(None, self.claims.iter().filter(|c| seen.insert(&c.path)).collect())];
        }
        let by_id = |id: &String| self.claims.iter().find(|c| c.id.as_ref() == Some(id));
        let sets = self.claim_sets.iter().enumerate();
        // Each id is there: `Query::from_value` saw to it.
        sets.filter_map(|(place, set)| Some((Some(place), set.iter().map(by_id).collect::<Option<_>>()?)))
            .collect()
    }

    fn candidate(&self, held: usize, credential: &Held<'_>) -> Option<Candidate> {
        if !self.accepts(credential.format, credential.vct)
            || (self.holder_binding && !credential.holder_bound)
            || !self.trusts(credential.authority_key_ids)
        {
            return None;
        }
        self.combinations().into_iter().find_map(|(claim_set, claims)| {
            let mut disclose: Vec<ClaimPath> = Vec::new();
            let mut seen = BTreeSet::new();
            for claim in claims {
                let found = claim.find(credential.claims, Indices::Exact);
                if found.is_empty() {
                    return None;
                }
                disclose.extend(found.into_iter().map(|f| f.path).filter(|path| seen.insert(path.clone())));
            }
            Some(Candidate { held, claim_set, disclose })
        })
    }
}

/// The authority key identifiers (RFC 5280, section 4.2.1.1) of the certificates in a credential's `x5c`, as
/// `trusted_authorities` of the type `aki` look at them. What is no certificate has none.
pub fn authority_key_ids(x5c: &[Vec<u8>]) -> Vec<Vec<u8>> {
    x5c.iter().filter_map(|der| Certificate::parse(der).ok()?.authority_key_id).collect()
}
