//! All that was published of a call, as JSON and as a table: however much it is, a page of the database at a time.

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use base::limits::PAGE_ROWS_MAX;
use futures_util::stream;
use http::{HeaderValue, header};

use super::{answers::Readable, asked::Asked, json};
use crate::{
    Forum,
    call::{
        form::{Answer, Question},
        model::Call,
    },
    feed::csv::Table,
    submission::{
        listed::ReadRefusal,
        model::{After, Counts, Submission},
        ops::read::Public,
    },
    words::Vouched,
};

/// The call, its counts, and every submission that fits the filter.
pub(super) fn json(
    forum: &Forum,
    call: &Call,
    readable: Readable,
    counts: &Counts,
    asked: &Asked,
) -> Response {
    let head = serde_json::json!({
        "call": json::call(forum, call, forum.clock.now()),
        "counts": json::counts(counts, readable == Readable::Total),
    });
    let head = head.to_string();
    // The object is closed behind the list, which is written as it is read.
    let head = format!("{},\"submissions\":[", head.strip_suffix('}').unwrap_or(&head));
    let own = forum.clone();
    let write = move |submissions: &[Submission], is_first: bool| {
        let mut out = String::new();
        for (at, submission) in submissions.iter().enumerate() {
            out.push_str(if is_first && at == 0 { "\n" } else { ",\n" });
            out.push_str(&json::submission(&own, submission).to_string());
        }
        out
    };
    let body = streamed(forum, call, readable, asked, head, write, "\n]}\n");
    answer(body, "application/json", &call.said.symbol, None)
}

/// A row a submission.
pub(super) fn csv(forum: &Forum, call: &Call, readable: Readable, asked: &Asked) -> Response {
    let questions = call.said.form.questions.clone();
    let mut header: Vec<&str> = COLUMNS.to_vec();
    header.extend(questions.iter().map(|question| question.id.as_str()));
    let head = Table::new(&header).finish();
    let identifier = forum.config.identifier.clone();
    let write = move |submissions: &[Submission], _| {
        let mut rows = Table::rows_only();
        for submission in submissions {
            let cells = row(&identifier, &questions, submission);
            rows.row(cells.iter().map(String::as_str));
        }
        rows.finish()
    };
    let body = streamed(forum, call, readable, asked, head, write, "");
    answer(body, "text/csv; charset=utf-8; header=present", &call.said.symbol, Some("csv"))
}

const COLUMNS: [&str; 14] = [
    "id",
    "address",
    "received_at",
    "in_grace",
    "party",
    "class",
    "country",
    "region",
    "person",
    "capacity",
    "language",
    "standing",
    "sha256",
    "summary",
];

fn row(identifier: &str, questions: &[Question], submission: &Submission) -> Vec<String> {
    let entry = &submission.entry;
    let party = &entry.party;
    let mut cells = vec![
        entry.id.to_string(),
        format!("{identifier}/submissions/{}", entry.id),
        entry.received_at.rfc3339(),
        entry.in_grace.to_string(),
        party.name.clone(),
        party.class.to_string(),
        party.country.map(|country| country.to_string()).unwrap_or_default(),
        party.region().map(|region| region.to_string()).unwrap_or_default(),
        party.person.clone().unwrap_or_default(),
        party.capacity.clone().unwrap_or_default(),
        entry.lang.as_str().to_owned(),
        Vouched::of(entry).code().to_owned(),
        base16ct::lower::encode_string(&entry.digest),
        submission.summary.clone().unwrap_or_default(),
    ];
    cells.extend(questions.iter().map(|q| submission.answers.get(&q.id).map(cell).unwrap_or_default()));
    cells
}

/// An answer in a cell: choices and files by their ids, separated by blanks.
fn cell(answer: &Answer) -> String {
    match answer {
        Answer::Text(text) => text.clone(),
        Answer::Choice(id) => id.to_string(),
        Answer::Choices(ids) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        Answer::Files(digests) => digests.join(" "),
        Answer::Amount { minor, currency } => {
            let digits = usize::try_from(web::format::minor_digits(currency)).unwrap_or(2);
            let padded = format!("{minor:0>width$}", width = digits.saturating_add(1));
            let (whole, rest) = padded.split_at(padded.len().saturating_sub(digits));
            if rest.is_empty() { format!("{whole} {currency}") } else { format!("{whole}.{rest} {currency}") }
        }
        Answer::Country(country) => country.to_string(),
        Answer::Person { name, title, organisation } => {
            let parts = [Some(name), title.as_ref(), organisation.as_ref()];
            parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
        }
    }
}

/// From how much on, bytes of canonical texts, a part of an answer goes out before more is read.
const PART_BYTES: usize = 256 * 1024;

/// Where the writing stands.
enum Step {
    Head(String),
    Page(Asked, bool),
    End,
}

/// A body that is written while the database is read: head, pages, end. What cannot be read breaks it off, which every
/// client notices.
fn streamed(
    forum: &Forum,
    call: &Call,
    readable: Readable,
    asked: &Asked,
    head: String,
    write: impl Fn(&[Submission], bool) -> String + Send + 'static,
    end: &'static str,
) -> Body {
    let (forum, call, asked) = (forum.clone(), call.clone(), asked.clone());
    let state = (Step::Head(head), forum, call, asked, write);
    let parts = stream::try_unfold(state, move |(step, forum, call, asked, write)| async move {
        let (out, step) = match step {
            Step::Head(head) if readable == Readable::Texts => (head, Step::Page(asked.clone(), true)),
            Step::Head(head) => (head + end, Step::End),
            Step::Page(from, is_first) => {
                let (submissions, next) = page(&forum, &call, &from).await?;
                let out = write(&submissions, is_first);
                match next {
                    Some(next) => (out, Step::Page(Asked { after: Some(next), ..from }, false)),
                    None => (out + end, Step::End),
                }
            }
            Step::End => return Ok::<_, ReadRefusal>(None),
        };
        Ok(Some((Bytes::from(out), (step, forum, call, asked, write))))
    });
    Body::from_stream(parts)
}

pub(super) async fn page(
    forum: &Forum,
    call: &Call,
    asked: &Asked,
) -> Result<(Vec<Submission>, Option<After>), ReadRefusal> {
    let listed = forum.list(&call.said.symbol, asked.filter.clone(), asked.after, PAGE_ROWS_MAX).await?;
    let (mut submissions, mut bytes) = (Vec::new(), 0_usize);
    for entry in &listed.entries {
        // One that was withheld in between is not there any more.
        let Public::Whole(mut submission) = forum.submission(entry.id).await? else { continue };
        // What proves it is long, and in none of these forms.
        submission.evidence = None;
        bytes = bytes.saturating_add(submission.canonical.len());
        submissions.push(*submission);
        // However long submissions are, and however many read slowly: a little of each lies in memory.
        if bytes >= PART_BYTES {
            return Ok((submissions, Some(After { received_at: entry.received_at, id: entry.id })));
        }
    }
    Ok((submissions, listed.next))
}

fn answer(body: Body, media_type: &'static str, symbol: &str, download: Option<&str>) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Some(end) = download {
        let value = HeaderValue::try_from(format!("attachment; filename=\"{symbol}.{end}\""));
        headers.insert(header::CONTENT_DISPOSITION, value.unwrap_or(HeaderValue::from_static("attachment")));
    }
    json::open(response)
}
