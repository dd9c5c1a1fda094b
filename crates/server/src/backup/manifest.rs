//! What stands in a backup's manifest, and how a folder is checked against it.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Read,
    path::Path,
};

use base::Instant;
use formats::json;
use serde::{Deserialize, Serialize};
use store::copy::{Column, ColumnKind, Contents, Summary, Table};

use super::keys;
use crate::{Failure, config::Config};

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const DIGEST: &str = "manifest.sha256";
pub(super) const KEYS: &str = "keys.sealed";

/// The form that this program writes, and the only one that it reads.
const FORMAT: u32 = 1;

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// 1.
    pub(super) format: u32,
    /// When it was made, RFC 3339.
    pub(super) made_at: String,
    /// The party's identifier.
    pub(super) identifier: String,
    /// The SHA-256 of the root certificates of the party and its issuers, hexadecimal.
    pub(super) roots: BTreeSet<String>,
    /// The sealed keys, or null: they are not in it.
    pub(super) keys: Option<KeysFile>,
    pub(super) migrations: Vec<MigrationEntry>,
    pub(super) tables: Vec<TableEntry>,
}

/// The sealed keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeysFile {
    pub(super) sealed_in: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl KeysFile {
    pub(super) fn of(sealed: &[u8]) -> Self {
        Self {
            sealed_in: KEYS.to_owned(),
            bytes: sealed.len() as u64,
            sha256: base16ct::lower::encode_string(&crypto::sha256(sealed)),
        }
    }
}

/// A migration that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MigrationEntry {
    name: String,
    sha256: String,
}

/// A table and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableEntry {
    name: String,
    /// Names and types: `bigint`, `text` or `bytea`.
    columns: Vec<(String, String)>,
    /// The columns of its primary key, in which order the rows are.
    key: Vec<String>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    sha256: String,
}

/// The file of a table's rows.
pub(super) fn rows_file(table: &str) -> String {
    format!("{table}.rows")
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

fn damaged(what: impl Into<String>) -> Failure {
    Failure::new("backup_damaged", format!("{}; take another backup", what.into()))
}

impl Manifest {
    pub(super) fn of(
        config: &Config,
        now: Instant,
        summary: &Summary,
        keys: Option<KeysFile>,
    ) -> Result<Self, Failure> {
        let migrations = summary.migrations.iter();
        let tables = summary.tables.iter();
        Ok(Self {
            format: FORMAT,
            made_at: now.rfc3339(),
            identifier: config.identifier.clone(),
            roots: keys::roots(config)?,
            keys,
            migrations: migrations
                .map(|(name, digest)| MigrationEntry { name: name.clone(), sha256: hex(digest) })
                .collect(),
            tables: tables
                .map(|c| TableEntry {
                    name: c.table.name.clone(),
                    columns: c
                        .table
                        .columns
                        .iter()
                        .map(|c| (c.name.clone(), c.kind.name().to_owned()))
                        .collect(),
                    key: c.table.key.clone(),
                    rows: c.rows,
                    bytes: c.bytes,
                    sha256: hex(&c.sha256),
                })
                .collect(),
        })
    }

    pub(super) fn text(&self) -> String {
        format!("{:#}\n", serde_json::json!(self))
    }

    /// Reads the manifest of a backup and checks every file against it.
    pub(super) fn read_and_check(folder: &Path) -> Result<Self, Failure> {
        let text = read(folder, MANIFEST)?;
        let digest = read(folder, DIGEST)?;
        if digest != format!("{}\n", hex(&crypto::sha256(&text))).as_bytes() {
            return Err(damaged(format!("{MANIFEST} and {DIGEST} do not belong together")));
        }
        let unreadable = || damaged(format!("{MANIFEST} cannot be read"));
        let value = json::parse(&text).map_err(|_| unreadable())?;
        // Looked at first: what a later form looks like is not known.
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => {
                let what = format!(
                    "the backup has form {format}, and this program reads form {FORMAT}: use the release that made it"
                );
                return Err(Failure::new("backup_format", what));
            }
            None => return Err(unreadable()),
        }
        let manifest: Self = json::parse_as(&text).map_err(|_| unreadable())?;
        manifest.check_files(folder)?;
        Ok(manifest)
    }

    fn check_files(&self, folder: &Path) -> Result<(), Failure> {
        let mut expected: BTreeSet<String> = [MANIFEST, DIGEST].map(str::to_owned).into();
        let tables = self.tables.iter().map(|t| (rows_file(&t.name), t.bytes, &t.sha256));
        let keys = self.keys.iter().map(|k| (KEYS.to_owned(), k.bytes, &k.sha256));
        for (name, bytes, sha256) in tables.chain(keys) {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.';
            if !name.bytes().all(plain) {
                return Err(damaged(format!("{MANIFEST} names an odd file")));
            }
            let (found, digest) = digest_of(folder, &name)?;
            if (found, &digest) != (bytes, sha256) {
                return Err(damaged(format!("{name} is not as it was written")));
            }
            expected.insert(name);
        }
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !expected.contains(&name) {
                return Err(Failure::new("backup_unknown_file", format!("{name} is no part of this backup")));
            }
        }
        Ok(())
    }

    /// What `store` compares with.
    pub(super) fn summary(&self) -> Result<Summary, Failure> {
        let digest = |text: &str| {
            let mut out = [0; 32];
            let read = base16ct::lower::decode(text, &mut out).is_ok_and(|bytes| bytes.len() == 32);
            if read { Ok(out) } else { Err(damaged(format!("{MANIFEST} has a malformed digest"))) }
        };
        let kind = |name: &str| {
            ColumnKind::from_name(name).ok_or_else(|| damaged(format!("{MANIFEST} has an odd column")))
        };
        let migrations = self.migrations.iter().map(|m| Ok((m.name.clone(), digest(&m.sha256)?)));
        let table = |t: &TableEntry| {
            let columns = t
                .columns
                .iter()
                .map(|(name, of)| Ok(Column { name: name.clone(), kind: kind(of)? }))
                .collect::<Result<_, Failure>>()?;
            let table = Table::new(t.name.clone(), columns, t.key.clone());
            Ok(Contents { table, rows: t.rows, bytes: t.bytes, sha256: digest(&t.sha256)? })
        };
        Ok(Summary {
            migrations: migrations.collect::<Result<_, Failure>>()?,
            tables: self.tables.iter().map(table).collect::<Result<_, Failure>>()?,
        })
    }
}

fn open(folder: &Path, name: &str) -> Result<File, Failure> {
    File::open(folder.join(name)).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::new("backup_incomplete", format!("the backup has no {name}; take another backup"))
        }
        _ => Failure::new("io", format!("{name}: {e}")),
    })
}

/// A short file.
fn read(folder: &Path, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = base::limits::JSON_BYTES_MAX as u64 + 1;
    open(folder, name)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The length and the SHA-256 of a file of any length.
fn digest_of(folder: &Path, name: &str) -> Result<(u64, String), Failure> {
    let (bytes, sha256) = store::copy::digest_of(open(folder, name)?)?;
    Ok((bytes, hex(&sha256)))
}
