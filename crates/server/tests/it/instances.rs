//! Two processes on one `PostgreSQL` behave as one: what one began the other goes on with, and of what both are asked for
//! at once each thing happens once. That either may be killed is shown in `kill`.

mod people;

use formats::status_list::{Status, verify_token};
use serde_json::{Value, json};
use store::{Config, fixture::Database};
use tokio::task::JoinSet;

use crate::{
    holder::{self, Fetch, Held, answer, attributes, code, question, request_of, text, verified},
    party::{ASKS, Call, Caller, Reply, Setup, State},
};

/// How many requests come at once, half of them to each.
const AT_ONCE: usize = 8;
const SESSION: &str = "session-of-the-person-who-asked";

/// Two processes of one state, which fetches status lists anew each time.
struct Both {
    one: Caller,
    two: Caller,
    states: [State; 2],
    _database: Database,
}

impl Both {
    async fn start() -> Self {
        let database = Database::postgres().await;
        let Config::Postgres { url } = database.config().clone() else { panic!("not PostgreSQL") };
        let more = format!("status_ttl_s = 0\n{ASKS}");
        let state = State::with(Setup { database: Some(url), more, ..Setup::default() });
        let twin = state.twin();
        let mut states = [state, twin];
        for state in &mut states {
            state.start().await;
        }
        let [one, two] = [states[0].caller(), states[1].caller()];
        Self { one, two, states, _database: database }
    }

    fn caller(&self, n: usize) -> Caller {
        if n.is_multiple_of(2) { self.one.clone() } else { self.two.clone() }
    }

    /// Sends these at once, in turn to one and to the other; status and code of each answer.
    async fn at_once(&self, calls: impl Iterator<Item = Call>) -> Vec<(u16, String)> {
        let mut running = JoinSet::new();
        for (n, call) in calls.enumerate() {
            let caller = self.caller(n);
            running.spawn(async move { caller.send(&call).await.unwrap().refusal() });
        }
        running.join_all().await
    }

    /// The same call so often at once: exactly one is answered well, all others with this.
    async fn exactly_one(&self, call: &Call, others: (u16, &str)) {
        let answers = self.at_once(std::iter::repeat_n(call.clone(), AT_ONCE)).await;
        one_of(&answers, others);
    }

    async fn token(&self) -> String {
        let person = good(&self.one, &register(), 201).await;
        let offer = good(&self.two, &offer_to(&text(&person, "/id")), 201).await;
        text(&good(&self.one, &Call::token(&code(&offer)), 200).await, "/access_token")
    }

    async fn held(&self) -> Held {
        let token = self.token().await;
        let nonce = text(&good(&self.two, &Call::nonce(), 200).await, "/c_nonce");
        let fetch = Fetch::new(&self.one.identifier, &token, &nonce, 2);
        let issued = good(&self.one, &fetch.call, 200).await;
        fetch.held(&issued)
    }
}

fn one_of(answers: &[(u16, String)], others: (u16, &str)) {
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|(status, _)| *status == 200);
    assert_eq!(good.len(), 1, "{answers:?}");
    assert!(bad.iter().all(|(status, code)| (*status, code.as_str()) == others), "{answers:?}");
}

fn register() -> Call {
    Call::staff_post("/staff/v1/people", &json!({ "attributes": attributes() }))
}

fn offer_to(person: &str) -> Call {
    Call::staff_post("/staff/v1/offers", &json!({ "person": person, "type": "pid", "tx_code": false }))
}

async fn send(caller: &Caller, call: &Call) -> Reply {
    caller.send(call).await.unwrap()
}

async fn good(caller: &Caller, call: &Call, status: u16) -> Value {
    let reply = send(caller, call).await;
    assert_eq!(reply.status, status, "{}", reply.text);
    reply.json()
}

async fn refused(caller: &Caller, call: &Call, status: u16, code: &str) {
    assert_eq!(send(caller, call).await.refusal(), (status, code.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_began_the_other_goes_on_with() {
    let both = Both::start().await;
    let Both { one, two, .. } = &both;
    let anchors = holder::anchors(&both.states[0]);
    for path in ["/.well-known/openid-credential-issuer", "/.well-known/oauth-authorization-server"] {
        let [here, there] = [send(one, &Call::get(path)).await, send(two, &Call::get(path)).await];
        assert_eq!((here.status, here.text), (200, there.text));
    }

    // Registered here, known there; offered there, redeemed here; a nonce from there, the credential here.
    let person = text(&good(one, &register(), 201).await, "/id");
    good(two, &Call::staff_get(&format!("/staff/v1/people/{person}")), 200).await;
    let offer = good(two, &offer_to(&person), 201).await;
    let redeem = Call::token(&code(&offer));
    let access = text(&good(one, &redeem, 200).await, "/access_token");
    refused(two, &redeem, 400, "invalid_grant").await;
    let nonce = text(&good(two, &Call::nonce(), 200).await, "/c_nonce");
    let fetch = Fetch::new(&one.identifier, &access, &nonce, 2);
    let issued = good(one, &fetch.call, 200).await;
    refused(two, &fetch.call, 400, "invalid_nonce").await;
    let held = fetch.held(&issued);

    // Asked here, fetched there; answered there, redeemed here; both tell the same.
    let asked = good(one, &Call::staff_post("/ask/v1/requests", &question(Some(SESSION))), 201).await;
    let link = text(&asked, "/link");
    let fetched = send(two, &request_of(&link)).await;
    assert_eq!(fetched.text, send(one, &request_of(&link)).await.text);
    let request = verified(&link, &fetched, &anchors);
    let shown = answer(&request, &held.copies[0]);
    let taken = good(two, &shown, 200).await;
    refused(one, &shown, 400, "already_answered").await;
    let show = Call::staff_get(&format!("/ask/v1/requests/{}", text(&asked, "/id")));
    assert_eq!(good(one, &show, 200).await["state"], "returning");
    let redeem = response_code(&taken);
    good(one, &redeem, 200).await;
    refused(two, &redeem, 409, "response_code_used").await;
    let result = good(one, &show, 200).await;
    assert_eq!(result["result"]["outcome"], "valid", "{result}");
    assert_eq!(good(two, &show, 200).await, result);

    // Revoked there: here the list says so at once, and the next who is asked is refused.
    let list = Call::staff_get(&format!("/staff/v1/credentials?person={person}"));
    let id = text(&good(one, &list, 200).await, "/credentials/0/id");
    let (uri, idx) = held.statuses().swap_remove(0);
    let status = async |caller: &Caller| {
        let list = send(caller, &Call::get(&uri)).await.text;
        verify_token(&list, &uri, &anchors, holder::now()).unwrap().list.get(idx).unwrap()
    };
    assert_eq!([status(one).await, status(two).await], [Status::Valid; 2]);
    for (caller, verb, expected) in [
        (two, "suspend", Status::Suspended),
        (one, "reinstate", Status::Valid),
        (two, "revoke", Status::Invalid),
    ] {
        let path = format!("/staff/v1/credentials/{id}/{verb}");
        good(caller, &Call::staff_post(&path, &json!({ "reason": "test" })), 200).await;
        assert_eq!([status(one).await, status(two).await], [expected; 2], "{verb}");
    }
    let asked = good(two, &Call::staff_post("/ask/v1/requests", &question(None)), 201).await;
    let link = text(&asked, "/link");
    let request = verified(&link, &send(one, &request_of(&link)).await, &anchors);
    let reply = send(one, &answer(&request, &held.copies[1])).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "status_revoked"), "{}", reply.text);
}

/// Takes the person back who answered on the same device.
fn response_code(taken: &Value) -> Call {
    let back = url::Url::parse(&text(taken, "/redirect_uri")).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "response_code").unwrap().1.into_owned();
    Call::staff_post("/ask/v1/response-codes", &json!({ "response_code": code, "session": SESSION }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_both_processes_are_asked_for_at_once_happens_once() {
    let both = Both::start().await;
    let Both { one, two, .. } = &both;
    let anchors = holder::anchors(&both.states[0]);
    for _ in 0..5 {
        // One person under one name of the clerk's, whoever is first.
        let named =
            json!({ "attributes": attributes(), "request": format!("{:?}", std::time::Instant::now()) });
        let register = Call::staff_post("/staff/v1/people", &named);
        let [here, there] = {
            let (here, there) = tokio::join!(good(one, &register, 201), good(two, &register, 201));
            [text(&here, "/id"), text(&there, "/id")]
        };
        assert_eq!(here, there);

        let offer = good(one, &offer_to(&here), 201).await;
        both.exactly_one(&Call::token(&code(&offer)), (400, "invalid_grant")).await;

        // One nonce, with as many tokens.
        let nonce = text(&good(one, &Call::nonce(), 200).await, "/c_nonce");
        let mut fetches = Vec::new();
        for _ in 0..AT_ONCE {
            fetches.push(Fetch::new(&one.identifier, &both.token().await, &nonce, 1).call);
        }
        one_of(&both.at_once(fetches.into_iter()).await, (400, "invalid_nonce"));

        let held = both.held().await;
        let asked = good(one, &Call::staff_post("/ask/v1/requests", &question(Some(SESSION))), 201).await;
        let link = text(&asked, "/link");
        let request = verified(&link, &send(two, &request_of(&link)).await, &anchors);
        // Different bytes each: every wallet encrypts for itself.
        let answers: Vec<Call> = (0..AT_ONCE).map(|_| answer(&request, &held.copies[0])).collect();
        let mut running = JoinSet::new();
        for (n, answer) in answers.into_iter().enumerate() {
            let caller = both.caller(n);
            running.spawn(async move { caller.send(&answer).await.unwrap() });
        }
        let replies = running.join_all().await;
        one_of(&replies.iter().map(Reply::refusal).collect::<Vec<_>>(), (400, "already_answered"));
        let taken = replies.iter().find(|reply| reply.status == 200).unwrap().json();
        both.exactly_one(&response_code(&taken), (409, "response_code_used")).await;

        let list = Call::staff_get(&format!("/staff/v1/credentials?person={here}"));
        assert_eq!(good(two, &list, 200).await["credentials"], json!([]), "nothing was issued to this one");
    }
}
