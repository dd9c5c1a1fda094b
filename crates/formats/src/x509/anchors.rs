//! Trust anchors: certificates of authorities that are believed because they were configured.

use std::{fmt, sync::Arc};

use base::Instant;
use rustls_pki_types::{CertificateDer, TrustAnchor};
use x509_cert::der::{Document, pem::LineEnding};

use super::{Certificate, Error, proven::Proven};

/// What a certificate's PEM text is labelled (RFC 7468, section 5).
const LABEL: &str = "CERTIFICATE";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// One anchor.
#[derive(Debug, Clone)]
pub struct Anchor {
    certificate: Certificate,
    trust: TrustAnchor<'static>,
}

impl Anchor {
    fn new(der: &[u8]) -> Result<Self, Error> {
        let certificate = Certificate::parse(der)?;
        if !certificate.is_ca || certificate.key_usage.is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(Error::AnchorNotCa);
        }
        let owned = CertificateDer::from(der);
        let trust = webpki::anchor_from_trusted_cert(&owned).map_err(|_| Error::Malformed)?.to_owned();
        Ok(Self { certificate, trust })
    }

    /// What its certificate says: names, fingerprint, validity, for display.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    pub(super) const fn trust(&self) -> &TrustAnchor<'static> {
        &self.trust
    }

    /// Whether `now` is within its validity, both ends included.
    pub fn is_valid_at(&self, now: Instant) -> bool {
        (self.certificate.not_before.secs()..=self.certificate.not_after.secs()).contains(&now.secs())
    }
}

/// Anchors. Cheap to clone; clones share what was proven under them. The default has none, and trusts nobody.
#[derive(Clone, Default)]
pub struct TrustAnchors(Arc<Set>);

#[derive(Default)]
struct Set {
    anchors: Vec<Anchor>,
    proven: Proven,
}

impl TrustAnchors {
    /// The certificates of a PEM text, one or several.
    ///
    /// # Errors
    /// [`Error::Pem`], [`Error::TooLarge`], [`Error::Malformed`], [`Error::AnchorNotCa`].
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_ders(&certificates_from_pem(text)?)
    }

    /// One certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        Self::from_ders(&[der])
    }

    /// Several certificates.
    pub fn from_ders(ders: &[impl AsRef<[u8]>]) -> Result<Self, Error> {
        ders.iter().map(|der| Anchor::new(der.as_ref())).collect::<Result<Vec<_>, _>>().map(Self::of)
    }

    fn of(anchors: Vec<Anchor>) -> Self {
        Self(Arc::new(Set { anchors, proven: Proven::default() }))
    }

    /// Chains that were validated with these anchors and no others.
    pub(super) fn proven(&self) -> &Proven {
        &self.0.proven
    }

    /// These and those of `other`, each once.
    #[must_use]
    pub fn merged(&self, other: &Self) -> Self {
        let mut all = self.0.anchors.clone();
        for anchor in other {
            if all.iter().all(|known| known.certificate.sha256 != anchor.certificate.sha256) {
                all.push(anchor.clone());
            }
        }
        Self::of(all)
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Anchor> {
        self.0.anchors.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.anchors.is_empty()
    }

    /// PEM text of all of them.
    pub fn to_pem(&self) -> Result<String, Error> {
        self.iter().map(|anchor| certificate_to_pem(&anchor.certificate.der)).collect()
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TrustAnchors").field(&self.0.anchors).finish()
    }
}

impl<'a> IntoIterator for &'a TrustAnchors {
    type Item = &'a Anchor;
    type IntoIter = std::slice::Iter<'a, Anchor>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The DER of each certificate in a PEM text, in order; what is written between them is passed over.
///
/// # Errors
/// [`Error::Pem`] when there is none, or one is not well-formed.
pub fn certificates_from_pem(text: &str) -> Result<Vec<Vec<u8>>, Error> {
    let mut ders = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (body, tail) = after.split_once(END).ok_or(Error::Pem)?;
        let block = format!("{BEGIN}\n{}\n{END}\n", body.trim());
        let (label, document) = Document::from_pem(&block).map_err(|_| Error::Pem)?;
        if label != LABEL {
            return Err(Error::Pem);
        }
        ders.push(document.into_vec());
        rest = tail;
    }
    if ders.is_empty() { Err(Error::Pem) } else { Ok(ders) }
}

/// A certificate as PEM text.
pub fn certificate_to_pem(der: &[u8]) -> Result<String, Error> {
    Document::try_from(der).and_then(|d| d.to_pem(LABEL, LineEnding::LF)).map_err(|_| Error::Malformed)
}
