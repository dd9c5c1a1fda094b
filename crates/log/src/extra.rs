//! What goes with a receipt or a proof without being signed: the leaf itself, or the salt and the record to which it
//! commits. It stands in the line `extra` (C2SP tlog-proof) as base64 of JSON.

use base::limits::LOG_RECORD_BYTES_MAX;
use formats::{b64, json};
use serde_json::json;

use crate::Fault;

/// How long a salt is, bytes.
pub(crate) const SALT_BYTES: usize = 32;

/// The leaf's contents, as far as whoever has the file may know them.
#[derive(Clone, PartialEq, Eq)]
pub enum Extra {
    /// Nothing.
    Nothing,
    /// The entry: SHA-256(salt ‖ record).
    Commitment([u8; 32]),
    /// What was committed to.
    Opened {
        /// Random bytes, so that the record cannot be guessed from the leaf.
        salt: [u8; SALT_BYTES],
        /// The record, as it was written: canonical JSON.
        record: Vec<u8>,
    },
}

impl std::fmt::Debug for Extra {
    /// Shows no record.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Commitment(_) => "Commitment",
            Self::Opened { .. } => "Opened",
        })
    }
}

/// SHA-256(salt ‖ record), the entry of the log.
pub fn commitment(salt: &[u8; SALT_BYTES], record: &[u8]) -> [u8; 32] {
    crypto::sha256(&[salt.as_slice(), record].concat())
}

impl Extra {
    /// The entry, if it can be known from this.
    pub fn commitment(&self) -> Option<[u8; 32]> {
        match self {
            Self::Nothing => None,
            Self::Commitment(commitment) => Some(*commitment),
            Self::Opened { salt, record } => Some(commitment(salt, record)),
        }
    }

    /// The record, if it is there.
    pub fn record(&self) -> Option<&[u8]> {
        match self {
            Self::Opened { record, .. } => Some(record),
            _ => None,
        }
    }

    /// [`Fault::RecordWrong`] if it is there and is not what `commitment` commits to.
    pub(crate) fn opens(&self, commitment: &[u8; 32]) -> Result<(), Fault> {
        match self.commitment() {
            Some(own) if own != *commitment => Err(Fault::RecordWrong),
            _ => Ok(()),
        }
    }

    /// The line, with its newline; nothing if there is nothing.
    pub(crate) fn line(&self) -> String {
        let value = match self {
            Self::Nothing => return String::new(),
            Self::Commitment(commitment) => json!({ "commitment": b64::encode(commitment) }),
            Self::Opened { salt, record } => {
                json!({ "salt": b64::encode(salt), "record": b64::encode(record) })
            }
        };
        format!("extra {}\n", b64::encode_std(&json::canonical(&value)))
    }

    /// Takes the line from the front of `text` if it is there; the rest. `None` if it is malformed.
    pub(crate) fn take(text: &str) -> Option<(Self, &str)> {
        let Some(line) = text.strip_prefix("extra ") else { return Some((Self::Nothing, text)) };
        let (line, rest) = line.split_once('\n')?;
        // Base64 in base64: a record takes 16/9 of its length.
        let bytes_max = LOG_RECORD_BYTES_MAX.saturating_mul(2).saturating_add(1_024);
        if line.len() > bytes_max.saturating_mul(2) {
            return None;
        }
        let value = json::parse_within(&b64::decode_std(line).ok()?, bytes_max).ok()?;
        let members = value.as_object()?;
        let bytes = |name: &str| b64::decode(members.get(name)?.as_str()?).ok();
        let extra = match members.len() {
            1 => Self::Commitment(bytes("commitment")?.try_into().ok()?),
            2 => Self::Opened { salt: bytes("salt")?.try_into().ok()?, record: bytes("record")? },
            _ => return None,
        };
        Some((extra, rest))
    }
}
