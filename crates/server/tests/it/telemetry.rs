//! Nothing personal is in the trace. A whole run, from the register to the revocation, from a circular to what became of
//! the answers to its call, and through many refusals, is traced as loudly as can be; then every value that was sent or
//! answered in it, or came by mail, is looked for. `forum` is the part that takes part.
//!
//! A value is every text of at least five characters in a body, in a token or in an address, ids included: an id names
//! a person to whoever can ask the register. Left out are country codes and other short ones, which would be found in
//! any text, and numbers.

mod forum;
mod mailbox;

use std::{
    collections::BTreeSet,
    fs::{self, File},
    process::Command,
};

use serde_json::{Value, json};
use store::fixture::Database;

use crate::{
    holder::{self, Fetch, text},
    party::{ASKS, Call, Caller, FORUM, Reply, Setup, State},
};

/// Values that are words of ours, and stand in the trace as such: of a route, and of what is wrong or was done.
const OURS: [&str; 3] = ["/sessions", "address", "signed"];

/// What was sent and answered.
struct Run {
    caller: Caller,
    values: BTreeSet<String>,
}

impl Run {
    fn note(&mut self, value: &str) {
        if value.chars().count() < 5 || OURS.contains(&value) {
            return;
        }
        self.values.insert(value.to_owned());
        // Of what is signed or sealed, each part too.
        if value.len() > 60 {
            let parts = value.split(['.', '~']).filter(|part| part.len() >= 20);
            self.values.extend(parts.map(str::to_owned));
        }
    }

    fn note_json(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.note(text),
            Value::Array(all) => all.iter().for_each(|one| self.note_json(one)),
            // The words of a refusal are ours.
            Value::Object(members) => {
                let noted =
                    members.iter().filter(|(name, _)| !["code", "error", "title"].contains(&name.as_str()));
                noted.for_each(|(_, one)| self.note_json(one));
            }
            _ => {}
        }
    }

    /// What is in a body: the texts of JSON, the values of a form, or the whole.
    fn note_body(&mut self, body: &str) {
        if let Ok(value) = serde_json::from_str(body) {
            self.note_json(&value);
        } else if body.contains('=') {
            for (_, value) in url::form_urlencoded::parse(body.as_bytes()) {
                self.note(&value);
            }
        } else {
            self.note(body);
        }
    }

    async fn send(&mut self, call: &Call) -> Reply {
        let reply = self.caller.send(call).await.unwrap();
        self.note_body(&call.body());
        self.note_body(&reply.text);
        self.note_address(call.path());
        reply
    }

    /// The names in an address.
    fn note_address(&mut self, address: &str) {
        // Names of routes are lower case; what stands in their places is not.
        let is_name = |name: &&str| !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let path = address
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'))
            .map_or(address, |(_, path)| path);
        path.split(['/', '?', '=', '&']).filter(is_name).for_each(|name| self.note(name));
    }

    async fn good(&mut self, call: &Call) -> Value {
        let reply = self.send(call).await;
        assert!((200..300).contains(&reply.status), "{}: {} {}", call.path(), reply.status, reply.text);
        reply.json()
    }

    async fn refused(&mut self, call: &Call, status: u16) {
        let reply = self.send(call).await;
        assert_eq!(reply.status, status, "{}: {}", call.path(), reply.text);
    }

    async fn people(&mut self) -> String {
        let mut attributes = holder::attributes();
        attributes["place_of_birth"]["locality"] = json!("Port-Sahar");
        attributes["personal_administrative_number"] = json!("ZX-80-0101-7");
        attributes["email"] = json!("ulmira@tidjara.example");
        attributes["phone_number"] = json!("+99912345678");
        attributes["address"] =
            json!({ "street_address": "Rua do Farol", "locality": "Port-Sahar", "country": "XZ" });
        let register = Call::staff_post("/staff/v1/people", &json!({ "attributes": attributes }));
        let person = text(&self.good(&register).await, "/id");
        self.good(&Call::staff_get(&format!("/staff/v1/people/{person}"))).await;
        let amend =
            json!({ "attributes": { "family_name": "Tidjara Okoro" }, "reason": "has married Okoro" });
        self.good(&Call::staff_post(&format!("/staff/v1/people/{person}/amendments"), &amend)).await;
        for search in [json!({ "name": "tidjara" }), json!({ "birthdate": "1980-01-01" })] {
            self.good(&Call::staff_post("/staff/v1/people/search", &search)).await;
        }
        // The number is taken, a name is none, a body is no body.
        self.refused(&register, 409).await;
        let mut odd = attributes.clone();
        odd["given_name"] = json!("Ulmira\u{0}Ximena");
        self.refused(&Call::staff_post("/staff/v1/people", &json!({ "attributes": odd })), 400).await;
        self.send(&Call::staff_post("/staff/v1/people/search", &json!({ "name": "Tidjara\u{0}Ximena" })))
            .await;
        self.refused(
            &Call::staff_post("/staff/v1/people", &json!({ "attributes": { "Ulmirina": "Tidjarina" } })),
            400,
        )
        .await;
        self.refused(&Call::form("/staff/v1/people", "given_name=Ulmirette".to_owned()), 401).await;
        self.refused(&Call::get("/staff/v1/people/Ulmira-Tidjara"), 401).await;
        self.refused(&Call::staff_get("/staff/v1/people/Ulmira-Tidjara"), 404).await;
        self.refused(&Call::get("/Ulmira/Tidjara"), 404).await;
        person
    }

    async fn import(&mut self, state: &State) {
        let begun =
            self.good(&Call::staff_post("/staff/v1/imports", &json!({ "request": "Census-0001" }))).await;
        let id = text(&begun, "/id");
        let file = "family_name,given_name,birthdate\nQuisanga,Adalberta,1971-03-04\nQuisanga,Adalberta,1971-33-04\n";
        let client = reqwest::Client::new();
        let put = client.put(format!("{}/staff/v1/imports/{id}/parts/1", state.address));
        let put = put.bearer_auth(crate::party::TOKEN).header("content-type", "text/csv").body(file);
        assert!(put.send().await.unwrap().status().is_success());
        for value in ["Quisanga", "Adalberta", "1971-03-04", "1971-33-04"] {
            self.note(value);
        }
        let check = Call::staff_post(&format!("/staff/v1/imports/{id}/check"), &json!({ "parts": 1 }));
        while self.good(&check).await["state"] == "checking" {}
        self.good(&Call::staff_get(&format!("/staff/v1/imports/{id}/report"))).await;
    }

    async fn issue(&mut self, state: &State, person: &str) -> (String, holder::Held) {
        let offer = json!({ "person": person, "type": "pid", "tx_code": true });
        let offer = self.good(&Call::staff_post("/staff/v1/offers", &offer)).await;
        self.good(&Call::get(&text(&offer, "/credential_offer_uri"))).await;
        let code = holder::code(&offer);
        let token = |tx_code: &str| {
            let form = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:pre-authorized_code")
                .append_pair("pre-authorized_code", &code)
                .append_pair("tx_code", tx_code)
                .finish();
            Call::form("/token", form)
        };
        self.refused(&token("no such code"), 400).await;
        self.refused(&Call::token("Ulmira's own code"), 400).await;
        let token = self.good(&token(&text(&offer, "/tx_code"))).await;
        let access_token = text(&token, "/access_token");
        let nonce = text(&self.good(&Call::nonce()).await, "/c_nonce");
        self.refused(&Fetch::new(&state.identifier, "Ulmira's own token", &nonce, 1).call, 401).await;
        self.refused(&Fetch::new(&state.identifier, &access_token, "Ulmira's own nonce", 1).call, 400).await;
        self.note(&access_token);
        let fetch = Fetch::new(&state.identifier, &access_token, &nonce, 1);
        let issued = self.good(&fetch.call).await;
        let held = fetch.held(&issued);
        for copy in &held.copies {
            for disclosure in copy.0.split('~').skip(1).filter(|d| !d.is_empty()) {
                let disclosed = formats::b64::decode(disclosure).unwrap();
                self.note_json(&serde_json::from_slice(&disclosed).unwrap());
            }
        }
        let listed = self.good(&Call::staff_get(&format!("/staff/v1/credentials?person={person}"))).await;
        (text(&listed, "/credentials/0/id"), held)
    }

    async fn present(&mut self, state: &State, held: &holder::Held) {
        let asked = holder::question(Some("session of Ulmira Tidjara"));
        let asked = self.good(&Call::staff_post("/ask/v1/requests", &asked)).await;
        let link = text(&asked, "/link");
        self.send(&Call::get(&text(&asked, "/waiting_page"))).await;
        let fetched = self.send(&holder::request_of(&link)).await;
        let request = holder::verified(&link, &fetched, &holder::anchors(state));
        self.note(&request.nonce);
        let answer = holder::answer(&request, &held.copies[0]);
        let wrong = answer.body().replace("response=", "response=Ulmira");
        self.refused(&Call::form(&request.response_uri, wrong), 400).await;
        let taken = self.good(&answer).await;
        let back = url::Url::parse(&text(&taken, "/redirect_uri")).unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "response_code").unwrap().1.into_owned();
        let redeem = json!({ "response_code": code, "session": "session of Ulmira Tidjara" });
        let redeemed = self.good(&Call::staff_post("/ask/v1/response-codes", &redeem)).await;
        assert_eq!(redeemed["result"]["outcome"], "valid", "{redeemed}");
        self.refused(&Call::staff_post("/ask/v1/response-codes", &redeem), 409).await;
        let id = text(&asked, "/id");
        self.good(&Call::staff_get(&format!("/ask/v1/requests/{id}"))).await;
        self.send(&Call::staff_get(&format!("/ask/v1/requests/{id}/evidence"))).await;
        self.refused(&answer, 400).await;
    }
}

/// The values that are in a trace. Times are not looked at, nor how long a request took: they are numbers of ours.
fn found<'a>(trace: &str, values: impl IntoIterator<Item = &'a String>) -> Vec<&'a String> {
    let lines = trace.lines().map(|line| {
        let words = line.split(' ').skip(1).filter(|word| !word.starts_with("us="));
        words.collect::<Vec<_>>().join(" ")
    });
    let trace = lines.collect::<Vec<_>>().join("\n").to_lowercase();
    values.into_iter().filter(|value| trace.contains(&value.to_lowercase())).collect()
}

async fn check(database: Option<String>) {
    let mut mailbox = mailbox::Mailbox::start();
    let more = format!("{ASKS}{FORUM}{}", forum::settings(mailbox.port));
    let mut state = State::with(Setup { database, more, ..Setup::default() });
    let file = state.folder().join("trace");
    let mut serve = state.command(&["serve"]);
    serve.env("SAHIHI_LOG", "trace").stderr(File::create(&file).unwrap());
    state.start_by(serve).await;
    let mut run = Run { caller: state.caller(), values: BTreeSet::new() };
    let person = run.people().await;
    run.import(&state).await;
    let (credential, held) = run.issue(&state, &person).await;
    run.present(&state, &held).await;
    for change in ["suspend", "reinstate", "revoke"] {
        let reason = json!({ "reason": "Ulmira has lost it" });
        run.good(&Call::staff_post(&format!("/staff/v1/credentials/{credential}/{change}"), &reason)).await;
    }
    let again = json!({ "reason": "Ulmira has lost it again" });
    run.refused(&Call::staff_post(&format!("/staff/v1/credentials/{credential}/revoke"), &again), 409).await;
    for (list, _) in held.statuses() {
        run.send(&Call::get(&list)).await;
    }
    run.takes_part(&state, &mut mailbox).await;
    // Told to stop, it writes what is left of the trace.
    let stopped = Command::new("kill").args(["-TERM", &state.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    state.wait();
    let trace = fs::read_to_string(&file).unwrap();
    assert!(trace.lines().last().unwrap().ends_with("stopped"), "the end of the trace is missing");

    // What stands in the configuration is in the trace, and is found there: the search can find something.
    run.values.remove(&state.identifier);
    let planted = [state.identifier.clone(), "/staff/v1/people/{id}".to_owned()];
    assert_eq!(found(&trace, &planted).len(), 2, "{trace}");
    for (route, lines) in
        [("/token", 4), ("/submissions/confirm/{name}/{token}", 3), ("/mail/stop/{contact}/{token}", 1)]
    {
        let found = trace.matches(&format!("route=\"{route}\"")).count();
        assert_eq!(found, lines, "a line a request to {route}: {trace}");
    }
    for value in [
        "Ulmira",
        "Tidjara",
        "1980-01-01",
        "ZX-80-0101-7",
        "Adalberta",
        "Adaeze Nwosu",
        "Adaeze-wells.txt",
        "Obiageli@Eze.example",
        "posts@kivuli.example",
        &person,
        &held.copies[0].0,
    ] {
        assert!(run.values.contains(value), "{value} was not looked for");
    }
    assert!(run.values.len() > 300, "only {} values", run.values.len());
    assert_eq!(found(&trace, &run.values), Vec::<&String>::new(), "{trace}");
    // With one line more, it would have been.
    let told = format!("{trace}2026-01-01T00:00:00Z ERROR store: duplicate key (ulmira)\n");
    assert_eq!(found(&told, &run.values), ["Ulmira"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_is_in_the_trace_on_sqlite() {
    check(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_is_in_the_trace_on_postgres() {
    let database = Database::postgres().await;
    let store::Config::Postgres { url } = database.config() else { panic!("no address") };
    check(Some(url.clone())).await;
}
