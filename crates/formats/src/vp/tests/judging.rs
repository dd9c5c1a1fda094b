//! Who is told what is wrong, whose word counts about whose credential, and which hashes count.

use super::*;

/// Before it is known who asks and where the answer may go, nobody is told anything (section 8.5).
#[test]
fn only_an_address_that_was_checked_is_told_what_is_wrong() {
    for quiet in [
        RequestRefusal::Malformed("client_id"),
        RequestRefusal::Malformed("response_uri"),
        RequestRefusal::ResponseUri,
        RequestRefusal::Signature,
    ] {
        assert_eq!(quiet.oauth_error(), None, "{quiet:?}");
    }
    for told in [RequestRefusal::Malformed("state"), RequestRefusal::Nonce, RequestRefusal::Time] {
        assert_eq!(told.oauth_error(), Some("invalid_request"), "{told:?}");
    }
}

/// Another party whom the asker trusts too cannot say that a credential is in force: not by bearing the issuer's name,
/// and not by naming its authority.
#[test]
fn one_issuer_does_not_speak_for_another() {
    let scene = Scene::new();
    let other = Party::new(9, NOW);
    let anchors = scene.state.anchors().merged(&other.anchors());
    let issuer = |name: Option<&str>, party: &Party| {
        let key = SecretKey::generate(&party.random);
        let leaf = MakeLeaf {
            purpose: Purpose::CredentialSigning,
            common_name: "Leaf".into(),
            organisation: name.map(str::to_owned),
            country: name.map(|_| "UT".to_owned()),
            dns_names: vec!["x.example".into()],
            days: 300,
        };
        let der = make_leaf(&leaf, &key.public_key(), &party.root, &party.key, &party.random, NOW).unwrap();
        CertifiedSigner::new(Arc::new(key), vec![der]).unwrap()
    };
    let request = Scene::request();
    let answer = verify_answer(&request, &scene.answer(&request), &anchors, NOW).unwrap();
    let credential = &answer.credentials["pid"][0];
    let check = |signer: &CertifiedSigner, expected| {
        let token = status_token(signer, NOW.plus_secs(60), Status::Valid);
        let reference = credential.status.as_ref().unwrap();
        assert_eq!(judge_status(reference, &credential.issuer, &token, &anchors, NOW), expected);
    };
    check(&scene.issuer, StatusFinding::Valid);
    // A new certificate of the same party.
    check(&issuer(None, &scene.state), StatusFinding::Valid);
    let untrusted = StatusFinding::Undetermined(UndeterminedStatus::Untrusted);
    check(&issuer(None, &other), untrusted);
    check(&issuer(Some("Party 1"), &other), untrusted);
    // Another organisation that the same authority vouches for.
    check(&issuer(Some("Somebody else"), &scene.state), untrusted);
}

/// Each transaction allows algorithms of its own; one is used for all hashes, so all must allow it.
#[test]
fn one_hash_algorithm_serves_all_transactions() {
    let scene = Scene::new();
    let with_algs = |text: &str, algs: &[&str]| {
        let value = json!({
            "type": "t", "credential_ids": ["pid"], "transaction_data_hashes_alg": algs, "payload": { "text": text },
        });
        TransactionData::from_encoded(&b64::encode(value.to_string().as_bytes())).unwrap()
    };
    let check = |second: &[&str], expected: Result<usize, &str>| {
        let mut request = Scene::request();
        request.transaction_data = vec![with_algs("a", &["sha-512", "sha-256"]), with_algs("b", second)];
        let answer = verify_answer(&request, &scene.answer(&request), &scene.state.anchors(), NOW);
        assert_eq!(answer.map(|a| a.approved.len()).map_err(|e| e.code()), expected, "{second:?}");
    };
    check(&["sha-256"], Ok(2));
    check(&["sha-384", "sha-256"], Ok(2));
    check(&["sha-384"], Err("transaction_data_hashes_alg"));
}
