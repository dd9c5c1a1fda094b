use base::Instant;
use formats::evidence::Verdict;

use super::*;
use crate::{
    Extra,
    merkle::{inclusion, leaf_hash},
    note,
    receipt::Promise,
    testing::{AT, Files, ORIGIN, entries, entry, key, signer},
    tile::{Kind as TileKind, Tile},
};

/// A log with one fault, and what is said of it.
#[track_caller]
fn check(size: usize, spoil: impl FnOnce(&mut Files), expected: Result<u64, Fault>) {
    let mut files = Files::of(&entries(size));
    assert!(files.verify().is_ok(), "without the fault it is sound");
    spoil(&mut files);
    assert_eq!(files.verify().map(|sound| sound.checkpoint.size), expected);
}

fn path(kind: TileKind, n: u64, width: u64) -> String {
    Tile { kind, n, width }.path()
}

#[test]
fn a_whole_log_is_sound() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 1_000] {
        check(size, |_| (), Ok(u64::try_from(size).unwrap()));
    }
    let sound = Files::of(&entries(600)).verify().unwrap();
    // Three bundles, three tiles, one above, and the checkpoint.
    assert_eq!((sound.files, sound.dated), (8, Some(AT)));
}

#[test]
fn each_fault_of_a_log_has_its_code_and_its_place() {
    let last = path(TileKind::Entries, 2, 88);
    let spoil = |path: &str, at: usize| {
        let path = path.to_owned();
        move |files: &mut Files| files.files.get_mut(&path).unwrap()[at] ^= 1
    };
    let missing = |path: &str| Err(Fault::Missing { path: path.to_owned() });
    check(600, |files| drop(files.files.remove(&last)), missing(&last));
    check(600, |files| drop(files.files.remove("tile/1/000.p/2")), missing("tile/1/000.p/2"));
    let shorter = |files: &mut Files| files.files.get_mut("tile/0/001").unwrap().truncate(8_191);
    check(600, shorter, Err(Fault::Length { path: "tile/0/001".to_owned() }));
    // The prefix of an entry's length.
    check(600, spoil("tile/entries/001", 35), Err(Fault::Length { path: "tile/entries/001".to_owned() }));
    let leaf = Fault::Leaf { path: "tile/entries/001".to_owned(), index: 257 };
    assert_eq!((leaf.code(), leaf.leaf()), ("leaf_hash", Some(257)));
    check(600, spoil("tile/entries/001", 34 + 2), Err(leaf));
    let hash = |path: &str, at| Err(Fault::Hash { path: path.to_owned(), at });
    check(600, spoil("tile/0/001", 32 * 3), hash("tile/0/001", 3));
    check(600, spoil("tile/1/000.p/2", 33), hash("tile/1/000.p/2", 1));
    // Signed for another tree: of other leaves, of another size.
    let other = Files::of(&entries(601)[1..]).checkpoint;
    check(600, |files| files.checkpoint = other, Err(Fault::Root));
    let shorter = Files::of(&entries(599)).checkpoint;
    check(600, |files| files.checkpoint = shorter, missing("tile/entries/002.p/87"));
    // Rewritten with everything above it: only the checkpoint tells.
    let rewritten = |files: &mut Files| {
        let mut all = entries(600);
        all[5] = entry(9_999);
        files.files = Files::of(&all).files;
    };
    check(600, rewritten, Err(Fault::Root));
}

#[test]
fn no_byte_of_a_log_can_be_changed() {
    // Of a small log each; of one that fills a tile that would take long: a prime number of bytes apart, so that every part of
    // a hash has its turn.
    for (leaves, step) in [(12, 1), (300, 37)] {
        let files = Files::of(&entries(leaves));
        for (path, content) in &files.files {
            for at in (0..content.len()).step_by(step) {
                let mut spoiled = files.clone();
                spoiled.files.get_mut(path).unwrap()[at] ^= 0x40;
                assert!(spoiled.verify().is_err(), "{leaves} leaves: {path} {at}");
            }
        }
    }
    let files = Files::of(&entries(300));
    for at in 0..files.checkpoint.len() {
        let mut bytes = files.checkpoint.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let spoiled = Files { checkpoint: text, ..files.clone() };
        let verified = spoiled.verify();
        // The date of the log's own cosignature, if its name or number is another, is a signature of somebody unknown.
        assert!(verified.as_ref().map_or(true, |sound| sound.dated.is_none()), "{at} {verified:?}");
    }
}

/// An auditor who saw a log of 600 leaves, and what he says of this one.
#[track_caller]
fn follow(files: &Files, expected: Result<u64, Fault>) {
    let seen = Files::of(&entries(600)).audit(None).unwrap();
    let seen = Seen::parse(&seen.to_bytes()).unwrap();
    assert_eq!(files.audit(Some(&seen)).map(|seen| seen.size()), expected);
}

#[test]
fn an_auditor_follows_a_log_and_says_what_is_wrong() {
    let mut all = entries(1_300);
    for size in [600, 601, 767, 768, 769, 1_024, 1_300] {
        follow(&Files::of(&all[..size]), Ok(u64::try_from(size).unwrap()));
    }
    follow(&Files::of(&all[..599]), Err(Fault::Shrunk { seen: 600, now: 599 }));
    follow(&Files::of(&[]), Err(Fault::Shrunk { seen: 600, now: 0 }));
    for at in [0, 255, 256, 511, 599] {
        all[at] = entry(9_999);
        let rewritten = Err(Fault::Rewritten { index: u64::try_from(at).unwrap() });
        follow(&Files::of(&all[..1_300]), rewritten.clone());
        follow(&Files::of(&all[..600]), rewritten);
        all[at] = entry(at);
    }
    // The bundles say what they said, and the tree is another.
    let mut other = entries(600);
    other[7] = entry(9_999);
    let forked = Files { checkpoint: Files::of(&other).checkpoint, ..Files::of(&entries(600)) };
    follow(&forked, Err(Fault::Forked { size: 600 }));
    other.push(entry(600));
    let inconsistent = Files { checkpoint: Files::of(&other).checkpoint, ..Files::of(&entries(601)) };
    follow(&inconsistent, Err(Fault::Inconsistent));
    let mut missing = Files::of(&entries(700));
    missing.files.remove("tile/entries/002.p/188");
    follow(&missing, Err(Fault::Missing { path: "tile/entries/002.p/188".to_owned() }));
}

#[test]
fn what_an_auditor_remembers_is_whole_or_nothing() {
    let seen = Files::of(&entries(300)).audit(None).unwrap();
    let bytes = seen.to_bytes();
    assert_eq!(Seen::parse(&bytes), Some(seen));
    let text = String::from_utf8(bytes).unwrap();
    for (from, to) in [
        ("\"size\":300", "\"size\":301"),
        ("log-seen:1", "log-seen:2"),
        ("\"subtrees\":[\"", "\"subtrees\":[\"A"),
    ] {
        assert!(text.contains(from));
        assert_eq!(Seen::parse(text.replace(from, to).as_bytes()), None, "{to}");
    }
}

fn proof(index: u64, extra: Extra, files: &Files) -> String {
    let leaves: Vec<_> = entries(300).iter().map(|entry| leaf_hash(entry)).collect();
    let mut growing = |level: u32, n: u64| {
        let (from, to) = (usize::try_from(n << level).unwrap(), usize::try_from((n + 1) << level).unwrap());
        let mut tree = crate::merkle::Growing::default();
        leaves.get(from..to)?.iter().for_each(|leaf| tree.push(*leaf));
        Some(tree.root())
    };
    let path = inclusion(index, 300, &mut growing).unwrap();
    ProofFile { extra, index, path, checkpoint: &files.checkpoint }.to_file()
}

/// What is said of the first part of a file.
#[track_caller]
fn said(text: &str, keys: &[VerifierKey], expected: &Verdict) {
    let report = file(text, keys, AT).unwrap_or_else(|| panic!("neither receipt nor proof"));
    assert_eq!(&report.parts[0].verdict, expected);
}

fn wrong(code: &str) -> Verdict {
    Verdict::Wrong(code.to_owned())
}

#[test]
fn a_proof_is_checked_offline() {
    let files = Files::of(&entries(300));
    let right = proof(257, Extra::Commitment(entry(257)), &files);
    assert_eq!(ProofFile::parse(&right).unwrap().to_file(), right);
    said(&right, &[key(1)], &Verdict::Right);
    said(&right, &[key(2), key(1)], &Verdict::Right);
    said(&right, &[key(2)], &wrong("key_unknown"));
    said(&right, &[], &Verdict::Undetermined("key_missing".to_owned()));
    said(&proof(257, Extra::Commitment(entry(256)), &files), &[key(1)], &wrong("proof_wrong"));
    said(&proof(257, Extra::Nothing, &files), &[key(1)], &wrong("leaf_missing"));
    said(&right.replace("index 257", "index 256"), &[key(1)], &wrong("proof_wrong"));
    said(&right.replace("index 257", "index 0257"), &[key(1)], &wrong("proof_malformed"));
    said(&right.replace("\n300\n", "\n301\n"), &[key(1)], &wrong("log_signature"));
    let parsed = ProofFile::parse(&right).unwrap();
    assert_eq!(parsed.verify(&key(1), Some(&entry(257))).unwrap().commitment, entry(257));
    assert_eq!(parsed.verify(&key(1), Some(&entry(256))), Err(Fault::RecordWrong));
    assert_eq!(file("c2sp.org/tlog-proof@v2\n", &[key(1)], AT), None);
    for at in 0..right.len() {
        let mut bytes = right.clone().into_bytes();
        bytes[at] ^= 1;
        let Some(report) = String::from_utf8(bytes).ok().and_then(|text| file(&text, &[key(1)], AT)) else {
            continue;
        };
        let dated = report.parts.iter().any(|part| part.name == "date");
        assert!(report.parts[0].verdict != Verdict::Right || !dated, "{at}");
    }
}

fn receipt(extra: &Extra, at: Instant) -> String {
    let leaf = "lef_0123456789abcdef".parse().unwrap();
    crate::Receipt {
        leaf,
        commitment: crate::extra::commitment(&[7; 32], b"{}"),
        received_at: at,
        merge_by: at.plus_secs(60),
        extra: extra.clone(),
        key: key(1),
        signer: signer(1),
    }
    .to_file()
}

#[test]
fn a_receipt_is_checked_offline() {
    let opened = Extra::Opened { salt: [7; 32], record: b"{}".to_vec() };
    let right = receipt(&opened, AT);
    said(&right, &[key(1)], &Verdict::Right);
    said(&right, &[key(2)], &wrong("key_unknown"));
    said(&right, &[], &Verdict::Undetermined("key_missing".to_owned()));
    said(&receipt(&Extra::Nothing, AT), &[key(1)], &Verdict::Right);
    let other = Extra::Opened { salt: [7; 32], record: b"{ }".to_vec() };
    said(&receipt(&other, AT), &[key(1)], &wrong("record_wrong"));
    said(&right.replace("\nreceipt\n", "\nreceipts\n"), &[key(1)], &wrong("receipt_malformed"));
    said(&right.replace("lef_0123", "lef_1123"), &[key(1)], &wrong("log_signature"));
    let late = file(&right, &[key(1)], AT.plus_secs(61)).unwrap();
    assert_eq!(late.parts[2].verdict, Verdict::Undetermined("merge_by_over".to_owned()));
    assert!(!late.is_right());
    for at in 0..right.len() {
        let mut bytes = right.clone().into_bytes();
        bytes[at] ^= 1;
        let Some(report) = String::from_utf8(bytes).ok().and_then(|text| file(&text, &[key(1)], AT)) else {
            continue;
        };
        assert_ne!(report.parts[0].verdict, Verdict::Right, "{at}");
    }
}

#[test]
fn a_receipt_can_never_be_a_checkpoint() {
    let receipt = receipt(&Extra::Nothing, AT);
    let note = receipt.split_once("\n\n").unwrap().1;
    assert!(note::Note::parse(note).unwrap().verify(&key(1)).is_ok());
    assert_eq!(crate::Checkpoint::open(note, &key(1)), Err(Fault::CheckpointMalformed));
    let checkpoint = Files::of(&entries(3)).checkpoint;
    let disguised = format!("{}\n\n{checkpoint}", receipt::FIRST);
    assert_eq!(ReceiptFile::parse(&disguised).err(), Some(Fault::ReceiptMalformed));
    let promise = Promise {
        origin: ORIGIN.to_owned(),
        commitment: [0; 32],
        received_at: AT,
        merge_by: AT,
        leaf: "lef_0123456789abcdef".parse().unwrap(),
    };
    assert_eq!(ReceiptFile::parse(&receipt).unwrap().promise.origin, promise.origin);
}

#[test]
fn the_example_of_signed_note() {
    let key =
        VerifierKey::parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
    assert_eq!(key.to_string(), "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    let text = "This is an example message.\n\n\u{2014} example.com/foo \
                Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let note = note::Note::parse(text).unwrap();
    assert_eq!((note.text, note.verify(&key)), ("This is an example message.\n", Ok(())));
    assert_eq!(
        note::Note::parse(&text.replace("an example", "no example")).unwrap().verify(&key),
        Err(Fault::Signature)
    );
    for wrong in [
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a",
        "",
    ] {
        assert_eq!(VerifierKey::parse(wrong), Err(Fault::KeyMalformed), "{wrong}");
    }
    for wrong in [
        "",
        "text\n",
        "text\n\n",
        "text\n\n\u{2014} name AAAA\n",
        "te\rxt\n\n\u{2014} n AAAAAAA=\n",
        "text\n\n- name AAAAAAA=\n",
    ] {
        assert_eq!(note::Note::parse(wrong), Err(Fault::NoteMalformed), "{wrong:?}");
    }
}
