//! What a wallet posts to `response_uri` and what it gets back (section 8.2, `direct_post`; section 8.5, errors).

use std::collections::BTreeMap;

use base::limits::{BODY_BYTES_MAX, DCQL_CREDENTIALS_MAX, SD_JWT_BYTES_MAX};
use serde_json::Value;

use crate::json;

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
}

impl ResponseRefusal {
    /// The stable code of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "response_form",
            Self::NeitherNorBoth => "response_incomplete",
            Self::VpToken => "vp_token_malformed",
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
        let Ok(Value::Object(object)) = json::parse(text.as_bytes()) else {
            return Err(ResponseRefusal::VpToken);
        };
        if object.is_empty() || object.len() > DCQL_CREDENTIALS_MAX {
            return Err(ResponseRefusal::VpToken);
        }
        let presentations = object
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
            .ok_or(ResponseRefusal::VpToken)?;
        Ok(Self { text: text.to_owned(), presentations })
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

impl WalletResponse {
    /// Reads the body of a `direct_post`.
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
        match (get("vp_token"), get("error")) {
            (Some(text), None) => {
                Ok(Self::Presentation { vp_token: VpToken::parse(&text)?, state: get("state") })
            }
            (None, Some(error)) => {
                Ok(Self::Error { error, description: get("error_description"), state: get("state") })
            }
            _ => Err(ResponseRefusal::NeitherNorBoth),
        }
    }

    /// The body to post.
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
