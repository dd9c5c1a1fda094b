//! `sahihi doctor`: is this installation as it should be, and if not, how is that mended?
//!
//! Read in this order: here, what a finding is; then the checks: [`keys`], [`clock`], [`database`], [`mod@log`],
//! [`disk`], [`addresses`].
//! Each check is told what time it is and answers findings; it changes nothing but a name's place in a resolver's cache.
//!
//! What could not be looked at is *unknown*, and unknown is not well: the exit code is 0 only if everything that was
//! looked for was seen to be well enough to go on.

mod addresses;
mod clock;
mod database;
mod disk;
mod keys;
mod log;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests;

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use base::{Clock, Instant};
use clap::Args;
use serde::Serialize;

use crate::{clock::SystemClock, config::Config};

/// `sahihi doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The party's configuration.
    #[arg(long, required_unless_present = "limits")]
    config: Option<PathBuf>,
    /// Print the findings as a JSON array.
    #[arg(long)]
    json: bool,
    /// Print every limit instead.
    #[arg(long, conflicts_with_all = ["config", "json"])]
    limits: bool,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// As it should be.
    Ok,
    /// It works, and will not for long, or not for everybody.
    Warning,
    /// It could not be looked at.
    Unknown,
    /// It does not work, or is not safe.
    Failure,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What was looked at: a name that does not change.
    pub(crate) code: &'static str,
    pub(crate) state: State,
    /// What was found, without secrets and personal values.
    pub(crate) found: String,
    /// What to do about it; nothing where all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mend: Option<String>,
}

impl Finding {
    fn ok(code: &'static str, found: impl Into<String>) -> Self {
        Self { code, state: State::Ok, found: found.into(), mend: None }
    }

    fn bad(code: &'static str, state: State, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { code, state, found: found.into(), mend: Some(mend.into()) }
    }

    fn failure(code: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::bad(code, State::Failure, found, mend)
    }
}

impl DoctorArgs {
    pub(crate) async fn run(self) -> ExitCode {
        let Some(file) = self.config else {
            crate::say(&format!("{:#}\n", crate::limits()));
            return ExitCode::SUCCESS;
        };
        let findings = examine(&file, SystemClock.now()).await;
        if self.json {
            crate::say(&format!("{:#}\n", serde_json::json!(findings)));
        } else {
            crate::say(&report(&findings));
        }
        let well = findings.iter().all(|f| f.state < State::Unknown);
        if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Every check of the party of this configuration.
async fn examine(file: &Path, now: Instant) -> Vec<Finding> {
    let config = match Config::read(file).and_then(|config| config.database().map(|_| config)) {
        Ok(config) => config,
        Err(failure) => {
            let mend = format!(
                "correct {}: each member is described in crates/server/src/config.rs",
                file.display()
            );
            return vec![Finding::failure("config", failure.detail, mend)];
        }
    };
    let at = file.display().to_string();
    let mut all = vec![of_config(&config)];
    all.extend(of_mail(&config));
    all.extend(keys::check(&config, &at, now));
    all.extend(clock::check(&config, now).await);
    let database = database::check(&config, &at).await;
    let log = log::check(&config, &at, now, &database).await;
    all.extend(database.into_iter().chain(log));
    all.extend(disk::check(&config));
    all.extend(addresses::check(&config, &at, now).await);
    all
}

fn of_config(config: &Config) -> Finding {
    if let Some(ask) = &config.ask
        && let Err(failure) = crate::serve::trusted_issuers(ask)
    {
        let mend =
            "put the anchors of those who are trusted there: `sahihi keys export-anchors` prints an issuer's";
        return Finding::failure("config", failure.detail, mend);
    }
    if config.staff.is_empty() {
        let mend = "add a `[[staff]]` with a name and the SHA-256 of a token";
        return Finding::bad("config", State::Warning, "nobody is let in to the staff interfaces", mend);
    }
    Finding::ok("config", format!("{} is configured", config.identifier))
}

/// Whether what a forum has to tell people is sent to them.
fn of_mail(config: &Config) -> Option<Finding> {
    const CODE: &str = "mail_configured";
    config.forum.as_ref()?;
    let Some(told) = &config.mail else {
        let found = "this forum sends no mail: notices wait, and nobody gets the link that confirms an answer without a wallet";
        let mend = "add a `[mail]` with `smtp` and `from`: what waits is sent then";
        return Some(Finding::bad(CODE, State::Warning, found, mend));
    };
    Some(match crate::mail::Post::new(told, &config.identifier) {
        Ok(_) => Finding::ok(CODE, format!("mail goes to {}", told.smtp)),
        Err(failure) => Finding::failure(CODE, failure.detail, "correct `[mail]`: the server does not start"),
    })
}

/// For people: a line a finding, and what to do.
fn report(findings: &[Finding]) -> String {
    let mut text = String::new();
    for f in findings {
        let state = match f.state {
            State::Ok => "ok     ",
            State::Warning => "warning",
            State::Unknown => "unknown",
            State::Failure => "FAILURE",
        };
        let _ = writeln!(text, "{state}  {:<22} {}", f.code, f.found);
        if let Some(mend) = &f.mend {
            let _ = writeln!(text, "{:>32} {mend}", "->");
        }
    }
    text
}
