//! From a chain to a leaf that may be believed: RFC 5280, section 6, narrowed by HAIP 1.0, section 6.1.1.
//!
//! Path building, names and signatures of certificates are checked by webpki, with the algorithms of our own `crypto`;
//! what webpki does not check (form and order of the chain, key usages, the anchor's own limits) is checked here.

use std::{ops::RangeInclusive, time::Duration};

use base::{Instant, limits::X5C_MAX};
use crypto::{Curve, PublicKey};
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};

use super::{Anchor, Certificate, Error, Purpose, TrustAnchors};

/// A leaf whose chain leads to an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The key that it certifies.
    pub public_key: PublicKey,
    /// Its DNS names, in lower case.
    pub dns_names: Vec<String>,
    /// Whose it is, for people: the organisation, else the common name, else the first DNS name.
    pub subject_name: String,
    /// The organisation.
    pub organisation: Option<String>,
    /// The country, by its two letters.
    pub country: Option<String>,
    /// SHA-256 of its DER.
    pub sha256: [u8; 32],
    /// The first second in which it is valid.
    pub not_before: Instant,
    /// The last second in which it is valid.
    pub not_after: Instant,
    /// The key identifier of the authority that signed it.
    pub authority_key_id: Option<Vec<u8>>,
    /// SHA-256 of the DER of the anchor to which its chain leads.
    pub anchor_sha256: [u8; 32],
}

impl Leaf {
    /// Whether `name` is one of its DNS names: the same letters in any case, and no wildcards, as for `x509_san_dns`
    /// (OpenID4VP 1.0, section 5.9.3).
    pub fn has_dns_name(&self, name: &str) -> bool {
        self.dns_names.iter().any(|n| n.eq_ignore_ascii_case(name))
    }
}

/// Believes the leaf of `chain` (DER, leaf first, without the anchor) at `now` for `purpose`, or says why not.
///
/// What was found is kept with the anchors: see `proven`.
pub fn validate(
    chain: &[Vec<u8>],
    anchors: &TrustAnchors,
    now: Instant,
    purpose: Purpose,
) -> Result<Leaf, Error> {
    if let Some(leaf) = anchors.proven().find(chain, purpose, now) {
        return Ok(Leaf::clone(&leaf));
    }
    let (leaf, span) = prove(chain, anchors, now, purpose)?;
    anchors.proven().keep(chain, purpose, span, &leaf);
    Ok(leaf)
}

/// Proves the chain; answers the seconds, both ends included, in which doing it again would find the same.
fn prove(
    chain: &[Vec<u8>],
    anchors: &TrustAnchors,
    now: Instant,
    purpose: Purpose,
) -> Result<(Leaf, RangeInclusive<i64>), Error> {
    if chain.len() > X5C_MAX {
        return Err(Error::ChainTooLong);
    }
    let certificates = chain.iter().map(|der| Certificate::parse(der)).collect::<Result<Vec<_>, _>>()?;
    let (leaf, authorities) = certificates.split_first().ok_or(Error::Empty)?;
    check_form(leaf, authorities, anchors)?;
    check_leaf(leaf, purpose)?;
    check_authorities(leaf, authorities)?;
    certificates.iter().try_for_each(|c| check_validity(c, now))?;
    let public_key = leaf.public_key.ok_or(Error::Algorithm)?;
    let anchor = find_path(chain, anchors, now, purpose)?;
    if anchor.certificate().path_len.is_some_and(|most| authorities.len() > usize::from(most)) {
        return Err(Error::PathLength);
    }
    if !purpose.allowed_by(anchor.certificate().purposes.as_deref()) {
        return Err(Error::Purpose);
    }
    let leaf = Leaf {
        public_key,
        dns_names: leaf.dns_names.clone(),
        subject_name: leaf.subject_name().to_owned(),
        organisation: leaf.organisation.clone(),
        country: leaf.country.clone(),
        sha256: leaf.sha256,
        not_before: leaf.not_before,
        not_after: leaf.not_after,
        authority_key_id: leaf.authority_key_id.clone(),
        anchor_sha256: anchor.certificate().sha256,
    };
    Ok((leaf, span_around(now, certificates.iter().chain(anchors.iter().map(Anchor::certificate)))))
}

/// The seconds around `now` in which none of the certificates becomes valid or ceases to be. Anchors that did not prove
/// the chain count too: another could come first then.
fn span_around<'a>(now: Instant, certificates: impl Iterator<Item = &'a Certificate>) -> RangeInclusive<i64> {
    let now = now.secs();
    let whole = (i64::MIN, i64::MAX);
    let (from, to) = certificates.fold(whole, |(from, to), certificate| {
        let (begins, ends) = (certificate.not_before.secs(), certificate.not_after.secs());
        if now < begins {
            (from, to.min(begins.saturating_sub(1)))
        } else if now > ends {
            (from.max(ends.saturating_add(1)), to)
        } else {
            (from.max(begins), to.min(ends))
        }
    });
    from..=to
}

/// No self-signed leaf, and no anchor in the chain: neither a configured one nor another self-signed certificate.
fn check_form(leaf: &Certificate, authorities: &[Certificate], anchors: &TrustAnchors) -> Result<(), Error> {
    if leaf.is_self_signed() {
        return Err(Error::SelfSigned);
    }
    let is_anchor = |c: &Certificate| {
        let same = |a: &Anchor| a.certificate().subject == c.subject && a.certificate().spki == c.spki;
        c.is_self_signed() || anchors.iter().any(same)
    };
    if std::iter::once(leaf).chain(authorities).any(is_anchor) { Err(Error::AnchorInX5c) } else { Ok(()) }
}

/// The leaf is no authority and its key is for signatures and for `purpose`.
fn check_leaf(leaf: &Certificate, purpose: Purpose) -> Result<(), Error> {
    if leaf.is_ca || leaf.key_usage.is_some_and(|usage| usage.key_cert_sign()) {
        return Err(Error::LeafIsCa);
    }
    if leaf.key_usage.is_some_and(|usage| !usage.digital_signature()) {
        return Err(Error::KeyUsage);
    }
    if purpose.allowed_by(leaf.purposes.as_deref()) { Ok(()) } else { Err(Error::Purpose) }
}

/// Each certificate is followed by the authority that signed it.
fn check_authorities(leaf: &Certificate, authorities: &[Certificate]) -> Result<(), Error> {
    let mut certified = leaf;
    for authority in authorities {
        if certified.issuer != authority.subject {
            return Err(Error::ChainOrder);
        }
        if !authority.is_ca || authority.key_usage.is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(Error::IssuerNotCa);
        }
        certified = authority;
    }
    Ok(())
}

/// Both ends of the validity are included (RFC 5280, section 4.1.2.5), and they are whole seconds.
fn check_validity(certificate: &Certificate, now: Instant) -> Result<(), Error> {
    if now.secs() < certificate.not_before.secs() {
        Err(Error::NotYetValid)
    } else if now.secs() > certificate.not_after.secs() {
        Err(Error::Expired)
    } else {
        Ok(())
    }
}

/// The anchor to which the chain leads.
fn find_path<'a>(
    chain: &[Vec<u8>],
    anchors: &'a TrustAnchors,
    now: Instant,
    purpose: Purpose,
) -> Result<&'a Anchor, Error> {
    let (valid, invalid): (Vec<_>, Vec<_>) = anchors.iter().partition(|a| a.is_valid_at(now));
    find_path_to(chain, &valid, now, purpose).map_err(|error| {
        // Say which it is: a stranger, or somebody whom we know and whose anchor has run out.
        let is_known = error == Error::Untrusted && find_path_to(chain, &invalid, now, purpose).is_ok();
        if is_known { Error::AnchorValidity } else { error }
    })
}

fn find_path_to<'a>(
    chain: &[Vec<u8>],
    anchors: &[&'a Anchor],
    now: Instant,
    purpose: Purpose,
) -> Result<&'a Anchor, Error> {
    let ders: Vec<CertificateDer<'_>> =
        chain.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let (leaf, authorities) = ders.split_first().ok_or(Error::Empty)?;
    let leaf = EndEntityCert::try_from(leaf).map_err(|error| translate(&error))?;
    let trusted: Vec<_> = anchors.iter().map(|a| a.trust().clone()).collect();
    let seconds = u64::try_from(now.secs()).map_err(|_| Error::NotYetValid)?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let path = leaf
        .verify_for_usage(&ALGORITHMS, &trusted, authorities, time, ForPurpose(purpose), None, None)
        .map_err(|error| translate(&error))?;
    if path.intermediate_certificates().count() != authorities.len() {
        return Err(Error::ChainOrder);
    }
    let used = trusted.iter().position(|t| t == path.anchor());
    used.and_then(|i| anchors.get(i).copied()).ok_or(Error::Untrusted)
}

fn translate(error: &webpki::Error) -> Error {
    use webpki::Error as E;
    match error {
        E::UnknownIssuer => Error::Untrusted,
        E::InvalidSignatureForPublicKey => Error::Signature,
        E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
        | E::SignatureAlgorithmMismatch => Error::Algorithm,
        E::CertExpired { .. } => Error::Expired,
        E::CertNotValidYet { .. } => Error::NotYetValid,
        E::CaUsedAsEndEntity => Error::LeafIsCa,
        E::EndEntityUsedAsCa => Error::IssuerNotCa,
        E::PathLenConstraintViolated => Error::PathLength,
        E::NameConstraintViolation => Error::NameConstraints,
        E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => Error::Purpose,
        E::UnsupportedCriticalExtension => Error::CriticalExtension,
        E::MaximumPathBuildCallsExceeded
        | E::MaximumPathDepthExceeded
        | E::MaximumSignatureChecksExceeded => Error::ChainTooLong,
        _ => Error::Malformed,
    }
}

/// [`Purpose`] for authorities: one whose extended key usages exclude the purpose cannot certify for it.
struct ForPurpose(Purpose);

impl ExtendedKeyUsageValidator for ForPurpose {
    fn validate(&self, iter: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        let mut stated = Vec::new();
        for id in iter {
            let arcs = id?.to_decoded_oid().into_iter().map(u32::try_from).collect::<Result<Vec<_>, _>>();
            let arcs = arcs.map_err(|_| webpki::Error::BadDer)?;
            stated.push(
                x509_cert::der::asn1::ObjectIdentifier::from_arcs(arcs).map_err(|_| webpki::Error::BadDer)?,
            );
        }
        let stated = (!stated.is_empty()).then_some(stated.as_slice());
        if self.0.allowed_by(stated) { Ok(()) } else { Err(webpki::Error::EmptyEkuExtension) }
    }
}

/// How certificates may be signed: each curve with its own algorithm and no other. Authorities of states use P-384
/// and Ed25519 too, even where the leaf must be on P-256.
const ALGORITHMS: [&dyn SignatureVerificationAlgorithm; 3] =
    [&By(Curve::P256), &By(Curve::P384), &By(Curve::Ed25519)];

/// The algorithm of keys on a curve, of our own `crypto`, in the form that webpki asks for.
#[derive(Debug)]
struct By(Curve);

impl SignatureVerificationAlgorithm for By {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = PublicKey::from_bytes(self.0, public_key).map_err(|_| InvalidSignature)?;
        key.verify_der(message, signature).map_err(|_| InvalidSignature)
    }
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self.0 {
            Curve::P256 => alg_id::ECDSA_P256,
            Curve::P384 => alg_id::ECDSA_P384,
            Curve::Ed25519 => alg_id::ED25519,
        }
    }
    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.0 {
            Curve::P256 => alg_id::ECDSA_SHA256,
            Curve::P384 => alg_id::ECDSA_SHA384,
            Curve::Ed25519 => alg_id::ED25519,
        }
    }
}
