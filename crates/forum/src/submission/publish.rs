//! Publish a call: what was received and not refused can be read by everybody, and its counts add up.

use ::store::Tx;
use base::Instant;
use serde_json::Map;
use web::{Actor, session::Role};

use super::{
    listed::{self, counts_of},
    model::{Counts, StateWord},
};
use crate::{
    Call, Forum, Stage,
    act::record,
    call::{
        model::{CallState, Policy},
        ops::CallRefusal,
        store as calls,
    },
    export::{self, layout::hex},
};

/// A call that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The call, as it is now.
    pub call: Call,
    /// Its counts.
    pub counts: Counts,
}

impl Forum {
    /// Publishes a closed call in one write, as its policy says: with everything that was received and neither refused nor
    /// withheld, or with counts alone. The log's leaf commits to the list of all submissions, and to each file that an
    /// export will have of the call itself, which are kept as they are now.
    pub async fn publish_call(&self, actor: &Actor, symbol: &str) -> Result<Publication, CallRefusal> {
        actor.require(Role::Secretary).map_err(|_| CallRefusal::Forbidden)?;
        let (forum, actor, symbol) = (self.clone(), actor.name().to_owned(), symbol.to_owned());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let found = calls::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)?;
                // Looked at before all the work; what decides is the time in the receipt.
                if found.state(forum.clock.now()) != CallState::Closed {
                    return Err(CallRefusal::State);
                }
                let to = match found.said.policy {
                    Policy::NeverWithCounts => StateWord::Counted,
                    Policy::AtOnce | Policy::AtClose | Policy::SealedUntilClose => StateWord::Published,
                };
                listed::store::publish_all(tx, found.id, to.as_str()).await?;
                if matches!(found.said.policy, Policy::AtClose | Policy::SealedUntilClose) {
                    listed::store::list_all(tx, found.id).await?;
                }
                listed::store::count_again(tx, found.id).await?;
                let counts = counts_of(tx, found.id).await?;
                let files: Map<_, _> = forum
                    .freeze(tx, &found)
                    .await?
                    .into_iter()
                    .map(|(path, digest)| (path, hex(&digest).into()))
                    .collect();
                let members = record([
                    ("call", symbol.as_str().into()),
                    ("counts", counted(&counts)),
                    ("files", files.into()),
                ]);
                let at: Instant =
                    forum.call_act(tx, export::PUBLISHED, found.id, (&actor, None), members).await?;
                if found.state(at) != CallState::Closed {
                    return Err(CallRefusal::State);
                }
                calls::set_stage(tx, found.id, Stage::Published, at, None).await?;
                let call = calls::get(tx, &symbol).await?.ok_or(CallRefusal::NoSuchCall)?;
                Ok(Publication { call, counts })
            })
            .await
    }
}

fn counted(c: &Counts) -> serde_json::Value {
    serde_json::json!({
        "received": c.received, "published": c.published, "counted": c.counted, "withheld": c.withheld,
        "inadmissible": c.inadmissible, "superseded": c.superseded, "withdrawn": c.withdrawn,
    })
}
