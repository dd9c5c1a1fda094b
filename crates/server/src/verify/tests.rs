//! What `sahihi verify` says of good files, of files of which one byte was changed, and of files that are nothing.

mod exports;

use std::collections::BTreeMap;

use base::{Lang, Texts};
use crypto::{HashAlg, SecretKey, SeededRandom, Signer};
use formats::{
    dcql::Query,
    evidence::{Evidence, Finding, StatusCopy, fingerprints},
    fixture::Party,
    sd_jwt_vc::{self, Credential, KeyBindingClaims, StatusRef, TransactionDataHashes},
    status_list::{self, Bits, StatusList},
    vp::{ClientId, RequestObject, TransactionData, VpToken, verify_answer},
    x509::{CertifiedSigner, Purpose},
};
use tempfile::TempDir;

use super::*;

const NOW: Instant = Instant::from_secs(1_795_300_200);
const STATUS_URI: &str = "https://state.example/status/1";

/// A folder with one file of each kind.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap() };
        let [state, clinic, stranger] = [1, 2, 3].map(|seed| Party::new(seed, NOW));
        let issuer = state.signer(Purpose::CredentialSigning, "state.example");
        let asker = clinic.signer(Purpose::RequestSigning, "clinic.example");
        for (name, party) in [("state.pem", &state), ("clinic.pem", &clinic), ("stranger.pem", &stranger)] {
            files.write(name, party.pem().as_bytes());
        }
        let holder = SecretKey::generate(&SeededRandom::new(4));
        let credential = issued(&issuer, &holder);
        let request = request();
        let hashes =
            TransactionDataHashes::of(&[request.transaction_data[0].as_str().to_owned()], &[HashAlg::Sha256]);
        let claims = KeyBindingClaims {
            nonce: &request.nonce,
            aud: &request.client_id.to_string(),
            iat: NOW,
            transaction_data_hashes: Some(hashes),
        };
        let shown = sd_jwt_vc::present(&credential, |n| n == "family_name", &claims, &holder).unwrap();
        let list = StatusList::new(Bits::Two, 64);
        let token =
            status_list::sign_token(STATUS_URI, NOW, NOW.plus_secs(3_600), 300, &list, &issuer).unwrap();
        let anchors = state.anchors();
        let vp_token = VpToken::new(BTreeMap::from([("pid".to_owned(), vec![shown.clone()])]));
        let answer = verify_answer(&request, &vp_token, &anchors, NOW).unwrap();
        let evidence = Evidence {
            asker: "https://clinic.example".into(),
            time: NOW,
            request: request.sign(&asker).unwrap(),
            vp_token: vp_token.as_str().into(),
            status_tokens: vec![StatusCopy { uri: STATUS_URI.into(), token: token.clone() }],
            anchors: fingerprints(&anchors),
            result: Finding::new(&answer, None),
        };
        files.write("credential", credential.as_bytes());
        files.write("shown", shown.as_bytes());
        files.write("list", token.as_bytes());
        files.write("evidence", &evidence.to_bytes());
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn report(&self, name: &str, anchors: &[&str], at: Option<&str>) -> Result<Report, Unreadable> {
        let anchors: Vec<PathBuf> = anchors.iter().map(|name| self.path(name)).collect();
        report(&self.path(name), &anchors, at, NOW)
    }

    fn check(&self, name: &str, anchors: &[&str], expected: &[&str]) {
        assert_eq!(faults(&self.report(name, anchors, None).unwrap()), expected, "{name} {anchors:?}");
    }

    /// The code with which a file is refused altogether.
    fn check_unreadable(&self, name: &str, anchors: &[&str], at: Option<&str>, expected: &str) {
        assert_eq!(self.report(name, anchors, at).unwrap_err().code, expected, "{name}");
    }
}

fn issued(issuer: &CertifiedSigner, holder: &SecretKey) -> String {
    let credential = Credential {
        vct: "urn:eudi:pid:1",
        exp: Some(NOW.plus_secs(86_400)),
        status: Some(StatusRef { uri: STATUS_URI.into(), idx: 7 }),
        holder_key: Some(holder.public_key().into()),
        claims: json!({ "family_name": "Évora", "given_name": "Nerida" }).as_object().unwrap().clone(),
        ..Credential::default()
    };
    sd_jwt_vc::issue(&credential, |_| true, issuer, &SeededRandom::new(5)).unwrap()
}

fn request() -> RequestObject {
    let query = json!({ "credentials": [{
        "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
        "claims": [{ "path": ["family_name"] }],
    }] });
    let texts: BTreeMap<Lang, String> = Lang::ALL.into_iter().map(|l| (l, format!("why {l}"))).collect();
    let payload = json!({ "text": "I agree." }).as_object().unwrap().clone();
    RequestObject {
        client_id: ClientId::san_dns("clinic.example"),
        response_uri: "https://clinic.example/ask/response/1".into(),
        encryption: None,
        nonce: "n-0S6_WzA2Mj".into(),
        state: None,
        query: Query::from_value(&query).unwrap(),
        transaction_data: vec![TransactionData::new(
            "https://clinic.example/types/agreement/1",
            &["pid".into()],
            &payload,
        )],
        purpose: Texts::try_from(texts).ok(),
        wallet_nonce: None,
        iat: Some(NOW),
        exp: Some(NOW.plus_secs(600)),
    }
}

/// Each part that is not right, with its code; a question mark before what is undetermined.
fn faults(report: &Report) -> Vec<String> {
    let fault = |part: &Part| match &part.verdict {
        Verdict::Right => None,
        Verdict::Wrong(code) => Some(format!("{}: {code}", part.name)),
        Verdict::Undetermined(code) => Some(format!("{}: ? {code}", part.name)),
    };
    report.parts.iter().filter_map(fault).collect()
}

const BOTH: [&str; 2] = ["state.pem", "clinic.pem"];

#[test]
fn good_files_are_right_as_far_as_they_go() {
    let files = Files::new();
    files.check("credential", &BOTH, &["status: ? status_not_looked_at"]);
    files.check("shown", &BOTH, &["key_binding: ? request_missing", "status: ? status_not_looked_at"]);
    files.check("list", &BOTH, &[]);
    files.check("evidence", &BOTH, &[]);
    // Years later, when all certificates have run out, evidence still proves what was so at its time.
    let anchors = BOTH.map(|name| files.path(name));
    let later = report(&files.path("evidence"), &anchors, None, NOW.plus_secs(86_400 * 9_000)).unwrap();
    assert_eq!((faults(&later), later.at), (Vec::new(), NOW));
}

#[test]
fn what_is_proven_is_said_plainly_and_what_is_not_too() {
    let files = Files::new();
    let report = files.report("evidence", &BOTH, None).unwrap();
    let text = as_text(&report.clone().into());
    for part in [
        "evidence, judged for 2026-",
        "form – right",
        "Party 2 (UT), certificate ",
        "asked exactly this, as x509_san_dns:clinic.example.",
        "Party 1 (UT), certificate ",
        "urn:eudi:pid:1: family_name.",
        "and approved: {\"text\":\"I agree.\"}",
        "a key proves possession, not presence",
        "does not prove: Who wrote it",
        "What its status is now.",
        "\nEverything that can be checked is right.\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches("  proves: ").count(), report.parts.len());
    assert_eq!(text.matches("  does not prove: ").count(), report.parts.len());
    let json = as_json(&report.clone().into());
    assert_eq!((&json["ok"], &json["kind"]), (&json!(true), &json!("evidence")));
    let shown = as_text(&files.report("shown", &BOTH, None).unwrap().into());
    assert!(shown.contains("key_binding – undetermined: request_missing"), "{shown}");
    assert!(shown.ends_with("Do not rely on what is undetermined.\n"), "{shown}");
    let wrong = as_text(&files.report("list", &["stranger.pem"], None).unwrap().into());
    assert!(wrong.ends_with("Something is wrong. Do not rely on it.\n"), "{wrong}");
}

/// Changes one byte in every `step` of a file: nothing is right of which a byte was changed.
fn check_tampered(files: &Files, name: &str, step: usize) {
    let good = fs::read(files.path(name)).unwrap();
    let before = files.report(name, &BOTH, None).unwrap();
    for at in (0..good.len()).step_by(step).chain([good.len() - 1]) {
        let mut bytes = good.clone();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        files.write("tampered", &bytes);
        let is_wrong = files
            .report("tampered", &BOTH, None)
            .is_ok_and(|r| r.parts.iter().any(|p| matches!(p.verdict, Verdict::Wrong(_))));
        let is_unreadable =
            files.report("tampered", &BOTH, None).is_err_and(|refusal| refusal.code == "unknown_kind");
        assert!(is_wrong || is_unreadable, "{name}, byte {at} of {}: {before:?}", good.len());
    }
}

#[test]
fn one_byte_is_enough_to_be_found() {
    let files = Files::new();
    check_tampered(&files, "credential", 7);
    check_tampered(&files, "shown", 7);
    check_tampered(&files, "list", 5);
    check_tampered(&files, "evidence", 17);
}

#[test]
fn it_depends_on_whom_one_trusts() {
    let files = Files::new();
    files.check("credential", &["stranger.pem"], &["credential: issuer_untrusted"]);
    files.check("list", &["stranger.pem"], &["status_list: status_untrusted"]);
    files.check("evidence", &["stranger.pem"], &["request: asker_untrusted"]);
    files.check("evidence", &["clinic.pem"], &["answer: issuer_untrusted"]);
    files.check("credential", &[], &["credential: ? anchors_missing"]);
    files.check("list", &[], &["status_list: ? anchors_missing"]);
    files.check("evidence", &[], &["trust: ? anchors_missing"]);
    files.check_unreadable("credential", &["credential"], None, "anchors");
    files.check_unreadable("credential", &["none"], None, "anchors");
}

#[test]
fn it_depends_on_the_instant() {
    let files = Files::new();
    let at = |name: &str, at: Instant| files.report(name, &BOTH, Some(&at.rfc3339())).unwrap();
    assert_eq!(faults(&at("credential", NOW.plus_secs(86_400 * 2)))[0], "credential: expired");
    assert_eq!(faults(&at("list", NOW.plus_secs(3_700))), ["status_list: expired"]);
    assert!(faults(&at("list", NOW)).is_empty());
    assert!(faults(&at("evidence", NOW.plus_secs(60))).is_empty());
    // An instant chosen by the reader is not the one at which the request could be answered.
    assert_eq!(faults(&at("evidence", NOW.plus_secs(86_400))), ["request: request_expired"]);
    files.check_unreadable("credential", &BOTH, Some("yesterday"), "at");
    // Evidence from the future.
    let anchors = BOTH.map(|name| files.path(name));
    let early = report(&files.path("evidence"), &anchors, None, NOW.plus_secs(-3_600)).unwrap();
    assert_eq!(faults(&early), ["time: time_future"]);
}

#[test]
fn what_is_nothing_is_said_to_be_nothing() {
    let files = Files::new();
    let deep = "[".repeat(100_000);
    for garbage in [
        &b""[..],
        b"\n",
        b"{}",
        b"{",
        b"null",
        b"a.b.c",
        b"\xff\xfe",
        b"{\"type\":\"urn:x\"}",
        deep.as_bytes(),
    ] {
        files.write("garbage", garbage);
        files.check_unreadable("garbage", &BOTH, None, "unknown_kind");
    }
    files.write("garbage", b"~");
    files.check("garbage", &BOTH, &["credential: jws_malformed"]);
    files.check_unreadable("missing", &BOTH, None, "file");
    files.check_unreadable(".", &BOTH, None, "file");
    let huge = fs::File::create(files.path("huge")).unwrap();
    huge.set_len(1 << 40).unwrap();
    files.check_unreadable("huge", &BOTH, None, "too_large");
}

/// What a file says of itself cannot command the terminal.
#[test]
fn names_from_a_file_are_only_text() {
    assert_eq!(printable("a\u{1b}[2Jb\r\u{202e}c\u{2066}"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\u{fffd}");
    assert_eq!(printable("Évora (UT), 国家, هوية"), "Évora (UT), 国家, هوية");
}
