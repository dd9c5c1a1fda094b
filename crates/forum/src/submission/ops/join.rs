//! The link by which a meeting is joined: for those alone whose registration was admitted (invariant I15). It is in no
//! view, no export and no leaf of the log.

use ::store::Tx;
use base::limits::ADDRESS_BYTES_MAX;
use web::{Actor, session::Role};

use super::super::{
    listed::ReadRefusal,
    model::{Standing, StateWord},
    store as sql,
};
use crate::{
    CallKind, CallRefusal, Forum, SubmissionId,
    act::record,
    call::store as calls,
    hygiene::{self, BadText},
};

/// A link that opens a meeting. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinLink(String);

impl JoinLink {
    /// Its address, for the one who may join.
    pub fn address(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for JoinLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JoinLink")
    }
}

impl Forum {
    /// Sets, or replaces, the link of the meeting to which a call registers. The log says that it was set.
    pub async fn set_join_link(&self, actor: &Actor, symbol: &str, link: &str) -> Result<(), CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let link = hygiene::line(link, ADDRESS_BYTES_MAX)?;
        if !link.starts_with("https://") || link.contains(char::is_whitespace) {
            return Err(CallRefusal::Text(BadText::Deceives));
        }
        let (forum, actor, symbol) = (self.clone(), actor.name().to_owned(), symbol.to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let found = calls::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)?;
                if found.said.kind != CallKind::Registration {
                    return Err(CallRefusal::State);
                }
                let members = record([("call", symbol.as_str().into())]);
                forum.call_act(tx, "forum_call_join_link_set", found.id, (&actor, None), members).await?;
                Ok(calls::put_join_link(tx, found.id, &link).await?)
            })
            .await
    }

    /// The link, for the party whose registration this is: nothing, unless it was admitted and there is one.
    pub async fn join_link(
        &self,
        standing: &Standing,
        id: SubmissionId,
    ) -> Result<Option<JoinLink>, ReadRefusal> {
        let key = standing.key;
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                let kept = sql::get(tx, id).await?.filter(|kept| kept.party == key);
                let entry = kept.ok_or(ReadRefusal::NotFound)?.entry;
                let is_admitted = matches!(
                    entry.state.word(),
                    StateWord::Admissible | StateWord::Published | StateWord::Counted
                );
                if !is_admitted {
                    return Ok(None);
                }
                Ok(calls::join_link(tx, entry.call).await?.map(JoinLink))
            })
            .await
    }
}
