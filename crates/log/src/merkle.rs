//! The Merkle tree of RFC 6962, section 2.1, over SHA-256. No IO: whoever asks brings the hashes of whole subtrees.
//!
//! A subtree is named by its level and its number: level `l`, number `n` is over the leaves from `n * 2^l` up to
//! `(n + 1) * 2^l`, all of which must be there.

/// A hash of the tree.
pub type Hash = [u8; 32];

/// The hash of an entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    crypto::sha256(&[&[0x00], entry].concat())
}

/// The hash of two subtrees.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut both = [0x01; 65];
    let (_, halves) = both.split_at_mut(1);
    halves.iter_mut().zip(left.iter().chain(right)).for_each(|(to, from)| *to = *from);
    crypto::sha256(&both)
}

/// The root of the tree without leaves.
pub fn empty_root() -> Hash {
    crypto::sha256(&[])
}

/// The largest power of two below `n`, which is at least 2.
const fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The hash of the leaves from `from` up to `to`, at least one; `None` if `get` has not what is needed.
fn range(from: u64, to: u64, get: &mut impl FnMut(u32, u64) -> Option<Hash>) -> Option<Hash> {
    let n = to - from;
    if n.is_power_of_two() {
        let level = n.trailing_zeros();
        return get(level, from >> level);
    }
    let middle = from + split(n);
    let left = range(from, middle, get);
    let right = range(middle, to, get);
    Some(node_hash(&left?, &right?))
}

/// The root of the first `size` leaves.
pub fn root(size: u64, get: &mut impl FnMut(u32, u64) -> Option<Hash>) -> Option<Hash> {
    if size == 0 { Some(empty_root()) } else { range(0, size, get) }
}

/// The audit path of leaf `index` in the tree of the first `size` leaves, its sibling first (RFC 6962, section 2.1.1).
/// `None` if there is no such leaf, or `get` has not what is needed; it is asked for everything that is.
pub fn inclusion(index: u64, size: u64, get: &mut impl FnMut(u32, u64) -> Option<Hash>) -> Option<Vec<Hash>> {
    if index >= size {
        return None;
    }
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(range(middle, to, get));
            to = middle;
        } else {
            path.push(range(from, middle, get));
            from = middle;
        }
    }
    path.into_iter().rev().collect()
}

/// The root to which a path leads (RFC 9162, section 2.1.3.2); `None` if it is not a path of that leaf in a tree of that
/// size.
pub fn root_of_inclusion(index: u64, size: u64, leaf: &Hash, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// The proof that the tree of `size` leaves begins with that of `old` (RFC 6962, section 2.1.2).
pub fn consistency(old: u64, size: u64, get: &mut impl FnMut(u32, u64) -> Option<Hash>) -> Option<Vec<Hash>> {
    if old == 0 || old > size {
        return None;
    }
    let (mut from, mut to, mut whole) = (0, size, true);
    let mut path = Vec::new();
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(range(middle, to, get));
            to = middle;
        } else {
            path.push(range(from, middle, get));
            from = middle;
            whole = false;
        }
    }
    if !whole {
        path.push(range(from, to, get));
    }
    path.into_iter().rev().collect()
}

/// Whether a proof shows that the tree of `size` leaves with `root` begins with that of `old` leaves with `old_root` (RFC
/// 9162, section 2.1.4.2).
pub fn is_consistent(old: u64, old_root: &Hash, size: u64, root: &Hash, path: &[Hash]) -> bool {
    if old == 0 || old > size {
        return false;
    }
    if old == size {
        return path.is_empty() && old_root == root;
    }
    let mut path = path.iter();
    let (mut at, mut last) = (old - 1, size - 1);
    while at % 2 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let first = if old.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut small, mut large) = (*first, *first);
    for hash in path {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            small = node_hash(hash, &small);
            large = node_hash(hash, &large);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            large = node_hash(&large, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && small == *old_root && large == *root
}

/// The tree of leaves that come one after the other: of everything before only the whole subtrees are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growing {
    size: u64,
    /// The largest first.
    subtrees: Vec<Hash>,
}

impl Growing {
    /// The next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.subtrees.iter().rev();
        let Some(first) = subtrees.next() else { return empty_root() };
        subtrees.fold(*first, |right, left| node_hash(left, &right))
    }

    /// The hashes of its whole subtrees, the largest first: one for each bit of the size.
    pub fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }

    /// What [`Self::subtrees`] was taken from; `None` if these cannot be of a tree of that size.
    pub fn from_subtrees(size: u64, subtrees: Vec<Hash>) -> Option<Self> {
        let as_many = usize::try_from(size.count_ones()).is_ok_and(|n| n == subtrees.len());
        as_many.then_some(Self { size, subtrees })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
