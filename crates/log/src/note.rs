//! Signed notes and verifier keys (C2SP signed-note v1.0.0), with Ed25519, and the dated cosignature of a checkpoint
//! (C2SP tlog-cosignature, type 0x04).

use std::fmt;

use base::{Instant, limits::LOG_NOTE_BYTES_MAX};
use crypto::{Algorithm, PublicKey, Signer};
use formats::b64;

use crate::Fault;

/// Signature type of Ed25519 over the note's text.
const ED25519: u8 = 0x01;
/// Signature type of a dated cosignature by Ed25519.
const COSIGNATURE: u8 = 0x04;
/// How many signatures of a note are read.
const SIGNATURES_MAX: usize = 64;
/// What a line with a signature begins with.
const DASH: &str = "\u{2014} ";

/// The key that verifies a log's notes, with the name under which it signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: PublicKey,
}

impl VerifierKey {
    /// The key of the log called `name`; [`Fault::KeyMalformed`] if that cannot be a key's name, or the key is not on
    /// Ed25519.
    pub fn new(name: &str, key: PublicKey) -> Result<Self, Fault> {
        let named =
            !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+');
        if named && key.algorithm() == Algorithm::Ed25519 {
            Ok(Self { name: name.to_owned(), key })
        } else {
            Err(Fault::KeyMalformed)
        }
    }

    /// Reads `name+id+key`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Fault::KeyMalformed);
        };
        let bytes = b64::decode_std(key).map_err(|_| Fault::KeyMalformed)?;
        let (kind, public) = bytes.split_first().ok_or(Fault::KeyMalformed)?;
        if *kind != ED25519 {
            return Err(Fault::KeyMalformed);
        }
        let key = Self::new(name, PublicKey::from_ed25519(public).map_err(|_| Fault::KeyMalformed)?)?;
        if format!("{:08x}", key.id(ED25519)) == id { Ok(key) } else { Err(Fault::KeyMalformed) }
    }

    /// The name under which it signs: the log's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number that stands with its signatures of this type.
    fn id(&self, kind: u8) -> u32 {
        let digest = crypto::sha256(&[self.name.as_bytes(), b"\n", &[kind], &self.key.to_sec1()].concat());
        let [a, b, c, d, ..] = digest;
        u32::from_be_bytes([a, b, c, d])
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = b64::encode_std(&[&[ED25519], self.key.to_sec1().as_slice()].concat());
        write!(f, "{}+{:08x}+{key}", self.name, self.id(ED25519))
    }
}

/// A note as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    /// What was signed, with its last newline.
    pub text: &'a str,
    signatures: Vec<Signature<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature<'a> {
    name: &'a str,
    id: u32,
    bytes: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Reads a note of at most [`LOG_NOTE_BYTES_MAX`] bytes. Verifies nothing yet.
    pub fn parse(note: &'a str) -> Result<Self, Fault> {
        let wrong = || Fault::NoteMalformed;
        if note.len() > LOG_NOTE_BYTES_MAX || note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(wrong());
        }
        let cut = note.rfind("\n\n").ok_or_else(wrong)?;
        let text = note.get(..=cut).ok_or_else(wrong)?;
        let lines = note.get(cut + 2..).and_then(|s| s.strip_suffix('\n')).ok_or_else(wrong)?;
        let signatures = lines.split('\n').map(signature).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
        if signatures.len() > SIGNATURES_MAX { Err(wrong()) } else { Ok(Self { text, signatures }) }
    }

    /// Checks the signature of `key`; others are ignored. Where the key signed several times, each must verify.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), Fault> {
        let id = key.id(ED25519);
        let mut found = Err(Fault::KeyUnknown);
        for signature in self.signatures.iter().filter(|s| s.name == key.name && s.id == id) {
            key.key
                .verify(Algorithm::Ed25519, self.text.as_bytes(), &signature.bytes)
                .map_err(|_| Fault::Signature)?;
            found = Ok(());
        }
        found
    }

    /// When `key` last cosigned this, if it did; [`Fault::Signature`] if such a cosignature is wrong.
    pub fn cosigned_at(&self, key: &VerifierKey) -> Result<Option<Instant>, Fault> {
        let id = key.id(COSIGNATURE);
        let mut last = None;
        for signature in self.signatures.iter().filter(|s| s.name == key.name && s.id == id) {
            let (time, bytes) = signature.bytes.split_first_chunk::<8>().ok_or(Fault::Signature)?;
            let secs = i64::try_from(u64::from_be_bytes(*time)).map_err(|_| Fault::Signature)?;
            let message = cosigned(secs, self.text);
            key.key.verify(Algorithm::Ed25519, message.as_bytes(), bytes).map_err(|_| Fault::Signature)?;
            last = last.max(Some(Instant::from_secs(secs)));
        }
        Ok(last)
    }
}

fn signature(line: &str) -> Option<Signature<'_>> {
    let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
        return None;
    }
    let bytes = b64::decode_std(encoded).ok()?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    (!bytes.is_empty()).then(|| Signature { name, id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
}

/// What a cosignature of `text` at `secs` seconds since the epoch is over.
fn cosigned(secs: i64, text: &str) -> String {
    format!("cosignature/v1\ntime {secs}\n{text}")
}

/// Signs `text`, which ends in a newline; with an instant, cosigns it too.
pub(crate) fn sign(
    text: &str,
    key: &VerifierKey,
    signer: &dyn Signer,
    at: Option<Instant>,
) -> Result<String, crypto::Error> {
    let line = |kind: u8, bytes: &[u8]| {
        let id = key.id(kind).to_be_bytes();
        format!("{DASH}{} {}\n", key.name, b64::encode_std(&[&id, bytes].concat()))
    };
    let mut note = format!("{text}\n{}", line(ED25519, &signer.sign(text.as_bytes())?));
    if let Some(at) = at {
        let secs = at.secs().max(0);
        let time = u64::try_from(secs).unwrap_or_default().to_be_bytes();
        let signature = signer.sign(cosigned(secs, text).as_bytes())?;
        note.push_str(&line(COSIGNATURE, &[&time, signature.as_slice()].concat()));
    }
    Ok(note)
}
