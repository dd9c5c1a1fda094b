//! What anybody can check: a receipt or a proof ([`file`]), a whole log ([`Whole`]), and a log as it goes on ([`Audit`]).
//!
//! No IO: a check says which file of the log it wants next, and is given its bytes. Read `whole` first, then `audit`.

mod audit;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod second_opinion;
mod whole;

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "tests"
)]
mod tests;

use base::Instant;
use formats::evidence::{Kind, Part, Report, Verdict};

use crate::{Fault, ProofFile, ReceiptFile, VerifierKey, proof, receipt};

pub use audit::{Audit, Seen};
pub use whole::{Sound, Whole};

/// What is found out about a receipt or a proof by the word of `keys`, at `now`; `None` if the text is neither.
pub fn file(text: &str, keys: &[VerifierKey], now: Instant) -> Option<Report> {
    let first = text.split('\n').next().unwrap_or_default();
    let (kind, parts) = match first {
        proof::FIRST => (Kind::LogProof, proof_parts(text, keys)),
        receipt::FIRST => (Kind::LogReceipt, receipt_parts(text, keys, now)),
        _ => return None,
    };
    Some(Report { kind, at: now, parts })
}

fn proof_parts(text: &str, keys: &[VerifierKey]) -> Vec<Part> {
    let read = ProofFile::parse(text);
    let index = read.as_ref().map_or(0, |proof| proof.index);
    let proven = read.and_then(|proof| first_right(keys, |key| proof.verify(key, None)).map(|p| (p, proof)));
    let names_nobody = keys.is_empty();
    let part = Part {
        name: "inclusion".to_owned(),
        verdict: verdict(proven.as_ref().map(|_| ()), names_nobody),
        proves: proven.as_ref().map_or_else(
            |_| "that the leaf is in the log that signed the checkpoint".to_owned(),
            |(proven, _)| {
                format!(
                    "that leaf {index} of the log {} is this one: whoever has a checkpoint of {} leaves or more sees the \
                     same, and it can be neither changed nor taken out unseen",
                    proven.checkpoint.origin, proven.checkpoint.size
                )
            },
        ),
        does_not_prove: "that what the record says is true, nor when it was written: only that it was committed to \
                         before the checkpoint was signed"
            .to_owned(),
    };
    let mut parts = vec![part];
    if let Ok((proven, proof)) = &proven {
        parts.push(record_part(proof.extra.record()));
        if let Some(at) = proven.dated {
            parts.push(Part {
                name: "date".to_owned(),
                verdict: Verdict::Right,
                proves: format!("that the log says it signed this tree at {at}"),
                does_not_prove: "that the log's clock was right".to_owned(),
            });
        }
    }
    parts
}

fn receipt_parts(text: &str, keys: &[VerifierKey], now: Instant) -> Vec<Part> {
    let read = ReceiptFile::parse(text);
    let checked = read.and_then(|receipt| first_right(keys, |key| receipt.verify(key)).map(|()| receipt));
    let proves = checked.as_ref().map_or_else(
        |_| "that a log took a leaf and promised to have it in its tree by an instant".to_owned(),
        |receipt| {
            let promise = &receipt.promise;
            format!(
                "that the log {} took this leaf at {} and promised to have it in its tree by {}",
                promise.origin, promise.received_at, promise.merge_by
            )
        },
    );
    let mut parts = vec![Part {
        name: "promise".to_owned(),
        verdict: verdict(checked.as_ref().map(|_| ()), keys.is_empty()),
        proves,
        does_not_prove: "that the log kept its promise: fetch the proof, or show that the leaf is missing"
            .to_owned(),
    }];
    if let Ok(receipt) = &checked {
        parts.push(record_part(receipt.extra.record()));
        if now > receipt.promise.merge_by {
            parts.push(Part {
                name: "merge_by".to_owned(),
                verdict: Verdict::Undetermined("merge_by_over".to_owned()),
                proves: format!(
                    "that the leaf should be in the log since {}: there should be a proof under {}",
                    receipt.promise.merge_by, receipt.promise.leaf
                ),
                does_not_prove: "that it is there".to_owned(),
            });
        }
    }
    parts
}

fn record_part(record: Option<&[u8]>) -> Part {
    Part {
        name: "record".to_owned(),
        verdict: Verdict::Right,
        proves: record.map_or_else(
            || "nothing about what was recorded: this file carries the leaf alone".to_owned(),
            |record| {
                format!("that the leaf commits to exactly this record: {}", String::from_utf8_lossy(record))
            },
        ),
        does_not_prove: "that nobody else knows the record".to_owned(),
    }
}

fn verdict(checked: Result<(), &Fault>, names_nobody: bool) -> Verdict {
    match checked {
        Ok(()) => Verdict::Right,
        Err(Fault::KeyUnknown) if names_nobody => Verdict::Undetermined("key_missing".to_owned()),
        Err(fault) => Verdict::Wrong(fault.code().to_owned()),
    }
}

/// What the first key says that is the one; otherwise what the last one said.
pub fn first_right<T>(
    keys: &[VerifierKey],
    check: impl Fn(&VerifierKey) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut last = Fault::KeyUnknown;
    for key in keys {
        match check(key) {
            Err(Fault::KeyUnknown) => {}
            Err(fault) => last = fault,
            right => return right,
        }
    }
    Err(last)
}
