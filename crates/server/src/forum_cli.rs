//! `sahihi forum …`: the secretariat's command line, a client of its staff interface; and the export, for anybody.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use base::limits::{ADDRESSEES_AT_ONCE, EXPORT_BYTES_MAX, EXPORT_FILE_BYTES_MAX};
use clap::{Args, Subcommand};
use forum::{NewAddressee, export::layout::is_path};
use serde_json::{Value, json};

use crate::{
    Failure,
    client::{Api, At, json_file, segment},
    outgoing::{Message, Outgoing, Reach},
};

/// How long an export may take to come.
const EXPORT_TIMEOUT: Duration = Duration::from_mins(10);

/// `sahihi forum`.
#[derive(Debug, Args)]
pub(crate) struct ForumArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the calls, drafts too; with a symbol, show one.
    List {
        #[command(flatten)]
        at: At,
        symbol: Option<String>,
    },
    /// Draft a circular from a file (TOML or JSON), and send it if it is to be sent.
    Circular {
        #[command(flatten)]
        at: At,
        file: PathBuf,
        /// Send it now: the calls that were drafted under it are announced.
        #[arg(long)]
        send: bool,
    },
    /// Draft a call from a file (TOML or JSON), and announce it if it is to be announced.
    Call {
        #[command(flatten)]
        at: At,
        file: PathBuf,
        /// Announce it now: the clock opens and closes it.
        #[arg(long)]
        announce: bool,
    },
    /// Do something with a call: announce, withdraw, annul, or mark as considered.
    Act {
        #[command(flatten)]
        at: At,
        symbol: String,
        /// What the interface calls it: `announce`, `withdraw`, `annul` …
        act: String,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Move the deadline of a call to a later instant.
    Extend {
        #[command(flatten)]
        at: At,
        symbol: String,
        /// The new deadline, RFC 3339: the first instant that is too late.
        #[arg(long)]
        to: String,
        /// The zone in which it is meant.
        #[arg(long, default_value = "Europe/Zurich")]
        zone: String,
        /// How it is said: `by_end_of_day`, `before`, `at_latest_by`, `deadline` or `until`.
        #[arg(long, default_value = "by_end_of_day")]
        wording: String,
        #[arg(long)]
        reason: String,
    },
    /// Publish what was submitted to a closed call.
    Publish {
        #[command(flatten)]
        at: At,
        symbol: String,
    },
    /// Admit, refuse, withhold or withdraw a submission.
    Decide {
        #[command(flatten)]
        at: At,
        submission: String,
        /// `admit`, `refuse`, `withhold` or `withdraw`.
        act: String,
        #[arg(long)]
        reason: Option<String>,
    },
    /// List who is told of circulars by mail; or add some, or remove one, and say why.
    Addressees {
        #[command(flatten)]
        at: At,
        /// Add those of this file, a line each: `mail;language;class;name`.
        #[arg(long)]
        add: Option<PathBuf>,
        /// Remove the one of this id.
        #[arg(long, conflicts_with = "add")]
        remove: Option<String>,
        /// Why: it is kept. No mail address may stand in it.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Fetch a published call as a directory, which `sahihi verify` checks. Anybody may.
    Export {
        /// The forum's address.
        #[arg(long, env = "SAHIHI_AT")]
        at: String,
        symbol: String,
        /// A directory that does not exist yet.
        directory: PathBuf,
    },
}

const CALLS: &str = "/staff/v1/forum/calls";
const ADDRESSEES: &str = "/staff/v1/forum/addressees";

impl ForumArgs {
    pub(crate) async fn run(self) -> Result<Value, Failure> {
        match self.command {
            Command::List { at, symbol } => {
                let api = Api::new(&at)?;
                match symbol {
                    Some(symbol) => api.get(&format!("{CALLS}/{}", name(&symbol)?)).await,
                    None => api.get(CALLS).await,
                }
            }
            Command::Circular { at, file, send } => {
                let (api, all) = (Api::new(&at)?, "/staff/v1/forum/circulars");
                let drafted = api.post(all, &document(&file)?).await?;
                match drafted.get("symbol").and_then(Value::as_str) {
                    Some(symbol) if send => {
                        api.post(&format!("{all}/{}/send", name(symbol)?), &json!({})).await
                    }
                    _ => Ok(drafted),
                }
            }
            Command::Call { at, file, announce } => {
                let api = Api::new(&at)?;
                let drafted = api.post(CALLS, &document(&file)?).await?;
                match drafted.get("symbol").and_then(Value::as_str) {
                    Some(symbol) if announce => act(&api, symbol, &json!({ "act": "announce" })).await,
                    _ => Ok(drafted),
                }
            }
            Command::Act { at, symbol, act: what, reason } => {
                act(&Api::new(&at)?, &symbol, &with_reason(&what, reason)).await
            }
            Command::Extend { at, symbol, to, zone, wording, reason } => {
                let closes = json!({ "instant": to, "zone": zone, "wording": wording });
                let body = json!({ "act": "extend", "closes": closes, "reason": reason });
                act(&Api::new(&at)?, &symbol, &body).await
            }
            Command::Publish { at, symbol } => {
                act(&Api::new(&at)?, &symbol, &json!({ "act": "publish" })).await
            }
            Command::Decide { at, submission, act, reason } => {
                let path = format!("/staff/v1/forum/submissions/{}/acts", segment(&submission)?);
                Api::new(&at)?.post(&path, &with_reason(&act, reason)).await
            }
            Command::Addressees { at, add, remove, reason } => {
                let api = Api::new(&at)?;
                match (add, remove) {
                    (Some(file), _) => add_addressees(&api, &file, &reason).await,
                    (None, Some(id)) => {
                        let path = format!("{ADDRESSEES}/{}/removal", segment(&id)?);
                        let body = json!({ "reason": reason });
                        api.post(&path, &body).await.map(|_| json!({ "removed": id }))
                    }
                    (None, None) => addressees(&api).await,
                }
            }
            Command::Export { at, symbol, directory } => export(&at, &symbol, &directory).await,
        }
    }
}

/// All of them, page by page.
async fn addressees(api: &Api) -> Result<Value, Failure> {
    let (mut all, mut page) = (Vec::new(), api.get(ADDRESSEES).await?);
    loop {
        if let Some(found) = page.get_mut("addressees").and_then(Value::as_array_mut) {
            all.append(found);
        }
        let Some(next) = page.get("next").and_then(Value::as_str) else {
            return Ok(json!({ "addressees": all }));
        };
        page = api.get(&format!("{ADDRESSEES}?after={}", segment(next)?)).await?;
    }
}

/// Adds those of a file, as many at once as are taken; none if a line cannot be read.
async fn add_addressees(api: &Api, file: &Path, reason: &str) -> Result<Value, Failure> {
    let text =
        fs::read_to_string(file).map_err(|e| Failure::new("file", format!("{}: {e}", file.display())))?;
    let all = NewAddressee::from_lines(&text).map_err(|wrong| {
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        let what = "not mail;language;class;name on lines";
        Failure::new("file", format!("{}: {what} {}", file.display(), lines.join(", ")))
    })?;
    for some in all.chunks(ADDRESSEES_AT_ONCE) {
        let some: Vec<Value> = some
            .iter()
            .map(|one| {
                let (mail, lang) = (&one.contact.mail, one.contact.lang.tag());
                json!({ "mail": mail, "lang": lang, "class": one.class, "name": one.name })
            })
            .collect();
        api.post(ADDRESSEES, &json!({ "addressees": some, "reason": reason })).await?;
    }
    Ok(json!({ "kept": all.len() }))
}

async fn act(api: &Api, symbol: &str, body: &Value) -> Result<Value, Failure> {
    api.post(&format!("{CALLS}/{}/acts", name(symbol)?), body).await
}

fn with_reason(act: &str, reason: Option<String>) -> Value {
    match reason {
        Some(reason) => json!({ "act": act, "reason": reason }),
        None => json!({ "act": act }),
    }
}

/// A symbol, as one segment of an address and nothing more.
fn name(symbol: &str) -> Result<&str, Failure> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if !symbol.is_empty() && symbol.bytes().all(plain) && !symbol.starts_with('.') {
        Ok(symbol)
    } else {
        Err(Failure::new("arguments", "this is not a symbol"))
    }
}

/// A document in TOML or JSON, by the file's name.
fn document(file: &Path) -> Result<Value, Failure> {
    if file.extension().is_none_or(|e| e != "toml") {
        return json_file(file);
    }
    let wrong = |e: &dyn std::fmt::Display| Failure::new("file", format!("{}: {e}", file.display()));
    let text = fs::read_to_string(file).map_err(|e| wrong(&e))?;
    toml::from_str(&text).map_err(|e| wrong(&e))
}

/// Fetches an export and lays it out below `directory`.
async fn export(at: &str, symbol: &str, directory: &Path) -> Result<Value, Failure> {
    let reach = Reach { loopback: true, any_private: true, ..Reach::default() };
    let outgoing = Outgoing::with_timeout(reach, EXPORT_TIMEOUT)?;
    let url = format!("{}/calls/{}/export.tar", at.trim_end_matches('/'), name(symbol)?);
    let answer = outgoing.send(&url, Message::default(), EXPORT_BYTES_MAX).await?;
    if answer.status != 200 {
        let value = formats::json::parse(&answer.body).unwrap_or_default();
        let word = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let code = word("code").unwrap_or_else(|| format!("http_{}", answer.status));
        return Err(Failure::new(code, word("detail").unwrap_or_else(|| "There is no export.".to_owned())));
    }
    let files = unpack(answer.body.as_slice(), directory)?;
    Ok(json!({ "directory": directory.display().to_string(), "files": files }))
}

/// Writes the files of an archive below `directory`, which it makes; how many. Only files, only where an export has some.
fn unpack(archive: &[u8], directory: &Path) -> Result<u64, Failure> {
    let wrong = |what: &str| Failure::new("export", format!("this is no export: {what}"));
    fs::create_dir(directory)
        .map_err(|e| Failure::new("directory", format!("{} cannot be made: {e}", directory.display())))?;
    let mut files = 0;
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| wrong("a name"))?;
        let size = usize::try_from(entry.size()).unwrap_or(usize::MAX);
        if !is_path(&path) || !entry.header().entry_type().is_file() || size > EXPORT_FILE_BYTES_MAX {
            return Err(wrong("a file that it cannot have"));
        }
        let place = directory.join(&path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut bytes = Vec::with_capacity(size);
        entry.read_to_end(&mut bytes)?;
        // Never over another one.
        fs::File::create_new(&place)?.write_all(&bytes)?;
        files += 1;
    }
    Ok(files)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn archive(path: &str, kind: tar::EntryType) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.as_ustar_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(kind);
        header.set_size(if kind.is_file() { 4 } else { 0 });
        header.set_cksum();
        let bytes: &[u8] = if kind.is_file() { b"text" } else { b"" };
        archive.append(&header, bytes).unwrap();
        archive.into_inner().unwrap()
    }

    #[test]
    fn an_archive_writes_where_it_may_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let into = |n: u32| folder.path().join(n.to_string());
        let file = tar::EntryType::Regular;
        assert_eq!(unpack(&archive("submissions/sub_1/a.json", file), &into(0)).unwrap(), 1);
        assert_eq!(fs::read_to_string(into(0).join("submissions/sub_1/a.json")).unwrap(), "text");
        assert_eq!(unpack(&archive("a", file), &into(0)).unwrap_err().code, "directory");
        let bad = ["../a", "/a", "a/../../b", "a//b", ".hidden", "a\\b", "a b"];
        for (n, path) in (1..).zip(bad) {
            assert_eq!(unpack(&archive(path, file), &into(n)).unwrap_err().code, "export", "{path}");
            assert_eq!(fs::read_dir(into(n)).unwrap().count(), 0);
        }
        for (n, kind) in
            (20..).zip([tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Directory])
        {
            assert_eq!(unpack(&archive("a", kind), &into(n)).unwrap_err().code, "export");
        }
        let twice = [&archive("a", file)[..1024], &archive("a", file)].concat();
        assert_eq!(unpack(&twice, &into(30)).unwrap_err().code, "io");
    }
}
