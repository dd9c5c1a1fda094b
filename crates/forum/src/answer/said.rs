//! What somebody says, as a page shows it: exactly what is signed.

use base::Lang;

use crate::{
    Answer, Call, Question,
    draft::content::{Said, SaidFile},
    multilingual::Shown,
    texts::T,
    words,
};

/// A question with its answer.
pub(crate) struct Row<'a> {
    pub(crate) question: Shown<'a>,
    pub(crate) value: Value<'a>,
}

/// An answer.
pub(crate) enum Value<'a> {
    None,
    /// In the sender's own words and language.
    Text(&'a str),
    Chosen(Vec<Shown<'a>>),
    Plain(String),
    Files(Vec<File<'a>>),
}

/// A file.
pub(crate) struct File<'a> {
    pub(crate) name: &'a str,
    pub(crate) sha256: &'a str,
    pub(crate) size: String,
}

/// All of it.
pub(crate) struct View<'a> {
    /// Its language, as a page says it.
    pub(crate) lang: &'a str,
    pub(crate) dir: &'static str,
    pub(crate) from: String,
    pub(crate) summary: Option<&'a str>,
    pub(crate) rows: Vec<Row<'a>>,
    pub(crate) replaces: Option<String>,
}

impl<'a> View<'a> {
    pub(crate) fn of(call: &'a Call, said: &'a Said, t: T) -> Self {
        let questions = call.said.form.questions.iter();
        let class = words::class(t, said.class).to_owned();
        let country = said.country.map(|country| country.name(t.0).to_owned());
        let party = [Some(said.name.clone()), Some(class), country].into_iter().flatten();
        Self {
            lang: &said.lang,
            dir: said.lang.parse::<Lang>().map_or("auto", Lang::dir),
            from: party.collect::<Vec<_>>().join(" · "),
            summary: said.summary.as_deref(),
            rows: questions
                .map(|question| Row { question: question.label.get(t.0), value: value(question, said, t.0) })
                .collect(),
            replaces: said.supersedes.map(|id| t.review_replaces(id.to_string())),
        }
    }
}

fn value<'a>(question: &'a Question, said: &'a Said, lang: Lang) -> Value<'a> {
    let chosen = |id: &crate::QuestionId| {
        question.options.iter().find(|option| option.id == *id).map(|option| option.label.get(lang))
    };
    match said.answers.get(&question.id) {
        None => Value::None,
        Some(Answer::Text(text)) => Value::Text(text),
        Some(Answer::Choice(id)) => Value::Chosen(chosen(id).into_iter().collect()),
        Some(Answer::Choices(ids)) => Value::Chosen(ids.iter().filter_map(chosen).collect()),
        Some(Answer::Country(country)) => Value::Plain(country.name(lang).to_owned()),
        Some(Answer::Amount { minor, currency }) => Value::Plain(web::format::money(lang, *minor, currency)),
        Some(Answer::Person { name, title, organisation }) => {
            let parts = [Some(name), title.as_ref(), organisation.as_ref()].into_iter().flatten();
            Value::Plain(parts.map(String::as_str).collect::<Vec<_>>().join(", "))
        }
        Some(Answer::Files(digests)) => {
            let named = said.files.iter().filter(|file| digests.contains(&file.sha256));
            Value::Files(named.map(|file| File::of(file, lang)).collect())
        }
    }
}

impl<'a> File<'a> {
    fn of(file: &'a SaidFile, lang: Lang) -> Self {
        let size = web::format::file_size(lang, file.size);
        Self { name: &file.name, sha256: &file.sha256, size }
    }
}
