//! Public keys as JSON (RFC 7517): P-256 and P-384 (RFC 7518, section 6.2), Ed25519 (RFC 8037, section 2), and nothing
//! private.
//!
//! [`Jwk`] verifies signatures, [`EncryptionJwk`] is what we and others encrypt to: neither is taken for the other.

use std::borrow::Cow;

use crypto::{Algorithm, Curve, PublicKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{b64, json as strict};

/// A public key that verifies. Serialises to `kty`, `crv`, `x`, on elliptic curves in Weierstrass form `y`, and nothing
/// else.
#[derive(Clone, PartialEq, Eq)]
pub struct Jwk {
    key: PublicKey,
    kid: Option<String>,
}

/// Why a JWK is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not an object, or a member of the wrong JSON type.
    #[error("not a JWK")]
    Malformed,
    /// Carries a private or symmetric key's member.
    #[error("carries a private key")]
    Private,
    /// `kty` is neither `EC` nor `OKP`, or is not one that is taken here.
    #[error("the key type is not supported")]
    Kty,
    /// `crv` is unknown, is of another `kty`, or is not one that is taken here.
    #[error("the curve is not supported")]
    Crv,
    /// A coordinate is missing, or not in base64url as long as those of the curve.
    #[error("a coordinate is not as long as those of the curve")]
    Coordinate,
    /// The point is not on the curve, or of small order.
    #[error("the point is not on the curve")]
    OffCurve,
    /// `alg` is not one that goes with this key.
    #[error("the algorithm does not go with the key")]
    Alg,
    /// `use` or `key_ops` says that the key is for something else.
    #[error("the key is not for this use")]
    Use,
}

impl Error {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "jwk_malformed",
            Self::Private => "jwk_private",
            Self::Kty => "jwk_kty",
            Self::Crv => "jwk_crv",
            Self::Coordinate => "jwk_coordinate",
            Self::OffCurve => "jwk_off_curve",
            Self::Alg => "jwk_alg",
            Self::Use => "jwk_use",
        }
    }
}

/// Members of private and symmetric keys (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1; RFC 8037, section 2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// The curves of keys that credentials are bound to (`cnf`): what HAIP 1.0, section 7, has every verifier take.
pub const HOLDER_CURVES: [Curve; 1] = [Curve::P256];
/// How secrets are agreed with the holder of an [`EncryptionJwk`] (RFC 7518, section 4.6).
pub const ECDH_ES: &str = "ECDH-ES";

/// The members of a JWK, whatever it is for.
struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    fn new(value: &'a Value) -> Result<Self, Error> {
        let members = value.as_object().ok_or(Error::Malformed)?;
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(Error::Private);
        }
        Ok(Self(members))
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, Error> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::Malformed),
        }
    }

    /// The key, if it is on one of `curves`.
    fn key(&self, curves: &[Curve]) -> Result<PublicKey, Error> {
        let kty =
            self.text("kty")?.filter(|kty| curves.iter().any(|c| kty_of(*c) == *kty)).ok_or(Error::Kty)?;
        let curve = self.text("crv")?.and_then(Curve::from_name).ok_or(Error::Crv)?;
        if kty != kty_of(curve) || !curves.contains(&curve) {
            return Err(Error::Crv);
        }
        let coordinate = |name: &str| {
            let bytes = self.text(name)?.and_then(|t| b64::decode(t).ok()).ok_or(Error::Coordinate)?;
            if bytes.len() == curve.coordinate_bytes() { Ok(bytes) } else { Err(Error::Coordinate) }
        };
        let x = coordinate("x")?;
        match curve {
            Curve::P256 | Curve::P384 => PublicKey::from_xy(&x, &coordinate("y")?),
            Curve::Ed25519 => PublicKey::from_ed25519(&x),
        }
        .map_err(|_| Error::OffCurve)
    }

    /// `use` and `key_ops` (RFC 7517, sections 4.2 and 4.3), where they are, say that the key is for this. That no
    /// operation is named is said of a public key of which only the private half does anything.
    fn check_use(&self, purpose: &str, ops: &[&str], may_be_none: bool) -> Result<(), Error> {
        if self.text("use")?.is_some_and(|stated| stated != purpose) {
            return Err(Error::Use);
        }
        match self.0.get("key_ops") {
            None => Ok(()),
            Some(Value::Array(stated)) if may_be_none && stated.is_empty() => Ok(()),
            Some(Value::Array(stated)) if stated.iter().any(|op| ops.iter().any(|o| op == o)) => Ok(()),
            Some(Value::Array(_)) => Err(Error::Use),
            Some(_) => Err(Error::Malformed),
        }
    }

    fn kid(&self) -> Result<Option<String>, Error> {
        Ok(self.text("kid")?.map(str::to_owned))
    }
}

/// The `kty` of a curve's keys.
const fn kty_of(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 | Curve::P384 => "EC",
        Curve::Ed25519 => "OKP",
    }
}

/// The members that a thumbprint is made of (RFC 7638, section 3.2; RFC 8037, section 2).
fn required(key: &PublicKey) -> Vec<(&'static str, Cow<'static, str>)> {
    let mut members = vec![
        ("crv", key.curve().name().into()),
        ("kty", kty_of(key.curve()).into()),
        ("x", b64::encode(key.x()).into()),
    ];
    members.extend(key.y().map(|y| ("y", b64::encode(y).into())));
    members
}

fn required_members(key: &PublicKey) -> Map<String, Value> {
    required(key).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

impl Jwk {
    /// Reads a JWK; members that we do not know are ignored (RFC 7517, section 4).
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        Self::on(&Curve::ALL, value)
    }

    /// [`Jwk::from_value`] of a key that a credential is bound to or shall be: on one of the [`HOLDER_CURVES`].
    pub fn holder_from_value(value: &Value) -> Result<Self, Error> {
        Self::on(&HOLDER_CURVES, value)
    }

    fn on(curves: &[Curve], value: &Value) -> Result<Self, Error> {
        let members = Members::new(value)?;
        let key = members.key(curves)?;
        if members.text("alg")?.is_some_and(|alg| Algorithm::from_name(alg) != Some(key.algorithm())) {
            return Err(Error::Alg);
        }
        members.check_use("sig", &["verify"], false)?;
        Ok(Self { key, kid: members.kid()? })
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The `kid` that it was read with.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether both are the same key, whatever they are called.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// `{"crv":"P-256","kty":"EC","x":…,"y":…}` or `{"crv":"Ed25519","kty":"OKP","x":…}`.
    pub fn to_value(&self) -> Value {
        Value::Object(required_members(&self.key))
    }

    /// The members of [`Jwk::to_value`].
    pub(crate) fn members(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        required(&self.key)
    }

    /// SHA-256 over the required members (RFC 7638, section 3).
    pub fn thumbprint(&self) -> [u8; 32] {
        // Without escapes, RFC 7638's form is RFC 8785's.
        crypto::sha256(&strict::canonical(&self.to_value()))
    }
}

impl std::fmt::Debug for Jwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Jwk({})", b64::encode(&self.thumbprint()))
    }
}

impl From<&PublicKey> for Jwk {
    fn from(key: &PublicKey) -> Self {
        Self { key: *key, kid: None }
    }
}
impl From<PublicKey> for Jwk {
    fn from(key: PublicKey) -> Self {
        Self { key, kid: None }
    }
}
impl TryFrom<&Value> for Jwk {
    type Error = Error;
    fn try_from(value: &Value) -> Result<Self, Error> {
        Self::from_value(value)
    }
}
impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(s)
    }
}
impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

/// Reads the other side's key of an agreement, `epk` of a JWE (RFC 7518, section 4.6.1.1): on P-256, and public.
pub(crate) fn epk_from_value(value: &Value) -> Result<PublicKey, Error> {
    Members::new(value)?.key(&[Curve::P256])
}

/// A public P-256 key to which others encrypt by ECDH-ES. Serialises to `kty`, `crv`, `x`, `y`, `use`, `alg`, and
/// `kid` if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionJwk {
    key: Jwk,
}

impl EncryptionJwk {
    /// `key`, which must be on P-256, under the name `kid`.
    pub fn new(key: PublicKey, kid: Option<String>) -> Result<Self, Error> {
        if key.curve() == Curve::P256 { Ok(Self { key: Jwk { key, kid } }) } else { Err(Error::Crv) }
    }

    /// Reads a JWK whose `alg` is `ECDH-ES`. `alg` must be there (OpenID4VP 1.0, section 8.3; OpenID4VCI 1.0,
    /// section 10), `use` need not.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let members = Members::new(value)?;
        let key = members.key(&[Curve::P256])?;
        if members.text("alg")? != Some(ECDH_ES) {
            return Err(Error::Alg);
        }
        members.check_use("enc", &["deriveKey", "deriveBits"], true)?;
        Self::new(key, members.kid()?)
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        &self.key.key
    }

    /// What it is called.
    pub fn kid(&self) -> Option<&str> {
        self.key.kid()
    }

    /// SHA-256 over the required members (RFC 7638, section 3), as OpenID4VP 1.0 has it in the handover of mdocs.
    pub fn thumbprint(&self) -> [u8; 32] {
        self.key.thumbprint()
    }

    /// All its members.
    pub fn to_value(&self) -> Value {
        let mut members = required_members(&self.key.key);
        members.insert("use".to_owned(), "enc".into());
        members.insert("alg".to_owned(), ECDH_ES.into());
        members.extend(self.kid().map(|kid| ("kid".to_owned(), kid.into())));
        Value::Object(members)
    }
}

impl TryFrom<&Value> for EncryptionJwk {
    type Error = Error;
    fn try_from(value: &Value) -> Result<Self, Error> {
        Self::from_value(value)
    }
}
impl Serialize for EncryptionJwk {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(s)
    }
}
impl<'de> Deserialize<'de> for EncryptionJwk {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
