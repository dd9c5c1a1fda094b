//! What came in: read, admitted, refused or withheld, each with what everybody may read as the reason.

use std::collections::BTreeMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use web::{
    Form, Names, Problem,
    components::{Button, Cell, Html, Table},
    format,
};

use super::{
    call::found,
    fields::Fields,
    page::{self, Desk, FormPage},
};
use crate::{
    Forum, SubmissionId,
    act::About,
    public::{
        self,
        asked::{parse_after, written_after},
        shown::{submission_state, vouched},
        submission::page as whole,
    },
    submission::{
        model::StateWord,
        ops::decide::{DecideRefusal, Withdrawing},
    },
    words,
};

/// The submissions of a call in one state, in the order of receipt.
pub(super) async fn list(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let t = desk.t();
    let call = found(&desk, &forum, &symbol).await?;
    let state = query.get("state").and_then(|word| word.parse().ok()).unwrap_or(StateWord::Received);
    let after = query.get("after").and_then(|text| parse_after(text));
    let listed = forum.submissions_of_desk(&desk.actor, &symbol, state, after).await;
    let listed = listed.map_err(|e| public::unread(&e))?;
    let own = format!("/desk/calls/{symbol}/answers");
    let states = StateWord::ALL.iter().map(|word| {
        let label = words::submission_state(t, *word);
        let href = desk.reader.href(&format!("{own}?state={word}"));
        let button = Button::link(label, &href);
        Html::of(&if *word == state { button } else { button.secondary() })
    });
    let heads = [t.desk_paper_party(), t.pub_filter_class(), t.pub_sub_received(), t.pub_sub_vouched()];
    let title = format!("{} · {}", t.pub_answers_title(), words::submission_state(t, state));
    let mut table = Table::new(&title, &heads);
    for entry in &listed.entries {
        let href = desk.reader.href(&format!("/desk/submissions/{}", entry.id));
        table = table.row([
            Cell::html(Html::link(&href, &entry.party.name)),
            Cell::text(words::class(t, entry.party.class)),
            Cell::number(&format::date_time(t.0, entry.received_at, &call.said.closes.zone)),
            Cell::of(&vouched(t, words::Vouched::of(entry))),
        ]);
    }
    let mut parts = vec![Html::all(states)];
    parts.push(if listed.entries.is_empty() {
        Html::paragraph(t.pub_none_match())
    } else {
        Html::of(&table)
    });
    if let Some(next) = listed.next {
        let href = desk.reader.href(&format!("{own}?state={state}&after={}", written_after(next)));
        parts.push(Html::of(&Button::link(t.pub_next(), &href)));
    }
    Ok(page::plain(&desk, &title, parts))
}

pub(super) async fn show(
    desk: Desk,
    State(forum): State<Forum>,
    Names(id): Names<String>,
) -> Result<Response, Problem> {
    let id: SubmissionId = id.parse().map_err(|_| Problem::not_found("submission"))?;
    form(&desk, &forum, id, &Fields::default()).await
}

/// Decides; the button says what.
pub(super) async fn decide(
    desk: Desk,
    State(forum): State<Forum>,
    Names(id): Names<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let id: SubmissionId = id.parse().map_err(|_| Problem::not_found("submission"))?;
    let mut fields = Fields::from(sent);
    let reason = fields.get("reason").to_owned();
    let done = match fields.get("do") {
        "admit" => forum.admit(&desk.actor, id).await,
        "refuse" => forum.refuse(&desk.actor, id, &reason).await,
        "withhold" => forum.withhold(&desk.actor, id, &reason).await,
        "withdraw" => forum.withdraw_submission(Withdrawing::Staff(&desk.actor), id, Some(&reason)).await,
        _ => return Err(Problem::bad_request("form", "The form says nothing to do.")),
    };
    match done {
        Ok(_) => Ok(desk.go_on(&format!("/desk/submissions/{id}"))),
        Err(DecideRefusal::Reason) => {
            fields.fault("reason", desk.t().desk_wrong_empty());
            form(&desk, &forum, id, &fields).await
        }
        Err(refusal) => Err(crate::submission::api::decide_problem(&refusal)),
    }
}

async fn form(desk: &Desk, forum: &Forum, id: SubmissionId, fields: &Fields) -> Result<Response, Problem> {
    let t = desk.t();
    let submission = forum.submission_of_desk(&desk.actor, id).await.map_err(|e| public::unread(&e))?;
    let call = found(desk, forum, &submission.entry.symbol).await?;
    let acts = forum.history(&desk.actor, About::Submission, id.as_i64()).await;
    let acts = acts.map_err(|e| crate::call::api::problem(&e))?;
    let history = page::history(t, &call.said.closes.zone, &acts);
    let state = submission.entry.state.word();
    let back = format!("/desk/calls/{}/answers", call.said.symbol);
    let title = &submission.entry.party.name;
    let content = Html::of(&whole(&desk.reader, &call, &submission));
    let word = Html::of(&submission_state(t, state));
    let mut buttons = Vec::new();
    if state == StateWord::Received {
        buttons.push(Html::of(&Button::submit(t.desk_admit()).sends("do", "admit")));
    }
    if matches!(
        state,
        StateWord::Received | StateWord::Admissible | StateWord::Published | StateWord::Counted
    ) {
        buttons.push(Html::of(&Button::submit(t.desk_refuse()).dangerous().sends("do", "refuse")));
    }
    if matches!(state, StateWord::Received | StateWord::Admissible | StateWord::Published) {
        buttons.push(Html::of(&Button::submit(t.desk_withhold()).dangerous().sends("do", "withhold")));
    }
    let may_withdraw = match state {
        StateWord::Received | StateWord::Admissible => true,
        StateWord::Published => forum.clock.now() < call.window().modifiable_until(),
        _ => false,
    };
    if may_withdraw {
        let button = Button::submit(t.desk_withdraw_answer()).secondary();
        buttons.push(Html::of(&button.sends("do", "withdraw")));
    }
    let ways = page::ways(desk, &[(format!("/desk/submissions/{id}/translations"), t.desk_translations())]);
    if buttons.is_empty() {
        return Ok(page::shown(desk, title, vec![word, content, ways, history]));
    }
    let page = FormPage {
        title,
        back: (&back, t.desk_answers()),
        before: vec![word, content, ways],
        fields,
        parts: vec![page::reason(t, fields, "reason")],
        action: &format!("/desk/submissions/{id}"),
        buttons,
        after: history,
        is_multipart: false,
        is_titled: true,
    };
    Ok(page.show(desk))
}
