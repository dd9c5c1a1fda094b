//! Whatever is done in whatever order: how to reach people and how to join stay hidden (invariants I20 and I15), and a
//! translation never takes the original's place (I17). One database a test, a call a case.

use std::collections::BTreeMap;

use axum::{Router, body::Body};
use base::Lang;
use http::{Request, StatusCode, header};
use tower::ServiceExt as _;

use super::{World, each, properties::Dice};
use crate::{
    About, CallKind, Contact, Deadline, NewSubmission, Policy, QuestionId, ReadRefusal, StateWord,
    SubmissionId, Withdrawing, Wording,
    fixture::{CLOSES, GRACE_MS, OPENS, new_call, secretary, submission},
};

const CASES: u64 = 8;
const STEPS: u64 = 40;
/// After so many steps each party looks at its own.
const LOOK_EVERY: u64 = 4;
/// After so many everything is read that can be.
const READ_EVERY: u64 = 10;
/// What is in every mail address and every link, and in nothing else.
const HIDDEN: &str = "hidden-";

/// What came in, and what became of it.
struct Kept {
    party: u64,
    state: StateWord,
    digest: [u8; 32],
    translated: BTreeMap<Lang, String>,
}

struct Case {
    symbol: String,
    link: Option<String>,
    kept: BTreeMap<SubmissionId, Kept>,
}

fn sent(symbol: &str, party: u64, n: u64) -> NewSubmission {
    let mut new = submission(symbol, &format!("Party {party}"), n);
    new.contact = Some(Contact { mail: format!("{HIDDEN}{n}@kibo.example"), lang: Lang::Fr });
    new
}

/// Before it opens its texts are changed and translated.
async fn texts(w: &World, dice: &Dice, case: &Case) {
    let amina = secretary();
    let mut version = 0;
    let mut translated: BTreeMap<Lang, (u64, String)> = BTreeMap::new();
    for n in 0..12 {
        let lang = dice.of(&Lang::ALL);
        if dice.below(3) == 0 {
            let mut said = w.forum.call(&case.symbol).await.unwrap().unwrap().said;
            version += 1;
            said.title.change_original(format!("Title {version}"));
            w.forum.change_call(&amina, said).await.unwrap();
        } else {
            let text = format!("{lang} {n}");
            let done = w.forum.translate_call(&amina, &case.symbol, lang, (text.clone(), text.clone())).await;
            assert_eq!(done.is_ok(), lang != Lang::En, "a translation in the place of the original");
            if lang != Lang::En {
                translated.insert(lang, (version, text));
            }
        }
        let title = w.forum.call(&case.symbol).await.unwrap().unwrap().said.title;
        let original = if version == 0 { "A call".to_owned() } else { format!("Title {version}") };
        for lang in Lang::ALL {
            let shown = title.get(lang);
            let expected = translated.get(&lang).map_or((original.as_str(), true, false), |(of, text)| {
                (text.as_str(), false, *of != version)
            });
            assert_eq!((shown.text, shown.is_original, shown.is_stale), expected, "{lang}");
        }
    }
}

async fn step(w: &World, dice: &Dice, case: &mut Case, n: u64) {
    let amina = secretary();
    let edge = dice.of(&[OPENS, CLOSES, CLOSES.plus_ms(GRACE_MS), OPENS.plus_secs(3_600)]);
    w.clock.set(edge.plus_ms(dice.of(&[-1, 0, 1])));
    let all: Vec<_> = case.kept.keys().copied().collect();
    let any = (!all.is_empty()).then(|| dice.of(&all));
    match (dice.below(10), any) {
        (0..=3, _) => {
            let party = dice.below(4);
            let mut new = sent(&case.symbol, party, n);
            new.supersedes = any.filter(|_| dice.below(2) == 0);
            let replaced = new.supersedes;
            let Ok(received) = w.forum.receive(new).await else { return };
            if let Some(replaced) = replaced {
                case.kept.get_mut(&replaced).unwrap().state = StateWord::Superseded;
            }
            let own = sent(&case.symbol, party, n).standing;
            let state = w.forum.own_submission(&own, received.id).await.unwrap().entry.state.word();
            let kept = Kept { party, state, digest: received.digest, translated: BTreeMap::new() };
            case.kept.insert(received.id, kept);
        }
        (4, _) => {
            let link = format!("https://meet.example/{HIDDEN}{n}");
            w.forum.set_join_link(&amina, &case.symbol, &link).await.unwrap();
            case.link = Some(link);
        }
        (5..=6, Some(id)) => {
            let done = match dice.below(3) {
                0 => w.forum.admit(&amina, id).await,
                1 => w.forum.refuse(&amina, id, "a reason").await,
                _ => w.forum.withhold(&amina, id, "a reason").await,
            };
            if let Ok(entry) = done {
                case.kept.get_mut(&id).unwrap().state = entry.state.word();
            }
        }
        (7, Some(id)) => {
            let own = sent(&case.symbol, case.kept[&id].party, 0).standing;
            if w.forum.withdraw_submission(Withdrawing::Party(&own), id, None).await.is_ok() {
                case.kept.get_mut(&id).unwrap().state = StateWord::Withdrawn;
            }
        }
        (8, Some(id)) => {
            let lang = dice.of(&Lang::ALL);
            let text = format!("{lang} {n}");
            let texts = BTreeMap::from([(QuestionId::new("q1").unwrap(), text.clone())]);
            let done = w.forum.translate_submission(&amina, id, lang, (texts, None)).await;
            if let Ok(translation) = done {
                assert_ne!(lang, Lang::En, "a translation in the place of the original");
                let kept = case.kept.get_mut(&id).unwrap();
                assert_eq!(translation.of, kept.digest);
                kept.translated.insert(lang, text);
            }
        }
        _ => {
            let to = CLOSES.plus_ms(i64::try_from(n).unwrap());
            let deadline = Deadline { instant: to, zone: "UTC".to_owned(), wording: Wording::Before };
            // Whether it can be moved is for another test.
            let _ = w.forum.extend_call(&amina, &case.symbol, (deadline, None), "a reason").await;
        }
    }
}

/// What each party is told of its own.
async fn owns(w: &World, case: &Case) {
    for (id, kept) in &case.kept {
        let standing = |party: u64| sent(&case.symbol, party, 0).standing;
        let own = standing(kept.party);
        let is_admitted =
            matches!(kept.state, StateWord::Admissible | StateWord::Published | StateWord::Counted);
        let link = w.forum.join_link(&own, *id).await.unwrap();
        let expected = case.link.as_deref().filter(|_| is_admitted);
        assert_eq!(link.as_ref().map(crate::JoinLink::address), expected, "{:?}", kept.state);
        let other = w.forum.join_link(&standing(kept.party + 1), *id).await;
        assert_eq!(other.unwrap_err(), ReadRefusal::NotFound);

        let whole = w.forum.own_submission(&own, *id).await.unwrap();
        assert_eq!((crypto::sha256(&whole.canonical), whole.entry.digest), (kept.digest, kept.digest));
        assert_eq!(whole.entry.lang.as_str(), "en");
        assert_eq!(whole.translations.len(), kept.translated.len());
        for translation in &whole.translations {
            let said = translation.answers.values().next();
            assert_eq!(said, kept.translated.get(&translation.lang));
            assert_eq!(translation.is_stale, kept.state == StateWord::Superseded);
        }
    }
}

async fn page(router: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 26).await.unwrap();
    (parts.status, String::from_utf8_lossy(&bytes).into_owned())
}

/// Everything that everybody can read, the acts that the log proves, and what the secretariat reads.
async fn outputs(w: &World, case: &Case) -> usize {
    let router =
        web::Site::default().wrap(w.forum.clone().routes().merge(w.forum.log().routes()).into_router());
    let call = format!("/calls/{}", case.symbol);
    let mut addresses: Vec<String> =
        ["", ".ics", "/submissions", "/submissions.json", "/submissions.csv", "/submissions.atom"]
            .iter()
            .map(|end| format!("{call}{end}"))
            .collect();
    addresses.extend(["/calls", "/calls.json", "/feed.atom"].map(str::to_owned));
    addresses.extend(["", "/counts", "/submissions"].map(|end| format!("/forum/v1{call}{end}")));
    for id in case.kept.keys() {
        let ends = ["", "/receipt", "/receipt.txt", "/proof.txt", "/original.json"];
        addresses.extend(ends.map(|end| format!("/submissions/{id}{end}")));
        addresses.push(format!("/forum/v1/submissions/{id}"));
    }
    let mut shown = Vec::new();
    for address in addresses {
        let (status, text) = page(&router, &address).await;
        assert!([200, 404].contains(&status.as_u16()), "{address}: {status}");
        if status == StatusCode::OK {
            shown.push((address, text));
        }
    }
    let amina = secretary();
    let mut acts = Vec::new();
    let call = w.forum.call(&case.symbol).await.unwrap().unwrap().id.as_i64();
    acts.extend(w.forum.history(&amina, About::Call, call).await.unwrap_or_default());
    for id in case.kept.keys() {
        acts.extend(w.forum.history(&amina, About::Submission, id.as_i64()).await.unwrap_or_default());
        shown.push(("desk".to_owned(), format!("{:?}", w.forum.submission_of_desk(&amina, *id).await)));
    }
    for act in &acts {
        let receipt = w.forum.log.receipt(act.leaf.unwrap()).await.unwrap().unwrap();
        shown.push((format!("the receipt of {}", act.act), receipt.to_file()));
    }
    for (what, text) in &shown {
        assert!(!text.contains(HIDDEN), "{what}: {text}");
    }
    shown.len()
}

#[tokio::test]
async fn what_is_hidden_stays_hidden_and_a_translation_stays_one_whatever_is_done() {
    each(async |w: World| {
        let (mut received, mut linked, mut translated, mut read) = (0, 0, 0, 0);
        for n in 0..CASES {
            let dice = Dice::new(n + 700);
            let mut case = Case { symbol: format!("R-{n}"), link: None, kept: BTreeMap::new() };
            let mut call = new_call(&case.symbol, Policy::ALL[usize::try_from(n % 4).unwrap()]);
            call.kind = CallKind::Registration;
            w.clock.set(OPENS.plus_secs(-60));
            w.announce(call).await;
            texts(&w, &dice, &case).await;
            for n in 0..STEPS {
                step(&w, &dice, &mut case, n).await;
                if n % LOOK_EVERY == 0 {
                    owns(&w, &case).await;
                }
                if n % READ_EVERY == 0 {
                    read += outputs(&w, &case).await;
                }
            }
            w.clock.set(CLOSES.plus_secs(3_600));
            let done = w.forum.publish_call(&secretary(), &case.symbol).await.unwrap();
            let becomes = if done.counts.counted > 0 { StateWord::Counted } else { StateWord::Published };
            for kept in case.kept.values_mut() {
                if matches!(kept.state, StateWord::Received | StateWord::Admissible) {
                    kept.state = becomes;
                }
            }
            owns(&w, &case).await;
            read += outputs(&w, &case).await;
            received += case.kept.len();
            linked += usize::from(case.link.is_some());
            translated += case.kept.values().filter(|kept| !kept.translated.is_empty()).count();
        }
        // The dice were not all against it.
        assert!(
            received > 40 && linked > 4 && translated > 4 && read > 300,
            "{received} {linked} {translated} {read}"
        );
    })
    .await;
}
