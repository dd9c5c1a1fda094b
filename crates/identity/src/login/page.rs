//! Pages for signing in, for one's own sessions, and for whoever was invited.

use askama::Template;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use base::{Lang, Texts};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use web::{
    Caller, Form, Names, Problem, Reader, Role, Routes, Session,
    components::{Alert, Facts, Kind},
    format,
    limit::{Costly, Guess},
    session::{SessionId, own_path},
};

use super::{
    Login,
    ops::{Back, BackRefusal, Begin, BeginRefusal},
    people::{role, role_help},
    staff::{Invitation, InvitationRefusal},
    store, unavailable,
};
use crate::texts::T;

/// What the cookie of whoever is signing in is called.
const COOKIE: &str = "login";
/// In which zone times are shown to who has chosen none.
pub(super) const ZONE: &str = "UTC";

pub(super) fn routes() -> Routes<Login> {
    Routes::new()
        .page(Method::GET, "/login", show)
        .page(Method::POST, "/login", begin)
        .page(Method::GET, "/login/back", back)
        .page(Method::GET, "/invitations/{token}", invited)
        .page(Method::GET, "/sessions", sessions)
        .page(Method::POST, "/sessions/end", end)
        .page(Method::POST, "/logout", sign_out)
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    t: T,
    reader: &'a Reader,
    csrf: String,
    return_to: &'a str,
    kinds: Vec<&'static str>,
    signed_in: Option<String>,
    invitation: Option<Shown<'a>>,
}

/// An invitation, as it is shown.
struct Shown<'a> {
    token: &'a str,
    roles: Vec<(&'static str, &'static str)>,
    is_for_office: bool,
}

#[derive(Template)]
#[template(path = "login_failed.html")]
struct Failed<'a> {
    t: T,
    reader: &'a Reader,
    alert: Alert<'a>,
    code: &'static str,
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage<'a> {
    t: T,
    reader: &'a Reader,
    csrf: String,
    name: String,
    is_administrator: bool,
    /// The pages of secretaries, for them.
    desk: Option<&'static str>,
    sessions: Vec<Line>,
}

struct Line {
    id: SessionId,
    is_here: bool,
    facts: Facts<'static>,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(rename = "return")]
    return_to: Option<String>,
}

async fn show(
    State(login): State<Login>,
    reader: Reader,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(wanted) = wanted.map_err(|_| bad_return())?;
    let return_to = checked(wanted.return_to.as_deref())?;
    Ok(login.page(&reader, return_to, None))
}

fn bad_return() -> Problem {
    Problem::bad_request("return", "`return` must be a path of this party.")
}

/// Where somebody goes once they are signed in.
fn checked(return_to: Option<&str>) -> Result<&str, Problem> {
    match return_to {
        None | Some("") => Ok("/"),
        Some(path) => own_path(path).ok_or_else(bad_return),
    }
}

async fn invited(
    State(login): State<Login>,
    reader: Reader,
    caller: Caller,
    Names(token): Names<String>,
) -> Result<Response, Problem> {
    match known(&login, &caller, &token).await? {
        Ok(invitation) => Ok(login.page(&reader, "/", Some((&token, &invitation)))),
        Err(refusal) => Ok(failed(&reader, &BackRefusal::Invitation(refusal))),
    }
}

/// The invitation with this secret, as often as one may try.
async fn known(
    login: &Login,
    caller: &Caller,
    token: &str,
) -> Result<Result<Invitation, InvitationRefusal>, Problem> {
    caller.check(Guess::Invitation).await?;
    let known = login.invitation(token).await.map_err(|e| unavailable(&e))?;
    if known == Err(InvitationRefusal::Unknown) {
        caller.failed(Guess::Invitation).await;
    }
    Ok(known)
}

impl Login {
    fn page(&self, reader: &Reader, return_to: &str, invitation: Option<(&str, &Invitation)>) -> Response {
        let t = T(reader.lang);
        let kinds = [
            (!self.config.mandate.is_empty()).then(|| t.login_kind_mandate()),
            (!self.config.participant.is_empty()).then(|| t.login_kind_participant()),
            (!self.config.pid.is_empty()).then(|| t.login_kind_pid()),
        ];
        let page = LoginPage {
            t,
            reader,
            csrf: reader.csrf(),
            return_to,
            kinds: kinds.into_iter().flatten().collect(),
            signed_in: reader.session().map(|session| name(t, session)),
            invitation: invitation.map(|(token, invitation)| Shown {
                token,
                roles: invitation.roles.iter().map(|r| (role(t, *r), role_help(t, *r))).collect(),
                is_for_office: invitation.is_for_office,
            }),
        };
        let title = if invitation.is_some() { t.invitation_title() } else { t.login_title() };
        reader.page(title, &page)
    }
}

/// How somebody who is signed in is called.
fn name(t: T, session: &Session) -> String {
    let shown = store::shown(session.shown_name.as_deref(), session.party.as_ref());
    if shown.is_empty() { t.login_pseudonym().to_owned() } else { shown }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    device: Device,
    #[serde(rename = "return", default)]
    return_to: String,
    invitation: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Device {
    Same,
    Cross,
}

async fn begin(
    State(login): State<Login>,
    reader: Reader,
    caller: Caller,
    Form(form): Form<Begun>,
) -> Result<Response, Problem> {
    let return_to = checked(Some(&form.return_to))?.to_owned();
    caller.spend_here(Costly::TakePart).await?;
    let invitation = match &form.invitation {
        None => None,
        Some(token) => match known(&login, &caller, token).await? {
            Ok(invitation) => Some(invitation.id),
            Err(refusal) => return Ok(failed(&reader, &BackRefusal::Invitation(refusal))),
        },
    };
    let back = format!("{}{}", login.sessions.identifier(), reader.href("/login/back"));
    let begin = Begin {
        purpose: purpose().map_err(|e| Problem::internal(&e))?,
        same_device: (form.device == Device::Same).then_some(back),
        return_to,
        invitation,
    };
    let begins = login.begin(begin).await.map_err(|refusal| match refusal {
        BeginRefusal::Ask(refusal) => Problem::internal(&refusal),
        BeginRefusal::Store(error) => unavailable(&error),
    })?;
    let cookie = login.sessions.cookie(COOKIE, &begins.cookie, Some(base::limits::LOGIN_LIFETIME_S));
    let mut response = to(&reader, &begins.wait);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// What the wallet shows as the reason.
fn purpose() -> Result<Texts, base::lang::MissingText> {
    let texts = Lang::ALL.into_iter().map(|lang| (lang, T(lang).login_purpose().to_owned()));
    Texts::try_from(texts.collect::<std::collections::BTreeMap<_, _>>())
}

/// On to another page of ours, with GET.
pub(super) fn to(reader: &Reader, path: &str) -> Response {
    let location = HeaderValue::try_from(reader.href(path)).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

#[derive(Deserialize)]
struct Returning {
    response_code: Option<String>,
}

async fn back(
    State(login): State<Login>,
    reader: Reader,
    caller: Caller,
    headers: HeaderMap,
    returning: Result<Query<Returning>, QueryRejection>,
) -> Result<Response, Problem> {
    let code = returning.ok().and_then(|Query(returning)| returning.response_code);
    caller.check(Guess::Login).await?;
    let cookie = login.sessions.cookie_value(&headers, COOKIE);
    match login.back(cookie, code.as_deref()).await {
        Ok(Back::Wait(path)) => Ok(to(&reader, &path)),
        Ok(Back::SignedIn(begun, return_to)) => {
            let mut response = to(&reader, &return_to);
            let over = login.sessions.cookie(COOKIE, "", Some(0));
            for cookie in login.sessions.signed_in(&begun).into_iter().chain([over]) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(BackRefusal::Store(error)) => Err(unavailable(&error)),
        Err(refusal) => {
            if matches!(refusal, BackRefusal::WrongSession | BackRefusal::Code | BackRefusal::NotBegun) {
                caller.failed(Guess::Login).await;
            }
            Ok(failed(&reader, &refusal))
        }
    }
}

/// What is said to who is not signed in: what happened, what to do now, and a code that a helper can look up.
fn failed(reader: &Reader, refusal: &BackRefusal) -> Response {
    let t = T(reader.lang);
    let (status, code, text) = match refusal {
        BackRefusal::NotBegun => (StatusCode::FORBIDDEN, "login_not_begun", t.login_error_not_begun()),
        BackRefusal::WrongSession => (StatusCode::FORBIDDEN, "wrong_session", t.login_error_session()),
        BackRefusal::Code => (StatusCode::FORBIDDEN, "response_code", t.login_error_code()),
        BackRefusal::Expired => (StatusCode::FORBIDDEN, "login_expired", t.login_error_expired()),
        BackRefusal::Invalid(_) => (StatusCode::FORBIDDEN, "login_invalid", t.login_error_invalid()),
        BackRefusal::Undetermined(_) => {
            (StatusCode::FORBIDDEN, "login_undetermined", t.login_error_undetermined())
        }
        BackRefusal::Invitation(InvitationRefusal::Unknown) => {
            (StatusCode::NOT_FOUND, "invitation_unknown", t.login_error_invitation_unknown())
        }
        BackRefusal::Invitation(InvitationRefusal::Used) => {
            (StatusCode::CONFLICT, "invitation_used", t.login_error_invitation_used())
        }
        BackRefusal::Invitation(InvitationRefusal::Expired) => {
            (StatusCode::CONFLICT, "invitation_expired", t.login_error_invitation_expired())
        }
        BackRefusal::Invitation(InvitationRefusal::NeedsMandate) => {
            (StatusCode::FORBIDDEN, "invitation_mandate", t.login_error_invitation_mandate())
        }
        BackRefusal::Store(error) => return unavailable(error).into_response(),
    };
    let alert = Alert::new(Kind::Refused, text).answers();
    let mut response = reader.page(t.login_failed(), &Failed { t, reader, alert, code });
    *response.status_mut() = status;
    response
}

/// Who is signed in; everybody else is sent to sign in.
fn signed_in(reader: &Reader) -> Result<&Session, Box<Response>> {
    reader.session().ok_or_else(|| Box::new(to(reader, "/login?return=/sessions")))
}

async fn sessions(State(login): State<Login>, reader: Reader) -> Result<Response, Problem> {
    let session = match signed_in(&reader) {
        Ok(session) => session,
        Err(response) => return Ok(*response),
    };
    let t = T(reader.lang);
    let zone = reader.zone.as_deref().unwrap_or(ZONE);
    let all = login.sessions.of(&session.subject).await.map_err(|e| unavailable(&e))?;
    let time = |at| format::date_time(reader.lang, at, zone);
    let line = |one: &Session| Line {
        id: one.id,
        is_here: one.id == session.id,
        facts: Facts::new()
            .text(t.sessions_since(), &time(one.signed_in_at))
            .text(t.sessions_seen(), &time(one.seen_at))
            .text(t.sessions_until(), &time(one.expires_at)),
    };
    let page = SessionsPage {
        t,
        reader: &reader,
        csrf: reader.csrf(),
        name: name(t, session),
        is_administrator: session.may(Role::Administrator),
        desk: login.desk.filter(|_| session.may(Role::Secretary)),
        sessions: all.iter().map(line).collect(),
    };
    Ok(reader.page(t.sessions_title(), &page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    session: String,
}

/// Ends one of one's own sessions. One of somebody else's, or one that is over, is not told apart from one that never was.
async fn end(
    State(login): State<Login>,
    reader: Reader,
    Form(which): Form<Which>,
) -> Result<Response, Problem> {
    let session = match signed_in(&reader) {
        Ok(session) => session,
        Err(response) => return Ok(*response),
    };
    let id = which.session.parse().map_err(|_| Problem::not_found("session"))?;
    let ended = login.sessions.end(&session.subject, id).await.map_err(|e| unavailable(&e))?;
    if ended { Ok(to(&reader, "/sessions")) } else { Err(Problem::not_found("session")) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn sign_out(
    State(login): State<Login>,
    reader: Reader,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    if let Some(session) = reader.session() {
        login.sessions.end(&session.subject, session.id).await.map_err(|e| unavailable(&e))?;
    }
    let mut response = to(&reader, "/");
    for cookie in login.sessions.signed_out() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
