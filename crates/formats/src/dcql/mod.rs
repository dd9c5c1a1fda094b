//! DCQL, the query language in which an asker says what it wants to see (OpenID4VP 1.0, section 6).
//!
//! Read in this order: the types here, `parse` (what is accepted from outside), `select` (what a holder could
//! answer, and whether an answer satisfies the query).
//!
//! Spoken here now: `credentials` with `id`, `format`, `meta.vct_values` and `claims` with flat paths.
//! What the standard has beyond that is refused by name ([`Error::Unsupported`]) and never skipped: a wallet that
//! overlooked `values` or `claim_sets` would show more than it was asked for.
//! Members that the standard does not know are ignored, as it demands, and not sent on.

mod parse;
mod select;

use std::fmt;

use serde_json::Value;

pub use select::{Candidate, Held, Presented, Selection, Unsatisfied};

/// A query: what one request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Every one of these is asked for (until `credential_sets` come, none is optional). Never empty.
    pub credentials: Vec<CredentialQuery>,
}

/// A query for one credential (section 6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialQuery {
    /// Names the credential in the answer; unique in the query; letters, digits, `_`, `-`.
    pub id: String,
    /// The credential's format.
    pub format: Format,
    /// Types of which the credential must be one (Appendix B.3.5). Never empty.
    pub vct_values: Vec<String>,
    /// The claims that are all asked for. Empty asks for nothing that is selectively disclosable.
    pub claims: Vec<ClaimsQuery>,
}

/// A query for one claim (section 6.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsQuery {
    /// Names the claim inside the credential query.
    pub id: Option<String>,
    /// Where the claim is.
    pub path: ClaimPath,
}

/// A credential format identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// SD-JWT VC, `dc+sd-jwt`.
    SdJwtVc,
}

impl Format {
    /// The identifier used on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SdJwtVc => "dc+sd-jwt",
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
    /// It uses a part of the language that is not spoken here yet.
    #[error("dcql_query uses {0}, which is not supported")]
    Unsupported(&'static str),
    /// It has more queries than the limits allow.
    #[error("dcql_query is too large: {0}")]
    TooLarge(&'static str),
    /// It asks for a claim that every presentation shows anyway (section "what is usually missed": do not ask).
    #[error("dcql_query asks for a claim that is never selectively disclosable")]
    NeverDisclosable,
}

impl Error {
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
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
