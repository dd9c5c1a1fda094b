//! A credential held against its type (sections "Claim Mandatory Metadata" and "Claim Selective Disclosure Metadata").

use serde_json::Value;

use super::{ClaimMetadata, ResolvedType, Sd};
use crate::{
    dcql::ClaimPath,
    sd_jwt::{self, Found, Node, SdJwt},
};

/// How much of a credential somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// All of it: an issuer, and a wallet that receives it.
    Whole,
    /// What is disclosed: a verifier. That a claim is missing says little then: only one at the top that is mandatory
    /// and never selectively disclosable must be seen.
    Presented,
}

/// Why a credential is not one of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Its disclosures do not fit.
    #[error("the SD-JWT: {0}")]
    SdJwt(#[from] sd_jwt::Error),
    /// It is of another type.
    #[error("the credential is of another type")]
    Vct,
    /// A claim is not of the shape that its path expects.
    #[error("the claims do not have the shape of {0}")]
    Path(ClaimPath),
    /// A mandatory claim is missing.
    #[error("the mandatory claim {0} is missing")]
    Mandatory(ClaimPath),
    /// A claim is in the open that must be selectively disclosable.
    #[error("the claim {0} is not selectively disclosable")]
    SdAlways(ClaimPath),
    /// A claim is selectively disclosable that must not be.
    #[error("the claim {0} is selectively disclosable")]
    SdNever(ClaimPath),
}

impl Violation {
    /// A stable name.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SdJwt(fault) => fault.code(),
            Self::Vct => "type_vct",
            Self::Path(_) => "type_path",
            Self::Mandatory(_) => "type_mandatory",
            Self::SdAlways(_) => "type_sd_always",
            Self::SdNever(_) => "type_sd_never",
        }
    }
}

impl ResolvedType {
    /// Whether a credential, whose signature is verified elsewhere, keeps the rules of this type.
    pub fn check(&self, sd_jwt: &SdJwt, view: View) -> Result<(), Violation> {
        if sd_jwt.payload().get("vct").and_then(Value::as_str) != Some(&self.vct) {
            return Err(Violation::Vct);
        }
        let claims = sd_jwt.tree()?;
        self.claims.iter().try_for_each(|rule| rule.check(&claims, view))
    }
}

impl ClaimMetadata {
    fn check(&self, claims: &Node<'_>, view: View) -> Result<(), Violation> {
        let sd = self.sd.unwrap_or_default();
        let found = match claims.at(self.path.parts()) {
            Ok(found) => found,
            Err(sd_jwt::Error::PathNotFound) => Vec::new(),
            Err(_) => return Err(Violation::Path(self.path.clone())),
        };
        let must_be_seen = match view {
            View::Whole => true,
            View::Presented => sd == Sd::Never && self.path.parts().len() == 1,
        };
        if found.is_empty() && self.mandatory == Some(true) && must_be_seen {
            return Err(Violation::Mandatory(self.path.clone()));
        }
        match sd {
            Sd::Always if found.iter().any(|part| !part.is_disclosed()) => {
                Err(Violation::SdAlways(self.path.clone()))
            }
            Sd::Never if found.iter().any(Found::is_disclosed) => Err(Violation::SdNever(self.path.clone())),
            _ => Ok(()),
        }
    }
}
