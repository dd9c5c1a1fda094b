//! `sahihi backup`: an installation's rows, and if wanted its keys, as files; `sahihi restore` brings them back.
//!
//! Read in this order: here (what a backup is, how it is made), [`manifest`] (what stands in it, how it is checked),
//! [`keys`] (the keys, sealed), [`restore`].
//!
//! A backup is a folder:
//!
//! | file | what |
//! |---|---|
//! | `manifest.json` | what the others are: sizes, digests, migrations, whether keys are in it |
//! | `manifest.sha256` | its SHA-256, hexadecimal |
//! | `TABLE.rows` | the rows of a table, in `store::copy::encode`'s form, which is the same for both engines |
//! | `keys.sealed` | the keys, under a passphrase; only with `--with-keys` |
//!
//! It is one consistent view of the database, taken while the server goes on. The folder is made under another name
//! and gets its own when every file in it is on the disk: a folder whose name ends in `.new` is no backup.

mod keys;
mod manifest;
pub(crate) mod restore;

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use base::Clock;
use clap::Args;
use crypto::Zeroizing;
use serde_json::{Value, json};
use store::copy::{self, CopyError, Table};

use self::manifest::Manifest;
use crate::{Failure, clock::SystemClock, config::Config, files, serve};

/// `sahihi backup`.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The party's configuration.
    #[arg(long)]
    config: PathBuf,
    /// The folder to make.
    #[arg(long)]
    to: PathBuf,
    /// Put the keys in too, sealed under a passphrase.
    #[arg(long)]
    with_keys: bool,
    /// A file with that passphrase; otherwise it is asked for.
    #[arg(long, requires = "with_keys")]
    passphrase_file: Option<PathBuf>,
}

impl BackupArgs {
    pub(crate) async fn run(self) -> Result<Value, Failure> {
        let config = Config::read(&self.config)?;
        if self.to.exists() {
            let what = format!("{} exists already: name a folder that does not", self.to.display());
            return Err(Failure::new("backup_exists", what));
        }
        let passphrase =
            if self.with_keys { Some(passphrase(self.passphrase_file.as_deref(), true)?) } else { None };
        let made = Folder::beside(&self.to)?;
        let manifest = write(&config, made.path(), passphrase.as_ref()).await?;
        made.publish(&self.to)?;
        Ok(json!({
            "backup": self.to.display().to_string(),
            "made_at": manifest.made_at,
            "rows": manifest.tables.iter().map(|t| t.rows).sum::<u64>(),
            "bytes": manifest.tables.iter().map(|t| t.bytes).sum::<u64>(),
            "keys": manifest.keys,
            "next": if manifest.keys.is_some() {
                "keep the passphrase apart from this folder: together they are the installation"
            } else {
                "the keys are not in it: copy the folder of `keys` to another place than this one, once and after each rotation"
            },
        }))
    }
}

/// Writes every file of a backup to `folder`, and has them on the disk when it returns.
async fn write(
    config: &Config,
    folder: &Path,
    passphrase: Option<&Zeroizing<String>>,
) -> Result<Manifest, Failure> {
    // Until the end: lists must not come to be signed by keys that the backup does not have.
    let held = if passphrase.is_some() { keys::hold(config)? } else { Vec::new() };
    let into = folder.to_owned();
    let open = move |table: &Table| create(&into.join(manifest::rows_file(&table.name))).map(BufWriter::new);
    let summary = copy::export(&config.database()?, &serve::migrations(), open).await?;
    let sealed = match passphrase {
        None => None,
        Some(passphrase) => {
            let sealed = keys::seal(config, passphrase)?;
            create(&folder.join(manifest::KEYS))?.write_all(&sealed)?;
            Some(manifest::KeysFile::of(&sealed))
        }
    };
    drop(held);
    let manifest = Manifest::of(config, SystemClock.now(), &summary, sealed)?;
    let text = manifest.text();
    create(&folder.join(manifest::MANIFEST))?.write_all(text.as_bytes())?;
    let digest = base16ct::lower::encode_string(&crypto::sha256(text.as_bytes()));
    writeln!(create(&folder.join(manifest::DIGEST))?, "{digest}")?;
    for entry in fs::read_dir(folder)? {
        File::open(entry?.path())?.sync_all()?;
    }
    File::open(folder)?.sync_all()?;
    Ok(manifest)
}

/// A file that was not there, readable by its owner alone.
fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// A folder under a name for the time being, deleted unless it is published.
struct Folder(Option<PathBuf>);

impl Folder {
    fn beside(to: &Path) -> Result<Self, Failure> {
        let mut name = to.file_name().unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err(Failure::new("backup_name", "the folder to make needs a name"));
        }
        name.push(format!(".{}.new", files::random_name()));
        let beside = to.with_file_name(name);
        DirBuilder::new().mode(0o700).create(&beside).map_err(|e| {
            Failure::new("backup_folder", format!("{} cannot be made: {e}", beside.display()))
        })?;
        Ok(Self(Some(beside)))
    }

    fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or_else(|| Path::new(""))
    }

    /// Gives it its name, durably. Never takes the place of anything: a folder with files cannot be replaced so.
    fn publish(mut self, to: &Path) -> Result<(), Failure> {
        fs::rename(self.path(), to)?;
        self.0 = None;
        let parent = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        Ok(File::open(parent)?.sync_all()?)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(unfinished) = &self.0 {
            let _ = fs::remove_dir_all(unfinished);
        }
    }
}

/// The passphrase of the keys: from a file, or from the operator, who types a new one twice.
fn passphrase(file: Option<&Path>, new: bool) -> Result<Zeroizing<String>, Failure> {
    let unreadable = |e: std::io::Error| {
        let what = format!("the passphrase cannot be read ({e}): give a --passphrase-file");
        Failure::new("passphrase_unreadable", what)
    };
    let passphrase = match file {
        Some(file) => {
            let text = Zeroizing::new(fs::read_to_string(file).map_err(unreadable)?);
            Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        None => Zeroizing::new(rpassword::prompt_password("Passphrase of the keys: ").map_err(unreadable)?),
    };
    if new && file.is_none() {
        let again = Zeroizing::new(rpassword::prompt_password("Once more: ").map_err(unreadable)?);
        if *again != *passphrase {
            return Err(Failure::new("passphrase_differs", "the two passphrases differ"));
        }
    }
    if passphrase.is_empty() {
        return Err(Failure::new(
            "passphrase_empty",
            "keys are sealed under a passphrase, and this one is empty",
        ));
    }
    Ok(passphrase)
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        let code = match &error {
            CopyError::Store(e) => return Self::from(e.clone()),
            CopyError::InUse(_) => "in_use",
            CopyError::NotEmpty(_) => "not_empty",
            CopyError::Moved(_) => "moved",
            CopyError::Migration(_) => "other_release",
            CopyError::TablesDiffer(_) => "backup_tables",
            CopyError::Damaged(_) => "backup_damaged",
            CopyError::Unverified(_) => "not_verified",
            CopyError::Io(_) => "io",
            _ => "copy",
        };
        Self::new(code, error.to_string())
    }
}
