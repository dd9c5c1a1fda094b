//! Keys that follow other keys. After a crash there are the old ones or the new ones, never some of each.
//!
//! What is to become of the folder is written beside it first, into `rotation.new`. Renaming that to `rotation` decides
//! it: from then on every command and every start carries it out to the end, however often it is interrupted. Carrying
//! it out is: each file of `rotation/new` takes the place of its namesake, `rotation/old` becomes the next
//! folder of `retired`, and `rotation` goes.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use base::Instant;
use crypto::{SecretKey, Zeroizing};
use formats::x509::certificates_from_pem;

use super::{NAMES, Root, Use, What, failed, make_signer, read};
use crate::{Failure, config::Config, files};

/// Makes new keys and retires those that they follow.
pub(crate) fn rotate(config: &Config, what: Option<What>, now: Instant) -> Result<(), Failure> {
    let _alone = alone(&config.keys)?;
    carry_out(&config.keys)?;
    prepare(config, what, now)?;
    fs::rename(config.keys.join("rotation.new"), config.keys.join("rotation"))?;
    sync(&config.keys)?;
    carry_out(&config.keys)
}

/// Carries out what was decided and interrupted.
pub(super) fn finish(keys: &Path) -> Result<(), Failure> {
    if !keys.join("rotation").exists() {
        return Ok(());
    }
    let _alone = alone(keys)?;
    carry_out(keys)
}

/// The folders of retired keys, the oldest first.
pub(super) fn retired(keys: &Path) -> Result<Vec<PathBuf>, Failure> {
    let directory = keys.join("retired");
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut numbered = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) {
            numbered.push((number, entry.path()));
        }
    }
    numbered.sort();
    Ok(numbered.into_iter().map(|(_, path)| path).collect())
}

pub(super) fn alone(keys: &Path) -> Result<File, Failure> {
    files::lock(&keys.join("lock"))?.ok_or_else(|| failed("the keys are being rotated by another process"))
}

/// Writes what is to become of the keys to `rotation.new`. Nothing is decided yet.
pub(super) fn prepare(config: &Config, what: Option<What>, now: Instant) -> Result<(), Failure> {
    let keys = &config.keys;
    let beside = keys.join("rotation.new");
    if beside.exists() {
        fs::remove_dir_all(&beside)?;
    }
    let (old, new) = (beside.join("old"), beside.join("new"));
    fs::create_dir_all(&old)?;
    fs::create_dir(&new)?;
    let (root, names): (Root, &[&str]) = match what {
        Some(What::Root) => {
            let root = Root::make(config, now).map_err(failed)?;
            root.save(&new).map_err(failed)?;
            (root, &NAMES)
        }
        Some(What::Credential) => (known_root(keys)?, &["credential"]),
        Some(What::Request) => (known_root(keys)?, &["request"]),
        None => (known_root(keys)?, &["credential", "request"]),
    };
    for use_ in Use::ALL.into_iter().filter(|use_| names.contains(&use_.name())) {
        make_signer(config, &root, use_, &new, now).map_err(failed)?;
    }
    for name in names {
        files::write(&old.join(format!("{name}.pem")), read(&keys.join(format!("{name}.pem")))?.as_bytes())?;
        let file = format!("{name}.key.pem");
        // The root's key may be kept elsewhere.
        if *name != "root" || keys.join(&file).exists() {
            files::write_secret(&old.join(&file), Zeroizing::new(read(&keys.join(&file))?).as_bytes())?;
        }
    }
    for directory in [&old, &new, &beside] {
        sync(directory)?;
    }
    Ok(())
}

fn known_root(keys: &Path) -> Result<Root, Failure> {
    let file = keys.join("root.key.pem");
    if !file.exists() {
        let name = file.display();
        return Err(failed(format!("the root's key is kept elsewhere: put it to {name} for this command")));
    }
    let key = SecretKey::from_pem(&Zeroizing::new(read(&file)?)).map_err(failed)?;
    let der = certificates_from_pem(&read(&keys.join("root.pem"))?).map_err(failed)?;
    let der = der.into_iter().next().ok_or_else(|| failed("root.pem holds no certificate"))?;
    Ok(Root { key, der })
}

fn carry_out(keys: &Path) -> Result<(), Failure> {
    let rotation = keys.join("rotation");
    let done = keys.join("rotation.done");
    if rotation.exists() {
        for entry in fs::read_dir(rotation.join("new"))? {
            let entry = entry?;
            let (name, bytes) = (entry.file_name(), Zeroizing::new(fs::read(entry.path())?));
            let file = keys.join(&name);
            if name.to_string_lossy().ends_with(".key.pem") {
                files::write_secret(&file, &bytes)?;
            } else {
                files::write(&file, &bytes)?;
            }
        }
        let old = rotation.join("old");
        if old.exists() {
            let next = match retired(keys)?.last().and_then(|path| path.file_name()?.to_str()?.parse().ok()) {
                Some(last) => u32::saturating_add(last, 1),
                None => 1,
            };
            let directory = keys.join("retired");
            fs::create_dir_all(&directory)?;
            fs::rename(old, directory.join(format!("{next:03}")))?;
            sync(&directory)?;
        }
        if done.exists() {
            fs::remove_dir_all(&done)?;
        }
        fs::rename(rotation, &done)?;
        sync(keys)?;
    }
    if done.exists() {
        fs::remove_dir_all(done)?;
    }
    Ok(())
}

/// Makes what was renamed in a folder last.
fn sync(directory: &Path) -> Result<(), Failure> {
    Ok(File::open(directory)?.sync_all()?)
}
