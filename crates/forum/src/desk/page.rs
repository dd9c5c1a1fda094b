//! Who works at the desk, and the one page that all its forms are.

use askama::Template;
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Redirect, Response},
};
use base::Lang;
use http::{StatusCode, request::Parts};
use web::{
    Actor, Problem, Reader, StaffReader,
    components::{Alert, Button, Cell, Details, ErrorSummary, Field, Html, Kind, Table},
    format,
    session::Role,
};

use super::fields::{Fields, Shape, in_language};
use crate::{act::ActDone, texts::T};

/// Somebody of the secretariat, at the desk: everybody else is sent to sign in, or refused with 403 `forbidden`.
pub(super) struct Desk {
    pub(super) actor: Actor,
    pub(super) reader: Reader,
}

impl<S: Send + Sync> FromRequestParts<S> for Desk {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let StaffReader { actor, reader, .. } = StaffReader::from_request_parts(parts, state).await?;
        actor.require(Role::Secretary).map_err(|e| Problem::from(e).into_response())?;
        Ok(Self { actor, reader })
    }
}

impl Desk {
    /// The texts.
    pub(super) const fn t(&self) -> T {
        T(self.reader.lang)
    }

    /// A token for a form.
    pub(super) fn csrf(&self) -> String {
        self.reader.csrf()
    }

    /// After something was done: the page to go on with, which says that it was.
    pub(super) fn done(&self, path: &str) -> Response {
        self.go_on(&format!("{path}?done=1"))
    }

    /// The page to go on with, in the reader's language.
    pub(super) fn go_on(&self, path: &str) -> Response {
        Redirect::to(&self.reader.href(path)).into_response()
    }
}

/// A form as a page.
pub(super) struct FormPage<'a> {
    pub(super) title: &'a str,
    /// Where one came from, and what it is called.
    pub(super) back: (&'a str, &'a str),
    /// What stands above the form.
    pub(super) before: Vec<Html>,
    pub(super) fields: &'a Fields,
    pub(super) parts: Vec<Html>,
    /// Where it is sent: an address without language.
    pub(super) action: &'a str,
    pub(super) buttons: Vec<Html>,
    /// What stands below the form.
    pub(super) after: Html,
    pub(super) is_multipart: bool,
    /// Whether what stands above has the page's heading.
    pub(super) is_titled: bool,
}

#[derive(Template)]
#[template(path = "desk_form.html")]
struct Written<'a> {
    reader: &'a Reader,
    back: &'a str,
    back_label: &'a str,
    title: &'a str,
    before: &'a [Html],
    summary: ErrorSummary<'a>,
    action: String,
    csrf: String,
    parts: &'a [Html],
    buttons: &'a [Html],
    after: &'a Html,
    is_multipart: bool,
    is_titled: bool,
}

impl FormPage<'_> {
    /// The page: 200, or 422 where something is wrong with what was sent.
    pub(super) fn show(&self, desk: &Desk) -> Response {
        let reader = &desk.reader;
        let content = Written {
            reader,
            back: self.back.0,
            back_label: self.back.1,
            title: self.title,
            before: &self.before,
            summary: ErrorSummary::new(reader.lang, self.fields.faults()),
            action: reader.href(self.action),
            csrf: desk.csrf(),
            parts: &self.parts,
            buttons: &self.buttons,
            after: &self.after,
            is_multipart: self.is_multipart,
            is_titled: self.is_titled,
        };
        judged(reader.page(self.title, &content), self.fields)
    }
}

/// The page of a form: 422 where something is wrong with what was sent (RFC 9110, section 15.5.21).
pub(super) fn judged(mut page: Response, fields: &Fields) -> Response {
    if !fields.is_good() && page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    page
}

/// That what somebody just did was done.
pub(super) fn done(desk: &Desk) -> Option<Html> {
    let is_done = desk.reader.query.as_deref() == Some("done=1");
    is_done.then(|| Html::of(&Alert::new(Kind::Valid, desk.t().desk_done()).answers()))
}

/// Ways to go on from a page, an address each and what it is called.
pub(super) fn ways(desk: &Desk, ways: &[(String, &str)]) -> Html {
    let ways = ways.iter().map(|(path, label)| Way { href: desk.reader.href(path), label });
    Html::of(&Ways { ways: ways.collect() })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<ul>
{% for way in ways %}<li><a href="{{ way.href }}"><bdi>{{ way.label }}</bdi></a></li>
{% endfor %}</ul>
"#
)]
struct Ways<'a> {
    ways: Vec<Way<'a>>,
}

struct Way<'a> {
    href: String,
    label: &'a str,
}

/// A button that sends the form.
pub(super) fn submit(label: &str) -> Html {
    Html::of(&Button::submit(label))
}

/// A line of text.
pub(super) fn line(lang: Lang, fields: &Fields, name: &str, label: &str, help: Option<&str>) -> Html {
    Html::of(&Field::text(lang, name, label).value(fields.get(name)).help(help).error(fields.error(name)))
}

/// A line that must be there.
pub(super) fn needed(lang: Lang, fields: &Fields, name: &str, label: &str, help: Option<&str>) -> Html {
    let field = Field::text(lang, name, label).value(fields.get(name)).help(help);
    Html::of(&field.error(fields.error(name)).required())
}

/// Several lines.
pub(super) fn lines(lang: Lang, fields: &Fields, name: &str, label: &str, help: Option<&str>) -> Html {
    let field = Field::text(lang, name, label).value(fields.get(name)).help(help).lines(3);
    Html::of(&field.error(fields.error(name)))
}

/// A number, or nothing.
pub(super) fn number(lang: Lang, fields: &Fields, name: &str, label: &str) -> Html {
    Html::of(&Field::amount(lang, name, label).value(fields.get(name)).error(fields.error(name)))
}

/// A date that must be there.
pub(super) fn date(lang: Lang, fields: &Fields, name: &str, label: &str, help: Option<&str>) -> Html {
    let field = Field::date(lang, name, label).value(fields.get(name)).help(help);
    Html::of(&field.error(fields.error(name)).required())
}

/// A reason, which everybody can read.
pub(super) fn reason(t: T, fields: &Fields, name: &str) -> Html {
    let field = Field::text(t.0, name, t.pub_reason()).value(fields.get(name)).help(t.desk_reason_help());
    Html::of(&field.lines(2).error(fields.error(name)).required())
}

/// A text in the language of the original, and below it, to be opened, in the other five.
pub(super) fn text(
    t: T,
    fields: &Fields,
    name: &str,
    label: &str,
    original: Lang,
    shape: Shape,
) -> Vec<Html> {
    let one = |lang: Lang| {
        let (name, label) = (in_language(name, lang), format!("{label} · {}", lang.own_name()));
        let field = Field::text(t.0, &name, &label).value(fields.get(&name)).error(fields.error(&name));
        let field = if shape == Shape::Prose { field.lines(8) } else { field };
        Html::of(&if lang == original { field.required() } else { field })
    };
    let others = Lang::ALL.into_iter().filter(|lang| *lang != original).map(one);
    let title = format!("{label} · {}", t.pub_translation());
    vec![one(original), Html::of(&Details::new(&title, Html::all(others)))]
}

/// What was done, by whom and why: the newest last.
pub(super) fn history(t: T, zone: &str, acts: &[ActDone]) -> Html {
    if acts.is_empty() {
        return Html::paragraph(t.desk_history_none());
    }
    let heads = [t.desk_history_what(), t.desk_history_when(), t.desk_history_who(), t.pub_reason()];
    let mut table = Table::new(t.pub_history(), &heads);
    // What was done at one instant has no order of its own, but nothing comes before the draft.
    let mut acts: Vec<&ActDone> = acts.iter().collect();
    acts.sort_by_key(|act| (act.done_at, !act.act.ends_with("_drafted")));
    for act in acts {
        table = table.row([
            Cell::text(act_word(t, &act.act)),
            Cell::text(&format::date_time(t.0, act.done_at, zone)),
            Cell::text(&act.actor),
            Cell::text(act.reason.as_deref().unwrap_or_default()),
        ]);
    }
    Html::of(&table)
}

/// An act, named by its last word: `call_extended`. One that has no word here is shown as it is.
fn act_word(t: T, act: &str) -> &str {
    match act.rsplit('_').next().unwrap_or(act) {
        "drafted" => t.desk_act_drafted(),
        "changed" => t.desk_act_changed(),
        "translated" => t.desk_act_translated(),
        "sent" => t.desk_act_sent(),
        "announced" => t.desk_act_announced(),
        "extended" => t.desk_act_extended(),
        "withdrawn" => t.desk_act_withdrawn(),
        "annulled" => t.desk_act_annulled(),
        "published" => t.desk_act_published(),
        "considered" => t.desk_act_considered(),
        "admitted" => t.desk_act_admitted(),
        "refused" => t.desk_act_refused(),
        "withheld" => t.desk_act_withheld(),
        "superseded" => t.word_submission_superseded(),
        "opened" => t.desk_act_opened(),
        "closed" => t.desk_act_closed(),
        "recorded" => t.desk_act_recorded(),
        "added" => t.desk_act_added(),
        "removed" => t.desk_act_removed(),
        _ => act,
    }
}

#[derive(Template)]
#[template(path = "desk_plain.html")]
struct Plain<'a> {
    t: T,
    reader: &'a Reader,
    /// Its heading, unless what it shows has one.
    heading: Option<&'a str>,
    parts: Vec<Html>,
}

/// A page without a form, with its title as heading.
pub(super) fn plain(desk: &Desk, title: &str, parts: Vec<Html>) -> Response {
    desk.reader.page(title, &Plain { t: desk.t(), reader: &desk.reader, heading: Some(title), parts })
}

/// A page without a form, which shows something that has its heading.
pub(super) fn shown(desk: &Desk, title: &str, parts: Vec<Html>) -> Response {
    desk.reader.page(title, &Plain { t: desk.t(), reader: &desk.reader, heading: None, parts })
}
