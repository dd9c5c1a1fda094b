//! The request object (section 5): built and signed by the asker, verified by the wallet before it shows anything.
//!
//! `refusal.rs` has every reason for which a wallet does not, and what the asker may be told of it.

mod refusal;

pub use refusal::RequestRefusal;

use std::collections::BTreeMap;

use base::{
    Instant, Texts,
    limits::{CLOCK_SKEW_S, TRANSACTION_DATA_MAX},
};
use crypto::Algorithm;
use serde_json::{Map, Value, json};

use super::{
    AUDIENCE_STATIC, ByValueRefusal, ClientId, PURPOSE_FORMAT, Prefix, REQUEST_TYP, ResponseEncryption,
    ResponseMode, TransactionData, TransactionRefusal,
    by_value::{is_by_value, is_link},
    is_callable,
};
use crate::{
    dcql,
    jws::{self, Jws},
    x509::{self, CertifiedSigner, Leaf, TrustAnchors},
};

/// A request, as both sides understand it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestObject {
    /// Who asks, prefix included.
    pub client_id: ClientId,
    /// Where the answer is posted.
    pub response_uri: String,
    /// To what the answer is to be encrypted: `response_mode` is `direct_post.jwt` if there is something, else
    /// `direct_post`.
    pub encryption: Option<ResponseEncryption>,
    /// What every key-binding JWT of the answer must hold.
    pub nonce: String,
    /// To be echoed with the answer.
    pub state: Option<String>,
    /// What is asked for.
    pub query: dcql::Query,
    /// What is to be approved.
    pub transaction_data: Vec<TransactionData>,
    /// Why, in the asker's own words.
    pub purpose: Option<Texts>,
    /// The wallet's own nonce, if it posted one.
    pub wallet_nonce: Option<String>,
    /// When the request was made.
    pub iat: Option<Instant>,
    /// Until when it can be answered.
    pub exp: Option<Instant>,
}

impl RequestObject {
    /// The claims of the request object.
    pub fn to_value(&self) -> Value {
        // Issuers sign by any algorithm that we verify, holders by the one that we take in `cnf`.
        let issuers: Vec<&str> = Algorithm::ALL.iter().flat_map(|alg| alg.names()).copied().collect();
        let holders = Algorithm::Es256.names();
        let mut metadata = Map::new();
        metadata.insert(
            "vp_formats_supported".to_owned(),
            json!({ "dc+sd-jwt": { "sd-jwt_alg_values": issuers, "kb-jwt_alg_values": holders } }),
        );
        if let Some(encryption) = &self.encryption {
            encryption.put(&mut metadata);
        }
        let mut claims = json!({
            "aud": AUDIENCE_STATIC,
            "client_id": self.client_id.to_string(),
            "client_metadata": metadata,
            "dcql_query": self.query.to_value(),
            "nonce": self.nonce,
            "response_mode": self.response_mode().as_str(),
            "response_type": "vp_token",
            "response_uri": self.response_uri,
        });
        if let Some(claims) = claims.as_object_mut() {
            let mut put = |name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    claims.insert(name.to_owned(), value);
                }
            };
            put("state", self.state.clone().map(Value::from));
            put("wallet_nonce", self.wallet_nonce.clone().map(Value::from));
            put("iat", self.iat.map(|t| t.secs().into()));
            put("exp", self.exp.map(|t| t.secs().into()));
            let transactions: Vec<&str> = self.transaction_data.iter().map(TransactionData::as_str).collect();
            put("transaction_data", (!transactions.is_empty()).then(|| transactions.into()));
            put(
                "verifier_info",
                self.purpose.as_ref().map(|texts| {
                    let texts: Map<String, Value> =
                        texts.iter().map(|(lang, text)| (lang.to_string(), text.into())).collect();
                    json!([{ "format": PURPOSE_FORMAT, "data": texts }])
                }),
            );
        }
        claims
    }

    /// How the answer is to travel.
    pub const fn response_mode(&self) -> ResponseMode {
        if self.encryption.is_some() { ResponseMode::DirectPostJwt } else { ResponseMode::DirectPost }
    }

    /// Signs it with the asker's certified key; the certificates travel in `x5c`, the anchor never does.
    pub fn sign(&self, signer: &CertifiedSigner) -> Result<String, jws::Error> {
        signer.sign_as(REQUEST_TYP, self.to_value().to_string().as_bytes(), 0)
    }

    /// The transactions that the credential answering the query `id` approves: each is approved by the first
    /// credential that it names.
    pub fn transactions_for<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a TransactionData> {
        self.transaction_data
            .iter()
            .filter(move |t| t.credential_ids().first().is_some_and(|first| first == id))
    }
}

/// What a wallet knows when it verifies a request.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext<'a> {
    /// `client_id` of the link.
    pub client_id: &'a str,
    /// Who vouches for askers.
    pub anchors: &'a TrustAnchors,
    /// The instant that it is.
    pub now: Instant,
    /// The nonce that the wallet posted, if it did.
    pub wallet_nonce: Option<&'a str>,
    /// Whether http on the loopback will do.
    pub insecure_loopback: bool,
}

/// A request whose asker is known.
#[derive(Debug, Clone)]
pub struct VerifiedRequest {
    /// What is asked.
    pub request: RequestObject,
    /// The asker's certificate, validated.
    pub asker: Leaf,
    /// The request object as received.
    pub text: String,
}

/// Verifies a request object as a wallet must: who signed, for whom, until when, and whether all of it is understood.
pub fn verify_request(text: &str, context: &RequestContext<'_>) -> Result<VerifiedRequest, RequestRefusal> {
    use RequestRefusal as R;
    let jws = Jws::parse(text).map_err(R::Jws)?;
    if jws.header.typ.as_deref() != Some(REQUEST_TYP) {
        return Err(R::Typ);
    }
    let chain = jws.header.x5c.as_deref().filter(|chain| !chain.is_empty()).ok_or(R::CertificateMissing)?;
    let asker = x509::validate(chain, context.anchors, context.now, x509::Purpose::RequestSigning)
        .map_err(R::Untrusted)?;
    jws.verify(&asker.public_key, asker.public_key.algorithm()).map_err(|_| R::Signature)?;
    let claims = jws.claims().map_err(R::Jws)?;
    let client_id: ClientId =
        text_of(&claims, "client_id")?.ok_or(R::ClientIdMismatch)?.parse().map_err(|_| R::ClientIdPrefix)?;
    if client_id.to_string() != context.client_id {
        return Err(R::ClientIdMismatch);
    }
    // What is signed cannot be of somebody who has nothing to sign with (section 5.9.3).
    if is_by_value(client_id.prefix()) {
        return Err(R::ClientIdPrefix);
    }
    if !client_id.matches(&asker) {
        return Err(R::ClientIdCertificate);
    }
    let policy = Policy {
        now: Some(context.now),
        wallet_nonce: context.wallet_nonce,
        insecure_loopback: context.insecure_loopback,
        signed: true,
    };
    let request = RequestObject::from_claims(client_id, &claims, &policy)?;
    Ok(VerifiedRequest { request, asker, text: text.to_owned() })
}

/// What depends on who reads a request, and when.
struct Policy<'a> {
    /// None where the times do not matter.
    now: Option<Instant>,
    wallet_nonce: Option<&'a str>,
    insecure_loopback: bool,
    /// Whether it is a request object, and not a link.
    signed: bool,
}

impl RequestObject {
    /// Reads the parameters of a link that carries its request.
    pub(super) fn from_unsigned(
        claims: &Map<String, Value>,
        insecure_loopback: bool,
    ) -> Result<Self, RequestRefusal> {
        let client_id: ClientId = text_of(claims, "client_id")?
            .ok_or(RequestRefusal::ClientIdMismatch)?
            .parse()
            .map_err(|_| RequestRefusal::ClientIdPrefix)?;
        if !is_by_value(client_id.prefix()) {
            return Err(RequestRefusal::ClientIdPrefix);
        }
        let policy = Policy { now: None, wallet_nonce: None, insecure_loopback, signed: false };
        Self::from_claims(client_id, claims, &policy)
    }

    /// Reads a request object, or a link that carries its request, without verifying who signed it or when: one's own,
    /// or one that is verified elsewhere.
    pub fn read_unverified(text: &str) -> Result<Self, RequestRefusal> {
        if is_link(text) {
            return Self::from_link(text, true).map_err(|refusal| match refusal {
                ByValueRefusal::Request(refusal) => refusal,
                _ => RequestRefusal::Malformed("link"),
            });
        }
        let claims = Jws::parse(text).and_then(|jws| jws.claims()).map_err(RequestRefusal::Jws)?;
        let client_id = text_of(&claims, "client_id")?.ok_or(RequestRefusal::ClientIdMismatch)?;
        let client_id = client_id.parse().map_err(|_| RequestRefusal::ClientIdPrefix)?;
        Self::from_claims(
            client_id,
            &claims,
            &Policy { now: None, wallet_nonce: None, insecure_loopback: true, signed: true },
        )
    }

    /// Everything that is checked once it is known who asks.
    fn from_claims(
        client_id: ClientId,
        claims: &Map<String, Value>,
        policy: &Policy<'_>,
    ) -> Result<Self, RequestRefusal> {
        use RequestRefusal as R;
        let response_uri = text_of(claims, "response_uri")?.ok_or(R::ResponseUri)?;
        if !is_callable(response_uri, policy.insecure_loopback) || !may_answer_to(&client_id, response_uri) {
            return Err(R::ResponseUri);
        }
        let audience = match claims.get("aud") {
            Some(Value::String(aud)) => aud == AUDIENCE_STATIC,
            Some(Value::Array(list)) => list.iter().any(|aud| aud.as_str() == Some(AUDIENCE_STATIC)),
            _ => false,
        };
        if policy.signed && !audience {
            return Err(R::Aud);
        }
        let (iat, exp) = (time_of(claims, "iat")?, time_of(claims, "exp")?);
        let starts = time_of(claims, "nbf")?.max(iat);
        let early = |now: Instant| starts.is_some_and(|t| t > now.plus_secs(CLOCK_SKEW_S));
        let late = |now: Instant| exp.is_some_and(|t| t.plus_secs(CLOCK_SKEW_S) <= now);
        if policy.now.is_some_and(|now| early(now) || late(now)) {
            return Err(R::Time);
        }
        if text_of(claims, "response_type")? != Some("vp_token") {
            return Err(R::ResponseType);
        }
        let mode = text_of(claims, "response_mode")?.and_then(ResponseMode::from_name);
        let encryption = match mode.ok_or(R::ResponseMode)? {
            ResponseMode::DirectPost => None,
            ResponseMode::DirectPostJwt => Some(ResponseEncryption::read(claims.get("client_metadata"))?),
        };
        if claims.contains_key("redirect_uri") {
            return Err(R::RedirectUri);
        }
        for (name, refused) in [("request", "request"), ("request_uri", "request_uri"), ("scope", "scope")] {
            if claims.contains_key(name) {
                return Err(R::Malformed(refused));
            }
        }
        let nonce = text_of(claims, "nonce")?.filter(|n| is_url_safe(n)).ok_or(R::Nonce)?;
        let state = text_of(claims, "state")?;
        if state.is_some_and(|s| !is_url_safe(s)) {
            return Err(R::Malformed("state"));
        }
        let wallet_nonce = text_of(claims, "wallet_nonce")?;
        if policy.wallet_nonce.is_some() && wallet_nonce != policy.wallet_nonce {
            return Err(R::WalletNonce);
        }
        check_formats(claims)?;
        let query = dcql::Query::from_value(claims.get("dcql_query").ok_or(R::Malformed("dcql_query"))?)?;
        let transaction_data = read_transactions(claims, &query)?;
        Ok(Self {
            client_id,
            response_uri: response_uri.to_owned(),
            encryption,
            nonce: nonce.to_owned(),
            state: state.map(str::to_owned),
            query,
            transaction_data,
            // Of somebody unknown it is anybody's word, which could read like the wallet's own.
            purpose: policy.signed.then(|| read_purpose(claims)).flatten(),
            wallet_nonce: wallet_nonce.map(str::to_owned),
            iat,
            exp,
        })
    }
}

/// Section 5.9.3, `x509_san_dns`: the answer goes to the host that the client identifier names.
fn may_answer_to(client_id: &ClientId, response_uri: &str) -> bool {
    match client_id.prefix() {
        Prefix::X509SanDns => url::Url::parse(response_uri)
            .is_ok_and(|url| url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(client_id.name()))),
        Prefix::X509Hash => true,
        Prefix::RedirectUri => response_uri == client_id.name(),
    }
}

/// `client_metadata.vp_formats_supported`, if present, must leave us a way to answer.
fn check_formats(claims: &Map<String, Value>) -> Result<(), RequestRefusal> {
    let Some(metadata) = claims.get("client_metadata") else { return Ok(()) };
    let metadata = metadata.as_object().ok_or(RequestRefusal::Malformed("client_metadata"))?;
    let Some(formats) = metadata.get("vp_formats_supported") else { return Ok(()) };
    let ours = formats.get(dcql::Format::SdJwtVc.as_str()).ok_or(RequestRefusal::Formats)?;
    for (member, known) in
        [("sd-jwt_alg_values", &Algorithm::ALL[..]), ("kb-jwt_alg_values", &[Algorithm::Es256])]
    {
        if let Some(algs) = ours.get(member) {
            let algs = algs.as_array().ok_or(RequestRefusal::Malformed("client_metadata"))?;
            let mut algs = algs.iter().filter_map(|alg| Algorithm::from_name(alg.as_str()?));
            if !algs.any(|alg| known.contains(&alg)) {
                return Err(RequestRefusal::Formats);
            }
        }
    }
    Ok(())
}

fn read_transactions(
    claims: &Map<String, Value>,
    query: &dcql::Query,
) -> Result<Vec<TransactionData>, RequestRefusal> {
    let Some(list) = claims.get("transaction_data") else { return Ok(Vec::new()) };
    let malformed = RequestRefusal::TransactionData(TransactionRefusal::Malformed);
    let list =
        list.as_array().filter(|l| !l.is_empty() && l.len() <= TRANSACTION_DATA_MAX).ok_or(malformed)?;
    let mut transactions = Vec::with_capacity(list.len());
    for encoded in list {
        let encoded =
            encoded.as_str().ok_or(RequestRefusal::TransactionData(TransactionRefusal::Malformed))?;
        let transaction = TransactionData::from_encoded(encoded).map_err(RequestRefusal::TransactionData)?;
        if transaction.credential_ids().iter().any(|id| query.credential(id).is_none()) {
            return Err(RequestRefusal::TransactionData(TransactionRefusal::CredentialIds));
        }
        transactions.push(transaction);
    }
    Ok(transactions)
}

/// The purpose that one of our askers states; anything that is not exactly that is ignored (section 5.11).
fn read_purpose(claims: &Map<String, Value>) -> Option<Texts> {
    let entries = claims.get("verifier_info")?.as_array()?;
    let entry = entries.iter().find(|e| e.get("format").and_then(Value::as_str) == Some(PURPOSE_FORMAT))?;
    let texts = entry.get("data")?.as_object()?;
    let texts: BTreeMap<_, _> =
        texts.iter().filter_map(|(tag, text)| Some((tag.parse().ok()?, text.as_str()?.to_owned()))).collect();
    Texts::try_from(texts).ok()
}

fn text_of<'c>(
    claims: &'c Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'c str>, RequestRefusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(RequestRefusal::Malformed(name)),
    }
}

fn time_of(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Instant>, RequestRefusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => {
            value.as_i64().map(|secs| Some(Instant::from_secs(secs))).ok_or(RequestRefusal::Malformed(name))
        }
    }
}

/// Section 5.2: letters, digits, `-`, `.`, `_`, `~`.
fn is_url_safe(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 512
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}
