//! Tiles and bundles of entries (C2SP tlog-tiles): which there are in a tree of some size, what their paths are, what
//! they hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::merkle::{Hash, leaf_hash, node_hash};

/// How many hashes a full tile has.
pub const WIDTH: u64 = 256;
/// How many levels of the tree are in a tile, as the exponent of two.
const HEIGHT: u32 = 8;
/// How long an entry of ours is, bytes: a SHA-256.
pub const ENTRY_BYTES: usize = 32;
/// What precedes each entry in a bundle: its length.
const ENTRY_PREFIX: [u8; 2] = [0, 32];
/// How long an entry is in a bundle.
pub(crate) const BUNDLED_BYTES: usize = 34;
/// The highest level (tlog-tiles, Merkle Tree).
const LEVEL_MAX: u8 = 63;

/// What is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Entries of the log.
    Entries,
    /// Hashes at this level of tiles.
    Hashes(u8),
}

/// A tile or a bundle of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// What is in it.
    pub kind: Kind,
    /// Its number in its level, from 0.
    pub n: u64,
    /// How much is in it, 1 to 256.
    pub width: u64,
}

impl Tile {
    /// Its path, without a slash before it: `tile/0/x001/234.p/5`.
    pub fn path(&self) -> String {
        let mut parts = vec![format!("{:03}", self.n % 1_000)];
        let mut rest = self.n / 1_000;
        while rest > 0 {
            parts.push(format!("x{:03}", rest % 1_000));
            rest /= 1_000;
        }
        parts.reverse();
        let kind = match self.kind {
            Kind::Entries => "entries".to_owned(),
            Kind::Hashes(level) => level.to_string(),
        };
        let partial = if self.width < WIDTH { format!(".p/{}", self.width) } else { String::new() };
        format!("tile/{kind}/{}{partial}", parts.join("/"))
    }

    /// Reads a path; there is one way to write each.
    pub fn parse(path: &str) -> Option<Self> {
        let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let kind = match kind {
            "entries" => Kind::Entries,
            level => Kind::Hashes(level.parse().ok().filter(|l| *l <= LEVEL_MAX)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok().filter(|w| (1..WIDTH).contains(w))?),
            None => (rest, WIDTH),
        };
        let mut n: u64 = 0;
        for part in number.split('/') {
            let digits = part.strip_prefix('x').unwrap_or(part);
            if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            n = n.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
        }
        let tile = Self { kind, n, width };
        (tile.path() == path).then_some(tile)
    }

    /// How long its content is, bytes.
    pub fn bytes(&self) -> usize {
        let each = match self.kind {
            Kind::Entries => BUNDLED_BYTES,
            Kind::Hashes(_) => 32,
        };
        usize::try_from(self.width).unwrap_or_default().saturating_mul(each)
    }

    /// The first leaf of a bundle of entries.
    pub const fn first_leaf(&self) -> u64 {
        self.n.saturating_mul(WIDTH)
    }
}

/// How many hashes tiles of this level have in a tree of this size.
const fn hashes_at(level: u8, size: u64) -> u64 {
    let shift = HEIGHT * level as u32;
    if shift >= u64::BITS { 0 } else { size >> shift }
}

/// File `n` of a kind in a tree of this size, the last one as far as it is filled; `None` if there are not so many.
pub fn nth(kind: Kind, n: u64, size: u64) -> Option<Tile> {
    let hashes = match kind {
        Kind::Entries => size,
        Kind::Hashes(level) => hashes_at(level, size),
    };
    let left = hashes.checked_sub(n.checked_mul(WIDTH)?).filter(|left| *left > 0)?;
    Some(Tile { kind, n, width: left.min(WIDTH) })
}

/// Every file of a kind in a tree of this size.
pub fn all_of(kind: Kind, size: u64) -> impl Iterator<Item = Tile> {
    (0..).map_while(move |n| nth(kind, n, size))
}

/// The levels that have tiles in a tree of this size.
pub fn levels(size: u64) -> impl Iterator<Item = u8> {
    (0..=LEVEL_MAX).take_while(move |level| hashes_at(*level, size) > 0)
}

/// The tile of a level that is partly filled in a tree of this size, if there is one.
pub(crate) fn partial(level: u8, size: u64) -> Option<Tile> {
    let hashes = hashes_at(level, size);
    let width = hashes % WIDTH;
    (width > 0).then_some(Tile { kind: Kind::Hashes(level), n: hashes / WIDTH, width })
}

/// The entries of a bundle; `None` if one has another length than ours, or something is left over.
pub fn entries(bundle: &[u8]) -> Option<Vec<[u8; ENTRY_BYTES]>> {
    let (entries, rest) = bundle.as_chunks::<BUNDLED_BYTES>();
    let entry = |bytes: &[u8; BUNDLED_BYTES]| bytes.strip_prefix(&ENTRY_PREFIX)?.try_into().ok();
    if rest.is_empty() { entries.iter().map(entry).collect() } else { None }
}

/// Appends an entry to a bundle.
pub(crate) fn bundle(entry: &[u8; ENTRY_BYTES], to: &mut Vec<u8>) {
    to.extend_from_slice(&ENTRY_PREFIX);
    to.extend_from_slice(entry);
}

/// The hashes of a tile; `None` if something is left over.
pub fn hashes(tile: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = tile.as_chunks::<32>();
    rest.is_empty().then(|| hashes.to_vec())
}

/// What tiles hold, with the levels of the tree between theirs.
#[derive(Debug, Clone, Default)]
pub struct Tiles(BTreeMap<(u8, u64), Vec<Vec<Hash>>>);

impl Tiles {
    /// Takes the hashes of a tile.
    pub fn insert(&mut self, level: u8, n: u64, hashes: Vec<Hash>) {
        let mut rows = vec![hashes];
        for _ in 1..HEIGHT {
            let above = rows.last().map(|row| {
                row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect::<Vec<_>>()
            });
            match above {
                Some(above) if !above.is_empty() => rows.push(above),
                _ => break,
            }
        }
        self.0.insert((level, n), rows);
    }

    /// Whether it has the tile.
    pub fn has(&self, level: u8, n: u64) -> bool {
        self.0.contains_key(&(level, n))
    }

    /// The hash of a subtree: see [`crate::merkle`].
    pub fn get(&self, level: u32, n: u64) -> Option<Hash> {
        let (tile_level, tile, row, at) = place(level, n)?;
        let row = self.0.get(&(tile_level, tile))?.get(row)?;
        row.get(usize::try_from(at).ok()?).copied()
    }
}

/// In which tile the hash of a subtree is: the tile's level and number, the row in it and the place in the row.
fn place(level: u32, n: u64) -> Option<(u8, u64, usize, u64)> {
    let (tile_level, row) = (level / HEIGHT, level % HEIGHT);
    let in_row = WIDTH >> row;
    Some((u8::try_from(tile_level).ok()?, n / in_row, usize::try_from(row).ok()?, n % in_row))
}

/// Which tiles somebody needs who asks for hashes of subtrees: he is given none, and asks for all the same.
pub(crate) fn needed<T>(
    ask: impl FnOnce(&mut dyn FnMut(u32, u64) -> Option<Hash>) -> T,
) -> BTreeSet<(u8, u64)> {
    let mut needed = BTreeSet::new();
    ask(&mut |level, n| {
        needed.extend(place(level, n).map(|(level, tile, ..)| (level, tile)));
        None
    });
    needed
}

/// The right edge of a tree: what is needed of it to make it grow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    /// How many leaves there are.
    pub size: u64,
    /// The last bundle of entries if it is not full.
    pub entries: Vec<u8>,
    /// The last tile of each level, as far as it is filled; empty where it is full.
    pub tiles: Vec<Vec<u8>>,
}

/// What became of an edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grown {
    /// The new edge.
    pub(crate) edge: Edge,
    /// Every file that changed, with its content.
    pub(crate) changed: Vec<(Tile, Vec<u8>)>,
}

impl Edge {
    /// The hashes that it has.
    pub(crate) fn hashes(&self) -> Tiles {
        let mut tiles = Tiles::default();
        for (level, content) in (0..).zip(&self.tiles) {
            if let (Some(tile), Some(hashes)) = (partial(level, self.size), hashes(content)) {
                tiles.insert(level, tile.n, hashes);
            }
        }
        tiles
    }

    /// The root of the tree; `None` if something is missing.
    pub(crate) fn root(&self) -> Option<Hash> {
        let tiles = self.hashes();
        crate::merkle::root(self.size, &mut |level, n| tiles.get(level, n))
    }

    /// Appends entries.
    pub(crate) fn grow(mut self, entries: &[[u8; ENTRY_BYTES]]) -> Grown {
        let mut changed = BTreeMap::new();
        let mut touched = 0;
        for entry in entries {
            let n = self.size / WIDTH;
            bundle(entry, &mut self.entries);
            if (self.size + 1).is_multiple_of(WIDTH) {
                changed.insert((Kind::Entries, n), std::mem::take(&mut self.entries));
            }
            touched = touched.max(self.push(0, n, leaf_hash(entry), &mut changed));
            self.size += 1;
        }
        if !self.entries.is_empty() {
            changed.insert((Kind::Entries, self.size / WIDTH), self.entries.clone());
        }
        for (level, content) in (0..=touched).zip(&self.tiles) {
            if let Some(tile) = partial(level, self.size).filter(|_| !content.is_empty()) {
                changed.insert((tile.kind, tile.n), content.clone());
            }
        }
        let each = |kind| if kind == Kind::Entries { BUNDLED_BYTES } else { 32 };
        let changed = changed.into_iter().map(|((kind, n), content)| {
            let width = u64::try_from(content.len() / each(kind)).unwrap_or_default();
            (Tile { kind, n, width }, content)
        });
        Grown { changed: changed.collect(), edge: self }
    }

    /// Appends a hash to tile `n` of a level, and if that is full now, its hash to the level above; the highest level
    /// that it changed.
    fn push(&mut self, level: u8, n: u64, hash: Hash, full: &mut BTreeMap<(Kind, u64), Vec<u8>>) -> u8 {
        let at = usize::from(level);
        if self.tiles.len() <= at {
            self.tiles.resize(at + 1, Vec::new());
        }
        let Some(tile) = self.tiles.get_mut(at) else { return level };
        tile.extend_from_slice(&hash);
        if tile.len() == 32 * 256 {
            let content = std::mem::take(tile);
            let above = hashes(&content).map(tile_root);
            full.insert((Kind::Hashes(level), n), content);
            if let Some(above) = above {
                return self.push(level.saturating_add(1), n / WIDTH, above, full);
            }
        }
        level
    }
}

/// The hash of a full tile.
pub(crate) fn tile_root(mut row: Vec<Hash>) -> Hash {
    while row.len() > 1 {
        row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.first().copied().unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
