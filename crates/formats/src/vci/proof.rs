//! The `jwt` key proof, `openid4vci-proof+jwt` (appendix F.1; verification, appendix F.4).

use base::{
    Instant,
    limits::{CLOCK_SKEW_S, PROOF_AGE_MAX_S},
};
use crypto::{Algorithm, Signer};
use serde_json::{Map, Value, json};

use crate::{jwk::Jwk, jws};

/// The `typ` of a key proof.
pub const TYP: &str = "openid4vci-proof+jwt";

/// A key proof that held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedProof {
    /// The proven key: public members only.
    pub key: Jwk,
    /// The nonce. Whether it is one of the issuer's, fresh and unused, is for the issuer to say (`invalid_nonce`).
    pub nonce: String,
    /// When it was made.
    pub issued_at: Instant,
}

/// Why a key proof does not hold. All are `invalid_proof` on the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not a JWS, a private key in `jwk`, or an unusable header.
    #[error("malformed")]
    Malformed,
    /// `typ` is not [`TYP`].
    #[error("wrong typ")]
    Typ,
    /// Another algorithm than ES256.
    #[error("unsupported alg")]
    Alg,
    /// No key, two keys, or a key that is named (`kid`) or certified (`x5c`) instead of shown.
    #[error("the key must be in jwk, and nowhere else")]
    Key,
    /// The signature does not verify.
    #[error("signature")]
    Signature,
    /// `aud` is not the credential issuer.
    #[error("aud")]
    Aud,
    /// No nonce.
    #[error("nonce missing")]
    NonceMissing,
    /// `iat` is missing, too old or in the future.
    #[error("iat")]
    Iat,
}

impl ProofError {
    /// ASCII, for `error_description`.
    pub const fn description(&self) -> &'static str {
        match self {
            Self::Malformed => "a key proof is malformed or carries a private key",
            Self::Typ => "typ of a key proof is not openid4vci-proof+jwt",
            Self::Alg => "alg of a key proof is not ES256",
            Self::Key => "a key proof must carry its key in jwk, without kid and x5c",
            Self::Signature => "the signature of a key proof does not verify",
            Self::Aud => "aud of a key proof is not the credential issuer",
            Self::NonceMissing => "a key proof has no nonce",
            Self::Iat => "iat of a key proof is missing or outside the window",
        }
    }
}

/// Makes a key proof for `credential_issuer` with the issuer's `nonce`. There is no `iss`: tokens had without a
/// client id forbid it.
pub fn build(
    key: &dyn Signer,
    credential_issuer: &str,
    nonce: Option<&str>,
    now: Instant,
) -> Result<String, jws::Error> {
    let header = json!({ "typ": TYP, "jwk": Jwk::from(&key.public_key()).to_value() });
    let mut claims = Map::new();
    claims.insert("aud".to_owned(), credential_issuer.into());
    claims.insert("iat".to_owned(), now.secs().into());
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), nonce.into());
    }
    jws::sign(&header, Value::Object(claims).to_string().as_bytes(), key)
}

/// Verifies a key proof for `credential_issuer`. `iat` may be [`PROOF_AGE_MAX_S`] old and [`CLOCK_SKEW_S`] ahead.
pub fn verify(text: &str, credential_issuer: &str, now: Instant) -> Result<VerifiedProof, ProofError> {
    let jws = jws::Jws::parse(text).map_err(|_| ProofError::Malformed)?;
    let header = &jws.header;
    if header.typ.as_deref() != Some(TYP) {
        return Err(ProofError::Typ);
    }
    if Algorithm::from_name(&header.alg) != Some(Algorithm::Es256) {
        return Err(ProofError::Alg);
    }
    let key = match (&header.jwk, &header.kid, &header.x5c) {
        (Some(jwk), None, None) => jwk.clone(),
        _ => return Err(ProofError::Key),
    };
    jws.verify(key.public_key(), Algorithm::Es256).map_err(|_| ProofError::Signature)?;
    let claims = jws.claims().map_err(|_| ProofError::Malformed)?;
    if claims.get("aud").and_then(Value::as_str) != Some(credential_issuer) {
        return Err(ProofError::Aud);
    }
    let issued_at =
        claims.get("iat").and_then(Value::as_i64).map(Instant::from_secs).ok_or(ProofError::Iat)?;
    if issued_at < now.plus_secs(-PROOF_AGE_MAX_S) || issued_at > now.plus_secs(CLOCK_SKEW_S) {
        return Err(ProofError::Iat);
    }
    let nonce = claims.get("nonce").and_then(Value::as_str).filter(|n| !n.is_empty());
    let nonce = nonce.ok_or(ProofError::NonceMissing)?.to_owned();
    Ok(VerifiedProof { key, nonce, issued_at })
}
