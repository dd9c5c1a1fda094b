//! A wallet that holds a credential has its token refreshed, to fetch the credential as it now is (RFC 6749, section 6;
//! OpenID4VCI 1.0, section 13.5).
//!
//! Wallets are public clients, so a refresh token is good once and brings the next one; if a used one comes again,
//! somebody has a copy, and the whole family ends: its refresh tokens and its access tokens (RFC 9700, section 4.14).
//! The answer with the next token can get lost on its way. Then the wallet has only the used one, and trying again ends
//! the family. Its credential stays valid, and the person is not locked out: staff make a new offer.

use ::store::Tx;
use base::limits::{ACCESS_TOKEN_LIFETIME_S, REFRESHES_MAX};
use crypto::sha256;
use formats::{
    b64,
    vci::{RefreshRequest, TokenErrorCode, TokenRefusal, TokenResponse, token::AuthorizationDetail},
};

use crate::{
    Issuer,
    issuer::Inner,
    model::{Offer, OfferId, OfferState, RefreshToken, Status},
    redeem::{RedeemError, detail},
    store as sql,
    types::CredentialType,
};

/// One answer for a token that never was, was used or is over.
const NO_SUCH_TOKEN: TokenRefusal =
    TokenRefusal::new(TokenErrorCode::InvalidGrant, "the refresh token is unknown, used or expired");
const NOT_ISSUED: TokenRefusal =
    TokenRefusal::new(TokenErrorCode::InvalidGrant, "no credential was issued that could be refreshed");
const NO_LONGER: TokenRefusal =
    TokenRefusal::new(TokenErrorCode::InvalidGrant, "the credential is no longer valid or no longer issued");
const TOO_OFTEN: TokenRefusal =
    TokenRefusal::new(TokenErrorCode::InvalidGrant, "the credential was refreshed as often as it may be");

impl Issuer {
    /// Gives the next pair of tokens: at most once for each refresh token.
    pub(crate) async fn refresh(&self, request: &RefreshRequest) -> Result<TokenResponse, RedeemError> {
        let issuer = self.0.clone();
        let [access_token, refresh_token] = [(); 2].map(|()| b64::encode(&issuer.bytes::<32>()));
        let digests =
            [&request.refresh_token, &access_token, &refresh_token].map(|token| sha256(token.as_bytes()));
        let writing = issuer.clone();
        // A refusal is an answer of the write, not its failure: the end of a family must be kept.
        let rotate = async move |tx: &mut Tx<'_>| rotate(&writing, tx, &digests).await;
        let authorization_details = issuer.store.write(rotate).await?.map_err(RedeemError::Refused)?;
        Ok(TokenResponse {
            access_token,
            token_type: "Bearer".to_owned(),
            expires_in: Some(ACCESS_TOKEN_LIFETIME_S),
            refresh_token: Some(refresh_token),
            authorization_details,
        })
    }
}

async fn rotate(
    issuer: &Inner,
    tx: &mut Tx<'_>,
    [shown, access, next]: &[[u8; 32]; 3],
) -> Result<Result<Vec<AuthorizationDetail>, TokenRefusal>, ::store::Error> {
    let (now, handle) = (issuer.now(), &issuer.config.handle);
    let Some(token) = sql::refresh::by_digest(tx, handle, shown).await? else {
        return Ok(Err(NO_SUCH_TOKEN));
    };
    if token.used {
        sql::refresh::end(tx, token.family, now).await?;
        return Ok(Err(NO_SUCH_TOKEN));
    }
    if token.ends_at <= now {
        return Ok(Err(NO_SUCH_TOKEN));
    }
    // None of these uses the token up.
    let Some(id) = token.credential else { return Ok(Err(NOT_ISSUED)) };
    let Some(credential) = sql::credential_by_id(tx, handle, id).await? else { return Ok(Err(NO_LONGER)) };
    let known = issuer.config.types.get(&credential.type_id).is_some_and(CredentialType::is_refreshable);
    let person = issuer.attributes(tx, credential.person).await?;
    // A wallet drops a token that is refused like this. What is suspended may be reinstated: the next token is given, and
    // it is the credential that is denied.
    if credential.status == Status::Revoked || !known || person.is_none() {
        return Ok(Err(NO_LONGER));
    }
    if sql::refresh::count(tx, token.family).await? > REFRESHES_MAX {
        return Ok(Err(TOO_OFTEN));
    }
    if !sql::refresh::consume(tx, shown).await? {
        return Ok(Err(NO_SUCH_TOKEN));
    }
    let by_identifier = token.by_identifier;
    let offer = Offer {
        id: OfferId::from_random(issuer.bytes()),
        person: credential.person,
        type_id: credential.type_id,
        form: None,
        created_by: credential.issued_by,
        created_at: now,
        ends_at: now.plus_secs(ACCESS_TOKEN_LIFETIME_S),
        family: Some(token.family),
        state: OfferState::Accepted { responses: 0, by_identifier, credential: Some(id) },
    };
    sql::refresh::insert_refreshed(tx, handle, &offer, access).await?;
    sql::refresh::insert(tx, handle, next, &RefreshToken { used: false, ..token }).await?;
    Ok(Ok(by_identifier.then(|| detail(&offer)).into_iter().collect()))
}
