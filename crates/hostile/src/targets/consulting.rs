//! HTTP again: every route of the forum and of the log, as browsers, programs and the secretariat call them. How a request is
//! an input: see `http`.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use ::store::{Store, Tx, fixture::Database};
use axum::Router;
use base::{Clock, time::ManualClock};
use crypto::{Ed25519SecretKey, SeededRandom};
use forum::{
    Forum, ForumConfig, PartyClass, Policy, QuestionKind,
    fixture::{self, secretary, submission},
};
use log::{Log, LogConfig};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use web::{
    Role, Sessions, StaffTokens, Subject,
    session::{NewSession, SessionsConfig},
    staff::StaffToken,
};

use super::http::{self, BOUNDARY, FORM, STAFF, STAFF_JSON, Sent, Server as _, parts};
use crate::{Target, text, world::NOW};

const IDENTIFIER: &str = "http://localhost:8003";
/// A call that is open, and publishes at once.
const CALL: &str = "OPEN";
/// A circular that was sent.
const CIRCULAR: &str = "CL-1";
/// How long mails that were taken are kept from others, milliseconds.
const LEASE_MS: i64 = 1_000;

/// A secretariat, and a browser in which one of its staff is signed in and has begun to answer.
struct Server {
    runtime: Runtime,
    router: Router,
    forum: Forum,
    /// What stands for a name in braces.
    known: BTreeMap<&'static str, String>,
    /// How many things were made.
    made: u64,
    _database: Database,
}

/// One for all: what one request leaves behind, the next may meet.
static SERVER: LazyLock<Mutex<Server>> = LazyLock::new(|| Mutex::new(Server::new()));

impl http::Server for Server {
    fn filled(&mut self, input: &str) -> String {
        if input.contains("{submission}") {
            self.make_submission();
        }
        if input.contains("{draft}") {
            self.make_draft();
        }
        if input.contains("{confirm}") {
            self.make_link();
        }
        self.known
            .iter()
            .fold(input.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    fn send(&self, method: &str, address: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<Sent> {
        http::send((&self.runtime, &self.router), method, address, headers, body)
    }
}

impl Server {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let database = Database::sqlite();
        let store = runtime.block_on(database.open(&[&fixture::migrations(), web::MIGRATIONS].concat()));
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(NOW));
        let forum = runtime.block_on(forum(&store, &clock));
        let (router, cookie) = runtime.block_on(pages(&store, &clock, &forum));
        let mut server =
            Self { runtime, router, forum, known: BTreeMap::new(), made: 0, _database: database };
        server.runtime.block_on(begin(&server.forum));
        let page = server.visit("/en/calls/OPEN/answer", &cookie, None);
        let cookie = [vec![cookie], page.cookies.clone()].concat().join("; ");
        server.known.extend([("csrf", page.csrf()), ("cookie", cookie)]);
        let listed = server.runtime.block_on(server.forum.addressees(&secretary(), None)).unwrap();
        let addressee = listed.addressees.first().map(|one| one.id.to_string());
        server.known.insert("addressee", addressee.unwrap_or_default());
        server.make_submission();
        server.make_draft();
        server.make_link();
        server
    }

    /// What a browser with this cookie is answered.
    fn visit(&self, address: &str, cookie: &str, form: Option<(&str, String)>) -> Sent {
        let kind = form.as_ref().map(|(kind, _)| *kind).unwrap_or_default();
        let headers =
            [("accept", "text/html"), ("cookie", cookie), ("origin", IDENTIFIER), ("content-type", kind)];
        let method = if form.is_some() { "POST" } else { "GET" };
        let body = form.map(|(_, body)| body.into_bytes()).unwrap_or_default();
        self.send(method, address, &headers, body).unwrap()
    }

    fn own(&self, name: &str) -> String {
        self.known.get(name).cloned().unwrap_or_default()
    }

    /// Something that was submitted just now.
    fn make_submission(&mut self) {
        self.made += 1;
        let new = submission(CALL, &format!("Party {}", self.made), self.made);
        if let Ok(received) = self.runtime.block_on(self.forum.receive(new)) {
            self.known.insert("submission", received.id.to_string());
        }
    }

    /// A call and a circular that nobody has announced.
    fn make_draft(&mut self) {
        self.made += 1;
        let (call, circular) = (format!("D-{}", self.made), format!("CL-{}", self.made));
        let drafting = async {
            let mut new = fixture::new_call(&call, Policy::SealedUntilClose);
            (new.opens, new.closes.instant) = (NOW.plus_secs(3_600), NOW.plus_secs(86_400));
            self.forum.draft_call(&secretary(), new).await.unwrap();
            self.forum.draft_circular(&secretary(), fixture::new_circular(&circular)).await.unwrap();
        };
        self.runtime.block_on(drafting);
        self.known.extend([("draft", call), ("circular", circular)]);
    }

    /// A link that confirms an answer.
    fn make_link(&mut self) {
        let (csrf, cookie) = (self.own("csrf"), self.own("cookie"));
        let fields =
            [("csrf", csrf.as_str()), ("lang", "en"), ("for", "self"), ("name", "Nerida"), ("a-q1", "No.")];
        let entered = ("multipart/form-data; boundary=B", parts(&fields, &[]));
        self.visit("/en/calls/OPEN/answer", &cookie, Some(entered));
        let mail = text::form(&[("csrf".to_owned(), csrf), ("mail".to_owned(), "a@b.example".to_owned())]);
        let sent = ("application/x-www-form-urlencoded", mail);
        self.visit("/en/calls/OPEN/answer/unsigned", &cookie, Some(sent));
        let mails = async {
            let mut all = Vec::new();
            for due in self.forum.mails_due(LEASE_MS).await.unwrap() {
                all.extend(self.forum.write_mail(&due).await.unwrap());
                self.forum.mail_sent(&due).await.unwrap();
            }
            all
        };
        let mails = self.runtime.block_on(mails);
        for (name, path) in [("confirm", "/submissions/confirm/"), ("stop", "/mail/stop/")] {
            let words = mails.iter().flat_map(|mail| mail.text.split_whitespace());
            let link = words.filter_map(|word| word.split_once(path)).next_back();
            if let Some((_, end)) = link {
                self.known.insert(name, end.to_owned());
            }
        }
    }
}

async fn forum(store: &Store, clock: &Arc<dyn Clock>) -> Forum {
    let random = Arc::new(SeededRandom::new(63));
    let sha256 = base16ct::lower::encode_string(&crypto::sha256(b"staff"));
    let staff = StaffToken { name: "amina".into(), sha256, roles: web::session::all_roles() };
    let signer = Arc::new(Ed25519SecretKey::from_seed(&[7; 32]).unwrap());
    let config = LogConfig { origin: "localhost:8003/log".to_owned(), signer, head: None };
    let log = Log::open(config, store.clone(), clock.clone(), random.clone()).await.unwrap();
    let config = ForumConfig {
        identifier: IDENTIFIER.to_owned(),
        name: "Secretariat".to_owned(),
        host_zone: "Europe/Zurich".to_owned(),
        contact: "forum@secretariat.example".to_owned(),
        server_secret: [3; 32],
        anchors: String::new(),
    };
    let staff = StaffTokens::new(&[staff]).unwrap();
    Forum::new(config, store.clone(), clock.clone(), random, log, None, staff)
}

/// Its pages, and the cookies of somebody who is signed in.
async fn pages(store: &Store, clock: &Arc<dyn Clock>, forum: &Forum) -> (Router, String) {
    let settings =
        SessionsConfig { party: "party".into(), identifier: IDENTIFIER.into(), server_secret: [7; 32] };
    let sessions = Sessions::new(store.clone(), clock.clone(), Arc::new(SeededRandom::new(64)), &settings);
    let begun = sessions.begin(NewSession {
        subject: Subject::from_kept("ab".repeat(32)),
        shown_name: Some("Amina".to_owned()),
        roles: vec![Role::Secretary],
        party: None,
        until: None,
    });
    let kept = begun.clone();
    store.write(async move |tx: &mut Tx<'_>| Sessions::keep(tx, &kept).await).await.unwrap();
    let cookies = sessions.signed_in(&begun);
    let pairs = cookies.iter().filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    let pairs: Vec<&str> = pairs.filter(|pair| !pair.ends_with('=')).collect();
    let cookie = pairs.join("; ");
    let site = web::Site::new(web::SiteConfig {
        name: None,
        identifier: IDENTIFIER.into(),
        handle: "party".into(),
        thumbprint: [0; 32],
        sessions: Some(sessions),
        has_log: true,
        has_login: true,
        navigation: Vec::new(),
    });
    let routes = forum.clone().routes().merge(forum.log().routes()).into_router();
    (site.wrap(routes.fallback(http::nowhere)), cookie)
}

/// A circular that was sent, the call that it opens, and whom it was sent to.
async fn begin(forum: &Forum) {
    let staff = secretary();
    let ministry = forum::NewAddressee {
        contact: forum::Contact { mail: "posts@kibo.example".to_owned(), lang: base::Lang::Fr },
        class: PartyClass::MemberState,
        name: "Ministry of Kibo".to_owned(),
    };
    forum.add_addressees(&staff, vec![ministry], "They asked.").await.unwrap();
    let mut circular = fixture::new_circular(CIRCULAR);
    circular.addressees = vec![PartyClass::MemberState];
    forum.draft_circular(&staff, circular).await.unwrap();
    let mut call = fixture::new_call(CALL, Policy::AtOnce);
    call.circular = Some(CIRCULAR.to_owned());
    (call.opens, call.closes.instant) = (NOW.plus_secs(-3_600), NOW.plus_secs(86_400));
    for (id, kind) in [
        ("q3", QuestionKind::Amount),
        ("q4", QuestionKind::Country),
        ("q5", QuestionKind::Person),
        ("q6", QuestionKind::File),
    ] {
        call.form.questions.push(fixture::question(id, kind, false));
    }
    forum.draft_call(&staff, call).await.unwrap();
    forum.send_circular(&staff, CIRCULAR).await.unwrap();
    forum.log().step().await.unwrap();
}

fn english(text: &str) -> Value {
    json!({ "original": "en", "texts": { "en": text, "ar": "نص" } })
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = [
        "/staff/v1/forum/calls?after=OPEN",
        "/staff/v1/forum/calls/{draft}",
        "/staff/v1/forum/calls/OPEN/history",
        "/staff/v1/forum/calls/OPEN/submissions?state=published&after={submission}",
        "/staff/v1/forum/circulars/{circular}",
        "/staff/v1/forum/addressees?after={addressee}",
        "/staff/v1/forum/submissions/{submission}",
        "/forum/v1/calls?after=OPEN",
        "/forum/v1/calls/OPEN/submissions?class=private&region=africa&country=KE&lang=en&question=q1&after={submission}",
        "/forum/v1/calls/OPEN/counts",
        "/forum/v1/circulars/CL-1",
        "/forum/v1/submissions/{submission}",
        "/log/tile/0/000.p/1",
        "/log/receipts/lef_0123456789abcdef",
    ]
    .iter()
    .map(|address| text::records(&[format!("GET {address}").as_str(), STAFF, ""]))
    .collect();
    seeds.extend(programs());
    seeds.extend(visits());
    seeds
}

/// What programs send.
fn programs() -> Vec<Vec<u8>> {
    let said = json!({
        "form_version": 1, "lang": "fr-CH", "answers": { "q1": { "text": "Oui" }, "q4": { "country": "KE" },
            "q3": { "amount": { "minor": 1200, "currency": "CHF" } }, "q5": { "person": { "name": "A" } } },
        "party": { "class": "individual", "name": "Kibo", "country": "KE" }, "summary": "Bref",
    });
    let circular = json!({
        "symbol": "{circular}", "dated": "2026-03-01", "signatory": "Amina", "subject": english("On wells"),
        "text": english("Which?"), "contact": "a@b.example", "addressees": ["private"], "copies": ["A"],
    });
    let call = json!({
        "symbol": "{draft}", "kind": "consultation", "title": english("A call"), "introduction": english("Tell."),
        "questions": [
            { "id": "a", "kind": "choice", "label": english("Which?"), "required": true, "help": english("One."),
              "options": [{ "id": "x", "label": english("X") }, { "id": "y", "label": english("Y") }] },
            { "id": "b", "kind": "text", "label": english("What?"), "required": false, "max_chars": 80 },
        ],
        "opens": "2026-12-01T00:00:00Z",
        "closes": { "instant": "2026-12-31T23:00:00Z", "zone": "Europe/Zurich", "wording": "by_end_of_day" },
        "grace_ms": 60_000, "policy": "at_close", "contact": "a@b.example", "party_limit": 2,
        "audience": ["private", "academia"], "languages": ["en", "ar"],
    });
    let addressees = json!({ "reason": "They asked.", "addressees": [
        { "mail": "a@b.example", "lang": "zh", "class": "academia", "name": "示例大学" },
        { "mail": "имя@пример.рф", "lang": "ru", "class": "igo", "name": "Пример" },
    ] });
    let translated = json!({ "lang": "es", "title": "Una convocatoria", "introduction": "Díganos." });
    let of_circular = json!({ "lang": "es", "subject": "Se abre", "text": "Díganos." });
    let extend = json!({ "act": "extend", "reason": "Holidays.",
        "closes": { "instant": "2199-12-31T23:00:00Z", "zone": "UTC", "wording": "before" } });
    let answered = json!({ "lang": "ar", "answers": { "q1": "نعم" }, "summary": null });
    let posts = [
        ("POST /forum/v1/calls/OPEN/submissions", "content-type: application/json", said),
        ("POST /staff/v1/forum/circulars/{circular}/changes", STAFF_JSON, circular),
        ("POST /staff/v1/forum/circulars/{circular}/translations", STAFF_JSON, of_circular),
        ("POST /staff/v1/forum/calls/{draft}/changes", STAFF_JSON, call),
        ("POST /staff/v1/forum/calls/{draft}/translations", STAFF_JSON, translated),
        ("POST /staff/v1/forum/calls/{draft}/acts", STAFF_JSON, json!({ "act": "announce" })),
        ("POST /staff/v1/forum/calls/OPEN/acts", STAFF_JSON, extend),
        ("POST /staff/v1/forum/addressees", STAFF_JSON, addressees),
        (
            "POST /staff/v1/forum/addressees/{addressee}/removal",
            STAFF_JSON,
            json!({ "reason": "They left." }),
        ),
        (
            "POST /staff/v1/forum/submissions/{submission}/acts",
            STAFF_JSON,
            json!({ "act": "withhold", "reason": "Spam." }),
        ),
        ("POST /staff/v1/forum/submissions/{submission}/translations", STAFF_JSON, answered),
    ];
    let mut all: Vec<Vec<u8>> = posts
        .iter()
        .map(|(line, headers, body)| text::records(&[*line, *headers, body.to_string().as_str()]))
        .collect();
    let file = "content-type: application/octet-stream";
    all.push(text::records(&["POST /forum/v1/files?name=a.txt", file, "Une annexe.\n"]));
    all.push(text::records(&["POST /forum/v1/files?name=a.pdf", file, "%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"]));
    all
}

/// What browsers send.
fn visits() -> Vec<Vec<u8>> {
    let visit = "accept: text/html\ncookie: {cookie}\naccept-encoding: gzip";
    let form = format!("{FORM}\naccept: text/html\ncookie: {{cookie}}\norigin: {IDENTIFIER}");
    let boundary = BOUNDARY.trim_start_matches('-');
    let parted = format!(
        "content-type: multipart/form-data; boundary={boundary}\naccept: text/html\ncookie: {{cookie}}\norigin: {IDENTIFIER}"
    );
    let pages = [
        "/ar/calls",
        "/calls/OPEN",
        "/zh/calls/OPEN/submissions?class=private&region=africa&country=KE&lang=en&question=q1&q=a&after={submission}",
        "/calls/OPEN/submissions.csv?country=KE",
        "/calls/OPEN/submissions.atom",
        "/feed.atom",
        "/circulars/CL-1",
        "/calls/OPEN/answer?check=1",
        "/calls/OPEN/answer/review?wrong=mail",
        "/submissions/{submission}",
        "/submissions/{submission}/receipt",
        "/submissions/{submission}/original.json",
        "/submissions/confirm/{confirm}",
        "/mail/stop/{stop}",
        "/desk",
        "/desk/addressees",
        "/desk/calls/{draft}/edit",
        "/desk/calls/{draft}/questions/q1",
        "/desk/calls/OPEN/answers?state=published&after={submission}",
        "/desk/submissions/{submission}",
        "/desk/circulars/{circular}/edit",
        "/log",
    ];
    let mut all: Vec<Vec<u8>> =
        pages.iter().map(|page| text::records(&[format!("GET {page}").as_str(), visit, ""])).collect();
    let entered = [
        ("csrf", "{csrf}"),
        ("lang", "en"),
        ("for", "party"),
        ("name", "Kibo"),
        ("class", "private"),
        ("country", "KE"),
        ("party_id", "1"),
        ("a-q1", "Let us agree."),
        ("a-q2", "Or not."),
        ("a-q3.amount", "12.50"),
        ("a-q3.currency", "chf"),
        ("a-q4", "FR"),
        ("a-q5.name", "Amaru"),
        ("summary", ""),
    ];
    let files = [("a-q6", "annex.txt", "text/plain", "An annex.\n")];
    let paper = [
        ("csrf", "{csrf}"),
        ("lang", "fr"),
        ("name", "Kibo"),
        ("class", "private"),
        ("country", "KE"),
        ("received", "2026-11-21"),
        ("a-q1", "Sur papier."),
    ];
    let scan = [("scan", "scan.pdf", "application/pdf", "%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n")];
    for (line, body) in [
        ("POST /en/calls/OPEN/answer", parts(&entered, &files)),
        ("POST /en/calls/OPEN/answer", parts(&entered, &files)),
        ("POST /desk/calls/OPEN/paper", parts(&paper, &scan)),
    ] {
        all.push(text::records(&[line, parted.as_str(), body.as_str()]));
    }
    let call = "csrf={csrf}&symbol={draft}&original=en&title-en=Wells&title-ar=%D9%86%D8%B5&about-en=Which&kind=consultation&\
        circular=&opens=2026-12-01&opens-time=09:00&closes=2026-12-31&zone=Europe/Zurich&grace=10&limit=1&\
        policy=sealed_until_close&audience=private&audience=academia&contact=a%40b.example";
    let circular = "csrf={csrf}&symbol={circular}&dated=2026-03-01&signatory=Amina&original=en&subject-en=On+wells&\
        text-en=Which&contact=a%40b.example&addressees=private&copies=A";
    for (line, body) in [
        ("POST /desk/calls/{draft}/edit", call),
        ("POST /desk/circulars/{circular}/edit", circular),
        (
            "POST /desk/addressees",
            "csrf={csrf}&reason=They+asked&mail=a%40b.example&lang=fr&class=igo&name=A&lines=b%40c.example%3B+fr%3B+igo%3B+B",
        ),
        ("POST /desk/submissions/{submission}", "csrf={csrf}&act=refuse&reason=It+is+another"),
        ("POST /submissions/confirm/{confirm}", "csrf={csrf}"),
        ("POST /mail/stop/{stop}", ""),
        ("POST /log", "csrf={csrf}&text=c2sp.org%2Ftlog-proof%40v1&file="),
    ] {
        all.push(text::records(&[line, form.as_str(), body]));
    }
    all
}

/// Every route of the forum and of the log.
pub static FORUM: Target = Target::new(
    ("forum", "requests to any route of the forum and the log: paths, headers, bodies, forms with files"),
    1_200,
    seeds,
    http::change,
    |input| http::run(&mut *SERVER.lock().unwrap_or_else(PoisonError::into_inner), input),
);
