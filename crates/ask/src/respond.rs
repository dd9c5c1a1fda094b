//! What a wallet's answer goes through: everything is checked at once, and then there is one write.

use std::collections::BTreeMap;

use base::{Instant, limits::RESPONSE_CODE_LIFETIME_S};
use crypto::random_array;
use formats::{
    evidence::{self, Evidence, Finding},
    vp::{
        Acknowledgement, AnswerRefusal, Posted, RequestObject, VerifiedAnswer, VpToken, WalletResponse,
        verify_answer,
    },
};
use store::Tx;

use crate::{
    Ask, NotTaken,
    model::{Approved, Issuer, ProvenCredential},
    response_key::ResponseKey,
    store::{self as tables, Find, KeptRequest, KeptResult, NewAnswer},
};

/// How long the error code of a wallet may be to be noted.
const ERROR_CHARS_MAX: usize = 64;

/// Why an answer is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseRefusal {
    /// No request has this address.
    #[error("there is no such request")]
    Unknown,
    /// The request can no longer be answered.
    #[error("the request has expired")]
    Expired,
    /// The request was answered: the first answer wins.
    #[error("the request was answered")]
    AlreadyAnswered,
    /// `state` is not the request's.
    #[error("the state is not the one of the request")]
    State,
    /// The form is no response.
    #[error("{0}")]
    Form(#[from] formats::vp::response::ResponseRefusal),
    /// What it shows is not what was asked for, or not proven.
    #[error("{0}")]
    Answer(#[from] AnswerRefusal),
    /// An issuer is trusted, but not for credentials of this type.
    #[error("an issuer may not issue credentials of this type")]
    IssuerNotForType,
    /// A credential was revoked or is suspended.
    #[error("a credential is no longer valid: {0}")]
    Status(&'static str),
    /// The database failed.
    #[error("{0}")]
    Store(#[from] store::Error),
    /// What was kept cannot be read.
    #[error("what was kept cannot be read")]
    Kept,
}

impl ResponseRefusal {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "request_unknown",
            Self::Expired => "request_expired",
            Self::AlreadyAnswered => "already_answered",
            Self::State => "state",
            Self::Form(refusal) => refusal.code(),
            Self::Answer(refusal) => refusal.code(),
            Self::IssuerNotForType => "issuer_not_for_type",
            Self::Status(code) => code,
            Self::Store(_) => "unavailable",
            Self::Kept => "internal",
        }
    }
}

impl Ask {
    /// Takes what was posted to the address that ends in `token`.
    pub(crate) async fn respond(&self, token: &str, body: &[u8]) -> Result<Acknowledgement, ResponseRefusal> {
        let now = self.inner.clock.now();
        self.erase_sometimes().await;
        let find = Find::ResponseToken(crypto::sha256(token.as_bytes()));
        let kept = self.find(find).await?.ok_or(ResponseRefusal::Unknown)?;
        if kept.answered.is_some() {
            return Err(ResponseRefusal::AlreadyAnswered);
        }
        if kept.is_over(now) {
            return Err(ResponseRefusal::Expired);
        }
        let done = self.take(&kept, body, now).await;
        if let Err(refusal) = &done
            && !matches!(
                refusal,
                ResponseRefusal::Store(_) | ResponseRefusal::AlreadyAnswered | ResponseRefusal::Kept
            )
        {
            let (id, code) = (kept.id, refusal.code());
            self.inner
                .store
                .write(async move |tx: &mut Tx<'_>| tables::note_refused(tx, id, code, now).await)
                .await?;
        }
        done
    }

    async fn take(
        &self,
        kept: &KeptRequest,
        body: &[u8],
        now: Instant,
    ) -> Result<Acknowledgement, ResponseRefusal> {
        let request =
            RequestObject::read_unverified(&kept.request_object).map_err(|_| ResponseRefusal::Kept)?;
        let key = kept
            .response_key
            .as_deref()
            .map(|sealed| ResponseKey::open(sealed, &self.inner.config.server_secret, kept.id))
            .transpose()
            .map_err(|_| ResponseRefusal::Kept)?;
        if request.encryption.is_some() && key.is_none() {
            // Erased when the request was over: a clock that was set back since does not open it again.
            return Err(ResponseRefusal::Expired);
        }
        let key = key.as_ref().map(|key| key as &dyn crypto::KeyAgreement);
        let response = Posted::from_form(body)?.open(request.encryption.as_ref(), key)?;
        let state = request.state.as_deref().unwrap_or_default();
        if !crypto::constant_time_eq(state.as_bytes(), response.state().unwrap_or_default().as_bytes()) {
            return Err(ResponseRefusal::State);
        }
        match response {
            WalletResponse::Error { error, .. } => self.declined(kept, &error, now).await,
            WalletResponse::Presentation { vp_token, .. } => {
                self.presented(kept, &request, &vp_token, now).await
            }
        }
    }

    /// A wallet said no. Nobody signed that, so the request stays open.
    async fn declined(
        &self,
        kept: &KeptRequest,
        error: &str,
        now: Instant,
    ) -> Result<Acknowledgement, ResponseRefusal> {
        let plain =
            error.len() <= ERROR_CHARS_MAX && error.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let (id, error) = (kept.id, if plain { error.to_owned() } else { "unknown_error".to_owned() });
        self.inner
            .store
            .write(async move |tx: &mut Tx<'_>| tables::note_declined(tx, id, &error, now).await)
            .await?;
        Ok(Acknowledgement::default())
    }

    async fn presented(
        &self,
        kept: &KeptRequest,
        request: &RequestObject,
        vp_token: &VpToken,
        now: Instant,
    ) -> Result<Acknowledgement, ResponseRefusal> {
        let trust = &self.inner.trust;
        let answer = verify_answer(request, vp_token, &trust.anchors, now)?;
        if answer.all().any(|c| !trust.may_issue(&c.issuer.anchor_sha256, &c.vct)) {
            return Err(ResponseRefusal::IssuerNotForType);
        }
        // Only now, when a trusted issuer has named the address, is anybody called.
        let statuses = self.statuses(answer.all(), now).await;
        if let Some(code) = statuses.invalid {
            return Err(ResponseRefusal::Status(code));
        }
        let evidence = Evidence {
            asker: self.inner.config.identifier.clone(),
            time: now,
            request: kept.request_object.clone(),
            vp_token: vp_token.as_str().to_owned(),
            status_tokens: statuses.tokens,
            anchors: evidence::fingerprints(&trust.anchors),
            result: Finding::new(&answer, statuses.undetermined),
        };
        let (response_code, redirect_uri) = match &kept.return_to {
            None => (None, None),
            Some(return_to) => {
                let code = self.token();
                (Some(code.clone()), Some(with_code(return_to, &code).ok_or(ResponseRefusal::Kept)?))
            }
        };
        let result = KeptResult::new(&proven(&answer), &approved(&answer));
        let row = NewAnswer {
            request: kept.id,
            undetermined: statuses.undetermined,
            result: serde_json::to_string(&result).map_err(|_| ResponseRefusal::Kept)?,
            evidence: evidence.to_bytes(),
            salt: random_array(self.inner.random.as_ref()),
            answered_at: now,
            code: response_code
                .map(|code| (crypto::sha256(code.as_bytes()), now.plus_secs(RESPONSE_CODE_LIFETIME_S))),
        };
        let first = match self.keep_answer(&row, None).await {
            Err(NotTaken::Refused(code)) => self.keep_answer(&row, Some(code)).await,
            kept => kept,
        };
        let first = match first {
            Ok(first) => first,
            Err(NotTaken::Store(error)) => return Err(error.into()),
            Err(NotTaken::Refused(_)) => return Err(ResponseRefusal::Kept),
        };
        if first { Ok(Acknowledgement { redirect_uri }) } else { Err(ResponseRefusal::AlreadyAnswered) }
    }
}

impl Ask {
    /// Keeps an answer, with what a feature makes of it if it counts at once; `false` if there was one already.
    async fn keep_answer(&self, row: &NewAnswer, refused: Option<&'static str>) -> Result<bool, NotTaken> {
        let (ask, row) = (self.clone(), row.clone());
        self.inner
            .store
            .write(async move |tx: &mut Tx<'_>| {
                let first = tables::insert_answer(tx, &row).await?;
                if first && row.code.is_none() {
                    ask.tell(tx, row.request, None, refused).await?;
                }
                Ok::<_, NotTaken>(first)
            })
            .await
    }
}

fn proven(answer: &VerifiedAnswer) -> BTreeMap<String, Vec<ProvenCredential>> {
    let proven = |c: &formats::sd_jwt_vc::VerifiedCredential| ProvenCredential {
        vct: c.vct.clone(),
        issuer: Issuer {
            name: c.issuer.subject_name.clone(),
            country: c.issuer.country.clone(),
            anchor_sha256: c.issuer.anchor_sha256,
        },
        claims: c.claims.clone(),
    };
    answer.credentials.iter().map(|(id, list)| (id.clone(), list.iter().map(proven).collect())).collect()
}

fn approved(answer: &VerifiedAnswer) -> Vec<Approved> {
    let approved = |a: &formats::vp::Approval| Approved {
        kind: a.transaction.kind().to_owned(),
        credential_id: a.credential_id.clone(),
        payload: a.transaction.payload().cloned().unwrap_or_default(),
    };
    answer.approved.iter().map(approved).collect()
}

fn with_code(return_to: &str, code: &str) -> Option<String> {
    let mut url = url::Url::parse(return_to).ok()?;
    url.query_pairs_mut().append_pair("response_code", code);
    Some(url.into())
}
