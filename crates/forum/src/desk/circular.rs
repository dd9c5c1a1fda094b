//! A circular at the desk: drafted, changed until it is sent, looked at as everybody will see it, sent.

use axum::{extract::State, response::Response};
use base::{
    Lang,
    limits::{LINE_CHARS_MAX, PROSE_CHARS_MAX},
};
use web::{
    Form, Names, Problem,
    components::{Alert, Button, Choices, Html, Kind, Select},
    format::civil,
};

use super::{
    fields::{Fields, Shape},
    page::{self, Desk, FormPage},
};
use crate::{
    Forum, PartyClass,
    act::About,
    circular::{
        model::{Circular, NewCircular},
        ops::CircularRefusal,
    },
    hygiene,
    public::circular::content,
    texts::T,
    words,
};

/// Where a circular stands.
pub(super) const fn state(t: T, circular: &Circular) -> (Kind, &'static str) {
    if circular.sent_at.is_some() {
        (Kind::Valid, t.desk_act_sent())
    } else {
        (Kind::Waiting, t.word_call_draft())
    }
}

/// The form for a new one.
pub(super) async fn new(desk: Desk, State(forum): State<Forum>) -> Response {
    let mut fields = Fields::default();
    fields.set("original", desk.reader.lang.tag());
    fields.set("contact", forum.config.contact.clone());
    fields.set("dated", civil::date_field(forum.clock.now(), &forum.config.host_zone));
    form(&desk, &fields, None)
}

/// Drafts it.
pub(super) async fn create(
    desk: Desk,
    State(forum): State<Forum>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let mut fields = Fields::from(sent);
    let said = read(desk.t(), &mut fields, None);
    if fields.is_good() {
        match forum.draft_circular(&desk.actor, said).await {
            Ok(drafted) => return Ok(desk.go_on(&path(&drafted.said.symbol))),
            Err(refusal) => refused(desk.t(), &refusal, &mut fields)?,
        }
    }
    Ok(form(&desk, &fields, None))
}

/// The form of a draft; what was sent is shown as it was sent, with its history.
pub(super) async fn show(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let found = forum.circular_of_desk(&desk.actor, &symbol).await;
    let found = found.map_err(|e| super::circular_problem(&e))?;
    let t = desk.t();
    let acts = forum.history(&desk.actor, About::Circular, found.id.as_i64()).await;
    let acts = acts.map_err(|e| super::call_problem(&e))?;
    let history = page::history(t, &forum.config.host_zone, &acts);
    let at = forum.clock.now();
    let as_seen = Html::of(&content(&desk.reader, &found, &[], t.0, at));
    let action = format!("{}/send", path(&symbol));
    let mut before = Vec::new();
    let mut buttons = Vec::new();
    if found.sent_at.is_none() {
        before.push(Html::of(&Alert::new(Kind::Waiting, t.word_call_draft()).text(t.desk_send_note())));
        before.push(as_seen);
        let edit = desk.reader.href(&format!("{}/edit", path(&symbol)));
        buttons.push(page::submit(t.desk_send()));
        buttons.push(Html::of(&Button::link(t.desk_change(), &edit).secondary()));
    } else {
        before.push(Html::all([as_seen]));
    }
    before.push(history);
    let title = format!("{} {symbol}", t.pub_circular());
    if buttons.is_empty() {
        return Ok(page::shown(&desk, &title, before));
    }
    let page = FormPage {
        title: &title,
        back: ("/desk", t.desk_back()),
        before,
        fields: &Fields::default(),
        parts: Vec::new(),
        action: &action,
        buttons,
        is_multipart: false,
        is_titled: true,
    };
    Ok(page.show(&desk))
}

/// The form of a draft.
pub(super) async fn edit(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let found = forum.circular_of_desk(&desk.actor, &symbol).await;
    let found = found.map_err(|e| super::circular_problem(&e))?;
    Ok(form(&desk, &filled(&found.said), Some(&found)))
}

/// Changes a draft.
pub(super) async fn change(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let found = forum.circular_of_desk(&desk.actor, &symbol).await;
    let found = found.map_err(|e| super::circular_problem(&e))?;
    let mut fields = Fields::from(sent);
    let said = read(desk.t(), &mut fields, Some(&found));
    if fields.is_good() {
        match forum.change_circular(&desk.actor, said).await {
            Ok(_) => return Ok(desk.go_on(&path(&symbol))),
            Err(refusal) => refused(desk.t(), &refusal, &mut fields)?,
        }
    }
    Ok(form(&desk, &fields, Some(&found)))
}

/// Sends it.
pub(super) async fn send(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Form(_): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    forum.send_circular(&desk.actor, &symbol).await.map_err(|e| super::circular_problem(&e))?;
    Ok(desk.go_on(&path(&symbol)))
}

fn path(symbol: &str) -> String {
    format!("/desk/circulars/{symbol}")
}

fn filled(said: &NewCircular) -> Fields {
    let mut fields = Fields::default();
    fields.set("symbol", said.symbol.clone());
    fields.set("original", said.text.original().tag());
    fields.set("dated", said.dated.clone());
    fields.set("signatory", said.signatory.clone());
    fields.set("copies", said.copies.join("\n"));
    fields.set("contact", said.contact.clone());
    fields.set("amends", said.amends.clone().unwrap_or_default());
    for class in &said.addressees {
        fields.set("addressees", class.as_str());
    }
    fields.set_text("subject", &said.subject);
    fields.set_text("text", &said.text);
    fields
}

fn original(fields: &Fields, was: Option<&Circular>) -> Lang {
    let chosen = || fields.get("original").parse().unwrap_or(Lang::En);
    was.map_or_else(chosen, |circular| circular.said.text.original())
}

fn read(t: T, fields: &mut Fields, was: Option<&Circular>) -> NewCircular {
    let original = original(fields, was);
    let symbol = match was {
        Some(circular) => circular.said.symbol.clone(),
        None => super::symbol(t, fields),
    };
    let subject = was.map(|circular| &circular.said.subject);
    let text = was.map(|circular| &circular.said.text);
    let dated = fields.get("dated").to_owned();
    if !base::time::is_civil_date(&dated) {
        fields.fault("dated", t.desk_wrong_date());
    }
    let copies: Vec<String> = fields.get("copies").lines().map(str::trim).map(str::to_owned).collect();
    if copies.iter().any(|copy| !copy.is_empty() && hygiene::line(copy, LINE_CHARS_MAX).is_err()) {
        fields.fault("copies", t.desk_wrong_characters());
    }
    NewCircular {
        symbol,
        dated,
        signatory: fields.text(t, "signatory", Shape::Line, LINE_CHARS_MAX),
        addressees: fields.all("addressees").filter_map(|word| word.parse().ok()).collect(),
        copies: copies.into_iter().filter(|copy| !copy.is_empty()).collect(),
        subject: fields.multilingual(t, "subject", (original, subject), (Shape::Line, LINE_CHARS_MAX)),
        text: fields.multilingual(t, "text", (original, text), (Shape::Prose, PROSE_CHARS_MAX)),
        annexes: was.map(|circular| circular.said.annexes.clone()).unwrap_or_default(),
        contact: fields.text(t, "contact", Shape::Line, LINE_CHARS_MAX),
        amends: fields.optional(t, "amends", Shape::Line, LINE_CHARS_MAX),
    }
}

/// What was refused, at the field that it is about; what is about none is a problem.
fn refused(t: T, refusal: &CircularRefusal, fields: &mut Fields) -> Result<(), Problem> {
    match refusal {
        CircularRefusal::SymbolTaken => fields.fault("symbol", t.desk_wrong_taken()),
        CircularRefusal::Symbol => fields.fault("symbol", t.desk_wrong_symbol()),
        CircularRefusal::Amends => fields.fault("amends", t.desk_wrong_reference()),
        CircularRefusal::Date => fields.fault("dated", t.desk_wrong_date()),
        CircularRefusal::TooMany => fields.fault("copies", t.desk_wrong_too_long()),
        CircularRefusal::Text(bad) => fields.fault("text", super::fields::bad_text(t, *bad)),
        CircularRefusal::Forbidden
        | CircularRefusal::NoSuchCircular
        | CircularRefusal::Sent
        | CircularRefusal::Store(_) => return Err(super::circular_problem(refusal)),
    }
    Ok(())
}

fn form(desk: &Desk, fields: &Fields, was: Option<&Circular>) -> Response {
    let t = desk.t();
    let lang = t.0;
    let original = original(fields, was);
    let mut parts = Vec::new();
    if was.is_none() {
        parts.push(page::needed(lang, fields, "symbol", t.desk_symbol(), Some(t.desk_symbol_help())));
        parts.push(language(t, fields));
    }
    parts.push(Html::paragraph(t.desk_languages_help()));
    parts.extend(page::text(t, fields, "subject", t.desk_subject(), original, Shape::Line));
    parts.extend(page::text(t, fields, "text", t.desk_text(), original, Shape::Prose));
    parts.push(page::date(lang, fields, "dated", t.desk_dated(), None));
    parts.push(page::needed(lang, fields, "signatory", t.desk_signatory(), None));
    parts.push(classes(t, fields, "addressees", t.desk_addressees()));
    parts.push(page::lines(lang, fields, "copies", t.desk_copies(), None));
    parts.push(page::needed(lang, fields, "contact", t.desk_contact(), None));
    parts.push(page::line(lang, fields, "amends", t.desk_amends(), None));
    let action = was.map_or_else(
        || "/desk/circulars/new".to_owned(),
        |circular| format!("{}/edit", path(&circular.said.symbol)),
    );
    let title = match was {
        Some(circular) => format!("{} {}", t.pub_circular(), circular.said.symbol),
        None => t.desk_new_circular().to_owned(),
    };
    let page = FormPage {
        title: &title,
        back: ("/desk", t.desk_back()),
        before: Vec::new(),
        fields,
        parts,
        action: &action,
        buttons: vec![page::submit(t.desk_save())],
        is_multipart: false,
        is_titled: false,
    };
    page.show(desk)
}

/// Classes of parties to choose from.
pub(super) fn classes(t: T, fields: &Fields, name: &'static str, legend: &str) -> Html {
    let mut choices = Choices::several(t.0, name, legend).error(fields.error(name));
    for class in PartyClass::ALL {
        choices = choices.option(class.as_str(), words::class(t, *class));
    }
    Html::of(&choices.chosen(fields.all(name)))
}

/// The language of the original.
pub(super) fn language(t: T, fields: &Fields) -> Html {
    let options = Lang::ALL.into_iter().map(|lang| (lang.tag(), lang.own_name()));
    let select = Select::new(t.0, "original", t.desk_original()).options(options);
    Html::of(&select.chosen(fields.get("original")).required())
}
