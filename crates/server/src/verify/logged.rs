//! `sahihi verify FILE` of a receipt or a proof of a log: see `log`.

use base::Instant;
use formats::evidence::{Part, Verdict};
use log::{Fault, ProofFile, ReceiptFile, VerifierKey};

use super::Told;

/// What is found out, if `bytes` are one of the two.
pub(super) fn report(bytes: &[u8], key: Option<&VerifierKey>, now: Instant) -> Option<Told> {
    let text = std::str::from_utf8(bytes).ok()?;
    let part = match text.lines().next()? {
        "sahihi-log-receipt@v1" => receipt(text, key),
        "c2sp.org/tlog-proof@v1" => proof(text, key),
        _ => return None,
    };
    let kind = if part.name == "receipt" { "log_receipt" } else { "log_proof" };
    Some(Told { kind, at: now, parts: vec![part], more: Vec::new() })
}

fn verdict(checked: Result<Result<(), Fault>, &'static str>) -> Verdict {
    match checked {
        Ok(Ok(())) => Verdict::Right,
        Ok(Err(fault)) => Verdict::Wrong(fault.code().to_owned()),
        Err(why) => Verdict::Undetermined(why.to_owned()),
    }
}

const NO_KEY: &str = "key_missing";

fn receipt(text: &str, key: Option<&VerifierKey>) -> Part {
    let parsed = ReceiptFile::parse(text);
    let proves = parsed.as_ref().map_or_else(
        |_| "That a log promised to take something.".to_owned(),
        |file| {
            let promise = &file.promise;
            let what =
                file.extra.record().map(|r| format!(" It commits to: {}.", String::from_utf8_lossy(r)));
            format!(
                "{} received it at {}, and promised to have it in its log by {}, as {}.{}",
                promise.origin,
                promise.received_at,
                promise.merge_by,
                promise.leaf,
                what.unwrap_or_default()
            )
        },
    );
    let checked = match (parsed, key) {
        (Err(fault), _) => Ok(Err(fault)),
        (Ok(_), None) => Err(NO_KEY),
        (Ok(file), Some(key)) => Ok(file.verify(key)),
    };
    Part {
        name: "receipt".to_owned(),
        verdict: verdict(checked),
        proves,
        does_not_prove: "That it is in the log: a proof does, which the log gives for the same leaf."
            .to_owned(),
    }
}

fn proof(text: &str, key: Option<&VerifierKey>) -> Part {
    let parsed = ProofFile::parse(text);
    let mut proves = "That something is in a log.".to_owned();
    let checked = match (&parsed, key) {
        (Err(_), _) => Ok(Err(Fault::ProofMalformed)),
        (Ok(_), None) => Err(NO_KEY),
        (Ok(file), Some(key)) => Ok(file.verify(key, None).map(|proven| {
            let what =
                file.extra.record().map(|r| format!(" It commits to: {}.", String::from_utf8_lossy(r)));
            proves = format!(
                "It is leaf {} of the log {}, which has {} leaves.{}",
                file.index,
                proven.checkpoint.origin,
                proven.checkpoint.size,
                what.unwrap_or_default()
            );
        })),
    };
    Part {
        name: "proof".to_owned(),
        verdict: verdict(checked),
        proves,
        does_not_prove: "That everybody is shown the same log: follow it with `sahihi log audit`.".to_owned(),
    }
}
