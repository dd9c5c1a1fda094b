//! The staff interface to imports, under `/staff/v1/imports`.
//!
//! Begin one, put its parts, ask for checks until its state is `checked`, then switch it, or look at its report and
//! abandon it. Every request may be sent twice.

use axum::{
    Json, Router,
    body::Body,
    extract::{FromRequest, Path, Query, Request, State, rejection::QueryRejection},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use base::{
    Instant,
    limits::{IMPORT_LIFETIME_S, PAGE_ROWS_MAX},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use web::{
    Actor, JsonBody, Problem,
    body::{RawBody, has_media_type},
};

use super::ops::{Import, ImportError};
use crate::{ImportId, Register, record::api::database};

pub(crate) fn routes() -> Router<Register> {
    Router::new()
        .route("/staff/v1/imports", post(begin))
        .route("/staff/v1/imports/{id}", get(show).delete(abandon))
        .route("/staff/v1/imports/{id}/parts/{part}", put(part))
        .route("/staff/v1/imports/{id}/check", post(check))
        .route("/staff/v1/imports/{id}/report", get(report))
        .route("/staff/v1/imports/{id}/switch", post(switch))
}

/// Erases what imports have left, now and then, whatever is asked of the register.
pub(crate) async fn erase_sometimes(
    State(register): State<Register>,
    request: Request<Body>,
    next: Next,
) -> Response {
    register.erase_imports_sometimes().await;
    next.run(request).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    /// The caller's own name for this import: sent twice, it is one import.
    request: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct All {
    parts: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    skip: i64,
}

#[derive(Serialize)]
struct ImportView {
    id: ImportId,
    state: &'static str,
    parts: i64,
    received: i64,
    checked: i64,
    faults: i64,
    actor: String,
    created_at: String,
    expires_at: String,
    ended_at: Option<String>,
}

impl From<Import> for ImportView {
    fn from(i: Import) -> Self {
        Self {
            id: i.id,
            state: i.state.code(),
            parts: i.parts,
            received: i.received(),
            checked: i.checked,
            faults: i.faults(),
            created_at: i.created_at.rfc3339(),
            expires_at: i.created_at.plus_secs(IMPORT_LIFETIME_S).rfc3339(),
            ended_at: i.ended_at.map(Instant::rfc3339),
            actor: i.actor,
        }
    }
}

async fn begin(
    actor: Actor,
    State(register): State<Register>,
    JsonBody(new): JsonBody<New>,
) -> Result<Response, Problem> {
    let import = register.begin_import(&actor, new.request).await.map_err(problem)?;
    Ok((StatusCode::CREATED, Json(ImportView::from(import))).into_response())
}

async fn show(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(register.import(import_id(&id)?).await.map_err(problem)?.into()))
}

async fn part(
    _: Actor,
    State(register): State<Register>,
    Path((id, part)): Path<(String, String)>,
    request: Request,
) -> Result<Json<ImportView>, Problem> {
    let id = import_id(&id)?;
    let number = part.parse().ok().filter(|n| *n >= 1).ok_or_else(|| Problem::not_found("part"))?;
    if !has_media_type(&request, "text/csv") {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "content_type", "Send text/csv, in UTF-8."));
    }
    let RawBody(bytes) = RawBody::from_request(request, &()).await?;
    Ok(Json(register.import_part(id, number, &bytes).await.map_err(problem)?.into()))
}

async fn check(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
    JsonBody(all): JsonBody<All>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(register.check_import(import_id(&id)?, all.parts).await.map_err(problem)?.into()))
}

async fn report(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(page) =
        page.map_err(|_| Problem::bad_request("query", "Send `skip`, a number, or nothing."))?;
    let faults = register.import_faults(import_id(&id)?, page.skip).await.map_err(problem)?;
    let full = i64::try_from(faults.len()).is_ok_and(|n| n == PAGE_ROWS_MAX);
    let next = full.then(|| page.skip.max(0).saturating_add(PAGE_ROWS_MAX));
    let faults: Vec<Value> = faults
        .into_iter()
        .map(|f| json!({ "line": f.line, "column": f.column, "name": f.name, "code": f.code }))
        .collect();
    Ok(Json(json!({ "faults": faults, "next": next })))
}

async fn switch(
    actor: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(register.switch_import(&actor, import_id(&id)?).await.map_err(problem)?.into()))
}

async fn abandon(
    _: Actor,
    State(register): State<Register>,
    Path(id): Path<String>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(register.abandon_import(import_id(&id)?).await.map_err(problem)?.into()))
}

fn import_id(text: &str) -> Result<ImportId, Problem> {
    text.parse().map_err(|_| Problem::not_found("import"))
}

fn problem(error: ImportError) -> Problem {
    let said = error.to_string();
    match error {
        ImportError::NotFound => Problem::not_found("import"),
        ImportError::Request => Problem::bad_request("request", said),
        ImportError::TooMany => Problem::conflict("too_many_imports", said),
        ImportError::Over => Problem::conflict("import_over", said),
        ImportError::Complete => Problem::conflict("import_complete", said),
        ImportError::PartOrder(_) => Problem::conflict("part_order", said),
        ImportError::PartDiffers => Problem::conflict("part_differs", said),
        ImportError::NotChecked => Problem::conflict("import_not_checked", said),
        ImportError::HasFaults => Problem::conflict("import_has_faults", said),
        ImportError::Store(e) => database(&e),
    }
}
