//! Base64 (RFC 4648), strictly: one text for one value, so that no two texts of a token mean the same bytes.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

/// The text is not base64 of the kind asked for: a foreign character, padding where none belongs
/// (or none where it does), or trailing bits that are not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64 as required")]
pub struct Error;

/// Base64url without padding (RFC 4648, section 5; RFC 7515, section 2).
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// [`encode`] at the end of `out`.
pub(crate) fn encode_to(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, out);
}

/// How long [`encode`] of so many bytes is.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    bytes.saturating_mul(4).div_ceil(3)
}

/// Reads base64url without padding.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Error)
}

/// Base64 with padding (RFC 4648, section 4), the form of `x5c` (RFC 7515, section 4.1.6).
pub fn encode_std(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64 with padding.
pub fn decode_std(text: &str) -> Result<Vec<u8>, Error> {
    STANDARD.decode(text).map_err(|_| Error)
}

#[cfg(test)]
mod tests;
