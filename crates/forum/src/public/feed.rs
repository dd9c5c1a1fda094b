//! Feeds: of a call's submissions, and of all that the secretariat announces.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use base::{Instant, limits::PAGE_ROWS_MAX};
use http::{HeaderValue, header};
use web::{Problem, Reader};

use super::{answers::Readable, asked::Asked, json, shown::deadline};
use crate::{
    Forum,
    call::model::{Call, CallState},
    circular::model::Circular,
    feed::atom::{Entry, Feed, MEDIA_TYPE},
    texts::T,
    words::{self, Vouched},
};

/// How many entries the feed of the site has at most: the newest.
const ENTRIES_MAX: usize = 50;

fn answer(feed: &Feed<'_>) -> Response {
    let mut response = feed.to_xml().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    json::open(response)
}

/// The submissions to a call that fit a filter, in the order of receipt, a page at a time.
pub(super) async fn submissions(
    reader: &Reader,
    forum: &Forum,
    call: &Call,
    readable: Readable,
    asked: &Asked,
) -> Result<Response, Problem> {
    let t = T(reader.lang);
    let page = format!("{}/submissions", forum.call_address(&call.said.symbol));
    let id = format!("{page}.atom");
    let (mut entries, mut next) = (Vec::new(), None);
    if readable == Readable::Texts {
        let symbol = &call.said.symbol;
        let listed = forum.list(symbol, asked.filter.clone(), asked.after, PAGE_ROWS_MAX).await;
        let listed = listed.map_err(|e| super::unread(&e))?;
        next = listed.next.map(|next| format!("{id}{}", asked.query(Some(next))));
        entries.extend(listed.entries.iter().map(|entry| {
            let address = format!("{}/submissions/{}", forum.config.identifier, entry.id);
            let mut about = vec![words::class(t, entry.party.class).to_owned()];
            about.extend(entry.party.country.map(|country| country.name(t.0).to_owned()));
            about.push(Vouched::of(entry).word(t).to_owned());
            Entry {
                id: address.clone(),
                title: entry.party.name.clone(),
                lang: t.0,
                author: Some(entry.party.name.clone()),
                published: entry.received_at,
                updated: call.published_at.unwrap_or(entry.received_at).max(entry.received_at),
                page: address,
                summary: about.join(" · "),
                categories: vec![Vouched::of(entry).code()],
            }
        }));
    }
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or(call.said.opens);
    Ok(answer(&Feed {
        id: &id,
        lang: t.0,
        title: &t.pub_labelled(t.pub_answers_title(), call.said.title.get(t.0).text),
        author: &forum.config.name,
        updated,
        itself: &format!("{id}{}", asked.query(asked.after)),
        page: &page,
        next: next.as_deref(),
        entries: &entries,
    }))
}

/// What the secretariat announced: circulars, calls, extensions, publications; the newest first.
pub(super) async fn site(reader: Reader, State(forum): State<Forum>) -> Result<Response, Problem> {
    let t = T(reader.lang);
    let at = forum.clock.now();
    let circulars = super::public_circulars(&forum).await?;
    let calls = super::public_calls(&forum).await?;
    let mut entries: Vec<Entry> = circulars.iter().filter_map(|circular| sent(t, &forum, circular)).collect();
    for call in &calls {
        entries.extend(announced(t, &forum, call, at));
    }
    entries.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| a.id.cmp(&b.id)));
    entries.truncate(ENTRIES_MAX);
    let id = format!("{}/feed.atom", forum.config.identifier);
    Ok(answer(&Feed {
        id: &id,
        lang: t.0,
        title: &forum.config.name,
        author: &forum.config.name,
        updated: entries.first().map_or(Instant::default(), |entry| entry.updated),
        itself: &id,
        page: &format!("{}/calls", forum.config.identifier),
        next: None,
        entries: &entries,
    }))
}

fn sent(t: T, forum: &Forum, circular: &Circular) -> Option<Entry> {
    let at = circular.sent_at?;
    let subject = circular.said.subject.get(t.0);
    let address = format!("{}/circulars/{}", forum.config.identifier, circular.said.symbol);
    Some(Entry {
        id: address.clone(),
        title: format!("{} {}", t.pub_circular(), circular.said.symbol),
        lang: subject.lang,
        author: None,
        published: at,
        updated: at,
        page: address,
        summary: subject.text.to_owned(),
        categories: vec!["circular"],
    })
}

/// That a call was opened, each time its deadline was moved, and that its answers were published.
fn announced(t: T, forum: &Forum, call: &Call, now: Instant) -> Vec<Entry> {
    let title = call.said.title.get(t.0);
    let address = forum.call_address(&call.said.symbol);
    let entry = |part: &str, at: Instant, page: String, said: String, category: &'static str| Entry {
        id: format!("{address}{part}"),
        title: title.text.to_owned(),
        lang: title.lang,
        author: None,
        published: at,
        updated: at,
        page,
        summary: said,
        categories: vec![category],
    };
    let mut entries = Vec::new();
    if call.said.opens <= now && call.state(now) != CallState::Withdrawn {
        let first = call.first_deadline().unwrap_or(&call.said.closes);
        let said = t.pub_labelled(t.pub_closes(), deadline(t.0, first));
        entries.push(entry("", call.said.opens, address.clone(), said, "call"));
    }
    for extension in &call.extensions {
        let said = format!(
            "{} · {}",
            t.pub_labelled(t.pub_closes(), deadline(t.0, &extension.to)),
            t.pub_labelled(t.pub_reason(), &extension.reason)
        );
        let part = format!("#extension-{}", extension.number);
        entries.push(entry(&part, extension.extended_at, address.clone(), said, "extension"));
    }
    if let Some(at) = call.published_at {
        let page = format!("{address}/submissions");
        entries.push(entry("/submissions", at, page, t.word_call_published().to_owned(), "publication"));
    }
    entries
}
