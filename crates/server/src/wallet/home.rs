//! Where a wallet lives: a folder with the sealed file and a lock, one process at a time.

use std::{
    fs::{self, File},
    io::Read,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use base::limits;
use crypto::SystemRandom;
use wallet::{Change, Vault, Wallet, contents::Trust, vault};

use crate::{Failure, files};

const SEALED: &str = "wallet.sealed";
const LOCK: &str = "wallet.lock";

/// An open wallet, locked against other processes until dropped.
pub(super) struct Home {
    file: PathBuf,
    vault: Vault,
    wallet: Wallet,
    _lock: File,
}

impl Home {
    /// Makes a wallet in `folder`, which is made if it is missing.
    pub(super) fn create(folder: &Path, passphrase: &[u8], trust: Trust) -> Result<Self, Failure> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let lock = lock(folder)?;
        let file = folder.join(SEALED);
        if file.exists() {
            return Err(Failure::new("wallet_present", "there is a wallet in this folder already"));
        }
        let vault = Vault::create(passphrase, vault::PARAMS, &SystemRandom).map_err(sealed)?;
        let home = Self { file, vault, wallet: Wallet::new(trust), _lock: lock };
        home.save()?;
        Ok(home)
    }

    /// Opens the wallet in `folder`.
    pub(super) fn open(folder: &Path, passphrase: &[u8]) -> Result<Self, Failure> {
        let file = folder.join(SEALED);
        if !file.exists() {
            return Err(Failure::new("wallet_absent", "there is no wallet in this folder; `init` makes one"));
        }
        let lock = lock(folder)?;
        let mut bytes = Vec::new();
        File::open(&file)?.take(limits::WALLET_BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes)?;
        if is_longer(&bytes, limits::WALLET_BYTES_MAX) {
            return Err(Failure::new("wallet_too_long", "the wallet's file is longer than a wallet can be"));
        }
        let (vault, wallet) = Vault::open(passphrase, &bytes).map_err(sealed)?;
        Ok(Self { file, vault, wallet, _lock: lock })
    }

    pub(super) const fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// Applies a change; when this returns, it is on the disk.
    pub(super) fn apply(&mut self, change: Change) -> Result<(), Failure> {
        self.wallet.apply(change);
        self.save()
    }

    /// Adds trust anchors.
    pub(super) fn trust(&mut self, more: Trust) -> Result<(), Failure> {
        self.wallet.trust.issuers.extend(more.issuers);
        self.wallet.trust.askers.extend(more.askers);
        self.save()
    }

    fn save(&self) -> Result<(), Failure> {
        self.save_within(limits::WALLET_BYTES_MAX)
    }

    /// Writes the file, unless it would be longer than what [`Home::open`] reads: then the old one stays.
    fn save_within(&self, bytes_max: u64) -> Result<(), Failure> {
        let bytes = self.vault.seal(&self.wallet, &SystemRandom).map_err(sealed)?;
        if is_longer(&bytes, bytes_max) {
            return Err(Failure::new("wallet_full", "the wallet has no room for this"));
        }
        Ok(files::write_secret(&self.file, &bytes)?)
    }
}

fn sealed(error: vault::Error) -> Failure {
    Failure::new(error.code(), error.to_string())
}

fn is_longer(bytes: &[u8], max: u64) -> bool {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max
}

fn lock(folder: &Path) -> Result<File, Failure> {
    files::lock(&folder.join(LOCK))?
        .ok_or_else(|| Failure::new("wallet_in_use", "another process is using this wallet"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use wallet::contents::{Entry, What};

    use super::*;

    fn code(result: Result<Home, Failure>) -> String {
        result.err().map(|failure| failure.code).unwrap_or_default()
    }

    #[test]
    fn a_wallet_is_made_once_opened_by_one_and_kept_whole() {
        let folder = tempfile::tempdir().unwrap();
        let folder = &folder.path().join("wallet");
        assert_eq!(code(Home::open(folder, b"right")), "wallet_absent");
        let mut home = Home::create(folder, b"right", Trust::default()).unwrap();
        assert_eq!(code(Home::open(folder, b"right")), "wallet_in_use");
        let what = What::OfferRefused {
            credential_issuer: "https://issuer.example".into(),
            reason: "refused".into(),
        };
        let entry = Entry { at: base::Instant::from_secs(1), what };
        home.apply(Change { entries: vec![entry.clone()], ..Change::default() }).unwrap();
        // A file that could not be opened again is not written: the wallet stays as it was.
        let length = fs::metadata(folder.join(SEALED)).unwrap().len();
        assert_eq!(home.save_within(length - 1).unwrap_err().code, "wallet_full");
        home.save_within(length).unwrap();
        drop(home);
        assert_eq!(code(Home::create(folder, b"right", Trust::default())), "wallet_present");
        assert_eq!(code(Home::open(folder, b"wrong")), "wrong_passphrase");
        assert_eq!(Home::open(folder, b"right").unwrap().wallet().history, [entry]);
        let mut bytes = fs::read(folder.join(SEALED)).unwrap();
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
        fs::write(folder.join(SEALED), bytes).unwrap();
        assert_eq!(code(Home::open(folder, b"right")), "wallet_tampered");
    }
}
