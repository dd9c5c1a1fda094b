//! The keys of an installation in one sealed file.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `SAHIHIK1` |
//! | 4, 4, 4 | Argon2id (RFC 9106): memory in KiB, passes, lanes; big-endian |
//! | 16 | salt |
//! | 12 | nonce |
//! | rest | AES-256-GCM of a JSON document: of the party and each of its issuers the files and their contents |
//!
//! What stands before the ciphertext is its additional data.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, DirBuilder, File},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use crypto::{PassphraseParams, SystemRandom, Zeroizing, derive_key, random_array};
use formats::{b64, x509::certificates_from_pem};
use serde_json::{Value, json};

use crate::{Failure, config::Config, files, keys as party_keys};

const MAGIC: &[u8; 8] = b"SAHIHIK1";
const SALT_AT: usize = 20;
const NONCE_AT: usize = SALT_AT + 16;
const HEADER: usize = NONCE_AT + 12;
/// How long the keys of an installation may be together, bytes: each retired leaf takes about two kilobytes.
const KEYS_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The handle of each issuer, empty for the party itself, with what it is told.
fn parties(config: &Config) -> Vec<(String, Config)> {
    let others = config.issuers().map(|(handle, _, party)| (handle.to_owned(), party));
    std::iter::once((String::new(), config.clone())).chain(others).collect()
}

/// Keeps every key of the installation from being rotated, for as long as the answer lives.
pub(super) fn hold(config: &Config) -> Result<Vec<File>, Failure> {
    let hold = |(_, party): (String, Config)| party_keys::hold(&party.keys);
    parties(config).into_iter().map(hold).collect()
}

/// The SHA-256 of the root certificates, hexadecimal.
pub(super) fn roots(config: &Config) -> Result<BTreeSet<String>, Failure> {
    let mut all = BTreeSet::new();
    for (_, party) in parties(config) {
        let file = party_keys::root_certificate(&party);
        let text = fs::read_to_string(&file)
            .map_err(|e| Failure::new("keys", format!("{} cannot be read: {e}", file.display())))?;
        all.extend(root(&text)?);
    }
    Ok(all)
}

fn root(pem: &str) -> Result<impl Iterator<Item = String> + use<>, Failure> {
    let ders = certificates_from_pem(pem).map_err(|e| Failure::new("keys", format!("root.pem: {e}")))?;
    Ok(ders.into_iter().map(|der| base16ct::lower::encode_string(&crypto::sha256(&der))))
}

/// The keys of the party and all its issuers, sealed.
pub(super) fn seal(config: &Config, passphrase: &str) -> Result<Vec<u8>, Failure> {
    let mut folders = BTreeMap::new();
    for (handle, party) in parties(config) {
        let mut files = BTreeMap::new();
        collect(&party.keys, Path::new(""), &mut files)?;
        folders.insert(handle, files);
    }
    let plain = Zeroizing::new(json!(folders).to_string());
    let failed = |_| Failure::new("keys", "the keys could not be sealed");
    let (params, salt) = (PassphraseParams::default(), random_array::<16>(&SystemRandom));
    let key = derive_key(passphrase.as_bytes(), &salt, params).map_err(failed)?;
    let nonce = random_array::<12>(&SystemRandom);
    let mut sealed = MAGIC.to_vec();
    for number in [params.memory_kib, params.passes, params.lanes] {
        sealed.extend_from_slice(&number.to_be_bytes());
    }
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(&nonce);
    let ciphertext = crypto::seal(&key, &nonce, &sealed, plain.as_bytes()).map_err(failed)?;
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

/// Every file below `folder`, by its path from there.
fn collect(folder: &Path, below: &Path, found: &mut BTreeMap<String, String>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if files::is_unfinished(&entry.file_name().to_string_lossy()) {
            // A server that runs replaces the note of what its log signed.
        } else if entry.file_type()?.is_dir() {
            collect(folder, &path, found)?;
        } else if path != Path::new("lock") {
            let bytes = Zeroizing::new(fs::read(entry.path())?);
            found.insert(path.display().to_string(), b64::encode(&bytes));
        }
    }
    Ok(())
}

/// The keys of an installation, out of a backup.
pub(super) struct Keys(BTreeMap<String, BTreeMap<PathBuf, Zeroizing<Vec<u8>>>>);

impl Keys {
    pub(super) fn open(sealed: &[u8], passphrase: &str) -> Result<Self, Failure> {
        let damaged =
            || Failure::new("backup_damaged", "the sealed keys cannot be read; take another backup");
        let (header, ciphertext) = sealed.split_at_checked(HEADER).ok_or_else(damaged)?;
        let part = |from: usize, to: usize| header.get(from..to).unwrap_or_default();
        if part(0, 8) != MAGIC {
            return Err(damaged());
        }
        let number = |at: usize| part(at, at + 4).try_into().map(u32::from_be_bytes).map_err(|_| damaged());
        let params = PassphraseParams { memory_kib: number(8)?, passes: number(12)?, lanes: number(16)? };
        let salt = part(SALT_AT, NONCE_AT).try_into().map_err(|_| damaged())?;
        let nonce = part(NONCE_AT, HEADER).try_into().map_err(|_| damaged())?;
        let key = derive_key(passphrase.as_bytes(), salt, params).map_err(|_| damaged())?;
        let wrong =
            |_| Failure::new("wrong_passphrase", "the passphrase does not open the keys of this backup");
        let plain = Zeroizing::new(crypto::open(&key, nonce, header, ciphertext).map_err(wrong)?);
        let value = formats::json::parse_within(&plain, KEYS_BYTES_MAX).map_err(|_| damaged())?;
        let Value::Object(folders) = value else { return Err(damaged()) };
        let mut keys = BTreeMap::new();
        for (handle, contents) in folders {
            let Value::Object(contents) = contents else { return Err(damaged()) };
            let mut files = BTreeMap::new();
            for (path, text) in contents {
                let bytes = text.as_str().and_then(|t| b64::decode(t).ok()).ok_or_else(damaged)?;
                let path = PathBuf::from(path);
                if !path.components().all(|part| matches!(part, std::path::Component::Normal(_))) {
                    return Err(damaged());
                }
                files.insert(path, Zeroizing::new(bytes));
            }
            keys.insert(handle, files);
        }
        Ok(Self(keys))
    }

    /// Refuses a folder of keys that exists and has others.
    pub(super) fn refuse_others(&self, config: &Config) -> Result<(), Failure> {
        for (handle, party) in parties(config) {
            let files = self.0.get(&handle).ok_or_else(|| {
                Failure::new("keys_differ", format!("the backup has no keys of `{}`", party.identifier))
            })?;
            let same = |(path, bytes): (&PathBuf, &Zeroizing<Vec<u8>>)| {
                // What was signed last is no key: the one that is there is newer.
                path == Path::new(party_keys::LOG_HEAD)
                    || fs::read(party.keys.join(path)).is_ok_and(|found| Zeroizing::new(found) == *bytes)
            };
            if party.keys.exists() && !files.iter().all(same) {
                let what = format!(
                    "{} exists and has other keys than the backup: move it away",
                    party.keys.display()
                );
                return Err(Failure::new("keys_differ", what));
            }
        }
        Ok(())
    }

    /// Makes the folders that are missing, each whole or not at all.
    pub(super) fn write(&self, config: &Config) -> Result<(), Failure> {
        for (handle, party) in parties(config) {
            let Some(contents) = self.0.get(&handle).filter(|_| !party.keys.exists()) else { continue };
            let beside = party.keys.with_extension("new");
            if beside.exists() {
                fs::remove_dir_all(&beside)?;
            }
            let folder = |path: &Path| DirBuilder::new().recursive(true).mode(0o700).create(path);
            folder(&beside)?;
            for (path, bytes) in contents {
                let file = beside.join(path);
                folder(file.parent().unwrap_or(&beside))?;
                let open = path.extension().is_some_and(|e| e == "pem")
                    && !path.to_string_lossy().ends_with(".key.pem");
                if open { files::write(&file, bytes)? } else { files::write_secret(&file, bytes)? }
            }
            fs::rename(&beside, &party.keys)?;
        }
        Ok(())
    }
}
