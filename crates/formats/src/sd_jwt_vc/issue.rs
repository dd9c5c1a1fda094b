//! The issuer's side.

use base::Instant;
use crypto::Random;
use serde_json::{Value, json};

use super::{PROTOCOL, StatusRef, TYP};
use crate::{
    dcql::ClaimPath,
    json::Object,
    jwk::Jwk,
    sd_jwt::{self, Plan},
    x509::CertifiedSigner,
};

/// A credential to be issued. Times are written in whole seconds; the caller rounds them further
/// where they would betray the moment of issuance.
#[derive(Debug, Clone, Default)]
pub struct Credential<'a> {
    /// The type, `vct`.
    pub vct: &'a str,
    /// What the type's metadata hash to, `vct#integrity`: see `type_metadata`.
    pub vct_integrity: Option<&'a str>,
    /// `iss`, if it is to stand beside the certificate.
    pub iss: Option<&'a str>,
    /// When it was issued.
    pub iat: Option<Instant>,
    /// From when on it is valid.
    pub nbf: Option<Instant>,
    /// From when on it is no longer valid.
    pub exp: Option<Instant>,
    /// Where its status stands.
    pub status: Option<StatusRef>,
    /// The holder's key, `cnf.jwk`.
    pub holder_key: Option<Jwk>,
    /// What it says about the person; none of the protocol's names.
    pub claims: Object,
}

/// Why a credential cannot be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// A claim, or a path of the plan, has a name of the protocol: `iss`, `iat`, `nbf`, `exp`, `cnf`, `vct`,
    /// `vct#integrity` or `status`.
    #[error("a claim has a name that the protocol keeps for itself")]
    ReservedClaim,
    /// The SD-JWT cannot be made.
    #[error("the SD-JWT cannot be made: {0}")]
    SdJwt(#[from] sd_jwt::Error),
}

/// Issues `credential` with a disclosure for each of its claims that `disclosable` accepts by name.
/// Answers the SD-JWT with all disclosures.
pub fn issue(
    credential: &Credential<'_>,
    disclosable: impl Fn(&str) -> bool,
    signer: &CertifiedSigner,
    random: &dyn Random,
) -> Result<String, IssueError> {
    let names = credential.claims.keys().filter(|name| disclosable(name));
    let paths: Vec<ClaimPath> = names.map(ClaimPath::top).collect();
    issue_planned(credential, &Plan::new(&paths), signer, random)
}

/// Issues `credential` with its claims hidden as `plan` says; the plan names none of the protocol's claims.
/// Answers the SD-JWT with all disclosures.
pub fn issue_planned(
    credential: &Credential<'_>,
    plan: &Plan<'_>,
    signer: &CertifiedSigner,
    random: &dyn Random,
) -> Result<String, IssueError> {
    let mut all = credential.claims.clone();
    let mut planned = plan.disclosable.iter().filter_map(ClaimPath::first_key);
    if PROTOCOL.iter().any(|name| all.contains_key(*name)) || planned.any(|name| PROTOCOL.contains(&name)) {
        return Err(IssueError::ReservedClaim);
    }
    let seconds = |at: Option<Instant>| at.map(|at| Value::from(at.secs()));
    let status = credential.status.as_ref().map(|s| json!({ "status_list": { "idx": s.idx, "uri": s.uri } }));
    let protocol = [
        ("vct", Some(Value::from(credential.vct))),
        ("vct#integrity", credential.vct_integrity.map(Value::from)),
        ("iss", credential.iss.map(Value::from)),
        ("iat", seconds(credential.iat)),
        ("nbf", seconds(credential.nbf)),
        ("exp", seconds(credential.exp)),
        ("status", status),
        ("cnf", credential.holder_key.as_ref().map(|key| json!({ "jwk": key.to_value() }))),
    ];
    all.extend(protocol.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let header = json!({ "typ": TYP, "x5c": signer.x5c() });
    Ok(sd_jwt::issue_planned(&all, plan, &header, signer.signer.as_ref(), random)?)
}
