//! The disk: there is room, and what is private is.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use base::limits::{DISK_FREE_BYTES_MIN, DISK_FREE_BYTES_WANTED};

use super::{Finding, State};
use crate::config::Config;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let mut all = vec![room("disk_keys", &config.keys)];
    if let Ok(store::Config::Sqlite { path }) = config.database() {
        all.push(room("disk_database", &path));
        all.push(private(&path));
    }
    all
}

/// How much room is left where a file is or will be.
pub(super) fn room(code: &'static str, path: &Path) -> Finding {
    let Some(existing) = path.ancestors().find(|p| p.exists()) else {
        return Finding::bad(code, State::Unknown, format!("{} is nowhere", path.display()), "see `config`");
    };
    match nix::sys::statvfs::statvfs(existing) {
        Ok(known) => of_room(code, existing, known.blocks_available().saturating_mul(known.fragment_size())),
        Err(e) => {
            let found = format!("the file system of {} does not tell: {e}", existing.display());
            Finding::bad(code, State::Unknown, found, "see with `df` how much room there is")
        }
    }
}

pub(super) fn of_room(code: &'static str, path: &Path, free: u64) -> Finding {
    let found = format!("{} MiB are free at {}", free >> 20, path.display());
    let mend =
        "delete what is not needed there, or move it to a larger disk: what cannot be written is refused";
    if free < DISK_FREE_BYTES_MIN {
        Finding::failure(code, found, mend)
    } else if free < DISK_FREE_BYTES_WANTED {
        Finding::bad(code, State::Warning, found, mend)
    } else {
        Finding::ok(code, found)
    }
}

/// The database is read by its owner alone, and its folder is written by its owner alone.
fn private(database: &Path) -> Finding {
    const CODE: &str = "database_private";
    let beside = |suffix: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut open = Vec::new();
    let mode = |path: &Path| fs::metadata(path).map(|m| m.permissions().mode() & 0o777).ok();
    for file in [database.to_owned(), beside("-wal"), beside("-shm")] {
        if let Some(mode) = mode(&file).filter(|mode| mode & 0o077 != 0) {
            open.push(format!("{} has mode {mode:o}", file.display()));
        }
    }
    let folder = database.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if let Some(mode) = mode(folder).filter(|mode| mode & 0o022 != 0) {
        open.push(format!("{} has mode {mode:o}", folder.display()));
    }
    if open.is_empty() {
        return Finding::ok(CODE, "only its owner reads it");
    }
    let mend =
        format!("`chmod go-rwx {0} {0}-*`, and `chmod go-w {1}`", database.display(), folder.display());
    Finding::failure(CODE, open.join("; "), mend)
}
