//! Disclosable parts at any level, from the issuer through the wallet to the verifier; and other keys than P-256.

use crypto::Ed25519SecretKey;

use super::*;
use crate::{
    dcql::ClaimPath,
    jws::Jws,
    sd_jwt::{Decoys, Plan},
    type_metadata::{Chain, Integrity, View},
};

fn paths(values: &Value) -> Vec<ClaimPath> {
    values.as_array().unwrap().iter().map(|path| ClaimPath::from_value(path).unwrap()).collect()
}

fn claims() -> Value {
    json!({
        "given_name": "Amina",
        "address": { "street": "Market Street 42", "town": "Amber" },
        "nationalities": ["UT", "DE"],
        "issuing_country": "UT",
    })
}

fn credential() -> Credential<'static> {
    Credential {
        vct: "urn:eudi:pid:1",
        holder_key: Some(holder_key()),
        claims: claims().as_object().unwrap().clone(),
        ..Credential::default()
    }
}

const BOUND: KeyBindingClaims<'static> =
    KeyBindingClaims { nonce: NONCE, aud: AUD, iat: NOW, transaction_data_hashes: None };

#[test]
fn issued_received_presented_verified() {
    let document = json!({"vct": "urn:eudi:pid:1", "claims": [
        {"path": ["given_name"], "sd": "always", "mandatory": true},
        {"path": ["address", "town"], "sd": "always"},
        {"path": ["nationalities", null], "sd": "always"},
        {"path": ["issuing_country"], "sd": "never", "mandatory": true},
    ]});
    let document = document.to_string();
    let integrity = Integrity::of(document.as_bytes(), HashAlg::Sha256);
    let credential = Credential { vct_integrity: Some(integrity.as_str()), ..credential() };
    let disclosable = json!([
        ["given_name"],
        ["address"],
        ["address", "street"],
        ["address", "town"],
        ["nationalities", null],
    ]);
    let all = paths(&disclosable);
    let plan = Plan { disclosable: &all, hash: HashAlg::Sha384, decoys: Decoys::UpToMultipleOf(4) };
    let made = issue_planned(&credential, &plan, &PARTIES.signer, &SeededRandom::new(18)).unwrap();
    let received = verify_received(&made, &PARTIES.anchors, NOW, Some(&holder_key())).unwrap();
    assert_eq!(Value::Object(received.claims), claims());
    let concrete = json!([
        ["address"],
        ["address", "street"],
        ["address", "town"],
        ["given_name"],
        ["nationalities", 0],
        ["nationalities", 1],
    ]);
    assert_eq!(received.disclosed, paths(&concrete));
    // The type's own rules, found by what the credential says that they hash to.
    let rules = Chain::start(&received.vct, received.vct_integrity.as_deref(), document.as_bytes());
    let rules = rules.unwrap().resolve().unwrap();
    assert_eq!(rules.check(&SdJwt::parse(&made).unwrap(), View::Whole), Ok(()));

    let check = |selected: &Value, expected: &Value, disclosed: &Value| {
        let shown = present_paths(&made, &paths(selected), &BOUND, &PARTIES.holder).unwrap();
        let read = verified(&shown, required(), NOW).unwrap();
        assert_eq!((&Value::Object(read.claims), read.disclosed), (expected, paths(disclosed)));
        assert_eq!(rules.check(&SdJwt::parse(&shown).unwrap(), View::Presented), Ok(()));
    };
    check(&json!([]), &json!({"issuing_country": "UT", "nationalities": []}), &json!([]));
    check(
        &json!([["address", "town"], ["nationalities", 1]]),
        &json!({"issuing_country": "UT", "address": {"town": "Amber"}, "nationalities": ["DE"]}),
        &json!([["address"], ["address", "town"], ["nationalities", 0]]),
    );
    let nowhere = present_paths(&made, &paths(&json!([["height"]])), &BOUND, &PARTIES.holder);
    assert_eq!(nowhere, Err(PresentError::SdJwt(crate::sd_jwt::Error::PathNotFound)));
    let foreign = present_paths(&made, &[], &BOUND, &PARTIES.other);
    assert_eq!(foreign, Err(PresentError::HolderKey));
}

#[test]
fn plans_name_no_claim_of_the_protocol() {
    let issued = |disclosable: Value| {
        let disclosable = paths(&disclosable);
        issue_planned(&credential(), &Plan::new(&disclosable), &PARTIES.signer, &SeededRandom::new(18))
            .map(|_| ())
    };
    assert_eq!(issued(json!([["given_name"]])), Ok(()));
    for name in PROTOCOL {
        assert_eq!(issued(json!([[name]])), Err(IssueError::ReservedClaim), "{name}");
        assert_eq!(issued(json!([[name, "jwk"]])), Err(IssueError::ReservedClaim), "{name}");
    }
}

/// The time of issuance may be disclosable (section 3.2.2.2); it is the protocol's all the same.
#[test]
fn a_disclosed_time_of_issuance_is_no_claim_about_the_person() {
    let mut made = Made::good();
    let iat = made.payload.as_object_mut().unwrap().remove("iat").unwrap();
    made.disclosures.push(json!(["c2FsdDM", "iat", iat]));
    made.digest();
    let read = verified(&made.text(), required(), NOW).unwrap();
    assert_eq!(read.iat, Some(NOW.start_of_day()));
    assert_eq!(read.disclosed, paths(&json!([["age"], ["given_name"]])));
}

/// The certificate's key says which algorithm it is; the header must say the same. Holders' keys stay on P-256.
#[test]
fn ed25519_for_the_issuer() {
    let random = SeededRandom::new(19);
    let [key, other] = std::array::from_fn(|_| Ed25519SecretKey::generate(&random));
    let signer = certified(key, Purpose::CredentialSigning, 300, &PARTIES.root, &PARTIES.root_key);
    let made = issue(&credential(), |_| true, &signer, &SeededRandom::new(20)).unwrap();
    let received = verify_received(&made, &PARTIES.anchors, NOW, Some(&holder_key()));
    assert_eq!(received.map(|_| ()), Ok(()));
    let shown = present(&made, |name| name == "address", &BOUND, &PARTIES.holder).unwrap();
    let code = |text: &str| verified(text, required(), NOW).map(|_| ()).map_err(Refusal::code);
    assert_eq!(code(&shown), Ok(()));
    let (jwt, rest) = shown.split_once('~').unwrap();
    let (header, payload) =
        (Jws::parse(jwt).unwrap().header_value().clone(), Jws::parse(jwt).unwrap().payload);
    let resigned = |signer: &dyn Signer| jws::sign(&header.clone().into(), &payload, signer).unwrap();
    assert_eq!(code(&format!("{}~{rest}", resigned(&other))), Err("issuer_signature"));
    // Another algorithm than the certificate's key has: refused before anything is computed.
    assert_eq!(code(&format!("{}~{rest}", resigned(&PARTIES.other))), Err("alg_mismatch"));
    // The holder's signature by a key of another kind.
    let (bound, binding) = shown.rsplit_once('~').unwrap();
    let binding = Jws::parse(binding).unwrap();
    let by_another = jws::sign(&json!({"typ": KEY_BINDING_TYP}), &binding.payload, &other).unwrap();
    assert_eq!(code(&format!("{bound}~{by_another}")), Err("alg_mismatch"));
    let own = Some(Jwk::from(other.public_key()));
    let bound_to_it =
        issue(&Credential { holder_key: own, ..credential() }, |_| true, &signer, &random).unwrap();
    assert_eq!(code(&bound_to_it), Err("jwk_kty"));
}
