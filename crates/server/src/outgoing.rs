//! Requests to other parties: https (or the loopback, where that is allowed), no redirects, a time limit,
//! a size limit. Every outgoing request of the binary is made here.

use std::time::Duration;

use base::limits::FETCH_TIMEOUT_MS;
use reqwest::{Client, Method, redirect::Policy};

use crate::Failure;

/// Makes requests.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    client: Client,
    insecure_loopback: bool,
}

/// An answer: its status, its media type without parameters, its body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    pub(crate) body: Vec<u8>,
}

/// What is sent.
#[derive(Debug, Default)]
pub(crate) struct Message<'a> {
    pub(crate) method: Method,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<Vec<u8>>,
}

impl Outgoing {
    /// A client; with `insecure_loopback`, `http` to this machine is allowed.
    pub(crate) fn new(insecure_loopback: bool) -> Result<Self, Failure> {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_millis(FETCH_TIMEOUT_MS))
            .no_proxy()
            .build()
            .map_err(|e| Failure::new("http", e.without_url().to_string()))?;
        Ok(Self { client, insecure_loopback })
    }

    /// Sends `message` to `url` and reads at most `bytes_max` of the answer's body.
    pub(crate) async fn send(
        &self,
        url: &str,
        message: Message<'_>,
        bytes_max: usize,
    ) -> Result<Answer, Failure> {
        let url = self.allowed(url)?;
        let mut request = self.client.request(message.method, url);
        for (name, value) in message.headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = message.body {
            request = request.body(body);
        }
        // What reqwest says can hold the address, and an address can hold a secret.
        let failed = |e: reqwest::Error| Failure::new("unreachable", e.without_url().to_string());
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let media_type = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.split(';').next())
            .map(|v| v.trim().to_ascii_lowercase())
            .unwrap_or_default();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > bytes_max {
                return Err(Failure::new(
                    "too_large",
                    format!("the answer is longer than {bytes_max} bytes"),
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, media_type, body })
    }

    fn allowed(&self, url: &str) -> Result<url::Url, Failure> {
        let parsed = url::Url::parse(url).map_err(|_| Failure::new("address", "this is not an address"))?;
        let loopback = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        match parsed.scheme() {
            "https" => Ok(parsed),
            "http" if loopback && self.insecure_loopback => Ok(parsed),
            _ => Err(Failure::new("insecure_address", "only https is allowed here")),
        }
    }
}
