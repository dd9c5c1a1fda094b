//! Status list aggregation (draft-ietf-oauth-status-list-14, section 9): all the lists of an issuer, so that they can be
//! fetched before anybody asks, and looked at without telling whose credential is.

use base::limits::STATUS_AGGREGATION_MAX;
use serde_json::{Value, json};

use crate::json as strict;

/// The addresses of status list tokens; served as `application/json`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aggregation {
    /// None is empty. One list that cannot be had, or is refused, says nothing of the others (section 9).
    pub status_lists: Vec<String>,
}

/// Why an aggregation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AggregationError {
    /// Not JSON that we read.
    #[error("not JSON that is read: {0}")]
    Json(#[from] strict::Error),
    /// `status_lists` is missing, or is not an array of addresses.
    #[error("status_lists is not an array of addresses")]
    Malformed,
    /// More than [`STATUS_AGGREGATION_MAX`] lists.
    #[error("too many status lists")]
    TooMany,
}

impl AggregationError {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Json(fault) => fault.code(),
            Self::Malformed => "status_aggregation_malformed",
            Self::TooMany => "status_aggregation_too_many",
        }
    }
}

impl Aggregation {
    /// Reads a document, as it was received.
    pub fn parse(document: &[u8]) -> Result<Self, AggregationError> {
        let members = strict::parse_object(document)?;
        let lists = members.get("status_lists").and_then(Value::as_array);
        let lists = lists.ok_or(AggregationError::Malformed)?;
        if lists.len() > STATUS_AGGREGATION_MAX {
            return Err(AggregationError::TooMany);
        }
        let address = |list: &Value| list.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let status_lists = lists.iter().map(address).collect::<Option<_>>();
        Ok(Self { status_lists: status_lists.ok_or(AggregationError::Malformed)? })
    }

    /// The document to serve.
    pub fn to_document(&self) -> Vec<u8> {
        strict::canonical(&json!({ "status_lists": self.status_lists }))
    }
}
