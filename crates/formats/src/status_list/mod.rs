//! Token Status List (draft-ietf-oauth-status-list-14), lists and tokens as JWT.
//!
//! [`StatusList`] is the packed array; `token` signs and verifies it; an [`Aggregation`] names all lists of an issuer.
//! An index outside the list is an error of
//! its own: nothing can be said about that credential, which is not the same as revoked (section 8.3).

mod aggregation;
mod token;

use std::io::Read as _;

use base::limits::STATUS_LIST_INFLATED_BYTES_MAX;
use flate2::{Compression, bufread::ZlibDecoder, write::ZlibEncoder};

pub use self::{
    aggregation::{Aggregation, AggregationError},
    token::{NewToken, Refusal, StatusToken, TYP, sign_token, verify_token},
};
use crate::b64;

/// What a list says of a credential (section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// 0: valid.
    Valid,
    /// 1: revoked, for good.
    Invalid,
    /// 2: suspended, for a time.
    Suspended,
    /// Any other value: of the application, or not registered yet. Never to be taken as valid.
    Other(u8),
}

impl From<u8> for Status {
    fn from(value: u8) -> Self {
        match value {
            0 => Self::Valid,
            1 => Self::Invalid,
            2 => Self::Suspended,
            other => Self::Other(other),
        }
    }
}
impl From<Status> for u8 {
    fn from(status: Status) -> Self {
        match status {
            Status::Valid => 0,
            Status::Invalid => 1,
            Status::Suspended => 2,
            Status::Other(value) => value,
        }
    }
}

/// How many bits one entry has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bits {
    /// Valid or revoked.
    One = 1,
    /// What ours have: valid, revoked, suspended, and one of the application's.
    Two = 2,
    /// 16 values.
    Four = 4,
    /// 256 values.
    Eight = 8,
}

impl Bits {
    /// The number as it stands in `bits`.
    pub const fn count(self) -> u8 {
        self as u8
    }

    /// Reads the number.
    pub const fn from_count(count: u64) -> Option<Self> {
        match count {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    const fn entries_per_byte(self) -> u8 {
        8 / self.count()
    }

    const fn mask(self) -> u8 {
        u8::MAX >> (8 - self.count())
    }
}

/// Why a list cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The index is outside the list: nothing can be said.
    #[error("the index is outside the list")]
    OutOfRange,
    /// The value needs more bits than an entry has.
    #[error("the value needs more bits than an entry has")]
    Value,
    /// Not base64url of a whole zlib stream.
    #[error("not a compressed list")]
    Malformed,
    /// Longer than [`STATUS_LIST_INFLATED_BYTES_MAX`] when inflated.
    #[error("longer than the limit when inflated")]
    TooLong,
}

impl Error {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfRange => "status_out_of_range",
            Self::Value => "status_value",
            Self::Malformed => "status_list_malformed",
            Self::TooLong => "status_list_too_long",
        }
    }
}

/// The array of statuses, packed from the least significant bit of each byte (section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: Bits,
    bytes: Vec<u8>,
}

impl StatusList {
    /// A list of at least `entries` entries, all [`Status::Valid`].
    pub fn new(bits: Bits, entries: usize) -> Self {
        Self { bits, bytes: vec![0; entries.div_ceil(usize::from(bits.entries_per_byte()))] }
    }

    /// A list from its packed bytes.
    pub const fn from_bytes(bits: Bits, bytes: Vec<u8>) -> Self {
        Self { bits, bytes }
    }

    /// The packed bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bits an entry.
    pub const fn bits(&self) -> Bits {
        self.bits
    }

    /// How many entries it has.
    pub fn entries(&self) -> usize {
        self.bytes.len().saturating_mul(usize::from(self.bits.entries_per_byte()))
    }

    /// What it says at `idx`.
    pub fn get(&self, idx: u64) -> Result<Status, Error> {
        let (at, shift) = self.place(idx)?;
        let byte = self.bytes.get(at).ok_or(Error::OutOfRange)?;
        Ok(((byte >> shift) & self.bits.mask()).into())
    }

    /// Changes what it says at `idx`.
    pub fn set(&mut self, idx: u64, status: Status) -> Result<(), Error> {
        let (at, shift) = self.place(idx)?;
        let (value, mask) = (u8::from(status), self.bits.mask());
        if value > mask {
            return Err(Error::Value);
        }
        let byte = self.bytes.get_mut(at).ok_or(Error::OutOfRange)?;
        *byte = (*byte & !(mask << shift)) | (value << shift);
        Ok(())
    }

    /// The byte of an entry, and how far up in it the entry begins.
    fn place(&self, idx: u64) -> Result<(usize, u8), Error> {
        let per_byte = u64::from(self.bits.entries_per_byte());
        let at = usize::try_from(idx / per_byte).map_err(|_| Error::OutOfRange)?;
        let within = u8::try_from(idx % per_byte).map_err(|_| Error::OutOfRange)?;
        Ok((at, within * self.bits.count()))
    }

    /// `lst`: base64url of the array compressed with zlib (section 4.2).
    pub fn to_lst(&self) -> String {
        b64::encode(&deflate(&self.bytes))
    }

    /// Reads `lst`, inflating at most [`STATUS_LIST_INFLATED_BYTES_MAX`] bytes.
    pub fn from_lst(bits: Bits, lst: &str) -> Result<Self, Error> {
        let compressed = b64::decode(lst).map_err(|_| Error::Malformed)?;
        let mut bytes = Vec::new();
        let mut inflating = ZlibDecoder::new(compressed.as_slice());
        let limit = u64::try_from(STATUS_LIST_INFLATED_BYTES_MAX).unwrap_or(u64::MAX);
        inflating
            .by_ref()
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|_| Error::Malformed)?;
        if bytes.len() > STATUS_LIST_INFLATED_BYTES_MAX {
            return Err(Error::TooLong);
        }
        if inflating.into_inner().is_empty() { Ok(Self { bits, bytes }) } else { Err(Error::Malformed) }
    }
}

#[expect(clippy::expect_used, reason = "a Vec takes every write")]
fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    std::io::Write::write_all(&mut encoder, bytes).expect("a Vec takes every write");
    encoder.finish().expect("a Vec takes every write")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
