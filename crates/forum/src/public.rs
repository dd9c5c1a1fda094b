//! What everybody reads: pages, and the same as JSON, tables, feeds and calendar files.
//!
//! Read in this order: [`negotiate`] (one address, several forms), [`shown`] (what several pages show), [`calls`], [`call`],
//! [`circular`], [`asked`] (filters in an address), [`answers`] (counts, filters, a page of submissions), [`submission`], [`json`], [`table`], [`feed`].
//!
//! Nothing here decides who may read what: drafts are no public calls, and what is listed or got comes from the tables of
//! what was published. [`answers::Readable`] says how much a page shows before it asks.

pub(crate) mod answers;
pub(crate) mod asked;
pub(crate) mod call;
mod calls;
pub(crate) mod circular;
mod feed;
mod json;
mod negotiate;
pub(crate) mod shown;
pub(crate) mod submission;
mod table;
#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
pub(crate) mod tests;

pub(crate) use calls::open as open_calls;
use http::Method;
use web::{Problem, Routes};

use crate::{
    Forum, SubmissionId,
    call::model::Call,
    circular::model::Circular,
    submission::{listed::ReadRefusal, ops::read::Public},
};

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
        .page(Method::GET, "/calls", calls::list)
        .page(Method::GET, "/calls.json", calls::list_json)
        .page(Method::GET, "/calls/{symbol}", call::show)
        .page(Method::GET, "/calls/{symbol}/submissions", answers::show)
        .page(Method::GET, "/calls/{symbol}/submissions.json", answers::show_json)
        .page(Method::GET, "/calls/{symbol}/submissions.csv", answers::show_csv)
        .page(Method::GET, "/calls/{symbol}/submissions.atom", answers::show_atom)
        .page(Method::GET, "/submissions/{id}", submission::show)
        .page(Method::GET, "/submissions/{id}/original.json", submission::original)
        .page(Method::GET, "/circulars", circular::list)
        .page(Method::GET, "/circulars/{symbol}", circular::show)
        .page(Method::GET, "/feed.atom", feed::site)
}

async fn public_calls(forum: &Forum) -> Result<Vec<Call>, Problem> {
    forum.calls(None).await.map_err(|e| database(&e))
}

/// A call that everybody may know of; 404 otherwise.
pub(crate) async fn public_call(forum: &Forum, symbol: &str) -> Result<Call, Problem> {
    let found = forum.call(symbol).await.map_err(|e| database(&e))?;
    found.ok_or_else(|| Problem::not_found("call"))
}

async fn public_circulars(forum: &Forum) -> Result<Vec<Circular>, Problem> {
    forum.circulars(None).await.map_err(|e| database(&e))
}

async fn public_circular(forum: &Forum, symbol: &str) -> Result<Circular, Problem> {
    let found = forum.circular(symbol).await.map_err(|e| database(&e))?;
    found.ok_or_else(|| Problem::not_found("circular"))
}

/// What everybody is told of a submission, with its call.
async fn public_submission(forum: &Forum, id: SubmissionId) -> Result<(Call, Public), Problem> {
    let found = forum.submission(id).await.map_err(|e| unread(&e))?;
    let symbol = match &found {
        Public::Whole(submission) => &submission.entry.symbol,
        Public::Gone(gone) => &gone.symbol,
    };
    let call = public_call(forum, symbol).await?;
    Ok((call, found))
}

web::problems! {
    pub(crate) fn unread(error: ReadRefusal) -> READ_PROBLEMS {
        ReadRefusal::Forbidden => FORBIDDEN "forbidden" (error.to_string()),
        ReadRefusal::NotFound => NOT_FOUND "not_found" ("There is no such submission or call."),
        ReadRefusal::Sealed => CONFLICT "sealed" (error.to_string()),
    } else {
        ReadRefusal::Store(error) => database(error),
    }
}

pub(crate) fn database(error: &store::Error) -> Problem {
    if error.kind() == store::ErrorKind::OutcomeUnknown {
        return Problem::outcome_unknown();
    }
    if error.is_unavailable() || error.is_busy() { Problem::unavailable() } else { Problem::internal(error) }
}
