//! Limits on what can be guessed, by address, and on what costs much, by account.
//!
//! Read in this order: [`Guess`] and [`Costly`] (what is limited), [`Limits`] (the counting), [`Caller`] (how a handler
//! asks), then `store.rs`. Why it is so: `docs/adr/014-rate-limits.md`.
//!
//! A request that presents a secret is looked up before anything else is done with it: of whom too many were wrong, the
//! next is refused, be it right or wrong. What is right costs no write, and no read but one a second for all requests
//! together; what is wrong is counted in memory at once and in the database before it is answered, so that other
//! instances and the next start of the program know it. The database keeps keyed digests, no addresses and no names.

mod caller;
pub(crate) mod store;

use std::{
    collections::HashMap,
    net::IpAddr,
    ops::RangeInclusive,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use ::store::{Error, Store, Tx};
use base::{
    Clock, Instant,
    limits::{
        ASKS_PER_ACCOUNT_MAX, CARDS_PER_ADDRESS_MAX, CLOCK_SKEW_S, DRAFTS_PER_ADDRESS_MAX,
        KEPT_KIB_PER_ADDRESS_MAX, LETTERS_PER_ADDRESS_MAX, LETTERS_TO_ONE_MAX, LIMIT_ADDRESSES_MAX,
        LIMIT_ERASE_ROWS, LIMIT_LOOK_MS, LIMIT_WINDOW_S, SEARCHES_PER_ACCOUNT_MAX, WRONG_SECRETS_MAX,
    },
};
use crypto::hmac_sha256;
use serde::Deserialize;

use crate::ClientAddress;

pub use self::caller::Caller;

/// What can be guessed at, or tried in vain at our cost. Each is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// A bearer token of the staff.
    StaffToken,
    /// What is brought to a token endpoint: pre-authorized codes, transaction codes, refresh tokens.
    Grant,
    /// An access token.
    AccessToken,
    /// What is shown with an access token: key proofs, nonces, notification ids.
    WithToken,
    /// The address of an offer.
    Offer,
    /// The addresses of a presentation request: the request itself, where it is answered, where one waits for it.
    Request,
    /// An answer to a presentation request.
    Answer,
    /// Signing in: beginning, and coming back.
    Login,
    /// The address of an invitation.
    Invitation,
}

/// Who tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who<'a> {
    /// Whoever is at this address; `None` stands for everybody of whom nothing is known.
    Address(Option<IpAddr>),
    /// Whoever has this secret, which a stranger cannot name.
    Account(&'a str),
}

/// What costs much, or tells much if done again and again. Each is counted by account, or, of whoever needs none, by
/// address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Costly {
    /// Searching the register.
    Search,
    /// Making a presentation request.
    Ask,
    /// Beginning something without an account: to sign in, a draft, a file, a request to sign.
    TakePart,
    /// Being given a participant's card.
    Card,
    /// Having a mail sent to an address that nobody has confirmed.
    Letter,
    /// The same, counted by whom it is sent to.
    LetterTo,
    /// Having something kept without an account: a KiB of a draft, of a file, of what is to be signed.
    Keep,
}

/// How much is allowed in a window of `LIMIT_WINDOW_S` seconds; what is not said is as in `base::limits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Allowed {
    /// Wrong secrets of one kind from one address, and wrong proofs with one access token.
    pub wrong_secrets: u32,
    /// Searches by one account.
    pub searches: u32,
    /// Presentation requests by one account.
    pub asks: u32,
    /// Drafts, files and requests to sign from one address.
    pub drafts: u32,
    /// Participants' cards for one address.
    pub cards: u32,
    /// Mails to addresses that nobody has confirmed, sent for one address.
    pub letters: u32,
    /// What is kept for one address of drafts, files and requests to sign, KiB.
    pub kept_kib: u32,
}

impl Default for Allowed {
    fn default() -> Self {
        Self {
            wrong_secrets: WRONG_SECRETS_MAX,
            searches: SEARCHES_PER_ACCOUNT_MAX,
            asks: ASKS_PER_ACCOUNT_MAX,
            drafts: DRAFTS_PER_ADDRESS_MAX,
            cards: CARDS_PER_ADDRESS_MAX,
            letters: LETTERS_PER_ADDRESS_MAX,
            kept_kib: KEPT_KIB_PER_ADDRESS_MAX,
        }
    }
}

/// Too much: nothing was looked at, nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// When it is worth trying again, seconds, at least 1.
    pub retry_after_s: i64,
}

/// Why something costly is not done.
#[derive(Debug)]
pub enum SpendError {
    /// The account has done it too often.
    TooMany(TooMany),
    /// It could not be counted.
    Store(Error),
}

/// Of whom, and of what, in the form in which it is kept.
type Key = [u8; 16];

/// How much was counted, in a window that began with the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    counted: i64,
    ends_at: Instant,
}

impl Count {
    const fn new(now: Instant) -> Self {
        Self { counted: 0, ends_at: now.plus_secs(LIMIT_WINDOW_S) }
    }

    /// Whether its window is under way. One that would last longer than a window can was begun before the clock was set
    /// back, and is over.
    fn is_live(&self, now: Instant) -> bool {
        now < self.ends_at && self.ends_at <= now.plus_secs(LIMIT_WINDOW_S + CLOCK_SKEW_S)
    }
}

/// What this instance knows. Each of the maps has at most `LIMIT_ADDRESSES_MAX` entries.
#[derive(Default)]
struct View {
    /// Of whom something was wrong here.
    wrong: HashMap<Key, Count>,
    /// Who is refused, until when; in the database too, and those of other instances.
    refused: HashMap<Key, Instant>,
    /// What accounts may still do without asking the database.
    leased: HashMap<Key, Count>,
}

impl View {
    fn forget_ended(&mut self, now: Instant) {
        self.wrong.retain(|_, count| count.is_live(now));
        self.leased.retain(|_, count| count.is_live(now));
        self.refused.retain(|_, ends_at| Count { counted: 0, ends_at: *ends_at }.is_live(now));
    }

    fn refuse(&mut self, key: Key, ends_at: Instant) {
        if self.refused.len() < LIMIT_ADDRESSES_MAX || self.refused.contains_key(&key) {
            self.refused.insert(key, ends_at);
        }
    }
}

/// The limits of one installation. Clones share everything.
#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Arc<dyn Clock>,
    key: [u8; 32],
    allowed: Allowed,
    view: Mutex<View>,
    /// When the database was last asked who is refused, milliseconds.
    looked_at: AtomicI64,
}

impl std::fmt::Debug for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Limits").field(&self.0.allowed).finish()
    }
}

impl Limits {
    /// The limits kept in `store`, with what was counted before. `server_secret` keys the digests: the same on every
    /// instance that shares the database.
    pub async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        server_secret: &[u8; 32],
        allowed: Allowed,
    ) -> Result<Self, Error> {
        let now = clock.now();
        let limits = Self(Arc::new(Inner {
            store,
            clock,
            key: hmac_sha256(server_secret, b"sahihi web limits"),
            allowed,
            view: Mutex::default(),
            looked_at: AtomicI64::new(now.ms()),
        }));
        limits.read_refused(now).await?;
        Ok(limits)
    }

    /// Whether what they show may be looked at.
    pub async fn check(&self, guess: Guess, who: Who<'_>) -> Result<(), TooMany> {
        let now = self.0.clock.now();
        self.look(now).await;
        self.refused(|| self.key_of(guess, who), now)
    }

    /// What they showed was wrong. Counted in memory whatever happens, and durably once this answers `Ok`.
    pub async fn failed(&self, guess: Guess, who: Who<'_>) -> Result<(), Error> {
        let (now, max) = (self.0.clock.now(), i64::from(self.0.allowed.wrong_secrets));
        let key = self.key_of(guess, who);
        {
            let mut view = self.view();
            // Who has so many addresses is not stopped by counting them; the memory and the disk are for others.
            if view.wrong.len() >= LIMIT_ADDRESSES_MAX && !view.wrong.contains_key(&key) {
                return Ok(());
            }
            let count = view.wrong.entry(key).or_insert_with(|| Count::new(now));
            if !count.is_live(now) {
                *count = Count::new(now);
            }
            count.counted += 1;
            let Count { counted, ends_at } = *count;
            if counted >= max {
                view.refuse(key, ends_at);
            }
            // It was already refused when this one was on its way: there is nothing more to know.
            if counted > max {
                return Ok(());
            }
        }
        let kept = self.count(key, 1, max, now).await?;
        let mut view = self.view();
        if let Some(count) = view.wrong.get_mut(&key) {
            *count = Count { counted: kept.counted.max(count.counted), ..kept };
        }
        if kept.counted >= max {
            view.refuse(key, kept.ends_at);
        }
        Ok(())
    }

    /// Whether they may do this once more; if so, it is counted. Several are taken from the database at once, so
    /// what is counted there is never less than what was done.
    pub async fn spend(&self, costly: Costly, who: Who<'_>) -> Result<(), SpendError> {
        self.spend_so_much(costly, who, 1).await
    }

    /// The same of what is counted by how much it is. What does not fit any more is refused alone: who shares an address with
    /// somebody who sends much can still send little.
    pub async fn spend_so_much(&self, costly: Costly, who: Who<'_>, much: u32) -> Result<(), SpendError> {
        let (now, much) = (self.0.clock.now(), i64::from(much));
        let max = i64::from(match costly {
            Costly::Search => self.0.allowed.searches,
            Costly::Ask => self.0.allowed.asks,
            Costly::TakePart => self.0.allowed.drafts,
            Costly::Card => self.0.allowed.cards,
            Costly::Letter => self.0.allowed.letters,
            Costly::LetterTo => LETTERS_TO_ONE_MAX,
            Costly::Keep => self.0.allowed.kept_kib,
        });
        let key = match who {
            Who::Account(account) => self.key(b'c', costly as u8, account.as_bytes()),
            Who::Address(None) => self.key(b'd', costly as u8, &[]),
            Who::Address(Some(address)) => match ClientAddress(address).counted() {
                IpAddr::V4(v4) => self.key(b'e', costly as u8, &v4.octets()),
                IpAddr::V6(v6) => self.key(b'f', costly as u8, &v6.octets()),
            },
        };
        self.look(now).await;
        self.refused(|| key, now).map_err(SpendError::TooMany)?;
        {
            let mut view = self.view();
            let enough = |left: &&mut Count| left.counted >= much && left.is_live(now);
            if let Some(left) = view.leased.get_mut(&key).filter(enough) {
                left.counted -= much;
                return Ok(());
            }
        }
        // Of more accounts than that nothing is taken in advance: the memory is for others.
        let is_kept = {
            let view = self.view();
            view.leased.len() < LIMIT_ADDRESSES_MAX || view.leased.contains_key(&key)
        };
        let lease = if is_kept { (max / LEASES).clamp(1, LEASE_MAX).max(much) } else { much };
        let taken = self.take(key, much..=lease, max, now).await.map_err(SpendError::Store)?;
        let mut view = self.view();
        if taken.counted < much {
            // What is less may still fit.
            if taken.counted == NOTHING_LEFT {
                view.refuse(key, taken.ends_at);
            }
            drop(view);
            return Err(SpendError::TooMany(too_many(taken.ends_at, now)));
        }
        if is_kept {
            let left = view.leased.entry(key).or_insert(Count { counted: 0, ..taken });
            let before = if left.is_live(now) { left.counted } else { 0 };
            *left = Count { counted: before + taken.counted - much, ..taken };
        }
        Ok(())
    }

    /// Erases what is over, some hundred rows a write; answers how many there were.
    pub async fn erase_expired(&self) -> Result<u64, Error> {
        let now = self.0.clock.now();
        self.view().forget_ended(now);
        let latest = now.plus_secs(LIMIT_WINDOW_S + CLOCK_SKEW_S);
        let mut all = 0;
        loop {
            let erase =
                async move |tx: &mut Tx<'_>| store::delete_ended(tx, now, latest, LIMIT_ERASE_ROWS).await;
            let erased = self.0.store.write(erase).await?;
            all += erased;
            if i64::try_from(erased).is_ok_and(|rows| rows < LIMIT_ERASE_ROWS) {
                return Ok(all);
            }
        }
    }

    fn refused(&self, key: impl FnOnce() -> Key, now: Instant) -> Result<(), TooMany> {
        if self.view().refused.is_empty() {
            return Ok(());
        }
        // Not made while others wait.
        let key = key();
        let ends_at = self.view().refused.get(&key).copied();
        match ends_at {
            Some(ends_at) if (Count { counted: 0, ends_at }).is_live(now) => Err(too_many(ends_at, now)),
            _ => Ok(()),
        }
    }

    /// Asks the database who is refused, if that was long enough ago. One request does it for all; the others go on with
    /// what is known.
    async fn look(&self, now: Instant) {
        let at = &self.0.looked_at;
        let last = at.load(Ordering::Relaxed);
        let due = now.ms() < last || now.ms() >= last.saturating_add(LIMIT_LOOK_MS);
        if !due || at.compare_exchange(last, now.ms(), Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        if let Err(error) = self.read_refused(now).await {
            tracing::warn!(%error, "who is refused could not be read; it will be tried again");
        }
    }

    async fn read_refused(&self, now: Instant) -> Result<(), Error> {
        let read = async move |tx: &mut Tx<'_>| store::over(tx, now, LIMIT_ADDRESSES_MAX).await;
        let refused = self.0.store.read(read).await?;
        let mut view = self.view();
        view.forget_ended(now);
        for (key, ends_at) in refused {
            view.refuse(key, ends_at);
        }
        Ok(())
    }

    /// Adds to what the database has counted; from `over_from` on, everybody is told that it is too much.
    async fn count(&self, key: Key, more: i64, over_from: i64, now: Instant) -> Result<Count, Error> {
        let add = async move |tx: &mut Tx<'_>| {
            let known = store::find(tx, &key).await?.filter(|count| count.is_live(now));
            let mut count = known.unwrap_or_else(|| Count::new(now));
            count.counted = count.counted.saturating_add(more);
            store::put(tx, &key, &count, count.counted >= over_from).await?;
            Ok::<_, Error>(count)
        };
        self.0.store.write(add).await
    }

    /// Takes what may still be done of `max` from the database: as much of `wanted` as is left, and nothing if that is less
    /// than its least. [`NOTHING_LEFT`] when nothing at all is: then everybody is told.
    async fn take(
        &self,
        key: Key,
        wanted: RangeInclusive<i64>,
        max: i64,
        now: Instant,
    ) -> Result<Count, Error> {
        let take = async move |tx: &mut Tx<'_>| {
            let known = store::find(tx, &key).await?.filter(|count| count.is_live(now));
            let mut count = known.unwrap_or_else(|| Count::new(now));
            let left = max.saturating_sub(count.counted);
            let taken = if left <= 0 {
                NOTHING_LEFT
            } else if left < *wanted.start() {
                0
            } else {
                left.min(*wanted.end())
            };
            if taken != 0 {
                count.counted = count.counted.saturating_add(taken.max(0));
                store::put(tx, &key, &count, taken == NOTHING_LEFT).await?;
            }
            Ok::<_, Error>(Count { counted: taken, ..count })
        };
        self.0.store.write(take).await
    }

    fn key_of(&self, guess: Guess, who: Who<'_>) -> Key {
        let address = match who {
            Who::Account(secret) => return self.key(b's', guess as u8, secret.as_bytes()),
            Who::Address(address) => address.map(|address| ClientAddress(address).counted()),
        };
        match address {
            None => self.key(b'u', guess as u8, &[]),
            Some(IpAddr::V4(v4)) => self.key(b'4', guess as u8, &v4.octets()),
            Some(IpAddr::V6(v6)) => self.key(b'6', guess as u8, &v6.octets()),
        }
    }

    fn key(&self, of: u8, what: u8, name: &[u8]) -> Key {
        let digest = hmac_sha256(&self.0.key, &[&[of, what], name].concat());
        let mut key = Key::default();
        key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        key
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.0.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// In how many parts an account takes what it may do from the database.
const LEASES: i64 = 100;
/// How much it takes at once at the most: what was taken is lost with an instance that ends.
const LEASE_MAX: i64 = 2_000;
/// What is taken where all was taken before.
const NOTHING_LEFT: i64 = -1;

fn too_many(ends_at: Instant, now: Instant) -> TooMany {
    let left_ms = ends_at.ms().saturating_sub(now.ms());
    TooMany { retry_after_s: left_ms.saturating_add(999).div_euclid(1_000).max(1) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
