//! What a publication commits to: every file of an export that is about the call itself, kept as it is then, and the list
//! of submissions. So an export is the same however late it is made, whatever was translated or configured since.

use std::collections::BTreeMap;

use ::store::{Error, Tx};
use formats::json;
use serde_json::{Value, json};

use super::{
    documents,
    layout::{self, hex},
    readme,
    store::{self as sql, Kept},
};
use crate::{Call, Forum, StateWord, circular::store as circulars, stored};

impl Forum {
    /// Keeps the files of a call that is being published; the digest of each, and of the list of submissions, by path.
    pub(crate) async fn freeze(
        &self,
        tx: &mut Tx<'_>,
        call: &Call,
    ) -> Result<BTreeMap<String, [u8; 32]>, Error> {
        let address = self.call_address(&call.said.symbol);
        let circular = match &call.said.circular {
            Some(symbol) => circulars::get(tx, symbol).await?.filter(|circular| circular.sent_at.is_some()),
            None => None,
        };
        let mut acts = Vec::new();
        for (_, leaf) in sql::acts(tx, call.id, circular.as_ref().map(|c| c.id)).await? {
            acts.extend(log::commitment_of(tx, leaf).await?.map(|commitment| hex(&commitment)));
        }
        let export = json!({
            "type": layout::TYPE, "forum": self.config.identifier, "call": address, "acts": acts,
        });
        let mut files = vec![
            (layout::EXPORT.to_owned(), json::canonical(&export)),
            (layout::README.to_owned(), readme::text(call, &address).into_bytes()),
            (layout::CALL.to_owned(), documents::call(call)),
            (layout::ANCHORS.to_owned(), self.config.anchors.clone().into_bytes()),
        ];
        if let Some(circular) = &circular {
            files.push((layout::CIRCULAR.to_owned(), documents::circular(circular)));
        }
        for (version, form) in sql::forms(tx, call.id).await? {
            files.extend(stored::parse(&form).map(|form| (layout::form(version), documents::form(&form))));
        }
        let mut digests = BTreeMap::new();
        for (path, content) in files {
            sql::keep(tx, call.id, &path, &content).await?;
            digests.insert(path, crypto::sha256(&content));
        }
        let list = list(&sql::submissions(tx, call.id).await?);
        digests.insert(layout::SUBMISSIONS.to_owned(), crypto::sha256(&list));
        Ok(digests)
    }
}

/// The list of submissions: canonical JSON, made line by line, since there may be a hundred thousand.
pub(crate) fn list(rows: &[Kept]) -> Vec<u8> {
    let mut list = b"[".to_vec();
    for (n, row) in rows.iter().enumerate() {
        if n > 0 {
            list.push(b',');
        }
        list.extend(json::canonical(&line(row)));
    }
    list.push(b']');
    list
}

/// A submission, as the list has it: of one that is not published neither digest nor how it came.
fn line(row: &Kept) -> Value {
    let shown = is_published(row);
    json!({
        "id": row.id.to_string(),
        "state": row.state,
        "reason": row.reason,
        "superseded_by": row.superseded_by.map(|id| id.to_string()),
        "received_at": row.received_at.rfc3339(),
        "in_grace": row.in_grace,
        "leaf": row.leaf.to_string(),
        "commitment": hex(&row.commitment),
        "standing": shown.then_some(&row.standing),
        "digest": shown.then(|| hex(&row.digest)),
    })
}

pub(crate) fn is_published(row: &Kept) -> bool {
    row.state == StateWord::Published.as_str()
}
