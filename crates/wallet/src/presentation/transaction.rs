//! What a person approves beside showing claims.
//!
//! A type is known if its identifier is an address at the asker's own verified origin, where the asker publishes what
//! its members are called, in the shape of EUDI TS12. Whatever has no label there cannot be shown, so it cannot be
//! approved: the request is refused (`OpenID4VP` 1.0, sections 5.1 and 8.5).

use formats::{json, json::Object, vp::TransactionData};
use serde_json::Value;
use url::Url;

use super::Error;
use crate::{contents::Localised, http};

/// Members of transaction data that every type has; `payload` holds the type's own.
const COMMON: [&str; 4] = ["type", "credential_ids", "transaction_data_hashes_alg", PAYLOAD];
const PAYLOAD: &str = "payload";

/// How many labels a type may have.
const LABELS_MAX: usize = 64;

/// What is to be approved, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The type.
    pub kind: String,
    /// What the person is asked to do, as a heading, in the asker's words.
    pub titles: Localised,
    /// Its members with their labels, in the order in which the type has them.
    pub lines: Vec<TransactionLine>,
    /// The decoded JSON text, as received.
    pub text: String,
}

/// A member of what is to be approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionLine {
    /// What the asker calls it.
    pub labels: Localised,
    /// Its value.
    pub value: Value,
}

/// What an asker publishes about a type.
#[derive(Debug, Clone)]
pub(super) struct Type {
    kind: String,
    titles: Localised,
    schema: Object,
    /// Paths within the payload, with their labels.
    labels: Vec<(Vec<String>, Localised)>,
}

impl Type {
    /// Reads what was fetched from the type's own address.
    pub(super) fn parse(body: &[u8], kind: &str) -> Result<Self, Error> {
        let document = json::parse_object(body).map_err(|_| Error::TransactionUnknown)?;
        if document.get("type").and_then(Value::as_str) != Some(kind) {
            return Err(Error::TransactionUnknown);
        }
        let claims = document.get("claims").and_then(Value::as_array).ok_or(Error::TransactionUnknown)?;
        let schema = document.get("schema").and_then(Value::as_object).ok_or(Error::TransactionUnknown)?;
        if claims.len() > LABELS_MAX {
            return Err(Error::TransactionUnknown);
        }
        let titles = document.get("ui_labels").and_then(|labels| labels.get("transaction_title"));
        Ok(Self {
            kind: kind.to_owned(),
            titles: localised(titles),
            schema: schema.clone(),
            labels: claims.iter().filter_map(label).collect(),
        })
    }

    /// What is to be approved, if everything in it can be shown.
    pub(super) fn show(&self, asked: &TransactionData) -> Result<Transaction, Error> {
        if asked.kind() != self.kind || asked.object().keys().any(|name| !COMMON.contains(&name.as_str())) {
            return Err(Error::TransactionUnknown);
        }
        let payload = asked.payload().ok_or(Error::TransactionUnknown)?;
        let whole = payload.iter().all(|(name, value)| self.covers(&[name], value));
        if !whole || !fits(payload, &self.schema) {
            return Err(Error::TransactionUnknown);
        }
        let lines = self.labels.iter().filter_map(|(path, labels)| {
            let (first, rest) = path.split_first()?;
            let value = rest.iter().try_fold(payload.get(first)?, |value, name| value.get(name))?;
            Some(TransactionLine { labels: labels.clone(), value: value.clone() })
        });
        let text = formats::b64::decode(asked.as_str()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(Transaction {
            kind: self.kind.clone(),
            titles: self.titles.clone(),
            lines: lines.collect(),
            text: text.ok_or(Error::TransactionUnknown)?,
        })
    }

    /// Whether the value at `path`, or each part of it, has a label.
    fn covers(&self, path: &[&str], value: &Value) -> bool {
        if self
            .labels
            .iter()
            .any(|(labelled, _)| labelled.iter().map(String::as_str).eq(path.iter().copied()))
        {
            return true;
        }
        value.as_object().is_some_and(|members| {
            !members.is_empty()
                && members.iter().all(|(name, value)| self.covers(&[path, &[name]].concat(), value))
        })
    }
}

/// Where the asker that is answered at `response_uri` publishes the type: at its own origin, or nowhere.
pub(super) fn type_address(kind: &str, response_uri: &str, insecure_loopback: bool) -> Result<Url, Error> {
    let url = http::address(kind, insecure_loopback).map_err(|_| Error::TransactionUnknown)?;
    let answered = Url::parse(response_uri).map_err(|_| Error::TransactionUnknown)?;
    if url.origin() == answered.origin() { Ok(url) } else { Err(Error::TransactionUnknown) }
}

/// Whether the members that the schema requires are there and have the types that it names. The asker validates the
/// rest against the whole schema when it asks.
fn fits(payload: &Object, schema: &Object) -> bool {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let there = required.filter_map(Value::as_str).all(|name| payload.contains_key(name));
    let properties = schema.get("properties");
    there
        && payload.iter().all(|(name, value)| {
            let kind =
                properties.and_then(|p| p.get(name)).and_then(|p| p.get("type")).and_then(Value::as_str);
            match kind {
                Some("string") => value.is_string(),
                Some("integer") => value.is_i64() || value.is_u64(),
                Some("number") => value.is_number(),
                Some("boolean") => value.is_boolean(),
                Some("object") => value.is_object(),
                Some("array") => value.is_array(),
                _ => true,
            }
        })
}

fn label(claim: &Value) -> Option<(Vec<String>, Localised)> {
    let labels = localised(claim.get("display"));
    let path = claim.get("path")?.as_array()?.iter().map(|part| part.as_str().map(str::to_owned));
    let mut path = path.collect::<Option<Vec<String>>>()?;
    if path.len() < 2 || path.remove(0) != PAYLOAD || labels.0.is_empty() {
        return None;
    }
    Some((path, labels))
}

/// TS12's examples say `lang` where SD-JWT VC says `locale`, and the text is a `label`, `name` or `value`.
fn localised(entries: Option<&Value>) -> Localised {
    let entry = |entry: &Value| {
        let text = |names: &[&str]| names.iter().find_map(|name| entry.get(name)).and_then(Value::as_str);
        Some((
            text(&["locale", "lang"]).unwrap_or_default().to_owned(),
            text(&["label", "name", "value"])?.to_owned(),
        ))
    };
    Localised(entries.and_then(Value::as_array).into_iter().flatten().filter_map(entry).collect())
}
