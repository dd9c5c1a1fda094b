//! A state that issues, a secretariat at which people sign in, browsers and wallets.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex},
};

use ask::{Ask, AskConfig, Fetch, FetchError, Fetched, TrustedIssuers};
use axum::{
    Router,
    body::{Body, to_bytes},
};
use base::{Clock, Instant, time::ManualClock};
use crypto::{Random, SecretKey, SeededRandom, Signer};
use formats::{
    sd_jwt_vc::{self, Credential, KeyBindingClaims, StatusRef},
    status_list::{self, Bits, Status, StatusList},
    vp::{Link, RequestObject, VpToken, WalletResponse},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Map, Value, json};
use store::Store;
use tower::ServiceExt;
use web::{Actor, Role, Sessions, Site, SiteConfig, StaffTokens, session::SessionsConfig};

use super::super::{Binds, Login, LoginConfig};

pub(super) const NOW: Instant = Instant::from_secs(1_795_300_200);
pub(super) const HERE: &str = "http://localhost:8003";
pub(super) const MANDATE: &str = "https://state.example/types/mandate/1";
pub(super) const PARTICIPANT: &str = "https://state.example/types/participant/1";
pub(super) const PID: &str = "urn:eudi:pid:1";
const STATUS_URI: &str = "https://state.example/status/1";
const IDX: u64 = 7;
/// What the cards show only where it is asked for, as in `types/`.
const DISCLOSABLE: &[&str] = &["given_name", "family_name", "pseudonym", "personal_administrative_number"];

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
        let root = make_root(&names, &key, &random, NOW).unwrap();
        Self { root, key, random }
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
        let der = make_leaf(&leaf, &key.public_key(), &self.root, &self.key, &self.random, NOW).unwrap();
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

/// Everybody.
pub(super) struct World {
    issuer: CertifiedSigner,
    other_issuer: CertifiedSigner,
    network: Arc<Network>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Store,
    pub(super) sessions: Sessions,
    pub(super) login: Login,
    pub(super) router: Router,
}

/// Runs a test on both databases.
pub(super) async fn worlds(test: impl AsyncFn(World)) {
    let migrations = [crate::MIGRATIONS, ask::MIGRATIONS, web::MIGRATIONS, log::MIGRATIONS].concat();
    store::fixture::each_engine(&migrations, async |store: Store| test(World::new(store)).await).await;
}

impl World {
    fn new(store: Store) -> Self {
        let (state, other) = (Party::new(1, "Zamunara"), Party::new(2, "Another state"));
        let secretariat = Party::new(3, "Secretariat");
        let anchors = [&state, &other].map(|party| TrustAnchors::from_der(&party.root).unwrap());
        let clock = Arc::new(ManualClock::new(NOW));
        let network = Arc::new(Network::default());
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(5));
        let config = AskConfig {
            identifier: HERE.into(),
            signer: secretariat.signer(Purpose::RequestSigning, "localhost"),
            issuers: anchors.map(TrustedIssuers::of_everything).into(),
            server_secret: [7; 32],
            status_max_age_s: Some(0),
            staff: StaffTokens::default(),
        };
        let ask = Ask::new(config, store.clone(), clock.clone(), random.clone(), network.clone());
        let settings =
            SessionsConfig { party: "secretariat".into(), identifier: HERE.into(), server_secret: [7; 32] };
        let sessions = Sessions::new(store.clone(), clock.clone(), random.clone(), &settings);
        let config = LoginConfig {
            mandate: vec![MANDATE.into()],
            participant: vec![PARTICIPANT.into()],
            pid: vec![PID.into()],
        };
        let login =
            Login::new(&config, store.clone(), clock.clone(), random, ask.clone(), sessions.clone()).unwrap();
        let login = login.with_desk("/desk");
        let site = Site::new(SiteConfig {
            name: None,
            identifier: HERE.into(),
            handle: "secretariat".into(),
            thumbprint: [0; 32],
            sessions: Some(sessions.clone()),
            has_log: false,
            has_login: true,
            navigation: vec![],
        });
        let pages = login.routes().merge(ask.routes()).into_router();
        let router = site.wrap(pages.fallback(web::problem::no_such_address));
        let world = Self {
            issuer: state.signer(Purpose::CredentialSigning, "state.example"),
            other_issuer: other.signer(Purpose::CredentialSigning, "other.example"),
            network,
            clock,
            store,
            sessions,
            login,
            router,
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

    /// An invitation's path, as `sahihi admin invite` makes it.
    pub(super) async fn invite(&self, roles: &[Role], binds: Binds) -> String {
        let actor = Actor::system("operator");
        self.login.invite(&actor, roles, binds, "the first").await.unwrap().path
    }

    /// A browser in which somebody has signed in, on the same device, with this card.
    pub(super) async fn signed_in(&self, card: &Card) -> Browser {
        let mut browser = Browser::default();
        let back = browser.answered(self, "/login", "same", card).await;
        let done = browser.get(self, &back).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        browser
    }

    /// A browser in which somebody took up an invitation with this card.
    pub(super) async fn joined(&self, roles: &[Role], binds: Binds, card: &Card) -> Browser {
        let path = self.invite(roles, binds).await;
        let mut browser = Browser::default();
        let back = browser.answered(self, &path, "same", card).await;
        let done = browser.get(self, &back).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        browser
    }
}

/// A card in somebody's wallet.
#[derive(Clone)]
pub(super) struct Card {
    pub(super) query: &'static str,
    pub(super) vct: &'static str,
    pub(super) claims: Map<String, Value>,
    pub(super) is_of_other_state: bool,
}

impl Card {
    fn new(query: &'static str, vct: &'static str, claims: &Value) -> Self {
        Self { query, vct, claims: claims.as_object().unwrap().clone(), is_of_other_state: false }
    }

    pub(super) fn mandate(given_name: &str, capacity: &str) -> Self {
        let claims = json!({
            "given_name": given_name, "family_name": "Évora", "organisation_name": "Ministry of Posts",
            "organisation_id": "XZ-17", "capacity": capacity, "valid_until": "2027-12-31",
        });
        Self::new("mandate", MANDATE, &claims)
    }

    pub(super) fn participant(pseudonym: &str) -> Self {
        Self::new("participant", PARTICIPANT, &json!({ "pseudonym": pseudonym }))
    }

    pub(super) fn pid(number: &str) -> Self {
        let claims = json!({ "given_name": "Amaru", "family_name": "Tekle", "personal_administrative_number": number });
        Self::new("pid", PID, &claims)
    }

    /// Answers the request that this page waits for; where the wallet sends the person back to.
    pub(super) async fn answer(&self, world: &World, page: &str) -> (StatusCode, Option<String>) {
        let link = page.split("href=\"openid4vp:").nth(1).unwrap().split('"').next().unwrap();
        let link = format!("openid4vp:{}", link.replace("&#38;", "&"));
        let link = Link::parse(&link).unwrap();
        let mut wallet = Browser::default();
        let object = wallet.get(world, &link.request_uri).await.text;
        let request = RequestObject::read_unverified(&object).unwrap();
        assert!(request.transaction_data.is_empty(), "nothing is approved when somebody signs in");
        let holder = SecretKey::generate(&SeededRandom::new(9));
        let issuer = if self.is_of_other_state { &world.other_issuer } else { &world.issuer };
        let credential = Credential {
            vct: self.vct,
            iat: Some(NOW.start_of_day()),
            exp: Some(NOW.plus_secs(900 * 86_400)),
            status: (!self.is_of_other_state).then(|| StatusRef { uri: STATUS_URI.into(), idx: IDX }),
            holder_key: Some(holder.public_key().into()),
            claims: self.claims.clone(),
            ..Credential::default()
        };
        let made =
            sd_jwt_vc::issue(&credential, |name| DISCLOSABLE.contains(&name), issuer, &SeededRandom::new(9))
                .unwrap();
        let claims = KeyBindingClaims {
            nonce: &request.nonce,
            aud: &request.client_id.to_string(),
            iat: world.clock.now(),
            transaction_data_hashes: None,
        };
        let shown = sd_jwt_vc::present(&made, |_| true, &claims, &holder).unwrap();
        let vp_token = VpToken::new(BTreeMap::from([(self.query.to_owned(), vec![shown])]));
        let response = WalletResponse::Presentation { vp_token, state: request.state.clone() };
        let form = response.to_form_for(&request, &SeededRandom::new(11)).unwrap();
        let answer = wallet.send(world, Method::POST, &request.response_uri, Some(form), &[]).await;
        let back = serde_json::from_str::<Value>(&answer.text).ok();
        let back = back.and_then(|b| b.get("redirect_uri").and_then(Value::as_str).map(str::to_owned));
        (answer.status, back)
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }

    /// The code that a page shows for whoever helps.
    pub(super) fn code(&self) -> &str {
        let from = self.text.split("<code dir=\"ltr\">").nth(1).unwrap_or_default();
        from.split('<').next().unwrap_or_default()
    }

    pub(super) fn set_cookie(&self, name: &str) -> Option<&str> {
        let all = self.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap());
        all.into_iter().find(|v| v.starts_with(&format!("{name}=")))
    }
}

/// A browser: keeps cookies, follows nothing by itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Browser {
    pub(super) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(super) async fn send(
        &mut self,
        world: &World,
        method: Method,
        address: &str,
        form: Option<String>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let path = address.strip_prefix(HERE).unwrap_or(address);
        let mut request = Request::builder().method(method).uri(path).header(header::ACCEPT, "text/html");
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(form.map_or_else(Body::empty, Body::from)).unwrap();
        let (parts, body) = world.router.clone().oneshot(request).await.unwrap().into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = to_bytes(body, 1 << 22).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(super) async fn get(&mut self, world: &World, address: &str) -> Answer {
        self.send(world, Method::GET, address, None, &[]).await
    }

    /// Sends a form as it stands on `page`, with these fields and a token from there.
    pub(super) async fn post(
        &mut self,
        world: &World,
        page: &str,
        to: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let shown = self.get(world, page).await;
        assert_eq!(shown.status, StatusCode::OK, "{page}: {}", shown.text);
        self.post_with(world, &csrf(&shown.text), to, fields).await
    }

    pub(super) async fn post_with(
        &mut self,
        world: &World,
        csrf: &str,
        to: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let form = form(csrf, fields);
        self.send(world, Method::POST, to, Some(form), &[("origin", HERE), ("sec-fetch-site", "same-origin")])
            .await
    }

    /// Begins to sign in on a page that offers it; the page on which the browser then waits.
    pub(super) async fn begun(&mut self, world: &World, page: &str, device: &str) -> String {
        let invitation = page.strip_prefix("/invitations/");
        let mut fields = vec![("device", device), ("return", "/sessions")];
        fields.extend(invitation.map(|token| ("invitation", token)));
        let begun = self.post(world, page, "/login", &fields).await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
        begun.location().to_owned()
    }

    /// Begins to sign in, and has the wallet answer; where it sends the person back to, or where the waiting page leads.
    pub(super) async fn answered(&mut self, world: &World, page: &str, device: &str, card: &Card) -> String {
        let wait = self.begun(world, page, device).await;
        let waiting = self.get(world, &wait).await;
        let (status, back) = card.answer(world, &waiting.text).await;
        assert_eq!(status, StatusCode::OK);
        match back {
            Some(back) => back,
            None => self.get(world, &wait).await.location().to_owned(),
        }
    }
}

/// The body of a form.
pub(super) fn form(csrf: &str, fields: &[(&str, &str)]) -> String {
    let token = [("csrf", csrf)];
    let pairs = fields.iter().chain(token.iter().filter(|(_, value)| !value.is_empty()));
    let all: Vec<String> = pairs
        .map(|(name, value)| {
            let encode = |b: u8| {
                if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") }
            };
            format!("{name}={}", value.bytes().map(encode).collect::<String>())
        })
        .collect();
    all.join("&")
}

/// The token on a page.
pub(super) fn csrf(page: &str) -> String {
    let from = page.split("name=\"csrf\" value=\"").nth(1).unwrap_or_default();
    from.split('"').next().unwrap_or_default().to_owned()
}
