//! Kill -9 of the state while it registers, issues and revokes. The clients' own journals decide what must be there.
//!
//! `SAHIHI_SOAK_KILLS` sets how often it is killed (20 unless told).

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use base::Instant;
use crypto::{Random, SecretKey, SystemRandom, random_array};
use formats::{
    jws::Jws,
    status_list::{Status, verify_token},
    vci::proof,
    x509::TrustAnchors,
};
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};

use crate::party::{Answer, Caller, State};

const CLIENTS: usize = 6;

/// What the clients know for certain, because it was answered.
#[derive(Default)]
struct Journal {
    people: Vec<String>,
    redeemed_codes: Vec<String>,
    credentials: Vec<Held>,
    revoked: Vec<Held>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    person: String,
    uri: String,
    idx: u64,
}

/// What clients and killer share.
struct Shared {
    journal: Mutex<Journal>,
    /// Writes that were sent and not answered yet.
    unanswered: AtomicUsize,
    /// Writes sent since the last start.
    sent: AtomicU64,
    /// How many writes after a start the state is killed.
    kill_at: AtomicU64,
    kill_now: Notify,
    over: AtomicBool,
    up: watch::Sender<bool>,
}

impl Shared {
    /// Sends a write: from here until its answer it counts as unanswered.
    async fn write(&self, request: impl Future<Output = Answer>) -> Answer {
        self.unanswered.fetch_add(1, Ordering::SeqCst);
        if self.sent.fetch_add(1, Ordering::SeqCst) + 1 == self.kill_at.load(Ordering::SeqCst) {
            self.kill_now.notify_one();
        }
        let answer = request.await;
        self.unanswered.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    fn journal<T>(&self, note: impl FnOnce(&mut Journal) -> T) -> T {
        note(&mut self.journal.lock().unwrap())
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} in {value}"))
        .to_owned()
}

/// One life of a credential; an error means that the state died under it.
async fn life(shared: &Shared, caller: &Caller, revoke: bool) -> Result<(), reqwest::Error> {
    let attributes = json!({ "given_name": "Ulmira", "family_name": "Tidjara", "birthdate": "1980-01-01",
        "nationalities": ["XZ"], "place_of_birth": { "country": "XZ" } });
    let (status, person) =
        shared.write(caller.staff_post("/staff/v1/people", &json!({ "attributes": attributes }))).await?;
    assert_eq!(status, 201, "{person}");
    let person = text(&person, "/id");
    shared.journal(|j| j.people.push(person.clone()));

    let offer = json!({ "person": person, "type": "pid", "tx_code": false });
    let (status, offer) = shared.write(caller.staff_post("/staff/v1/offers", &offer)).await?;
    assert_eq!(status, 201, "{offer}");
    let pointer =
        "/credential_offer/grants/urn:ietf:params:oauth:grant-type:pre-authorized_code/pre-authorized_code";
    let code = text(&offer, pointer);
    let (status, token) = shared.write(caller.token(&code)).await?;
    assert_eq!(status, 200, "{token}");
    shared.journal(|j| j.redeemed_codes.push(code));

    let (status, nonce) = caller.nonce().await?;
    assert_eq!(status, 200, "{nonce}");
    let key = SecretKey::generate(&SystemRandom);
    let now = Instant::from_secs(seconds_now());
    let proof = proof::build(&key, &caller.identifier, Some(&text(&nonce, "/c_nonce")), now).unwrap();
    let (status, issued) = shared.write(caller.credential(&text(&token, "/access_token"), &proof)).await?;
    assert_eq!(status, 200, "{issued}");
    let credential = text(&issued, "/credentials/0/credential");
    let claims = Jws::parse(credential.split('~').next().unwrap()).unwrap().claims().unwrap();
    let status_list = claims["status"]["status_list"].clone();
    let held = Held { person, uri: text(&status_list, "/uri"), idx: status_list["idx"].as_u64().unwrap() };
    shared.journal(|j| j.credentials.push(held.clone()));

    if revoke {
        let (_, list) = caller.staff_get(&format!("/staff/v1/credentials?person={}", held.person)).await?;
        let path = format!("/staff/v1/credentials/{}/revoke", text(&list, "/credentials/0/id"));
        let (status, answer) = shared.write(caller.staff_post(&path, &json!({ "reason": "test" }))).await?;
        assert_eq!(status, 200, "{answer}");
        shared.journal(|j| j.revoked.push(held));
    }
    Ok(())
}

fn seconds_now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

async fn client(shared: Arc<Shared>, caller: Caller, number: usize) {
    let mut up = shared.up.subscribe();
    let mut lives = number;
    while !shared.over.load(Ordering::SeqCst) {
        up.wait_for(|up| *up).await.unwrap();
        lives += 1;
        // An error is the state's death: what was not answered may or may not be there.
        let _ = life(&shared, &caller, lives.is_multiple_of(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_issuing_nothing_confirmed_is_lost() {
    let kills: usize = std::env::var("SAHIHI_SOAK_KILLS").ok().and_then(|k| k.parse().ok()).unwrap_or(20);
    let mut state = State::new();
    let shared = Arc::new(Shared {
        journal: Mutex::default(),
        unanswered: AtomicUsize::new(0),
        sent: AtomicU64::new(0),
        kill_at: AtomicU64::new(0),
        kill_now: Notify::new(),
        over: AtomicBool::new(false),
        up: watch::Sender::new(false),
    });
    let mut clients = JoinSet::new();
    for n in 0..CLIENTS {
        clients.spawn(client(shared.clone(), state.caller(), n));
    }
    let mut hits = 0;
    for _ in 0..kills {
        let [writes, delay] = random_array::<2>(&SystemRandom as &dyn Random);
        shared.sent.store(0, Ordering::SeqCst);
        shared.kill_at.store(3 + u64::from(writes % 40), Ordering::SeqCst);
        state.start().await;
        shared.up.send_replace(true);
        tokio::select! {
            () = shared.kill_now.notified() => {}
            ended = clients.join_next() => panic!("a client found something wrong: {ended:?}"),
        }
        // Where in its work the state is hit is drawn by chance; nothing waits for it.
        tokio::time::sleep(Duration::from_micros(u64::from(delay) * 10)).await;
        shared.up.send_replace(false);
        hits += usize::from(shared.unanswered.load(Ordering::SeqCst) > 0);
        state.kill();
    }
    shared.kill_at.store(0, Ordering::SeqCst);
    state.start().await;
    shared.over.store(true, Ordering::SeqCst);
    shared.up.send_replace(true);
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let (people, credentials, revoked) =
        shared.journal(|j| (j.people.len(), j.credentials.len(), j.revoked.len()));
    println!(
        "{kills} kills, {hits} of them over an unanswered write; confirmed: {people} people, {credentials} credentials, \
         {revoked} revocations"
    );
    assert!(hits * 2 >= kills, "only {hits} of {kills} kills hit an unanswered write");
    assert!(credentials >= kills, "too little was done to prove anything: {credentials} credentials");
    assert!(revoked > 0);
    check(&state, &shared).await;
}

async fn check(state: &State, shared: &Shared) {
    let caller = state.caller();
    let journal = std::mem::take(&mut *shared.journal.lock().unwrap());
    let anchors = TrustAnchors::from_pem(&std::fs::read_to_string(state.anchor()).unwrap()).unwrap();
    let mut indices = BTreeSet::new();
    let mut listed = BTreeSet::new();
    for person in &journal.people {
        let (status, _) = caller.staff_get(&format!("/staff/v1/people/{person}")).await.unwrap();
        assert_eq!(status, 200, "a confirmed person is lost");
        let (_, list) = caller.staff_get(&format!("/staff/v1/credentials?person={person}")).await.unwrap();
        for row in list["credentials"].as_array().unwrap() {
            for copy in row["status_lists"].as_array().unwrap() {
                let (uri, idx) = (text(copy, "/uri"), copy["idx"].as_u64().unwrap());
                assert!(indices.insert((uri.clone(), idx)), "a status index is used twice");
                listed.insert(Held { person: person.clone(), uri, idx });
            }
        }
    }
    for held in &journal.credentials {
        assert!(listed.contains(held), "a confirmed credential is lost");
    }
    for code in &journal.redeemed_codes {
        let (status, answer) = caller.token(code).await.unwrap();
        assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_grant")), "a code was used twice");
    }
    let now = Instant::from_secs(seconds_now());
    for held in &journal.credentials {
        let token = caller.text(&held.uri).await.unwrap();
        let list = verify_token(&token, &held.uri, &anchors, now).unwrap().list;
        let status = list.get(held.idx).unwrap();
        // What was revoked without an answer may show either; what was answered must show.
        if journal.revoked.contains(held) {
            assert_eq!(status, Status::Invalid, "a confirmed revocation is lost");
        }
    }
}
