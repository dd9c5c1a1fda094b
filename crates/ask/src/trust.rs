//! Who may issue what: being trusted for one type of document is not being trusted for all.

use std::collections::BTreeSet;

use formats::x509::TrustAnchors;

/// What those under an anchor may issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Types {
    /// Every type.
    All,
    /// Credentials of these types (`vct`), written as they are in credentials, and no others.
    Only(BTreeSet<String>),
}

/// Anchors and what issuers under them may issue.
#[derive(Debug, Clone)]
pub struct TrustedIssuers {
    /// Who vouches for the issuers.
    pub anchors: TrustAnchors,
    /// What they may issue.
    pub types: Types,
}

impl TrustedIssuers {
    /// Issuers under these anchors may issue everything.
    pub const fn of_everything(anchors: TrustAnchors) -> Self {
        Self { anchors, types: Types::All }
    }

    /// Whether issuers under the anchor of this fingerprint may issue credentials of this type.
    fn allow(&self, anchor_sha256: &[u8; 32], vct: &str) -> bool {
        let typed = match &self.types {
            Types::All => true,
            Types::Only(types) => types.contains(vct),
        };
        typed && self.anchors.iter().any(|a| a.certificate().sha256 == *anchor_sha256)
    }
}

/// All that an asker trusts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    entries: Vec<TrustedIssuers>,
    /// The anchors of all entries, each once.
    pub(crate) anchors: TrustAnchors,
}

impl Trust {
    pub(crate) fn new(entries: Vec<TrustedIssuers>) -> Self {
        let anchors = entries.iter().fold(TrustAnchors::default(), |all, e| all.merged(&e.anchors));
        Self { entries, anchors }
    }

    /// Whether an issuer under the anchor of this fingerprint may issue credentials of this type: one entry is enough.
    pub(crate) fn may_issue(&self, anchor_sha256: &[u8; 32], vct: &str) -> bool {
        self.entries.iter().any(|e| e.allow(anchor_sha256, vct))
    }
}
