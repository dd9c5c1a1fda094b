//! What an issuer is made of: its configuration, its addresses, its keys, and what it needs of others.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, OnceLock},
};

use ::store::{Store, Tx};
use base::{Clock, Instant, Texts};
use crypto::{Random, hmac_sha256, random_array};
use formats::{
    vci::{IssuerMetadata, metadata, well_known_url},
    x509::CertifiedSigner,
};
use serde_json::{Map, Value};
use web::StaffTokens;

use crate::{PersonId, Types, metadata::Published, model::NOBODY, signers::Signers, status::Lists, types};

/// The attributes of a person, named as the claims of the PID rulebook; `None`: there is no such person.
pub type AttributesFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Map<String, Value>>, ::store::Error>> + 'a>>;

/// What the issuer needs of the register of people. The server wires it.
pub trait Subjects: Send + Sync + 'static {
    /// What the register says of `person`, read within `tx`.
    fn attributes<'a>(&'a self, tx: &'a mut Tx<'_>, person: PersonId) -> AttributesFuture<'a>;
}

/// What makes an issuer this one.
#[derive(Clone)]
pub struct IssuerConfig {
    /// The credential issuer identifier (OpenID4VCI 1.0, section 12.2.1): no slash at its end.
    pub identifier: String,
    /// What keeps this issuer's rows and staff addresses (`/staff/v1/issuers/{handle}/…`) apart from those of others in
    /// the same installation: lower case, digits, `-`. Empty for the one whose staff addresses are `/staff/v1/…`.
    pub handle: String,
    /// What people call the issuer.
    pub name: Texts,
    /// The name of the issuing authority, as credentials say it.
    pub authority: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Signs credentials, status lists and signed metadata.
    pub signer: CertifiedSigner,
    /// What signed before, the oldest first: of each earlier root, the last one signs the status lists of what that root's
    /// leaves issued, until those have ended.
    pub retired_signers: Vec<CertifiedSigner>,
    /// 32 secret bytes that all instances share: keys the digests of transaction codes, nonces and offer codes.
    pub server_secret: [u8; 32],
    /// What can be issued.
    pub types: Types,
    /// How long a status list may be kept, seconds; 0: not at all.
    pub status_ttl_s: i64,
    /// Who may use the staff interface.
    pub staff: StaffTokens,
}

impl fmt::Debug for IssuerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerConfig").field("identifier", &self.identifier).finish_non_exhaustive()
    }
}

/// How long a handle may be, characters.
const HANDLE_CHARS_MAX: usize = 40;

/// A configuration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The identifier.
    #[error(
        "the issuer's identifier must be an https URL in its normal form, without query, fragment and slash at its end"
    )]
    Identifier,
    /// The handle.
    #[error("an issuer's handle must be at most {HANDLE_CHARS_MAX} of a-z, 0-9 and -")]
    Handle,
    /// The country.
    #[error("the issuer's country must be an ISO 3166-1 alpha-2 code")]
    Country,
    /// The authority.
    #[error("the issuer's authority must be named")]
    Authority,
    /// A signer's certificate.
    #[error("the certificates of the issuer and of its retired keys must have an authority key identifier")]
    Signer,
    /// The lifetime of status lists.
    #[error("status_ttl_s must not be negative")]
    StatusTtl,
    /// Metadata that cannot be published.
    #[error("the issuer's metadata: {0}")]
    Metadata(String),
}

/// An issuer. Clones share it.
#[derive(Clone)]
pub struct Issuer(pub(crate) Arc<Inner>);

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Issuer").field(&self.0.config.identifier).finish()
    }
}

pub(crate) struct Inner {
    pub(crate) config: IssuerConfig,
    pub(crate) addresses: Addresses,
    pub(crate) keys: Keys,
    pub(crate) signers: Signers,
    pub(crate) published: Published,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) subjects: Arc<dyn Subjects>,
    pub(crate) lists: Lists,
    /// Where changes of status become leaves.
    pub(crate) log: OnceLock<log::Log>,
}

/// One key a purpose, all from the server's secret.
pub(crate) struct Keys {
    pub(crate) tx_code: [u8; 32],
    pub(crate) nonce: [u8; 32],
    pub(crate) offer_code: [u8; 32],
    pub(crate) notification: [u8; 32],
    pub(crate) random_claims: [u8; 32],
}

impl Keys {
    fn new(secret: &[u8; 32]) -> Self {
        let key = |purpose: &str| hmac_sha256(secret, format!("sahihi issue {purpose}").as_bytes());
        Self {
            tx_code: key("tx_code"),
            nonce: key("c_nonce"),
            offer_code: key("pre-authorized_code"),
            notification: key("notification_id"),
            random_claims: key("random claims"),
        }
    }
}

/// Where things are.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    identifier: String,
    /// The path of the identifier, without a slash at its end: before every wallet-facing path.
    pub(crate) path: String,
    /// The paths of the two metadata documents.
    pub(crate) well_known_issuer: String,
    pub(crate) well_known_authorization_server: String,
}

impl Addresses {
    fn new(identifier: &str) -> Result<Self, ConfigError> {
        let path_of = |url: &str| {
            let (_, rest) = url.split_once("://")?;
            rest.find('/').and_then(|at| rest.get(at..)).map(str::to_owned)
        };
        let all = || {
            let issuer = well_known_url(identifier, metadata::WELL_KNOWN_ISSUER).ok()?;
            let server = well_known_url(identifier, metadata::WELL_KNOWN_AUTHORIZATION_SERVER).ok()?;
            let inserted = format!("/.well-known/{}", metadata::WELL_KNOWN_ISSUER);
            // Identifiers are compared byte by byte, so one that reading a URL changes would never be met again.
            let unchanged = issuer.replacen(&inserted, "", 1) == identifier;
            let path = path_of(&issuer)?.strip_prefix(&inserted)?.to_owned();
            // What a router would take for something else.
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
            (unchanged && path.bytes().all(plain) && !path.contains("//")).then_some(Self {
                identifier: identifier.to_owned(),
                path,
                well_known_issuer: path_of(&issuer)?,
                well_known_authorization_server: path_of(&server)?,
            })
        };
        all().ok_or(ConfigError::Identifier)
    }

    /// An address of ours: `under("token")`.
    pub(crate) fn under(&self, what: &str) -> String {
        format!("{}/{what}", self.identifier)
    }

    pub(crate) fn offer(&self, token: &str) -> String {
        self.under(&format!("offers/{token}"))
    }

    /// Where all status lists are named.
    pub(crate) fn status_lists(&self) -> String {
        self.under("status")
    }

    pub(crate) fn status_list(&self, list: i64) -> String {
        self.under(&format!("status/{list}"))
    }
}

impl Issuer {
    /// An issuer that keeps what it must in `store`.
    ///
    /// # Errors
    /// The configuration breaks a rule.
    pub fn new(
        config: IssuerConfig,
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        subjects: Arc<dyn Subjects>,
    ) -> Result<Self, ConfigError> {
        let addresses = Addresses::new(&config.identifier)?;
        let config = IssuerConfig { types: config.types.at(&config.identifier), ..config };
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if config.handle.len() > HANDLE_CHARS_MAX || !config.handle.bytes().all(plain) {
            return Err(ConfigError::Handle);
        }
        if !types::is_country(&config.country) {
            return Err(ConfigError::Country);
        }
        if config.authority.trim().is_empty() {
            return Err(ConfigError::Authority);
        }
        if config.status_ttl_s < 0 {
            return Err(ConfigError::StatusTtl);
        }
        let signers = Signers::new(&config.signer, &config.retired_signers).ok_or(ConfigError::Signer)?;
        let published = Published::new(&config, &addresses)?;
        let keys = Keys::new(&config.server_secret);
        let lists = Lists::default();
        Ok(Self(Arc::new(Inner {
            config,
            addresses,
            keys,
            signers,
            published,
            store,
            clock,
            random,
            subjects,
            lists,
            log: OnceLock::new(),
        })))
    }

    /// The same issuer, whose changes of status become leaves of `log`; the first one that it is told stays.
    #[must_use]
    pub fn with_log(self, log: log::Log) -> Self {
        let _ = self.0.log.set(log);
        self
    }

    /// Everything it answers: the protocol for wallets and for staff.
    pub fn routes(&self) -> web::Routes {
        crate::wallet_api::routes(self).merge(crate::staff_api::routes(self))
    }

    /// The same, without what is said of it.
    pub fn router(&self) -> axum::Router {
        self.routes().into_router()
    }

    /// The id of an operation of this issuer: further issuers of an installation have their handle in it.
    pub(crate) fn operation_id(&self, what: &str) -> String {
        match self.0.config.handle.as_str() {
            "" => what.to_owned(),
            handle => web::openapi::id_of(&format!("{what}Of"), handle),
        }
    }

    /// The addresses under its identifier at which it publishes type metadata.
    pub fn type_addresses(&self) -> impl Iterator<Item = &str> {
        self.0.published.types.addresses()
    }

    /// What it says about itself to wallets.
    pub fn metadata(&self) -> &IssuerMetadata {
        &self.0.published.issuer
    }
}

impl Inner {
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// What the register says of `person`: of nobody, nothing.
    pub(crate) async fn attributes(
        &self,
        tx: &mut Tx<'_>,
        person: PersonId,
    ) -> Result<Option<Map<String, Value>>, ::store::Error> {
        if person == NOBODY {
            return Ok(Some(Map::new()));
        }
        self.subjects.attributes(tx, person).await
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        random_array(&*self.random)
    }
}
