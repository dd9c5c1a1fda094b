//! To what a wallet encrypts its answer (section 8.3): a key that the asker makes for one request and forgets with it.

use serde_json::{Map, Value, json};

use super::RequestRefusal;
use crate::{jwe::Enc, jwk::EncryptionJwk};

/// How an answer travels (sections 8.2 and 8.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseMode {
    /// Posted as it is.
    DirectPost,
    /// Posted encrypted to a key of the request; the one that HAIP 1.0 demands.
    DirectPostJwt,
}

impl ResponseMode {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DirectPost => "direct_post",
            Self::DirectPostJwt => "direct_post.jwt",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::DirectPost, Self::DirectPostJwt].into_iter().find(|mode| mode.as_str() == name)
    }
}

/// To what, and how, an answer is to be encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseEncryption {
    /// The asker's key for this request.
    pub key: EncryptionJwk,
    /// The content encryptions that the asker takes, as far as we know them. Never empty.
    pub encs: Vec<Enc>,
}

impl ResponseEncryption {
    /// To `key`, by whatever content encryption we know.
    pub fn to(key: EncryptionJwk) -> Self {
        Self { key, encs: Enc::ALL.to_vec() }
    }

    /// The strongest content encryption that the asker takes.
    pub fn best(&self) -> Enc {
        if self.encs.contains(&Enc::A256Gcm) { Enc::A256Gcm } else { Enc::A128Gcm }
    }

    /// Writes the members of `client_metadata`.
    pub(super) fn put(&self, metadata: &mut Map<String, Value>) {
        let encs: Vec<&str> = self.encs.iter().map(|enc| enc.name()).collect();
        metadata.insert("jwks".to_owned(), json!({ "keys": [self.key.to_value()] }));
        metadata.insert("encrypted_response_enc_values_supported".to_owned(), encs.into());
    }

    /// Reads the members of `client_metadata`: the first key that can be used; others are ignored (section 8.3).
    pub(super) fn read(metadata: Option<&Value>) -> Result<Self, RequestRefusal> {
        let malformed = RequestRefusal::Malformed("client_metadata");
        let keys = metadata.and_then(|m| m.get("jwks")).ok_or(RequestRefusal::Encryption)?;
        let keys = keys.get("keys").and_then(Value::as_array).ok_or_else(|| malformed.clone())?;
        let named = |key: &Value| EncryptionJwk::from_value(key).ok().filter(|key| key.kid().is_some());
        let key = keys.iter().find_map(named).ok_or(RequestRefusal::Encryption)?;
        let encs = match metadata.and_then(|m| m.get("encrypted_response_enc_values_supported")) {
            None => vec![Enc::A128Gcm],
            Some(Value::Array(listed)) if !listed.is_empty() => {
                listed.iter().filter_map(|name| Enc::from_name(name.as_str()?)).collect()
            }
            Some(_) => return Err(malformed),
        };
        if encs.is_empty() { Err(RequestRefusal::Encryption) } else { Ok(Self { key, encs }) }
    }
}
