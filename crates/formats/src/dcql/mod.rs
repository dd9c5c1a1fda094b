//! DCQL, the query language in which an asker says what it wants to see (OpenID4VP 1.0, section 6).
//!
//! Read in this order: the types here, `parse` (what is accepted from outside), `path` (what a claims path pointer
//! leads to), `select` (what a holder could answer), `answer` (whether an answer satisfies the query).
//!
//! All of the language is spoken for SD-JWT VC. Queries for mdocs are read, and met by nothing; other formats, and
//! what ours cannot ask for yet ([`Query::check_before_asking`]), are refused by name ([`Error::Unsupported`]).
//! Members that the standard does not know are ignored, as it demands, and not sent on.

mod answer;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
mod oracle;
mod parse;
mod path;
mod select;

use std::fmt;

use serde_json::Value;

pub use answer::{Presented, Unsatisfied};
pub use select::{Answerable, AnswerableSet, Candidate, Held, Selection, authority_key_ids};

/// A query: what one request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What the credentials are. Never empty.
    pub credentials: Vec<CredentialQuery>,
    /// Which of them are asked for; empty asks for all of them.
    pub credential_sets: Vec<CredentialSet>,
}

/// What serves one purpose of the asker (section 6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialSet {
    /// Ids of credential queries: one of these lists is answered as a whole. Never empty, nor is any of them.
    pub options: Vec<Vec<String>>,
    /// Whether there is no answer without it.
    pub required: bool,
}

/// A query for one credential (section 6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialQuery {
    /// Names the credential in the answer; unique in the query; letters, digits, `_`, `-`.
    pub id: String,
    /// The credential's format.
    pub format: Format,
    /// Types of which the credential must be one (Appendix B.3.5). Empty only for an mdoc.
    pub vct_values: Vec<String>,
    /// The type that an mdoc must be of (Appendix B.2.3). None only for an SD-JWT VC.
    pub doctype: Option<String>,
    /// Whether several credentials may answer.
    pub multiple: bool,
    /// Who should have certified the issuer: one of these; empty names nobody (section 6.1.1).
    pub trusted_authorities: Vec<TrustedAuthority>,
    /// Whether the holder must prove that the credential is theirs.
    pub holder_binding: bool,
    /// The claims that are asked for. Empty asks for nothing that is selectively disclosable.
    pub claims: Vec<ClaimsQuery>,
    /// Ids of claims queries, the preferred combination first; empty asks for all claims (section 6.4.1).
    pub claim_sets: Vec<Vec<String>>,
}

/// Something by which to know who certified an issuer (section 6.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedAuthority {
    /// `aki`: key identifiers, one of which is the authority key identifier of a certificate in the credential.
    KeyIds(Vec<Vec<u8>>),
    /// Another type, such as `etsi_tl`: no credential is known to match it.
    Other {
        /// The type's identifier.
        kind: String,
        /// Its values.
        values: Vec<String>,
    },
}

/// A query for one claim (section 6.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsQuery {
    /// Names the claim inside the credential query.
    pub id: Option<String>,
    /// Where the claim is.
    pub path: ClaimPath,
    /// What it must be, one of these; empty takes any value.
    pub values: Vec<Expected>,
    /// Whether an asker of an mdoc means to keep it (Appendix B.2.4).
    pub intent_to_retain: Option<bool>,
}

/// A value that a claim is expected to have: type and value both match exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A string.
    Text(String),
    /// An integer, however it is written (RFC 8785, section 3.2.2.3: `1.0` is written `1`).
    Integer(i128),
    /// A boolean.
    Flag(bool),
}

/// A credential format identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// SD-JWT VC, `dc+sd-jwt`.
    SdJwtVc,
    /// ISO/IEC 18013-5 mdoc, `mso_mdoc`: can be asked for, is not held by anybody yet.
    MsoMdoc,
}

impl Format {
    /// The identifier used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SdJwtVc => "dc+sd-jwt",
            Self::MsoMdoc => "mso_mdoc",
        }
    }
}

/// A claims path pointer (section 7): never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimPath(Vec<PathPart>);

/// One component of a [`ClaimPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PathPart {
    /// A member of an object.
    Key(String),
    /// All elements of an array, `null`.
    All,
    /// One element of an array, counted from 0.
    Index(u32),
}

impl ClaimPath {
    /// The path to a claim at the top of the credential.
    pub fn top(name: impl Into<String>) -> Self {
        Self(vec![PathPart::Key(name.into())])
    }

    /// The path of these components, of which there is at least one and the first is a name.
    pub(crate) const fn from_parts(parts: Vec<PathPart>) -> Self {
        Self(parts)
    }

    /// The components.
    pub fn parts(&self) -> &[PathPart] {
        &self.0
    }

    /// The name of the claim at the top of the credential that this path begins with.
    pub fn first_key(&self) -> Option<&str> {
        match self.0.first() {
            Some(PathPart::Key(name)) => Some(name),
            _ => None,
        }
    }

    /// As the query writes it.
    pub fn to_value(&self) -> Value {
        self.0
            .iter()
            .map(|part| match part {
                PathPart::Key(name) => Value::from(name.as_str()),
                PathPart::All => Value::Null,
                PathPart::Index(index) => Value::from(*index),
            })
            .collect()
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, part) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(".")?;
            }
            match part {
                PathPart::Key(name) => f.write_str(name)?,
                PathPart::All => f.write_str("*")?,
                PathPart::Index(index) => write!(f, "{index}")?,
            }
        }
        Ok(())
    }
}

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not what section 6 describes; the text says where.
    #[error("dcql_query is malformed: {0}")]
    Malformed(&'static str),
    /// It uses a part of the language that is not spoken here.
    #[error("dcql_query uses {0}, which is not supported")]
    Unsupported(&'static str),
    /// It has more queries than the limits allow.
    #[error("dcql_query is too large: {0}")]
    TooLarge(&'static str),
    /// It asks for a claim that every presentation shows anyway .
    #[error("dcql_query asks for a claim that is never selectively disclosable")]
    NeverDisclosable,
}

impl Error {
    /// All of the codes.
    pub const CODES: [&str; 4] =
        ["dcql_malformed", "dcql_unsupported", "dcql_too_large", "dcql_never_disclosable"];

    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "dcql_malformed",
            Self::Unsupported(_) => "dcql_unsupported",
            Self::TooLarge(_) => "dcql_too_large",
            Self::NeverDisclosable => "dcql_never_disclosable",
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::needless_pass_by_value, reason = "tests")]
mod tests;
