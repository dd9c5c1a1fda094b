//! Somebody with a browser, as far as a demonstration needs one: cookies, forms, redirects. No script.

use std::{collections::BTreeMap, fmt::Write as _, sync::Mutex};

use reqwest::Method;

use crate::{
    Failure,
    outgoing::{Message, Outgoing, Reach},
};

/// The longest page, bytes.
const PAGE_BYTES_MAX: usize = 1 << 20;
/// How many redirects follow one another.
const REDIRECTS_MAX: usize = 5;

/// A page that was loaded.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    /// Its address, without the origin.
    pub(super) path: String,
    pub(super) html: String,
}

impl Page {
    /// What stands between `before` and `after` for the first time, without HTML's escapes.
    pub(super) fn between(&self, before: &str, after: &str) -> Option<String> {
        let (_, rest) = self.html.split_once(before)?;
        let (found, _) = rest.split_once(after)?;
        let mut text = found.to_owned();
        for (escaped, plain) in [("&#38;", "&"), ("&#39;", "'"), ("&#34;", "\""), ("&quot;", "\"")] {
            text = text.replace(escaped, plain);
        }
        Some(text.replace("&amp;", "&"))
    }
}

/// A person with a browser.
pub(super) struct Visitor {
    outgoing: Outgoing,
    identifier: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Visitor {
    pub(super) fn new(identifier: &str) -> Result<Self, Failure> {
        let outgoing = Outgoing::new(Reach { loopback: true, ..Reach::default() })?;
        Ok(Self { outgoing, identifier: identifier.to_owned(), cookies: Mutex::default() })
    }

    /// Opens a page.
    pub(super) async fn open(&self, path: &str) -> Result<Page, Failure> {
        self.send(Method::GET, path, "", Vec::new()).await
    }

    /// Sends the form of a page: its fields, and the token that the page has for it.
    pub(super) async fn submit(
        &self,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<Page, Failure> {
        let token = token(page)?;
        let all = fields.iter().copied().chain([("csrf", token.as_str())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
        self.send(Method::POST, action, "application/x-www-form-urlencoded", body.into_bytes()).await
    }

    /// The same for a form that could have files in it (RFC 7578).
    pub(super) async fn submit_parts(
        &self,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<Page, Failure> {
        let boundary = crate::files::random_name();
        let token = token(page)?;
        let mut body = String::new();
        for (name, value) in [("csrf", token.as_str())].iter().chain(fields) {
            let _ = write!(
                body,
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
        }
        let _ = write!(body, "--{boundary}--\r\n");
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.send(Method::POST, action, &kind, body.into_bytes()).await
    }

    async fn send(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Result<Page, Failure> {
        let (mut method, mut path, mut body) = (method, path.to_owned(), Some(body));
        for _ in 0..=REDIRECTS_MAX {
            let cookies: Vec<String> = self.jar().iter().map(|(n, v)| format!("{n}={v}")).collect();
            let cookies = cookies.join("; ");
            let mut headers =
                vec![("accept", "text/html"), ("accept-language", "en"), ("cookie", cookies.as_str())];
            if method == Method::POST {
                headers.extend([("content-type", kind), ("origin", self.identifier.as_str())]);
            }
            let message = Message {
                method: method.clone(),
                headers: &headers,
                body: body.take().filter(|_| method == Method::POST),
                stays: true,
            };
            let answer =
                self.outgoing.send(&format!("{}{path}", self.identifier), message, PAGE_BYTES_MAX).await?;
            for cookie in &answer.cookies {
                if let Some((name, value)) = cookie.split_once('=') {
                    self.jar().insert(name.to_owned(), value.to_owned());
                }
            }
            match answer.location {
                Some(next) if (300..400).contains(&answer.status) => {
                    let next = next.strip_prefix(&self.identifier).unwrap_or(&next).to_owned();
                    (method, path) = (Method::GET, next);
                }
                _ => {
                    let html = String::from_utf8_lossy(&answer.body).into_owned();
                    return Ok(Page { status: answer.status, path, html });
                }
            }
        }
        Err(Failure::new("redirects", "a page leads on and on"))
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The token of a page's forms.
fn token(page: &Page) -> Result<String, Failure> {
    page.between("name=\"csrf\" value=\"", "\"")
        .ok_or_else(|| Failure::new("unexpected", format!("a form was expected at {}", page.path)))
}
