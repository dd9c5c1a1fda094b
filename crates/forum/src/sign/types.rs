//! What a wallet shows to who signs: our own types of transaction data (`docs/adr/007-transaction-data-types.md`).

use base::{Lang, Texts};
use serde_json::{Map, Value, json};

use ask::{Label, TransactionType};

use crate::{Call, SubmissionId, draft::content::Said, texts::T};

/// The path of the type with which a submission is signed.
pub(crate) const SUBMISSION: &str = "/types/submission/1";
/// The path of the type with which one is taken back.
pub(crate) const WITHDRAWAL: &str = "/types/withdrawal/1";

/// A text in six languages.
pub(crate) fn six(text: impl Fn(T) -> String) -> Option<Texts> {
    let all: std::collections::BTreeMap<Lang, String> =
        Lang::ALL.into_iter().map(|lang| (lang, text(T(lang)))).collect();
    Texts::try_from(all).ok()
}

fn label(member: &str, text: fn(T) -> &'static str) -> Option<Label> {
    Some(Label { path: vec![member.to_owned()], label: six(|t| text(t).to_owned())? })
}

/// A submission: what a wallet shows is the call, the party and the digest of the canonical text.
pub(crate) fn submission() -> Option<TransactionType> {
    Some(TransactionType {
        path: SUBMISSION.to_owned(),
        schema: json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "required": ["title", "call", "party", "digest"],
            "properties": {
                "title": { "type": "string", "minLength": 1, "maxLength": 300 },
                "call": { "type": "string", "format": "uri", "maxLength": 2_048 },
                "party": { "type": "string", "minLength": 1, "maxLength": 300 },
                "supersedes": { "type": "string", "pattern": "^sub_[0-9a-f]{16}$" },
                "digest": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            },
        }),
        title: six(|t| t.submission_type_title().to_owned())?,
        action: six(|t| t.submission_type_action().to_owned())?,
        labels: vec![
            label("title", T::submission_type_heading)?,
            label("call", T::submission_type_call)?,
            label("party", T::submission_type_party)?,
            label("supersedes", T::submission_type_supersedes)?,
            label("digest", T::submission_type_digest)?,
        ],
    })
}

/// The withdrawal of a submission.
pub(crate) fn withdrawal() -> Option<TransactionType> {
    Some(TransactionType {
        path: WITHDRAWAL.to_owned(),
        schema: json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "required": ["title", "call", "submission", "digest"],
            "properties": {
                "title": { "type": "string", "minLength": 1, "maxLength": 300 },
                "call": { "type": "string", "format": "uri", "maxLength": 2_048 },
                "submission": { "type": "string", "pattern": "^sub_[0-9a-f]{16}$" },
                "digest": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            },
        }),
        title: six(|t| t.withdrawal_type_title().to_owned())?,
        action: six(|t| t.withdrawal_type_action().to_owned())?,
        labels: vec![
            label("title", T::submission_type_heading)?,
            label("call", T::submission_type_call)?,
            label("submission", T::withdrawal_type_submission)?,
            label("digest", T::submission_type_digest)?,
        ],
    })
}

/// What is signed with a submission.
pub(crate) fn submission_payload(
    address: &str,
    call: &Call,
    said: &Said,
    digest: &[u8; 32],
) -> Map<String, Value> {
    let mut payload = Map::new();
    payload.insert("title".to_owned(), call.said.title.original_text().into());
    payload.insert("call".to_owned(), address.into());
    payload.insert("party".to_owned(), said.name.as_str().into());
    if let Some(earlier) = said.supersedes {
        payload.insert("supersedes".to_owned(), earlier.to_string().into());
    }
    payload.insert("digest".to_owned(), base16ct::lower::encode_string(digest).into());
    payload
}

/// What is signed with a withdrawal: `digest` is that of the submission's canonical text.
pub(crate) fn withdrawal_payload(
    address: &str,
    call: &Call,
    id: SubmissionId,
    digest: &[u8; 32],
) -> Map<String, Value> {
    let mut payload = Map::new();
    payload.insert("title".to_owned(), call.said.title.original_text().into());
    payload.insert("call".to_owned(), address.into());
    payload.insert("submission".to_owned(), id.to_string().into());
    payload.insert("digest".to_owned(), base16ct::lower::encode_string(digest).into());
    payload
}
