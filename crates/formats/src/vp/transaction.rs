//! Transaction data: what a person approves beside showing claims (sections 5.1 and 8.4, Appendix B.3.3.1).
//!
//! A hash is made over the base64url text *as received*: nothing is decoded and encoded again on the way.

use base::limits::TRANSACTION_DATA_BYTES_MAX;
use crypto::HashAlg;
use serde_json::{Map, Value, json};

use crate::{b64, json};

/// One transaction that a person is asked to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionData {
    encoded: String,
    object: Map<String, Value>,
    kind: String,
    credential_ids: Vec<String>,
    hash_algs: Option<Vec<HashAlg>>,
}

/// Why transaction data, or the hashes in an answer, are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionRefusal {
    /// Not a base64url-encoded JSON object with `type` and `credential_ids`.
    #[error("the transaction data are malformed")]
    Malformed,
    /// `credential_ids` names no credential query.
    #[error("the transaction data refer to a credential that is not asked for")]
    CredentialIds,
    /// None of the hash algorithms asked for is known.
    #[error("the transaction data allow no hash algorithm that is supported")]
    HashAlg,
    /// No credential of an answer, or more than one, approves a transaction.
    #[error("the answer does not approve each transaction once")]
    NotApproved,
}

impl TransactionRefusal {
    /// The stable code of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "transaction_data_malformed",
            Self::CredentialIds => "transaction_data_credential_ids",
            Self::HashAlg => "transaction_data_hashes_alg",
            Self::NotApproved => "transaction_data_not_approved",
        }
    }
}

impl TransactionData {
    /// Makes one to ask with: `payload` is what the type describes.
    pub fn new(kind: &str, credential_ids: &[String], payload: &Map<String, Value>) -> Self {
        let value = json!({
            "type": kind,
            "credential_ids": credential_ids,
            "transaction_data_hashes_alg": [HashAlg::Sha256.name()],
            "payload": payload,
        });
        let encoded = b64::encode(&json::canonical(&value));
        let object = value.as_object().cloned().unwrap_or_default();
        Self {
            encoded,
            object,
            kind: kind.to_owned(),
            credential_ids: credential_ids.to_vec(),
            hash_algs: Some(vec![HashAlg::Sha256]),
        }
    }

    /// Reads one string of `transaction_data`.
    pub fn from_encoded(encoded: &str) -> Result<Self, TransactionRefusal> {
        if encoded.len() > TRANSACTION_DATA_BYTES_MAX {
            return Err(TransactionRefusal::Malformed);
        }
        let bytes = b64::decode(encoded).map_err(|_| TransactionRefusal::Malformed)?;
        let Ok(Value::Object(object)) = json::parse(&bytes) else {
            return Err(TransactionRefusal::Malformed);
        };
        let kind = object.get("type").and_then(Value::as_str).filter(|t| !t.is_empty());
        let kind = kind.ok_or(TransactionRefusal::Malformed)?.to_owned();
        let credential_ids = strings(object.get("credential_ids")).ok_or(TransactionRefusal::Malformed)?;
        let hash_algs = match object.get("transaction_data_hashes_alg") {
            None => None,
            names => {
                let names = strings(names).ok_or(TransactionRefusal::Malformed)?;
                let known: Vec<_> = names.iter().filter_map(|n| HashAlg::from_name(n)).collect();
                if known.is_empty() {
                    return Err(TransactionRefusal::HashAlg);
                }
                Some(known)
            }
        };
        Ok(Self { encoded: encoded.to_owned(), object, kind, credential_ids, hash_algs })
    }

    /// The string as it travels.
    pub fn as_str(&self) -> &str {
        &self.encoded
    }

    /// Its `type`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Ids of the credential queries, any one of which can approve it. Never empty.
    pub fn credential_ids(&self) -> &[String] {
        &self.credential_ids
    }

    /// All its members.
    pub fn object(&self) -> &Map<String, Value> {
        &self.object
    }

    /// Its `payload`, where its type puts its own members (as ours and TS12's do).
    pub fn payload(&self) -> Option<&Map<String, Value>> {
        self.object.get("payload").and_then(Value::as_object)
    }

    /// The algorithms that the request names; empty if it names none, which means SHA-256.
    pub fn hash_algs(&self) -> &[HashAlg] {
        self.hash_algs.as_deref().unwrap_or_default()
    }

    /// Base64url of the hash over the string as it travels.
    pub fn hash(&self, alg: HashAlg) -> String {
        b64::encode(&alg.digest(self.encoded.as_bytes()))
    }
}

fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    let list = value?.as_array().filter(|l| !l.is_empty())?;
    list.iter().map(|s| s.as_str().map(str::to_owned)).collect()
}
