//! The wallet's side of a presentation.

use base::Instant;
use crypto::{HashAlg, Signer};
use serde_json::{Value, json};

use super::{KEY_BINDING_TYP, transaction_data_hash};
use crate::{dcql::ClaimPath, json as strict, jwk::Jwk, jws, sd_jwt, sd_jwt::SdJwt};

/// What the wallet signs beside the credential (RFC 9901, section 4.3).
#[derive(Debug, Clone)]
pub struct KeyBindingClaims<'a> {
    /// The request's nonce.
    pub nonce: &'a str,
    /// The verifier's client identifier, prefix included.
    pub aud: &'a str,
    /// When it is signed.
    pub iat: Instant,
    /// What the person approved.
    pub transaction_data_hashes: Option<TransactionDataHashes>,
}

/// Hashes of transaction data (OpenID4VP 1.0, section B.3.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionDataHashes {
    /// One for each text of the request.
    pub hashes: Vec<String>,
    /// Their algorithm, if the request names any.
    pub alg: Option<HashAlg>,
}

impl TransactionDataHashes {
    /// Hashes `texts`, as they stand in the request, with SHA-256 if the request names it or names none in `algs`,
    /// and otherwise with the first that it names.
    pub fn of(texts: &[String], algs: &[HashAlg]) -> Self {
        let preferred = algs.contains(&HashAlg::Sha256).then_some(HashAlg::Sha256);
        let alg = preferred.or_else(|| algs.first().copied());
        let used = alg.unwrap_or(HashAlg::Sha256);
        Self { hashes: texts.iter().map(|text| transaction_data_hash(text, used)).collect(), alg }
    }
}

/// Why a credential cannot be presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PresentError {
    /// The stored credential does not parse, or a path leads to nothing in it.
    #[error("the credential: {0}")]
    SdJwt(#[from] sd_jwt::Error),
    /// The credential is bound to another key, or to none.
    #[error("the credential is not bound to this key")]
    HolderKey,
    /// The signer could not sign.
    #[error("signing failed")]
    Signing,
}

/// The presentation of `credential` (as it was received) with the claims at the top whose names `select` accepts,
/// and a key-binding JWT signed with the holder's key.
pub fn present(
    credential: &str,
    select: impl Fn(&str) -> bool,
    claims: &KeyBindingClaims<'_>,
    signer: &dyn Signer,
) -> Result<String, PresentError> {
    bind(credential, |sd_jwt| Ok(sd_jwt.select(select)), claims, signer)
}

/// The presentation of `credential` (as it was received) with what [`SdJwt::select_paths`] selects, and a key-binding
/// JWT signed with the holder's key.
pub fn present_paths(
    credential: &str,
    paths: &[ClaimPath],
    claims: &KeyBindingClaims<'_>,
    signer: &dyn Signer,
) -> Result<String, PresentError> {
    bind(credential, |sd_jwt| sd_jwt.select_paths(paths), claims, signer)
}

fn bind(
    credential: &str,
    select: impl FnOnce(&SdJwt) -> Result<String, sd_jwt::Error>,
    claims: &KeyBindingClaims<'_>,
    signer: &dyn Signer,
) -> Result<String, PresentError> {
    let sd_jwt = SdJwt::parse(credential)?;
    let bound_to = sd_jwt.payload().get("cnf").and_then(|cnf| cnf.get("jwk")).map(Jwk::from_value);
    if bound_to != Some(Ok(Jwk::from(signer.public_key()))) {
        return Err(PresentError::HolderKey);
    }
    let presentation = select(&sd_jwt)?;
    let mut payload = json!({
        "iat": claims.iat.secs(),
        "nonce": claims.nonce,
        "aud": claims.aud,
        "sd_hash": sd_jwt.sd_hash_of(&presentation),
    });
    if let (Some(members), Some(data)) = (payload.as_object_mut(), &claims.transaction_data_hashes) {
        members.insert("transaction_data_hashes".to_owned(), data.hashes.clone().into());
        if let Some(alg) = data.alg {
            members.insert("transaction_data_hashes_alg".to_owned(), Value::from(alg.name()));
        }
    }
    let header = json!({ "typ": KEY_BINDING_TYP });
    let jwt = jws::sign(&header, &strict::canonical(&payload), signer).map_err(|_| PresentError::Signing)?;
    Ok(presentation + &jwt)
}
