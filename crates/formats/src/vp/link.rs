//! The link that a QR code or a button carries (section 5, third option; section 13.1.2).

use std::fmt;

use base::limits::LINK_BYTES_MAX;

/// Scheme of wallets in general (section 13.1.2).
pub const SCHEME: &str = "openid4vp";
/// Scheme that HAIP 1.0 adds (section 5.1).
pub const SCHEME_HAIP: &str = "haip-vp";

/// A request by reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The full client identifier, as the link has it: the request object must have the same.
    pub client_id: String,
    /// Where the request object is fetched.
    pub request_uri: String,
    /// How: `get` if absent. A wallet that knows no `post` sends GET (section 5).
    pub request_uri_method: Option<String>,
}

/// Why a text is no link to a request that is spoken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotALink {
    /// Not a URL of a scheme that wallets are called by.
    #[error("not a link to a presentation request")]
    NotALink,
    /// A parameter comes twice (RFC 6749, section 3.1).
    #[error("the link repeats a parameter")]
    Repeated,
    /// The request is in the link itself, by value or by parameters.
    #[error("the link carries its request by value, which is not supported")]
    ByValue,
    /// `client_id` or `request_uri` is missing.
    #[error("the link lacks client_id or request_uri")]
    Incomplete,
    /// `request_uri_method` is neither `get` nor `post` (section 5.1).
    #[error("the link has an unknown request_uri_method")]
    Method,
}

impl NotALink {
    /// The stable code of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotALink => "not_a_request_link",
            Self::Repeated => "link_parameter_repeated",
            Self::ByValue => "request_by_value_unsupported",
            Self::Incomplete => "link_incomplete",
            Self::Method => "invalid_request_uri_method",
        }
    }
}

impl Link {
    /// Reads a link: `openid4vp:`, `haip-vp:`, or an https address of a wallet with the same parameters.
    pub fn parse(text: &str) -> Result<Self, NotALink> {
        if text.len() > LINK_BYTES_MAX {
            return Err(NotALink::NotALink);
        }
        let pairs = pairs(text)?;
        let get = |name: &str| {
            pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).filter(|v| !v.is_empty())
        };
        match (get("client_id"), get("request_uri")) {
            (Some(client_id), Some(request_uri)) => {
                let request_uri_method = get("request_uri_method");
                if get("request").is_some() {
                    return Err(NotALink::ByValue);
                }
                if !matches!(request_uri_method.as_deref(), None | Some("get" | "post")) {
                    return Err(NotALink::Method);
                }
                Ok(Self { client_id, request_uri, request_uri_method })
            }
            (_, None) if get("request").is_some() || get("dcql_query").is_some() => Err(NotALink::ByValue),
            _ => Err(NotALink::Incomplete),
        }
    }
}

/// The parameters of a link, each once.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, NotALink> {
    let url = url::Url::parse(text.trim()).map_err(|_| NotALink::NotALink)?;
    if !matches!(url.scheme(), SCHEME | SCHEME_HAIP | "https") {
        return Err(NotALink::NotALink);
    }
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut names: Vec<&str> = pairs.iter().map(|(n, _)| n.as_str()).collect();
    names.sort_unstable();
    if names.windows(2).any(|w| w.first() == w.last()) { Err(NotALink::Repeated) } else { Ok(pairs) }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", &self.client_id).append_pair("request_uri", &self.request_uri);
        if let Some(method) = &self.request_uri_method {
            query.append_pair("request_uri_method", method);
        }
        write!(f, "{SCHEME}://?{}", query.finish())
    }
}
