//! Draft, change and send circulars; read them.

use ::store::Tx;
use base::{
    Instant, Lang,
    limits::{LINE_CHARS_MAX, PAGE_ROWS_MAX, PROSE_CHARS_MAX, SUBMISSION_FILES_MAX},
    time::is_civil_date,
};
use crypto::random_array;
use web::{Actor, session::Role};

use super::{
    model::{Circular, NewCircular},
    store as sql,
};
use crate::{
    CircularId, Forum, Stage,
    act::{About, Doing, record},
    call::store as calls,
    file,
    hygiene::{self, BadText},
    stored,
};

/// Why nothing was done with a circular.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CircularRefusal {
    /// Whoever asks has not the role of the secretariat.
    #[error("this is the secretariat's to do")]
    Forbidden,
    /// There is none of this symbol.
    #[error("there is no such circular")]
    NoSuchCircular,
    /// The circular that it amends does not exist or was not sent.
    #[error("the circular that it amends does not exist or was not sent")]
    Amends,
    /// The symbol is not one.
    #[error("a symbol has letters, digits, dots and hyphens, at most 40")]
    Symbol,
    /// Another one has this symbol.
    #[error("another circular has this symbol")]
    SymbolTaken,
    /// A text.
    #[error(transparent)]
    Text(#[from] BadText),
    /// The date is no civil date.
    #[error("the date is not one")]
    Date,
    /// Too much is attached, or too many get a copy.
    #[error("there are too many of them")]
    TooMany,
    /// A file that is attached is not here, or has no name that can be shown.
    #[error("a file that it names was not sent here, or its name cannot be shown")]
    File,
    /// It was sent, and what was sent is not changed: another circular amends it.
    #[error("the circular was sent: send another one that amends it")]
    Sent,
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

impl NewCircular {
    /// The same in NFC, if it is one.
    pub(crate) fn checked(self) -> Result<Self, CircularRefusal> {
        if !hygiene::is_symbol(&self.symbol) {
            return Err(CircularRefusal::Symbol);
        }
        if !is_civil_date(&self.dated) {
            return Err(CircularRefusal::Date);
        }
        if self.annexes.len() > SUBMISSION_FILES_MAX || self.copies.len() > 50 {
            return Err(CircularRefusal::TooMany);
        }
        if !stored::fits(&self.text) {
            return Err(CircularRefusal::Text(BadText::TooLong));
        }
        let copies = self.copies.iter().map(|copy| hygiene::line(copy, LINE_CHARS_MAX));
        Ok(Self {
            signatory: hygiene::line(&self.signatory, LINE_CHARS_MAX)?,
            copies: copies.collect::<Result<_, BadText>>()?,
            subject: self.subject.cleaned(false, LINE_CHARS_MAX)?,
            text: self.text.cleaned(true, PROSE_CHARS_MAX)?,
            contact: hygiene::line(&self.contact, LINE_CHARS_MAX)?,
            ..self
        })
    }
}

/// What it says, with its annexes as they were found to be.
async fn with_annexes(tx: &mut Tx<'_>, said: &NewCircular) -> Result<NewCircular, CircularRefusal> {
    let annexes = file::attached(tx, &said.annexes).await?.ok_or(CircularRefusal::File)?;
    Ok(NewCircular { annexes, ..said.clone() })
}

async fn amended(tx: &mut Tx<'_>, said: &NewCircular) -> Result<Option<CircularId>, CircularRefusal> {
    let Some(symbol) = &said.amends else { return Ok(None) };
    match sql::id_of(tx, symbol).await? {
        Some((id, true)) if *symbol != said.symbol => Ok(Some(id)),
        _ => Err(CircularRefusal::Amends),
    }
}

impl Forum {
    /// Writes a circular that only the secretariat sees.
    pub async fn draft_circular(&self, actor: &Actor, new: NewCircular) -> Result<Circular, CircularRefusal> {
        actor.require(Role::Secretary).map_err(|_| CircularRefusal::Forbidden)?;
        let new = new.checked()?;
        let (forum, actor) = (self.clone(), actor.name().to_owned());
        let id = CircularId::from_random(random_array(&*self.random));
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let amends = amended(tx, &new).await?;
                let new = with_annexes(tx, &new).await?;
                if !sql::insert(tx, id, &new, amends, forum.clock.now()).await? {
                    return Err(CircularRefusal::SymbolTaken);
                }
                forum.circular_act(tx, "forum_circular_drafted", id, &new.symbol, &actor).await?;
                sql::get(tx, &new.symbol).await?.ok_or(CircularRefusal::NoSuchCircular)
            })
            .await
    }

    /// Changes a circular that was not sent yet; its symbol stays, and what was translated before knows of what original.
    pub async fn change_circular(
        &self,
        actor: &Actor,
        new: NewCircular,
    ) -> Result<Circular, CircularRefusal> {
        actor.require(Role::Secretary).map_err(|_| CircularRefusal::Forbidden)?;
        let new = new.checked()?;
        let (forum, actor) = (self.clone(), actor.name().to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let found = sql::get(tx, &new.symbol).await?.ok_or(CircularRefusal::NoSuchCircular)?;
                if found.sent_at.is_some() {
                    return Err(CircularRefusal::Sent);
                }
                let (id, was) = (found.id, found.said);
                let amends = amended(tx, &new).await?;
                let mut new = with_annexes(tx, &new).await?;
                new.subject = new.subject.revising(&was.subject);
                new.text = new.text.revising(&was.text);
                sql::update(tx, id, &new, amends).await?;
                forum.circular_act(tx, "forum_circular_changed", id, &new.symbol, &actor).await?;
                sql::get(tx, &new.symbol).await?.ok_or(CircularRefusal::NoSuchCircular)
            })
            .await
    }

    /// Sends it: from now on everybody may read it, and the calls that were drafted under it are announced.
    pub async fn send_circular(&self, actor: &Actor, symbol: &str) -> Result<Circular, CircularRefusal> {
        actor.require(Role::Secretary).map_err(|_| CircularRefusal::Forbidden)?;
        let (forum, actor, symbol) = (self.clone(), actor.name().to_owned(), symbol.to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let found = sql::get(tx, &symbol).await?.ok_or(CircularRefusal::NoSuchCircular)?;
                let at = forum.circular_act(tx, "forum_circular_sent", found.id, &symbol, &actor).await?;
                if !sql::send(tx, found.id, at).await? {
                    return Err(CircularRefusal::Sent);
                }
                file::published(tx, &found.said.annexes).await?;
                for (id, call) in calls::drafted_under(tx, found.id).await? {
                    let documents = calls::get(tx, &call).await?.map(|call| call.said.documents);
                    file::published(tx, &documents.unwrap_or_default()).await?;
                    calls::set_stage(tx, id, Stage::Announced, at, None).await?;
                    let doing = Doing {
                        kind: "forum_call_announced",
                        about: About::Call,
                        subject: id.as_i64(),
                        actor: &actor,
                        reason: None,
                        record: record([("call", call.into()), ("circular", symbol.as_str().into())]),
                    };
                    forum.act(tx, doing).await?;
                }
                sql::get(tx, &symbol).await?.ok_or(CircularRefusal::NoSuchCircular)
            })
            .await
    }

    /// Adds or replaces a translation of a circular, sent or not. The original is not touched: `Text` if `lang` is its.
    pub async fn translate_circular(
        &self,
        actor: &Actor,
        symbol: &str,
        lang: Lang,
        (subject, text): (String, String),
    ) -> Result<Circular, CircularRefusal> {
        actor.require(Role::Secretary).map_err(|_| CircularRefusal::Forbidden)?;
        let subject = hygiene::line(&subject, LINE_CHARS_MAX)?;
        let text = hygiene::prose(&text, PROSE_CHARS_MAX)?;
        let (forum, actor, symbol) = (self.clone(), actor.name().to_owned(), symbol.to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let mut found = sql::get(tx, &symbol).await?.ok_or(CircularRefusal::NoSuchCircular)?;
                let translated = found.said.subject.translate(lang, subject.clone())
                    && found.said.text.translate(lang, text.clone());
                if !translated {
                    return Err(CircularRefusal::Text(BadText::Empty));
                }
                if !stored::fits(&found.said.text) {
                    return Err(CircularRefusal::Text(BadText::TooLong));
                }
                let amends = amended(tx, &found.said).await?;
                sql::update(tx, found.id, &found.said, amends).await?;
                forum.circular_act(tx, "forum_circular_translated", found.id, &symbol, &actor).await?;
                Ok(found)
            })
            .await
    }

    /// A circular that was sent.
    pub async fn circular(&self, symbol: &str) -> Result<Option<Circular>, ::store::Error> {
        let symbol = symbol.to_owned();
        let found = self.store.read(async move |tx: &mut Tx<'_>| sql::get(tx, &symbol).await).await?;
        Ok(found.filter(|circular: &Circular| circular.sent_at.is_some()))
    }

    /// A circular, also one that was not sent yet.
    pub async fn circular_of_desk(&self, actor: &Actor, symbol: &str) -> Result<Circular, CircularRefusal> {
        actor.require(Role::Secretary).map_err(|_| CircularRefusal::Forbidden)?;
        let symbol = symbol.to_owned();
        let found = self.store.read(async move |tx: &mut Tx<'_>| sql::get(tx, &symbol).await).await?;
        found.ok_or(CircularRefusal::NoSuchCircular)
    }

    /// The circulars that were sent before `before`, the newest first; at most [`PAGE_ROWS_MAX`]. What they open is not
    /// said here.
    pub async fn circulars(&self, before: Option<Instant>) -> Result<Vec<Circular>, ::store::Error> {
        let before = before.unwrap_or(Instant::from_ms(i64::MAX));
        self.store.read(async move |tx: &mut Tx<'_>| sql::sent(tx, before, PAGE_ROWS_MAX).await).await
    }

    /// All circulars, drafts too, the newest first; at most [`PAGE_ROWS_MAX`].
    pub async fn circulars_of_desk(&self, actor: &Actor) -> Result<Vec<Circular>, CircularRefusal> {
        actor.require(Role::Secretary).map_err(|_| CircularRefusal::Forbidden)?;
        Ok(self.store.read(async move |tx: &mut Tx<'_>| sql::all(tx, PAGE_ROWS_MAX).await).await?)
    }

    async fn circular_act(
        &self,
        tx: &mut Tx<'_>,
        kind: &'static str,
        id: CircularId,
        symbol: &str,
        actor: &str,
    ) -> Result<Instant, ::store::Error> {
        let doing = Doing {
            kind,
            about: About::Circular,
            subject: id.as_i64(),
            actor,
            reason: None,
            record: record([("circular", symbol.into())]),
        };
        Ok(self.act(tx, doing).await?.received_at)
    }
}
