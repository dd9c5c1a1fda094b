//! What the form of a call has: written as [`super::written`] says, from a template, the open consultation.

use std::collections::BTreeMap;

use base::{
    Instant, Lang,
    limits::{GRACE_MAX_MS, LINE_CHARS_MAX, PARTY_LIMIT_MAX},
};
use web::{
    Actor, Problem,
    components::{Choices, Field, Html, Select},
    format::{civil, is_zone},
};

use super::{
    call::{day_before, last_day},
    circular::classes,
    fields::{Fields, Shape},
    page,
    written::{Head, Labels, Written},
};
use crate::{
    Deadline, FileRef, Forum, Multilingual,
    call::{
        api::problem,
        form::{Form as Questions, Question, QuestionId, QuestionKind},
        model::{Call, CallKind, CallState, NewCall, Policy},
        ops::CallRefusal,
    },
    deadline::Wording,
    texts::T,
    words,
};

/// A minute, in milliseconds.
const MINUTE_MS: i64 = 60_000;

impl Written for Call {
    type Said = NewCall;
    type Refusal = CallRefusal;
    const PLACE: &'static str = "/desk/calls";
    const TEXTS: [&'static str; 2] = ["title", "about"];

    fn labels(t: T) -> Labels {
        Labels {
            new: t.desk_new_call(),
            heading: t.desk_name(),
            text: t.desk_about(),
            files: t.pub_call_documents(),
        }
    }

    async fn find(forum: &Forum, actor: &Actor, symbol: &str) -> Result<Self, CallRefusal> {
        forum.call_of_desk(actor, symbol).await
    }

    async fn draft(forum: &Forum, actor: &Actor, said: NewCall) -> Result<Self, CallRefusal> {
        forum.draft_call(actor, said).await
    }

    async fn change(forum: &Forum, actor: &Actor, said: NewCall) -> Result<Self, CallRefusal> {
        forum.change_call(actor, said).await
    }

    async fn translate(
        forum: &Forum,
        actor: &Actor,
        symbol: &str,
        (lang, title, introduction): (Lang, String, String),
    ) -> Result<Self, CallRefusal> {
        forum.translate_call(actor, symbol, lang, (title, introduction)).await
    }

    fn problem(refusal: &CallRefusal) -> Problem {
        problem(refusal)
    }

    fn fault(t: T, refusal: &CallRefusal) -> Option<(&'static str, &'static str)> {
        Some(match refusal {
            CallRefusal::SymbolTaken => ("symbol", t.desk_wrong_taken()),
            CallRefusal::Symbol => ("symbol", t.desk_wrong_symbol()),
            CallRefusal::Circular => ("circular", t.desk_wrong_reference()),
            CallRefusal::Text(bad) => ("about", super::fields::bad_text(t, *bad)),
            CallRefusal::Window => ("closes", t.desk_wrong_order()),
            CallRefusal::Number => ("grace", t.desk_wrong_number()),
            CallRefusal::Announced => ("closes", t.desk_wrong_announced()),
            CallRefusal::Forbidden
            | CallRefusal::NoSuchCall
            | CallRefusal::Form(_)
            | CallRefusal::File
            | CallRefusal::Opened
            | CallRefusal::State
            | CallRefusal::NotLater
            | CallRefusal::Reason
            | CallRefusal::Store(_) => return None,
        })
    }

    fn symbol(&self) -> &str {
        &self.said.symbol
    }

    fn title(&self, t: T) -> String {
        self.said.title.get(t.0).text.to_owned()
    }

    fn texts(&self) -> [&Multilingual; 2] {
        [&self.said.title, &self.said.introduction]
    }

    fn files(&self) -> &[FileRef] {
        &self.said.documents
    }

    fn with_files(&self, documents: Vec<FileRef>) -> NewCall {
        NewCall { documents, ..self.said.clone() }
    }

    fn can_change(&self, at: Instant) -> bool {
        matches!(self.state(at), CallState::Draft | CallState::Scheduled)
    }

    fn template(t: T) -> &'static str {
        t.desk_template_about()
    }

    fn begin(forum: &Forum, fields: &mut Fields) {
        let (zone, today) = (&forum.config.host_zone, forum.clock.now());
        fields.set("zone", zone.clone());
        fields.set("kind", CallKind::Consultation.as_str());
        fields.set("policy", Policy::AtClose.as_str());
        fields.set("opens", civil::date_field(today.plus_secs(86_400), zone));
        fields.set("opens-time", "09:00");
        fields.set("closes", civil::date_field(today.plus_secs(30 * 86_400), zone));
        fields.set("limit", "1");
    }

    fn fill(&self, fields: &mut Fields) {
        let said = &self.said;
        let zone = &said.closes.zone;
        fields.set("kind", said.kind.as_str());
        fields.set("circular", said.circular.clone().unwrap_or_default());
        fields.set("zone", zone.clone());
        fields.set("opens", civil::date_field(said.opens, zone));
        fields.set("opens-time", web::format::time(said.opens, zone));
        fields.set("closes", last_day(self));
        fields.set("modify", said.modify_until.map(|until| day_before(until, zone)).unwrap_or_default());
        fields.set("grace", (said.grace_ms / MINUTE_MS).to_string());
        fields.set("limit", said.party_limit.map(|n| n.to_string()).unwrap_or_default());
        fields.set("policy", said.policy.as_str());
        fields.set("contact", said.contact.clone());
        for class in &said.audience {
            fields.set("audience", class.as_str());
        }
    }

    fn read(t: T, fields: &mut Fields, head: Head, was: Option<&Self>) -> NewCall {
        let said = was.map(|call| &call.said);
        let zone = fields.get("zone").trim().to_owned();
        if !is_zone(&zone) {
            fields.fault("zone", t.desk_wrong_zone());
        }
        let opens = fields.instant(t, "opens", "opens-time", &zone);
        let instant = fields.end_of_day(t, "closes", &zone);
        let until = (!fields.get("modify").is_empty()).then(|| fields.end_of_day(t, "modify", &zone));
        if fields.is_good() && instant <= opens {
            fields.fault("closes", t.desk_wrong_order());
        }
        // What was set otherwise than here can be stays as it is, where the day does.
        let is_same_zone = said.is_some_and(|said| said.closes.zone == zone);
        let closes = match was {
            Some(call) if last_day(call) == fields.get("closes") && is_same_zone => call.said.closes.clone(),
            _ => Deadline { instant, zone: zone.clone(), wording: Wording::ByEndOfDay },
        };
        let is_same_day = |was: &Instant| is_same_zone && day_before(*was, &zone) == fields.get("modify");
        let modify_until = said.and_then(|said| said.modify_until).filter(is_same_day).or(until);
        let grace = fields.number(t, "grace", GRACE_MAX_MS / MINUTE_MS).unwrap_or(0);
        let grace_ms = grace * MINUTE_MS;
        if fields.is_good()
            && modify_until.is_some_and(|until| until <= opens || until > closes.instant.plus_ms(grace_ms))
        {
            fields.fault("modify", t.desk_wrong_modify());
        }
        NewCall {
            symbol: head.symbol,
            circular: fields.optional(t, "circular", Shape::Line, LINE_CHARS_MAX),
            kind: fields.get("kind").parse().unwrap_or(CallKind::Consultation),
            languages: head.heading.langs().collect(),
            form: said.map_or_else(|| template(head.heading.original()), |said| said.form.clone()),
            title: head.heading,
            introduction: head.text,
            audience: fields.all("audience").filter_map(|word| word.parse().ok()).collect(),
            // Fields hold whole minutes: what is within one that did not change stays.
            opens: said.map(|said| said.opens).filter(|was| is_same_minute(*was, opens)).unwrap_or(opens),
            closes,
            grace_ms: said
                .map(|said| said.grace_ms)
                .filter(|was| was / MINUTE_MS == grace)
                .unwrap_or(grace_ms),
            modify_until,
            party_limit: fields.number(t, "limit", PARTY_LIMIT_MAX).filter(|n| *n > 0),
            policy: fields.get("policy").parse().unwrap_or(Policy::AtClose),
            contact: fields.text(t, "contact", Shape::Line, LINE_CHARS_MAX),
            documents: said.map(|said| said.documents.clone()).unwrap_or_default(),
        }
    }

    fn parts(t: T, fields: &Fields) -> Vec<Html> {
        let lang = t.0;
        let kinds = CallKind::ALL.iter().map(|kind| (kind.as_str(), words::kind(t, *kind)));
        let kinds = Select::new(lang, "kind", t.desk_kind()).options(kinds).chosen(fields.get("kind"));
        let mut policies = Choices::one(lang, "policy", t.desk_policy()).required();
        for policy in Policy::ALL {
            policies = policies.option(policy.as_str(), words::policy(t, *policy));
        }
        let modify = Field::date(lang, "modify", t.desk_modify()).value(fields.get("modify"));
        let modify = modify.help(t.desk_modify_help()).error(fields.error("modify"));
        vec![
            Html::of(&kinds.required()),
            page::line(lang, fields, "circular", t.desk_circular(), None),
            page::date(lang, fields, "opens", t.desk_opens(), None),
            page::needed(lang, fields, "opens-time", t.desk_opens_time(), None),
            page::date(lang, fields, "closes", t.desk_closes(), Some(t.desk_closes_help())),
            page::needed(lang, fields, "zone", t.desk_zone(), None),
            page::number(lang, fields, "grace", t.desk_grace()),
            Html::of(&modify),
            page::number(lang, fields, "limit", t.desk_limit()),
            classes(t, fields, "audience", t.desk_audience()),
            Html::of(&policies.chosen([fields.get("policy")])),
            page::needed(lang, fields, "contact", t.desk_contact(), None),
        ]
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
