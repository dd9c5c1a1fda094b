//! A state that issues, a clinic that asks, a person with a wallet, and the network between them.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use base::{Clock, time::ManualClock};
use crypto::{Random, SecretKey, SeededRandom, Signer};
use formats::{
    fixture::Party,
    sd_jwt_vc::{Credential, StatusRef},
    status_list::Status,
    vp::{Link, RequestContext, RequestObject, verify_request},
};
use serde_json::{Map, Value, json};
use store::Store;
use web::fixture::{path_of, sent, staff};

pub(crate) use crate::fixture::{NOW, STATUS_URI, Shown};
use crate::{
    Ask, AskConfig, MIGRATIONS, TrustedIssuers,
    fixture::{self, IDX, Network, Parties},
};
pub(crate) use web::fixture::Answer;

pub(crate) const CLINIC: &str = "http://localhost:8002";
const TOKEN: &str = "a token of the staff";

/// Everybody.
pub(crate) struct World {
    pub(crate) parties: Parties,
    pub(crate) holder: Arc<SecretKey>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) network: Arc<Network>,
    pub(crate) ask: Ask,
    pub(crate) router: Router,
}

/// Runs a test on both databases.
pub(crate) async fn worlds(test: impl AsyncFn(World)) {
    worlds_with(None, test).await;
}

pub(crate) async fn worlds_with(status_max_age_s: Option<i64>, test: impl AsyncFn(World)) {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        test(World::new(&store, status_max_age_s)).await;
    })
    .await;
}

/// Runs a test on both databases, with an asker who trusts these.
pub(crate) async fn worlds_trusting(
    trusted: impl Fn(&Party) -> Vec<TrustedIssuers>,
    test: impl AsyncFn(World),
) {
    store::fixture::each_engine(MIGRATIONS, async |store: Store| {
        let mut world = World::new(&store, None);
        let config = AskConfig { issuers: trusted(&world.parties.state), ..world.ask.inner.config.clone() };
        world.ask = world.parties.ask(config, &store, Arc::new(SeededRandom::new(5)));
        world.router = world.ask.router();
        test(world).await;
    })
    .await;
}

impl World {
    pub(crate) fn new(store: &Store, status_max_age_s: Option<i64>) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let parties = Parties::new(clock.clone());
        let issuers = vec![TrustedIssuers::of_everything(parties.state.anchors())];
        let config =
            AskConfig { issuers, status_max_age_s, staff: staff("amina", TOKEN), ..parties.config(CLINIC) };
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(5));
        let ask = parties.ask(config, store, random);
        let holder = Arc::new(SecretKey::generate(&SeededRandom::new(3)));
        let router = web::Site::default().wrap(ask.router());
        let network = parties.network.clone();
        let world = Self { parties, holder, clock, network, ask, router };
        world.publish(Status::Valid);
        world
    }

    /// Whoever has the token is staff of this name from now on.
    pub(crate) fn with_staff(&mut self, name: &str) {
        let config = AskConfig { staff: staff(name, TOKEN), ..self.ask.inner.config.clone() };
        let (store, random) = (self.ask.inner.store.clone(), self.ask.inner.random.clone());
        self.ask = self.parties.ask(config, &store, random);
        self.router = web::Site::default().wrap(self.ask.router());
    }

    /// The state publishes a list in which the credential has this status.
    pub(crate) fn publish(&self, status: Status) {
        self.serve(200, self.status_token(status));
    }

    pub(crate) fn status_token(&self, status: Status) -> String {
        self.parties.status_token(status, 3_600)
    }

    pub(crate) fn serve(&self, status: u16, body: impl Into<Vec<u8>>) {
        self.network.serve(STATUS_URI, status, "application/statuslist+jwt", body);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        sent(&self.router, request).await
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.send(
            Request::get(path_of(address))
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
        let request =
            Request::post(path_of(address)).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
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
        let anchors = self.parties.asker.anchors();
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
        let names = vec!["family_name", "birthdate"];
        let mut shown =
            Shown::new(self.good_credential(), names, &self.parties, &self.holder, (request, "pid"));
        change(&mut shown);
        shown.present()
    }

    /// Posts presentations under the ids given.
    pub(crate) async fn answer(
        &self,
        request: &RequestObject,
        presentations: &[(&str, &[String])],
    ) -> Answer {
        fixture::answer(&self.router, request, presentations).await
    }

    /// What the asker sees of a request.
    pub(crate) async fn state(&self, asked: &Value) -> Value {
        let answer = self.get(&format!("/ask/v1/requests/{}", asked["id"].as_str().unwrap())).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }
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
