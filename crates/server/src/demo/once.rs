//! The whole life of a credential, without a question, against the real servers, with the command-line wallet
//! as a process of its own. Then a consultation, from its circular to the proof that needs no server: [`consultation`].
//! Every step says what must come out; the first that does otherwise ends it.

mod consultation;

use std::{path::PathBuf, process::Stdio, time::Instant as Moment};

use serde_json::{Value, json};
use tokio::process::Command;

use super::Country;
use crate::{Failure, client::Api, files};

/// Prints a line a step.
struct Steps {
    json: bool,
    done: usize,
}

impl Steps {
    async fn step<T>(
        &mut self,
        name: &str,
        run: impl Future<Output = Result<(T, String), Failure>>,
    ) -> Result<T, Failure> {
        let begun = Moment::now();
        let result = run.await;
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let line = match (&result, self.json) {
            (Ok((_, said)), false) => format!("ok    {ms:>5} ms  {name:<24} {said}"),
            (Err(failure), false) => format!("FAIL  {ms:>5} ms  {name:<24} {failure}"),
            (Ok(_), true) => json!({ "step": name, "ok": true, "ms": ms }).to_string(),
            (Err(Failure { code, detail }), true) => {
                json!({ "step": name, "ok": false, "ms": ms, "error": code, "detail": detail }).to_string()
            }
        };
        crate::say(&format!("{line}\n"));
        self.done += 1;
        result.map(|(value, _)| value)
    }
}

/// What the clinic asks for, in six languages.
pub(super) fn purpose() -> Value {
    json!({
        "en": "To open your patient file.",
        "fr": "Pour ouvrir votre dossier de patient.",
        "es": "Para abrir su historia clínica.",
        "ru": "Чтобы завести вашу медицинскую карту.",
        "ar": "لفتح ملفك الطبي.",
        "zh": "为您建立病历。",
    })
}

pub(super) async fn run(country: &Country, json: bool) -> Result<(), Failure> {
    let mut steps = Steps { json, done: 0 };
    let result = life(country, &mut steps).await;
    let line = match &result {
        _ if json => json!({ "ok": result.is_ok(), "steps": steps.done }).to_string(),
        Ok(()) => format!("all {} steps did what they should", steps.done),
        Err(_) => format!("stopped at step {}", steps.done),
    };
    crate::say(&format!("{line}\n"));
    result
}

async fn life(country: &Country, steps: &mut Steps) -> Result<(), Failure> {
    let state = Api::with_token(&country.state.identifier, &country.state.token)?;
    let wallet = Wallet::new(country)?;

    let person = steps.step("register", register(&state)).await?;
    let offer = steps.step("offer", offer(&state, &person)).await?;
    steps.step("wallet", wallet.init(country)).await?;
    steps.step("accept-wrong-code", wallet.accept_with_wrong_code(&offer)).await?;
    let held = steps.step("accept", wallet.accept(&offer)).await?;
    steps.step("show", wallet.show(&held)).await?;

    let service = Service {
        api: Api::with_token(&country.service.identifier, &country.service.token)?,
        wallet: &wallet,
    };
    let asked = steps.step("ask", service.ask()).await?;
    steps.step("answer", service.answer(&asked)).await?;
    steps.step("verify", service.valid(&asked)).await?;
    steps.step("verify-evidence", service.evidence(country, &asked)).await?;

    let credential = steps.step("list", credential(&state, &person)).await?;
    steps.step("suspend", change(&state, &credential, "suspend", "suspended")).await?;
    steps.step("verify-suspended", service.refused("status_suspended")).await?;
    steps.step("reinstate", change(&state, &credential, "reinstate", "valid")).await?;
    steps.step("verify-reinstated", service.asked_and_valid()).await?;
    steps.step("revoke", change(&state, &credential, "revoke", "revoked")).await?;
    steps.step("verify-revoked", service.refused("status_revoked")).await?;
    steps.step("history", wallet.history(5)).await?;
    consultation::run(country, &wallet, steps).await
}

async fn register(state: &Api) -> Result<(String, String), Failure> {
    let attributes = json!({
        "given_name": "Nerida", "family_name": "Évora", "birthdate": "1994-03-08",
        "place_of_birth": { "country": super::people::COUNTRY, "locality": "Lagunar" },
        "nationalities": [super::people::COUNTRY], "sex": 2,
    });
    let person = state.post("/staff/v1/people", &json!({ "attributes": attributes })).await?;
    let id = text(&person, "/id")?;
    Ok((id.clone(), id))
}

/// An offer as the person gets it: a link, and a code by another way.
struct Offer {
    link: String,
    tx_code: String,
}

async fn offer(state: &Api, person: &str) -> Result<(Offer, String), Failure> {
    let offer =
        state.post("/staff/v1/offers", &json!({ "person": person, "type": "pid", "tx_code": true })).await?;
    let said = text(&offer, "/expires_at")?;
    Ok((Offer { link: text(&offer, "/link")?, tx_code: text(&offer, "/tx_code")? }, format!("until {said}")))
}

async fn credential(state: &Api, person: &str) -> Result<(String, String), Failure> {
    let list = state.get(&format!("/staff/v1/credentials?person={person}")).await?;
    let all = list.pointer("/credentials").and_then(Value::as_array).map_or(0, Vec::len);
    if all != 1 {
        return Err(unexpected(&format!("one credential of this person, not {all}")));
    }
    let id = text(&list, "/credentials/0/id")?;
    Ok((id.clone(), id))
}

async fn change(state: &Api, credential: &str, verb: &str, becomes: &str) -> Result<((), String), Failure> {
    let path = format!("/staff/v1/credentials/{credential}/{verb}");
    let changed = state.post(&path, &json!({ "reason": "demonstration" })).await?;
    let status = text(&changed, "/status")?;
    if status == becomes {
        Ok(((), status))
    } else {
        Err(unexpected(&format!("`{becomes}`, not `{status}`")))
    }
}

/// The person's wallet: a process a command.
struct Wallet {
    program: PathBuf,
    home: PathBuf,
    passphrase: PathBuf,
}

impl Wallet {
    fn new(country: &Country) -> Result<Self, Failure> {
        let home = country.data.join(format!("wallet-once-{}", std::process::id()));
        let passphrase = country.data.join("wallet-once-passphrase");
        files::write_secret(&passphrase, b"a passphrase for the demonstration")?;
        Ok(Self { program: std::env::current_exe()?, home, passphrase })
    }

    async fn run(&self, arguments: &[&str]) -> Result<Value, Failure> {
        let output = Command::new(&self.program)
            .args(["wallet", "--json", "--insecure-loopback", "--home"])
            .arg(&self.home)
            .arg("--passphrase-file")
            .arg(&self.passphrase)
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .output()
            .await?;
        let value: Value = serde_json::from_slice(&output.stdout).map_err(|_| {
            Failure::new("wallet", format!("the wallet said nothing readable: {}", output.status))
        })?;
        let ok = value.get("ok").and_then(Value::as_bool).unwrap_or(false);
        if ok != output.status.success() {
            return Err(unexpected("an exit code that agrees with `ok`"));
        }
        if ok {
            Ok(value)
        } else {
            Err(Failure::new(text(&value, "/error")?, text(&value, "/detail").unwrap_or_default()))
        }
    }

    async fn init(&self, country: &Country) -> Result<((), String), Failure> {
        let [state, service, secretariat] = country.parties().map(|p| p.anchor().display().to_string());
        let issuers = ["--trust-issuers", &state, "--trust-issuers", &secretariat];
        let askers = ["--trust-askers", &service, "--trust-askers", &secretariat];
        self.run(&[["init"].as_slice(), &issuers, &askers].concat()).await?;
        Ok(((), "an encrypted wallet".into()))
    }

    async fn accept_with_wrong_code(&self, offer: &Offer) -> Result<((), String), Failure> {
        let wrong = if offer.tx_code == "000000" { "000001" } else { "000000" };
        let refused = self.run(&["accept", &offer.link, "--tx-code", wrong, "--yes"]).await;
        expect_refusal(refused, "invalid_grant")
    }

    async fn accept(&self, offer: &Offer) -> Result<(String, String), Failure> {
        let accepted = self.run(&["accept", &offer.link, "--tx-code", &offer.tx_code, "--yes"]).await?;
        let id = text(&accepted, "/credentials/0/id")?;
        Ok((id.clone(), id))
    }

    async fn show(&self, id: &str) -> Result<((), String), Failure> {
        let shown = self.run(&["show", id]).await?;
        let name = text(&shown, "/credential/claims/given_name")?;
        if name == "Nerida" { Ok(((), name)) } else { Err(unexpected("the given name that was registered")) }
    }

    async fn history(&self, least: usize) -> Result<((), String), Failure> {
        let history = self.run(&["history"]).await?;
        let entries = history.pointer("/history").and_then(Value::as_array).map_or(0, Vec::len);
        if entries >= least {
            Ok(((), format!("{entries} entries")))
        } else {
            Err(unexpected(&format!("at least {least} entries, not {entries}")))
        }
    }
}

/// The clinic.
struct Service<'a> {
    api: Api,
    wallet: &'a Wallet,
}

/// A request as the service knows it.
struct Asked {
    id: String,
    link: String,
}

impl Service<'_> {
    async fn ask(&self) -> Result<(Asked, String), Failure> {
        let request = json!({
            "purpose": purpose(),
            "device": "cross",
            "dcql_query": { "credentials": [{
                "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
                "claims": [{ "path": ["family_name"] }, { "path": ["birthdate"] }],
            }] },
        });
        let asked = self.api.post("/ask/v1/requests", &request).await?;
        let asked = Asked { id: text(&asked, "/id")?, link: text(&asked, "/link")? };
        let said = format!("family_name and birthdate ({})", asked.id);
        Ok((asked, said))
    }

    async fn answer(&self, asked: &Asked) -> Result<((), String), Failure> {
        self.wallet.run(&["answer", &asked.link, "--yes"]).await?;
        Ok(((), "accepted".into()))
    }

    async fn valid(&self, asked: &Asked) -> Result<((), String), Failure> {
        let result = self.api.get(&format!("/ask/v1/requests/{}", asked.id)).await?;
        let outcome = text(&result, "/result/outcome")?;
        let shown = result.pointer("/result/credentials/card/0/claims").and_then(Value::as_object);
        // What every holder of such a card shows says nothing about the person.
        let mut about_her: Vec<_> =
            shown.into_iter().flatten().filter(|(name, _)| !name.starts_with("issuing_")).collect();
        about_her.sort_by_key(|(name, _)| *name);
        let expected = [("birthdate", "1994-03-08"), ("family_name", "Évora")];
        let same = about_her.iter().map(|(n, v)| (n.as_str(), v.as_str().unwrap_or_default())).eq(expected);
        if outcome == "valid" && same {
            Ok(((), "valid, these two facts and no more".into()))
        } else {
            let names: Vec<_> = about_her.iter().map(|(name, _)| name.as_str()).collect();
            Err(unexpected(&format!("a valid answer with two claims, not `{outcome}` with {names:?}")))
        }
    }

    async fn evidence(&self, country: &Country, asked: &Asked) -> Result<((), String), Failure> {
        let evidence = self.api.get(&format!("/ask/v1/requests/{}/evidence", asked.id)).await?;
        let file = country.data.join("evidence-once.json");
        files::write(&file, &formats::json::canonical(&evidence))?;
        let output = Command::new(&self.wallet.program)
            .arg("verify")
            .arg(&file)
            .arg("--anchors")
            .arg(country.state.anchor())
            .arg("--anchors")
            .arg(country.service.anchor())
            .arg("--json")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        if output.status.success() {
            Ok(((), "holds without the server".into()))
        } else {
            Err(Failure::new("evidence", String::from_utf8_lossy(&output.stdout).trim().to_owned()))
        }
    }

    async fn asked_and_valid(&self) -> Result<((), String), Failure> {
        let (asked, _) = self.ask().await?;
        self.answer(&asked).await?;
        self.valid(&asked).await
    }

    async fn refused(&self, code: &str) -> Result<((), String), Failure> {
        let (asked, _) = self.ask().await?;
        let answered = self.wallet.run(&["answer", &asked.link, "--yes"]).await;
        expect_refusal(answered, code)?;
        let result = self.api.get(&format!("/ask/v1/requests/{}", asked.id)).await?;
        if result.pointer("/result/outcome").and_then(Value::as_str) == Some("valid") {
            return Err(unexpected("that a refused answer leaves no valid result"));
        }
        Ok(((), format!("refused: {code}")))
    }
}

fn expect_refusal(result: Result<Value, Failure>, code: &str) -> Result<((), String), Failure> {
    match result {
        Err(failure) if failure.code == code => Ok(((), format!("refused: {code}"))),
        Err(failure) => {
            Err(unexpected(&format!("the refusal `{code}`, not `{}`: {}", failure.code, failure.detail)))
        }
        Ok(_) => Err(unexpected(&format!("the refusal `{code}`"))),
    }
}

fn unexpected(what: &str) -> Failure {
    Failure::new("unexpected", format!("expected {what}"))
}

fn text(value: &Value, pointer: &str) -> Result<String, Failure> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| unexpected(&format!("a text at {pointer}")))
}
