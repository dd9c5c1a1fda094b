//! That a call opened or closed becomes a leaf of the log. Nothing depends on it: whether a call is open follows from the
//! clock, whenever somebody asks.

use ::store::{Error, Tx};
use base::limits::PAGE_ROWS_MAX;

use super::store as sql;
use crate::{Forum, act::record};

impl Forum {
    /// Notes the calls that have opened or closed since it was last asked, each once, whichever instance does it; how many
    /// calls.
    pub async fn note_passages(&self) -> Result<u64, Error> {
        let at = self.clock.now();
        let read = async move |tx: &mut Tx<'_>| sql::passed(tx, at, PAGE_ROWS_MAX).await;
        let passed = self.store.read(read).await?;
        for symbol in &passed {
            let (forum, symbol) = (self.clone(), symbol.clone());
            let note = async move |tx: &mut Tx<'_>| {
                let Some(call) = sql::get(tx, &symbol).await? else { return Ok(()) };
                let (opens, ends) = (call.window().opens, call.window().ends());
                for (what, kind, since) in
                    [("opened", "forum_call_opened", opens), ("closed", "forum_call_closed", ends)]
                {
                    if since <= at && sql::note_passage(tx, call.id, what).await? {
                        let members =
                            record([("call", symbol.as_str().into()), ("since", since.rfc3339().into())]);
                        forum.call_act(tx, kind, call.id, ("clock", None), members).await?;
                    }
                }
                Ok::<_, Error>(())
            };
            self.store.write(note).await?;
        }
        Ok(u64::try_from(passed.len()).unwrap_or(u64::MAX))
    }
}
