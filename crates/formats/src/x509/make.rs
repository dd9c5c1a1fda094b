//! Certificates of our own: a root for a party, leaves under it. Servers and tests only (feature `make`).

use std::time::Duration;

use base::{
    Instant,
    limits::{CERTIFICATE_LEAF_DAYS_MAX, CLOCK_SKEW_S},
};
use crypto::{Curve, PublicKey, Random, Signer, key::signature_for_x509, random_array};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, IsCa, Issuer,
    KeyIdMethod, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm, SigningKey,
};
use x509_cert::{
    attr::AttributeTypeAndValue,
    der::{
        Encode, Tag, Tagged,
        asn1::{Ia5StringRef, PrintableStringRef, Utf8StringRef},
    },
    ext::pkix::ExtendedKeyUsage,
};

use super::{Certificate, Purpose};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// The last second that a certificate can name, 9999-12-31T23:59:59Z (RFC 5280, section 4.1.2.5).
const YEAR_9999: u64 = 253_402_300_799;
/// `id-ce-extKeyUsage` (RFC 5280, section 4.2.1.12).
const EXTENDED_KEY_USAGE: [u64; 4] = [2, 5, 29, 37];

/// Why a certificate cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A leaf must be valid for 1 to `CERTIFICATE_LEAF_DAYS_MAX` days, a root for at least one.
    #[error("the validity is out of range")]
    Days,
    /// A name cannot be written in a certificate: the country is not two capital letters, a DNS name is not ASCII, or
    /// there is none and the purpose asks for one.
    #[error("a name cannot be written in a certificate")]
    Name,
    /// The root is no certificate, is no authority, has expired, or its key is not the one that signs.
    #[error("the root cannot sign this")]
    Root,
    /// Signing failed.
    #[error("the certificate could not be signed")]
    Sign,
}

/// A root that is to be made.
#[derive(Debug, Clone)]
pub struct MakeRoot {
    /// ISO 3166-1, two capital letters.
    pub country: String,
    /// Who it is.
    pub organisation: String,
    /// What the root is called.
    pub common_name: String,
    /// How many authorities may be between it and a leaf.
    pub path_len: u8,
    /// How long it is valid, in days; ten years by custom.
    pub days: i64,
}

/// A leaf that is to be made. Country and organisation are the root's, unless others are given.
#[derive(Debug, Clone)]
pub struct MakeLeaf {
    /// What its key is for.
    pub purpose: Purpose,
    /// What it is called.
    pub common_name: String,
    /// Another organisation than the root's.
    pub organisation: Option<String>,
    /// Another country than the root's.
    pub country: Option<String>,
    /// Its DNS names; request signing and TLS need one.
    pub dns_names: Vec<String>,
    /// How long it is valid, in days, at most `CERTIFICATE_LEAF_DAYS_MAX`; never longer than the root.
    pub days: i64,
}

/// A self-signed root, DER. It is valid from a minute (`CLOCK_SKEW_S`) before `now`.
pub fn make_root(
    root: &MakeRoot,
    signer: &dyn Signer,
    random: &dyn Random,
    now: Instant,
) -> Result<Vec<u8>, Error> {
    if root.days < 1 {
        return Err(Error::Days);
    }
    let key = Key::new(signer.public_key(), Some(signer));
    let mut params = CertificateParams::default();
    params.serial_number = Some(serial(random));
    params.distinguished_name = name(Some(&root.country), Some(&root.organisation), &root.common_name)?;
    set_validity(&mut params, now, root.days, None)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(root.path_len));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.key_identifier_method = key_id(&signer.public_key().to_sec1());
    params.self_signed(&key).map(|c| c.der().to_vec()).map_err(|_| Error::Sign)
}

/// A leaf for `public_key` under the root whose DER is `root`, DER. It is valid from a minute (`CLOCK_SKEW_S`) before
/// `now`.
pub fn make_leaf(
    leaf: &MakeLeaf,
    public_key: &PublicKey,
    root: &[u8],
    root_signer: &dyn Signer,
    random: &dyn Random,
    now: Instant,
) -> Result<Vec<u8>, Error> {
    if !(1..=CERTIFICATE_LEAF_DAYS_MAX).contains(&leaf.days) {
        return Err(Error::Days);
    }
    if leaf.dns_names.is_empty() && matches!(leaf.purpose, Purpose::RequestSigning | Purpose::Tls) {
        return Err(Error::Name);
    }
    let root = Certificate::parse(root).map_err(|_| Error::Root)?;
    if root.not_after <= now {
        return Err(Error::Root);
    }
    let mut params = CertificateParams::default();
    params.serial_number = Some(serial(random));
    let country = leaf.country.as_deref().or(root.country.as_deref());
    let organisation = leaf.organisation.as_deref().or(root.organisation.as_deref());
    params.distinguished_name = name(country, organisation, &leaf.common_name)?;
    set_validity(&mut params, now, leaf.days, Some(root.not_after))?;
    params.subject_alt_names = leaf.dns_names.iter().map(|n| dns(n)).collect::<Result<_, _>>()?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.custom_extensions = vec![purpose(leaf.purpose)?];
    let der = sign_under(params, &Key::new(*public_key, None), &root, root_signer)?;
    // A name that was written differently than in the root would make a chain that leads nowhere.
    let written = Certificate::parse(&der).map_err(|_| Error::Name)?;
    if written.issuer == root.subject { Ok(der) } else { Err(Error::Root) }
}

/// Signs what `params` describe for `key` with the key of `root`.
pub(super) fn sign_under(
    mut params: CertificateParams,
    key: &impl PublicKeyData,
    root: &Certificate,
    root_signer: &dyn Signer,
) -> Result<Vec<u8>, Error> {
    if !root.is_ca || root.public_key != Some(root_signer.public_key()) {
        return Err(Error::Root);
    }
    params.use_authority_key_identifier_extension = true;
    params.key_identifier_method = key_id(key.der_bytes());
    if params.is_ca == IsCa::NoCa {
        // The extension with `cA` false brings the subject key identifier with it.
        params.is_ca = IsCa::ExplicitNoCa;
    }
    let mut above = CertificateParams::default();
    above.distinguished_name = name_of(root)?;
    above.key_identifier_method = root
        .subject_key_id
        .clone()
        .map_or_else(|| key_id(&root_signer.public_key().to_sec1()), KeyIdMethod::PreSpecified);
    let issuer = Issuer::new(above, Key::new(root_signer.public_key(), Some(root_signer)));
    let made = params.signed_by(key, &issuer).map_err(|_| Error::Sign)?;
    Ok(made.der().to_vec())
}

/// Sets the validity: from a minute before `now`, so that it can be used at once by those whose clock is behind, to
/// the last second of `days`, or to `end` if that is sooner.
fn set_validity(
    params: &mut CertificateParams,
    now: Instant,
    days: i64,
    end: Option<Instant>,
) -> Result<(), Error> {
    let start = now.plus_secs(-CLOCK_SKEW_S);
    let own_end = start.plus_secs(days.saturating_mul(DAY).saturating_sub(1));
    let end = end.map_or(own_end, |end| end.min(own_end));
    let (start, end) = (u64::try_from(start.secs()), u64::try_from(end.secs()));
    let (Ok(start), Ok(end)) = (start, end) else { return Err(Error::Days) };
    if !(start..=YEAR_9999).contains(&end) {
        return Err(Error::Days);
    }
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(start);
    params.not_after = epoch + Duration::from_secs(end);
    Ok(())
}

fn purpose(purpose: Purpose) -> Result<CustomExtension, Error> {
    let content = ExtendedKeyUsage(vec![purpose.oid()]).to_der().map_err(|_| Error::Sign)?;
    let mut extension = CustomExtension::from_oid_content(&EXTENDED_KEY_USAGE, content);
    // Critical, as ISO/IEC 18013-5, annex B, demands of document signers and readers.
    extension.set_criticality(true);
    Ok(extension)
}

/// 16 random bytes with the first bit 0 and the second 1: positive, never short, unguessable
/// (RFC 5280, section 4.1.2.2).
pub(super) fn serial(random: &dyn Random) -> SerialNumber {
    let bytes = u128::from_be_bytes(random_array(random)) >> 2 | 1 << 126;
    SerialNumber::from_slice(&bytes.to_be_bytes())
}

/// The first 160 bits of SHA-256 of the point (RFC 7093, section 2, method 1).
fn key_id(point: &[u8]) -> KeyIdMethod {
    KeyIdMethod::PreSpecified(crypto::sha256(point).into_iter().take(20).collect())
}

fn dns(name: &str) -> Result<SanType, Error> {
    let plain =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
    if plain { name.try_into().map(SanType::DnsName).map_err(|_| Error::Name) } else { Err(Error::Name) }
}

fn name(
    country: Option<&str>,
    organisation: Option<&str>,
    common_name: &str,
) -> Result<DistinguishedName, Error> {
    let mut name = DistinguishedName::new();
    if let Some(country) = country {
        let two_letters = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        let country = country.try_into().map_err(|_| Error::Name)?;
        if !two_letters {
            return Err(Error::Name);
        }
        name.push(DnType::CountryName, DnValue::PrintableString(country));
    }
    if let Some(organisation) = organisation {
        name.push(DnType::OrganizationName, organisation);
    }
    name.push(DnType::CommonName, common_name);
    Ok(name)
}

/// The subject of `root` as `rcgen` writes it.
fn name_of(root: &Certificate) -> Result<DistinguishedName, Error> {
    let mut name = DistinguishedName::new();
    for attribute in root.name.iter() {
        let oid: Vec<u64> = attribute.oid.arcs().map(u64::from).collect();
        name.push(DnType::from_oid(&oid), value_of(attribute).ok_or(Error::Root)?);
    }
    Ok(name)
}

fn value_of(attribute: &AttributeTypeAndValue) -> Option<DnValue> {
    let value = &attribute.value;
    match value.tag() {
        Tag::Utf8String => {
            value.decode_as::<Utf8StringRef<'_>>().ok().map(|s| DnValue::Utf8String(s.as_str().into()))
        }
        Tag::PrintableString => {
            let text = value.decode_as::<PrintableStringRef<'_>>().ok()?;
            text.as_str().try_into().ok().map(DnValue::PrintableString)
        }
        Tag::Ia5String => {
            let text = value.decode_as::<Ia5StringRef<'_>>().ok()?;
            text.as_str().try_into().ok().map(DnValue::Ia5String)
        }
        _ => None,
    }
}

/// A key in the form that `rcgen` asks for: with a signer when it is to sign.
pub(super) struct Key<'a> {
    public: PublicKey,
    point: Vec<u8>,
    signer: Option<&'a dyn Signer>,
}

impl<'a> Key<'a> {
    pub(super) fn new(key: PublicKey, signer: Option<&'a dyn Signer>) -> Self {
        Self { public: key, point: key.to_sec1(), signer }
    }
}

impl PublicKeyData for Key<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }
    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.public.curve() {
            Curve::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Curve::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            Curve::Ed25519 => &rcgen::PKCS_ED25519,
        }
    }
}

impl SigningKey for Key<'_> {
    fn sign(&self, msg: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signer = self.signer.ok_or(rcgen::Error::RemoteKeyError)?;
        signer
            .sign(msg)
            .and_then(|sig| signature_for_x509(signer.algorithm(), &sig))
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}
