//! What is particular to organisations: their attributes here, and who may act for them in `mandates`.

pub(crate) mod mandates;
pub(crate) mod store;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};
use web::openapi::leaf::IdOf;

use crate::{
    OrganisationKind,
    record::{
        model::{ADDRESS, Known, Rule, Subject},
        store::Statements,
    },
};

impl JsonSchema for OrganisationKind {
    fn schema_name() -> Cow<'static, str> {
        "Organisation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        IdOf::<Self>::json_schema(generator)
    }
}

impl Subject for OrganisationKind {
    const NOUN: &'static str = "organisation";
    const MANY: &'static str = "organisations";
    const KNOWN: &'static [Known] = &[
        Known("legal_name", Rule::Text, true),
        Known("names", Rule::ByLanguage, false),
        Known("registration_number", Rule::Text, true),
        Known("legal_form", Rule::Text, false),
        Known("country", Rule::Country, true),
        Known("address", Rule::Place(ADDRESS), false),
        Known("website", Rule::Web, false),
        Known("email", Rule::Email, false),
    ];
    const NUMBER: &'static str = "registration_number";
    const ALSO_BY: &'static str = "country";
    const NAMES: &'static [&'static str] = &["legal_name", "names"];

    fn example() -> Value {
        json!({
            "legal_name": "Harbour Tools",
            "names": { "fr": "Outils du port" },
            "registration_number": "XZ-4711",
            "country": "XZ",
            "website": "https://tools.example",
        })
    }

    fn sql() -> &'static Statements {
        &store::SQL
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
