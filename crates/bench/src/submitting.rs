//! Whole signed submissions: a program says what it submits, a wallet fetches the request and signs, the program reads the
//! receipt.

use std::collections::BTreeMap;

use crypto::{HashAlg, SecretKey, SystemRandom};
use formats::{
    sd_jwt_vc::{KeyBindingClaims, TransactionDataHashes, present},
    vp::{Link, RequestObject, VpToken, WalletResponse},
};
use serde_json::{Value, json};

use crate::{
    http::{Connection, Request},
    issuing::{CARD, Wallet, now, offers_of, register, text, wallets_for},
    load::{CLIENTS, Client, slice},
    party::{Database, Party, TOKEN},
    raw::Raw,
    row::{Bar, Context, Failure, Row},
    served::{Measured, ratio, wait},
};

/// The rows.
pub(crate) const ROWS: &[Row] = &[
    Row { name: "http_submit_cpu", unit: "ratio", bar: Bar::AtMost(8.0), function: submissions },
    Row {
        name: "http_submit_p99_ms",
        unit: "ms",
        bar: Bar::None,
        function: |context| {
            submissions(context)?;
            context.value("http_submit_p99_ms")
        },
    },
];

/// How many slices of load are measured, after one that warms up.
const SLICES: usize = 8;
/// How many submissions a slice has.
const IN_A_SLICE: usize = 1_000;
const JSON: &str = "application/json";
const CALL: &str = "C-1";

/// A program, and the wallet of its user, who holds a participant's card. Each has a connection.
struct Participant {
    program: Connection,
    wallet: Connection,
    identifier: String,
    key: SecretKey,
    card: String,
    submission: String,
}

impl Client for Participant {
    type Task = ();

    async fn act(&mut self, (): ()) -> Result<(), Failure> {
        let path = format!("/forum/v1/calls/{CALL}/submissions");
        let body = Some((JSON, self.submission.as_bytes()));
        let request = Request { path: &path, body, ..Request::default() };
        let asked = self.program.send(&request).await?.json(201)?;

        let link = Link::parse(&text(&asked, "/link")?).map_err(|_| Failure::new("not a link"))?;
        let request = Request { path: self.path(&link.request_uri)?, ..Request::default() };
        let object = String::from_utf8(self.wallet.send(&request).await?.expect(200)?)?;
        let object = RequestObject::read_unverified(&object).map_err(|_| Failure::new("not a request"))?;

        let approved: Vec<String> = object.transactions_for(CARD).map(|t| t.as_str().to_owned()).collect();
        let audience = object.client_id.to_string();
        let claims = KeyBindingClaims {
            nonce: &object.nonce,
            aud: &audience,
            iat: now(),
            transaction_data_hashes: Some(TransactionDataHashes::of(&approved, &[HashAlg::Sha256])),
        };
        let shown = present(&self.card, |name| name == "pseudonym", &claims, &self.key)
            .map_err(|_| Failure::new("the card cannot be shown"))?;
        let token = VpToken::new(BTreeMap::from([(CARD.to_owned(), vec![shown])]));
        let response = WalletResponse::Presentation { vp_token: token, state: object.state.clone() };
        let form = response.to_form_for(&object, &SystemRandom)?;
        let body = Some(("application/x-www-form-urlencoded", form.as_bytes()));
        let request = Request { path: self.path(&object.response_uri)?, body, ..Request::default() };
        self.wallet.send(&request).await?.expect(200)?;

        let path = format!("/forum/v1/signings/{}", text(&asked, "/token")?);
        let state = self.program.send(&Request { path: &path, ..Request::default() }).await?.json(200)?;
        match (state.pointer("/state").and_then(Value::as_str), text(&state, "/receipt")) {
            (Some("received"), Ok(_)) => Ok(()),
            _ => Err(Failure::new(format!("not received: {state}"))),
        }
    }
}

impl Participant {
    fn path<'a>(&self, address: &'a str) -> Result<&'a str, Failure> {
        address.strip_prefix(&self.identifier).ok_or_else(|| Failure::new("another party's address"))
    }
}

/// A secretariat that believes its own cards, and lets one address take part as often as it likes.
pub(crate) fn tables(identifier: &str) -> String {
    format!(
        "[[ask.issuers]]\nanchors = \"keys/root.pem\"\ntypes = [\"{identifier}/types/{CARD}/1\"]\n\
         [forum]\ncontact = \"office@state.example\"\n[limits]\ndrafts = 4000000000\nkept_kib = 4000000000\n"
    )
}

/// Opens a call of three questions, whose submissions are sealed until it closes.
pub(crate) async fn open_call(party: &Party) -> Result<(), Failure> {
    let words = |text: &str| json!({ "original": "en", "texts": { "en": text } });
    let question = |id: &str, required: bool| json!({ "id": id, "kind": "long_text", "label": words("What do you think?"), "required": required });
    let at = |seconds: i64| now().plus_secs(seconds).rfc3339();
    let call = json!({
        "symbol": CALL, "kind": "consultation", "title": words("A call"), "introduction": words("Tell us."),
        "questions": [question("q1", true), question("q2", false), question("q3", false)],
        "opens": at(-3_600),
        "closes": { "instant": at(86_400), "zone": "Europe/Zurich", "wording": "by_end_of_day" },
        "policy": "at_close", "contact": "office@state.example",
    });
    let mut staff = party.connections(1).await?;
    let staff = staff.first_mut().ok_or_else(|| Failure::new("no connection"))?;
    let calls = "/staff/v1/forum/calls";
    let acts = format!("{calls}/{CALL}/acts");
    for (path, body, status) in [(calls, call, 201), (&acts, json!({ "act": "announce" }), 200)] {
        let body = body.to_string();
        let body = Some((JSON, body.as_bytes()));
        let request = Request { path, bearer: Some(TOKEN), body, ..Request::default() };
        staff.send(&request).await?.expect(status)?;
    }
    Ok(())
}

/// Everybody with a card of the party's, and with something to say: three answers of a paragraph each.
async fn participants(party: &Party, people: &[String]) -> Result<Vec<Participant>, Failure> {
    let mut wallets: Vec<Wallet> = wallets_for(party, CARD).await?;
    let codes = offers_of(party, CARD, people, CLIENTS).await?;
    // Each is given one: with fewer codes than clients some would have none.
    let mut holders = Vec::with_capacity(CLIENTS);
    for code in codes {
        let mut one: Vec<Wallet> = wallets.pop().into_iter().collect();
        slice(&mut one, vec![code]).await?;
        holders.append(&mut one);
    }
    let paragraph = "Prices should follow what it costs to carry what people say to each other. ".repeat(8);
    let answer = json!({ "text": paragraph.trim_end() });
    let submission = json!({
        "form_version": 1, "lang": "en", "answers": { "q1": answer, "q2": answer, "q3": answer },
        "party": { "class": "individual", "name": "Nerida" },
    });
    let programs = party.connections(holders.len()).await?;
    let participant = |(program, holder): (Connection, Wallet)| Participant {
        program,
        wallet: holder.connection,
        identifier: party.identifier(),
        key: holder.key,
        card: holder.held,
        submission: submission.to_string(),
    };
    Ok(programs.into_iter().zip(holders).map(participant).collect())
}

fn submissions(context: &mut Context) -> Result<f64, Failure> {
    let measure = async {
        let mut party = Party::set_up_with(context, Database::Sqlite, tables)?;
        party.keep_to_one_core();
        party.start().await?;
        open_call(&party).await?;
        let people = register(&party, CLIENTS).await?;
        let mut clients = participants(&party, &people).await?;
        let mut measured = Measured::new(party, people).await?;
        let mut raw = Raw::new()?;
        measured.have(&mut clients, IN_A_SLICE).await?;
        measured.forget();
        for _ in 0..SLICES {
            raw.slice()?;
            measured.have(&mut clients, IN_A_SLICE).await?;
        }
        raw.slice()?;
        let ratio = ratio("a signed submission", measured.each(), raw.presentation(), &raw.words());
        Ok((ratio, measured.p99_ms()))
    };
    let (ratio, p99) = wait(measure)?;
    context.found("http_submit_p99_ms", p99);
    context.found("http_submit_cpu", ratio);
    Ok(ratio)
}
