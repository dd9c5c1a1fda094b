//! The list of calls: open now, coming, waiting for a meeting, closed. And those that are open, for a front page.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use web::{Problem, Reader};

use super::{json, negotiate::Wanted, shown::Card};
use crate::{
    Forum,
    call::model::{Call, CallState},
    multilingual::Shown,
    texts::T,
};

/// How many of them a front page shows.
const OPEN_MAX: usize = 5;

#[derive(Template)]
#[template(path = "calls.html")]
struct Page<'a> {
    t: T,
    reader: &'a Reader,
    sections: Vec<Section<'a>>,
    is_secretary: bool,
}

struct Section<'a> {
    id: &'static str,
    title: &'static str,
    note: Option<&'static str>,
    calls: Vec<Card<'a>>,
}

pub(super) async fn list(
    reader: Reader,
    headers: HeaderMap,
    State(forum): State<Forum>,
) -> Result<Response, Problem> {
    match Wanted::of(&headers) {
        Wanted::Json => list_json(State(forum)).await,
        Wanted::Atom => super::feed::site(reader, State(forum)).await,
        Wanted::Page | Wanted::Csv => {
            let calls = super::public_calls(&forum).await?;
            Ok(page(&reader, &forum, &calls))
        }
    }
}

pub(super) async fn list_json(State(forum): State<Forum>) -> Result<Response, Problem> {
    let at = forum.clock.now();
    let calls = super::public_calls(&forum).await?;
    let calls: Vec<_> = calls.iter().map(|call| json::call(&forum, call, at)).collect();
    Ok(json::open(axum::Json(serde_json::json!({ "calls": calls })).into_response()))
}

fn page(reader: &Reader, forum: &Forum, calls: &[Call]) -> Response {
    let t = T(reader.lang);
    let at = forum.clock.now();
    let those = |wanted: &[CallState]| -> Vec<Card<'_>> {
        calls
            .iter()
            .filter(|call| wanted.contains(&call.state(at)))
            .map(|call| Card::of(call, t, at))
            .collect()
    };
    let sections = vec![
        Section {
            id: "open",
            title: t.pub_calls_open(),
            note: None,
            calls: those(&[CallState::Open, CallState::Grace]),
        },
        Section {
            id: "coming",
            title: t.pub_calls_coming(),
            note: None,
            calls: those(&[CallState::Scheduled]),
        },
        Section {
            id: "awaiting",
            title: t.pub_calls_awaiting(),
            note: Some(t.pub_calls_awaiting_note()),
            calls: those(&[CallState::Closed, CallState::Published]),
        },
        Section {
            id: "closed",
            title: t.pub_calls_closed(),
            note: None,
            calls: those(&[CallState::Considered, CallState::Withdrawn, CallState::Annulled]),
        },
    ];
    let is_secretary = reader.session().is_some_and(|session| session.may(web::Role::Secretary));
    reader.page(t.pub_calls_title(), &Page { t, reader, sections, is_secretary })
}

#[derive(Template)]
#[template(path = "open_calls.html")]
struct Open<'a> {
    t: T,
    reader: &'a Reader,
    calls: Vec<OpenCall<'a>>,
}

struct OpenCall<'a> {
    path: String,
    answer: String,
    title: Shown<'a>,
    dates: String,
}

/// The calls that can be answered now, with the way to do it: a part of a page, as HTML; empty without any.
pub(crate) async fn open(forum: &Forum, reader: &Reader) -> Result<String, Problem> {
    let (t, at) = (T(reader.lang), forum.clock.now());
    let calls = super::public_calls(forum).await?;
    let open = calls.iter().filter(|call| matches!(call.state(at), CallState::Open | CallState::Grace));
    let calls = open
        .take(OPEN_MAX)
        .map(|call| {
            let Card { path, title, dates, .. } = Card::of(call, t, at);
            OpenCall { answer: format!("{path}/answer"), path, title, dates }
        })
        .collect();
    Open { t, reader, calls }.render().map_err(|e| Problem::internal(&e))
}
