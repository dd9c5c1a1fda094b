//! What a holder finds.

use serde_json::{Map, Value, json};

use super::{good, object};
use crate::dcql::{Answerable, Format, Held, Query, TrustedAuthority, path::Indices};
use crate::dcql::{ClaimPath, Expected};

const VCT: &str = "urn:eudi:pid:1";

fn person() -> Map<String, Value> {
    object(json!({
        "name": "Arthur Dent",
        "address": { "street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345" },
        "degrees": [
            { "type": "Bachelor of Science", "university": "University of Betelgeuse" },
            { "type": "Master of Science", "university": "University of Betelgeuse" },
        ],
        "nationalities": ["British", "Betelgeusian"],
        "mixed": [{ "a": 1 }, "b"], "rows": [[1, 2], [3]], "none": null, "empty": [],
    }))
}

/// What a path leads to, as paths; nothing if processing it is an error.
fn check_path(path: Value, expected: &[&str]) {
    let claims = person();
    let found = ClaimPath::from_value(&path).unwrap().resolve(&claims, Indices::Exact);
    assert_eq!(found.iter().map(|f| f.path.to_string()).collect::<Vec<_>>(), expected, "{path}");
    for f in &found {
        let exact = f.path.resolve(&claims, Indices::Exact);
        assert_eq!(exact, std::slice::from_ref(f), "what is found is found again where it is");
    }
}

#[test]
fn a_path_leads_where_section_7_says() {
    // Section 7.3, the five examples.
    check_path(json!(["name"]), &["name"]);
    check_path(json!(["address"]), &["address"]);
    check_path(json!(["address", "street_address"]), &["address.street_address"]);
    check_path(json!(["degrees", null, "type"]), &["degrees.0.type", "degrees.1.type"]);
    check_path(json!(["nationalities", 1]), &["nationalities.1"]);
    // Section 7.1.1: what is missing is removed from the selection,
    check_path(json!(["nationalities", 2]), &[]);
    check_path(json!(["address", "country"]), &[]);
    check_path(json!(["rows", null, 1]), &["rows.0.1"]);
    check_path(json!(["rows", null, null]), &["rows.0.0", "rows.0.1", "rows.1.0"]);
    check_path(json!(["empty"]), &["empty"]);
    check_path(json!(["empty", null]), &[]);
    // what does not fit is an error, be it in one element of several,
    check_path(json!(["name", "first"]), &[]);
    check_path(json!(["name", null]), &[]);
    check_path(json!(["name", 0]), &[]);
    check_path(json!(["address", null]), &[]);
    check_path(json!(["address", 0]), &[]);
    check_path(json!(["nationalities", "0"]), &[]);
    check_path(json!(["mixed", 0, "a"]), &["mixed.0.a"]);
    check_path(json!(["mixed", null, "a"]), &[]);
    // and a claim that is null is one.
    check_path(json!(["none"]), &["none"]);
    check_path(json!(["none", "a"]), &[]);
}

/// Whether a value that is expected matches a claim.
fn check_value(expected: Value, claim: Value, matches: bool) {
    let mut query = good();
    query["credentials"][0]["claims"] = json!([{ "path": ["c"], "values": [expected] }]);
    let query = Query::from_value(&query).unwrap();
    let claims = object(json!({ "c": claim }));
    let found = query.credentials[0].claims[0].find(&claims, Indices::Exact);
    assert_eq!(found.len(), usize::from(matches), "{expected} {claim}");
}

#[test]
fn values_match_exactly_in_type_and_value() {
    check_value(json!("x"), json!("x"), true);
    check_value(json!("x"), json!("X"), false);
    check_value(json!("é"), json!("e\u{301}"), false);
    check_value(json!("1"), json!(1), false);
    check_value(json!(1), json!("1"), false);
    check_value(json!(1), json!(1), true);
    check_value(json!(1), json!(1.0), true);
    check_value(json!(1.0), json!(1), true);
    check_value(json!(1), json!(1.5), false);
    check_value(json!(1), json!(true), false);
    check_value(json!(true), json!(true), true);
    check_value(json!(true), json!(false), false);
    check_value(json!(true), json!("true"), false);
    check_value(json!(-1), json!(-1), true);
    check_value(json!(u64::MAX), json!(u64::MAX), true);
    check_value(json!(u64::MAX), json!(u64::MAX - 1), false);
    check_value(json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0), false);
    check_value(json!("x"), json!(["x"]), false);
    check_value(json!("x"), json!(null), false);
    assert_ne!(Expected::Text("1".into()), Expected::Integer(1));
}

/// What is disclosed, and by which claim set, if the one credential will do.
fn check(
    change: impl FnOnce(&mut Value),
    held: impl FnOnce(&mut Held<'_>),
    expected: Option<(Option<usize>, &[&str])>,
) {
    let mut query = json!({ "credentials": [{
        "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:other", VCT] },
        "claims": [{ "id": "n", "path": ["name"] }, { "id": "l", "path": ["address", "locality"] }],
    }] });
    change(&mut query["credentials"][0]);
    let query = Query::from_value(&query).unwrap();
    let claims = person();
    let mut one = Held {
        format: Format::SdJwtVc,
        vct: VCT,
        claims: &claims,
        holder_bound: true,
        authority_key_ids: &[],
    };
    held(&mut one);
    let selections = query.select(&[one]);
    let found = selections[0]
        .candidates
        .first()
        .map(|c| (c.claim_set, c.disclose.iter().map(ToString::to_string).collect::<Vec<_>>()));
    assert_eq!(found, expected.map(|(set, d)| (set, d.iter().map(|p| (*p).to_owned()).collect())));
    assert_eq!(query.answerable(&selections).is_some(), expected.is_some());
}

const BOTH: &[&str] = &["name", "address.locality"];

#[test]
fn a_credential_is_of_the_format_type_and_binding_asked_for() {
    check(|_| (), |_| (), Some((None, BOTH)));
    check(|_| (), |h| h.vct = "urn:third", None);
    check(|_| (), |h| h.vct = "urn:other", Some((None, BOTH)));
    check(|_| (), |h| h.holder_bound = false, None);
    let unbound = |c: &mut Value| c["require_cryptographic_holder_binding"] = json!(false);
    check(unbound, |h| h.holder_bound = false, Some((None, BOTH)));
    check(unbound, |_| (), Some((None, BOTH)));
    check(|c| c["multiple"] = json!(true), |_| (), Some((None, BOTH)));
    let mdoc = |c: &mut Value| {
        *c = json!({ "id": "m", "format": "mso_mdoc", "meta": { "doctype_value": VCT } });
    };
    check(mdoc, |_| (), None);
    check(mdoc, |h| h.format = Format::MsoMdoc, None);
    check(|c| _ = c.as_object_mut().unwrap().remove("claims"), |_| (), Some((None, &[])));
}

#[test]
fn a_claim_that_is_missing_or_has_another_value_rules_a_credential_out() {
    let claims = |claims: Value| move |c: &mut Value| c["claims"] = claims;
    check(claims(json!([{ "path": ["name"] }, { "path": ["email"] }])), |_| (), None);
    check(
        claims(json!([{ "path": ["name"], "values": ["Ford", "Arthur Dent"] }])),
        |_| (),
        Some((None, &["name"])),
    );
    check(claims(json!([{ "path": ["name"], "values": ["Ford"] }])), |_| (), None);
    // Of several elements, those that match.
    check(
        claims(json!([{ "path": ["nationalities", null], "values": ["French", "Betelgeusian"] }])),
        |_| (),
        Some((None, &["nationalities.1"])),
    );
    check(claims(json!([{ "path": ["nationalities", 0], "values": ["Betelgeusian"] }])), |_| (), None);
    // Pointers that meet in one place disclose it once.
    check(
        claims(json!([{ "path": ["nationalities", null] }, { "path": ["nationalities", 0] }])),
        |_| (),
        Some((None, &["nationalities.0", "nationalities.1"])),
    );
    // Section 6.1: a second query for the same claim is ignored.
    check(
        claims(json!([{ "path": ["name"] }, { "path": ["name"], "values": ["Ford"] }])),
        |_| (),
        Some((None, &["name"])),
    );
}

#[test]
fn the_first_claim_set_that_can_be_satisfied_is_taken() {
    let sets = |third: &'static str, sets: Value| {
        move |c: &mut Value| {
            c["claims"].as_array_mut().unwrap().push(json!({ "id": "x", "path": [third] }));
            c["claim_sets"] = sets;
        }
    };
    check(sets("email", json!([["x", "n"], ["n", "l"], ["n"]])), |_| (), Some((Some(1), BOTH)));
    check(sets("none", json!([["x", "n"], ["n", "l"]])), |_| (), Some((Some(0), &["none", "name"])));
    check(sets("email", json!([["x"], ["n", "x"]])), |_| (), None);
    check(sets("email", json!([["x"], []])), |_| (), Some((Some(1), &[])));
}

#[test]
fn an_authority_is_known_by_its_key_identifier() {
    let asked = |authorities: Value| move |c: &mut Value| c["trusted_authorities"] = authorities;
    let ids = [vec![9], vec![1, 2, 3]];
    let aki = || json!({ "type": "aki", "values": ["BAUG", "AQID"] });
    let other = || json!({ "type": "etsi_tl", "values": ["https://lotl.example.com"] });
    check(asked(json!([aki()])), |h| h.authority_key_ids = &[], None);
    check(asked(json!([other(), aki()])), |_| (), None);
    let claims = person();
    let query = |authorities: Value| {
        let mut query = good();
        query["credentials"][0]["claims"] = json!([{ "path": ["name"] }]);
        asked(authorities)(&mut query["credentials"][0]);
        Query::from_value(&query).unwrap()
    };
    let held = Held {
        format: Format::SdJwtVc,
        vct: VCT,
        claims: &claims,
        holder_bound: true,
        authority_key_ids: &ids,
    };
    let count = |query: Query| query.select(&[held])[0].candidates.len();
    assert_eq!(count(query(json!([aki()]))), 1);
    assert_eq!(count(query(json!([other(), aki()]))), 1);
    assert_eq!(count(query(json!([other()]))), 0);
    assert_eq!(count(query(json!([{ "type": "aki", "values": ["BAUG"] }]))), 0);
    assert!(matches!(
        query(json!([other()])).credentials[0].trusted_authorities[0],
        TrustedAuthority::Other { .. }
    ));
}

fn sets(held: &[&str], sets: Value, check: impl FnOnce(Option<Answerable<'_>>)) {
    let one = |id: &str| json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [id] } });
    let mut query = json!({ "credentials": [one("a"), one("b"), one("c"), one("d")] });
    if !sets.is_null() {
        query["credential_sets"] = sets;
    }
    let query = Query::from_value(&query).unwrap();
    let claims = Map::new();
    let held: Vec<Held<'_>> = held
        .iter()
        .map(|vct| Held {
            format: Format::SdJwtVc,
            vct,
            claims: &claims,
            holder_bound: true,
            authority_key_ids: &[],
        })
        .collect();
    check(query.answerable(&query.select(&held)));
}

#[test]
fn of_each_required_set_an_option_is_there_as_a_whole() {
    let required = |answerable: Option<Answerable<'_>>| {
        answerable.map(|a| a.required().into_iter().collect::<Vec<_>>().concat())
    };
    let check = |held: &[&str], query: Value, expected: Option<&str>| {
        sets(held, query, |a| assert_eq!(required(a).as_deref(), expected));
    };
    check(&["a", "b", "c"], json!(null), None);
    check(&["a", "b", "c", "d"], json!(null), Some("abcd"));
    let alternatives =
        || json!([{ "options": [["a"], ["b", "c"]] }, { "options": [["d"]], "required": false }]);
    check(&["a", "b", "c"], alternatives(), Some("a"));
    check(&["b", "c"], alternatives(), Some("bc"));
    check(&["b", "d"], alternatives(), None);
    check(&["a", "d"], alternatives(), Some("a"));
    let two = || json!([{ "options": [["a"], ["b"]] }, { "options": [["b"], ["c"]] }]);
    check(&["b"], two(), Some("b"));
    check(&["a", "b"], two(), Some("ab"));
    check(&["a"], two(), None);
    let optional = || json!([{ "options": [["a"]], "required": false }]);
    check(&["b"], optional(), Some(""));
    sets(&["a", "d"], alternatives(), |a| {
        let all: Vec<_> = a.unwrap().sets.into_iter().map(|s| (s.required, s.options)).collect();
        assert_eq!(all, [(true, vec![vec!["a"]]), (false, vec![vec!["d"]])]);
    });
    sets(&["a", "b", "c"], alternatives(), |a| {
        assert_eq!(a.unwrap().sets[0].options, [vec!["a"], vec!["b", "c"]], "the person can choose");
    });
}
