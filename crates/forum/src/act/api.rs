//! An act, as the secretariat's programs see it.

use schemars::JsonSchema;
use serde::Serialize;
use web::openapi::leaf::{IdOf, Time};

use super::ActDone;
use crate::{ActId, ActKind};

/// Who did what, when and why.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ForumAct")]
pub(crate) struct ActView {
    #[schemars(with = "IdOf<ActKind>")]
    id: ActId,
    /// What was done: `call_extended`.
    act: String,
    actor: String,
    reason: Option<String>,
    /// Its leaf in the log: its receipt is under `/log/receipts/`.
    #[schemars(with = "Option<String>")]
    leaf: Option<log::LeafId>,
    #[schemars(with = "Time")]
    at: String,
}

/// A history.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ForumHistory")]
pub(crate) struct HistoryView {
    /// The oldest first.
    acts: Vec<ActView>,
}

impl From<Vec<ActDone>> for HistoryView {
    fn from(acts: Vec<ActDone>) -> Self {
        let view = |a: ActDone| ActView {
            id: a.id,
            act: a.act,
            actor: a.actor,
            reason: a.reason,
            leaf: a.leaf,
            at: a.done_at.rfc3339(),
        };
        Self { acts: acts.into_iter().map(view).collect() }
    }
}
