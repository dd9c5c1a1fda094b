//! For tests, of other crates too: who issues, who asks, the network between them, and cards in wallets that answer.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "tests")]

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, http::Request};
use base::{Clock, Instant, time::ManualClock};
use crypto::{HashAlg, Random, SecretKey, SeededRandom, Signer as _};
use formats::{
    dcql::{ClaimPath, Format, Held},
    fixture::Party,
    sd_jwt_vc::{self, Credential, KeyBindingClaims, StatusRef, TransactionDataHashes},
    status_list::{self, Bits, Status, StatusList},
    vp::{Link, RequestObject, VpToken, WalletResponse},
    x509::{CertifiedSigner, Purpose},
};
use serde_json::{Map, Value};
use store::Store;
use web::{
    StaffTokens,
    fixture::{Answer, between, path_of, sent},
};

use crate::{Ask, AskConfig, Fetch, FetchError, Fetched, TrustedIssuers};

/// When tests begin.
pub const NOW: Instant = Instant::from_secs(1_795_300_200);
/// Where the state publishes its status list.
pub const STATUS_URI: &str = "http://localhost:8000/status/1";
/// The place of every card of the state in it.
pub const IDX: u64 = 7;
/// What cards show only where it is asked for, as in `types/`.
const DISCLOSABLE: &[&str] = &["given_name", "family_name", "pseudonym", "personal_administrative_number"];

/// What other parties answer, by address; whoever is not in it cannot be reached.
#[derive(Debug, Default)]
pub struct Network {
    /// The answers.
    pub answers: Mutex<BTreeMap<String, Fetched>>,
    /// Who was called.
    pub calls: Mutex<Vec<String>>,
    /// How many calls are under way, and how many there were at most.
    pub under_way: Mutex<(usize, usize)>,
}

impl Fetch for Network {
    fn get<'a>(
        &'a self,
        url: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Fetched, FetchError>> + Send + 'a>> {
        self.calls.lock().unwrap().push(url.to_owned());
        let answer = self.answers.lock().unwrap().get(url).cloned();
        Box::pin(async move {
            {
                let mut under_way = self.under_way.lock().unwrap();
                under_way.0 += 1;
                under_way.1 = under_way.1.max(under_way.0);
            }
            tokio::task::yield_now().await;
            self.under_way.lock().unwrap().0 -= 1;
            answer.ok_or(FetchError)
        })
    }
}

impl Network {
    /// Has an address answer.
    pub fn serve(&self, uri: &str, status: u16, media_type: &str, body: impl Into<Vec<u8>>) {
        let answer = Fetched { status, media_type: media_type.to_owned(), body: body.into() };
        self.answers.lock().unwrap().insert(uri.to_owned(), answer);
    }
}

/// Two states that issue, who asks, and the network on which the first state publishes its status list.
pub struct Parties {
    /// The state.
    pub state: Party,
    /// Another one, which publishes no status.
    pub other: Party,
    /// Who asks.
    pub asker: Party,
    /// Signs the cards of the state, and its status list.
    pub issuer: CertifiedSigner,
    /// Signs those of the other.
    pub other_issuer: CertifiedSigner,
    /// The time that it is.
    pub clock: Arc<ManualClock>,
    /// What can be reached.
    pub network: Arc<Network>,
}

impl Parties {
    /// Parties whose certificates are valid from now on, and a status list that says that all cards are valid.
    pub fn new(clock: Arc<ManualClock>) -> Self {
        let party = |seed, name| Party::named(seed, name, clock.now());
        let (state, asker, other) = (party(1, "Utopia"), party(2, "Asker"), party(3, "Another state"));
        let issuer = state.signer(Purpose::CredentialSigning, "state.example");
        let other_issuer = other.signer(Purpose::CredentialSigning, "other.example");
        let parties =
            Self { state, other, asker, issuer, other_issuer, clock, network: Arc::new(Network::default()) };
        parties.publish(Some(Status::Valid));
        parties
    }

    /// How the asker asks at this address; it trusts both states, and has the status looked up each time.
    pub fn config(&self, identifier: &str) -> AskConfig {
        AskConfig {
            identifier: identifier.to_owned(),
            signer: self.asker.signer(Purpose::RequestSigning, "localhost"),
            issuers: [&self.state, &self.other]
                .map(|party| TrustedIssuers::of_everything(party.anchors()))
                .into(),
            server_secret: [7; 32],
            status_max_age_s: Some(0),
            staff: StaffTokens::default(),
        }
    }

    /// The asker.
    pub fn ask(&self, config: AskConfig, store: &Store, random: Arc<dyn Random>) -> Ask {
        Ask::new(config, store.clone(), self.clock.clone(), random, self.network.clone())
    }

    /// What the status list says of every card from now on; with `None` it cannot be reached.
    pub fn publish(&self, status: Option<Status>) {
        match status {
            Some(status) => self.network.serve(
                STATUS_URI,
                200,
                "application/statuslist+jwt",
                self.status_token(status, 60 * 86_400),
            ),
            None => self.network.answers.lock().unwrap().clear(),
        }
    }

    /// A status list that says this of every card, good for so many seconds.
    pub fn status_token(&self, status: Status, lasts_s: i64) -> String {
        let mut list = StatusList::new(Bits::Two, 64);
        list.set(IDX, status).unwrap();
        let now = self.clock.now();
        status_list::sign_token(STATUS_URI, now, now.plus_secs(lasts_s), 300, &list, &self.issuer).unwrap()
    }
}

/// What a presentation is made of; each part can be spoilt.
pub struct Shown {
    /// The credential.
    pub credential: Credential<'static>,
    /// What in it can be disclosed on its own.
    pub disclosable: fn(&str) -> bool,
    /// Who signs it.
    pub issuer: CertifiedSigner,
    /// What is disclosed.
    pub names: Vec<&'static str>,
    /// The holder's key.
    pub key: Arc<SecretKey>,
    /// The request's nonce.
    pub nonce: String,
    /// Who asked.
    pub aud: String,
    /// When it is presented.
    pub iat: Instant,
    /// What is approved.
    pub transactions: Vec<String>,
}

impl Shown {
    /// As it has to be to answer the query `id` of this request.
    pub fn new(
        credential: Credential<'static>,
        names: Vec<&'static str>,
        parties: &Parties,
        key: &Arc<SecretKey>,
        (request, id): (&RequestObject, &str),
    ) -> Self {
        Self {
            credential,
            disclosable: |_| true,
            issuer: parties.issuer.clone(),
            names,
            key: key.clone(),
            nonce: request.nonce.clone(),
            aud: request.client_id.to_string(),
            iat: parties.clock.now(),
            transactions: request.transactions_for(id).map(|text| text.as_str().to_owned()).collect(),
        }
    }

    /// The presentation.
    pub fn present(&self) -> String {
        let random = SeededRandom::new(9);
        let issued = sd_jwt_vc::issue(&self.credential, self.disclosable, &self.issuer, &random).unwrap();
        let hashes = (!self.transactions.is_empty())
            .then(|| TransactionDataHashes::of(&self.transactions, &[HashAlg::Sha256]));
        let claims = KeyBindingClaims {
            nonce: &self.nonce,
            aud: &self.aud,
            iat: self.iat,
            transaction_data_hashes: hashes,
        };
        sd_jwt_vc::present(&issued, |name| self.names.contains(&name), &claims, self.key.as_ref()).unwrap()
    }
}

/// A card in somebody's wallet.
#[derive(Debug, Clone)]
pub struct Card {
    /// The id of the query that it answers.
    pub query: &'static str,
    /// Its type.
    pub vct: &'static str,
    /// What it says.
    pub claims: Map<String, Value>,
    /// Whether the other state issued it.
    pub is_of_other_state: bool,
    /// When it expires, if that is not in some years.
    pub expires_at: Option<Instant>,
}

impl Card {
    /// A card of the state.
    pub fn new(query: &'static str, vct: &'static str, claims: &Value) -> Self {
        let claims = claims.as_object().unwrap().clone();
        Self { query, vct, claims, is_of_other_state: false, expires_at: None }
    }

    /// Shows what the request asks for and approves what it asks to approve.
    pub async fn answer(&self, parties: &Parties, pages: &Router, request: &RequestObject) -> Answer {
        let now = parties.clock.now();
        let key = Arc::new(SecretKey::generate(&SeededRandom::new(9)));
        let credential = Credential {
            vct: self.vct,
            iat: Some(now.start_of_day()),
            exp: Some(self.expires_at.unwrap_or_else(|| now.plus_secs(900 * 86_400))),
            status: (!self.is_of_other_state).then(|| StatusRef { uri: STATUS_URI.into(), idx: IDX }),
            holder_key: Some(key.public_key().into()),
            claims: self.claims.clone(),
            ..Credential::default()
        };
        let asked = self.asked(request);
        let names = DISCLOSABLE.iter().copied().filter(|name| asked.contains(&ClaimPath::top(*name)));
        let mut shown = Shown::new(credential, names.collect(), parties, &key, (request, self.query));
        shown.disclosable = |name| DISCLOSABLE.contains(&name);
        if self.is_of_other_state {
            shown.issuer = parties.other_issuer.clone();
        }
        answer(pages, request, &[(self.query, &[shown.present()])]).await
    }

    /// What the request asks to see of it.
    fn asked(&self, request: &RequestObject) -> Vec<ClaimPath> {
        let held = Held {
            format: Format::SdJwtVc,
            vct: self.vct,
            claims: &self.claims,
            holder_bound: true,
            authority_key_ids: &[],
        };
        let mut selections = request.query.select(&[held]).into_iter().filter(|s| s.query.id == self.query);
        selections
            .next()
            .and_then(|s| s.candidates.into_iter().next())
            .map(|c| c.disclose)
            .unwrap_or_default()
    }
}

/// The link to a wallet on a page that waits.
pub fn wallet_link(page: &Answer) -> String {
    let link = between(&page.text, "href=\"openid4vp:", "\"");
    format!("openid4vp:{}", link.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Fetches the request behind a link, as a wallet does.
pub async fn request(pages: &Router, link: &str) -> RequestObject {
    let link = Link::parse(link).unwrap();
    let fetched = sent(pages, Request::get(path_of(&link.request_uri)).body(Body::empty()).unwrap()).await;
    RequestObject::read_unverified(&fetched.text).unwrap()
}

/// Posts presentations under the ids given.
pub async fn answer(pages: &Router, request: &RequestObject, presentations: &[(&str, &[String])]) -> Answer {
    let presentations = presentations.iter().map(|(id, list)| ((*id).to_owned(), list.to_vec()));
    let response = WalletResponse::Presentation {
        vp_token: VpToken::new(presentations.collect()),
        state: request.state.clone(),
    };
    let form = response.to_form_for(request, &SeededRandom::new(11)).unwrap();
    let post = Request::post(path_of(&request.response_uri))
        .header("content-type", "application/x-www-form-urlencoded");
    sent(pages, post.body(Body::from(form)).unwrap()).await
}
