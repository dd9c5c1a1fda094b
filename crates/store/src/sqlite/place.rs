//! Whether the file is still where it was opened. A file that was moved, deleted or replaced can be written to as before,
//! but whoever starts the program anew will not find there what was confirmed.

use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind};

/// A path, and which file was there when it was opened.
pub(super) struct Place {
    path: PathBuf,
    file: Option<(u64, u64)>,
}

impl Place {
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), file: file_at(path) }
    }

    /// Refused while another file is there, or none.
    pub(super) fn check(&self) -> Result<(), Error> {
        if file_at(&self.path) == self.file {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unavailable, "another file, or none, is where the database was opened"))
    }
}

/// By device and number.
#[cfg(unix)]
fn file_at(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
const fn file_at(_: &Path) -> Option<(u64, u64)> {
    None
}
