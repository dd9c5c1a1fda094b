//! HTTP: every route of the register, the issuer and the asker, with bodies, forms, paths and headers of any kind. How a
//! request is an input: see `http`. The forum and the log are in `consulting`.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use ::store::{Store, Tx, fixture::Database};
use axum::Router;
use base::{Lang, Texts, time::ManualClock};
use crypto::{SecretKey, SeededRandom};
use formats::{
    vci::proof,
    vp::{Link, RequestObject, VpToken},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use web::{StaffTokens, staff::StaffToken};

use super::{
    asking::vp_token_change,
    http::{self, FORM, STAFF, STAFF_JSON, Sent, Server as _, text_at},
};
use crate::{
    Dice, Target, text,
    world::{NOW, STATUS_URI, WORLD},
};

const IDENTIFIER: &str = "http://localhost:8000";

struct Subjects;

impl issue::Subjects for Subjects {
    fn attributes<'a>(&'a self, tx: &'a mut Tx<'_>, person: issue::PersonId) -> issue::AttributesFuture<'a> {
        Box::pin(identity::Register::attributes(tx, identity::PersonId::from_i64(person.as_i64())))
    }
}

/// The one status list that there is.
struct StatusLists;

impl ask::Fetch for StatusLists {
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<ask::Fetched, ask::FetchError>> + Send + 'a>> {
        let answer = (url == STATUS_URI).then(|| ask::Fetched {
            status: 200,
            media_type: "application/statuslist+jwt".into(),
            body: WORLD.status_token.clone().into_bytes(),
        });
        Box::pin(async move { answer.ok_or(ask::FetchError) })
    }
}

/// A party that registers, issues and asks, and what it is asked about.
struct Server {
    runtime: Runtime,
    router: Router,
    /// What stands for a name in braces: what is always there, and what was made and is not used yet.
    known: BTreeMap<&'static str, String>,
    _database: Database,
}

/// One for all: what one request leaves behind, the next may meet.
static SERVER: LazyLock<Mutex<Server>> = LazyLock::new(|| Mutex::new(Server::new()));

impl Server {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let database = Database::sqlite();
        let migrations = [identity::MIGRATIONS, issue::MIGRATIONS, ask::MIGRATIONS, web::MIGRATIONS].concat();
        let store = runtime.block_on(database.open(&migrations));
        let router = router(&store);
        let mut server = Self { runtime, router, known: BTreeMap::new(), _database: database };
        let person = json!({ "attributes": {
            "family_name": "Lima", "given_name": "Ana", "birthdate": "1990-05-17", "nationalities": ["UT"],
            "place_of_birth": { "locality": "Port Amity", "country": "UT" }, "sex": 2,
            "address": { "formatted": "1 Quay" }, "personal_administrative_number": "A-1" } });
        let organisation =
            json!({ "attributes": { "legal_name": "Fishers", "registration_number": "1", "country": "UT" } });
        let id = |answer: Option<Value>| text_at(&answer.unwrap(), "/id");
        let person = id(server.post("/staff/v1/people", &person));
        let organisation = id(server.post("/staff/v1/organisations", &organisation));
        let mandate = json!({ "person": person, "capacity": "director", "reason": "elected" });
        let mandate = id(server.post(&format!("/staff/v1/organisations/{organisation}/mandates"), &mandate));
        let import = id(server.post("/staff/v1/imports", &json!({ "request": "first" })));
        server.known.extend([
            ("person", person),
            ("organisation", organisation),
            ("mandate", mandate),
            ("import", import),
        ]);
        server.issue();
        server
    }

    /// Posts JSON as staff does; the answer, if it is a good one.
    fn post(&self, address: &str, body: &Value) -> Option<Value> {
        let headers = [("authorization", "Bearer staff"), ("content-type", "application/json")];
        let sent = self.send("POST", address, &headers, body.to_string().into_bytes())?;
        if sent.status >= 300 {
            return None;
        }
        serde_json::from_slice(&sent.body).ok()
    }

    fn make_offer(&mut self) {
        let body = json!({ "person": self.known.get("person"), "type": "pid", "tx_code": true });
        let Some(offer) = self.post("/staff/v1/offers", &body) else { return };
        let uri = text_at(&offer, "/credential_offer_uri");
        let code = "/credential_offer/grants/urn:ietf:params:oauth:grant-type:pre-authorized_code/pre-authorized_code";
        self.known.extend([
            ("offer", text_at(&offer, "/id")),
            ("offer_token", uri.rsplit('/').next().unwrap_or_default().to_owned()),
            ("code", text_at(&offer, code)),
            ("tx_code", text_at(&offer, "/tx_code")),
        ]);
    }

    fn make_access(&mut self) {
        self.make_offer();
        let form = text::form(&[
            ("grant_type".into(), "urn:ietf:params:oauth:grant-type:pre-authorized_code".into()),
            ("pre-authorized_code".into(), self.known.get("code").cloned().unwrap_or_default()),
            ("tx_code".into(), self.known.get("tx_code").cloned().unwrap_or_default()),
        ]);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let token = self.send("POST", "/token", &headers, form.into_bytes()).and_then(|sent| sent.json());
        let nonce = self.send("POST", "/nonce", &[], Vec::new()).and_then(|sent| sent.json());
        let nonce = text_at(&nonce.unwrap_or_default(), "/c_nonce");
        let key = SecretKey::generate(&SeededRandom::new(61));
        self.known.extend([
            ("access", text_at(&token.unwrap_or_default(), "/access_token")),
            ("proof", proof::build(&key, IDENTIFIER, Some(&nonce), NOW).unwrap()),
            ("nonce", nonce),
        ]);
        let address =
            format!("/staff/v1/credentials?person={}", self.known.get("person").cloned().unwrap_or_default());
        let listed = self.send("GET", &address, &[("authorization", "Bearer staff")], Vec::new());
        let listed = listed.and_then(|sent| sent.json()).unwrap_or_default();
        self.known.insert("credential", text_at(&listed, "/credentials/0/id"));
    }

    /// A page with a form: its token, and the cookie that it is bound to.
    fn make_page(&mut self) {
        let Some(page) = self.send("GET", "/en/login", &[("accept", "text/html")], Vec::new()) else {
            return;
        };
        self.known.extend([("csrf", page.csrf()), ("cookie", page.cookies.join("; "))]);
    }

    /// A credential that somebody has.
    fn issue(&mut self) {
        self.make_access();
        let bearer = format!("Bearer {}", self.known.get("access").cloned().unwrap_or_default());
        let proofs = json!({ "jwt": [self.known.get("proof")] });
        let body = json!({ "credential_configuration_id": "pid", "proofs": proofs }).to_string();
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        self.send("POST", "/credential", &headers, body.into_bytes());
        self.make_access();
    }

    fn make_request(&mut self) {
        let Some(asked) = self.post("/ask/v1/requests", &question()) else { return };
        let link = Link::parse(&text_at(&asked, "/link")).unwrap();
        let last = |address: &str| address.rsplit('/').next().unwrap_or_default().to_owned();
        let path = link.request_uri.strip_prefix(IDENTIFIER).unwrap_or_default().to_owned();
        let object = self.send("GET", &path, &[], Vec::new()).map(|sent| sent.body).unwrap_or_default();
        let request = RequestObject::read_unverified(&String::from_utf8_lossy(&object)).unwrap();
        let credential = WORLD.credentials.first().unwrap();
        let vp_token =
            VpToken::new([("pid".to_owned(), vec![WORLD.presentation(credential, &request)])].into());
        self.known.extend([
            ("asked", text_at(&asked, "/id")),
            ("request", last(&path)),
            ("response", last(&request.response_uri)),
            ("wait", last(&text_at(&asked, "/page"))),
            ("state", request.state.unwrap_or_default()),
            ("vp_token", vp_token.as_str().to_owned()),
        ]);
    }
}

impl http::Server for Server {
    fn filled(&mut self, input: &str) -> String {
        if ["{offer}", "{offer_token}", "{code}", "{tx_code}"].iter().any(|name| input.contains(name)) {
            self.make_offer();
        }
        if ["{access}", "{proof}", "{nonce}", "{credential}"].iter().any(|name| input.contains(name)) {
            self.make_access();
        }
        if ["{asked}", "{request}", "{response}", "{wait}", "{vp_token}"]
            .iter()
            .any(|name| input.contains(name))
        {
            self.make_request();
        }
        if ["{csrf}", "{cookie}"].iter().any(|name| input.contains(name)) {
            self.make_page();
        }
        self.known
            .iter()
            .fold(input.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// The form of an answer has a presentation in it, which is changed in half of all cases.
    fn finished(&self, body: String, input: &[u8]) -> String {
        if body.contains("vp_token=") { answered(&body, &mut Dice::of(input)) } else { body }
    }

    fn send(&self, method: &str, address: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<Sent> {
        http::send((&self.runtime, &self.router), method, address, headers, body)
    }
}

fn router(store: &Store) -> Router {
    let clock = Arc::new(ManualClock::new(NOW));
    let random = Arc::new(SeededRandom::new(62));
    let sha256 = base16ct::lower::encode_string(&crypto::sha256(b"staff"));
    let staff =
        StaffTokens::new(&[StaffToken { name: "amina".into(), sha256, roles: web::session::all_roles() }])
            .unwrap();
    let name: BTreeMap<_, _> = Lang::ALL.into_iter().map(|lang| (lang, "Utopia".to_owned())).collect();
    let register = identity::Register::new(store.clone(), clock.clone(), random.clone(), staff.clone());
    let issuing = issue::IssuerConfig {
        identifier: IDENTIFIER.into(),
        handle: String::new(),
        name: Texts::try_from(name).unwrap(),
        authority: "Civil Registry".into(),
        country: "UT".into(),
        signer: WORLD.issuer.signer.clone(),
        retired_signers: Vec::new(),
        server_secret: [7; 32],
        types: issue::Types::embedded().unwrap(),
        status_ttl_s: 0,
        staff: staff.clone(),
    };
    let issuer =
        issue::Issuer::new(issuing, store.clone(), clock.clone(), random.clone(), Arc::new(Subjects))
            .unwrap();
    let asking = ask::AskConfig {
        identifier: IDENTIFIER.into(),
        signer: WORLD.asker.signer.clone(),
        issuers: vec![ask::TrustedIssuers::of_everything(WORLD.issuer.anchors.clone())],
        server_secret: [7; 32],
        status_max_age_s: None,
        staff,
    };
    let ask = ask::Ask::new(asking, store.clone(), clock.clone(), random.clone(), Arc::new(StatusLists));
    let settings = web::session::SessionsConfig {
        party: "party".into(),
        identifier: IDENTIFIER.into(),
        server_secret: [7; 32],
    };
    let sessions = web::Sessions::new(store.clone(), clock.clone(), random.clone(), &settings);
    let accepted = identity::LoginConfig { pid: vec!["urn:eudi:pid:1".into()], ..Default::default() };
    let preferences = web::preferences::routes(clock.clone()).into_router();
    let login =
        identity::Login::new(&accepted, store.clone(), clock, random, ask.clone(), sessions.clone()).unwrap();
    let site = web::Site::new(web::SiteConfig {
        name: None,
        identifier: IDENTIFIER.into(),
        handle: "party".into(),
        thumbprint: [0; 32],
        sessions: Some(sessions),
        has_log: false,
        has_login: true,
        navigation: Vec::new(),
    });
    let routes =
        register.router().merge(issuer.router()).merge(ask.router()).merge(login.routes().into_router());
    let routes = routes.merge(preferences);
    site.wrap(routes.fallback(http::nowhere))
}

fn question() -> Value {
    let purpose: Value =
        Lang::ALL.into_iter().map(|lang| (lang.tag().to_owned(), Value::from("Why"))).collect();
    json!({
        "purpose": purpose, "device": "cross", "response_mode": "direct_post", "client_id_prefix": "x509_hash",
        "dcql_query": { "credentials": [{
            "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
            "claims": [{ "path": ["family_name"] }, { "path": ["birthdate"] }],
        }] },
        "transaction_data": [{
            "type": format!("{IDENTIFIER}/types/agreement/1"), "credential_ids": ["pid"],
            "payload": { "title": "Rent", "text": "I rent the boat." },
        }],
    })
}

const WALLET_JSON: &str = "authorization: Bearer {access}\ncontent-type: application/json";

fn seeds() -> Vec<Vec<u8>> {
    let attributes = json!({
        "family_name": "Ek", "given_name": "Bo", "birthdate": "1980-01-02", "sex": 1, "nationalities": ["UT"],
        "address": { "locality": "Amber" },
    });
    let mut seeds: Vec<Vec<u8>> = [
        "/staff/v1/people/{person}",
        "/staff/v1/people/{person}/history",
        "/staff/v1/organisations/{organisation}",
        "/staff/v1/organisations/{organisation}/mandates?all=true",
        "/staff/v1/people/{person}/mandates",
        "/staff/v1/imports/{import}",
        "/staff/v1/imports/{import}/report?from=1",
        "/staff/v1/types",
        "/staff/v1/offers/{offer}",
        "/staff/v1/credentials?person={person}&before=9",
        "/staff/v1/credentials/{credential}",
        "/.well-known/openid-credential-issuer",
        "/.well-known/oauth-authorization-server",
        "/offers/{offer_token}",
        "/offers/{offer_token}/qr.svg",
        "/status",
        "/status/1",
        "/ask/v1/requests/{asked}",
        "/ask/v1/requests/{asked}/evidence",
        "/ask/request/{request}",
        "/fr/ask/wait/{wait}?still",
        "/ask/wait/{wait}/qr.svg",
    ]
    .iter()
    .map(|address| text::records(&[format!("GET {address}").as_str(), STAFF, ""]))
    .collect();
    let posts = [
        ("/staff/v1/people", json!({ "attributes": attributes, "request": "r-1" })),
        ("/staff/v1/people/search", json!({ "name": "li an", "birthdate": "1990-05-17" })),
        (
            "/staff/v1/people/{person}/amendments",
            json!({ "attributes": { "email": "a@b.example" }, "reason": "r", "version": 1 }),
        ),
        ("/staff/v1/organisations/search", json!({ "name": "fish" })),
        (
            "/staff/v1/organisations/{organisation}/mandates",
            json!({ "person": "{person}", "capacity": "clerk", "valid_until": "2030-12-31", "reason": "r" }),
        ),
        ("/staff/v1/mandates/{mandate}/end", json!({ "reason": "left" })),
        ("/staff/v1/imports", json!({ "request": "second" })),
        ("/staff/v1/imports/{import}/check", json!({ "parts": 1 })),
        ("/staff/v1/offers", json!({ "person": "{person}", "type": "pid", "tx_code": false })),
        (
            "/staff/v1/offers",
            json!({ "person": "{person}", "type": "diploma", "claims": { "degree": "Master",
                "field_of_study": "Hydrology", "institution": "University", "awarded_on": "2024-06-30" } }),
        ),
        ("/staff/v1/credentials/{credential}/suspend", json!({ "reason": "lost" })),
        ("/ask/v1/requests", question()),
        ("/ask/v1/requests", question()),
        (
            "/ask/v1/response-codes",
            json!({ "response_code": "a", "session": "0123456789012345678901234567890123456789" }),
        ),
    ];
    seeds.extend(posts.iter().map(|(address, body)| {
        text::records(&[format!("POST {address}").as_str(), STAFF_JSON, &body.to_string()])
    }));
    let proofs = json!({ "credential_configuration_id": "pid", "proofs": { "jwt": ["{proof}"] } });
    let notification = json!({ "notification_id": "n", "event": "credential_accepted" });
    let csv = "family_name,given_name,birthdate\r\nEk,Bo,1980-01-02\r\n";
    let token = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code&pre-authorized_code={code}&tx_code={tx_code}";
    seeds.extend([
        text::records(&["POST /credential", WALLET_JSON, &proofs.to_string()]),
        text::records(&["POST /credential", WALLET_JSON, &proofs.to_string()]),
        text::records(&["POST /notification", WALLET_JSON, &notification.to_string()]),
        text::records(&[
            "PUT /staff/v1/imports/{import}/parts/1",
            "authorization: Bearer staff\ncontent-type: text/csv",
            csv,
        ]),
        text::records(&["POST /token", FORM, token]),
        text::records(&["POST /nonce", "", ""]),
        text::records(&["POST /ask/request/{request}", FORM, "wallet_nonce=abc&wallet_metadata=%7B%7D"]),
        text::records(&["POST /ask/response/{response}", FORM, "vp_token={vp_token}&state={state}"]),
        text::records(&[
            "POST /ask/response/{response}",
            FORM,
            "error=access_denied&error_description=no&state={state}",
        ]),
    ]);
    seeds.extend(visits());
    seeds
}

/// What browsers send.
fn visits() -> Vec<Vec<u8>> {
    let visit = "accept: text/html\ncookie: {cookie}; sahihi_party_session=x; sahihi_party_login=a.b";
    let chosen = "accept: text/html\naccept-encoding: br;q=0.5, gzip;q=1\ncookie: sahihi_party_lang=fr; sahihi_party_zone=UTC";
    let form = format!("{FORM}\ncookie: {{cookie}}\norigin: {IDENTIFIER}");
    vec![
        text::records(&["GET /ar/login?return=%2Fcalls%3Fpage%3D2", visit, ""]),
        text::records(&["GET /login/back?response_code=a", visit, ""]),
        text::records(&["GET /invitations/a", visit, ""]),
        text::records(&["GET /desk/people", visit, ""]),
        text::records(&["POST /login", &form, "csrf={csrf}&device=cross&return=%2Fcalls"]),
        text::records(&["POST /login", &form, "csrf={csrf}&device=same&return=&invitation=a"]),
        text::records(&["POST /sessions/end", &form, "csrf={csrf}&session=ses_00000000000000a1"]),
        text::records(&["POST /logout", &form, "csrf={csrf}"]),
        text::records(&["GET /zh/preferences?return=/calls", chosen, ""]),
        text::records(&["POST /es/preferences", &form, "csrf={csrf}&zone=Asia/Shanghai&return=/calls"]),
    ]
}

/// Every route.
pub static HTTP: Target = Target::new(
    ("http", "requests to any route of the register, the issuer and the asker: paths, headers, bodies"),
    1_200,
    seeds,
    http::change,
    |input| http::run(&mut *SERVER.lock().unwrap_or_else(PoisonError::into_inner), input),
);

/// The form of an answer; the presentation in it is changed in half of all cases.
fn answered(body: &str, dice: &mut Dice) -> String {
    let mut pairs = text::pairs(body.as_bytes());
    for (_, value) in pairs.iter_mut().filter(|(name, _)| name == "vp_token") {
        if dice.percent(50) {
            *value = String::from_utf8_lossy(&vp_token_change(value.as_bytes(), dice)).into_owned();
        }
    }
    text::form(&pairs)
}
