//! The shell around a page.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use base::Lang;
use http::{HeaderValue, header};

use crate::{Problem, Reader, assets, band, texts::T};

/// What a page may do: show our style and our pictures, and send forms to us (Content Security Policy Level 3).
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'";

#[derive(Template)]
#[template(path = "shell.html")]
struct Shell<'a> {
    t: T,
    reader: &'a Reader,
    lang: Lang,
    title: &'a str,
    content: &'a str,
    style: &'a str,
    band: String,
}

impl Shell<'_> {
    /// The address of this very page in another language.
    fn alternate(&self, lang: &Lang) -> String {
        let path = crate::reader::href(*lang, &self.reader.path);
        self.reader.query.as_ref().map_or_else(|| path.clone(), |query| format!("{path}?{query}"))
    }
}

pub(crate) fn page(reader: &Reader, title: &str, content: &str) -> Response {
    let shell = Shell {
        t: T(reader.lang),
        reader,
        lang: reader.lang,
        title,
        content,
        style: assets::style_address(),
        band: band::svg(&reader.site.0.thumbprint),
    };
    let html = match shell.render() {
        Ok(html) => html,
        Err(error) => return Problem::internal(&error).into_response(),
    };
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not `no-referrer`, under which a form's origin would be `null`.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(reader.lang.tag()));
    if !reader.is_addressed {
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    }
    response
}
