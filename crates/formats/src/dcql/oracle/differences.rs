//! Where the library answers otherwise, and the section of OpenID4VP 1.0 by which ours is the right answer.

use serde_json::{Value, json};

use super::{Card, ask_oracle};
use crate::dcql::{ClaimPath, CredentialQuery, Held, PathPart, Query, path::Indices};

const NULL_CLAIM: &str = "7.1.1: an element that is null is selected like any other";
const UNFIT_ELEMENT: &str = "7.1.1: one selected element that does not fit ends the processing with an error";

const EMPTY_ARRAY: &str = "7.1.1: if nothing is selected at the end, there is no such claim";

/// Why the two may differ on whether, and how, this card answers this query; none if there is no reason.
pub(super) fn explanation(query: &CredentialQuery, card: &Card) -> Option<&'static str> {
    query.claims.iter().find_map(|claim| {
        if claim.path.resolve(&card.claims, Indices::Exact).iter().any(|found| found.value.is_null()) {
            return Some(NULL_CLAIM);
        }
        let parts = claim.path.parts();
        let arrays = parts.iter().enumerate().filter(|(_, part)| **part == PathPart::All);
        let empty = |n: usize| {
            let array = ClaimPath::from_parts(parts[..n].to_vec());
            array.resolve(&card.claims, Indices::Exact).iter().any(|found| *found.value == json!([]))
        };
        if arrays.map(|(n, _)| n).any(empty) {
            return Some(EMPTY_ARRAY);
        }
        let elements = card.claims.get(claim.path.first_key()?)?.as_array()?;
        let named = matches!(parts, [_, PathPart::All, PathPart::Key(_)]);
        let mixed = elements.iter().any(Value::is_object) && !elements.iter().all(Value::is_object);
        (named && mixed).then_some(UNFIT_ELEMENT)
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// The query is malformed.
    Refused,
    /// The wallet can answer.
    Met,
    /// The wallet cannot answer.
    NotMet,
}

/// A query for `urn:type:0`, changed.
fn query(change: fn(&mut Value)) -> Value {
    let mut query = json!({ "credentials": [{
        "id": "q", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:type:0"] },
        "claims": [{ "id": "c", "path": ["name"] }],
    }] });
    change(&mut query);
    query
}

/// Why, the query, what ours says, what the library says.
type Difference = (&'static str, fn(&mut Value), Said, Said);

const DIFFERENCES: &[Difference] = {
    use Said::{Met, NotMet, Refused};
    &[
        (NULL_CLAIM, |q| q["credentials"][0]["claims"][0]["path"] = json!(["note"]), Met, NotMet),
        (
            UNFIT_ELEMENT,
            |q| q["credentials"][0]["claims"][0]["path"] = json!(["degrees", null, "type"]),
            NotMet,
            Met,
        ),
        (EMPTY_ARRAY, |q| q["credentials"][0]["claims"][0]["path"] = json!(["empty", null]), NotMet, Met),
        (
            "7.1.1: a name selects in objects, and an array is none",
            |q| q["credentials"][0]["claims"][0]["path"] = json!(["degrees", "length"]),
            NotMet,
            Met,
        ),
        (
            "7.1.1: the first component selects in the credential, which is no array: such a path leads nowhere",
            |q| q["credentials"][0]["claims"][0]["path"] = json!([null]),
            Refused,
            NotMet,
        ),
        (
            "6.1: wallets ignore a second query for the same claim",
            |q| {
                q["credentials"][0]["claims"] =
                    json!([{ "path": ["name"] }, { "path": ["name"], "values": ["Zoé"] }]);
            },
            Met,
            NotMet,
        ),
        (
            "6.1: `meta` is required",
            |q| _ = q["credentials"][0].as_object_mut().and_then(|c| c.remove("meta")),
            Refused,
            Met,
        ),
        ("B.3.5: `vct_values` are required", |q| q["credentials"][0]["meta"] = json!({}), Refused, Met),
        (
            "B.3.5: `vct_values` are not empty",
            |q| q["credentials"][0]["meta"] = json!({ "vct_values": [] }),
            Refused,
            NotMet,
        ),
        (
            "B.2.3: `doctype_value` is required",
            |q| {
                q["credentials"][0]["format"] = json!("mso_mdoc");
                q["credentials"][0]["meta"] = json!({});
                q["credentials"][0]["claims"][0]["path"] = json!(["a", "b"]);
            },
            Refused,
            NotMet,
        ),
        (
            "6.1: a claim set is an array of identifiers, of which it does not say that there is one",
            |q| q["credentials"][0]["claim_sets"] = json!([[]]),
            Met,
            Refused,
        ),
        (
            "6.1.1: further types of authorities may be defined; nothing is known to match them",
            |q| q["credentials"][0]["trusted_authorities"] = json!([{ "type": "x", "values": ["y"] }]),
            NotMet,
            Refused,
        ),
        (
            "6.1.1: the values of an authority are strings; those of `etsi_tl` are identifiers, not always addresses",
            |q| q["credentials"][0]["trusted_authorities"] = json!([{ "type": "etsi_tl", "values": ["y"] }]),
            NotMet,
            Refused,
        ),
        (
            "6.1.1: `aki` is base64url, which has no padding (RFC 7515, section 2)",
            |q| q["credentials"][0]["trusted_authorities"] = json!([{ "type": "aki", "values": ["AQI="] }]),
            Refused,
            NotMet,
        ),
        (
            "6.2: an option is a non-empty array",
            |q| q["credential_sets"] = json!([{ "options": [[]] }]),
            Refused,
            Met,
        ),
        (
            "6.3: `values` is a non-empty array",
            |q| q["credentials"][0]["claims"][0]["values"] = json!([]),
            Refused,
            NotMet,
        ),
        (
            "6.3: an id stands once in `claims`",
            |q| {
                q["credentials"][0]["claims"] =
                    json!([{ "id": "c", "path": ["name"] }, { "id": "c", "path": ["note"] }]);
                q["credentials"][0]["claim_sets"] = json!([["c"]]);
            },
            Refused,
            Met,
        ),
        (
            "6.3: with `claim_sets`, each claims query has an id",
            |q| {
                q["credentials"][0]["claims"] =
                    json!([{ "id": "c", "path": ["name"] }, { "path": ["note"] }]);
                q["credentials"][0]["claim_sets"] = json!([["c"]]);
            },
            Refused,
            Met,
        ),
    ]
};

#[test]
fn each_difference_is_one() {
    let card = Card {
        vct: "urn:type:0".into(),
        claims: json!({ "name": "Awa", "note": null, "empty": [], "degrees": [{ "type": "BSc" }, "none"] })
            .as_object()
            .unwrap()
            .clone(),
        holder_bound: true,
        aki: vec![vec![1, 2]],
    };
    let ours = |query: &Value| match Query::from_value(query) {
        Err(_) => Said::Refused,
        Ok(query) => {
            let held: [Held<'_>; 1] = [card.held()];
            if query.answerable(&query.select(&held)).is_some() { Said::Met } else { Said::NotMet }
        }
    };
    let queries: Vec<Value> = DIFFERENCES.iter().map(|(_, change, ..)| query(*change)).collect();
    let questions: Vec<Value> =
        queries.iter().map(|query| json!({ "query": query, "wallet": [card.to_value()] })).collect();
    for ((difference, query), theirs) in DIFFERENCES.iter().zip(&queries).zip(ask_oracle(&questions)) {
        let (why, _, expected, other) = *difference;
        assert!(expected != other, "{why}");
        assert_eq!(ours(query), expected, "ours: {why}");
        let said = match (theirs.get("refused"), &theirs["can_be_satisfied"]) {
            (Some(_), _) => Said::Refused,
            (None, Value::Bool(true)) => Said::Met,
            (None, _) => Said::NotMet,
        };
        assert_eq!(said, other, "theirs: {why}: {theirs}");
    }
    // The good twin, on which the two agree.
    let good = query(|_| ());
    let theirs = ask_oracle(&[json!({ "query": good, "wallet": [card.to_value()] })]);
    assert_eq!((ours(&good), &theirs[0]["can_be_satisfied"]), (Said::Met, &json!(true)));
}
