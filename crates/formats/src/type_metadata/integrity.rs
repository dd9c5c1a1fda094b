//! Integrity metadata (W3C Subresource Integrity, sections 3.3.2 to 3.3.5, as SD-JWT VC draft 13, section "Document
//! Integrity", takes it): what a document that is fetched must hash to.

use crypto::{HashAlg, constant_time_eq};

use super::Error;
use crate::b64;

/// Integrity metadata, as they were written: `sha256-…`, several with spaces between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity(String);

impl Integrity {
    /// Those that `text` says. What is wrong with them shows when they are used.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Those of `document`, with one hash.
    pub fn of(document: &[u8], hash: HashAlg) -> Self {
        Self(format!("{}-{}", name(hash), b64::encode_std(&hash.digest(document))))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `document`, the bytes as they were received, hashes to one of the values of the strongest hash that is
    /// named. Unlike browsers, who let everything pass then, refuses where no hash is named that we know.
    pub fn verify(&self, document: &[u8]) -> Result<(), Error> {
        let known: Vec<(HashAlg, &str)> = self.0.split_ascii_whitespace().filter_map(expression).collect();
        let strongest = known.iter().map(|(hash, _)| *hash).max_by_key(|hash| hash.digest_bytes());
        let strongest = strongest.ok_or(Error::IntegrityUnsupported)?;
        let digest = b64::encode_std(&strongest.digest(document));
        let digest = digest.trim_end_matches('=');
        let matches = |value: &str| constant_time_eq(value.as_bytes(), digest.as_bytes());
        let mut values = known.iter().filter(|(hash, _)| *hash == strongest).map(|(_, value)| value);
        if values.any(|value| matches(&plain(value))) { Ok(()) } else { Err(Error::Integrity) }
    }
}

/// `hash-algo "-" base64-value`, options after `?` ignored; none if it is anything else.
fn expression(token: &str) -> Option<(HashAlg, &str)> {
    let (hash, value) = token.split('?').next()?.split_once('-')?;
    let hash = HashAlg::ALL.into_iter().find(|known| name(*known) == hash)?;
    let is_base64 = |b: u8| b.is_ascii_alphanumeric() || b"+/-_".contains(&b);
    let digits = value.trim_end_matches('=');
    let padding = value.len().saturating_sub(digits.len());
    (!digits.is_empty() && padding <= 2 && digits.bytes().all(is_base64)).then_some((hash, digits))
}

/// The alphabet of base64 for that of base64url, as the grammar lets in both.
fn plain(value: &str) -> String {
    value.replace('-', "+").replace('_', "/")
}

/// As integrity metadata write it: `sha256`, where the registry of SD-JWT has `sha-256`.
fn name(hash: HashAlg) -> String {
    hash.name().replacen('-', "", 1)
}
