//! Requests that stand in the link itself (section 5), of askers who have no certificate (section 5.9.3,
//! `redirect_uri`): nobody signs them, and all that is known of who asks is where the answer goes.

use std::fmt::Write as _;

use base::limits::LINK_BYTES_MAX;
use serde_json::{Map, Value};

use super::{NotALink, Prefix, RequestObject, RequestRefusal, link};
use crate::json;

/// Parameters whose value is JSON; the others are texts.
const JSON: [&str; 4] = ["client_metadata", "dcql_query", "transaction_data", "verifier_info"];

impl RequestObject {
    /// The link that carries this request, of an asker of the prefix `redirect_uri`. The purpose is not in it: it would
    /// be anybody's word, in six languages, and make a code that no camera reads; nor are the times.
    pub fn to_link(&self) -> String {
        let mut claims = self.to_value();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(claims) = claims.as_object_mut() {
            for signed_only in ["aud", "iat", "exp", "verifier_info", "wallet_nonce"] {
                claims.remove(signed_only);
            }
            for (name, value) in &*claims {
                match value {
                    Value::String(text) => query.append_pair(name, text),
                    value => query.append_pair(name, &value.to_string()),
                };
            }
        }
        let mut text = String::new();
        let _ = write!(text, "{}://?{}", link::SCHEME, query.finish());
        text
    }

    /// Reads a link that carries its request, as a wallet does. A refusal is told to nobody: nobody is known.
    pub fn from_link(text: &str, insecure_loopback: bool) -> Result<Self, ByValueRefusal> {
        if text.len() > LINK_BYTES_MAX {
            return Err(ByValueRefusal::Link(NotALink::NotALink));
        }
        let pairs = link::pairs(text)?;
        if ["request", "request_uri", "request_uri_method"].iter().any(|n| pairs.iter().any(|(p, _)| p == n))
        {
            return Err(ByValueRefusal::Signed);
        }
        let mut claims = Map::new();
        for (name, value) in pairs {
            let value = if JSON.contains(&name.as_str()) {
                json::parse(value.as_bytes()).map_err(|_| ByValueRefusal::Json)?
            } else {
                Value::String(value)
            };
            claims.insert(name, value);
        }
        Self::from_unsigned(&claims, insecure_loopback).map_err(ByValueRefusal::Request)
    }
}

/// Why a link does not carry a request that is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ByValueRefusal {
    /// It is no link.
    #[error("{0}")]
    Link(#[from] NotALink),
    /// It refers to a request object, or carries one: such a request is signed, and by another prefix.
    #[error("a request by value and a request object in one link")]
    Signed,
    /// A parameter is not JSON as required.
    #[error("a parameter is not JSON as required")]
    Json,
    /// What it asks is refused.
    #[error("{0}")]
    Request(RequestRefusal),
}

impl ByValueRefusal {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Link(refusal) => refusal.code(),
            Self::Signed => "request_by_value_and_object",
            Self::Json => "request_parameter",
            Self::Request(refusal) => refusal.code(),
        }
    }
}

/// Whether a request under this prefix stands in its link.
pub const fn is_by_value(prefix: Prefix) -> bool {
    matches!(prefix, Prefix::RedirectUri)
}

/// Whether a request that was kept is a link, and no request object.
pub fn is_link(text: &str) -> bool {
    text.strip_prefix(link::SCHEME).is_some_and(|rest| rest.starts_with("://"))
}
