//! What the secretariat of the demonstration says, in six languages, and what it is answered: nobody in it exists.
//!
//! `en.toml` and its five translations hold the texts, with the same keys. Read in this order: [`Words`] (what a file
//! holds), [`circular`] and [`call`] (the consultation on over-the-top services of 2017), [`second`] (one that is open
//! now), [`answers`] (2,000 answers, composed from sentences; the same ones for the same seed).

pub(super) mod answers;
pub(super) mod second;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::collections::BTreeMap;

use base::{Instant, Lang};
use forum::{
    call::{
        form::{Choice, Form, Question, QuestionId, QuestionKind},
        model::{CallKind, NewCall, Policy},
    },
    circular::model::NewCircular,
    deadline::{Deadline, Wording},
    multilingual::Multilingual,
};
use serde::Deserialize;

use crate::Failure;

/// The zone of the meeting's host.
pub(super) const ZONE: &str = "Europe/Zurich";
/// Where to ask.
pub(super) const CONTACT: &str = "consultation@secretariat.example";
/// The circular of 14 June 2017.
pub(super) const CIRCULAR: &str = "CL-17-30";
/// Its call.
pub(super) const CALL: &str = "OTT-2017";
/// When the circular was sent and the call opened: 14 June 2017, nine in the morning.
const SENT: &str = "2017-06-14T07:00:00Z";
/// The end of 19 August 2017 in Zurich, which had summer time then.
const CLOSES: &str = "2017-08-19T22:00:00Z";
/// Mail that was on its way at midnight is let in, milliseconds.
const GRACE_MS: i64 = 3_600_000;

const FILES: [(Lang, &str); 6] = [
    (Lang::Ar, include_str!("ar.toml")),
    (Lang::Zh, include_str!("zh.toml")),
    (Lang::En, include_str!("en.toml")),
    (Lang::Fr, include_str!("fr.toml")),
    (Lang::Ru, include_str!("ru.toml")),
    (Lang::Es, include_str!("es.toml")),
];

/// What one language's file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    circular: CircularWords,
    call: CallWords,
    second: second::Words,
    pub(super) decision: DecisionWords,
    answer: answers::Words,
    party: answers::PartyWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CircularWords {
    subject: String,
    signatory: String,
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallWords {
    title: String,
    text: String,
    annex: String,
    annex_help: String,
    question: Vec<Asked>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    label: String,
    help: String,
}

/// Why something was decided, or done.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionWords {
    pub(super) duplicate: String,
    pub(super) advertising: String,
    pub(super) not_the_matter: String,
    pub(super) names_somebody: String,
    pub(super) personal: String,
    pub(super) withdrawn: String,
}

/// The texts in six languages.
#[derive(Debug)]
pub(super) struct Six(BTreeMap<Lang, Words>);

impl Six {
    /// Reads the files that the program carries.
    pub(super) fn read() -> Result<Self, Failure> {
        let wrong = |lang: Lang, what: &dyn std::fmt::Display| {
            Failure::new("demonstration", format!("the texts in {}: {what}", lang.own_name()))
        };
        let read = |(lang, text): (Lang, &str)| {
            toml::from_str(text).map(|words| (lang, words)).map_err(|e| wrong(lang, &e))
        };
        FILES.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The texts in one language.
    pub(super) fn get(&self, lang: Lang) -> Result<&Words, Failure> {
        self.0.get(&lang).ok_or_else(|| Failure::new("demonstration", "a language is missing"))
    }

    /// A text in all languages; its original is in English.
    fn text(&self, which: impl Fn(&Words) -> &str) -> Result<Multilingual, Failure> {
        let texts = self.0.iter().map(|(lang, words)| (*lang, which(words).trim().to_owned())).collect();
        Multilingual::from_texts(Lang::En, texts)
            .map_err(|_| Failure::new("demonstration", "a text of the demonstration is empty"))
    }
}

/// A time of this file.
fn instant(text: &str) -> Result<Instant, Failure> {
    Instant::parse_rfc3339(text).ok_or_else(|| Failure::new("demonstration", format!("{text} is no time")))
}

/// A question's or an option's name.
fn id(text: &str) -> Result<QuestionId, Failure> {
    QuestionId::new(text).ok_or_else(|| Failure::new("demonstration", format!("{text} names no question")))
}

/// A question without options and limits.
fn question(
    name: &str,
    kind: QuestionKind,
    label: Multilingual,
    help: Multilingual,
) -> Result<Question, Failure> {
    Ok(Question {
        id: id(name)?,
        kind,
        label,
        help: Some(help),
        required: false,
        max_chars: None,
        options: Vec::new(),
        max_count: None,
    })
}

/// When the circular was sent, and its call opened.
pub(super) fn sent() -> Result<Instant, Failure> {
    instant(SENT)
}

/// The circular on over-the-top services.
pub(super) fn circular(six: &Six) -> Result<NewCircular, Failure> {
    Ok(NewCircular {
        symbol: CIRCULAR.to_owned(),
        dated: "2017-06-14".to_owned(),
        signatory: six.get(Lang::En)?.circular.signatory.clone(),
        addressees: Vec::new(),
        copies: Vec::new(),
        subject: six.text(|w| &w.circular.subject)?,
        text: six.text(|w| &w.circular.text)?,
        annexes: Vec::new(),
        contact: CONTACT.to_owned(),
        amends: None,
    })
}

/// Its call: five questions, and annexes.
pub(super) fn call(six: &Six) -> Result<NewCall, Failure> {
    let count = six.get(Lang::En)?.call.question.len();
    let nth =
        |i: usize, which: fn(&Asked) -> &str| six.text(move |w| w.call.question.get(i).map_or("", which));
    let mut questions = Vec::new();
    for i in 0..count {
        let (label, help) = (nth(i, |q| &q.label)?, nth(i, |q| &q.help)?);
        questions.push(question(&format!("q{}", i + 1), QuestionKind::LongText, label, help)?);
    }
    let (label, help) = (six.text(|w| &w.call.annex)?, six.text(|w| &w.call.annex_help)?);
    questions.push(question("annexes", QuestionKind::File, label, help)?);
    Ok(NewCall {
        symbol: CALL.to_owned(),
        circular: Some(CIRCULAR.to_owned()),
        kind: CallKind::Consultation,
        title: six.text(|w| &w.call.title)?,
        introduction: six.text(|w| &w.call.text)?,
        audience: Vec::new(),
        languages: Lang::ALL.to_vec(),
        form: Form { version: 1, questions },
        opens: sent()?,
        closes: Deadline { instant: instant(CLOSES)?, zone: ZONE.to_owned(), wording: Wording::ByEndOfDay },
        grace_ms: GRACE_MS,
        modify_until: None,
        party_limit: None,
        policy: Policy::AtClose,
        contact: CONTACT.to_owned(),
        documents: Vec::new(),
    })
}

/// What can be chosen, each with its name.
fn options(all: Vec<(&str, Multilingual)>) -> Result<Vec<Choice>, Failure> {
    all.into_iter().map(|(name, label)| Ok(Choice { id: id(name)?, label })).collect()
}
