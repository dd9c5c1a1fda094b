//! HTTP: every route of the register, the issuer and the asker, with bodies, forms, paths and headers of any kind.
//!
//! An input is a request: `METHOD address`, then the headers, then the body. Names in braces stand for what is there:
//! a person, an offer's code, an access token. They are put in when the request is sent, after whatever was changed.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use ::store::{Store, Tx, fixture::Database};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request},
};
use base::{Lang, Texts, time::ManualClock};
use crypto::{SecretKey, SeededRandom};
use formats::{
    json,
    vci::proof,
    vp::{Link, RequestObject, VpToken},
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;
use web::{StaffTokens, staff::StaffToken};

use super::asking::vp_token_change;
use crate::{
    Dice, Reached, Target, json as trees, text,
    world::{NOW, STATUS_URI, WORLD},
};

const IDENTIFIER: &str = "http://localhost:8000";
/// How much of an answer is read.
const ANSWER_BYTES_MAX: usize = 1 << 24;

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
        server
    }

    /// Sends it; the status, the media type and the body of the answer.
    fn send(&self, method: &str, address: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<Sent> {
        let method = Method::from_bytes(method.as_bytes()).ok()?;
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).ok()?;
        let router = self.router.clone();
        self.runtime.block_on(async {
            let response = router.oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let media_type = response.headers().get("content-type").and_then(|v| v.to_str().ok());
            let media_type = media_type.unwrap_or_default().to_owned();
            let cookie = response.headers().get("set-cookie").and_then(|v| v.to_str().ok());
            let cookie = cookie.and_then(|v| v.split(';').next()).unwrap_or_default().to_owned();
            let body = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap().to_vec();
            Some(Sent { status, media_type, cookie, body })
        })
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

    /// Puts in what stands for the names in braces.
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
        let text = String::from_utf8_lossy(&page.body).into_owned();
        let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        self.known.extend([("csrf", token.unwrap_or_default().to_owned()), ("cookie", page.cookie)]);
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

/// An answer.
struct Sent {
    status: u16,
    media_type: String,
    /// The first cookie that it sets.
    cookie: String,
    body: Vec<u8>,
}

impl Sent {
    fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

fn text_at(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
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
    site.wrap(routes.fallback(web::problem::no_such_address))
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

const STAFF: &str = "authorization: Bearer staff\naccept-language: fr-CH, en;q=0.5";
const STAFF_JSON: &str = "authorization: Bearer staff\ncontent-type: application/json";
const WALLET_JSON: &str = "authorization: Bearer {access}\ncontent-type: application/json";
const FORM: &str = "content-type: application/x-www-form-urlencoded";

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

fn change(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let records = text::split(input);
    let [line, headers, body] = records.as_slice() else { return text::changed_bytes(input, dice) };
    let address = String::from_utf8_lossy(line);
    match dice.below(10) {
        // The method and the address; of that mostly the last part or the query.
        0 | 1 => {
            let at = address.rfind(['/', '=']).map_or(0, |at| at.saturating_add(1));
            let (kept, tail) = address.split_at(if dice.percent(80) { at } else { 0 });
            text::records(&[format!("{kept}{}", text::changed(tail, dice)).as_bytes(), headers, body])
        }
        2 => {
            let headers = String::from_utf8_lossy(headers);
            text::records(&[*line, text::changed(&headers, dice).as_bytes(), *body])
        }
        _ if body.is_empty() => {
            let address = address.replace("{person}", "per_00000000000000a1");
            text::records(&[address.as_bytes(), headers, b"{}"])
        }
        _ => {
            let form = headers.windows(4).any(|w| w == b"form");
            let body = if form {
                text::changed_form(body, dice, |name, value, dice| {
                    // What is in braces would be coded, and not be found any more; so it is changed when it is known.
                    (name == "vp_token" && dice.percent(70)).then(|| value.to_owned())
                })
            } else {
                trees::spoilt_text(body, dice)
            };
            text::records(&[*line, *headers, &unbraced(&body)])
        }
    }
}

/// A form with the braces that writing it coded.
fn unbraced(body: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(body).replace("%7B", "{").replace("%7D", "}").into_bytes()
}

/// Every route.
pub static HTTP: Target =
    Target::new(("http", "requests to any route: paths, headers, bodies"), 1_200, seeds, change, |input| {
        let mut server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
        let records = text::split(input);
        let record = |at: usize| records.get(at).map(|text| String::from_utf8_lossy(text).into_owned());
        let (Some(line), Some(headers), Some(body)) = (record(0), record(1), record(2)) else {
            return Reached::Refused;
        };
        let line = server.filled(&line);
        let headers = server.filled(&headers);
        let mut body = server.filled(&body);
        if body.contains("vp_token=") {
            body = answered(&body, &mut Dice::of(input));
        }
        let Some((method, address)) = line.split_once(' ') else { return Reached::Refused };
        let headers: Vec<(&str, &str)> = headers.lines().filter_map(|line| line.split_once(": ")).collect();
        let Some(sent) = server.send(method, address, &headers, body.into_bytes()) else {
            return Reached::Refused;
        };
        let said = sent.json();
        assert!(sent.status < 500, "{line}: {} {said:?}", sent.status);
        let is_json = sent
            .media_type
            .split(';')
            .next()
            .is_some_and(|t| t == "application/json" || t.ends_with("+json"));
        if is_json {
            json::parse_within(&sent.body, ANSWER_BYTES_MAX).unwrap();
        }
        let code = said.as_ref().map(|value| text_at(value, "/code")).unwrap_or_default();
        match sent.status {
            200..300 => Reached::Accepted,
            401 | 405 | 413 | 415 => Reached::Refused,
            _ if ["invalid_json", "no_such_address"].contains(&code.as_str()) => Reached::Refused,
            _ => Reached::Read,
        }
    });

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
