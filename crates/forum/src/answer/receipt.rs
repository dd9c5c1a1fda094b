//! The receipt of a submission, and what its sender can still do with it.
//!
//! Who sent it sees its page at any time, from the browser that sent it. Everybody else sees it while the submission itself
//! can be read by everybody: before that not even that it exists (invariant I5), and where it is not published (withheld,
//! refused, replaced, taken back, or only counted) neither who sent it nor the digest of what they said.

use ::store::{Error, Tx};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;
use web::{
    Caller, Form, Names, Problem, Reader, Routes,
    components::{Alert, Facts, Html, Kind},
    limit::Costly,
};

use super::see_other;
use crate::{
    Call, Entry, Forum, StandingKind, State as SubmissionState, Submission, SubmissionId,
    call::store as calls,
    draft::{Browser, content::Content},
    public::{database, shown},
    sign::{self, ops::Signer},
    submission::{ops::decide::DecideRefusal, store as submissions},
    texts::T,
    words,
};

pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
        .page(Method::GET, "/submissions/{id}/receipt", show)
        .page(Method::GET, "/submissions/{id}/receipt.txt", file)
        .page(Method::GET, "/submissions/{id}/proof.txt", proof)
        .page(Method::POST, "/submissions/{id}/replace", replace)
        .page(Method::POST, "/submissions/{id}/withdraw", withdraw)
}

/// A submission as its receipt says it.
struct Receipted {
    entry: Entry,
    leaf: log::LeafId,
    call: Call,
    /// Whether this browser sent it.
    is_own: bool,
    /// Whether everybody may read what was submitted to its call.
    is_open: bool,
}

impl Forum {
    async fn receipted(&self, browser: Option<&Browser>, id: SubmissionId) -> Result<Receipted, Problem> {
        let is_own = match browser {
            Some(browser) => self.was_sent_from(browser, id).await.map_err(|e| database(&e))?,
            None => false,
        };
        let read = async move |tx: &mut Tx<'_>| {
            let Some(kept) = submissions::get(tx, id).await? else { return Ok::<_, Error>(None) };
            let gate = calls::gate_of_id(tx, kept.entry.call).await?;
            let call = calls::get(tx, &kept.entry.symbol).await?;
            Ok(call.map(|call| (kept, gate.is_open_to_readers(), call)))
        };
        let found = self.store.read(read).await.map_err(|e| database(&e))?;
        let (kept, is_open, call) = found
            .filter(|(kept, is_open, _)| {
                is_own || (*is_open && kept.entry.state == SubmissionState::Published)
            })
            .ok_or_else(|| Problem::not_found("submission"))?;
        Ok(Receipted { leaf: kept.leaf, entry: kept.entry, call, is_own, is_open })
    }

    /// A submission, whole, of the browser that sent it.
    async fn own(&self, id: SubmissionId) -> Result<(Submission, [u8; 32]), Problem> {
        let forum = self.clone();
        let read = async move |tx: &mut Tx<'_>| {
            let Some(kept) = submissions::get(tx, id).await? else { return Ok::<_, Error>(None) };
            let key = kept.party;
            Ok(Some((forum.whole(tx, kept).await?, key)))
        };
        let found = self.store.read(read).await.map_err(|e| database(&e))?;
        found.ok_or_else(|| Problem::not_found("submission"))
    }
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage<'a> {
    t: T,
    call: String,
    title: String,
    notice: Html,
    facts: Facts<'a>,
    base: String,
    proof: String,
    is_merged: bool,
    is_sealed: bool,
    is_public: bool,
    modify: Option<String>,
    csrf: String,
}

async fn show(
    State(forum): State<Forum>,
    Names(id): Names<SubmissionId>,
    headers: HeaderMap,
    reader: Reader,
) -> Result<Response, Problem> {
    let browser = Browser::known(&reader, &headers);
    let found = forum.receipted(browser.as_ref(), id).await?;
    let (t, entry, call) = (T(reader.lang), &found.entry, &found.call);
    let now = forum.clock.now();
    let zone = &forum.config.host_zone;
    let receipt = forum.log.receipt(found.leaf).await.map_err(|e| database(&e))?;
    let is_merged = forum.log.public_proof(found.leaf).await.map_err(|e| database(&e))?.is_some();
    let number = id.to_string();
    let digest = base16ct::lower::encode_string(&entry.digest);
    let title = call.said.title.get(reader.lang).text.to_owned();
    let merged = match &receipt {
        _ if is_merged => t.receipt_log_done().to_owned(),
        Some(receipt) => t.receipt_log_waiting(web::format::date_time(reader.lang, receipt.merge_by, zone)),
        None => String::new(),
    };
    let state = shown::submission_state(t, entry.state.word());
    let vouched = words::Vouched::of(entry);
    let facts = Facts::new()
        .code(t.receipt_number(), &number)
        .text(t.receipt_call(), &title)
        .text(t.receipt_time(), &web::format::date_time(reader.lang, entry.received_at, zone))
        .text(t.review_from(), &entry.party.name)
        .html(t.receipt_vouched(), Html::of(&shown::vouched(t, vouched)))
        .html(t.receipt_state(), Html::of(&state))
        .text(t.receipt_log(), &merged)
        .code(t.review_digest(), &digest);
    let until = call.window().modifiable_until();
    let can =
        found.is_own && now < until && entry.standing != StandingKind::Paper && entry.state.is_effective();
    let notice = match &entry.state {
        SubmissionState::Withdrawn { .. } => {
            Html::of(&Alert::new(Kind::Plain, t.receipt_withdrawn()).answers())
        }
        SubmissionState::Superseded { by } => {
            let link = Html::link(&reader.href(&format!("/submissions/{by}/receipt")), &by.to_string());
            Html::of(&Alert::new(Kind::Plain, t.receipt_superseded()).html(link))
        }
        _ if found.is_own => Html::of(&Alert::new(Kind::Valid, t.receipt_lead()).answers()),
        _ => Html::default(),
    };
    let base = reader.href(&format!("/submissions/{id}"));
    let page = ReceiptPage {
        t,
        call: reader.href(&format!("/calls/{}", entry.symbol)),
        title: title.clone(),
        notice,
        facts,
        proof: format!("{base}/proof.txt"),
        base,
        is_merged,
        is_sealed: !found.is_open && found.is_own,
        is_public: found.is_open && entry.state == SubmissionState::Published,
        modify: can.then(|| {
            t.receipt_modify(match call.said.modify_until {
                None => shown::deadline(reader.lang, &call.said.closes),
                Some(until) => web::format::deadline(reader.lang, until, zone, web::format::Wording::Until),
            })
        }),
        csrf: reader.csrf(),
    };
    Ok(reader.page(&format!("{} – {title}", t.receipt_title()), &page))
}

/// A text file to keep.
fn text_file(name: &str, text: String) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

async fn file(
    State(forum): State<Forum>,
    Names(id): Names<SubmissionId>,
    headers: HeaderMap,
    reader: Reader,
) -> Result<Response, Problem> {
    let browser = Browser::known(&reader, &headers);
    let found = forum.receipted(browser.as_ref(), id).await?;
    let receipt = forum.log.receipt(found.leaf).await.map_err(|e| database(&e))?;
    let receipt = receipt.ok_or_else(|| Problem::not_found("receipt"))?;
    Ok(text_file(&format!("{id}.receipt.txt"), receipt.to_file()))
}

async fn proof(
    State(forum): State<Forum>,
    Names(id): Names<SubmissionId>,
    headers: HeaderMap,
    reader: Reader,
) -> Result<Response, Problem> {
    let browser = Browser::known(&reader, &headers);
    let found = forum.receipted(browser.as_ref(), id).await?;
    let proof = forum.log.proof(found.leaf).await.map_err(|e| database(&e))?;
    let proof = proof.ok_or_else(|| Problem::not_found("proof"))?;
    Ok(text_file(&format!("{id}.tlog-proof.txt"), proof))
}

#[derive(Deserialize)]
struct Nothing {}

/// The browser that sent it, with what it sent.
async fn sender(
    forum: &Forum,
    reader: &Reader,
    headers: &HeaderMap,
    id: SubmissionId,
) -> Result<(Browser, Receipted), Problem> {
    let unknown = || Problem::not_found("submission");
    let browser = Browser::known(reader, headers).ok_or_else(unknown)?;
    let found = forum.receipted(Some(&browser), id).await?;
    if found.is_own { Ok((browser, found)) } else { Err(unknown()) }
}

/// Begins a draft that replaces it.
async fn replace(
    State(forum): State<Forum>,
    Names(id): Names<SubmissionId>,
    headers: HeaderMap,
    reader: Reader,
    caller: Caller,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    let (browser, found) = sender(&forum, &reader, &headers, id).await?;
    caller.spend_here(Costly::TakePart).await?;
    let (submission, _) = forum.own(id).await?;
    let content = Content::replacing(&found.call, &submission);
    caller.keep_here(submission.canonical.len()).await?;
    forum.save_draft(&browser, &found.call, &content, Vec::new()).await.map_err(|e| database(&e))?;
    Ok(see_other(&super::base(&reader, &found.call)))
}

/// Takes it back: what was signed, by a signature; what was not, from the browser that confirmed it.
async fn withdraw(
    State(forum): State<Forum>,
    Names(id): Names<SubmissionId>,
    headers: HeaderMap,
    reader: Reader,
    caller: Caller,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    let (browser, found) = sender(&forum, &reader, &headers, id).await?;
    caller.spend_here(Costly::TakePart).await?;
    let (submission, key) = forum.own(id).await?;
    if found.entry.standing == StandingKind::Signed {
        let symbol = &found.entry.symbol;
        let device = sign::pages::device(&forum, &reader, &browser, symbol, "cross");
        let signer = Signer { browser: browser.key, drafted: false, device };
        let asked = forum
            .ask_to_withdraw(&found.call, &submission, signer)
            .await
            .map_err(|refusal| sign::pages::problem(&refusal))?;
        return Ok(see_other(&sign::pages::own_page(&forum, &reader, &asked.waiting_page)));
    }
    let writing = forum.clone();
    let write = async move |tx: &mut Tx<'_>| writing.withdraw_in(tx, Some(key), ("party", None), id).await;
    match forum.store.write(write).await {
        Ok(_) => Ok(see_other(&reader.href(&format!("/submissions/{id}/receipt")))),
        Err(DecideRefusal::Store(error)) => Err(database(&error)),
        Err(refusal) => Err(Problem::conflict("state", refusal.to_string())),
    }
}
