//! The shell of a page, and the escaping of text. Pages proper come with their own issue;
//! until then the waiting page of `ask` is the only one.

use axum::response::{Html, IntoResponse, Response};
use base::Lang;
use http::{HeaderMap, HeaderValue, header};

/// `text` for an element's content or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The language a reader wants: `?lang=`, then `Accept-Language`, then English.
pub fn language(chosen: Option<&str>, headers: &HeaderMap) -> Lang {
    chosen.and_then(|tag| tag.parse().ok()).unwrap_or_else(|| {
        headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).map_or(Lang::En, Lang::negotiate)
    })
}

/// The one style sheet.
pub const STYLE: &str = include_str!("style.css");

/// A page. `body` and `head` are HTML already; `title` is text.
#[derive(Debug)]
pub struct Page<'a> {
    /// Its language, which also gives its direction.
    pub lang: Lang,
    /// Its title, as text.
    pub title: &'a str,
    /// Further elements of its head, as HTML.
    pub head: &'a str,
    /// The content of `main`, as HTML.
    pub body: &'a str,
}

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        let digest = style_digest();
        let html = format!(
            "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n{head}\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n",
            lang = self.lang,
            dir = self.lang.dir(),
            title = escape(self.title),
            head = self.head,
            body = self.body,
        );
        let mut response = Html(html).into_response();
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, value);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// The digest that lets the style sheet, and nothing else, be applied (CSP Level 3, section 2.3.1).
fn style_digest() -> String {
    formats::b64::encode_std(&crypto::sha256(STYLE.as_bytes()))
}
