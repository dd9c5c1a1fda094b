//! The log's files over HTTP: under `/log/`, as C2SP tlog-tiles says.
//!
//! They are no operations of ours and stand in no document of our interfaces: tlog-tiles describes them.

use ::store::Tx;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderName, Method, header};
use web::{Problem, Routes};

use crate::{LeafId, Log, page, store as sql, tile::Tile};

/// Plain text (tlog-tiles, Checkpoints).
const TEXT: &str = "text/plain; charset=utf-8";
/// Tiles and bundles never change (tlog-tiles, Merkle Tree).
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Kept for a moment at most (tlog-tiles, Checkpoints).
const MOMENT: &str = "public, max-age=1";

pub(crate) fn routes(log: Log) -> Routes {
    Routes::new()
        .page(Method::GET, "/log", page::show)
        .page(Method::POST, "/log", page::check)
        .page(Method::GET, "/log/checkpoint", checkpoint)
        .page(Method::GET, "/log/key", key)
        .page(Method::GET, "/log/tile/{*rest}", tile)
        .page(Method::GET, "/log/receipts/{leaf}", receipt)
        .with_state(log)
}

/// An answer that whoever runs in a browser may read too.
fn file(media_type: &'static str, cache: &'static str, content: impl IntoResponse) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, cache),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content).into_response()
}

/// What the database says when it does not do what it is asked.
pub(crate) fn failed(error: &::store::Error) -> Response {
    if error.is_busy() || error.is_unavailable() {
        Problem::unavailable().into_response()
    } else {
        Problem::internal(error).into_response()
    }
}

async fn checkpoint(State(log): State<Log>) -> Response {
    match log.checkpoint().await {
        Ok(Some(checkpoint)) => file(TEXT, MOMENT, checkpoint),
        // The first one is signed within a second of the first start. One that cannot be noted is not shown.
        Ok(None) => Problem::unavailable().into_response(),
        Err(error) => failed(&error),
    }
}

async fn key(State(log): State<Log>) -> Response {
    file(TEXT, MOMENT, format!("{}\n", log.key()))
}

async fn tile(State(log): State<Log>, Path(rest): Path<String>) -> Response {
    let Some(tile) = Tile::parse(&format!("tile/{rest}")) else {
        return Problem::not_found("tile").into_response();
    };
    match log.tile(tile).await {
        Ok(Some(content)) => file("application/octet-stream", FOREVER, content),
        Ok(None) => Problem::not_found("tile").into_response(),
        Err(error) => failed(&error),
    }
}

/// The proof once there is one, before that the receipt; neither with the record.
async fn receipt(State(log): State<Log>, Path(leaf): Path<String>) -> Response {
    let Ok(leaf) = leaf.parse::<LeafId>() else { return Problem::not_found("leaf").into_response() };
    let found = async {
        if let Some(proof) = log.public_proof(leaf).await? {
            return Ok(Some(proof));
        }
        let receipt = log.receipt(leaf).await?;
        Ok::<_, ::store::Error>(receipt.map(|receipt| receipt.to_public_file()))
    };
    match found.await {
        Ok(Some(text)) => file(TEXT, "no-cache", text),
        Ok(None) => Problem::not_found("leaf").into_response(),
        Err(error) => failed(&error),
    }
}

impl Log {
    /// The log's files, under `/log/`.
    pub fn routes(&self) -> Routes {
        routes(self.clone())
    }

    /// A tile or bundle of the tree that was signed last; `None` if that has none such. What is wider than asked for is
    /// cut: whoever knows an older checkpoint finds what belongs to it.
    ///
    /// # Errors
    /// The database.
    pub async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, ::store::Error> {
        let read = async move |tx: &mut Tx<'_>| sql::tile(tx, tile.kind, tile.n).await;
        let kept = self.0.store.read(read).await?;
        Ok(kept.and_then(|content| content.get(..tile.bytes()).map(<[u8]>::to_vec)))
    }
}
