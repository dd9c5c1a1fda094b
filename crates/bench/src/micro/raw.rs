//! What everything is measured against: the signatures of aws-lc-rs themselves, over a message of 2 kB.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
    },
};

use crate::row::Failure;

/// A key, its message and a signature.
pub(crate) struct Raw {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    public: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Raw {
    pub(crate) fn new() -> Result<Self, Failure> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        let message = vec![0x5a; 2_048];
        let signature = pair.sign(&random, &message)?.as_ref().to_vec();
        let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())
            .map_err(|_| Failure::new("a public key is refused"))?;
        Ok(Self { pair, random, public, message, signature })
    }

    /// One signature.
    pub(crate) fn sign(&self) -> Result<(), Failure> {
        std::hint::black_box(self.pair.sign(&self.random, std::hint::black_box(&self.message))?);
        Ok(())
    }

    /// One verification, with a key that was read before.
    pub(crate) fn verify(&self) -> Result<(), Failure> {
        Ok(self.public.verify_sig(std::hint::black_box(&self.message), &self.signature)?)
    }
}
