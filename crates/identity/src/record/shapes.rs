//! What is said of attributes in the description of the interfaces: their rules, as JSON Schema.

use std::{borrow::Cow, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use web::openapi::leaf::Day;

use super::model::{ENTRIES_MAX, Known, Rule, Subject, TEXT_CHARS_MAX};

/// Controls, and characters that hide or turn what is written: `base::unseen::deceives`, of the first plane.
const HIDDEN: &str =
    r"\u0000-\u001F\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2064\u2066-\u2069\uFEFF";

/// The attributes of an `S`, as they come in and go out.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub(crate) struct Said<S>(pub(crate) Map<String, Value>, #[serde(skip)] PhantomData<fn() -> S>);

impl<S> From<Map<String, Value>> for Said<S> {
    fn from(map: Map<String, Value>) -> Self {
        Self(map, PhantomData)
    }
}

impl<S: Subject> JsonSchema for Said<S> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Attributes", S::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mandatory: Vec<&str> = S::KNOWN.iter().filter(|k| k.2).map(|k| k.0).collect();
        json_schema!({
            "type": "object",
            "description": format!("What is known of {} {}.", article(S::NOUN), S::NOUN),
            "required": mandatory,
            "properties": properties::<S>(generator, |schema, _| schema),
            "additionalProperties": false,
        })
    }
}

/// Changes to the attributes of an `S`: what is not named stays, and `null` takes away what is not mandatory.
#[derive(Deserialize)]
#[serde(transparent, bound = "")]
pub(crate) struct Changes<S>(pub(crate) Map<String, Value>, #[serde(skip)] PhantomData<fn() -> S>);

impl<S: Subject> JsonSchema for Changes<S> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Changes", S::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "What is not named stays as it is; `null` takes an attribute away.",
            "properties": properties::<S>(generator, |schema, mandatory| {
                if mandatory { schema } else { json!({ "anyOf": [schema, { "type": "null" }] }) }
            }),
            "additionalProperties": false,
        })
    }
}

/// One thing to look for, and after whom.
#[derive(Deserialize)]
#[serde(transparent, bound = "")]
pub(crate) struct Wanted<S>(pub(crate) Map<String, Value>, #[serde(skip)] PhantomData<fn() -> S>);

impl<S: Subject> JsonSchema for Wanted<S> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Search", S::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let by = ["name", S::NUMBER, S::ALSO_BY];
        let after = json!({ "anyOf": [S::json_schema(generator), { "type": "null" }] });
        let alternatives = by.map(|one| {
            let mut properties = Map::new();
            for other in by {
                let text = json!({ "type": "string", "pattern": r"^[^\u0000]*$" });
                properties.insert(other.into(), if one == other { text } else { json!({ "type": "null" }) });
            }
            properties.insert("after".into(), after.clone());
            json!({
                "type": "object",
                "required": [one],
                "properties": properties,
                "additionalProperties": false,
            })
        });
        json_schema!({
            "description": "Exactly one thing to look for, and for the next page `after`, the last id of this one. \
                A name is looked for by the beginnings of its words, without case and accents.",
            "oneOf": alternatives,
        })
    }
}

/// What a search answers: `S::MANY`, a list of records.
pub(crate) struct Found<S, R>(PhantomData<fn() -> (S, R)>);

impl<S: Subject, R: JsonSchema> JsonSchema for Found<S, R> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}SearchResult", S::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let max = base::limits::PAGE_ROWS_MAX;
        let list = json!({ "type": "array", "maxItems": max, "items": generator.subschema_for::<R>() });
        json_schema!({ "type": "object", "required": [S::MANY], "properties": { S::MANY: list } })
    }
}

pub(crate) fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn properties<S: Subject>(
    generator: &mut SchemaGenerator,
    each: impl Fn(Value, bool) -> Value,
) -> Map<String, Value> {
    let one = |Known(name, rule, mandatory): &Known| {
        ((*name).to_owned(), each(schema(generator, *rule), *mandatory))
    };
    S::KNOWN.iter().map(one).collect()
}

/// A line of text, as a pattern, that does not begin with one of `not_first`, either.
pub(crate) fn line(not_first: &str) -> String {
    format!(r"[^\s{HIDDEN}{not_first}](?:[^{HIDDEN}]*[^\s{HIDDEN}])?")
}

fn text() -> Value {
    // No spreadsheet computes what does not begin with one of these; alone they compute nothing.
    let pattern = format!(r"^(?:[+\-]|{})$", line(r"=@+\-"));
    json!({ "type": "string", "minLength": 1, "maxLength": TEXT_CHARS_MAX, "pattern": pattern })
}

fn country() -> Value {
    json!({ "type": "string", "pattern": "^[A-Z]{2}$", "description": "An ISO 3166-1 alpha-2 code." })
}

/// The rule as a schema. What a schema cannot say (that a day exists) the rule still says.
fn schema(generator: &mut SchemaGenerator, rule: Rule) -> Value {
    match rule {
        Rule::Text => text(),
        Rule::Email => {
            let pattern = format!(r"^[^\s@=+\-{HIDDEN}][^\s@{HIDDEN}]*@[^\s@{HIDDEN}]+$");
            json!({ "type": "string", "maxLength": TEXT_CHARS_MAX, "pattern": pattern })
        }
        Rule::Phone => {
            let pattern = format!("^{}$", line("=@"));
            json!({ "type": "string", "minLength": 1, "maxLength": TEXT_CHARS_MAX, "pattern": pattern })
        }
        Rule::Web => json!({
            "type": "string",
            "maxLength": TEXT_CHARS_MAX,
            "pattern": r"^https://[A-Za-z0-9.\-]+(?::[0-9]{1,4})?(?:/[A-Za-z0-9._~/?=&%\-]*)?$",
        }),
        Rule::Date => Day::json_schema(generator).to_value(),
        Rule::Sex => json!({
            "type": "integer",
            "enum": [0, 1, 2, 3, 4, 5, 6, 9],
            "description": "ISO/IEC 5218, with the additions of the European rulebook.",
        }),
        Rule::Country => country(),
        Rule::Countries => json!({
            "type": "array",
            "minItems": 1,
            "maxItems": ENTRIES_MAX,
            "uniqueItems": true,
            "items": country(),
        }),
        Rule::Place(parts) => {
            let part = |name: &&str| {
                let schema = if *name == "country" { country() } else { text() };
                ((*name).to_owned(), schema)
            };
            let properties: Map<String, Value> = parts.iter().map(part).collect();
            json!({
                "type": "object",
                "minProperties": 1,
                "properties": properties,
                "additionalProperties": false,
            })
        }
        Rule::ByLanguage => json!({
            "type": "object",
            "description": "Texts by language (BCP 47).",
            "minProperties": 1,
            "maxProperties": ENTRIES_MAX,
            "propertyNames": { "pattern": "^[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$", "maxLength": 35 },
            "additionalProperties": text(),
        }),
    }
}
