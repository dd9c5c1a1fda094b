//! What a person approves beside showing claims.
//!
//! A type is known if its identifier is an address at the asker's own verified origin, where the asker publishes what
//! its members are called. Whatever has no label there cannot be shown, so it cannot be approved: the request is
//! refused (`OpenID4VP` 1.0, sections 5.1 and 8.5).

use formats::{json, vp::TransactionData};
use serde_json::Value;
use url::Url;

use super::Error;
use crate::{contents::Localised, http};

/// Members of transaction data that every type has; `payload` holds the type's own.
const COMMON: [&str; 4] = ["type", "credential_ids", "transaction_data_hashes_alg", "payload"];

/// How many members a type may have.
const MEMBERS_MAX: usize = 64;

/// What is to be approved, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The type.
    pub kind: String,
    /// What the asker calls it.
    pub names: Localised,
    /// Its members with their labels, in the order in which the type has them.
    pub lines: Vec<TransactionLine>,
    /// The decoded JSON text, as received.
    pub text: String,
}

/// A member of what is to be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionLine {
    /// What the asker calls it.
    pub names: Localised,
    /// Its value.
    pub value: Value,
}

/// What an asker publishes about a type: `{"type", "display": [{"name", "locale"}], "claims": [{"path": ["payload", …],
/// "display": [{"name", "locale"}]}]}`, the shape of EUDI TS12.
#[derive(Debug, Clone)]
pub(super) struct Type {
    kind: String,
    names: Localised,
    members: Vec<(String, Localised)>,
}

impl Type {
    /// Reads what was fetched from the type's own address.
    pub(super) fn parse(body: &[u8], kind: &str) -> Result<Self, Error> {
        let document = json::parse_object(body).map_err(|_| Error::TransactionUnknown)?;
        if document.get("type").and_then(Value::as_str) != Some(kind) {
            return Err(Error::TransactionUnknown);
        }
        let claims = document.get("claims").and_then(Value::as_array).ok_or(Error::TransactionUnknown)?;
        if claims.len() > MEMBERS_MAX {
            return Err(Error::TransactionUnknown);
        }
        let members = claims.iter().filter_map(member).collect();
        Ok(Self { kind: kind.to_owned(), names: localised(document.get("display")), members })
    }

    /// What is to be approved, if everything in it can be shown.
    pub(super) fn show(&self, asked: &TransactionData) -> Result<Transaction, Error> {
        if asked.kind() != self.kind || asked.object().keys().any(|name| !COMMON.contains(&name.as_str())) {
            return Err(Error::TransactionUnknown);
        }
        let payload = asked.payload().ok_or(Error::TransactionUnknown)?;
        if payload.keys().any(|name| self.members.iter().all(|(member, _)| member != name)) {
            return Err(Error::TransactionUnknown);
        }
        let lines = self.members.iter().filter_map(|(name, names)| {
            payload.get(name).map(|value| TransactionLine { names: names.clone(), value: value.clone() })
        });
        let text = formats::b64::decode(asked.as_str()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(Transaction {
            kind: self.kind.clone(),
            names: self.names.clone(),
            lines: lines.collect(),
            text: text.ok_or(Error::TransactionUnknown)?,
        })
    }
}

/// Where the asker that is answered at `response_uri` publishes the type: at its own origin, or nowhere.
pub(super) fn type_address(kind: &str, response_uri: &str, insecure_loopback: bool) -> Result<Url, Error> {
    let url = http::address(kind, insecure_loopback).map_err(|_| Error::TransactionUnknown)?;
    let answered = Url::parse(response_uri).map_err(|_| Error::TransactionUnknown)?;
    if url.origin() == answered.origin() { Ok(url) } else { Err(Error::TransactionUnknown) }
}

fn member(claim: &Value) -> Option<(String, Localised)> {
    let names = localised(claim.get("display"));
    match claim.get("path")?.as_array()?.as_slice() {
        [Value::String(payload), Value::String(name)] if payload == "payload" && !names.0.is_empty() => {
            Some((name.clone(), names))
        }
        _ => None,
    }
}

/// TS12's examples say `lang` where SD-JWT VC says `locale`: both are read.
fn localised(display: Option<&Value>) -> Localised {
    let entries = display.and_then(Value::as_array).into_iter().flatten();
    let entry = |entry: &Value| {
        let tag = entry.get("locale").or_else(|| entry.get("lang")).and_then(Value::as_str).unwrap_or_default();
        Some((tag.to_owned(), entry.get("name")?.as_str()?.to_owned()))
    };
    Localised(entries.filter_map(entry).collect())
}
