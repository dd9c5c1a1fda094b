//! A circular at the desk: drafted, changed until it is sent, looked at as everybody will see it, sent. How it is written:
//! [`super::written`].

use axum::{extract::State, response::Response};
use base::{Instant, Lang, limits::LINE_CHARS_MAX};
use web::{
    Actor, Form, Names, Problem,
    components::{Alert, Choices, Html, Kind},
    format::civil,
};

use super::{
    fields::{Fields, Shape},
    page::{self, Desk, FormPage},
    written::{Head, Labels, Written, found, own},
};
use crate::{
    FileRef, Forum, Multilingual, PartyClass,
    act::About,
    circular::{
        api::problem,
        model::{Circular, NewCircular},
        ops::CircularRefusal,
    },
    hygiene,
    public::circular::content,
    texts::T,
    words,
};

impl Written for Circular {
    type Said = NewCircular;
    type Refusal = CircularRefusal;
    const PLACE: &'static str = "/desk/circulars";
    const TEXTS: [&'static str; 2] = ["subject", "text"];

    fn labels(t: T) -> Labels {
        Labels {
            new: t.desk_new_circular(),
            heading: t.desk_subject(),
            text: t.desk_text(),
            files: t.pub_circular_annexes(),
        }
    }

    async fn find(forum: &Forum, actor: &Actor, symbol: &str) -> Result<Self, CircularRefusal> {
        forum.circular_of_desk(actor, symbol).await
    }

    async fn draft(forum: &Forum, actor: &Actor, said: NewCircular) -> Result<Self, CircularRefusal> {
        forum.draft_circular(actor, said).await
    }

    async fn change(forum: &Forum, actor: &Actor, said: NewCircular) -> Result<Self, CircularRefusal> {
        forum.change_circular(actor, said).await
    }

    async fn translate(
        forum: &Forum,
        actor: &Actor,
        symbol: &str,
        (lang, subject, text): (Lang, String, String),
    ) -> Result<Self, CircularRefusal> {
        forum.translate_circular(actor, symbol, lang, (subject, text)).await
    }

    fn problem(refusal: &CircularRefusal) -> Problem {
        problem(refusal)
    }

    fn fault(t: T, refusal: &CircularRefusal) -> Option<(&'static str, &'static str)> {
        Some(match refusal {
            CircularRefusal::SymbolTaken => ("symbol", t.desk_wrong_taken()),
            CircularRefusal::Symbol => ("symbol", t.desk_wrong_symbol()),
            CircularRefusal::Amends => ("amends", t.desk_wrong_reference()),
            CircularRefusal::Date => ("dated", t.desk_wrong_date()),
            CircularRefusal::TooMany => ("copies", t.desk_wrong_too_long()),
            CircularRefusal::Text(bad) => ("text", super::fields::bad_text(t, *bad)),
            CircularRefusal::Forbidden
            | CircularRefusal::NoSuchCircular
            | CircularRefusal::File
            | CircularRefusal::Sent
            | CircularRefusal::Store(_) => return None,
        })
    }

    fn symbol(&self) -> &str {
        &self.said.symbol
    }

    fn title(&self, t: T) -> String {
        format!("{} {}", t.pub_circular(), self.said.symbol)
    }

    fn texts(&self) -> [&Multilingual; 2] {
        [&self.said.subject, &self.said.text]
    }

    fn files(&self) -> &[FileRef] {
        &self.said.annexes
    }

    fn with_files(&self, annexes: Vec<FileRef>) -> NewCircular {
        NewCircular { annexes, ..self.said.clone() }
    }

    fn can_change(&self, _: Instant) -> bool {
        self.sent_at.is_none()
    }

    fn template(t: T) -> &'static str {
        t.desk_template_circular()
    }

    fn begin(forum: &Forum, fields: &mut Fields) {
        fields.set("dated", civil::date_field(forum.clock.now(), &forum.config.host_zone));
    }

    fn fill(&self, fields: &mut Fields) {
        let said = &self.said;
        fields.set("dated", said.dated.clone());
        fields.set("signatory", said.signatory.clone());
        fields.set("copies", said.copies.join("\n"));
        fields.set("contact", said.contact.clone());
        fields.set("amends", said.amends.clone().unwrap_or_default());
        for class in &said.addressees {
            fields.set("addressees", class.as_str());
        }
    }

    fn read(t: T, fields: &mut Fields, head: Head, was: Option<&Self>) -> NewCircular {
        let dated = fields.get("dated").to_owned();
        if !base::time::is_civil_date(&dated) {
            fields.fault("dated", t.desk_wrong_date());
        }
        let copies: Vec<String> = fields.get("copies").lines().map(str::trim).map(str::to_owned).collect();
        if copies.iter().any(|copy| !copy.is_empty() && hygiene::line(copy, LINE_CHARS_MAX).is_err()) {
            fields.fault("copies", t.desk_wrong_characters());
        }
        NewCircular {
            symbol: head.symbol,
            dated,
            signatory: fields.text(t, "signatory", Shape::Line, LINE_CHARS_MAX),
            addressees: fields.all("addressees").filter_map(|word| word.parse().ok()).collect(),
            copies: copies.into_iter().filter(|copy| !copy.is_empty()).collect(),
            subject: head.heading,
            text: head.text,
            annexes: was.map(|circular| circular.said.annexes.clone()).unwrap_or_default(),
            contact: fields.text(t, "contact", Shape::Line, LINE_CHARS_MAX),
            amends: fields.optional(t, "amends", Shape::Line, LINE_CHARS_MAX),
        }
    }

    fn parts(t: T, fields: &Fields) -> Vec<Html> {
        vec![
            page::date(t.0, fields, "dated", t.desk_dated(), None),
            page::needed(t.0, fields, "signatory", t.desk_signatory(), None),
            classes(t, fields, "addressees", t.desk_addressees()),
            page::lines(t.0, fields, "copies", t.desk_copies(), None),
            page::needed(t.0, fields, "contact", t.desk_contact(), None),
            page::line(t.0, fields, "amends", t.desk_amends(), None),
        ]
    }
}

/// Where a circular stands.
pub(super) const fn state(t: T, circular: &Circular) -> (Kind, &'static str) {
    if circular.sent_at.is_some() {
        (Kind::Valid, t.desk_act_sent())
    } else {
        (Kind::Waiting, t.word_call_draft())
    }
}

/// The circular as everybody sees it, or will, with what can be done and what was done.
pub(super) async fn show(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let circular: Circular = found(&desk, &forum, &symbol).await?;
    let t = desk.t();
    let acts = forum.history(&desk.actor, About::Circular, circular.id.as_i64()).await;
    let acts = acts.map_err(|e| crate::call::api::problem(&e))?;
    let history = page::history(t, &forum.config.host_zone, &acts);
    let as_seen = Html::of(&content(&desk.reader, &circular, &[], t.0, forum.clock.now()));
    let (own, title, is_draft) = (own(&circular), circular.title(t), circular.sent_at.is_none());
    let mut ways = vec![
        (format!("{own}/files"), t.pub_circular_annexes()),
        (format!("{own}/translations"), t.desk_translations()),
    ];
    if is_draft {
        ways.insert(0, (format!("{own}/edit"), t.desk_change()));
    } else {
        ways.insert(0, (format!("/circulars/{symbol}"), t.desk_see_public()));
    }
    let ways = page::ways(&desk, &ways);
    let mut before: Vec<Html> = page::done(&desk).into_iter().collect();
    if !is_draft {
        before.extend([as_seen, ways, history]);
        return Ok(page::shown(&desk, &title, before));
    }
    let draft = Alert::new(Kind::Waiting, t.word_call_draft()).text(t.desk_send_note());
    before.extend([Html::of(&draft), as_seen, ways]);
    let page = FormPage {
        title: &title,
        back: ("/desk", t.desk_back()),
        before,
        fields: &Fields::default(),
        parts: Vec::new(),
        action: &format!("{own}/send"),
        buttons: vec![page::submit(t.desk_send())],
        after: history,
        is_multipart: false,
        is_titled: true,
    };
    Ok(page.show(&desk))
}

/// Sends it.
pub(super) async fn send(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Form(_): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let sent = forum.send_circular(&desk.actor, &symbol).await.map_err(|e| problem(&e))?;
    Ok(desk.done(&own(&sent)))
}

/// Classes of parties to choose from.
pub(super) fn classes(t: T, fields: &Fields, name: &'static str, legend: &str) -> Html {
    let mut choices = Choices::several(t.0, name, legend).error(fields.error(name));
    for class in PartyClass::ALL {
        choices = choices.option(class.as_str(), words::class(t, *class));
    }
    Html::of(&choices.chosen(fields.all(name)))
}
