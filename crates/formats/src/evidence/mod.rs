//! What an act leaves behind: one canonical JSON document (RFC 8785) that holds, by value, what was asked, what was
//! answered, the status lists that were looked at, the result and the time.
//!
//! Read [`Evidence`] first (the document), then [`check`] (what anybody can find out from its bytes alone, and what
//! not). [`leaf_hash`] is the salted commitment that goes into a log: the document can be erased, the leaf stays.

mod check;

use std::collections::BTreeMap;

use base::{Instant, limits::EVIDENCE_BYTES_MAX};
use serde_json::{Map, Value, json};

pub use check::{
    Kind, Part, Report, Trust, Verdict, check, check_credential, check_evidence, check_status_token,
};

use crate::{
    json as strict,
    jws::Jws,
    sd_jwt_vc::VerifiedCredential,
    vp::{VerifiedAnswer, VpToken},
    x509::TrustAnchors,
};

/// `type` of the document, which names its version.
pub const TYPE: &str = "urn:sahihi:evidence:2";
/// The first version, which is still read: of each query there was one presentation, and its claims stood in the result
/// without a list around them.
const FIRST_TYPE: &str = "urn:sahihi:evidence:1";

/// Whether documents of this type are read.
fn is_type(name: &str) -> bool {
    matches!(name, TYPE | FIRST_TYPE)
}

/// A status list token that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusCopy {
    /// Where it was fetched.
    pub uri: String,
    /// As it was fetched.
    pub token: String,
}

/// What came out. An invalid answer leaves no evidence: it is not the person's act.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Why nothing definite can be said; none if all is valid.
    pub undetermined: Option<String>,
    /// Verified claims of each credential, by credential query id.
    pub credentials: BTreeMap<String, Vec<Map<String, Value>>>,
    /// What was approved: transaction data as sent, and the credential's query id.
    pub approved: Vec<(String, String)>,
}

impl Finding {
    /// From what was verified.
    pub fn new(answer: &VerifiedAnswer, undetermined: Option<&str>) -> Self {
        let claims = |list: &Vec<VerifiedCredential>| list.iter().map(|c| c.claims.clone()).collect();
        let credentials = answer.credentials.iter().map(|(id, list)| (id.clone(), claims(list))).collect();
        let approved = answer
            .approved
            .iter()
            .map(|a| (a.transaction.as_str().to_owned(), a.credential_id.clone()))
            .collect();
        Self { undetermined: undetermined.map(str::to_owned), credentials, approved }
    }
}

/// The document.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The asker's identifier, an origin.
    pub asker: String,
    /// When the answer arrived, by the asker's clock.
    pub time: Instant,
    /// The request object, compact JWS as it was signed; of an asker without a certificate the link that carried it.
    pub request: String,
    /// The answer, `vp_token` as it was received. If it came encrypted, as it was decrypted: the presentations in it are
    /// signed and stay as they were, the object around them is written in canonical form.
    pub vp_token: String,
    /// Status list tokens, one an address.
    pub status_tokens: Vec<StatusCopy>,
    /// SHA-256 of each trust anchor that was configured, in hexadecimal.
    pub anchors: Vec<String>,
    /// What came out.
    pub result: Finding,
}

/// The bytes are not such a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotEvidence {
    /// Not JSON as we read it.
    #[error("the document is not JSON as required")]
    Json,
    /// JSON, but not canonical: somebody wrote it anew.
    #[error("the document is not in canonical form")]
    NotCanonical,
    /// Another type or version.
    #[error("the document is of another type")]
    Type,
    /// A member is missing, malformed, or unknown.
    #[error("a member of the document is malformed")]
    Member,
}

impl NotEvidence {
    /// The stable code of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Json => "evidence_json",
            Self::NotCanonical => "evidence_not_canonical",
            Self::Type => "evidence_type",
            Self::Member => "evidence_member",
        }
    }
}

impl Evidence {
    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        strict::canonical(&self.to_value(TYPE))
    }

    fn to_value(&self, version: &str) -> Value {
        let tokens: Vec<Value> =
            self.status_tokens.iter().map(|t| json!({ "uri": t.uri, "token": t.token })).collect();
        let approved: Vec<Value> = self
            .result
            .approved
            .iter()
            .map(|(transaction, id)| json!({ "transaction_data": transaction, "credential_id": id }))
            .collect();
        let credentials: Map<String, Value> = self
            .result
            .credentials
            .iter()
            .map(|(id, list)| match list.as_slice() {
                [one] if version == FIRST_TYPE => (id.clone(), json!(one)),
                list => (id.clone(), json!(list)),
            })
            .collect();
        json!({
            "type": version,
            "asker": self.asker,
            "time": self.time.rfc3339(),
            "request": self.request,
            "answer": { "vp_token": self.vp_token },
            "status_tokens": tokens,
            "anchors": self.anchors,
            "chains": self.chains(),
            "result": {
                "outcome": if self.result.undetermined.is_some() { "undetermined" } else { "valid" },
                "reason": self.result.undetermined,
                "credentials": credentials,
                "approved": approved,
            },
        })
    }

    /// SHA-256 of the certificates that came with the request and with each presentation, leaf first: they stand in
    /// `x5c` by value, this is for people to compare. Computed, never stored apart from the bytes.
    fn chains(&self) -> BTreeMap<String, Vec<String>> {
        let chain = |jws: &str| {
            let chain = Jws::parse(jws).ok().and_then(|jws| jws.header.x5c).unwrap_or_default();
            chain.iter().map(|der| hex(&crypto::sha256(der))).collect::<Vec<_>>()
        };
        let mut chains = BTreeMap::from([("request".to_owned(), chain(&self.request))]);
        if let Ok(vp_token) = VpToken::parse(&self.vp_token) {
            for (id, presentations) in vp_token.presentations() {
                for (n, presentation) in presentations.iter().enumerate() {
                    let jws = presentation.split('~').next().unwrap_or_default();
                    chains.insert(format!("answer.{}", numbered(id, n)), chain(jws));
                }
            }
        }
        chains
    }

    /// Reads a document; every member must be there, no other may be, and the text must be canonical.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotEvidence> {
        use NotEvidence as N;
        let value = strict::parse_within(bytes, EVIDENCE_BYTES_MAX).map_err(|_| N::Json)?;
        let version = value.get("type").and_then(Value::as_str).filter(|t| is_type(t)).ok_or(N::Type)?;
        if strict::canonical(&value) != bytes {
            return Err(N::NotCanonical);
        }
        let evidence = Self::from_value(&value).ok_or(N::Member)?;
        // What was read, written again, is what there was: nothing was overlooked, and the computed members are right.
        if strict::canonical(&evidence.to_value(version)) == bytes { Ok(evidence) } else { Err(N::Member) }
    }

    fn from_value(value: &Value) -> Option<Self> {
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned();
        let result = value.get("result")?;
        let credentials = result
            .get("credentials")?
            .as_object()?
            .iter()
            .map(|(id, list)| {
                let list = list.as_array().map_or(std::slice::from_ref(list), Vec::as_slice);
                let claims = list.iter().map(|claims| claims.as_object().cloned());
                Some((id.clone(), claims.collect::<Option<_>>()?))
            })
            .collect::<Option<_>>()?;
        let approved = list(result, "approved")?
            .iter()
            .map(|a| Some((text(a, "transaction_data")?, text(a, "credential_id")?)))
            .collect::<Option<_>>()?;
        let status_tokens = list(value, "status_tokens")?
            .iter()
            .map(|t| Some(StatusCopy { uri: text(t, "uri")?, token: text(t, "token")? }))
            .collect::<Option<_>>()?;
        Some(Self {
            asker: text(value, "asker")?,
            time: Instant::parse_rfc3339(&text(value, "time")?)?,
            request: text(value, "request")?,
            vp_token: text(value.get("answer")?, "vp_token")?,
            status_tokens,
            anchors: list(value, "anchors")?
                .iter()
                .map(|a| a.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
            result: Finding { undetermined: text(result, "reason"), credentials, approved },
        })
    }
}

/// The fingerprints of anchors as the document names them.
pub fn fingerprints(anchors: &TrustAnchors) -> Vec<String> {
    anchors.iter().map(|a| hex(&a.certificate().sha256)).collect()
}

/// A log leaf for a document: SHA-256 of a 32-byte random salt and the bytes. Without the salt nobody can find out
/// by guessing what was committed to.
pub fn leaf_hash(salt: &[u8; 32], evidence: &[u8]) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(salt.len().saturating_add(evidence.len()));
    bytes.extend_from_slice(salt);
    bytes.extend_from_slice(evidence);
    crypto::sha256(&bytes)
}

/// What the presentation number `n` for the query `id` is called here: the first by the id alone.
fn numbered(id: &str, n: usize) -> String {
    if n == 0 { id.to_owned() } else { format!("{id}.{}", n.saturating_add(1)) }
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
