//! Revoked, suspended, undetermined: three different things.

use axum::http::StatusCode;
use formats::{
    evidence::{Trust, Verdict, check},
    fixture::Party,
    status_list::{self, Bits, Status, StatusList},
    x509::Purpose,
};
use serde_json::{Value, json};

use super::world::{Answer, NOW, STATUS_URI, Shown, World, worlds, worlds_with};

async fn answer_once(world: &World, change: impl FnOnce(&mut Shown)) -> (Value, Answer) {
    let (asked, request) = world.asked(|_| ()).await;
    let shown = world.present(&request, change);
    let answer = world.answer(&request, &[("pid", &[shown])]).await;
    (world.state(&asked).await, answer)
}

#[tokio::test]
async fn revoked_and_suspended_are_invalid_each_by_its_name() {
    worlds_with(Some(0), async |world: World| {
        for (status, code) in [
            (Status::Valid, None),
            (Status::Suspended, Some("status_suspended")),
            (Status::Valid, None),
            (Status::Invalid, Some("status_revoked")),
        ] {
            world.publish(status);
            let (state, answer) = answer_once(&world, |_| ()).await;
            assert_eq!(answer.status, if code.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK });
            match code {
                None => assert_eq!(state["result"]["outcome"], "valid"),
                Some(code) => {
                    assert_eq!(answer.code(), code);
                    assert_eq!(state["result"]["reason"], code);
                    assert_eq!(state["state"], "waiting", "another document may still answer");
                }
            }
        }
    })
    .await;
}

/// The wallet is told 200; the result is undetermined with this reason, and so is the evidence.
async fn check_undetermined(world: &World, expected: &str) {
    let (state, answer) = answer_once(world, |_| ()).await;
    assert_eq!(answer.status, StatusCode::OK, "{expected}: {}", answer.text);
    assert_eq!(state["state"], "answered");
    assert_eq!(
        (&state["result"]["outcome"], &state["result"]["reason"]),
        (&json!("undetermined"), &json!(expected))
    );
    let evidence = world.get(state["evidence"].as_str().unwrap()).await;
    let anchors = world.parties.state.anchors().merged(&world.parties.asker.anchors());
    let report =
        check(evidence.text.as_bytes(), &Trust { anchors: &anchors, now: NOW, chosen: false }).unwrap();
    assert!(!report.is_right());
    let undetermined = |p: &&formats::evidence::Part| matches!(p.verdict, Verdict::Undetermined(_));
    let parts: Vec<&str> = report.parts.iter().filter(undetermined).map(|p| p.name.as_str()).collect();
    assert_eq!(parts, ["status.pid"]);
    assert!(!report.parts.iter().any(|p| matches!(p.verdict, Verdict::Wrong(_))), "{report:?}");
}

#[tokio::test]
async fn what_cannot_be_said_is_undetermined_for_nine_reasons() {
    worlds_with(Some(0), async |world: World| {
        let good = world.status_token(Status::Valid);
        world.network.answers.lock().unwrap().clear();
        check_undetermined(&world, "status_unreachable").await;
        world.serve(503, good.clone().into_bytes());
        check_undetermined(&world, "status_http").await;
        world.serve(200, b"<html>".to_vec());
        check_undetermined(&world, "status_malformed").await;
        world.network.serve(STATUS_URI, 200, "text/html", good.clone().into_bytes());
        check_undetermined(&world, "status_malformed").await;
        world.serve(200, vec![0xff; 10]);
        check_undetermined(&world, "status_malformed").await;
        world.serve(200, vec![b'a'; base::limits::STATUS_LIST_TOKEN_BYTES_MAX + 1]);
        check_undetermined(&world, "status_too_long").await;
        let sign = |uri: &str, entries, exp, signer| {
            let list = StatusList::new(Bits::Two, entries);
            status_list::sign_token(uri, NOW, exp, 300, &list, signer).unwrap().into_bytes()
        };
        let stranger = Party::new(9, NOW).signer(Purpose::CredentialSigning, "x.example");
        world.serve(200, sign(STATUS_URI, 64, NOW.plus_secs(60), &stranger));
        check_undetermined(&world, "status_untrusted").await;
        world
            .serve(200, sign("http://localhost:8000/status/2", 64, NOW.plus_secs(60), &world.parties.issuer));
        check_undetermined(&world, "status_stale").await;
        world.serve(200, sign(STATUS_URI, 64, NOW.plus_secs(-61), &world.parties.issuer));
        check_undetermined(&world, "status_stale").await;
        world.serve(200, sign(STATUS_URI, 4, NOW.plus_secs(60), &world.parties.issuer));
        check_undetermined(&world, "status_out_of_range").await;
        world.publish(Status::Other(3));
        check_undetermined(&world, "status_value").await;
        world.serve(200, good.into_bytes());
        assert_eq!(answer_once(&world, |_| ()).await.0["result"]["outcome"], "valid");
    })
    .await;
}

#[tokio::test]
async fn only_addresses_that_may_be_called_are_called() {
    worlds(async |world: World| {
        for address in ["http://state.example/status/1", "file:///etc/passwd", "gopher://localhost/"] {
            let (state, _) =
                answer_once(&world, |s| s.credential.status.as_mut().unwrap().uri = address.to_owned()).await;
            assert_eq!(state["result"]["reason"], "status_address", "{address}");
        }
        assert!(world.network.calls.lock().unwrap().is_empty());
        let (state, _) = answer_once(&world, |s| s.credential.status = None).await;
        assert_eq!(
            state["result"]["outcome"], "valid",
            "a credential without status has nothing to be looked up"
        );
        assert!(world.network.calls.lock().unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_list_is_kept_as_long_as_it_says() {
    let calls = |world: &World| world.network.calls.lock().unwrap().len();
    worlds(async |world: World| {
        answer_once(&world, |_| ()).await;
        world.publish(Status::Invalid);
        assert_eq!(
            answer_once(&world, |_| ()).await.0["result"]["outcome"],
            "valid",
            "the list that was kept"
        );
        assert_eq!(calls(&world), 1);
        world.clock.advance_secs(300);
        assert_eq!(answer_once(&world, |_| ()).await.0["result"]["reason"], "status_revoked");
        assert_eq!(calls(&world), 2);
    })
    .await;
    worlds_with(Some(10), async |world: World| {
        answer_once(&world, |_| ()).await;
        world.clock.advance_secs(9);
        answer_once(&world, |_| ()).await;
        assert_eq!(calls(&world), 1);
        world.clock.advance_secs(1);
        answer_once(&world, |_| ()).await;
        assert_eq!(calls(&world), 2);
    })
    .await;
    worlds_with(Some(0), async |world: World| {
        answer_once(&world, |_| ()).await;
        answer_once(&world, |_| ()).await;
        assert_eq!(calls(&world), 2);
    })
    .await;
}

/// A token with a claim of this many bytes beside its list.
fn long_token(world: &World, uri: &str, bytes: usize) -> Vec<u8> {
    let lst = StatusList::new(Bits::Two, 64).to_lst();
    let claims = json!({
        "sub": uri, "iat": NOW.secs(), "ttl": 315_360_000,
        "status_list": { "bits": 2, "lst": lst }, "more": "a".repeat(bytes),
    });
    let header = json!({ "typ": status_list::TYP, "x5c": world.parties.issuer.x5c() });
    let signer = world.parties.issuer.signer.as_ref();
    formats::jws::sign(&header, claims.to_string().as_bytes(), signer).unwrap().into_bytes()
}

#[tokio::test]
async fn a_list_is_not_kept_longer_than_a_day() {
    worlds(async |world: World| {
        let calls = || world.network.calls.lock().unwrap().len();
        world.serve(200, long_token(&world, STATUS_URI, 1));
        assert_eq!(answer_once(&world, |_| ()).await.0["result"]["outcome"], "valid");
        world.clock.advance_secs(base::limits::STATUS_LIST_LIFETIME_S - 3_600);
        let live = |s: &mut Shown| s.credential.exp = Some(NOW.plus_secs(86_400 * 9));
        answer_once(&world, live).await;
        assert_eq!(calls(), 1);
        world.clock.advance_secs(3_600);
        world.publish(Status::Invalid);
        assert_eq!(answer_once(&world, live).await.0["result"]["reason"], "status_revoked");
        assert_eq!(calls(), 2);
    })
    .await;
}

#[tokio::test]
async fn evidence_never_becomes_too_long_to_be_checked() {
    worlds(async |world: World| {
        let ids = ["a", "b", "c"];
        let uri = |id: &str| format!("http://localhost:8000/status/{id}");
        let (asked, request) = world
            .asked(|b| {
                let query = b["dcql_query"]["credentials"][0].clone();
                b["dcql_query"]["credentials"] = ids
                    .iter()
                    .map(|id| {
                        let mut query = query.clone();
                        query["id"] = json!(id);
                        query
                    })
                    .collect();
            })
            .await;
        let shown = ids.map(|id| {
            world.network.serve(
                &uri(id),
                200,
                "application/statuslist+jwt",
                long_token(&world, &uri(id), 4_000_000),
            );
            vec![world.present(&request, |s| s.credential.status.as_mut().unwrap().uri = uri(id))]
        });
        let shown: Vec<(&str, &[String])> = ids.into_iter().zip(shown.iter().map(Vec::as_slice)).collect();
        assert_eq!(world.answer(&request, &shown).await.status, StatusCode::OK);
        assert_eq!(world.network.under_way.lock().unwrap().1, 3, "slow lists are waited for at once");
        let state = world.state(&asked).await;
        assert_eq!(state["result"]["reason"], "status_too_long");
        let id = asked["id"].as_str().unwrap().parse().unwrap();
        let progress = world.ask.state(id).await.unwrap().unwrap().progress;
        let crate::Progress::Answered(crate::Outcome::Undetermined(_, proof)) = progress else {
            panic!("{progress:?}")
        };
        assert!(proof.evidence.len() <= base::limits::EVIDENCE_BYTES_MAX);
        let anchors = world.parties.state.anchors().merged(&world.parties.asker.anchors());
        let report = check(&proof.evidence, &Trust { anchors: &anchors, now: NOW, chosen: false }).unwrap();
        assert!(!report.parts.iter().any(|p| matches!(p.verdict, Verdict::Wrong(_))), "{report:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_list_is_not_kept_as_evidence() {
    worlds(async |world: World| {
        // Each of these bytes would take six in JSON.
        world.serve(200, vec![1; 1_000]);
        let (state, _) = answer_once(&world, |_| ()).await;
        assert_eq!(state["result"]["reason"], "status_malformed");
        let evidence = world.get(state["evidence"].as_str().unwrap()).await.json();
        assert_eq!(evidence["status_tokens"], json!([]));
    })
    .await;
}
