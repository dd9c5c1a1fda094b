//! One certificate, read strictly, but not believed.

use base::{Instant, limits::CERTIFICATE_BYTES_MAX, unseen::is_unseen};
use crypto::PublicKey;
use x509_cert::{
    certificate::{CertificateInner, Raw},
    der::{
        Decode, DecodeOwned, Encode, Reader, SliceReader, Tag, asn1::ObjectIdentifier, oid::AssociatedOid,
    },
    ext::pkix::{
        AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName,
        SubjectKeyIdentifier,
        name::{DirectoryString, GeneralName},
    },
    name::Name,
    time::Time,
};

use super::Error;

/// `id-at-commonName` (X.520).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// `id-at-countryName` (X.520).
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
/// `id-at-organizationName` (X.520).
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// How much of a name is shown, in characters.
const NAME_CHARS_MAX: usize = 200;

/// What a certificate says (RFC 5280, section 4). Nothing of it is proven: see [`super::validate`].
#[derive(Debug, Clone)]
pub struct Certificate {
    /// As received.
    pub der: Vec<u8>,
    /// SHA-256 of the DER, its fingerprint.
    pub sha256: [u8; 32],
    /// The subject's key, if it is on a curve that we know.
    pub public_key: Option<PublicKey>,
    /// The subject's organisation, fit to be shown.
    pub organisation: Option<String>,
    /// The subject's common name, fit to be shown.
    pub common_name: Option<String>,
    /// The subject's country, by its two letters (ISO 3166-1).
    pub country: Option<String>,
    /// The DNS names among its subject alternative names, in lower case.
    pub dns_names: Vec<String>,
    /// The first second in which it is valid.
    pub not_before: Instant,
    /// The last second in which it is valid.
    pub not_after: Instant,
    /// Its authority's key identifier.
    pub authority_key_id: Option<Vec<u8>>,
    /// Its own key's identifier.
    pub subject_key_id: Option<Vec<u8>>,
    pub(super) subject: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) spki: Vec<u8>,
    pub(super) is_ca: bool,
    pub(super) path_len: Option<u8>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) purposes: Option<Vec<ObjectIdentifier>>,
    #[cfg(any(feature = "make", test))]
    pub(super) name: Name,
}

impl Certificate {
    /// Reads a certificate.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Malformed`].
    pub fn parse(der: &[u8]) -> Result<Self, Error> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return Err(Error::TooLarge);
        }
        // The profile `Raw` reads serial numbers that RFC 5280, section 4.1.2.2, asks certificate users to bear with.
        let parsed = CertificateInner::<Raw>::from_der(der).map_err(|_| Error::Malformed)?;
        let tbs = parsed.tbs_certificate();
        let basic: Option<BasicConstraints> = extension(&parsed)?;
        let names: Option<SubjectAltName> = extension(&parsed)?;
        let spki = encoded(tbs.subject_public_key_info())?;
        Ok(Self {
            der: der.to_vec(),
            sha256: crypto::sha256(der),
            public_key: PublicKey::from_spki_der(&spki).ok(),
            organisation: shown(tbs.subject(), ORGANISATION),
            common_name: shown(tbs.subject(), COMMON_NAME),
            country: shown(tbs.subject(), COUNTRY),
            dns_names: names.map_or_else(Vec::new, |names| dns_names(&names)),
            not_before: instant(tbs.validity().not_before)?,
            not_after: instant(tbs.validity().not_after)?,
            authority_key_id: extension::<AuthorityKeyIdentifier>(&parsed)?
                .and_then(|id| id.key_identifier)
                .map(|id| id.as_bytes().to_vec()),
            subject_key_id: extension::<SubjectKeyIdentifier>(&parsed)?.map(|id| id.0.as_bytes().to_vec()),
            subject: encoded(tbs.subject())?,
            issuer: encoded(tbs.issuer())?,
            spki,
            is_ca: basic.as_ref().is_some_and(|b| b.ca),
            path_len: basic.and_then(|b| b.path_len_constraint),
            key_usage: extension(&parsed)?,
            purposes: extension::<ExtendedKeyUsage>(&parsed)?.map(|eku| eku.0),
            #[cfg(any(feature = "make", test))]
            name: tbs.subject().clone(),
        })
    }

    /// Whose it is, for people: the organisation, else the common name, else the first DNS name, else nothing.
    pub fn subject_name(&self) -> &str {
        let named = self.organisation.as_deref().or(self.common_name.as_deref());
        named.or(self.dns_names.first().map(String::as_str)).unwrap_or_default()
    }

    /// Whether it is signed by the key that it certifies.
    pub(super) fn is_self_signed(&self) -> bool {
        self.issuer == self.subject && self.public_key.is_some_and(|key| self.verifies_with(&key).is_ok())
    }

    fn verifies_with(&self, key: &PublicKey) -> Result<(), Error> {
        // The bytes that were signed are cut out of those received, never encoded again.
        let (tbs, sig) = signed_parts(&self.der).map_err(|_| Error::Malformed)?;
        key.verify_der(tbs, sig).map_err(|_| Error::Signature)
    }
}

/// The signed bytes and the signature of a certificate.
fn signed_parts(der: &[u8]) -> Result<(&[u8], &[u8]), x509_cert::der::Error> {
    SliceReader::new(der)?.sequence(|r| {
        let tbs = r.tlv_bytes()?;
        r.tlv_bytes()?;
        let signature = x509_cert::der::asn1::BitStringRef::decode(r)?;
        let bytes = signature.as_bytes().ok_or_else(|| Tag::BitString.value_error())?;
        Ok((tbs, bytes))
    })
}

/// An extension, which must not be there twice (RFC 5280, section 4.2).
fn extension<T: DecodeOwned + AssociatedOid>(parsed: &CertificateInner<Raw>) -> Result<Option<T>, Error> {
    let mut found =
        parsed.tbs_certificate().extensions().into_iter().flatten().filter(|e| e.extn_id == T::OID);
    let first = found.next();
    if found.next().is_some() {
        return Err(Error::Malformed);
    }
    first.map(|e| T::from_der(e.extn_value.as_bytes()).map_err(|_| Error::Malformed)).transpose()
}

fn encoded(value: &impl Encode) -> Result<Vec<u8>, Error> {
    value.to_der().map_err(|_| Error::Malformed)
}

fn instant(time: Time) -> Result<Instant, Error> {
    i64::try_from(time.to_unix_duration().as_secs()).map(Instant::from_secs).map_err(|_| Error::Malformed)
}

fn dns_names(names: &SubjectAltName) -> Vec<String> {
    let dns = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => Some(name.to_string().to_ascii_lowercase()),
        _ => None,
    };
    names.0.iter().filter_map(dns).collect()
}

/// An attribute of a name without what could disguise it on a screen: controls, and what is not seen.
fn shown(name: &Name, attribute: ObjectIdentifier) -> Option<String> {
    let text = name.by_oid::<DirectoryString>(attribute).ok()??;
    let clean: String =
        text.value().chars().filter(|c| !c.is_control() && !is_unseen(*c)).take(NAME_CHARS_MAX).collect();
    (!clean.trim().is_empty()).then(|| clean.trim().to_owned())
}
