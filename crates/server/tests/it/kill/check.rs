//! What must be true at the end: what was confirmed is there, nothing is there twice, and nothing is half done.

use std::collections::{BTreeMap, BTreeSet};

use formats::{
    evidence,
    status_list::{Status, StatusList, verify_token},
};
use store::{Error, Store, Tx};

use super::{life::COPIES, shared::Shared};
use crate::{
    holder::{self, text},
    party::{Call, Reply, State},
};

store::statements! {
    /// What one transaction writes together: each counts what has only a part of it.
    CREDENTIAL_WITHOUT_COPIES = "SELECT count(*) FROM issue_credential c
        WHERE NOT EXISTS (SELECT 1 FROM issue_copy i WHERE i.credential = c.id)";
    CREDENTIAL_WITHOUT_OFFER = "SELECT count(*) FROM issue_credential c
        WHERE NOT EXISTS (SELECT 1 FROM issue_offer o WHERE o.credential = c.id)";
    OFFER_WITHOUT_CREDENTIAL = "SELECT count(*) FROM issue_offer o WHERE (o.responses > 0
        AND NOT EXISTS (SELECT 1 FROM issue_credential c WHERE c.id = o.credential))
        OR (o.responses = 0 AND o.credential IS NOT NULL)";
    OFFER_WITHOUT_REFRESH_TOKEN = "SELECT count(*) FROM issue_offer o WHERE o.access IS NOT NULL AND o.ends_at > $1
        AND NOT EXISTS (SELECT 1 FROM issue_refresh r WHERE r.family = o.id)";
    REFRESH_TOKEN_WITHOUT_OFFER = "SELECT count(*) FROM issue_refresh r
        WHERE NOT EXISTS (SELECT 1 FROM issue_offer o WHERE o.id = r.family AND o.access IS NOT NULL)";
    COPIES_UNLIKE_FETCHES = "SELECT count(*) FROM issue_offer o WHERE o.responses > 0 AND o.responses * $1 <>
        (SELECT count(*) FROM issue_copy i WHERE i.credential = o.credential)";
    COPY_UNLIKE_CREDENTIAL = "SELECT count(*) FROM issue_copy i
        WHERE COALESCE(i.status, 0) <> (SELECT c.status FROM issue_credential c WHERE c.id = i.credential)";
    STATUS_WITHOUT_CHANGE = "SELECT count(*) FROM issue_credential c WHERE c.status <> 0
        AND NOT EXISTS (SELECT 1 FROM issue_status_change h WHERE h.credential = c.id AND h.status = c.status)";
    CHANGE_WITHOUT_STATUS = "SELECT count(*) FROM issue_status_change h
        WHERE h.status <> (SELECT c.status FROM issue_credential c WHERE c.id = h.credential)";
    CHANGED_TWICE = "SELECT count(*) FROM issue_status_change h WHERE h.n > 1";
    ANSWER_WITHOUT_EVIDENCE = "SELECT count(*) FROM ask_answer a WHERE length(a.evidence) = 0 OR a.result = ''";
    ANSWERED_WITH_KEY = "SELECT count(*) FROM ask_request r WHERE r.response_key IS NOT NULL
        AND EXISTS (SELECT 1 FROM ask_answer a WHERE a.request = r.id)";
}

/// Everything, over HTTP and in the tables.
pub(super) async fn everything(states: &[State], shared: &Shared) {
    let journal = std::mem::take(&mut *shared.journal.lock().unwrap());
    let callers: Vec<_> = states.iter().map(State::caller).collect();
    let mut turn = 0;
    let mut get = async |call: Call| -> Reply {
        turn += 1;
        let reply = callers[turn % callers.len()].send(&call).await.unwrap();
        assert_ne!(reply.status, 503, "{}", reply.text);
        reply
    };
    let mut indices = BTreeSet::new();
    let mut lists: BTreeMap<String, StatusList> = BTreeMap::new();
    for person in &journal.people {
        let shown = get(Call::staff_get(&format!("/staff/v1/people/{}", person.id))).await;
        assert_eq!(shown.status, 200, "a confirmed person is lost");
        let list = get(Call::staff_get(&format!("/staff/v1/credentials?person={}", person.id))).await.json();
        let credentials = list["credentials"].as_array().unwrap();
        assert_eq!(
            credentials.len(),
            usize::from(person.copies > 0),
            "one credential for each person: {list}"
        );
        let mut listed = Vec::new();
        for row in credentials {
            assert_eq!(row["status"], if person.revoked { "revoked" } else { "valid" });
            for copy in row["status_lists"].as_array().unwrap() {
                listed.push((text(copy, "/uri"), copy["idx"].as_u64().unwrap()));
            }
        }
        assert_eq!(listed.len(), person.copies, "a fetch is whole or absent");
        assert!(person.statuses.iter().all(|held| listed.contains(held)), "a confirmed copy is lost");
        for (uri, idx) in listed {
            if !lists.contains_key(&uri) {
                let token = get(Call::get(&uri)).await.text;
                let list = verify_token(&token, &uri, &shared.anchors, holder::now()).unwrap().list;
                lists.insert(uri.clone(), list);
            }
            let expected = if person.revoked { Status::Invalid } else { Status::Valid };
            assert_eq!(lists[&uri].get(idx).unwrap(), expected);
            assert!(indices.insert((uri, idx)), "a status index is used twice");
        }
    }
    for code in &journal.codes {
        let again = get(Call::token(code)).await.refusal();
        assert_eq!(again, (400, "invalid_grant".into()), "a code was used twice");
    }
    for presentation in &journal.presentations {
        let path = format!("/ask/v1/requests/{}", presentation.id);
        let state = get(Call::staff_get(&path)).await.json();
        if !presentation.complete {
            continue;
        }
        assert_eq!(state["state"], "answered", "a confirmed presentation is lost: {state}");
        let evidence = get(Call::staff_get(&format!("{path}/evidence"))).await;
        let trust = evidence::Trust { anchors: &shared.anchors, now: holder::now(), chosen: false };
        let report = evidence::check(evidence.text.as_bytes(), &trust).unwrap();
        // While its own state was dead an asker could not fetch the status.
        let right = report.is_right() || state["result"]["outcome"] == "undetermined";
        assert!(right, "{report:?}");
    }
    for (statement, count) in half_done(&states[0]).await {
        assert_eq!(count, 0, "half done: {statement}");
    }
}

/// How many rows lack what was to be written with them, by statement.
async fn half_done(state: &State) -> Vec<(&'static str, i64)> {
    let store: Store = store::fixture::open_as_it_is(&state.database()).await;
    let now = holder::now();
    let mut found = Vec::new();
    for &sql in STATEMENTS {
        let count = async move |tx: &mut Tx<'_>| -> Result<i64, Error> {
            let copies = i64::try_from(COPIES).unwrap_or_default();
            let name = sql.name().rsplit("::").next().unwrap_or_default();
            let row = match name {
                "COPIES_UNLIKE_FETCHES" => tx.one(sql, store::params![copies]).await?,
                "OFFER_WITHOUT_REFRESH_TOKEN" => tx.one(sql, store::params![now]).await?,
                _ => tx.one(sql, &[]).await?,
            };
            row.int(0)
        };
        found.push((sql.name(), store.read(count).await.unwrap()));
    }
    found
}
