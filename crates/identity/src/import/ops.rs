//! The steps of an import. Each may be sent twice.

use std::sync::atomic::Ordering::Relaxed;

use base::{
    Instant,
    limits::{IMPORT_ERASE_MS, IMPORT_PARTS_MAX, IMPORTS_OPEN_MAX, PAGE_ROWS_MAX},
};
use crypto::{random_array, sha256};
use store::Tx;
use web::Actor;

use super::{
    stage::{Found, Progress},
    store as sql,
};
use crate::{
    ImportId, PersonId, Register,
    official::{self, Change},
    record::{
        model::line,
        ops::{Act, names_a_request},
    },
};

/// Where an import stands. One that is not switched within `IMPORT_LIFETIME_S` counts as abandoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Parts come in.
    Receiving,
    /// All parts are there; numbers and requests are being compared with the file and the register.
    Checking,
    /// Everything was checked; without faults it can be switched.
    Checked,
    /// Everybody is in the register.
    Switched,
    /// Nobody is, and nobody will be.
    Abandoned,
}

impl State {
    /// Its name, also in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Switched => "switched",
            Self::Abandoned => "abandoned",
        }
    }

    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Receiving, Self::Checking, Self::Checked, Self::Switched, Self::Abandoned];

    pub(crate) fn from_stored(code: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.code() == code).unwrap_or(Self::Abandoned)
    }
}

/// An import.
#[derive(Debug, Clone)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// Where it stands.
    pub state: State,
    /// Who began it.
    pub actor: String,
    /// How many parts have come.
    pub parts: i64,
    /// How many rows have been compared with the file and the register.
    pub checked: i64,
    /// When it began.
    pub created_at: Instant,
    /// When it was switched or abandoned.
    pub ended_at: Option<Instant>,
    pub(crate) progress: Progress,
    pub(crate) line_checked: i64,
}

impl Import {
    /// How many rows have come.
    pub const fn received(&self) -> i64 {
        self.progress.rows
    }

    /// How many faults were found.
    pub const fn faults(&self) -> i64 {
        self.progress.faults
    }

    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.state, State::Receiving | State::Checking | State::Checked)
    }
}

/// A fault, as it is reported: a place, never what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The line on which its row begins, from 1.
    pub line: i64,
    /// The column, from 1, unless it is the whole row.
    pub column: Option<i64>,
    /// A stable code.
    pub code: String,
    /// What the column is called, or the one that is missing.
    pub name: Option<String>,
}

/// Why a step was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is no such import.
    #[error("there is no such import")]
    NotFound,
    /// The name of the request is empty or too long.
    #[error("this cannot name a request")]
    Request,
    /// Too many are under way.
    #[error("too many imports are under way: switch or abandon one")]
    TooMany,
    /// It was switched or abandoned, or is too old.
    #[error("the import is over")]
    Over,
    /// All parts have come before.
    #[error("the import takes no further parts")]
    Complete,
    /// Parts come one after the other; this is the number of those that have come.
    #[error("{0} parts have come; send the one after them")]
    PartOrder(i64),
    /// This part has come before, with other content.
    #[error("this part has come before with other content")]
    PartDiffers,
    /// Not everything was checked.
    #[error("the import is not checked to its end")]
    NotChecked,
    /// There are faults: see the report.
    #[error("the import has faults: nothing is imported before there are none")]
    HasFaults,
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Register {
    /// Begins an import. A caller that names its `request` gets the same one again, also when that was switched, but
    /// not when it was abandoned.
    pub async fn begin_import(&self, actor: &Actor, request: Option<String>) -> Result<Import, ImportError> {
        if request.as_ref().is_some_and(|r| !names_a_request(r) || !line(&mut r.clone())) {
            return Err(ImportError::Request);
        }
        let id = ImportId::from_random(random_array(&*self.random));
        let (actor, now) = (actor.name().to_owned(), self.clock.now());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                if let Some(request) = &request
                    && let Some(earlier) = sql::by_request(tx, request, now).await?
                {
                    if earlier.state != State::Abandoned {
                        return Ok(earlier);
                    }
                    sql::forget_request(tx, earlier.id).await?;
                }
                if sql::count_open(tx, now).await? >= IMPORTS_OPEN_MAX {
                    return Err(ImportError::TooMany);
                }
                sql::insert(tx, id, &actor, request.as_deref(), now).await?;
                sql::get(tx, id, now).await?.ok_or(ImportError::NotFound)
            })
            .await
    }

    /// How an import stands.
    pub async fn import(&self, id: ImportId) -> Result<Import, ImportError> {
        let now = self.clock.now();
        self.store.read(async move |tx: &mut Tx<'_>| found(tx, id, now).await).await
    }

    /// Takes the part with this number, from 1.
    pub async fn import_part(&self, id: ImportId, part: i64, bytes: &[u8]) -> Result<Import, ImportError> {
        let now = self.clock.now();
        let digest = sha256(bytes);
        let before =
            self.store.read(async move |tx: &mut Tx<'_>| placed(tx, id, part, &digest, now).await).await?;
        let import = match before {
            Placed::Before(import) => return Ok(import),
            Placed::Next(import) => import,
        };
        // Outside of the write, which is the only one there is.
        let (progress, found) = import.progress.read(bytes);
        let people = self.with_ids(found);
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let mut import = match placed(tx, id, part, &digest, now).await? {
                    Placed::Before(import) => return Ok(import),
                    Placed::Next(import) => import,
                };
                import.progress = progress.clone();
                import.parts = part;
                people.insert(tx, id).await?;
                sql::insert_part(tx, id, part, &digest).await?;
                sql::update(tx, &import).await?;
                Ok(import)
            })
            .await
    }

    /// Says that `parts` parts were all, and checks the next `IMPORT_STEP_ROWS` rows; to be called until the state is
    /// [`State::Checked`].
    pub async fn check_import(&self, id: ImportId, parts: i64) -> Result<Import, ImportError> {
        let now = self.clock.now();
        let seen = self.import(id).await?;
        let (progress, found) = seen.progress.finish();
        let people = self.with_ids(found);
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let mut import = self::found(tx, id, now).await?;
                if import.is_open() && import.parts != parts {
                    return Err(ImportError::PartOrder(import.parts));
                }
                match import.state {
                    State::Switched | State::Abandoned => return Err(ImportError::Over),
                    State::Checked => return Ok(import),
                    State::Checking => {}
                    State::Receiving => {
                        if seen.parts != parts {
                            return Err(ImportError::PartOrder(seen.parts));
                        }
                        people.insert(tx, id).await?;
                        import.progress = progress.clone();
                        import.state = State::Checking;
                    }
                }
                sql::check_step(tx, &mut import).await?;
                sql::update(tx, &import).await?;
                Ok(import)
            })
            .await
    }

    /// Registers everybody, in one write, if there is no fault.
    pub async fn switch_import(&self, actor: &Actor, id: ImportId) -> Result<Import, ImportError> {
        let now = self.clock.now();
        let (actor, log) = (actor.name().to_owned(), self.log.clone());
        let switched: Result<Option<Import>, ImportError> = self
            .store
            .write(async move |tx: &mut Tx<'_>| {
                let mut import = found(tx, id, now).await?;
                match import.state {
                    State::Switched => return Ok(Some(import)),
                    State::Abandoned => return Err(ImportError::Over),
                    State::Receiving | State::Checking => return Err(ImportError::NotChecked),
                    State::Checked => {}
                }
                if import.progress.faults > 0 {
                    return Ok(None);
                }
                // Who was registered since the check is a fault that is kept, so that the report names it.
                if sql::note_taken(tx, &mut import, 0, i64::MAX).await? > 0 {
                    sql::update(tx, &import).await?;
                    return Ok(None);
                }
                let reason = format!("import {id}");
                sql::switch(tx, id, &Act { actor: &actor, reason: &reason, at: now }).await?;
                // One leaf for all of them: what came in, part by part.
                let change = Change {
                    act: "imported",
                    subject: id.to_string(),
                    version: 1,
                    content_sha256: sha256(&sql::part_digests(tx, id).await?.concat()),
                    by: &actor,
                    at: now,
                };
                official::append(log.as_ref(), tx, &change).await?;
                import.state = State::Switched;
                import.ended_at = Some(now);
                sql::update(tx, &import).await?;
                Ok(Some(import))
            })
            .await;
        let import = switched?.ok_or(ImportError::HasFaults)?;
        self.erase_imports().await?;
        Ok(import)
    }

    /// Gives an import up and erases what has come of it.
    pub async fn abandon_import(&self, id: ImportId) -> Result<Import, ImportError> {
        let now = self.clock.now();
        let import = self
            .store
            .write(async move |tx: &mut Tx<'_>| {
                let mut import = found(tx, id, now).await?;
                if import.state == State::Switched {
                    return Err(ImportError::Over);
                }
                import.state = State::Abandoned;
                import.ended_at = import.ended_at.or(Some(now));
                sql::forget_request(tx, id).await?;
                sql::update(tx, &import).await?;
                Ok(import)
            })
            .await?;
        self.erase_imports().await?;
        Ok(import)
    }

    /// The faults, in order and after the first `skip`: at most [`PAGE_ROWS_MAX`].
    pub async fn import_faults(&self, id: ImportId, skip: i64) -> Result<Vec<Reported>, ImportError> {
        let now = self.clock.now();
        self.store
            .read(async move |tx: &mut Tx<'_>| {
                found(tx, id, now).await?;
                Ok(sql::faults(tx, id, skip.max(0), PAGE_ROWS_MAX).await?)
            })
            .await
    }

    /// Erases what imports that are over have left, in short writes.
    pub async fn erase_imports(&self) -> Result<(), store::Error> {
        let now = self.clock.now();
        while self.store.write(async move |tx: &mut Tx<'_>| sql::erase_step(tx, now).await).await? {}
        Ok(())
    }

    /// The same, if this instance has not done so for a while: a kill may have come between.
    pub(crate) async fn erase_imports_sometimes(&self) {
        let (now, last) = (self.clock.now().ms(), self.erased_at.load(Relaxed));
        if now.saturating_sub(last) >= IMPORT_ERASE_MS
            && self.erased_at.compare_exchange(last, now, Relaxed, Relaxed).is_ok()
            && let Err(error) = self.erase_imports().await
        {
            tracing::warn!(%error, "what imports have left was not erased; it will be tried again");
        }
    }

    fn with_ids(&self, found: Found) -> Staging {
        let ids = found.people.iter().map(|_| PersonId::from_random(random_array(&*self.random))).collect();
        Staging { ids, found }
    }
}

/// What is to be written of a part.
struct Staging {
    ids: Vec<PersonId>,
    found: Found,
}

impl Staging {
    async fn insert(&self, tx: &mut Tx<'_>, import: ImportId) -> Result<(), store::Error> {
        for (id, staged) in self.ids.iter().zip(&self.found.people) {
            sql::insert_person(tx, import, *id, staged).await?;
        }
        for fault in &self.found.faults {
            sql::insert_fault(tx, import, fault).await?;
        }
        Ok(())
    }
}

async fn found(tx: &mut Tx<'_>, id: ImportId, now: Instant) -> Result<Import, ImportError> {
    sql::get(tx, id, now).await?.ok_or(ImportError::NotFound)
}

/// A part is the next one, or has come before.
enum Placed {
    Next(Import),
    Before(Import),
}

async fn placed(
    tx: &mut Tx<'_>,
    id: ImportId,
    part: i64,
    digest: &[u8; 32],
    now: Instant,
) -> Result<Placed, ImportError> {
    let import = found(tx, id, now).await?;
    if !import.is_open() {
        return Err(ImportError::Over);
    }
    match sql::part(tx, id, part).await? {
        Some(before) if before == digest => Ok(Placed::Before(import)),
        Some(_) => Err(ImportError::PartDiffers),
        None if import.state != State::Receiving || part > IMPORT_PARTS_MAX => Err(ImportError::Complete),
        None if import.parts.checked_add(1) == Some(part) => Ok(Placed::Next(import)),
        None => Err(ImportError::PartOrder(import.parts)),
    }
}
