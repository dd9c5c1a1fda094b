//! What the asker checks of an answer (section 8.6), without IO: [`verify_answer`] for everything that the answer
//! itself proves, [`judge_status`] for what a status list adds ([`judge_kept_status`] for one that was verified
//! before). The response endpoint and whoever re-checks evidence call the same.

use std::collections::BTreeMap;

use base::Instant;
use crypto::HashAlg;
use serde_json::Value;

use super::{RequestObject, TransactionData, TransactionRefusal, VpToken};
use crate::{
    dcql::{Format, Presented, Unsatisfied, authority_key_ids},
    sd_jwt::SdJwt,
    sd_jwt_vc::{self, KeyBinding, Refusal, StatusRef, VerifiedCredential, VerifyContext},
    status_list::{self, Status, StatusList, StatusToken},
    x509::{Leaf, TrustAnchors},
};

/// An answer that holds. The status of its credentials is not yet known.
#[derive(Debug, Clone)]
pub struct VerifiedAnswer {
    /// By credential query id, in the order in which they came. Several only where the query allows that.
    pub credentials: BTreeMap<String, Vec<VerifiedCredential>>,
    /// What was approved, in the order of the request.
    pub approved: Vec<Approval>,
}

impl VerifiedAnswer {
    /// Every credential.
    pub fn all(&self) -> impl Iterator<Item = &VerifiedCredential> {
        self.credentials.values().flatten()
    }
}

/// A transaction and the credential with which it was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The credential query's id.
    pub credential_id: String,
    /// What was approved.
    pub transaction: TransactionData,
}

/// Why an answer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerRefusal {
    /// It does not satisfy the query.
    #[error("{0}")]
    Query(#[from] Unsatisfied),
    /// A presentation is refused.
    #[error("{0}")]
    Presentation(#[from] Refusal),
    /// What was to be approved was not, or something else was.
    #[error("{0}")]
    Transaction(#[from] TransactionRefusal),
}

impl AnswerRefusal {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Query(refusal) => refusal.code(),
            Self::Presentation(refusal) => refusal.code(),
            Self::Transaction(refusal) => refusal.code(),
        }
    }
}

/// Checks an answer to `request` that arrived at `now`: issuers, holders, freshness, what was asked, what was approved.
pub fn verify_answer(
    request: &RequestObject,
    vp_token: &VpToken,
    anchors: &TrustAnchors,
    now: Instant,
) -> Result<VerifiedAnswer, AnswerRefusal> {
    request.query.check_shape(vp_token.presentations())?;
    let mut credentials: BTreeMap<String, Vec<VerifiedCredential>> = BTreeMap::new();
    let mut authorities: BTreeMap<String, Vec<Vec<Vec<u8>>>> = BTreeMap::new();
    let mut approvals: Vec<Vec<String>> = vec![Vec::new(); request.transaction_data.len()];
    for (id, text) in
        vp_token.presentations().iter().flat_map(|(id, list)| list.iter().map(move |text| (id, text)))
    {
        let sd_jwt = SdJwt::parse(text).map_err(Refusal::from)?;
        let (credential, chosen) = verify_presentation(request, id, &sd_jwt, anchors, now)?;
        for n in chosen {
            if let Some(by) = approvals.get_mut(n) {
                by.push(id.clone());
            }
        }
        // The certificates are read again only where somebody asks who certified the issuer.
        let matters = request.query.credential(id).is_some_and(|query| !query.trusted_authorities.is_empty());
        let x5c = sd_jwt.issuer_jwt().header.x5c.as_deref().filter(|_| matters).unwrap_or_default();
        authorities.entry(id.clone()).or_default().push(authority_key_ids(x5c));
        credentials.entry(id.clone()).or_default().push(credential);
    }
    let presented = credentials
        .iter()
        .map(|(id, list)| {
            let authorities = authorities.get(id).map(Vec::as_slice).unwrap_or_default();
            let presented = list.iter().zip(authorities).map(|(c, keys)| Presented {
                format: Format::SdJwtVc,
                vct: &c.vct,
                claims: &c.claims,
                disclosed: &c.disclosed,
                holder_bound: c.key_binding.is_some(),
                authority_key_ids: keys,
            });
            (id.clone(), presented.collect())
        })
        .collect();
    request.query.check_answer(&presented)?;
    let approved = request
        .transaction_data
        .iter()
        .zip(approvals)
        .map(|(transaction, by)| match by.as_slice() {
            [id] => Ok(Approval { credential_id: id.clone(), transaction: transaction.clone() }),
            _ => Err(TransactionRefusal::NotApproved),
        })
        .collect::<Result<_, _>>()?;
    Ok(VerifiedAnswer { credentials, approved })
}

/// Verifies one presentation for the query `id`, and which of the request's transactions it approves, by number.
fn verify_presentation(
    request: &RequestObject,
    id: &str,
    sd_jwt: &SdJwt,
    anchors: &TrustAnchors,
    now: Instant,
) -> Result<(VerifiedCredential, Vec<usize>), AnswerRefusal> {
    let asked = request.query.credential(id).is_none_or(|query| query.holder_binding);
    // Where no proof of holding is asked for, one that comes along must be right all the same.
    if !asked && sd_jwt.key_binding().is_none() {
        let context = VerifyContext { anchors, now, expected: KeyBinding::None };
        return Ok((sd_jwt_vc::verify_parsed(sd_jwt, &context)?, Vec::new()));
    }
    let claimed = if request.transaction_data.is_empty() { Vec::new() } else { claimed_hashes(sd_jwt) };
    // A transaction that names several credentials is approved by the one that the wallet chose (section 5.1),
    // which shows in the hashes; whether they are signed, and whether there are more, `verify` tells.
    let chosen: Vec<usize> = (0..request.transaction_data.len())
        .filter(|n| request.transaction_data.get(*n).is_some_and(|t| may_approve(t, id, &claimed)))
        .collect();
    let transactions = || chosen.iter().filter_map(|n| request.transaction_data.get(*n));
    let texts: Vec<String> = transactions().map(|t| t.as_str().to_owned()).collect();
    let algs = common_algs(&transactions())?;
    let audience = request.client_id.to_string();
    let expected = KeyBinding::Required {
        nonce: &request.nonce,
        aud: &audience,
        transaction_data: sd_jwt_vc::TransactionData { texts: &texts, algs: &algs },
    };
    Ok((sd_jwt_vc::verify_parsed(sd_jwt, &VerifyContext { anchors, now, expected })?, chosen))
}

/// The algorithms that all of these transactions allow; empty if none of them names any, which means SHA-256.
fn common_algs<'t>(
    transactions: &(impl Iterator<Item = &'t TransactionData> + Clone),
) -> Result<Vec<HashAlg>, TransactionRefusal> {
    if transactions.clone().all(|t| t.hash_algs().is_empty()) {
        return Ok(Vec::new());
    }
    let allows = |t: &TransactionData, alg: HashAlg| match t.hash_algs() {
        [] => alg == HashAlg::Sha256,
        named => named.contains(&alg),
    };
    let common: Vec<_> =
        HashAlg::ALL.into_iter().filter(|alg| transactions.clone().all(|t| allows(t, *alg))).collect();
    // An empty list would be taken for "none is named".
    if common.is_empty() { Err(TransactionRefusal::HashAlg) } else { Ok(common) }
}

/// The hashes that a key-binding JWT claims, before it is verified.
fn claimed_hashes(sd_jwt: &SdJwt) -> Vec<String> {
    let claims = sd_jwt.key_binding().and_then(|jws| jws.claims().ok());
    let hashes = claims.as_ref().and_then(|c| c.get("transaction_data_hashes")).and_then(Value::as_array);
    hashes.into_iter().flatten().filter_map(|h| h.as_str().map(str::to_owned)).collect()
}

fn may_approve(transaction: &TransactionData, id: &str, claimed: &[String]) -> bool {
    transaction.credential_ids().iter().any(|c| c == id)
        && HashAlg::ALL.iter().any(|alg| claimed.contains(&transaction.hash(*alg)))
}

/// What can be said about a credential's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFinding {
    /// It is valid.
    Valid,
    /// It was revoked.
    Revoked,
    /// It is suspended.
    Suspended,
    /// Nothing can be said: which is not the same as revoked.
    Undetermined(UndeterminedStatus),
}

/// Why nothing can be said about a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UndeterminedStatus {
    /// The list's address may not be called: not https.
    Address,
    /// Nobody answers there.
    Unreachable,
    /// The answer was an error.
    HttpStatus,
    /// The list is longer than the limit.
    TooLong,
    /// What came is no status list token.
    Malformed,
    /// The token is not signed by somebody trusted, or by another issuer than the credential's.
    Untrusted,
    /// The token is of another list, expired, or from the future.
    Stale,
    /// The list has no entry of that number.
    OutOfRange,
    /// The entry has a value that the standard does not define.
    Value,
}

impl UndeterminedStatus {
    /// The stable code of this finding.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address => "status_address",
            Self::Unreachable => "status_unreachable",
            Self::HttpStatus => "status_http",
            Self::TooLong => "status_too_long",
            Self::Malformed => "status_malformed",
            Self::Untrusted => "status_untrusted",
            Self::Stale => "status_stale",
            Self::OutOfRange => "status_out_of_range",
            Self::Value => "status_value",
        }
    }
}

impl StatusFinding {
    /// The stable code of anything but valid.
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Valid => None,
            Self::Revoked => Some("status_revoked"),
            Self::Suspended => Some("status_suspended"),
            Self::Undetermined(why) => Some(why.code()),
        }
    }
}

/// What a status list token, as it was fetched, says about a credential of `issuer`.
pub fn judge_status(
    reference: &StatusRef,
    issuer: &Leaf,
    token: &str,
    anchors: &TrustAnchors,
    now: Instant,
) -> StatusFinding {
    match status_list::verify_token(token, &reference.uri, anchors, now) {
        Ok(token) => listed(reference, issuer, &token.issuer, &token.list),
        Err(refusal) => StatusFinding::Undetermined(refusal.into()),
    }
}

/// [`judge_status`] with a token whose signature was verified before; what can change since is looked at again.
pub fn judge_kept_status(
    reference: &StatusRef,
    issuer: &Leaf,
    token: &StatusToken,
    anchors: &TrustAnchors,
    now: Instant,
) -> StatusFinding {
    match token.check_again(&reference.uri, anchors, now) {
        Ok(signer) => listed(reference, issuer, &signer, &token.list),
        Err(refusal) => StatusFinding::Undetermined(refusal.into()),
    }
}

impl From<status_list::Refusal> for UndeterminedStatus {
    fn from(refusal: status_list::Refusal) -> Self {
        use status_list::Refusal as R;
        match refusal {
            R::Jws(crate::jws::Error::Signature) | R::Untrusted(_) | R::X5cMissing => Self::Untrusted,
            R::Sub | R::IatFuture | R::Expired => Self::Stale,
            R::Jws(crate::jws::Error::TooLong) | R::List(status_list::Error::TooLong) => Self::TooLong,
            R::Jws(_) | R::Typ | R::ClaimMalformed | R::List(_) => Self::Malformed,
        }
    }
}

/// What a list says about a credential of `issuer`, signed by `signer`.
fn listed(reference: &StatusRef, issuer: &Leaf, signer: &Leaf, list: &StatusList) -> StatusFinding {
    // One issuer does not speak for the credentials of another, though both are trusted.
    if !same_issuer(issuer, signer) {
        return StatusFinding::Undetermined(UndeterminedStatus::Untrusted);
    }
    match list.get(reference.idx) {
        Ok(Status::Valid) => StatusFinding::Valid,
        Ok(Status::Invalid) => StatusFinding::Revoked,
        Ok(Status::Suspended) => StatusFinding::Suspended,
        Ok(Status::Other(_)) => StatusFinding::Undetermined(UndeterminedStatus::Value),
        Err(_) => StatusFinding::Undetermined(UndeterminedStatus::OutOfRange),
    }
}

/// Whether two certificates are of one party: the same name under the same trust anchor. A name alone is anybody's who
/// has an authority of their own, and so is a key identifier; an authority alone can vouch for many.
fn same_issuer(a: &Leaf, b: &Leaf) -> bool {
    a.anchor_sha256 == b.anchor_sha256 && a.subject_name == b.subject_name && a.country == b.country
}
