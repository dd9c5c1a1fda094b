//! Messages of OpenID4VCI 1.0 (final), for both sides: the issuer and the wallet.
//!
//! Read in the order of the flow: [`metadata`] (what an issuer says about itself, section 12.2, and its
//! authorization server, section 12.3), [`offer`] (section 4), [`token`] (section 6), [`credential`] (nonce and
//! credential endpoints, sections 7 and 8), [`proof`] (the `jwt` key proof, appendix F.1).
//!
//! What we write holds only members that the standard names; members that we do not know are ignored when we read,
//! as the standard demands. Duplicate members are refused, by [`crate::json`].
//! What a URL may be (https, or http on the loopback) is the reader's policy: see [`is_acceptable_url`].

pub mod credential;
pub mod metadata;
pub mod offer;
pub mod proof;
pub mod token;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;

pub use credential::{
    CredentialErrorCode, CredentialRefusal, CredentialRequest, CredentialResponse, IssuedCredential,
    NonceResponse,
};
pub use metadata::{AuthorizationServerMetadata, CredentialConfiguration, IssuerMetadata, well_known_url};
pub use offer::{CredentialOffer, OfferLink};
pub use token::{GrantRequest, RefreshRequest, TokenErrorCode, TokenRefusal, TokenRequest, TokenResponse};

use serde::{Deserialize, Serialize};

use crate::json;

/// The format identifier of SD-JWT VC (appendix A.3.1).
pub const FORMAT_SD_JWT_VC: &str = "dc+sd-jwt";

/// The grant type of the pre-authorized code flow (section 4.1.1).
pub const GRANT_PRE_AUTHORIZED_CODE: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
/// The grant with a refresh token (RFC 6749, section 6).
pub const GRANT_REFRESH_TOKEN: &str = "refresh_token";

/// The authorization details type of this standard (section 5.1.1).
pub const AUTHORIZATION_DETAILS_TYPE: &str = "openid_credential";

/// A message is not what the standard says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not JSON of the right shape, too long, too deep, or with duplicate members.
    #[error("malformed message: {0}")]
    Json(String),
    /// The metadata are those of another issuer: compared byte by byte (section 12.2.1).
    #[error("the metadata are not those of the issuer that was asked for")]
    OtherIssuer,
    /// Two members contradict each other, or one breaks a rule of the standard.
    #[error("the message breaks a rule: {0}")]
    Rule(&'static str),
    /// Not a link to a credential offer.
    #[error("not a link to a credential offer")]
    NotAnOfferLink,
    /// An identifier or address that is not a URL, or has a query or a fragment where none may be.
    #[error("not an identifier: {0}")]
    NotAnIdentifier(&'static str),
}

impl From<json::Error> for Error {
    fn from(error: json::Error) -> Self {
        Self::Json(error.to_string())
    }
}

/// The body of an error answer of the token or the credential endpoint, as a wallet reads it
/// (RFC 6749, section 5.2; section 8.3.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The code.
    pub error: String,
    /// ASCII, for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

impl ErrorBody {
    /// Reads one.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        Ok(json::parse_as(body)?)
    }
}

/// Whether `url` is https, or, when `insecure_loopback` is set, http to `localhost`, 127.0.0.0/8 or `[::1]`;
/// never with a fragment or with a user's name, and written as it is called.
pub fn is_acceptable_url(url: &str, insecure_loopback: bool) -> bool {
    if !crate::vp::is_plain(url) {
        return false;
    }
    let Ok(url) = url::Url::parse(url) else { return false };
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    match url.scheme() {
        "https" => true,
        "http" => insecure_loopback && loopback,
        _ => false,
    }
}
