//! The waiting page: who asks and why, the code to scan or the button to press, and how far it is.
//!
//! Works without script. While there is something to wait for, a button looks again; the page does so by itself every
//! `REFRESH_S` seconds, unless the reader says no, since a page that loads again loses the place of who reads it by
//! keyboard or by ear. Whoever has its address can see it, so it shows nothing of what was answered. Top to bottom: who asks
//! and how that is known, why, what is to be approved, what is to be shown, how to answer, how far it is.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::Texts;
use formats::{
    dcql::CredentialQuery,
    vp::{RequestObject, TransactionData},
};
use serde::Deserialize;
use store::Tx;
use web::{
    Caller, Names, Operation, Problem, Query, Reader, Routes,
    limit::Guess,
    openapi::{Shape, leaf::Secret},
    qr,
};

use crate::{
    Ask,
    api::database,
    documents::Document,
    model::{Outcome, Progress},
    ops::progress,
    store::{self as tables, Find, KeptRequest},
    texts::T,
};

/// How often the page looks again by itself, seconds.
const REFRESH_S: &str = "30";

pub(crate) fn routes(ask: Ask) -> Routes {
    let (tag, secret) = ("Pages", "The secret of the page.");
    Routes::new()
        .page(Method::GET, "/ask/wait/{token}", wait)
        .add(
            Operation::get("/ask/wait/{token}/qr.svg", "showCodeOfWaitingPage")
                .says(tag, "The code to scan, alone", "")
                .in_path("token", secret, Shape::of::<Secret>())
                .answers_as(StatusCode::OK, "The code.", "image/svg+xml", Shape::text("SVG.")),
            code,
        )
        .with_state(ask)
}

#[derive(Deserialize)]
struct Chosen {
    /// The page is not to look again by itself.
    still: Option<String>,
}

async fn wait(
    State(ask): State<Ask>,
    caller: Caller,
    reader: Reader,
    Names(token): Names<String>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    caller.check(Guess::Request).await?;
    let now = ask.inner.clock.now();
    let find = Find::WaitToken(crypto::sha256(token.as_bytes()));
    let found = ask.inner.store.read(async move |tx: &mut Tx<'_>| -> Result<_, store::Error> {
        let Some(kept) = tables::find(tx, &find).await? else { return Ok(None) };
        let progress = progress(tx, &kept, now).await?;
        Ok(Some((kept, progress)))
    });
    let Some((kept, progress)) = found.await.map_err(|e| database(&e))? else {
        return Err(unknown(&caller).await);
    };
    // Whoever waits for more than the answer is led on to it.
    if let (Progress::Answered(_), Some(path)) = (&progress, &kept.continue_to) {
        let location = HeaderValue::try_from(reader.href(path)).map_err(|e| Problem::internal(&e))?;
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
    }
    let request = RequestObject::read_unverified(&kept.request_object).map_err(|e| Problem::internal(&e))?;
    let link = ask.link(&request.client_id, &kept.request_object, &token);
    let is_still = chosen.still.is_some();
    let view = View { ask: &ask, kept: &kept, request: &request, link: &link, reader: &reader };
    let page = view.page(&progress, is_still)?;
    let mut response = reader.page(page.t.wait_title(), &page);
    if matches!(progress, Progress::Waiting(_) | Progress::Returning) && !is_still {
        response.headers_mut().insert(header::REFRESH, HeaderValue::from_static(REFRESH_S));
    }
    Ok(response)
}

async fn unknown(caller: &Caller) -> Problem {
    caller.failed(Guess::Request).await;
    Problem::not_found("request")
}

async fn code(
    State(ask): State<Ask>,
    caller: Caller,
    Names(token): Names<String>,
) -> Result<Response, Problem> {
    caller.check(Guess::Request).await?;
    let find = Find::WaitToken(crypto::sha256(token.as_bytes()));
    let Some(kept) = ask.find(find).await.map_err(|e| database(&e))? else {
        return Err(unknown(&caller).await);
    };
    let svg = RequestObject::read_unverified(&kept.request_object)
        .ok()
        .and_then(|request| qr::svg(&ask.link(&request.client_id, &kept.request_object, &token)));
    let svg = svg.ok_or_else(|| Problem::not_found("request"))?;
    let mut response = svg.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

/// What the page is made from.
struct View<'a> {
    ask: &'a Ask,
    kept: &'a KeptRequest,
    request: &'a RequestObject,
    link: &'a str,
    reader: &'a Reader,
}

#[derive(Template)]
#[template(path = "wait.html")]
struct Page {
    t: T,
    asker: String,
    address: String,
    /// What came of it, where there is nothing to wait for: as HTML.
    first: Option<String>,
    /// Where it goes on.
    next: Option<String>,
    purpose: String,
    approves: Vec<Approve>,
    documents: Vec<Shown>,
    waiting: Option<Waiting>,
}

/// Something to approve, word for word.
struct Approve {
    title: String,
    entries: Vec<(String, String)>,
}

/// A document that is asked for.
struct Shown {
    /// Instead of the one before.
    or: bool,
    names: Vec<Named>,
    claims: Vec<Named>,
}

/// A name for people, or the technical one where there is no other.
struct Named {
    text: String,
    is_code: bool,
}

/// How to answer, and how far it is.
struct Waiting {
    refused: Option<String>,
    is_declined: bool,
    qr: Option<String>,
    link: String,
    command: String,
    /// As HTML.
    state: String,
    is_still: bool,
}

/// How far it is: a colour, a shape and a word.
#[derive(Template)]
#[template(path = "state.html")]
struct Word {
    class: &'static str,
    shape: &'static str,
    text: &'static str,
    hint: Option<&'static str>,
}

impl View<'_> {
    fn page(&self, progress: &Progress, is_still: bool) -> Result<Page, Problem> {
        let (t, lang) = (T(self.reader.lang), self.reader.lang);
        let state = word(progress, t, self.kept.continue_to.is_some());
        let state = state.render().map_err(|e| Problem::internal(&e))?;
        // What one waits for stands where one looks last, what came of it where one looks first.
        let (first, waiting) = match progress {
            Progress::Waiting(noted) => {
                let waiting = Waiting {
                    refused: noted.refused.as_ref().map(|(code, _)| code.clone()),
                    is_declined: noted.declined.is_some(),
                    qr: self.qr(),
                    link: self.link.to_owned(),
                    command: self.command(),
                    state,
                    is_still,
                };
                (None, Some(waiting))
            }
            _ => (Some(state), None),
        };
        let next = self.kept.continue_to.as_ref().filter(|_| waiting.is_none());
        let purpose: Option<Texts> = serde_json::from_str(&self.kept.purpose).ok();
        let address = url::Url::parse(&self.ask.inner.config.identifier).ok();
        Ok(Page {
            t,
            asker: self.ask.inner.config.signer.leaf().subject_name().to_owned(),
            address: address.as_ref().and_then(|url| url.host_str()).unwrap_or_default().to_owned(),
            first,
            next: next.map(|path| self.reader.href(path)),
            purpose: purpose.as_ref().map_or("", |texts| texts.get(lang)).to_owned(),
            approves: self.request.transaction_data.iter().map(|one| self.approve(one)).collect(),
            documents: self.documents(),
            waiting,
        })
    }

    fn approve(&self, transaction: &TransactionData) -> Approve {
        let lang = self.reader.lang;
        let kind = self.ask.inner.types.iter().find(|t| t.kind() == transaction.kind());
        let title = kind.map_or(transaction.kind(), |kind| kind.title().get(lang)).to_owned();
        let shown = transaction.payload().zip(kind).map(|(payload, kind)| kind.shown(payload));
        let entries = shown.unwrap_or_default();
        let entries = entries.iter().map(|(label, text)| (label.get(lang).to_owned(), text.clone()));
        Approve { title, entries: entries.collect() }
    }

    /// What is to be shown, document by document: where one of several will do, that is said between them.
    fn documents(&self) -> Vec<Shown> {
        let query = &self.request.query;
        let other = |id: &str| {
            let mut sets = query.credential_sets.iter();
            sets.any(|set| set.options.iter().skip(1).any(|option| option.first().is_some_and(|o| o == id)))
        };
        query.credentials.iter().map(|c| Shown { or: other(&c.id), ..self.document(c) }).collect()
    }

    fn document(&self, query: &CredentialQuery) -> Shown {
        let lang = self.reader.lang;
        let known = query.vct_values.iter().find_map(|vct| Document::find(vct));
        let word = |name: Option<&str>, technical: &str| Named {
            text: name.unwrap_or(technical).to_owned(),
            is_code: name.is_none(),
        };
        let names = query.vct_values.iter().map(|vct| word(Document::find(vct).map(|d| d.name(lang)), vct));
        let claims = query.claims.iter().map(|claim| {
            let path = claim.path.to_string();
            word(known.and_then(|known| known.label(&path, lang)), &path)
        });
        Shown { or: false, names: names.collect(), claims: claims.collect() }
    }

    /// The code, for a wallet on another device; on the same device there is the button alone.
    fn qr(&self) -> Option<String> {
        if self.kept.return_to.is_some() {
            return None;
        }
        let svg = qr::svg(self.link)?;
        // An XML declaration has no place inside a page.
        Some(svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg).to_owned())
    }

    /// What to type, for who has a wallet in a terminal.
    fn command(&self) -> String {
        let loopback = if self.ask.insecure_loopback() { " --insecure-loopback" } else { "" };
        format!("sahihi wallet{loopback} --home DIR answer '{}'", self.link)
    }
}

fn word(progress: &Progress, t: T, goes_on: bool) -> Word {
    let again = (!goes_on).then(|| t.wait_ask_again());
    let (class, text, hint) = match progress {
        Progress::Waiting(_) => ("waiting", t.wait_waiting(), Some(t.wait_waiting_hint())),
        Progress::Returning => ("waiting", t.wait_returning(), None),
        Progress::Expired(_) => ("refused", t.wait_expired(), again),
        Progress::Answered(Outcome::Valid(_)) => ("valid", t.wait_answered(), Some(t.wait_close())),
        Progress::Answered(Outcome::Undetermined(..)) => ("waiting", t.wait_undetermined(), again),
        Progress::Answered(Outcome::Invalid(_)) => ("refused", t.wait_rejected(), again),
    };
    let shape = match class {
        "valid" => "M4 13.5c2 1.5 3.5 3.5 4.5 5.5C11 13 15 8 20 4.5",
        "refused" => "M5 5l14 14M19 5 5 19",
        _ => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
    };
    Word { class, shape, text, hint }
}
