//! What a key-binding JWT must say (RFC 9901, section 7.3; OpenID4VP 1.0, sections 8.4 and B.3.3).

use base::{
    Instant,
    limits::{CLOCK_SKEW_S, KEY_BINDING_AGE_MAX_S},
};
use crypto::HashAlg;
use serde_json::Value;

use super::{KEY_BINDING_TYP, Refusal, numeric_date};
use crate::{b64, json::Object, jwk::Jwk, jws, jws::Jws, sd_jwt::SdJwt};

/// Whether the holder must prove to hold the key, and for which request: the verifier's policy,
/// never what happens to come (RFC 9901, section 7.3, step 1).
#[derive(Debug, Clone, Copy)]
pub enum KeyBinding<'a> {
    /// No proof is asked for; one that comes along is not looked at.
    None,
    /// The holder must have signed this.
    Required {
        /// The request's nonce.
        nonce: &'a str,
        /// The verifier's client identifier, prefix included.
        aud: &'a str,
        /// What must have been approved.
        transaction_data: TransactionData<'a>,
    },
}

/// The transaction data of a request for one credential.
#[derive(Debug, Clone, Copy, Default)]
pub struct TransactionData<'a> {
    /// The base64url texts as they stand in the request; empty if nothing is to be approved.
    pub texts: &'a [String],
    /// The hash algorithms that the request names; empty if it names none, which means SHA-256.
    pub algs: &'a [HashAlg],
}

/// A key-binding JWT that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedKeyBinding {
    /// When the wallet says it signed.
    pub iat: Instant,
    /// The request's nonce.
    pub nonce: String,
    /// The verifier.
    pub aud: String,
    /// The hashes of what was approved, as they came; empty if nothing was.
    pub transaction_data_hashes: Vec<String>,
    /// Their algorithm, if it was named.
    pub transaction_data_hashes_alg: Option<HashAlg>,
}

/// The hash of one transaction data text, as it stands in the request, undecoded.
pub fn transaction_data_hash(text: &str, alg: HashAlg) -> String {
    b64::encode(&alg.digest(text.as_bytes()))
}

/// Verifies the key-binding JWT of `sd_jwt` with `holder_key`; answers none if none is required.
pub(super) fn verify(
    sd_jwt: &SdJwt,
    holder_key: Option<&Jwk>,
    expected: &KeyBinding<'_>,
    now: Instant,
) -> Result<Option<VerifiedKeyBinding>, Refusal> {
    let KeyBinding::Required { nonce, aud, transaction_data } = *expected else { return Ok(None) };
    let jwt = sd_jwt.key_binding().ok_or(Refusal::KeyBindingMissing)?;
    if jwt.header.typ.as_deref() != Some(KEY_BINDING_TYP) {
        return Err(Refusal::KeyBindingTyp);
    }
    let holder_key = holder_key.ok_or(Refusal::HolderKeyMissing)?;
    verify_signature(jwt, holder_key)?;
    let claims = jwt.claims().map_err(|_| Refusal::KeyBindingMalformed)?;
    let iat = at(&claims, now)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).ok_or(Refusal::KeyBindingMalformed);
    if text("nonce")? != nonce {
        return Err(Refusal::Nonce);
    }
    // A list of audiences, even of one, is not a single string (RFC 9901, section 4.3).
    if text("aud")? != aud {
        return Err(Refusal::Aud);
    }
    if text("sd_hash")? != sd_jwt.sd_hash() {
        return Err(Refusal::SdHash);
    }
    let (transaction_data_hashes, transaction_data_hashes_alg) = approved(&claims, transaction_data)?;
    Ok(Some(VerifiedKeyBinding {
        iat,
        nonce: nonce.to_owned(),
        aud: aud.to_owned(),
        transaction_data_hashes,
        transaction_data_hashes_alg,
    }))
}

fn verify_signature(jwt: &Jws, holder_key: &Jwk) -> Result<(), Refusal> {
    jwt.verify(holder_key.public_key(), holder_key.public_key().algorithm()).map_err(|fault| match fault {
        jws::Error::Signature => Refusal::KeyBindingSignature,
        fault => Refusal::KeyBindingAlg(fault),
    })
}

/// When it was signed, which must be about now.
fn at(claims: &Object, now: Instant) -> Result<Instant, Refusal> {
    let date = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => numeric_date(value).map(Some).ok_or(Refusal::KeyBindingMalformed),
    };
    let iat = date("iat")?.ok_or(Refusal::KeyBindingMalformed)?;
    if iat > now.plus_secs(CLOCK_SKEW_S) || iat < now.plus_secs(-KEY_BINDING_AGE_MAX_S - CLOCK_SKEW_S) {
        return Err(Refusal::IatWindow);
    }
    let past = date("exp")?.is_some_and(|exp| now >= exp.plus_secs(CLOCK_SKEW_S));
    let to_come = date("nbf")?.is_some_and(|nbf| now < nbf.plus_secs(-CLOCK_SKEW_S));
    if past || to_come { Err(Refusal::KeyBindingExpired) } else { Ok(iat) }
}

/// The hashes of what was approved, which must be exactly what was asked for.
fn approved(
    claims: &Object,
    expected: TransactionData<'_>,
) -> Result<(Vec<String>, Option<HashAlg>), Refusal> {
    let alg = match claims.get("transaction_data_hashes_alg") {
        None => None,
        Some(name) => {
            let alg = name.as_str().and_then(HashAlg::from_name);
            Some(alg.ok_or(Refusal::TransactionDataHashesAlg)?)
        }
    };
    let hashes: Vec<String> = match claims.get("transaction_data_hashes") {
        None => Vec::new(),
        // An empty list is malformed (section B.3.3.1), and so is one that holds anything but texts.
        Some(Value::Array(items)) if !items.is_empty() => {
            let text = |item: &Value| item.as_str().map(str::to_owned).ok_or(Refusal::TransactionDataHashes);
            items.iter().map(text).collect::<Result<_, _>>()?
        }
        Some(_) => return Err(Refusal::TransactionDataHashes),
    };
    if expected.texts.is_empty() {
        // The person approved something that we did not ask for: the answer belongs to another request.
        return if hashes.is_empty() { Ok((hashes, alg)) } else { Err(Refusal::TransactionDataHashes) };
    }
    let used = match (alg, expected.algs) {
        (None, []) => HashAlg::Sha256,
        (Some(alg), []) if alg == HashAlg::Sha256 => alg,
        (Some(alg), algs) if algs.contains(&alg) => alg,
        _ => return Err(Refusal::TransactionDataHashesAlg),
    };
    let mut wanted: Vec<String> =
        expected.texts.iter().map(|text| transaction_data_hash(text, used)).collect();
    let mut came = hashes.clone();
    wanted.sort_unstable();
    came.sort_unstable();
    if wanted == came { Ok((hashes, alg)) } else { Err(Refusal::TransactionDataHashes) }
}
