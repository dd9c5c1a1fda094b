//! What is asked, what would do, what satisfies.

mod answer;
mod examples;
mod select;

use serde_json::{Map, Value, json};

use super::{Error, Query};

fn good() -> Value {
    json!({ "credentials": [{
        "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
        "claims": [{ "path": ["family_name"] }, { "id": "b", "path": ["birthdate"] }],
    }] })
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// Changes the good query, and reads it.
fn check(change: impl FnOnce(&mut Value), expected: &Result<(), Error>) {
    let mut query = good();
    change(&mut query);
    assert_eq!(&Query::from_value(&query).map(|_| ()), expected, "{query}");
}

/// The same for its one credential query.
fn check_credential(change: impl FnOnce(&mut Value), expected: &Result<(), Error>) {
    check(|q| change(&mut q["credentials"][0]), expected);
}

/// The same for the first claims query of that.
fn check_claim(change: impl FnOnce(&mut Value), expected: &Result<(), Error>) {
    check(|q| change(&mut q["credentials"][0]["claims"][0]), expected);
}

const fn malformed(at: &'static str) -> Result<(), Error> {
    Err(Error::Malformed(at))
}

#[test]
fn a_query_is_read_and_written_back() {
    let query = Query::from_value(&good()).unwrap();
    assert_eq!(query.to_value(), good());
    query.check_before_asking().unwrap();
    check(|_| (), &Ok(()));
    check(|q| q["later"] = json!(1), &Ok(()));
    check_credential(|c| c["multiple"] = json!(false), &Ok(()));
    check_credential(|c| c["require_cryptographic_holder_binding"] = json!(true), &Ok(()));
}

#[test]
fn all_of_the_language_is_read_and_written_back() {
    let full = json!({
        "credentials": [
            {
                "id": "a", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:a", "urn:b"] }, "multiple": true,
                "require_cryptographic_holder_binding": false,
                "trusted_authorities": [
                    { "type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"] },
                    { "type": "etsi_tl", "values": ["https://lotl.example.com"] },
                    { "type": "of_the_future", "values": ["x"] },
                ],
                "claims": [
                    { "id": "x", "path": ["nationalities", null], "values": ["FR", "SN"] },
                    { "id": "y", "path": ["addresses", 0, "floor"], "values": [3, -1, true, u64::MAX] },
                ],
                "claim_sets": [["x", "y"], ["x"], []],
            },
            {
                "id": "b", "format": "mso_mdoc", "meta": { "doctype_value": "org.iso.18013.5.1.mDL" },
                "claims": [{ "path": ["org.iso.18013.5.1", "given_name"], "intent_to_retain": true }],
            },
        ],
        "credential_sets": [
            { "options": [["a", "b"], ["b"]], "required": true }, { "options": [["a"]], "required": false },
        ],
    });
    let query = Query::from_value(&full).unwrap();
    assert_eq!(query.to_value(), full);
    let mut short = full;
    short["credential_sets"][0].as_object_mut().unwrap().remove("required");
    assert_eq!(Query::from_value(&short).unwrap(), query, "a set is required unless it says otherwise");
}

#[test]
fn malformed_queries_are_refused() {
    check(|q| *q = json!([]), &malformed("not an object"));
    check(|q| q["credentials"] = json!([]), &malformed("credentials"));
    for id in [json!(""), json!("a b"), json!("é"), json!(1)] {
        check_credential(|c| c["id"] = id, &malformed("id"));
    }
    let twice = json!([good()["credentials"][0], good()["credentials"][0]]);
    check(|q| q["credentials"] = twice, &malformed("the same credential id twice"));
    check_credential(|c| c["meta"] = json!([]), &malformed("meta"));
    for vct in [json!(null), json!([]), json!([1]), json!([""])] {
        check_credential(|c| c["meta"] = json!({ "vct_values": vct }), &malformed("meta.vct_values"));
    }
    check_credential(|c| c["multiple"] = json!("no"), &malformed("multiple"));
    let binding = "require_cryptographic_holder_binding";
    check_credential(|c| c[binding] = json!(0), &malformed(binding));
    check_credential(
        |c| c["format"] = json!("ldp_vc"),
        &Err(Error::Unsupported("a format other than dc+sd-jwt and mso_mdoc")),
    );
}

#[test]
fn malformed_claims_queries_are_refused() {
    check_credential(|c| c["claims"] = json!([]), &malformed("claims"));
    check_claim(|c| c["path"] = json!([]), &malformed("path"));
    check_claim(|c| c["path"] = json!([null]), &malformed("a path does not begin with a string"));
    for part in [json!(-1), json!(1.5), json!(true), json!({})] {
        check_claim(
            |c| c["path"] = json!(["a", part]),
            &malformed("a path has a component that is no string, null or index"),
        );
    }
    check_claim(|c| c["path"] = json!(["a", null, 0, "b"]), &Ok(()));
    check_claim(|c| c["id"] = json!("b"), &malformed("the same claims id twice"));
    check_claim(|c| c["id"] = json!("c"), &Ok(()));
    check_claim(|c| c["values"] = json!([]), &malformed("values"));
    check_claim(|c| c["values"] = json!("x"), &malformed("values"));
    for value in [json!(null), json!(1.5), json!(["x"]), json!({})] {
        check_claim(
            |c| c["values"] = json!([value]),
            &malformed("values has an element that is no string, integer or boolean"),
        );
    }
    check_claim(|c| c["values"] = json!(["x", 1, 1.0, true]), &Ok(()));
}

#[test]
fn claim_sets_name_claims_that_there_are() {
    let check = |claim_sets: Value, expected| {
        check_credential(
            |c| {
                c["claims"][0]["id"] = json!("a");
                c["claim_sets"] = claim_sets;
            },
            &expected,
        );
    };
    check(json!([["a", "b"], ["b"]]), Ok(()));
    check(json!([]), malformed("claim_sets"));
    check(json!(["a"]), malformed("claim_sets"));
    check(json!([[1]]), malformed("id"));
    check(json!([["a", "c"]]), malformed("claim_sets names a claim that there is not"));
    check_credential(
        |c| c["claim_sets"] = json!([["b"]]),
        &malformed("claim_sets, and a claims query has no id"),
    );
    check_credential(
        |c| {
            c.as_object_mut().unwrap().remove("claims");
            c["claim_sets"] = json!([["b"]]);
        },
        &malformed("claim_sets without claims"),
    );
}

#[test]
fn credential_sets_name_credentials_that_there_are() {
    let check = |sets: Value, expected| check(|q| q["credential_sets"] = sets, &expected);
    check(json!([{ "options": [["pid"]] }]), Ok(()));
    check(json!([]), malformed("credential_sets"));
    check(json!([[["pid"]]]), malformed("a credential set is not an object"));
    check(json!([{}]), malformed("options"));
    check(json!([{ "options": [] }]), malformed("options"));
    check(json!([{ "options": [[]] }]), malformed("options"));
    check(json!([{ "options": [["pid"]], "required": 1 }]), malformed("required"));
    check(
        json!([{ "options": [["pid"], ["other"]] }]),
        malformed("credential_sets names a credential that there is not"),
    );
}

#[test]
fn trusted_authorities_are_read_and_unknown_types_too() {
    let check = |authorities: Value, expected| {
        check_credential(|c| c["trusted_authorities"] = authorities, &expected);
    };
    let fault = "trusted_authorities";
    check(json!([{ "type": "aki", "values": ["AQID"] }]), Ok(()));
    check(json!([{ "type": "of_the_future", "values": ["?"] }]), Ok(()));
    check(json!([]), malformed(fault));
    check(json!(["aki"]), malformed(fault));
    check(json!([{ "values": ["AQID"] }]), malformed(fault));
    check(json!([{ "type": "aki" }]), malformed(fault));
    check(json!([{ "type": "aki", "values": [] }]), malformed(fault));
    check(json!([{ "type": "aki", "values": [1] }]), malformed(fault));
    check(json!([{ "type": "aki", "values": ["AQI="] }]), malformed(fault));
}

#[test]
fn queries_for_mdocs_are_read() {
    let mdoc = |change: fn(&mut Value), expected| {
        check_credential(
            |c| {
                c["format"] = json!("mso_mdoc");
                c["meta"] = json!({ "doctype_value": "org.iso.18013.5.1.mDL" });
                c["claims"] = json!([{ "path": ["org.iso.18013.5.1", "given_name"] }]);
                change(c);
            },
            &expected,
        );
    };
    mdoc(|_| (), Ok(()));
    mdoc(|c| c["meta"] = json!({}), malformed("meta.doctype_value"));
    mdoc(|c| c["meta"] = json!({ "vct_values": ["x"] }), malformed("meta.doctype_value"));
    mdoc(|c| c["claims"][0]["path"] = json!(["a"]), malformed("a path into an mdoc is not two strings"));
    mdoc(|c| c["claims"][0]["path"] = json!(["a", 0]), malformed("a path into an mdoc is not two strings"));
    mdoc(|c| c["claims"][0]["intent_to_retain"] = json!("no"), malformed("intent_to_retain"));
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
    check_credential(|c| c["claims"] = json!(claims[..64]), &Ok(()));
    check_credential(|c| c["claims"] = json!(claims), &Err(Error::TooLarge("claims")));
    let check_list = |name: &'static str, put: fn(&mut Value, Vec<Value>), item: Value| {
        check(|q| put(q, vec![item.clone(); 64]), &Ok(()));
        check(|q| put(q, vec![item; 65]), &Err(Error::TooLarge(name)));
    };
    check_list("path", |q, list| q["credentials"][0]["claims"][0]["path"] = list.into(), json!("x"));
    check_list("values", |q, list| q["credentials"][0]["claims"][0]["values"] = list.into(), json!("x"));
    check_list(
        "trusted_authorities",
        |q, list| q["credentials"][0]["trusted_authorities"] = list.into(),
        json!({ "type": "x", "values": ["y"] }),
    );
    check_list(
        "credential_sets",
        |q, list| q["credential_sets"] = list.into(),
        json!({ "options": [["pid"]] }),
    );
    check_list("options", |q, list| q["credential_sets"] = json!([{ "options": list }]), json!(["pid"]));
    check_list("options", |q, list| q["credential_sets"] = json!([{ "options": [list] }]), json!("pid"));
    let claim_sets = |q: &mut Value, list: Value| {
        q["credentials"][0]["claims"] = json!([{ "id": "a", "path": ["a"] }]);
        q["credentials"][0]["claim_sets"] = list;
    };
    check(|q| claim_sets(q, json!(vec![["a"]; 64])), &Ok(()));
    check(|q| claim_sets(q, json!(vec![["a"]; 65])), &Err(Error::TooLarge("claim_sets")));
    check(|q| claim_sets(q, json!([vec!["a"; 65]])), &Err(Error::TooLarge("claim_sets")));
}

#[test]
fn an_asker_asks_for_nothing_that_it_should_not() {
    let check = |change: fn(&mut Value), expected| {
        let mut query = good();
        change(&mut query["credentials"][0]);
        assert_eq!(Query::from_value(&query).unwrap().check_before_asking(), expected);
    };
    check(|_| (), Ok(()));
    check(|c| c["claims"][0]["path"] = json!(["vct"]), Err(Error::NeverDisclosable));
    check(|c| c["claims"][0]["path"] = json!(["cnf", "jwk"]), Err(Error::NeverDisclosable));
    check(|c| c["claims"][0]["path"] = json!(["birthdate"]), Err(Error::Malformed("the same claim twice")));
    check(|c| c["multiple"] = json!(true), Ok(()));
    check(|c| c["require_cryptographic_holder_binding"] = json!(false), Ok(()));
    check(
        |c| {
            *c = json!({ "id": "a", "format": "mso_mdoc", "meta": { "doctype_value": "x" } });
        },
        Err(Error::Unsupported("a format other than dc+sd-jwt")),
    );
}
