//! A card is fetched again, from the person's command line.

use serde_json::{Map, Value, json};

use crate::{party::State, types::Counter};

fn only(listed: &Value) -> &Value {
    let [card] = listed["credentials"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    card
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_is_refreshed_until_it_is_revoked() {
    let counter = Counter::open(State::asking()).await;
    let card = counter.accepted("pid", &Map::new()).unwrap();
    let first = counter.wallet(&["list"]).unwrap();
    assert_eq!((&only(&first)["refreshable"], &only(&first)["renewal"]), (&json!(true), &Value::Null));
    assert_eq!(counter.wallet(&["refresh"]).unwrap()["credentials"], json!([]), "nothing is due");

    // The register learns something, and every copy is shown but one in five: then the wallet says that it is due.
    let amend = json!({ "attributes": { "family_name": "Lima Ek" }, "reason": "married" });
    let caller = counter.state.caller();
    let path = format!("/staff/v1/people/{}/amendments", counter.person);
    let (status, amended) = caller.staff_post(&path, &amend).await.unwrap();
    assert!(status < 300, "{amended}");
    let copies = only(&first)["copies"].as_u64().unwrap();
    for _ in 0..copies {
        let query = json!({ "id": "card", "format": "dc+sd-jwt", "claims": [{ "path": ["given_name"] }],
            "meta": { "vct_values": ["urn:eudi:pid:1"] } });
        let purpose: Map<String, Value> = ["ar", "zh", "en", "fr", "ru", "es"]
            .map(|lang| (lang.to_owned(), json!("To greet you.")))
            .into_iter()
            .collect();
        let request =
            json!({ "purpose": purpose, "device": "cross", "dcql_query": { "credentials": [query] } });
        let (_, asked) = caller.staff_post("/ask/v1/requests", &request).await.unwrap();
        counter.wallet(&["answer", asked["link"].as_str().unwrap(), "--yes"]).unwrap();
    }
    let used = counter.wallet(&["list"]).unwrap();
    assert_eq!((&only(&used)["copies_left"], &only(&used)["renewal"]), (&json!(0), &json!("few_copies")));
    let refreshed = counter.wallet(&["refresh"]).unwrap();
    assert_eq!(
        (&only(&refreshed)["id"], &only(&refreshed)["changed"]),
        (&json!(card), &json!(["family_name"]))
    );
    let listed = counter.wallet(&["list"]).unwrap();
    assert_eq!((&only(&listed)["copies_left"], &only(&listed)["renewal"]), (&json!(copies), &Value::Null));
    let shown = counter.wallet(&["show", &card]).unwrap();
    assert_eq!(shown["credential"]["claims"]["family_name"], "Lima Ek");

    // Staff see one credential, and revoke it: no more of it is given.
    let path = format!("/staff/v1/credentials?person={}", counter.person);
    let (_, kept) = caller.staff_get(&path).await.unwrap();
    assert_eq!(only(&kept)["copies"], 2 * copies);
    let revoke = format!("/staff/v1/credentials/{}/revoke", only(&kept)["id"].as_str().unwrap());
    let (status, _) = caller.staff_post(&revoke, &json!({ "reason": "lost" })).await.unwrap();
    assert_eq!(status, 200);
    assert_eq!(counter.wallet(&["refresh", &card]), Err("invalid_grant".into()));
    let listed = counter.wallet(&["list"]).unwrap();
    assert_eq!((&only(&listed)["copies"], &only(&listed)["refreshable"]), (&json!(copies), &json!(false)));
    let history = counter.wallet(&["history"]).unwrap();
    let last: Vec<&Value> = history["history"].as_array().unwrap().iter().rev().take(2).collect();
    assert_eq!((&last[0]["what"], &last[1]["what"]), (&json!("refresh_refused"), &json!("refreshed")));

    // What a clerk enters is not kept: such a card says that it needs a new offer.
    let forms: Value = serde_json::from_str(include_str!("../../../issue/src/tests/forms.json")).unwrap();
    let diploma = counter.accepted("diploma", forms["diploma"].as_object().unwrap()).unwrap();
    assert_eq!(counter.wallet(&["refresh", &diploma]), Err("refresh_unavailable".into()));
}
