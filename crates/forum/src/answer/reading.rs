//! How many forms with files, and files, an instance reads at once.
//!
//! What is read lies in memory, so there are few places ([`UPLOADS_MAX`]). What is no longer than the body of any other
//! request needs none: who answers without a file does not wait for those who send some. Of the places one address has half
//! at most: nobody keeps everybody else out, in the last minutes of a call, by sending slowly.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use axum::extract::Request;
use base::limits::{BODY_BYTES_MAX, UPLOADS_MAX};
use http::header;
use tokio::sync::SemaphorePermit;
use web::{ClientAddress, Problem};

use crate::Forum;

/// How many places one address has at most.
const OF_ONE: usize = UPLOADS_MAX / 2;

/// How many places each address has that has any.
static TAKEN: Mutex<BTreeMap<IpAddr, usize>> = Mutex::new(BTreeMap::new());

/// A place, until it is dropped.
pub(crate) struct Reading<'a> {
    /// How many bytes may be read.
    pub(crate) bytes_max: usize,
    _place: Option<SemaphorePermit<'a>>,
    _share: Option<Share>,
}

/// One of the places of an address.
struct Share(IpAddr);

impl Share {
    fn of(address: IpAddr) -> Result<Self, Problem> {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let places = taken.entry(address).or_default();
        if *places >= OF_ONE {
            return Err(Problem::unavailable());
        }
        *places += 1;
        Ok(Self(address))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = taken.get_mut(&self.0) {
            *places = places.saturating_sub(1);
            if *places == 0 {
                taken.remove(&self.0);
            }
        }
    }
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
    let share =
        ClientAddress::of(request.extensions()).map(|address| Share::of(address.counted())).transpose()?;
    let place = forum.uploads.try_acquire().map_err(|_| Problem::unavailable())?;
    Ok(Reading { bytes_max: most, _place: Some(place), _share: share })
}
