//! The log: receipts and proofs as somebody brings them, and the files of a log as an auditor is given them.

use std::sync::LazyLock;

use base::limits::LOG_PROOF_HASHES_MAX;
use crypto::{Ed25519SecretKey, Signer};
use formats::{b64, evidence::Verdict};
use log::{
    Extra, ProofFile, ReceiptFile, VerifierKey,
    checkpoint::Checkpoint,
    extra::commitment,
    merkle::{leaf_hash, node_hash},
    note::Note,
    tile::{self, Kind, Tile},
    verify::{self, Seen},
};

use crate::{Dice, Reached, Target, text, world::NOW};

const ORIGIN: &str = "state.example/log";

static SIGNER: LazyLock<Ed25519SecretKey> = LazyLock::new(|| Ed25519SecretKey::from_seed(&[9; 32]).unwrap());
static KEY: LazyLock<VerifierKey> = LazyLock::new(|| VerifierKey::new(ORIGIN, SIGNER.public_key()).unwrap());

/// A note with this text, signed by the log.
fn signed(text: &str) -> String {
    let key = KEY.to_string();
    let id = base16ct::lower::decode_vec(key.split('+').nth(1).unwrap_or_default()).unwrap();
    let signature = SIGNER.sign(text.as_bytes()).unwrap();
    format!("{text}\n\u{2014} {ORIGIN} {}\n", b64::encode_std(&[id, signature].concat()))
}

fn opened() -> Extra {
    Extra::Opened { salt: [7; 32], record: b"{\"act\":\"seed\"}".to_vec() }
}

/// A proof in a tree of two leaves, of which the first is this one.
fn proof(extra: Extra) -> Vec<u8> {
    let own = commitment(&[7; 32], b"{\"act\":\"seed\"}");
    let (first, second) = (leaf_hash(&own), leaf_hash(b"another"));
    let root = node_hash(&first, &second);
    let checkpoint = signed(&Checkpoint { origin: ORIGIN.to_owned(), size: 2, root }.text());
    ProofFile { extra, index: 0, path: vec![second], checkpoint: &checkpoint }.to_file().into_bytes()
}

fn receipt() -> Vec<u8> {
    let own = b64::encode_std(&commitment(&[7; 32], b"{\"act\":\"seed\"}"));
    let note = signed(&format!(
        "{ORIGIN}\nreceipt\ncommitment {own}\nreceived 2026-11-21T09:30:00.000Z\nmerge-by 2126-11-22T09:30:00.000Z\n\
         leaf lef_0123456789abcdef\n"
    ));
    format!("sahihi-log-receipt@v1\n\n{note}").into_bytes()
}

/// Receipts and proofs.
pub static LOG_FILE: Target = Target::new(
    ("log_file", "receipts and proofs of a log"),
    2_000,
    || {
        vec![
            proof(opened()),
            proof(Extra::Commitment(commitment(&[7; 32], b"{\"act\":\"seed\"}"))),
            receipt(),
        ]
    },
    |input, dice| {
        let text = String::from_utf8_lossy(input);
        if let Ok(proof) = ProofFile::parse(&text)
            && dice.percent(70)
        {
            return changed_proof(&proof, dice);
        }
        if let Some((head, note)) = text.split_once("\n\n")
            && let Ok(note) = Note::parse(note)
            && dice.percent(60)
        {
            // What is signed again is read further in.
            return format!("{head}\n\n{}", signed(&changed_lines(note.text, dice))).into_bytes();
        }
        text::changed(&text, dice).into_bytes()
    },
    |input| {
        let Ok(text) = std::str::from_utf8(input) else { return Reached::Refused };
        let (as_proof, as_receipt) = (ProofFile::parse(text), ReceiptFile::parse(text));
        assert!(as_proof.is_err() || as_receipt.is_err(), "both a proof and a receipt");
        if let Ok(proof) = &as_proof {
            let again = proof.to_file();
            assert_eq!(ProofFile::parse(&again).as_ref(), Ok(proof), "written and read again");
            assert!(proof.path.len() <= LOG_PROOF_HASHES_MAX);
        }
        let report = verify::file(text, std::slice::from_ref(&*KEY), NOW);
        let right =
            report.is_some_and(|r| r.parts.first().is_some_and(|part| part.verdict == Verdict::Right));
        if right {
            let stranger = VerifierKey::new("another.example/log", SIGNER.public_key()).unwrap();
            let by_stranger = verify::file(text, &[stranger], NOW).unwrap();
            assert_ne!(by_stranger.parts.first().map(|part| &part.verdict), Some(&Verdict::Right));
        }
        match (as_proof.is_ok() || as_receipt.is_ok(), right) {
            (false, right) => {
                assert!(!right, "what cannot be read is right");
                Reached::Refused
            }
            (true, right) => Reached::read(right),
        }
    },
);

fn changed_proof(proof: &ProofFile<'_>, dice: &mut Dice) -> Vec<u8> {
    let mut changed = proof.clone();
    match dice.below(5) {
        0 => changed.index = dice.number() % 4,
        1 => changed.path.push(leaf_hash(&dice.number().to_be_bytes())),
        2 => drop(changed.path.pop()),
        3 => changed.extra = if dice.percent(50) { opened() } else { Extra::Nothing },
        _ => {
            let lines = Note::parse(proof.checkpoint).map(|note| signed(&changed_lines(note.text, dice)));
            return ProofFile { checkpoint: &lines.unwrap_or_default(), ..changed }.to_file().into_bytes();
        }
    }
    changed.to_file().into_bytes()
}

/// A text of lines with one of them changed, left out, or there twice.
fn changed_lines(text: &str, dice: &mut Dice) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = dice.below(lines.len().max(1));
    if let Some(line) = lines.get(at).cloned() {
        match dice.below(4) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, line),
            _ => lines.splice(at..=at, [text::changed(&line, dice).replace(['\n', '\r'], "")]).for_each(drop),
        }
    }
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// A path, a line end, and what is found there.
pub static LOG_TILE: Target = Target::new(
    ("log_tile", "the files of a log"),
    2_000,
    || {
        let bundle = [&[0, 32][..], &[5; 32]].concat();
        vec![
            [b"tile/0/x001/234.p/2\n".as_slice(), &[3; 64]].concat(),
            [b"tile/entries/000.p/1\n".as_slice(), &bundle].concat(),
        ]
    },
    |input, dice| {
        if dice.percent(30) {
            return text::changed_bytes(input, dice);
        }
        let kind =
            if dice.percent(50) { Kind::Entries } else { Kind::Hashes(dice.number().to_be_bytes()[0] % 64) };
        let tile = Tile { kind, n: dice.number() >> dice.below(64), width: dice.number() % 256 + 1 };
        let mut content: Vec<u8> = (0..dice.below(200)).map(|_| dice.number().to_be_bytes()[0]).collect();
        if dice.percent(50) {
            content = [&[0, 32][..], &[1; 32]].concat().repeat(dice.below(4));
        }
        [tile.path().as_bytes(), b"\n", &content].concat()
    },
    |input| {
        let cut = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
        let (path, content) = input.split_at(cut);
        let content = content.get(1..).unwrap_or_default();
        let Some(tile) = std::str::from_utf8(path).ok().and_then(Tile::parse) else {
            return Reached::Refused;
        };
        assert_eq!(tile.path().as_bytes(), path, "there is one way to write a path");
        assert!((1..=tile::WIDTH).contains(&tile.width));
        assert!(Seen::parse(content).is_none(), "nothing that was seen");
        let read = match tile.kind {
            Kind::Entries => tile::entries(content).map(|entries| entries.len() * 34),
            Kind::Hashes(_) => tile::hashes(content).map(|hashes| hashes.len() * 32),
        };
        assert!(read.is_none_or(|bytes| bytes == content.len()), "something is left over");
        Reached::read(read.is_some())
    },
);
