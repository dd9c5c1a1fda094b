//! What must be true of the forum at the end: every submission that was confirmed is there once, published with its call
//! or not at all, under a place in the log of its own.

use std::collections::BTreeSet;

use ::log::{ProofFile, ReceiptFile, VerifierKey};
use serde_json::Value;
use store::{Error, Store, Tx};

use super::Kept;
use crate::{
    holder::text,
    party::{Call, Caller, State},
};

store::statements! {
    /// What one transaction writes together: each counts what has only a part of it, or too much.
    WAITS_IN_PUBLISHED_CALL = "SELECT count(*) FROM forum_submission s JOIN forum_call c ON c.id = s.call
        WHERE c.stage = 'published' AND s.state <> 'published'";
    PUBLISHED_IN_OPEN_CALL = "SELECT count(*) FROM forum_submission s JOIN forum_call c ON c.id = s.call
        WHERE c.stage <> 'published' AND s.state <> 'received'";
    PUBLISHED_AND_NOT_LISTED = "SELECT count(*) FROM forum_submission s WHERE s.state = 'published'
        AND NOT EXISTS (SELECT 1 FROM forum_listed l WHERE l.submission = s.id AND l.call = s.call)";
    LISTED_AND_NOT_PUBLISHED = "SELECT count(*) FROM forum_listed l WHERE NOT EXISTS
        (SELECT 1 FROM forum_submission s WHERE s.id = l.submission AND s.call = l.call AND s.state = 'published')";
    LISTED_TWICE = "SELECT (SELECT count(*) FROM forum_listed) - (SELECT count(DISTINCT submission) FROM forum_listed)";
    WITHOUT_DOCUMENT = "SELECT count(*) FROM forum_submission s WHERE NOT EXISTS
        (SELECT 1 FROM forum_document d WHERE d.submission = s.id AND length(d.evidence) > 0)";
    WITHOUT_SIGNING = "SELECT count(*) FROM forum_submission s
        WHERE (SELECT count(*) FROM forum_signing g WHERE g.submission = s.id) <> 1";
    ANSWERED_WITHOUT_OUTCOME = "SELECT count(*) FROM forum_signing g WHERE g.submission IS NULL AND g.refused IS NULL
        AND EXISTS (SELECT 1 FROM ask_answer a WHERE a.request = g.request)";
    SUBMISSIONS_UNLIKE_LEAVES = "SELECT (SELECT count(*) FROM forum_submission)
        - (SELECT count(*) FROM log_record WHERE kind = 'forum_submission_received')";
    SUBMISSION_WITHOUT_LEAF = "SELECT count(*) FROM forum_submission s
        WHERE NOT EXISTS (SELECT 1 FROM log_leaf l WHERE l.id = s.leaf)";
    LEAF_OF_TWO = "SELECT (SELECT count(*) FROM forum_submission) - (SELECT count(DISTINCT leaf) FROM forum_submission)";
    PUBLICATIONS_UNLIKE_LEAVES = "SELECT (SELECT count(*) FROM forum_call WHERE stage = 'published')
        - (SELECT count(*) FROM log_record WHERE kind = 'forum_call_published')";
    ACTS_UNLIKE_LEAVES = "SELECT count(*) FROM forum_act a WHERE NOT EXISTS
        (SELECT 1 FROM log_record r WHERE r.leaf = a.leaf AND r.kind = 'forum_' || a.act)";
}

/// The public counts of a published call: what was confirmed is there, and nothing else.
pub(super) fn adds_up(counts: &Value, kept: &Kept) {
    let received = i64::try_from(kept.received.len()).unwrap();
    let other: i64 = ["waiting", "counted", "withheld", "inadmissible", "superseded", "withdrawn"]
        .iter()
        .map(|state| counts[state].as_i64().unwrap())
        .sum();
    let told = (counts["received"].as_i64(), counts["published"].as_i64(), other);
    assert_eq!(told, (Some(received), Some(received), 0), "{}: {counts}", kept.symbol);
    let answered = counts["by"]["question"]["q1"].as_i64().unwrap_or(0);
    assert_eq!(answered, received, "{}: {counts}", kept.symbol);
}

async fn get(callers: &[Caller], turn: &mut usize, path: &str) -> String {
    *turn += 1;
    let reply = callers[*turn % callers.len()].send(&Call::get(path)).await.unwrap();
    assert_eq!(reply.status, 200, "{path}: {}", reply.text);
    reply.text
}

/// Everything, over HTTP and in the tables. The log has given every leaf its place.
pub(super) async fn everything(states: &[State], store: &Store, calls: &[Kept]) {
    let callers: Vec<_> = states.iter().map(State::caller).collect();
    let mut turn = 0;
    let key = VerifierKey::parse(get(&callers, &mut turn, "/log/key").await.trim()).unwrap();
    let (mut ids, mut places) = (BTreeSet::new(), BTreeSet::new());
    for kept in calls {
        if !kept.is_published {
            continue;
        }
        let counts = get(&callers, &mut turn, &format!("/forum/v1/calls/{}/counts", kept.symbol)).await;
        adds_up(&serde_json::from_str(&counts).unwrap(), kept);
        for known in &kept.received {
            assert!(ids.insert(&known.id), "a submission was confirmed twice");
            let shown = get(&callers, &mut turn, &format!("/forum/v1/submissions/{}", known.id)).await;
            let shown: Value = serde_json::from_str(&shown).unwrap();
            assert_eq!(
                text(&shown, "/published/digest"),
                known.digest,
                "what was signed is what is published"
            );
            let receipt = ReceiptFile::parse(&known.receipt).unwrap();
            receipt.verify(&key).unwrap();
            let proof = get(&callers, &mut turn, &format!("/log/receipts/{}", receipt.promise.leaf)).await;
            let proof = ProofFile::parse(&proof).unwrap();
            proof.verify(&key, Some(&receipt.promise.commitment)).unwrap();
            assert!(places.insert(proof.index), "place {} of the log is used twice", proof.index);
        }
    }
    for &sql in STATEMENTS {
        let count = async move |tx: &mut Tx<'_>| Ok::<_, Error>(tx.one(sql, &[]).await?.int(0)?);
        assert_eq!(store.read(count).await.unwrap(), 0, "half done: {}", sql.name());
    }
}
