//! What somebody has entered so far, and what it makes if it is complete.
//!
//! [`Content`] is kept as it was typed, so that nothing is lost while it is wrong. [`Content::filled`] reads it by the form
//! of the call: what comes of it is a [`Said`], which is signed, or a list of what must be put right.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    Lang,
    limits::{LINE_CHARS_MAX, PROSE_CHARS_MAX, SUBMISSION_FILES_MAX},
};
use serde::{Deserialize, Serialize};

use crate::{
    Answer, Answers, Call, Contact, Country, Fault, FileRef, NewSubmission, PartyClass, PartyOfSubmission,
    Question, QuestionId, QuestionKind, Standing, Submission, SubmissionId, SubmissionLang,
    file::Refused,
    hygiene::{self, BadText},
};

/// What was entered, by the names of the form's fields. Serialised as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Content {
    /// One of the six, or empty.
    pub(crate) lang: String,
    /// Another language, by its tag: it goes before.
    pub(crate) other_lang: String,
    pub(crate) for_party: bool,
    pub(crate) name: String,
    pub(crate) party_id: String,
    pub(crate) class: String,
    pub(crate) country: String,
    /// By field: `q1`, or `q1.amount`; several values where several were chosen.
    pub(crate) entered: BTreeMap<String, Vec<String>>,
    pub(crate) files: Vec<Attached>,
    /// Codes of files that were not taken, by question.
    pub(crate) refused: BTreeMap<QuestionId, String>,
    pub(crate) summary: String,
    pub(crate) supersedes: Option<SubmissionId>,
}

/// A file that answers a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attached {
    pub(crate) question: QuestionId,
    /// Lower-case hexadecimal.
    pub(crate) sha256: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size: i64,
}

impl Attached {
    pub(crate) fn of(question: QuestionId, file: &FileRef) -> Self {
        Self {
            question,
            sha256: file.digest_hex(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
        }
    }

    pub(crate) fn file(&self) -> Option<FileRef> {
        let digest = base16ct::lower::decode_vec(&self.sha256).ok()?.try_into().ok()?;
        let (name, media_type) = (self.name.clone(), self.media_type.clone());
        Some(FileRef { digest, name, media_type, size: self.size })
    }
}

/// What must be put right in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    Required,
    TooLong,
    Text,
    Choice,
    Amount,
    Country,
    Person,
    Name,
    Lang,
    Class,
    File(Refused),
}

/// What somebody says, complete: what is signed is made of this. Serialised as it is kept until it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    pub(crate) form_version: i64,
    pub(crate) lang: String,
    pub(crate) answers: Answers,
    pub(crate) files: Vec<SaidFile>,
    pub(crate) summary: Option<String>,
    pub(crate) class: PartyClass,
    pub(crate) name: String,
    pub(crate) country: Option<Country>,
    /// As a mandate names the organisation; a submission for oneself, or without a mandate, has none.
    pub(crate) party_id: Option<String>,
    pub(crate) supersedes: Option<SubmissionId>,
}

/// A file, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaidFile {
    pub(crate) sha256: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size: i64,
}

impl Said {
    /// Whether it is said for somebody else than oneself.
    pub(crate) fn is_for_party(&self) -> bool {
        self.class != PartyClass::Individual
    }

    /// Its files.
    pub(crate) fn files(&self) -> Vec<FileRef> {
        self.files.iter().filter_map(SaidFile::file).collect()
    }

    /// The submission that it becomes with what vouches for it.
    pub(crate) fn submission(
        &self,
        symbol: &str,
        standing: Standing,
        request: String,
        contact: Option<Contact>,
    ) -> Option<NewSubmission> {
        Some(NewSubmission {
            call: symbol.to_owned(),
            form_version: self.form_version,
            lang: SubmissionLang::new(&self.lang)?,
            answers: self.answers.clone(),
            files: self.files(),
            summary: self.summary.clone(),
            party: PartyOfSubmission {
                class: self.class,
                name: self.name.clone(),
                country: self.country,
                person: None,
                capacity: None,
            },
            supersedes: self.supersedes,
            standing,
            request,
            contact,
        })
    }
}

impl Said {
    /// What a submission says.
    pub(crate) fn of(submission: &Submission) -> Self {
        let entry = &submission.entry;
        let file = |file: &FileRef| SaidFile {
            sha256: file.digest_hex(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
        };
        Self {
            form_version: entry.form_version,
            lang: entry.lang.as_str().to_owned(),
            answers: submission.answers.clone(),
            files: submission.files.iter().map(file).collect(),
            summary: submission.summary.clone(),
            class: entry.party.class,
            name: entry.party.name.clone(),
            country: entry.party.country,
            party_id: None,
            supersedes: entry.supersedes,
        }
    }
}

impl SaidFile {
    fn file(&self) -> Option<FileRef> {
        let digest = base16ct::lower::decode_vec(&self.sha256).ok()?.try_into().ok()?;
        Some(FileRef {
            digest,
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            size: self.size,
        })
    }
}

impl Content {
    /// The first value of a field.
    pub(crate) fn value(&self, field: &str) -> &str {
        self.entered.get(field).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// All values of a field.
    pub(crate) fn values(&self, field: &str) -> &[String] {
        self.entered.get(field).map_or(&[], Vec::as_slice)
    }

    /// What it makes by the form of `call`, or what must be put right, by field and in the order of the page.
    pub(crate) fn filled(&self, call: &Call) -> Result<Said, Vec<(String, Wrong)>> {
        let mut wrong = Vec::new();
        let lang = self.language();
        if lang.is_none() {
            wrong.push(("lang".to_owned(), Wrong::Lang));
        }
        let class = self.class();
        if class.is_none() {
            wrong.push(("class".to_owned(), Wrong::Class));
        }
        let name = line(&self.name, LINE_CHARS_MAX).and_then(|name| name.ok_or(Wrong::Name));
        let name = keep(name, "name", &mut wrong);
        let party_id = if self.for_party { line(&self.party_id, 80) } else { Ok(None) };
        let party_id = keep(party_id, "party_id", &mut wrong).flatten();
        let country = match self.country.as_str() {
            "" => Ok(None),
            code => code.parse::<Country>().map(Some).map_err(|_| Wrong::Country),
        };
        let country = keep(country, "country", &mut wrong).flatten();
        let mut answers = Answers::new();
        for question in &call.said.form.questions {
            let id = question.id.as_str();
            match self.refused.get(&question.id).and_then(|code| Refused::from_code(code)) {
                Some(refused) => wrong.push((id.to_owned(), Wrong::File(refused))),
                None => match self.answer(question) {
                    Ok(Some(answer)) => {
                        answers.insert(question.id.clone(), answer);
                    }
                    Ok(None) if question.required => wrong.push((id.to_owned(), Wrong::Required)),
                    Ok(None) => {}
                    Err(fault) => wrong.push((id.to_owned(), fault)),
                },
            }
        }
        let (digests, files) = self.files(call);
        for (question, fault) in call.said.form.validate(&answers, &digests) {
            if !wrong.iter().any(|(field, _)| field == question.as_str()) {
                wrong.push((question.as_str().to_owned(), Wrong::from(fault)));
            }
        }
        if files.len() > SUBMISSION_FILES_MAX {
            wrong.push(("summary".to_owned(), Wrong::File(Refused::TooMany)));
        }
        let summary = keep(prose(&self.summary, PROSE_CHARS_MAX), "summary", &mut wrong).flatten();
        let (Some(lang), Some(class), Some(name), true) = (lang, class, name, wrong.is_empty()) else {
            return Err(wrong);
        };
        Ok(Said {
            form_version: call.said.form.version,
            lang,
            answers,
            files,
            summary,
            class,
            name,
            country,
            party_id,
            supersedes: self.supersedes,
        })
    }

    /// What was entered for a submission that is to be replaced.
    pub(crate) fn replacing(call: &Call, submission: &Submission) -> Self {
        let entry = &submission.entry;
        let party = &entry.party;
        let tag = entry.lang.as_str();
        let is_six = tag.parse::<Lang>().is_ok_and(|lang| lang.tag() == tag);
        let mut content = Self {
            lang: if is_six { tag.to_owned() } else { String::new() },
            other_lang: if is_six { String::new() } else { tag.to_owned() },
            for_party: party.class != PartyClass::Individual,
            name: party.name.clone(),
            class: party.class.as_str().to_owned(),
            country: party.country.map(|c| c.code().to_owned()).unwrap_or_default(),
            summary: submission.summary.clone().unwrap_or_default(),
            supersedes: Some(entry.id),
            ..Self::default()
        };
        for (question, answer) in &submission.answers {
            let mut set = |part: &str, values: Vec<String>| {
                content.entered.insert(format!("{question}{part}"), values);
            };
            match answer {
                Answer::Text(text) => set("", vec![text.clone()]),
                Answer::Choice(id) => set("", vec![id.as_str().to_owned()]),
                Answer::Choices(ids) => set("", ids.iter().map(|id| id.as_str().to_owned()).collect()),
                Answer::Country(country) => set("", vec![country.code().to_owned()]),
                Answer::Amount { minor, currency } => {
                    set(".amount", vec![major(*minor, currency)]);
                    set(".currency", vec![currency.clone()]);
                }
                Answer::Person { name, title, organisation } => {
                    set(".name", vec![name.clone()]);
                    set(".title", title.iter().cloned().collect());
                    set(".organisation", organisation.iter().cloned().collect());
                }
                Answer::Files(digests) => {
                    let named = submission.files.iter().filter(|f| digests.contains(&f.digest_hex()));
                    content.files.extend(named.map(|file| Attached::of(question.clone(), file)));
                }
            }
        }
        debug_assert!(call.id == entry.call, "a submission is replaced within its call");
        content
    }

    fn language(&self) -> Option<String> {
        let other = self.other_lang.trim();
        let tag = if other.is_empty() { self.lang.parse::<Lang>().ok()?.tag() } else { other };
        SubmissionLang::new(tag).map(|lang| lang.as_str().to_owned())
    }

    fn class(&self) -> Option<PartyClass> {
        if !self.for_party {
            return Some(PartyClass::Individual);
        }
        self.class.parse().ok().filter(|class| *class != PartyClass::Individual)
    }

    /// The files of questions of the form, each digest once, and their digests.
    fn files(&self, call: &Call) -> (Vec<String>, Vec<SaidFile>) {
        let asked = |id: &QuestionId| {
            call.said.form.questions.iter().any(|q| q.id == *id && q.kind == QuestionKind::File)
        };
        let mut seen = BTreeSet::new();
        let once = self.files.iter().filter(|f| asked(&f.question) && seen.insert(f.sha256.clone()));
        let files: Vec<SaidFile> = once
            .map(|f| SaidFile {
                sha256: f.sha256.clone(),
                name: f.name.clone(),
                media_type: f.media_type.clone(),
                size: f.size,
            })
            .collect();
        (files.iter().map(|f| f.sha256.clone()).collect(), files)
    }

    /// The answer to a question, if there is one.
    fn answer(&self, question: &Question) -> Result<Option<Answer>, Wrong> {
        let id = question.id.as_str();
        let value = self.value(id);
        let part = |name: &str| self.value(&format!("{id}.{name}"));
        Ok(match question.kind {
            QuestionKind::Text => line(value, question.chars_max())?.map(Answer::Text),
            QuestionKind::LongText => prose(value, question.chars_max())?.map(Answer::Text),
            QuestionKind::Choice | QuestionKind::Country if value.is_empty() => None,
            QuestionKind::Choice => Some(Answer::Choice(QuestionId::new(value).ok_or(Wrong::Choice)?)),
            QuestionKind::Choices => {
                let chosen: BTreeSet<&str> = self.values(id).iter().map(String::as_str).collect();
                let known = question.options.iter().filter(|o| chosen.contains(o.id.as_str()));
                let known: Vec<QuestionId> = known.map(|o| o.id.clone()).collect();
                if known.len() != chosen.len() {
                    return Err(Wrong::Choice);
                }
                (!known.is_empty()).then_some(Answer::Choices(known))
            }
            QuestionKind::File => {
                let of = self.files.iter().filter(|f| f.question == question.id);
                let mut digests: Vec<String> = of.map(|f| f.sha256.clone()).collect();
                digests.dedup();
                (!digests.is_empty()).then_some(Answer::Files(digests))
            }
            QuestionKind::Amount => amount(part("amount"), part("currency"))?,
            QuestionKind::Country => Some(Answer::Country(value.parse().map_err(|_| Wrong::Country)?)),
            QuestionKind::Person => {
                let text = |name: &str| line(part(name), LINE_CHARS_MAX);
                match (text("name")?, text("title")?, text("organisation")?) {
                    (Some(name), title, organisation) => Some(Answer::Person { name, title, organisation }),
                    (None, None, None) => None,
                    (None, ..) => return Err(Wrong::Person),
                }
            }
        })
    }
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Missing => Self::Required,
            Fault::Text(BadText::TooLong) => Self::TooLong,
            Fault::Text(_) => Self::Text,
            Fault::Amount => Self::Amount,
            Fault::TooMany => Self::File(Refused::TooMany),
            Fault::NoSuchQuestion | Fault::Kind | Fault::Option | Fault::File => Self::Choice,
        }
    }
}

fn keep<T>(read: Result<T, Wrong>, field: &str, wrong: &mut Vec<(String, Wrong)>) -> Option<T> {
    read.map_err(|fault| wrong.push((field.to_owned(), fault))).ok()
}

fn line(text: &str, chars_max: usize) -> Result<Option<String>, Wrong> {
    entered(hygiene::line(text, chars_max))
}

fn prose(text: &str, chars_max: usize) -> Result<Option<String>, Wrong> {
    entered(hygiene::prose(text, chars_max))
}

fn entered(clean: Result<String, BadText>) -> Result<Option<String>, Wrong> {
    match clean {
        Ok(text) => Ok(Some(text)),
        Err(BadText::Empty) => Ok(None),
        Err(BadText::TooLong) => Err(Wrong::TooLong),
        Err(BadText::Deceives) => Err(Wrong::Text),
    }
}

/// An amount as people write one: `12`, `12.50`, `1 250,5`; blanks may group, `.` or `,` begins the smaller unit.
fn amount(amount: &str, currency: &str) -> Result<Option<Answer>, Wrong> {
    let (amount, currency) = (amount.trim(), currency.trim().to_ascii_uppercase());
    if amount.is_empty() && currency.is_empty() {
        return Ok(None);
    }
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(Wrong::Amount);
    }
    let digits: String =
        amount.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'')).collect();
    let (whole, part) = digits.split_once(['.', ',']).unwrap_or((&digits, ""));
    let minor_digits = usize::try_from(web::format::minor_digits(&currency)).unwrap_or_default();
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) || part.len() > minor_digits {
        return Err(Wrong::Amount);
    }
    let minor = format!("{whole}{part:0<minor_digits$}").parse().map_err(|_| Wrong::Amount)?;
    Ok(Some(Answer::Amount { minor, currency }))
}

/// An amount in the currency's unit, as [`amount`] reads it.
fn major(minor: i64, currency: &str) -> String {
    let digits = usize::try_from(web::format::minor_digits(currency)).unwrap_or_default();
    let text = format!("{minor:0>width$}", width = digits.saturating_add(1));
    match text.split_at_checked(text.len().saturating_sub(digits)) {
        Some((whole, part)) if digits > 0 => format!("{whole}.{part}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_they_are_read() {
        for (minor, currency, text) in
            [(1_250, "CHF", "12.50"), (5, "CHF", "0.05"), (300, "JPY", "300"), (1_234, "KWD", "1.234")]
        {
            assert_eq!(major(minor, currency), text);
            let read = Ok(Some(Answer::Amount { minor, currency: currency.into() }));
            assert_eq!(amount(text, currency), read);
        }
    }

    #[test]
    fn amounts_as_people_write_them() {
        let francs = |minor| Ok(Some(Answer::Amount { minor, currency: "CHF".into() }));
        for (text, currency, expected) in [
            ("12.50", "chf", francs(1_250)),
            ("1 250,5", "CHF", francs(125_050)),
            ("1'250", "CHF", francs(125_000)),
            ("12.505", "CHF", Err(Wrong::Amount)),
            ("-3", "CHF", Err(Wrong::Amount)),
            ("1,250.00", "CHF", Err(Wrong::Amount)),
            ("12", "CH", Err(Wrong::Amount)),
            ("12", "", Err(Wrong::Amount)),
            ("", "", Ok(None)),
            ("300", "JPY", Ok(Some(Answer::Amount { minor: 300, currency: "JPY".into() }))),
            ("300.5", "JPY", Err(Wrong::Amount)),
            ("1.234", "KWD", Ok(Some(Answer::Amount { minor: 1_234, currency: "KWD".into() }))),
        ] {
            assert_eq!(amount(text, currency), expected, "{text} {currency}");
        }
    }
}
