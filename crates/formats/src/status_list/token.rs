//! Status list tokens: a signed list (section 5.1), with the certificates beside it as HAIP 1.0, section 6.1, asks.

use base::{
    Instant,
    limits::{CLOCK_SKEW_S, STATUS_LIST_TOKEN_BYTES_MAX},
};
use serde_json::{Value, json};

use super::{Bits, Error, StatusList};
use crate::{
    json as strict, jws,
    jws::Jws,
    sd_jwt_vc,
    x509::{self, CertifiedSigner, Leaf, Purpose, TrustAnchors},
};

/// The media type of a token, in `typ`.
pub const TYP: &str = "statuslist+jwt";

/// A verified token.
#[derive(Debug, Clone)]
pub struct StatusToken {
    /// The list's address.
    pub sub: String,
    /// When it was signed.
    pub iat: Instant,
    /// From when on it is no longer to be used.
    pub exp: Option<Instant>,
    /// For how many seconds it may be kept before it is fetched again.
    pub ttl_s: Option<i64>,
    /// Where all lists of this kind are named: see [`super::Aggregation`].
    pub aggregation_uri: Option<String>,
    /// What it says.
    pub list: StatusList,
    /// Who signed it.
    pub issuer: Leaf,
    /// The certificates that say so.
    chain: Vec<Vec<u8>>,
}

impl StatusToken {
    /// What [`verify_token`] checks and time can change, and whether it is of the list at `expected_uri`: for whoever
    /// keeps a token instead of its text. The signature, once right, stays right. Answers who signed it.
    pub fn check_again(
        &self,
        expected_uri: &str,
        anchors: &TrustAnchors,
        now: Instant,
    ) -> Result<Leaf, Refusal> {
        let issuer = signer(&self.chain, anchors, now)?;
        if self.sub != expected_uri {
            return Err(Refusal::Sub);
        }
        check_iat(self.iat, now)?;
        check_exp(self.exp, now)?;
        Ok(issuer)
    }
}

fn signer(chain: &[Vec<u8>], anchors: &TrustAnchors, now: Instant) -> Result<Leaf, Refusal> {
    x509::validate(chain, anchors, now, Purpose::CredentialSigning).map_err(Refusal::Untrusted)
}

fn check_iat(iat: Instant, now: Instant) -> Result<(), Refusal> {
    if iat > now.plus_secs(CLOCK_SKEW_S) { Err(Refusal::IatFuture) } else { Ok(()) }
}

fn check_exp(exp: Option<Instant>, now: Instant) -> Result<(), Refusal> {
    if exp.is_some_and(|exp| now >= exp.plus_secs(CLOCK_SKEW_S)) { Err(Refusal::Expired) } else { Ok(()) }
}

/// Why a token is refused: nothing can be said about the status then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The JWS does not parse, or its algorithm is not taken.
    #[error("the token: {0}")]
    Jws(#[from] jws::Error),
    /// `typ` is not `statuslist+jwt`.
    #[error("the type is not statuslist+jwt")]
    Typ,
    /// There is no `x5c`.
    #[error("the signer's certificates are missing")]
    X5cMissing,
    /// The chain does not lead to a trusted anchor, or a certificate in it is refused.
    #[error("the signer is not trusted: {0}")]
    Untrusted(x509::Error),
    /// `sub` is another list's address.
    #[error("the token is of another list")]
    Sub,
    /// `iat` is to come.
    #[error("issued in the future")]
    IatFuture,
    /// `exp` is past.
    #[error("expired")]
    Expired,
    /// A claim is missing or of the wrong form.
    #[error("a claim is malformed")]
    ClaimMalformed,
    /// The list does not inflate.
    #[error("the list: {0}")]
    List(#[from] Error),
}

impl Refusal {
    /// A stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Jws(fault) => fault.code(),
            Self::Typ => "typ",
            Self::X5cMissing => "x5c_missing",
            Self::Untrusted(_) => "status_untrusted",
            Self::Sub => "sub",
            Self::IatFuture => "iat_future",
            Self::Expired => "expired",
            Self::ClaimMalformed => "claim_malformed",
            Self::List(fault) => fault.code(),
        }
    }
}

/// A token to be signed.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// The list's address.
    pub sub: &'a str,
    /// When it is signed.
    pub iat: Instant,
    /// Until when it is valid.
    pub exp: Instant,
    /// For how many seconds it may be kept.
    pub ttl_s: i64,
    /// Where all lists of this kind are named, if anywhere.
    pub aggregation_uri: Option<&'a str>,
    /// What it says.
    pub list: &'a StatusList,
}

impl NewToken<'_> {
    /// Signs it.
    pub fn sign(&self, signer: &CertifiedSigner) -> Result<String, jws::Error> {
        let mut status_list = json!({ "bits": self.list.bits().count(), "lst": self.list.to_lst() });
        if let (Some(members), Some(uri)) = (status_list.as_object_mut(), self.aggregation_uri) {
            members.insert("aggregation_uri".to_owned(), uri.into());
        }
        let claims = json!({
            "sub": self.sub,
            "iat": self.iat.secs(),
            "exp": self.exp.secs(),
            "ttl": self.ttl_s,
            "status_list": status_list,
        });
        signer.sign_as(TYP, &strict::canonical(&claims), 0)
    }
}

/// Signs `list` as the list at `sub`, valid until `exp`, to be kept for `ttl_s` seconds, and in no aggregation.
pub fn sign_token(
    sub: &str,
    iat: Instant,
    exp: Instant,
    ttl_s: i64,
    list: &StatusList,
    signer: &CertifiedSigner,
) -> Result<String, jws::Error> {
    NewToken { sub, iat, exp, ttl_s, aggregation_uri: None, list }.sign(signer)
}

/// Verifies a token that was fetched from `expected_uri`, which is the credential's `status_list.uri` (section 8.3).
pub fn verify_token(
    text: &str,
    expected_uri: &str,
    anchors: &TrustAnchors,
    now: Instant,
) -> Result<StatusToken, Refusal> {
    let jwt = Jws::parse_within(text, STATUS_LIST_TOKEN_BYTES_MAX)?;
    if jwt.header.typ.as_deref() != Some(TYP) {
        return Err(Refusal::Typ);
    }
    let chain = jwt.header.x5c.as_deref().ok_or(Refusal::X5cMissing)?;
    let issuer = signer(chain, anchors, now)?;
    jwt.verify(&issuer.public_key, issuer.public_key.algorithm())?;
    let claims = strict::parse_within(&jwt.payload, STATUS_LIST_TOKEN_BYTES_MAX)
        .and_then(strict::object)
        .map_err(jws::Error::Payload)?;
    let date = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => sd_jwt_vc::numeric_date(value).map(Some).ok_or(Refusal::ClaimMalformed),
    };
    let sub = claims.get("sub").and_then(Value::as_str).ok_or(Refusal::ClaimMalformed)?;
    if sub != expected_uri {
        return Err(Refusal::Sub);
    }
    let iat = date("iat")?.ok_or(Refusal::ClaimMalformed)?;
    check_iat(iat, now)?;
    let exp = date("exp")?;
    check_exp(exp, now)?;
    let ttl_s = match claims.get("ttl") {
        None => None,
        Some(ttl) => Some(ttl.as_i64().filter(|ttl| *ttl > 0).ok_or(Refusal::ClaimMalformed)?),
    };
    let list = claims.get("status_list").ok_or(Refusal::ClaimMalformed)?;
    let bits = list.get("bits").and_then(Value::as_u64).and_then(Bits::from_count);
    let compressed = list.get("lst").and_then(Value::as_str);
    let (Some(bits), Some(compressed)) = (bits, compressed) else { return Err(Refusal::ClaimMalformed) };
    let aggregation_uri = match list.get("aggregation_uri") {
        None => None,
        Some(Value::String(uri)) => Some(uri.clone()),
        Some(_) => return Err(Refusal::ClaimMalformed),
    };
    let list = StatusList::from_lst(bits, compressed)?;
    let (sub, chain) = (sub.to_owned(), chain.to_vec());
    Ok(StatusToken { sub, iat, exp, ttl_s, aggregation_uri, list, issuer, chain })
}
