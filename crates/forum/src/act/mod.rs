//! Acts: who did what, when and why. Each is a leaf of the log and, but for what is received, a row of the desk's history.

pub(crate) mod api;
pub(crate) mod store;

use ::store::Tx;
use base::Instant;
use crypto::random_array;
use formats::json;
use log::Receipt;
use serde_json::{Map, Value};

use crate::{ActId, Forum, notice, spelled::spelled};

spelled! {
    /// What an act is about.
    pub enum About {
        /// A circular.
        Circular = "circular",
        /// A call.
        Call = "call",
        /// A submission.
        Submission = "submission",
        /// The list of those who are told of circulars: there is one, so its subject is 0.
        Addressees = "addressees",
    }
}

/// An act, as the desk's history shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActDone {
    /// Its id.
    pub id: ActId,
    /// What was done: `call_extended`.
    pub act: String,
    /// Who did it.
    pub actor: String,
    /// Why, where a reason belongs to it.
    pub reason: Option<String>,
    /// Its leaf in the log.
    pub leaf: Option<log::LeafId>,
    /// When: the time in the log's receipt.
    pub done_at: Instant,
}

/// An act that is under way.
pub(crate) struct Doing<'a> {
    /// `forum_call_extended`: the log's kind; without `forum_` that of the history.
    pub(crate) kind: &'static str,
    pub(crate) about: About,
    pub(crate) subject: i64,
    pub(crate) actor: &'a str,
    pub(crate) reason: Option<&'a str>,
    /// What else is to be provable.
    pub(crate) record: Map<String, Value>,
}

impl Forum {
    /// Logs an act and writes it into the history. Its time is the one that decides.
    pub(crate) async fn act(&self, tx: &mut Tx<'_>, doing: Doing<'_>) -> Result<Receipt, ::store::Error> {
        let mut record = doing.record;
        record.insert("actor".to_owned(), doing.actor.into());
        if let Some(reason) = doing.reason {
            record.insert("reason".to_owned(), reason.into());
        }
        let about =
            record.get("circular").filter(|_| doing.about == About::Circular).or_else(|| record.get("call"));
        let about = about.and_then(Value::as_str).unwrap_or_default().to_owned();
        let receipt = self.leaf(tx, self.log.now(), doing.kind, record).await?;
        notice::announce::of_act(tx, doing.kind, &about, receipt.received_at).await?;
        let act = ActDone {
            id: ActId::from_random(random_array(&*self.random)),
            act: doing.kind.trim_start_matches("forum_").to_owned(),
            actor: doing.actor.to_owned(),
            reason: doing.reason.map(str::to_owned),
            leaf: Some(receipt.leaf),
            done_at: receipt.received_at,
        };
        store::insert(tx, doing.about, doing.subject, &act).await?;
        Ok(receipt)
    }

    /// Logs an act that the history does not name. Its record says when it was, as the receipt does.
    pub(crate) async fn leaf(
        &self,
        tx: &mut Tx<'_>,
        at: Instant,
        kind: &'static str,
        mut record: Map<String, Value>,
    ) -> Result<Receipt, ::store::Error> {
        record.insert("act".to_owned(), kind.into());
        record.insert("at".to_owned(), at.rfc3339().into());
        record.insert("forum".to_owned(), self.config.identifier.as_str().into());
        let record = json::canonical(&Value::Object(record));
        self.log.append_at(tx, at, &log::Act { kind, record: &record }).await
    }
}

/// The members of a record.
pub(crate) fn record<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A reason: a few sentences.
pub(crate) fn reason(text: &str) -> Option<String> {
    crate::hygiene::prose(text, base::limits::REASON_CHARS_MAX).ok()
}
