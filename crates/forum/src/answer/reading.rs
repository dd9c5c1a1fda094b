//! How many forms with files, and files, an instance reads at once.
//!
//! What is read lies in memory, so there are few places ([`UPLOADS_MAX`]). What is no longer than the body of any other
//! request needs none: who answers without a file does not wait for those who send some. Of the places one address has half
//! at most: nobody keeps everybody else out, in the last minutes of a call, by sending slowly.

use axum::extract::Request;
use base::limits::{BODY_BYTES_MAX, UPLOADS_MAX};
use http::header;
use tokio::sync::SemaphorePermit;
use web::Problem;

use crate::{
    Forum,
    share::{Share, Shares},
};

/// One address has half of the places at most.
static SHARES: Shares = Shares::new(UPLOADS_MAX / 2);

/// A place, until it is dropped.
pub(crate) struct Reading<'a> {
    /// How many bytes may be read.
    pub(crate) bytes_max: usize,
    _place: Option<SemaphorePermit<'a>>,
    _share: Option<Share>,
}

/// A place to read the body of this request, of at most `most` bytes.
///
/// # Errors
/// 503 while all places are taken, or all that its address may have.
pub(crate) fn begin<'a>(forum: &'a Forum, request: &Request, most: usize) -> Result<Reading<'a>, Problem> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length <= BODY_BYTES_MAX) {
        return Ok(Reading { bytes_max: most.min(BODY_BYTES_MAX), _place: None, _share: None });
    }
    let share = SHARES.take(request.extensions())?;
    let place = forum.uploads.try_acquire().map_err(|_| Problem::unavailable())?;
    Ok(Reading { bytes_max: most, _place: Some(place), _share: share })
}
