//! Sign, verify, hash, seal behind one small interface, with two backends.
//!
//! Read in this order: this file (the whole interface), [`key`] (public keys, [`Signer`], [`KeyAgreement`]), [`aes`],
//! [`random`], [`passphrase`], [`pem`] (key files), then the backends: `aws_lc` (servers; feature `aws-lc`) and `rustcrypto`
//! (WebAssembly; feature `rustcrypto`). Both have the same functions and both can be compiled together;
//! the root re-exports one of them, `aws_lc` if it is there. The tests run one set of vectors through each.
//!
//! What we sign is ES256 (ECDSA on P-256 with SHA-256), as the profiles that we follow demand, or EdDSA on Ed25519;
//! of others ES384 is verified too. Keys are agreed on P-256 (ECDH). A key is for one algorithm and refuses the others.

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!("choose a backend: feature `aws-lc` or feature `rustcrypto`");

pub mod aes;
#[cfg(feature = "aws-lc")]
pub mod aws_lc;
mod edwards;
pub mod key;
pub mod passphrase;
pub mod pem;
pub mod random;
#[cfg(feature = "rustcrypto")]
pub mod rustcrypto;

#[cfg(feature = "aws-lc")]
use aws_lc as backend;
#[cfg(not(feature = "aws-lc"))]
use rustcrypto as backend;

pub use aes::{AesKey, open_detached, seal_detached};
pub use backend::{Ed25519SecretKey, EphemeralKey, SecretKey, hmac_sha256, open, seal, sha256};
pub use key::{Algorithm, Curve, KeyAgreement, PublicKey, Signer};
pub use passphrase::{PassphraseParams, derive_key};
#[cfg(feature = "aws-lc")]
pub use random::SystemRandom;
pub use random::{Random, SeededRandom, random_array};
pub use zeroize::Zeroizing;

/// What can go wrong. Deliberately without detail: an attacker learns nothing, and no secret is in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The signature is malformed, or is not this key's over this message.
    #[error("the signature does not verify")]
    Signature,
    /// The bytes are no key: wrong length, not on the curve, out of range.
    #[error("not a key of this kind")]
    Key,
    /// The algorithm is not the one that the key is for.
    #[error("the key is for another algorithm")]
    Algorithm,
    /// The sealed bytes, their key, nonce or associated bytes are not those that were sealed.
    #[error("cannot be opened")]
    Sealed,
    /// A parameter is outside its limits.
    #[error("a parameter is outside its limits")]
    Parameters,
    /// The text is not one PKCS#8 private key in PEM.
    #[error("not a private key in PKCS#8 PEM")]
    Pem,
}

/// A hash function, by its name in the IANA registry of named information (RFC 6920).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HashAlg {
    /// SHA-256, the default of SD-JWT (RFC 9901, section 4.1.1).
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl HashAlg {
    /// Those that there are.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// `sha-256`, `sha-384` or `sha-512`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// Reads a name, in the registry's spelling only.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }

    /// How long its digests are, in bytes.
    pub const fn digest_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of `bytes`.
    pub fn digest(self, bytes: &[u8]) -> Digest {
        match self {
            Self::Sha256 => Digest::of(&sha256(bytes)),
            Self::Sha384 | Self::Sha512 => Digest::of(&backend::digest(self, bytes)),
        }
    }
}

/// A digest by a [`HashAlg`]: a slice of as many bytes as that makes.
#[derive(Clone, Copy)]
pub struct Digest {
    bytes: [u8; 64],
    len: usize,
}

impl Digest {
    fn of(bytes: &[u8]) -> Self {
        let mut digest = Self { bytes: [0; 64], len: bytes.len().min(64) };
        digest.bytes.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        digest
    }
}

impl std::ops::Deref for Digest {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Whether both are equal, in a time that depends on their lengths alone.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(a, b).into()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
