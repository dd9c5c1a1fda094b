//! The log at the command line and on the disk: what anybody checks (`verify`, `audit`, `proof`), what the operator does
//! (`key`, `begin`), and where the newest checkpoint is noted.
//!
//! The checks themselves are `log::verify`; here is only fetching, keeping and telling. `place` fetches.

mod place;

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
};

use base::{
    Clock,
    limits::{LOG_FILE_BYTES_MAX, LOG_SEEN_BYTES_MAX},
};
use clap::Subcommand;
use log::{
    Checkpoint, VerifierKey,
    verify::{Audit, Seen, Whole, first_right},
};
use serde_json::{Value, json};
use store::Tx;

use self::place::Place;
use crate::{Failure, clock::SystemClock, config::Config, files, serve};

/// `sahihi log`.
#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Check a whole log: every entry, every tile, every hash and the checkpoint.
    Verify {
        /// A folder with the log's files, or its address.
        log: String,
        /// The key that must have signed it, as `/log/key` shows it, or a file of keys, one a line. May be given several
        /// times: one of them must have.
        #[arg(long, required = true)]
        key: Vec<String>,
    },
    /// Follow a log: what is new is read, and must continue what was seen before.
    Audit {
        /// A folder with the log's files, or its address.
        log: String,
        /// Where is kept what was seen.
        #[arg(long)]
        state: PathBuf,
        /// The key that must have signed it, or a file of keys. May be given several times [default: that of the state; the
        /// first time, the one that the log shows].
        #[arg(long)]
        key: Vec<String>,
    },
    /// Check a receipt or a proof, without a network.
    Proof {
        /// The file.
        file: PathBuf,
        /// The key of the log that must have signed it, or a file of keys. May be given several times.
        #[arg(long, required = true)]
        key: Vec<String>,
    },
    /// Show the key that verifies a party's log.
    Key {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
    },
    /// Show which leaves there are, and of which kind of act.
    List {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
        /// From this place on.
        #[arg(long, default_value_t = 0)]
        from: u64,
    },
    /// Begin a new log with every leaf that is known, where the database does not continue what was signed. Stop the
    /// server before.
    Begin {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
    },
}

impl LogCommand {
    pub(crate) async fn run(self) -> Result<Value, Failure> {
        match self {
            Self::Verify { log, key } => verify(&Place::of(&log)?, &read_keys(&key)?).await,
            Self::Audit { log, state, key } => audit(&Place::of(&log)?, &state, &read_keys(&key)?).await,
            Self::Proof { file, key } => proof(&file, &key),
            Self::Key { config } => {
                let config = Config::read(&config)?;
                let log = serve::log(&config, serve::open(&config).await?).await?;
                Ok(json!({ "key": log.key().to_string() }))
            }
            Self::List { config, from } => {
                let config = Config::read(&config)?;
                let log = serve::log(&config, serve::open(&config).await?).await?;
                let leaves = log.leaves(from).await?.into_iter().map(|leaf| {
                    let at = leaf.received_at.rfc3339();
                    json!({ "leaf": leaf.leaf, "index": leaf.index, "received_at": at, "kind": leaf.kind })
                });
                Ok(leaves.collect())
            }
            Self::Begin { config } => {
                let config = Config::read(&config)?;
                let store = serve::open(&config).await?;
                let now = SystemClock.now();
                store.write(async move |tx: &mut Tx<'_>| log::after_restore(tx, now).await).await?;
                let log = serve::log(&config, store).await?;
                Ok(json!({ "begun": log.key().name(), "key": log.key().to_string() }))
            }
        }
    }
}

fn read_key(text: &str) -> Result<VerifierKey, Failure> {
    VerifierKey::parse(text.trim()).map_err(failed)
}

/// Keys as they are given: each is a key, or a file with one a line; what begins with `#` is a remark.
pub(crate) fn read_keys(given: &[String]) -> Result<Vec<VerifierKey>, Failure> {
    let mut keys = Vec::new();
    for text in given {
        let file = Path::new(text.as_str());
        if !file.is_file() {
            keys.push(read_key(text)?);
            continue;
        }
        let lines = fs::read_to_string(file)?;
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let before = keys.len();
        for line in lines {
            keys.push(read_key(line)?);
        }
        if keys.len() == before {
            return Err(Failure::new("key_missing", format!("{} holds no key", file.display())));
        }
    }
    Ok(keys)
}

/// What is wrong with a log, by the code of the fault.
fn failed(fault: impl Into<log::Fault>) -> Failure {
    let fault = fault.into();
    Failure::new(fault.code(), fault.to_string())
}

async fn verify(place: &Place, keys: &[VerifierKey]) -> Result<Value, Failure> {
    let note = place.checkpoint().await?;
    let mut whole = first_right(keys, |key| Whole::new(&note, key)).map_err(failed)?;
    while let Some(tile) = whole.wanted() {
        whole.take(place.get(&tile.path()).await?.as_deref()).map_err(failed)?;
    }
    let sound = whole.finish().map_err(failed)?;
    Ok(json!({
        "log": sound.checkpoint.origin,
        "leaves": sound.checkpoint.size,
        "root": base16ct::lower::encode_string(&sound.checkpoint.root),
        "dated": sound.dated.map(base::Instant::rfc3339),
        "files": sound.files,
    }))
}

async fn audit(place: &Place, state: &Path, keys: &[VerifierKey]) -> Result<Value, Failure> {
    let seen = read_seen(state)?;
    if let Some(seen) = &seen
        && !keys.is_empty()
        && !keys.contains(&seen.key)
    {
        let what = format!("{} is what was seen of a log with another key", state.display());
        return Err(Failure::new("key_differs", what));
    }
    let was_told = !keys.is_empty() || seen.is_some();
    let note = place.checkpoint().await?;
    let key = match (keys, &seen) {
        (_, Some(seen)) => seen.key.clone(),
        ([], None) => {
            let shown = place.get("key").await?.ok_or_else(|| failed(log::Fault::KeyMalformed))?;
            read_key(&String::from_utf8_lossy(&shown))?
        }
        (keys, None) => {
            first_right(keys, |key| Checkpoint::open(&note, key).map(|_| key.clone())).map_err(failed)?
        }
    };
    let before = seen.as_ref().map(Seen::size);
    let mut audit = Audit::new(&key, seen, &note).map_err(failed)?;
    while let Some(tile) = audit.wanted() {
        audit.take(place.get(&tile.path()).await?.as_deref()).map_err(failed)?;
    }
    let now = audit.finish().map_err(failed)?;
    files::write(state, &now.to_bytes())?;
    Ok(json!({
        "log": key.name(),
        "leaves": now.size(),
        "new": now.size().saturating_sub(before.unwrap_or_default()),
        "continues": before.is_some(),
        "key": key.to_string(),
        "key_from": if was_told { "you" } else { "the log itself" },
    }))
}

fn read_seen(state: &Path) -> Result<Option<Seen>, Failure> {
    let bytes = match fs::read(state) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let seen = Some(bytes).filter(|bytes| bytes.len() <= LOG_SEEN_BYTES_MAX).and_then(|b| Seen::parse(&b));
    let not_one = || Failure::new("state", format!("{} is not what was seen of a log", state.display()));
    seen.map(Some).ok_or_else(not_one)
}

fn proof(file: &Path, keys: &[String]) -> Result<Value, Failure> {
    let keys = read_keys(keys)?;
    let unreadable = |e| Failure::new("file", format!("{} cannot be read: {e}", file.display()));
    let bytes = fs::read(file).map_err(unreadable)?;
    let neither = || {
        let what = format!("{} is neither a receipt nor a proof of a log", file.display());
        Failure::new("unknown_kind", what)
    };
    let text = String::from_utf8(bytes).ok().filter(|t| t.len() <= LOG_FILE_BYTES_MAX).ok_or_else(neither)?;
    let report = log::verify::file(&text, &keys, SystemClock.now()).ok_or_else(neither)?;
    if let Some(part) = report.parts.iter().find(|part| part.verdict != formats::evidence::Verdict::Right) {
        let (formats::evidence::Verdict::Wrong(code) | formats::evidence::Verdict::Undetermined(code)) =
            &part.verdict
        else {
            return Err(neither());
        };
        return Err(Failure::new(code.clone(), format!("{}: not shown: {}", part.name, part.proves)));
    }
    let parts = report.parts.iter().map(
        |part| json!({ "part": part.name, "proves": part.proves, "does_not_prove": part.does_not_prove }),
    );
    Ok(json!({ "kind": report.kind.as_str(), "parts": parts.collect::<Value>() }))
}

/// The file beside the keys in which the newest checkpoint is noted.
pub(crate) struct HeadFile(pub(crate) PathBuf);

impl HeadFile {
    pub(crate) fn of(config: &Config) -> Arc<dyn log::Head> {
        Arc::new(Self(crate::keys::log_head(config)))
    }
}

impl log::Head for HeadFile {
    fn load(&self) -> Result<Option<String>, String> {
        match fs::read_to_string(&self.0) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", self.0.display())),
        }
    }

    fn keep(&self, checkpoint: &str) -> Result<(), String> {
        files::write(&self.0, checkpoint.as_bytes()).map_err(|e| format!("{}: {e}", self.0.display()))
    }
}
