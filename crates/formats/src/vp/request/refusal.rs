//! Why a wallet refuses a request, by its code, and what the asker is told of it.

use crate::{dcql, jws, vp::TransactionRefusal, x509};

/// Why a wallet refuses a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestRefusal {
    /// Not a JWS that we read.
    #[error("the request object is malformed: {0}")]
    Jws(jws::Error),
    /// `typ` is not `oauth-authz-req+jwt`.
    #[error("the request object has another typ")]
    Typ,
    /// No `x5c`.
    #[error("the request object carries no certificate")]
    CertificateMissing,
    /// The certificate leads to no anchor, or is not for requests.
    #[error("the asker's certificate is refused: {0}")]
    Untrusted(x509::Error),
    /// The signature is wrong.
    #[error("the request object's signature is wrong")]
    Signature,
    /// Its client identifier is not the one of the link.
    #[error("the request object has another client_id than the link")]
    ClientIdMismatch,
    /// Its client identifier has no prefix that we know.
    #[error("the client identifier's prefix is not supported")]
    ClientIdPrefix,
    /// The certificate may not speak under that client identifier.
    #[error("the certificate does not fit the client identifier")]
    ClientIdCertificate,
    /// `aud` is not the one for wallets.
    #[error("the request object has another aud")]
    Aud,
    /// Expired, or not valid yet.
    #[error("the request has expired or is not valid yet")]
    Time,
    /// `response_type` is not `vp_token`.
    #[error("the response type is not supported")]
    ResponseType,
    /// `response_mode` is neither `direct_post` nor `direct_post.jwt`.
    #[error("the response mode is not supported")]
    ResponseMode,
    /// The answer is to be encrypted, and there is no key to which, or no way in which, we can.
    #[error("the request asks for encryption and offers nothing that can be used for it")]
    Encryption,
    /// `redirect_uri` beside `direct_post` (section 8.2).
    #[error("the request has a redirect_uri beside direct_post")]
    RedirectUri,
    /// `response_uri` is missing, not https, or, under `x509_san_dns`, on another host than the client identifier.
    #[error("the response address is refused")]
    ResponseUri,
    /// `nonce` is missing or malformed.
    #[error("the request has no usable nonce")]
    Nonce,
    /// `wallet_nonce` is not the one that was posted.
    #[error("the request has another wallet_nonce")]
    WalletNonce,
    /// A parameter is malformed; the text names it.
    #[error("the request is malformed: {0}")]
    Malformed(&'static str),
    /// The query is missing, or refused.
    #[error("{0}")]
    Query(#[from] dcql::Error),
    /// The asker takes no format that we have.
    #[error("the asker supports no format that we have")]
    Formats,
    /// The transaction data are refused.
    #[error("{0}")]
    TransactionData(TransactionRefusal),
}

impl RequestRefusal {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Jws(jws::Error::AlgNone) => "alg_none",
            Self::Jws(_) => "request_malformed",
            Self::Typ => "request_typ",
            Self::CertificateMissing => "asker_certificate_missing",
            Self::Untrusted(_) => "asker_untrusted",
            Self::Signature => "request_signature",
            Self::ClientIdMismatch => "client_id_mismatch",
            Self::ClientIdPrefix => "client_id_prefix",
            Self::ClientIdCertificate => "client_id_certificate",
            Self::Aud => "request_aud",
            Self::Time => "request_expired",
            Self::ResponseType => "response_type",
            Self::ResponseMode => "response_mode",
            Self::Encryption => "response_encryption",
            Self::RedirectUri => "redirect_uri",
            Self::ResponseUri => "response_uri",
            Self::Nonce => "request_nonce",
            Self::WalletNonce => "wallet_nonce",
            Self::Malformed(_) => "request_parameter",
            Self::Query(refusal) => refusal.code(),
            Self::Formats => "vp_formats_not_supported",
            Self::TransactionData(refusal) => refusal.code(),
        }
    }

    /// What to tell the asker (section 8.5), where it may be told at all: `None` as long as it is not known who asks,
    /// for then there is nobody to whom an answer could safely go.
    pub const fn oauth_error(&self) -> Option<&'static str> {
        match self {
            Self::Jws(_)
            | Self::Typ
            | Self::CertificateMissing
            | Self::Untrusted(_)
            | Self::Signature
            | Self::ClientIdMismatch
            | Self::ClientIdPrefix
            | Self::ClientIdCertificate
            | Self::ResponseUri
            | Self::WalletNonce => None,
            // Where the answer may go is checked right after who asks; until then there is no address to tell.
            Self::Malformed(parameter) if matches!(parameter.as_bytes(), b"client_id" | b"response_uri") => {
                None
            }
            Self::Formats => Some("vp_formats_not_supported"),
            Self::TransactionData(_) => Some("invalid_transaction_data"),
            Self::Aud
            | Self::Time
            | Self::ResponseType
            | Self::ResponseMode
            | Self::Encryption
            | Self::RedirectUri
            | Self::Nonce
            | Self::Malformed(_)
            | Self::Query(_) => Some("invalid_request"),
        }
    }
}
