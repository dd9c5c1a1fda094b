//! What a command that failed says.

use std::fmt;

/// Why a command failed: a stable code and a sentence.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl Failure {
    pub(crate) fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), detail: detail.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.detail, self.code)
    }
}

impl std::error::Error for Failure {}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let code = match error.kind() {
            store::ErrorKind::Moved => "moved",
            store::ErrorKind::Unfinished => "unfinished",
            store::ErrorKind::NotMigrated => "not_migrated",
            _ => "database",
        };
        Self::new(code, error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new("io", error.to_string())
    }
}
