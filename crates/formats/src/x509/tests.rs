//! Each refusal by its code, beside the same chain without the fault.

mod chains;
mod keys_and_names;
mod proven;

use std::time::Duration;

use base::Instant;
use crypto::{PublicKey, SecretKey, SeededRandom, Signer};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyUsagePurpose};

use super::{
    Certificate, Error, Leaf, Purpose, TrustAnchors,
    make::{self, Key, MakeLeaf, MakeRoot},
    validate,
};

/// 2026-11-21T22:30:00Z.
const NOW: Instant = Instant::from_secs(1_795_300_200);
const DAY: i64 = 86_400;

fn key(seed: u64) -> SecretKey {
    SecretKey::generate(&SeededRandom::new(seed))
}

/// An authority: what signs, and its certificate.
struct Authority {
    key: SecretKey,
    der: Vec<u8>,
}

impl Authority {
    fn root(seed: u64, path_len: u8) -> Self {
        let key = key(seed);
        let root = MakeRoot {
            country: "UT".into(),
            organisation: "Utopia".into(),
            common_name: format!("Root {seed}"),
            path_len,
            days: 3650,
        };
        let der = make::make_root(&root, &key, &SeededRandom::new(seed), NOW).unwrap();
        Self { key, der }
    }

    fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(&self.der).unwrap()
    }

    /// A certificate of this authority's for `public`, as `params` say.
    fn sign(&self, params: CertificateParams, public: PublicKey) -> Vec<u8> {
        make::sign_under(params, &Key::new(public, None), &Certificate::parse(&self.der).unwrap(), &self.key)
            .unwrap()
    }

    /// An authority under this one, with `change` made to its certificate.
    fn below(&self, seed: u64, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = key(seed);
        let mut params = params(&format!("Authority {seed}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        change(&mut params);
        let der = self.sign(params, key.public_key());
        Self { key, der }
    }

    /// A leaf with nothing but a name, and what `change` adds.
    fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = params("Leaf");
        change(&mut params);
        self.sign(params, key(1000).public_key())
    }

    /// A leaf as we make them.
    fn own_leaf(&self, purpose: Purpose) -> Vec<u8> {
        let leaf = own(purpose);
        make::make_leaf(&leaf, &key(1000).public_key(), &self.der, &self.key, &SeededRandom::new(9), NOW)
            .unwrap()
    }
}

fn own(purpose: Purpose) -> MakeLeaf {
    MakeLeaf {
        purpose,
        common_name: "Leaf".into(),
        organisation: None,
        country: None,
        dns_names: vec!["Ask.example".into()],
        days: 397,
    }
}

/// Valid from a day before `NOW` to a day after.
fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.serial_number = Some(make::serial(&SeededRandom::new(common_name.len() as u64)));
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    valid(&mut params, NOW.plus_secs(-DAY), NOW.plus_secs(DAY));
    params
}

fn valid(params: &mut CertificateParams, from: Instant, to: Instant) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(from.secs().try_into().unwrap());
    params.not_after = epoch + Duration::from_secs(to.secs().try_into().unwrap());
}

/// The code of what became of a validation: `ok`, or the refusal's.
fn outcome(result: &Result<Leaf, Error>) -> &'static str {
    result.as_ref().map_or_else(|e| e.code(), |_| "ok")
}

/// Validates now, for credentials.
#[track_caller]
fn check(chain: &[&[u8]], anchors: &TrustAnchors, expected: &str) {
    check_at(chain, anchors, NOW, Purpose::CredentialSigning, expected);
}

#[track_caller]
fn check_at(chain: &[&[u8]], anchors: &TrustAnchors, now: Instant, purpose: Purpose, expected: &str) {
    let chain: Vec<Vec<u8>> = chain.iter().map(|der| der.to_vec()).collect();
    assert_eq!(outcome(&validate(&chain, anchors, now, purpose)), expected);
}
