//! The token endpoint (section 6, RFC 6749): request, answer, refusals, for the pre-authorized code grant and for
//! what it is refreshed with (RFC 6749, section 6).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AUTHORIZATION_DETAILS_TYPE, Error, ErrorBody, GRANT_PRE_AUTHORIZED_CODE, GRANT_REFRESH_TOKEN};
use crate::json;

/// A request for a token with a pre-authorized code.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The code from the offer.
    pub pre_authorized_code: String,
    /// What the person typed.
    pub tx_code: Option<String>,
    /// The `credential_configuration_id` of each authorization detail of type `openid_credential`;
    /// `None`: the parameter was not used.
    pub authorization_details: Option<Vec<String>>,
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("authorization_details", &self.authorization_details)
            .finish_non_exhaustive()
    }
}

/// Why no token is given (RFC 6749, section 5.2; RFC 9396, section 5), HTTP 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenErrorCode {
    /// A parameter is missing, repeated, or comes where none is expected.
    InvalidRequest,
    /// The code or the transaction code is wrong, used or expired.
    InvalidGrant,
    /// Another grant than the pre-authorized code and the refresh token.
    UnsupportedGrantType,
    /// Authorization details that are malformed or not offered.
    InvalidAuthorizationDetails,
}

impl TokenErrorCode {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::InvalidRequest,
        Self::InvalidGrant,
        Self::UnsupportedGrantType,
        Self::InvalidAuthorizationDetails,
    ];

    /// The code on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidAuthorizationDetails => "invalid_authorization_details",
        }
    }
}

/// A refusal: the code and a description in ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.code())]
pub struct TokenRefusal {
    /// The code.
    pub code: TokenErrorCode,
    /// For developers: ASCII without quotes and backslashes, and without anything from the request.
    pub description: &'static str,
}

impl TokenRefusal {
    /// A refusal.
    pub const fn new(code: TokenErrorCode, description: &'static str) -> Self {
        Self { code, description }
    }

    /// The body of the answer.
    pub fn body(&self) -> ErrorBody {
        ErrorBody { error: self.code.code().to_owned(), error_description: Some(self.description.to_owned()) }
    }
}

/// An authorization detail (section 5.1.1), in a request and, with identifiers, in the answer (section 6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationDetail {
    /// `openid_credential`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which credential.
    pub credential_configuration_id: String,
    /// What to ask the credential endpoint for; in answers only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credential_identifiers: Vec<String>,
}

impl TokenRequest {
    /// The parameters that [`TokenRequest::from_pairs`] reads.
    pub const PARAMETERS: [&str; 4] =
        ["grant_type", "pre-authorized_code", "tx_code", "authorization_details"];

    /// The body, `application/x-www-form-urlencoded`.
    pub fn to_form(&self) -> Result<String, Error> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", GRANT_PRE_AUTHORIZED_CODE);
        form.append_pair("pre-authorized_code", &self.pre_authorized_code);
        if let Some(tx_code) = &self.tx_code {
            form.append_pair("tx_code", tx_code);
        }
        if let Some(ids) = &self.authorization_details {
            let details: Vec<_> = ids.iter().map(|id| AuthorizationDetail::requested(id)).collect();
            let text = serde_json::to_string(&details).map_err(|e| Error::Json(e.to_string()))?;
            form.append_pair("authorization_details", &text);
        }
        Ok(form.finish())
    }

    /// Reads the pairs of a form. Empty values count as absent, unknown names are ignored, repeated names refused
    /// (RFC 6749, section 3.2).
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, TokenRefusal> {
        use TokenErrorCode::{InvalidAuthorizationDetails, InvalidRequest, UnsupportedGrantType};
        let (mut grant, mut code, mut tx_code, mut details) = (None, None, None, None);
        for (name, value) in pairs {
            let slot = match name {
                "grant_type" => &mut grant,
                "pre-authorized_code" => &mut code,
                "tx_code" => &mut tx_code,
                "authorization_details" => &mut details,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(TokenRefusal::new(InvalidRequest, "a parameter is repeated"));
            }
        }
        let present = |value: Option<&'a str>| value.filter(|v| !v.is_empty());
        match present(grant) {
            None => return Err(TokenRefusal::new(InvalidRequest, "grant_type is missing")),
            Some(GRANT_PRE_AUTHORIZED_CODE) => {}
            Some(_) => {
                return Err(TokenRefusal::new(
                    UnsupportedGrantType,
                    "only the pre-authorized code and the refresh token are grants",
                ));
            }
        }
        let code =
            present(code).ok_or(TokenRefusal::new(InvalidRequest, "pre-authorized_code is missing"))?;
        let authorization_details = present(details)
            .map(|text| AuthorizationDetail::read_requested(text.as_bytes()))
            .transpose()
            .map_err(|description| TokenRefusal::new(InvalidAuthorizationDetails, description))?;
        Ok(Self {
            pre_authorized_code: code.to_owned(),
            tx_code: present(tx_code).map(str::to_owned),
            authorization_details,
        })
    }
}

/// A request for another token with a refresh token (RFC 6749, section 6).
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshRequest {
    /// The refresh token: a secret.
    pub refresh_token: String,
}

impl fmt::Debug for RefreshRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshRequest")
    }
}

impl RefreshRequest {
    /// The body, `application/x-www-form-urlencoded`.
    pub fn to_form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", GRANT_REFRESH_TOKEN);
        form.append_pair("refresh_token", &self.refresh_token);
        form.finish()
    }
}

/// A request to the token endpoint, by its grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantRequest {
    /// With a code from an offer.
    PreAuthorizedCode(TokenRequest),
    /// With a refresh token.
    Refresh(RefreshRequest),
}

impl GrantRequest {
    /// The parameters that [`GrantRequest::from_pairs`] reads.
    pub const PARAMETERS: [&str; 5] =
        ["grant_type", "pre-authorized_code", "tx_code", "authorization_details", "refresh_token"];

    /// Reads the pairs of a form, each name once, as [`TokenRequest::from_pairs`] does.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, TokenRefusal> {
        use TokenErrorCode::InvalidRequest;
        let pairs: Vec<(&str, &str)> = pairs.into_iter().collect();
        let only = |wanted: &str| {
            let mut values = pairs.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| *value);
            let first = values.next().filter(|value| !value.is_empty());
            if values.next().is_some() {
                return Err(TokenRefusal::new(InvalidRequest, "a parameter is repeated"));
            }
            Ok(first)
        };
        if only("grant_type")? != Some(GRANT_REFRESH_TOKEN) {
            return TokenRequest::from_pairs(pairs).map(Self::PreAuthorizedCode);
        }
        let token =
            only("refresh_token")?.ok_or(TokenRefusal::new(InvalidRequest, "refresh_token is missing"))?;
        Ok(Self::Refresh(RefreshRequest { refresh_token: token.to_owned() }))
    }
}

impl AuthorizationDetail {
    fn requested(id: &str) -> Self {
        Self {
            kind: AUTHORIZATION_DETAILS_TYPE.to_owned(),
            credential_configuration_id: id.to_owned(),
            credential_identifiers: Vec::new(),
        }
    }

    fn read_requested(text: &[u8]) -> Result<Vec<String>, &'static str> {
        let details: Vec<Self> = json::parse_as(text).map_err(|_| "authorization_details is malformed")?;
        if details.is_empty() {
            return Err("authorization_details is empty");
        }
        let known = details
            .into_iter()
            .map(|d| (d.kind == AUTHORIZATION_DETAILS_TYPE).then_some(d.credential_configuration_id));
        known.collect::<Option<_>>().ok_or("authorization_details of an unknown type")
    }
}

/// A token (RFC 6749, section 5.1; section 6.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// The token: a secret.
    pub access_token: String,
    /// `Bearer`, compared without regard to case.
    pub token_type: String,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<i64>,
    /// With which another token can be had, once: a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Present when it was asked for: the wallet must then use the identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_details: Vec<AuthorizationDetail>,
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

impl TokenResponse {
    /// Reads one; only bearer tokens are understood.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let response: Self = json::parse_as(body)?;
        if !response.token_type.eq_ignore_ascii_case("bearer") {
            return Err(Error::Rule("not a bearer token"));
        }
        Ok(response)
    }

    /// What to ask the credential endpoint for when `configuration_id` is wanted: the identifier if the server gave
    /// one, the configuration id otherwise.
    pub fn selector(&self, configuration_id: &str) -> super::credential::Selector {
        use super::credential::Selector;
        self.authorization_details
            .iter()
            .filter(|d| {
                d.kind == AUTHORIZATION_DETAILS_TYPE && d.credential_configuration_id == configuration_id
            })
            .find_map(|d| d.credential_identifiers.first())
            .map_or_else(
                || Selector::Configuration(configuration_id.to_owned()),
                |id| Selector::Identifier(id.clone()),
            )
    }
}
