//! What the cryptography alone costs: aws-lc-rs on P-256, on this machine, in this run.
//!
//! It is measured by the CPU time of this thread, in short slices between those of what is compared with it.

use std::time::Duration;

use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use rustix::time::{ClockId, clock_gettime};

use crate::{
    micro::{cpu::on_one_core, raw::Raw as Signatures},
    row::Failure,
};

/// How many of each a slice makes.
const OF_EACH: u32 = 150;

/// The CPU time that this thread has used.
pub(crate) fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanoseconds) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or_default(), nanoseconds.unwrap_or_default())
}

/// Keys, and what was measured with them so far.
pub(crate) struct Raw {
    signatures: Signatures,
    agreeing: PrivateKey,
    peer: Vec<u8>,
    slices: u32,
    sign: Duration,
    verify: Duration,
    generate: Duration,
    agree: Duration,
}

fn refused(_: aws_lc_rs::error::Unspecified) -> Failure {
    Failure::new("aws-lc-rs refused")
}

impl Raw {
    /// Makes keys; measures nothing yet.
    pub(crate) fn new() -> Result<Self, Failure> {
        let peer = PrivateKey::generate(&ECDH_P256).map_err(refused)?;
        let peer = peer.compute_public_key().map_err(refused)?.as_ref().to_vec();
        Ok(Self {
            agreeing: PrivateKey::generate(&ECDH_P256).map_err(refused)?,
            signatures: Signatures::new()?,
            peer,
            slices: 0,
            sign: Duration::ZERO,
            verify: Duration::ZERO,
            generate: Duration::ZERO,
            agree: Duration::ZERO,
        })
    }

    /// One more slice, some 20 ms, on the core that the servers have.
    pub(crate) fn slice(&mut self) -> Result<(), Failure> {
        on_one_core(|| self.take_turn())
    }

    fn take_turn(&mut self) -> Result<(), Failure> {
        // One key, one message, one signature: the cheapest that raw cryptography can be.
        let begun = thread_cpu();
        for _ in 0..OF_EACH {
            self.signatures.sign(0)?;
        }
        let signed = thread_cpu();
        for _ in 0..OF_EACH {
            self.signatures.verify(0)?;
        }
        let verified = thread_cpu();
        for _ in 0..OF_EACH {
            let key = PrivateKey::generate(&ECDH_P256).map_err(refused)?;
            std::hint::black_box(key.compute_public_key().map_err(refused)?);
        }
        let generated = thread_cpu();
        for _ in 0..OF_EACH {
            let peer = UnparsedPublicKey::new(&ECDH_P256, std::hint::black_box(&self.peer));
            agreement::agree(&self.agreeing, peer, Failure::new("no agreement"), |secret| {
                std::hint::black_box(secret);
                Ok(())
            })?;
        }
        let agreed = thread_cpu();
        self.slices += 1;
        self.sign += signed.saturating_sub(begun);
        self.verify += verified.saturating_sub(signed);
        self.generate += generated.saturating_sub(verified);
        self.agree += agreed.saturating_sub(generated);
        Ok(())
    }

    fn each(&self, sum: Duration) -> Duration {
        sum / (self.slices * OF_EACH).max(1)
    }

    /// One signature.
    pub(crate) fn sign(&self) -> Duration {
        self.each(self.sign)
    }

    /// One verification.
    pub(crate) fn verify(&self) -> Duration {
        self.each(self.verify)
    }

    /// Of an issuance: one verification and one signature.
    pub(crate) fn issuance(&self) -> Duration {
        self.verify() + self.sign()
    }

    /// Of a presentation: two verifications, one signature, one new key, one key agreement.
    pub(crate) fn presentation(&self) -> Duration {
        self.verify() * 2 + self.sign() + self.each(self.generate) + self.each(self.agree)
    }

    /// All four, for whoever watches.
    pub(crate) fn words(&self) -> String {
        let us = |d: Duration| d.as_secs_f64() * 1e6;
        format!(
            "raw: sign {:.1} µs, verify {:.1} µs, new key {:.1} µs, agree {:.1} µs",
            us(self.sign()),
            us(self.verify()),
            us(self.each(self.generate)),
            us(self.each(self.agree))
        )
    }
}
