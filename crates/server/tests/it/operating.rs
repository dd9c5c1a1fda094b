//! What the tests of operating have in common: a life at a state that must survive it, and commands.

use std::{fs, path::Path, process::Command};

use formats::status_list::{Status, verify_token};
use serde_json::{Value, json};

use crate::{
    holder::{self, Fetch, Held, answer, attributes, code, question, request_of, text, verified},
    party::{Call, Caller, Setup, State},
};

/// What a command said: its answer, or the code of its failure.
pub(crate) fn run(mut command: Command) -> Result<Value, String> {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    if output.status.success() {
        return Ok(serde_json::from_str(&said).unwrap());
    }
    let why = String::from_utf8(output.stderr).unwrap();
    let code = why.trim_end().rsplit_once('(').and_then(|(_, code)| code.strip_suffix(')'));
    Err(code.unwrap_or_else(|| panic!("no code: {why}{said}")).to_owned())
}

/// Another installation under the same identifier, with nothing in it yet.
pub(crate) fn empty_again(of: &State, database: Option<String>, more: &str) -> State {
    let setup = Setup { identifier: Some(of.identifier.clone()), database, more: more.to_owned() };
    let mut state = State::with(setup);
    // In the place of the other.
    let file = state.folder().join("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    let port = |address: &str| url::Url::parse(address).unwrap().port().unwrap();
    let [own, other] = [port(&state.address), port(&of.address)].map(|port| format!("127.0.0.1:{port}"));
    fs::write(&file, text.replace(&own, &other)).unwrap();
    state.address.clone_from(&of.address);
    fs::remove_dir_all(state.folder().join("keys")).unwrap();
    for file in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] {
        let _ = fs::remove_file(state.folder().join(file));
    }
    state
}

/// Copies a folder of keys.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let there = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &there);
        } else {
            fs::copy(entry.path(), there).unwrap();
        }
    }
}

pub(crate) async fn good(caller: &Caller, call: &Call, status: u16) -> Value {
    let reply = caller.send(call).await.unwrap();
    assert_eq!(reply.status, status, "{}", reply.text);
    reply.json()
}

pub(crate) async fn refusal(caller: &Caller, call: &Call) -> (u16, String) {
    caller.send(call).await.unwrap().refusal()
}

/// What was answered to one who lived at a state.
pub(crate) struct Life {
    pub(crate) person: String,
    pub(crate) code: String,
    pub(crate) held: Held,
    pub(crate) revoked: bool,
}

/// A person is registered, gets two copies of a credential, and perhaps loses it.
pub(crate) async fn live(caller: &Caller, revoke: bool) -> Life {
    let register = Call::staff_post("/staff/v1/people", &json!({ "attributes": attributes() }));
    let person = text(&good(caller, &register, 201).await, "/id");
    let code = offered(caller, &person).await;
    let token = text(&good(caller, &Call::token(&code), 200).await, "/access_token");
    let nonce = text(&good(caller, &Call::nonce(), 200).await, "/c_nonce");
    let fetch = Fetch::new(&caller.identifier, &token, &nonce, 2);
    let issued = good(caller, &fetch.call, 200).await;
    let held = fetch.held(&issued);
    if revoke {
        let list = Call::staff_get(&format!("/staff/v1/credentials?person={person}"));
        let id = text(&good(caller, &list, 200).await, "/credentials/0/id");
        let revoke =
            Call::staff_post(&format!("/staff/v1/credentials/{id}/revoke"), &json!({ "reason": "lost" }));
        good(caller, &revoke, 200).await;
    }
    Life { person, code, held, revoked: revoke }
}

/// The code of a new offer.
pub(crate) async fn offered(caller: &Caller, person: &str) -> String {
    let offer = json!({ "person": person, "type": "pid", "tx_code": false });
    code(&good(caller, &Call::staff_post("/staff/v1/offers", &offer), 201).await)
}

/// The status of each copy, read from the signed lists.
pub(crate) async fn statuses(caller: &Caller, state: &State, held: &Held) -> Vec<Status> {
    let mut all = Vec::new();
    for (uri, idx) in held.statuses() {
        let token = caller.send(&Call::get(&uri)).await.unwrap().text;
        let list = verify_token(&token, &uri, &holder::anchors(state), holder::now()).unwrap().list;
        all.push(list.get(idx).unwrap());
    }
    all
}

/// Asks for the family name, answers with the first copy; what the asker says to that, and in the end.
pub(crate) async fn present(caller: &Caller, state: &State, held: &Held) -> (u16, String) {
    let asked = good(caller, &Call::staff_post("/ask/v1/requests", &question(None)), 201).await;
    let link = text(&asked, "/link");
    let fetched = caller.send(&request_of(&link)).await.unwrap();
    let request = verified(&link, &fetched, &holder::anchors(state));
    let reply = caller.send(&answer(&request, &held.copies[0])).await.unwrap();
    if reply.status != 200 {
        return reply.refusal();
    }
    let show = Call::staff_get(&format!("/ask/v1/requests/{}", text(&asked, "/id")));
    (200, text(&good(caller, &show, 200).await, "/result/outcome"))
}

/// That everything of a life is there and nothing of it can be had twice.
pub(crate) async fn check_life(caller: &Caller, state: &State, life: &Life) {
    good(caller, &Call::staff_get(&format!("/staff/v1/people/{}", life.person)), 200).await;
    let again = refusal(caller, &Call::token(&life.code)).await;
    assert_eq!(again, (400, "invalid_grant".to_owned()), "a code was used twice");
    let expected = if life.revoked { Status::Invalid } else { Status::Valid };
    assert_eq!(statuses(caller, state, &life.held).await, [expected; 2]);
}
