//! Base64 (RFC 4648), strictly: one text for one value, so that no two texts of a token mean the same bytes.
//!
//! The crate `base64` reads and writes it; what is set here is which of its ways. Which characters come says nothing that
//! the token does not say: keys are not written in this form where the time that it takes could be measured.

use base64::{
    Engine as _,
    engine::{
        GeneralPurpose,
        general_purpose::{STANDARD, URL_SAFE_NO_PAD},
    },
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
pub(crate) fn encode_to(bytes: &[u8], out: &mut Vec<u8>) {
    let from = out.len();
    out.resize(from.saturating_add(encoded_len(bytes.len())), 0);
    // Exactly as long as needed: it cannot be too short.
    let written = out.get_mut(from..).map(|to| URL_SAFE_NO_PAD.encode_slice(bytes, to));
    debug_assert!(matches!(written, Some(Ok(_))));
}

/// How long [`encode`] of so many bytes is.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    bytes.saturating_mul(4).div_ceil(3)
}

/// Reads base64url without padding.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    read(&URL_SAFE_NO_PAD, text)
}

/// Base64 with padding (RFC 4648, section 4), the form of `x5c` (RFC 7515, section 4.1.6).
pub fn encode_std(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64 with padding.
pub fn decode_std(text: &str) -> Result<Vec<u8>, Error> {
    read(&STANDARD, text)
}

fn read(engine: &GeneralPurpose, text: &str) -> Result<Vec<u8>, Error> {
    engine.decode(text).map_err(|_| Error)
}

#[cfg(test)]
mod tests;
