//! Who may read what of a submission.

use ::store::Tx;
use base::limits::PAGE_ROWS_MAX;
use formats::json;
use serde::Deserialize;
use web::{Actor, session::Role};

use super::super::{
    listed::{ReadRefusal, counts_of},
    model::{After, Counts, Entry, Listed, Standing, State, StateWord, Submission},
    store::{self as sql, Kept},
};
use crate::{Answers, Forum, SubmissionId, call::store as calls};

/// What everybody is told of a submission of a call whose submissions can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Public {
    /// It is published.
    Whole(Box<Submission>),
    /// It is not, and this is why.
    Gone(Gone),
}

/// What is said of a submission that nobody can read: neither who sent it nor what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Its id.
    pub id: SubmissionId,
    /// The symbol of its call.
    pub symbol: String,
    /// When it was received.
    pub received_at: base::Instant,
    /// Its state, with the reason.
    pub state: State,
}

/// What a canonical text says that is not in an entry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Said {
    pub(crate) answers: Answers,
    pub(crate) summary: Option<String>,
}

/// Reads a canonical text of ours.
pub(crate) fn said(canonical: &[u8]) -> Said {
    json::parse_as(canonical).unwrap_or_default()
}

impl From<Entry> for Gone {
    fn from(entry: Entry) -> Self {
        Self { id: entry.id, symbol: entry.symbol, received_at: entry.received_at, state: entry.state }
    }
}

impl Forum {
    /// A submission, as everybody may read it.
    pub async fn submission(&self, id: SubmissionId) -> Result<Public, ReadRefusal> {
        let forum = self.clone();
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let kept = sql::get(tx, id).await?.ok_or(ReadRefusal::NotFound)?;
                let gate = calls::gate_of_id(tx, kept.entry.call).await?;
                if !gate.is_open_to_readers() {
                    return Err(ReadRefusal::NotFound);
                }
                match kept.entry.state {
                    State::Published => Ok(Public::Whole(Box::new(forum.whole(tx, kept).await?))),
                    _ => Ok(Public::Gone(kept.entry.into())),
                }
            })
            .await
    }

    /// Those of a call that are not published, with the reason: a page of one state.
    pub async fn gone(
        &self,
        symbol: &str,
        state: StateWord,
        after: Option<After>,
    ) -> Result<Vec<Gone>, ReadRefusal> {
        let symbol = symbol.to_owned();
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let gate = calls::gate_of(tx, &symbol).await?.ok_or(ReadRefusal::NotFound)?;
                if !gate.is_open_to_readers() || state == StateWord::Published {
                    return Ok(Vec::new());
                }
                let found = sql::in_state(tx, gate.id, state, after, PAGE_ROWS_MAX).await?;
                Ok(found.into_iter().map(Gone::from).collect())
            })
            .await
    }

    /// A submission, as the party that sent it may read it at any time.
    pub async fn own_submission(
        &self,
        standing: &Standing,
        id: SubmissionId,
    ) -> Result<Submission, ReadRefusal> {
        let (forum, key) = (self.clone(), standing.key);
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let kept = sql::get(tx, id).await?.filter(|kept| kept.party == key);
                Ok(forum.whole(tx, kept.ok_or(ReadRefusal::NotFound)?).await?)
            })
            .await
    }

    /// A submission, as the secretariat reads it: whole, unless its call is sealed.
    pub async fn submission_of_desk(
        &self,
        actor: &Actor,
        id: SubmissionId,
    ) -> Result<Submission, ReadRefusal> {
        actor.require(Role::Secretary).map_err(|_| ReadRefusal::Forbidden)?;
        let forum = self.clone();
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let kept = sql::get(tx, id).await?.ok_or(ReadRefusal::NotFound)?;
                let gate = calls::gate_of_id(tx, kept.entry.call).await?;
                if gate.is_sealed(forum.clock.now()) {
                    return Err(ReadRefusal::Sealed);
                }
                Ok(forum.whole(tx, kept).await?)
            })
            .await
    }

    /// Those of a call in one state, as the secretariat lists them: in the order of receipt, a page at a time.
    pub async fn submissions_of_desk(
        &self,
        actor: &Actor,
        symbol: &str,
        state: StateWord,
        after: Option<After>,
    ) -> Result<Listed, ReadRefusal> {
        actor.require(Role::Secretary).map_err(|_| ReadRefusal::Forbidden)?;
        let (forum, symbol) = (self.clone(), symbol.to_owned());
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let gate = calls::gate_of(tx, &symbol).await?.ok_or(ReadRefusal::NotFound)?;
                if gate.is_sealed(forum.clock.now()) {
                    return Err(ReadRefusal::Sealed);
                }
                let mut entries = sql::in_state(tx, gate.id, state, after, PAGE_ROWS_MAX + 1).await?;
                let is_more = i64::try_from(entries.len()).is_ok_and(|n| n > PAGE_ROWS_MAX);
                if is_more {
                    entries.pop();
                }
                let last = entries.last().map(|e| After { received_at: e.received_at, id: e.id });
                Ok(Listed { entries, next: last.filter(|_| is_more) })
            })
            .await
    }

    /// Where a submission stands in a list.
    pub(crate) async fn submission_place(&self, id: SubmissionId) -> Result<Option<After>, ::store::Error> {
        let found = self.store.read(async move |tx: &mut Tx<'_>| sql::get(tx, id).await).await?;
        Ok(found.map(|kept: Kept| After { received_at: kept.entry.received_at, id }))
    }

    /// The counts of a call, as the secretariat sees them: all, unless it is sealed.
    pub async fn counts_of_desk(&self, actor: &Actor, symbol: &str) -> Result<Counts, ReadRefusal> {
        actor.require(Role::Secretary).map_err(|_| ReadRefusal::Forbidden)?;
        let (forum, symbol) = (self.clone(), symbol.to_owned());
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let gate = calls::gate_of(tx, &symbol).await?.ok_or(ReadRefusal::NotFound)?;
                let all = counts_of(tx, gate.id).await?;
                if gate.is_sealed(forum.clock.now()) {
                    return Ok(Counts { received: all.received, waiting: all.received, ..Counts::default() });
                }
                Ok(all)
            })
            .await
    }

    pub(crate) async fn whole(&self, tx: &mut Tx<'_>, kept: Kept) -> Result<Submission, ::store::Error> {
        let document = sql::document(tx, kept.entry.id).await?;
        let translations = sql::translations(tx, &kept.entry).await?;
        let said = said(&document.canonical);
        Ok(Submission {
            entry: kept.entry,
            canonical: document.canonical,
            answers: said.answers,
            files: document.files,
            summary: said.summary,
            evidence: document.evidence,
            scan: document.scan,
            leaf: kept.leaf,
            translations,
        })
    }
}
