//! The standard's own examples (section 6.5 and Appendix D).

use serde_json::{Map, Value, json};

use super::object;
use crate::dcql::{Format, Held, Query};

const ID: &str = "https://credentials.example.com/identity_credential";

fn query(value: Value) -> Query {
    let query = Query::from_value(&value).unwrap();
    assert_eq!(Query::from_value(&query.to_value()).unwrap(), query);
    query
}

/// What a holder of one credential of each of these types discloses for each query; none if it cannot be met.
fn check(query: &Query, held: &[(&str, Value)], expected: Option<&[(&str, &[&str])]>) {
    let claims: Vec<Map<String, Value>> = held.iter().map(|(_, claims)| object(claims.clone())).collect();
    let held: Vec<Held<'_>> = held
        .iter()
        .zip(&claims)
        .map(|((vct, _), claims)| Held {
            format: Format::SdJwtVc,
            vct,
            claims,
            holder_bound: true,
            authority_key_ids: &[],
        })
        .collect();
    let selections = query.select(&held);
    let answer = query.answerable(&selections).map(|answerable| {
        let ids = answerable.required();
        let chosen = selections.iter().filter(|s| ids.contains(s.query.id.as_str()));
        chosen
            .map(|s| {
                let paths = s.candidates[0].disclose.iter().map(ToString::to_string).collect::<Vec<_>>();
                (s.query.id.clone(), paths)
            })
            .collect::<Vec<_>>()
    });
    let expected = expected.map(|answer| {
        let paths = |paths: &[&str]| paths.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>();
        answer.iter().map(|(id, p)| ((*id).to_owned(), paths(p))).collect::<Vec<_>>()
    });
    assert_eq!(answer, expected);
}

fn person() -> Value {
    json!({
        "last_name": "Doe", "first_name": "Jane", "date_of_birth": "1990-01-01", "postal_code": "90210",
        "locality": "L", "region": "R", "address": { "street_address": "42 Market Street", "locality": "M" },
    })
}

#[test]
fn a_simple_query() {
    let q = query(json!({ "credentials": [{
        "id": "my_credential", "format": "dc+sd-jwt", "meta": { "vct_values": [ID] },
        "claims": [{ "path": ["last_name"] }, { "path": ["first_name"] }, { "path": ["address", "street_address"] }],
    }] }));
    let disclosed: &[&str] = &["last_name", "first_name", "address.street_address"];
    check(&q, &[(ID, person())], Some(&[("my_credential", disclosed)]));
    check(&q, &[("https://credentials.example.com/other", person())], None);
    check(&q, &[], None);
}

#[test]
fn a_simple_query_for_an_mdoc() {
    let q = query(json!({ "credentials": [{
        "id": "my_credential", "format": "mso_mdoc", "meta": { "doctype_value": "org.iso.7367.1.mVRC" },
        "claims": [{ "path": ["org.iso.7367.1", "vehicle_holder"] }, { "path": ["org.iso.18013.5.1", "first_name"] }],
    }] }));
    check(&q, &[("org.iso.7367.1.mVRC", person())], None);
}

#[test]
fn several_credentials_all_of_which_are_returned() {
    let q = query(json!({ "credentials": [
        {
            "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": [ID] },
            "claims": [{ "path": ["last_name"] }, { "path": ["address", "street_address"] }],
        },
        {
            "id": "mdl", "format": "mso_mdoc", "meta": { "doctype_value": "org.iso.7367.1.mVRC" },
            "claims": [{ "path": ["org.iso.7367.1", "vehicle_holder"] }],
        },
    ] }));
    // Nothing is returned while one of them cannot be had.
    check(&q, &[(ID, person())], None);
}

#[test]
fn alternative_credentials() {
    let vct = |name: &str| format!("https://credentials.example.com/{name}");
    let one = |id: &str, name: &str, paths: Value| {
        let claims: Vec<Value> =
            paths.as_array().unwrap().iter().map(|path| json!({ "path": path })).collect();
        json!({ "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [vct(name)] }, "claims": claims })
    };
    let q = query(json!({
        "credentials": [
            one("pid", "identity_credential", json!([["given_name"], ["family_name"], ["address", "street_address"]])),
            one("other_pid", "other_credential", json!([["given_name"], ["family_name"], ["address", "street_address"]])),
            one("pid_reduced_cred_1", "reduced_identity_credential", json!([["family_name"], ["given_name"]])),
            one("pid_reduced_cred_2", "residence_credential", json!([["postal_code"], ["locality"], ["region"]])),
            one("nice_to_have", "company_rewards", json!([["rewards_number"]])),
        ],
        "credential_sets": [
            { "options": [["pid"], ["other_pid"], ["pid_reduced_cred_1", "pid_reduced_cred_2"]] },
            { "required": false, "options": [["nice_to_have"]] },
        ],
    }));
    let name = json!({ "given_name": "J", "family_name": "D", "address": { "street_address": "S" } });
    let place = json!({ "postal_code": "1", "locality": "L", "region": "R" });
    let (reduced, residence, other, rewards) = (
        vct("reduced_identity_credential"),
        vct("residence_credential"),
        vct("other_credential"),
        vct("company_rewards"),
    );
    let reduced_answer: &[(&str, &[&str])] = &[
        ("pid_reduced_cred_1", &["family_name", "given_name"]),
        ("pid_reduced_cred_2", &["postal_code", "locality", "region"]),
    ];
    check(&q, &[(&reduced, name.clone()), (&residence, place)], Some(reduced_answer));
    check(&q, &[(&reduced, name.clone())], None);
    check(&q, &[(&rewards, json!({ "rewards_number": 1 }))], None);
    let all: &[&str] = &["given_name", "family_name", "address.street_address"];
    check(&q, &[(&other, name.clone()), (&reduced, name)], Some(&[("other_pid", all)]));
}

#[test]
fn an_id_and_an_address_from_either_of_two_mdocs() {
    let one = |id: &str, doctype: &str, paths: Value| {
        let claims: Vec<Value> =
            paths.as_array().unwrap().iter().map(|path| json!({ "path": path })).collect();
        json!({ "id": id, "format": "mso_mdoc", "meta": { "doctype_value": doctype }, "claims": claims })
    };
    let (mdl, photo) = ("org.iso.18013.5.1", "org.iso.23220.1");
    let q = query(json!({
        "credentials": [
            one("mdl-id", "org.iso.18013.5.1.mDL", json!([[mdl, "given_name"], [mdl, "family_name"], [mdl, "portrait"]])),
            one("mdl-address", "org.iso.18013.5.1.mDL", json!([[mdl, "resident_address"], [mdl, "resident_country"]])),
            one("photo_card-id", "org.iso.23220.photoid.1", json!([[photo, "given_name"], [photo, "portrait"]])),
            one("photo_card-address", "org.iso.23220.photoid.1", json!([[photo, "resident_address"]])),
        ],
        "credential_sets": [
            { "options": [["mdl-id"], ["photo_card-id"]] },
            { "required": false, "options": [["mdl-address"], ["photo_card-address"]] },
        ],
    }));
    check(&q, &[("org.iso.18013.5.1.mDL", person())], None);
}

#[test]
fn alternative_claims() {
    let q = query(json!({ "credentials": [{
        "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": [ID] },
        "claims": [
            { "id": "a", "path": ["last_name"] }, { "id": "b", "path": ["postal_code"] },
            { "id": "c", "path": ["locality"] }, { "id": "d", "path": ["region"] },
            { "id": "e", "path": ["date_of_birth"] },
        ],
        "claim_sets": [["a", "c", "d", "e"], ["a", "b", "e"]],
    }] }));
    let first: &[&str] = &["last_name", "locality", "region", "date_of_birth"];
    check(&q, &[(ID, person())], Some(&[("pid", first)]));
    let mut poor = person();
    poor.as_object_mut().unwrap().remove("region");
    let second: &[&str] = &["last_name", "postal_code", "date_of_birth"];
    check(&q, &[(ID, poor.clone())], Some(&[("pid", second)]));
    poor.as_object_mut().unwrap().remove("postal_code");
    check(&q, &[(ID, poor)], None);
}

#[test]
fn claims_of_certain_values() {
    let q = query(json!({ "credentials": [{
        "id": "my_credential", "format": "dc+sd-jwt", "meta": { "vct_values": [ID] },
        "claims": [
            { "path": ["last_name"], "values": ["Doe"] },
            { "path": ["first_name"] },
            { "path": ["address", "street_address"] },
            { "path": ["postal_code"], "values": ["90210", "90211"] },
        ],
    }] }));
    let disclosed: &[&str] = &["last_name", "first_name", "address.street_address", "postal_code"];
    check(&q, &[(ID, person())], Some(&[("my_credential", disclosed)]));
    for (name, value) in [("last_name", json!("Smith")), ("postal_code", json!(90210))] {
        let mut other = person();
        other[name] = value;
        check(&q, &[(ID, other)], None);
    }
}
