//! Whole issuances: token, nonce, credential, as a wallet calls them.

use base::Instant;
use crypto::{SecretKey, SystemRandom};
use formats::vci::proof;
use serde_json::{Value, json};

use crate::{
    fill::person,
    http::{Connection, Request},
    load::{CLIENTS, Client, slice},
    party::{Party, TOKEN},
    row::Failure,
};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
/// A national identity.
const PID: &str = "pid";
/// A participant's card.
pub(crate) const CARD: &str = "participant";

/// Now, as the party's clock has it too.
#[expect(
    clippy::disallowed_methods,
    reason = "a wallet's clock; nothing of the system depends on this program"
)]
pub(crate) fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Instant::from_secs(i64::try_from(since.as_secs()).unwrap_or_default())
}

/// What stands at `pointer`.
pub(crate) fn text(value: &Value, pointer: &str) -> Result<String, Failure> {
    let found = value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| Failure::new(format!("no {pointer} in an answer")))
}

/// A person's wallet that is issued one credential of a type after another.
pub(crate) struct Wallet {
    /// The type: [`PID`] or [`CARD`].
    kind: &'static str,
    pub(crate) connection: Connection,
    issuer: String,
    pub(crate) key: SecretKey,
    /// The credential that it was given last.
    pub(crate) held: String,
}

impl Client for Wallet {
    /// A pre-authorized code.
    type Task = String;

    async fn act(&mut self, code: String) -> Result<(), Failure> {
        let form = format!(
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code&pre-authorized_code={code}"
        );
        let request = Request { path: "/token", body: Some((FORM, form.as_bytes())), ..Request::default() };
        let token = text(&self.connection.send(&request).await?.json(200)?, "/access_token")?;
        let request = Request { path: "/nonce", body: Some((JSON, b"")), ..Request::default() };
        let nonce = text(&self.connection.send(&request).await?.json(200)?, "/c_nonce")?;
        let proof = proof::build(&self.key, &self.issuer, Some(&nonce), now())?;
        let body =
            json!({ "credential_configuration_id": self.kind, "proofs": { "jwt": [proof] } }).to_string();
        let body = Some((JSON, body.as_bytes()));
        let request = Request { path: "/credential", bearer: Some(&token), body, ..Request::default() };
        let issued = self.connection.send(&request).await?.json(200)?;
        self.held = text(&issued, "/credentials/0/credential")?;
        Ok(())
    }
}

/// Staff who post the same kind of thing again and again, and keep what they are answered.
struct Clerk {
    connection: Connection,
    path: &'static str,
    pointer: &'static str,
    answers: Vec<String>,
}

impl Client for Clerk {
    type Task = Value;

    async fn act(&mut self, body: Value) -> Result<(), Failure> {
        let body = body.to_string();
        let body = Some((JSON, body.as_bytes()));
        let request = Request { path: self.path, bearer: Some(TOKEN), body, ..Request::default() };
        let answer = self.connection.send(&request).await?.json(201)?;
        self.answers.push(text(&answer, self.pointer)?);
        Ok(())
    }
}

async fn clerks(
    party: &Party,
    path: &'static str,
    pointer: &'static str,
    bodies: Vec<Value>,
) -> Result<Vec<String>, Failure> {
    let connections = party.connections(CLIENTS).await?;
    let clerk = |connection| Clerk { connection, path, pointer, answers: Vec::new() };
    let mut clerks: Vec<Clerk> = connections.into_iter().map(clerk).collect();
    slice(&mut clerks, bodies).await?;
    Ok(clerks.into_iter().flat_map(|clerk| clerk.answers).collect())
}

/// Registers `count` people over HTTP; their ids.
pub(crate) async fn register(party: &Party, count: usize) -> Result<Vec<String>, Failure> {
    let person = |n: usize| json!({ "attributes": person(n) });
    clerks(party, "/staff/v1/people", "/id", (0..count).map(person).collect()).await
}

/// Offers `count` national identities, to one person after the other; their pre-authorized codes.
pub(crate) async fn offers(party: &Party, people: &[String], count: usize) -> Result<Vec<String>, Failure> {
    offers_of(party, PID, people, count).await
}

/// Offers `count` credentials of a type.
pub(crate) async fn offers_of(
    party: &Party,
    kind: &'static str,
    people: &[String],
    count: usize,
) -> Result<Vec<String>, Failure> {
    let offer = |person: &String| json!({ "person": person, "type": kind, "tx_code": false });
    let bodies = people.iter().cycle().take(count).map(offer).collect();
    let code =
        "/credential_offer/grants/urn:ietf:params:oauth:grant-type:pre-authorized_code/pre-authorized_code";
    clerks(party, "/staff/v1/offers", code, bodies).await
}

/// Wallets for national identities, which hold nothing yet.
pub(crate) async fn wallets(party: &Party) -> Result<Vec<Wallet>, Failure> {
    wallets_for(party, PID).await
}

/// Wallets for credentials of a type.
pub(crate) async fn wallets_for(party: &Party, kind: &'static str) -> Result<Vec<Wallet>, Failure> {
    let wallet = |connection| Wallet {
        kind,
        connection,
        issuer: party.identifier(),
        key: SecretKey::generate(&SystemRandom),
        held: String::new(),
    };
    Ok(party.connections(CLIENTS).await?.into_iter().map(wallet).collect())
}
