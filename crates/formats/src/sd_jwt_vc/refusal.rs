//! All that can be wrong with a credential or a presentation, each with a stable name.

use crate::{jwk, jws, sd_jwt, x509};

/// Why a credential or a presentation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The SD-JWT does not parse, or its disclosures do not fit (RFC 9901, section 7.1).
    #[error("the SD-JWT: {0}")]
    SdJwt(#[from] sd_jwt::Error),
    /// `typ` is not `dc+sd-jwt`.
    #[error("the type is not dc+sd-jwt")]
    Typ,
    /// There is no `x5c`.
    #[error("the issuer's certificates are missing")]
    X5cMissing,
    /// The chain does not lead to a trusted anchor, or a certificate in it is refused.
    #[error("the issuer is not trusted: {0}")]
    IssuerUntrusted(x509::Error),
    /// The issuer's algorithm is not one that we take.
    #[error("the issuer's algorithm: {0}")]
    Alg(jws::Error),
    /// The issuer's signature is wrong.
    #[error("the issuer's signature is wrong")]
    IssuerSignature,
    /// A claim that must not be selectively disclosable is.
    #[error("a protected claim is in a disclosure")]
    ProtectedClaimDisclosed,
    /// A claim of the protocol has the wrong form.
    #[error("a claim is malformed")]
    ClaimMalformed,
    /// There is no `vct`.
    #[error("the credential's type is missing")]
    VctMissing,
    /// `exp` is past.
    #[error("expired")]
    Expired,
    /// `nbf` is to come.
    #[error("not yet valid")]
    NotYetValid,
    /// `iat` is to come.
    #[error("issued in the future")]
    IatFuture,
    /// `status` names no mechanism that we know: nothing can be said about the status.
    #[error("the status mechanism is not supported")]
    StatusUnsupported,
    /// `cnf` holds no `jwk`, and a key is needed.
    #[error("the holder's key is missing")]
    HolderKeyMissing,
    /// The key in `cnf` is refused.
    #[error("the holder's key: {0}")]
    HolderKey(jwk::Error),
    /// The key in `cnf` is not the wallet's own.
    #[error("the credential is bound to another key")]
    HolderKeyForeign,
    /// No key-binding JWT came, and one is needed.
    #[error("the key-binding JWT is missing")]
    KeyBindingMissing,
    /// A key-binding JWT came where none belongs: from an issuer.
    #[error("there is a key-binding JWT where none belongs")]
    KeyBindingUnexpected,
    /// The key-binding JWT's claims are not an object, or a claim is missing or of the wrong type.
    #[error("the key-binding JWT is malformed")]
    KeyBindingMalformed,
    /// The key-binding JWT's `typ` is not `kb+jwt`.
    #[error("the key-binding JWT's type is not kb+jwt")]
    KeyBindingTyp,
    /// The key-binding JWT's algorithm is not one that we take.
    #[error("the key-binding JWT's algorithm: {0}")]
    KeyBindingAlg(jws::Error),
    /// The key-binding JWT is not signed with the holder's key.
    #[error("the holder's signature is wrong")]
    KeyBindingSignature,
    /// The key-binding JWT is too old, or from the future.
    #[error("the key-binding JWT is not of now")]
    IatWindow,
    /// The key-binding JWT has an `exp` that is past or an `nbf` that is to come.
    #[error("the key-binding JWT is not valid now")]
    KeyBindingExpired,
    /// Another nonce.
    #[error("the nonce is another")]
    Nonce,
    /// Another audience.
    #[error("the audience is another")]
    Aud,
    /// The key-binding JWT was made for another set of disclosures.
    #[error("sd_hash does not match")]
    SdHash,
    /// What was to be approved was not, or something else was.
    #[error("the transaction data's hashes do not match")]
    TransactionDataHashes,
    /// The transaction data's hash algorithm is not one that was asked for.
    #[error("the transaction data's hash algorithm is not one asked for")]
    TransactionDataHashesAlg,
}

impl Refusal {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SdJwt(fault) => fault.code(),
            Self::Typ => "typ",
            Self::X5cMissing => "x5c_missing",
            Self::IssuerUntrusted(_) => "issuer_untrusted",
            Self::Alg(fault) | Self::KeyBindingAlg(fault) => fault.code(),
            Self::IssuerSignature => "issuer_signature",
            Self::ProtectedClaimDisclosed => "protected_claim_disclosed",
            Self::ClaimMalformed => "claim_malformed",
            Self::VctMissing => "vct_missing",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IatFuture => "iat_future",
            Self::StatusUnsupported => "status_unsupported",
            Self::HolderKeyMissing => "holder_key_missing",
            Self::HolderKey(fault) => fault.code(),
            Self::HolderKeyForeign => "holder_key_foreign",
            Self::KeyBindingMissing => "key_binding_missing",
            Self::KeyBindingUnexpected => "key_binding_unexpected",
            Self::KeyBindingMalformed => "key_binding_malformed",
            Self::KeyBindingTyp => "key_binding_typ",
            Self::KeyBindingSignature => "key_binding_signature",
            Self::IatWindow => "iat_window",
            Self::KeyBindingExpired => "key_binding_expired",
            Self::Nonce => "nonce",
            Self::Aud => "aud",
            Self::SdHash => "sd_hash",
            Self::TransactionDataHashes => "transaction_data_hashes",
            Self::TransactionDataHashesAlg => "transaction_data_hashes_alg",
        }
    }
}
