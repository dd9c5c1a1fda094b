//! Circulars: the list of them, and one, laid out to be printed.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Instant, Lang};
use http::HeaderMap;
use serde::Deserialize;
use web::{Names, Problem, Query, Reader};

use super::{
    json,
    negotiate::{Wanted, ending},
    shown::{Card, FileLink},
};
use crate::{Forum, call::model::Call, circular::model::Circular, multilingual::Shown, texts::T, words};

#[derive(Template)]
#[template(path = "circulars.html")]
struct List<'a> {
    t: T,
    reader: &'a Reader,
    circulars: Vec<Item<'a>>,
}

struct Item<'a> {
    path: String,
    symbol: &'a str,
    subject: Shown<'a>,
    date: String,
}

#[derive(Template)]
#[template(path = "circular.html")]
pub(crate) struct Page<'a> {
    t: T,
    reader: &'a Reader,
    symbol: &'a str,
    subject: Shown<'a>,
    text: Shown<'a>,
    facts: Vec<(&'static str, String)>,
    versions: Vec<Version>,
    links: Vec<(&'static str, String, &'a str)>,
    annexes: Vec<FileLink<'a>>,
    calls: Vec<Card<'a>>,
}

/// The circular in one of its languages.
struct Version {
    lang: Lang,
    href: String,
    is_shown: bool,
    is_original: bool,
}

/// Which of its languages somebody wants, whatever the language of the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct InLanguage {
    text: Option<String>,
}

pub(super) async fn list(
    reader: Reader,
    headers: HeaderMap,
    State(forum): State<Forum>,
) -> Result<Response, Problem> {
    let t = T(reader.lang);
    let circulars = super::public_circulars(&forum).await?;
    if Wanted::of(&headers) == Wanted::Json {
        let circulars: Vec<_> = circulars.iter().map(|circular| json::circular(&forum, circular)).collect();
        return Ok(json::open(axum::Json(serde_json::json!({ "circulars": circulars })).into_response()));
    }
    let items = circulars.iter().map(|circular| Item {
        path: format!("/circulars/{}", circular.said.symbol),
        symbol: &circular.said.symbol,
        subject: circular.said.subject.get(t.0),
        date: day(t.0, &circular.said.dated),
    });
    let content = List { t, reader: &reader, circulars: items.collect() };
    Ok(reader.page(t.pub_circulars_title(), &content))
}

pub(super) async fn show(
    reader: Reader,
    headers: HeaderMap,
    State(forum): State<Forum>,
    Names(name): Names<String>,
    Query(wanted): Query<InLanguage>,
) -> Result<Response, Problem> {
    let (symbol, end) = ending(&name, &["json"]);
    let circular = super::public_circular(&forum, symbol).await?;
    if end.is_some() || Wanted::of(&headers) == Wanted::Json {
        return Ok(json::open(axum::Json(json::circular(&forum, &circular)).into_response()));
    }
    let mut calls = Vec::new();
    for symbol in &circular.opens {
        calls.push(super::public_call(&forum, symbol).await?);
    }
    let lang = wanted.text.and_then(|tag| tag.parse().ok()).unwrap_or(reader.lang);
    let at = forum.clock.now();
    let content = content(&reader, &circular, &calls, lang, at);
    Ok(reader.page(circular.said.subject.get(lang).text, &content))
}

/// The circular as a page: for everybody, and for the secretariat before it is sent.
pub(crate) fn content<'a>(
    reader: &'a Reader,
    circular: &'a Circular,
    calls: &'a [Call],
    lang: Lang,
    at: Instant,
) -> Page<'a> {
    let t = T(reader.lang);
    let said = &circular.said;
    let text = said.text.get(lang);
    let addressees: Vec<_> = said.addressees.iter().map(|class| words::class(t, *class)).collect();
    let addressees = if addressees.is_empty() {
        t.pub_call_everyone().to_owned()
    } else {
        addressees.join(super::call::separator(t))
    };
    let mut facts = vec![
        (t.pub_circular_date(), day(t.0, &said.dated)),
        (t.pub_circular_by(), said.signatory.clone()),
        (t.pub_circular_to(), addressees),
    ];
    if !said.copies.is_empty() {
        facts.push((t.pub_circular_copies(), said.copies.join(super::call::separator(t))));
    }
    facts.push((t.pub_call_contact(), said.contact.clone()));
    let to = |symbol: &str| format!("/circulars/{symbol}");
    let mut links = Vec::new();
    links.extend(said.amends.iter().map(|symbol| (t.pub_circular_amends(), to(symbol), symbol.as_str())));
    let later = circular.amended_by.iter();
    links.extend(later.map(|symbol| (t.pub_circular_amended(), to(symbol), symbol.as_str())));
    // Before it is sent, only the desk takes them away.
    let files = match circular.sent_at {
        Some(_) => "/files".to_owned(),
        None => format!("/desk/circulars/{}/files", said.symbol),
    };
    Page {
        t,
        reader,
        symbol: &said.symbol,
        subject: said.subject.get(lang),
        facts,
        versions: said
            .text
            .langs()
            .map(|lang| Version {
                lang,
                href: format!("{}?text={lang}", reader.href(&reader.path)),
                is_shown: lang == text.lang,
                is_original: lang == said.text.original(),
            })
            .collect(),
        text,
        links,
        annexes: said.annexes.iter().map(|file| FileLink::at(&files, file, t.0)).collect(),
        calls: calls.iter().map(|call| Card::of(call, t, at)).collect(),
    }
}

/// A civil date in words; noon of it in UTC lies on that day.
pub(crate) fn day(lang: Lang, civil: &str) -> String {
    Instant::parse_rfc3339(&format!("{civil}T12:00:00Z"))
        .map_or_else(|| civil.to_owned(), |noon| web::format::date(lang, noon, "UTC"))
}
