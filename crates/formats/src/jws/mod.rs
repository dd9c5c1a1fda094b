//! JSON Web Signatures in the compact form (RFC 7515, section 7.1): ES256, ES384 and EdDSA on Ed25519.
//!
//! [`Jws::parse`] keeps the text as received; [`Jws::verify`] runs over exactly that text.
//! [`sign`] makes one. [`Header`] says which members we understand.

use std::{ops::Range, sync::Arc};

use base::limits::{CERTIFICATE_BYTES_MAX, JWT_BYTES_MAX, X5C_MAX};
use crypto::{Algorithm, PublicKey, Signer};
use serde_json::{Map, Value};

use crate::{b64, json, jwk, jwk::Jwk};

/// Why a JWS is refused, or cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than the limit.
    #[error("longer than the limit")]
    TooLong,
    /// Not three parts in base64url.
    #[error("not a compact JWS")]
    Malformed,
    /// The header is not an object that we read.
    #[error("the header is not JSON as required: {0}")]
    Header(json::Error),
    /// A header member has the wrong form.
    #[error("a header member is malformed")]
    HeaderMember,
    /// `alg` is `none` in any spelling.
    #[error("not signed")]
    AlgNone,
    /// `alg` is one that we do not know: HS256 above all.
    #[error("the algorithm is not supported")]
    AlgUnsupported,
    /// `alg` is not the one expected, or does not go with the key.
    #[error("the algorithm is not the one expected")]
    AlgMismatch,
    /// `crit` names what we do not understand, or is malformed (RFC 7515, section 4.1.11).
    #[error("a critical extension is not understood")]
    Crit,
    /// `b64` is false (RFC 7797).
    #[error("an unencoded payload is not supported")]
    UnencodedPayload,
    /// The key in `jwk` is not taken.
    #[error("the key in the header is refused: {0}")]
    Jwk(jwk::Error),
    /// `x5c` is empty, too long or not base64.
    #[error("the certificate chain is malformed")]
    X5c,
    /// The payload is not a JSON object (RFC 7519, section 7.2).
    #[error("the payload is not JSON as required: {0}")]
    Payload(json::Error),
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Signature,
    /// The signer could not sign.
    #[error("signing failed")]
    Signing,
}

impl Error {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "jws_too_long",
            Self::Malformed => "jws_malformed",
            Self::Header(_) => "jws_header",
            Self::HeaderMember => "jws_header_member",
            Self::AlgNone => "alg_none",
            Self::AlgUnsupported => "alg_unsupported",
            Self::AlgMismatch => "alg_mismatch",
            Self::Crit => "crit",
            Self::UnencodedPayload => "b64_false",
            Self::Jwk(fault) => fault.code(),
            Self::X5c => "x5c_malformed",
            Self::Payload(_) => "jws_payload",
            Self::Signature => "signature",
            Self::Signing => "signing_failed",
        }
    }
}

/// The header members that we understand (RFC 7515, section 4.1); others are tolerated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The algorithm's name as it stands there, never `none`.
    pub alg: String,
    /// The media type of the whole, without `application/`.
    pub typ: Option<String>,
    /// A hint at the key.
    pub kid: Option<String>,
    /// The public key itself.
    pub jwk: Option<Jwk>,
    /// The certificate chain, leaf first, DER; not yet validated.
    pub x5c: Option<Vec<Vec<u8>>>,
}

/// A compact JWS, with the text that was received.
#[derive(Debug, Clone)]
pub struct Jws {
    /// The members that we understand.
    pub header: Header,
    /// The payload's bytes.
    pub payload: Vec<u8>,
    header_value: Map<String, Value>,
    signature: Vec<u8>,
    /// What it was received in, which may be more than itself.
    whole: Arc<str>,
    range: Range<usize>,
    signing_input_len: usize,
}

/// All of it follows from its text.
impl PartialEq for Jws {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}
impl Eq for Jws {}

impl Jws {
    /// Reads a compact JWS of at most [`JWT_BYTES_MAX`] bytes. Verifies nothing yet; but what says `alg: none`
    /// is refused here already.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_within(text, JWT_BYTES_MAX)
    }

    /// [`Jws::parse`] with another limit: `bytes_max` is in bytes.
    pub fn parse_within(text: &str, bytes_max: usize) -> Result<Self, Error> {
        // Before it is copied.
        if text.len() > bytes_max {
            return Err(Error::TooLong);
        }
        Self::parse_part(&text.into(), 0..text.len(), bytes_max)
    }

    /// [`Jws::parse_within`] of a part of what was received, without a copy.
    pub(crate) fn parse_part(whole: &Arc<str>, range: Range<usize>, bytes_max: usize) -> Result<Self, Error> {
        let text = whole.get(range.clone()).ok_or(Error::Malformed)?;
        if text.len() > bytes_max {
            return Err(Error::TooLong);
        }
        let (signing_input, signature) = text.rsplit_once('.').ok_or(Error::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(Error::Malformed)?;
        let part = |text: &str| b64::decode(text).map_err(|_| Error::Malformed);
        let header_value = json::parse(&part(header)?).and_then(json::object).map_err(Error::Header)?;
        Ok(Self {
            header: Header::from_members(&header_value)?,
            payload: part(payload)?,
            header_value,
            signature: part(signature)?,
            whole: whole.clone(),
            range,
            signing_input_len: signing_input.len(),
        })
    }

    /// All header members, those too that we do not understand.
    pub fn header_value(&self) -> &Map<String, Value> {
        &self.header_value
    }

    /// The text as received.
    pub fn as_str(&self) -> &str {
        self.whole.get(self.range.clone()).unwrap_or_default()
    }

    /// Verifies the signature over the text as received. The algorithm is compared before any cryptography
    /// (RFC 8725, section 3.1).
    pub fn verify(&self, key: &PublicKey, alg: Algorithm) -> Result<(), Error> {
        let named = Algorithm::from_name(&self.header.alg).ok_or(Error::AlgUnsupported)?;
        if named != alg || key.algorithm() != alg {
            return Err(Error::AlgMismatch);
        }
        let signing_input = self.as_str().get(..self.signing_input_len).unwrap_or_default();
        key.verify(alg, signing_input.as_bytes(), &self.signature).map_err(|_| Error::Signature)
    }

    /// The payload as a JWT's claims (RFC 7519).
    pub fn claims(&self) -> Result<Map<String, Value>, Error> {
        json::parse_object(&self.payload).map_err(Error::Payload)
    }
}

impl Header {
    fn from_members(members: &Map<String, Value>) -> Result<Self, Error> {
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Error::HeaderMember),
        };
        let alg = text("alg")?.ok_or(Error::HeaderMember)?;
        if alg.eq_ignore_ascii_case("none") {
            return Err(Error::AlgNone);
        }
        // RFC 7797 wants `b64` in `crit`; one that leaves it out must not be read as if it were not there.
        match members.get("b64") {
            None | Some(Value::Bool(true)) => {}
            Some(_) => return Err(Error::UnencodedPayload),
        }
        // We understand no extension, so whatever is critical is not understood.
        if members.contains_key("crit") {
            return Err(Error::Crit);
        }
        let jwk = members.get("jwk").map(Jwk::from_value).transpose().map_err(Error::Jwk)?;
        let x5c = members.get("x5c").map(chain).transpose()?;
        Ok(Self { alg, typ: text("typ")?, kid: text("kid")?, jwk, x5c })
    }
}

/// A chain of certificates in base64 (RFC 7515, section 4.1.6).
fn chain(value: &Value) -> Result<Vec<Vec<u8>>, Error> {
    let items = value.as_array().filter(|a| (1..=X5C_MAX).contains(&a.len())).ok_or(Error::X5c)?;
    let certificate = |item: &Value| {
        let der = item.as_str().and_then(|text| b64::decode_std(text).ok());
        der.filter(|der| (1..=CERTIFICATE_BYTES_MAX).contains(&der.len())).ok_or(Error::X5c)
    };
    items.iter().map(certificate).collect()
}

/// Signs `payload` under `header`, which must be an object; `alg` is set to the signer's.
pub fn sign(header: &Value, payload: &[u8], signer: &dyn Signer) -> Result<String, Error> {
    sign_encoded(&encode_header(header, signer.algorithm())?, payload, signer, 0)
}

/// Base64url of `header`, which must be an object, with `alg` set.
pub(crate) fn encode_header(header: &Value, alg: Algorithm) -> Result<String, Error> {
    let mut members = header.as_object().cloned().ok_or(Error::HeaderMember)?;
    members.insert("alg".to_owned(), alg.name().into());
    Ok(b64::encode(&json::canonical(&Value::Object(members))))
}

/// Signs `payload` under a header of [`encode_header`]; leaves room for `more` bytes after the JWS.
pub(crate) fn sign_encoded(
    header: &str,
    payload: &[u8],
    signer: &dyn Signer,
    more: usize,
) -> Result<String, Error> {
    let payload_len = b64::encoded_len(payload.len());
    let room = header.len().saturating_add(payload_len).saturating_add(SIGNATURE_CHARS_ABOUT);
    let mut text = Vec::with_capacity(room.saturating_add(more));
    text.extend_from_slice(header.as_bytes());
    text.push(b'.');
    b64::encode_to(payload, &mut text);
    let signature = signer.sign(&text).map_err(|_| Error::Signing)?;
    text.push(b'.');
    b64::encode_to(&signature, &mut text);
    String::from_utf8(text).map_err(|_| Error::Signing)
}

/// How long the two dots and the signature of a JWS are, on P-256 and Ed25519.
const SIGNATURE_CHARS_ABOUT: usize = 88;

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
