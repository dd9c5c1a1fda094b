//! One call: what is asked of whom, until when, and how to take part.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::Instant;
use http::{HeaderMap, HeaderValue, header};
use web::{Names, Problem, Reader, components::Html, format};

use super::{
    answers::Readable,
    json,
    negotiate::{Wanted, ending},
    shown::{FileLink, call_state, deadline, wording},
};
use crate::{
    Forum,
    call::model::{Call, CallState, Policy},
    feed::ical,
    multilingual::Shown,
    submission::model::Counts,
    texts::T,
    words,
};

/// How long before a deadline a calendar reminds of it: a week, in seconds.
const REMIND_BEFORE_S: i64 = 7 * 86_400;

#[derive(Template)]
#[template(path = "call.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template shows, and what not")]
struct Page<'a> {
    t: T,
    reader: &'a Reader,
    kind: &'static str,
    symbol: &'a str,
    title: Shown<'a>,
    about: Shown<'a>,
    state: web::components::State<'static>,
    reason: Option<&'a str>,
    facts: Vec<(&'static str, String)>,
    extensions: Vec<String>,
    deadline: web::components::Deadline<'a>,
    grace: Option<&'static str>,
    circular: Option<&'a str>,
    has_calendar: bool,
    is_open: bool,
    is_coming: bool,
    questions: Vec<Question<'a>>,
    documents: Vec<FileLink<'a>>,
    policy: &'static str,
    count: String,
    has_counts: bool,
    can_read: bool,
    path: String,
}

struct Question<'a> {
    label: Shown<'a>,
    help: Option<Shown<'a>>,
    required: bool,
    options: Vec<Shown<'a>>,
}

pub(super) async fn show(
    reader: Reader,
    headers: HeaderMap,
    State(forum): State<Forum>,
    Names(name): Names<String>,
) -> Result<Response, Problem> {
    let (symbol, end) = ending(&name, &["ics", "json"]);
    let call = super::public_call(&forum, symbol).await?;
    let at = forum.clock.now();
    match end {
        Some("ics") => Ok(calendar(&reader, &forum, &call)),
        Some(_) => Ok(json::open(axum::Json(json::call(&forum, &call, at)).into_response())),
        None if Wanted::of(&headers) == Wanted::Json => {
            Ok(json::open(axum::Json(json::call(&forum, &call, at)).into_response()))
        }
        None => {
            let counts = forum.counts(symbol).await.map_err(|e| super::unread(&e))?;
            Ok(page(&reader, &call, &counts, at))
        }
    }
}

/// The page, as everybody sees it.
pub(crate) fn page(reader: &Reader, call: &Call, counts: &Counts, at: Instant) -> Response {
    let t = T(reader.lang);
    let state = call.state(at);
    let said = &call.said;
    // Before it is announced, only the desk takes them away.
    let files = match state {
        CallState::Draft => format!("/desk/calls/{}/files", said.symbol),
        _ => "/files".to_owned(),
    };
    let content = Page {
        t,
        reader,
        kind: words::kind(t, said.kind),
        symbol: &said.symbol,
        title: said.title.get(t.0),
        about: said.introduction.get(t.0),
        state: call_state(t, state),
        reason: match state {
            CallState::Withdrawn | CallState::Annulled => call.done.reason.as_deref(),
            _ => None,
        },
        facts: facts(reader, call, state),
        extensions: extensions(t, call),
        deadline: shown_deadline(reader, call, at),
        grace: (said.grace_ms > 0).then(|| t.pub_grace()),
        circular: said.circular.as_deref(),
        has_calendar: matches!(state, CallState::Scheduled | CallState::Open),
        is_open: state.is_receiving(),
        is_coming: state == CallState::Scheduled,
        questions: questions(t, call),
        documents: said.documents.iter().map(|file| FileLink::at(&files, file, t.0)).collect(),
        policy: of_answers(t, call, at),
        count: if state.is_receiving() {
            t.pub_call_so_far(counts.received)
        } else {
            t.pub_call_received(counts.received)
        },
        has_counts: state != CallState::Scheduled,
        can_read: Readable::of(call, at) == Readable::Texts,
        path: format!("/calls/{}", said.symbol),
    };
    reader.page(said.title.get(t.0).text, &content)
}

/// What is true of the answers: the rule while more can come, and afterwards what became of them.
fn of_answers(t: T, call: &Call, at: Instant) -> &'static str {
    let state = call.state(at);
    if state.is_receiving() || state == CallState::Scheduled || state == CallState::Draft {
        return words::policy(t, call.said.policy);
    }
    match (Readable::of(call, at), call.said.policy) {
        (Readable::Texts, _) => t.over_published(),
        (_, Policy::NeverWithCounts) => t.word_policy_never(),
        _ if state == CallState::Closed => t.over_not_yet(),
        // It was taken back or annulled before they could be.
        _ => t.word_policy_never(),
    }
}

/// The deadline, with what remains until it.
pub(crate) fn shown_deadline<'a>(
    reader: &'a Reader,
    call: &Call,
    at: Instant,
) -> web::components::Deadline<'a> {
    let closes = &call.said.closes;
    web::components::Deadline::new(reader, closes.instant, &closes.zone, wording(closes.wording), at)
}

fn questions(t: T, call: &Call) -> Vec<Question<'_>> {
    call.said
        .form
        .questions
        .iter()
        .map(|question| Question {
            label: question.label.get(t.0),
            help: question.help.as_ref().map(|help| help.get(t.0)),
            required: question.required,
            options: question.options.iter().map(|option| option.label.get(t.0)).collect(),
        })
        .collect()
}

/// The deadlines that held before, the oldest first, as HTML.
pub(crate) fn extensions(t: T, call: &Call) -> Vec<String> {
    let zone = &call.said.closes.zone;
    call.extensions
        .iter()
        .map(|extension| {
            let old = format!("<s>{}</s>", Html::text(&deadline(t.0, &extension.from)));
            let on = Html::text(&format::date(t.0, extension.extended_at, zone));
            t.pub_extension(old, on, Html::name(&extension.reason))
        })
        .collect()
}

fn facts(reader: &Reader, call: &Call, state: CallState) -> Vec<(&'static str, String)> {
    let t = T(reader.lang);
    let said = &call.said;
    let zone = &said.closes.zone;
    let opens = if state == CallState::Scheduled { t.pub_opens() } else { t.pub_opened() };
    let mut facts = vec![(opens, format::date_time(t.0, said.opens, zone))];
    let audience: Vec<_> = said.audience.iter().map(|class| words::class(t, *class)).collect();
    facts.push((
        t.pub_call_audience(),
        if audience.is_empty() { t.pub_call_everyone().to_owned() } else { audience.join(separator(t)) },
    ));
    if let Some(limit) = said.party_limit {
        facts.push((t.pub_call_limit(), format::number(t.0, limit)));
    }
    if let Some(item) = &call.considered_at_item {
        facts.push((t.pub_call_agenda(), item.clone()));
    }
    facts.push((t.pub_call_contact(), said.contact.clone()));
    facts
}

/// What stands between the items of a list.
pub(crate) const fn separator(t: T) -> &'static str {
    match t.0 {
        base::Lang::Ar => "، ",
        base::Lang::Zh => "、",
        _ => ", ",
    }
}

/// The deadline as a calendar file.
fn calendar(reader: &Reader, forum: &Forum, call: &Call) -> Response {
    let t = T(reader.lang);
    let title = call.said.title.get(t.0);
    let page = forum.call_address(&call.said.symbol);
    let host = forum.config.identifier.rsplit('/').next().unwrap_or_default();
    let at = forum.clock.now();
    let file = ical::Deadline {
        uid: &format!("{}@{host}", call.id),
        sequence: call.extensions.len(),
        stamp: at,
        at: call.said.closes.instant,
        lang: title.lang,
        summary: &t.pub_labelled(t.pub_closes(), title.text),
        description: &format!("{}\n{page}", deadline(t.0, &call.said.closes)),
        page: &page,
        cancelled: matches!(call.state(at), CallState::Withdrawn | CallState::Annulled),
        remind_before_s: REMIND_BEFORE_S,
    };
    let name = HeaderValue::try_from(format!("attachment; filename=\"{}.ics\"", call.said.symbol));
    let mut response = file.to_ics().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(ical::MEDIA_TYPE));
    headers.insert(header::CONTENT_DISPOSITION, name.unwrap_or(HeaderValue::from_static("attachment")));
    json::open(response)
}
