//! `sahihi move`: an installation to another database, row for row.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use store::{Tx, copy};

use crate::{Failure, config::Config, serve};

/// `sahihi move`.
#[derive(Debug, Args)]
pub(crate) struct MoveArgs {
    /// The party's configuration, which names where its rows are now.
    #[arg(long)]
    config: PathBuf,
    /// Where they are to be: `sqlite:FILE` (from the working directory) or a `postgres://` address of an empty database.
    #[arg(long)]
    to: String,
}

impl MoveArgs {
    pub(crate) async fn run(self) -> Result<Value, Failure> {
        let config = Config::read(&self.config)?;
        let (from, to) =
            (config.database()?, Config { database: self.absolute()?, ..config.clone() }.database()?);
        if from.name() == to.name() {
            return Err(Failure::new("same_database", "the rows are there already"));
        }
        let migrations = serve::migrations();
        let tables = copy::transfer(&from, &to, &migrations).await?;
        copy::finish(&to, &migrations, async |_: &mut Tx<'_>| Ok::<_, store::Error>(())).await?;
        let tables: Vec<Value> = tables
            .iter()
            .map(|t| {
                let sha256 = base16ct::lower::encode_string(&t.sha256);
                json!({ "table": t.table.name, "rows": t.rows, "sha256": sha256 })
            })
            .collect();
        Ok(json!({
            "moved_from": from.name(),
            "moved_to": to.name(),
            "tables": tables,
            "next": format!(
                "in {}, set `database` to what you gave as --to{}; then `sahihi doctor`, then `sahihi serve`. What was there is \
                 left as it was, and no server starts on it.",
                self.config.display(),
                if self.to.starts_with("sqlite:") { ", with its path seen from that file" } else { "" }
            ),
        }))
    }

    /// A path on the command line is seen from the working directory.
    fn absolute(&self) -> Result<String, Failure> {
        match self.to.strip_prefix("sqlite:") {
            Some(path) => Ok(format!("sqlite:{}", std::path::absolute(path)?.display())),
            None => Ok(self.to.clone()),
        }
    }
}
