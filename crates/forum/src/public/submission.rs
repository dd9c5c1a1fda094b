//! One submission: whole, in the language it was written in, with what vouches for it.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header};
use web::{Names, Problem, Reader, format};

use super::{
    answers::direction,
    json,
    negotiate::{Wanted, ending},
    shown::{FileLink, submission_state, vouched},
};
use crate::{
    Forum, SubmissionId,
    call::{
        form::{Answer, Question},
        model::Call,
    },
    multilingual::Shown,
    submission::{
        model::{State as SubmissionState, Submission},
        ops::read::{Gone, Public},
    },
    texts::T,
    words,
};

#[derive(Template)]
#[template(path = "submission.html")]
pub(crate) struct Page<'a> {
    t: T,
    reader: &'a Reader,
    title: Shown<'a>,
    party: &'a str,
    standing: web::components::State<'static>,
    facts: Vec<(&'static str, String)>,
    links: Vec<(&'static str, String, String)>,
    lang: &'a str,
    dir: &'static str,
    summary: Option<&'a str>,
    summaries: Vec<Translated<'a>>,
    answers: Vec<Item<'a>>,
    vouched: &'static str,
    digest: String,
    path: String,
    call_path: String,
}

/// A question with what was answered to it.
struct Item<'a> {
    question: Shown<'a>,
    value: Value<'a>,
    translations: Vec<Translated<'a>>,
}

enum Value<'a> {
    Text(&'a str),
    Chosen(Vec<Shown<'a>>),
    Plain(String),
    Files(Vec<FileLink<'a>>),
    None,
}

struct Translated<'a> {
    lang: base::Lang,
    text: &'a str,
    is_stale: bool,
}

pub(super) async fn show(
    reader: Reader,
    headers: HeaderMap,
    State(forum): State<Forum>,
    Names(name): Names<String>,
) -> Result<Response, Problem> {
    let (id, end) = ending(&name, &["json"]);
    let id: SubmissionId = id.parse().map_err(|_| Problem::not_found("submission"))?;
    let (call, found) = super::public_submission(&forum, id).await?;
    let is_json = end.is_some() || Wanted::of(&headers) == Wanted::Json;
    Ok(match found {
        Public::Whole(found) if is_json => {
            json::open(axum::Json(json::submission(&forum, &found)).into_response())
        }
        Public::Gone(gone) if is_json => json::open(axum::Json(json::gone(&forum, &gone)).into_response()),
        Public::Whole(found) => reader.page(&found.entry.party.name, &page(&reader, &call, &found)),
        Public::Gone(gone) => {
            let t = T(reader.lang);
            reader.page(t.pub_answers_title(), &gone_page(&reader, &call, &gone))
        }
    })
}

/// The canonical text that was signed and hashed, byte by byte.
pub(super) async fn original(
    State(forum): State<Forum>,
    Names(id): Names<String>,
) -> Result<Response, Problem> {
    let id: SubmissionId = id.parse().map_err(|_| Problem::not_found("submission"))?;
    match super::public_submission(&forum, id).await?.1 {
        Public::Whole(found) => {
            let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
            Ok(json::open((kind, found.canonical).into_response()))
        }
        Public::Gone(_) => Err(Problem::not_found("submission")),
    }
}

/// What is said of one that nobody can read.
#[derive(Template)]
#[template(path = "gone.html")]
struct GonePage<'a> {
    t: T,
    reader: &'a Reader,
    title: Shown<'a>,
    state: web::components::State<'static>,
    reason: Option<&'a str>,
    received: String,
    id: String,
    by: Option<String>,
    call_path: String,
}

fn gone_page<'a>(reader: &'a Reader, call: &'a Call, gone: &'a Gone) -> GonePage<'a> {
    let t = T(reader.lang);
    let zone = reader.zone.as_deref().unwrap_or(&call.said.closes.zone);
    let (reason, by) = match &gone.state {
        SubmissionState::Inadmissible { reason } | SubmissionState::Withheld { reason } => {
            (Some(reason.as_str()), None)
        }
        SubmissionState::Withdrawn { reason } => (reason.as_deref(), None),
        SubmissionState::Superseded { by } => (None, Some(by.to_string())),
        _ => (None, None),
    };
    GonePage {
        t,
        reader,
        title: call.said.title.get(t.0),
        state: submission_state(t, gone.state.word()),
        reason,
        received: format::date_time(t.0, gone.received_at, zone),
        id: gone.id.to_string(),
        by,
        call_path: format!("/calls/{}", call.said.symbol),
    }
}

/// The whole of it: for everybody once it is published, and for the secretariat.
pub(crate) fn page<'a>(reader: &'a Reader, call: &'a Call, submission: &'a Submission) -> Page<'a> {
    let t = T(reader.lang);
    let entry = &submission.entry;
    let how = words::Vouched::of(entry);
    let answers = call.said.form.questions.iter().map(|question| Item {
        question: question.label.get(t.0),
        value: value(t, question, submission),
        translations: translations(submission, |of| of.answers.get(&question.id).map(String::as_str)),
    });
    Page {
        t,
        reader,
        title: call.said.title.get(t.0),
        party: &entry.party.name,
        standing: vouched(t, how),
        facts: facts(reader, call, submission),
        links: links(t, submission),
        lang: entry.lang.as_str(),
        dir: direction(entry.lang.as_str()),
        summary: submission.summary.as_deref(),
        summaries: translations(submission, |of| of.summary.as_deref()),
        answers: answers.collect(),
        vouched: how.sentence(t),
        digest: base16ct::lower::encode_string(&entry.digest),
        path: format!("/submissions/{}", entry.id),
        call_path: format!("/calls/{}", call.said.symbol),
    }
}

fn translations<'a>(
    submission: &'a Submission,
    text: impl Fn(&'a crate::submission::model::Translation) -> Option<&'a str>,
) -> Vec<Translated<'a>> {
    let all = submission.translations.iter();
    all.filter_map(|of| Some(Translated { lang: of.lang, text: text(of)?, is_stale: of.is_stale })).collect()
}

fn value<'a>(t: T, question: &'a Question, submission: &'a Submission) -> Value<'a> {
    let option = |id: &crate::call::form::QuestionId| {
        question.options.iter().find(|option| option.id == *id).map(|option| option.label.get(t.0))
    };
    let Some(answer) = submission.answers.get(&question.id) else { return Value::None };
    match answer {
        Answer::Text(text) => Value::Text(text),
        Answer::Choice(id) => Value::Chosen(option(id).into_iter().collect()),
        Answer::Choices(ids) => Value::Chosen(ids.iter().filter_map(option).collect()),
        Answer::Files(digests) => {
            let files = submission.files.iter().filter(|file| digests.contains(&file.digest_hex()));
            Value::Files(files.map(|file| FileLink::of(file, t.0)).collect())
        }
        Answer::Amount { minor, currency } => Value::Plain(format::money(t.0, *minor, currency)),
        Answer::Country(country) => Value::Plain(country.name(t.0).to_owned()),
        Answer::Person { name, title, organisation } => {
            let parts = [title.as_deref(), Some(name.as_str()), organisation.as_deref()];
            Value::Plain(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
    }
}

fn facts(reader: &Reader, call: &Call, submission: &Submission) -> Vec<(&'static str, String)> {
    let t = T(reader.lang);
    let entry = &submission.entry;
    let party = &entry.party;
    let zone = reader.zone.as_deref().unwrap_or(&call.said.closes.zone);
    let mut facts = vec![(t.pub_filter_class(), words::class(t, party.class).to_owned())];
    if let Some(country) = party.country {
        facts.push((t.pub_filter_country(), country.name(t.0).to_owned()));
        facts.push((t.pub_filter_region(), words::region(t, country.region()).to_owned()));
    }
    let by: Vec<&str> = [&party.person, &party.capacity].into_iter().filter_map(Option::as_deref).collect();
    if !by.is_empty() {
        facts.push((t.pub_circular_by(), by.join(", ")));
    }
    let mut received = format::date_time(t.0, entry.received_at, zone);
    if entry.in_grace {
        received = format!("{received} · {}", t.pub_late());
    }
    facts.push((t.pub_sub_received(), received));
    facts.push((t.pub_sub_language(), words::lang_of_tag(t, entry.lang.as_str())));
    facts
}

fn links(t: T, submission: &Submission) -> Vec<(&'static str, String, String)> {
    let replaced = submission.entry.supersedes;
    replaced
        .map(|id| (t.pub_sub_replaces(), format!("/submissions/{id}"), id.to_string()))
        .into_iter()
        .collect()
}
