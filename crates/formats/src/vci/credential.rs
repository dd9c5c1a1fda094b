//! The nonce endpoint (section 7) and the credential endpoint (section 8): requests, answers, refusals.

use base::limits::JSON_BYTES_MAX;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Error, ErrorBody};
use crate::json as strict;

/// A fresh `c_nonce` (section 7.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonceResponse {
    /// The nonce.
    pub c_nonce: String,
}

impl NonceResponse {
    /// Reads one.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        Ok(strict::parse_as(body)?)
    }
}

/// Which credential is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// `credential_configuration_id`.
    Configuration(String),
    /// `credential_identifier`, which the token response gave.
    Identifier(String),
}

/// A request for credentials with key proofs of type `jwt` (section 8.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRequest {
    /// Which credential.
    pub selector: Selector,
    /// Key proofs, compact JWS, one a credential; empty only in a request for a credential bound to no key.
    pub proofs: Vec<String>,
}

/// Why no credential is given (section 8.3.1.2), HTTP 400, never encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CredentialErrorCode {
    /// Malformed, or a parameter is missing.
    InvalidCredentialRequest,
    /// No such configuration.
    UnknownCredentialConfiguration,
    /// No such identifier.
    UnknownCredentialIdentifier,
    /// The key proof is missing or wrong.
    InvalidProof,
    /// The `c_nonce` is unknown, used or expired: fetch another.
    InvalidNonce,
    /// Encryption is asked for that we do not offer.
    InvalidEncryptionParameters,
    /// Not given; asking again will not help.
    CredentialRequestDenied,
}

impl CredentialErrorCode {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::InvalidCredentialRequest,
        Self::UnknownCredentialConfiguration,
        Self::UnknownCredentialIdentifier,
        Self::InvalidProof,
        Self::InvalidNonce,
        Self::InvalidEncryptionParameters,
        Self::CredentialRequestDenied,
    ];

    /// The code on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidCredentialRequest => "invalid_credential_request",
            Self::UnknownCredentialConfiguration => "unknown_credential_configuration",
            Self::UnknownCredentialIdentifier => "unknown_credential_identifier",
            Self::InvalidProof => "invalid_proof",
            Self::InvalidNonce => "invalid_nonce",
            Self::InvalidEncryptionParameters => "invalid_encryption_parameters",
            Self::CredentialRequestDenied => "credential_request_denied",
        }
    }
}

/// A refusal: the code and a description in ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.code())]
pub struct CredentialRefusal {
    /// The code.
    pub code: CredentialErrorCode,
    /// For developers: ASCII without quotes and backslashes, and without anything from the request.
    pub description: &'static str,
}

impl CredentialRefusal {
    /// A refusal.
    pub const fn new(code: CredentialErrorCode, description: &'static str) -> Self {
        Self { code, description }
    }

    /// The body of the answer.
    pub fn body(&self) -> ErrorBody {
        ErrorBody { error: self.code.code().to_owned(), error_description: Some(self.description.to_owned()) }
    }
}

impl CredentialRequest {
    /// The body, `application/json`.
    pub fn to_json(&self) -> String {
        let mut body = match &self.selector {
            Selector::Configuration(id) => json!({ "credential_configuration_id": id }),
            Selector::Identifier(id) => json!({ "credential_identifier": id }),
        };
        if let (false, Value::Object(members)) = (self.proofs.is_empty(), &mut body) {
            members.insert("proofs".to_owned(), json!({ "jwt": self.proofs }));
        }
        body.to_string()
    }

    /// Reads a request as the issuer must: each fault with its own code. Members that the standard does not name are
    /// ignored. At most `proofs_max` proofs.
    pub fn parse(body: &[u8], proofs_max: usize) -> Result<Self, CredentialRefusal> {
        use CredentialErrorCode::{InvalidCredentialRequest, InvalidEncryptionParameters, InvalidProof};
        let malformed = CredentialRefusal::new(
            InvalidCredentialRequest,
            "the request is not a JSON object without duplicates",
        );
        let Ok(Value::Object(body)) = strict::parse(body) else { return Err(malformed) };
        if body.contains_key("credential_response_encryption") {
            return Err(CredentialRefusal::new(
                InvalidEncryptionParameters,
                "encrypted responses are not offered",
            ));
        }
        let text = |name: &str| match body.get(name) {
            None => Ok(None),
            Some(Value::String(value)) => Ok(Some(value.clone())),
            Some(_) => Err(CredentialRefusal::new(InvalidCredentialRequest, "an identifier is not a string")),
        };
        let selector = match (text("credential_configuration_id")?, text("credential_identifier")?) {
            (Some(id), None) => Selector::Configuration(id),
            (None, Some(id)) => Selector::Identifier(id),
            _ => {
                let why = "exactly one of credential_configuration_id and credential_identifier is needed";
                return Err(CredentialRefusal::new(InvalidCredentialRequest, why));
            }
        };
        let refused = |why| Err(CredentialRefusal::new(InvalidProof, why));
        let proofs = match body.get("proofs") {
            None => Vec::new(),
            Some(Value::Object(proofs)) if proofs.len() == 1 => match proofs.get("jwt") {
                Some(Value::Array(jwts)) if jwts.len() > proofs_max => return refused("too many proofs"),
                Some(Value::Array(jwts)) if !jwts.is_empty() => {
                    let texts: Option<Vec<_>> = jwts.iter().map(|j| j.as_str().map(str::to_owned)).collect();
                    match texts {
                        Some(texts) => texts,
                        None => return refused("a proof is not a string"),
                    }
                }
                Some(_) => return refused("proofs.jwt is not a list of proofs"),
                None => return refused("only proofs of type jwt are supported"),
            },
            Some(_) => return refused("proofs is not an object with one type of proof"),
        };
        Ok(Self { selector, proofs })
    }
}

/// Credentials, or what to come back with (section 8.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialResponse {
    /// The credentials, one a proof at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<IssuedCredential>,
    /// The issuer needs more time; HTTP 202.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<String>,
    /// Seconds to wait, with `transaction_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<u64>,
    /// What to name in a notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_id: Option<String>,
}

/// One issued credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedCredential {
    /// The SD-JWT VC.
    pub credential: String,
}

impl CredentialResponse {
    /// An answer with credentials.
    pub fn of(credentials: Vec<String>) -> Self {
        Self {
            credentials: credentials.into_iter().map(|credential| IssuedCredential { credential }).collect(),
            transaction_id: None,
            interval: None,
            notification_id: None,
        }
    }

    /// Reads an answer: either credentials or a transaction to come back with. `bytes_max` is how long it may be, as
    /// that depends on how many credentials were asked for.
    pub fn parse_within(body: &[u8], bytes_max: usize) -> Result<Self, Error> {
        let response: Self = serde_json::from_value(strict::parse_within(body, bytes_max)?)
            .map_err(|_| strict::Error::Shape)?;
        let consistent = match (response.credentials.is_empty(), &response.transaction_id) {
            (false, None) => response.interval.is_none(),
            (true, Some(_)) => response.interval.is_some_and(|i| i > 0) && response.notification_id.is_none(),
            _ => false,
        };
        if consistent {
            Ok(response)
        } else {
            Err(Error::Rule("either credentials or a transaction_id with its interval"))
        }
    }

    /// [`CredentialResponse::parse_within`] the limit of all JSON.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        Self::parse_within(body, JSON_BYTES_MAX)
    }
}
