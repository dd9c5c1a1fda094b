//! What a machine does to a server that runs: no room on the disk, a file that is elsewhere, a database that stops, that
//! fails to commit, that is gone for a while. Each interface says in its own terms that it cannot, changes nothing, and
//! does the same call as soon as it can, without being started anew.
//!
//! The lock that another process holds is in `edge`, the clock in the tests of `issue` and `ask`.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    cluster::Cluster,
    holder::{self, Fetch, attributes, code, question, request_of, text, verified},
    party::{ASKS, Call, Caller, Reply, Setup, State},
};

/// Calls that write, prepared so that each can be made once, and what else is to be called.
struct Calls {
    /// What it is, the call, the code when it cannot be done.
    writes: Vec<(&'static str, Call, &'static str)>,
    /// A person who was registered before.
    person: String,
}

async fn good(caller: &Caller, call: &Call) -> Value {
    let reply = caller.send(call).await.unwrap();
    assert!((200..300).contains(&reply.status), "{}: {} {}", call.path(), reply.status, reply.text);
    reply.json()
}

impl Calls {
    async fn prepare(state: &State) -> Self {
        let caller = state.caller();
        let register = |name: &str| json!({ "attributes": attributes(), "request": name });
        let register = |name: &str| Call::staff_post("/staff/v1/people", &register(name));
        let person = text(&good(&caller, &register("the first")).await, "/id");
        let offer = json!({ "person": person, "type": "pid", "tx_code": false });
        let offer = Call::staff_post("/staff/v1/offers", &offer);
        let mut codes = Vec::new();
        for _ in 0..3 {
            codes.push(code(&good(&caller, &offer).await));
        }
        let fetch = async |code: &str| {
            let token = text(&good(&caller, &Call::token(code)).await, "/access_token");
            let nonce = text(&good(&caller, &Call::nonce()).await, "/c_nonce");
            Fetch::new(&state.identifier, &token, &nonce, 2)
        };
        let (first, second) = (fetch(&codes[0]).await, fetch(&codes[1]).await);
        let held = {
            let issued = good(&caller, &first.call).await;
            first.held(&issued)
        };
        let list = Call::staff_get(&format!("/staff/v1/credentials?person={person}"));
        let credential = text(&good(&caller, &list).await, "/credentials/0/id");
        let suspend = format!("/staff/v1/credentials/{credential}/suspend");
        let ask = Call::staff_post("/ask/v1/requests", &question(None));
        let link = text(&good(&caller, &ask).await, "/link");
        let fetched = caller.send(&request_of(&link)).await.unwrap();
        let request = verified(&link, &fetched, &holder::anchors(state));
        let answer = holder::answer(&request, &held.copies[0]);
        let writes = vec![
            ("register", register("the second"), "unavailable"),
            ("offer", offer, "unavailable"),
            ("token", Call::token(&codes[2]), "temporarily_unavailable"),
            ("credential", second.call, "temporarily_unavailable"),
            ("ask", ask, "unavailable"),
            ("answer", answer, "temporarily_unavailable"),
            ("suspend", Call::staff_post(&suspend, &json!({ "reason": "test" })), "unavailable"),
        ];
        Self { writes, person }
    }

    /// None of them can be done now.
    async fn refused(&self, caller: &Caller) {
        for (what, call, code) in &self.writes {
            let reply = caller.send(call).await.unwrap();
            refused(what, &reply, code);
        }
    }

    /// Each can, byte for byte as it was refused: so nothing of it was done before.
    async fn done(&self, caller: &Caller) {
        for (_, call, _) in &self.writes {
            good(caller, call).await;
        }
        // And what was prepared is there still.
        good(caller, &self.read()).await;
    }

    fn read(&self) -> Call {
        Call::staff_get(&format!("/staff/v1/people/{}", self.person))
    }
}

fn refused(what: &str, reply: &Reply, code: &str) {
    let protocol = reply.json().get("error").and_then(Value::as_str).map(str::to_owned);
    let said = (reply.status, protocol.unwrap_or_else(|| reply.code()));
    assert_eq!(said, (503, code.to_owned()), "{what}: {}", reply.text);
    assert_eq!(reply.retry_after.as_deref(), Some("1"), "{what} does not say when to try again");
}

/// Sets the size up to which the process may write files; without one as far as it likes.
fn allow(state: &State, bytes: Option<u64>) {
    let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    let mut set = Command::new("prlimit");
    set.args(["--pid", &state.id().to_string(), &format!("--fsize={limit}:")]);
    assert!(set.status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_on_the_disk_nothing_is_written_and_then_it_goes_on() {
    let mut state = State::asking();
    // With the signal ignored that a file over the limit brings, writing fails as it does on a full disk.
    let serve = state.command(&["serve"]);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(serve.get_program()).args(serve.get_args());
    // Its traces may go to a file too.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    state.start_by(command).await;
    let calls = Calls::prepare(&state).await;
    let caller = state.caller();
    let log = fs::metadata(state.folder().join("state.sqlite-wal")).unwrap().len();
    // Not a byte more; then half of a page, which is written and is of no use.
    for bytes in [0, log, log + 2_048] {
        allow(&state, Some(bytes));
        calls.refused(&caller).await;
        good(&caller, &calls.read()).await;
    }
    allow(&state, None);
    calls.done(&caller).await;
    // What was done then outlives the process.
    state.kill();
    state.start().await;
    let redeem = calls.writes.iter().find(|(what, ..)| *what == "token").map(|(_, call, _)| call).unwrap();
    assert_eq!(state.caller().send(redeem).await.unwrap().refusal(), (400, "invalid_grant".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_its_file_is_elsewhere_nothing_is_written_and_then_it_goes_on() {
    let mut state = State::asking();
    state.start().await;
    let calls = Calls::prepare(&state).await;
    let caller = state.caller();
    let (here, there) = (state.folder().join("state.sqlite"), state.folder().join("elsewhere"));
    fs::rename(&here, &there).unwrap();
    calls.refused(&caller).await;
    good(&caller, &calls.read()).await;
    fs::rename(&there, &here).unwrap();
    calls.done(&caller).await;
}

async fn on_a_cluster() -> (Cluster, State) {
    let cluster = Cluster::start().await;
    let database = Some(cluster.url());
    let mut state = State::with(Setup { database, more: ASKS.to_owned(), ..Setup::default() });
    state.start().await;
    (cluster, state)
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_gone_and_back_is_found_again() {
    let (mut cluster, state) = on_a_cluster().await;
    let calls = Calls::prepare(&state).await;
    let caller = state.caller();
    for killed in [false, true] {
        if killed {
            cluster.kill().await;
        } else {
            cluster.stop();
        }
        calls.refused(&caller).await;
        refused("read", &caller.send(&calls.read()).await.unwrap(), "unavailable");
        assert_eq!(caller.send(&Call::get("/healthz")).await.unwrap().status, 200, "it lives");
        cluster.restart().await;
        good(&caller, &calls.read()).await;
    }
    calls.done(&caller).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_postgresql_cannot_keep_is_refused_and_then_kept() {
    let (cluster, state) = on_a_cluster().await;
    let calls = Calls::prepare(&state).await;
    let caller = state.caller();
    let tables = [
        "identity_person",
        "issue_offer",
        "issue_credential",
        "ask_request",
        "ask_answer",
        "issue_status_change",
    ];
    cluster.sql(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
    );
    // As each row is written, and only when it is committed.
    for when in ["", "DEFERRABLE INITIALLY DEFERRED"] {
        for table in tables {
            cluster.sql(&format!(
                "CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT OR UPDATE ON {table} {when}
                 FOR EACH ROW EXECUTE FUNCTION full_disk()"
            ));
        }
        if when.is_empty() {
            calls.refused(&caller).await;
        } else {
            for (what, call, code) in &calls.writes {
                // Whether a commit took place that was not answered well, our own interfaces do not claim to know.
                let code = if *code == "unavailable" { "outcome_unknown" } else { code };
                refused(what, &caller.send(call).await.unwrap(), code);
            }
        }
        good(&caller, &calls.read()).await;
        for table in tables {
            cluster.sql(&format!("DROP TRIGGER full_disk ON {table}"));
        }
    }
    calls.done(&caller).await;
}
