//! What is written at the desk in up to six languages, with files: a circular, a call. Both are begun from a template and changed
//! in the same way; what is different about them is said by [`Written`]. Files and translations: [`super::files`],
//! [`super::translate`].

use std::future::Future;

use axum::{extract::State, response::Response};
use base::{
    Instant, Lang,
    limits::{LINE_CHARS_MAX, PROSE_CHARS_MAX},
};
use http::Method;
use web::{
    Actor, Form, Names, Problem, Routes,
    components::{Html, Select},
};

use super::{
    fields::{Fields, Shape, in_language},
    page::{self, Desk, FormPage},
};
use crate::{FileRef, Forum, Multilingual, hygiene, texts::T};

/// A circular or a call, as the desk writes it.
pub(super) trait Written: Sized + Send + Sync + 'static {
    /// What is said of it, as its operations take it.
    type Said: Send + 'static;
    /// Why its operations do nothing.
    type Refusal: Send;
    /// Where its pages are.
    const PLACE: &'static str;
    /// The fields of its heading, one line, and of its text.
    const TEXTS: [&'static str; 2];

    fn labels(t: T) -> Labels;

    fn find(
        forum: &Forum,
        actor: &Actor,
        symbol: &str,
    ) -> impl Future<Output = Result<Self, Self::Refusal>> + Send;
    fn draft(
        forum: &Forum,
        actor: &Actor,
        said: Self::Said,
    ) -> impl Future<Output = Result<Self, Self::Refusal>> + Send;
    fn change(
        forum: &Forum,
        actor: &Actor,
        said: Self::Said,
    ) -> impl Future<Output = Result<Self, Self::Refusal>> + Send;
    fn translate(
        forum: &Forum,
        actor: &Actor,
        symbol: &str,
        into: (Lang, String, String),
    ) -> impl Future<Output = Result<Self, Self::Refusal>> + Send;

    fn problem(refusal: &Self::Refusal) -> Problem;
    /// At which field a refusal is said, and how; one that is about no field is a problem.
    fn fault(t: T, refusal: &Self::Refusal) -> Option<(&'static str, &'static str)>;

    fn symbol(&self) -> &str;
    /// What a page about it is called.
    fn title(&self, t: T) -> String;
    /// Its heading and its text.
    fn texts(&self) -> [&Multilingual; 2];
    fn files(&self) -> &[FileRef];
    /// The same with these files.
    fn with_files(&self, files: Vec<FileRef>) -> Self::Said;
    /// Whether its originals and its files can still be changed.
    fn can_change(&self, at: Instant) -> bool;

    /// The text, in six languages, that a new one begins with.
    fn template(t: T) -> &'static str;
    /// Fills in what else a new one begins with.
    fn begin(forum: &Forum, fields: &mut Fields);
    /// Fills in what it says, but for its texts.
    fn fill(&self, fields: &mut Fields);
    /// Reads the fields; `was` is what is changed.
    fn read(t: T, fields: &mut Fields, head: Head, was: Option<&Self>) -> Self::Said;
    /// Its fields, but for the symbol and the texts.
    fn parts(t: T, fields: &Fields) -> Vec<Html>;
}

/// What it and its parts are called.
pub(super) struct Labels {
    pub(super) new: &'static str,
    pub(super) heading: &'static str,
    pub(super) text: &'static str,
    pub(super) files: &'static str,
}

/// What every one begins with.
pub(super) struct Head {
    pub(super) symbol: String,
    pub(super) heading: Multilingual,
    pub(super) text: Multilingual,
}

/// The pages on which one is written.
pub(super) fn routes<W: Written>() -> Routes<Forum> {
    let (new, edit) = (format!("{}/new", W::PLACE), format!("{}/{{symbol}}/edit", W::PLACE));
    Routes::new()
        .page(Method::GET, &new, begin::<W>)
        .page(Method::POST, &new, draft::<W>)
        .page(Method::GET, &edit, edit_form::<W>)
        .page(Method::POST, &edit, change::<W>)
}

pub(super) async fn found<W: Written>(desk: &Desk, forum: &Forum, symbol: &str) -> Result<W, Problem> {
    W::find(forum, &desk.actor, symbol).await.map_err(|e| W::problem(&e))
}

/// Where its page is.
pub(super) fn own<W: Written>(one: &W) -> String {
    format!("{}/{}", W::PLACE, one.symbol())
}

/// The form for a new one: what cannot be left for later, and the template.
async fn begin<W: Written>(desk: Desk, State(forum): State<Forum>) -> Response {
    let mut fields = Fields::default();
    fields.set("original", desk.reader.lang.tag());
    fields.set("contact", forum.config.contact.clone());
    for lang in Lang::ALL {
        fields.set(in_language(W::TEXTS[1], lang), W::template(T(lang)));
    }
    W::begin(&forum, &mut fields);
    form::<W>(&desk, &fields, None)
}

/// Drafts it.
async fn draft<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let mut fields = Fields::from(sent);
    let said = read::<W>(desk.t(), &mut fields, None);
    if fields.is_good() {
        match W::draft(&forum, &desk.actor, said).await {
            Ok(drafted) => return Ok(desk.go_on(&own(&drafted))),
            Err(refusal) => refused::<W>(desk.t(), &refusal, &mut fields)?,
        }
    }
    Ok(form::<W>(&desk, &fields, None))
}

async fn edit_form<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let one: W = found(&desk, &forum, &symbol).await?;
    let mut fields = Fields::default();
    for (name, text) in W::TEXTS.into_iter().zip(one.texts()) {
        fields.set_text(name, text);
    }
    one.fill(&mut fields);
    Ok(form(&desk, &fields, Some(&one)))
}

/// Changes it.
async fn change<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let one: W = found(&desk, &forum, &symbol).await?;
    let mut fields = Fields::from(sent);
    let said = read(desk.t(), &mut fields, Some(&one));
    if fields.is_good() {
        match W::change(&forum, &desk.actor, said).await {
            Ok(changed) => return Ok(desk.done(&own(&changed))),
            Err(refusal) => refused::<W>(desk.t(), &refusal, &mut fields)?,
        }
    }
    Ok(form(&desk, &fields, Some(&one)))
}

/// Says what was refused at its field.
pub(super) fn refused<W: Written>(t: T, refusal: &W::Refusal, fields: &mut Fields) -> Result<(), Problem> {
    let (field, said) = W::fault(t, refusal).ok_or_else(|| W::problem(refusal))?;
    fields.fault(field, said);
    Ok(())
}

/// The language of the original: chosen once.
fn original<W: Written>(fields: &Fields, was: Option<&W>) -> Lang {
    let chosen = || fields.get("original").parse().unwrap_or(Lang::En);
    was.map_or_else(chosen, |one| one.texts()[0].original())
}

fn read<W: Written>(t: T, fields: &mut Fields, was: Option<&W>) -> W::Said {
    let original = original(fields, was);
    let symbol = was.map_or_else(|| symbol(t, fields), |one| one.symbol().to_owned());
    let [heading, text] = W::TEXTS;
    let heading = fields.multilingual(t, heading, original, (Shape::Line, LINE_CHARS_MAX));
    let text = fields.multilingual(t, text, original, (Shape::Prose, PROSE_CHARS_MAX));
    let text = if was.is_some() { text } else { text.revising(&template::<W>(original)) };
    W::read(t, fields, Head { symbol, heading, text }, was)
}

/// The template as a text: what of it stays as it was when the original is written anew translates the template.
fn template<W: Written>(original: Lang) -> Multilingual {
    let mut all = Multilingual::new(original, W::template(T(original)));
    for lang in Lang::ALL {
        all.translate(lang, W::template(T(lang)));
    }
    all
}

/// A symbol that was entered.
fn symbol(t: T, fields: &mut Fields) -> String {
    let symbol = fields.get("symbol").trim().to_owned();
    if !hygiene::is_symbol(&symbol) {
        fields.fault("symbol", t.desk_wrong_symbol());
    }
    symbol
}

fn form<W: Written>(desk: &Desk, fields: &Fields, was: Option<&W>) -> Response {
    let t = desk.t();
    let (labels, original) = (W::labels(t), original(fields, was));
    let mut parts = Vec::new();
    if was.is_none() {
        parts.push(page::needed(t.0, fields, "symbol", t.desk_symbol(), Some(t.desk_symbol_help())));
        let languages = Lang::ALL.into_iter().map(|lang| (lang.tag(), lang.own_name()));
        let select = Select::new(t.0, "original", t.desk_original()).options(languages);
        parts.push(Html::of(&select.chosen(fields.get("original")).required()));
    }
    parts.push(Html::paragraph(t.desk_languages_help()));
    let [heading, text] = W::TEXTS;
    parts.extend(page::text(t, fields, heading, labels.heading, original, Shape::Line));
    parts.extend(page::text(t, fields, text, labels.text, original, Shape::Prose));
    parts.extend(W::parts(t, fields));
    let back = was.map_or_else(|| "/desk".to_owned(), own);
    let action = was.map_or_else(|| format!("{}/new", W::PLACE), |one| format!("{}/edit", own(one)));
    let title = was.map_or_else(|| labels.new.to_owned(), |one| one.title(t));
    let page = FormPage {
        title: &title,
        back: (&back, t.desk_back()),
        before: Vec::new(),
        fields,
        parts,
        action: &action,
        buttons: vec![page::submit(t.desk_save())],
        after: Html::default(),
        is_multipart: false,
        is_titled: false,
    };
    page.show(desk)
}
