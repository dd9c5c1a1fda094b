//! SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-13, as HAIP 1.0, section 6.1, pins it): the credential.
//!
//! An issuer calls [`issue_planned`] or, where only claims at the top are disclosable, [`issue`]; a wallet
//! [`verify_received`] before it stores, and [`present_paths`] or [`present`] when it answers; a verifier [`verify`].
//! What the type says of the claims is checked by [`crate::type_metadata`]. Whether the credential is suspended or revoked is a question of its own:
//! see [`crate::status_list`]. Read [`Refusal`] for all that can be wrong.

mod issue;
mod key_binding;
mod present;
mod refusal;
mod verify;

use base::Instant;

pub(crate) use self::verify::verify_parsed;
pub use self::{
    issue::{Credential, IssueError, issue, issue_planned},
    key_binding::{KeyBinding, TransactionData, VerifiedKeyBinding, transaction_data_hash},
    present::{KeyBindingClaims, PresentError, TransactionDataHashes, present, present_paths},
    refusal::Refusal,
    verify::{VerifiedCredential, VerifyContext, verify, verify_received},
};

/// The media type of a credential, in `typ` (section 3.1).
pub const TYP: &str = "dc+sd-jwt";
/// The media type of a key-binding JWT, in `typ` (RFC 9901, section 4.3).
pub const KEY_BINDING_TYP: &str = "kb+jwt";

/// Claims that are never in a disclosure (section 3.2.2.2).
const PROTECTED: [&str; 7] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"];
/// What is kept apart from the claims about the person: the protected claims, and the time of issuance.
const PROTOCOL: [&str; 8] = ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "iat"];

/// Where a credential's status stands (draft-ietf-oauth-status-list-14, section 6.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatusRef {
    /// The status list's address.
    pub uri: String,
    /// The index there.
    pub idx: u64,
}

/// Reads a `NumericDate` (RFC 7519, section 2); fractions of a millisecond are cut.
pub(crate) fn numeric_date(value: &serde_json::Value) -> Option<Instant> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates, and what is that far away is only compared"
    )]
    let from_float = |secs: f64| Instant::from_ms((secs * 1_000.0) as i64);
    value.as_i64().map(Instant::from_secs).or_else(|| value.as_f64().map(from_float))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
