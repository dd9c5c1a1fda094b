//! The tables of files: each kept once, by its digest, in parts.

use base::{Instant, limits::FILE_PART_BYTES};
use store::{Error, Tx, params};

use crate::{FileRef, SubmissionId};

store::statements! {
    INSERT = "INSERT INTO forum_file (digest, media_type, size, expires_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (digest) DO NOTHING";
    INSERT_PART = "INSERT INTO forum_file_part (digest, part, content) VALUES ($1, $2, $3)";
    POSTPONE = "UPDATE forum_file SET expires_at = $2 WHERE digest = $1 AND expires_at < $2";
    KEEP = "UPDATE forum_file SET expires_at = NULL WHERE digest = $1 AND expires_at IS NOT NULL";
    FIND = "SELECT media_type, size FROM forum_file WHERE digest = $1";
    PARTS = "SELECT content FROM forum_file_part WHERE digest = $1 ORDER BY part";
    PART = "SELECT content FROM forum_file_part WHERE digest = $1 AND part = $2";
    PUBLISH = "UPDATE forum_file SET public_name = $2, expires_at = NULL WHERE digest = $1";
    USE = "INSERT INTO forum_file_use (digest, submission, name) VALUES ($1, $2, $3)
        ON CONFLICT (digest, submission) DO NOTHING";
    FIND_DOCUMENT = "SELECT media_type, size, public_name FROM forum_file
        WHERE digest = $1 AND public_name IS NOT NULL";
    FIND_LISTED = "SELECT f.media_type, f.size, u.name FROM forum_file_use u
        JOIN forum_file f ON f.digest = u.digest
        JOIN forum_listed l ON l.submission = u.submission
        WHERE u.digest = $1 ORDER BY u.submission LIMIT 1";
    OVER = "SELECT digest FROM forum_file WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    ERASE_PARTS = "DELETE FROM forum_file_part WHERE digest = $1";
    ERASE = "DELETE FROM forum_file WHERE digest = $1";
}

/// Keeps a file until `expires_at`, or longer if it is kept longer already.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    digest: &[u8; 32],
    media_type: &str,
    bytes: &[u8],
    expires_at: Instant,
) -> Result<(), Error> {
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let inserted = tx.execute(&INSERT, params![digest, media_type, size, expires_at]).await?;
    if inserted == 0 {
        return postpone(tx, digest, expires_at).await;
    }
    for (part, content) in (0_i64..).zip(bytes.chunks(FILE_PART_BYTES)) {
        tx.execute(&INSERT_PART, params![digest, part, content]).await?;
    }
    Ok(())
}

/// Keeps it until then at least.
pub(crate) async fn postpone(tx: &mut Tx<'_>, digest: &[u8; 32], expires_at: Instant) -> Result<(), Error> {
    tx.execute(&POSTPONE, params![digest, expires_at]).await.map(|_| ())
}

/// Keeps it for good.
pub(crate) async fn keep(tx: &mut Tx<'_>, digest: &[u8; 32]) -> Result<(), Error> {
    tx.execute(&KEEP, params![digest]).await.map(|_| ())
}

/// Keeps it for good: it belongs, under this name, to a submission that is received.
pub(crate) async fn belongs(
    tx: &mut Tx<'_>,
    digest: &[u8; 32],
    submission: SubmissionId,
    name: &str,
) -> Result<(), Error> {
    keep(tx, digest).await?;
    tx.execute(&USE, params![digest, submission, name]).await.map(|_| ())
}

/// Keeps it for good, for everybody, under this name.
pub(crate) async fn publish(tx: &mut Tx<'_>, digest: &[u8; 32], name: &str) -> Result<(), Error> {
    tx.execute(&PUBLISH, params![digest, name]).await.map(|_| ())
}

/// A file that everybody may read.
pub(crate) async fn find_public(tx: &mut Tx<'_>, digest: &[u8; 32]) -> Result<Option<FileRef>, Error> {
    let row = match tx.optional(&FIND_DOCUMENT, params![digest]).await? {
        Some(row) => Some(row),
        None => tx.optional(&FIND_LISTED, params![digest]).await?,
    };
    row.map(|row| {
        let (media_type, size, name) = (row.text(0)?.to_owned(), row.int(1)?, row.text(2)?.to_owned());
        Ok(FileRef { digest: *digest, name, media_type, size })
    })
    .transpose()
}

/// Its type and its length, bytes.
pub(crate) async fn find(tx: &mut Tx<'_>, digest: &[u8; 32]) -> Result<Option<(String, i64)>, Error> {
    let row = tx.optional(&FIND, params![digest]).await?;
    row.map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).transpose()
}

/// Its bytes; none if it is not there.
pub(crate) async fn read(tx: &mut Tx<'_>, digest: &[u8; 32]) -> Result<Option<Vec<u8>>, Error> {
    if find(tx, digest).await?.is_none() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    for row in tx.all(&PARTS, params![digest]).await? {
        bytes.extend_from_slice(row.bytes(0)?);
    }
    Ok(Some(bytes))
}

/// One part of its bytes, at most `FILE_PART_BYTES`; none behind the last one.
pub(crate) async fn part(tx: &mut Tx<'_>, digest: &[u8; 32], part: i64) -> Result<Option<Vec<u8>>, Error> {
    let row = tx.optional(&PART, params![digest, part]).await?;
    row.map(|row| row.bytes(0).map(<[u8]>::to_vec)).transpose()
}

/// Erases at most so many files that were to be kept until `now`; how many.
pub(crate) async fn erase(tx: &mut Tx<'_>, now: Instant, most: i64) -> Result<u64, Error> {
    let over = tx.all(&OVER, params![now, most]).await?;
    for row in &over {
        tx.execute(&ERASE_PARTS, params![row.bytes(0)?]).await?;
        tx.execute(&ERASE, params![row.bytes(0)?]).await?;
    }
    Ok(u64::try_from(over.len()).unwrap_or(u64::MAX))
}
