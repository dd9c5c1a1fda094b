//! What can be approved: types that register themselves, each with a JSON Schema and labels in six languages.
//!
//! A type is an address under the asker's origin, `{identifier}/types/…/1`, at which anybody can read what it means.
//! The document has the members that EUDI TS12 gives to types of transaction data, so that wallets that know those
//! can show ours.

use std::sync::Arc;

use base::{Lang, Texts};
use serde_json::{Map, Value, json};

/// A type of transaction data.
#[derive(Debug, Clone)]
pub struct TransactionType {
    /// The path under the identifier: `/types/agreement/1`.
    pub path: String,
    /// JSON Schema (2020-12) of the payload; it allows no members but its own.
    pub schema: Value,
    /// What the person is asked to do, as a heading: "Agree to a text".
    pub title: Texts,
    /// What the button says: "Agree".
    pub action: Texts,
    /// Each member that is shown, with its label, in the order in which it is shown.
    pub labels: Vec<Label>,
}

/// The label of a member of the payload.
#[derive(Debug, Clone)]
pub struct Label {
    /// Where the member is, from the top of the payload.
    pub path: Vec<String>,
    /// Its label.
    pub label: Texts,
}

/// Why a type cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypeRefusal {
    /// Its path is not `/types/{name}/{version}`.
    #[error("the path of a type is /types/ and a name and a version")]
    Path,
    /// Its schema is none, or would let through what nobody described.
    #[error("the schema is refused: {0}")]
    Schema(String),
    /// The type is registered already.
    #[error("the type is registered already")]
    Taken,
}

/// A type that is ready for use.
#[derive(Clone)]
pub(crate) struct Compiled {
    kind: String,
    path: String,
    document: Value,
    title: Texts,
    labels: Vec<Label>,
    validator: Arc<jsonschema::Validator>,
}

impl Compiled {
    pub(crate) fn new(new: TransactionType, identifier: &str) -> Result<Self, TypeRefusal> {
        let segments: Vec<&str> = new.path.split('/').collect();
        let plain =
            |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        match segments.as_slice() {
            ["", "types", name, version] if plain(name) && plain(version) => {}
            _ => return Err(TypeRefusal::Path),
        }
        if new.schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            return Err(TypeRefusal::Schema("additionalProperties must be false".to_owned()));
        }
        let validator =
            jsonschema::validator_for(&new.schema).map_err(|e| TypeRefusal::Schema(e.to_string()))?;
        let kind = format!("{identifier}{}", new.path);
        let texts = |texts: &Texts, member: &str| -> Vec<Value> {
            texts.iter().map(|(lang, text)| json!({ "locale": lang.tag(), member: text })).collect()
        };
        let claims: Vec<Value> = new
            .labels
            .iter()
            .map(|l| {
                let path: Vec<&str> =
                    std::iter::once("payload").chain(l.path.iter().map(String::as_str)).collect();
                json!({ "path": path, "display": texts(&l.label, "label") })
            })
            .collect();
        let document = json!({
            "type": kind,
            "schema": new.schema,
            "claims": claims,
            "ui_labels": {
                "transaction_title": texts(&new.title, "value"),
                "affirmative_action_label": texts(&new.action, "value"),
            },
        });
        let (path, title, labels) = (new.path, new.title, new.labels);
        Ok(Self { kind, path, document, title, labels, validator: Arc::new(validator) })
    }

    /// Its address.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    /// The path at which its document is served.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What is served there.
    pub(crate) const fn document(&self) -> &Value {
        &self.document
    }

    /// What the person is asked to do, as a heading.
    pub(crate) const fn title(&self) -> &Texts {
        &self.title
    }

    /// Each text of `payload` that is shown, with its label, in the order in which it is shown.
    pub(crate) fn shown<'a>(&'a self, payload: &'a Map<String, Value>) -> Vec<(&'a Texts, String)> {
        let at = |path: &[String]| {
            let (first, rest) = path.split_first()?;
            rest.iter().try_fold(payload.get(first)?, |value, name| value.get(name))
        };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.labels.iter().filter_map(|l| Some((&l.label, text(at(&l.path)?)))).collect()
    }

    /// Whether a payload is what the schema describes.
    pub(crate) fn accepts(&self, payload: &Map<String, Value>) -> bool {
        self.validator.is_valid(&Value::Object(payload.clone()))
    }
}

/// Agreement to a text that is shown in full: the one type that comes with asking itself.
pub(crate) fn agreement(identifier: &str) -> Option<Compiled> {
    let texts = |words: [&str; 6]| {
        Texts::try_from(
            Lang::ALL.into_iter().zip(words.map(str::to_owned)).collect::<std::collections::BTreeMap<_, _>>(),
        )
        .ok()
    };
    let new = TransactionType {
        path: "/types/agreement/1".to_owned(),
        schema: json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "required": ["text"],
            "properties": {
                "text": { "type": "string", "minLength": 1, "maxLength": 10_000 },
                "reference": { "type": "string", "minLength": 1, "maxLength": 100 },
            },
        }),
        title: texts([
            "الموافقة على نص",
            "同意一段文字",
            "Agree to a text",
            "Approuver un texte",
            "Согласиться с текстом",
            "Aceptar un texto",
        ])?,
        action: texts(["موافقة", "同意", "Agree", "Approuver", "Согласиться", "Aceptar"])?,
        labels: vec![
            Label {
                path: vec!["text".to_owned()],
                label: texts(["النص", "文字", "Text", "Texte", "Текст", "Texto"])?,
            },
            Label {
                path: vec!["reference".to_owned()],
                label: texts(["المرجع", "编号", "Reference", "Référence", "Номер", "Referencia"])?,
            },
        ],
    };
    Compiled::new(new, identifier).ok()
}
