//! Publish a call: what was received and not refused can be read by everybody, and its counts add up.

use ::store::Tx;
use base::Instant;
use serde_json::{Map, Value};
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
    export::documents,
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
    /// withheld, or with counts alone. The log's leaf commits to the digest of each submission, and to
    /// the form.
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
                let digests = listed::store::digests(tx, found.id, to.as_str()).await?;
                let mut members = said(&symbol, &counts, &digests);
                let asked = crypto::sha256(&documents::form(&found.said.form));
                members.insert("form".to_owned(), base16ct::lower::encode_string(&asked).into());
                let at: Instant =
                    forum.call_act(tx, "forum_call_published", found.id, (&actor, None), members).await?;
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

/// What the log's leaf says: the counts, and the digest of the digests.
fn said(symbol: &str, c: &Counts, digests: &[(crate::SubmissionId, [u8; 32])]) -> Map<String, Value> {
    let mut all = Vec::with_capacity(digests.len() * 40);
    for (id, digest) in digests {
        all.extend_from_slice(&id.as_i64().to_be_bytes());
        all.extend_from_slice(digest);
    }
    let counts = serde_json::json!({
        "received": c.received, "published": c.published, "counted": c.counted, "withheld": c.withheld,
        "inadmissible": c.inadmissible, "superseded": c.superseded, "withdrawn": c.withdrawn,
    });
    record([
        ("call", symbol.into()),
        ("counts", counts),
        ("submissions", base16ct::lower::encode_string(&crypto::sha256(&all)).into()),
    ])
}
