use proptest::prelude::*;

use super::*;
use crate::merkle::{self, Growing};

fn entry(n: u64) -> [u8; 32] {
    crypto::sha256(&n.to_be_bytes())
}

#[test]
fn paths_are_those_of_tlog_tiles() {
    let check = |path: &str, expected: Option<(Kind, u64, u64)>| {
        let tile = expected.map(|(kind, n, width)| Tile { kind, n, width });
        assert_eq!(Tile::parse(path), tile, "{path}");
        assert_eq!(tile.map(|t| t.path()), expected.map(|_| path.to_owned()));
    };
    check("tile/0/000", Some((Kind::Hashes(0), 0, 256)));
    check("tile/0/x001/x234/067", Some((Kind::Hashes(0), 1_234_067, 256)));
    check("tile/63/000.p/1", Some((Kind::Hashes(63), 0, 1)));
    check("tile/entries/x001/000.p/255", Some((Kind::Entries, 1_000, 255)));
    for wrong in [
        "tile/0/0",
        "tile/0/1000",
        "tile/0/x000/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/000.p/",
        "tile/0/+01",
        "tile/entries/",
        "tile/data/000",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000.p/1/000",
        "tile/0//000",
        "/tile/0/000",
        "tile/+0/000",
        "checkpoint",
        "",
    ] {
        check(wrong, None);
    }
}

#[test]
fn the_files_of_a_tree_of_70_000() {
    // The example of tlog-tiles, Partial Tiles.
    let widths = |kind| all_of(kind, 70_000).map(|t| t.width).collect::<Vec<_>>();
    let (full, last) = (widths(Kind::Hashes(0)), widths(Kind::Hashes(1)));
    assert_eq!((full.len(), full.last()), (274, Some(&112)));
    assert_eq!(last, [256, 17]);
    assert_eq!(widths(Kind::Hashes(2)), [1]);
    assert_eq!(levels(70_000).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(levels(256).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(widths(Kind::Entries).len(), 274);
}

/// Grows a tree in steps of these sizes, keeps its files, and compares with one that grows leaf by leaf.
fn check_growth(steps: &[u64]) {
    let mut files: BTreeMap<(Kind, u64), Vec<u8>> = BTreeMap::new();
    let (mut edge, mut reference) = (Edge::default(), Growing::default());
    for step in steps {
        let entries: Vec<_> = (edge.size..edge.size + step).map(entry).collect();
        for entry in &entries {
            reference.push(leaf_hash(entry));
        }
        let grown = edge.grow(&entries);
        for (tile, content) in grown.changed {
            assert_eq!(content.len(), tile.bytes());
            let before = files.insert((tile.kind, tile.n), content.clone());
            // What was published stays as it was.
            assert!(before.is_none_or(|before| content.starts_with(&before)), "{}", tile.path());
        }
        edge = grown.edge;
        assert_eq!(edge.size, reference.size());
        assert_eq!(edge.root(), Some(reference.root()), "{}", edge.size);
    }
    let mut tiles = Tiles::default();
    let mut expected = 0;
    for kind in levels(edge.size).map(Kind::Hashes).chain([Kind::Entries]) {
        for tile in all_of(kind, edge.size) {
            let content = &files[&(kind, tile.n)];
            assert_eq!(content.len(), tile.bytes(), "{}", tile.path());
            expected += 1;
            if let Kind::Hashes(level) = kind {
                tiles.insert(level, tile.n, hashes(content).unwrap());
            } else {
                for (n, entry_) in (tile.first_leaf()..).zip(entries(content).unwrap()) {
                    assert_eq!(entry_, entry(n));
                }
            }
        }
    }
    assert_eq!(files.len(), expected, "a file that no tree of this size has");
    let size = edge.size;
    let mut get = |level, n| tiles.get(level, n);
    assert_eq!(merkle::root(size, &mut get), Some(reference.root()));
    for index in [0, 1, size / 2, size.saturating_sub(257), size - 1] {
        let Some(path) = merkle::inclusion(index, size, &mut get) else { continue };
        let leaf = leaf_hash(&entry(index));
        assert_eq!(merkle::root_of_inclusion(index, size, &leaf, &path), Some(reference.root()));
        let wanted = needed(|get| merkle::inclusion(index, size, &mut |level, n| get(level, n)));
        let mut only = Tiles::default();
        for (level, n) in &wanted {
            only.insert(*level, *n, hashes(&files[&(Kind::Hashes(*level), *n)]).unwrap());
        }
        assert_eq!(merkle::inclusion(index, size, &mut |level, n| only.get(level, n)), Some(path));
    }
}

#[test]
fn a_tree_grows_where_tiles_fill() {
    check_growth(&[1, 254, 1, 1, 255, 256, 1]);
    check_growth(&[256, 256]);
    check_growth(&[65_535, 1, 1]);
    check_growth(&[65_537, 255]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_tree_grows(steps in prop::collection::vec(prop_oneof![1_u64..4, 200_u64..300, Just(256)], 1..8)) {
        check_growth(&steps);
    }
}
