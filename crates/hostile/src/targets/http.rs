//! What the targets share that are routes: a request as an input, how it is changed, and what must hold of its answer.
//!
//! An input is a request: `METHOD address`, then the headers, then the body. Names in braces stand for what is there:
//! a person, an offer's code, an access token. They are put in when the request is sent, after whatever was changed.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode},
};
use formats::json;
use serde_json::Value;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::{Dice, Reached, json as trees, text};

/// How much of an answer is read.
const ANSWER_BYTES_MAX: usize = 1 << 24;
/// What is answered where there is no route: such an input has not even been read.
const NOWHERE: &str = "nowhere";
/// What separates the parts of a form with files.
pub(super) const BOUNDARY: &str = "--B";

pub(super) const FORM: &str = "content-type: application/x-www-form-urlencoded";
pub(super) const STAFF: &str = "authorization: Bearer staff\naccept-language: fr-CH, en;q=0.5";
pub(super) const STAFF_JSON: &str = "authorization: Bearer staff\ncontent-type: application/json";

/// Who answers requests.
pub(super) trait Server {
    /// Puts in what stands for the names in braces.
    fn filled(&mut self, input: &str) -> String;

    /// The body as it is sent.
    fn finished(&self, body: String, _input: &[u8]) -> String {
        body
    }

    fn send(&self, method: &str, address: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<Sent>;
}

/// An answer.
pub(super) struct Sent {
    pub(super) status: u16,
    pub(super) media_type: String,
    /// The cookies that it sets, as they are sent back.
    pub(super) cookies: Vec<String>,
    pub(super) body: Vec<u8>,
}

impl Sent {
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The token of the form on a page.
    pub(super) fn csrf(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        token.unwrap_or_default().to_owned()
    }
}

/// Answers what no route does.
pub(super) async fn nowhere() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, NOWHERE)
}

/// Sends it; the answer, unless it is no request at all.
pub(super) fn send(
    (runtime, router): (&Runtime, &Router),
    method: &str,
    address: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Option<Sent> {
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    let mut request = Request::builder().method(method).uri(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body)).ok()?;
    let router = router.clone();
    runtime.block_on(async {
        let (head, body) = router.oneshot(request).await.unwrap().into_parts();
        let header = |name: &str| head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let cookies =
            head.headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok()?.split(';').next());
        Some(Sent {
            status: head.status.as_u16(),
            media_type: header("content-type").to_owned(),
            cookies: cookies.map(str::to_owned).collect(),
            body: to_bytes(body, ANSWER_BYTES_MAX).await.unwrap().to_vec(),
        })
    })
}

pub(super) fn text_at(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A form in parts: fields, and files with their names and types.
pub(super) fn parts(fields: &[(&str, &str)], files: &[(&str, &str, &str, &str)]) -> String {
    let head = |name: &str| format!("{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
    let mut body = String::new();
    body.extend(fields.iter().map(|(name, value)| format!("{}\r\n\r\n{value}\r\n", head(name))));
    body.extend(files.iter().map(|(name, file, kind, content)| {
        format!("{}; filename=\"{file}\"\r\nContent-Type: {kind}\r\n\r\n{content}\r\n", head(name))
    }));
    body + BOUNDARY + "--\r\n"
}

/// A form in parts, of which mostly one line is changed that separates none.
fn changed_parts(body: &[u8], dice: &mut Dice) -> Vec<u8> {
    if dice.percent(10) {
        return text::changed_bytes(body, dice);
    }
    let text = String::from_utf8_lossy(body).into_owned();
    let mut lines: Vec<&str> = text.split("\r\n").collect();
    let free: Vec<usize> = (0..lines.len())
        .filter(|at| lines.get(*at).is_some_and(|line| !line.is_empty() && !line.starts_with(BOUNDARY)))
        .collect();
    let at = dice.one(&free);
    let changed = text::changed(lines.get(at).copied().unwrap_or_default(), dice);
    if let Some(line) = lines.get_mut(at) {
        *line = &changed;
    }
    lines.join("\r\n").into_bytes()
}

pub(super) fn change(input: &[u8], dice: &mut Dice) -> Vec<u8> {
    let records = text::split(input);
    let [line, headers, body] = records.as_slice() else { return text::changed_bytes(input, dice) };
    let address = String::from_utf8_lossy(line);
    let has = |word: &[u8]| headers.windows(word.len()).any(|part| part == word);
    match dice.below(10) {
        // The method and the address; of that mostly the last part or the query.
        0 | 1 => {
            let at = address.rfind(['/', '=']).map_or(0, |at| at.saturating_add(1));
            let (kept, tail) = address.split_at(if dice.percent(80) { at } else { 0 });
            text::records(&[format!("{kept}{}", text::changed(tail, dice)).as_bytes(), headers, body])
        }
        2 => {
            let headers = String::from_utf8_lossy(headers);
            text::records(&[*line, text::changed(&headers, dice).as_bytes(), *body])
        }
        _ if body.is_empty() => {
            let address = address.replace("{person}", "per_00000000000000a1");
            text::records(&[address.as_bytes(), headers, b"{}"])
        }
        _ => {
            let body = if has(b"multipart") {
                changed_parts(body, dice)
            } else if has(b"form") {
                text::changed_form(body, dice, |name, value, dice| {
                    // What is in braces would be coded, and not be found any more; so it is changed when it is known.
                    (name == "vp_token" && dice.percent(70)).then(|| value.to_owned())
                })
            } else {
                trees::spoilt_text(body, dice)
            };
            text::records(&[*line, *headers, &unbraced(&body)])
        }
    }
}

/// A form with the braces that writing it coded.
fn unbraced(body: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(body).replace("%7B", "{").replace("%7D", "}").into_bytes()
}

/// Sends the request; what it is answered is no failure of ours, and JSON if it says so.
pub(super) fn run(server: &mut impl Server, input: &[u8]) -> Reached {
    let records = text::split(input);
    let record = |at: usize| records.get(at).map(|text| String::from_utf8_lossy(text).into_owned());
    let (Some(line), Some(headers), Some(body)) = (record(0), record(1), record(2)) else {
        return Reached::Refused;
    };
    let line = server.filled(&line);
    let headers = server.filled(&headers);
    let body = server.filled(&body);
    let body = server.finished(body, input);
    let Some((method, address)) = line.split_once(' ') else { return Reached::Refused };
    let headers: Vec<(&str, &str)> = headers.lines().filter_map(|line| line.split_once(": ")).collect();
    let Some(sent) = server.send(method, address, &headers, body.into_bytes()) else {
        return Reached::Refused;
    };
    let said = sent.json();
    assert!(sent.status < 500, "{line}: {} {said:?}", sent.status);
    let is_json =
        sent.media_type.split(';').next().is_some_and(|t| t == "application/json" || t.ends_with("+json"));
    if is_json {
        json::parse_within(&sent.body, ANSWER_BYTES_MAX).unwrap();
    }
    let code = said.as_ref().map(|value| text_at(value, "/code")).unwrap_or_default();
    match sent.status {
        200..=399 => Reached::Accepted,
        401 | 405 | 413 | 415 => Reached::Refused,
        _ if sent.body == NOWHERE.as_bytes() || code == "invalid_json" => Reached::Refused,
        _ => Reached::Read,
    }
}
