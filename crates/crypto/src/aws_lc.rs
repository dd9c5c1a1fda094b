//! The server's backend: aws-lc-rs. Fast, links C. Its signatures take a nonce of its own generator.

use std::{cell::RefCell, fmt};

use aws_lc_rs::{
    aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, ECDH_P256, UnparsedPublicKey as Peer},
    digest as lc_digest, hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING,
        ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm,
    },
};
use zeroize::Zeroizing;

use crate::{
    AesKey, Algorithm, Curve, Error, HashAlg, KeyAgreement, PublicKey, Random, Signer, random_array,
};

/// A private key on P-256. Wiped when dropped; shows nothing of itself.
pub struct SecretKey {
    pair: EcdsaKeyPair,
    /// Kept beside the pair, of which an export could fail.
    scalar: Zeroizing<[u8; 32]>,
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
        let point = agreement::PrivateKey::from_private_key(&ECDH_P256, scalar)
            .map_err(|_| Error::Key)?
            .compute_public_key()
            .map_err(|_| Error::Key)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            scalar.as_slice(),
            point.as_ref(),
        )
        .map_err(|_| Error::Key)?;
        let public = PublicKey::from_backend(Curve::P256, pair.public_key().as_ref())?;
        Ok(Self { pair, scalar: Zeroizing::new(*scalar), public })
    }

    /// Its scalar, big-endian.
    pub fn to_scalar(&self) -> Zeroizing<[u8; 32]> {
        self.scalar.clone()
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
        self.pair.sign(&SystemRandom::new(), msg).map(|s| s.as_ref().to_vec()).map_err(|_| Error::Signature)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}

/// A private key on Ed25519. Wiped when dropped; shows nothing of itself.
pub struct Ed25519SecretKey {
    pair: Ed25519KeyPair,
    seed: Zeroizing<[u8; 32]>,
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
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Error::Key)?;
        let public = PublicKey::from_backend(Curve::Ed25519, pair.public_key().as_ref())?;
        Ok(Self { pair, seed: Zeroizing::new(*seed), public })
    }

    /// Its seed.
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        self.seed.clone()
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
        self.pair.try_sign(msg).map(|s| s.as_ref().to_vec()).map_err(|_| Error::Signature)
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
    key: agreement::PrivateKey,
    scalar: Zeroizing<[u8; 32]>,
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
        let key = agreement::PrivateKey::from_private_key(&ECDH_P256, scalar).map_err(|_| Error::Key)?;
        let point = key.compute_public_key().map_err(|_| Error::Key)?;
        let public = PublicKey::from_backend(Curve::P256, point.as_ref())?;
        Ok(Self { key, scalar: Zeroizing::new(*scalar), public })
    }

    /// Its scalar, big-endian: to keep it, sealed, until the answer comes.
    pub fn to_scalar(&self) -> Zeroizing<[u8; 32]> {
        self.scalar.clone()
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
        let peer = Peer::new(&ECDH_P256, peer.as_bytes());
        agreement::agree(&self.key, peer, Error::Key, |secret| {
            let mut out = Zeroizing::new([0; 32]);
            out.iter_mut().zip(secret).for_each(|(to, from)| *to = *from);
            if secret.len() == out.len() { Ok(out) } else { Err(Error::Key) }
        })
    }
}

impl fmt::Debug for EphemeralKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EphemeralKey").finish_non_exhaustive()
    }
}

/// How many keys a thread remembers as the library holds them.
const PARSED_KEPT_MAX: usize = 8;

thread_local! {
    /// Keys that were read, the one used last at the end: to read a point takes as long as a tenth of a verification,
    /// and issuers and their certificates come again and again. A holder's key is read once to see whether it is one,
    /// and is still here when its signature is verified.
    static PARSED: RefCell<Vec<(Curve, Vec<u8>, ParsedPublicKey)>> = const { RefCell::new(Vec::new()) };
}

/// Calls `with` the key that `point` is on `curve`, as [`PublicKey::to_sec1`] writes it; `None` if it is none.
fn with_parsed<T>(curve: Curve, point: &[u8], with: impl FnOnce(&ParsedPublicKey) -> T) -> Option<T> {
    PARSED.with_borrow_mut(|kept| {
        match kept.iter().position(|(on, bytes, _)| *on == curve && bytes == point) {
            Some(at) if at.saturating_add(1) == kept.len() => {}
            Some(at) => {
                let key = kept.remove(at);
                kept.push(key);
            }
            None => {
                let algorithm: &'static dyn VerificationAlgorithm = match curve {
                    Curve::P256 => &ECDSA_P256_SHA256_FIXED,
                    Curve::P384 => &ECDSA_P384_SHA384_FIXED,
                    Curve::Ed25519 => &ED25519,
                };
                let key = ParsedPublicKey::new(algorithm, point).ok()?;
                if kept.len() >= PARSED_KEPT_MAX {
                    kept.remove(0);
                }
                kept.push((curve, point.to_vec(), key));
            }
        }
        kept.last().map(|(_, _, key)| with(key))
    })
}

/// Whether `point`, as [`PublicKey::to_sec1`] writes it, is on the curve.
///
/// For Ed25519 only the length: here a key that is not on the curve is noticed by what it fails to verify.
pub fn on_curve(curve: Curve, point: &[u8]) -> bool {
    with_parsed(curve, point, |_| ()).is_some()
}

/// Verifies a signature in the form of JOSE.
pub fn verify(key: &PublicKey, alg: Algorithm, msg: &[u8], sig: &[u8]) -> Result<(), Error> {
    if key.algorithm() != alg {
        return Err(Error::Algorithm);
    }
    match with_parsed(key.curve(), key.as_bytes(), |key| key.verify_sig(msg, sig)) {
        Some(Ok(())) => Ok(()),
        _ => Err(Error::Signature),
    }
}

/// Verifies a signature in the form of X.509.
pub fn verify_der(key: &PublicKey, msg: &[u8], sig_der: &[u8]) -> Result<(), Error> {
    let algorithm: &'static dyn VerificationAlgorithm = match key.curve() {
        Curve::P256 => &ECDSA_P256_SHA256_ASN1,
        Curve::P384 => &ECDSA_P384_SHA384_ASN1,
        Curve::Ed25519 => &ED25519,
    };
    UnparsedPublicKey::new(algorithm, key.as_bytes()).verify(msg, sig_der).map_err(|_| Error::Signature)
}

/// The digest of `bytes` by `alg`.
pub fn digest(alg: HashAlg, bytes: &[u8]) -> Vec<u8> {
    let algorithm = match alg {
        HashAlg::Sha256 => &lc_digest::SHA256,
        HashAlg::Sha384 => &lc_digest::SHA384,
        HashAlg::Sha512 => &lc_digest::SHA512,
    };
    lc_digest::digest(algorithm, bytes).as_ref().to_vec()
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    array(lc_digest::digest(&lc_digest::SHA256, bytes).as_ref())
}

/// HMAC with SHA-256 (RFC 2104); keys of any length.
pub fn hmac_sha256(key: &[u8], msg: &[u8]) -> [u8; 32] {
    array(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), msg).as_ref())
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
    let mut out = plain.to_vec();
    aes_key(key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut out)
        .map_err(|_| Error::Sealed)?;
    Ok(out)
}

/// [`open`] with a key of either length.
pub fn open_with(key: AesKey<'_>, nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let mut buffer = sealed.to_vec();
    let plain_len = aes_key(key)?
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut buffer)
        .map_err(|_| Error::Sealed)?
        .len();
    buffer.truncate(plain_len);
    Ok(buffer)
}

fn aes_key(key: AesKey<'_>) -> Result<LessSafeKey, Error> {
    let unbound = match key {
        AesKey::Aes128(key) => UnboundKey::new(&AES_128_GCM, key),
        AesKey::Aes256(key) => UnboundKey::new(&AES_256_GCM, key),
    };
    unbound.map(LessSafeKey::new).map_err(|_| Error::Sealed)
}

/// Both digests above are 32 bytes long.
fn array(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().unwrap_or_default()
}
