//! What the document of the interfaces says, held to what the server does: each operation answers 2xx at least once, and
//! each answer is of the status, the media type and the shape that the document has for it.

mod forum;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Map, Value, json};

use crate::{
    holder::{Fetch, anchors, answer, attributes, code, question, request_of, text, verified},
    party::{Call, State, TOKEN},
};

/// What the committed document calls the party that it describes.
const EXAMPLE: &str = "https://state.example";

/// A state that issues, asks and keeps a forum, its document, and what was answered by it so far.
struct Client {
    state: State,
    http: reqwest::Client,
    document: Value,
    answered: BTreeMap<String, BTreeSet<u16>>,
}

/// What is sent besides the names in the address.
#[derive(Default)]
struct Sent<'a> {
    body: Option<Value>,
    /// A body that is not JSON.
    text: Option<String>,
    query: &'a str,
    access_token: Option<&'a str>,
    accept: Option<&'a str>,
}

impl Sent<'_> {
    fn json(body: Value) -> Self {
        Self { body: Some(body), ..Self::default() }
    }

    fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }
}

struct Answered {
    status: u16,
    text: String,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

impl Client {
    async fn new() -> Self {
        let mut state = State::keeping_forum();
        state.start().await;
        let http = reqwest::Client::new();
        let document = http.get(format!("{}/openapi.json", state.address)).send().await.unwrap();
        let document = serde_json::from_str(&document.text().await.unwrap()).unwrap();
        Self { state, http, document, answered: BTreeMap::new() }
    }

    /// Method, path and description of every operation.
    fn operations(&self) -> Vec<(String, String, Value)> {
        let paths = self.document["paths"].as_object().unwrap();
        let of = |(path, methods): (&String, &Value)| {
            let methods = methods.as_object().unwrap().clone();
            let path = path.clone();
            methods.into_iter().map(move |(method, operation)| (method, path.clone(), operation))
        };
        paths.iter().flat_map(of).collect()
    }

    /// Has an operation done, and holds the answer to what is said of it.
    async fn call(&mut self, id: &str, names: &[&str], sent: Sent<'_>) -> Answered {
        let found = self.operations().into_iter().find(|(_, _, operation)| operation["operationId"] == id);
        let (method, path, operation) = found.unwrap_or_else(|| panic!("there is no operation {id}"));
        let mut names = names.iter();
        let filled = path.split('/').map(|part| {
            if part.starts_with('{') { (*names.next().unwrap()).to_owned() } else { part.to_owned() }
        });
        let address = format!("{}{}{}", self.state.address, filled.collect::<Vec<_>>().join("/"), sent.query);
        assert!(names.next().is_none(), "{id} has fewer names in its address");
        let method = method.to_ascii_uppercase().parse().unwrap();
        let mut request = self.http.request(method, address);
        if operation["security"][0].get("staff").is_some() {
            request = request.bearer_auth(TOKEN);
        }
        if let Some(token) = sent.access_token {
            assert!(operation["security"][0].get("access_token").is_some(), "{id} takes no access token");
            request = request.bearer_auth(token);
        }
        if let Some(accept) = sent.accept {
            request = request.header("accept", accept);
        }
        if let Some(content) = operation["requestBody"]["content"].as_object() {
            let (media_type, content) = content.iter().next().unwrap();
            if let Some(body) = &sent.body {
                self.check(&content["schema"], body, &format!("the body that is sent to {id}"));
            }
            let body = sent.text.unwrap_or_else(|| sent.body.unwrap_or_default().to_string());
            request = request.header("content-type", media_type).body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
        let media_type = header("content-type").map(|t| t.split(';').next().unwrap().trim().to_owned());
        let mut described = operation["responses"][status.to_string()].clone();
        if let Some(shared) = described["$ref"].as_str() {
            described = self.document.pointer(shared.trim_start_matches('#')).unwrap().clone();
        }
        assert!(described.is_object(), "{id} answered {status}, which is not described");
        for (name, header_described) in described["headers"].as_object().into_iter().flatten() {
            assert!(
                header_described["required"] == false || header(name).is_some(),
                "{id}: {name} is missing"
            );
        }
        let text = response.text().await.unwrap();
        match (described["content"].as_object(), media_type) {
            (Some(content), Some(media_type)) => {
                let content = content.iter().find(|(t, _)| t.split(';').next().unwrap() == media_type);
                let content = content.unwrap_or_else(|| panic!("{id} answered {media_type}")).1;
                let body = if media_type.ends_with("json") {
                    serde_json::from_str(&text).unwrap()
                } else {
                    Value::from(text.as_str())
                };
                self.check(&content["schema"], &body, &format!("the answer {status} of {id}"));
            }
            (None, _) => assert!(text.is_empty() || status == 401, "{id} answered {status} with a body"),
            (Some(_), None) => panic!("{id} answered {status} without a body"),
        }
        self.answered.entry(id.to_owned()).or_default().insert(status);
        Answered { status, text }
    }

    /// What is answered is nothing that is not described, either.
    fn check(&self, schema: &Value, value: &Value, what: &str) {
        let mut root = json!({ "components": self.document["components"], "allOf": [schema] });
        for schema in root["components"]["schemas"].as_object_mut().unwrap().values_mut() {
            if schema["properties"].is_object() && schema.get("additionalProperties").is_none() {
                schema["additionalProperties"] = json!(false);
            }
        }
        let validator = jsonschema::options().should_validate_formats(true).build(&root).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{what} is not as described: {errors:?}\n{value}");
    }

    /// The same, and it is a 2xx.
    async fn done(&mut self, id: &str, names: &[&str], sent: Sent<'_>) -> Answered {
        let answered = self.call(id, names, sent).await;
        assert!((200..300).contains(&answered.status), "{id}: {} {}", answered.status, answered.text);
        answered
    }

    /// The same, and it is refused with this code.
    async fn refused(&mut self, id: &str, names: &[&str], sent: Sent<'_>, expected: (u16, &str)) {
        let answered = self.call(id, names, sent).await;
        let body = answered.json();
        let code = body.get("code").or_else(|| body.get("error")).cloned().unwrap_or_default();
        assert_eq!((answered.status, code.as_str().unwrap()), expected, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_does_what_is_said_of_it() {
    let mut client = Client::new().await;
    register(&mut client).await;
    let person = import(&mut client).await;
    let (copy, key) = issue(&mut client, &person).await;
    ask(&mut client, &(copy, key)).await;
    forum::forum(&mut client, &person).await;
    published(&mut client).await;
    let without: Vec<String> = client
        .operations()
        .iter()
        .map(|(_, _, operation)| text(operation, "/operationId"))
        .filter(|id| !client.answered.get(id).is_some_and(|all| all.iter().any(|s| (200..300).contains(s))))
        .collect();
    assert!(without.is_empty(), "never answered 2xx: {without:?}");
}

async fn register(client: &mut Client) {
    let organisation = json!({ "attributes": {
        "legal_name": "Harbour Tools", "registration_number": "XZ-1", "country": "XZ",
        "names": { "fr": "Outils du port" }, "website": "https://tools.example", "email": "a@tools.example",
    } });
    let organisation = client.done("registerOrganisation", &[], Sent::json(organisation)).await.json();
    let organisation = text(&organisation, "/id");
    let person = json!({ "attributes": attributes(), "request": "one" });
    let person = client.done("registerPerson", &[], Sent::json(person)).await.json();
    let person = text(&person, "/id");
    for (kind, id, changes) in [
        ("Person", &person, json!({ "email": "u@example.org", "sex": 2.0 })),
        ("Organisation", &organisation, json!({ "legal_form": "cooperative", "names": null })),
    ] {
        client.done(&format!("show{kind}"), &[id], Sent::default()).await;
        // However they are written, these are whole numbers.
        let amendment = json!({ "attributes": changes, "reason": "told us so", "version": 1.0 });
        let amended = client.done(&format!("amend{kind}"), &[id], Sent::json(amendment.clone())).await;
        assert_ne!(amended.json()["attributes"]["sex"], json!(2.0));
        client
            .refused(&format!("amend{kind}"), &[id], Sent::json(amendment), (409, "version_conflict"))
            .await;
        client.done(&format!("showHistoryOf{kind}"), &[id], Sent::default()).await;
        let search = if kind == "Person" { "ulm" } else { "tools" };
        let found = client.done(&format!("search{kind}"), &[], Sent::json(json!({ "name": search }))).await;
        assert!(found.text.contains(id.as_str()), "{}", found.text);
        // Not even a null for what cannot be looked by.
        let odd = Sent::text(json!({ "name": search, "shoe_size": null }).to_string());
        client.refused(&format!("search{kind}"), &[], odd, (400, "search")).await;
    }
    let mandate = json!({ "person": person, "capacity": "director", "reason": "elected" });
    let mandate = client.done("addMandate", &[&organisation], Sent::json(mandate)).await.json();
    client.done("listMandatesOfOrganisation", &[&organisation], Sent::default()).await;
    client.done("listMandatesOfPerson", &[&person], Sent { query: "?", ..Sent::default() }).await;
    let odd = Sent { query: "?after=no", ..Sent::default() };
    client.refused("listMandatesOfPerson", &[&person], odd, (400, "query")).await;
    let why = json!({ "reason": "left" });
    client.done("endMandate", &[&text(&mandate, "/id")], Sent::json(why.clone())).await;
    client.refused("endMandate", &[&text(&mandate, "/id")], Sent::json(why), (409, "mandate_ended")).await;
    client.refused("showPerson", &["%ff"], Sent::default(), (404, "not_found")).await;
}

/// The id of a person whom an import has put into the register.
async fn import(client: &mut Client) -> String {
    let begun = client.done("beginImport", &[], Sent::json(json!({}))).await.json();
    client.done("abandonImport", &[&text(&begun, "/id")], Sent::default()).await;
    let begun = client.done("beginImport", &[], Sent::json(json!({ "request": "all" }))).await.json();
    let id = text(&begun, "/id");
    let file = "family_name,given_name,birthdate,nationalities,place_of_birth.country\nTidjara,Ulmira,1980-01-01,XZ,XZ\n";
    client.done("putPartOfImport", &[&id, "1"], Sent::text(file)).await;
    let state = loop {
        let check = Sent::json(json!({ "parts": 1 }));
        let state = client.done("checkImport", &[&id], check).await.json();
        if state["state"] != "checking" {
            break state;
        }
    };
    assert_eq!((&state["state"], &state["faults"]), (&json!("checked"), &json!(0)));
    client.done("showFaultsOfImport", &[&id], Sent { query: "?skip=0", ..Sent::default() }).await;
    client.done("showImport", &[&id], Sent::default()).await;
    client.done("switchImport", &[&id], Sent::default()).await;
    client.refused("abandonImport", &[&id], Sent::default(), (409, "import_over")).await;
    let found =
        client.done("searchPerson", &[], Sent::json(json!({ "birthdate": "1980-01-01" }))).await.json();
    let people = found["people"].as_array().unwrap();
    text(people.iter().find(|p| p["attributes"].get("email").is_none()).unwrap(), "/id")
}

/// A copy of a credential of this person, with its key.
async fn issue(client: &mut Client, person: &str) -> (String, std::sync::Arc<crypto::SecretKey>) {
    client.done("listTypes", &[], Sent::default()).await;
    let offer = json!({ "person": person, "type": "pid", "tx_code": false });
    let offered = client.done("makeOffer", &[], Sent::json(offer)).await.json();
    let fetched_at = text(&offered, "/credential_offer_uri");
    let token = fetched_at.rsplit('/').next().unwrap();
    client.done("fetchOffer", &[token], Sent::default()).await;
    client.done("fetchCodeOfOffer", &[token], Sent::default()).await;
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code")
        .append_pair("pre-authorized_code", &code(&offered))
        .finish();
    let token = client.done("token", &[], Sent::text(form.clone())).await.json();
    client.refused("token", &[], Sent::text(form), (400, "invalid_grant")).await;
    let access_token = text(&token, "/access_token");
    let nonce = client.done("nonce", &[], Sent::default()).await.json();
    let fetch = Fetch::new(&client.state.identifier, &access_token, &text(&nonce, "/c_nonce"), 1);
    let body = Sent { access_token: Some(&access_token), ..Sent::json(fetch.body()) };
    let issued = client.done("credential", &[], body).await.json();
    let said = json!({ "notification_id": issued["notification_id"], "event": "credential_accepted" });
    let said = Sent { access_token: Some(&access_token), ..Sent::json(said) };
    client.done("notification", &[], said).await;
    let unknown = Sent { access_token: Some("unknown"), ..Sent::json(fetch.body()) };
    assert_eq!(client.call("credential", &[], unknown).await.status, 401);

    let offer = client.done("showOffer", &[&text(&offered, "/id")], Sent::default()).await.json();
    assert_eq!(offer["state"], "issued");
    let query = format!("?person={person}");
    client.done("listCredentials", &[], Sent { query: &query, ..Sent::default() }).await;
    let id = text(&offer, "/credential");
    let shown = client.done("showCredential", &[&id], Sent::default()).await.json();
    assert_eq!(shown["notifications"][0]["event"], "credential_accepted");
    for (change, expected) in [("suspend", "suspended"), ("reinstate", "valid")] {
        let why = Sent::json(json!({ "reason": "looked for" }));
        let changed = client.done("changeStatus", &[&id, change], why).await.json();
        assert_eq!(changed["status"], expected);
    }
    let why = || Sent::json(json!({ "reason": "looked for" }));
    client.refused("changeStatus", &[&id, "reinstate"], why(), (409, "not_suspended")).await;
    client.refused("changeStatus", &[&id, "forget"], why(), (404, "not_found")).await;
    fetch.held(&issued).copies.swap_remove(0)
}

async fn ask(client: &mut Client, held: &(String, std::sync::Arc<crypto::SecretKey>)) {
    let session = "a session of this test";
    let asked = client.done("createRequest", &[], Sent::json(question(Some(session)))).await.json();
    let id = text(&asked, "/id");
    client.refused("showEvidence", &[&id], Sent::default(), (409, "no_evidence")).await;
    let link = text(&asked, "/link");
    let page = text(&asked, "/waiting_page");
    let page = page.rsplit('/').next().unwrap();
    client.done("showCodeOfWaitingPage", &[page], Sent::default()).await;
    let at = last_of(&request_of(&link));
    let with_nonce = Sent::text("wallet_nonce=n-0S6_WzA2Mj");
    client.done("fetchRequestObjectWithNonce", &[&at], with_nonce).await;
    client.done("fetchRequestObject", &[&at], Sent::default()).await;
    let anchors = anchors(&client.state);
    let fetched = client.state.caller().send(&request_of(&link)).await.unwrap();
    let request = verified(&link, &fetched, &anchors);
    let posted = answer(&request, held);
    let at = last_of(&posted);
    client.refused("answerRequest", &[&at], Sent::text("vp_token=1"), (400, "vp_token_malformed")).await;
    let taken = client.done("answerRequest", &[&at], Sent::text(posted.body())).await.json();
    let back = url::Url::parse(&text(&taken, "/redirect_uri")).unwrap();
    let response_code = back.query_pairs().find(|(name, _)| name == "response_code").unwrap().1.into_owned();
    client.done("showRequest", &[&id], Sent::default()).await;
    let redeem = || Sent::json(json!({ "response_code": response_code, "session": session }));
    let redeemed = client.done("redeemResponseCode", &[], redeem()).await.json();
    assert_eq!(redeemed["result"]["outcome"], "valid", "{redeemed}");
    client.refused("redeemResponseCode", &[], redeem(), (409, "response_code_used")).await;
    client.done("showEvidence", &[&id], Sent::default()).await;
}

async fn published(client: &mut Client) {
    client.done("showStatusLists", &[], Sent::default()).await;
    client.done("showStatusList", &["1"], Sent::default()).await;
    let jwt = Sent { accept: Some("application/jwt"), ..Sent::default() };
    client.done("showIssuerMetadata", &[], jwt).await;
    // What takes nothing is asked for nothing.
    let plain: Vec<String> = client
        .operations()
        .iter()
        .filter(|(method, path, operation)| {
            method == "get" && !path.contains('{') && operation["security"] == json!([])
        })
        .map(|(_, _, operation)| text(operation, "/operationId"))
        .collect();
    for id in plain {
        client.done(&id, &[], Sent::default()).await;
    }
}

/// The last name in the address of a call.
fn last_of(call: &Call) -> String {
    call.path().rsplit('/').next().unwrap().to_owned()
}

/// The committed document is that of a party that issues the types of the workspace, asks, and keeps a
/// forum. `cargo xtask gen` writes it anew.
#[tokio::test]
async fn what_is_committed_is_what_the_code_says() {
    let client = Client::new().await;
    let text = serde_json::to_string_pretty(&client.document).unwrap() + "\n";
    let text = text.replace(&client.state.identifier, EXAMPLE).replace("Test State", "State");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("SAHIHI_GEN").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == text, "docs/openapi.json is not what the code says: run `cargo xtask gen`");
}

/// Names are unique, everything has its words, and what is referred to is there.
#[tokio::test]
async fn the_document_is_complete() {
    let client = Client::new().await;
    let document = &client.document;
    assert_eq!(document["openapi"], "3.1.1");
    let schemas: &Map<String, Value> = document["components"]["schemas"].as_object().unwrap();
    let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    // A name with another sign in it, or a number at its end, is that of two different types.
    let odd: Vec<&String> =
        schemas.keys().filter(|n| !plain(n) || n.ends_with(|c: char| c.is_ascii_digit())).collect();
    assert!(odd.is_empty(), "{odd:?}");
    let mut ids = BTreeSet::new();
    let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for (method, path, operation) in client.operations() {
        let id = text(&operation, "/operationId");
        assert!(plain(&id) && ids.insert(id.clone()), "{id}");
        assert!(!text(&operation, "/summary").is_empty(), "{id}");
        assert!(tags.contains(&&operation["tags"][0]), "{id}");
        let described = |name: &str| {
            let parameters = operation["parameters"].as_array();
            parameters.is_some_and(|all| all.iter().any(|p| p["in"] == "path" && p["name"] == name))
        };
        for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            assert!(described(name), "{id}: {name}");
        }
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
        if operation["security"][0].get("staff").is_some() {
            assert!(responses.contains_key("401"), "{id}");
        } else {
            assert!(!path.starts_with("/staff/") && !path.starts_with("/ask/v1/"), "{id} needs no token");
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}
