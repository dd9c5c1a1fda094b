//! A key with the chain that says whose it is.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use crypto::{Algorithm, PublicKey, Signer};
use serde_json::json;

use super::{Certificate, Error};
use crate::{b64, jws};

/// What signs, and the chain that goes with its signatures.
#[derive(Clone)]
pub struct CertifiedSigner {
    /// What signs.
    pub signer: Arc<dyn Signer>,
    /// DER, leaf first, without the anchor.
    pub chain: Vec<Vec<u8>>,
    leaf: Arc<Certificate>,
    headers: Arc<Mutex<Headers>>,
}

/// Headers of what it signs, encoded, by their `typ`: of all that is signed under a header only the payload differs.
type Headers = Vec<(&'static str, Arc<str>)>;

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
        Ok(Self { signer, leaf: Arc::new(leaf.clone()), chain, headers: Arc::default() })
    }

    /// The header `x5c` (RFC 7515, section 4.1.6): base64 with padding, leaf first.
    pub fn x5c(&self) -> Vec<String> {
        self.chain.iter().map(|der| b64::encode_std(der)).collect()
    }

    /// Signs `payload` under a header with this `typ`, the signer's `alg`, and `x5c`; leaves room for `more` bytes after
    /// the JWS.
    pub(crate) fn sign_as(
        &self,
        typ: &'static str,
        payload: &[u8],
        more: usize,
    ) -> Result<String, jws::Error> {
        jws::sign_encoded(&self.header(typ)?, payload, self.signer.as_ref(), more)
    }

    fn header(&self, typ: &'static str) -> Result<Arc<str>, jws::Error> {
        // A list to which only whole headers are added is right at every moment, whoever panicked.
        let mut headers = self.headers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, header)) = headers.iter().find(|(known, _)| *known == typ) {
            return Ok(header.clone());
        }
        let header = json!({ "typ": typ, "x5c": self.x5c() });
        let header: Arc<str> = jws::encode_header(&header, self.signer.algorithm())?.into();
        headers.push((typ, header.clone()));
        Ok(header)
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
