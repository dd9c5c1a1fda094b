//! What is wrong with the issuer's part.

use super::*;

#[test]
fn the_issuers_header() {
    for typ in ["vc+sd-jwt", "DC+SD-JWT", "application/dc+sd-jwt", "jwt", "kb+jwt"] {
        check(|m| m.header["typ"] = json!(typ), Err("typ"));
    }
    check(|m| take(&mut m.header, "typ"), Err("typ"));
    check(|m| take(&mut m.header, "x5c"), Err("x5c_missing"));
    check(|m| m.header["x5c"] = json!([]), Err("x5c_malformed"));
    check(|m| m.header["crit"] = json!(["x"]), Err("crit"));
    check(|m| m.header["kid"] = json!("foreign"), Ok(()));
    check(|m| m.header["jwk"] = json!(Jwk::from(PARTIES.other.public_key())), Ok(()));
    let with_private = || json!({"kty": "EC", "crv": "P-256", "x": "", "y": "", "d": "AA"});
    check(|m| m.header["jwk"] = with_private(), Err("jwk_private"));
}

#[test]
fn the_issuers_signature() {
    // Another key than the leaf's, be it offered in the header or not.
    let good = Made::good();
    check_text(&good.signed(&PARTIES.signer, &PARTIES.holder), Ok(()));
    check_text(&good.signed(&PARTIES.other, &PARTIES.holder), Err("issuer_signature"));
    let mut offered = good.clone();
    offered.header["jwk"] = json!(Jwk::from(PARTIES.other.public_key()));
    check_text(&offered.signed(&PARTIES.other, &PARTIES.holder), Err("issuer_signature"));
    // A changed payload, and headers that name other algorithms under the old signature.
    let text = good.text();
    let (jwt, rest) = text.split_once('~').unwrap();
    let parts: Vec<_> = jwt.split('.').collect();
    let mut payload = good.payload.clone();
    payload["exp"] = json!(4_000_000_000_u32);
    let payload = b64::encode(payload.to_string().as_bytes());
    check_text(&format!("{}.{payload}.{}~{rest}", parts[0], parts[2]), Err("issuer_signature"));
    for (alg, code) in [("none", "alg_none"), ("HS256", "alg_unsupported"), ("ES384", "alg_mismatch")] {
        let mut header = good.header.clone();
        header["alg"] = json!(alg);
        let header = b64::encode(header.to_string().as_bytes());
        check_text(&format!("{header}.{}.{}~{rest}", parts[1], parts[2]), Err(code));
    }
    check_text(&format!("{}.{}.~{rest}", parts[0], parts[1]), Err("issuer_signature"));
}

#[test]
fn the_issuers_chain() {
    let parties = &*PARTIES;
    let with = |signer: &CertifiedSigner, chain: Value, now: Instant| {
        let mut made = Made::good();
        made.header["x5c"] = chain;
        take(&mut made.payload, "exp");
        made.key_binding["iat"] = json!(now.secs());
        verified(&made.signed(signer, &parties.holder), required(), now).map(|_| ())
    };
    let x5c = |signer: &CertifiedSigner| json!(signer.x5c());
    let good = x5c(&parties.signer);
    assert_eq!(with(&parties.signer, good.clone(), NOW), Ok(()));
    let untrusted = |read: Result<(), Refusal>, expected: x509::Error| {
        assert_eq!(read.map_err(Refusal::code), Err("issuer_untrusted"));
        assert_eq!(read, Err(Refusal::IssuerUntrusted(expected)));
    };
    let root = b64::encode_std(&parties.root);
    let with_anchor = json!([good[0], root]);
    untrusted(with(&parties.signer, with_anchor, NOW), x509::Error::AnchorInX5c);
    untrusted(with(&parties.signer, json!([b64::encode_std(b"x")]), NOW), x509::Error::Malformed);
    untrusted(with(&parties.signer, good.clone(), NOW.plus_secs(301 * 86_400)), x509::Error::Expired);
    untrusted(with(&parties.signer, good, NOW.plus_secs(-86_400)), x509::Error::NotYetValid);
    let key = || SecretKey::generate(&SeededRandom::new(15));
    let for_requests = certified(key(), Purpose::RequestSigning, 30, &parties.root, &parties.root_key);
    untrusted(with(&for_requests, x5c(&for_requests), NOW), x509::Error::Purpose);
    // The same names under another root: not ours.
    let foreign = MakeRoot {
        country: "UT".to_owned(),
        organisation: "State of Utopia".to_owned(),
        common_name: "Root".to_owned(),
        path_len: 0,
        days: 30,
    };
    let foreign = make_root(&foreign, &parties.other, &SeededRandom::new(16), NOW).unwrap();
    let forged = certified(key(), Purpose::CredentialSigning, 30, &foreign, &parties.other);
    let read = with(&forged, x5c(&forged), NOW);
    assert_eq!(read.map_err(Refusal::code), Err("issuer_untrusted"));
}

#[test]
fn protected_claims_are_never_disclosed() {
    for name in PROTECTED {
        let disclose = |m: &mut Made| {
            let value = m.payload.get(name).cloned().unwrap_or_else(|| json!("sha256-x"));
            take(&mut m.payload, name);
            m.disclosures.push(json!(["s", name, value]));
            m.digest();
        };
        check(disclose, Err("protected_claim_disclosed"));
        // Beside the plain one it is a shadow.
        check(
            |m| {
                m.payload[name] = json!("x");
                m.disclosures.push(json!(["s", name, "x"]));
                m.digest();
            },
            Err("claim_shadowed"),
        );
    }
    // Within a protected claim.
    let nested = |m: &mut Made| {
        let jwk = m.payload["cnf"]["jwk"].clone();
        m.disclosures.push(json!(["s", "jwk", jwk]));
        let digest = b64::encode(&crypto::sha256(encode(&m.disclosures[2]).as_bytes()));
        m.payload["cnf"] = json!({ "_sd": [digest] });
    };
    check(nested, Err("protected_claim_disclosed"));
    // `iat` and `sub` may be disclosed (section 3.2.2.2), and a name that is protected at the top is free below.
    check(
        |m| {
            take(&mut m.payload, "iat");
            m.disclosures.push(json!(["s", "iat", NOW.secs()]));
            m.digest();
        },
        Ok(()),
    );
    check(
        |m| {
            m.disclosures.push(json!(["s", "sub", "x"]));
            m.digest();
        },
        Ok(()),
    );
    check(
        |m| {
            m.disclosures.push(json!(["s", "a", {"exp": 1}]));
            m.digest();
        },
        Ok(()),
    );
}

#[test]
fn disclosures() {
    check(|m| m.disclosures.push(json!(["s", "unused", 1])), Err("disclosure_unused"));
    check(
        |m| {
            m.disclosures.push(json!(["s", "used", 1]));
            m.digest();
        },
        Ok(()),
    );
    check(
        |m| {
            let again = m.disclosures[0].clone();
            m.disclosures.push(again);
        },
        Err("disclosure_repeated"),
    );
    check(
        |m| {
            m.disclosures.push(json!(["s", "given_name", 1]));
            m.digest();
        },
        Err("claim_shadowed"),
    );
    check(
        |m| {
            m.disclosures.push(json!(["s", "issuing_country", 1]));
            m.digest();
        },
        Err("claim_shadowed"),
    );
    check(
        |m| {
            m.disclosures.push(json!(["s", "_sd", []]));
            m.digest();
        },
        Err("claim_reserved"),
    );
    check(
        |m| {
            m.disclosures.push(json!(["s", 1]));
            m.digest();
        },
        Err("disclosure_arity"),
    );
    check(|m| m.payload["_sd_alg"] = json!("sha-1"), Err("sd_alg"));
    check(|m| m.payload["_sd_alg"] = json!("sha-256"), Ok(()));
    check(|m| drop(m.disclosures.remove(0)), Ok(()));
}

#[test]
fn times() {
    let secs = NOW.secs();
    for (name, last_good, first_bad, code) in [
        ("exp", secs - CLOCK_SKEW_S + 1, secs - CLOCK_SKEW_S, "expired"),
        ("nbf", secs + CLOCK_SKEW_S, secs + CLOCK_SKEW_S + 1, "not_yet_valid"),
        ("iat", secs + CLOCK_SKEW_S, secs + CLOCK_SKEW_S + 1, "iat_future"),
    ] {
        check(|m| m.payload[name] = json!(last_good), Ok(()));
        check(|m| m.payload[name] = json!(first_bad), Err(code));
        check(|m| m.payload[name] = json!(first_bad.to_string()), Err("claim_malformed"));
        check(|m| m.payload[name] = json!(null), Err("claim_malformed"));
        check(|m| take(&mut m.payload, name), Ok(()));
    }
    check(|m| m.payload["exp"] = json!(1_895_300_200.5), Ok(()));
}

#[test]
fn claims_of_the_protocol() {
    check(|m| take(&mut m.payload, "vct"), Err("vct_missing"));
    check(|m| m.payload["vct"] = json!(""), Err("vct_missing"));
    check(|m| m.payload["vct"] = json!(1), Err("claim_malformed"));
    check(|m| m.payload["iss"] = json!(1), Err("claim_malformed"));
    check(|m| take(&mut m.payload, "iss"), Ok(()));
    check(|m| take(&mut m.payload, "status"), Ok(()));
    check(|m| m.payload["status"] = json!({"other": {}}), Err("status_unsupported"));
    check(|m| m.payload["status"] = json!(1), Err("claim_malformed"));
    for bad in [
        json!({}),
        json!({"idx": -1, "uri": "u"}),
        json!({"idx": "1", "uri": "u"}),
        json!({"idx": 1}),
        json!({"idx": 1, "uri": ""}),
        json!(1),
    ] {
        check(|m| m.payload["status"] = json!({ "status_list": bad }), Err("claim_malformed"));
    }
    check(|m| m.payload["status"] = json!({"status_list": {"idx": 0, "uri": "u"}, "other": 1}), Ok(()));
    let (jwt, _) = Made::good().text().split_once('~').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    check_text(&jwt, Err("sd_jwt_malformed"));
}
