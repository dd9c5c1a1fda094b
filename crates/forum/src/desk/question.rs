//! A question of a call that has not opened: added, changed, moved, removed. A page each, so that it can be written in six
//! languages without a script.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use base::{
    Lang,
    limits::{ANSWER_CHARS_MAX, CHOICES_MAX, LINE_CHARS_MAX, SUBMISSION_FILES_MAX},
};
use web::{
    Form, Names, Problem,
    components::{Button, Choices, Html, Select},
};

use super::{
    call::found,
    fields::{Fields, Shape, in_language},
    page::{self, Desk, FormPage},
};
use crate::{
    Forum, Multilingual,
    call::{
        form::{Choice, Question, QuestionId, QuestionKind},
        model::{Call, NewCall},
        ops::CallRefusal,
    },
    texts::T,
    words,
};

/// The name of a question that is not there yet.
const NEW: &str = "new";

pub(super) async fn show(
    desk: Desk,
    State(forum): State<Forum>,
    Names((symbol, id)): Names<(String, String)>,
) -> Result<Response, Problem> {
    let call = found(&desk, &forum, &symbol).await?;
    let question = question_of(&call, &id)?;
    Ok(form(&desk, &call, &id, &filled(question)))
}

/// Changes the question, or adds it; the button says whether to move or to remove it instead.
pub(super) async fn change(
    desk: Desk,
    State(forum): State<Forum>,
    Names((symbol, id)): Names<(String, String)>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let t = desk.t();
    let call = found(&desk, &forum, &symbol).await?;
    let was = question_of(&call, &id)?;
    let mut fields = Fields::from(sent);
    let mut said = call.said.clone();
    match fields.get("do") {
        "remove" => said.form.questions.retain(|question| question.id.as_str() != id),
        "up" => up(&mut said, &id),
        _ => {
            let no_id = || Problem::not_found("question");
            let question = read(t, &mut fields, &call, was).ok_or_else(no_id)?;
            match said.form.questions.iter_mut().find(|known| known.id == question.id) {
                Some(known) => *known = question,
                None => said.form.questions.push(question),
            }
        }
    }
    if fields.is_good() {
        match forum.change_call(&desk.actor, said).await {
            Ok(_) => return Ok(desk.done(&format!("/desk/calls/{symbol}"))),
            Err(CallRefusal::Form(_)) => fields.fault("options", t.desk_wrong_form()),
            Err(CallRefusal::Text(bad)) => fields.fault("options", super::fields::bad_text(t, bad)),
            Err(refusal) => return Err(crate::call::api::problem(&refusal)),
        }
    }
    Ok(form(&desk, &call, &id, &fields))
}

fn up(said: &mut NewCall, id: &str) {
    let questions = &mut said.form.questions;
    let at = questions.iter().position(|question| question.id.as_str() == id);
    if let Some(at) = at.filter(|at| *at > 0) {
        questions.swap(at, at.saturating_sub(1));
    }
}

/// The question, or none for a new one.
fn question_of<'a>(call: &'a Call, id: &str) -> Result<Option<&'a Question>, Problem> {
    if id == NEW {
        return Ok(None);
    }
    let found = call.said.form.questions.iter().find(|question| question.id.as_str() == id);
    found.map(Some).ok_or_else(|| Problem::not_found("question"))
}

fn filled(question: Option<&Question>) -> Fields {
    let mut fields = Fields::default();
    let Some(question) = question else {
        fields.set("kind", QuestionKind::LongText.as_str());
        return fields;
    };
    fields.set("kind", question.kind.as_str());
    fields.set_text("label", &question.label);
    if let Some(help) = &question.help {
        fields.set_text("help", help);
    }
    if question.required {
        fields.set("required", "yes");
    }
    fields.set("max", question.max_chars.map(|n| n.to_string()).unwrap_or_default());
    fields.set("count", question.max_count.map(|n| n.to_string()).unwrap_or_default());
    for lang in Lang::ALL {
        let lines: Vec<&str> = question
            .options
            .iter()
            .map(|option| option.label.texts().get(&lang).map_or("", String::as_str))
            .collect();
        if lines.iter().any(|line| !line.is_empty()) {
            fields.set(in_language("options", lang), lines.join("\n"));
        }
    }
    fields
}

fn read(t: T, fields: &mut Fields, call: &Call, was: Option<&Question>) -> Option<Question> {
    let original = call.said.title.original();
    let label = fields.multilingual(t, "label", original, (Shape::Prose, ANSWER_CHARS_MAX));
    let help = if fields.get(&in_language("help", original)).trim().is_empty() {
        None
    } else {
        Some(fields.multilingual(t, "help", original, (Shape::Prose, ANSWER_CHARS_MAX)))
    };
    let kind = fields.get("kind").parse().unwrap_or(QuestionKind::LongText);
    let max = i64::try_from(ANSWER_CHARS_MAX).unwrap_or(i64::MAX);
    let max_chars = fields.number(t, "max", max).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let most = i64::try_from(CHOICES_MAX.max(SUBMISSION_FILES_MAX)).unwrap_or(i64::MAX);
    let max_count = fields.number(t, "count", most).and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let chooses = matches!(kind, QuestionKind::Choice | QuestionKind::Choices);
    let options = if chooses { options(t, fields, original) } else { Vec::new() };
    Some(Question {
        id: was.map_or_else(|| fresh(call), |question| Some(question.id.clone()))?,
        kind,
        label,
        help,
        required: fields.get("required") == "yes",
        max_chars: max_chars.filter(|_| matches!(kind, QuestionKind::Text | QuestionKind::LongText)),
        options,
        max_count: max_count.filter(|_| matches!(kind, QuestionKind::Choices | QuestionKind::File)),
    })
}

/// The choices: a line each, the same line in each language.
fn options(t: T, fields: &mut Fields, original: Lang) -> Vec<Choice> {
    let lines = |fields: &Fields, lang| -> Vec<String> {
        let text = fields.get(&in_language("options", lang)).replace('\r', "");
        text.trim_end().split('\n').map(|line| line.trim().to_owned()).collect()
    };
    let originals = lines(fields, original);
    if originals.len() < 2 || originals.len() > CHOICES_MAX || originals.iter().any(String::is_empty) {
        fields.fault(&in_language("options", original), t.desk_wrong_form());
    }
    let too_long = |line: &String| line.chars().count() > LINE_CHARS_MAX;
    if originals.iter().any(too_long) {
        fields.fault(&in_language("options", original), t.desk_wrong_too_long());
    }
    let others: Vec<(Lang, Vec<String>)> = Lang::ALL
        .into_iter()
        .filter(|lang| *lang != original)
        .map(|lang| (lang, lines(fields, lang)))
        .collect();
    let choice = |(at, text): (usize, String)| {
        let mut texts = BTreeMap::from([(original, text)]);
        for (lang, lines) in &others {
            if let Some(line) = lines.get(at).filter(|line| !line.is_empty()) {
                texts.insert(*lang, line.clone());
            }
        }
        let label = Multilingual::from_texts(original, texts).ok()?;
        Some(Choice { id: QuestionId::new(&format!("o{}", at.saturating_add(1)))?, label })
    };
    originals.into_iter().enumerate().filter_map(choice).collect()
}

/// An id that no question has.
fn fresh(call: &Call) -> Option<QuestionId> {
    let known = &call.said.form.questions;
    let mut ids = (1..=u32::MAX).filter_map(|n| QuestionId::new(&format!("q{n}")));
    ids.find(|id| known.iter().all(|question| question.id != *id))
}

fn form(desk: &Desk, call: &Call, id: &str, fields: &Fields) -> Response {
    let t = desk.t();
    let lang = t.0;
    let original = call.said.title.original();
    let mut parts = page::text(t, fields, "label", t.desk_question_label(), original, Shape::Prose);
    parts.extend(help(t, fields, original));
    let kinds = QuestionKind::ALL.iter().map(|kind| (kind.as_str(), words::question_kind(t, *kind)));
    let kinds = Select::new(lang, "kind", t.desk_question_kind()).options(kinds);
    parts.push(Html::of(&kinds.chosen(fields.get("kind")).required()));
    let required = Choices::several(lang, "required", t.pub_required());
    let required = required.option("yes", t.desk_question_required());
    parts.push(Html::of(&required.chosen(fields.all("required"))));
    parts.push(page::number(lang, fields, "max", t.desk_question_max()));
    parts.push(page::number(lang, fields, "count", t.desk_question_count()));
    parts.extend(Lang::ALL.into_iter().filter(|l| call.said.languages.contains(l) || *l == original).map(
        |of| {
            let name = in_language("options", of);
            let label = format!("{} · {}", t.desk_question_options(), of.own_name());
            page::lines(lang, fields, &name, &label, None)
        },
    ));
    let mut buttons = vec![page::submit(t.desk_save())];
    if id != NEW {
        buttons.push(Html::of(&Button::submit(t.desk_question_up()).secondary().sends("do", "up")));
        buttons.push(Html::of(&Button::submit(t.desk_question_remove()).dangerous().sends("do", "remove")));
    }
    let own = format!("/desk/calls/{}", call.said.symbol);
    let page = FormPage {
        title: if id == NEW { t.desk_question_add() } else { t.desk_question_edit() },
        back: (&own, call.said.title.get(lang).text),
        before: Vec::new(),
        fields,
        parts,
        action: &format!("{own}/questions/{id}"),
        buttons,
        after: Html::default(),
        is_multipart: false,
        is_titled: false,
    };
    page.show(desk)
}

/// What helps with a question, which need not be there.
fn help(t: T, fields: &Fields, original: Lang) -> Vec<Html> {
    let one = |lang: Lang| {
        let (name, label) =
            (in_language("help", lang), format!("{} · {}", t.desk_question_help(), lang.own_name()));
        page::lines(t.0, fields, &name, &label, None)
    };
    let others = Lang::ALL.into_iter().filter(|lang| *lang != original).map(one);
    let title = format!("{} · {}", t.desk_question_help(), t.pub_translation());
    vec![one(original), Html::of(&web::components::Details::new(&title, Html::all(others)))]
}
