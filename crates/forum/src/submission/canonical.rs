//! The canonical submission: the bytes whose SHA-256 somebody signs, and which are kept as they are.

use formats::json;
use serde_json::{Value, json};

use super::model::NewSubmission;

/// The canonical text (RFC 8785) of what is submitted to the call at `call_address`.
pub fn text(call_address: &str, new: &NewSubmission) -> Vec<u8> {
    let files: Vec<Value> = new
        .files
        .iter()
        .map(|f| json!({ "sha256": f.digest_hex(), "name": f.name, "media_type": f.media_type, "size": f.size }))
        .collect();
    let party = &new.party;
    let value = json!({
        "call": call_address,
        "form_version": new.form_version,
        "lang": new.lang,
        "answers": new.answers,
        "files": files,
        "summary": new.summary,
        "party": {
            "class": party.class,
            "name": party.name,
            "country": party.country,
            "person": party.person,
            "capacity": party.capacity,
        },
        "supersedes": new.supersedes,
    });
    json::canonical(&value)
}

/// Its SHA-256: what the transaction data of a signature carries.
pub fn digest(call_address: &str, new: &NewSubmission) -> [u8; 32] {
    crypto::sha256(&text(call_address, new))
}
