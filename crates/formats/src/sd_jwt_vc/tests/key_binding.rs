//! What is wrong with the holder's part.

use super::*;

#[test]
fn the_holders_key() {
    check(|m| take(&mut m.payload, "cnf"), Err("holder_key_missing"));
    check(|m| m.payload["cnf"] = json!({"kid": "1"}), Err("holder_key_missing"));
    check(|m| m.payload["cnf"] = json!("key"), Err("claim_malformed"));
    check(|m| m.payload["cnf"]["jwk"]["d"] = json!("AA"), Err("jwk_private"));
    check(|m| m.payload["cnf"]["jwk"]["crv"] = json!("P-384"), Err("jwk_crv"));
    check(|m| m.payload["cnf"]["jwk"]["kty"] = json!("OKP"), Err("jwk_kty"));
    check(|m| m.payload["cnf"]["jwk"]["kid"] = json!("1"), Ok(()));
    check(
        |m| m.payload["cnf"]["jwk"] = json!(Jwk::from(PARTIES.other.public_key())),
        Err("key_binding_signature"),
    );
}

#[test]
fn the_key_binding() {
    let header = |value: Value| move |m: &mut Made| m.key_binding_header = value;
    check(header(json!({})), Err("key_binding_typ"));
    check(header(json!({"typ": "JWT"})), Err("key_binding_typ"));
    check(header(json!({"typ": "kb+jwt", "kid": "foreign"})), Ok(()));
    check(header(json!({"typ": "kb+jwt", "crit": ["x"]})), Err("key_binding_malformed"));
    // A key that the holder sends along counts for nothing.
    let other = json!(Jwk::from(PARTIES.other.public_key()));
    let mut made = Made::good();
    check_text(&made.signed(&PARTIES.signer, &PARTIES.holder), Ok(()));
    check_text(&made.signed(&PARTIES.signer, &PARTIES.other), Err("key_binding_signature"));
    made.key_binding_header["jwk"] = other;
    check_text(&made.signed(&PARTIES.signer, &PARTIES.other), Err("key_binding_signature"));
    // Algorithms.
    let text = Made::good().text();
    let (bound, jwt) = text.rsplit_once('~').unwrap();
    let parts: Vec<_> = jwt.split('.').collect();
    let hs256 = b64::encode(br#"{"alg":"HS256","typ":"kb+jwt"}"#);
    let input = format!("{hs256}.{}", parts[1]);
    let mac = crypto::hmac_sha256(&PARTIES.holder.public_key().to_sec1(), input.as_bytes());
    check_text(&format!("{bound}~{input}.{}", b64::encode(&mac)), Err("alg_unsupported"));
    let none = b64::encode(br#"{"alg":"none","typ":"kb+jwt"}"#);
    check_text(&format!("{bound}~{none}.{}.", parts[1]), Err("key_binding_malformed"));
    check_text(
        &format!("{bound}~{}.{}.{}", parts[0], parts[1], b64::encode(&[0; 64])),
        Err("key_binding_signature"),
    );

    for name in ["nonce", "aud"] {
        check(|m| m.key_binding[name] = json!("another"), Err(name));
        check(|m| m.key_binding[name] = json!(""), Err(name));
        check(|m| m.key_binding[name] = json!([AUD]), Err("key_binding_malformed"));
        check(|m| take(&mut m.key_binding, name), Err("key_binding_malformed"));
    }
    check(|m| m.key_binding["foreign"] = json!({}), Ok(()));
    check(|m| take(&mut m.key_binding, "iat"), Err("key_binding_malformed"));
    check(|m| m.key_binding["iat"] = json!("now"), Err("key_binding_malformed"));
    let secs = NOW.secs();
    check(|m| m.key_binding["iat"] = json!(secs + CLOCK_SKEW_S), Ok(()));
    check(|m| m.key_binding["iat"] = json!(secs + CLOCK_SKEW_S + 1), Err("iat_window"));
    check(|m| m.key_binding["iat"] = json!(secs - KEY_BINDING_AGE_MAX_S - CLOCK_SKEW_S), Ok(()));
    check(
        |m| m.key_binding["iat"] = json!(secs - KEY_BINDING_AGE_MAX_S - CLOCK_SKEW_S - 1),
        Err("iat_window"),
    );
    check(|m| m.key_binding["exp"] = json!(secs + 10), Ok(()));
    check(|m| m.key_binding["exp"] = json!(secs - CLOCK_SKEW_S), Err("key_binding_expired"));
    check(|m| m.key_binding["nbf"] = json!(secs + CLOCK_SKEW_S + 1), Err("key_binding_expired"));
}

#[test]
fn the_key_binding_is_of_these_disclosures() {
    check(|m| m.key_binding["sd_hash"] = json!(b64::encode(&[0; 32])), Err("sd_hash"));
    check(|m| m.key_binding["sd_hash"] = json!(1), Err("key_binding_malformed"));
    let text = Made::good().text();
    check_text(&text, Ok(()));
    let parts: Vec<_> = text.split('~').collect();
    // One left out, in another order, and moved onto another credential of the same holder.
    check_text(&[parts[0], parts[1], parts[3]].join("~"), Err("sd_hash"));
    check_text(&[parts[0], parts[2], parts[1], parts[3]].join("~"), Err("sd_hash"));
    let mut other = Made::good();
    other.payload["vct"] = json!("urn:other");
    let other = other.without_key_binding(&PARTIES.signer);
    check_text(&format!("{other}{}", parts[3]), Err("sd_hash"));
    // With another hash the digest of the presentation is of that hash too (RFC 9901, section 4.3.1).
    let mut made = Made::good();
    made.payload["_sd_alg"] = json!("sha-512");
    let digests = made.disclosures.iter().map(|d| b64::encode(&HashAlg::Sha512.digest(encode(d).as_bytes())));
    made.payload["_sd"] = digests.collect();
    check_text(&made.text(), Err("sd_hash"));
    let bound = made.without_key_binding(&PARTIES.signer);
    // ES256 is not reproducible everywhere: bind to the text that is sent.
    let mut claims = made.key_binding.clone();
    claims["sd_hash"] = json!(b64::encode(&HashAlg::Sha512.digest(bound.as_bytes())));
    let jwt = jws::sign(&made.key_binding_header, claims.to_string().as_bytes(), &PARTIES.holder).unwrap();
    check_text(&format!("{bound}{jwt}"), Ok(()));
}

#[test]
fn transaction_data() {
    let texts = ["eyJhIjoxfQ".to_owned(), "eyJhIjoyfQ".to_owned()];
    let hashes = |alg| texts.iter().map(|t| transaction_data_hash(t, alg)).collect::<Vec<_>>();
    let check = |algs: &[HashAlg], texts: &[String], claims: Value, expected: Result<(), &str>| {
        let mut made = Made::good();
        made.key_binding.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let transaction_data = TransactionData { texts, algs };
        let required = KeyBinding::Required { nonce: NONCE, aud: AUD, transaction_data };
        let read = verified(&made.text(), required, NOW);
        assert_eq!(read.as_ref().map(|_| ()).map_err(|fault| fault.code()), expected, "{claims}");
        if let Ok(key_binding) = read.map(|credential| credential.key_binding.unwrap()) {
            assert_eq!(key_binding.transaction_data_hashes.len(), texts.len());
        }
    };
    let (s256, s512) = (hashes(HashAlg::Sha256), hashes(HashAlg::Sha512));
    let reversed: Vec<_> = s256.iter().rev().collect();
    let named = |alg: &str, hashes: &[String]| json!({"transaction_data_hashes": hashes, "transaction_data_hashes_alg": alg});
    let both = [HashAlg::Sha512, HashAlg::Sha256];
    check(&[], &texts, json!({"transaction_data_hashes": s256}), Ok(()));
    check(&[], &texts, json!({"transaction_data_hashes": reversed}), Ok(()));
    check(&[], &texts, named("sha-256", &s256), Ok(()));
    check(&both, &texts, named("sha-256", &s256), Ok(()));
    check(&both, &texts, named("sha-512", &s512), Ok(()));
    check(&[], &[], json!({}), Ok(()));
    // The request named algorithms, so the answer must name one of them.
    check(&both, &texts, json!({"transaction_data_hashes": s256}), Err("transaction_data_hashes_alg"));
    check(&[HashAlg::Sha512], &texts, named("sha-256", &s256), Err("transaction_data_hashes_alg"));
    check(&[], &texts, named("sha-512", &s512), Err("transaction_data_hashes_alg"));
    check(&[], &texts, named("md5", &s256), Err("transaction_data_hashes_alg"));
    check(
        &both,
        &texts,
        json!({"transaction_data_hashes": s256, "transaction_data_hashes_alg": ["sha-256"]}),
        Err("transaction_data_hashes_alg"),
    );
    // Nothing approved, only a part, something else, too much, the decoded text.
    check(&[], &texts, json!({}), Err("transaction_data_hashes"));
    check(&[], &texts, json!({"transaction_data_hashes": []}), Err("transaction_data_hashes"));
    check(&[], &texts, json!({"transaction_data_hashes": s256[0]}), Err("transaction_data_hashes"));
    check(&[], &texts, json!({"transaction_data_hashes": [s256[0], 1]}), Err("transaction_data_hashes"));
    check(&[], &texts, json!({"transaction_data_hashes": [s256[0]]}), Err("transaction_data_hashes"));
    check(
        &[],
        &texts,
        json!({"transaction_data_hashes": [s256[0], s256[0]]}),
        Err("transaction_data_hashes"),
    );
    check(
        &[],
        &texts,
        json!({"transaction_data_hashes": [s256[0], s256[1], s256[1]]}),
        Err("transaction_data_hashes"),
    );
    check(&[], &texts, json!({"transaction_data_hashes": s512}), Err("transaction_data_hashes"));
    let decoded = b64::encode(&crypto::sha256(&b64::decode(&texts[0]).unwrap()));
    check(&[], &texts[..1], json!({"transaction_data_hashes": [decoded]}), Err("transaction_data_hashes"));
    check(&[], &[], json!({"transaction_data_hashes": s256}), Err("transaction_data_hashes"));
}
