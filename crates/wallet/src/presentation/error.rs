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

    /// What the asker is told (`OpenID4VP` 1.0, section 8.5), if it is known and may be told.
    pub(super) fn oauth_error(&self) -> Option<&'static str> {
        match self {
            Self::Request(refusal) => refusal.oauth_error().filter(|_| {
                // These are refused before it is certain whose address the answer would go to.
                !matches!(refusal, RequestRefusal::Malformed("client_id" | "response_uri"))
            }),
            Self::TransactionUnknown | Self::TransactionHash => Some("invalid_transaction_data"),
            // One answer for both: an asker must not learn which documents a person does not have.
            Self::NoMatch | Self::Refused | Self::Choice | Self::Card => Some("access_denied"),
            Self::Link(_)
            | Self::Address(_)
            | Self::Unreachable
            | Self::RequestUnavailable
            | Self::MediaType
            | Self::AnswerLost
            | Self::AskerRefused { .. }
            | Self::Trust
            | Self::OutOfTurn => None,
        }
    }
}
