//! Values that are kept as JSON in a column.

use base::limits::JSON_BYTES_MAX;
use formats::json;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::submission::model::FileRef;

/// Whether it can be read again: no JSON text that is kept is longer than one that is read.
pub(crate) fn fits<T: Serialize>(value: &T) -> bool {
    json(value).len() <= JSON_BYTES_MAX
}

/// As it is kept.
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    // Nothing that is kept so has keys that are no texts, or numbers that JSON lacks.
    serde_json::to_string(value).unwrap_or_default()
}

/// As it was kept.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    json::parse_as(text.as_bytes()).ok()
}

/// A word, as it was kept.
pub(crate) fn word<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

#[derive(Serialize, Deserialize)]
struct StoredFile {
    sha256: String,
    name: String,
    media_type: String,
    size: i64,
}

/// Files, as they are kept.
pub(crate) fn files_json(files: &[FileRef]) -> String {
    let stored = |f: &FileRef| StoredFile {
        sha256: f.digest_hex(),
        name: f.name.clone(),
        media_type: f.media_type.clone(),
        size: f.size,
    };
    json(&files.iter().map(stored).collect::<Vec<_>>())
}

/// Files, as they were kept.
pub(crate) fn parse_files(text: &str) -> Option<Vec<FileRef>> {
    parse::<Vec<StoredFile>>(text)?
        .into_iter()
        .map(|f| {
            let digest = base16ct::lower::decode_vec(&f.sha256).ok()?.try_into().ok()?;
            Some(FileRef { digest, name: f.name, media_type: f.media_type, size: f.size })
        })
        .collect()
}
