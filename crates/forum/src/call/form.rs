//! A form: questions, what may be answered, and what is wrong with an answer.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use crate::{
    hygiene::{self, BadText},
    multilingual::Multilingual,
    party::Country,
    spelled::spelled,
};
use base::limits::{ANSWER_CHARS_MAX, CHOICES_MAX, FORM_QUESTIONS_MAX, LINE_CHARS_MAX, SUBMISSION_FILES_MAX};

spelled! {
    /// What kind of answer a question takes.
    pub enum QuestionKind {
        /// One line.
        Text = "text",
        /// Several paragraphs.
        LongText = "long_text",
        /// One of the options.
        Choice = "choice",
        /// Some of the options.
        Choices = "choices",
        /// One or several files.
        File = "file",
        /// An amount of money with its currency.
        Amount = "amount",
        /// A country.
        Country = "country",
        /// A person.
        Person = "person",
    }
}

/// What a question, or an option of one, is called in answers: `q1`. Letters, digits, `-` and `_`, at most 32.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuestionId(String);

impl QuestionId {
    /// From its text, if it is one.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (!text.is_empty() && text.len() <= 32 && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl Borrow<str> for QuestionId {
    fn borrow(&self) -> &str {
        &self.0
    }
}
impl From<QuestionId> for String {
    fn from(id: QuestionId) -> Self {
        id.0
    }
}
impl TryFrom<String> for QuestionId {
    type Error = BadText;
    fn try_from(text: String) -> Result<Self, BadText> {
        Self::new(&text).ok_or(BadText::Deceives)
    }
}

/// One version of a call's form. Serialised as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// From 1, one more with each change before the call opens.
    pub version: i64,
    /// In the order in which they are asked.
    pub questions: Vec<Question>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What answers call it.
    pub id: QuestionId,
    /// What kind of answer it takes.
    pub kind: QuestionKind,
    /// The question.
    pub label: Multilingual,
    /// What helps to answer it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Multilingual>,
    /// Whether it must be answered.
    pub required: bool,
    /// How long a text may be, characters; without it, as long as any may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<u32>,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// How many can be chosen, or how many files there may be; without it, as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_count: Option<u32>,
}

impl Question {
    /// How long a text may be, characters.
    pub fn chars_max(&self) -> usize {
        let most = if self.kind == QuestionKind::Text { LINE_CHARS_MAX } else { ANSWER_CHARS_MAX };
        self.max_chars.and_then(|n| usize::try_from(n).ok()).map_or(most, |n| n.min(most))
    }
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What answers call it.
    pub id: QuestionId,
    /// What it says.
    pub label: Multilingual,
}

/// The answers of a submission.
pub type Answers = BTreeMap<QuestionId, Answer>;

/// An answer. Serialised as it stands in canonical bytes: `{"text": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// One line, or several paragraphs.
    Text(String),
    /// One of the options.
    Choice(QuestionId),
    /// Some of the options, in the order of the form.
    Choices(Vec<QuestionId>),
    /// Files, by their SHA-256 in lower-case hexadecimal; each is among the files of the submission.
    Files(Vec<String>),
    /// Money.
    Amount {
        /// In the smallest unit of the currency.
        minor: i64,
        /// Three letters of ISO 4217.
        currency: String,
    },
    /// A country.
    Country(Country),
    /// A person. How to reach them is no part of an answer.
    Person {
        /// The name.
        name: String,
        /// What they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        organisation: Option<String>,
    },
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There is no such question.
    NoSuchQuestion,
    /// It must be answered.
    Missing,
    /// It is an answer of another kind.
    Kind,
    /// A text is not well-formed or too long.
    Text(BadText),
    /// It is none of the options, or one twice.
    Option,
    /// There are too many.
    TooMany,
    /// A file is not among those of the submission, or named twice.
    File,
    /// The amount or its currency.
    Amount,
}

impl Fault {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSuchQuestion => "no_such_question",
            Self::Missing => "missing",
            Self::Kind => "kind",
            Self::Text(BadText::Empty) => "empty",
            Self::Text(BadText::TooLong) => "too_long",
            Self::Text(BadText::Deceives) => "characters",
            Self::Option => "option",
            Self::TooMany => "too_many",
            Self::File => "file",
            Self::Amount => "amount",
        }
    }
}

/// What is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// It asks nothing, or too much.
    #[error("a form asks one question at least, and not too many")]
    Count,
    /// Two questions, or two options of one, have the same id.
    #[error("two questions or options have the same id")]
    Twice,
    /// A choice without options, or options of what is no choice, or too many.
    #[error("options belong to a choice, at least two and not too many")]
    Options,
    /// A text.
    #[error(transparent)]
    Text(#[from] BadText),
}

impl Form {
    /// The same as what became of `was`, text by text: see [`Multilingual::revising`].
    #[must_use]
    pub(crate) fn revising(mut self, was: &Self) -> Self {
        for question in &mut self.questions {
            if let Some(was) = was.questions.iter().find(|known| known.id == question.id) {
                question.revise(was);
            }
        }
        self
    }

    /// The form with its texts brought to NFC, if it is one.
    pub fn checked(self) -> Result<Self, BadForm> {
        if self.questions.is_empty() || self.questions.len() > FORM_QUESTIONS_MAX {
            return Err(BadForm::Count);
        }
        let mut ids = BTreeSet::new();
        let mut questions = Vec::new();
        for mut question in self.questions {
            if !ids.insert(question.id.clone()) {
                return Err(BadForm::Twice);
            }
            let chooses = matches!(question.kind, QuestionKind::Choice | QuestionKind::Choices);
            let options: BTreeSet<_> = question.options.iter().map(|o| o.id.clone()).collect();
            if options.len() != question.options.len() {
                return Err(BadForm::Twice);
            }
            if chooses != (options.len() >= 2)
                || options.len() > CHOICES_MAX
                || (!chooses && !options.is_empty())
            {
                return Err(BadForm::Options);
            }
            question.label = question.label.cleaned(true, ANSWER_CHARS_MAX)?;
            question.help = question.help.map(|help| help.cleaned(true, ANSWER_CHARS_MAX)).transpose()?;
            question.options = question
                .options
                .into_iter()
                .map(|o| Ok(Choice { label: o.label.cleaned(false, LINE_CHARS_MAX)?, ..o }))
                .collect::<Result<_, BadText>>()?;
            questions.push(question);
        }
        Ok(Self { version: self.version, questions })
    }

    /// What is wrong with `answers`, in the order of the form; `files` are the digests of the submission's files.
    pub fn validate(&self, answers: &Answers, files: &[String]) -> Vec<(QuestionId, Fault)> {
        let mut faults: Vec<_> = answers
            .keys()
            .filter(|id| !self.questions.iter().any(|q| q.id == **id))
            .map(|id| (id.clone(), Fault::NoSuchQuestion))
            .collect();
        for question in &self.questions {
            let found = match answers.get(&question.id) {
                None if question.required => Some(Fault::Missing),
                None => None,
                Some(answer) => question.fault(answer, files),
            };
            faults.extend(found.map(|fault| (question.id.clone(), fault)));
        }
        faults
    }
}

impl Question {
    fn revise(&mut self, was: &Self) {
        self.label = self.label.clone().revising(&was.label);
        if let (Some(help), Some(was)) = (&mut self.help, &was.help) {
            *help = help.clone().revising(was);
        }
        for option in &mut self.options {
            if let Some(was) = was.options.iter().find(|known| known.id == option.id) {
                option.label = option.label.clone().revising(&was.label);
            }
        }
    }

    fn fault(&self, answer: &Answer, files: &[String]) -> Option<Fault> {
        let count_max = self.max_count.and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        let is_option = |id: &QuestionId| self.options.iter().any(|o| o.id == *id);
        let is = |text: &str, clean: Result<String, BadText>| match clean {
            Ok(clean) if clean == text => None,
            // Whoever sends a text cleans it first: what is signed is what is stored.
            Ok(_) => Some(Fault::Text(BadText::Deceives)),
            Err(bad) => Some(Fault::Text(bad)),
        };
        match (self.kind, answer) {
            (QuestionKind::Text, Answer::Text(text)) => is(text, hygiene::line(text, self.chars_max())),
            (QuestionKind::LongText, Answer::Text(text)) => is(text, hygiene::prose(text, self.chars_max())),
            (QuestionKind::Choice, Answer::Choice(id)) => (!is_option(id)).then_some(Fault::Option),
            (QuestionKind::Choices, Answer::Choices(ids)) => {
                let distinct: BTreeSet<_> = ids.iter().collect();
                let known = distinct.len() == ids.len() && ids.iter().all(is_option);
                match (known, ids.is_empty()) {
                    (false, _) => Some(Fault::Option),
                    (true, true) => Some(Fault::Missing),
                    (true, false) => (ids.len() > count_max).then_some(Fault::TooMany),
                }
            }
            (QuestionKind::File, Answer::Files(digests)) => {
                let distinct: BTreeSet<_> = digests.iter().collect();
                let known = distinct.len() == digests.len() && digests.iter().all(|d| files.contains(d));
                match (known, digests.is_empty()) {
                    (false, _) => Some(Fault::File),
                    (true, true) => Some(Fault::Missing),
                    (true, false) => {
                        (digests.len() > count_max.min(SUBMISSION_FILES_MAX)).then_some(Fault::TooMany)
                    }
                }
            }
            (QuestionKind::Amount, Answer::Amount { minor, currency }) => {
                let good = (0..=1 << 53).contains(minor)
                    && currency.len() == 3
                    && currency.bytes().all(|b| b.is_ascii_uppercase());
                (!good).then_some(Fault::Amount)
            }
            (QuestionKind::Country, Answer::Country(_)) => None,
            (QuestionKind::Person, Answer::Person { name, title, organisation }) => {
                [Some(name), title.as_ref(), organisation.as_ref()]
                    .into_iter()
                    .flatten()
                    .find_map(|text| is(text, hygiene::line(text, LINE_CHARS_MAX)))
            }
            _ => Some(Fault::Kind),
        }
    }
}
