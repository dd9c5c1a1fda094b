//! Admit, refuse, withhold, take back, translate.

use std::collections::BTreeMap;

use ::store::Tx;
use base::{
    Instant, Lang,
    limits::{ANSWER_CHARS_MAX, PROSE_CHARS_MAX},
};
use serde_json::{Map, Value, json};
use web::{Actor, session::Role};

use super::super::{
    listed,
    model::{Entry, Standing, State, StateWord, Translation},
    store as sql,
};
use crate::{
    Forum, QuestionId, SubmissionId,
    act::{self, About, Doing, record},
    call::store::{self as calls, Gate},
    export::layout::hex,
    hygiene::{self, BadText},
    stored,
};

/// Why nothing was decided on a submission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecideRefusal {
    /// Whoever asks may not do it.
    #[error("this is not theirs to do")]
    Forbidden,
    /// There is no such submission.
    #[error("there is no such submission")]
    NoSuchSubmission,
    /// The call is sealed until it closes: nobody has read it, so nobody decides on it.
    #[error("the call is sealed until it closes")]
    Sealed,
    /// It is in another state than this needs.
    #[error("the submission is in another state")]
    State,
    /// Nothing is replaced or taken back any more.
    #[error("submissions cannot be changed any more")]
    ModifyUntil,
    /// A reason is needed.
    #[error("a reason is needed")]
    Reason,
    /// A text of a translation, or one of an answer that was not given.
    #[error(transparent)]
    Text(#[from] BadText),
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

/// Who takes a submission back.
#[derive(Debug, Clone, Copy)]
pub enum Withdrawing<'a> {
    /// The party that sent it.
    Party(&'a Standing),
    /// The secretariat, because the party asked it to.
    Staff(&'a Actor),
}

impl Forum {
    /// Admits a submission that was received.
    pub async fn admit(&self, actor: &Actor, id: SubmissionId) -> Result<Entry, DecideRefusal> {
        self.decide(actor, id, "forum_submission_admitted", None, |was| match was {
            StateWord::Received => Ok(State::Admissible),
            _ => Err(DecideRefusal::State),
        })
        .await
    }

    /// Refuses a submission, for a reason that everybody may read.
    pub async fn refuse(
        &self,
        actor: &Actor,
        id: SubmissionId,
        reason: &str,
    ) -> Result<Entry, DecideRefusal> {
        let reason = act::reason(reason).ok_or(DecideRefusal::Reason)?;
        let said = reason.clone();
        self.decide(actor, id, "forum_submission_refused", Some(reason), move |was| match was {
            StateWord::Received | StateWord::Admissible | StateWord::Published | StateWord::Counted => {
                Ok(State::Inadmissible { reason: said.clone() })
            }
            _ => Err(DecideRefusal::State),
        })
        .await
    }

    /// Keeps a submission from the public, for a reason that everybody may read.
    pub async fn withhold(
        &self,
        actor: &Actor,
        id: SubmissionId,
        reason: &str,
    ) -> Result<Entry, DecideRefusal> {
        let reason = act::reason(reason).ok_or(DecideRefusal::Reason)?;
        let said = reason.clone();
        self.decide(actor, id, "forum_submission_withheld", Some(reason), move |was| match was {
            StateWord::Received | StateWord::Admissible | StateWord::Published => {
                Ok(State::Withheld { reason: said.clone() })
            }
            _ => Err(DecideRefusal::State),
        })
        .await
    }

    async fn decide(
        &self,
        actor: &Actor,
        id: SubmissionId,
        kind: &'static str,
        reason: Option<String>,
        decide: impl Fn(StateWord) -> Result<State, DecideRefusal> + Send + 'static,
    ) -> Result<Entry, DecideRefusal> {
        actor.require(Role::Secretary).map_err(|_| DecideRefusal::Forbidden)?;
        let (forum, actor) = (self.clone(), actor.name().to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let kept = sql::get(tx, id).await?.ok_or(DecideRefusal::NoSuchSubmission)?;
                let gate = calls::gate_of_id(tx, kept.entry.call).await?;
                let by = (actor.as_str(), reason.as_deref());
                let at = forum.decision(tx, kind, (&kept.entry, &gate), by).await?;
                if gate.is_sealed(at) {
                    return Err(DecideRefusal::Sealed);
                }
                let state = decide(kept.entry.state.word())?;
                listed::store::unlist_one(tx, &kept.entry).await?;
                forum.set_state(tx, &kept, &state).await?;
                Ok(Entry { state, ..kept.entry })
            })
            .await
    }

    /// Takes a submission back, as long as it could be replaced; the secretariat also before it is published.
    pub async fn withdraw_submission(
        &self,
        by: Withdrawing<'_>,
        id: SubmissionId,
        reason: Option<&str>,
    ) -> Result<Entry, DecideRefusal> {
        let (key, name) = match by {
            Withdrawing::Party(standing) => (Some(standing.key), "party".to_owned()),
            Withdrawing::Staff(actor) => {
                actor.require(Role::Secretary).map_err(|_| DecideRefusal::Forbidden)?;
                (None, actor.name().to_owned())
            }
        };
        let reason = match reason.map(act::reason) {
            Some(None) => return Err(DecideRefusal::Reason),
            Some(given) => given,
            None if key.is_none() => return Err(DecideRefusal::Reason),
            None => None,
        };
        let forum = self.clone();
        self.store
            .write(async move |tx: &mut Tx<'_>| forum.withdraw_in(tx, key, (&name, reason.clone()), id).await)
            .await
    }

    /// The same in the caller's transaction; `key` is whose it must be, unless the secretariat does it.
    pub(crate) async fn withdraw_in(
        &self,
        tx: &mut Tx<'_>,
        key: Option<[u8; 32]>,
        (name, reason): (&str, Option<String>),
        id: SubmissionId,
    ) -> Result<Entry, DecideRefusal> {
        let kept = sql::get(tx, id).await?.ok_or(DecideRefusal::NoSuchSubmission)?;
        let gate = calls::gate_of_id(tx, kept.entry.call).await?;
        if key.is_some_and(|key| key != kept.party) {
            return Err(DecideRefusal::NoSuchSubmission);
        }
        let by = (name, reason.as_deref());
        let at = self.decision(tx, "forum_submission_withdrawn", (&kept.entry, &gate), by).await?;
        if key.is_some() && at >= gate.window.modifiable_until() {
            return Err(DecideRefusal::ModifyUntil);
        }
        let can = match kept.entry.state.word() {
            StateWord::Received | StateWord::Admissible => true,
            StateWord::Published => at < gate.window.modifiable_until(),
            _ => false,
        };
        if !can {
            return Err(DecideRefusal::State);
        }
        listed::store::unlist_one(tx, &kept.entry).await?;
        let state = State::Withdrawn { reason };
        self.set_state(tx, &kept, &state).await?;
        Ok(Entry { state, ..kept.entry })
    }

    /// Adds or replaces a translation: a record of its own, beside the original (invariant I17). Only what was answered can
    /// be translated.
    pub async fn translate_submission(
        &self,
        actor: &Actor,
        id: SubmissionId,
        lang: Lang,
        (answers, summary): (BTreeMap<QuestionId, String>, Option<String>),
    ) -> Result<Translation, DecideRefusal> {
        actor.require(Role::Secretary).map_err(|_| DecideRefusal::Forbidden)?;
        let answers = answers
            .into_iter()
            .map(|(question, text)| Ok((question, hygiene::prose(&text, ANSWER_CHARS_MAX)?)))
            .collect::<Result<BTreeMap<_, _>, BadText>>()?;
        let summary = summary.map(|text| hygiene::prose(&text, PROSE_CHARS_MAX)).transpose()?;
        if !stored::fits(&answers) {
            return Err(DecideRefusal::Text(BadText::TooLong));
        }
        let (forum, actor) = (self.clone(), actor.name().to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let kept = sql::get(tx, id).await?.ok_or(DecideRefusal::NoSuchSubmission)?;
                let gate = calls::gate_of_id(tx, kept.entry.call).await?;
                let kind = "forum_submission_translated";
                let at = forum.decision(tx, kind, (&kept.entry, &gate), (&actor, None)).await?;
                if gate.is_sealed(at) {
                    return Err(DecideRefusal::Sealed);
                }
                if kept.entry.lang.as_str() == lang.tag() {
                    return Err(DecideRefusal::State);
                }
                let document = sql::document(tx, id).await?;
                let said = super::read::said(&document.canonical);
                if answers.keys().any(|question| !said.answers.contains_key(question)) {
                    return Err(DecideRefusal::Text(BadText::Empty));
                }
                let translation = Translation {
                    lang,
                    answers: answers.clone(),
                    summary: summary.clone(),
                    of: kept.entry.digest,
                    translated_at: at,
                    is_stale: matches!(kept.entry.state, State::Superseded { .. }),
                };
                sql::put_translation(tx, id, &translation).await?;
                Ok(translation)
            })
            .await
    }

    /// Logs what was decided on a submission. Once its call is published the record has what the list of submissions said of
    /// it then, so that an export can show that it was published.
    async fn decision(
        &self,
        tx: &mut Tx<'_>,
        kind: &'static str,
        (entry, gate): (&Entry, &Gate),
        (actor, reason): (&str, Option<&str>),
    ) -> Result<Instant, ::store::Error> {
        let mut members = self.of_submission(entry);
        if gate.is_published() {
            let shown = matches!(entry.state, State::Published);
            let published = json!({
                "state": entry.state.word().as_str(),
                "digest": shown.then(|| hex(&entry.digest)),
                "standing": shown.then(|| entry.standing.as_str()),
            });
            members.insert("published".to_owned(), published);
        }
        self.on_submission(tx, kind, entry.id, (actor, reason), members).await
    }

    /// Logs who recorded a submission that came on paper.
    pub(super) async fn recorded(
        &self,
        tx: &mut Tx<'_>,
        entry: &Entry,
        actor: &str,
    ) -> Result<Instant, ::store::Error> {
        let members = self.of_submission(entry);
        self.on_submission(tx, "forum_submission_recorded", entry.id, (actor, None), members).await
    }

    /// Logs that a submission was replaced by another.
    pub(super) async fn superseded(
        &self,
        tx: &mut Tx<'_>,
        entry: &Entry,
        by: SubmissionId,
    ) -> Result<Instant, ::store::Error> {
        let mut members = self.of_submission(entry);
        members.insert("superseded_by".to_owned(), by.to_string().into());
        self.on_submission(tx, "forum_submission_superseded", entry.id, ("party", None), members).await
    }

    /// What the record of each act on a submission says: with it an export shows what is said of one that is not published.
    fn of_submission(&self, entry: &Entry) -> Map<String, Value> {
        record([
            ("call", self.call_address(&entry.symbol).into()),
            ("submission", entry.id.to_string().into()),
            ("received_at", entry.received_at.rfc3339().into()),
            ("in_grace", entry.in_grace.into()),
        ])
    }

    async fn on_submission(
        &self,
        tx: &mut Tx<'_>,
        kind: &'static str,
        id: SubmissionId,
        (actor, reason): (&str, Option<&str>),
        record: Map<String, Value>,
    ) -> Result<Instant, ::store::Error> {
        let doing = Doing { kind, about: About::Submission, subject: id.as_i64(), actor, reason, record };
        Ok(self.act(tx, doing).await?.received_at)
    }
}
