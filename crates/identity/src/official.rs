//! Changes of the register are official acts: each becomes a leaf of the party's log, in the write that makes it.
//!
//! The leaf is a salted commitment. Its record says which subject changed, who did it and when, and the digest of what is
//! known since; not what is known, nor why.

use base::Instant;
use log::{Act, record};
use serde_json::{Value, json};
use store::Tx;

/// A change of the register.
pub(crate) struct Change<'a> {
    /// What was done: `registered`, `amended`, `mandate_recorded`, `mandate_ended`, `imported`.
    pub(crate) act: &'a str,
    /// To what, by its id.
    pub(crate) subject: String,
    /// Which version of it this is, from 1.
    pub(crate) version: i64,
    /// What is known of it since.
    pub(crate) content_sha256: [u8; 32],
    /// Who did it.
    pub(crate) by: &'a str,
    /// When.
    pub(crate) at: Instant,
}

/// Appends a change to the log, if there is one.
pub(crate) async fn append(
    log: Option<&log::Log>,
    tx: &mut Tx<'_>,
    change: &Change<'_>,
) -> Result<(), store::Error> {
    let Some(log) = log else { return Ok(()) };
    let record = record(&json!({
        "type": "urn:sahihi:act:register_change:1",
        "act": change.act,
        "subject": change.subject,
        "version": change.version,
        "content_sha256": base16ct::lower::encode_string(&change.content_sha256),
        "by": change.by,
        "at": change.at.rfc3339(),
    }));
    log.append(tx, &Act { kind: "register_change", record: &record }).await.map(drop)
}

/// The digest of what is known, as canonical JSON.
pub(crate) fn digest(content: &Value) -> [u8; 32] {
    crypto::sha256(&record(content))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
