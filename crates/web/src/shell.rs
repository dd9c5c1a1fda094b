//! The shell around a page.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use base::Lang;
use http::{HeaderValue, header};

use crate::{Problem, Reader, assets, texts::T};

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
    /// What people call the party.
    name: &'a str,
    content: &'a str,
    style: &'a str,
    icon: &'a str,
    mark: &'static str,
    band: &'a str,
    languages: [Language; 6],
    /// The address of this page, as a value in a query.
    back: String,
    /// The reader's zone, in words.
    zone: Option<String>,
}

/// This very page in a language.
struct Language {
    lang: Lang,
    href: String,
    is_this: bool,
}

impl Shell<'_> {
    fn has_navigation(&self) -> bool {
        !self.reader.site.0.navigation.is_empty() || self.reader.site.0.has_login
    }

    /// Where the navigation leads this reader.
    fn ways(&self) -> Vec<crate::site::Way> {
        let roles = self.reader.session().map_or(&[][..], |session| &session.roles);
        self.reader.site.ways(roles).collect()
    }

    /// Whether this page is there, or below.
    fn is_at(&self, path: &str) -> bool {
        let below = self.reader.path.strip_prefix(path);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

pub(crate) fn page(reader: &Reader, title: &str, content: &str) -> Response {
    let zone = reader.zone.as_deref();
    let query = reader.query.as_ref().map_or_else(String::new, |query| format!("?{query}"));
    let language = |lang: Lang| Language {
        lang,
        href: crate::reader::href(lang, &reader.path) + &query,
        is_this: lang == reader.lang,
    };
    let shell = Shell {
        t: T(reader.lang),
        reader,
        lang: reader.lang,
        title,
        name: reader.site.name(reader.lang),
        content,
        style: assets::style_address(),
        icon: assets::icon_address(),
        mark: assets::MARK,
        band: reader.site.band(),
        languages: Lang::ALL.map(language),
        back: serde_urlencoded::to_string([("", &reader.path)]).unwrap_or_default().split_off(1),
        zone: zone.map(|zone| crate::format::city(reader.lang, zone)),
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
