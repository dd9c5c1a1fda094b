//! `sahihi restore`: a backup into an empty database.
//!
//! In this order: every file is compared with the manifest; the rows are loaded, compared, read back and compared again;
//! keys that are missing are written; what must not happen twice is ended ([`issue::Issuer::after_restore`],
//! [`ask::Ask::after_restore`]) and the database is opened for use in the same write. A restore that is interrupted before that
//! leaves a database that no command but another restore opens.

use std::{
    fs::{self, File},
    io::BufReader,
    path::PathBuf,
};

use base::Clock;
use clap::Args;
use serde_json::{Value, json};
use store::{
    Tx,
    copy::{self, Table},
};

use super::{keys, manifest, manifest::Manifest, passphrase};
use crate::{Failure, clock::SystemClock, config::Config, keys as party_keys, serve};

/// `sahihi restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The configuration of the party that is to be: with the identifier of the one that was.
    #[arg(long)]
    config: PathBuf,
    /// The backup.
    #[arg(long)]
    from: PathBuf,
    /// Write the keys of the backup to where the configuration wants them.
    #[arg(long)]
    with_keys: bool,
    /// A file with their passphrase; otherwise it is asked for.
    #[arg(long, requires = "with_keys")]
    passphrase_file: Option<PathBuf>,
    /// Only check the backup.
    #[arg(long)]
    check_only: bool,
    /// The party did nothing after this backup: its server was stopped before, and never ran again. Then nothing is
    /// ended: open offers stay open, cards can be refreshed, status lists go on.
    #[arg(long)]
    nothing_since: bool,
}

impl RestoreArgs {
    pub(crate) async fn run(self) -> Result<Value, Failure> {
        let config = Config::read(&self.config)?;
        let manifest = Manifest::read_and_check(&self.from)?;
        if manifest.identifier != config.identifier {
            let what = format!(
                "the backup is of `{}` and the configuration of `{}`: what was issued names the first",
                manifest.identifier, config.identifier
            );
            return Err(Failure::new("identifier_differs", what));
        }
        let keys = self.keys(&config, &manifest)?;
        if self.check_only {
            return Ok(self.answer("checked", &manifest, &[]));
        }
        let (database, migrations) = (config.database()?, serve::migrations());
        let from = self.from.clone();
        let open = move |table: &Table| {
            File::open(from.join(manifest::rows_file(&table.name)))
                .map(|f| BufReader::with_capacity(1 << 16, f))
        };
        copy::load(&database, &migrations, manifest.summary()?, open).await?;
        if let Some(keys) = keys {
            keys.write(&config)?;
        }
        let (now, nothing_since) = (SystemClock.now(), self.nothing_since);
        copy::finish(&database, &migrations, async move |tx: &mut Tx<'_>| {
            if !nothing_since {
                issue::after_restore(tx, now).await?;
                ask::after_restore(tx, now).await?;
                identity::after_restore(tx).await?;
                web::session::after_restore(tx).await?;
                log::after_restore(tx, now).await?;
            }
            Ok::<_, store::Error>(())
        })
        .await?;
        let mut next = vec!["`sahihi doctor`, then `sahihi serve`"];
        if !nothing_since {
            next.extend([
                "offers and presentation requests that were open are over: make them anew",
                "cards are refreshed no more until their people accept another offer",
                "a new log begins, under a name of its own: publish the key that `/log/key` shows; proofs of the old one \
                 stay good under its key",
                "suspend and revoke again what was suspended or revoked after the backup",
            ]);
        }
        Ok(self.answer("restored", &manifest, &next))
    }

    /// The keys to be written, if any. Refused when those that are there are not the backup's.
    fn keys(&self, config: &Config, manifest: &Manifest) -> Result<Option<keys::Keys>, Failure> {
        if self.with_keys {
            if manifest.keys.is_none() {
                let what = "this backup was made without keys: copy their folder from where you keep it";
                return Err(Failure::new("keys_not_included", what));
            }
            let passphrase = passphrase(self.passphrase_file.as_deref(), false)?;
            let opened = keys::Keys::open(&fs::read(self.from.join(manifest::KEYS))?, &passphrase)?;
            opened.refuse_others(config)?;
            return Ok(Some(opened));
        }
        if !party_keys::exist(config) {
            let what = if manifest.keys.is_some() {
                "there are no keys: say `--with-keys`, or copy their folder from where you keep it"
            } else {
                "there are no keys, and none in the backup: copy their folder from where you keep it"
            };
            return Err(Failure::new("keys_missing", what));
        }
        if keys::roots(config)? != manifest.roots {
            let what =
                "the keys are under another root than those of the backup: put the right ones in their place";
            return Err(Failure::new("keys_differ", what));
        }
        Ok(None)
    }

    fn answer(&self, done: &str, manifest: &Manifest, next: &[&str]) -> Value {
        json!({
            done: self.from.display().to_string(),
            "made_at": manifest.made_at,
            "rows": manifest.tables.iter().map(|t| t.rows).sum::<u64>(),
            "tables": manifest.tables.len(),
            "keys": if self.with_keys { "written" } else { "as they were" },
            "next": next,
        })
    }
}
