//! Messages of `OpenID` for Verifiable Presentations 1.0 (final), for both sides: the asker and the wallet.
//!
//! Read in the order of the flow: [`link`] (what a QR code or a button carries), [`request`] (the signed request
//! object: built by the asker, verified by the wallet), [`transaction`] (what a person approves beside showing
//! claims), [`response`] and [`encryption`] (what the wallet posts back), [`answer`] (what the asker checks).
//!
//! Spoken here: signed requests by reference (`request_uri`), `response_mode` `direct_post` and `direct_post.jwt`,
//! client identifier prefixes `x509_san_dns` and `x509_hash`; and, in [`by_value`], unsigned requests in the link itself
//! under the prefix `redirect_uri`. Everything else is refused by name.

pub mod answer;
pub mod by_value;
pub mod encryption;
pub mod link;
pub mod request;
pub mod response;
pub mod transaction;

pub use answer::{
    AnswerRefusal, Approval, StatusFinding, UndeterminedStatus, VerifiedAnswer, judge_kept_status,
    judge_status, verify_answer,
};
pub use by_value::ByValueRefusal;
pub use encryption::{ResponseEncryption, ResponseMode};
pub use link::{Link, NotALink};
pub use request::{RequestContext, RequestObject, RequestRefusal, VerifiedRequest, verify_request};
pub use response::{Acknowledgement, Posted, VpToken, WalletResponse};
pub use transaction::{TransactionData, TransactionRefusal};

use std::{fmt, str::FromStr};

use crate::x509;

/// `typ` of a request object (section 5).
pub const REQUEST_TYP: &str = "oauth-authz-req+jwt";
/// Media type of a request object (RFC 9101, section 9.4.1).
pub const REQUEST_MEDIA_TYPE: &str = "application/oauth-authz-req+jwt";
/// `aud` of a request object for wallets found by static metadata (section 5.8).
pub const AUDIENCE_STATIC: &str = "https://self-issued.me/v2";
/// Format of the entry of `verifier_info` in which our askers state their purpose in six languages.
/// Its `data` is an object from BCP 47 tag to text; it is the asker's own word, covered by the request's signature.
pub const PURPOSE_FORMAT: &str = "urn:sahihi:purpose:1";

/// How a wallet is to check a client identifier (section 5.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Prefix {
    /// A DNS name that the leaf certificate carries.
    X509SanDns,
    /// The base64url SHA-256 of the leaf certificate; the one that HAIP 1.0 demands.
    X509Hash,
    /// The address to which the answer goes, of an asker of whom nothing else is known; never signed.
    RedirectUri,
}

impl Prefix {
    /// As it is written before the colon.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X509SanDns => "x509_san_dns",
            Self::X509Hash => "x509_hash",
            Self::RedirectUri => "redirect_uri",
        }
    }
}

impl FromStr for Prefix {
    type Err = UnknownPrefix;
    fn from_str(text: &str) -> Result<Self, UnknownPrefix> {
        [Self::X509SanDns, Self::X509Hash, Self::RedirectUri]
            .into_iter()
            .find(|p| p.as_str() == text)
            .ok_or(UnknownPrefix)
    }
}

/// The client identifier has no prefix, or one that is not spoken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the client identifier has no prefix that is supported")]
pub struct UnknownPrefix;

/// A full client identifier, prefix included: what `aud` of every answer must be (section 14.8).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId {
    prefix: Prefix,
    name: String,
}

impl ClientId {
    /// `x509_san_dns:` and a DNS name.
    pub fn san_dns(name: impl Into<String>) -> Self {
        Self { prefix: Prefix::X509SanDns, name: name.into() }
    }

    /// `x509_hash:` and the digest of a leaf certificate.
    pub fn hash(leaf_sha256: &[u8; 32]) -> Self {
        Self { prefix: Prefix::X509Hash, name: crate::b64::encode(leaf_sha256) }
    }

    /// `redirect_uri:` and where the answer goes.
    pub fn redirect_uri(response_uri: impl Into<String>) -> Self {
        Self { prefix: Prefix::RedirectUri, name: response_uri.into() }
    }

    /// How it is to be checked.
    pub const fn prefix(&self) -> Prefix {
        self.prefix
    }

    /// What stands behind the prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this certificate may speak under this identifier.
    pub fn matches(&self, leaf: &x509::Leaf) -> bool {
        match self.prefix {
            Prefix::X509SanDns => leaf.has_dns_name(&self.name),
            Prefix::X509Hash => self.name == crate::b64::encode(&leaf.sha256),
            Prefix::RedirectUri => false,
        }
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.prefix.as_str(), self.name)
    }
}

impl FromStr for ClientId {
    type Err = UnknownPrefix;
    fn from_str(text: &str) -> Result<Self, UnknownPrefix> {
        let (prefix, name) = text.split_once(':').ok_or(UnknownPrefix)?;
        if name.is_empty() || name.len() > 255 {
            return Err(UnknownPrefix);
        }
        Ok(Self { prefix: prefix.parse()?, name: name.to_owned() })
    }
}

/// Whether an address of the other party may be called: https, or, where `insecure_loopback` is set, http on the
/// loopback; without user, password and fragment; and written as it is called.
pub fn is_callable(address: &str, insecure_loopback: bool) -> bool {
    if !is_plain(address) {
        return false;
    }
    let Ok(url) = url::Url::parse(address) else { return false };
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let scheme = match url.scheme() {
        "https" => url.has_host(),
        "http" => insecure_loopback && loopback,
        _ => false,
    };
    scheme && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
}

/// Whether an address has nothing that parsers of URLs pass over or rewrite, and that no URI can hold (RFC 3986,
/// section 2): line ends and tabs, backslashes, other scripts. One who reads it would see another than is called.
pub(crate) fn is_plain(address: &str) -> bool {
    address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
pub(crate) mod tests;
