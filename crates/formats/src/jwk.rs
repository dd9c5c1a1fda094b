//! Public keys as JSON (RFC 7517; RFC 7518, section 6.2): P-256, and nothing private.

use crypto::{Algorithm, PublicKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::{b64, json as strict};

/// A public P-256 key. Serialises to `kty`, `crv`, `x`, `y` and nothing else.
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
    /// `kty` is not `EC`.
    #[error("the key type is not EC")]
    Kty,
    /// `crv` is not `P-256`.
    #[error("the curve is not P-256")]
    Crv,
    /// A coordinate is missing, or not 32 bytes in base64url.
    #[error("a coordinate is not 32 bytes")]
    Coordinate,
    /// The point is not on the curve.
    #[error("the point is not on the curve")]
    OffCurve,
    /// `alg` is not one that goes with this key.
    #[error("the algorithm does not go with the key")]
    Alg,
    /// `use` or `key_ops` says that the key is not for signatures.
    #[error("the key is not for signatures")]
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
/// Bytes of a coordinate.
const COORDINATE_BYTES: usize = 32;

impl Jwk {
    /// Reads a JWK; members that we do not know are ignored (RFC 7517, section 4).
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let members = value.as_object().ok_or(Error::Malformed)?;
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(Error::Private);
        }
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Error::Malformed),
        };
        if text("kty")? != Some("EC") {
            return Err(Error::Kty);
        }
        if text("crv")? != Some("P-256") {
            return Err(Error::Crv);
        }
        let coordinate = |name: &str| {
            let bytes = text(name)?.and_then(|t| b64::decode(t).ok()).ok_or(Error::Coordinate)?;
            if bytes.len() == COORDINATE_BYTES { Ok(bytes) } else { Err(Error::Coordinate) }
        };
        let key = PublicKey::from_xy(&coordinate("x")?, &coordinate("y")?).map_err(|_| Error::OffCurve)?;
        if text("alg")?.is_some_and(|alg| Algorithm::from_name(alg) != Some(key.algorithm())) {
            return Err(Error::Alg);
        }
        if text("use")?.is_some_and(|purpose| purpose != "sig") {
            return Err(Error::Use);
        }
        match members.get("key_ops") {
            None => {}
            Some(Value::Array(ops)) if ops.iter().any(|op| op == "verify") => {}
            Some(Value::Array(_)) => return Err(Error::Use),
            Some(_) => return Err(Error::Malformed),
        }
        let kid = text("kid")?.map(str::to_owned);
        Ok(Self { key, kid })
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

    /// `{"crv":"P-256","kty":"EC","x":…,"y":…}`.
    pub fn to_value(&self) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "x": b64::encode(&self.key.x()), "y": b64::encode(&self.key.y()) })
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

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
