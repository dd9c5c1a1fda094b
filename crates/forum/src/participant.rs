//! The participant's card, issued on the spot to who has none: a pseudonym made at random, and nothing else.
//!
//! Who issues it is another feature, which the server wires: [`Participants`].

use std::{future::Future, pin::Pin};

use askama::Template;
use axum::{extract::State, response::Response};
use http::Method;
use serde::Deserialize;
use web::{Caller, Form, Names, Problem, Reader, Routes, limit::Costly};

use crate::{Forum, answer, public, texts::T};

/// An offer of a card, or none if it cannot be made now.
pub type CardOffer<'a> = Pin<Box<dyn Future<Output = Option<String>> + Send + 'a>>;

/// Who makes participants' cards.
pub trait Participants: Send + Sync + 'static {
    /// Offers a card to whoever has the link that this answers, once and for a quarter of an hour.
    fn offer(&self) -> CardOffer<'_>;
}

impl Forum {
    /// The same forum, in which who has no card is given one.
    #[must_use]
    pub fn with_participants(mut self, participants: std::sync::Arc<dyn Participants>) -> Self {
        self.participants = Some(participants);
        self
    }
}

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new().page(Method::GET, "/calls/{symbol}/answer/card", show).page(
        Method::POST,
        "/calls/{symbol}/answer/card",
        offer,
    )
}

#[derive(Template)]
#[template(path = "card.html")]
struct CardPage {
    t: T,
    back: String,
    action: String,
    csrf: String,
    offered: Option<Offered>,
}

/// An offer as a page shows it.
struct Offered {
    link: String,
    /// SVG, made by us.
    qr: String,
    command: String,
}

async fn page(
    forum: &Forum,
    reader: &Reader,
    symbol: &str,
    link: Option<String>,
) -> Result<Response, Problem> {
    let call = public::public_call(forum, symbol).await?;
    let base = answer::base(reader, &call);
    let loopback = if forum.config.identifier.starts_with("http:") { " --insecure-loopback" } else { "" };
    let offered = link.map(|link| {
        let svg = web::qr::svg(&link).unwrap_or_default();
        Offered {
            // An XML declaration has no place inside a page.
            qr: svg.split_once("?>").map_or(svg.clone(), |(_, svg)| svg.to_owned()),
            command: format!("sahihi wallet{loopback} --home DIR accept '{link}'"),
            link,
        }
    });
    let t = T(reader.lang);
    let page = CardPage {
        t,
        back: format!("{base}/review"),
        action: format!("{base}/card"),
        csrf: reader.csrf(),
        offered,
    };
    Ok(reader.page(t.card_title(), &page))
}

async fn show(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    reader: Reader,
) -> Result<Response, Problem> {
    page(&forum, &reader, &symbol, None).await
}

#[derive(Deserialize)]
struct Nothing {}

async fn offer(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    reader: Reader,
    caller: Caller,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    let participants = forum.participants.clone().ok_or_else(|| Problem::not_found("card"))?;
    caller.spend_here(Costly::Card).await?;
    let link = participants.offer().await.ok_or_else(Problem::unavailable)?;
    page(&forum, &reader, &symbol, Some(link)).await
}
