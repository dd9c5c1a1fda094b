//! A wallet fetches copies of a credential with its token and key proofs (OpenID4VCI 1.0, section 8).
//!
//! First everything is read and verified, then copies are signed, and only then one short write consumes the nonces,
//! counts the answer and takes the status indices. What was signed for a write that did not happen is thrown away.
//!
//! An answer can get lost, so an offer can be fetched more than once: whatever is fetched with it are copies of one
//! credential, and nothing more is given once that credential is suspended or revoked.

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use ::store::Tx;
use base::{Instant, limits::CREDENTIAL_RESPONSES_PER_OFFER_MAX};
use crypto::sha256;
use formats::{
    jwk::Jwk,
    sd_jwt::Plan,
    sd_jwt_vc,
    vci::{
        CredentialErrorCode, CredentialRefusal, CredentialRequest, CredentialResponse, credential::Selector,
        proof,
    },
};
use serde_json::{Map, Value};

use crate::{
    Issuer,
    issuer::Inner,
    model::{Credential, CredentialId, Offer, OfferId, OfferState, Status, StatusIndex},
    store as sql,
    types::CredentialType,
};

/// How often it is tried again when another request got between our reading and our writing.
const COLLISIONS_MAX: u32 = 16;

/// Why no credential is given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The token is unknown or expired (RFC 6750, section 3.1).
    #[error("the access token is unknown or expired")]
    InvalidToken,
    /// The token is for another credential (RFC 6750, section 3.1).
    #[error("the access token is for another credential")]
    InsufficientScope,
    #[error(transparent)]
    Refused(CredentialRefusal),
    /// Another issuance took one of our status indices, or the first copies of this credential were fetched meanwhile.
    #[error("another request came between")]
    Collision,
    /// The signer does not sign.
    #[error("signing failed: {0}")]
    Signing(String),
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

impl FetchError {
    const fn refused(code: CredentialErrorCode, why: &'static str) -> Self {
        Self::Refused(CredentialRefusal::new(code, why))
    }
}

const DENIED: FetchError = FetchError::refused(
    CredentialErrorCode::CredentialRequestDenied,
    "the credential of this offer was fetched as often as it may be",
);

const NOT_VALID: FetchError = FetchError::refused(
    CredentialErrorCode::CredentialRequestDenied,
    "the credential of this offer was suspended or revoked",
);

/// What was proven: keys, no two the same, and the nonces that prove it is now.
struct Proven {
    keys: Vec<Jwk>,
    nonces: Vec<([u8; 32], Instant)>,
}

/// What copies are made from.
struct Material {
    offer: Offer,
    /// The offer's credential, if copies of it were fetched before.
    credential: Option<Credential>,
    credential_type: CredentialType,
    register: Map<String, Value>,
}

/// What is to be kept of copies that were signed.
struct Issuance {
    offer: OfferId,
    /// The offer that was redeemed first.
    family: OfferId,
    /// Whether the credential was refreshed: its end moves.
    is_refreshed: bool,
    credential: Credential,
    /// Whether the credential is kept already.
    is_known: bool,
    indices: Vec<StatusIndex>,
}

impl Issuer {
    /// Answers a request with this access token and this body.
    pub(crate) async fn fetch(
        &self,
        access_token: &str,
        body: Result<CredentialRequest, CredentialRefusal>,
    ) -> Result<CredentialResponse, FetchError> {
        let issuer = &self.0;
        let mut material = issuer.material(access_token, body.as_ref().ok()).await?;
        let request = body.map_err(FetchError::Refused)?;
        let proven = Arc::new(issuer.prove(&request, &material.credential_type)?);
        let mut collisions = 0;
        loop {
            let (texts, issuance) = issuer.sign(&material, &proven.keys).await?;
            match issuer.keep(issuance, &proven).await {
                Err(FetchError::Collision) if collisions < COLLISIONS_MAX => collisions += 1,
                Err(error) => return Err(error),
                Ok(()) => {
                    let notification_id = Some(issuer.notification_id(material.offer.id));
                    return Ok(CredentialResponse { notification_id, ..CredentialResponse::of(texts) });
                }
            }
            material = issuer.material(access_token, Some(&request)).await?;
        }
    }
}

impl Inner {
    /// The offer behind a token, and what the register says; the request matters only for what it selects.
    async fn material(
        self: &Arc<Self>,
        access_token: &str,
        request: Option<&CredentialRequest>,
    ) -> Result<Material, FetchError> {
        let access = sha256(access_token.as_bytes());
        let now = self.now();
        let reading = self.clone();
        let (offer, credential, register) = self
            .store
            .read(async move |tx: &mut Tx<'_>| {
                let Some(offer) = sql::offer_by_access(tx, &reading.config.handle, &access).await? else {
                    return Err(FetchError::InvalidToken);
                };
                let credential = match offer.state {
                    OfferState::Accepted { credential: Some(id), .. } => {
                        sql::credential_by_id(tx, &reading.config.handle, id).await?
                    }
                    _ => None,
                };
                let register = reading.attributes(tx, offer.person).await?;
                Ok::<_, FetchError>((offer, credential, register))
            })
            .await?;
        let OfferState::Accepted { responses, by_identifier, .. } = offer.state else {
            return Err(FetchError::InvalidToken);
        };
        if offer.has_ended(now) {
            return Err(FetchError::InvalidToken);
        }
        if let Some(request) = request {
            self.check_selected(&offer, by_identifier, &request.selector)?;
        }
        if responses >= CREDENTIAL_RESPONSES_PER_OFFER_MAX {
            return Err(DENIED);
        }
        if credential.as_ref().is_some_and(|c| c.status != Status::Valid) {
            return Err(NOT_VALID);
        }
        let gone = || {
            FetchError::refused(
                CredentialErrorCode::CredentialRequestDenied,
                "this credential is no longer issued",
            )
        };
        let credential_type = self.config.types.get(&offer.type_id).ok_or_else(gone)?.clone();
        Ok(Material { offer, credential, credential_type, register: register.ok_or_else(gone)? })
    }

    /// Whether the token is for what is asked for (section 8.2).
    fn check_selected(
        &self,
        offer: &Offer,
        by_identifier: bool,
        selector: &Selector,
    ) -> Result<(), FetchError> {
        use CredentialErrorCode::{
            InvalidCredentialRequest, UnknownCredentialConfiguration, UnknownCredentialIdentifier,
        };
        match selector {
            Selector::Identifier(id) if by_identifier && *id == offer.credential_identifier() => Ok(()),
            Selector::Identifier(_) => Err(FetchError::refused(
                UnknownCredentialIdentifier,
                "the token response gave no such credential_identifier",
            )),
            Selector::Configuration(id) if self.config.types.get(id).is_none() => Err(FetchError::refused(
                UnknownCredentialConfiguration,
                "there is no such credential configuration",
            )),
            Selector::Configuration(_) if by_identifier => {
                let why = "the token response gave credential_identifiers, which must be used";
                Err(FetchError::refused(InvalidCredentialRequest, why))
            }
            Selector::Configuration(id) if *id == offer.type_id => Ok(()),
            Selector::Configuration(_) => Err(FetchError::InsufficientScope),
        }
    }

    /// Verifies the key proofs; fewer copies than proofs are given where the type's batch is smaller.
    fn prove(
        &self,
        request: &CredentialRequest,
        credential_type: &CredentialType,
    ) -> Result<Proven, FetchError> {
        use CredentialErrorCode::{InvalidNonce, InvalidProof};
        if request.proofs.is_empty() {
            return Err(FetchError::refused(InvalidProof, "proofs is missing"));
        }
        let now = self.now();
        let mut keys: Vec<Jwk> = Vec::new();
        let mut nonces = BTreeMap::new();
        for text in &request.proofs {
            let proof = proof::verify(text, &self.config.identifier, now)
                .map_err(|e| FetchError::refused(InvalidProof, e.description()))?;
            if keys.iter().any(|k| k.is_same_key(&proof.key)) {
                return Err(FetchError::refused(InvalidProof, "two key proofs are of the same key"));
            }
            keys.push(proof.key);
            let expires_at = self
                .nonce_expiry(&proof.nonce)
                .ok_or(FetchError::refused(InvalidNonce, "the nonce is not one of ours or has expired"))?;
            nonces.insert(sha256(proof.nonce.as_bytes()), expires_at);
        }
        keys.truncate(usize::try_from(credential_type.batch_size).unwrap_or(1));
        Ok(Proven { keys, nonces: nonces.into_iter().collect() })
    }

    /// Signs one copy a key, each with a status index that was free just now.
    async fn sign(
        self: &Arc<Self>,
        material: &Material,
        keys: &[Jwk],
    ) -> Result<(Vec<String>, Issuance), FetchError> {
        let Material { offer, credential_type, register, .. } = material;
        let form = offer.form.as_ref().ok_or(DENIED)?;
        let claims = self.claims(credential_type, register, offer.origin(), form).map_err(|_| {
            FetchError::refused(
                CredentialErrorCode::CredentialRequestDenied,
                "the register no longer allows this credential",
            )
        })?;
        let now = self.now();
        let mut credential =
            material.credential.clone().unwrap_or_else(|| self.new_credential(material, claims.ends_at, now));
        let is_refreshed = offer.family.is_some();
        let mut issued_at = credential.issued_at;
        if is_refreshed {
            issued_at = now;
            credential.expires_at = self.expires_at(material, claims.ends_at, now);
        }
        if credential.expires_at <= now {
            return Err(FetchError::Signing("the signer's certificate ends today or has ended".to_owned()));
        }
        // Rounded to the day, so that credentials do not tell who was served when (and with whom).
        let issued_on = issued_at.start_of_day();
        let indices = self.free_indices(keys.len()).await?;
        let mut all = claims.disclosable.clone();
        all.extend(claims.always.clone());
        let disclosable = credential_type.disclosable();
        let mut texts = Vec::with_capacity(keys.len());
        for (key, index) in keys.iter().zip(&indices) {
            let copy = sd_jwt_vc::Credential {
                vct: &credential_type.vct,
                vct_integrity: self.published.types.integrity(&credential_type.vct),
                iss: None,
                iat: Some(issued_on),
                nbf: Some(issued_on),
                exp: Some(credential.expires_at),
                status: Some(sd_jwt_vc::StatusRef {
                    uri: self.addresses.status_list(index.list),
                    idx: u64::try_from(index.idx).unwrap_or_default(),
                }),
                holder_key: Some(key.clone()),
                claims: all.clone(),
            };
            let plan = Plan::new(&disclosable);
            let text = sd_jwt_vc::issue_planned(&copy, &plan, &self.config.signer, &*self.random);
            texts.push(text.map_err(|e| FetchError::Signing(e.to_string()))?);
        }
        let is_known = material.credential.is_some();
        let (offer, family) = (offer.id, offer.origin());
        Ok((texts, Issuance { offer, family, is_refreshed, credential, is_known, indices }))
    }

    fn new_credential(&self, material: &Material, ends_at: Option<Instant>, now: Instant) -> Credential {
        let offer = &material.offer;
        Credential {
            id: CredentialId::from_random(self.bytes()),
            person: offer.person,
            type_id: offer.type_id.clone(),
            status: Status::Valid,
            issued_at: now,
            expires_at: self.expires_at(material, ends_at, now),
            issued_by: offer.created_by.clone(),
        }
    }

    /// When what is signed now ends: with its type's validity, with what it says, or with the signer's certificate.
    fn expires_at(&self, material: &Material, ends_at: Option<Instant>, now: Instant) -> Instant {
        let validity_s = material.credential_type.validity_days.saturating_mul(86_400);
        let expires_at = now.start_of_day().plus_secs(validity_s);
        let leaf_ends = self.config.signer.leaf().not_after;
        ends_at.unwrap_or(expires_at).min(expires_at).min(leaf_ends.start_of_day())
    }

    /// The one write: the nonces are consumed, the answer counted, credential and copies kept; or nothing of it.
    async fn keep(&self, issuance: Issuance, proven: &Arc<Proven>) -> Result<(), FetchError> {
        let (now, proven, handle) = (self.now(), proven.clone(), self.config.handle.clone());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                for (digest, expires_at) in &proven.nonces {
                    if !sql::use_nonce(tx, digest, *expires_at).await? {
                        return Err(FetchError::refused(
                            CredentialErrorCode::InvalidNonce,
                            "the nonce was used before",
                        ));
                    }
                }
                let Issuance { offer, family, is_refreshed, credential, is_known, indices } = &issuance;
                let max = CREDENTIAL_RESPONSES_PER_OFFER_MAX;
                let of_offer = sql::count_response(tx, *offer, max, now, credential.id).await?;
                if of_offer.ok_or(DENIED)? != credential.id {
                    return Err(FetchError::Collision);
                }
                if *is_known {
                    // Read again: what staff did meanwhile must reach these copies too.
                    let known = sql::credential_by_id(tx, &handle, credential.id).await?;
                    if known.is_none_or(|c| c.status != Status::Valid) {
                        return Err(NOT_VALID);
                    }
                } else {
                    sql::insert_credential(tx, &handle, credential).await?;
                }
                if *is_refreshed {
                    sql::refresh::move_expiry(tx, credential.id, credential.expires_at).await?;
                }
                if *is_refreshed || !is_known {
                    sql::refresh::bind(tx, *family, credential.id, credential.expires_at).await?;
                }
                for index in indices {
                    if !sql::insert_copy(tx, credential.id, *index).await? {
                        return Err(FetchError::Collision);
                    }
                }
                Ok(())
            })
            .await
    }
}
