//! The verifier's side, and the wallet's look at what it receives.

use base::{Instant, limits::CLOCK_SKEW_S};
use serde_json::Value;

use super::{
    KeyBinding, PROTECTED, PROTOCOL, Refusal, StatusRef, TYP, VerifiedKeyBinding, key_binding, numeric_date,
};
use crate::{
    dcql::ClaimPath,
    json::Object,
    jwk::Jwk,
    jws,
    sd_jwt::SdJwt,
    x509::{self, Leaf, Purpose, TrustAnchors},
};

/// What a verifier goes by.
#[derive(Debug, Clone, Copy)]
pub struct VerifyContext<'a> {
    /// Whose credentials it trusts.
    pub anchors: &'a TrustAnchors,
    /// The instant that it is.
    pub now: Instant,
    /// What the holder must have signed.
    pub expected: KeyBinding<'a>,
}

/// A credential whose issuer, times, disclosures and, if required, key binding were verified.
/// Its status was not.
#[derive(Debug, Clone)]
pub struct VerifiedCredential {
    /// The type.
    pub vct: String,
    /// What its type's metadata must hash to (`vct#integrity`); see [`crate::type_metadata`].
    pub vct_integrity: Option<String>,
    /// Who issued it: the certificate that signed.
    pub issuer: Leaf,
    /// What the issuer calls itself, if it says so; the certificate counts.
    pub iss: Option<String>,
    /// What it says about the person, as far as disclosed, each at its level; without the protocol's claims, and
    /// without elements of arrays that are not disclosed, so that an index here may be another than the holder's.
    pub claims: Object,
    /// Where in `claims` the parts are that came in a disclosure of their own: names and indices, no wildcards.
    /// A path that leads elsewhere leads to what the issuer shows to everybody.
    pub disclosed: Vec<ClaimPath>,
    /// Where its status stands; none if it has no status.
    pub status: Option<StatusRef>,
    /// The key that it is bound to.
    pub holder_key: Option<Jwk>,
    /// When it was issued.
    pub iat: Option<Instant>,
    /// From when on it is valid.
    pub nbf: Option<Instant>,
    /// From when on it is no longer valid.
    pub exp: Option<Instant>,
    /// What the holder signed, if that was required.
    pub key_binding: Option<VerifiedKeyBinding>,
}

/// Verifies a presentation: the issuer first, then what it says, then the holder.
pub fn verify(text: &str, ctx: &VerifyContext<'_>) -> Result<VerifiedCredential, Refusal> {
    verify_parsed(&SdJwt::parse(text)?, ctx)
}

/// Verifies a credential that a wallet has been given, before it stores it: bound to `own_key`, unless that is none
/// (for a type without binding), and without a key-binding JWT (RFC 9901, section 7.2).
pub fn verify_received(
    text: &str,
    anchors: &TrustAnchors,
    now: Instant,
    own_key: Option<&Jwk>,
) -> Result<VerifiedCredential, Refusal> {
    let sd_jwt = SdJwt::parse(text)?;
    if sd_jwt.key_binding().is_some() {
        return Err(Refusal::KeyBindingUnexpected);
    }
    let credential = verify_parsed(&sd_jwt, &VerifyContext { anchors, now, expected: KeyBinding::None })?;
    match (own_key, &credential.holder_key) {
        (None, None) => Ok(credential),
        (Some(own), Some(theirs)) if own.is_same_key(theirs) => Ok(credential),
        (Some(_), None) => Err(Refusal::HolderKeyMissing),
        (_, Some(_)) => Err(Refusal::HolderKeyForeign),
    }
}

/// [`verify`] of what was read before.
pub(crate) fn verify_parsed(sd_jwt: &SdJwt, ctx: &VerifyContext<'_>) -> Result<VerifiedCredential, Refusal> {
    let issuer = verify_issuer(sd_jwt, ctx)?;
    let tree = sd_jwt.tree()?;
    let (mut claims, mut protocol) = (Object::new(), Object::new());
    for (name, node) in tree.members() {
        let members = if PROTOCOL.contains(&name) { &mut protocol } else { &mut claims };
        members.insert(name.to_owned(), node.to_value());
    }
    let mut disclosed = tree.disclosed_paths();
    // Of the time of issuance, the one claim of the protocol that may be disclosable.
    disclosed.retain(|path| path.first_key().is_none_or(|name| !PROTOCOL.contains(&name)));
    // Compared as they stand in the signed payload: what differs was, or could have been, disclosed.
    if PROTECTED.iter().any(|name| protocol.get(*name) != sd_jwt.payload().get(*name)) {
        return Err(Refusal::ProtectedClaimDisclosed);
    }
    let text = |name: &str| match protocol.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::ClaimMalformed),
    };
    let date = |name: &str| match protocol.get(name) {
        None => Ok(None),
        Some(value) => numeric_date(value).map(Some).ok_or(Refusal::ClaimMalformed),
    };
    let vct = text("vct")?.filter(|vct| !vct.is_empty()).ok_or(Refusal::VctMissing)?;
    let (iat, nbf, exp) = (date("iat")?, date("nbf")?, date("exp")?);
    let latest = ctx.now.plus_secs(CLOCK_SKEW_S);
    if exp.is_some_and(|exp| ctx.now >= exp.plus_secs(CLOCK_SKEW_S)) {
        return Err(Refusal::Expired);
    }
    if nbf.is_some_and(|nbf| latest < nbf) {
        return Err(Refusal::NotYetValid);
    }
    if iat.is_some_and(|iat| latest < iat) {
        return Err(Refusal::IatFuture);
    }
    let status = protocol.get("status").map(status_ref).transpose()?;
    let holder_key = protocol.get("cnf").map(holder_key).transpose()?.flatten();
    let key_binding = key_binding::verify(sd_jwt, holder_key.as_ref(), &ctx.expected, ctx.now)?;
    Ok(VerifiedCredential {
        vct,
        vct_integrity: text("vct#integrity")?,
        issuer,
        iss: text("iss")?,
        claims,
        disclosed,
        status,
        holder_key,
        iat,
        nbf,
        exp,
        key_binding,
    })
}

/// The issuer's certificate, whose chain leads to an anchor and whose key signed (section 3.5, X.509 certificates).
fn verify_issuer(sd_jwt: &SdJwt, ctx: &VerifyContext<'_>) -> Result<Leaf, Refusal> {
    let jwt = sd_jwt.issuer_jwt();
    if jwt.header.typ.as_deref() != Some(TYP) {
        return Err(Refusal::Typ);
    }
    let chain = jwt.header.x5c.as_deref().ok_or(Refusal::X5cMissing)?;
    let leaf = x509::validate(chain, ctx.anchors, ctx.now, Purpose::CredentialSigning)
        .map_err(Refusal::IssuerUntrusted)?;
    jwt.verify(&leaf.public_key, leaf.public_key.algorithm()).map_err(|fault| match fault {
        jws::Error::Signature => Refusal::IssuerSignature,
        fault => Refusal::Alg(fault),
    })?;
    Ok(leaf)
}

/// Reads `status` (draft-ietf-oauth-status-list-14, section 6.2).
fn status_ref(status: &Value) -> Result<StatusRef, Refusal> {
    let list = status.as_object().ok_or(Refusal::ClaimMalformed)?.get("status_list");
    let list = list.ok_or(Refusal::StatusUnsupported)?;
    let idx = list.get("idx").and_then(Value::as_u64);
    let uri = list.get("uri").and_then(Value::as_str).filter(|uri| !uri.is_empty());
    match (idx, uri) {
        (Some(idx), Some(uri)) => Ok(StatusRef { uri: uri.to_owned(), idx }),
        _ => Err(Refusal::ClaimMalformed),
    }
}

/// Reads `cnf` (RFC 7800, section 3.2); none if it confirms by something else than a key.
fn holder_key(cnf: &Value) -> Result<Option<Jwk>, Refusal> {
    let members = cnf.as_object().ok_or(Refusal::ClaimMalformed)?;
    members.get("jwk").map(Jwk::holder_from_value).transpose().map_err(Refusal::HolderKey)
}
