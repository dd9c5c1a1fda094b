//! What of the rows goes into an export, and the files that are kept from the publication on.

use ::store::{Error, Row, Tx, params};
use base::Instant;
use log::LeafId;

use crate::{CallId, CircularId, SubmissionId};

/// What a publication commits to: of each submission the entry of the log that its receipt is about, and the files that
/// are about the call itself.
pub(crate) const TABLES: &str = "
ALTER TABLE forum_submission ADD COLUMN commitment BYTEA;
CREATE TABLE forum_published (
    call BIGINT NOT NULL REFERENCES forum_call (id),
    path TEXT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (call, path)
);
";

::store::statements! {
    EXPORT_SUBMISSIONS = "SELECT id, digest, standing, received_at, in_grace, state, state_reason, superseded_by, leaf,
            commitment
        FROM forum_submission WHERE call = $1 ORDER BY received_at, id";
    EXPORT_DOCUMENTS = "SELECT s.id, d.canonical, d.files, d.evidence FROM forum_submission s
        JOIN forum_document d ON d.submission = s.id
        WHERE s.call = $1 AND s.state = 'published' AND (s.received_at, s.id) > ($2, $3)
        ORDER BY s.received_at, s.id LIMIT $4";
    EXPORT_DECISIONS = "SELECT s.id, a.leaf FROM forum_submission s
        JOIN forum_act a ON a.about = 'submission' AND a.subject = s.id
        WHERE s.call = $1 AND s.state IN ('inadmissible', 'withheld', 'withdrawn', 'superseded') AND a.act IN
            ('submission_refused', 'submission_withheld', 'submission_withdrawn', 'submission_superseded')
        ORDER BY s.id, a.done_at, a.id";
    EXPORT_ACTS = "SELECT act, leaf FROM forum_act WHERE about = $1 AND subject = $2 ORDER BY done_at, id";
    EXPORT_FORMS = "SELECT version, form FROM forum_form WHERE call = $1 ORDER BY version";
    KEEP_PUBLISHED = "INSERT INTO forum_published (call, path, content) VALUES ($1, $2, $3)";
    PUBLISHED_FILES = "SELECT path, content FROM forum_published WHERE call = $1 ORDER BY path";
}

/// A submission, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: SubmissionId,
    pub(crate) digest: [u8; 32],
    pub(crate) standing: String,
    pub(crate) received_at: Instant,
    pub(crate) in_grace: bool,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) superseded_by: Option<SubmissionId>,
    pub(crate) leaf: LeafId,
    pub(crate) commitment: [u8; 32],
}

/// What is published of a submission.
pub(crate) struct Document {
    pub(crate) id: SubmissionId,
    pub(crate) canonical: Vec<u8>,
    pub(crate) files: String,
    pub(crate) evidence: Option<Vec<u8>>,
}

/// Every submission of a call, in the order of receipt.
pub(crate) async fn submissions(tx: &mut Tx<'_>, call: CallId) -> Result<Vec<Kept>, Error> {
    let rows = tx.all(&EXPORT_SUBMISSIONS, params![call]).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let leaf = row.id(8)?;
        let commitment = match row.opt_bytes(9)? {
            Some(_) => row.array(9)?,
            // It was received before there was a column for it: the log knows. A leaf that is not there is proven to nobody.
            None => log::commitment_of(tx, leaf).await?.unwrap_or_default(),
        };
        all.push(Kept {
            id: row.id(0)?,
            digest: row.array(1)?,
            standing: row.text(2)?.to_owned(),
            received_at: row.instant(3)?,
            in_grace: row.flag(4)?,
            state: row.text(5)?.to_owned(),
            reason: row.opt_text(6)?.map(str::to_owned),
            superseded_by: row.opt_id(7)?,
            leaf,
            commitment,
        });
    }
    Ok(all)
}

/// The published ones that come after another.
pub(crate) async fn documents(
    tx: &mut Tx<'_>,
    call: CallId,
    after: (Instant, i64),
    most: i64,
) -> Result<Vec<Document>, Error> {
    let rows = tx.all(&EXPORT_DOCUMENTS, params![call, after.0, after.1, most]).await?;
    let one = |row: &Row| {
        Ok(Document {
            id: row.id(0)?,
            canonical: row.bytes(1)?.to_vec(),
            files: row.text(2)?.to_owned(),
            evidence: row.opt_bytes(3)?.map(<[u8]>::to_vec),
        })
    };
    rows.iter().map(one).collect()
}

/// The leaf of the act by which a submission is not published; of several the last.
pub(crate) async fn decisions(tx: &mut Tx<'_>, call: CallId) -> Result<Vec<(SubmissionId, LeafId)>, Error> {
    let rows = tx.all(&EXPORT_DECISIONS, params![call]).await?;
    let all: Vec<(SubmissionId, Option<LeafId>)> =
        rows.iter().map(|row| Ok((row.id(0)?, row.opt_id(1)?))).collect::<Result<_, Error>>()?;
    Ok(all.into_iter().filter_map(|(id, leaf)| Some((id, leaf?))).collect())
}

/// What was done with a call itself and with its circular: the act and its leaf.
pub(crate) async fn acts(
    tx: &mut Tx<'_>,
    call: CallId,
    circular: Option<CircularId>,
) -> Result<Vec<(String, LeafId)>, Error> {
    let circular = circular.map(|id| ("circular", id.as_i64()));
    let mut all = Vec::new();
    for (about, subject) in circular.into_iter().chain([("call", call.as_i64())]) {
        for row in tx.all(&EXPORT_ACTS, params![about, subject]).await? {
            if let Some(leaf) = row.opt_id(1)? {
                all.push((row.text(0)?.to_owned(), leaf));
            }
        }
    }
    Ok(all)
}

/// Keeps a file of the export as it is published.
pub(crate) async fn keep(tx: &mut Tx<'_>, call: CallId, path: &str, content: &[u8]) -> Result<(), Error> {
    tx.execute(&KEEP_PUBLISHED, params![call, path, content]).await.map(drop)
}

/// The files that were kept, by path.
pub(crate) async fn kept(tx: &mut Tx<'_>, call: CallId) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let rows = tx.all(&PUBLISHED_FILES, params![call]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.bytes(1)?.to_vec()))).collect()
}

/// Each version of the form, as it is kept.
pub(crate) async fn forms(tx: &mut Tx<'_>, call: CallId) -> Result<Vec<(i64, String)>, Error> {
    let rows = tx.all(&EXPORT_FORMS, params![call]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?.to_owned()))).collect()
}
