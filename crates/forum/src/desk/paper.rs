//! What came on paper: typed in as somebody of the secretariat reads it, with a scan, and marked.

use askama::Template;
use axum::{
    extract::{Request, State},
    response::Response,
};
use crypto::random_array;
use web::{
    Names, Problem,
    components::{Field, Html, Upload},
};

use super::{
    call::found,
    fields::Fields,
    page::{self, Desk, FormPage},
};
use crate::{
    Forum, Policy, Standing,
    answer::{
        fields::{self as answered, Shown},
        multipart::{self, PREFIX},
    },
    call::{form::QuestionKind, model::Call},
    draft::content::{Content, Wrong},
    file::sniff::ACCEPT,
    paper::{PaperRefusal, Scan},
    public::database,
    sign::ops::code,
    submission::ops::receive::ReceiveRefusal,
};

/// The field of the scan: a file as those of questions are.
const SCAN: &str = "a-scan";

#[derive(Template)]
#[template(ext = "html", source = r#"<input type="hidden" name="request" value="{{ request }}">"#)]
struct Once<'a> {
    request: &'a str,
}

pub(super) async fn show(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let call = found(&desk, &forum, &symbol).await?;
    let request = base16ct::lower::encode_string(&random_array::<16>(&*forum.random));
    let content = Content { for_party: true, ..Content::default() };
    Ok(form(&desk, &call, &content, &[], None, &request))
}

/// Records it. Sent twice, it is received once.
pub(super) async fn record(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    request: Request,
) -> Result<Response, Problem> {
    let call = found(&desk, &forum, &symbol).await?;
    let mut sent = multipart::read(&forum, request).await?;
    let t = desk.t();
    let once = sent.get("request").to_owned();
    let is_scan = |question: &crate::QuestionId| SCAN.strip_prefix(PREFIX) == Some(question.as_str());
    let at = sent.files.iter().position(|upload| is_scan(&upload.question));
    let scan = at.map(|at| sent.files.swap_remove(at).taken);
    sent.files.clear();
    let content = answered::read(&call, &sent, &Content::default());
    let faulty = scan.as_ref().and_then(|scan| scan.as_ref().err());
    let missing = if scan.is_none() { Some(t.desk_wrong_empty()) } else { None };
    let wrong_scan = faulty.map(|why| answered::said(t, Wrong::File(*why))).or(missing);
    let (said, scan) = match (content.filled(&call), scan) {
        (Ok(said), Some(Ok(scan))) => (said, scan),
        (said, _) => {
            let wrong = said.err().unwrap_or_default();
            return Ok(form(&desk, &call, &content, &wrong, wrong_scan, &once));
        }
    };
    // What vouches for it is made of the scan when it is recorded.
    let standing = Standing::unsigned([0; 32]);
    let not_said = || Problem::bad_request("form", "The form is not what a browser sends for it.");
    let new = said.submission(&symbol, standing, format!("paper {once}"), None).ok_or_else(not_said)?;
    let declared = Some(scan.file.media_type.clone());
    let scan = Scan { name: scan.file.name, declared, bytes: scan.bytes };
    match forum.record_paper(&desk.actor, new, scan).await {
        // What is sealed, nobody reads.
        Ok(_) if call.said.policy == Policy::SealedUntilClose => {
            Ok(desk.done(&format!("/desk/calls/{symbol}")))
        }
        Ok(received) => Ok(desk.go_on(&format!("/desk/submissions/{}", received.id))),
        Err(PaperRefusal::Scan(why)) => {
            let said = answered::said(t, Wrong::File(why));
            Ok(form(&desk, &call, &content, &[], Some(said), &once))
        }
        Err(PaperRefusal::Forbidden) => {
            Err(Problem::new(http::StatusCode::FORBIDDEN, "forbidden", "This is the secretariat's to do."))
        }
        Err(PaperRefusal::Receive(ReceiveRefusal::Store(error))) => Err(database(&error)),
        Err(PaperRefusal::Receive(why)) => Err(Problem::conflict(code(&why), why.to_string())),
    }
}

fn form(
    desk: &Desk,
    call: &Call,
    content: &Content,
    wrong: &[(String, Wrong)],
    wrong_scan: Option<&'static str>,
    request: &str,
) -> Response {
    let t = desk.t();
    let mut fields = Fields::default();
    for (field, wrong) in wrong {
        fields.fault(&answered::control(call, field), answered::said(t, *wrong));
    }
    if let Some(said) = wrong_scan {
        fields.fault(SCAN, said);
    }
    let shown = Shown { t, call, content, wrong };
    let mut parts = vec![Html::of(&Once { request })];
    let scan = Upload::new(t.0, SCAN, t.desk_paper_scan(), t.desk_paper_help(), ACCEPT).required();
    parts.push(Html::of(&scan.error(wrong_scan)));
    parts.push(shown.about());
    let questions = call.said.form.questions.iter().zip(1..);
    let typed = questions.filter(|(question, _)| question.kind != QuestionKind::File);
    parts.extend(typed.map(|(question, number)| shown.question(number, question)));
    let summary = Field::text(t.0, "summary", t.pub_sub_summary()).lines(5).value(&content.summary);
    parts.push(Html::of(&summary));
    let own = format!("/desk/calls/{}", call.said.symbol);
    let page = FormPage {
        title: t.desk_paper(),
        back: (&own, call.said.title.get(t.0).text),
        before: Vec::new(),
        fields: &fields,
        parts,
        action: &format!("{own}/paper"),
        buttons: vec![page::submit(t.desk_paper())],
        after: Html::default(),
        is_multipart: true,
        is_titled: false,
    };
    page.show(desk)
}
