//! A person's wallet, as far as these tests need one: keys, proofs, answers to requests.

use base::Instant;
use crypto::{HashAlg, SecretKey, SystemRandom};
use formats::{
    jws::Jws,
    sd_jwt_vc::{KeyBindingClaims, TransactionDataHashes, present},
    vci::proof,
    vp::{Link, RequestContext, RequestObject, VpToken, WalletResponse, verify_request},
    x509::TrustAnchors,
};
use serde_json::{Map, Value, json};

use crate::party::{Call, Reply, State};

/// Where the person who is asked on the same device goes back to.
const BACK: &str = "http://localhost:9/back";

pub(crate) fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Instant::from_ms(i64::try_from(since.as_millis()).unwrap())
}

/// A text of an answer that must be there.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} in {value}")).to_owned()
}

pub(crate) fn anchors(state: &State) -> TrustAnchors {
    TrustAnchors::from_pem(&std::fs::read_to_string(state.anchor()).unwrap()).unwrap()
}

/// What is known of a person at the least.
pub(crate) fn attributes() -> Value {
    json!({ "given_name": "Ulmira", "family_name": "Tidjara", "birthdate": "1980-01-01",
        "nationalities": ["XZ"], "place_of_birth": { "country": "XZ" } })
}

/// The code of an offer.
pub(crate) fn code(offer: &Value) -> String {
    let pointer =
        "/credential_offer/grants/urn:ietf:params:oauth:grant-type:pre-authorized_code/pre-authorized_code";
    text(offer, pointer)
}

/// Copies of one credential, each with its key.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) copies: Vec<(String, std::sync::Arc<SecretKey>)>,
}

impl Held {
    /// List and index of each copy's status.
    pub(crate) fn statuses(&self) -> Vec<(String, u64)> {
        let status = |(copy, _): &(String, _)| {
            let claims = Jws::parse(copy.split('~').next().unwrap()).unwrap().claims().unwrap();
            let list = &claims["status"]["status_list"];
            (text(list, "/uri"), list["idx"].as_u64().unwrap())
        };
        self.copies.iter().map(status).collect()
    }
}

/// A request for copies: what is sent, and the keys of the copies.
pub(crate) struct Fetch {
    pub(crate) call: Call,
    keys: Vec<std::sync::Arc<SecretKey>>,
}

impl Fetch {
    /// Of the person's identity.
    pub(crate) fn new(identifier: &str, access_token: &str, nonce: &str, copies: usize) -> Self {
        Self::of("pid", identifier, access_token, nonce, copies)
    }

    /// Of a kind of credential.
    pub(crate) fn of(kind: &str, identifier: &str, access_token: &str, nonce: &str, copies: usize) -> Self {
        let keys: Vec<_> =
            (0..copies).map(|_| std::sync::Arc::new(SecretKey::generate(&SystemRandom))).collect();
        let proof =
            |key: &std::sync::Arc<SecretKey>| proof::build(&**key, identifier, Some(nonce), now()).unwrap();
        let proofs: Vec<String> = keys.iter().map(proof).collect();
        Self { call: Call::credential(kind, access_token, &proofs), keys }
    }

    /// The body.
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.call.body()).unwrap()
    }

    /// What was given.
    pub(crate) fn held(self, issued: &Value) -> Held {
        let credentials = issued["credentials"].as_array().unwrap();
        assert_eq!(credentials.len(), self.keys.len(), "{issued}");
        let copies = credentials.iter().map(|c| text(c, "/credential"));
        Held { copies: copies.zip(self.keys).collect() }
    }
}

/// A question for the family name; on the same device it is answered in this session.
pub(crate) fn question(session: Option<&str>) -> Value {
    let purpose: Map<String, Value> = ["ar", "zh", "en", "fr", "ru", "es"]
        .map(|lang| (lang.to_owned(), json!("To open your file.")))
        .into_iter()
        .collect();
    let query = json!({ "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:eudi:pid:1"] },
        "claims": [{ "path": ["family_name"] }] });
    let mut question =
        json!({ "purpose": purpose, "device": "cross", "dcql_query": { "credentials": [query] } });
    if let Some(session) = session {
        question["device"] = json!("same");
        question["return_to"] = json!(BACK);
        question["session"] = json!(session);
    }
    question
}

/// Where the request is that a link leads to.
pub(crate) fn request_of(link: &str) -> Call {
    Call::get(&Link::parse(link).unwrap().request_uri)
}

/// Verifies a request as a wallet does.
pub(crate) fn verified(link: &str, fetched: &Reply, anchors: &TrustAnchors) -> RequestObject {
    let link = Link::parse(link).unwrap();
    let context = RequestContext {
        client_id: &link.client_id,
        anchors,
        now: now(),
        wallet_nonce: None,
        insecure_loopback: true,
    };
    verify_request(&fetched.text, &context).unwrap().request
}

/// The answer to a request with a copy.
pub(crate) fn answer(request: &RequestObject, copy: &(String, std::sync::Arc<SecretKey>)) -> Call {
    answer_to(request, "card", "family_name", copy)
}

/// The answer to what is asked under this name: it shows this claim, and approves whatever is to be approved.
pub(crate) fn answer_to(
    request: &RequestObject,
    query: &str,
    claim: &str,
    (copy, key): &(String, std::sync::Arc<SecretKey>),
) -> Call {
    let client_id = request.client_id.to_string();
    let texts: Vec<String> = request.transactions_for(query).map(|t| t.as_str().to_owned()).collect();
    let claims = KeyBindingClaims {
        nonce: &request.nonce,
        aud: &client_id,
        iat: now(),
        transaction_data_hashes: (!texts.is_empty())
            .then(|| TransactionDataHashes::of(&texts, &[HashAlg::Sha256])),
    };
    let shown = present(copy, |name| name == claim, &claims, &**key).unwrap();
    let vp_token = VpToken::new([(query.to_owned(), vec![shown])].into());
    let response = WalletResponse::Presentation { vp_token, state: request.state.clone() };
    Call::form(&request.response_uri, response.to_form_for(request, &SystemRandom).unwrap())
}
