//! The consultation that is open now: a visitor's to answer, with every kind of field in its form.

use base::Instant;
use forum::{
    NewAddressee,
    call::{
        form::{Form, Question, QuestionKind},
        model::{CallKind, NewCall, Policy},
    },
    circular::model::NewCircular,
    deadline::{Deadline, Wording},
};
use serde::Deserialize;

use super::{Asked, CONTACT, Lang, Six, ZONE, options, question};
use crate::Failure;

/// Its circular.
pub(in crate::demo) const CIRCULAR: &str = "CIRCULAR-2";
/// Its call.
pub(in crate::demo) const CALL: &str = "PUBLIC-SERVICES";

const ADDRESSEES: &str = "\
    communications@kibo.example;fr;member_state;Ministry of Communications of Kibo\n\
    rector@mbelu.example;ar;academia;University of Mbelu\n";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    circular: Letter,
    call: Call,
    last_service: LastService,
    obstacles: Obstacles,
    first: Asked,
    works: Asked,
    country: Asked,
    cost: Asked,
    speaker: Asked,
    report: Asked,
    extended: Extended,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Letter {
    subject: String,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    title: String,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LastService {
    label: String,
    help: String,
    civil: String,
    tax: String,
    health: String,
    school: String,
    travel: String,
    none: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Obstacles {
    label: String,
    help: String,
    connection: String,
    price: String,
    language: String,
    disability: String,
    papers: String,
    trust: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extended {
    reason: String,
}

/// Why its deadline was moved.
pub(in crate::demo) fn extended(six: &Six) -> Result<String, Failure> {
    Ok(six.get(Lang::En)?.second.extended.reason.clone())
}

/// Why they are told of circulars.
pub(in crate::demo) const WHY_TOLD: &str = "They asked to be told of circulars.";

/// Who is told of its circular by mail, made up as they are: a line each, as at the desk.
pub(in crate::demo) fn addressees() -> Result<Vec<NewAddressee>, Failure> {
    let wrong = |_| Failure::new("demonstration", "a line of the addressees cannot be read");
    NewAddressee::from_lines(ADDRESSEES).map_err(wrong)
}

/// The letter.
pub(in crate::demo) fn circular(six: &Six, sent: Instant) -> Result<NewCircular, Failure> {
    Ok(NewCircular {
        symbol: CIRCULAR.to_owned(),
        dated: sent.date(),
        signatory: six.get(Lang::En)?.circular.signatory.clone(),
        addressees: Vec::new(),
        copies: Vec::new(),
        subject: six.text(|w| &w.second.circular.subject)?,
        text: six.text(|w| &w.second.circular.text)?,
        annexes: Vec::new(),
        contact: CONTACT.to_owned(),
        amends: None,
    })
}

/// The call, open from `opens` until `closes`.
pub(in crate::demo) fn call(six: &Six, opens: Instant, closes: Instant) -> Result<NewCall, Failure> {
    Ok(NewCall {
        symbol: CALL.to_owned(),
        circular: Some(CIRCULAR.to_owned()),
        kind: CallKind::Consultation,
        title: six.text(|w| &w.second.call.title)?,
        introduction: six.text(|w| &w.second.call.text)?,
        audience: Vec::new(),
        languages: Lang::ALL.to_vec(),
        form: Form { version: 1, questions: questions(six)? },
        opens,
        closes: Deadline { instant: closes, zone: ZONE.to_owned(), wording: Wording::ByEndOfDay },
        grace_ms: 0,
        modify_until: None,
        party_limit: None,
        policy: Policy::AtOnce,
        contact: CONTACT.to_owned(),
        documents: Vec::new(),
    })
}

fn questions(six: &Six) -> Result<Vec<Question>, Failure> {
    let asked = |name: &str, kind: QuestionKind, which: fn(&Words) -> &Asked| {
        let label = six.text(move |w| &which(&w.second).label)?;
        let help = six.text(move |w| &which(&w.second).help)?;
        question(name, kind, label, help)
    };
    let choices = |which: fn(&Obstacles) -> &str| six.text(move |w| which(&w.second.obstacles));
    let choice = |which: fn(&LastService) -> &str| six.text(move |w| which(&w.second.last_service));
    Ok(vec![
        Question {
            required: true,
            max_chars: Some(4_000),
            ..asked("first", QuestionKind::LongText, |w| &w.first)?
        },
        Question {
            options: options(vec![
                ("civil", choice(|w| &w.civil)?),
                ("tax", choice(|w| &w.tax)?),
                ("health", choice(|w| &w.health)?),
                ("school", choice(|w| &w.school)?),
                ("travel", choice(|w| &w.travel)?),
                ("none", choice(|w| &w.none)?),
            ])?,
            ..question("last-service", QuestionKind::Choice, choice(|w| &w.label)?, choice(|w| &w.help)?)?
        },
        Question {
            options: options(vec![
                ("connection", choices(|w| &w.connection)?),
                ("price", choices(|w| &w.price)?),
                ("language", choices(|w| &w.language)?),
                ("disability", choices(|w| &w.disability)?),
                ("papers", choices(|w| &w.papers)?),
                ("trust", choices(|w| &w.trust)?),
            ])?,
            ..question("obstacles", QuestionKind::Choices, choices(|w| &w.label)?, choices(|w| &w.help)?)?
        },
        asked("works", QuestionKind::Text, |w| &w.works)?,
        asked("country", QuestionKind::Country, |w| &w.country)?,
        asked("cost", QuestionKind::Amount, |w| &w.cost)?,
        asked("speaker", QuestionKind::Person, |w| &w.speaker)?,
        Question { max_count: Some(3), ..asked("report", QuestionKind::File, |w| &w.report)? },
    ])
}
