//! The staff interface to imports, under `/staff/v1/imports`.
//!
//! Begin one, put its parts, ask for checks until its state is `checked`, then switch it, or look at its report and
//! abandon it. Every request may be sent twice.

use axum::{
    Json,
    body::Body,
    extract::{FromRequest, Query, Request, State, rejection::QueryRejection},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base::{
    Instant,
    limits::{BODY_BYTES_MAX, IMPORT_FAULTS_MAX, IMPORT_LIFETIME_S, IMPORT_STEP_ROWS, PAGE_ROWS_MAX},
};
use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use web::{
    Actor, JsonBody, Names, Operation, Problem, Routes,
    body::{RawBody, has_media_type},
    openapi::{
        Shape,
        leaf::{IdOf, Time},
    },
};

use super::ops::{Import, ImportError};
use crate::{
    ImportId, ImportKind, Register,
    record::{api::database, model::TEXT_CHARS_MAX, shapes::line},
};

const TAG: &str = "Imports";

pub(crate) fn routes() -> Routes<Register> {
    let of = |method: Method, what: &str, id: &str| {
        Operation::new(method, format!("/staff/v1/imports/{{id}}{what}"), id)
            .id_in_path::<ImportKind>("id", "Which import.")
            .refuses(PROBLEMS)
    };
    let as_it_is = "The import as it is now.";
    let put = format!(
        "People as CSV (RFC 4180) in UTF-8, the first row of the first part naming the columns. Parts are cut anywhere, \
         each at most {BODY_BYTES_MAX} bytes, numbered from 1, and put in their order; the last one may be put again."
    );
    let number = serde_json::json!({ "type": "integer", "minimum": 1 });
    Routes::new()
        .add(
            Operation::post("/staff/v1/imports", "beginImport")
                .says(TAG, "Begin an import of people", "With a `request`, the same request may be sent again.")
                .answers::<ImportView>(StatusCode::CREATED, "The import.")
                .refuses(PROBLEMS)
                .example(serde_json::json!({ "request": "register of 1 March" })),
            begin,
        )
        .add(
            of(Method::GET, "", "showImport")
                .says(TAG, "How far an import is", "")
                .answers::<ImportView>(StatusCode::OK, as_it_is),
            show,
        )
        .add(
            of(Method::POST, "/abandon", "abandonImport")
                .says(TAG, "Abandon an import", "Nobody of it will be in the register. It is still shown, as `abandoned`.")
                .answers::<ImportView>(StatusCode::OK, as_it_is),
            abandon,
        )
        .add(
            of(Method::PUT, "/parts/{part}", "putPartOfImport")
                .says(TAG, "Put a part of the file", put)
                .in_path("part", "Which part, from 1.", Shape::Given(number))
                // Without a type: whatever it is, it is sent as text.
                .takes("text/csv", "The part.", Shape::Given(serde_json::json!({ "description": "CSV, cut anywhere." })))
                .code(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type")
                .code(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large")
                .example("family_name,given_name,birthdate\nBah,Amina,1990-04-17\n".into())
                .answers::<ImportView>(StatusCode::OK, as_it_is),
            part,
        )
        .add(
            of(Method::POST, "/check", "checkImport")
                .says(
                    TAG,
                    "Say that all parts are there, and have some rows checked",
                    format!("Checks {IMPORT_STEP_ROWS} rows; ask again until the state is `checked`."),
                )
                .example(serde_json::json!({ "parts": 1 }))
                .answers::<ImportView>(StatusCode::OK, as_it_is),
            check,
        )
        .add(
            of(Method::GET, "/report", "showFaultsOfImport")
                .says(
                    TAG,
                    "What is wrong with the file",
                    format!("At most {IMPORT_FAULTS_MAX} faults are looked for. A fault never repeats what the cell says."),
                )
                .answers::<Report>(StatusCode::OK, "The faults, by line, a page at a time."),
            report,
        )
        .add(
            of(Method::POST, "/switch", "switchImport")
                .says(TAG, "Put everybody into the register", "All of them at once, in one write.")
                .answers::<ImportView>(StatusCode::OK, as_it_is),
            switch,
        )
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

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewImport")]
struct New {
    /// The caller's own name for this import: sent twice, it is one import.
    #[schemars(length(min = 1, max = TEXT_CHARS_MAX), regex(pattern = format!("^{}$", line("=@"))))]
    request: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AllPartsOfImport")]
struct All {
    /// How many parts the file has.
    #[serde(deserialize_with = "web::body::whole")]
    parts: i64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FaultsAfter")]
struct Page {
    /// How many faults to pass over.
    #[serde(default)]
    #[schemars(range(min = 0, max = IMPORT_FAULTS_MAX))]
    skip: i64,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fault")]
struct FaultView {
    /// The line on which its row begins, from 1.
    line: i64,
    /// The column, from 1, unless it is the whole row.
    column: Option<i64>,
    /// What the column is called, or the one that is missing.
    name: Option<String>,
    /// What is wrong with it.
    code: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FaultsOfImport")]
struct Report {
    #[schemars(length(max = PAGE_ROWS_MAX))]
    faults: Vec<FaultView>,
    /// What to `skip` for the next page, if this one is full.
    next: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Import")]
struct ImportView {
    #[schemars(with = "IdOf<ImportKind>")]
    id: ImportId,
    /// `receiving` parts, `checking` rows, `checked`, `switched` into the register, or `abandoned`.
    #[schemars(extend("enum" = super::ops::State::ALL.map(super::ops::State::code)))]
    state: &'static str,
    /// How many parts have come.
    parts: i64,
    /// How many rows have come.
    received: i64,
    /// How many rows have been compared with the file and the register.
    checked: i64,
    /// How many faults were found.
    faults: i64,
    /// The name of the staff's token that began it.
    actor: String,
    #[schemars(with = "Time")]
    created_at: String,
    /// When it counts as abandoned.
    #[schemars(with = "Time")]
    expires_at: String,
    #[schemars(with = "Option<Time>")]
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
    let import = register.begin_import(&actor, new.request).await.map_err(|e| problem(&e))?;
    Ok((StatusCode::CREATED, Json(ImportView::from(import))).into_response())
}

async fn show(
    _: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(register.import(import_id(&id)?).await.map_err(|e| problem(&e))?.into()))
}

async fn part(
    _: Actor,
    State(register): State<Register>,
    Names((id, part)): Names<(String, String)>,
    request: Request,
) -> Result<Json<ImportView>, Problem> {
    let id = import_id(&id)?;
    let number = part.parse().ok().filter(|n| *n >= 1).ok_or_else(|| Problem::not_found("part"))?;
    if !has_media_type(&request, "text/csv") {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "content_type", "Send text/csv, in UTF-8."));
    }
    let RawBody(bytes) = RawBody::from_request(request, &()).await?;
    Ok(Json(register.import_part(id, number, &bytes).await.map_err(|e| problem(&e))?.into()))
}

async fn check(
    _: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
    JsonBody(all): JsonBody<All>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(register.check_import(import_id(&id)?, all.parts).await.map_err(|e| problem(&e))?.into()))
}

async fn report(
    _: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Report>, Problem> {
    let page = page.ok().filter(|page| (0..=IMPORT_FAULTS_MAX).contains(&page.skip));
    let Query(page) = page.ok_or_else(|| {
        let detail = format!("Send `skip`, a number of at most {IMPORT_FAULTS_MAX}, or nothing.");
        Problem::bad_request("query", detail)
    })?;
    let faults = register.import_faults(import_id(&id)?, page.skip).await.map_err(|e| problem(&e))?;
    let full = i64::try_from(faults.len()).is_ok_and(|n| n == PAGE_ROWS_MAX);
    let next = full.then(|| page.skip + PAGE_ROWS_MAX);
    let faults = faults
        .into_iter()
        .map(|f| FaultView { line: f.line, column: f.column, name: f.name, code: f.code })
        .collect();
    Ok(Json(Report { faults, next }))
}

async fn switch(
    actor: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(register.switch_import(&actor, import_id(&id)?).await.map_err(|e| problem(&e))?.into()))
}

async fn abandon(
    _: Actor,
    State(register): State<Register>,
    Names(id): Names<String>,
) -> Result<Json<ImportView>, Problem> {
    Ok(Json(register.abandon_import(import_id(&id)?).await.map_err(|e| problem(&e))?.into()))
}

fn import_id(text: &str) -> Result<ImportId, Problem> {
    text.parse().map_err(|_| Problem::not_found("import"))
}

web::problems! {
    fn problem(error: ImportError) -> PROBLEMS {
        ImportError::NotFound => NOT_FOUND "not_found" ("There is no such import."),
        ImportError::Request => BAD_REQUEST "request" (error.to_string()),
        ImportError::TooMany => CONFLICT "too_many_imports" (error.to_string()),
        ImportError::Over => CONFLICT "import_over" (error.to_string()),
        ImportError::Complete => CONFLICT "import_complete" (error.to_string()),
        ImportError::PartOrder(_) => CONFLICT "part_order" (error.to_string()),
        ImportError::PartDiffers => CONFLICT "part_differs" (error.to_string()),
        ImportError::NotChecked => CONFLICT "import_not_checked" (error.to_string()),
        ImportError::HasFaults => CONFLICT "import_has_faults" (error.to_string()),
    } else {
        ImportError::Store(error) => database(error),
    }
}
