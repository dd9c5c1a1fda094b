//! The credential offer (section 4.1): the object, and the links that carry it by value or by reference.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use super::Error;
use crate::json;

/// The scheme of offer links (section 4.1, registered in section H.9).
pub const SCHEME: &str = "openid-credential-offer";
/// The scheme that HAIP 1.0 (section 4.2) adds.
pub const SCHEME_HAIP: &str = "haip-vci";

/// How long the guidance beside a transaction code may be, characters (section 4.1.1).
pub const TX_CODE_DESCRIPTION_CHARS_MAX: usize = 300;

/// What an issuer offers (section 4.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialOffer {
    /// Who offers. Not authenticated: a wallet fetches that issuer's metadata and judges those.
    pub credential_issuer: String,
    /// Keys of `credential_configurations_supported`: at least one, no two equal.
    pub credential_configuration_ids: Vec<String>,
    /// How a token may be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Grants>,
}

/// `grants`: grants of other kinds are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// The authorization code flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_code: Option<AuthorizationCodeGrant>,
    /// The pre-authorized code flow.
    #[serde(
        rename = "urn:ietf:params:oauth:grant-type:pre-authorized_code",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub pre_authorized_code: Option<PreAuthorizedCodeGrant>,
}

/// The authorization code flow in an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationCodeGrant {
    /// To be echoed in the authorization request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_state: Option<String>,
    /// Which of several authorization servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_server: Option<String>,
}

/// The pre-authorized code flow in an offer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreAuthorizedCodeGrant {
    /// The code: a secret.
    #[serde(rename = "pre-authorized_code")]
    pub pre_authorized_code: String,
    /// Present, even if empty: a transaction code is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_code: Option<TxCode>,
    /// Which of several authorization servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_server: Option<String>,
}

impl fmt::Debug for PreAuthorizedCodeGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreAuthorizedCodeGrant").field("tx_code", &self.tx_code).finish_non_exhaustive()
    }
}

/// What kind of transaction code is needed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxCode {
    /// Absent means numeric.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_mode: Option<InputMode>,
    /// Characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Guidance for the person, at most 300 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Which characters a transaction code has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputMode {
    /// Digits.
    Numeric,
    /// Any.
    Text,
}

impl CredentialOffer {
    /// An offer of one credential for a pre-authorized code.
    pub fn pre_authorized(
        credential_issuer: &str,
        configuration_id: &str,
        code: &str,
        tx_code: Option<TxCode>,
    ) -> Self {
        Self {
            credential_issuer: credential_issuer.to_owned(),
            credential_configuration_ids: vec![configuration_id.to_owned()],
            grants: Some(Grants {
                authorization_code: None,
                pre_authorized_code: Some(PreAuthorizedCodeGrant {
                    pre_authorized_code: code.to_owned(),
                    tx_code,
                    authorization_server: None,
                }),
            }),
        }
    }

    /// Reads an offer that was fetched or came in a link.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let offer: Self = json::parse_as(body)?;
        let ids: BTreeSet<_> = offer.credential_configuration_ids.iter().collect();
        if ids.is_empty() || ids.len() != offer.credential_configuration_ids.len() {
            return Err(Error::Rule("credential_configuration_ids is empty or repeats one"));
        }
        let tx_code = offer.pre_authorized_code().and_then(|g| g.tx_code.as_ref());
        if let Some(description) = tx_code.and_then(|t| t.description.as_ref())
            && description.chars().count() > TX_CODE_DESCRIPTION_CHARS_MAX
        {
            return Err(Error::Rule("the description of tx_code is too long"));
        }
        Ok(offer)
    }

    /// The grant of the pre-authorized code flow.
    pub fn pre_authorized_code(&self) -> Option<&PreAuthorizedCodeGrant> {
        self.grants.as_ref()?.pre_authorized_code.as_ref()
    }

    /// The offer as JSON.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|e| Error::Json(e.to_string()))
    }

    /// The link that carries the offer itself (section 4.1.2).
    pub fn link_by_value(&self) -> Result<String, Error> {
        Ok(link("credential_offer", &self.to_json()?))
    }
}

/// The link that says where the offer can be fetched (section 4.1.3).
pub fn link_by_reference(credential_offer_uri: &str) -> String {
    link("credential_offer_uri", credential_offer_uri)
}

fn link(name: &str, value: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    // Wallets decode with URI rules, where `+` is a plus sign.
    format!("{SCHEME}://?{}", query.replace('+', "%20"))
}

/// What a link carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfferLink {
    /// The offer itself.
    Value(Box<CredentialOffer>),
    /// Where to fetch it with GET (`application/json`).
    Reference(String),
}

impl OfferLink {
    /// Reads `openid-credential-offer://?…` or `haip-vci://?…` with exactly one of the two parameters.
    pub fn parse(link: &str) -> Result<Self, Error> {
        let url = url::Url::parse(link.trim()).map_err(|_| Error::NotAnOfferLink)?;
        if ![SCHEME, SCHEME_HAIP].contains(&url.scheme()) {
            return Err(Error::NotAnOfferLink);
        }
        let mut found = None;
        for (name, value) in url.query_pairs() {
            let by_value = match &*name {
                "credential_offer" => true,
                "credential_offer_uri" => false,
                _ => continue,
            };
            if found.replace((by_value, value.into_owned())).is_some() {
                return Err(Error::Rule("more than one offer in a link"));
            }
        }
        match found {
            Some((true, offer)) => Ok(Self::Value(Box::new(CredentialOffer::parse(offer.as_bytes())?))),
            Some((false, uri)) => Ok(Self::Reference(uri)),
            None => Err(Error::NotAnOfferLink),
        }
    }
}
