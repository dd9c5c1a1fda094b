//! Schemas that many views share. They are named with `#[schemars(with = "…")]` where the field is a plain text.

use std::{borrow::Cow, marker::PhantomData};

use base::{Lang, id::Kind};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// The id of a `K`: `per_7f3c09a1b2c3d4e5`.
#[derive(Debug)]
pub struct IdOf<K>(PhantomData<K>);

impl<K: Kind> JsonSchema for IdOf<K> {
    fn schema_name() -> Cow<'static, str> {
        format!("Id_{}", K::PREFIX).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // 63 bits, and never zero.
        let pattern = format!("^{}_(?!0{{16}})[0-7][0-9a-f]{{15}}$", K::PREFIX);
        json_schema!({
            "type": "string",
            "pattern": pattern,
            "examples": [format!("{}_7f3c09a1b2c3d4e5", K::PREFIX)],
        })
    }
}

/// A moment in UTC (RFC 3339).
#[derive(Debug)]
pub struct Time;

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "A moment in UTC (RFC 3339).",
            "examples": ["2026-03-01T09:30:00Z"],
        })
    }
}

/// A day without a time (ISO 8601).
#[derive(Debug)]
pub struct Day;

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "description": "A civil date.",
            "examples": ["1990-04-17"],
        })
    }
}

/// A text in all six languages.
#[derive(Debug)]
pub struct InSixLanguages;

impl JsonSchema for InSixLanguages {
    fn schema_name() -> Cow<'static, str> {
        "InSixLanguages".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let tags = Lang::ALL.map(Lang::tag);
        let text = serde_json::json!({ "type": "string", "pattern": "[^\\s]", "maxLength": base::limits::PURPOSE_CHARS_MAX });
        let properties: serde_json::Map<_, _> =
            tags.map(|tag| (tag.to_owned(), text.clone())).into_iter().collect();
        json_schema!({
            "type": "object",
            "description": "A text in all six languages, by BCP 47 tag.",
            "required": tags,
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

/// A secret in base64url that nobody guesses: 256 bits.
#[derive(Debug)]
pub struct Secret;

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{43}$", "description": "256 random bits in base64url." })
    }
}
