//! A made-up country for tests: real certificates and signatures, an issuer and an asker that answer requests.

use std::{cell::RefCell, collections::BTreeMap};

use base::Instant;
use crypto::{PassphraseParams, SecretKey, SeededRandom, Signer};
use formats::{
    dcql::ClaimPath,
    fixture::Party,
    jwk::Jwk,
    sd_jwt::Plan,
    sd_jwt_vc::{self, Credential},
    vci::proof,
    x509::{CertifiedSigner, Purpose},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    contents::{CardId, Trust, Wallet},
    http::{FORM, JSON, Method, Request, Response},
    issuance::{self, Issuance},
    step::{Context, Event, Step},
};

pub(crate) const ISSUER: &str = "https://issuer.example/state";
pub(crate) const PID: &str = "urn:eudi:pid:1";
/// The cheapest parameters that there are: tests try many.
pub(crate) const CHEAP: PassphraseParams = PassphraseParams { memory_kib: 8, passes: 1, lanes: 1 };

pub(crate) fn now() -> Instant {
    Instant::from_secs(1_795_300_200)
}

pub(crate) fn party(seed: u64) -> Party {
    Party::new(seed, now())
}

pub(crate) fn wallet() -> Wallet {
    Wallet::new(Trust { issuers: vec![party(1).pem()], askers: vec![party(2).pem()] })
}

pub(crate) fn context<'a>(wallet: &'a Wallet, random: &'a SeededRandom) -> Context<'a> {
    Context { wallet, now: now(), random, insecure_loopback: false }
}

/// What an issuer puts into the credentials and says on its way there. Every field can be spoilt.
pub(crate) struct State {
    pub(crate) offer: Value,
    pub(crate) metadata: Value,
    pub(crate) server: Value,
    pub(crate) token: (u16, String),
    pub(crate) nonce: (u16, Value),
    pub(crate) media_type: &'static str,
    pub(crate) signer: CertifiedSigner,
    pub(crate) vct: &'static str,
    /// `vct#integrity`.
    pub(crate) integrity: Option<String>,
    /// What is published at the type's address.
    pub(crate) published: Option<(u16, String)>,
    pub(crate) exp: Instant,
    pub(crate) claims: Value,
    /// Paths of what can be disclosed on its own; if none, everything at the top but `sex`.
    pub(crate) disclosable: Option<Value>,
    /// The first so many credential requests are refused with this code.
    pub(crate) refusals: (usize, &'static str),
    /// Changes the credentials that are about to be delivered.
    pub(crate) spoil: fn(Vec<String>, &CertifiedSigner) -> Value,
    pub(crate) foreign_key: bool,
    /// A claim in which each copy of a batch says something else; none if empty.
    pub(crate) differing: &'static str,
    /// What was asked: method and address, in order.
    pub(crate) asked: RefCell<Vec<String>>,
    pub(crate) token_forms: RefCell<Vec<String>>,
}

pub(crate) fn delivery(credentials: Vec<String>, _: &CertifiedSigner) -> Value {
    json!({ "credentials": credentials.into_iter().map(|c| json!({ "credential": c })).collect::<Vec<_>>() })
}

impl State {
    pub(crate) fn new() -> Self {
        let configuration = json!({
            "format": "dc+sd-jwt", "vct": PID, "scope": "pid",
            "cryptographic_binding_methods_supported": ["jwk"],
            "credential_signing_alg_values_supported": ["ES256"],
            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
            "credential_metadata": {
                "display": [{ "name": "Identity card", "locale": "en" }, { "name": "Carte d'identité", "locale": "fr" }],
                "claims": [{ "path": ["family_name"], "display": [{ "name": "Family name", "locale": "en" }] },
                           { "path": ["birthdate"], "display": [{ "name": "Date of birth", "locale": "en" }] }],
            },
        });
        Self {
            offer: json!({
                "credential_issuer": ISSUER, "credential_configuration_ids": ["pid"],
                "grants": { "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
                    "pre-authorized_code": "code-1", "tx_code": { "length": 6 } } },
            }),
            metadata: json!({
                "credential_issuer": ISSUER,
                "credential_endpoint": "https://issuer.example/credential",
                "nonce_endpoint": "https://issuer.example/nonce",
                "display": [{ "name": "The State", "locale": "en" }],
                "credential_configurations_supported": { "pid": configuration },
            }),
            server: json!({ "issuer": ISSUER, "token_endpoint": "https://issuer.example/token" }),
            token: (200, json!({ "access_token": "token-1", "token_type": "Bearer" }).to_string()),
            nonce: (200, json!({ "c_nonce": "nonce-1" })),
            media_type: JSON,
            signer: party(1).leaf(Purpose::CredentialSigning, &[], now(), 300),
            vct: PID,
            integrity: None,
            published: None,
            exp: now().plus_secs(86_400),
            claims: json!({ "family_name": "Évora", "given_name": "Nerida", "birthdate": "1994-03-08", "sex": 2 }),
            disclosable: None,
            refusals: (0, "invalid_nonce"),
            spoil: delivery,
            foreign_key: false,
            differing: "",
            asked: RefCell::default(),
            token_forms: RefCell::default(),
        }
    }

    pub(crate) fn link(&self) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("credential_offer", &self.offer.to_string())
            .finish();
        format!("openid-credential-offer://?{query}")
    }

    pub(crate) fn answer(&self, request: &Request) -> Response {
        let method = if request.method == Method::Get { "GET" } else { "POST" };
        self.asked.borrow_mut().push(format!("{method} {}", request.url));
        let (status, body) = match request.url.path() {
            "/offers/1" => (200, self.offer.to_string()),
            "/.well-known/openid-credential-issuer/state" => (200, self.metadata.to_string()),
            "/.well-known/oauth-authorization-server/state" => (200, self.server.to_string()),
            "/token" => {
                assert_eq!(request.content_type, Some(FORM));
                self.token_forms.borrow_mut().push(String::from_utf8(request.body.to_vec()).unwrap());
                self.token.clone()
            }
            "/nonce" => (self.nonce.0, self.nonce.1.to_string()),
            "/credential" => self.issue(request),
            "/pid" => self.published.clone().unwrap_or((404, String::new())),
            _ => (404, String::new()),
        };
        Response { status, content_type: self.media_type.to_owned(), body: body.into_bytes() }
    }

    fn issue(&self, request: &Request) -> (u16, String) {
        assert_eq!(request.bearer.as_ref().map(|t| t.as_str()), Some("token-1"));
        let times = self.asked.borrow().iter().filter(|a| a.ends_with("/credential")).count();
        if times <= self.refusals.0 {
            return (400, json!({ "error": self.refusals.1 }).to_string());
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let proofs = body["proofs"]["jwt"].as_array().unwrap();
        let random = SeededRandom::new(40);
        let credentials = proofs.iter().enumerate().map(|(number, proof)| {
            let proof = proof::verify(proof.as_str().unwrap(), ISSUER, now()).unwrap();
            assert_eq!(proof.nonce, "nonce-1");
            let foreign = Jwk::from(SecretKey::generate(&random).public_key());
            let mut claims = self.claims.as_object().unwrap().clone();
            if !self.differing.is_empty() {
                claims.insert(self.differing.to_owned(), format!("Nerida {number}").into());
            }
            let credential = Credential {
                vct: self.vct,
                vct_integrity: self.integrity.as_deref(),
                iat: Some(now().start_of_day()),
                exp: Some(self.exp),
                holder_key: Some(if self.foreign_key { foreign } else { proof.key }),
                claims,
                ..Credential::default()
            };
            match &self.disclosable {
                None => sd_jwt_vc::issue(&credential, |name| name != "sex", &self.signer, &random).unwrap(),
                Some(paths) => {
                    let paths =
                        paths.as_array().unwrap().iter().map(|path| ClaimPath::from_value(path).unwrap());
                    let paths: Vec<ClaimPath> = paths.collect();
                    sd_jwt_vc::issue_planned(&credential, &Plan::new(&paths), &self.signer, &random).unwrap()
                }
            }
        });
        (200, (self.spoil)(credentials.collect(), &self.signer).to_string())
    }

    /// Runs the whole flow with this issuer, from `link`.
    pub(crate) fn run(
        &self,
        wallet: &mut Wallet,
        link: &str,
        tx_code: Option<&str>,
    ) -> Result<Vec<CardId>, issuance::Error> {
        let random = SeededRandom::new(30 + u64::try_from(wallet.cards.len()).unwrap());
        let started = Issuance::start(link, &context(wallet, &random));
        self.drive(wallet, started, tx_code, &random)
    }

    /// Fetches a card again.
    pub(crate) fn refresh(&self, wallet: &mut Wallet, card: CardId) -> Result<Vec<CardId>, issuance::Error> {
        let random = SeededRandom::new(60);
        let started = Issuance::refresh(card, &context(wallet, &random));
        self.drive(wallet, started, None, &random)
    }

    fn drive(
        &self,
        wallet: &mut Wallet,
        (mut flow, mut step): (Issuance, issuance::Step),
        tx_code: Option<&str>,
        random: &SeededRandom,
    ) -> Result<Vec<CardId>, issuance::Error> {
        loop {
            let event = match step {
                Step::Request(request) => Event::Response(self.answer(&request)),
                Step::Ask(question) => {
                    assert_eq!(question.credential_issuer, ISSUER);
                    Event::Answer(match tx_code {
                        Some("refuse") => issuance::Answer::Refuse,
                        code => {
                            issuance::Answer::Accept { tx_code: code.map(|c| Zeroizing::new(c.to_owned())) }
                        }
                    })
                }
                Step::Store(change) => {
                    wallet.apply(*change);
                    Event::Stored
                }
                Step::Done(ids) => return Ok(ids),
                Step::Failed(error) => return Err(error),
            };
            step = flow.handle(event, &context(wallet, random));
        }
    }
}

/// A wallet with one identity card.
pub(crate) fn with_card(state: &State) -> Wallet {
    let mut wallet = wallet();
    state.run(&mut wallet, &state.link(), Some("123456")).unwrap();
    wallet
}

/// The pairs of a form.
pub(crate) fn form(body: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}
