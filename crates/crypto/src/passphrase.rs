//! A key from a passphrase: Argon2id, version 1.3 (RFC 9106), the same crate under both backends.

use base::limits::{PASSPHRASE_LANES_MAX, PASSPHRASE_MEMORY_KIB_MAX, PASSPHRASE_PASSES_MAX};
use zeroize::Zeroizing;

use crate::Error;

/// What deriving a key costs. Kept beside what the key seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassphraseParams {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for PassphraseParams {
    /// The second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 }
    }
}

/// The 32-byte key of `passphrase` under `salt`.
///
/// # Errors
/// [`Error::Parameters`] when the parameters are outside `base::limits`: they come from files that others may have
/// written.
pub fn derive_key(
    passphrase: &[u8],
    salt: &[u8; 16],
    p: PassphraseParams,
) -> Result<Zeroizing<[u8; 32]>, Error> {
    let limits = [
        (p.memory_kib, PASSPHRASE_MEMORY_KIB_MAX),
        (p.passes, PASSPHRASE_PASSES_MAX),
        (p.lanes, PASSPHRASE_LANES_MAX),
    ];
    if limits.into_iter().any(|(value, max)| i64::from(value) > max) {
        return Err(Error::Parameters);
    }
    let params =
        argon2::Params::new(p.memory_kib, p.passes, p.lanes, Some(32)).map_err(|_| Error::Parameters)?;
    let mut key = Zeroizing::new([0; 32]);
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
        .hash_password_into(passphrase, salt, key.as_mut_slice())
        .map_err(|_| Error::Parameters)?;
    Ok(key)
}
