//! From the rows to the files, a page at a time, so that a call of any size can be sent without being held in memory.

use std::collections::{BTreeMap, BTreeSet};

use ::store::Tx;
use base::{Instant, limits::EXPORT_PAGE};
use formats::json;
use log::{Extra, LeafId, ProofFile};
use serde_json::Value;

use super::{
    check,
    freeze::{self, is_published},
    layout::{self, Sums},
    store::{self as sql, Kept},
};
use crate::{Call, Forum, Stage, call::store as calls, file, stored};

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportRefusal {
    /// There is no such call, or nobody knows of it yet.
    #[error("there is no such call")]
    NoSuchCall,
    /// What was submitted is not published.
    #[error("the call is not published")]
    NotPublished,
    /// The last of it has no place in the log yet: in a moment it has.
    #[error("the log has not taken all of it yet")]
    NotLogged,
    /// A submission was withheld while the export was made: make it again.
    #[error("the call changed while it was exported")]
    Changed,
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it lies.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// An export that is being made.
pub struct Export {
    forum: Forum,
    call: Call,
    rows: Vec<Kept>,
    decided: BTreeMap<i64, LeafId>,
    proofs: BTreeMap<i64, String>,
    /// What was named and is to be sent once.
    attached: BTreeSet<[u8; 32]>,
    sums: Sums,
    step: Step,
}

enum Step {
    /// What stands at the beginning.
    Head(Vec<Entry>),
    /// Submissions, from this row on.
    Submissions(usize),
    Attachments,
    Over,
}

/// All that is read at one instant.
struct Found {
    call: Call,
    /// What was kept when the call was published, by path.
    kept: Vec<(String, Vec<u8>)>,
    rows: Vec<Kept>,
    decided: BTreeMap<i64, LeafId>,
    acts: Vec<(String, LeafId)>,
}

impl Forum {
    /// Begins the export of a published call.
    ///
    /// # Errors
    /// When it is not published, or not all of it is in the log yet.
    pub async fn export(&self, symbol: &str) -> Result<Export, ExportRefusal> {
        let symbol = symbol.to_owned();
        let read = async move |tx: &mut Tx<'_>| found(tx, &symbol).await;
        let found = self.store.read(read).await?;
        let all: Vec<LeafId> = found
            .rows
            .iter()
            .map(|row| row.leaf)
            .chain(found.decided.values().copied())
            .chain(found.acts.iter().map(|(_, leaf)| *leaf))
            .collect();
        let made = self.log.proofs(&all).await?;
        let mut proofs = BTreeMap::new();
        for (leaf, proof) in all.iter().zip(made) {
            proofs.insert(leaf.as_i64(), proof.ok_or(ExportRefusal::NotLogged)?);
        }
        let head = self.head(&found, &proofs)?;
        let named = |entry: &Entry| match entry.path.as_str() {
            layout::CALL | layout::CIRCULAR => json::parse(&entry.bytes).ok(),
            _ => None,
        };
        let attached = head.iter().filter_map(named).flat_map(|document| check::attached(&document));
        let attached = attached.filter_map(|digest| layout::from_hex(&digest)).collect();
        let Found { call, rows, decided, .. } = found;
        let (forum, sums, step) = (self.clone(), Sums::default(), Step::Head(head));
        Ok(Export { forum, call, rows, decided, proofs, attached, sums, step })
    }

    fn head(&self, found: &Found, proofs: &BTreeMap<i64, String>) -> Result<Vec<Entry>, ExportRefusal> {
        let entry = |path: &str, bytes: Vec<u8>| Entry { path: path.to_owned(), bytes };
        let mut all: Vec<Entry> = found.kept.iter().map(|(path, bytes)| entry(path, bytes.clone())).collect();
        all.push(entry(layout::COUNTS, json::canonical(&counts(&found.rows))));
        all.push(entry(layout::SUBMISSIONS, freeze::list(&found.rows)));
        all.push(entry(layout::LOG_KEY, format!("{}\n", self.log.key()).into_bytes()));
        for (n, (act, leaf)) in found.acts.iter().enumerate() {
            let proof = proofs.get(&leaf.as_i64()).ok_or(ExportRefusal::NotLogged)?;
            let file = ProofFile::parse(proof).map_err(|_| ExportRefusal::NotLogged)?;
            if n == 0 {
                all.push(entry(layout::CHECKPOINT, file.checkpoint.as_bytes().to_vec()));
            }
            let path = match act.as_str() {
                "call_published" => layout::PUBLICATION.to_owned(),
                act => layout::act(file.index, act),
            };
            all.push(Entry { path, bytes: proof.clone().into_bytes() });
        }
        Ok(all)
    }
}

async fn found(tx: &mut Tx<'_>, symbol: &str) -> Result<Found, ExportRefusal> {
    let call = calls::get(tx, symbol).await?.filter(|call| call.stage != Stage::Draft);
    let call = call.ok_or(ExportRefusal::NoSuchCall)?;
    if !matches!(call.stage, Stage::Published | Stage::Considered) {
        return Err(ExportRefusal::NotPublished);
    }
    let kept = sql::kept(tx, call.id).await?;
    let circular = call.circular_id.filter(|_| kept.iter().any(|(path, _)| path == layout::CIRCULAR));
    let acts = sql::acts(tx, call.id, circular).await?;
    let decided =
        sql::decisions(tx, call.id).await?.into_iter().map(|(id, leaf)| (id.as_i64(), leaf)).collect();
    let rows = sql::submissions(tx, call.id).await?;
    Ok(Found { call, kept, rows, decided, acts })
}

/// How many submissions are in each state, and in all.
fn counts(rows: &[Kept]) -> Value {
    let of = |state: &str| rows.iter().filter(|row| row.state == state).count();
    let mut all: serde_json::Map<String, Value> =
        super::COUNTED.iter().map(|state| ((*state).to_owned(), of(state).into())).collect();
    all.insert(super::RECEIVED.to_owned(), rows.len().into());
    Value::Object(all)
}

impl Export {
    /// When the call was published.
    pub fn published_at(&self) -> Option<Instant> {
        self.call.published_at
    }

    /// The next files; `None` after the last, which is the list of all of them.
    ///
    /// # Errors
    /// The database; [`ExportRefusal::Changed`] when a submission is not published any more.
    pub async fn next(&mut self) -> Result<Option<Vec<Entry>>, ExportRefusal> {
        let entries = match std::mem::replace(&mut self.step, Step::Over) {
            Step::Head(head) => {
                self.step = Step::Submissions(0);
                head
            }
            Step::Submissions(from) if from < self.rows.len() => {
                self.step = Step::Submissions(from.saturating_add(EXPORT_PAGE));
                self.submissions(from).await?
            }
            Step::Submissions(_) | Step::Attachments => {
                let Some(digest) = self.attached.pop_first() else {
                    let bytes = std::mem::take(&mut self.sums).to_text().into_bytes();
                    return Ok(Some(vec![Entry { path: layout::SUMS.to_owned(), bytes }]));
                };
                self.step = Step::Attachments;
                self.attachment(digest).await?
            }
            Step::Over => return Ok(None),
        };
        for entry in &entries {
            self.sums.0.insert(entry.path.clone(), crypto::sha256(&entry.bytes));
        }
        Ok(Some(entries))
    }

    async fn submissions(&mut self, from: usize) -> Result<Vec<Entry>, ExportRefusal> {
        let page: Vec<Kept> = self.rows.iter().skip(from).take(EXPORT_PAGE).cloned().collect();
        let before = from.checked_sub(1).and_then(|last| self.rows.get(last));
        let after = before.map_or((Instant::from_ms(i64::MIN), 0), |row| (row.received_at, row.id.as_i64()));
        let (call, most) = (self.call.id, i64::try_from(EXPORT_PAGE).unwrap_or(i64::MAX));
        let read = async move |tx: &mut Tx<'_>| sql::documents(tx, call, after, most).await;
        let read: Vec<sql::Document> = self.forum.store.read(read).await?;
        let mut documents: BTreeMap<i64, sql::Document> =
            read.into_iter().map(|document| (document.id.as_i64(), document)).collect();
        let mut entries = Vec::with_capacity(page.len() * 3);
        for row in &page {
            let id = row.id.to_string();
            let mut put = |file: &str, bytes: Vec<u8>| {
                entries.push(Entry { path: layout::of_submission(&id, file), bytes });
            };
            let proof = self.proofs.remove(&row.leaf.as_i64()).unwrap_or_default();
            if is_published(row) {
                let document = documents.remove(&row.id.as_i64()).ok_or(ExportRefusal::Changed)?;
                let files = stored::parse_files(&document.files).unwrap_or_default();
                self.attached.extend(files.iter().map(|f| f.digest));
                put(layout::SUBMISSION, document.canonical);
                if let Some(evidence) = document.evidence {
                    put(layout::EVIDENCE, evidence);
                }
                put(layout::RECEIVED, proof.into_bytes());
            } else {
                put(layout::RECEIVED, closed(&proof).into_bytes());
                if let Some(leaf) = self.decided.get(&row.id.as_i64()) {
                    let decided = self.proofs.get(&leaf.as_i64()).cloned().unwrap_or_default();
                    put(layout::DECIDED, decided.into_bytes());
                }
            }
        }
        Ok(entries)
    }

    async fn attachment(&self, digest: [u8; 32]) -> Result<Vec<Entry>, ExportRefusal> {
        let read = async move |tx: &mut Tx<'_>| file::store::read(tx, &digest).await;
        let found: Option<Vec<u8>> = self.forum.store.read(read).await?;
        let entry = |bytes| Entry { path: layout::attachment(&layout::hex(&digest)), bytes };
        Ok(found.map(entry).into_iter().collect())
    }
}

/// The same proof without what its leaf commits to.
fn closed(proof: &str) -> String {
    match ProofFile::parse(proof) {
        Ok(file) => {
            let extra = file.extra.commitment().map_or(Extra::Nothing, Extra::Commitment);
            ProofFile { extra, ..file }.to_file()
        }
        Err(_) => String::new(),
    }
}
