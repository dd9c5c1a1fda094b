//! The sequencer: gives waiting leaves their places and signs the tree.
//!
//! Every instance runs it. One step reads what waits and the right edge of the tree, computes and signs outside of any
//! write, and moves the log in one write, which happens only if the log still is where it was read: so no place is given
//! twice and none is left out, whoever runs when. The lease beside it only keeps several instances from computing the
//! same for nothing.
//!
//! Before it signs, a step makes sure that the tree continues what was signed before: the state's root must be that of
//! the tiles, the checkpoint must be of that tree, and the newest checkpoint that this instance noted outside of the
//! database (see [`Head`]) must be of a tree with which this one begins. Each tree is noted there as soon as it is seen, by
//! every instance, and an instance shows nobody what it signed before that ([`Log::is_noted`]): so a database of any
//! moment before is noticed.

use std::{sync::Arc, time::Duration};

use ::store::Tx;
use base::{
    Instant,
    limits::{LOG_IDLE_S, LOG_LEASE_MS, LOG_STEP_LEAVES_MAX, LOG_STEP_MS},
};
use tokio::{
    task,
    time::{MissedTickBehavior, timeout},
};

use crate::{
    Fault, Log,
    checkpoint::Checkpoint,
    log::{LeafPlaces, origin},
    merkle::{self, Hash},
    note::Note,
    store::{self as sql, State},
    tile::{Edge, Kind, Tiles, hashes, needed, partial},
};

/// What remembers, outside of the database, which checkpoint was signed last.
pub trait Head: Send + Sync {
    /// The one that was kept last.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn load(&self) -> Result<Option<String>, String>;

    /// Keeps this one instead.
    ///
    /// # Errors
    /// Why it cannot be kept.
    fn keep(&self, checkpoint: &str) -> Result<(), String>;
}

/// What an instance knows to stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Noted {
    /// It did not look yet.
    #[default]
    Nothing,
    /// This tree.
    Tree(i64, Hash),
    /// The newest one could not be kept.
    Failed,
}

impl Noted {
    fn is(self, state: &State) -> bool {
        self == Self::Tree(state.size, state.root)
    }
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stepped {
    /// Nothing was to be signed.
    Idle,
    /// Another instance did it, or is doing it.
    Others,
    /// So many leaves were given their places, and the tree was signed.
    Placed(usize),
    /// The same tree was signed and dated again.
    Dated,
}

/// Why a step was not made.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// Tiles, root and checkpoint do not go together.
    #[error("the log in the database is damaged: {0}")]
    Damaged(&'static str),
    /// A later or another tree was signed before: see docs/adr/018.
    #[error(
        "the log in the database does not continue the checkpoint that was noted beside its key: nothing is signed. \
         Bring back the newest database, or begin a new log with `sahihi log begin`"
    )]
    Behind,
    /// What was signed last cannot be read or kept.
    #[error("the newest checkpoint cannot be read or kept: {0}")]
    Head(String),
    /// The key.
    #[error("the log's key cannot sign")]
    Signing,
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

/// What a step starts from.
struct Found {
    state: State,
    edge: Edge,
    waiting: LeafPlaces,
    /// Whether something is to be signed.
    due: bool,
}

impl Log {
    /// One step.
    ///
    /// # Errors
    /// [`StepError`].
    pub async fn step(&self) -> Result<Stepped, StepError> {
        let now = self.0.clock.now();
        let Some(found) = self.found(now).await? else { return Ok(Stepped::Idle) };
        if found.state.begun != self.0.begun {
            return Err(StepError::Damaged("another log was begun: restart"));
        }
        match self.continues(&found.state, &found.edge).await {
            // Another instance moved the log since it was read, and noted that before this one looked.
            Err(StepError::Behind) if self.has_moved(&found.state).await? => return Ok(Stepped::Others),
            continues => continues?,
        }
        let Found { state, edge, waiting, due } = found;
        self.note(&state).await?;
        if !due {
            return Ok(Stepped::Idle);
        }
        let mine = state.holder == self.0.instance;
        let over = state.lease_until <= now || state.lease_until > plausible(now);
        if !mine && !over {
            return Ok(Stepped::Others);
        }
        let entries: Vec<_> = waiting.iter().map(|(_, commitment)| *commitment).collect();
        let grown = edge.grow(&entries);
        let root = grown.edge.root().ok_or(StepError::Damaged("a tile is missing"))?;
        let checkpoint = Checkpoint { origin: self.key().name().to_owned(), size: grown.edge.size, root };
        let note = checkpoint.sign(self.key(), &*self.0.signer, now).map_err(|_| StepError::Signing)?;
        let next = State {
            size: i64::try_from(grown.edge.size).unwrap_or(i64::MAX),
            root,
            checkpoint: Some(note),
            signed_at: now,
            holder: self.0.instance,
            lease_until: now.plus_ms(LOG_LEASE_MS),
            begun: state.begun,
        };
        let count = waiting.len();
        let signed = next.clone();
        let changed = grown.changed;
        let write = async move |tx: &mut Tx<'_>| {
            // First, so that whoever comes second stops here and nothing of what he read is used.
            if !sql::advance(tx, &state, &next, plausible(now)).await?
                || !sql::place(tx, &waiting, state.size).await?
            {
                return Err(Stopped::Overtaken);
            }
            for (tile, content) in &changed {
                sql::put_tile(tx, *tile, content).await?;
            }
            Ok(())
        };
        match self.0.store.write(write).await {
            Ok(()) => {}
            Err(Stopped::Overtaken) => return Ok(Stepped::Others),
            Err(Stopped::Store(error)) => return Err(error.into()),
        }
        self.note(&signed).await?;
        Ok(if count == 0 { Stepped::Dated } else { Stepped::Placed(count) })
    }

    /// Steps for ever, [`LOG_STEP_MS`] after one another, or at once while more waits than one step takes.
    pub async fn run(&self) {
        let mut due = tokio::time::interval(Duration::from_millis(LOG_STEP_MS));
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut said = None;
        loop {
            due.tick().await;
            let most = usize::try_from(LOG_STEP_LEAVES_MAX).unwrap_or(usize::MAX);
            let mut stepped = self.step().await;
            while matches!(stepped, Ok(Stepped::Placed(placed)) if placed == most) {
                stepped = self.step().await;
            }
            // Said once, not ten times a second.
            let fault = stepped.err().map(|error| error.to_string());
            if let Some(error) = &fault
                && said != fault
            {
                tracing::error!(error, "the log is not signed");
            }
            said = fault;
        }
    }

    /// What is to be done, if anything is.
    async fn found(&self, now: Instant) -> Result<Option<Found>, ::store::Error> {
        let (noted, is_kept) = (*self.0.noted.borrow(), self.0.head.is_some());
        let read = async move |tx: &mut Tx<'_>| {
            let Some(state) = sql::state(tx).await? else { return Ok(None) };
            let waiting = sql::waiting(tx, LOG_STEP_LEAVES_MAX).await?;
            let over = state.checkpoint.is_none() || state.signed_at.plus_secs(LOG_IDLE_S) <= now;
            let due = over || !waiting.is_empty();
            if !due && (!is_kept || noted.is(&state)) {
                return Ok(None);
            }
            let edge = edge(tx, &state).await?;
            Ok(Some(Found { state, edge, waiting, due }))
        };
        self.0.store.read(read).await
    }

    /// Whether what is in the database continues everything that is known to have been signed.
    pub(crate) async fn continues(&self, state: &State, edge: &Edge) -> Result<(), StepError> {
        if edge.root() != Some(state.root) {
            return Err(StepError::Damaged("the tiles are not of the tree that was signed"));
        }
        if let Some(note) = &state.checkpoint {
            let (signed, _) = Checkpoint::open(note, self.key())
                .map_err(|_| StepError::Damaged("the checkpoint is not signed by the log's key"))?;
            if signed.size != edge.size || signed.root != state.root {
                return Err(StepError::Damaged("the checkpoint is of another tree"));
            }
        }
        // What this instance signed itself it knows; what others did, or it did before it was started, it looks at.
        if state.holder == self.0.instance {
            return Ok(());
        }
        let Some(head) = &self.0.head else { return Ok(()) };
        let Some(note) = head.load().map_err(StepError::Head)? else { return Ok(()) };
        let base = &self.0.base;
        let unreadable = |fault: Fault| StepError::Head(fault.to_string());
        let text = Note::parse(&note).map_err(unreadable)?.text;
        let head = Checkpoint::from_text(text).map_err(unreadable)?;
        match begun_of(base, &head.origin) {
            // That one was lost, and this one begun after it.
            Some(begun) if begun < state.begun => Ok(()),
            Some(begun)
                if begun == state.begun && self.root_at(head.size, edge).await? == Some(head.root) =>
            {
                Ok(())
            }
            _ => Err(StepError::Behind),
        }
    }

    /// Whether the log is in another state by now.
    pub(crate) async fn has_moved(&self, from: &State) -> Result<bool, ::store::Error> {
        let state = self.0.store.read(async |tx: &mut Tx<'_>| sql::state(tx).await).await?;
        Ok(state.as_ref() != Some(from))
    }

    /// The root of the first `size` leaves; `None` if there are fewer.
    async fn root_at(&self, size: u64, edge: &Edge) -> Result<Option<Hash>, ::store::Error> {
        if size > edge.size {
            return Ok(None);
        }
        let wanted = needed(|get| merkle::root(size, &mut |level, n| get(level, n)));
        let read = async move |tx: &mut Tx<'_>| {
            let mut tiles = Tiles::default();
            for (level, n) in &wanted {
                let content = sql::tile(tx, Kind::Hashes(*level), *n).await?;
                if let Some(hashes) = content.as_deref().and_then(hashes) {
                    tiles.insert(*level, *n, hashes);
                }
            }
            Ok::<_, ::store::Error>(merkle::root(size, &mut |level, n| tiles.get(level, n)))
        };
        self.0.store.read(read).await
    }

    /// Notes beside the key what was signed, unless it stands there, or what came after it: who shares a folder may have seen
    /// more meanwhile.
    pub(crate) async fn note(&self, signed: &State) -> Result<(), StepError> {
        let noted = &self.0.noted;
        let (Some(head), Some(note)) = (&self.0.head, &signed.checkpoint) else { return Ok(()) };
        if noted.borrow().is(signed) {
            return Ok(());
        }
        let (head, note) = (Arc::clone(head), note.clone());
        // It waits for a disk; but instances that share a folder need not write the same.
        let keep = move || match head.load()? {
            Some(there) if there == note || is_later(&there, &note) => Ok(()),
            _ => head.keep(&note),
        };
        let kept = task::spawn_blocking(keep).await;
        let kept = kept.unwrap_or_else(|error| Err(error.to_string()));
        noted.send_replace(if kept.is_ok() { Noted::Tree(signed.size, signed.root) } else { Noted::Failed });
        kept.map_err(StepError::Head)
    }

    /// Whether this may be shown: what this instance signed is noted beside the key first, which takes a moment.
    pub(crate) async fn is_noted(&self, state: &State) -> bool {
        if self.0.head.is_none() || state.holder != self.0.instance {
            return true;
        }
        let mut noted = self.0.noted.subscribe();
        // That of a tree may be over when it is looked at: a later one stands there then.
        let reached = |noted: &Noted| match noted {
            Noted::Tree(size, _) => *size >= state.size,
            Noted::Nothing => false,
            Noted::Failed => true,
        };
        let moment = Duration::from_millis(LOG_STEP_MS.saturating_mul(10));
        let waited = timeout(moment, noted.wait_for(reached)).await;
        matches!(waited, Ok(Ok(noted)) if *noted != Noted::Failed)
    }
}

/// Whether `there` is of a longer tree of the same log.
fn is_later(there: &str, than: &str) -> bool {
    let read = |note: &str| Note::parse(note).and_then(|note| Checkpoint::from_text(note.text)).ok();
    match (read(there), read(than)) {
        (Some(there), Some(than)) => there.origin == than.origin && there.size > than.size,
        _ => false,
    }
}

/// The right edge of the tree.
pub(crate) async fn edge(tx: &mut Tx<'_>, state: &State) -> Result<Edge, ::store::Error> {
    let mut edge = Edge { size: u64::try_from(state.size).unwrap_or_default(), ..Edge::default() };
    for level in crate::tile::levels(edge.size) {
        let content = match partial(level, edge.size) {
            Some(tile) => sql::tile(tx, tile.kind, tile.n).await?.unwrap_or_default(),
            None => Vec::new(),
        };
        edge.tiles.push(content);
    }
    if let Some(tile) = partial(0, edge.size) {
        edge.entries = sql::tile(tx, Kind::Entries, tile.n).await?.unwrap_or_default();
    }
    Ok(edge)
}

/// Which log of this party it is: 0 the first; `None` if it is none of this party.
fn begun_of(base: &str, name: &str) -> Option<i64> {
    if name == base {
        return Some(0);
    }
    let begun = name.strip_prefix(base)?.strip_prefix('/')?.parse().ok()?;
    (origin(base, begun) == name).then_some(begun)
}

/// No lease of ours ends later.
fn plausible(now: Instant) -> Instant {
    now.plus_ms(LOG_LEASE_MS.saturating_mul(10))
}

enum Stopped {
    Overtaken,
    Store(::store::Error),
}

impl From<::store::Error> for Stopped {
    fn from(error: ::store::Error) -> Self {
        Self::Store(error)
    }
}

/// Begins another log after a restore: leaves that were sequenced since the backup are not known, so the old one cannot
/// be continued without signing a fork. The new one has a name of its own, and every leaf that is known.
///
/// # Errors
/// The database.
pub async fn after_restore(tx: &mut Tx<'_>, now: Instant) -> Result<(), ::store::Error> {
    let before = sql::state(tx).await?.map_or(0, |state| state.begun);
    let begun = now.secs().max(before.saturating_add(1));
    sql::begin_anew(tx, begun, &merkle::empty_root()).await
}
