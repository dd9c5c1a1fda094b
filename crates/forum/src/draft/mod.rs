//! Drafts: answers that are not sent yet.
//!
//! A draft belongs to a browser, which is known by a random cookie; the database has its SHA-256. The same cookie shows
//! later what was sent from there. Read in this order: [`content`] (what was entered, and what it makes), [`store`], this
//! file.

pub(crate) mod content;
pub(crate) mod store;

use ::store::{Error, Tx};
use base::limits::DRAFT_KEPT_S;
use http::{HeaderMap, HeaderValue, header};
use web::{Reader, Routes};

use self::content::{Attached, Content};
use crate::{Call, Forum, SubmissionId, file, stored};

/// The name of the cookie, after `sahihi_` and the party's handle.
const COOKIE: &str = "answer";

/// What it serves: nothing by itself.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
}

/// A browser that takes part.
#[derive(Clone)]
pub(crate) struct Browser {
    /// Its secret.
    pub(crate) token: String,
    /// By what the database knows it.
    pub(crate) key: [u8; 32],
    is_new: bool,
}

impl Browser {
    fn with(token: String, is_new: bool) -> Self {
        let key = crypto::sha256(token.as_bytes());
        Self { token, key, is_new }
    }

    /// The browser that brings our cookie.
    pub(crate) fn known(reader: &Reader, headers: &HeaderMap) -> Option<Self> {
        let name = reader.site().cookie_name(COOKIE);
        let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let token = values
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(known, value)| (known == name).then_some(value))?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (token.len() == 43 && token.bytes().all(plain)).then(|| Self::with(token.to_owned(), false))
    }

    /// The same, or a new one.
    pub(crate) fn known_or_new(forum: &Forum, reader: &Reader, headers: &HeaderMap) -> Self {
        Self::known(reader, headers).unwrap_or_else(|| Self::with(forum.secret_token(), true))
    }

    /// Has it remember who it is.
    pub(crate) fn remember(&self, reader: &Reader, headers: &mut HeaderMap) {
        if !self.is_new {
            return;
        }
        let cookie = reader.site().cookie(COOKIE, &self.token, DRAFT_KEPT_S);
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

impl Forum {
    /// A new secret that nobody guesses: 256 bits in base64url.
    pub(crate) fn secret_token(&self) -> String {
        formats::b64::encode(&crypto::random_array::<32>(self.random.as_ref()))
    }

    /// What this browser has entered so far.
    pub(crate) async fn draft(&self, browser: &Browser, call: &Call) -> Result<Option<Content>, Error> {
        let (key, call, now) = (browser.key, call.id, self.clock.now());
        let read = async move |tx: &mut Tx<'_>| store::find(tx, &key, call, now).await;
        let text: Option<String> = self.store.read(read).await?;
        // What an older version of the program wrote otherwise is begun again.
        Ok(text.and_then(|text| stored::parse(&text)))
    }

    /// Keeps what was entered, with the files that came with it.
    pub(crate) async fn save_draft(
        &self,
        browser: &Browser,
        call: &Call,
        content: &Content,
        files: Vec<file::Taken>,
    ) -> Result<(), Error> {
        let (key, call, now) = (browser.key, call.id, self.clock.now());
        let expires_at = now.plus_secs(DRAFT_KEPT_S);
        let text = stored::json(content);
        let kept: Vec<[u8; 32]> = content.files.iter().filter_map(Attached::file).map(|f| f.digest).collect();
        let write = async move |tx: &mut Tx<'_>| {
            for taken in &files {
                let file = &taken.file;
                file::store::insert(tx, &file.digest, &file.media_type, &taken.bytes, expires_at).await?;
            }
            for digest in &kept {
                file::store::postpone(tx, digest, expires_at).await?;
            }
            store::save(tx, &key, call, &text, now, expires_at).await
        };
        self.store.write(write).await
    }

    /// Erases what was entered.
    pub(crate) async fn discard_draft(&self, browser: &Browser, call: &Call) -> Result<(), Error> {
        let (key, call) = (browser.key, call.id);
        self.store.write(async move |tx: &mut Tx<'_>| store::discard(tx, &key, call).await).await
    }

    /// Whether that was sent from this browser.
    pub(crate) async fn was_sent_from(&self, browser: &Browser, id: SubmissionId) -> Result<bool, Error> {
        let (key, now) = (browser.key, self.clock.now());
        self.store.read(async move |tx: &mut Tx<'_>| store::has_sent(tx, &key, id, now).await).await
    }

    /// What was sent last from this browser to that call.
    pub(crate) async fn last_sent_from(
        &self,
        browser: &Browser,
        call: &Call,
    ) -> Result<Option<SubmissionId>, Error> {
        let (key, call, now) = (browser.key, call.id, self.clock.now());
        self.store.read(async move |tx: &mut Tx<'_>| store::last_sent(tx, &key, call, now).await).await
    }
}
