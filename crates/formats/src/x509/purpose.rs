//! What a certificate is for.

use x509_cert::der::asn1::ObjectIdentifier;

/// What a leaf's key is used for.
///
/// Purposes are kept apart where a number (extended key usage, RFC 5280, section 4.2.1.12) exists. A certificate
/// *without* extended key usages is good for each: the profiles do not demand one. One that names only other known
/// purposes is refused, since naming some forbids all others. Numbers that we do not know may stand for any signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// Signing credentials, and the status lists of these. Ours carry the number of mdoc's document signers
    /// (ISO/IEC 18013-5, annex B): SD-JWT VC has none, and the same key will sign both formats.
    CredentialSigning,
    /// Signing presentation requests. Ours carry the number of mdoc readers (ISO/IEC 18013-5, annex B).
    RequestSigning,
    /// Serving TLS.
    Tls,
}

const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const MDOC_SIGNER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.0.18013.5.1.2");
const MDOC_READER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.0.18013.5.1.6");
/// `anyExtendedKeyUsage`.
const ANY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
/// Other purposes with a number: client authentication, code signing, mail protection, time stamping, signing OCSP
/// answers, mdoc's revocation lists.
const OTHERS: [ObjectIdentifier; 6] = [
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9"),
    ObjectIdentifier::new_unwrap("1.0.18013.5.1.4"),
];

impl Purpose {
    /// Its number.
    pub(super) const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::CredentialSigning => MDOC_SIGNER,
            Self::RequestSigning => MDOC_READER,
            Self::Tls => SERVER_AUTH,
        }
    }

    /// Whether a certificate with these extended key usages may be used for it.
    pub(super) fn allowed_by(self, stated: Option<&[ObjectIdentifier]>) -> bool {
        let known = [SERVER_AUTH, MDOC_SIGNER, MDOC_READER];
        let fits = |oid: &ObjectIdentifier| {
            let unknown = !known.contains(oid) && !OTHERS.contains(oid);
            *oid == self.oid() || *oid == ANY || (unknown && self != Self::Tls)
        };
        stated.is_none_or(|stated| stated.iter().any(fits))
    }
}
