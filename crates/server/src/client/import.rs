//! `sahihi staff import`: sends a file of people in parts, has it checked, and imports all of it or nothing.
//!
//! The import is named by the file's digest: the same command goes on where an earlier one was killed, and a file that
//! was imported is not imported again.

use std::{
    fmt::Write as _,
    fs,
    io::{IsTerminal as _, Write as _},
    path::Path,
    time::Duration,
};

use base::limits::BODY_BYTES_MAX;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, segment};
use crate::Failure;

/// How often we look, a second apart, whether a switch whose answer did not come in time was made.
const LOOKS_MAX: usize = 120;

pub(super) async fn run(api: &Api, file: &Path, check_only: bool) -> Result<Value, Failure> {
    let bytes = fs::read(file)
        .map_err(|e| Failure::new("file", format!("{} cannot be read: {e}", file.display())))?;
    let digest = base16ct::lower::encode_string(&crypto::sha256(&bytes));
    let mut import = api.post("/staff/v1/imports", &json!({ "request": digest })).await?;
    let path = format!("/staff/v1/imports/{}", segment(text(&import, "id"))?);
    if text(&import, "state") == "switched" {
        return Ok(import);
    }

    let parts = bytes.chunks(BODY_BYTES_MAX);
    let all = parts.len();
    let mut bar = Bar::new("sent");
    for (number, part) in (1..).zip(parts) {
        if number > number_of(&import, "parts") {
            let to = format!("{path}/parts/{number}");
            let answer = api.send(Method::PUT, &to, Some(("text/csv", part.to_vec()))).await?;
            import = Api::read(&answer);
        }
        bar.show(number, all as u64);
    }
    bar.end();

    let mut bar = Bar::new("checked");
    loop {
        import = api.post(&format!("{path}/check"), &json!({ "parts": all })).await?;
        bar.show(number_of(&import, "checked"), number_of(&import, "received"));
        if text(&import, "state") == "checked" {
            break;
        }
    }
    bar.end();

    if number_of(&import, "faults") == 0 && !check_only {
        match switch(api, &path).await {
            // Somebody was registered since.
            Err(refused) if refused.code == "import_has_faults" => import = api.get(&path).await?,
            switched => return switched,
        }
    }
    let faults = number_of(&import, "faults");
    if faults > 0 {
        report(api, &path).await?;
    }
    let abandoned = Api::read(&api.send(Method::POST, &format!("{path}/abandon"), None).await?);
    if faults > 0 {
        return Err(Failure::new("import_has_faults", format!("{faults} faults; nothing was imported")));
    }
    Ok(abandoned)
}

/// Switches; when the answer does not come in time, looks what has come of it.
async fn switch(api: &Api, path: &str) -> Result<Value, Failure> {
    let late = match api.post(&format!("{path}/switch"), &json!({})).await {
        Err(late) if late.code == "unreachable" => late,
        done => return done,
    };
    for _ in 0..LOOKS_MAX {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let import = api.get(path).await?;
        if text(&import, "state") == "switched" {
            return Ok(import);
        }
    }
    Err(Failure::new(late.code, "no answer in time; send the same command again, nothing is imported twice"))
}

/// Prints the faults, one a line.
async fn report(api: &Api, path: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let mut skip = Some(0);
    while let Some(from) = skip {
        let page = api.get(&format!("{path}/report?skip={from}")).await?;
        for fault in page.get("faults").and_then(Value::as_array).into_iter().flatten() {
            let mut place = format!("line {}", number_of(fault, "line"));
            if number_of(fault, "column") > 0 {
                let _ = write!(place, ", column {}", number_of(fault, "column"));
            }
            let (name, code) = (text(fault, "name"), text(fault, "code"));
            let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
            writeln!(out, "{place}{name}: {code}")?;
        }
        skip = page.get("next").and_then(Value::as_u64);
    }
    Ok(())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number_of(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

/// How far something is, on standard error: a bar on a terminal, otherwise a line for every tenth.
struct Bar {
    what: &'static str,
    terminal: bool,
    shown: Option<u64>,
}

impl Bar {
    fn new(what: &'static str) -> Self {
        Self { what, terminal: std::io::stderr().is_terminal(), shown: None }
    }

    fn show(&mut self, done: u64, all: u64) {
        let percent = done.min(all).saturating_mul(100).checked_div(all).unwrap_or(100);
        let step = if self.terminal { percent } else { percent - percent % 10 };
        if self.shown == Some(step) {
            return;
        }
        self.shown = Some(step);
        if self.terminal {
            let filled = "#".repeat(usize::try_from(percent / 5).unwrap_or_default());
            eprint!("\r{:<8} [{filled:.<20}] {percent:>3} %", self.what);
        } else {
            eprintln!("{} {step} %", self.what);
        }
    }

    fn end(&self) {
        if self.terminal && self.shown.is_some() {
            eprintln!();
        }
    }
}
