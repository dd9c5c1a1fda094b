//! A wallet fetches credentials with its token and key proofs (OpenID4VCI 1.0, section 8).
//!
//! First everything is read and verified, then credentials are signed, and only then one short write consumes the
//! nonces, counts the answer and takes the status indices. What was signed for a write that did not happen is thrown away.

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use ::store::Tx;
use base::{Instant, limits::CREDENTIAL_RESPONSES_PER_OFFER_MAX};
use crypto::sha256;
use formats::{
    jwk::Jwk,
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
    model::{Credential, CredentialId, Offer, OfferState, Status},
    store as sql,
    types::{Claims, CredentialType},
};

/// How often another index is tried when another issuance took the same one between our reading and our writing.
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
    /// Another issuance took one of our status indices.
    #[error("a status index was taken meanwhile")]
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

/// What was proven: keys, no two the same, and the nonces that prove it is now.
struct Proven {
    keys: Vec<Jwk>,
    nonces: Vec<([u8; 32], Instant)>,
}

/// What a credential is made from.
struct Material {
    offer: Offer,
    credential_type: CredentialType,
    register: Map<String, Value>,
}

impl Issuer {
    /// Answers a request with this access token and this body.
    pub(crate) async fn fetch(
        &self,
        access_token: &str,
        body: Result<CredentialRequest, CredentialRefusal>,
    ) -> Result<CredentialResponse, FetchError> {
        let issuer = &self.0;
        let material = issuer.material(access_token, body.as_ref().ok()).await?;
        let request = body.map_err(FetchError::Refused)?;
        let proven = issuer.prove(&request, &material.credential_type)?;
        let form = material.offer.form.clone().ok_or(DENIED)?;
        let claims = issuer.claims(&material.credential_type, &material.register, &form).map_err(|_| {
            FetchError::refused(
                CredentialErrorCode::CredentialRequestDenied,
                "the register no longer allows this credential",
            )
        })?;
        let proven = Arc::new(proven);
        let mut collisions = 0;
        loop {
            let (texts, credentials) = issuer.sign(&material, &claims, &proven.keys).await?;
            match issuer.keep(&material.offer, &proven, credentials).await {
                Err(FetchError::Collision) if collisions < COLLISIONS_MAX => collisions += 1,
                Err(error) => return Err(error),
                Ok(()) => return Ok(CredentialResponse::of(texts)),
            }
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
        let (offer, register) = self
            .store
            .read(async move |tx: &mut Tx<'_>| {
                let Some(offer) = sql::offer_by_access(tx, &access).await? else {
                    return Err(FetchError::InvalidToken);
                };
                let register = reading.subjects.attributes(tx, offer.person).await?;
                Ok::<_, FetchError>((offer, register))
            })
            .await?;
        let OfferState::Accepted { responses, by_identifier } = offer.state else {
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
        let gone = || {
            FetchError::refused(
                CredentialErrorCode::CredentialRequestDenied,
                "this credential is no longer issued",
            )
        };
        let credential_type = self.config.types.get(&offer.type_id).ok_or_else(gone)?.clone();
        Ok(Material { offer, credential_type, register: register.ok_or_else(gone)? })
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

    /// Verifies the key proofs; fewer credentials than proofs are given where the type's batch is smaller.
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

    /// Signs one credential a key, each with a status index that was free just now.
    async fn sign(
        self: &Arc<Self>,
        material: &Material,
        claims: &Claims,
        keys: &[Jwk],
    ) -> Result<(Vec<String>, Vec<Credential>), FetchError> {
        let Material { offer, credential_type, .. } = material;
        let now = self.now();
        // Rounded to the day, so that credentials do not tell who was served when (and with whom).
        let today = now.start_of_day();
        let leaf_ends = self.config.signer.leaf().not_after;
        let expires_at = today
            .plus_secs(credential_type.validity_days.saturating_mul(86_400))
            .min(leaf_ends.start_of_day());
        if expires_at <= now {
            return Err(FetchError::Signing("the signer's certificate ends today or has ended".to_owned()));
        }
        let (list, indices) = self.free_indices(keys.len()).await?;
        let mut all = claims.disclosable.clone();
        all.extend(claims.always.clone());
        let mut texts = Vec::with_capacity(keys.len());
        let mut credentials = Vec::with_capacity(keys.len());
        for (key, idx) in keys.iter().zip(indices) {
            let credential = sd_jwt_vc::Credential {
                vct: &credential_type.vct,
                iss: None,
                iat: Some(today),
                nbf: Some(today),
                exp: Some(expires_at),
                status: Some(sd_jwt_vc::StatusRef {
                    uri: self.addresses.status_list(list),
                    idx: u64::try_from(idx).unwrap_or_default(),
                }),
                holder_key: Some(key.clone()),
                claims: all.clone(),
            };
            let disclosable = |name: &str| claims.disclosable.contains_key(name);
            let text = sd_jwt_vc::issue(&credential, disclosable, &self.config.signer, &*self.random);
            texts.push(text.map_err(|e| FetchError::Signing(e.to_string()))?);
            credentials.push(Credential {
                id: CredentialId::from_random(self.bytes()),
                person: offer.person,
                type_id: offer.type_id.clone(),
                list,
                idx,
                status: Status::Valid,
                issued_at: now,
                expires_at,
                issued_by: offer.created_by.clone(),
            });
        }
        Ok((texts, credentials))
    }

    /// The one write: the nonces are consumed, the answer counted, the credentials kept; or nothing of it.
    async fn keep(
        &self,
        offer: &Offer,
        proven: &Arc<Proven>,
        credentials: Vec<Credential>,
    ) -> Result<(), FetchError> {
        let (offer, now, proven) = (offer.id, self.now(), proven.clone());
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
                if !sql::count_response(tx, offer, CREDENTIAL_RESPONSES_PER_OFFER_MAX, now).await? {
                    return Err(DENIED);
                }
                for credential in &credentials {
                    if !sql::insert_credential(tx, credential).await? {
                        return Err(FetchError::Collision);
                    }
                }
                Ok(())
            })
            .await
    }
}
