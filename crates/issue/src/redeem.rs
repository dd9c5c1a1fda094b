//! A wallet redeems an offer's code for a token (OpenID4VCI 1.0, section 6).

use ::store::Tx;
use base::limits::{ACCESS_TOKEN_LIFETIME_S, TX_CODE_TRIES_MAX};
use crypto::{constant_time_eq, sha256};
use formats::{
    b64,
    vci::{
        AUTHORIZATION_DETAILS_TYPE, TokenErrorCode, TokenRefusal, TokenRequest, TokenResponse,
        token::AuthorizationDetail,
    },
};

use crate::{
    Issuer,
    issuer::Inner,
    model::{Offer, OfferState, RefreshToken},
    store as sql,
    types::CredentialType,
};

/// Why no token is given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RedeemError {
    #[error(transparent)]
    Refused(TokenRefusal),
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

/// One answer for a code that never was, was used, is over or was guessed at too often: they are none of a stranger's
/// business.
const NO_SUCH_CODE: TokenRefusal =
    TokenRefusal::new(TokenErrorCode::InvalidGrant, "the pre-authorized code is unknown, used or expired");
const WRONG_TX_CODE: TokenRefusal =
    TokenRefusal::new(TokenErrorCode::InvalidGrant, "the transaction code is wrong");
const TX_CODE_MISSING: TokenRefusal = TokenRefusal::new(TokenErrorCode::InvalidRequest, "tx_code is missing");
const TX_CODE_UNEXPECTED: TokenRefusal =
    TokenRefusal::new(TokenErrorCode::InvalidRequest, "tx_code comes where none is expected");
const NOT_OFFERED: TokenRefusal = TokenRefusal::new(
    TokenErrorCode::InvalidAuthorizationDetails,
    "authorization_details ask for what was not offered",
);

impl Issuer {
    /// Redeems a code: at most once, whoever else tries at the same moment.
    pub(crate) async fn redeem(&self, request: TokenRequest) -> Result<TokenResponse, RedeemError> {
        let issuer = self.0.clone();
        let access_token = b64::encode(&issuer.bytes::<32>());
        let refresh_token = b64::encode(&issuer.bytes::<32>());
        let digests = [&access_token, &refresh_token].map(|token| sha256(token.as_bytes()));
        let writing = issuer.clone();
        let redeemed = issuer
            .store
            .write(async move |tx: &mut Tx<'_>| {
                // A refusal is an answer of the write, not its failure: the try that it counted must be kept.
                accept(&writing, tx, &request, &digests).await
            })
            .await?;
        let (authorization_details, refreshable) = redeemed.map_err(RedeemError::Refused)?;
        Ok(TokenResponse {
            access_token,
            token_type: "Bearer".to_owned(),
            expires_in: Some(ACCESS_TOKEN_LIFETIME_S),
            refresh_token: refreshable.then_some(refresh_token),
            authorization_details,
        })
    }
}

async fn accept(
    issuer: &Inner,
    tx: &mut Tx<'_>,
    request: &TokenRequest,
    [access, refresh]: &[[u8; 32]; 2],
) -> Result<Result<(Vec<AuthorizationDetail>, bool), TokenRefusal>, ::store::Error> {
    let now = issuer.now();
    let code = sha256(request.pre_authorized_code.as_bytes());
    let Some(offer) = sql::offer_by_code(tx, &issuer.config.handle, &code).await? else {
        return Ok(Err(NO_SUCH_CODE));
    };
    let OfferState::Open { tx_code, tries } = &offer.state else { return Ok(Err(NO_SUCH_CODE)) };
    if offer.has_ended(now) || *tries >= TX_CODE_TRIES_MAX {
        return Ok(Err(NO_SUCH_CODE));
    }
    match (tx_code, &request.tx_code) {
        (None, None) => {}
        (None, Some(_)) => return Ok(Err(TX_CODE_UNEXPECTED)),
        (Some(_), None) => return Ok(Err(TX_CODE_MISSING)),
        (Some(expected), Some(text)) => {
            if !constant_time_eq(expected, &issuer.tx_code_digest(offer.id, text)) {
                sql::count_try(tx, offer.id, TX_CODE_TRIES_MAX).await?;
                return Ok(Err(WRONG_TX_CODE));
            }
        }
    }
    let details = match details(&offer, request) {
        Ok(details) => details,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let ends_at = now.plus_secs(ACCESS_TOKEN_LIFETIME_S);
    let by_identifier = !details.is_empty();
    if !sql::accept_offer(tx, offer.id, access, by_identifier, ends_at).await? {
        return Ok(Err(NO_SUCH_CODE));
    }
    let refreshable = issuer.config.types.get(&offer.type_id).is_some_and(CredentialType::is_refreshable);
    if refreshable {
        let token = RefreshToken { family: offer.id, credential: None, by_identifier, used: false, ends_at };
        sql::refresh::insert(tx, &issuer.config.handle, refresh, &token).await?;
    }
    Ok(Ok((details, refreshable)))
}

/// What an authorization detail says of the offer's credential.
pub(crate) fn detail(offer: &Offer) -> AuthorizationDetail {
    AuthorizationDetail {
        kind: AUTHORIZATION_DETAILS_TYPE.to_owned(),
        credential_configuration_id: offer.type_id.clone(),
        credential_identifiers: vec![offer.credential_identifier()],
    }
}

/// What the response says of authorization details, if the request had any.
fn details(offer: &Offer, request: &TokenRequest) -> Result<Vec<AuthorizationDetail>, TokenRefusal> {
    match &request.authorization_details {
        None => Ok(Vec::new()),
        Some(ids) if ids.iter().all(|id| *id == offer.type_id) => Ok(vec![detail(offer)]),
        Some(_) => Err(NOT_OFFERED),
    }
}
