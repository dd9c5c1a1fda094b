//! A state that issues, a clinic that asks, a person with a wallet, and the network between them.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use base::{Clock, Instant, time::ManualClock};
use crypto::{Random, SecretKey, SeededRandom, Signer};
use formats::{
    sd_jwt_vc::{self, Credential, KeyBindingClaims, StatusRef, TransactionDataHashes},
    status_list::{self, Bits, Status, StatusList},
    vp::{Link, RequestContext, RequestObject, VpToken, WalletResponse, verify_request},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};
use serde_json::{Map, Value, json};
use store::Store;
use web::{
    StaffTokens,
    fixture::{path_of, sent},
    staff::StaffToken,
};

pub(crate) use crate::fixture::{NOW, STATUS_URI, Shown};
use crate::{
    Ask, AskConfig, MIGRATIONS, TrustedIssuers,
    fixture::{self, IDX, Network, Parties},
};
pub(crate) use web::fixture::Answer;

pub(crate) const NOW: Instant = Instant::from_secs(1_795_300_200);
pub(crate) const CLINIC: &str = "http://localhost:8002";
pub(crate) const STATUS_URI: &str = "http://localhost:8000/status/1";
pub(crate) const IDX: u64 = 7;
const TOKEN: &str = "a token of the staff";

/// A party with a root of its own.
pub(crate) struct Party {
    pub(crate) root: Vec<u8>,
    key: SecretKey,
    random: SeededRandom,
}

impl Party {
    pub(crate) fn new(seed: u64, organisation: &str) -> Self {
        let random = SeededRandom::new(seed);
        let key = SecretKey::generate(&random);
        let names = MakeRoot {
            country: "UT".into(),
            organisation: organisation.into(),
            common_name: "Root".into(),
            path_len: 0,
            days: 3_650,
        };
        let root = make_root(&names, &key, &random, NOW).unwrap();
        Self { root, key, random }
    }

    pub(crate) fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(&self.root).unwrap()
    }

    pub(crate) fn signer(&self, purpose: Purpose, dns: &str) -> CertifiedSigner {
        self.signer_with(Arc::new(SecretKey::generate(&self.random)), purpose, dns)
    }

    pub(crate) fn signer_with(&self, key: Arc<dyn Signer>, purpose: Purpose, dns: &str) -> CertifiedSigner {
        let leaf = MakeLeaf {
            purpose,
            common_name: "Leaf".into(),
            organisation: None,
            country: None,
            dns_names: vec![dns.into()],
            days: 300,
        };
        let der = make_leaf(&leaf, &key.public_key(), &self.root, &self.key, &self.random, NOW).unwrap();
        CertifiedSigner::new(key, vec![der]).unwrap()
    }
}

/// What other parties answer, by address.
#[derive(Default)]
pub(crate) struct Network {
    /// Whoever has the token is staff of this name from now on.
    pub(crate) fn with_staff(&mut self, name: &str) {
        let config = AskConfig { staff: staff(name), ..self.ask.inner.config.clone() };
        let (store, random) = (self.ask.inner.store.clone(), self.ask.inner.random.clone());
        self.ask = self.parties.ask(config, &store, random);
        self.router = web::Site::default().wrap(self.ask.router());
    }

    pub(crate) answers: Mutex<BTreeMap<String, Fetched>>,
    pub(crate) calls: Mutex<Vec<String>>,
    /// How many calls are under way, and how many there were at most.
    pub(crate) under_way: Mutex<(usize, usize)>,
}

impl Fetch for Network {
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + 'a>> {
        self.calls.lock().unwrap().push(url.to_owned());
        let answer = self.answers.lock().unwrap().get(url).cloned();
        Box::pin(async move {
            {
                let mut under_way = self.under_way.lock().unwrap();
                under_way.0 += 1;
                under_way.1 = under_way.1.max(under_way.0);
            }
            tokio::task::yield_now().await;
            self.under_way.lock().unwrap().0 -= 1;
            answer.ok_or(FetchError)
        })
    }
}

/// Everybody.
pub(crate) struct World {
    pub(crate) state: Party,
    pub(crate) clinic: Party,
    pub(crate) issuer: CertifiedSigner,
    pub(crate) holder: Arc<SecretKey>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) network: Arc<Network>,
    pub(crate) ask: Ask,
    pub(crate) router: Router,
}

fn staff(name: &str) -> StaffTokens {
    let sha256 = base16ct::lower::encode_string(&crypto::sha256(TOKEN.as_bytes()));
    StaffTokens::new(&[StaffToken { name: name.into(), sha256, roles: web::session::all_roles() }]).unwrap()
}

/// Runs a test on both databases.
pub(crate) async fn worlds(test: impl AsyncFn(World)) {
    worlds_with(None, test).await;
}

pub(crate) async fn worlds_with(status_max_age_s: Option<i64>, test: impl AsyncFn(World)) {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        test(World::new(store, status_max_age_s)).await;
    })
    .await;
}

/// Runs a test on both databases, with an asker who trusts these.
pub(crate) async fn worlds_trusting(
    trusted: impl Fn(&Party) -> Vec<TrustedIssuers>,
    test: impl AsyncFn(World),
) {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let mut world = World::new(store.clone(), None);
        let config = AskConfig { issuers: trusted(&world.state), ..world.ask.inner.config.clone() };
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(5));
        world.ask = Ask::new(config, store, world.clock.clone(), random, world.network.clone());
        world.router = world.ask.router();
        test(world).await;
    })
    .await;
}

impl World {
    pub(crate) fn new(store: Store, status_max_age_s: Option<i64>) -> Self {
        let (state, clinic) = (Party::new(1, "Utopia"), Party::new(2, "Clinic"));
        let issuer = state.signer(Purpose::CredentialSigning, "state.example");
        let clock = Arc::new(ManualClock::new(NOW));
        let parties = Parties::new(clock.clone());
        let issuers = vec![TrustedIssuers::of_everything(parties.state.anchors())];
        let config = AskConfig { issuers, status_max_age_s, staff: staff("amina"), ..parties.config(CLINIC) };
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(5));
        let ask = Ask::new(config, store, clock.clone(), random, network.clone());
        let holder = Arc::new(SecretKey::generate(&SeededRandom::new(3)));
        let router = web::Site::default().wrap(ask.router());
        let world = Self { state, clinic, issuer, holder, clock, network, ask, router };
        world.publish(Status::Valid);
        world
    }

    /// The state publishes a list in which the credential has this status.
    pub(crate) fn publish(&self, status: Status) {
        self.serve(200, self.status_token(status).into_bytes());
    }

    pub(crate) fn status_token(&self, status: Status) -> String {
        let mut list = StatusList::new(Bits::Two, 64);
        list.set(IDX, status).unwrap();
        let now = self.clock.now();
        status_list::sign_token(STATUS_URI, now, now.plus_secs(3_600), 300, &list, &self.issuer).unwrap()
    }

    pub(crate) fn serve(&self, status: u16, body: Vec<u8>) {
        self.serve_at(STATUS_URI, status, "application/statuslist+jwt", body);
    }

    pub(crate) fn serve_at(&self, uri: &str, status: u16, media_type: &str, body: Vec<u8>) {
        let answer = Fetched { status, media_type: media_type.into(), body };
        self.network.answers.lock().unwrap().insert(uri.into(), answer);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        let path = address.strip_prefix(CLINIC).unwrap_or(address);
        self.send(
            Request::get(path)
                .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn post_form(&self, address: &str, form: String) -> Answer {
        let path = address.strip_prefix(CLINIC).unwrap_or(address);
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form)).unwrap()).await
    }

    /// Asks over HTTP; `change` changes the body of a good request.
    pub(crate) async fn ask_for(&self, change: impl FnOnce(&mut Value)) -> Answer {
        let mut body = question();
        change(&mut body);
        self.post_json("/ask/v1/requests", &body).await
    }

    /// Asks, and fetches and verifies the request as a wallet does.
    pub(crate) async fn asked(&self, change: impl FnOnce(&mut Value)) -> (Value, RequestObject) {
        let asked = self.ask_for(change).await;
        assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text);
        let asked = asked.json();
        let link = Link::parse(asked["link"].as_str().unwrap()).unwrap();
        let fetched = self.get(&link.request_uri).await;
        assert_eq!(fetched.headers[header::CONTENT_TYPE], "application/oauth-authz-req+jwt");
        let anchors = self.clinic.anchors();
        let context = RequestContext {
            client_id: &link.client_id,
            anchors: &anchors,
            now: self.clock.now(),
            wallet_nonce: None,
            insecure_loopback: true,
        };
        (asked, verify_request(&fetched.text, &context).unwrap().request)
    }

    pub(crate) fn claims() -> Map<String, Value> {
        let claims = json!({ "family_name": "Évora", "given_name": "Nerida", "birthdate": "1994-03-08" });
        claims.as_object().unwrap().clone()
    }

    pub(crate) fn good_credential(&self) -> Credential<'static> {
        Credential {
            vct: "urn:eudi:pid:1",
            iat: Some(NOW.start_of_day()),
            exp: Some(NOW.plus_secs(86_400)),
            status: Some(StatusRef { uri: STATUS_URI.into(), idx: IDX }),
            holder_key: Some(self.holder.public_key().into()),
            claims: Self::claims(),
            ..Credential::default()
        }
    }

    /// A credential and a presentation of it; the closures change a good one.
    pub(crate) fn present(&self, request: &RequestObject, change: impl FnOnce(&mut Shown)) -> String {
        let texts: Vec<String> = request.transactions_for("pid").map(|t| t.as_str().to_owned()).collect();
        let mut shown = Shown {
            credential: self.good_credential(),
            issuer: self.issuer.clone(),
            names: vec!["family_name", "birthdate"],
            key: self.holder.clone(),
            nonce: request.nonce.clone(),
            aud: request.client_id.to_string(),
            iat: self.clock.now(),
            transactions: texts,
        };
        change(&mut shown);
        let issued =
            sd_jwt_vc::issue(&shown.credential, |_| true, &shown.issuer, &SeededRandom::new(9)).unwrap();
        let hashes = (!shown.transactions.is_empty())
            .then(|| TransactionDataHashes::of(&shown.transactions, &[crypto::HashAlg::Sha256]));
        let claims = KeyBindingClaims {
            nonce: &shown.nonce,
            aud: &shown.aud,
            iat: shown.iat,
            transaction_data_hashes: hashes,
        };
        sd_jwt_vc::present(&issued, |n| shown.names.contains(&n), &claims, shown.key.as_ref()).unwrap()
    }

    /// Posts presentations under the ids given.
    pub(crate) async fn answer(
        &self,
        request: &RequestObject,
        presentations: &[(&str, &[String])],
    ) -> Answer {
        let presentations =
            presentations.iter().map(|(id, list)| ((*id).to_owned(), list.to_vec())).collect();
        let response = WalletResponse::Presentation {
            vp_token: VpToken::new(presentations),
            state: request.state.clone(),
        };
        let form = response.to_form_for(request, &SeededRandom::new(11)).unwrap();
        self.post_form(&request.response_uri, form).await
    }

    /// What the asker sees of a request.
    pub(crate) async fn state(&self, asked: &Value) -> Value {
        let answer = self.get(&format!("/ask/v1/requests/{}", asked["id"].as_str().unwrap())).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }
}

/// What a presentation is made of.
pub(crate) struct Shown {
    pub(crate) credential: Credential<'static>,
    pub(crate) issuer: CertifiedSigner,
    pub(crate) names: Vec<&'static str>,
    pub(crate) key: Arc<SecretKey>,
    pub(crate) nonce: String,
    pub(crate) aud: String,
    pub(crate) iat: Instant,
    pub(crate) transactions: Vec<String>,
}

pub(crate) fn question() -> Value {
    json!({
        "purpose": {
            "en": "To open your file", "fr": "Pour ouvrir votre dossier", "es": "Para abrir su expediente",
            "ru": "Чтобы открыть вашу карту", "ar": "لفتح ملفك", "zh": "为您建立档案",
        },
        "device": "cross",
        "response_mode": "direct_post",
        "dcql_query": { "credentials": [{
            "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
            "claims": [{ "path": ["family_name"] }, { "path": ["birthdate"] }],
        }] },
    })
}

pub(crate) fn agreement() -> Value {
    json!([{ "type": format!("{CLINIC}/types/agreement/1"), "payload": { "text": "I agree to be treated." } }])
}
