//! Transaction data: what a person approves beside showing claims (sections 5.1 and 8.4, Appendix B.3.3.1).
//!
//! A hash is made over the base64url text *as received*: nothing is decoded and encoded again on the way.

use std::collections::BTreeMap;

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
    /// An answer has no hash for a transaction.
    #[error("the answer does not approve the transaction")]
    HashMissing,
    /// An answer has a hash that belongs to no transaction of this request.
    #[error("the answer approves something that was not asked")]
    HashUnknown,
}

impl TransactionRefusal {
    /// The stable code of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "transaction_data_malformed",
            Self::CredentialIds => "transaction_data_credential_ids",
            Self::HashAlg => "transaction_data_hashes_alg",
            Self::HashMissing => "transaction_data_hash_missing",
            Self::HashUnknown => "transaction_data_hash_unknown",
        }
    }
}

/// What a key-binding JWT says about transaction data (Appendix B.3.3.1).
#[derive(Debug, Clone, Copy, Default)]
pub struct Approved<'a> {
    /// `transaction_data_hashes`.
    pub hashes: Option<&'a [String]>,
    /// `transaction_data_hashes_alg`.
    pub alg: Option<&'a str>,
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
        let Value::Object(object) = value else { unreachable!("made as an object above") };
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
        let Ok(Value::Object(object)) = json::parse(&bytes) else { return Err(TransactionRefusal::Malformed) };
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

    /// The algorithm to hash with: the first that was asked for and is known, SHA-256 by default.
    pub fn hash_alg(&self) -> HashAlg {
        self.hash_algs.as_ref().and_then(|algs| algs.first().copied()).unwrap_or(HashAlg::Sha256)
    }

    /// Whether the answer must name the algorithm (it was named in the request).
    pub const fn alg_named(&self) -> bool {
        self.hash_algs.is_some()
    }

    /// Base64url of the hash over the string as it travels.
    pub fn hash(&self, alg: HashAlg) -> String {
        b64::encode(&alg.digest(self.encoded.as_bytes()))
    }

    fn allows(&self, alg: HashAlg) -> bool {
        self.hash_algs.as_ref().map_or(alg == HashAlg::Sha256, |algs| algs.contains(&alg))
    }
}

/// Checks what the key-binding JWTs of an answer approve: `answer` goes by credential query id.
///
/// Every transaction is approved by exactly one of the credentials that it names, and nothing else is approved.
pub fn check_approved(asked: &[TransactionData], answer: &BTreeMap<String, Approved<'_>>) -> Result<(), TransactionRefusal> {
    let mut approvals = vec![0_usize; asked.len()];
    for (id, approved) in answer {
        let named = match approved.alg {
            None => None,
            Some(name) => Some(HashAlg::from_name(name).ok_or(TransactionRefusal::HashAlg)?),
        };
        let alg = named.unwrap_or(HashAlg::Sha256);
        for hash in approved.hashes.unwrap_or_default() {
            let place = asked.iter().position(|t| t.credential_ids.contains(id) && t.hash(alg) == *hash);
            let (Some(transaction), Some(count)) =
                (place.and_then(|p| asked.get(p)), place.and_then(|p| approvals.get_mut(p)))
            else {
                return Err(TransactionRefusal::HashUnknown);
            };
            if !transaction.allows(alg) || (transaction.alg_named() && named.is_none()) {
                return Err(TransactionRefusal::HashAlg);
            }
            *count += 1;
        }
    }
    // Twice the same transaction approved by two cards would be two approvals of one thing.
    if approvals.iter().any(|n| *n > 1) {
        return Err(TransactionRefusal::HashUnknown);
    }
    if approvals.contains(&0) { Err(TransactionRefusal::HashMissing) } else { Ok(()) }
}

fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    let list = value?.as_array().filter(|l| !l.is_empty())?;
    list.iter().map(|s| s.as_str().map(str::to_owned)).collect()
}
