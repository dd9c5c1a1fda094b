//! The form of a call, as a page: everything works without script.
//!
//! What is sent is kept as a draft first, right or wrong, and then looked at: nothing that was typed is lost, and a page
//! that is loaded again sends nothing again. Read in this order: [`multipart`] (what a browser sends), [`fields`] (the
//! form, and what was entered), [`said`] (what would be signed), this file (form and review), [`receipt`].

pub(crate) mod fields;
pub(crate) mod multipart;
pub(crate) mod reading;
pub(crate) mod receipt;
pub(crate) mod said;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod tests;

use askama::Template;
use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use base::limits::DRAFT_BYTES_MAX;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use web::{
    Caller, Names, Problem, Query, Reader, Routes,
    components::{Alert, Button, ErrorSummary, Field, Html, Kind, Steps},
    limit::Costly,
};

use self::{
    fields::Shown,
    said::{Value, View},
};
use crate::{
    Call, Forum, PartyClass,
    draft::{
        Browser,
        content::{Attached, Content},
    },
    file,
    public::{self, database},
    stored,
    texts::T,
};

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
        .page(Method::GET, "/calls/{symbol}/answer", form)
        .page(Method::POST, "/calls/{symbol}/answer", entered)
        .page(Method::GET, "/calls/{symbol}/answer/review", review)
        .page(Method::GET, "/calls/{symbol}/answer/files/{digest}", own_file)
        .merge(receipt::routes())
}

/// Leads on after a form was sent (303).
pub(crate) fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// The addresses of a call, in the reader's language.
pub(crate) fn base(reader: &Reader, call: &Call) -> String {
    reader.href(&format!("/calls/{}/answer", call.said.symbol))
}

pub(crate) fn steps(t: T, at: usize) -> Html {
    let steps = [t.answer_title(), t.review_title(), t.sign_title(), t.receipt_title()];
    Html::of(&Steps::new(t.0, steps, at))
}

/// What a page was opened with.
#[derive(Deserialize)]
struct Asked {
    /// Whether what is wrong is shown.
    #[serde(default)]
    check: Option<String>,
    /// Whether the draft was just kept.
    #[serde(default)]
    kept: Option<String>,
}

#[derive(Template)]
#[template(path = "answer.html")]
struct FormPage {
    t: T,
    call: String,
    title: String,
    steps: Html,
    notice: Html,
    faults: Html,
    closes: String,
    action: String,
    csrf: String,
    questions: Vec<QuestionPart>,
    summary: Html,
    about: Html,
    review: Button<'static>,
    keep: Button<'static>,
    discard: Button<'static>,
    has_draft: bool,
}

/// A question as it stands on the page.
struct QuestionPart {
    control: Html,
    files: Vec<FilePart>,
}

/// A file that was sent already.
struct FilePart {
    name: String,
    size: String,
    value: String,
}

async fn form(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    reader: Reader,
) -> Result<Response, Problem> {
    let call = public::public_call(&forum, &symbol).await?;
    let t = T(reader.lang);
    if !call.state(forum.clock.now()).is_receiving() {
        return Ok(not_open(&reader, &call, t));
    }
    let browser = Browser::known_or_new(&forum, &reader, &headers);
    let draft = forum.draft(&browser, &call).await.map_err(|e| database(&e))?;
    let sent = forum.last_sent_from(&browser, &call).await.map_err(|e| database(&e))?;
    let has_draft = draft.is_some();
    let notice = match sent.filter(|_| !has_draft) {
        Some(id) => {
            let receipt = reader.href(&format!("/submissions/{id}/receipt"));
            let body = Html::link(&receipt, t.receipt_title());
            Html::of(&Alert::new(Kind::Plain, t.answer_sent()).html(body))
        }
        None if asked.kept.is_some() => Html::of(&Alert::new(Kind::Valid, t.answer_kept()).answers()),
        None => Html::default(),
    };
    let content = draft.unwrap_or_default();
    let wrong = if asked.check.is_some() { content.filled(&call).err() } else { None }.unwrap_or_default();
    let shown = Shown { t, call: &call, content: &content, wrong: &wrong };
    // At the top it is said of which field it is; beside the field that is plain.
    let named = wrong.iter().map(|(field, wrong)| {
        let said = format!("{} – {}", shown.label(field), fields::said(t, *wrong));
        (fields::control(&call, field), said)
    });
    let named: Vec<(String, String)> = named.collect();
    let faults =
        ErrorSummary::new(reader.lang, named.iter().map(|(name, said)| (name.as_str(), said.as_str())));
    let summary = Field::text(reader.lang, "summary", t.answer_summary())
        .lines(5)
        .value(&content.summary)
        .help(t.answer_summary_help())
        .error(wrong.iter().find(|(f, _)| f == "summary").map(|(_, w)| fields::said(t, *w)));
    let questions = call.said.form.questions.iter().zip(1_usize..).map(|(question, number)| QuestionPart {
        control: shown.question(number, question),
        files: content
            .files
            .iter()
            .filter(|file| file.question == question.id)
            .map(|file| FilePart {
                name: file.name.clone(),
                size: web::format::file_size(reader.lang, file.size),
                value: format!("{}:{}", file.question, file.sha256),
            })
            .collect(),
    });
    let title = call.said.title.get(reader.lang).text;
    let page = FormPage {
        t,
        call: reader.href(&format!("/calls/{symbol}")),
        title: title.to_owned(),
        steps: steps(t, 1),
        notice,
        faults: Html::of(&faults),
        closes: t.answer_closes(public::shown::deadline(reader.lang, &call.said.closes)),
        action: base(&reader, &call),
        csrf: reader.csrf(),
        questions: questions.collect(),
        summary: Html::of(&summary),
        about: shown.about(),
        review: Button::submit(t.answer_review()),
        keep: Button::submit(t.answer_keep()).secondary().sends("then", "keep"),
        discard: Button::submit(t.answer_discard()).dangerous().sends("then", "discard"),
        has_draft,
    };
    let mut response = reader.page(&format!("{} – {title}", t.answer_title()), &page);
    browser.remember(&reader, response.headers_mut());
    Ok(response)
}

/// What stands where a call takes no answers.
pub(crate) fn not_open(reader: &Reader, call: &Call, t: T) -> Response {
    let address = reader.href(&format!("/calls/{}", call.said.symbol));
    let title = call.said.title.get(reader.lang).text.to_owned();
    let page = Outcome {
        call: address.clone(),
        title,
        heading: t.answer_title(),
        notice: Html::of(&Alert::new(Kind::Refused, t.answer_out())),
        texts: Vec::new(),
        next: address,
        label: t.answer_back(),
    };
    let mut response = reader.page(t.answer_title(), &page);
    *response.status_mut() = StatusCode::CONFLICT;
    response
}

/// A page that says what came of something.
#[derive(Template)]
#[template(path = "outcome.html")]
pub(crate) struct Outcome {
    pub(crate) call: String,
    pub(crate) title: String,
    pub(crate) heading: &'static str,
    pub(crate) notice: Html,
    pub(crate) texts: Vec<String>,
    pub(crate) next: String,
    pub(crate) label: &'static str,
}

async fn entered(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    reader: Reader,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let call = public::public_call(&forum, &symbol).await?;
    let browser = Browser::known_or_new(&forum, &reader, request.headers());
    let sent = multipart::read(&forum, request).await?;
    let address = base(&reader, &call);
    if sent.get("then") == "discard" {
        forum.discard_draft(&browser, &call).await.map_err(|e| database(&e))?;
        return Ok(see_other(&address));
    }
    if !call.state(forum.clock.now()).is_receiving() {
        return Ok(not_open(&reader, &call, T(reader.lang)));
    }
    caller.spend_here(Costly::TakePart).await?;
    let before = forum.draft(&browser, &call).await.map_err(|e| database(&e))?.unwrap_or_default();
    let content = fields::read(&call, &sent, &before);
    let entered = stored::json(&content).len();
    if entered > DRAFT_BYTES_MAX {
        return Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "submission_too_long",
            "All in all the answers are too long. Shorten them, or send a part of them as a file.",
        ));
    }
    let wants_review = sent.get("then").is_empty();
    let files: Vec<file::Taken> = sent.files.into_iter().filter_map(|upload| upload.taken.ok()).collect();
    caller
        .keep_here(files.iter().map(|taken| taken.bytes.len()).sum::<usize>().saturating_add(entered))
        .await?;
    let refused = !content.refused.is_empty();
    forum.save_draft(&browser, &call, &content, files).await.map_err(|e| database(&e))?;
    let next = match (wants_review, refused) {
        (true, false) if content.filled(&call).is_ok() => format!("{address}/review"),
        (true, _) | (false, true) => format!("{address}?check=1"),
        (false, false) => format!("{address}?kept=1"),
    };
    let mut response = see_other(&next);
    browser.remember(&reader, response.headers_mut());
    Ok(response)
}

#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage<'a> {
    t: T,
    call: String,
    title: String,
    steps: Html,
    notice: Html,
    faults: Html,
    view: View<'a>,
    files: String,
    change: String,
    base: String,
    digest: String,
    canonical: String,
    is_open: bool,
    shows: String,
    offers_card: bool,
    mail: Html,
    csrf: String,
}

#[derive(Deserialize)]
struct Reviewed {
    /// `mail` where the mail address was none.
    #[serde(default)]
    wrong: Option<String>,
}

async fn review(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Query(asked): Query<Reviewed>,
    headers: HeaderMap,
    reader: Reader,
) -> Result<Response, Problem> {
    let call = public::public_call(&forum, &symbol).await?;
    let (t, address) = (T(reader.lang), base(&reader, &call));
    let Some((_, content)) = drafted(&forum, &reader, &headers, &call).await? else {
        return Ok(see_other(&address));
    };
    let Ok(said) = content.filled(&call) else { return Ok(see_other(&format!("{address}?check=1"))) };
    let (canonical, digest) =
        forum.canonical(&symbol, &said).ok_or_else(|| Problem::bad_request("form", "Begin again."))?;
    let wrong = asked.wrong.as_deref() == Some("mail");
    let fault = wrong.then(|| t.fault_mail());
    let mail =
        Field::email(reader.lang, "mail", t.review_mail()).help(t.review_mail_help()).error(fault).required();
    let faults = ErrorSummary::new(reader.lang, fault.map(|said| ("mail", said)));
    let shows =
        if said.is_for_party() { t.review_sign_party(&said.name) } else { t.review_sign_self().to_owned() };
    let title = call.said.title.get(reader.lang).text.to_owned();
    let page = ReviewPage {
        t,
        call: reader.href(&format!("/calls/{symbol}")),
        title: title.clone(),
        steps: steps(t, 2),
        notice: Html::default(),
        faults: Html::of(&faults),
        view: View::of(&call, &said, t),
        files: format!("{address}/files"),
        change: address.clone(),
        base: address,
        digest: base16ct::lower::encode_string(&digest),
        canonical: String::from_utf8_lossy(&canonical).into_owned(),
        is_open: call.state(forum.clock.now()).is_receiving(),
        shows,
        offers_card: said.class == PartyClass::Individual && forum.participants.is_some(),
        mail: Html::of(&mail),
        csrf: reader.csrf(),
    };
    Ok(reader.page(&format!("{} – {title}", t.review_title()), &page))
}

/// The browser and its draft, if there is one.
pub(crate) async fn drafted(
    forum: &Forum,
    reader: &Reader,
    headers: &HeaderMap,
    call: &Call,
) -> Result<Option<(Browser, Content)>, Problem> {
    let Some(browser) = Browser::known(reader, headers) else { return Ok(None) };
    let draft = forum.draft(&browser, call).await.map_err(|e| database(&e))?;
    Ok(draft.map(|content| (browser, content)))
}

/// A file of one's own draft.
async fn own_file(
    State(forum): State<Forum>,
    Names((symbol, digest)): Names<(String, String)>,
    headers: HeaderMap,
    reader: Reader,
) -> Result<Response, Problem> {
    let call = public::public_call(&forum, &symbol).await?;
    let unknown = || Problem::not_found("file");
    let (_, content) = drafted(&forum, &reader, &headers, &call).await?.ok_or_else(unknown)?;
    let attached = content.files.iter().find(|file| file.sha256 == digest);
    let file = attached.and_then(Attached::file).ok_or_else(unknown)?;
    let content = forum.file_body(file.digest).await.map_err(|e| database(&e))?.ok_or_else(unknown)?;
    Ok(file::download(&file, content))
}
