//! `sahihi admin`: what whoever operates a party does, on the machine where its configuration is.

use std::path::{Path, PathBuf};

use base::Instant;
use clap::Subcommand;
use serde_json::{Value, json};
use web::{Actor, Role};

use crate::{Failure, config::Config, serve};

/// `sahihi admin`.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Print a link that makes whoever answers it first with a wallet an administrator. It works once, for a day; it is kept
    /// as a digest, so what is lost is made again.
    Invite {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
        /// What they may do: administrator, clerk, secretary, asker; again, for several [default: administrator].
        #[arg(long = "role", value_parser = role)]
        roles: Vec<Role>,
        /// Give the roles to the office that their mandate names, and so to whoever holds it.
        #[arg(long)]
        office: bool,
        /// Why, for the history.
        #[arg(long, default_value = "invited by whoever operates this party")]
        reason: String,
    },
}

fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name).ok_or_else(|| {
        let all: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
        format!("a role is one of {}", all.join(", "))
    })
}

impl AdminCommand {
    pub(crate) async fn run(self) -> Result<Value, Failure> {
        let Self::Invite { config, roles, office, reason } = self;
        let roles = if roles.is_empty() { vec![Role::Administrator] } else { roles };
        let binds = if office { identity::Binds::Office } else { identity::Binds::Person };
        let (link, until) = invite(&config, &roles, binds, &reason).await?;
        let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        Ok(json!({ "link": link, "roles": roles, "expires_at": until.rfc3339() }))
    }
}

/// The link, and until when it works.
async fn invite(
    file: &Path,
    roles: &[Role],
    binds: identity::Binds,
    reason: &str,
) -> Result<(String, Instant), Failure> {
    let config = Config::read(file)?;
    let login = serve::login(&config).await?;
    let invited = login.invite(&Actor::system("operator"), roles, binds, reason).await;
    let invited = invited.map_err(|e| Failure::new("invitation", e.to_string()))?;
    Ok((format!("{}{}", config.identifier, invited.path), invited.expires_at))
}
