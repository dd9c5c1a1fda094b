//! Whose key signs what, when keys were changed.
//!
//! A leaf that is followed by another under the same root changes nothing for anybody: the new leaf signs the lists of
//! credentials that the old one signed. A root that is followed by another does: who knows only the old anchor must
//! be able to read the list of an old credential, so a list belongs to a root for ever and is signed by a leaf of it.

use std::collections::BTreeMap;

use base::Instant;
use formats::x509::{Certificate, CertifiedSigner};

/// What signs for each root, by the root's key identifier (RFC 5280, section 4.2.1.1).
pub(crate) struct Signers {
    by_root: BTreeMap<Vec<u8>, CertifiedSigner>,
    first: Vec<u8>,
    current: Vec<u8>,
}

/// Why a list is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoSigner {
    /// The certificates of that root have ended, and with them every credential of the list.
    Ended,
    /// This instance does not know the root: another instance has newer keys.
    Unknown,
}

impl Signers {
    /// `retired` is in the order in which they were retired. `None`: a certificate does not say who made it.
    pub(crate) fn new(current: &CertifiedSigner, retired: &[CertifiedSigner]) -> Option<Self> {
        let current_root = root_of(current)?;
        let mut by_root: BTreeMap<Vec<u8>, CertifiedSigner> = BTreeMap::new();
        let mut first = None;
        for signer in retired {
            let root = root_of(signer)?;
            first.get_or_insert_with(|| root.clone());
            let longest =
                by_root.get(&root).is_none_or(|other| other.leaf().not_after <= signer.leaf().not_after);
            if longest {
                by_root.insert(root, signer.clone());
            }
        }
        by_root.insert(current_root.clone(), current.clone());
        Some(Self { by_root, first: first.unwrap_or_else(|| current_root.clone()), current: current_root })
    }

    /// The root of new credentials and lists.
    pub(crate) fn root(&self) -> &[u8] {
        &self.current
    }

    /// What signs the lists of `root`; `None` is from before lists remembered their root, when there was only one.
    pub(crate) fn of(&self, root: Option<&[u8]>, now: Instant) -> Result<&CertifiedSigner, NoSigner> {
        let signer = self.by_root.get(root.unwrap_or(&self.first)).ok_or(NoSigner::Unknown)?;
        if now > signer.leaf().not_after { Err(NoSigner::Ended) } else { Ok(signer) }
    }
}

/// The key identifier of the anchor that the chain leads to.
fn root_of(signer: &CertifiedSigner) -> Option<Vec<u8>> {
    Certificate::parse(signer.chain.last()?).ok()?.authority_key_id
}
