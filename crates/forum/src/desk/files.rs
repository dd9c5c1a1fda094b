//! The files of a circular or of a call: attached, looked at, taken off, until it is sent or has opened. Everybody may take them
//! away from then on: see [`crate::file::published`].

use askama::Template;
use axum::{
    extract::{Request, State},
    response::Response,
};
use base::limits::{FILE_BYTES_MAX, SUBMISSION_FILES_MAX};
use http::Method;
use web::{
    Form, Names, Problem, Routes,
    components::{Button, Cell, Html, Table, Upload},
    format,
};

use super::{
    fields::Fields,
    page::{self, Desk, FormPage},
    written::{Written, found, own, refused},
};
use crate::{
    FileRef, Forum,
    answer::{fields::said, multipart},
    draft::content::Wrong,
    file::{self, sniff::ACCEPT},
    public::database,
};

/// The field of a file.
const FIELD: &str = "a-file";
/// How long a file is kept that nothing came to name, seconds.
const KEPT_S: i64 = 3_600;

/// The list, with a button at each of its rows.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<form method="post" action="{{ action }}"><input type="hidden" name="csrf" value="{{ csrf }}">{{ table }}</form>
"#
)]
pub(super) struct Listed {
    pub(super) action: String,
    pub(super) csrf: String,
    pub(super) table: Html,
}

/// The pages of the files of one.
pub(super) fn routes<W: Written>() -> Routes<Forum> {
    let all = format!("{}/{{symbol}}/files", W::PLACE);
    Routes::new()
        .page(Method::GET, &all, show::<W>)
        .page(Method::POST, &all, attach::<W>)
        .page(Method::POST, &format!("{all}/remove"), remove::<W>)
        .page(Method::GET, &format!("{all}/{{digest}}"), download::<W>)
}

async fn show<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
) -> Result<Response, Problem> {
    let one: W = found(&desk, &forum, &symbol).await?;
    Ok(list(&desk, &forum, &one, &Fields::default()))
}

/// Attaches one. What has the same bytes as one that is there takes its place.
async fn attach<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    request: Request,
) -> Result<Response, Problem> {
    let sent = multipart::read(&forum, request).await?.files.pop();
    // Not before: a file may take long to come, and what somebody else changes meanwhile stays changed.
    let one: W = found(&desk, &forum, &symbol).await?;
    let t = desk.t();
    let mut fields = Fields::default();
    match sent.map(|sent| sent.taken) {
        None => fields.fault(FIELD, t.desk_wrong_empty()),
        Some(Err(why)) => fields.fault(FIELD, said(t, Wrong::File(why))),
        Some(Ok(taken)) => {
            let digest = taken.file.digest;
            let others = one.files().iter().filter(|file| file.digest != digest).cloned();
            let files: Vec<FileRef> = others.chain([taken.file.clone()]).collect();
            if files.len() > SUBMISSION_FILES_MAX {
                fields.fault(FIELD, said(t, Wrong::File(file::Refused::TooMany)));
                return Ok(list(&desk, &forum, &one, &fields));
            }
            let until = forum.clock.now().plus_secs(KEPT_S);
            forum.keep_file(taken, until).await.map_err(|e| database(&e))?;
            match W::change(&forum, &desk.actor, one.with_files(files)).await {
                Ok(changed) => return Ok(desk.go_on(&format!("{}/files", own(&changed)))),
                Err(refusal) => refused::<W>(t, &refusal, &mut fields)?,
            }
        }
    }
    Ok(list(&desk, &forum, &one, &fields))
}

/// Takes one off.
async fn remove<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Names(symbol): Names<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let one: W = found(&desk, &forum, &symbol).await?;
    let sent = Fields::from(sent);
    let is_other = |file: &&FileRef| file.digest_hex() != sent.get("id");
    let files: Vec<FileRef> = one.files().iter().filter(is_other).cloned().collect();
    // Sent twice, it is done once.
    if files.len() < one.files().len() {
        W::change(&forum, &desk.actor, one.with_files(files)).await.map_err(|e| W::problem(&e))?;
    }
    Ok(desk.go_on(&format!("{}/files", own(&one))))
}

/// One of its files, also before everybody may take it away.
async fn download<W: Written>(
    desk: Desk,
    State(forum): State<Forum>,
    Names((symbol, digest)): Names<(String, String)>,
) -> Result<Response, Problem> {
    let one: W = found(&desk, &forum, &symbol).await?;
    let unknown = || Problem::not_found("file");
    let file = one.files().iter().find(|file| file.digest_hex() == digest).ok_or_else(unknown)?;
    let bytes = forum.file_bytes(file.digest).await.map_err(|e| database(&e))?;
    Ok(file::download(file, bytes.ok_or_else(unknown)?))
}

fn list<W: Written>(desk: &Desk, forum: &Forum, one: &W, fields: &Fields) -> Response {
    let t = desk.t();
    let (at, label) = (format!("{}/files", own(one)), W::labels(t).files);
    let can_change = one.can_change(forum.clock.now());
    let mut heads = vec![t.desk_kind_file(), t.desk_file_size()];
    heads.extend(can_change.then(|| t.desk_file_off()));
    let mut table = Table::new(label, &heads);
    for file in one.files() {
        let digest = file.digest_hex();
        let link = Html::link(&desk.reader.href(&format!("{at}/{digest}")), &file.name);
        let size = Cell::number(&format::file_size(t.0, file.size));
        let button = t.answer_file_remove(&file.name);
        let button = Cell::of(&Button::submit(&button).secondary().sends("id", &digest));
        table = table.row([Cell::html(link), size].into_iter().chain(can_change.then_some(button)));
    }
    let table = if one.files().is_empty() {
        Html::paragraph(t.desk_files_none())
    } else if can_change {
        let (action, csrf) = (desk.reader.href(&format!("{at}/remove")), desk.csrf());
        Html::of(&Listed { action, csrf, table: Html::of(&table) })
    } else {
        Html::of(&table)
    };
    let title = format!("{label} · {}", one.title(t));
    if !can_change {
        return page::plain(desk, &title, vec![table]);
    }
    let help = t.answer_file_help(format::file_size(t.0, FILE_BYTES_MAX));
    let upload = Upload::new(t.0, FIELD, t.desk_kind_file(), &help, ACCEPT).required();
    let page = FormPage {
        title: &title,
        back: (&own(one), &one.title(t)),
        before: vec![Html::paragraph(t.desk_files_note()), table],
        fields,
        parts: vec![Html::of(&upload.error(fields.error(FIELD)))],
        action: &at,
        buttons: vec![page::submit(t.desk_file_add())],
        after: Html::default(),
        is_multipart: true,
        is_titled: false,
    };
    page.show(desk)
}
