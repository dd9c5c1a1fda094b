//! Somebody who approves submissions with a wallet, in this process: what `ask` would keep as evidence of each.

use std::{collections::BTreeMap, sync::Arc};

use base::{Instant, Lang, Texts};
use crypto::{HashAlg, SecretKey, SeededRandom, Signer as _};
use formats::{
    dcql::Query,
    evidence::{Evidence, Finding, fingerprints},
    sd_jwt_vc::{self, Credential, KeyBindingClaims, TransactionDataHashes},
    vp::{ClientId, RequestObject, TransactionData, VpToken, verify_answer},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors, certificate_to_pem,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};
use serde_json::json;

use forum::fixture::OPENS;

use crate::row::Failure;

const FORUM: &str = "https://forum.example";

/// A holder of a participant card, who issued it, and who asks.
pub(crate) struct Wallet {
    anchors: String,
    issuers: TrustAnchors,
    asker: CertifiedSigner,
    key: SecretKey,
    credential: String,
}

fn party(seed: u64, purpose: Purpose, dns: &str) -> Result<(Vec<u8>, CertifiedSigner), Failure> {
    let random = SeededRandom::new(seed);
    let (root_key, key) = (SecretKey::generate(&random), SecretKey::generate(&random));
    let root = MakeRoot {
        country: "UT".into(),
        organisation: format!("Party {seed}"),
        common_name: "Root".into(),
        path_len: 0,
        days: 3_650,
    };
    let root = make_root(&root, &root_key, &random, OPENS)?;
    let leaf = MakeLeaf {
        purpose,
        common_name: "Leaf".into(),
        organisation: None,
        country: None,
        dns_names: vec![dns.into()],
        days: 300,
    };
    let leaf = make_leaf(&leaf, &key.public_key(), &root, &root_key, &random, OPENS)?;
    Ok((root, CertifiedSigner::new(Arc::new(key), vec![leaf])?))
}

impl Wallet {
    pub(crate) fn new() -> Result<Self, Failure> {
        let (issuer_root, issuer) = party(21, Purpose::CredentialSigning, "forum.example")?;
        let (asker_root, asker) = party(22, Purpose::RequestSigning, "forum.example")?;
        let key = SecretKey::generate(&SeededRandom::new(23));
        let credential = Credential {
            vct: "urn:sahihi:participant:1",
            exp: Some(OPENS.plus_secs(300 * 86_400)),
            holder_key: Some(key.public_key().into()),
            claims: json!({ "pseudonym": "nerida" }).as_object().cloned().unwrap_or_default(),
            ..Credential::default()
        };
        let credential = sd_jwt_vc::issue(&credential, |_| true, &issuer, &SeededRandom::new(24))?;
        let anchors = certificate_to_pem(&issuer_root)? + &certificate_to_pem(&asker_root)?;
        Ok(Self { anchors, issuers: TrustAnchors::from_der(&issuer_root)?, asker, key, credential })
    }

    pub(crate) fn anchors(&self) -> &str {
        &self.anchors
    }

    /// The evidence that exactly this was approved.
    pub(crate) fn approve(&self, call: &str, digest: &[u8; 32], at: Instant) -> Result<Vec<u8>, Failure> {
        let payload = json!({
            "title": "A call", "call": call, "party": "Nerida", "digest": forum::export::layout::hex(digest),
        });
        let kind = format!("{FORUM}/types/submission/1");
        let data =
            TransactionData::new(&kind, &["card".into()], &payload.as_object().cloned().unwrap_or_default());
        let query = json!({ "credentials": [{
            "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:sahihi:participant:1"] },
            "claims": [{ "path": ["pseudonym"] }],
        }] });
        let texts: BTreeMap<Lang, String> = Lang::ALL.into_iter().map(|l| (l, format!("why {l}"))).collect();
        let request = RequestObject {
            client_id: ClientId::san_dns("forum.example"),
            response_uri: format!("{FORUM}/ask/response/1"),
            encryption: None,
            nonce: "n-0S6_WzA2Mj".into(),
            state: None,
            query: Query::from_value(&query)?,
            transaction_data: vec![data.clone()],
            purpose: Texts::try_from(texts).ok(),
            wallet_nonce: None,
            iat: Some(at),
            exp: Some(at.plus_secs(600)),
        };
        let claims = KeyBindingClaims {
            nonce: &request.nonce,
            aud: &request.client_id.to_string(),
            iat: at,
            transaction_data_hashes: Some(TransactionDataHashes::of(
                &[data.as_str().to_owned()],
                &[HashAlg::Sha256],
            )),
        };
        let shown = sd_jwt_vc::present(&self.credential, |n| n == "pseudonym", &claims, &self.key)
            .map_err(|_| Failure::new("the card cannot be shown"))?;
        let vp_token = VpToken::new(BTreeMap::from([("card".to_owned(), vec![shown])]));
        let answer = verify_answer(&request, &vp_token, &self.issuers, at)?;
        let evidence = Evidence {
            asker: FORUM.into(),
            time: at,
            request: request.sign(&self.asker)?,
            vp_token: vp_token.as_str().into(),
            status_tokens: Vec::new(),
            anchors: fingerprints(&self.issuers),
            result: Finding::new(&answer, None),
        };
        Ok(evidence.to_bytes())
    }
}
