//! JSON from outside, read strictly (RFC 8259 within the bounds of I-JSON, RFC 7493).
//!
//! `serde_json` keeps the last of two members with one name, which lets two readers of one signed text
//! see different things; so everything from outside is read here: [`parse`] first, [`parse_as`] for a typed
//! result. [`canonical`] is the one text of a value (RFC 8785).

pub(crate) mod write;

use std::cell::Cell;

use base::limits::{JSON_BYTES_MAX, JSON_DEPTH_MAX};
use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, map::Entry};

/// An object's members.
pub type Object = Map<String, Value>;

/// Why a text is not JSON that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than the limit.
    #[error("longer than the limit")]
    TooLong,
    /// Nested deeper than [`JSON_DEPTH_MAX`].
    #[error("nested too deep")]
    TooDeep,
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// Not JSON, or followed by something else.
    #[error("not JSON")]
    Syntax,
    /// An object has two members with one name.
    #[error("a member is repeated")]
    DuplicateMember,
    /// An integer that not every reader of JSON keeps exactly (RFC 7493, section 2.2).
    #[error("a number is out of range")]
    Number,
    /// JSON, but not of the form asked for.
    #[error("not of the form asked for")]
    Shape,
}

impl Error {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "json_too_long",
            Self::TooDeep => "json_too_deep",
            Self::NotUtf8 => "json_not_utf8",
            Self::Syntax => "json_syntax",
            Self::DuplicateMember => "json_duplicate_member",
            Self::Number => "json_number",
            Self::Shape => "json_shape",
        }
    }
}

/// Reads one JSON text of at most [`JSON_BYTES_MAX`] bytes.
pub fn parse(text: &[u8]) -> Result<Value, Error> {
    parse_within(text, JSON_BYTES_MAX)
}

/// [`parse`] with another limit, for the few texts that are longer: `bytes_max` is in bytes.
pub fn parse_within(text: &[u8], bytes_max: usize) -> Result<Value, Error> {
    if text.len() > bytes_max {
        return Err(Error::TooLong);
    }
    let text = std::str::from_utf8(text).map_err(|_| Error::NotUtf8)?;
    let fault = Cell::new(Error::Syntax);
    let mut from = serde_json::Deserializer::from_str(text);
    let value = Strict { levels_left: JSON_DEPTH_MAX, fault: &fault }.deserialize(&mut from);
    let value = value.map_err(|_| fault.get())?;
    from.end().map_err(|_| Error::Syntax)?;
    Ok(value)
}

/// Reads one JSON text that must be an object.
pub fn parse_object(text: &[u8]) -> Result<Object, Error> {
    object(parse(text)?)
}

/// The members of `value`, which must be an object.
pub(crate) fn object(value: Value) -> Result<Object, Error> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Error::Shape),
    }
}

/// Reads one JSON text as a `T`.
pub fn parse_as<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    // What serde says about a mismatch quotes the text, which may be personal: it is dropped.
    serde_json::from_value(parse(text)?).map_err(|_| Error::Shape)
}

/// The canonical text of `value` (RFC 8785). Integers are exact up to 2^53, which is all that [`parse`] lets in.
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(CANONICAL_BYTES_ABOUT);
    write::value(&mut out, value);
    out
}

/// How long most canonical texts are at most: room that need not be made by and by.
const CANONICAL_BYTES_ABOUT: usize = 1_024;

/// The largest integer that every reader of JSON keeps exactly, 2^53 - 1.
const INTEGER_MAX: u64 = (1 << 53) - 1;
/// 2^53, from which on a double has no place for fractions.
const FRACTIONLESS: f64 = 9_007_199_254_740_992.0;

/// Reads a value with `levels_left` levels of nesting; says in `fault` why it stopped, if it was not the syntax.
#[derive(Clone, Copy)]
struct Strict<'a> {
    levels_left: usize,
    fault: &'a Cell<Error>,
}

impl<'a> Strict<'a> {
    fn refuse<T, E: serde::de::Error>(self, fault: Error) -> Result<T, E> {
        self.fault.set(fault);
        Err(E::custom("refused"))
    }

    fn deeper<E: serde::de::Error>(self) -> Result<Strict<'a>, E> {
        match self.levels_left.checked_sub(1) {
            Some(levels_left) => Ok(Strict { levels_left, ..self }),
            None => self.refuse(Error::TooDeep),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > INTEGER_MAX { self.refuse(Error::Number) } else { Ok(value.into()) }
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value > INTEGER_MAX { self.refuse(Error::Number) } else { Ok(value.into()) }
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        match Number::from_f64(value) {
            Some(number) if value.abs() < FRACTIONLESS => Ok(Value::Number(number)),
            _ => self.refuse(Error::Number),
        }
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let Entry::Vacant(place) = members.entry(name) else {
                return self.refuse(Error::DuplicateMember);
            };
            place.insert(map.next_value_seed(inner)?);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
pub(crate) mod tests;
