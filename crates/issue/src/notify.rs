//! A wallet says what became of the copies that it was given (OpenID4VCI 1.0, section 11, notification endpoint).
//!
//! A `notification_id` costs no storage until it is used: it is random bytes under a digest that is keyed with the offer,
//! so that one token cannot speak of what another fetched.

use ::store::Tx;
use base::limits::EVENT_DESCRIPTION_CHARS_MAX;
use crypto::{constant_time_eq, hmac_sha256, sha256};
use formats::{b64, json, vci::ErrorBody};
use serde_json::Value;

use crate::{
    Issuer,
    issuer::Inner,
    model::{CredentialId, Event, Notification, OfferId, OfferState},
    store as sql,
};

const RANDOM_BYTES: usize = 16;
const TAG_BYTES: usize = 16;

/// Why a notification is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotifyError {
    #[error("the access token is unknown or expired")]
    InvalidToken,
    #[error("the notification_id is not one of those that came with this token's credentials")]
    InvalidNotificationId,
    #[error("{0}")]
    InvalidNotificationRequest(&'static str),
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

impl NotifyError {
    /// The protocol's body, for what the wallet did wrong.
    pub(crate) fn body(&self) -> Option<ErrorBody> {
        let code = match self {
            Self::InvalidNotificationId => "invalid_notification_id",
            Self::InvalidNotificationRequest(_) => "invalid_notification_request",
            Self::InvalidToken | Self::Store(_) => return None,
        };
        Some(ErrorBody { error: code.to_owned(), error_description: Some(self.to_string()) })
    }
}

/// A notification request's body. Parameters that we do not know are ignored, as the standard demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotificationRequest {
    id: String,
    event: Event,
    description: Option<String>,
}

impl NotificationRequest {
    /// Reads a body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, NotifyError> {
        let bad = NotifyError::InvalidNotificationRequest;
        let members = json::parse_object(body)
            .map_err(|_| bad("the body is not one JSON object without repeated members"))?;
        let text = |name: &str| members.get(name).map(|value| value.as_str().map(str::to_owned));
        let id =
            text("notification_id").flatten().ok_or(bad("notification_id is missing or not a string"))?;
        let event = members
            .get("event")
            .and_then(Value::as_str)
            .and_then(Event::from_name)
            .ok_or(bad("event is missing or unknown"))?;
        let description = match text("event_description") {
            None => None,
            Some(description) => {
                // %x20-21 / %x23-5B / %x5D-7E
                let fits = |b: u8| (0x20..=0x7e).contains(&b) && b != b'"' && b != b'\\';
                let fits =
                    |text: &String| text.len() <= EVENT_DESCRIPTION_CHARS_MAX && text.bytes().all(fits);
                Some(
                    description
                        .filter(fits)
                        .ok_or(bad("event_description is too long or not plain ASCII"))?,
                )
            }
        };
        Ok(Self { id, event, description })
    }
}

impl Inner {
    /// What to name in notifications about an answer to this offer.
    pub(crate) fn notification_id(&self, offer: OfferId) -> String {
        let random = self.bytes::<RANDOM_BYTES>();
        b64::encode(&[&random[..], &self.notification_tag(offer, &random)].concat())
    }

    fn is_notification_id(&self, offer: OfferId, text: &str) -> bool {
        let Ok(bytes) = b64::decode(text) else { return false };
        let parts = bytes.split_at_checked(RANDOM_BYTES);
        parts.is_some_and(|(random, tag)| constant_time_eq(tag, &self.notification_tag(offer, random)))
    }

    fn notification_tag(&self, offer: OfferId, random: &[u8]) -> Vec<u8> {
        let message = [&offer.as_i64().to_be_bytes(), random].concat();
        hmac_sha256(&self.keys.notification, &message).into_iter().take(TAG_BYTES).collect()
    }
}

impl Issuer {
    /// Keeps what a wallet says. Saying the same again changes nothing.
    pub(crate) async fn notify(
        &self,
        access_token: &str,
        body: Result<NotificationRequest, NotifyError>,
    ) -> Result<(), NotifyError> {
        let issuer = &self.0;
        let access = sha256(access_token.as_bytes());
        let now = issuer.now();
        let handle = issuer.config.handle.clone();
        let read = async move |tx: &mut Tx<'_>| sql::offer_by_access(tx, &handle, &access).await;
        let offer = issuer.store.read(read).await?;
        let offer = offer.filter(|offer| !offer.has_ended(now)).ok_or(NotifyError::InvalidToken)?;
        let request = body?;
        let OfferState::Accepted { credential: Some(credential), .. } = offer.state else {
            return Err(NotifyError::InvalidNotificationId);
        };
        if !issuer.is_notification_id(offer.id, &request.id) {
            return Err(NotifyError::InvalidNotificationId);
        }
        issuer.keep_notification(credential, request).await
    }
}

impl Inner {
    async fn keep_notification(
        &self,
        credential: CredentialId,
        request: NotificationRequest,
    ) -> Result<(), NotifyError> {
        let NotificationRequest { id, event, description } = request;
        let said = Notification { event, description, at: self.now() };
        let digest = sha256(id.as_bytes());
        let keep =
            async move |tx: &mut Tx<'_>| sql::insert_notification(tx, credential, &digest, &said).await;
        Ok(self.store.write(keep).await?)
    }
}
