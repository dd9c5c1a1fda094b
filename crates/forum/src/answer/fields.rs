//! The form of a call as components of a page, and back.

use std::collections::BTreeMap;

use base::Lang;
use web::components::{Choices, Field, Html, Select, Upload as UploadField};

use super::multipart::{PREFIX, Sent};
use crate::{
    Call, Country, PartyClass, Question, QuestionKind,
    draft::content::{Attached, Content, Wrong},
    file::{Refused, sniff::ACCEPT},
    texts::T,
    words,
};

/// What is wrong, in the reader's words.
pub(crate) fn said(t: T, wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Required | Wrong::Name => t.fault_required(),
        Wrong::TooLong => t.fault_too_long(),
        Wrong::Text => t.fault_text(),
        Wrong::Choice => t.fault_choice(),
        Wrong::Amount => t.fault_amount(),
        Wrong::Country => t.fault_country(),
        Wrong::Person => t.fault_person(),
        Wrong::Lang => t.fault_language(),
        Wrong::Class => t.fault_class(),
        Wrong::File(Refused::Name) => t.fault_file_name(),
        Wrong::File(Refused::Type) => t.fault_file_type(),
        Wrong::File(Refused::Empty) => t.fault_file_empty(),
        Wrong::File(Refused::TooLarge) => t.fault_file_size(),
        Wrong::File(Refused::Lies) => t.fault_file_lies(),
        Wrong::File(Refused::Macros) => t.fault_file_macros(),
        Wrong::File(Refused::TooMany) => t.fault_file_count(),
    }
}

/// The name of the first control of a field: where its fault leads to.
pub(crate) fn control(call: &Call, field: &str) -> String {
    let question = call.said.form.questions.iter().find(|q| q.id.as_str() == field);
    match question.map(|q| q.kind) {
        Some(QuestionKind::Amount) => format!("{PREFIX}{field}.amount"),
        Some(QuestionKind::Person) => format!("{PREFIX}{field}.name"),
        Some(_) => format!("{PREFIX}{field}"),
        None => field.to_owned(),
    }
}

/// Reads what was sent into what was entered; the files that were not taken are named with their codes.
pub(crate) fn read(call: &Call, sent: &Sent, before: &Content) -> Content {
    let mut entered: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let known = |field: &str| {
        let id = field.split('.').next().unwrap_or_default();
        call.said.form.questions.iter().any(|q| q.id.as_str() == id)
    };
    for (name, value) in &sent.fields {
        if let Some(field) = name.strip_prefix(PREFIX).filter(|field| known(field))
            && !value.is_empty()
        {
            entered.entry(field.to_owned()).or_default().push(value.clone());
        }
    }
    let is_removed = |file: &Attached| {
        let value = format!("{}:{}", file.question, file.sha256);
        sent.fields.iter().any(|(name, removed)| name == "remove" && *removed == value)
    };
    let mut files: Vec<Attached> = before.files.clone();
    files.retain(|file| !is_removed(file));
    let mut refused = BTreeMap::new();
    for upload in &sent.files {
        match &upload.taken {
            Ok(taken) => {
                let attached = Attached::of(upload.question.clone(), &taken.file);
                if !files.iter().any(|f| f.question == attached.question && f.sha256 == attached.sha256) {
                    files.push(attached);
                }
            }
            Err(why) => {
                refused.insert(upload.question.clone(), why.code().to_owned());
            }
        }
    }
    Content {
        lang: sent.get("lang").to_owned(),
        other_lang: sent.get("other_lang").to_owned(),
        for_party: sent.get("for") == "party",
        name: sent.get("name").to_owned(),
        party_id: sent.get("party_id").to_owned(),
        class: sent.get("class").to_owned(),
        country: sent.get("country").to_owned(),
        entered,
        files,
        refused,
        summary: sent.get("summary").to_owned(),
        supersedes: before.supersedes,
    }
}

/// What is shown with a form: the reader's language, what was entered, what is wrong with it.
pub(crate) struct Shown<'a> {
    pub(crate) t: T,
    pub(crate) call: &'a Call,
    pub(crate) content: &'a Content,
    pub(crate) wrong: &'a [(String, Wrong)],
}

impl Shown<'_> {
    fn lang(&self) -> Lang {
        self.t.0
    }

    fn error(&self, field: &str) -> Option<&'static str> {
        self.wrong.iter().find(|(f, _)| f == field).map(|(_, wrong)| said(self.t, *wrong))
    }

    /// What a field is called on the page: of a question, its number and its first words.
    pub(crate) fn label(&self, field: &str) -> String {
        const WORDS_MAX: usize = 6;
        let t = self.t;
        let mut questions = self.call.said.form.questions.iter().zip(1_usize..);
        let Some((question, number)) = questions.find(|(q, _)| q.id.as_str() == field) else {
            let own = match field {
                "lang" => t.answer_language(),
                "class" => t.answer_party_class(),
                "country" => t.answer_country(),
                "party_id" => t.answer_party_id(),
                "summary" => t.answer_summary(),
                _ => t.answer_name(),
            };
            return own.to_owned();
        };
        let mut words = question.label.get(self.lang()).text.split(' ');
        let first: Vec<&str> = words.by_ref().take(WORDS_MAX).collect();
        let more = if words.next().is_some() { "…" } else { "" };
        format!("{number}. {}{more}", first.join(" "))
    }

    /// For whom and in which language.
    pub(crate) fn about(&self) -> Html {
        let (t, lang, content) = (self.t, self.lang(), self.content);
        let six = Lang::ALL.map(|l| (l.tag(), l.own_name()));
        let language = Select::new(lang, "lang", t.answer_language())
            .options(six)
            .chosen(if content.lang.is_empty() { lang.tag() } else { &content.lang })
            .help(t.answer_language_help())
            .error(self.error("lang"))
            .required();
        let other = Field::text(lang, "other_lang", t.answer_language_other())
            .value(&content.other_lang)
            .max_chars(35);
        let parties = self.call.said.audience.is_empty()
            || self.call.said.audience.iter().any(|class| *class != PartyClass::Individual);
        let whom = Choices::one(lang, "for", t.answer_for())
            .option("self", t.answer_for_self())
            .option_with_help("party", t.answer_for_party(), t.answer_for_help())
            .chosen([if content.for_party { "party" } else { "self" }])
            .required();
        let name = Field::text(lang, "name", t.answer_name())
            .value(&content.name)
            .help(t.answer_name_help())
            .error(self.error("name"))
            .max_chars(300)
            .autocomplete("name")
            .required();
        let country = country(self, "country", &content.country, t.answer_country_none());
        let mut parts = vec![Html::of(&language), Html::of(&other), Html::of(&whom), Html::of(&name)];
        parts.push(country);
        if parties {
            let class = Select::new(lang, "class", t.answer_party_class())
                .none("–")
                .options(
                    PartyClass::ALL
                        .iter()
                        .filter(|class| **class != PartyClass::Individual && self.call.is_for(**class))
                        .map(|class| (class.as_str(), words::class(t, *class))),
                )
                .chosen(&content.class)
                .error(self.error("class"));
            let id = Field::text(lang, "party_id", t.answer_party_id())
                .value(&content.party_id)
                .help(t.answer_party_id_help())
                .error(self.error("party_id"))
                .max_chars(80);
            parts.extend([Html::of(&class), Html::of(&id)]);
        }
        Html::all(parts)
    }

    /// The question with its help and its controls.
    pub(crate) fn question(&self, number: usize, question: &Question) -> Html {
        let (t, lang, content) = (self.t, self.lang(), self.content);
        let id = question.id.as_str();
        let name = format!("{PREFIX}{id}");
        let label = format!("{number}. {}", question.label.get(lang).text);
        let asked = question.help.as_ref().map(|help| help.get(lang).text.to_owned());
        let error = self.error(id);
        let max_chars = u32::try_from(question.chars_max()).unwrap_or(u32::MAX);
        let most = t.answer_length(web::format::number(lang, max_chars));
        let help = asked.as_ref().map_or_else(|| most.clone(), |help| format!("{help} {most}"));
        let optional = |field: Field<'_>| Html::of(&if question.required { field.required() } else { field });
        match question.kind {
            QuestionKind::Text => optional(
                Field::text(lang, &name, &label)
                    .value(content.value(id))
                    .help(help.as_str())
                    .error(error)
                    .max_chars(max_chars),
            ),
            QuestionKind::LongText => optional(
                Field::text(lang, &name, &label)
                    .lines(10)
                    .value(content.value(id))
                    .help(help.as_str())
                    .error(error)
                    .max_chars(max_chars),
            ),
            QuestionKind::Choice | QuestionKind::Choices => {
                let mut choices = if question.kind == QuestionKind::Choice {
                    Choices::one(lang, &name, &label)
                } else {
                    Choices::several(lang, &name, &label)
                };
                for option in &question.options {
                    choices = choices.option(option.id.as_str(), option.label.get(lang).text);
                }
                let chosen = content.values(id).iter().map(String::as_str);
                let choices = choices.chosen(chosen).help(asked.as_deref()).error(error);
                Html::of(&if question.required { choices.required() } else { choices })
            }
            QuestionKind::Country => {
                country_field(self, &name, &label, content.value(id), question, asked.as_deref())
            }
            QuestionKind::Amount => {
                let part = |part: &str| content.value(&format!("{id}.{part}"));
                let (amount, currency) = (format!("{name}.amount"), format!("{name}.currency"));
                let label = format!("{label} – {}", t.answer_amount());
                let amount = Field::amount(lang, &amount, &label)
                    .value(part("amount"))
                    .help(asked.as_deref())
                    .error(error);
                let currency =
                    Field::text(lang, &currency, t.answer_currency()).value(part("currency")).max_chars(3);
                Html::all([optional(amount), optional(currency)])
            }
            QuestionKind::Person => {
                let field = |part: &str| (format!("{name}.{part}"), content.value(&format!("{id}.{part}")));
                let ((person, is), (title, what), (organisation, of)) =
                    (field("name"), field("title"), field("organisation"));
                let label = format!("{label} – {}", t.answer_person_name());
                let person = Field::text(lang, &person, &label)
                    .value(is)
                    .help(asked.as_deref())
                    .error(error)
                    .max_chars(300);
                let title = Field::text(lang, &title, t.answer_person_position()).value(what).max_chars(300);
                let organisation =
                    Field::text(lang, &organisation, t.answer_person_organisation()).value(of).max_chars(300);
                Html::all([optional(person), Html::of(&title), Html::of(&organisation)])
            }
            QuestionKind::File => {
                let size = web::format::file_size(lang, base::limits::FILE_BYTES_MAX);
                let kinds = t.answer_file_help(size);
                let help = asked.as_ref().map_or_else(|| kinds.clone(), |help| format!("{help} {kinds}"));
                let upload = UploadField::new(lang, &name, &label, &help, ACCEPT).many().error(error);
                Html::of(&if question.required { upload.required() } else { upload })
            }
        }
    }
}

fn country(shown: &Shown<'_>, name: &str, chosen: &str, none: &str) -> Html {
    let lang = shown.lang();
    Html::of(
        &Select::new(lang, name, shown.t.answer_country())
            .none(none)
            .options(countries(lang).iter().map(|(code, name)| (*code, *name)))
            .chosen(chosen)
            .error(shown.error(name)),
    )
}

fn country_field(
    shown: &Shown<'_>,
    name: &str,
    label: &str,
    chosen: &str,
    question: &Question,
    help: Option<&str>,
) -> Html {
    let lang = shown.lang();
    let all = countries(lang);
    let select = Select::new(lang, name, label)
        .none("–")
        .options(all.iter().map(|(code, name)| (*code, *name)))
        .chosen(chosen)
        .help(help)
        .error(shown.error(question.id.as_str()));
    Html::of(&if question.required { select.required() } else { select })
}

/// All countries, in the order of their names.
fn countries(lang: Lang) -> Vec<(&'static str, &'static str)> {
    let mut all: Vec<_> = Country::all().map(|country| (country.code(), country.name(lang))).collect();
    all.sort_by(|a, b| a.1.cmp(b.1));
    all
}
