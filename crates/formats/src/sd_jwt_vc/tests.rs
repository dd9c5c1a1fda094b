//! Every refusal stands beside the same credential without the fault, which passes.
//!
//! This file makes the parties and the good credential, and mutates it.

mod issuer;
mod key_binding;
mod nested;
mod wallet;

use std::sync::{Arc, LazyLock};

use base::limits::{CLOCK_SKEW_S, KEY_BINDING_AGE_MAX_S};
use crypto::{HashAlg, SecretKey, SeededRandom, Signer};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    b64,
    json::Object,
    jwk::Jwk,
    jws,
    sd_jwt::SdJwt,
    testing::{mutate, pick, seeded},
    x509::{
        self, CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};

const NOW: Instant = Instant::from_secs(1_795_300_200);
const NONCE: &str = "n-0S6_WzA2Mj";
const AUD: &str = "x509_san_dns:service.example";

/// A state with its root and signer, a holder, and someone else.
struct Parties {
    root: Vec<u8>,
    root_key: SecretKey,
    anchors: TrustAnchors,
    signer: CertifiedSigner,
    holder: SecretKey,
    other: SecretKey,
}

static PARTIES: LazyLock<Parties> = LazyLock::new(|| {
    let random = SeededRandom::new(13);
    let [root_key, key, holder, other] = std::array::from_fn(|_| SecretKey::generate(&random));
    let root = MakeRoot {
        country: "UT".to_owned(),
        organisation: "State of Utopia".to_owned(),
        common_name: "Root".to_owned(),
        path_len: 0,
        days: 3_650,
    };
    let root = make_root(&root, &root_key, &random, NOW).unwrap();
    let signer = certified(key, Purpose::CredentialSigning, 300, &root, &root_key);
    Parties { anchors: TrustAnchors::from_der(&root).unwrap(), root, root_key, signer, holder, other }
});

fn certified(
    key: impl Signer + 'static,
    purpose: Purpose,
    days: i64,
    root: &[u8],
    root_key: &SecretKey,
) -> CertifiedSigner {
    let leaf = MakeLeaf {
        purpose,
        common_name: "Signer".to_owned(),
        organisation: None,
        country: None,
        dns_names: vec!["state.example".to_owned()],
        days,
    };
    let leaf = make_leaf(&leaf, &key.public_key(), root, root_key, &SeededRandom::new(14), NOW).unwrap();
    CertifiedSigner::new(Arc::new(key), vec![leaf]).unwrap()
}

fn holder_key() -> Jwk {
    Jwk::from(PARTIES.holder.public_key())
}

/// An issuer-signed JWT of which a test changes what it likes before it is signed.
#[derive(Clone)]
struct Made {
    header: Value,
    payload: Value,
    disclosures: Vec<Value>,
    key_binding_header: Value,
    key_binding: Value,
}

impl Made {
    fn good() -> Self {
        let iat = NOW.start_of_day().secs();
        let mut made = Self {
            header: json!({ "typ": "dc+sd-jwt", "x5c": PARTIES.signer.x5c() }),
            payload: json!({
                "vct": "urn:eudi:pid:1", "iss": "https://state.example", "iat": iat, "nbf": iat, "exp": iat + 864_000,
                "cnf": { "jwk": holder_key() },
                "status": { "status_list": { "idx": 7, "uri": "https://state.example/status/1" } },
                "issuing_country": "UT",
            }),
            disclosures: vec![json!(["c2FsdDE", "given_name", "Amina"]), json!(["c2FsdDI", "age", 44])],
            key_binding_header: json!({ "typ": "kb+jwt" }),
            key_binding: json!({ "iat": NOW.secs(), "nonce": NONCE, "aud": AUD }),
        };
        made.digest();
        made
    }

    /// Puts the digests of the disclosures where they belong.
    fn digest(&mut self) {
        let digests = self.disclosures.iter().map(|d| b64::encode(&crypto::sha256(encode(d).as_bytes())));
        self.payload["_sd"] = digests.collect();
    }

    fn without_key_binding(&self, signer: &dyn Signer) -> String {
        let jwt = jws::sign(&self.header, self.payload.to_string().as_bytes(), signer).unwrap();
        [jwt].into_iter().chain(self.disclosures.iter().map(encode)).map(|part| part + "~").collect()
    }

    fn text(&self) -> String {
        self.signed(&PARTIES.signer, &PARTIES.holder)
    }

    fn signed(&self, issuer: &dyn Signer, holder: &dyn Signer) -> String {
        let bound = self.without_key_binding(issuer);
        let mut claims = self.key_binding.clone();
        if claims.get("sd_hash").is_none() {
            claims["sd_hash"] = b64::encode(&crypto::sha256(bound.as_bytes())).into();
        }
        bound + &jws::sign(&self.key_binding_header, claims.to_string().as_bytes(), holder).unwrap()
    }
}

fn encode(disclosure: &Value) -> String {
    b64::encode(disclosure.to_string().as_bytes())
}

fn required<'a>() -> KeyBinding<'a> {
    KeyBinding::Required { nonce: NONCE, aud: AUD, transaction_data: TransactionData::default() }
}

fn verified(text: &str, expected: KeyBinding<'_>, now: Instant) -> Result<VerifiedCredential, Refusal> {
    verify(text, &VerifyContext { anchors: &PARTIES.anchors, now, expected })
}

fn check_text(text: &str, expected: Result<(), &str>) {
    assert_eq!(verified(text, required(), NOW).map(|_| ()).map_err(Refusal::code), expected, "{text}");
}

/// Verifies the good credential with a change made; digests are made anew.
fn check(change: impl FnOnce(&mut Made), expected: Result<(), &str>) {
    let mut made = Made::good();
    change(&mut made);
    check_text(&made.text(), expected);
}

fn take(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name);
}

#[test]
fn the_good_one() {
    let read = verified(&Made::good().text(), required(), NOW).unwrap();
    assert_eq!(
        Value::Object(read.claims),
        json!({"issuing_country": "UT", "given_name": "Amina", "age": 44})
    );
    assert_eq!((read.vct.as_str(), read.iss.as_deref()), ("urn:eudi:pid:1", Some("https://state.example")));
    assert_eq!(read.issuer.organisation.as_deref(), Some("State of Utopia"));
    assert_eq!(read.status, Some(StatusRef { uri: "https://state.example/status/1".to_owned(), idx: 7 }));
    assert_eq!(read.holder_key, Some(holder_key()));
    let iat = Some(NOW.start_of_day());
    assert_eq!((read.iat, read.nbf, read.exp), (iat, iat, iat.map(|iat| iat.plus_secs(864_000))));
    let key_binding = read.key_binding.unwrap();
    assert_eq!((key_binding.nonce.as_str(), key_binding.aud.as_str(), key_binding.iat), (NONCE, AUD, NOW));
    assert!(key_binding.transaction_data_hashes.is_empty());
    // Without a requirement the key-binding JWT is not looked at, and not claimed to have been.
    let read = verified(&Made::good().text(), KeyBinding::None, NOW).unwrap();
    assert_eq!(read.key_binding, None);
    let read = verified(&Made::good().without_key_binding(&PARTIES.signer), KeyBinding::None, NOW).unwrap();
    assert_eq!(read.key_binding, None);
    check_text(&Made::good().without_key_binding(&PARTIES.signer), Err("key_binding_missing"));
}

/// Mutations that the issuer and the holder sign, so that they get past the signatures.
#[test]
fn mutated_presentations_are_verified_or_refused() {
    const CASES: usize = 1_500;
    let random = SeededRandom::new(18);
    let mut codes = std::collections::BTreeMap::<&str, usize>::new();
    let mut parsed = 0;
    for _ in 0..CASES {
        let mut made = Made::good();
        match pick(&random, 6) {
            0 => mutate(&mut made.header["x5c"], &random),
            1 => mutate(&mut made.disclosures[0][2], &random),
            2 => mutate(&mut made.key_binding, &random),
            _ => {}
        }
        if pick(&random, 3) > 0 {
            made.digest();
        }
        if pick(&random, 2) == 0 {
            mutate(&mut made.payload, &random);
        }
        if !(made.payload.is_object() && made.key_binding.is_object()) {
            continue;
        }
        let text = made.text();
        parsed += usize::from(SdJwt::parse(&text).is_ok());
        let code = verified(&text, required(), NOW).map_or_else(Refusal::code, |_| "verified");
        *codes.entry(code).or_default() += 1;
    }
    println!("{CASES} mutated presentations, {parsed} parsed: {codes:?}");
    assert!(parsed * 2 >= CASES, "{parsed} of {CASES} passed the parser");
    assert!(codes.len() >= 12, "{codes:?}");
}

/// Characters changed in a good presentation: nothing but the good one verifies.
#[test]
fn a_changed_character_is_noticed() {
    let random = SeededRandom::new(19);
    let text = Made::good().text();
    check_text(&text, Ok(()));
    let alphabet = "ABab01-_.~";
    for _ in 0..300 {
        let at = pick(&random, text.len());
        let by = pick(&random, alphabet.len());
        let changed = format!("{}{}{}", &text[..at], &alphabet[by..=by], &text[at + 1..]);
        if changed != text {
            assert!(verified(&changed, required(), NOW).is_err(), "{at}: {changed}");
        }
    }
}
