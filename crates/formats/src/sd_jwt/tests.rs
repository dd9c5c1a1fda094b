mod examples;
pub(super) mod nested;

use crypto::{Algorithm, SecretKey, SeededRandom, Signer as _};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing::{mutate, pick, seeded};

/// A disclosure's text and its digest.
fn disclosure(items: &Value) -> (String, String) {
    let text = b64::encode(items.to_string().as_bytes());
    let digest = b64::encode(&crypto::sha256(text.as_bytes()));
    (text, digest)
}

/// An SD-JWT of `payload` and `disclosures`; the signature is not looked at here.
fn text(payload: &Value, disclosures: &[&str]) -> String {
    let jwt = format!(
        "{}.{}.{}",
        b64::encode(br#"{"alg":"ES256"}"#),
        b64::encode(payload.to_string().as_bytes()),
        b64::encode(&[1; 64])
    );
    [&[jwt.as_str()], disclosures, &[""]].concat().join("~")
}

fn check_text(text: &str, expected: Result<&Value, &str>) {
    let claims =
        SdJwt::parse(text).and_then(|sd_jwt| sd_jwt.process()).map(Value::Object).map_err(Error::code);
    assert_eq!(claims.as_ref().map_err(|code| *code), expected, "{text}");
}

fn check(payload: &Value, disclosures: &[&str], expected: Result<&Value, &str>) {
    check_text(&text(payload, disclosures), expected);
}

/// RFC 9901, section 4.2.1: four texts of one claim; sections 4.2.2 and 4.2.3: an element, and the digests.
#[test]
fn disclosures_of_the_standard() {
    let of = |text: &str| Disclosure::parse(text, HashAlg::Sha256).unwrap();
    for text in [
        "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
        "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNXHUwMGY2Yml1cyJd",
        "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsImZhbWlseV9uYW1lIiwiTcO2Yml1cyJd",
        "WwoiXzI2YmM0TFQtYWM2cTJLSTZjQlc1ZXMiLAoiZmFtaWx5X25hbWUiLAoiTcO2Yml1cyIKXQ",
    ] {
        assert_eq!((of(text).name(), of(text).value()), (Some("family_name"), &json!("Möbius")), "{text}");
    }
    let member = of("WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0");
    assert_eq!(member.digest(), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
    let element = of("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0");
    assert_eq!((element.name(), element.value()), (None, &json!("FR")));
    assert_eq!(element.digest(), "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs");
    // Put back, as in section 4.2.4.
    let payload = json!({
        "given_name": "Alice", "_sd": [member.digest()],
        "nationalities": ["DE", { "...": element.digest() }, "US"],
    });
    let whole = json!({"given_name": "Alice", "family_name": "Möbius", "nationalities": ["DE", "FR", "US"]});
    check(&payload, &[member.as_str(), element.as_str()], Ok(&whole));
    check(&payload, &[], Ok(&json!({"given_name": "Alice", "nationalities": ["DE", "US"]})));
}

#[test]
fn disclosed_claims_come_back_wherever_they_were() {
    let (street, street_digest) = disclosure(&json!(["s1", "street", "A"]));
    let (address, address_digest) =
        disclosure(&json!(["s2", "address", { "_sd": [street_digest], "country": "UT" }]));
    let (first, first_digest) = disclosure(&json!(["s3", { "_sd": [] }]));
    let (list, list_digest) =
        disclosure(&json!(["s4", "list", [{ "...": first_digest }, { "...": "decoy" }, 2]]));
    let payload = json!({"_sd": [list_digest, address_digest, "decoy2"], "_sd_alg": "sha-256", "a": {"_sd": ["decoy3"]}});
    check(&payload, &[], Ok(&json!({"a": {}})));
    check(&payload, &[&address], Ok(&json!({"a": {}, "address": {"country": "UT"}})));
    check(&payload, &[&street, &address], Ok(&json!({"a": {}, "address": {"country": "UT", "street": "A"}})));
    check(&payload, &[&list], Ok(&json!({"a": {}, "list": [2]})));
    check(&payload, &[&list, &first], Ok(&json!({"a": {}, "list": [{}, 2]})));
    // Connected to the payload only through a disclosure that is not there.
    check(&payload, &[&street], Err("disclosure_unused"));
    check(&payload, &[&first, &address], Err("disclosure_unused"));
}

#[test]
fn disclosures_that_do_not_fit() {
    let (name, digest) = disclosure(&json!(["s", "name", "A"]));
    let payload = json!({"_sd": [digest], "other": 1});
    check(&payload, &[&name], Ok(&json!({"other": 1, "name": "A"})));
    let (foreign, foreign_digest) = disclosure(&json!(["s", "foreign", "A"]));
    check(&payload, &[&name, &foreign], Err("disclosure_unused"));
    check(&payload, &[&foreign], Err("disclosure_unused"));
    check(&payload, &[&name, &name], Err("disclosure_repeated"));
    check(&json!({"_sd": [digest, digest]}), &[&name], Err("digest_repeated"));
    check(&json!({"_sd": [digest, digest]}), &[], Err("digest_repeated"));
    check(&json!({"_sd": [digest], "a": {"_sd": [digest]}}), &[&name], Err("digest_repeated"));
    check(&json!({"_sd": [digest], "a": [{"...": digest}]}), &[&name], Err("disclosure_arity"));
    check(&json!({"a": [{"...": digest}, {"...": digest}]}), &[], Err("digest_repeated"));
    // A repeated digest within a disclosure.
    let (outer, outer_digest) = disclosure(&json!(["s", "outer", { "_sd": [foreign_digest] }]));
    check(&json!({"_sd": [outer_digest, foreign_digest]}), &[&outer], Err("digest_repeated"));
    check(&json!({"_sd": [outer_digest]}), &[&outer], Ok(&json!({"outer": {}})));
    // Shadowing: a plain claim, another disclosure, and one level further down.
    check(&json!({"_sd": [digest], "name": "B"}), &[&name], Err("claim_shadowed"));
    check(&json!({"_sd": [digest], "name": "B"}), &[], Ok(&json!({"name": "B"})));
    let (again, again_digest) = disclosure(&json!(["s2", "name", "C"]));
    check(&json!({"_sd": [digest, again_digest]}), &[&name, &again], Err("claim_shadowed"));
    check(&json!({"_sd": [digest, again_digest]}), &[&again], Ok(&json!({"name": "C"})));
    check(&json!({"a": {"_sd": [digest], "name": 1}}), &[&name], Err("claim_shadowed"));
    check(&json!({"a": {"_sd": [digest]}, "name": 1}), &[&name], Ok(&json!({"a": {"name": "A"}, "name": 1})));
}

#[test]
fn members_and_elements_are_not_exchanged() {
    let (member, member_digest) = disclosure(&json!(["s", "name", "A"]));
    let (element, element_digest) = disclosure(&json!(["s", "A"]));
    check(
        &json!({"_sd": [member_digest], "a": [{"...": element_digest}]}),
        &[&member, &element],
        Ok(&json!({"name": "A", "a": ["A"]})),
    );
    check(&json!({"_sd": [element_digest]}), &[&element], Err("disclosure_arity"));
    check(&json!({"a": [{"...": member_digest}]}), &[&member], Err("disclosure_arity"));
}

#[test]
fn reserved_names() {
    for name in ["_sd", "...", "_sd_alg"] {
        let (bad, digest) = disclosure(&json!(["s", name, ["x"]]));
        check(&json!({"_sd": [digest]}), &[&bad], Err("claim_reserved"));
        check(&json!({"a": {"_sd": [digest]}}), &[&bad], Err("claim_reserved"));
    }
    let (fine, digest) = disclosure(&json!(["s", "sd", ["x"]]));
    check(&json!({"_sd": [digest]}), &[&fine], Ok(&json!({"sd": ["x"]})));
    check(&json!({"...": digest}), &[], Err("claim_reserved"));
    check(&json!({"a": {"...": digest}}), &[], Err("claim_reserved"));
    check(&json!({"a": [{"...": digest, "b": 1}]}), &[], Err("claim_reserved"));
    check(&json!({"a": {"_sd_alg": "sha-256"}}), &[], Err("claim_reserved"));
    for bad in [json!("x"), json!({}), json!([1]), json!([["x"]]), json!(null)] {
        check(&json!({"_sd": bad}), &[], Err("digest_malformed"));
        let element = if bad.is_string() { Ok(json!({"a": []})) } else { Err("digest_malformed") };
        check(&json!({"a": [{"...": bad}]}), &[], element.as_ref().map_err(|code| *code));
    }
    check(&json!({"_sd": []}), &[], Ok(&json!({})));
}

#[test]
fn malformed_disclosures() {
    let payload = json!({});
    for bad in [
        json!([]),
        json!(["s"]),
        json!(["s", "n", 1, 2]),
        json!([1, "n", 1]),
        json!(["s", 1, 1]),
        json!([null, 1]),
        json!({}),
        json!("s"),
    ] {
        check(&payload, &[&disclosure(&bad).0], Err("disclosure_malformed"));
    }
    for bad in [
        "!",
        "AB",
        "WyJzIl0=",
        &b64::encode(b"[\"s\",\"n\",1"),
        &b64::encode(b"[\"s\",\"n\",{\"a\":1,\"a\":2}]"),
        &b64::encode(b"[\"\xff\",1]"),
    ] {
        check(&payload, &[bad], Err("disclosure_malformed"));
    }
    check(&payload, &[&disclosure(&json!(["s", "n", 1])).0], Err("disclosure_unused"));
}

#[test]
fn hash_algorithms() {
    for (name, expected) in [
        ("sha-256", true),
        ("sha-512", true),
        ("sha-384", true),
        ("md5", false),
        ("SHA-256", false),
        ("", false),
    ] {
        let (disclosure, _) = disclosure(&json!(["s", "n", 1]));
        let hash = HashAlg::from_name(name).unwrap_or(HashAlg::Sha256);
        let digest = b64::encode(&hash.digest(disclosure.as_bytes()));
        let claims = json!({"n": 1});
        check(
            &json!({"_sd_alg": name, "_sd": [digest]}),
            &[&disclosure],
            if expected { Ok(&claims) } else { Err("sd_alg") },
        );
    }
    check(&json!({"_sd_alg": 1}), &[], Err("sd_alg"));
    check(&json!({"_sd_alg": null}), &[], Err("sd_alg"));
}

#[test]
fn the_compact_form() {
    let (name, digest) = disclosure(&json!(["s", "name", "A"]));
    let good = text(&json!({ "_sd": [digest] }), &[&name]);
    let jwt = good.split('~').next().unwrap().to_owned();
    check_text(&good, Ok(&json!({"name": "A"})));
    check_text(&jwt, Err("sd_jwt_malformed"));
    check_text(&format!("{jwt}~"), Ok(&json!({})));
    check_text(&format!("{jwt}~~"), Err("sd_jwt_malformed"));
    check_text(&format!("{jwt}~~{name}~"), Err("sd_jwt_malformed"));
    check_text(&format!("~{jwt}~"), Err("jws_malformed"));
    check_text("~", Err("jws_malformed"));
    check_text("", Err("sd_jwt_malformed"));
    // A disclosure without its tilde stands where the key-binding JWT does.
    check_text(&format!("{jwt}~{name}"), Err("key_binding_malformed"));
    check_text(&format!("{good}{name}.a.b"), Err("key_binding_malformed"));
    let with_key_binding = SdJwt::parse(&format!("{good}{jwt}")).unwrap();
    assert_eq!(with_key_binding.key_binding().map(Jws::as_str), Some(jwt.as_str()));
    assert_eq!(with_key_binding.without_key_binding(), good);
    assert_eq!(with_key_binding.sd_hash(), b64::encode(&crypto::sha256(good.as_bytes())));
    assert_eq!(SdJwt::parse(&good).unwrap().sd_hash(), with_key_binding.sd_hash());
    let none = format!("{}.{}.", b64::encode(br#"{"alg":"none"}"#), b64::encode(b"{}"));
    check_text(&format!("{none}~"), Err("alg_none"));
    check_text(
        &format!("{}~", jwt.replace(&b64::encode(br#"{"alg":"ES256"}"#), &b64::encode(b"[]"))),
        Err("jws_header"),
    );
}

#[test]
fn limits() {
    let many = |count: usize| {
        let made: Vec<_> =
            (0..count).map(|i| disclosure(&json!([i.to_string(), i.to_string(), i]))).collect();
        let digests: Vec<_> = made.iter().map(|(_, digest)| digest.as_str()).collect();
        let texts: Vec<_> = made.iter().map(|(text, _)| text.as_str()).collect();
        SdJwt::parse(&text(&json!({ "_sd": digests }), &texts))
            .and_then(|s| s.process())
            .map(|claims| claims.len())
    };
    assert_eq!(many(DISCLOSURES_MAX), Ok(DISCLOSURES_MAX));
    assert_eq!(many(DISCLOSURES_MAX + 1), Err(Error::TooManyDisclosures));
    assert_eq!(SdJwt::parse(&"~".repeat(SD_JWT_BYTES_MAX + 1)).map(|_| ()), Err(Error::TooLong));
    // Disclosures within disclosures: each is flat, together they are not.
    let nested = |levels: usize| {
        let mut chain = vec![disclosure(&json!(["s", "n", 1]))];
        for _ in 2..levels {
            let digest = chain.last().unwrap().1.clone();
            chain.push(disclosure(&json!(["s", "n", { "_sd": [digest] }])));
        }
        let digest = chain.last().unwrap().1.clone();
        let texts: Vec<_> = chain.iter().map(|(text, _)| text.as_str()).collect();
        SdJwt::parse(&text(&json!({ "_sd": [digest] }), &texts)).and_then(|s| s.process()).map(|_| ())
    };
    let max = base::limits::JSON_DEPTH_MAX;
    assert_eq!(nested(max + 1), Ok(()));
    assert_eq!(nested(max + 2), Err(Error::TooDeep));
    assert_eq!(nested(400), Err(Error::TooDeep));
}

fn a_key() -> SecretKey {
    SecretKey::generate(&SeededRandom::new(9901))
}

fn issued(claims: &Value, disclosable: &[&str], seed: u64) -> String {
    let Value::Object(claims) = claims else { return String::new() };
    issue(
        claims,
        |name| disclosable.contains(&name),
        &json!({"typ": "x"}),
        &a_key(),
        &SeededRandom::new(seed),
    )
    .unwrap()
}

#[test]
fn issuing() {
    let claims = json!({"a": 1, "b": [2], "c": {"d": "é"}});
    let text = issued(&claims, &["a", "c"], 1);
    let sd_jwt = SdJwt::parse(&text).unwrap();
    assert_eq!(sd_jwt.issuer_jwt().verify(&a_key().public_key(), Algorithm::Es256), Ok(()));
    assert_eq!(sd_jwt.process().map(Value::Object), Ok(claims.clone()));
    let payload = sd_jwt.payload();
    assert_eq!(payload.keys().collect::<Vec<_>>(), ["_sd", "_sd_alg", "b"]);
    assert!(payload["_sd"].as_array().unwrap().is_sorted_by_key(|digest| digest.as_str().unwrap()));
    // Another run has other salts; 128 bits each.
    assert_ne!(text, issued(&claims, &["a", "c"], 2));
    let mut salts = std::collections::BTreeSet::new();
    for seed in 0..8 {
        let text = issued(&claims, &["a", "b", "c"], seed);
        for disclosure in SdJwt::parse(&text).unwrap().disclosures() {
            let items = crate::json::parse(&b64::decode(disclosure.as_str()).unwrap()).unwrap();
            assert_eq!(b64::decode(items[0].as_str().unwrap()).unwrap().len(), 16);
            assert!(salts.insert(items[0].to_string()), "a salt is used twice");
        }
    }
    assert_eq!(salts.len(), 24);
    // Nothing to disclose: no digests (SD-JWT VC draft 13, section 3.2.2.4).
    let plain = issued(&claims, &[], 1);
    assert_eq!(SdJwt::parse(&plain).unwrap().payload(), claims.as_object().unwrap());
    for reserved in [json!({"_sd": []}), json!({"a": {"...": 1}}), json!({"a": [{"_sd_alg": 1}]})] {
        let header = json!({});
        let made = issue(reserved.as_object().unwrap(), |_| true, &header, &a_key(), &SeededRandom::new(1));
        assert_eq!(made, Err(Error::ReservedName));
    }
}

#[test]
fn selecting() {
    let text = issued(&json!({"a": 1, "b": 2, "c": 3}), &["a", "b"], 1);
    let sd_jwt = SdJwt::parse(&text).unwrap();
    let claims = |presentation: &str| Value::Object(SdJwt::parse(presentation).unwrap().process().unwrap());
    assert_eq!(sd_jwt.select(|_| true), text);
    assert_eq!(claims(&sd_jwt.select(|_| false)), json!({"c": 3}));
    assert_eq!(claims(&sd_jwt.select(|name| name == "a")), json!({"a": 1, "c": 3}));
    assert_eq!(claims(&sd_jwt.select_disclosures(|d| d.value() == &json!(2))), json!({"b": 2, "c": 3}));
}

#[test]
fn selecting_takes_what_belongs_together() {
    let (street, street_digest) = disclosure(&json!(["s1", "street", "A"]));
    let (town, town_digest) = disclosure(&json!(["s5", "town", "T"]));
    let (address, address_digest) =
        disclosure(&json!(["s2", "address", { "_sd": [street_digest, town_digest] }]));
    let (name, name_digest) = disclosure(&json!(["s3", "name", "N"]));
    let (inner, inner_digest) = disclosure(&json!(["s4", "name", "I"]));
    let payload = json!({"_sd": [name_digest, address_digest], "plain": {"_sd": [inner_digest]}});
    let sd_jwt = SdJwt::parse(&text(&payload, &[&street, &town, &address, &name, &inner])).unwrap();
    let claims =
        |presentation: String| Value::Object(SdJwt::parse(&presentation).unwrap().process().unwrap());
    let whole_address = json!({"address": {"street": "A", "town": "T"}, "plain": {}});
    assert_eq!(claims(sd_jwt.select(|name| name == "address")), whole_address);
    assert_eq!(claims(sd_jwt.select(|name| name == "street")), json!({"plain": {}}), "not a top-level claim");
    assert_eq!(claims(sd_jwt.select(|name| name == "name")), json!({"name": "N", "plain": {}}));
    assert_eq!(claims(sd_jwt.select(|name| name == "plain")), json!({"plain": {"name": "I"}}));
    let street_only = sd_jwt.select_disclosures(|d| d.name() == Some("street"));
    assert_eq!(claims(street_only), json!({"address": {"street": "A"}, "plain": {}}));
}

proptest! {
    #![proptest_config(seeded(96))]

    #[test]
    fn what_is_issued_is_processed_and_selected(
        claims in prop::collection::btree_map("[a-z_.]{1,8}", crate::json::tests::any_value(), 0..8),
        disclose in any::<u8>(),
        keep in any::<u8>(),
        seed in any::<u64>(),
    ) {
        let claims: Object = claims.into_iter().filter(|(name, _)| name != "..." && name != "_sd").collect();
        let bit = |mask: u8, name: &str| claims.keys().position(|n| n == name).is_some_and(|i| mask >> (i % 8) & 1 == 1);
        let made = issue(&claims, |n| bit(disclose, n), &json!({}), &a_key(), &SeededRandom::new(seed));
        prop_assume!(made != Err(Error::ReservedName));
        let sd_jwt = SdJwt::parse(&made.unwrap()).unwrap();
        let read = |claims: Object| crate::json::canonical(&Value::Object(claims));
        prop_assert_eq!(read(sd_jwt.process().unwrap()), read(claims.clone()));
        let kept = SdJwt::parse(&sd_jwt.select(|n| bit(keep, n))).unwrap().process().unwrap();
        let expected = claims.clone().into_iter().filter(|(n, _)| !bit(disclose, n) || bit(keep, n)).collect();
        prop_assert_eq!(read(kept), read(expected));
    }
}

/// Mutations of the payload and of the disclosures, below the outer form: at least half must get to `process`.
#[test]
fn mutated_texts_are_processed_or_refused() {
    const CASES: usize = 4_000;
    let random = SeededRandom::new(4);
    let (mut parsed, mut processed) = (0, 0);
    for _ in 0..CASES {
        let street = disclosure(&json!(["s1", "street", "A"]));
        let element = disclosure(&json!(["s2", { "k": [1, 2] }]));
        let address =
            json!(["s3", "address", { "_sd": [street.1, "decoy"], "list": [{ "...": element.1 }, 3] }]);
        let mut payload = json!({"_sd_alg": "sha-256", "vct": "v", "exp": 1, "cnf": {"jwk": {"kty": "EC"}}});
        let mut disclosures = [json!(["s1", "street", "A"]), json!(["s2", { "k": [1, 2] }]), address];
        let target = pick(&random, 4);
        if let Some(whole) = disclosures.get_mut(target) {
            let value = whole.as_array_mut().and_then(|items| items.last_mut()).unwrap();
            if pick(&random, 4) == 0 { mutate(whole, &random) } else { mutate(value, &random) }
        }
        // Digests over the mutated disclosures, so that the mutation is reached.
        let digests: Vec<_> = disclosures.iter().map(|d| disclosure(d).1).collect();
        payload["_sd"] = json!([digests[2]]);
        if target < 2 {
            payload["more"] = json!({ "_sd": [digests[0]], "list": [{ "...": digests[1] }] });
        }
        if pick(&random, 3) == 0 {
            mutate(&mut payload, &random);
        }
        let mut texts: Vec<_> = disclosures.iter().map(|d| disclosure(d).0).collect();
        match pick(&random, 8) {
            0 => texts.rotate_left(1),
            1 => texts.push(texts[pick(&random, 3)].clone()),
            2 => drop(texts.remove(pick(&random, 3))),
            _ => {}
        }
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let Ok(sd_jwt) = SdJwt::parse(&text(&payload, &texts)) else { continue };
        parsed += 1;
        processed += usize::from(sd_jwt.process().is_ok());
        let _ = sd_jwt.select(|name| name == "address");
        let _ = sd_jwt.select_disclosures(|d| d.name().is_none());
    }
    println!("{CASES} mutated texts: {parsed} parsed, {processed} processed");
    assert!(parsed * 2 >= CASES, "{parsed} of {CASES} passed the parser");
    assert!(processed > CASES / 20 && processed < parsed, "{processed} of {CASES} were processed");
}
