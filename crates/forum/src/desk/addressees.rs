//! Who is told of circulars by mail: listed, added one by one or as lines that are pasted in, removed. The one page that
//! shows mail addresses, to the secretariat alone (invariant I20).

use std::collections::BTreeMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use base::{
    Lang,
    limits::{LINE_CHARS_MAX, REASON_CHARS_MAX},
};
use web::{
    Form, Problem,
    components::{Alert, Button, Cell, Field, Html, Kind, Select, Table},
};

use super::{
    fields::{Fields, Shape},
    files::Listed,
    page::{self, Desk, FormPage},
};
use crate::{
    About, Addressee, AddresseeRefusal, Addressees, Contact, ContactId, Forum, NewAddressee, PartyClass,
    addressee::api::problem, texts::T, unsigned, words,
};

const PATH: &str = "/desk/addressees";

/// The field of the reason for which somebody is taken off the list.
const WHY: &str = "remove-reason";

pub(super) async fn show(
    desk: Desk,
    State(forum): State<Forum>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let after = query.get("after").and_then(|text| text.parse().ok());
    let mut fields = Fields::default();
    fields.set("lang", desk.reader.lang.tag());
    form(&desk, &forum, after, &fields, &[]).await
}

/// Adds what was pasted in, and the one that was written.
pub(super) async fn add(
    desk: Desk,
    State(forum): State<Forum>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let t = desk.t();
    let mut fields = Fields::from(sent);
    let pasted = NewAddressee::from_lines(fields.get("lines"));
    let mut wrong = Vec::new();
    let mut new = pasted.unwrap_or_else(|lines| {
        wrong = lines;
        Vec::new()
    });
    if !wrong.is_empty() {
        fields.fault("lines", t.addressee_wrong_line());
    }
    // Lines alone will do.
    if fields.get("lines").trim().is_empty() || !fields.get("mail").trim().is_empty() {
        new.extend(one(t, &mut fields));
    }
    let reason = fields.text(t, "reason", Shape::Prose, REASON_CHARS_MAX);
    if fields.is_good() {
        match forum.add_addressees(&desk.actor, new, &reason).await {
            Ok(_) => return Ok(desk.done(PATH)),
            Err(AddresseeRefusal::Number) => fields.fault("lines", t.addressee_wrong_number()),
            Err(AddresseeRefusal::Reason) => fields.fault("reason", t.addressee_wrong_reason()),
            Err(refusal) => return Err(problem(&refusal)),
        }
    }
    form(&desk, &forum, None, &fields, &wrong).await
}

/// The one that was written.
fn one(t: T, fields: &mut Fields) -> Option<NewAddressee> {
    let mail = unsigned::mail(fields.get("mail"));
    if mail.is_none() {
        fields.fault("mail", t.addressee_wrong_mail());
    }
    let lang: Lang = fields.get("lang").parse().unwrap_or(t.0);
    let class = fields.get("class").parse().ok();
    if class.is_none() {
        fields.fault("class", t.addressee_wrong_class());
    }
    let name = fields.text(t, "name", Shape::Line, LINE_CHARS_MAX);
    Some(NewAddressee { class: class?, contact: Contact { mail: mail?, lang }, name })
}

/// Removes one.
pub(super) async fn remove(
    desk: Desk,
    State(forum): State<Forum>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let t = desk.t();
    let mut fields = Fields::from(sent);
    let id = fields.get("id").parse().map_err(|_| problem(&AddresseeRefusal::NoSuchAddressee))?;
    let reason = fields.text(t, WHY, Shape::Prose, REASON_CHARS_MAX);
    if fields.is_good() {
        match forum.remove_addressee(&desk.actor, id, &reason).await {
            // Sent twice, it is done once.
            Ok(()) | Err(AddresseeRefusal::NoSuchAddressee) => return Ok(desk.done(PATH)),
            Err(AddresseeRefusal::Reason) => fields.fault(WHY, t.addressee_wrong_reason()),
            Err(refusal) => return Err(problem(&refusal)),
        }
    }
    fields.set("lang", t.0.tag());
    form(&desk, &forum, None, &fields, &[]).await
}

async fn form(
    desk: &Desk,
    forum: &Forum,
    after: Option<ContactId>,
    fields: &Fields,
    wrong: &[usize],
) -> Result<Response, Problem> {
    let t = desk.t();
    let lang = t.0;
    let Addressees { mut addressees, next } =
        forum.addressees(&desk.actor, after).await.map_err(|e| problem(&e))?;
    addressees.sort_by(|a, b| (a.said.class, &a.said.name).cmp(&(b.said.class, &b.said.name)));
    let mut before: Vec<Html> = page::done(desk).filter(|_| fields.is_good()).into_iter().collect();
    before.push(Html::paragraph(t.addressee_lead()));
    before.push(if addressees.is_empty() {
        Html::paragraph(t.addressee_none())
    } else {
        let (action, csrf) = (desk.reader.href(&format!("{PATH}/remove")), desk.csrf());
        let why = Html::all([table(t, &addressees), reason(t, fields, WHY)]);
        Html::of(&Listed { action, csrf, table: why })
    });
    if let Some(next) = next {
        let href = desk.reader.href(&format!("{PATH}?after={next}"));
        before.push(Html::of(&Button::link(t.addressee_next(), &href).secondary()));
    }
    if !wrong.is_empty() {
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        let title = t.addressee_wrong_lines(lines.join(", "));
        before.push(Html::of(&Alert::new(Kind::Refused, &title).answers()));
    }
    let acts = forum.history(&desk.actor, About::Addressees, 0).await;
    let acts = acts.map_err(|e| crate::call::api::problem(&e))?;
    let languages = Lang::ALL.into_iter().map(|lang| (lang.tag(), lang.own_name()));
    let classes = PartyClass::ALL.iter().map(|class| (class.as_str(), words::class(t, *class)));
    let mail = Field::email(lang, "mail", t.addressee_mail()).value(fields.get("mail"));
    // Somebody else's address: the browser has none to offer.
    let mail = mail.autocomplete("off").error(fields.error("mail"));
    let spoken = Select::new(lang, "lang", t.addressee_lang()).options(languages).chosen(fields.get("lang"));
    let class = Select::new(lang, "class", t.pub_filter_class()).none(t.addressee_choose()).options(classes);
    let class = class.chosen(fields.get("class")).error(fields.error("class"));
    let known: Vec<&str> = PartyClass::ALL.iter().map(|class| class.as_str()).collect();
    let help = t.addressee_lines_help(known.join(", "));
    let page = FormPage {
        title: t.addressee_title(),
        back: ("/desk", t.desk_back()),
        before,
        fields,
        parts: vec![
            Html::of(&mail),
            Html::of(&spoken.required()),
            Html::of(&class),
            page::line(lang, fields, "name", t.addressee_name(), None),
            page::lines(lang, fields, "lines", t.addressee_lines(), Some(&help)),
            reason(t, fields, "reason"),
        ],
        action: PATH,
        buttons: vec![page::submit(t.addressee_add())],
        after: page::history(t, &forum.config.host_zone, &acts),
        is_multipart: false,
        is_titled: false,
    };
    Ok(page.show(desk))
}

/// A reason. Unlike those of other acts it is not for everybody to read, and no address may stand in it.
fn reason(t: T, fields: &Fields, name: &str) -> Html {
    let field = Field::text(t.0, name, t.pub_reason()).value(fields.get(name));
    let field = field.help(t.addressee_reason_help()).error(fields.error(name));
    Html::of(&field.lines(2).required())
}

fn table(t: T, addressees: &[Addressee]) -> Html {
    let heads = [
        t.addressee_name(),
        t.pub_filter_class(),
        t.addressee_mail(),
        t.addressee_lang(),
        t.addressee_remove_head(),
    ];
    let mut table = Table::new(t.addressee_title(), &heads);
    for Addressee { id, said } in addressees {
        let id = id.to_string();
        table = table.row([
            Cell::text(&said.name),
            Cell::text(words::class(t, said.class)),
            Cell::text(&said.contact.mail),
            Cell::text(said.contact.lang.own_name()),
            Cell::of(&Button::submit(t.addressee_remove()).secondary().sends("id", &id)),
        ]);
    }
    Html::of(&table)
}
