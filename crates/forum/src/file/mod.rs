//! Files: found out what they are, kept once by their digest, handed out as downloads and as nothing else.
//!
//! Read in this order: `sniff.rs` (what is taken), [`store`], this file (how they come in and go out).

pub(crate) mod sniff;
pub(crate) mod store;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::fmt::Write as _;

use ::store::{Error, Tx};
use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use base::Instant;
use futures_util::stream;
use http::{HeaderValue, Method, header};
use web::{Names, Problem, Routes};

pub use self::sniff::{Kind, Refused, check};
use crate::{FileRef, Forum, public::database};

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new().page(Method::GET, "/files/{digest}", public_file)
}

/// What may be done with a file of somebody else's: nothing.
const POLICY: &str = "default-src 'none'; sandbox";

/// A file that was looked at and may be kept.
#[derive(Clone)]
pub(crate) struct Taken {
    pub(crate) file: FileRef,
    pub(crate) bytes: Vec<u8>,
}

/// Looks at a file that somebody sends.
///
/// # Errors
/// [`Refused`].
pub(crate) fn take(name: &str, declared: Option<&str>, bytes: Vec<u8>) -> Result<Taken, Refused> {
    let (name, kind) = check(name, declared, &bytes)?;
    let file = FileRef {
        digest: crypto::sha256(&bytes),
        name,
        media_type: kind.media_type().to_owned(),
        size: i64::try_from(bytes.len()).map_err(|_| Refused::TooLarge)?,
    };
    Ok(Taken { file, bytes })
}

/// A file as a download: never shown by the browser within our origin, whatever is in it.
pub(crate) fn download(file: &FileRef, content: impl Into<Body>) -> Response {
    let mut response = content.into().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    let kind = if file.media_type == Kind::Text.media_type() {
        "text/plain; charset=utf-8"
    } else {
        &file.media_type
    };
    let kind = HeaderValue::from_str(kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    let disposition = HeaderValue::from_str(&disposition(&file.name));
    headers
        .insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The name of a download (RFC 6266, appendix D): in ASCII, and as it is (RFC 8187).
fn disposition(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

/// A file that everybody may read: a document, or one that belongs to a submission that is published.
async fn public_file(State(forum): State<Forum>, Names(digest): Names<String>) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("file");
    let digest: [u8; 32] =
        base16ct::lower::decode_vec(&digest).ok().and_then(|d| d.try_into().ok()).ok_or_else(unknown)?;
    let read = async move |tx: &mut Tx<'_>| store::find_public(tx, &digest).await;
    let file: FileRef = forum.store.read(read).await.map_err(|e| database(&e))?.ok_or_else(unknown)?;
    let content = forum.file_body(digest).await.map_err(|e| database(&e))?.ok_or_else(unknown)?;
    Ok(download(&file, content))
}

impl Forum {
    /// The bytes of a file, of which one part at a time is read: whoever takes them slowly, on many connections, has little of
    /// it kept in memory. None if it is not there.
    pub(crate) async fn file_body(&self, digest: [u8; 32]) -> Result<Option<Body>, Error> {
        let Some(first) = self.file_part(digest, 0).await? else { return Ok(None) };
        let begin = (self.clone(), Some(first), 0);
        let parts =
            stream::try_unfold(begin, move |(forum, read, at): (Self, Option<Vec<u8>>, i64)| async move {
                let part = match read {
                    Some(part) => Some(part),
                    None => forum.file_part(digest, at).await?,
                };
                Ok::<_, Error>(part.map(|part| (Bytes::from(part), (forum, None, at + 1))))
            });
        Ok(Some(Body::from_stream(parts)))
    }

    async fn file_part(&self, digest: [u8; 32], part: i64) -> Result<Option<Vec<u8>>, Error> {
        self.store.read(async move |tx: &mut Tx<'_>| store::part(tx, &digest, part).await).await
    }

    /// The bytes of a file.
    pub(crate) async fn file_bytes(&self, digest: [u8; 32]) -> Result<Option<Vec<u8>>, Error> {
        self.store.read(async move |tx: &mut Tx<'_>| store::read(tx, &digest).await).await
    }

    /// Its type and its length, bytes.
    pub(crate) async fn file_of(&self, digest: [u8; 32]) -> Result<Option<(String, i64)>, Error> {
        self.store.read(async move |tx: &mut Tx<'_>| store::find(tx, &digest).await).await
    }

    /// Keeps a file until then, at least.
    pub(crate) async fn keep_file(&self, taken: Taken, until: Instant) -> Result<(), Error> {
        let write = async move |tx: &mut Tx<'_>| {
            let file = &taken.file;
            store::insert(tx, &file.digest, &file.media_type, &taken.bytes, until).await
        };
        self.store.write(write).await
    }
}

/// Keeps files for good, since a circular or a call names them, and says what they were found to be; nothing if one of them
/// is not here, or has no name that can be shown.
pub(crate) async fn attached(tx: &mut Tx<'_>, files: &[FileRef]) -> Result<Option<Vec<FileRef>>, Error> {
    let mut all = Vec::with_capacity(files.len());
    for file in files {
        let (Ok(name), Some((media_type, size))) =
            (sniff::clean_name(&file.name), store::find(tx, &file.digest).await?)
        else {
            return Ok(None);
        };
        store::keep(tx, &file.digest).await?;
        all.push(FileRef { digest: file.digest, name, media_type, size });
    }
    Ok(Some(all))
}

/// Lets everybody read files: the circular was sent, or the call announced, that names them.
pub(crate) async fn published(tx: &mut Tx<'_>, files: &[FileRef]) -> Result<(), Error> {
    for file in files {
        store::publish(tx, &file.digest, &file.name).await?;
    }
    Ok(())
}
