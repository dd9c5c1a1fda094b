//! `sd-jwt` of the Python Package Index, the reference implementation, as issuer, holder and verifier against ours: see `judges/python`.

#[path = "../../../../judges/python/environment.rs"]
mod environment;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
};

use base::Instant;
use crypto::{Algorithm, HashAlg, Random, SecretKey, SeededRandom, Signer as _};
use serde_json::{Value, json};

use self::environment::{PYTHON, root};
use super::{
    Decoys, Plan, SdJwt, issue_planned,
    tests::nested::{parts, paths, some},
};
use crate::{
    b64,
    dcql::{ClaimPath, PathPart},
    jwk::Jwk,
    sd_jwt_vc::{self, Credential, KeyBinding, KeyBindingClaims, TransactionData, VerifyContext},
    status_list::{Bits, Status, StatusList},
    testing::pick,
    x509::{
        CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};

const MINIMUMS: &str = include_str!("../../../../judges/python/minimums.json");
const NONCE: &str = "n-0S6_WzA2Mj";
const AUD: &str = "x509_san_dns:service.example";

/// The library in a process of its own.
struct Python {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    test: &'static str,
    cases: u64,
}

impl Python {
    fn start(test: &'static str) -> Self {
        let mut process = Command::new(&*PYTHON)
            .arg(root().join("judges/python/sd_jwt_judge.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, to, from: BufReader::new(from), test, cases: 0 }
    }

    /// What it answers, or why it refuses.
    fn ask(&mut self, task: &Value) -> Result<Value, String> {
        writeln!(self.to, "{task}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        if answer["ok"] == json!(true) { Ok(answer) } else { Err(answer["error"].to_string()) }
    }

    fn text(&mut self, task: &Value) -> String {
        self.ask(task).unwrap()["sd_jwt"].as_str().unwrap().to_owned()
    }

    /// One case is done.
    fn count(&mut self) {
        self.cases += 1;
    }

    /// Says how many cases there were, of which none may go missing.
    fn finish(self) {
        let Self { mut process, to, test, cases, .. } = self;
        drop(to);
        assert!(process.wait().unwrap().success());
        let minimums: Value = serde_json::from_str(MINIMUMS).unwrap();
        let minimum = minimums[test].as_u64().unwrap();
        println!("{test}: {cases} cases, of at least {minimum}");
        assert!(cases >= minimum, "{test}: {cases} cases of at least {minimum}");
    }
}

fn a_key(seed: u64) -> SecretKey {
    SecretKey::generate(&SeededRandom::new(seed))
}

fn public(key: &SecretKey) -> Value {
    Jwk::from(key.public_key()).to_value()
}

fn private(key: &SecretKey) -> Value {
    let mut jwk = public(key);
    jwk["d"] = b64::encode(&*key.to_scalar()).into();
    jwk
}

/// Claims of every structure, and what is disclosable in them.
fn structures() -> Vec<(Value, Vec<ClaimPath>)> {
    let person = json!({
        "sub": "person", "given_name": "Amína", "age": 44, "is_adult": true, "nothing": null, "height": 1.68,
        "address": { "street": "Market Street 42", "town": { "name": "Amber", "code": "1" }, "country": "UT" },
        "nationalities": ["UT", "DE", "FR"],
        "degrees": [
            { "type": "Bachelor", "of": "Law", "marks": [1, [2, 3]] },
            { "type": "Master", "of": "History", "marks": [] },
        ],
        "empty": {},
    });
    let disclosable = [
        json!([]),
        json!([["given_name"], ["age"], ["nothing"], ["height"], ["empty"]]),
        json!([["address"]]),
        json!([["address", "street"], ["address", "country"]]),
        json!([["address"], ["address", "street"], ["address", "country"]]),
        json!([["address"], ["address", "town"], ["address", "town", "name"]]),
        json!([["nationalities", null]]),
        json!([["nationalities", 1]]),
        json!([["nationalities"], ["nationalities", null]]),
        json!([["degrees", null], ["degrees", null, "of"]]),
        json!([["degrees", 0, "marks"], ["degrees", 0, "marks", 1], ["degrees", 0, "marks", 1, null]]),
        json!([["degrees"], ["degrees", null], ["degrees", null, "marks", null], ["sub"]]),
    ];
    let typed = disclosable.iter().map(|disclosable| (person.clone(), paths(disclosable)));
    // And what nobody thought of.
    let random = SeededRandom::new(9901);
    let grown = (0..40).map(|_| {
        let claims = json!({ "a": grow(&random, 4), "b": grow(&random, 3), "c": grow(&random, 2) });
        let disclosable = some(&parts(&claims), 2, &random);
        (claims, disclosable.into_iter().map(ClaimPath::from_parts).collect())
    });
    typed.chain(grown).collect()
}

/// Any JSON, at most `levels` deep.
fn grow(random: &dyn Random, levels: usize) -> Value {
    let count = pick(random, 4);
    match pick(random, if levels == 0 { 4 } else { 8 }) {
        0 => json!("é😀\"\\ ~"),
        1 => json!(-7),
        2 => json!(true),
        3 => json!(null),
        4 | 5 => (0..count).map(|_| grow(random, levels - 1)).collect(),
        _ => (0..count).map(|i| (format!("m{i}"), grow(random, levels - 1))).collect(),
    }
}

fn issued(claims: &Value, plan: &Plan<'_>, key: &SecretKey, seed: u64) -> SdJwt {
    let claims = claims.as_object().unwrap();
    let header = json!({"typ": "example+sd-jwt"});
    let text = issue_planned(claims, plan, &header, key, &SeededRandom::new(seed)).unwrap();
    SdJwt::parse(&text).unwrap()
}

fn processed(text: &str, key: &SecretKey) -> Value {
    let sd_jwt = SdJwt::parse(text).unwrap();
    assert_eq!(sd_jwt.issuer_jwt().verify(&key.public_key(), Algorithm::Es256), Ok(()));
    Value::Object(sd_jwt.process().unwrap())
}

#[test]
fn python_verifies_ours() {
    let mut python = Python::start("python_verifies_ours");
    let key = a_key(1);
    for (seed, (claims, disclosable)) in (0..).zip(structures()) {
        for hash in HashAlg::ALL {
            let decoys = [Decoys::None, Decoys::Between(1, 3), Decoys::UpToMultipleOf(4)];
            for decoys in decoys.into_iter().skip(usize::from(seed >= 12) * 2) {
                let plan = Plan { disclosable: &disclosable, hash, decoys };
                let sd_jwt = issued(&claims, &plan, &key, seed);
                let mut check = |text: &str, expected: &Value| {
                    let task =
                        json!({"do": "verify", "hash": hash.name(), "sd_jwt": text, "key": public(&key)});
                    let seen = python.ask(&task).unwrap();
                    assert_eq!(&seen["claims"], expected, "{text}");
                    assert_eq!(&processed(text, &key), expected, "{text}");
                    python.count();
                };
                check(sd_jwt.as_str(), &claims);
                // What a holder of ours shows: nothing, and each disclosable part for itself.
                let nothing = sd_jwt.select_paths(&[]).unwrap();
                check(&nothing, &processed(&nothing, &key));
                for path in &disclosable {
                    let shown = sd_jwt.select_paths(std::slice::from_ref(path)).unwrap();
                    check(&shown, &processed(&shown, &key));
                }
            }
        }
    }
    python.finish();
}

/// What is to be shown, as the library's holder wants to be told: the shape of the claims, with `true` for a value,
/// null for an element that stays hidden, and without members that do.
fn shown_by_python(value: &Value, here: &[PathPart], selected: &dyn Fn(&[PathPart]) -> bool) -> Value {
    let into = |part: PathPart, value: &Value| {
        let there = [here, &[part]].concat();
        selected(&there).then(|| shown_by_python(value, &there, selected))
    };
    match value {
        Value::Object(members) if !members.is_empty() => members
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), into(PathPart::Key(name.clone()), value)?)))
            .collect(),
        Value::Array(items) if !items.is_empty() => {
            (0..).zip(items).map(|(i, value)| json!(into(PathPart::Index(i), value))).collect()
        }
        _ => json!(true),
    }
}

#[test]
fn ours_verifies_python() {
    let mut python = Python::start("ours_verifies_python");
    let key = a_key(2);
    let random = SeededRandom::new(2);
    for (claims, disclosable) in structures() {
        for hash in HashAlg::ALL {
            let paths: Vec<_> = disclosable.iter().map(ClaimPath::to_value).collect();
            let text = python.text(&json!({
                "do": "issue", "hash": hash.name(), "claims": claims, "paths": paths, "key": private(&key),
                "decoys": pick(&random, 2) == 0, "header": {},
            }));
            assert_eq!(processed(&text, &key), claims);
            python.count();
            // What its holder shows, ours reads as its verifier does; and what ours selects is the same.
            let all = parts(&claims);
            let selected = some(&all, 3, &random);
            let is_selected =
                |there: &[PathPart]| selected.iter().any(|s| s.starts_with(there) || there.starts_with(s));
            let select = shown_by_python(&claims, &[], &is_selected);
            let shown = python.text(&json!({
                "do": "present", "hash": hash.name(), "sd_jwt": text, "select": select,
            }));
            let task = json!({"do": "verify", "hash": hash.name(), "sd_jwt": shown, "key": public(&key)});
            let seen = python.ask(&task).unwrap();
            assert_eq!(processed(&shown, &key), seen["claims"]);
            let selected: Vec<_> = selected.iter().cloned().map(ClaimPath::from_parts).collect();
            let ours = SdJwt::parse(&text).unwrap().select_paths(&selected).unwrap();
            assert_eq!(processed(&ours, &key), seen["claims"]);
            python.count();
        }
    }
    python.finish();
}

/// Everything that the library checks; each beside the text that both accept.
#[test]
fn both_refuse() {
    let mut python = Python::start("both_refuse");
    let key = a_key(3);
    let claims = json!({"name": "Amina", "nationalities": ["UT", "DE"], "address": {"town": "Amber"}});
    let disclosable = paths(&json!([["name"], ["nationalities", null], ["address", "town"]]));
    let good = issued(&claims, &Plan::new(&disclosable), &key, 3);
    let first = good.disclosures().first().unwrap().as_str().to_owned();
    let signed = |payload: &Value, disclosures: &[&str]| {
        let jwt = crate::jws::sign(&json!({}), payload.to_string().as_bytes(), &key).unwrap();
        [&[jwt.as_str()], disclosures, &[""]].concat().join("~")
    };
    let of = |items: Value| {
        let text = b64::encode(items.to_string().as_bytes());
        let digest = b64::encode(&crypto::sha256(text.as_bytes()));
        (text, digest)
    };
    let (name, digest) = of(json!(["salt", "name", "Amina"]));
    let (element, element_digest) = of(json!(["salt", "UT"]));
    let mut check = |text: &str, expected: Result<(), &str>| {
        let ours = SdJwt::parse(text).and_then(|sd_jwt| {
            let signature = sd_jwt.issuer_jwt().verify(&key.public_key(), Algorithm::Es256);
            signature.map_err(super::Error::IssuerJwt)?;
            sd_jwt.process()
        });
        assert_eq!(ours.map(|_| ()).map_err(super::Error::code), expected, "{text}");
        let task = json!({"do": "verify", "hash": "sha-256", "sd_jwt": text, "key": public(&key)});
        assert_eq!(python.ask(&task).is_ok(), expected.is_ok(), "{text}");
        python.count();
    };
    check(good.as_str(), Ok(()));
    check(&good.as_str().replacen('~', "AA~", 1), Err("signature"));
    check(&format!("{}{first}~", good.as_str()), Err("disclosure_repeated"));
    check(&signed(&json!({"_sd": [digest], "a": [{"...": element_digest}]}), &[&name, &element]), Ok(()));
    check(&signed(&json!({"_sd": [digest], "name": 1}), &[&name]), Err("claim_shadowed"));
    check(&signed(&json!({"_sd": [digest], "a": {"_sd": [digest]}}), &[&name]), Err("digest_repeated"));
    check(&signed(&json!({"_sd": [element_digest]}), &[&element]), Err("disclosure_arity"));
    check(&signed(&json!({"a": [{"...": digest}]}), &[&name]), Err("disclosure_arity"));
    check(&signed(&json!({"_sd_alg": "md5", "_sd": [digest]}), &[&name]), Err("sd_alg"));
    let (malformed, malformed_digest) = of(json!(["salt"]));
    check(&signed(&json!({"_sd": [malformed_digest]}), &[&malformed]), Err("disclosure_malformed"));
    python.finish();
}

fn certified(now: Instant) -> (CertifiedSigner, SecretKey, TrustAnchors) {
    let random = SeededRandom::new(13);
    let [root_key, key] = std::array::from_fn(|_| SecretKey::generate(&random));
    let root = MakeRoot {
        country: "UT".to_owned(),
        organisation: "State of Utopia".to_owned(),
        common_name: "Root".to_owned(),
        path_len: 0,
        days: 3_650,
    };
    let root = make_root(&root, &root_key, &random, now).unwrap();
    let leaf = MakeLeaf {
        purpose: Purpose::CredentialSigning,
        common_name: "Signer".to_owned(),
        organisation: None,
        country: None,
        dns_names: vec!["state.example".to_owned()],
        days: 300,
    };
    let leaf = make_leaf(&leaf, &key.public_key(), &root, &root_key, &random, now).unwrap();
    let again = SecretKey::from_scalar(&key.to_scalar()).unwrap();
    (CertifiedSigner::new(Arc::new(key), vec![leaf]).unwrap(), again, TrustAnchors::from_der(&root).unwrap())
}

/// Issuer and holder of one side, verifier of the other, with key binding; ours as SD-JWT VC, `x5c` and all.
#[test]
fn both_bind_keys() {
    let mut python = Python::start("both_bind_keys");
    // Its holder signs with the time that it is, so everything is of now.
    let now = python.ask(&json!({"do": "now"})).unwrap()["now"].as_i64().unwrap();
    let now = Instant::from_secs(now);
    let (signer, signer_key, anchors) = certified(now);
    let holder = a_key(5);
    let claims =
        json!({"name": "Amina", "address": {"town": "Amber", "street": "S"}, "nationalities": ["UT", "DE"]});
    let disclosable = paths(&json!([
        ["name"],
        ["address"],
        ["address", "town"],
        ["address", "street"],
        ["nationalities", null]
    ]));
    let selected = paths(&json!([["address", "town"], ["nationalities", 1]]));
    let expected = json!({"address": {"town": "Amber"}, "nationalities": ["DE"]});
    for hash in HashAlg::ALL {
        // Ours is presented to theirs.
        let credential = Credential {
            vct: "urn:eudi:pid:1",
            holder_key: Some(Jwk::from(holder.public_key())),
            claims: claims.as_object().unwrap().clone(),
            ..Credential::default()
        };
        let plan = Plan { disclosable: &disclosable, hash, decoys: Decoys::Between(1, 2) };
        let issued = sd_jwt_vc::issue_planned(&credential, &plan, &signer, &SeededRandom::new(6)).unwrap();
        let bound = KeyBindingClaims { nonce: NONCE, aud: AUD, iat: now, transaction_data_hashes: None };
        let shown = sd_jwt_vc::present_paths(&issued, &selected, &bound, &holder).unwrap();
        let mut asks = |nonce: &str, aud: &str, sd_jwt: &str| {
            python.count();
            python.ask(&json!({
                "do": "verify", "hash": hash.name(), "sd_jwt": sd_jwt, "key": public(&signer_key),
                "nonce": nonce, "aud": aud,
            }))
        };
        let seen = asks(NONCE, AUD, &shown).unwrap();
        for name in ["address", "nationalities"] {
            assert_eq!(seen["claims"][name], expected[name]);
        }
        assert!(seen["claims"].get("name").is_none());
        assert!(asks("another", AUD, &shown).is_err());
        assert!(asks(NONCE, "another", &shown).is_err());
        let (rest, binding) = shown.rsplit_once('~').unwrap();
        let (less, _) = rest.rsplit_once('~').unwrap();
        assert!(asks(NONCE, AUD, &format!("{less}~{binding}")).is_err(), "another sd_hash");

        // Theirs is presented to ours.
        let mut with_type = claims.clone();
        with_type["vct"] = "urn:eudi:pid:1".into();
        let issued = python.text(&json!({
            "do": "issue", "hash": hash.name(), "claims": with_type, "key": private(&signer_key), "decoys": true,
            "paths": disclosable.iter().map(ClaimPath::to_value).collect::<Vec<_>>(),
            "holder_key": private(&holder), "header": { "typ": sd_jwt_vc::TYP, "x5c": signer.x5c() },
        }));
        let shown = python.text(&json!({
            "do": "present", "hash": hash.name(), "sd_jwt": issued, "nonce": NONCE, "aud": AUD,
            "select": { "address": { "town": true }, "nationalities": [false, true] }, "holder_key": private(&holder),
        }));
        let verify = |nonce| {
            let transaction_data = TransactionData::default();
            let expected = KeyBinding::Required { nonce, aud: AUD, transaction_data };
            sd_jwt_vc::verify(&shown, &VerifyContext { anchors: &anchors, now, expected })
        };
        let verified = verify(NONCE).unwrap();
        assert_eq!(Value::Object(verified.claims), expected);
        let disclosed = json!([["address"], ["address", "town"], ["nationalities", 0]]);
        assert_eq!(verified.disclosed, paths(&disclosed));
        assert_eq!(verify("another").map(|_| ()).map_err(sd_jwt_vc::Refusal::code), Err("nonce"));
        python.count();
    }
    python.finish();
}

#[test]
fn both_read_status_lists() {
    let mut python = Python::start("both_read_status_lists");
    let random = SeededRandom::new(8);
    for bits in [Bits::One, Bits::Two, Bits::Four, Bits::Eight] {
        for (entries, one_in) in [(8, 1), (64, 2), (4_096, 50), (1 << 15, 1)] {
            let most = 1_usize << bits.count();
            let value = |_| if pick(&random, one_in) == 0 { pick(&random, most) } else { 0 };
            let values: Vec<usize> = (0..entries).map(value).collect();
            let mut list = StatusList::new(bits, entries);
            for (idx, value) in (0..).zip(&values) {
                list.set(idx, Status::from(u8::try_from(*value).unwrap())).unwrap();
            }
            let ours = json!({"do": "values_of", "bits": bits.count(), "lst": list.to_lst()});
            assert_eq!(python.ask(&ours).unwrap()["values"], json!(values));
            python.count();
            let theirs =
                json!({"do": "lst_of", "bits": bits.count(), "values": values, "level": pick(&random, 10)});
            let theirs = python.ask(&theirs).unwrap();
            assert!(StatusList::from_lst(bits, theirs["lst"].as_str().unwrap()) == Ok(list));
            python.count();
        }
    }
    python.finish();
}
