//! The same as JSON, for programs: at the same addresses, open to every origin.

use axum::response::Response;
use base::Instant;
use http::{HeaderValue, header};
use serde_json::{Map, Value, json};

use crate::{
    Forum,
    call::model::Call,
    circular::model::Circular,
    deadline::Deadline,
    submission::{
        model::{Counts, FileRef, State, Submission},
        ops::read::Gone,
    },
    words::Vouched,
};

/// What everybody may read, from everywhere.
pub(crate) fn open(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// A call.
pub(crate) fn call(forum: &Forum, call: &Call, at: Instant) -> Value {
    let said = &call.said;
    let address = forum.call_address(&said.symbol);
    json!({
        "symbol": said.symbol,
        "address": address,
        "submissions": format!("{address}/submissions.json"),
        "kind": said.kind,
        "state": call.state(at).as_str(),
        "reason": call.done.reason,
        "circular": said.circular,
        "title": said.title,
        "introduction": said.introduction,
        "audience": said.audience,
        "languages": said.languages,
        "opens": said.opens.rfc3339(),
        "closes": deadline(&said.closes),
        "grace_ms": said.grace_ms,
        "modify_until": said.modify_until.map(Instant::rfc3339),
        "extensions": call.extensions.iter().map(|e| json!({
            "from": deadline(&e.from),
            "to": deadline(&e.to),
            "reason": e.reason,
            "extended_at": e.extended_at.rfc3339(),
        })).collect::<Vec<_>>(),
        "party_limit": said.party_limit,
        "policy": said.policy,
        "contact": said.contact,
        "form": said.form,
        "documents": said.documents.iter().map(|file| self::file(forum, file)).collect::<Vec<_>>(),
        "published_at": call.published_at.map(Instant::rfc3339),
        "considered_at_item": call.considered_at_item,
    })
}

fn deadline(deadline: &Deadline) -> Value {
    json!({ "at": deadline.instant.rfc3339(), "zone": deadline.zone, "wording": deadline.wording })
}

fn file(forum: &Forum, file: &FileRef) -> Value {
    let digest = file.digest_hex();
    json!({
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": digest,
        "address": format!("{}/files/{digest}", forum.config.identifier),
    })
}

/// A circular.
pub(super) fn circular(forum: &Forum, circular: &Circular) -> Value {
    let said = &circular.said;
    json!({
        "symbol": said.symbol,
        "address": format!("{}/circulars/{}", forum.config.identifier, said.symbol),
        "dated": said.dated,
        "sent_at": circular.sent_at.map(Instant::rfc3339),
        "signatory": said.signatory,
        "addressees": said.addressees,
        "copies": said.copies,
        "subject": said.subject,
        "text": said.text,
        "annexes": said.annexes.iter().map(|file| self::file(forum, file)).collect::<Vec<_>>(),
        "contact": said.contact,
        "amends": said.amends,
        "amended_by": circular.amended_by,
        "opens": circular.opens,
    })
}

/// The counts of a call, all of them or only how many came.
pub(super) fn counts(counts: &Counts, total_only: bool) -> Value {
    if total_only {
        return json!({ "received": counts.received });
    }
    json!({
        "received": counts.received,
        "waiting": counts.waiting,
        "published": counts.published,
        "counted": counts.counted,
        "withheld": counts.withheld,
        "inadmissible": counts.inadmissible,
        "superseded": counts.superseded,
        "withdrawn": counts.withdrawn,
    })
}

/// A submission, as far as everybody may read it.
pub(super) fn submission(forum: &Forum, submission: &Submission) -> Value {
    let entry = &submission.entry;
    let address = format!("{}/submissions/{}", forum.config.identifier, entry.id);
    let translations: Vec<Value> = submission
        .translations
        .iter()
        .map(|t| {
            let answers: Map<String, Value> =
                t.answers.iter().map(|(id, text)| (id.to_string(), json!(text))).collect();
            json!({
                "lang": t.lang,
                "answers": answers,
                "summary": t.summary,
                "of": base16ct::lower::encode_string(&t.of),
                "is_stale": t.is_stale,
                "translated_at": t.translated_at.rfc3339(),
            })
        })
        .collect();
    json!({
        "id": entry.id.to_string(),
        "address": address,
        "original": format!("{address}/original.json"),
        "receipt": format!("{address}/receipt"),
        "call": entry.symbol,
        "form_version": entry.form_version,
        "lang": entry.lang.as_str(),
        "sha256": base16ct::lower::encode_string(&entry.digest),
        "party": {
            "name": entry.party.name,
            "class": entry.party.class,
            "country": entry.party.country,
            "region": entry.party.region(),
            "person": entry.party.person,
            "capacity": entry.party.capacity,
        },
        "standing": Vouched::of(entry).code(),
        "received_at": entry.received_at.rfc3339(),
        "in_grace": entry.in_grace,
        "supersedes": entry.supersedes.map(|id| id.to_string()),
        "state": entry.state.word(),
        "answers": submission.answers,
        "files": submission.files.iter().map(|f| file(forum, f)).collect::<Vec<_>>(),
        "summary": submission.summary,
        "translations": translations,
    })
}

/// What is said of a submission that nobody can read.
pub(super) fn gone(forum: &Forum, gone: &Gone) -> Value {
    let (reason, superseded_by) = match &gone.state {
        State::Inadmissible { reason } | State::Withheld { reason } => (Some(reason), None),
        State::Withdrawn { reason } => (reason.as_ref(), None),
        State::Superseded { by } => (None, Some(by.to_string())),
        State::Received | State::Admissible | State::Published | State::Counted => (None, None),
    };
    json!({
        "id": gone.id.to_string(),
        "address": format!("{}/submissions/{}", forum.config.identifier, gone.id),
        "call": gone.symbol,
        "received_at": gone.received_at.rfc3339(),
        "state": gone.state.word(),
        "reason": reason,
        "superseded_by": superseded_by,
    })
}
