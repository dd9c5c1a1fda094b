//! The staff's command line: `sahihi staff …` and `sahihi ask …`, clients of the HTTP interfaces.

mod import;

use std::{fs, io::Write as _, path::PathBuf};

use base::limits::BODY_BYTES_MAX;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{
    Failure,
    outgoing::{Message, Outgoing, Reach},
};

/// How long an answer of one of our own interfaces may be, bytes.
const ANSWER_BYTES_MAX: usize = 64 * BODY_BYTES_MAX;

/// Where the interface is and who calls.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// The party's address.
    #[arg(long, env = "SAHIHI_AT")]
    at: String,
    /// A file that holds the staff token.
    #[arg(long, env = "SAHIHI_TOKEN_FILE")]
    token_file: PathBuf,
}

/// `sahihi staff`.
#[derive(Debug, Args)]
pub(crate) struct StaffArgs {
    #[command(flatten)]
    at: At,
    #[command(subcommand)]
    command: StaffCommand,
}

#[derive(Debug, Subcommand)]
enum StaffCommand {
    /// Register a person: attributes as NAME=VALUE, or as NAME:=JSON.
    Register {
        #[arg(required = true)]
        attributes: Vec<String>,
        /// Your own name for this request: sent twice, it registers once.
        #[arg(long)]
        request: Option<String>,
    },
    /// Change what is known of a person: NAME=VALUE, NAME:=JSON, NAME:=null to take it away.
    Amend {
        person: String,
        #[arg(required = true)]
        attributes: Vec<String>,
        #[arg(long)]
        reason: String,
    },
    /// Find people by the beginnings of their names, by number, or by date of birth.
    Search {
        #[arg(long, conflicts_with_all = ["number", "birthdate"])]
        name: Option<String>,
        #[arg(long, conflicts_with = "birthdate")]
        number: Option<String>,
        #[arg(long)]
        birthdate: Option<String>,
    },
    /// Show a person.
    Person { person: String },
    /// Show every version of what was known of a person.
    History { person: String },
    /// Register, amend and find organisations.
    Organisation {
        #[command(subcommand)]
        command: OrganisationCommand,
    },
    /// Record who may act for an organisation.
    Mandate {
        #[command(subcommand)]
        command: MandateCommand,
    },
    /// Import people from a CSV file in UTF-8: all of them or, if there is a fault, none.
    ///
    /// The first row names the attributes (`place_of_birth.country` for a part of one); lists are separated by `;`.
    /// Sent again, the command goes on where it was; a file that was imported is not imported twice.
    Import {
        file: PathBuf,
        /// Say what is wrong with the file, and import nothing.
        #[arg(long)]
        check_only: bool,
    },
    /// Show the types of credentials and what each asks of the clerk.
    Types,
    /// Offer a credential to a person.
    Offer {
        #[arg(long)]
        person: String,
        #[arg(long = "type")]
        kind: String,
        /// What the clerk fills in: NAME=VALUE, or NAME:=JSON.
        claims: Vec<String>,
        /// Without a transaction code.
        #[arg(long)]
        no_tx_code: bool,
    },
    /// List the credentials of a person.
    Credentials {
        #[arg(long)]
        person: String,
    },
    /// Show a credential and what was done with it.
    Credential { credential: String },
    /// Suspend a credential.
    Suspend(StatusChange),
    /// Reinstate a suspended credential.
    Reinstate(StatusChange),
    /// Revoke a credential, for good.
    Revoke(StatusChange),
}

#[derive(Debug, Subcommand)]
enum OrganisationCommand {
    /// Register an organisation: attributes as NAME=VALUE, or as NAME:=JSON.
    Register {
        #[arg(required = true)]
        attributes: Vec<String>,
        /// Your own name for this request: sent twice, it registers once.
        #[arg(long)]
        request: Option<String>,
    },
    /// Change what is known of an organisation: NAME=VALUE, NAME:=JSON, NAME:=null to take it away.
    Amend {
        organisation: String,
        #[arg(required = true)]
        attributes: Vec<String>,
        #[arg(long)]
        reason: String,
    },
    /// Find organisations by the beginnings of their names, by registration number, or by country.
    Search {
        #[arg(long, conflicts_with_all = ["number", "country"])]
        name: Option<String>,
        #[arg(long, conflicts_with = "country")]
        number: Option<String>,
        #[arg(long)]
        country: Option<String>,
    },
    /// Show an organisation.
    Show { organisation: String },
    /// Show every version of what was known of an organisation.
    History { organisation: String },
}

#[derive(Debug, Subcommand)]
enum MandateCommand {
    /// Record that a person may act for an organisation.
    Add {
        #[arg(long)]
        organisation: String,
        #[arg(long)]
        person: String,
        /// As what, for example `director`.
        #[arg(long)]
        capacity: String,
        /// The first day, YYYY-MM-DD; today unless told.
        #[arg(long)]
        from: Option<String>,
        /// The last day.
        #[arg(long)]
        until: Option<String>,
        #[arg(long)]
        reason: String,
    },
    /// End a mandate now.
    End {
        mandate: String,
        #[arg(long)]
        reason: String,
    },
    /// List the mandates of an organisation or of a person.
    List {
        #[arg(long, required_unless_present = "person", conflicts_with = "person")]
        organisation: Option<String>,
        #[arg(long)]
        person: Option<String>,
    },
}

#[derive(Debug, Args)]
struct StatusChange {
    credential: String,
    #[arg(long)]
    reason: String,
}

/// `sahihi ask`.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    at: At,
    #[command(subcommand)]
    command: AskCommand,
}

#[derive(Debug, Subcommand)]
enum AskCommand {
    /// Ask for claims of one credential.
    For {
        /// The credential's type (`vct`).
        #[arg(long)]
        vct: String,
        /// The claims to ask for.
        #[arg(required = true)]
        claims: Vec<String>,
        /// A JSON file with the purpose in six languages: `{"en":"…","fr":"…",…}`.
        #[arg(long)]
        purpose: PathBuf,
        /// `x509_san_dns` or `x509_hash`.
        #[arg(long, default_value = "x509_san_dns")]
        client_id_prefix: String,
    },
    /// Send a whole request from a JSON file.
    Request { file: PathBuf },
    /// Show what came of a request.
    Result { request: String },
    /// Fetch the evidence of an answered request: the document itself, byte for byte, as `sahihi verify` reads it.
    Evidence { request: String },
}

impl StaffArgs {
    pub(crate) async fn run(self) -> Result<Value, Failure> {
        let api = Api::new(&self.at)?;
        match self.command {
            StaffCommand::Register { attributes, request } => {
                let attributes = pairs(&attributes)?;
                api.post("/staff/v1/people", &json!({ "attributes": attributes, "request": request })).await
            }
            StaffCommand::Amend { person, attributes, reason } => {
                let body = json!({ "attributes": pairs(&attributes)?, "reason": reason });
                api.post(&format!("/staff/v1/people/{}/amendments", segment(&person)?), &body).await
            }
            StaffCommand::Search { name, number, birthdate } => {
                let body =
                    json!({ "name": name, "personal_administrative_number": number, "birthdate": birthdate });
                api.post("/staff/v1/people/search", &body).await
            }
            StaffCommand::Person { person } => {
                api.get(&format!("/staff/v1/people/{}", segment(&person)?)).await
            }
            StaffCommand::History { person } => {
                api.get(&format!("/staff/v1/people/{}/history", segment(&person)?)).await
            }
            StaffCommand::Organisation { command } => command.run(&api).await,
            StaffCommand::Mandate { command } => command.run(&api).await,
            StaffCommand::Import { file, check_only } => import::run(&api, &file, check_only).await,
            StaffCommand::Types => api.get("/staff/v1/types").await,
            StaffCommand::Offer { person, kind, claims, no_tx_code } => {
                let body = json!({
                    "person": person, "type": kind, "claims": pairs(&claims)?, "tx_code": !no_tx_code,
                });
                api.post("/staff/v1/offers", &body).await
            }
            StaffCommand::Credentials { person } => {
                api.get(&format!("/staff/v1/credentials?person={}", segment(&person)?)).await
            }
            StaffCommand::Credential { credential } => {
                api.get(&format!("/staff/v1/credentials/{}", segment(&credential)?)).await
            }
            StaffCommand::Suspend(change) => api.change("suspend", change).await,
            StaffCommand::Reinstate(change) => api.change("reinstate", change).await,
            StaffCommand::Revoke(change) => api.change("revoke", change).await,
        }
    }
}

impl OrganisationCommand {
    async fn run(self, api: &Api) -> Result<Value, Failure> {
        let many = "/staff/v1/organisations";
        match self {
            Self::Register { attributes, request } => {
                let attributes = pairs(&attributes)?;
                api.post(many, &json!({ "attributes": attributes, "request": request })).await
            }
            Self::Amend { organisation, attributes, reason } => {
                let body = json!({ "attributes": pairs(&attributes)?, "reason": reason });
                api.post(&format!("{many}/{}/amendments", segment(&organisation)?), &body).await
            }
            Self::Search { name, number, country } => {
                let body = json!({ "name": name, "registration_number": number, "country": country });
                api.post(&format!("{many}/search"), &body).await
            }
            Self::Show { organisation } => api.get(&format!("{many}/{}", segment(&organisation)?)).await,
            Self::History { organisation } => {
                api.get(&format!("{many}/{}/history", segment(&organisation)?)).await
            }
        }
    }
}

impl MandateCommand {
    async fn run(self, api: &Api) -> Result<Value, Failure> {
        match self {
            Self::Add { organisation, person, capacity, from, until, reason } => {
                let body = json!({ "person": person, "capacity": capacity, "valid_from": from,
                    "valid_until": until, "reason": reason });
                let path = format!("/staff/v1/organisations/{}/mandates", segment(&organisation)?);
                api.post(&path, &body).await
            }
            Self::End { mandate, reason } => {
                let path = format!("/staff/v1/mandates/{}/end", segment(&mandate)?);
                api.post(&path, &json!({ "reason": reason })).await
            }
            Self::List { organisation, person } => {
                let of = match (&organisation, &person) {
                    (Some(organisation), _) => format!("organisations/{}", segment(organisation)?),
                    (None, person) => format!("people/{}", segment(person.as_deref().unwrap_or_default())?),
                };
                api.get(&format!("/staff/v1/{of}/mandates")).await
            }
        }
    }
}

impl AskArgs {
    pub(crate) async fn run(self) -> Result<Value, Failure> {
        let api = Api::new(&self.at)?;
        match self.command {
            AskCommand::For { vct, claims, purpose, client_id_prefix } => {
                let claims: Vec<Value> = claims.iter().map(|c| json!({ "path": [c] })).collect();
                let body = json!({
                    "purpose": json_file(&purpose)?,
                    "device": "cross",
                    "client_id_prefix": client_id_prefix,
                    "dcql_query": { "credentials": [{
                        "id": "asked", "format": "dc+sd-jwt",
                        "meta": { "vct_values": [vct] }, "claims": claims,
                    }] },
                });
                api.post("/ask/v1/requests", &body).await
            }
            AskCommand::Request { file } => api.post("/ask/v1/requests", &json_file(&file)?).await,
            AskCommand::Result { request } => {
                api.get(&format!("/ask/v1/requests/{}", segment(&request)?)).await
            }
            AskCommand::Evidence { request } => {
                let path = format!("/ask/v1/requests/{}/evidence", segment(&request)?);
                // Printed anew it would be another document.
                std::io::stdout().write_all(&api.send(Method::GET, &path, None).await?)?;
                Ok(Value::Null)
            }
        }
    }
}

/// One party's own interface.
pub(crate) struct Api {
    at: String,
    token: String,
    outgoing: Outgoing,
}

impl Api {
    pub(crate) fn new(at: &At) -> Result<Self, Failure> {
        let token = fs::read_to_string(&at.token_file).map_err(|e| {
            Failure::new("token_file", format!("{} cannot be read: {e}", at.token_file.display()))
        })?;
        Self::with_token(&at.at, token.trim())
    }

    pub(crate) fn with_token(at: &str, token: &str) -> Result<Self, Failure> {
        let outgoing = Outgoing::new(Reach { loopback: true, any_private: true, ..Reach::default() })?;
        Ok(Self { at: at.trim_end_matches('/').to_owned(), token: token.to_owned(), outgoing })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.json(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.json(Method::POST, path, Some(body)).await
    }

    async fn change(&self, verb: &str, change: StatusChange) -> Result<Value, Failure> {
        let path = format!("/staff/v1/credentials/{}/{verb}", segment(&change.credential)?);
        self.post(&path, &json!({ "reason": change.reason })).await
    }

    async fn json(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let body = body.map(|b| ("application/json", b.to_string().into_bytes()));
        Ok(Self::read(&self.send(method, path, body).await?))
    }

    /// An answer as JSON.
    fn read(answer: &[u8]) -> Value {
        formats::json::parse_within(answer, ANSWER_BYTES_MAX).unwrap_or(Value::Null)
    }

    /// The body of a good answer, as it came. What is sent has a media type.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> Result<Vec<u8>, Failure> {
        let authorization = format!("Bearer {}", self.token);
        let (media_type, body) = body.unzip();
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", media_type.unwrap_or("application/json")),
        ];
        let message = Message { method, headers: &headers, body, ..Message::default() };
        let answer = self.outgoing.send(&format!("{}{path}", self.at), message, ANSWER_BYTES_MAX).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        let value = Self::read(&answer.body);
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Err(Failure::new(
            text("code").unwrap_or_else(|| format!("http_{}", answer.status)),
            text("detail").unwrap_or_else(|| "The server answered with an error.".into()),
        ))
    }
}

/// `NAME=VALUE` is a text, `NAME:=JSON` any value.
fn pairs(all: &[String]) -> Result<Map<String, Value>, Failure> {
    let malformed =
        |p: &str| Failure::new("arguments", format!("`{p}` is neither NAME=VALUE nor NAME:=JSON"));
    all.iter()
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or_else(|| malformed(pair))?;
            match name.strip_suffix(':') {
                Some(name) => {
                    let value = formats::json::parse(value.as_bytes()).map_err(|_| malformed(pair))?;
                    Ok((name.to_owned(), value))
                }
                None => Ok((name.to_owned(), Value::String(value.to_owned()))),
            }
        })
        .collect()
}

/// An id, as one segment of an address and nothing more.
pub(crate) fn segment(id: &str) -> Result<&str, Failure> {
    if !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        Ok(id)
    } else {
        Err(Failure::new("arguments", "this is not an id"))
    }
}

pub(crate) fn json_file(file: &std::path::Path) -> Result<Value, Failure> {
    let bytes = fs::read(file)
        .map_err(|e| Failure::new("file", format!("{} cannot be read: {e}", file.display())))?;
    formats::json::parse(&bytes)
        .map_err(|e| Failure::new("file", format!("{} is not JSON: {e}", file.display())))
}
