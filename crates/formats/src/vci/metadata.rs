//! Metadata: of the credential issuer (section 12.2) and of the authorization server (section 12.3, RFC 8414).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Error;
use crate::json;

/// The well-known name of credential issuer metadata (section 12.2.2).
pub const WELL_KNOWN_ISSUER: &str = "openid-credential-issuer";
/// The well-known name of authorization server metadata (RFC 8414, section 3).
pub const WELL_KNOWN_AUTHORIZATION_SERVER: &str = "oauth-authorization-server";

/// Where the metadata `name` of `identifier` are: `/.well-known/{name}` *inserted* between host and path
/// (section 12.2.2; RFC 8414, section 3.1).
///
/// ```text
/// https://a.example/tenant -> https://a.example/.well-known/openid-credential-issuer/tenant
/// ```
///
/// # Errors
/// The identifier is not an http(s) URL, or has a query, a fragment or a user's name.
pub fn well_known_url(identifier: &str, name: &str) -> Result<String, Error> {
    let url = url::Url::parse(identifier).map_err(|_| Error::NotAnIdentifier("not a URL"))?;
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return Err(Error::NotAnIdentifier("not an https URL"));
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(Error::NotAnIdentifier("it has a query, a fragment or a user"));
    }
    let origin = url.origin().ascii_serialization();
    let path = url.path().trim_end_matches('/');
    Ok(format!("{origin}/.well-known/{name}{path}"))
}

/// What a credential issuer says about itself (section 12.2.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerMetadata {
    /// The identifier, byte for byte.
    pub credential_issuer: String,
    /// Authorization servers; empty: the issuer is its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_servers: Vec<String>,
    /// Where credentials are fetched.
    pub credential_endpoint: String,
    /// Where a `c_nonce` is had; absent: none is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce_endpoint: Option<String>,
    /// Where a wallet says what became of a credential (section 11); absent: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_endpoint: Option<String>,
    /// How many proofs one request may carry; absent: one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_credential_issuance: Option<BatchIssuance>,
    /// Names of the issuer, one a language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub display: Vec<IssuerDisplay>,
    /// What can be had, by `credential_configuration_id`.
    pub credential_configurations_supported: BTreeMap<String, CredentialConfiguration>,
}

/// `batch_credential_issuance`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchIssuance {
    /// How many proofs one request may carry, at least 2.
    pub batch_size: u32,
}

/// The issuer's name in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerDisplay {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// One credential that can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialConfiguration {
    /// `dc+sd-jwt`; a wallet may read others.
    pub format: String,
    /// The OAuth scope that stands for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The type of an SD-JWT VC (appendix A.3.2); absent in other formats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vct: Option<String>,
    /// Signature algorithms of the credential.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credential_signing_alg_values_supported: Vec<SigningAlg>,
    /// `jwk` where the credential is bound to a key; empty: it is bound to none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cryptographic_binding_methods_supported: Vec<String>,
    /// Key proofs by type; empty if and only if the binding methods are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub proof_types_supported: BTreeMap<String, ProofType>,
    /// How it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_metadata: Option<CredentialMetadata>,
}

/// A signature algorithm: a name for JOSE, a number for COSE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SigningAlg {
    /// IANA "JSON Web Signature and Encryption Algorithms".
    Jose(String),
    /// IANA "COSE Algorithms".
    Cose(i64),
}

/// What a key proof of one type must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofType {
    /// Signature algorithms.
    pub proof_signing_alg_values_supported: Vec<String>,
    /// Present: a key attestation is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_attestations_required: Option<serde_json::Value>,
}

/// How a credential is shown (`credential_metadata`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialMetadata {
    /// One object a language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub display: Vec<CredentialDisplay>,
    /// The claims, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ClaimDescription>,
}

/// How a credential is shown in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialDisplay {
    /// Its name.
    pub name: String,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// A description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// CSS colour, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background_color: Option<String>,
    /// CSS colour, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_color: Option<String>,
}

/// One claim (appendix B.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimDescription {
    /// Claims path pointer (appendix C), not empty.
    pub path: Vec<PathElement>,
    /// Whether the credential always has it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mandatory: bool,
    /// Labels, one a language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub display: Vec<ClaimDisplay>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// One step of a claims path pointer (appendix C.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PathElement {
    /// A member of an object.
    Name(String),
    /// An element of an array.
    Index(u64),
    /// Every element of an array: `null`.
    All,
}

/// The label of a claim in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimDisplay {
    /// The label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

impl IssuerMetadata {
    /// Reads the metadata that were fetched for `identifier`.
    ///
    /// # Errors
    /// Malformed; another issuer's; a rule of section 12.2.4 broken ([`IssuerMetadata::check`]).
    pub fn parse(body: &[u8], identifier: &str) -> Result<Self, Error> {
        let metadata: Self = json::parse_as(body)?;
        if metadata.credential_issuer != identifier {
            return Err(Error::OtherIssuer);
        }
        metadata.check()?;
        Ok(metadata)
    }

    /// The rules of section 12.2.4 that the types do not carry.
    pub fn check(&self) -> Result<(), Error> {
        if self.batch_credential_issuance.is_some_and(|b| b.batch_size < 2) {
            return Err(Error::Rule("batch_size is less than 2"));
        }
        once_each(self.display.iter().map(|d| d.locale.as_deref()))?;
        for configuration in self.credential_configurations_supported.values() {
            // Of other formats nothing is used, and the standard's own examples (A.1.2.2, A.2.2) break the first rule.
            if configuration.format == super::FORMAT_SD_JWT_VC {
                let bound = !configuration.cryptographic_binding_methods_supported.is_empty();
                if bound == configuration.proof_types_supported.is_empty() {
                    return Err(Error::Rule("binding methods and proof types appear together or not at all"));
                }
                if configuration.vct.is_none() {
                    return Err(Error::Rule("an SD-JWT VC without a vct"));
                }
            }
            if let Some(metadata) = &configuration.credential_metadata {
                once_each(metadata.display.iter().map(|d| d.locale.as_deref()))?;
                for claim in &metadata.claims {
                    if claim.path.is_empty() {
                        return Err(Error::Rule("an empty claims path"));
                    }
                    once_each(claim.display.iter().map(|d| d.locale.as_deref()))?;
                }
            }
        }
        Ok(())
    }

    /// The identifier of the authorization server for an offer that names `hint` or none (section 12.2.4).
    ///
    /// # Errors
    /// The hint is not among the servers.
    pub fn authorization_server(&self, hint: Option<&str>) -> Result<&str, Error> {
        match (hint, self.authorization_servers.first()) {
            (None, None) => Ok(&self.credential_issuer),
            (None, Some(first)) => Ok(first),
            (Some(hint), _) => self
                .authorization_servers
                .iter()
                .find(|s| *s == hint)
                .map(String::as_str)
                .ok_or(Error::Rule("the offer names an authorization server that the issuer does not")),
        }
    }
}

fn once_each<'a>(locales: impl Iterator<Item = Option<&'a str>>) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for locale in locales.flatten() {
        if !seen.insert(locale.to_ascii_lowercase()) {
            return Err(Error::Rule("a locale is repeated"));
        }
    }
    Ok(())
}

/// What the authorization server says about itself (RFC 8414, section 2; section 12.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationServerMetadata {
    /// The identifier, byte for byte.
    pub issuer: String,
    /// Where tokens are had.
    pub token_endpoint: String,
    /// Grant types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_types_supported: Vec<String>,
    /// Response types; a server that knows only pre-authorized codes may leave them out (section 12.2.4).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_types_supported: Vec<String>,
    /// How clients authenticate themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// Types of authorization details (RFC 9396, section 10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_details_types_supported: Vec<String>,
    /// Whether a pre-authorized code can be redeemed without `client_id`; absent means no.
    #[serde(
        rename = "pre-authorized_grant_anonymous_access_supported",
        default,
        skip_serializing_if = "is_false"
    )]
    pub pre_authorized_grant_anonymous_access_supported: bool,
    /// Where all status lists are named (Token Status List, draft 14, section 9.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_list_aggregation_endpoint: Option<String>,
}

impl AuthorizationServerMetadata {
    /// Reads the metadata that were fetched for the server `issuer`.
    ///
    /// # Errors
    /// Malformed, or another server's (RFC 8414, section 3.3).
    pub fn parse(body: &[u8], issuer: &str) -> Result<Self, Error> {
        let metadata: Self = json::parse_as(body)?;
        if metadata.issuer == issuer { Ok(metadata) } else { Err(Error::OtherIssuer) }
    }
}
