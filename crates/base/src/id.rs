//! Typed ids: a row of one kind cannot be asked for with the id of another.
//!
//! An id is a positive 63-bit integer in the database and a prefixed text outside (`per_7f3c…`).
//! It is not a secret: what must not be guessed is a token, not an id.

use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kind of thing that has ids.
pub trait Kind: 'static {
    /// What its ids begin with outside the database, without the underscore.
    const PREFIX: &'static str;
}

/// Declares kinds of ids: `ids! { /// A person. Person = "per" }`.
#[macro_export]
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl $crate::id::Kind for $name { const PREFIX: &'static str = $prefix; }
    )+};
}

/// The id of a `K`.
pub struct Id<K>(i64, PhantomData<fn() -> K>);

impl<K: Kind> Id<K> {
    /// From the database's integer.
    pub const fn from_i64(value: i64) -> Self {
        Self(value, PhantomData)
    }

    /// From eight random bytes: 63 bits, never zero.
    pub const fn from_random(bytes: [u8; 8]) -> Self {
        let value = i64::from_be_bytes(bytes) & i64::MAX;
        Self::from_i64(if value == 0 { 1 } else { value })
    }

    /// The database's integer.
    pub const fn as_i64(self) -> i64 {
        self.0
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{:016x}", K::PREFIX, self.0)
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not the id of such a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct NotAnId;

impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let digits = text.strip_prefix(K::PREFIX).and_then(|t| t.strip_prefix('_')).ok_or(NotAnId)?;
        let plain = digits.len() == 16 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let value = i64::from_str_radix(digits, 16).map_err(|_| NotAnId)?;
        if plain && value > 0 { Ok(Self::from_i64(value)) } else { Err(NotAnId) }
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "kinds are public wherever they are declared")]
mod tests {
    use super::*;
    ids! { Person = "per"; Offer = "off"; }

    #[test]
    fn an_id_is_read_back_and_no_other_kind_takes_it() {
        let id = Id::<Person>::from_random([0xff; 8]);
        assert_eq!(id.to_string(), "per_7fffffffffffffff");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().parse::<Id<Offer>>(), Err(NotAnId));
        for bad in [
            "per_",
            "per_7FFFFFFFFFFFFFFF",
            "per_0000000000000000",
            "per_+fffffffffffffff",
            "per_8000000000000000",
        ] {
            assert_eq!(bad.parse::<Id<Person>>(), Err(NotAnId), "{bad}");
        }
        assert_eq!(Id::<Person>::from_random([0; 8]).as_i64(), 1);
    }
}
