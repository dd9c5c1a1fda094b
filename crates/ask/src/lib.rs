//! Asking: an `OpenID4VP` verifier as the one way to get a person's approval.
//!
//! A feature makes one call, [`Ask::request`] (who asks, why, for what, to approve what, where to return), and gets one
//! result, [`Outcome`]. Read in this order: `model` (the words), `ops` (what a feature calls), `respond` (what a wallet's
//! answer goes through), `trust` (who may issue what), `status` (the one outside call), [`TransactionType`] (what can be approved),
//! [`Approvals`] (who is told in the same write), then the edges:
//! `wire` (wallets), `api` (other programs), `page` (the waiting page); for tests, of other crates too, `fixture`.
//!
//! # What ends a request
//!
//! The address for answers is known to everybody who has seen the request: whoever scanned the code. So nothing that
//! such a stranger can send may end somebody else's request or be kept as somebody's answer:
//!
//! - An answer that is **valid**, or whose status is **undetermined**, was signed with the key of a genuine credential
//!   for this very request. The first one wins; it ends the request.
//!   Where no proof of holding is asked for (`require_cryptographic_holder_binding` is false) that is not so: whoever has
//!   a copy of the credential and has seen the request can answer it. Such a query proves what an issuer said, not who
//!   says it, and nothing can be approved with it.
//! - An **invalid** answer (forged, replayed, incomplete, revoked, suspended …) is refused with 400 and a stable code.
//!   The request stays open. Only the code and the time of the last refusal are noted, for the asker to show; neither
//!   claims nor evidence are kept.
//! - A wallet's **refusal** (`access_denied` …) is signed by nobody. It is noted as declined and the request stays
//!   open: a person may change their mind, a stranger cannot answer no for them.
//! - On the **same device** an answer counts only once its response code comes back in the session that asked
//!   (section 14.2 of the standard, HAIP 1.0 section 5.1). In another session the answer is rejected for good.
//!
//! `invalid` outcomes are therefore seen while a request is still `waiting`, or after it has expired.
//!
//! # What is kept, and how long
//!
//! The tokens in the addresses of a request, the response code and the session are kept as SHA-256 alone. The one place
//! where an address stands in clear is the signed request object, which holds where to answer and must be handed out
//! again byte for byte, and later proves what was asked. Who reads the database of a request that is still open can
//! therefore post to that address, as can everybody who has scanned the code; what counts is what a holder signed.
//! The key to which an answer is encrypted is made for one request, kept sealed under the server's secret, and erased when
//! the request is answered or over. Evidence holds the answer as it was decrypted, because what is signed, and what
//! anybody can verify again, are the presentations in it; nobody signs the encryption.
//!
//! A wallet that posts a `wallet_nonce` gets the same request object with that nonce in it, signed for this fetch and not
//! kept. Evidence holds the one that was signed when the request was made: all that an answer is bound to is the same in
//! both, and what a wallet made sure of for itself is nobody else's evidence.
//!
//! The address at which the request object is fetched follows from the token of the waiting page, one way, so that the
//! page can show the code again though neither is kept.
//!
//! [`Ask::erase_expired`] erases requests that nobody answered `REQUEST_KEPT_S` seconds after they end, and answers with
//! their evidence `ANSWERS_KEPT_S` seconds after they came. An answer that came back in another session than the one
//! that asked is emptied at once.

mod api;
mod approvals;
mod documents;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
mod model;
mod ops;
mod page;
mod respond;
mod response_key;
mod shapes;
mod status;
mod store;
mod texts;
mod transaction_type;
mod trust;
mod wire;

use std::sync::{Arc, Mutex, atomic::AtomicI64};

use ::store::Store;
use axum::{Router, extract::FromRef};
use base::Clock;
use crypto::Random;
use formats::{
    vp::{ClientId, Prefix},
    x509::CertifiedSigner,
};
use web::{Routes, StaffTokens};

pub use self::{
    approvals::{Approvals, Counted, NotTaken},
    model::{
        Approved, AskRequest, Asked, Declined, Device, Issuer, Noted, Outcome, Progress, Proof,
        ProvenCredential, RequestId, RequestState, Transaction,
    },
    ops::{AskRefusal, Prepared, RedeemRefusal},
    respond::ResponseRefusal,
    status::{Fetch, FetchError, Fetched},
    store::{MIGRATIONS, restore::after_restore},
    transaction_type::{Label, TransactionType, TypeRefusal},
    trust::{TrustedIssuers, Types},
};

/// Every statement of this feature.
pub static STATEMENTS: &[&[&::store::Sql]] = &[store::STATEMENTS, store::restore::STATEMENTS];

/// What an asker is told.
#[derive(Clone)]
pub struct AskConfig {
    /// Its identifier: an origin, without a slash at the end. Wallets call addresses under it.
    pub identifier: String,
    /// What signs requests.
    pub signer: CertifiedSigner,
    /// Who may issue what. An anchor in several entries may issue what any of them says.
    pub issuers: Vec<TrustedIssuers>,
    /// What seals the keys to which answers are encrypted: the same on every instance that shares a database.
    pub server_secret: [u8; 32],
    /// How old a status list may be, seconds; without it the list's own `ttl`; 0 fetches it every time.
    pub status_max_age_s: Option<i64>,
    /// Who may ask over HTTP.
    pub staff: StaffTokens,
}

impl std::fmt::Debug for AskConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AskConfig").field("identifier", &self.identifier).finish_non_exhaustive()
    }
}

/// The asker. Clones share everything.
#[derive(Clone)]
pub struct Ask {
    inner: Arc<Inner>,
}

struct Inner {
    config: AskConfig,
    trust: trust::Trust,
    types: Vec<transaction_type::Compiled>,
    approvals: Vec<(String, Arc<dyn Approvals>)>,
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    fetch: Arc<dyn Fetch>,
    lists: Mutex<status::Lists>,
    /// When this instance last erased what is over, milliseconds.
    erased_at: AtomicI64,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ask({})", self.inner.config.identifier)
    }
}

impl Ask {
    /// An asker that can have an agreement to a text approved; other types of transactions register themselves with
    /// [`Ask::with_type`].
    pub fn new(
        config: AskConfig,
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        fetch: Arc<dyn Fetch>,
    ) -> Self {
        let types = transaction_type::agreement(&config.identifier).into_iter().collect();
        let (lists, erased_at) = (Mutex::default(), AtomicI64::new(clock.now().ms()));
        let trust = trust::Trust::new(config.issuers.clone());
        Self {
            inner: Arc::new(Inner {
                config,
                trust,
                types,
                approvals: Vec::new(),
                store,
                clock,
                random,
                fetch,
                lists,
                erased_at,
            }),
        }
    }

    /// The same asker, who can also have transactions of this type approved. Called while the server is put together.
    ///
    /// # Errors
    /// [`TypeRefusal`] when the schema is none, or the address is taken or not under the identifier.
    pub fn with_type(mut self, new: TransactionType) -> Result<Self, TypeRefusal> {
        let compiled = transaction_type::Compiled::new(new, &self.inner.config.identifier)?;
        if self.inner.types.iter().any(|t| t.kind() == compiled.kind()) {
            return Err(TypeRefusal::Taken);
        }
        let types = [self.inner.types.clone(), vec![compiled]].concat();
        let approvals = self.inner.approvals.clone();
        self.inner = self.inner.with(types, approvals);
        Ok(self)
    }

    /// The same, and `approvals` is told, in the very write in which it comes to count, of each answer to a request that
    /// asks to approve a transaction of this type first.
    ///
    /// # Errors
    /// As [`Ask::with_type`].
    pub fn with_approvals(
        self,
        new: TransactionType,
        approvals: Arc<dyn Approvals>,
    ) -> Result<Self, TypeRefusal> {
        let kind = format!("{}{}", self.inner.config.identifier, new.path);
        let mut ask = self.with_type(new)?;
        let told = [ask.inner.approvals.clone(), vec![(kind, approvals)]].concat();
        ask.inner = ask.inner.with(ask.inner.types.clone(), told);
        Ok(ask)
    }

    /// All addresses: for wallets, for people, for other programs.
    pub fn routes(&self) -> Routes {
        wire::routes(self.clone()).merge(page::routes(self.clone())).merge(api::routes(self.clone()))
    }

    /// The same, without what is said of them.
    pub fn router(&self) -> Router {
        self.routes().into_router()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.inner.config.identifier)
    }

    /// Whether http on the loopback will do: it does where the asker itself is reached that way.
    fn insecure_loopback(&self) -> bool {
        self.inner.config.identifier.starts_with("http:")
    }

    /// A new secret that nobody guesses: 256 bits in base64url.
    fn token(&self) -> String {
        formats::b64::encode(&crypto::random_array::<32>(self.inner.random.as_ref()))
    }

    fn client_id(&self, prefix: Prefix) -> Option<ClientId> {
        if prefix == Prefix::X509Hash {
            return Some(ClientId::hash(&self.inner.config.signer.leaf_sha256()));
        }
        let identifier = url::Url::parse(&self.inner.config.identifier).ok()?;
        Some(ClientId::san_dns(identifier.host_str()?))
    }
}

impl Inner {
    /// The same with these types and listeners; called while the server is put together.
    fn with(
        &self,
        types: Vec<transaction_type::Compiled>,
        approvals: Vec<(String, Arc<dyn Approvals>)>,
    ) -> Arc<Self> {
        let Self { config, trust, store, clock, random, fetch, .. } = self;
        Arc::new(Self {
            config: config.clone(),
            trust: trust.clone(),
            types,
            approvals,
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
            fetch: fetch.clone(),
            lists: Mutex::default(),
            erased_at: AtomicI64::new(clock.now().ms()),
        })
    }
}

impl FromRef<Ask> for StaffTokens {
    fn from_ref(ask: &Ask) -> Self {
        ask.inner.config.staff.clone().needing(web::Role::Asker)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests;
