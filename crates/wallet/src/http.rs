//! Requests and responses as plain values, and which addresses may be reached at all.

use std::net::{Ipv4Addr, Ipv6Addr};

use base::limits;
use url::{Host, Url};
use zeroize::Zeroizing;

/// How to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// A request to another party. The driver follows no redirect to another host and sends no cookies.
pub struct Request {
    /// How to ask.
    pub method: Method,
    /// Whom: already checked by [`address`].
    pub url: Url,
    /// The `Accept` header.
    pub accept: &'static str,
    /// The `Content-Type` header, if there is a body.
    pub content_type: Option<&'static str>,
    /// The access token of an `Authorization: Bearer` header (RFC 6750).
    pub bearer: Option<Zeroizing<String>>,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
    /// How long the answer may be, bytes. A longer one is [`crate::Event::Unreachable`].
    pub response_bytes_max: usize,
}

impl std::fmt::Debug for Request {
    /// Shows no path, token or body: those name people and open doors.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}

impl Request {
    pub(crate) fn get(url: Url, accept: &'static str) -> Self {
        Self {
            method: Method::Get,
            url,
            accept,
            content_type: None,
            bearer: None,
            body: Zeroizing::default(),
            response_bytes_max: limits::JSON_BYTES_MAX,
        }
    }

    pub(crate) fn post(url: Url, content_type: Option<&'static str>, body: Vec<u8>) -> Self {
        Self {
            method: Method::Post,
            url,
            accept: JSON,
            content_type,
            bearer: None,
            body: Zeroizing::new(body),
            response_bytes_max: limits::JSON_BYTES_MAX,
        }
    }
}

/// The media type of JSON.
pub const JSON: &str = "application/json";
/// The media type of an HTML form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// An answer.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The `Content-Type` header, empty if there was none.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Response {
    /// Whether the media type, without its parameters, is `expected`.
    pub fn is(&self, expected: &str) -> bool {
        self.content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(expected)
    }

    /// Whether the status says that it worked.
    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why an address is not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Not an absolute URL, or one that carries a user name, a password or a fragment, or is too long.
    #[error("not an address that can be asked")]
    Malformed,
    /// Neither https nor, where that is allowed, http to this machine.
    #[error("the address is not protected by https")]
    Insecure,
}

/// Reads an address of another party: https, or http to a loopback host if `insecure_loopback`.
pub fn address(text: &str, insecure_loopback: bool) -> Result<Url, Unfit> {
    // The parser passes over what no URI can hold (RFC 3986, section 2): other scripts become `xn--…`, backslashes
    // slashes, line ends nothing. Then a person would read another address than the one that is asked.
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if !plain || text.len() > limits::ADDRESS_BYTES_MAX {
        return Err(Unfit::Malformed);
    }
    let url = Url::parse(text).map_err(|_| Unfit::Malformed)?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() || !url.has_host() {
        return Err(Unfit::Malformed);
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if insecure_loopback && is_loopback(&url) => Ok(url),
        _ => Err(Unfit::Insecure),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip == Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(ip)) => ip == Ipv6Addr::LOCALHOST,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_addresses_may_be_reached() {
        for (text, loopback, expected) in [
            ("https://issuer.example/a?b", false, None),
            ("http://localhost:8000/", true, None),
            ("http://127.0.0.1:8000/", true, None),
            ("http://[::1]/", true, None),
            ("http://localhost:8000/", false, Some(Unfit::Insecure)),
            ("http://issuer.example/", true, Some(Unfit::Insecure)),
            ("http://localhost.example/", true, Some(Unfit::Insecure)),
            ("file:///etc/passwd", true, Some(Unfit::Malformed)),
            ("ftp://localhost/", true, Some(Unfit::Insecure)),
            ("data:text/plain,x", true, Some(Unfit::Malformed)),
            ("https://user@issuer.example/", true, Some(Unfit::Malformed)),
            ("https://issuer.example/#x", true, Some(Unfit::Malformed)),
            ("/offers/1", true, Some(Unfit::Malformed)),
            ("https://issuer.example/a%20b", false, None),
            // Read by parsers of URLs as if it were something else: a person would see another address than is asked.
            ("https://\u{456}ssuer.example/", false, Some(Unfit::Malformed)),
            ("https://issuer.example/\u{1b}[2J", false, Some(Unfit::Malformed)),
            ("https://issuer.exa\nmple/", false, Some(Unfit::Malformed)),
            ("https:\\\\issuer.example/", false, Some(Unfit::Malformed)),
            (" https://issuer.example/", false, Some(Unfit::Malformed)),
        ] {
            assert_eq!(address(text, loopback).err(), expected, "{text}");
        }
    }

    #[test]
    fn a_media_type_is_compared_without_parameters() {
        let with = |content_type: &str| Response {
            status: 200,
            content_type: content_type.into(),
            body: Vec::new(),
        };
        assert!(with("Application/JSON; charset=utf-8").is(JSON));
        assert!(!with("text/html").is(JSON));
        assert!(!with("").is(JSON));
    }
}
