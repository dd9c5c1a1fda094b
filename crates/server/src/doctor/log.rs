//! The log: its key is there and signed it, it goes on from what was signed, its leaves are those of the tree, and none
//! waits for long. `sahihi log verify` looks at every leaf of it; here it is the right edge.

use std::sync::Arc;

use ::log::{Examined, LogConfig, StepError, WrongKey};
use base::{Instant, limits::LOG_IDLE_S};
use crypto::SystemRandom;

use super::{Finding, State};
use crate::{clock::SystemClock, config::Config, keys, log::HeadFile, serve};

/// `database` is what was found of the database: one that is not well is not opened for this.
pub(super) async fn check(config: &Config, at: &str, now: Instant, database: &[Finding]) -> Vec<Finding> {
    let signer = match keys::log_signer(config) {
        Ok(signer) => signer,
        Err(failure) => {
            let mend = format!(
                "put back the file that you kept; if it is lost: stop the server, move it away, `sahihi keys init --config {at}` \
                 and `sahihi log begin --config {at}`"
            );
            return vec![Finding::failure(KEY, failure.detail, mend)];
        }
    };
    let unknown = |why: String| vec![Finding::bad(KEY, State::Unknown, why, "mend the database first")];
    // A cluster that forgets when the power fails can be read; a file in another mode is changed by whoever opens it.
    let is_file = matches!(config.database(), Ok(store::Config::Sqlite { .. }));
    let is_bad = |f: &&Finding| {
        f.state >= State::Unknown
            && f.code.starts_with("database_")
            && (is_file || f.code != "database_durable")
    };
    if let Some(bad) = database.iter().find(is_bad) {
        return unknown(format!("not looked at: `{}`", bad.code));
    }
    let told =
        LogConfig { origin: config.log_origin(), signer: Arc::new(signer), head: Some(HeadFile::of(config)) };
    let store = match serve::open(config).await {
        Ok(store) => store,
        Err(failure) => return unknown(failure.detail),
    };
    match ::log::examine(told, &store, Arc::new(SystemClock), Arc::new(SystemRandom)).await {
        Err(error) => unknown(error.to_string()),
        Ok(None) => vec![Finding::ok(KEY, "it is there, and nothing was signed with it yet")],
        Ok(Some(found)) => {
            vec![key(&found, at), continues(&found, at), leaves(&found, at), waiting(&found, now)]
        }
    }
}

const KEY: &str = "log_key";

fn key(found: &Examined, at: &str) -> Finding {
    let Err(wrong) = &found.key else {
        return Finding::ok(KEY, format!("{} is signed with it", found.name));
    };
    let mend = match wrong {
        WrongKey::Name { .. } => format!("set `identifier` in {at} back to what it was when the log began"),
        WrongKey::Key => format!(
            "put back the log.key that you kept; if it is lost: stop the server, and `sahihi log begin --config {at}`"
        ),
        WrongKey::Checkpoint(_) => restore(at),
    };
    Finding::failure(KEY, wrong.to_string(), mend)
}

fn restore(at: &str) -> String {
    format!(
        "stop the server and `sahihi restore --config {at}` the last backup; without one, `sahihi log begin --config {at}` begins a \
         log with the leaves that are there"
    )
}

fn continues(found: &Examined, at: &str) -> Finding {
    const CODE: &str = "log_continues";
    match &found.tree {
        Ok(()) if !found.is_noted => Finding::bad(
            CODE,
            State::Warning,
            "nothing beside the key says what was signed last: a database of yesterday would not be noticed",
            "put back the log.head that was with the keys; without it, start the server, which notes what it sees",
        ),
        Ok(()) => Finding::ok(CODE, format!("its {} leaves continue what was signed", found.size)),
        Err(behind @ StepError::Behind) => Finding::failure(
            CODE,
            behind.to_string(),
            format!(
                "stop the server, and bring back the newest database or `sahihi log begin --config {at}`"
            ),
        ),
        Err(damaged @ StepError::Damaged(_)) => Finding::failure(CODE, damaged.to_string(), restore(at)),
        Err(error) => Finding::bad(
            CODE,
            State::Unknown,
            error.to_string(),
            "see that this user reads and writes the file log.head beside the keys",
        ),
    }
}

fn leaves(found: &Examined, at: &str) -> Finding {
    const CODE: &str = "log_leaves";
    match &found.leaves {
        Ok(()) => Finding::ok(CODE, "its tree has the leaves of the table, as many and the last ones"),
        Err(unlike) => Finding::failure(CODE, unlike.to_string(), restore(at)),
    }
}

fn waiting(found: &Examined, now: Instant) -> Finding {
    const CODE: &str = "log_waiting";
    const MEND: &str =
        "start the server; if it runs, its trace says why `the log is not signed`, and other findings may";
    let Some((since, merge_by)) = found.oldest else {
        return Finding::ok(CODE, "no act waits to be in it");
    };
    let waits = format!("{} acts wait to be in it, one since {}", found.waiting, since.rfc3339());
    if merge_by <= now {
        let found = format!("{waits}: its receipt promised {}", merge_by.rfc3339());
        Finding::failure(CODE, found, MEND)
    } else if since.plus_secs(LOG_IDLE_S) <= now {
        Finding::bad(CODE, State::Warning, waits, MEND)
    } else {
        Finding::ok(CODE, waits)
    }
}
