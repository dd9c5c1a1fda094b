//! The portable backend: pure Rust, for WebAssembly. It takes no random bytes: its signatures are deterministic
//! (RFC 6979).

use std::fmt;

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use p256::ecdsa::{
    Signature, SigningKey, VerifyingKey,
    signature::{Signer as _, Verifier},
};
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::{Algorithm, Error, HashAlg, PublicKey, Random, Signer, random_array};

/// A private key on P-256. Wiped when dropped; shows nothing of itself.
pub struct SecretKey {
    key: SigningKey,
    public: PublicKey,
}

impl SecretKey {
    /// A new key from 32 bytes of `random` (drawn again in the rare case that they are out of range).
    pub fn generate(random: &dyn Random) -> Self {
        loop {
            if let Ok(key) = Self::from_scalar(&Zeroizing::new(random_array(random))) {
                return key;
            }
        }
    }

    /// From its scalar, big-endian; refused when zero or not below the order of the curve.
    pub fn from_scalar(scalar: &[u8; 32]) -> Result<Self, Error> {
        let key = SigningKey::from_slice(scalar).map_err(|_| Error::Key)?;
        let public = PublicKey::from_backend(key.verifying_key().to_sec1_point(false).as_bytes())?;
        Ok(Self { key, public })
    }

    /// Its scalar, big-endian.
    pub fn to_scalar(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes().into())
    }
}

impl Signer for SecretKey {
    fn public_key(&self) -> PublicKey {
        self.public
    }
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }
    fn sign(&self, msg: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: Signature = self.key.try_sign(msg).map_err(|_| Error::Signature)?;
        Ok(signature.to_vec())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}

/// Whether an uncompressed point is on the curve.
pub fn on_curve(point: &[u8; 65]) -> bool {
    VerifyingKey::from_sec1_bytes(point).is_ok()
}

/// Verifies a signature in the form of JOSE, r‖s.
pub fn verify(key: &PublicKey, alg: Algorithm, msg: &[u8], sig: &[u8]) -> Result<(), Error> {
    match alg {
        Algorithm::Es256 => verify_parsed(key, msg, Signature::from_slice(sig)),
    }
}

/// Verifies an ES256 signature in DER.
pub fn verify_der(key: &PublicKey, msg: &[u8], sig_der: &[u8]) -> Result<(), Error> {
    verify_parsed(key, msg, Signature::from_der(sig_der))
}

fn verify_parsed(
    key: &PublicKey,
    msg: &[u8],
    sig: Result<Signature, p256::ecdsa::Error>,
) -> Result<(), Error> {
    let key = VerifyingKey::from_sec1_bytes(&key.to_sec1()).map_err(|_| Error::Signature)?;
    sig.and_then(|sig| key.verify(msg, &sig)).map_err(|_| Error::Signature)
}

/// The digest of `bytes` by `alg`.
pub fn digest(alg: HashAlg, bytes: &[u8]) -> Vec<u8> {
    match alg {
        HashAlg::Sha256 => Sha256::digest(bytes).to_vec(),
        HashAlg::Sha384 => Sha384::digest(bytes).to_vec(),
        HashAlg::Sha512 => Sha512::digest(bytes).to_vec(),
    }
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// HMAC with SHA-256 (RFC 2104); keys of any length.
pub fn hmac_sha256(key: &[u8], msg: &[u8]) -> [u8; 32] {
    // RFC 2104, section 2: a key longer than the block of 64 bytes is hashed, a shorter one is padded with zeros.
    let hashed = sha256(key);
    let short = if key.len() > 64 { &hashed[..] } else { key };
    let mut block = Zeroizing::new([0_u8; 64]);
    block.iter_mut().zip(short).for_each(|(to, from)| *to = *from);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&(*block).into());
    mac.update(msg);
    mac.finalize().into_bytes().into()
}

/// Seals `plain` with AES-256-GCM: ciphertext, then the tag of 16 bytes. A nonce must never be used twice with a key.
pub fn seal(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    Aes256Gcm::new(key.into()).encrypt(nonce.into(), Payload { msg: plain, aad }).map_err(|_| Error::Sealed)
}

/// Opens what [`seal`] sealed.
pub fn open(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    Aes256Gcm::new(key.into()).decrypt(nonce.into(), Payload { msg: sealed, aad }).map_err(|_| Error::Sealed)
}
