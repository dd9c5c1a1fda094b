//! Nonces for key proofs (OpenID4VCI 1.0, section 7): random bytes and an expiry under a keyed digest.
//!
//! They cost no storage until they are used: then a digest of the nonce is kept until it expires.

use base::{
    Instant,
    limits::{CLOCK_STEP_S, NONCE_LIFETIME_S},
};
use crypto::{constant_time_eq, hmac_sha256};
use formats::b64;

use crate::issuer::Inner;

const RANDOM_BYTES: usize = 16;
const EXPIRY_BYTES: usize = 8;
const TAG_BYTES: usize = 16;

impl Inner {
    /// A fresh `c_nonce`.
    pub(crate) fn new_nonce(&self) -> String {
        let expires_at = self.now().plus_secs(NONCE_LIFETIME_S);
        let mut nonce = self.bytes::<RANDOM_BYTES>().to_vec();
        nonce.extend(expires_at.ms().to_be_bytes());
        nonce.extend(self.nonce_tag(&nonce));
        b64::encode(&nonce)
    }

    /// When a nonce of ours expires; `None` if it is not ours or has expired.
    pub(crate) fn nonce_expiry(&self, nonce: &str) -> Option<Instant> {
        let bytes = b64::decode(nonce).ok().filter(|b| b.len() == RANDOM_BYTES + EXPIRY_BYTES + TAG_BYTES)?;
        let (message, tag) = bytes.split_at_checked(RANDOM_BYTES + EXPIRY_BYTES)?;
        if !constant_time_eq(tag, &self.nonce_tag(message)) {
            return None;
        }
        let expiry = message.get(RANDOM_BYTES..)?.try_into().ok().map(i64::from_be_bytes)?;
        let expires_at = Instant::from_ms(expiry);
        let now = self.now();
        // One from a clock that was far ahead would be good until that time comes.
        let latest = now.plus_secs(NONCE_LIFETIME_S + CLOCK_STEP_S);
        (now < expires_at && expires_at <= latest).then_some(expires_at)
    }

    fn nonce_tag(&self, message: &[u8]) -> Vec<u8> {
        hmac_sha256(&self.keys.nonce, message).into_iter().take(TAG_BYTES).collect()
    }
}
