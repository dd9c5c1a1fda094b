//! The crate `sd-jwt-rs`, which does the same.

use std::hint::black_box;

use crypto::Signer as _;
use sd_jwt_rs::{ClaimsForSelectiveDisclosureStrategy, SDJWTIssuer, SDJWTSerializationFormat};
use serde_json::{Value, json};

use super::parties::{NOW, Parties, STATUS_URI, VCT};
use crate::row::Failure;

/// Issues the same claims with the same key, by the same algorithm.
pub(crate) fn issue(parties: &Parties) -> Result<impl FnMut(usize) -> Result<(), Failure>, Failure> {
    let key = crypto::SecretKey::from_scalar(&parties.issuer_key)?;
    let key = key.to_pem()?;
    let failed = |why: sd_jwt_rs::error::Error| Failure::new(why.to_string());
    let key = jsonwebtoken::EncodingKey::from_ec_pem(key.as_bytes())?;
    let holder = parties.holders.first().ok_or_else(|| Failure::new("no holder"))?;
    let holder: jsonwebtoken::jwk::Jwk =
        serde_json::from_value(formats::jwk::Jwk::from(holder.public_key()).to_value())?;
    let mut claims = Value::Object(parties.claims.clone());
    let protocol = json!({
        "vct": VCT, "iat": NOW.secs(), "nbf": NOW.secs(), "exp": NOW.secs() + 86_400,
        "status": { "status_list": { "uri": STATUS_URI, "idx": 7 } },
    });
    if let (Value::Object(claims), Value::Object(protocol)) = (&mut claims, protocol) {
        claims.extend(protocol);
    }
    let paths: Vec<String> =
        parties.disclosable.iter().filter_map(|path| Some(format!("$.{}", path.first_key()?))).collect();
    let mut issuer = SDJWTIssuer::new(key, Some("ES256".to_owned()));
    Ok(move |_| {
        let disclosable =
            ClaimsForSelectiveDisclosureStrategy::Custom(paths.iter().map(String::as_str).collect());
        let compact = SDJWTSerializationFormat::Compact;
        let text = issuer.issue_sd_jwt(claims.clone(), disclosable, Some(holder.clone()), false, compact);
        black_box(text.map_err(failed)?);
        Ok(())
    })
}
