//! The configuration of one party: a TOML file.
//!
//! A party can be several issuers: `[issue]` is itself, each `[[issue.issuer]]` one more, with a name, an organisation and
//! keys of its own.
//!
//! Three addresses are kept apart: what the party is called (`identifier`), where it listens (`listen`),
//! and where others reach it, which today is the identifier too.

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use base::{Texts, limits::STATUS_LIST_TTL_S};
use serde::Deserialize;
use web::{client_address::Network, staff::StaffToken};

use crate::{Failure, mail::MailConfig, outgoing::Reach};

/// One party, as its file says. Paths are relative to the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What people call it, in six languages.
    pub(crate) name: Texts,
    /// The organisation that the certificates name.
    pub(crate) organisation: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// Its identifier: an https origin without a path, or http on the loopback where that is allowed.
    pub(crate) identifier: String,
    /// What its cookies are called by, a-z, 0-9 and -: `state`. Without it, its host and port.
    pub(crate) handle: Option<String>,
    /// Where it listens, `address:port`.
    pub(crate) listen: String,
    /// Where whoever operates it asks for metrics, health and readiness, `address:port`: not for the public.
    pub(crate) operations_listen: Option<String>,
    /// The proxies that stand before it, as addresses or networks: who they say the client is, is believed.
    #[serde(default)]
    pub(crate) trusted_proxies: Vec<String>,
    /// How often one may guess, or do what costs much: what is not said is as in `sahihi doctor --limits`.
    #[serde(default)]
    pub(crate) limits: web::limit::Allowed,
    /// `sqlite:FILE` or a `postgres://` address.
    pub(crate) database: String,
    /// The directory of its keys and certificates.
    pub(crate) keys: PathBuf,
    /// Accept plain http on the loopback: for demonstrations and tests.
    #[serde(default)]
    pub(crate) insecure_loopback: bool,
    /// A file with a number of seconds by which the party's clock is ahead: for demonstrations and tests, and only with
    /// `insecure_loopback`.
    pub(crate) clock_offset_file: Option<PathBuf>,
    /// Hosts that this party may call although their addresses are private.
    #[serde(default)]
    pub(crate) private_hosts: BTreeSet<String>,
    /// Who may call the staff interfaces.
    #[serde(default)]
    pub(crate) staff: Vec<StaffToken>,
    /// Present where this party keeps a register and issues.
    pub(crate) issue: Option<IssueConfig>,
    /// Present where this party asks.
    pub(crate) ask: Option<AskConfig>,
    /// Present where this party keeps a forum: a secretariat. Whoever keeps one asks too.
    pub(crate) forum: Option<ForumConfig>,
    /// Where its mail goes; without it, it sends none.
    pub(crate) mail: Option<MailConfig>,
    /// Present where people sign in, and the staff with them. Whoever lets people sign in asks too.
    pub(crate) login: Option<LoginConfig>,
}

/// With what people sign in: types (`vct`) of credentials, of those that `[ask]` accepts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginConfig {
    /// Types of mandates.
    #[serde(default)]
    pub(crate) mandate: Vec<String>,
    /// Types of participants' cards.
    #[serde(default)]
    pub(crate) participant: Vec<String>,
    /// Types of identity documents.
    #[serde(default)]
    pub(crate) pid: Vec<String>,
}

/// What a secretariat is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForumConfig {
    /// The zone in which its deadlines are meant, by its name in the IANA database.
    #[serde(default = "host_zone")]
    pub(crate) host_zone: String,
    /// Where to ask: an office's mail address, said to everybody.
    pub(crate) contact: String,
    /// Country by country, whose mandates count.
    #[serde(default)]
    pub(crate) mandates: Vec<MandatesConfig>,
}

/// Whose mandates count for one country.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MandatesConfig {
    /// The country, ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// A file of trust anchors (PEM): who says there who may act for whom.
    pub(crate) anchors: PathBuf,
    /// The types (`vct`) of their mandates.
    pub(crate) types: BTreeSet<String>,
}

fn host_zone() -> String {
    "Europe/Zurich".to_owned()
}

/// What an issuer is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssueConfig {
    /// A directory of credential types, one TOML file each; without it, the types that the binary carries.
    pub(crate) types: Option<PathBuf>,
    /// The ids of those of them that the party itself issues; without it, all.
    #[serde(default)]
    pub(crate) only: BTreeSet<String>,
    /// How long others may use a fetched status list, seconds.
    #[serde(default = "status_ttl")]
    pub(crate) status_ttl_s: i64,
    /// More issuers of this installation, which share its register and its database.
    #[serde(default, rename = "issuer")]
    pub(crate) others: Vec<IssuerConfig>,
}

/// An issuer besides the party itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerConfig {
    /// The party's identifier, a slash and one name of a-z, 0-9 and -: `https://state.example/university`. Staff find it
    /// under `/staff/v1/issuers/` and that name.
    pub(crate) identifier: String,
    /// What people call it, in six languages.
    pub(crate) name: Texts,
    /// The organisation that its certificates name.
    pub(crate) organisation: String,
    /// The directory of its keys and certificates.
    pub(crate) keys: PathBuf,
    /// The ids of the types that it issues, at least one.
    pub(crate) types: BTreeSet<String>,
}

/// First parts of paths that the party answers itself.
const TAKEN: &[&str] = &[
    "ar",
    "ask",
    "assets",
    "calls",
    "circulars",
    "credential",
    "design",
    "desk",
    "en",
    "es",
    "forum",
    "fr",
    "healthz",
    "invitations",
    "log",
    "login",
    "logout",
    "nonce",
    "notification",
    "offers",
    "readyz",
    "ru",
    "sessions",
    "staff",
    "status",
    "submissions",
    "token",
    "types",
    "zh",
];

fn status_ttl() -> i64 {
    STATUS_LIST_TTL_S
}

/// What an asker is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskConfig {
    /// Files of trust anchors (PEM) of the issuers whose credentials of every type are accepted.
    #[serde(default)]
    pub(crate) credential_anchors: Vec<PathBuf>,
    /// Issuers whose credentials of some types are accepted.
    #[serde(default)]
    pub(crate) issuers: Vec<IssuersConfig>,
    /// How old a status list may be, seconds; without it, the list's own `ttl`; 0 fetches it every time.
    pub(crate) status_max_age_s: Option<i64>,
}

/// Who may issue what.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuersConfig {
    /// A file of trust anchors (PEM).
    pub(crate) anchors: PathBuf,
    /// The types (`vct`) of which their credentials are accepted.
    pub(crate) types: BTreeSet<String>,
}

impl Config {
    /// Reads `file` and makes its paths absolute.
    pub(crate) fn read(file: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(file)
            .map_err(|e| Failure::new("config", format!("{} cannot be read: {e}", file.display())))?;
        let mut config: Self = toml::from_str(&text)
            .map_err(|e| Failure::new("config", format!("{} is not a configuration: {e}", file.display())))?;
        let directory = file.parent().unwrap_or_else(|| Path::new("."));
        config.keys = directory.join(&config.keys);
        if let Some(path) = config.database.strip_prefix("sqlite:") {
            config.database = format!("sqlite:{}", directory.join(path).display());
        }
        if let Some(issue) = &mut config.issue {
            issue.types = issue.types.as_ref().map(|t| directory.join(t));
            for issuer in &mut issue.others {
                issuer.keys = directory.join(&issuer.keys);
            }
        }
        if let Some(ask) = &mut config.ask {
            for anchors in &mut ask.credential_anchors {
                *anchors = directory.join(&anchors);
            }
            for issuers in &mut ask.issuers {
                issuers.anchors = directory.join(&issuers.anchors);
            }
        }
        for mandates in config.forum.iter_mut().flat_map(|forum| &mut forum.mandates) {
            mandates.anchors = directory.join(&mandates.anchors);
        }
        if let Some(mail) = &mut config.mail {
            mail.password_file = mail.password_file.as_ref().map(|file| directory.join(file));
        }
        config.clock_offset_file = config.clock_offset_file.map(|file| directory.join(file));
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Failure> {
        let wrong = |what: String| Err(Failure::new("config", what));
        let is_country = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !is_country(&self.country) {
            return wrong("`country` must be two capital letters (ISO 3166-1)".into());
        }
        if self.handle.as_ref().is_some_and(|handle| handle.is_empty() || !handle.bytes().all(plain)) {
            return wrong("`handle` must be of a-z, 0-9 and -".into());
        }
        if self.clock_offset_file.is_some() && !self.insecure_loopback {
            return wrong(
                "`clock_offset_file` needs `insecure_loopback = true`: a clock that is moved is no clock"
                    .into(),
            );
        }
        if let Some(forum) = &self.forum {
            if self.ask.is_none() {
                return wrong("`[forum]` needs `[ask]`: who takes part is asked to sign".into());
            }
            if let Some(bad) = forum.mandates.iter().find(|m| !is_country(&m.country) || m.types.is_empty()) {
                return wrong(format!(
                    "`[[forum.mandates]]` of `{}` must name a country and types",
                    bad.country
                ));
            }
        }
        if let Some(login) = &self.login {
            if self.ask.is_none() {
                return wrong("`[login]` needs `[ask]`: who signs in is asked for a credential".into());
            }
            if login.mandate.is_empty() && login.participant.is_empty() && login.pid.is_empty() {
                return wrong("`[login]` names no types: nobody could sign in".into());
            }
        }
        self.trusted_proxies()?;
        let Ok(url) = url::Url::parse(&self.identifier) else {
            return wrong("`identifier` is not an address".into());
        };
        if url.path() != "/" || self.identifier.ends_with('/') || url.query().is_some() {
            return wrong("`identifier` must be an origin: scheme, host and port, nothing behind it".into());
        }
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && self.insecure_loopback && loopback) {
            return wrong(
                "`identifier` must be https; http needs a loopback host and `insecure_loopback = true`"
                    .into(),
            );
        }
        let mut seen = BTreeSet::new();
        // As components: `./keys` and `keys` are one folder.
        let folder = |path: &Path| path.components().filter(|c| *c != Component::CurDir).collect::<PathBuf>();
        let mut keys = BTreeSet::from([folder(&self.keys)]);
        for issuer in self.issue.iter().flat_map(|issue| &issue.others) {
            let handle = self.handle(issuer);
            if handle.is_empty() || !handle.bytes().all(plain) || TAKEN.contains(&handle) {
                let (theirs, ours) = (&issuer.identifier, &self.identifier);
                return wrong(format!(
                    "`{theirs}` must be `{ours}/`, then a name of a-z, 0-9 and - that is not in use"
                ));
            }
            if !seen.insert(handle) {
                return wrong(format!("two issuers are called `{}`", issuer.identifier));
            }
            // Trust is given to roots: what is under one root cannot be told apart.
            if !keys.insert(folder(&issuer.keys)) {
                return wrong(format!(
                    "`{}` has the keys of another: name a folder of its own",
                    issuer.identifier
                ));
            }
            if issuer.types.is_empty() {
                return wrong(format!("`{}` issues nothing: name its `types`", issuer.identifier));
            }
        }
        Ok(())
    }

    /// What comes after the party's own identifier in that of one of its issuers; nothing if it does not begin with that.
    fn handle<'a>(&self, issuer: &'a IssuerConfig) -> &'a str {
        issuer
            .identifier
            .strip_prefix(&self.identifier)
            .and_then(|rest| rest.strip_prefix('/'))
            .unwrap_or_default()
    }

    /// The other issuers, each with its handle and as if it were the party.
    pub(crate) fn issuers(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>, Self)> {
        self.issue.iter().flat_map(|issue| &issue.others).map(|issuer| {
            let party = Self {
                name: issuer.name.clone(),
                organisation: issuer.organisation.clone(),
                identifier: issuer.identifier.clone(),
                keys: issuer.keys.clone(),
                ..self.clone()
            };
            (self.handle(issuer), &issuer.types, party)
        })
    }

    /// Whom it believes about clients.
    pub(crate) fn trusted_proxies(&self) -> Result<Vec<Network>, Failure> {
        let read = |text: &String| {
            text.parse().map_err(|e| Failure::new("config", format!("`trusted_proxies`: `{text}` is {e}")))
        };
        self.trusted_proxies.iter().map(read).collect()
    }

    /// Where its rows are.
    pub(crate) fn database(&self) -> Result<store::Config, Failure> {
        if let Some(path) = self.database.strip_prefix("sqlite:") {
            Ok(store::Config::Sqlite { path: path.into() })
        } else if self.database.starts_with("postgres://") || self.database.starts_with("postgresql://") {
            Ok(store::Config::Postgres { url: self.database.clone() })
        } else {
            Err(Failure::new("config", "`database` must be `sqlite:FILE` or a `postgres://` address"))
        }
    }

    /// What it may call besides the public internet.
    pub(crate) fn reach(&self) -> Reach {
        let private_hosts = self.private_hosts.iter().map(|h| h.to_ascii_lowercase()).collect();
        Reach { loopback: self.insecure_loopback, private_hosts: Arc::new(private_hosts), any_private: false }
    }

    /// What its log is called: its identifier without the scheme, then `/log` (C2SP tlog-tiles, Parameters).
    pub(crate) fn log_origin(&self) -> String {
        let host = self.identifier.split_once("://").map_or(self.identifier.as_str(), |(_, host)| host);
        format!("{host}/log")
    }

    /// The DNS name of its identifier.
    pub(crate) fn host(&self) -> String {
        url::Url::parse(&self.identifier)
            .ok()
            .and_then(|u| u.host_str().map(str::to_owned))
            .unwrap_or_default()
    }
}
