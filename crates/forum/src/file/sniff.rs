//! What a file is: found out from its bytes, never believed.
//!
//! A file is taken if its name, what the sender says that it is, and its bytes all name the same type, one of a few. What
//! is taken is only ever handed out as a download (`mod.rs`), so a file that is two things at once runs nowhere of ours.

use base::{
    limits::{FILE_BYTES_MAX, FILE_NAME_CHARS_MAX},
    unseen::is_unseen,
};
use unicode_normalization::UnicodeNormalization;

/// How many entries of an archive are looked at.
const ENTRIES_MAX: usize = 4_096;
/// How far from its end the directory of an archive may end: its comment is at most that long (APPNOTE, section 4.3.16).
const COMMENT_MAX: usize = 65_535;

/// A type of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PDF (ISO 32000).
    Pdf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// Text in UTF-8.
    Text,
    /// A text of `OpenDocument` (ISO/IEC 26300).
    OpenDocument,
    /// A text of Office Open XML (ISO/IEC 29500).
    Word,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Pdf, Self::Png, Self::Jpeg, Self::Text, Self::OpenDocument, Self::Word];

    /// Its media type, with which it is handed out.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Text => "text/plain",
            Self::OpenDocument => "application/vnd.oasis.opendocument.text",
            Self::Word => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Text => &["txt", "md", "csv"],
            Self::OpenDocument => &["odt"],
            Self::Word => &["docx"],
        }
    }
}

/// What a form says that it takes, for browsers.
pub(crate) const ACCEPT: &str = ".pdf,.png,.jpg,.jpeg,.txt,.md,.csv,.odt,.docx";

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its name is empty, too long, or has what hides or does not belong in one.
    #[error("the name of a file is too long or has characters that do not belong in one")]
    Name,
    /// Its type is none that is taken.
    #[error("files of this type are not taken")]
    Type,
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is longer than [`FILE_BYTES_MAX`].
    #[error("the file is too large")]
    TooLarge,
    /// Its bytes are not what its name, or who sent it, says.
    #[error("the file is not what it is said to be")]
    Lies,
    /// It holds macros.
    #[error("the file holds macros")]
    Macros,
    /// There are too many.
    #[error("there are too many files")]
    TooMany,
}

impl Refused {
    const ALL: [Self; 7] =
        [Self::Name, Self::Type, Self::Empty, Self::TooLarge, Self::Lies, Self::Macros, Self::TooMany];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "file_name",
            Self::Type => "file_type",
            Self::Empty => "file_empty",
            Self::TooLarge => "file_too_large",
            Self::Lies => "file_lies",
            Self::Macros => "file_macros",
            Self::TooMany => "files_too_many",
        }
    }

    /// The refusal with this code.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refused| refused.code() == code)
    }
}

/// The name of a file and its type, if it is taken. `declared` is the media type that came with it; nothing, or
/// `application/octet-stream`, says nothing.
///
/// # Errors
/// [`Refused`].
pub fn check(name: &str, declared: Option<&str>, bytes: &[u8]) -> Result<(String, Kind), Refused> {
    let name = clean_name(name)?;
    let extension = name.rsplit_once('.').map(|(_, after)| after.to_ascii_lowercase()).unwrap_or_default();
    let named = Kind::ALL.into_iter().find(|k| k.extensions().contains(&&*extension)).ok_or(Refused::Type)?;
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Refused::TooLarge);
    }
    if !declares(named, declared) || sniff(bytes)? != Some(named) {
        return Err(Refused::Lies);
    }
    Ok((name, named))
}

/// Whether what was declared fits the type. Browsers have several names for some.
fn declares(kind: Kind, declared: Option<&str>) -> bool {
    let declared = declared.unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "" | "application/octet-stream" => true,
        "image/jpg" => kind == Kind::Jpeg,
        "text/markdown" | "text/csv" | "application/csv" | "application/vnd.ms-excel" => kind == Kind::Text,
        essence => essence == kind.media_type(),
    }
}

/// The last part of a name, in NFC.
pub(crate) fn clean_name(name: &str) -> Result<String, Refused> {
    if name.len() > FILE_NAME_CHARS_MAX.saturating_mul(12) {
        return Err(Refused::Name);
    }
    // Some browsers send the whole path.
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.trim().nfc().collect();
    let wrong = |c: char| c.is_control() || is_unseen(c) || "<>:\"|?*;%".contains(c);
    let fits = (1..=FILE_NAME_CHARS_MAX).contains(&name.chars().count());
    if fits && !name.starts_with('.') && !name.chars().any(wrong) { Ok(name) } else { Err(Refused::Name) }
}

/// What the bytes are.
fn sniff(bytes: &[u8]) -> Result<Option<Kind>, Refused> {
    if bytes.starts_with(b"%PDF-") {
        let end = bytes.get(bytes.len().saturating_sub(1_024)..).unwrap_or_default();
        return Ok(contains(end, b"%%EOF").then_some(Kind::Pdf));
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") {
        return Ok(Some(Kind::Png));
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(Some(Kind::Jpeg));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return archive(bytes);
    }
    Ok(is_text(bytes).then_some(Kind::Text))
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|w| w == what)
}

/// Whether it is text that is nothing else: no control characters, no byte order mark of UTF-16, no markup at its head.
fn is_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let head = text.trim_start_matches('\u{feff}').trim_start();
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    text.chars().all(plain) && !head.starts_with('<') && !head.starts_with("#!")
}

/// A little-endian number of an archive.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let part = bytes.get(at..at.checked_add(length)?)?;
    Some(part.iter().rev().fold(0_usize, |n, b| (n << 8) | usize::from(*b)))
}

/// Which document an archive (APPNOTE 6.3.10) is: by the names in its directory, and of `OpenDocument` by its first entry,
/// which is stored and says the type (ODF 1.3, part 2, section 3.3).
fn archive(bytes: &[u8]) -> Result<Option<Kind>, Refused> {
    let Some(names) = entries(bytes) else { return Ok(None) };
    let has = |wanted: &[u8]| names.contains(&wanted);
    if has(b"mimetype") {
        let said = first_entry(bytes, b"mimetype");
        if said != Some(Kind::OpenDocument.media_type().as_bytes()) {
            return Ok(None);
        }
        let runs = |n: &&[u8]| n.starts_with(b"Basic/") || n.starts_with(b"Scripts/");
        return if names.iter().any(runs) { Err(Refused::Macros) } else { Ok(Some(Kind::OpenDocument)) };
    }
    if has(b"[Content_Types].xml") && has(b"word/document.xml") {
        let runs = |n: &&[u8]| n.to_ascii_lowercase().ends_with(b"vbaproject.bin");
        return if names.iter().any(runs) { Err(Refused::Macros) } else { Ok(Some(Kind::Word)) };
    }
    Ok(None)
}

/// The names in the directory of an archive; none if it has none, or too many.
fn entries(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let from = bytes.len().saturating_sub(COMMENT_MAX.saturating_add(22));
    let tail = bytes.get(from..)?;
    let end = tail.windows(4).rposition(|w| w == b"PK\x05\x06")?;
    let end = from.checked_add(end)?;
    let count = number(bytes, end.checked_add(10)?, 2)?;
    let mut at = number(bytes, end.checked_add(16)?, 4)?;
    if count > ENTRIES_MAX {
        return None;
    }
    let mut names = Vec::with_capacity(count);
    for _ in 0..count {
        if bytes.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
            return None;
        }
        let lengths =
            [28, 30, 32].map(|field| at.checked_add(field).and_then(|field| number(bytes, field, 2)));
        let [Some(name), Some(extra), Some(comment)] = lengths else { return None };
        let start = at.checked_add(46)?;
        names.push(bytes.get(start..start.checked_add(name)?)?);
        at = start.checked_add(name)?.checked_add(extra)?.checked_add(comment)?;
    }
    Some(names)
}

/// The content of the first entry of an archive, if it has this name and is stored as it is.
fn first_entry<'a>(bytes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (method, size) = (number(bytes, 8, 2)?, number(bytes, 18, 4)?);
    let (name_length, extra) = (number(bytes, 26, 2)?, number(bytes, 28, 2)?);
    let names = bytes.get(30..30_usize.checked_add(name_length)?)?;
    let start = 30_usize.checked_add(name_length)?.checked_add(extra)?;
    let content = bytes.get(start..start.checked_add(size)?)?;
    (method == 0 && names == name).then_some(content)
}
