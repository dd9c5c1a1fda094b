//! The forum as a whole: what its operations need, and its routes.

use std::sync::Arc;

use ask::Ask;
use axum::{Router, extract::FromRef};
use base::{
    Clock,
    limits::{EXPORTS_MAX, UPLOADS_MAX},
};
use crypto::Random;
use log::Log;
use store::Store;
use tokio::sync::Semaphore;
use web::{Routes, StaffTokens, session::Role};

use crate::{
    Credentials, Participants, addressee, answer, call, circular, desk, draft, export, file, notice, paper,
    participant, public, sign, submission, unsigned,
};

/// What a forum is told.
#[derive(Debug, Clone)]
pub struct ForumConfig {
    /// Its identifier: an origin, without a slash at the end.
    pub identifier: String,
    /// What it is called.
    pub name: String,
    /// The zone in which its deadlines are meant, by its name in the IANA database: `Europe/Zurich`.
    pub host_zone: String,
    /// Where to ask: an office's address, said to everybody.
    pub contact: String,
    /// What keyed digests are made with: the same on every instance that shares a database.
    pub server_secret: [u8; 32],
    /// The authorities by which its signatures are judged, its own among them: certificates, PEM. They go with each export.
    pub anchors: String,
}

/// The forum of one party. Clones share everything.
#[derive(Clone)]
pub struct Forum {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) log: Log,
    pub(crate) ask: Option<Ask>,
    pub(crate) config: Arc<ForumConfig>,
    pub(crate) staff: StaffTokens,
    /// Which credentials sign.
    pub(crate) credentials: Arc<Credentials>,
    /// Who makes participants' cards.
    pub(crate) participants: Option<Arc<dyn Participants>>,
    /// How many forms with files are read at once.
    pub(crate) uploads: Arc<Semaphore>,
    /// How many exports are made at once.
    pub(crate) exports: Arc<Semaphore>,
}

impl std::fmt::Debug for Forum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Forum({})", self.config.identifier)
    }
}

impl FromRef<Forum> for StaffTokens {
    fn from_ref(forum: &Forum) -> Self {
        forum.staff.clone().needing(Role::Secretary)
    }
}

impl Forum {
    /// The forum kept in `store`, whose acts are leaves of `log`, open to `staff`; without `ask` nobody can sign.
    pub fn new(
        config: ForumConfig,
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        log: Log,
        ask: Option<Ask>,
        staff: StaffTokens,
    ) -> Self {
        Self {
            store,
            clock,
            random,
            log,
            ask,
            config: Arc::new(config),
            staff,
            credentials: Arc::default(),
            participants: None,
            uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
            exports: Arc::new(Semaphore::new(EXPORTS_MAX)),
        }
    }

    /// The log that its acts are leaves of.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// The same, whose exports name these authorities: see [`ForumConfig::anchors`].
    #[must_use]
    pub fn with_anchors(mut self, anchors: String) -> Self {
        self.config = Arc::new(ForumConfig { anchors, ..(*self.config).clone() });
        self
    }

    /// What it was told.
    pub fn config(&self) -> &ForumConfig {
        &self.config
    }

    /// The address of a call, which stands in canonical submissions.
    pub fn call_address(&self, symbol: &str) -> String {
        format!("{}/calls/{symbol}", self.config.identifier)
    }

    /// Everything that it serves.
    pub fn routes(self) -> Routes {
        Routes::new()
            .merge(circular::api::routes())
            .merge(addressee::api::routes())
            .merge(call::api::routes())
            .merge(submission::api::routes())
            .merge(answer::routes())
            .merge(draft::routes())
            .merge(file::routes())
            .merge(sign::routes())
            .merge(participant::routes())
            .merge(unsigned::routes())
            .merge(notice::routes())
            .merge(paper::routes())
            .merge(public::routes())
            .merge(desk::routes())
            .merge(export::routes())
            .with_state(self)
    }

    /// The calls that can be answered now, with the way to do it, for a front page: HTML; empty without any.
    pub async fn open_calls(&self, reader: &web::Reader) -> Result<String, web::Problem> {
        public::open_calls(self, reader).await
    }

    /// The same, without what is said of it.
    pub fn router(self) -> Router {
        self.routes().into_router()
    }
}
