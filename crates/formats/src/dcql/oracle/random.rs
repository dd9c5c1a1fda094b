//! Random queries and wallets, the same at every run: well-formed, and of a small world, so that many are met.

use std::collections::BTreeSet;

use crypto::SeededRandom;
use serde_json::{Map, Value, json};

use super::Card;
use crate::testing::pick;

/// What at least one query in twenty has.
pub(super) const FEATURES: [&str; 19] = [
    "several credentials",
    "no claims",
    "claim_sets",
    "credential_sets",
    "credential_sets: several options",
    "credential_sets: not required",
    "values: string",
    "values: integer",
    "values: boolean",
    "path: null",
    "path: index",
    "path: nested",
    "multiple: true",
    "multiple: false",
    "trusted_authorities: aki",
    "trusted_authorities: another type",
    "holder binding: false",
    "holder binding: true",
    "mso_mdoc",
];

/// A query and a wallet.
pub(super) struct Case {
    pub(super) query: Value,
    pub(super) wallet: Vec<Card>,
    pub(super) features: BTreeSet<&'static str>,
}

impl Case {
    pub(super) fn wallet_value(&self) -> Value {
        self.wallet.iter().map(Card::to_value).collect()
    }
}

pub(super) fn cases(count: usize) -> Vec<Case> {
    let random = SeededRandom::new(0xdc91);
    (0..count).map(|_| Maker { random: &random, features: BTreeSet::new() }.case()).collect()
}

struct Maker<'r> {
    random: &'r SeededRandom,
    features: BTreeSet<&'static str>,
}

const KEY_IDS: [[u8; 3]; 3] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]];

impl Maker<'_> {
    fn below(&self, below: usize) -> usize {
        pick(self.random, below)
    }

    fn chance(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one<T: Clone>(&self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Something that a feature stands for, in so many of a hundred cases.
    fn feature(&mut self, percent: usize, name: &'static str) -> bool {
        let has = self.chance(percent);
        if has {
            self.features.insert(name);
        }
        has
    }

    fn case(mut self) -> Case {
        let wallet = (0..self.below(6) + 3).map(|_| self.card()).collect();
        let query = self.query();
        Case { query, wallet, features: self.features }
    }

    fn card(&self) -> Card {
        let mut aki: Vec<Vec<u8>> = KEY_IDS.iter().map(|id| id.to_vec()).collect();
        aki.retain(|_| self.chance(50));
        Card {
            vct: format!("urn:type:{}", self.below(3)),
            claims: self.claims(),
            holder_bound: self.chance(90),
            aki,
        }
    }

    fn object(&self, members: Vec<(&str, Value)>) -> Map<String, Value> {
        let kept = members.into_iter().filter(|_| self.chance(88));
        kept.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn array(&self, element: impl Fn() -> Value) -> Value {
        (0..[0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 4][self.below(12)]).map(|_| element()).collect()
    }

    fn claims(&self) -> Map<String, Value> {
        let degree = || {
            if self.chance(4) {
                return json!("none");
            }
            self.object(vec![
                ("type", self.scalar("type")),
                ("year", self.scalar("year")),
                ("honours", self.scalar("honours")),
            ])
            .into()
        };
        let place = self.object(vec![("lat", self.scalar("lat")), ("lon", self.scalar("lat"))]);
        let address = self.object(vec![("locality", self.scalar("locality")), ("geo", place.into())]);
        self.object(vec![
            ("name", self.scalar("name")),
            ("age", self.scalar("age")),
            ("adult", self.scalar("adult")),
            ("note", self.one(&[json!(null), json!("n"), json!({}), json!([])])),
            ("nationalities", self.array(|| self.scalar("nationalities"))),
            ("address", address.into()),
            ("degrees", self.array(degree)),
            ("rows", self.array(|| self.array(|| self.scalar("rows")))),
        ])
    }

    /// A value that the claim of this name, or an element of it, may have.
    fn scalar(&self, name: &str) -> Value {
        let all = match name {
            "name" => vec![json!("Awa"), json!("Moussa"), json!("Zoé")],
            "locality" => vec![json!("Thiès"), json!("Dakar")],
            "nationalities" => vec![json!("FR"), json!("SN"), json!("ML")],
            "type" => vec![json!("BSc"), json!("MSc"), json!("1"), json!("true")],
            "adult" | "honours" => vec![json!(true), json!(false)],
            "age" => vec![json!(17), json!(18), json!(18.5), json!("18"), json!(19.0)],
            _ => vec![json!(0), json!(1), json!(2)],
        };
        self.one(&all)
    }

    fn path(&self) -> Value {
        let index = self.below(3);
        self.one(&[
            json!(["name"]),
            json!(["name"]),
            json!(["age"]),
            json!(["adult"]),
            json!(["adult"]),
            json!(["note"]),
            json!(["nationalities"]),
            json!(["nationalities", null]),
            json!(["nationalities", index]),
            json!(["address"]),
            json!(["address", "locality"]),
            json!(["address", "geo", "lat"]),
            json!(["degrees"]),
            json!(["degrees", null]),
            json!(["degrees", null, "type"]),
            json!(["degrees", null, "honours"]),
            json!(["degrees", index, "year"]),
            json!(["rows", null, index]),
            json!(["rows", index, null]),
            json!(["rows", null, null]),
            json!(["email"]),
            json!(["name", "first"]),
            json!(["address", null]),
        ])
    }

    fn claims_query(&mut self, n: usize, path: &Value) -> Value {
        let parts = path.as_array().unwrap();
        for (name, has) in [
            ("path: null", parts.contains(&Value::Null)),
            ("path: index", parts.iter().any(Value::is_number)),
            ("path: nested", parts.len() > 1),
        ] {
            if has {
                self.features.insert(name);
            }
        }
        let mut claim = json!({ "id": format!("c{n}"), "path": path });
        if self.chance(28) {
            let name = parts.iter().rev().find_map(Value::as_str).unwrap();
            let values: Vec<Value> = (0..=self.below(3))
                .map(|_| self.scalar(name))
                // Values are integers, not any number (section 6.3).
                .map(|value| if value == json!(18.5) { json!(18) } else { value })
                .collect();
            for value in &values {
                self.features.insert(match value {
                    Value::String(_) => "values: string",
                    Value::Bool(_) => "values: boolean",
                    _ => "values: integer",
                });
            }
            claim["values"] = json!(values);
        }
        claim
    }

    fn credential(&mut self, id: &str) -> Value {
        let mut query = json!({ "id": id, "format": "dc+sd-jwt" });
        if self.feature(5, "mso_mdoc") {
            query["format"] = json!("mso_mdoc");
            query["meta"] = json!({ "doctype_value": "urn:type:0" });
            query["claims"] = json!([{ "path": ["org.iso.18013.5.1", "given_name"] }]);
            return query;
        }
        let vct: BTreeSet<String> =
            (0..=self.below(4)).map(|_| format!("urn:type:{}", self.below(3))).collect();
        query["meta"] = json!({ "vct_values": vct });
        if self.feature(15, "multiple: true") {
            query["multiple"] = json!(true);
        } else if self.feature(15, "multiple: false") {
            query["multiple"] = json!(false);
        }
        if self.feature(15, "holder binding: false") {
            query["require_cryptographic_holder_binding"] = json!(false);
        } else if self.feature(15, "holder binding: true") {
            query["require_cryptographic_holder_binding"] = json!(true);
        }
        let mut authorities = Vec::new();
        if self.feature(6, "trusted_authorities: another type") {
            let kind = self.one(&["etsi_tl", "openid_federation"]);
            authorities.push(json!({ "type": kind, "values": ["https://trust.example.com"] }));
        }
        if self.feature(15, "trusted_authorities: aki") {
            let values: BTreeSet<String> =
                (0..=self.below(2)).map(|_| crate::b64::encode(&self.one(&KEY_IDS))).collect();
            authorities.push(json!({ "type": "aki", "values": values }));
        }
        if !authorities.is_empty() {
            query["trusted_authorities"] = json!(authorities);
        }
        if self.feature(12, "no claims") {
            return query;
        }
        let paths: BTreeSet<String> = (0..=self.below(2)).map(|_| self.path().to_string()).collect();
        let paths: Vec<Value> = paths.iter().map(|p| serde_json::from_str(p).unwrap()).collect();
        let claims: Vec<Value> = paths.iter().enumerate().map(|(n, p)| self.claims_query(n, p)).collect();
        if self.feature(35, "claim_sets") {
            let ids: Vec<String> = (0..claims.len()).map(|n| format!("c{n}")).collect();
            let sets: Vec<BTreeSet<String>> =
                (0..=self.below(3)).map(|_| (0..=self.below(3)).map(|_| self.one(&ids)).collect()).collect();
            query["claim_sets"] = json!(sets);
        }
        query["claims"] = json!(claims);
        query
    }

    fn query(&mut self) -> Value {
        let ids: Vec<String> = (0..[1, 1, 1, 2, 2, 3][self.below(6)]).map(|n| format!("q{n}")).collect();
        if ids.len() > 1 {
            self.features.insert("several credentials");
        }
        let credentials: Vec<Value> = ids.iter().map(|id| self.credential(id)).collect();
        let mut query = json!({ "credentials": credentials });
        if self.feature(50, "credential_sets") {
            let sets: Vec<Value> = (0..=self.below(3)).map(|_| self.credential_set(&ids)).collect();
            query["credential_sets"] = json!(sets);
        }
        query
    }

    fn credential_set(&mut self, ids: &[String]) -> Value {
        let options: Vec<BTreeSet<String>> =
            (0..=self.below(3)).map(|_| (0..=self.below(2)).map(|_| self.one(ids)).collect()).collect();
        if options.len() > 1 {
            self.features.insert("credential_sets: several options");
        }
        let mut set = json!({ "options": options });
        if self.feature(30, "credential_sets: not required") {
            set["required"] = json!(false);
        } else if self.chance(50) {
            set["required"] = json!(true);
        }
        set
    }
}
