//! Kill -9 while submissions are signed and received, and while calls are published. Each client keeps its own calls: it
//! announces one that closes soon, has submissions signed until it is told that it has closed, and publishes it. Every
//! other kill comes just after a publication was sent, the rest after some write. The clients' journals decide.
//!
//! `SAHIHI_SOAK_KILLS` counts here too, an eighth of it.

mod check;

use std::{
    io::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use base::Instant;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{CLIENTS, Campaign, Target, log, shared::Shared, variable};
use crate::{
    cluster::Cluster,
    holder::{self, Fetch, Held, attributes, code, now, request_of, text},
    party::{ASKS, Call, Caller, FORUM, Setup, State},
};

/// How long a call is open.
const OPEN_MS: i64 = 2_000;

/// A call, as the client knows it that keeps it.
#[derive(Default)]
struct Kept {
    symbol: String,
    received: Vec<Known>,
    is_published: bool,
}

/// A submission that was confirmed.
struct Known {
    id: String,
    receipt: String,
    /// What was signed, hexadecimal.
    digest: String,
}

/// What the clients have in common.
struct Sending {
    shared: Arc<Shared>,
    calls: Mutex<Vec<Kept>>,
    /// Publications that were sent.
    publishing: watch::Sender<u64>,
    /// What wallets answered and was not received, by its code.
    refused: Mutex<Vec<String>>,
    next: AtomicUsize,
}

/// A card with which somebody signs, from before anything is killed.
async fn card(caller: &Caller, identifier: &str) -> Held {
    let person = caller.staff_post("/staff/v1/people", &json!({ "attributes": attributes() })).await.unwrap();
    let offer = json!({ "person": text(&person.1, "/id"), "type": "participant", "tx_code": false });
    let offered = caller.staff_post("/staff/v1/offers", &offer).await.unwrap();
    let token = caller.send(&Call::token(&code(&offered.1))).await.unwrap().json();
    let nonce = caller.send(&Call::nonce()).await.unwrap().json();
    let (token, nonce) = (text(&token, "/access_token"), text(&nonce, "/c_nonce"));
    let fetch = Fetch::of("participant", identifier, &token, &nonce, 1);
    let issued = caller.send(&fetch.call).await.unwrap();
    assert_eq!(issued.status, 200, "{}", issued.text);
    fetch.held(&issued.json())
}

fn draft(symbol: &str, closes: Instant) -> Value {
    let english = |text: &str| json!({ "original": "en", "texts": { "en": text } });
    json!({
        "symbol": symbol, "kind": "consultation", "title": english("A call"), "introduction": english("Tell us."),
        "questions": [{ "id": "q1", "kind": "long_text", "label": english("What?"), "required": true }],
        "opens": Instant::from_secs(now().secs() - 3_600).rfc3339(),
        "closes": { "instant": closes.rfc3339(), "zone": "Europe/Zurich", "wording": "before" },
        "grace_ms": 0, "policy": "at_close", "contact": "forum@state.example",
    })
}

async fn client(all: Arc<Sending>, mut turn: usize, card: Held) {
    while !all.shared.over.load(SeqCst) {
        let number = all.next.fetch_add(1, SeqCst);
        consultation(&all, &mut turn, &card, number).await;
    }
}

/// A call from its draft to its publication.
async fn consultation(all: &Sending, turn: &mut usize, card: &Held, number: usize) {
    let shared = &*all.shared;
    let symbol = format!("K-{number}");
    let (one, closes) = (format!("/staff/v1/forum/calls/{symbol}"), now().plus_ms(OPEN_MS));
    let drafted =
        shared.write(turn, &Call::staff_post("/staff/v1/forum/calls", &draft(&symbol, closes))).await;
    drafted.now(shared, 201, (409, "symbol_taken"));
    let acts = format!("{one}/acts");
    let announced = shared.write(turn, &Call::staff_post(&acts, &json!({ "act": "announce" }))).await;
    // Who could not be told in time that it is announced is told that this cannot be done any more, now or ever.
    let late = announced.reply.refusal() == (409, "call_state".into()) && now() >= closes;
    if !late {
        announced.now(shared, 200, (409, "call_state"));
    }
    let mut kept = Kept { symbol: symbol.clone(), ..Kept::default() };
    while now() < closes && !shared.over.load(SeqCst) {
        match submit(all, turn, card, &symbol, kept.received.len()).await {
            Some(known) => kept.received.push(known),
            None => break,
        }
    }
    // By the clock that decides it has closed then: they are on one machine.
    while now() < closes {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let state = shared.read(turn, &Call::staff_get(&one)).await.good(200);
    if state["state"] == "draft" {
        assert!(late && kept.received.is_empty(), "an announcement that was confirmed is lost: {state}");
    } else {
        publish(all, turn, &acts, &mut kept).await;
    }
    all.calls.lock().unwrap().push(kept);
}

/// Publishes it; whichever try did, everything that was confirmed must be there, and nothing else.
async fn publish(all: &Sending, turn: &mut usize, acts: &str, kept: &mut Kept) {
    let shared = &*all.shared;
    let publish = Call::staff_post(acts, &json!({ "act": "publish" }));
    let sent = async {
        all.publishing.send_modify(|sent| *sent += 1);
    };
    let (published, ()) = tokio::join!(shared.write(turn, &publish), sent);
    published.now(shared, 200, (409, "call_state"));
    let again = shared.read(turn, &publish).await.reply.refusal();
    assert_eq!(again, (409, "call_state".into()), "a call was published twice");
    kept.is_published = true;
    let counts = Call::get(&format!("/forum/v1/calls/{}/counts", kept.symbol));
    check::adds_up(&shared.read(turn, &counts).await.good(200), kept);
}

/// Has a submission signed; `None` if the call has closed meanwhile.
async fn submit(all: &Sending, turn: &mut usize, card: &Held, symbol: &str, n: usize) -> Option<Known> {
    let shared = &*all.shared;
    let said = json!({
        "form_version": 1, "lang": "en", "answers": { "q1": { "text": format!("Answer {n}") } },
        "party": { "class": "individual", "name": "Kibo", "country": "KE" },
    });
    let ask = Call::json(&format!("/forum/v1/calls/{symbol}/submissions"), &said);
    let asked = shared.write(turn, &ask).await;
    if asked.reply.refusal() == (409, "call_closed".into()) {
        return None;
    }
    let asked = asked.good(201);
    let (link, digest) = (text(&asked, "/link"), text(&asked, "/digest"));
    let fetched = shared.read(turn, &request_of(&link)).await;
    fetched.good(200);
    let request = holder::verified(&link, &fetched.reply, &shared.anchors);
    let answer = holder::answer_to(&request, "participant", "pseudonym", &card.copies[0]);
    shared.write(turn, &answer).await.now(shared, 200, (400, "already_answered"));
    let again = shared.read(turn, &answer).await.reply.refusal();
    assert_eq!(again, (400, "already_answered".into()), "a signature was taken twice");
    // Whichever try did it: it is all there, or there is a reason why nothing is.
    let came = Call::get(&format!("/forum/v1/signings/{}", text(&asked, "/token")));
    let came = shared.read(turn, &came).await.good(200);
    match came["state"].as_str() {
        Some("received") => {
            Some(Known { id: text(&came, "/submission"), receipt: text(&came, "/receipt"), digest })
        }
        Some("refused") => {
            let code = text(&came, "/code");
            // Status lists are fetched from where something was just killed.
            assert!(["call_closed", "undetermined"].contains(&code.as_str()), "{came}");
            all.refused.lock().unwrap().push(code.clone());
            (code != "call_closed").then_some(())?;
            Box::pin(submit(all, turn, card, symbol, n)).await
        }
        _ => panic!("a signature was taken and nothing came of it: {came}"),
    }
}

/// One that keeps a forum, whatever its clients do.
fn setup(database: Option<String>) -> State {
    let limits = "[limits]\nwrong_secrets = 1_000_000_000\nasks = 1_000_000_000\ndrafts = 1_000_000_000\nkept_kib = 1_000_000_000\n";
    State::with(Setup { database, more: format!("{ASKS}{FORUM}{limits}"), ..Setup::default() })
}

/// Kills these in turn, so often; then everything is looked at.
async fn run(name: &str, mut campaign: Campaign, targets: &[Target], kills: usize) {
    let all = Arc::new(Sending {
        shared: campaign.shared.clone(),
        calls: Mutex::default(),
        publishing: watch::Sender::new(0),
        refused: Mutex::default(),
        next: AtomicUsize::new(0),
    });
    let (caller, identifier) = (campaign.states[0].caller(), campaign.states[0].identifier.clone());
    for number in 0..CLIENTS {
        let card = card(&caller, &identifier).await;
        campaign.clients.spawn(client(all.clone(), number, card));
    }
    let mut hits = 0;
    for (number, target) in targets.iter().cycle().take(kills).enumerate() {
        hits += usize::from(if number.is_multiple_of(2) {
            let mut publishing = all.publishing.subscribe();
            let sent = async move { publishing.changed().await.unwrap() };
            campaign.kill_when(*target, sent).await
        } else {
            campaign.kill(*target).await
        });
    }
    all.shared.over.store(true, SeqCst);
    while let Some(ended) = campaign.clients.join_next().await {
        ended.unwrap();
    }
    let calls = std::mem::take(&mut *all.calls.lock().unwrap());
    let published = calls.iter().filter(|call| call.is_published).count();
    let received: usize = calls.iter().map(|call| call.received.len()).sum();
    let (refused, c) = (all.refused.lock().unwrap().len(), all.shared.confirmed());
    let numbers = format!(
        "numbers: forum, {name}: {kills} kills, {hits} of them over an unanswered write; confirmed: {received} \
         submissions, {published} publications; {refused} signatures refused; {} requests were sent again, {} of which \
         had been done; {} answers were 503\n",
        c.again, c.whole, c.refused
    );
    std::io::stderr().write_all(numbers.as_bytes()).unwrap();
    assert!(hits * 2 >= kills, "only {hits} of {kills} kills hit an unanswered write");
    assert!(c.again > 0, "no request had to be sent again");
    assert!(published >= kills && received >= kills, "too little was done to prove anything");
    let store = store::fixture::open_as_it_is(&campaign.states[0].database()).await;
    log::is_whole(&campaign.states, &store, &campaign.follower).await;
    check::everything(&campaign.states, &store, &calls).await;
}

fn kills() -> usize {
    (variable("SAHIHI_SOAK_KILLS", 50) / 16).max(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forum_killed_on_sqlite_loses_no_submission_and_publishes_all_or_nothing() {
    let campaign = Campaign::without_clients(vec![setup(None)], None).await;
    run("SQLite", campaign, &[Target::Busiest], kills()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forums_killed_on_postgresql_lose_no_submission_and_publish_all_or_nothing() {
    let cluster = Cluster::start().await;
    let state = setup(Some(cluster.url()));
    let twin = state.twin();
    let campaign = Campaign::without_clients(vec![state, twin], Some(cluster)).await;
    let targets = [Target::Busiest, Target::Cluster, Target::Busiest, Target::Backend, Target::Everything];
    run("PostgreSQL", campaign, &targets, kills()).await;
}
