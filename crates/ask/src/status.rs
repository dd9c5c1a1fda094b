//! Whether what was shown is suspended or revoked: the one outside call of this crate, never made inside a write.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    sync::Arc,
};

use base::{
    Instant,
    limits::{
        EVIDENCE_STATUS_BYTES_MAX, STATUS_CACHE_BYTES_MAX, STATUS_CACHE_MAX, STATUS_LIST_LIFETIME_S,
        STATUS_LIST_TOKEN_BYTES_MAX, STATUS_LIST_TTL_S,
    },
};
use formats::{
    evidence::{Evidence, StatusCopy},
    sd_jwt_vc::{StatusRef, VerifiedCredential},
    status_list::{self, StatusToken},
    vp::{
        RequestObject, StatusFinding, UndeterminedStatus, VpToken, is_callable, judge_kept_status,
        verify_answer,
    },
};
use futures_util::future::join_all;
use store::Tx;

use crate::{Ask, Outcome, RequestId, store as tables};

/// Media type of a status list token (draft-ietf-oauth-status-list-14, section 8.1).
const STATUS_MEDIA_TYPE: &str = "application/statuslist+jwt";

/// Gets what other parties publish. The server wires it to an HTTP client that follows no redirects, waits no longer
/// than `FETCH_TIMEOUT_MS` and reads no more than `STATUS_LIST_TOKEN_BYTES_MAX`.
pub trait Fetch: Send + Sync + 'static {
    /// A GET; `url` has been checked to be https, or http on the loopback where this asker itself is there.
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + 'a>>;
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The HTTP status.
    pub status: u16,
    /// The media type without its parameters, in lower case.
    pub media_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// There was no answer: no name, no connection, no time, no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer")]
pub struct FetchError;

/// Lists that were fetched and verified.
#[derive(Debug, Default)]
pub(crate) struct Lists(BTreeMap<String, Kept>);

/// What is used again from when it was fetched until it is too old.
#[derive(Debug)]
struct Kept {
    looked: Looked,
    at: Instant,
    until: Instant,
}

/// What was found at an address: the text that goes into evidence, and what it says.
#[derive(Debug, Clone)]
struct Looked {
    text: Arc<str>,
    token: Result<Arc<StatusToken>, status_list::Refusal>,
}

impl Looked {
    /// How much memory it takes, about.
    fn bytes(&self) -> usize {
        let list = self.token.as_ref().map_or(0, |token| token.list.as_bytes().len());
        self.text.len().saturating_add(list)
    }
}

impl Lists {
    fn get(&self, uri: &str, now: Instant) -> Option<Looked> {
        // A clock that was set back must not make it last longer.
        let lasts = |kept: &&Kept| kept.at <= now && now < kept.until;
        self.0.get(uri).filter(lasts).map(|kept| kept.looked.clone())
    }

    fn keep(&mut self, uri: &str, looked: Looked, until: Instant, now: Instant) {
        self.0.remove(uri);
        let full = |lists: &Self| {
            let bytes: usize = lists.0.values().map(|kept| kept.looked.bytes()).sum();
            lists.0.len() >= STATUS_CACHE_MAX || bytes.saturating_add(looked.bytes()) > STATUS_CACHE_BYTES_MAX
        };
        if full(self) {
            self.0.retain(|_, kept| kept.at <= now && now < kept.until);
        }
        // An issuer with many long lists must not keep everybody else's out: what ends soonest makes room.
        while full(self) {
            let soonest = self.0.iter().min_by_key(|(_, kept)| kept.until).map(|(uri, _)| uri.clone());
            let Some(soonest) = soonest else { return };
            self.0.remove(&soonest);
        }
        self.0.insert(uri.to_owned(), Kept { looked, at: now, until });
    }
}

/// What the lists say about all credentials of an answer.
#[derive(Debug, Default)]
pub(crate) struct Statuses {
    /// Revoked or suspended: the answer is invalid.
    pub(crate) invalid: Option<&'static str>,
    /// Nothing can be said about one of them.
    pub(crate) undetermined: Option<&'static str>,
    /// The tokens that were looked at, one an address; what is no token is not among them.
    pub(crate) tokens: Vec<StatusCopy>,
}

impl Ask {
    /// Why what was shown in answer to this request counts no more, if a list says so by now, or whoever issued it is not
    /// trusted any more: its code. Nothing where it counts, or nothing can be said: what is not known is not revoked.
    ///
    /// # Errors
    /// The database's.
    pub async fn over_since(&self, request: RequestId) -> Result<Option<&'static str>, store::Error> {
        let read = async move |tx: &mut Tx<'_>| tables::outcome(tx, request).await;
        let Some(Outcome::Valid(proof)) = self.inner.store.read(read).await? else { return Ok(None) };
        let Ok(evidence) = Evidence::parse(&proof.evidence) else { return Ok(None) };
        let object = RequestObject::read_unverified(&evidence.request);
        let (Ok(object), Ok(shown)) = (object, VpToken::parse(&evidence.vp_token)) else { return Ok(None) };
        // As of when it came: what was right then, but for the status.
        let answer = match verify_answer(&object, &shown, &self.inner.trust.anchors, evidence.time) {
            Ok(answer) => answer,
            Err(refusal) => return Ok(Some(refusal.code())),
        };
        if answer.all().any(|c| !self.inner.trust.may_issue(&c.issuer.anchor_sha256, &c.vct)) {
            return Ok(Some("issuer_not_for_type"));
        }
        Ok(self.statuses(answer.all(), self.inner.clock.now()).await.invalid)
    }

    /// Looks up every credential. A revoked one decides, whatever else is undetermined.
    pub(crate) async fn statuses<'c>(
        &self,
        credentials: impl Iterator<Item = &'c VerifiedCredential>,
        now: Instant,
    ) -> Statuses {
        let mut statuses = Statuses::default();
        let credentials: Vec<(&VerifiedCredential, &StatusRef)> =
            credentials.filter_map(|c| Some((c, c.status.as_ref()?))).collect();
        let uris: BTreeSet<&str> = credentials.iter().map(|(_, r)| r.uri.as_str()).collect();
        // All at once: slow lists of many credentials take no longer than one.
        let tokens = join_all(uris.iter().map(|uri| self.status_token(uri, now))).await;
        let mut room = EVIDENCE_STATUS_BYTES_MAX;
        let mut fit = |looked: Looked| {
            // Evidence that is too long to be checked would be none.
            room = room.checked_sub(looked.text.len()).ok_or(UndeterminedStatus::TooLong)?;
            Ok(looked)
        };
        let tokens: BTreeMap<&str, Result<Looked, UndeterminedStatus>> =
            uris.into_iter().zip(tokens).map(|(uri, token)| (uri, token.and_then(&mut fit))).collect();
        let anchors = &self.inner.trust.anchors;
        let mut copied = BTreeSet::new();
        for (credential, reference) in credentials {
            let finding = match tokens.get(reference.uri.as_str()) {
                Some(Ok(Looked { token: Ok(token), .. })) => {
                    judge_kept_status(reference, &credential.issuer, token, anchors, now)
                }
                Some(Ok(Looked { token: Err(refusal), .. })) => {
                    StatusFinding::Undetermined((*refusal).into())
                }
                Some(Err(why)) => StatusFinding::Undetermined(*why),
                None => StatusFinding::Undetermined(UndeterminedStatus::Unreachable),
            };
            if let Some(Ok(looked)) = tokens.get(reference.uri.as_str())
                && !matches!(
                    finding,
                    StatusFinding::Undetermined(UndeterminedStatus::Malformed | UndeterminedStatus::TooLong)
                )
                && copied.insert(&reference.uri)
            {
                let copy = StatusCopy { uri: reference.uri.clone(), token: looked.text.as_ref().to_owned() };
                statuses.tokens.push(copy);
            }
            match finding {
                StatusFinding::Valid => {}
                StatusFinding::Undetermined(why) => {
                    statuses.undetermined.get_or_insert(why.code());
                }
                StatusFinding::Revoked | StatusFinding::Suspended => {
                    statuses.invalid = statuses.invalid.or(finding.code());
                }
            }
        }
        statuses
    }

    async fn status_token(&self, uri: &str, now: Instant) -> Result<Looked, UndeterminedStatus> {
        let kept = self.inner.lists.lock().ok().and_then(|lists| lists.get(uri, now));
        if let Some(looked) = kept {
            return Ok(looked);
        }
        if !is_callable(uri, self.insecure_loopback()) {
            return Err(UndeterminedStatus::Address);
        }
        let answer = self.inner.fetch.get(uri).await.map_err(|FetchError| UndeterminedStatus::Unreachable)?;
        if answer.status != 200 {
            return Err(UndeterminedStatus::HttpStatus);
        }
        // Section 8.1 of the standard; a page that says that one must log in is no list.
        if answer.media_type != STATUS_MEDIA_TYPE {
            return Err(UndeterminedStatus::Malformed);
        }
        if answer.body.len() > STATUS_LIST_TOKEN_BYTES_MAX {
            return Err(UndeterminedStatus::TooLong);
        }
        let text: Arc<str> =
            String::from_utf8(answer.body).map_err(|_| UndeterminedStatus::Malformed)?.trim().into();
        let token = status_list::verify_token(&text, uri, &self.inner.trust.anchors, now).map(Arc::new);
        let looked = Looked { text, token };
        // Only what verifies is kept: a broken answer is asked for again.
        if let Ok(verified) = &looked.token {
            // However long an issuer allows, what it revokes counts within a day.
            let own = verified.ttl_s.unwrap_or(STATUS_LIST_TTL_S).min(STATUS_LIST_LIFETIME_S);
            let age = self.inner.config.status_max_age_s.map_or(own, |most| most.min(own));
            let until = now.plus_secs(age);
            let until = verified.exp.map_or(until, |exp| exp.min(until));
            if let Ok(mut lists) = self.inner.lists.lock() {
                lists.keep(uri, looked.clone(), until, now);
            }
        }
        Ok(looked)
    }
}
