//! What came on paper: recorded by the secretariat with a scan, and marked.

use base::Instant;
use web::{Actor, Routes, session::Role};

use crate::{
    Forum, NewSubmission, Received, Standing,
    file::{self, Refused},
    submission::ops::receive::ReceiveRefusal,
};

/// What it serves: the page is the desk's.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new()
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PaperRefusal {
    /// Whoever asks has not the role of the secretariat.
    #[error("this is the secretariat's to do")]
    Forbidden,
    /// The scan.
    #[error(transparent)]
    Scan(#[from] Refused),
    /// It is not received.
    #[error(transparent)]
    Receive(#[from] ReceiveRefusal),
}

/// A scan, as it was sent.
#[derive(Clone)]
pub struct Scan {
    /// Its name.
    pub name: String,
    /// What the browser says that it is.
    pub declared: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Forum {
    /// Records what came on paper: `said` as somebody of the secretariat read it, and the scan. What `said.standing` says
    /// is passed over. It is received now, like everything else; when the letter was written stands on the letter.
    ///
    /// # Errors
    /// [`PaperRefusal`].
    pub async fn record_paper(
        &self,
        actor: &Actor,
        said: NewSubmission,
        scan: Scan,
    ) -> Result<Received, PaperRefusal> {
        actor.require(Role::Secretary).map_err(|_| PaperRefusal::Forbidden)?;
        let taken = file::take(&scan.name, scan.declared.as_deref(), scan.bytes)?;
        let digest = taken.file.digest;
        self.keep_file(taken, Instant::from_ms(i64::MAX)).await.map_err(ReceiveRefusal::from)?;
        let standing = Standing::paper(actor, &said.party, digest);
        Ok(self.receive(NewSubmission { standing, ..said }).await?)
    }
}
