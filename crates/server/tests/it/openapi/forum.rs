//! The forum's operations: from a draft to a decision, with one submission that a wallet signs.

use std::{
    fs,
    process::{Command, Stdio},
};

use base::Instant;
use serde_json::{Value, json};

use super::{Client, Sent};
use crate::{
    holder::{now, text},
    party::PROGRAM,
};

fn text_in_two(en: &str, fr: &str) -> Value {
    json!({ "original": "en", "texts": { "en": en, "fr": fr } })
}

fn circular() -> Value {
    json!({
        "symbol": "CL-1", "dated": "2026-03-01", "signatory": "Amina Diallo, Secretary-General",
        "subject": text_in_two("A call opens", "Un appel s'ouvre"), "text": text_in_two("Tell us.", "Dites-nous."),
        "contact": "forum@state.example",
    })
}

fn call(symbol: &str) -> Value {
    let at = |secs: i64| Instant::from_secs(now().secs() + secs).rfc3339();
    json!({
        "symbol": symbol, "circular": "CL-1", "kind": "consultation",
        "title": text_in_two("A call", "Un appel"), "introduction": text_in_two("Tell us.", "Dites-nous."),
        "questions": [
            { "id": "q1", "kind": "long_text", "label": text_in_two("What?", "Quoi ?"), "required": true },
            { "id": "q2", "kind": "choice", "label": text_in_two("Which?", "Lequel ?"), "required": false, "options": [
                { "id": "a", "label": text_in_two("This", "Celui-ci") },
                { "id": "b", "label": text_in_two("That", "Celui-là") },
            ] },
        ],
        "opens": at(-3_600),
        "closes": { "instant": at(86_400), "zone": "Europe/Zurich", "wording": "by_end_of_day" },
        "grace_ms": 1_000, "policy": "at_once", "contact": "forum@state.example",
    })
}

pub(super) async fn forum(client: &mut Client, person: &str) {
    drafts(client).await;
    let id = submission(client, person).await;
    let call = "C-1";
    for (list, first) in [("listSubmissions", "id"), ("listSubmissionsOfDesk", "id")] {
        let query = if list == "listSubmissions" { "?question=q1&lang=fr" } else { "?state=published" };
        let listed = client.done(list, &[call], Sent { query, ..Sent::default() }).await.json();
        assert_eq!(listed["submissions"][0][first], json!(id));
    }
    let odd = Sent { query: "?country=XX", ..Sent::default() };
    client.refused("listSubmissions", &[call], odd, (400, "query")).await;
    let counts = client.done("countSubmissions", &[call], Sent::default()).await.json();
    assert_eq!((&counts["published"], &counts["by"]["question"]["q1"]), (&json!(1), &json!(1)));
    client.done("countSubmissionsOfDesk", &[call], Sent::default()).await;
    let translation = json!({ "lang": "en", "answers": { "q1": "An answer" } });
    client.done("translateSubmission", &[&id], Sent::json(translation)).await;
    let shown = client.done("showSubmission", &[&id], Sent::default()).await.json();
    assert_eq!(shown["published"]["translations"][0]["is_stale"], false);
    client.done("showSubmissionOfDesk", &[&id], Sent::default()).await;
    let refuse = || Sent::json(json!({ "act": "refuse", "reason": "It answers another call." }));
    client.done("decideOnSubmission", &[&id], refuse()).await;
    client.refused("decideOnSubmission", &[&id], refuse(), (409, "submission_state")).await;
    let shown = client.done("showSubmission", &[&id], Sent::default()).await.json();
    assert_eq!(shown["gone"]["state"]["reason"], "It answers another call.");
    let history = client.done("showHistoryOfSubmission", &[&id], Sent::default()).await.json();
    assert_eq!(history["acts"].as_array().unwrap().len(), 2);
}

/// A circular and its call, from drafts to a call that is open.
async fn drafts(client: &mut Client) {
    let ministry = |mail: &str| {
        let one = json!({ "mail": mail, "lang": "fr", "class": "member_state", "name": "Ministry of Kibo" });
        Sent::json(json!({ "addressees": [one], "reason": "They asked." }))
    };
    client.done("addAddressees", &[], ministry("ict@kibo.example")).await;
    client.refused("addAddressees", &[], ministry("kibo"), (400, "mail")).await;
    let listed = client.done("listAddressees", &[], Sent::default()).await.json();
    let id = text(&listed, "/addressees/0/id");
    let after = format!("?after={id}");
    let behind = client.done("listAddressees", &[], Sent { query: &after, ..Sent::default() }).await.json();
    assert_eq!(behind["addressees"], json!([]));
    let why = |reason: &str| Sent::json(json!({ "reason": reason }));
    client.refused("removeAddressee", &[&id], why("ict@kibo.example is closed."), (400, "reason")).await;
    client.done("removeAddressee", &[&id], why("The office was closed.")).await;
    client.refused("removeAddressee", &[&id], why("The office was closed."), (404, "not_found")).await;
    let history = client.done("showHistoryOfAddressees", &[], Sent::default()).await.json();
    assert_eq!(history["acts"][1]["act"], "addressees_removed");
    client.done("draftCircular", &[], Sent::json(circular())).await;
    client.refused("draftCircular", &[], Sent::json(circular()), (409, "symbol_taken")).await;
    client.done("listCircularsOfDesk", &[], Sent::default()).await;
    client.done("showCircularOfDesk", &["CL-1"], Sent::default()).await;
    let sent = Sent { query: "?name=questions.txt", ..Sent::text("What?") };
    let mut annexed = circular();
    annexed["annexes"] = json!([client.done("sendFile", &[], sent).await.json()]);
    // What proves to a submission who sent it; staff needs none.
    annexed["annexes"][0].as_object_mut().unwrap().remove("proof");
    client.done("changeCircular", &["CL-1"], Sent::json(annexed.clone())).await;
    let mut renamed = circular();
    renamed["symbol"] = json!("CL-2");
    client.refused("changeCircular", &["CL-1"], Sent::json(renamed), (400, "symbol")).await;
    annexed["annexes"][0]["sha256"] = json!("00".repeat(32));
    client.refused("changeCircular", &["CL-1"], Sent::json(annexed), (400, "files")).await;
    let spanish = json!({ "lang": "es", "subject": "Se abre una convocatoria", "text": "Díganos." });
    client.done("translateCircular", &["CL-1"], Sent::json(spanish)).await;
    client.done("draftCall", &[], Sent::json(call("C-1"))).await;
    client.done("listCallsOfDesk", &[], Sent { query: "?", ..Sent::default() }).await;
    client.done("showCallOfDesk", &["C-1"], Sent::default()).await;
    let spanish = json!({ "lang": "es", "title": "Una convocatoria", "introduction": "Díganos." });
    client.done("changeCall", &["C-1"], Sent::json(call("C-1"))).await;
    // What is sent names what is changed.
    client.refused("changeCall", &["C-1"], Sent::json(call("C-2")), (400, "symbol")).await;
    client.done("translateCall", &["C-1"], Sent::json(spanish)).await;
    client.refused("showCall", &["C-1"], Sent::default(), (404, "not_found")).await;
    let announce = Sent::json(json!({ "act": "announce" }));
    client.refused("actOnCall", &["C-1"], announce, (409, "circular")).await;
    client.done("sendCircular", &["CL-1"], Sent::default()).await;
    let shown = client.done("showCircular", &["CL-1"], Sent::default()).await.json();
    assert_eq!(shown["annexes"][0]["name"], "questions.txt");
    let history = client.done("showHistoryOfCircular", &["CL-1"], Sent::default()).await.json();
    assert_eq!(history["acts"].as_array().unwrap().len(), 4);
    let shown = client.done("showCall", &["C-1"], Sent::default()).await.json();
    assert_eq!((&shown["state"], shown["title"].get("stale")), (&json!("open"), None));
    let closes = json!({ "instant": "2199-12-31T23:00:00Z", "zone": "Europe/Zurich", "wording": "before" });
    let extend =
        || Sent::json(json!({ "act": "extend", "closes": closes, "reason": "There were holidays." }));
    let extended = client.done("actOnCall", &["C-1"], extend()).await.json();
    assert_eq!(extended["extensions"].as_array().unwrap().len(), 1);
    client.refused("actOnCall", &["C-1"], extend(), (409, "not_later")).await;
    client.done("showHistoryOfCall", &["C-1"], Sent::default()).await;
}

/// What a participant signs with a wallet.
async fn submission(client: &mut Client, person: &str) -> String {
    let sent = Sent { query: "?name=annex.txt", ..Sent::text("An annex.") };
    let file = client.done("sendFile", &[], sent).await.json();
    let said = json!({
        "form_version": 1, "lang": "fr", "answers": { "q1": { "text": "Une réponse" } },
        "party": { "class": "individual", "name": "Kibo" },
    });
    assert_eq!(file["size"], 9);
    let asked = client.done("askToSignSubmission", &["C-1"], Sent::json(said)).await.json();
    let token = text(&asked, "/token");
    client.done("showSigning", &[&token], Sent::default()).await;

    let offer = json!({ "person": person, "type": "participant", "tx_code": false });
    let offered = client.done("makeOffer", &[], Sent::json(offer)).await.json();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("passphrase"), "a passphrase of a test").unwrap();
    let anchor = client.state.anchor().display().to_string();
    for arguments in [
        &["init", "--trust-issuers", &anchor, "--trust-askers", &anchor][..],
        &["accept", &text(&offered, "/link"), "--yes"],
        &["answer", &text(&asked, "/link"), "--yes"],
    ] {
        let mut command = Command::new(PROGRAM);
        command.args(["wallet", "--json", "--insecure-loopback", "--home"]);
        command.arg(folder.path().join("wallet")).arg("--passphrase-file");
        command.arg(folder.path().join("passphrase")).args(arguments).stdin(Stdio::null());
        let output = tokio::task::block_in_place(|| command.output()).unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
    }
    let came = client.done("showSigning", &[&token], Sent::default()).await.json();
    assert_eq!(came["state"], "received", "{came}");
    assert!(text(&came, "/receipt").starts_with("sahihi-log-receipt@v1\n"));
    text(&came, "/submission")
}
