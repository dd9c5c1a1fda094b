//! A party's keys and certificates, as files: one root, leaves under it for each use, and one secret.
//!
//! | file | what |
//! |---|---|
//! | `root.key.pem`, `root.pem` | the root; its key may be kept elsewhere once the leaves are made |
//! | `credential.key.pem`, `credential.pem` | signs credentials and status lists |
//! | `request.key.pem`, `request.pem` | signs presentation requests; names the party's host |
//! | `secret` | 32 random bytes, from which the server derives what it must recognise again |
//! | `log.key` | 32 bytes, the seed of the Ed25519 key that signs the public log's checkpoints and receipts; another one begins another log (`sahihi log begin`) |
//! | `log.head` | the newest checkpoint that was shown: what the log must continue |
//! | `retired/001/…` | keys and certificates that others followed, the oldest first: see [`rotate`] |
//!
//! `root.pem` is what others configure as trust anchor. A certificate file holds the chain, leaf first, without the
//! root.

mod rotate;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base::{Clock, Instant};
use clap::{Subcommand, ValueEnum};
use crypto::{SecretKey, SystemRandom, Zeroizing, random_array};
use formats::x509::{
    Certificate, CertifiedSigner, Purpose, TrustAnchors, certificate_to_pem, certificates_from_pem,
    make::{MakeLeaf, MakeRoot, make_leaf, make_root},
};
use serde_json::{Value, json};

use crate::{Failure, clock::SystemClock, config::Config, files};

/// How long a root is valid, days.
const ROOT_DAYS: i64 = 3_650;
/// How long a leaf is valid, days.
const LEAF_DAYS: i64 = base::limits::CERTIFICATE_LEAF_DAYS_MAX;

/// `sahihi keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make the party's root, leaves and secret, and those of its issuers; refused where there are all of them already.
    Init {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
    },
    /// Show the party's certificates, those of retired keys too.
    List {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
    },
    /// Follow keys by new ones; what was issued stays good. Restart the server afterwards.
    Rotate {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
        /// Only this one; `root` makes a new root and everything under it [default: everything under the root].
        #[arg(long = "use", value_enum)]
        what: Option<What>,
        /// The keys of this one of the party's issuers, by the last part of its identifier [default: the party itself].
        #[arg(long)]
        issuer: Option<String>,
    },
    /// Print, as PEM, every anchor that others must know to verify what this party issued.
    ExportAnchors {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
    },
}

/// What is followed by something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// The key that signs credentials and status lists.
    Credential,
    /// The key that signs presentation requests.
    Request,
    /// The root, and with it everything under it.
    Root,
}

impl KeysCommand {
    pub(crate) fn run(self) -> Result<Value, Failure> {
        match self {
            Self::Init { config } => {
                let config = Config::read(&config)?;
                init_missing(&config)?;
                list_all(&config)
            }
            Self::List { config } => list_all(&Config::read(&config)?),
            Self::Rotate { config, what, issuer } => {
                let config = Config::read(&config)?;
                let whose = match issuer {
                    None => config,
                    Some(name) => {
                        let found = config.issuers().find(|(handle, ..)| **handle == *name);
                        let none = || Failure::new("no_such_issuer", format!("there is no issuer `{name}`"));
                        found.map(|(.., party)| party).ok_or_else(none)?
                    }
                };
                rotate::rotate(&whose, what, SystemClock.now())?;
                list(&whose)
            }
            Self::ExportAnchors { config } => {
                let (config, now) = (Config::read(&config)?, SystemClock.now());
                let mut all = anchors(&config, now)?;
                for (.., issuer) in config.issuers() {
                    all = all.merged(&anchors(&issuer, now)?);
                }
                crate::say(&all.to_pem().map_err(failed)?);
                Ok(Value::Null)
            }
        }
    }
}

/// Something of these files cannot be used.
fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new("keys", error.to_string())
}

/// The files of certificates, without their ending.
const NAMES: [&str; 3] = ["root", "credential", "request"];

/// What a key of the party is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Signing credentials and status lists.
    Credential,
    /// Signing presentation requests.
    Request,
}

impl Use {
    const ALL: [Self; 2] = [Self::Credential, Self::Request];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Request => "request",
        }
    }

    const fn purpose(self) -> Purpose {
        match self {
            Self::Credential => Purpose::CredentialSigning,
            Self::Request => Purpose::RequestSigning,
        }
    }
}

/// The party's root certificate, PEM.
pub(crate) fn root_certificate(config: &Config) -> PathBuf {
    config.keys.join("root.pem")
}

/// Keeps the keys of this folder from being rotated, for as long as the answer lives.
pub(crate) fn hold(keys: &Path) -> Result<fs::File, Failure> {
    rotate::finish(keys)?;
    rotate::alone(keys)
}

/// Whether the party has keys.
pub(crate) fn exist(config: &Config) -> bool {
    root_certificate(config).exists()
}

/// Makes the keys of a party that has none as if it were then: for a past that is made up.
pub(crate) fn init_at(config: &Config, then: Instant) -> Result<(), Failure> {
    fs::create_dir_all(&config.keys)?;
    make_all(config, &config.keys, then).map_err(failed)
}

/// Has everything followed by keys of now: root, leaves.
pub(crate) fn renew(config: &Config, now: Instant) -> Result<(), Failure> {
    rotate::rotate(config, Some(What::Root), now)
}

/// Makes the keys of the party and of each of its issuers that has none.
pub(crate) fn init_missing(config: &Config) -> Result<(), Failure> {
    let parties = std::iter::once(config.clone()).chain(config.issuers().map(|(.., issuer)| issuer));
    let missing: Vec<_> = parties.filter(|party| !party.keys.exists()).collect();
    let log = config.keys.join(LOG_KEY);
    if config.keys.exists() && !log.exists() {
        // Keys that were made before there was a log.
        files::write_secret(&log, &random_array::<32>(&SystemRandom))?;
        return missing.iter().try_for_each(init);
    }
    if missing.is_empty() {
        return init(config);
    }
    missing.iter().try_for_each(init)
}

/// Makes the party's keys in a folder beside, and moves that into place: there are all of them or none.
pub(crate) fn init(config: &Config) -> Result<(), Failure> {
    if config.keys.exists() {
        return Err(Failure::new("keys_exist", format!("{} exists already", config.keys.display())));
    }
    let beside = config.keys.with_extension("new");
    if beside.exists() {
        fs::remove_dir_all(&beside)?;
    }
    fs::create_dir_all(&beside)?;
    make_all(config, &beside, SystemClock.now()).map_err(|e| Failure::new("keys", e))?;
    fs::rename(&beside, &config.keys)?;
    Ok(())
}

fn make_all(config: &Config, directory: &Path, now: Instant) -> Result<(), String> {
    let root = Root::make(config, now)?;
    root.save(directory)?;
    for use_ in Use::ALL {
        make_signer(config, &root, use_, directory, now)?;
    }
    files::write_secret(&directory.join("secret"), &random_array::<32>(&SystemRandom)).map_err(text)?;
    files::write_secret(&directory.join(LOG_KEY), &random_array::<32>(&SystemRandom)).map_err(text)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A root with its key.
struct Root {
    key: SecretKey,
    der: Vec<u8>,
}

impl Root {
    fn make(config: &Config, now: Instant) -> Result<Self, String> {
        let key = SecretKey::generate(&SystemRandom);
        let root = MakeRoot {
            country: config.country.clone(),
            organisation: config.organisation.clone(),
            common_name: format!("{} root", config.organisation),
            path_len: 0,
            days: ROOT_DAYS,
        };
        let der = make_root(&root, &key, &SystemRandom, now).map_err(text)?;
        Ok(Self { key, der })
    }

    fn save(&self, directory: &Path) -> Result<(), String> {
        save(directory, "root", &self.key, &self.der)
    }
}

/// Makes the key for one use, and its certificate.
fn make_signer(
    config: &Config,
    root: &Root,
    use_: Use,
    directory: &Path,
    now: Instant,
) -> Result<(), String> {
    let key = SecretKey::generate(&SystemRandom);
    let leaf = MakeLeaf {
        purpose: use_.purpose(),
        common_name: config.organisation.clone(),
        organisation: None,
        country: None,
        dns_names: vec![config.host()],
        days: LEAF_DAYS,
    };
    let public = crypto::Signer::public_key(&key);
    let der = make_leaf(&leaf, &public, &root.der, &root.key, &SystemRandom, now).map_err(text)?;
    save(directory, use_.name(), &key, &der)
}

fn save(directory: &Path, name: &str, key: &SecretKey, der: &[u8]) -> Result<(), String> {
    let key = key.to_pem().map_err(text)?;
    files::write_secret(&directory.join(format!("{name}.key.pem")), key.as_bytes()).map_err(text)?;
    let certificate = certificate_to_pem(der).map_err(text)?;
    files::write(&directory.join(format!("{name}.pem")), certificate.as_bytes()).map_err(text)
}

/// The signer for one use, with its chain.
pub(crate) fn load(config: &Config, use_: Use) -> Result<CertifiedSigner, Failure> {
    rotate::finish(&config.keys)?;
    load_from(&config.keys, use_)
}

/// The signers of this use that others followed, the oldest first.
pub(crate) fn retired(config: &Config, use_: Use) -> Result<Vec<CertifiedSigner>, Failure> {
    rotate::finish(&config.keys)?;
    let has = |directory: &PathBuf| directory.join(format!("{}.pem", use_.name())).exists();
    rotate::retired(&config.keys)?
        .iter()
        .filter(|directory| has(directory))
        .map(|d| load_from(d, use_))
        .collect()
}

fn load_from(directory: &Path, use_: Use) -> Result<CertifiedSigner, Failure> {
    let name = use_.name();
    let wrong = |e: &dyn std::fmt::Display| failed(format!("the {name} key cannot be used: {e}"));
    let read = |suffix: &str| read(&directory.join(format!("{name}{suffix}")));
    let key = SecretKey::from_pem(&Zeroizing::new(read(".key.pem")?)).map_err(|e| wrong(&e))?;
    let chain = certificates_from_pem(&read(".pem")?).map_err(|e| wrong(&e))?;
    CertifiedSigner::new(Arc::new(key), chain).map_err(|e| wrong(&e))
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file)
        .map_err(|e| failed(format!("{}: {e}; `sahihi keys init` makes the keys", file.display())))
}

/// The root of now, and every earlier one under which a credential can still be valid, the oldest last.
pub(crate) fn anchors(config: &Config, now: Instant) -> Result<TrustAnchors, Failure> {
    let signers = retired(config, Use::Credential)?;
    let mut anchors = TrustAnchors::from_pem(&read(&root_certificate(config))?).map_err(failed)?;
    for directory in rotate::retired(&config.keys)?.iter().rev() {
        let file = directory.join("root.pem");
        if !file.exists() {
            continue;
        }
        let root = TrustAnchors::from_pem(&read(&file)?).map_err(failed)?;
        let signs_for = |signer: &CertifiedSigner| {
            let leaf = signer.leaf();
            now <= leaf.not_after
                && root.iter().any(|a| a.certificate().subject_key_id == leaf.authority_key_id)
        };
        if signers.iter().any(signs_for) {
            anchors = anchors.merged(&root);
        }
    }
    Ok(anchors)
}

/// The party's secret.
pub(crate) fn server_secret(config: &Config) -> Result<[u8; 32], Failure> {
    let bytes = Zeroizing::new(
        fs::read(config.keys.join("secret"))
            .map_err(|e| Failure::new("keys", format!("the secret cannot be read: {e}")))?,
    );
    bytes.as_slice().try_into().map_err(|_| Failure::new("keys", "the secret is not 32 bytes long"))
}

/// The seed of the log's key: see [`log_signer`].
const LOG_KEY: &str = "log.key";

/// What signs the party's log.
pub(crate) fn log_signer(config: &Config) -> Result<crypto::Ed25519SecretKey, Failure> {
    let file = config.keys.join(LOG_KEY);
    let unreadable = |e| failed(format!("{}: {e}; `sahihi keys init` makes what is missing", file.display()));
    let bytes = Zeroizing::new(fs::read(&file).map_err(unreadable)?);
    let seed = bytes.as_slice().try_into().map_err(|_| failed("the log's key is not 32 bytes long"))?;
    crypto::Ed25519SecretKey::from_seed(seed).map_err(failed)
}

/// The file beside it in which the newest checkpoint is noted that was signed with it.
pub(crate) const LOG_HEAD: &str = "log.head";

/// Where that is.
pub(crate) fn log_head(config: &Config) -> PathBuf {
    config.keys.join(LOG_HEAD)
}

/// Every certificate of the party and its issuers, retired ones too.
pub(crate) fn list_all(config: &Config) -> Result<Value, Failure> {
    let mut all = vec![list(config)?];
    for (.., issuer) in config.issuers() {
        all.push(list(&issuer)?);
    }
    Ok(all.into_iter().flat_map(|list| list.as_array().cloned().unwrap_or_default()).collect())
}

fn list(config: &Config) -> Result<Value, Failure> {
    rotate::finish(&config.keys)?;
    let now = SystemClock.now();
    let mut all = Vec::new();
    for name in NAMES {
        show(&config.keys.join(format!("{name}.pem")), name, false, now, &mut all)?;
    }
    for directory in rotate::retired(&config.keys)?.iter().rev() {
        for name in NAMES {
            let file = directory.join(format!("{name}.pem"));
            if file.exists() {
                show(&file, name, true, now, &mut all)?;
            }
        }
    }
    Ok(Value::Array(all))
}

fn show(file: &Path, name: &str, retired: bool, now: Instant, all: &mut Vec<Value>) -> Result<(), Failure> {
    for der in certificates_from_pem(&read(file)?).map_err(failed)? {
        let certificate = Certificate::parse(&der).map_err(failed)?;
        all.push(json!({
            "use": name,
            "retired": retired,
            "file": file.display().to_string(),
            "subject": certificate.subject_name(),
            "sha256": base16ct::lower::encode_string(&certificate.sha256),
            "not_before": certificate.not_before.rfc3339(),
            "not_after": certificate.not_after.rfc3339(),
            "days_left": (certificate.not_after.secs() - now.secs()).div_euclid(86_400),
        }));
    }
    Ok(())
}
