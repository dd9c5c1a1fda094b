//! The circular, the call and the form as an export has them: canonical JSON (RFC 8785) of what everybody can read.

use formats::json;
use serde_json::{Value, json};

use crate::{Call, Circular, Deadline, FileRef, Form};

fn files(files: &[FileRef]) -> Vec<Value> {
    let one = |f: &FileRef| json!({ "sha256": f.digest_hex(), "name": f.name, "media_type": f.media_type, "size": f.size });
    files.iter().map(one).collect()
}

fn deadline(d: &Deadline) -> Value {
    json!({ "instant": d.instant.rfc3339(), "zone": d.zone, "wording": d.wording.as_str() })
}

/// A circular.
pub(crate) fn circular(circular: &Circular) -> Vec<u8> {
    let said = &circular.said;
    json::canonical(&json!({
        "type": "urn:sahihi:circular:1",
        "symbol": said.symbol,
        "dated": said.dated,
        "signatory": said.signatory,
        "addressees": said.addressees.iter().map(|class| class.as_str()).collect::<Vec<_>>(),
        "copies": said.copies,
        "subject": said.subject,
        "text": said.text,
        "annexes": files(&said.annexes),
        "contact": said.contact,
        "amends": said.amends,
    }))
}

/// A call, with every deadline that it had.
pub(crate) fn call(call: &Call) -> Vec<u8> {
    let said = &call.said;
    let extensions: Vec<Value> = call
        .extensions
        .iter()
        .map(|e| json!({ "from": deadline(&e.from), "to": deadline(&e.to), "reason": e.reason }))
        .collect();
    json::canonical(&json!({
        "type": "urn:sahihi:call:1",
        "symbol": said.symbol,
        "circular": said.circular,
        "kind": said.kind.as_str(),
        "title": said.title,
        "introduction": said.introduction,
        "audience": said.audience.iter().map(|class| class.as_str()).collect::<Vec<_>>(),
        "languages": said.languages,
        "form_version": said.form.version,
        "opens": said.opens.rfc3339(),
        "closes": deadline(&said.closes),
        "extensions": extensions,
        "grace_ms": said.grace_ms,
        "modify_until": said.modify_until.map(base::Instant::rfc3339),
        "party_limit": said.party_limit,
        "policy": said.policy.as_str(),
        "contact": said.contact,
        "documents": files(&said.documents),
    }))
}

/// A version of a form.
pub(crate) fn form(form: &Form) -> Vec<u8> {
    json::canonical(&json!(form))
}
