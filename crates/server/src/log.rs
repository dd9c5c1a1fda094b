//! The log at the command line and on the disk.

use std::{fs, io::ErrorKind, path::PathBuf};

use crate::files;

/// The file beside the keys in which the newest checkpoint is noted.
pub(crate) struct HeadFile(pub(crate) PathBuf);

impl log::Head for HeadFile {
    fn load(&self) -> Result<Option<String>, String> {
        match fs::read_to_string(&self.0) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", self.0.display())),
        }
    }

    fn keep(&self, checkpoint: &str) -> Result<(), String> {
        files::write(&self.0, checkpoint.as_bytes()).map_err(|e| format!("{}: {e}", self.0.display()))
    }
}
