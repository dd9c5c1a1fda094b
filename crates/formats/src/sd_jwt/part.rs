//! What is written into a payload or a disclosure: claims where they stand, and what is made beside them.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::json::write;

/// A value to be written.
#[derive(Debug, Clone)]
pub(crate) enum Part<'a> {
    /// A claim as it is.
    Plain(&'a Value),
    /// A text, such as a digest.
    Text(Cow<'a, str>),
    /// A number.
    Number(Number),
    /// An object.
    Object(Members<'a>),
    /// An array.
    Array(Vec<Part<'a>>),
}

/// The members of an object, in any order, no name twice.
pub(crate) type Members<'a> = Vec<(&'a str, Part<'a>)>;

impl Part<'_> {
    /// Writes it in its canonical form (RFC 8785).
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Plain(value) => write::value(out, value),
            Self::Text(text) => write::text(out, &text),
            Self::Number(number) => write::number(out, &number),
            Self::Object(mut members) => {
                members.sort_by(|(a, _), (b, _)| write::order(a, b));
                let member = |out: &mut Vec<u8>, (name, part): (&str, Part<'_>)| {
                    write::member(out, name, |out| part.write(out));
                };
                write::list(out, b'{', members, b'}', member);
            }
            Self::Array(items) => write::list(out, b'[', items, b']', |out, item| item.write(out)),
        }
    }
}
