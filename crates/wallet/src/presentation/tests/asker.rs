//! An asker that answers requests with real signatures, and can be spoilt in every place.

use std::collections::BTreeSet;

use crypto::{EphemeralKey, SeededRandom};
use formats::{
    jwe,
    sd_jwt::SdJwt,
    sd_jwt_vc::{self, KeyBinding, VerifyContext},
    vp::ClientId,
    x509::{CertifiedSigner, Purpose},
};
use serde_json::json;

use super::super::*;
use crate::{
    contents::Wallet,
    fixture::{PID, context, form, now, party},
    http::Method,
};

pub(super) const HOST: &str = "clinic.example";
pub(super) const AGREEMENT: &str = "https://clinic.example/types/agreement/1";

/// An asker that can be spoilt in every place.
pub(super) struct Asker {
    pub(super) signer: CertifiedSigner,
    pub(super) claims: Value,
    pub(super) header: Value,
    pub(super) link_client_id: Option<String>,
    pub(super) method: Option<&'static str>,
    pub(super) media_type: &'static str,
    pub(super) status: u16,
    pub(super) answer: (u16, Value),
    pub(super) answers: bool,
    /// Whether the request is in the link, and nobody signs it.
    pub(super) by_value: bool,
    /// Which cards the person names.
    pub(super) cards: BTreeMap<String, Vec<CardId>>,
    /// What encrypted answers are opened with.
    pub(super) key: EphemeralKey,
    pub(super) asked: Vec<String>,
    pub(super) posts: Vec<BTreeMap<String, String>>,
}

impl Asker {
    pub(super) fn new() -> Self {
        let signer = party(2).leaf(Purpose::RequestSigning, &[HOST], now(), 300);
        let query = json!({ "credentials": [{
            "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": [PID] },
            "claims": [{ "path": ["family_name"] }, { "path": ["birthdate"] }],
        }] });
        Self {
            header: json!({ "typ": "oauth-authz-req+jwt", "x5c": signer.x5c() }),
            claims: json!({
                "aud": "https://self-issued.me/v2", "client_id": ClientId::san_dns(HOST).to_string(),
                "response_type": "vp_token", "response_mode": "direct_post", "response_uri": "https://clinic.example/answer",
                "nonce": "nonce-2", "state": "state-2", "dcql_query": query,
                "iat": now().secs(), "exp": now().plus_secs(600).secs(),
            }),
            signer,
            link_client_id: None,
            method: None,
            media_type: REQUEST_MEDIA_TYPE,
            status: 200,
            answer: (200, json!({})),
            answers: true,
            by_value: false,
            cards: BTreeMap::new(),
            key: EphemeralKey::generate(&SeededRandom::new(91)),
            asked: Vec::new(),
            posts: Vec::new(),
        }
    }

    pub(super) fn ask_for(&mut self, claims: &[&str]) {
        let claims: Vec<Value> = claims.iter().map(|name| json!({ "path": [name] })).collect();
        let query = &mut self.claims["dcql_query"]["credentials"][0];
        if claims.is_empty() {
            query.as_object_mut().unwrap().remove("claims");
        } else {
            query["claims"] = claims.into();
        }
    }

    pub(super) fn link(&self) -> String {
        if self.by_value {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in self.claims.as_object().unwrap() {
                query.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
            return format!("openid4vp://?{}", query.finish());
        }
        let client_id = self
            .link_client_id
            .as_deref()
            .or(self.claims["client_id"].as_str())
            .unwrap_or("x509_san_dns:clinic.example")
            .to_owned();
        let method = self.method.map(str::to_owned);
        Link { client_id, request_uri: "https://clinic.example/request/1".into(), request_uri_method: method }
            .to_string()
    }

    pub(super) fn serve(&mut self, request: &Request) -> Response {
        let method = if request.method == Method::Get { "GET" } else { "POST" };
        self.asked.push(format!("{method} {}", request.url));
        let reply = |status, content_type: &str, body: String| Response {
            status,
            content_type: content_type.into(),
            body: body.into_bytes(),
        };
        match request.url.path() {
            "/request/1" => {
                if let Some(nonce) = form(&request.body).get("wallet_nonce") {
                    self.claims["wallet_nonce"] = json!(nonce);
                }
                let text = formats::jws::sign(&self.header, self.claims.to_string().as_bytes(), self.signer.signer.as_ref());
                reply(self.status, self.media_type, text.unwrap())
            }
            "/types/agreement/1" => reply(200, JSON, json!({
                "type": AGREEMENT,
                "schema": { "additionalProperties": false, "required": ["text"], "properties": { "text": { "type": "string" } } },
                "claims": [{ "path": ["payload", "text"], "display": [{ "locale": "en", "label": "Text" }] }],
                "ui_labels": { "transaction_title": [{ "locale": "en", "value": "Agree to a text" }] },
            }).to_string()),
            "/answer" => {
                self.posts.push(self.opened(form(&request.body)));
                reply(self.answer.0, JSON, self.answer.1.to_string())
            }
            _ => reply(404, JSON, String::new()),
        }
    }

    /// The parameters of an answer, decrypted if it is encrypted.
    fn opened(&self, mut post: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let Some(text) = post.remove("response") else { return post };
        assert!(post.is_empty(), "nothing goes beside what is encrypted");
        let plain = jwe::decrypt(&text, &self.key, &jwe::Enc::ALL).unwrap();
        let members: serde_json::Map<String, Value> = serde_json::from_slice(&plain).unwrap();
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        members.into_iter().map(|(name, value)| (name, text(value))).collect()
    }

    /// Runs the whole flow; answers the question too, if the person was asked one.
    pub(super) fn run(&mut self, wallet: &mut Wallet) -> (Result<Answered, Error>, Option<Question>) {
        let random = SeededRandom::new(77);
        let mut seen = None;
        let (mut flow, mut step) = Presentation::start(&self.link(), &context(wallet, &random));
        loop {
            let event = match step {
                Step::Request(request) => Event::Response(self.serve(&request)),
                Step::Ask(question) => {
                    seen = Some(*question);
                    Event::Answer(if self.answers {
                        Answer::Approve { cards: self.cards.clone() }
                    } else {
                        Answer::Refuse
                    })
                }
                Step::Store(change) => {
                    // Whatever is shown is noted before it is sent.
                    assert!(self.posts.iter().all(|post| !post.contains_key("vp_token")));
                    wallet.apply(*change);
                    Event::Stored
                }
                Step::Done(answered) => return (Ok(answered), seen),
                Step::Failed(error) => return (Err(error), seen),
            };
            step = flow.handle(event, &context(wallet, &random));
        }
    }

    /// The one presentation that was posted, verified as an asker must.
    pub(super) fn verified(&self) -> (sd_jwt_vc::VerifiedCredential, BTreeSet<String>) {
        let token: Value = serde_json::from_str(&self.posts[0]["vp_token"]).unwrap();
        let text = token["pid"][0].as_str().unwrap().to_owned();
        let issuers = party(1);
        let anchors = formats::x509::TrustAnchors::from_pem(&issuers.pem()).unwrap();
        let texts: Vec<String> =
            serde_json::from_value(self.claims.get("transaction_data").cloned().unwrap_or_else(|| json!([])))
                .unwrap();
        let transaction_data = sd_jwt_vc::TransactionData { texts: &texts, algs: &[HashAlg::Sha256] };
        let aud = self.claims["client_id"].as_str().unwrap();
        let expected = KeyBinding::Required { nonce: "nonce-2", aud, transaction_data };
        let verified =
            sd_jwt_vc::verify(&text, &VerifyContext { anchors: &anchors, now: now(), expected }).unwrap();
        let parsed = SdJwt::parse(&text).unwrap();
        let disclosed = parsed.disclosures().iter().filter_map(|d| d.name().map(str::to_owned)).collect();
        (verified, disclosed)
    }
}
