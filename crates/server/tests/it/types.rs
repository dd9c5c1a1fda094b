//! The ten types from the clerk's command line to the person's, and what a type publishes about itself.

use std::{
    fs,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
};
use serde_json::{Map, Value, json};

use crate::party::{PROGRAM, State, TOKEN};

/// A person with a wallet, and a clerk, at one state.
pub(crate) struct Counter {
    pub(crate) state: State,
    directory: tempfile::TempDir,
    pub(crate) person: String,
}

impl Counter {
    pub(crate) async fn open(mut state: State) -> Self {
        state.start().await;
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("token"), TOKEN).unwrap();
        fs::write(directory.path().join("passphrase"), "a passphrase of a test").unwrap();
        let mut counter = Self { state, directory, person: String::new() };
        let anchor = counter.state.anchor().display().to_string();
        counter.wallet(&["init", "--trust-issuers", &anchor, "--trust-askers", &anchor]).unwrap();
        let address = json!({ "street_address": "Quay", "locality": "Port Amity", "country": "XZ" });
        let person = counter.clerk(&[
            "register",
            "given_name=Nerida",
            "family_name=Évora",
            "birthdate=1994-03-08",
            "nationalities:=[\"XZ\"]",
            "place_of_birth:={\"country\":\"XZ\",\"locality\":\"Lagunar\"}",
            "personal_administrative_number=A-1",
            &format!("address:={address}"),
        ]);
        person["id"].as_str().unwrap().clone_into(&mut counter.person);
        counter
    }

    /// `sahihi staff …`
    pub(crate) fn clerk(&self, arguments: &[&str]) -> Value {
        let mut command = Command::new(PROGRAM);
        command.args(["staff", "--at", &self.state.address, "--token-file"]);
        let output = command.arg(self.directory.path().join("token")).args(arguments).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        serde_json::from_str(&said).unwrap()
    }

    /// `sahihi wallet …`; an error is its code.
    pub(crate) fn wallet(&self, arguments: &[&str]) -> Result<Value, String> {
        let mut command = Command::new(PROGRAM);
        command.args(["wallet", "--json", "--insecure-loopback", "--lang", "fr", "--home"]);
        command.arg(self.directory.path().join("wallet")).arg("--passphrase-file");
        command.arg(self.directory.path().join("passphrase")).args(arguments);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["ok"], output.status.success());
        if output.status.success() { Ok(said) } else { Err(said["error"].as_str().unwrap().to_owned()) }
    }

    /// Offers it to the person, who accepts; the card in the wallet.
    pub(crate) fn accepted(&self, kind: &str, form: &Map<String, Value>) -> Result<String, String> {
        let form: Vec<String> = form.iter().map(|(name, value)| format!("{name}:={value}")).collect();
        let mut arguments = vec!["offer", "--person", &self.person, "--type", kind, "--no-tx-code"];
        arguments.extend(form.iter().map(String::as_str));
        let offer = self.clerk(&arguments);
        let accepted = self.wallet(&["accept", offer["link"].as_str().unwrap(), "--yes"])?;
        Ok(accepted["credentials"][0]["id"].as_str().unwrap().to_owned())
    }
}

/// A good form for each type; what they say lasts.
fn forms() -> Value {
    let mut forms: Value = serde_json::from_str(include_str!("../../../issue/src/tests/forms.json")).unwrap();
    for (kind, until) in [
        ("mandate", "valid_until"),
        ("driving-licence", "expiry_date"),
        ("travel-document", "date_of_expiry"),
    ] {
        forms[kind][until] = json!("2199-12-31");
    }
    forms
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_types_are_offered_accepted_and_shown() {
    let counter = Counter::open(State::asking()).await;
    let types = counter.clerk(&["types"]);
    let types = types["types"].as_array().unwrap_or_else(|| panic!("{types}"));
    let forms = forms();
    assert_eq!(types.len(), 10);
    for kind in types {
        let id = kind["id"].as_str().unwrap();
        let form = forms[id].as_object().unwrap();
        let card = counter.accepted(id, form).unwrap();
        let shown = counter.wallet(&["show", &card]).unwrap()["credential"].take();
        assert_eq!((&shown["vct"], &shown["name"]), (&kind["vct"], &kind["name"]["fr"]), "{id}");
        for (name, value) in form {
            assert_eq!(shown["claims"][name], *value, "{id} {name}");
        }
        let fields = kind["form"].as_array().unwrap().iter().chain(kind["known"].as_array().unwrap());
        for field in fields {
            let name = field["name"].as_str().unwrap();
            if shown["claims"].get(name).is_some() {
                assert_eq!(shown["labels"][name], field["label"]["fr"], "{id} {name}");
            } else {
                assert_eq!(field["mandatory"], false, "{id} {name}");
            }
        }
    }
    assert_eq!(counter.wallet(&["list"]).unwrap()["credentials"].as_array().unwrap().len(), 10);

    // Where the same party asks, what it asks for is published beside what it issues.
    let caller = counter.state.caller();
    for (path, member) in [("agreement", "type"), ("diploma", "vct")] {
        let address = format!("{}/types/{path}/1", counter.state.identifier);
        let document: Value = serde_json::from_str(&caller.text(&address).await.unwrap()).unwrap();
        assert_eq!(document[member], address);
    }

    // The country of an address, and nothing else of it.
    let claims = json!([{ "path": ["address", "country"] }]);
    let query = json!({ "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
        "claims": claims });
    let languages =
        ["ar", "zh", "en", "fr", "ru", "es"].map(|lang| (lang.to_owned(), json!("To know where.")));
    let request = json!({ "purpose": Map::from_iter(languages), "device": "cross",
        "dcql_query": { "credentials": [query] } });
    let (status, asked) = caller.staff_post("/ask/v1/requests", &request).await.unwrap();
    assert_eq!(status, 201, "{asked}");
    counter.wallet(&["answer", asked["link"].as_str().unwrap(), "--yes"]).unwrap();
    let path = format!("/ask/v1/requests/{}", asked["id"].as_str().unwrap());
    let (_, answered) = caller.staff_get(&path).await.unwrap();
    assert_eq!(answered["result"]["outcome"], "valid", "{answered}");
    let shown = &answered["result"]["credentials"]["card"][0]["claims"];
    assert_eq!(shown["address"], json!({ "country": "XZ" }));
    let others = shown.as_object().unwrap().keys().filter(|name| !name.starts_with("issuing_"));
    assert_eq!(others.collect::<Vec<_>>(), ["address"]);
}

#[test]
fn a_type_at_an_address_of_the_asker_is_refused_when_a_party_starts() {
    let check = |path: &str, refusal: &str| {
        let types = tempfile::tempdir().unwrap();
        let farmer = include_str!("../../../../types/farmer.toml");
        assert!(farmer.contains("/types/farmer/1"));
        fs::write(types.path().join("farmer.toml"), farmer.replace("/types/farmer/1", path)).unwrap();
        let state = State::asking_with_types(Some(types.path()));
        let output = state.command(&["serve", "--until-input-ends"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), refusal.is_empty(), "{said}");
        assert!(said.contains(refusal), "{said}");
    };
    check("/types/farmer/1", "");
    check("/types/agreement/2", "");
    check("/types/agreement/1", "/types/agreement/1 is the address of what this party asks for");
}

/// Stands before a state and passes everything on; while `alters`, type metadata are not what they were.
fn front(behind: String, alters: Arc<AtomicBool>) -> Router {
    let client = reqwest::Client::new();
    Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let request = client.request(parts.method, format!("{behind}{}", parts.uri));
        let answer = request.headers(parts.headers).body(body).send().await.unwrap();
        let mut response = Response::builder().status(answer.status());
        if let Some(media_type) = answer.headers().get("content-type") {
            response = response.header("content-type", media_type);
        }
        let text = answer.text().await.unwrap();
        let altered = alters.load(Ordering::SeqCst) && parts.uri.path().starts_with("/types/");
        let text = if altered { text.replace("Diploma", "Doctorate") } else { text };
        response.body(Body::from(text)).unwrap()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn type_metadata_that_changed_are_refused() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let state = State::behind(&format!("http://localhost:{}", listener.local_addr().unwrap().port()));
    let alters = Arc::new(AtomicBool::new(false));
    let before = front(state.address.clone(), alters.clone());
    let serving = tokio::spawn(axum::serve(listener, before).into_future());
    let counter = Counter::open(state).await;
    let forms = forms();
    let form = forms["diploma"].as_object().unwrap();
    assert!(counter.accepted("diploma", form).is_ok());
    alters.store(true, Ordering::SeqCst);
    assert_eq!(counter.accepted("diploma", form), Err("type_metadata_integrity".into()));
    // A type without a published document does not mind.
    assert!(counter.accepted("pid", &Map::new()).is_ok());
    alters.store(false, Ordering::SeqCst);
    assert!(counter.accepted("diploma", form).is_ok());
    serving.abort();
}
