//! What everybody can read, asked for as a stranger does, through the pages of a party.

mod lists;

use std::collections::{BTreeMap, BTreeSet};

use axum::{Router, body::Body};
use base::{Instant, Lang};
use http::{Request, Response, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::{
    Answer, Deadline, NewSubmission, PartyClass, Policy, QuestionId, StateWord, SubmissionLang, Wording,
    fixture::{CLOSES, GRACE_MS, OPENS, new_call, new_circular, secretary, submission},
    hygiene::BadText,
    submission::ops::receive::ReceiveRefusal,
    tests::{World, each},
};

/// An answer to a request, read.
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Got {
    fn kind(&self) -> &str {
        self.headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(crate) async fn read(response: Response<Body>) -> Got {
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 64 * 1024 * 1024).await.unwrap();
    let body = String::from_utf8(bytes.to_vec()).unwrap();
    Got { status: parts.status, headers: parts.headers, body }
}

fn pages(world: &World) -> Router {
    web::Site::default().wrap(world.forum.clone().router())
}

async fn get(world: &World, path: &str) -> Got {
    get_as(world, path, "text/html").await
}

async fn get_as(world: &World, path: &str, accept: &str) -> Got {
    let request = Request::get(path).header(header::ACCEPT, accept).body(Body::empty()).unwrap();
    read(pages(world).oneshot(request).await.unwrap()).await
}

/// The end of a call with its grace.
const ENDS: Instant = CLOSES.plus_ms(GRACE_MS);

const SECRET_NAME: &str = "Quokka Telecom";
const SECRET_TEXT: &str = "wombats everywhere";

fn secret(call: &str, n: u64) -> NewSubmission {
    let mut new = submission(call, SECRET_NAME, n);
    new.answers = BTreeMap::from([(QuestionId::new("q1").unwrap(), Answer::Text(SECRET_TEXT.to_owned()))]);
    new.summary = Some(SECRET_TEXT.to_owned());
    new
}

/// Every address at which something of a call could be read.
fn addresses(symbol: &str) -> Vec<String> {
    let own = format!("/calls/{symbol}");
    let mut all: Vec<String> =
        ["", ".json", ".ics", "/submissions", "/submissions.json", "/submissions.csv", "/submissions.atom"]
            .iter()
            .map(|end| format!("{own}{end}"))
            .collect();
    all.extend(["/submissions?class=private", "/submissions?question=q1"].map(|end| format!("{own}{end}")));
    all.extend(["/calls", "/calls.json", "/feed.atom", "/circulars"].map(str::to_owned));
    all
}

/// Whether anything of the one submission is to be read, at any address, and how many submissions are said to have come.
async fn leaks(world: &World, symbol: &str, id: &str) -> (bool, i64) {
    let mut all = addresses(symbol);
    let ends = ["", ".json", "/original.json", "/receipt", "/receipt.txt", "/proof.txt"];
    all.extend(ends.map(|end| format!("/submissions/{id}{end}")));
    let api = format!("/forum/v1/calls/{symbol}");
    all.extend([
        format!("{api}/counts"),
        format!("{api}/submissions"),
        format!("/forum/v1/submissions/{id}"),
    ]);
    all.push(format!("/calls/{symbol}/export.tar"));
    let mut leaks = false;
    for path in all {
        for lang in ["", "/ar"] {
            let got = get(world, &format!("{lang}{path}")).await;
            leaks |= got.body.contains(SECRET_NAME) || got.body.contains(SECRET_TEXT);
        }
    }
    let counts = get(world, &format!("/calls/{symbol}/submissions.json")).await.json();
    (leaks, counts["counts"]["received"].as_i64().unwrap_or(-1))
}

#[tokio::test]
async fn each_policy_shows_what_it_says_in_each_state_and_nothing_else() {
    each(async |world| {
        for (n, (policy, open, closed, published)) in (1..).zip([
            (Policy::AtOnce, true, true, true),
            (Policy::AtClose, false, false, true),
            (Policy::SealedUntilClose, false, false, true),
            (Policy::NeverWithCounts, false, false, false),
        ]) {
            let symbol = format!("C-{n}");
            world.clock.set(OPENS.plus_secs(-86_400));
            world.forum.draft_call(&secretary(), new_call(&symbol, policy)).await.unwrap();
            assert_eq!(get(&world, &format!("/calls/{symbol}")).await.status, StatusCode::NOT_FOUND);
            world.forum.announce_call(&secretary(), &symbol).await.unwrap();
            assert_eq!(get(&world, &format!("/calls/{symbol}")).await.status, StatusCode::OK);
            world.clock.set(OPENS);
            let id = world.receive(secret(&symbol, n)).await.id.to_string();
            assert_eq!(leaks(&world, &symbol, &id).await, (open, 1), "{policy} open");
            world.clock.set(ENDS.plus_ms(-1));
            assert_eq!(leaks(&world, &symbol, &id).await, (open, 1), "{policy} in grace");
            world.clock.set(ENDS);
            assert_eq!(leaks(&world, &symbol, &id).await, (closed, 1), "{policy} closed");
            world.forum.publish_call(&secretary(), &symbol).await.unwrap();
            assert_eq!(leaks(&world, &symbol, &id).await, (published, 1), "{policy} published");
        }
    })
    .await;
}

#[tokio::test]
async fn a_call_says_of_its_answers_what_is_true_in_its_state() {
    const PUBLISHED: &str = "The answers are published.";
    const NOT_YET: &str = "The call has closed; its answers have not been published yet.";
    const NEVER: &str = "Answers are not published. Their numbers are.";
    each(async |world| {
        for (policy, rule, closed, published) in [
            (Policy::AtOnce, "Answers are published as they arrive.", PUBLISHED, PUBLISHED),
            (Policy::AtClose, "Answers are published after the deadline.", NOT_YET, PUBLISHED),
            (Policy::SealedUntilClose, "Answers are sealed until the deadline.", NOT_YET, PUBLISHED),
            (Policy::NeverWithCounts, NEVER, NEVER, NEVER),
        ] {
            let symbol = policy.as_str().replace('_', "-");
            let says = async |said: &str| {
                let page = get(&world, &format!("/calls/{symbol}")).await.body;
                assert!(page.contains(said), "{policy} {said}: {page}");
                page
            };
            world.clock.set(OPENS.plus_secs(-86_400));
            world.announce(new_call(&symbol, policy)).await;
            says(rule).await;
            world.clock.set(OPENS);
            world.receive(secret(&symbol, 1)).await;
            assert!(says(rule).await.contains("1 answer has been received so far."));
            world.clock.set(ENDS);
            let over = async |said: &str| {
                let page = says(said).await;
                assert!(page.contains("1 answer was received."), "{policy}");
                assert!(!page.contains("so far") && (said == rule || !page.contains(rule)), "{policy}");
            };
            over(closed).await;
            world.forum.publish_call(&secretary(), &symbol).await.unwrap();
            over(published).await;
            world.forum.consider_call(&secretary(), &symbol, "4").await.unwrap();
            over(published).await;
            world.clock.set(OPENS);
            world.announce(new_call(&format!("{symbol}-2"), policy)).await;
            world.forum.annul_call(&secretary(), &format!("{symbol}-2"), "A mistake.").await.unwrap();
            let said = if policy == Policy::AtOnce { PUBLISHED } else { NEVER };
            let page = get(&world, &format!("/calls/{symbol}-2")).await.body;
            assert!(page.contains(said), "{policy} annulled: {page}");
        }
    })
    .await;
}

#[tokio::test]
async fn before_it_is_published_a_call_shows_one_number() {
    each(async |world| {
        world.open("S", Policy::SealedUntilClose).await;
        world.receive(secret("S", 1)).await;
        let got = get(&world, "/calls/S/submissions.json").await.json();
        assert_eq!(got["counts"], serde_json::json!({ "received": 1 }));
        assert_eq!(got["submissions"], serde_json::json!([]));
        assert_eq!(numbers(&get(&world, "/calls/S/submissions").await.body), [1]);
        assert_eq!(csv_rows(&get(&world, "/calls/S/submissions.csv").await.body).len(), 1);
    })
    .await;
}

/// The numbers of the sum on a page of submissions, the total first.
fn numbers(page: &str) -> Vec<i64> {
    let (_, table) = page.split_once("<table class=\"sum\">").unwrap();
    let (table, _) = table.split_once("</table>").unwrap();
    table
        .split("<td class=\"number\">")
        .skip(1)
        .map(|cell| cell.split('<').next().unwrap().replace(',', "").parse().unwrap())
        .collect()
}

fn csv_rows(body: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(body.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[tokio::test]
async fn the_lines_of_the_sum_add_up_and_reasons_are_public() {
    each(async |world| {
        world.open("C", Policy::AtClose).await;
        let mut ids = Vec::new();
        for n in 0..9_u64 {
            ids.push(world.receive(submission("C", &format!("Party {n}"), n)).await.id);
        }
        world.clock.set(ENDS);
        let forum = &world.forum;
        forum.withhold(&secretary(), ids[0], "It names <b>people</b>.").await.unwrap();
        forum.refuse(&secretary(), ids[1], "It is about something else.").await.unwrap();
        forum.refuse(&secretary(), ids[2], "It is empty.").await.unwrap();
        forum.publish_call(&secretary(), "C").await.unwrap();
        let page = get(&world, "/calls/C/submissions").await;
        let numbers = numbers(&page.body);
        assert_eq!(numbers, [9, 6, 1, 2]);
        assert_eq!(numbers[0], numbers[1..].iter().sum::<i64>());
        assert_eq!(page.body.matches("<article class=\"card\">").count(), 6);
        let list = get(&world, "/en/calls/C/submissions?state=inadmissible").await.body;
        assert!(list.contains("It is about something else.") && list.contains("It is empty."));
        assert!(!list.contains("Party") && !list.contains("It names"));
        assert_eq!(list.matches("<article class=\"card\">").count(), 2);
        let json = get(&world, "/calls/C/submissions.json?state=withheld").await.json();
        assert_eq!(json["submissions"][0]["reason"], "It names <b>people</b>.");
        assert_eq!(json["submissions"].as_array().unwrap().len(), 1);
        let gone = get(&world, &format!("/submissions/{}", ids[0])).await;
        assert!(gone.body.contains("It names &#60;b&#62;people&#60;/b&#62;."), "{}", gone.body);
        assert!(!gone.body.contains("Party 0"));
        let gone = get(&world, &format!("/submissions/{}.json", ids[1])).await.json();
        assert_eq!(gone["state"], StateWord::Inadmissible.as_str());
        assert_eq!(gone["reason"], "It is about something else.");
        assert_eq!(gone["party"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn what_others_wrote_is_text_in_every_form() {
    const NAME: &str = "</bdi><script>alert('1')</script>&amp; \u{5d0}\u{5d1} \u{645}\u{200d}";
    const TEXT: &str = "=HYPERLINK(\"https://evil.example\")</div><img src=x onerror=alert(1)>";
    each(async |world| {
        world.open("C", Policy::AtOnce).await;
        let mut new = submission("C", NAME, 1);
        new.answers = BTreeMap::from([(QuestionId::new("q1").unwrap(), Answer::Text(TEXT.to_owned()))]);
        new.summary = Some("@SUM(A1)]]>".to_owned());
        let id = world.receive(new).await.id;
        for path in ["/calls/C/submissions".to_owned(), format!("/submissions/{id}")] {
            for lang in Lang::ALL {
                let page = get(&world, &format!("/{lang}{path}")).await;
                assert_eq!(page.status, StatusCode::OK);
                assert!(!page.body.contains("<script") && !page.body.contains("<img"), "{path}");
                assert!(page.body.contains("<bdi>&#60;/bdi&#62;&#60;script&#62;"), "{path}");
                let policy = page.headers.get(header::CONTENT_SECURITY_POLICY).unwrap();
                assert!(policy.to_str().unwrap().contains("default-src 'none'"));
            }
        }
        let json = get(&world, &format!("/submissions/{id}.json")).await;
        assert_eq!(json.kind(), "application/json");
        assert_eq!(json.json()["party"]["name"], NAME);
        assert_eq!(json.json()["answers"]["q1"]["text"], TEXT, "{}", json.body);
        let rows = csv_rows(&get(&world, "/calls/C/submissions.csv").await.body);
        let cell = |name: &str| {
            let at = rows[0].iter().position(|head| head == name).unwrap();
            rows[1][at].as_str()
        };
        assert_eq!(cell("party"), NAME);
        assert_eq!(cell("q1"), format!("'{TEXT}"));
        assert_eq!(cell("summary"), "'@SUM(A1)]]>");
        let feed = get(&world, "/calls/C/submissions.atom").await;
        assert_eq!(feed.kind(), "application/atom+xml; charset=utf-8");
        assert!(feed.body.contains("<title>&lt;/bdi&gt;&lt;script&gt;alert(&#39;1&#39;)"), "{}", feed.body);
        assert!(!feed.body.contains("<script"));
        for response in [&json, &feed] {
            assert_eq!(response.headers.get(header::X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_hides_or_turns_text_does_not_get_in() {
    each(async |world| {
        world.open("C", Policy::AtOnce).await;
        for bad in ["Acme\u{202e}moc", "Ac\u{200b}me", "Acme\u{2066}", "A\nB"] {
            let refused = world.forum.receive(submission("C", bad, 1)).await.unwrap_err();
            assert!(matches!(refused, ReceiveRefusal::Text(BadText::Deceives)), "{bad:?}: {refused}");
        }
        assert!(world.forum.receive(submission("C", "Acme", 1)).await.is_ok());
    })
    .await;
}

/// A random submission, and what it can be found by.
fn random(n: u64) -> NewSubmission {
    let pick = |salt: u64, of: u64| (n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(salt) >> 33) % of;
    let mut new = submission("C", &format!("Party {n}"), n);
    new.party.class = PartyClass::ALL[usize::try_from(pick(1, 4)).unwrap()];
    new.party.country = ["KE", "BR", "FR", "CN"][usize::try_from(pick(77, 4)).unwrap()].parse().ok();
    new.lang = SubmissionLang::new(["en", "fr", "pt-br"][usize::try_from(pick(993, 3)).unwrap()]).unwrap();
    if pick(31, 2) == 0 {
        new.answers.insert(QuestionId::new("q2").unwrap(), Answer::Text("more".to_owned()));
    }
    new
}

/// The names on all pages of a list, page by page, as a reader goes on.
async fn names(world: &World, query: &str) -> Vec<String> {
    let mut path = format!("/en/calls/C/submissions{query}");
    let mut names = Vec::new();
    loop {
        let page = get(world, &path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let cards = page.body.split("<article class=\"card\">").skip(1);
        names.extend(cards.map(|card| {
            let (_, name) = card.split_once("<bdi>").unwrap();
            name.split('<').next().unwrap().to_owned()
        }));
        let Some((before, _)) = page.body.split_once("\">Next answers</a>") else { return names };
        let (_, href) = before.rsplit_once("href=\"").unwrap();
        path = href.replace("&#38;", "&");
    }
}

#[tokio::test]
async fn filters_and_counts_add_up() {
    each(async |world| {
        world.open("C", Policy::AtOnce).await;
        let mut all = Vec::new();
        for n in 0..97 {
            let new = random(n);
            world.clock.advance_secs(1);
            world.receive(new.clone()).await;
            all.push(new);
        }
        let expected = |fits: &dyn Fn(&NewSubmission) -> bool| -> Vec<String> {
            all.iter().filter(|new| fits(new)).map(|new| new.party.name.clone()).collect()
        };
        assert_eq!(names(&world, "").await, expected(&|_| true));
        for class in PartyClass::ALL {
            let found = names(&world, &format!("?class={class}")).await;
            assert_eq!(found, expected(&|new| new.party.class == *class), "{class}");
        }
        for country in ["KE", "BR", "FR", "CN", "DE"] {
            let found = names(&world, &format!("?country={country}&language=fr")).await;
            let fits = |new: &NewSubmission| {
                new.party.country.is_some_and(|c| c.code() == country) && new.lang.as_str() == "fr"
            };
            assert_eq!(found, expected(&fits), "{country}");
        }
        for region in crate::Region::ALL {
            let found = names(&world, &format!("?region={region}&question=q2")).await;
            let fits = |new: &NewSubmission| new.party.region() == Some(*region) && new.answers.len() == 2;
            assert_eq!(found, expected(&fits), "{region}");
        }
        // The number beside each choice is how many it finds, and what is said above the list.
        let page = get(&world, "/en/calls/C/submissions").await.body;
        for (name, value) in [("class", "member_state"), ("language", "pt-br"), ("question", "q2")] {
            let found = names(&world, &format!("?{name}={value}")).await.len();
            let (_, option) = page.split_once(&format!("<option value=\"{value}\">")).unwrap();
            let (label, _) = option.split_once("</option>").unwrap();
            assert!(label.ends_with(&format!("({found})")), "{label}");
            let filtered = get(&world, &format!("/en/calls/C/submissions?{name}={value}")).await.body;
            assert!(filtered.contains(&format!("<h2 id=\"list\">{found} answers</h2>")), "{name}");
        }
        // Files hold all of them, however many pages there are.
        let json = get(&world, "/calls/C/submissions.json").await.json();
        let listed: Vec<&str> = json["submissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["party"]["name"].as_str().unwrap())
            .collect();
        assert_eq!(listed, expected(&|_| true));
        assert_eq!(json["counts"]["published"], 97);
        let rows = csv_rows(&get(&world, "/calls/C/submissions.csv?language=fr").await.body);
        assert_eq!(rows.len() - 1, expected(&|new| new.lang.as_str() == "fr").len());
        let ids: BTreeSet<&String> = rows.iter().map(|row| &row[0]).collect();
        assert_eq!(ids.len(), rows.len());
    })
    .await;
}

#[tokio::test]
async fn one_address_has_several_forms() {
    each(async |world| {
        world.open("C", Policy::AtOnce).await;
        for (accept, kind) in [
            ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
            ("application/json", "application/json"),
            ("text/csv", "text/csv; charset=utf-8; header=present"),
            ("application/atom+xml", "application/atom+xml; charset=utf-8"),
        ] {
            let got = get_as(&world, "/calls/C/submissions", accept).await;
            assert_eq!((got.status, got.kind()), (StatusCode::OK, kind), "{accept}");
        }
        let call = get_as(&world, "/calls/C", "application/json").await.json();
        assert_eq!((&call["symbol"], &call["state"]), (&Value::from("C"), &Value::from("open")));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_and_what_is_no_filter_is_refused_by_its_code() {
    each(async |world| {
        world.open("C", Policy::AtOnce).await;
        world.forum.draft_circular(&secretary(), new_circular("D")).await.unwrap();
        let id = world.receive(submission("C", "Acme", 1)).await.id;
        for (path, status, code) in [
            ("/calls/C/submissions?class=private".to_owned(), 200, ""),
            ("/calls/C/submissions?class=pirates".to_owned(), 400, "filter"),
            ("/calls/C/submissions?region=atlantis".to_owned(), 400, "filter"),
            ("/calls/C/submissions?country=XX".to_owned(), 400, "filter"),
            ("/calls/C/submissions?language=%3C".to_owned(), 400, "filter"),
            ("/calls/C/submissions?after=yesterday".to_owned(), 400, "filter"),
            ("/calls/C/submissions?state=withheld".to_owned(), 200, ""),
            ("/calls/C/submissions?state=received".to_owned(), 400, "filter"),
            ("/calls/C/submissions.csv?state=withheld".to_owned(), 400, "filter"),
            ("/calls/C/submissions.csv?question=%22".to_owned(), 400, "filter"),
            ("/calls/Nowhere".to_owned(), 404, "not_found"),
            ("/calls/Nowhere/submissions.json".to_owned(), 404, "not_found"),
            (format!("/submissions/{id}"), 200, ""),
            ("/submissions/sub_0000000000000".to_owned(), 404, "not_found"),
            ("/submissions/1".to_owned(), 404, "not_found"),
            ("/circulars/D".to_owned(), 404, "not_found"),
        ] {
            let got = get_as(&world, &path, "*/*").await;
            assert_eq!(got.status.as_u16(), status, "{path}");
            if status != 200 {
                assert_eq!(got.json()["code"], code, "{path}");
            }
        }
        world.forum.send_circular(&secretary(), "D").await.unwrap();
        assert_eq!(get(&world, "/circulars/D").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_extension_is_shown_with_the_deadline_before_it() {
    each(async |world| {
        world.open("C", Policy::AtOnce).await;
        let to = Deadline {
            instant: CLOSES.plus_secs(864_000),
            zone: "Europe/Zurich".to_owned(),
            wording: Wording::ByEndOfDay,
        };
        world.forum.extend_call(&secretary(), "C", (to.clone(), None), "A holiday & rain").await.unwrap();
        let page = get(&world, "/en/calls/C").await.body;
        let was = super::shown::deadline(
            Lang::En,
            &Deadline { instant: CLOSES, zone: to.zone.clone(), wording: Wording::ByEndOfDay },
        );
        assert!(page.contains(&format!("<s>{was}</s>")) && page.contains("A holiday &amp; rain"), "{page}");
        let file = get(&world, "/en/calls/C.ics").await;
        assert_eq!(file.kind(), "text/calendar; charset=utf-8");
        assert!(file.body.contains("\r\nSEQUENCE:1\r\n") && file.body.contains("\r\nDTSTART:20261011T"));
        let feed = get(&world, "/feed.atom").await;
        assert!(
            feed.body.contains("<category term=\"extension\"/>")
                && feed.body.contains("A holiday &amp; rain")
        );
    })
    .await;
}

#[tokio::test]
async fn a_circular_says_which_text_is_the_original() {
    each(async |world| {
        let mut new = new_circular("CL-1");
        assert!(new.text.translate(Lang::Ar, "نص") && new.subject.translate(Lang::Ar, "موضوع"));
        world.forum.draft_circular(&secretary(), new).await.unwrap();
        let mut call = new_call("C", Policy::AtOnce);
        call.circular = Some("CL-1".to_owned());
        world.forum.draft_call(&secretary(), call).await.unwrap();
        world.forum.send_circular(&secretary(), "CL-1").await.unwrap();
        let page = get(&world, "/fr/circulars/CL-1").await.body;
        assert!(page.contains("lang=\"en\" dir=\"ltr\">A call opens.</div>"), "{page}");
        assert!(page.contains("English</a> <span class=\"quiet\">(texte original)</span>"));
        assert!(page.contains("/fr/calls/C\""), "the call that it opens");
        let arabic = get(&world, "/fr/circulars/CL-1?text=ar").await.body;
        assert!(arabic.contains("lang=\"ar\" dir=\"rtl\">نص</div>"));
        let list = get(&world, "/zh/circulars").await.body;
        assert!(list.contains("/zh/circulars/CL-1"));
    })
    .await;
}
