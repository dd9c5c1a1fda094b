//! Why an offer did not lead to a card.

use formats::{sd_jwt_vc, type_metadata, vci};

use crate::http::Unfit;

/// Why an offer did not lead to a card. Nothing of it was kept but a line in the history.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The link is no offer.
    #[error("this link is not an offer of a document")]
    Link,
    /// An address that the offer or the metadata name.
    #[error("{0}")]
    Address(#[from] Unfit),
    /// Somebody could not be reached.
    #[error("the issuer cannot be reached")]
    Unreachable,
    /// The offer is gone, used or expired.
    #[error("the offer is not there any more")]
    OfferUnavailable,
    /// The offer is malformed.
    #[error("the offer is malformed")]
    OfferInvalid,
    /// More documents in one offer than [`base::limits::WALLET_OFFERED_MAX`].
    #[error("the offer has too many documents")]
    OfferTooLarge,
    /// The offer has no pre-authorized code.
    #[error("the offer needs a way of accepting that this wallet does not have")]
    GrantUnsupported,
    /// No metadata where they must be.
    #[error("the issuer's metadata cannot be fetched")]
    MetadataUnavailable,
    /// The metadata are malformed, or break a rule of the standard.
    #[error("the issuer's metadata are malformed")]
    MetadataInvalid,
    /// The metadata are those of another issuer.
    #[error("the metadata are those of another issuer")]
    IssuerMismatch,
    /// The authorization server's metadata are those of another one, or the offer names one that the issuer does not.
    #[error("the metadata are those of another authorization server")]
    AuthorizationServerMismatch,
    /// The metadata do not have what is offered.
    #[error("the issuer does not have what it offers")]
    UnknownConfiguration,
    /// The format is not SD-JWT VC.
    #[error("the document has a format that this wallet does not know")]
    FormatUnsupported,
    /// The document is not bound to a key as this wallet can: by a JWT proof with ES256, without attestation.
    #[error("the document is not bound to a key of yours in a way that this wallet knows")]
    BindingUnsupported,
    /// Encryption is required.
    #[error("the issuer requires encryption that this wallet does not have")]
    EncryptionUnsupported,
    /// The person refused.
    #[error("you did not accept the offer")]
    Refused,
    /// A transaction code is needed and none was given.
    #[error("the issuer's code is needed")]
    TxCodeMissing,
    /// The transaction code cannot be right.
    #[error("the code does not have the length or the characters of the issuer's codes")]
    TxCodeMalformed,
    /// The authorization server refused, by code.
    #[error("the issuer refused: {0}")]
    TokenRefused(&'static str),
    /// The token response is malformed.
    #[error("the issuer's answer is malformed")]
    TokenInvalid,
    /// No nonce could be had: nothing is sent without one.
    #[error("the issuer gave no nonce")]
    NonceUnavailable,
    /// The credential endpoint refused, by code.
    #[error("the issuer refused: {0}")]
    CredentialRefused(&'static str),
    /// The credential response is malformed.
    #[error("the issuer's answer is malformed")]
    ResponseInvalid,
    /// The issuer wants to be asked again later.
    #[error("the issuer is not ready, and this wallet cannot ask again later")]
    DeferredUnsupported,
    /// The document does not hold.
    #[error("the document does not hold: {}", .0.code())]
    Credential(sd_jwt_vc::Refusal),
    /// Another type than was offered.
    #[error("the document is of another type than was offered")]
    TypeMismatch,
    /// What is published about the type does not hold, or is not what the credential means.
    #[error("what is published about the document's type does not hold: {0}")]
    TypeMetadata(type_metadata::Error),
    /// The document breaks a rule of its type, by code.
    #[error("the document breaks a rule of its type: {0}")]
    TypeRule(&'static str),
    /// The wallet has no such document.
    #[error("the wallet has no such document")]
    CardAbsent,
    /// The issuer gave nothing to fetch the document again with.
    #[error("the issuer gave nothing to fetch this document again with: ask for a new offer")]
    RefreshUnavailable,
    /// Somebody else signed the document this time.
    #[error("the document is signed by somebody else than before")]
    IssuerChanged,
    /// The wallet's own trust anchors cannot be read.
    #[error("the wallet's trust anchors cannot be read")]
    Trust,
    /// A key or signature could not be made.
    #[error("signing failed")]
    Crypto,
    /// The driver handed in an event that nobody waits for.
    #[error("out of turn")]
    OutOfTurn,
}

impl Error {
    /// The stable code; the protocol's own one where a server refused with it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Link => "offer_link",
            Self::Address(Unfit::Malformed) => "address_malformed",
            Self::Address(Unfit::Insecure) => "address_insecure",
            Self::Unreachable => "unreachable",
            Self::OfferUnavailable => "offer_unavailable",
            Self::OfferInvalid => "offer_invalid",
            Self::OfferTooLarge => "offer_too_large",
            Self::GrantUnsupported => "grant_unsupported",
            Self::MetadataUnavailable => "metadata_unavailable",
            Self::MetadataInvalid => "metadata_invalid",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::AuthorizationServerMismatch => "authorization_server_mismatch",
            Self::UnknownConfiguration => "unknown_configuration",
            Self::FormatUnsupported => "format_unsupported",
            Self::BindingUnsupported => "binding_unsupported",
            Self::EncryptionUnsupported => "encryption_unsupported",
            Self::Refused => "refused",
            Self::TxCodeMissing => "tx_code_missing",
            Self::TxCodeMalformed => "tx_code_malformed",
            Self::TokenRefused(code) | Self::CredentialRefused(code) | Self::TypeRule(code) => code,
            Self::TokenInvalid => "token_response_invalid",
            Self::NonceUnavailable => "nonce_unavailable",
            Self::ResponseInvalid => "credential_response_invalid",
            Self::DeferredUnsupported => "deferred_unsupported",
            Self::Credential(refusal) => refusal.code(),
            Self::TypeMismatch => "vct_mismatch",
            Self::TypeMetadata(type_metadata::Error::Integrity) => "type_metadata_integrity",
            Self::TypeMetadata(_) => "type_metadata_invalid",
            Self::CardAbsent => "card_absent",
            Self::RefreshUnavailable => "refresh_unavailable",
            Self::IssuerChanged => "issuer_changed",
            Self::Trust => "trust_invalid",
            Self::Crypto => "crypto",
            Self::OutOfTurn => "out_of_turn",
        }
    }
}

impl Error {
    /// What went wrong, in words, with the rule that it breaks.
    pub fn detail(&self) -> String {
        self.rule().map_or_else(|| self.to_string(), |rule| format!("{self} ({rule})"))
    }

    /// The rule that the issuer breaks, where there is one.
    pub fn rule(&self) -> Option<&'static str> {
        let rule = match self {
            Self::Link | Self::OfferInvalid | Self::OfferUnavailable => "OpenID4VCI 1.0, section 4.1",
            Self::GrantUnsupported | Self::TxCodeMissing | Self::TxCodeMalformed => {
                "OpenID4VCI 1.0, section 4.1.1"
            }
            Self::MetadataUnavailable | Self::MetadataInvalid | Self::UnknownConfiguration => {
                "OpenID4VCI 1.0, section 12.2"
            }
            Self::IssuerMismatch => "OpenID4VCI 1.0, section 12.2.1",
            Self::AuthorizationServerMismatch => "OpenID4VCI 1.0, section 12.2.4; RFC 8414, section 3.3",
            Self::FormatUnsupported => "OpenID4VCI 1.0, appendix A.3",
            Self::BindingUnsupported => "OpenID4VCI 1.0, section 8.2.1",
            Self::EncryptionUnsupported => "OpenID4VCI 1.0, section 12.2.4",
            Self::TokenRefused(_) => "OpenID4VCI 1.0, section 6.3",
            Self::TokenInvalid => "OpenID4VCI 1.0, section 6.2",
            Self::NonceUnavailable => "OpenID4VCI 1.0, section 7.2",
            Self::CredentialRefused(_) => "OpenID4VCI 1.0, section 8.3.1",
            Self::ResponseInvalid | Self::DeferredUnsupported => "OpenID4VCI 1.0, section 8.3",
            Self::TypeMetadata(type_metadata::Error::Integrity) => {
                "SD-JWT VC draft 13, \"Document Integrity\""
            }
            Self::TypeMetadata(_) => "SD-JWT VC draft 13, \"SD-JWT VC Type Metadata\"",
            Self::TypeRule(_) => "SD-JWT VC draft 13, \"Claim Metadata\"",
            Self::Address(_)
            | Self::Unreachable
            | Self::OfferTooLarge
            | Self::Refused
            | Self::Credential(_)
            | Self::TypeMismatch
            | Self::CardAbsent
            | Self::RefreshUnavailable
            | Self::IssuerChanged
            | Self::Trust
            | Self::Crypto
            | Self::OutOfTurn => return None,
        };
        Some(rule)
    }
}

/// The codes that a token endpoint may refuse with (RFC 6749, section 5.2; RFC 9396, section 5). What another party
/// writes is never shown as it came.
pub(super) fn token_refusal(body: &[u8]) -> Error {
    const KNOWN: [&str; 7] = [
        "invalid_request",
        "invalid_client",
        INVALID_GRANT,
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_authorization_details",
    ];
    Error::TokenRefused(known(body, &KNOWN, "token_refused"))
}

/// The codes that a credential endpoint may refuse with (`OpenID4VCI` 1.0, section 8.3.1; RFC 6750, section 3.1).
pub(super) fn credential_refusal(body: &[u8]) -> Error {
    const KNOWN: [&str; 9] = [
        "invalid_credential_request",
        "unknown_credential_configuration",
        "unknown_credential_identifier",
        "invalid_proof",
        INVALID_NONCE,
        "invalid_encryption_parameters",
        "credential_request_denied",
        "invalid_token",
        "insufficient_scope",
    ];
    Error::CredentialRefused(known(body, &KNOWN, "credential_refused"))
}

/// A code or refresh token is unknown, used or expired: it will never do again.
pub(super) const INVALID_GRANT: &str = "invalid_grant";

/// The nonce is unknown, used or expired: another one may do.
pub(super) const INVALID_NONCE: &str = "invalid_nonce";

fn known(body: &[u8], codes: &[&'static str], otherwise: &'static str) -> &'static str {
    let named = vci::ErrorBody::parse(body).ok();
    named.and_then(|body| codes.iter().find(|c| **c == body.error)).copied().unwrap_or(otherwise)
}
