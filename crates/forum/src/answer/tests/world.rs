//! A state that issues mandates, a secretariat that keeps a forum, browsers and wallets.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex},
};

use ask::{Ask, AskConfig, Fetch, FetchError, Fetched, TrustedIssuers};
use axum::Router;
use base::{Clock, Instant, Lang, time::ManualClock};
use crypto::{Random, SecretKey, SeededRandom, Signer};
use formats::{
    sd_jwt_vc::{self, Credential, KeyBindingClaims, StatusRef, TransactionDataHashes},
    status_list::{self, Bits, Status, StatusList},
    vp::{Link, RequestObject, VpToken, WalletResponse},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use store::Store;
use web::{Sessions, Site, SiteConfig, StaffTokens, session::SessionsConfig};

use super::browser::Browser;
use crate::{
    CardOffer, Choice, Credentials, Forum, ForumConfig, Mandates, Multilingual, NewCall, Participants,
    Policy, Question, QuestionId, QuestionKind,
    fixture::{self, OPENS},
};

pub(super) const HERE: &str = "http://localhost:8003";
pub(super) const MANDATE: &str = "https://state.example/types/mandate/1";
pub(super) const PARTICIPANT: &str = "http://localhost:8003/types/participant/1";
const STATUS_URI: &str = "https://state.example/status/1";
const IDX: u64 = 7;
const DISCLOSABLE: &[&str] = &["given_name", "family_name", "pseudonym"];
/// A country that does not exist, for which the state's mandates count.
pub(super) const COUNTRY: &str = "CH";
pub(super) const SYMBOL: &str = "OTT-1";

/// A party with a root of its own.
struct Party {
    root: Vec<u8>,
    key: SecretKey,
    random: SeededRandom,
}

impl Party {
    fn new(seed: u64, organisation: &str) -> Self {
        let random = SeededRandom::new(seed);
        let key = SecretKey::generate(&random);
        let names = MakeRoot {
            country: "XZ".into(),
            organisation: organisation.into(),
            common_name: "Root".into(),
            path_len: 0,
            days: 3_650,
        };
        let root = make_root(&names, &key, &random, OPENS).unwrap();
        Self { root, key, random }
    }

    fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(&self.root).unwrap()
    }

    fn signer(&self, purpose: Purpose, dns: &str) -> CertifiedSigner {
        let key: Arc<dyn Signer> = Arc::new(SecretKey::generate(&self.random));
        let leaf = MakeLeaf {
            purpose,
            common_name: "Leaf".into(),
            organisation: None,
            country: None,
            dns_names: vec![dns.into()],
            days: 300,
        };
        let der = make_leaf(&leaf, &key.public_key(), &self.root, &self.key, &self.random, OPENS).unwrap();
        CertifiedSigner::new(key, vec![der]).unwrap()
    }
}

/// What the state's status list says; nothing where it cannot be reached.
#[derive(Default)]
struct Network(Mutex<Option<Vec<u8>>>);

impl Fetch for Network {
    fn get<'a>(
        &'a self,
        _: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + 'a>> {
        let body = self.0.lock().unwrap().clone();
        Box::pin(async move {
            let media_type = "application/statuslist+jwt".to_owned();
            body.map(|body| Fetched { status: 200, media_type, body }).ok_or(FetchError)
        })
    }
}

struct Cards;

impl Participants for Cards {
    fn offer(&self) -> CardOffer<'_> {
        Box::pin(async { Some("openid-credential-offer://?credential_offer_uri=x".to_owned()) })
    }
}

/// Everybody.
pub(super) struct World {
    issuer: CertifiedSigner,
    other_issuer: CertifiedSigner,
    network: Arc<Network>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) forum: Forum,
    pub(super) router: Router,
}

/// Runs a test on both databases, with a call of every kind of question that is open.
pub(super) async fn worlds(test: impl AsyncFn(World)) {
    let migrations = [fixture::migrations(), ask::MIGRATIONS.to_vec(), web::MIGRATIONS.to_vec()].concat();
    store::fixture::each_engine(&migrations, async |store: Store| {
        let world = World::new(store).await;
        world.open(every_question(Policy::AtOnce)).await;
        test(world).await;
    })
    .await;
}

fn labelled(question: Question, label: &str) -> Question {
    Question { label: Multilingual::new(Lang::En, label), ..question }
}

fn option(id: &str, label: &str) -> Choice {
    Choice { id: QuestionId::new(id).unwrap(), label: Multilingual::new(Lang::En, label) }
}

/// A call that asks one question of each kind, of which the second must be answered.
pub(super) fn every_question(policy: Policy) -> NewCall {
    let mut call = fixture::new_call(SYMBOL, policy);
    let options = vec![option("yes", "Yes"), option("no", "No"), option("maybe", "Maybe")];
    call.party_limit = None;
    call.form.questions = vec![
        labelled(fixture::question("line", QuestionKind::Text, false), "In one line?"),
        labelled(fixture::question("long", QuestionKind::LongText, true), "At length?"),
        Question {
            options: options.clone(),
            ..labelled(fixture::question("one", QuestionKind::Choice, false), "Which one?")
        },
        Question { options, ..labelled(fixture::question("some", QuestionKind::Choices, false), "Which?") },
        labelled(fixture::question("paper", QuestionKind::File, false), "A file?"),
        labelled(fixture::question("money", QuestionKind::Amount, false), "How much?"),
        labelled(fixture::question("where", QuestionKind::Country, false), "Where?"),
        labelled(fixture::question("who", QuestionKind::Person, false), "Who?"),
    ];
    call
}

impl World {
    async fn new(store: Store) -> Self {
        let (state, other) = (Party::new(1, "Zamunara"), Party::new(2, "Another state"));
        let secretariat = Party::new(3, "Secretariat");
        let clock = fixture::clock();
        let network = Arc::new(Network::default());
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(5));
        let trusted = [&state, &other].map(|party| TrustedIssuers::of_everything(party.anchors()));
        let config = AskConfig {
            identifier: HERE.into(),
            signer: secretariat.signer(Purpose::RequestSigning, "localhost"),
            issuers: trusted.into(),
            server_secret: [7; 32],
            status_max_age_s: Some(0),
            staff: StaffTokens::default(),
        };
        let ask = Ask::new(config, store.clone(), clock.clone(), random.clone(), network.clone());
        let settings =
            SessionsConfig { party: "secretariat".into(), identifier: HERE.into(), server_secret: [7; 32] };
        let sessions = Sessions::new(store.clone(), clock.clone(), random.clone(), &settings);
        let here = fixture::forum(&store, clock.clone(), random).await;
        let config = ForumConfig { identifier: HERE.to_owned(), ..here.config().clone() };
        let counts = |party: &Party, country: &str| Mandates {
            country: country.parse().unwrap(),
            anchors: party.anchors().iter().map(|anchor| anchor.certificate().sha256).collect(),
            types: vec![MANDATE.to_owned()],
        };
        let credentials = Credentials {
            mandates: vec![counts(&state, COUNTRY), counts(&other, "FR")],
            participants: vec![PARTICIPANT.to_owned()],
        };
        let (forum, ask) = Forum { config: Arc::new(config), ..here }.asking(ask, credentials).unwrap();
        let forum = forum.with_participants(Arc::new(Cards));
        let site = Site::new(SiteConfig {
            name: None,
            identifier: HERE.into(),
            handle: "secretariat".into(),
            thumbprint: [0; 32],
            sessions: Some(sessions),
            has_log: false,
            has_login: false,
            navigation: vec![],
        });
        let routes = forum.clone().routes().merge(ask.routes()).into_router();
        let wrapped = site.wrap(routes.fallback(web::problem::no_such_address));
        let world = Self {
            issuer: state.signer(Purpose::CredentialSigning, "state.example"),
            other_issuer: other.signer(Purpose::CredentialSigning, "other.example"),
            network,
            clock,
            forum,
            router: wrapped,
        };
        world.publish(Some(Status::Valid));
        world
    }

    /// What the status list says of every card from now on; with `None` it cannot be reached.
    pub(super) fn publish(&self, status: Option<Status>) {
        let token = status.map(|status| {
            let mut list = StatusList::new(Bits::Two, 64);
            list.set(IDX, status).unwrap();
            let now = self.clock.now();
            let until = now.plus_secs(60 * 86_400);
            status_list::sign_token(STATUS_URI, now, until, 300, &list, &self.issuer).unwrap().into_bytes()
        });
        *self.network.0.lock().unwrap() = token;
    }

    /// Announces a call, and waits until it is open.
    pub(super) async fn open(&self, call: NewCall) {
        let symbol = call.symbol.clone();
        self.forum.draft_call(&fixture::secretary(), call).await.unwrap();
        self.forum.announce_call(&fixture::secretary(), &symbol).await.unwrap();
        self.clock.set(OPENS.plus_secs(1));
        self.publish(Some(Status::Valid));
    }

    /// How many submissions of the call were received.
    pub(super) async fn received(&self) -> i64 {
        self.forum.counts(SYMBOL).await.unwrap().received
    }
}

/// A card in somebody's wallet.
#[derive(Clone)]
pub(super) struct Card {
    pub(super) query: &'static str,
    pub(super) vct: &'static str,
    pub(super) claims: Map<String, Value>,
    pub(super) is_of_other_state: bool,
    pub(super) expires_at: Instant,
}

/// What became of an answer of a wallet.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) status: StatusCode,
    pub(super) error: Option<String>,
    /// Where the wallet sends the person back to.
    pub(super) back: Option<String>,
}

impl Card {
    fn new(query: &'static str, vct: &'static str, claims: &Value) -> Self {
        let claims = claims.as_object().unwrap().clone();
        Self { query, vct, claims, is_of_other_state: false, expires_at: OPENS.plus_secs(900 * 86_400) }
    }

    pub(super) fn mandate(organisation: &str) -> Self {
        let claims = json!({
            "given_name": "Nerida", "family_name": "Évora", "organisation_name": organisation,
            "organisation_id": "XZ-17", "capacity": "Head of delegation", "valid_until": "2027-12-31",
        });
        Self::new("mandate", MANDATE, &claims)
    }

    pub(super) fn participant(pseudonym: &str) -> Self {
        Self::new("participant", PARTICIPANT, &json!({ "pseudonym": pseudonym }))
    }

    /// Fetches the request behind a link, as a wallet does.
    pub(super) async fn request(world: &World, link: &str) -> RequestObject {
        let link = Link::parse(link).unwrap();
        let object = Browser::default().get(world, &link.request_uri).await.text;
        RequestObject::read_unverified(&object).unwrap()
    }

    /// Answers the request of this link, approving what it asks to approve.
    pub(super) async fn sign(&self, world: &World, link: &str) -> Posted {
        let request = Self::request(world, link).await;
        let texts: Vec<String> =
            request.transactions_for(self.query).map(|t| t.as_str().to_owned()).collect();
        let holder = SecretKey::generate(&SeededRandom::new(9));
        let issuer = if self.is_of_other_state { &world.other_issuer } else { &world.issuer };
        let credential = Credential {
            vct: self.vct,
            iat: Some(OPENS.start_of_day()),
            exp: Some(self.expires_at),
            status: (!self.is_of_other_state).then(|| StatusRef { uri: STATUS_URI.into(), idx: IDX }),
            holder_key: Some(holder.public_key().into()),
            claims: self.claims.clone(),
            ..Credential::default()
        };
        let copy =
            sd_jwt_vc::issue(&credential, |name| DISCLOSABLE.contains(&name), issuer, &SeededRandom::new(9))
                .unwrap();
        let claims = KeyBindingClaims {
            nonce: &request.nonce,
            aud: &request.client_id.to_string(),
            iat: world.clock.now(),
            transaction_data_hashes: Some(TransactionDataHashes::of(&texts, &[crypto::HashAlg::Sha256])),
        };
        let shown = sd_jwt_vc::present(&copy, |name| name == "pseudonym", &claims, &holder).unwrap();
        let vp_token = VpToken::new(BTreeMap::from([(self.query.to_owned(), vec![shown])]));
        let response = WalletResponse::Presentation { vp_token, state: request.state.clone() };
        let form = response.to_form_for(&request, &SeededRandom::new(11)).unwrap();
        let answer =
            Browser::default().send(world, Method::POST, &request.response_uri, Some(form), &[]).await;
        let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let error = text("code").or_else(|| text("error_description")).or_else(|| text("error"));
        Posted { status: answer.status, error, back: text("redirect_uri") }
    }
}
