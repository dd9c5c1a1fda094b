//! Disclosable parts at any level: made, selected, put back.

use std::collections::{BTreeMap, BTreeSet};

use base::limits::{JSON_DEPTH_MAX, SD_JWT_BYTES_MAX};
use crypto::{Random, random_array};

use super::*;
use crate::{
    dcql::PathPart,
    json::canonical,
    sd_jwt::{Decoys, Plan, issue_planned},
};

pub(in crate::sd_jwt) fn path(value: &Value) -> ClaimPath {
    ClaimPath::from_value(value).unwrap()
}

pub(in crate::sd_jwt) fn paths(values: &Value) -> Vec<ClaimPath> {
    values.as_array().unwrap().iter().map(path).collect()
}

fn planned(claims: &Value, plan: &Plan<'_>, seed: u64) -> Result<String, Error> {
    issue_planned(claims.as_object().unwrap(), plan, &json!({}), &a_key(), &SeededRandom::new(seed))
}

fn made(claims: &Value, disclosable: &Value) -> Result<SdJwt, Error> {
    SdJwt::parse(&planned(claims, &Plan::new(&paths(disclosable)), 1)?)
}

fn claims_of(text: &str) -> Value {
    Value::Object(SdJwt::parse(text).unwrap().process().unwrap())
}

fn person() -> Value {
    json!({
        "name": "Amina",
        "address": { "street": "Market Street 42", "town": "Amber", "country": "UT" },
        "nationalities": ["UT", "DE"],
        "degrees": [
            { "type": "Bachelor", "of": "Law", "marks": [1, 2] },
            { "type": "Master", "of": "History" },
        ],
    })
}

/// What stands in the signed payload, and what every disclosure holds: digests as `#`, so that only the shape is left.
fn shape(sd_jwt: &SdJwt) -> (Value, Vec<Value>) {
    fn blind(value: &Value) -> Value {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| match (name.as_str(), value) {
                    ("_sd", Value::Array(digests)) => (name.clone(), vec!["#"; digests.len()].into()),
                    ("...", _) => (name.clone(), "#".into()),
                    _ => (name.clone(), blind(value)),
                })
                .collect::<Object>()
                .into(),
            Value::Array(items) => items.iter().map(blind).collect(),
            plain => plain.clone(),
        }
    }
    let mut payload = sd_jwt.payload().clone();
    payload.remove("_sd_alg");
    let disclosures = sd_jwt.disclosures().iter().map(|d| match d.name() {
        Some(name) => json!([name, blind(d.value())]),
        None => json!([blind(d.value())]),
    });
    (blind(&payload.into()), disclosures.collect())
}

#[test]
fn what_is_disclosable() {
    let check = |claims: &Value, disclosable: &Value, payload: &Value, disclosures: &Value| {
        let sd_jwt = made(claims, disclosable).unwrap();
        let (open, hidden) = shape(&sd_jwt);
        assert_eq!((&open, &Value::from(hidden)), (payload, disclosures), "{disclosable}");
        assert_eq!(&Value::Object(sd_jwt.process().unwrap()), claims);
        assert_eq!(sd_jwt.disclosed_paths().unwrap().len(), sd_jwt.disclosures().len());
    };
    let address = json!({"address": {"street": "S", "town": "T"}});
    let street = json!(["street", "S"]);
    // RFC 9901, sections 6.1 to 6.3: flat, structured, one member in the open, recursive.
    let whole = json!([["address", { "street": "S", "town": "T" }]]);
    check(&address, &json!([["address"]]), &json!({"_sd": ["#"]}), &whole);
    let each = json!([["address", "street"], ["address", "town"]]);
    check(&address, &each, &json!({"address": {"_sd": ["#", "#"]}}), &json!([street, ["town", "T"]]));
    let one_open = json!({"address": {"_sd": ["#"], "town": "T"}});
    check(&address, &json!([["address", "street"]]), &one_open, &json!([street]));
    let recursive = json!([["address"], ["address", "street"]]);
    let inner = json!([street, ["address", { "_sd": ["#"], "town": "T" }]]);
    check(&address, &recursive, &json!({"_sd": ["#"]}), &inner);
    // Elements: all, one, those within others.
    let list = json!({"a": [[1, 2], [3], "x"]});
    let all = json!([["a", null]]);
    let three = json!({"a": [{"...": "#"}, {"...": "#"}, {"...": "#"}]});
    check(&list, &all, &three, &json!([[[1, 2]], [[3]], ["x"]]));
    check(&list, &json!([["a", 1]]), &json!({"a": [[1, 2], {"...": "#"}, "x"]}), &json!([[[3]]]));
    let within = json!({"a": [[1, {"...": "#"}], [3], "x"]});
    check(&list, &json!([["a", 0, 1]]), &within, &json!([[2]]));
    let recursive = json!([["a"], ["a", 0], ["a", 0, null]]);
    let inner = json!([[1], [2], [[{"...": "#"}, {"...": "#"}]], ["a", [{"...": "#"}, [3], "x"]]]);
    check(&list, &recursive, &json!({"_sd": ["#"]}), &inner);
    // What is not there is no fault: not everybody has every claim.
    check(&list, &json!([["b"], ["a", 7], ["b", "c", null]]), &list, &json!([]));
}

#[test]
fn plans_that_do_not_fit() {
    let issued =
        |claims: Value, disclosable: Value| made(&claims, &disclosable).map(|_| ()).map_err(Error::code);
    // A claim of another shape than expected must not be issued in the open because of that.
    assert_eq!(issued(json!({"a": {"b": 1}}), json!([["a", "b"]])), Ok(()));
    assert_eq!(issued(json!({"a": "b"}), json!([["a", "b"]])), Err("path_unfit"));
    assert_eq!(issued(json!({"a": ["b"]}), json!([["a", "b"]])), Err("path_unfit"));
    assert_eq!(issued(json!({"a": ["b"]}), json!([["a", null]])), Ok(()));
    assert_eq!(issued(json!({"a": {"b": 1}}), json!([["a", null]])), Err("path_unfit"));
    assert_eq!(issued(json!({"a": {"b": 1}}), json!([["a", 0]])), Err("path_unfit"));
    assert_eq!(issued(json!({"a": null}), json!([["a", 0]])), Err("path_unfit"));
    for name in ["_sd", "...", "_sd_alg"] {
        assert_eq!(issued(json!({"a": [{ name: 1 }]}), json!([["a"]])), Err("claim_reserved"));
        assert_eq!(issued(json!({ name: 1 }), json!([[name]])), Err("claim_reserved"));
    }
    // As much as can be read again, and not more.
    let many = |count: usize| issued(json!({ "a": vec![1; count] }), json!([["a", null]]));
    assert_eq!(many(DISCLOSURES_MAX), Ok(()));
    assert_eq!(many(DISCLOSURES_MAX + 1), Err("disclosures_too_many"));
    let long = |length: usize| issued(json!({ "a": "x".repeat(length) }), json!([["a"]]));
    assert_eq!(long(SD_JWT_BYTES_MAX * 3 / 4 - 1_000), Ok(()));
    assert_eq!(long(SD_JWT_BYTES_MAX), Err("sd_jwt_too_long"));
    let deep = |levels: usize| {
        let nested = (1..levels).fold(json!(1), |inner, _| json!({ "a": inner }));
        let path: Value = vec!["a"; levels - 1].into();
        issued(nested, json!([path]))
    };
    assert_eq!(deep(JSON_DEPTH_MAX), Ok(()));
    assert_eq!(deep(JSON_DEPTH_MAX + 1), Err("sd_jwt_too_deep"));
}

#[test]
fn each_hash() {
    let all = paths(&json!([["address"], ["nationalities", null]]));
    for hash in HashAlg::ALL {
        let plan = Plan { hash, decoys: Decoys::Between(1, 3), ..Plan::new(&all) };
        let sd_jwt = SdJwt::parse(&planned(&person(), &plan, 2).unwrap()).unwrap();
        assert_eq!(sd_jwt.payload()["_sd_alg"], hash.name());
        assert_eq!(Value::Object(sd_jwt.process().unwrap()), person());
        let digests = sd_jwt.payload()["_sd"].as_array().unwrap();
        assert!(
            digests.iter().all(|d| b64::decode(d.as_str().unwrap()).unwrap().len() == hash.digest_bytes())
        );
        let sd_hash = b64::encode(&hash.digest(sd_jwt.as_str().as_bytes()));
        assert_eq!(sd_jwt.sd_hash(), sd_hash);
    }
}

/// RFC 9901, section 4.2.5.
#[test]
fn decoys() {
    let counts = |decoys: Decoys, disclosable: &Value, seed: u64| {
        let paths = paths(disclosable);
        let text = planned(&person(), &Plan { decoys, ..Plan::new(&paths) }, seed).unwrap();
        assert_eq!(claims_of(&text), person());
        let sd_jwt = SdJwt::parse(&text).unwrap();
        let (open, _) = shape(&sd_jwt);
        let digests = |value: &Value| value["_sd"].as_array().map_or(0, Vec::len);
        let elements = open["nationalities"].as_array().unwrap().iter().filter(|e| e.is_object()).count();
        (digests(&open), digests(&open["address"]), elements)
    };
    let disclosable = json!([["name"], ["address", "street"], ["nationalities", null]]);
    assert_eq!(counts(Decoys::None, &disclosable, 1), (1, 1, 2));
    assert_eq!(counts(Decoys::UpToMultipleOf(1), &disclosable, 1), (1, 1, 2));
    assert_eq!(counts(Decoys::UpToMultipleOf(4), &disclosable, 1), (4, 4, 4));
    assert_eq!(counts(Decoys::Between(3, 3), &disclosable, 1), (4, 4, 5));
    let random: BTreeSet<_> =
        (0..64).map(|seed| counts(Decoys::Between(0, 2), &disclosable, seed).0).collect();
    assert_eq!(random, [1, 2, 3].into());
    // A member that this person does not have hides as well as one that she has.
    let absent = json!([["name"], ["address", "house"], ["nationalities", 9]]);
    assert_eq!(counts(Decoys::UpToMultipleOf(4), &absent, 1), (4, 4, 4));
    // Where nothing is disclosable there are no digests (SD-JWT VC draft 13, section 3.2.2.4).
    let none = paths(&json!([["address", "house"]]));
    let plan = Plan { decoys: Decoys::Between(1, 1), ..Plan::new(&none) };
    let bare = SdJwt::parse(&planned(&person(), &plan, 1).unwrap()).unwrap();
    assert_eq!(Value::from(bare.payload().clone()), person());
    // They lie anywhere, and the true elements keep their order.
    let elements = paths(&json!([["nationalities", null]]));
    let plan = Plan { decoys: Decoys::Between(2, 2), ..Plan::new(&elements) };
    let places: BTreeSet<_> = (0..64)
        .map(|seed| {
            let sd_jwt = SdJwt::parse(&planned(&person(), &plan, seed).unwrap()).unwrap();
            let known: Vec<_> = sd_jwt.disclosures().iter().map(Disclosure::digest).collect();
            let items = sd_jwt.payload()["nationalities"].as_array().unwrap().clone();
            items.iter().map(|item| known.contains(&item["..."].as_str().unwrap())).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(places.len(), 6, "two of four, in every way");
}

#[test]
fn what_a_holder_selects() {
    let disclosable = json!([
        ["name"],
        ["address"],
        ["address", "street"],
        ["address", "town"],
        ["nationalities", null],
        ["degrees"],
        ["degrees", null],
        ["degrees", null, "of"],
        ["degrees", null, "marks", null],
    ]);
    let sd_jwt = made(&person(), &disclosable).unwrap();
    let check = |selected: Value, expected: Result<Value, &str>| {
        let shown = sd_jwt.select_paths(&paths(&selected)).map(|text| claims_of(&text));
        assert_eq!(shown.map_err(Error::code), expected, "{selected}");
    };
    let degree = &person()["degrees"][0];
    check(json!([]), Ok(json!({"nationalities": []})));
    check(json!([["name"]]), Ok(json!({"name": "Amina", "nationalities": []})));
    // With what it stands in, and without what is beside it.
    let address = |address: Value| Ok(json!({"address": address, "nationalities": []}));
    check(json!([["address", "street"]]), address(json!({"street": "Market Street 42", "country": "UT"})));
    check(json!([["address", "country"]]), address(json!({"country": "UT"})));
    check(json!([["address"]]), address(person()["address"].clone()));
    // Elements: all, one, parts of all.
    check(json!([["nationalities"]]), Ok(json!({"nationalities": ["UT", "DE"]})));
    check(json!([["nationalities", null]]), Ok(json!({"nationalities": ["UT", "DE"]})));
    check(json!([["nationalities", 1]]), Ok(json!({"nationalities": ["DE"]})));
    let degrees = |degrees: Value| Ok(json!({"degrees": degrees, "nationalities": []}));
    let types = json!([{"type": "Bachelor", "marks": []}, {"type": "Master"}]);
    check(json!([["degrees", null, "type"]]), degrees(types));
    check(json!([["degrees", 1, "of"]]), degrees(json!([{"type": "Master", "of": "History"}])));
    check(json!([["degrees", 0]]), degrees(json!([degree])));
    let mark = json!([{"type": "Bachelor", "marks": [2]}]);
    check(json!([["degrees", 0, "marks", 1]]), degrees(mark.clone()));
    // The master's degree has no marks, and is not shown to say so.
    check(json!([["degrees", null, "marks", 1]]), degrees(mark));
    // Nothing is shown for a path that leads nowhere.
    check(json!([["name"], ["nobody"]]), Err("path_not_found"));
    check(json!([["nationalities", 2]]), Err("path_not_found"));
    check(json!([["address", "street", "number"]]), Err("path_unfit"));
    check(json!([["address", null]]), Err("path_unfit"));
    check(json!([["nationalities", "UT"]]), Err("path_unfit"));
    // What was left out cannot be selected again.
    let less = SdJwt::parse(&sd_jwt.select_paths(&paths(&json!([["nationalities", 1]]))).unwrap()).unwrap();
    assert_eq!(less.select_paths(&paths(&json!([["name"]]))), Err(Error::PathNotFound));
    assert_eq!(less.select_paths(&paths(&json!([["nationalities", 0]]))).as_deref(), Ok(less.as_str()));
    assert_eq!(less.disclosed_paths(), Ok(paths(&json!([["nationalities", 0]]))));
}

/// The parts of `value` and where they are; the whole not counted.
pub(in crate::sd_jwt) fn parts(value: &Value) -> Vec<Vec<PathPart>> {
    fn collect(value: &Value, here: &[PathPart], out: &mut Vec<Vec<PathPart>>) {
        let inner: Vec<(PathPart, &Value)> = match value {
            Value::Object(members) => members.iter().map(|(n, v)| (PathPart::Key(n.clone()), v)).collect(),
            Value::Array(items) => (0..).map(PathPart::Index).zip(items).collect(),
            _ => Vec::new(),
        };
        for (part, value) in inner {
            let there = [here, &[part]].concat();
            out.push(there.clone());
            collect(value, &there, out);
        }
    }
    let mut out = Vec::new();
    collect(value, &[], &mut out);
    out
}

/// `value` without the `disclosable` parts that are not `kept`.
fn projection(
    value: &Value,
    here: &[PathPart],
    kept: &dyn Fn(&[PathPart]) -> bool,
    disclosable: &BTreeSet<Vec<PathPart>>,
) -> Value {
    let is_shown = |there: &Vec<PathPart>| !disclosable.contains(there) || kept(there);
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| ([here, &[PathPart::Key(name.clone())]].concat(), name, value))
            .filter(|(there, ..)| is_shown(there))
            .map(|(there, name, value)| (name.clone(), projection(value, &there, kept, disclosable)))
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect::<Object>()
            .into(),
        Value::Array(items) => (0..)
            .zip(items)
            .map(|(index, value)| ([here, &[PathPart::Index(index)]].concat(), value))
            .filter(|(there, _)| is_shown(there))
            .map(|(there, value)| projection(value, &there, kept, disclosable))
            .collect(),
        plain => plain.clone(),
    }
}

/// Some of `all`, each with probability one in `one_in`.
pub(in crate::sd_jwt) fn some(
    all: &[Vec<PathPart>],
    one_in: usize,
    random: &dyn Random,
) -> BTreeSet<Vec<PathPart>> {
    all.iter().filter(|_| pick(random, one_in) == 0).cloned().collect()
}

proptest! {
    #![proptest_config(seeded(256))]

    /// What is shown is what was selected, what it stands in and what is in it: no part more, no disclosure more.
    #[test]
    fn what_is_selected_is_shown_and_nothing_else(
        claims in prop::collection::btree_map("[a-z_.]{1,8}", crate::json::tests::any_value(), 0..6),
        hash in prop::sample::select(&HashAlg::ALL[..]),
        decoys in prop::sample::select(&[Decoys::None, Decoys::Between(0, 3), Decoys::UpToMultipleOf(4)][..]),
        (one_disclosable_in, one_selected_in) in (1_usize..4, 1_usize..8),
        seed in any::<u64>(),
    ) {
        let claims = Value::Object(claims.into_iter().collect());
        let random = SeededRandom::new(seed);
        let all = parts(&claims);
        let disclosable = some(&all, one_disclosable_in, &random);
        let selected = some(&all, one_selected_in, &random);
        let as_paths = |parts: &BTreeSet<Vec<PathPart>>| -> Vec<ClaimPath> {
            parts.iter().map(|parts| ClaimPath::from_parts(parts.clone())).collect()
        };
        let disclosable_paths = as_paths(&disclosable);
        let plan = Plan { disclosable: &disclosable_paths, hash, decoys };
        let made = planned(&claims, &plan, seed);
        prop_assume!(made != Err(Error::ReservedName));
        let sd_jwt = SdJwt::parse(&made.unwrap()).unwrap();
        // Numbers are compared as they are written: canonical JSON has one zero.
        let read = |claims: &Value| canonical(claims);
        prop_assert_eq!(read(&sd_jwt.process().unwrap().into()), read(&claims));
        let found: BTreeSet<_> = sd_jwt.disclosed_paths().unwrap().into_iter().collect();
        prop_assert_eq!(found, disclosable_paths.into_iter().collect::<BTreeSet<_>>());

        let shown = SdJwt::parse(&sd_jwt.select_paths(&as_paths(&selected)).unwrap()).unwrap();
        let kept = |part: &[PathPart]| selected.iter().any(|s| s.starts_with(part) || part.starts_with(s));
        let expected = projection(&claims, &[], &kept, &disclosable);
        prop_assert_eq!(read(&shown.process().unwrap().into()), read(&expected));
        let needed = disclosable.iter().filter(|part| kept(part)).count();
        prop_assert_eq!(shown.disclosures().len(), needed);
    }

    /// Whatever is selected from whatever comes in, it is shown whole or refused.
    #[test]
    fn selections_are_processed_again(seed in any::<u64>()) {
        let random = SeededRandom::new(seed);
        let all = parts(&person());
        let disclosable: Vec<_> = some(&all, 2, &random).into_iter().map(ClaimPath::from_parts).collect();
        let sd_jwt = SdJwt::parse(&planned(&person(), &Plan::new(&disclosable), seed).unwrap()).unwrap();
        let mask = u64::from_be_bytes(random_array(&random));
        let kept = sd_jwt.select_disclosures(|d| mask >> (d.digest().len() % 64) & 1 == 1 || d.name().is_none());
        prop_assert!(SdJwt::parse(&kept).unwrap().process().is_ok());
    }
}
