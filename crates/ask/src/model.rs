//! The words of asking. Nothing here is serialised: what goes outside is a view.

use std::collections::BTreeMap;

use base::{Id, Instant, Texts};
use formats::{
    dcql::Query,
    vp::{Prefix, ResponseMode},
};
use serde_json::{Map, Value};

base::ids! {
    /// A request to a person's wallet.
    RequestKind = "ask";
}

/// The id of a request.
pub type RequestId = Id<RequestKind>;

/// What a feature asks for.
#[derive(Debug, Clone)]
pub struct AskRequest {
    /// Why, in one sentence for the person, in all six languages.
    pub purpose: Texts,
    /// What is to be shown.
    pub query: Query,
    /// What is to be approved.
    pub transactions: Vec<Transaction>,
    /// Where the person's wallet is.
    pub device: Device,
    /// How wallets are to recognise the asker.
    pub prefix: Prefix,
    /// Whether the answer comes encrypted.
    pub response_mode: ResponseMode,
    /// Who of the staff, or which feature, asks: kept with the request.
    pub asked_by: String,
}

/// Something typed that a person is asked to approve.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// The address of its type, which must be registered.
    pub kind: String,
    /// Which of the credentials asked for approve it; if empty, the first.
    pub credential_ids: Vec<String>,
    /// What the type describes.
    pub payload: Map<String, Value>,
}

/// Where the person's wallet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Device {
    /// On another device: the person scans a code. Nothing ties the wallet to the screen (section 14.2).
    Cross,
    /// The same, and the person waits on the waiting page: once it was answered, that page leads on to this address of
    /// ours, a path without a language, `/login/back`. Whoever is there then is not proven to be who answered: what the
    /// address does has to be bound to a cookie of who asked.
    CrossThen {
        /// The address.
        continue_to: String,
    },
    /// On this device: the wallet sends the person back, and the answer counts in this session alone.
    Same {
        /// Where the person returns; `response_code` is added to its query.
        return_to: String,
        /// A handle of the session that asks, secret to it: at least 16 characters.
        session: String,
    },
}

/// A request that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its id.
    pub id: RequestId,
    /// `openid4vp://…`: for a button on the same device, or a QR code.
    pub link: String,
    /// The page on which a person waits.
    pub waiting_page: String,
    /// The link as a QR code, SVG.
    pub qr: String,
    /// From when on it can no longer be answered.
    pub expires_at: Instant,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestState {
    /// Its id.
    pub id: RequestId,
    /// Who asked: whose request it is, to read and to redeem.
    pub asked_by: String,
    /// How far it is.
    pub progress: Progress,
    /// From when on it can no longer be answered.
    pub expires_at: Instant,
}

/// How far a request is.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// It can be answered.
    Waiting(Noted),
    /// On the same device: it was answered; the person is on the way back.
    Returning,
    /// It was answered.
    Answered(Outcome),
    /// It was not answered in time, or the person did not come back in time.
    Expired(Noted),
}

/// What was noted of answers that did not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted {
    /// The stable code of the last invalid answer, and when it came.
    pub refused: Option<(String, Instant)>,
    /// The last time that a wallet said no.
    pub declined: Option<Declined>,
}

/// A wallet said no. Signed by nobody: a hint, not an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined {
    /// `access_denied` or another code of section 8.5.
    pub error: String,
    /// When.
    pub at: Instant,
}

/// The one result of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Everything that was asked for is proven.
    Valid(Proof),
    /// It is not; a stable code says why.
    Invalid(String),
    /// All is proven but the status, about which nothing can be said; a stable code says why.
    /// A feature refuses, unless it says otherwise.
    Undetermined(String, Proof),
}

/// What was proven.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// By credential query id; several only where the query says `multiple`.
    pub credentials: BTreeMap<String, Vec<ProvenCredential>>,
    /// What was approved, in the order of the request.
    pub approved: Vec<Approved>,
    /// The evidence document, canonical bytes.
    pub evidence: Vec<u8>,
    /// The salt of its log leaf.
    pub salt: [u8; 32],
    /// When the answer arrived.
    pub answered_at: Instant,
}

/// A credential that was shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvenCredential {
    /// Its type.
    pub vct: String,
    /// Who vouches for it. An identifier among the claims means somebody only together with this (section 14.4).
    pub issuer: Issuer,
    /// What it says: what was asked for, and what it shows to everybody.
    pub claims: Map<String, Value>,
}

/// Who vouches for a credential, as the certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The name for people.
    pub name: String,
    /// The country, by its two letters.
    pub country: Option<String>,
    /// SHA-256 of the trust anchor to which the certificate leads: what identifies the issuer over the years.
    pub anchor_sha256: [u8; 32],
}

/// Something that was approved.
#[derive(Debug, Clone, PartialEq)]
pub struct Approved {
    /// The address of its type.
    pub kind: String,
    /// The credential query whose credential approved it.
    pub credential_id: String,
    /// What was approved.
    pub payload: Map<String, Value>,
}
