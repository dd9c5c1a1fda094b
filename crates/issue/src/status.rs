//! Status lists (Token Status List, draft 14): which index a credential gets, and the signed lists.
//!
//! Indices are random among the free ones of the newest list; a list that is half full is followed by the next, so
//! that a free one is found soon. A list has a version in the database, which every change of status moves in the
//! same write: an instance signs anew when the version is another than that of the token it has.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use ::store::Tx;
use base::{
    Instant,
    limits::{STATUS_AGGREGATION_MAX, STATUS_CACHE_MAX, STATUS_LIST_ENTRIES, STATUS_LIST_LIFETIME_S},
};
use formats::status_list::{Aggregation, Bits, NewToken, StatusList};

use crate::{
    Issuer,
    fetch::FetchError,
    issuer::Inner,
    model::{Status, StatusIndex},
    signers::NoSigner,
    store as sql,
};

/// How many copies of credentials a list takes before the next one is begun.
const FULL_AT: i64 = STATUS_LIST_ENTRIES / 2;
/// How many neighbouring indices are counted to see how full a list is. Indices are taken at random, so a part of the
/// list is as full as the whole, to a hundredth or so, however long lists become.
const SAMPLE: i64 = 1 << 14;
/// How many copies an instance issues before it looks again how full all instances made the list.
const RECOUNT_AFTER: i64 = 256;
/// How many random indices are tried for one copy: at most half of them are taken.
const DRAWS_MAX: usize = 64;

/// What an instance remembers of the lists; the database has the truth.
#[derive(Default)]
pub(crate) struct Lists {
    newest: Mutex<Option<Newest>>,
    tokens: Mutex<HashMap<i64, Signed>>,
    /// Held by whoever makes a token. A long list takes a while, and all who ask for it want the same one.
    signing: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy)]
struct Newest {
    list: i64,
    /// How many more copies may go there before it is looked at again.
    left: i64,
}

#[derive(Clone)]
struct Signed {
    version: i64,
    at: Instant,
    token: Arc<str>,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    #[error("there is no such list")]
    NoSuchList,
    #[error("another instance has the key that signs this list")]
    NotOurs,
    #[error("signing failed: {0}")]
    Signing(String),
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

impl From<NoSigner> for ListError {
    fn from(why: NoSigner) -> Self {
        match why {
            NoSigner::Ended => Self::NoSuchList,
            NoSigner::Unknown => Self::NotOurs,
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What is remembered is whole at every moment, whoever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    /// `count` different indices of the newest list that are free now. Another instance may take them meanwhile.
    pub(crate) async fn free_indices(self: &Arc<Self>, count: usize) -> Result<Vec<StatusIndex>, FetchError> {
        let wanted = i64::try_from(count).unwrap_or(i64::MAX);
        let list = self.list_for(wanted).await?;
        let reading = self.clone();
        let indices = self
            .store
            .read(async move |tx: &mut Tx<'_>| {
                let mut found = BTreeSet::new();
                for _ in 0..count.saturating_mul(DRAWS_MAX) {
                    let idx = reading.random_index();
                    if !found.contains(&idx) && !sql::is_taken(tx, list, idx).await? {
                        found.insert(idx);
                    }
                    if found.len() == count {
                        break;
                    }
                }
                Ok::<_, ::store::Error>(found)
            })
            .await?;
        if indices.len() < count {
            return Err(FetchError::Collision);
        }
        Ok(indices.into_iter().map(|idx| StatusIndex { list, idx }).collect())
    }

    fn random_index(&self) -> i64 {
        // 131,072 divides 2^64: every index is as likely as every other.
        const { assert!(STATUS_LIST_ENTRIES.count_ones() == 1, "the number of entries is a power of two") };
        i64::from_be_bytes(self.bytes()).rem_euclid(STATUS_LIST_ENTRIES)
    }

    /// The newest list, or the next one when that is half full.
    async fn list_for(&self, wanted: i64) -> Result<i64, ::store::Error> {
        if let Some(newest) = &mut *locked(&self.lists.newest)
            && newest.left >= wanted
        {
            newest.left -= wanted;
            return Ok(newest.list);
        }
        const { assert!(SAMPLE <= STATUS_LIST_ENTRIES && STATUS_LIST_ENTRIES % SAMPLE == 0) };
        let from = self.random_index() / SAMPLE * SAMPLE;
        let root = self.signers.root().to_vec();
        let (reading, handle) = (root.clone(), self.config.handle.clone());
        let of = handle.clone();
        let newest = async move |tx: &mut Tx<'_>| {
            let Some(list) = sql::newest_list(tx, &of, &reading).await? else { return Ok(None) };
            let taken = sql::count_taken(tx, list, from, from + SAMPLE).await?;
            Ok::<_, ::store::Error>(Some((list, taken * (STATUS_LIST_ENTRIES / SAMPLE))))
        };
        let (list, used) = match self.store.read(newest).await? {
            Some((list, used)) if used < FULL_AT => (list, used),
            full => {
                let full = full.map(|(list, _)| list);
                let begin = async move |tx: &mut Tx<'_>| {
                    let newest = sql::newest_list(tx, &handle, &root).await?;
                    if let Some(list) = newest.filter(|_| newest != full) {
                        return Ok(list);
                    }
                    // Lists of all roots and issuers are numbered together: a list has one address.
                    let next = sql::last_list(tx).await? + 1;
                    sql::insert_list(tx, &handle, next, &root).await?;
                    Ok::<_, ::store::Error>(next)
                };
                (self.store.write(begin).await?, 0)
            }
        };
        let left = (FULL_AT - used).min(RECOUNT_AFTER).saturating_sub(wanted).max(0);
        *locked(&self.lists.newest) = Some(Newest { list, left });
        Ok(list)
    }
}

impl Inner {
    /// The token that we have, unless the list was changed since or the token is past half its life.
    async fn fresh_token(&self, list: i64) -> Result<Option<Arc<str>>, ListError> {
        let handle = self.config.handle.clone();
        let kept = self.store.read(async move |tx: &mut Tx<'_>| sql::list(tx, &handle, list).await).await?;
        let (version, root) = kept.ok_or(ListError::NoSuchList)?;
        let now = self.now();
        self.signers.of(root.as_deref(), now)?;
        let fresh = |s: &&Signed| {
            s.version == version && s.at <= now && now < s.at.plus_secs(STATUS_LIST_LIFETIME_S / 2)
        };
        Ok(locked(&self.lists.tokens).get(&list).filter(fresh).map(|signed| signed.token.clone()))
    }
}

impl Issuer {
    /// Every list that still says something, the newest first (draft 14, section 9.3).
    pub(crate) async fn status_lists(&self) -> Result<Aggregation, ::store::Error> {
        let issuer = &self.0;
        let most = i64::try_from(STATUS_AGGREGATION_MAX).unwrap_or(i64::MAX);
        let handle = issuer.config.handle.clone();
        let read = async move |tx: &mut Tx<'_>| sql::lists(tx, &handle, most).await;
        let lists = issuer.store.read(read).await?;
        let now = issuer.now();
        // One whose key another instance has is read there.
        let ended =
            |root: Option<&[u8]>| issuer.signers.of(root, now).is_err_and(|why| why == NoSigner::Ended);
        let listed = lists.iter().filter(|(_, root)| !ended(root.as_deref()));
        Ok(Aggregation {
            status_lists: listed.map(|(list, _)| issuer.addresses.status_list(*list)).collect(),
        })
    }

    /// The token of a list, signed anew if its version moved or the token we have is past half its life.
    pub(crate) async fn status_list(&self, list: i64) -> Result<Arc<str>, ListError> {
        let issuer = &self.0;
        if let Some(token) = issuer.fresh_token(list).await? {
            return Ok(token);
        }
        let _turn = issuer.lists.signing.lock().await;
        // Who was before may have made it.
        if let Some(token) = issuer.fresh_token(list).await? {
            return Ok(token);
        }
        let now = issuer.now();
        let handle = issuer.config.handle.clone();
        let read = async move |tx: &mut Tx<'_>| {
            let kept = sql::list(tx, &handle, list).await?;
            let known = sql::restore::known_of_closed(tx, list).await?;
            Ok::<_, ::store::Error>((kept, known, sql::statuses(tx, list).await?))
        };
        let (kept, known, statuses) = issuer.store.read(read).await?;
        let (version, root) = kept.ok_or(ListError::NoSuchList)?;
        let signer = issuer.signers.of(root.as_deref(), now)?;
        let failed = |e: &dyn std::fmt::Display| ListError::Signing(e.to_string());
        let entries = usize::try_from(STATUS_LIST_ENTRIES).unwrap_or_default();
        let mut bits = StatusList::new(Bits::Two, entries);
        if let Some(known) = known {
            // What was issued after the backup is not known, nor whether it was revoked: it is not shown as valid.
            let known: BTreeSet<i64> = known.into_iter().collect();
            for idx in (0..STATUS_LIST_ENTRIES).filter(|idx| !known.contains(idx)) {
                let idx = u64::try_from(idx).unwrap_or_default();
                bits.set(idx, Status::Revoked.on_list()).map_err(|e| failed(&e))?;
            }
        }
        for (idx, status) in statuses {
            bits.set(u64::try_from(idx).unwrap_or_default(), status.on_list()).map_err(|e| failed(&e))?;
        }
        let sub = issuer.addresses.status_list(list);
        // Draft 14, section 5.1: ttl is a positive number. Where a list must not be kept at all it says one second.
        let ttl = issuer.config.status_ttl_s.max(1);
        let token = NewToken {
            sub: &sub,
            iat: now,
            exp: now.plus_secs(STATUS_LIST_LIFETIME_S),
            ttl_s: ttl,
            aggregation_uri: Some(&issuer.addresses.status_lists()),
            list: &bits,
        };
        let token: Arc<str> = token.sign(signer).map_err(|e| failed(&e))?.into();
        let mut tokens = locked(&issuer.lists.tokens);
        if tokens.len() >= STATUS_CACHE_MAX
            && let Some(oldest) = tokens.iter().min_by_key(|(_, signed)| signed.at).map(|(list, _)| *list)
        {
            tokens.remove(&oldest);
        }
        tokens.insert(list, Signed { version, at: now, token: token.clone() });
        Ok(token)
    }
}
