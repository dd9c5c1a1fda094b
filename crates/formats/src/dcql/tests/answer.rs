//! What an asker takes for an answer.

use serde_json::{Value, json};

use super::{good, object};
use crate::dcql::{ClaimPath, Format, Presented, Query, Unsatisfied};

const VCT: &str = "urn:eudi:pid:1";

/// A query, the claims shown, the paths disclosed; the presentation is that of the good twin otherwise.
fn check_with(
    query: Value,
    claims: Value,
    disclosed: Value,
    spoil: impl FnOnce(&mut Presented<'_>),
    expected: Result<(), Unsatisfied>,
) {
    let query = Query::from_value(&query).unwrap();
    let text = claims.to_string();
    let claims = object(claims);
    let disclosed: Vec<ClaimPath> =
        disclosed.as_array().unwrap().iter().map(|p| ClaimPath::from_value(p).unwrap()).collect();
    let mut one = Presented {
        format: Format::SdJwtVc,
        vct: VCT,
        claims: &claims,
        disclosed: &disclosed,
        holder_bound: true,
        authority_key_ids: &[],
    };
    spoil(&mut one);
    assert_eq!(query.check_answer(&[("pid".to_owned(), vec![one])].into()), expected, "{text}");
}

/// The same with the good query, changed.
fn check(
    change: impl FnOnce(&mut Value),
    claims: Value,
    disclosed: Value,
    expected: Result<(), Unsatisfied>,
) {
    let mut query = good();
    change(&mut query["credentials"][0]);
    check_with(query, claims, disclosed, |_| (), expected);
}

fn both() -> Value {
    json!({ "family_name": "A", "birthdate": "B" })
}

fn both_disclosed() -> Value {
    json!([["family_name"], ["birthdate"]])
}

#[test]
fn an_answer_shows_what_was_asked_and_nothing_else() {
    check(|_| (), both(), both_disclosed(), Ok(()));
    // A claim that the issuer shows to everybody is nobody's fault.
    let more = || json!({ "family_name": "A", "birthdate": "B", "sex": 1 });
    check(|_| (), more(), both_disclosed(), Ok(()));
    let all = json!([["family_name"], ["birthdate"], ["sex"]]);
    check(|_| (), more(), all, Err(Unsatisfied::ClaimNotAsked));
    check(|_| (), json!({ "family_name": "A" }), json!([["family_name"]]), Err(Unsatisfied::ClaimMissing));
    let spoilt = |spoil: fn(&mut Presented<'_>), expected| {
        check_with(good(), both(), both_disclosed(), spoil, expected);
    };
    spoilt(|p| p.vct = "urn:other", Err(Unsatisfied::Vct));
    spoilt(|p| p.format = Format::MsoMdoc, Err(Unsatisfied::Vct));
    spoilt(|p| p.holder_bound = false, Err(Unsatisfied::HolderBinding));
}

#[test]
fn an_answer_is_bound_and_certified_as_asked() {
    let check = |change: fn(&mut Value), spoil: fn(&mut Presented<'_>), expected| {
        let mut query = good();
        change(&mut query["credentials"][0]);
        check_with(query, both(), both_disclosed(), spoil, expected);
    };
    check(|c| c["require_cryptographic_holder_binding"] = json!(false), |p| p.holder_bound = false, Ok(()));
    let aki = |c: &mut Value| c["trusted_authorities"] = json!([{ "type": "aki", "values": ["AQID"] }]);
    check(aki, |_| (), Err(Unsatisfied::Authority));
    // Whoever asked for another type of authority judges the issuer another way.
    let other =
        |c: &mut Value| c["trusted_authorities"] = json!([{ "type": "etsi_tl", "values": ["https://x"] }]);
    check(other, |_| (), Ok(()));
    let mut query = good();
    aki(&mut query["credentials"][0]);
    let query = Query::from_value(&query).unwrap();
    assert!(query.credentials[0].trusts(&[vec![7], vec![1, 2, 3]]));
}

#[test]
fn values_are_checked_as_they_were_asked() {
    let asked = |c: &mut Value| c["claims"][0]["values"] = json!(["A", 1]);
    check(asked, both(), both_disclosed(), Ok(()));
    let other = json!({ "family_name": "1", "birthdate": "B" });
    check(asked, other, both_disclosed(), Err(Unsatisfied::Value));
}

#[test]
fn one_combination_is_shown_and_no_two() {
    let sets = |c: &mut Value| {
        c["claims"] = json!([{ "id": "a", "path": ["over_18"] }, { "id": "b", "path": ["birthdate"] }]);
        c["claim_sets"] = json!([["a"], ["b"]]);
    };
    check(sets, json!({ "over_18": true }), json!([["over_18"]]), Ok(()));
    check(sets, json!({ "birthdate": "B" }), json!([["birthdate"]]), Ok(()));
    check(sets, json!({}), json!([]), Err(Unsatisfied::ClaimMissing));
    let two = || json!({ "over_18": true, "birthdate": "B" });
    check(sets, two(), json!([["over_18"], ["birthdate"]]), Err(Unsatisfied::ClaimNotAsked));
    // One of them in the open.
    check(sets, two(), json!([["over_18"]]), Ok(()));
}

#[test]
fn parts_of_claims_are_asked_and_shown() {
    let path = |path: Value| move |c: &mut Value| c["claims"] = json!([{ "path": path }]);
    let address = || json!({ "address": { "locality": "L", "street": "S" } });
    let locality = || path(json!(["address", "locality"]));
    check(
        locality(),
        json!({ "address": { "locality": "L" } }),
        json!([["address"], ["address", "locality"]]),
        Ok(()),
    );
    check(locality(), address(), json!([["address"]]), Ok(()));
    check(
        locality(),
        address(),
        json!([["address", "locality"], ["address", "street"]]),
        Err(Unsatisfied::ClaimNotAsked),
    );
    check(path(json!(["address"])), address(), json!([["address"], ["address", "street"]]), Ok(()));
    check(locality(), json!({ "address": "L" }), json!([]), Err(Unsatisfied::ClaimMissing));
    // Of an array, only the element that was asked for is shown, and so it is the first.
    let second = || path(json!(["nationalities", 1]));
    check(second(), json!({ "nationalities": ["SN"] }), json!([["nationalities", 0]]), Ok(()));
    check(second(), json!({ "nationalities": [] }), json!([]), Err(Unsatisfied::ClaimMissing));
    let two = || json!({ "nationalities": ["SN", "FR"] });
    let both = || json!([["nationalities", 0], ["nationalities", 1]]);
    check(second(), two(), both(), Err(Unsatisfied::ClaimNotAsked));
    check(second(), two(), json!([["nationalities", 1]]), Ok(()));
    let first_too = |c: &mut Value| {
        c["claims"] = json!([{ "path": ["nationalities", 1] }, { "path": ["nationalities", 0] }]);
    };
    check(first_too, two(), both(), Ok(()));
    check(path(json!(["nationalities", null])), two(), both(), Ok(()));
    check(path(json!(["nationalities"])), two(), both(), Ok(()));
    let type_of_second = || path(json!(["degrees", 1, "type"]));
    check(type_of_second(), json!({ "degrees": ["?", { "type": "T" }] }), json!([["degrees", 1]]), Ok(()));
    check(type_of_second(), json!({ "degrees": ["?"] }), json!([]), Err(Unsatisfied::ClaimMissing));
    check(path(json!(["degrees", null])), json!({ "degrees": ["?"] }), json!([["degrees", 0]]), Ok(()));
}

/// How many presentations there are for each query.
fn check_shape(query: &Value, counts: &[(&str, usize)], expected: Result<(), Unsatisfied>) {
    let answer = counts.iter().map(|(id, n)| ((*id).to_owned(), vec![(); *n])).collect();
    assert_eq!(Query::from_value(query).unwrap().check_shape(&answer), expected, "{counts:?}");
}

#[test]
fn there_is_one_presentation_for_each_query_or_as_many_as_may_be() {
    check_shape(&good(), &[("pid", 1)], Ok(()));
    check_shape(&good(), &[("pid", 2)], Err(Unsatisfied::Count));
    check_shape(&good(), &[("pid", 0)], Err(Unsatisfied::Count));
    check_shape(&good(), &[], Err(Unsatisfied::CredentialMissing));
    check_shape(&good(), &[("pid", 1), ("more", 1)], Err(Unsatisfied::UnknownId));
    let mut multiple = good();
    multiple["credentials"][0]["multiple"] = json!(true);
    check_shape(&multiple, &[("pid", 1)], Ok(()));
    check_shape(&multiple, &[("pid", 3)], Ok(()));
    check_shape(&multiple, &[("pid", 0)], Err(Unsatisfied::Count));
}

#[test]
fn an_option_of_each_required_set_is_answered_and_nothing_beside() {
    let one = |id: &str| json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [id] } });
    let query = json!({
        "credentials": [one("a"), one("b"), one("c"), one("d"), one("e")],
        "credential_sets": [{ "options": [["a"], ["b", "c"]] }, { "options": [["d"]], "required": false }],
    });
    check_shape(&query, &[("a", 1)], Ok(()));
    check_shape(&query, &[("b", 1), ("c", 1)], Ok(()));
    check_shape(&query, &[("a", 1), ("d", 1)], Ok(()));
    check_shape(&query, &[("a", 1), ("b", 1), ("c", 1)], Ok(()));
    check_shape(&query, &[("b", 1)], Err(Unsatisfied::CredentialMissing));
    check_shape(&query, &[("d", 1)], Err(Unsatisfied::CredentialMissing));
    check_shape(&query, &[], Err(Unsatisfied::CredentialMissing));
    check_shape(&query, &[("a", 1), ("b", 1)], Err(Unsatisfied::CredentialNotAsked));
    check_shape(&query, &[("a", 1), ("e", 1)], Err(Unsatisfied::CredentialNotAsked));
    check_shape(&query, &[("a", 1), ("d", 2)], Err(Unsatisfied::Count));
}

#[test]
fn a_claim_asked_by_a_second_query_may_come_with_the_first() {
    let mut two = good();
    let second = json!({
        "id": "age", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["sex"] }],
    });
    two["credentials"].as_array_mut().unwrap().push(second);
    two["credential_sets"] = json!([{ "options": [["pid", "age"], ["pid"]] }]);
    let query = Query::from_value(&two).unwrap();
    let claims = object(json!({ "family_name": "A", "birthdate": "B", "sex": 1 }));
    let disclosed = ["family_name", "birthdate", "sex"].map(ClaimPath::top);
    let one = Presented {
        format: Format::SdJwtVc,
        vct: VCT,
        claims: &claims,
        disclosed: &disclosed,
        holder_bound: true,
        authority_key_ids: &[],
    };
    let answer = [("pid".to_owned(), vec![one]), ("age".to_owned(), vec![one])].into();
    assert_eq!(query.check_answer(&answer), Ok(()));
    // Not if the second is not answered.
    let answer = [("pid".to_owned(), vec![one])].into();
    assert_eq!(query.check_answer(&answer), Err(Unsatisfied::ClaimNotAsked));
}
