//! The participant's card, issued on the spot to who has none: a pseudonym made at random, and nothing else. The link of an
//! offer is kept by the browser that asked for it, sealed, for as long as the offer lives.
//!
//! Who issues it is another feature, which the server wires: [`Participants`].

use std::{future::Future, pin::Pin};

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use base::{Instant, limits::OFFER_LIFETIME_S};
use crypto::{Zeroizing, random_array};
use formats::b64;
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;
use web::{Caller, Form, Names, Problem, Reader, Routes, limit::Costly};

use crate::{Forum, answer, public, texts::T};

/// The cookie of an offer, as [`sealed`].
const COOKIE: &str = "card";
const NONCE_BYTES: usize = 12;

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
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let link = reader.site().cookie_of(COOKIE, &headers).and_then(|sealed| opened(&forum, sealed));
    page(&forum, &reader, &symbol, link).await
}

#[derive(Deserialize)]
struct Nothing {}

/// Makes an offer, and leads to the page that shows it: that can be looked at again, and in another language.
async fn offer(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    reader: Reader,
    caller: Caller,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    let participants = forum.participants.clone().ok_or_else(|| Problem::not_found("card"))?;
    let call = public::public_call(&forum, &symbol).await?;
    caller.spend_here(Costly::Card).await?;
    let link = participants.offer().await.ok_or_else(Problem::unavailable)?;
    let sealed = sealed(&forum, &link).map_err(|e| Problem::internal(&e))?;
    let cookie = reader.site().cookie(COOKIE, &sealed, OFFER_LIFETIME_S);
    let mut response = Redirect::to(&format!("{}/card", answer::base(&reader, &call))).into_response();
    let cookie = HeaderValue::from_str(&cookie).map_err(|e| Problem::internal(&e))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// The link of an offer as the browser keeps it: whoever reads the cookie learns no link, and we keep nothing. Base64url of
/// a nonce and what is sealed under it (AES-256-GCM): the instant until which it is shown, 8 bytes, and the link.
fn sealed(forum: &Forum, link: &str) -> Result<String, crypto::Error> {
    let until = forum.clock.now().plus_secs(OFFER_LIFETIME_S);
    let plain = Zeroizing::new([&until.ms().to_be_bytes(), link.as_bytes()].concat());
    let nonce = random_array::<NONCE_BYTES>(&*forum.random);
    let sealed = crypto::seal(&sealing_key(forum), &nonce, COOKIE.as_bytes(), &plain)?;
    Ok(b64::encode(&[nonce.as_slice(), &sealed].concat()))
}

/// The link, while the offer lives; nothing of what we did not seal.
fn opened(forum: &Forum, cookie: &str) -> Option<String> {
    let bytes = b64::decode(cookie).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
    let plain = crypto::open(&sealing_key(forum), nonce, COOKIE.as_bytes(), sealed).ok()?;
    let (until, link) = plain.split_first_chunk::<8>()?;
    let lives = forum.clock.now() < Instant::from_ms(i64::from_be_bytes(*until));
    lives.then(|| String::from_utf8(link.to_vec()).ok()).flatten()
}

fn sealing_key(forum: &Forum) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(crypto::hmac_sha256(&forum.config.server_secret, b"sahihi forum card"))
}
