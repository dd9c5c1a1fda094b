//! `sahihi verify FILE`: anybody checks a credential, a status list token, an evidence document, a receipt or a proof of a
//! log, or a published call as a directory, without any server.
//!
//! Says of each part what it proves and what it does not. Ends with 0 only if everything is right, and with a code of its
//! own where nothing is wrong and something cannot be told without more: an export that was made anew with a key of its
//! maker's agrees with itself, too. The checks themselves are `formats::evidence`, `log::verify` and `forum::export`; here is
//! only reading and telling: `folder` (exports).

mod folder;

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use base::{Clock, Instant, limits::EVIDENCE_BYTES_MAX, unseen::deceives};
use formats::{
    evidence::{self, Part, Report, Trust, Verdict},
    x509::TrustAnchors,
};
use serde_json::{Value, json};

use crate::{Failure, clock::SystemClock};

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;

/// What `--help` says of the end.
const ENDS: &str = "Ends with 0 if everything is right; with 1 if something is wrong or cannot be read; with 3 if nothing is wrong, \
                    and not everything can be told without more: the log's key, authorities, a status.";
/// How it ends where something is undetermined.
const UNDETERMINED: u8 = 3;

/// `sahihi verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = ENDS)]
pub(crate) struct Args {
    /// A credential (SD-JWT VC), a status list token, an evidence document, a receipt or proof of a log, or the
    /// directory of a published call; `-` reads standard input.
    file: PathBuf,
    /// The key of the log, `NAME+ID+KEY`, as its page shows it, or a file of keys, one a line; from somewhere else than what
    /// is checked. May be given several times. Without it an export can only be found to agree with itself.
    #[arg(long, value_name = "VKEY|FILE")]
    key: Vec<String>,
    /// Whom to trust: certificates of authorities, PEM. May be given several times.
    #[arg(long, value_name = "PEM")]
    anchors: Vec<PathBuf>,
    /// For which instant to judge (RFC 3339). Without it: now; an evidence document for its own time.
    #[arg(long, value_name = "RFC3339")]
    at: Option<String>,
    /// One JSON object instead of sentences.
    #[arg(long)]
    json: bool,
}

/// Why nothing could be checked.
#[derive(Debug)]
struct Unreadable {
    code: &'static str,
    detail: String,
}

/// Checks and tells.
pub(crate) fn run(args: Args) -> ExitCode {
    let Args { file, key, anchors, at, json } = args;
    match told(&file, &key, &anchors, at.as_deref(), SystemClock.now()) {
        Ok(report) => {
            if json {
                crate::say(&format!("{}\n", as_json(&report)));
            } else {
                crate::say(&as_text(&report));
            }
            match report.outcome() {
                Outcome::Right => ExitCode::SUCCESS,
                Outcome::Wrong => ExitCode::FAILURE,
                Outcome::Undetermined => ExitCode::from(UNDETERMINED),
            }
        }
        Err(Unreadable { code, detail }) => {
            if json {
                crate::say(&format!("{}\n", json!({ "ok": false, "error": code, "detail": detail })));
            } else {
                eprintln!("sahihi: {detail} ({code})");
            }
            ExitCode::FAILURE
        }
    }
}

/// What was found out, of whatever kind it is.
#[derive(Debug)]
struct Told {
    kind: &'static str,
    at: Instant,
    parts: Vec<Part>,
    /// Where exactly something is wrong, a line each.
    more: Vec<String>,
}

/// What came of it all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Right,
    /// Something is.
    Wrong,
    /// Nothing is wrong, and something cannot be told.
    Undetermined,
}

impl Told {
    fn outcome(&self) -> Outcome {
        let is_wrong = |part: &Part| matches!(part.verdict, Verdict::Wrong(_));
        if self.parts.iter().any(is_wrong) {
            Outcome::Wrong
        } else if self.parts.iter().any(|part| part.verdict != Verdict::Right) {
            Outcome::Undetermined
        } else if self.more.is_empty() {
            Outcome::Right
        } else {
            Outcome::Wrong
        }
    }

    /// Whether all that is missing is somebody to vouch for the log's key.
    fn only_agrees_with_itself(&self) -> bool {
        let missing = |part: &Part| part.verdict == Verdict::Undetermined(folder::KEY_MISSING.to_owned());
        self.kind == folder::KIND
            && self.parts.iter().all(|part| part.verdict == Verdict::Right || missing(part))
    }
}

impl From<Report> for Told {
    fn from(Report { kind, at, parts }: Report) -> Self {
        Self { kind: kind.as_str(), at, parts, more: Vec::new() }
    }
}

/// What is found out about `file` by the word of `keys` and `anchors`, for the instant `at` or `now`.
fn told(
    file: &Path,
    keys: &[String],
    anchors: &[PathBuf],
    at: Option<&str>,
    now: Instant,
) -> Result<Told, Unreadable> {
    let wrong = |e: Failure| unreadable("key", format!("`--key` is not the key of a log, NAME+ID+KEY: {e}"));
    let keys = crate::log::read_keys(keys).map_err(wrong)?;
    if file.is_dir() {
        return folder::report(file, &keys, &trusted(anchors)?, now);
    }
    if file.as_os_str() != "-"
        && let Ok(bytes) = contents(file)
        && let Ok(text) = str::from_utf8(&bytes)
        && let Some(report) = log::verify::file(text, &keys, now)
    {
        return Ok(report.into());
    }
    Ok(report(file, anchors, at, now)?.into())
}

/// What is found out about a file of `formats`.
fn report(file: &Path, anchors: &[PathBuf], at: Option<&str>, now: Instant) -> Result<Report, Unreadable> {
    let bytes =
        contents(file).map_err(|e| unreadable("file", format!("{} cannot be read: {e}", file.display())))?;
    if bytes.len() > EVIDENCE_BYTES_MAX {
        return Err(unreadable(
            "too_large",
            format!("{} is larger than {EVIDENCE_BYTES_MAX} bytes", file.display()),
        ));
    }
    let trusted = trusted(anchors)?;
    let chosen = match at {
        None => None,
        Some(text) => {
            let at = Instant::parse_rfc3339(text);
            Some(at.ok_or_else(|| unreadable("at", format!("{text} is not an instant in RFC 3339")))?)
        }
    };
    let trust = Trust { anchors: &trusted, now: chosen.unwrap_or(now), chosen: chosen.is_some() };
    evidence::check(&bytes, &trust).ok_or_else(|| {
        let what = "is neither a credential, nor a status list token, nor an evidence document";
        unreadable("unknown_kind", format!("{} {what}", file.display()))
    })
}

fn trusted(anchors: &[PathBuf]) -> Result<TrustAnchors, Unreadable> {
    let mut trusted = TrustAnchors::default();
    for file in anchors {
        let wrong = |e: &dyn std::fmt::Display| unreadable("anchors", format!("{}: {e}", file.display()));
        let text = fs::read_to_string(file).map_err(|e| wrong(&e))?;
        trusted = trusted.merged(&TrustAnchors::from_pem(&text).map_err(|e| wrong(&e))?);
    }
    Ok(trusted)
}

fn unreadable(code: &'static str, detail: String) -> Unreadable {
    Unreadable { code, detail }
}

fn contents(file: &Path) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(EVIDENCE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        fs::File::open(file)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn verdict(verdict: &Verdict) -> (&'static str, Option<&str>) {
    match verdict {
        Verdict::Right => ("right", None),
        Verdict::Wrong(code) => ("wrong", Some(code)),
        Verdict::Undetermined(code) => ("undetermined", Some(code)),
    }
}

fn as_json(report: &Told) -> Value {
    let parts: Vec<Value> = report
        .parts
        .iter()
        .map(|part| {
            let (verdict, code) = verdict(&part.verdict);
            json!({
                "part": part.name, "verdict": verdict, "code": code,
                "proves": part.proves, "does_not_prove": part.does_not_prove,
            })
        })
        .collect();
    let (kind, at) = (report.kind, report.at.rfc3339());
    json!({ "ok": report.outcome() == Outcome::Right, "kind": kind, "at": at, "parts": parts, "faults": report.more })
}

fn as_text(report: &Told) -> String {
    let part = |part: &Part| {
        let (verdict, code) = verdict(&part.verdict);
        let code = code.map(|code| format!(": {code}")).unwrap_or_default();
        format!(
            "\n{} – {verdict}{code}\n  proves: {}\n  does not prove: {}\n",
            printable(&part.name),
            printable(&part.proves),
            printable(&part.does_not_prove),
        )
    };
    let parts: String = report.parts.iter().map(part).collect();
    let last = match report.outcome() {
        Outcome::Right => "Everything that can be checked is right.",
        Outcome::Wrong => "Something is wrong. Do not rely on it.",
        Outcome::Undetermined if report.only_agrees_with_itself() => {
            "It agrees with itself. That proves nothing of who made it: whoever forges one makes a key for it, too.\n\
             Give the log's key, noted from elsewhere than here: --key."
        }
        Outcome::Undetermined => "Not everything could be checked. Do not rely on what is undetermined.",
    };
    let lines: Vec<String> = report.more.iter().map(|line| printable(line)).collect();
    let more = if lines.is_empty() { String::new() } else { format!("\n  {}\n", lines.join("\n  ")) };
    format!("{}, judged for {}\n{parts}{more}\n{last}\n", report.kind, report.at)
}

/// Names and claims come from the file: no control characters reach the terminal, nor what hides or turns its text round.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || deceives(c) { '\u{fffd}' } else { c }).collect()
}
