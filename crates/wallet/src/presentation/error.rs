//! Why a request was not answered.

use formats::vp::{NotALink, RequestRefusal};

use crate::http::Unfit;

/// Why a request was not answered, or an answer not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The link is no request.
    #[error("{0}")]
    Link(#[from] NotALink),
    /// An address that the link names.
    #[error("{0}")]
    Address(#[from] Unfit),
    /// The asker could not be reached.
    #[error("the asker cannot be reached")]
    Unreachable,
    /// The request is gone, answered or expired.
    #[error("the request is not there any more")]
    RequestUnavailable,
    /// The request came with another media type than `application/oauth-authz-req+jwt`.
    #[error("the request came in a form that is not a request")]
    MediaType,
    /// The request is refused.
    #[error("{0}")]
    Request(RequestRefusal),
    /// Something is to be approved that this wallet cannot show.
    #[error("the request wants something approved that this wallet cannot show you")]
    TransactionUnknown,
    /// What is to be approved cannot be hashed as asked.
    #[error("the request wants things approved in ways that exclude each other")]
    TransactionHash,
    /// Somebody who is not known wants something approved.
    #[error("it is not certain who asks, so nothing can be approved")]
    Unverified,
    /// Something is to be approved with a document that is to be shown without proof of who holds it.
    #[error("the request wants something approved without your signature")]
    TransactionUnbound,
    /// The answer cannot be encrypted to the asker's key.
    #[error("the answer cannot be encrypted to the asker's key")]
    Encryption,
    /// No card satisfies the query.
    #[error("your wallet holds no document that answers this")]
    NoMatch,
    /// The person refused.
    #[error("you refused to answer")]
    Refused,
    /// The answer names a card that was not among those offered.
    #[error("that document does not answer this request")]
    Choice,
    /// The answer was sent, but it is not known whether it arrived.
    #[error("it is not known whether the answer arrived")]
    AnswerLost,
    /// The asker did not take the answer.
    #[error("the asker did not take the answer (status {status})")]
    AskerRefused {
        /// The HTTP status.
        status: u16,
        /// The asker's own code, if it gave one of lower-case letters, digits and underscores.
        code: Option<String>,
    },
    /// The wallet's own trust anchors cannot be read.
    #[error("the wallet's trust anchors cannot be read")]
    Trust,
    /// A stored card cannot be read, or not signed with.
    #[error("a document in the wallet cannot be read")]
    Card,
    /// The driver handed in an event that nobody waits for.
    #[error("out of turn")]
    OutOfTurn,
}

impl Error {
    /// The stable code; the asker's own one where it did not take the answer.
    pub fn code(&self) -> &str {
        match self {
            Self::Link(refusal) => refusal.code(),
            Self::Address(Unfit::Malformed) => "address_malformed",
            Self::Address(Unfit::Insecure) => "address_insecure",
            Self::Unreachable => "unreachable",
            Self::RequestUnavailable => "request_unavailable",
            Self::MediaType => "request_media_type",
            Self::Request(refusal) => refusal.code(),
            Self::TransactionUnknown => "transaction_data_type_unknown",
            Self::TransactionHash => "transaction_data_hashes_alg",
            Self::Unverified => "asker_unverified",
            Self::TransactionUnbound => "transaction_data_holder_binding",
            Self::Encryption => "encryption_failed",
            Self::NoMatch => "no_matching_document",
            Self::Refused => "refused",
            Self::Choice => "choice",
            Self::AnswerLost => "answer_lost",
            Self::AskerRefused { code, .. } => code.as_deref().unwrap_or("asker_refused"),
            Self::Trust => "trust_invalid",
            Self::Card => "card_unreadable",
            Self::OutOfTurn => "out_of_turn",
        }
    }

    /// What went wrong, in words, with the rule that it breaks.
    pub fn detail(&self) -> String {
        self.rule().map_or_else(|| self.to_string(), |rule| format!("{self} ({rule})"))
    }

    /// The rule that a request or link breaks, where there is one.
    pub fn rule(&self) -> Option<&'static str> {
        use RequestRefusal as R;
        let rule = match self {
            Self::Link(NotALink::Method) => "OpenID4VP 1.0, section 5.1",
            Self::Link(NotALink::Repeated) => "RFC 6749, section 3.1",
            Self::Link(_) => "OpenID4VP 1.0, section 5",
            Self::MediaType => "RFC 9101, section 5.2.3",
            Self::Request(refusal) => match refusal {
                R::Jws(_) => "RFC 7515, section 5.2",
                R::CertificateMissing | R::Untrusted(_) | R::Signature | R::ClientIdCertificate => {
                    "OpenID4VP 1.0, section 5.9.3"
                }
                R::ClientIdMismatch => "RFC 9101, section 5",
                R::ClientIdPrefix => "OpenID4VP 1.0, section 5.9",
                R::Aud => "OpenID4VP 1.0, section 5.8",
                R::Time => "RFC 7519, section 4.1",
                R::ResponseType => "OpenID4VP 1.0, section 5.6",
                R::Nonce => "OpenID4VP 1.0, section 5.2",
                R::ResponseMode | R::RedirectUri | R::ResponseUri => "OpenID4VP 1.0, section 8.2",
                R::Encryption => "OpenID4VP 1.0, section 8.3",
                R::WalletNonce => "OpenID4VP 1.0, section 5.10",
                R::Typ | R::Malformed(_) => "OpenID4VP 1.0, section 5",
                R::Query(_) => "OpenID4VP 1.0, section 6",
                R::Formats => "OpenID4VP 1.0, sections 8.5 and B.3.4",
                R::TransactionData(_) => "OpenID4VP 1.0, section 5.1",
                _ => return None,
            },
            Self::TransactionUnknown | Self::TransactionHash => "OpenID4VP 1.0, sections 5.1 and 8.4",
            Self::Unverified => "OpenID4VP 1.0, section 5.9.3",
            Self::TransactionUnbound => "OpenID4VP 1.0, appendix B.3.3.1",
            Self::Encryption => "OpenID4VP 1.0, section 8.3",
            Self::NoMatch | Self::Choice => "OpenID4VP 1.0, section 6.4",
            Self::Address(_)
            | Self::Unreachable
            | Self::RequestUnavailable
            | Self::Refused
            | Self::AnswerLost
            | Self::AskerRefused { .. }
            | Self::Trust
            | Self::Card
            | Self::OutOfTurn => return None,
        };
        Some(rule)
    }

    /// What the asker is told (`OpenID4VP` 1.0, section 8.5), if it is known and may be told.
    pub(super) fn oauth_error(&self) -> Option<&'static str> {
        match self {
            Self::Request(refusal) => refusal.oauth_error().filter(|_| {
                // These are refused before it is certain whose address the answer would go to.
                !matches!(refusal, RequestRefusal::Malformed("client_id" | "response_uri"))
            }),
            Self::Encryption => Some("invalid_request"),
            Self::TransactionUnknown | Self::TransactionHash | Self::TransactionUnbound => {
                Some("invalid_transaction_data")
            }
            // One answer for both: an asker must not learn which documents a person does not have.
            Self::NoMatch | Self::Refused | Self::Choice | Self::Card => Some("access_denied"),
            Self::Link(_)
            | Self::Address(_)
            | Self::Unreachable
            | Self::RequestUnavailable
            | Self::MediaType
            | Self::AnswerLost
            | Self::AskerRefused { .. }
            | Self::Unverified
            | Self::Trust
            | Self::OutOfTurn => None,
        }
    }
}
