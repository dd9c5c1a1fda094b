//! What is offered, from whom, and what the person has to say to it.

use base::limits;
use formats::{
    json,
    vci::{
        AuthorizationServerMetadata, CredentialOffer, FORMAT_SD_JWT_VC, IssuerMetadata,
        metadata::{
            CredentialConfiguration, CredentialMetadata, PathElement, WELL_KNOWN_AUTHORIZATION_SERVER,
            WELL_KNOWN_ISSUER,
        },
        offer::{InputMode, TxCode},
        well_known_url,
    },
};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::Error;
use crate::{
    contents::{ClaimLook, Localised, Look},
    http,
};

/// The proof type that this wallet makes (`OpenID4VCI` 1.0, appendix F.1).
const PROOF_TYPE: &str = "jwt";
/// The binding method that this wallet knows.
const BINDING: &str = "jwk";

/// What the person is asked before anything is fetched in their name.
///
/// The issuer's certified name is known only from the document itself: until then `credential_issuer` says who it is,
/// and `names` is what it calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The Credential Issuer Identifier.
    pub credential_issuer: String,
    /// What the issuer calls itself.
    pub names: Localised,
    /// What is offered.
    pub offered: Vec<Offered>,
    /// Whether a transaction code is needed, and of what kind.
    pub tx_code: Option<TxCode>,
}

/// One document that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The credential configuration.
    pub configuration: String,
    /// The type.
    pub vct: String,
    /// Names and labels.
    pub look: Look,
    /// How many copies are fetched, each with a key of its own.
    pub copies: usize,
}

/// What was found acceptable to ask the person about.
pub(super) struct Terms {
    pub(super) credential_issuer: String,
    /// Who gives the token.
    pub(super) authorization_server: String,
    pub(super) token_endpoint: Url,
    pub(super) nonce_endpoint: Option<Url>,
    pub(super) credential_endpoint: Url,
    pub(super) offered: Vec<Offered>,
    /// What a token is given for: the offer's code, or a refresh token.
    pub(super) code: Zeroizing<String>,
    tx_code: Option<TxCode>,
    names: Localised,
}

/// Where the issuer's metadata are.
pub(super) fn issuer_address(identifier: &str, insecure_loopback: bool) -> Result<Url, Error> {
    well_known(identifier, WELL_KNOWN_ISSUER, insecure_loopback)
}

/// Where the authorization server's metadata are.
pub(super) fn server_address(identifier: &str, insecure_loopback: bool) -> Result<Url, Error> {
    well_known(identifier, WELL_KNOWN_AUTHORIZATION_SERVER, insecure_loopback)
}

fn well_known(identifier: &str, name: &str, insecure_loopback: bool) -> Result<Url, Error> {
    http::address(identifier, insecure_loopback)?;
    let url = well_known_url(identifier, name).map_err(|_| Error::Address(http::Unfit::Malformed))?;
    Ok(http::address(&url, insecure_loopback)?)
}

/// Refuses an issuer that requires encryption (`OpenID4VCI` 1.0, section 12.2.4): this wallet has none yet, and an
/// issuer that asks for it must not be answered in the open.
pub(super) fn refuse_required_encryption(metadata: &[u8]) -> Result<(), Error> {
    let metadata = json::parse(metadata).map_err(|_| Error::MetadataInvalid)?;
    let required = |member: &str| {
        metadata.get(member).and_then(|m| m.get("encryption_required")) == Some(&Value::Bool(true))
    };
    if required("credential_request_encryption") || required("credential_response_encryption") {
        return Err(Error::EncryptionUnsupported);
    }
    Ok(())
}

impl Terms {
    pub(super) fn new(
        offer: &CredentialOffer,
        metadata: IssuerMetadata,
        server: &AuthorizationServerMetadata,
        insecure_loopback: bool,
    ) -> Result<Self, Error> {
        let grant = offer.pre_authorized_code().ok_or(Error::GrantUnsupported)?;
        let address = |text: &str| http::address(text, insecure_loopback);
        let batch = metadata
            .batch_credential_issuance
            .map_or(1, |b| usize::try_from(b.batch_size).unwrap_or(usize::MAX));
        let copies = batch.clamp(1, limits::WALLET_COPIES_MAX);
        let offered = offer
            .credential_configuration_ids
            .iter()
            .map(|id| {
                let configuration = metadata.credential_configurations_supported.get(id);
                Offered::new(id, configuration.ok_or(Error::UnknownConfiguration)?, copies)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            authorization_server: server.issuer.clone(),
            token_endpoint: address(&server.token_endpoint)?,
            nonce_endpoint: metadata.nonce_endpoint.as_deref().map(address).transpose()?,
            credential_endpoint: address(&metadata.credential_endpoint)?,
            offered,
            code: Zeroizing::new(grant.pre_authorized_code.clone()),
            tx_code: grant.tx_code.clone(),
            names: localised(metadata.display.iter().map(|d| (d.locale.as_ref(), d.name.as_ref()))),
            credential_issuer: metadata.credential_issuer,
        })
    }

    pub(super) fn question(&self) -> Question {
        Question {
            credential_issuer: self.credential_issuer.clone(),
            names: self.names.clone(),
            offered: self.offered.clone(),
            tx_code: self.tx_code.clone(),
        }
    }

    /// What is sent as the transaction code: none where none is asked for, and never one that cannot be right, as
    /// tries are limited.
    pub(super) fn tx_code(
        &self,
        given: Option<Zeroizing<String>>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        let Some(wanted) = &self.tx_code else { return Ok(None) };
        let code = given.filter(|c| !c.is_empty()).ok_or(Error::TxCodeMissing)?;
        let digits = wanted.input_mode.unwrap_or(InputMode::Numeric) == InputMode::Numeric;
        let length = wanted.length.and_then(|l| usize::try_from(l).ok());
        if digits && !code.bytes().all(|b| b.is_ascii_digit())
            || length.is_some_and(|l| l != code.chars().count())
        {
            return Err(Error::TxCodeMalformed);
        }
        Ok(Some(code))
    }
}

impl Offered {
    fn new(id: &str, configuration: &CredentialConfiguration, copies: usize) -> Result<Self, Error> {
        if configuration.format != FORMAT_SD_JWT_VC {
            return Err(Error::FormatUnsupported);
        }
        let proof = configuration.proof_types_supported.get(PROOF_TYPE).ok_or(Error::BindingUnsupported)?;
        let algorithm = crypto::Algorithm::Es256.name();
        if !proof.proof_signing_alg_values_supported.iter().any(|a| a == algorithm)
            || proof.key_attestations_required.is_some()
            || !configuration.cryptographic_binding_methods_supported.iter().any(|m| m == BINDING)
        {
            return Err(Error::BindingUnsupported);
        }
        Ok(Self {
            configuration: id.to_owned(),
            vct: configuration.vct.clone().ok_or(Error::MetadataInvalid)?,
            look: configuration.credential_metadata.as_ref().map(look).unwrap_or_default(),
            copies,
        })
    }
}

fn look(metadata: &CredentialMetadata) -> Look {
    let colour = |pick: fn(&formats::vci::metadata::CredentialDisplay) -> Option<&String>| {
        metadata.display.iter().find_map(pick).cloned()
    };
    let claims = metadata.claims.iter().filter_map(|claim| {
        let names = claim.path.iter().map(|part| match part {
            PathElement::Name(name) => Some(name.as_str()),
            _ => None,
        });
        Some(ClaimLook {
            claim: names.collect::<Option<Vec<_>>>()?.join("."),
            names: localised(claim.display.iter().map(|d| (d.locale.as_ref(), d.name.as_ref()))),
        })
    });
    Look {
        names: localised(metadata.display.iter().map(|d| (d.locale.as_ref(), Some(&d.name)))),
        claims: claims.take(limits::DCQL_CLAIMS_MAX).collect(),
        background_color: colour(|d| d.background_color.as_ref()),
        text_color: colour(|d| d.text_color.as_ref()),
    }
}

fn localised<'a>(texts: impl Iterator<Item = (Option<&'a String>, Option<&'a String>)>) -> Localised {
    Localised(
        texts
            .filter_map(|(locale, text)| Some((locale.cloned().unwrap_or_default(), text?.clone())))
            .collect(),
    )
}
