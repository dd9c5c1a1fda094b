//! An issuer in one line, with its own database, a clock set by hand and seeded randomness, called through its router.

mod clock;
mod copies;
mod edges;
mod instances;
mod issuers;
mod life;
mod limits;
mod metadata;
mod notify;
mod refresh;
mod refusals;
mod restored;
mod rotation;
mod seeded;
mod staff;
mod status;
mod ten;
mod types;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use ::store::{Store, Tx};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
};
use base::{Clock, Instant, Lang, Texts, time::ManualClock};
use crypto::{SecretKey, SeededRandom, Signer};
use formats::{
    vci::{GRANT_PRE_AUTHORIZED_CODE, proof},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};
use serde_json::{Map, Value, json};

use crate::{Issuer, IssuerConfig, PersonId, Subjects, Types, issuer::AttributesFuture};

pub(crate) const IDENTIFIER: &str = "http://localhost:8000";
pub(crate) const ANA: PersonId = PersonId::from_i64(0x0a11);
/// A person of whom the register does not know enough for a PID.
pub(crate) const BO: PersonId = PersonId::from_i64(0x0b0b);

/// A register in memory.
pub(crate) struct People(pub(crate) Mutex<BTreeMap<PersonId, Map<String, Value>>>);

impl Subjects for People {
    fn attributes<'a>(&'a self, _: &'a mut Tx<'_>, person: PersonId) -> AttributesFuture<'a> {
        let found = self.0.lock().unwrap().get(&person).cloned();
        Box::pin(async move { Ok(found) })
    }
}

pub(crate) struct App {
    pub(crate) issuer: Issuer,
    pub(crate) router: Router,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) people: Arc<People>,
    pub(crate) anchors: TrustAnchors,
    pub(crate) store: Store,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// Status and the protocol's or our own error code.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let code = body.get("error").or_else(|| body.get("code")).and_then(Value::as_str).unwrap_or_default();
        (self.status, code.to_owned())
    }
}

pub(crate) fn key(seed: u64) -> SecretKey {
    SecretKey::generate(&SeededRandom::new(seed))
}

/// A leaf, valid for `days`, under a root; their keys by their seeds.
pub(crate) fn signer(now: Instant, root: u64, leaf: u64, days: i64) -> (CertifiedSigner, TrustAnchors) {
    let random = SeededRandom::new(1);
    let (root_key, leaf_key) = (key(root), key(leaf));
    let root = MakeRoot {
        country: "UT".into(),
        organisation: "Utopia".into(),
        common_name: "Utopia Root".into(),
        path_len: 0,
        days: 3650,
    };
    let root = make_root(&root, &root_key, &random, now).unwrap();
    let leaf = MakeLeaf {
        purpose: Purpose::CredentialSigning,
        common_name: "Utopia credentials".into(),
        organisation: None,
        country: None,
        dns_names: vec!["localhost".into()],
        days,
    };
    let leaf = make_leaf(&leaf, &leaf_key.public_key(), &root, &root_key, &random, now).unwrap();
    (CertifiedSigner::new(Arc::new(leaf_key), vec![leaf]).unwrap(), TrustAnchors::from_der(&root).unwrap())
}

pub(crate) fn config(identifier: &str, now: Instant) -> (IssuerConfig, TrustAnchors) {
    let (signer, anchors) = signer(now, 2, 3, 397);
    let name: BTreeMap<_, _> = Lang::ALL.into_iter().map(|l| (l, format!("Utopia ({l})"))).collect();
    let config = IssuerConfig {
        identifier: identifier.into(),
        handle: String::new(),
        name: Texts::try_from(name).unwrap(),
        authority: "Civil Registry of Utopia".into(),
        country: "UT".into(),
        signer,
        retired_signers: Vec::new(),
        server_secret: [7; 32],
        types: Types::embedded().unwrap(),
        status_ttl_s: 0,
        staff: web::fixture::staff("amina", "staff"),
    };
    (config, anchors)
}

pub(crate) fn app(store: Store) -> App {
    app_at(store, IDENTIFIER, 5)
}

pub(crate) fn app_at(store: Store, identifier: &str, seed: u64) -> App {
    app_with(store, identifier, seed, |_| {})
}

pub(crate) fn app_with(
    store: Store,
    identifier: &str,
    seed: u64,
    change: impl FnOnce(&mut IssuerConfig),
) -> App {
    let clock = Arc::new(ManualClock::new(Instant::parse_rfc3339("2026-11-21T10:30:15Z").unwrap()));
    let (mut config, anchors) = config(identifier, clock.now());
    change(&mut config);
    let ana = json!({
        "family_name": "Lima", "given_name": "Ana", "birthdate": "1990-05-17", "nationalities": ["UT"],
        "place_of_birth": { "locality": "Port Amity", "country": "UT" }, "sex": 2,
        "address": { "formatted": "1 Quay, Port Amity" }, "personal_administrative_number": "A-1",
    });
    let bo = json!({ "family_name": "Ek", "given_name": "Bo", "birthdate": "1980-01-02" });
    let object = |v: Value| v.as_object().unwrap().clone();
    let people = Arc::new(People(Mutex::new(BTreeMap::from([(ANA, object(ana)), (BO, object(bo))]))));
    let random = Arc::new(SeededRandom::new(seed));
    let issuer = Issuer::new(config, store.clone(), clock.clone(), random, people.clone()).unwrap();
    App { router: issuer.router(), issuer, clock, people, anchors, store }
}

/// What a diploma's form needs.
pub(crate) fn diploma_form() -> Value {
    json!({ "degree": "Master", "field_of_study": "Hydrology", "institution": "University of Utopia", "awarded_on": "2024-06-30" })
}

impl App {
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let answer = web::fixture::sent(&self.router, request).await;
        Answer { status: answer.status.as_u16(), headers: answer.headers, text: answer.text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    pub(crate) async fn staff_get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("authorization", "Bearer staff")], "").await
    }

    pub(crate) async fn staff_post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("authorization", "Bearer staff"), ("content-type", "application/json")];
        self.send("POST", path, &headers, &body.to_string()).await
    }

    /// Offers a PID to Ana.
    pub(crate) async fn offer(&self, tx_code: bool) -> Value {
        let answer = self
            .staff_post("/staff/v1/offers", &json!({ "person": ANA, "type": "pid", "tx_code": tx_code }))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }

    pub(crate) async fn token(&self, pairs: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.send("POST", "/token", &[("content-type", "application/x-www-form-urlencoded")], &form).await
    }

    pub(crate) async fn redeem(&self, offer: &Value) -> Answer {
        let mut pairs =
            vec![("grant_type", GRANT_PRE_AUTHORIZED_CODE), ("pre-authorized_code", code_of(offer))];
        if let Some(tx_code) = offer["tx_code"].as_str() {
            pairs.push(("tx_code", tx_code));
        }
        self.token(&pairs).await
    }

    /// The token of a new offer.
    pub(crate) async fn access_token(&self) -> String {
        let offer = self.offer(true).await;
        self.redeem(&offer).await.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn nonce(&self) -> String {
        let answer = self.send("POST", "/nonce", &[], "").await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
        answer.json()["c_nonce"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn proof(&self, key: &SecretKey) -> String {
        proof::build(key, IDENTIFIER, Some(&self.nonce().await), self.clock.now()).unwrap()
    }

    pub(crate) async fn credential(&self, access_token: &str, body: &Value) -> Answer {
        let authorization = format!("Bearer {access_token}");
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        self.send("POST", "/credential", &headers, &body.to_string()).await
    }

    /// Fetches a credential for this key; answers its text.
    pub(crate) async fn fetched(&self, access_token: &str, key: &SecretKey) -> String {
        let proof = self.proof(key).await;
        let answer = self.credential(access_token, &request("pid", &[&proof])).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["credentials"][0]["credential"].as_str().unwrap().to_owned()
    }

    /// How many credentials Ana has, according to the register of credentials.
    pub(crate) async fn kept(&self) -> usize {
        let answer = self.staff_get(&format!("/staff/v1/credentials?person={ANA}")).await;
        answer.json()["credentials"].as_array().unwrap().len()
    }
}

pub(crate) fn code_of(offer: &Value) -> &str {
    offer["credential_offer"]["grants"][GRANT_PRE_AUTHORIZED_CODE]["pre-authorized_code"].as_str().unwrap()
}

pub(crate) fn request(configuration: &str, proofs: &[&str]) -> Value {
    json!({ "credential_configuration_id": configuration, "proofs": { "jwt": proofs } })
}
