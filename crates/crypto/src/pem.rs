//! Key files: one unencrypted PKCS#8 private key in PEM (RFC 5958, RFC 7468), as `openssl genpkey` writes it.

use pkcs8::{
    AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef, SecretDocument,
    der::{Encode, asn1::OctetStringRef, pem::LineEnding},
};
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use crate::{Error, SecretKey, Signer};

/// `id-ecPublicKey` (RFC 5480, section 2.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// `secp256r1` (RFC 5480, section 2.1.1.1).
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// What the PEM text is labelled.
const LABEL: &str = "PRIVATE KEY";

impl SecretKey {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`Error::Pem`] when it is not one PKCS#8 private key on P-256; [`Error::Key`] when the scalar is out of range
    /// or the public key in the file is not this key's.
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        let (label, document) = SecretDocument::from_pem(text).map_err(|_| Error::Pem)?;
        if label != LABEL {
            return Err(Error::Pem);
        }
        let info = PrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| Error::Pem)?;
        let curve = info.algorithm.parameters_oid().map_err(|_| Error::Pem)?;
        if info.algorithm.oid != EC_PUBLIC_KEY || curve != P256 {
            return Err(Error::Pem);
        }
        let inner = EcPrivateKey::try_from(info.private_key.as_bytes()).map_err(|_| Error::Pem)?;
        let scalar: Zeroizing<[u8; 32]> =
            Zeroizing::new(inner.private_key.try_into().map_err(|_| Error::Key)?);
        let key = Self::from_scalar(&scalar)?;
        let own = key.public_key().to_sec1();
        if inner.public_key.is_some_and(|stated| stated != own) { Err(Error::Key) } else { Ok(key) }
    }

    /// Writes a key file.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, Error> {
        let scalar = self.to_scalar();
        let public = self.public_key().to_sec1();
        let inner =
            EcPrivateKey { private_key: scalar.as_slice(), parameters: None, public_key: Some(&public) };
        let inner = Zeroizing::new(inner.to_der().map_err(|_| Error::Key)?);
        let algorithm = AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters: Some((&P256).into()) };
        let key = OctetStringRef::new(&inner).map_err(|_| Error::Key)?;
        let info = PrivateKeyInfoRef::new(algorithm, key);
        let document = SecretDocument::encode_msg(&info).map_err(|_| Error::Key)?;
        document.to_pem(LABEL, LineEnding::LF).map_err(|_| Error::Key)
    }
}
