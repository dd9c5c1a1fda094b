//! The handle: append, receipts, erasure.

use std::sync::Arc;

use ::store::{Store, Tx};
use base::{Clock, Instant, limits::LOG_MERGE_S};
use crypto::{Random, Signer, random_array};
use tokio::sync::watch;

use crate::{
    Fault, LeafId,
    extra::{Extra, commitment},
    merkle::empty_root,
    note::VerifierKey,
    receipt::Receipt,
    sequence::{Head, Noted},
    store as sql,
};

/// What a log is told.
#[derive(Clone)]
pub struct LogConfig {
    /// What it is called, and where its files are: the party's identifier without scheme, then `/log`.
    pub origin: String,
    /// Its key, on Ed25519.
    pub signer: Arc<dyn Signer>,
    /// What remembers outside of the database what was signed last.
    pub head: Option<Arc<dyn Head>>,
}

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its origin cannot be the name of a key, or the key is not on Ed25519.
    #[error(transparent)]
    Key(#[from] Fault),
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

/// Leaves, with what they commit to, in the order of their places.
pub(crate) type LeafPlaces = Vec<(LeafId, [u8; 32])>;

/// An act that is to be logged.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// What kind of act: `register_change`. Kept beside the record, and erased with it.
    pub kind: &'static str,
    /// What is to be provable of it: canonical JSON (RFC 8785), at most `LOG_RECORD_BYTES_MAX`.
    pub record: &'a [u8],
}

/// A record as it is committed to: canonical JSON (RFC 8785).
pub fn record(value: &serde_json::Value) -> Vec<u8> {
    formats::json::canonical(value)
}

/// A party's log. Clones share it.
#[derive(Clone)]
pub struct Log(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    /// Its name without what distinguishes it from those that were lost.
    pub(crate) base: String,
    /// 0, or when it was begun after another was lost.
    pub(crate) begun: i64,
    pub(crate) key: VerifierKey,
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) head: Option<Arc<dyn Head>>,
    /// What stands there.
    pub(crate) noted: watch::Sender<Noted>,
    /// Whose lease it is.
    pub(crate) instance: i64,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

/// The name of the log that was begun then.
pub(crate) fn origin(base: &str, begun: i64) -> String {
    if begun == 0 { base.to_owned() } else { format!("{base}/{begun}") }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({})", self.0.key.name())
    }
}

impl Log {
    /// The log kept in `store`.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(
        config: LogConfig,
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, OpenError> {
        let first = async |tx: &mut Tx<'_>| {
            if let Some(state) = sql::state(tx).await? {
                return Ok(state.begun);
            }
            sql::first_state(tx, 0, &empty_root()).await?;
            Ok::<_, ::store::Error>(0)
        };
        let begun = store.write(first).await?;
        Ok(Self::begun(config, begun, store, clock, random)?)
    }

    /// The log that was begun then.
    pub(crate) fn begun(
        config: LogConfig,
        begun: i64,
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Fault> {
        let LogConfig { origin: base, signer, head } = config;
        let key = VerifierKey::new(&origin(&base, begun), signer.public_key())?;
        let instance = i64::from_be_bytes(random_array(&*random));
        let noted = watch::Sender::default();
        Ok(Self(Arc::new(Inner { base, begun, key, signer, head, noted, instance, store, clock, random })))
    }

    /// The key that verifies its checkpoints, receipts and proofs.
    pub fn key(&self) -> &VerifierKey {
        &self.0.key
    }

    /// What time it is for the log: of an act whose record says when it was, for [`Self::append_at`].
    pub fn now(&self) -> Instant {
        self.0.clock.now()
    }

    /// Appends a leaf that commits to the act's record, in the act's own transaction. It has no place in the tree yet.
    ///
    /// # Errors
    /// The database.
    pub async fn append(&self, tx: &mut Tx<'_>, act: &Act<'_>) -> Result<Receipt, ::store::Error> {
        self.append_at(tx, self.now(), act).await
    }

    /// The same with the instant that the receipt says, which the record may say too.
    ///
    /// # Errors
    /// The database.
    pub async fn append_at(
        &self,
        tx: &mut Tx<'_>,
        received_at: Instant,
        act: &Act<'_>,
    ) -> Result<Receipt, ::store::Error> {
        let log = &*self.0;
        let salt = random_array(&*log.random);
        let commitment = commitment(&salt, act.record);
        let merge_by = received_at.plus_secs(LOG_MERGE_S);
        let leaf = loop {
            let leaf = new_id(received_at, random_array(&*log.random));
            if sql::insert(tx, leaf, &commitment, received_at, merge_by).await? {
                break leaf;
            }
        };
        sql::insert_record(tx, leaf, act.kind, &salt, act.record).await?;
        let extra = Extra::Opened { salt, record: act.record.to_vec() };
        Ok(self.receipt_of(leaf, commitment, received_at, merge_by, extra))
    }

    /// Appends what may be said many times and is logged once: `false` if a record of this kind and content was before.
    ///
    /// # Errors
    /// The database.
    pub async fn append_once(&self, tx: &mut Tx<'_>, act: &Act<'_>) -> Result<bool, ::store::Error> {
        let digest = crypto::sha256(&[act.kind.as_bytes(), &[0], act.record].concat());
        let noted = sql::once(tx, &digest).await?;
        if noted {
            self.append(tx, act).await?;
        }
        Ok(noted)
    }

    fn receipt_of(
        &self,
        leaf: LeafId,
        commitment: [u8; 32],
        received_at: Instant,
        merge_by: Instant,
        extra: Extra,
    ) -> Receipt {
        let (key, signer) = (self.0.key.clone(), Arc::clone(&self.0.signer));
        Receipt { leaf, commitment, received_at, merge_by, extra, key, signer }
    }

    /// The receipt of a leaf, as it was first given; without salt and record if they were erased.
    ///
    /// # Errors
    /// The database.
    pub async fn receipt(&self, leaf: LeafId) -> Result<Option<Receipt>, ::store::Error> {
        let found = self.0.store.read(async move |tx: &mut Tx<'_>| sql::leaf(tx, leaf).await).await?;
        Ok(found.map(|found| {
            let extra = found.opened.map_or(Extra::Nothing, |(salt, record)| Extra::Opened { salt, record });
            self.receipt_of(leaf, found.commitment, found.received_at, found.merge_by, extra)
        }))
    }
}

/// Forgets salt and record of a leaf, so that nobody can tell any more what it commits to. The leaf stays, and so does
/// every proof. `false` if they were forgotten before.
///
/// # Errors
/// The database.
pub async fn erase(tx: &mut Tx<'_>, leaf: LeafId) -> Result<bool, ::store::Error> {
    sql::erase(tx, leaf).await
}

/// What a leaf commits to, wherever its place is: the entry that proofs of it are about. `None` if there is no such leaf.
///
/// # Errors
/// The database.
pub async fn commitment_of(tx: &mut Tx<'_>, leaf: LeafId) -> Result<Option<[u8; 32]>, ::store::Error> {
    Ok(sql::leaf(tx, leaf).await?.map(|leaf| leaf.commitment))
}

/// An id that begins with the time: leaves are kept, and get their places, about in the order in which they came.
/// Milliseconds take 42 bits (until the year 2109), chance the others; whoever draws one that exists draws again.
fn new_id(at: Instant, random: [u8; 4]) -> LeafId {
    const CHANCE_BITS: u32 = 21;
    let time = at.ms() & ((1 << 42) - 1);
    let chance = i64::from(u32::from_be_bytes(random)) & ((1 << CHANCE_BITS) - 1);
    LeafId::from_i64(((time << CHANCE_BITS) | chance).max(1))
}
