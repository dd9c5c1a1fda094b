//! What a wallet posts to `response_uri` and what it gets back (section 8.2, `direct_post`; section 8.3.1,
//! `direct_post.jwt`; section 8.5, errors).
//!
//! A wallet calls [`WalletResponse::to_form_for`]; an asker reads [`Posted`] first, which says whether a key is needed.

use std::collections::BTreeMap;

use base::limits::{BODY_BYTES_MAX, DCQL_CREDENTIALS_MAX, SD_JWT_BYTES_MAX};
use crypto::{KeyAgreement, Random};
use serde_json::{Map, Value};

use super::{RequestObject, ResponseEncryption};
use crate::{
    json,
    jwe::{self, Jwe},
};

/// A `vp_token`: presentations by credential query id (section 8.1), with its text as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpToken {
    text: String,
    presentations: BTreeMap<String, Vec<String>>,
}

/// The form is not a response (section 8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseRefusal {
    /// Not a form, too long, or with a parameter twice.
    #[error("the response is not a form as required")]
    Form,
    /// Neither `vp_token` nor `error`, or both.
    #[error("the response has neither vp_token nor error, or both")]
    NeitherNorBoth,
    /// `vp_token` is not a JSON object from ids to non-empty arrays of presentations.
    #[error("vp_token is malformed")]
    VpToken,
    /// It came as it is, and was to be encrypted.
    #[error("the response is not encrypted, and must be")]
    NotEncrypted,
    /// It is encrypted, and nobody asked for that.
    #[error("the response is encrypted, and must not be")]
    Encrypted,
    /// It is encrypted to another key than the request's, or does not say to which.
    #[error("the response is encrypted to another key than the request's")]
    Kid,
    /// It is no JWE that we read, or cannot be decrypted.
    #[error("the encrypted response: {0}")]
    Jwe(jwe::Error),
    /// What was encrypted is not a JSON object with the parameters of a response.
    #[error("what was encrypted is not a response")]
    Payload,
}

impl ResponseRefusal {
    /// The stable code of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "response_form",
            Self::NeitherNorBoth => "response_incomplete",
            Self::VpToken => "vp_token_malformed",
            Self::NotEncrypted => "response_not_encrypted",
            Self::Encrypted => "response_encrypted",
            Self::Kid => "response_kid",
            Self::Jwe(fault) => fault.code(),
            Self::Payload => "response_payload",
        }
    }
}

impl VpToken {
    /// Makes one to answer with.
    pub fn new(presentations: BTreeMap<String, Vec<String>>) -> Self {
        let value: Value =
            presentations.iter().map(|(id, list)| (id.clone(), Value::from(list.clone()))).collect();
        Self { text: value.to_string(), presentations }
    }

    /// Reads one. Entries that are objects, as other formats have them, are malformed here.
    pub fn parse(text: &str) -> Result<Self, ResponseRefusal> {
        let value = json::parse(text.as_bytes()).map_err(|_| ResponseRefusal::VpToken)?;
        Ok(Self { text: text.to_owned(), presentations: Self::read(value)? })
    }

    /// The one that was in an encrypted response, where it is an object and not a text: written anew in canonical form.
    /// What is signed in it are the presentations, which are texts and stay as they are.
    fn from_value(value: &Value) -> Result<Self, ResponseRefusal> {
        let text = String::from_utf8(json::canonical(value)).map_err(|_| ResponseRefusal::VpToken)?;
        Ok(Self { text, presentations: Self::read(value.clone())? })
    }

    fn read(value: Value) -> Result<BTreeMap<String, Vec<String>>, ResponseRefusal> {
        let Value::Object(object) = value else { return Err(ResponseRefusal::VpToken) };
        if object.is_empty() || object.len() > DCQL_CREDENTIALS_MAX {
            return Err(ResponseRefusal::VpToken);
        }
        object
            .into_iter()
            .map(|(id, list)| {
                let list = list.as_array().filter(|l| !l.is_empty() && l.len() <= DCQL_CREDENTIALS_MAX)?;
                let list = list
                    .iter()
                    .map(|p| p.as_str().filter(|p| p.len() <= SD_JWT_BYTES_MAX).map(str::to_owned))
                    .collect::<Option<Vec<_>>>()?;
                Some((id, list))
            })
            .collect::<Option<_>>()
            .ok_or(ResponseRefusal::VpToken)
    }

    /// The text as received.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Presentations by credential query id.
    pub const fn presentations(&self) -> &BTreeMap<String, Vec<String>> {
        &self.presentations
    }
}

/// What a wallet says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalletResponse {
    /// The person shows what was asked for.
    Presentation {
        /// What is shown.
        vp_token: VpToken,
        /// `state` of the request, echoed.
        state: Option<String>,
    },
    /// The wallet or the person says no (section 8.5). Not signed by anybody: anyone who has seen the request can send it.
    Error {
        /// `access_denied`, `invalid_request`, …
        error: String,
        /// For developers.
        description: Option<String>,
        /// `state` of the request, echoed.
        state: Option<String>,
    },
}

/// What was posted to `response_uri`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// As it is.
    Plain(WalletResponse),
    /// Encrypted: a compact JWE, not yet read.
    Encrypted(String),
}

impl Posted {
    /// Reads a form.
    pub fn from_form(body: &[u8]) -> Result<Self, ResponseRefusal> {
        if body.len() > BODY_BYTES_MAX {
            return Err(ResponseRefusal::Form);
        }
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(body).map_err(|_| ResponseRefusal::Form)?;
        // What is not UTF-8 was replaced by this character on the way, and has no business here otherwise.
        if pairs.iter().any(|(n, v)| n.contains('\u{fffd}') || v.contains('\u{fffd}')) {
            return Err(ResponseRefusal::Form);
        }
        let mut names: Vec<&str> = pairs.iter().map(|(n, _)| n.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|w| w.first() == w.last()) {
            return Err(ResponseRefusal::Form);
        }
        let get = |name: &str| pairs.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.clone());
        match (get("response"), get("vp_token"), get("error")) {
            (Some(jwe), None, None) => Ok(Self::Encrypted(jwe)),
            (None, Some(text), None) => Ok(Self::Plain(WalletResponse::Presentation {
                vp_token: VpToken::parse(&text)?,
                state: get("state"),
            })),
            (None, None, Some(error)) => Ok(Self::Plain(WalletResponse::Error {
                error,
                description: get("error_description"),
                state: get("state"),
            })),
            _ => Err(ResponseRefusal::NeitherNorBoth),
        }
    }

    /// What the wallet says, if it came as `asked` for: encrypted to the request's key, which is `key`, or as it is.
    /// A wallet that cannot encrypt may say so as it is (section 8.3.1), so an error is taken either way.
    pub fn open(
        self,
        asked: Option<&ResponseEncryption>,
        key: Option<&dyn KeyAgreement>,
    ) -> Result<WalletResponse, ResponseRefusal> {
        match (self, asked, key) {
            (Self::Plain(response @ WalletResponse::Error { .. }), ..) | (Self::Plain(response), None, _) => {
                Ok(response)
            }
            (Self::Plain(_), Some(_), _) => Err(ResponseRefusal::NotEncrypted),
            (Self::Encrypted(_), None, _) => Err(ResponseRefusal::Encrypted),
            (Self::Encrypted(_), Some(_), None) => Err(ResponseRefusal::Jwe(jwe::Error::KeyAgreement)),
            (Self::Encrypted(text), Some(asked), Some(key)) => {
                let jwe = Jwe::parse(&text).map_err(ResponseRefusal::Jwe)?;
                if jwe.header.kid.as_deref() != asked.key.kid() {
                    return Err(ResponseRefusal::Kid);
                }
                let payload = jwe.decrypt(key, &asked.encs).map_err(ResponseRefusal::Jwe)?;
                WalletResponse::from_payload(&payload)
            }
        }
    }
}

impl WalletResponse {
    /// Reads the body of a `direct_post`.
    pub fn from_form(body: &[u8]) -> Result<Self, ResponseRefusal> {
        Posted::from_form(body)?.open(None, None)
    }

    /// Reads what was encrypted (section 8.3): the parameters as members of a JSON object.
    fn from_payload(payload: &[u8]) -> Result<Self, ResponseRefusal> {
        let Ok(Value::Object(object)) = json::parse(payload) else { return Err(ResponseRefusal::Payload) };
        let text = |name: &str| match object.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ResponseRefusal::Payload),
        };
        match (object.get("vp_token"), text("error")?) {
            (Some(vp_token), None) => {
                Ok(Self::Presentation { vp_token: VpToken::from_value(vp_token)?, state: text("state")? })
            }
            (None, Some(error)) => {
                Ok(Self::Error { error, description: text("error_description")?, state: text("state")? })
            }
            _ => Err(ResponseRefusal::NeitherNorBoth),
        }
    }

    /// What is encrypted: the parameters as members of a JSON object.
    fn to_payload(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        match self {
            Self::Presentation { vp_token, .. } => {
                let presentations = vp_token.presentations.iter();
                put(
                    "vp_token",
                    presentations.map(|(id, list)| (id.clone(), Value::from(list.clone()))).collect(),
                );
            }
            Self::Error { error, description, .. } => {
                put("error", error.as_str().into());
                if let Some(description) = description {
                    put("error_description", description.as_str().into());
                }
            }
        }
        if let Some(state) = self.state() {
            put("state", state.into());
        }
        members
    }

    /// The body to post in answer to `request`: encrypted if it asks for that, with an ephemeral key from `random`.
    pub fn to_form_for(&self, request: &RequestObject, random: &dyn Random) -> Result<String, jwe::Error> {
        match &request.encryption {
            None => Ok(self.to_form()),
            Some(encryption) => encrypt_response(&self.to_payload(), encryption, encryption.best(), random),
        }
    }

    /// The body to post, not encrypted.
    pub fn to_form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let state = match self {
            Self::Presentation { vp_token, state } => {
                form.append_pair("vp_token", vp_token.as_str());
                state
            }
            Self::Error { error, description, state } => {
                form.append_pair("error", error);
                if let Some(description) = description {
                    form.append_pair("error_description", description);
                }
                state
            }
        };
        if let Some(state) = state {
            form.append_pair("state", state);
        }
        form.finish()
    }

    /// `state`, echoed.
    pub fn state(&self) -> Option<&str> {
        match self {
            Self::Presentation { state, .. } | Self::Error { state, .. } => state.as_deref(),
        }
    }
}

/// The form with these parameters, encrypted (section 8.3.1).
pub fn encrypt_response(
    parameters: &Map<String, Value>,
    to: &ResponseEncryption,
    enc: jwe::Enc,
    random: &dyn Random,
) -> Result<String, jwe::Error> {
    let payload = Value::Object(parameters.clone()).to_string();
    let jwe = jwe::encrypt(payload.as_bytes(), &to.key, enc, &Map::new(), random)?;
    Ok(url::form_urlencoded::Serializer::new(String::new()).append_pair("response", &jwe).finish())
}

/// What the response endpoint answers with 200 (section 8.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Where the wallet must send the person's browser, if anywhere.
    pub redirect_uri: Option<String>,
}

impl Acknowledgement {
    /// Reads the body of a 200; unknown members are ignored.
    pub fn parse(body: &[u8]) -> Result<Self, ResponseRefusal> {
        let Ok(Value::Object(object)) = json::parse(body) else { return Err(ResponseRefusal::Form) };
        match object.get("redirect_uri") {
            None => Ok(Self::default()),
            Some(Value::String(uri)) if url::Url::parse(uri).is_ok() => {
                Ok(Self { redirect_uri: Some(uri.clone()) })
            }
            Some(_) => Err(ResponseRefusal::Form),
        }
    }

    /// The body.
    pub fn to_value(&self) -> Value {
        self.redirect_uri
            .as_ref()
            .map_or_else(|| serde_json::json!({}), |uri| serde_json::json!({ "redirect_uri": uri }))
    }
}
