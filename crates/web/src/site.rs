//! What every page of a party has in common, and what happens to its address and its answer before and after the routes.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use base::Lang;
use http::{HeaderMap, HeaderValue, Uri, header, uri::PathAndQuery};
use tower::{Service, ServiceExt as _};

use crate::{Problem, Reader, Role, Sessions, assets, band, compress, problem_page, reader};

/// What is said of a party on each of its pages.
pub struct SiteConfig {
    /// What people call it, in six languages; empty where it has no name.
    pub name: Option<base::Texts>,
    /// Its identifier, an origin.
    pub identifier: String,
    /// What its cookies begin with after `sahihi_`: cookies ignore ports, so each party has its own.
    pub handle: String,
    /// The thumbprint of the key that its band is woven from.
    pub thumbprint: [u8; 32],
    /// Who is signed in, where people sign in.
    pub sessions: Option<Sessions>,
    /// Whether it keeps a public log, whose page every page leads to.
    pub has_log: bool,
    /// Whether there is a page to sign in.
    pub has_login: bool,
    /// Where its navigation leads, in order: an address, and what it is called.
    pub navigation: Vec<Way>,
}

/// Where a link of the navigation leads, without a language, and what it is called in each.
pub type Way = (&'static str, fn(Lang) -> &'static str);

/// A party's pages. Wraps the routes of a party: see [`Site::wrap`].
#[derive(Clone)]
pub struct Site(pub(crate) Arc<SiteConfig>, Arc<str>, Arc<[(Role, Way)]>);

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Site").field(&self.0.identifier).finish()
    }
}

/// A site without a name, for tests of a feature.
impl Default for Site {
    fn default() -> Self {
        Self::new(SiteConfig {
            name: None,
            identifier: String::new(),
            handle: "party".to_owned(),
            thumbprint: [0; 32],
            sessions: None,
            has_log: false,
            has_login: false,
            navigation: Vec::new(),
        })
    }
}

impl Site {
    /// The pages of this party.
    pub fn new(config: SiteConfig) -> Self {
        // Woven once: it stands on every page.
        let band = band::svg(&config.thumbprint).into();
        Self(Arc::new(config), band, Arc::default())
    }

    /// The same, whose navigation leads staff who have a role further.
    #[must_use]
    pub fn leading_staff(mut self, ways: Vec<(Role, Way)>) -> Self {
        self.2 = ways.into();
        self
    }

    /// Where the navigation leads whoever is signed in with these roles: where it leads everybody, then further.
    pub(crate) fn ways(&self, roles: &[Role]) -> impl Iterator<Item = Way> {
        let further = self.2.iter().filter(|(role, _)| roles.contains(role)).map(|(_, way)| *way);
        self.0.navigation.iter().copied().chain(further)
    }

    /// What people call the party.
    pub fn name(&self, lang: Lang) -> &str {
        self.0.name.as_ref().map_or("Sahihi", |name| name.get(lang))
    }

    /// The party's band, as SVG.
    pub(crate) fn band(&self) -> &str {
        &self.1
    }

    /// The name of a cookie of this party: `sahihi_state_lang`.
    pub fn cookie_name(&self, name: &str) -> String {
        cookie_name(&self.0.identifier, &self.0.handle, name)
    }

    /// The cookie of this name that a browser brings.
    pub fn cookie_of<'a>(&self, name: &str, headers: &'a HeaderMap) -> Option<&'a str> {
        cookie(headers, &self.cookie_name(name))
    }

    /// Whether its cookies are sent over encrypted connections only: everywhere but on the loopback.
    pub fn is_secure(&self) -> bool {
        !self.0.identifier.starts_with("http://")
    }

    /// A cookie of this party as the value of `Set-Cookie`, for so many seconds.
    pub fn cookie(&self, name: &str, value: &str, seconds: i64) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let name = self.cookie_name(name);
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }

    /// The routes with everything that pages need: the language is taken off an address before it is routed, the [`Reader`] is
    /// put into the request, style sheets are answered, problems become pages for who navigates, and answers are
    /// compressed.
    pub fn wrap(&self, routes: Router) -> Router {
        Router::new().fallback_service(Wrapped { site: self.clone(), routes })
    }

    async fn answer(self, routes: Router, mut request: Request) -> Response {
        let wants = Wants::of(request.headers());
        if let Some(asset) = assets::answer(request.uri().path()) {
            return compress::compressed(asset, &wants).await;
        }
        let mut reader = Reader::of(&self, request.uri(), request.headers());
        if reader.is_addressed {
            *request.uri_mut() = without_language(request.uri());
        }
        if let Some(sessions) = self.0.sessions.as_ref().filter(|_| may_be_person(request.headers())) {
            match sessions.visitor(request.headers()).await {
                Ok(visitor) => {
                    request.extensions_mut().insert(visitor.clone());
                    reader.visitor = Some(visitor);
                }
                Err(problem) if wants.html => {
                    return problem_page::page(&reader, &problem.clone(), problem.into_response());
                }
                Err(problem) => return problem.into_response(),
            }
        }
        request.extensions_mut().insert(reader.clone());
        let mut response = match routes.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if wants.html
            && let Some(problem) = response.extensions_mut().remove::<Problem>()
        {
            response = problem_page::page(&reader, &problem, response);
        }
        if let Some(visitor) = &reader.visitor {
            visitor.set_cookies(response.headers_mut());
        }
        // Whoever comes back from elsewhere, to an address without a language, finds theirs again.
        if reader.is_addressed && wants.html && !reader.is_remembered {
            let cookie = HeaderValue::try_from(self.cookie("lang", reader.lang.tag(), REMEMBERED_S));
            response.headers_mut().extend(cookie.ok().map(|cookie| (header::SET_COOKIE, cookie)));
        }
        compress::compressed(response, &wants).await
    }
}

/// How long a browser remembers the language and the zone: a year.
pub(crate) const REMEMBERED_S: i64 = 31_536_000;

/// What a request takes for an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wants {
    /// A page, as a browser that navigates.
    pub(crate) html: bool,
    /// Anything compressed with gzip.
    pub(crate) gzip: bool,
}

impl Wants {
    fn of(headers: &HeaderMap) -> Self {
        Self { html: takes_html(headers), gzip: compress::is_accepted(headers) }
    }
}

/// Whether a request may come from a person's browser: programs bring no cookies and take no HTML.
fn may_be_person(headers: &HeaderMap) -> bool {
    headers.contains_key(header::COOKIE) || takes_html(headers)
}

/// Whether a page is wanted, as by a browser that navigates.
pub(crate) fn takes_html(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|value| value.to_str().is_ok_and(|v| v.contains("text/html")))
}

/// The same address without the language it begins with.
fn without_language(uri: &Uri) -> Uri {
    let (_, path) = reader::split(uri.path());
    let whole = uri.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(whole).ok();
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}

/// The name of a party's cookie: cookies ignore ports, so parties on one machine need names of their own. Where connections
/// are encrypted it begins so that browsers take it from this very host alone (RFC 6265bis, section 4.1.3.2): a neighbour
/// under the same domain, or whoever answers in its name without encryption, plants none.
pub(crate) fn cookie_name(identifier: &str, party: &str, what: &str) -> String {
    let host = if identifier.starts_with("https:") { "__Host-" } else { "" };
    format!("{host}sahihi_{party}_{what}")
}

/// The value of a cookie (RFC 6265, section 4.2).
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}

#[derive(Clone)]
struct Wrapped {
    site: Site,
    routes: Router,
}

impl Service<Request<Body>> for Wrapped {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (site, routes) = (self.site.clone(), self.routes.clone());
        Box::pin(async move { Ok(site.answer(routes, request).await) })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
