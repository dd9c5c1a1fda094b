//! A key with the chain that says whose it is.

use std::{fmt, sync::Arc};

use base64ct::{Base64, Encoding};
use crypto::{Algorithm, PublicKey, Signer};

use super::{Certificate, Error};

/// What signs, and the chain that goes with its signatures.
#[derive(Clone)]
pub struct CertifiedSigner {
    /// What signs.
    pub signer: Arc<dyn Signer>,
    /// DER, leaf first, without the anchor.
    pub chain: Vec<Vec<u8>>,
    leaf: Arc<Certificate>,
}

impl CertifiedSigner {
    /// `chain` is DER, leaf first, without the anchor.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::Malformed`], [`Error::TooLarge`]; [`Error::WrongKey`] when the leaf certifies another
    /// key than the signer's; [`Error::SelfSigned`] or [`Error::AnchorInX5c`] when a certificate is self-signed.
    pub fn new(signer: Arc<dyn Signer>, chain: Vec<Vec<u8>>) -> Result<Self, Error> {
        let certificates = chain.iter().map(|der| Certificate::parse(der)).collect::<Result<Vec<_>, _>>()?;
        let (leaf, authorities) = certificates.split_first().ok_or(Error::Empty)?;
        if leaf.public_key != Some(signer.public_key()) {
            return Err(Error::WrongKey);
        }
        if leaf.is_self_signed() {
            return Err(Error::SelfSigned);
        }
        if authorities.iter().any(Certificate::is_self_signed) {
            return Err(Error::AnchorInX5c);
        }
        Ok(Self { signer, leaf: Arc::new(leaf.clone()), chain })
    }

    /// The header `x5c` (RFC 7515, section 4.1.6): base64 with padding, leaf first.
    pub fn x5c(&self) -> Vec<String> {
        self.chain.iter().map(|der| Base64::encode_string(der)).collect()
    }

    /// What the leaf says: names, validity.
    pub fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// SHA-256 of the leaf's DER, as in `x509_hash` (OpenID4VP 1.0, section 5.9.3).
    pub fn leaf_sha256(&self) -> [u8; 32] {
        self.leaf.sha256
    }
}

impl Signer for CertifiedSigner {
    fn public_key(&self) -> PublicKey {
        self.signer.public_key()
    }
    fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }
    fn sign(&self, msg: &[u8]) -> Result<Vec<u8>, crypto::Error> {
        self.signer.sign(msg)
    }
}

impl fmt::Debug for CertifiedSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertifiedSigner").field("leaf", &self.leaf.subject_name()).finish_non_exhaustive()
    }
}
