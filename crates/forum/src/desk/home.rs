//! The desk's first page: all calls and circulars, and how many answers wait for a decision.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use base::limits::PAGE_ROWS_MAX;
use web::{
    Problem, Reader,
    components::{Button, Cell, Html, State as StateWord, Table},
};

use super::page::Desk;
use crate::{
    Forum,
    call::model::CallState,
    public::{
        circular::day,
        database,
        shown::{call_state, deadline},
    },
    texts::T,
};

#[derive(Template)]
#[template(path = "desk_home.html")]
struct Home<'a> {
    t: T,
    reader: &'a Reader,
    calls: Html,
    circulars: Html,
}

pub(super) async fn show(
    desk: Desk,
    State(forum): State<Forum>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let t = desk.t();
    let at = forum.clock.now();
    let after = match query.get("after") {
        Some(symbol) => forum.call_place(symbol).await.map_err(|e| database(&e))?,
        None => None,
    };
    let calls = forum.calls_of_desk(&desk.actor, after).await.map_err(|e| crate::call::api::problem(&e))?;
    let circulars =
        forum.circulars_of_desk(&desk.actor).await.map_err(|e| crate::circular::api::problem(&e))?;
    let heads = [t.desk_name(), t.desk_symbol(), t.desk_state(), t.pub_closes(), t.pub_call_answers()];
    let mut table = Table::new(t.pub_calls_title(), &heads);
    for call in &calls {
        let state = call.state(at);
        let counts = forum.counts_of_desk(&desk.actor, &call.said.symbol).await;
        let counts = counts.map_err(|e| crate::public::unread(&e))?;
        let answers = match state {
            CallState::Draft | CallState::Scheduled | CallState::Withdrawn => "–".to_owned(),
            CallState::Published | CallState::Considered => t.pub_found(counts.received),
            _ if counts.waiting > 0 => t.desk_waiting(counts.waiting),
            _ => t.pub_found(counts.received),
        };
        let path = format!("/desk/calls/{}", call.said.symbol);
        table = table.row([
            Cell::html(Html::link(&desk.reader.href(&path), call.said.title.get(t.0).text)),
            Cell::html(Html::code(&call.said.symbol)),
            Cell::of(&call_state(t, state)),
            Cell::text(&deadline(t.0, &call.said.closes)),
            Cell::text(&answers),
        ]);
    }
    let more = calls.last().filter(|_| i64::try_from(calls.len()).is_ok_and(|n| n >= PAGE_ROWS_MAX));
    let more = more.map(|last| desk.reader.href(&format!("/desk?after={}", last.said.symbol)));
    let more = more.map(|href| Html::of(&Button::link(t.desk_more_calls(), &href).secondary()));
    let calls = if calls.is_empty() {
        Html::paragraph(t.pub_calls_none())
    } else {
        Html::all([Html::of(&table)].into_iter().chain(more))
    };
    let heads = [t.desk_subject(), t.desk_symbol(), t.desk_state(), t.pub_circular_date()];
    let mut table = Table::new(t.pub_circulars_title(), &heads);
    for circular in &circulars {
        let path = format!("/desk/circulars/{}", circular.said.symbol);
        let (kind, word) = super::circular::state(t, circular);
        table = table.row([
            Cell::html(Html::link(&desk.reader.href(&path), circular.said.subject.get(t.0).text)),
            Cell::html(Html::code(&circular.said.symbol)),
            Cell::of(&StateWord::new(kind, word)),
            Cell::number(&day(t.0, &circular.said.dated)),
        ]);
    }
    let circulars = if circulars.is_empty() { Html::default() } else { Html::of(&table) };
    Ok(desk.reader.page(t.desk_title(), &Home { t, reader: &desk.reader, calls, circulars }))
}
