//! The waiting page: who asks and why, the code to scan or the button to press, and how far it is.
//!
//! Works without script: it reloads itself while there is something to wait for. Whoever has its address can see it,
//! so it shows nothing of what was answered.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base::{Lang, Texts};
use serde::Deserialize;
use store::Tx;
use web::{
    Problem,
    page::{Page, escape},
    qr,
};

use crate::{
    Ask,
    api::database,
    model::{Outcome, Progress},
    ops::progress,
    store::{self as tables, Find, KeptRequest},
    words::{Words, words},
};

/// How often the page looks again, seconds.
const REFRESH_S: u32 = 3;

pub(crate) fn router(ask: Ask) -> Router {
    Router::new()
        .route("/ask/wait/{token}", get(wait))
        .route("/ask/wait/{token}/qr.svg", get(code))
        .with_state(ask)
}

#[derive(Deserialize)]
struct Chosen {
    lang: Option<String>,
}

async fn wait(
    State(ask): State<Ask>,
    Path(token): Path<String>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = Ask::lang(chosen.lang.as_deref(), &headers);
    let now = ask.inner.clock.now();
    let found = ask.inner.store.read(async move |tx: &mut Tx<'_>| -> Result<_, store::Error> {
        let Some(kept) = tables::find(tx, &Find::WaitToken(token.clone())).await? else { return Ok(None) };
        let progress = progress(tx, &kept, now).await?;
        Ok(Some((kept, progress)))
    });
    let (kept, progress) =
        found.await.map_err(|e| database(&e))?.ok_or_else(|| Problem::not_found("request"))?;
    Ok(render(&ask, &kept, &progress, lang, chosen.lang.is_some()))
}

async fn code(State(ask): State<Ask>, Path(token): Path<String>) -> Result<Response, Problem> {
    let kept = ask.find(Find::WaitToken(token)).await.map_err(|e| database(&e))?;
    let svg = kept.and_then(|kept| qr::svg(&kept.link)).ok_or_else(|| Problem::not_found("request"))?;
    let mut response = svg.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

fn render(ask: &Ask, kept: &KeptRequest, progress: &Progress, lang: Lang, lang_chosen: bool) -> Response {
    let w = words(lang);
    let asker = escape(ask.inner.config.signer.leaf().subject_name());
    let purpose: Option<Texts> = serde_json::from_str(&kept.purpose).ok();
    let (class, state, hint) = state(progress, w);
    let waiting = matches!(progress, Progress::Waiting(_) | Progress::Returning);
    let body = format!(
        "{languages}<h1>{heading}</h1>\n<p>{why}</p>\n\
         <blockquote class=\"quote\"><p>{purpose}</p></blockquote>\n\
         <p class=\"state {class}\" role=\"status\">{state}</p>\n{hint}{noted}{how}",
        languages = languages(kept, lang, w),
        heading = w.asks.replace("{asker}", &format!("<bdi>{asker}</bdi>")),
        why = escape(w.purpose),
        purpose = escape(purpose.as_ref().map_or("", |texts| texts.get(lang))),
        state = escape(state),
        hint = hint.map_or_else(String::new, |hint| format!("<p>{}</p>\n", escape(hint))),
        noted = noted(progress, w),
        how = if matches!(progress, Progress::Waiting(_)) { how_to_answer(kept, w) } else { String::new() },
    );
    let head = match (waiting, lang_chosen) {
        (false, _) => String::new(),
        (true, false) => format!("<meta http-equiv=\"refresh\" content=\"{REFRESH_S}\">"),
        (true, true) => format!("<meta http-equiv=\"refresh\" content=\"{REFRESH_S}; url=?lang={lang}\">"),
    };
    Page { lang, title: w.title, head: &head, body: &body }.into_response()
}

/// What came in that did not count.
fn noted(progress: &Progress, w: &Words) -> String {
    let Progress::Waiting(noted) = progress else { return String::new() };
    let refused = noted.refused.as_ref().map_or_else(String::new, |(code, _)| {
        let text = escape(w.refused);
        format!("<p class=\"refused\">{text} <code dir=\"ltr\">{}</code></p>\n", escape(code))
    });
    let declined = noted
        .declined
        .as_ref()
        .map_or_else(String::new, |_| format!("<p class=\"refused\">{}</p>\n", escape(w.declined)));
    refused + &declined
}

/// The code first, for a wallet on another device; on the same device the button first.
fn how_to_answer(kept: &KeptRequest, w: &Words) -> String {
    let button =
        format!("<p><a class=\"button\" href=\"{}\">{}</a></p>\n", escape(&kept.link), escape(w.open));
    if kept.return_to.is_some() {
        return button;
    }
    let svg = qr::svg(&kept.link).unwrap_or_default();
    // An XML declaration has no place inside a page.
    let svg = svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg);
    format!(
        "<h2>{}</h2>\n<div class=\"qr\" role=\"img\" aria-label=\"{}\">{svg}</div>\n<p class=\"quiet\">{}</p>\n{button}",
        escape(w.scan),
        escape(w.scan),
        escape(w.or_here),
    )
}

fn state<'w>(progress: &Progress, w: &'w Words) -> (&'static str, &'w str, Option<&'w str>) {
    match progress {
        Progress::Waiting(_) => ("waiting", w.waiting, Some(w.waiting_hint)),
        Progress::Returning => ("waiting", w.returning, None),
        Progress::Expired(_) => ("refused", w.expired, Some(w.ask_again)),
        Progress::Answered(Outcome::Valid(_)) => ("valid", w.answered, Some(w.close)),
        Progress::Answered(Outcome::Undetermined(..)) => ("waiting", w.undetermined, Some(w.ask_again)),
        Progress::Answered(Outcome::Invalid(_)) => ("refused", w.rejected, Some(w.ask_again)),
    }
}

fn languages(kept: &KeptRequest, current: Lang, w: &Words) -> String {
    let entry = |lang: Lang| {
        let (tag, dir, name) = (lang.tag(), lang.dir(), lang.own_name());
        if lang == current {
            return format!("<span lang=\"{tag}\" dir=\"{dir}\" aria-current=\"true\">{name}</span>\n");
        }
        let token = &kept.wait_token;
        format!("<a href=\"/ask/wait/{token}?lang={tag}\" lang=\"{tag}\" dir=\"{dir}\">{name}</a>\n")
    };
    let entries: String = Lang::ALL.into_iter().map(entry).collect();
    format!("<nav class=\"languages\" aria-label=\"{}\">\n{entries}</nav>\n", escape(w.languages))
}
