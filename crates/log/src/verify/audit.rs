//! A log as it goes on: whoever saw it once sees whether it continues what was seen.

use base::limits::LOG_SEEN_BYTES_MAX;
use formats::{b64, json};
use serde_json::{Value, json};

use crate::{
    Checkpoint, Fault, VerifierKey,
    merkle::{Growing, Hash, leaf_hash},
    tile::{self, Kind, Tile, WIDTH},
};

/// How much of each leaf's hash is remembered, to say which leaf was rewritten, bytes. That one was, the root shows.
const REMEMBERED: usize = 8;

/// What was seen of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whose signatures are believed.
    pub key: VerifierKey,
    /// The newest checkpoint, as it was signed.
    pub checkpoint: String,
    tree: Growing,
    leaves: Vec<[u8; REMEMBERED]>,
}

impl Seen {
    /// How many leaves were seen.
    pub const fn size(&self) -> u64 {
        self.tree.size()
    }

    /// As a file: a JSON document.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = json::canonical(&json!({
            "type": "urn:sahihi:log-seen:1",
            "key": self.key.to_string(),
            "checkpoint": self.checkpoint,
            "size": self.tree.size(),
            "subtrees": self.tree.subtrees().iter().map(|h| b64::encode(h)).collect::<Vec<_>>(),
            "leaves": b64::encode(self.leaves.as_flattened()),
        }));
        bytes.push(b'\n');
        bytes
    }

    /// Reads such a file; `None` if it is not one, or does not go with its own checkpoint.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let value = json::parse_within(bytes, LOG_SEEN_BYTES_MAX).ok()?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        if text("type")? != "urn:sahihi:log-seen:1" {
            return None;
        }
        let key = VerifierKey::parse(text("key")?).ok()?;
        let checkpoint = text("checkpoint")?.to_owned();
        let hash = |hash: &Value| -> Option<Hash> { b64::decode(hash.as_str()?).ok()?.try_into().ok() };
        let subtrees = value.get("subtrees")?.as_array()?.iter().map(hash).collect::<Option<Vec<_>>>()?;
        let tree = Growing::from_subtrees(value.get("size")?.as_u64()?, subtrees)?;
        let leaves = b64::decode(text("leaves")?).ok()?;
        let (leaves, rest) = leaves.as_chunks::<REMEMBERED>();
        let (signed, _) = Checkpoint::open(&checkpoint, &key).ok()?;
        let whole = rest.is_empty() && u64::try_from(leaves.len()).is_ok_and(|n| n == tree.size());
        let is_that = signed.size == tree.size() && signed.root == tree.root();
        (whole && is_that).then(|| Self { key, checkpoint, leaves: leaves.to_vec(), tree })
    }
}

/// Where an audit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Reading what is new, bundle by bundle.
    New(Tile),
    /// Looking which of the leaves that were seen is another one now.
    Old(Tile),
    /// Done.
    Over,
}

/// An audit that is under way: [`Self::wanted`] says which file it wants, [`Self::take`] gives it that.
#[derive(Debug)]
pub struct Audit {
    before: Vec<[u8; REMEMBERED]>,
    now: Seen,
    checkpoint: Checkpoint,
    stage: Stage,
    /// What is wrong if no leaf is found to be another one.
    fault: Option<Fault>,
}

impl Audit {
    /// Begins: with what was seen before, if anything was, and the checkpoint of now.
    ///
    /// # Errors
    /// Where the checkpoint alone shows that something is wrong.
    pub fn new(key: &VerifierKey, seen: Option<Seen>, note: &str) -> Result<Self, Fault> {
        let (checkpoint, _) = Checkpoint::open(note, key)?;
        let (before, tree) = seen.map_or_else(Default::default, |seen| (seen.leaves, seen.tree));
        if checkpoint.size < tree.size() {
            return Err(Fault::Shrunk { seen: tree.size(), now: checkpoint.size });
        }
        let first = tile::nth(Kind::Entries, tree.size() / WIDTH, checkpoint.size);
        let (mut stage, mut fault) = (first.map_or(Stage::Over, Stage::New), None);
        if checkpoint.size == tree.size() {
            stage = Stage::Over;
            if checkpoint.root != tree.root() {
                fault = Some(Fault::Forked { size: checkpoint.size });
                stage = old_from(0, &before, checkpoint.size);
            }
        }
        let now = Seen { key: key.clone(), checkpoint: note.to_owned(), tree, leaves: before.clone() };
        Ok(Self { before, now, checkpoint, stage, fault })
    }

    /// The file that it wants next; `None` when it has seen all.
    pub const fn wanted(&self) -> Option<Tile> {
        match self.stage {
            Stage::New(tile) | Stage::Old(tile) => Some(tile),
            Stage::Over => None,
        }
    }

    /// Takes what is in the file that it wanted, or that there is none.
    pub fn take(&mut self, content: Option<&[u8]>) -> Result<(), Fault> {
        let Some(at) = self.wanted() else { return Ok(()) };
        let content = content.ok_or_else(|| Fault::Missing { path: at.path() })?;
        let entries = tile::entries(content).filter(|_| content.len() == at.bytes());
        let entries = entries.ok_or_else(|| Fault::Length { path: at.path() })?;
        for (index, entry) in (at.first_leaf()..).zip(&entries) {
            let leaf = leaf_hash(entry);
            let start = remembered(&leaf);
            let known = usize::try_from(index).ok().and_then(|index| self.before.get(index));
            if known.is_some_and(|known| *known != start) {
                return Err(Fault::Rewritten { index });
            }
            if index == self.now.tree.size() {
                self.now.tree.push(leaf);
                self.now.leaves.push(start);
            }
        }
        let next = at.n.saturating_add(1);
        self.stage = match self.stage {
            Stage::New(_) => match tile::nth(Kind::Entries, next, self.checkpoint.size) {
                Some(tile) => Stage::New(tile),
                None if self.now.tree.root() == self.checkpoint.root => Stage::Over,
                None => {
                    self.fault = Some(Fault::Inconsistent);
                    old_from(0, &self.before, self.checkpoint.size)
                }
            },
            Stage::Old(_) => old_from(next, &self.before, self.checkpoint.size),
            Stage::Over => Stage::Over,
        };
        Ok(())
    }

    /// What was seen now, if it continues what was seen before.
    pub fn finish(self) -> Result<Seen, Fault> {
        self.fault.map_or(Ok(self.now), Err)
    }
}

fn remembered(leaf: &Hash) -> [u8; REMEMBERED] {
    leaf.first_chunk().copied().unwrap_or_default()
}

/// The next bundle that has a leaf that was seen.
fn old_from(n: u64, before: &[[u8; REMEMBERED]], size: u64) -> Stage {
    let seen = u64::try_from(before.len()).unwrap_or(u64::MAX);
    tile::nth(Kind::Entries, n, size).filter(|tile| tile.first_leaf() < seen).map_or(Stage::Over, Stage::Old)
}
