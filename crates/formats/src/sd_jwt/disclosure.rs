//! A disclosure: what a digest stands for (RFC 9901, section 4.2).

use crypto::HashAlg;
use serde_json::Value;

use super::{Error, part::Part};
use crate::{
    b64,
    json::{self, write},
};

/// A salted claim, or a salted element of an array.
#[derive(Debug, Clone, PartialEq)]
pub struct Disclosure {
    text: String,
    digest: String,
    name: Option<String>,
    value: Value,
}

impl Disclosure {
    /// Reads base64url of `[salt, name, value]` or `[salt, value]`.
    pub fn parse(text: &str, hash: HashAlg) -> Result<Self, Error> {
        let bytes = b64::decode(text).map_err(|_| Error::DisclosureMalformed)?;
        let Ok(Value::Array(items)) = json::parse(&bytes) else { return Err(Error::DisclosureMalformed) };
        let mut items = items.into_iter();
        let (name, value) = match (items.next(), items.next(), items.next(), items.next()) {
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => (Some(name), value),
            (Some(Value::String(_)), Some(value), None, None) => (None, value),
            _ => return Err(Error::DisclosureMalformed),
        };
        Ok(Self { text: text.to_owned(), digest: digest(text.as_bytes(), hash), name, value })
    }

    /// The text as received.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Base64url of the hash of the text (RFC 9901, section 4.2.3).
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The member's name; none for an element of an array.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The value, which may hold further digests.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// Writes the JSON of the disclosure of the member `name`, or of an array's element.
pub(super) fn write(out: &mut Vec<u8>, salt: &[u8], name: Option<&str>, value: Part<'_>) {
    out.extend_from_slice(b"[\"");
    b64::encode_to(salt, out);
    out.extend_from_slice(b"\",");
    if let Some(name) = name {
        write::text(out, name);
        out.push(b',');
    }
    value.write(out);
    out.push(b']');
}

/// Base64url of the hash of a disclosure's text.
pub(super) fn digest(text: &[u8], hash: HashAlg) -> String {
    b64::encode(&hash.digest(text))
}
