//! A document is whole and right, or the part that is not says so.

use serde_json::{Value, json};

use super::*;
use crate::{
    status_list::Status,
    vp::{
        tests::{NOW, STATUS_URI, Scene, transaction},
        verify_answer,
    },
};

fn evidence(scene: &Scene, undetermined: Option<&str>) -> Evidence {
    let mut request = Scene::request();
    request.transaction_data = vec![transaction("yes")];
    let vp_token = scene.answer(&request);
    let anchors = scene.state.anchors();
    let answer = verify_answer(&request, &vp_token, &anchors, NOW).unwrap();
    let token = StatusCopy { uri: STATUS_URI.into(), token: scene.status_token(Status::Valid) };
    Evidence {
        asker: "https://clinic.example".into(),
        time: NOW,
        request: request.sign(&scene.asker).unwrap(),
        vp_token: vp_token.as_str().into(),
        status_tokens: if undetermined.is_some() { Vec::new() } else { vec![token] },
        anchors: fingerprints(&anchors),
        result: Finding::new(&answer, undetermined),
    }
}

fn faults(report: &Report) -> Vec<(String, String)> {
    let fault = |p: &Part| match &p.verdict {
        Verdict::Right => None,
        Verdict::Wrong(code) => Some((p.name.clone(), code.clone())),
        Verdict::Undetermined(code) => Some((p.name.clone(), format!("? {code}"))),
    };
    report.parts.iter().filter_map(fault).collect()
}

/// Checks the document years later, for its own time.
fn check_bytes(scene: &Scene, bytes: &[u8], expected: &[(&str, &str)]) {
    let anchors = scene.trusted();
    let trust = Trust { anchors: &anchors, now: NOW.plus_secs(86_400 * 4_000), chosen: false };
    let report = check(bytes, &trust).unwrap();
    let found = faults(&report);
    let found: Vec<(&str, &str)> = found.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(report.is_right(), expected.is_empty());
    assert_eq!(report.kind, Kind::Evidence);
}

#[test]
fn evidence_holds_without_the_server() {
    let scene = Scene::new();
    let good = evidence(&scene, None);
    let bytes = good.to_bytes();
    assert_eq!(Evidence::parse(&bytes), Ok(good.clone()));
    check_bytes(&scene, &bytes, &[]);
    let anchors = scene.trusted();
    let report = check(&bytes, &Trust { anchors: &anchors, now: NOW, chosen: false }).unwrap();
    assert!(report.parts.iter().any(|p| p.proves.contains("approved: {\"text\":\"yes\"}")), "{report:?}");
    check_bytes(
        &scene,
        &evidence(&scene, Some("status_unreachable")).to_bytes(),
        &[("status.pid", "? status_unreachable")],
    );
}

#[test]
fn what_an_earlier_version_wrote_still_holds() {
    let scene = Scene::new();
    let check = |change: fn(&mut Value), expected: &[(&str, &str)]| {
        let mut value: Value = serde_json::from_slice(&evidence(&scene, None).to_bytes()).unwrap();
        change(&mut value);
        check_bytes(&scene, &strict::canonical(&value), expected);
    };
    let first = |v: &mut Value| v["type"] = json!("urn:sahihi:evidence:1");
    let single =
        |v: &mut Value| v["result"]["credentials"]["pid"] = v["result"]["credentials"]["pid"][0].clone();
    check(|_| (), &[]);
    // One presentation for each query, so that its claims stood there without a list.
    check(
        |v| {
            v["type"] = json!("urn:sahihi:evidence:1");
            v["result"]["credentials"]["pid"] = v["result"]["credentials"]["pid"][0].take();
        },
        &[],
    );
    check(
        |v| {
            v["type"] = json!("urn:sahihi:evidence:1");
            v["result"]["credentials"]["pid"] = v["result"]["credentials"]["pid"][0].take();
            v["result"]["credentials"]["pid"]["family_name"] = json!("Other");
        },
        &[("result", "result_mismatch")],
    );
    // Each version has one form.
    check(first, &[("form", "evidence_member")]);
    check(single, &[("form", "evidence_member")]);
}

#[test]
fn what_is_altered_is_found() {
    let scene = Scene::new();
    let check = |change: fn(&mut Evidence), expected: &[(&str, &str)]| {
        let mut altered = evidence(&scene, None);
        change(&mut altered);
        check_bytes(&scene, &altered.to_bytes(), expected);
    };
    check(|_| (), &[]);
    check(
        |e| {
            e.result.credentials.get_mut("pid").unwrap()[0].insert("family_name".into(), json!("Other"));
        },
        &[("result", "result_mismatch")],
    );
    check(|e| e.result.approved.clear(), &[("result", "result_mismatch")]);
    check(|e| e.asker = "https://other.example".into(), &[("request", "asker_mismatch")]);
    check(|e| e.vp_token = e.vp_token.replace("pid", "pit"), &[("answer", "answer_unknown_id")]);
    check(|e| e.request.push('A'), &[("request", "request_signature")]);
    check(
        |e| e.status_tokens[0].token = "x".into(),
        &[("status.pid", "? status_malformed"), ("result", "result_mismatch")],
    );
    check(|e| e.time = e.time.plus_secs(86_400), &[("request", "request_expired")]);
}

#[test]
fn a_document_has_one_form() {
    let scene = Scene::new();
    let good = evidence(&scene, None).to_bytes();
    let value: Value = serde_json::from_slice(&good).unwrap();
    let check = |bytes: &[u8], expected| assert_eq!(Evidence::parse(bytes).map(|_| ()), expected);
    check(&good, Ok(()));
    let pretty = serde_json::to_vec_pretty(&value).unwrap();
    check(&pretty, Err(NotEvidence::NotCanonical));
    check(b"{", Err(NotEvidence::Json));
    check(b"{\"type\":\"x\"}", Err(NotEvidence::Type));
    for change in [
        (|v: &mut Value| v["more"] = json!(1)) as fn(&mut Value),
        |v| v["answer"] = json!({}),
        |v| v["result"]["outcome"] = json!("undetermined"),
        |v| v["chains"]["request"] = json!([]),
        |v| v["result"]["approved"][0]["more"] = json!(1),
    ] {
        let mut altered = value.clone();
        change(&mut altered);
        check(&crate::json::canonical(&altered), Err(NotEvidence::Member));
    }
}

#[test]
fn nobody_is_believed_without_anchors() {
    let scene = Scene::new();
    let none = TrustAnchors::default();
    let trust = Trust { anchors: &none, now: NOW, chosen: false };
    let report = check(&evidence(&scene, None).to_bytes(), &trust).unwrap();
    assert_eq!(faults(&report), [("trust".to_owned(), "? anchors_missing".to_owned())]);
    assert!(!check(scene.credential().as_bytes(), &trust).unwrap().is_right());
    assert!(!check(scene.status_token(Status::Valid).as_bytes(), &trust).unwrap().is_right());
}

#[test]
fn credentials_and_lists_are_files_too() {
    let scene = Scene::new();
    let anchors = scene.state.anchors();
    let trust = Trust { anchors: &anchors, now: NOW, chosen: false };
    let list = scene.status_token(Status::Valid);
    assert!(check(format!("{list}\n").as_bytes(), &trust).unwrap().is_right());
    let report = check(scene.credential().as_bytes(), &trust).unwrap();
    assert_eq!(faults(&report), [("status".to_owned(), "? status_not_looked_at".to_owned())]);
    let answer = scene.answer(&Scene::request());
    let shown = &answer.presentations()["pid"][0];
    let codes: Vec<String> =
        faults(&check(shown.as_bytes(), &trust).unwrap()).into_iter().map(|(_, c)| c).collect();
    assert_eq!(codes, ["? request_missing", "? status_not_looked_at"]);
    let (issued, bound) = shown.rsplit_once('~').unwrap();
    let fewer = format!("{}~{bound}", issued.rsplit_once('~').unwrap().0);
    let codes: Vec<String> =
        faults(&check(fewer.as_bytes(), &trust).unwrap()).into_iter().map(|(_, c)| c).collect();
    assert_eq!(codes, ["sd_hash", "? status_not_looked_at"]);
    let late = Trust { now: NOW.plus_secs(86_400 * 2), ..trust };
    assert_eq!(faults(&check(scene.credential().as_bytes(), &late).unwrap())[0].1, "expired");
    for unknown in ["", "{}", "text", "a.b.c"] {
        assert!(check(unknown.as_bytes(), &trust).is_none(), "{unknown}");
    }
}

#[test]
fn a_leaf_commits_without_betraying() {
    let (bytes, salt) = (b"evidence".as_slice(), [7; 32]);
    assert_eq!(leaf_hash(&salt, bytes), crypto::sha256(&[salt.as_slice(), bytes].concat()));
    assert_ne!(leaf_hash(&salt, bytes), leaf_hash(&[8; 32], bytes));
}

/// What the parts that are signed do not cover, but which has one right value all the same.
#[test]
fn what_nobody_signed_must_fit_what_was_signed() {
    let scene = Scene::new();
    let check = |undetermined, change: fn(&mut Evidence), expected: &[(&str, &str)]| {
        let mut altered = evidence(&scene, undetermined);
        change(&mut altered);
        check_bytes(&scene, &altered.to_bytes(), expected);
    };
    let asker = [("request", "asker_mismatch")];
    check(None, |e| e.asker = "https:".into(), &asker);
    check(None, |e| e.asker = "https://clinic.example/ask".into(), &asker);
    check(None, |e| e.asker = "https://clinic.example/".into(), &asker);
    let anchors = [("anchors", "anchors_mismatch")];
    check(None, |e| e.anchors.clear(), &anchors);
    check(None, |e| e.anchors = vec!["00".repeat(32)], &anchors);
    let tokens = [("status_tokens", "status_tokens_mismatch")];
    check(None, |e| e.status_tokens.push(e.status_tokens[0].clone()), &tokens);
    check(
        None,
        |e| e.status_tokens.push(StatusCopy { uri: "https://other.example/1".into(), token: "x".into() }),
        &tokens,
    );
    for reason in ["status_unreachable", "status_http", "status_too_long", "status_malformed"] {
        check(Some(reason), |_| (), &[("status.pid", "? status_unreachable")]);
    }
    let reason = [("status.pid", "? status_unreachable"), ("result", "result_mismatch")];
    check(Some("status_revoked"), |_| (), &reason);
    check(Some("anything"), |_| (), &reason);
}

/// The reason that was written down is the one that follows from the list that was looked at.
#[test]
fn a_list_that_was_looked_at_gives_its_own_reason() {
    let scene = Scene::new();
    let mut stale = evidence(&scene, Some("status_stale"));
    stale.status_tokens = vec![StatusCopy {
        uri: STATUS_URI.into(),
        token: scene.status_token_until(NOW.plus_secs(-61), Status::Valid),
    }];
    check_bytes(&scene, &stale.to_bytes(), &[("status.pid", "? status_stale")]);
    stale.result.undetermined = Some("status_http".into());
    check_bytes(
        &scene,
        &stale.to_bytes(),
        &[("status.pid", "? status_stale"), ("result", "result_mismatch")],
    );
}
