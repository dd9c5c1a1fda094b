//! Staff offer a credential to a person.
//!
//! The offer's link carries a random token. The pre-authorized code is a keyed digest of that token, so that both can
//! be shown again by whoever has the link, while the database holds only a digest of the code.

use ::store::Tx;
use base::{Instant, limits::OFFER_LIFETIME_S};
use crypto::{hmac_sha256, sha256};
use formats::{
    b64,
    vci::{
        CredentialOffer,
        offer::{InputMode, TxCode, link_by_reference},
    },
};
use serde_json::{Map, Value};

use crate::{
    Issuer,
    issuer::Inner,
    model::{NOBODY, Offer, OfferId, OfferState, PersonId},
    store as sql,
    types::{CredentialType, Refused, Source, Sources},
};

/// Digits of a transaction code.
const TX_CODE_DIGITS: u32 = 6;

/// What is to be offered.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOffer {
    /// To whom.
    pub person: PersonId,
    /// The id of a credential type.
    pub type_id: String,
    /// What the clerk entered.
    pub claims: Map<String, Value>,
    /// Whether a transaction code is needed.
    pub tx_code: bool,
}

/// An offer as the clerk hands it over. Its secrets are nowhere else.
#[derive(Clone)]
pub struct Offered {
    /// Its id: not a secret.
    pub id: OfferId,
    /// The token in its links.
    pub token: String,
    /// The offer by value.
    pub offer: CredentialOffer,
    /// To be given to the person another way than the link.
    pub tx_code: Option<String>,
    /// Until when it can be accepted.
    pub expires_at: Instant,
}

/// Why nothing was offered.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    /// No such person in the register.
    #[error("there is no such person")]
    NoSuchPerson,
    /// No such credential type.
    #[error("there is no such credential type")]
    NoSuchType,
    /// Its claims cannot be made.
    #[error(transparent)]
    Claims(#[from] Refused),
    /// The database.
    #[error(transparent)]
    Store(#[from] ::store::Error),
}

impl Issuer {
    /// Offers a credential; `actor` is kept with the offer and with what is issued from it.
    pub async fn offer(&self, actor: &str, new: NewOffer) -> Result<Offered, OfferError> {
        let issuer = self.0.clone();
        let credential_type = issuer.config.types.get(&new.type_id).ok_or(OfferError::NoSuchType)?.clone();
        let now = issuer.now();
        let token = b64::encode(&issuer.bytes::<24>());
        let code = issuer.offer_code(&token);
        let id = OfferId::from_random(issuer.bytes());
        let tx_code = new.tx_code.then(|| issuer.new_tx_code());
        let tx_code_digest = tx_code.as_ref().map(|text| issuer.tx_code_digest(id, text));
        let expires_at = now.plus_secs(OFFER_LIFETIME_S);
        let offer = Offer {
            id,
            person: new.person,
            type_id: new.type_id,
            form: Some(new.claims),
            created_by: actor.to_owned(),
            created_at: now,
            ends_at: expires_at,
            family: None,
            state: OfferState::Open { tx_code: None, tries: 0 },
        };
        let value = issuer.offer_value(&offer.type_id, &code, tx_code.is_some());
        let code_digest = sha256(code.as_bytes());
        let writing = issuer.clone();
        issuer
            .store
            .write(async move |tx: &mut Tx<'_>| {
                let register = writing.attributes(tx, offer.person).await?.ok_or(OfferError::NoSuchPerson)?;
                // Refused now rather than when the person has come home with the link.
                let form = offer.form.clone().unwrap_or_default();
                writing.claims(&credential_type, &register, offer.id, &form)?;
                sql::insert_offer(tx, &writing.config.handle, &offer, &code_digest, tx_code_digest.as_ref())
                    .await?;
                Ok::<_, OfferError>(())
            })
            .await?;
        Ok(Offered { id, token, offer: value, tx_code, expires_at })
    }

    /// Offers a credential to somebody of whom nothing is known and nothing is asked, once to whoever has the link. Only of
    /// a type that says nothing of the register and nothing that a clerk enters: a pseudonym.
    ///
    /// # Errors
    /// [`OfferError::NoSuchPerson`] where the type says something of a person.
    pub async fn offer_to_nobody(&self, actor: &str, type_id: &str) -> Result<Offered, OfferError> {
        let known = self.0.config.types.get(type_id).ok_or(OfferError::NoSuchType)?;
        if known.claims.iter().any(|claim| matches!(claim.source, Source::Register(_) | Source::Form)) {
            return Err(OfferError::NoSuchPerson);
        }
        let new =
            NewOffer { person: NOBODY, type_id: type_id.to_owned(), claims: Map::new(), tx_code: false };
        self.offer(actor, new).await
    }

    /// The link of an offer, for a wallet: a button on the same device, or a code.
    pub fn link(&self, offered: &Offered) -> String {
        link_by_reference(&self.0.addresses.offer(&offered.token))
    }

    /// The offer behind a link's token, while it can be accepted.
    pub(crate) async fn offer_by_token(
        &self,
        token: &str,
    ) -> Result<Option<CredentialOffer>, ::store::Error> {
        let issuer = &self.0;
        let code = issuer.offer_code(token);
        let digest = sha256(code.as_bytes());
        let handle = issuer.config.handle.clone();
        let read = async move |tx: &mut Tx<'_>| sql::offer_by_code(tx, &handle, &digest).await;
        let offer = issuer.store.read(read).await?;
        Ok(offer.filter(|o| o.phase(issuer.now()) == "open").map(|o| {
            let needs_tx_code = matches!(o.state, OfferState::Open { tx_code: Some(_), .. });
            issuer.offer_value(&o.type_id, &code, needs_tx_code)
        }))
    }

    /// An offer as staff see it.
    pub(crate) async fn offer_by_id(&self, id: OfferId) -> Result<Option<Offer>, ::store::Error> {
        let handle = self.0.config.handle.clone();
        self.0.store.read(async move |tx: &mut Tx<'_>| sql::offer_by_id(tx, &handle, id).await).await
    }
}

impl Inner {
    /// The claims of a credential for a person of whom the register says this.
    pub(crate) fn claims(
        &self,
        credential_type: &CredentialType,
        register: &Map<String, Value>,
        offer: OfferId,
        form: &Map<String, Value>,
    ) -> Result<crate::types::Claims, Refused> {
        let (authority, country) = (&self.config.authority, &self.config.country);
        // All copies of the credential get the same random claims; who has neither the secret nor the offer, which is
        // erased, cannot make them again.
        let seed = hmac_sha256(&self.keys.random_claims, &offer.as_i64().to_be_bytes());
        credential_type.claims(&Sources { register, form, authority, country, now: self.now(), seed })
    }

    fn offer_code(&self, token: &str) -> String {
        b64::encode(&hmac_sha256(&self.keys.offer_code, token.as_bytes()))
    }

    fn new_tx_code(&self) -> String {
        let code = u64::from_be_bytes(self.bytes()) % 10_u64.pow(TX_CODE_DIGITS);
        format!("{code:06}")
    }

    /// Keyed, because six digits are soon guessed from a plain digest; with the offer's id, because offers share codes.
    pub(crate) fn tx_code_digest(&self, offer: OfferId, text: &str) -> [u8; 32] {
        let message = [&offer.as_i64().to_be_bytes(), text.as_bytes()].concat();
        hmac_sha256(&self.keys.tx_code, &message)
    }

    fn offer_value(&self, type_id: &str, code: &str, tx_code: bool) -> CredentialOffer {
        let tx_code = tx_code.then_some(TxCode {
            input_mode: Some(InputMode::Numeric),
            length: Some(TX_CODE_DIGITS),
            description: None,
        });
        CredentialOffer::pre_authorized(&self.config.identifier, type_id, code, tx_code)
    }
}
