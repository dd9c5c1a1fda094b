//! A whole log: every entry, every tile, every hash, and the checkpoint.

use base::Instant;

use crate::{
    Checkpoint, Fault, VerifierKey,
    merkle::{Growing, Hash, leaf_hash},
    tile::{self, Kind, Tile, WIDTH},
};

/// A log in which everything was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// When the log last dated it.
    pub dated: Option<Instant>,
    /// How many files were looked at, the checkpoint included.
    pub files: u64,
}

/// A check of a whole log that is under way: [`Self::next`] says which file it wants, [`Self::take`] gives it that.
#[derive(Debug)]
pub struct Whole {
    sound: Sound,
    growing: Growing,
    /// Leaf hashes of the bundle that was taken last, while its tile is looked at.
    leaves: Vec<Hash>,
    /// For each level, what its tiles must hold: the hashes of the full tiles under it. The lowest is not kept.
    above: Vec<Vec<Hash>>,
    at: Option<Tile>,
    /// The first leaf, and the first hash of a tile, that are not what is expected.
    leaf: Option<Fault>,
    hash: Option<Fault>,
}

impl Whole {
    /// Begins with a checkpoint, which `key` must have signed.
    pub fn new(note: &str, key: &VerifierKey) -> Result<Self, Fault> {
        let (checkpoint, dated) = Checkpoint::open(note, key)?;
        let at = tile::nth(Kind::Entries, 0, checkpoint.size);
        Ok(Self {
            sound: Sound { checkpoint, dated, files: 1 },
            growing: Growing::default(),
            leaves: Vec::new(),
            above: Vec::new(),
            at,
            leaf: None,
            hash: None,
        })
    }

    /// The file that it wants next; `None` when it has seen all.
    pub const fn wanted(&self) -> Option<Tile> {
        self.at
    }

    /// Takes what is in the file that it wanted, or that there is none.
    pub fn take(&mut self, content: Option<&[u8]>) -> Result<(), Fault> {
        let Some(at) = self.at else { return Ok(()) };
        let content = content.ok_or_else(|| Fault::Missing { path: at.path() })?;
        let wrong_length = || Fault::Length { path: at.path() };
        if content.len() != at.bytes() {
            return Err(wrong_length());
        }
        self.sound.files += 1;
        self.at = match at.kind {
            Kind::Entries => {
                let entries = tile::entries(content).ok_or_else(wrong_length)?;
                self.leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
                self.leaves.iter().for_each(|leaf| self.growing.push(*leaf));
                Some(Tile { kind: Kind::Hashes(0), ..at })
            }
            Kind::Hashes(level) => {
                let hashes = tile::hashes(content).ok_or_else(wrong_length)?;
                self.compare(at, level, &hashes);
                if at.width == WIDTH {
                    self.carry(level, tile::tile_root(hashes));
                }
                self.after(at, level)
            }
        };
        Ok(())
    }

    fn compare(&mut self, at: Tile, level: u8, hashes: &[Hash]) {
        let from = usize::try_from(at.first_leaf()).unwrap_or(usize::MAX);
        let expected = match level.checked_sub(1) {
            None => Some(self.leaves.as_slice()),
            Some(under) => self.above.get(usize::from(under)).and_then(|all| all.get(from..)),
        };
        let differs = hashes.iter().zip(expected.unwrap_or_default()).position(|(a, b)| a != b);
        let Some(differs) = differs.and_then(|at| u64::try_from(at).ok()) else { return };
        let fault = Fault::Hash { path: at.path(), at: differs };
        self.hash.get_or_insert(fault);
        if level == 0 {
            let path = Tile { kind: Kind::Entries, ..at }.path();
            self.leaf.get_or_insert(Fault::Leaf { path, index: at.first_leaf() + differs });
        }
    }

    /// Keeps the hash of a full tile for the level above.
    fn carry(&mut self, level: u8, hash: Hash) {
        let level = usize::from(level);
        if self.above.len() <= level {
            self.above.resize(level + 1, Vec::new());
        }
        if let Some(above) = self.above.get_mut(level) {
            above.push(hash);
        }
    }

    /// What comes after a tile: the next bundle, then level by level.
    fn after(&self, at: Tile, level: u8) -> Option<Tile> {
        let size = self.sound.checkpoint.size;
        let kind = if level == 0 { Kind::Entries } else { at.kind };
        tile::nth(kind, at.n.checked_add(1)?, size)
            .or_else(|| tile::nth(Kind::Hashes(level.checked_add(1)?), 0, size))
    }

    /// What came out.
    pub fn finish(self) -> Result<Sound, Fault> {
        let Self { sound, growing, leaf, hash, .. } = self;
        let is_signed = growing.size() == sound.checkpoint.size && growing.root() == sound.checkpoint.root;
        match (is_signed, leaf, hash) {
            (true, _, None) => Ok(sound),
            // The entries are those that were signed: what differs is the tile.
            (true, _, Some(fault)) | (false, None, Some(fault)) | (false, Some(fault), _) => Err(fault),
            (false, None, None) => Err(Fault::Root),
        }
    }
}
