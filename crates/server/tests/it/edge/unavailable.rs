//! The database held by another: each interface says so in its own terms, and goes on by itself afterwards.

use std::sync::mpsc;

use serde_json::{Value, json};
use store::{Store, Tx};

use super::*;
use crate::{
    holder::{self, Fetch, text},
    party::{Call, Caller, Reply},
};

store::statements! {
    /// Changes nothing, and needs the lock of a write.
    TAKE = "UPDATE store_ready SET checks = checks WHERE id = 1";
}

/// Holds the database of a state in a write of its own until it is told to end.
async fn hold(state: &State) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let store: Store = store::fixture::open_as_it_is(&state.database()).await;
    let (end, ended) = mpsc::channel();
    let ended = std::sync::Mutex::new(ended);
    let (held, is_held) = tokio::sync::oneshot::channel();
    let held = std::sync::Mutex::new(Some(held));
    let holding = tokio::spawn(async move {
        let write = store.write(async move |tx: &mut Tx<'_>| -> Result<(), store::Error> {
            tx.execute(&TAKE, &[]).await?;
            if let Some(held) = held.lock().unwrap().take() {
                held.send(()).unwrap();
            }
            // The closure runs on the thread of the writer, which is to stand still.
            let _ = ended.lock().unwrap().recv();
            Ok(())
        });
        write.await.unwrap();
    });
    is_held.await.unwrap();
    (end, holding)
}

async fn good(caller: &Caller, call: &Call) -> Value {
    let reply = caller.send(call).await.unwrap();
    assert!((200..300).contains(&reply.status), "{}: {} {}", call.path(), reply.status, reply.text);
    reply.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_interface_says_that_it_cannot_and_then_can() {
    let (mut state, operations) = state("");
    state.start().await;
    let caller = state.caller();
    // Everything up to the writes that are to fail.
    let person =
        good(&caller, &Call::staff_post("/staff/v1/people", &json!({ "attributes": holder::attributes() })))
            .await;
    let person = text(&person, "/id");
    let offer =
        Call::staff_post("/staff/v1/offers", &json!({ "person": person, "type": "pid", "tx_code": false }));
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(holder::code(&good(&caller, &offer).await));
    }
    let tokens = [good(&caller, &Call::token(&codes[0])).await, good(&caller, &Call::token(&codes[1])).await];
    let fetch = async |token: &Value| {
        let nonce = text(&good(&caller, &Call::nonce()).await, "/c_nonce");
        Fetch::new(&state.identifier, &text(token, "/access_token"), &nonce, 1)
    };
    let first = fetch(&tokens[0]).await;
    let issued = good(&caller, &first.call).await;
    let held = first.held(&issued);
    let credentials = caller.staff_get(&format!("/staff/v1/credentials?person={person}")).await.unwrap().1;
    let credential = text(&credentials, "/credentials/0/id");
    let second = fetch(&tokens[1]).await;
    let question = Call::staff_post("/ask/v1/requests", &holder::question(None));
    let asked = good(&caller, &question).await;
    let link = text(&asked, "/link");
    let fetched = caller.send(&holder::request_of(&link)).await.unwrap();
    let answer =
        holder::answer(&holder::verified(&link, &fetched, &holder::anchors(&state)), &held.copies[0]);

    let writes: Vec<(&str, Call, &str)> = vec![
        (
            "register",
            Call::staff_post("/staff/v1/people", &json!({ "attributes": holder::attributes() })),
            "unavailable",
        ),
        ("offer", offer, "unavailable"),
        (
            "revoke",
            Call::staff_post(
                &format!("/staff/v1/credentials/{credential}/revoke"),
                &json!({ "reason": "test" }),
            ),
            "unavailable",
        ),
        ("ask", question, "unavailable"),
        // In the protocols' own terms: OAuth calls it so (RFC 6749, section 4.1.2.1).
        ("token", Call::token(&codes[2]), "temporarily_unavailable"),
        ("credential", second.call.clone(), "temporarily_unavailable"),
        ("answer", answer, "temporarily_unavailable"),
    ];
    let (end, holding) = hold(&state).await;
    // Nothing is written for a nonce.
    good(&caller, &Call::nonce()).await;
    let calls = writes.iter().map(|(_, call, _)| caller.send(call));
    let replies: Vec<Result<Reply, reqwest::Error>> = futures_util::future::join_all(calls).await;
    let mut wrong = Vec::new();
    for ((what, _, code), reply) in writes.iter().zip(replies) {
        let reply = reply.unwrap();
        let said = reply.json();
        let said = [&said["error"], &said["code"]].iter().any(|said| *said == code);
        if reply.status != 503 || !said || reply.retry_after.is_none() {
            wrong.push(format!("{what}: {reply:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // It lives, and is not ready; what only reads goes on.
    let at = operations.parse().unwrap();
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert_eq!(statuses(&send(at, get("/healthz").as_bytes()).await), [200]);
    let unready = send(at, get("/readyz").as_bytes()).await;
    assert!(statuses(&unready) == [503] && unready.contains("\r\nretry-after: "), "{unready}");
    assert_eq!(caller.staff_get(&format!("/staff/v1/people/{person}")).await.unwrap().0, 200);
    end.send(()).unwrap();
    holding.await.unwrap();
    // Byte for byte the same calls: none of them has happened.
    for (_, call, _) in &writes {
        good(&caller, call).await;
    }
    let begun = Instant::now();
    while statuses(&send(at, get("/readyz").as_bytes()).await) != [200] {
        assert!(begun.elapsed() < PATIENCE, "it is not ready again");
    }
}
