//! What is particular to people.
//!
//! Their attributes are named as the claims of the European person identification data rulebook (SD-JWT VC
//! encoding) that are made from them.

pub(crate) mod store;

use std::borrow::Cow;

use ::store::Tx;
use base::Id;
use crypto::random_array;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use web::{Actor, openapi::leaf::IdOf};

use crate::{
    PersonId, PersonKind, Register, RegisterError,
    record::{
        model::{ADDRESS, Attributes, Known, Rule, Subject},
        ops::{self, Act},
        store::{self as rows, Statements},
    },
};

impl JsonSchema for PersonKind {
    fn schema_name() -> Cow<'static, str> {
        "Person".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        IdOf::<Self>::json_schema(generator)
    }
}

impl Subject for PersonKind {
    const NOUN: &'static str = "person";
    const MANY: &'static str = "people";
    const KNOWN: &'static [Known] = &[
        Known("family_name", Rule::Text, true),
        Known("given_name", Rule::Text, true),
        Known("birthdate", Rule::Date, true),
        Known("birth_family_name", Rule::Text, false),
        Known("birth_given_name", Rule::Text, false),
        Known("place_of_birth", Rule::Place(&["country", "region", "locality"]), false),
        Known("nationalities", Rule::Countries, false),
        Known("sex", Rule::Sex, false),
        Known("address", Rule::Place(ADDRESS), false),
        Known("personal_administrative_number", Rule::Text, false),
        Known("email", Rule::Email, false),
        Known("phone_number", Rule::Phone, false),
    ];
    const NUMBER: &'static str = "personal_administrative_number";
    const ALSO_BY: &'static str = "birthdate";
    const NAMES: &'static [&'static str] =
        &["family_name", "given_name", "birth_family_name", "birth_given_name"];

    fn example() -> Value {
        json!({
            "family_name": "Bah",
            "given_name": "Amina",
            "birthdate": "1990-04-17",
            "nationalities": ["XZ"],
            "address": { "locality": "Port Loko", "country": "XZ" },
            "personal_administrative_number": "900417-5",
        })
    }

    fn sql() -> &'static Statements {
        &store::SQL
    }
}

impl Register {
    /// Registers many people in one write: all of them or, if one is refused, none.
    pub async fn register_all(
        &self,
        actor: &Actor,
        all: Vec<Map<String, Value>>,
    ) -> Result<usize, RegisterError> {
        let people = all.into_iter().map(|map| {
            Ok((PersonId::from_random(random_array(&*self.random)), Attributes::new::<PersonKind>(map)?))
        });
        let people = people.collect::<Result<Vec<_>, RegisterError>>()?;
        let at = self.clock.now();
        let actor = actor.name().to_owned();
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                for (id, attributes) in &people {
                    let act = Act { actor: &actor, reason: "registered", at };
                    ops::insert(tx, *id, attributes, None, &act).await?;
                }
                Ok(people.len())
            })
            .await
    }

    /// How many people there are.
    pub async fn count(&self) -> Result<i64, ::store::Error> {
        self.store.read(async |tx: &mut Tx<'_>| store::count(tx).await).await
    }

    /// What is known of a person, inside another feature's read or write: for the server's wiring.
    pub async fn attributes(
        tx: &mut Tx<'_>,
        id: PersonId,
    ) -> Result<Option<Map<String, Value>>, ::store::Error> {
        let id: Id<PersonKind> = id;
        Ok(rows::get(tx, id).await?.map(|p| p.attributes.into_map()))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
