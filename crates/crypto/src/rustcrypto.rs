//! The portable backend: pure Rust, for WebAssembly. It takes no random bytes: its signatures are deterministic
//! (RFC 6979).

use std::fmt;

use aes_gcm::{
    Aes128Gcm, Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use p256::ecdsa::{
    Signature, SigningKey, VerifyingKey,
    signature::{Signer as _, Verifier},
};
use p384::ecdsa::{Signature as Signature384, VerifyingKey as VerifyingKey384};
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::{
    AesKey, Algorithm, Curve, Error, HashAlg, KeyAgreement, PublicKey, Random, Signer, random_array,
};

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
        let public =
            PublicKey::from_backend(Curve::P256, key.verifying_key().to_sec1_point(false).as_bytes())?;
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

/// A private key on Ed25519. Wiped when dropped; shows nothing of itself.
pub struct Ed25519SecretKey {
    key: ed25519_dalek::SigningKey,
    public: PublicKey,
}

impl Ed25519SecretKey {
    /// A new key from 32 bytes of `random`.
    pub fn generate(random: &dyn Random) -> Self {
        loop {
            if let Ok(key) = Self::from_seed(&Zeroizing::new(random_array(random))) {
                return key;
            }
        }
    }

    /// From its seed, the private key of RFC 8032, section 5.1.5.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Error> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = PublicKey::from_backend(Curve::Ed25519, key.verifying_key().as_bytes())?;
        Ok(Self { key, public })
    }

    /// Its seed.
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }
}

impl Signer for Ed25519SecretKey {
    fn public_key(&self) -> PublicKey {
        self.public
    }
    fn algorithm(&self) -> Algorithm {
        Algorithm::Ed25519
    }
    fn sign(&self, msg: &[u8]) -> Result<Vec<u8>, Error> {
        self.key.try_sign(msg).map(|s| s.to_bytes().to_vec()).map_err(|_| Error::Signature)
    }
}

impl fmt::Debug for Ed25519SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519SecretKey").finish_non_exhaustive()
    }
}

/// A private key on P-256 that agrees on secrets and signs nothing, made for one exchange. Wiped when dropped; shows
/// nothing of itself.
pub struct EphemeralKey {
    key: p256::SecretKey,
    public: PublicKey,
}

impl EphemeralKey {
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
        let key = p256::SecretKey::from_slice(scalar).map_err(|_| Error::Key)?;
        let point = VerifyingKey::from(key.public_key()).to_sec1_point(false);
        let public = PublicKey::from_backend(Curve::P256, point.as_bytes())?;
        Ok(Self { key, public })
    }

    /// Its scalar, big-endian: to keep it, sealed, until the answer comes.
    pub fn to_scalar(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes().into())
    }
}

impl KeyAgreement for EphemeralKey {
    fn public_key(&self) -> PublicKey {
        self.public
    }
    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<[u8; 32]>, Error> {
        if peer.curve() != Curve::P256 {
            return Err(Error::Key);
        }
        let peer = p256::PublicKey::from_sec1_bytes(peer.as_bytes()).map_err(|_| Error::Key)?;
        let secret = p256::ecdh::diffie_hellman(self.key.to_nonzero_scalar(), peer.as_affine());
        let mut out = Zeroizing::new([0; 32]);
        out.iter_mut().zip(secret.raw_secret_bytes()).for_each(|(to, from)| *to = *from);
        Ok(out)
    }
}

impl fmt::Debug for EphemeralKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EphemeralKey").finish_non_exhaustive()
    }
}

/// Whether `point`, as [`PublicKey::to_sec1`] writes it, is on the curve.
pub fn on_curve(curve: Curve, point: &[u8]) -> bool {
    match curve {
        Curve::P256 => VerifyingKey::from_sec1_bytes(point).is_ok(),
        Curve::P384 => VerifyingKey384::from_sec1_bytes(point).is_ok(),
        Curve::Ed25519 => ed25519_dalek::VerifyingKey::try_from(point).is_ok(),
    }
}

/// Verifies a signature in the form of JOSE.
pub fn verify(key: &PublicKey, alg: Algorithm, msg: &[u8], sig: &[u8]) -> Result<(), Error> {
    if key.algorithm() != alg {
        return Err(Error::Algorithm);
    }
    match key.curve() {
        Curve::P256 => verify_p256(key, msg, Signature::from_slice(sig)),
        Curve::P384 => verify_p384(key, msg, Signature384::from_slice(sig)),
        Curve::Ed25519 => verify_ed25519(key, msg, sig),
    }
    .map_err(|_| Error::Signature)
}

/// Verifies a signature in the form of X.509.
pub fn verify_der(key: &PublicKey, msg: &[u8], sig_der: &[u8]) -> Result<(), Error> {
    match key.curve() {
        Curve::P256 => verify_p256(key, msg, Signature::from_der(sig_der)),
        Curve::P384 => verify_p384(key, msg, Signature384::from_der(sig_der)),
        Curve::Ed25519 => verify_ed25519(key, msg, sig_der),
    }
    .map_err(|_| Error::Signature)
}

/// What went wrong is not told.
type Verified<T = ()> = Result<T, p256::ecdsa::Error>;

fn verify_p256(key: &PublicKey, msg: &[u8], sig: Verified<Signature>) -> Verified {
    VerifyingKey::from_sec1_bytes(key.as_bytes())?.verify(msg, &sig?)
}

fn verify_p384(key: &PublicKey, msg: &[u8], sig: Verified<Signature384>) -> Verified {
    VerifyingKey384::from_sec1_bytes(key.as_bytes())?.verify(msg, &sig?)
}

fn verify_ed25519(key: &PublicKey, msg: &[u8], sig: &[u8]) -> Verified {
    ed25519_dalek::VerifyingKey::try_from(key.as_bytes())?
        .verify(msg, &ed25519_dalek::Signature::from_slice(sig)?)
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
    seal_with(AesKey::Aes256(key), nonce, aad, plain)
}

/// Opens what [`seal`] sealed.
pub fn open(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    open_with(AesKey::Aes256(key), nonce, aad, sealed)
}

/// [`seal`] with a key of either length.
pub fn seal_with(key: AesKey<'_>, nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Error> {
    let payload = Payload { msg: plain, aad };
    match key {
        AesKey::Aes128(key) => Aes128Gcm::new(key.into()).encrypt(nonce.into(), payload),
        AesKey::Aes256(key) => Aes256Gcm::new(key.into()).encrypt(nonce.into(), payload),
    }
    .map_err(|_| Error::Sealed)
}

/// [`open`] with a key of either length.
pub fn open_with(key: AesKey<'_>, nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let payload = Payload { msg: sealed, aad };
    match key {
        AesKey::Aes128(key) => Aes128Gcm::new(key.into()).decrypt(nonce.into(), payload),
        AesKey::Aes256(key) => Aes256Gcm::new(key.into()).decrypt(nonce.into(), payload),
    }
    .map_err(|_| Error::Sealed)
}
