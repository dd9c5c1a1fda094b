//! Who takes part: an issuer under a root, an asker, holders, and what they exchange.

use std::sync::Arc;

use base::Instant;
use crypto::{Random as _, SecretKey, SeededRandom, Signer as _, SystemRandom};
use formats::{
    dcql::{self, ClaimPath},
    json::Object,
    sd_jwt::Plan,
    sd_jwt_vc::{self, Credential, KeyBindingClaims, StatusRef},
    status_list::{Bits, NewToken, Status, StatusList},
    vp::{ClientId, RequestObject, VpToken},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};
use serde_json::{Value, json};

use crate::row::Failure;

/// The instant at which everything happens.
pub(crate) const NOW: Instant = Instant::from_secs(1_795_300_200);
/// The type of the credentials.
pub(crate) const VCT: &str = "https://state.example/types/pid/1";
/// Where their status stands.
pub(crate) const STATUS_URI: &str = "https://state.example/status/1";
/// What the asker wants to see.
pub(crate) const SHOWN: [&str; 3] = ["birthdate", "family_name", "given_name"];
/// How many holders there are, so that no cache knows all that comes.
pub(crate) const HOLDERS: usize = 64;

/// Everybody.
pub(crate) struct Parties {
    pub(crate) issuer_key: [u8; 32],
    pub(crate) issuer: CertifiedSigner,
    pub(crate) anchors: TrustAnchors,
    pub(crate) holders: Vec<SecretKey>,
    pub(crate) disclosable: Vec<ClaimPath>,
    pub(crate) claims: Object,
    pub(crate) status_token: String,
}

impl Parties {
    pub(crate) fn new() -> Result<Self, Failure> {
        let random = SeededRandom::new(4);
        let names = MakeRoot {
            country: "UT".into(),
            organisation: "State of Utopia".into(),
            common_name: "Root".into(),
            path_len: 0,
            days: 3_650,
        };
        let root_key = SecretKey::generate(&random);
        let root = make_root(&names, &root_key, &random, NOW)?;
        let mut issuer_key = [0; 32];
        // Its first byte small: below the order of the curve.
        random.fill(issuer_key.get_mut(1..).unwrap_or_default());
        let key = SecretKey::from_scalar(&issuer_key)?;
        let leaf = MakeLeaf {
            purpose: Purpose::CredentialSigning,
            common_name: "Civil register of Utopia".into(),
            organisation: Some("State of Utopia".into()),
            country: Some("UT".into()),
            dns_names: vec!["state.example".into()],
            days: 300,
        };
        let der = make_leaf(&leaf, &key.public_key(), &root, &root_key, &random, NOW)?;
        let issuer = CertifiedSigner::new(Arc::new(key), vec![der])?;
        // As long as ours are, one in fifty revoked.
        let mut list = StatusList::new(Bits::Two, 1 << 17);
        for idx in (3..1 << 17).step_by(50) {
            list.set(idx, Status::Invalid)?;
        }
        let status_token = NewToken {
            sub: STATUS_URI,
            iat: NOW,
            exp: NOW.plus_secs(86_400),
            ttl_s: 300,
            aggregation_uri: None,
            list: &list,
        };
        let status_token = status_token.sign(&issuer)?;
        let claims = claims();
        let open = ["issuing_authority", "issuing_country", "document_number", "issuing_jurisdiction"];
        let disclosable =
            claims.keys().filter(|name| !open.contains(&name.as_str())).map(ClaimPath::top).collect();
        Ok(Self {
            issuer_key,
            issuer,
            anchors: TrustAnchors::from_der(&root)?,
            holders: (0..HOLDERS).map(|_| SecretKey::generate(&random)).collect(),
            disclosable,
            claims,
            status_token,
        })
    }

    /// Issues the credential of a holder.
    pub(crate) fn issue(&self, holder: usize) -> Result<String, Failure> {
        let holder_key = self.holder(holder)?.public_key();
        let credential = Credential {
            vct: VCT,
            vct_integrity: Some("sha256-Ck5KZS0nB6f2ZcVhz3Y2G0l3q1WhYbXnEjh8eYkM0zg="),
            iss: None,
            iat: Some(NOW.start_of_day()),
            nbf: Some(NOW.start_of_day()),
            exp: Some(NOW.plus_secs(86_400 * 200)),
            status: Some(StatusRef { uri: STATUS_URI.into(), idx: u64::try_from(holder)? }),
            holder_key: Some(holder_key.into()),
            claims: self.claims.clone(),
        };
        Ok(sd_jwt_vc::issue_planned(&credential, &Plan::new(&self.disclosable), &self.issuer, &SystemRandom)?)
    }

    fn holder(&self, holder: usize) -> Result<&SecretKey, Failure> {
        self.holders.get(holder % HOLDERS).ok_or_else(|| Failure::new("no such holder"))
    }

    /// A holder's answer to [`request`].
    pub(crate) fn answer(&self, request: &RequestObject, holder: usize) -> Result<VpToken, Failure> {
        let claims = KeyBindingClaims {
            nonce: &request.nonce,
            aud: &request.client_id.to_string(),
            iat: NOW,
            transaction_data_hashes: None,
        };
        let select = |name: &str| SHOWN.contains(&name);
        let shown = sd_jwt_vc::present(&self.issue(holder)?, select, &claims, self.holder(holder)?)?;
        Ok(VpToken::new([("pid".to_owned(), vec![shown])].into()))
    }
}

/// 24 claims about a person.
fn claims() -> Object {
    let claims = json!({
        "family_name": "Évora-Diallo", "given_name": "Nerida Aminata", "birthdate": "1994-03-08",
        "birth_family_name": "Évora", "birth_given_name": "Nerida Aminata", "place_of_birth": "Amber",
        "nationality": "UT", "sex": 2, "email": "nerida@mail.example", "phone_number": "+99912345678",
        "street_address": "42 Market Street", "locality": "Amber", "region": "North Shore",
        "postal_code": "A-1042", "country": "UT", "age_over_18": true, "age_birth_year": 1994,
        "personal_administrative_number": "UT-1994-0308-4471", "trust_framework": "ut_civil_register",
        "date_of_issuance": "2026-11-22", "issuing_authority": "Civil register of Utopia",
        "issuing_country": "UT", "document_number": "C-0042-4711", "issuing_jurisdiction": "UT-NS",
    });
    match claims {
        Value::Object(claims) => claims,
        _ => Object::new(),
    }
}

/// A request for three claims.
pub(crate) fn request() -> Result<RequestObject, Failure> {
    let claims: Vec<Value> = SHOWN.iter().map(|name| json!({ "path": [name] })).collect();
    let query = json!({ "credentials": [{
        "id": "pid", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": claims,
    }] });
    Ok(RequestObject {
        client_id: ClientId::san_dns("clinic.example"),
        response_uri: "https://clinic.example/ask/response/1".into(),
        encryption: None,
        nonce: "n-0S6_WzA2Mj-QmVuY2htYXJrIG5vbmNl".into(),
        state: None,
        query: dcql::Query::from_value(&query)?,
        transaction_data: Vec::new(),
        purpose: None,
        wallet_nonce: None,
        iat: Some(NOW),
        exp: Some(NOW.plus_secs(600)),
    })
}
