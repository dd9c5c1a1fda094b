//! A consultation: sent, answered with a wallet and without one, closed, published, taken away as a folder and checked
//! there; the log is followed. Beside what works stands what is refused, by its exact code.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant as Moment},
};

use base::Clock;
use serde_json::{Value, json};
use tokio::process::Command;

use super::{Steps, Wallet, expect_refusal, text, unexpected};
use crate::{
    Failure,
    client::Api,
    clock::SystemClock,
    demo::{
        Country, START, ott, parties,
        visitor::{Page, Visitor},
    },
    files,
    outgoing::{Message, Outgoing, Reach},
};

const CIRCULAR: &str = "LIBRARIES-1";
const CALL: &str = "LIBRARIES";
/// How long the call is open, and by how much the secretariat's clock is moved on then, seconds.
const OPEN_S: i64 = 7_200;
const AHEAD_S: i64 = 7_260;
const MAIL: &str = "nerida@mail.example";
/// The longest export that is fetched, bytes.
const EXPORT_BYTES_MAX: usize = 16 << 20;

pub(super) async fn run(country: &Country, wallet: &Wallet, steps: &mut Steps) -> Result<(), Failure> {
    let address = country.secretariat.identifier.as_str();
    let scene = Scene {
        country,
        wallet,
        staff: Api::with_token(address, &country.secretariat.token)?,
        outgoing: Outgoing::new(Reach { loopback: true, ..Reach::default() })?,
        signer: Visitor::new(address)?,
        writer: Visitor::new(address)?,
        folder: country.data.join(format!("export-once-{}", std::process::id())),
    };
    steps.step("log-before", scene.remembers()).await?;
    steps.step("call-draft", scene.draft()).await?;
    steps.step("call-not-public", scene.is_not_public()).await?;
    steps.step("circular-send", scene.send()).await?;
    steps.step("participant-card", scene.card()).await?;
    steps.step("submit-without-mandate", scene.without_mandate()).await?;
    let signed = steps.step("submit-signed", scene.signed()).await?;
    let unsigned = steps.step("submit-unsigned", scene.unsigned()).await?;
    steps.step("confirm-forged", scene.confirms_nothing()).await?;
    steps.step("publish-too-early", scene.publishes_too_early()).await?;
    let late = steps.step("submit-and-wait", scene.waits()).await?;
    steps.step("call-close", scene.closes()).await?;
    steps.step("submit-late", scene.too_late()).await?;
    steps.step("confirm-late", scene.confirms_too_late(&late)).await?;
    steps.step("publish", scene.publishes(&[signed, unsigned])).await?;
    steps.step("export", scene.exports()).await?;
    steps.step("verify-offline", scene.verifies()).await?;
    steps.step("verify-altered", scene.verifies_not()).await?;
    steps.step("audit-log", scene.audits()).await?;
    steps.step("audit-shortened-log", scene.audits_not()).await
}

struct Scene<'a> {
    country: &'a Country,
    wallet: &'a Wallet,
    staff: Api,
    outgoing: Outgoing,
    /// Who signs, in a browser.
    signer: Visitor,
    /// Who has no wallet.
    writer: Visitor,
    /// Where the export goes.
    folder: PathBuf,
}

/// A text in English alone.
fn en(text: &str) -> Value {
    json!({ "original": "en", "texts": { "en": text } })
}

fn answer_path(rest: &str) -> String {
    format!("/calls/{CALL}/answer{rest}")
}

impl Scene<'_> {
    async fn draft(&self) -> Result<((), String), Failure> {
        let now = SystemClock.now();
        let circular = json!({
            "symbol": CIRCULAR, "dated": now.date(), "signatory": "The Secretary-General",
            "subject": en("Consultation on village libraries"),
            "text": en("Which villages need a library, and who would look after it?"),
            "contact": ott::CONTACT,
        });
        self.staff.post("/staff/v1/forum/circulars", &circular).await?;
        let call = json!({
            "symbol": CALL, "circular": CIRCULAR, "kind": "consultation",
            "title": en("Village libraries"), "introduction": en("One question."),
            "questions": [{ "id": "q1", "kind": "long_text", "label": en("What should be done?"), "required": true }],
            "opens": now.plus_secs(-60).rfc3339(),
            "closes": { "instant": now.plus_secs(OPEN_S).rfc3339(), "zone": ott::ZONE, "wording": "until" },
            "policy": "at_close", "contact": ott::CONTACT,
        });
        let drafted = self.staff.post("/staff/v1/forum/calls", &call).await?;
        is_in("draft", &drafted)
    }

    async fn is_not_public(&self) -> Result<((), String), Failure> {
        expect_refusal(self.staff.get(&format!("/forum/v1/calls/{CALL}")).await, "not_found")
    }

    async fn send(&self) -> Result<((), String), Failure> {
        let address = format!("/staff/v1/forum/circulars/{CIRCULAR}/send");
        self.staff.post(&address, &json!({})).await?;
        is_in("open", &self.staff.get(&format!("/forum/v1/calls/{CALL}")).await?)
    }

    async fn card(&self) -> Result<((), String), Failure> {
        let page = self.signer.open(&answer_path("/card")).await?;
        let offered = self.signer.submit(&page, &answer_path("/card"), &[]).await?;
        let link = link(&offered, "openid-credential-offer://")?;
        let accepted = self.wallet.run(&["accept", &link, "--yes"]).await?;
        Ok(((), text(&accepted, "/credentials/0/id")?))
    }

    /// Fills in the form; the page on which it is read once more.
    async fn filled(&self, who: &Visitor, fields: &[(&str, &str)]) -> Result<Page, Failure> {
        let page = who.open(&answer_path("")).await?;
        let reviewed = who.submit_parts(&page, &answer_path(""), fields).await?;
        if reviewed.path.ends_with("/review") {
            Ok(reviewed)
        } else {
            Err(unexpected(&format!("the answer to be complete, and not {}", reviewed.path)))
        }
    }

    /// The link with which a wallet signs what was filled in.
    async fn asked(&self, fields: &[(&str, &str)]) -> Result<String, Failure> {
        let review = self.filled(&self.signer, fields).await?;
        let sign = answer_path("/sign");
        let waiting = self.signer.submit(&review, &sign, &[("device", "cross")]).await?;
        link(&waiting, "openid4vp://")
    }

    async fn without_mandate(&self) -> Result<((), String), Failure> {
        let fields = [
            ("lang", "en"),
            ("for", "party"),
            ("name", "Library of Mbelu"),
            ("class", "civil_society"),
            ("country", ""),
            ("party_id", "1"),
            ("a-q1", "Ask the villages first."),
        ];
        let link = self.asked(&fields).await?;
        expect_refusal(self.wallet.run(&["answer", &link, "--yes"]).await, "no_matching_document")
    }

    async fn signed(&self) -> Result<(String, String), Failure> {
        let fields = [("lang", "en"), ("for", "self"), ("name", "Nerida"), ("a-q1", "Build one in Mbelu.")];
        let link = self.asked(&fields).await?;
        self.wallet.run(&["answer", &link, "--yes"]).await?;
        submission(&self.signer.open(&answer_path("/signed")).await?)
    }

    /// Has a link sent that confirms an answer.
    async fn asked_by_mail(&self, answer: &str) -> Result<String, Failure> {
        let before = self.country.mail.read(MAIL)?.len();
        let fields = [("lang", "en"), ("for", "self"), ("name", "A reader"), ("a-q1", answer)];
        let review = self.filled(&self.writer, &fields).await?;
        self.writer.submit(&review, &answer_path("/unsigned"), &[("mail", MAIL)]).await?;
        let confirms = format!("{}/", self.country.secretariat.identifier);
        let begun = Moment::now();
        loop {
            let mails = self.country.mail.read(MAIL)?;
            let new = mails.len().saturating_sub(before);
            let mut lines = mails.iter().take(new).flat_map(|mail| mail.lines()).map(str::trim);
            let found = lines.find(|l| l.starts_with(&confirms) && l.contains("/submissions/confirm/"));
            if let Some(link) = found {
                return Ok(link
                    .strip_prefix(&self.country.secretariat.identifier)
                    .unwrap_or(link)
                    .to_owned());
            }
            if begun.elapsed() > START {
                return Err(unexpected("a mail with a link that confirms"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn unsigned(&self) -> Result<(String, String), Failure> {
        let link = self.asked_by_mail("A bus with books would do.").await?;
        let page = self.writer.open(&link).await?;
        submission(&self.writer.submit(&page, &link, &[]).await?)
    }

    async fn confirms_nothing(&self) -> Result<((), String), Failure> {
        let path = format!("/submissions/confirm/0123456789abcdef/{}", "A".repeat(43));
        match self.writer.open(&path).await?.status {
            404 => Ok(((), "refused: 404".into())),
            status => Err(unexpected(&format!("404, not {status}"))),
        }
    }

    async fn waits(&self) -> Result<(String, String), Failure> {
        let link = self.asked_by_mail("Let me think about it.").await?;
        Ok((link, "a link that nobody has opened".into()))
    }

    async fn act(&self, act: &Value) -> Result<Value, Failure> {
        self.staff.post(&format!("/staff/v1/forum/calls/{CALL}/acts"), act).await
    }

    async fn publishes_too_early(&self) -> Result<((), String), Failure> {
        expect_refusal(self.act(&json!({ "act": "publish" })).await, "call_state")
    }

    /// The secretariat's clock goes on, and the call closes by it.
    async fn closes(&self) -> Result<((), String), Failure> {
        let ahead = self.country.secretariat.directory.join(parties::AHEAD);
        files::write(&ahead, AHEAD_S.to_string().as_bytes())?;
        is_in("closed", &self.staff.get(&format!("/forum/v1/calls/{CALL}")).await?)
    }

    async fn too_late(&self) -> Result<((), String), Failure> {
        let submission = json!({
            "form_version": 1, "lang": "en", "answers": { "q1": { "text": "Sorry, the post was slow." } },
            "party": { "class": "individual", "name": "Somebody else" },
        });
        let sent = self.staff.post(&format!("/forum/v1/calls/{CALL}/submissions"), &submission).await;
        expect_refusal(sent, "call_closed")
    }

    async fn confirms_too_late(&self, link: &str) -> Result<((), String), Failure> {
        let page = self.writer.open(link).await?;
        let refused = self.writer.submit(&page, link, &[]).await?;
        let says = refused.html.contains("call_closed");
        let what = format!("409 with `call_closed`, not {}", refused.status);
        if refused.status == 409 && says {
            Ok(((), "refused: call_closed".into()))
        } else {
            Err(unexpected(&what))
        }
    }

    async fn publishes(&self, all: &[String]) -> Result<((), String), Failure> {
        let published = self.act(&json!({ "act": "publish" })).await?;
        is_in("published", &published)?;
        let counts = self.staff.get(&format!("/forum/v1/calls/{CALL}/counts")).await?;
        let listed = self.staff.get(&format!("/forum/v1/calls/{CALL}/submissions")).await?;
        let ids: Vec<&str> = listed
            .pointer("/submissions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|s| s.get("id").and_then(Value::as_str))
            .collect();
        let [received, out] = ["/received", "/published"].map(|p| counts.pointer(p).and_then(Value::as_u64));
        let complete = received == Some(2) && out == Some(2) && ids == *all;
        if complete {
            Ok(((), "2 received, 2 published".into()))
        } else {
            Err(unexpected("both answers, and no other"))
        }
    }

    /// Fetches the export, once the log has taken all of it, and unpacks it.
    async fn exports(&self) -> Result<((), String), Failure> {
        let address = format!("{}/calls/{CALL}/export.tar", self.country.secretariat.identifier);
        let begun = Moment::now();
        let tar = loop {
            let answer = self.outgoing.send(&address, Message::default(), EXPORT_BYTES_MAX).await?;
            match answer.status {
                200 => break answer.body,
                503 if begun.elapsed() < START => tokio::time::sleep(Duration::from_millis(50)).await,
                status => return Err(unexpected(&format!("an export, not {status}"))),
            }
        };
        fs::create_dir_all(&self.folder)?;
        tar::Archive::new(tar.as_slice()).unpack(&self.folder)?;
        Ok(((), format!("{} bytes", tar.len())))
    }

    async fn log_key(&self) -> Result<String, Failure> {
        let address = format!("{}/log/key", self.country.secretariat.identifier);
        let key = self.outgoing.send(&address, Message::default(), 1_000).await?;
        Ok(String::from_utf8_lossy(&key.body).trim().to_owned())
    }

    async fn program(&self, arguments: &[&str], paths: &[&Path]) -> Result<(bool, Value), Failure> {
        let mut command = Command::new(&self.wallet.program);
        command.args(arguments).args(paths).stdin(Stdio::null()).kill_on_drop(true);
        let output = command.output().await?;
        let said = formats::json::parse_within(&output.stdout, EXPORT_BYTES_MAX)
            .unwrap_or_else(|_| json!({ "stderr": String::from_utf8_lossy(&output.stderr) }));
        Ok((output.status.success(), said))
    }

    async fn verify(&self) -> Result<(bool, Value), Failure> {
        let key = self.log_key().await?;
        self.program(&["verify", "--json", "--key", &key], &[&self.folder]).await
    }

    async fn verifies(&self) -> Result<((), String), Failure> {
        match self.verify().await? {
            (true, _) => Ok(((), "holds without a server".into())),
            (false, said) => Err(unexpected(&format!("the export to hold: {said}"))),
        }
    }

    /// One letter of an answer is changed.
    async fn verifies_not(&self) -> Result<((), String), Failure> {
        let submissions = self.folder.join("submissions");
        let mut folders = fs::read_dir(&submissions)?.filter_map(|entry| entry.ok().map(|e| e.path()));
        let one = folders.next().ok_or_else(|| unexpected("a submission in the export"))?;
        let file = one.join("submission.json");
        let whole = fs::read_to_string(&file)?;
        fs::write(&file, whole.replacen("\"q1\"", "\"q2\"", 1))?;
        let (holds, said) = self.verify().await?;
        fs::write(&file, whole)?;
        let named = said.to_string().contains("file_changed");
        if !holds && named {
            Ok(((), "refused: file_changed".into()))
        } else {
            Err(unexpected(&format!("`file_changed`, and not {said}")))
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.with_extension("log")
    }

    async fn audit(&self, log: &str) -> Result<(bool, Value), Failure> {
        let state = self.state().display().to_string();
        self.program(&["log", "audit", log, "--state", &state], &[]).await
    }

    async fn audits(&self) -> Result<((), String), Failure> {
        let log = format!("{}/log", self.country.secretariat.identifier);
        let (first, _) = self.audit(&log).await?;
        let (again, said) = self.audit(&log).await?;
        let leaves = said.pointer("/leaves").and_then(Value::as_u64);
        match (first && again, leaves) {
            (true, Some(leaves)) => Ok(((), format!("{leaves} leaves, and it continues"))),
            _ => Err(unexpected(&format!("a log that continues: {said}"))),
        }
    }

    /// Where the log's checkpoint of before is kept, as if it were the log.
    fn shortened(&self) -> PathBuf {
        self.folder.with_extension("shortened-log")
    }

    /// Keeps the checkpoint of before anything was sent.
    async fn remembers(&self) -> Result<((), String), Failure> {
        let address = format!("{}/log/checkpoint", self.country.secretariat.identifier);
        let checkpoint = self.outgoing.send(&address, Message::default(), 10_000).await?;
        fs::create_dir_all(self.shortened())?;
        fs::write(self.shortened().join("checkpoint"), &checkpoint.body)?;
        let text = String::from_utf8_lossy(&checkpoint.body).into_owned();
        Ok(((), format!("{} leaves", text.lines().nth(1).unwrap_or_default())))
    }

    /// Who is shown the log as it was before, sees that leaves are missing.
    async fn audits_not(&self) -> Result<((), String), Failure> {
        let (holds, said) = self.audit(&self.shortened().display().to_string()).await?;
        let named = said.to_string().contains("(log_shrunk)");
        let what = format!("`log_shrunk`, and not {said}");
        if !holds && named { Ok(((), "refused: log_shrunk".into())) } else { Err(unexpected(&what)) }
    }
}

/// That the call is in this state.
fn is_in(expected: &str, call: &Value) -> Result<((), String), Failure> {
    let state = text(call, "/state")?;
    let what = format!("the call to be `{expected}`, not `{state}`");
    if state == expected { Ok(((), format!("{CALL} is {state}"))) } else { Err(unexpected(&what)) }
}

/// The first link of a page that is for a wallet.
fn link(page: &Page, scheme: &str) -> Result<String, Failure> {
    let rest = page.between(&format!("href=\"{scheme}"), "\"");
    let rest = rest.ok_or_else(|| unexpected(&format!("a link for a wallet at {}", page.path)))?;
    Ok(format!("{scheme}{rest}"))
}

/// The submission of whose receipt this is the page.
fn submission(page: &Page) -> Result<(String, String), Failure> {
    let id = page.path.split('/').find(|part| part.starts_with("sub_")).map(str::to_owned);
    match id {
        Some(id) if page.status == 200 && page.path.ends_with("/receipt") => Ok((id.clone(), id)),
        _ => Err(unexpected(&format!("a receipt, not {} at {}", page.status, page.path))),
    }
}
