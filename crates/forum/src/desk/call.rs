//! A call at the desk: where it stands, what can be done next, what was done. Whether it is open follows from the clock and is
//! shown, not set.

use askama::Template;
use axum::{extract::State, response::Response};
use base::{Instant, limits::LINE_CHARS_MAX};
use web::{
    Form, Names, Problem, Reader,
    components::{Button, Deadline, ErrorSummary, Field, Html, State as StateWord},
    format::civil,
};

use super::{
    fields::{Fields, Shape},
    page::{self, Desk},
};
use crate::{
    Forum,
    act::{About, ActDone},
    call::{
        model::{Call, CallState},
        ops::CallRefusal,
    },
    deadline::Wording,
    multilingual::Shown,
    public::{
        self,
        answers::{Line, Readable, sum},
        call::{extensions, shown_deadline},
        shown::call_state,
    },
    submission::model::Counts,
    texts::T,
    words,
};

#[derive(Template)]
#[template(path = "desk_call.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a template shows, and what not")]
struct Page<'a> {
    t: T,
    reader: &'a Reader,
    path: String,
    kind: &'static str,
    symbol: &'a str,
    title: Shown<'a>,
    state: StateWord<'static>,
    done: Option<Html>,
    summary: ErrorSummary<'a>,
    deadline: Deadline<'a>,
    extensions: Vec<String>,
    is_public: bool,
    can_change: bool,
    can_record: bool,
    can_decide: bool,
    waiting: Option<String>,
    sum: Option<Vec<Line>>,
    actions: Vec<Doable>,
    csrf: String,
    questions: Vec<Question<'a>>,
    history: Html,
}

struct Question<'a> {
    id: &'a str,
    label: Shown<'a>,
    kind: &'static str,
    required: bool,
}

/// Something that can be done with a call, as a form.
struct Doable {
    name: &'static str,
    title: &'static str,
    note: Option<&'static str>,
    parts: Vec<Html>,
    button: Html,
}

/// What can be done with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Announce,
    Extend,
    Withdraw,
    Annul,
    Publish,
    Consider,
}

impl Act {
    /// In which states it can be.
    const fn of(state: CallState) -> &'static [Self] {
        match state {
            CallState::Draft => &[Self::Announce],
            CallState::Scheduled => &[Self::Extend, Self::Withdraw],
            CallState::Open | CallState::Grace => &[Self::Extend, Self::Annul],
            CallState::Closed => &[Self::Publish, Self::Annul],
            CallState::Published => &[Self::Consider],
            CallState::Considered | CallState::Withdrawn | CallState::Annulled => &[],
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Announce => "announce",
            Self::Extend => "extend",
            Self::Withdraw => "withdraw",
            Self::Annul => "annul",
            Self::Publish => "publish",
            Self::Consider => "consider",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Announce, Self::Extend, Self::Withdraw, Self::Annul, Self::Publish, Self::Consider]
            .into_iter()
            .find(|act| act.name() == name)
    }

    /// The name of its field with a reason.
    fn reason(self) -> String {
        format!("{}-reason", self.name())
    }

    fn form(self, t: T, call: &Call, fields: &Fields) -> Doable {
        let reason = || page::reason(t, fields, &self.reason());
        let (title, note, parts) = match self {
            Self::Announce => (t.desk_schedule(), Some(t.desk_schedule_note()), Vec::new()),
            Self::Extend => {
                let help = Some(t.desk_closes_help());
                let to = page::date(t.0, fields, "extend-to", t.desk_closes(), help);
                // What can be replaced until the end can be until the new one.
                let modify = call.said.modify_until.map(|_| {
                    let field = Field::date(t.0, "extend-modify", t.desk_modify());
                    let field = field.value(fields.get("extend-modify")).help(t.desk_modify_stays());
                    Html::of(&field.error(fields.error("extend-modify")))
                });
                (t.desk_extend(), None, [to].into_iter().chain(modify).chain([reason()]).collect())
            }
            Self::Withdraw => (t.desk_withdraw(), None, vec![reason()]),
            Self::Annul => (t.desk_annul(), None, vec![reason()]),
            Self::Publish => (t.desk_publish(), Some(t.desk_publish_note()), Vec::new()),
            Self::Consider => {
                let item = page::needed(t.0, fields, "consider-item", t.pub_call_agenda(), None);
                (t.desk_consider(), None, vec![item])
            }
        };
        let button = Button::submit(title);
        let button = match self {
            Self::Withdraw | Self::Annul => button.dangerous(),
            Self::Announce | Self::Extend | Self::Publish | Self::Consider => button,
        };
        Doable { name: self.name(), title, note, parts, button: Html::of(&button) }
    }
}

pub(super) async fn found(desk: &Desk, forum: &Forum, symbol: &str) -> Result<Call, Problem> {
    super::written::found(desk, forum, symbol).await
}

pub(super) async fn show(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let call = found(&desk, &forum, &symbol).await?;
    overview(&desk, &forum, &call, &Fields::default()).await
}

/// The call as everybody will see it.
pub(super) async fn preview(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let call = found(&desk, &forum, &symbol).await?;
    Ok(public::call::page(&desk.reader, &call, &Counts::default(), forum.clock.now()))
}

/// Does something with a call; what is wrong with what was said is shown at its field.
pub(super) async fn act(
    desk: Desk,
    State(forum): State<Forum>,
    Names((symbol, name)): Names<(String, String)>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let act = Act::from_name(&name).ok_or_else(|| Problem::not_found("address"))?;
    let call = found(&desk, &forum, &symbol).await?;
    let mut fields = Fields::from(sent);
    let t = desk.t();
    let (actor, zone) = (&desk.actor, &call.said.closes.zone);
    let reason = fields.get(&act.reason()).to_owned();
    let done = match act {
        Act::Announce => forum.announce_call(actor, &symbol).await.map(drop),
        Act::Withdraw => forum.withdraw_call(actor, &symbol, &reason).await.map(drop),
        Act::Annul => forum.annul_call(actor, &symbol, &reason).await.map(drop),
        Act::Publish => forum.publish_call(actor, &symbol).await.map(drop),
        Act::Consider => {
            let item = fields.text(t, "consider-item", Shape::Line, LINE_CHARS_MAX);
            if fields.is_good() { forum.consider_call(actor, &symbol, &item).await.map(drop) } else { Ok(()) }
        }
        Act::Extend => {
            let instant = fields.end_of_day(t, "extend-to", zone);
            let to = crate::Deadline { instant, zone: zone.clone(), wording: Wording::ByEndOfDay };
            let is_said = !fields.get("extend-modify").is_empty();
            let modify_until = is_said.then(|| fields.end_of_day(t, "extend-modify", zone));
            if fields.is_good() {
                forum.extend_call(actor, &symbol, (to, modify_until), &reason).await.map(drop)
            } else {
                Ok(())
            }
        }
    };
    match done {
        Ok(()) if fields.is_good() => Ok(desk.done(&format!("/desk/calls/{symbol}"))),
        Ok(()) => overview(&desk, &forum, &call, &fields).await,
        Err(refusal) => {
            refused(t, act, &refusal, &mut fields)?;
            overview(&desk, &forum, &call, &fields).await
        }
    }
}

fn refused(t: T, act: Act, refusal: &CallRefusal, fields: &mut Fields) -> Result<(), Problem> {
    match refusal {
        CallRefusal::Reason => fields.fault(&act.reason(), t.desk_wrong_empty()),
        CallRefusal::NotLater => fields.fault("extend-to", t.desk_wrong_later()),
        CallRefusal::Window if act == Act::Extend => {
            let is_said = !fields.get("extend-modify").is_empty();
            fields.fault(if is_said { "extend-modify" } else { "extend-to" }, t.desk_wrong_modify());
        }
        refusal => return Err(crate::call::api::problem(refusal)),
    }
    Ok(())
}

async fn overview(desk: &Desk, forum: &Forum, call: &Call, fields: &Fields) -> Result<Response, Problem> {
    let acts = forum.history(&desk.actor, About::Call, call.id.as_i64()).await;
    let acts = acts.map_err(|e| crate::call::api::problem(&e))?;
    let counts = forum.counts_of_desk(&desk.actor, &call.said.symbol).await;
    let counts = counts.map_err(|e| public::unread(&e))?;
    let content = content(desk, call, fields, &acts, &counts, forum.clock.now());
    Ok(page::judged(desk.reader.page(call.said.title.get(desk.reader.lang).text, &content), fields))
}

fn content<'a>(
    desk: &'a Desk,
    call: &'a Call,
    fields: &'a Fields,
    acts: &[ActDone],
    counts: &Counts,
    at: Instant,
) -> Page<'a> {
    let t = desk.t();
    let (state, said) = (call.state(at), &call.said);
    let is_sealed = state.is_receiving() && said.policy == crate::Policy::SealedUntilClose;
    let has_opened = !matches!(state, CallState::Draft | CallState::Scheduled | CallState::Withdrawn);
    let readable = if is_sealed { Readable::Total } else { Readable::Counts };
    let is_decided = matches!(state, CallState::Published | CallState::Considered);
    Page {
        t,
        reader: &desk.reader,
        path: format!("/desk/calls/{}", said.symbol),
        kind: words::kind(t, said.kind),
        symbol: &said.symbol,
        title: said.title.get(t.0),
        state: call_state(t, state),
        done: page::done(desk).filter(|_| fields.is_good()),
        summary: ErrorSummary::new(t.0, fields.faults()),
        deadline: shown_deadline(&desk.reader, call, at),
        extensions: extensions(t, call),
        is_public: state.is_public(),
        can_change: matches!(state, CallState::Draft | CallState::Scheduled),
        can_record: state.is_receiving(),
        can_decide: has_opened && !is_sealed,
        waiting: (counts.waiting > 0 && !is_decided).then(|| t.desk_waiting(counts.waiting)),
        sum: has_opened.then(|| sum(t, readable, counts)),
        actions: Act::of(state).iter().map(|act| act.form(t, call, fields)).collect(),
        csrf: desk.csrf(),
        questions: said
            .form
            .questions
            .iter()
            .map(|question| Question {
                id: question.id.as_str(),
                label: question.label.get(t.0),
                kind: words::question_kind(t, question.kind),
                required: question.required,
            })
            .collect(),
        history: page::history(t, &said.closes.zone, acts),
    }
}

/// A deadline as its last day.
pub(super) fn last_day(call: &Call) -> String {
    day_before(call.said.closes.instant, &call.said.closes.zone)
}

/// The last day that is over at an instant, or runs then.
pub(super) fn day_before(end: Instant, zone: &str) -> String {
    civil::date_field(end.plus_ms(-1), zone)
}
