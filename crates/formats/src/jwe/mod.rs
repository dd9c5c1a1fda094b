//! JSON Web Encryption in the compact form (RFC 7516, section 7.1): `ECDH-ES` direct with `A128GCM` or `A256GCM`.
//!
//! [`encrypt`] makes one. [`Jwe::parse`] reads one as far as no key is needed, so that its `kid` can say which key that
//! is; [`Jwe::decrypt`] opens it, [`decrypt`] does both. The protected header is authenticated as it was received.

use base::limits::JWE_BYTES_MAX;
use crypto::{AesKey, EphemeralKey, KeyAgreement, PublicKey, Random, Zeroizing, random_array, sha256};
use serde_json::{Map, Value};

use crate::{
    b64, json, jwk,
    jwk::{ECDH_ES, EncryptionJwk, Jwk},
};

/// Bytes of a nonce and of a tag (RFC 7518, section 5.3).
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// Header members that [`encrypt`] sets, or that it must not set: `zip` and `crit` would be refused by our own reader.
const RESERVED: [&str; 6] = ["alg", "enc", "epk", "kid", "zip", "crit"];

/// Why a JWE is refused, or cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than the limit, or would become so.
    #[error("longer than the limit")]
    TooLong,
    /// Not five parts in base64url.
    #[error("not a compact JWE")]
    Malformed,
    /// The header is not an object that we read.
    #[error("the header is not JSON as required: {0}")]
    Header(json::Error),
    /// A header member is missing, has the wrong form, or is not the caller's to set.
    #[error("a header member is missing or malformed")]
    HeaderMember,
    /// `crit` is there: we understand no extension (RFC 7516, section 4.1.13).
    #[error("a critical extension is not understood")]
    Crit,
    /// `zip` is there: what was compressed tells by its length what is in it (RFC 8725, section 3.6).
    #[error("compressed content is not supported")]
    Zip,
    /// `alg` is not `ECDH-ES`.
    #[error("the key agreement is not supported")]
    Alg,
    /// `enc` is none that we know.
    #[error("the content encryption is not supported")]
    Enc,
    /// `enc` is one that is not allowed here.
    #[error("the content encryption is not allowed here")]
    EncNotAllowed,
    /// There is no `epk`.
    #[error("the ephemeral key is missing")]
    EpkMissing,
    /// The key in `epk` is not taken.
    #[error("the ephemeral key is refused: {0}")]
    Epk(jwk::Error),
    /// There is an encrypted key, where the key is agreed (RFC 7516, section 5.2, step 10).
    #[error("an encrypted key beside an agreed one")]
    EncryptedKey,
    /// The initialization vector is not 96 bits long.
    #[error("the initialization vector has the wrong length")]
    Iv,
    /// The authentication tag is not 128 bits long.
    #[error("the authentication tag has the wrong length")]
    Tag,
    /// No secret could be agreed: the key is on another curve, or cannot be used now.
    #[error("no key could be agreed")]
    KeyAgreement,
    /// The key is another one, or something was changed on the way.
    #[error("cannot be decrypted")]
    Decryption,
}

impl Error {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "jwe_too_long",
            Self::Malformed => "jwe_malformed",
            Self::Header(_) => "jwe_header",
            Self::HeaderMember => "jwe_header_member",
            Self::Crit => "jwe_crit",
            Self::Zip => "jwe_zip",
            Self::Alg => "jwe_alg",
            Self::Enc => "jwe_enc",
            Self::EncNotAllowed => "jwe_enc_not_allowed",
            Self::EpkMissing => "jwe_epk_missing",
            Self::Epk(fault) => fault.code(),
            Self::EncryptedKey => "jwe_encrypted_key",
            Self::Iv => "jwe_iv",
            Self::Tag => "jwe_tag",
            Self::KeyAgreement => "jwe_key_agreement",
            Self::Decryption => "jwe_decryption",
        }
    }
}

/// How the content is encrypted (RFC 7518, section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Enc {
    /// AES-128-GCM.
    A128Gcm,
    /// AES-256-GCM.
    A256Gcm,
}

impl Enc {
    /// Those that there are; HAIP 1.0, section 5, wants verifiers to take both.
    pub const ALL: [Self; 2] = [Self::A128Gcm, Self::A256Gcm];

    /// `A128GCM` or `A256GCM`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|enc| enc.name() == name)
    }
}

/// The header members that we understand; others are tolerated. `alg` is `ECDH-ES`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// How the content is encrypted.
    pub enc: Enc,
    /// Which key it is encrypted to.
    pub kid: Option<String>,
    /// The media type of the whole, without `application/`.
    pub typ: Option<String>,
    /// The media type of the content, without `application/`.
    pub cty: Option<String>,
    /// The other side's ephemeral key.
    pub epk: PublicKey,
    /// What the producer says of itself; goes into the derived key (RFC 7518, section 4.6.1.2).
    pub apu: Option<Vec<u8>>,
    /// What the producer says of the recipient; goes into the derived key (RFC 7518, section 4.6.1.3).
    pub apv: Option<Vec<u8>>,
}

/// A compact JWE, not yet opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwe {
    /// The members that we understand. Nobody vouches for them before [`Jwe::decrypt`] has succeeded.
    pub header: Header,
    header_value: Map<String, Value>,
    /// The header's text as received.
    protected: String,
    nonce: [u8; NONCE_BYTES],
    ciphertext: Vec<u8>,
    tag: [u8; TAG_BYTES],
}

impl Jwe {
    /// Reads a compact JWE of at most [`JWE_BYTES_MAX`] bytes.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > JWE_BYTES_MAX {
            return Err(Error::TooLong);
        }
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or(Error::Malformed);
        let (protected, encrypted_key, nonce, ciphertext, tag) =
            (next()?, next()?, next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(Error::Malformed);
        }
        let part = |text: &str| b64::decode(text).map_err(|_| Error::Malformed);
        let header_value = json::parse(&part(protected)?).and_then(json::object).map_err(Error::Header)?;
        let header = Header::from_members(&header_value)?;
        if !encrypted_key.is_empty() {
            return Err(Error::EncryptedKey);
        }
        Ok(Self {
            header,
            header_value,
            protected: protected.to_owned(),
            nonce: part(nonce)?.try_into().map_err(|_| Error::Iv)?,
            ciphertext: part(ciphertext)?,
            tag: part(tag)?.try_into().map_err(|_| Error::Tag)?,
        })
    }

    /// All header members, those too that we do not understand.
    pub fn header_value(&self) -> &Map<String, Value> {
        &self.header_value
    }

    /// The plaintext. `allowed` are the content encryptions that were offered to whoever made this.
    pub fn decrypt(&self, key: &dyn KeyAgreement, allowed: &[Enc]) -> Result<Vec<u8>, Error> {
        let Header { enc, epk, apu, apv, .. } = &self.header;
        if !allowed.contains(enc) {
            return Err(Error::EncNotAllowed);
        }
        let secret = key.agree(epk).map_err(|_| Error::KeyAgreement)?;
        let content_key = ContentKey::derive(*enc, &secret, apu.as_deref(), apv.as_deref());
        let aad = self.protected.as_bytes();
        crypto::open_detached(content_key.as_aes(), &self.nonce, aad, &self.ciphertext, &self.tag)
            .map_err(|_| Error::Decryption)
    }
}

impl Header {
    fn from_members(members: &Map<String, Value>) -> Result<Self, Error> {
        if members.contains_key("crit") {
            return Err(Error::Crit);
        }
        if members.contains_key("zip") {
            return Err(Error::Zip);
        }
        if text(members, "alg")?.ok_or(Error::HeaderMember)? != ECDH_ES {
            return Err(Error::Alg);
        }
        let enc = text(members, "enc")?.ok_or(Error::HeaderMember)?;
        let owned = |name: &str| text(members, name).map(|text| text.map(str::to_owned));
        Ok(Self {
            enc: Enc::from_name(enc).ok_or(Error::Enc)?,
            epk: jwk::epk_from_value(members.get("epk").ok_or(Error::EpkMissing)?).map_err(Error::Epk)?,
            kid: owned("kid")?,
            typ: owned("typ")?,
            cty: owned("cty")?,
            apu: party(members, "apu")?,
            apv: party(members, "apv")?,
        })
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Error> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::HeaderMember),
    }
}

/// `apu` or `apv`, base64url (RFC 7518, sections 4.6.1.2 and 4.6.1.3).
fn party(members: &Map<String, Value>, name: &str) -> Result<Option<Vec<u8>>, Error> {
    text(members, name)?.map(b64::decode).transpose().map_err(|_| Error::HeaderMember)
}

/// Reads and opens a compact JWE.
pub fn decrypt(text: &str, key: &dyn KeyAgreement, allowed: &[Enc]) -> Result<Vec<u8>, Error> {
    Jwe::parse(text)?.decrypt(key, allowed)
}

/// Encrypts `plaintext` to the holder of `to`, with an ephemeral key and a nonce from `random`. `extra` are further
/// header members: `apu`, `apv`, `typ`, `cty`; `alg`, `enc`, `epk` and, as it is in `to`, `kid` are set here.
pub fn encrypt(
    plaintext: &[u8],
    to: &EncryptionJwk,
    enc: Enc,
    extra: &Map<String, Value>,
    random: &dyn Random,
) -> Result<String, Error> {
    encrypt_from(&EphemeralKey::generate(random), plaintext, to, enc, extra, random)
}

/// [`encrypt`] with this ephemeral key, which must never be used again.
fn encrypt_from(
    ephemeral: &dyn KeyAgreement,
    plaintext: &[u8],
    to: &EncryptionJwk,
    enc: Enc,
    extra: &Map<String, Value>,
    random: &dyn Random,
) -> Result<String, Error> {
    if RESERVED.iter().any(|name| extra.contains_key(*name)) {
        return Err(Error::HeaderMember);
    }
    let mut members = extra.clone();
    members.insert("alg".to_owned(), ECDH_ES.into());
    members.insert("enc".to_owned(), enc.name().into());
    members.insert("epk".to_owned(), Jwk::from(ephemeral.public_key()).to_value());
    members.extend(to.kid().map(|kid| ("kid".to_owned(), kid.into())));
    let (apu, apv) = (party(&members, "apu")?, party(&members, "apv")?);
    let protected = b64::encode(&json::canonical(&Value::Object(members)));
    let secret = ephemeral.agree(to.public_key()).map_err(|_| Error::KeyAgreement)?;
    let content_key = ContentKey::derive(enc, &secret, apu.as_deref(), apv.as_deref());
    let nonce = random_array(random);
    let (ciphertext, tag) =
        crypto::seal_detached(content_key.as_aes(), &nonce, protected.as_bytes(), plaintext)
            .map_err(|_| Error::KeyAgreement)?;
    let [nonce, ciphertext, tag] = [&nonce[..], &ciphertext, &tag].map(b64::encode);
    // The part between the two full stops is the encrypted key, of which there is none.
    let text = format!("{protected}..{nonce}.{ciphertext}.{tag}");
    if text.len() > JWE_BYTES_MAX { Err(Error::TooLong) } else { Ok(text) }
}

/// The key of one content, derived from the secret that was agreed. Wiped when dropped.
enum ContentKey {
    A128Gcm(Zeroizing<[u8; 16]>),
    A256Gcm(Zeroizing<[u8; 32]>),
}

impl ContentKey {
    /// Concat KDF (SP 800-56A, section 5.8.1, with SHA-256) over what RFC 7518, section 4.6.2, has in `OtherInfo`. One
    /// round is enough: neither key is longer than the digest.
    fn derive(enc: Enc, secret: &[u8; 32], apu: Option<&[u8]>, apv: Option<&[u8]>) -> Self {
        let bits: u32 = match enc {
            Enc::A128Gcm => 128,
            Enc::A256Gcm => 256,
        };
        let mut input = Zeroizing::new(Vec::new());
        input.extend_from_slice(&1_u32.to_be_bytes());
        input.extend_from_slice(secret);
        for field in [enc.name().as_bytes(), apu.unwrap_or_default(), apv.unwrap_or_default()] {
            // A text of at most `JWE_BYTES_MAX` has no field that is longer than 32 bits can say.
            input.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            input.extend_from_slice(field);
        }
        input.extend_from_slice(&bits.to_be_bytes());
        let digest = Zeroizing::new(sha256(&input));
        match enc {
            Enc::A128Gcm => {
                let mut key = Zeroizing::new([0; 16]);
                key.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
                Self::A128Gcm(key)
            }
            Enc::A256Gcm => Self::A256Gcm(digest),
        }
    }

    fn as_aes(&self) -> AesKey<'_> {
        match self {
            Self::A128Gcm(key) => AesKey::Aes128(key),
            Self::A256Gcm(key) => AesKey::Aes256(key),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
