//! AES-GCM with the tag beside the ciphertext, as JWE carries it (RFC 7518, section 5.3).

use crate::{Error, backend};

/// Bytes of a tag.
pub const TAG_BYTES: usize = 16;

/// A key of AES in GCM, of either length that JOSE's `A128GCM` and `A256GCM` take.
#[derive(Clone, Copy)]
pub enum AesKey<'a> {
    /// AES-128-GCM.
    Aes128(&'a [u8; 16]),
    /// AES-256-GCM.
    Aes256(&'a [u8; 32]),
}

impl std::fmt::Debug for AesKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Aes128(_) => "Aes128(..)",
            Self::Aes256(_) => "Aes256(..)",
        })
    }
}

/// Seals `plain`: the ciphertext, as long as it, and the tag. A nonce must never be used twice with a key.
pub fn seal_detached(
    key: AesKey<'_>,
    nonce: &[u8; 12],
    aad: &[u8],
    plain: &[u8],
) -> Result<(Vec<u8>, [u8; TAG_BYTES]), Error> {
    let mut sealed = backend::seal_with(key, nonce, aad, plain)?;
    let tag = *sealed.last_chunk().ok_or(Error::Sealed)?;
    sealed.truncate(plain.len());
    Ok((sealed, tag))
}

/// Opens what [`seal_detached`] sealed.
pub fn open_detached(
    key: AesKey<'_>,
    nonce: &[u8; 12],
    aad: &[u8],
    ciphertext: &[u8],
    tag: &[u8; TAG_BYTES],
) -> Result<Vec<u8>, Error> {
    backend::open_with(key, nonce, aad, &[ciphertext, tag].concat())
}
