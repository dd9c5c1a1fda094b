//! Whole presentations: a clinic asks, a wallet fetches the request and answers it encrypted, the clinic reads the result.

use std::collections::BTreeMap;

use crypto::{Random as _, SecretKey, SystemRandom};
use formats::{
    sd_jwt_vc::{KeyBindingClaims, present},
    vp::{Link, RequestObject, VpToken, WalletResponse},
};
use serde_json::{Value, json};

use crate::{
    http::{Connection, Request},
    issuing::{Wallet, now, text},
    load::Client,
    party::{Party, TOKEN},
    row::Failure,
};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A clinic and a person who shows it two facts, again and again. Each has a connection.
pub(crate) struct Meeting {
    clinic: Connection,
    wallet: Connection,
    identifier: String,
    key: SecretKey,
    held: String,
    question: String,
}

/// Meetings of those who hold a credential.
pub(crate) async fn meetings(party: &Party, holders: Vec<Wallet>) -> Result<Vec<Meeting>, Failure> {
    let question = json!({
        "purpose": {
            "en": "To open your file", "fr": "Pour ouvrir votre dossier", "es": "Para abrir su expediente",
            "ru": "Чтобы открыть вашу карту", "ar": "لفتح ملفك", "zh": "为您建立档案",
        },
        "device": "cross",
        "dcql_query": { "credentials": [{
            "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
            "claims": [{ "path": ["family_name"] }, { "path": ["birthdate"] }],
        }] },
    });
    let clinics = party.connections(holders.len()).await?;
    let meeting = |(clinic, holder): (Connection, Wallet)| Meeting {
        clinic,
        wallet: holder.connection,
        identifier: party.identifier(),
        key: holder.key,
        held: holder.held,
        question: question.to_string(),
    };
    Ok(clinics.into_iter().zip(holders).map(meeting).collect())
}

impl Client for Meeting {
    type Task = ();

    async fn act(&mut self, (): ()) -> Result<(), Failure> {
        let body = Some((JSON, self.question.as_bytes()));
        let request = Request { path: "/ask/v1/requests", bearer: Some(TOKEN), body, ..Request::default() };
        let asked = self.clinic.send(&request).await?.json(201)?;

        // As our own wallet does: with a nonce, so that the asker signs once more.
        let link = Link::parse(&text(&asked, "/link")?).map_err(|_| Failure::new("not a link"))?;
        let mut nonce = [0; 16];
        SystemRandom.fill(&mut nonce);
        let nonce = format!("wallet_nonce={}", formats::b64::encode(&nonce));
        let path = self.path(&link.request_uri)?;
        let request = Request { path, body: Some((FORM, nonce.as_bytes())), ..Request::default() };
        let object = String::from_utf8(self.wallet.send(&request).await?.expect(200)?)?;
        let object = RequestObject::read_unverified(&object).map_err(|_| Failure::new("not a request"))?;

        let audience = object.client_id.to_string();
        let claims = KeyBindingClaims {
            nonce: &object.nonce,
            aud: &audience,
            iat: now(),
            transaction_data_hashes: None,
        };
        let shown = ["family_name", "birthdate"];
        let presentation = present(&self.held, |name| shown.contains(&name), &claims, &self.key)
            .map_err(|_| Failure::new("the credential cannot be shown"))?;
        let token = VpToken::new(BTreeMap::from([("pid".to_owned(), vec![presentation])]));
        let response = WalletResponse::Presentation { vp_token: token, state: object.state.clone() };
        let form = response.to_form_for(&object, &SystemRandom)?;
        let path = self.path(&object.response_uri)?;
        let request = Request { path, body: Some((FORM, form.as_bytes())), ..Request::default() };
        self.wallet.send(&request).await?.expect(200)?;

        let path = format!("/ask/v1/requests/{}", text(&asked, "/id")?);
        let request = Request { path: &path, bearer: Some(TOKEN), ..Request::default() };
        let result = self.clinic.send(&request).await?.json(200)?;
        match result.pointer("/result/outcome").and_then(Value::as_str) {
            Some("valid") => Ok(()),
            _ => Err(Failure::new(format!("not valid: {result}"))),
        }
    }
}

impl Meeting {
    fn path<'a>(&self, address: &'a str) -> Result<&'a str, Failure> {
        address.strip_prefix(&self.identifier).ok_or_else(|| Failure::new("another party's address"))
    }
}
