//! What a feature calls: ask, look, take a person back.

use std::collections::BTreeMap;

use base::{
    Instant, Lang, Texts,
    limits::{
        ADDRESS_BYTES_MAX, ANSWERS_KEPT_S, JWT_BYTES_MAX, PURPOSE_CHARS_MAX, REQUEST_KEPT_S,
        REQUEST_LIFETIME_S, TRANSACTION_DATA_BYTES_MAX, TRANSACTION_DATA_MAX,
    },
    unseen::deceives,
};
use crypto::random_array;
use formats::{
    dcql,
    vp::{
        ClientId, Link, Prefix, RequestObject, ResponseMode, TransactionData, by_value::is_by_value,
        is_callable,
    },
};
use store::Tx;
use web::session::own_path;

use crate::{
    Ask, NotTaken,
    model::{AskRequest, Asked, Device, Outcome, Progress, RequestId, RequestState, Transaction},
    response_key::ResponseKey,
    store::{self as tables, Find, KeptRequest, NewRequest, Return},
};

/// How long a signed request may be, bytes: what a wallet reads, less the room for the nonce that it may bring along.
const REQUEST_BYTES_MAX: usize = JWT_BYTES_MAX - 2_048;
/// Session handles shorter than this can be guessed.
pub(crate) const SESSION_CHARS_MIN: usize = 16;
/// A link with its request in it that is longer than this, bytes, makes a code that cameras do not read.
const BY_VALUE_BYTES_MAX: usize = 2_048;
/// How often an instance erases what is over, milliseconds.
const ERASE_EVERY_MS: i64 = 60_000;

/// Why a request is not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskRefusal {
    /// The query asks for what cannot be asked.
    #[error("{0}")]
    Query(#[from] dcql::Error),
    /// The purpose is too long, or has characters that are no text or turn it round.
    #[error(
        "the purpose is longer than {PURPOSE_CHARS_MAX} characters in a language, or has control characters"
    )]
    Purpose,
    /// A transaction's type is not registered.
    #[error("the type of a transaction is not registered")]
    TransactionType,
    /// A transaction is not what its type describes, or there are too many, or they are too long.
    #[error("a transaction is not what its type describes")]
    Transaction,
    /// All of it together is longer than a wallet reads.
    #[error(
        "the request is longer than {REQUEST_BYTES_MAX} bytes when it is signed, or, by value, {BY_VALUE_BYTES_MAX} bytes"
    )]
    TooLong,
    /// It has what must not stand in a link that nobody signed: expected values, which are about the person, or
    /// something to approve, for somebody unknown.
    #[error("a request by value has neither expected values nor transactions")]
    ByValue,
    /// A transaction names a credential that is not asked for.
    #[error("a transaction names a credential that is not asked for")]
    CredentialIds,
    /// The address to return to is not https, or http on the loopback; or too long, or has a `response_code` already.
    #[error(
        "the address to return to must be https, or http on the loopback where this service is there, without \
         response_code"
    )]
    ReturnTo,
    /// The session's handle is too short to be a secret.
    #[error("the session's handle must have at least {SESSION_CHARS_MIN} characters")]
    Session,
    /// The request could not be signed: the identifier or the key is not usable.
    #[error("the request could not be signed")]
    Signing,
    /// The database failed.
    #[error("{0}")]
    Store(#[from] store::Error),
}

impl AskRefusal {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Query(refusal) => refusal.code(),
            Self::Purpose => "purpose",
            Self::TransactionType => "transaction_type_unknown",
            Self::Transaction => "transaction_invalid",
            Self::TooLong => "request_too_long",
            Self::ByValue => "request_by_value",
            Self::CredentialIds => "transaction_credential_ids",
            Self::ReturnTo => "return_to",
            Self::Session => "session",
            Self::Signing => "signing_failed",
            Self::Store(_) => "unavailable",
        }
    }
}

/// Why a person who comes back is not let in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedeemRefusal {
    /// There is no such code.
    #[error("there is no such response code")]
    Unknown,
    /// It was used.
    #[error("the response code was used")]
    Used,
    /// It is too old.
    #[error("the response code has expired")]
    Expired,
    /// It came back in another session than the one that asked: the answer is rejected for good.
    #[error("the response code came back in another session")]
    WrongSession,
    /// The database failed.
    #[error("{0}")]
    Store(#[from] store::Error),
}

impl RedeemRefusal {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "response_code_unknown",
            Self::Used => "response_code_used",
            Self::Expired => "response_code_expired",
            Self::WrongSession => "wrong_session",
            Self::Store(_) => "unavailable",
        }
    }
}

/// Why a write that redeems is not kept.
enum Redeem {
    Refused(RedeemRefusal),
    /// The feature refuses what was answered, with this code.
    NotTaken(&'static str),
}

impl From<RedeemRefusal> for Redeem {
    fn from(refusal: RedeemRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for Redeem {
    fn from(error: store::Error) -> Self {
        Self::Refused(error.into())
    }
}

impl From<NotTaken> for Redeem {
    fn from(not: NotTaken) -> Self {
        match not {
            NotTaken::Refused(code) => Self::NotTaken(code),
            NotTaken::Store(error) => error.into(),
        }
    }
}

/// Where the person goes on.
#[derive(Debug, Default)]
struct Reply {
    return_to: Option<String>,
    session_sha256: Option<[u8; 32]>,
    continue_to: Option<String>,
}

/// A request that is signed and not yet kept.
#[derive(Debug, Clone)]
pub struct Prepared {
    row: NewRequest,
    asked: Asked,
}

impl Prepared {
    /// What a person is given.
    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Keeps it, in the feature's own write.
    pub async fn keep(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        tables::insert_request(tx, &self.row).await
    }
}

impl Ask {
    /// Asks, in a write of its own.
    pub async fn request(&self, request: &AskRequest) -> Result<Asked, AskRefusal> {
        let prepared = self.prepare(request)?;
        self.erase_sometimes().await;
        let asked = prepared.asked.clone();
        self.inner.store.write(async move |tx: &mut Tx<'_>| prepared.keep(tx).await).await?;
        Ok(asked)
    }

    /// Makes and signs a request; [`Prepared::keep`] then keeps it in the feature's own write, so that what a feature
    /// begins and what it asks for commit together.
    pub fn prepare(&self, request: &AskRequest) -> Result<Prepared, AskRefusal> {
        request.query.check_before_asking()?;
        check_purpose(&request.purpose)?;
        let transaction_data = self.transactions(request)?;
        let Reply { return_to, session_sha256, continue_to } = self.device(&request.device)?;
        let (response_token, wait_token) = (self.token(), self.token());
        let response_uri = self.url(&format!("/ask/response/{response_token}"));
        let by_value = is_by_value(request.prefix);
        let values = |q: &dcql::CredentialQuery| q.claims.iter().any(|claim| !claim.values.is_empty());
        if by_value && (request.query.credentials.iter().any(values) || !transaction_data.is_empty()) {
            return Err(AskRefusal::ByValue);
        }
        let client_id = match request.prefix {
            Prefix::RedirectUri => ClientId::redirect_uri(&response_uri),
            prefix => self.client_id(prefix).ok_or(AskRefusal::Signing)?,
        };
        let random = self.inner.random.as_ref();
        let id = RequestId::from_random(random_array(random));
        let (encryption, response_key) = match request.response_mode {
            ResponseMode::DirectPostJwt => {
                let key = ResponseKey::new(random);
                let sealed = key.seal(&self.inner.config.server_secret, id, random);
                (
                    Some(key.offer().ok_or(AskRefusal::Signing)?),
                    Some(sealed.map_err(|_| AskRefusal::Signing)?),
                )
            }
            _ => (None, None),
        };
        let asked_at = self.inner.clock.now();
        let expires_at = asked_at.plus_secs(REQUEST_LIFETIME_S);
        let object = RequestObject {
            client_id: client_id.clone(),
            response_uri,
            encryption,
            nonce: self.token(),
            state: Some(self.token()),
            query: request.query.clone(),
            transaction_data,
            purpose: Some(request.purpose.clone()),
            wallet_nonce: None,
            iat: Some(asked_at),
            exp: Some(expires_at),
        };
        let (request_object, longest) = if by_value {
            (object.to_link(), BY_VALUE_BYTES_MAX)
        } else {
            (object.sign(&self.inner.config.signer).map_err(|_| AskRefusal::Signing)?, REQUEST_BYTES_MAX)
        };
        if request_object.len() > longest {
            return Err(AskRefusal::TooLong);
        }
        let purpose: BTreeMap<Lang, String> = request.purpose.clone().into();
        let row = NewRequest {
            id,
            request_sha256: crypto::sha256(request_token(&wait_token).as_bytes()),
            response_sha256: crypto::sha256(response_token.as_bytes()),
            wait_sha256: crypto::sha256(wait_token.as_bytes()),
            response_key,
            request_object,
            purpose: serde_json::to_string(&purpose).map_err(|_| AskRefusal::Purpose)?,
            return_to,
            session_sha256,
            continue_to,
            asked_by: request.asked_by.clone(),
            asked_at,
            expires_at,
        };
        let asked = Asked {
            id,
            link: self.link(&client_id, &row.request_object, &wait_token),
            waiting_page: self.url(&format!("/ask/wait/{wait_token}")),
            qr: self.url(&format!("/ask/wait/{wait_token}/qr.svg")),
            expires_at,
        };
        Ok(Prepared { row, asked })
    }

    /// The link to the request whose waiting page has this token, or that carries it.
    pub(crate) fn link(&self, client_id: &ClientId, request_object: &str, wait_token: &str) -> String {
        if is_by_value(client_id.prefix()) {
            return request_object.to_owned();
        }
        let request_uri = self.url(&format!("/ask/request/{}", request_token(wait_token)));
        // A wallet that knows no POST sends GET (section 5), and is served.
        let request_uri_method = Some("post".to_owned());
        Link { client_id: client_id.to_string(), request_uri, request_uri_method }.to_string()
    }

    /// Erases what is over: requests that nobody answered, `REQUEST_KEPT_S` after they ended, answers with their
    /// evidence, `ANSWERS_KEPT_S` after they came. Asking and answering do it about once a minute; the server may call
    /// it besides. Answers how many rows.
    pub async fn erase_expired(&self) -> Result<u64, store::Error> {
        let now = self.inner.clock.now();
        let (requests, answers) = (now.plus_secs(-REQUEST_KEPT_S), now.plus_secs(-ANSWERS_KEPT_S));
        self.inner
            .store
            .write(async move |tx: &mut Tx<'_>| tables::erase(tx, requests, answers, now).await)
            .await
    }

    pub(crate) async fn erase_sometimes(&self) {
        use std::sync::atomic::Ordering::Relaxed;
        let now = self.inner.clock.now().ms();
        let last = self.inner.erased_at.load(Relaxed);
        let due = now.saturating_sub(last).abs() >= ERASE_EVERY_MS;
        if due
            && self.inner.erased_at.compare_exchange(last, now, Relaxed, Relaxed).is_ok()
            && let Err(error) = self.erase_expired().await
        {
            tracing::warn!(%error, "what is over was not erased; it will be tried again in a minute");
        }
    }

    fn transactions(&self, request: &AskRequest) -> Result<Vec<TransactionData>, AskRefusal> {
        if request.transactions.len() > TRANSACTION_DATA_MAX {
            return Err(AskRefusal::Transaction);
        }
        request.transactions.iter().map(|t| self.transaction(t, &request.query)).collect()
    }

    fn transaction(
        &self,
        transaction: &Transaction,
        query: &dcql::Query,
    ) -> Result<TransactionData, AskRefusal> {
        let compiled = self
            .inner
            .types
            .iter()
            .find(|t| t.kind() == transaction.kind)
            .ok_or(AskRefusal::TransactionType)?;
        if !compiled.accepts(&transaction.payload) {
            return Err(AskRefusal::Transaction);
        }
        let first = || query.credentials.iter().take(1).map(|c| c.id.clone()).collect();
        let ids =
            if transaction.credential_ids.is_empty() { first() } else { transaction.credential_ids.clone() };
        if ids.iter().any(|id| query.credential(id).is_none()) {
            return Err(AskRefusal::CredentialIds);
        }
        let made = TransactionData::new(&transaction.kind, &ids, &transaction.payload);
        if made.as_str().len() > TRANSACTION_DATA_BYTES_MAX { Err(AskRefusal::Transaction) } else { Ok(made) }
    }

    fn device(&self, device: &Device) -> Result<Reply, AskRefusal> {
        match device {
            Device::Cross => Ok(Reply::default()),
            Device::CrossThen { continue_to } => {
                let path = own_path(continue_to).ok_or(AskRefusal::ReturnTo)?;
                Ok(Reply { continue_to: Some(path.to_owned()), ..Reply::default() })
            }
            Device::Same { return_to, session } => {
                if !is_callable(return_to, self.insecure_loopback())
                    || return_to.len() > ADDRESS_BYTES_MAX
                    || has_code(return_to)
                {
                    return Err(AskRefusal::ReturnTo);
                }
                if session.chars().count() < SESSION_CHARS_MIN {
                    return Err(AskRefusal::Session);
                }
                let session_sha256 = Some(crypto::sha256(session.as_bytes()));
                Ok(Reply { return_to: Some(return_to.clone()), session_sha256, ..Reply::default() })
            }
        }
    }

    /// What became of a request; none if there is no such request.
    pub async fn state(&self, id: RequestId) -> Result<Option<RequestState>, store::Error> {
        let now = self.inner.clock.now();
        self.inner
            .store
            .read(async move |tx: &mut Tx<'_>| {
                let Some(kept) = tables::find(tx, &Find::Id(id)).await? else { return Ok(None) };
                let progress = progress(tx, &kept, now).await?;
                Ok(Some(RequestState { id, asked_by: kept.asked_by, progress, expires_at: kept.expires_at }))
            })
            .await
    }

    /// The request and the result for a person who came back to the session that asked, with the code that the wallet
    /// was given. A code can be used once, for `RESPONSE_CODE_LIFETIME_S` seconds, by whom `asked_by` of the request
    /// names: to anybody else it is unknown.
    pub async fn redeem(
        &self,
        asked_by: &str,
        response_code: &str,
        session: &str,
    ) -> Result<RequestState, RedeemRefusal> {
        let redeemed = match self.redeem_once(asked_by, response_code, session, None).await {
            Err(Redeem::NotTaken(code)) => {
                self.redeem_once(asked_by, response_code, session, Some(code)).await
            }
            redeemed => redeemed,
        };
        match redeemed {
            Ok(redeemed) => redeemed.ok_or(RedeemRefusal::WrongSession),
            Err(Redeem::Refused(refusal)) => Err(refusal),
            Err(Redeem::NotTaken(_)) => Err(RedeemRefusal::Unknown),
        }
    }

    async fn redeem_once(
        &self,
        asked_by: &str,
        response_code: &str,
        session: &str,
        refused: Option<&'static str>,
    ) -> Result<Option<RequestState>, Redeem> {
        let (now, asked_by) = (self.inner.clock.now(), asked_by.to_owned());
        let find = Find::Code(crypto::sha256(response_code.as_bytes()));
        let session = crypto::sha256(session.as_bytes());
        let ask = self.clone();
        self.inner
            .store
            .write(async move |tx: &mut Tx<'_>| -> Result<_, Redeem> {
                let found = tables::find(tx, &find).await?.filter(|kept| kept.asked_by == asked_by);
                let kept = found.ok_or(RedeemRefusal::Unknown)?;
                match kept.answered {
                    Some(Return::Awaited { until }) if now < until => {}
                    Some(Return::Awaited { .. }) => return Err(RedeemRefusal::Expired.into()),
                    Some(Return::Redeemed | Return::Rejected) => return Err(RedeemRefusal::Used.into()),
                    Some(Return::NotNeeded) | None => return Err(RedeemRefusal::Unknown.into()),
                }
                let expected = kept.session_sha256.as_deref().unwrap_or_default();
                let in_session = crypto::constant_time_eq(expected, &session);
                if !tables::redeem(tx, kept.id, now, in_session).await? {
                    return Err(RedeemRefusal::Used.into());
                }
                // Committed either way: an answer that came back elsewhere is rejected for good.
                if !in_session {
                    return Ok(None);
                }
                let outcome = tables::outcome(tx, kept.id).await?.ok_or(RedeemRefusal::Unknown)?;
                ask.tell(tx, kept.id, Some(&outcome), refused).await?;
                // Told from here: a second read could fail, when the code is used already.
                let progress = Progress::Answered(outcome);
                let KeptRequest { id, asked_by, expires_at, .. } = kept;
                Ok(Some(RequestState { id, asked_by, progress, expires_at }))
            })
            .await
    }

    pub(crate) async fn find(&self, by: Find) -> Result<Option<KeptRequest>, store::Error> {
        self.inner.store.read(async move |tx: &mut Tx<'_>| tables::find(tx, &by).await).await
    }
}

/// How far a request is, computed from the clock when asked.
pub(crate) async fn progress(
    tx: &mut Tx<'_>,
    kept: &KeptRequest,
    now: Instant,
) -> Result<Progress, store::Error> {
    Ok(match kept.answered {
        None if !kept.is_over(now) => Progress::Waiting(kept.noted.clone()),
        Some(Return::Awaited { until }) if now < until => Progress::Returning,
        None | Some(Return::Awaited { .. }) => Progress::Expired(kept.noted.clone()),
        Some(Return::Rejected) => Progress::Answered(Outcome::Invalid("wrong_session".to_owned())),
        Some(Return::NotNeeded | Return::Redeemed) => tables::outcome(tx, kept.id)
            .await?
            .map_or_else(|| Progress::Expired(kept.noted.clone()), Progress::Answered),
    })
}

/// The token in the address of a request, from that of its waiting page: who has the first cannot find the second.
fn request_token(wait_token: &str) -> String {
    formats::b64::encode(&crypto::hmac_sha256(wait_token.as_bytes(), b"the request of this waiting page"))
}

/// Two codes in one address would be read differently by different programs.
fn has_code(return_to: &str) -> bool {
    url::Url::parse(return_to).is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "response_code"))
}

fn check_purpose(purpose: &Texts) -> Result<(), AskRefusal> {
    // What turns or hides text could make the asker's words look like the page's.
    let fits = |text: &str| {
        text.chars().count() <= PURPOSE_CHARS_MAX && !text.chars().any(|c| c.is_control() || deceives(c))
    };
    if purpose.iter().all(|(_, text)| fits(text)) { Ok(()) } else { Err(AskRefusal::Purpose) }
}
