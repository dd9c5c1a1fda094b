//! Certificates: who signed, and who says that they may.
//!
//! A party has one root that signs leaves; whoever trusts the party has configured its root as an anchor. The leaf and
//! what is between it and the anchor travel beside a signature (`x5c`, RFC 7515, section 4.1.6), the anchor never does
//! (HAIP 1.0, section 6.1.1).
//!
//! Read in this order: [`Certificate`] (one certificate, read but not believed), [`TrustAnchors`] (what is believed
//! without proof), [`validate`] (what follows from it, RFC 5280, section 6), `proven` (what was validated already), [`CertifiedSigner`] (a key with its
//! chain), `make` (roots and leaves of our own; feature `make`).

mod anchors;
mod certificate;
mod certified;
#[cfg(any(feature = "make", test))]
pub mod make;
mod proven;
mod purpose;
mod validate;

pub use anchors::{Anchor, TrustAnchors, certificate_to_pem, certificates_from_pem};
pub use certificate::Certificate;
pub use certified::CertifiedSigner;
pub use purpose::Purpose;
pub use validate::{Leaf, validate};

/// Why a certificate or a chain is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no certificate.
    #[error("there is no certificate")]
    Empty,
    /// There are more certificates than `X5C_MAX`.
    #[error("the chain has too many certificates")]
    ChainTooLong,
    /// A certificate is longer than `CERTIFICATE_BYTES_MAX`.
    #[error("a certificate is too large")]
    TooLarge,
    /// A certificate is not the DER of one.
    #[error("a certificate is malformed")]
    Malformed,
    /// The text holds no certificates in PEM.
    #[error("not certificates in PEM")]
    Pem,
    /// The leaf is signed by its own key (HAIP 1.0, section 6.1.1).
    #[error("the leaf is self-signed")]
    SelfSigned,
    /// The chain carries its own anchor (HAIP 1.0, section 6.1.1).
    #[error("the chain includes the trust anchor")]
    AnchorInX5c,
    /// The leaf is a certification authority.
    #[error("the leaf is a certification authority")]
    LeafIsCa,
    /// The leaf's key usage does not include digital signatures.
    #[error("the leaf's key is not for signatures")]
    KeyUsage,
    /// The extended key usage of the leaf, or of an authority above it, names other purposes than this one.
    #[error("the certificate is for another purpose")]
    Purpose,
    /// A certificate of the chain is no longer valid.
    #[error("a certificate has expired")]
    Expired,
    /// A certificate of the chain is not valid yet.
    #[error("a certificate is not valid yet")]
    NotYetValid,
    /// The chain leads to none of the anchors.
    #[error("the chain leads to no trust anchor")]
    Untrusted,
    /// A certificate is not followed by the one that certifies it (RFC 7515, section 4.1.6).
    #[error("the chain is not in order")]
    ChainOrder,
    /// A certificate's signature does not verify.
    #[error("a certificate's signature is broken")]
    Signature,
    /// A key is on no curve that we know, or a signature is not by the algorithm of its key's curve.
    #[error("a certificate uses an unsupported algorithm")]
    Algorithm,
    /// A certificate was signed by one that is no certification authority.
    #[error("a certificate was signed by one that may not sign certificates")]
    IssuerNotCa,
    /// There are more authorities below one than its path length allows.
    #[error("the chain is longer than an authority allows")]
    PathLength,
    /// A name is outside what an authority may certify.
    #[error("a name is outside an authority's constraints")]
    NameConstraints,
    /// A critical extension is unknown.
    #[error("a critical extension is unknown")]
    CriticalExtension,
    /// A certificate that is to be an anchor is no certification authority.
    #[error("the trust anchor is no certification authority")]
    AnchorNotCa,
    /// The chain leads to an anchor that has expired or is not valid yet.
    #[error("the trust anchor is outside its validity")]
    AnchorValidity,
    /// The leaf certifies another key than the signer's.
    #[error("the leaf certifies another key")]
    WrongKey,
}

impl Error {
    /// A stable name, for protocols and for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "x5c_empty",
            Self::ChainTooLong => "chain_too_long",
            Self::TooLarge => "certificate_too_large",
            Self::Malformed => "certificate_malformed",
            Self::Pem => "certificate_pem",
            Self::SelfSigned => "self_signed",
            Self::AnchorInX5c => "anchor_in_x5c",
            Self::LeafIsCa => "leaf_is_ca",
            Self::KeyUsage => "key_usage",
            Self::Purpose => "purpose",
            Self::Expired => "certificate_expired",
            Self::NotYetValid => "certificate_not_yet_valid",
            Self::Untrusted => "untrusted",
            Self::ChainOrder => "chain_order",
            Self::Signature => "certificate_signature",
            Self::Algorithm => "certificate_algorithm",
            Self::IssuerNotCa => "issuer_not_ca",
            Self::PathLength => "path_length",
            Self::NameConstraints => "name_constraints",
            Self::CriticalExtension => "critical_extension",
            Self::AnchorNotCa => "anchor_not_ca",
            Self::AnchorValidity => "anchor_validity",
            Self::WrongKey => "wrong_key",
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
