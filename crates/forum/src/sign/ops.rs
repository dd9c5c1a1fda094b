//! Asking for a signature, and what becomes of it in the write in which it comes.

use ::store::{Error, Tx};
use ask::{AskRefusal, AskRequest, Asked, Device, NotTaken, Outcome, Proof, RequestId, Transaction};
use base::{
    Instant,
    limits::{DRAFT_KEPT_S, REQUEST_KEPT_S, REQUEST_LIFETIME_S, SUBMISSION_BYTES_MAX},
};
use formats::vp::{Prefix, ResponseMode};
use serde_json::{Map, Value};

use super::{
    store::{self as sql, Signing},
    types,
};
use crate::{
    Call, Forum, NewSubmission, Standing, Submission, SubmissionId,
    call::store as calls,
    draft::{
        content::{Content, Said},
        store as drafts,
    },
    file, stored,
    submission::{
        canonical,
        ops::{decide::DecideRefusal, receive::ReceiveRefusal},
        store as submissions,
    },
    texts::T,
};

/// Who asks, as it is kept with the request: no member of the staff reads it.
pub(super) const ASKER: &str = "forum";

/// Why no signature is asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignRefusal {
    /// Nothing is received now.
    #[error("the call receives nothing now")]
    NotOpen,
    /// No wallet can sign here, or no mandate of this country counts.
    #[error("there is no credential that could sign this")]
    NoCredential,
    /// A file is not there.
    #[error("a file was not sent, or was erased")]
    NoFile,
    /// The whole is too long.
    #[error("the whole is too long")]
    TooLong,
    /// Asking failed.
    #[error(transparent)]
    Ask(#[from] AskRefusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] Error),
}

/// For whom a signature is asked for.
pub(crate) struct Signer {
    /// What stands for the browser or program.
    pub(crate) browser: [u8; 32],
    /// Whether what is said stands in a draft of that browser.
    pub(crate) drafted: bool,
    /// Where its wallet is.
    pub(crate) device: Device,
}

/// What a wallet shows.
struct Act {
    path: &'static str,
    payload: Map<String, Value>,
    purpose: fn(T) -> String,
}

/// What is kept until it answers.
struct Kept {
    content: String,
    digest: [u8; 32],
    withdraws: Option<SubmissionId>,
    files: Vec<[u8; 32]>,
}

impl Forum {
    /// What would be signed: the canonical text and its digest.
    pub(crate) fn canonical(&self, symbol: &str, said: &Said) -> Option<(Vec<u8>, [u8; 32])> {
        // Who vouches for it is not part of it.
        let unsigned = said.submission(symbol, Standing::unsigned([0; 32]), String::new(), None)?;
        let text = canonical::text(&self.call_address(symbol), &unsigned);
        let digest = crypto::sha256(&text);
        Some((text, digest))
    }

    /// Asks a wallet to sign that.
    pub(crate) async fn ask_to_sign(
        &self,
        call: &Call,
        said: &Said,
        signer: Signer,
    ) -> Result<Asked, SignRefusal> {
        let symbol = call.said.symbol.as_str();
        if !call.state(self.clock.now()).is_receiving() {
            return Err(SignRefusal::NotOpen);
        }
        let (text, digest) = self.canonical(symbol, said).ok_or(SignRefusal::TooLong)?;
        if text.len() > SUBMISSION_BYTES_MAX {
            return Err(SignRefusal::TooLong);
        }
        let payload = types::submission_payload(&self.call_address(symbol), call, said, &digest);
        let content = stored::json(said);
        let files: Vec<[u8; 32]> = said.files().iter().map(|f| f.digest).collect();
        self.ask_to_approve(
            call,
            said,
            Act { path: types::SUBMISSION, payload, purpose: |t| t.submission_purpose().to_owned() },
            Kept { content, digest, withdraws: None, files },
            signer,
        )
        .await
    }

    /// Asks a wallet to sign that a submission is taken back. It is for whom the submission was.
    pub(crate) async fn ask_to_withdraw(
        &self,
        call: &Call,
        submission: &Submission,
        signer: Signer,
    ) -> Result<Asked, SignRefusal> {
        let symbol = call.said.symbol.as_str();
        if self.clock.now() >= call.window().modifiable_until() {
            return Err(SignRefusal::NotOpen);
        }
        let said = Said::of(submission);
        let (id, digest) = (submission.entry.id, submission.entry.digest);
        let payload = types::withdrawal_payload(&self.call_address(symbol), call, id, &digest);
        let content = stored::json(&said);
        self.ask_to_approve(
            call,
            &said,
            Act { path: types::WITHDRAWAL, payload, purpose: |t| t.withdrawal_purpose().to_owned() },
            Kept { content, digest, withdraws: Some(id), files: Vec::new() },
            signer,
        )
        .await
    }

    async fn ask_to_approve(
        &self,
        call: &Call,
        said: &Said,
        Act { path, payload, purpose }: Act,
        Kept { content, digest, withdraws, files }: Kept,
        signer: Signer,
    ) -> Result<Asked, SignRefusal> {
        let ask = self.ask.as_ref().ok_or(SignRefusal::NoCredential)?;
        let request = AskRequest {
            purpose: types::six(purpose).ok_or(SignRefusal::NoCredential)?,
            query: self.credentials.query(said).ok_or(SignRefusal::NoCredential)?,
            transactions: vec![Transaction {
                kind: format!("{}{path}", self.config.identifier),
                credential_ids: Vec::new(),
                payload,
            }],
            device: signer.device,
            prefix: Prefix::X509Hash,
            // What a wallet shows passes whoever ends TLS before us: see docs/adr/012.
            response_mode: ResponseMode::DirectPostJwt,
            asked_by: ASKER.to_owned(),
        };
        let prepared = ask.prepare(&request)?;
        let now = self.clock.now();
        let asked = prepared.asked().clone();
        let signing = Signing {
            request: asked.id,
            browser: signer.browser,
            call: call.id,
            symbol: call.said.symbol.clone(),
            content,
            digest,
            drafted: signer.drafted,
            withdraws,
            submission: None,
            refused: None,
        };
        let until = now.plus_secs(REQUEST_LIFETIME_S + REQUEST_KEPT_S);
        let write = async move |tx: &mut Tx<'_>| {
            for digest in &files {
                if file::store::find(tx, digest).await?.is_none() {
                    return Err(SignRefusal::NoFile);
                }
                file::store::postpone(tx, digest, until).await?;
            }
            prepared.keep(tx).await?;
            sql::insert(tx, &signing, now, until).await?;
            Ok(())
        };
        self.store.write(write).await?;
        Ok(asked)
    }

    /// What came of what this browser, or program, asked for last.
    pub(crate) async fn last_signing(&self, browser: [u8; 32]) -> Result<Option<Signing>, Error> {
        self.store.read(async move |tx: &mut Tx<'_>| sql::last_of(tx, &browser).await).await
    }

    /// An answer counts: receives what it signs, in one write with the answer itself.
    pub(super) async fn signed(
        &self,
        tx: &mut Tx<'_>,
        request: RequestId,
        outcome: &Outcome,
    ) -> Result<(), NotTaken> {
        let Some(signing) = sql::find(tx, request).await? else { return Ok(()) };
        if signing.submission.is_some() || signing.refused.is_some() {
            return Ok(());
        }
        let received = match outcome {
            Outcome::Valid(proof) => self.receive_signed(tx, &signing, proof).await?,
            Outcome::Undetermined(..) => return Err(NotTaken::Refused("undetermined")),
            Outcome::Invalid(_) => return Err(NotTaken::Refused("invalid")),
        };
        Ok(sql::settle(tx, request, Ok(received)).await?)
    }

    async fn receive_signed(
        &self,
        tx: &mut Tx<'_>,
        signing: &Signing,
        proof: &Proof,
    ) -> Result<SubmissionId, NotTaken> {
        let now = self.clock.now();
        let said: Said = stored::parse(&signing.content).ok_or(NotTaken::Refused("unreadable"))?;
        let hex = base16ct::lower::encode_string(&signing.digest);
        let approved = proof.approved.first().and_then(|a| a.payload.get("digest")).and_then(Value::as_str);
        if approved != Some(hex.as_str()) {
            return Err(NotTaken::Refused("draft_changed"));
        }
        let holder = self.holder(&said, proof, now).map_err(NotTaken::Refused)?;
        if let Some(id) = signing.withdraws {
            let withdrawn = self.withdraw_in(tx, Some(holder.key), ("party", None), id).await;
            return withdrawn.map(|entry| entry.id).map_err(|refusal| match refusal {
                DecideRefusal::Store(error) => error.into(),
                DecideRefusal::ModifyUntil => NotTaken::Refused("modify_until"),
                DecideRefusal::NoSuchSubmission => NotTaken::Refused("supersedes"),
                _ => NotTaken::Refused("state"),
            });
        }
        if signing.drafted && !self.is_still_said(tx, signing, now).await? {
            return Err(NotTaken::Refused("draft_changed"));
        }
        let credential = holder.credential.to_owned();
        let standing = Standing::signed(holder.key, signing.digest, proof.evidence.clone(), credential);
        let new = said
            .submission(&signing.symbol, standing, signing.request.to_string(), None)
            .ok_or(NotTaken::Refused("unreadable"))?;
        let id = self.receive_said(tx, new).await?;
        self.sent_from(tx, &signing.browser, signing.call, id).await?;
        Ok(id)
    }

    /// Receives what somebody has confirmed, one way or the other.
    pub(crate) async fn receive_said(
        &self,
        tx: &mut Tx<'_>,
        new: NewSubmission,
    ) -> Result<SubmissionId, NotTaken> {
        let refused = |refusal: ReceiveRefusal| match refusal {
            ReceiveRefusal::Store(error) => NotTaken::Store(error),
            refusal => NotTaken::Refused(code(&refusal)),
        };
        let incoming = self.incoming(new).map_err(refused)?;
        self.receive_in(tx, &incoming).await.map_err(refused)?;
        Ok(incoming.id)
    }

    /// Whether the draft says what was asked to be signed.
    async fn is_still_said(&self, tx: &mut Tx<'_>, signing: &Signing, now: Instant) -> Result<bool, Error> {
        let Some(call) = calls::get(tx, &signing.symbol).await? else { return Ok(false) };
        let Some(text) = drafts::find(tx, &signing.browser, signing.call, now).await? else {
            return Ok(false);
        };
        let content: Option<Content> = stored::parse(&text);
        let said = content.and_then(|content| content.filled(&call).ok());
        let digest = said.and_then(|said| self.canonical(&signing.symbol, &said)).map(|(_, digest)| digest);
        Ok(digest == Some(signing.digest))
    }

    /// Notes, with what was received, which browser sent it.
    pub(crate) async fn sent_from(
        &self,
        tx: &mut Tx<'_>,
        browser: &[u8; 32],
        call: crate::CallId,
        id: SubmissionId,
    ) -> Result<(), Error> {
        let expires_at = self.clock.now().plus_secs(DRAFT_KEPT_S);
        drafts::sent(tx, browser, id, call, expires_at).await?;
        drafts::discard(tx, browser, call).await
    }

    /// The signed receipt of a submission.
    pub(crate) async fn receipt_file(&self, id: SubmissionId) -> Result<Option<String>, Error> {
        let read = async move |tx: &mut Tx<'_>| submissions::get(tx, id).await;
        let Some(kept) = self.store.read(read).await? else { return Ok(None) };
        Ok(self.log.receipt(kept.leaf).await?.map(|receipt| receipt.to_file()))
    }

    /// Erases drafts, files, requests and links that are over, at most some hundred files; how many rows. The server calls
    /// it each minute.
    pub async fn erase_drafts(&self) -> Result<u64, Error> {
        const FILES: i64 = 100;
        let now = self.clock.now();
        let erase = async move |tx: &mut Tx<'_>| {
            let mut erased = drafts::erase(tx, now).await?;
            erased = erased.saturating_add(sql::erase(tx, now).await?);
            erased = erased.saturating_add(crate::unsigned::store::erase(tx, now).await?);
            Ok(erased.saturating_add(file::store::erase(tx, now, FILES).await?))
        };
        self.store.write(erase).await
    }
}

/// The stable code of why something was not received.
pub(crate) const fn code(refusal: &ReceiveRefusal) -> &'static str {
    match refusal {
        ReceiveRefusal::NoSuchCall => "no_such_call",
        ReceiveRefusal::NotOpen => "call_not_open",
        ReceiveRefusal::Closed => "call_closed",
        ReceiveRefusal::Audience => "audience",
        ReceiveRefusal::Limit => "party_limit",
        ReceiveRefusal::FormVersion => "form_version",
        ReceiveRefusal::Answers(_) => "answers",
        ReceiveRefusal::Text(_) => "text",
        ReceiveRefusal::Files => "files",
        ReceiveRefusal::TooLong => "submission_too_long",
        ReceiveRefusal::RequestReused => "request_reused",
        ReceiveRefusal::Signature => "signature",
        ReceiveRefusal::Supersedes => "supersedes",
        ReceiveRefusal::NotEffective => "not_effective",
        ReceiveRefusal::ModifyUntil => "modify_until",
        ReceiveRefusal::Store(_) => "unavailable",
    }
}
