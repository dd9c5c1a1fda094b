//! A call is begun from a template, the open consultation, and changed field by field.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use base::{
    Instant, Lang,
    limits::{GRACE_MAX_MS, LINE_CHARS_MAX, PARTY_LIMIT_MAX, PROSE_CHARS_MAX},
};
use web::{
    Form, Names, Problem,
    components::{Choices, Field, Html, Select},
    format::{civil, is_zone},
};

use super::{
    call::{found, last_day},
    circular::{classes, language},
    fields::{Fields, Shape},
    page::{self, Desk, FormPage},
};
use crate::{
    Deadline, Forum, Multilingual,
    call::{
        form::{Form as Questions, Question, QuestionId, QuestionKind},
        model::{Call, CallKind, NewCall, Policy},
        ops::CallRefusal,
    },
    deadline::Wording,
    texts::T,
    words,
};

/// A minute, in milliseconds.
const MINUTE_MS: i64 = 60_000;

/// The form for a new one: what cannot be left for later.
pub(super) async fn new(desk: Desk, State(forum): State<Forum>) -> Response {
    let t = desk.t();
    let zone = &forum.config.host_zone;
    let today = forum.clock.now();
    let mut fields = Fields::default();
    fields.set("original", t.0.tag());
    fields.set("zone", zone.clone());
    fields.set("kind", CallKind::Consultation.as_str());
    fields.set("policy", Policy::AtClose.as_str());
    fields.set("contact", forum.config.contact.clone());
    fields.set("opens", civil::date_field(today.plus_secs(86_400), zone));
    fields.set("opens-time", "09:00");
    fields.set("closes", civil::date_field(today.plus_secs(30 * 86_400), zone));
    fields.set("limit", "1");
    for lang in Lang::ALL {
        fields.set(super::fields::in_language("about", lang), T(lang).desk_template_about());
    }
    form(&desk, &fields, None)
}

/// Drafts it.
pub(super) async fn create(
    desk: Desk,
    State(forum): State<Forum>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let t = desk.t();
    let mut fields = Fields::from(sent);
    let said = read(t, &mut fields, None);
    if fields.is_good() {
        match forum.draft_call(&desk.actor, said).await {
            Ok(drafted) => return Ok(desk.go_on(&format!("/desk/calls/{}", drafted.said.symbol))),
            Err(refusal) => refused(t, &refusal, &mut fields)?,
        }
    }
    Ok(form(&desk, &fields, None))
}

pub(super) async fn edit(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let call = found(&desk, &forum, &symbol).await?;
    Ok(form(&desk, &filled(&call), Some(&call)))
}

/// Changes it.
pub(super) async fn change(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let t = desk.t();
    let call = found(&desk, &forum, &symbol).await?;
    let mut fields = Fields::from(sent);
    let said = read(t, &mut fields, Some(&call));
    if fields.is_good() {
        match forum.change_call(&desk.actor, said).await {
            Ok(_) => return Ok(desk.go_on(&format!("/desk/calls/{symbol}?done=1"))),
            Err(refusal) => refused(t, &refusal, &mut fields)?,
        }
    }
    Ok(form(&desk, &fields, Some(&call)))
}

fn filled(call: &Call) -> Fields {
    let said = &call.said;
    let zone = &said.closes.zone;
    let mut fields = Fields::default();
    fields.set("symbol", said.symbol.clone());
    fields.set("original", said.title.original().tag());
    fields.set("kind", said.kind.as_str());
    fields.set("circular", said.circular.clone().unwrap_or_default());
    fields.set("zone", zone.clone());
    fields.set("opens", civil::date_field(said.opens, zone));
    fields.set("opens-time", web::format::time(said.opens, zone));
    fields.set("closes", last_day(call));
    fields.set("grace", (said.grace_ms / MINUTE_MS).to_string());
    fields.set("limit", said.party_limit.map(|n| n.to_string()).unwrap_or_default());
    fields.set("policy", said.policy.as_str());
    fields.set("contact", said.contact.clone());
    for class in &said.audience {
        fields.set("audience", class.as_str());
    }
    fields.set_text("title", &said.title);
    fields.set_text("about", &said.introduction);
    fields
}

fn original(fields: &Fields, was: Option<&Call>) -> Lang {
    let chosen = || fields.get("original").parse().unwrap_or(Lang::En);
    was.map_or_else(chosen, |call| call.said.title.original())
}

fn read(t: T, fields: &mut Fields, was: Option<&Call>) -> NewCall {
    let original = original(fields, was);
    let said = was.map(|call| &call.said);
    let symbol = said.map_or_else(|| super::symbol(t, fields), |said| said.symbol.clone());
    let zone = fields.get("zone").trim().to_owned();
    if !is_zone(&zone) {
        fields.fault("zone", t.desk_wrong_zone());
    }
    let opens = fields.instant(t, "opens", "opens-time", &zone);
    let instant = fields.end_of_day(t, "closes", &zone);
    if fields.is_good() && instant <= opens {
        fields.fault("closes", t.desk_wrong_order());
    }
    let title = said.map(|said| &said.title);
    let introduction = said.map(|said| &said.introduction);
    let title = fields.multilingual(t, "title", (original, title), (Shape::Line, LINE_CHARS_MAX));
    let introduction =
        fields.multilingual(t, "about", (original, introduction), (Shape::Prose, PROSE_CHARS_MAX));
    // What was set otherwise than here can be stays as it is, where the day does.
    let closes = match was {
        Some(call) if last_day(call) == fields.get("closes") && call.said.closes.zone == zone => {
            call.said.closes.clone()
        }
        _ => Deadline { instant, zone, wording: Wording::ByEndOfDay },
    };
    let grace = fields.number(t, "grace", GRACE_MAX_MS / MINUTE_MS).unwrap_or(0);
    NewCall {
        symbol,
        circular: fields.optional(t, "circular", Shape::Line, LINE_CHARS_MAX),
        kind: fields.get("kind").parse().unwrap_or(CallKind::Consultation),
        languages: title.langs().collect(),
        title,
        introduction,
        audience: fields.all("audience").filter_map(|word| word.parse().ok()).collect(),
        form: said.map_or_else(|| template(original), |said| said.form.clone()),
        // Fields hold whole minutes: what is within one that did not change stays.
        opens: said.map(|said| said.opens).filter(|was| is_same_minute(*was, opens)).unwrap_or(opens),
        closes,
        grace_ms: said
            .map(|said| said.grace_ms)
            .filter(|was| was / MINUTE_MS == grace)
            .unwrap_or(grace * MINUTE_MS),
        modify_until: said.and_then(|said| said.modify_until),
        party_limit: fields.number(t, "limit", PARTY_LIMIT_MAX).filter(|n| *n > 0),
        policy: fields.get("policy").parse().unwrap_or(Policy::AtClose),
        contact: fields.text(t, "contact", Shape::Line, LINE_CHARS_MAX),
        documents: said.map(|said| said.documents.clone()).unwrap_or_default(),
    }
}

const fn is_same_minute(a: Instant, b: Instant) -> bool {
    a.ms().div_euclid(MINUTE_MS) == b.ms().div_euclid(MINUTE_MS)
}

/// The questions that a consultation begins with, in six languages: two to write at length, one for files.
fn template(original: Lang) -> Questions {
    let in_all = |text: fn(T) -> &'static str| {
        let texts: BTreeMap<Lang, String> =
            Lang::ALL.into_iter().map(|lang| (lang, text(T(lang)).to_owned())).collect();
        Multilingual::from_texts(original, texts).unwrap_or_else(|_| Multilingual::new(original, ""))
    };
    let question = |id: &str, kind, required, text| {
        Some(Question {
            id: QuestionId::new(id)?,
            kind,
            label: in_all(text),
            help: None,
            required,
            max_chars: None,
            options: Vec::new(),
            max_count: None,
        })
    };
    let questions = [
        question("q1", QuestionKind::LongText, true, T::desk_template_q1 as fn(T) -> _),
        question("q2", QuestionKind::LongText, false, T::desk_template_q2),
        question("q3", QuestionKind::File, false, T::desk_template_q3),
    ];
    Questions { version: 1, questions: questions.into_iter().flatten().collect() }
}

fn refused(t: T, refusal: &CallRefusal, fields: &mut Fields) -> Result<(), Problem> {
    match refusal {
        CallRefusal::SymbolTaken => fields.fault("symbol", t.desk_wrong_taken()),
        CallRefusal::Symbol => fields.fault("symbol", t.desk_wrong_symbol()),
        CallRefusal::Circular => fields.fault("circular", t.desk_wrong_reference()),
        CallRefusal::Window => fields.fault("closes", t.desk_wrong_order()),
        CallRefusal::Number => fields.fault("grace", t.desk_wrong_number()),
        CallRefusal::Announced => fields.fault("closes", t.desk_wrong_announced()),
        refusal => return Err(super::call_problem(refusal)),
    }
    Ok(())
}

fn form(desk: &Desk, fields: &Fields, was: Option<&Call>) -> Response {
    let t = desk.t();
    let lang = t.0;
    let original = original(fields, was);
    let mut parts = Vec::new();
    if was.is_none() {
        parts.push(page::needed(lang, fields, "symbol", t.desk_symbol(), Some(t.desk_symbol_help())));
        parts.push(language(t, fields));
    }
    parts.push(Html::paragraph(t.desk_languages_help()));
    parts.extend(page::text(t, fields, "title", t.desk_name(), original, Shape::Line));
    parts.extend(page::text(t, fields, "about", t.desk_about(), original, Shape::Prose));
    let kinds = CallKind::ALL.iter().map(|kind| (kind.as_str(), words::kind(t, *kind)));
    let kinds = Select::new(lang, "kind", t.desk_kind()).options(kinds).chosen(fields.get("kind"));
    parts.push(Html::of(&kinds.required()));
    parts.push(page::line(lang, fields, "circular", t.desk_circular(), None));
    parts.push(page::date(lang, fields, "opens", t.desk_opens(), None));
    parts.push(page::needed(lang, fields, "opens-time", t.desk_opens_time(), None));
    parts.push(page::date(lang, fields, "closes", t.desk_closes(), Some(t.desk_closes_help())));
    parts.push(page::needed(lang, fields, "zone", t.desk_zone(), None));
    let number = |name: &'static str, label: &'static str| {
        let field = Field::amount(lang, name, label).value(fields.get(name)).error(fields.error(name));
        Html::of(&field)
    };
    parts.push(number("grace", t.desk_grace()));
    parts.push(number("limit", t.desk_limit()));
    parts.push(classes(t, fields, "audience", t.desk_audience()));
    let mut policies = Choices::one(lang, "policy", t.desk_policy()).required();
    for policy in Policy::ALL {
        policies = policies.option(policy.as_str(), words::policy(t, *policy));
    }
    parts.push(Html::of(&policies.chosen([fields.get("policy")])));
    parts.push(page::needed(lang, fields, "contact", t.desk_contact(), None));
    let own = was.map(|call| format!("/desk/calls/{}", call.said.symbol));
    let action = own.as_ref().map_or_else(|| "/desk/calls/new".to_owned(), |own| format!("{own}/edit"));
    let title = was.map_or(t.desk_new_call(), |call| call.said.title.get(lang).text);
    let page = FormPage {
        title,
        back: (own.as_deref().unwrap_or("/desk"), t.desk_back()),
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
