use serde_json::{Value, json};
use store::{Store, Tx};

use crate::{
    Attributes, MIGRATIONS, OrganisationKind, PersonId, Register,
    testing::{App, app, code},
};

fn organisation(name: &str, number: &str) -> Value {
    json!({"attributes": {"legal_name": name, "registration_number": number, "country": "XA",
        "names": {"fr": "Coopérative des Pêcheurs", "zh-Hans": "渔民合作社"}, "legal_form": "cooperative",
        "address": {"locality": "Mbao", "country": "XA"}, "website": "https://fish.example/",
        "email": "office@fish.example"}})
}

async fn id_of(app: &App, path: &str, body: Value) -> String {
    let (status, made) = app.post(path, body).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn two(app: &App) -> (String, String) {
    let organisation = id_of(app, "/staff/v1/organisations", organisation("Fishers of Mbao", "R-1")).await;
    let ana = json!({"attributes": {"given_name": "Ana", "family_name": "Lima", "birthdate": "1990-05-17"}});
    (organisation, id_of(app, "/staff/v1/people", ana).await)
}

#[tokio::test]
async fn an_organisation_is_registered_amended_and_found() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let id = id_of(&app, "/staff/v1/organisations", organisation("Fishers of Mbao", "R-1")).await;
        assert!(id.starts_with("org_"), "{id}");
        let path = format!("/staff/v1/organisations/{id}");
        app.clock.advance_secs(60);
        let change = json!({"attributes": {"legal_name": "Fishers’ Union", "website": null},
            "reason": "decision 12", "version": 1});
        let (status, amended) = app.post(&format!("{path}/amendments"), change.clone()).await;
        assert_eq!((status, &amended["version"]), (200, &json!(2)), "{amended}");
        assert_eq!(app.get(&path).await.1, amended);
        let again = app.post(&format!("{path}/amendments"), change).await;
        assert_eq!(code(&again), (409, Some("version_conflict")));
        let (_, history) = app.get(&format!("{path}/history")).await;
        assert_eq!(history["versions"][0]["attributes"]["legal_name"], "Fishers of Mbao");
        assert_eq!(history["versions"][1]["reason"], "decision 12");
        assert_eq!(history["versions"][1]["actor"], "amina");
        assert_eq!(history["versions"][1]["at"], amended["changed_at"]);

        for (search, expected) in [
            (json!({"name": "UNI fish"}), 1),
            (json!({"name": "pecheurs"}), 1),
            (json!({"name": "渔民"}), 1),
            (json!({"name": "mbao"}), 0),
            (json!({"registration_number": "R-1"}), 1),
            (json!({"registration_number": "R-2"}), 0),
            (json!({"country": "XA"}), 1),
            (json!({"country": "XA", "after": id}), 0),
        ] {
            let (status, found) = app.post("/staff/v1/organisations/search", search.clone()).await;
            assert_eq!(status, 200, "{search}");
            assert_eq!(found["organisations"].as_array().unwrap().len(), expected, "{search}");
        }
    })
    .await;
}

#[tokio::test]
async fn refusals_name_their_cause() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let id = id_of(&app, "/staff/v1/organisations", organisation("Fishers of Mbao", "R-1")).await;
        let path = "/staff/v1/organisations";
        for (method, to, body, status, expected) in [
            ("POST", path.to_owned(), organisation("Another", "R-1"), 409, "number_taken"),
            ("POST", path.to_owned(), json!({"attributes": {}}), 400, "invalid_attributes"),
            ("POST", format!("{path}/search"), json!({"birthdate": "1990-05-17"}), 400, "search"),
            ("POST", format!("{path}/search"), json!({"name": "a", "country": "XA"}), 400, "search"),
            ("POST", format!("{path}/search"), json!({"name": "a", "after": "per_1"}), 400, "search"),
            ("POST", format!("{path}/search"), json!({"name": "a\0"}), 400, "search"),
            (
                "POST",
                format!("{path}/{id}/amendments"),
                json!({"attributes": {"country": null}, "reason": "x"}),
                400,
                "invalid_attributes",
            ),
            ("GET", format!("{path}/org_0000000000000001"), Value::Null, 404, "not_found"),
            ("GET", format!("{path}/{}", id.replace("org", "per")), Value::Null, 404, "not_found"),
        ] {
            let answer = app.json(method, &to, body.clone()).await;
            assert_eq!(code(&answer), (status, Some(expected)), "{method} {to} {body}");
        }
        id_of(&app, path, organisation("Another", "R-2")).await;
    })
    .await;
}

#[test]
fn attributes_are_well_formed_or_refused() {
    let with = |name: &str, value: Value| {
        let mut map = organisation("Fishers", "R-1")["attributes"].as_object().unwrap().clone();
        map.insert(name.into(), value);
        Attributes::new::<OrganisationKind>(map).is_ok()
    };
    for (name, good, bad) in [
        ("website", json!("https://a.example/b?c"), json!("http://a.example/")),
        ("website", json!("https://a.example"), json!("https://user@a.example/")),
        ("website", json!("https://a.example:8443/"), json!("javascript:alert(1)")),
        ("names", json!({"en": "A"}), json!({})),
        ("names", json!({"sr-Latn": "A"}), json!({"English": "A"})),
        ("names", json!({"yue": "A"}), json!({"yue": "=A"})),
        ("country", json!("XB"), json!("xb")),
        ("legal_name", json!("A"), json!("A\u{200b}")),
        ("registration_number", json!("7"), json!(7)),
        ("email", json!("a@b"), json!("a b@c")),
    ] {
        assert!(with(name, good.clone()), "{name} {good}");
        assert!(!with(name, bad.clone()), "{name} {bad}");
    }
}

#[tokio::test]
async fn a_mandate_holds_from_its_first_day_to_its_last_unless_it_is_ended() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store.clone());
        let (organisation, person) = two(&app).await;
        let mandates = format!("/staff/v1/organisations/{organisation}/mandates");
        // Today is 2026-09-21.
        let director = json!({"person": person, "capacity": "director", "reason": "minutes of 2026-09-01"});
        let (status, first) = app.post(&mandates, director.clone()).await;
        assert_eq!(status, 201, "{first}");
        assert_eq!((&first["valid_from"], &first["valid_until"]), (&json!("2026-09-21"), &Value::Null));
        assert_eq!(first["recorded"]["by"], "amina");
        let signs = json!({"person": person, "capacity": "signs alone", "valid_from": "2026-09-22",
            "valid_until": "2026-09-22", "reason": "minutes"});
        assert_eq!(app.post(&mandates, signs.clone()).await.0, 201);

        let id: PersonId = person.parse().unwrap();
        let in_force = async || {
            let at = base::Clock::now(&*app.clock);
            let of = async move |tx: &mut Tx<'_>| Register::mandate_attributes(tx, id, at).await;
            let all = store.read(of).await.unwrap();
            all.iter().map(|m| m["capacity"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(in_force().await, ["director"]);
        app.clock.advance_secs(86_400);
        assert_eq!(in_force().await, ["director", "signs alone"]);
        app.clock.advance_secs(86_400);
        assert_eq!(in_force().await, ["director"]);

        let at = base::Clock::now(&*app.clock);
        let of = async move |tx: &mut Tx<'_>| Register::mandate_attributes(tx, id, at).await;
        let said = json!(store.read(of).await.unwrap());
        let expected = json!([{"mandate": first["id"], "organisation_name": "Fishers of Mbao",
            "organisation_number": "R-1", "organisation_country": "XA", "capacity": "director",
            "valid_from": "2026-09-21"}]);
        assert_eq!(said, expected);

        assert_eq!(code(&app.post(&mandates, director.clone()).await), (409, Some("mandate_exists")));
        let end = format!("/staff/v1/mandates/{}/end", first["id"].as_str().unwrap());
        assert_eq!(code(&app.post(&end, json!({"reason": " "})).await), (400, Some("reason")));
        let (status, ended) = app.post(&end, json!({"reason": "resigned"})).await;
        assert_eq!((status, &ended["ended"]["reason"]), (200, &json!("resigned")));
        assert_eq!(code(&app.post(&end, json!({"reason": "again"})).await), (409, Some("mandate_ended")));
        assert_eq!(in_force().await, [""; 0]);
        assert_eq!(app.post(&mandates, director).await.0, 201, "a new one may begin");

        let (_, of_organisation) = app.get(&mandates).await;
        let (_, of_person) = app.get(&format!("/staff/v1/people/{person}/mandates")).await;
        assert_eq!(of_organisation, of_person);
        let all = of_person["mandates"].as_array().unwrap();
        assert_eq!(all.len(), 3);
        let after = all[1]["id"].as_str().unwrap();
        let (_, rest) = app.get(&format!("{mandates}?after={after}")).await;
        assert_eq!(rest["mandates"], json!([all[2]]));
    })
    .await;
}

#[tokio::test]
async fn a_mandate_is_refused_by_its_cause() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        let (organisation, person) = two(&app).await;
        let mandates = format!("/staff/v1/organisations/{organisation}/mandates");
        let nobody = "per_0000000000000001";
        let nothing = "/staff/v1/organisations/org_0000000000000001/mandates";
        let body = |name: &str, value: Value| {
            let mut body = json!({"person": person, "capacity": "director", "reason": "minutes",
                "valid_from": "2026-09-21", "valid_until": "2026-12-31"});
            body[name] = value;
            body
        };
        for (to, body, status, expected) in [
            (&*mandates, body("person", json!(nobody)), 404, "not_found"),
            (&*mandates, body("person", json!(organisation)), 400, "invalid_json"),
            (nothing, body("capacity", json!("director")), 404, "not_found"),
            (&*mandates, body("capacity", json!("")), 400, "capacity"),
            (&*mandates, body("capacity", json!("=1+1")), 400, "capacity"),
            (&*mandates, body("valid_from", json!("2026-02-30")), 400, "days"),
            (&*mandates, body("valid_until", json!("2026-09-20")), 400, "days"),
            (&*mandates, body("reason", json!("")), 400, "reason"),
            ("/staff/v1/mandates/mnd_0000000000000001/end", json!({"reason": "x"}), 404, "not_found"),
        ] {
            let answer = app.post(to, body.clone()).await;
            assert_eq!(code(&answer), (status, Some(expected)), "{to} {body}");
        }
        assert_eq!(code(&app.get(&format!("{mandates}?before=1")).await), (400, Some("query")));
        assert_eq!(app.get(&mandates).await, (200, json!({"mandates": []})));
        assert_eq!(app.post(&mandates, body("valid_until", json!("2026-09-21"))).await.0, 201);
        let overlaps = body("valid_from", json!("2026-09-01"));
        assert_eq!(code(&app.post(&mandates, overlaps).await), (409, Some("mandate_exists")));
        assert_eq!(app.post(&mandates, body("valid_from", json!("2026-09-22"))).await.0, 201);
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let app = app(store);
        for (method, path) in [
            ("POST", "/staff/v1/organisations"),
            ("POST", "/staff/v1/organisations/search"),
            ("GET", "/staff/v1/organisations/org_0000000000000001"),
            ("POST", "/staff/v1/organisations/org_0000000000000001/amendments"),
            ("GET", "/staff/v1/organisations/org_0000000000000001/history"),
            ("POST", "/staff/v1/organisations/org_0000000000000001/mandates"),
            ("GET", "/staff/v1/organisations/org_0000000000000001/mandates"),
            ("GET", "/staff/v1/people/per_0000000000000001/mandates"),
            ("POST", "/staff/v1/mandates/mnd_0000000000000001/end"),
        ] {
            for token in [None, Some("tokem")] {
                let answer = app.send(method, path, token, ("application/json", b"{}".to_vec())).await;
                assert_eq!(code(&answer), (401, Some("unauthorized")), "{method} {path}");
            }
        }
    })
    .await;
}
