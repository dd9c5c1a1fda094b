//! A party's keys and certificates, as files: one root, leaves under it for each use, and one secret.
//!
//! | file | what |
//! |---|---|
//! | `root.key.pem`, `root.pem` | the root; its key may be kept elsewhere once the leaves are made |
//! | `credential.key.pem`, `credential.pem` | signs credentials and status lists |
//! | `request.key.pem`, `request.pem` | signs presentation requests; names the party's host |
//! | `secret` | 32 random bytes, from which the server derives what it must recognise again |
//!
//! `root.pem` is what others configure as trust anchor. A certificate file holds the chain, leaf first, without the
//! root.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use base::{Clock, Instant};
use clap::Subcommand;
use crypto::{SecretKey, SystemRandom, Zeroizing, random_array};
use formats::x509::{
    Certificate, CertifiedSigner, Purpose, certificate_to_pem, certificates_from_pem,
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
    /// Make the party's root, leaves and secret; refused where there are any already.
    Init {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
    },
    /// Show the party's certificates.
    List {
        /// The party's configuration.
        #[arg(long)]
        config: PathBuf,
    },
}

impl KeysCommand {
    pub(crate) fn run(self) -> Result<Value, Failure> {
        match self {
            Self::Init { config } => {
                let config = Config::read(&config)?;
                init(&config)?;
                list(&config)
            }
            Self::List { config } => list(&Config::read(&config)?),
        }
    }
}

/// What a key of the party is used for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Use {
    /// Signing credentials and status lists.
    Credential,
    /// Signing presentation requests.
    Request,
}

impl Use {
    const ALL: [Self; 2] = [Self::Credential, Self::Request];

    const fn name(self) -> &'static str {
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

/// Whether the party has keys.
pub(crate) fn exist(config: &Config) -> bool {
    root_certificate(config).exists()
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
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let root_key = SecretKey::generate(&SystemRandom);
    let root = MakeRoot {
        country: config.country.clone(),
        organisation: config.organisation.clone(),
        common_name: format!("{} root", config.organisation),
        path_len: 0,
        days: ROOT_DAYS,
    };
    let root_der = make_root(&root, &root_key, &SystemRandom, now).map_err(|e| text(&e))?;
    let save = |name: &str, key: &SecretKey, der: &[u8]| -> Result<(), String> {
        let key = key.to_pem().map_err(|e| text(&e))?;
        files::write_secret(&directory.join(format!("{name}.key.pem")), key.as_bytes())
            .map_err(|e| text(&e))?;
        let certificate = certificate_to_pem(der).map_err(|e| text(&e))?;
        files::write(&directory.join(format!("{name}.pem")), certificate.as_bytes()).map_err(|e| text(&e))
    };
    save("root", &root_key, &root_der)?;
    for use_ in Use::ALL {
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
        let der =
            make_leaf(&leaf, &public, &root_der, &root_key, &SystemRandom, now).map_err(|e| text(&e))?;
        save(use_.name(), &key, &der)?;
    }
    files::write_secret(&directory.join("secret"), &random_array::<32>(&SystemRandom)).map_err(|e| text(&e))
}

/// The signer for one use, with its chain.
pub(crate) fn load(config: &Config, use_: Use) -> Result<CertifiedSigner, Failure> {
    let name = use_.name();
    let wrong =
        |e: &dyn std::fmt::Display| Failure::new("keys", format!("the {name} key cannot be used: {e}"));
    let read = |suffix: &str| {
        let file = config.keys.join(format!("{name}{suffix}"));
        fs::read_to_string(&file).map_err(|e| {
            Failure::new("keys", format!("{}: {e}; `sahihi keys init` makes the keys", file.display()))
        })
    };
    let key = SecretKey::from_pem(&Zeroizing::new(read(".key.pem")?)).map_err(|e| wrong(&e))?;
    let chain = certificates_from_pem(&read(".pem")?).map_err(|e| wrong(&e))?;
    CertifiedSigner::new(Arc::new(key), chain).map_err(|e| wrong(&e))
}

/// The party's secret.
pub(crate) fn server_secret(config: &Config) -> Result<[u8; 32], Failure> {
    let bytes = Zeroizing::new(
        fs::read(config.keys.join("secret"))
            .map_err(|e| Failure::new("keys", format!("the secret cannot be read: {e}")))?,
    );
    bytes.as_slice().try_into().map_err(|_| Failure::new("keys", "the secret is not 32 bytes long"))
}

fn list(config: &Config) -> Result<Value, Failure> {
    let now = SystemClock.now();
    let mut all = Vec::new();
    for name in ["root"].into_iter().chain(Use::ALL.into_iter().map(Use::name)) {
        let file = config.keys.join(format!("{name}.pem"));
        let text = fs::read_to_string(&file).map_err(|e| {
            Failure::new("keys", format!("{}: {e}; `sahihi keys init` makes the keys", file.display()))
        })?;
        for der in certificates_from_pem(&text).map_err(|e| Failure::new("keys", e.to_string()))? {
            let certificate = Certificate::parse(&der).map_err(|e| Failure::new("keys", e.to_string()))?;
            all.push(json!({
                "use": name,
                "file": file.display().to_string(),
                "subject": certificate.subject_name(),
                "sha256": base16ct::lower::encode_string(&certificate.sha256),
                "not_before": certificate.not_before.rfc3339(),
                "not_after": certificate.not_after.rfc3339(),
                "days_left": (certificate.not_after.secs() - now.secs()).div_euclid(86_400),
            }));
        }
    }
    Ok(Value::Array(all))
}
