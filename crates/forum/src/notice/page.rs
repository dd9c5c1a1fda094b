//! `/mail/stop/…`: no more mails of this kind, by the link in the mail or by the program that reads it (RFC 8058).
//!
//! Opening the link changes nothing, as programs open links that nobody has read. The token in the address is what lets
//! one in: no cookie, no session, and nothing that another site could not have its visitors send either way.

use askama::Template;
use axum::{extract::State, response::Response};
use http::Method;
use web::{Names, Problem, Reader, Routes};

use super::ops::token_is;
use crate::{Forum, texts::T};

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    let path = "/mail/stop/{contact}/{token}";
    Routes::new().page(Method::GET, path, ask).page(Method::POST, path, stop)
}

#[derive(Template)]
#[template(path = "notice_stop.html")]
struct Stop {
    t: T,
    /// Whether the link is one of ours.
    known: bool,
    /// Whether it was stopped just now.
    done: bool,
    address: String,
}

/// The contact of the link, if we made it.
fn contact(forum: &Forum, contact: &str, token: &str) -> Option<i64> {
    let id = i64::from_str_radix(contact, 16).ok()?;
    token_is(&forum.config.server_secret, "stop", contact, token).then_some(id)
}

fn shown(reader: &Reader, known: bool, done: bool) -> Response {
    let t = T(reader.lang);
    reader.page(t.notice_stop_title(), &Stop { t, known, done, address: reader.href(&reader.path) })
}

async fn ask(
    State(forum): State<Forum>,
    reader: Reader,
    Names((id, token)): Names<(String, String)>,
) -> Response {
    shown(&reader, contact(&forum, &id, &token).is_some(), false)
}

async fn stop(
    State(forum): State<Forum>,
    reader: Reader,
    Names((id, token)): Names<(String, String)>,
) -> Result<Response, Problem> {
    let Some(contact) = contact(&forum, &id, &token) else { return Ok(shown(&reader, false, false)) };
    forum.stop_mail(contact).await.map_err(|e| Problem::internal(&e))?;
    Ok(shown(&reader, true, true))
}
