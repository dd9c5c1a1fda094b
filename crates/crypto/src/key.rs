//! Public keys and what signs.

use std::fmt;

use crate::{Error, backend};

/// What precedes the point in the DER of a P-256 `SubjectPublicKeyInfo` (RFC 5480, section 2) whose point is
/// uncompressed: `SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING`. DER has no other way to write it.
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// What an uncompressed point begins with (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 0x04;

/// A signature algorithm by its name in JOSE (RFC 7518, section 3.1).
///
/// There is no `none` and never will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// Those that there are.
    pub const ALL: [Self; 1] = [Self::Es256];

    /// `ES256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
        }
    }

    /// Reads a name; names differ by case (RFC 7515, section 4.1.1).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }
}

/// A public key on P-256: a point that is on the curve.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 65]);

impl PublicKey {
    /// From its coordinates, 32 bytes each, big-endian (RFC 7518, section 6.2.1).
    pub fn from_xy(x: &[u8], y: &[u8]) -> Result<Self, Error> {
        if x.len() == 32 && y.len() == 32 {
            Self::from_sec1(&[&[UNCOMPRESSED], x, y].concat())
        } else {
            Err(Error::Key)
        }
    }

    /// From an uncompressed point, 65 bytes (SEC 1, section 2.3.4). Compressed points are refused.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, Error> {
        let point: [u8; 65] = bytes.try_into().map_err(|_| Error::Key)?;
        if point.starts_with(&[UNCOMPRESSED]) && backend::on_curve(&point) {
            Ok(Self(point))
        } else {
            Err(Error::Key)
        }
    }

    /// A point that a backend has just computed.
    pub(crate) fn from_backend(point: &[u8]) -> Result<Self, Error> {
        point.try_into().map(Self).map_err(|_| Error::Key)
    }

    /// From the DER of a `SubjectPublicKeyInfo` (RFC 5480) with an uncompressed point.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, Error> {
        der.strip_prefix(&SPKI_PREFIX).ok_or(Error::Key).and_then(Self::from_sec1)
    }

    /// The uncompressed point.
    pub const fn to_sec1(&self) -> [u8; 65] {
        self.0
    }

    /// The DER of its `SubjectPublicKeyInfo`.
    pub fn to_spki_der(&self) -> Vec<u8> {
        [&SPKI_PREFIX[..], &self.0].concat()
    }

    /// The first coordinate, big-endian.
    pub fn x(&self) -> [u8; 32] {
        std::array::from_fn(|i| self.0.get(i + 1).copied().unwrap_or_default())
    }

    /// The second coordinate, big-endian.
    pub fn y(&self) -> [u8; 32] {
        std::array::from_fn(|i| self.0.get(i + 33).copied().unwrap_or_default())
    }

    /// The one algorithm that this key is for.
    pub const fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    /// Verifies a signature in the form of JOSE, r‖s, 64 bytes (RFC 7518, section 3.4).
    pub fn verify(&self, alg: Algorithm, msg: &[u8], sig: &[u8]) -> Result<(), Error> {
        backend::verify(self, alg, msg, sig)
    }

    /// Verifies an ES256 signature in the form of X.509, DER of `ECDSA-Sig-Value` (RFC 3279, section 2.2.3).
    pub fn verify_der(&self, msg: &[u8], sig_der: &[u8]) -> Result<(), Error> {
        backend::verify_der(self, msg, sig_der)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(")?;
        self.x().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// What signs: a key in memory, or the door to one elsewhere.
pub trait Signer: Send + Sync {
    /// The key that verifies what this signs.
    fn public_key(&self) -> PublicKey;

    /// How it signs.
    fn algorithm(&self) -> Algorithm;

    /// Signs `msg`, which is hashed by this; the signature has the form of JOSE, r‖s.
    fn sign(&self, msg: &[u8]) -> Result<Vec<u8>, Error>;
}

/// The DER form (`ECDSA-Sig-Value`, RFC 3279, section 2.2.3) of a signature in the form of JOSE, for X.509.
pub fn signature_to_der(sig: &[u8]) -> Result<Vec<u8>, Error> {
    let (r, s) = sig.split_at_checked(32).filter(|(_, s)| s.len() == 32).ok_or(Error::Signature)?;
    let mut body = der_integer(r);
    body.extend(der_integer(s));
    let length = u8::try_from(body.len()).map_err(|_| Error::Signature)?;
    Ok([&[0x30, length], body.as_slice()].concat())
}

/// A positive `INTEGER` of at most 32 significant bytes: no leading zeros but the one that keeps it positive.
fn der_integer(big_endian: &[u8]) -> Vec<u8> {
    let start = big_endian.iter().position(|b| *b != 0).unwrap_or(big_endian.len().saturating_sub(1));
    let digits = big_endian.get(start..).unwrap_or_default();
    let sign = digits.first().is_some_and(|b| *b >= 0x80);
    let length = u8::try_from(digits.len()).unwrap_or(u8::MAX) + u8::from(sign);
    let mut out = vec![0x02, length];
    out.extend(sign.then_some(0));
    out.extend_from_slice(digits);
    out
}
