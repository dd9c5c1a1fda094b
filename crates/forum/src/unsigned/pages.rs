//! Sending without a signature, as a person sees it: a mail address, a link, a page that confirms.

use askama::Template;
use axum::{extract::State, response::Response};
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use web::{
    Caller, Form, Names, Problem, Reader, Routes,
    components::{Alert, Html, Kind},
    limit::Costly,
};

use super::{ConfirmRefusal, UnsignedRefusal};
use crate::{
    Forum,
    answer::{
        self, Outcome,
        said::{Value, View},
        see_other,
    },
    draft::Browser,
    public::{self, database},
    sign,
    texts::T,
};

pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
        .page(Method::POST, "/calls/{symbol}/answer/unsigned", send)
        .page(Method::GET, "/calls/{symbol}/answer/unsigned", sent)
        .page(Method::GET, "/submissions/confirm/{name}/{token}", show)
        .page(Method::POST, "/submissions/confirm/{name}/{token}", confirm)
}

#[derive(Deserialize)]
struct To {
    mail: String,
}

async fn send(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    headers: HeaderMap,
    reader: Reader,
    caller: Caller,
    Form(to): Form<To>,
) -> Result<Response, Problem> {
    let call = public::public_call(&forum, &symbol).await?;
    let (t, address) = (T(reader.lang), answer::base(&reader, &call));
    let Some((browser, content)) = answer::drafted(&forum, &reader, &headers, &call).await? else {
        return Ok(see_other(&address));
    };
    let Ok(said) = content.filled(&call) else { return Ok(see_other(&format!("{address}?check=1"))) };
    caller.spend_here(Costly::Letter).await?;
    if let Some(mail) = super::mail(&to.mail) {
        caller.letter_to(&mail).await?;
    }
    match forum.ask_to_confirm(&browser, &call, &said, (&to.mail, reader.lang)).await {
        // Shown by a page of its own: loaded again, or in another language, it sends nothing.
        Ok(()) => Ok(see_other(&format!("{address}/unsigned"))),
        Err(UnsignedRefusal::Mail) => Ok(see_other(&format!("{address}/review?wrong=mail"))),
        Err(UnsignedRefusal::NotOpen) => Ok(answer::not_open(&reader, &call, t)),
        Err(UnsignedRefusal::TooLong) => {
            Err(Problem::bad_request("submission_too_long", "All in all the submission is too long."))
        }
        Err(UnsignedRefusal::Store(error)) => Err(database(&error)),
    }
}

/// Says that a link is on its way.
async fn sent(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    headers: HeaderMap,
    reader: Reader,
) -> Result<Response, Problem> {
    let call = public::public_call(&forum, &symbol).await?;
    let (t, address) = (T(reader.lang), answer::base(&reader, &call));
    let browser = Browser::known_or_new(&forum, &reader, &headers);
    let Some(until) = forum.link_sent(&browser, &call).await.map_err(|e| database(&e))? else {
        return Ok(see_other(&format!("{address}/review")));
    };
    let until = web::format::date_time(reader.lang, until, &forum.config.host_zone);
    let page = Outcome {
        call: reader.href(&format!("/calls/{symbol}")),
        title: call.said.title.get(reader.lang).text.to_owned(),
        heading: t.unsigned_title(),
        notice: Html::of(&Alert::new(Kind::Waiting, t.unsigned_lead()).answers()),
        texts: vec![t.unsigned_until(until), t.unsigned_none().to_owned()],
        next: format!("{address}/review"),
        label: t.sign_again(),
    };
    Ok(reader.page(t.unsigned_title(), &page))
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    t: T,
    call: String,
    title: String,
    notice: Html,
    view: View<'a>,
    action: String,
    csrf: String,
}

/// Shows what is to be confirmed. Changes nothing: programs that look at mail open links too.
async fn show(
    State(forum): State<Forum>,
    Names((name, token)): Names<(String, String)>,
    reader: Reader,
) -> Result<Response, Problem> {
    let t = T(reader.lang);
    let waiting = match forum.to_confirm(&name, &token).await {
        Ok(waiting) => waiting,
        Err(refusal) => return over(&reader, t, &refusal),
    };
    if let Some(id) = waiting.submission {
        return Ok(see_other(&reader.href(&format!("/submissions/{id}/receipt"))));
    }
    let call = public::public_call(&forum, &waiting.symbol).await?;
    let Some(said) = waiting.said else { return over(&reader, t, &ConfirmRefusal::Unknown) };
    let page = ConfirmPage {
        t,
        call: reader.href(&format!("/calls/{}", waiting.symbol)),
        title: call.said.title.get(reader.lang).text.to_owned(),
        notice: Html::default(),
        view: View::of(&call, &said, t),
        action: reader.href(&format!("/submissions/confirm/{name}/{token}")),
        csrf: reader.csrf(),
    };
    Ok(reader.page(t.confirm_title(), &page))
}

#[derive(Deserialize)]
struct Nothing {}

async fn confirm(
    State(forum): State<Forum>,
    Names((name, token)): Names<(String, String)>,
    headers: HeaderMap,
    reader: Reader,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    let browser = Browser::known_or_new(&forum, &reader, &headers);
    match forum.confirm(&browser, &name, &token).await {
        Ok(id) => {
            let mut response = see_other(&reader.href(&format!("/submissions/{id}/receipt")));
            browser.remember(&reader, response.headers_mut());
            Ok(response)
        }
        Err(refusal) => over(&reader, T(reader.lang), &refusal),
    }
}

/// Nothing to confirm, any more.
fn over(reader: &Reader, t: T, refusal: &ConfirmRefusal) -> Result<Response, Problem> {
    let (status, texts) = match refusal {
        ConfirmRefusal::Unknown => return Err(Problem::not_found("link")),
        ConfirmRefusal::Store(error) => return Err(database(error)),
        ConfirmRefusal::Expired => (StatusCode::GONE, Vec::new()),
        ConfirmRefusal::Refused(code) => {
            (StatusCode::CONFLICT, vec![sign::pages::why(t, code).to_owned(), t.refused_code(code)])
        }
    };
    let calls = reader.href("/calls");
    let page = Outcome {
        call: calls.clone(),
        title: t.receipt_call().to_owned(),
        heading: t.confirm_title(),
        notice: Html::of(&Alert::new(Kind::Refused, t.confirm_over()).answers()),
        texts,
        next: calls,
        label: t.answer_back(),
    };
    let mut response = reader.page(t.confirm_title(), &page);
    *response.status_mut() = status;
    Ok(response)
}
