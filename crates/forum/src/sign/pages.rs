//! Signing, as a person sees it: from the review to the wallet, and back to the receipt.

use ask::{Device, Progress, RedeemRefusal, RequestState};
use axum::{extract::State, response::Response};
use http::{HeaderMap, Method};
use serde::Deserialize;
use web::{
    Caller, Form, Names, Problem, Query, Reader, Routes,
    components::{Alert, Html, Kind},
    limit::Costly,
};

use super::ops::{ASKER, SignRefusal, Signer};
use crate::{
    Forum,
    answer::{self, Outcome, see_other},
    draft::Browser,
    public::{self, database},
    sign::store::Signing,
    stored,
    texts::T,
};

pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
        .page(Method::POST, "/calls/{symbol}/answer/sign", sign)
        .page(Method::GET, "/calls/{symbol}/answer/signed", signed)
        .page(Method::GET, "/calls/{symbol}/answer/back", back)
}

/// Which wallet signs.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    device: String,
}

/// Where the wallet is, for a page of this call.
pub(crate) fn device(
    forum: &Forum,
    reader: &Reader,
    browser: &Browser,
    symbol: &str,
    wanted: &str,
) -> Device {
    if wanted == "same" {
        let path = reader.href(&format!("/calls/{symbol}/answer/back"));
        let return_to = format!("{}{path}", forum.config.identifier);
        Device::Same { return_to, session: browser.token.clone() }
    } else {
        Device::CrossThen { continue_to: format!("/calls/{symbol}/answer/signed") }
    }
}

/// What a refusal to ask is outside.
pub(crate) fn problem(refusal: &SignRefusal) -> Problem {
    match refusal {
        SignRefusal::NotOpen => Problem::conflict("call_closed", "The call receives nothing now."),
        SignRefusal::NoCredential => Problem::conflict(
            "no_credential",
            "No credential of this party, or of this country, can sign here.",
        ),
        SignRefusal::NoFile => Problem::conflict("no_such_file", "A file is missing: send it again."),
        SignRefusal::TooLong => {
            Problem::bad_request("submission_too_long", "All in all the submission is too long.")
        }
        SignRefusal::Ask(refusal) => Problem::bad_request(refusal.code(), "The request could not be made."),
        SignRefusal::Store(error) => database(error),
    }
}

async fn sign(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    headers: HeaderMap,
    reader: Reader,
    caller: Caller,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Problem> {
    let call = public::public_call(&forum, &symbol).await?;
    let address = answer::base(&reader, &call);
    let Some((browser, content)) = answer::drafted(&forum, &reader, &headers, &call).await? else {
        return Ok(see_other(&address));
    };
    let Ok(said) = content.filled(&call) else { return Ok(see_other(&format!("{address}?check=1"))) };
    caller.spend_here(Costly::TakePart).await?;
    caller.keep_here(stored::json(&said).len()).await?;
    let device = device(&forum, &reader, &browser, &symbol, &wanted.device);
    let signer = Signer { browser: browser.key, drafted: true, device };
    match forum.ask_to_sign(&call, &said, signer).await {
        Ok(asked) => Ok(see_other(&own_page(&forum, &reader, &asked.waiting_page))),
        Err(SignRefusal::NotOpen) => Ok(answer::not_open(&reader, &call, T(reader.lang))),
        Err(refusal) => Err(problem(&refusal)),
    }
}

/// A page of ours by its whole address, in the reader's language.
pub(crate) fn own_page(forum: &Forum, reader: &Reader, address: &str) -> String {
    let path = address.strip_prefix(forum.config.identifier.as_str());
    path.map_or_else(|| address.to_owned(), |path| reader.href(path))
}

/// Where the waiting page leads on to: the receipt, or why there is none.
async fn signed(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    headers: HeaderMap,
    reader: Reader,
) -> Result<Response, Problem> {
    let Some(browser) = Browser::known(&reader, &headers) else {
        return Ok(see_other(&reader.href(&format!("/calls/{symbol}"))));
    };
    came_of(&forum, &reader, &browser, &symbol).await
}

#[derive(Deserialize)]
struct Returned {
    #[serde(default)]
    response_code: Option<String>,
}

/// Where a wallet on the same device brings the person back to.
async fn back(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
    reader: Reader,
) -> Result<Response, Problem> {
    let browser = Browser::known(&reader, &headers);
    let (Some(browser), Some(ask), Some(code)) = (browser, &forum.ask, returned.response_code) else {
        return Ok(see_other(&reader.href(&format!("/calls/{symbol}/answer/review"))));
    };
    match ask.redeem(ASKER, &code, &browser.token).await {
        // What was received with it stands in the same write; used before, there is a receipt to be shown again.
        Ok(_) | Err(RedeemRefusal::Used | RedeemRefusal::Expired | RedeemRefusal::Unknown) => {
            came_of(&forum, &reader, &browser, &symbol).await
        }
        Err(RedeemRefusal::Store(error)) => Err(database(&error)),
        Err(refusal) => Err(Problem::bad_request(refusal.code(), "The answer came back to another browser.")),
    }
}

/// What came of what this browser asked to sign last.
async fn came_of(
    forum: &Forum,
    reader: &Reader,
    browser: &Browser,
    symbol: &str,
) -> Result<Response, Problem> {
    let call = public::public_call(forum, symbol).await?;
    let signing = forum.last_signing(browser.key).await.map_err(|e| database(&e))?;
    let Some(signing) = signing.filter(|signing| signing.call == call.id) else {
        return Ok(see_other(&format!("{}/review", answer::base(reader, &call))));
    };
    if let Some(id) = signing.submission {
        return Ok(see_other(&reader.href(&format!("/submissions/{id}/receipt"))));
    }
    let t = T(reader.lang);
    let title = call.said.title.get(reader.lang).text.to_owned();
    // What did not even prove anything is known to the asker alone.
    let noted = match (&forum.ask, &signing.refused) {
        (Some(ask), None) => ask.state(signing.request).await.map_err(|e| database(&e))?.and_then(noted),
        (_, refused) => refused.clone(),
    };
    let (kind, heading, texts) = match &noted {
        None => (Kind::Waiting, t.sign_expired(), Vec::new()),
        Some(code) => (Kind::Refused, t.sign_refused(), vec![why(t, code).to_owned(), t.refused_code(code)]),
    };
    let next = next(reader, &call, &signing);
    let page = Outcome {
        call: reader.href(&format!("/calls/{symbol}")),
        title,
        heading: t.sign_title(),
        notice: Html::of(&Alert::new(kind, heading).answers()),
        texts,
        next,
        label: t.sign_again(),
    };
    Ok(reader.page(t.sign_title(), &page))
}

/// The code of the last answer that was refused.
fn noted(state: RequestState) -> Option<String> {
    match state.progress {
        Progress::Waiting(noted) | Progress::Expired(noted) => noted.refused.map(|(code, _)| code),
        Progress::Returning | Progress::Answered(_) => None,
    }
}

fn next(reader: &Reader, call: &crate::Call, signing: &Signing) -> String {
    match signing.withdraws {
        Some(id) => reader.href(&format!("/submissions/{id}/receipt")),
        None => format!("{}/review", answer::base(reader, call)),
    }
}

/// What a refusal means, in the reader's words.
pub(crate) fn why(t: T, code: &str) -> &'static str {
    match code {
        "call_closed" | "call_not_open" | "modify_until" => t.refused_closed(),
        "draft_changed" | "form_version" | "signature" => t.refused_changed(),
        "mandate_time" => t.refused_mandate_time(),
        "mandate_party" => t.refused_mandate_party(),
        "mandate_country" => t.refused_mandate_country(),
        "status_revoked" | "status_suspended" => t.refused_revoked(),
        "expired" => t.refused_expired(),
        "undetermined" => t.refused_undetermined(),
        "audience" => t.refused_audience(),
        "party_limit" => t.refused_limit(),
        "supersedes" | "not_effective" | "state" => t.refused_other_holder(),
        _ => t.sign_refused(),
    }
}
