//! Public keys and what signs.

use std::fmt;

use zeroize::Zeroizing;

use crate::{Error, backend, edwards};

/// What precedes the key in the DER of a `SubjectPublicKeyInfo` whose point is uncompressed; DER has no other way to
/// write it. `SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING }` (RFC 5480, section 2).
const SPKI_P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The same with `secp384r1`.
const SPKI_P384: [u8; 23] = [
    0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
    0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
];
/// `SEQUENCE { SEQUENCE { id-Ed25519 }, BIT STRING }` (RFC 8410, section 4).
const SPKI_ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What an uncompressed point begins with (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 0x04;

/// A signature algorithm of JOSE (RFC 7518, section 3.1; RFC 8037, section 3.1; RFC 9864, section 2.2).
///
/// There is no `none` and never will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384: verified, never made.
    Es384,
    /// EdDSA on Ed25519. Called `EdDSA` (RFC 8037) or `Ed25519` (RFC 9864); never Ed448 here.
    Ed25519,
}

impl Algorithm {
    /// Those that there are.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Es384, Self::Ed25519];

    /// The name that we write: `ES256`, `ES384`, `EdDSA`.
    ///
    /// RFC 9864 prefers `Ed25519`, but whoever reads that name reads the older one too, and many read it alone.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ed25519 => "EdDSA",
        }
    }

    /// Every name that we read.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Es256 => &["ES256"],
            Self::Es384 => &["ES384"],
            Self::Ed25519 => &["EdDSA", "Ed25519"],
        }
    }

    /// Reads a name; names differ by case (RFC 7515, section 4.1.1).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.names().contains(&name))
    }
}

/// A curve, by its name in JOSE (RFC 7518, section 6.2.1.1; RFC 8037, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// P-256, also `secp256r1` and `prime256v1`.
    P256,
    /// P-384, also `secp384r1`.
    P384,
    /// Ed25519, the twisted Edwards form of Curve25519.
    Ed25519,
}

impl Curve {
    /// Those that there are.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::Ed25519];

    /// `P-256`, `P-384` or `Ed25519`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }

    /// How long a coordinate is; on Ed25519, the key.
    pub const fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 | Self::Ed25519 => 32,
            Self::P384 => 48,
        }
    }

    /// The one signature algorithm of its keys.
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::Ed25519 => Algorithm::Ed25519,
        }
    }

    const fn spki_prefix(self) -> &'static [u8] {
        match self {
            Self::P256 => &SPKI_P256,
            Self::P384 => &SPKI_P384,
            Self::Ed25519 => &SPKI_ED25519,
        }
    }
}

/// A public key: a point of one of the [`Curve`]s. It verifies by the one algorithm of its curve.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(Point);

/// The bytes in the BIT STRING of a `SubjectPublicKeyInfo`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Point {
    P256([u8; 65]),
    P384([u8; 97]),
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// From its coordinates, big-endian: 32 bytes each on P-256, 48 on P-384 (RFC 7518, section 6.2.1).
    pub fn from_xy(x: &[u8], y: &[u8]) -> Result<Self, Error> {
        if x.len() == y.len() { Self::from_sec1(&[&[UNCOMPRESSED], x, y].concat()) } else { Err(Error::Key) }
    }

    /// From an uncompressed point, 65 bytes on P-256, 97 on P-384 (SEC 1, section 2.3.4). Compressed points are
    /// refused.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, Error> {
        match bytes.len() {
            65 => Self::from_bytes(Curve::P256, bytes),
            97 => Self::from_bytes(Curve::P384, bytes),
            _ => Err(Error::Key),
        }
    }

    /// From an Ed25519 key, 32 bytes (RFC 8032, section 5.1.5). Refused when it is not the one way to write its point,
    /// or the point is of small order: such a key would verify what nobody signed.
    pub fn from_ed25519(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_bytes(Curve::Ed25519, bytes)
    }

    /// From [`Self::to_sec1`], of a key on `curve`.
    pub fn from_bytes(curve: Curve, bytes: &[u8]) -> Result<Self, Error> {
        let has_form = match curve {
            Curve::P256 | Curve::P384 => bytes.starts_with(&[UNCOMPRESSED]),
            Curve::Ed25519 => edwards::is_plain(bytes),
        };
        if has_form && backend::on_curve(curve, bytes) {
            Self::from_backend(curve, bytes)
        } else {
            Err(Error::Key)
        }
    }

    /// A point that a backend has just computed, or found to be on the curve.
    pub(crate) fn from_backend(curve: Curve, point: &[u8]) -> Result<Self, Error> {
        match curve {
            Curve::P256 => point.try_into().map(Point::P256),
            Curve::P384 => point.try_into().map(Point::P384),
            Curve::Ed25519 => point.try_into().map(Point::Ed25519),
        }
        .map(Self)
        .map_err(|_| Error::Key)
    }

    /// From the DER of a `SubjectPublicKeyInfo` (RFC 5480 with an uncompressed point, RFC 8410).
    pub fn from_spki_der(der: &[u8]) -> Result<Self, Error> {
        Curve::ALL
            .into_iter()
            .find_map(|curve| der.strip_prefix(curve.spki_prefix()).map(|bytes| (curve, bytes)))
            .ok_or(Error::Key)
            .and_then(|(curve, bytes)| Self::from_bytes(curve, bytes))
    }

    /// What the BIT STRING of a `SubjectPublicKeyInfo` holds: the uncompressed point (SEC 1), on Ed25519 the key's 32
    /// bytes.
    pub fn to_sec1(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    /// [`Self::to_sec1`] without a copy.
    pub(crate) const fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Point::P256(bytes) => bytes,
            Point::P384(bytes) => bytes,
            Point::Ed25519(bytes) => bytes,
        }
    }

    /// The DER of its `SubjectPublicKeyInfo`.
    pub fn to_spki_der(&self) -> Vec<u8> {
        [self.curve().spki_prefix(), self.as_bytes()].concat()
    }

    /// Where it is a point.
    pub const fn curve(&self) -> Curve {
        match self.0 {
            Point::P256(_) => Curve::P256,
            Point::P384(_) => Curve::P384,
            Point::Ed25519(_) => Curve::Ed25519,
        }
    }

    /// The first coordinate, big-endian; on Ed25519 the key itself: what `x` of a JWK says.
    pub fn x(&self) -> &[u8] {
        match &self.0 {
            Point::P256(bytes) => bytes.get(1..33),
            Point::P384(bytes) => bytes.get(1..49),
            Point::Ed25519(bytes) => Some(&bytes[..]),
        }
        .unwrap_or_default()
    }

    /// The second coordinate, big-endian; none on Ed25519.
    pub fn y(&self) -> Option<&[u8]> {
        match &self.0 {
            Point::P256(bytes) => bytes.get(33..),
            Point::P384(bytes) => bytes.get(49..),
            Point::Ed25519(_) => None,
        }
    }

    /// The one algorithm that this key is for.
    pub const fn algorithm(&self) -> Algorithm {
        self.curve().algorithm()
    }

    /// Verifies a signature in the form of JOSE: r‖s, 64 or 96 bytes (RFC 7518, section 3.4); R‖S, 64 bytes, on
    /// Ed25519 (RFC 8037, section 3.1). Another algorithm than the key's is [`Error::Algorithm`].
    pub fn verify(&self, alg: Algorithm, msg: &[u8], sig: &[u8]) -> Result<(), Error> {
        backend::verify(self, alg, msg, sig)
    }

    /// Verifies a signature in the form of X.509 by the key's own algorithm: DER of `ECDSA-Sig-Value` (RFC 3279,
    /// section 2.2.3), on Ed25519 the bytes as they are (RFC 8410, section 6).
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

    /// Signs `msg`, which is hashed by this; the signature has the form of JOSE.
    fn sign(&self, msg: &[u8]) -> Result<Vec<u8>, Error>;
}

/// What agrees on a secret with the holder of another key (ECDH on P-256): a key in memory, or the door to one
/// elsewhere.
pub trait KeyAgreement: Send + Sync {
    /// The key that the other side agrees with.
    fn public_key(&self) -> PublicKey;

    /// The secret, the first coordinate of the shared point, big-endian (SP 800-56A, section 5.7.1.2); nothing is
    /// derived from it yet. A key on another curve is [`Error::Key`].
    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<[u8; 32]>, Error>;
}

/// The form of X.509 of a signature in the form of JOSE: `ECDSA-Sig-Value` (RFC 3279, section 2.2.3), or, of Ed25519,
/// the same bytes (RFC 8410, section 6).
pub fn signature_for_x509(alg: Algorithm, sig: &[u8]) -> Result<Vec<u8>, Error> {
    match alg {
        Algorithm::Es256 => ecdsa_to_der(sig, 32),
        Algorithm::Es384 => ecdsa_to_der(sig, 48),
        Algorithm::Ed25519 => Ok(sig.to_vec()),
    }
}

fn ecdsa_to_der(sig: &[u8], half: usize) -> Result<Vec<u8>, Error> {
    let (r, s) = sig.split_at_checked(half).filter(|(_, s)| s.len() == half).ok_or(Error::Signature)?;
    let mut body = der_integer(r);
    body.extend(der_integer(s));
    let length = u8::try_from(body.len()).map_err(|_| Error::Signature)?;
    Ok([&[0x30, length], body.as_slice()].concat())
}

/// A positive `INTEGER` of at most 48 significant bytes: no leading zeros but the one that keeps it positive.
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
