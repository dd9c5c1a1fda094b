//! Later translations: of a circular that was sent, of a call that has opened, of what was submitted. A page lists the languages
//! and says which translations are missing, and of which the original has changed since; a page each has the original above the
//! field of its translation. The original itself is not changed here (invariant I17).

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::State, response::Response};
use base::{
    Lang,
    limits::{ANSWER_CHARS_MAX, LINE_CHARS_MAX, PROSE_CHARS_MAX},
};
use http::Method;
use web::{
    Form, Names, Problem, Routes,
    components::{Cell, Field, Html, Kind, State as StateWord, Table},
};

use super::{
    call::found as call_of,
    fields::{Fields, Shape},
    page::{self, Desk, FormPage},
    written::{Written, found, own, refused},
};
use crate::{
    Answer, Forum, QuestionId, Submission, SubmissionId,
    call::model::Call,
    public::{self, answers::direction},
    submission::{api::decide_problem, ops::decide::DecideRefusal},
    texts::T,
};

/// The field of a submission's summary; those of answers are named after their questions.
const SUMMARY: &str = "summary";

/// What is translated.
struct Work {
    title: String,
    /// Where its page is.
    own: String,
    /// The language of the original, a BCP 47 tag.
    lang: String,
    parts: Vec<Part>,
    /// Whether all of its parts are translated at once; otherwise one at least.
    is_whole: bool,
}

/// A text of it.
struct Part {
    /// Its field.
    name: String,
    label: String,
    original: String,
    shape: Shape,
    chars_max: usize,
    /// Its translations, and of which the original has changed since.
    done: BTreeMap<Lang, (String, bool)>,
}

/// The original, above the field for its translation.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<h2>{{ label }}</h2>
<div class="prose" lang="{{ lang }}" dir="{{ dir }}">{{ text }}</div>
"#
)]
struct Original<'a> {
    label: &'a str,
    lang: &'a str,
    dir: &'static str,
    text: &'a str,
}

impl Work {
    fn of<W: Written>(t: T, one: &W) -> Self {
        let labels = W::labels(t);
        let shapes = [(Shape::Line, LINE_CHARS_MAX), (Shape::Prose, PROSE_CHARS_MAX)];
        let all = W::TEXTS.into_iter().zip([labels.heading, labels.text]).zip(one.texts()).zip(shapes);
        let part = |(((name, label), text), (shape, chars_max)): (((_, &str), &crate::Multilingual), _)| {
            let done = text.langs().filter(|lang| *lang != text.original());
            let done = done.map(|lang| (lang, (text.get(lang).text.to_owned(), text.get(lang).is_stale)));
            let (name, label) = (str::to_owned(name), label.to_owned());
            Part {
                name,
                label,
                original: text.original_text().to_owned(),
                shape,
                chars_max,
                done: done.collect(),
            }
        };
        let lang = one.texts()[0].original().tag().to_owned();
        Self { title: one.title(t), own: own(one), lang, parts: all.map(part).collect(), is_whole: true }
    }

    fn of_submission(t: T, call: &Call, submission: &Submission) -> Self {
        let part = |name: &str,
                    label: &str,
                    original: &str,
                    chars_max,
                    of: &dyn Fn(&crate::Translation) -> Option<String>| {
            let done = submission.translations.iter();
            let done = done
                .filter_map(|translation| Some((translation.lang, (of(translation)?, translation.is_stale))));
            let (name, label, original) = (name.to_owned(), label.to_owned(), original.to_owned());
            Part { name, label, original, shape: Shape::Prose, chars_max, done: done.collect() }
        };
        let mut parts = Vec::new();
        if let Some(summary) = &submission.summary {
            let of = |translation: &crate::Translation| translation.summary.clone();
            parts.push(part(SUMMARY, t.pub_sub_summary(), summary, PROSE_CHARS_MAX, &of));
        }
        for question in &call.said.form.questions {
            if let Some(Answer::Text(text)) = submission.answers.get(&question.id) {
                let of = |translation: &crate::Translation| translation.answers.get(&question.id).cloned();
                let name = format!("a-{}", question.id.as_str());
                parts.push(part(&name, question.label.get(t.0).text, text, ANSWER_CHARS_MAX, &of));
            }
        }
        let entry = &submission.entry;
        Self {
            title: entry.party.name.clone(),
            own: format!("/desk/submissions/{}", entry.id),
            lang: entry.lang.as_str().to_owned(),
            parts,
            is_whole: false,
        }
    }

    /// A language into which it can be translated; 404 if it cannot.
    fn language(&self, tag: &str) -> Result<Lang, Problem> {
        let lang = tag.parse().ok().filter(|lang: &Lang| lang.tag() != self.lang);
        lang.ok_or_else(|| Problem::not_found("language"))
    }

    /// How far a translation is.
    fn state(&self, t: T, lang: Lang) -> StateWord<'static> {
        let done = || self.parts.iter().filter_map(|part| part.done.get(&lang));
        if done().any(|(_, is_stale)| *is_stale) {
            StateWord::new(Kind::Refused, t.desk_translation_stale())
        } else if done().count() == self.parts.len() {
            StateWord::new(Kind::Valid, t.desk_translation_current())
        } else if done().count() == 0 {
            StateWord::new(Kind::Plain, t.desk_translation_none())
        } else {
            StateWord::new(Kind::Waiting, t.desk_translation_partly())
        }
    }

    /// The languages, and how far each is.
    fn list(&self, desk: &Desk) -> Response {
        let t = desk.t();
        let title = format!("{} · {}", t.desk_translations(), self.title);
        let mut table = Table::new(&title, &[t.pub_filter_language(), t.desk_state()]);
        for lang in Lang::ALL {
            table = table.row(if lang.tag() == self.lang {
                let word = StateWord::new(Kind::Plain, t.pub_original());
                [Cell::text(lang.own_name()), Cell::of(&word)]
            } else {
                let href = desk.reader.href(&format!("{}/translations/{lang}", self.own));
                [Cell::html(Html::link(&href, lang.own_name())), Cell::of(&self.state(t, lang))]
            });
        }
        let note = Html::paragraph(t.desk_translations_note());
        let own = page::ways(desk, &[(self.own.clone(), &self.title)]);
        let parts = vec![Html::all(page::done(desk)), note, Html::of(&table), own];
        page::plain(desk, &title, parts)
    }

    /// The fields as they are now.
    fn filled(&self, lang: Lang) -> Fields {
        let mut fields = Fields::default();
        for part in &self.parts {
            let now = part.done.get(&lang).map(|(text, _)| text.clone());
            fields.set(part.name.clone(), now.unwrap_or_default());
        }
        fields
    }

    /// The texts that were entered, by their fields; what is wrong with them is noted.
    fn read(&self, t: T, fields: &mut Fields) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for part in &self.parts {
            let text = if self.is_whole {
                Some(fields.text(t, &part.name, part.shape, part.chars_max))
            } else {
                fields.optional(t, &part.name, part.shape, part.chars_max)
            };
            all.extend(text.map(|text| (part.name.clone(), text)));
        }
        if let (true, Some(first)) = (all.is_empty(), self.parts.first()) {
            fields.fault(&first.name, t.desk_wrong_empty());
        }
        all
    }

    fn form(&self, desk: &Desk, lang: Lang, fields: &Fields) -> Response {
        let t = desk.t();
        let title = format!("{} · {}", self.title, lang.own_name());
        let all = format!("{}/translations", self.own);
        let mut parts = Vec::new();
        for part in &self.parts {
            let (dir, text) = (direction(&self.lang), &part.original);
            parts.push(Html::of(&Original { label: &part.label, lang: &self.lang, dir, text }));
            let label = format!("{} · {}", lang.own_name(), t.pub_translation());
            let stale = part.done.get(&lang).is_some_and(|(_, is_stale)| *is_stale);
            let field = Field::text(t.0, &part.name, &label).value(fields.get(&part.name));
            let field = field.help(stale.then(|| t.pub_stale())).error(fields.error(&part.name));
            let field = if part.shape == Shape::Prose { field.lines(8) } else { field };
            parts.push(Html::of(&if self.is_whole { field.required() } else { field }));
        }
        let page = FormPage {
            title: &title,
            back: (&all, t.desk_translations()),
            before: Vec::new(),
            fields,
            parts,
            action: &format!("{all}/{lang}"),
            buttons: vec![page::submit(t.desk_save())],
            after: Html::default(),
            is_multipart: false,
            is_titled: false,
        };
        page.show(desk)
    }
}

/// The pages of the translations of one.
pub(super) fn routes<W: Written>() -> Routes<Forum> {
    let all = format!("{}/{{symbol}}/translations", W::PLACE);
    let one = format!("{all}/{{lang}}");
    Routes::new().page(Method::GET, &all, list::<W>).page(Method::GET, &one, show::<W>).page(
        Method::POST,
        &one,
        save::<W>,
    )
}

/// Those of what was submitted.
pub(super) fn routes_of_submissions() -> Routes<Forum> {
    Routes::new()
        .page(Method::GET, "/desk/submissions/{id}/translations", list_of_submission)
        .page(Method::GET, "/desk/submissions/{id}/translations/{lang}", show_of_submission)
        .page(Method::POST, "/desk/submissions/{id}/translations/{lang}", save_of_submission)
}

async fn list<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let one: W = found(&desk, &forum, &symbol).await?;
    Ok(Work::of(desk.t(), &one).list(&desk))
}

async fn show<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Names((symbol, lang)): Names<(String, String)>,
) -> Result<Response, Problem> {
    let one: W = found(&desk, &forum, &symbol).await?;
    let work = Work::of(desk.t(), &one);
    let lang = work.language(&lang)?;
    Ok(work.form(&desk, lang, &work.filled(lang)))
}

async fn save<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Names((symbol, lang)): Names<(String, String)>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let one: W = found(&desk, &forum, &symbol).await?;
    let (t, work) = (desk.t(), Work::of(desk.t(), &one));
    let lang = work.language(&lang)?;
    let mut fields = Fields::from(sent);
    let mut read = work.read(t, &mut fields);
    if fields.is_good() {
        let [heading, text] = W::TEXTS.map(|name| read.remove(name).unwrap_or_default());
        match W::translate(&forum, &desk.actor, &symbol, (lang, heading, text)).await {
            Ok(_) => return Ok(desk.done(&format!("{}/translations", work.own))),
            Err(refusal) => refused::<W>(t, &refusal, &mut fields)?,
        }
    }
    Ok(work.form(&desk, lang, &fields))
}

async fn of_submission(desk: &Desk, forum: &Forum, id: &str) -> Result<(SubmissionId, Work), Problem> {
    let id: SubmissionId = id.parse().map_err(|_| Problem::not_found("submission"))?;
    let submission = forum.submission_of_desk(&desk.actor, id).await.map_err(|e| public::unread(&e))?;
    let call = call_of(desk, forum, &submission.entry.symbol).await?;
    Ok((id, Work::of_submission(desk.t(), &call, &submission)))
}

async fn list_of_submission(
    desk: Desk,
    State(forum): State<Forum>,
    Names(id): Names<String>,
) -> Result<Response, Problem> {
    Ok(of_submission(&desk, &forum, &id).await?.1.list(&desk))
}

async fn show_of_submission(
    desk: Desk,
    State(forum): State<Forum>,
    Names((id, lang)): Names<(String, String)>,
) -> Result<Response, Problem> {
    let (_, work) = of_submission(&desk, &forum, &id).await?;
    let lang = work.language(&lang)?;
    Ok(work.form(&desk, lang, &work.filled(lang)))
}

async fn save_of_submission(
    desk: Desk,
    State(forum): State<Forum>,
    Names((id, lang)): Names<(String, String)>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, work) = of_submission(&desk, &forum, &id).await?;
    let lang = work.language(&lang)?;
    let mut fields = Fields::from(sent);
    let mut read = work.read(desk.t(), &mut fields);
    if fields.is_good() {
        let summary = read.remove(SUMMARY);
        let answer =
            |(name, text): (String, String)| Some((QuestionId::new(name.strip_prefix("a-")?)?, text));
        let answers = read.into_iter().filter_map(answer).collect();
        match forum.translate_submission(&desk.actor, id, lang, (answers, summary)).await {
            Ok(_) => return Ok(desk.done(&format!("{}/translations", work.own))),
            Err(DecideRefusal::Text(bad)) => {
                let first = work.parts.first().map_or(SUMMARY, |part| part.name.as_str());
                fields.fault(first, super::fields::bad_text(desk.t(), bad));
            }
            Err(refusal) => return Err(decide_problem(&refusal)),
        }
    }
    Ok(work.form(&desk, lang, &fields))
}
