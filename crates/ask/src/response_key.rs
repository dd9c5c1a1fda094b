//! The key to which one answer is encrypted: made with the request, kept sealed until it is answered or over.
//!
//! It is sealed under a key that follows from the server's secret, bound to its request: who has the database alone
//! cannot read answers that were recorded on the way, and once a key is erased nobody can.

use crypto::{EphemeralKey, KeyAgreement as _, Random, Zeroizing, random_array};
use formats::{jwk::EncryptionJwk, vp::ResponseEncryption};

use crate::model::RequestId;

const NONCE_BYTES: usize = 12;

/// A new key for the answer to one request.
pub(crate) struct ResponseKey(EphemeralKey);

impl ResponseKey {
    pub(crate) fn new(random: &dyn Random) -> Self {
        Self(EphemeralKey::generate(random))
    }

    /// The public half, as the request offers it.
    pub(crate) fn offer(&self) -> Option<ResponseEncryption> {
        let public = self.0.public_key();
        let kid = formats::b64::encode(&formats::jwk::Jwk::from(&public).thumbprint());
        EncryptionJwk::new(public, Some(kid)).ok().map(ResponseEncryption::to)
    }

    /// Nonce and ciphertext.
    pub(crate) fn seal(
        &self,
        secret: &[u8; 32],
        id: RequestId,
        random: &dyn Random,
    ) -> Result<Vec<u8>, crypto::Error> {
        let nonce: [u8; NONCE_BYTES] = random_array(random);
        let sealed =
            crypto::seal(&sealing_key(secret), &nonce, &id.as_i64().to_be_bytes(), &self.0.to_scalar()[..])?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// What [`Self::seal`] sealed for the same request.
    pub(crate) fn open(
        sealed: &[u8],
        secret: &[u8; 32],
        id: RequestId,
    ) -> Result<EphemeralKey, crypto::Error> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(crypto::Error::Sealed)?;
        let scalar =
            Zeroizing::new(crypto::open(&sealing_key(secret), nonce, &id.as_i64().to_be_bytes(), sealed)?);
        let scalar =
            Zeroizing::new(<[u8; 32]>::try_from(scalar.as_slice()).map_err(|_| crypto::Error::Sealed)?);
        EphemeralKey::from_scalar(&scalar)
    }
}

fn sealing_key(secret: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(crypto::hmac_sha256(secret, b"keys to which answers are encrypted"))
}
