//! Draft, change, announce, extend, withdraw, annul and close calls; read them. Publishing is in `submission/publish.rs`.
//!
//! Whether something is still possible is decided within the write, by the time that the log's receipt of the act says.

use ::store::Tx;
use base::{
    Instant, Lang,
    limits::{
        ACTS_SHOWN_MAX, GRACE_MAX_MS, LINE_CHARS_MAX, PAGE_ROWS_MAX, PARTY_LIMIT_MAX, PROSE_CHARS_MAX,
        SUBMISSION_FILES_MAX,
    },
};
use crypto::random_array;
use serde_json::{Map, Value};
use web::{Actor, session::Role};

use super::{
    form::BadForm,
    model::{Call, CallState, Extension, NewCall, Stage},
    store as sql,
};
use crate::{
    CallId, CircularId, Deadline, Forum,
    act::{self, About, ActDone, Doing, record},
    circular::store as circulars,
    file,
    hygiene::{self, BadText},
    stored,
    submission::store as submissions,
};

/// Why nothing was done with a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallRefusal {
    /// Whoever asks has not the role of the secretariat.
    #[error("this is the secretariat's to do")]
    Forbidden,
    /// There is none of this symbol.
    #[error("there is no such call")]
    NoSuchCall,
    /// There is no circular of this symbol, or it was not sent when it has to be.
    #[error("the circular does not exist, or was not sent")]
    Circular,
    /// The symbol is not one.
    #[error("a symbol has letters, digits, dots and hyphens, at most 40")]
    Symbol,
    /// Another one has this symbol.
    #[error("another call has this symbol")]
    SymbolTaken,
    /// A text.
    #[error(transparent)]
    Text(#[from] BadText),
    /// The form.
    #[error(transparent)]
    Form(#[from] BadForm),
    /// It would close before it opens, or changes would be possible before it opens or after its end, or the zone is none.
    #[error("the dates are not in order, or the zone is not one")]
    Window,
    /// The grace, the limit of a party or the number of documents is out of bounds.
    #[error("a number is out of bounds")]
    Number,
    /// A document is not here, or has no name that can be shown.
    #[error("a file that it names was not sent here, or its name cannot be shown")]
    File,
    /// The call was announced: its dates, its policy and whom it is for are not changed any more; a deadline is extended.
    #[error("the call was announced: its dates, policy and audience stay")]
    Announced,
    /// The call is open or was: its form and its texts are not changed any more.
    #[error("the call has opened: its form and its texts stay")]
    Opened,
    /// It is in another state than this needs.
    #[error("the call is in another state")]
    State,
    /// The new deadline is not later than the one that holds.
    #[error("a deadline only moves later")]
    NotLater,
    /// A reason is needed.
    #[error("a reason is needed")]
    Reason,
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

impl NewCall {
    /// The same in NFC, if it is one.
    fn checked(self) -> Result<Self, CallRefusal> {
        if !hygiene::is_symbol(&self.symbol) {
            return Err(CallRefusal::Symbol);
        }
        let said = Self {
            title: self.title.clone().cleaned(false, LINE_CHARS_MAX)?,
            introduction: self.introduction.clone().cleaned(true, PROSE_CHARS_MAX)?,
            contact: hygiene::line(&self.contact, LINE_CHARS_MAX)?,
            form: self.form.clone().checked()?,
            ..self
        };
        if !stored::fits(&said.introduction) || !stored::fits(&said.form) {
            return Err(CallRefusal::Text(BadText::TooLong));
        }
        let numbers = (0..=GRACE_MAX_MS).contains(&said.grace_ms)
            && said.party_limit.is_none_or(|n| (1..=PARTY_LIMIT_MAX).contains(&n))
            && said.documents.len() <= SUBMISSION_FILES_MAX;
        if !numbers {
            return Err(CallRefusal::Number);
        }
        let ends = said.closes.instant.plus_ms(said.grace_ms);
        let in_order = said.opens < said.closes.instant
            && said.modify_until.is_none_or(|until| said.opens < until && until <= ends)
            && said.closes.is_well_formed();
        if in_order { Ok(said) } else { Err(CallRefusal::Window) }
    }
}

/// What is said of it, with its documents as they were found to be.
async fn with_documents(tx: &mut Tx<'_>, said: &NewCall) -> Result<NewCall, CallRefusal> {
    let documents = file::attached(tx, &said.documents).await?.ok_or(CallRefusal::File)?;
    Ok(NewCall { documents, ..said.clone() })
}

async fn circular_of(tx: &mut Tx<'_>, said: &NewCall) -> Result<Option<CircularId>, CallRefusal> {
    let Some(symbol) = &said.circular else { return Ok(None) };
    let (id, _) = circulars::id_of(tx, symbol).await?.ok_or(CallRefusal::Circular)?;
    Ok(Some(id))
}

fn window_of(said: &NewCall) -> Map<String, Value> {
    record([
        ("call", said.symbol.as_str().into()),
        ("opens", said.opens.rfc3339().into()),
        ("closes", said.closes.instant.rfc3339().into()),
        ("grace_ms", said.grace_ms.into()),
        ("policy", said.policy.as_str().into()),
        ("form_version", said.form.version.into()),
    ])
}

impl Forum {
    /// Writes a call that only the secretariat sees.
    pub async fn draft_call(&self, actor: &Actor, new: NewCall) -> Result<Call, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let mut new = new.checked()?;
        new.form.version = 1;
        let (forum, actor) = (self.clone(), actor.name().to_owned());
        let id = CallId::from_random(random_array(&*self.random));
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let circular = circular_of(tx, &new).await?;
                let new = with_documents(tx, &new).await?;
                if !sql::insert(tx, id, &new, circular, forum.clock.now()).await? {
                    return Err(CallRefusal::SymbolTaken);
                }
                forum.call_act(tx, "forum_call_drafted", id, (&actor, None), window_of(&new)).await?;
                sql::get(tx, &new.symbol).await?.ok_or(CallRefusal::NoSuchCall)
            })
            .await
    }

    /// Changes a call that has not opened; its symbol stays. Once it was announced, its dates, policy, audience and limits
    /// stay too. A changed form is a new version of it (invariant I3: from the opening on it never changes).
    pub async fn change_call(&self, actor: &Actor, new: NewCall) -> Result<Call, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let new = new.checked()?;
        let (forum, actor) = (self.clone(), actor.name().to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let found = sql::get(tx, &new.symbol).await?.ok_or(CallRefusal::NoSuchCall)?;
                let (id, was) = (found.id, &found.said);
                let mut said = with_documents(tx, &new).await?;
                said.title = said.title.revising(&was.title);
                said.introduction = said.introduction.revising(&was.introduction);
                said.form = said.form.revising(&was.form);
                said.form.version = was.form.version;
                if said.form != was.form {
                    said.form.version += 1;
                    sql::insert_form(tx, id, &said.form).await?;
                }
                let circular = circular_of(tx, &said).await?;
                let act = forum.call_act(tx, "forum_call_changed", id, (&actor, None), window_of(&said));
                match found.state(act.await?) {
                    CallState::Draft => {}
                    CallState::Scheduled => {
                        let stays = said.opens == was.opens
                            && said.closes == was.closes
                            && said.grace_ms == was.grace_ms
                            && said.modify_until == was.modify_until
                            && said.policy == was.policy
                            && said.audience == was.audience
                            && said.party_limit == was.party_limit;
                        // A clock that was set back does not open a form that somebody answered.
                        if submissions::any(tx, id).await? {
                            return Err(CallRefusal::Opened);
                        }
                        if !stays {
                            return Err(CallRefusal::Announced);
                        }
                        file::published(tx, &said.documents).await?;
                    }
                    _ => return Err(CallRefusal::Opened),
                }
                sql::update(tx, id, &said, circular).await?;
                sql::get(tx, &said.symbol).await?.ok_or(CallRefusal::NoSuchCall)
            })
            .await
    }

    /// Adds or replaces a translation of a call's title and introduction, whatever its state. The originals stay.
    pub async fn translate_call(
        &self,
        actor: &Actor,
        symbol: &str,
        lang: Lang,
        (title, introduction): (String, String),
    ) -> Result<Call, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let title = hygiene::line(&title, LINE_CHARS_MAX)?;
        let introduction = hygiene::prose(&introduction, PROSE_CHARS_MAX)?;
        let (forum, actor, symbol) = (self.clone(), actor.name().to_owned(), symbol.to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let mut found = sql::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)?;
                let translated = found.said.title.translate(lang, title.clone())
                    && found.said.introduction.translate(lang, introduction.clone());
                if !translated {
                    return Err(CallRefusal::Text(BadText::Empty));
                }
                if !found.said.languages.is_empty() && !found.said.languages.contains(&lang) {
                    found.said.languages.push(lang);
                }
                if !stored::fits(&found.said.introduction) {
                    return Err(CallRefusal::Text(BadText::TooLong));
                }
                sql::update(tx, found.id, &found.said, found.circular_id).await?;
                let members = record([("call", symbol.as_str().into()), ("lang", lang.tag().into())]);
                forum.call_act(tx, "forum_call_translated", found.id, (&actor, None), members).await?;
                Ok(found)
            })
            .await
    }

    /// Announces a draft: from now on everybody knows of it, and the clock opens and closes it. Sending its circular does
    /// the same.
    pub async fn announce_call(&self, actor: &Actor, symbol: &str) -> Result<Call, CallRefusal> {
        let decide = |call: &Call, at: Instant| match call.stage {
            Stage::Draft if at < call.window().ends() => Ok(Stage::Announced),
            _ => Err(CallRefusal::State),
        };
        self.move_call(actor, symbol, "forum_call_announced", None, decide).await
    }

    /// Takes a call back that was announced and has not opened.
    pub async fn withdraw_call(
        &self,
        actor: &Actor,
        symbol: &str,
        reason: &str,
    ) -> Result<Call, CallRefusal> {
        let reason = act::reason(reason).ok_or(CallRefusal::Reason)?;
        let decide = |call: &Call, at: Instant| match call.state(at) {
            CallState::Scheduled => Ok(Stage::Withdrawn),
            _ => Err(CallRefusal::State),
        };
        self.move_call(actor, symbol, "forum_call_withdrawn", Some(reason), decide).await
    }

    /// Ends a call that has opened and was not published.
    pub async fn annul_call(&self, actor: &Actor, symbol: &str, reason: &str) -> Result<Call, CallRefusal> {
        let reason = act::reason(reason).ok_or(CallRefusal::Reason)?;
        let decide = |call: &Call, at: Instant| match call.state(at) {
            CallState::Open | CallState::Grace | CallState::Closed => Ok(Stage::Annulled),
            _ => Err(CallRefusal::State),
        };
        self.move_call(actor, symbol, "forum_call_annulled", Some(reason), decide).await
    }

    async fn move_call(
        &self,
        actor: &Actor,
        symbol: &str,
        kind: &'static str,
        reason: Option<String>,
        decide: impl Fn(&Call, Instant) -> Result<Stage, CallRefusal> + Send + 'static,
    ) -> Result<Call, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let (forum, actor, symbol) = (self.clone(), actor.name().to_owned(), symbol.to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let found = sql::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)?;
                let by = (actor.as_str(), reason.as_deref());
                let at = forum.call_act(tx, kind, found.id, by, window_of(&found.said)).await?;
                let stage = decide(&found, at)?;
                if stage == Stage::Announced
                    && let Some(circular) = &found.said.circular
                    && !circulars::id_of(tx, circular).await?.is_some_and(|(_, sent)| sent)
                {
                    return Err(CallRefusal::Circular);
                }
                if stage == Stage::Announced {
                    file::published(tx, &found.said.documents).await?;
                }
                if stage == Stage::Withdrawn && submissions::any(tx, found.id).await? {
                    return Err(CallRefusal::State);
                }
                sql::set_stage(tx, found.id, stage, at, reason.as_deref()).await?;
                sql::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)
            })
            .await
    }

    /// Moves the deadline of a call that is still receiving, or will be, to a later one; the one before is kept and shown
    /// (invariant I2). `modify_until` may move later with it.
    pub async fn extend_call(
        &self,
        actor: &Actor,
        symbol: &str,
        (to, modify_until): (Deadline, Option<Instant>),
        reason: &str,
    ) -> Result<Call, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let reason = act::reason(reason).ok_or(CallRefusal::Reason)?;
        let (forum, actor, symbol) = (self.clone(), actor.name().to_owned(), symbol.to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let found = sql::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)?;
                let from = found.said.closes.clone();
                let members = record([
                    ("call", symbol.as_str().into()),
                    ("from", from.instant.rfc3339().into()),
                    ("to", to.instant.rfc3339().into()),
                ]);
                let by = (actor.as_str(), Some(reason.as_str()));
                let at = forum.call_act(tx, "forum_call_extended", found.id, by, members).await?;
                if !matches!(found.state(at), CallState::Scheduled | CallState::Open | CallState::Grace) {
                    return Err(CallRefusal::State);
                }
                if to.instant <= from.instant {
                    return Err(CallRefusal::NotLater);
                }
                let was = found.said.modify_until;
                let until = modify_until.or(was);
                let earlier = until.zip(was).is_some_and(|(until, was)| until < was);
                let ends = to.instant.plus_ms(found.said.grace_ms);
                // What could be changed until the end can be changed until the new end.
                if earlier
                    || until.is_some_and(|until| until > ends)
                    || (was.is_none() && modify_until.is_some())
                {
                    return Err(CallRefusal::Window);
                }
                if !to.is_well_formed() {
                    return Err(CallRefusal::Window);
                }
                let number = found.extensions.last().map_or(1, |last| last.number + 1);
                let extension =
                    Extension { number, from, to: to.clone(), reason: reason.clone(), extended_at: at };
                sql::extend(tx, found.id, &extension, until).await?;
                sql::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)
            })
            .await
    }

    /// Notes which item of an agenda considered a published call.
    pub async fn consider_call(&self, actor: &Actor, symbol: &str, item: &str) -> Result<Call, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let item = hygiene::line(item, LINE_CHARS_MAX)?;
        let (forum, actor, symbol) = (self.clone(), actor.name().to_owned(), symbol.to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let found = sql::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)?;
                if found.stage != Stage::Published {
                    return Err(CallRefusal::State);
                }
                let members = record([("call", symbol.as_str().into()), ("item", item.as_str().into())]);
                let at =
                    forum.call_act(tx, "forum_call_considered", found.id, (&actor, None), members).await?;
                sql::consider(tx, found.id, at, &item).await?;
                sql::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)
            })
            .await
    }

    /// A call that everybody may know of.
    pub async fn call(&self, symbol: &str) -> Result<Option<Call>, ::store::Error> {
        let symbol = symbol.to_owned();
        let found = self.store.read(async move |tx: &mut Tx<'_>| sql::get(tx, &symbol).await).await?;
        Ok(found.filter(|call: &Call| call.stage != Stage::Draft))
    }

    /// A call, drafts too.
    pub async fn call_of_desk(&self, actor: &Actor, symbol: &str) -> Result<Call, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let symbol = symbol.to_owned();
        let found = self.store.read(async move |tx: &mut Tx<'_>| sql::get(tx, &symbol).await).await?;
        found.ok_or(CallRefusal::NoSuchCall)
    }

    /// Calls that everybody may know of, the latest deadline first, behind the one with this deadline and id; at most
    /// [`PAGE_ROWS_MAX`].
    pub async fn calls(&self, after: Option<(Instant, CallId)>) -> Result<Vec<Call>, ::store::Error> {
        self.store.read(async move |tx: &mut Tx<'_>| sql::list(tx, false, after, PAGE_ROWS_MAX).await).await
    }

    /// Where a call stands in [`Forum::calls`].
    pub(crate) async fn call_place(&self, symbol: &str) -> Result<Option<(Instant, CallId)>, ::store::Error> {
        let symbol = symbol.to_owned();
        let found = self.store.read(async move |tx: &mut Tx<'_>| sql::gate_of(tx, &symbol).await).await?;
        Ok(found.map(|gate: sql::Gate| (gate.window.closes, gate.id)))
    }

    /// All calls, drafts too.
    pub async fn calls_of_desk(
        &self,
        actor: &Actor,
        after: Option<(Instant, CallId)>,
    ) -> Result<Vec<Call>, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let all =
            self.store.read(async move |tx: &mut Tx<'_>| sql::list(tx, true, after, PAGE_ROWS_MAX).await);
        Ok(all.await?)
    }

    /// What was done with something, by whom and why, the oldest first: a circular, a call, a submission (by id), the list
    /// of addressees (0). The last [`ACTS_SHOWN_MAX`].
    pub async fn history(
        &self,
        actor: &Actor,
        about: About,
        subject: i64,
    ) -> Result<Vec<ActDone>, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let forum = self.clone();
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                // Of a sealed call nobody is told what became of a submission.
                if about == About::Submission
                    && let Some(kept) = submissions::get(tx, crate::SubmissionId::from_i64(subject)).await?
                    && sql::gate_of_id(tx, kept.entry.call).await?.is_sealed(forum.clock.now())
                {
                    return Err(CallRefusal::State);
                }
                Ok(act::store::of(tx, about, subject, ACTS_SHOWN_MAX).await?)
            })
            .await
    }

    pub(crate) async fn call_act(
        &self,
        tx: &mut Tx<'_>,
        kind: &'static str,
        id: CallId,
        (actor, reason): (&str, Option<&str>),
        record: Map<String, Value>,
    ) -> Result<Instant, ::store::Error> {
        let doing = Doing { kind, about: About::Call, subject: id.as_i64(), actor, reason, record };
        Ok(self.act(tx, doing).await?.received_at)
    }
}
