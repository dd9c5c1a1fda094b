//! Selective disclosure for JWTs (RFC 9901), compact form.
//!
//! [`issue_planned`] makes one with disclosable parts at any level, and [`issue`] one with them at the top only.
//! [`SdJwt::parse`] reads one and keeps its bytes; [`SdJwt::process`] puts the disclosed claims back in their places
//! or refuses; [`SdJwt::select_paths`] leaves out what is not asked for. Signatures are verified elsewhere:
//! see [`crate::sd_jwt_vc`]. Read `disclosure` first, then `tree`, then `part` and `issue`.

mod disclosure;
mod issue;
mod part;
mod tree;

use std::sync::Arc;

use base::limits::{DISCLOSURES_MAX, JWT_BYTES_MAX, SD_JWT_BYTES_MAX};
use crypto::HashAlg;

pub use self::{
    disclosure::Disclosure,
    issue::{Decoys, Plan, issue, issue_planned},
};
pub(crate) use self::{
    issue::issue_beside,
    part::{Members, Part},
    tree::{Found, Node},
};
use crate::{b64, dcql::ClaimPath, json::Object, jws, jws::Jws};

/// The member that holds an object's digests.
const SD: &str = "_sd";
/// The one member of an array's element that is a digest.
const ELEMENT: &str = "...";
/// The member that names the hash; only at the top.
const SD_ALG: &str = "_sd_alg";

/// Why an SD-JWT is refused, or cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than [`SD_JWT_BYTES_MAX`].
    #[error("longer than the limit")]
    TooLong,
    /// Not parts joined by `~`, or one of them empty.
    #[error("not an SD-JWT")]
    Malformed,
    /// The issuer-signed JWT is refused.
    #[error("the issuer-signed JWT: {0}")]
    IssuerJwt(jws::Error),
    /// The key-binding JWT is refused.
    #[error("the key-binding JWT: {0}")]
    KeyBindingJwt(jws::Error),
    /// `_sd_alg` names no hash that we know.
    #[error("the hash algorithm is not supported")]
    HashAlg,
    /// More than [`DISCLOSURES_MAX`] disclosures.
    #[error("too many disclosures")]
    TooManyDisclosures,
    /// A disclosure is not base64url of a JSON array of salt, name if any, and value.
    #[error("a disclosure is malformed")]
    DisclosureMalformed,
    /// A disclosure stands there twice.
    #[error("a disclosure is repeated")]
    DisclosureRepeated,
    /// No digest refers to a disclosure.
    #[error("a disclosure is not referred to")]
    DisclosureUnused,
    /// A disclosure of a member stands for an array's element, or the other way round.
    #[error("a disclosure has the wrong number of elements")]
    DisclosureArity,
    /// A disclosed claim has a name that the format keeps for itself, or such a name is used for something else.
    #[error("a reserved claim name is used")]
    ReservedName,
    /// A disclosed claim has the name of one that is there already.
    #[error("a disclosed claim shadows another")]
    ClaimShadowed,
    /// `_sd` or `...` does not hold digests.
    #[error("a digest is malformed")]
    DigestMalformed,
    /// A digest stands there twice.
    #[error("a digest is repeated")]
    DigestRepeated,
    /// Nested deeper than [`base::limits::JSON_DEPTH_MAX`] once everything is in its place.
    #[error("nested too deep")]
    TooDeep,
    /// A path names a member of something that is no object, or an element of something that is no array.
    #[error("a path does not fit the claims")]
    PathUnfit,
    /// A path leads to nothing.
    #[error("a path leads to no claim")]
    PathNotFound,
    /// The signer could not sign, or the header is not an object.
    #[error("the issuer-signed JWT cannot be made: {0}")]
    Signing(jws::Error),
}

impl Error {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "sd_jwt_too_long",
            Self::Malformed => "sd_jwt_malformed",
            Self::IssuerJwt(fault) => fault.code(),
            Self::KeyBindingJwt(_) => "key_binding_malformed",
            Self::HashAlg => "sd_alg",
            Self::TooManyDisclosures => "disclosures_too_many",
            Self::DisclosureMalformed => "disclosure_malformed",
            Self::DisclosureRepeated => "disclosure_repeated",
            Self::DisclosureUnused => "disclosure_unused",
            Self::DisclosureArity => "disclosure_arity",
            Self::ReservedName => "claim_reserved",
            Self::ClaimShadowed => "claim_shadowed",
            Self::DigestMalformed => "digest_malformed",
            Self::DigestRepeated => "digest_repeated",
            Self::TooDeep => "sd_jwt_too_deep",
            Self::PathUnfit => "path_unfit",
            Self::PathNotFound => "path_not_found",
            Self::Signing(_) => "signing_failed",
        }
    }
}

/// An SD-JWT, with or without a key-binding JWT, with the text that was received.
#[derive(Debug, Clone)]
pub struct SdJwt {
    text: Arc<str>,
    /// Length of everything before the key-binding JWT, the last `~` included: what `sd_hash` covers.
    bound_len: usize,
    issuer_jwt: Jws,
    payload: Object,
    hash: HashAlg,
    disclosures: Vec<Disclosure>,
    key_binding: Option<Jws>,
}

impl SdJwt {
    /// Reads the compact form (RFC 9901, section 4). Verifies no signature.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > SD_JWT_BYTES_MAX {
            return Err(Error::TooLong);
        }
        let whole: Arc<str> = text.into();
        let (bound, key_binding) = text.rsplit_once('~').ok_or(Error::Malformed)?;
        let bound_len = bound.len().saturating_add(1);
        let mut parts = bound.split('~');
        let issuer_jwt_len = parts.next().unwrap_or_default().len();
        let issuer_jwt =
            Jws::parse_part(&whole, 0..issuer_jwt_len, JWT_BYTES_MAX).map_err(Error::IssuerJwt)?;
        let payload = issuer_jwt.claims().map_err(Error::IssuerJwt)?;
        let hash = match payload.get(SD_ALG) {
            None => HashAlg::Sha256,
            Some(name) => name.as_str().and_then(HashAlg::from_name).ok_or(Error::HashAlg)?,
        };
        let mut disclosures = Vec::new();
        for part in parts {
            if part.is_empty() {
                return Err(Error::Malformed);
            }
            if disclosures.len() == DISCLOSURES_MAX {
                return Err(Error::TooManyDisclosures);
            }
            disclosures.push(Disclosure::parse(part, hash)?);
        }
        let key_binding = if key_binding.is_empty() {
            None
        } else {
            let jwt = Jws::parse_part(&whole, bound_len..text.len(), JWT_BYTES_MAX);
            Some(jwt.map_err(Error::KeyBindingJwt)?)
        };
        Ok(Self { text: whole, bound_len, issuer_jwt, payload, hash, disclosures, key_binding })
    }

    /// The text as received.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The issuer-signed JWT.
    pub fn issuer_jwt(&self) -> &Jws {
        &self.issuer_jwt
    }

    /// The issuer-signed JWT's claims as they stand there, digests and all.
    pub fn payload(&self) -> &Object {
        &self.payload
    }

    /// The key-binding JWT, if one was sent along.
    pub fn key_binding(&self) -> Option<&Jws> {
        self.key_binding.as_ref()
    }

    /// The disclosures in the order in which they came.
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// The claims with what is disclosed in its place, and without digests (RFC 9901, section 7.1, steps 3 to 5):
    /// members and elements that are not disclosed are not there.
    /// Means nothing until the issuer's signature has been verified.
    pub fn process(&self) -> Result<Object, Error> {
        Ok(self.tree()?.to_object())
    }

    /// The same, each part with its disclosure.
    pub(crate) fn tree(&self) -> Result<Node<'_>, Error> {
        Node::build(&self.payload, &self.disclosures)
    }

    /// Where in the claims that [`SdJwt::process`] answers the parts are that came in a disclosure of their own:
    /// names and indices, no wildcards. In a credential as it was issued, all that can be selected one by one.
    pub fn disclosed_paths(&self) -> Result<Vec<ClaimPath>, Error> {
        Ok(self.tree()?.disclosed_paths())
    }

    /// Everything before the key-binding JWT, as received.
    pub fn without_key_binding(&self) -> &str {
        self.text.get(..self.bound_len).unwrap_or_default()
    }

    /// What a key-binding JWT says of the text before it, as received (RFC 9901, section 4.3.1).
    pub fn sd_hash(&self) -> String {
        self.sd_hash_of(self.without_key_binding())
    }

    /// The `sd_hash` of another presentation of this SD-JWT, such as [`SdJwt::select`] makes.
    pub fn sd_hash_of(&self, presentation: &str) -> String {
        b64::encode(&self.hash.digest(presentation.as_bytes()))
    }

    /// The SD-JWT with only what is needed to show the parts at `paths`, each with all that is in it, and what these
    /// parts stand in; what is beside them stays hidden. Indices count the elements that [`SdJwt::process`] answers.
    /// Ends in `~`.
    ///
    /// [`Error::PathNotFound`] and [`Error::PathUnfit`] say that a path leads to nothing: nothing is sent then.
    pub fn select_paths(&self, paths: &[ClaimPath]) -> Result<String, Error> {
        let tree = self.tree()?;
        let mut kept = vec![false; self.disclosures.len()];
        for path in paths {
            for found in tree.at(path.parts())? {
                found.keep(&mut kept);
            }
        }
        Ok(self.with(&kept))
    }

    /// The SD-JWT with only those disclosures that belong to a top-level claim whose name `keep` accepts:
    /// the claim's own, and all that stand in it. Ends in `~`. Shows nothing if [`SdJwt::process`] refuses.
    pub fn select(&self, keep: impl Fn(&str) -> bool) -> String {
        let mut kept = vec![false; self.disclosures.len()];
        if let Ok(tree) = self.tree() {
            tree.members().filter(|(name, _)| keep(name)).for_each(|(_, node)| node.keep_within(&mut kept));
        }
        self.with(&kept)
    }

    /// The SD-JWT with only those disclosures that `keep` accepts, and those that these stand in. Ends in `~`.
    /// Shows nothing if [`SdJwt::process`] refuses.
    pub fn select_disclosures(&self, keep: impl Fn(&Disclosure) -> bool) -> String {
        let mut kept = vec![false; self.disclosures.len()];
        if let Ok(tree) = self.tree() {
            kept = self.disclosures.iter().map(keep).collect();
            tree.keep_parents(&mut kept);
        }
        self.with(&kept)
    }

    fn with(&self, kept: &[bool]) -> String {
        let mut text = format!("{}~", self.issuer_jwt.as_str());
        for (disclosure, _) in self.disclosures.iter().zip(kept).filter(|(_, kept)| **kept) {
            text.push_str(disclosure.as_str());
            text.push('~');
        }
        text
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod judge;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
