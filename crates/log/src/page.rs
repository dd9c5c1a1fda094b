//! The page `/log`: what the log is in plain words, its newest checkpoint, and a form that checks a receipt or a proof.
//! Nothing that is checked is kept.

use askama::Template;
use axum::{extract::State, response::Response};
use base::Lang;
use serde::Deserialize;
use web::{
    Form, Reader,
    components::{Alert, Button, Facts, Field, Html, Kind, Upload},
    format,
};

use crate::{Checkpoint, Fault, Log, ProofFile, ReceiptFile, api::failed, proof, receipt, texts::T};

#[derive(Template)]
#[template(path = "log.html")]
struct LogPage<'a> {
    t: T,
    reader: &'a Reader,
    key: String,
    checked: Option<Checked>,
    file: Upload<'a>,
    field: Field<'a>,
    button: Button<'a>,
    now: Option<Html>,
}

/// What came of a check.
struct Checked {
    alert: Html,
    /// What was recorded, where the file carries it.
    record: Option<String>,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    text: String,
    /// The text of the file, where one was chosen: it is looked at before what was pasted.
    #[serde(default)]
    file: String,
}

/// `GET /log`.
pub(crate) async fn show(State(log): State<Log>, reader: Reader) -> Response {
    page(&log, &reader, None, "").await
}

/// `POST /log`: the same page, with what came of the check.
pub(crate) async fn check(State(log): State<Log>, reader: Reader, Form(asked): Form<Asked>) -> Response {
    // A form sends line ends as CR LF (HTML, section 4.10.21.3), and whoever copies may lose the last one.
    let chosen = if asked.file.is_empty() { &asked.text } else { &asked.file };
    let text = format!("{}\n", chosen.replace("\r\n", "\n").trim());
    let checked = match checked(&log, &reader, &text).await {
        Ok(checked) => checked,
        Err(error) => return failed(&error),
    };
    page(&log, &reader, Some(checked), &asked.text).await
}

async fn page(log: &Log, reader: &Reader, checked: Option<Checked>, text: &str) -> Response {
    let t = T(reader.lang);
    let checkpoint = match log.checkpoint().await {
        Ok(checkpoint) => checkpoint,
        Err(error) => return failed(&error),
    };
    let key = log.key().to_string();
    let (label, help, check) = (t.log_check_label(), t.log_check_help(), t.log_check_button());
    let field = Field::text(reader.lang, "text", label).lines(8).help(help.as_ref()).value(text);
    let file =
        Upload::new(reader.lang, "file", t.log_check_file(), t.log_check_file_help(), ".txt,text/plain");
    let title = t.log_title();
    let now = checkpoint.and_then(|note| now(log, reader, &note, &key));
    let button = Button::submit(check);
    reader.page(title, &LogPage { t, reader, key, checked, file, field, button, now })
}

/// In whose zone times are told.
fn zone(reader: &Reader) -> &str {
    reader.zone.as_deref().unwrap_or("UTC")
}

fn now(log: &Log, reader: &Reader, note: &str, key: &str) -> Option<Html> {
    let t = T(reader.lang);
    let (checkpoint, dated) = Checkpoint::open(note, log.key()).ok()?;
    let size = number(reader.lang, checkpoint.size);
    let root = formats::b64::encode_std(&checkpoint.root);
    let dated = dated.map(|at| format::date_time(reader.lang, at, zone(reader))).unwrap_or_default();
    let (size_of, dated_at, root_of, checked_by) =
        (t.log_now_size(), t.log_now_dated(), t.log_now_root(), t.log_now_key());
    let facts =
        Facts::new().text(size_of, &size).text(dated_at, &dated).code(root_of, &root).code(checked_by, key);
    Some(Html::of(&facts))
}

fn number(lang: Lang, n: u64) -> String {
    format::number(lang, i64::try_from(n).unwrap_or(i64::MAX))
}

/// The name of a log within a sentence that may run from right to left.
fn isolated(origin: &str) -> String {
    format!("\u{2066}{origin}\u{2069}")
}

async fn checked(log: &Log, reader: &Reader, text: &str) -> Result<Checked, ::store::Error> {
    let t = T(reader.lang);
    let first = text.split('\n').next().unwrap_or_default();
    let result = match first {
        proof::FIRST => proof_of(log, reader, text),
        receipt::FIRST => receipt_of(log, reader, text).await?,
        _ => {
            let (title, text) = (t.log_neither_title(), t.log_neither());
            let alert = Alert::new(Kind::Refused, title).text(text).answers();
            return Ok(Checked { alert: Html::of(&alert), record: None });
        }
    };
    Ok(result.unwrap_or_else(|fault| wrong(t, &fault)))
}

fn wrong(t: T, fault: &Fault) -> Checked {
    let (title, text) = match fault {
        Fault::KeyUnknown | Fault::Origin => (t.log_other_title(), t.log_other()),
        _ => (t.log_wrong_title(), t.log_wrong()),
    };
    let code = format!("{} ", t.log_code());
    let body = Html::all([Html::paragraph(text), Html::text(&code), Html::code(fault.code())]);
    Checked { alert: Html::of(&Alert::new(Kind::Refused, title).html(body).answers()), record: None }
}

fn proof_of(log: &Log, reader: &Reader, text: &str) -> Result<Checked, Fault> {
    let t = T(reader.lang);
    let proof = ProofFile::parse(text)?;
    let proven = proof.verify(log.key(), None)?;
    let as_number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let shows = t.log_proof_shows(
        as_number(proof.index),
        isolated(&proven.checkpoint.origin),
        as_number(proven.checkpoint.size),
    );
    let record = proof.extra.record();
    let body = [shows.as_str(), t.log_proof_not()].map(Html::paragraph);
    Ok(right(t, t.log_proof_right(), body.into(), record))
}

async fn receipt_of(
    log: &Log,
    reader: &Reader,
    text: &str,
) -> Result<Result<Checked, Fault>, ::store::Error> {
    let t = T(reader.lang);
    let receipt = match ReceiptFile::parse(text).and_then(|r| r.verify(log.key()).map(|()| r)) {
        Ok(receipt) => receipt,
        Err(fault) => return Ok(Err(fault)),
    };
    let promise = &receipt.promise;
    let time = |at| format::date_time(reader.lang, at, zone(reader));
    let shows =
        t.log_receipt_shows(isolated(&promise.origin), time(promise.received_at), time(promise.merge_by));
    let kept = if log.public_proof(promise.leaf).await?.is_some() {
        Html::link(&format!("/log/receipts/{}", promise.leaf), t.log_receipt_kept())
    } else {
        Html::text(t.log_receipt_waits())
    };
    let body = vec![Html::paragraph(&shows), Html::paragraph(t.log_receipt_not()), kept];
    Ok(Ok(right(t, t.log_receipt_right(), body, receipt.extra.record())))
}

fn right(t: T, title: &str, mut body: Vec<Html>, record: Option<&[u8]>) -> Checked {
    if record.is_none() {
        body.push(Html::paragraph(t.log_record_none()));
    }
    let alert = Html::of(&Alert::new(Kind::Valid, title).html(Html::all(body)).answers());
    Checked { alert, record: record.map(|record| String::from_utf8_lossy(record).into_owned()) }
}
