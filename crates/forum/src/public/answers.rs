//! What was submitted to a call: the counts that add up, filters, and a page of submissions at a time.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use base::{Instant, Lang, limits::PAGE_ROWS_MAX};
use http::HeaderMap;
use web::{Names, Problem, Reader, format};

use super::{
    asked::Asked,
    json,
    negotiate::Wanted,
    shown::{deadline, vouched},
    table,
};
use crate::{
    Forum,
    call::model::{Call, CallState, Policy, Stage},
    multilingual::Shown,
    submission::model::{After, Counts, Entry, Facets, State as SubmissionState, StateWord},
    submission::ops::read::Gone,
    texts::T,
    words,
};

/// How many submissions a page shows: more of them in the longest script weigh more than a page may.
const ANSWERS_A_PAGE: i64 = 40;

/// What everybody may read of what was submitted to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readable {
    /// How many came, and nothing else (invariant I5).
    Total,
    /// How many are in which state.
    Counts,
    /// Those that were published.
    Texts,
}

impl Readable {
    /// Of this call at this instant.
    pub(crate) fn of(call: &Call, at: Instant) -> Self {
        let is_published = matches!(call.stage, Stage::Published | Stage::Considered);
        match (call.said.policy, is_published) {
            (Policy::NeverWithCounts, true) => Self::Counts,
            (Policy::AtOnce, _) if call.said.opens <= at && call.stage != Stage::Withdrawn => Self::Texts,
            (Policy::AtOnce | Policy::AtClose | Policy::SealedUntilClose, true) => Self::Texts,
            _ => Self::Total,
        }
    }
}

#[derive(Template)]
#[template(path = "answers.html")]
struct Page<'a> {
    t: T,
    reader: &'a Reader,
    title: Shown<'a>,
    call_path: String,
    own_path: String,
    note: Option<String>,
    sum: Vec<Line>,
    gone: Option<GoneList>,
    shows_answers: bool,
    choices: Vec<Choice>,
    is_filtered: bool,
    found: String,
    answers: Vec<Item<'a>>,
    first: Option<String>,
    next: Option<String>,
    files: Vec<(&'static str, String)>,
}

/// A filter, as a field.
struct Choice {
    name: &'static str,
    label: &'static str,
    options: Vec<Offered>,
}

struct Offered {
    value: String,
    label: String,
    is_chosen: bool,
}

struct Item<'a> {
    path: String,
    receipt: String,
    party: &'a str,
    facts: String,
    standing: web::components::State<'static>,
}

/// What cannot be read, with the reasons.
struct GoneList {
    title: &'static str,
    items: Vec<GoneItem>,
}

struct GoneItem {
    path: String,
    id: String,
    received: String,
    reason: Option<String>,
}

pub(super) async fn show(
    reader: Reader,
    headers: HeaderMap,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    answer(&reader, &forum, &symbol, &query, Wanted::of(&headers)).await
}

/// The same at an address that says the form.
pub(super) async fn show_json(
    reader: Reader,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    answer(&reader, &forum, &symbol, &query, Wanted::Json).await
}

/// The same at an address that says the form.
pub(super) async fn show_csv(
    reader: Reader,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    answer(&reader, &forum, &symbol, &query, Wanted::Csv).await
}

/// The same at an address that says the form.
pub(super) async fn show_atom(
    reader: Reader,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    answer(&reader, &forum, &symbol, &query, Wanted::Atom).await
}

async fn answer(
    reader: &Reader,
    forum: &Forum,
    symbol: &str,
    query: &BTreeMap<String, String>,
    wanted: Wanted,
) -> Result<Response, Problem> {
    let asked = Asked::read(query)?;
    let call = super::public_call(forum, symbol).await?;
    let at = forum.clock.now();
    let readable = Readable::of(&call, at);
    let counts = forum.counts(symbol).await.map_err(|e| super::unread(&e))?;
    if let Some(state) = asked.gone
        && wanted != Wanted::Page
    {
        // What cannot be read has no rows and no entries; programs get the reasons as JSON.
        if wanted != Wanted::Json {
            return Err(Problem::bad_request(
                "filter",
                "What cannot be read is listed as a page or as JSON.",
            ));
        }
        let gone = forum.gone(symbol, state, asked.after).await.map_err(|e| super::unread(&e))?;
        let gone: Vec<_> = gone.iter().map(|gone| json::gone(forum, gone)).collect();
        let body = serde_json::json!({
            "call": json::call(forum, &call, at),
            "counts": json::counts(&counts, readable == Readable::Total),
            "submissions": gone,
        });
        return Ok(json::open(axum::Json(body).into_response()));
    }
    match wanted {
        Wanted::Json => return Ok(table::json(forum, &call, readable, &counts, &asked)),
        Wanted::Csv => return Ok(table::csv(forum, &call, readable, &asked)),
        Wanted::Atom => return super::feed::submissions(reader, forum, &call, readable, &asked).await,
        Wanted::Page => {}
    }
    if readable != Readable::Texts {
        return Ok(page(reader, &call, readable, &counts, &asked, Shows::Nothing, at));
    }
    if let Some(state) = asked.gone {
        let gone = forum.gone(symbol, state, asked.after).await.map_err(|e| super::unread(&e))?;
        return Ok(page(reader, &call, readable, &counts, &asked, Shows::Gone(state, &gone), at));
    }
    let listed = forum.list(symbol, asked.filter.clone(), asked.after, ANSWERS_A_PAGE).await;
    let listed = listed.map_err(|e| super::unread(&e))?;
    let facets = forum.facets(symbol).await.map_err(|e| super::unread(&e))?;
    let shows = Shows::Texts(&listed.entries, listed.next, &facets);
    Ok(page(reader, &call, readable, &counts, &asked, shows, at))
}

/// What a page shows besides the counts.
#[derive(Clone, Copy)]
enum Shows<'a> {
    Nothing,
    /// Submissions, where the next page begins, and what can be filtered by.
    Texts(&'a [Entry], Option<After>, &'a Facets),
    /// Those in a state in which they cannot be read.
    Gone(StateWord, &'a [Gone]),
}

fn page(
    reader: &Reader,
    call: &Call,
    readable: Readable,
    counts: &Counts,
    asked: &Asked,
    shows: Shows<'_>,
    at: Instant,
) -> Response {
    let t = T(reader.lang);
    let title = call.said.title.get(t.0);
    let call_path = format!("/calls/{}", call.said.symbol);
    let own_path = format!("{call_path}/submissions");
    let query = asked.query(None);
    let files = [("JSON", "json"), ("CSV", "csv"), ("Atom", "atom")]
        .map(|(name, end)| (name, format!("{own_path}.{end}{query}")));
    let heading = format!("{} · {}", t.pub_answers_title(), title.text);
    let (entries, next, facets) = match shows {
        Shows::Texts(entries, next, facets) => (entries, next, Some(facets)),
        Shows::Gone(_, gone) => (&[][..], next_of(gone), None),
        Shows::Nothing => (&[][..], None, None),
    };
    let content = Page {
        t,
        reader,
        title,
        note: note(t, call, readable, at),
        sum: sum(t, readable, counts),
        gone: match shows {
            Shows::Gone(state, gone) => Some(gone_list(t, call, state, gone)),
            Shows::Nothing | Shows::Texts(..) => None,
        },
        shows_answers: facets.is_some(),
        choices: facets.map(|facets| choices(t, call, asked, facets)).unwrap_or_default(),
        is_filtered: !asked.said.is_empty(),
        found: found(t, asked, counts, facets),
        answers: entries.iter().map(|entry| item(t, entry)).collect(),
        first: asked.after.map(|_| format!("{own_path}{query}")),
        next: next.map(|next| format!("{own_path}{}", asked.query(Some(next)))),
        files: files.into(),
        call_path,
        own_path,
    };
    reader.page(&heading, &content)
}

/// A list of what cannot be read is full when it has as many as one page holds.
fn next_of(gone: &[Gone]) -> Option<After> {
    let is_full = i64::try_from(gone.len()).is_ok_and(|n| n >= PAGE_ROWS_MAX);
    gone.last().filter(|_| is_full).map(|last| After { received_at: last.received_at, id: last.id })
}

fn gone_list(t: T, call: &Call, state: StateWord, gone: &[Gone]) -> GoneList {
    let items = gone.iter().map(|gone| GoneItem {
        path: format!("/submissions/{}", gone.id),
        id: gone.id.to_string(),
        received: format::date(t.0, gone.received_at, &call.said.closes.zone),
        reason: match &gone.state {
            SubmissionState::Inadmissible { reason } | SubmissionState::Withheld { reason } => {
                Some(reason.clone())
            }
            SubmissionState::Withdrawn { reason } => reason.clone(),
            _ => None,
        },
    });
    GoneList { title: words::submission_state(t, state), items: items.collect() }
}

/// Why there is nothing to read, if there is not.
fn note(t: T, call: &Call, readable: Readable, at: Instant) -> Option<String> {
    let is_over = call.state(at) == CallState::Closed;
    Some(match (readable, call.said.policy) {
        (Readable::Texts, _) => return None,
        (_, Policy::NeverWithCounts) => t.word_policy_never().to_owned(),
        (_, _) if is_over => t.pub_awaits().to_owned(),
        (_, Policy::SealedUntilClose) => {
            format!("{} {}", t.pub_sealed(), t.pub_labelled(t.pub_closes(), deadline(t.0, &call.said.closes)))
        }
        (_, policy) => words::policy(t, policy).to_owned(),
    })
}

/// A line of the sum.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) number: String,
    pub(crate) is_total: bool,
    /// The state whose reasons can be read.
    pub(crate) gone: Option<StateWord>,
}

/// The sum of a call (invariant I4): all that came, then what became of it. Lines of zero are left out.
pub(crate) fn sum(t: T, readable: Readable, counts: &Counts) -> Vec<Line> {
    let line = |(name, n, gone): (&'static str, i64, Option<StateWord>)| Line {
        name,
        number: format::number(t.0, n),
        is_total: false,
        gone: gone.filter(|_| readable == Readable::Texts),
    };
    let total = Line { is_total: true, ..line((t.pub_sum_received(), counts.received, None)) };
    if readable == Readable::Total {
        return vec![total];
    }
    let lines = [
        (t.pub_sum_published(), counts.published, None),
        (t.pub_sum_counted(), counts.counted, None),
        (t.pub_sum_waiting(), counts.waiting, None),
        (t.pub_sum_withheld(), counts.withheld, Some(StateWord::Withheld)),
        (t.pub_sum_inadmissible(), counts.inadmissible, Some(StateWord::Inadmissible)),
        (t.pub_sum_superseded(), counts.superseded, Some(StateWord::Superseded)),
        (t.pub_sum_withdrawn(), counts.withdrawn, Some(StateWord::Withdrawn)),
    ];
    std::iter::once(total).chain(lines.into_iter().filter(|(_, n, _)| *n > 0).map(line)).collect()
}

/// How many there are to read: known without a filter, and with one; with several nobody has counted.
fn found(t: T, asked: &Asked, counts: &Counts, facets: Option<&Facets>) -> String {
    fn of<V: PartialEq>(all: &[crate::submission::model::FacetCount<V>], value: Option<&V>) -> Option<i64> {
        let value = value?;
        Some(all.iter().find(|facet| facet.value == *value).map_or(0, |facet| facet.count))
    }
    let one = facets.filter(|_| asked.said.len() == 1).and_then(|facets| {
        let filter = &asked.filter;
        of(&facets.classes, filter.class.as_ref())
            .or_else(|| of(&facets.regions, filter.region.as_ref()))
            .or_else(|| of(&facets.countries, filter.country.as_ref()))
            .or_else(|| of(&facets.langs, filter.lang.as_ref().map(|l| l.as_str().to_owned()).as_ref()))
            .or_else(|| of(&facets.questions, filter.question.as_ref()))
    });
    match (asked.said.len(), one) {
        (0, _) => t.pub_found(counts.published),
        (_, Some(n)) => t.pub_found(n),
        _ => t.pub_answers_title().to_owned(),
    }
}

fn choices(t: T, call: &Call, asked: &Asked, facets: &Facets) -> Vec<Choice> {
    let filter = &asked.filter;
    let counted = |label: &str, n: i64| t.pub_counted(label, format::number(t.0, n));
    let mut countries: Vec<Offered> = facets
        .countries
        .iter()
        .map(|f| Offered {
            value: f.value.to_string(),
            label: counted(f.value.name(t.0), f.count),
            is_chosen: filter.country == Some(f.value),
        })
        .collect();
    countries.sort_by(|a, b| a.label.cmp(&b.label));
    let langs = facets.langs.iter().map(|f| Offered {
        value: f.value.clone(),
        label: counted(&words::lang_of_tag(t, &f.value), f.count),
        is_chosen: filter.lang.as_ref().is_some_and(|l| l.as_str() == f.value),
    });
    let questions = call.said.form.questions.iter().enumerate().filter_map(|(at, question)| {
        let n = facets.questions.iter().find(|f| f.value == question.id)?.count;
        let label = format!("{}. {}", at.saturating_add(1), shortened(question.label.get(t.0).text));
        Some(Offered {
            value: question.id.to_string(),
            label: counted(&label, n),
            is_chosen: filter.question.as_ref() == Some(&question.id),
        })
    });
    let classes = facets.classes.iter().map(|f| Offered {
        value: f.value.to_string(),
        label: counted(words::class(t, f.value), f.count),
        is_chosen: filter.class == Some(f.value),
    });
    let regions = facets.regions.iter().map(|f| Offered {
        value: f.value.to_string(),
        label: counted(words::region(t, f.value), f.count),
        is_chosen: filter.region == Some(f.value),
    });
    vec![
        Choice { name: "class", label: t.pub_filter_class(), options: classes.collect() },
        Choice { name: "region", label: t.pub_filter_region(), options: regions.collect() },
        Choice { name: "country", label: t.pub_filter_country(), options: countries },
        Choice { name: "language", label: t.pub_filter_language(), options: langs.collect() },
        Choice { name: "question", label: t.pub_filter_question(), options: questions.collect() },
    ]
}

/// The beginning of a long text: fields that choose have no room for more.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text).trim_end()),
        None => text.to_owned(),
    }
}

fn item(t: T, entry: &Entry) -> Item<'_> {
    let mut facts = vec![words::class(t, entry.party.class).to_owned()];
    facts.extend(entry.party.country.map(|country| country.name(t.0).to_owned()));
    facts.push(words::lang_of_tag(t, entry.lang.as_str()));
    facts.push(format::date(t.0, entry.received_at, "UTC"));
    if entry.in_grace {
        facts.push(t.pub_late().to_owned());
    }
    Item {
        path: format!("/submissions/{}", entry.id),
        receipt: format!("/submissions/{}/receipt", entry.id),
        party: &entry.party.name,
        facts: facts.join(" · "),
        standing: vouched(t, words::Vouched::of(entry)),
    }
}

/// The direction of a text whose language is known by its tag.
pub(crate) fn direction(tag: &str) -> &'static str {
    match tag.split('-').next().unwrap_or_default() {
        "ar" | "fa" | "he" | "ur" | "ps" | "ckb" | "dv" | "yi" | "sd" | "ug" => "rtl",
        other if other.parse::<Lang>().is_ok() => "ltr",
        _ => "auto",
    }
}
