//! Who sends a request: put among its extensions by `web::Site`, before it is routed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use http::{HeaderMap, header, request::Parts};

use super::{Session, Sessions};
use crate::csrf;

/// Who sends a request, as far as cookies say.
#[derive(Debug, Clone)]
pub struct Visitor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sessions: Sessions,
    session: Option<Session>,
    /// The browser has a cookie of a session that is over.
    forget: bool,
    /// What tokens in forms are bound to, in the browser already or on its way there.
    csrf_cookie: String,
    csrf_is_new: bool,
    /// A form was made for them.
    csrf_used: AtomicBool,
}

impl Visitor {
    pub(super) fn new(
        sessions: Sessions,
        session: Option<Session>,
        forget: bool,
        csrf_cookie: Option<&str>,
    ) -> Self {
        let brought = csrf_cookie.filter(|value| csrf::is_cookie(value)).map(str::to_owned);
        let csrf_is_new = brought.is_none();
        let csrf_cookie = brought.unwrap_or_else(|| sessions.token());
        let csrf_used = AtomicBool::new(false);
        Self(Arc::new(Inner { sessions, session, forget, csrf_cookie, csrf_is_new, csrf_used }))
    }

    /// Of the request, where `web::Site` has seen it.
    pub fn of(parts: &Parts) -> Option<&Self> {
        parts.extensions.get()
    }

    /// Their session.
    pub fn session(&self) -> Option<&Session> {
        self.0.session.as_ref()
    }

    /// The sessions of this party.
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// A token for the field `csrf` of a form on a page for them: another one each time, so that compressing pages tells
    /// nothing of it.
    pub fn csrf(&self) -> String {
        self.0.csrf_used.store(true, Relaxed);
        csrf::token(&self.0.sessions, &self.0.csrf_cookie, self.session())
    }

    /// Whether this token was made for them.
    pub fn csrf_fits(&self, token: &str) -> bool {
        // A cookie that was only now made has no tokens.
        !self.0.csrf_is_new && csrf::fits(&self.0.sessions, &self.0.csrf_cookie, self.session(), token)
    }

    /// The cookies that the answer to this request needs besides its own: for `web::Site`, once it is made.
    pub fn set_cookies(&self, headers: &mut HeaderMap) {
        let (session, csrf) = (self.0.sessions.cookie_name("session"), self.0.sessions.cookie_name("csrf"));
        let sets = |headers: &HeaderMap, name: &str| {
            headers.get_all(header::SET_COOKIE).iter().any(|v| v.as_bytes().starts_with(name.as_bytes()))
        };
        if self.0.forget && !sets(headers, &session) {
            headers.append(header::SET_COOKIE, self.0.sessions.cookie("session", "", Some(0)));
        }
        if self.0.csrf_is_new && self.0.csrf_used.load(Relaxed) && !sets(headers, &csrf) {
            headers.append(header::SET_COOKIE, self.0.sessions.cookie("csrf", &self.0.csrf_cookie, None));
        }
    }
}
