//! For tests, of other crates too: parties with certificates of their own.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "tests")]

use std::sync::Arc;

use base::Instant;
use crypto::{SecretKey, SeededRandom, Signer};

use crate::x509::{
    CertifiedSigner, Purpose, TrustAnchors, certificate_to_pem,
    make::{MakeLeaf, MakeRoot, make_leaf, make_root},
};

/// A party with a root of its own, by a seed.
#[derive(Debug)]
pub struct Party {
    /// The root, DER.
    pub root: Vec<u8>,
    /// The root's key.
    pub key: SecretKey,
    /// Where the keys of its leaves come from.
    pub random: SeededRandom,
    made_at: Instant,
}

impl Party {
    /// A party named by its seed, whose root is valid from this instant on.
    pub fn new(seed: u64, made_at: Instant) -> Self {
        Self::named(seed, &format!("Party {seed}"), made_at)
    }

    /// A party of this name, whose root is valid from this instant on.
    pub fn named(seed: u64, organisation: &str, made_at: Instant) -> Self {
        let random = SeededRandom::new(seed);
        let key = SecretKey::generate(&random);
        let names = MakeRoot {
            country: "UT".to_owned(),
            organisation: organisation.to_owned(),
            common_name: "Root".to_owned(),
            path_len: 0,
            days: 3_650,
        };
        let root = make_root(&names, &key, &random, made_at).unwrap();
        Self { root, key, random, made_at }
    }

    /// Its root, as what is trusted.
    pub fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(&self.root).unwrap()
    }

    /// Its root, PEM.
    pub fn pem(&self) -> String {
        certificate_to_pem(&self.root).unwrap()
    }

    /// A new key for this purpose and host, certified for 300 days.
    pub fn signer(&self, purpose: Purpose, dns: &str) -> CertifiedSigner {
        self.leaf(purpose, &[dns], self.made_at, 300)
    }

    /// A new key, certified from this instant on.
    pub fn leaf(&self, purpose: Purpose, dns: &[&str], made_at: Instant, days: i64) -> CertifiedSigner {
        self.leaf_with(Arc::new(SecretKey::generate(&self.random)), purpose, dns, made_at, days)
    }

    /// This key, certified from this instant on.
    pub fn leaf_with(
        &self,
        key: Arc<dyn Signer>,
        purpose: Purpose,
        dns: &[&str],
        made_at: Instant,
        days: i64,
    ) -> CertifiedSigner {
        let leaf = MakeLeaf {
            purpose,
            common_name: "Leaf".to_owned(),
            organisation: None,
            country: None,
            dns_names: dns.iter().map(|&name| name.to_owned()).collect(),
            days,
        };
        let der = make_leaf(&leaf, &key.public_key(), &self.root, &self.key, &self.random, made_at).unwrap();
        CertifiedSigner::new(key, vec![der]).unwrap()
    }
}
