//! What everybody may list, by filter, and counts.

pub(crate) mod store;

use ::store::Tx;
use base::limits::PAGE_ROWS_MAX;

use super::model::{After, Counts, FacetCount, Facets, Filter, Listed, StateWord};
use crate::{
    CallId, Forum, QuestionId,
    call::{model::Stage, store as calls},
    stored,
};

/// Why nothing was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadRefusal {
    /// Whoever asks has not the role of the secretariat.
    #[error("this is the secretariat's to read")]
    Forbidden,
    /// There is none, or it is not public.
    #[error("there is none, or it is not public")]
    NotFound,
    /// The call is sealed until it closes.
    #[error("the call is sealed until it closes")]
    Sealed,
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

async fn public_call(tx: &mut Tx<'_>, symbol: &str) -> Result<calls::Gate, ReadRefusal> {
    let gate = calls::gate_of(tx, symbol).await?.ok_or(ReadRefusal::NotFound)?;
    if gate.stage == Stage::Draft { Err(ReadRefusal::NotFound) } else { Ok(gate) }
}

impl Forum {
    /// A page of what is published of a call: at most `limit` submissions, and at most [`PAGE_ROWS_MAX`].
    pub async fn list(
        &self,
        symbol: &str,
        filter: Filter,
        after: Option<After>,
        limit: i64,
    ) -> Result<Listed, ReadRefusal> {
        let (symbol, limit) = (symbol.to_owned(), limit.clamp(1, PAGE_ROWS_MAX));
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let gate = public_call(tx, &symbol).await?;
                if !gate.is_open_to_readers() {
                    return Ok(Listed { entries: Vec::new(), next: None });
                }
                // One more than is answered says whether there is a next page.
                let mut entries = store::list(tx, gate.id, &filter, after, limit + 1).await?;
                let is_more = i64::try_from(entries.len()).is_ok_and(|n| n > limit);
                if is_more {
                    entries.pop();
                }
                let last = entries.last().map(|e| After { received_at: e.received_at, id: e.id });
                Ok(Listed { entries, next: last.filter(|_| is_more) })
            })
            .await
    }

    /// How many submissions a call has in which state (invariant I4). Before what was submitted is published, only how many
    /// came is said (I5).
    pub async fn counts(&self, symbol: &str) -> Result<Counts, ReadRefusal> {
        let symbol = symbol.to_owned();
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let gate = public_call(tx, &symbol).await?;
                let all = counts_of(tx, gate.id).await?;
                if gate.is_open_to_readers() {
                    return Ok(all);
                }
                Ok(Counts { received: all.received, waiting: all.received, ..Counts::default() })
            })
            .await
    }

    /// By what the published submissions of a call can be filtered, with counts.
    pub async fn facets(&self, symbol: &str) -> Result<Facets, ReadRefusal> {
        let symbol = symbol.to_owned();
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let gate = public_call(tx, &symbol).await?;
                let mut facets = Facets::default();
                if !gate.is_open_to_readers() {
                    return Ok(facets);
                }
                for (facet, value, count) in store::counts(tx, gate.id).await? {
                    if count <= 0 {
                        continue;
                    }
                    match facet.as_str() {
                        "class" => push(&mut facets.classes, stored::word(&value), count),
                        "region" => push(&mut facets.regions, stored::word(&value), count),
                        "country" => push(&mut facets.countries, stored::word(&value), count),
                        "lang" => push(&mut facets.langs, Some(value), count),
                        "question" => push(&mut facets.questions, QuestionId::new(&value), count),
                        _ => {}
                    }
                }
                Ok(facets)
            })
            .await
    }
}

fn push<T>(to: &mut Vec<FacetCount<T>>, value: Option<T>, count: i64) {
    to.extend(value.map(|value| FacetCount { value, count }));
}

/// The counts as they are.
pub(crate) async fn counts_of(tx: &mut Tx<'_>, call: CallId) -> Result<Counts, ::store::Error> {
    let mut counts = Counts::default();
    for (facet, value, n) in store::counts(tx, call).await? {
        match facet.as_str() {
            "total" => counts.received = n,
            "state" => {
                let place = match stored::word(&value) {
                    Some(StateWord::Received | StateWord::Admissible) => &mut counts.waiting,
                    Some(StateWord::Published) => &mut counts.published,
                    Some(StateWord::Counted) => &mut counts.counted,
                    Some(StateWord::Withheld) => &mut counts.withheld,
                    Some(StateWord::Inadmissible) => &mut counts.inadmissible,
                    Some(StateWord::Superseded) => &mut counts.superseded,
                    Some(StateWord::Withdrawn) => &mut counts.withdrawn,
                    None => continue,
                };
                *place += n;
            }
            _ => {}
        }
    }
    Ok(counts)
}
