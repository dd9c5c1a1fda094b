//! The waiting page: who asks and why, the code to scan or the button to press, and how far it is.
//!
//! Works without script: it reloads itself while there is something to wait for. Whoever has its address can see it,
//! so it shows nothing of what was answered. Top to bottom: who asks and how that is known, why, what is to be approved,
//! what is to be shown, how to answer, how far it is.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Lang, Texts};
use formats::{
    dcql::CredentialQuery,
    jwk::Jwk,
    vp::{RequestObject, TransactionData},
};
use schemars::JsonSchema;
use serde::Deserialize;
use store::Tx;
use web::{
    Caller, Names, Operation, Problem, Routes, band,
    limit::Guess,
    openapi::{Shape, leaf::Secret},
    page::{Page, escape},
    qr,
};

use crate::{
    Ask,
    api::database,
    documents::Document,
    model::{Outcome, Progress},
    ops::progress,
    store::{self as tables, Find, KeptRequest},
    words::{Words, words},
};

/// How often the page looks again, seconds.
const REFRESH_S: u32 = 3;

pub(crate) fn routes(ask: Ask) -> Routes {
    let (tag, secret) = ("Pages", "The secret of the page.");
    Routes::new()
        .add(
            Operation::get("/ask/wait/{token}", "showWaitingPage")
                .says(tag, "The page on which a person waits", "Who asks, why, how to answer, how far it is.")
                .in_path("token", secret, Shape::of::<Secret>())
                .header(
                    "accept-language",
                    "What the reader reads (RFC 9110, section 12.5.4).",
                    Shape::text(""),
                )
                .answers_as(StatusCode::OK, "The page.", "text/html", Shape::text("HTML.")),
            wait,
        )
        .add(
            Operation::get("/ask/wait/{token}/qr.svg", "showCodeOfWaitingPage")
                .says(tag, "The code to scan, alone", "")
                .in_path("token", secret, Shape::of::<Secret>())
                .answers_as(StatusCode::OK, "The code.", "image/svg+xml", Shape::text("SVG.")),
            code,
        )
        .with_state(ask)
}

#[derive(Deserialize, JsonSchema)]
struct Chosen {
    /// In which language, a BCP 47 tag: before what `Accept-Language` says. One that is not known is passed over.
    lang: Option<String>,
}

async fn wait(
    State(ask): State<Ask>,
    caller: Caller,
    Names(token): Names<String>,
    chosen: Result<Query<Chosen>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(chosen) =
        chosen.map_err(|_| Problem::bad_request("query", "Send `lang`, once, or nothing."))?;
    caller.check(Guess::Request).await?;
    let lang = Ask::lang(chosen.lang.as_deref(), &headers);
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
    let request = RequestObject::read_unverified(&kept.request_object).map_err(|e| Problem::internal(&e))?;
    let link = ask.link(&request.client_id, &kept.request_object, &token);
    let view = View { ask: &ask, kept: &kept, request: &request, link: &link, lang, w: words(lang) };
    Ok(view.page(&progress, chosen.lang.is_some()))
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

/// What the page shows.
struct View<'a> {
    ask: &'a Ask,
    kept: &'a KeptRequest,
    request: &'a RequestObject,
    link: &'a str,
    lang: Lang,
    w: &'static Words,
}

impl View<'_> {
    fn page(&self, progress: &Progress, lang_chosen: bool) -> Response {
        let (lang, w) = (self.lang, self.w);
        let waiting = matches!(progress, Progress::Waiting(_) | Progress::Returning);
        let (state, noted) = (state(progress, w), noted(progress, w));
        // What one waits for stands where one looks last, what came of it where one looks first.
        let (first, last) = match progress {
            Progress::Waiting(_) => (String::new(), format!("{noted}{}{state}", self.how_to_answer())),
            _ => (state, String::new()),
        };
        let body = format!(
            "{languages}{asker}{first}{purpose}{approve}{show}{last}",
            languages = languages(lang, w),
            asker = self.asker(),
            purpose = self.purpose(),
            approve = self.to_approve(),
            show = self.to_show(waiting),
        );
        let head = match (waiting, lang_chosen) {
            (false, _) => String::new(),
            (true, false) => format!("<meta http-equiv=\"refresh\" content=\"{REFRESH_S}\">"),
            (true, true) => {
                format!("<meta http-equiv=\"refresh\" content=\"{REFRESH_S}; url=?lang={lang}\">")
            }
        };
        Page { lang, title: w.title, head: &head, body: &body }.into_response()
    }

    /// Who asks, and how that is known.
    fn asker(&self) -> String {
        let signer = &self.ask.inner.config.signer;
        let asker = format!("<bdi>{}</bdi>", escape(signer.leaf().subject_name()));
        let address = url::Url::parse(&self.ask.inner.config.identifier).ok();
        let address = address.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
        format!(
            "{band}<h1>{heading}</h1>\n<p class=\"quiet\">{known} <bdi dir=\"ltr\" class=\"code\">{address}</bdi></p>\n",
            band = band::svg(&Jwk::from(&signer.signer.public_key()).thumbprint()),
            heading = self.w.asks.replace("{asker}", &asker),
            known = escape(self.w.known),
            address = escape(address),
        )
    }

    /// Why, in the asker's own words.
    fn purpose(&self) -> String {
        let purpose: Option<Texts> = serde_json::from_str(&self.kept.purpose).ok();
        format!(
            "<figure class=\"purpose\"><figcaption>{}</figcaption>\n\
             <blockquote class=\"quote\"><p>{}</p></blockquote></figure>\n",
            escape(self.w.purpose),
            escape(purpose.as_ref().map_or("", |texts| texts.get(self.lang))),
        )
    }

    /// What is to be approved, word for word: before what is to be shown, and larger.
    fn to_approve(&self) -> String {
        let one = |transaction: &TransactionData| {
            let kind = self.ask.inner.types.iter().find(|t| t.kind() == transaction.kind());
            let title = kind.map_or(transaction.kind(), |kind| kind.title().get(self.lang));
            let shown = transaction.payload().zip(kind).map(|(payload, kind)| kind.shown(payload));
            let entries: Vec<String> = shown
                .unwrap_or_default()
                .iter()
                .map(|(label, text)| {
                    let label = escape(label.get(self.lang));
                    format!("<dt>{label}</dt><dd dir=\"auto\">{}</dd>\n", escape(text))
                })
                .collect();
            format!("<h2>{}</h2>\n<dl class=\"paper\">{}</dl>\n", escape(title), entries.concat())
        };
        self.request.transaction_data.iter().map(one).collect()
    }

    /// What is to be shown, document by document.
    fn to_show(&self, waiting: bool) -> String {
        let documents: String =
            self.request.query.credentials.iter().map(|query| self.document(query)).collect();
        let only =
            if waiting { format!("<p class=\"quiet\">{}</p>\n", escape(self.w.only)) } else { String::new() };
        format!("<h2>{}</h2>\n{documents}{only}", escape(self.w.shows))
    }

    fn document(&self, query: &CredentialQuery) -> String {
        let known = query.vct_values.iter().find_map(|vct| Document::find(vct));
        let technical = |name: &str| format!("<code dir=\"ltr\">{}</code>", escape(name));
        let name = |vct: &String| match Document::find(vct) {
            Some(document) => escape(document.name(self.lang)),
            None => technical(vct),
        };
        let names: Vec<String> = query.vct_values.iter().map(name).collect();
        let claims: Vec<String> = query
            .claims
            .iter()
            .map(|claim| {
                let path = claim.path.to_string();
                let label = known.and_then(|known| known.label(&path, self.lang)).map(escape);
                format!("<li>{}</li>\n", label.unwrap_or_else(|| technical(&path)))
            })
            .collect();
        let none = format!("<li>{}</li>\n", escape(self.w.no_details));
        let claims = if claims.is_empty() { none } else { claims.concat() };
        format!("<div class=\"document\"><h3>{}</h3>\n<ul>{claims}</ul></div>\n", names.join(" / "))
    }

    /// The code first, for a wallet on another device; on the same device the button alone.
    fn how_to_answer(&self) -> String {
        let w = self.w;
        let button =
            format!("<p><a class=\"button\" href=\"{}\">{}</a></p>\n", escape(self.link), escape(w.open));
        if self.kept.return_to.is_some() {
            return button;
        }
        let svg = qr::svg(self.link).unwrap_or_default();
        // An XML declaration has no place inside a page.
        let svg = svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg);
        format!(
            "<h2>{}</h2>\n<div class=\"qr\" role=\"img\" aria-label=\"{}\">{svg}</div>\n\
             <p class=\"quiet\">{}</p>\n{button}",
            escape(w.scan),
            escape(w.scan),
            escape(w.or_here),
        )
    }
}

/// What came in that did not count.
fn noted(progress: &Progress, w: &Words) -> String {
    let Progress::Waiting(noted) = progress else { return String::new() };
    let refused = noted.refused.as_ref().map_or_else(String::new, |(code, _)| {
        let text = escape(w.refused);
        format!("<p class=\"note refused\">{text} <code dir=\"ltr\">{}</code></p>\n", escape(code))
    });
    let declined = noted
        .declined
        .as_ref()
        .map_or_else(String::new, |_| format!("<p class=\"note refused\">{}</p>\n", escape(w.declined)));
    refused + &declined
}

/// How far it is: a colour, a shape and a word.
fn state(progress: &Progress, w: &Words) -> String {
    let (class, text, hint) = match progress {
        Progress::Waiting(_) => ("waiting", w.waiting, Some(w.waiting_hint)),
        Progress::Returning => ("waiting", w.returning, None),
        Progress::Expired(_) => ("refused", w.expired, Some(w.ask_again)),
        Progress::Answered(Outcome::Valid(_)) => ("valid", w.answered, Some(w.close)),
        Progress::Answered(Outcome::Undetermined(..)) => ("waiting", w.undetermined, Some(w.ask_again)),
        Progress::Answered(Outcome::Invalid(_)) => ("refused", w.rejected, Some(w.ask_again)),
    };
    let shape = match class {
        "valid" => "M4 13.5c2 1.5 3.5 3.5 4.5 5.5C11 13 15 8 20 4.5",
        "refused" => "M5 5l14 14M19 5 5 19",
        _ => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
    };
    let hint = hint.map_or_else(String::new, |hint| format!("<p class=\"quiet\">{}</p>\n", escape(hint)));
    format!(
        "<p class=\"state {class}\" role=\"status\"><svg viewBox=\"0 0 24 24\" width=\"24\" height=\"24\" \
         aria-hidden=\"true\" focusable=\"false\"><path d=\"{shape}\" fill=\"none\" stroke=\"currentColor\" \
         stroke-width=\"2.5\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg> <span>{}</span></p>\n{hint}",
        escape(text)
    )
}

/// Each language by its own name; the address of the page stays out of the page.
fn languages(current: Lang, w: &Words) -> String {
    let entry = |lang: Lang| {
        let (tag, dir, name) = (lang.tag(), lang.dir(), lang.own_name());
        if lang == current {
            return format!("<span lang=\"{tag}\" dir=\"{dir}\" aria-current=\"true\">{name}</span>\n");
        }
        format!("<a href=\"?lang={tag}\" hreflang=\"{tag}\" lang=\"{tag}\" dir=\"{dir}\">{name}</a>\n")
    };
    let entries: String = Lang::ALL.into_iter().map(entry).collect();
    format!("<nav class=\"languages\" aria-label=\"{}\">\n{entries}</nav>\n", escape(w.languages))
}
