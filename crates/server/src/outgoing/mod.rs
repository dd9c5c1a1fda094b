//! Requests to other parties: https (or the loopback, where that is allowed), public addresses alone unless
//! configured, no redirect to another origin, a time limit, a size limit. Every outgoing request of the binary is
//! made here; `address` says which addresses are public.

mod address;

use std::{error::Error as _, time::Duration};

use base::{
    Instant,
    limits::{FETCH_REDIRECTS_MAX, FETCH_TIMEOUT_MS},
};
use reqwest::{Client, Method, redirect};

use self::address::PrivateAddress;
pub(crate) use self::address::Reach;
use crate::Failure;

/// Makes requests.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// For GET: follows redirects within the origin.
    getting: Client,
    /// For everything else: follows none.
    sending: Client,
    reach: Reach,
}

/// An answer: its status, its media type without parameters, its body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    pub(crate) body: Vec<u8>,
    /// What time it was there: the header `Date` (RFC 9110, section 6.6.1).
    pub(crate) date: Option<Instant>,
    /// Where it leads on to, if it does.
    pub(crate) location: Option<String>,
    /// The cookies that it sets: `name=value`, without what is said of them.
    pub(crate) cookies: Vec<String>,
}

/// What is sent.
#[derive(Debug, Default)]
pub(crate) struct Message<'a> {
    pub(crate) method: Method,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<Vec<u8>>,
    /// Whether a redirect is an answer, for GET too.
    pub(crate) stays: bool,
}

impl Outgoing {
    /// A client that reaches the public internet, and what `reach` says besides.
    pub(crate) fn new(reach: Reach) -> Result<Self, Failure> {
        Self::with_timeout(reach, Duration::from_millis(FETCH_TIMEOUT_MS))
    }

    /// The same with another time limit.
    pub(crate) fn with_timeout(reach: Reach, timeout: Duration) -> Result<Self, Failure> {
        let client = |policy| {
            Client::builder()
                .redirect(policy)
                .timeout(timeout)
                .no_proxy()
                .dns_resolver(reach.clone())
                .build()
                .map_err(|e| failed(&e))
        };
        let within_origin = redirect::Policy::custom(|attempt| {
            let same = attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
            if same && attempt.previous().len() <= FETCH_REDIRECTS_MAX {
                attempt.follow()
            } else {
                attempt.stop()
            }
        });
        let (getting, sending) = (client(within_origin)?, client(redirect::Policy::none())?);
        Ok(Self { getting, sending, reach })
    }

    /// Sends `message` to `url` and reads at most `bytes_max` of the answer's body.
    ///
    /// Fails with `insecure_address`, `private_address`, `unreachable` or `too_large`. A redirect that is not followed
    /// is an answer like any other, with its status.
    pub(crate) async fn send(
        &self,
        url: &str,
        message: Message<'_>,
        bytes_max: usize,
    ) -> Result<Answer, Failure> {
        let url = self.allowed(url)?;
        let follows = message.method == Method::GET && !message.stays;
        let client = if follows { &self.getting } else { &self.sending };
        let mut request = client.request(message.method, url);
        for (name, value) in message.headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = message.body {
            request = request.body(body);
        }
        let mut response = request.send().await.map_err(|e| failed(&e))?;
        let status = response.status().as_u16();
        let media_type = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.split(';').next())
            .map(|v| v.trim().to_ascii_lowercase())
            .unwrap_or_default();
        let date = response.headers().get(reqwest::header::DATE).and_then(|v| http_date(v.to_str().ok()?));
        let text = |v: &reqwest::header::HeaderValue| v.to_str().ok().map(str::to_owned);
        let location = response.headers().get(reqwest::header::LOCATION).and_then(text);
        let cookies = response.headers().get_all(reqwest::header::SET_COOKIE).iter().filter_map(text);
        let cookies = cookies.filter_map(|c| c.split(';').next().map(str::to_owned)).collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| failed(&e))? {
            if body.len() + chunk.len() > bytes_max {
                return Err(Failure::new(
                    "too_large",
                    format!("the answer is longer than {bytes_max} bytes"),
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, media_type, body, date, location, cookies })
    }

    fn allowed(&self, url: &str) -> Result<url::Url, Failure> {
        let parsed = url::Url::parse(url).map_err(|_| Failure::new("address", "this is not an address"))?;
        let loopback = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if parsed.scheme() != "https" && !(parsed.scheme() == "http" && loopback && self.reach.loopback) {
            return Err(Failure::new("insecure_address", "only https is allowed here"));
        }
        match parsed.host() {
            Some(host) if self.reach.allows_host(&host) => Ok(parsed),
            _ => Err(private()),
        }
    }
}

/// An IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7): what everybody sends today.
fn http_date(text: &str) -> Option<Instant> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.strip_suffix(" GMT")?.split_once(", ")?;
    let parts: Vec<&str> = rest.split(' ').collect();
    let &[day, month, year, time] = parts.as_slice() else { return None };
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    Instant::parse_rfc3339(&format!("{year}-{month:02}-{day}T{time}Z"))
}

fn private() -> Failure {
    Failure::new("private_address", PrivateAddress.to_string())
}

/// What reqwest says can hold the address, and an address can hold a secret: only its kind is told.
fn failed(error: &reqwest::Error) -> Failure {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<PrivateAddress>() {
            return private();
        }
        cause = inner.source();
    }
    let what = if error.is_timeout() {
        "there was no answer in time"
    } else if error.is_connect() {
        "there was no connection"
    } else {
        "the answer broke off or could not be read"
    };
    Failure::new("unreachable", what)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
