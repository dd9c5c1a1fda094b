//! How a wallet's contents are sealed under a passphrase: bytes in, bytes out.
//!
//! A sealed wallet is a header of fixed length, then AES-256-GCM ciphertext of the JSON document. The header is the
//! additional data, so no part of it can be changed unnoticed:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `SAHIHIW1` |
//! | 4, 4, 4 | Argon2id (RFC 9106) memory in KiB, passes, lanes; big-endian |
//! | 16 | salt |
//! | 32 | check value: tells a wrong passphrase from a damaged file |
//! | 12 | nonce, fresh at each sealing |
//!
//! Argon2id's output is split by HMAC-SHA-256 into the sealing key and the check value.

use crypto::{PassphraseParams, Random, constant_time_eq, derive_key, hmac_sha256, random_array};
use zeroize::{Zeroize, Zeroizing};

use crate::contents::{self, Wallet};

const MAGIC: &[u8; 8] = b"SAHIHIW1";
const SALT_AT: usize = 20;
const CHECK_AT: usize = SALT_AT + 16;
const NONCE_AT: usize = CHECK_AT + 32;
const HEADER: usize = NONCE_AT + 12;

/// What a new wallet's passphrase costs to try once: 64 MiB and three passes (RFC 9106, section 4, second choice,
/// with one lane because a browser has one).
pub const PARAMS: PassphraseParams = PassphraseParams { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

/// Why a wallet could not be opened or sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not a sealed wallet, or one of a later version.
    #[error("this file is not a wallet that this version can read")]
    NotAWallet,
    /// The passphrase is another one.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// The passphrase is right, but the file was changed or damaged.
    #[error("the wallet file was changed or damaged")]
    Tampered,
    /// The cryptography failed.
    #[error("sealing failed")]
    Crypto,
}

impl Error {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAWallet => "not_a_wallet",
            Self::WrongPassphrase => "wrong_passphrase",
            Self::Tampered => "wallet_tampered",
            Self::Crypto => "sealing_failed",
        }
    }
}

/// An unlocked passphrase: what sealing the wallet again needs.
pub struct Vault {
    header: [u8; NONCE_AT],
    key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// A new vault under `passphrase`.
    pub fn create(passphrase: &[u8], params: PassphraseParams, random: &dyn Random) -> Result<Self, Error> {
        let salt: [u8; 16] = random_array(random);
        let (key, check) = keys(passphrase, &salt, params)?;
        let mut header = Vec::with_capacity(NONCE_AT);
        header.extend_from_slice(MAGIC);
        for number in [params.memory_kib, params.passes, params.lanes] {
            header.extend_from_slice(&number.to_be_bytes());
        }
        header.extend_from_slice(&salt);
        header.extend_from_slice(&check);
        Ok(Self { header: header.try_into().map_err(|_| Error::Crypto)?, key })
    }

    /// Opens a sealed wallet.
    pub fn open(passphrase: &[u8], sealed: &[u8]) -> Result<(Self, Wallet), Error> {
        let (header, ciphertext) = sealed.split_first_chunk::<HEADER>().ok_or(Error::NotAWallet)?;
        if !header.starts_with(MAGIC) {
            return Err(Error::NotAWallet);
        }
        let number = |at: usize| part::<4>(header, at).map(u32::from_be_bytes);
        let params = PassphraseParams { memory_kib: number(8)?, passes: number(12)?, lanes: number(16)? };
        // Parameters that would exhaust the machine are refused there.
        let (key, check) =
            keys(passphrase, &part(header, SALT_AT)?, params).map_err(|_| Error::NotAWallet)?;
        if !constant_time_eq(&check, &part::<32>(header, CHECK_AT)?) {
            return Err(Error::WrongPassphrase);
        }
        let mut plain =
            crypto::open(&key, &part(header, NONCE_AT)?, header, ciphertext).map_err(|_| Error::Tampered)?;
        let wallet = contents::from_json(&plain);
        plain.zeroize();
        Ok((Self { header: part(header, 0)?, key }, wallet.map_err(|_| Error::NotAWallet)?))
    }

    /// Seals the wallet, with a fresh nonce.
    pub fn seal(&self, wallet: &Wallet, random: &dyn Random) -> Result<Vec<u8>, Error> {
        let nonce: [u8; 12] = random_array(random);
        let mut out = self.header.to_vec();
        out.extend_from_slice(&nonce);
        let plain = contents::to_json(wallet).map_err(|_| Error::Crypto)?;
        let ciphertext = crypto::seal(&self.key, &nonce, &out, &plain).map_err(|_| Error::Crypto)?;
        out.extend_from_slice(&ciphertext);
        Ok(out)
    }
}

fn keys(
    passphrase: &[u8],
    salt: &[u8; 16],
    params: PassphraseParams,
) -> Result<(Zeroizing<[u8; 32]>, [u8; 32]), Error> {
    let root = derive_key(passphrase, salt, params).map_err(|_| Error::Crypto)?;
    let key = Zeroizing::new(hmac_sha256(root.as_slice(), b"sahihi wallet seal 1"));
    Ok((key, hmac_sha256(root.as_slice(), b"sahihi wallet check 1")))
}

fn part<const N: usize>(header: &[u8; HEADER], at: usize) -> Result<[u8; N], Error> {
    header.get(at..).and_then(|rest| rest.first_chunk()).copied().ok_or(Error::NotAWallet)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use crypto::SeededRandom;

    use super::*;
    use crate::fixture::{CHEAP, State, with_card};

    fn sealed() -> Vec<u8> {
        let random = SeededRandom::new(1);
        let vault = Vault::create(b"right", CHEAP, &random).unwrap();
        vault.seal(&with_card(&State::new()), &random).unwrap()
    }

    #[test]
    fn a_wallet_is_opened_with_its_passphrase_and_no_other() {
        let bytes = sealed();
        let (vault, wallet) = Vault::open(b"right", &bytes).unwrap();
        assert_eq!((wallet.cards.len(), wallet.history.len()), (1, 1));
        assert!(wallet.cards[0].copies[0].key.signer().is_ok());
        assert_eq!(Vault::open(b"wrong", &bytes).unwrap_err(), Error::WrongPassphrase);
        // Sealed again, nothing is the same but the salt; and it opens.
        let again = vault.seal(&wallet, &SeededRandom::new(2)).unwrap();
        assert_ne!(again[NONCE_AT..HEADER], bytes[NONCE_AT..HEADER]);
        assert!(Vault::open(b"right", &again).is_ok());
        // No secret and no name stands there in the open.
        assert!(!bytes.windows(6).any(|w| w == "Nerida".as_bytes()));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let bytes = sealed();
        for at in (0..bytes.len()).filter(|at| *at < HEADER + 40 || at % 97 == 0 || at + 20 > bytes.len()) {
            // Changing the parameters may ask for a gigabyte before it is noticed.
            if (8..SALT_AT).contains(&at) {
                continue;
            }
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let error = Vault::open(b"right", &changed).unwrap_err();
            let expected = match at {
                0..8 => Error::NotAWallet,
                SALT_AT..NONCE_AT => Error::WrongPassphrase,
                _ => Error::Tampered,
            };
            assert_eq!(error, expected, "byte {at}");
        }
        for length in [0, 8, HEADER - 1, HEADER, bytes.len() - 1] {
            assert!(Vault::open(b"right", &bytes[..length]).is_err(), "{length} bytes");
        }
        let mut greedy = bytes;
        greedy[8] = 0xff;
        assert_eq!(Vault::open(b"right", &greedy).unwrap_err(), Error::NotAWallet);
    }
}
