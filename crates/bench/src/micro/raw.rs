//! What everything is measured against: the signatures of aws-lc-rs themselves, over messages of 2 kB.
//!
//! There are as many keys and messages as there are holders. A machine that verifies the same signature over and over
//! learns its branches by heart and takes a tenth less, which nobody does outside of a measurement.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
    },
};

use super::parties::HOLDERS;
use crate::row::Failure;

/// How long a message is, bytes.
const MESSAGE_BYTES: usize = 2_048;

/// Keys, their messages and signatures.
pub(crate) struct Raw {
    random: SystemRandom,
    signed: Vec<Signed>,
}

struct Signed {
    pair: EcdsaKeyPair,
    public: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Raw {
    pub(crate) fn new() -> Result<Self, Failure> {
        let random = SystemRandom::new();
        let signed = (0..HOLDERS).map(|n| {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
            let message = vec![u8::try_from(n)?; MESSAGE_BYTES];
            let signature = pair.sign(&random, &message)?.as_ref().to_vec();
            let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())?;
            Ok::<_, Failure>(Signed { pair, public, message, signature })
        });
        let signed = signed.collect::<Result<_, _>>()?;
        Ok(Self { random, signed })
    }

    fn nth(&self, n: usize) -> Result<&Signed, Failure> {
        self.signed.get(n % HOLDERS).ok_or_else(|| Failure::new("no message"))
    }

    /// One signature: by one key, as an issuer signs.
    pub(crate) fn sign(&self, n: usize) -> Result<(), Failure> {
        let (key, message) = (&self.nth(0)?.pair, std::hint::black_box(&self.nth(n)?.message));
        std::hint::black_box(key.sign(&self.random, message)?);
        Ok(())
    }

    /// One verification, with a key that was read before.
    pub(crate) fn verify(&self, n: usize) -> Result<(), Failure> {
        let Signed { public, message, signature, .. } = self.nth(n)?;
        Ok(public.verify_sig(std::hint::black_box(message), signature)?)
    }
}
