//! Who could sign in 2017, and how they did: made-up authorities with real certificates, made-up holders with real keys.
//!
//! The signatures hold as those of any wallet do. What is made up is who holds the keys, which are thrown away.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use base::{Clock, Instant};
use crypto::{Random, SecretKey, Signer, SystemRandom};
use formats::{
    b64,
    sd_jwt_vc::{self, Credential, KeyBindingClaims, TransactionDataHashes},
    vp::{Link, RequestContext, RequestObject, VpToken, WalletResponse, verify_request},
    x509::{
        CertifiedSigner, Purpose, TrustAnchors, certificate_to_pem,
        make::{MakeLeaf, MakeRoot, make_leaf, make_root},
    },
};
use forum::{Country, PartyOfSubmission};
use serde_json::{Map, Value, json};
use tower::ServiceExt;

use crate::{Failure, files};

/// How long the root of an authority is valid, days: only what was signed in 2017 is under it.
const ROOT_DAYS: i64 = 7_300;
const LEAF_DAYS: i64 = 397;
/// The longest answer that is read, bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new("demonstration", error.to_string())
}

/// Who says in a made-up country who may act for whom.
pub(super) struct Authority {
    root: Vec<u8>,
    signer: CertifiedSigner,
    name: String,
    /// The type of its mandates.
    vct: String,
}

/// The types of the mandates of 2017.
pub(super) fn mandate_type(country: Country) -> String {
    format!("https://mandates.{}.example/types/mandate/1", country.code().to_ascii_lowercase())
}

impl Authority {
    fn new(country: Country, at: Instant) -> Result<Self, Failure> {
        let random = &SystemRandom;
        let name = format!("Register of {}", country.name(base::Lang::En));
        let key = SecretKey::generate(random);
        let names = MakeRoot {
            country: country.code().to_owned(),
            organisation: name.clone(),
            common_name: format!("{name} root"),
            path_len: 0,
            days: ROOT_DAYS,
        };
        let root = make_root(&names, &key, random, at).map_err(failed)?;
        let leaf = MakeLeaf {
            purpose: Purpose::CredentialSigning,
            common_name: name.clone(),
            organisation: None,
            country: None,
            dns_names: vec![format!("mandates.{}.example", country.code().to_ascii_lowercase())],
            days: LEAF_DAYS,
        };
        let signing = Arc::new(SecretKey::generate(random));
        let der = make_leaf(&leaf, &signing.public_key(), &root, &key, random, at).map_err(failed)?;
        let signer = CertifiedSigner::new(signing, vec![der]).map_err(failed)?;
        Ok(Self { root, signer, name, vct: mandate_type(country) })
    }
}

/// Everybody who issued in 2017.
pub(super) struct Authorities {
    by_country: BTreeMap<Country, Authority>,
    /// The secretariat itself, which issued participants' cards.
    participants: (CertifiedSigner, String),
}

/// What somebody signs with.
pub(super) struct Card {
    query: &'static str,
    key: SecretKey,
    sd_jwt: String,
}

impl Authorities {
    /// Makes an authority for each made-up country, whose anchor goes to `folder`; participants' cards are of the type
    /// `vct` and from `signer`.
    pub(super) fn new(
        folder: &Path,
        at: Instant,
        signer: CertifiedSigner,
        vct: String,
    ) -> Result<Self, Failure> {
        let mut by_country = BTreeMap::new();
        for country in Country::every().filter(|c| c.is_made_up()) {
            let authority = Authority::new(country, at)?;
            let pem = certificate_to_pem(&authority.root).map_err(failed)?;
            files::write(&folder.join(anchor_file(country)), pem.as_bytes())?;
            by_country.insert(country, authority);
        }
        Ok(Self { by_country, participants: (signer, vct) })
    }

    /// A mandate for `party`, which the authority of its country knows by `id`.
    pub(super) fn mandate(&self, party: &PartyOfSubmission, id: &str, at: Instant) -> Result<Card, Failure> {
        let authority = party.country.and_then(|country| self.by_country.get(&country));
        let authority = authority.ok_or_else(|| failed("nobody gives mandates there"))?;
        let claims = json!({
            "organisation_name": party.name,
            "organisation_id": id,
            "capacity": party.capacity,
            "mandate_scope": ["consultations"],
            "valid_from": "2017-06-01",
            "valid_until": "2018-05-31",
            "issuing_authority": authority.name,
            "issuing_country": party.country,
        });
        issue("mandate", &authority.vct, &claims, &authority.signer, at)
    }

    /// The card of the participant who is known by this number.
    pub(super) fn participant(&self, number: usize, at: Instant) -> Result<Card, Failure> {
        let (signer, vct) = &self.participants;
        let digest = crypto::sha256(format!("participant {number} of 2017").as_bytes());
        let pseudonym = b64::encode(digest.get(..16).unwrap_or(&digest));
        issue("participant", vct, &json!({ "pseudonym": pseudonym }), signer, at)
    }
}

/// Where an authority's anchor is, in the secretariat's folder.
pub(super) fn anchor_file(country: Country) -> String {
    format!("mandates-2017-{}.pem", country.code())
}

fn issue(
    query: &'static str,
    vct: &str,
    claims: &Value,
    signer: &CertifiedSigner,
    at: Instant,
) -> Result<Card, Failure> {
    let key = SecretKey::generate(&SystemRandom);
    let claims: Map<String, Value> = claims.as_object().cloned().unwrap_or_default();
    let credential = Credential {
        vct,
        iat: Some(at.start_of_day()),
        exp: Some(at.start_of_day().plus_secs(300 * 86_400)),
        holder_key: Some(key.public_key().into()),
        claims,
        ..Credential::default()
    };
    let disclosable = |name: &str| name == "pseudonym";
    let sd_jwt = sd_jwt_vc::issue(&credential, disclosable, signer, &SystemRandom).map_err(failed)?;
    Ok(Card { query, key, sd_jwt })
}

/// The network of 2017: a wallet talks to the asker over its real addresses, without a wire between them.
pub(super) struct Wire {
    pub(super) router: Router,
    pub(super) identifier: String,
    pub(super) anchors: TrustAnchors,
    pub(super) clock: Arc<dyn Clock>,
}

impl Wire {
    async fn send(&self, request: Request<Body>) -> Result<(StatusCode, String), Failure> {
        let answer = self.router.clone().oneshot(request).await.map_err(failed)?;
        let status = answer.status();
        let body = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await.map_err(failed)?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }

    fn path<'a>(&self, address: &'a str) -> &'a str {
        address.strip_prefix(&self.identifier).unwrap_or(address)
    }

    /// Answers the request behind `link` with `card`, as a wallet does: fetches it, makes sure who asks, and shows all of
    /// the card.
    pub(super) async fn answer(&self, link: &str, card: &Card) -> Result<(), Failure> {
        let link = Link::parse(link).map_err(failed)?;
        let fetch = Request::get(self.path(&link.request_uri)).body(Body::empty()).map_err(failed)?;
        let (status, text) = self.send(fetch).await?;
        if status != StatusCode::OK {
            return Err(failed(format!("no request was found: {status}")));
        }
        let context = RequestContext {
            client_id: &link.client_id,
            anchors: &self.anchors,
            now: self.clock.now(),
            wallet_nonce: None,
            insecure_loopback: true,
        };
        let request = verify_request(&text, &context).map_err(failed)?.request;
        let form = self.respond(&request, card)?;
        let post = Request::post(self.path(&request.response_uri))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .map_err(failed)?;
        let (status, text) = self.send(post).await?;
        if status == StatusCode::OK { Ok(()) } else { Err(failed(format!("{status}: {text}"))) }
    }

    fn respond(&self, request: &RequestObject, card: &Card) -> Result<String, Failure> {
        let texts: Vec<String> =
            request.transactions_for(card.query).map(|t| t.as_str().to_owned()).collect();
        let hashes =
            (!texts.is_empty()).then(|| TransactionDataHashes::of(&texts, &[crypto::HashAlg::Sha256]));
        let aud = request.client_id.to_string();
        let claims = KeyBindingClaims {
            nonce: &request.nonce,
            aud: &aud,
            iat: self.clock.now(),
            transaction_data_hashes: hashes,
        };
        let shown = sd_jwt_vc::present(&card.sd_jwt, |_| true, &claims, &card.key).map_err(failed)?;
        let presentations = BTreeMap::from([(card.query.to_owned(), vec![shown])]);
        let response = WalletResponse::Presentation {
            vp_token: VpToken::new(presentations),
            state: request.state.clone(),
        };
        let random: &dyn Random = &SystemRandom;
        response.to_form_for(request, random).map_err(failed)
    }
}
