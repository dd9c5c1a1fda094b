//! The issuer's side.

use base::Instant;
use crypto::Random;
use serde_json::{Value, json};

use super::{PROTOCOL, StatusRef, TYP};
use crate::{json::Object, jwk::Jwk, sd_jwt, x509::CertifiedSigner};

/// A credential to be issued. Times are written in whole seconds; the caller rounds them further
/// where they would betray the moment of issuance.
#[derive(Debug, Clone, Default)]
pub struct Credential<'a> {
    /// The type, `vct`.
    pub vct: &'a str,
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
    /// A claim has a name of the protocol: `iss`, `iat`, `nbf`, `exp`, `cnf`, `vct`, `vct#integrity` or `status`.
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
    let mut all = credential.claims.clone();
    if PROTOCOL.iter().any(|name| all.contains_key(*name)) {
        return Err(IssueError::ReservedClaim);
    }
    let seconds = |at: Option<Instant>| at.map(|at| Value::from(at.secs()));
    let status = credential.status.as_ref().map(|s| json!({ "status_list": { "idx": s.idx, "uri": s.uri } }));
    let protocol = [
        ("vct", Some(Value::from(credential.vct))),
        ("iss", credential.iss.map(Value::from)),
        ("iat", seconds(credential.iat)),
        ("nbf", seconds(credential.nbf)),
        ("exp", seconds(credential.exp)),
        ("status", status),
        ("cnf", credential.holder_key.as_ref().map(|key| json!({ "jwk": key.to_value() }))),
    ];
    all.extend(protocol.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    let header = json!({ "typ": TYP, "x5c": signer.x5c() });
    let disclosable = |name: &str| !PROTOCOL.contains(&name) && disclosable(name);
    Ok(sd_jwt::issue(&all, disclosable, &header, signer.signer.as_ref(), random)?)
}
