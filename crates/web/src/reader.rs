//! Who reads a page: in which language, at which address, in which time zone.

use std::convert::Infallible;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use base::Lang;
use http::{HeaderMap, Uri, header, request::Parts};

use crate::{Session, Site, Visitor, shell, site};

/// The one who reads a page. As an extractor it never fails: outside a [`Site`], as in a feature's own tests, it is made from the
/// request alone.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The language of the page.
    pub lang: Lang,
    /// The address of the page without its language, `/calls/12`.
    pub path: String,
    /// The query of the address, without its question mark.
    pub query: Option<String>,
    /// The time zone that the reader has chosen, by its name in the time zone database.
    pub zone: Option<String>,
    /// Whether the address names the language.
    pub(crate) is_addressed: bool,
    /// Whether their browser remembers this language.
    pub(crate) is_remembered: bool,
    pub(crate) site: Site,
    /// Who it is, where people sign in.
    pub(crate) visitor: Option<Visitor>,
}

impl Reader {
    /// Reads what a request says of its reader.
    pub(crate) fn of(site: &Site, uri: &Uri, headers: &HeaderMap) -> Self {
        let (addressed, path) = split(uri.path());
        let cookie = |name: &str| site::cookie(headers, &site.cookie_name(name));
        let wanted = || {
            let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            accepted.map_or(Lang::En, Lang::negotiate)
        };
        let remembered = cookie("lang").and_then(|tag| tag.parse().ok());
        let lang = addressed.or(remembered).unwrap_or_else(wanted);
        let zone = cookie("zone").filter(|zone| crate::format::is_zone(zone)).map(ToOwned::to_owned);
        Self {
            lang,
            path: path.to_owned(),
            query: uri.query().map(ToOwned::to_owned),
            zone,
            is_addressed: addressed.is_some(),
            is_remembered: remembered == Some(lang),
            site: site.clone(),
            visitor: None,
        }
    }

    /// The address of a page of this party in the reader's language: `/calls/12` becomes `/fr/calls/12`.
    pub fn href(&self, path: &str) -> String {
        href(self.lang, path)
    }

    /// A page in the shell: 200, and everything that a page's headers say.
    ///
    /// `content` is what stands in `main`; a page that cannot be written is the problem `internal`.
    pub fn page(&self, title: &str, content: &impl Template) -> Response {
        match content.render() {
            Ok(content) => shell::page(self, title, &content),
            Err(error) => crate::Problem::internal(&error).into_response(),
        }
    }

    /// The reader's session, where they are signed in.
    pub fn session(&self) -> Option<&Session> {
        self.visitor.as_ref()?.session()
    }

    /// A token for the field `csrf` of a form on this page; empty where nobody looks at it.
    pub fn csrf(&self) -> String {
        self.visitor.as_ref().map(Visitor::csrf).unwrap_or_default()
    }

    /// The party whose page it is.
    pub const fn site(&self) -> &Site {
        &self.site
    }
}

/// The address of a page in this language.
pub fn href(lang: Lang, path: &str) -> String {
    format!("/{lang}{path}")
}

/// The language that an address begins with, and the address without it.
pub(crate) fn split(path: &str) -> (Option<Lang>, &str) {
    let rest = path.strip_prefix('/').unwrap_or(path);
    let (first, _) = rest.split_once('/').unwrap_or((rest, ""));
    match Lang::ALL.into_iter().find(|lang| lang.tag() == first) {
        Some(lang) => {
            let rest = rest.get(first.len()..).unwrap_or_default();
            (Some(lang), if rest.is_empty() { "/" } else { rest })
        }
        None => (None, path),
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known.unwrap_or_else(|| Self::of(&Site::default(), &parts.uri, &parts.headers)))
    }
}
