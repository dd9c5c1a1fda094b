//! The form as a browser sends it: fields and files (RFC 7578), all of it read before any of it is believed.

use std::convert::Infallible;

use axum::{body::to_bytes, extract::Request};
use base::limits::{ANSWER_BODY_BYTES_MAX, DRAFT_FILES_MAX};
use futures_util::stream;
use http::{StatusCode, header};
use multer::Multipart;
use web::{Problem, csrf};

use super::reading;
use crate::{Forum, QuestionId, file};

/// How many fields a form may have: those of the longest form that may be asked, and our own.
const FIELDS_MAX: usize = 2_000;
/// What the names of questions' fields begin with.
pub(crate) const PREFIX: &str = "a-";

/// What was sent.
pub(crate) struct Sent {
    /// Fields in their order; a name may come several times.
    pub(crate) fields: Vec<(String, String)>,
    /// Files by the question that they answer, with their names and what the browser says that they are.
    pub(crate) files: Vec<Upload>,
}

/// A file as it was sent.
pub(crate) struct Upload {
    pub(crate) question: QuestionId,
    pub(crate) taken: Result<file::Taken, file::Refused>,
}

impl Sent {
    /// The first value of a field.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }
}

fn malformed() -> Problem {
    Problem::bad_request("form", "The form is not what a browser sends for it.")
}

/// Reads a form that was sent from a page of ours. Of long ones few are read at once: see [`reading`].
pub(crate) async fn read(forum: &Forum, request: Request) -> Result<Sent, Problem> {
    let reading = reading::begin(forum, &request, ANSWER_BODY_BYTES_MAX)?;
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(|_| {
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type", "Send multipart/form-data.")
    })?;
    let whole = to_bytes(body, reading.bytes_max).await.map_err(|_| {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The form is too large or broke off.")
    })?;
    let mut parts = Multipart::new(stream::iter([Ok::<_, Infallible>(whole)]), boundary);
    let mut read = Sent { fields: Vec::new(), files: Vec::new() };
    let mut token = None;
    while let Some(field) = parts.next_field().await.map_err(|_| malformed())? {
        let name = field.name().ok_or_else(malformed)?.to_owned();
        let file = field.file_name().map(str::to_owned);
        let declared = field.content_type().map(ToString::to_string);
        let bytes = field.bytes().await.map_err(|_| malformed())?;
        if read.fields.len().saturating_add(read.files.len()) >= FIELDS_MAX {
            return Err(malformed());
        }
        let question = name.strip_prefix(PREFIX).and_then(QuestionId::new);
        match (file, question) {
            // What a browser sends for a field of files in which nothing was chosen.
            (Some(file), _) if file.is_empty() && bytes.is_empty() => {}
            (Some(file), Some(question)) => {
                let looked_at = if read.files.len() < DRAFT_FILES_MAX {
                    file::take(&file, declared.as_deref(), bytes.into())
                } else {
                    Err(file::Refused::TooMany)
                };
                read.files.push(Upload { question, taken: looked_at });
            }
            (Some(_), None) => return Err(malformed()),
            (None, _) => {
                let value = String::from_utf8(bytes.into()).map_err(|_| malformed())?;
                if name == csrf::FIELD {
                    token = Some(value);
                } else {
                    read.fields.push((name, value));
                }
            }
        }
    }
    csrf::check(&head, token.as_deref())?;
    Ok(read)
}
