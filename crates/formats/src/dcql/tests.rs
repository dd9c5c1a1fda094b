//! What is asked, what would do, what satisfies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Error, Format, Held, Presented, Query, Unsatisfied};

fn good() -> Value {
    json!({ "credentials": [{
        "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
        "claims": [{ "path": ["family_name"] }, { "id": "b", "path": ["birthdate"] }],
    }] })
}

fn check(change: impl FnOnce(&mut Value), expected: &Result<(), Error>) {
    let mut query = good();
    change(&mut query);
    assert_eq!(&Query::from_value(&query).map(|_| ()), expected, "{query}");
}

#[test]
fn a_query_is_read_and_written_back() {
    let query = Query::from_value(&good()).unwrap();
    assert_eq!(query.to_value(), good());
    query.check_before_asking().unwrap();
    check(|_| (), &Ok(()));
    check(|q| q["later"] = json!(1), &Ok(()));
    check(|q| q["credentials"][0]["multiple"] = json!(false), &Ok(()));
    check(|q| q["credentials"][0]["require_cryptographic_holder_binding"] = json!(true), &Ok(()));
}

#[test]
fn malformed_queries_are_refused() {
    check(|q| *q = json!([]), &Err(Error::Malformed("not an object")));
    check(|q| q["credentials"] = json!([]), &Err(Error::Malformed("credentials")));
    for id in [json!(""), json!("a b"), json!("é"), json!(1)] {
        check(|q| q["credentials"][0]["id"] = id, &Err(Error::Malformed("id")));
    }
    check(|q| q["credentials"][0]["meta"] = json!({}), &Err(Error::Malformed("meta.vct_values")));
    check(
        |q| q["credentials"][0]["meta"]["vct_values"] = json!([1]),
        &Err(Error::Malformed("meta.vct_values")),
    );
    check(|q| q["credentials"][0]["claims"] = json!([]), &Err(Error::Malformed("claims")));
    check(|q| q["credentials"][0]["claims"][0]["path"] = json!([]), &Err(Error::Malformed("path")));
    check(
        |q| q["credentials"][0]["claims"][0]["path"] = json!([null]),
        &Err(Error::Malformed("a path does not begin with a string")),
    );
    check(
        |q| q["credentials"][0]["claims"][0]["path"] = json!(["a", -1]),
        &Err(Error::Malformed("a path has a component that is no string, null or index")),
    );
    check(
        |q| q["credentials"][0]["claims"][0]["path"] = json!(["birthdate"]),
        &Err(Error::Malformed("the same claim twice")),
    );
    check(
        |q| q["credentials"][0]["claims"][0]["id"] = json!("b"),
        &Err(Error::Malformed("the same claims id twice")),
    );
    check(|q| q["credentials"][0]["multiple"] = json!("no"), &Err(Error::Malformed("multiple")));
    let twice = json!([good()["credentials"][0], good()["credentials"][0]]);
    check(|q| q["credentials"] = twice, &Err(Error::Malformed("the same credential id twice")));
}

#[test]
fn what_is_not_spoken_is_refused_by_name() {
    check(|q| q["credential_sets"] = json!([]), &Err(Error::Unsupported("credential_sets")));
    for member in ["claim_sets", "trusted_authorities"] {
        check(|q| q["credentials"][0][member] = json!([]), &Err(Error::Unsupported(member)));
    }
    check(|q| q["credentials"][0]["multiple"] = json!(true), &Err(Error::Unsupported("multiple")));
    check(
        |q| q["credentials"][0]["require_cryptographic_holder_binding"] = json!(false),
        &Err(Error::Unsupported("require_cryptographic_holder_binding: false")),
    );
    check(
        |q| q["credentials"][0]["format"] = json!("mso_mdoc"),
        &Err(Error::Unsupported("a format other than dc+sd-jwt")),
    );
    check(|q| q["credentials"][0]["claims"][0]["values"] = json!(["x"]), &Err(Error::Unsupported("values")));
    for path in [json!(["address", "locality"]), json!(["nationalities", null]), json!(["nationalities", 0])]
    {
        check(
            |q| q["credentials"][0]["claims"][0]["path"] = path,
            &Err(Error::Unsupported("a path of more than one component")),
        );
    }
}

#[test]
fn queries_have_limits() {
    let many: Vec<Value> = (0..17)
        .map(|n| {
            let mut q = good()["credentials"][0].clone();
            q["id"] = json!(format!("q{n}"));
            q
        })
        .collect();
    check(|q| q["credentials"] = json!(many[..16]), &Ok(()));
    check(|q| q["credentials"] = json!(many), &Err(Error::TooLarge("credentials")));
    let claims: Vec<Value> = (0..65).map(|n| json!({ "path": [format!("c{n}")] })).collect();
    check(|q| q["credentials"][0]["claims"] = json!(claims[..64]), &Ok(()));
    check(|q| q["credentials"][0]["claims"] = json!(claims), &Err(Error::TooLarge("claims")));
}

#[test]
fn nothing_is_asked_that_is_shown_anyway() {
    let mut query = good();
    query["credentials"][0]["claims"][0]["path"] = json!(["vct"]);
    assert_eq!(Query::from_value(&query).unwrap().check_before_asking(), Err(Error::NeverDisclosable));
}

fn claims(names: &[&str]) -> Map<String, Value> {
    names.iter().map(|n| ((*n).to_owned(), json!("x"))).collect()
}

#[test]
fn a_holder_finds_what_would_do() {
    let query = Query::from_value(&good()).unwrap();
    let (full, poor) = (claims(&["family_name", "birthdate", "given_name"]), claims(&["family_name"]));
    let pid = Held { format: Format::SdJwtVc, vct: "urn:eudi:pid:1", claims: &full, holder_bound: true };
    let held = [
        Held { vct: "other", ..pid },
        pid,
        Held { claims: &poor, ..pid },
        Held { holder_bound: false, ..pid },
    ];
    let selections = query.select(&held);
    assert_eq!(selections.len(), 1);
    let candidates = &selections[0].candidates;
    assert_eq!(candidates.iter().map(|c| c.held).collect::<Vec<_>>(), [1]);
    let disclose: Vec<String> = candidates[0].disclose.iter().map(ToString::to_string).collect();
    assert_eq!(disclose, ["family_name", "birthdate"]);
    assert!(query.select(&held[..1])[0].candidates.is_empty());
}

#[test]
fn an_answer_satisfies_or_says_why_not() {
    let query = Query::from_value(&good()).unwrap();
    let check = |shown: &[&str],
                 disclosed: &[&str],
                 vct: &str,
                 ids: &[(&str, usize)],
                 expected: Result<(), Unsatisfied>| {
        let claims = claims(shown);
        let disclosed: BTreeSet<String> = disclosed.iter().map(|n| (*n).to_owned()).collect();
        let one = Presented { format: Format::SdJwtVc, vct, claims: &claims, disclosed: &disclosed };
        let answer: BTreeMap<String, Vec<Presented<'_>>> =
            ids.iter().map(|(id, n)| ((*id).to_owned(), vec![one; *n])).collect();
        assert_eq!(query.check_answer(&answer), expected);
    };
    let (both, vct, one) = (["family_name", "birthdate"], "urn:eudi:pid:1", [("pid", 1)]);
    check(&both, &both, vct, &one, Ok(()));
    // A claim that the issuer shows to everybody is nobody's fault.
    check(&["family_name", "birthdate", "country"], &both, vct, &one, Ok(()));
    check(
        &["family_name", "birthdate", "sex"],
        &["family_name", "birthdate", "sex"],
        vct,
        &one,
        Err(Unsatisfied::ClaimNotAsked),
    );
    check(&["family_name"], &["family_name"], vct, &one, Err(Unsatisfied::ClaimMissing));
    check(&both, &both, "urn:other", &one, Err(Unsatisfied::Vct));
    check(&both, &both, vct, &[("pid", 2)], Err(Unsatisfied::Count));
    check(&both, &both, vct, &[("pid", 0)], Err(Unsatisfied::Count));
    check(&both, &both, vct, &[], Err(Unsatisfied::CredentialMissing));
    check(&both, &both, vct, &[("pid", 1), ("more", 1)], Err(Unsatisfied::UnknownId));
}

#[test]
fn a_claim_asked_by_a_second_query_may_come_with_the_first() {
    let mut two = good();
    let second = json!({ "id": "age", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] }, "claims": [{ "path": ["sex"] }] });
    two["credentials"] = json!([good()["credentials"][0], second]);
    let query = Query::from_value(&two).unwrap();
    let names = ["family_name", "birthdate", "sex"];
    let (claims, disclosed) = (claims(&names), names.iter().map(|n| (*n).to_owned()).collect());
    let one =
        Presented { format: Format::SdJwtVc, vct: "urn:eudi:pid:1", claims: &claims, disclosed: &disclosed };
    let answer = [("pid".to_owned(), vec![one]), ("age".to_owned(), vec![one])].into();
    assert_eq!(query.check_answer(&answer), Ok(()));
}
