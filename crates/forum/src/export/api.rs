//! `/calls/{symbol}/export.tar`: the export as one file, for anybody, once the call is published.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use base::limits::EXPORTS_MAX;
use futures_util::stream;
use http::{Extensions, Method, StatusCode, header};
use tar::{Builder, Header};
use tokio::sync::OwnedSemaphorePermit;
use web::{Names, Problem, Routes};

use super::write::{Entry, Export, ExportRefusal};
use crate::{
    Forum,
    share::{Share, Shares},
};

/// What it serves.
pub(crate) fn routes() -> Routes<Forum> {
    Routes::new().page(Method::GET, "/calls/{symbol}/export.tar", export)
}

/// Making one reads all of a call: not many at once, and for one address half of those at most. Who takes one in slowly
/// keeps nobody else out.
static SHARES: Shares = Shares::new(EXPORTS_MAX / 2);

impl From<ExportRefusal> for Problem {
    fn from(refusal: ExportRefusal) -> Self {
        match refusal {
            ExportRefusal::NoSuchCall => Self::not_found("call"),
            ExportRefusal::NotPublished => Self::new(
                StatusCode::CONFLICT,
                "not_published",
                "There is an export once the call is published.",
            ),
            ExportRefusal::NotLogged | ExportRefusal::Changed => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_logged",
                "The log has not taken all of it yet: try again in a moment.",
            ),
            ExportRefusal::Store(error) => Self::internal(&error),
        }
    }
}

async fn export(
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    extensions: Extensions,
) -> Result<Response, Problem> {
    let busy = "Others are being given an export: try again in a moment.";
    let share = SHARES.take(&extensions)?;
    let turn = Arc::clone(&forum.exports).try_acquire_owned();
    let turn = turn.map_err(|_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", busy))?;
    let export = forum.export(&symbol).await?;
    let name = format!("attachment; filename=\"{}.tar\"", symbol.replace(['"', '\\'], ""));
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(stream::try_unfold(Packing::new(export, (turn, share)), Packing::next)))
        .into_response())
}

/// An export on its way out.
struct Packing {
    export: Export,
    archive: Option<Builder<Vec<u8>>>,
    at: u64,
    _turn: Turn,
}

/// What whoever is given an export holds until they have it.
type Turn = (OwnedSemaphorePermit, Option<Share>);

impl Packing {
    fn new(export: Export, turn: Turn) -> Self {
        let at = export.published_at().and_then(|at| u64::try_from(at.secs()).ok()).unwrap_or_default();
        Self { export, archive: Some(Builder::new(Vec::new())), at, _turn: turn }
    }

    /// The next bytes. What fails here breaks the answer off, so that nobody takes a part for the whole.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, std::io::Error> {
        let Some(mut archive) = self.archive.take() else { return Ok(None) };
        let entries = self.export.next().await.map_err(std::io::Error::other)?;
        let Some(entries) = entries else {
            return Ok(Some((archive.into_inner()?.into(), self)));
        };
        for Entry { path, bytes } in entries {
            let mut header = Header::new_ustar();
            header.set_path(&path)?;
            header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            header.set_mode(0o644);
            header.set_mtime(self.at);
            header.set_cksum();
            archive.append(&header, bytes.as_slice())?;
        }
        let written = std::mem::take(archive.get_mut());
        self.archive = Some(archive);
        Ok(Some((written.into(), self)))
    }
}
