//! Parameters: [`Value`], [`ToValue`] and the macro [`params!`](crate::params).

use std::{borrow::Cow, fmt, sync::Arc};

use base::{Id, Instant, id::Kind};

/// A parameter of a statement: one of the three portable column types, or NULL.
///
/// Its `Debug` shows no contents: values are personal data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// `BIGINT`.
    Int(i64),
    /// `TEXT`, without the character U+0000 (`PostgreSQL` has no place for it).
    Text(&'a str),
    /// `BYTEA`.
    Bytes(&'a [u8]),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Int(_) => f.write_str("Int"),
            Self::Text(t) => write!(f, "Text({} bytes)", t.len()),
            Self::Bytes(b) => write!(f, "Bytes({} bytes)", b.len()),
        }
    }
}

/// What can be a parameter.
pub trait ToValue {
    /// The parameter.
    fn to_value(&self) -> Value<'_>;
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}
impl ToValue for Value<'_> {
    fn to_value(&self) -> Value<'_> {
        *self
    }
}
impl<K: Kind> ToValue for Id<K> {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.as_i64())
    }
}
/// Milliseconds since the epoch.
impl ToValue for Instant {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.ms())
    }
}
/// 1 and 0.
impl ToValue for bool {
    fn to_value(&self) -> Value<'_> {
        Value::Int(i64::from(*self))
    }
}
impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}
impl ToValue for Cow<'_, str> {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

macro_rules! to_value {
    ($($type:ty => |$v:ident| $value:expr;)+) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                let $v = self;
                $value
            }
        }
    )+};
}

to_value! {
    i64 => |v| Value::Int(*v);
    i32 => |v| Value::Int(i64::from(*v));
    i16 => |v| Value::Int(i64::from(*v));
    u32 => |v| Value::Int(i64::from(*v));
    u16 => |v| Value::Int(i64::from(*v));
    u8 => |v| Value::Int(i64::from(*v));
    str => |v| Value::Text(v);
    String => |v| Value::Text(v);
    Box<str> => |v| Value::Text(v);
    Arc<str> => |v| Value::Text(v);
    [u8] => |v| Value::Bytes(v);
    Vec<u8> => |v| Value::Bytes(v);
    Box<[u8]> => |v| Value::Bytes(v);
    Arc<[u8]> => |v| Value::Bytes(v);
}

/// The parameters of a statement, in the order of `$1`, `$2`, …: `params![id, name, &bytes, None::<i64>]`.
#[macro_export]
macro_rules! params {
    () => { &[] as &[$crate::Value<'_>] };
    ($($value:expr),+ $(,)?) => { &[$($crate::ToValue::to_value(&$value)),+] as &[$crate::Value<'_>] };
}
