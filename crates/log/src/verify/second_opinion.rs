//! The crates `tlog_tiles` and `signed_note` (a port of Go's, used for certificate transparency) read our logs, and we
//! read what they prove.

use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    checkpoint::Checkpoint as TheirCheckpoint,
    tile::{Tile, TileHashReader, TileReader},
    tlog::{self, Error, Hash},
};

use crate::{
    Fault, ProofFile,
    merkle::{leaf_hash, root_of_inclusion},
    testing::{Files, entries, entry, key},
};

const HEIGHT: u8 = 8;

/// Their tiles by our paths, which have no height.
struct Reader<'a>(&'a Files);

impl TileReader for Reader<'_> {
    fn height(&self) -> u8 {
        HEIGHT
    }
    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| {
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            self.0.files.get(&path).cloned().ok_or(Error::InvalidTile)
        };
        tiles.iter().map(read).collect()
    }
    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// What they say of a checkpoint by the key of seed 1.
fn opened(checkpoint: &str) -> Option<TheirCheckpoint> {
    let verifier = StandardVerifier::new(&key(1).to_string()).unwrap();
    let note = Note::from_bytes(checkpoint.as_bytes()).ok()?;
    let (good, others) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).ok()?;
    assert_eq!((good.len(), others.len()), (1, 1), "the log's signature, and its date");
    TheirCheckpoint::from_bytes(note.text()).ok()
}

#[test]
fn every_leaf_is_proven_by_others() {
    for size in [1_usize, 2, 255, 256, 257, 600] {
        let files = Files::of(&entries(size));
        let size = u64::try_from(size).unwrap();
        let theirs = opened(&files.checkpoint).unwrap();
        assert_eq!((theirs.origin(), theirs.size()), (key(1).name(), size));
        let (root, tiles) = (*theirs.hash(), Reader(&files));
        let reader = TileHashReader::new(size, root, &tiles);
        assert_eq!(tlog::tree_hash(size, &reader).unwrap(), root);
        for index in [0, size / 2, size - 1] {
            let leaf = entry(usize::try_from(index).unwrap());
            assert_eq!(tlog::record_hash(&leaf), Hash(leaf_hash(&leaf)));
            let proof = tlog::prove_record(size, index, &reader).unwrap();
            tlog::check_record(&proof, size, root, index, Hash(leaf_hash(&leaf))).unwrap();
            let path: Vec<_> = proof.iter().map(|hash| hash.0).collect();
            assert_eq!(root_of_inclusion(index, size, &leaf_hash(&leaf), &path), Some(root.0));
            let file = ProofFile {
                extra: crate::Extra::Commitment(leaf),
                index,
                path,
                checkpoint: &files.checkpoint,
            };
            assert_eq!(file.verify(&key(1), None).unwrap().commitment, leaf);
        }
    }
}

#[test]
fn what_we_refuse_they_refuse() {
    let right = Files::of(&entries(257));
    let mut wrong = right.clone();
    wrong.files.get_mut("tile/0/000").unwrap()[7] ^= 1;
    let root = *opened(&right.checkpoint).unwrap().hash();
    for (files, good) in [(&right, true), (&wrong, false)] {
        let tiles = Reader(files);
        let read = tlog::prove_record(257, 0, &TileHashReader::new(257, root, &tiles));
        assert_eq!(read.is_ok(), good);
        assert_eq!(files.verify().is_ok(), good);
    }
    let changed = right.checkpoint.replace("\n257\n", "\n258\n");
    assert!(opened(&changed).is_none());
    assert_eq!(crate::Checkpoint::open(&changed, &key(1)), Err(Fault::Signature));
    let stranger = StandardVerifier::new(&key(2).to_string()).unwrap();
    let note = Note::from_bytes(right.checkpoint.as_bytes()).unwrap();
    assert!(note.verify(&VerifierList::new(vec![Box::new(stranger)])).is_err());
    assert_eq!(crate::Checkpoint::open(&right.checkpoint, &key(2)), Err(Fault::KeyUnknown));
}
