//! The issuer's side.

use base::Instant;
use crypto::Random;

use super::{PROTOCOL, StatusRef, TYP};
use crate::{
    dcql::ClaimPath,
    json::Object,
    jwk::Jwk,
    sd_jwt::{self, Members, Part, Plan},
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
    let mut planned = plan.disclosable.iter().filter_map(ClaimPath::first_key);
    let claims = &credential.claims;
    if PROTOCOL.iter().any(|name| claims.contains_key(*name)) || planned.any(|name| PROTOCOL.contains(&name))
    {
        return Err(IssueError::ReservedClaim);
    }
    let text = |text: &'_ str| Part::Text(text.to_owned().into());
    let seconds = |at: Option<Instant>| at.map(|at| Part::Number(at.secs().into()));
    let object = |members: Members<'static>| Part::Object(members);
    let status = |status: &StatusRef| {
        let list = object(vec![("idx", Part::Number(status.idx.into())), ("uri", text(&status.uri))]);
        object(vec![("status_list", list)])
    };
    let confirmation = |key: &Jwk| {
        let members = key.members().into_iter().map(|(name, value)| (name, Part::Text(value)));
        object(vec![("jwk", object(members.collect()))])
    };
    let protocol = [
        ("vct", Some(text(credential.vct))),
        ("vct#integrity", credential.vct_integrity.map(text)),
        ("iss", credential.iss.map(text)),
        ("iat", seconds(credential.iat)),
        ("nbf", seconds(credential.nbf)),
        ("exp", seconds(credential.exp)),
        ("status", credential.status.as_ref().map(status)),
        ("cnf", credential.holder_key.as_ref().map(confirmation)),
    ];
    let protocol = protocol.into_iter().filter_map(|(name, part)| Some((name, part?))).collect();
    let sign = |payload: &[u8], more: usize| signer.sign_as(TYP, payload, more);
    Ok(sd_jwt::issue_beside(claims, protocol, plan, random, sign)?)
}
