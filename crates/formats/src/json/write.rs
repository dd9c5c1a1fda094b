//! Writing JSON in its canonical form (RFC 8785), straight into a buffer.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::INTEGER_MAX;

/// The bytes of UTF-8 from which on the order of code points may differ from that of UTF-16 units: U+E000 and above.
const FIRST_BYTE_UNLIKE_UTF16: u8 = 0xee;

/// The order of members: by their names' UTF-16 units (section 3.2.3).
pub(crate) fn order(a: &str, b: &str) -> Ordering {
    // The greatest byte, without a branch for each.
    let is_plain = |text: &str| text.bytes().fold(0, u8::max) < FIRST_BYTE_UNLIKE_UTF16;
    if is_plain(a) && is_plain(b) { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// Writes a value.
pub(crate) fn value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => self::number(out, number),
        Value::String(text) => self::text(out, text),
        Value::Array(items) => list(out, b'[', items, b']', self::value),
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| order(a, b));
            list(out, b'{', members, b'}', |out, (name, value)| {
                member(out, name, |out| self::value(out, value));
            });
        }
    }
}

/// Writes items with commas between them.
pub(crate) fn list<T>(
    out: &mut Vec<u8>,
    open: u8,
    items: impl IntoIterator<Item = T>,
    close: u8,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(open);
    for (n, item) in items.into_iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(close);
}

/// Writes a member of an object.
pub(crate) fn member(out: &mut Vec<u8>, name: &str, value: impl FnOnce(&mut Vec<u8>)) {
    text(out, name);
    out.push(b':');
    value(out);
}

/// Writes a string. What must be escaped is, and nothing else (section 3.2.2.2).
pub(crate) fn text(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.reserve(text.len().saturating_add(2));
    out.push(b'"');
    let is_plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
    let mut rest = text.as_bytes();
    // Most texts are plain, which is seen faster by looking at all of a text than by stopping where it is not.
    if rest.iter().fold(true, |plain, byte| plain & is_plain(byte)) {
        out.extend_from_slice(rest);
        out.push(b'"');
        return;
    }
    while let Some(at) = rest.iter().position(|byte| !is_plain(byte)) {
        let (plain, escaped) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, after)) = escaped.split_first() else { break };
        let short = match byte {
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0c => b'f',
            b'\r' => b'r',
            b'"' | b'\\' => *byte,
            _ => b'u',
        };
        out.extend_from_slice(&[b'\\', short]);
        if short == b'u' {
            let digit = |half: u8| HEX.get(usize::from(half)).copied().unwrap_or(b'0');
            out.extend_from_slice(&[b'0', b'0', digit(byte >> 4), digit(byte & 0x0f)]);
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Writes a number: as ECMAScript does (section 3.2.2.3).
pub(crate) fn number(out: &mut Vec<u8>, number: &Number) {
    let is_exact = number.as_i64().is_some_and(|n| n.unsigned_abs() <= INTEGER_MAX);
    // A Number is never NaN, and a Vec takes every write.
    let _ = if is_exact {
        serde_json::to_writer(out, number)
    } else {
        // The shortest digits of a double.
        serde_json_canonicalizer::to_writer(number, out)
    };
}
