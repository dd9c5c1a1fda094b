//! A made-up country: who issues, who asks, who holds, and what they have made. The same at every run, but for the
//! random part of ECDSA's signatures.

use std::sync::{Arc, LazyLock};

use base::{Instant, Lang, Texts};
use crypto::{Ed25519SecretKey, EphemeralKey, HashAlg, KeyAgreement as _, SecretKey, SeededRandom, Signer};
use formats::{
    dcql::{ClaimPath, Format, Held, Query},
    jwk::EncryptionJwk,
    sd_jwt::{Decoys, Plan, SdJwt},
    sd_jwt_vc::{self, Credential, KeyBindingClaims, StatusRef, TransactionDataHashes},
    status_list::{Bits, NewToken, Status, StatusList},
    vp::{ClientId, RequestObject, ResponseEncryption, TransactionData},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};
use serde_json::{Value, json};

/// The instant that it is.
pub(crate) const NOW: Instant = Instant::from_secs(1_795_300_200);
pub(crate) const ISSUER: &str = "https://issuer.example/state";
pub(crate) const HOST: &str = "clinic.example";
pub(crate) const RESPONSE_URI: &str = "https://clinic.example/answer";
pub(crate) const STATUS_URI: &str = "https://issuer.example/status/1";
pub(crate) const PID: &str = "urn:eudi:pid:1";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";

pub(crate) struct Party {
    pub(crate) root: Vec<u8>,
    /// Of a kind whose signatures are always the same, so that the certificates are: what one run has left refers to them.
    pub(crate) root_key: Ed25519SecretKey,
    pub(crate) signer: CertifiedSigner,
    pub(crate) anchors: TrustAnchors,
}

impl Party {
    fn new(seed: u64, purpose: Purpose, dns: &[&str]) -> Self {
        let random = SeededRandom::new(seed);
        let root_key = Ed25519SecretKey::generate(&random);
        let names = MakeRoot {
            country: "UT".into(),
            organisation: format!("Party {seed}"),
            common_name: format!("Party {seed} root"),
            path_len: 0,
            days: 3_650,
        };
        let root = make_root(&names, &root_key, &random, NOW).unwrap();
        let key = Arc::new(SecretKey::generate(&random));
        let leaf = MakeLeaf {
            purpose,
            common_name: "Leaf".into(),
            organisation: Some("Ministry of \u{c9}tat".into()),
            country: None,
            dns_names: dns.iter().map(|name| (*name).to_owned()).collect(),
            days: 300,
        };
        let der = make_leaf(&leaf, &key.public_key(), &root, &root_key, &random, NOW).unwrap();
        let signer = CertifiedSigner::new(key, vec![der]).unwrap();
        let anchors = TrustAnchors::from_der(&root).unwrap();
        Self { root, root_key, signer, anchors }
    }
}

pub(crate) struct World {
    pub(crate) issuer: Party,
    pub(crate) asker: Party,
    pub(crate) holder: Arc<SecretKey>,
    /// Opens answers that were encrypted.
    pub(crate) opener: EphemeralKey,
    /// A credential with everything disclosed, one of each way to hide claims.
    pub(crate) credentials: Vec<String>,
    /// What the clinic asks: as it is, with encryption, and with something to approve.
    pub(crate) requests: Vec<RequestObject>,
    pub(crate) status_token: String,
}

/// The one that there is.
pub(crate) static WORLD: LazyLock<World> = LazyLock::new(World::new);

pub(crate) fn claims() -> Value {
    json!({
        "family_name": "\u{c9}vora", "given_name": "Nerida", "birthdate": "1994-03-08", "sex": 2,
        "nationalities": ["UT", "SN"],
        "address": { "locality": "Amber", "region": "North", "geo": { "lat": 14, "lon": -16.5 } },
        "degrees": [{ "type": "BSc", "year": 2016 }, { "type": "MSc", "year": 2018 }],
        "age_equal_or_over": { "18": true, "65": false },
    })
}

pub(crate) fn query() -> Value {
    json!({
        "credentials": [{
            "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": [PID] },
            "claims": [
                { "id": "a", "path": ["family_name"] },
                { "id": "b", "path": ["birthdate"], "values": ["1994-03-08", "1994-03-09"] },
                { "id": "c", "path": ["address", "locality"] },
                { "id": "d", "path": ["nationalities", null] },
                { "id": "e", "path": ["degrees", 0, "type"] },
            ],
            "claim_sets": [["a", "b", "c", "d", "e"], ["a", "b"]],
        }],
    })
}

fn paths() -> Vec<ClaimPath> {
    let all = json!([
        ["family_name"],
        ["given_name"],
        ["birthdate"],
        ["nationalities"],
        ["nationalities", null],
        ["address"],
        ["address", "locality"],
        ["address", "geo"],
        ["address", "geo", "lat"],
        ["degrees"],
        ["degrees", null],
        ["degrees", null, "type"],
        ["age_equal_or_over", "18"]
    ]);
    all.as_array().unwrap().iter().map(|path| ClaimPath::from_value(path).unwrap()).collect()
}

impl World {
    fn new() -> Self {
        let issuer = Party::new(1, Purpose::CredentialSigning, &["issuer.example"]);
        let asker = Party::new(2, Purpose::RequestSigning, &[HOST]);
        let random = SeededRandom::new(3);
        let holder = Arc::new(SecretKey::generate(&random));
        let opener = EphemeralKey::generate(&random);
        let credential = Credential {
            vct: PID,
            iat: Some(NOW.start_of_day()),
            nbf: Some(NOW.start_of_day()),
            exp: Some(NOW.plus_secs(86_400)),
            status: Some(StatusRef { uri: STATUS_URI.into(), idx: 7 }),
            holder_key: Some(holder.public_key().into()),
            claims: claims().as_object().unwrap().clone(),
            ..Credential::default()
        };
        let every = paths();
        let top: Vec<ClaimPath> = claims().as_object().unwrap().keys().map(ClaimPath::top).collect();
        let plans = [
            Plan { disclosable: &every, hash: HashAlg::Sha256, decoys: Decoys::Between(1, 2) },
            Plan { disclosable: &top, hash: HashAlg::Sha512, decoys: Decoys::None },
        ];
        let credentials = plans
            .iter()
            .map(|plan| sd_jwt_vc::issue_planned(&credential, plan, &issuer.signer, &random).unwrap())
            .collect();
        let requests = requests(&asker, &opener);
        let mut list = StatusList::new(Bits::Two, 1_024);
        list.set(9, Status::Invalid).unwrap();
        list.set(1_000, Status::Suspended).unwrap();
        let new = NewToken {
            sub: STATUS_URI,
            iat: NOW,
            exp: NOW.plus_secs(3_600),
            ttl_s: 300,
            aggregation_uri: Some("https://issuer.example/status"),
            list: &list,
        };
        let status_token = new.sign(&issuer.signer).unwrap();
        Self { issuer, asker, holder, opener, credentials, requests, status_token }
    }

    /// The holder's answer to a request with one of the credentials.
    pub(crate) fn presentation(&self, credential: &str, request: &RequestObject) -> String {
        let texts: Vec<String> = request.transactions_for("pid").map(|t| t.as_str().to_owned()).collect();
        let hashes = (!texts.is_empty()).then(|| TransactionDataHashes::of(&texts, &[HashAlg::Sha256]));
        let aud = request.client_id.to_string();
        let claims =
            KeyBindingClaims { nonce: &request.nonce, aud: &aud, iat: NOW, transaction_data_hashes: hashes };
        sd_jwt_vc::present_paths(credential, &selected(credential, request), &claims, self.holder.as_ref())
            .unwrap()
    }
}

/// What the request's first query asks of the credential.
fn selected(credential: &str, request: &RequestObject) -> Vec<ClaimPath> {
    let claims = SdJwt::parse(credential).unwrap().process().unwrap();
    let held = Held {
        format: Format::SdJwtVc,
        vct: PID,
        claims: &claims,
        holder_bound: true,
        authority_key_ids: &[],
    };
    let selections = request.query.select(&[held]);
    selections.first().and_then(|s| s.candidates.first()).map(|c| c.disclose.clone()).unwrap()
}

fn requests(asker: &Party, opener: &EphemeralKey) -> Vec<RequestObject> {
    let purpose = Lang::ALL.into_iter().map(|lang| (lang, format!("Purpose ({lang})"))).collect();
    let plain = RequestObject {
        client_id: ClientId::san_dns(HOST),
        response_uri: RESPONSE_URI.into(),
        encryption: None,
        nonce: NONCE.into(),
        state: Some("state-1".into()),
        query: Query::from_value(&query()).unwrap(),
        transaction_data: Vec::new(),
        purpose: Some(Texts::try_from(std::collections::BTreeMap::from_iter::<Vec<_>>(purpose)).unwrap()),
        wallet_nonce: None,
        iat: Some(NOW),
        exp: Some(NOW.plus_secs(600)),
    };
    let key = EncryptionJwk::new(opener.public_key(), Some("key-1".into())).unwrap();
    let encrypted = RequestObject {
        client_id: ClientId::hash(&asker.signer.leaf_sha256()),
        encryption: Some(ResponseEncryption::to(key)),
        ..plain.clone()
    };
    let payload = json!({ "text": "I agree to be treated." });
    let transaction = TransactionData::new(
        "https://clinic.example/types/agreement/1",
        &["pid".to_owned()],
        payload.as_object().unwrap(),
    );
    let approving = RequestObject { transaction_data: vec![transaction], ..plain.clone() };
    vec![plain, encrypted, approving]
}
