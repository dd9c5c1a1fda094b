//! For tests, of other crates too, and for the program that measures: a forum with a log, and things to put into it.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "tests, and measurements that end when something is wrong"
)]

pub mod wallet;

use std::{collections::BTreeMap, sync::Arc};

use base::{Clock, Instant, Lang, time::ManualClock};
use crypto::{Ed25519SecretKey, Random};
use log::{Log, LogConfig};
use store::{Migration, Store};
use web::{Actor, StaffTokens};

use crate::{
    Answer, CallKind, Country, Deadline, Form, Forum, ForumConfig, Multilingual, NewCall, NewCircular,
    NewSubmission, PartyClass, PartyOfSubmission, Policy, Question, QuestionId, QuestionKind, Standing,
    SubmissionLang, Wording, submission::canonical,
};

/// When calls of tests open.
pub const OPENS: Instant = Instant::from_secs(1_790_000_000);
/// When they close: ten days later.
pub const CLOSES: Instant = Instant::from_secs(1_790_864_000);
/// How long after that something still comes in, milliseconds.
pub const GRACE_MS: i64 = 60_000;

/// The tables that a forum needs.
pub fn migrations() -> Vec<Migration> {
    [crate::MIGRATIONS, log::MIGRATIONS].concat()
}

/// A secretary.
pub fn secretary() -> Actor {
    Actor::system("amina")
}

/// A forum in `store`, at `https://forum.example`.
pub async fn forum(store: &Store, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Forum {
    let signer = Ed25519SecretKey::from_seed(&[7; 32]).unwrap();
    let config = LogConfig { origin: "forum.example/log".to_owned(), signer: Arc::new(signer), head: None };
    let log = Log::open(config, store.clone(), clock.clone(), random.clone()).await.unwrap();
    let config = ForumConfig {
        identifier: "https://forum.example".to_owned(),
        name: "Secretariat".to_owned(),
        host_zone: "Europe/Zurich".to_owned(),
        contact: "forum@secretariat.example".to_owned(),
        server_secret: [3; 32],
        anchors: String::new(),
    };
    Forum::new(config, store.clone(), clock, random, log, None, StaffTokens::default())
}

/// A clock that stands a day before [`OPENS`].
pub fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(OPENS.plus_secs(-86_400)))
}

/// A text in English alone.
pub fn en(text: &str) -> Multilingual {
    Multilingual::new(Lang::En, text)
}

/// A question of a kind.
pub fn question(id: &str, kind: QuestionKind, required: bool) -> Question {
    Question {
        id: QuestionId::new(id).unwrap(),
        kind,
        label: en("What do you think?"),
        help: None,
        required,
        max_chars: None,
        options: Vec::new(),
        max_count: None,
    }
}

/// A call of two questions, `q1` (which must be answered) and `q2`.
pub fn new_call(symbol: &str, policy: Policy) -> NewCall {
    NewCall {
        symbol: symbol.to_owned(),
        circular: None,
        kind: CallKind::Consultation,
        title: en("A call"),
        introduction: en("Tell us."),
        audience: Vec::new(),
        languages: vec![Lang::En],
        form: Form {
            version: 1,
            questions: vec![
                question("q1", QuestionKind::LongText, true),
                question("q2", QuestionKind::LongText, false),
            ],
        },
        opens: OPENS,
        closes: Deadline { instant: CLOSES, zone: "Europe/Zurich".to_owned(), wording: Wording::ByEndOfDay },
        grace_ms: GRACE_MS,
        modify_until: None,
        party_limit: None,
        policy,
        contact: "forum@secretariat.example".to_owned(),
        documents: Vec::new(),
    }
}

/// A circular.
pub fn new_circular(symbol: &str) -> NewCircular {
    NewCircular {
        symbol: symbol.to_owned(),
        dated: "2026-09-01".to_owned(),
        signatory: "Amina Diallo, Secretary-General".to_owned(),
        addressees: Vec::new(),
        copies: Vec::new(),
        subject: en("A circular"),
        text: en("A call opens."),
        annexes: Vec::new(),
        contact: "forum@secretariat.example".to_owned(),
        amends: None,
    }
}

/// A company of Kenya.
pub fn party(name: &str) -> PartyOfSubmission {
    PartyOfSubmission {
        class: PartyClass::Private,
        name: name.to_owned(),
        country: "KE".parse::<Country>().ok(),
        person: None,
        capacity: None,
    }
}

/// What a party answers to [`new_call`], unsigned; `n` tells sendings apart.
pub fn submission(call: &str, name: &str, n: u64) -> NewSubmission {
    let answer = Answer::Text(format!("Answer {n} of {name}"));
    NewSubmission {
        call: call.to_owned(),
        form_version: 1,
        lang: SubmissionLang::from(Lang::En),
        answers: BTreeMap::from([(QuestionId::new("q1").unwrap(), answer)]),
        files: Vec::new(),
        summary: None,
        party: party(name),
        supersedes: None,
        standing: Standing::unsigned(crypto::sha256(name.as_bytes())),
        request: format!("request {n}"),
        contact: None,
    }
}

/// The same submission, as signed by somebody of this name: no wallet was asked.
pub fn signed(forum: &Forum, mut new: NewSubmission, evidence: &[u8]) -> NewSubmission {
    let digest = canonical::digest(&forum.call_address(&new.call), &new);
    let key = crypto::sha256(new.party.name.as_bytes());
    new.standing = Standing::signed(key, digest, evidence.to_vec(), "participant".to_owned());
    new
}
