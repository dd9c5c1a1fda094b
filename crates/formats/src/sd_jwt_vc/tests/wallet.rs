//! From the issuer through the wallet to the verifier.

use super::*;

fn credential() -> Credential<'static> {
    Credential {
        vct: "urn:eudi:pid:1",
        iat: Some(NOW.start_of_day()),
        exp: Some(NOW.plus_secs(86_400)),
        status: Some(StatusRef { uri: "https://state.example/status/1".to_owned(), idx: 3 }),
        holder_key: Some(holder_key()),
        claims: json!({"given_name": "Amina", "age": 44, "issuing_country": "UT"})
            .as_object()
            .unwrap()
            .clone(),
        ..Credential::default()
    }
}

fn issued(credential: &Credential<'_>) -> Result<String, IssueError> {
    issue(credential, |name| name != "issuing_country", &PARTIES.signer, &SeededRandom::new(17))
}

#[test]
fn issued_received_presented_verified() {
    let made = issued(&credential()).unwrap();
    let jwt = SdJwt::parse(&made).unwrap();
    assert_eq!(jwt.issuer_jwt().header.typ.as_deref(), Some(TYP));
    let plain: Vec<_> = jwt.payload().keys().map(String::as_str).collect();
    assert_eq!(plain, ["_sd", "_sd_alg", "cnf", "exp", "iat", "issuing_country", "status", "vct"]);
    assert_eq!(jwt.payload()["cnf"], json!({ "jwk": holder_key() }));
    let received = verify_received(&made, &PARTIES.anchors, NOW, Some(&holder_key())).unwrap();
    assert_eq!(received.claims, credential().claims);

    let texts = ["eyJhIjoxfQ".to_owned()];
    let algs = [HashAlg::Sha512, HashAlg::Sha256];
    for transaction_data in [TransactionData::default(), TransactionData { texts: &texts, algs: &algs }] {
        let TransactionData { texts, algs } = transaction_data;
        let hashes = (!texts.is_empty()).then(|| TransactionDataHashes::of(texts, algs));
        let claims = KeyBindingClaims { nonce: NONCE, aud: AUD, iat: NOW, transaction_data_hashes: hashes };
        let shown = present(&made, |name| name == "age", &claims, &PARTIES.holder).unwrap();
        let read =
            verified(&shown, KeyBinding::Required { nonce: NONCE, aud: AUD, transaction_data }, NOW).unwrap();
        assert_eq!(Value::Object(read.claims), json!({"age": 44, "issuing_country": "UT"}));
        assert_eq!(read.key_binding.unwrap().transaction_data_hashes.len(), texts.len());
    }
    let claims = KeyBindingClaims { nonce: NONCE, aud: AUD, iat: NOW, transaction_data_hashes: None };
    assert_eq!(present(&made, |_| true, &claims, &PARTIES.other), Err(PresentError::HolderKey));
}

#[test]
fn what_a_wallet_does_not_store() {
    let received = |text: &str, key: Option<&Jwk>| {
        verify_received(text, &PARTIES.anchors, NOW, key).map(|_| ()).map_err(Refusal::code)
    };
    let made = issued(&credential()).unwrap();
    assert_eq!(received(&made, Some(&holder_key())), Ok(()));
    assert_eq!(received(&made, Some(&Jwk::from(PARTIES.other.public_key()))), Err("holder_key_foreign"));
    assert_eq!(received(&made, None), Err("holder_key_foreign"));
    let unbound = issued(&Credential { holder_key: None, ..credential() }).unwrap();
    assert_eq!(received(&unbound, None), Ok(()));
    assert_eq!(received(&unbound, Some(&holder_key())), Err("holder_key_missing"));
    let claims = KeyBindingClaims { nonce: NONCE, aud: AUD, iat: NOW, transaction_data_hashes: None };
    let shown = present(&made, |_| true, &claims, &PARTIES.holder).unwrap();
    assert_eq!(received(&shown, Some(&holder_key())), Err("key_binding_unexpected"));
    let expired = issued(&Credential { exp: Some(NOW.plus_secs(-86_400)), ..credential() }).unwrap();
    assert_eq!(received(&expired, Some(&holder_key())), Err("expired"));
}

#[test]
fn what_an_issuer_does_not_issue() {
    for name in PROTOCOL {
        let claims: Object = [(name.to_owned(), json!(1))].into_iter().collect();
        assert_eq!(issued(&Credential { claims, ..credential() }), Err(IssueError::ReservedClaim), "{name}");
    }
    let claims = json!({"a": {"_sd": []}}).as_object().unwrap().clone();
    assert!(matches!(issued(&Credential { claims, ..credential() }), Err(IssueError::SdJwt(_))));
    // The protocol's claims stay plain whatever the caller says.
    let all = issue(&credential(), |_| true, &PARTIES.signer, &SeededRandom::new(17)).unwrap();
    assert!(verify_received(&all, &PARTIES.anchors, NOW, Some(&holder_key())).is_ok());
}

proptest! {
    #![proptest_config(seeded(48))]

    #[test]
    fn what_is_issued_is_verified(claims in prop::collection::btree_map("[a-z]{4,9}", crate::json::tests::any_value(), 0..6), keep in any::<u8>()) {
        let claims: Object = claims.into_iter().filter(|(name, _)| name != "status").collect();
        let made = issued(&Credential { claims: claims.clone(), ..credential() });
        prop_assume!(!matches!(made, Err(IssueError::SdJwt(_))));
        let kept = |name: &str| claims.keys().position(|n| n == name).is_some_and(|i| keep >> i & 1 == 1);
        let kb = KeyBindingClaims { nonce: NONCE, aud: AUD, iat: NOW, transaction_data_hashes: None };
        let shown = present(&made.unwrap(), kept, &kb, &PARTIES.holder).unwrap();
        let read = verified(&shown, required(), NOW).map(|c| c.claims.keys().cloned().collect::<Vec<_>>());
        prop_assert_eq!(read, Ok(claims.keys().filter(|n| kept(n)).cloned().collect()));
    }
}
