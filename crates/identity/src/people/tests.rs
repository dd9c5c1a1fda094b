use serde_json::{Value, json};
use store::{Store, Tx, params};

use crate::{
    Attributes, MIGRATIONS, PersonKind,
    record::model::words,
    testing::{App, app, code},
};

impl App {
    async fn found(&self, search: Value) -> Vec<String> {
        let (status, body) = self.post("/staff/v1/people/search", search).await;
        assert_eq!(status, 200, "{body}");
        let people = body["people"].as_array().unwrap();
        let mut names: Vec<_> =
            people.iter().map(|p| p["attributes"]["given_name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}

fn person(given: &str, family: &str, number: &str) -> Value {
    json!({"attributes": {"given_name": given, "family_name": family, "birthdate": "1990-05-17",
        "personal_administrative_number": number, "nationalities": ["XA"],
        "place_of_birth": {"country": "XA", "locality": "Mbao"}}})
}

#[tokio::test]
async fn a_person_is_registered_amended_and_found() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let (status, zoe) = app.post("/staff/v1/people", person("Zoé", "N’Diaye-Şahin", "A-1")).await;
        assert_eq!((status, &zoe["version"]), (201, &json!(1)), "{zoe}");
        let (status, _) = app.post("/staff/v1/people", person("Zoran", "Ndiaye", "A-2")).await;
        assert_eq!(status, 201);
        let path = format!("/staff/v1/people/{}", zoe["id"].as_str().unwrap());

        app.clock.advance_secs(60);
        let amendment = json!({"attributes": {"family_name": "Okoro", "place_of_birth": null},
            "reason": "marriage certificate 17", "version": 1});
        let (status, amended) = app.post(&format!("{path}/amendments"), amendment.clone()).await;
        assert_eq!(status, 200, "{amended}");
        assert_eq!(amended["version"], 2);
        assert_eq!(amended["attributes"].get("place_of_birth"), None);
        assert_eq!(app.get(&path).await.1, amended);
        let (status, conflict) = app.post(&format!("{path}/amendments"), amendment).await;
        assert_eq!((status, conflict["code"].as_str()), (409, Some("version_conflict")));

        let (_, history) = app.get(&format!("{path}/history")).await;
        assert_eq!(history["versions"][0]["attributes"]["family_name"], "N’Diaye-Şahin");
        assert_eq!(history["versions"][1]["reason"], "marriage certificate 17");
        assert_eq!(history["versions"][1]["actor"], "amina");
        assert_eq!(history["versions"].as_array().unwrap().len(), 2);

        assert_eq!(app.found(json!({"name": "ZO"})).await, ["Zoran", "Zoé"]);
        assert_eq!(app.found(json!({"name": "oko zoe"})).await, ["Zoé"]);
        assert_eq!(app.found(json!({"name": "sahin"})).await, [""; 0], "a former name of hers");
        assert_eq!(app.found(json!({"name": "okoro ndiaye"})).await, [""; 0]);
        assert_eq!(app.found(json!({"name": "%"})).await, [""; 0]);
        assert_eq!(app.found(json!({"personal_administrative_number": "A-2"})).await, ["Zoran"]);
        assert_eq!(app.found(json!({"birthdate": "1990-05-17"})).await, ["Zoran", "Zoé"]);
        assert_eq!(app.found(json!({"birthdate": "1990-05-18"})).await, [""; 0]);
    })
    .await;
}

store::statements! {
    BEFORE_PERSON = "INSERT INTO identity_person
        (id, version, birthdate, attributes, registered_at, changed_at) VALUES (7, 1, '1990-05-17', $1, 0, 0)";
    BEFORE_WORD = "INSERT INTO identity_word (word, person) VALUES ($1, 7)";
}

#[tokio::test]
async fn who_was_registered_before_a_migration_is_found_after_it() {
    store::fixture::each_database(async |database| {
        let first = database.open(&MIGRATIONS[..1]).await;
        let insert = async |tx: &mut Tx<'_>| {
            tx.execute(&BEFORE_PERSON, params![r#"{"given_name":"Zoé"}"#]).await?;
            tx.execute(&BEFORE_WORD, params![b"zoe".as_slice()]).await
        };
        first.write::<u64, store::Error, _>(insert).await.unwrap();
        drop(first);
        let app = app(database.open(MIGRATIONS).await);
        assert_eq!(app.found(json!({"name": "zo"})).await, ["Zoé"]);
    })
    .await;
}

#[tokio::test]
async fn a_request_sent_twice_registers_once() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let mut request = person("Ife", "Ade", "B-1");
        request["request"] = json!("desk-4/117");
        let (status, first) = app.post("/staff/v1/people", request.clone()).await;
        let (again, second) = app.post("/staff/v1/people", request.clone()).await;
        assert_eq!((status, again), (201, 201));
        assert_eq!(first, second);
        request["attributes"]["given_name"] = json!("Ifé");
        let (status, refused) = app.post("/staff/v1/people", request).await;
        assert_eq!((status, refused["code"].as_str()), (409, Some("request_reused")));
        let (status, refused) = app.post("/staff/v1/people", person("Olu", "Ade", "B-1")).await;
        assert_eq!((status, refused["code"].as_str()), (409, Some("number_taken")));
    })
    .await;
}

#[tokio::test]
async fn refusals_name_their_cause() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let (_, good) = app.post("/staff/v1/people", person("Ana", "Lima", "C-1")).await;
        let path = format!("/staff/v1/people/{}", good["id"].as_str().unwrap());
        for (method, to, body, status, code) in [
            ("POST", "/staff/v1/people", json!({"attributes": {}}), 400, "invalid_attributes"),
            ("POST", "/staff/v1/people", json!({"attribute": {}}), 400, "invalid_json"),
            ("POST", "/staff/v1/people/search", json!({}), 400, "search"),
            (
                "POST",
                "/staff/v1/people/search",
                json!({"name": "a", "birthdate": "1990-05-17"}),
                400,
                "search",
            ),
            ("GET", "/staff/v1/people/per_0000000000000001", Value::Null, 404, "not_found"),
            ("GET", "/staff/v1/people/off_0000000000000001", Value::Null, 404, "not_found"),
            ("GET", "/staff/v1/people/per_0000000000000001/history", Value::Null, 404, "not_found"),
            (
                "POST",
                &format!("{path}/amendments"),
                json!({"attributes": {"sex": 1}, "reason": " "}),
                400,
                "reason",
            ),
            (
                "POST",
                &format!("{path}/amendments"),
                json!({"attributes": {"birthdate": null}, "reason": "x"}),
                400,
                "invalid_attributes",
            ),
        ] {
            let (got, answer) = app.json(method, to, body.clone()).await;
            assert_eq!((got, answer["code"].as_str()), (status, Some(code)), "{method} {to} {body}");
        }
        assert_eq!(app.get(&path).await.1, good, "nothing was changed");
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        for (method, path) in [
            ("POST", "/staff/v1/people"),
            ("POST", "/staff/v1/people/search"),
            ("GET", "/staff/v1/people/per_0000000000000001"),
            ("POST", "/staff/v1/people/per_0000000000000001/amendments"),
            ("GET", "/staff/v1/people/per_0000000000000001/history"),
        ] {
            for token in [None, Some("tokem")] {
                let (status, body) =
                    app.send(method, path, token, ("application/json", b"{}".to_vec())).await;
                assert_eq!((status, body["code"].as_str()), (401, Some("unauthorized")), "{method} {path}");
            }
        }
    })
    .await;
}

#[test]
fn attributes_are_well_formed_or_refused() {
    let good = || person("Ana", "Lima", "C-1")["attributes"].as_object().unwrap().clone();
    assert!(Attributes::new::<PersonKind>(good()).is_ok());
    for (name, bad) in [
        ("given_name", json!("")),
        ("given_name", json!(" Ana")),
        ("given_name", json!("A\u{202e}na")),
        ("given_name", json!("A\nna")),
        ("given_name", json!("x".repeat(201))),
        ("given_name", json!(1)),
        ("birthdate", json!("1990-02-30")),
        ("given_name", json!("=Ana")),
        ("given_name", json!("+Ana")),
        ("given_name", json!("-Ana")),
        ("given_name", json!("@Ana")),
        ("email", json!("ana")),
        ("email", json!("ana@lima@xa")),
        ("phone_number", json!("=1")),
        ("sex", json!(7)),
        ("nationalities", json!([])),
        ("nationalities", json!(["xa"])),
        ("nationalities", json!(["XA", "XA"])),
        ("place_of_birth", json!({})),
        ("place_of_birth", json!({"planet": "Earth"})),
        ("address", json!("Main street")),
        ("shoe_size", json!(42)),
    ] {
        let mut map = good();
        map.insert(name.into(), bad.clone());
        assert!(Attributes::new::<PersonKind>(map).is_err(), "{name} {bad}");
    }
    for (name, fine) in [
        ("given_name", json!("-")),
        ("given_name", json!("Ana-Lu")),
        ("phone_number", json!("+1 555 0100")),
        ("email", json!("ana@example.org")),
        ("sex", json!(9)),
        ("nationalities", json!(["XA", "XB"])),
    ] {
        let mut map = good();
        map.insert(name.into(), fine.clone());
        assert!(Attributes::new::<PersonKind>(map).is_ok(), "{name} {fine}");
    }
    let mut decomposed = good();
    decomposed.insert("given_name".into(), json!("Zoe\u{301}"));
    assert_eq!(Attributes::new::<PersonKind>(decomposed).unwrap().as_map()["given_name"], "Zoé");
    assert_eq!(words("N’Diaye-Şahin  ÉLODIE"), ["n", "diaye", "sahin", "elodie"]);
}

proptest::proptest! {
    #[test]
    fn whatever_is_a_name_is_found_by_its_own_words(name in "\\PC{1,30}") {
        let folded = words(&name);
        for word in &folded {
            proptest::prop_assert_eq!(&words(word), std::slice::from_ref(word));
        }
    }
}

#[tokio::test]
async fn an_account_searches_so_often_and_no_more() {
    use axum::Extension;
    use base::limits::LIMIT_WINDOW_S;
    use web::{Limits, limit::Allowed};

    store::fixture::each_engine(&[MIGRATIONS, web::MIGRATIONS].concat(), async |store: Store| {
        let mut app = app(store.clone());
        let allowed = Allowed { searches: 3, ..Allowed::default() };
        let limits = Limits::open(store, app.clock.clone(), &[7; 32], allowed).await.unwrap();
        app.router = app.router.layer(Extension(limits));
        let path = "/staff/v1/people/search";
        for _ in 0..3 {
            // What cannot be searched for is not counted.
            assert_eq!(code(&app.post(path, json!({})).await), (400, Some("search")));
            assert_eq!(app.post(path, json!({ "name": "ana" })).await.0, 200);
        }
        // Organisations are searched with the same patience.
        for path in [path, "/staff/v1/organisations/search"] {
            let refused = app.post(path, json!({ "name": "ana" })).await;
            assert_eq!(code(&refused), (429, Some("too_many_attempts")));
        }
        assert_eq!(app.post("/staff/v1/people", person("Ana", "Lima", "A-1")).await.0, 201);
        app.clock.advance_secs(LIMIT_WINDOW_S);
        assert_eq!(app.found(json!({ "name": "ana" })).await, ["Ana"]);
    })
    .await;
}
